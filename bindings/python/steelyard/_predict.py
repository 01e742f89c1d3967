# SPDX-License-Identifier: GPL-3.0-only
"""Fitted values of new rows: the same columns by name, the same levels."""
import math

import numpy as np
import pandas as pd

from . import _columns, _core
from ._columns import Frame
from ._design import Design
from ._errors import SteelyardError

_LEVELS_LISTED = 8


class NewRows(Design):
    """Columns of new rows as the fit's columns were."""

    def columns_like(self, model):
        """The fit's columns read from this frame; what only the outcome needs is zero."""
        columns, terms = model.design[0], model.design[1]
        needed = {place for t in model.all_terms for place, _ in terms[t][1]}
        return tuple(self._like(model, i, source) if i in needed else (columns[i][0], np.zeros(self.frame.n), None, 0)
                     for i, source in enumerate(model.places["sources"]))

    def _like(self, model, place, source):
        kind, code = source
        name, _, levels, _ = model.design[0][place]
        values = self.frame.values(code, "data") if kind == "column" or code in self.frame or code.isidentifier() \
            else self._compute(code, "data")
        if levels is not None:
            used = tuple(levels[i] for i in model.levels_used(place))
            return (name, _codes(values, used, name), used, 0)
        vector, found = _columns.numbers(values, name, "data")
        if found is not None:
            raise SteelyardError(f'data: column "{name}" is a factor; the fit has numbers there')
        return (name, vector, None, 0)


def _codes(values, levels, name):
    """Codes of the fit's levels, matched by name."""
    codes, found = _columns.factor(values)
    places = {level: i for i, level in enumerate(levels)}
    unknown = next((level for level in found if level not in places), None)
    if unknown is not None:
        listed = ", ".join(levels[:_LEVELS_LISTED]) + (", ..." if len(levels) > _LEVELS_LISTED else "")
        raise SteelyardError(f'data: {name} "{unknown}" is not a level of the fit ({listed})')
    return np.array([places[level] for level in found] + [-1], dtype=np.int32)[codes]


def own_columns(model):
    """The fit's own columns, factors with the levels in use."""
    columns = list(model.design[0][:len(model.places["sources"])])
    for place, (name, codes, levels, _) in enumerate(columns):
        if levels is not None:
            used = model.levels_used(place)
            new = np.full(len(levels) + 1, -1, dtype=np.int32)
            new[used] = np.arange(len(used), dtype=np.int32)
            columns[place] = (name, new[codes], tuple(levels[i] for i in used), 0)
    return tuple(columns)


def predict(model, data, interval, level):
    """A Series, or a frame with limits."""
    if data is None and interval is None:
        return pd.Series(model.rows()[0].copy(), model.index, name="fitted")
    if model.places["absorb"] >= 0:
        raise SteelyardError("data: a fit with absorbed levels predicts its own rows only, without limits")
    if data is None:
        index, columns = model.index, own_columns(model)
    else:
        frame = Frame(data)
        index = frame._data.index if isinstance(frame._data, pd.DataFrame) else None
        columns = NewRows(frame).columns_like(model)
    fitted, variance = model.predicted(columns)
    if data is None:
        fitted[np.isnan(model.rows()[0])] = variance[np.isnan(model.rows()[0])] = np.nan
    if interval is None:
        return pd.Series(fitted, index, name="fitted")
    return _with_limits(model, fitted, variance, interval, level, index)


def _with_limits(model, fitted, variance, interval, level, index):
    df = np.fmin.reduce(model.df, initial=math.inf)
    wide = variance + model.summary["sigma"] ** 2 if interval == "prediction" else variance
    step = _core.t_quantile((1 + level) / 2, df) if math.isfinite(df) else math.nan
    lost = (variance == 0) & (model.rules["covariance"] != "classical")
    half = np.where(lost, math.nan, step * np.sqrt(wide))
    return pd.DataFrame({"fitted": fitted, "std_error": np.sqrt(variance), "conf_low": fitted - half,
                         "conf_high": fitted + half}, index=index)
