# SPDX-License-Identifier: GPL-3.0-only
"""The same question inside each level of a column, and whether the levels differ."""
import numpy as np
import pandas as pd

from . import _core, _joint, _print
from ._columns import factor
from ._compare import needs_limits
from ._design import Design
from ._document import Caution, Cells, Document, Heading, Plain, Shown
from ._errors import DataError, SteelyardError, line_of, warn_of
from ._fit_print import df_text, p_text, statistic
from ._options import METRICS, choice, real
from ._progress import mapped
from ._result import Shares, blocks_of
from ._tables import Summary

_TEST = ("statistic", "df1", "df2", "p_value")


def split_by(frame, by, sources, ask, options):
    """The answers inside each level: `ask` makes records of a part of the frame and of a cutter of vectors."""
    name, values = Design(frame).side(by, "by")
    if name in sources:
        raise SteelyardError(f'by: "{name}" is also among the terms; it does not vary within its levels')
    codes, levels = factor(values)
    if len(levels) < 2:
        found = f"the same {name}, {levels[0]}" if levels else f"no {name}"
        raise SteelyardError(f"by: every row has {found}; at least two levels are needed")
    results, faults = [], []

    def of_level(code):
        rows = np.flatnonzero(codes == code)
        try:
            results.append(Shares(ask(frame.rows(rows), _cutter(frame, rows)), options))
        except DataError as error:
            faults.append(f"{name} = {levels[code]}: {error}")

    mapped("shares", of_level, range(len(levels)))
    if faults:
        raise DataError(f"by: {'; '.join(faults)}")
    warn_of([(code, "", 0.0, f"{name} = {level}: {line_of((code, term, value, text))}")
             for level, s in zip(levels, results) for r in s._records for code, term, value, text in r["remarks"]],
            stacklevel=4)
    return SharesBy(name, levels, results, options, int((codes < 0).sum()))


def _cutter(frame, rows):
    """Makes of a vector the part that belongs to some rows; names stay as they are."""
    def cut(given, argument):
        if given is None or isinstance(given, str):
            return given
        _, values = Design(frame).side(given, argument)
        return values.iloc[rows] if isinstance(values, pd.Series) else values[rows]

    return cut


class SharesBy(Shown):
    """Shares inside each level of a column, and tests of the levels' differences.

    ``sb["direct"]`` is the :class:`Shares` of a level. Read-only; frames are
    copies. It pickles.

    Attributes
    ----------
    by : str
        The column.
    levels : list of str
        Its levels in their order; the first is the one others are compared to.
    outcomes : list of str
    blocks, terms : DataFrame
        As of :class:`Shares`, with the level first.
    total : Series by level, or DataFrame by level and outcome
    rows_without_level : int
        Rows in which the column is missing.
    """

    def __init__(self, by, levels, results, options, dropped):
        self.by, self.levels, self.rows_without_level = by, list(levels), dropped
        self._results, self._options, self._kept = dict(zip(levels, results)), options, {}

    def __getstate__(self):
        return {**self.__dict__, "_kept": {}}

    def __getitem__(self, level):
        if level not in self._results:
            _core.find("level", str(level), tuple(self.levels))
        return self._results[level]

    def __len__(self):
        return len(self.levels)

    def __iter__(self):
        return iter(self.levels)

    @property
    def outcomes(self):
        return self._results[self.levels[0]].outcomes

    def _stacked(self, frame_of):
        frames = []
        for level, s in self._results.items():
            frames.append(frame_of(s))
            frames[-1].insert(0, "level", level)
        return pd.concat(frames, ignore_index=True)

    blocks = property(lambda self: self._stacked(lambda s: s.blocks))
    terms = property(lambda self: self._stacked(lambda s: s.terms))

    @property
    def total(self):
        totals = {level: s.total for level, s in self._results.items()}
        if len(self.outcomes) > 1:
            return pd.DataFrame(totals).T.rename_axis("level")
        return pd.Series(totals, name="total").rename_axis("level")

    def to_frame(self):
        """Every metric of every level, block and term, one row each.

        Returns
        -------
        DataFrame
            level, then the columns of :meth:`Shares.to_frame`.

        Examples
        --------
        >>> cars = sy.datasets.load("motor_trend_1974")
        >>> sb = sy.shares(cars, "mpg", ["wt", "hp"], by="am")
        >>> sb.to_frame().shape
        (74, 9)
        """
        return self._stacked(lambda s: s.to_frame())

    @property
    def _clustered(self):
        return self._results[self.levels[0]]._records[0]["unit"] == "cluster"

    def _contrasts(self, outcome, metric, level):
        """(contrasts of all other levels with the first, block by block; the least df) of one outcome."""
        records = [s._records[outcome] for s in self._results.values()]
        for name, record in zip(self.levels, records):
            if record["interval"] == "none":
                raise SteelyardError(f"interval: {self.by} = {name} has no standard errors; ask shares() for an interval")
            needs_limits(record)
        column, count = METRICS.index(metric), len(records[0]["blocks"])
        others = range(1, len(records))
        if self._clustered:
            joint = self._together()
            at = lambda k, row: joint.place(k * len(self.outcomes) + outcome, row, column)  # noqa: E731
            estimate, moved, df = joint.estimate, joint.moved, joint.df
            least = min(joint.df_of_ask[outcome::len(self.outcomes)])
        else:
            at = lambda k, row: k * count + row  # noqa: E731
            estimate = np.concatenate([record["estimate"][:count, column] for record in records])
            moved = np.diag(np.concatenate([record["std_error"][:count, column] for record in records]))
            df = np.repeat([record["df"] for record in records], count)
            least = min(record["df"] for record in records)
        plus = [at(k, row) for row in range(count) for k in others]
        minus = [at(0, row) for row in range(count) for k in others]
        return _joint.contrasts_of(estimate, moved, df, plus, minus, level), least

    def _together(self):
        if "joint" not in self._kept:
            records = [record for s in self._results.values() for record in s._records]
            self._kept["joint"] = _joint.Joint(records, self._options["threads"])
        return self._kept["joint"]

    def _names(self):
        return [name for name, _ in self._results[self.levels[0]]._records[0]["blocks"]]

    def _led(self, frames):
        if len(frames) == 1:
            return frames[0]
        for name, frame in zip(self.outcomes, frames):
            frame.insert(0, "outcome", name)
        return pd.concat(frames, ignore_index=True)

    def compare(self, metric="share", level=None):
        """Differences of each block between the levels: each other level less the first.

        Parameters
        ----------
        metric : str
            One of the columns of ``blocks``.
        level : float, optional
            Of the limits; default that of the result.

        Returns
        -------
        DataFrame
            One row a block and level (and outcome, when there are several):
            block, first, second (the levels), estimate, std_error, statistic,
            df, p_value, conf_low, conf_high. With clusters the levels' answers
            move together where they share one: all are resampled by leaving it
            out of every level [1]_. Without, the levels are independent samples
            and their variances add up.

        Raises
        ------
        SteelyardError
            A level without standard errors.

        References
        ----------
        .. [1] MacKinnon, Nielsen & Webb 2023, doi:10.1002/jae.2969

        Examples
        --------
        >>> cars = sy.datasets.load("motor_trend_1974")
        >>> sb = sy.shares(cars, "mpg", ["wt", "hp"], by="am")
        >>> sb.compare()[["block", "first", "second", "estimate"]].round(4).values.tolist()
        [['wt', '1', '0', 0.1783], ['hp', '1', '0', -0.1089]]
        """
        choice("metric", metric, METRICS)
        level = self._options["level"] if level is None else real("level", level)
        frames, names, others = [], self._names(), self.levels[1:]
        for outcome in range(len(self.outcomes)):
            found, _ = self._contrasts(outcome, metric, level)
            frames.append(pd.DataFrame({
                "block": [name for name in names for _ in others], "first": others * len(names),
                "second": self.levels[0], **dict(zip(_joint.COMPARED, found.table.T))}))
        return self._led(frames)

    def test(self, metric="share"):
        """Is a block's part the same in all levels?

        Parameters
        ----------
        metric : str
            One of the columns of ``blocks``.

        Returns
        -------
        DataFrame
            One row a block (and outcome): block, statistic, df1, df2, p_value: F
            that all differences of :meth:`compare` are zero, with Hotelling's
            factor [1]_ for the least of the levels' degrees of freedom.

        Raises
        ------
        SteelyardError
            A level without standard errors.

        References
        ----------
        .. [1] Hotelling 1931, doi:10.1214/aoms/1177732979

        Examples
        --------
        >>> cars = sy.datasets.load("motor_trend_1974")
        >>> sb = sy.shares(cars, "mpg", ["wt", "hp"], by="am")
        >>> sb.test()[["block", "p_value"]].round(3).values.tolist()
        [['wt', 0.215], ['hp', 0.332]]
        """
        choice("metric", metric, METRICS)
        frames, names, each = [], self._names(), len(self.levels) - 1
        for outcome in range(len(self.outcomes)):
            found, least = self._contrasts(outcome, metric, 0.95)
            lines = []
            for b in range(len(names)):
                part = slice(b * each, (b + 1) * each)
                lines.append(_core.joint_all_zero(np.ascontiguousarray(found.table[part, 0]),
                                                  np.ascontiguousarray(found.covariance[part, part]), float(least)))
            frame = pd.DataFrame(lines, columns=_TEST)
            frame.insert(0, "block", names)
            frames.append(frame)
        return self._led(frames)

    def plot(self, kind="shares", ax=None):
        """Draw the levels inside each block; needs matplotlib.

        Parameters
        ----------
        kind : {"shares", "bounds"}
            Shares with their limits; shares within their range over all
            orderings.
        ax : matplotlib Axes, optional
            Where to draw; one for each outcome.

        Returns
        -------
        matplotlib Axes
            An array of them for several outcomes.

        Raises
        ------
        SteelyardError
            "bounds" of a result without them.
        ImportError
            Without matplotlib.

        Examples
        --------
        >>> cars = sy.datasets.load("motor_trend_1974")
        >>> ax = sy.shares(cars, "mpg", ["wt", "hp"], by="am").plot()
        """
        from . import _plot

        choice("kind", kind, ["shares", "bounds"])
        parts = [(first, {level: blocks_of(s._records[i]) for level, s in self._results.items()}, self._options["level"])
                 for i, first in enumerate(self._results[self.levels[0]]._records)]
        return _plot.draw_by(self.by, self.levels, kind, parts, ax)

    def summary(self):
        """The print with the terms of each block and further digits.

        Returns
        -------
        Summary

        Examples
        --------
        >>> by = sy.shares(sy.datasets.load("motor_trend_1974"), "mpg", ["wt", "hp"], by="am")
        >>> len(str(by.summary())) > len(str(by))
        True
        """
        return Summary(self._document(True))

    def _document(self, whole=False):
        options = self._options
        lines = [Heading(f"Shares by {self.by}: {len(self.levels)} levels")]
        for level, s in self._results.items():
            lines += ["", Heading(f"{self.by} = {level}"), "", *s._sections(whole)]
        dropped = self.rows_without_level
        lines += [f"Rows without {self.by}: {dropped}, in no level."] if dropped else []
        return Document([*lines, "", *self._test_lines(options["level"]), Caution(_print.CAUTION)])

    def _test_lines(self, level):
        try:
            compared, tested = self.compare(level=level), self.test()
        except SteelyardError as error:
            return [f"No test of the levels' differences: {error}"]
        keys = [key for key in ("outcome", "block") if key in compared]
        rows = [[*keys, self.by, "difference", "std error", "low", "high", "p"]]
        rows += [[*(row[key] for key in keys), row["first"], *(_print.point(row[key], row["std_error"]) for key in (
            "estimate", "std_error", "conf_low", "conf_high")), p_text(row["p_value"])]
                 for row in compared.to_dict("records")]
        equal = [[*keys, "F", "df1", "df2", "p"]]
        equal += [[*(row[key] for key in keys), statistic(row["statistic"]), df_text(row["df1"]), df_text(row["df2"]),
                   p_text(row["p_value"])] for row in tested.to_dict("records")]
        how = ("the same clusters are left out of all levels" if self._clustered
               else "the levels are independent samples, their variances add up")
        return [f"Differences of shares, each level less {self.levels[0]} ({_print.level_text(level)} limits; {how}):", "",
                Cells(f"Differences of shares, each level less {self.levels[0]}, limits {_print.level_text(level)}", rows,
                      len(keys) + 1), "", Plain("All levels equal:"), "",
                Cells(f"Tests that all levels of {self.by} are equal", equal, len(keys)), ""]
