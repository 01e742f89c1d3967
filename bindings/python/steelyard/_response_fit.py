# SPDX-License-Identifier: GPL-3.0-only
"""What fit_binary(), fit_count() and fit_ordinal() answer."""
import numpy as np
import pandas as pd

from . import _effects, _response_predict, _response_print
from ._errors import SteelyardError
from ._fit import Fit, scalar
from ._options import choice
from ._outcomes import LINKS, ORDINAL
from ._response_model import COVARIANCES
from ._tables import Table

_TYPES = {2: 2, 3: 3, "2": 2, "3": 3, "II": 2, "III": 3}
_TESTS = {"lr": 0, "wald": 1, "score": 2}
_PROPORTIONAL = {"brant": 0, "lr": 1, "spread": 2}
_RESIDUALS = {"response": 0, "pearson": 1, "deviance": 2, "probability": 3}
_MEASURES = ("mcfadden", "mcfadden_adjusted", "cox_snell", "nagelkerke", "estrella", "tjur", "efron",
             "mckelvey_zavoina", "deviance")


class TermTests(Table):
    """Tests of terms: one row a term."""


class Explained(Table):
    """Measures of what a model explains, each under its own name: one row a measure."""


class ResponseFit(Fit):
    """What fits by maximum likelihood have in common."""

    _scalars = (*Fit._scalars, "iterations", "last_step", "condition")
    _glance = {"log_lik": "loglik", "log_lik_null": "loglik_null", "aic": "aic", "bic": "bic", "deviance": "deviance",
               "df_residual": "df_resid", "statistic": "lr", "df": "lr_df", "p_value": "lr_p", "nobs": "n"}

    loglik_null = scalar("loglik_null", "Of intercept or thresholds alone, the offset kept.")
    deviance = scalar("deviance")
    pearson = scalar("pearson")
    lr = scalar("lr", "Likelihood ratio of all terms together.")
    lr_df = scalar("lr_df")
    lr_p = scalar("lr_p")
    iterations = scalar("iterations", "Newton steps.")
    last_step = scalar("last_step", "The last Newton step, relative.")
    converged = property(lambda self: bool(self._model.summary["converged"]))
    separated = property(lambda self: bool(self._model.summary["separated"]))
    link = property(lambda self: next(name for name, n in LINKS.items() if n == self._model.rules["link"]))
    linear = property(lambda self: self._of_rows(0), doc="The linear predictor of each row.")

    def _parts(self, more=0):
        m = self._model
        return (_response_print.head_lines(m), _response_print.tables(m, self.to_frame(), more),
                _response_print.foot_lines(m, more))

    @property
    def fitted(self):
        return self.predict()

    @property
    def residuals(self):
        return self.residual()

    def residual(self, kind="response"):
        """Residuals of the fit's rows.

        Parameters
        ----------
        kind : {"response", "pearson", "deviance", "probability"}
            Outcome less its mean (of ordered answers: of their places);
            that over its standard deviation; the signed root of the row's
            part in the deviance (binary and counts); P(Y < y) - P(Y > y)
            (ordinal [1]_).

        Returns
        -------
        Series
            NaN for rows not used.

        Raises
        ------
        SteelyardError
            Another kind, or one that the outcome does not have.

        References
        ----------
        .. [1] Li & Shepherd 2012, doi:10.1093/biomet/asr073

        Examples
        --------
        >>> fit = sy.fit_binary("am ~ wt", sy.datasets.load("motor_trend_1974"))
        >>> fit.residual("deviance").head(3).round(3).tolist()
        [0.635, 0.985, 0.36]
        """
        kinds = ("response", "pearson", "probability" if self._model.kind == ORDINAL else "deviance")
        choice("kind", kind, kinds)
        return pd.Series(self._model.residuals(_RESIDUALS[kind]), self._model.index, name=kind)

    def predict(self, data=None, kind="response", interval=None, level=None):
        """Predictions, of the fit's rows or of new ones.

        Parameters
        ----------
        data : DataFrame or dict of columns, optional
            New rows, with the fit's offset if it has one; factor levels are
            matched by name. Default the fit's rows.
        kind : str
            ``"response"``: probability of the event, expected count, or
            ordinal probabilities; ``"linear"``: the linear predictor;
            ``"probabilities"`` of each answer; ``"cumulative"``: of each
            answer or a lower one; ``"category"``: the likeliest answer;
            ``"mean"``: the mean place of ordered answers.
        interval : {None, "confidence"}
        level : float, optional

        Returns
        -------
        Series, or DataFrame with a column an answer
            With an interval: fitted, std_error, conf_low, conf_high, and a
            row for each answer. NaN for rows with a missing value. Errors by
            the delta method; limits of probabilities stay between 0 and 1.

        Raises
        ------
        SteelyardError
            A missing column, a level that the fit has not seen.

        Examples
        --------
        >>> fit = sy.fit_binary("am ~ wt", sy.datasets.load("motor_trend_1974"))
        >>> fit.predict({"wt": [2.5, 3.5]}).round(3).tolist()
        [0.879, 0.115]
        """
        return _response_predict.predict(self._model, data, kind, interval, self._level(level))

    def anova(self, type=2, test=None, covariance=None):
        """Tests of the terms.

        Parameters
        ----------
        type : {2, 3}
            Each term given those that do not contain it; each given all
            others (with sum-to-zero coding, whatever the fit's).
        test : {"lr", "wald", "score"}
            Twice the gain in log-likelihood; by the covariance; derivatives
            at the fit without the term [1]_. Default ``"lr"`` with the
            classical covariance, else ``"wald"``.
        covariance : str, optional
            Of Wald tests; default the fit's.

        Returns
        -------
        DataFrame
            term, df, df_resid, statistic (on the scale of chi squared),
            p_value.

        Raises
        ------
        SteelyardError
            Another type or test; a likelihood ratio with robust covariance.

        References
        ----------
        .. [1] Rao 1948, doi:10.1017/S0305004100023987

        Examples
        --------
        >>> fit = sy.fit_binary("am ~ wt + hp", sy.datasets.load("motor_trend_1974"))
        >>> fit.anova()[["term", "statistic"]].round(2).values.tolist()
        [['wt', 31.17], ['hp', 9.12]]
        """
        m = self._model
        if isinstance(type, bool) or not isinstance(type, (int, str)) or type not in _TYPES:
            raise SteelyardError(f"type: {type} is not one of 2, 3")
        own = m.rules["covariance"]
        test = choice("test", ("lr" if own == "classical" else "wald") if test is None else test, _TESTS)
        if covariance is not None:
            if test != "wald":
                raise SteelyardError(f'covariance: test = "{test}" uses none; ask for test = "wald"')
            choice("covariance", covariance, COVARIANCES)
            if covariance.startswith("CR") and m.cluster_name is None:
                raise SteelyardError(f'covariance: "{covariance}" needs clusters; name them in cluster')
        covariance, number = covariance or own, _TYPES[type]
        table, remarks = m.term_tests(_TESTS[test], number, covariance)
        frame = pd.DataFrame(table, columns=("df", "df_resid", "statistic", "p_value"))
        frame.insert(0, "term", m.term_labels)
        return TermTests.of(frame, _response_print.tests_document(m, frame, test, number, covariance, remarks), remarks)

    def effects(self, variables=None, kind=None, at_least=None, change=None, at=None, at_means=False, level=None):
        """Average marginal effects [1]_.

        Parameters
        ----------
        variables : str or list of str, optional
            Columns of the data; default all of the model. Every term that
            holds one moves with it.
        kind : str, optional
            Ordinal: ``"probabilities"`` (default) of each answer,
            ``"cumulative"``, or ``"mean"`` place.
        at_least : level, optional
            Ordinal: the probability of this answer or a higher one.
        change : dict, optional
            variable -> step (everybody by as much more) or (from, to).
            Default: of numbers the derivative, of factors each level against
            the first, of truth values true against false.
        at : dict, optional
            variable -> value at which it is held in all rows first.
        at_means : bool
            At one row of means and most frequent levels instead of averaging.
        level : float, optional

        Returns
        -------
        DataFrame
            variable, contrast, category where there are several, estimate,
            std_error, statistic, df, p_value, conf_low, conf_high. Errors by
            the delta method.

        Raises
        ------
        SteelyardError
            A variable that is not in the model, an answer or a level that is not there.

        References
        ----------
        .. [1] Hanmer & Kalkan 2013, doi:10.1111/j.1540-5907.2012.00602.x

        Examples
        --------
        >>> fit = sy.fit_binary("am ~ wt + hp", sy.datasets.load("motor_trend_1974"))
        >>> fit.effects()[["variable", "estimate"]].round(4).values.tolist()
        [['wt', -0.3596], ['hp', 0.0016]]
        """
        return _effects.effects(self._model, variables, kind, at_least, (change, at, at_means, self._level(level)))

    def risk_ratios(self, variable, at_least=None, change=None, at=None, level=None):
        """Ratios and differences of average risks, by standardisation over the rows [1]_.

        Parameters
        ----------
        variable : str
            A column: each level against the first; numbers one more, or as
            in `change`.
        at_least : level
            Needed for ordinal outcomes: the risk is the probability of this
            answer or a higher one.
        change, at : dict, optional
            As in :meth:`effects`.
        level : float, optional

        Returns
        -------
        DataFrame
            variable, contrast, before, after, ratio, p_value, conf_low,
            conf_high, difference, difference_low, difference_high. Counts:
            ratios of expected counts.

        Raises
        ------
        SteelyardError
            As :meth:`effects`; ordered answers without `at_least`.

        References
        ----------
        .. [1] Muller & MacLehose 2014, doi:10.1093/ije/dyu029

        Examples
        --------
        >>> fit = sy.fit_binary("am ~ wt", sy.datasets.load("motor_trend_1974"))
        >>> fit.risk_ratios("wt")[["before", "after", "ratio"]].round(3).values.tolist()
        [[0.406, 0.129, 0.319]]
        """
        return _effects.risks(self._model, variable, at_least, (change, at, False, self._level(level)))

    def _exponents(self, called, level):
        level, m = self._level(level), self._model
        ratio, low, high = m.ratios(level)
        shown = ~np.isnan(ratio)
        frame = pd.DataFrame({"term": np.array(m.labels, dtype=object)[shown], "ratio": ratio[shown],
                              "conf_low": low[shown], "conf_high": high[shown]})
        return _effects.Ratios.of(frame, _response_print.ratios_document(m, frame, called, level))

    def explained(self):
        """What the model explains, by measures under their own names.

        Returns
        -------
        DataFrame
            measure, value: McFadden [1]_ and with parameters taken off,
            Cox and Snell [2]_, Nagelkerke [3]_, Estrella [4]_, Tjur [5]_,
            Efron, McKelvey and Zavoina [6]_, of the deviance; NaN where a
            measure is not defined for the outcome.

        References
        ----------
        .. [1] McFadden 1974, in Zarembka, Frontiers in Econometrics, 105-142
        .. [2] Cox & Snell 1989, doi:10.1201/9781315137391
        .. [3] Nagelkerke 1991, doi:10.1093/biomet/78.3.691
        .. [4] Estrella 1998, doi:10.1080/07350015.1998.10524753
        .. [5] Tjur 2009, doi:10.1198/tast.2009.08210
        .. [6] McKelvey & Zavoina 1975, doi:10.1080/0022250X.1975.9989847

        Examples
        --------
        >>> fit = sy.fit_binary("am ~ wt", sy.datasets.load("motor_trend_1974"))
        >>> fit.explained().head(1).round(4).values.tolist()
        [['mcfadden', 0.5564]]
        """
        found, remarks = self._model.explained()
        frame = pd.DataFrame({"measure": _MEASURES, "value": [found[name] for name in _MEASURES]})
        return Explained.of(frame, _response_print.explained_document(self._model, frame), remarks)

    def plot(self, kind="coefficients", variable=None, at_least=None, ax=None):
        """Draw the fit; needs matplotlib.

        Parameters
        ----------
        kind : {"coefficients", "effects", "probabilities"}
            Coefficients with their limits; average marginal effects;
            predictions averaged over the rows, with everybody at each value
            of a variable.
        variable : str, optional
            For "probabilities"; default the model's first.
        at_least : level, optional
            Ordinal: the probability of this answer or a higher one.
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        SteelyardError
            Another kind, a variable that is not in the model.
        ImportError
            matplotlib is not installed.

        Examples
        --------
        >>> fit = sy.fit_binary("am ~ wt", sy.datasets.load("motor_trend_1974"))
        >>> ax = fit.plot("probabilities")
        """
        from . import _response_plot

        choice("kind", kind, ["coefficients", "effects", "probabilities"])
        return _response_plot.draw(kind, self, variable, at_least, ax)


class BinaryFit(ResponseFit):
    """A model of two answers, fitted by maximum likelihood.

    Read-only; frames and series are copies. It pickles, with the columns of
    the model.

    Attributes
    ----------
    params, std_error, df, pvalues : Series
        By coefficient; NaN where aliased. ``df`` is infinite where the test
        is normal.
    cov : DataFrame
        Covariance of the coefficients, of the kind ``covariance``.
    n, rows_used, df_resid, rank : numbers
        Rows by the weight rule and as they lie, degrees of freedom left,
        coefficients not aliased.
    loglik, loglik_null, deviance, pearson, aic, bic : float
    lr, lr_df, lr_p : float
        Likelihood ratio of all terms together.
    iterations, last_step, converged, separated, condition :
        How Newton's method ended.
    formula, outcome, link, aliased, covariance : str, list of str
    fitted, linear, residuals : Series
        One value a row of the data; NaN for rows not used.
    remarks : DataFrame
        code, term, value, text.
    provenance : dict
        Version, options, counts of rows.
    """

    def odds_ratios(self, level=None):
        """exp of the coefficients, odds ratios under the logit link.

        Parameters
        ----------
        level : float, optional

        Returns
        -------
        DataFrame
            term, ratio, conf_low, conf_high; without the intercept.

        Raises
        ------
        SteelyardError
            A level outside 0 to 1.

        Examples
        --------
        >>> fit = sy.fit_binary("am ~ wt", sy.datasets.load("motor_trend_1974"))
        >>> fit.odds_ratios()[["term", "ratio"]].round(4).values.tolist()
        [['wt', 0.0179]]
        """
        if self.link != "logit":
            raise SteelyardError(f"odds_ratios: exp of a coefficient is an odds ratio under the logit link; this is "
                                 f"{self.link}, ask for risk_ratios()")
        return self._exponents("Odds ratios", level)


class CountFit(ResponseFit):
    """A model of counts, fitted by maximum likelihood.

    As :class:`BinaryFit`, and

    Attributes
    ----------
    theta, theta_std_error : float
        Of the negative binomial, whose variance is mu + mu**2 / theta; NaN
        for Poisson.
    """

    theta = scalar("theta")
    theta_std_error = scalar("theta_std_error")

    def rate_ratios(self, level=None):
        """exp of the coefficients: ratios of expected counts.

        Parameters
        ----------
        level : float, optional

        Returns
        -------
        DataFrame
            term, ratio, conf_low, conf_high; without the intercept.

        Raises
        ------
        SteelyardError
            A level outside 0 to 1.

        Examples
        --------
        >>> fit = sy.fit_count("carb ~ hp", sy.datasets.load("motor_trend_1974"))
        >>> fit.rate_ratios()[["term", "ratio"]].round(4).values.tolist()
        [['hp', 1.0055]]
        """
        return self._exponents("Rate ratios", level)


class OrdinalFit(ResponseFit):
    """A cumulative link model, fitted by maximum likelihood.

    As :class:`BinaryFit`; ``params`` holds the thresholds first, then the
    coefficients; ``fitted`` is a DataFrame of probabilities, and

    Attributes
    ----------
    levels : list of str
        The outcome's levels in use, lowest first.
    """

    odds_ratios = BinaryFit.odds_ratios
    levels = property(lambda self: list(self._model.answers))

    def proportional(self, test="brant"):
        """Is the effect of a term the same at each threshold?

        Parameters
        ----------
        test : {"brant", "lr", "spread"}
            Brant's Wald test from separate binary fits [1]_; the likelihood
            ratio against the term's nominal effects; or against its effect
            on the spread.

        Returns
        -------
        DataFrame
            term, statistic, df, p_value; the last row is all terms together.

        Raises
        ------
        SteelyardError
            Another test.

        References
        ----------
        .. [1] Brant 1990, doi:10.2307/2532457

        Examples
        --------
        >>> fit = sy.fit_ordinal("rating ~ C(contact)", sy.datasets.load("wine_1989"))
        >>> list(fit.proportional("lr").columns)
        ['term', 'statistic', 'df', 'p_value']
        """
        m = self._model
        choice("test", test, _PROPORTIONAL)
        table, remarks = m.proportional(_PROPORTIONAL[test])
        frame = pd.DataFrame(table, columns=("statistic", "df", "p_value"))
        frame.insert(0, "term", m.terms + ["all together"])
        return TermTests.of(frame, _response_print.proportional_document(m, frame, test, remarks), remarks)
