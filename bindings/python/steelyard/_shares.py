# SPDX-License-Identifier: GPL-3.0-only
"""The question: which blocks share the outcome's explained variance, and how."""
import contextlib
import contextvars

import numpy as np

from . import _core, _crossvalidated, _fitted, _population, _terms
from ._by import split_by
from ._columns import Frame, is_factor
from ._design import Design
from ._errors import SteelyardError, warn_of
from ._fit import Fit
from ._linear_fit import LinearFit
from ._measure import measure_of_moments
from ._moments import Moments, sum_rows
from ._orders import ABSORBED, clusters_named, read_order, take_clusters, with_groups
from ._options import (INTERVALS, METRICS, MISSING, PRECISIONS, REPLICATED, UNITS, choice, name_of, real,
                       thread_count, weight_number, whole)
from ._progress import Progress, mapped
from ._result import Shares

_BOUNDS = {"auto": 0, False: 1, True: 2}
_METHODS = {"auto": 0, "exact": 1, "sampled": 2}
_ROWS_AS_UNITS = 1000  # up to here each row is a set that the jackknife leaves out
_SECONDS_ALLOWED = 60.0
_KEPT = contextvars.ContextVar("designs", default=None)
_MOST_REPLICATES = 1_000_000
_RESAMPLED = {"jackknife", *REPLICATED}


def shares(data, outcome=None, blocks=None, adjust=None, order=None, weights=None, weight_kind=None, cluster=None,
           strata=None, by=None, population=None, measure=None, method="auto", bounds="auto", interval="auto",
           level=0.95, replicates=2000, seed=1, missing="complete", precision="auto", threads=None, tolerance=0.001,
           permutations=None):
    """Share the explained variance of an outcome out to blocks of terms.

    Parameters
    ----------
    data : DataFrame (pandas, polars), pyarrow Table, duckdb relation, dict of columns, Moments, or a fit
        A fit (``shares(fit, blocks)``) brings its outcome, rows, weights and clusters; blocks are made of its
        terms, by default one of each; terms in neither blocks nor adjust are left out. Of :func:`fit_linear`:
        shares of R2. Of :func:`fit_binary`, :func:`fit_count`, :func:`fit_ordinal`, :func:`fit_mixed`: shares of
        `measure`.
    outcome : str or list of str
        One outcome or several, each a numeric term.
    blocks : dict of name -> str or list of str; or a list of str; or a str
        The terms of each block, in formula grammar: ``x``, ``C(x)``,
        ``I(x**2)``, ``a:b``, ``a*b``, ``np.log(x)``, joined by ``+``. A list
        or a single string makes one block of each term. A term may stand in
        one block only. The intercept is always there.
    adjust : str or list of str, optional
        Terms forced in first; shares are then points of all outcome variance
        beyond them. The factor of the clusters, ``C(council)`` with
        ``cluster="council"`` (of moments: ``C(cluster)``), forces in the means
        of all clusters (fixed effects) without a column for each.
    order : list of lists of str, optional
        Groups of blocks, the first enters first: ``[["need"], ["funding",
        "process"]]``. A share is then the average over the orders that respect
        the groups [5]_. Every block must be in one.
    weights : str or vector of n, optional
    weight_kind : {"frequency", "analytic", "sampling"}
        Needed with weights; see :func:`moments`.
    cluster : str or vector of n, optional
        Rows of a cluster are not independent: intervals rest on clusters.
    strata : str or vector of n, optional
        Where clusters (or rows) were drawn stratum by stratum: resampling and
        standard errors stay within strata [7]_, and t has as many degrees of
        freedom less. Two clusters or more in each.
    by : str or vector of n, optional
        A column in whose levels the question is asked one by one; the answer is
        then a :class:`SharesBy` with tests of the levels' differences.
    population : dict of grouping -> dict of level -> share, optional
        Rows are re-weighted so that groups have these shares, such as
        ``{"payment_type": {"direct_payment": 0.24}}``; levels that are not named
        share the rest as they do in the sample. The print shows both answers;
        see :meth:`Shares.population_change`.
    measure : str, optional
        ``"r2"`` of data, moments and linear fits. Of a fit by maximum likelihood ``"mcfadden"``, 1 - loglik / loglik of
        the null model [11]_ (default), ``"nagelkerke"`` [12]_, or, binary and ordinal, ``"latent"``: the variance of the
        linear predictor over itself and the link's [13]_. Of a mixed fit ``"marginal"``: the variance of the fixed part
        over that of fixed part, effects and residual of the full model [14]_, the other parts of the same whole in
        ``parts``; not linear ones also ``"mcfadden"``.
    method : {"auto", "exact", "sampled", "one-step"}
        Of a fit that is not linear: each submodel fitted by itself (``"exact"``), or all by one step from the full
        fit's information [15]_ (``"one-step"``); auto: exact where that is expected to take under 10 seconds.
        Exact: all submodels, up to 2**30. Sampled: averages over random
        orders of entry in opposite pairs [10]_, with ``mc_error`` in ``blocks``
        and ``terms``; total, alone and unique stay exact. Auto: exact where
        that is possible.
    bounds : {"auto", True, False}
        Lowest and highest over all orderings; auto: up to 2**18 submodels.
        True: up to 2**30 (20 one-column blocks in 5 ms, 30 in about 5 s).
    interval : {"auto", "jackknife", "influence", "normal", "percentile", "expanded", "basic", "bca", "studentised", "bayes", "none"} or None
        Auto: delete-one-cluster jackknife with clusters (none under 6);
        delete-one-row jackknife up to 1000 rows; the influence function
        beyond; normal theory when only moments of all rows are at hand.
        Influence also rests on clusters or on strata (linearised). The others
        resample clusters or rows: percentile; expanded (widened for few units);
        basic and studentised (replicates in units of their own standard
        error), on the cube root of a share; bca (percentiles corrected for bias
        and skewness [8]_); bayes (percentiles under Dirichlet weights [9]_,
        with the probability of a difference in ``compare``). A kind asked for
        by name prints what it covered in simulation. Fits that are not linear:
        ``"auto"`` and ``"jackknife"``, over one-step shares without each
        cluster, or each of 100 groups of rows dealt out by `seed`.
    level : float
        Of the limits, between 0 and 1.
    replicates, seed : int
        Of the bootstrap kinds.
    missing : {"complete", "per-outcome", "error"}
        Rows complete over all terms and all outcomes; over the terms and each
        outcome by itself; or an error.
    precision : {"auto", "double", "double-double"}
    threads : int, optional
        Default STEELYARD_NUM_THREADS, else 1. The bits do not depend on it.
    tolerance : float
        Sampled: orders are drawn until the largest ``mc_error``, the standard
        error of a share over orders, is down to this many points of variance.
    permutations : int, optional
        Sampled: the most orders, 100 or more. Default 100,000, or as many as
        are expected to take a minute on one core.

    Returns
    -------
    Shares
        Shares in points of all outcome variance, with ``blocks`` and ``terms``
        as frames; with ``by`` a SharesBy; of a fit that is not linear a
        FittedShares, in points of its measure.

    Raises
    ------
    SteelyardError
        An unknown column or term (the nearest is named), a text column, a
        term in two blocks, an empty block, weights without their kind, an
        ``order`` with an unknown block, without one, or with an empty group, a
        measure that the model has not.
    DataError
        A constant outcome, fewer rows than columns, infinite values, all rows
        missing, one cluster, bad weights.
    LimitError
        Exact: more than 2**30 submodels; more than 2**18 where not all orders
        count. Sampled: ``bounds=True``; more than 18 terms bound together by
        the terms that they are made of. Fits that are not linear: more than 18
        blocks.

    Notes
    -----
    The share of a block is its Shapley value of R2 [1]_, of single columns the
    LMG measure [2]_; of a term inside its block the Owen value [3]_. Intervals
    by the jackknife follow [4]_. An interaction or a power that stands beside
    the terms it is made of enters after them, the average going over the orders
    that allow it [6]_; a remark names it. Cost: 4 * 2**B multiply-adds for B
    blocks of one column.

    References
    ----------
    .. [1] Shapley 1953, doi:10.1515/9781400881970-018
    .. [2] Lindeman, Merenda & Gold 1980; Groemping 2007, doi:10.1198/000313007X188252
    .. [3] Owen 1977, doi:10.1007/978-3-642-45494-3_7
    .. [4] MacKinnon, Nielsen & Webb 2023, doi:10.1002/jae.2969
    .. [5] Frye, Rowat & Feige 2020, arXiv:1910.06358
    .. [6] Faigle & Kern 1992, doi:10.1007/BF01258278
    .. [7] Rao & Wu 1988, doi:10.1080/01621459.1988.10478591
    .. [8] Efron 1987, doi:10.1080/01621459.1987.10478410
    .. [9] Rubin 1981, doi:10.1214/aos/1176345338
    .. [10] Castro, Gomez & Tejada 2009, doi:10.1016/j.cor.2008.04.004;
       Mitchell, Cooper, Frank & Holmes 2022, JMLR 23(43), 1-46
    .. [11] McFadden 1974, in Frontiers in Econometrics, 105-142
    .. [12] Nagelkerke 1991, doi:10.1093/biomet/78.3.691
    .. [13] McKelvey & Zavoina 1975, doi:10.1080/0022250X.1975.9989847
    .. [14] Nakagawa & Schielzeth 2013, doi:10.1111/j.2041-210x.2012.00261.x;
       within and between clusters: Rights & Sterba 2019, doi:10.1037/met0000184
    .. [15] Lawless & Singhal 1978, doi:10.2307/2530022

    Examples
    --------
    >>> councils = sy.datasets.load("councils_2018_19")
    >>> s = sy.shares(councils, outcome="control",
    ...               blocks={"funding": "spend_per_adult_gbp",
    ...                       "process": "easy_information",
    ...                       "delivery": "self_directed_support_pct + direct_payment_pct",
    ...                       "need": "deprivation_rank"})
    >>> round(s.total, 4)
    0.2689
    >>> s.blocks[["block", "share"]].round(4).values.tolist()
    [['funding', 0.0195], ['process', 0.2061], ['delivery', 0.0074], ['need', 0.0359]]
    >>> s.compare("process", "funding")[["estimate", "conf_low", "conf_high"]].round(2).values.tolist()
    [[0.19, 0.03, 0.34]]
    >>> s.at_most("funding", 0.07, metric="share").answer
    'undecided'
    """
    if isinstance(data, Fit) and blocks is None and not isinstance(outcome, str):
        outcome, blocks = None, outcome  # shares(fit, blocks)
    if isinstance(data, Fit) and not isinstance(data, LinearFit):
        given = {"outcome": (outcome, None), "weights": (weights, None), "weight_kind": (weight_kind, None),
                 "cluster": (cluster, None), "strata": (strata, None), "missing": (missing, "complete"),
                 "precision": (precision, "auto"), "by": (by, None), "population": (population, None),
                 "bounds": (bounds, "auto"), "replicates": (replicates, 2000), "tolerance": (tolerance, 0.001),
                 "permutations": (permutations, None)}
        asked = {"measure": measure, "method": method, "interval": interval, "level": level, "seed": seed,
                 "threads": threads}
        return _fitted.shares_of(data, asked, blocks, adjust, order, given)
    measure_of_moments(measure)
    options = _options(bounds, interval, level, replicates, seed, missing, thread_count(threads), method, tolerance,
                       permutations)
    if by is not None and isinstance(data, (Moments, LinearFit)):
        raise SteelyardError(f"by: {'moments' if isinstance(data, Moments) else 'a fit'} cannot be split by rows; give "
                             "the data frame")
    options["population"] = population
    if population is not None and isinstance(data, (Moments, LinearFit)):
        raise SteelyardError("population: re-weighting needs the rows of a data frame")
    if isinstance(data, Moments):
        _refuse_data_arguments(weights, weight_kind, cluster, strata, missing, precision)
        records = _from_moments(data, outcome, (blocks, adjust, order), options)
    elif isinstance(data, LinearFit):
        _refuse_of_fit(outcome, weights, weight_kind, cluster, strata, missing, precision)
        records = _from_fit(data._model, (blocks, adjust, order), options)
    else:
        rules = (weights, weight_number(weights, weight_kind), cluster,
                 PRECISIONS[choice("precision", precision, PRECISIONS)], strata)
        if by is not None:
            return _by_level(Frame(data), by, outcome, (blocks, adjust, order), rules, options)
        records = _from_rows(Frame(data), outcome, (blocks, adjust, order), rules, options)
    warn_of([remark for record in records for remark in record["remarks"]], stacklevel=3)
    return Shares(records, options)


def _options(bounds, interval, level, replicates, seed, missing, threads, method="auto", tolerance=0.001,
             permutations=None):
    if not isinstance(bounds, (str, bool)) or bounds not in _BOUNDS:
        raise SteelyardError(f'bounds: {bounds!r} is not one of "auto", True, False')
    return {"bounds": bounds, "interval": "none" if interval is None else choice("interval", interval, INTERVALS),
            "level": real("level", level), "replicates": whole("replicates", replicates, 1, _MOST_REPLICATES),
            "seed": whole("seed", seed, 0, 2**64 - 1),
            "missing": choice("missing", missing, ["complete", "per-outcome", "error"]), "threads": threads,
            "method": choice("method", method, _METHODS), "tolerance": real("tolerance", tolerance),
            "permutations": 0 if permutations is None else whole("permutations", permutations, 100, 10**9)}


def _refuse_data_arguments(weights, weight_kind, cluster, strata, missing, precision):
    given = {"weights": weights, "weight_kind": weight_kind, "cluster": cluster, "strata": strata,
             "missing": None if missing == "complete" else missing,
             "precision": None if precision == "auto" else precision}
    for argument, value in given.items():
        if value is not None:
            held = {"weights": "weights", "weight_kind": "weights", "cluster": "clusters",
                    "strata": "strata", "missing": "missing rule", "precision": "precision"}[argument]
            raise SteelyardError(f"{argument}: moments already hold their {held}; leave it out")


def _single_outcomes(outcome, known):
    terms = _terms.parse_list(outcome, "outcome", known)
    if not terms:
        raise SteelyardError("outcome: name at least one outcome")
    return terms


class _Question:
    """Outcomes, blocks, adjusting terms and groups as parsed."""

    def __init__(self, outcome, split, known):
        blocks, adjust, order = split
        self.outcomes = _single_outcomes(outcome, known)
        self.blocks = _terms.parse_blocks(blocks, known)
        self.adjust = [] if adjust is None else _terms.parse_list(adjust, "adjust", known)
        self.order = read_order(order, [name for name, _ in self.blocks])
        self.absorbed = None

    def absorb(self, clusters, holds_factor=lambda name: False):
        """Where an adjusting term is the factor of the clusters, their means are forced in instead."""
        self.absorbed, self.adjust = take_clusters(self.adjust, clusters, holds_factor)
        return self

    def indices(self, place):
        """(blocks, adjust) as the core takes them; `place` gives a term's index."""
        blocks = tuple((name, tuple(place(term, "blocks") for term in terms)) for name, terms in self.blocks)
        adjust = tuple(place(term, "adjust") for term in self.adjust)
        return with_groups(blocks, self.order), (ABSORBED, *adjust) if self.absorbed else adjust


def _from_moments(m, outcome, split, options):
    places = {label: i for i, label in enumerate(m._info["labels"])}
    question = _Question(outcome, split, places).absorb(
        "cluster" if m.unit == "cluster" and "factor(cluster)" not in places else None)

    def place(term, argument):
        index = places.get(term.label)
        return _core.find_term(m._blob, argument, term.label) if index is None else index

    outcomes = [place(term, "outcome") for term in question.outcomes]
    return mapped("shares", lambda index: _ask(m, None, index, question, place, options), outcomes)


def _refuse_of_fit(outcome, weights, weight_kind, cluster, strata, missing, precision):
    held = {"outcome": (outcome, None, "outcome"), "weights": (weights, None, "weights"),
            "weight_kind": (weight_kind, None, "weights"), "cluster": (cluster, None, "clusters"),
            "strata": (strata, None, "rows"), "missing": (missing, "complete", "missing rule"),
            "precision": (precision, "auto", "precision")}
    for argument, (value, default, what) in held.items():
        if value is not default and value != default:
            raise SteelyardError(f"{argument}: the fit already holds its {what}; leave it out")


def _from_fit(model, split, options):
    """The fit's rows and terms, asked about shares."""
    if not model.asked.intercept or model.places["absorb"] >= 0:
        raise SteelyardError("data: shares of R2 need a fit with an intercept")
    labels = [label for label, _ in model.design[1]]
    places = {label: i for i, label in enumerate(labels)}
    blocks, *rest = split
    clusters = model.design[4]
    question = _Question(model.outcome, (model.terms if blocks is None else blocks, *rest), places).absorb(
        clusters and clusters[0])

    def place(term, argument):
        index = places.get(term.label)
        return _core.find(argument, term.label, tuple(labels)) if index is None else index

    unit = _unit(model.n, model.design[4], options["interval"])
    with Progress("shares", 2):
        m = sum_rows(model.design, UNITS[unit], model.rules["precision"], options["threads"])
        return [_ask(m, model.design if unit == "none" else None, model.places["outcome"], question, place, options)]


def shares_of_terms(model):
    """alone and unique of each term of a fit, without limits, and the suppressors' labels."""
    options = _options(False, None, model.rules["level"], 1, 1, "complete", model.rules["threads"])
    record, = _from_fit(model, (None, None, None), options)
    table = record["estimate"][:len(model.terms)]
    suppression = [term for code, term, _, _ in record["remarks"] if code == "suppression"]
    return table[:, METRICS.index("alone")], table[:, METRICS.index("unique")], suppression


def _from_rows(frame, outcome, split, rules, options):
    question = _Question(outcome, split, frame).absorb(
        clusters_named(rules[2], frame), lambda name: is_factor(frame.values(name, "adjust")))
    if options["missing"] != "per-outcome":
        return _ask_rows(frame, question, question.outcomes, rules, options)
    each = mapped("shares", lambda term: _ask_rows(frame, question, [term], rules, options), question.outcomes)
    return [record for records in each for record in records]


def _by_level(frame, by, outcome, split, rules, options):
    """The answers inside each level of a column."""
    weights, kind, cluster, precision, strata = rules
    question = _Question(outcome, split, frame)
    terms = [*question.outcomes, *question.adjust, *(term for _, own in question.blocks for term in own)]
    sources = {factor[1] for term in terms for factor in term.factors}

    def ask(part, cut):
        taken = (cut(weights, "weights"), kind, cut(cluster, "cluster"), precision, cut(strata, "strata"))
        return _from_rows(part, outcome, split, taken, options)

    return split_by(frame, by, sources, ask, options)


def _ask_rows(frame, question, outcomes, rules, options):
    """One set of moments, one call of the core an outcome."""
    weights, kind, cluster, precision, strata = rules
    design = Design(frame)
    places = [design.add(term, "outcome") for term in outcomes]
    question.indices(design.add)
    finished = design.finish(weights, kind, cluster, MISSING.get(options["missing"], 0), strata)
    unit = _unit(frame.n, cluster, options["interval"], strata)

    def ask(of):
        with Progress("shares", 2):
            sums = sum_rows(of, UNITS[unit], precision, options["threads"])
            of = of if unit == "none" else None
            return mapped("shares", lambda index: _ask(sums, of, index, question, design.add, options), places)

    if _KEPT.get() is not None:
        _KEPT.get().extend([finished] * len(places))
    if options.get("population") is None:
        return ask(finished)
    with Progress("shares", 2):
        return _population.reweighted(ask(finished), finished, frame, options["population"], ask)


@contextlib.contextmanager
def kept_designs():
    """Collects the rows that every record made inside rests on."""
    designs = []
    token = _KEPT.set(designs)
    try:
        yield designs
    finally:
        _KEPT.reset(token)


def _unit(n, cluster, interval, strata=None):
    if cluster is not None:
        return "cluster"
    if strata is not None:
        return "row"
    few = n <= _ROWS_AS_UNITS and interval != "influence"
    return "row" if few or interval in _RESAMPLED else "none"


def _buffers(n_rows, replicates):
    shape = (n_rows, len(METRICS))
    tables = [np.full(shape, np.nan) for _ in range(5)]
    covariance = np.full((len(METRICS), n_rows, n_rows), np.nan)
    return (*tables, covariance, np.full((replicates, *shape), np.nan) if replicates else None,
            np.full(n_rows, np.nan))


def _ask(m, rows, outcome, question, place, options):
    """One outcome's record: labels, tables, summary, remarks."""
    blocks, adjust = question.indices(place)
    labels, bootstrap = m._info["labels"], options["interval"] in REPLICATED
    n_rows = len(blocks) + sum(len(terms) for _, terms, *_ in blocks)
    buffers = _buffers(n_rows, options["replicates"] if bootstrap else 0)
    numbers = (_BOUNDS[options["bounds"]], 0, INTERVALS[options["interval"]], options["level"],
               options["replicates"], options["seed"], _SECONDS_ALLOWED, _METHODS[options["method"]],
               options["tolerance"], options["permutations"])
    with Progress(f"shares of {labels[outcome]}", 2):
        with Progress(f"shares of {labels[outcome]}") as progress:
            summary, remarks = _core.shares(m._blob, rows, outcome, blocks, adjust, numbers, buffers, options["threads"],
                                            progress)
        record = dict(summary)
        record["interval"] = name_of(INTERVALS, summary["interval"])
        record.update(
            asked=(m._blob, outcome, blocks, adjust), measure="r2", outcome=labels[outcome],
            blocks=[(name, [labels[i] for i in terms]) for name, terms, *_ in blocks], order=question.order,
            adjust=[question.absorbed if i == ABSORBED else labels[i] for i in adjust],
            remarks=_joined(m._notes, remarks), info=_kept(m._info), unit=m.unit,
            weight_kind=m.weight_kind, precision=m.precision,
            **dict(zip(("estimate", "std_error", "std_error_scaled", "low", "high", "covariance"), buffers)),
            mc_errors=buffers[7] if summary["orders"] else None,
            draws=buffers[6][:summary["replicates"]] if bootstrap else None)
        record["crossvalidated"] = _crossvalidated.unasked(record, rows, m.unit, options)
    return record


def _joined(of_moments, of_shares):
    return tuple(dict.fromkeys(of_moments + of_shares))


def _kept(info):
    """What a result's print and provenance need of its moments: counts and labels."""
    return {key: info[key] for key in (
        "n", "rows_read", "rows_used", "rows_dropped", "sum_w", "labels", "term_missing", "from_correlation", "hash")}
