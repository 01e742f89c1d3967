# SPDX-License-Identifier: GPL-3.0-only
"""What funnels have in common: limits, points inside and outside, names that touch nothing. matplotlib is needed here only."""
import numpy as np

from ._house_style import BLUE, FUNDING, INK, ORANGE, PROCESS, SMALL, SOFT, ZERO, wrapped

_MOST = 8  # of the groups beyond the limits that are named
_PLACES = ((7, 0, "left"), (-7, 0, "right"), (6, 6, "left"), (6, -6, "left"), (-6, 6, "right"), (-6, -6, "right"),
           (0, 9, "center"), (0, -9, "center"), (14, 14, "left"), (14, -14, "left"), (-14, 14, "right"),
           (-14, -14, "right"), (24, 22, "left"), (24, -22, "left"), (-24, 22, "right"), (-24, -22, "right"))


def edges(axis, x, inner, outer):
    """95 % and 99.8 % limits."""
    for pair, dash, name in ((inner, (0, (4, 3)), "95 % limits"), (outer, "-", "99.8 % limits")):
        for side, label in zip(pair, (name, None)):
            axis.plot(x, side, color=SOFT, linestyle=dash, linewidth=1.0, label=label, zorder=1)


def points(axis, x, y, outside):
    """Diamonds beyond the limits, circles within."""
    for rows, look, name in ((~outside, PROCESS, "within"), (outside, FUNDING, "beyond 99.8 %")):
        if rows.any():
            axis.plot(x[rows], y[rows], look.marker, color=BLUE if look is PROCESS else ORANGE, markersize=4.5,
                      markeredgecolor="white", markeredgewidth=0.4, linestyle="none", label=name, zorder=3)


def labelled(axis, names, where, order):
    """Names of rows, the first in order first, each where no other name and no point lies."""
    from matplotlib.text import Text

    figure, taken = axis.figure, []
    figure.draw_without_rendering()
    renderer, around = figure.canvas.get_renderer(), axis.get_window_extent()
    x, y = where
    dots = axis.transData.transform(np.column_stack([x, y]))
    curves = np.concatenate([line.get_transform().transform(_along(line)) for line in axis.lines
                             if line.get_linestyle() != "None" and len(line.get_xdata()) > 1])
    for row in list(dict.fromkeys(order))[:_MOST]:
        for (dx, dy, side), lines in [(place, lines) for lines in (curves, curves[:0]) for place in _PLACES]:
            text = axis.annotate(wrapped(names[row], 40), (x[row], y[row]), (dx, dy), textcoords="offset points", ha=side,
                                 va="center", fontsize=SMALL, color=INK, zorder=4,
                                 bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.3},
                                 arrowprops={"arrowstyle": "-", "color": ZERO, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 2,
                                             "relpos": (0.0 if side == "left" else 1.0, 0.5)} if abs(dx) > 10 else None)
            text.update_positions(renderer)
            box = Text.get_window_extent(text, renderer)  # without its line
            if _free(box, around, np.concatenate([dots, lines])) and not any(box.overlaps(other) for other in taken):
                taken.append(box)
                break
            text.remove()


def _along(line):
    """Points along a line, near enough to each other that no name fits between two."""
    path = line.get_xydata()
    parts = np.linspace(0, len(path) - 1, 400)
    return np.column_stack([np.interp(parts, np.arange(len(path)), side) for side in path.T])


def _free(box, around, marks):
    inside = around.x0 <= box.x0 and box.x1 <= around.x1 and around.y0 <= box.y0 and box.y1 <= around.y1
    return inside and not ((marks > (box.x0 - 3, box.y0 - 2)) & (marks < (box.x1 + 3, box.y1 + 2))).all(axis=1).any()
