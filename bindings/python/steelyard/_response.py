# SPDX-License-Identifier: GPL-3.0-only
"""fit_binary, fit_count, fit_ordinal: from a formula and rows to a fit."""
from . import _formula, _terms
from ._columns import Frame
from ._design import Design
from ._errors import SteelyardError, warn_of
from ._fit_request import CODINGS, check_level, covariance_of, index_of, number_column, owned, with_columns
from ._moments import Moments
from ._options import MISSING, choice, name_of, thread_count, weight_number
from ._outcomes import BINARY, FAMILIES, LINKS, ORDINAL, THRESHOLDS, put_outcome
from ._response_fit import BinaryFit, CountFit, OrdinalFit
from ._response_model import COVARIANCES, ResponseModel

_LINKS = ("logit", "probit", "cloglog")
_NO_SPLIT = ((), ())


def fit_binary(formula, data, link="logit", trials=None, offset=None, weights=None, weight_kind=None, cluster=None,
               covariance=None, coding="treatment", level=0.95, missing="complete", threads=None):
    """Fit a model of an outcome with two answers, by maximum likelihood.

    Parameters
    ----------
    formula : str
        ``"y ~ a*b + C(g)"``; see :func:`fit_linear`. The outcome is 0 and 1,
        truth values, or a factor of two levels, of which the second is the
        event; with `trials`, the number of successes.
    data : DataFrame (pandas, polars), pyarrow Table, duckdb relation, or dict of columns
    link : {"logit", "probit", "cloglog"}
    trials : str or vector of n, optional
        How many answers each row stands for.
    offset : str or vector of n, optional
        A term whose coefficient is 1.
    weights : str or vector of n, optional
    weight_kind : {"frequency", "analytic", "sampling"}
        Needed with weights; see :func:`moments`.
    cluster : str or vector of n, optional
        Rows of a cluster are not independent.
    covariance : str, optional
        ``"classical"`` (inverse information), ``"HC0"``, ``"HC1"``, ``"CR0"``,
        ``"CR1"``, ``"CR1S"``, ``"CR2"``, ``"CR3"``. Default ``"CR2"`` with
        clusters, ``"HC1"`` with sampling weights, else ``"classical"``.
    coding : {"treatment", "sum"}
        Of factors: differences from the first level, or from the mean of the
        levels.
    level : float
        Of limits, between 0 and 1.
    missing : {"complete", "error"}
        Rows complete over everything the model uses; or an error.
    threads : int, optional
        Default STEELYARD_NUM_THREADS, else 1. The bits do not depend on it.

    Returns
    -------
    BinaryFit

    Raises
    ------
    SteelyardError
        As :func:`fit_linear`; an outcome that is text or has other values
        than two.
    DataError
        An outcome with one level, successes above trials, one cluster, bad
        weights.

    Notes
    -----
    Newton's method on exact derivatives down to a relative step of 1e-10 [1]_.
    Where a column tells the outcome without error (separation [2]_) its
    coefficient runs to infinity: the fit stops, and a warning names the
    column.

    References
    ----------
    .. [1] McCullagh & Nelder 1989, doi:10.1201/9780203753736
    .. [2] Albert & Anderson 1984, doi:10.1093/biomet/71.1.1

    Examples
    --------
    >>> cars = sy.datasets.load("motor_trend_1974")
    >>> fit = sy.fit_binary("am ~ wt", cars)
    >>> fit.params.round(3).tolist()
    [12.04, -4.024]
    >>> fit.effects()[["variable", "estimate"]].round(3).values.tolist()
    [['wt', -0.37]]
    """
    rules = {"kind": BINARY, "link": LINKS[choice("link", link, _LINKS)], "thresholds": 0, "coding": coding}
    return _fitted(BinaryFit, formula, data, rules, {"trials": trials, "offset": offset}, _NO_SPLIT,
                   (weights, weight_kind, cluster, covariance, level, missing, threads), {"link": link})


def fit_count(formula, data, family="poisson", offset=None, weights=None, weight_kind=None, cluster=None,
              covariance=None, coding="treatment", level=0.95, missing="complete", threads=None):
    """Fit a model of counts, by maximum likelihood; the link is the logarithm.

    Parameters
    ----------
    formula : str
        ``"visits ~ a*b + C(g)"``; see :func:`fit_linear`. The outcome is whole
        numbers from 0.
    data : DataFrame (pandas, polars), pyarrow Table, duckdb relation, or dict of columns
    family : {"poisson", "negative_binomial"}
        The negative binomial has variance mu + mu**2 / theta [1]_.
    offset : str or vector of n, optional
        A term whose coefficient is 1, such as the logarithm of the time at
        risk.
    weights, weight_kind, cluster, covariance, coding, level, missing, threads :
        As in :func:`fit_binary`.

    Returns
    -------
    CountFit

    Raises
    ------
    SteelyardError
        As :func:`fit_linear`.
    DataError
        Counts that are negative or not whole, counts that are all zero.

    References
    ----------
    .. [1] Lawless 1987, doi:10.2307/3314912

    Examples
    --------
    >>> cars = sy.datasets.load("motor_trend_1974")
    >>> fit = sy.fit_count("carb ~ hp + C(am)", cars)
    >>> fit.params.round(4).tolist()
    [0.0813, 0.0055, 0.1691]
    """
    kind = FAMILIES[choice("family", family, FAMILIES)]
    rules = {"kind": kind, "link": LINKS["log"], "thresholds": 0, "coding": coding}
    return _fitted(CountFit, formula, data, rules, {"trials": None, "offset": offset}, _NO_SPLIT,
                   (weights, weight_kind, cluster, covariance, level, missing, threads), {"family": family})


def fit_ordinal(formula, data, link="logit", thresholds="free", nominal=None, scale=None, offset=None, weights=None,
                weight_kind=None, cluster=None, covariance=None, coding="treatment", level=0.95, missing="complete",
                threads=None):
    """Fit a cumulative link model of ordered answers, by maximum likelihood.

    Parameters
    ----------
    formula : str
        ``"rating ~ a*b + C(g)"``; see :func:`fit_linear`. The outcome is an
        ordered categorical, lowest first, or whole numbers.
    data : DataFrame (pandas, polars), pyarrow Table, duckdb relation, or dict of columns
    link : {"logit", "probit", "cloglog"}
    thresholds : {"free", "symmetric", "equidistant"}
        Symmetric about their middle; or one first threshold and one spacing.
    nominal : str, optional
        ``"~ g"``: terms whose effect is another at each threshold (partial
        proportional odds [2]_). They are not in the formula.
    scale : str, optional
        ``"~ g"``: terms of the logarithm of the latent spread.
    offset : str or vector of n, optional
        A term whose coefficient is 1.
    weights, weight_kind, cluster, covariance, coding, level, missing, threads :
        As in :func:`fit_binary`.

    Returns
    -------
    OrdinalFit

    Raises
    ------
    SteelyardError
        As :func:`fit_linear`; an outcome that is text or an unordered factor.
    DataError
        An outcome with one level.

    Notes
    -----
    P(y <= j) = F((threshold_j - x'b) / exp(s'c)) [1]_: a positive coefficient
    goes with higher answers.

    References
    ----------
    .. [1] McCullagh 1980, doi:10.1111/j.2517-6161.1980.tb01109.x
    .. [2] Peterson & Harrell 1990, doi:10.2307/2347760

    Examples
    --------
    >>> wine = sy.datasets.load("wine_1989")
    >>> fit = sy.fit_ordinal("rating ~ C(temperature) + C(contact)", wine)
    >>> fit.params.round(3).tolist()  # Christensen 2018: -1.344, 1.251, 3.467, 5.006, 2.503, 1.528
    [-1.344, 1.251, 3.467, 5.006, 2.503, 1.528]
    >>> fit.predict(kind="probabilities").iloc[0].round(3).tolist()
    [0.207, 0.571, 0.192, 0.024, 0.007]
    """
    rules = {"kind": ORDINAL, "link": LINKS[choice("link", link, _LINKS)],
             "thresholds": THRESHOLDS[choice("thresholds", thresholds, THRESHOLDS)], "coding": coding}
    return _fitted(OrdinalFit, formula, data, rules, {"trials": None, "offset": offset}, (nominal, scale),
                   (weights, weight_kind, cluster, covariance, level, missing, threads),
                   {"link": link, "thresholds": thresholds})


def _fitted(cls, formula, data, rules, sides, split, common, said):
    weights, weight_kind, cluster, covariance, level, missing, threads = common
    if isinstance(data, Moments):
        raise SteelyardError("data: a data frame is needed, this model has no moments")
    frame = Frame(data)
    asked = _formula.parse(formula, frame, factor_outcome=True)
    if rules["kind"] == ORDINAL and not asked.intercept:
        raise SteelyardError('formula: "- 1" has no meaning here; the thresholds are the intercepts')
    kind = weight_number(weights, weight_kind)
    rules = {**rules, "covariance": covariance_of(covariance, cluster, kind, COVARIANCES), "level": check_level(level),
             "coding": CODINGS[choice("coding", rules["coding"], CODINGS)], "threads": thread_count(threads)}
    missing = choice("missing", missing, MISSING)
    design, places = _design(frame, asked, rules["kind"], sides, split, (weights, kind, cluster, MISSING[missing]))
    model = ResponseModel(design, asked, places, rules, index_of(frame))
    model.provenance = {"formula": asked.text, **said, "weight_kind": weight_kind, "covariance": rules["covariance"],
                        "coding": name_of(CODINGS, rules["coding"]), "level": rules["level"], "missing": missing,
                        "threads": rules["threads"] or None}
    fit = cls(model)
    warn_of(model.remarks, stacklevel=4)
    return fit


def _design(frame, asked, kind, sides, split, common):
    """The finished design, with the model's indices in it."""
    design = Design(frame)
    places = {"outcome": put_outcome(design, asked.outcome, kind, sides["trials"]),
              "terms": tuple(design.add(term, "formula") for term in asked.terms)}
    for name, given in zip(("nominal", "scale"), split):
        places[name] = tuple(design.add(term, name) for term in _side_terms(name, given, frame, asked))
    columns = {name: number_column(design, given, name) for name, given in sides.items()}
    whole, more = with_columns(design.finish(*common), columns)
    return owned(whole), {**places, **more, "sources": tuple(design._places)}


def _side_terms(name, given, frame, asked):
    """The terms of a one-sided formula; nominal ones stand nowhere else."""
    if not given:
        return ()
    terms = _terms.parse_list(given, name, frame)
    both = {term.label for term in terms} & {term.label for term in (asked.outcome, *asked.terms)}
    if name == "scale":
        both &= {asked.outcome.label}
    if both:
        raise SteelyardError(f"{name}: {sorted(both)[0]} is in the formula too; leave it out of one of them")
    return terms
