# SPDX-License-Identifier: GPL-3.0-only
"""Effects of variables on the scale people ask about: average marginal effects, ratios of risks."""
import numpy as np
import pandas as pd

from . import _core, _response_print
from ._columns import level_text
from ._errors import SteelyardError
from ._options import choice, flag, real
from ._outcomes import BINARY, ORDINAL
from ._response_model import PREDICT
from ._tables import Table

_SLOPE, _LEVELS, _STEP, _BETWEEN = range(4)


class Effects(Table):
    """Average marginal effects: one row a variable, a contrast, an answer."""


class Ratios(Table):
    """Ratios of risks, or of coefficients: one row a contrast."""


def _variables(model):
    """Columns of the design that stand in terms, by name."""
    columns = model.design[0]
    return {columns[place][0]: place for t in model.all_terms for place, _ in model.design[1][t][1]}


def first_variable(model):
    name = next(iter(_variables(model)), None)
    if name is None:
        raise SteelyardError("variable: the model has none")
    return name


def place_of_variable(model, name, argument="variable"):
    known = _variables(model)
    name = name[7:-1] if isinstance(name, str) and name.startswith("factor(") else name
    name = name[2:-1] if isinstance(name, str) and name.startswith("C(") else name
    if name not in known:
        _core.find(argument, str(name), tuple(known))
    return known[name]


def _is_truth(vector):
    return vector.dtype == np.uint8 and vector.max(initial=0) <= 1


def _number(value):
    return f"{value:.6g}"


def _change(model, place, asked, sign):
    """((column, kind, from, to), words) of one variable; `sign` stands between the two sides."""
    name, vector, levels, _ = model.design[0][place]
    if asked is None:
        if levels is not None:
            return (place, _LEVELS, 0.0, 0.0), None
        if _is_truth(vector):
            return (place, _BETWEEN, 0.0, 1.0), f"1 {sign} 0"
        return ((place, _SLOPE, 0.0, 0.0), "slope") if sign == "-" else ((place, _STEP, 0.0, 1.0), "+1")
    if levels is not None:
        raise SteelyardError(f"change: {name} is a factor; its levels are compared with the first")
    if np.ndim(asked) == 1 and len(asked) == 2:
        low, high = (real("change", value) for value in asked)
        return (place, _BETWEEN, low, high), f"{_number(high)} {sign} {_number(low)}"
    step = real("change", asked)
    return (place, _STEP, 0.0, step), f"{'+' if step >= 0 else ''}{_number(step)}"


def _held(model, at):
    """Columns held at a value in all rows, as the core reads them."""
    held = []
    for name, value in (at or {}).items():
        place = place_of_variable(model, name, "at")
        levels = model.design[0][place][2]
        if levels is not None:
            label = level_text(value)
            value = levels.index(label) if label in levels else _core.find("at", label, levels)
        held.append((place, float(real("at", value))))
    return tuple(held)


def _cut(model, at_least):
    """The place of a level among the answers in use."""
    label = level_text(at_least)
    return model.answers.index(label) if label in model.answers else _core.find("at_least", label, model.answers)


def scale_of(model, kind, at_least):
    """(what the core averages, cut, words, names of several numbers) of a scale."""
    if at_least is not None:
        if model.kind != ORDINAL:
            raise SteelyardError("at_least: only ordinal outcomes have levels above others")
        cut = _cut(model, at_least)
        return PREDICT["at_least"], cut, f"the probability of {model.outcome} >= {model.answers[cut]}", None
    if model.kind == ORDINAL:
        kind = choice("kind", "probabilities" if kind is None else kind, ["probabilities", "cumulative", "mean"])
        return PREDICT[kind], 0, {
            "probabilities": f"the probability of each answer of {model.outcome}",
            "cumulative": f"the probability of each answer of {model.outcome} or a lower one",
            "mean": f"the mean place of {model.outcome}"}[kind], None if kind == "mean" else model.answers
    choice("kind", "response" if kind is None else kind, ["response"])
    if model.kind == BINARY:
        event = "success" if model.places["trials"] >= 0 else f"{model.outcome} = {model.answers[-1]}"
        return PREDICT["mean"], 0, f"the probability of {event}", None
    return PREDICT["mean"], 0, f"the expected {model.outcome}", None


def compute(model, variables, scale, rest, sign):
    """(names of variables, words of contrasts, categories, numbers, remarks)."""
    change, at, at_means, level = rest
    what, cut, _, answers = scale
    wanted = [variables] if isinstance(variables, str) else list(_variables(model)) if variables is None else variables
    change = {place_of_variable(model, name, "change"): value for name, value in (change or {}).items()}
    places = [place_of_variable(model, name, "variables") for name in wanted]
    asked = [_change(model, place, change.get(place), sign) for place in places]
    if not asked:
        raise SteelyardError("variables: the model has none")
    options = (what, cut, int(flag("at_means", at_means)), _held(model, at), level, model.least_df)
    found, numbers, remarks = model.effects(options, tuple(one for one, _ in asked))
    names, words, categories = [], [], []
    for which, level_place, reference, category in found:
        place, text = places[which], asked[which][1]
        levels = model.design[0][place][2]
        names.append(model.design[0][place][0])
        words.append(f"{levels[level_place]} {sign} {levels[reference]}" if text is None else text)
        categories.append(None if answers is None else answers[category])
    return names, words, categories, numbers, remarks


def effects(model, variables, kind, at_least, rest):
    """Average marginal effects as a table."""
    scale = scale_of(model, kind, at_least)
    names, words, categories, numbers, remarks = compute(model, variables, scale, rest, "-")
    frame = pd.DataFrame({"variable": names, "contrast": words, "category": categories, "estimate": numbers["effect"],
                          "std_error": numbers["std_error"], "statistic": numbers["statistic"], "df": model.least_df,
                          **{key: numbers[key] for key in ("p_value", "conf_low", "conf_high")}})
    texts = ["variable", "contrast"] if scale[3] is None else ["variable", "contrast", "category"]
    if scale[3] is None:
        del frame["category"]
    return Effects.of(frame, _response_print.effects_document(model, frame, scale[2], rest[-1], texts, remarks), remarks)


def risks(model, variable, at_least, rest):
    """Ratios and differences of average risks as a table."""
    if model.kind == ORDINAL and at_least is None:
        raise SteelyardError("at_least: name the level; a risk is the probability of it or a higher one")
    scale = scale_of(model, None, at_least)
    names, words, _, numbers, remarks = compute(model, variable, scale, rest, "/")
    frame = pd.DataFrame({
        "variable": names, "contrast": words, "before": numbers["before"], "after": numbers["after"],
        "ratio": numbers["ratio"], "p_value": numbers["ratio_p"], "conf_low": numbers["ratio_low"],
        "conf_high": numbers["ratio_high"], "difference": numbers["effect"], "difference_low": numbers["conf_low"],
        "difference_high": numbers["conf_high"]})
    return Ratios.of(frame, _response_print.risks_document(model, frame, scale[2], rest[-1], remarks), remarks)
