# SPDX-License-Identifier: GPL-3.0-only
"""Orders of entry: groups of blocks one after another, clusters' means before all."""
import numpy as np
import pandas as pd

from . import _core, _print
from ._document import Cells, Document, Heading
from ._errors import LimitError, SteelyardError
from ._measure import asked_of
from ._options import METRICS, SHARE
from ._tables import Table

ABSORBED = -1  # among the adjusting terms: the clusters' means


def read_order(order, names):
    """The blocks' groups, checked: a list of lists of names; None for any order."""
    if order is None:
        return None
    if isinstance(order, (str, dict)) or not hasattr(order, "__iter__"):
        raise SteelyardError(f"order: a list of groups of blocks is needed, not {order!r}")
    groups = [[group] if isinstance(group, str) else list(group) for group in order]
    placed = {}
    for number, group in enumerate(groups, 1):
        if not group:
            raise SteelyardError(f"order: group {number} is empty")
        for name in group:
            if name not in names:
                _core.find("order", str(name), tuple(names))
            if name in placed:
                raise SteelyardError(f'order: block "{name}" is there twice')
            placed[name] = number
    for name in names:
        if name not in placed:
            raise SteelyardError(f'order: block "{name}" is in no group; every block must be in one')
    return groups


def with_groups(blocks, groups):
    """The core's blocks with the number of each one's group."""
    if groups is None:
        return blocks
    number = {name: i for i, group in enumerate(groups) for name in group}
    return tuple((name, terms, number[name]) for name, terms, *_ in blocks)


def clusters_named(cluster, known):
    """What the clusters are called among adjusting terms; None without clusters."""
    if cluster is None:
        return None
    return cluster if isinstance(cluster, str) else "cluster" if "cluster" not in known else None


def take_clusters(adjust, name, holds_factor):
    """(label or None, the other terms): the term that is the factor of the clusters taken out of `adjust`."""
    def stands_for_clusters(term):
        kind, source, power = term.factors[0]
        return len(term.factors) == 1 and source == name and power == 1 and (
            kind == "factor" or kind == "column" and holds_factor(source))

    found = [term for term in adjust if name is not None and stands_for_clusters(term)]
    return (found[0].label if found else None), [term for term in adjust if term not in found]


def _moved(record, first):
    """The groups with that of `first` before all others."""
    names = [name for name, _ in record["blocks"]]
    if record["order"] is None:
        others = [name for name in names if name != first]
        return [[first]] + ([others] if others else [])
    front = next(group for group in record["order"] if first in group)
    return [front] + [group for group in record["order"] if group is not front]


def _shares_under(record, groups, threads):
    """One outcome's shares of blocks when they enter by groups."""
    blob, outcome, blocks, adjust = asked_of(record, "if_first")
    rows = len(record["estimate"])
    tables = tuple(np.full((rows, len(METRICS)), np.nan) for _ in range(5))
    buffers = (*tables, np.full((len(METRICS), rows, rows), np.nan), None)
    _core.shares(blob, None, outcome, with_groups(blocks, groups), adjust, (1, 0, 1, 0.95, 1, 1, 60.0), buffers,
                 threads, None)
    return tables[0][:len(blocks), SHARE]


class IfFirst(Table):
    """Shares when one block comes first: one row a block and first block."""


class Orders:
    """What a result can say about other orders of its blocks."""

    def if_first(self):
        """Shares when each block in turn comes first.

        Returns
        -------
        DataFrame
            outcome when there are several, first (the block whose group enters
            before all others), block, share (of that block then), as_asked (its
            share in this result).

        Raises
        ------
        SteelyardError
            A result of a fitted model, which has no moments to go back to.

        Notes
        -----
        The block that comes first gets all that it explains alone; the others
        follow in any order and share what is left. Where the result has an
        ``order``, the block's whole group comes first and the other groups
        follow as they were [1]_.

        References
        ----------
        .. [1] Frye, Rowat & Feige 2020, arXiv:1910.06358

        Examples
        --------
        >>> swiss = sy.datasets.load("swiss_1888")
        >>> s = sy.shares(swiss, "Fertility", ["Education", "Catholic"], interval=None)
        >>> first = s.if_first()
        >>> bool(first["share"][0] == s.blocks["alone"][0])
        True
        """
        frames, lines = [], []
        for record in self._records:
            names = [name for name, _ in record["blocks"]]
            asked = record["estimate"][:len(names), SHARE]
            under = [_shares_under(record, _moved(record, first), self._options["threads"]) for first in names]
            frame = pd.DataFrame({"first": np.repeat(names, len(names)), "block": names * len(names),
                                  "share": np.concatenate(under), "as_asked": np.tile(asked, len(names))})
            if self._several:
                frame.insert(0, "outcome", record["outcome"])
            frames.append(frame)
            lines += _lines(record, names, asked, under)
        closing = _FREE if self._records[0]["order"] is None else _GROUPED
        return IfFirst.of(pd.concat(frames, ignore_index=True), Document(lines + [closing]))


    def _first_pieces(self):
        """What :meth:`if_first` prints, below a blank line; nothing for one block or too many."""
        if len(self._records[0]["blocks"]) == 1:
            return []
        try:
            return ["", *self.if_first()._document().pieces]
        except LimitError:
            return []


_FREE = "The block that comes first gets all it explains alone; the others share what is left."
_GROUPED = "The group of that block comes first; the other groups follow as asked."


def _lines(record, names, asked, under):
    rows = [["block", "share"] + [f"if {first} first" for first in names]]
    for i, name in enumerate(names):
        error = record["std_error"][i, SHARE]
        rows.append([name, _print.point(asked[i], error)] + [_print.point(shares[i], error) for shares in under])
    what = f"Shares of R2 for {record['outcome']} if one block comes first"
    return [Heading(f"{what}:"), "", Cells(what, rows), ""]
