# SPDX-License-Identifier: GPL-3.0-only
"""Shares.other_metrics(): sums, Johnson's own algorithm, prints, refusals."""
import pickle

import numpy as np
import pandas as pd
import pytest

import steelyard as sy

NAMES = ["first", "last", "beta_squared", "pratt", "relative_weight", "genizi", "car", "independent",
         "joint"]
SUMS = ["pratt", "relative_weight", "genizi", "car", "independent"]

PRINTED = """\
Other metrics, in points of all outcome variance:

term         block       first    last  beta squared   pratt  relative weight  genizi     car  independent   joint
Education    people     0.4406  0.1446        0.3426  0.3885           0.2859  0.2859  0.3127       0.2697  0.1709
Catholic     people     0.2150  0.0694        0.1253  0.1641           0.1285  0.1285  0.1278       0.1193  0.0957
Examination  knowledge  0.4172  0.0003        0.0012  0.0222           0.1605  0.1605  0.1344       0.1859  0.2313

Relative weights (Genizi's are the same) are for comparison only: their derivation is flawed and they can distort \
what shares say (Thomas, Zumbo, Kwan & Schweitzer 2014, doi:10.1080/00273171.2014.905766)."""


def test_one_row_a_term_and_one_column_a_metric(people):
    o = sy.shares(people, "y", {"one": "a + b", "two": "c"}, interval=None).other_metrics()
    assert isinstance(o, pd.DataFrame) and list(o.columns) == ["term", "block", *NAMES]
    assert o[["term", "block"]].to_numpy().tolist() == [["a", "one"], ["b", "one"], ["c", "two"]]
    assert type(o[["term", "car"]]) is type(o[o["car"] > 0]) is pd.DataFrame


@pytest.mark.parametrize("options", [{}, {"adjust": "count + C(kind)"}, {"cluster": "region"},
                                     {"weights": "weight", "weight_kind": "analytic"}])
def test_four_sum_to_the_total_and_two_are_columns_of_shares(people, options):
    s = sy.shares(people, "y", ["a", "b", "c"], interval=None, **options)
    o = s.other_metrics()
    # the plain tree that gives shares is right to some 1e-16
    assert o[SUMS].sum().to_numpy() == pytest.approx(s.total, abs=1e-15)
    assert o["first"].to_numpy() == pytest.approx(s.blocks["alone"].to_numpy(), abs=1e-15)
    assert o["last"].to_numpy() == pytest.approx(s.blocks["unique"].to_numpy(), abs=1e-15)
    assert (o["relative_weight"] == o["genizi"]).all() and (o["genizi"] >= 0).all()


def test_relative_weights_by_johnsons_own_algorithm(swiss):
    # Johnson 2000, doi:10.1207/S15327906MBR3501_1: X = P D Q', Z = P Q', squared correlations of X and of y with Z
    terms = ["Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality"]
    x = swiss[terms].to_numpy(float)
    x = (x - x.mean(0)) / np.sqrt(((x - x.mean(0)) ** 2).sum(0))
    y = swiss["Fertility"].to_numpy() - swiss["Fertility"].mean()
    p, _, q = np.linalg.svd(x, full_matrices=False)
    z = p @ q
    weights = (x.T @ z) ** 2 @ ((z.T @ y) ** 2 / (y @ y))
    found = sy.shares(swiss, "Fertility", terms, interval=None).other_metrics()["relative_weight"].to_numpy()
    assert found == pytest.approx(weights, abs=1e-14)  # a few roundings of 47 rows in double


def test_several_outcomes_stand_under_each_other(swiss):
    s = sy.shares(swiss, ["Fertility", "Infant.Mortality"], ["Education", "Catholic"], interval=None)
    o = s.other_metrics()
    assert o["outcome"].tolist() == ["Fertility"] * 2 + ["Infant.Mortality"] * 2
    each = sy.shares(swiss, "Infant.Mortality", ["Education", "Catholic"], interval=None).other_metrics()
    assert o.loc[2:, NAMES].to_numpy() == pytest.approx(each[NAMES].to_numpy(), abs=1e-16)


def test_prints_the_table_and_the_caution(swiss):
    o = sy.shares(swiss, "Fertility", {"people": ["Education", "Catholic"], "knowledge": "Examination"},
                  interval=None).other_metrics()
    assert str(o) == repr(o) == PRINTED
    assert "Thomas, Zumbo, Kwan &amp; Schweitzer 2014" in o._repr_html_()


def test_a_pickled_result_still_answers(people):
    s = sy.shares(people, "y", ["a", "b"], cluster="region")
    again = pickle.loads(pickle.dumps(s))
    pd.testing.assert_frame_equal(again.other_metrics(), s.other_metrics(), check_exact=True)


def test_a_factor_of_two_levels_is_one_column(people):
    two = people.assign(own=np.where(people["kind"] == "own", "yes", "no"), number=(people["kind"] == "own") * 1.0)
    factor = sy.shares(two, "y", ["a", "C(own)"], interval=None).other_metrics()
    number = sy.shares(two, "y", ["a", "number"], interval=None).other_metrics()
    assert factor[NAMES].to_numpy() == pytest.approx(number[NAMES].to_numpy(), abs=1e-15)


def test_what_has_several_columns_or_no_coefficient_of_its_own_is_refused(people):
    with pytest.raises(sy.SteelyardError, match=r"factor\(kind\) has 2 columns"):
        sy.shares(people, "y", ["a", "C(kind)"], interval=None).other_metrics()
    with pytest.warns(sy.SteelyardWarning):
        s = sy.shares(people.assign(d=people["a"] + people["b"]), "y", ["a", "b", "d"], interval=None,
                      precision="double")
    with pytest.raises(sy.DataError, match="d is constant or follows from"):
        s.other_metrics()
