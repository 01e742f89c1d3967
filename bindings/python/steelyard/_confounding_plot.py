# SPDX-License-Identifier: GPL-3.0-only
"""Contours of what a confounder leaves, with the benchmarks. matplotlib is needed here only."""
import math
import textwrap

from . import _core
from ._linear_plot import bare
from ._options import choice
from ._plot import _BLUE, _GREY, _pyplot

_RED = "#a8323e"
_GRID, _LINES = 80, 9


def draw(c, kind, ax):
    """The axes drawn on: contours of the estimate (or of t), the line where nothing is left, the bounds."""
    choice("kind", kind, ("estimate", "t"))
    x, y, estimate, t = c._grid(_GRID, c._reach())
    if ax is None:
        _, ax = _pyplot().subplots(figsize=(6.4, 5.2), layout="constrained")
    found, edge = _found(c, kind)
    surface = (t if kind == "t" else estimate).T
    lines = ax.contour(x, y, surface, levels=_levels(surface, edge), colors=_GREY, linewidths=0.8)
    ax.clabel(lines, fmt="%.3g", fontsize=8)
    critical = ax.contour(x, y, surface, levels=[edge], colors=_RED, linewidths=1.7, linestyles="solid")
    ax.clabel(critical, fmt=f"{edge:.3g}", fontsize=9)
    ax.set_xlim(0, x[-1] * 1.12)
    ax.set_ylim(0, y[-1] * 1.08)
    _marks(c, ax)
    title = textwrap.wrap(f"What a confounder leaves of {c._tested[0]}", 58)
    ax.set_title("\n".join([*title, f"{kind} {found:.3g} without one"]), fontsize=11)
    ax.set_xlabel("part of what is left of the term that the confounder explains")
    ax.set_ylabel("part of what is left of the outcome")
    bare(ax, ("top", "right"))
    return ax


def _found(c, kind):
    """What there is without a confounder, and the value that overturns it."""
    if kind == "t":
        return c._tested[3], math.copysign(_core.t_quantile(1 - c._alpha / 2, c._tested[4] - 1), c._tested[3])
    found = 1.0 if math.isnan(c._tested[1]) else c._tested[1]
    return found, found * (1 - c._q)


def _levels(surface, edge):
    """Round values over the surface, but for the one that is drawn on its own."""
    from matplotlib.ticker import MaxNLocator

    values = MaxNLocator(_LINES).tick_values(surface.min(), surface.max())
    step = values[1] - values[0]
    return [value for value in values if abs(value - edge) > 0.3 * step]


def _marks(c, ax):
    """The bounds as points; a name that would touch the one below stands higher, with a line to its point."""
    ax.plot([0], [0], "^", color=_BLUE, markersize=8, clip_on=False, zorder=4)
    last, width, height = -math.inf, ax.get_xlim()[1], ax.get_ylim()[1]
    for row in sorted((row for row in c._rows if not math.isnan(row[3])), key=lambda row: (row[4], row[3])):
        name, kd, ky, x, y = row[:5]
        ax.plot([x], [y], "D", color=_BLUE, markersize=5, clip_on=False, zorder=4)
        last = max(y + 0.015 * height, last + 0.042 * height)
        times = f"{kd:.3g}" if kd == ky else f"{kd:.3g}/{ky:.3g}"
        right = x > 0.8 * width
        ax.annotate(f"{times} x {name}", (x, y), xytext=(x + (-0.03 if right else 0.03) * width, last), fontsize=8.5,
                    va="center", ha="right" if right else "left", zorder=3,
                    arrowprops={"arrowstyle": "-", "color": _GREY, "linewidth": 0.6},
                    bbox={"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.7})
