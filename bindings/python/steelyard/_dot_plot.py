# SPDX-License-Identifier: GPL-3.0-only
"""Dots with limits under one another: a row a term, an outcome, a council. matplotlib is needed here only."""
import numpy as np

from . import _core
from ._house_style import (
    INK, LEADING, LIMIT, MOST_NAMED, OTHER, PALE, SMALL, ZERO, Rows, Sheet, axis_text, beneath, dress, name_rows,
    row_dots, spread, title, wrapped)

WIDE = 4.6          # inches
_CROWD = 5.4        # inches of axes with more rows than can be named
_OUTERMOST = 3      # named at each end


def dot_chart(frame, ax, words, row_look=None, zero=True, named=None, rising=False):
    """The axes drawn on. frame: name, estimate, conf_low, conf_high; words: (title, axis, caption).

    rising: the first row stands below, as where rows are in order of their numbers.
    named: with more than 40 rows those whose names are written; else the outermost.
    """
    count, crowded = len(frame), len(frame) > MOST_NAMED
    row_look = [OTHER] * count if row_look is None else row_look
    if rising:
        frame, row_look = frame.iloc[::-1], row_look[::-1]
    rows = None if crowded else Rows(frame["name"])
    sheet = Sheet.one(ax, WIDE, _CROWD if crowded else rows.height)
    axis = sheet.axes[0]
    dress(axis, zero=zero)
    thin = {"size": max(2.4, min(5.0, 360.0 / count)), "line": max(0.6, 80.0 / count), "edge": 0.0} if crowded else {"line": LIMIT}
    row_dots(axis, frame["estimate"], frame["conf_low"], frame["conf_high"], row_look, **thin)
    if crowded:
        axis.set_ylim(count - 0.3, -0.7)
        axis.set_yticks([])
        _some_named(axis, frame, named, sheet.height())
        words = (*words[:2], f"{count} in order. {words[2]}")
    else:
        name_rows(axis, rows, None if sheet.own else sheet.height())
    finish(sheet, axis, words)
    return axis


def finish(sheet, axis, words, **more):
    """Title, axis text and caption of a picture with one axes."""
    if words[0]:
        title(axis, words[0], sheet.width())
    axis_text(axis, words[1], sheet.width())
    beneath(axis, sheet.across(), words[2], **more)
    sheet.settle()


def asked_names(named, known):
    """Places of the names asked for, or None."""
    if named is None:
        return None
    known = [str(name) for name in known]
    wanted = [str(name) for name in ([named] if np.isscalar(named) else named)]
    return [known.index(name) if name in known else _core.find("named", name, tuple(known)) for name in wanted]


def outermost(count, named, known):
    """Places of the rows whose names are written."""
    asked = asked_names(named, known)
    return [*range(_OUTERMOST), *range(count - _OUTERMOST, count)] if asked is None else asked


def _some_named(axis, frame, named, inches):
    """Names at the left of the rows they belong to, moved apart, with a line to each."""
    count = len(frame)
    low = np.nanmin(frame[["estimate", "conf_low", "conf_high"]].to_numpy(), axis=1)
    axis.margins(x=0.03)
    left, right = axis.get_xlim()
    places = np.array(sorted(outermost(count, named, frame["name"])))
    texts = [wrapped(frame["name"].iloc[place]) for place in places]
    gap = (max(text.count("\n") + 1 for text in texts) * SMALL * LEADING + 2) / (inches * 72) * (count + 0.4)
    axis.hlines(places, left, low[places], color=PALE, linewidth=0.6, zorder=0)
    axis.set_xlim(left, right)
    for text, place, row in zip(texts, places, spread(places, gap, 0.0, count - 1.0)):
        axis.annotate(text, (0, place), xycoords=axis.get_yaxis_transform(), xytext=(-12, (place - row) * inches * 72 / (
            count + 0.4)), textcoords="offset points", fontsize=SMALL, color=INK, va="center", ha="right", annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": ZERO, "linewidth": 0.6, "shrinkA": 1, "shrinkB": 0, "relpos": (1, 0.5)})


def scatter(axis, x, y, colour, size=4.0, **more):
    """Points of rows; many are drawn as one image."""
    return axis.plot(x, y, "o", color=colour, markersize=size if len(x) <= 1000 else 2.5, alpha=0.65, markeredgewidth=0,
                     rasterized=len(x) > 5000, **more)


def plain(ax, wide, high, numbers="xy", zero=True):
    """(sheet, axes) of a picture with numbers on both sides."""
    sheet = Sheet.one(ax, wide, high)
    dress(sheet.axes[0], numbers, zero=zero)
    return sheet, sheet.axes[0]
