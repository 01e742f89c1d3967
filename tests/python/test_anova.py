# SPDX-License-Identifier: GPL-3.0-only
"""Analysis of variance, marginal means, groups. Numbers: R 4.2.2 with car
3.1.1; warpbreaks is of R's datasets, Pastes of lme4's."""
import numpy as np
import pandas as pd
import pytest

import steelyard as sy

DUNCAN = "prestige ~ income + education + C(type)"
BREAKS = [26, 30, 54, 25, 70, 52, 51, 26, 67, 18, 21, 29, 17, 12, 18, 35, 30, 36, 36, 21, 24, 18, 10, 43, 28, 15, 26,
          27, 14, 29, 19, 29, 31, 41, 20, 44, 42, 26, 19, 16, 39, 28, 21, 39, 29, 20, 21, 24, 17, 13, 15, 15, 16, 28]
STRENGTH = [62.8, 62.6, 60.1, 62.3, 62.7, 63.1, 60.0, 61.4, 57.5, 56.9, 61.1, 58.9, 58.7, 57.5, 63.9, 63.1, 65.4, 63.7,
            57.1, 56.4, 56.9, 58.6, 64.7, 64.5, 55.1, 55.1, 54.7, 54.2, 58.8, 57.5, 63.4, 64.9, 59.3, 58.1, 60.5, 60.0,
            62.5, 62.6, 61.0, 58.7, 56.9, 57.7, 59.2, 59.4, 65.2, 66.0, 64.8, 64.1, 54.8, 54.8, 64.0, 64.0, 57.7, 56.8,
            58.3, 59.3, 59.2, 59.2, 58.9, 56.6]


def close(found, expected, tolerance=1e-11):
    np.testing.assert_allclose(np.asarray(found, dtype=float), expected, rtol=tolerance, atol=0)


@pytest.fixture(scope="module")
def warpbreaks():
    return pd.DataFrame({"breaks": BREAKS, "wool": np.repeat(["A", "B"], 27), "tension": pd.Categorical(
        np.tile(np.repeat(["L", "M", "H"], 9), 2), ["L", "M", "H"])})


@pytest.fixture(scope="module")
def pastes():
    return pd.DataFrame({"strength": STRENGTH, "batch": np.repeat(list("ABCDEFGHIJ"), 6),
                         "cask": np.tile(np.repeat(list("abc"), 2), 10)})


def test_types_agree_where_the_layout_is_balanced(warpbreaks):
    fit = sy.fit_linear("breaks ~ C(wool)*tension", warpbreaks)
    one, two, three = (fit.anova(kind)["sumsq"] for kind in (1, "II", 3))
    close(two, one)
    close(three, one)
    close(one.sum(), fit.tss)


def test_the_frame_has_its_columns_and_rows(duncan):
    table = sy.fit_linear(DUNCAN, duncan).anova()
    assert list(table.columns) == [
        "term", "df", "sumsq", "meansq", "statistic", "p_value", "eta_squared", "partial_eta_squared", "conf_low",
        "conf_high", "omega_squared", "partial_omega_squared", "epsilon_squared", "partial_epsilon_squared", "cohens_f"]
    assert list(table["term"]) == ["income", "education", "factor(type)", "Residuals"]
    close(table["sumsq"] / table["df"], table["meansq"], 1e-15)
    eta = table["partial_eta_squared"][:-1]
    close(table["cohens_f"][:-1]**2, eta / (1 - eta))
    close(eta, table["sumsq"][:-1] / (table["sumsq"][:-1] + table["sumsq"].iloc[-1]))
    assert (table["conf_low"][:-1] < eta).all() and (eta < table["conf_high"][:-1]).all()
    assert type(table[["term", "df"]]) is pd.DataFrame and type(table.to_frame()) is pd.DataFrame


def test_a_table_is_the_same_whatever_the_coding_of_the_fit(duncan):
    tables = [sy.fit_linear("prestige ~ C(type)*income", duncan, coding=coding).anova(3) for coding in
              ("treatment", "sum")]
    pd.testing.assert_frame_equal(tables[0].to_frame(), tables[1].to_frame(), rtol=1e-11)


def test_a_wald_table_of_type_two_is_cars(duncan):
    """car: Anova(m, type = 2, white.adjust = "hc3")."""
    table = sy.fit_linear(DUNCAN, duncan).anova(2, covariance="HC3")
    close(table["statistic"], [15.374625608823301, 6.0208121183901122, 25.660198427093341])
    assert list(table["df"]) == [1, 1, 2] and (table["df_resid"] == 40).all()
    pd.testing.assert_frame_equal(sy.fit_linear(DUNCAN, duncan, covariance="HC3").anova().to_frame(), table.to_frame())


def test_a_wald_table_of_type_three_rests_on_sum_coding(duncan):
    """Clusters of a row make CR0 HC0; F of one column is its t squared."""
    three = sy.fit_linear("prestige ~ C(type)*income", duncan, cluster=np.arange(45), covariance="CR0").anova("III")
    sum_coded = sy.fit_linear("prestige ~ C(type)*income", duncan, covariance="HC0", coding="sum")
    one = sum_coded.contrasts([[0, 0, 0, 1, 0, 0]])
    close(three["statistic"].iloc[1], one["statistic"].item()**2, 1e-9)


def test_tables_that_do_not_exist_are_refused(duncan, grunfeld):
    fit = sy.fit_linear(DUNCAN, duncan)
    for wrong in (4, "two", True, None, 2.5):
        with pytest.raises(sy.SteelyardError, match="^type: .* is not one of 1, 2, 3$"):
            fit.anova(wrong)
    with pytest.raises(sy.SteelyardError, match='^type: sums of squares in order do not exist with covariance = "HC3"'):
        fit.anova(1, covariance="HC3")
    with pytest.raises(sy.SteelyardError, match='^covariance: "CR2" needs clusters'):
        fit.anova(2, covariance="CR2")
    sampled = sy.fit_linear("prestige ~ income", duncan, weights=np.ones(45), weight_kind="sampling")
    with pytest.raises(sy.SteelyardError, match="sampling"):
        sampled.anova(2, covariance="classical")
    assert list(sampled.anova()["df"]) == [1]


def test_an_empty_cell_is_remarked_on(warpbreaks):
    holes = warpbreaks[(warpbreaks["wool"] != "A") | (warpbreaks["tension"] != "H")]
    with pytest.warns(sy.SteelyardWarning, match=r"wool\[B\]:tension\[H\]|tension\[H\]:wool\[B\]"):
        fit = sy.fit_linear("breaks ~ C(wool)*tension", holes)
    assert "1 of its 6 cells has no rows" in repr(fit.anova(3))
    assert "no rows" not in repr(fit.anova(2))


def test_the_print_of_a_table(duncan):
    lines = repr(sy.fit_linear(DUNCAN, duncan).anova(3)).splitlines()
    assert lines[0] == "Analysis of variance of prestige, type III, 45 rows"
    assert lines[2].split() == ["term", "df", "sum", "sq", "mean", "sq", "F", "p", "eta2", "partial", "low", "high",
                                "omega2"]
    assert lines[6].split()[-7:] == ["-"] * 7 and lines[6].startswith("Residuals ")
    assert lines[-1] == "Limits (95 %): of partial eta2, by the noncentral F."
    wald = repr(sy.fit_linear(DUNCAN, duncan, covariance="HC3").anova()).splitlines()
    assert wald[0] == "Wald tests of prestige, type II, covariance HC3, 45 rows"


def test_marginal_means_are_fitted_values_at_equal_weights(duncan, warpbreaks):
    fit = sy.fit_linear("breaks ~ C(wool)*tension", warpbreaks)
    wool, tension = fit.means("wool"), fit.means("tension")
    close(wool["estimate"], warpbreaks.groupby("wool")["breaks"].mean())
    close(tension["estimate"], warpbreaks.groupby("tension")["breaks"].mean())
    assert list(wool["wool"]) == ["A", "B"] and list(tension["tension"]) == ["L", "M", "H"]
    adjusted = sy.fit_linear(DUNCAN, duncan)
    at = pd.DataFrame({"type": ["bc", "prof", "wc"], "income": duncan["income"].mean(),
                       "education": duncan["education"].mean()})
    expected = adjusted.predict(at, interval="confidence")
    found = adjusted.means("factor(type)")
    close(found["estimate"], expected["fitted"])
    close(found[["std_error", "conf_low"]], expected[["std_error", "conf_low"]], 1e-10)


def test_means_of_crossings_name_their_levels(warpbreaks):
    fit = sy.fit_linear("breaks ~ C(wool)*tension", warpbreaks)
    cells = warpbreaks.groupby(["wool", "tension"], observed=True)["breaks"].mean()
    for factors in ("wool:tension", ["wool", "tension"], ["tension", "wool"]):
        for row in fit.means(factors).to_dict("records"):
            close(row["estimate"], cells[row["wool"], row["tension"]])
    pairs = fit.pairwise(["wool", "tension"], adjust="none")
    assert pairs["contrast"].iloc[0] == "A:L - B:L" and len(pairs) == 15


def test_pairs_by_tukey_are_tukeyhsd(warpbreaks):
    """TukeyHSD(aov(breaks ~ tension)); its differences are second minus first."""
    pairs = sy.fit_linear("breaks ~ tension", warpbreaks).pairwise("tension")
    assert list(pairs["contrast"]) == ["L - M", "L - H", "M - H"]
    close(pairs["estimate"], [9.9999999999999964, 14.722222222222211, 4.7222222222222143])
    close(pairs["conf_high"], [19.559824443982858, 24.282046666205073, 14.282046666205076], 1e-9)
    close(pairs["conf_low"], [0.44017555601713454, 5.1623977782393489, -4.8376022217606476], 1e-7)
    close(pairs["adj_p_value"], [0.038459768064837974, 0.0014315033079778106, 0.46308309708618278], 1e-7)


@pytest.mark.parametrize("adjust, expected", [
    ("none", [0.01, 0.02, 0.03]), ("bonferroni", [0.03, 0.06, 0.09]), ("holm", [0.03, 0.04, 0.04]),
    ("hochberg", [0.03, 0.03, 0.03]), ("bh", [0.03, 0.03, 0.03]),
    ("by", [0.055, 0.055, 0.055]), ("sidak", [1 - 0.99**3, 1 - 0.98**3, 1 - 0.97**3])])
def test_adjusted_p_values_by_hand(adjust, expected):
    """Three p values, worked through each definition; R's p.adjust gives the same."""
    from steelyard import _anova, _core
    found = np.empty(3)
    _core.adjust_p(_anova._ADJUSTMENTS[adjust], np.array([0.01, 0.02, 0.03]), found)
    close(found, expected)


def test_means_and_pairs_that_cannot_be_are_refused(duncan):
    fit = sy.fit_linear(DUNCAN, duncan)
    with pytest.raises(sy.SteelyardError, match="^factors: income is not a factor$"):
        fit.means("income")
    with pytest.raises(sy.SteelyardError, match="^factors: there is no tpye; the nearest name is type"):
        fit.means("tpye")
    for none in ([], None, ""):
        with pytest.raises(sy.SteelyardError, match="^factors: "):
            fit.means(none)
    with pytest.raises(sy.SteelyardError, match='^adjust: "lsd" is not one of "none"'):
        fit.pairwise("type", adjust="lsd")


def test_the_print_of_means_and_pairs(duncan):
    fit = sy.fit_linear(DUNCAN, duncan)
    means, pairs = repr(fit.means("type")).splitlines(), repr(fit.pairwise("type", adjust="holm")).splitlines()
    assert means[0] == "Means of prestige by type, 45 rows"
    assert means[2].split() == ["type", "estimate", "std", "error", "df", "low", "high"]
    assert means[-1].startswith("Limits (95 %): t, one mean at a time;")
    assert pairs[0] == "Differences of means of prestige by type, 45 rows"
    assert pairs[-1] == "p values adjusted by Holm for 3 differences; limits (95 %) one at a time."


def test_groups_without_equal_variances(duncan):
    """oneway.test(prestige ~ type)."""
    one = sy.oneway(duncan, "prestige", "type")
    tests = one.tests.set_index("test")
    close(tests.loc["welch"], [66.501600491254834, 2, 16.414126353447323, 1.3425267525862656e-08], 1e-10)
    table = sy.fit_linear("prestige ~ C(type)", duncan).anova()
    close(tests.loc["classical", ["statistic", "p_value"]], table[["statistic", "p_value"]].iloc[0])
    groups = duncan.groupby("type")["prestige"]
    close(one.groups[["n", "mean", "sd"]], np.column_stack([groups.size(), groups.mean(), groups.std()]))
    within, between = table["meansq"].iloc[1], table["meansq"].iloc[0]
    close(one.icc1, (between - within) / (between + (one.n0 - 1) * within))
    assert one.icc1_low < one.icc1 < one.icc1_high
    assert repr(one).splitlines()[0] == "Means of prestige in 3 groups of type, 45 rows"
    with pytest.raises(sy.SteelyardError, match="^group: there is no tpye"):
        sy.oneway(duncan, "prestige", "tpye")
    with pytest.raises(sy.SteelyardError, match="^outcome: "):
        sy.oneway(duncan, "type", "type")


def test_components_of_a_nested_layout_are_davies(pastes):
    """Davies & Goldsmith 1972, section 6.5: sums of squares 247.40 on 9, 350.91
    on 20, 20.34 on 30; the components follow from the mean squares of the
    balanced layout (6 samples a batch, 2 a cask)."""
    table = sy.variance_components(pastes, "strength", ["batch", "cask"])
    close(table["sumsq"], [247.40266666666682, 350.90666666666675, 20.339999999999993])
    assert list(table["df"]) == [9, 20, 30]
    batch, cask, rest = table["meansq"]
    close(table["variance"], [(batch - cask) / 6, (cask - rest) / 2, rest])
    close(table["share"], table["variance"] / table["variance"].sum())
    assert repr(table).splitlines()[0] == "Variance components of strength: batch > cask, 60 rows"


def test_a_negative_component_is_shown_as_none(pastes):
    even = pastes.assign(strength=np.tile([1.0, 2.0], 30))
    table = sy.variance_components(even, "strength", "batch")
    assert table["raw"].iloc[0] < 0 and table["variance"].iloc[0] == 0 and len(table.remarks) == 1
    with pytest.raises(sy.SteelyardError, match="^groups: there is no bacth"):
        sy.variance_components(pastes, "strength", ["bacth"])
    with pytest.raises(sy.SteelyardError, match="^groups: name at least one column$"):
        sy.variance_components(pastes, "strength", [])
