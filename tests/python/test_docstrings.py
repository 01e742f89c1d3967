# SPDX-License-Identifier: GPL-3.0-only
"""Every public name says what it takes, gives and refuses, where it is from, with an example that runs."""
import doctest
import inspect
import re

import numpy as np
import pandas as pd
import pytest

import steelyard as sy
from steelyard import _core, _findings, datasets

_SECTION = re.compile(r"^([A-Z]\w+)\n-{3,}$", re.MULTILINE)
_ERRORS = {name for name in sy.__all__ if inspect.isclass(getattr(sy, name)) and issubclass(
    getattr(sy, name), (Exception, Warning))}
# says where data are from, or reads what another function computed
_NO_SOURCE = {"datasets.names", "datasets.codebook", "datasets.source", "load_moments"}


def public():
    """name -> function or class that a user can reach."""
    names = {name: getattr(sy, name) for name in sy.__all__ if name != "datasets"}
    names.update({f"datasets.{name}": getattr(datasets, name) for name in datasets.__all__})
    return {**names, "Findings": _findings.Findings}


def functions():
    return {name: thing for name, thing in public().items() if inspect.isroutine(thing)}


def classes():
    return {name: thing for name, thing in public().items() if inspect.isclass(thing) and name not in _ERRORS}


def methods():
    """Public methods of the classes, each once, by the class that defines it."""
    found = {}
    for one in classes().values():
        for name, method in inspect.getmembers(one, inspect.isroutine):
            if not name.startswith("_") and (getattr(method, "__module__", "") or "").startswith("steelyard"):
                found[method.__qualname__] = method
    return found


def sections(thing):
    parts = _SECTION.split(inspect.getdoc(thing) or "")
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2]))}


def named(text):
    """What a section of parameters or attributes names."""
    lines = [line.split(" :")[0] for line in text.splitlines() if line and not line[0].isspace()]
    return {name.strip().lstrip("*") for line in lines for name in line.split(",")}


def arguments(thing):
    return [name for name in inspect.signature(thing).parameters if name not in ("self", "cls")]


def lacking(thing, needed):
    held = sections(thing)
    lacks = [name for name in needed if not held.get(name, "").strip()]
    if arguments(thing):
        lacks += [f"parameter {name}" for name in arguments(thing) if name not in named(held.get("Parameters", ""))]
    if "Examples" in held and ">>>" not in held["Examples"]:
        lacks.append("an example that runs")
    return lacks


@pytest.mark.parametrize("name", functions())
def test_a_function_says_what_it_takes_gives_and_refuses_and_its_source(name):
    thing = functions()[name]
    needed = ["", "Returns", "Examples"] + ["Raises"] * bool(arguments(thing))
    assert lacking(thing, needed) == []
    held = sections(thing)
    source = held.get("References", "") + held.get("Notes", "")
    assert name in _NO_SOURCE or re.search(r"\b(18|19|20)\d\d\b|source", source), "no source"


@pytest.mark.parametrize("name", methods())
def test_a_method_says_what_it_takes_gives_and_refuses(name):
    thing = methods()[name]
    assert lacking(thing, ["", "Returns", "Examples"] + ["Raises"] * bool(arguments(thing))) == []


@pytest.mark.parametrize("name", classes())
def test_a_class_says_what_its_attributes_are(name):
    one = classes()[name]
    assert (one.__doc__ or "").strip()
    described = " ".join(base.__doc__ or "" for base in one.__mro__ if base.__module__.startswith("steelyard"))
    described += " ".join(classes()[other].__doc__ for other in re.findall(r"As :class:`(\w+)`", described))
    attributes = {key: value for base in one.__mro__ if base.__module__.startswith("steelyard")
                  for key, value in vars(base).items() if isinstance(value, property) and not key.startswith("_")}
    lacks = [key for key, value in attributes.items()
             if not value.__doc__ and not re.search(rf"\b{key}\b", described)]
    assert lacks == []


@pytest.mark.parametrize("name", sorted(_ERRORS))
def test_an_error_says_when_it_comes(name):
    assert len((getattr(sy, name).__doc__ or "").strip()) > 10


def examples():
    finder, found = doctest.DocTestFinder(recurse=False), {}
    for name, thing in {**functions(), **methods(), **classes()}.items():
        for test in finder.find(thing, name, globs={"sy": sy, "np": np, "pd": pd}):
            if test.examples:
                found[name] = test
    return found


@pytest.mark.filterwarnings("ignore::steelyard.SteelyardWarning")
@pytest.mark.parametrize("name", examples())
def test_the_examples_run_and_give_what_they_show(name, monkeypatch, tmp_path):
    test = examples()[name]
    if ".plot(" in test.docstring or "_plot(" in test.docstring:
        pytest.importorskip("matplotlib").use("agg")
    monkeypatch.chdir(tmp_path)
    said = []
    # NumPy 2 shows a number as np.float64(0.5), the pages as NumPy 1 does
    with np.printoptions(**({"legacy": "1.25"} if np.lib.NumpyVersion(np.__version__) >= "2.0.0" else {})):
        result = doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    assert result.failed == 0, "".join(said)
    assert _core.live_bytes() == 0


def test_the_package_has_a_map_with_every_public_name():
    text = sy.__doc__
    assert [name for name in sy.__all__ if not re.search(rf"\b{name}\b", text)] == []
    assert max(map(len, text.splitlines())) <= 100
