# SPDX-License-Identifier: GPL-3.0-only
"""The older metrics of single predictors, for comparison with published tables."""
import numpy as np
import pandas as pd

from . import _core, _print
from ._document import Written, csv_of
from ._measure import asked_of
from ._options import OTHER_METRICS


class OtherMetrics(Written, pd.DataFrame):
    """One row a term, one column a metric.

    Prints with a caution; any selection from it is a plain DataFrame.
    """

    @property
    def _constructor(self):
        return pd.DataFrame

    def _document(self):
        return _print.other_document(self)

    def to_csv(self, path=None):
        """The numbers, unrounded, as CSV: the text, or None when it went to a file."""
        return csv_of(pd.DataFrame(self), path)


def table_of(record):
    """One outcome's metrics, computed from the moments that the record keeps."""
    pairs = [(name, label) for name, labels in record["blocks"] for label in labels]
    table = np.full((len(pairs), len(OTHER_METRICS)), np.nan)
    _core.relative_weights(*asked_of(record, "other_metrics"), table)
    frame = pd.DataFrame(table, columns=list(OTHER_METRICS))
    frame.insert(0, "term", [label for _, label in pairs])
    frame.insert(1, "block", [name for name, _ in pairs])
    return frame
