# SPDX-License-Identifier: GPL-3.0-only
"""The whole question: funding or process, what money goes with, what would overturn it."""
from . import _core
from ._columns import Frame
from ._errors import SteelyardError, warn_of
from ._evidence import Evidence
from ._fit_request import check_level
from ._moments import Moments
from ._options import INTERVALS, choice, flag, real, thread_count, weight_number, whole
from ._progress import Progress
from ._recognised import dataset_of
from ._weigh_request import Request, need_of, place_of

_INTERVALS = ("auto", "jackknife", "influence", "none")
_MISSING = {"complete": 0, "per-outcome": 1}


def weigh(data, outcomes, blocks, funding="funding", process="process", need=None, adjust=None, process_sources=None,
          cluster=None, weights=None, weight_kind=None, strata=None, group=None, by=None, population=None, label=None,
          one_source=False, areas=False, outcome_type="auto", unit_pounds=1000, at_most=0.07, interval="auto",
          level=0.95, replicates=2000, seed=1, missing="per-outcome", left_out=3, threads=None):
    """Weigh funding against process over all outcomes.

    Parameters
    ----------
    data : DataFrame (pandas, polars), pyarrow Table, duckdb relation, or dict of columns
        One row a person (or an area: say so by `areas`).
    outcomes : str or list of str
    blocks : dict of name -> str or list of str
        The terms of each block, as in :func:`shares`.
    funding, process : str
        The blocks whose shares are compared.
    need : str or list of str, optional
        Blocks that are forced in first, beside the order-free answer, since money is given for need. Default the
        block called ``need`` where there is one.
    adjust : str or list of str, optional
        Terms forced in before everything, as in :func:`shares`.
    process_sources : dict of name -> str or list of str, optional
        Who was asked about process: the terms of each source replace those of the process block; the name (or the
        very terms) of another block lets that block stand for process. The first source is the one that the
        tables of single outcomes are about.
    cluster, weights, weight_kind, strata
        As in :func:`shares`.
    group : str or vector of n, optional
        Two groups, such as payment types: the gap between them in each outcome, divided by block (Gelbach; see
        ``gaps`` of the result).
    by : str or vector of n, optional
        The question in each level of a column, with the change from the first level.
    population : dict of grouping -> dict of level -> share, optional
        The question again with rows re-weighted; see :func:`shares`.
    label : str or vector of n, optional
        Names of rows, for those whose absence changes most. Default the index of a data frame that has names.
    one_source : bool, or names of process sources
        Outcomes and process come from one questionnaire. It is said among the limits.
    areas : bool
        Rows are averages over areas. It is said among the limits.
    outcome_type : {"auto", "number", "binary", "ordinal"} or dict of outcome -> one of them
        Auto: ordered categoricals are ordinal (binary with two levels), truth values binary, all else numbers.
        Numbers: shares of R2. Binary and ordinal: shares of McFadden's R2 of a (cumulative) logit, without points,
        orders and flips; ``"number"`` scores ordered answers 1, 2, 3 and so on.
    unit_pounds : float
        The sum whose points are given.
    at_most : float
        The bound of the claim that funding alone explains at most so much in every outcome.
    interval : {"auto", "jackknife", "influence", "none"} or None
        As in :func:`shares`.
    level : float
    replicates, seed : int
        Of the signs that are drawn in stepping p values down.
    missing : {"per-outcome", "complete"}
        Rows complete over each question, or over all outcomes and sources together.
    left_out : int
        How many units at most are left out of everything and the whole judged again.
    threads : int, optional

    Returns
    -------
    Evidence

    Raises
    ------
    SteelyardError
        Funding, process or need not among the blocks (the nearest is named); a source whose terms stand in another
        block; what :func:`shares` refuses.
    DataError
        A constant outcome; funding or process with the same value in every row; a level of `by` without rows.

    Notes
    -----
    The rules, D being process less funding (Shapley shares of the outcome's variance) and alpha 1 - level:

    1. In one outcome by one source: supported when D > 0, contradicted when D < 0, where the p value of D, stepped
       down over the outcomes of that source [1]_, is at most alpha; else undecided.
    2. In every outcome by one source: supported when the limits of D, one outcome at a time, lie above zero in every
       outcome [2]_; contradicted when one outcome is contradicted by rule 1; else undecided.
    3. In every outcome by every source: supported when every source is supported by rule 2; contradicted when in one
       outcome and source D < 0 with p, stepped down over all outcomes and sources, at most alpha; else undecided.
    4. "Funding explains more": the same with the sign turned.
    5. "Funding alone explains at most c in every outcome": supported when the largest one-sided upper limit is below
       c, contradicted when the largest simultaneous lower limit is above it; else undecided.

    Points are coefficients times `unit_pounds`, with CR2 errors over clusters, HC3 over rows. Cost: a jackknife
    for each outcome and source, and those again for each unit left out.

    References
    ----------
    .. [1] Romano & Wolf 2005, doi:10.1198/016214504000000539
    .. [2] Berger 1982, doi:10.1080/00401706.1982.10487790

    Examples
    --------
    >>> councils = sy.datasets.load("councils_2018_19")
    >>> evidence = sy.weigh(councils, ["control", "satisfaction"],
    ...                     {"funding": "spend_per_adult_gbp", "process": "easy_information",
    ...                      "need": "deprivation_rank"}, label="council", areas=True)
    >>> evidence.differences[["outcome", "answer"]].values.tolist()
    [['control', 'supported'], ['satisfaction', 'supported']]
    >>> len(evidence.verdict)
    3
    """
    if isinstance(data, Moments):
        raise SteelyardError("data: weigh() needs rows; moments hold only sums")
    request = Request(Frame(data))
    places, types = request.outcomes(outcomes, outcome_type)
    split = request.blocks(blocks)
    names = [name for name, _ in split]
    roles = [place_of("funding", funding, names), place_of("process", process, names)]
    wanted = need_of(need, names, roles)
    adjusting = request.adjust(adjust, cluster)
    sources, rules = request.sources(process_sources, split, one_source)
    sides = [request.factor(by, "by"), request.factor(group, "group"), request.label(label)]
    margins = request.margins(population)
    kind = weight_number(weights, weight_kind)
    design, at = request.finish(weights, kind, cluster, strata)
    options = {
        "level": check_level(level),
        "interval": "none" if interval is None else choice("interval", interval, _INTERVALS),
        "replicates": whole("replicates", replicates, 100, 1_000_000), "seed": whole("seed", seed, 0, 2**64 - 1),
        "at_most": real("at_most", at_most), "unit_pounds": real("unit_pounds", unit_pounds),
        "left_out": whole("left_out", left_out, 0, 1000), "missing": choice("missing", missing, _MISSING),
        "weight_kind": weight_kind, "threads": thread_count(threads) or None}
    question = (places, types, split, adjusting,
                (*roles, int(not sources and flag("one_source", one_source)), *map(at, sides), int(flag("areas", areas)),
                 _MISSING[missing], int(label is None and sides[2] is not None)), wanted, sources, rules,
                tuple((at(place), shares) for place, shares in margins), dataset_of(design, request.frame))
    numbers = (options["level"], INTERVALS[options["interval"]], options["replicates"], options["seed"],
               options["at_most"], options["unit_pounds"], options["left_out"], 1)
    with Progress("weighing") as progress:
        answer = _core.weigh(design, question, numbers, thread_count(threads), progress)
    evidence = Evidence(answer, {**options, "funding": funding, "process": process, "blocks": {
        name: [design[1][t][0] for t in terms] for name, terms in split}, "sources": [name for name, _ in sources]})
    warn_of(evidence._remarks, stacklevel=3)
    return evidence
