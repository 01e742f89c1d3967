# SPDX-License-Identifier: GPL-3.0-only
"""The core's glue of printed evidence and confounding; one module with _core."""
from typing import Any

from ._core_types import Remark

Tested = tuple[str, float, float, float, float, float, float, str | None]
FitLeft = tuple[Any, Any, tuple[str, ...], float, float, float]

def unit_values(
    groups: tuple[str, str],
    costs: tuple[float, float],
    denominators: tuple[str, ...],
    users: Any,
    claimed: float,
    value: Any,
    ratio: Any,
    gap: Any,
    /,
) -> tuple[float, float, float, float, float, float, float, str]: ...
def gap_allowed(
    r2: float, share: float, sd: float, group_r2: float, full_r2: float, vif: float, /
) -> tuple[float, float, float, float, float, str]: ...
def slope_allowed(full_r2: float, vif: float, r2: float, sd: float, /) -> tuple[float, float, str]: ...
def risk_odds(
    from_odds: bool, ratio: float, overall: float, exposed: float, /
) -> tuple[float, float, float, float, float, str]: ...
def r2_interval(
    r2: float, n: float, predictors: int, level: float, fixed: bool, rounding: float, at_most: bool, /
) -> tuple[float, float, float, float, float, str]: ...
def detectable(
    n1: float, n2: float, sd: float, level: float, power: float, design_effect: float, /
) -> tuple[float, float, float, str]: ...
def counts(
    k: int, counts: Any, of: Any, rows: Any, chance: float, level: float, correlation: float, trend: bool, /
) -> tuple[float, float, str]: ...
def robustness(
    tested: Tested, q: float, alpha: float, /
) -> tuple[float, float, float, float, float, float, float, str]: ...
def adjusted(
    tested: Tested, r2_treatment: float, r2_outcome: float, reduce: bool, level: float, /
) -> tuple[float, ...]: ...
def contours(
    tested: Tested, reduce: bool, r2_treatment: Any, r2_outcome: Any, estimate: Any, t: Any, /
) -> None: ...
def needed(tested: Tested, q: float, alpha: float, n: int, r2_outcome: Any, needed: Any, needed_alpha: Any, /) -> None: ...
def printed_test(
    estimate: float, std_error: float, t: float, df: float, /
) -> tuple[float, float, float, float]: ...
def tested(fit: FitLeft, place: int, /) -> tuple[float, float, float, float]: ...
def benchmarks(
    fit: FitLeft, place: int, groups: tuple[tuple[str, tuple[int, ...]], ...], r2_treatment: Any, r2_outcome: Any, /
) -> None: ...
def bound(
    name: str, r2_treatment: float, r2_outcome: float, kd: float, ky: float, /
) -> tuple[float, float, tuple[Remark, ...]]: ...
def e_value(
    measure: int, estimate: float, low: float, high: float, std_error: float, true: float, /
) -> tuple[float, float, float, float, float, float, str]: ...
def oster(
    beta_short: float,
    r2_short: float,
    beta: float,
    r2: float,
    outcome: float,
    treatment: float,
    treatment_left: float,
    r_max: float,
    delta: float,
    target: float,
    /,
) -> tuple[float, float, float, float, float, str]: ...
def oster_from_fit(fit: FitLeft, place: int, kept: tuple[int, ...], /) -> tuple[float, ...]: ...
def gap(
    design: tuple[Any, ...],
    group: int,
    asked: tuple[int, tuple[Any, ...], tuple[int, ...]],
    options: tuple[int, int, float, int, int, float, int, int],
    threads: int,
    progress: Any,
    /,
) -> tuple[dict[str, Any], tuple[Remark, ...]]: ...
def gap_response(
    design: tuple[Any, ...],
    group: int,
    asked: tuple[int, tuple[Any, ...], tuple[int, ...]],
    options: tuple[int, int, int, int, float, int, float, int],
    threads: int,
    progress: Any,
    /,
) -> tuple[dict[str, Any], tuple[Remark, ...]]: ...
def poet_tables() -> tuple[tuple[tuple[str, str, str, int, tuple[str, ...]], ...], tuple[tuple[str, str, float], ...]]: ...
def poet(
    options: tuple[int, int, int, str, float, float, float, float, float, int, Any],
    values: Any,
    threads: int,
    progress: Any,
    /,
) -> tuple[tuple[tuple[Any, ...], ...], tuple[tuple[str, float, str], ...], tuple[Remark, ...]]: ...
def mediation(
    design: tuple[Any, ...],
    model: tuple[Any, ...],
    options: tuple[int, float, int, int],
    threads: int,
    progress: Any,
    /,
) -> tuple[dict[str, Any], tuple[Remark, ...]]: ...

# treatment, treated level or -1, covariates, outcomes, estimand, method, link, clusters, trim, regression, errors, level
BalanceQuestion = tuple[int, int, tuple[int, ...], tuple[int, ...], int, int, int, int, float, int, int, float]

def balance_rows(design: tuple[Any, ...], question: BalanceQuestion, /) -> tuple[str, ...]: ...
def balance(
    design: tuple[Any, ...],
    question: BalanceQuestion,
    treatment: str,
    rows: int,
    buffers: tuple[Any, Any, Any, Any, Any],
    threads: int,
    progress: Any,
    /,
) -> tuple[tuple[Any, ...], tuple[Remark, ...], list[str]]: ...
