"""The metadata is in pyproject.toml; this file only says how to compile.

SPDX-License-Identifier: GPL-3.0-only
"""
import glob
import os
import re
import shlex
import subprocess

from setuptools import Extension, setup

ROOT = os.path.dirname(os.path.abspath(__file__))
os.chdir(ROOT)
FLOORS = ["base", "algebra", "models", "shares", "study"]


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
    # OpenBLAS before GSL: libgslcblas also defines cblas_*, and the first wins
    extra_link_args=flags("--libs", "openblas") + flags("--libs", "gsl") + ["-pthread"],
)

setup(
    version=version(),
    packages=["steelyard"],
    package_dir={"steelyard": "bindings/python/steelyard"},
    # steelyard/data is a link to datasets/ in a checkout, a folder elsewhere
    package_data={"steelyard": ["*.pyi", "py.typed", "data/*/*"]},
    ext_modules=[ext],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
