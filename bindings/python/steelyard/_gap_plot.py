# SPDX-License-Identifier: GPL-3.0-only
"""The drawing of a gap. matplotlib is needed here only."""
import numpy as np

from ._errors import SteelyardError
from ._gap_print import _WHAT
from ._options import choice
from ._plot import _BLUE, _GREY, _ORANGE, _pyplot, _wrapped



def steps_of(g, category):
    """(name, value, kind) from the second group's mean to the first's: means, then parts."""
    r, gap, parts = g._record, g.gap, g.parts
    if category is not None:
        if "category" not in gap:
            raise SteelyardError("category: only ordered answers have categories")
        choice("category", category, list(gap["category"]))
        gap = gap[gap["category"] == category]
        parts = g.categories[g.categories["category"] == category]
    row, total = gap.iloc[-1], parts.iloc[-1]
    first, second = (f"{r['group']} = {r['group_levels'][place]}" for place in r["level"])
    steps = [(second, row["second"], "mean")]
    steps += [(part["block"], part["explained"], "explained") for part in parts.iloc[:-1].to_dict("records")
              if not np.isnan(part["explained"])]
    rest = row["gap"] - total["explained"]
    fit = row.get("fit", 0.0)
    if abs(fit) > 1e-9:
        rest -= fit
    steps.append(("unexplained", rest, "unexplained"))
    if abs(fit) > 1e-9:
        steps.append(("fit", fit, "unexplained"))
    return [*steps, (first, row["first"], "mean")]


def draw(g, category, ax):
    """The axes drawn on: one bar a step, the parts hanging between the means."""
    steps, r = steps_of(g, category), g._record
    names = [_wrapped(name) for name, _, _ in steps]
    if ax is None:
        lines = sum(name.count("\n") + 1 for name in names)
        margin = 0.3 + 0.085 * max(len(line) for name in names for line in name.split("\n"))
        _, ax = _pyplot().subplots(figsize=(4.6 + margin, 0.36 * lines + 1.3), layout="constrained")
    ends, level = [], steps[0][1]
    for place, (_, value, kind) in enumerate(steps):
        start = level if kind != "mean" else value
        level = value if kind == "mean" else level + value
        ends += [start, level]
        if kind == "mean":
            ax.plot([value], [place], "D", color=_GREY, markersize=6.5, zorder=3)
        else:
            colour = _BLUE if kind == "explained" else _ORANGE
            ax.barh(place, value, left=start, height=0.6, color=colour, zorder=2)
        if place + 1 < len(steps):
            ax.plot([level, level], [place, place + 1], color=_GREY, linewidth=0.8, zorder=1)
    _label(ax, steps, ends)
    _dress(ax, names, f"Gap in {r['outcome']} by {r['group']}" + (f": {category}" if category else ""),
           "chance" if category not in (None, "mean") else _WHAT[r["type"]])
    return ax


def _label(ax, steps, ends):
    """Each number right of its bar."""
    low, high = min(ends), max(ends)
    span = high - low or abs(high) or 1.0
    level = steps[0][1]
    for place, (_, value, kind) in enumerate(steps):
        start = level if kind != "mean" else value
        level = value if kind == "mean" else level + value
        text = f"{value:.4g}" if kind == "mean" else f"{value:+.4g}"
        ax.text(max(start, level) + 0.025 * span, place, text, va="center", ha="left", fontsize=9, zorder=4,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8})
    ax.set_xlim(low - 0.08 * span, high + 0.28 * span)


def _dress(ax, names, title, axis):
    ax.set_title(title, fontsize=11)
    ax.set_xlabel(f"{axis}: explained blue, not explained orange")
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.locator_params(axis="x", nbins=5)
    ax.grid(axis="x", color="#e3e6e8", linewidth=0.7)
    ax.set_axisbelow(True)
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
