# SPDX-License-Identifier: GPL-3.0-only
"""An argument of a kind that nobody meant is refused by its name, whatever it is."""
import numpy as np
import pandas as pd
import pytest

import steelyard as sy

BLOCKS = {"funding": "x", "process": "z"}
WRONG = [0.5, object(), 1 + 2j, len, pd.Timestamp("2020-01-01")]
ARRAYS = [np.array([1, 2, 3]), np.array(["a"] * 80), pd.Series([1.0, 2.0]), pd.DataFrame()]


@pytest.fixture(scope="module")
def data():
    draw = np.random.default_rng(1)
    frame = pd.DataFrame(draw.normal(size=(80, 4)), columns=["x", "z", "y", "u"])
    frame["y"] += frame["x"] + frame["z"]
    frame["t"] = draw.integers(0, 2, 80)
    return frame


@pytest.fixture(scope="module")
def split(data):
    return sy.shares(data, "y", BLOCKS, interval=None)


def refused(argument, call):
    with pytest.raises(sy.SteelyardError, match=f"^{argument}: "):
        call()


@pytest.mark.parametrize("value", WRONG)
def test_what_is_no_list_is_refused_by_name(data, split, value):
    calls = {"contrast": lambda v: sy.mediation(data, "y", "t", BLOCKS, contrast=v),
             "need": lambda v: sy.weigh(data, "y", BLOCKS, need=v),
             "kind": lambda v: sy.reliability(data, ["x", "y", "z"], kind=v),
             "benchmarks": lambda v: split.share_flip(benchmarks=v),
             "source": lambda v: split.shared_source_to_flip(source=v),
             "lambdas": lambda v: split.simex({"x": 0.8}, lambdas=v)}
    for argument, call in calls.items():
        refused(argument, lambda: call(value))
    if not isinstance(value, (float, complex)):
        refused("kd", lambda: sy.confounding(t=4.184, df=783, kd=value))
        refused("counts", lambda: sy.counts_by_chance(value, of=14))
        refused("of", lambda: sy.counts_by_chance([6], of=value))


@pytest.mark.parametrize("value", ARRAYS + [None, "yes", 1])
def test_what_is_neither_true_nor_false_is_refused(data, value):
    for argument, call in {
            "areas": lambda v: sy.weigh(data, "y", BLOCKS, areas=v),
            "one_source": lambda v: sy.weigh(data, "y", BLOCKS, one_source=v),
            "adjusted": lambda v: sy.risk_ratio_from_odds(3, 0.5, 0.4, adjusted=v),
            "at_most": lambda v: sy.r2_interval(0.07, 1114, at_most=v),
            "trend": lambda v: sy.counts_by_chance([6, 9], of=[9, 14], trend=v),
            "hidden": lambda v: sy.datasets.simulate_poet(1, hidden=v)}.items():
        with pytest.raises(sy.SteelyardError, match=f"^{argument}: .*is neither True nor False") as raised:
            call(value)
        assert raised.type is sy.SteelyardError


@pytest.mark.parametrize("value", ARRAYS[1:])
def test_names_that_are_arrays_are_unknown_names(data, split, value):
    refused("funding", lambda: sy.weigh(data, "y", BLOCKS, funding=value))
    refused("process", lambda: sy.weigh(data, "y", BLOCKS, process=value))
    refused("first", lambda: split.share_flip(first=value))
    refused("second", lambda: split.reliability_to_flip(second=value))


def test_numbers_of_two_dimensions_and_names_that_are_numbers(data, split):
    refused("at", lambda: split.reliability_to_flip(at=[[0.5, 0.6], [0.7, 0.8]]))
    refused("reliability", lambda: split.corrected(reliability={1: 0.8}))
    refused("population", lambda: sy.weigh(data, "y", BLOCKS, population={1: {"a": 1.0}}))
    refused("lambdas", lambda: split.simex({"x": 0.8}, lambdas=[1]))
