# SPDX-License-Identifier: GPL-3.0-only
"""How far the rounding of a printed correlation table moves shares."""
import numpy as np
import pandas as pd

from . import _core
from ._document import Cells, Document, Heading
from ._measure import asked_of
from ._options import SHARE
from ._progress import Progress
from ._tables import Table


class Rounding(Table):
    """The range of shares that a printed table's rounding allows: total, blocks, terms."""


def _ask(record, starts, threads):
    terms = [(name, label) for name, labels in record["blocks"] for label in labels]
    count = len(record["blocks"]) + len(terms)
    low, high = np.full(count, np.nan), np.full(count, np.nan)
    with Progress(f"rounding of {record['outcome']}") as progress:
        total_low, total_high, decimals, cut = _core.rounding(asked_of(record, "rounding"), (starts, 1), low, high, threads, progress)
    frame = pd.DataFrame({
        "block": ["(total)"] + [name for name, _ in record["blocks"]] + [name for name, _ in terms],
        "term": [""] * (1 + len(record["blocks"])) + [label for _, label in terms],
        "share": [record["total"], *record["estimate"][:count, SHARE]], "low_rounding": [total_low, *low],
        "high_rounding": [total_high, *high]})
    return frame, decimals, cut


def _lines(record, frame, decimals, cut):
    apart = "; some that round to it are no correlation matrices and do not count" if cut else ""
    rows = [["block", "share", "low", "high"]]
    rows += [[row.block, *(f"{value:.4f}" for value in (row.share, row.low_rounding, row.high_rounding))]
             for row in frame[frame["term"] == ""].itertuples()]
    places = "1 decimal" if decimals == 1 else f"{decimals} decimals"
    return [Heading(f"Shares of R2 for {record['outcome']} over all tables that round to this one ({places}{apart})"), "",
            Cells(f"Shares of R2 for {record['outcome']} over all tables that round to this one", rows), ""]


def table(records, starts, threads, several):
    frames, lines = [], []
    for record in records:
        frame, decimals, cut = _ask(record, starts, threads)
        lines += _lines(record, frame, decimals, cut)
        if several:
            frame.insert(0, "outcome", record["outcome"])
        frames.append(frame)
    lines.append("Each limit is reached by a table that rounds to the printed one; it is no interval of sampling.")
    return Rounding.of(pd.concat(frames, ignore_index=True), Document(lines))
