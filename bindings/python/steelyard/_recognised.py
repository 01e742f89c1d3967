# SPDX-License-Identifier: GPL-3.0-only
"""Which data set of the package the rows are, so that a report can say how to run it again."""
import re

import pandas as pd

from . import datasets

_WORD = re.compile(r"[^\W\d]\w*")


def _used(design, frame):
    """Columns of the frame that a design is made of; None where one is not the frame's."""
    sides = [side for side in (design[2], design[4], *design[6:]) if side is not None]
    names = [column[0] for column in (*design[0], *sides)]
    used = set()
    for name in names:
        inside = {name} if name in frame else {word for word in _WORD.findall(name) if word in frame}
        if not inside:
            return None
        used |= inside
    return sorted(used)


def dataset_of(design, frame):
    """The name of the data set whose columns the used ones are, value for value; None where there is none."""
    used = _used(design, frame)
    if not used:
        return None
    for name in datasets.names():
        if not set(used) <= set(datasets._header(name)):
            continue
        own = datasets.load(name)
        if len(own) == frame.n and all(
                pd.Series(frame.values(column, "data")).reset_index(drop=True).equals(own[column]) for column in used):
            return name
    return None
