# SPDX-License-Identifier: GPL-3.0-only
"""balance(): other programs' numbers, prints, weights that shares() takes, refusals. R runs the same
(test-balance.R)."""
import csv
import pathlib
import pickle
import re

import numpy as np
import pandas as pd
import pytest

import steelyard as sy

REFERENCE = pathlib.Path(__file__).parents[1] / "reference"
COVARIATES = "age + farmer_dar + herder_dar + pastvoted + hhsize_darfur + female"
PRINTED = """\
Balance of directlyharmed: 1 (529) against 0 (747), 1276 rows
Weights by a propensity score (logit), for those who could be in either group (overlap)

covariate         control  treated  difference  weighted  variance ratio  weighted     KS  weighted
propensity score   0.4084   0.4234       0.248     0.000           1.270     1.010  0.101     0.034
age                 37.67    37.08      -0.040     0.000           0.908     0.943  0.035     0.042
farmer_dar         0.8273   0.8185      -0.023     0.000               -         -  0.009     0.000
herder_dar         0.1205    0.189       0.190     0.000               -         -  0.069     0.000
pastvoted          0.6332   0.6578       0.052     0.000               -         -  0.025     0.000
hhsize_darfur       8.925    9.302       0.067     0.000           0.905     0.767  0.071     0.048
female             0.4726   0.4329      -0.080     0.000               -         -  0.040     0.000

Effective number: 732.8 of 747.0 in 0, 522.6 of 529.0 in 1; largest weight 0.2 % in 0, 0.2 % in 1.
Scores: 0 0.276 to 0.607, 1 0.271 to 0.622; beyond the other group's: 0 of 0, 4 of 1.

outcome      method      control  treated  estimate  std error     t   df       p    low   high
peacefactor  unadjusted    0.297    0.361     0.063      0.024  2.67  485  0.0079  0.017  0.110
peacefactor  weighting     0.303    0.352     0.049      0.018  2.65  485  0.0083  0.013  0.085
peacefactor  aipw          0.303    0.352     0.049      0.019  2.66  485  0.0081  0.013  0.086

Limits (95 %): influence functions over 486 clusters of village, score and regressions counted as estimated, t with \
485 degrees of freedom.
Assumed:
- No unmeasured confounding: given the 6 covariates listed, nothing else bears on both directlyharmed and the \
outcome; no data can show that.
- Overlap: whatever the covariates, people of both groups are found; see the effective numbers.
- One version, no interference: directlyharmed means the same for all who have it, and one person's does not change \
another's outcome.
- Weighting is right when the score is; AIPW when that or the regressions of the outcome are. The difference is that \
of those who could be in either group."""


@pytest.fixture(scope="module")
def darfur():
    return pd.read_csv(REFERENCE / "data" / "darfur.csv")


def asked(case):
    """What a case of balance.csv asks for."""
    estimand = "ATT" if "ATT" in case else "overlap" if "ATO" in case else "ATE"
    link = next((link for link in ("probit", "cloglog") if link in case), "logit")
    return {"estimand": estimand, "method": "entropy" if "entropy" in case else "propensity", "link": link}


def test_estimates_are_those_of_other_programs(darfur):
    """WeightIt, PSweight, ebal, and stacked equations by numeric derivatives."""
    rows = np.arange(1, len(darfur) + 1)
    data = darfur.assign(sampled=1 + rows * 7 % 5 / 2)
    answers, held = {}, 0
    with open(REFERENCE / "balance.csv", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found = re.fullmatch(r"(weighted|aipw)(_cluster_se|_se|)\[(\w+)\]", row["quantity"])
            if not found:
                continue
            method, what, outcome = found.groups()
            key = row["case"], what == "_cluster_se"
            if key not in answers:
                sides = {"weights": "sampled", "weight_kind": "sampling"} if "sampled" in row["case"] else {}
                answers[key] = sy.balance(data, "directlyharmed", COVARIATES, ["peacefactor", "wouldvote"],
                                          cluster="village" if key[1] else None, interval="influence", **sides,
                                          **asked(row["case"])).estimates.set_index(["outcome", "method"])
            value = answers[key].loc[(outcome, {"weighted": "weighting"}.get(method, method)),
                                     "std_error" if what else "estimate"]
            assert value == pytest.approx(float(row["expected"]), rel=float(row["tol_rel"]), abs=0)
            held += 1
    assert held == 108


def test_print(darfur):
    b = sy.balance(darfur, "directlyharmed", COVARIATES, "peacefactor", estimand="overlap", cluster="village")
    assert repr(b) == PRINTED
    assert "0.06341    0.02378" in str(b.summary()) and "Provenance:\n- version: " in str(b.summary())
    assert repr(pickle.loads(pickle.dumps(b))) == PRINTED
    assert b._repr_html_().startswith('<div class="steelyard"')


def test_frames(darfur):
    b = sy.balance(darfur, "directlyharmed", [COVARIATES, "I(age**2)"], ["peacefactor", "wouldvote"])
    assert list(b.estimates.columns) == ["outcome", "method", "mean_control", "mean_treated", "estimate", "std_error",
                                         "statistic", "df", "p_value", "conf_low", "conf_high"]
    assert list(b.estimates["method"]) == ["unadjusted", "weighting", "aipw"] * 2
    assert list(b.table["covariate"]) == ["propensity score", "age", "farmer_dar", "herder_dar", "pastvoted",
                                          "hhsize_darfur", "female", "age^2"]
    assert b.to_frame().equals(b.estimates) and b.to_frame("table").equals(b.table)
    assert b.overlap["people"].tolist() == [747, 529] and b.overlap["level"].tolist() == ["0", "1"]
    assert b.glance().loc[0, "n"] == 1276 and b.glance().loc[0, "worst_after"] < 0.01
    assert b.provenance["interval"] == "influence" and b.provenance["units"] == 1276
    assert b.bins[["control", "treated"]].sum().tolist() == pytest.approx([1, 1])
    assert b.propensity.between(0, 1).all() and len(b.assumptions) == 4
    difference = b.estimates["mean_treated"] - b.estimates["mean_control"]
    assert difference.tolist() == pytest.approx(b.estimates["estimate"].tolist(), abs=1e-14)


def test_weights_go_into_shares(darfur):
    data = darfur.assign(age=darfur["age"].where(darfur.index != 3)).set_index(darfur.index + 100)
    b = sy.balance(data, "directlyharmed", COVARIATES, estimand="ATT", method="entropy")
    assert b.weights.index.equals(data.index) and b.weights.isna().tolist() == (data.index == 103).tolist()
    assert b.propensity.isna().all() and b.estimates.empty
    assert (b.weights[(data["directlyharmed"] == 1) & b.weights.notna()] == 1).all()
    weighted = data.assign(w=b.weights).dropna()
    s = sy.shares(weighted, "peacefactor", ["directlyharmed", "age"], weights="w", weight_kind="sampling")
    # what is left of age beside the treatment no longer depends on who was treated
    fit = sy.fit_linear("directlyharmed ~ " + COVARIATES, weighted, weights="w", weight_kind="sampling")
    assert s.total > 0 and fit.r2 < 1e-20


def test_the_example_runs():
    wages = sy.datasets.load("chicago_wages")
    b = sy.balance(wages, "foreign_born", "age + female", outcome="log_wage", estimand="overlap")
    weighted = wages.assign(w=b.weights.fillna(0))
    s = sy.shares(weighted, "log_wage", ["age", "female"], weights="w", weight_kind="sampling")
    assert 0 < s.total < 1 and b.estimates["estimate"][2] == pytest.approx(-0.22548, abs=5e-6)


def test_groups_may_be_words_and_covariates_factors(darfur):
    data = darfur.assign(harmed=np.where(darfur["directlyharmed"] == 1, "yes", "no"),
                         work=np.where(darfur["farmer_dar"] == 1, "farmer", "other"))
    b = sy.balance(data, "harmed", ["age", "C(work)"], "peacefactor")
    assert b.provenance["control"] == "no" and b.provenance["treated"] == "yes"
    assert list(b.table["covariate"]) == ["propensity score", "age", "work[farmer]", "work[other]"]
    turned = sy.balance(data, "harmed", ["age", "C(work)"], "peacefactor", treated="no")
    assert turned.estimates["estimate"].tolist() == pytest.approx((-b.estimates["estimate"]).tolist(), abs=1e-12)
    truth = sy.balance(data.assign(harmed=data["harmed"] == "yes"), "harmed", ["age", "C(work)"], "peacefactor")
    assert truth.provenance["treated"] == "TRUE"
    assert truth.estimates["estimate"].tolist() == b.estimates["estimate"].tolist()


@pytest.mark.filterwarnings("ignore::steelyard.SteelyardWarning")
def test_interval_and_level(darfur):
    some = darfur.head(60)
    b = sy.balance(some, "directlyharmed", ["age", "female"], "peacefactor", level=0.9)
    assert b.provenance["interval"] == "influence"
    few = sy.balance(some.head(49), "directlyharmed", ["age", "female"], "peacefactor")
    assert few.provenance["interval"] == "jackknife" and few.provenance["df"] == 48
    none = sy.balance(some, "directlyharmed", ["age", "female"], "peacefactor", interval=None)
    assert none.estimates["std_error"].isna().all() and "Limits: none." in repr(none)
    row = b.estimates.loc[2]
    assert row["conf_high"] - row["estimate"] == pytest.approx(1.6710930321 * row["std_error"], rel=1e-9)  # t, 59 df


def test_remarks_warn(darfur):
    data = darfur.assign(age=darfur["age"] + np.where((darfur["directlyharmed"] == 1) & (darfur.index % 40 != 0), 60, 0))
    with pytest.warns(sy.SteelyardWarning, match="of 529 people in 1 weighting leaves an effective number of"):
        b = sy.balance(data, "directlyharmed", COVARIATES, "peacefactor")
    assert set(b.remarks["code"]) == {"overlap"} and "\n- overlap: of 529 people in 1" in repr(b)
    trimmed = sy.balance(darfur, "directlyharmed", COVARIATES, "peacefactor", trim=0.37)
    assert "- trim: " in repr(trimmed) and trimmed.provenance["rows_trimmed"] > 0


@pytest.mark.parametrize(("change", "message"), [
    ({"estimand": "ATC"}, 'estimand: "ATC" is not one of "ATE", "ATT", "overlap"'),
    ({"method": "matching"}, 'method: "matching" is not one of "propensity", "entropy"'),
    ({"clusters": "fixed"}, "clusters: the score can know the clusters when they are named in cluster"),
    ({"covariates": "age + directlyharmed"}, "covariates: directlyharmed is the treatment"),
    ({"covariates": "agee"}, "covariates: there is no agee; the nearest name is age"),
    ({"treatment": "village"}, "treatment: village has 486 levels in use: "),
    ({"treatment": "harmed"}, "treatment: there is no harmed; the nearest name is age"),
    ({"treated": 2}, "treated: there is no 2; the nearest name is 0"),
    ({"outcome": "age"}, "covariates: age is an outcome"),
    ({"weights": "age"}, "weight_kind: weights need their kind"),
    ({"weights": "age", "weight_kind": "analytic"}, "weights: age are analytic; groups of people are balanced with"),
    ({"trim": 0.7}, "trim: 0.7; it must lie between 0 and 0.5"),
    ({"trim": "x"}, "trim: 'x' is not a number"),
    ({"level": 95}, "level: 95 is not between 0 and 1"),
    ({"outcome_type": "binary"}, "outcome: peacefactor is 0.706830720721758 in row 2; a logit regression needs 0 and 1"),
])
def test_refusals(darfur, change, message):
    arguments = {"treatment": "directlyharmed", "covariates": COVARIATES, "outcome": "peacefactor", **change}
    with pytest.raises(sy.SteelyardError) as raised:
        sy.balance(darfur, **arguments)
    assert str(raised.value).startswith(message)


def test_what_parts_the_groups_is_named(darfur):
    apart = darfur.assign(age=np.where(darfur["directlyharmed"] == 1, 60, 30) + darfur.index % 7)
    with pytest.raises(sy.DataError, match="covariates: age tells 0 and 1 apart without error; people on one side"):
        sy.balance(apart, "directlyharmed", COVARIATES)
    with pytest.raises(sy.DataError, match="give them the means aimed at; age stands out most: groups without overlap"):
        sy.balance(apart, "directlyharmed", COVARIATES, method="entropy")


def test_plots(darfur):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    b = sy.balance(darfur, "directlyharmed", COVARIATES)
    axes = b.plot()
    assert [label.get_text() for label in axes.get_yticklabels()][:2] == ["propensity score", "age"]
    assert b.plot("overlap").get_xlabel() == "propensity score of 1"
    assert b.plot(ax=axes) is axes
    pyplot.close("all")
    entropy = sy.balance(darfur, "directlyharmed", COVARIATES, method="entropy")
    with pytest.raises(sy.SteelyardError, match="kind: entropy balancing has no score"):
        entropy.plot("overlap")


def test_few_clusters_are_said_and_the_fewest_have_no_limits_unasked():
    draw = np.random.default_rng(4)
    data = pd.DataFrame({"t": draw.integers(0, 2, 300), "x": draw.normal(size=300), "y": draw.normal(size=300),
                         "two": draw.integers(0, 2, 300), "twelve": draw.integers(0, 12, 300)})
    with pytest.warns(sy.SteelyardWarning, match="no limits: 2 clusters are too few, 6 or more are needed"):
        none = sy.balance(data, "t", "x", outcome="y", cluster="two")
    assert none.estimates["std_error"].isna().all() and "Limits: none." in str(none) and "2 clusters" in str(none)
    with pytest.warns(sy.SteelyardWarning, match="2 clusters: limits were tried in simulations with 25 and more"):
        asked = sy.balance(data, "t", "x", outcome="y", cluster="two", interval="jackknife")
    assert (asked.estimates["df"] == 1).all()
    with pytest.warns(sy.SteelyardWarning, match="12 clusters: limits were tried"):
        assert "12 clusters: limits were tried" in str(sy.balance(data, "t", "x", outcome="y", cluster="twelve"))
