# SPDX-License-Identifier: GPL-3.0-only
"""Rows re-weighted so that groups have the shares they have in a population."""
import numpy as np
import pandas as pd

from . import _columns, _core
from ._digits import by_error, number
from ._document import Cells
from ._errors import SteelyardError
from ._options import METRICS, SHARE, real

_SAMPLING = 3


def _stated(name, given, levels):
    """One share a level, NaN where none is stated."""
    if not isinstance(given, dict):
        raise SteelyardError(f"population: {name}: a dict of level to share is needed")
    names = {str(level): real(f"population: {name}, {level}", share) for level, share in given.items()}
    for level in names:
        if level not in levels:
            _core.find("population", level, levels)
    return np.array([names.get(level, np.nan) for level in levels])


def errors_of(record):
    """Standard errors of the total and of each block's share."""
    return [record["total_std_error"], *record["std_error"][:len(record["blocks"]), SHARE]]


def _weigh(finished, frame, population):
    """The design with weights that fit, the margins, effective n before and after, remarks."""
    if not isinstance(population, dict) or not population:
        raise SteelyardError('population: a dict is needed, such as {"payment_type": {"direct_payment": 0.24}}')
    groups = [(name, *_columns.factor(frame.values(name, "population")), 0) for name in population]
    shares = tuple(_stated(name, given, group[2]) for (name, given), group in zip(population.items(), groups))
    weights, base = np.empty(frame.n), np.empty(frame.n)
    target, sample = np.empty(sum(map(len, shares))), np.empty(sum(map(len, shares)))
    (_, _, before, after, *_), remarks = _core.population(
        finished, (tuple(groups), (), None, 0, None, 0), shares, weights, base, target, sample)
    margins = [(name, level) for name, _, levels, _ in groups for level in levels]
    columns = {"grouping": [m[0] for m in margins], "level": [m[1] for m in margins], "sample": sample,
               "population": target}
    new = (*finished[:2], ("population", weights, None, 0), _SAMPLING, *finished[4:])
    return new, pd.DataFrame(columns), (before, after), remarks


def reweighted(records, finished, frame, population, ask):
    """The records asked again of the re-weighted rows; each keeps the sample's answer."""
    new, margins, effective, remarks = _weigh(finished, frame, population)
    answers = ask(new)
    for before, record in zip(records, answers):
        record["remarks"] = tuple(dict.fromkeys(tuple(remarks) + record["remarks"]))
        record["population"] = {
            "margins": margins, "effective": effective, "total": before["total"],
            "share": before["estimate"][:len(before["blocks"]), METRICS.index("share")].copy()}
    return answers


def change_of(record):
    """Shares in the sample as it is and re-weighted."""
    before = record["population"]
    count = len(record["blocks"])
    frame = pd.DataFrame({
        "block": ["(total)"] + [name for name, _ in record["blocks"]], "sample": [before["total"], *before["share"]],
        "population": [record["total"], *record["estimate"][:count, SHARE]]})
    return frame.assign(change=frame["population"] - frame["sample"])


def pieces_of(record, more=0):
    """What the print says of it: the groups, effective n, both answers."""
    if not record.get("population"):
        return []
    margins, (before, after) = record["population"]["margins"], record["population"]["effective"]
    groups = ", ".join(f"{row.grouping} {row.level} {100 * row.population:.1f} % (sample {100 * row.sample:.1f} %)"
                       for row in margins.itertuples())
    rows = [["block", "sample", "population", "change"]]
    rows += [[row.block, *(number(value, by_error(error, "%.4f", more)) for value in (row.sample, row.population, row.change))]
             for row, error in zip(change_of(record).itertuples(), errors_of(record))]
    return [f"Re-weighted to a population: {groups}.", f"Effective n {after:.1f}, of {before:.1f} before.", "",
            Cells(f"Shares for {record['outcome']} in the sample and in the population", rows), ""]
