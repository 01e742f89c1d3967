# SPDX-License-Identifier: GPL-3.0-only
"""Drawings of a balance. matplotlib is needed here only."""
import numpy as np

from ._dot_plot import finish, plain
from ._house_style import (
    BLUE, FUNDING, GRID, ORANGE, PROCESS, SOFT, ZERO, Rows, Sheet, axis_text, dots, dress, name_rows, styled)

_UNEVEN = 0.1  # beyond it the core's remark calls groups not alike


@styled
def love(b, ax):
    """Standardised differences, before and after."""
    table = b.table
    rows = Rows(table["covariate"])
    sheet = Sheet.one(ax, 4.6, rows.height)
    axis, places, none = sheet.axes[0], np.arange(len(table)), np.full(len(table), np.nan)
    dress(axis)
    for edge in (-_UNEVEN, _UNEVEN):
        axis.axvline(edge, color=ZERO, linewidth=0.9, linestyle=(0, (2, 2)), zorder=1)
    axis.hlines(places, table["difference"], table["weighted_difference"], color=GRID, linewidth=2.0, zorder=1)
    drawn, = dots(axis, table["difference"], none, none, places, FUNDING, "before", size=6.5)
    drawn.set(markerfacecolor="white", markeredgecolor=ORANGE, markeredgewidth=1.4)
    dots(axis, table["weighted_difference"], none, none, places, PROCESS, "weighted")
    name_rows(axis, rows, None if sheet.own else sheet.height())
    treated, control = b._groups[1], b._groups[0]
    finish(sheet, axis, (f"{treated} and {control} before and after weighting",
                         f"standardised difference, {treated} less {control}", f"Dotted: {_UNEVEN:g} either side."),
           legend=True)
    return axis


@styled
def overlap(b, ax):
    """The groups' scores: the treated upwards, the control downwards; weighted ones filled."""
    sheet, axis = plain(ax, 5.0, 3.4, "y", zero=True)
    axis.spines["bottom"].set_visible(True)
    axis.spines["bottom"].set(color=ZERO, linewidth=0.8)
    bins, groups = b.bins, b._groups
    left = bins["score_from"].to_numpy()
    edges = np.append(left, 1.0)
    for name, sign, colour, fill, hatch, level in (("treated", 1, BLUE, "#9fbdd6", "", groups[1]),
                                                   ("control", -1, ORANGE, "#ecc9ae", "////", groups[0])):
        axis.bar(left, 100 * sign * bins[f"weighted_{name}"], width=1 / len(left), align="edge", color=fill, hatch=hatch,
                 edgecolor="white" if not hatch else SOFT, linewidth=0.4, label=f"{level}, weighted")
        axis.stairs(100 * sign * bins[name], edges, color=colour, linewidth=1.5, label=f"{level}, before")
    axis.set_xlim(0, 1)
    axis.yaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    axis_text(axis, "percent of the group", sheet.height(), "y")
    finish(sheet, axis, (f"Do {groups[1]} and {groups[0]} overlap?", f"propensity score of {groups[1]}", ""), legend=True)
    return axis


DRAW = {"love": love, "overlap": overlap}
