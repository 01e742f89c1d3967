# SPDX-License-Identifier: GPL-3.0-only
"""Contours of what a confounder leaves, with the benchmarks. matplotlib is needed here only."""
import math

import numpy as np

from . import _core
from ._contour import label_contours, names_beside, round_levels
from ._dot_plot import finish
from ._house_style import BLUE, INK, ORANGE, SOFT, Sheet, axis_text, dress, styled
from ._options import choice

_GRID, _LINES = 80, 7


@styled
def draw(c, kind, ax):
    """The axes drawn on: contours of the estimate (or of t), the line where nothing is left, the bounds."""
    choice("kind", kind, ("estimate", "t"))
    x, y, estimate, t = c._grid(_GRID, c._reach())
    sheet = Sheet.one(ax, 4.8, 4.2)
    axis = sheet.axes[0]
    dress(axis, "xy", zero=False)
    axis.grid(False)
    found, edge = _found(c, kind)
    surface = (t if kind == "t" else estimate).T
    axis.set_xlim(0, x[-1])
    axis.set_ylim(0, y[-1])
    lines = axis.contour(x, y, surface, levels=round_levels(surface, _LINES, edge), colors=SOFT, linewidths=0.8,
                         linestyles="solid")
    critical = axis.contour(x, y, surface, levels=[edge], colors=ORANGE, linewidths=2.0, linestyles=[(0, (5, 2))])
    said = _marks(c, axis, sheet.height())
    words = "nothing is left" if kind == "estimate" and edge == 0 else f"{kind} {edge:.3g}"
    axis_text(axis, "part of what is left of the outcome that it explains", sheet.height(), "y")
    finish(sheet, axis, (
        f"What a confounder leaves of {c._tested[0]}: {kind} {found:.3g} without one",
        "part of what is left of the term that the confounder explains",
        f"Thin lines: {kind} that is left. Dashed: {words}. Triangle: no confounder. {said}"))
    label_contours(axis, [(lines, SOFT), (critical, ORANGE)])
    return axis


def _found(c, kind):
    """What there is without a confounder, and the value that overturns it."""
    if kind == "t":
        return c._tested[3], math.copysign(_core.t_quantile(1 - c._alpha / 2, c._tested[4] - 1), c._tested[3])
    found = 1.0 if math.isnan(c._tested[1]) else c._tested[1]
    return found, found * (1 - c._q)


def _marks(c, axis, inches):
    """The bounds as diamonds, those of one benchmark on a line with its name at the right; words on what is shown."""
    axis.plot([0], [0], "^", color=INK, markersize=8, clip_on=False, zorder=5)
    groups = {}
    for row in c._rows:
        if not math.isnan(row[3]):
            groups.setdefault(row[0], []).append(row)
    right, top = axis.get_xlim()[1], axis.get_ylim()[1]
    ends, beyond = [], 0
    for name, rows in groups.items():
        rows = sorted(rows, key=lambda row: math.hypot(row[3], row[4]))
        at = np.array([row[3:5] for row in rows])
        inside = (at[:, 0] <= right) & (at[:, 1] <= top)
        beyond += int((~inside).sum())
        axis.plot(*at.T, color=BLUE, linewidth=0.8, zorder=3)
        axis.plot(*at[inside].T, "D", color=BLUE, markersize=5, markeredgecolor="white", markeredgewidth=0.5, clip_on=False,
                  linestyle="none", zorder=4)
        if inside.any():
            ends.append((f"{', '.join(_times(row) for row in rows)} x {name}", *at[inside][-1]))
    named = names_beside(axis, ends, inches)
    outside = f"{beyond} lie outside the picture. " if beyond else ""
    left = f"{len(ends) - named} of {len(ends)} benchmarks are not named. " if named < len(ends) else ""
    return f"Diamonds: confounders so many times as strong as a benchmark. {outside}{left}".rstrip() if ends else ""


def _times(row):
    return f"{row[1]:.3g}" if row[1] == row[2] else f"{row[1]:.3g}/{row[2]:.3g}"
