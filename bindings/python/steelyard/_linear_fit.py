# SPDX-License-Identifier: GPL-3.0-only
"""What fit_linear() answers."""
import pandas as pd

from . import _anova, _core, _diagnostics, _linear_print, _predict
from ._document import Cells
from ._errors import SteelyardError
from ._fit import Fit, place_of, scalar
from ._fit_print import estimate_rows, limited
from ._linear_model import METHODS
from ._options import choice, real, whole
from ._progress import Progress
from ._tables import Wild

_WILD = {"rademacher": 0, "webb": 1}
_MOST_REPLICATES = 10_000_000


class LinearFit(Fit):
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

    _scalars = (*Fit._scalars, "condition", "digits")
    _glance = {"r_squared": "r2", "adj_r_squared": "r2_adjusted", "sigma": "sigma", "statistic": "f", "p_value": "f_p",
               "df": "f_df1", "log_lik": "loglik", "aic": "aic", "bic": "bic", "deviance": "rss",
               "df_residual": "df_resid", "nobs": "n"}

    r2 = scalar("r2")
    r2_adjusted = scalar("r2_adjusted")
    sigma = scalar("sigma")
    rss = scalar("rss")
    tss = scalar("tss")
    f = scalar("f")
    f_df1 = scalar("f_df1")
    f_p = scalar("f_p")
    digits = scalar("digits")
    method = property(lambda self: METHODS[self._model.summary["method"]])

    @property
    def provenance(self):
        return {**super().provenance, "method": self.method}

    fitted = property(lambda self: self._of_rows(0))
    residuals = property(lambda self: self._of_rows(1))
    leverage = property(lambda self: self._of_rows(2))

    def _parts(self, more=0):
        m = self._model
        table = Cells(limited(f"Coefficients of {m.outcome}", m.rules["level"]),
                      estimate_rows(self.to_frame(), "term", more=more))
        return _linear_print.head_lines(m), [table], _linear_print.foot_lines(m, more)

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

        Examples
        --------
        >>> fit = sy.fit_linear("Fertility ~ Education", sy.datasets.load("swiss_1888"))
        >>> fit.predict({"Education": [5, 20]}, interval="confidence").round(2).values.tolist()
        [[75.3, 1.63, 72.02, 78.58], [62.36, 1.9, 58.54, 66.19]]
        """
        if interval is not None:
            choice("interval", interval, ["confidence", "prediction"])
        return _predict.predict(self._model, data, interval, self._level(level))

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

        Raises
        ------
        SteelyardError
            Another type, type 1 with a robust covariance, unknown covariance.

        References
        ----------
        .. [1] Steiger 2004, doi:10.1037/1082-989X.9.2.164

        Examples
        --------
        >>> fit = sy.fit_linear("Fertility ~ Education + Catholic", sy.datasets.load("swiss_1888"))
        >>> fit.anova()[["term", "df", "sumsq"]].round(1).values.tolist()
        [['Education', 1.0, 2580.5], ['Catholic', 1.0, 961.1], ['Residuals', 44.0, 3054.2]]
        """
        return _anova.anova(self._model, type, covariance, self._level(level))

    def means(self, factors, level=None):
        """Estimated marginal means [1]_.

        Parameters
        ----------
        factors : str or list of str
            Factors of the model; several give their crossings.
        level : float, optional
            Of the limits; default the fit's.

        Returns
        -------
        DataFrame
            One column a factor, estimate, std_error, df, conf_low, conf_high.
            Other factors weigh equally, numbers stand at their means.

        Raises
        ------
        SteelyardError
            No such factor in the model.

        References
        ----------
        .. [1] Searle, Speed & Milliken 1980, doi:10.1080/00031305.1980.10483031

        Examples
        --------
        >>> fit = sy.fit_linear("mathematics ~ C(sector) + ses", sy.datasets.load("high_school_beyond_1982"))
        >>> fit.means("sector")["estimate"].round(3).tolist()
        [13.729, 11.794]
        """
        return _anova.means(self._model, factors, self._level(level))

    def pairwise(self, factors, adjust="tukey", level=None):
        """Differences of all pairs of estimated marginal means.

        Parameters
        ----------
        factors : str or list of str
        adjust : {"tukey", "none", "bonferroni", "sidak", "holm", "hochberg", "bh", "by"}
        level : float, optional
            Of the limits; default the fit's.

        Returns
        -------
        DataFrame
            contrast, estimate, std_error, statistic, df, p_value, adj_p_value,
            conf_low, conf_high; the limits hold together for Tukey,
            Bonferroni and Sidak, else one at a time.

        Raises
        ------
        SteelyardError
            No such factor in the model, an unknown adjustment.

        References
        ----------
        Kramer 1956, doi:10.2307/3001469 (Tukey's method with unequal numbers); Holm 1979, Scandinavian Journal of Statistics 6, 65-70.

        Examples
        --------
        >>> fit = sy.fit_linear("mathematics ~ C(sector) + ses", sy.datasets.load("high_school_beyond_1982"))
        >>> fit.pairwise("sector")[["contrast", "estimate"]].round(3).values.tolist()
        [['catholic - public', 1.935]]
        """
        return _anova.pairwise(self._model, factors, adjust, self._level(level))

    def vif(self):
        """Variance inflation of each term: term, df, gvif, gvif_root, tolerance.

        Returns
        -------
        DataFrame
            One row a term; gvif_root = gvif ** (1 / (2 df)) [1]_, comparable over terms.

        References
        ----------
        .. [1] Fox & Monette 1992, doi:10.1080/01621459.1992.10475190

        Examples
        --------
        >>> fit = sy.fit_linear("Fertility ~ Education + Examination", sy.datasets.load("swiss_1888"))
        >>> fit.vif()[["term", "gvif"]].round(3).values.tolist()
        [['Education', 1.952], ['Examination', 1.952]]
        """
        return _diagnostics.vif(self._model)

    def diagnostics(self):
        """Rows, clusters and columns that the fit leans on.

        Returns
        -------
        Diagnostics
            Frames rows, dfbetas, terms, columns, condition, clusters (None
            without), and suppression, the terms whose unique share is above
            their share alone.

        Examples
        --------
        >>> fit = sy.fit_linear("Fertility ~ Education + Catholic", sy.datasets.load("swiss_1888"))
        >>> fit.diagnostics().rows.shape[0]
        47
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

        Raises
        ------
        SteelyardError
            A fit without clusters, a coefficient that is not there, an unknown kind.

        References
        ----------
        .. [1] Cameron, Gelbach & Miller 2008, doi:10.1162/rest.90.3.414

        Examples
        --------
        >>> schools = sy.datasets.load("california_schools_1998")
        >>> fit = sy.fit_linear("score ~ str + english", schools, cluster="county")
        >>> found = fit.wild("str", replicates=999)
        >>> round(float(found["p_value"][0]), 3)
        0.189
        """
        m = self._model
        if m.cluster_name is None:
            raise SteelyardError("cluster: the wild bootstrap draws signs for clusters; this fit has none")
        choice("kind", kind, _WILD)
        place, level = place_of(coefficient, "coefficient", m.labels), self._level(level)
        replicates, seed = whole("replicates", replicates, 1, _MOST_REPLICATES), whole("seed", seed, 0, 2**64 - 1)
        with Progress(f"wild bootstrap of {coefficient}") as progress:
            p_value, low, high, remarks = _core.vcov_wild(
                m.design, m.tuple, place, real("null", null), _WILD[kind], replicates, seed, level, m.rules["threads"],
                progress)
        frame = pd.DataFrame([(coefficient, m.coefficient[place], float(null), p_value, low, high, kind, replicates)],
                             columns=["term", "estimate", "null", "p_value", "conf_low", "conf_high", "kind",
                                      "replicates"])
        return Wild.of(frame, _linear_print.wild_document(frame, seed, level, remarks))

    def plot(self, kind="coefficients", ax=None):
        """Draw the fit; needs matplotlib.

        Parameters
        ----------
        kind : {"coefficients", "residuals", "qq"}
            Coefficients with their limits; residuals against fitted values;
            standardised residuals against what normal ones would be.
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
        >>> fit = sy.fit_linear("Fertility ~ Education + Catholic", sy.datasets.load("swiss_1888"))
        >>> ax = fit.plot("residuals")
        """
        from . import _linear_plot

        choice("kind", kind, ["coefficients", "residuals", "qq"])
        return _linear_plot.draw(kind, self._model, self.to_frame(), ax)
