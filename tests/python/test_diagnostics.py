# SPDX-License-Identifier: GPL-3.0-only
"""Rows, clusters and columns that a fit leans on. Numbers: R 4.2.2's influence
measures, car 3.1.1's vif; clusters by refitting without them."""
import numpy as np
import pandas as pd
import pytest

import steelyard as sy
from steelyard import _core

DUNCAN = "prestige ~ income + education + C(type)"
pytestmark = pytest.mark.filterwarnings("ignore::steelyard.SteelyardWarning")


def close(found, expected, tolerance=1e-11):
    np.testing.assert_allclose(np.asarray(found, dtype=float), expected, rtol=tolerance, atol=0)


@pytest.fixture
def fit(duncan):
    return sy.fit_linear(DUNCAN, duncan)


def test_row_measures_are_those_of_refits(fit, duncan):
    """Row 5 left out: its deleted residual, sigma, dffits and coefficients."""
    found = fit.diagnostics()
    without = sy.fit_linear(DUNCAN, duncan.drop(5))
    row = found.rows.loc[5]
    close(row["sigma"], without.sigma)
    new = without.predict(duncan.loc[[5]])
    close((duncan.loc[5, "prestige"] - new.item()) * np.sqrt(1 - row["leverage"]) / without.sigma, row["studentised"])
    close((row["fitted"] - new.item()) / (without.sigma * np.sqrt(row["leverage"])), row["dffits"])
    scale = without.sigma * fit.std_error / fit.sigma
    close(found.dfbetas.loc[5], (fit.params - without.params) / scale, 1e-9)
    change = fit.params - without.params
    close(change @ np.linalg.solve(fit.cov, change) / fit.rank, row["cook"], 1e-9)


def test_rows_keep_the_index_of_the_data(duncan):
    named = duncan.set_index("occupation").copy()
    named.loc["minister", "income"] = np.nan
    rows = sy.fit_linear(DUNCAN, named).diagnostics().rows
    assert list(rows.index) == list(named.index) and rows.loc["minister"].isna().all()
    assert list(rows.columns) == ["fitted", "residual", "leverage", "standardised", "studentised", "sigma", "cook",
                                  "dffits"]


def test_vif_by_definition(duncan):
    """One over one less R2 of the predictor on the others."""
    fit = sy.fit_linear("prestige ~ income + education", duncan)
    r2 = sy.fit_linear("income ~ education", duncan).r2
    table = fit.vif().set_index("term")
    close(table["gvif"], [1 / (1 - r2)] * 2)
    close(table["gvif_root"]**2, table["gvif"])
    close(table["tolerance"], 1 - r2)
    close(fit.diagnostics().columns.set_index("term")["vif"].dropna(), table["gvif"])


def test_condition_indices_and_variance_shares(fit):
    """The scaled columns' singular values; shares of each coefficient sum to 1."""
    condition = fit.diagnostics().condition
    assert condition["index"].is_monotonic_increasing
    close(condition["index"].iloc[0], 1)
    close(condition.drop(columns="index").sum(), np.ones(5))


def test_a_cluster_left_out_is_a_refit_without_it(grunfeld):
    fit = sy.fit_linear("inv ~ value + capital", grunfeld, cluster="firm")
    clusters = fit.diagnostics().clusters.set_index("cluster")
    assert list(clusters.index) == [str(i) for i in range(1, 11)] and (clusters["rows"] == 20).all()
    classical = sy.fit_linear("inv ~ value + capital", grunfeld)
    for firm in (1, 7):
        without = sy.fit_linear("inv ~ value + capital", grunfeld[grunfeld["firm"] != firm])
        change = fit.params - without.params
        close(clusters.loc[str(firm), list(fit.params.index)], change, 1e-9)
        close(clusters.loc[str(firm), "cook"], change @ np.linalg.solve(classical.cov, change) / 3, 1e-9)
    assert sy.fit_linear("inv ~ value", grunfeld).diagnostics().clusters is None


def correlated(between, with_y):
    """400 rows of x1, x2, y with these correlations."""
    first, second = with_y
    raw = np.random.default_rng(8).normal(size=(400, 3))
    raw -= raw.mean(axis=0)
    wanted = np.array([[1, between, first], [between, 1, second], [first, second, 1]])
    return pd.DataFrame(np.linalg.qr(raw)[0] @ np.linalg.cholesky(wanted).T, columns=["x1", "x2", "y"])


def test_suppression_is_named():
    """Correlations .5 and .0 with y, .8 between: x2 explains nothing alone and
    adds to x1; both unique shares are above those alone."""
    found = sy.fit_linear("y ~ x1 + x2", correlated(0.8, (0.5, 0))).diagnostics()
    terms = found.terms.set_index("term")
    np.testing.assert_allclose(terms["alone"], [0.25, 0], atol=1e-12)
    close(terms["unique"], [0.25 / 0.36, 0.25 / 0.36 - 0.25], 1e-10)
    assert found.suppression == ["x1", "x2"]
    assert "Suppression (unique above alone): x1, x2." in repr(found)


@pytest.mark.parametrize("between, named", [(-1e-3, []), (-5e-3, ["x1", "x2"])])
def test_suppression_is_what_the_remarks_of_shares_say(between, named):
    """unique - alone is about -between / 2 here; a column of noise gets .0013."""
    fit = sy.fit_linear("y ~ x1 + x2", correlated(between, (0.5, 0.5)))
    remarks = sy.shares(fit, interval=None).remarks
    terms = fit.diagnostics().terms
    assert (terms["unique"] > terms["alone"] + 4e-5).all()
    assert fit.diagnostics().suppression == named == list(remarks.loc[remarks["code"] == "suppression", "term"])


def test_the_print_lists_terms_rows_and_clusters(duncan, grunfeld):
    lines = repr(sy.fit_linear(DUNCAN, duncan).diagnostics()).splitlines()
    assert lines[0] == "Diagnostics of the linear model of prestige, 45 rows"
    assert lines[2].split() == ["term", "columns", "VIF", "root", "alone", "unique"]
    assert lines[5].split() == ["factor(type)", "2", "5.10", "1.50", "0.7574", "0.0849"]
    assert lines[9].split() == ["row", "Cook", "leverage", "studentised", "DFFITS"]
    assert lines[10].split() == ["5", "0.5168", "0.1912", "3.83", "1.86"] and len(lines) == 15
    clustered = repr(sy.fit_linear("inv ~ value + capital", grunfeld, cluster="firm").diagnostics()).splitlines()
    assert clustered[-5].split() == ["1", "20", "13.9471", "capital"]


def test_what_has_no_shares_has_the_other_diagnostics(grunfeld):
    absorbed = sy.fit_linear("inv ~ value + capital", grunfeld, absorb="firm").diagnostics()
    assert absorbed.terms["alone"].isna().all() and "alone" not in repr(absorbed)
    assert absorbed.terms["gvif"].notna().all()
    assert len(sy.fit_linear("inv ~ 1", grunfeld).diagnostics().terms) == 0
    through = sy.fit_linear("inv ~ value - 1", grunfeld).diagnostics()
    assert through.suppression == [] and through.rows["cook"].notna().all()


def test_the_glue_of_tables_survives_any_argument(people):
    m = sy.fit_linear("y ~ a + C(kind)", people, cluster="region")._model
    design, model, p, n = m.design, m.tuple, m.p, m.n
    groups = len(design[4][2])
    rows, cell = tuple(np.empty(n) for _ in range(6)), np.empty((5, 3))
    clusters = (np.empty((groups, p)), np.empty((groups, p)), np.empty(groups), np.empty(groups))
    kind = next(i for i, column in enumerate(design[0]) if column[2] is not None)
    fit = (m.coefficient, m.covariance, m.df)
    calls = [
        lambda: _core.diagnostics(design, model, m.whole[:-1], m.held(), (*rows, None)),
        lambda: _core.diagnostics(design, model, m.whole, m.held()[:4], (*rows, None)),
        lambda: _core.diagnostics(design, model, m.whole, m.held(), rows),
        lambda: _core.diagnostics(design, model, m.whole, (*m.held()[:3], None, m.held()[4]), (*rows, None)),
        lambda: _core.diagnostics_clusters(design[:4] + (None, 0), model, m.whole, m.held(), clusters),
        lambda: _core.diagnostics_clusters(design, model, m.whole, m.held(), clusters[::-1]),
        lambda: _core.diagnostics_collinearity(design, model, 0, rows[:3]),
        lambda: _core.anova(design, model, 2, 0.95, np.empty((2, 14)), 0, None),
        lambda: _core.anova(design, model, 2, 1.5, np.empty((3, 14)), 0, None),
        lambda: _core.anova(design, model, 7, 0.95, np.empty((3, 14)), 0, None),
        lambda: _core.anova_wald(design, model, 1, (*fit, np.empty((2, 4)))),
        lambda: _core.means_labels(design, model, (99,)), lambda: _core.means_labels(design, model, ()),
        lambda: _core.means_labels(design, model, (0,)), lambda: _core.means_labels(design, model, [kind]),
        lambda: _core.means(design, model, (kind,), 0.95, (*fit, cell[:4], None, None)),
        lambda: _core.means(design, model, (kind,), 0.95, (*fit, None, None, None)),
        lambda: _core.oneway(design, 0, 99, 0.95, rows[:3]), lambda: _core.oneway(design, 0, 0, 0.95, rows[:3]),
        lambda: _core.nested(design, 0, (kind, 99), np.empty((3, 7))),
        lambda: _core.nested(design, 0, (), np.empty((1, 7))),
        lambda: _core.pairwise(np.ones(3), np.eye(2), np.ones(3), 0, 0.95, np.empty((8, 3))),
        lambda: _core.pairwise(np.ones(3), np.eye(3), np.ones(3), 77, 0.95, np.empty((8, 3))),
        lambda: _core.adjust_p(0, np.array([0.5, 2.0]), np.empty(2)), lambda: _core.adjust_p(0, np.ones(2), np.ones(3))]
    for i, call in enumerate(calls):
        with pytest.raises((TypeError, ValueError, BufferError)):
            pytest.fail(f"call {i} answered {call()}")


def test_an_exact_fit_has_no_diagnostics(duncan):
    saturated = sy.fit_linear("prestige ~ C(occupation)", duncan)
    with pytest.raises(sy.DataError):
        saturated.diagnostics()
