# SPDX-License-Identifier: GPL-3.0-only
"""Predictions of binary, count and ordinal fits: means, probabilities, answers."""
import numpy as np
import pandas as pd

from . import _columns
from ._columns import Frame
from ._errors import SteelyardError
from ._fit_request import index_of
from ._outcomes import BINARY, NEGATIVE_BINOMIAL, ORDINAL, POISSON
from ._options import choice
from ._predict import NewRows, own_columns
from ._response_model import PREDICT

_COUNTS = ("response", "linear")
KINDS = {BINARY: ("response", "linear", "probabilities", "category"), POISSON: _COUNTS, NEGATIVE_BINOMIAL: _COUNTS,
         ORDINAL: ("response", "linear", "probabilities", "cumulative", "category", "mean")}
_LIMITS = ("fitted", "std_error", "conf_low", "conf_high")


def what_of(model, kind):
    """The core's number of a kind of prediction; the response of an ordinal fit is its probabilities."""
    choice("kind", kind, KINDS[model.kind])
    if kind == "category" or (kind == "response" and model.kind == ORDINAL):
        kind = "probabilities"
    return PREDICT["mean" if kind == "response" else kind]


def _columns_of(model, data):
    """(columns, index): the fit's own rows, or new ones, with the offset last."""
    if data is None:
        columns = own_columns(model)
        offset = model.design[0][model.places["offset"]]
        return columns + ((offset,) if model.places["offset"] >= 0 else ()), model.index
    frame = Frame(data)
    columns = NewRows(frame).columns_like(model)
    if model.places["offset"] >= 0:
        name = model.design[0][model.places["offset"]][0]
        columns += ((name, *_columns.numbers(frame.values(name, "data"), name, "data"), 0),)
    return columns, index_of(frame)


def predict(model, data, kind, interval, level):
    """A Series or, of several numbers a row, a frame; with an interval always a frame."""
    what = what_of(model, kind)
    if interval is not None:
        choice("interval", interval, ["confidence"])
        if kind == "category":
            raise SteelyardError('interval: an answer has no limits; ask for kind = "probabilities"')
    columns, index = _columns_of(model, data)
    tables = model.predicted(columns, what, 0, level, interval is not None)
    if data is None:
        for table in tables:
            table[np.isnan(model.linear)] = np.nan
    if kind == "category":
        return _category(model, tables[0], index)
    names = None if tables[0].shape[1] == 1 else model.answers[:tables[0].shape[1]]
    if interval is not None:
        return _long(tables, names, index)
    if names is None:
        return pd.Series(tables[0][:, 0], index, name="linear" if kind == "linear" else "fitted")
    return pd.DataFrame(tables[0], index, names)


def _category(model, probabilities, index):
    """The likeliest answer; the lower of two that are equally likely."""
    lost = np.isnan(probabilities).any(axis=1)
    codes = np.where(lost, -1, np.argmax(np.where(lost[:, None], 0.0, probabilities), axis=1))
    answers = pd.Categorical.from_codes(codes, list(model.answers), ordered=model.kind == ORDINAL)
    return pd.Series(answers, index, name="category")


def _long(tables, names, index):
    n, width = tables[0].shape
    frame = pd.DataFrame({name: table.ravel() for name, table in zip(_LIMITS, tables)})
    if names is None:
        return frame if index is None else frame.set_index(index)
    frame.insert(0, "row", np.repeat(np.arange(n) if index is None else np.asarray(index), width))
    frame.insert(1, "category", list(names) * n)
    return frame
