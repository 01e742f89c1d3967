# SPDX-License-Identifier: GPL-3.0-only
"""The core's glue of reliability and corrected shares; one module with _core."""
from collections.abc import Callable
from typing import Any

from ._core_types import Remark

def reliability(
    blob: bytes,
    design: tuple[Any, ...] | None,
    items: tuple[int, ...],
    options: tuple[int, float, int, int],
    tables: tuple[Any, ...],
    threads: int,
    progress: Callable[[float], None] | None,
    /,
) -> tuple[dict[str, float], tuple[Remark, ...]]: ...
def corrected(
    asked: tuple[Any, ...],
    terms: tuple[int, ...],
    reliability: Any | None,
    covariance: Any | None,
    limits: tuple[Any, Any],
    /,
) -> tuple[bytes, float, tuple[Remark, ...]]: ...
def simex(
    asked: tuple[Any, ...],
    terms: tuple[int, ...],
    reliability: Any | None,
    covariance: Any | None,
    options: tuple[Any, int, int],
    tables: tuple[Any, ...],
    threads: int,
    progress: Callable[[float], None] | None,
    /,
) -> tuple[Remark, ...]: ...
def reliability_of_means(blob: bytes, terms: tuple[int, ...], level: float, table: Any, /) -> tuple[Remark, ...]: ...
