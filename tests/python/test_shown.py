# SPDX-License-Identifier: GPL-3.0-only
"""Decimals by a standard error, as the core counts them."""
import math

import pytest

from steelyard import _core


def test_error_is_shown_in_two_digits():
    assert [_core.shown_decimals(x) for x in (0.027, 0.0996, 12.3, 1e-12)] == [3, 2, 0, 8]


def test_no_error_gives_no_decimals():
    assert [_core.shown_decimals(x) for x in (math.nan, 0.0, math.inf, -0.1)] == [-1] * 4


def test_error_must_be_a_number():
    with pytest.raises(TypeError):
        _core.shown_decimals("0.1")
