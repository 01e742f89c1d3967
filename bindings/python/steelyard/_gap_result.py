# SPDX-License-Identifier: GPL-3.0-only
"""The gap between two groups, as frames."""
import pandas as pd

from . import _core, _gap_plot, _gap_print, _provenance
from ._digits import MORE
from ._document import Shown
from ._gap_tables import answers_of, linear_of
from ._tables import Summary


class Gap(Shown):
    """A gap between two groups' means, and the parts it is made of.

    Attributes
    ----------
    gap : DataFrame
        One row; of ordered answers one an answer and one of the mean answer. [category], first and second (means),
        gap, std_error, conf_low, conf_high; with ``"gelbach"`` also base, the coefficient that is split.
    parts : DataFrame
        One row a block, then the constant (where there is one) and the total: block, explained, std_error, conf_low,
        conf_high, percent (of the gap), unexplained, unexplained_std_error, unexplained_conf_low,
        unexplained_conf_high; with ``"oaxaca"`` the threefold endowments, coefficients, interaction. Of ordered
        answers they are parts of the mean answer.
    terms, levels : DataFrame
        The same one row a term, and a level of each factor; with their means and coefficients. Empty with ``"shapley"``.
    references : DataFrame
        explained and unexplained by every reference, beside each other.
    categories : DataFrame
        Of ordered answers: the parts of the chance of each answer, one row an answer and block.
    explained, unexplained : float
        Of the gap (of the mean answer).
    method, reference : str
        ``"oaxaca"``, ``"gelbach"`` or ``"shapley"``; whose coefficients price what is explained.
    n : float
        Rows by the weight rule.
    sentences : list of str
    remarks : DataFrame
        code, term, value, text.
    provenance : dict
    """

    def __init__(self, record):
        self._record = record

    @property
    def _tables(self):
        return answers_of(self._record) if self._record["method"] == "shapley" else linear_of(self._record)

    gap = property(lambda self: self._tables.gap())
    parts = property(lambda self: self._tables.parts())
    terms = property(lambda self: self._tables.terms())
    levels = property(lambda self: self._tables.levels())
    references = property(lambda self: self._tables.references())
    categories = property(lambda self: self._tables.categories())
    explained = property(lambda self: float(self.parts["explained"].iloc[-1]))
    unexplained = property(lambda self: float(self.parts["unexplained"].iloc[-1]))
    sentences = property(lambda self: list(self._record["sentences"]))
    method = property(lambda self: self._record["method"])
    reference = property(lambda self: self._record["reference"])
    n = property(lambda self: sum(self._record["group_n"]))

    @property
    def remarks(self):
        return pd.DataFrame(list(self._record["remarks"]), columns=["code", "term", "value", "text"])

    @property
    def provenance(self):
        r = self._record
        return {"version": _core.version(), "method": r["method"], "reference": r["reference"], "outcome": r["outcome"],
                "outcome_type": r["type"], "link": r["link"] if r["method"] == "shapley" else None, "group": r["group"],
                "first": r["group_levels"][r["level"][0]], "second": r["group_levels"][r["level"][1]],
                "blocks": dict(r["blocks"]), "adjust": list(r["adjust"]), "weight_kind": r["weight_kind"],
                "interval": r["interval"], "level": r["confidence"], "seed": r["seed"], "replicates": r["replicates"],
                "threads": r["threads"] or None, "n": self.n, "rows_read": int(r["rows_read"]),
                "rows_dropped": int(r["rows_dropped"]), "units": r["units"], "df": r["df"]}

    def to_frame(self):
        """Every part in one row: [category], kind, block, term, level, part, estimate, std_error, statistic, p_value,
        conf_low, conf_high.

        Returns
        -------
        DataFrame

        Examples
        --------
        >>> chicago = sy.datasets.load("chicago_wages").dropna()
        >>> g = sy.gap(chicago, "log_wage", "foreign_born", {"age": "age", "sex": "female"})
        >>> g.to_frame().query("kind == 'gap'")["estimate"].round(4).tolist()
        [2.6967, 2.5534, 0.1434]
        """
        return self._tables.long()

    tidy = to_frame

    def glance(self):
        """One row: first, second, gap, explained, unexplained, n, df.

        Returns
        -------
        DataFrame

        Examples
        --------
        >>> chicago = sy.datasets.load("chicago_wages").dropna()
        >>> g = sy.gap(chicago, "log_wage", "foreign_born", {"age": "age", "sex": "female"})
        >>> g.glance()["gap"].round(4).tolist()
        [0.1434]
        """
        gap = self.gap.iloc[-1]
        return pd.DataFrame({"first": [gap["first"]], "second": [gap["second"]], "gap": [gap["gap"]],
                             "explained": [self.explained], "unexplained": [self.unexplained], "n": [self.n],
                             "df": [self._record["df"]]})

    def plot(self, category=None, ax=None):
        """The way from the second group's mean to the first's, part by part.

        Parameters
        ----------
        category : str, optional
            Of ordered answers: one of them; default the mean answer.
        ax : matplotlib Axes, optional

        Returns
        -------
        Axes

        Raises
        ------
        SteelyardError
            A category that is not there.
        ImportError
            matplotlib is not installed.

        Examples
        --------
        >>> chicago = sy.datasets.load("chicago_wages").dropna()
        >>> ax = sy.gap(chicago, "log_wage", "foreign_born", {"age": "age", "sex": "female"}).plot()
        """
        return _gap_plot.draw(self, category, ax)

    def summary(self):
        """The print, with terms, levels and every reference.

        Returns
        -------
        Summary

        Examples
        --------
        >>> chicago = sy.datasets.load("chicago_wages").dropna()
        >>> g = sy.gap(chicago, "log_wage", "foreign_born", {"age": "age", "sex": "female"})
        >>> "age" in str(g.summary())
        True
        """
        return Summary(_gap_print.document(self, MORE) + ["", *_provenance.pieces_of(self.provenance)])

    def _document(self):
        return _gap_print.document(self)
