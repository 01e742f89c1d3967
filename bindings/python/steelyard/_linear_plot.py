# SPDX-License-Identifier: GPL-3.0-only
"""Drawings of a linear fit. matplotlib is needed here only."""
import numpy as np

from . import _core, _diagnostics, _print
from ._dot_plot import dot_chart, finish, plain, scatter
from ._house_style import BLUE, ZERO, axis_text, styled

_INTERCEPT = "(Intercept)"
_CAUTION = "Association given the other terms, not effect."


def draw(kind, model, frame, ax):
    """The axes drawn on."""
    if kind == "coefficients":
        return coefficients(model, frame, ax)
    return (_residuals if kind == "residuals" else _quantiles)(model, ax)


@styled
def coefficients(model, frame, ax):
    """Estimates with limits, the intercept only when there is nothing else."""
    rows = frame[frame["term"] != _INTERCEPT] if (frame["term"] != _INTERCEPT).any() else frame
    rows = rows[rows["estimate"].notna()].rename(columns={"term": "name"})
    words = (called(model), f"coefficient, with {_print.level_text(model.rules['level'])} limits "
                            f"({model.rules['covariance']} covariance)", _CAUTION)
    return dot_chart(rows, ax, words)


def called(model):
    return f"{model.called[0].upper()}{model.called[1:]} of {model.outcome}"


@styled
def _residuals(model, ax):
    """Residuals against fitted values: a band around zero is what a good fit leaves."""
    sheet, axis = plain(ax, 4.6, 3.2)
    fitted, residual, _ = model.rows()
    scatter(axis, fitted, residual, BLUE)
    axis_text(axis, "residual", sheet.height(), "y")
    finish(sheet, axis, (called(model), f"fitted {model.outcome}", ""))
    return axis


@styled
def _quantiles(model, ax):
    """Standardised residuals in order against what normal ones would be."""
    standardised = _diagnostics.standardised(model)
    sheet, axis = plain(ax, 4.0, 4.0)
    quantiles(axis, standardised[np.isfinite(standardised)])
    axis_text(axis, "standardised residual", sheet.height(), "y")
    finish(sheet, axis, (called(model), "normal quantile", "Line: normal residuals."))
    return axis


def quantiles(axis, values, quartiles=False):
    """Values in order against normal quantiles, with the line of equality or the one through both quartiles."""
    values = np.sort(np.asarray(values, dtype=float))
    normal = np.array([_core.t_quantile((i + 0.5) / len(values), float("inf")) for i in range(len(values))])
    reach = normal[[0, -1]]
    line = reach
    if quartiles:
        (low, high), at = np.quantile(values, [0.25, 0.75]), _core.t_quantile(0.75, float("inf"))
        line = (low + high) / 2 + (high - low) / (2 * at) * reach
    axis.plot(reach, line, color=ZERO, linewidth=1.0, zorder=1)
    scatter(axis, normal, values, BLUE)
