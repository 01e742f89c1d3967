# SPDX-License-Identifier: GPL-3.0-only
"""The house style of all pictures: colours with shapes, wrapped names, room for rows. matplotlib is needed here only."""
import functools
import math
import textwrap
from typing import NamedTuple

import numpy as np

from ._errors import SteelyardError

INK, SOFT, ZERO, GRID, PALE = "#222222", "#5b6670", "#8a8f94", "#e3e6e8", "#c9d3da"
BLUE, ORANGE = "#2a5d84", "#c8702a"
NAME_WIDTH = 28           # characters before a name is broken
MOST_NAMED = 40           # rows; with more of them only some are named
SMALLEST, SMALL = 7.0, 8.0  # points
DOT, LIMIT = 6.0, 1.6     # points: a dot across, a line of limits
LEADING = 1.32           # of a line of text, in parts of its size
_LETTER = 0.54            # width of a letter, likewise, on average
_ROWS = ((12, 10.0, 0.34), (20, 9.0, 0.27), (math.inf, SMALL, 0.22))  # up to so many: points, inches a row
_LABEL, _TICK, _TITLE = 9.5, 9.0, 11.0

STYLE = {
    "font.family": ["sans-serif"], "font.size": 10.0, "text.color": INK, "axes.titlesize": _TITLE, "axes.titleweight": "normal",
    "axes.labelsize": _LABEL, "axes.labelcolor": INK, "axes.edgecolor": ZERO, "axes.linewidth": 0.8, "axes.facecolor": "white",
    "axes.grid": False, "axes.unicode_minus": True, "figure.facecolor": "white", "figure.dpi": 100.0, "xtick.color": ZERO,
    "ytick.color": ZERO, "xtick.labelcolor": INK, "ytick.labelcolor": INK, "xtick.labelsize": _TICK, "ytick.labelsize": _TICK,
    "legend.frameon": False, "legend.fontsize": 9.0, "lines.solid_capstyle": "butt", "hatch.linewidth": 0.6, "hatch.color": "#b98a68",
    "svg.fonttype": "none"}


class Look(NamedTuple):
    """What a series is told apart by; colour never stands alone."""

    colour: str
    marker: str
    dash: object


_COLOURS = (BLUE, ORANGE, "#3b7a57", "#8a4f9e", "#6b7075", "#b0413e")
_MARKERS = ("o", "D", "s", "^", "v", "P", "X", "<", ">", "p", "h", "*")
_DASHES = ("-", (0, (5, 2)), (0, (1, 1.4)), (0, (5, 1.6, 1, 1.6)), (0, (9, 2.4)), (0, (3, 1.4, 1, 1.4, 1, 1.4)))
PROCESS, FUNDING = Look(BLUE, "o", "-"), Look(ORANGE, "D", _DASHES[1])
OTHER = Look(SOFT, "s", "-")  # a single series, and a block that is neither


def pyplot():
    """matplotlib's pyplot, or one plain sentence."""
    try:
        from matplotlib import pyplot as found
    except ImportError:
        raise ImportError("plot() needs matplotlib: pip install matplotlib "
                          "(Debian: sudo apt-get install python3-matplotlib)") from None
    return found


def styled(draw):
    """Draws in the house style whatever the settings of the session are, which stay as they were.

    Not by rc_context: a notebook's backend is loaded with the first figure and turns interactive drawing on, which
    rc_context would turn off again, and no later figure would show.
    """
    @functools.wraps(draw)
    def drawn(*given, **named):
        settings = pyplot().rcParams
        before = {name: settings[name] for name in STYLE}
        try:
            settings.update(STYLE)
            return draw(*given, **named)
        finally:
            settings.update(before)

    return drawn


def series(place):
    """The look of a series by its place: colours first, then shapes and dashes turn round."""
    turn = place // len(_COLOURS)
    return Look(_COLOURS[place % len(_COLOURS)], _MARKERS[place % len(_MARKERS)], _DASHES[(place + turn) % len(_DASHES)])


def _roles(names, process, funding):
    known = {process.casefold(): PROCESS, funding.casefold(): FUNDING}
    return [known.get(str(name).casefold()) for name in names]


def looks(names, process="process", funding="funding"):
    """One look a series; process and funding have theirs wherever they stand."""
    roles = _roles(names, process, funding)
    rest = iter(range(2 if any(roles) else 0, len(roles) + 2))
    return [role or series(next(rest)) for role in roles]


def row_looks(names, process="process", funding="funding"):
    """One look a row of a single series: process and funding stand out."""
    return [role or OTHER for role in _roles(names, process, funding)]


def wrapped(name, width=NAME_WIDTH):
    """A name over several lines; a word is broken only where it is longer than a line."""
    lines = textwrap.wrap(str(name), width, break_long_words=False, break_on_hyphens=False)
    if any(len(line) > width for line in lines):
        pieces = [piece for word in str(name).split() for piece in _cut(word, width)]
        lines = textwrap.wrap(" ".join(pieces), width, break_on_hyphens=False)
    return "\n".join(lines) or str(name)


def _cut(word, width):
    """A long word in pieces, behind a separator where there is one in the second half of the line."""
    while len(word) > width:
        at = max(word.rfind(mark, width // 2, width) for mark in "_.:-+/)") + 1 or width
        yield word[:at]
        word = word[at:]
    yield word


def fill(text, inches, size):
    """Text broken to so many inches, into lines of like length; lines that are broken already stay so."""
    letters = max(12, int(inches * 72 / (size * _LETTER)))
    return "\n".join(line for part in text.split("\n") for line in _even(part, letters) or [""])


def _even(text, letters):
    text = " ".join(piece for word in text.split() for piece in _cut(word, letters))
    lines = textwrap.wrap(text, letters)
    for width in range(letters - 1, max(letters // 2, 8), -1):
        tighter = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
        if len(tighter) > len(lines) or any(len(line) > width for line in tighter):
            break
        lines = tighter
    return lines


class Rows:
    """Names of rows from top to bottom, with letters and a row height at which none touches another."""

    def __init__(self, names, least=0.0, width=NAME_WIDTH):
        self.names = [str(name) for name in names]
        self.texts = [wrapped(name, width) for name in self.names]
        self.size, base = next((size, inches) for most, size, inches in _ROWS if len(self.names) <= most)
        self.pitch = max(base, least, self._needed(self.texts, self.size))
        self.height = self.pitch * max(len(self.names), 1.6)

    @staticmethod
    def _needed(texts, size):
        lines = [text.count("\n") + 1 for text in texts]
        pairs = [(one + two) / 2 for one, two in zip(lines, lines[1:])]
        return (max(pairs, default=1.0) * size * LEADING + 2.0) / 72

    def fitted(self, inches):
        """(texts, size) for axes that are so high already: smaller letters, then longer lines."""
        pitch = inches / max(len(self.names), 1)
        for width in (NAME_WIDTH, 40, 60):
            texts = [wrapped(name, width) for name in self.names]
            for size in np.arange(self.size, SMALLEST - 0.1, -0.5):
                if self._needed(texts, size) <= pitch:
                    return texts, size
        return [name if len(name) <= 60 else name[:59] + "\u2026" for name in self.names], SMALLEST


class Sheet:
    """The axes of one picture: those handed in, or new ones of so many inches each."""

    def __init__(self, ax, wide, high, order="row", **shared):
        """wide, high: inches of each column and each row of axes."""
        self.wide, self.high, self.own = list(wide), list(high), ax is None
        count = len(self.wide) * len(self.high)
        if self.own:
            size = sum(self.wide) + 3.0, sum(self.high) + 2.0
            self.figure, grid = pyplot().subplots(
                len(self.high), len(self.wide), squeeze=False, figsize=size, layout="constrained",
                gridspec_kw={"width_ratios": self.wide, "height_ratios": self.high}, **shared)
            self.figure.get_layout_engine().set(w_pad=0.07, h_pad=0.07)
            self.axes = list(grid.flat if order == "row" else grid.T.flat)
        else:
            self.axes = list(np.ravel(np.asarray(ax, dtype=object)))
            self.figure = self.axes[0].figure
        self.count = count

    @classmethod
    def panels(cls, ax, count, wide, high, columns=3, **shared):
        """So many panels of one size, a few in a row."""
        if ax is not None and np.size(ax) != count:
            raise SteelyardError(f"ax: {_axes(np.size(ax))} given for {count} outcomes; one is needed for each")
        across = min(count, columns)
        sheet = cls(ax, [wide] * across, [high] * -(-count // across), **shared)
        for spare in sheet.axes[count:]:
            spare.set_visible(False)
        sheet.axes = sheet.axes[:count]
        return sheet

    @classmethod
    def two(cls, ax, wide, high, words, **shared):
        """Two axes beside or above each other."""
        if ax is not None and np.size(ax) != 2:
            raise SteelyardError(f"ax: two axes are needed, {words}; {_axes(np.size(ax))} given")
        return cls(ax, wide, high, **shared)

    @classmethod
    def one(cls, ax, wide, high):
        if ax is not None and np.size(ax) != 1:
            raise SteelyardError(f"ax: one axes is needed; {_axes(np.size(ax))} given")
        return cls(ax, [wide], [high])

    def width(self, place=0):
        """Inches of an axes across."""
        if self.own:
            return self.wide[place % len(self.wide)]
        axis = self.axes[place]
        return axis.get_position().width * axis.figure.get_figwidth()

    def across(self):
        """Inches that stand open below the first axes of a row."""
        return sum(self.wide) if self.own else self.width()

    def height(self, place=0):
        """Inches of an axes from bottom to top."""
        if self.own:
            return self.high[place // len(self.wide) % len(self.high)]
        axis = self.axes[place]
        return axis.get_position().height * axis.figure.get_figheight()

    def settle(self):
        """Makes the figure as large as its texts ask for, so that axes keep their inches."""
        if not self.own:
            return
        wanted = np.array([sum(self.wide), sum(self.high)])
        self.figure.set_size_inches(wanted + 20.0)  # texts that leave axes no room would stop the layout
        self.figure.draw_without_rendering()
        first = self.axes[0].get_position()
        found = self.figure.get_size_inches() * (first.width / self.wide[0], first.height / self.high[0]) * wanted
        self.figure.set_size_inches(self.figure.get_size_inches() - found + wanted)


def _axes(count):
    return "one axes was" if count == 1 else f"{count} axes were"


def dress(axis, numbers="x", ticks=5, zero=True):
    """Nothing but the axis with numbers, a grid across it and the line of zero."""
    bare = {"x": ("top", "right", "left"), "y": ("top", "right", "bottom"), "xy": ("top", "right")}[numbers]
    for side in bare:
        axis.spines[side].set_visible(False)
    for side in set(axis.spines) - set(bare):
        axis.spines[side].set_color(ZERO)
        axis.spines[side].set_linewidth(0.8)
    axis.tick_params(colors=ZERO, labelcolor=INK, labelsize=_TICK, width=0.8, length=3)
    for name in numbers:
        axis.grid(axis=name, color=GRID, linewidth=0.7)
        round_ticks(axis, name, ticks)
    axis.set_axisbelow(True)
    if zero:
        line = axis.axvline if numbers == "x" else axis.axhline
        line(0, color=ZERO, linewidth=0.9, zorder=1)


def round_ticks(axis, name, ticks=5):
    """Few round numbers, where the axis is one of numbers."""
    from matplotlib.ticker import MaxNLocator

    getattr(axis, f"{name}axis").set_major_locator(MaxNLocator(ticks, steps=[1, 2, 2.5, 5, 10]))


def name_rows(axis, rows, inches=None, shown=True):
    """Names on the left, the first on top. inches: of axes that were handed in."""
    texts, size = (rows.texts, rows.size) if inches is None else rows.fitted(inches)
    axis.set_yticks(range(len(texts)), texts)
    axis.set_ylim(len(texts) - 0.5, -0.5) if len(texts) > 1 else axis.set_ylim(0.8, -0.8)
    axis.tick_params(axis="y", length=0, labelsize=size, labelleft=shown, labelcolor=INK, pad=6)


def dots(axis, value, low, high, places, look, label=None, size=DOT, line=LIMIT, edge=0.5):
    """Dots with limits across the rows."""
    value, low, high, places = (np.asarray(x, dtype=float) for x in (value, low, high, places))
    held = np.isfinite(low) & np.isfinite(high)
    axis.hlines(places[held], low[held], high[held], color=look.colour, linewidth=line, zorder=2)
    return axis.plot(value, places, look.marker, color=look.colour, markersize=size - (look.marker == "D"),
                     markeredgecolor="white", markeredgewidth=edge, linestyle="none", label=label, zorder=3)


def row_dots(axis, value, low, high, row_look, **more):
    """One series, whose rows may have looks of their own."""
    value, low, high = (np.asarray(x, dtype=float) for x in (value, low, high))
    for look in dict.fromkeys(row_look):
        rows = np.flatnonzero([one == look for one in row_look])
        dots(axis, value[rows], low[rows], high[rows], rows, look, **more)


def dodged(count, room=0.62):
    """Where series lie inside a row, from top to bottom."""
    return [0.0] if count == 1 else list(np.linspace(-room / 2, room / 2, count))


def title(axis, text, inches):
    """Left, plain, wrapped."""
    axis.set_title(fill(text, inches, _TITLE), loc="left", fontsize=_TITLE, color=INK, pad=8)


def axis_text(axis, text, inches, side="x"):
    """What the number is, and its unit."""
    setter = axis.set_xlabel if side == "x" else axis.set_ylabel
    setter(fill(text, inches, _LABEL), fontsize=_LABEL, color=INK)


def beneath(axis, inches, caption="", legend=False, heading=None, ticks=1, handles=None):
    """A legend, and the words of caution, below the text of the axis; they may reach under the next axes."""
    lines = axis.get_xlabel().count("\n") + 1 if axis.get_xlabel() else 0
    down = 8 + (ticks * _TICK + lines * _LABEL) * LEADING + (4 if lines else 0)
    if legend:
        down += _legend(axis, inches, down, heading, handles)
    if caption:
        text = fill(caption, inches, SMALL)
        _hung(axis, text, down).set_in_layout(False)
        down += text.count("\n") * SMALL * LEADING
    if caption or legend:
        _hung(axis, "\u00a0", down if caption else down - SMALL * LEADING)


def _hung(axis, text, down):
    return axis.annotate(text, (0, 0), xycoords="axes fraction", xytext=(0, -down - 2), textcoords="offset points", ha="left",
                         va="top", fontsize=SMALL, color=SOFT, annotation_clip=False, zorder=5)


def _legend(axis, inches, down, heading, handles):
    """Points that a legend takes, which begins so many points below the axes."""
    from matplotlib.transforms import ScaledTranslation

    handles, labels = handles or axis.get_legend_handles_labels()
    labels = [wrapped(label) for label in labels]
    longest = max(len(line) for label in labels for line in label.split("\n"))
    columns = max(1, min(len(labels), int(inches * 72 / (longest * 9 * _LETTER + 42))))
    at = axis.transAxes + ScaledTranslation(0, -down / 72, axis.figure.dpi_scale_trans)
    drawn = axis.legend(handles, labels, loc="upper left", bbox_to_anchor=(0.0, 0.0), bbox_transform=at, ncol=columns,
                        fontsize=9, frameon=False, borderaxespad=0.2, borderpad=0.2, columnspacing=1.4, handlelength=2.2,
                        labelspacing=0.4, title=heading, title_fontsize=9, alignment="left")
    drawn.set_in_layout(False)
    axis.set_zorder(1)  # else the next axes lies over it
    axis.patch.set_visible(False)
    deep = -(-len(labels) // columns)
    tallest = [max(label.count("\n") + 1 for label in labels[row::deep]) for row in range(deep)]
    return (sum(tallest) + (heading is not None)) * 9 * LEADING + deep * 9 * 0.4 + 6


def spread(wanted, gap, low, high):
    """Places as near to those wanted as they can be with so much between two, inside the bounds."""
    order = np.argsort(wanted, kind="stable")
    steps = gap * np.arange(len(order))
    pools = []  # [mean, count] of neighbours that stand at one distance: least squares under an order
    for value in np.asarray(wanted, dtype=float)[order] - steps:
        pools.append([value, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (one, first), (two, second) = pools[-2:]
            pools[-2:] = [[(one * first + two * second) / (first + second), first + second]]
    placed = np.concatenate([np.full(count, mean) for mean, count in pools]) + steps
    placed -= max(0.0, placed[-1] - high)
    placed += max(0.0, low - placed[0])
    found = np.empty(len(placed))
    found[order] = placed
    return found


def ends_named(axis, x, ends, names, styles, inches):
    """Names at the right ends of lines, moved apart where they would touch."""
    texts = [wrapped(name) for name in names]
    gap = (max(text.count("\n") + 1 for text in texts) * 9 * LEADING + 2) / (inches * 72)
    low, high = axis.get_ylim()
    at = spread([(end - low) / (high - low) for end in ends], gap, 0.0, 1.0)
    for text, place, end, look in zip(texts, at, ends, styles):
        axis.annotate(text, (x, end), xytext=(1.05, place), textcoords="axes fraction", fontsize=9, color=INK,
                      va="center", ha="left", annotation_clip=False,
                      arrowprops={"arrowstyle": "-", "color": look.colour, "linewidth": 0.7, "shrinkA": 0, "shrinkB": 4,
                                  "relpos": (0, 0.5)})


def height_for_names(names):
    """Inches in which all names find room beside the ends of their lines."""
    return len(names) * (max(wrapped(name).count("\n") + 1 for name in names) * 9 * LEADING + 2) / 72
