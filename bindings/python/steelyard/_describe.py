# SPDX-License-Identifier: GPL-3.0-only
"""One column at a time: what the data hold."""
import numpy as np
import pandas as pd

from . import _core, _terms
from ._columns import Frame
from ._design import Design
from ._options import thread_count, whole
from ._progress import Progress

_STATISTICS = ("n", "missing", "mean", "sd", "lowest", "median", "highest")


def describe(data, terms, lags=1, threads=None):
    """Count, mean, spread, range and autocorrelation of each column.

    Parameters
    ----------
    data : DataFrame (pandas, polars), pyarrow Table, duckdb relation, or dict of columns
    terms : str or list of str
        As in :func:`shares`. A factor gives one row a level (its share of the rows is the mean).
    lags : int
        Autocorrelations of lag 1 to `lags` of the present values in row order; 0 for none.
    threads : int, optional

    Returns
    -------
    DataFrame
        One row a column of the design, in the order asked: term, level, n,
        missing, mean, sd (denominator n - 1), lowest, median, highest,
        autocorrelation_1 ... ; each term by itself, in the units of its column.

    Raises
    ------
    SteelyardError
        An unknown column (the nearest is named), a text column.

    Notes
    -----
    Sums run in double-double and decimal columns are read as the decimals they
    print as: NIST's nine univariate sets come out right to 15 digits.

    References
    ----------
    .. [1] Hyndman & Fan 1996, doi:10.2307/2684934 (the median)
    .. [2] Chan, Golub & LeVeque 1983, doi:10.1080/00031305.1983.10483115

    Examples
    --------
    >>> found = sy.describe(sy.datasets.load("councils_2018_19"), ["control", "spend_per_adult_gbp"])
    >>> found[["term", "n", "missing", "mean", "sd"]].round(2).values.tolist()
    [['control', 147.0, 0, 77.11, 4.63], ['spend_per_adult_gbp', 147.0, 0, 400.76, 58.88]]
    """
    frame = Frame(data)
    design = Design(frame)
    for term in _terms.parse_list(terms, "terms", frame):
        design.add(term, "terms")
    lags = whole("lags", lags, 0, max(frame.n, 1))
    finished = design.finish()
    counts, total = _core.describe_columns(finished)
    values = np.full((total, len(_STATISTICS)), np.nan)
    lagged = np.full((total, lags), np.nan)
    with Progress("describe") as progress:
        _core.describe(finished, lags, values, lagged if lags else None, thread_count(threads), progress)
    table = pd.DataFrame(values, columns=_STATISTICS).astype({"missing": np.int64})
    names = [(label, level) for (label, _), levels in zip(finished[1], _levels(finished, counts)) for level in levels]
    table.insert(0, "term", [label for label, _ in names])
    table.insert(1, "level", [level for _, level in names])
    for lag in range(lags):
        table[f"autocorrelation_{lag + 1}"] = lagged[:, lag]
    return table


def _levels(finished, counts):
    """For each term the levels of its columns: "" for a number; the levels of
    a factor; for a product those of its factors joined by ":", the first factor
    running fastest, as the core builds its columns."""
    columns, terms = finished[0], finished[1]
    for (_, factors), count in zip(terms, counts):
        cells = [""]
        for place, _ in factors:
            levels = columns[place][2]
            if levels is not None:
                cells = [f"{cell}:{level}" if cell else level for level in levels for cell in cells]
        yield cells if len(cells) == count else [str(i + 1) for i in range(count)]
