# SPDX-License-Identifier: GPL-3.0-only
"""Data as people have them: what is wrong with a file's name, a column's name
or a column of text, and what mends it. The words are the same in R."""
import os
import re

import numpy as np
import pandas as pd

from . import _core
from ._core import DataError, SteelyardError

_READERS = {".xls": "read_excel", ".xlsx": "read_excel", ".dta": "read_stata", ".sav": "read_spss",
            ".parquet": "read_parquet", ".feather": "read_feather", ".json": "read_json", ".pkl": "read_pickle"}
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_DRESS = "[£$€%, ]"
_PLAIN, _DRESSED, _COMMA, _OTHER = range(4)


def refuse_text(text):
    """An error for `data` given as a text: a file's name, a formula, a data set's name."""
    from . import datasets

    text = os.fspath(text)
    if "~" in text and not text.startswith("~"):
        raise SteelyardError(f'data: "{text}" is a formula; a data frame is needed here')
    if text in datasets.names():
        raise SteelyardError(f'data: "{text}" is a data set of the package; load it first: '
                             f'steelyard.datasets.load("{text}")')
    if not re.search(r"[./\\]", text) and not os.path.exists(text):
        raise SteelyardError(f'data: a data frame is needed; "{text}" is a text: give the data frame itself, without quotes')
    if "://" not in text:
        check_file("data", text)
    reader = _READERS.get(os.path.splitext(text)[1].lower(), "read_csv")
    raise SteelyardError(f'data: "{text}" is the name of a file, not a data frame; read it first: '
                         f'pandas.{reader}("{text}")')


def check_file(argument, path):
    """An error where a file is not there (it names the nearest), is a folder or is empty."""
    path = os.path.expanduser(os.fspath(path))
    folder, name = os.path.split(path)
    folder = folder or os.getcwd()
    if os.path.isdir(path):
        raise SteelyardError(f'{argument}: "{path}" is a folder; a file is needed')
    if not os.path.isdir(folder):
        raise SteelyardError(f'{argument}: there is no folder "{folder}"')
    if not os.path.exists(path):
        there = tuple(sorted(entry.name for entry in os.scandir(folder) if entry.is_file()))
        at = _core.near(name, there)
        nearest = f"; the nearest name is {there[at]}" if at >= 0 else ""
        raise SteelyardError(f'{argument}: there is no file {name} in the folder "{folder}"{nearest}')
    if os.path.getsize(path) == 0:
        raise DataError(f'{argument}: the file "{path}" is empty')


def check_target(argument, path):
    """The path of a file to be written; an error where its folder is not there or it is a folder itself."""
    path = os.path.expanduser(os.fspath(path))
    folder = os.path.dirname(path)
    if folder and not os.path.isdir(folder):
        raise SteelyardError(f'{argument}: there is no folder "{folder}"')
    if os.path.isdir(path or os.curdir):
        raise SteelyardError(f'{argument}: "{path}" is a folder; the name of a file is needed')
    return path


def check_names(keys):
    """An error where a column has no name, or two have the same."""
    seen = set()
    for place, key in enumerate(keys, 1):
        name = "" if key is None or isinstance(key, float) and np.isnan(key) else str(key)
        if not name.strip():
            raise SteelyardError(f"data: column {place} has no name; give it one or leave it out")
        if name in seen:
            raise SteelyardError(f'data: two columns are called "{name}"')
        seen.add(name)


def refuse_factor(argument, name, levels):
    """An error for a factor where a number is needed."""
    hint = ""
    if levels and all(_NUMBER.fullmatch(level) for level in levels):
        hint = f'; its levels are numbers: data["{name}"] = data["{name}"].astype(str).astype(float)'
    raise SteelyardError(f'{argument}: column "{name}" is a factor; numbers are needed{hint}')


def refuse_levels(argument, name, values, levels):
    """An error for a factor or a column of text where nothing but numbers will do."""
    if not isinstance(getattr(values, "dtype", None), pd.CategoricalDtype):
        refuse_column(argument, name, pd.Series(values), f'column "{name}" holds text; numbers are needed')
    refuse_factor(argument, name, levels)


def _kind(value):
    if not isinstance(value, str) or _NUMBER.fullmatch(value):
        return _PLAIN
    bare = re.sub("[£$€%\\s]", "", value)
    if _NUMBER.fullmatch(_without_commas(bare)):
        return _DRESSED
    return _COMMA if _DECIMAL_COMMA.fullmatch(bare) else _OTHER


def _without_commas(text):
    return text.replace(",", "") if _THOUSANDS.fullmatch(text) else text


def refuse_column(argument, name, series, words=None):
    """An error for a column of text, or of what is neither text nor number, where
    numbers are needed; `words` is said of words where a factor will not do either."""
    typed = name if name.isidentifier() else f'Q("{name}")'
    factor = f"write C({typed}) to use it as a factor"
    present = series.notna().to_numpy()
    values = series[present].tolist()
    for value in values:
        if not isinstance(value, (str, bool, int, float, np.number, np.bool_)):
            raise SteelyardError(f'{argument}: column "{name}" holds {type(value).__name__}; numbers, truth values or '
                                 "a factor are needed")
    known = {value: _kind(value) for value in dict.fromkeys(values)}
    kinds = np.array([known[value] for value in values])
    if not len(kinds) or 2 * np.count_nonzero(kinds != _OTHER) < len(kinds):
        raise SteelyardError(f"{argument}: {words}" if words else f'{argument}: column "{name}" holds text; {factor}')
    where = np.flatnonzero(present) + 1
    column = f'data["{name}"]'
    if not np.any(kinds):
        raise SteelyardError(f'{argument}: column "{name}" holds numbers as text ("{values[0]}" in row {where[0]}); '
                             f"make them numbers: {column} = pandas.to_numeric({column}){'' if words else ', or ' + factor}")
    first = np.flatnonzero(kinds)[0]
    raise SteelyardError(
        f'{argument}: column "{name}" holds text: "{values[first]}" in row {where[first]} is no number '
        f"({np.count_nonzero(kinds == _PLAIN)} of {len(kinds)} values are); "
        + _remedy(column, set(kinds[kinds > 0].tolist()), all(isinstance(v, str) for v in values)))


def _remedy(column, kinds, all_text):
    """The line of code that makes numbers of such a column."""
    text = column if all_text else f'{column}.astype("string")'
    if _COMMA in kinds:
        what, read = "the comma is a decimal point", f'{text}.str.replace(",", ".")'
    elif _DRESSED in kinds:
        what, read = "take off what is no digit", f'{text}.str.replace("{_DRESS}", "", regex=True)'
    else:
        what, read = "where such a value stands for a missing answer", column
    lost = ', errors="coerce"' if _OTHER in kinds else ""
    also = "; what then is no number becomes missing" if lost and read != column else ""
    return f"{what}: {column} = pandas.to_numeric({read}{lost}){also}"
