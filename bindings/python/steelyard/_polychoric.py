# SPDX-License-Identifier: GPL-3.0-only
"""Correlations of the normal variables behind ordered answers."""
import numpy as np
import pandas as pd
from pandas.api import types

from . import _columns, _core, _terms
from ._columns import Frame
from ._design import Design
from ._document import Cells, Document, Shown
from ._errors import SteelyardError, warn_of
from ._fit_print import remark_lines
from ._fit_request import check_level
from ._moments import Moments
from ._options import MISSING, UNITS, choice, flag, thread_count, weight_number
from ._outcomes import ORDINAL, put_outcome
from ._print import _count, level_text, point
from ._progress import Progress

_KINDS = {0: "Pearson", 1: "polyserial", 2: "polychoric"}  # by how many of the two are ordered
_ROWS_AS_UNITS = 20000  # up to here each row is a set of its own, which limits of shares rest on


def polychoric(data, columns, ordered=None, weights=None, weight_kind=None, cluster=None, smooth=False, level=0.95,
               missing="complete", threads=None):
    """Correlations of the normal variables behind ordered answers, and moments made of them.

    Parameters
    ----------
    data : DataFrame (pandas, polars), pyarrow Table, duckdb relation, or dict of columns
    columns : list of str, or names joined by ``+``
        Two or more. An ordered categorical is read in its order, a truth value
        or a categorical of two levels as two answers, a number as it is.
    ordered : str or list of str, optional
        Columns of whole numbers that are ordered answers too.
    weights : str or vector of n, optional
    weight_kind : {"frequency", "sampling"}
        Needed with weights.
    cluster : str or vector of n, optional
        Standard errors and moments are by cluster.
    smooth : bool
        Correlations found pair by pair may make no correlation matrix; then one
        near them is used, with a remark, instead of an error.
    level : float
        Of limits, between 0 and 1.
    missing : {"complete", "error"}
    threads : int, optional

    Returns
    -------
    Polychoric
        ``r``, ``std_error``, ``to_frame()``; ``moments`` go into :func:`shares`,
        whose limits then rest on clusters or rows by the infinitesimal
        jackknife.

    Raises
    ------
    SteelyardError
        An unknown column, text, an unordered factor, analytic weights.
    DataError
        A column with one value, a matrix that is no correlation matrix.

    Notes
    -----
    Two steps: thresholds, means and standard deviations from the margins, then
    each correlation by maximum likelihood [1]_ [2]_. Standard errors count the
    first step and do not take the normal distribution for granted (influence
    functions). Limits are symmetric on Fisher's z. A bivariate normal
    distribution behind each pair is an assumption that two answers cannot test.

    References
    ----------
    .. [1] Olsson 1979, doi:10.1007/BF02296207
    .. [2] Olsson, Drasgow & Dorans 1982, doi:10.1007/BF02294164

    Examples
    --------
    >>> answers = pd.DataFrame({"a": [1, 2, 3, 3, 2, 1, 2, 3], "b": [1, 1, 2, 2, 2, 1, 2, 1]})
    >>> c = sy.polychoric(answers, ["a", "b"], ordered=["a", "b"])
    >>> round(float(c.r.loc["a", "b"]), 4)
    0.6429
    >>> round(sy.shares(c.moments, "a", ["b"], interval=None).total, 4)
    0.4133
    """
    frame = Frame(data)
    names = _names(columns, "columns", frame)
    as_ordered = [] if ordered is None else _names(ordered, "ordered", frame)
    design = Design(frame)
    kinds = [put_column(design, name, name in as_ordered, frame) for name in names]
    kind, rule = weight_number(weights, weight_kind), MISSING[choice("missing", missing, MISSING)]
    level = check_level(level)
    unit = "cluster" if cluster is not None else "row" if frame.n <= _ROWS_AS_UNITS else "none"
    tables = tuple(np.full((len(names), len(names)), np.nan) for _ in range(4))
    with Progress("polychoric correlations") as progress:
        blob, remarks = _core.latent(design.finish(weights, kind, cluster, rule), UNITS[unit], level, tables,
                                     flag("smooth", smooth), thread_count(threads), progress)
    warn_of(remarks, stacklevel=3)
    return Polychoric(names, kinds, tables, Moments(blob, remarks), level)


def _names(given, argument, frame):
    """Names of columns, each once."""
    if isinstance(given, str):
        given = [part.strip() for part in given.split("+")] if given not in frame else [given]
    if not isinstance(given, (list, tuple)) or not given or not all(isinstance(name, str) for name in given):
        raise SteelyardError(f"{argument}: a list of column names is needed")
    for name in given:
        frame.values(name, argument)
        if given.count(name) > 1:
            raise SteelyardError(f"{argument}: {name} is named twice")
    return list(given)


def put_column(design, name, named, frame):
    """Adds a column; 1 when it is ordered, 0 for a number."""
    values, term = frame.values(name, "columns"), _terms.column_term(name)
    dtype = values.dtype if isinstance(values, (pd.Series, np.ndarray)) else None
    two = isinstance(dtype, pd.CategoricalDtype) and len(dtype.categories) == 2
    if types.is_bool_dtype(dtype) or (two and not dtype.ordered):
        design.put(term, (name, *_columns.factor(values), 0))
        return 1
    if named or isinstance(dtype, pd.CategoricalDtype) or not types.is_numeric_dtype(dtype):
        try:
            put_outcome(design, term, ORDINAL)
        except SteelyardError as error:
            raise SteelyardError(str(error).replace("formula: the outcome ", "columns: ", 1)) from None
        return 1
    design.add(term, "columns")
    return 0


class Polychoric(Shown):
    """Correlations of latent normal variables.

    Attributes
    ----------
    r, std_error : DataFrame
        Square, by column.
    moments : Moments
        For :func:`shares`; the matrix times the rows, one part a cluster or row.
    remarks : DataFrame
        code, term, value, text.
    """

    def __init__(self, names, kinds, tables, moments, level):
        self._names, self._kinds, self._tables, self._level = names, kinds, tables, level
        self.moments = moments

    def _square(self, place):
        return pd.DataFrame(self._tables[place].copy(), self._names, self._names)

    r = property(lambda self: self._square(0))
    std_error = property(lambda self: self._square(1))
    remarks = property(lambda self: self.moments.remarks)

    def to_frame(self):
        """One row a pair: first, second, kind, estimate, std_error, conf_low, conf_high.

        Returns
        -------
        DataFrame

        Examples
        --------
        >>> answers = pd.DataFrame({"a": [1, 2, 3, 3, 2, 1, 2, 3], "b": [1, 1, 2, 2, 2, 1, 2, 1]})
        >>> c = sy.polychoric(answers, ["a", "b"], ordered=["a", "b"])
        >>> c.to_frame()[["first", "second", "kind"]].values.tolist()
        [['a', 'b', 'polychoric']]
        """
        pairs = [(i, j) for i in range(len(self._names)) for j in range(i)]
        return pd.DataFrame(
            [(self._names[j], self._names[i], _KINDS[self._kinds[i] + self._kinds[j]],
              *(float(table[i, j]) for table in self._tables)) for i, j in pairs],
            columns=["first", "second", "kind", "estimate", "std_error", "conf_low", "conf_high"])

    def _document(self):
        return _told(self)


def _told(c):
    m, level = c.moments, level_text(c._level)
    head = [f"Correlations of {_count(len(c._names), 'column')}, {_count(int(m.n), 'row')}: pairs of ordered columns "
            "polychoric,", "of an ordered one and a number polyserial, of numbers Pearson's", ""]
    rows = [["first", "second", "kind", "estimate", "std. error", "conf. low", "conf. high"]]
    for row in c.to_frame().itertuples(index=False):
        rows.append([row.first, row.second, row.kind, *(point(value, row.std_error) for value in row[3:])])
    units = f"{_count(m._info['n_units'], 'cluster')}" if m.unit == "cluster" else "rows"
    foot = ["", f"Standard errors by influence functions of {units}; limits ({level}) on Fisher's z."]
    if m.rows_dropped:
        foot.append(f"{_count(int(m.rows_dropped), 'row')} of {int(m.rows_read)} dropped: a value is missing.")
    remarks = list(m.remarks.itertuples(index=False, name=None))
    return Document(head + [Cells(f"Correlations, limits {level}", rows, 3)] + foot + remark_lines(remarks) + [
        "A normal variable behind each ordered column is assumed."])
