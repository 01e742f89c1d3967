# SPDX-License-Identifier: GPL-3.0-only
"""The drawing of a gap. matplotlib is needed here only."""
import numpy as np

from ._dot_plot import finish
from ._errors import SteelyardError
from ._gap_print import _WHAT
from ._house_style import INK, SOFT, ZERO, Rows, Sheet, dress, name_rows, styled
from ._options import choice
from ._print import level_text

_KINDS = {"explained": ("#7fa3c0", "", "goes with the blocks"), "unexplained": ("#ecc9ae", "////", "not explained")}
_CAUTION = "A difference that goes with a block is no effect of it."


def steps_of(g, category):
    """(name, value, kind, low, high) from the second group's mean to the first's: means, then parts with limits."""
    r, gap, parts = g._record, g.gap, g.parts
    if category is not None:
        if "category" not in gap:
            raise SteelyardError("category: only ordered answers have categories")
        choice("category", category, list(gap["category"]))
        gap = gap[gap["category"] == category]
        parts = g.categories[g.categories["category"] == category]
    row, total = gap.iloc[-1], parts.iloc[-1]
    first, second = (f"{r['group']} = {r['group_levels'][place]}" for place in r["level"])
    none = np.nan, np.nan
    steps = [(second, row["second"], "mean", *none)]
    steps += [(part["block"], part["explained"], "explained", part.get("conf_low", np.nan), part.get("conf_high", np.nan))
              for part in parts.iloc[:-1].to_dict("records") if not np.isnan(part["explained"])]
    rest = row["gap"] - total["explained"]
    fit = row.get("fit", 0.0)
    if abs(fit) > 1e-9:
        steps += [("unexplained", rest - fit, "unexplained", *none), ("fit", fit, "unexplained", *none)]
    else:
        steps.append(("unexplained", rest, "unexplained", total.get("unexplained_conf_low", np.nan),
                      total.get("unexplained_conf_high", np.nan)))
    return [*steps, (first, row["first"], "mean", *none)]


@styled
def draw(g, category, ax):
    """The axes drawn on: one bar a step, the parts hanging between the means."""
    steps, r = steps_of(g, category), g._record
    rows = Rows([name for name, *_ in steps])
    sheet = Sheet.one(ax, 4.8, rows.height)
    axis, limited = sheet.axes[0], any(np.isfinite(low) for *_, low, _ in steps)
    dress(axis, zero=False)
    ends = _bars(axis, steps)
    _label(axis, steps, ends)
    name_rows(axis, rows, None if sheet.own else sheet.height())
    answer = f": {category}" if category else ""
    unit = "chance" if category not in (None, "mean") else _WHAT[r["type"]]
    limits = f"; lines: {level_text(r['confidence'])} limits of the parts" if limited else ""
    finish(sheet, axis, (f"Gap in {r['outcome']} by {r['group']}{answer}", f"{unit} of {r['outcome']}{limits}", _CAUTION),
           legend=True)
    return axis


def _bars(axis, steps):
    """What was drawn of each step: its leftmost and rightmost place."""
    ends, level, named = [], steps[0][1], set()
    for place, (_, value, kind, *limits) in enumerate(steps):
        start = level if kind != "mean" else value
        level = value if kind == "mean" else level + value
        reach = [start, level, *(start + limit for limit in limits if np.isfinite(limit))]
        ends.append((min(reach), max(reach)))
        if kind == "mean":
            axis.plot([value], [place], "D", color=INK, markersize=6, zorder=3, label=None if kind in named else "mean")
        else:
            colour, hatch, words = _KINDS[kind]
            axis.barh(place, value, left=start, height=0.6, color=colour, hatch=hatch, edgecolor=SOFT, linewidth=0.6,
                      zorder=2, label=None if kind in named else words)
            axis.plot(reach[2:], [place] * len(reach[2:]), color=INK, linewidth=1.2, zorder=3)
        named.add(kind)
        if place + 1 < len(steps):
            axis.plot([level, level], [place, place + 1], color=ZERO, linewidth=0.8, zorder=1)
    return ends


def _label(axis, steps, ends):
    """Each number right of its bar."""
    low, high = np.min(ends), np.max(ends)
    span = high - low or abs(high) or 1.0
    for place, ((_, value, kind, *_), pair) in enumerate(zip(steps, ends)):
        text = (f"{value:.4g}" if kind == "mean" else f"{value:+.3g}").replace("-", "\u2212")
        axis.text(pair[1] + 0.025 * span, place, text, va="center", ha="left", fontsize=9, color=INK, zorder=4,
                  bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8})
    axis.set_xlim(low - 0.08 * span, high + 0.28 * span)
