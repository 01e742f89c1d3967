# SPDX-License-Identifier: GPL-3.0-only
"""steelyard: funding against process, weighed with honest uncertainty.

Shares of explained variance by block, from data frames, moments or printed
correlations; the C core behind it is the same as R's. Start with :func:`weigh`, or
with :func:`shares` for one outcome; every result prints, and has ``to_frame()``,
``plot()``, ``summary()``, ``to_markdown()``, ``to_latex()`` and ``to_csv()``.

The question as a whole
    weigh -> Evidence: process against funding over many outcomes, with a report;
    specification_curve -> SpecificationCurve: under every combination of choices;
    reproduce: the published findings, computed again.
How much each block explains
    shares -> Shares (by levels SharesBy, of fitted models FittedShares); its methods
    compare (in_all -> InAll), at_most -> AtMost, league, ranks, if_first, corrected,
    share_flip -> ShareFlip; at_most over several models; permutation_test;
    influence_summary and jackknife_summary of any statistic.
Rows, once: moments
    moments, moments_from_correlation, load_moments -> Moments; describe;
    polychoric -> Polychoric for ordered answers.
Models
    fit_linear -> LinearFit; fit_binary -> BinaryFit; fit_count -> CountFit;
    fit_ordinal -> OrdinalFit; fit_mixed -> MixedFit; oneway -> OneWay;
    variance_components.
Groups and causes
    gap -> Gap between two groups; mediation -> Mediation; balance -> Balance;
    confounding -> Confounding, oster, e_value: what was not measured.
Measurement
    reliability -> Reliability; reliability_of_means.
People and printed numbers
    overview -> Overview of answers; counts_by_chance; unit_values -> UnitValues;
    r2_interval, gap_allowed, slope_allowed, risk_ratio_from_odds,
    odds_ratio_from_risk, detectable_difference.
Data sets
    datasets: names, load, codebook, source, simulate_poet.
Errors and the warning
    SteelyardError (a ValueError: an argument is not allowed), and of that kind
    DataError (the data cannot bear the question), LimitError (past a stated limit)
    and BugError; SteelyardWarning: a remark nobody should miss.

STEELYARD_NUM_THREADS gives the number of threads where ``threads`` is None (else 1);
the answer does not depend on it. Work over a second shows one line of progress where
somebody looks, by tqdm where it is installed; STEELYARD_PROGRESS=0 silences it.
"""
from . import _core, datasets
from ._anova import OneWay, oneway, variance_components
from ._balance import balance
from ._balance_result import Balance
from ._by import SharesBy
from ._claims import AtMost, at_most
from ._compare import InAll
from ._confounders import e_value, oster
from ._confounding import Confounding, confounding
from ._describe import describe
from ._errors import BugError, DataError, LimitError, SteelyardError, SteelyardWarning
from ._evidence import Evidence
from ._findings import reproduce
from ._fitted import FittedShares
from ._gap import gap
from ._gap_result import Gap
from ._flips_result import ShareFlip
from ._linear import fit_linear
from ._linear_fit import LinearFit
from ._mediation import mediation
from ._mediation_result import Mediation
from ._mixed import fit_mixed
from ._mixed_fit import MixedFit
from ._moments import Moments, load_moments, moments, moments_from_correlation
from ._overview import overview
from ._overview_result import Overview
from ._permutation import permutation_test
from ._polychoric import Polychoric, polychoric
from ._printed import (
    detectable_difference, gap_allowed, odds_ratio_from_risk, r2_interval, risk_ratio_from_odds, slope_allowed)
from ._mean_reliability import reliability_of_means
from ._reliability import Reliability, reliability
from ._resampled import influence_summary, jackknife_summary
from ._response import fit_binary, fit_count, fit_ordinal
from ._response_fit import BinaryFit, CountFit, OrdinalFit
from ._result import Shares
from ._shares import shares
from ._tallies import UnitValues, counts_by_chance, unit_values
from ._specification import SpecificationCurve, specification_curve
from ._weigh import weigh

__version__ = _core.version()
__all__ = [
    "AtMost",
    "Balance",
    "BinaryFit",
    "BugError",
    "Confounding",
    "CountFit",
    "DataError",
    "Evidence",
    "FittedShares",
    "Gap",
    "InAll",
    "LimitError",
    "LinearFit",
    "Mediation",
    "MixedFit",
    "Moments",
    "OneWay",
    "OrdinalFit",
    "Overview",
    "Polychoric",
    "Reliability",
    "ShareFlip",
    "Shares",
    "SharesBy",
    "SpecificationCurve",
    "SteelyardError",
    "SteelyardWarning",
    "UnitValues",
    "at_most",
    "confounding",
    "counts_by_chance",
    "balance",
    "datasets",
    "describe",
    "detectable_difference",
    "e_value",
    "fit_binary",
    "fit_count",
    "fit_linear",
    "fit_mixed",
    "fit_ordinal",
    "gap_allowed",
    "gap",
    "influence_summary",
    "jackknife_summary",
    "load_moments",
    "mediation",
    "moments",
    "moments_from_correlation",
    "odds_ratio_from_risk",
    "oneway",
    "oster",
    "overview",
    "permutation_test",
    "polychoric",
    "r2_interval",
    "reliability",
    "reliability_of_means",
    "reproduce",
    "risk_ratio_from_odds",
    "shares",
    "slope_allowed",
    "unit_values",
    "specification_curve",
    "variance_components",
    "weigh",
]
