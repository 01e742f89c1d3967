# SPDX-License-Identifier: GPL-3.0-only
"""Covariance of coefficients, contrasts, the wild bootstrap. Numbers: R 4.2.2
with sandwich 3.0.2 and clubSandwich 0.5.8."""
import itertools
import re

import numpy as np
import pytest

import steelyard as sy

FORMULA = "inv ~ value + capital"
pytestmark = pytest.mark.filterwarnings("ignore::steelyard.SteelyardWarning")


def close(found, expected, tolerance=1e-9):
    np.testing.assert_allclose(np.asarray(found, dtype=float), expected, rtol=tolerance, atol=0)


@pytest.fixture
def clustered(grunfeld):
    return sy.fit_linear(FORMULA, grunfeld, cluster="firm")


def test_defaults_follow_the_rows(people):
    assert sy.fit_linear("y ~ a", people).covariance == "classical"
    assert sy.fit_linear("y ~ a", people, cluster="region").covariance == "CR2"
    assert sy.fit_linear("y ~ a", people, weights="weight", weight_kind="sampling").covariance == "HC1"
    both = sy.fit_linear("y ~ a", people, weights="weight", weight_kind="sampling", cluster="region")
    assert both.covariance == "CR2"


@pytest.mark.parametrize("options", [{}, {"absorb": "region"}, {"precision": "double"},
                                     {"weights": "weight", "weight_kind": "analytic"}])
def test_classical_covariance_has_the_bits_of_the_cores(people, options):
    from steelyard import _core
    m = sy.fit_linear("y ~ a*C(kind) + b", people, **options)._model
    v, df = np.empty((m.p, m.p)), np.empty(m.p)
    _core.vcov(m.design, m.tuple, m.rules["precision"], 0, -1, (v, df), 0, None)
    assert (v == m.covariance).all() and (df == m.df).all()


def test_covariance_is_symmetric_and_its_diagonal_the_squared_errors(clustered):
    v = clustered.cov.to_numpy()
    np.testing.assert_array_equal(v, v.T)
    close(np.sqrt(np.diag(v)), clustered.std_error, 1e-15)


def test_a_joint_test_of_cr2_is_hotellings(clustered):
    """clubSandwich: Wald_test(constrain_zero(2:3), vcov = "CR2", test = "HTZ")."""
    both = clustered.contrasts({"value": {"value": 1}, "capital": {"capital": 1}})
    close([both.f, both.f_df1, both.f_df2, both.f_p], [24.94357792239758, 2, 1.3857004770359804, 0.081933156005675814])


def test_a_contrast_of_cr2_has_degrees_of_freedom_of_its_own(clustered):
    """clubSandwich: linear_contrast(c(0, 1, -1), vcov = "CR2")."""
    row = clustered.contrasts([[0, 1, -1]]).iloc[0]
    close(row[["estimate", "std_error", "df", "conf_low", "conf_high"]], [
        -0.11511633237141775, 0.11869086585123688, 2.8525329566492035, -0.50413458529622435, 0.27390192055338891])
    assert row["contrast"] == "c1"


def test_two_way_clusters_are_cameron_gelbach_and_millers(grunfeld):
    """sandwich: vcovCL(cluster = ~ firm + year, type = "HC0", cadjust = FALSE, multi0 = TRUE)."""
    fit = sy.fit_linear(FORMULA, grunfeld, cluster=["firm", "year"], covariance="CR0")
    close(fit.std_error, [18.411421294934655, 0.01543448610965969, 0.074071841838763225])
    vectors = sy.fit_linear(FORMULA, grunfeld, cluster=(grunfeld["firm"].to_numpy(), grunfeld["year"].to_numpy()),
                            covariance="CR0")
    np.testing.assert_array_equal(vectors.cov, fit.cov)
    assert "Covariance: CR0, 10 clusters of firm and 20 of year;" in repr(fit)


def test_nested_two_way_clusters_are_the_outer_ones(grunfeld):
    """Firms lie within halves: the intersection is the firms, and drops out."""
    halves = grunfeld.assign(half=np.where(grunfeld["firm"] > 5, "late", "early"))
    with pytest.warns(sy.SteelyardWarning, match="firm lies within half"):
        two = sy.fit_linear(FORMULA, halves, cluster=["half", "firm"], covariance="CR0")
    one = sy.fit_linear(FORMULA, halves, cluster="half", covariance="CR0")
    close(two.cov, one.cov.to_numpy(), 1e-10)


def test_dummies_of_the_clusters_have_no_test(grunfeld):
    """Their residuals add up to zero in each cluster: the variance is rounding, and t would be 1e15."""
    with pytest.warns(sy.SteelyardWarning, match="and 9 others: the clusters that decide them leave no residuals"):
        fit = sy.fit_linear("inv ~ C(firm)", grunfeld, cluster="firm")
    assert (fit.std_error == 0).all() and fit.pvalues.isna().all()
    assert re.search(r"\nfirm\[2\] +-?[0-9.]+ +0  -   -  -    -     -\n", repr(fit))
    assert "Covariance: CR2, 10 clusters of firm; no limits." in repr(fit)
    assert np.isnan(fit.anova().loc[0, "p_value"])
    assert repr(fit.contrasts({"2 - 3": {"firm[2]": 1.0, "firm[3]": -1.0}})).endswith("All together: no test.")
    limits = fit.predict(grunfeld.head(2), interval="confidence")
    assert limits["conf_low"].isna().all() and (limits["std_error"] == 0).all()
    assert fit.means("firm")["conf_low"].isna().all() and fit.pairwise("firm")["p_value"].isna().all()
    with pytest.raises(sy.SteelyardError, match="the residuals of every cluster are zero"):
        fit.wild("firm[2]", replicates=99)


def test_the_mean_of_a_level_in_one_cluster_has_no_limits(grunfeld):
    """Neither coefficient is without a variance, but their sum is."""
    one = grunfeld.assign(first=np.where(grunfeld["firm"] == 1, "yes", "no"))
    fit = sy.fit_linear("inv ~ C(first)", one, cluster="firm")
    assert (fit.std_error > 0).all()
    limits = fit.predict(one.iloc[[0, -1]], interval="confidence")
    assert limits["conf_low"].isna().tolist() == [True, False]
    assert fit.means("first")["conf_low"].isna().tolist() == [False, True]


def test_a_cluster_a_row_makes_cr0_hc0(grunfeld):
    rows = sy.fit_linear(FORMULA, grunfeld, cluster=np.arange(200), covariance="CR0")
    close(rows.cov, sy.fit_linear(FORMULA, grunfeld, covariance="HC0").cov.to_numpy(), 1e-12)
    close(sy.fit_linear(FORMULA, grunfeld, cluster=np.arange(200), covariance="CR2").cov,
          sy.fit_linear(FORMULA, grunfeld, covariance="HC2").cov.to_numpy(), 1e-9)


def test_contrasts_take_matrices_and_words(clustered):
    by_matrix, by_name = clustered.contrasts(np.eye(3)), clustered.contrasts(
        {label: {label: 1.0} for label in clustered.params.index})
    frame = clustered.to_frame()
    for column in ("estimate", "std_error", "df", "p_value", "conf_low"):
        close(by_matrix[column], frame[column], 1e-8)
        close(by_name[column], by_matrix[column], 1e-15)
    assert list(by_name["contrast"]) == list(clustered.params.index)
    assert "All together: F " in repr(by_name) and type(by_name["df"]).__name__ == "Series"


@pytest.mark.parametrize("c, words", [
    ([[1, 2]], "^c: 2 columns were given for 3 coefficients$"), ({"a": {"vlue": 1}}, "^c: there is no vlue"),
    ("value", "^c: a matrix of numbers"), ({}, "^c: at least one"), ({"a": {"value": np.nan}}, "^c: .*not finite"),
    ({"a": {"value": 0}}, "zero everywhere")])
def test_contrasts_that_are_none_are_refused(clustered, c, words):
    with pytest.raises(sy.SteelyardError, match=words):
        clustered.contrasts(c)


def test_the_wild_bootstrap_of_six_clusters_counts_all_signs(grunfeld):
    """Six clusters: 2^6 patterns, so p is a whole number of 64ths and the seed does not matter."""
    six = grunfeld[grunfeld["firm"] <= 6]
    fit = sy.fit_linear(FORMULA, six, cluster="firm")
    rows = [fit.wild("capital", seed=seed).iloc[0] for seed in (1, 2)]
    assert rows[0]["p_value"] == rows[1]["p_value"] and (rows[0]["p_value"] * 64).is_integer()
    assert rows[0]["conf_low"] < fit.params["capital"] < rows[0]["conf_high"]


def test_the_wild_bootstrap_by_brute_force(grunfeld):
    """All 2^6 sign patterns, refitted one by one with the null imposed; the
    statistic's denominator is CR1's (a constant factor changes nothing)."""
    six = grunfeld[grunfeld["firm"] <= 6]
    x = np.column_stack([np.ones(len(six)), six["value"], six["capital"]])
    y, firm = six["inv"].to_numpy(), six["firm"].to_numpy()
    inverse = np.linalg.inv(x.T @ x)

    def t_of(outcome):
        b = inverse @ x.T @ outcome
        scores = np.array([x[firm == g].T @ (outcome - x @ b)[firm == g] for g in range(1, 7)])
        return b[2] / np.sqrt((inverse @ scores.T @ scores @ inverse)[2, 2])

    restricted = x[:, :2] @ np.linalg.lstsq(x[:, :2], y, rcond=None)[0]
    residual = y - restricted
    t = abs(t_of(y))
    larger = sum(abs(t_of(restricted + residual * np.array(signs)[firm - 1])) >= t * (1 - 1e-10)
                 for signs in itertools.product((-1, 1), repeat=6))
    found = sy.fit_linear(FORMULA, six, cluster="firm").wild("capital")["p_value"].item()
    assert found == larger / 64


def test_the_wild_bootstrap_repeats_by_seed_and_refuses(clustered, grunfeld):
    first, again, other = (clustered.wild("value", kind="webb", replicates=999, seed=s) for s in (5, 5, 6))
    assert repr(first) == repr(again) and first["conf_low"].item() != other["conf_low"].item()
    assert "Webb weights, 999 replicates, seed 5." in repr(first)
    with pytest.raises(sy.SteelyardError, match="^cluster: the wild bootstrap draws signs for clusters"):
        sy.fit_linear(FORMULA, grunfeld).wild("value")
    with pytest.raises(sy.SteelyardError, match="^coefficient: there is no vaule"):
        clustered.wild("vaule")
    with pytest.raises(sy.SteelyardError, match='^kind: "normal"'):
        clustered.wild("value", kind="normal")
    with pytest.raises(sy.SteelyardError, match="^replicates: 0"):
        clustered.wild("value", replicates=0)


def test_one_cluster_is_refused_and_few_warned_of(grunfeld):
    with pytest.raises(sy.DataError, match="cluster"):
        sy.fit_linear(FORMULA, grunfeld.assign(all="x"), cluster="all")
    with pytest.warns(sy.SteelyardWarning, match="degrees of freedom; below 4"):
        sy.fit_linear(FORMULA, grunfeld, cluster="firm")


def test_the_glue_survives_any_model_and_any_buffers(people):
    from steelyard import _core
    m = sy.fit_linear("y ~ a + C(kind)", people, cluster="region")._model
    design, p, n = m.design, m.p, m.n
    for model in (None, (), m.tuple[:4], (9, *m.tuple[1:]), (-3, *m.tuple[1:]), (0, [1], 1, 0, -1), (0, (7,), 1, 0, -1),
                  (0, (1, 1), 1, 0, -1), (0, ("a",), 1, 0, -1), (0, (1,), 1, 5, -1), (0, (1,), 1, 0, 99),
                  (0, (1,), 1, 0, 0), (0, (2**40,), 1, 0, -1), (0, (-1,), 1, 0, -1), (0, (0,), 1, 0, -1)):
        with pytest.raises((TypeError, ValueError, OverflowError)):
            _core.linear_columns(design, model)
    right = (np.empty(p), np.empty((p, p)), np.empty(p), np.empty(n), np.empty(n), np.empty(n))
    _core.linear(design, m.tuple, 0, right, 0, None)
    frozen = np.empty(p)
    frozen.flags.writeable = False
    for i, wrong in itertools.product(range(6), (np.empty(p - 1), np.empty(3, "f4"), [1.0], frozen[:1])):
        with pytest.raises((TypeError, ValueError, BufferError)):
            _core.linear(design, m.tuple, 0, right[:i] + (wrong,) + right[i + 1:], 0, None)
    for wrong in ((), right[:5], (None, *right[1:]), (frozen, *right[1:]), list(right)):
        with pytest.raises((TypeError, ValueError, BufferError)):
            _core.linear(design, m.tuple, 0, wrong, 0, None)
    with pytest.raises(ValueError):
        _core.linear(design, m.tuple, 9, right, 0, None)
    for kind, second in ((99, -1), (-1, -1), (11, 0), (11, 99)):
        with pytest.raises((TypeError, ValueError)):
            _core.vcov(design, m.tuple, 0, kind, second, (np.empty((p, p)), np.empty(p)), 0, None)
    with pytest.raises(TypeError):
        _core.vcov_contrasts(np.ones(3), np.eye(3), np.ones(3), np.ones((2, 2)), np.empty((7, 2)), 0.95)
    with pytest.raises((TypeError, ValueError)):
        _core.vcov_wild(design, m.tuple, 99, 0.0, 0, 9, 1, 0.95, 0, None)


def test_the_print_names_clusters_and_how_t_was_made(clustered):
    assert ("Covariance: CR2, 10 clusters of firm; limits (95 %): t with Satterthwaite degrees of freedom."
            in repr(clustered))
    assert "p <0.0001 (classical covariance)" in repr(clustered)
