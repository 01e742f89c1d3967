# SPDX-License-Identifier: GPL-3.0-only
"""How many digits of an estimate are printed: its standard error shows two of its own."""
import math

from . import _core

MORE = 2  # further digits in a summary
_SHOWN = 9.5e-8  # below, eight decimals do not hold two digits of an error


def number(value, form):
    """sprintf, with "-" for a missing value, "inf", and no minus zero."""
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    text = form % value
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text


def by_error(std_error, other, more=0):
    """The format of an estimate, its error, its limits and all else in its unit; `other` where no error is known."""
    decimals = _core.shown_decimals(std_error)
    return other if decimals < 0 else f"%.{decimals + more}f"


def ratio_format(low, high):
    """A ratio has four decimals, and more where its limits are that close: a pound more has an odds ratio of 1.00002."""
    return f"%.{max(4, _core.shown_decimals((high - low) / 4))}f"


def row_format(std_error, more=0):
    """The same in the unit of the data, where errors may be of any size."""
    return "%.4e" if 0 < std_error < _SHOWN else by_error(std_error, "%.6g", more)
