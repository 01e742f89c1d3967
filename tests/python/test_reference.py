# SPDX-License-Identifier: GPL-3.0-only
"""tests/reference/cases.csv: each number of the families that shares(),
other_metrics(), fit_linear() and fit_ordinal() answer, to the tolerance of its line. R runs
the same."""
import functools
import pathlib
import warnings

import pandas as pd
import pytest

import steelyard as sy

REFERENCE = pathlib.Path(__file__).parents[1] / "reference"
CASES = pd.read_csv(REFERENCE / "cases.csv", float_precision="round_trip")

LATER = {"bootstrap", "commonality", "dominance", "mi_pool", "oaxaca", "sensitivity", "survey"}
MIXED = {"glmm", "lmm", "lmm_ddf", "lmm_r2", "ordinal_mixed"}  # test_mixed.py
SHARES = {"lmg": "share", "last": "unique", "first": "alone"}
OTHER = {"last": "last", "first": "first", "betasq": "beta_squared", "pratt": "pratt", "genizi": "genizi",
         "car": "car"}


@functools.lru_cache(maxsize=None)
def sums(name):
    frame = pd.read_csv(REFERENCE / "data" / f"{name}.csv", float_precision="round_trip")
    return sy.moments(frame, list(frame.columns))


@functools.lru_cache(maxsize=None)
def answer(name, outcome, predictors):
    return sy.shares(sums(name), outcome, predictors.split("+"), interval=None)


def shapley(case):
    """model: "y ~ a+b+c; remark"; quantity: "lmg[a]" or "r2"."""
    outcome, predictors = case.model.split(";")[0].split(" ~ ")
    s = answer(case.data, outcome, predictors)
    if case.quantity == "r2":
        return [s.total]
    metric, term = case.quantity[:-1].split("[")
    places = [(s.blocks.rename(columns={"block": "term"}), SHARES), (s.other_metrics(), OTHER)]
    return [frame.set_index("term").loc[term, names[metric]] for frame, names in places if metric in names]


def all_subsets(case):
    """quantity: "r2[a+b]"; the outcome is the column that is in no subset."""
    subsets = CASES.loc[CASES["case"] == case.case, "quantity"]
    used = {term for subset in subsets for term in subset[3:-1].split("+")}
    outcome, = set(sums(case.data).labels) - used
    return [answer(case.data, outcome, case.quantity[3:-1]).total]


def part(quantity):
    """("coef", "income") of "coef[income]"; ("r2", "") of "r2"."""
    kind, _, term = quantity.partition("[")
    return kind, term[:-1]


@functools.lru_cache(maxsize=None)
def fitted(name, formula, **options):
    frame = pd.read_csv(REFERENCE / "data" / f"{name}.csv", float_precision="round_trip")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sy.SteelyardWarning)
        return sy.fit_linear(formula, frame, **options), frame


SCALARS = {"sigma": "sigma", "r2": "r2", "adj_r2": "r2_adjusted", "F": "f", "loglik": "loglik", "aic": "aic",
           "bic": "bic"}
ROWS = {"hat": "leverage", "cook": "cook", "rstudent": "studentised"}


def ols(case):
    """Duncan: prestige ~ income + education + type."""
    fit, frame = fitted("duncan", "prestige ~ income + education + C(type)")
    kind, term = part(case.quantity)
    if kind in SCALARS:
        return [getattr(fit, SCALARS[kind])]
    if kind == "gvif":
        terms = {"type": "factor(type)"}
        tables = [fit.vif(), fit.diagnostics().terms]
        return [table.set_index("term").loc[terms.get(term, term), "gvif"] for table in tables]
    if kind in ROWS:
        rows = fit.diagnostics().rows.set_index(frame["occupation"])
        return [rows.loc[term, ROWS[kind]]] + ([fit.leverage[frame["occupation"] == term].item()]
                                               if kind == "hat" else [])
    label = term.replace("typeprof", "type[prof]").replace("typewc", "type[wc]")
    return [(fit.params if kind == "coef" else fit.std_error)[label],
            fit.to_frame().set_index("term").loc[label, "estimate" if kind == "coef" else "std_error"]]


def wls(case):
    """Prestige with analytic weights; a row with an unknown type is left out."""
    kind, term = part(case.quantity)
    frame = pd.read_csv(REFERENCE / "data" / "prestige.csv", float_precision="round_trip").dropna(subset=["type"])
    fit = sy.fit_linear("prestige ~ education + income + women", frame, weights="census", weight_kind="analytic",
                        covariance="HC3" if kind == "HC3" else None)
    if kind in SCALARS:
        return [getattr(fit, SCALARS[kind])]
    return [(fit.params if kind == "coef" else fit.std_error)[term]]


def robust_se(case):
    kind, term = part(case.quantity)
    fit, _ = fitted("publicschools", "Expenditure ~ Income + I(Income**2)",
                    covariance={"const": "classical", "coef": "HC0"}.get(kind, kind))
    label = {"I(Income^2)": "Income^2"}.get(term, term)
    return [(fit.params if kind == "coef" else fit.std_error)[label]]


def cluster_se(case):
    kind, term = part(case.quantity)
    name = kind if kind.startswith("CR") else "CR2"
    fit, _ = fitted("grunfeld", "inv ~ value + capital", cluster="firm", covariance=name)
    found = {"coef": fit.params, "df_satt_CR2": fit.df, "p_satt_CR2": fit.pvalues}.get(kind, fit.std_error)
    return [found[term]]


MOORE = {"fcat": "factor(fcat)", "partner": "factor(partner)", "fcat:partner": "factor(fcat):factor(partner)"}


def anova(case):
    """Type III by either coding of the fit: the table's own is always sum to zero."""
    which, term = part(case.quantity)
    kind, quantity = which.split("_")
    found = []
    for coding in ("treatment", "sum"):
        fit, _ = fitted("moore", "conformity ~ C(fcat)*C(partner)", coding=coding)
        table = fit.anova(kind).set_index("term")
        found.append(table.loc[MOORE.get(term, term), {"ss": "sumsq", "F": "statistic", "p": "p_value"}[quantity]])
    return found


EFFECTS = {"peta2": "partial_eta_squared", "pomega2": "partial_omega_squared", "pepsilon2": "partial_epsilon_squared",
           "peta2_lo": "conf_low", "peta2_hi": "conf_high"}


def effect_size(case):
    """Negative omega and epsilon are reported as 0."""
    kind, term = part(case.quantity)
    value = fitted("moore", "conformity ~ C(fcat)*C(partner)")[0].anova(3).set_index("term").loc[
        MOORE[term], EFFECTS[kind]]
    return [max(value, 0.0) if kind in ("pomega2", "pepsilon2") else value]


ORDERED = {"Sat": ["Low", "Medium", "High"], "Infl": ["Low", "Medium", "High"],
           "Type": ["Tower", "Apartment", "Atrium", "Terrace"], "Cont": ["Low", "High"]}


@functools.lru_cache(maxsize=None)
def rated(name):
    frame = pd.read_csv(REFERENCE / "data" / f"{name}.csv", float_precision="round_trip")
    if name == "wine":
        return sy.fit_ordinal("rating ~ C(temp) + C(contact)", frame)
    for column, levels in ORDERED.items():
        frame[column] = pd.Categorical(frame[column], levels, ordered=column == "Sat")
    return sy.fit_ordinal("Sat ~ Infl + Type + Cont", frame, weights="Freq", weight_kind="frequency")


def ordinal(case):
    """quantity: "threshold[Low|Medium]", "coef[InflHigh]", "se[tempwarm]", "loglik"."""
    kind, term = part(case.quantity)
    fit = rated(case.data)
    if kind in ("loglik", "aic"):
        return [getattr(fit, kind)]
    names = [name for name in ("Infl", "Type", "Cont", "temp", "contact") if term.startswith(name)]
    label = f"{names[-1]}[{term[len(names[-1]):]}]" if names else term
    return [(fit.std_error if kind == "se" else fit.params)[label]]


RUNNERS = {"shapley": shapley, "all_subsets": all_subsets, "ols": ols, "wls": wls, "robust_se": robust_se,
           "cluster_se": cluster_se, "anova": anova, "effect_size": effect_size, "ordinal": ordinal}

# R's pf(ncp = ) stops its sum at an absolute error of 1e-9 (AS 226), which the
# root passes on: the file's two numbers are right to 7 digits. These are the
# same roots in 30 digits (mpmath), and are held to 1e-12.
EXACT = {"peta2_lo[partner]": 0.0374648543261853766, "peta2_lo[fcat:partner]": 0.00146600952720583477}
RUN = [case for case in CASES.itertuples() if case.family in RUNNERS]


def test_every_family_has_a_runner_or_belongs_to_a_later_version():
    assert not LATER & set(RUNNERS)
    assert set(CASES["family"]) == LATER | MIXED | set(RUNNERS)


def test_all_240_numbers_are_run():
    assert len(RUN) == 67 + 141 + 32
    assert (CASES["tol_rel"] > 0).all() and max(case.tol_rel for case in RUN) <= 1e-7


@pytest.mark.parametrize("case", RUN, ids=[f"{case.case}-{case.quantity}" for case in RUN])
def test_reference(case):
    found = RUNNERS[case.family](case)
    expected = EXACT.get(case.quantity, case.expected)
    allowed = (1e-12 if case.quantity in EXACT else case.tol_rel) * (abs(expected) or 1)
    assert abs(expected - case.expected) <= 1e-7 * abs(expected)
    assert found and all(abs(value - expected) <= allowed for value in found), found
