# SPDX-License-Identifier: GPL-3.0-only
"""Several answers resampled together: by how much each value moves when a unit is left out."""
from typing import NamedTuple

import numpy as np

from . import _core
from ._errors import SteelyardError
from ._measure import asked_of
from ._options import METRICS, whole
from ._progress import Progress

COMPARED = ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")
BY_RULE = {"bonferroni": 1, "holm": 3, "bh": 5}  # by the p values alone
STEPPED = {"romano-wolf": 0, "westfall-young": 1}  # by the joint law of the statistics
_FEWEST_UNITS = 11  # under it the signs of the units have 2**10 patterns or fewer
_FEWEST_REPLICATES, _MOST_REPLICATES = 100, 100_000


def check_replicates(replicates, seed):
    """(replicates, seed) of a family of tests."""
    return whole("replicates", replicates, _FEWEST_REPLICATES, _MOST_REPLICATES), whole("seed", seed, 0, 2**64 - 1)


def need_units(records, argument):
    """Refuses answers that have nothing to leave out, or whose rows cannot be told apart."""
    for record in records:
        asked_of(record, argument)
    if any(record["unit"] == "none" for record in records):
        raise SteelyardError(
            f'{argument}: this result has neither clusters nor rows to leave out one at a time; give shares() a '
            'cluster, or interval = "jackknife" with a data frame')
    first = records[0]["asked"][0]
    if records[0]["unit"] == "row" and any(record["asked"][0] != first for record in records):
        raise SteelyardError(
            f'{argument}: with missing = "per-outcome" the outcomes rest on different rows, which cannot be matched; '
            'use missing = "complete", or give shares() a cluster')


class Contrasts(NamedTuple):
    """Values less others: a line of COMPARED each, their moves by unit, their covariance."""

    table: np.ndarray
    moves: np.ndarray
    covariance: np.ndarray | None


def contrasts_of(estimate, moved, df, plus, minus, level, whole=True):
    """Value plus[k] less value minus[k], tested by the moves; with their covariance where `whole`."""
    table = np.full((len(plus), len(COMPARED)), np.nan)
    covariance = np.full((len(plus),) * 2, np.nan) if whole else None
    moves = np.zeros((len(moved), len(plus)))
    _core.joint_contrasts(estimate, moved, df, tuple(plus), tuple(minus), level, table, moves, covariance)
    return Contrasts(table, moves, covariance)


class Joint:
    """All values of several answers with their moves."""

    def __init__(self, records, threads):
        asks = tuple(asked_of(record, "units") for record in records)
        units, values = _core.joint_size(asks)
        self.estimate, self.moved = np.empty(values), np.empty((units, values))
        self.df_of_ask = np.empty(len(asks))
        with Progress("leaving out units") as progress:
            self.remarks = _core.joint(asks, self.estimate, self.moved, self.df_of_ask, threads, progress)
        sizes = [record["estimate"].size + 1 for record in records]
        self._first = np.concatenate([[0], np.cumsum(sizes)]).astype(int)
        self.df = np.repeat(self.df_of_ask, sizes)

    def place(self, ask, row, column):
        """Where a value lies: row and column of the table of one answer."""
        return int(self._first[ask] + row * len(METRICS) + column)

    def family(self, plus, minus):
        """Contrasts to be stepped down."""
        return contrasts_of(self.estimate, self.moved, self.df, plus, minus, 0.95, whole=False)


def adjusted_by_rule(method, p):
    """p values adjusted by what they are, NaN passed over."""
    p = np.ascontiguousarray(p, dtype=np.float64)
    out = np.empty(len(p))
    _core.adjust_p(BY_RULE[method], p, out)
    return out


def stepped_down(method, contrasts, replicates, seed, threads):
    """p values adjusted by the joint law of the statistics, made by flipping signs of the units' moves."""
    units = len(contrasts.moves)
    if method == "westfall-young" and units < _FEWEST_UNITS:
        raise SteelyardError(
            f'adjust: "westfall-young" needs at least {_FEWEST_UNITS} units, there are {units}: their signs have only '
            f'2^{units - 1} patterns, too few for least p values; use "romano-wolf" or "holm"')
    p = np.empty(len(contrasts.table))
    observed = np.ascontiguousarray(
        contrasts.table[:, COMPARED.index("p_value" if method == "westfall-young" else "statistic")])
    with Progress("resampling of the family") as progress:
        _core.joint_step_down(contrasts.moves, observed, (2, STEPPED[method], replicates, seed), p, threads, progress)
    return p
