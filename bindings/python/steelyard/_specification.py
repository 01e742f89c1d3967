# SPDX-License-Identifier: GPL-3.0-only
"""Specification curves: the question asked in every way that could be defended."""
import numpy as np
import pandas as pd

from . import _core, _provenance
from ._document import Shown, told
from ._columns import Frame, factor
from ._errors import SteelyardError, warn_of
from ._fit_request import check_level
from ._moments import Moments
from ._options import INTERVALS, choice, several, thread_count, weight_number, whole
from ._progress import Progress
from ._tables import Summary
from ._tidy import frame_of
from ._weigh import _INTERVALS, _MISSING
from ._weigh_request import NUMBER, Request, place_of

_FORMS = {"level": 0, "log": 1, "rank": 2}
_FIXED = ("funding", "blocks", "source", "weights", "missing")
_AS_ASKED = "as asked"
_MOST_ROW_CHOICES, _MOST_OPTIONS = 4, 256


def specification_curve(data, outcomes, blocks, funding="funding", process="process", choices=None, adjust=None,
                        cluster=None, strata=None, interval="auto", level=0.95, seed=1, threads=None):
    """Ask process less funding in every combination of choices.

    Parameters
    ----------
    data, outcomes, blocks, funding, process, adjust, cluster, strata
        As in :func:`weigh`; outcomes are numbers.
    choices : dict, optional
        What could have been decided otherwise; default ``{"funding": ["level", "log", "rank"]}``.

        - ``"funding"``: list of ``"level"``, ``"log"``, ``"rank"`` of the funding block's numbers;
        - ``"blocks"``: dict of name -> blocks, other ways to put terms into blocks, beside those ``as asked``;
        - ``"source"``: dict of name -> terms, sources of the process measure, as ``process_sources`` of :func:`weigh`;
        - ``"weights"``: dict of name -> None or (column, kind);
        - ``"missing"``: list of ``"complete"`` (over everything that any specification asks) and ``"per-outcome"``;
        - any other name, up to four: a column (one option a level, such as a year), or a dict of option -> None (all
          rows), a truth value a row, or a function of the data that gives one.
    interval : {"auto", "jackknife", "influence", "none"} or None
    level : float
    seed : int
    threads : int, optional

    Returns
    -------
    SpecificationCurve

    Raises
    ------
    SteelyardError
        A choice without options, an unknown form, block or column; weights without their kind.
    DataError
        A specification without an answer; the message names its options.
    LimitError
        More than 100,000 combinations.

    Notes
    -----
    Every combination is asked; limits are those of the single specification [1]_. The part of the spread that a
    choice makes is the Shapley share of R2 of the differences on the choices as factors (compare [2]_). The
    combinations are not a sample: nothing is said of the curve as a whole. Cost: a jackknife each.

    References
    ----------
    .. [1] Simonsohn, Simmons & Nelson 2020, doi:10.1038/s41562-020-0912-z
    .. [2] Patel, Burford & Ioannidis 2015, doi:10.1016/j.jclinepi.2015.05.029

    Examples
    --------
    >>> councils = sy.datasets.load("councils_2018_19")
    >>> curve = sy.specification_curve(
    ...     councils, ["control", "satisfaction"],
    ...     {"funding": "spend_per_adult_gbp", "process": "easy_information", "need": "deprivation_rank"},
    ...     choices={"funding": ["level", "log", "rank"],
    ...              "source": {"users": "easy_information", "carers": "carer_easy_information"},
    ...              "rows": {"all": None, "without City of London": councils["council"] != "City of London"}})
    >>> len(curve.table)
    24
    >>> curve.choices[["choice", "options"]].values.tolist()
    [['outcome', 2.0], ['source', 2.0], ['funding', 3.0], ['rows', 2.0], ['together', 24.0]]
    """
    if isinstance(data, Moments):
        raise SteelyardError("data: specification_curve() needs rows; moments hold only sums")
    frame = Frame(data)
    request, asked = Request(frame), {"funding": ["level", "log", "rank"]} if choices is None else choices
    if not isinstance(asked, dict) or not asked:
        raise SteelyardError('choices: a dict is needed, such as {"funding": ["level", "log"]}')
    places, types = request.outcomes(outcomes, "number")
    if any(kind != NUMBER for kind in types):
        raise SteelyardError("outcomes: specification curves take numbers")
    members = _memberships(request, blocks, asked.get("blocks"), funding, process)
    adjusting = request.adjust(adjust, cluster)
    if adjusting[:1] == (-1,):
        raise SteelyardError("adjust: fixed effects of the clusters are not among what specification curves take")
    sources, rules = request.sources(asked.get("source"), members[0][1], False)
    forms = tuple(_FORMS[choice("choices", form, _FORMS)] for form in _list_of("funding", asked.get("funding", ["level"])))
    missing = tuple(_MISSING[choice("choices", rule, _MISSING)]
                    for rule in _list_of("missing", asked.get("missing", ["per-outcome"])))
    weightings = _weightings(request, asked.get("weights"))
    rows = _row_choices(frame, data, {name: value for name, value in asked.items() if name not in _FIXED})
    design, at = request.finish(None, 0, cluster, strata)
    question = (places, members, sources, rules, forms,
                tuple((name, at(place), kind) for name, place, kind in weightings), missing, rows, adjusting)
    interval = "none" if interval is None else choice("interval", interval, _INTERVALS)
    numbers = (check_level(level), INTERVALS[interval], whole("seed", seed, 0, 2**64 - 1))
    with Progress("specifications") as progress:
        answer = _core.specifications(design, question, numbers, thread_count(threads), progress)
    curve = SpecificationCurve(answer, {"funding": funding, "process": process, "level": level, "interval": interval,
                                        "seed": seed, "threads": thread_count(threads) or None})
    warn_of(curve._remarks, stacklevel=3)
    return curve


def _list_of(name, given):
    options = several("choices", given)
    if not options or len(set(map(str, options))) < len(options):
        raise SteelyardError(f"choices: {name} needs options, each once")
    return options


def _memberships(request, blocks, others, funding, process):
    """((name, blocks, place of funding, place of process), ...), that as asked first."""
    if others is not None and not isinstance(others, dict):
        raise SteelyardError("choices: blocks are a dict of name -> blocks")
    members = []
    for name, given in {_AS_ASKED: blocks, **(others or {})}.items():
        split = request.blocks(given)
        names = [block for block, _ in split]
        members.append((str(name), split, place_of("funding", funding, names), place_of("process", process, names)))
    return tuple(members)


def _weightings(request, given):
    if given is None:
        return [("none", None, 0)]
    if not isinstance(given, dict) or not given:
        raise SteelyardError('choices: weights are a dict, such as {"none": None, "people": ("population", "analytic")}')
    found = []
    for name, value in given.items():
        column, kind = (value, None) if value is None or isinstance(value, str) else value
        number = weight_number(column, kind)
        place = None
        if column is not None:
            title, values = request.design.side(column, "choices")
            place = request.side((title, np.asarray(values, dtype=np.float64), None, 0))
        found.append((str(name), place, number))
    return found


def _row_choices(frame, data, given):
    """((name, options, masks), ...)"""
    if len(given) > _MOST_ROW_CHOICES:
        raise SteelyardError(f"choices: {len(given)} choices of rows; at most {_MOST_ROW_CHOICES} are taken")
    found = []
    for name, value in given.items():
        if isinstance(value, str):
            codes, levels = factor(frame.values(value, "choices"))
            options = {level: codes == code for code, level in enumerate(levels)}
        elif isinstance(value, dict) and value:
            options = {str(option): None if mask is None else _mask(frame, data, name, option, mask)
                       for option, mask in value.items()}
        else:
            raise SteelyardError(f"choices: {name} is neither a column nor a dict of option -> rows")
        if len(options) > _MOST_OPTIONS:
            raise SteelyardError(f"choices: {name} has {len(options)} options; at most {_MOST_OPTIONS} are taken")
        found.append((str(name), tuple(options), tuple(
            None if mask is None else np.ascontiguousarray(mask, dtype=np.uint8) for mask in options.values())))
    return tuple(found)


def _mask(frame, data, name, option, mask):
    values = np.asarray(mask(data) if callable(mask) else mask)
    if values.shape != (frame.n,) or values.dtype != bool:
        raise SteelyardError(f"choices: {name}, {option}: a truth value for each of {frame.n} rows is needed")
    return values


class SpecificationCurve(Shown):
    """The answers of all specifications.

    Read-only; frames are copies. It pickles.

    Attributes
    ----------
    table : DataFrame
        One row a specification by rising difference: its options, answer (of its own limits), n, total, funding,
        process, difference, std_error, conf_low, conf_high, p_value.
    summary_table : DataFrame
        what, value: the median and ends, the parts with process ahead and with limits above or below zero.
    choices : DataFrame
        One row a choice with two options or more: choice, medians, options, share (of the differences' variance).
    verdict : str
        The curve in one sentence.
    remarks : DataFrame
    provenance : dict
    """

    def __init__(self, answer, asked):
        tables, verdict, remarks, _, pieces = answer[:3], *answer[3:]
        self.__dict__.update(_frames=dict(map(frame_of, tables)), verdict=verdict, _remarks=remarks, _pieces=pieces,
                             _asked=asked)

    def __setattr__(self, name, value):
        raise AttributeError("specification curves are read-only")

    def __getstate__(self):
        return self.__dict__

    def __setstate__(self, state):
        self.__dict__.update(state)

    table = property(lambda self: self._frames["specifications"].copy())
    summary_table = property(lambda self: self._frames["summary"].copy())
    choices = property(lambda self: self._frames["choices"].copy())
    remarks = property(lambda self: pd.DataFrame(list(self._remarks), columns=["code", "term", "value", "text"]))
    provenance = property(lambda self: {"version": _core.version(), **self._asked,
                                        "specifications": len(self._frames["specifications"])})

    def to_frame(self):
        """As ``table``.

        Returns
        -------
        DataFrame

        Examples
        --------
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> blocks = {"funding": "spend_per_adult_gbp", "process": "easy_information"}
        >>> curve = sy.specification_curve(councils, ["control", "satisfaction"], blocks)
        >>> len(curve.to_frame()) == len(curve.table)
        True
        """
        return self.table

    tidy = to_frame

    def glance(self):
        """The summary as one row.

        Returns
        -------
        DataFrame

        Examples
        --------
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> blocks = {"funding": "spend_per_adult_gbp", "process": "easy_information"}
        >>> len(sy.specification_curve(councils, ["control", "satisfaction"], blocks).glance())
        1
        """
        summary = self._frames["summary"]
        return pd.DataFrame([dict(zip(summary["what"].str.replace(" ", "_"), summary["value"]))])

    def plot(self, ax=None):
        """Draw the sorted differences with limits and, beneath, the options of each; needs matplotlib.

        Parameters
        ----------
        ax : pair of matplotlib Axes, optional

        Returns
        -------
        array of two Axes

        Raises
        ------
        ImportError
            matplotlib is not installed.

        Examples
        --------
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> blocks = {"funding": "spend_per_adult_gbp", "process": "easy_information"}
        >>> axes = sy.specification_curve(councils, ["control", "satisfaction"], blocks).plot()
        """
        from . import _evidence_plot

        table = self._frames["specifications"]
        return _evidence_plot.curve(table, list(table.columns[:list(table.columns).index("answer")]), ax)

    def summary(self):
        """The print, and how the answer came about.

        Returns
        -------
        Summary

        Examples
        --------
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> blocks = {"funding": "spend_per_adult_gbp", "process": "easy_information"}
        >>> "process" in str(sy.specification_curve(councils, ["control", "satisfaction"], blocks).summary())
        True
        """
        return Summary(self._document() + ["", *_provenance.pieces_of(self.provenance)])

    def _document(self):
        return told(self._pieces)
