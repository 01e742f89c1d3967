# SPDX-License-Identifier: GPL-3.0-only
"""Drawings of a mixed model. matplotlib is needed here only."""
import numpy as np

from . import _linear_plot, _print
from ._fit import place_of
from ._plot import _BLUE, _GREY, _pyplot, _wrapped

_LABELLED = 60  # more names than this would lie on one another
_ROW = 0.2      # inches


def draw(kind, fit, ax, group, effect):
    """The axes drawn on."""
    if kind == "coefficients":
        return _linear_plot.draw(kind, fit._model, fit.to_frame(), ax)
    bar, place = _which(fit._model, group, effect)
    frame = fit.ranef()
    frame = frame[(frame["group"] == bar.group) & (frame["effect"] == bar.effects[place])]
    frame = frame.sort_values("estimate", kind="stable").reset_index(drop=True)
    title = f"{bar.group}: effects on {fit.outcome}" if bar.effects[place] == "(Intercept)" else (
        f"{bar.group}: effects of {bar.effects[place]} on {fit.outcome}")
    return (_league if kind == "league" else _quantiles)(fit._model, frame, ax, title)


def _which(model, group, effect):
    groups = [bar.group for bar in model.bars]
    bars = [model.bars[0] if group is None else model.bars[place_of(group, "group", groups)]]
    if group is not None:
        bars = [bar for bar in model.bars if bar.group == bars[0].group]
    effects = [name for bar in bars for name in bar.effects]
    name = effects[0] if effect is None else effects[place_of(effect, "effect", effects)]
    bar = next(bar for bar in bars if name in bar.effects)
    return bar, bar.effects.index(name)


def _bare(axis):
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    axis.set_axisbelow(True)


def _league(model, frame, ax, title):
    """A caterpillar: the smallest effect below; names while there is room for them."""
    count, named = len(frame), len(frame) <= _LABELLED
    names = [_wrapped(name) for name in frame["level"]]
    if ax is None:
        lines = max(name.count("\n") + 1 for name in names) if named else 1
        margin = 0.085 * max(len(line) for name in names for line in name.split("\n")) if named else 0.2
        height = max(_ROW * lines * count, 1) if named else 5
        _, ax = _pyplot().subplots(figsize=(4.4 + margin, height + 1.3), layout="constrained")
    rows = np.arange(count)
    ax.hlines(rows, frame["conf_low"], frame["conf_high"], color=_BLUE, linewidth=1.6 if named else 0.6, alpha=0.8)
    ax.plot(frame["estimate"], rows, "o", color=_BLUE, markersize=5 if named else 2, markeredgewidth=0)
    ax.axvline(0, color=_GREY, linewidth=0.8, zorder=0)
    ax.set_yticks(rows if named else [], names if named else [])
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(-0.7, count - 0.3)
    if not named:
        ax.set_ylabel(f"{count} levels in order")
    ax.set_title(title, fontsize=11)
    ax.set_xlabel(f"shrunken effect, with {_print.level_text(model.rules['level'])} limits")
    _bare(ax)
    return ax


def _quantiles(model, frame, ax, title):
    """Effects against what normal ones would be."""
    from . import _core

    if ax is None:
        _, ax = _pyplot().subplots(figsize=(5.2, 3.8), layout="constrained")
    count = len(frame)
    normal = [_core.t_quantile((i + 0.5) / count, float("inf")) for i in range(count)]
    ax.plot(normal, frame["estimate"], "o", color=_BLUE, markersize=4, alpha=0.7, markeredgewidth=0)
    ax.axhline(0, color=_GREY, linewidth=0.8, zorder=0)
    ax.set_xlabel("normal quantile")
    ax.set_ylabel("shrunken effect")
    ax.set_title(title, fontsize=11)
    _bare(ax)
    return ax
