# SPDX-License-Identifier: GPL-3.0-only
"""The core's glue of flips; one module with _core."""
from typing import Any

from ._core_types import Asked, Progress, Remark

FlipOptions = tuple[int, int, float, float, int]  # first, second, most, level, starts

def flip_directions(
    asked: Asked, options: FlipOptions, /
) -> tuple[int, int, tuple[int, ...]]: ...
def share_flip(
    asked: Asked, options: FlipOptions, outcome: str, numbers: Any, direction: Any, threads: int, progress: Progress, /
) -> tuple[str, tuple[Remark, ...]]: ...
def share_flip_rays(
    asked: Asked, options: FlipOptions, direction: Any | None, n: int, along: Any, table: Any, threads: int,
    progress: Progress, /
) -> tuple[Remark, ...]: ...
def share_flip_contours(
    asked: Asked, options: FlipOptions, direction: Any, grid: tuple[int, float, float, int], places: Any,
    difference: Any, threads: int, progress: Progress, /
) -> tuple[Remark, ...]: ...
def share_flip_at(
    asked: Asked, options: FlipOptions, direction: Any, n: int, points: Any, shares: Any, /
) -> tuple[Remark, ...]: ...
def share_flip_benchmarks(
    asked: Asked, options: FlipOptions, direction: Any, terms: tuple[int, ...], table: Any, /
) -> tuple[Remark, ...]: ...
def flip_turn(
    asked: Asked, options: FlipOptions, outcome: str, source: tuple[int, ...] | None, loading: Any | None, n: int,
    stated: Any, difference: Any, numbers: Any, /
) -> tuple[str, tuple[Remark, ...]]: ...
