# SPDX-License-Identifier: GPL-3.0-only
"""Shares corrected for errors of measurement."""
import numpy as np
import pandas as pd

from . import _core
from ._errors import SteelyardError, warn_of
from ._measure import asked_of
from ._moments import Moments
from ._options import SHARE, real


class _Asked:
    """A record's question, by the indices that it was asked with."""

    absorbed = None

    def __init__(self, record):
        _, self.outcome, self.blocks, self.adjust = record["asked"]
        self.order = record["order"]

    def indices(self, _):
        return self.blocks, self.adjust


class Corrected:
    """What a result of shares() says when columns are measured with error."""

    def corrected(self, reliability=None, error_covariance=None):
        """The same shares from moments without errors of measurement.

        Parameters
        ----------
        reliability : dict of term -> number above 0, at most 1
            The part of a column's variance that is not error, such as
            ``{"easy_information": 0.8}``; the outcome may be named. Errors of two
            columns then have nothing in common.
        error_covariance : DataFrame, or dict of (term, term) -> number
            Instead: variances and covariances of the errors in the columns' own
            units; what is not named is 0.

        Returns
        -------
        Shares
            With ``correction`` (block, uncorrected, corrected, change) and
            ``errors`` (term, reliability, lowest: the least it may be with the
            others as stated).

        Raises
        ------
        SteelyardError
            A reliability outside (0, 1], a term that is not in the question, a
            factor, a product of columns beside one of them, fixed effects.
        DataError
            So much error that the matrix is not definite; the limit is named.

        Notes
        -----
        Shares of M - E, the moments less those of the errors [1]_. Limits are made
        as for the shares themselves, over clusters or rows that are left out in
        turn, with the reliabilities taken as known; shares of more than 1,000
        rows without clusters need ``interval="jackknife"`` for that. Errors on
        process alone favour process: see also the remark.

        References
        ----------
        .. [1] Fuller 1987, Measurement Error Models, doi:10.1002/9780470316665

        Examples
        --------
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> s = sy.shares(councils, "control", {"funding": "spend_per_adult_gbp", "process": "easy_information"})
        >>> s.corrected({"easy_information": 0.8}).correction
        """
        if (reliability is None) == (error_covariance is None):
            raise SteelyardError("reliability: give either reliability or error_covariance")
        records = [_correct(record, self._options, reliability, error_covariance) for record in self._records]
        warn_of([remark for record in records for remark in record["remarks"]], stacklevel=3)
        return type(self)(records, self._options)

    @property
    def correction(self):
        """Shares as measured and corrected: block (the total is called ``(total)``), uncorrected, corrected, change."""
        _held(self._records[0])
        return self._with_outcome([_change_of(record) for record in self._records])

    @property
    def errors(self):
        """One row a term: term, reliability, lowest."""
        _held(self._records[0])
        return self._with_outcome([record["corrected"]["errors"].copy() for record in self._records])


def _held(record):
    if not record.get("corrected"):
        raise SteelyardError("corrected: these shares were not corrected; use corrected(reliability) first")


def _read(reliability, covariance):
    """(terms, reliabilities or None, covariances or None)."""
    if covariance is None:
        if not isinstance(reliability, dict) or not reliability:
            raise SteelyardError('reliability: a dict is needed, such as {"easy_information": 0.8}')
        return list(reliability), np.array([real(f"reliability: {t}", v) for t, v in reliability.items()]), None
    if isinstance(covariance, pd.DataFrame):
        terms = [str(name) for name in covariance.columns]
        if [str(name) for name in covariance.index] != terms:
            raise SteelyardError("error_covariance: rows and columns must have the same names")
        return terms, None, np.ascontiguousarray(covariance.to_numpy(dtype=np.float64)).ravel()
    if not isinstance(covariance, dict) or not covariance or not all(
            isinstance(key, tuple) and len(key) == 2 for key in covariance):
        raise SteelyardError('error_covariance: a square DataFrame or a dict is needed, such as {("a", "a"): 0.2, '
                             '("a", "b"): 0.1}')
    terms = list(dict.fromkeys(term for key in covariance for term in key))
    made = np.zeros((len(terms), len(terms)))
    for (first, second), value in covariance.items():
        place = terms.index(first), terms.index(second)
        made[place] = made[place[::-1]] = real(f"error_covariance: {first}, {second}", value)
    return terms, None, made.ravel()


def _correct(record, options, reliability, covariance):
    """The record asked again of corrected moments; it keeps the answer as measured."""
    from ._shares import _ask

    blob, outcome, blocks, adjust = asked_of(record, "corrected")
    if record.get("corrected"):
        raise SteelyardError("corrected: these shares are corrected already; start from those as measured")
    terms, known, covariances = _read(reliability, covariance)
    argument = "reliability" if covariance is None else "error_covariance"
    places = tuple(_core.find_term(blob, argument, term) for term in terms)
    stated, lowest = np.empty(len(terms)), np.empty(len(terms))
    made, multiple, remarks = _core.corrected((blob, outcome, blocks, adjust), places, known, covariances,
                                              (stated, lowest))
    m = Moments(made, remarks)
    asked = {**options, "interval": "none"} if m.unit == "none" else options
    answer = _ask(m, None, outcome, _Asked(record), None, asked)
    kept = tuple(remark for remark in record["remarks"] if remark[0] in ("rows_dropped", "few_clusters"))
    answer.update(crossvalidated=None, adjust=record["adjust"], info={**answer["info"]},
                  remarks=tuple(dict.fromkeys(kept + answer["remarks"])))
    answer["corrected"] = {
        "errors": pd.DataFrame({"term": terms, "reliability": stated, "lowest": lowest}), "multiple": multiple,
        "total": record["total"], "share": record["estimate"][:len(blocks), SHARE].copy()}
    return answer


def _change_of(record):
    before = record["corrected"]
    frame = pd.DataFrame({
        "block": ["(total)"] + [name for name, _ in record["blocks"]],
        "uncorrected": [before["total"], *before["share"]],
        "corrected": [record["total"], *record["estimate"][:len(record["blocks"]), SHARE]]})
    return frame.assign(change=frame["corrected"] - frame["uncorrected"])


def lines_of(record, table_lines):
    """What the print says of it: shares as measured and corrected."""
    if not record.get("corrected"):
        return []
    rows = [["block", "as measured", "corrected", "change"]]
    rows += [[row.block, *(f"{value:.4f}" for value in (row.uncorrected, row.corrected, row.change))]
             for row in _change_of(record).itertuples()]
    return ["Corrected for errors of measurement:", "", *table_lines(rows), ""]
