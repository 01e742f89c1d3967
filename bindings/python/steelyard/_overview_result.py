# SPDX-License-Identifier: GPL-3.0-only
"""What an overview found."""
import numpy as np
import pandas as pd

from . import _core, _grade, _overview_print, _provenance
from ._document import Shown
from ._errors import SteelyardError, warn_of
from ._options import choice, real, whole
from ._tables import Summary

N_ANSWERS, N_SHARE, N_WHOM, N_CLAIM, N_COUNT, N_FUNNEL = 3, 8, 5, 6, 3, 6
ESTIMATE, STD_ERROR, LOW, HIGH, DF, EFFECTIVE, PEOPLE, METHOD = range(N_SHARE)
METHOD_NAMES = ("", "wilson", "clopper-pearson", "logit", "korn-graubard", "none")
VERDICTS = {1: "surely above", 0: "unsure", -1: "surely below"}
OUTSIDE = {-2: "below 99.8 %", -1: "below 95 %", 0: "inside", 1: "above 95 %", 2: "above 99.8 %"}
_ORDER = (_grade.BETTER, _grade.SAME, _grade.WORSE)


def _method(value):
    return "" if np.isnan(value) else METHOD_NAMES[int(value)]


class Overview(Shown):
    """Shares of people better, the same and worse, by indicator and group.

    Attributes
    ----------
    table : DataFrame
        One row an indicator: indicator, n (people who answered), missing,
        better, better_low, better_high, with `worse` also same and worse with
        their limits; std_error, df, n_effective and limits (the method), all
        of the share better. Shares are parts of 1.
    groups : DataFrame
        The same with group first, one row a group and indicator; people is n
        as it may be told ("<10" when hidden), hidden says so.
    claim : DataFrame or None
        With a threshold, one row an indicator: better, low and high
        (simultaneous limits over all indicators, Bonferroni), p_above and
        p_below (one-sided), bonferroni and holm: "surely above" (at or above
        the threshold), "unsure" or "surely below".
    counts : DataFrame or None
        One row a method: observed, surely_above, unsure, surely_below; lowest
        and highest hold the true number of indicators at or above the
        threshold with joint confidence `level`.
    remarks : DataFrame
        code, term, value, text.
    provenance : dict
    """

    def __init__(self, record, options, source):
        self._record, self._options, self._source = record, options, source
        self._claims = self._counts = None
        if record["threshold"] is not None:
            better = np.ascontiguousarray(record["shares"][0, :, _grade.BETTER])
            self._claims = np.full((len(better), N_CLAIM), np.nan)
            self._counts = np.zeros((2, N_COUNT))
            _core.overview_claim(better, record["threshold"], options["level"], self._claims, self._counts)

    def _rows(self, which):
        """Columns of shares for one set: 0 the whole, then the groups."""
        shares, whom = self._record["shares"][which], self._record["whom"][which]
        out = {"indicator": self._record["names"], "n": whom[:, 0], "missing": whom[:, 1]}
        worse = np.array(self._record["worse"])
        for answer in _ORDER[:3 if worse.any() else 1]:
            name = _grade.ANSWERS[answer]
            for key, column in ((name, ESTIMATE), (f"{name}_low", LOW), (f"{name}_high", HIGH)):
                known = worse | (answer == _grade.BETTER)
                out[key] = np.where(known, shares[:, answer, column], np.nan)
        better = shares[:, _grade.BETTER]
        out.update(std_error=better[:, STD_ERROR], df=better[:, DF], n_effective=better[:, EFFECTIVE],
                   clusters=whom[:, 2], limits=[_method(v) for v in better[:, METHOD]])
        return pd.DataFrame(out)

    @property
    def table(self):
        return self._rows(0)

    @property
    def groups(self):
        parts = []
        for g, name in enumerate(self._record["groups"]):
            part = self._rows(1 + g)
            hidden = self._record["whom"][1 + g][:, 4] > 0
            part.insert(0, "group", name)
            part.insert(3, "people", [self._hidden_text() if h else f"{n:.0f}" for h, n in zip(hidden, part["n"])])
            part.insert(4, "hidden", hidden)
            parts.append(part)
        if parts:
            return pd.concat(parts, ignore_index=True)
        empty = self._rows(0).iloc[:0]
        for place, name in ((0, "group"), (3, "people"), (4, "hidden")):
            empty.insert(place, name, pd.Series(dtype=bool if name == "hidden" else object))
        return empty

    def _hidden_text(self):
        return f"<{self._options['hide_below']:.6g}"

    @property
    def claim(self):
        if self._claims is None:
            return None
        c = self._claims
        return pd.DataFrame({
            "indicator": self._record["names"], "better": self._record["shares"][0, :, _grade.BETTER, ESTIMATE],
            "low": c[:, 0], "high": c[:, 1], "p_above": c[:, 2], "p_below": c[:, 3],
            "bonferroni": [VERDICTS[int(v)] for v in c[:, 4]], "holm": [VERDICTS[int(v)] for v in c[:, 5]]})

    @property
    def counts(self):
        if self._claims is None:
            return None
        better, counts = self._record["shares"][0, :, _grade.BETTER, ESTIMATE], self._counts.astype(np.int64)
        return pd.DataFrame({
            "method": ["bonferroni", "holm"], "indicators": len(better), "threshold": self._record["threshold"],
            "level": self._options["level"], "observed": int((better >= self._record["threshold"]).sum()),
            "surely_above": counts[:, 0], "unsure": counts[:, 1], "surely_below": counts[:, 2], "lowest": counts[:, 0],
            "highest": counts[:, 0] + counts[:, 1]})

    @property
    def remarks(self):
        return pd.DataFrame(list(self._record["remarks"]), columns=["code", "term", "value", "text"])

    @property
    def provenance(self):
        r, o = self._record, self._options
        return {"version": _core.version(), "indicators": list(r["names"]), "rows": r["rows"], "by": r["by"],
                "proportions": r["proportions"], "clustered": r["clustered"], "weight_kind": r["weight_kind"],
                "interval": o["interval"], "level": o["level"], "hide_below": o["hide_below"],
                "threshold": r["threshold"], "threads": o["threads"] or None}

    def to_frame(self):
        """Every share, one row each.

        Returns
        -------
        DataFrame
            indicator, group ("" for the whole), answer, estimate, std_error,
            conf_low, conf_high, df, n, n_effective, limits.

        Examples
        --------
        >>> people = pd.DataFrame({"safe": ["better"] * 30 + ["same"] * 20, "area": ["north", "south"] * 25})
        >>> o = sy.overview(people, "safe", better="better", by="area")
        >>> o.to_frame()[["indicator", "group", "estimate"]].values.tolist()[:2]
        [['safe', '', 0.6], ['safe', 'north', 0.6]]
        """
        r, rows = self._record, []
        for g, group in enumerate(("",) + tuple(r["groups"])):
            for i, name in enumerate(r["names"]):
                for answer in _ORDER[:3 if r["worse"][i] else 1]:
                    v = r["shares"][g, i, answer]
                    rows.append((name, group, _grade.ANSWERS[answer], v[ESTIMATE], v[STD_ERROR], v[LOW], v[HIGH],
                                 v[DF], v[PEOPLE], v[EFFECTIVE], _method(v[METHOD])))
        return pd.DataFrame(rows, columns=["indicator", "group", "answer", "estimate", "std_error", "conf_low",
                                           "conf_high", "df", "n", "n_effective", "limits"])

    def steps(self, columns, difficult, k=None):
        """How many people found how many steps difficult.

        Parameters
        ----------
        columns : list of str
            The steps: columns of the same data.
        difficult : level, list of levels, number, or dict of column -> one of these
            What counts as difficult; a number: at least so much.
        k : int, optional
            Only the row of k or more.

        Returns
        -------
        DataFrame
            One row a number of difficult steps: difficult, n (people who
            answered every step), missing (who did not), exactly and or_more
            (shares of n) with limits, made as those of the overview, weights
            and clusters included.

        Raises
        ------
        SteelyardError
            No such column or level.

        Examples
        --------
        >>> people = pd.DataFrame({"safe": ["better", "same"] * 5, "one": [1, 2] * 5, "two": [2, 2] * 5})
        >>> o = sy.overview(people, "safe", better="better")
        >>> o.steps(["one", "two"], difficult=2)[["difficult", "exactly"]].values.tolist()
        [[0.0, 0.0], [1.0, 0.5], [2.0, 0.5]]
        """
        if self._source is None:
            raise SteelyardError("steps: shares with their n hold no people; give the rows of people")
        frame, weights, kind, cluster = self._source
        names = _grade.names_of(columns, "columns")
        if k is not None:
            k = whole("k", k, 0, len(names))
        codes, _ = _grade.grade(frame, names, difficult, None, "difficult", "columns")
        design = (tuple((name, values, _grade.ANSWERS, 0) for name, values in zip(names, codes)),
                  tuple((name, ((i, 1),)) for i, name in enumerate(names)), weights, kind, cluster, 0)
        method = {"auto": 0, "wilson": 1, "exact": 2}[self._options["interval"]]
        shares, whom = np.full((len(names) + 1, N_ANSWERS, N_SHARE), np.nan), np.full(N_WHOM, np.nan)
        warn_of(_core.overview_steps(design, (len(names), False, False, method, self._options["level"], 0.0), shares,
                                     whom, self._options["threads"], None))
        exactly, more = shares[:, _grade.SAME], shares[:, _grade.BETTER]
        table = pd.DataFrame({
            "difficult": np.arange(len(names) + 1), "n": whom[0], "missing": whom[1], "exactly": exactly[:, ESTIMATE],
            "exactly_low": exactly[:, LOW], "exactly_high": exactly[:, HIGH], "or_more": more[:, ESTIMATE],
            "or_more_low": more[:, LOW], "or_more_high": more[:, HIGH]})
        return table if k is None else table.iloc[k:k + 1].reset_index(drop=True)

    def _of_groups(self, outcome):
        """(place of the indicator, groups that are shown, their shares better)."""
        names, groups = self._record["names"], self._record["groups"]
        if not groups:
            raise SteelyardError("by: this overview has no groups; ask overview() for by")
        if outcome is None and len(names) > 1:
            words = ", ".join(f'"{name}"' for name in names)
            raise SteelyardError(f"outcome: say which of {words}")
        place = 0 if outcome is None else names.index(outcome) if outcome in names else _core.find(
            "outcome", str(outcome), tuple(names))
        shares = self._record["shares"][1:, place, _grade.BETTER]
        usable = ~np.isnan(shares[:, ESTIMATE]) & (shares[:, METHOD] != METHOD_NAMES.index("none"))
        shown = [g for g, there in enumerate(usable) if there]
        if not shown:
            raise SteelyardError(f'by: no group of "{names[place]}" has a share to show')
        return place, [groups[g] for g in shown], np.ascontiguousarray(shares[shown])

    def ranks(self, outcome=None, level=None):
        """Ranks of the groups by share better, with simultaneous ranges.

        Parameters
        ----------
        outcome : str, optional
            The indicator; needed when there are several.
        level : float, optional
            Default that of the overview.

        Returns
        -------
        DataFrame
            group, n, better, rank, lowest, highest; first rank first. All
            ranges hold together with probability `level`: Bonferroni over all
            pairs [1]_, each pair's difference from the limits of both [2]_.
            Hidden groups are left out.

        Raises
        ------
        SteelyardError
            No groups, an indicator that is not there.

        References
        ----------
        .. [1] Mogstad, Romano, Shaikh & Wilhelm 2024, doi:10.1093/restud/rdad006
        .. [2] Zou & Donner 2008, doi:10.1002/sim.3095

        Examples
        --------
        >>> people = pd.DataFrame({"safe": ["better"] * 30 + ["same"] * 20, "area": ["north", "south"] * 25})
        >>> o = sy.overview(people, "safe", better="better", by="area")
        >>> o.ranks()[["group", "rank", "lowest", "highest"]].values.tolist()
        [['north', 1, 1, 2], ['south', 1, 1, 2]]
        """
        _, groups, shares = self._of_groups(outcome)
        level = self._options["level"] if level is None else real("level", level)
        ranks = np.full((len(groups), 3), np.nan)
        _core.overview_ranks(shares, level, ranks)
        table = pd.DataFrame({"group": groups, "n": shares[:, PEOPLE], "better": shares[:, ESTIMATE],
                              **dict(zip(("rank", "lowest", "highest"), ranks.T.astype(np.int64)))})
        return table.sort_values("rank", kind="stable", ignore_index=True)

    def funnel(self, outcome=None):
        """Exact binomial limits for each group about the overall share.

        Parameters
        ----------
        outcome : str, optional
            The indicator; needed when there are several.

        Returns
        -------
        DataFrame
            group, n (effective, where limits are of the design), better,
            low_95, high_95, low_998, high_998, z, outside ("inside", "above
            95 %", ...). ``attrs`` holds overall, and dispersion: the mean of z
            squared with the outer tenths drawn in; well above 1, groups differ
            by more than chance and limits are crossed by most of them [1]_.

        Raises
        ------
        SteelyardError
            No groups, an indicator that is not there.

        References
        ----------
        .. [1] Spiegelhalter 2005, doi:10.1002/sim.1970

        Examples
        --------
        >>> people = pd.DataFrame({"safe": ["better"] * 30 + ["same"] * 20, "area": ["north", "south"] * 25})
        >>> o = sy.overview(people, "safe", better="better", by="area")
        >>> o.funnel()[["group", "n", "outside"]].values.tolist()
        [['north', 25.0, 'inside'], ['south', 25.0, 'inside']]
        """
        place, groups, shares = self._of_groups(outcome)
        overall = float(self._record["shares"][0, place, _grade.BETTER, ESTIMATE])
        out = np.full((len(groups), N_FUNNEL), np.nan)
        dispersion = _core.overview_funnel(shares, overall, out)
        table = pd.DataFrame({"group": groups, "n": shares[:, EFFECTIVE], "better": shares[:, ESTIMATE],
                              **dict(zip(("low_95", "high_95", "low_998", "high_998", "z"), out.T))})
        table["outside"] = [OUTSIDE[int(v)] for v in out[:, 5]]
        table.attrs.update(overall=overall, dispersion=dispersion)
        return table

    def plot(self, kind="shares", outcome=None, named=None, ax=None):
        """Draw the overview; needs matplotlib.

        Parameters
        ----------
        kind : {"shares", "ranks", "funnel"}
            Bars of better, the same and worse with limits of better and the
            threshold; ranges of ranks; the funnel.
        outcome : str, optional
            The indicator of ranks and funnel.
        named : list of str, optional
            Groups whose names are written beside ranks of more than 40; default
            the three at each end. In a funnel besides those beyond its limits.
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        ImportError
            Without matplotlib.

        Examples
        --------
        >>> people = pd.DataFrame({"safe": ["better"] * 30 + ["same"] * 20, "area": ["north", "south"] * 25})
        >>> ax = sy.overview(people, "safe", better="better", by="area").plot()
        """
        from . import _overview_plot

        choice("kind", kind, ["shares", "ranks", "funnel"])
        return _overview_plot.draw(self, kind, outcome, ax, named)

    def summary(self):
        """The print, and how the answer came about.

        Returns
        -------
        Summary

        Examples
        --------
        >>> people = pd.DataFrame({"safe": ["better"] * 30 + ["same"] * 20})
        >>> "safe" in str(sy.overview(people, "safe", better="better").summary())
        True
        """
        return Summary(_overview_print.document(self) + ["", *_provenance.pieces_of(self.provenance)])

    def _document(self):
        return _overview_print.document(self)
