# SPDX-License-Identifier: GPL-3.0-only
"""Exceptions, the one warning, and the remarks that raise it."""
import warnings

from ._core import BugError, DataError, LimitError, SteelyardError

__all__ = ["BugError", "DataError", "LimitError", "SteelyardError", "SteelyardWarning", "warn_of"]

# Remarks a reader must not miss; all others are in the result and its print.
_LOUD = {"few_clusters", "interval_skipped", "aliased", "separated", "not_converged", "overlap", "reversed"}


class SteelyardWarning(UserWarning):
    """A remark that changes how a result may be read."""


SteelyardWarning.__module__ = "steelyard"


def line_of(remark):
    """One remark as it is printed: `term: text`, or the text alone."""
    _, term, _, text = remark
    return text if not term or term in text else f"{term}: {text}"


def warn_of(remarks, stacklevel=3):
    """One warning for all remarks of a call that a reader must not miss."""
    lines = dict.fromkeys(line_of(r) for r in remarks if r[0] in _LOUD)
    if lines:
        warnings.warn("\n".join(lines), SteelyardWarning, stacklevel=stacklevel)
