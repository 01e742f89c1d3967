# SPDX-License-Identifier: GPL-3.0-only
"""Drawings of fits by maximum likelihood. matplotlib is needed here only."""
import numpy as np

from . import _effects
from ._linear_plot import bare, coefficients, dots
from ._outcomes import ORDINAL
from ._plot import _LINES, _STYLES, _pyplot, _wrapped

_POINTS = 21  # of a curve over a variable


def draw(kind, fit, variable, at_least, ax):
    """The axes drawn on."""
    model = fit._model
    if kind == "coefficients":
        frame = fit.to_frame()
        split = model.shape["n_thresholds"] if model.kind == ORDINAL else 0
        return coefficients(model, frame.iloc[split:] if len(frame) > split else frame, ax)
    if kind == "effects":
        return _effects_drawn(fit, at_least, ax)
    return _probabilities(fit, variable, at_least, ax)


def _effects_drawn(fit, at_least, ax):
    """A dot with limits for each effect."""
    frame = fit.effects(at_least=at_least).to_frame()
    texts = [key for key in ("variable", "contrast", "category") if key in frame]
    frame["term"] = [": ".join(row) for row in frame[texts].itertuples(index=False)]
    ax = dots(frame, ax)
    ax.set_title(f"Average marginal effects on {fit.outcome}", fontsize=11)
    ax.set_xlabel(_effects.scale_of(fit._model, None, at_least)[2])
    return ax


def _averages(fit, name, at_least):
    """(values of the variable, average predictions [values, answers], what they are, answers)."""
    model = fit._model
    scale = _effects.scale_of(model, None, at_least)
    place = _effects.place_of_variable(model, name)
    _, vector, levels, _ = model.design[0][place]
    if levels is None:
        ends = np.nanmin(vector), np.nanmax(vector)
        values = np.linspace(*ends, _POINTS)
        asked = [{name: (low, high)} for low, high in zip(values[:-1], values[1:])]
    else:
        values, asked = [levels[code] for code in model.levels_used(place)], [None]
    parts = []
    for change in asked:
        _, _, _, numbers, _ = _effects.compute(model, name, scale, (change, None, False, 0.95), "-")
        width = 1 if scale[3] is None else len(dict.fromkeys(scale[3]))
        parts += [numbers["before"][:width]] if not parts else []
        parts += list(np.reshape(numbers["after"], (-1, width)))
    return values, np.array(parts), scale[2], scale[3]


def _probabilities(fit, name, at_least, ax):
    """Predictions averaged over the rows, everybody at each value of a variable in turn."""
    name = _effects.first_variable(fit._model) if name is None else name
    values, averages, what, answers = _averages(fit, name, at_least)
    if ax is None:
        _, ax = _pyplot().subplots(figsize=(5.6, 3.8), layout="constrained")
    numeric = not isinstance(values, list)
    places = values if numeric else np.arange(len(values))
    for i, column in enumerate(averages.T):
        ax.plot(places, column, color=_LINES[i % len(_LINES)], marker=None if numeric else "o", markersize=5,
                linestyle=_STYLES[i // len(_LINES) % len(_STYLES)], label=None if answers is None else answers[i])
    if not numeric:
        ax.set_xticks(places, [_wrapped(value) for value in values])
    ax.set_xlabel(name)
    ax.set_ylabel(_wrapped(what))
    ax.set_title(f"{fit.outcome}, averaged over the rows", fontsize=11)
    if answers is not None:
        ax.legend(loc="center left", bbox_to_anchor=(1.02, 0.5), frameon=False)
    bare(ax, ("top", "right"))
    return ax
