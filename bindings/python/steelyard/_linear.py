# SPDX-License-Identifier: GPL-3.0-only
"""fit_linear: from a formula and rows to a fit."""
import numpy as np

from . import _columns, _formula
from ._columns import Frame
from ._design import Design
from ._errors import SteelyardError, warn_of
from ._fit_request import CODINGS, check_level, covariance_of, index_of, owned, with_columns
from ._linear_fit import LinearFit
from ._linear_model import Model
from ._moments import Moments
from ._options import MISSING, PRECISIONS, choice, thread_count, weight_number


def fit_linear(formula, data, weights=None, weight_kind=None, cluster=None, covariance=None, absorb=None,
               coding="treatment", level=0.95, missing="complete", precision="auto", threads=None):
    """Fit a linear model by least squares.

    Parameters
    ----------
    formula : str
        ``"y ~ a*b + C(g) + I(x**2) - 1"``. The outcome may be a call. ``C(x)``
        is a factor made of a column; products and powers are built by the
        core, so they keep all digits.
    data : DataFrame (pandas, polars), pyarrow Table, duckdb relation, or dict of columns
    weights : str or vector of n, optional
    weight_kind : {"frequency", "analytic", "sampling"}
        Needed with weights; see :func:`moments`.
    cluster : str or vector of n, or a list of two of them, optional
        Rows of a cluster are not independent; two name a two-way clustering.
    covariance : str, optional
        ``"classical"``, ``"HC0"`` to ``"HC5"``, ``"HC4m"``, ``"CR0"``,
        ``"CR1"``, ``"CR1S"``, ``"CR2"``, ``"CR3"``. Default ``"CR2"`` with
        clusters, ``"HC1"`` with sampling weights, else ``"classical"``.
    absorb : str or vector of n, optional
        A factor whose levels have an intercept each (council fixed effects),
        taken out by centring within levels.
    coding : {"treatment", "sum"}
        Of factors: differences from the first level, or from the mean of the
        levels.
    level : float
        Of limits, between 0 and 1.
    missing : {"complete", "error"}
        Rows complete over everything the model uses; or an error.
    precision : {"auto", "double", "double-double"}
        Auto: double-double QR while n p**2 <= 4e7; beyond, moments in double
        where the scaled condition leaves 12 digits, else QR.
    threads : int, optional
        Default STEELYARD_NUM_THREADS, else 1. The bits do not depend on it.

    Returns
    -------
    LinearFit

    Raises
    ------
    SteelyardError
        An unknown column (the nearest is named), a text column, a formula
        without an outcome, a factor with one level, a covariance that does
        not go with the rows.
    DataError
        A constant outcome, no more rows than columns, infinite values, one
        cluster, bad weights.

    Notes
    -----
    Householder QR in double-double of the rows, columns read as the decimals
    they print as, gives all 15 certified digits of NIST's regression and
    analysis of variance sets [1]_. CR2 comes with Satterthwaite degrees of
    freedom [2]_. A column that adds nothing is aliased: named, without a
    coefficient; rank is decided by the rounding the data can hold, never by
    a fixed tolerance. A truth value counts 0 or 1; ``C(x)`` makes two levels
    of it. Where the clusters (or, with HC0 to HC5, the rows) that decide a
    coefficient leave no residuals, as with the dummies of the clusters
    themselves, its standard error is 0 and there is no test of it; a warning
    names it.

    The rows are read where they lie and kept for later questions; columns of
    more than 32 megabytes together are not copied, so leave them as they are.

    References
    ----------
    .. [1] Bjorck 1996, doi:10.1137/1.9781611971484
    .. [2] Pustejovsky & Tipton 2018, doi:10.1080/07350015.2016.1247004

    Examples
    --------
    >>> councils = sy.datasets.load("councils_2018_19")
    >>> fit = sy.fit_linear("control ~ easy_information + spend_per_adult_gbp", councils)
    >>> fit.params.round(4).tolist(), round(fit.r2, 4)
    ([48.5218, 0.3892, 0.0034], 0.2403)
    >>> fit.anova(type=2)[["term", "sumsq"]].round(1).values.tolist()
    [['easy_information', 655.6], ['spend_per_adult_gbp', 5.3], ['Residuals', 2382.8]]
    """
    if isinstance(data, Moments):
        raise SteelyardError("data: fit_linear() needs rows; moments hold only sums")
    frame = Frame(data)
    asked = _formula.parse(formula, frame)
    if absorb is not None and not asked.intercept:
        raise SteelyardError('formula: "- 1" and absorb do not go together; the absorbed levels are the intercepts')
    kind = weight_number(weights, weight_kind)
    first, second = _two(cluster)
    rules = {
        "covariance": covariance_of(covariance, first, kind), "coding": CODINGS[choice("coding", coding, CODINGS)],
        "precision": PRECISIONS[choice("precision", precision, PRECISIONS)], "threads": thread_count(threads),
        "level": check_level(level)}
    missing = choice("missing", missing, MISSING)
    design, places = _design(frame, asked, (weights, kind, first, MISSING[missing]), {"cluster 2": second,
                                                                                      "absorb": absorb})
    model = Model(design, asked, places, rules, index_of(frame))
    model.provenance = {"formula": asked.text, "weight_kind": weight_kind, "covariance": rules["covariance"],
                        "coding": coding, "level": rules["level"], "missing": missing, "precision": precision,
                        "threads": rules["threads"] or None}
    fit = LinearFit(model)
    warn_of(fit._model.remarks, stacklevel=3)
    return fit


def _two(cluster):
    """One or two clusterings: two are a list or tuple of two names or vectors."""
    pair = isinstance(cluster, (list, tuple)) and len(cluster) == 2 and all(
        isinstance(part, str) or np.ndim(part) == 1 for part in cluster)
    return tuple(cluster) if pair else (cluster, None)


def _design(frame, asked, sides, factors):
    """The finished design, with the model's indices in it; `factors` are
    columns beside the terms, given by name or as vectors."""
    design = Design(frame)
    places = {"outcome": design.add(asked.outcome, "formula"),
              "terms": tuple(design.add(term, "formula") for term in asked.terms)}
    sides_read = {}
    for name, given in factors.items():
        if given is not None:
            title, values = design.side(given, name.split(" ")[0])
            given = (name if title == "cluster" else title, *_columns.factor(values), 0)
        sides_read[name] = given
    whole, more = with_columns(design.finish(*sides), sides_read)
    columns, terms = whole[:2]
    if columns[terms[places["outcome"]][1][0][0]][2] is not None:
        raise SteelyardError(f"formula: the outcome must be one numeric column; {asked.outcome.label} is a factor")
    return owned(whole), {**places, **more, "sources": tuple(design._places)}
