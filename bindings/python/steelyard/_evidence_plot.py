# SPDX-License-Identifier: GPL-3.0-only
"""Drawings of evidence and specification curves. matplotlib is needed here only."""
import numpy as np

from ._house_style import (
    BLUE, FUNDING, GRID, INK, LIMIT, ORANGE, OTHER, PROCESS, SOFT, ZERO, Rows, Sheet, axis_text, beneath, dots, dress,
    name_rows, series, styled, title)
from ._plot import draw_series
from ._print import level_text

_CAUTION = "Association, not effect."
_ANSWERS = ((1, PROCESS, BLUE, "limits above zero"), (-1, FUNDING, ORANGE, "limits below zero"),
            (0, OTHER, ZERO, "both sides of zero, or none"))


def _limits(table, asked, name):
    held = np.isfinite(table[name]).any()
    return f", with {level_text(asked.get('level', 0.95))} limits" if held else ""


@styled
def draw(table, asked, ax):
    """A forest of the differences, and funding beside process."""
    rows = Rows(table["outcome"], least=0.3)
    sheet = Sheet.two(ax, [3.4, 3.4], [rows.height], "one for the differences and one for the shares", sharey=True)
    left, right = sheet.axes
    places = np.arange(len(table))
    for axis in (left, right):
        dress(axis)
        for row in places[1:]:
            axis.axhline(row - 0.5, color=GRID, linewidth=0.7, zorder=0)
    dots(left, table["difference"], table["difference_low"], table["difference_high"], places, OTHER._replace(colour=INK))
    for key, look, shift in (("process", PROCESS, -0.17), ("funding", FUNDING, 0.17)):
        dots(right, table[key], table[f"{key}_low"], table[f"{key}_high"], places + shift, look, asked[key])
    name_rows(left, rows, None if sheet.own else sheet.height(0))
    if sheet.own:
        right.tick_params(axis="y", length=0, labelleft=False)
    else:
        name_rows(right, rows, sheet.height(1), shown=left.figure is not right.figure)
    title(left, f"{asked['process']} less {asked['funding']}", sheet.width(0))
    title(right, "each by itself", sheet.width(1))
    axis_text(left, f"difference of shares, points{_limits(table, asked, 'difference_low')}", sheet.width(0))
    axis_text(right, f"share of the outcome's variance, points{_limits(table, asked, 'process_low')}", sheet.width(1))
    beneath(left, sheet.width(0), _CAUTION)
    beneath(right, sheet.width(1), legend=True)
    sheet.settle()
    return np.array([left, right])


@styled
def league(differences, asked, ax):
    """Outcomes in the order of the first source's difference, each source a dot."""
    sources = list(dict.fromkeys(differences["source"]))
    first = differences[differences["source"] == sources[0]].sort_values("difference", ascending=False, kind="stable")
    outcomes = list(first["outcome"])
    rows = Rows(outcomes, least=0.08 + 0.12 * len(sources))
    sheet = Sheet.one(ax, 4.6, rows.height)
    axis = sheet.axes[0]
    parts = [differences[differences["source"] == source].set_index("outcome").loc[
        outcomes, ["difference", "conf_low", "conf_high"]].to_numpy() for source in sources]
    looks = [OTHER._replace(colour=INK)] if len(sources) == 1 else [series(place) for place in range(len(sources))]
    draw_series(axis, sources, looks, parts)
    name_rows(axis, rows, None if sheet.own else sheet.height())
    title(axis, f"{asked['process']} less {asked['funding']}, by outcome", sheet.width())
    axis_text(axis, f"difference of shares, points{_limits(differences, asked, 'conf_low')}", sheet.width())
    beneath(axis, sheet.width(), f"In order of the difference. {_CAUTION}", legend=len(sources) > 1,
            heading="source of the process measure" if len(sources) > 1 else None)
    sheet.settle()
    return axis


@styled
def curve(table, choices, ax):
    """The sorted differences with limits, and beneath them which option each specification took."""
    varied = [name for name in choices if table[name].nunique() > 1]
    options = [(name, option) for name in varied for option in dict.fromkeys(table[name])]
    rows = Rows([f"{name}: {option}" for name, option in options] or ["one specification"])
    places = np.arange(len(options)) + np.repeat(np.arange(len(varied)), [table[n].nunique() for n in varied]) * 0.6
    high = rows.pitch * ((places[-1] if len(places) else 0) + 1.2)
    sheet = Sheet.two(ax, [7.0], [2.6, high], "one above the other", sharex=True)
    above, below = sheet.axes
    _differences(above, table)
    axis_text(above, "process less funding, points", sheet.height(0), "y")
    above.tick_params(labelbottom=False)
    _options(below, table, options, places)
    texts, size = (rows.texts, rows.size) if sheet.own else rows.fitted(sheet.height(1))
    below.set_yticks(places, texts[:len(places)])
    below.tick_params(axis="y", labelsize=size, length=0, labelcolor=INK)
    below.set_ylim((places[-1] if len(places) else 0) + 0.6, -0.6)
    title(above, "Does the answer hold whatever is chosen?", sheet.width(0))
    axis_text(below, f"{len(table):,} specifications, by difference", sheet.width(0))
    beneath(below, sheet.width(0), _CAUTION, legend=bool(np.isfinite(table["conf_low"]).any()),
            handles=above.get_legend_handles_labels())
    sheet.settle()
    return np.array([above, below])


def _differences(axis, table):
    dress(axis, "y")
    x, d = np.arange(len(table)), table["difference"].to_numpy()
    low, high = table["conf_low"].to_numpy(), table["conf_high"].to_numpy()
    side = np.where(low > 0, 1, np.where(high < 0, -1, 0))
    width, size = min(LIMIT, 300.0 / len(x)), min(5.0, 30.0 / np.sqrt(len(x)) + 1.0)
    for sign, look, pale, words in _ANSWERS:
        own = np.flatnonzero(side == sign)
        if len(own):
            held = own[np.isfinite(low[own])]
            axis.vlines(x[held], low[held], high[held], colors=pale, linewidth=max(0.4, width), alpha=0.55, zorder=2)
            axis.plot(own, d[own], look.marker, color=look.colour, markersize=size, markeredgewidth=0, linestyle="none",
                      label=words, zorder=3, rasterized=len(x) > 5000)
    axis.tick_params(axis="x", length=0)


def _options(axis, table, options, places):
    dress(axis, "x", zero=False)
    axis.grid(False)
    thick = max(0.5, min(3.0, 300.0 / len(table)))
    for (name, option), row in zip(options, places):
        at = np.flatnonzero((table[name] == option).to_numpy())
        axis.plot([-0.5, len(table) - 0.5], [row, row], color=GRID, linewidth=0.7, zorder=0)
        axis.vlines(at, row - 0.32, row + 0.32, colors=SOFT, linewidth=thick, zorder=2, rasterized=len(table) > 5000)
    axis.set_xlim(-0.7, len(table) - 0.3)
    axis.set_xticks([])
