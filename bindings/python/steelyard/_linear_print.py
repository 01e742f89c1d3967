# SPDX-License-Identifier: GPL-3.0-only
"""A linear fit as text; R prints the same lines."""
import math

from ._document import Document
from ._fit_print import (covariance_line, df_text, freedom, number, p_text, remark_lines, rows_phrase, sample_lines,
                         statistic)
from ._linear_model import METHODS
from ._print import level_text


def _terms_text(model):
    labels = " + ".join(model.terms) or "intercept only"
    if model.places["absorb"] >= 0:
        name = model.design[0][model.places["absorb"]]
        return f"{labels}, intercepts of {len(model.levels_used(model.places['absorb']))} {name[0]} absorbed"
    return labels if model.asked.intercept else f"{labels}, without intercept"


def head_lines(model):
    s = model.summary
    about = "R2 (within levels)" if model.places["absorb"] >= 0 else (
        "R2" if model.asked.intercept else "R2 (about zero)")
    lines = [f"Linear model of {model.outcome}: {_terms_text(model)}, {rows_phrase(s)}",
             f"{about} {number(s['r2'], '%.4f')}, adjusted {number(s['r2_adjusted'], '%.4f')}; sigma "
             f"{number(s['sigma'], '%.6g')}, {freedom(s['df_resid'])}"]
    if not math.isnan(s["f"]):
        which = "" if model.rules["covariance"] == "classical" else " (classical covariance)"
        lines.append(f"All terms together: F {statistic(s['f'])} on {df_text(s['f_df1'])} and "
                     f"{df_text(s['df_resid'])}, p {p_text(s['f_p'])}{which}")
    return lines


def foot_lines(model, more=0):
    s = model.summary
    return [covariance_line(model),
            f"Precision: {METHODS[s['method']]}, condition {number(s['condition'], '%.3g')}, "
            f"{number(s['digits'], '%.1f')} digits left.", *sample_lines(model, more)]


def wild_document(frame, seed, level, remarks):
    row = frame.iloc[0]
    signs = "Rademacher signs" if row["kind"] == "rademacher" else "Webb weights"
    line = (f"Wild cluster bootstrap of {row['term']} (null {row['null']:.6g}): p {p_text(row['p_value'])}, "
            f"{level_text(level)} limits {number(row['conf_low'], '%.6g')} to {number(row['conf_high'], '%.6g')}; "
            f"{signs}, {row['replicates']} replicates, seed {seed}.")
    return Document([line, *remark_lines(remarks)])
