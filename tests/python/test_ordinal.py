# SPDX-License-Identifier: GPL-3.0-only
"""fit_ordinal against tests/reference/clm.csv (R's ordinal 2022.11.16; clm's order of parameters is ours), predictions
against numbers by hand from its parameters, prints, refusals. R runs the same."""
import functools
import pathlib
import pickle

import numpy as np
import pandas as pd
import pytest

import steelyard as sy

REFERENCE = pathlib.Path(__file__).parents[1] / "reference"
CLM = pd.read_csv(REFERENCE / "clm.csv", float_precision="round_trip")
ORDERS = {"Sat": ["Low", "Medium", "High"], "Infl": ["Low", "Medium", "High"],
          "Type": ["Tower", "Apartment", "Atrium", "Terrace"], "Cont": ["Low", "High"], "temp": ["cold", "warm"],
          "contact": ["no", "yes"]}


@functools.lru_cache(maxsize=None)
def read(name):
    frame = pd.read_csv(REFERENCE / "data" / f"{name}.csv", float_precision="round_trip")
    for column, levels in ORDERS.items():
        if column in frame:
            frame[column] = pd.Categorical(frame[column], levels, ordered=column == "Sat")
    if name == "wine":
        frame["shift"] = frame["bottle"] / 10
    return frame


@functools.lru_cache(maxsize=None)
def fitted(name, model):
    """model: "rating ~ temp; nominal contact; scale temp + contact; equidistant; probit; offset bottle / 10"."""
    formula, *rest = model.split("; ")
    options = {"weights": "Freq", "weight_kind": "frequency"} if name == "housing" else {}
    for part in rest:
        kind, _, terms = part.partition(" ")
        if kind in ("nominal", "scale"):
            options[kind] = f"~ {terms}"
        elif kind == "offset":
            options["offset"] = "shift"
        else:
            options["link" if kind in ("probit", "cloglog") else "thresholds"] = kind
    return sy.fit_ordinal(formula, read(name), **options)


def part(quantity):
    kind, _, place = quantity.partition("[")
    return kind, place[:-1]


FITS = CLM[CLM["quantity"].str.match(r"coef|se|loglik")]


@pytest.mark.parametrize("case", list(dict.fromkeys(FITS["case"])))
def test_fits_are_clms(case):
    """Nominal thresholds in clm: those of the intercept, then those of each column, as here."""
    lines = FITS[FITS["case"] == case]
    fit = fitted(lines["data"].iloc[0], lines["model"].iloc[0])
    found = {"coef": fit.params.to_numpy(), "se": fit.std_error.to_numpy()}
    assert len(fit.params) == sum(lines["quantity"].str.startswith("coef"))
    for line in lines.itertuples():
        kind, place = part(line.quantity)
        value = fit.loglik if kind == "loglik" else found[kind][int(place) - 1]
        assert abs(value - line.expected) <= line.tol_rel * abs(line.expected)



TESTS = {"nominal_test": "lr", "scale_test": "spread", "brant": "brant"}


@pytest.mark.parametrize("case", ["housing_nominal_test", "housing_scale_test", "housing_brant", "wine_brant"])
def test_tests_of_proportional_odds_are_clms_and_brants(case):
    lines = CLM[CLM["case"] == case]
    if case == "wine_brant":
        wine = read("wine").assign(rating=np.clip(read("wine")["rating"], 2, 4))
        fit = sy.fit_ordinal("rating ~ temp + contact", wine)
    else:
        fit = fitted("housing", "Sat ~ Infl + Type + Cont")
    table = fit.proportional(TESTS[case.split("_", 1)[1]])
    assert list(table["term"]) == [*fit._model.terms, "all together"]
    for line in lines.itertuples():
        kind, place = part(line.quantity)
        row = table.iloc[-1 if place == "all" else int(place) - 1]
        value = row["df" if kind == "df" else "statistic"]
        assert abs(value - line.expected) <= line.tol_rel * line.expected


def test_probabilities_by_hand_from_the_parameters():
    fit = fitted("wine", "rating ~ temp + contact")
    new = pd.DataFrame({"temp": ["cold", "warm"], "contact": ["no", "yes"]})
    eta = np.array([0.0, fit.params["temp[warm]"] + fit.params["contact[yes]"]])
    cumulative = 1 / (1 + np.exp(eta[:, None] - fit.params.to_numpy()[:4]))
    found = fit.predict(new, kind="cumulative")
    assert list(found.columns) == ["1", "2", "3", "4"]
    np.testing.assert_allclose(found, cumulative, rtol=1e-13)
    probabilities = fit.predict(new)
    assert list(probabilities.columns) == ["1", "2", "3", "4", "5"]
    np.testing.assert_allclose(probabilities, np.diff(np.column_stack([np.zeros(2), cumulative, np.ones(2)])), rtol=1e-12)
    np.testing.assert_allclose(fit.predict(new, kind="mean"), probabilities @ np.arange(1, 6), rtol=1e-13)
    np.testing.assert_allclose(fit.predict(new, kind="linear"), eta, rtol=1e-13)
    assert fit.predict(new, kind="category").tolist() == ["2", "4"]
    assert fit.predict(new, kind="category").cat.ordered
    assert fit.fitted.shape == (72, 5) and (fit.predict() == fit.fitted).all(axis=None)


def test_limits_of_probabilities_hold_them():
    fit = fitted("wine", "rating ~ temp + contact")
    frame = fit.predict(pd.DataFrame({"temp": ["cold"], "contact": ["no"]}), interval="confidence")
    assert list(frame.columns) == ["row", "category", "fitted", "std_error", "conf_low", "conf_high"]
    assert frame["category"].tolist() == ["1", "2", "3", "4", "5"]
    assert ((0 < frame["conf_low"]) & (frame["conf_low"] < frame["fitted"]) & (frame["fitted"] < frame["conf_high"])
            & (frame["conf_high"] < 1)).all()


def test_effects_on_probabilities_cancel_out():
    fit = fitted("housing", "Sat ~ Infl + Type + Cont")
    frame = fit.effects("Infl")
    assert frame["contrast"].unique().tolist() == ["Medium - Low", "High - Low"]
    sums = frame.groupby("contrast")["estimate"].sum()
    assert (abs(sums) < 1e-14).all()
    high = fit.effects("Infl", at_least="High").set_index("contrast")["estimate"]
    by_category = frame[frame["category"] == "High"].set_index("contrast")["estimate"]
    np.testing.assert_allclose(high, by_category, rtol=1e-12)
    ratios = fit.risk_ratios("Infl", at_least="High")
    np.testing.assert_allclose(ratios["difference"], high, rtol=1e-12)
    np.testing.assert_allclose(ratios["ratio"], ratios["after"] / ratios["before"], rtol=1e-15)


def test_the_housing_table_of_venables_and_ripley():
    """MASS, 4th ed., section 7.3: influence 108.24 on 2 degrees of freedom; odds ratios 1.762, 3.628, ..."""
    fit = fitted("housing", "Sat ~ Infl + Type + Cont")
    table = fit.anova().set_index("term")
    assert round(table.loc["Infl", "statistic"], 2) == 108.24 and table.loc["Infl", "df"] == 2
    assert fit.odds_ratios()["ratio"].round(3).tolist() == [1.762, 3.628, 0.564, 0.693, 0.336, 1.434]
    assert round(fit.explained().set_index("measure").loc["mcfadden", "value"], 5) == 0.04652


def test_numbers_are_ordered_by_size_and_levels_as_they_stand():
    wine = read("wine")
    turned = wine.assign(rating=pd.Categorical(wine["rating"], [1, 2, 3, 4, 5], ordered=True))
    a, b = sy.fit_ordinal("rating ~ temp", wine), sy.fit_ordinal("rating ~ temp", turned)
    assert (a.params == b.params).all() and a.levels == ["1", "2", "3", "4", "5"]
    back = wine.assign(rating=pd.Categorical(wine["rating"], [5, 4, 3, 2, 1], ordered=True))
    c = sy.fit_ordinal("rating ~ temp", back)
    np.testing.assert_allclose(c.params["temp[warm]"], -a.params["temp[warm]"], rtol=1e-9)


def test_an_empty_middle_level_is_said():
    wine = read("wine")
    wine = wine[wine["rating"] != 3].assign(
        rating=lambda d: pd.Categorical(d["rating"], [1, 2, 3, 4, 5], ordered=True))
    fit = sy.fit_ordinal("rating ~ temp", wine)
    assert fit.levels == ["1", "2", "4", "5"]
    assert "empty_level" in set(fit.remarks["code"]) and '3' in fit.remarks["text"].str.cat()


def test_the_print_says_what_was_fitted():
    lines = repr(fitted("wine", "rating ~ temp; nominal contact")).split("\n")
    assert lines[0] == "Ordinal model of rating: temp; nominal contact, logit link, free thresholds, 72 rows"
    assert lines[1] == "Levels: 1 < 2 < 3 < 4 < 5"
    assert lines[2].startswith("Log likelihood -86.209, 9 parameters, AIC 190.42; McFadden R2 0.")
    assert lines[3].startswith("All terms together: likelihood ratio 35.02 on 5, p <0.0001")
    assert lines[5].split() == ["term", "estimate", "std", "error", "z", "p", "low", "high"]
    assert lines[6].split()[:2] == ["temp[warm]", "2.52"]
    assert lines[8].split()[0] == "threshold" and lines[9].split()[0] == "1|2"
    assert any(line.startswith("1|2: contact[yes]") for line in lines)
    assert "Covariance: classical; limits (95 %): normal." in lines
    assert any(line.startswith("Newton's method: ") and ", last relative step " in line for line in lines)
    assert lines[-1] == "Coefficients are associations given the other terms, not effects."


def test_fits_pickle_and_clusters_count():
    fit = sy.fit_ordinal("rating ~ temp + contact", read("wine"), cluster="judge")
    assert fit.covariance == "CR2" and np.isfinite(fit.df).all()
    assert "Covariance: CR2, 9 clusters of judge; limits (95 %): t with Satterthwaite degrees of freedom." in repr(fit)
    again = pickle.loads(pickle.dumps(fit))
    assert repr(again) == repr(fit)
    new = read("wine").iloc[:3]
    assert (again.predict(new) == fit.predict(new)).all(axis=None)
    wald = fit.anova()
    assert repr(wald).startswith("Wald tests of rating, type II, covariance CR2, 72 rows")


REFUSED = [
    (dict(formula="word ~ temp"), r'^formula: the outcome word is text; put its levels in order, lowest first: '
                                  r'pd.Categorical\(data\["word"\], \["bad", "good"\], ordered=True\)$'),
    (dict(formula="bag ~ temp"), '^formula: the outcome bag is an unordered factor; put its levels in order'),
    (dict(formula="C(rating) ~ temp"), "^formula: the outcome factor\\(rating\\) is an unordered factor"),
    (dict(formula="half ~ temp"), "^formula: the outcome half holds 1.5; ordered answers are whole numbers"),
    (dict(formula="rating ~ temp - 1"), '^formula: "- 1" has no meaning here; the thresholds are the intercepts$'),
    (dict(formula="rating ~ temp", nominal="~ temp"), "^nominal: temp is in the formula too; leave it out of one"),
    (dict(formula="rating ~ temp", link="log"), '^link: "log" is not one of "logit", "probit", "cloglog"'),
    (dict(formula="rating ~ temp", thresholds="even"), '^thresholds: "even" is not one of "free"'),
    (dict(formula="rating ~ temp", covariance="HC3"), '^covariance: "HC3" is not one of "classical", "HC0", "HC1"'),
    (dict(formula="rating ~ temp", offset="bag"), '^offset: column "bag" is a factor; numbers are needed$'),
    (dict(formula="rating ~ temp", offset="shif"), "^offset: there is no shif"),
    (dict(formula="one ~ temp"), "one"),
]


@pytest.mark.parametrize("asked,message", REFUSED)
def test_what_cannot_be_ordered_is_refused(asked, message):
    wine = read("wine")
    wine = wine.assign(word=np.where(wine["rating"] > 2, "good", "bad"), half=wine["rating"] - 0.5, one=3,
                       bag=pd.Categorical(np.where(wine["rating"] > 2, "good", "bad")))
    with pytest.raises(sy.SteelyardError, match=message):
        sy.fit_ordinal(**asked, data=wine)


def test_questions_that_do_not_fit_are_refused():
    fit = fitted("wine", "rating ~ temp + contact")
    for call, message in [
            (lambda: fit.risk_ratios("temp"), "^at_least: name the level"),
            (lambda: fit.risk_ratios("temp", at_least="6"), "^at_least: there is no 6"),
            (lambda: fit.effects("tmp"), "^variables: there is no tmp"),
            (lambda: fit.effects("temp", change={"temp": 1}), "^change: temp is a factor"),
            (lambda: fit.predict(kind="odds"), '^kind: "odds" is not one of "response", "linear"'),
            (lambda: fit.predict(kind="category", interval="confidence"), "^interval: an answer has no limits"),
            (lambda: fit.predict({"temp": ["hot"], "contact": ["no"]}),
             r'^data: temp "hot" is not a level of the fit \(cold, warm\)$'),
            (lambda: fit.predict({"temp": ["cold"]}), "^data: there is no contact"),
            (lambda: fit.anova(type=1), "^type: 1 is not one of 2, 3"),
            (lambda: fit.anova(test="lr", covariance="HC1"), '^covariance: test = "lr" uses none'),
            (lambda: fit.anova(test="wald", covariance="CR2"), '^covariance: "CR2" needs clusters'),
            (lambda: fit.proportional("wald"), '^test: "wald" is not one of "brant", "lr", "spread"'),
            (lambda: fit.contrasts({"a": {"tmp": 1}}), "^c: there is no tmp")]:
        with pytest.raises(sy.SteelyardError, match=message):
            call()
    probit = fitted("wine", "rating ~ temp + contact; probit")
    with pytest.raises(sy.SteelyardError, match="^odds_ratios: exp of a coefficient is an odds ratio under the logit"):
        probit.odds_ratios()
