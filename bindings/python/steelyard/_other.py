# SPDX-License-Identifier: GPL-3.0-only
"""The older metrics of single predictors, for comparison with published tables."""
import numpy as np
import pandas as pd

from . import _core, _print
from ._measure import asked_of
from ._options import OTHER_METRICS


class OtherMetrics(pd.DataFrame):
    """One row a term, one column a metric.

    Prints with a caution; any selection from it is a plain DataFrame.
    """

    @property
    def _constructor(self):
        return pd.DataFrame

    def __str__(self):
        return _print.other_text(self)

    __repr__ = __str__

    def _repr_html_(self):
        return _print.preformatted(str(self))


def table_of(record):
    """One outcome's metrics, computed from the moments that the record keeps."""
    pairs = [(name, label) for name, labels in record["blocks"] for label in labels]
    table = np.full((len(pairs), len(OTHER_METRICS)), np.nan)
    _core.relative_weights(*asked_of(record, "other_metrics"), table)
    frame = pd.DataFrame(table, columns=list(OTHER_METRICS))
    frame.insert(0, "term", [label for _, label in pairs])
    frame.insert(1, "block", [name for name, _ in pairs])
    return frame
