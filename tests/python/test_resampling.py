# SPDX-License-Identifier: GPL-3.0-only
"""Strata, and the kinds of interval that rest on replicates."""
import pathlib
import pickle
import re

import numpy as np
import pandas as pd
import pytest

import steelyard as sy
from steelyard import _core

DRAWN = ["percentile", "expanded", "basic", "bca", "studentised", "bayes"]


@pytest.fixture(scope="module")
def sampled(people):
    """The people, their regions drawn in three strata."""
    return people.assign(part=people["region"].str[1:].astype(int).mod(3).map({0: "hills", 1: "coast", 2: "plain"}))


@pytest.mark.parametrize("kind", ["jackknife", "influence"])
def test_strata_leave_units_less_strata_degrees_of_freedom(sampled, kind):
    s = sy.shares(sampled, "y", ["a", "b"], cluster="region", strata="part", interval=kind)
    assert s.provenance["df"] == 27 and s.provenance["units"] == 30
    assert " over 30 clusters in 3 strata, t with 27 degrees of freedom.\n" in repr(s)
    plain = sy.shares(sampled, "y", ["a", "b"], cluster="region", interval=kind)
    assert plain.provenance["df"] == 29 and "strata" not in repr(plain)
    assert (s.blocks["share"] == plain.blocks["share"]).all()
    assert (s.blocks["std_error"] != plain.blocks["std_error"]).all()


def test_jackknife_within_strata_is_its_definition(sampled):
    """(N - 1) / N times the squares of the shares without each region, the others of its stratum weighted up."""
    s = sy.shares(sampled, "y", ["a", "b"], cluster="region", strata="part")
    variance = 0.0
    for region, part in sampled.groupby("region")["part"].first().items():
        weight = np.where(sampled["part"] == part, 10 / 9, 1.0) * (sampled["region"] != region)
        without = sy.shares(sampled, "y", ["a", "b"], weights=weight, weight_kind="analytic", interval=None)
        variance += 0.9 * (without.blocks["share"][0] - s.blocks["share"][0])**2
    assert s.blocks["std_error"][0] == pytest.approx(np.sqrt(variance), rel=1e-9)  # errors of 30 refits add up


@pytest.mark.parametrize("kind", DRAWN)
def test_every_kind_draws_within_strata(sampled, kind):
    kwargs = dict(outcome="y", blocks=["a", "b"], cluster="region", interval=kind, replicates=400)
    s = sy.shares(sampled, strata="part", **kwargs)
    assert (s.blocks["conf_low"] < s.blocks["share"]).all() and (s.blocks["share"] < s.blocks["conf_high"]).all()
    assert f"400 {'draws' if kind == 'bayes' else 'bootstrap samples of 30 clusters in 3 strata'}, seed 1." in repr(s)
    again = pickle.loads(pickle.dumps(s))
    pd.testing.assert_frame_equal(again.blocks, s.blocks)
    pd.testing.assert_frame_equal(sy.shares(sampled, strata="part", threads=2, **kwargs).blocks, s.blocks)
    assert (sy.shares(sampled, **kwargs).blocks["conf_low"] != s.blocks["conf_low"]).any()


def test_rows_may_lie_in_strata_without_clusters(sampled):
    s = sy.shares(sampled, "y", ["a", "b"], strata="part", interval="influence")
    assert s.provenance["df"] == 897 and "over 900 rows in 3 strata" in repr(s)
    m = sy.moments(sampled, ["y", "a", "b"], strata="part")
    assert m.unit == "row" and m.strata == ["coast", "hills", "plain"]
    assert "\nSets: one a row (900), strata 3\n" in repr(m)
    pd.testing.assert_frame_equal(sy.shares(m, "y", ["a", "b"], interval="influence").blocks.drop(
        columns="crossvalidated"), s.blocks.drop(columns="crossvalidated"))


def test_merged_moments_unite_their_strata(sampled):
    half = sampled.index % 2 == 0
    terms = ["y", "a", "b"]
    parts = [sy.moments(sampled[rows], terms, cluster="region", strata="part") for rows in (half, ~half)]
    whole = sy.moments(sampled, terms, cluster="region", strata="part")
    merged = parts[0] + parts[1]
    assert sorted(merged.strata) == whole.strata
    a, b = (sy.shares(m, "y", ["a", "b"]).blocks for m in (merged, whole))
    np.testing.assert_allclose(a["std_error"], b["std_error"], rtol=1e-10)  # sums in another order
    moved = sampled.assign(part=np.where(sampled["region"] == "r4", "hills", sampled["part"]))
    with pytest.raises(sy.DataError, match="^strata: cluster r4 lies in two strata, coast and hills; it must lie in one"):
        parts[0] + sy.moments(moved[~half], terms, cluster="region", strata="part")


def test_strata_that_cannot_be_are_refused(sampled):
    moved = sampled.assign(part=np.where(sampled.index == 500, "elsewhere", sampled["part"]))
    with pytest.raises(sy.DataError, match=r"strata: cluster r\d+ lies in two strata, \w+ and \w+ \(row \d+\)"):
        sy.shares(moved, "y", ["a"], cluster="region", strata="part")
    lonely = sampled.assign(part=np.where(sampled["region"] == "r4", "alone", sampled["part"]))
    with pytest.raises(sy.DataError, match="strata: stratum alone holds one cluster"):
        sy.shares(lonely, "y", ["a"], cluster="region", strata="part")
    m = sy.moments(sampled, ["y", "a"], cluster="region")
    with pytest.raises(sy.SteelyardError, match="^strata: moments already hold their strata; leave it out"):
        sy.shares(m, "y", ["a"], strata="part")
    with pytest.raises(sy.SteelyardError, match="strata"):
        sy.shares(sampled, "y", ["a"], strata=[1, 2])
    for kind in DRAWN:
        with pytest.raises(sy.SteelyardError, match="^replicates: 1, at least 100 are needed"):
            sy.shares(sampled, "y", ["a"], interval=kind, replicates=1)
        for level in (0, 1, 1.5):
            with pytest.raises(sy.SteelyardError, match="^level: "):
                sy.shares(sampled, "y", ["a"], interval=kind, level=level)


def test_bayesian_replicates_give_the_probability_of_a_difference(councils, blocks):
    s = sy.shares(councils, "control", blocks, interval="bayes")
    row = s.compare("process", "funding").iloc[0]
    assert 0.98 < row["probability"] <= 1 and row["conf_low"] > 0
    assert s.compare("funding", "process")["probability"][0] == pytest.approx(1 - row["probability"], abs=1e-15)
    assert "probability" not in sy.shares(councils, "control", blocks, interval="basic").compare("process", "funding")
    assert "percentiles under Dirichlet weights of 147 rows, 2000 draws, seed 1." in repr(s)


@pytest.mark.parametrize("kind", ["jackknife", "influence", *DRAWN])
def test_a_kind_asked_for_by_name_prints_its_coverage(sampled, kind):
    text = repr(sy.shares(sampled, "y", ["a", "b"], cluster="region", interval=kind, replicates=200))
    line = re.search(r"\nMeasured coverage of such limits of a share \(nominal 95 %\): (\d+) to (\d+) % with 20 "
                     r"clusters\.\n", text)
    assert line and 75 < int(line[1]) <= int(line[2]) < 100
    assert "Measured coverage" not in repr(sy.shares(sampled, "y", ["a", "b"], cluster="region"))


def test_the_jackknife_of_the_city_ratio_is_the_published_one():
    """Reference case S27 (boot 1.3.28.1 and closed forms)."""
    folder = pathlib.Path(__file__).parents[1] / "reference"
    cases = pd.read_csv(folder / "cases.csv").query("case == 'S27_city_jackknife'").set_index("quantity")
    city = pd.read_csv(folder / "data" / "city.csv")
    theta = city["x"].sum() / city["u"].sum()
    left_out = (city["x"].sum() - city["x"]) / (city["u"].sum() - city["u"])
    influence = (city["x"] - theta * city["u"]) / city["u"].mean()
    jackknife, linear = sy.jackknife_summary(left_out, theta), sy.influence_summary(influence)
    found = {"theta": theta, "jack_bias": jackknife["bias"], "jack_se": jackknife["std_error"],
             "accel_jack": jackknife["acceleration"], "infl_se": linear["std_error"],
             "accel_inf": linear["acceleration"]}
    assert set(found) == set(cases.index)
    for quantity, value in found.items():
        assert value == pytest.approx(cases["expected"][quantity], rel=cases["tol_rel"][quantity], abs=0)
    with pytest.raises(sy.SteelyardError, match="^left_out = 1 values: 2 or more are needed"):
        sy.jackknife_summary([1.0], 1.0)


def test_the_glue_survives_any_design():
    for bad in [(), (1,) * 7, ((), (), None, 0, None, 0, None), ((), (), None, 0, None, 0, 5)]:
        with pytest.raises((TypeError, sy.SteelyardError)):
            _core.moments(bad, 0, 0, 1, None)
    with pytest.raises((TypeError, ValueError, BufferError)):
        _core.above(np.zeros(3), np.zeros(4))
