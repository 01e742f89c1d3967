# SPDX-License-Identifier: GPL-3.0-only
"""Shares of what is predicted: every submodel judged on rows it was not fitted to."""
import numpy as np
import pandas as pd

from . import _core, _print
from ._document import Cells, Document, Heading
from ._errors import SteelyardError
from ._measure import asked_of
from ._options import METRICS, SHARE
from ._progress import Progress
from ._tables import Table

_SECONDS_UNASKED = 1.0  # past this it is computed only when asked for


def ask(record, rows, folds, seed, seconds, threads):
    """One outcome's cross-validation: total, adjusting terms' R2, folds, share by block."""
    share = np.full(len(record["blocks"]), np.nan)
    with Progress(f"cross-validation of {record['outcome']}") as progress:
        total, before, count, _ = _core.crossvalidate(asked_of(record, "crossvalidated"), rows, (folds, seed, seconds), share, threads,
                                                      progress)
    return {"total": total, "r2_adjust": before, "folds": count, "share": share}


def unasked(record, rows, unit, options):
    """What shares() gives by itself: None where it cannot be had or would take long."""
    if unit == "none" and rows is None:
        return None
    try:
        found = ask(record, rows, 0, options["seed"], _SECONDS_UNASKED, options["threads"])
    except SteelyardError:
        return None
    return found if found["folds"] else None


def total_of(record):
    """The cross-validated total, NaN where there is none."""
    return record["crossvalidated"]["total"] if record["crossvalidated"] else np.nan


def column_of(record):
    """The cross-validated shares by block, NaN where there are none."""
    blank = np.full(len(record["blocks"]), np.nan)
    return record["crossvalidated"]["share"] if record["crossvalidated"] else blank


class Crossvalidated(Table):
    """Shares of what is predicted: one row a block; the total is that of its outcome."""


def table(records, results, several):
    """The frame with its print."""
    frames = []
    for record, found in zip(records, results):
        names = [name for name, _ in record["blocks"]]
        metrics = {metric: record["estimate"][:len(names), METRICS.index(metric)]
                   for metric in ("share", "adjusted", "by_chance")}
        frame = pd.DataFrame({"block": names, **metrics, "crossvalidated": found["share"], "total": found["total"],
                              "folds": found["folds"]})
        if several:
            frame.insert(0, "outcome", record["outcome"])
        frames.append(frame)
    return Crossvalidated.of(pd.concat(frames, ignore_index=True), _told(records, results, frames))


def _told(records, results, frames):
    lines = []
    for record, found, frame in zip(records, results, frames):
        columns = ["share", "adjusted", "by_chance", "crossvalidated"]
        rows = [["block", "share", "adjusted", "by chance", "cross-validated"]]
        rows += [[block, *(_print.point(value, error) for value in values)]
                 for block, values, error in zip(frame["block"], frame[columns].to_numpy(), record["std_error"][:, SHARE])]
        total, of = (_print.point(value, record["total_std_error"]) for value in (found["total"], record["total"]))
        lines += [Heading(f"Cross-validated shares for {record['outcome']}: total {total} of {of}, {found['folds']} folds"),
                  "", Cells(f"Cross-validated shares for {record['outcome']}, points of all outcome variance", rows), ""]
    return Document(lines + ["Each model is judged on rows it was not fitted to; a share below zero spoils "
                             "prediction."])
