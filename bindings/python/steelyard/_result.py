# SPDX-License-Identifier: GPL-3.0-only
"""What shares() answers: frames and prints."""
import math

import numpy as np
import pandas as pd

from . import _core, _crossvalidated, _population, _print, _provenance, _rounding
from ._claims import Claims
from ._compare import Compare, term_pairs
from ._corrected import Corrected
from ._correction import refuse_corrected
from ._document import Shown
from ._errors import SteelyardError
from ._flips import Flips
from ._league import League
from ._measure import asked_of
from ._options import METRICS, SHARE, choice, whole
from ._orders import Orders
from ._planning import Planning
from ._submodels import OfSubmodels, commonality_of, dominance_of
from ._tables import Summary

_MOST_PLAYERS = 18  # of which all sets are told apart
_COLUMNS = list(METRICS) + ["std_error", "conf_low", "conf_high"]


class Shares(Compare, Claims, League, Planning, Orders, OfSubmodels, Corrected, Flips, Shown):
    """Shares of R2 by block and term, with their uncertainty.

    Read-only; frames are copies. It pickles.

    Attributes
    ----------
    total, total_adjusted, total_crossvalidated, n : float, or Series by outcome
        R2 of all blocks (beyond the adjusting terms), its adjusted version,
        the part of the variance that is predicted in rows not fitted to (see
        :meth:`crossvalidated`), and the rows by the weight rule.
    measure : str
        What "explained" means: ``"r2"``, or that of a fitted model.
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

    measure = property(lambda self: self._records[0]["measure"])

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
        return self._frame("blocks", lambda: self._with_outcome([blocks_of(r) for r in self._records]))

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

        Examples
        --------
        >>> s = sy.shares(sy.datasets.load("swiss_1888"), "Fertility", ["Education", "Catholic"])
        >>> s.to_frame().query("metric == 'share'")[["block", "estimate"]].round(4).values.tolist()
        [['Education', 0.4001], ['Catholic', 0.1744], ['Education', 0.4001], ['Catholic', 0.1744]]
        """
        return self._frame("long", lambda: pd.concat([_long(r) for r in self._records], ignore_index=True))

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
        refuse_corrected(self._records[0], "crossvalidated")
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

        Raises
        ------
        SteelyardError
            Shares that were asked for without ``population``.

        References
        ----------
        Deming & Stephan 1940, doi:10.1214/aoms/1177731829

        Examples
        --------
        >>> cars = sy.datasets.load("motor_trend_1974")
        >>> s = sy.shares(cars.astype({"am": str}), "mpg", ["wt", "hp"], population={"am": {"0": 0.8, "1": 0.2}})
        >>> s.population_change().round(4).values.tolist()
        [['(total)', 0.8268, 0.8019, -0.0249], ['wt', 0.4886, 0.449, -0.0396], ['hp', 0.3382, 0.3529, 0.0147]]
        """
        asked_of(self._records[0], "population_change")
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

        Examples
        --------
        >>> r = [[1, 0.5, 0.4], [0.5, 1, 0.3], [0.4, 0.3, 1]]
        >>> m = sy.moments_from_correlation(r, n=100, names=["y", "a", "b"], decimals=1)
        >>> found = sy.shares(m, "y", ["a", "b"], interval=None).rounding()
        >>> found[["block", "share", "low_rounding", "high_rounding"]].round(4).values.tolist()
        [['(total)', 0.3187, 0.2447, 0.4067], ['a', 0.2043, 0.15, 0.2653], ['b', 0.1143, 0.0754, 0.162], ['a', 0.2043, 0.15, 0.2653], ['b', 0.1143, 0.0754, 0.162]]
        """
        return _rounding.table(self._records, whole("starts", starts, 1, 10000), self._options["threads"],
                               self._several)

    def plot(self, kind="shares", ax=None):
        """Draw the result; needs matplotlib.

        Parameters
        ----------
        kind : {"shares", "bounds", "dominance", "common", "forest"}
            Shares with their limits; shares within their range over all
            orderings; the average contribution of each block by how many
            others are there already; bars of what sets of blocks explain
            uniquely and in common, over a matrix of the blocks (an UpSet
            picture [1]_; the 20 largest), or, of shares of other measures than
            R2 and of more than 18 blocks, what each explains uniquely and in
            common; all outcomes in one panel.
        ax : matplotlib Axes, optional
            Where to draw; one for each outcome (of "common" two, bars and
            matrix; of "forest" one). Make their figure with
            ``layout="constrained"``, so that names find room.

        Returns
        -------
        matplotlib Axes
            An array of them where the picture has several.

        Raises
        ------
        SteelyardError
            Another number of axes than the picture has; "bounds" of a result
            without them.
        LimitError
            "dominance" of more than 18 blocks.
        ImportError
            Without matplotlib.

        References
        ----------
        .. [1] Lex, Gehlenborg, Strobelt, Vuillemot & Pfister 2014,
           doi:10.1109/TVCG.2014.2346248

        Examples
        --------
        >>> s = sy.shares(sy.datasets.load("swiss_1888"), "Fertility", ["Education", "Catholic"])
        >>> ax = s.plot("bounds")
        """
        from . import _plot

        choice("kind", kind, ["shares", "bounds", "dominance", "common", "forest"])
        records, tables = self._records, [blocks_of(r) for r in self._records]
        if kind == "dominance":
            return _plot.draw_dominance(records, [dominance_of(r, "blocks", 1e-10) for r in records], ax)
        if kind == "common" and (records[0]["asked"] is None or len(tables[0]) > _MOST_PLAYERS):
            return _plot.draw_parts(records, tables, ax)
        if kind == "common":
            return _plot.draw_common(records, [commonality_of(r, math.inf, "blocks") for r in records], ax)
        if kind == "forest":
            return _plot.draw_forest(records, tables, self._options["level"], ax)
        return _plot.draw(kind, records, tables, self._options["level"], ax)

    def summary(self):
        """The print with the terms of each block, shares when each block in turn comes first, further digits, and how the
        answer came about.

        Returns
        -------
        Summary

        Examples
        --------
        >>> s = sy.shares(sy.datasets.load("swiss_1888"), "Fertility", ["Education", "Catholic"])
        >>> len(str(s.summary())) > len(str(s))
        True
        """
        document = _print.shares_summary(self._records, [blocks_of(r) for r in self._records], self._options["level"],
                                         self._options["seed"], [_terms_of(r) for r in self._records])
        return Summary(document + [*self._first_pieces(), "", *_provenance.pieces_of(self.provenance)])

    def _sections(self, at_length=False):
        """The print, or the summary, without its last line."""
        inner = ([_terms_of(r) for r in self._records], _print.MORE) if at_length else ()
        return _print.sections_of(self._records, [blocks_of(r) for r in self._records], self._options["level"],
                                  self._options["seed"], *inner)

    def _document(self):
        return _print.shares_document(self._records, [blocks_of(r) for r in self._records], self._options["level"],
                                      self._options["seed"])


def _table(record, first, count):
    part = slice(first, first + count)
    table = np.column_stack([record["estimate"][part], record["std_error"][part, SHARE],
                             record["low"][part, SHARE], record["high"][part, SHARE]])
    frame = pd.DataFrame(table, columns=_COLUMNS)
    if record["mc_errors"] is not None:
        frame["mc_error"] = record["mc_errors"][part]
    for name in ("one_step", "within", "between"):
        if name in record:
            frame[name] = record[name][part]
    return frame


def blocks_of(record):
    names = [name for name, _ in record["blocks"]]
    frame = _table(record, 0, len(names))
    frame.insert(0, "block", names)
    frame.insert(frame.columns.get_loc("by_chance") + 1, "crossvalidated", _crossvalidated.column_of(record))
    return frame


def _terms_of(record):
    pairs = term_pairs(record)
    frame = _table(record, len(record["blocks"]), len(pairs))
    frame.insert(0, "block", [block for block, _ in pairs])
    frame.insert(1, "term", [term for _, term in pairs])
    return frame


def _long(record):
    names = [(name, "") for name, _ in record["blocks"]] + term_pairs(record)
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
