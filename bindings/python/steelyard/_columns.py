# SPDX-License-Identifier: GPL-3.0-only
"""Columns of a data frame as the core reads them: a vector in place where its
type is one of the core's, codes with levels for a factor."""
import numpy as np
import pandas as pd
from pandas.api import types

from . import _bad_input, _core, _interchange
from ._errors import SteelyardError

# Types read in place; others are widened to the next one that holds them.
_IN_PLACE = {"float64", "float32", "int64", "int32", "uint8"}
_WIDENED = {"int8": np.int32, "int16": np.int32, "uint16": np.int32, "uint32": np.int64}


class Frame:
    """Named columns, whatever held them."""

    def __init__(self, data):
        self._data = _interchange.as_columns(data)
        _bad_input.check_names(self._data)
        if isinstance(self._data, pd.DataFrame):
            self._keys = {str(key): key for key in self._data.columns}
            self.n = len(self._data)
        else:
            self._keys = {str(key): key for key in self._data}
            self.n = _common_length(self._data)

    def __contains__(self, name):
        return name in self._keys

    @property
    def names(self):
        return tuple(self._keys)

    def rows(self, places):
        """The same columns with some of the rows."""
        if isinstance(self._data, pd.DataFrame):
            return Frame(self._data.iloc[places])
        return Frame({name: values.iloc[places] if isinstance(values, pd.Series) else values[places]
                      for name, values in self._data.items()})

    def values(self, name, argument):
        """The column called `name`; an error suggests the nearest name."""
        if not self._keys:
            raise SteelyardError("data: there are no columns")
        if name not in self._keys:
            _core.find(argument, str(name), self.names)
        return self._data[self._keys[name]]


def _common_length(columns):
    lengths = {str(name): len(values) for name, values in columns.items()}
    first = next(iter(lengths), None)
    for name, length in lengths.items():
        if length != lengths[first]:
            raise SteelyardError(f'data: column "{name}" has {length} values, "{first}" has {lengths[first]}')
    return lengths[first] if lengths else 0


def _readable(vector):
    """The vector itself when the core can read it where it lies."""
    if vector.dtype.kind == "b":
        vector = vector.view(np.uint8)
    name = vector.dtype.name
    if name not in _IN_PLACE:
        vector = vector.astype(_WIDENED.get(name, np.float64))
    if not vector.dtype.isnative or not vector.flags.aligned:
        vector = vector.astype(vector.dtype.newbyteorder("="))
    return vector


def _from_masked(series):
    """A nullable column: whole numbers stay whole when none is missing."""
    if types.is_integer_dtype(series.dtype) and not series.hasnans:
        return _readable(series.to_numpy())
    return series.to_numpy(dtype=np.float64, na_value=np.nan)


def _from_objects(series):
    """Python numbers among missing values, else None."""
    present = series.dropna()
    if len(present) and not present.map(lambda value: isinstance(value, (int, float, np.number, np.bool_))).all():
        return None
    return pd.to_numeric(series, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)


def numbers(values, name, argument):
    """(vector, levels or None) of a column used by itself."""
    if isinstance(values, np.ma.MaskedArray):
        values = values.astype(np.float64).filled(np.nan)
    if isinstance(values, np.ndarray) and values.dtype.kind in "fiub":
        return _readable(values), None
    series = values if isinstance(values, pd.Series) else pd.Series(values)
    dtype, vector = series.dtype, None
    if isinstance(dtype, pd.CategoricalDtype):
        return categories(series, keep_unused=True)
    if isinstance(dtype, np.dtype) and dtype.kind in "fiub":
        return _readable(series.to_numpy()), None
    if types.is_extension_array_dtype(dtype) and types.is_numeric_dtype(dtype):
        vector = _from_masked(series)
    elif dtype == object:
        vector = _from_objects(series)
    if vector is not None:
        return vector, None
    if is_text(series):
        _bad_input.refuse_column(argument, name, series)
    raise SteelyardError(
        f'{argument}: column "{name}" holds {dtype}; numbers, truth values or a factor are needed')


def is_text(values):
    """Whether a column holds texts, or Python objects of any kind."""
    dtype = getattr(values, "dtype", np.dtype(object))
    return dtype == object or types.is_string_dtype(dtype)


def level_text(value):
    """A level as it is named."""
    if isinstance(value, (bool, np.bool_)):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (float, np.floating)):
        return f"{value:.15g}"
    return str(value)


def categories(series, keep_unused):
    categorical = series.cat if keep_unused else series.cat.remove_unused_categories().cat
    codes = categorical.codes.to_numpy(dtype=np.int32)
    return codes, tuple(level_text(level) for level in categorical.categories)


def is_factor(values):
    """Whether a column used by its bare name is a factor."""
    return isinstance(getattr(values, "dtype", None), pd.CategoricalDtype)


def factor(values):
    """(codes, levels) of any column made a factor: levels sorted, numbers
    numerically, texts by code point; missing values have the code -1."""
    series = values if isinstance(values, pd.Series) else pd.Series(values)
    if isinstance(series.dtype, pd.CategoricalDtype):
        return categories(series, keep_unused=False)
    codes, levels = pd.factorize(series, sort=False)
    try:
        order = np.argsort(np.asarray(levels), kind="stable")
    except TypeError:
        order = np.argsort([level_text(level) for level in levels], kind="stable")
    rank = np.empty(len(levels) + 1, dtype=np.int32)
    rank[order] = np.arange(len(levels), dtype=np.int32)
    rank[-1] = -1
    return rank[codes], tuple(level_text(levels[i]) for i in order)
