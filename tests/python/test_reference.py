# SPDX-License-Identifier: GPL-3.0-only
"""tests/reference/cases.csv: each number of the families that shares() and
other_metrics() answer, to the tolerance of its line. R runs the same."""
import functools
import pathlib

import pandas as pd
import pytest

import steelyard as sy

REFERENCE = pathlib.Path(__file__).parents[1] / "reference"
CASES = pd.read_csv(REFERENCE / "cases.csv", float_precision="round_trip")

LATER = {"anova", "bootstrap", "cluster_se", "commonality", "dominance", "effect_size", "glmm", "lmm",
         "lmm_ddf", "lmm_r2", "mi_pool", "oaxaca", "ols", "ordinal", "ordinal_mixed", "robust_se", "sensitivity",
         "survey", "wls"}
SHARES = {"lmg": "share", "last": "unique", "first": "alone"}
OTHER = {"last": "last", "first": "first", "betasq": "beta_squared", "pratt": "pratt", "genizi": "genizi",
         "car": "car"}


@functools.lru_cache(maxsize=None)
def sums(name):
    frame = pd.read_csv(REFERENCE / "data" / f"{name}.csv", float_precision="round_trip")
    return sy.moments(frame, list(frame.columns))


@functools.lru_cache(maxsize=None)
def answer(name, outcome, predictors):
    return sy.shares(sums(name), outcome, predictors.split("+"), interval=None)


def shapley(case):
    """model: "y ~ a+b+c; remark"; quantity: "lmg[a]" or "r2"."""
    outcome, predictors = case.model.split(";")[0].split(" ~ ")
    s = answer(case.data, outcome, predictors)
    if case.quantity == "r2":
        return [s.total]
    metric, term = case.quantity[:-1].split("[")
    places = [(s.blocks.rename(columns={"block": "term"}), SHARES), (s.other_metrics(), OTHER)]
    return [frame.set_index("term").loc[term, names[metric]] for frame, names in places if metric in names]


def all_subsets(case):
    """quantity: "r2[a+b]"; the outcome is the column that is in no subset."""
    subsets = CASES.loc[CASES["case"] == case.case, "quantity"]
    used = {term for subset in subsets for term in subset[3:-1].split("+")}
    outcome, = set(sums(case.data).labels) - used
    return [answer(case.data, outcome, case.quantity[3:-1]).total]


RUNNERS = {"shapley": shapley, "all_subsets": all_subsets}
RUN = [case for case in CASES.itertuples() if case.family in RUNNERS]


def test_every_family_has_a_runner_or_belongs_to_a_later_version():
    assert not LATER & set(RUNNERS)
    assert set(CASES["family"]) == LATER | set(RUNNERS)


def test_all_67_numbers_are_run():
    assert len(RUN) == 67
    assert (CASES["tol_rel"] > 0).all() and max(case.tol_rel for case in RUN) <= 1e-10


@pytest.mark.parametrize("case", RUN, ids=[f"{case.case}-{case.quantity}" for case in RUN])
def test_reference(case):
    found = RUNNERS[case.family](case)
    allowed = case.tol_rel * (abs(case.expected) or 1)
    assert found and all(abs(value - case.expected) <= allowed for value in found), found
