# SPDX-License-Identifier: GPL-3.0-only
"""Blocks over many outcomes: in how many each matters, and its rank in each."""
import re

import numpy as np
import pandas as pd

from . import _core, _joint, _print
from ._compare import needs_limits
from ._document import Cells, Document, Heading
from ._errors import SteelyardError
from ._measure import asked_of, points_of
from ._options import SHARE, real
from ._progress import Progress, mapped
from ._tables import Table

_TESTS = ("statistic", "df1", "df2", "p_value")
_WAYS = '"coefficient", "alone" or "share>=0.02" (any part of 1)'
_MEANING = {"coefficient": "its coefficients, beside those of all other blocks, are not all zero",
            "alone": "its coefficients, without the other blocks, are not all zero"}


class LeagueTable(Table):
    """In how many outcomes a block matters: one row a block; `tests` has one a block and outcome."""

    _metadata = Table._metadata + ["tests", "_level"]

    @classmethod
    def of(cls, frame, shown, remarks=(), tests=None, level=None):
        table = super().of(frame, shown, remarks)
        table.tests, table._level = tests, level
        return table

    def plot(self, ax=None):
        """Draw in how many outcomes each block matters, and where chance expects it to be; needs matplotlib.

        Parameters
        ----------
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        ImportError
            Without matplotlib.

        Examples
        --------
        >>> s = sy.shares(sy.datasets.load("swiss_1888"), ["Fertility", "Examination"], ["Education", "Catholic"])
        >>> ax = s.league(by="coefficient").plot()
        >>> [label.get_text() for label in ax.get_yticklabels()]
        ['Education', 'Catholic']
        """
        from . import _league_plot

        return _league_plot.league(self, self._level, ax)


class Ranks(Table):
    """Ranks of the blocks with the ranges that hold the true ones."""

    _metadata = Table._metadata + ["_level"]

    def plot(self, ax=None):
        """Draw the ranks with their ranges, one panel an outcome; needs matplotlib.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; one for each outcome.

        Returns
        -------
        matplotlib Axes
            An array of them for several outcomes.

        Raises
        ------
        ImportError
            Without matplotlib.

        Examples
        --------
        >>> s = sy.shares(sy.datasets.load("swiss_1888"), ["Fertility", "Examination"], ["Education", "Catholic"])
        >>> ax = s.ranks().plot()[0]
        >>> [label.get_text() for label in ax.get_yticklabels()]
        ['Education', 'Catholic']
        """
        from . import _league_plot

        return _league_plot.ranks(self, self._level, ax)


def _threshold(by):
    """c of "share>=c", or None."""
    found = re.fullmatch(r"share>=([0-9.eE+-]+)", by.replace(" ", "")) if isinstance(by, str) else None
    try:
        return float(found.group(1)) if found else None
    except ValueError:
        return None


class League:
    """What a result can say of its blocks over all outcomes."""

    def league(self, by=None, level=0.95):
        """In how many outcomes each block matters.

        Parameters
        ----------
        by : {"coefficient", "alone", "share>=0.02"}
            What "matters" means; no default: the claim must say which. The
            block's coefficients are not all zero beside all other blocks; or
            without them; or its share is above that part of all variance (any
            number from 0 to 1).
        level : float
            Confidence of each block's count.

        Returns
        -------
        LeagueTable
            A DataFrame, one row a block: block, outcomes (how many there are),
            found (in so many it matters at least, with confidence level: Holm's
            rejections over the outcomes [1]_ [2]_), unadjusted (p values at most 1 -
            level one by one), expected_by_chance (of those, where the block
            matters nowhere). Its attribute ``tests`` is a DataFrame: block,
            outcome, statistic, df1, df2, p_value, p_holm.

        Raises
        ------
        SteelyardError
            by left out; for shares a result without standard errors; sampling
            weights with neither clusters nor rows to leave out.

        Notes
        -----
        Coefficients are tested by F with their covariance by leaving out one
        cluster or row at a time [3]_, or by the classical F where there are
        none; a share by one-sided t on the scale of its limits.

        References
        ----------
        .. [1] Holm 1979, Scandinavian Journal of Statistics 6, 65-70
        .. [2] Benjamini & Heller 2008, doi:10.1111/j.1541-0420.2007.00984.x
        .. [3] MacKinnon, Nielsen & Webb 2023, doi:10.1002/jae.2969

        Examples
        --------
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> blocks = {"funding": "spend_per_adult_gbp", "process": "easy_information", "need": "deprivation_rank"}
        >>> s = sy.shares(councils, ["control", "satisfaction", "feel_safe"], blocks)
        >>> s.league(by="coefficient")[["block", "found", "unadjusted"]].values.tolist()
        [['funding', 0, 0], ['process', 3, 3], ['need', 1, 1]]
        """
        least = _threshold(by)
        if by not in ("coefficient", "alone") and least is None:
            raise SteelyardError(f"by: say what matters means: {_WAYS}")
        if least is not None and not 0 <= least <= 1:
            raise SteelyardError(f"by: {least:g} is not between 0 and 1, as a share is")
        level = _level_of(level)
        threads = self._options["threads"]
        tests = pd.concat(mapped("tests of blocks", lambda record: _share_tests(record, least) if least is not None
                                 else _coefficient_tests(record, by == "alone", threads), self._records))
        names = [name for name, _ in self._records[0]["blocks"]]
        tests = pd.concat([tests[tests["block"] == name] for name in names], ignore_index=True)
        each = len(self._records)
        tests["p_holm"] = np.concatenate([_joint.adjusted_by_rule("holm", tests["p_value"][i * each:(i + 1) * each])
                                          for i in range(len(names))])
        count = {column: [int((tests[column][i * each:(i + 1) * each] <= 1 - level).sum()) for i in range(len(names))]
                 for column in ("p_holm", "p_value")}
        frame = pd.DataFrame({"block": names, "outcomes": each, "found": count["p_holm"],
                              "unadjusted": count["p_value"], "expected_by_chance": each * (1 - level)})
        return LeagueTable.of(frame, _league_document(frame, self._records, by, least, level), tests=tests,
                              level=level)

    def ranks(self, level=0.95, replicates=2000, seed=1):
        """Ranks of the blocks by share in each outcome, with the ranges that hold the true ones.

        Parameters
        ----------
        level : float
            Probability that all true ranks of an outcome lie in their ranges.
        replicates, seed : int
            Of the signs that are drawn, 100 or more.

        Returns
        -------
        Ranks
            A DataFrame, one row an outcome and block: outcome when there are
            several, block, share, rank (1 the largest), lowest, highest.

        Raises
        ------
        SteelyardError
            One block only; neither clusters nor rows to leave out.

        Notes
        -----
        One-sided tests of all ordered pairs, stepped down by their joint law
        [1]_: blocks surely above and surely below bound the rank.

        References
        ----------
        .. [1] Mogstad, Romano, Shaikh & Wilhelm 2024, doi:10.1093/restud/rdad006

        Examples
        --------
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> s = sy.shares(councils, "control", {"funding": "spend_per_adult_gbp", "process": "easy_information"})
        >>> s.ranks()[["block", "rank", "lowest", "highest"]].values.tolist()
        [['funding', 2, 2, 2], ['process', 1, 1, 1]]
        """
        level = _level_of(level)
        replicates, seed = _joint.check_replicates(replicates, seed)
        _joint.need_units(self._records, "ranks")
        joint = _joint.Joint(self._records, self._options["threads"])
        frames, lines = [], []
        for ask, record in enumerate(self._records):
            frames.append(_ranks_of(joint, ask, record, (level, replicates, seed), self._options["threads"]))
            lines += _rank_lines(frames[-1], record)
        first = self._records[0]
        closing = (f"Ranks by share, 1 the largest; all true ranks of an outcome lie from lowest to highest with "
                   f"{_print.level_text(level)} probability ({replicates} draws of signs of {first['units']} "
                   f"{'clusters' if first['unit'] == 'cluster' else 'rows'}, seed {seed}).")
        table = Ranks.of(self._with_outcome(frames), Document([*lines, closing]))
        table._level = level
        return table


def _level_of(level):
    level = real("level", level)
    if not 0 < level < 1:
        raise SteelyardError(f"level: {level:g} is not between 0 and 1")
    return level


def _coefficient_tests(record, alone, threads):
    names = [name for name, _ in record["blocks"]]
    table = np.full((len(names), len(_TESTS)), np.nan)
    with Progress(f"tests of blocks for {record['outcome']}") as progress:
        _core.block_tests(asked_of(record, "by"), alone, table, threads, progress)
    return _tests_frame(record, names, table)


def _share_tests(record, least):
    needs_limits(record)
    names = [name for name, _ in record["blocks"]]
    table = np.full((len(names), len(_TESTS)), np.nan)
    for row in range(len(names)):
        table[row, [0, 3]] = _core.above_bound(
            SHARE, record["interval"] == "normal", record["estimate"][row, SHARE],
            record["std_error_scaled"][row, SHARE], record["df"], least)
    table[:, 1] = record["df"]
    return _tests_frame(record, names, table)


def _tests_frame(record, names, table):
    return pd.DataFrame({"block": names, "outcome": record["outcome"], **dict(zip(_TESTS, table.T))})


def _league_document(frame, records, by, least, level):
    first = records[0]
    meaning = _MEANING[by] if least is None else f"its share is above {least:.6g} {points_of(records[0], False)}"
    left_out = {"cluster": "cluster", "row": "row"}.get(first["unit"])
    how = "one-sided t" if least is not None else (
        f"F, leaving out one {left_out} at a time" if left_out else "classical F")
    rows = [["block", "found", "unadjusted", "by chance"]]
    rows += [[row.block, str(row.found), str(row.unadjusted), "%.2f" % row.expected_by_chance]
             for row in frame.itertuples()]
    head = f"League of {_print._count(len(frame), 'block')} over {_print._count(len(records), 'outcome')}"
    return Document([
        head, "", Cells(head, rows), "",
        f"A block matters to an outcome when {meaning} ({how}).",
        f"found: in so many outcomes at least, with {_print.level_text(level)} confidence for each block (Holm).",
        f"unadjusted: p at most {1 - level:.6g} one by one; by chance: so many of those where the block matters nowhere."])


def _ranks_of(joint, ask, record, how, threads):
    names = [name for name, _ in record["blocks"]]
    at = [joint.place(ask, row, SHARE) for row in range(len(names))]
    shares, ranks = joint.estimate[at], np.full((len(names), 3), np.nan)
    with Progress(f"ranks for {record['outcome']}") as progress:
        _core.joint_ranks(shares, np.ascontiguousarray(joint.moved[:, at]), how, ranks, threads, progress)
    return pd.DataFrame({"block": names, "share": shares,
                         **dict(zip(("rank", "lowest", "highest"), ranks.astype(np.int64).T))})


def _rank_lines(frame, record):
    rows = [["block", "share", "rank", "lowest", "highest"]]
    rows += [[row.block, _print.point(row.share, error), str(row.rank), str(row.lowest), str(row.highest)]
             for row, error in zip(frame.itertuples(), record["std_error"][:, SHARE])]
    what = f"Ranks of blocks for {record['outcome']}"
    return [Heading(f"{what}:"), "", Cells(what, rows), ""]
