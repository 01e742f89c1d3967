# SPDX-License-Identifier: GPL-3.0-only
"""What may be given as ``data``, made into columns that pandas holds.

polars and duckdb hand their columns over by methods of their own, which need no
pyarrow; any other table by the Arrow stream it offers (read by pyarrow), or by the
older ``__dataframe__`` protocol. The libraries are never imported here unless the
data given come from them.
"""
import os

import numpy as np
import pandas as pd

from . import _bad_input
from ._errors import SteelyardError


def as_columns(data):
    """A DataFrame, or a dict of vectors; an error says what is allowed."""
    if isinstance(data, pd.DataFrame):
        return data
    if isinstance(data, dict):
        return {name: values if isinstance(values, (pd.Series, np.ndarray)) else vector(values)
                for name, values in data.items()}
    library = _library(data)
    if library == "polars" and hasattr(data, "to_dict"):
        return pd.DataFrame({name: _from_polars(column) for name, column in data.to_dict(as_series=True).items()})
    if library == "polars" and hasattr(data, "collect"):
        raise SteelyardError("data: a polars LazyFrame holds no rows yet; give data.collect()")
    if library == "duckdb" and hasattr(data, "df"):
        return data.df()
    if hasattr(data, "__arrow_c_stream__") or hasattr(data, "__arrow_c_array__"):
        return _from_arrow(data)
    if hasattr(data, "__dataframe__") and hasattr(pd.api, "interchange"):
        return pd.api.interchange.from_dataframe(data)
    if isinstance(data, (str, os.PathLike)):
        _bad_input.refuse_text(data)
    raise SteelyardError("data: a data frame (pandas, polars), a pyarrow Table, a duckdb relation, a dict of columns or "
                         f"Moments is needed, found {type(data).__name__}")


def vector(values):
    """One column given by itself, as a Series."""
    if _library(values) == "polars" and hasattr(values, "to_numpy"):
        return _from_polars(values)
    if _library(values) == "pyarrow" and hasattr(values, "type"):
        return _arrow_column(values)
    return pd.Series(values)


def _library(given):
    return type(given).__module__.split(".")[0].lstrip("_")


def _from_polars(column):
    """A polars Series. An Enum keeps its levels and their order; a Categorical has no levels of its
    own (they are shared by all frames of the process), so those present, sorted."""
    kind = str(column.dtype)
    if kind.startswith("Enum"):
        return pd.Series(pd.Categorical(_texts(column), column.dtype.categories.to_list(), ordered=True))
    if kind.startswith("Categorical"):
        return pd.Series(pd.Categorical(_texts(column)))
    if kind.startswith("Decimal"):
        column = column.cast(type(column)([0.0]).dtype)
    return pd.Series(column.to_numpy())


def _texts(column):
    return np.array(column.to_list(), dtype=object)


def _from_arrow(data):
    try:
        import pyarrow
    except ImportError:
        raise SteelyardError(f"data: to read {type(data).__name__} the package pyarrow is needed, and it is not "
                             "installed; or give a pandas data frame") from None
    table = data if isinstance(data, pyarrow.Table) else pyarrow.table(data)
    if len(set(table.column_names)) < table.num_columns:      # refused by that name
        return table.to_pandas()
    return pd.DataFrame({name: _arrow_column(table[name]) for name in table.column_names})


def _arrow_column(column):
    """A pyarrow array: whole numbers with nulls become float64, decimals too; a
    dictionary is a factor with its levels in the order of the dictionary."""
    import pyarrow
    if pyarrow.types.is_decimal(column.type):
        column = column.cast(pyarrow.float64())
    if pyarrow.types.is_dictionary(column.type) and not pyarrow.types.is_integer(column.type.value_type):
        column = column.unify_dictionaries() if isinstance(column, pyarrow.ChunkedArray) else column
    return pd.Series(column.to_pandas(date_as_object=False).array)
