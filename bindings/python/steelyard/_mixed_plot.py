# SPDX-License-Identifier: GPL-3.0-only
"""Drawings of a mixed model. matplotlib is needed here only."""
import math

import numpy as np

from . import _core, _linear_plot, _print
from ._dot_plot import asked_names, dot_chart, finish, plain
from ._errors import SteelyardError
from ._fit import place_of
from ._funnel import edges, labelled, points
from ._house_style import axis_text, styled

_CAUTION = "Association, not effect of the group on its members."
_CURVE = 200  # points of a limit


def draw(kind, fit, ax, asked):
    """The axes drawn on."""
    if kind == "coefficients":
        return _linear_plot.draw(kind, fit._model, fit.to_frame(), ax)
    group, effect, named = asked
    bar, place = _which(fit._model, group, effect)
    frame = fit.ranef()
    frame = frame[(frame["group"] == bar.group) & (frame["effect"] == bar.effects[place])]
    frame = frame.sort_values("estimate", kind="stable").reset_index(drop=True)
    title = f"{bar.group}: effects on {fit.outcome}" if bar.effects[place] == "(Intercept)" else (
        f"{bar.group}: effects of {bar.effects[place]} on {fit.outcome}")
    if kind == "funnel":
        if bar.q > 1:
            raise SteelyardError(f"kind: effects of {bar.group} are shrunken together ({', '.join(bar.effects)}); a funnel shows "
                                 "groups with one effect each")
        return _funnel(frame, fit._model.block(bar)[place, place], ax, (title, bar.group, named))
    return (_league if kind == "league" else _quantiles)(fit._model, frame, ax, title, named)


def _which(model, group, effect):
    groups = [bar.group for bar in model.bars]
    bars = [model.bars[0] if group is None else model.bars[place_of(group, "group", groups)]]
    if group is not None:
        bars = [bar for bar in model.bars if bar.group == bars[0].group]
    effects = [name for bar in bars for name in bar.effects]
    name = effects[0] if effect is None else effects[place_of(effect, "effect", effects)]
    bar = next(bar for bar in bars if name in bar.effects)
    return bar, bar.effects.index(name)


@styled
def _league(model, frame, ax, title, named):
    """A caterpillar: the smallest effect below."""
    words = (title, f"shrunken effect, with {_print.level_text(model.rules['level'])} limits", _CAUTION)
    return dot_chart(frame.rename(columns={"level": "name"}), ax, words, named=named, rising=True)


@styled
def _quantiles(model, frame, ax, title, _):
    """Effects against what normal ones would be."""
    sheet, axis = plain(ax, 4.0, 4.0)
    _linear_plot.quantiles(axis, frame["estimate"], quartiles=True)
    axis_text(axis, "shrunken effect", sheet.height(), "y")
    finish(sheet, axis, (title, "normal quantile", "Line: normal effects with these quartiles."))
    return axis


@styled
def _funnel(frame, variance, ax, words):
    """Each group's own effect, which shrinkage pulled to zero, against its precision."""
    title, group, named = words
    if not variance > 0:
        raise SteelyardError(f"kind: the variance of {group} is 0; a funnel has nothing to show")
    found = np.array([_core.own_effect(*row, variance) for row in zip(frame["estimate"], frame["std_error"])])
    kept = ~np.isnan(found[:, 0])
    frame, own, precision = frame[kept], found[kept, 0], 1 / found[kept, 1]
    inner, outer = (_core.t_quantile(chance, math.inf) for chance in (0.975, 0.999))
    sheet, axis = plain(ax, 5.2, 3.9)
    x = np.linspace(precision.min() * 0.9, precision.max() * 1.04, _CURVE)
    edges(axis, x, (-inner / x, inner / x), (-outer / x, outer / x))
    outside = np.abs(own) * precision > outer
    points(axis, precision, own, outside)
    axis_text(axis, "the group's own effect, not shrunken", sheet.height(), "y")
    lost = int((~kept).sum())
    finish(sheet, axis, (title, "precision: 1 / standard error of the group's own effect",
                         (f"{lost} without an effect of their own are left out. " if lost else "") + _CAUTION), legend=True)
    order = np.argsort(-np.abs(own) * precision, kind="stable")
    asked = asked_names(named, frame["level"]) or []
    labelled(axis, frame["level"].to_numpy(), (precision, own), [*asked, *order[:int(outside.sum())]])
    return axis
