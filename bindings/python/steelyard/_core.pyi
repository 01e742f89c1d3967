# SPDX-License-Identifier: GPL-3.0-only
"""The C core as its glue shows it: buffers of float64 in, tuples out."""
from collections.abc import Callable
from typing import Any, Literal, TypedDict

from ._core_argument import *
from ._core_flips import *
from ._core_measurement import *
from ._core_types import Asked, Progress, Remark

Column = tuple[str, Any, tuple[str, ...] | None, int]  # name, buffer, levels, first code
Term = tuple[str, tuple[tuple[int, int], ...]]  # label, (column, power)
Design = tuple[tuple[Column, ...], tuple[Term, ...], Column | None, int, Column | None, int]

class Info(TypedDict):
    n_terms: int
    n_columns: int
    n_units: int
    unit: int
    weight_kind: int
    twofold: bool
    from_correlation: bool
    n: float
    rows_read: float
    rows_used: float
    rows_dropped: float
    rows_zero: float
    sum_w: float
    sum_w2: float
    labels: tuple[str, ...]
    term_first: tuple[int, ...]
    term_columns: tuple[int, ...]
    term_is_factor: tuple[int, ...]
    term_is_decimal: tuple[int, ...]
    term_missing: tuple[float, ...]
    levels: tuple[str | None, ...]
    clusters: tuple[str, ...]
    strata: tuple[str, ...]
    unit_rows: tuple[float, ...]
    hash: str

class Summary(TypedDict):
    total: float
    total_adjusted: float
    r2_adjust: float
    n: float
    n_effective: float
    df_resid: float
    vif_max: float
    digits: float
    guarded: bool
    n_columns: int
    submodels: float
    total_std_error: float
    total_low: float
    total_high: float
    interval: int
    df: float
    units: int
    replicates: int
    seconds_estimated: float
    n_strata: int
    coverage_least: float
    coverage_most: float
    coverage_units: float

class SteelyardError(ValueError): ...
class DataError(SteelyardError): ...
class LimitError(SteelyardError): ...
class BugError(SteelyardError): ...

def version() -> str: ...
def live_bytes() -> int: ...
def own_effect(shrunken: float, std_error: float, variance: float, /) -> tuple[float, float]: ...
def shown_decimals(std_error: float, /) -> int: ...
def find(argument: str, typed: str, names: tuple[str, ...], /) -> int: ...
def near(typed: str, names: tuple[str, ...], /) -> int: ...
def moments(
    design: Design, unit: int, precision: int, threads: int, progress: Progress, /
) -> tuple[bytes, tuple[Remark, ...]]: ...
def merge(a: bytes, b: bytes, /) -> tuple[bytes, tuple[Remark, ...]]: ...
def from_correlation(
    r: Any, n: float, labels: tuple[str, ...], decimals: int, /
) -> tuple[bytes, tuple[Remark, ...]]: ...
def latent(
    design: Design,
    unit: int,
    level: float,
    tables: tuple[Any, Any, Any, Any],
    smooth: bool,
    threads: int,
    progress: Progress,
    /,
) -> tuple[bytes, tuple[Remark, ...]]: ...
def verify(blob: bytes, /) -> None: ...
def info(blob: bytes, /) -> Info: ...
def find_term(blob: bytes, argument: str, label: str, /) -> int: ...
def describe(
    design: Design, lags: int, values: Any, autocorrelation: Any | None, threads: int, progress: Progress, /
) -> tuple[Remark, ...]: ...
def describe_columns(design: Design, /) -> tuple[tuple[int, ...], int]: ...
def overview(
    design: Design,
    question: tuple[int, bool, bool, int, float, float],
    shares: Any,
    whom: Any,
    threads: int,
    progress: Progress,
    /,
) -> tuple[Remark, ...]: ...
def overview_steps(
    design: Design,
    question: tuple[int, bool, bool, int, float, float],
    shares: Any,
    whom: Any,
    threads: int,
    progress: Progress,
    /,
) -> tuple[Remark, ...]: ...
def overview_claim(shares: Any, threshold: float, level: float, claims: Any, counts: Any, /) -> None: ...
def overview_ranks(shares: Any, level: float, ranks: Any, /) -> None: ...
def overview_funnel(shares: Any, overall: float, funnel: Any, /) -> float: ...
def shares(
    blob: bytes,
    design: Design | None,
    outcome: int,
    blocks: tuple[tuple[str, tuple[int, ...]], ...],
    adjust: tuple[int, ...],
    options: tuple[int, int, int, float, int, int, float],
    buffers: tuple[Any, Any, Any, Any, Any, Any, Any | None],
    threads: int,
    progress: Progress,
    /,
) -> tuple[Summary, tuple[Remark, ...]]: ...
def relative_weights(
    blob: bytes,
    outcome: int,
    blocks: tuple[tuple[str, tuple[int, ...]], ...],
    adjust: tuple[int, ...],
    table: Any,
    /,
) -> tuple[Remark, ...]: ...
def submodels_sets(players: int, most: int, /) -> int: ...
def submodels(asked: Asked, players: int, table: Any, sets: Any, /) -> tuple[Remark, ...]: ...
def commonality(asked: Asked, players: int, most: int, table: Any, sets: Any, /) -> tuple[Remark, ...]: ...
def dominance(
    asked: Asked, options: tuple[int, float], by_size: Any, general: Any, pairs: Any, /
) -> tuple[Remark, ...]: ...
def dominance_reproduced(
    asked: Asked, options: tuple[int, float, int, int], table: Any, threads: int, progress: Progress, /
) -> int: ...
def crossvalidate(
    asked: Asked, design: Design | None, options: tuple[int, int, float], share: Any, threads: int, progress: Progress, /
) -> tuple[float, float, int, float]: ...
def permutation(
    asked: Asked, design: Design | None, options: tuple[int, int, int, int], threads: int, progress: Progress, /
) -> tuple[tuple[float, float, int, int, int, float, int], tuple[Remark, ...]]: ...
def population(
    design: Design, groups: Design, shares: tuple[Any, ...], weights: Any, base: Any, target: Any, sample: Any, /
) -> tuple[tuple[float, float, float, float, float, float, int], tuple[Remark, ...]]: ...
def rounding(
    asked: Asked, options: tuple[int, int], low: Any, high: Any, threads: int, progress: Progress, /
) -> tuple[float, float, int, int]: ...
def limits(
    metric: int, normal: bool, estimate: float, std_error_scaled: float, df: float, level: float, /
) -> tuple[float, float]: ...
def difference(
    estimate: tuple[float, float], covariance: tuple[float, float, float, float], df: float, level: float, /
) -> tuple[float, float, float, float, float, float, float]: ...
def ratio(
    estimate: tuple[float, float], covariance: tuple[float, float, float, float], df: float, level: float, /
) -> tuple[float, float, float, float, float, float, float]: ...
def above_bound(
    metric: int, normal: bool, estimate: float, std_error_scaled: float, df: float, bound: float, /
) -> tuple[float, float]: ...
def joint_size(asks: tuple[Asked, ...], /) -> tuple[int, int]: ...
def joint(
    asks: tuple[Asked, ...], estimate: Any, moved: Any, df: Any, threads: int, progress: Progress, /
) -> tuple[Remark, ...]: ...
def joint_contrasts(
    estimate: Any, moved: Any, df: Any, plus: tuple[int, ...], minus: tuple[int, ...], level: float, table: Any,
    moves: Any, covariance: Any | None, /
) -> tuple[Remark, ...]: ...
def joint_all_zero(estimate: Any, covariance: Any, df: float, /) -> tuple[float, float, float, float]: ...
def joint_step_down(
    moves: Any, observed: Any, how: tuple[int, int, int, int], p: Any, threads: int, progress: Progress, /
) -> tuple[Remark, ...]: ...
def joint_ranks(
    estimate: Any, moved: Any, how: tuple[float, int, int], ranks: Any, threads: int, progress: Progress, /
) -> tuple[Remark, ...]: ...
def envelope(
    asked: Asked, block: int, estimate: Any, std_error_scaled: Any, df: Any, threads: int, progress: Progress, /
) -> tuple[Remark, ...]: ...
def block_tests(asked: Asked, alone: bool, table: Any, threads: int, progress: Progress, /) -> tuple[Remark, ...]: ...
def power(difference: float, std_error: float, units_now: float, units: float, level: float, /) -> float: ...
def units_needed(difference: float, std_error: float, units_now: float, power: float, level: float, /) -> float: ...
def above(first: Any, second: Any, /) -> float: ...
def resampled(values: Any, estimate: float | None, /) -> tuple[float, float, float]: ...
def percentile(replicates: Any, level: float, expanded: bool, n_units: float, /) -> tuple[float, float]: ...
def at_most(
    estimate: Any, std_error_scaled: Any, df: Any, metric: int, normal: bool, bound: float, level: float, /
) -> tuple[Literal[-1, 0, 1], float, float]: ...
def t_quantile(p: float, df: float, /) -> float: ...

Model = tuple[int, tuple[int, ...], int, int, int]  # outcome, terms, intercept, coding, column absorbed or -1
Fit = tuple[Any, Any, Any, Any, Any]  # coefficient, inverse, fitted, residual, leverage
WholeFit = tuple[float | int, ...]  # sy_linear_summary in its order

def linear_columns(design: Design, model: Model, /) -> tuple[tuple[int, ...], tuple[str, ...]]: ...
def linear(
    design: Design, model: Model, precision: int, buffers: tuple[Any, ...], threads: int, progress: Progress, /
) -> tuple[WholeFit, tuple[Remark, ...]]: ...
def linear_predict(design: Design, model: Model, buffers: tuple[Any, Any, Any, Any], /) -> tuple[Remark, ...]: ...
def vcov(
    design: Design,
    model: Model,
    precision: int,
    kind: int,
    second: int,
    buffers: tuple[Any, Any],
    threads: int,
    progress: Progress,
    /,
) -> tuple[Remark, ...]: ...
def vcov_contrasts(
    coefficient: Any, covariance: Any, df: Any, c: Any, table: Any, level: float, /
) -> tuple[tuple[float, float, float, float], tuple[Remark, ...]]: ...
def vcov_test(
    design: Design,
    model: Model,
    precision: int,
    kind: int,
    second: int,
    c: Any,
    table: Any,
    level: float,
    threads: int,
    progress: Progress,
    /,
) -> tuple[tuple[float, float, float, float], tuple[Remark, ...]]: ...
def vcov_wild(
    design: Design,
    model: Model,
    coefficient: int,
    null: float,
    kind: int,
    replicates: int,
    seed: int,
    level: float,
    threads: int,
    progress: Progress,
    /,
) -> tuple[float, float, float, tuple[Remark, ...]]: ...
def anova(
    design: Design, model: Model, type: int, level: float, table: Any, threads: int, progress: Progress, /
) -> tuple[tuple[float, ...], tuple[Remark, ...]]: ...
def anova_wald(design: Design, model: Model, type: int, buffers: tuple[Any, Any, Any, Any], /) -> tuple[Remark, ...]: ...
def oneway(
    design: Design, outcome: int, group: int, level: float, buffers: tuple[Any, Any, Any], /
) -> tuple[tuple[float, ...], tuple[Remark, ...]]: ...
def nested(design: Design, outcome: int, factors: tuple[int, ...], table: Any, /) -> tuple[Remark, ...]: ...
def means_labels(design: Design, model: Model, factors: tuple[int, ...], /) -> tuple[str, ...]: ...
def means(
    design: Design, model: Model, factors: tuple[int, ...], level: float, buffers: tuple[Any, ...], /
) -> tuple[Remark, ...]: ...
def pairwise(
    estimate: Any, covariance: Any, df: Any, method: int, level: float, table: Any, /
) -> tuple[tuple[tuple[int, int], ...], tuple[Remark, ...]]: ...
def adjust_p(method: int, p: Any, adjusted: Any, /) -> tuple[Remark, ...]: ...
def diagnostics(
    design: Design, model: Model, summary: WholeFit, fit: Fit, buffers: tuple[Any, ...], /
) -> tuple[Remark, ...]: ...
def diagnostics_clusters(
    design: Design, model: Model, summary: WholeFit, fit: Fit, buffers: tuple[Any, Any, Any, Any], /
) -> tuple[tuple[int, ...], tuple[Remark, ...]]: ...
def diagnostics_collinearity(
    design: Design, model: Model, precision: int, buffers: tuple[Any, ...], /
) -> tuple[Remark, ...]: ...

# linear model, kind, link, thresholds, columns of trials and offset or -1, nominal terms, scale terms
ResponseModel = tuple[Model, int, int, int, int, int, tuple[int, ...], tuple[int, ...]]
Shape = tuple[int, int, int, int, int]  # parameters, of thresholds, location columns, of scale, levels
WholeResponse = tuple[float | int, ...]  # sy_response_summary in its order
EffectsOptions = tuple[int, int, int, tuple[tuple[int, float], ...], float, float]  # of, cut, at means, held, level, df
Changes = tuple[tuple[int, int, float, float], ...]  # column, kind, from, to

def response_shape(design: Design, model: ResponseModel, /) -> tuple[Shape, tuple[str, ...]]: ...
def response(
    design: Design,
    model: ResponseModel,
    shape: tuple[int, int],
    buffers: tuple[Any, Any, Any, Any, Any],
    threads: int,
    progress: Progress,
    /,
) -> tuple[WholeResponse, tuple[Remark, ...]]: ...
def response_vcov(
    design: Design,
    model: ResponseModel,
    k: int,
    kind: int,
    buffers: tuple[Any, Any, Any],
    threads: int,
    progress: Progress,
    /,
) -> tuple[Remark, ...]: ...
def response_tests(
    design: Design,
    model: ResponseModel,
    asked: tuple[int, int, int],
    buffers: tuple[Any, Any, Any, Any],
    threads: int,
    progress: Progress,
    /,
) -> tuple[Remark, ...]: ...
def response_predict(
    design: Design,
    model: ResponseModel,
    shape: Shape,
    asked: tuple[int, int, float, float],
    buffers: tuple[Any, ...],
    threads: int,
    /,
) -> tuple[Remark, ...]: ...
def effects_count(design: Design, model: ResponseModel, options: EffectsOptions, changes: Changes, /) -> int: ...
def effects(
    design: Design,
    model: ResponseModel,
    options: EffectsOptions,
    changes: Changes,
    shape: tuple[int, int],
    buffers: tuple[Any, Any, Any, Any],
    threads: int,
    progress: Progress,
    /,
) -> tuple[tuple[tuple[int, int, int, int], ...], tuple[Remark, ...]]: ...
def response_explained(
    design: Design, model: ResponseModel, whole: WholeResponse, k: int, estimate: Any, threads: int, /
) -> tuple[tuple[float, ...], tuple[Remark, ...]]: ...
def response_residuals(
    design: Design, model: ResponseModel, k: int, kind: int, buffers: tuple[Any, Any], threads: int, /
) -> tuple[Remark, ...]: ...
def response_ratios(
    design: Design, model: ResponseModel, shape: Shape, level: float, buffers: tuple[Any, Any, Any, Any], /
) -> tuple[Remark, ...]: ...
def proportional(
    design: Design, model: ResponseModel, test: int, table: Any, threads: int, progress: Progress, /
) -> tuple[Remark, ...]: ...

# linear, the response model, (intercept, terms, column of the group, diagonal) of each bar term
MixedModel = tuple[int, ResponseModel, tuple[tuple[int, tuple[int, ...], int, int], ...]]
MixedRules = tuple[int, int]  # restricted, nodes
MixedShape = tuple[int, int, int, int, int, int, int]  # sy_mixed_shape in its order
MixedSizes = tuple[int, int, int, int, int, int]  # k, theta, entries, levels of the outcome, modes, mode variances
MixedFitted = tuple[Any, Any, Any, Any, Any, float, float]  # sy_mixed_fitted in its order
MixedGroups = tuple[tuple[int, ...], tuple[int, ...], bytes]  # effects, levels, int32 codes of the levels

def mixed_shape(
    design: Design, model: MixedModel, /
) -> tuple[MixedShape, tuple[str, ...], tuple[str, ...], MixedGroups]: ...
def mixed(
    design: Design,
    model: MixedModel,
    rules: MixedRules,
    sizes: MixedSizes,
    buffers: tuple[Any, ...],
    threads: int,
    progress: Progress,
    /,
) -> tuple[tuple[float | int, ...], tuple[Remark, ...]]: ...
def mixed_df(
    design: Design,
    model: MixedModel,
    rules: MixedRules,
    sizes: MixedSizes,
    kind: int,
    buffers: tuple[Any, Any, Any],
    threads: int,
    progress: Progress,
    /,
) -> tuple[Remark, ...]: ...
def mixed_contrasts(
    design: Design,
    model: MixedModel,
    rules: MixedRules,
    sizes: MixedSizes,
    how: tuple[int, int, float],
    buffers: tuple[Any, Any, Any],
    threads: int,
    progress: Progress,
    /,
) -> tuple[tuple[float, float, float, float], tuple[Remark, ...]]: ...
def mixed_anova(
    design: Design,
    model: MixedModel,
    rules: MixedRules,
    sizes: MixedSizes,
    how: tuple[int, int],
    theta: Any,
    threads: int,
    progress: Progress,
    /,
) -> tuple[tuple[tuple[float, ...], ...], tuple[Remark, ...]]: ...
def mixed_predict(
    design: Design,
    model: MixedModel,
    shape: MixedShape,
    how: tuple[int, int],
    buffers: tuple[Any, Any, Any],
    threads: int,
    progress: Progress,
    /,
) -> tuple[Remark, ...]: ...
def mixed_parameters(design: Design, model: MixedModel, /) -> tuple[str, ...]: ...
def mixed_profile(
    design: Design,
    model: MixedModel,
    rules: MixedRules,
    level: float,
    which: tuple[int, ...],
    buffers: tuple[Any, Any, Any],
    threads: int,
    progress: Progress,
    /,
) -> tuple[Remark, ...]: ...
def mixed_bootstrap(
    design: Design,
    model: MixedModel,
    rules: MixedRules,
    how: tuple[int, int, float],
    buffers: tuple[Any, Any, Any, Any, Any],
    threads: int,
    progress: Progress,
    /,
) -> tuple[int, tuple[Remark, ...]]: ...
def mixed_explained(
    design: Design, model: MixedModel, sizes: MixedSizes, fitted: MixedFitted, buffers: tuple[Any, Any], /
) -> tuple[tuple[float, ...], tuple[Remark, ...]]: ...
def mixed_icc(
    design: Design,
    model: MixedModel,
    rules: MixedRules,
    sizes: MixedSizes,
    fitted: MixedFitted,
    how: tuple[int, int, float],
    threads: int,
    progress: Progress,
    /,
) -> tuple[tuple[float, float, float, float], tuple[Remark, ...]]: ...
def mixed_ranks(
    design: Design,
    model: MixedModel,
    rules: MixedRules,
    sizes: MixedSizes,
    fitted: MixedFitted,
    how: tuple[int, int, int, int, float, float, int],
    buffers: tuple[Any, ...],
    threads: int,
    progress: Progress,
    /,
) -> tuple[Remark, ...]: ...
def fitted_shares(
    design: Design,
    model: MixedModel,
    rules: MixedRules | None,
    blocks: tuple[tuple[Any, ...], ...],
    options: tuple[int, int, int, float, int, float],
    buffers: tuple[Any, ...],
    threads: int,
    progress: Progress,
    /,
) -> tuple[dict[str, Any], tuple[Remark, ...]]: ...
def weigh(
    design: Design,
    question: tuple[Any, ...],
    options: tuple[float, int, int, int, float, float, int, int],
    threads: int,
    progress: Progress,
    /,
) -> tuple[Any, ...]: ...
def specifications(
    design: Design,
    question: tuple[Any, ...],
    options: tuple[float, int, int],
    threads: int,
    progress: Progress,
    /,
) -> tuple[Any, ...]: ...
