# SPDX-License-Identifier: GPL-3.0-only
"""How far averages of clusters, such as councils, tell them apart."""
import numpy as np
import pandas as pd

from . import _core
from ._columns import Frame
from ._design import Design
from ._document import Cells, Document, Listed
from ._errors import SteelyardError, line_of
from ._fit_print import number
from ._fit_request import check_level
from ._moments import Moments, sum_rows
from ._options import MISSING, UNITS, choice, weight_number
from ._print import _count, level_text, rows_phrase
from ._tables import Table
from ._terms import column_term

_NUMBERS = ["size", "icc", "reliability", "conf_low", "conf_high", "lowest", "highest"]


class MeanReliability(Table):
    """Reliability of averages: one row a column."""


def reliability_of_means(data, columns, cluster=None, weights=None, weight_kind=None, level=0.95, missing="complete"):
    """How far averages of clusters, such as councils, differ by more than chance.

    Parameters
    ----------
    data : DataFrame, dict of columns, or Moments by cluster
    columns : list of str, or names joined by ``+``
        Numbers.
    cluster : str or vector of n
        Needed with rows.
    weights : str or vector of n, optional
    weight_kind : {"frequency"}
    level : float
        Of the limits, between 0 and 1.
    missing : {"complete", "error"}

    Returns
    -------
    MeanReliability
        One row a column: column, size (the number of people that stands for all
        clusters), icc, reliability of an average of that size, its conf_low and
        conf_high, and lowest and highest: of the smallest and the largest cluster. The
        reliability is what :meth:`Shares.corrected` asks for when a
        council-level column is an average of its people.

    Raises
    ------
    SteelyardError
        No clusters, sampling or analytic weights, a factor.
    DataError
        One row a cluster, a column with one value in all rows or in each cluster.

    Notes
    -----
    Analysis of variance: 1 - W / B with the mean squares within and between
    clusters, ICC(1, k) of [1]_; limits by F, exact for normal values and
    clusters of one size. A cluster of n people: Spearman and Brown's formula.

    References
    ----------
    .. [1] Shrout & Fleiss 1979, doi:10.1037/0033-2909.86.2.420

    Examples
    --------
    >>> poet = sy.datasets.simulate_poet(1)
    >>> found = sy.reliability_of_means(poet.assign(easy=poet["easy_information"].cat.codes), "easy", "council")
    >>> list(found.columns)
    ['column', 'size', 'icc', 'reliability', 'conf_low', 'conf_high', 'lowest', 'highest']
    """
    names = [part.strip() for part in columns.split("+")] if isinstance(columns, str) else list(columns)
    level = check_level(level)
    if isinstance(data, Moments):
        if cluster is not None or weights is not None:
            raise SteelyardError("cluster: moments already hold their clusters and weights; leave them out")
        m = data
    else:
        kind, rule = weight_number(weights, weight_kind), MISSING[choice("missing", missing, MISSING)]
        if cluster is None:
            raise SteelyardError("cluster: none given; averages are those of clusters")
        design = Design(Frame(data))
        for name in names:
            design.frame.values(name, "columns")
            design.add(column_term(name), "columns")
        m = sum_rows(design.finish(weights, kind, cluster, rule), UNITS["cluster"], 0, 0)
    places = tuple(_core.find_term(m._blob, "columns", name) for name in names)
    table = np.empty((len(names), len(_NUMBERS)))
    remarks = tuple(dict.fromkeys(m._notes + _core.reliability_of_means(m._blob, places, level, table)))
    frame = pd.DataFrame(table, columns=_NUMBERS)
    frame.insert(0, "column", names)
    return MeanReliability.of(frame, _told(frame, m, level, remarks), remarks)


def _told(frame, m, level, remarks):
    cells = [["column", "size", "icc", "reliability", "low", "high", "lowest", "highest"]]
    for row in frame.itertuples(index=False):
        cells.append([row.column, number(row.size, "%.1f"), *(number(value, "%.4f") for value in row[2:])])
    told = [line_of(remark) for remark in remarks if remark[0] != "rows_dropped"]
    return Document([
        f"Reliability of averages of {_count(m._info['n_units'], 'cluster')}, {rows_phrase(m._info)}", "",
        Cells(f"Reliability of averages, limits {level_text(level)}", cells), "",
        f"Limits ({level_text(level)}): by F, exact for normal values and clusters of one size; lowest and highest: of "
        "the smallest and largest cluster.", *([Listed("Remarks:", told)] if told else [])])
