# SPDX-License-Identifier: GPL-3.0-only
"""Shares as measured and corrected, side by side."""
import pandas as pd

from ._errors import SteelyardError
from ._options import SHARE


def refuse_corrected(record, what):
    """Stops what corrected moments cannot answer: they hold no observed values to predict."""
    if record.get("corrected"):
        raise SteelyardError(f"{what}: corrected shares predict no observed values; ask the shares as measured")


def change_of(record):
    before = record["corrected"]
    frame = pd.DataFrame({
        "block": ["(total)"] + [name for name, _ in record["blocks"]],
        "uncorrected": [before["total"], *before["share"]],
        "corrected": [record["total"], *record["estimate"][:len(record["blocks"]), SHARE]]})
    return frame.assign(change=frame["corrected"] - frame["uncorrected"])


def lines_of(record, table_lines):
    """What the print says of it: shares as measured and corrected."""
    if not record.get("corrected"):
        return []
    rows = [["block", "as measured", "corrected", "change"]]
    rows += [[row.block, *(f"{value:.4f}" for value in (row.uncorrected, row.corrected, row.change))]
             for row in change_of(record).itertuples()]
    return ["Corrected for errors of measurement:", "", *table_lines(rows), ""]
