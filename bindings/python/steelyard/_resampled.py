# SPDX-License-Identifier: GPL-3.0-only
"""Summaries of the leave-one-out or influence values of any statistic."""
import numpy as np
import pandas as pd

from . import _core
from ._errors import SteelyardError
from ._options import real


def _line(argument, values):
    try:
        line = np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise SteelyardError(f"{argument}: numbers are needed") from None
    if line.ndim != 1:
        raise SteelyardError(f"{argument}: a vector is needed")
    return line


def jackknife_summary(left_out, estimate):
    """Bias, standard error and acceleration from leave-one-out values.

    Parameters
    ----------
    left_out : vector of n
        The statistic without each unit in turn.
    estimate : float
        The statistic of all units.

    Returns
    -------
    Series
        bias, (n - 1) (mean - estimate); std_error, sqrt((n - 1) / n times the
        squares about the mean); acceleration, sum L**3 / (6 (sum L**2)**1.5)
        with L = mean - left_out, which BCa limits take [1]_.

    Raises
    ------
    SteelyardError
        Fewer than two values; no numbers.

    References
    ----------
    .. [1] Efron & Tibshirani 1993, An Introduction to the Bootstrap, ch. 11 and 14

    Examples
    --------
    >>> round(float(sy.jackknife_summary([2.5, 2.0, 1.5], 2.0)["std_error"]), 4)
    0.5774
    """
    return pd.Series(_core.resampled(_line("left_out", left_out), real("estimate", estimate)),
                     index=["bias", "std_error", "acceleration"])


def influence_summary(influence):
    """Standard error and acceleration from influence values.

    Parameters
    ----------
    influence : vector of n
        The influence of each unit on the statistic; they sum to zero.

    Returns
    -------
    Series
        std_error, sqrt(sum L**2) / n; acceleration, sum L**3 / (6 (sum L**2)**1.5) [1]_.

    Raises
    ------
    SteelyardError
        Fewer than two values; no numbers.

    References
    ----------
    .. [1] Efron 1987, doi:10.1080/01621459.1987.10478410

    Examples
    --------
    >>> round(float(sy.influence_summary([-1.0, 0.0, 1.0])["std_error"]), 4)
    0.4714
    """
    _, *values = _core.resampled(_line("influence", influence), None)
    return pd.Series(values, index=["std_error", "acceleration"])
