# SPDX-License-Identifier: GPL-3.0-only
"""Permutation tests, re-weighting to a population, rounding of printed tables."""
import itertools

import numpy as np
import pandas as pd
import pytest

import steelyard as sy

TABLE = pd.DataFrame([[1, .5, .4], [.5, 1, .3], [.4, .3, 1]], columns=["y", "a", "b"])


def test_two_groups_agree_with_all_their_divisions():
    # Efron & Tibshirani 1993, table 2.1: survival of 7 treated and 9 control mice
    days = np.array([94, 197, 16, 38, 99, 141, 23, 52, 104, 146, 10, 51, 30, 40, 27, 46], dtype=float)
    observed = abs(days[:7].mean() - days[7:].mean())
    gaps = [abs(days[list(s)].mean() - (days.sum() - days[list(s)].sum()) / 9)
            for s in itertools.combinations(range(16), 7)]
    exact = np.mean(np.array(gaps) >= observed - 1e-9)
    data = pd.DataFrame({"days": days, "treated": (np.arange(16) < 7) * 1.0})
    for metric in ("unique", "alone", "share"):
        found = sy.permutation_test(data, "days", ["treated"], block="treated", metric=metric, permutations=20000)
        # four standard errors of 20,000 permutations are .013
        assert found["p_value"][0] == pytest.approx(exact, abs=0.013)


def test_councils_move_whole_and_people_within_them(people):
    data = people.assign(money=people["region"].str[1:].astype(float) % 7)
    rules = {"cluster": "region", "permutations": 199}
    whole = sy.permutation_test(data, "y", ["money", "a"], block="money", **rules)
    inner = sy.permutation_test(data, "y", ["money", "a"], block="a", **rules)
    assert whole["moved"][0] == "the block, whole clusters" and whole["units"][0] == 30
    assert inner["moved"][0].startswith("residuals") and inner["units"][0] == 900 and inner["within"][0]
    assert whole["p_value"][0] > 0.02 and inner["p_value"][0] == 0.005
    s = sy.shares(data, "y", ["money", "a"], cluster="region", interval=None)
    assert sy.permutation_test(s, "money", permutations=199)["p_value"][0] == whole["p_value"][0]
    with pytest.raises(sy.SteelyardError, match="^block: the rows are needed to permute one that varies within clusters"):
        sy.permutation_test(s, block="a")


def test_a_permutation_test_prints_one_line_an_outcome(swiss):
    found = sy.permutation_test(swiss, "Fertility", ["Education", "Catholic", "Examination"], block="Examination",
                                permutations=999)
    assert repr(found) == (
        "Permutation test of Examination for Fertility: unique 0.0003, p = 0.866 (865 of 999 as large; residuals of "
        "the outcome, row to row, 47 moved, seed 1)")
    assert type(found[["block"]]) is pd.DataFrame


def test_permutation_tests_refuse_in_words(people):
    def ask(**options):
        return sy.permutation_test(people, "y", ["a", "b"], **{"block": "a", **options})

    with pytest.raises(sy.SteelyardError, match="^block: there is no d; the nearest name is"):
        ask(block="d")
    with pytest.raises(sy.SteelyardError, match='^metric: "lowest" is not one of'):
        ask(metric="lowest")
    with pytest.raises(sy.SteelyardError, match="^permutations: 0 is not a whole number of 1 or more"):
        ask(permutations=0)
    with pytest.raises(sy.SteelyardError, match="^weights: rows of different frequency"):
        ask(weights="count", weight_kind="frequency")
    with pytest.raises(sy.SteelyardError, match="^cluster: the result already holds it"):
        sy.permutation_test(sy.shares(people, "y", ["a"]), block="a", cluster="region")


def test_populations_are_weights(people):
    share = people["kind"].value_counts(normalize=True)
    rest = 0.76 / (1 - share["direct"])
    factor = people["kind"].map({"direct": 0.24 / share["direct"], "own": rest, "managed": rest})
    wanted = sy.shares(people.assign(w=factor), "y", ["a", "b"], weights="w", weight_kind="sampling", cluster="region")
    s = sy.shares(people, "y", ["a", "b"], population={"kind": {"direct": 0.24}}, cluster="region")
    assert s.total == pytest.approx(wanted.total, abs=1e-13)
    np.testing.assert_allclose(s.blocks["std_error"], wanted.blocks["std_error"], rtol=1e-9)
    change = s.population_change()
    plain = sy.shares(people, "y", ["a", "b"], interval=None)
    np.testing.assert_allclose(change["sample"], [plain.total, *plain.blocks["share"]], rtol=1e-13)
    np.testing.assert_allclose(change["population"] - change["sample"], change["change"], atol=1e-15)
    effective = factor.sum() ** 2 / (factor ** 2).sum()
    assert f"Effective n {effective:.1f}, of 900.0 before." in repr(s)
    assert "kind direct 24.0 % (sample" in repr(s)


def test_populations_refuse_in_words(people):
    def ask(population, **options):
        return sy.shares(people, "y", ["a"], population=population, **options)

    with pytest.raises(sy.SteelyardError, match="^population: kind: the shares add to 1.2, more than 1"):
        ask({"kind": {"direct": 0.6, "own": 0.6}})
    with pytest.raises(sy.SteelyardError, match="^population: there is no dirct; the nearest name is direct"):
        ask({"kind": {"dirct": 0.6}})
    with pytest.raises(sy.SteelyardError, match="^population: a dict is needed"):
        ask([0.6])
    with pytest.raises(sy.SteelyardError, match="^population: analytic weights"):
        ask({"kind": {"direct": 0.6}}, weights="weight", weight_kind="analytic")
    with pytest.raises(sy.SteelyardError, match="^population: re-weighting needs the rows"):
        sy.shares(sy.moments(people, ["y", "a"]), "y", ["a"], population={"kind": {"direct": 0.6}})
    with pytest.raises(sy.SteelyardError, match="^population: these shares were not re-weighted"):
        sy.shares(people, "y", ["a"], interval=None).population_change()


def test_rounding_agrees_with_a_grid():
    s = sy.shares(sy.moments_from_correlation(TABLE, 100, decimals=1), "y", ["a", "b"])
    ya, yb, ab = np.meshgrid(*(np.linspace(r - .05, r + .05, 21) for r in (.5, .4, .3)))
    total = (ya**2 + yb**2 - 2 * ya * yb * ab) / (1 - ab**2)
    a = (ya**2 + total - yb**2) / 2
    found = s.rounding().set_index(["block", "term"])
    for key, values in ((("(total)", ""), total), (("a", ""), a), (("b", "b"), total - a)):
        # the extremes lie in corners, which the grid has
        assert found.loc[key, "low_rounding"] == pytest.approx(values.min(), abs=1e-12)
        assert found.loc[key, "high_rounding"] == pytest.approx(values.max(), abs=1e-12)
    assert "over all tables that round to this one (1 decimal)" in repr(s.rounding())


def test_impossible_tables_are_flagged_and_rounded_ones_mended(tmp_path):
    def table(r):
        return [[1, .95, r], [.95, 1, .95], [r, .95, 1]]

    with pytest.raises(sy.DataError, match="^r: an impossible table: of all that round to it to 2 decimals"):
        sy.moments_from_correlation(table(.7), 50, decimals=2)
    m = sy.moments_from_correlation(table(.79), 50, ["y", "a", "b"], decimals=2)
    assert m.remarks["code"].tolist() == ["boundary"]
    m.save(tmp_path / "printed.moments")
    s = sy.shares(sy.load_moments(tmp_path / "printed.moments"), "y", ["a", "b"])
    found = s.rounding()
    assert (found["low_rounding"] <= found["share"] + 1e-6).all() and found["high_rounding"][0] > 0.999
    with pytest.raises(sy.SteelyardError, match="^decimals: x1 with x2 is 0.95, more than 1 decimals"):
        sy.moments_from_correlation(table(.79), 50, decimals=1)
    with pytest.raises(sy.SteelyardError, match="^decimals: these moments do not come from a table"):
        sy.shares(sy.moments_from_correlation(TABLE, 50), "y", ["a"]).rounding()
