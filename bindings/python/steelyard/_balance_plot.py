# SPDX-License-Identifier: GPL-3.0-only
"""Drawings of a balance."""
import numpy as np

from ._plot import _BLUE, _GREY, _ORANGE, _pyplot, _wrapped

_UNEVEN = 0.1  # beyond it the core's remark calls groups not alike


def _bare(axis, *sides):
    for side in sides:
        axis.spines[side].set_visible(False)


def love(b, ax):
    """Standardised differences, before and after."""
    table = b.table
    names = [_wrapped(name) for name in table["covariate"]]
    if ax is None:
        lines = sum(name.count("\n") + 1 for name in names)
        _, ax = _pyplot().subplots(figsize=(6.2, 0.34 * lines + 1.7), layout="constrained")
    places = range(len(table))
    for place, (before, after) in enumerate(zip(table["difference"], table["weighted_difference"])):
        ax.plot([before, after], [place, place], color="#d5dadd", linewidth=1.2, zorder=1)
    ax.plot(table["difference"], places, "o", markersize=6.5, markerfacecolor="white", markeredgecolor=_ORANGE,
            markeredgewidth=1.6, label="before", zorder=2)
    ax.plot(table["weighted_difference"], places, "o", markersize=6.5, color=_BLUE, label="weighted", zorder=3)
    ax.axvline(0, color=_GREY, linewidth=0.8, zorder=0)
    for edge in (-_UNEVEN, _UNEVEN):
        ax.axvline(edge, color=_GREY, linewidth=0.8, linestyle=":", zorder=0)
    ax.set_yticks(places, names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel("standardised difference, treated less control")
    _bare(ax, "top", "right", "left")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncol=2, frameon=False)
    return ax


def overlap(b, ax):
    """The groups' scores: the treated upwards, the control downwards; weighted ones filled."""
    if ax is None:
        _, ax = _pyplot().subplots(figsize=(6.2, 3.8), layout="constrained")
    bins, groups = b.bins, b._groups
    left = bins["score_from"].to_numpy()
    width = 1 / len(left)
    edges = np.append(left, 1.0)
    for name, sign, colour, level in (("treated", 1, _BLUE, groups[1]), ("control", -1, _ORANGE, groups[0])):
        ax.bar(left, 100 * sign * bins[f"weighted_{name}"], width=width, align="edge", color=colour, alpha=0.55,
               label=f"{level}, weighted")
        ax.stairs(100 * sign * bins[name], edges, color=colour, linewidth=1.5, label=f"{level}, before")
    ax.axhline(0, color=_GREY, linewidth=0.8)
    ax.set_xlim(0, 1)
    ax.yaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    ax.set_xlabel(f"propensity score of {groups[1]}")
    ax.set_ylabel("percent of the group")
    _bare(ax, "top", "right")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncol=2, frameon=False)
    return ax


DRAW = {"love": love, "overlap": overlap}
