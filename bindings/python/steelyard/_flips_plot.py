# SPDX-License-Identifier: GPL-3.0-only
"""Contours of share-flips. matplotlib is needed here only."""
import numpy as np

from ._contour import label_contours, names_beside, round_levels
from ._house_style import BLUE, INK, ORANGE, SOFT, Sheet, axis_text, beneath, dress, styled, title

_LETTERS = ("a", "b", "c")
_NOWHERE = "#e3e6e8"  # where there is no such confounder
_TURNED = "#f3d9c6"


def _axis_text(found, letter):
    first, second = found["names"]
    return {"a": f"a: correlation with {second}", "b": f"b: with {first}, given {second}",
            "c": "c: with the outcome, given both"}[letter]


def _benchmarks(axis, found, pair, inches):
    """Diamonds, each with its name in a column at the right; words on how many are named."""
    labels, table = found["benchmarks"]
    points = [(str(label), row[1 + _LETTERS.index(pair[0])], row[1 + _LETTERS.index(pair[1])])
              for label, row in zip(labels, table)]
    points = [point for point in points if np.isfinite(point[1]) and np.isfinite(point[2])]
    for _, x, y in points:
        axis.plot([x], [y], "D", color=ORANGE, markersize=5, markeredgecolor="white", markeredgewidth=0.5, zorder=4)
    named = names_beside(axis, points, inches)
    return f" {len(points) - named} of {len(points)} benchmarks are not named." if named < len(points) else ""


def _panel(sheet, place, found, grid, pair):
    """One outcome; the contours still to be numbered."""
    axis = sheet.axes[place]
    places, difference, (other, value) = grid
    reach = float(places[-1])
    dress(axis, "xy", 4, zero=False)
    axis.grid(False)
    axis.set_xlim(-reach, reach)
    axis.set_ylim(-reach, reach)
    axis.set_facecolor(_NOWHERE)
    shown, drawn = np.ma.masked_invalid(difference), []
    if shown.count():
        low, high = min(float(shown.min()), 0.0) - 1, max(float(shown.max()), 0.0) + 1
        axis.contourf(places, places, shown, levels=[low, 0, high], colors=[_TURNED, "#ffffff"], hatches=["////", None],
                      zorder=0)
        drawn.append((axis.contour(places, places, shown, levels=round_levels(shown, 8, 0.0), colors=SOFT, linewidths=0.7,
                                   linestyles="solid"), SOFT))
        if shown.min() < 0 < shown.max():
            drawn.append((axis.contour(places, places, shown, levels=[0], colors=BLUE, linewidths=2), BLUE))
    axis.plot(0, 0, "^", color=INK, markersize=7, zorder=4)
    said = _benchmarks(axis, found, pair, sheet.height(place))
    point = found["points"][7]
    if np.isclose(point[_LETTERS.index(other)], value):
        axis.plot(*(point[_LETTERS.index(letter)] for letter in pair), "o", color=BLUE, markersize=7,
                  markeredgecolor="white", markeredgewidth=0.6, zorder=5)
    first, second = found["names"]
    title(axis, f"{found['outcome']}: what would put {second} above {first}", sheet.width(place))
    axis_text(axis, f"{_axis_text(found, pair[0])}; {other} = {value:.3f}", sheet.width(place))
    axis_text(axis, _axis_text(found, pair[1]), sheet.height(place), "y")
    beneath(axis, sheet.width(place),
            f"Lines: {first} less {second}, points. Hatched: {second} is above. Grey: no such confounder. Triangle: none. "
            f"Diamonds: benchmarks. Dot: the least that turns the order.{said}")
    return axis, drawn


@styled
def draw(found, grids, pair, ax):
    """One panel an outcome: the difference, hatched where the order is turned."""
    sheet = Sheet.panels(ax, len(found), 3.6, 3.6)
    numbered = [_panel(sheet, place, f, g, pair) for place, (f, g) in enumerate(zip(found, grids))]
    sheet.settle()
    for axis, drawn in numbered:
        label_contours(axis, drawn)
    return sheet.axes[0] if len(found) == 1 else np.array(sheet.axes)
