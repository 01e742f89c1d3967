# SPDX-License-Identifier: GPL-3.0-only
"""E-values, and Oster's delta."""
import math

import pandas as pd

from . import _core
from ._confounding import Fitted
from ._errors import SteelyardError
from ._options import choice, real
from ._printed import Printed

_MEASURES = ("rr", "or_rare", "or_common", "hr_rare", "hr_common", "difference")
_NUMBERS = ("estimate_short", "r2_short", "estimate", "r2", "var_outcome", "var_treatment", "var_left")


def _optional(argument, value):
    return math.nan if value is None else real(argument, value)


def e_value(estimate, low=None, high=None, measure="rr", std_error=None, true=None):
    """How strong, as risk ratios, a confounder must be to explain an association away.

    Parameters
    ----------
    estimate, low, high : float
        The association and its limits (optional).
    measure : {"rr", "or_rare", "or_common", "hr_rare", "hr_common", "difference"}
        Risk ratio; odds ratio or hazard ratio of a rare outcome (under 15 %) or a
        common one; difference of means in standard deviations.
    std_error : float, optional
        Of a difference, in place of its limits.
    true : float, optional
        The value to which the confounder would bring it; default 1, for a
        difference 0.

    Returns
    -------
    Printed
        A DataFrame of one row: measure, estimate, ratio, conf_low, conf_high, true
        (as risk ratios), e_value, e_value_limit (of the limit nearest to true; 1
        when the limits hold it).

    Raises
    ------
    SteelyardError
        Ratios not above 0, limits on the wrong side.

    Notes
    -----
    E = R + sqrt(R (R - 1)), R the risk ratio over true or its inverse [1]_: a
    confounder associated with treatment and outcome by risk ratios of E each,
    beyond what is adjusted for, could do it, a weaker one could not. Common odds
    ratios by their root, common hazard ratios and differences (exp(.91 d)) by the
    approximations of the same paper.

    References
    ----------
    .. [1] VanderWeele & Ding 2017, doi:10.7326/M16-2607

    Examples
    --------
    >>> found = sy.e_value(3.9, 1.8, 8.7)  # smoking mothers and deaths by respiratory infection, VanderWeele & Ding 2017
    >>> found[["e_value", "e_value_limit"]].round(2).values.tolist()
    [[7.26, 3.0]]
    """
    place = _MEASURES.index(choice("measure", measure, _MEASURES))
    estimate = real("estimate", estimate)
    null = 0.0 if measure == "difference" else 1.0
    ratio, low, high, true, value, limit, text = _core.e_value(
        place, estimate, _optional("low", low), _optional("high", high), _optional("std_error", std_error),
        null if true is None else real("true", true))
    frame = pd.DataFrame([(measure, estimate, ratio, low, high, true, value, limit)], columns=[
        "measure", "estimate", "ratio", "conf_low", "conf_high", "true", "e_value", "e_value_limit"])
    return Printed.of(frame, text)


def oster(fit=None, term=None, kept=None, r_max=None, delta=1.0, beta=0.0, **printed):
    """Oster's delta and bias-adjusted slope: selection on the unobserved as on the observed.

    Parameters
    ----------
    fit : LinearFit, optional
        The model with all controls, and in ``term`` the treatment.
    term : str
    kept : str or list of str, optional
        Terms that stay in the short model beside the treatment.
    r_max : float, optional
        R2 if everything were controlled; default 1.3 times the model's R2, at most 1.
    delta : float
        For the bias-adjusted slope: selection on the unobserved over that on the
        controls.
    beta : float
        The slope that ``delta_star`` would bring about.
    **printed
        Without a fit: estimate_short, r2_short (of the short model), estimate, r2
        (with all controls), var_outcome, var_treatment (beside what is kept) and
        var_left (of the treatment given all controls).

    Returns
    -------
    Printed
        A DataFrame of one row: term, estimate_short, r2_short, estimate, r2, r_max,
        delta, beta_star (the slope at ``delta``), beta, delta_star, other_1, other_2
        (roots not taken).

    Raises
    ------
    SteelyardError
        A term that is not there, r_max under the model's R2 or above 1.
    DataError
        An aliased term.

    Notes
    -----
    Proportional selection [1]_. Of several roots the one is taken whose bias goes
    the way in which the controls moved the slope (against it for a negative
    delta), and of such the nearest; at delta 1 there is just one. Missing where
    no root does.

    References
    ----------
    .. [1] Oster 2019, doi:10.1080/07350015.2016.1227711

    Examples
    --------
    >>> swiss = sy.datasets.load("swiss_1888")
    >>> fit = sy.fit_linear("Fertility ~ Education + Catholic + Agriculture", swiss)
    >>> found = sy.oster(fit, "Education")
    >>> found[["estimate", "r_max"]].round(4).values.tolist()
    [[-1.0721, 0.8349]]
    """
    if fit is None:
        name, numbers = "the term" if term is None else str(term), _printed(printed)
    else:
        if printed:
            raise SteelyardError(f"{next(iter(printed))}: a fit has its own numbers; leave it out")
        held = Fitted(fit)
        place = held.place(term)
        names = [] if kept is None else [kept] if isinstance(kept, str) else list(kept)
        places = {p for other in names for p in held.places(other, "kept")}
        places |= {p for p, label in enumerate(held.labels) if label == "(Intercept)"}
        if place in places:
            raise SteelyardError(f"kept: {term} is the term itself")
        name, numbers = held.labels[place], _core.oster_from_fit(held.left, place, tuple(sorted(places)))
    delta, beta = real("delta", delta), real("beta", beta)
    r_max, delta_star, beta_star, first, second, text = _core.oster(*numbers, _optional("r_max", r_max), delta, beta)
    frame = pd.DataFrame([(name, *numbers[:4], r_max, delta, beta_star, beta, delta_star, first, second)], columns=[
        "term", *_NUMBERS[:4], "r_max", "delta", "beta_star", "beta", "delta_star", "other_1", "other_2"])
    return Printed.of(frame, text)


def _printed(given):
    for name in given:
        if name not in _NUMBERS:
            _core.find("oster", name, _NUMBERS)
    for name in _NUMBERS:
        if given.get(name) is None:
            raise SteelyardError(f"{name}: give a fit and a term, or all of {', '.join(_NUMBERS)}")
    return tuple(real(name, given[name]) for name in _NUMBERS)
