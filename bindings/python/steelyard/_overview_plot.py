# SPDX-License-Identifier: GPL-3.0-only
"""Drawings of an overview. matplotlib is needed here only."""
import numpy as np

from ._plot import _BLUE, _GREY, _ORANGE, _pyplot, _wrapped
from ._print import level_text

_LIGHT, _PALE = "#9fbdd6", "#e3e6e8"
_PLACES = ((7, -3, "left"), (-7, -3, "right"), (7, 4, "left"), (7, -11, "left"), (-7, 4, "right"), (-7, -11, "right"),
           (0, 7, "center"), (0, -14, "center"))
_LABELS_OUTSIDE = 8  # of the funnel, the most extreme groups that are named


def draw(overview, kind, outcome, ax):
    return {"shares": _shares, "ranks": _ranks, "funnel": _funnel}[kind](overview, outcome, ax)


def _axes(ax, width, height):
    if ax is not None:
        return ax
    return _pyplot().subplots(figsize=(width, height), layout="constrained")[1]


def _named_rows(axis, names):
    axis.set_yticks(range(len(names)), names)
    axis.set_ylim(len(names) - 0.4, -0.6)
    axis.tick_params(axis="y", length=0)
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)


def _row_height(names):
    return max(1.2, 0.36 * sum(max(1, name.count("\n") * 0.55 + 0.75) for name in names)) + 1.4


def _shares(overview, _, ax):
    table, record = overview.table, overview._record
    names = [_wrapped(name) for name in table["indicator"]]
    axis = _axes(ax, 7.2, _row_height(names))
    rows, left = np.arange(len(names)), np.zeros(len(names))
    for key, colour in (("better", _BLUE), ("same", _PALE), ("worse", _ORANGE)):
        if key in table:
            width = table[key].fillna(0).to_numpy() * 100
            axis.barh(rows, width, left=left, height=0.62, color=_LIGHT if key == "better" else colour, label=key)
            left = left + width
    for row, low, high, share in zip(rows, table["better_low"], table["better_high"], table["better"]):
        if np.isfinite(low):
            axis.plot([100 * low, 100 * high], [row, row], color=_BLUE, linewidth=2.2, solid_capstyle="butt")
        axis.plot([100 * share], [row], "o", color=_BLUE, markersize=5)
    if record["threshold"] is not None:
        axis.axvline(100 * record["threshold"], color="black", linewidth=1, linestyle=(0, (4, 3)))
    _named_rows(axis, names)
    axis.set_xlim(0, 100)
    axis.set_xlabel(f"percent of those who answered; dot and line: better with {level_text(overview._options['level'])} "
                    "limits", fontsize=9)
    if "worse" in table:
        axis.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncol=3, frameon=False, handlelength=1.2)
    return axis


def _ranks(overview, outcome, ax):
    table = overview.ranks(outcome)
    many = len(table) > 60
    names = [_wrapped(name) for name in table["group"]]
    axis = _axes(ax, 6.4, 9.0 if many else _row_height(names))
    rows = np.arange(len(table))
    axis.hlines(rows, table["lowest"], table["highest"], color=_LIGHT, linewidth=1.2 if many else 4)
    axis.plot(table["rank"], rows, "o", color=_BLUE, markersize=2.5 if many else 5.5)
    _named_rows(axis, names)
    if many:
        axis.set_yticks([])
        axis.set_ylabel(f"{len(table)} groups, by rank", fontsize=9)
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.set_xlabel(f"rank by share better, with ranges that hold together ({level_text(overview._options['level'])})",
                    fontsize=9)
    return axis


def _funnel(overview, outcome, ax):
    table = overview.funnel(outcome).sort_values("n")
    axis = _axes(ax, 7.2, 5.2)
    for low, high, style, name in (("low_95", "high_95", (0, (4, 3)), "95 %"), ("low_998", "high_998", "-", "99.8 %")):
        axis.plot(table["n"], 100 * table[low], color=_GREY, linestyle=style, linewidth=1, label=name)
        axis.plot(table["n"], 100 * table[high], color=_GREY, linestyle=style, linewidth=1)
    axis.axhline(100 * table.attrs["overall"], color="black", linewidth=0.8)
    outside = table["outside"] != "inside"
    axis.plot(table["n"][~outside], 100 * table["better"][~outside], "o", color=_BLUE, markersize=4)
    axis.plot(table["n"][outside], 100 * table["better"][outside], "o", color=_ORANGE, markersize=5)
    axis.xaxis.set_major_formatter("{x:,.0f}")
    axis.set_xlabel("people")
    axis.set_ylabel("percent better")
    axis.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncol=2, frameon=False, fontsize=9, title_fontsize=9,
                title=f"limits (dispersion {table.attrs['dispersion']:.2f})")
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    _name_outliers(axis, table[outside], table)
    return axis


def _name_outliers(axis, table, everyone):
    """Names of the most extreme groups, each where no other name and no point lies."""
    taken = []
    figure = axis.figure
    figure.canvas.draw()
    points = axis.transData.transform(np.column_stack([everyone["n"], 100 * everyone["better"]]))
    worst = table.reindex(table["z"].abs().sort_values(ascending=False).index)
    for row in worst.head(_LABELS_OUTSIDE).itertuples():
        for dx, dy, side in _PLACES:
            text = axis.annotate(str(row.group), (row.n, 100 * row.better), (dx, dy), textcoords="offset points",
                                 ha=side, fontsize=8)
            box = text.get_window_extent(figure.canvas.get_renderer())
            inside = axis.get_window_extent().contains(box.x0, box.y0) and axis.get_window_extent().contains(
                box.x1, box.y1)
            covered = ((points > (box.x0 - 3, box.y0 - 3)) & (points < (box.x1 + 3, box.y1 + 3))).all(axis=1).any()
            if inside and not covered and not any(box.overlaps(other) for other in taken):
                taken.append(box)
                break
            text.remove()
