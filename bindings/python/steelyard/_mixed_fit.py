# SPDX-License-Identifier: GPL-3.0-only
"""What fit_mixed() answers."""
import math

import numpy as np
import pandas as pd

from . import _core, _mixed_anova, _mixed_predict, _mixed_print
from ._errors import SteelyardError, warn_of
from ._fit import Fit, scalar
from ._options import choice, real, whole, with_article
from ._outcomes import ORDINAL
from ._response_print import tables
from ._tables import Limits, Ranef

_MOST_DRAWS = 1_000_000
_METHODS = ("wald", "profile", "bootstrap")


class MixedFit(Fit):
    """A model with effects that vary by group.

    Read-only; frames and series are copies. It pickles, with the columns of
    the model.

    Attributes
    ----------
    params, std_error, df, pvalues : Series
        Of the fixed part, by coefficient (ordinal: thresholds first); NaN where
        aliased. Degrees of freedom are computed when first asked for.
    cov : DataFrame
        Covariance of the fixed part.
    variance : DataFrame
        group, effect, effect_2, variance (a covariance where effect_2 is
        another), sd, correlation; the last row of a linear model "Residual".
    sigma, theta, theta_count : float, Series, float
        Residual standard deviation; entries of the relative Cholesky factors,
        as lme4's; spread of negative binomial counts.
    loglik, criterion, aic, bic : float
        The criterion is -2 log-likelihood, restricted where reml.
    n, rows_used, df_resid, rank, formula, outcome, aliased : as in fit_linear
    converged, condition : bool, float
        How the search ended, and the condition of the scaled columns.
    groups : dict of group -> number of levels
    fitted, residuals : Series, or DataFrame of categories (ordinal)
        With the effects of the groups; NaN for rows not used.
    remarks : DataFrame
    provenance : dict
    """

    _scalars = (*Fit._scalars, "iterations", "last_step", "converged", "boundary")
    _glance = {"sigma": "sigma", "log_lik": "loglik", "criterion": "criterion", "aic": "aic", "bic": "bic",
               "df_residual": "df_resid", "nobs": "n"}
    condition = None

    sigma = scalar("sigma", "Residual standard deviation; NaN where the model is not linear.")
    criterion = scalar("criterion", "-2 log-likelihood, restricted where reml.")
    theta_count = scalar("theta_count", "Of the negative binomial: variance mu + mu^2 / theta.")
    converged = property(lambda self: bool(self._model.summary["converged"]))

    @property
    def theta(self):
        m = self._model
        names = [f"{bar.group}: {bar.effects[i]}{'' if i == j else ', ' + bar.effects[j]}"
                 for bar in m.bars for j in range(bar.q) for i in range(j, j + 1 if bar.diagonal else bar.q)]
        return pd.Series(m.theta.copy(), names)

    @property
    def groups(self):
        return {bar.group: len(bar.levels) for bar in self._model.bars}

    @property
    def variance(self):
        m, rows = self._model, []
        for bar in m.bars:
            block = m.block(bar)
            sd = np.sqrt(np.diag(block))
            rows += [(bar.group, effect, "", block[i, i], sd[i], math.nan) for i, effect in enumerate(bar.effects)]
            if not bar.diagonal:
                rows += [(bar.group, bar.effects[j], bar.effects[i], block[i, j], math.nan,
                          block[i, j] / (sd[i] * sd[j]) if sd[i] > 0 and sd[j] > 0 else math.nan)
                         for j in range(bar.q) for i in range(j + 1, bar.q)]
        if m.linear:
            rows.append(("Residual", "", "", self.sigma**2, self.sigma, math.nan))
        return pd.DataFrame(rows, columns=["group", "effect", "effect_2", "variance", "sd", "correlation"])

    @property
    def fitted(self):
        values, index = self._model.rows()[1], self._model.index
        if self._model.kind == ORDINAL:
            return pd.DataFrame(values.copy(), index, list(self._model.answers))
        return pd.Series(values[:, 0].copy(), index)

    @property
    def residuals(self):
        """Outcome less fitted value (binary: the rate); not for ordered answers."""
        return pd.Series(self._model.residual(), self._model.index)

    def _parts(self, more=0):
        m = self._model
        return (_mixed_print.head_lines(m), [_mixed_print.variance_table(m), *tables(m, self.to_frame(), more)],
                _mixed_print.foot_lines(m, more))

    def conf_int(self, level=None, method="wald", replicates=1000, seed=1):
        """Limits of the parameters.

        Parameters
        ----------
        level : float, optional
        method : {"wald", "profile", "bootstrap"}
            Wald limits of the fixed part by its degrees of freedom; profile
            likelihood (by maximum likelihood) or parametric bootstrap of
            standard deviations, correlations and fixed part in linear models.
        replicates, seed : int
            Of the bootstrap.

        Returns
        -------
        DataFrame
            conf_low, conf_high by parameter.

        Raises
        ------
        SteelyardError
            Another method; profile and bootstrap of a model that is not linear.

        Examples
        --------
        >>> schools = sy.datasets.load("high_school_beyond_1982")
        >>> fit = sy.fit_mixed("mathematics ~ ses + (1 | school)", schools)
        >>> fit.conf_int().loc["ses"].round(2).tolist()
        [2.18, 2.6]
        """
        if choice("method", method, _METHODS) == "wald":
            return super().conf_int(level)
        frame = self.profile(level) if method == "profile" else self.bootstrap(replicates, seed, level)
        return pd.DataFrame(frame).set_index("parameter")[["conf_low", "conf_high"]].rename_axis(None)

    def profile(self, level=None, parameters=None):
        """Profile likelihood limits [1]_.

        Parameters
        ----------
        level : float, optional
        parameters : str or list of str, optional
            ``"sd[g:(Intercept)]"``, ``"cor[g:(Intercept),x]"``,
            ``"sd[Residual]"``, coefficients; default all.

        Returns
        -------
        DataFrame
            parameter, estimate, conf_low, conf_high, all by maximum likelihood.

        Raises
        ------
        SteelyardError
            A model that is not linear, a parameter that is not there.

        References
        ----------
        .. [1] Bates, Maechler, Bolker & Walker 2015, doi:10.18637/jss.v067.i01

        Examples
        --------
        >>> schools = sy.datasets.load("high_school_beyond_1982")
        >>> fit = sy.fit_mixed("mathematics ~ ses + (1 | school)", schools)
        >>> found = fit.profile(parameters="sd[school:(Intercept)]")
        >>> found[["estimate", "conf_low", "conf_high"]].round(2).values.tolist()
        [[2.17, 1.9, 2.49]]
        """
        m, level = self._linear("profile likelihood"), self._level(level)
        labels = m.parameters()
        asked = labels if parameters is None else [parameters] if isinstance(parameters, str) else list(parameters)
        which = tuple(_core.find("parameters", str(name), labels) for name in asked)
        table, remarks = m.profile(level, which)
        frame = pd.DataFrame(table[:, list(which)].T, columns=["estimate", "conf_low", "conf_high"])
        frame.insert(0, "parameter", [labels[i] for i in which])
        warn_of(remarks, stacklevel=3)
        return Limits.of(frame, _mixed_print.limits_document(m, frame, level, "profile likelihood, by maximum likelihood",
                                                         remarks), remarks)

    def bootstrap(self, replicates=1000, seed=1, level=None):
        """Parametric bootstrap: outcomes drawn from the model, fitted again.

        Parameters
        ----------
        replicates, seed : int
        level : float, optional

        Returns
        -------
        DataFrame
            parameter, estimate, std_error, conf_low, conf_high (percentiles);
            attribute replicates, a frame with one column a parameter.

        Raises
        ------
        SteelyardError
            A model that is not linear.

        References
        ----------
        .. [1] Davison & Hinkley 1997, doi:10.1017/CBO9780511802843

        Examples
        --------
        >>> schools = sy.datasets.load("high_school_beyond_1982")
        >>> fit = sy.fit_mixed("mathematics ~ ses + (1 | school)", schools)
        >>> fit.bootstrap(replicates=50)["parameter"].tolist()
        ['sd[school:(Intercept)]', 'sd[Residual]', '(Intercept)', 'ses']
        """
        m, level = self._linear("the bootstrap"), self._level(level)
        replicates, seed = whole("replicates", replicates, 2, _MOST_DRAWS), whole("seed", seed, 0, 2**64 - 1)
        table, every, boundary, remarks = m.bootstrap(replicates, seed, level)
        labels = m.parameters()
        frame = pd.DataFrame({"parameter": labels, "estimate": table[0], "std_error": table[3], "conf_low": table[1],
                              "conf_high": table[2]})
        how = (f"percentiles of {replicates} parametric bootstrap fits, seed {seed}"
               + (f"; {boundary} with a variance of 0" if boundary else ""))
        return Limits.of(frame, _mixed_print.limits_document(m, frame, level, how, remarks), remarks,
                         pd.DataFrame(every, columns=labels))

    def _linear(self, what):
        if not self._model.linear:
            raise SteelyardError(f"method: {what} is for linear models; this is {with_article(self._model.called)}")
        return self._model

    def icc(self, level=None, method="auto"):
        """Intraclass correlations with limits.

        Parameters
        ----------
        level : float, optional
        method : {"auto", "delta", "profile", "exact"}
            Auto: exact (F) for a linear model with one random intercept, else
            by the delta method on the scale of log(icc / (1 - icc)). Exact limits
            assume normal effects and rows; an estimate outside is remarked on.

        Returns
        -------
        DataFrame
            group ("all" groups together last, where there are several),
            estimate, std_error, conf_low, conf_high: the variance of the
            group's effects (their mean over the rows) over that of all groups
            and what is left [1]_. ``r2()`` has it over the whole variance.

        Raises
        ------
        SteelyardError
            A method that the model does not have.

        References
        ----------
        .. [1] Nakagawa, Johnson & Schielzeth 2017, doi:10.1098/rsif.2017.0213

        Examples
        --------
        >>> schools = sy.datasets.load("high_school_beyond_1982")
        >>> fit = sy.fit_mixed("mathematics ~ (1 | school)", schools)
        >>> fit.icc()[["group", "estimate"]].round(3).values.tolist()
        [['school', 0.18]]
        """
        m, level = self._model, self._level(level)
        choice("method", method, ("auto", "delta", "profile", "exact"))
        if method == "auto":
            method = "exact" if m.linear and len(m.bars) == 1 and m.bars[0].effects == ("(Intercept)",) else "delta"
        bars = [*range(len(m.bars)), *([-1] if len(m.bars) > 1 else [])]
        found = [m.icc(bar, method, level) for bar in bars]
        frame = pd.DataFrame([one for one, _ in found], columns=["estimate", "std_error", "conf_low", "conf_high"])
        frame.insert(0, "group", ["all" if bar < 0 else m.bars[bar].group for bar in bars])
        remarks = tuple(dict.fromkeys(remark for _, more in found for remark in more))
        return Limits.of(frame, _mixed_print.icc_document(m, frame, level, method, remarks), remarks)

    def r2(self):
        """Marginal and conditional R2 [1]_ [2]_ and the variances they are made of.

        Returns
        -------
        Series
            marginal, conditional, icc_adjusted, icc_unadjusted, then the
            variance of the fixed part, of each group, of what is left, and in all.

        References
        ----------
        .. [1] Nakagawa & Schielzeth 2013, doi:10.1111/j.2041-210x.2012.00261.x
        .. [2] Johnson 2014, doi:10.1111/2041-210X.12225

        Examples
        --------
        >>> schools = sy.datasets.load("high_school_beyond_1982")
        >>> fit = sy.fit_mixed("mathematics ~ ses + (1 | school)", schools)
        >>> fit.r2()[["marginal", "conditional"]].round(3).tolist()
        [0.077, 0.182]
        """
        whole_, variance, _ = self._model.explained()
        keys = ("marginal", "conditional", "icc_adjusted", "icc_unadjusted")
        groups = {f"variance {bar.group}": value for bar, value in zip(self._model.bars, variance)}
        return pd.Series({**{key: whole_[key] for key in keys}, "variance fixed": whole_["fixed"], **groups,
                          "variance residual": whole_["residual"], "variance total": whole_["total"]})

    def ranef(self, level=None, ranks=False, top=0.1, draws=10000, seed=1):
        """Shrunken effects of the groups: the council league table.

        Parameters
        ----------
        level : float, optional
            Of limits and rank intervals.
        ranks : bool
            Whether ranks are wanted, by draws from the effects' joint
            distribution given the data [1]_.
        top : float
            What part of the groups is called the top (and the bottom).
        draws, seed : int

        Returns
        -------
        DataFrame
            group, level, effect, estimate, std_error, conf_low, conf_high; with
            ranks also expected_rank, rank_low, rank_high (1 is the smallest
            effect), p_top, p_bottom, reliability.

        Raises
        ------
        SteelyardError
            A part outside 0 to 1, a level outside 0 to 1.

        References
        ----------
        .. [1] Goldstein & Spiegelhalter 1996, doi:10.2307/2983325

        Examples
        --------
        >>> schools = sy.datasets.load("high_school_beyond_1982")
        >>> fit = sy.fit_mixed("mathematics ~ ses + (1 | school)", schools)
        >>> fit.ranef().sort_values("estimate").tail(1)[["level", "estimate"]].round(2).values.tolist()
        [['3427', 5.78]]
        """
        m, level = self._model, self._level(level)
        how = (whole("draws", draws, 100, _MOST_DRAWS), whole("seed", seed, 0, 2**64 - 1), level, real("top", top))
        if not 0 < how[3] <= 0.5:
            raise SteelyardError(f"top: {how[3]:.15g} is not above 0 and at most 0.5")
        frame = pd.concat([_effects(m, i, e, level, how if ranks else None)
                           for i, bar in enumerate(m.bars) for e in range(bar.q)], ignore_index=True)
        return Ranef.of(frame, _mixed_print.ranef_document(m, frame, how, ranks))

    def predict(self, data=None, effects=True, kind="response"):
        """Predictions for the fit's rows or new ones.

        Parameters
        ----------
        data : DataFrame or dict of columns, optional
        effects : bool
            With the effects of the groups; those of levels that the fit has not
            seen are 0. Else of the fixed part alone.
        kind : {"response", "linear"}
            Means (ordinal: probabilities of the answers), or the linear
            predictor.

        Returns
        -------
        Series, or DataFrame of answers

        Raises
        ------
        SteelyardError
            A missing column, a level that the fit has not seen in a factor.

        Examples
        --------
        >>> schools = sy.datasets.load("high_school_beyond_1982")
        >>> fit = sy.fit_mixed("mathematics ~ ses + (1 | school)", schools)
        >>> fit.predict({"ses": [-1, 1]}, effects=False).round(2).tolist()
        [10.27, 15.05]
        """
        return _mixed_predict.predict(self._model, data, effects, choice("kind", kind, ("response", "linear")))

    def anova(self, type=2, df=None):
        """F tests of the terms of the fixed part (Wald tests where the model is not linear).

        Parameters
        ----------
        type : {1, 2, 3}
        df : {"satterthwaite", "kenward-roger", "normal"}, optional
            Default the fit's.

        Returns
        -------
        DataFrame
            term, df, df_resid, statistic, p_value.

        Raises
        ------
        SteelyardError
            Another type, unknown degrees of freedom.

        References
        ----------
        .. [1] Satterthwaite 1946, doi:10.2307/3002019
        .. [2] Kenward & Roger 1997, doi:10.2307/2533558

        Examples
        --------
        >>> schools = sy.datasets.load("high_school_beyond_1982")
        >>> fit = sy.fit_mixed("mathematics ~ ses + C(sector) + (1 | school)", schools)
        >>> fit.anova()[["term", "statistic"]].round(1).values.tolist()
        [['ses', 506.7], ['factor(sector)', 37.9]]
        """
        return _mixed_anova.anova(self._model, type, df)

    def plot(self, kind="league", group=None, effect=None, named=None, ax=None):
        """Draw the fit; needs matplotlib.

        Parameters
        ----------
        kind : {"league", "funnel", "coefficients", "qq"}
            Shrunken effects of the groups in order with their limits; the
            groups' own effects, unshrunken, against their precision, within
            what chance alone would give [1]_; coefficients; shrunken effects
            against what normal ones would be.
        group, effect : str, optional
            Which; default the first.
        named : list of str, optional
            Groups whose names are written in a league of more than 40; default
            the three at each end. In a funnel besides those beyond its limits.
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        SteelyardError
            A funnel of effects whose variance is 0.
        ImportError
            Without matplotlib.

        References
        ----------
        .. [1] Spiegelhalter 2005, doi:10.1002/sim.1970

        Examples
        --------
        >>> schools = sy.datasets.load("high_school_beyond_1982")
        >>> ax = sy.fit_mixed("mathematics ~ ses + (1 | school)", schools).plot()
        """
        from . import _mixed_plot

        choice("kind", kind, ("league", "funnel", "coefficients", "qq"))
        return _mixed_plot.draw(kind, self, ax, (group, effect, named))

    def league_plot(self, group=None, effect=None, named=None, ax=None):
        """plot("league").

        Parameters
        ----------
        group : str, optional
        effect : str, optional
            Which; default the first.
        named : list of str, optional
            Levels written beside their dots where there are over 40.
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        SteelyardError
            A group or effect that is not there.
        ImportError
            Without matplotlib.

        Examples
        --------
        >>> schools = sy.datasets.load("high_school_beyond_1982")
        >>> ax = sy.fit_mixed("mathematics ~ ses + (1 | school)", schools).league_plot()
        """
        return self.plot("league", group, effect, named, ax)


def _effects(model, place, effect, level, how):
    """The frame of one effect of a bar term."""
    bar = model.bars[place]
    estimate = model.modes[bar.modes].reshape(len(bar.levels), bar.q)[:, effect]
    spread = model.mode_variance[bar.variances].reshape(len(bar.levels), bar.q, bar.q)[:, effect, effect]
    half = _core.t_quantile((1 + level) / 2, math.inf) * np.sqrt(spread)
    frame = pd.DataFrame({"group": bar.group, "level": bar.levels, "effect": bar.effects[effect],
                          "estimate": estimate, "std_error": np.sqrt(spread), "conf_low": estimate - half,
                          "conf_high": estimate + half})
    if how:
        found = model.ranks(place, effect, how)
        return frame.assign(**{key: found[key] for key in found if key not in ("estimate", "std_error")})
    return frame
