# SPDX-License-Identifier: GPL-3.0-only
"""Claims "at most": of a share, over outcomes, over all orders, over several results."""
import numpy as np
import pandas as pd

from . import _core, _joint, _print
from ._compare import ANSWERS, drawn_of, needs_limits, place_of
from ._document import Document, Shown
from ._errors import SteelyardError
from ._measure import asked_of, points_of, text_of
from ._options import METRICS, PERCENT, SHARE, choice, real
from ._progress import Progress

_CLAIMED = ("share", "alone", "unique", "adjusted", "highest")
_MOST_BLOCKS = 12  # the core says so past it
_OF = ("all variance", "explained variance")
_CLAIMS = {"share": "the share of {block} is at most {bound}", "alone": "{block} alone explains at most {bound}",
           "unique": "{block} adds at most {bound} to all the others",
           "adjusted": "the adjusted share of {block} is at most {bound}",
           "highest": "{block} adds at most {bound} to any set of the others"}


class Claims:
    """What a result can say of claims about one block."""

    def at_most(self, block, bound, metric=None, of="all variance", level=0.95):
        """Is a block's part at most `bound`, for every outcome?

        Parameters
        ----------
        block : str
            A block, or a term.
        bound : float
            In points of variance: 0.07 for seven percent.
        metric : {"share", "alone", "unique", "adjusted", "highest"}
            No default: the claim must say which it means. Highest: the most
            that the block adds to any set of the other blocks, at most 11 of
            them.
        of : {"all variance", "explained variance"}
            With metric="share": points of the outcome's variance, or the part
            of what all blocks explain.
        level : float
            Of the one-sided limits.

        Returns
        -------
        AtMost
            ``answer`` is "supported" when the upper limit is below the bound,
            "contradicted" when the lower limit is above it, else "undecided".
            Over several outcomes the claim is about the largest: the largest
            upper limit (intersection-union [1]_), the largest simultaneous
            lower limit; so it is over the sets of the others, each with its
            error by leaving out one unit at a time. :func:`at_most` asks it of
            several results.

        Raises
        ------
        SteelyardError
            No such block, no metric, a result without standard errors, more than 12
            blocks with metric="highest".

        References
        ----------
        .. [1] Berger 1982, doi:10.1080/00401706.1982.10487790

        Examples
        --------
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> s = sy.shares(councils, "control", {"funding": "spend_per_adult_gbp", "process": "easy_information"})
        >>> claim = s.at_most("funding", 0.07, metric="share")
        >>> claim.answer, round(claim.upper, 4)
        ('supported', 0.0697)
        """
        return _answer({"": self}, block, bound, metric, of, level)


def at_most(s, block, bound, metric=None, of="all variance", level=0.95):
    """Is a block's part at most `bound`, in every result and every outcome?

    The claim is about the largest over all of them, such as over funding as a
    level, as a logarithm and as a rank.

    Parameters
    ----------
    s : Shares, list of Shares, or dict of name -> Shares
        Results that have the block, with the same kind of limits.
    block, bound, metric, of, level
        As in :meth:`Shares.at_most`.

    Returns
    -------
    AtMost
        Its ``outcomes`` have a column result first, by name or number.

    Raises
    ------
    SteelyardError
        Not results of shares; limits of different kinds; as
        :meth:`Shares.at_most`.

    References
    ----------
    .. [1] Berger 1982, doi:10.1080/00401706.1982.10487790

    Examples
    --------
    >>> councils = sy.datasets.load("councils_2018_19")
    >>> level = sy.shares(councils, "control", {"funding": "spend_per_adult_gbp", "process": "easy_information"})
    >>> log = sy.shares(councils, "control", {"funding": "np.log(spend_per_adult_gbp)", "process": "easy_information"})
    >>> sy.at_most({"level": level, "log": log}, "funding", 0.07, metric="share").answer
    'undecided'
    """
    if isinstance(s, Claims):
        return s.at_most(block, bound, metric, of, level)
    named = s if isinstance(s, dict) else {str(i + 1): one for i, one in enumerate(s)} if isinstance(
        s, (list, tuple)) else {}
    if not named or not all(isinstance(one, Claims) for one in named.values()):
        raise SteelyardError("s: a result of shares(), or several in a list or dict, are needed")
    return _answer({str(name): one for name, one in named.items()}, block, bound, metric, of, level)


def _answer(named, block, bound, metric, of, level):
    if metric not in _CLAIMED:
        raise SteelyardError('metric: say which: "share", "alone", "unique", "adjusted" or "highest"')
    choice("of", of, _OF)
    if of == "explained variance" and metric != "share":
        raise SteelyardError('of: "explained variance" goes with metric = "share" only')
    bound, level = real("bound", bound), real("level", level)
    if not 0 <= bound <= 1:
        raise SteelyardError(f"bound = {bound:g}: a part of the variance lies between 0 and 1")
    results = [(name, record, one._options["threads"]) for name, one in named.items() for record in one._records]
    quantities = [_claimed(record, block, metric, of, threads) for _, record, threads in results]
    measures = dict.fromkeys(text_of(record) for _, record, _ in results)
    if len(measures) > 1:
        raise SteelyardError(f"s: the results are shares of {' and of '.join(measures)}; a claim is about one measure")
    if len({(q["draws"] is None, q["normal"]) for q in quantities}) > 1:
        raise SteelyardError("s: the results have limits of different kinds; ask shares() for one interval in all")
    answer, upper, lower = _judge(quantities, bound, level)
    lines = [(name, record["outcome"], q["estimate"].max(), *_judge([q], bound, level)[1:])
             for (name, record, _), q in zip(results, quantities)]
    frame = pd.DataFrame(lines, columns=["result", "outcome", "estimate", "upper", "lower"])
    if len(named) == 1:
        frame = frame.drop(columns="result")
    return AtMost(ANSWERS[answer], block, bound, metric, of, level, upper, lower, frame,
                  points_of(results[0][1], of == "explained variance"))


def _claimed(record, block, metric, of, threads):
    """One answer's quantities: estimates, their standard errors on their scale, df, draws."""
    needs_limits(record)
    row = place_of(record, "block", block)
    if metric == "highest":
        return _increments(record, row, threads)
    explained = of == "explained variance"
    column, unit = (PERCENT, 100.0) if explained else (METRICS.index(metric), 1.0)
    return {"estimate": record["estimate"][[row], column] / unit, "column": column,
            "std_error": record["std_error_scaled"][[row], column] / unit, "df": np.array([record["df"]]),
            "draws": None if record["draws"] is None else drawn_of(record, row, column) / unit,
            "normal": record["interval"] == "normal", "expanded": record["interval"] == "expanded",
            "units": record["units"]}


def _increments(record, row, threads):
    """What the block adds to each set of the others, on the scale of shares."""
    count = len(record["blocks"])
    if row >= count:
        raise SteelyardError('block: "highest" is of a block, not of a term')
    _joint.need_units([record], "metric")
    table = np.full((3, 2 ** (count - 1) if count <= _MOST_BLOCKS else 1), np.nan)
    with Progress(f"highest for {record['outcome']}") as progress:
        _core.envelope(asked_of(record, "metric"), row, *table, threads, progress)
    return {"estimate": table[0], "std_error": table[1], "df": table[2], "column": SHARE, "draws": None,
            "normal": False}


def _judge(quantities, bound, level):
    """(answer, upper, lower) over all of them."""
    first = quantities[0]
    if first["draws"] is not None:
        return _judge_draws(quantities, bound, level)
    together = (np.concatenate([q[key] for q in quantities]) for key in ("estimate", "std_error", "df"))
    return _core.at_most(*together, first["column"], first["normal"], bound, level)


def _judge_draws(quantities, bound, level):
    def ends(q, two_sided):
        return _core.percentile(q["draws"], two_sided, q["expanded"], q["units"])

    upper = max(ends(q, 2 * level - 1)[1] for q in quantities)
    lower = max(ends(q, 1 - 2 * (1 - level) / len(quantities))[0] for q in quantities)
    return (1 if upper < bound else -1 if lower > bound else 0), upper, lower


class AtMost(Shown):
    """The answer to a claim "at most": answer, bound, metric, upper, lower, outcomes."""

    def __init__(self, answer, block, bound, metric, of, level, upper, lower, outcomes, points):
        self.answer, self.block, self.bound, self.metric, self.of = answer, block, bound, metric, of
        self.level, self.upper, self.lower, self._outcomes, self._points = level, upper, lower, outcomes, points

    @property
    def outcomes(self):
        """One row an outcome: estimate, and its own one-sided limits."""
        return self._outcomes.copy()

    def to_frame(self):
        """As ``outcomes``.

        Returns
        -------
        DataFrame
            As ``outcomes``: one row an outcome.

        Examples
        --------
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> s = sy.shares(councils, "control", {"funding": "spend_per_adult_gbp", "process": "easy_information"})
        >>> s.at_most("funding", 0.07, metric="share").to_frame()[["outcome", "upper"]].round(4).values.tolist()
        [['control', 0.0697]]
        """
        return self.outcomes

    def _document(self):
        names = list(dict.fromkeys(self._outcomes["outcome"]))
        whom = names[0] if len(names) == 1 else f"each of {len(names)} outcomes"
        if "result" in self._outcomes:
            whom += f", in each of {self._outcomes['result'].nunique()} results"
        what = _CLAIMS[self.metric].format(block=self.block, bound=f"{self.bound:.6g} {self._points}")
        return Document([f"Claim: {what}, in {whom}: {self.answer}. Upper limit {self.upper:.4f}, lower limit "
                         f"{self.lower:.4f} (one-sided, {_print.level_text(self.level)})."])
