# SPDX-License-Identifier: GPL-3.0-only
"""What fit_linear() answers."""
import math

import numpy as np
import pandas as pd

from . import _anova, _core, _diagnostics, _linear_print, _predict
from ._errors import SteelyardError
from ._linear_model import METHODS, TESTS
from ._options import choice, real, whole
from ._progress import Progress
from ._tables import Contrasts, Summary, Wild

_WILD = {"rademacher": 0, "webb": 1}
_MOST_REPLICATES = 10_000_000


def _numbers(name, doc):
    return property(lambda self: pd.Series(getattr(self._model, name).copy(), self._model.labels), doc=doc)


def _scalar(name):
    return property(lambda self: self._model.summary[name])


class LinearFit:
    """A linear model fitted by least squares.

    Read-only; frames and series are copies. It pickles, with the columns of
    the model.

    Attributes
    ----------
    params, std_error, df, pvalues : Series
        By coefficient; NaN where aliased. ``df`` are those of the t test.
    cov : DataFrame
        Covariance of the coefficients, of the kind ``covariance``.
    n, rows_used, df_resid, rank : numbers
        Rows by the weight rule and as they lie, degrees of freedom left,
        coefficients not aliased.
    r2, r2_adjusted, sigma, rss, tss, f, f_df1, f_p, loglik, aic, bic : float
        As R's lm; without an intercept R2 is about zero.
    condition, digits, method :
        Condition of the scaled columns, the decimal digits it leaves, and how
        the numbers were computed.
    formula, outcome, aliased, covariance : str, str, list of str, str
    fitted, residuals, leverage : Series
        One value a row of the data; NaN for rows not used.
    remarks : DataFrame
        code, term, value, text.
    provenance : dict
        Version, options, counts of rows.
    """

    def __init__(self, model):
        self.__dict__["_model"] = model

    def __setattr__(self, name, value):
        raise AttributeError("a fit is read-only")

    def __getstate__(self):
        return {"_model": self._model}

    def __setstate__(self, state):
        self.__dict__.update(state)

    params = _numbers("coefficient", "Coefficients.")
    df = _numbers("df", "Degrees of freedom of each t test.")
    n = _scalar("n")
    df_resid = _scalar("df_resid")
    rank = _scalar("rank")
    r2 = _scalar("r2")
    r2_adjusted = _scalar("r2_adjusted")
    sigma = _scalar("sigma")
    rss = _scalar("rss")
    tss = _scalar("tss")
    f = _scalar("f")
    f_df1 = _scalar("f_df1")
    f_p = _scalar("f_p")
    loglik = _scalar("loglik")
    aic = _scalar("aic")
    bic = _scalar("bic")
    condition = _scalar("condition")
    digits = _scalar("digits")
    rows_used = property(lambda self: int(self._model.summary["rows_used"]))
    method = property(lambda self: METHODS[self._model.summary["method"]])
    formula = property(lambda self: self._model.asked.text)
    outcome = property(lambda self: self._model.outcome)
    covariance = property(lambda self: self._model.rules["covariance"])

    @property
    def aliased(self):
        return [label for label, b in zip(self._model.labels, self._model.coefficient) if math.isnan(b)]

    @property
    def cov(self):
        labels = self._model.labels
        return pd.DataFrame(self._model.covariance.copy(), index=labels, columns=labels)

    @property
    def remarks(self):
        return pd.DataFrame(list(self._model.remarks), columns=["code", "term", "value", "text"])

    @property
    def provenance(self):
        m = self._model
        counts = {key: m.summary[key] for key in ("n", "rows_read", "rows_used", "rows_dropped")}
        return {"version": _core.version(), **m.provenance, **counts, "df_resid": self.df_resid, "rank": self.rank,
                "condition": self.condition, "digits": self.digits, "method": self.method}

    def _of_rows(self, place):
        return pd.Series(self._model.rows()[place].copy(), self._model.index)

    fitted = property(lambda self: self._of_rows(0))
    residuals = property(lambda self: self._of_rows(1))
    leverage = property(lambda self: self._of_rows(2))

    def _level(self, level):
        return self._model.rules["level"] if level is None else real("level", level)

    def _tests(self, level=None):
        return self._model.tests(self._level(level))

    @property
    def std_error(self):
        return pd.Series(np.sqrt(np.diag(self._model.covariance)), self._model.labels)

    @property
    def pvalues(self):
        return pd.Series(self._tests()[TESTS.index("p_value")], self._model.labels)

    def conf_int(self, level=None):
        """Limits of the coefficients: conf_low, conf_high."""
        table = self._tests(level)
        return pd.DataFrame({"conf_low": table[5], "conf_high": table[6]}, index=self._model.labels)

    def to_frame(self, level=None):
        """One row a coefficient.

        Returns
        -------
        DataFrame
            term, estimate, std_error, statistic, df, p_value, conf_low,
            conf_high; NaN where aliased.
        """
        frame = pd.DataFrame(self._tests(level).T, columns=TESTS)
        frame.insert(0, "term", self._model.labels)
        return frame

    def glance(self):
        """The fit in one row, with broom's names."""
        s = self._model.summary
        keys = {"r_squared": "r2", "adj_r_squared": "r2_adjusted", "sigma": "sigma", "statistic": "f",
                "p_value": "f_p", "df": "f_df1", "log_lik": "loglik", "aic": "aic", "bic": "bic", "deviance": "rss",
                "df_residual": "df_resid", "nobs": "n"}
        return pd.DataFrame([{name: s[key] for name, key in keys.items()}])

    def summary(self):
        """The whole print as an object."""
        return Summary(_linear_print.fit_text(self._model, self.to_frame()))

    def __repr__(self):
        return _linear_print.fit_text(self._model, self.to_frame())

    def _repr_html_(self):
        return _linear_print.fit_html(self._model, self.to_frame())

    def predict(self, data=None, interval=None, level=None):
        """Fitted values, of the fit's rows or of new ones.

        Parameters
        ----------
        data : DataFrame or dict of columns, optional
            New rows; factor levels are matched by name. Default the fit's rows.
        interval : {None, "confidence", "prediction"}
            Limits of the mean, or of one new outcome.
        level : float, optional

        Returns
        -------
        Series, or DataFrame of fitted, std_error, conf_low, conf_high
            NaN for rows with a missing value. std_error is that of the mean.
            Limits by t with the least of the coefficients' degrees of freedom.

        Raises
        ------
        SteelyardError
            A missing column, a level that the fit has not seen, new rows for
            a fit with absorbed levels.
        """
        if interval is not None:
            choice("interval", interval, ["confidence", "prediction"])
        return _predict.predict(self._model, data, interval, self._level(level))

    def contrasts(self, c, level=None):
        """Linear combinations of the coefficients and their joint test.

        Parameters
        ----------
        c : array (q, p), or dict of name -> vector of p, or of dicts label -> number
        level : float, optional

        Returns
        -------
        DataFrame
            contrast, estimate, std_error, statistic, df, p_value, conf_low,
            conf_high; attributes f, f_df1, f_df2, f_p are the test of all
            together.

        Examples
        --------
        >>> fit.contrasts({"difference": {"a": 1, "b": -1}})
        """
        names, matrix = _matrix(c, self._model.labels)
        table, joint, remarks = self._model.combine(matrix, self._level(level))
        frame = pd.DataFrame(table.T, columns=TESTS)
        frame.insert(0, "contrast", names)
        return Contrasts.of(frame, _linear_print.contrasts_text(self._model, frame, joint, self._level(level)), joint,
                            remarks)

    def anova(self, type=2, covariance=None, level=None):
        """Analysis of variance of the terms.

        Parameters
        ----------
        type : {1, 2, 3}
            In order; each term given those that do not contain it; each given
            all others (with sum-to-zero coding, whatever the fit's).
        covariance : str, optional
            Default the fit's. ``"classical"`` gives sums of squares and effect
            sizes; any other kind Wald tests, types 2 and 3.
        level : float, optional
            Of the limits of partial eta squared (noncentral F [1]_).

        Returns
        -------
        DataFrame
            term, df, sumsq, meansq, statistic, p_value, eta_squared,
            partial_eta_squared, conf_low, conf_high, omega_squared,
            partial_omega_squared, epsilon_squared, partial_epsilon_squared,
            cohens_f, the last row Residuals; of Wald tests term, df, df_resid,
            statistic, p_value. Omega and epsilon may be negative; prints show
            zero then.

        References
        ----------
        .. [1] Steiger 2004, doi:10.1037/1082-989X.9.2.164
        """
        return _anova.anova(self._model, type, covariance, self._level(level))

    def means(self, factors, level=None):
        """Estimated marginal means [1]_.

        Parameters
        ----------
        factors : str or list of str
            Factors of the model; several give their crossings.

        Returns
        -------
        DataFrame
            One column a factor, estimate, std_error, df, conf_low, conf_high.
            Other factors weigh equally, numbers stand at their means.

        References
        ----------
        .. [1] Searle, Speed & Milliken 1980, doi:10.1080/00031305.1980.10483031
        """
        return _anova.means(self._model, factors, self._level(level))

    def pairwise(self, factors, adjust="tukey", level=None):
        """Differences of all pairs of estimated marginal means.

        Parameters
        ----------
        factors : str or list of str
        adjust : {"tukey", "none", "bonferroni", "sidak", "holm", "hochberg", "bh", "by"}

        Returns
        -------
        DataFrame
            contrast, estimate, std_error, statistic, df, p_value, adj_p_value,
            conf_low, conf_high; the limits hold together for Tukey,
            Bonferroni and Sidak, else one at a time.
        """
        return _anova.pairwise(self._model, factors, adjust, self._level(level))

    def vif(self):
        """Variance inflation of each term: term, df, gvif, gvif_root, tolerance."""
        return _diagnostics.vif(self._model)

    def diagnostics(self):
        """Rows, clusters and columns that the fit leans on.

        Returns
        -------
        Diagnostics
            Frames rows, dfbetas, terms, columns, condition, clusters (None
            without), and suppression, the terms whose unique share is above
            their share alone.
        """
        return _diagnostics.diagnostics(self._model)

    def wild(self, coefficient, null=0.0, kind="rademacher", replicates=9999, seed=1, level=None):
        """Wild cluster bootstrap of one coefficient, the null imposed [1]_.

        Parameters
        ----------
        coefficient : str
            Its label.
        null : float
            The value tested.
        kind : {"rademacher", "webb"}
        replicates, seed : int
        level : float, optional

        Returns
        -------
        DataFrame
            One row: term, estimate, null, p_value, conf_low, conf_high, kind,
            replicates.

        References
        ----------
        .. [1] Cameron, Gelbach & Miller 2008, doi:10.1162/rest.90.3.414
        """
        m = self._model
        if m.cluster_name is None:
            raise SteelyardError("cluster: the wild bootstrap draws signs for clusters; this fit has none")
        choice("kind", kind, _WILD)
        place, level = _place(coefficient, "coefficient", m.labels), self._level(level)
        replicates, seed = whole("replicates", replicates, 1, _MOST_REPLICATES), whole("seed", seed, 0, 2**64 - 1)
        with Progress(f"wild bootstrap of {coefficient}") as progress:
            p_value, low, high, remarks = _core.vcov_wild(
                m.design, m.tuple, place, real("null", null), _WILD[kind], replicates, seed, level, m.rules["threads"],
                progress)
        frame = pd.DataFrame([(coefficient, m.coefficient[place], float(null), p_value, low, high, kind, replicates)],
                             columns=["term", "estimate", "null", "p_value", "conf_low", "conf_high", "kind",
                                      "replicates"])
        return Wild.of(frame, _linear_print.wild_text(frame, seed, level, remarks))

    def plot(self, kind="coefficients", ax=None):
        """Draw the fit; needs matplotlib.

        Parameters
        ----------
        kind : {"coefficients", "residuals"}
            Coefficients with their limits; residuals against fitted values.
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes
        """
        from . import _linear_plot

        choice("kind", kind, ["coefficients", "residuals"])
        return _linear_plot.draw(kind, self._model, self.to_frame(), ax)


def _place(label, argument, labels):
    if label in labels:
        return labels.index(label)
    return _core.find(argument, str(label), tuple(labels))


def _vector(row, labels):
    """A combination as p numbers."""
    if isinstance(row, (dict, pd.Series)):
        vector = np.zeros(len(labels))
        for label, value in row.items():
            vector[_place(label, "c", labels)] += real("c", value)
        return vector
    vector = np.asarray(row, dtype=np.float64)
    if vector.ndim != 1 or len(vector) != len(labels):
        raise SteelyardError(f"c: {np.size(vector)} columns were given for {len(labels)} coefficients")
    return vector


def _matrix(c, labels):
    """(names, matrix [q, p]) of contrasts however they were written."""
    if isinstance(c, pd.DataFrame):
        return [str(name) for name in c.index], np.array([_vector(row, labels) for _, row in c.iterrows()])
    if isinstance(c, dict):
        names, rows = [str(name) for name in c], list(c.values())
    else:
        try:
            rows = list(np.atleast_2d(np.asarray(c, dtype=np.float64)))
        except (TypeError, ValueError):
            raise SteelyardError("c: a matrix of numbers or a dict of combinations is needed") from None
        names = [f"c{i + 1}" for i in range(len(rows))]
    if not rows:
        raise SteelyardError("c: at least one combination is needed")
    matrix = np.array([_vector(row, labels) for row in rows])
    if not np.isfinite(matrix).all():
        raise SteelyardError("c: a combination holds a value that is not finite")
    return names, matrix
