# SPDX-License-Identifier: GPL-3.0-only
"""The gap between two groups: the question, read and handed to the core."""
import numbers

import numpy as np
import pandas as pd
from pandas.api import types

from . import _columns, _core, _terms
from ._columns import Frame
from ._design import Design
from ._errors import SteelyardError, warn_of
from ._fit_request import check_level, with_columns
from ._gap_result import Gap
from ._moments import Moments
from ._options import INTERVALS, MISSING, WEIGHT_KINDS, choice, name_of, thread_count, weight_number, whole
from ._outcomes import BINARY, LINKS, ORDINAL, put_outcome
from ._progress import Progress

_METHODS = {"oaxaca": 0, "kitagawa": 1, "gelbach": 2}
_TYPES = ("auto", "numeric", "binary", "ordinal")
_NUMBER = 6
REFERENCES = {"first": 0, "second": 1, "equal": 2, "size": 3, "pooled": 4, "pooled_without": 5}
BY = {"first": 0, "second": 1, "pooled": 2, "pooled_without": 3, "order_free": 4}
_LINKS = ("logit", "probit", "cloglog")
_SECONDS_ALLOWED = 60.0
_MOST_REPLICATES = 1_000_000


def gap(data, outcome, group, blocks, method="auto", reference="auto", first=None, outcome_type="auto", link="logit",
        adjust=None, weights=None, weight_kind=None, cluster=None, strata=None, interval="auto", level=0.95,
        replicates=2000, seed=1, missing="complete", threads=None):
    """Split the gap between two groups' means into what goes with blocks of terms and what does not.

    Parameters
    ----------
    data : DataFrame (pandas, polars), pyarrow Table, duckdb relation, or dict of columns
    outcome : str
        A numeric column, two answers (truth values, 0 and 1, or a factor of two levels), or ordered answers (an
        ordered categorical).
    group : str or vector of n
        A column with exactly two levels in use.
    blocks : dict of name -> str or list of str; or a list of str; or a str
        The terms of each block, as in :func:`shares`. Factors are allowed.
    method : {"auto", "oaxaca", "kitagawa", "gelbach", "shapley"}
        ``"oaxaca"`` [1]_ [2]_: differences in means valued at reference coefficients; twofold and threefold.
        ``"kitagawa"`` [3]_: blocks of factors, the cells of which have shares (composition) and means (rate).
        ``"gelbach"`` [4]_: what the coefficient of the group loses when the blocks join one model.
        ``"shapley"``: of two answers or ordered answers, for each answer; every block's part is averaged over all
        orders in which columns and coefficients of the groups can be exchanged [5]_ [6]_.
        Auto: ``"shapley"`` of two or ordered answers, else ``"oaxaca"``.
    reference : str or float
        Whose coefficients value the differences: ``"first"``, ``"second"``, ``"equal"`` (half and half), ``"size"``,
        ``"pooled"`` (one model of all rows with the group in it [7]_), ``"pooled_without"``, or a weight from 0 to 1
        of the first. It decides the detail that is shown; all of them stand beside each other in ``references``.
        Auto: ``"pooled"``. With ``"shapley"``: ``"order_free"`` (auto), ``"first"``, ``"second"``, ``"pooled"``,
        ``"pooled_without"``.
    first : level of `group`, optional
        The gap is the mean of this group less that of the other; default the first level in order.
    outcome_type : {"auto", "numeric", "binary", "ordinal"}
        Auto: by the column; numbers that are all 0 or 1 are binary.
    link : {"logit", "probit", "cloglog"}
        Of ``"shapley"``.
    adjust : str or list of str, optional
        Terms held in every model; their part is a block called ``adjust``.
    weights : str or vector of n, optional
    weight_kind : {"frequency", "analytic", "sampling"}
        Needed with weights; see :func:`moments`.
    cluster : str or vector of n, optional
        Rows of a cluster are not independent: limits rest on clusters.
    strata : str or vector of n, optional
        Clusters (or rows) were drawn stratum by stratum.
    interval : {"auto", "jackknife", "influence", "percentile", "expanded", "basic", "none"} or None
        Auto: delete-one-cluster jackknife with clusters, delete-one-row up to 400 rows, else influence functions of
        the rows, which count that the columns vary too. ``"shapley"`` has the jackknife, over clusters or 100 groups
        of rows.
    level : float
        Of limits, between 0 and 1.
    replicates, seed : int
        Of bootstrap limits; the seed also deals rows into groups.
    missing : {"complete", "error"}
    threads : int, optional

    Returns
    -------
    Gap
        ``gap``, ``parts``, ``terms``, ``levels``, ``references``, ``categories``, ``to_frame()``, ``plot()``.

    Raises
    ------
    SteelyardError
        A group with one level or three, a group that stands in a block, a method that the outcome does not go with.
    DataError
        A group with fewer rows than its model has coefficients, a column that adds nothing within one group, a level
        without rows in one group.

    Notes
    -----
    Explained and unexplained add up to the gap. Detail does not change with the base level of a factor [8]_. With
    ``"oaxaca"`` the unexplained parts of single blocks depend on where their numbers have their zero, their sum does
    not [9]_; with ``"shapley"`` columns count from their means over all rows, and no part does. Of
    binary and ordered answers each group has a model of its own; rows of the two groups are paired by rank of the
    pooled index with all rows and weights, which is what matching at random tends to [6]_; what predicted means are
    short of observed ones is a part of its own, ``fit``.

    References
    ----------
    .. [1] Oaxaca 1973, doi:10.2307/2525981
    .. [2] Blinder 1973, doi:10.2307/144855
    .. [3] Kitagawa 1955, doi:10.1080/01621459.1955.10501299
    .. [4] Gelbach 2016, doi:10.1086/683668
    .. [5] Shorrocks 2013, doi:10.1007/s10888-011-9214-z
    .. [6] Fairlie 2005, doi:10.3233/JEM-2005-0259
    .. [7] Jann 2008, doi:10.1177/1536867X0800800401
    .. [8] Yun 2005, doi:10.1093/ei/cbi053
    .. [9] Jones & Kelley 1984, doi:10.1177/0049124184012003004

    Examples
    --------
    >>> chicago = sy.datasets.load("chicago_wages").dropna()
    >>> g = sy.gap(chicago, "log_wage", "foreign_born", {"age": "age", "sex": "female"})
    >>> g.parts[["block", "explained", "unexplained"]].round(4).values.tolist()
    [['age', -0.0634, 0.3794], ['sex', -0.0179, -0.0531], ['(Intercept)', nan, -0.1017], ['total', -0.0813, 0.2246]]
    >>> low = chicago.assign(low=chicago["log_wage"] < 2.2)
    >>> len(sy.gap(low, "low", "foreign_born", ["age", "female"]).references)
    5
    """
    if isinstance(data, Moments):
        raise SteelyardError("data: gap() needs rows; moments hold only sums")
    frame = Frame(data)
    options = _options(method, reference, interval, level, replicates, seed, link, thread_count(threads))
    kind = weight_number(weights, weight_kind)
    design = Design(frame)
    options["type"] = _type_of(design, outcome, choice("outcome_type", outcome_type, _TYPES))
    _settle(options)
    asked, record = _question(design, outcome, blocks, adjust, options)
    whole_design = design.finish(weights, kind, cluster, MISSING[choice("missing", missing, MISSING)], strata)
    column = _group_column(design, group)
    whole_design, places = with_columns(whole_design, {"group": column})
    options["first"] = _level_place(column, first)
    with Progress(f"gap in {record['outcome']}") as progress:
        found, remarks = _ask(whole_design, places["group"], asked, options, progress)
    record.update({**found, **options}, remarks=tuple(remarks), interval=name_of(INTERVALS, found["interval"]),
                  group=column[0], group_levels=column[2], weight_kind=None if not kind else name_of(WEIGHT_KINDS, kind))
    warn_of(remarks, stacklevel=3)
    return Gap(record)


def _options(method, reference, interval, level, replicates, seed, link, threads):
    if isinstance(reference, (bool, np.bool_)) or not isinstance(reference, (str, numbers.Real)):
        raise SteelyardError(f"reference: {reference!r} is neither a word nor a number from 0 to 1")
    weight = 0.0
    if isinstance(reference, numbers.Real):
        weight = float(reference)
        if not 0 <= weight <= 1:
            raise SteelyardError(f"reference: {weight:.15g} is not between 0 and 1")
        reference = f"{weight:.15g}"
    else:
        choice("reference", reference, ["auto", *REFERENCES, "order_free"])
    return {"method": choice("method", method, ["auto", *_METHODS, "shapley"]), "reference": reference,
            "weight": weight, "asked_interval": "none" if interval is None else choice("interval", interval, INTERVALS),
            "confidence": check_level(level), "replicates": whole("replicates", replicates, 1, _MOST_REPLICATES),
            "seed": whole("seed", seed, 0, 2**64 - 1), "link": choice("link", link, _LINKS), "threads": threads}


def _outcome_term(outcome, frame):
    terms = _terms.parse_list(outcome, "outcome", frame)
    if len(terms) != 1 or len(terms[0].factors) != 1:
        raise SteelyardError("outcome: one column is needed")
    return terms[0]


def _type_of(design, outcome, asked):
    """What the outcome is, by what was said or by its column."""
    if asked != "auto":
        return asked
    term = _outcome_term(outcome, design.frame)
    values = design.values(term.factors[0], "outcome")
    series = values if isinstance(values, pd.Series) else pd.Series(values)
    if isinstance(series.dtype, pd.CategoricalDtype):
        return "ordinal" if series.cat.ordered and len(series.cat.categories) > 2 else "binary"
    if types.is_bool_dtype(series.dtype):
        return "binary"
    if types.is_numeric_dtype(series.dtype):
        present = series.dropna()
        return "binary" if len(present) and present.isin((0, 1)).all() else "numeric"
    return "numeric"


def _settle(options):
    """Method and reference for the outcome, or an error that says what goes with what."""
    kind, answers = options["type"], options["type"] in ("binary", "ordinal")
    if options["method"] == "auto":
        options["method"] = "shapley" if answers else "oaxaca"
    method, reference = options["method"], options["reference"]
    if method == "shapley" and not answers:
        raise SteelyardError('method: "shapley" is of a binary or ordinal outcome; a numeric one has "oaxaca", "kitagawa" '
                             'and "gelbach"')
    if method != "shapley" and kind == "ordinal":
        raise SteelyardError(f'method: "{method}" is of a numeric outcome; an ordinal one has "shapley"')
    if options["link"] != "logit" and method != "shapley":
        raise SteelyardError(f'link: "{method}" has none; leave it out')
    if reference == "auto":
        options["reference"] = "order_free" if method == "shapley" else "pooled"
        return
    if method in ("kitagawa", "gelbach"):
        raise SteelyardError(f'reference: "{method}" has none; leave it out')
    allowed = BY if method == "shapley" else REFERENCES
    if reference not in allowed and (method == "shapley" or reference == "order_free"):
        choice("reference", reference, allowed)


def _question(design, outcome, blocks, adjust, options):
    """((outcome, blocks, adjusting terms) as indices, the record of names)."""
    frame = design.frame
    term = _outcome_term(outcome, frame)
    if options["method"] == "shapley":
        try:
            place = put_outcome(design, term, ORDINAL if options["type"] == "ordinal" else BINARY)
        except SteelyardError as error:
            raise SteelyardError(str(error).replace("formula: the outcome ", "outcome: ", 1)) from None
    else:
        place = design.add(term, "outcome")
    named = _terms.parse_blocks(blocks, frame)
    held = [] if adjust is None else _terms.parse_list(adjust, "adjust", frame)
    seen = {term.label: None}
    for name, terms in [*named, ("adjust", held)]:
        for one in terms:
            if one.label in seen:
                where = f"in block {seen[one.label]} too" if seen[one.label] else "the outcome"
                raise SteelyardError(f"{'adjust' if terms is held else 'blocks'}: {one.label} is {where}")
            seen[one.label] = name
    indices = tuple((name, tuple(design.add(one, "blocks") for one in terms)) for name, terms in named)
    adjusting = tuple(design.add(one, "adjust") for one in held)
    record = {"outcome": term.label, "blocks": [(name, [one.label for one in terms]) for name, terms in named],
              "adjust": [one.label for one in held], "answers": _answers(design, place)}
    if options["method"] == "shapley" and held:
        indices, adjusting = (*indices, ("adjust", adjusting)), ()
    return (place, indices, adjusting), record


def _answers(design, place):
    """Levels of an outcome that is a factor."""
    return design._columns[design._terms[place][1][0][0]][2]


def _group_column(design, group):
    name, values = design.side(group, "group")
    codes, levels = _columns.factor(values)
    return (name, codes, levels, 0)


def _level_place(column, first):
    if first is None:
        return -1
    text = _columns.level_text(first)
    if text not in column[2]:
        levels = ", ".join(column[2][:8])
        raise SteelyardError(f'first: "{text}" is not a level of {column[0]} ({levels}{", ..." if len(column[2]) > 8 else ""})')
    return column[2].index(text)


def _ask(design, group, asked, options, progress):
    interval = INTERVALS[options["asked_interval"]]
    if options["method"] == "shapley":
        numbers_ = (ORDINAL if options["type"] == "ordinal" else BINARY, LINKS[options["link"]], options["first"],
                    interval, options["confidence"], options["seed"], _SECONDS_ALLOWED, BY[options["reference"]])
        return _core.gap_response(design, group, asked, numbers_, options["threads"], progress)
    numbers_ = (_METHODS[options["method"]], REFERENCES.get(options["reference"], _NUMBER), options["weight"],
                options["first"], interval, options["confidence"], options["replicates"], options["seed"])
    return _core.gap(design, group, asked, numbers_, options["threads"], progress)
