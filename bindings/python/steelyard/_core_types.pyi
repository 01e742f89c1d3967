# SPDX-License-Identifier: GPL-3.0-only
"""What the stubs of _core name more than once; there is no such module."""
from collections.abc import Callable
from typing import Any, TypeAlias

Remark: TypeAlias = tuple[str, str, float, str]  # code, term, value, text
Progress: TypeAlias = Callable[[float], object] | None
Asked: TypeAlias = tuple[bytes, int, tuple[tuple[Any, ...], ...], tuple[int, ...]]
