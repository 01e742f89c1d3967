"""The metadata is in pyproject.toml; this file only says how to compile.

With STEELYARD_BUNDLE set (make wheel), GSL and OpenBLAS go into the extension from
their static libraries, with none of their names visible, and the wheel's tag is the
oldest glibc that has every symbol the extension asks for.

SPDX-License-Identifier: GPL-3.0-only
"""
import glob
import os
import platform
import re
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = os.path.dirname(os.path.abspath(__file__))
os.chdir(ROOT)
FLOORS = ["base", "algebra", "models", "shares", "study"]
BUNDLE = bool(os.environ.get("STEELYARD_BUNDLE"))


def version():
    with open("DESCRIPTION") as f:
        return re.search(r"^Version:\s*(\S+)", f.read(), re.M).group(1)


def flags(kind, *packages):
    cmd = os.environ.get("PKG_CONFIG", "pkg-config")
    try:
        out = subprocess.run([cmd, kind, *packages], check=True, text=True,
                             stdout=subprocess.PIPE).stdout
    except (OSError, subprocess.CalledProcessError) as e:
        raise SystemExit(
            "steelyard needs pkg-config, GSL and OpenBLAS to build. On Debian "
            "or Ubuntu:\n  sudo apt-get install pkg-config libgsl-dev "
            f"libopenblas-dev\n({e})")
    return shlex.split(out)


def libraries():
    # OpenBLAS before GSL: libgslcblas also defines cblas_*, and the first wins
    if not BUNDLE:
        return flags("--libs", "openblas") + flags("--libs", "gsl") + ["-pthread"]
    return flags("--libs-only-L", "openblas", "gsl") + [
        "-l:libopenblas.a", "-l:libgsl.a", "-l:libgslcblas.a", "-lm", "-pthread",
        "-Wl,--exclude-libs,ALL", "-Wl,--gc-sections", "-Wl,-s"]


def manylinux(extension):
    """The platform tag of PEP 600 that is true of a compiled extension."""
    said = subprocess.run(["objdump", "-p", "-T", extension], check=True, text=True, stdout=subprocess.PIPE).stdout
    beyond = [name for name in re.findall(r"^ *NEEDED +(\S+)", said, re.M)
              if not re.match(r"(libc|libm|libpthread|ld-linux[^.]*)\.so", name)]
    if beyond:
        raise SystemExit(f"the wheel would need {', '.join(beyond)}, which not every Linux has")
    major, minor = max(tuple(map(int, v.split("."))) for v in re.findall(r"GLIBC_(\d+\.\d+)", said))
    return f"manylinux_{major}_{minor}_{platform.machine()}"


class Build(build_ext):
    """Files are compiled side by side; setuptools would take one after the other."""

    def build_extension(self, extension):
        one = self.compiler.compile

        def many(sources, **how):
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                return [found for part in pool.map(lambda source: one([source], **how), sources) for found in part]
        self.compiler.compile = many
        super().build_extension(extension)


def commands():
    if not BUNDLE:
        return {"build_ext": Build}
    try:
        from setuptools.command.bdist_wheel import bdist_wheel
    except ImportError:                   # setuptools before 70
        from wheel.bdist_wheel import bdist_wheel

    class Wheel(bdist_wheel):
        def get_tag(self):
            built = self.get_finalized_command("build_ext").get_outputs()
            return (*super().get_tag()[:2], manylinux(built[0]))
    return {"build_ext": Build, "bdist_wheel": Wheel}


core = [c for floor in FLOORS for c in sorted(glob.glob(f"core/{floor}/**/*.c", recursive=True))]

ext = Extension(
    "steelyard._core",
    sources=sorted(glob.glob("bindings/python/src/*.c")) + core,
    include_dirs=["core/include", "core"],
    define_macros=[("SY_STATIC", None), ("SY_VERSION", f'"{version()}"'),
                   ("Py_LIMITED_API", "0x030B0000")],
    py_limited_api=True,
    depends=glob.glob("core/**/*.h", recursive=True) + glob.glob("bindings/python/src/*.h"),
    extra_compile_args=["-std=c11", "-Werror=implicit-function-declaration",
                        "-fvisibility=hidden", "-pthread"] + flags("--cflags", "gsl", "openblas"),
    extra_link_args=libraries(),
)

setup(
    version=version(),
    license="GPL-3.0-only",       # here, because releases of setuptools disagree on its form in pyproject.toml
    packages=["steelyard"],
    package_dir={"steelyard": "bindings/python/steelyard"},
    # steelyard/data is a link to datasets/ in a checkout, a folder elsewhere
    package_data={"steelyard": ["*.pyi", "py.typed", "data/*", "data/*/*"]},
    ext_modules=[ext],
    cmdclass=commands(),
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
