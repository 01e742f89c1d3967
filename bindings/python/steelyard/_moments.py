# SPDX-License-Identifier: GPL-3.0-only
"""Moments: the sums that every share, interval and merge is an algebra of."""
import os

import numpy as np
import pandas as pd

from . import _bad_input, _core, _print, _terms
from ._columns import Frame
from ._design import Design
from ._document import Written
from ._errors import DataError, SteelyardError
from ._options import (MISSING, PRECISIONS, UNITS, WEIGHT_KINDS, choice, name_of, real, thread_count, weight_number,
                       whole)
from ._progress import Progress


class Moments(Written):
    """Weighted sums and cross-products over rows, one set a cluster.

    Made by :func:`moments`, :func:`moments_from_correlation` and
    :func:`load_moments`. Read-only; it pickles. ``m1 + m2`` sums two sets over
    the same terms: clusters of equal label are added, levels united, the
    precision is the lower of the two.

    Attributes
    ----------
    labels : list of str
        The terms, as in both languages: ``x``, ``factor(x)``, ``x^2``, ``a:b``.
    n : float
        Rows by the weight rule: the sum of frequency weights, else the rows
        of positive weight.
    rows_read, rows_used, rows_dropped : int
        Rows looked at, complete, and with a missing value.
    missing : Series
        Rows in which each term was missing.
    clusters : list of str
        Labels of the clusters; empty without.
    strata : list of str
        Labels of the strata; empty without.
    weight_kind : str or None
        ``"frequency"``, ``"analytic"``, ``"sampling"``.
    precision : str
        ``"double"`` or ``"double-double"``.
    decimal : list of str
        Terms whose columns were read as the decimals they print as.
    hash : str
        16 hex digits over the sums with labels, levels, n and weight rule,
        never over rows; the same in every language.
    remarks : DataFrame
        What the computation has to say: code, term, value, text.
    """

    __slots__ = ("_blob", "_notes", "_info")

    def __init__(self, blob, remarks=()):
        object.__setattr__(self, "_blob", blob)
        object.__setattr__(self, "_notes", tuple(remarks))
        object.__setattr__(self, "_info", _core.info(blob))

    def __setattr__(self, name, value):
        raise AttributeError("moments are read-only")

    def __reduce__(self):
        return Moments, (self._blob, self._notes)

    def __eq__(self, other):
        return self._blob == other._blob if isinstance(other, Moments) else NotImplemented

    def __hash__(self):
        return hash(self._info["hash"])

    def __add__(self, other):
        if not isinstance(other, Moments):
            return NotImplemented
        return Moments(*_core.merge(self._blob, other._blob))

    labels = property(lambda self: list(self._info["labels"]))
    n = property(lambda self: self._info["n"])
    rows_read = property(lambda self: int(self._info["rows_read"]))
    rows_used = property(lambda self: int(self._info["rows_used"]))
    rows_dropped = property(lambda self: int(self._info["rows_dropped"]))
    clusters = property(lambda self: list(self._info["clusters"]))
    strata = property(lambda self: list(self._info["strata"]))
    hash = property(lambda self: self._info["hash"])
    remarks = property(lambda self: pd.DataFrame(list(self._notes), columns=["code", "term", "value", "text"]))

    @property
    def missing(self):
        return pd.Series(np.array(self._info["term_missing"], dtype=np.int64), index=self.labels, name="missing")

    @property
    def levels(self):
        """Level names by factor term, as a dict of lists."""
        info, levels = self._info, {}
        for label, first, count, factor in zip(
                info["labels"], info["term_first"], info["term_columns"], info["term_is_factor"]):
            if factor:
                levels[label] = list(info["levels"][first:first + count])
        return levels

    @property
    def unit(self):
        """What one set of sums stands for: "none" (all rows), "cluster", "row"."""
        return name_of(UNITS, self._info["unit"])

    @property
    def weight_kind(self):
        kind = name_of(WEIGHT_KINDS, self._info["weight_kind"])
        return None if kind == "none" else kind

    @property
    def precision(self):
        return "double-double" if self._info["twofold"] else "double"

    @property
    def decimal(self):
        return [label for label, yes in zip(self._info["labels"], self._info["term_is_decimal"]) if yes]

    def save(self, path):
        """Write the moments to a file that :func:`load_moments` reads, here and in R.

        The file is written whole or not at all.

        Parameters
        ----------
        path : str or path
            A new file, or one to be replaced.

        Returns
        -------
        None

        Raises
        ------
        OSError
            The folder is not there or cannot be written to; an old file is left as it was.
        SteelyardError
            There is no such folder.

        Examples
        --------
        >>> import os, tempfile
        >>> m = sy.moments(sy.datasets.load("swiss_1888"), ["Fertility", "Education"])
        >>> path = os.path.join(tempfile.mkdtemp(), "swiss.moments")
        >>> m.save(path)
        >>> sy.load_moments(path) == m
        True
        """
        path = _bad_input.check_target("path", path)
        beside = f"{path}.{os.getpid()}.part"
        try:
            with open(beside, "wb") as file:
                file.write(self._blob)
            os.replace(beside, path)
        except BaseException:
            if os.path.exists(beside):
                os.unlink(beside)
            raise

    def _document(self):
        return _print.moments_document(self)


def moments(data, terms, weights=None, weight_kind=None, cluster=None, strata=None, missing="complete",
            precision="auto", threads=None):
    """Sum rows once, so that any number of questions can be asked of the sums.

    Parameters
    ----------
    data : DataFrame (pandas, polars), pyarrow Table, duckdb relation, or dict of columns
        One row an observation.
    terms : str or list of str
        Every term that will be asked of: outcomes, predictors, adjusting
        terms. ``x``, ``C(x)`` (a factor), ``I(x**2)``, ``a:b``, ``a*b``,
        ``np.log(x)``.
    weights : str or vector of n, optional
        A column's name, or the weights.
    weight_kind : {"frequency", "analytic", "sampling"}
        Needed with weights: the row stands for that many equal rows; the
        row's variance is one over the weight; one over the chance of selection.
    cluster : str or vector of n, optional
        One set of sums is kept for each cluster, which intervals rest on.
    strata : str or vector of n, optional
        The strata in which clusters, or rows without clusters, were drawn;
        resampling and standard errors stay within them. A cluster lies in
        one stratum. Without clusters one set of sums is kept for each row.
    missing : {"complete", "error"}
        Rows complete over all terms, weights, clusters and strata; or an error.
    precision : {"auto", "double", "double-double"}
        Auto: double-double while n p**2 <= 4e7, with decimal columns read as
        the decimals they print as; else double.
    threads : int, optional
        Default STEELYARD_NUM_THREADS, else 1. The bits do not depend on it.

    Returns
    -------
    Moments

    Raises
    ------
    SteelyardError
        An unknown column (the nearest is named), a text column, weights
        without their kind.
    DataError
        Infinite values, all rows missing, one cluster, a cluster in two strata,
        negative, missing or fractional frequency weights.
    LimitError
        The sums would not fit in memory.

    Notes
    -----
    Summed about a first guess of the mean, merged pairwise [1]_.

    References
    ----------
    .. [1] Chan, Golub & LeVeque 1983, doi:10.1080/00031305.1983.10483115

    Examples
    --------
    >>> councils = sy.datasets.load("councils_2018_19")
    >>> m = sy.moments(councils, ["control", "spend_per_adult_gbp", "easy_information"])
    >>> m.n, m.unit, m.hash
    (147.0, 'none', '95f46a4b767e7263')
    >>> round(sy.shares(m, "control", ["spend_per_adult_gbp", "easy_information"]).total, 4)
    0.2403
    """
    if isinstance(data, Moments):
        raise SteelyardError("data: moments were given already; ask shares() of them")
    frame = Frame(data)
    design = Design(frame)
    for term in _terms.parse_list(terms, "terms", frame):
        design.add(term, "terms")
    kind = weight_number(weights, weight_kind)
    rule = MISSING[choice("missing", missing, MISSING)]
    digits = PRECISIONS[choice("precision", precision, PRECISIONS)]
    unit = UNITS["cluster" if cluster is not None else "none" if strata is None else "row"]
    return sum_rows(design.finish(weights, kind, cluster, rule, strata), unit, digits, thread_count(threads))


def sum_rows(finished, unit, precision, threads):
    """Moments of a finished design; all numbers are the core's."""
    with Progress("moments") as progress:
        return Moments(*_core.moments(finished, unit, precision, threads, progress))


def moments_from_correlation(r, n, names=None, decimals=None):
    """Moments of a printed correlation matrix.

    Parameters
    ----------
    r : (p, p) array or DataFrame
        Correlations; symmetric, ones on the diagonal, positive semi-definite.
    n : float
        Rows the correlations were computed from.
    names : list of str, optional
        p labels; default a DataFrame's columns, else x1 ... xp.
    decimals : int, optional
        To how many places the table was printed: its entries then stand for all
        values that round to them, and ``Shares.rounding`` gives the range of
        each share. Where the table as printed is no correlation matrix one near
        it that rounds to it is used, and a remark says so.

    Returns
    -------
    Moments

    Raises
    ------
    DataError
        No correlation matrix rounds to the table (with ``decimals``), or the matrix is not a correlation matrix; the entry or eigenvalue is named.

    References
    ----------
    Azen & Budescu 2003, doi:10.1037/1082-989X.8.2.129: analyses from a correlation matrix. Rounding: Higham 2002,
    doi:10.1093/imanum/22.3.329 (the nearest correlation matrix).

    Examples
    --------
    A printed correlation of .6 between two variables of 62 people:

    >>> m = sy.moments_from_correlation([[1, .6], [.6, 1]], n=62, names=["y", "x"])
    >>> round(sy.shares(m, "y", ["x"], interval=None).total, 4)
    0.36
    """
    if names is None and isinstance(r, pd.DataFrame):
        names = [str(name) for name in r.columns]
    try:
        matrix = np.ascontiguousarray(r, dtype=np.float64)
    except (TypeError, ValueError):
        raise SteelyardError("r: a square matrix of numbers is needed") from None
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        shape = " by ".join(str(length) for length in matrix.shape)
        raise SteelyardError(f"r: a square matrix is needed, this one is {shape or 'a single number'}")
    if names is None:
        names = [f"x{i + 1}" for i in range(len(matrix))]
    names = [names] if isinstance(names, str) else [str(name) for name in names]
    if len(names) != len(matrix):
        raise SteelyardError(f"names: {len(names)} names were given for {len(matrix)} columns")
    places = -1 if decimals is None else whole("decimals", decimals, 0, 15)
    return Moments(*_core.from_correlation(matrix, real("n", n), tuple(names), places))


def load_moments(path):
    """Read moments that were saved here or in R; the checksum is verified.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    Moments

    Raises
    ------
    DataError
        The file is not one of moments, or is damaged.
    SteelyardError
        There is no such file (the nearest one in its folder is named), or no such folder.

    Notes
    -----
    The file is the moments' own bytes: 8-byte little-endian numbers with a checksum, the same on every machine and in R.

    Examples
    --------
    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "swiss.moments")
    >>> sy.moments(sy.datasets.load("swiss_1888"), ["Fertility", "Education"]).save(path)
    >>> sy.load_moments(path).labels
    ['Fertility', 'Education']
    """
    _bad_input.check_file("path", path)
    with open(os.path.expanduser(path), "rb") as file:
        blob = file.read()
    try:
        _core.verify(blob)
    except DataError as error:
        raise DataError(f"path: {os.fspath(path)}: {error}") from None
    return Moments(blob)
