# SPDX-License-Identifier: GPL-3.0-only
"""What of a treatment's effect goes through which mediators."""
import numpy as np
import pandas as pd
from pandas.api import types

from . import _columns, _core, _terms
from ._columns import Frame
from ._design import Design
from ._errors import SteelyardError, warn_of
from ._fit_request import check_level
from ._mediation_result import INTERVENTIONAL, NATURAL_JOINT, Mediation
from ._options import INTERVALS, MISSING, choice, name_of, real, several, thread_count, weight_number, whole
from ._outcomes import BINARY, LINKS, ORDINAL, put_outcome
from ._progress import Progress

_EFFECTS = {"interventional": INTERVENTIONAL, "natural_joint": NATURAL_JOINT}
_TYPES = {"linear": 0, "binary": 1, "ordinal": 2}
_PRODUCTS = {True: (1, 1), False: (0, 0), "treatment": (1, 0), "mediators": (0, 1)}


def mediation(data, outcome, treatment, mediators, confounders=None, contrast=None, interactions=True,
              effects="interventional", outcome_type="auto", link="logit", draws=50, weights=None, weight_kind=None,
              cluster=None, strata=None, interval="auto", level=0.95, replicates=2000, seed=1, missing="complete",
              threads=None):
    """How much of a treatment's effect goes through each block of mediators.

    Parameters
    ----------
    data : DataFrame (pandas, polars), pyarrow Table, duckdb relation, or dict of columns
    outcome : str
    treatment : str
        A column with two levels in use, or a number.
    mediators : dict of str to terms
        Blocks by name, such as ``{"funding": "weekly_amount", "process":
        "easy_planning + views_included"}``, in the order in which they are moved.
    confounders : str or list of str, optional
        Terms that may move treatment, mediators and outcome; factors too.
    contrast : (from, to), optional
        Two levels, or two values of a number: the effect of going from one to the
        other. By default the two levels in use, the first one first.
    interactions : {True, False, "treatment", "mediators"}
        Products in the outcome's model: of treatment and mediators, and of
        mediators of different blocks.
    effects : {"interventional", "natural_joint"}
        "natural_joint": direct, and through all mediators together.
    outcome_type : {"auto", "linear", "binary", "ordinal"}
        "auto": ordered for an ordered categorical, binary for two levels or truth
        values, else linear.
    link : {"logit", "probit", "cloglog"}
        Of a binary or ordinal outcome.
    draws : int
        Draws of the mediators' residuals for each row; binary and ordinal outcomes.
    weights, weight_kind, cluster, strata : as for :func:`shares`
    interval : {"auto", "jackknife", "influence", "percentile", "none", None}
        "auto": below 200 clusters (or rows) the jackknife, else the influence
        function (binary and ordinal outcomes: always the jackknife), both by t with
        clusters less strata as degrees of freedom.
    level : float
    replicates, seed : int
        Of "percentile"; the seed also of draws.
    missing : {"complete", "error"}
    threads : int, optional

    Returns
    -------
    Mediation
        ``effects`` (a DataFrame: part, estimate, std_error, statistic, df, p_value,
        conf_low, conf_high, proportion), ``assumptions``, ``remarks``, ``plot()``.

    Raises
    ------
    SteelyardError
        A term in two places, a treatment that has not two levels, an unknown
        column.
    DataError
        A constant outcome; a mediator that follows from treatment and confounders.

    Notes
    -----
    Interventional effects [1]_: the direct effect leaves all mediators as they
    are without the treatment; "through" a block is what changes when that block is drawn as
    it is with the treatment; "mutual dependence" is what the mediators' going together
    adds. They add to the total, and need no assumption on how mediators move
    each other. The joint natural effect needs one more, which no data can check. Linear
    outcomes are exact: coefficients, means of confounders and the mediators'
    residual covariances at both treatments. Binary and ordinal outcomes are averages over rows
    and draws of residuals, in points of probability. A proportion is given only where the total
    is clear of zero and all parts have its sign. A part that is a product of two numbers near zero has no
    normal limit; "percentile" does not lean on one.

    References
    ----------
    .. [1] Vansteelandt & Daniel 2017, Epidemiology 28, 258-265,
       doi:10.1097/EDE.0000000000000596

    Examples
    --------
    >>> d = sy.datasets.simulate_poet(seed=1, hidden=True)
    >>> d["direct"] = d.payment_type == "direct_payment"
    >>> m = sy.mediation(d, "hidden_outcome", "direct",
    ...                  {"funding": "hidden_funding", "process": "hidden_process"},
    ...                  confounders="need", cluster="council")
    >>> m.effects[["part", "estimate"]].round(2).values.tolist()[:3]
    [['direct', 0.02], ['through funding', 0.1], ['through process', 0.13]]
    """
    frame = Frame(data)
    design = Design(frame)
    outcome_term = _one(outcome, "outcome", frame)
    kind = _kind_of(design, outcome_term, outcome_type)
    y = _put_outcome(design, outcome_term, kind)
    treatment_term = _one(treatment, "treatment", frame)
    t = design.add(treatment_term, "treatment")
    blocks = [(name, [design.add(term, "mediators") for term in terms])
              for name, terms in _blocks(mediators, frame)]
    beside = [] if confounders is None else _terms.parse_list(confounders, "confounders", frame)
    others = tuple(design.add(term, "confounders") for term in beside)
    rules = (weight_number(weights, weight_kind), MISSING[choice("missing", missing, MISSING)])
    finished = design.finish(weights, rules[0], cluster, rules[1], strata)
    levels = _levels(finished, t)
    options = (INTERVALS["none" if interval is None else choice("interval", interval, INTERVALS)], check_level(level),
               whole("replicates", replicates, 20, 1_000_000), whole("seed", seed, 0, 2**64 - 1))
    model = (y, t, *_contrast(contrast, levels), tuple((name, tuple(terms)) for name, terms in blocks), others,
             *_products(interactions), _EFFECTS[choice("effects", effects, _EFFECTS)], _TYPES[kind],
             LINKS[choice("link", link, ["logit", "probit", "cloglog"])], whole("draws", draws, 1, 100_000))
    with Progress("mediation") as progress:
        result, remarks = _core.mediation(finished, model, options, thread_count(threads), progress)
    warn_of(remarks, stacklevel=3)
    labels = [label for label, _ in finished[1]]
    asked = {"outcome": labels[y], "treatment": labels[t], "kind": kind, "link": link, "draws": draws,
             "blocks": [(name, [labels[i] for i in terms]) for name, terms in blocks],
             "confounders": [labels[i] for i in others], "effects": effects, "levels": levels,
             "answers": _levels(finished, y), "level": options[1], "seed": options[3], "replicates": options[2],
             "weight_kind": weight_kind, "interval": name_of(INTERVALS, result["interval"]), "missing": missing}
    return Mediation(result, asked, remarks)


def _one(given, argument, frame):
    terms = _terms.parse_list(given, argument, frame) if isinstance(given, str) else []
    if len(terms) != 1:
        raise SteelyardError(f"{argument}: one column is needed, not {given!r}")
    return terms[0]


def _blocks(mediators, frame):
    if not isinstance(mediators, dict) or not mediators:
        raise SteelyardError('mediators: a dict is needed, such as {"funding": "weekly_amount", "process": '
                             '"easy_planning"}')
    return [(str(name), _terms.parse_list(given, "mediators", frame)) for name, given in mediators.items()]


def _kind_of(design, term, asked):
    choice("outcome_type", asked, ["auto", *_TYPES])
    if asked != "auto":
        return asked
    values = design.values(term.factors[0], "outcome") if len(term.factors) == 1 else None
    dtype = getattr(values, "dtype", None)
    if isinstance(dtype, pd.CategoricalDtype) and dtype.ordered:
        return "ordinal"
    if types.is_bool_dtype(dtype) or (values is not None and _columns.is_factor(values)):
        return "binary"
    return "linear"


def _put_outcome(design, term, kind):
    if kind == "linear":
        return design.add(term, "outcome")
    try:
        return put_outcome(design, term, ORDINAL if kind == "ordinal" else BINARY)
    except SteelyardError as error:
        raise SteelyardError(str(error).replace("formula: the outcome ", "outcome: ", 1)) from None


def _levels(design, term):
    """Levels of a term of one factor; none for a number."""
    factors = design[1][term][1]
    return design[0][factors[0][0]][2] if len(factors) == 1 else None


def _contrast(given, levels):
    if given is None:
        return np.nan, np.nan
    given = several("contrast", given)
    if len(given) != 2:
        raise SteelyardError("contrast: two levels or values are needed, (from, to)")
    if levels is None:
        return tuple(real("contrast", value) for value in given)
    return tuple(float(_core.find("contrast", str(value), tuple(levels))) for value in given)


def _products(given):
    if not isinstance(given, (bool, str)) or given not in _PRODUCTS:
        raise SteelyardError(f'interactions: {given!r} is not one of True, False, "treatment", "mediators"')
    return _PRODUCTS[given]
