# SPDX-License-Identifier: GPL-3.0-only
"""Shares corrected for errors of measurement."""
import numpy as np
import pandas as pd

from . import _core
from ._compare import term_pairs
from ._correction import change_of
from ._document import Cells, Document, Heading, Listed
from ._errors import SteelyardError, line_of, warn_of
from ._measure import asked_of
from ._moments import Moments
from ._options import SHARE, real, several, whole
from ._print import point
from ._progress import Progress, mapped
from ._tables import Table


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
        >>> s.corrected({"easy_information": 0.8}).correction.round(4).values.tolist()
        [['(total)', 0.2403, 0.2983, 0.058], ['funding', 0.0165, 0.0156, -0.0008], ['process', 0.2238, 0.2826, 0.0588]]
        """
        given = _given(reliability, error_covariance)
        records = mapped("corrected shares", lambda record: _correct(
            record, self._options, _own(given, record, self.outcomes)), self._records)
        warn_of([remark for record in records for remark in record["remarks"]], stacklevel=3)
        return type(self)(records, self._options)

    def simex(self, reliability=None, error_covariance=None, lambdas=(0.5, 1, 1.5, 2), replicates=0, seed=1):
        """A check of :meth:`corrected`: more error is added and the shares extrapolated to none [1]_.

        Parameters
        ----------
        reliability, error_covariance
            As for :meth:`corrected`.
        lambdas : three numbers or more, rising from above 0
            How many times the error is added.
        replicates : int
            0: the moments that the mean of ever more replicates comes to when errors
            are normal, M + lambda E; there is nothing to simulate then. Else normal
            errors are drawn so many times, which adds their sampling noise.
        seed : int

        Returns
        -------
        Simex
            One row a block, then the terms, then ``(total)``: outcome when there are several,
            block, term, measured, quadratic, rational (a + b / (c + lambda); NaN where that
            has no such limit), corrected. ``added`` has the shares at each lambda with their
            Monte Carlo error.

        Raises
        ------
        SteelyardError
            As :meth:`corrected`; a lambda of 0 or less.

        References
        ----------
        .. [1] Cook & Stefanski 1994, doi:10.1080/01621459.1994.10476871

        Examples
        --------
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> s = sy.shares(councils, "control", {"funding": "spend_per_adult_gbp", "process": "easy_information"})
        >>> s.simex({"easy_information": 0.8})[["block", "measured", "corrected"]].round(3).values.tolist()
        [['funding', 0.016, 0.016], ['process', 0.224, 0.283], ['funding', 0.016, 0.016], ['process', 0.224, 0.283], ['(total)', 0.24, 0.298]]
        """
        given = _given(reliability, error_covariance)
        points = np.array([real("lambdas", value) for value in several("lambdas", lambdas)])
        count, seed = whole("replicates", replicates, 0, 1_000_000), whole("seed", seed, 0, 2**64 - 1)
        answers = mapped("simulation extrapolation", lambda record: _simex(
            record, _own(given, record, self.outcomes), (points, count, seed), self._options["threads"]), self._records)
        frame = self._with_outcome([table for table, _, _ in answers])
        added = self._with_outcome([path for _, path, _ in answers])
        remarks = tuple(dict.fromkeys(remark for _, _, own in answers for remark in own))
        return Simex.of(frame, _simex_document(self._records, answers, count, seed, remarks), remarks, added)

    @property
    def correction(self):
        """Shares as measured and corrected: block (the total is called ``(total)``), uncorrected, corrected, change."""
        _held(self._records[0])
        return self._with_outcome([change_of(record) for record in self._records])

    @property
    def errors(self):
        """One row a term: term, reliability, lowest."""
        _held(self._records[0])
        return self._with_outcome([record["corrected"]["errors"].copy() for record in self._records])


def _held(record):
    if not record.get("corrected"):
        raise SteelyardError("corrected: these shares were not corrected; use corrected(reliability) first")


def _given(reliability, covariance):
    """(terms, reliabilities or None, covariances or None)."""
    if (reliability is None) == (covariance is None):
        raise SteelyardError("reliability: give either reliability or error_covariance")
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


def _own(given, record, outcomes):
    """What is given without the other outcomes."""
    terms, known, covariances = given
    kept = [i for i, term in enumerate(terms) if term == record["outcome"] or term not in outcomes]
    if len(kept) == len(terms):
        return given
    square = None if covariances is None else np.ascontiguousarray(
        covariances.reshape(len(terms), len(terms))[np.ix_(kept, kept)]).ravel()
    return [terms[i] for i in kept], None if known is None else known[kept], square


def _places(blob, given):
    argument = "reliability" if given[2] is None else "error_covariance"
    return tuple(_core.find_term(blob, argument, str(term)) for term in given[0])


def _correct(record, options, given):
    """The record asked again of corrected moments; it keeps the answer as measured."""
    from ._shares import _ask

    blob, outcome, blocks, adjust = asked_of(record, "corrected")
    if record.get("corrected"):
        raise SteelyardError("corrected: these shares are corrected already; start from those as measured")
    terms, known, covariances = given
    stated, lowest = np.empty(len(terms)), np.empty(len(terms))
    made, multiple, remarks = _core.corrected((blob, outcome, blocks, adjust), _places(blob, given), known, covariances,
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


class Simex(Table):
    """Shares extrapolated to no error of measurement; `added` has them with more error."""

    _metadata = Table._metadata + ["added"]

    @classmethod
    def of(cls, frame, shown, remarks=(), added=None):
        table = super().of(frame, shown, remarks)
        table.added = added
        return table


def _simex(record, given, options, threads):
    """(table, path, remarks) of one outcome."""
    blob, outcome, blocks, adjust = asked_of(record, "simex")
    names = ([(name, "") for name, _ in record["blocks"]] + term_pairs(record) + [("(total)", "")])
    rows, points = len(names), options[0]
    measured, quadratic, rational, corrected = (np.empty(rows) for _ in range(4))
    added, mc_error = np.empty((len(points), rows)), np.empty((len(points), rows))
    with Progress("simulation extrapolation") as progress:
        remarks = _core.simex((blob, outcome, blocks, adjust), _places(blob, given), *given[1:], options,
                              (measured, added, mc_error, quadratic, rational, corrected), threads, progress)
    labels = {"block": [block for block, _ in names], "term": [term for _, term in names]}
    table = pd.DataFrame({**labels, "measured": measured, "quadratic": quadratic, "rational": rational,
                          "corrected": corrected})
    path = pd.concat([pd.DataFrame({**labels, "lambda": point, "share": added[i], "mc_error": mc_error[i]})
                      for i, point in enumerate(points)], ignore_index=True)
    return table, path, remarks


def _simex_document(records, answers, replicates, seed, remarks):
    lines = []
    for record, (table, _, _) in zip(records, answers):
        cells = [["block", "measured", "quadratic", "rational", "exact"]]
        part = table[table["term"] == ""]
        errors = [*record["std_error"][:len(record["blocks"]), SHARE], record["total_std_error"]]
        cells += [[row[0], *(point(value, error) for value in row[1:])] for error, row in zip(
            errors, part[["block", "measured", "quadratic", "rational", "corrected"]].itertuples(index=False, name=None))]
        what = f"Shares of R2 for {record['outcome']} extrapolated to no error of measurement"
        lines += [Heading(what), "", Cells(what, cells), ""]
    lines.append(f"Errors added: {replicates} draws, seed {seed}." if replicates else
                 "Errors added: expected moments of normal errors, no draws.")
    return Document(lines + ["exact: the moments less the errors, as corrected() takes them."]
                    + ([Listed(None, map(line_of, remarks))] if remarks else []))
