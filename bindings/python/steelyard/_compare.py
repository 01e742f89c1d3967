# SPDX-License-Identifier: GPL-3.0-only
"""Two blocks beside each other: differences, one by one or as a family, ratios, claims over all outcomes."""
import math
import warnings

import numpy as np
import pandas as pd

from . import _core, _joint, _print
from ._compare_print import comparison
from ._document import Document, Shown
from ._errors import SteelyardError, SteelyardWarning
from ._fit_print import p_text
from ._options import METRICS, REPLICATED, choice, real

_KEYS = ["outcome", "first", "second", "metric"]
_METHODS = (*_joint.BY_RULE, *_joint.STEPPED)
ANSWERS = {1: "supported", -1: "contradicted", 0: "undecided"}


def term_pairs(record):
    """(block, term) of every term."""
    return [(name, label) for name, labels in record["blocks"] for label in labels]


def place_of(record, argument, name):
    """Row of a block, or else of a term, in the tables."""
    names = [block for block, _ in record["blocks"]] + [label for _, label in term_pairs(record)]
    return _core.find(argument, str(name), tuple(names)) if name not in names else names.index(name)


def needs_limits(record):
    if record["interval"] == "none":
        raise SteelyardError("interval: this result has no standard errors; ask shares() for an interval")


def drawn_of(record, row, column):
    return np.ascontiguousarray(record["draws"][:, row, column])


def pair_of(record, rows, column):
    """Estimates of two rows and their covariance."""
    needs_limits(record)
    estimate = tuple(record["estimate"][list(rows), column].tolist())
    return estimate, tuple(record["covariance"][column][np.ix_(rows, rows)].ravel().tolist())


def difference_of(record, rows, column, level):
    """The numbers of COMPARED."""
    estimate, covariance = pair_of(record, rows, column)
    if record["draws"] is None:
        return _core.difference(estimate, covariance, record["df"], level)
    difference, std_error, *_ = _core.difference(estimate, covariance, math.inf, level)
    draws = drawn_of(record, rows[0], column) - drawn_of(record, rows[1], column)
    low, high = _core.percentile(draws, level, record["interval"] == "expanded", record["units"])
    return difference, std_error, math.nan, math.nan, math.nan, low, high


class Compare:
    """What a result can say of its blocks two by two."""

    def _level(self, level):
        return self._options["level"] if level is None else real("level", level)

    def _rows(self, record, first, second):
        return place_of(record, "first", first), place_of(record, "second", second)

    def _compared(self, pairs, metric, level):
        """One row an outcome and pair of names."""
        column = METRICS.index(metric)
        lines = [(record["outcome"], first, second, metric,
                  *difference_of(record, self._rows(record, first, second), column, level))
                 for record in self._records for first, second in pairs]
        return pd.DataFrame(lines, columns=_KEYS + list(_joint.COMPARED))

    def _adjusted(self, frame, pairs, column, method, how):
        """The column p_adjusted over all rows of the frame, which are one family."""
        if method in _joint.BY_RULE:
            if any(record["interval"] in REPLICATED for record in self._records):
                raise SteelyardError(
                    f'adjust: "{method}" needs p values, and limits by percentiles have none; use "romano-wolf", or '
                    'ask shares() for interval = "jackknife"')
            return _joint.adjusted_by_rule(method, frame["p_value"])
        _joint.need_units(self._records, "adjust")
        threads = self._options["threads"]
        joint = _joint.Joint(self._records, threads)
        rows = [(ask, self._rows(record, *pair)) for ask, record in enumerate(self._records) for pair in pairs]
        contrasts = joint.family([joint.place(ask, first, column) for ask, (first, _) in rows],
                                 [joint.place(ask, second, column) for ask, (_, second) in rows])
        return _joint.stepped_down(method, contrasts, *how, threads)

    def compare(self, first, second, metric="share", level=None, adjust=None, replicates=2000, seed=1):
        """Difference of a metric between two blocks, first minus second.

        Parameters
        ----------
        first, second : str
            Blocks, or terms.
        metric : str
            One of the columns of ``blocks``.
        level : float, optional
            Of the limits; default that of the result.
        adjust : {None, "bonferroni", "holm", "bh", "romano-wolf", "westfall-young"}
            With it a column p_adjusted for testing all outcomes: by the p values
            alone (Holm [2]_, Benjamini & Hochberg [3]_), or stepped down by the
            joint law of the statistics [4]_ [5]_, which takes account of how the
            outcomes hang together.
        replicates, seed : int
            Of the signs that are drawn for the joint law, 100 or more.

        Returns
        -------
        Comparison
            A DataFrame, one row an outcome: outcome, first, second, metric, estimate,
            std_error, statistic, df, p_value, conf_low, conf_high. By the
            covariance of the two and t [1]_; with the bootstrap kinds by
            percentiles of the replicates, without a p value. With interval =
            "bayes" also probability: that the first is above the second.

        Raises
        ------
        SteelyardError
            An unknown block; a result without standard errors; for the joint law
            a result with neither clusters nor rows to leave out, and for
            "westfall-young" under 11 of them (2**10 patterns of signs).

        References
        ----------
        .. [1] MacKinnon, Nielsen & Webb 2023, doi:10.1002/jae.2969
        .. [2] Holm 1979, Scandinavian Journal of Statistics 6, 65-70
        .. [3] Benjamini & Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x
        .. [4] Romano & Wolf 2005, doi:10.1198/016214504000000539
        .. [5] Westfall & Young 1993, Resampling-Based Multiple Testing

        Examples
        --------
        >>> swiss = sy.datasets.load("swiss_1888")
        >>> s = sy.shares(swiss, "Fertility", ["Education", "Catholic", "Examination"])
        >>> found = s.compare("Education", "Catholic")
        >>> found[["estimate", "conf_low", "conf_high"]].round(3).values.tolist()
        [[0.15, -0.169, 0.47]]
        """
        choice("metric", metric, METRICS)
        if adjust is not None:
            choice("adjust", adjust, _METHODS)
        how = _joint.check_replicates(replicates, seed)
        column = METRICS.index(metric)
        frame = self._compared([(first, second)], metric, self._level(level))
        if all(record["interval"] == "bayes" for record in self._records):
            frame["probability"] = [
                _core.above(*(drawn_of(record, row, column) for row in self._rows(record, first, second)))
                for record in self._records]
        if adjust is not None:
            frame["p_adjusted"] = self._adjusted(frame, [(first, second)], column, adjust, how)
        return comparison(frame, self._records, "difference", self._level(level), self._options["seed"], adjust)

    def compare_all(self, metric="share", adjust="holm", level=None, replicates=2000, seed=1):
        """Differences of all pairs of blocks in all outcomes, as one family of tests.

        Parameters
        ----------
        metric : str
            One of the columns of ``blocks``.
        adjust : {"bonferroni", "holm", "bh", "romano-wolf", "westfall-young"}
            As in :meth:`compare`.
        level : float, optional
            Of the limits of each difference; default that of the result.
        replicates, seed : int
            Of the joint law.

        Returns
        -------
        Comparison
            A DataFrame, one row a pair and outcome, as :meth:`compare` gives them, with
            p_adjusted.

        Raises
        ------
        SteelyardError
            One block only; as :meth:`compare`.

        Examples
        --------
        >>> swiss = sy.datasets.load("swiss_1888")
        >>> s = sy.shares(swiss, "Fertility", ["Education", "Catholic", "Examination"])
        >>> s.compare_all()[["first", "second", "p_adjusted"]].round(3).values.tolist()
        [['Education', 'Catholic', 1.0], ['Education', 'Examination', 1.0], ['Catholic', 'Examination', 1.0]]
        """
        choice("metric", metric, METRICS)
        choice("adjust", adjust, _METHODS)
        how = _joint.check_replicates(replicates, seed)
        names = [name for name, _ in self._records[0]["blocks"]]
        if len(names) < 2:
            raise SteelyardError("blocks: there is one only; a difference needs two")
        pairs = [(first, second) for i, first in enumerate(names) for second in names[i + 1:]]
        frame = self._compared(pairs, metric, self._level(level))
        frame["p_adjusted"] = self._adjusted(frame, pairs, METRICS.index(metric), adjust, how)
        return comparison(frame, self._records, "difference", self._level(level), self._options["seed"], adjust)

    def ratio(self, first, second, metric="share", level=None):
        """How many times a metric of one block is that of another.

        Parameters
        ----------
        first, second : str
            Blocks, or terms.
        metric : str
            One of the columns of ``blocks``.
        level : float, optional
            Of the limits; default that of the result.

        Returns
        -------
        Comparison
            A DataFrame, one row an outcome, as :meth:`compare` gives them; statistic and
            p_value test a ratio of 1. Where one of the two is not above 0 there
            is no ratio: all is NaN, and a warning says so.

        Raises
        ------
        SteelyardError
            An unknown block; a result without standard errors.

        Notes
        -----
        The logarithm of the ratio has its standard error from the covariance of
        the two by the delta method; its t limits are carried back.

        Examples
        --------
        >>> swiss = sy.datasets.load("swiss_1888")
        >>> s = sy.shares(swiss, "Fertility", ["Education", "Catholic", "Examination"])
        >>> s.ratio("Education", "Catholic")[["estimate", "conf_low", "conf_high"]].round(2).values.tolist()
        [[2.26, 0.4, 12.86]]
        """
        column = METRICS.index(choice("metric", metric, METRICS))
        level, lines = self._level(level), []
        for record in self._records:
            estimate, covariance = pair_of(record, self._rows(record, first, second), column)
            lines.append((record["outcome"], first, second, metric,
                          *_core.ratio(estimate, covariance, record["df"], level)))
            if not min(estimate) > 0:
                warnings.warn(f"no ratio for {record['outcome']}: {metric} is {estimate[0]:.4f} for {first} and "
                              f"{estimate[1]:.4f} for {second}; both must be above 0", SteelyardWarning, stacklevel=2)
        frame = pd.DataFrame(lines, columns=_KEYS + list(_joint.COMPARED))
        return comparison(frame, self._records, "ratio", level, self._options["seed"])

    def in_all(self, first, second, metric="share", level=0.95):
        """Is the first block above the second in every outcome?

        Parameters
        ----------
        first, second : str
            Blocks, or terms.
        metric : str
            One of the columns of ``blocks``.
        level : float
            Confidence of the claim.

        Returns
        -------
        InAll
            ``answer`` is "supported" when the largest of the one-sided p values
            is below 1 - level, else "undecided"; it needs no correction for the
            number of outcomes (intersection-union [1]_). ``p_value`` is the
            largest, ``outcomes`` has one row an outcome: outcome, estimate,
            std_error, statistic, df, p_value.

        Raises
        ------
        SteelyardError
            An unknown block; a result without standard errors.

        References
        ----------
        .. [1] Berger 1982, doi:10.1080/00401706.1982.10487790

        Examples
        --------
        >>> swiss = sy.datasets.load("swiss_1888")
        >>> s = sy.shares(swiss, ["Fertility", "Examination"], ["Education", "Catholic", "Agriculture"])
        >>> s.in_all("Education", "Agriculture").answer
        'undecided'
        """
        column, level = METRICS.index(choice("metric", metric, METRICS)), real("level", level)
        if not 0 < level < 1:
            raise SteelyardError(f"level: {level:g} is not between 0 and 1")
        lines = []
        for record in self._records:
            estimate, covariance = pair_of(record, self._rows(record, first, second), column)
            found, std_error, _, df, *_ = _core.difference(estimate, covariance, record["df"], level)
            lines.append((record["outcome"], found, std_error, *_one_sided(found, std_error, df)))
        return InAll(first, second, metric, level, pd.DataFrame(
            lines, columns=["outcome", "estimate", "std_error", "statistic", "df", "p_value"]))


def _one_sided(estimate, std_error, df):
    """(statistic, df, p) that the estimate is above 0."""
    statistic, p = _core.above_bound(-1, False, estimate, std_error, df, 0.0)
    return statistic, df, p


class InAll(Shown):
    """The answer to "the first is above the second in every outcome": answer, p_value, level, outcomes."""

    def __init__(self, first, second, metric, level, outcomes):
        self.first, self.second, self.metric, self.level, self._outcomes = first, second, metric, level, outcomes
        p = outcomes["p_value"].to_numpy()
        self.p_value = float(p.max()) if not np.isnan(p).any() else math.nan
        self.answer = "supported" if self.p_value < 1 - level else "undecided"

    @property
    def outcomes(self):
        """One row an outcome: the difference and its one-sided test."""
        return self._outcomes.copy()

    def to_frame(self):
        """As ``outcomes``.

        Returns
        -------
        DataFrame
            As ``outcomes``: one row an outcome.

        Examples
        --------
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> blocks = {"funding": "spend_per_adult_gbp", "process": "easy_information"}
        >>> s = sy.shares(councils, ["control", "satisfaction"], blocks)
        >>> s.in_all("process", "funding").to_frame()["outcome"].tolist()
        ['control', 'satisfaction']
        """
        return self.outcomes

    def _document(self):
        names = list(self._outcomes["outcome"])
        whom = names[0] if len(names) == 1 else f"each of {len(names)} outcomes"
        return Document([f"Claim: the {self.metric.replace('_', ' ')} of {self.first} is above that of {self.second}, in "
                         f"{whom}: {self.answer}. Largest one-sided p {p_text(self.p_value)} "
                         f"({_print.level_text(self.level)})."])
