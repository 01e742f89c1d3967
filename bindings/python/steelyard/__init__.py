# SPDX-License-Identifier: GPL-3.0-only
"""steelyard: funding against process, weighed with honest uncertainty.

Shares of explained variance by block, from data frames, moments or printed
correlations; the C core behind it is the same as R's.
"""
from . import _core, datasets
from ._anova import OneWay, oneway, variance_components
from ._by import SharesBy
from ._claims import AtMost, at_most
from ._compare import InAll
from ._describe import describe
from ._errors import BugError, DataError, LimitError, SteelyardError, SteelyardWarning
from ._findings import reproduce
from ._fitted import FittedShares
from ._linear import fit_linear
from ._linear_fit import LinearFit
from ._mixed import fit_mixed
from ._mixed_fit import MixedFit
from ._moments import Moments, load_moments, moments, moments_from_correlation
from ._overview import overview
from ._overview_result import Overview
from ._permutation import permutation_test
from ._polychoric import Polychoric, polychoric
from ._resampled import influence_summary, jackknife_summary
from ._response import fit_binary, fit_count, fit_ordinal
from ._response_fit import BinaryFit, CountFit, OrdinalFit
from ._result import Shares
from ._shares import shares

__version__ = _core.version()
__all__ = [
    "AtMost",
    "BinaryFit",
    "BugError",
    "CountFit",
    "DataError",
    "FittedShares",
    "InAll",
    "LimitError",
    "LinearFit",
    "MixedFit",
    "Moments",
    "OneWay",
    "OrdinalFit",
    "Overview",
    "Polychoric",
    "Shares",
    "SharesBy",
    "SteelyardError",
    "SteelyardWarning",
    "at_most",
    "datasets",
    "describe",
    "fit_binary",
    "fit_count",
    "fit_linear",
    "fit_mixed",
    "fit_ordinal",
    "influence_summary",
    "jackknife_summary",
    "load_moments",
    "moments",
    "moments_from_correlation",
    "oneway",
    "overview",
    "permutation_test",
    "polychoric",
    "reproduce",
    "shares",
    "variance_components",
]
