# SPDX-License-Identifier: GPL-3.0-only
"""Drawings of a linear fit. matplotlib is needed here only."""
import numpy as np

from . import _print
from ._plot import _BLUE, _GREY, _pyplot, _wrapped

_INTERCEPT = "(Intercept)"


def draw(kind, model, frame, ax):
    """The axes drawn on."""
    return (coefficients if kind == "coefficients" else _residuals)(model, frame, ax)


def bare(axis, sides):
    for side in sides:
        axis.spines[side].set_visible(False)
    axis.set_axisbelow(True)


def coefficients(model, frame, ax):
    """Estimates with limits, the intercept only when there is nothing else."""
    rows = frame[frame["term"] != _INTERCEPT] if (frame["term"] != _INTERCEPT).any() else frame
    ax = dots(rows, ax)
    ax.set_title(f"{model.called[0].upper()}{model.called[1:]} of {model.outcome}", fontsize=11)
    ax.set_xlabel(f"coefficient, with {_print.level_text(model.rules['level'])} limits\n"
                  f"({model.rules['covariance']} covariance)")
    return ax


def dots(frame, ax):
    """A dot with its limits a row, named by the column term, the first on top."""
    rows = frame[frame["estimate"].notna()]
    names = [_wrapped(name) for name in rows["term"]]
    if ax is None:
        lines = sum(name.count("\n") + 1 for name in names)
        margin = 0.3 + 0.085 * max((len(line) for name in names for line in name.split("\n")), default=0)
        _, ax = _pyplot().subplots(figsize=(4.2 + margin, max(0.34 * lines, 0.8) + 1.3), layout="constrained")
    for place, (low, high) in enumerate(zip(rows["conf_low"], rows["conf_high"])):
        if np.isfinite(low) and np.isfinite(high):
            ax.plot([low, high], [place, place], color=_BLUE, linewidth=2, solid_capstyle="butt", zorder=2)
    ax.plot(rows["estimate"], range(len(rows)), "o", color=_BLUE, markersize=6.5, zorder=3)
    ax.set_yticks(range(len(rows)), names)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.axvline(0, color=_GREY, linewidth=0.8, zorder=0)
    ax.grid(axis="x", color="#e3e6e8", linewidth=0.7)
    bare(ax, ("top", "right", "left"))
    return ax


def _residuals(model, _, ax):
    """Residuals against fitted values: a band around zero is what a good fit leaves."""
    if ax is None:
        _, ax = _pyplot().subplots(figsize=(5.2, 3.8), layout="constrained")
    fitted, residual, _ = model.rows()
    ax.plot(fitted, residual, "o", color=_BLUE, markersize=3.5, alpha=0.6, markeredgewidth=0,
            rasterized=len(fitted) > 5000)
    ax.axhline(0, color=_GREY, linewidth=0.8, zorder=0)
    ax.set_xlabel(f"fitted {model.outcome}")
    ax.set_ylabel("residual")
    ax.set_title(f"Linear model of {model.outcome}", fontsize=11)
    bare(ax, ("top", "right"))
    return ax
