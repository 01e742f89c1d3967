# SPDX-License-Identifier: GPL-3.0-only
"""Drawings of shares. matplotlib is needed here only."""
import numpy as np

from . import _print
from ._errors import SteelyardError
from ._house_style import (
    BLUE, GRID, INK, PALE, SOFT, Rows, Sheet, axis_text, beneath, dodged, dots, dress, ends_named, height_for_names, looks,
    name_rows, row_dots, row_looks, styled, title)
from ._measure import whole_of

_WIDE, _NARROW = 4.6, 3.2  # inches of one panel, and of each of several
_MOST_PARTS = 20
_CAUTION = "Association, not effect."


@styled
def draw(kind, records, tables, level, ax):
    """One panel an outcome; the axes, or an array of them for several outcomes."""
    rows = Rows(tables[0]["block"])
    wide = _WIDE if len(records) == 1 else _NARROW
    sheet = Sheet.panels(ax, len(records), wide, rows.height, sharex=True, sharey=True)
    for i, (axis, record, table) in enumerate(zip(sheet.axes, records, tables)):
        outer = not sheet.own or i % 3 == 0
        dress(axis)
        _DRAW[kind](axis, table)
        name_rows(axis, rows, None if sheet.own else sheet.height(i), shown=outer)
        axis.tick_params(axis="x", labelbottom=True)
        title(axis, record["outcome"], sheet.width(i))
        axis_text(axis, _axis_text(kind, record, level), sheet.width(i))
        beneath(axis, sheet.width(i), _caption(record, len(records)) if i == 0 or len(records) == 1 else "")
    sheet.settle()
    return _given_back(sheet.axes)


def _given_back(axes):
    return axes[0] if len(axes) == 1 else np.array(axes)


def _caption(record, count):
    if count > 1:
        return ""
    return f"All blocks together {record['total']:.3g} of {whole_of(record)}, n = {record['n']:,.6g}. {_CAUTION}"


def _axis_text(kind, record, level):
    if kind == "bounds":
        return f"share of {whole_of(record)}, points; line: lowest to highest over orderings"
    limits = "" if record["interval"] == "none" else f", with {_print.level_text(level)} limits"
    return f"share of {whole_of(record)}, points{limits}"


def _shares(axis, table):
    row_dots(axis, table["share"], table["conf_low"], table["conf_high"], row_looks(table["block"]))


def _bounds(axis, table):
    if table["lowest"].isna().all():
        raise SteelyardError("kind: lowest and highest were skipped; ask shares() for bounds = True")
    places = np.arange(len(table))
    axis.hlines(places, table["lowest"], table["highest"], color=PALE, linewidth=6, zorder=2)
    for end in ("lowest", "highest"):
        axis.plot(table[end], places, "|", color=SOFT, markersize=8, markeredgewidth=1.2, zorder=2)
    row_dots(axis, table["share"], np.full(len(table), np.nan), table["highest"], row_looks(table["block"]))


_DRAW = {"shares": _shares, "bounds": _bounds}


@styled
def draw_forest(records, tables, level, ax):
    """A row an outcome, a dot with limits a block: the outcomes under one another."""
    names, styles = list(tables[0]["block"]), looks(tables[0]["block"])
    rows = Rows([record["outcome"] for record in records], least=0.06 + 0.11 * len(names))
    sheet = Sheet.one(ax, _WIDE, rows.height)
    axis = sheet.axes[0]
    draw_series(axis, names, styles, [
        [table[["share", "conf_low", "conf_high"]].iloc[block] for table in tables] for block in range(len(names))])
    title(axis, "Shares by outcome", sheet.width())
    name_rows(axis, rows, None if sheet.own else sheet.height())
    axis_text(axis, _axis_text("shares", records[0], level), sheet.width())
    beneath(axis, sheet.width(), _CAUTION, legend=True)
    sheet.settle()
    return axis


def draw_series(axis, names, styles, series):
    """Dots of several series inside each row; a series is an iterable of (value, low, high)."""
    dress(axis)
    many = len(names) > 4
    for name, look, numbers, shift in zip(names, styles, series, dodged(len(names), 0.62 if many else 0.5)):
        value, low, high = np.array([tuple(row) for row in numbers], dtype=float).T
        dots(axis, value, low, high, np.arange(len(value)) + shift, look, str(name), size=4.5 if many else 5.5, line=1.3)
    for row in range(1, len(value)):
        axis.axhline(row - 0.5, color=GRID, linewidth=0.7, zorder=0)


@styled
def draw_by(by, levels, kind, parts, ax):
    """A row a block, the levels inside it; one panel an outcome. parts: (record, {level: table}, level of limits)."""
    first = next(iter(parts[0][1].values()))
    rows = Rows(first["block"], least=0.06 + 0.12 * len(levels))
    sheet = Sheet.panels(ax, len(parts), _WIDE if len(parts) == 1 else _NARROW, rows.height, sharex=True, sharey=True)
    low, high = ("conf_low", "conf_high") if kind == "shares" else ("lowest", "highest")
    names, styles = [f"{by} = {level}" for level in levels], looks(levels)
    for i, (axis, (record, tables, level)) in enumerate(zip(sheet.axes, parts)):
        if kind == "bounds" and any(table["lowest"].isna().all() for table in tables.values()):
            raise SteelyardError("kind: lowest and highest were skipped; ask shares() for bounds = True")
        draw_series(axis, names, styles, [
            table[["share", low, high]].itertuples(index=False) for table in tables.values()])
        name_rows(axis, rows, None if sheet.own else sheet.height(i), shown=not sheet.own or i % 3 == 0)
        axis.tick_params(axis="x", labelbottom=True)
        title(axis, f"{record['outcome']} by {by}", sheet.width(i))
        axis_text(axis, _axis_text(kind, record, level), sheet.width(i))
    last = (len(parts) - 1) // 3 * 3
    beneath(sheet.axes[last], sheet.across(), _CAUTION, legend=True)
    sheet.settle()
    return _given_back(sheet.axes)


@styled
def draw_dominance(records, found, ax):
    """A line a block: what it adds on average beside 0, 1, .. others; one panel an outcome."""
    names = found[0]["names"]
    direct, styles = len(records) == 1 and ax is None, looks(names)
    sheet = Sheet.panels(ax, len(records), _WIDE if len(records) == 1 else _NARROW,
                         max(3.1, height_for_names(names) if direct else 0), sharex=True, sharey=True)
    for i, (axis, record, one) in enumerate(zip(sheet.axes, records, found)):
        dress(axis, "y")
        for name, look, values in zip(names, styles, one["by_size"].T):
            axis.plot(range(len(names)), values, marker=look.marker, markersize=5, markeredgecolor="white",
                      markeredgewidth=0.4, color=look.colour, linestyle=look.dash, linewidth=1.5, label=name)
        axis.set_xticks(range(len(names)))
        title(axis, record["outcome"], sheet.width(i))
        axis_text(axis, "other blocks in the submodel", sheet.width(i))
        if i % 3 == 0 or not sheet.own:
            axis_text(axis, f"average contribution, points of {whole_of(record)}", sheet.height(i), "y")
        axis.tick_params(labelbottom=True)
        if direct:
            ends_named(axis, len(names) - 1, one["by_size"][-1], names, styles, sheet.height())
    last = (len(records) - 1) // 3 * 3
    beneath(sheet.axes[last], sheet.across(), _CAUTION, legend=not direct)
    sheet.settle()
    return _given_back(sheet.axes)


@styled
def draw_common(records, tables, ax):
    """Bars of what sets of blocks explain uniquely and in common, over a matrix of the blocks: an UpSet picture."""
    names = [name for name, _ in records[0]["blocks"]]
    rows, count = Rows(names), len(records)
    bars = min(max(len(table) for table in tables), _MOST_PARTS)
    if ax is not None and np.size(ax) != 2 * count:
        raise SteelyardError(f"ax: {2 * count} axes are needed, bars above a matrix for each outcome; "
                             f"{np.size(ax)} given")
    wide = max(0.24 * bars, 2.4) + 0.3
    sheet = Sheet(ax, [wide] * count, [2.2, rows.height], sharex="col", order="column")
    for i, (record, table) in enumerate(zip(records, tables)):
        above, below = sheet.axes[2 * i:2 * i + 2]
        shown = table.reindex(table["coefficient"].abs().sort_values(ascending=False, kind="stable").index)[:_MOST_PARTS]
        _bars(above, shown)
        title(above, record["outcome"], sheet.width(i))
        axis_text(above, f"points of {whole_of(record)}", 2.2, "y")
        _matrix(below, shown["players"], names)
        name_rows(below, rows, None if sheet.own else sheet.height(2 * i + 1), shown=i == 0 or not sheet.own)
        beneath(below, sheet.width(i), _parts_text(table, shown), ticks=0, legend=True,
                handles=above.get_legend_handles_labels())
    sheet.settle()
    return np.array(sheet.axes).reshape(count, 2) if count > 1 else np.array(sheet.axes)


@styled
def draw_parts(records, tables, ax):
    """What each block explains alone, cut into what is unique to it and what it has in common with others."""
    rows = Rows(tables[0]["block"])
    sheet = Sheet.panels(ax, len(records), _WIDE if len(records) == 1 else _NARROW, rows.height, sharex=True, sharey=True)
    for i, (axis, record, table) in enumerate(zip(sheet.axes, records, tables)):
        dress(axis)
        places, unique, common = np.arange(len(table)), table["unique"].to_numpy(), table["common"].to_numpy()
        axis.barh(places, unique, height=0.55, color=BLUE, edgecolor=SOFT, linewidth=0.7, label="unique")
        drawn = axis.barh(places, common, left=np.where(common < 0, 0, unique), height=0.55, color=PALE, edgecolor=SOFT,
                          linewidth=0.7, label="common with others")
        for bar, value in zip(drawn, common):
            bar.set_hatch("////" if value < 0 else "")
        _key(drawn)
        name_rows(axis, rows, None if sheet.own else sheet.height(i), shown=not sheet.own or i % 3 == 0)
        axis.tick_params(axis="x", labelbottom=True)
        title(axis, record["outcome"], sheet.width(i))
        axis_text(axis, f"points of {whole_of(record)}", sheet.width(i))
    last = (len(records) - 1) // 3 * 3
    negative = "Hatched: negative, under suppression. " if any((table["common"] < 0).any() for table in tables) else ""
    beneath(sheet.axes[last], sheet.across(), negative + _CAUTION, legend=True)
    sheet.settle()
    return _given_back(sheet.axes)


def _bars(axis, shown):
    dress(axis, "y")
    places, values = np.arange(len(shown)), shown["coefficient"].to_numpy()
    for unique, colour, words in ((True, BLUE, "unique to one block"), (False, PALE, "common to several")):
        own = (shown["order"].to_numpy() == 1) == unique
        drawn = axis.bar(places[own], values[own], width=0.62, color=colour, edgecolor=SOFT, linewidth=0.7, label=words)
        for bar, value in zip(drawn, values[own]):
            bar.set_hatch("////" if value < 0 else "")
        _key(drawn)
    axis.margins(y=0.12)
    axis.set_xlim(-0.7, max(len(shown) - 0.3, 2.0))
    axis.tick_params(axis="x", length=0, labelbottom=False)


def _key(drawn):
    """The legend shows a bar that is positive, where there is one."""
    plain = [bar for bar in drawn if not bar.get_hatch()]
    drawn.patches = plain + [bar for bar in drawn.patches if bar.get_hatch()]


def _matrix(axis, players, names):
    """Which blocks each bar stands for."""
    for side in axis.spines.values():
        side.set_visible(False)
    for row in range(0, len(names), 2):
        axis.axhspan(row - 0.5, row + 0.5, color="#f3f5f6", zorder=0)
    for place, members in enumerate(players):
        held = [names.index(name) for name in _split(members, names)]
        axis.plot([place] * len(names), range(len(names)), "o", color="#d5dadd", markersize=4.5, zorder=1)
        axis.plot([place, place], [min(held), max(held)], color=INK, linewidth=1.4, zorder=2)
        axis.plot([place] * len(held), held, "o", color=INK, markersize=5.5, zorder=3)
    axis.tick_params(axis="x", length=0, labelbottom=False)


def _split(members, names):
    """The names of a set; a name may itself hold a plus sign."""
    if members in names:
        return [members]
    for name in sorted(names, key=len, reverse=True):
        if members.startswith(f"{name} + "):
            rest = _split(members[len(name) + 3:], names)
            if rest:
                return [name, *rest]
    return []


def _parts_text(table, shown):
    left = len(table) - len(shown)
    largest = table["coefficient"].drop(shown.index).abs().max() if left else 0.0
    more = f"{left:,} smaller parts are left out, none beyond {largest:.2g}. " if left else ""
    negative = "Hatched: negative, under suppression. " if (shown["coefficient"] < 0).any() else ""
    return f"{more}{negative}All parts add up to {table['coefficient'].sum():.3g}. {_CAUTION}"
