# SPDX-License-Identifier: GPL-3.0-only
"""Confounding. Darfur with its villages as a factor of 486 levels: cases.csv and confounding.csv (sensemakr 0.1.6);
E-values and Oster's delta have theirs in tests/core/test_reference_confounding.c."""
import csv
import math
import pathlib
import pickle

import pandas as pd
import pytest

import steelyard as sy

REFERENCE = pathlib.Path(__file__).parents[1] / "reference"
FORMULA = "peacefactor ~ directlyharmed + age + farmer_dar + herder_dar + pastvoted + hhsize_darfur + female"


@pytest.fixture(scope="module")
def darfur():
    return pd.read_csv(REFERENCE / "data" / "darfur.csv")


@pytest.fixture(scope="module")
def fit(darfur):
    return sy.fit_linear(f"{FORMULA} + C(village)", darfur)


def test_darfur_as_published(fit):
    c = sy.confounding(fit, "directlyharmed", benchmarks="female")
    r, b, checked = c.robustness.iloc[0], c.bounds, 0
    single = {"estimate": r["estimate"], "se": r["std_error"], "t": r["statistic"], "dof": r["df"],
              "partial_r2": r["partial_r2"], "f2": r["f2"], "rv_q": r["robustness_value"],
              "rv_qa": r["robustness_value_alpha"]}
    columns = {"bound_r2dz": "r2_treatment", "bound_r2yz": "r2_outcome", "adj_estimate": "estimate",
               "adj_se": "std_error", "adj_t": "statistic"}
    with open(REFERENCE / "cases.csv") as file:
        for case in csv.DictReader(file):
            if case["case"] != "S24_darfur_sensemakr":
                continue
            name = case["quantity"]
            found = single[name] if name in single else b[columns[name[:-3]]][int(name[-2]) - 1]
            assert found == pytest.approx(float(case["expected"]), rel=float(case["tol_rel"])), name
            checked += 1
    assert checked == 23


def test_groups_of_terms_and_whole_factors(fit):
    groups = {"work": ["farmer_dar", "herder_dar"], "person": "age + female + hhsize_darfur", "village": "C(village)"}
    c = sy.confounding(fit, "directlyharmed", benchmarks=groups, kd=1, ky=3)
    with open(REFERENCE / "confounding.csv") as file:
        expected = {(row["case"], row["quantity"]): float(row["expected"]) for row in csv.DictReader(file)}
    for name in ("work", "person"):
        row = c.bounds.set_index("benchmark").loc[name]
        for quantity, key in (("r2_treatment",) * 2, ("r2_outcome",) * 2, ("estimate",) * 2, ("t", "statistic")):
            assert row[key] == pytest.approx(expected[f"darfur {name} 1 3", quantity], rel=1e-9)
    village = c.benchmarks.set_index("benchmark").loc["village"]
    assert village["columns"] == 485
    for quantity in ("r2_treatment", "r2_outcome"):
        assert village[quantity] == pytest.approx(expected["darfur village", quantity], rel=1e-9)


def test_impossible_bounds_are_told(fit):
    c = sy.confounding(fit, "directlyharmed", benchmarks=["C(village)"])
    assert c.bounds["estimate"].isna().tolist() == [False, True, True]
    assert c.remarks["code"].tolist() == ["boundary"] * 3
    assert "no confounder can be as strong as 2 times C(village)" in repr(c)


def test_from_print_alone():
    c = sy.confounding(t=4.184, df=783)
    r = c.robustness.iloc[0]
    assert round(r["robustness_value"], 4) == 0.1388 and round(r["robustness_value_alpha"], 4) == 0.0762
    assert "13.9 % of what is left of both the term and the outcome" in c.text
    assert c.adjusted(0.1, 0.1)["estimate"].isna().all() and c.bounds.empty
    assert c.contours(3)["estimate"][0] == 1
    full = sy.confounding(t=4.184, df=783, estimate=0.0973)
    assert full.robustness["std_error"][0] == pytest.approx(0.0973 / 4.184, rel=1e-14)
    assert full.adjusted([0.1, 0.2], 0.3)["estimate"].notna().all()
    assert pickle.loads(pickle.dumps(full)).text == full.text


def test_a_clustered_fit_keeps_the_classical_t_and_says_so(darfur, fit):
    plain = sy.fit_linear(FORMULA, darfur)
    clustered = sy.fit_linear(FORMULA, darfur, cluster="village")
    a, b = (sy.confounding(f, "directlyharmed", benchmarks="female") for f in (plain, clustered))
    assert a.robustness["robustness_value"][0] == b.robustness["robustness_value"][0]
    assert math.isnan(a.robustness["robustness_value_robust"][0])
    assert b.robustness["robustness_value_robust"][0] > 0 and b.provenance["covariance"] == "CR2"
    assert "By the fit's own CR2 error" in b.text and "classical ones, whatever the fit's covariance" in repr(b)
    row = b.adjusted(*b.bounds[["r2_treatment", "r2_outcome"]].iloc[0])
    ratio = clustered.std_error["directlyharmed"] / plain.std_error["directlyharmed"]
    assert row["robust_std_error"][0] == pytest.approx(ratio * row["std_error"][0], rel=1e-12)


def test_strengths_needed_and_contours(fit):
    c = sy.confounding(fit, "directlyharmed", q=0.5, alpha=0.1)
    e = c.extreme([1, 0.4])
    left = c.adjusted(e["needed"].tolist(), e["r2_outcome"].tolist())
    assert left["remaining"].tolist() == pytest.approx([0.5, 0.5], rel=1e-12)
    grid = c.contours(4, limit=0.3)
    assert len(grid) == 16 and grid["r2_treatment"].max() == 0.3
    one = c.adjusted(0.3, 0.1).iloc[0]
    row = grid[(grid["r2_treatment"] == 0.3) & (abs(grid["r2_outcome"] - 0.1) < 1e-12)].iloc[0]
    assert row["estimate"] == pytest.approx(one["estimate"], rel=1e-12)


@pytest.mark.parametrize("arguments, said", [
    ({"term": "directlyharmd"}, "term: there is no directlyharmd; the nearest name is directlyharmed"),
    ({"term": "C(village)"}, r"term: C\(village\) has 485 columns; name one of them"),
    ({"term": None}, "term: name the term in question"),
    ({"term": "female", "benchmarks": ["female"]}, "benchmarks: female holds female, the term itself"),
    ({"term": "female", "benchmarks": {"none": []}}, 'benchmarks: "none" holds no term'),
    ({"term": "female", "kd": (1, 2), "ky": (1, 2, 3)}, "ky: 3 numbers were given for 2 of kd"),
    ({"term": "female", "t": 3}, "t: a fit has its own"),
    ({"term": "female", "q": 0}, "q: 0;"),
])
def test_questions_are_checked(fit, arguments, said):
    with pytest.raises(sy.SteelyardError, match=said):
        sy.confounding(fit, **arguments)


def test_prints_are_checked(fit):
    with pytest.raises(sy.SteelyardError, match="df: give a fit and a term"):
        sy.confounding(t=3)
    with pytest.raises(sy.SteelyardError, match="fit: a result of fit_linear"):
        sy.confounding(3, "x")
    with pytest.raises(sy.SteelyardError, match="t: 2 is not estimate over std_error, 3"):
        sy.confounding(t=2, df=20, estimate=3, std_error=1)
    with pytest.raises(sy.SteelyardError, match="benchmarks: they need a fit"):
        sy.confounding(t=2, df=20, benchmarks="x")
    with pytest.raises(sy.SteelyardError, match="r2_treatment: 1; a strength from 0 to below 1"):
        sy.confounding(fit, "female").adjusted(1, 0.5)
    with pytest.raises(sy.SteelyardError, match="limit: 1 is not between 0 and 1"):
        sy.confounding(fit, "female").contours(3, limit=1)


def test_e_values():
    e = sy.e_value(3.9, 1.8, 8.7)
    assert round(e["e_value"][0], 2) == 7.26 and round(e["e_value_limit"][0], 2) == 3.0
    assert sy.e_value(0.25, measure="difference", std_error=0.08)["e_value_limit"][0] == pytest.approx(1.39981789, abs=1e-8)
    assert sy.e_value(3.9, true=3.9)["e_value"][0] == 1
    with pytest.raises(sy.SteelyardError, match='measure: "or" is not one of'):
        sy.e_value(3, measure="or")
    with pytest.raises(sy.SteelyardError, match="low: 4 is above the estimate, 3.9"):
        sy.e_value(3.9, 4, 8)


def test_oster_from_a_fit_and_from_print():
    cars = pd.read_csv(REFERENCE / "data" / "mtcars.csv")
    fit = sy.fit_linear("mpg ~ wt + hp + qsec", cars)
    a = sy.oster(fit, "wt", r_max=0.9)
    assert a["delta_star"][0] == pytest.approx(1.151136, abs=5e-7)  # robomit 1.0.7, six decimals
    assert a["beta_star"][0] == pytest.approx(-2.000185, abs=5e-7)
    short = sy.fit_linear("mpg ~ wt", cars)
    left = sy.fit_linear("wt ~ hp + qsec", cars)
    b = sy.oster(estimate_short=short.params["wt"], r2_short=short.r2, estimate=fit.params["wt"], r2=fit.r2,
                 var_outcome=short.tss, var_treatment=left.tss, var_left=left.rss, r_max=0.9)
    assert b["delta_star"][0] == pytest.approx(a["delta_star"][0], rel=1e-10)
    kept = sy.oster(fit, "wt", kept="hp", r_max=0.9)
    assert kept["estimate_short"][0] == pytest.approx(sy.fit_linear("mpg ~ wt + hp", cars).params["wt"], rel=1e-12)
    with pytest.raises(sy.SteelyardError, match="r_max: 0.5;"):
        sy.oster(fit, "wt", r_max=0.5)
    with pytest.raises(sy.SteelyardError, match="r2_short: give a fit and a term, or all of"):
        sy.oster(estimate_short=1)
    with pytest.raises(sy.SteelyardError, match="kept: wt is the term itself"):
        sy.oster(fit, "wt", kept=["wt"])


def test_the_picture_has_the_bounds(fit):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    c = sy.confounding(fit, "directlyharmed", benchmarks=["female"])
    for kind in ("estimate", "t"):
        ax = c.plot(kind)
        assert [text.get_text() for text in ax.texts if "female" in text.get_text()] == ["1, 2, 3 x female"]
        diamonds = [line for line in ax.lines if line.get_marker() == "D"]
        assert len(diamonds) == 1 and list(diamonds[0].get_xdata()) == list(c.bounds["r2_treatment"])
    sy.confounding(t=3, df=50).plot()
    with pytest.raises(sy.SteelyardError, match='kind: "x" is not one of'):
        c.plot("x")
    matplotlib.pyplot.close("all")
