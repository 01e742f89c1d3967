# SPDX-License-Identifier: GPL-3.0-only
"""lme4's bar notation: the terms in brackets with a bar taken out of a formula,
what is left being the fixed part."""
import re
from typing import NamedTuple

import numpy as np

from . import _columns, _formula
from ._errors import SteelyardError

_FACTOR = re.compile(r"^(?:C|factor)\(\s*(.+?)\s*\)$")
_QUOTED = re.compile(r"""^Q\((['"])(.*)\1\)$""")
_WORD = re.compile(r"[\w.]")


class Bar(NamedTuple):
    """One bar term: effects that vary by a group."""

    terms: tuple
    intercept: bool
    group: tuple  # names of columns, the outermost first
    diagonal: bool

    @property
    def name(self):
        return ":".join(self.group)

    @property
    def text(self):
        effects = [term.label for term in self.terms]
        effects = (["1"] if self.intercept else ["0"]) + effects if effects else ["1"]
        return f"({' + '.join(effects)} {'||' if self.diagonal else '|'} {self.name})"


class Mixed(NamedTuple):
    """A formula with bar terms."""

    fixed: _formula.Formula
    bars: tuple

    outcome = property(lambda self: self.fixed.outcome)
    terms = property(lambda self: self.fixed.terms)
    intercept = property(lambda self: self.fixed.intercept)

    @property
    def text(self):
        return " + ".join([self.fixed.text, *(bar.text for bar in self.bars)])


def parse(text, known, factor_outcome=False):
    """The formula in a string; arguments as those of _formula.parse."""
    if not isinstance(text, str) or "~" not in text:
        return _formula.parse(text, known)  # which says what is wrong
    left, _, right = text.partition("~")
    if "|" in left:
        raise SteelyardError(f'formula: "{left.strip()}": a bar term stands on the right of ~')
    pieces = _pieces(right)
    barred = [(sign, piece) for sign, piece in pieces if "|" in piece and piece not in known]
    if not barred:
        raise SteelyardError(f'formula: "{text}" has no bar term; write one such as (1 | council), or fit without '
                             'groups')
    if any("|" in _outside(piece) for _, piece in barred):
        raise SteelyardError(f'formula: "{right.strip()}": a bar term stands in brackets, as (1 | council)')
    bars = [bar for sign, piece in barred for bar in _bars(sign, piece, known)]
    for i, bar in enumerate(bars):
        if bar in bars[:i]:
            raise SteelyardError(f'formula: the bar term {bar.text} is there twice')
    fixed = " ".join(f"{sign} {piece}" for sign, piece in pieces if (sign, piece) not in barred).removeprefix("+ ")
    return Mixed(_formula.parse(f"{left}~ {fixed or '1'}", known, factor_outcome), tuple(bars))


def _outside(text):
    """The text with everything in brackets or quotes left out."""
    depth, kept, quote = 0, [], None
    for mark in text:
        if quote:
            quote = None if mark == quote else quote
            continue
        if mark in "'\"":
            quote = mark
        elif mark in "([{":
            depth += 1
        elif mark in ")]}":
            depth -= 1
        elif depth == 0:
            kept.append(mark)
    return "".join(kept)


def _pieces(text):
    """(sign, text) of what is added or taken away outside brackets and quotes."""
    depth, quote, sign, piece, out = 0, None, "+", "", []
    for mark in text:
        if quote:
            quote = None if mark == quote else quote
        elif mark in "'\"":
            quote = mark
        depth += (mark in "([{") - (mark in ")]}") if not quote else 0
        if depth == 0 and not quote and mark in "+-":
            out += [(sign, piece.strip())] if piece.strip() else []
            sign, piece = mark, ""
        else:
            piece += mark
    if depth or quote:
        raise SteelyardError(f'formula: "{text.strip()}" has a bracket or quote that is not closed')
    return out + ([(sign, piece.strip())] if piece.strip() else [])


def _bars(sign, piece, known):
    """The bar terms one piece stands for: a / b stands for a and a:b."""
    inside = piece[1:-1] if piece.startswith("(") and piece.endswith(")") else ""
    if "|" not in _outside(inside) or sign == "-":
        raise SteelyardError(f'formula: "{piece}": a bar term stands by itself, added with +')
    left, bar, right = inside.partition("||") if "||" in inside else inside.partition("|")
    if "|" in right or not left.strip() or not right.strip():
        raise SteelyardError(f'formula: "{piece}" cannot be read as (effects | group)')
    terms, intercept = _formula.right_side(left.strip(), inside, known)
    if not terms and not intercept:
        raise SteelyardError(f'formula: "{piece}" has no effects; write (1 | council) for an intercept a council')
    return [Bar(terms, intercept, group, bar == "||") for group in _groups(right.strip(), piece, known)]


def _groups(text, piece, known):
    if text in known:
        return [(text,)]
    names = []
    for depth, part in enumerate(text.split("/")):
        crossed = tuple(_group(name.strip(), piece, known) for name in part.split(":"))
        names.append((names[depth - 1] if depth else ()) + crossed)
    return names


def _group(name, piece, known):
    """The column of a group; C(g) and factor(g) are g, as all groups are factors."""
    inside, quoted = _FACTOR.match(name), _QUOTED.match(name)
    name = inside.group(1) if inside else quoted.group(2) if quoted else name
    if name not in known and not (name and all(_WORD.match(mark) for mark in name)):
        raise SteelyardError(f'formula: "{piece}": a group is a column, a:b or a/b')
    return name


def group_column(names, frame, argument):
    """(name, codes, levels, first code): any column made a factor, or the cells of several, the first slowest."""
    parts = [_columns.factor(frame.values(name, argument)) for name in names]
    codes, levels = parts[0]
    for more, inner in parts[1:]:
        cells = np.where((codes < 0) | (more < 0), -1, codes.astype(np.int64) * len(inner) + more)
        used = np.unique(cells[cells >= 0])
        levels = tuple(f"{levels[cell // len(inner)]}:{inner[cell % len(inner)]}" for cell in used)
        codes = np.where(cells < 0, -1, np.searchsorted(used, cells)).astype(np.int32)
    return (":".join(names), codes, levels, 0)
