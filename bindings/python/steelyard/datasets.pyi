# SPDX-License-Identifier: GPL-3.0-only
"""Made by scripts/stubs from signatures and manual pages."""
from collections.abc import Sequence
from typing import Any, Literal

import pandas as pd

__all__ = [
    "SyntheticData",
    "codebook",
    "load",
    "names",
    "simulate_poet",
    "source",
]

class SyntheticData(pd.DataFrame):
    columns_meaning: Any
    marginals: Any
    provenance: Any
    remarks: Any
    truth: Any

def codebook(name: str) -> pd.DataFrame: ...

def load(name: str) -> pd.DataFrame: ...

def names() -> Any: ...

def simulate_poet(
    seed: int = ..., people: int = ..., councils: int = ..., year: Literal["2008-09", "2010-11", "2012-13", "2013-14"] =
    ..., direct_payment: float = ..., funding_ratio: float = ..., sd_log_amount: float = ..., knows_amount: float = ...,
    size_spread: float = ..., strengths: Any = ..., amount_missing: Literal["process", "none"] = ..., hidden: bool =
    ..., threads: int | None = ...,
) -> SyntheticData: ...

def source(name: str) -> str: ...
