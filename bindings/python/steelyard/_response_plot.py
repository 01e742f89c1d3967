# SPDX-License-Identifier: GPL-3.0-only
"""Drawings of fits by maximum likelihood. matplotlib is needed here only."""
import numpy as np

from . import _effects, _print
from ._dot_plot import WIDE, dot_chart, finish
from ._house_style import (
    OTHER, Rows, Sheet, axis_text, dress, ends_named, height_for_names, name_rows, round_ticks, series, styled)
from ._linear_plot import coefficients
from ._outcomes import ORDINAL
from ._plot import draw_series

_POINTS = 21  # of a curve over a variable
_CAUTION = "Association given the other terms, not effect."
_EVERYBODY = "Everybody at each value in turn, averaged over the rows."


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


@styled
def _effects_drawn(fit, at_least, ax):
    """A dot with limits for each effect."""
    frame = fit.effects(at_least=at_least).to_frame()
    texts = [key for key in ("variable", "contrast", "category") if key in frame]
    frame["name"] = [": ".join(row) for row in frame[texts].itertuples(index=False)]
    words = (f"Average marginal effects on {fit.outcome}",
             f"change in {_effects.scale_of(fit._model, None, at_least)[2]}, "
             f"with {_print.level_text(fit._model.rules['level'])} limits", "Averaged over the rows; only as causal as the model.")
    return dot_chart(frame[frame["estimate"].notna()], ax, words)


def _averages(fit, name, at_least):
    """(values of the variable, averages [values, answers, estimate low high], what they are, answers)."""
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
        _, _, _, numbers, _ = _effects.compute(model, name, scale, (change, None, False, model.rules["level"]), "-")
        width = 1 if scale[3] is None else len(dict.fromkeys(scale[3]))
        before, after = (np.column_stack([numbers[f"{side}{end}"] for end in ("", "_low", "_high")]).reshape(-1, width, 3)
                         for side in ("before", "after"))
        parts += [*([] if parts else before[:1]), *after]
    return values, np.array(parts), scale[2], scale[3]


@styled
def _probabilities(fit, name, at_least, ax):
    """Predictions averaged over the rows, everybody at each value of a variable in turn."""
    name = _effects.first_variable(fit._model) if name is None else name
    values, averages, what, answers = _averages(fit, name, at_least)
    limits = f", with {_print.level_text(fit._model.rules['level'])} limits"
    words = f"{fit.outcome} by {name}", str(name), f"{what}{limits}"
    return (_levels if isinstance(values, list) else _curves)(values, averages, answers, words, ax)


def _looks(answers):
    return [OTHER] if answers is None else [series(i) for i in range(len(answers))]


def _curves(values, averages, answers, words, ax):
    """A line an answer over a variable that is a number, its limits a band."""
    direct = answers is not None and ax is None
    sheet = Sheet.one(ax, 4.6, max(3.2, height_for_names(answers)) if direct else 3.2)
    axis, looks = sheet.axes[0], _looks(answers)
    dress(axis, "y")
    round_ticks(axis, "x")
    for i, look in enumerate(looks):
        middle, low, high = averages[:, i].T
        axis.fill_between(values, low, high, color=look.colour, alpha=0.13, linewidth=0)
        axis.plot(values, middle, color=look.colour, linestyle=look.dash, linewidth=1.6, marker=look.marker, markersize=5,
                  markeredgecolor="white", markeredgewidth=0.4, markevery=5, label=None if answers is None else str(answers[i]))
    axis.set_ylim(bottom=min(0.0, np.nanmin(averages)))
    if direct:
        ends_named(axis, values[-1], averages[-1, :, 0], answers, looks, sheet.height())
    axis_text(axis, words[2], sheet.height(), "y")
    finish(sheet, axis, (words[0], words[1], f"{_EVERYBODY} {_CAUTION}"), legend=answers is not None and not direct)
    return axis


def _levels(values, averages, answers, words, ax):
    """A row a level, a dot with limits an answer."""
    names = [""] if answers is None else answers
    rows = Rows(values, least=0.1 + 0.13 * (len(names) > 1) * len(names))
    sheet = Sheet.one(ax, WIDE, rows.height)
    axis = sheet.axes[0]
    draw_series(axis, names, _looks(answers), averages.transpose(1, 0, 2))
    axis.set_xlim(left=min(0.0, np.nanmin(averages)))
    name_rows(axis, rows, None if sheet.own else sheet.height())
    finish(sheet, axis, (words[0], words[2], f"{_EVERYBODY} {_CAUTION}"), legend=answers is not None)
    return axis
