# SPDX-License-Identifier: GPL-3.0-only
"""steelyard: funding against process, weighed with honest uncertainty.

Shares of explained variance by block, from data frames, moments or printed
correlations; the C core behind it is the same as R's.
"""
from . import _core, datasets
from ._describe import describe
from ._errors import BugError, DataError, LimitError, SteelyardError, SteelyardWarning
from ._findings import reproduce
from ._moments import Moments, load_moments, moments, moments_from_correlation
from ._overview import overview
from ._overview_result import Overview
from ._result import AtMost, Shares
from ._shares import shares

__version__ = _core.version()
__all__ = ["AtMost", "BugError", "DataError", "LimitError", "Moments", "Overview", "Shares", "SteelyardError",
           "SteelyardWarning", "datasets", "describe", "load_moments", "moments", "moments_from_correlation", "overview",
           "reproduce", "shares"]
