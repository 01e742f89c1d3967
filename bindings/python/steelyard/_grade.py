# SPDX-License-Identifier: GPL-3.0-only
"""Answers sorted into worse, the same, better, as the user groups the levels."""
import numbers as abstract

import numpy as np
import pandas as pd

from . import _columns, _core
from ._errors import SteelyardError

ANSWERS = ("worse", "same", "better")
WORSE, SAME, BETTER = 0, 1, 2


class Answers:
    """One indicator: its levels with a code a row, or its numbers."""

    def __init__(self, frame, name, argument):
        self.name = name
        series = frame.values(name, argument)
        series = series if isinstance(series, pd.Series) else pd.Series(series)
        self.levels = None
        if isinstance(series.dtype, pd.CategoricalDtype):
            self.codes = series.cat.codes.to_numpy(dtype=np.int32)
            self.levels = tuple(_columns.level_text(level) for level in series.cat.categories)
        elif series.dtype == object and _columns._from_objects(series) is None or series.dtype == "string":
            self.codes, self.levels = _columns.factor(series)
        else:
            values, _ = _columns.numbers(series, name, argument)
            self.numbers = np.asarray(values, dtype=np.float64)

    def as_levels(self):
        """Numbers told apart as levels: for better=[4, 5]."""
        if self.levels is None:
            self.codes, self.levels = _columns.factor(pd.Series(self.numbers))
        return self.levels


def _given(spec, name, outcomes, argument):
    """What was said of one indicator."""
    if not isinstance(spec, dict):
        return spec
    for key in spec:
        if key not in outcomes:
            _core.find(argument, str(key), tuple(outcomes))
    return spec.get(name)


def _is_threshold(given):
    return isinstance(given, abstract.Real) and not isinstance(given, (bool, np.bool_))


def _texts(given):
    if isinstance(given, (str, bool, np.bool_)) or np.isscalar(given):
        given = [given]
    return [_columns.level_text(level) for level in given]


def _quoted(levels):
    return ", ".join(f'"{level}"' for level in levels)


def _chosen(answers, given, argument):
    """The levels of an indicator that are among those given."""
    chosen = [level for level in answers.as_levels() if level in given]
    if not chosen:
        raise SteelyardError(f'{argument}: no level of "{answers.name}" is among {_quoted(given)}; its levels are '
                             f"{_quoted(answers.levels)}")
    return chosen


def _check_known(everyone, specs, argument):
    """Every level that was named is one of some indicator."""
    asked = [(a, _texts(s)) for a, s in zip(everyone, specs) if s is not None and not _is_threshold(s)]
    known = tuple(dict.fromkeys(level for a, _ in asked for level in a.as_levels()))
    for level in dict.fromkeys(level for _, levels in asked for level in levels):
        if level not in known:
            _core.find(argument, level, known)


def _marks(answers, spec, argument, above):
    """True where an answer counts as better (or worse)."""
    if not _is_threshold(spec):
        chosen = _chosen(answers, _texts(spec), argument)
        return np.isin(answers.codes, [answers.levels.index(level) for level in chosen])
    if answers.levels is not None:
        raise SteelyardError(f'{argument}: "{answers.name}" holds levels, not numbers; name some of '
                             f"{_quoted(answers.levels)}")
    with np.errstate(invalid="ignore"):
        return answers.numbers >= spec if above else answers.numbers <= spec


def _without_words(answers, argument):
    """Better when nothing was said: 1 of a column of 0 and 1."""
    if answers.levels is not None:
        raise SteelyardError(f'{argument}: say which levels of "{answers.name}" count; its levels are '
                             f"{_quoted(answers.levels)}")
    present = answers.numbers[~np.isnan(answers.numbers)]
    if not np.isin(present, (0.0, 1.0)).all():
        raise SteelyardError(f'{argument}: "{answers.name}" holds numbers other than 0 and 1; give the least that '
                             "counts, or the levels in a list")
    return answers.numbers == 1


def _grade_one(answers, better, worse, argument):
    good = _without_words(answers, argument) if better is None else _marks(answers, better, argument, True)
    missing = np.isnan(answers.numbers) if answers.levels is None else answers.codes < 0
    codes = np.where(good, BETTER, SAME).astype(np.int32)
    if worse is not None:
        bad = _marks(answers, worse, "worse", False)
        both = good & bad & ~missing
        if both.any():
            raise SteelyardError(f'worse: some answers of "{answers.name}" would be better and worse at once')
        codes[bad] = WORSE
    codes[missing] = -1
    return codes


def grade(frame, names, better, worse, argument="better", column_argument="outcomes"):
    """[(name, codes)] and whether each indicator has a worse side."""
    everyone = [Answers(frame, name, column_argument) for name in names]
    goods = [_given(better, name, names, argument) for name in names]
    bads = [_given(worse, name, names, "worse") for name in names]
    _check_known(everyone, goods, argument)
    _check_known(everyone, bads, "worse")
    codes = [_grade_one(a, good, bad, argument) for a, good, bad in zip(everyone, goods, bads)]
    return codes, [bad is not None for bad in bads]


def names_of(given, argument):
    """A name or several as a list, each once."""
    names = [given] if isinstance(given, str) else list(given) if given is not None else []
    if not names:
        raise SteelyardError(f"{argument}: name at least one column")
    for i, name in enumerate(names):
        if not isinstance(name, str):
            raise SteelyardError(f"{argument}: {name!r} is not the name of a column")
        if name in names[:i]:
            raise SteelyardError(f'{argument}: "{name}" is given twice')
    return names
