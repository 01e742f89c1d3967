# SPDX-License-Identifier: GPL-3.0-only
"""How strong a confounder that was not measured would have to be."""
import math

import numpy as np
import pandas as pd

from . import _core, _provenance
from ._digits import MORE, row_format
from ._document import Caution, Cells, Document, Shown
from ._errors import SteelyardError
from ._fit_print import df_text, number, remark_lines, scaled, statistic
from ._linear_fit import LinearFit
from ._options import flag, real, several, whole
from ._print import level_text
from ._tables import Summary
from ._terms import parse_list

_VALUES = ["partial_r2", "f2", "robustness_value", "robustness_value_alpha", "robustness_value_robust", "extreme",
           "extreme_alpha"]
_ADJUSTED = ["r2_treatment", "r2_outcome", "remaining", "estimate", "std_error", "statistic", "conf_low", "conf_high",
             "robust_std_error", "robust_statistic"]
_PRINTED = "The t is the one printed; it must be the classical one."
_CLASSICAL = "Partial R2 and t are the classical ones, whatever the fit's covariance."
_CAUTION = "Bounds are for a linear model and for what a confounder shares with nothing already in it."


class Fitted:
    """A fit as confounding reads it: what is left of it, and which of its coefficients terms are."""

    def __init__(self, fit):
        if not isinstance(fit, LinearFit):
            raise SteelyardError("fit: a result of fit_linear() is needed")
        m = fit._model
        s = m.summary
        self.model, self.labels, self.errors = m, tuple(m.labels), fit.std_error.to_numpy()
        self.left = (m.coefficient, m.inverse, self.labels, s["rss"], s["tss"], s["df_resid"])
        ends = np.cumsum(m.counts)
        self.spans = {label: tuple(range(end - count, end))
                      for label, count, end in zip(m.terms, m.counts[1:], ends[1:])}

    def places(self, name, argument):
        """Coefficients that terms, or a coefficient's label, stand for."""
        if not isinstance(name, str):
            raise SteelyardError(f"{argument}: {name!r} is not the name of a term")
        if name in self.labels:
            return (self.labels.index(name),)
        known = {**self.spans, **{label: (place,) for place, label in enumerate(self.labels)}}
        labels = [term.label for term in parse_list(name, argument, known)]
        for label in labels:
            if label not in known:
                _core.find(argument, label, tuple(known))
        return tuple(place for label in labels for place in known[label])

    def place(self, term):
        """The one coefficient of the term in question."""
        if term is None:
            raise SteelyardError("term: name the term in question")
        places = self.places(term, "term")
        if len(places) == 1:
            return places[0]
        names = ", ".join(self.labels[place] for place in places[:4])
        raise SteelyardError(f"term: {term} has {len(places)} columns; name one of them ({names}"
                             f"{', ...' if len(places) > 4 else ''})")

    def tested(self, place):
        """The test as the core reads it, with the fit's own error beside the classical one."""
        m = self.model
        found, kind = _core.tested(self.left, place), m.rules["covariance"]
        error, df = self.errors[place], m.df[place]
        if kind == "classical" or not error > 0 or not df > 0:
            return (self.labels[place], *found, math.nan, math.nan, None)
        return (self.labels[place], *found, float(error), float(df), kind)


def _strengths(argument, given):
    values = [given] if np.isscalar(given) else several(argument, given)
    if not values:
        raise SteelyardError(f"{argument}: numbers are needed")
    return [real(argument, value) for value in values]


def confounding(fit=None, term=None, benchmarks=None, q=1.0, alpha=0.05, kd=(1, 2, 3), ky=None, t=None, df=None,
                estimate=None, std_error=None):
    """How strong a confounder that was not measured would have to be.

    Parameters
    ----------
    fit : LinearFit, optional
        A result of :func:`fit_linear`, and in ``term`` the label of a coefficient,
        or of a term with one column.
    term : str
    benchmarks : str, list of str, or dict of name to str or list of str, optional
        Terms (or coefficients) that a confounder is likened to; the terms of one
        name count together.
    q : float
        The part of the estimate that the confounder would take away.
    alpha : float
        Significance is two-sided at alpha, limits at 1 - alpha.
    kd, ky : float or sequence
        How many times as strong as the benchmark, with the treatment and with the
        outcome; ``ky`` is ``kd`` by default.
    t, df : float, optional
        From print, without a fit: the classical t and its residual degrees of freedom.
    estimate, std_error : float, optional
        From print; two of t, estimate and std_error give the third.

    Returns
    -------
    Confounding

    Raises
    ------
    SteelyardError
        A term that is not there (the nearest is named), one of several columns,
        a benchmark that holds the term, numbers out of range.
    DataError
        An aliased term or benchmark.

    Notes
    -----
    A confounder explains ``r2_treatment`` of what the model leaves of the term and
    ``r2_outcome`` of what it leaves of the outcome. The robustness value is the
    strength with both that takes q of the estimate away; ``_alpha``, that leaves it
    not significant; ``extreme``, the strength with the term alone when all that is
    left of the outcome is explained [1]_. Partial R2 is a ratio of sums of squares:
    the t is always the classical one. Where the fit has another covariance,
    ``robustness_value_robust`` takes that error for significance, as if the
    confounder changed it in the proportion of the classical one. Limits are by t
    with one degree of freedom less.

    References
    ----------
    .. [1] Cinelli & Hazlett 2020, doi:10.1111/rssb.12348

    Examples
    --------
    >>> swiss = sy.datasets.load("swiss_1888")
    >>> fit = sy.fit_linear("Fertility ~ Education + Catholic + Agriculture", swiss)
    >>> c = sy.confounding(fit, "Education", benchmarks=["Catholic", "Agriculture"])
    >>> round(float(c.robustness["robustness_value"][0]), 4)
    0.6345
    >>> c.adjusted(0.2, 0.3)[["estimate", "conf_low", "conf_high"]].round(3).values.tolist()
    [[-0.792, -1.09, -0.495]]
    >>> printed = sy.confounding(t=4.184, df=783)  # Cinelli & Hazlett 2020: harmed in Darfur
    >>> round(float(printed.robustness["robustness_value"][0]), 3)
    0.139
    """
    q, alpha = real("q", q), real("alpha", alpha)
    kd = _strengths("kd", kd)
    ky = kd if ky is None else _strengths("ky", ky)
    ky = ky * len(kd) if len(ky) == 1 else ky
    if len(ky) != len(kd):
        raise SteelyardError(f"ky: {len(ky)} numbers were given for {len(kd)} of kd")
    if fit is None:
        if df is None:
            raise SteelyardError("df: give a fit and a term, or t and df from print")
        if benchmarks is not None:
            raise SteelyardError("benchmarks: they need a fit; print has only t")
        given = [math.nan if x is None else real(name, x) for name, x in
                 (("estimate", estimate), ("std_error", std_error), ("t", t), ("df", df))]
        name = "the term" if term is None else str(term)
        tested = (name, *_core.printed_test(*given), math.nan, math.nan, None)
        return Confounding(None, tested, None, {}, (q, alpha, kd, ky))
    if any(x is not None for x in (t, df, estimate, std_error)):
        raise SteelyardError("t: a fit has its own t and df; leave them out")
    held = Fitted(fit)
    place = held.place(term)
    groups = _groups(held, benchmarks)
    return Confounding(held.model.outcome, held.tested(place), _strength_of(held, place, groups), groups,
                       (q, alpha, kd, ky), held.labels)


def _groups(held, benchmarks):
    """Name to coefficients."""
    if benchmarks is None:
        return {}
    if isinstance(benchmarks, str):
        benchmarks = [benchmarks]
    if not isinstance(benchmarks, dict):
        benchmarks = {name: name for name in benchmarks}
    groups = {}
    for name, terms in benchmarks.items():
        terms = [terms] if isinstance(terms, str) else list(terms)
        if not terms:
            raise SteelyardError(f'benchmarks: "{name}" holds no term')
        groups[str(name)] = tuple(dict.fromkeys(place for term in terms for place in held.places(term, "benchmarks")))
    return groups


def _strength_of(held, place, groups):
    treatment, outcome = np.full(len(groups), np.nan), np.full(len(groups), np.nan)
    if groups:
        _core.benchmarks(held.left, place, tuple(groups.items()), treatment, outcome)
    return treatment, outcome


class Confounding(Shown):
    """What a confounder that was not measured would do to an estimate.

    Attributes
    ----------
    robustness : DataFrame
        One row: term, estimate, std_error, statistic, df, q, alpha, partial_r2, f2,
        robustness_value, robustness_value_alpha, robustness_value_robust, extreme, extreme_alpha.
    benchmarks : DataFrame
        benchmark, columns, r2_treatment, r2_outcome (partial R2 of the benchmark itself).
    bounds : DataFrame
        One row a benchmark and strength: benchmark, kd, ky, r2_treatment, r2_outcome,
        remaining (part of the estimate left), estimate, std_error, statistic,
        conf_low, conf_high, robust_std_error, robust_statistic.
    text : str
        The robustness values in a sentence.
    remarks : DataFrame
        code, term, value, text.
    provenance : dict
        Version and options.
    """

    def __init__(self, outcome, tested, strength, groups, asked, labels=()):
        self._outcome, self._tested, self._groups, self._labels = outcome, tested, groups, labels
        self._q, self._alpha, self._kd, self._ky = asked
        *values, self.text = _core.robustness(tested, self._q, self._alpha)
        self._values = dict(zip(_VALUES, values))
        self._strength = strength if strength is not None else (np.empty(0), np.empty(0))
        self._rows, self._remarks = self._bounds()

    def _bounds(self):
        rows, remarks = [], []
        for name, treatment, outcome in zip(self._groups, *self._strength):
            for kd, ky in zip(self._kd, self._ky):
                r2_treatment, r2_outcome, more = _core.bound(name, float(treatment), float(outcome), kd, ky)
                remarks += more
                found = [math.nan] * len(_ADJUSTED) if math.isnan(r2_treatment) else _core.adjusted(
                    self._tested, r2_treatment, r2_outcome, True, 1 - self._alpha)
                rows.append((name, kd, ky, *found))
        return rows, tuple(dict.fromkeys(remarks))

    @property
    def robustness(self):
        term, estimate, std_error, t, df, *_ = self._tested
        return pd.DataFrame([{"term": term, "estimate": estimate, "std_error": std_error, "statistic": t, "df": df,
                              "q": self._q, "alpha": self._alpha, **self._values}])

    @property
    def benchmarks(self):
        return pd.DataFrame({"benchmark": list(self._groups), "columns": [len(g) for g in self._groups.values()],
                             "r2_treatment": self._strength[0].copy(), "r2_outcome": self._strength[1].copy()})

    @property
    def bounds(self):
        return pd.DataFrame(self._rows, columns=["benchmark", "kd", "ky", *_ADJUSTED])

    @property
    def remarks(self):
        return pd.DataFrame(list(self._remarks), columns=["code", "term", "value", "text"])

    @property
    def provenance(self):
        return {"version": _core.version(), "term": self._tested[0], "outcome": self._outcome, "q": self._q,
                "alpha": self._alpha, "kd": tuple(self._kd), "ky": tuple(self._ky), "printed": self._outcome is None,
                "covariance": self._tested[7] or "classical"}

    def to_frame(self):
        """The robustness values: one row.

        Returns
        -------
        DataFrame
            One row, as ``robustness``.

        Examples
        --------
        >>> c = sy.confounding(t=4.184, df=783)  # Cinelli & Hazlett 2020
        >>> c.to_frame()[["statistic", "df"]].values.tolist()
        [[4.184, 783.0]]
        """
        return self.robustness

    def adjusted(self, r2_treatment, r2_outcome, reduce=True, level=None):
        """The estimate beside a confounder of stated strength.

        Parameters
        ----------
        r2_treatment, r2_outcome : float or list of float
            Parts of what the model leaves of the term and of the outcome; pairs.
        reduce : bool
            Whether the confounder takes from the estimate; else it hides a larger one.
        level : float, optional
            Of the limits; default 1 - alpha.

        Returns
        -------
        DataFrame
            r2_treatment, r2_outcome, remaining, estimate, std_error, statistic,
            conf_low, conf_high, robust_std_error, robust_statistic; estimates are
            missing where only t was printed.

        Raises
        ------
        SteelyardError
            A strength with the treatment of 1, or any outside 0 to 1.

        Examples
        --------
        >>> fit = sy.fit_linear("Fertility ~ Education + Catholic", sy.datasets.load("swiss_1888"))
        >>> c = sy.confounding(fit, "Education")
        >>> c.adjusted([0.1, 0.2], 0.3)[["r2_treatment", "estimate"]].round(3).values.tolist()
        [[0.1, -0.632], [0.2, -0.553]]
        """
        treatment, outcome = _strengths("r2_treatment", r2_treatment), _strengths("r2_outcome", r2_outcome)
        if len(treatment) == 1:
            treatment = treatment * len(outcome)
        if len(outcome) == 1:
            outcome = outcome * len(treatment)
        if len(treatment) != len(outcome):
            raise SteelyardError(f"r2_outcome: {len(outcome)} numbers were given for {len(treatment)} of r2_treatment")
        level = 1 - self._alpha if level is None else real("level", level)
        return pd.DataFrame([_core.adjusted(self._tested, d, y, flag("reduce", reduce), level)
                             for d, y in zip(treatment, outcome)], columns=_ADJUSTED)

    def extreme(self, r2_outcome=(1, 0.75, 0.5)):
        """How strong with the treatment, when the strength with the outcome is given.

        Parameters
        ----------
        r2_outcome : float or list of float

        Returns
        -------
        DataFrame
            r2_outcome, needed (to take q of the estimate away), needed_alpha (to
            leave it not significant).

        Raises
        ------
        SteelyardError
            A strength outside 0 to 1.

        Examples
        --------
        >>> c = sy.confounding(t=4.184, df=783)
        >>> c.extreme([1, 0.5])[["r2_outcome", "needed"]].round(4).values.tolist()
        [[1.0, 0.0219], [0.5, 0.0428]]
        """
        outcome = np.array(_strengths("r2_outcome", r2_outcome))
        needed, needed_alpha = np.empty(len(outcome)), np.empty(len(outcome))
        _core.needed(self._tested, self._q, self._alpha, len(outcome), outcome, needed, needed_alpha)
        return pd.DataFrame({"r2_outcome": outcome, "needed": needed, "needed_alpha": needed_alpha})

    def contours(self, grid=50, limit=None, reduce=True):
        """Estimate and t beside confounders of every strength.

        Parameters
        ----------
        grid : int
            Points along either strength.
        limit : float, optional
            The largest strength, under 1; default so that robustness value and
            bounds lie within.
        reduce : bool
            As in :meth:`adjusted`.

        Returns
        -------
        DataFrame
            grid squared rows: r2_treatment, r2_outcome, estimate (a part of the one
            found where only t was printed), statistic.

        Raises
        ------
        SteelyardError
            A grid under 2, a limit of 1 or more.

        Examples
        --------
        >>> sy.confounding(t=4.184, df=783).contours(grid=5).shape
        (25, 4)
        """
        grid = whole("grid", grid, 2, 2000)
        limit = max(self._reach()) if limit is None else real("limit", limit)
        if not 0 < limit < 1:
            raise SteelyardError(f"limit: {limit:.15g} is not between 0 and 1")
        x, y, estimate, t = self._grid(grid, (limit, limit), reduce)
        return pd.DataFrame({"r2_treatment": np.repeat(x, grid), "r2_outcome": np.tile(y, grid),
                             "estimate": estimate.ravel(), "statistic": t.ravel()})

    def _grid(self, grid, limits, reduce=True):
        """(strengths with the term, with the outcome, estimate, t) on a grid up to the limits."""
        x, y = (np.linspace(0, limit, grid) for limit in limits)
        estimate, t = np.empty((grid, grid)), np.empty((grid, grid))
        _core.contours(self._tested, flag("reduce", reduce), x, y, estimate, t)
        return x, y, estimate, t

    def _reach(self):
        """Limits, with the term and with the outcome, that hold the robustness value and the bounds that exist."""
        value = self._values["robustness_value"]
        return tuple(min(0.95, max(0.1, 1.25 * max([value] + [row[at] for row in self._rows if not math.isnan(row[at])])))
                     for at in (3, 4))

    def plot(self, kind="estimate", ax=None):
        """Draw contours with the benchmarks; needs matplotlib.

        Parameters
        ----------
        kind : {"estimate", "t"}
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        SteelyardError
            Another kind; "estimate" where only t was printed.
        ImportError
            matplotlib is not installed.

        Examples
        --------
        >>> fit = sy.fit_linear("Fertility ~ Education + Catholic", sy.datasets.load("swiss_1888"))
        >>> ax = sy.confounding(fit, "Education", benchmarks="Catholic").plot()
        """
        from . import _confounding_plot

        return _confounding_plot.draw(self, kind, ax)

    def summary(self):
        """The print at length: further digits, and how the answer came about.

        Returns
        -------
        Summary

        Examples
        --------
        >>> c = sy.confounding(t=4.184, df=783)
        >>> "4.184" in str(c.summary())
        False
        """
        return Summary(_told(self, MORE) + ["", *_provenance.pieces_of(self.provenance)])

    def _document(self):
        return _told(self)


def _told(c, more=0):
    term, estimate, error, t, df, _, _, kind = c._tested
    on = "" if c._outcome is None else f" on {c._outcome}"
    found = "" if math.isnan(estimate) else f"estimate {scaled(estimate, row_format(error, more))}, "
    v = c._values
    robust = "" if math.isnan(v["robustness_value_robust"]) else f" ({kind} error {v['robustness_value_robust']:.4f})"
    lines = [f"Confounding of {term}{on}: {found}t {statistic(t)} with {df_text(df)} degrees of freedom",
             f"Partial R2 {v['partial_r2']:.4f}; robustness value {v['robustness_value']:.4f} at q {c._q:.4g}, "
             f"{v['robustness_value_alpha']:.4f} at alpha {level_text(c._alpha)}{robust}; extreme {v['extreme']:.4f}",
             "", c.text, ""]
    if c._rows:
        lines += [Cells(f"The estimate beside confounders like the benchmarks, limits {level_text(1 - c._alpha)}",
                        _bound_cells(c.bounds, more)), "",
                  f"Bounds: a confounder kd times as strong with {term} and ky times with the outcome as the benchmark; "
                  f"limits {level_text(1 - c._alpha)}."]
    return Document([*lines, _PRINTED if c._outcome is None else _CLASSICAL, *remark_lines(c._remarks), Caution(_CAUTION)])


def _bound_cells(bounds, more):
    rows = [["benchmark", "kd", "ky", "R2 term", "R2 outcome", "estimate", "std error", "t", "low", "high"]]
    for row in bounds.to_dict("records"):
        form = row_format(row["std_error"], more)
        rows.append([row["benchmark"], f"{row['kd']:.4g}", f"{row['ky']:.4g}", number(row["r2_treatment"], "%.4f"),
                     number(row["r2_outcome"], "%.4f"), scaled(row["estimate"], form), scaled(row["std_error"], form),
                     statistic(row["statistic"]), scaled(row["conf_low"], form), scaled(row["conf_high"], form)])
    return rows
