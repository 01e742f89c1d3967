# SPDX-License-Identifier: GPL-3.0-only
"""The package as installed: names, manual pages, stubs, threads of the host."""
import ast
import os
import pathlib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

import steelyard as sy
from steelyard import _core

HERE = pathlib.Path(sy.__file__).parent


def stub_body():
    """The statements of all stubs of _core; parts too long for one file have names of their own."""
    return [node for path in sorted(HERE.glob("_core*.pyi")) for node in ast.parse(path.read_text()).body]


def test_the_version_is_that_of_the_description():
    description = pathlib.Path(__file__).parents[2] / "DESCRIPTION"
    assert sy.__version__ == re.search(r"^Version:\s*(\S+)", description.read_text(), re.M).group(1)


@pytest.mark.parametrize("name", sy.__all__)
def test_every_public_name_has_a_manual_page(name):
    assert getattr(sy, name).__doc__.strip()


@pytest.mark.parametrize("function", [sy.moments, sy.shares, sy.describe, sy.moments_from_correlation])
def test_manual_pages_say_arguments_results_errors_and_an_example(function):
    for section in ("Parameters", "Returns", "Raises", "Examples"):
        assert re.search(rf"^ *{section}\n *-+$", function.__doc__, re.M)
    for argument in function.__code__.co_varnames[:function.__code__.co_argcount]:
        assert re.search(rf"^ *(\w+, )*{argument}(, \w+)* : ", function.__doc__, re.M)


def test_stubs_declare_what_the_core_shows():
    body = stub_body()
    stubbed = {node.name for node in body if isinstance(node, (ast.FunctionDef, ast.ClassDef))} - {"Info", "Summary"}
    assert stubbed == {name for name in dir(_core) if not name.startswith("__")}


def test_stubs_declare_the_fields_of_the_core(people):
    body = stub_body()
    fields = {node.name: [line.target.id for line in node.body if isinstance(line, ast.AnnAssign)]
              for node in body if isinstance(node, ast.ClassDef)}
    m = sy.moments(people, ["y", "a"])
    assert list(_core.info(m._blob)) == fields["Info"]
    s = sy.shares(m, "y", ["a"], interval=None)
    assert set(fields["Summary"]) <= set(s._records[0])


def test_stubs_of_public_names_are_those_of_signatures_and_manual_pages():
    script = pathlib.Path(__file__).parents[2] / "scripts" / "stubs"
    if not script.is_file():
        pytest.skip("the script is in a checkout only")
    found = subprocess.run([sys.executable, script, "check"], capture_output=True, text=True,
                           env={**os.environ, "PYTHONPATH": str(HERE.parent)})
    assert found.returncode == 0, found.stdout + found.stderr


def test_calls_from_many_threads_give_the_same_bits(people):
    def ask(_):
        return sy.shares(people, "y", ["a", "b", "C(kind)"], cluster="region").to_frame()

    wanted = ask(None)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(ask, range(16)):
            pd.testing.assert_frame_equal(found, wanted, check_exact=True)


def test_the_environment_sets_the_threads(people, monkeypatch):
    wanted = sy.shares(people, "y", ["a", "b"], cluster="region").to_frame()
    for value in ("3", "0", "many", ""):
        monkeypatch.setenv("STEELYARD_NUM_THREADS", value)
        found = sy.shares(people, "y", ["a", "b"], cluster="region").to_frame()
        pd.testing.assert_frame_equal(found, wanted, check_exact=True)


def test_importing_takes_less_than_three_tenths_of_a_second_beyond_numpy_and_pandas():
    script = ("import time, numpy, pandas; start = time.process_time(); import steelyard; "
              "print(time.process_time() - start)")
    taken = [float(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True,
                                  env={**os.environ, "PYTHONPATH": str(HERE.parent)}).stdout) for _ in range(3)]
    assert min(taken) < 0.3           # some .03; processor time, so that a busy machine does not decide
