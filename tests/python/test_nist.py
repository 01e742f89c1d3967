# SPDX-License-Identifier: GPL-3.0-only
"""NIST's 31 statistical reference data sets: every certified quantity to 15
digits, from plain double columns; powers of x are built by the core."""
import functools
import math
import pathlib

import pandas as pd
import pytest

import steelyard as sy

NIST = pathlib.Path(__file__).parents[1] / "reference" / "nist"
CERTIFIED = pd.read_csv(NIST / "certified.csv", dtype=str)
SETS = list(CERTIFIED[["kind", "set"]].drop_duplicates().itertuples(index=False, name=None))
DEGREE = {"Norris": 1, "Pontius": 2, "Filip": 10, **{f"Wampler{i}": 5 for i in range(1, 6)}}
DIGITS = 15


def read(kind, name):
    """The numbers after the last line that begins with "Data:"."""
    lines = (NIST / kind / f"{name}.dat").read_text().splitlines()
    first = max(i for i, line in enumerate(lines) if line.startswith("Data:")) + 1
    rows = [line.split() for line in lines[first:] if any(c.isdigit() for c in line)]
    return [pd.Series([float(value) for value in column]) for column in zip(*rows)]


def formula_of(name, count):
    if name == "Longley":
        return "y ~ " + " + ".join(f"x{i}" for i in range(1, count + 1))
    if name.startswith("NoInt"):
        return "y ~ x1 - 1"
    return "y ~ x1" + "".join(f" + I(x1**{k})" for k in range(2, DEGREE[name] + 1))


def lls(name):
    y, *x = read("lls", name)
    fit = sy.fit_linear(formula_of(name, len(x)), {"y": y, **{f"x{i + 1}": column for i, column in enumerate(x)}})
    whole = fit.anova(type=1).model
    first = 0 if "(Intercept)" in fit.params else 1
    found = {f"B{first + i}": b for i, b in enumerate(fit.params)}
    found |= {f"SE{first + i}": s for i, s in enumerate(fit.std_error)}
    return found | {"rsd": fit.sigma, "r2": fit.r2, "ssr": whole["sumsq"], "msr": whole["sumsq"] / whole["df"],
                    "F": fit.f, "sse": fit.rss, "mse": fit.rss / fit.df_resid}


def anova(name):
    group, y = read("anova", name)
    fit = sy.fit_linear("y ~ C(group)", {"group": group, "y": y})
    between, within = fit.anova(type=1).to_dict("records")
    return {"ssb": between["sumsq"], "msb": between["meansq"], "F": between["statistic"], "ssw": within["sumsq"],
            "msw": within["meansq"], "r2": fit.r2, "rsd": fit.sigma}


def univ(name):
    row = sy.describe({"y": read("univ", name)[0]}, "y").iloc[0]
    return {"mean": row["mean"], "sd": row["sd"], "r1": row["autocorrelation_1"]}


FOUND = {"lls": lls, "anova": anova, "univ": univ}


@functools.lru_cache(maxsize=None)
def answers(kind, name):
    return FOUND[kind](name)


def digits(found, certified):
    """Correct digits against the 40 of certified.csv, read as the nearest double."""
    exact = float(certified)
    if found == exact:
        return math.inf
    return -math.log10(abs(found - exact) / (abs(exact) or 1)) if math.isfinite(found) else 0.0


def test_291_values_of_31_sets_are_asked():
    assert len(SETS) == 31 and len(CERTIFIED) == 291


@pytest.mark.parametrize("kind, name", SETS)
def test_every_certified_quantity_has_15_digits(kind, name):
    rows = CERTIFIED[(CERTIFIED["kind"] == kind) & (CERTIFIED["set"] == name)]
    found = answers(kind, name)
    short = {row.quantity: (found[row.quantity], row.exact_40_digits) for row in rows.itertuples()
             if digits(found[row.quantity], row.exact_40_digits) < DIGITS}
    assert set(rows["quantity"]) <= set(found) and not short
