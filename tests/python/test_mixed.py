# SPDX-License-Identifier: GPL-3.0-only
"""fit_mixed: the reference cases S15 to S22, published fits (T11 to T13, T15, T16), questions asked of a fit, prints,
refusals. R runs the same (test-mixed.R)."""
import functools
import pathlib
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest

import steelyard as sy

REFERENCE = pathlib.Path(__file__).parents[1] / "reference"
CASES = pd.read_csv(REFERENCE / "cases.csv", float_precision="round_trip")
FAMILIES = {"ordinal_mixed", "lmm", "lmm_ddf", "lmm_r2", "glmm"}
ORDERS = {"temp": ["cold", "warm"], "contact": ["no", "yes"]}


@functools.lru_cache(maxsize=None)
def read(name):
    frame = pd.read_csv(REFERENCE / "data" / f"{name}.csv", float_precision="round_trip")
    for column, levels in ORDERS.items():
        if column in frame and name == "wine":
            frame[column] = pd.Categorical(frame[column], levels)
    if name == "mathachieve":
        frame["within"] = frame["SES"] - frame["MEANSES"]
    return frame


@functools.lru_cache(maxsize=None)
def fitted(name, formula, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sy.SteelyardWarning)  # few groups
        return sy.fit_mixed(formula, read(name), **options)


def sd(fit, group, effect="(Intercept)"):
    v = fit.variance
    return v[(v["group"] == group) & (v["effect"] == ("" if group == "Residual" else effect))
             & (v["effect_2"] == "")]["sd"].item()


def answer(fit, kind, inside):
    """What a quantity such as "sd[Subject:Days]" is in the fit."""
    group, _, effect = inside.partition(":")
    if kind in ("fixef", "coef", "threshold"):
        return fit.params[inside]
    if kind == "se":
        return fit.std_error[inside]
    if kind == "sd":
        return sd(fit, group, effect or "(Intercept)")
    if kind == "cor":
        return fit.variance["correlation"].dropna().item()
    if kind == "ranef_int":
        frame = fit.ranef()
        return frame[(frame["effect"] == "(Intercept)") & (frame["level"] == inside)]["estimate"].item()
    return {"loglik": fit.loglik, "loglik_reml": fit.loglik, "aic": fit.aic, "bic": fit.bic,
            "deviance": fit.criterion, "reml_criterion": fit.criterion}[kind]


def wine(case):
    names = {"tempwarm": "temp[warm]", "contactyes": "contact[yes]", "judge": "judge"}
    fit = fitted("wine", "rating ~ temp + contact + (1 | judge)", family="ordinal")
    kind, _, inside = case.quantity.rstrip("]").partition("[")
    return answer(fit, kind, names.get(inside, inside))


def sleepstudy(case):
    fit = fitted("sleepstudy", "Reaction ~ Days + (Days | Subject)", reml="reml" in case.case)
    kind, _, inside = case.quantity.rstrip("]").partition("[")
    return answer(fit, kind, inside)


def dyestuff(case):
    kind, _, inside = case.quantity.rstrip("]").partition("[")
    how, _, kind = kind.rpartition("_") if not kind.endswith("criterion") else ("reml", "", "criterion")
    fit = fitted("dyestuff", "Yield ~ 1 + (1 | Batch)", reml=how != "ml")
    if kind == "icc":
        return fit.icc()["estimate"].item()
    return answer(fit, {"criterion": "reml_criterion"}.get(kind, kind), inside)


def penicillin(case):
    fit = fitted("penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)", reml=False)
    kind, _, inside = case.quantity.rstrip("]").partition("[")
    return answer(fit, kind, inside)


def cbpp(case):
    fit = fitted("cbpp", "incidence ~ C(period) + (1 | herd)", family="binary", trials="size")
    kind, _, inside = case.quantity.rstrip("]").partition("[")
    return answer(fit, kind, inside.replace("period", "period[") + "]" if "period" in inside else inside)


def freedom(case):
    kind, _, inside = case.quantity.rstrip("]").partition("[")
    how, _, what = kind.partition("_")
    fit = fitted("sleepstudy", "Reaction ~ Days + (Days | Subject)",
                 df={"satt": "satterthwaite", "kr": "kenward-roger"}[how])
    return {"df": fit.df, "p": fit.pvalues, "se": fit.std_error}[what][inside]


def r2(case):
    fit = fitted("sleepstudy", "Reaction ~ Days + (Days | Subject)")
    return fit.r2()[case.quantity.removeprefix("r2_")]


RUNNERS = {"S15": wine, "S16": sleepstudy, "S17": sleepstudy, "S18": dyestuff, "S19": penicillin, "S20": cbpp,
           "S21": freedom, "S22": r2}
# lmerTest differences the Hessian numerically, which leaves five digits; in balanced data its degrees of freedom are
# the 17 of 18 subjects, and p follows by R's pt().
EXACT = {"satt_df[(Intercept)]": 17.0, "satt_df[Days]": 17.0, "satt_p[(Intercept)]": 1.1708875409156e-17,
         "satt_p[Days]": 3.2637880713318e-06}
RUN = [case for case in CASES.itertuples() if case.family in FAMILIES]


def test_all_112_numbers_are_run():
    assert len(RUN) == 112 and {case.case[:3] for case in RUN} == set(RUNNERS)


@pytest.mark.parametrize("case", RUN, ids=[f"{case.case}-{case.quantity}" for case in RUN])
def test_reference(case):
    found, expected = RUNNERS[case.case[:3]](case), EXACT.get(case.quantity, case.expected)
    if case.quantity in EXACT:
        assert expected == pytest.approx(case.expected, rel=1e-3)
    assert found == pytest.approx(expected, rel=1e-9 if case.quantity in EXACT else case.tol_rel, abs=0)


# (data, formula, options) and what was printed: (what, value, half of the last place)
PUBLISHED = [
    ("T11 wine, Laplace", "wine", "rating ~ temp + contact + (1 | judge)", {"family": "ordinal"},
     {"temp[warm]": (3.063, .595), "contact[yes]": (1.835, .513), "judge": 1.279, "loglik": -81.57}),
    ("T11 wine, 10 points", "wine", "rating ~ temp + contact + (1 | judge)", {"family": "ordinal", "nodes": 10},
     {"temp[warm]": (3.062, .595), "contact[yes]": (1.833, .512), "judge": 1.288, "loglik": -81.532}),
    ("T12 one-way", "mathachieve", "MathAch ~ 1 + (1 | School)", {},
     {"(Intercept)": (12.64, .24), "School": 8.61, "Residual": 39.15, "criterion": 47116.793}),
    ("T12 means as outcomes", "mathachieve", "MathAch ~ MEANSES + (1 | School)", {},
     {"(Intercept)": (12.65, .15), "MEANSES": (5.86, .36), "School": 2.64, "Residual": 39.16, "criterion": 46961.285}),
    ("T12 random coefficients", "mathachieve", "MathAch ~ within + (within | School)", {},
     {"(Intercept)": (12.65, .24), "within": (2.19, .13), "School": 8.68, "Residual": 36.70, "criterion": 46714.235}),
    ("T13 sleepstudy", "sleepstudy", "Reaction ~ Days + (Days | Subject)", {},
     {"(Intercept)": (251.405, 6.825), "Days": (10.467, 1.546), "criterion": 1743.628}),
    ("T13 intercepts", "sleepstudy", "Reaction ~ Days + (1 | Subject)", {}, {"criterion": 1786.465}),
    ("T15 null", "exam", "normexam ~ 1 + (1 | school)", {"reml": False},
     {"(Intercept)": (-.013, .054), "school": .169, "Residual": .848, "criterion": 11010.65}),
    ("T15 intake score", "exam", "normexam ~ standLRT + (1 | school)", {"reml": False},
     {"(Intercept)": (.002, .040), "standLRT": (.563, .012), "school": .092, "Residual": .566, "criterion": 9357.24}),
    ("T15 slopes", "exam", "normexam ~ standLRT + (standLRT | school)", {"reml": False},
     {"(Intercept)": (-.012, .040), "standLRT": (.557, .020), "school": .090, "Residual": .554, "criterion": 9316.87})]


def half(value):
    """Half a unit of the last place that a printed number has."""
    return 0.5000001 * 10.0 ** -len(repr(value).partition(".")[2])


@pytest.mark.parametrize("name, formula, options, printed", [one[1:] for one in PUBLISHED],
                         ids=[one[0] for one in PUBLISHED])
def test_published_fits(name, formula, options, printed):
    fit = fitted(name, formula, **options)
    variance = fit.variance[(fit.variance["effect_2"] == "") & fit.variance["effect"].isin(["", "(Intercept)"])]
    variance = variance.set_index("group")["variance"]
    for what, value in printed.items():
        if isinstance(value, tuple):
            assert fit.params[what] == pytest.approx(value[0], abs=half(value[0]), rel=0)
            assert fit.std_error[what] == pytest.approx(value[1], abs=2 * half(value[1]), rel=0)
        else:
            found = getattr(fit, what) if what in ("loglik", "criterion") else variance[what]
            assert found == pytest.approx(value, abs=half(value), rel=0), what


@pytest.fixture(scope="module")
def sleep():
    return fitted("sleepstudy", "Reaction ~ Days + (Days | Subject)")


def test_a_fit_says_what_was_fitted_before_the_numbers(sleep):
    assert repr(sleep) == """\
Linear mixed model of Reaction: Days + (1 + Days | Subject), 180 rows
Groups: 18 levels of Subject
Restricted maximum likelihood: criterion 1743.628, log likelihood -871.814, 6 parameters, AIC 1755.63
Intraclass correlation 0.7217; R2 marginal 0.2787, conditional 0.7992

random effect         variance       sd  correlation
Subject: (Intercept)    612.09  24.7405            -
Subject: Days          35.0717  5.92213       0.0656
Residual               654.941  25.5918            -

term         estimate  std error      t    df        p    low   high
(Intercept)     251.4        6.8  36.84  17.0  <0.0001  237.0  265.8
Days             10.5        1.5   6.77  17.0  <0.0001    7.2   13.7

Limits (95 %): t with Satterthwaite degrees of freedom.
""" + repr(sleep).split("\n")[-2] + """
Coefficients are associations given the other terms, not effects."""
    assert repr(sleep).split("\n")[-2].startswith("Converged after ")
    assert "251.405      6.825  36.84" in str(sleep.summary()) and "- df: " not in str(sleep.summary())
    assert "Subject: Days" in sleep._repr_html_()


def test_an_ordinal_fit_prints_thresholds_apart():
    lines = repr(fitted("wine", "rating ~ temp + contact + (1 | judge)", family="ordinal")).split("\n")
    assert lines[:4] == ["Ordinal mixed model of rating: temp + contact + (1 | judge), 72 rows",
                         "Levels: 1 < 2 < 3 < 4 < 5", "Groups: 9 levels of judge",
                         "Laplace approximation, logit link: criterion 163.131, log likelihood -81.565, 7 parameters, "
                         "AIC 177.13"]
    assert "threshold  estimate  std error      z        p    low   high" in lines


def test_effects_of_groups_add_up_to_the_fitted_values(sleep):
    frame, data = sleep.ranef(), read("sleepstudy")
    u = frame.pivot(index="level", columns="effect", values="estimate").loc[data["Subject"].astype(str)]
    by_hand = (sleep.params["(Intercept)"] + u["(Intercept)"].to_numpy()
               + (sleep.params["Days"] + u["Days"].to_numpy()) * data["Days"])
    assert np.allclose(sleep.fitted, by_hand, rtol=1e-12, atol=0)
    assert np.allclose(sleep.residuals, data["Reaction"] - by_hand, rtol=0, atol=1e-9)
    assert np.allclose(sleep.predict(), sleep.fitted, rtol=1e-15)
    assert np.allclose(sleep.predict(data), sleep.fitted, rtol=1e-12)
    assert np.allclose(sleep.predict(data, effects=False),
                       sleep.params["(Intercept)"] + sleep.params["Days"] * data["Days"], rtol=1e-14)


def test_levels_not_seen_have_effects_of_zero(sleep):
    rows = pd.DataFrame({"Days": [3.0, 3.0, np.nan], "Subject": ["308", "new", "308"]}, index=["a", "b", "c"])
    found = sleep.predict(rows)
    assert found.index.tolist() == ["a", "b", "c"] and np.isnan(found["c"])
    assert found["b"] == pytest.approx(sleep.predict(rows, effects=False)["b"], rel=1e-15)
    assert found["a"] == pytest.approx(sleep.fitted[3], rel=1e-12)


def test_predictions_of_other_families_come_back_too():
    wine, fit = read("wine"), fitted("wine", "rating ~ temp + contact + (1 | judge)", family="ordinal")
    assert np.allclose(fit.predict(wine), fit.fitted, rtol=1e-10)
    assert np.allclose(fit.predict(wine, effects=False).sum(axis=1), 1, rtol=1e-14)
    cows = read("cbpp")
    fit = fitted("cbpp", "incidence ~ C(period) + (1 | herd)", family="binary", trials="size")
    assert np.allclose(fit.predict(cows), fit.fitted, rtol=1e-10)
    assert np.allclose(fit.predict(cows, kind="linear"), np.log(fit.fitted / (1 - fit.fitted)), rtol=1e-9, atol=1e-9)
    assert np.allclose(fit.residuals, cows["incidence"] / cows["size"] - fit.fitted, rtol=0, atol=1e-12)


def test_wald_profile_and_bootstrap_limits(sleep):
    wald, profile = sleep.conf_int(), sleep.conf_int(method="profile")
    assert wald.index.tolist() == ["(Intercept)", "Days"]
    # lme4 1.1-31: confint(lmer(Reaction ~ Days + (Days | Subject))), printed to these digits
    expected = {"sd[Subject:(Intercept)]": (14.3814, 37.7159), "sd[Subject:Days]": (3.8012, 8.7534),
                "cor[Subject:(Intercept),Days]": (-.4815, .6850), "sd[Residual]": (22.8983, 28.8580),
                "(Intercept)": (237.6807, 265.1295), "Days": (7.3587, 13.5759)}
    for name, (low, high) in expected.items():
        assert profile.loc[name].tolist() == pytest.approx([low, high], abs=2e-3)
    one = sleep.profile(parameters="sd[Residual]")
    assert one["parameter"].tolist() == ["sd[Residual]"]
    boot = sleep.bootstrap(200, seed=3)
    assert boot.replicates.shape == (200, 6) and (boot["conf_low"] < boot["estimate"]).all()
    assert (boot["std_error"] > 0).all() and "200 parametric bootstrap fits, seed 3" in str(boot)
    again = sleep.bootstrap(200, seed=3)
    assert again.replicates.equals(boot.replicates)


def test_ranks_are_the_order_of_the_effects(sleep):
    league = sleep.ranef(ranks=True, top=0.2, draws=2000)
    first = league[league["effect"] == "(Intercept)"]
    assert (first["expected_rank"].rank() == first["estimate"].rank()).all()
    assert first["expected_rank"].sum() == pytest.approx(18 * 19 / 2, rel=1e-9)
    assert first["p_top"].sum() == pytest.approx(4, rel=1e-9)  # 20 % of 18 is 4
    assert ((first["rank_low"] <= first["expected_rank"]) & (first["expected_rank"] <= first["rank_high"])).all()
    assert "the 20 % largest, smallest (2000 draws, seed 1)" in str(league)


def test_tests_of_terms_and_combinations(sleep):
    table = sleep.anova()
    assert table["term"].tolist() == ["Days"]
    assert table["statistic"].item() == pytest.approx(sleep.to_frame()["statistic"][1] ** 2, rel=1e-9)
    assert table["df_resid"].item() == pytest.approx(17, rel=1e-9)
    joint = sleep.contrasts({"week": {"Days": 7}})
    assert joint["estimate"].item() == pytest.approx(7 * sleep.params["Days"])
    assert joint.f == pytest.approx(table["statistic"].item(), rel=1e-9)
    with pytest.raises(sy.SteelyardError, match="kenward-roger"):
        fitted("sleepstudy", "Reaction ~ Days + (Days | Subject)", reml=False).anova(df="kenward-roger")


def test_a_variance_of_nothing_is_exactly_zero_and_said():
    random = np.random.default_rng(5)
    x, g = random.normal(size=120), np.repeat(np.arange(12), 10)
    e = random.normal(size=120)
    data = pd.DataFrame({"y": x + e - pd.Series(e).groupby(g).transform("mean"), "x": x, "g": g})
    fit = sy.fit_mixed("y ~ x + (1 | g)", data)
    assert sd(fit, "g") == 0 and (fit.ranef()["estimate"] == 0).all()
    assert fit.remarks["code"].tolist() == ["boundary"] and "Remarks:" in repr(fit)


def test_a_fit_pickles(sleep):
    again = pickle.loads(pickle.dumps(sleep))
    assert repr(again) == repr(sleep) and again.ranef().equals(sleep.ranef())
    assert again.predict(read("sleepstudy")[:5]).equals(sleep.predict(read("sleepstudy")[:5]))


def test_threads_do_not_change_a_bit():
    one = sy.fit_mixed("normexam ~ standLRT + (standLRT | school)", read("exam"), threads=1)
    two = sy.fit_mixed("normexam ~ standLRT + (standLRT | school)", read("exam"), threads=2)
    assert one.params.equals(two.params) and one.theta.equals(two.theta) and one.cov.equals(two.cov)


def test_nested_groups_are_two_terms():
    a = sy.fit_mixed("angle ~ temp + (1 | recipe/batch)", read("cake"))
    b = sy.fit_mixed("angle ~ temp + (1 | recipe) + (1 | recipe:batch)", read("cake"))
    assert a.formula == b.formula == "angle ~ temp + (1 | recipe) + (1 | recipe:batch)"
    assert a.variance.equals(b.variance) and list(a.groups) == ["recipe", "recipe:batch"]


def test_drawings(sleep):
    plt = pytest.importorskip("matplotlib.pyplot")
    for kind in ("league", "coefficients", "qq"):
        axes = sleep.plot(kind)
        assert axes.get_xlabel()
        axes.figure.canvas.draw()
        plt.close(axes.figure)
    axes = sleep.league_plot(effect="Days")
    axes.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in axes.get_yticklabels()]
    assert len(boxes) == 18 and not any(a.overlaps(b) for a, b in zip(boxes, boxes[1:]))
    plt.close(axes.figure)


def test_a_group_may_be_a_term_and_an_offset_too():
    data = read("exam")
    fit = sy.fit_mixed("normexam ~ school + schavg + (1 | school)", data, offset="schavg")
    assert fit.params.index.tolist() == ["(Intercept)", "school", "schavg"]
    plain = sy.fit_mixed("normexam ~ school + schavg + (1 | school)", data)
    assert fit.params["schavg"] == pytest.approx(plain.params["schavg"] - 1, rel=1e-9)
    assert np.allclose(fit.predict(data), plain.predict(data), rtol=0, atol=1e-9)
    assert ", offset schavg, 4059 rows" in repr(fit)


def test_weights_and_lost_rows_are_said():
    data = read("exam").assign(w=np.arange(4059) % 3 + 1)
    data.loc[[0, 9], "standLRT"] = np.nan
    fit = sy.fit_mixed("normexam ~ standLRT + (1 | school)", data, weights="w", weight_kind="analytic")
    lines = repr(fit).split("\n")
    assert "Rows: 4059 read, 4057 used, 2 dropped for missing values." in lines
    assert "Weights: analytic, sum 8116." in lines
    whole = sy.fit_mixed("normexam ~ standLRT + (1 | school)", data, weights="w", weight_kind="frequency")
    rows = sy.fit_mixed("normexam ~ standLRT + (1 | school)", data.loc[data.index.repeat(data["w"])])
    assert whole.n == rows.n == 8116 and np.allclose(whole.params, rows.params, rtol=1e-10)
    assert np.allclose(whole.std_error, rows.std_error, rtol=1e-9) and np.allclose(whole.df, rows.df, rtol=1e-7)


def test_several_correlations_have_a_column_each():
    lines = repr(sy.fit_mixed("normexam ~ standLRT + (1 + standLRT + schavg | school)", read("exam"))).split("\n")
    header = next(line for line in lines if line.startswith("random effect"))
    assert header.split() == ["random", "effect", "variance", "sd", "cor", "1", "cor", "2"]
    assert all(line == line.rstrip() for line in lines)


def test_intraclass_correlations_of_several_groups():
    table = fitted("penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)").icc()
    v = fitted("penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)").variance["variance"].to_numpy()
    assert table["group"].tolist() == ["plate", "sample", "all"]
    expected = [v[0] / v.sum(), v[1] / v.sum(), (v[0] + v[1]) / v.sum()]
    assert table["estimate"].tolist() == pytest.approx(expected, rel=1e-12)
    assert ((table["conf_low"] < table["estimate"]) & (table["estimate"] < table["conf_high"])).all()


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(2)
    n = 60
    return pd.DataFrame({"y": random.normal(size=n), "x": random.normal(size=n), "g": np.repeat(np.arange(12), 5),
                         "one": "only", "each": np.arange(n), "w": random.uniform(1, 2, n),
                         "b": random.integers(0, 2, n), "k": random.poisson(2, n),
                         "o": pd.Categorical(random.choice(["low", "mid", "high"], n)), "t": "text"})


@pytest.mark.parametrize("formula, options, error, message", [
    ("y ~ x + (1 | one)", {}, sy.SteelyardError,
     "formula: one has rows in one level only (only); a grouping factor needs two"),
    ("y ~ x + (1 | each)", {}, sy.DataError, "each"),
    ("y ~ x + (1 + x + I(x**2) + I(x**3) + I(x**4) | g)", {}, sy.DataError, "effects"),
    ("y ~ x + (1 | g)", {"weights": "w", "weight_kind": "sampling"}, sy.SteelyardError,
     "weights: w are sampling weights; a mixed model needs those of each stage of selection"),
    ("y ~ x + (1 | gg)", {}, sy.SteelyardError, 'formula: there is no gg; the nearest name is g'),
    ("y ~ x * (1 | g)", {}, sy.SteelyardError, 'formula: "x * (1 | g)": a bar term stands by itself, added with +'),
    ("y ~ x + (1 | g) + (x | g)", {}, sy.SteelyardError, "formula: two bar terms on g have an effect in common"),
    ("o ~ x + (1 | g)", {"family": "ordinal"}, sy.SteelyardError,
     "formula: the outcome o is an unordered factor; put its levels in order, lowest first"),
    ("o ~ x + (1 | g)", {}, sy.SteelyardError, "formula: the outcome must be one numeric column"),
    ("o ~ x - 1 + (1 | g)", {"family": "ordinal"}, sy.SteelyardError,
     'formula: "- 1" has no meaning here; the thresholds are the intercepts'),
    ("y ~ x + (t | g)", {}, sy.SteelyardError, 'formula: column "t" holds text; write C(t) to use it as a factor'),
    ("y ~ x + (1 | g)", {"family": "count"}, sy.DataError, "y"),
    ("y ~ x + (1 | g)", {"family": "gauss"}, sy.SteelyardError, 'family: "gauss" is not one of "linear", "binary"'),
    ("y ~ x + (1 | g)", {"link": "logit"}, sy.SteelyardError, 'link: "logit" was given; a linear model has none'),
    ("b ~ x + (1 | g)", {"family": "binary", "link": "log"}, sy.SteelyardError, 'link: "log" is not one of "logit"'),
    ("b ~ x + (1 | g)", {"family": "binary", "df": "satterthwaite"}, sy.SteelyardError,
     'df: "satterthwaite" is for linear models; the tests of others are normal'),
    ("y ~ x + (1 | g)", {"df": "kenward-roger", "reml": False}, sy.SteelyardError,
     'df: "kenward-roger" rests on restricted maximum likelihood; ask for reml = True'),
    ("y ~ x + (1 | g)", {"nodes": 5}, sy.SteelyardError, "nodes: 5 were given; a linear model needs no quadrature"),
    ("y ~ x + (1 | g)", {"trials": "k"}, sy.SteelyardError, 'trials: only outcomes of family = "binary" have them'),
    ("y ~ x + (1 | g)", {"reml": 1}, sy.SteelyardError, "reml: 1 is neither True nor False"),
    ("y ~ x + (1 | g)", {"weights": "w"}, sy.SteelyardError, "weight_kind: weights need their kind")])
def test_what_cannot_be_is_refused_in_words(rows, formula, options, error, message):
    with pytest.raises(error) as caught:
        sy.fit_mixed(formula, rows, **options)
    assert message in str(caught.value)


@pytest.mark.filterwarnings("ignore::steelyard.SteelyardWarning")
def test_questions_for_linear_models_are_refused_by_others(rows):
    fit = sy.fit_mixed("b ~ x + (1 | g)", rows, family="binary")
    for ask in (fit.profile, fit.bootstrap, fit.anova):
        with pytest.raises(sy.SteelyardError, match="linear models; this is a binary mixed model"):
            ask()
    ordinal = sy.fit_mixed("o ~ x + (1 | g)", rows.assign(o=pd.cut(rows["x"] + rows["y"], 3)), family="ordinal")
    with pytest.raises(sy.SteelyardError, match="this is an ordinal mixed model"):
        ordinal.anova()
    with pytest.raises(sy.SteelyardError, match="top: 0.9 is not above 0 and at most 0.5"):
        fit.ranef(top=0.9)
    with pytest.raises(AttributeError):
        fit.params = None


def test_an_intraclass_correlation_outside_its_exact_limits_says_so():
    # five blanks written as noughts, one of them the only row of its council
    panel = sy.datasets.load("councils_panel_2015_2023").dropna(subset=["adjusted_quality_of_life"])
    formula = "adjusted_quality_of_life ~ C(year) + (1 | council)"
    found = sy.fit_mixed(formula, panel).icc()
    assert found["estimate"].iloc[0] < found["conf_low"].iloc[0]
    assert [remark[0] for remark in found.remarks] == ["assumes_normal"]
    assert "lies outside its exact limits" in str(found)
    assert not sy.fit_mixed(formula, panel[panel["adjusted_quality_of_life"] > 0]).icc().remarks


@pytest.mark.parametrize("unit", [1e-9, 1e9])
def test_degrees_of_freedom_know_no_unit_of_the_outcome(unit):
    rows = read("sleepstudy")
    for formula in ("Reaction ~ Days + (1 | Subject)", "Reaction ~ Days + (Days | Subject)"):
        plain = sy.fit_mixed(formula, rows).to_frame()["df"]
        other = sy.fit_mixed(formula, rows.assign(Reaction=unit * rows["Reaction"])).to_frame()["df"]
        np.testing.assert_allclose(other, plain, rtol=1e-5)  # the search ends elsewhere in the last digits
