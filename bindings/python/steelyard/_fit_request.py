# SPDX-License-Identifier: GPL-3.0-only
"""What the functions that fit models ask alike: levels, covariances, designs that outlive their frame."""
import numpy as np
import pandas as pd

from . import _bad_input, _columns
from ._errors import SteelyardError
from ._fit_model import COVARIANCES, SAMPLING
from ._options import choice, real

CODINGS = {"treatment": 0, "sum": 1}
_COPIED_BYTES = 2**25  # columns up to this size together are copied, so that later edits of the frame do no harm


def check_level(level):
    level = real("level", level)
    if not 0 < level < 1:
        raise SteelyardError(f"level: {level:.15g} is not between 0 and 1")
    return level


def covariance_of(asked, cluster, weight_kind, allowed=COVARIANCES):
    if asked is None:
        return "CR2" if cluster is not None else "HC1" if weight_kind == SAMPLING else "classical"
    choice("covariance", asked, allowed)
    if asked.startswith("CR") and cluster is None:
        raise SteelyardError(f'covariance: "{asked}" needs clusters; name them in cluster')
    if not asked.startswith("CR") and cluster is not None:
        raise SteelyardError(f'covariance: "{asked}" does not use the clusters; leave cluster out or ask for "CR2"')
    return asked


def owned(design):
    """The design with columns of its own while they are small."""
    columns, terms, weights, kind, cluster, missing = design
    held = [column for column in (*columns, weights, cluster) if column is not None]
    if sum(column[1].nbytes for column in held) > _COPIED_BYTES:
        return design

    def own(column):
        return column if column is None else (column[0], np.array(column[1]), *column[2:])

    return tuple(map(own, columns)), terms, own(weights), kind, own(cluster), missing


def number_column(design, given, argument):
    """A column of numbers beside the terms, by its name or as a vector; None stays None."""
    if given is None:
        return None
    title, values = design.side(given, argument)
    vector, levels = _columns.numbers(values, title, argument)
    if levels is not None:
        _bad_input.refuse_factor(argument, title, levels)
    return (title, vector, None, 0)


def with_columns(design, sides):
    """(design, places): a finished design with further columns at its end; -1 for None."""
    columns, places = list(design[0]), {}
    for name, column in sides.items():
        places[name] = -1 if column is None else len(columns)
        columns += [] if column is None else [column]
    return (tuple(columns), *design[1:]), places


def index_of(frame):
    return frame._data.index if isinstance(frame._data, pd.DataFrame) else None
