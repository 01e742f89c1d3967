# SPDX-License-Identifier: GPL-3.0-only
"""Printed totals and counts: costs a user of two groups, indicators that passed beside chance."""
import math
from numbers import Real

import numpy as np
import pandas as pd

from . import _core
from ._document import Cells, Document, Shown
from ._errors import SteelyardError
from ._fit_print import number, p_text
from ._options import flag, real, several
from ._print import level_text
from ._tables import Table

_COUNTS = ["share", "conf_low", "conf_high", "worst_low", "worst_high", "expected", "p_independent", "p_worst"]
_HEADERS = ["share", "low", "high", "worst low", "worst high", "expected", "p independent", "p at most"]


class UnitValues(Shown):
    """Costs a user of two groups.

    Attributes
    ----------
    values : DataFrame
        denominator, group, cost, users, value.
    ratios : DataFrame
        first, second (the denominators of the two groups), ratio, gap, alike.
    ratio, gap : float
        By the first denominator.
    range, range_any : tuple of float
        Of the ratio with one denominator for both groups, and over all pairs.
    claimed_users : float
        Users that a claimed total stands for at this gap; NaN without.
    text : str
    """

    def __init__(self, values, ratios, found):
        self.values, self.ratios = values, ratios
        (self.ratio, self.gap, low, high, low_any, high_any, self.claimed_users, self.text) = found
        self.range, self.range_any = (low, high), (low_any, high_any)

    def to_frame(self):
        """The values: one row a denominator and group.

        Returns
        -------
        DataFrame
            As ``values``.

        Examples
        --------
        >>> found = sy.unit_values({"direct": 992849000, "managed": 5.2e9}, {"in the year": {"direct": 135245, "managed": 1337000}})
        >>> found.to_frame()[["group", "value"]].round(0).values.tolist()
        [['direct', 7341.0], ['managed', 3889.0]]
        """
        return self.values.copy()

    def _document(self):
        rows = [["denominator", "group", "cost", "users", "value"]]
        rows += [[row.denominator, row.group, f"{row.cost:.10g}", f"{row.users:.10g}", f"{row.value:.2f}"]
                 for row in self.values.itertuples()]
        return Document([Cells("Costs a user", rows, 2), "", self.text])


def _groups(argument, given, names):
    """Two totals in the order of the names, each found by its name."""
    if not isinstance(given, dict) or not all(isinstance(value, Real) for value in given.values()):
        raise SteelyardError(f"{argument}: a dict of group to total is needed")
    for name in given:
        if name not in names:
            _core.find(argument, str(name), names)
    for name in names:
        if name not in given:
            raise SteelyardError(f"{argument}: {name} is missing")
    return [real(f"{argument}: {name}", given[name]) for name in names]


def unit_values(costs, users, claimed=None):
    """Costs a user of two groups, their ratio, and how it hangs on whom one counts.

    Parameters
    ----------
    costs : dict
        Group to total cost, two groups; the ratio is of the first to the second.
    users : dict
        Group to number of users; or, counted in several ways, denominator to such
        a dict.
    claimed : float, optional
        A total said to be saved: how many users the gap would need for it.

    Returns
    -------
    UnitValues

    Raises
    ------
    SteelyardError
        Other than two groups, a group that is missing, a total that is not above 0.

    Notes
    -----
    Users in the year and users on one day give other ratios where one group
    comes and goes more than the other; the range over denominators used alike for
    both groups is what the print bears.
    Each ratio is a quotient of quotients, (cost / users) of one group over that of the other, for every pair of
    denominators: no statistic, and without limits.

    References
    ----------
    Slasberg, Community Care, 6 October 2011, whose quotients are the ones published.

    Examples
    --------
    >>> found = sy.unit_values({"direct payment": 992849000, "managed": 5.2e9},
    ...                        {"in the year": {"direct payment": 135245, "managed": 1337000},
    ...                         "on one day": {"direct payment": 114090, "managed": 980000}})
    >>> round(found.ratio, 3)
    1.888
    """
    if not isinstance(costs, dict) or len(costs) != 2:
        raise SteelyardError("costs: a dict of two groups to their totals is needed")
    names = tuple(str(name) for name in costs)
    totals = _groups("costs", {str(name): value for name, value in costs.items()}, names)
    if not isinstance(users, dict) or not users:
        raise SteelyardError("users: a dict of group to users, or of denominator to such a dict, is needed")
    several = users if any(isinstance(value, dict) for value in users.values()) else {"users": users}
    numbers = np.array([_groups("users", given, names) for given in several.values()])
    count = len(several)
    value, ratio, gap = np.empty((count, 2)), np.empty((count, count)), np.empty((count, count))
    found = _core.unit_values(names, tuple(totals), tuple(map(str, several)), numbers, _claimed(claimed), value, ratio, gap)
    labels = [str(label) for label in several]
    values = pd.DataFrame({"denominator": np.repeat(labels, 2), "group": list(names) * count, "cost": totals * count,
                           "users": numbers.ravel(), "value": value.ravel()})
    ratios = pd.DataFrame({"first": np.repeat(labels, count), "second": labels * count, "ratio": ratio.ravel(),
                           "gap": gap.ravel(), "alike": np.eye(count, dtype=bool).ravel()})
    return UnitValues(values, ratios, found)


def _claimed(claimed):
    return math.nan if claimed is None else real("claimed", claimed)


class Counts(Table):
    """Counts beside chance: one row a count; `trend` is a dict of statistic and p_value."""

    _metadata = Table._metadata + ["trend"]

    @classmethod
    def of(cls, frame, shown, remarks=(), trend=None):
        table = super().of(frame, shown, remarks)
        table.trend = trend
        return table


def _lengths(counts, of):
    """(labels or None, counts, totals) of equal length."""
    labels = None
    if isinstance(counts, dict):
        labels, counts = [str(label) for label in counts], list(counts.values())
    counts = [counts] if isinstance(counts, Real) else several("counts", counts)
    of = list(of.values()) if isinstance(of, dict) else of
    of = [of] * len(counts) if isinstance(of, Real) else several("of", of)
    if len(of) != len(counts):
        raise SteelyardError(f"of: {len(of)} numbers were given for {len(counts)} counts")
    return labels, np.array([real("counts", x) for x in counts]), np.array([real("of", x) for x in of])


def counts_by_chance(counts, of, chance=None, level=0.95, correlation=0.0, trend=False):
    """How many of a number of indicators passed: limits, and what chance gives.

    Parameters
    ----------
    counts : int, list of int, or dict of label to int
        Indicators that passed.
    of : int or list of int
        Indicators there were.
    chance : float, optional
        Probability that one indicator passes by chance, such as .05 for a test at
        5 %; without it only limits are told.
    level : float
    correlation : float
        Between indicators, for the limits: m of them are worth m / (1 + (m - 1)
        correlation).
    trend : bool
        Whether the counts are in an order that may have a trend.

    Returns
    -------
    Counts
        A DataFrame, one row a count: label with a dict, count, of, share,
        conf_low, conf_high (Clopper & Pearson [1]_), worst_low, worst_high (all
        move together: one indicator's worth), expected, p_independent (this
        many or more if the indicators are independent), p_worst (the most it can
        be, however they move together). ``trend``: statistic and exact p_value, or None.

    Raises
    ------
    SteelyardError
        Counts outside 0 to ``of``, parts outside 0 to 1.
    LimitError
        A trend over too many indicators to be enumerated.

    Notes
    -----
    Indicators answered by the same people move together, and prints seldom tell
    how much. Over all dependence P(X >= k) is at most m chance / k, which some
    dependence reaches. The trend is exact given the total (Cochran-Armitage [2]_),
    for independent indicators; dependence makes it less certain.

    References
    ----------
    .. [1] Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404
    .. [2] Armitage 1955, doi:10.2307/3001775

    Examples
    --------
    >>> found = sy.counts_by_chance({"budget": 1, "help to plan": 7, "views": 5}, of=14, chance=0.05)
    >>> list(found.columns)
    ['label', 'count', 'of', 'share', 'conf_low', 'conf_high', 'worst_low', 'worst_high', 'expected', 'p_independent', 'p_worst']
    >>> trend = sy.counts_by_chance([6, 9, 11], of=[9, 14, 15], trend=True).trend
    >>> round(trend["p_value"], 3)
    0.826
    """
    labels, counts, of = _lengths(counts, of)
    rows = np.empty((len(counts), len(_COUNTS)))
    level = real("level", level)
    statistic, p_value, text = _core.counts(
        len(counts), counts, of, rows, math.nan if chance is None else real("chance", chance), level,
        real("correlation", correlation), flag("trend", trend))
    frame = pd.DataFrame(rows, columns=_COUNTS)
    frame.insert(0, "count", counts.astype(int))
    frame.insert(1, "of", of.astype(int))
    if labels is not None:
        frame.insert(0, "label", labels)
    return Counts.of(frame, _counts_document(frame, level, text),
                     trend={"statistic": statistic, "p_value": p_value} if trend else None)


def _four(value):
    return number(value, "%.4f")


def _counts_document(frame, level, text):
    words = ["label"] if "label" in frame else []
    keep = [(key, header) for key, header in zip(_COUNTS, _HEADERS) if not frame[key].isna().all()]
    rows = [[*words, "count", "of", *(header for _, header in keep)]]
    for row in frame.to_dict("records"):
        rows.append([*(row[word] for word in words), str(row["count"]), str(row["of"]),
                     *((p_text if key.startswith("p_") else _four)(row[key]) for key, _ in keep)])
    return Document([Cells("Counts beside chance", rows, len(words)), "", f"Limits: {level_text(level)}.", text])
