# SPDX-License-Identifier: GPL-3.0-only
"""Data that the tests share."""
import pathlib

import numpy as np
import pandas as pd
import pytest

import steelyard as sy
from steelyard import _core


@pytest.fixture(scope="session")
def councils():
    return sy.datasets.load("councils_2018_19")


@pytest.fixture(scope="session")
def swiss():
    return sy.datasets.load("swiss_1888")


@pytest.fixture
def blocks():
    return {"funding": "spend_per_adult_gbp", "process": "easy_information",
            "delivery": "self_directed_support_pct + direct_payment_pct", "need": "deprivation_rank"}


@pytest.fixture(scope="session")
def people():
    """900 made-up people in 30 regions: numbers, a factor, weights."""
    random = np.random.default_rng(11)
    n = 900
    region = random.integers(0, 30, n)
    a, b = random.normal(size=n), random.normal(size=n)
    c = 0.5 * a + random.normal(size=n)
    return pd.DataFrame({
        "y": 0.6 * a - 0.4 * b + random.normal(size=n) + 0.3 * random.normal(size=30)[region], "a": a, "b": b, "c": c,
        "kind": random.choice(["own", "managed", "direct"], n), "region": np.char.add("r", region.astype(str)),
        "count": random.integers(1, 4, n), "weight": random.uniform(0.5, 2.0, n)})


def _reference(name):
    return pd.read_csv(pathlib.Path(__file__).parents[1] / "reference" / "data" / f"{name}.csv",
                       float_precision="round_trip")


@pytest.fixture(scope="session")
def duncan():
    return _reference("duncan")


@pytest.fixture(scope="session")
def grunfeld():
    return _reference("grunfeld")


@pytest.fixture(autouse=True)
def nothing_is_held():
    """Whatever a test does, the core holds no memory afterwards."""
    yield
    assert _core.live_bytes() == 0
