# SPDX-License-Identifier: GPL-3.0-only
"""fit_binary and fit_count: estimates, tests, effects, prints, refusals. Numbers given without another source are of R
4.2.2's glm (run on to the last digit) and MASS 7.3's glm.nb; R runs the same."""
import pathlib
import pickle

import numpy as np
import pandas as pd
import pytest

import steelyard as sy

REFERENCE = pathlib.Path(__file__).parents[1] / "reference" / "data"


def close(found, expected, tolerance=1e-9):
    np.testing.assert_allclose(np.asarray(found, dtype=float), expected, rtol=tolerance, atol=0)


@pytest.fixture(scope="module")
def cars():
    return pd.read_csv(REFERENCE / "mtcars.csv", float_precision="round_trip")


@pytest.fixture(scope="module")
def looms():
    """R's warpbreaks."""
    breaks = [26, 30, 54, 25, 70, 52, 51, 26, 67, 18, 21, 29, 17, 12, 18, 35, 30, 36, 36, 21, 24, 18, 10, 43, 28, 15, 26,
              27, 14, 29, 19, 29, 31, 41, 20, 44, 42, 26, 19, 16, 39, 28, 21, 39, 29, 20, 21, 24, 17, 13, 15, 15, 16, 28]
    return pd.DataFrame({"breaks": breaks, "wool": np.repeat(["A", "B"], 27), "tension": pd.Categorical(
        np.tile(np.repeat(["L", "M", "H"], 9), 2), ["L", "M", "H"])})


@pytest.fixture(scope="module")
def manual(cars):
    return sy.fit_binary("am ~ wt + C(cyl)", cars)


@pytest.fixture(scope="module")
def breaks(looms):
    return sy.fit_count("breaks ~ C(wool)*tension", looms)


def test_a_logit_by_hand():
    """Two groups of 10 with 2 and 5 events: log odds log(2/8) and log(5/5), variance 1/2 + 1/8 + 1/5 + 1/5."""
    data = pd.DataFrame({"y": [1] * 2 + [0] * 8 + [1] * 5 + [0] * 5, "g": [0] * 10 + [1] * 10})
    fit = sy.fit_binary("y ~ g", data)
    close(fit.params, [np.log(0.25), np.log(4)], 1e-13)
    close(fit.std_error, [np.sqrt(1 / 2 + 1 / 8), np.sqrt(1 / 2 + 1 / 8 + 2 / 5)], 1e-12)
    ratio = fit.risk_ratios("g").iloc[0]
    assert ratio["contrast"] == "+1"
    between = fit.risk_ratios("g", change={"g": (0, 1)}).iloc[0]
    close(between[["before", "after", "ratio", "difference"]], [0.2, 0.5, 2.5, 0.3], 1e-12)
    close(fit.odds_ratios().iloc[0]["ratio"], 4, 1e-12)
    truth = sy.fit_binary("y ~ g", data.assign(g=data["g"] == 1)).effects().iloc[0]
    assert truth["contrast"] == "1 - 0"
    close(truth["estimate"], 0.3, 1e-12)


def test_a_logit_is_glms(manual):
    close(manual.params, [20.8527831377274886, -7.8593426370056285, 3.1046264320824042, 5.3794209245255757])
    close(manual.std_error, [8.0318641471495269, 3.0550167624096876, 2.4248499994850903, 3.2006576056559477], 1e-8)
    close(manual.loglik, -7.3305297268114806, 1e-12)
    assert manual.converged and manual.last_step < 1e-10 and manual.link == "logit"
    assert list(manual.params.index) == ["(Intercept)", "wt", "cyl[6]", "cyl[8]"]


def test_predictions_are_glms(manual, cars):
    new = pd.DataFrame({"wt": [2.5, 3.0], "cyl": [4, 8]})
    frame = manual.predict(new, kind="linear", interval="confidence")
    close(frame["fitted"], [1.2044265452134191, 2.6541761512361788])
    close(frame["std_error"], [1.4470139131408715, 1.7302668310121181], 1e-8)
    mean = manual.predict(new, interval="confidence")
    for key in ("fitted", "conf_low", "conf_high"):
        close(mean[key], 1 / (1 + np.exp(-frame[key])), 1e-12)
    both = manual.predict(new, kind="probabilities")
    assert list(both.columns) == ["0", "1"]
    close(both["1"], mean["fitted"], 1e-14)
    assert manual.predict(new, kind="category").tolist() == ["1", "1"]
    close(manual.predict(cars), manual.fitted, 1e-13)


def test_residuals_are_glms(manual, looms):
    # glm stops on the deviance, which leaves its means half the digits
    close(manual.residual("deviance")[:2], [0.26056495274467029, 0.67541211270944101], 1e-7)
    close(manual.residual("pearson")[:2], [0.18582202272514772, 0.50616136171262938], 1e-7)
    close(manual.residuals[:2], 1 - manual.fitted[:2], 1e-12)
    counted = sy.fit_count("breaks ~ C(wool)*tension", looms)
    close((counted.residual("deviance") ** 2).sum(), counted.deviance, 1e-12)
    close((counted.residual("pearson") ** 2).sum(), counted.pearson, 1e-12)


def test_trials_are_rows_of_single_answers(manual, cars):
    grouped = cars.groupby("cyl", as_index=False).agg(am=("am", "sum"), n=("am", "size"))
    fit = sy.fit_binary("am ~ C(cyl)", grouped, trials="n")
    single = sy.fit_binary("am ~ C(cyl)", cars)
    close(fit.params, single.params, 1e-10)
    close(fit.std_error, single.std_error, 1e-9)
    assert repr(fit).split("\n")[1] == "Successes: am, of n"
    vector = sy.fit_binary("am ~ C(cyl)", grouped, trials=grouped["n"].to_numpy())
    assert (vector.params == fit.params).all()


GLM = pd.read_csv(REFERENCE.parent / "glm.csv", float_precision="round_trip")
FACTORS = ("Sat", "Infl", "Type", "Cont", "herd", "period", "Eth", "Sex", "Age", "Lrn", "District", "Group")


def of_reference(family, name, model):
    """model: "incidence ~ period; trials size; logit"; factors in the order in which their levels come."""
    frame = pd.read_csv(REFERENCE / f"{name}.csv", float_precision="round_trip")
    for column in FACTORS:
        if column in frame:
            frame[column] = pd.Categorical(frame[column], frame[column].unique())
    formula, *rest = model.split("; ")
    options = {}
    for part in rest:
        kind, _, column = part.partition(" ")
        options |= {"weights": column, "weight_kind": kind} if kind in ("frequency", "analytic") else (
            {kind: column} if column else {"link": kind})
    if family == "binary":
        return sy.fit_binary(formula, frame, **options)
    return sy.fit_count(formula, frame, family=family, **options)


@pytest.mark.parametrize("case", list(dict.fromkeys(GLM["case"])))
def test_fits_are_glms_to_the_last_of_its_digits(case):
    lines = GLM[GLM["case"] == case]
    fit = of_reference(*lines.iloc[0][["family", "data", "model"]])
    assert (fit.params.notna()).all() and len(fit.params) == lines["quantity"].str.startswith("coef").sum()
    for line in lines.itertuples():
        kind, _, place = line.quantity.partition("[")
        found = getattr(fit, {"coef": "params", "se": "std_error"}.get(kind, kind)) if kind != "deviance_null" else (
            fit._model.summary[kind])
        value = found.iloc[int(place[:-1]) - 1] if place else found
        assert abs(value - line.expected) <= line.tol_rel * abs(line.expected), line.quantity


def test_the_second_level_is_the_event(cars):
    named = cars.assign(gears=np.where(cars["am"] == 1, "manual", "automatic"))
    fit = sy.fit_binary("C(gears) ~ wt", named)
    assert (fit.params == sy.fit_binary("am ~ wt", cars).params).all()
    assert repr(fit).split("\n")[:2] == ["Binary model of factor(gears): wt, logit link, 32 rows",
                                         "Event: factor(gears) = manual"]
    turned = named.assign(gears=pd.Categorical(named["gears"], ["manual", "automatic"]))
    close(sy.fit_binary("gears ~ wt", turned).params, -fit.params, 1e-9)
    assert (sy.fit_binary("am ~ wt", cars.assign(am=cars["am"] == 1)).params == fit.params).all()


def test_a_poisson_is_glms(breaks):
    close(breaks.params, [3.79673684997035021, -0.45662716028803302, -0.61868301962240468, -0.59579872578881654,
                          0.63817681430340589, 0.18836317369335337])
    close(breaks.std_error, [0.049937616943727982, 0.080192103476789151, 0.084400208623224532, 0.083777398287401966,
                             0.122153210971551837, 0.129895419862030209], 1e-8)
    close([breaks.loglik, breaks.deviance, breaks.pearson], [-228.48460447067527, 182.30513128584676, 180.66630380779645],
          1e-11)
    assert "Deviance 182.305, Pearson 180.666, 48 degrees of freedom." in repr(breaks)


def test_a_negative_binomial_is_mass(looms):
    fit = sy.fit_count("breaks ~ C(wool)*tension", looms, family="negative_binomial")
    close(fit.params[:6], [3.79673684997034977, -0.45662716028803230, -0.61868301962240413, -0.59579872578881632,
                           0.63817681430340467, 0.18836317369335323])
    close([fit.theta, fit.loglik], [12.082164620640466, -195.56239921803598], 1e-8)
    close(np.exp(fit.params["log(theta)"]), fit.theta, 1e-12)
    assert repr(fit).split("\n")[1].startswith("Theta 12.1 (std error 3.3)")


def test_an_offset_is_a_coefficient_of_one(looms):
    shifted = looms.assign(yards=np.log(np.arange(1, 55)))
    fit = sy.fit_count("breaks ~ C(wool)", shifted, offset="yards")
    rate = fit.predict(shifted.assign(yards=0.0))
    close(fit.predict(shifted), rate * np.arange(1, 55), 1e-12)
    assert ", offset yards, 54 rows" in repr(fit)
    with pytest.raises(sy.SteelyardError, match="^data: there is no yards"):
        fit.predict(looms)
    close(fit.rate_ratios()["ratio"], np.exp(fit.params[1:]), 1e-14)


def test_frequency_weights_are_repeated_rows(people):
    people = people.assign(hit=people["y"] > 0)
    counted = sy.fit_binary("hit ~ a + C(kind)", people, weights="count", weight_kind="frequency")
    repeated = sy.fit_binary("hit ~ a + C(kind)", people.loc[people.index.repeat(people["count"])])
    close(counted.params, repeated.params, 1e-10)
    close(counted.std_error, repeated.std_error, 1e-10)
    close(counted.explained()["value"], repeated.explained()["value"], 1e-9)
    close(counted.effects()["std_error"], repeated.effects()["std_error"], 1e-9)


def test_defaults_of_the_covariance_follow_the_rows(people):
    people = people.assign(hit=people["y"] > 0)
    assert sy.fit_binary("hit ~ a", people).covariance == "classical"
    weighted = sy.fit_binary("hit ~ a", people, weights="weight", weight_kind="sampling")
    assert weighted.covariance == "HC1" and "normal" in repr(weighted)
    clustered = sy.fit_binary("hit ~ a + b", people, cluster="region")
    assert clustered.covariance == "CR2" and (clustered.df < 30).all()
    joint = clustered.contrasts({"a": {"a": 1}, "b": {"b": 1}})
    close(joint["statistic"] ** 2, (clustered.params / clustered.std_error)[["a", "b"]] ** 2, 1e-12)
    assert repr(joint).startswith("Contrasts of the binary model of hit, 900 rows")
    assert (clustered.effects()["df"] == clustered.df.min()).all()


def test_a_cluster_a_row_is_a_sandwich(cars):
    with pytest.warns(sy.SteelyardWarning, match="32 clusters"):
        rows = sy.fit_binary("am ~ wt", cars, cluster=np.arange(32), covariance="CR0")
    close(rows.std_error, sy.fit_binary("am ~ wt", cars, covariance="HC0").std_error, 1e-10)
    assert (rows.df == 31).all() and "CR0, 32 clusters of cluster;" in repr(rows)


def test_tests_agree_about_one_coefficient(manual):
    wald = manual.anova(test="wald").set_index("term").loc["wt"]
    close(wald["statistic"], (manual.params["wt"] / manual.std_error["wt"]) ** 2, 1e-10)
    assert wald["df_resid"] == np.inf
    lr = manual.anova().set_index("term").loc["wt", "statistic"]
    score = manual.anova(test="score").set_index("term").loc["wt", "statistic"]
    assert wald["statistic"] < score < lr


def test_a_separating_column_is_named(cars):
    with pytest.warns(sy.SteelyardWarning, match="heavy"):
        fit = sy.fit_binary("am ~ heavy", cars.assign(heavy=(cars["am"] == 0).astype(float)))
    assert fit.separated and "separated" in set(fit.remarks["code"])


def test_bits_do_not_depend_on_threads(people):
    people = people.assign(hit=people["y"] > 0)
    one, three = (sy.fit_binary("hit ~ a*C(kind) + b", people, cluster="region", threads=k) for k in (1, 3))
    assert (one.params == three.params).all() and (one.cov == three.cov).all(axis=None)
    assert (one.effects()["std_error"] == three.effects()["std_error"]).all()


def test_fits_are_read_only_and_pickle(manual, cars):
    with pytest.raises(AttributeError, match="read-only"):
        manual.loglik = 0
    again = pickle.loads(pickle.dumps(manual))
    assert repr(again) == repr(manual) and (again.predict(cars) == manual.predict(cars)).all()
    assert list(manual.glance().columns) == ["log_lik", "log_lik_null", "aic", "bic", "deviance", "df_residual",
                                             "statistic", "df", "p_value", "nobs"]
    assert "<table>" in manual._repr_html_() and manual._repr_html_().startswith("<div ")
    assert "- formula: am ~ " in str(manual.summary())
    assert manual.provenance["link"] == "logit" and manual.provenance["rows_read"] == 32


def test_the_fit_keeps_its_own_rows(cars):
    mine = cars.copy()
    fit = sy.fit_binary("am ~ wt", mine)
    before = fit.predict()
    mine["wt"] = 0.0
    assert (fit.predict() == before).all()


def test_missing_values_are_left_out_and_said(cars):
    holes = cars.assign(wt=cars["wt"].mask(cars.index < 3))
    fit = sy.fit_binary("am ~ wt", holes)
    assert "\nRows: 32 read, 29 used, 3 dropped for missing values.\n" in repr(fit)
    assert fit.fitted.isna().tolist()[:4] == [True, True, True, False]
    with pytest.raises(sy.DataError, match="missing"):
        sy.fit_binary("am ~ wt", holes, missing="error")


REFUSED = [
    (sy.fit_binary, dict(formula="gear ~ wt"), "gear"),
    (sy.fit_binary, dict(formula="name ~ wt"), r'^formula: column "name" holds text; write C\(name\)'),
    (sy.fit_binary, dict(formula="C(gear) ~ wt"), "factor\\(gear\\)"),
    (sy.fit_binary, dict(formula="one ~ wt"), "one"),
    (sy.fit_binary, dict(formula="am ~ wt", link="log"), '^link: "log" is not one of "logit", "probit", "cloglog"$'),
    (sy.fit_binary, dict(formula="C(am) ~ wt", trials="gear"), "^formula: the outcome factor\\(am\\) is a factor; "
                                                                "successes are numbers$"),
    (sy.fit_binary, dict(formula="carb ~ wt", trials="am"), "am|carb"),
    (sy.fit_binary, dict(formula="am ~ wt", trials=[1, 2]), "^trials: a vector of 2 values was given for 32 rows$"),
    (sy.fit_binary, dict(formula="am ~ wt", offset="kind"), '^offset: column "kind" is a factor; numbers are needed'),
    (sy.fit_binary, dict(formula="am ~ am"), "^formula: am is both the outcome and a term$"),
    (sy.fit_binary, dict(formula="am ~ wt", weights="carb"), "^weight_kind: weights need their kind"),
    (sy.fit_binary, dict(formula="am ~ wt", covariance="CR2"), '^covariance: "CR2" needs clusters'),
    (sy.fit_binary, dict(formula="am ~ wt", covariance="HC3"), '^covariance: "HC3" is not one of'),
    (sy.fit_binary, dict(formula="am ~ wt", cluster="one"), "one"),
    (sy.fit_binary, dict(formula="am ~ wt", covariance="classical", weights="carb", weight_kind="sampling"), "classical"),
    (sy.fit_binary, dict(formula="am ~ wt", level=1), "^level: 1 is not between 0 and 1$"),
    (sy.fit_count, dict(formula="carb ~ wt", family="gamma"), '^family: "gamma" is not one of "poisson"'),
    (sy.fit_count, dict(formula="wt ~ am"), "wt"),
    (sy.fit_count, dict(formula="minus ~ am"), "minus"),
    (sy.fit_count, dict(formula="C(carb) ~ am"), "^formula: the outcome factor\\(carb\\) is a factor; counts are whole"),
]


@pytest.mark.parametrize("function,asked,message", REFUSED)
def test_what_cannot_be_fitted_is_refused(cars, function, asked, message):
    data = cars.assign(one=1, minus=-cars["carb"], name="car", kind=pd.Categorical(cars["gear"]))
    with pytest.raises(sy.SteelyardError, match=message):
        function(**asked, data=data)


def test_moments_are_refused(cars):
    with pytest.raises(sy.SteelyardError, match="^data: a data frame is needed, this model has no moments$"):
        sy.fit_binary("am ~ wt", sy.moments(cars, ["am", "wt"]))


def test_questions_of_another_model_are_refused(manual, breaks):
    for call, message in [
            (lambda: manual.effects(at_least="1"), "^at_least: only ordinal outcomes"),
            (lambda: manual.effects(kind="cumulative"), '^kind: "cumulative" is not one of "response"$'),
            (lambda: manual.effects(at={"weight": 3}), "^at: there is no weight"),
            (lambda: manual.effects(change={"wt": "more"}), "^change: 'more' is not a number$"),
            (lambda: manual.residual("probability"), '^kind: "probability" is not one of "response", "pearson"'),
            (lambda: breaks.predict(kind="probabilities"), '^kind: "probabilities" is not one of "response", "linear"$'),
            (lambda: manual.predict(interval="prediction"), '^interval: "prediction" is not one of "confidence"$'),
            (lambda: manual.plot("residuals"), '^kind: "residuals" is not one of "coefficients", "effects"')]:
        with pytest.raises(sy.SteelyardError, match=message):
            call()


def test_effects_at_values_and_means(manual):
    held = manual.effects("wt", at={"cyl": 4}).iloc[0]["estimate"]
    assert held == manual.effects("wt", at={"cyl": 4.0}).iloc[0]["estimate"]
    means = manual.effects("wt", at_means=True).iloc[0]["estimate"]
    average = manual.effects("wt").iloc[0]["estimate"]
    assert len({held, means, average}) == 3
    stepped = manual.effects("wt", change={"wt": 1}).iloc[0]
    ratio = manual.risk_ratios("wt").iloc[0]
    assert stepped["contrast"] == "+1"
    close(stepped["estimate"], ratio["difference"], 1e-12)


@pytest.mark.parametrize("kind", ["coefficients", "effects", "probabilities"])
def test_drawings_name_what_they_show(manual, kind):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    axis = manual.plot(kind)
    names = [label.get_text() for label in axis.get_yticklabels()]
    if kind == "coefficients":
        assert names == ["wt", "cyl[6]", "cyl[8]"]
    if kind == "effects":
        assert names == ["wt: slope", "cyl: 6 - 4", "cyl: 8 - 4"]
        assert axis.get_xlabel() == "change in the probability of am = 1, with 95 % limits"
    if kind == "probabilities":
        curve = next(line for line in axis.lines if len(line.get_xdata()) > 2)
        assert axis.get_xlabel() == "wt" and len(curve.get_xdata()) == 21
    matplotlib.pyplot.close("all")
