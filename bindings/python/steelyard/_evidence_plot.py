# SPDX-License-Identifier: GPL-3.0-only
"""Drawings of evidence and specification curves. matplotlib is needed here only."""
import numpy as np

from ._errors import SteelyardError
from ._plot import _BLUE, _GREY, _ORANGE, _pyplot, _wrapped


def draw(table, asked, ax):
    """A forest of the differences, and funding beside process."""
    names = [_wrapped(name) for name in table["outcome"]]
    y = np.arange(len(names))[::-1]
    if ax is None:
        lines = sum(name.count("\n") + 1 for name in names)
        margin = 0.3 + 0.085 * max(len(line) for name in names for line in name.split("\n"))
        _, ax = _pyplot().subplots(1, 2, sharey=True, layout="constrained",
                                   figsize=(7.6 + margin, max(0.42 * lines, 0.8) + 1.5))
    if np.size(ax) != 2:
        raise SteelyardError("ax: two axes are needed, one for the differences and one for the shares")
    left, right = np.ravel(ax)
    _whiskers(left, table, "difference", y, "black", None)
    left.axvline(0, color=_GREY, linewidth=0.8, zorder=0)
    left.set_yticks(y, names)
    left.set_ylim(-0.6, len(names) - 0.4)
    left.set_xlabel(f"{asked['process']} less {asked['funding']}")
    _whiskers(right, table, "process", y + 0.14, _BLUE, asked["process"])
    _whiskers(right, table, "funding", y - 0.14, _ORANGE, asked["funding"])
    right.set_xlabel("part of the variance")
    right.set_xlim(left=0)
    right.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    for axis in (left, right):
        axis.spines[["top", "right"]].set_visible(False)
    return np.array([left, right])


def _whiskers(axis, table, name, y, colour, label):
    x = table[name].to_numpy()
    low, high = (table[f"{name}_{end}"].to_numpy() for end in ("low", "high"))
    axis.hlines(y, np.where(np.isnan(low), x, low), np.where(np.isnan(high), x, high), color=colour, linewidth=1.4)
    axis.plot(x, y, "o", color=colour, markersize=5, label=label)


def curve(table, choices, ax):
    """The sorted differences with limits, and beneath them which option each specification took."""
    varied = [name for name in choices if table[name].nunique() > 1]
    options = [(name, option) for name in varied for option in dict.fromkeys(table[name])]
    rows = np.arange(len(options))[::-1] - np.repeat(np.arange(len(varied)), [table[n].nunique() for n in varied]) * 0.6
    if ax is None:
        _, ax = _pyplot().subplots(2, 1, sharex=True, layout="constrained",
                                   figsize=(9.0, 3.0 + 0.21 * max(len(options), 1) + 0.12 * len(varied)),
                                   height_ratios=[2.6, max(0.21 * len(options) + 0.12 * len(varied), 0.4)])
    if np.size(ax) != 2:
        raise SteelyardError("ax: two axes are needed, one above the other")
    above, beneath = np.ravel(ax)
    _draw_curve(above, table)
    x = np.arange(len(table))
    for (name, option), row in zip(options, rows):
        at = np.flatnonzero((table[name] == option).to_numpy())
        beneath.scatter(x[at], np.full(len(at), row), s=max(1.5, min(12.0, 900.0 / len(table))), color=_BLUE,
                        marker="s", linewidths=0)
    beneath.set_yticks(rows, [f"{name}: {_short(option)}" for name, option in options], fontsize=8)
    beneath.set_ylim((rows.min() if len(rows) else 0) - 0.8, 0.8 + (rows.max() if len(rows) else 0))
    beneath.set_xlabel(f"{len(table)} specifications, by difference")
    for axis in (above, beneath):
        axis.spines[["top", "right"]].set_visible(False)
    beneath.tick_params(axis="y", length=0)
    return np.array([above, beneath])


def _draw_curve(axis, table):
    x, d = np.arange(len(table)), table["difference"].to_numpy()
    low, high = table["conf_low"].to_numpy(), table["conf_high"].to_numpy()
    shown = np.where(low > 0, _BLUE, np.where(high < 0, _ORANGE, _GREY))
    held = ~np.isnan(low)
    axis.vlines(x[held], low[held], high[held], colors=shown[held], linewidth=max(0.4, min(1.5, 150.0 / len(x))), alpha=0.5)
    axis.scatter(x, d, s=max(2.0, min(14.0, 1500.0 / len(x))), c=shown, linewidths=0, zorder=3)
    axis.axhline(0, color="black", linewidth=0.8)
    axis.set_ylabel("process less funding")


def _short(text, most=34):
    return text if len(text) <= most else text[:most - 1] + "…"
