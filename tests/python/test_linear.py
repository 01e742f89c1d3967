# SPDX-License-Identifier: GPL-3.0-only
"""fit_linear: estimates, predictions, limits, prints, refusals. Numbers given
without another source are of R 4.2.2's lm, predict.lm and confint."""
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest

import steelyard as sy

DUNCAN = "prestige ~ income + education + C(type)"
NEW = pd.DataFrame({"income": [20, 60], "education": [30, 90], "type": ["wc", "prof"]})


@pytest.fixture
def fit(duncan):
    return sy.fit_linear(DUNCAN, duncan)


def close(found, expected, tolerance=1e-12):
    np.testing.assert_allclose(np.asarray(found, dtype=float), expected, rtol=tolerance, atol=0)


def test_a_fit_by_hand():
    """Four points: slope Sxy / Sxx = 7 / 5, intercept 3.5 - 1.4 * 2.5 = 0, rss 21 / 1 * .. = Syy - 49 / 5."""
    fit = sy.fit_linear("y ~ x", {"x": [1, 2, 3, 4], "y": [1, 4, 3, 6]})
    close(fit.params["x"], 1.4, 1e-15)
    assert abs(fit.params["(Intercept)"]) < 1e-15
    close([fit.rss, fit.tss, fit.sigma, fit.r2], [13 - 9.8, 13, np.sqrt(1.6), 9.8 / 13], 1e-15)
    close(fit.std_error["x"], np.sqrt(1.6 / 5), 1e-15)
    assert (fit.n, fit.df_resid, fit.rank) == (4, 2, 2)


def test_limits_and_p_values_agree_with_the_frame(fit):
    frame = fit.to_frame().set_index("term")
    assert list(frame.columns) == ["estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high"]
    close(frame["estimate"] / frame["std_error"], frame["statistic"])
    assert (frame["p_value"] == fit.pvalues).all() and (frame["df"] == fit.df).all()
    close(fit.conf_int(level=0.9).to_numpy().T.ravel(), [
        -6.4384641176288051, 0.44708549056140667, 0.15401884078638969, 4.8823322968258527, -24.947398228381907,
        6.0684084588649512, 0.74800749975486724, 0.53661981836064199, 28.432694499540997, -4.3748684930878703], 1e-12)
    assert (fit.to_frame(level=0.9)["conf_low"].to_numpy() == fit.conf_int(0.9)["conf_low"].to_numpy()).all()


def test_predictions_and_their_limits_are_lms(fit):
    confidence = fit.predict(NEW, interval="confidence")
    close(confidence[["fitted", "conf_low", "conf_high"]].to_numpy().T.ravel(), [
        7.4643486002514017, 83.404014939906148, -3.6956686306376003, 78.35244383335835, 18.624365831140402,
        88.455586046453945])
    close(confidence["std_error"], [5.52182134541642, 2.4994471412480452])
    prediction = fit.predict(NEW, interval="prediction", level=0.9)
    close(prediction[["conf_low", "conf_high"]].to_numpy().T.ravel(), [
        -11.394736111704159, 66.465101047767135, 26.323433312206962, 100.34292883204516])
    assert (fit.predict(NEW) == confidence["fitted"]).all()


def test_predictions_of_the_fits_own_rows_are_its_fitted_values(fit, duncan):
    close(fit.predict(), fit.fitted, 1e-15)
    close(fit.predict(duncan), fit.fitted, 1e-13)
    close(fit.predict(interval="confidence")["fitted"], fit.fitted, 1e-13)
    close((fit.fitted + fit.residuals), duncan["prestige"], 1e-13)
    close(fit.leverage.sum(), fit.rank, 1e-13)
    close((fit.residuals**2).sum(), fit.rss, 1e-13)


def test_levels_are_matched_by_name_whatever_their_order(fit):
    turned = NEW.assign(type=pd.Categorical(NEW["type"], ["prof", "wc", "bc"]))
    assert (fit.predict(turned) == fit.predict(NEW)).all()
    numbers = sy.fit_linear("y ~ C(k)", {"y": [1.0, 2, 4, 3, 5, 9], "k": [1, 1, 2, 2, 3, 3]})
    close(numbers.predict({"k": [3.0, 1.0, 2.0]}), [7, 1.5, 3.5], 1e-14)


def test_an_unknown_level_is_named(fit, duncan):
    with pytest.raises(sy.SteelyardError, match=r'^data: type "farm" is not a level of the fit \(bc, prof, wc\)$'):
        fit.predict(NEW.assign(type="farm"))
    some = sy.fit_linear("prestige ~ t", duncan[duncan["type"] != "wc"].assign(
        t=lambda d: pd.Categorical(d["type"], ["wc", "prof", "bc"])))
    with pytest.raises(sy.SteelyardError, match=r'"wc" is not a level of the fit \(prof, bc\)'):
        some.predict({"t": ["wc"]})
    close(some.predict({"t": ["bc", "prof"]}), duncan.groupby("type")["prestige"].mean()[["bc", "prof"]], 1e-14)


def test_a_row_with_a_missing_value_is_predicted_as_missing(fit):
    rows = NEW.assign(income=[np.nan, 60])
    assert list(fit.predict(rows).isna()) == [True, False]
    assert fit.predict(rows, interval="prediction").iloc[0].isna().all()
    assert fit.predict(NEW.assign(type=[None, "prof"])).isna().tolist() == [True, False]


def test_new_rows_are_checked(fit):
    with pytest.raises(sy.SteelyardError, match="^data: there is no income"):
        fit.predict(NEW.drop(columns="income"))
    with pytest.raises(sy.SteelyardError, match='^data: column "income" holds text'):
        fit.predict(NEW.assign(income="low"))
    with pytest.raises(sy.SteelyardError, match='^interval: "mean" is not one of "confidence", "prediction"'):
        fit.predict(NEW, interval="mean")


def test_interactions_without_an_intercept_are_lms(duncan):
    fit = sy.fit_linear("prestige ~ C(type) + income + income:C(type) - 1", duncan)
    close(fit.r2, 0.97087195687553418)
    close(fit.f, 216.65264956952726, 1e-11)
    expected = {"type[bc]": 2.6828038142788775, "type[prof]": 47.169634650031242, "type[wc]": 17.53594306049823,
                "income": 0.84501226432894561}
    close(fit.params[list(expected)], list(expected.values()), 1e-11)


def test_sum_coding_is_contr_sum(duncan):
    fit = sy.fit_linear("prestige ~ C(type)*income", duncan, coding="sum")
    close(fit.params, [22.462793841602789, -19.779990027323905, 24.706840808428474, 0.59221982453855349,
                       0.25279243979039162, -0.038152686426215152], 1e-11)


def test_absorbed_levels_are_dummies(grunfeld):
    """coef and se of lm(inv ~ value + capital + factor(firm))."""
    fit = sy.fit_linear("inv ~ value + capital", grunfeld, absorb="firm")
    close(fit.params, [0.11012380412071847, 0.31006534130013935])
    close(fit.std_error, [0.011856694214043848, 0.017354502775552567])
    dummies = sy.fit_linear("inv ~ value + capital + C(firm)", grunfeld)
    close([fit.rss, fit.df_resid, fit.sigma], [dummies.rss, dummies.df_resid, dummies.sigma])
    close(fit.fitted, dummies.fitted, 1e-11)
    assert repr(fit).splitlines()[0] == (
        "Linear model of inv: value + capital, intercepts of 10 firm absorbed, 200 rows")
    with pytest.raises(sy.SteelyardError, match="^data: a fit with absorbed levels predicts its own rows only"):
        fit.predict(grunfeld)
    with pytest.raises(sy.SteelyardError, match='^formula: "- 1" and absorb do not go together'):
        sy.fit_linear("inv ~ value - 1", grunfeld, absorb="firm")


def test_a_shifted_column_keeps_its_r2(duncan):
    fit = sy.fit_linear("prestige ~ x", duncan.assign(x=duncan["income"] + 1e9))
    plain = sy.fit_linear("prestige ~ income", duncan)
    close([fit.r2, fit.params["x"], fit.std_error["x"]], [plain.r2, plain.params["income"], plain.std_error["income"]])


def test_frequency_weights_are_repeated_rows(people):
    counted = sy.fit_linear("y ~ a*C(kind)", people, weights="count", weight_kind="frequency")
    repeated = sy.fit_linear("y ~ a*C(kind)", people.loc[people.index.repeat(people["count"])])
    close(counted.params, repeated.params, 1e-12)
    close(counted.std_error, repeated.std_error, 1e-12)
    close([counted.n, counted.loglik, counted.aic, counted.bic], [repeated.n, repeated.loglik, repeated.aic,
                                                                  repeated.bic])
    close(counted.anova(3)["p_value"][:-1], repeated.anova(3)["p_value"][:-1], 1e-10)
    assert repr(counted).splitlines()[0].endswith(f", n = {people['count'].sum()} from 900 rows")


def test_bits_do_not_depend_on_threads(people):
    one, three = (sy.fit_linear("y ~ a*C(kind) + b", people, cluster="region", threads=k) for k in (1, 3))
    assert (one.params == three.params).all() and (one.cov == three.cov).all().all() and (one.df == three.df).all()


def test_precision_double_agrees_in_many_digits(people):
    two, one = (sy.fit_linear("y ~ a + b + c", people, precision=p) for p in ("double-double", "double"))
    assert two.method == "QR in double-double" and one.method != two.method
    close(one.params, two.params, 1e-11)


def test_a_fit_pickles_and_answers_as_before(fit, duncan):
    copy = pickle.loads(pickle.dumps(fit))
    assert repr(copy) == repr(fit)
    pd.testing.assert_series_equal(copy.predict(NEW), fit.predict(NEW))
    pd.testing.assert_frame_equal(copy.diagnostics().rows, fit.diagnostics().rows)
    assert repr(copy.anova(3)) == repr(fit.anova(3))


def test_later_edits_of_the_frame_do_no_harm(duncan):
    data = duncan.copy()
    fit = sy.fit_linear(DUNCAN, data)
    before = repr(fit)
    data.loc[:, "income"] = 0
    assert repr(fit) == before and abs(fit.residuals.sum()) < 1e-10


def test_edits_of_rows_too_many_to_copy_are_noticed():
    random = np.random.default_rng(3)
    data = {"y": random.normal(size=2_200_000), "x": random.normal(size=2_200_000)}
    fit = sy.fit_linear("y ~ x", data)
    data["x"][:] = data["x"] + 1 + data["y"]
    with pytest.raises(sy.SteelyardError, match="^data: the rows are no longer those that were fitted"):
        fit.residuals


def test_a_fit_is_read_only(fit):
    with pytest.raises(AttributeError):
        fit.r2 = 1
    fit.params["income"] = 0
    fit.cov.loc["income"] = 0
    assert fit.params["income"] != 0 and fit.cov.loc["income", "income"] > 0


def test_aliased_columns_are_named_and_keep_their_place(duncan):
    with pytest.warns(sy.SteelyardWarning, match="^double adds nothing beyond the columns before it"):
        fit = sy.fit_linear("prestige ~ income + double + education", duncan.assign(double=2 * duncan["income"]))
    plain = sy.fit_linear("prestige ~ income + education", duncan)
    assert fit.aliased == ["double"] and list(fit.params.index) == ["(Intercept)", "income", "double", "education"]
    assert fit.to_frame().loc[2].isna().sum() == 7
    close(fit.params.drop("double"), plain.params)
    close(fit.std_error.drop("double"), plain.std_error)
    new = NEW.assign(double=0)
    close(fit.predict(new, interval="confidence"), plain.predict(new, interval="confidence"))
    assert "Aliased, without a coefficient: double." in repr(fit)


def test_missing_rows_are_counted_and_left_out(duncan):
    holes = duncan.copy()
    holes.loc[3, "income"] = np.nan
    holes.loc[7, "type"] = None
    fit = sy.fit_linear(DUNCAN, holes)
    whole = sy.fit_linear(DUNCAN, duncan.drop([3, 7]))
    close(fit.params, whole.params, 1e-14)
    assert (fit.n, fit.rows_used, fit.provenance["rows_dropped"]) == (43, 43, 2)
    assert fit.fitted.isna().sum() == 2 and list(fit.fitted.index) == list(holes.index)
    assert "Rows: 45 read, 43 used, 2 dropped for missing values." in repr(fit)
    with pytest.raises(sy.DataError, match="missing"):
        sy.fit_linear(DUNCAN, holes, missing="error")


def test_a_saturated_fit_says_so(duncan):
    with pytest.warns(sy.SteelyardWarning, match="the fit is exact: 45 coefficients for 45 rows"):
        fit = sy.fit_linear("prestige ~ C(occupation)", duncan)
    assert fit.df_resid == 0 and np.isnan(fit.sigma) and fit.std_error.isna().all()
    close(fit.fitted, duncan["prestige"], 1e-13)


def test_shares_of_a_fit_are_shares_of_its_rows(duncan):
    holes = duncan.assign(income=duncan["income"].where(duncan.index != 4))
    fit = sy.fit_linear(DUNCAN, holes)
    by_fit = sy.shares(fit, blocks={"means": "income + education", "kind": "C(type)"})
    by_rows = sy.shares(holes.dropna(), "prestige", {"means": "income + education", "kind": "C(type)"})
    close(by_fit.blocks["share"], by_rows.blocks["share"])
    close([by_fit.total, by_fit.total], [by_rows.total, fit.r2])
    assert list(sy.shares(fit).blocks["block"]) == ["income", "education", "factor(type)"]
    assert sy.shares(fit).n == 44
    with pytest.raises(sy.SteelyardError, match="^outcome: the fit already holds its outcome; leave it out$"):
        sy.shares(fit, "prestige")
    with pytest.raises(sy.SteelyardError, match="^blocks: there is no incme; the nearest name is income"):
        sy.shares(fit, blocks=["incme"])


def test_the_print_says_what_was_fitted_first(fit):
    lines = repr(fit).splitlines()
    assert lines[:5] == [
        "Linear model of prestige: income + education + factor(type), 45 rows",
        "R2 0.9131, adjusted 0.9044; sigma 9.74417, 40 degrees of freedom",
        "All terms together: F 105.03 on 4 and 40, p <0.0001", "",
        "term         estimate  std error      t  df        p    low   high"]
    assert lines[6] == "income          0.598      0.089   6.69  40  <0.0001  0.417  0.778"
    assert lines[-3] == "Covariance: classical; limits (95 %): t with 40 degrees of freedom."
    assert lines[-1] == "Coefficients are associations given the other terms, not effects."
    longer = str(fit.summary())
    assert "\nincome        0.59755    0.08936   6.69  40  <0.0001  0.41695  0.77814\n" in longer
    assert "Provenance:\n- version: " in longer and "- formula: prestige ~ income + education + factor(type)" in longer
    assert all(word in fit._repr_html_() for word in ("type[wc]", "<table>", "not effects"))


def test_glance_is_one_row_with_brooms_names(fit):
    row = fit.glance().iloc[0]
    close(row[["r_squared", "sigma", "log_lik", "aic", "nobs"]], [
        0.91306570099845086, 9.7441710073339536, -163.65223242916963, 339.30446485833926, 45], 1e-12)


@pytest.mark.parametrize("options, words", [
    ({"covariance": "CR2"}, '^covariance: "CR2" needs clusters; name them in cluster$'),
    ({"covariance": "HC1", "cluster": "type"}, '^covariance: "HC1" does not use the clusters'),
    ({"covariance": "hc1"}, '^covariance: "hc1" is not one of "classical", "HC0"'),
    ({"coding": "helmert"}, '^coding: "helmert" is not one of "treatment", "sum"$'),
    ({"level": 95}, "^level: 95 is not between 0 and 1$"), ({"level": "high"}, "^level: "),
    ({"missing": "drop"}, '^missing: "drop"'), ({"precision": "quad"}, '^precision: "quad"'),
    ({"threads": 0}, "^threads: 0"), ({"weights": "income"}, "^weight_kind: weights need their kind"),
    ({"absorb": "tpye"}, "^absorb: there is no tpye; the nearest name is type"),
    ({"cluster": ["type", "ocupation"]}, "^cluster: there is no ocupation"),
    ({"weights": "income", "weight_kind": "sampling", "covariance": "classical"}, "^covariance: classical")])
def test_options_name_what_is_wrong(duncan, options, words):
    with pytest.raises(sy.SteelyardError, match=words):
        sy.fit_linear(DUNCAN, duncan, **options)


@pytest.mark.parametrize("change, words", [
    ({"prestige": 5.0}, "^prestige: is constant"), ({"income": np.inf}, "income: row 1 is infinite"),
    ({"income": np.nan}, "income is missing"), ({"type": "one"}, "^type: only one of its levels has rows")])
def test_data_that_cannot_bear_a_fit_are_refused(duncan, change, words):
    with pytest.raises(sy.SteelyardError, match=words):
        sy.fit_linear(DUNCAN, duncan.assign(**change))


def test_too_few_rows_and_moments_are_refused(duncan):
    with pytest.raises(sy.SteelyardError, match="no rows|0 rows"):
        sy.fit_linear("prestige ~ income", duncan[:0])
    with pytest.raises(sy.SteelyardError, match=r"^data: fit_linear\(\) needs rows; moments hold only sums$"):
        sy.fit_linear("prestige ~ income", sy.moments(duncan, ["prestige", "income"]))
    with pytest.raises(sy.SteelyardError, match='^formula: column "type" holds text; write C'):
        sy.fit_linear("prestige ~ type", duncan)


def test_a_hundred_fits_and_refusals_hold_nothing(duncan):
    for _ in range(100):
        with warnings.catch_warnings(), pytest.raises(sy.SteelyardError):
            sy.fit_linear("prestige ~ income", duncan.assign(prestige=1.0))
        sy.fit_linear("prestige ~ income", duncan)


def test_plots_draw_what_the_frame_says(fit, duncan):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    axis = fit.plot()
    assert [label.get_text() for label in axis.get_yticklabels()] == list(fit.params.index[1:])
    points = next(line for line in axis.lines if line.get_marker() == "s")
    np.testing.assert_array_equal(points.get_xdata(), fit.params[1:])
    residual = fit.plot("residuals")
    points = next(line for line in residual.lines if line.get_marker() == "o")
    np.testing.assert_array_equal(points.get_ydata(), fit.residuals)
    points = next(line for line in fit.plot("qq").lines if line.get_marker() == "o")
    np.testing.assert_array_equal(points.get_ydata(), np.sort(fit.diagnostics().rows["standardised"]))
    matplotlib.pyplot.close("all")
    with pytest.raises(sy.SteelyardError, match='^kind: "pie" is not one of "coefficients", "residuals"'):
        fit.plot("pie")
