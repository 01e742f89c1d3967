# SPDX-License-Identifier: GPL-3.0-only
"""How large a sample shows a difference of shares, and what this one would show."""
import pandas as pd

from . import _core, _print
from ._compare import pair_of
from ._document import Document
from ._options import METRICS, choice, real
from ._tables import Table

_FOUND = ("The difference is the one found here, which is itself uncertain and tends to be too large where it was "
          "picked for its size; give difference to plan for another.")
_GIVEN = "The standard error is the one found here; it falls as the root of the number of {units}."


class Plan(Table):
    """Units and power for a difference: one row an outcome."""


class Planning:
    """What a result says of samples to come."""

    def units_needed(self, first, second, power=0.8, difference=None, level=None, metric="share"):
        """How many clusters or rows would show a difference between two blocks.

        Parameters
        ----------
        first, second : str
            Blocks, or terms.
        power : float
            Probability that the two-sided test shows it.
        difference : float, optional
            Points of variance; default the one found in each outcome.
        level : float, optional
            The test is at 1 - level; default that of the result.
        metric : str
            One of the columns of ``blocks``.

        Returns
        -------
        Plan
            A DataFrame, one row an outcome: outcome, first, second, metric,
            difference, std_error, units_now, units, power.

        Raises
        ------
        SteelyardError
            A result without standard errors; power at or below 1 - level.
        LimitError
            More than 1e9 units.

        Notes
        -----
        The pilot is this result: its standard error falls as the root of the
        number of clusters, or of rows where there are no clusters, and the power
        is that of non-central t [1]_. For a guess, ask it of
        :func:`moments_from_correlation`. A difference picked for being large in
        the pilot is too large on average [2]_.

        References
        ----------
        .. [1] Cohen 1988, Statistical Power Analysis, chapter 2
        .. [2] Gelman & Carlin 2014, doi:10.1177/1745691614551642

        Examples
        --------
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> s = sy.shares(councils, "control", {"funding": "spend_per_adult_gbp", "process": "easy_information"})
        >>> found = s.units_needed("process", "funding", difference=0.05)
        >>> list(found.columns)
        ['outcome', 'first', 'second', 'metric', 'difference', 'std_error', 'units_now', 'units', 'power']
        """
        power, frame, level = real("power", power), *self._pilots(first, second, difference, level, metric)
        frame["units"] = [_core.units_needed(row.difference, row.std_error, row.units_now, power, level)
                          for row in frame.itertuples()]
        frame["power"] = power
        return Plan.of(frame, self._plan_document(frame, difference, level, _needed_line))

    def power(self, first, second, units=None, difference=None, level=None, metric="share"):
        """How surely a sample of so many clusters or rows shows a difference.

        Parameters
        ----------
        first, second : str
            Blocks, or terms.
        units : float, optional
            Clusters, or rows where there are none; default as many as here.
        difference, level, metric
            As in :meth:`units_needed`.

        Returns
        -------
        Plan
            As :meth:`units_needed` gives it.

        Raises
        ------
        SteelyardError
            A result without standard errors; fewer than 2 units.

        Examples
        --------
        >>> councils = sy.datasets.load("councils_2018_19")
        >>> s = sy.shares(councils, "control", {"funding": "spend_per_adult_gbp", "process": "easy_information"})
        >>> found = s.power("process", "funding", difference=0.1)
        >>> list(found.columns)
        ['outcome', 'first', 'second', 'metric', 'difference', 'std_error', 'units_now', 'units', 'power']
        """
        frame, level = self._pilots(first, second, difference, level, metric)
        frame["units"] = frame["units_now"] if units is None else real("units", units)
        frame["power"] = [_core.power(row.difference, row.std_error, row.units_now, row.units, level)
                          for row in frame.itertuples()]
        return Plan.of(frame, self._plan_document(frame, difference, level, _power_line))

    def _pilots(self, first, second, difference, level, metric):
        """(one row an outcome with its difference, standard error and units; level)."""
        column, level = METRICS.index(choice("metric", metric, METRICS)), self._level(level)
        lines = []
        for record in self._records:
            estimate, covariance = pair_of(record, self._rows(record, first, second), column)
            found, std_error, *_ = _core.difference(estimate, covariance, record["df"], level)
            lines.append((record["outcome"], first, second, metric,
                          found if difference is None else real("difference", difference), std_error,
                          float(record["units"])))
        return pd.DataFrame(lines, columns=["outcome", "first", "second", "metric", "difference", "std_error",
                                            "units_now"]), level

    def _plan_document(self, frame, difference, level, line_of):
        units = {"cluster": "clusters", "group": "groups of rows"}.get(self._records[0]["unit"], "rows")
        first = frame.iloc[0]
        lines = [f"{first['first']} less {first['second']}, {first['metric'].replace('_', ' ')}, two-sided test at "
                 f"{_print.level_text(1 - level)}:"]
        for row in frame.to_dict("records"):
            shown = _print.point(row["difference"], row["std_error"]) if difference is None else f"{row['difference']:.6g}"
            lines.append(f"{row['outcome']}: {line_of({**row, 'shown': shown}, units)}")
        return Document([*lines, _FOUND if difference is None else _GIVEN.format(units=units)])


def _needed_line(row, units):
    return (f"about {row['units']:.0f} {units} would show a difference of {row['shown']} with "
            f"{_print.level_text(row['power'])} power; this sample has {row['units_now']:.0f}.")


def _power_line(row, units):
    return (f"{row['units']:.0f} {units} show a difference of {row['shown']} with {100 * row['power']:.1f} % "
            f"power; this sample has {row['units_now']:.0f}.")
