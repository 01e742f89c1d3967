# SPDX-License-Identifier: GPL-3.0-only
"""What printed numbers bear: gaps an R2 allows, odds against risks, limits of R2, differences that would show."""
import math

import pandas as pd

from . import _core
from ._errors import SteelyardError
from ._options import choice, flag, real, whole
from ._tables import Table

_MOST_PREDICTORS = 1_000_000_000
_ADJUSTED = (
    "adjusted: an adjusted odds ratio is that of no two by two table and has no one risk ratio; fit the model with "
    "fit_binary() or fit_ordinal() and ask it for risk_ratios(), which standardises over the sample")


class Printed(Table):
    """A frame that prints its finding as a sentence."""


def _optional(argument, value):
    return math.nan if value is None else real(argument, value)


def gap_allowed(r2, share, sd=1.0, group_r2=1.0, full_r2=None, vif=None):
    """The gap between two groups that a predictor with a published R2 can carry.

    Parameters
    ----------
    r2 : float
        Part of the outcome's variance that the predictor explains alone.
    share : float
        Part of the people that is in one of the groups, between 0 and 1.
    sd : float
        Standard deviation of the outcome.
    group_r2 : float
        Part of the predictor's variance that the groups explain; 1, the most
        there can be, when it is not known.
    full_r2, vif : float, optional
        R2 of the outcome by the predictor and what is adjusted for, and the
        predictor's variance inflation factor beside it: for the adjusted bound.

    Returns
    -------
    Printed
        A DataFrame, rows unadjusted and, with ``full_r2``, adjusted: bound, slope
        (standardised), gap (in units of the outcome), predictor_gap (the most
        the groups can differ, in standard deviations of the predictor).

    Raises
    ------
    SteelyardError
        Parts outside 0 to 1, full_r2 under r2, a vif under 1.

    Notes
    -----
    Let x be the predictor, D the group, a part pi of the people. The part of the
    gap that goes along the straight line is corr(x, y) times the gap in x in
    standard deviations, which is corr(x, D) / sqrt(pi (1 - pi)); the
    correlation is at most 1, so |gap| <= sd sqrt(r2 / (pi (1 - pi))), whatever the
    spread of x. It is reached by a predictor that is the same for all within
    each group. An r2 of .07 with 80 % in the group allows .66 standard deviations:
    a small R2 does not refute that money makes the gap. The adjusted slope is
    bounded as in :func:`slope_allowed`. All holds in one population, without
    error in measuring x. A whole printed correlation table bears more: see
    :func:`moments_from_correlation` and ``Shares.rounding``.

    References
    ----------
    Derived in the notes; the correlation with a group is the point-biserial one, Cohen, Cohen, West & Aiken 2003,
    Applied Multiple Regression, chapter 2.

    Examples
    --------
    >>> found = sy.gap_allowed(r2=0.07, share=0.8)
    >>> round(float(found["gap"][0]), 3)
    0.661
    """
    slope, gap, adjusted_slope, adjusted_gap, predictor_gap, text = _core.gap_allowed(
        real("r2", r2), real("share", share), real("sd", sd), real("group_r2", group_r2), _optional("full_r2", full_r2),
        _optional("vif", vif))
    rows = [("unadjusted", slope, gap, predictor_gap)]
    if full_r2 is not None:
        rows.append(("adjusted", adjusted_slope, adjusted_gap, predictor_gap))
    return Printed.of(pd.DataFrame(rows, columns=["bound", "slope", "gap", "predictor_gap"]), text)


def slope_allowed(full_r2, vif, r2=None, sd=1.0):
    """How large an adjusted slope a published R2 and a variance inflation factor allow.

    Parameters
    ----------
    full_r2 : float
        R2 of the outcome by the predictor and what is adjusted for.
    vif : float
        Variance inflation factor of the predictor beside what is adjusted for.
    r2 : float, optional
        R2 of the predictor alone; makes the bound sharper.
    sd : float
        Standard deviation of the outcome; the slope is for one of the predictor.

    Returns
    -------
    Printed
        A DataFrame: bound ("R2 and VIF", "and R2 alone"), slope.

    Raises
    ------
    SteelyardError
        Parts outside 0 to 1, full_r2 under r2, a vif under 1.

    Notes
    -----
    What the predictor adds to R2 is b squared over VIF, and no more than the full
    R2: |b| <= sqrt(full_r2 VIF), reached where the others alone tell nothing [1]_.
    With the predictor's own r2 known, |b| <= sqrt(r2) + sqrt((VIF - 1)(full_r2 -
    r2)), reached by one further column. An r2 of .0025 alone goes with an
    adjusted slope of .92 (suppression, as need-led funding makes it [2]_).

    References
    ----------
    .. [1] Cohen, Cohen, West & Aiken 2003, Applied Multiple Regression, section 3.4
    .. [2] Friedman & Wall 2005, doi:10.1198/000313005X41337

    Examples
    --------
    >>> found = sy.slope_allowed(full_r2=0.4, vif=3, r2=0.0025)
    >>> round(float(found["slope"][0]), 3)
    1.095
    """
    bound, sharp, text = _core.slope_allowed(real("full_r2", full_r2), real("vif", vif), _optional("r2", r2),
                                             real("sd", sd))
    rows = [("R2 and VIF", bound)] + ([("and R2 alone", sharp)] if r2 is not None else [])
    return Printed.of(pd.DataFrame(rows, columns=["bound", "slope"]), text)


_RISKS = ["odds_ratio", "risk_ratio", "risk_exposed", "risk_unexposed", "risk_difference"]


def _risks(from_odds, argument, ratio, overall, exposed):
    *values, text = _core.risk_odds(from_odds, real(argument, ratio), real("overall", overall), real("exposed", exposed))
    return Printed.of(pd.DataFrame([values], columns=_RISKS), text)


def risk_ratio_from_odds(odds_ratio, overall, exposed, adjusted=False):
    """The risk ratio behind an odds ratio, from the overall rate and the part exposed.

    Parameters
    ----------
    odds_ratio : float
        Of the two by two table.
    overall : float
        Part of all people with the outcome.
    exposed : float
        Part of the people exposed.
    adjusted : bool
        Whether the odds ratio was adjusted for anything: then it is refused.

    Returns
    -------
    Printed
        A DataFrame of one row: odds_ratio, risk_ratio, risk_exposed,
        risk_unexposed, risk_difference.

    Raises
    ------
    SteelyardError
        An adjusted odds ratio: standardise over the sample instead
        (``risk_ratios()`` of a fit) [1]_; parts that are not between 0 and 1.

    Notes
    -----
    The risk p0 of those not exposed solves (1 - e) p0 + e OR p0 / (1 - p0 + OR p0) =
    overall, exactly; then RR = OR / (1 - p0 + OR p0) [2]_.

    References
    ----------
    .. [1] Greenland 2004, doi:10.1093/aje/kwh221
    .. [2] Zhang & Yu 1998, doi:10.1001/jama.280.19.1690

    Examples
    --------
    >>> found = sy.risk_ratio_from_odds(3, overall=0.75, exposed=0.6)
    >>> round(float(found["risk_ratio"][0]), 3)
    1.333
    """
    if flag("adjusted", adjusted):
        raise SteelyardError(_ADJUSTED)
    return _risks(True, "odds_ratio", odds_ratio, overall, exposed)


def odds_ratio_from_risk(risk_ratio, overall, exposed):
    """The odds ratio behind a risk ratio, from the overall rate and the part exposed.

    Parameters
    ----------
    risk_ratio, overall, exposed : float
        As in :func:`risk_ratio_from_odds`.

    Returns
    -------
    Printed
        As :func:`risk_ratio_from_odds`.

    Raises
    ------
    SteelyardError
        A risk ratio that would put a risk past 1.

    References
    ----------
    .. [1] Zhang & Yu 1998, doi:10.1001/jama.280.19.1690

    Examples
    --------
    >>> found = sy.odds_ratio_from_risk(4 / 3, overall=0.75, exposed=0.6)
    >>> round(float(found["odds_ratio"][0]), 2)
    3.0
    """
    return _risks(False, "risk_ratio", risk_ratio, overall, exposed)


def r2_interval(r2, n, predictors=1, level=0.95, design="random", rounding=0.0, at_most=False):
    """Limits of the population's R2 behind a published one.

    Parameters
    ----------
    r2 : float
        As published, 0 to below 1.
    n : float
        People.
    predictors : int
        Columns that r2 rests on.
    level : float
    design : {"random", "fixed"}
        Predictors drawn with the people, all jointly normal, or set by design.
    rounding : float
        Half a unit of the last digit printed (.005 for "7 %"): limits are widened by it.
    at_most : bool
        Whether r2 was published as a bound from above: the lower limit is 0 then.

    Returns
    -------
    Printed
        A DataFrame of one row: r2, n, predictors, conf_low, conf_high, upper
        (one-sided, at the same level), adjusted, by_chance (what noise shows on
        average).

    Raises
    ------
    SteelyardError
        Numbers out of range.
    LimitError
        r2 so near 1 that the sums would not end.

    Notes
    -----
    Exact: the limits put r2 at the tails of its law, the negative binomial
    mixture of beta laws [1]_ [2]_ or the non-central F [3]_.

    References
    ----------
    .. [1] Fisher 1928, doi:10.1098/rspa.1928.0224
    .. [2] Algina & Olejnik 2000, doi:10.1207/S15327906MBR3501_5
    .. [3] Steiger 2004, doi:10.1037/1082-989X.9.2.164

    Examples
    --------
    >>> found = sy.r2_interval(0.07, n=1114)
    >>> found[["conf_low", "conf_high"]].round(4).values.tolist()
    [[0.0437, 0.1013]]
    """
    r2, n = real("r2", r2), real("n", n)
    predictors = whole("predictors", predictors, 1, _MOST_PREDICTORS)
    fixed = choice("design", design, ("random", "fixed")) == "fixed"
    low, high, upper, adjusted, chance, text = _core.r2_interval(
        r2, n, predictors, real("level", level), fixed, real("rounding", rounding), flag("at_most", at_most))
    frame = pd.DataFrame([(r2, n, predictors, low, high, upper, adjusted, chance)],
                         columns=["r2", "n", "predictors", "conf_low", "conf_high", "upper", "adjusted", "by_chance"])
    return Printed.of(frame, text)


def detectable_difference(n1, n2, sd=1.0, level=0.95, power=0.8, design_effect=1.0):
    """The smallest true difference of two means that a comparison would show.

    Parameters
    ----------
    n1, n2 : float
        People in the groups, 2 or more each.
    sd : float
        Standard deviation within the groups.
    level : float
        The two-sided t test is at 1 - level.
    power : float
        Probability that it shows the difference.
    design_effect : float
        Variance of the difference over that of simple random samples.

    Returns
    -------
    Printed
        A DataFrame of one row: n1, n2, difference, standardised, df.

    Raises
    ------
    SteelyardError
        Groups of fewer than 2, power at or below 1 - level.

    Notes
    -----
    By the non-central t, both tails [1]_. A null result does not speak against
    smaller differences.

    References
    ----------
    .. [1] Cohen 1988, Statistical Power Analysis, chapter 2

    Examples
    --------
    >>> found = sy.detectable_difference(170, 169)
    >>> round(float(found["difference"][0]), 3)
    0.305
    """
    n1, n2 = real("n1", n1), real("n2", n2)
    difference, standardised, df, text = _core.detectable(
        n1, n2, real("sd", sd), real("level", level), real("power", power), real("design_effect", design_effect))
    frame = pd.DataFrame([(n1, n2, difference, standardised, df)],
                         columns=["n1", "n2", "difference", "standardised", "df"])
    return Printed.of(frame, text)
