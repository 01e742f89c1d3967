# SPDX-License-Identifier: GPL-3.0-only
"""Shares.crossvalidated(): refits in NumPy, R's cv.glm, folds, prints, refusals."""
import itertools
import pickle

import numpy as np
import pandas as pd
import pytest

import steelyard as sy

PRINTED = """\
Cross-validated shares for Fertility: total 0.59 of 0.64, 47 folds

block     share  adjusted  by chance  cross-validated
people    0.546     0.534      0.016            0.524
farmland  0.096     0.084      0.008            0.068

Each model is judged on rows it was not fitted to; a share below zero spoils prediction."""


def refitted(data, columns, fold):
    """Squared errors of prediction over the folds, each from least squares on the others."""
    y, total = data["y"].to_numpy(), 0.0
    x = np.column_stack([np.ones(len(data)), *(data[c].to_numpy() for c in columns)])
    for f in np.unique(fold):
        held = fold == f
        beta = np.linalg.lstsq(x[~held], y[~held], rcond=None)[0]
        total += ((y[held] - x[held] @ beta) ** 2).sum()
    return total


def test_leaving_out_regions_is_refitting_without_them(people):
    s = sy.shares(people, "y", ["a", "b", "c"], cluster="region", interval=None)
    fold = people["region"].to_numpy()
    error = {frozenset(chosen): refitted(people, chosen, fold)
             for size in range(4) for chosen in itertools.combinations("abc", size)}
    nothing = error[frozenset()]
    assert s.total_crossvalidated == pytest.approx(1 - error[frozenset("abc")] / nothing, abs=1e-12)
    for block, found in zip("abc", s.blocks["crossvalidated"]):
        entered = [error[frozenset(order[:order.index(block)])] - error[frozenset(order[:order.index(block) + 1])]
                   for order in itertools.permutations("abc")]
        assert found == pytest.approx(np.mean(entered) / nothing, abs=1e-12)


def test_one_row_a_fold_is_cv_glm_of_r(swiss):
    # boot 1.3-28.1: cv.glm(swiss, glm(Fertility ~ Agriculture + Education + Catholic, data = swiss))$delta[1],
    # and of Fertility ~ 1
    s = sy.shares(swiss, "Fertility", ["Agriculture", "Education", "Catholic"], interval=None)
    found = s.crossvalidated(folds=47)
    assert found["total"][0] == pytest.approx(1 - 65.0293424440413 / 159.434725897921, abs=1e-13)
    assert found["crossvalidated"].sum() == pytest.approx(found["total"][0], abs=1e-14)


def test_it_prints_and_pickles(swiss):
    s = sy.shares(swiss, "Fertility", {"people": "Education + Catholic", "farmland": "Agriculture"})
    found = s.crossvalidated(folds=47)
    assert repr(found) == PRINTED
    assert type(found[["block", "share"]]) is pd.DataFrame
    again = pickle.loads(pickle.dumps(s))
    pd.testing.assert_frame_equal(again.blocks, s.blocks)
    assert again.total_crossvalidated == s.total_crossvalidated


def test_rows_of_a_large_frame_are_dealt_to_ten_folds(people):
    many = pd.concat([people, people.assign(a=people["a"] + 0.1)], ignore_index=True)
    s = sy.shares(many, ["y", "c"], ["a", "b"], interval=None)
    assert s.crossvalidated()["folds"].tolist() == [10] * 4
    assert (s.total_crossvalidated < s.total).all() and (s.total_crossvalidated > s.total - 0.02).all()
    with pytest.raises(sy.SteelyardError, match="^folds: these moments are one sum over all rows"):
        s.crossvalidated(folds=5)


def test_where_it_cannot_be_had_there_is_none(people):
    m = sy.moments(people, ["y", "a", "b"])
    s = sy.shares(m, "y", ["a", "b"])
    assert np.isnan(s.total_crossvalidated) and s.blocks["crossvalidated"].isna().all()
    assert "cross-validated" not in repr(s)


def test_refusals(people):
    s = sy.shares(people, "y", ["a"], cluster="region", interval=None)
    with pytest.raises(sy.SteelyardError, match="^folds: 31; 2 to 30 are possible with 30 clusters"):
        s.crossvalidated(folds=31)
    with pytest.raises(sy.SteelyardError, match="^folds: 1 is not a whole number of 2 or more"):
        s.crossvalidated(folds=1)
