# SPDX-License-Identifier: GPL-3.0-only
"""The first look: shares of people better, the same and worse."""
import numpy as np
import pandas as pd

from . import _bad_input, _columns, _core, _grade
from ._columns import Frame
from ._design import Design
from ._errors import SteelyardError, warn_of
from ._options import choice, real, thread_count, weight_number
from ._overview_result import N_ANSWERS, N_SHARE, N_WHOM, Overview
from ._progress import Progress

METHODS = {"auto": 0, "wilson": 1, "exact": 2}


def overview(data, outcomes, better=None, worse=None, by=None, threshold=None, weights=None, weight_kind=None,
             cluster=None, level=0.95, n=None, hide_below=10, share=None, percent=None, interval="auto", threads=None):
    """Share of people better, the same and worse on each indicator, with limits.

    Parameters
    ----------
    data : DataFrame (pandas, polars), pyarrow Table, duckdb relation, or dict of columns
        One row a person; or, with `n`, one row a council (or group) with its
        shares; or one row an indicator.
    outcomes : str or list of str
        The indicators: factors, texts or numbers. With `n`: columns of
        shares; or one column with the names of indicators, their shares in the
        column `share`.
    better, worse : level, list of levels, number, or dict of indicator -> one of these
        The levels that count as better and as worse; all others are the
        same. A number stands for a threshold: at least (better), at most
        (worse). A column of 0 and 1 needs no `better`. Without `worse` only
        the share better is told.
    by : str or vector of rows, optional
        Groups, such as councils.
    threshold : float, optional
        A share, 0 to 1: on how many indicators are at least so many better?
    weights : str or vector, optional
    weight_kind : {"frequency", "sampling"}
        Needed with weights.
    cluster : str or vector, optional
        People of a cluster (a council) are not independent: limits rest on
        clusters.
    level : float
        Of all limits, and of joint statements.
    n : str, number or list of str, optional
        The number of people behind each share: a column, one for each
        indicator, or a number. `data` then hold shares, not people.
    hide_below : float
        Groups with fewer answers are hidden: their n reads "<10", all else is
        missing. 0 hides none.
    share : str, optional
        With `n` and one column of names: the column of shares (default "share").
    percent : bool, optional
        Are shares percentages? Default: if any is above 1.
    interval : {"auto", "wilson", "exact"}
        Without clusters and sampling weights: Wilson [1]_ (auto) or
        Clopper-Pearson [2]_. With them always of the design.
    threads : int, optional
        Default STEELYARD_NUM_THREADS, else 1. The bits do not depend on it.

    Returns
    -------
    Overview
        ``table`` (one row an indicator), ``groups``, ``claim`` and ``counts``
        (with `threshold`), ``steps()``, ``ranks()``, ``funnel()``,
        ``plot()``, ``to_frame()``, ``remarks``.

    Raises
    ------
    SteelyardError
        An unknown column or level (the nearest is named), a threshold that is
        not between 0 and 1, weights without their kind.
    DataError
        An indicator all missing, a share outside 0 to 1, an n that is missing
        or not above 0, bad weights.

    Notes
    -----
    Each indicator counts all who answered it. With clusters or sampling
    weights the standard error is the linearised one of a ratio over clusters
    [3]_, limits are symmetric on the logit scale with t of clusters - 1
    degrees of freedom; where fewer than five effective people are on one side,
    Clopper-Pearson limits with an effective number of people [4]_. A group
    inside one cluster is a council's own share: its people are the units.

    References
    ----------
    .. [1] Wilson 1927, doi:10.1080/01621459.1927.10502953
    .. [2] Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404
    .. [3] Binder 1983, doi:10.2307/1402588
    .. [4] Korn & Graubard 1998, Survey Methodology 24, 193-201

    Examples
    --------
    >>> people = pd.DataFrame({"control": ["better", "same", "worse", "better"], "safe": ["same", "worse"] + ["better"] * 2})
    >>> o = sy.overview(people, ["control", "safe"], better="better", worse="worse", threshold=0.5)
    >>> o.table[["indicator", "n", "better"]].values.tolist()
    [['control', 4.0, 0.5], ['safe', 4.0, 0.5]]
    >>> poet = pd.DataFrame({"item": ["dignity", "paid job"], "share": [0.74, 0.21], "n": [2679, 1810]})
    >>> o = sy.overview(poet, "item", n="n", threshold=2/3)
    >>> o.claim[["indicator", "holm"]].values.tolist()
    [['dignity', 'surely above'], ['paid job', 'surely below']]
    """
    choice("interval", interval, METHODS)
    frame = Frame(data)
    level, hide_below = real("level", level), real("hide_below", hide_below)
    if threshold is not None and not 0 < real("threshold", threshold) < 1:
        raise SteelyardError(f"threshold = {real('threshold', threshold):.6g}: a share between 0 and 1, both excluded, "
                             "is needed")
    kind = weight_number(weights, weight_kind)
    if n is None:
        for argument, value in (("share", share), ("percent", percent)):
            if value is not None:
                raise SteelyardError(f"{argument}: goes with n, the number of people behind each share")
        asked = _people(frame, outcomes, better, worse, by)
    else:
        for argument, value in (("better", better), ("worse", worse), ("weights", weights)):
            if value is not None:
                raise SteelyardError(f"{argument}: shares with their n leave nothing to it; leave it out")
        asked = _long_shares(frame, outcomes, n, by, share, percent) if _is_long(frame, outcomes, share) \
            else _wide_shares(frame, outcomes, n, by, percent)
    return _ask(frame, asked, (weights, kind, cluster), threshold,
                {"level": level, "hide_below": hide_below, "interval": interval, "threads": thread_count(threads)})


def _people(frame, outcomes, better, worse, by):
    names = _grade.names_of(outcomes, "outcomes")
    codes, has_worse = _grade.grade(frame, names, better, worse)
    columns = [(name, values, _grade.ANSWERS, 0) for name, values in zip(names, codes)]
    return {"names": names, "columns": columns, "worse": has_worse, "by": by, "proportions": False, "notes": ()}


def _is_long(frame, outcomes, share):
    if share is not None:
        return True
    name = outcomes if isinstance(outcomes, str) else outcomes[0] if len(outcomes) == 1 else None
    if not isinstance(name, str) or name not in frame:
        return False
    return _grade.Answers(frame, name, "outcomes").levels is not None


def _shares_read(tables, percent):
    """Shares of 0 to 1, and the remark when they were read as percentages."""
    largest = max((np.nanmax(values) for values in tables if not np.isnan(values).all()), default=0.0)
    guessed = percent is None and 1 < largest <= 100
    if not (percent or guessed):
        return tables, ()
    text = "shares above 1 are read as percentages"
    return [values / 100 for values in tables], (("percent", "", float(largest), text),) if guessed else ()


def _numbers(frame, name, argument):
    answers = _grade.Answers(frame, name, argument)
    if answers.levels is not None:
        _bad_input.refuse_levels(argument, name, frame.values(name, argument), answers.levels)
    return answers.numbers


def _wide_shares(frame, outcomes, n, by, percent):
    names = _grade.names_of(outcomes, "outcomes")
    shares, notes = _shares_read([_numbers(frame, name, "outcomes") for name in names], percent)
    if isinstance(n, str) or np.isscalar(n):
        n = [n] * len(names)
    n = list(n)
    if len(n) != len(names):
        raise SteelyardError(f"n: {len(n)} columns were given for {len(names)} indicators")
    people = [_numbers(frame, one, "n") if isinstance(one, str) else np.full(frame.n, real("n", one)) for one in n]
    return _as_shares(names, shares, people, by, notes)


def _as_shares(names, shares, people, by, notes):
    columns = [(name, np.ascontiguousarray(values), None, 0) for name, values in zip(names, shares)]
    columns += [(f"n of {name}", np.ascontiguousarray(values), None, 0) for name, values in zip(names, people)]
    return {"names": names, "columns": columns, "worse": [False] * len(names), "by": by, "proportions": True,
            "notes": notes}


def _long_shares(frame, outcomes, n, by, share, percent):
    """One row an indicator (and group): turned so that a row is a group."""
    column = _grade.names_of(outcomes, "outcomes")
    if len(column) != 1 or not isinstance(n, str):
        raise SteelyardError("outcomes: one column of names, with share and n as columns, is needed")
    answers = _grade.Answers(frame, column[0], "outcomes")
    values, notes = _shares_read([_numbers(frame, share or "share", "share")], percent)
    people = _numbers(frame, n, "n")
    answers.as_levels()
    seen = list(dict.fromkeys(code for code in answers.codes.tolist() if code >= 0))
    groups, levels = (np.zeros(frame.n, dtype=np.int32), ("",)) if by is None else _columns.factor(
        Design(frame).side(by, "by")[1])
    tables = np.full((2, len(seen), len(levels)), np.nan)
    taken = np.zeros((len(seen), len(levels)), dtype=bool)
    for row, (code, group) in enumerate(zip(answers.codes.tolist(), groups.tolist())):
        if code < 0 or group < 0:
            raise SteelyardError(f"{'outcomes' if code < 0 else 'by'}: row {row + 1} is missing")
        place = seen.index(code), group
        if taken[place]:
            where = f" in {levels[group]}" if by is not None else "; by tells groups apart"
            raise SteelyardError(f'outcomes: "{answers.levels[code]}" stands twice{where}')
        taken[place] = True
        tables[0][place], tables[1][place] = values[0][row], people[row]
    names = [answers.levels[code] for code in seen]
    asked = _as_shares(names, list(tables[0]), list(tables[1]), None, notes)
    if by is not None:
        asked["by"] = pd.Series(pd.Categorical.from_codes(np.arange(len(levels)), list(levels)))
    asked.update(n_rows=len(levels), by_label=by if isinstance(by, str) else "by")
    return asked


def _ask(frame, asked, sides, threshold, options):
    """One call of the core."""
    names, by = asked["names"], asked["by"]
    n_rows = asked.get("n_rows", frame.n)
    weights, kind, cluster = sides
    if "n_rows" in asked and cluster is not None:
        raise SteelyardError("cluster: with one row an indicator the groups of by are what there is; leave it out")
    rows = Frame({"row": np.zeros(n_rows)}) if "n_rows" in asked else frame
    _, _, w, _, c, _ = Design(rows).finish(weights, kind, cluster)
    columns, levels, label = list(asked["columns"]), (), ""
    if by is not None:
        label, values = Design(rows).side(by, "by")
        codes, levels = _columns.factor(values)
        label = asked.get("by_label", label)
        columns.append((f"by {label}", codes, levels, 0))
    terms = tuple((column[0], ((i, 1),)) for i, column in enumerate(columns))
    question = (len(names), asked["proportions"], by is not None, METHODS[options["interval"]], options["level"],
                options["hide_below"])
    sets = 1 + len(levels)
    shares = np.full((sets, len(names), N_ANSWERS, N_SHARE), np.nan)
    whom = np.full((sets, len(names), N_WHOM), np.nan)
    with Progress("overview") as progress:
        remarks = _core.overview((tuple(columns), terms, w, kind, c, 0), question, shares, whom, options["threads"],
                                 progress)
    remarks = tuple(asked["notes"]) + tuple(remarks)
    warn_of(remarks, stacklevel=4)
    record = {"names": names, "worse": asked["worse"], "by": label, "groups": levels, "shares": shares, "whom": whom,
              "remarks": remarks, "proportions": asked["proportions"], "rows": n_rows, "clustered": c is not None,
              "weight_kind": {0: "", 1: "frequency", 3: "sampling"}.get(kind, ""), "threshold": threshold}
    return Overview(record, options, None if asked["proportions"] else (frame, w, kind, c))
