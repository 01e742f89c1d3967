# SPDX-License-Identifier: GPL-3.0-only
"""Outcomes as people answer them: two answers, counts, ordered answers."""
import numpy as np
import pandas as pd

from . import _columns
from ._errors import SteelyardError

BINARY, POISSON, NEGATIVE_BINOMIAL, ORDINAL = range(4)
LINKS = {"logit": 0, "probit": 1, "cloglog": 2, "log": 3}
THRESHOLDS = {"free": 0, "symmetric": 1, "equidistant": 2}
FAMILIES = {"poisson": POISSON, "negative_binomial": NEGATIVE_BINOMIAL}
_LEVELS_LISTED = 8


def put_outcome(design, term, kind, trials=None):
    """The term's index in the design, its column read as the kind of model needs it."""
    values, name = design.values(term.factors[0], "formula"), term.label
    if kind == ORDINAL:
        return design.put(term, (name, *_ordered(values, name, term), 0))
    is_factor = _columns.is_factor(values) or term.factors[0].kind == "factor"
    if is_factor and (kind != BINARY or trials is not None):
        what = "successes are numbers" if kind == BINARY else "counts are whole numbers"
        raise SteelyardError(f"formula: the outcome {name} is a factor; {what}")
    if is_factor:
        return design.put(term, (name, *_columns.factor(values), 0))
    return design.add(term, "formula")


def _ordered(values, name, term):
    """(codes, levels) of ordered answers: an ordered categorical as it is, whole numbers by size."""
    series = values if isinstance(values, pd.Series) else pd.Series(values)
    if isinstance(series.dtype, pd.CategoricalDtype) and series.cat.ordered and term.factors[0].kind != "factor":
        return _columns.categories(series, keep_unused=True)
    codes, levels = _columns.factor(series)
    if isinstance(series.dtype, pd.CategoricalDtype) or term.factors[0].kind == "factor":
        _refuse(name, "an unordered factor", levels)
    try:
        numbers, _ = _columns.numbers(series, name, "formula")
    except SteelyardError:
        _refuse(name, "text", levels)
    part = np.asarray(numbers, dtype=np.float64)
    broken = part[np.isfinite(part) & (part != np.floor(part))]
    if len(broken):
        raise SteelyardError(f"formula: the outcome {name} holds {broken[0]:.15g}; ordered answers are whole numbers or "
                             "an ordered categorical")
    return codes, levels


def _refuse(name, what, levels):
    shown = ", ".join(f'"{level}"' for level in levels[:_LEVELS_LISTED]) + (
        ", ..." if len(levels) > _LEVELS_LISTED else "")
    raise SteelyardError(f"formula: the outcome {name} is {what}; put its levels in order, lowest first: "
                         f"pd.Categorical(data[\"{name}\"], [{shown}], ordered=True)")


def answers_of(model):
    """The outcome's answers that are in use, lowest first; none for counts."""
    if model.kind not in (BINARY, ORDINAL):
        return ()
    place = model.design[1][model.places["outcome"]][1][0][0]
    levels = model.design[0][place][2]
    if model.places["trials"] >= 0:
        return ("failure", "success")
    return ("0", "1") if levels is None else tuple(levels[code] for code in model.levels_used(place))
