# SPDX-License-Identifier: GPL-3.0-only
"""Ctrl-C at any moment of a long call of any family."""
import json
import pathlib
import subprocess
import sys

import pytest

FAMILIES = ["exact shares", "sampled shares", "jackknife", "percentile", "bca", "bayes", "dominance", "crossvalidated",
            "permutation", "rounding", "step-down", "ranks", "highest", "moments", "linear", "ordinal", "effects",
            "wild", "overview", "describe"]


@pytest.fixture(scope="module")
def told():
    script = pathlib.Path(__file__).with_name("stopped_calls.py")
    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return {line["name"]: line for line in map(json.loads, ran.stdout.splitlines())}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_signal_at_any_moment_stops_the_call_and_the_next_gives_the_same_answer(told, family):
    line = told[family]
    assert line["told"] == "interrupted"
    # CPU time, so that other work on the machine does not count; 0.1 s is the promise of the core, the rest is for
    # pandas and the copying of rows before the core is called, which Python's own loop interrupts
    assert line["took"] < 0.3
    assert line["left"] == 0 and line["same"]


def test_all_families_are_asked(told):
    assert list(told) == FAMILIES
