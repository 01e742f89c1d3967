# SPDX-License-Identifier: GPL-3.0-only
"""What shares() answers: frames, comparisons, claims, prints."""
import math

import numpy as np
import pandas as pd

from . import _core, _crossvalidated, _population, _print, _rounding
from ._errors import SteelyardError
from ._options import METRICS, PERCENT, SHARE, choice, real, whole
from ._orders import Orders
from ._submodels import OfSubmodels, dominance_of
from ._tables import Summary

_COLUMNS = list(METRICS) + ["std_error", "conf_low", "conf_high"]
_CLAIMED = ("share", "alone", "unique", "adjusted")
_ANSWERS = {1: "supported", -1: "contradicted", 0: "undecided"}
_OF = {"all variance": "all variance", "explained variance": "the explained variance"}


class Shares(Orders, OfSubmodels):
    """Shares of R2 by block and term, with their uncertainty.

    Read-only; frames are copies. It pickles.

    Attributes
    ----------
    total, total_adjusted, total_crossvalidated, n : float, or Series by outcome
        R2 of all blocks (beyond the adjusting terms), its adjusted version,
        the part of the variance that is predicted in rows not fitted to (see
        :meth:`crossvalidated`), and the rows by the weight rule.
    measure : str
        What "explained" means: ``"r2"``.
    blocks, terms : DataFrame
        One row a block, one row a term. ``share``, ``adjusted``,
        ``by_chance``, ``alone``, ``unique``, ``common``, ``lowest``,
        ``highest`` in points of all outcome variance, ``percent_of_explained``
        in percent of the total, ``std_error``, ``conf_low``, ``conf_high`` of
        the share; blocks also ``crossvalidated``; sampled shares also
        ``mc_error``, their standard error over orders.
    remarks : DataFrame
        code, term, value, text.
    provenance : dict
        Version, hash of the moments, options, counts of rows, how the limits
        were made.
    """

    measure = "r2"

    def __init__(self, records, options):
        self.__dict__["_records"] = records
        self.__dict__["_options"] = options
        self.__dict__["_frames"] = {}

    def __setattr__(self, name, value):
        raise AttributeError("shares are read-only")

    def __getstate__(self):
        return {"_records": self._records, "_options": self._options, "_frames": {}}

    def __setstate__(self, state):
        self.__dict__.update(state)

    @property
    def outcomes(self):
        """Names of the outcomes, in the order asked."""
        return [record["outcome"] for record in self._records]

    @property
    def _several(self):
        return len(self._records) > 1

    def _by_outcome(self, key):
        values = [key(record) for record in self._records]
        return pd.Series(values, index=pd.Index(self.outcomes, name="outcome")) if self._several else values[0]

    total = property(lambda self: self._by_outcome(lambda r: r["total"]))
    total_adjusted = property(lambda self: self._by_outcome(lambda r: r["total_adjusted"]))
    total_crossvalidated = property(lambda self: self._by_outcome(_crossvalidated.total_of))
    n = property(lambda self: self._by_outcome(lambda r: r["n"]))

    def _frame(self, key, build):
        if key not in self._frames:
            self._frames[key] = build()
        return self._frames[key].copy()

    def _with_outcome(self, frames):
        """The records' frames under each other, led by the outcome when there are several."""
        if not self._several:
            return frames[0]
        for name, frame in zip(self.outcomes, frames):
            frame.insert(0, "outcome", name)
        return pd.concat(frames, ignore_index=True)

    @property
    def blocks(self):
        return self._frame("blocks", lambda: self._with_outcome([_blocks_of(r) for r in self._records]))

    @property
    def terms(self):
        return self._frame("terms", lambda: self._with_outcome([_terms_of(r) for r in self._records]))

    @property
    def remarks(self):
        columns = ["code", "term", "value", "text"]
        return self._frame("remarks", lambda: self._with_outcome(
            [pd.DataFrame(list(r["remarks"]), columns=columns) for r in self._records]))

    @property
    def provenance(self):
        first, options = self._records[0], self._options
        each = {name: self._by_outcome(lambda r, key=key: r[key]) for name, key in (
            ("n_effective", "n_effective"), ("df", "df"), ("df_resid", "df_resid"), ("digits", "digits"),
            ("vif_max", "vif_max"), ("guarded", "guarded"), ("submodels", "submodels"), ("units", "units"),
            ("interval", "interval"), ("replicates", "replicates"))}
        rows = {key: self._by_outcome(lambda r, key=key: int(r["info"][key]))
                for key in ("rows_read", "rows_used", "rows_dropped")}
        return {"version": _core.version(), "hash": self._by_outcome(lambda r: r["info"]["hash"]),
                "outcome": self.outcomes if self._several else first["outcome"],
                "blocks": {name: list(labels) for name, labels in first["blocks"]}, "adjust": list(first["adjust"]),
                "order": first["order"], "weight_kind": first["weight_kind"], "missing": options["missing"], "bounds": options["bounds"],
                "method": "sampled" if first["orders"] else "exact", "orders": self._by_outcome(lambda r: r["orders"]),
                "mc_error": self._by_outcome(lambda r: r["mc_error"]),
                "interval": each["interval"], "level": options["level"], "replicates": each["replicates"],
                "seed": options["seed"], "threads": options["threads"] or None, "n": self.n,
                "n_effective": each["n_effective"], **rows, "unit": first["unit"], "units": each["units"],
                "df": each["df"], "df_resid": each["df_resid"], "digits": each["digits"],
                "vif_max": each["vif_max"], "guarded": each["guarded"], "submodels": each["submodels"],
                "precision": first["precision"]}

    def to_frame(self):
        """Every metric of every block and term, one row each.

        Returns
        -------
        DataFrame
            outcome, block, term, metric, estimate, std_error, conf_low,
            conf_high; the total first.
        """
        return self._frame("long", lambda: pd.concat([_long(r) for r in self._records], ignore_index=True))

    def compare(self, first, second, metric="share", level=None):
        """Difference of a metric between two blocks, first minus second.

        Parameters
        ----------
        first, second : str
            Blocks, or terms.
        metric : str
            One of the columns of ``blocks``.
        level : float, optional
            Default that of the result.

        Returns
        -------
        DataFrame
            One row an outcome: outcome, first, second, metric, estimate,
            std_error, statistic, df, p_value, conf_low, conf_high. By the
            covariance of the two and t; with the bootstrap kinds by
            percentiles of the replicates, without a p value. With interval =
            "bayes" also probability: that the first is above the second.

        Raises
        ------
        SteelyardError
            An unknown block; a result without standard errors.
        """
        column = METRICS.index(choice("metric", metric, METRICS))
        level = self._options["level"] if level is None else real("level", level)
        rows = [(record["outcome"], first, second, metric, *_difference(
            record, _place(record, "first", first), _place(record, "second", second), column, level))
            for record in self._records]
        frame = pd.DataFrame(rows, columns=["outcome", "first", "second", "metric", "estimate", "std_error",
                                            "statistic", "df", "p_value", "conf_low", "conf_high"])
        if all(record["interval"] == "bayes" for record in self._records):
            frame["probability"] = [_core.above(*(_drawn(record, _place(record, what, name), column) for what, name in (
                ("first", first), ("second", second)))) for record in self._records]
        return frame

    def at_most(self, block, bound, metric=None, of="all variance", level=0.95):
        """Is a block's part at most `bound`, for every outcome?

        Parameters
        ----------
        block : str
            A block, or a term.
        bound : float
            In points of variance: 0.07 for seven percent.
        metric : {"share", "alone", "unique", "adjusted"}
            No default: the claim must say which it means.
        of : {"all variance", "explained variance"}
            With metric="share": points of the outcome's variance, or the part
            of what all blocks explain.
        level : float
            Of the one-sided limits.

        Returns
        -------
        AtMost
            ``answer`` is "supported" when the upper limit is below the bound,
            "contradicted" when the lower limit is above it, else "undecided".
            Over several outcomes the claim is about the largest: the largest
            upper limit (intersection-union, Berger 1982,
            doi:10.1080/00401706.1982.10487790), the largest simultaneous
            lower limit.
        """
        if metric not in _CLAIMED:
            raise SteelyardError('metric: say which: "share", "alone", "unique" or "adjusted"')
        choice("of", of, _OF)
        if of == "explained variance" and metric != "share":
            raise SteelyardError('of: "explained variance" goes with metric = "share" only')
        quantities = [_claimed(record, block, metric, of) for record in self._records]
        bound, level = real("bound", bound), real("level", level)
        answer, upper, lower = _judge(self._records, quantities, bound, level)
        frame = pd.DataFrame(
            [(record["outcome"], q["estimate"], *_judge([record], [q], bound, level)[1:])
             for record, q in zip(self._records, quantities)], columns=["outcome", "estimate", "upper", "lower"])
        return AtMost(_ANSWERS[answer], block, bound, metric, of, level, upper, lower, frame)

    def crossvalidated(self, folds=None, seed=None):
        """Shares of what is predicted: each submodel is judged on rows it was not fitted to.

        Parameters
        ----------
        folds : int, optional
            Default one a cluster, or 10 of rows (10 at random, kept the same by
            the seed).
        seed : int, optional
            Which row or cluster goes to which fold; default that of the result.

        Returns
        -------
        DataFrame
            outcome when there are several, block, share, adjusted, by_chance,
            crossvalidated, and for all blocks together total and folds. Below
            zero: the block spoils prediction.

        Raises
        ------
        SteelyardError
            Moments that are one sum over all rows; folds out of range; fixed
            effects of clusters.
        LimitError
            More than 18 blocks.

        Notes
        -----
        The value of a set of blocks is the squared error of prediction it takes
        off, summed over the folds, over that of the mean of the other folds
        [1]_; it is shared out as R2 is. ``shares`` computes it by itself where
        it takes less than a second.

        References
        ----------
        .. [1] Stone 1974, doi:10.1111/j.2517-6161.1974.tb00994.x

        Examples
        --------
        >>> swiss = sy.datasets.load("swiss_1888")
        >>> s = sy.shares(swiss, "Fertility", ["Education", "Catholic"], interval=None)
        >>> bool(s.crossvalidated(folds=47)["total"][0] < s.total)
        True
        """
        seed = self._options["seed"] if seed is None else whole("seed", seed, 0, 2**64 - 1)
        count = 0 if folds is None else whole("folds", folds, 2, 2**31 - 1)
        if folds is None and seed == self._options["seed"] and all(r["crossvalidated"] for r in self._records):
            results = [record["crossvalidated"] for record in self._records]
        else:
            results = [_crossvalidated.ask(record, None, count, seed, 0.0, self._options["threads"])
                       for record in self._records]
        return _crossvalidated.table(self._records, results, self._several)

    def population_change(self):
        """Shares in the sample as it is and re-weighted to the population.

        Returns
        -------
        DataFrame
            outcome when there are several, block (the total is called
            ``(total)``), sample, population, change.

        References
        ----------
        Deming & Stephan 1940, doi:10.1214/aoms/1177731829
        """
        if not self._records[0].get("population"):
            raise SteelyardError("population: these shares were not re-weighted; give shares() a population")
        return self._with_outcome([_population.change_of(record) for record in self._records])

    def rounding(self, starts=4):
        """The range of shares over all tables that round to the printed one.

        For moments from a correlation table with stated ``decimals``.

        Parameters
        ----------
        starts : int
            Searches for each end.

        Returns
        -------
        DataFrame
            outcome when there are several, block (the total is called
            ``(total)``), term (empty for blocks), share, low_rounding,
            high_rounding. Each is reached by a correlation matrix that rounds to
            the table; the true range is wider only where every search missed a
            better one.

        Raises
        ------
        SteelyardError
            Moments without stated decimals.
        LimitError
            More than 12 blocks or 40 columns.
        """
        return _rounding.table(self._records, whole("starts", starts, 1, 10000), self._options["threads"],
                               self._several)

    def plot(self, kind="shares", ax=None):
        """Draw the result; needs matplotlib.

        Parameters
        ----------
        kind : {"shares", "bounds", "common", "dominance"}
            Shares with their limits; lowest, share and highest over all
            orderings; alone, unique and common; the average contribution of
            each block by how many others are there already.
        ax : matplotlib Axes, optional
            Where to draw, for one outcome; else one panel an outcome is made.

        Returns
        -------
        matplotlib Axes, or an array of them for several outcomes
        """
        from . import _plot

        choice("kind", kind, ["shares", "bounds", "common", "dominance"])
        if kind == "dominance":
            return _plot.draw_dominance(self._records, [dominance_of(r, "blocks", 1e-10) for r in self._records], ax)
        return _plot.draw(kind, self._records, [_blocks_of(r) for r in self._records], self._options["level"], ax)

    def summary(self):
        """The print with the terms of each block, and shares when each block in turn comes first.

        Returns
        -------
        Summary
            A text; :meth:`if_first` has its last table as numbers.
        """
        text = _print.shares_text(self._records, [_blocks_of(r) for r in self._records], self._options["level"],
                                  self._options["seed"], [_terms_of(r) for r in self._records])
        return Summary(text + self._first_text())

    def __repr__(self):
        return _print.shares_text(self._records, [_blocks_of(r) for r in self._records], self._options["level"],
                                  self._options["seed"])

    def _repr_html_(self):
        return _print.shares_html(self._records, [_blocks_of(r) for r in self._records], self._options["level"],
                                  self._options["seed"])


_CLAIMS = {"share": "the share of {block} is at most {bound}", "alone": "{block} alone explains at most {bound}",
           "unique": "{block} adds at most {bound} to all the others",
           "adjusted": "the adjusted share of {block} is at most {bound}"}


class AtMost:
    """The answer to a claim "at most": answer, bound, metric, upper, lower, outcomes."""

    def __init__(self, answer, block, bound, metric, of, level, upper, lower, outcomes):
        self.answer, self.block, self.bound, self.metric, self.of = answer, block, bound, metric, of
        self.level, self.upper, self.lower, self._outcomes = level, upper, lower, outcomes

    @property
    def outcomes(self):
        """One row an outcome: estimate, and its own one-sided limits."""
        return self._outcomes.copy()

    def __repr__(self):
        names = list(self._outcomes["outcome"])
        whom = names[0] if len(names) == 1 else f"each of {len(names)} outcomes"
        what = _CLAIMS[self.metric].format(block=self.block, bound=f"{self.bound:.6g} of {_OF[self.of]}")
        return (f"Claim: {what}, in {whom}: {self.answer}. Upper limit {self.upper:.4f}, lower limit {self.lower:.4f} "
                f"(one-sided, {_print.level_text(self.level)}).")


def _table(record, first, count):
    part = slice(first, first + count)
    table = np.column_stack([record["estimate"][part], record["std_error"][part, SHARE],
                             record["low"][part, SHARE], record["high"][part, SHARE]])
    frame = pd.DataFrame(table, columns=_COLUMNS)
    if record["mc_errors"] is not None:
        frame["mc_error"] = record["mc_errors"][part]
    return frame


def _blocks_of(record):
    names = [name for name, _ in record["blocks"]]
    frame = _table(record, 0, len(names))
    frame.insert(0, "block", names)
    frame.insert(frame.columns.get_loc("by_chance") + 1, "crossvalidated", _crossvalidated.column_of(record))
    return frame


def _terms_of(record):
    pairs = _term_pairs(record)
    frame = _table(record, len(record["blocks"]), len(pairs))
    frame.insert(0, "block", [block for block, _ in pairs])
    frame.insert(1, "term", [term for _, term in pairs])
    return frame


def _term_pairs(record):
    return [(name, label) for name, labels in record["blocks"] for label in labels]


def _long(record):
    names = [(name, "") for name, _ in record["blocks"]] + _term_pairs(record)
    count = len(METRICS)
    whole = pd.DataFrame({
        "outcome": record["outcome"], "block": "", "term": "", "metric": "total", "estimate": [record["total"]],
        "std_error": [record["total_std_error"]], "conf_low": [record["total_low"]],
        "conf_high": [record["total_high"]]})
    parts = pd.DataFrame({
        "outcome": record["outcome"], "block": [block for block, _ in names for _ in range(count)],
        "term": [term for _, term in names for _ in range(count)], "metric": list(METRICS) * len(names),
        "estimate": record["estimate"].ravel(), "std_error": record["std_error"].ravel(),
        "conf_low": record["low"].ravel(), "conf_high": record["high"].ravel()})
    return pd.concat([whole, parts], ignore_index=True)


def _place(record, argument, name):
    """Row of a block, or else of a term, in the tables."""
    names = [block for block, _ in record["blocks"]] + [label for _, label in _term_pairs(record)]
    return _core.find(argument, str(name), tuple(names)) if name not in names else names.index(name)


def _needs_limits(record):
    if record["interval"] == "none":
        raise SteelyardError("interval: this result has no standard errors; ask shares() for an interval")


def _difference(record, first, second, column, level):
    """(estimate, std_error, statistic, df, p_value, low, high)."""
    _needs_limits(record)
    pair = np.ix_([first, second], [first, second])
    estimate = tuple(record["estimate"][[first, second], column].tolist())
    covariance = tuple(record["covariance"][column][pair].ravel().tolist())
    if record["draws"] is None:
        return _core.difference(estimate, covariance, record["df"], level)
    difference, std_error, *_ = _core.difference(estimate, covariance, math.inf, level)
    draws = np.ascontiguousarray(record["draws"][:, first, column] - record["draws"][:, second, column])
    low, high = _core.percentile(draws, level, record["interval"] == "expanded", record["units"])
    return difference, std_error, math.nan, math.nan, math.nan, low, high


def _drawn(record, row, column):
    return np.ascontiguousarray(record["draws"][:, row, column])


def _claimed(record, block, metric, of):
    """One outcome's quantity: estimate, its standard error on its scale, draws."""
    _needs_limits(record)
    row = _place(record, "block", block)
    explained = of == "explained variance"
    column, unit = (PERCENT, 100.0) if explained else (METRICS.index(metric), 1.0)
    draws = None if record["draws"] is None else np.ascontiguousarray(record["draws"][:, row, column] / unit)
    return {"estimate": record["estimate"][row, column] / unit, "draws": draws, "column": column,
            "std_error": record["std_error_scaled"][row, column] / unit}


def _judge(records, quantities, bound, level):
    """(answer, upper, lower) over all outcomes."""
    if quantities[0]["draws"] is not None:
        return _judge_draws(records, quantities, bound, level)
    column = quantities[0]["column"]
    return _core.at_most(np.array([q["estimate"] for q in quantities]),
                         np.array([q["std_error"] for q in quantities]),
                         np.array([record["df"] for record in records]), column, records[0]["interval"] == "normal",
                         bound, level)


def _judge_draws(records, quantities, bound, level):
    def ends(record, quantity, two_sided):
        return _core.percentile(quantity["draws"], two_sided, record["interval"] == "expanded", record["units"])

    pairs = list(zip(records, quantities))
    upper = max(ends(r, q, 2 * level - 1)[1] for r, q in pairs)
    lower = max(ends(r, q, 1 - 2 * (1 - level) / len(pairs))[0] for r, q in pairs)
    return (1 if upper < bound else -1 if lower > bound else 0), upper, lower
