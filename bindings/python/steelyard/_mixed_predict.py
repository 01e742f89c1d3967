# SPDX-License-Identifier: GPL-3.0-only
"""Predictions of mixed models: means, probabilities, linear predictors, with or without the effects of the groups."""
import numpy as np
import pandas as pd

from . import _bars, _columns
from ._columns import Frame
from ._fit_request import index_of
from ._outcomes import ORDINAL
from ._predict import NewRows, own_columns

_LINEAR, _MEAN, _CATEGORIES = 0, 1, 2


def predict(model, data, effects, kind):
    """A Series, or a frame with one column an answer."""
    many = model.kind == ORDINAL and kind == "response"
    index = model.index if data is None else None
    if data is None and effects:
        values = model.rows()[0][:, None] if kind == "linear" else model.rows()[1]
        values = values.copy()
    else:
        columns = own_columns(model) if data is None else None
        if data is not None:
            frame = Frame(data)
            index, columns = index_of(frame), NewRows(frame).columns_like(model)
        columns += _further(model, None if data is None else frame, effects)
        what = _LINEAR if kind == "linear" else _CATEGORIES if many else _MEAN
        values = model.predicted(columns, what, effects, model.shape["n_levels"] if many else 1)
        if data is None:
            values[np.isnan(model.rows()[0])] = np.nan
    if many:
        return pd.DataFrame(values, index, list(model.answers))
    return pd.Series(values[:, 0], index, name="linear" if kind == "linear" else "fitted")


def _further(model, frame, effects):
    """Groups, trials and offset, in the places they have in the fit's design."""
    columns = []
    for name, *old in model.design[0][len(model.places["sources"]):]:
        place = len(model.places["sources"]) + len(columns)
        n = len(old[0]) if frame is None else frame.n
        if old[1] is not None:
            bar = next(bar for bar in model.bars if model.places["group", bar.group] == place)
            columns.append(_group(model, bar, frame, n, effects))
        elif place == model.places["offset"] and frame is not None:
            columns.append((name, *_columns.numbers(frame.values(name, "data"), name, "data"), 0))
        elif place == model.places["offset"]:
            columns.append((name, *old))
        else:
            columns.append((name, np.ones(n), None, 0))
    return tuple(columns)


def _group(model, bar, frame, n, effects):
    """Codes of the fit's levels in its order; those it has not seen have the last."""
    levels = (*bar.levels, "(not seen)")
    if not effects:
        return (bar.group, np.zeros(n, dtype=np.int32), levels, 0)
    if frame is None:
        _, codes, found, _ = model.design[0][model.places["group", bar.group]]
    else:
        names = next(asked.group for asked in model.asked.bars if asked.name == bar.group)
        _, codes, found, _ = _bars.group_column(names, frame, "data")
    places = {level: i for i, level in enumerate(bar.levels)}
    new = np.array([places.get(level, len(bar.levels)) for level in found] + [-1], dtype=np.int32)
    return (bar.group, new[codes], levels, 0)
