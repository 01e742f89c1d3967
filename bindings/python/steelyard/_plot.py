# SPDX-License-Identifier: GPL-3.0-only
"""Drawings of a result. matplotlib is needed here only."""
import textwrap

import numpy as np

from . import _print
from ._errors import SteelyardError
from ._measure import whole_of

_BLUE, _ORANGE, _GREY = "#2a5d84", "#c8702a", "#8a8f94"
_COLUMNS = 3  # panels in a row
_NAME_WIDTH, _TITLE_WIDTH = 28, 34


def _pyplot():
    try:
        from matplotlib import pyplot
    except ImportError:
        raise ImportError("plot() needs matplotlib: pip install matplotlib "
                          "(Debian: sudo apt-get install python3-matplotlib)") from None
    return pyplot


def draw(kind, records, tables, level, ax):
    """One panel an outcome; the axes, or an array of them for several outcomes."""
    if ax is not None and len(records) > 1:
        raise SteelyardError(f"ax: one axes was given for {len(records)} outcomes")
    axes = [ax] if ax is not None else _panels(_pyplot(), kind, tables)
    for i, (axis, record, table) in enumerate(zip(axes, records, tables)):
        _DRAW[kind](axis, table)
        _dress(axis, record["outcome"], table["block"], outer=i % _COLUMNS == 0)
        axis.set_xlabel(_axis_text(kind, record, level))
    if kind == "common":
        _legend(axes[(len(axes) - 1) // _COLUMNS * _COLUMNS])
    return axes[0] if len(records) == 1 else np.array(axes)


def _panels(pyplot, kind, tables):
    count = len(tables)
    columns = min(count, _COLUMNS)
    rows = -(-count // columns)
    names = [_wrapped(name).split("\n") for name in tables[0]["block"]]
    lines = sum(map(len, names))
    height = max(lines * (0.5 if kind == "common" else 0.34), 0.8) + 1.3
    legend = 0.4 if kind == "common" else 0.0
    margin = 0.3 + 0.085 * max(len(line) for name in names for line in name)
    # one scale for all outcomes, so that panels can be compared
    figure, grid = pyplot.subplots(rows, columns, squeeze=False, sharex=True, sharey=True, layout="constrained",
                                   figsize=(3.2 * columns + margin, height * rows + legend))
    figure.get_layout_engine().set(h_pad=0.1, w_pad=0.08)
    for spare in grid.flat[count:]:
        spare.set_visible(False)
    return list(grid.flat[:count])


def _wrapped(name):
    return "\n".join(textwrap.wrap(str(name), _NAME_WIDTH, break_long_words=True)) or str(name)


def _dress(axis, outcome, names, outer):
    """Names on the left, first block on top, nothing that carries no number."""
    axis.set_title("\n".join(textwrap.wrap(outcome, _TITLE_WIDTH)), fontsize=11)
    axis.set_yticks(range(len(names)), [_wrapped(name) for name in names])
    axis.set_ylim(len(names) - 0.4, -0.6)
    axis.tick_params(axis="y", length=0, labelleft=outer)
    axis.tick_params(axis="x", labelbottom=True)
    axis.locator_params(axis="x", nbins=4)
    axis.axvline(0, color=_GREY, linewidth=0.8, zorder=0)
    axis.grid(axis="x", color="#e3e6e8", linewidth=0.7)
    axis.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)


def _axis_text(kind, record, level):
    if kind == "common":
        return f"points of {whole_of(record)}"
    if kind == "bounds":
        return f"share of {whole_of(record)},\nlowest and highest over orderings"
    limits = "" if record["interval"] == "none" else f"\nwith {_print.level_text(level)} limits"
    return f"share of {whole_of(record)}{limits}"


def _whiskers(axis, table, low, high, colour):
    for place, (left, right) in enumerate(zip(table[low], table[high])):
        if np.isfinite(left) and np.isfinite(right):
            axis.plot([left, right], [place, place], color=colour, linewidth=2, solid_capstyle="butt", zorder=2)
    axis.plot(table["share"], range(len(table)), "o", color=_BLUE, markersize=6.5, zorder=3)


def _shares(axis, table):
    _whiskers(axis, table, "conf_low", "conf_high", _BLUE)


def _bounds(axis, table):
    if table["lowest"].isna().all():
        raise SteelyardError("kind: lowest and highest were skipped; ask shares() for bounds = True")
    _whiskers(axis, table, "lowest", "highest", _ORANGE)


def _common(axis, table):
    rows = np.arange(len(table))
    for shift, metric, colour in ((-0.26, "alone", _BLUE), (0.0, "unique", _ORANGE), (0.26, "common", _GREY)):
        axis.barh(rows + shift, table[metric], height=0.24, color=colour, label=metric)


def _legend(axis):
    """Below the axis text, a fixed distance in points whatever the height."""
    from matplotlib.transforms import ScaledTranslation

    below = axis.transAxes + ScaledTranslation(0, -0.55, axis.figure.dpi_scale_trans)
    axis.legend(loc="upper center", bbox_to_anchor=(0.5, 0.0), bbox_transform=below, ncol=3, frameon=False,
                columnspacing=1.2, handlelength=1.2)


_DRAW = {"shares": _shares, "bounds": _bounds, "common": _common}


_LINES = ("#2a5d84", "#c8702a", "#4c8c4a", "#8a4f9e", "#8a8f94", "#b0413e")
_STYLES = ("-", "--", ":", "-.")


def draw_dominance(records, found, ax):
    """A line a block: what it adds on average beside 0, 1, .. others; one panel an outcome."""
    if ax is not None and len(records) > 1:
        raise SteelyardError(f"ax: one axes was given for {len(records)} outcomes")
    axes = [ax]
    if ax is None:
        columns = min(len(records), _COLUMNS)
        rows = -(-len(records) // columns)
        figure, grid = _pyplot().subplots(rows, columns, squeeze=False, sharex=True, sharey=True, layout="constrained",
                                          figsize=(3.6 * columns + 1.6, 3.2 * rows))
        for spare in grid.flat[len(records):]:
            spare.set_visible(False)
        axes = list(grid.flat[:len(records)])
    for axis, record, one in zip(axes, records, found):
        count = len(one["names"])
        for i, name in enumerate(one["names"]):
            axis.plot(range(count), one["by_size"][:, i], marker="o", markersize=4.5, label=_wrapped(name),
                      color=_LINES[i % len(_LINES)], linestyle=_STYLES[i // len(_LINES) % len(_STYLES)])
        axis.set_title("\n".join(textwrap.wrap(record["outcome"], _TITLE_WIDTH)), fontsize=11)
        axis.set_xticks(range(count))
        axis.set_xlabel("other blocks in the submodel")
        axis.set_ylabel("average contribution,\npoints of all outcome variance")
        axis.label_outer()
        axis.axhline(0, color=_GREY, linewidth=0.8, zorder=0)
        for side in ("top", "right"):
            axis.spines[side].set_visible(False)
    last = axes[min(len(axes), _COLUMNS) - 1]
    last.legend(loc="center left", bbox_to_anchor=(1.02, 0.5), frameon=False)
    return axes[0] if len(records) == 1 else np.array(axes)
