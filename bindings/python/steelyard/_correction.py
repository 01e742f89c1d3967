# SPDX-License-Identifier: GPL-3.0-only
"""Shares as measured and corrected, side by side."""
import pandas as pd

from ._digits import by_error, number
from ._document import Cells, Plain
from ._errors import SteelyardError
from ._options import SHARE
from ._population import errors_of


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


def pieces_of(record, more=0):
    """What the print says of it: shares as measured and corrected."""
    if not record.get("corrected"):
        return []
    rows = [["block", "as measured", "corrected", "change"]]
    rows += [[row.block, *(number(value, by_error(error, "%.4f", more)) for value in (
        row.uncorrected, row.corrected, row.change))] for row, error in zip(change_of(record).itertuples(), errors_of(record))]
    return [Plain("Corrected for errors of measurement:"), "",
            Cells(f"Shares for {record['outcome']} as measured and corrected", rows), ""]
