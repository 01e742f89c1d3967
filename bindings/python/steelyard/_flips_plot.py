# SPDX-License-Identifier: GPL-3.0-only
"""Contours of share-flips. matplotlib is needed here only."""
import textwrap

import numpy as np

from ._errors import SteelyardError
from ._plot import _BLUE, _GREY, _ORANGE, _TITLE_WIDTH, _pyplot

_COLUMNS = 3
_LETTERS = ("a", "b", "c")


def _axis_text(found, letter):
    first, second = found["names"]
    return {"a": f"a: correlation with {second}", "b": f"b: with {first}, given {second}",
            "c": "c: with the outcome, given both"}[letter]


def _short(label):
    return label if len(label) <= 28 else label[:27] + "\u2026"


def _benchmarks(axis, found, pair, reach):
    """Diamonds with their names in a column on the right, in the order of their heights, a line to each."""
    labels, table = found["benchmarks"]
    points = [(row[1 + _LETTERS.index(pair[1])], row[1 + _LETTERS.index(pair[0])], _short(str(label)))
              for label, row in zip(labels, table)]
    points = sorted(point for point in points if np.isfinite(point[0]) and np.isfinite(point[1]))
    if not points:
        return
    step = min(0.13, 1.8 / len(points)) * reach
    low = max(min(np.mean([y for y, _, _ in points]) - step * (len(points) - 1) / 2, reach - step * len(points)), -reach)
    for place, (y, x, label) in enumerate(points):
        axis.annotate(label, (x, y), xytext=(0.97 * reach, low + place * step), textcoords="data", ha="right", va="center",
                      fontsize=8, color="#7a3d10", zorder=6,
                      bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.6},
                      arrowprops={"arrowstyle": "-", "color": _ORANGE, "linewidth": 0.6, "shrinkA": 1, "shrinkB": 3})
        axis.plot(x, y, "D", color=_ORANGE, markersize=5, zorder=4)


def _panel(axis, found, grid, pair):
    from matplotlib.ticker import MaxNLocator

    places, difference, (other, value) = grid
    reach = float(places[-1])
    first, second = found["names"]
    axis.set_title("\n".join([*textwrap.wrap(found["outcome"], _TITLE_WIDTH), f"shaded: {second} above {first}"]), fontsize=10)
    axis.set_xlim(-reach, reach)
    axis.set_ylim(-reach, reach)
    axis.set_facecolor("#d9dcde")  # where there is no such confounder
    shown = np.ma.masked_invalid(difference)
    if shown.count():
        axis.contourf(places, places, shown, levels=[-10, 0, 10], colors=["#f3d9c6", "#ffffff"])
        levels = [v for v in MaxNLocator(6).tick_values(shown.min(), shown.max()) if abs(v) > 1e-9]
        axis.clabel(axis.contour(places, places, shown, levels=levels, colors=_GREY, linewidths=0.7), fontsize=7,
                    fmt="%.2f")
        if shown.min() < 0 < shown.max():
            axis.contour(places, places, shown, levels=[0], colors=_BLUE, linewidths=2)
    axis.plot(0, 0, "+", color="black", markersize=8, zorder=4)
    _benchmarks(axis, found, pair, reach)
    point = found["points"][7]
    if np.isclose(point[_LETTERS.index(other)], value):
        axis.plot(*(point[_LETTERS.index(letter)] for letter in pair), "o", color=_BLUE, markersize=6, zorder=5)
    axis.set_xlabel(f"{_axis_text(found, pair[0])}\n({other} = {value:.3f})")
    axis.set_ylabel(_axis_text(found, pair[1]))
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)


def draw(found, grids, pair, ax):
    """One panel an outcome: the difference, shaded where the order is turned."""
    if ax is not None and len(found) > 1:
        raise SteelyardError(f"ax: one axes was given for {len(found)} outcomes")
    axes = [ax]
    if ax is None:
        columns = min(len(found), _COLUMNS)
        rows = -(-len(found) // columns)
        figure, grid = _pyplot().subplots(rows, columns, squeeze=False, layout="constrained",
                                          figsize=(3.9 * columns, 3.9 * rows))
        for spare in grid.flat[len(found):]:
            spare.set_visible(False)
        axes = list(grid.flat[:len(found)])
    for axis, f, g in zip(axes, found, grids):
        _panel(axis, f, g, pair)
    return axes[0] if len(found) == 1 else np.array(axes)
