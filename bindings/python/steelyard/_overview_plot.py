# SPDX-License-Identifier: GPL-3.0-only
"""Drawings of an overview. matplotlib is needed here only."""
import numpy as np

from ._dot_plot import asked_names, dot_chart, finish, plain
from ._funnel import edges, labelled, points
from ._house_style import INK, PROCESS, SOFT, ZERO, Rows, Sheet, axis_text, dots, dress, name_rows, styled
from ._print import level_text

_ANSWERS = (("better", "#9fbdd6", ""), ("same", "#eceff1", ""), ("worse", "#d9966a", "////"))
_WIDE = 5.2


def draw(overview, kind, outcome, ax, named):
    return {"shares": _shares, "ranks": _ranks, "funnel": _funnel}[kind](overview, outcome, ax, named)


@styled
def _shares(overview, _, ax, __):
    """A bar a question cut into its answers, the dot and line of those who are better off over it."""
    table, record = overview.table, overview._record
    rows = Rows(table["indicator"])
    sheet = Sheet.one(ax, _WIDE, rows.height)
    axis, places, left = sheet.axes[0], np.arange(len(table)), np.zeros(len(table))
    dress(axis, zero=False)
    for key, colour, hatch in _ANSWERS:
        if key in table:
            width = table[key].fillna(0).to_numpy() * 100
            axis.barh(places, width, left=left, height=0.62, color=colour, edgecolor=SOFT, linewidth=0.5, hatch=hatch,
                      label=key)
            left = left + width
    limits = level_text(overview._options["level"])
    dots(axis, *(100 * table[key] for key in ("better", "better_low", "better_high")), places, PROCESS,
         f"better, with {limits} limits")
    if record["threshold"] is not None:
        axis.axvline(100 * record["threshold"], color=INK, linewidth=1, linestyle=(0, (4, 3)),
                     label=f"threshold, {100 * record['threshold']:g} %")
    name_rows(axis, rows, None if sheet.own else sheet.height())
    axis.set_xlim(0, 100)
    shown = [key for key, *_ in _ANSWERS if key in table]
    heading = "How many are better off" if shown == ["better"] else f"How many are {', '.join(shown[:-1])} and {shown[-1]}"
    finish(sheet, axis, (heading, "percent of those who answered", ""), legend=True)
    return axis


@styled
def _ranks(overview, outcome, ax, named):
    """Ranks with the ranges that hold together."""
    table = overview.ranks(outcome)
    frame = table.rename(columns={"group": "name", "rank": "estimate", "lowest": "conf_low", "highest": "conf_high"})
    words = (_of(overview, outcome),
             f"rank by percent better, with ranges that hold together ({level_text(overview._options['level'])})", "")
    axis = dot_chart(frame, ax, words, [PROCESS] * len(frame), zero=False, named=named)
    axis.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    axis.set_xlim(0.5 - 0.02 * len(table), len(table) + 0.5)
    axis.set_xticks([tick for tick in axis.get_xticks() if 1 <= tick <= len(table)])
    return axis


def _of(overview, outcome):
    return str(outcome) if outcome is not None else str(overview.table["indicator"].iloc[0])


@styled
def _funnel(overview, outcome, ax, named):
    """Groups within what chance and dispersion would give them."""
    table = overview.funnel(outcome).sort_values("n").reset_index(drop=True)
    sheet, axis = plain(ax, _WIDE, 3.9, zero=False)
    n, better = table["n"].to_numpy(), 100 * table["better"].to_numpy()
    ends = [0.9 * n[0], 1.1 * n[0]] if n[0] == n[-1] else None  # groups of one size: limits are level lines
    edges(axis, n if ends is None else ends, *(
        [100 * (table[f"{side}_{part}"] if ends is None else table[f"{side}_{part}"].iloc[[0, 0]])
         for side in ("low", "high")] for part in ("95", "998")))
    axis.axhline(100 * table.attrs["overall"], color=ZERO, linewidth=0.9, zorder=1)
    outside = table["outside"].str.endswith("99.8 %").to_numpy()
    points(axis, n, better, outside)
    axis.xaxis.set_major_formatter("{x:,.0f}")
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis_text(axis, "percent better", sheet.height(), "y")
    caption = f"Line: all together, {100 * table.attrs['overall']:.3g} percent. Dispersion {table.attrs['dispersion']:.2f}."
    finish(sheet, axis, (_of(overview, outcome), "people in the group", caption), legend=True)
    far = table["z"].abs().sort_values(ascending=False, kind="stable").index
    asked = asked_names(named, table["group"]) or []
    labelled(axis, table["group"].to_numpy(), (n, better), [*asked, *(row for row in far if outside[row])])
    return axis
