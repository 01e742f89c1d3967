# SPDX-License-Identifier: GPL-3.0-only
"""What a balance holds."""
import numpy as np
import pandas as pd

from . import _balance_plot, _balance_print, _core, _provenance
from ._digits import MORE
from ._document import Shown
from ._errors import SteelyardError
from ._options import choice
from ._tables import Summary

_SIDE = ("mean_control", "mean_treated", "sd_control", "sd_treated", "difference", "variance_ratio", "ks")
_METHODS = ("unadjusted", "weighting", "aipw")
_ERRORS = ("auto", "influence", "jackknife", "none")
_SUMMARY = ("rows_read", "rows_used", "rows_dropped", "rows_trimmed", "people", "effective_before", "effective_after",
            "largest", "score_low", "score_high", "outside", "worst_before", "worst_after", "units", "df", "groups",
            "iterations", "errors")


class Balance(Shown):
    """Two groups weighted to be alike, and the difference that remains.

    Attributes
    ----------
    table : DataFrame
        One row a column of the covariates (the score first): means, standard
        deviations, standardised difference, variance ratio and
        Kolmogorov-Smirnov distance, before and (``weighted_...``) after.
    weights, propensity : Series
        By row of the data; NaN where a row is not used. Entropy balancing has
        no propensity score: all NaN.
    estimates : DataFrame
        outcome, method ("unadjusted", "weighting", "aipw"), mean_control,
        mean_treated, estimate, std_error, statistic, df, p_value, conf_low,
        conf_high.
    overlap : DataFrame
        One row a group: level, people, effective_before, effective_after,
        largest_weight (part of its group's weight), score_low, score_high,
        outside (people whose score nobody in the other group reaches).
    remarks : DataFrame
    assumptions : list of str
    provenance : dict
    """

    def __init__(self, rules, names, outcomes, arrays, summary, remarks, assumptions):
        self._rules, self._names, self._outcomes, self._arrays = rules, tuple(names), tuple(outcomes), arrays
        self._summary = dict(zip(_SUMMARY, summary))
        self._summary["errors"] = _ERRORS[self._summary["errors"]]
        self._remarks, self._assumptions = tuple(remarks), tuple(assumptions)

    @property
    def _groups(self):
        """Levels of the control and of the treated."""
        return [self._rules["levels"][place] for place in self._summary["groups"]]

    @property
    def table(self):
        numbers = self._arrays[2]
        columns = {"covariate": list(self._names), "binary": numbers[:, 1] == 1}
        columns.update((name, numbers[:, 2 + i].copy()) for i, name in enumerate(_SIDE))
        columns.update((f"weighted_{name}", numbers[:, 9 + i].copy()) for i, name in enumerate(_SIDE))
        return pd.DataFrame(columns)

    def _by_row(self, place, name):
        return pd.Series(self._arrays[place].copy(), index=self._rules["index"], name=name)

    weights = property(lambda self: self._by_row(0, "weights"))
    propensity = property(lambda self: self._by_row(1, "propensity"))

    @property
    def estimates(self):
        numbers, outcomes = self._arrays[3], self._outcomes
        columns = {"outcome": [name for name in outcomes for _ in _METHODS], "method": list(_METHODS) * len(outcomes)}
        order = ("mean_control", "mean_treated", "estimate", "std_error", "statistic", "df", "p_value", "conf_low",
                 "conf_high")
        columns.update((name, numbers[:, i].copy()) for i, name in enumerate(order))
        return pd.DataFrame(columns)

    @property
    def overlap(self):
        s = self._summary
        return pd.DataFrame({
            "group": ["control", "treated"], "level": self._groups, "people": s["people"],
            "effective_before": s["effective_before"], "effective_after": s["effective_after"],
            "largest_weight": s["largest"], "score_low": s["score_low"], "score_high": s["score_high"],
            "outside": s["outside"]})

    @property
    def bins(self):
        """Parts of each group by score, before and after weighting: what plot("overlap") draws."""
        edges = np.arange(self._arrays[4].shape[1]) / self._arrays[4].shape[1]
        names = ("control", "treated", "weighted_control", "weighted_treated")
        return pd.DataFrame({"score_from": edges, **{n: self._arrays[4][i].copy() for i, n in enumerate(names)}})

    @property
    def remarks(self):
        return pd.DataFrame(list(self._remarks), columns=["code", "term", "value", "text"])

    assumptions = property(lambda self: list(self._assumptions))

    @property
    def provenance(self):
        kept = {name: self._rules[name] for name in ("treatment", "estimand", "method", "link", "clusters", "trim",
                                                     "level", "weight_kind", "cluster", "strata")}
        return {"version": _core.version(), "control": self._groups[0], "treated": self._groups[1], **kept,
                "interval": self._summary["errors"], "units": self._summary["units"], "df": self._summary["df"],
                "rows_read": self._summary["rows_read"], "rows_used": self._summary["rows_used"],
                "rows_dropped": self._summary["rows_dropped"], "rows_trimmed": self._summary["rows_trimmed"]}

    def to_frame(self, what=None):
        """The estimates where there are outcomes, else the balance table; or what is named: "estimates", "table",
        "overlap".

        Parameters
        ----------
        what : {"estimates", "table", "overlap"}, optional
            Default the estimates where there are outcomes, else the balance table.

        Returns
        -------
        DataFrame
            The attribute of that name.

        Raises
        ------
        SteelyardError
            Another word.

        Examples
        --------
        >>> wages = sy.datasets.load("chicago_wages")
        >>> b = sy.balance(wages, "foreign_born", ["age", "female"])
        >>> b.to_frame("overlap")[["level", "people"]].values.tolist()
        [['0', 299.0], ['1', 413.0]]
        """
        what = ("estimates" if self._outcomes else "table") if what is None else choice(
            "what", what, ("estimates", "table", "overlap"))
        return getattr(self, what)

    tidy = to_frame

    def glance(self):
        """One row: sizes, effective numbers, the largest standardised differences.

        Returns
        -------
        DataFrame
            One row.

        Examples
        --------
        >>> wages = sy.datasets.load("chicago_wages")
        >>> len(sy.balance(wages, "foreign_born", ["age", "female"]).glance())
        1
        """
        s, rules = self._summary, self._rules
        return pd.DataFrame([{
            "estimand": rules["estimand"], "method": rules["method"], "n": s["rows_used"],
            "n_control": s["people"][0], "n_treated": s["people"][1], "effective_control": s["effective_after"][0],
            "effective_treated": s["effective_after"][1], "worst_before": s["worst_before"],
            "worst_after": s["worst_after"], "units": s["units"], "df": s["df"]}])

    def plot(self, kind="love", ax=None):
        """Draws the balance.

        Parameters
        ----------
        kind : {"love", "overlap"}
            Standardised differences before and after; or the groups' scores.
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        SteelyardError
            Another kind; scores of entropy balancing, which has none.
        ImportError
            matplotlib is not installed.

        Examples
        --------
        >>> wages = sy.datasets.load("chicago_wages")
        >>> ax = sy.balance(wages, "foreign_born", ["age", "female"]).plot("love")
        """
        choice("kind", kind, ("love", "overlap"))
        if kind == "overlap" and self._rules["method"] == "entropy":
            raise SteelyardError("kind: entropy balancing has no score whose overlap could be drawn")
        return _balance_plot.DRAW[kind](self, ax)

    def summary(self):
        """The print at length: further digits, and how the answer came about.

        Returns
        -------
        Summary

        Examples
        --------
        >>> wages = sy.datasets.load("chicago_wages")
        >>> print(str(sy.balance(wages, "foreign_born", ["age", "female"]).summary())[:7])
        Balance
        """
        return Summary(_balance_print.document(self, MORE) + ["", *_provenance.pieces_of(self.provenance)])

    def _document(self):
        return _balance_print.document(self)
