# SPDX-License-Identifier: GPL-3.0-only
"""Drawings of leagues of blocks and of their ranks. matplotlib is needed here only."""
import numpy as np

from ._house_style import (
    INK, OTHER, PALE, PROCESS, SOFT, Rows, Sheet, axis_text, beneath, dots, dress, name_rows, row_dots, row_looks, styled,
    title)
from ._print import level_text

_CAUTION = "Association, not effect."


@styled
def league(table, level, ax):
    """A row a block: in how many outcomes it matters, and in how many chance would find it to."""
    rows = Rows(table["block"])
    sheet = Sheet.one(ax, 4.6, rows.height)
    axis, places, none = sheet.axes[0], np.arange(len(table)), np.full(len(table), np.nan)
    every = int(table["outcomes"].iloc[0])
    dress(axis, zero=False)
    _whole(axis, 0, every)
    axis.hlines(places, 0, table[["found", "unadjusted"]].max(axis=1), color=PALE, linewidth=0.9, zorder=1)
    axis.vlines(table["expected_by_chance"], places - 0.3, places + 0.3, color=INK, linewidth=1.6, zorder=2)
    drawn, = dots(axis, table["unadjusted"], none, none, places, OTHER, "one by one", size=9.0)
    drawn.set(markerfacecolor="white", markeredgecolor=SOFT, markeredgewidth=1.3)
    dots(axis, table["found"], none, none, places, PROCESS, f"found with {level_text(level)} confidence")
    axis.set_xlim(-0.03 * every, 1.04 * every)
    name_rows(axis, rows, None if sheet.own else sheet.height())
    title(axis, "In how many outcomes each block matters", sheet.width())
    axis_text(axis, f"outcomes, of {every}; upright line: as many as chance finds one by one", sheet.width())
    beneath(axis, sheet.width(), _CAUTION, legend=True)
    sheet.settle()
    return axis


@styled
def ranks(table, level, ax):
    """A row a block, its rank with the range that holds the true one; one panel an outcome."""
    several = "outcome" in table
    parts = [part for _, part in table.groupby("outcome", sort=False)] if several else [table]
    rows, count = Rows(parts[0]["block"]), len(parts[0])
    sheet = Sheet.panels(ax, len(parts), 3.2 if several else 4.6, rows.height, sharex=True, sharey=True)
    for i, (axis, part) in enumerate(zip(sheet.axes, parts)):
        dress(axis, zero=False)
        _whole(axis, 1, count)
        row_dots(axis, part["rank"], part["lowest"], part["highest"], row_looks(part["block"]))
        axis.set_xlim(0.7, count + 0.3)
        name_rows(axis, rows, None if sheet.own else sheet.height(i), shown=not sheet.own or i % 3 == 0)
        axis.tick_params(axis="x", labelbottom=True)
        title(axis, str(part["outcome"].iloc[0]) if several else "Ranks of the blocks by share", sheet.width(i))
        axis_text(axis, f"rank, 1 the largest share, with {level_text(level)} limits of all ranks together", sheet.width(i))
    last = (len(parts) - 1) // 3 * 3
    beneath(sheet.axes[last], sheet.across(), _CAUTION)
    sheet.settle()
    return sheet.axes[0] if len(parts) == 1 else np.array(sheet.axes)


def _whole(axis, low, high):
    """Ticks at whole numbers from low to high."""
    from matplotlib.ticker import FixedLocator, MaxNLocator

    ticks = MaxNLocator(6, integer=True, steps=[1, 2, 5, 10]).tick_values(low, high)
    axis.xaxis.set_major_locator(FixedLocator(sorted({low, *ticks[(ticks >= low) & (ticks <= high)]})))
    axis.xaxis.set_major_formatter("{x:.0f}")
