# SPDX-License-Identifier: GPL-3.0-only
"""fit_mixed: from a formula with bar terms and rows to a fit."""
from . import _bars
from ._columns import Frame
from ._design import Design
from ._errors import SteelyardError, warn_of
from ._fit_request import check_level, index_of, number_column, owned, with_columns
from ._mixed_fit import MixedFit
from ._mixed_model import MixedModel
from ._moments import Moments
from ._options import MISSING, choice, flag, name_of, thread_count, weight_number, whole
from ._outcomes import BINARY, LINKS, NEGATIVE_BINOMIAL, ORDINAL, POISSON, put_outcome

_FAMILIES = {"linear": None, "binary": BINARY, "count": POISSON, "negative_binomial": NEGATIVE_BINOMIAL,
             "ordinal": ORDINAL}
_LINKS = {BINARY: ("logit", "probit", "cloglog"), ORDINAL: ("logit", "probit", "cloglog"), POISSON: ("log",),
          NEGATIVE_BINOMIAL: ("log",)}
_FREEDOMS = ("satterthwaite", "kenward-roger", "normal")
_MOST_NODES = 100


def fit_mixed(formula, data, family="linear", link=None, reml=True, nodes=1, trials=None, offset=None, weights=None,
              weight_kind=None, df=None, level=0.95, missing="complete", threads=None):
    """Fit a model with effects that vary by group (councils), in lme4's notation.

    Parameters
    ----------
    formula : str
        ``"y ~ x + (1 | council)"``: what stands outside brackets with a bar is
        the fixed part, as in :func:`fit_linear`. ``(1 + x | g)`` effects that
        are correlated, ``(x || g)`` uncorrelated ones, ``(0 + x | g)`` without
        an intercept, ``(1 | a/b)`` for ``(1 | a) + (1 | a:b)``. Columns of groups
        are read as factors, numbers and texts too.
    data : DataFrame (pandas, polars), pyarrow Table, duckdb relation, or dict of columns
    family : {"linear", "binary", "count", "negative_binomial", "ordinal"}
        Of the outcome: numbers; two answers; whole numbers (Poisson, or more
        spread); ordered answers.
    link : {"logit", "probit", "cloglog"}, optional
        Of binary and ordinal outcomes; default ``"logit"``. Counts have the log.
    reml : bool
        Linear models: restricted maximum likelihood, else maximum likelihood.
    nodes : int
        Other models: 1 is Laplace's approximation; more are the points of
        adaptive Gauss-Hermite quadrature, for one group with at most two effects.
    trials : str or vector of n, optional
        Binary outcomes: the answers that a row's successes are out of.
    offset : str or vector of n, optional
        Added to the linear predictor.
    weights : str or vector of n, optional
    weight_kind : {"frequency", "analytic"}
        Sampling weights are refused: a mixed model needs those of each stage.
    df : {"satterthwaite", "kenward-roger", "normal"}, optional
        Degrees of freedom of tests in linear models, default
        ``"satterthwaite"``; Kenward-Roger needs ``reml=True`` and adjusts the
        standard errors too. Other models: normal.
    level : float
        Of limits, between 0 and 1.
    missing : {"complete", "error"}
        Rows complete over everything the model uses; or an error.
    threads : int, optional
        Default STEELYARD_NUM_THREADS, else 1. The bits do not depend on it.

    Returns
    -------
    MixedFit

    Raises
    ------
    SteelyardError
        A bar term in the wrong place, an unknown column, a group with one
        level, sampling weights, an outcome that does not go with the family.
    DataError
        As many levels as rows in a linear model, fewer rows than effects.

    Notes
    -----
    A variance that comes out at the boundary is exactly 0 and a remark says so.
    Linear models with one group are fitted from the groups' moments, at a cost
    that no longer depends on the rows [1]_.

    References
    ----------
    .. [1] Bates, Maechler, Bolker & Walker 2015, doi:10.18637/jss.v067.i01

    Examples
    --------
    >>> schools = sy.datasets.load("high_school_beyond_1982")
    >>> fit = sy.fit_mixed("mathematics ~ ses + (1 | school)", schools)
    >>> fit.params.round(3).tolist()
    [12.657, 2.39]
    >>> fit.variance[["group", "sd"]].round(3).values.tolist()
    [['school', 2.184], ['Residual', 6.086]]
    >>> fit.ranef().shape
    (160, 7)
    """
    if isinstance(data, Moments):
        raise SteelyardError("data: fit_mixed() needs rows; moments hold only sums")
    frame = Frame(data)
    kind = _FAMILIES[choice("family", family, _FAMILIES)]
    asked = _bars.parse(formula, frame, factor_outcome=kind is not None)
    if kind == ORDINAL and not asked.intercept:
        raise SteelyardError('formula: "- 1" has no meaning here; the thresholds are the intercepts')
    rules = {"kind": kind, "link": _link(link, kind), "reml": flag("reml", reml),
             "nodes": whole("nodes", nodes, 1, _MOST_NODES), "level": check_level(level),
             "threads": thread_count(threads)}
    rules["df"] = _freedom(df, kind, rules["reml"])
    rules["covariance"] = "Kenward-Roger" if rules["df"] == "kenward-roger" else "model-based"
    _check_sides(kind, rules["nodes"], trials)
    weight_kind_number = weight_number(weights, weight_kind)
    missing = choice("missing", missing, MISSING)
    design, places = _design(frame, asked, kind, (trials, offset), (weights, weight_kind_number, None,
                                                                    MISSING[missing]))
    model = MixedModel(design, asked, places, rules, index_of(frame))
    model.provenance = {"formula": asked.text, "family": family,
                        "link": None if kind is None else name_of(LINKS, rules["link"]),
                        "reml": rules["reml"] and kind is None, "nodes": rules["nodes"], "weight_kind": weight_kind,
                        "df": rules["df"], "level": rules["level"], "missing": missing,
                        "threads": rules["threads"] or None}
    warn_of(model.remarks, stacklevel=3)
    return MixedFit(model)


def _link(link, kind):
    if kind is None:
        if link is not None:
            raise SteelyardError(f'link: "{link}" was given; a linear model has none')
        return 0
    return LINKS[_LINKS[kind][0] if link is None else choice("link", link, _LINKS[kind])]




def _freedom(df, kind, reml):
    df = ("satterthwaite" if kind is None else "normal") if df is None else choice("df", df, _FREEDOMS)
    if kind is not None and df != "normal":
        raise SteelyardError(f'df: "{df}" is for linear models; the tests of others are normal')
    if df == "kenward-roger" and not reml:
        raise SteelyardError('df: "kenward-roger" rests on restricted maximum likelihood; ask for reml = True')
    return df


def _check_sides(kind, nodes, trials):
    if kind is None and nodes > 1:
        raise SteelyardError(f"nodes: {nodes} were given; a linear model needs no quadrature")
    if trials is not None and kind != BINARY:
        raise SteelyardError('trials: only outcomes of family = "binary" have them')


def _design(frame, asked, kind, sides, rest):
    """The finished design, with the model's indices in it; groups, trials and offset stand after the terms' columns."""
    design, trials = Design(frame), sides[0]
    outcome = design.add(asked.outcome, "formula") if kind is None else put_outcome(design, asked.outcome, kind, trials)
    places = {"outcome": outcome, "terms": tuple(design.add(term, "formula") for term in asked.terms),
              "bars": tuple(tuple(design.add(term, "formula") for term in bar.terms) for bar in asked.bars)}
    further = {bar.name: _bars.group_column(bar.group, frame, "formula") for bar in asked.bars}
    further = {("group", name): column for name, column in further.items()}
    for name, given in zip(("trials", "offset"), sides):
        further[name] = number_column(design, given, name)
    whole, more = with_columns(design.finish(*rest), further)
    columns, terms = whole[:2]
    if kind is None and columns[terms[outcome][1][0][0]][2] is not None:
        raise SteelyardError(f"formula: the outcome must be one numeric column; {asked.outcome.label} is a factor")
    return owned(whole), {**places, **more, "sources": tuple(design._places)}
