# SPDX-License-Identifier: GPL-3.0-only
"""What the prints of fits have in common: formats of numbers, tables, lines; R prints the same."""
import math

import numpy as np

from ._digits import number, row_format
from ._document import Caution, Cells, Document, Listed
from ._errors import line_of
from ._print import _count, level_text

CAUTION = "Coefficients are associations given the other terms, not effects."
_SATTERTHWAITE = ("CR2", "CR3")
_SILENT = {"rows_dropped", "aliased"}  # told by lines of their own
_KEYS = ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")


def scaled(value, form):
    return number(value, "%.6g" if form.endswith("f") and abs(value) >= 1e15 else form)


def statistic(value):
    return number(value, "%.4g" if abs(value) >= 1e5 else "%.2f")


def p_text(value):
    return "<0.0001" if value < 0.0001 else number(value, "%.4f")


def df_text(value):
    whole = math.isfinite(value) and value == math.floor(value)
    return number(value, "%.0f" if whole else "%.1f")


def cells_of(row, keys, more=0):
    """Cells of one row of a table of estimates."""
    form = row_format(row["std_error"], more)
    text = {"statistic": statistic, "df": df_text, "p_value": p_text, "adj_p_value": p_text}
    return [text[key](row[key]) if key in text else scaled(row[key], form) for key in keys]


def rows_phrase(s):
    if s["n"] == s["rows_used"]:
        return _count(int(s["n"]), "row")
    return f"n = {s['n']:.0f} from {s['rows_used']:.0f} rows"


def remark_lines(remarks, silent=_SILENT):
    lines = dict.fromkeys(line_of(r) for r in remarks if r[0] not in silent)
    return [Listed("Remarks:", lines)] if lines else []


def freedom(df):
    return f"{df_text(df)} degree{'' if df == 1 else 's'} of freedom"


def limits_by(df, kind):
    """How the limits were made from degrees of freedom, None where none has any."""
    tested = df[df > 0]
    if not len(tested):
        return None
    if kind in _SATTERTHWAITE:
        return "t with Satterthwaite degrees of freedom"
    return "normal" if math.isinf(tested[0]) else f"t with {freedom(tested[0])}"


def covariance_line(model):
    """The covariance, the clusters it rests on, and the limits made from it."""
    kind, how = model.rules["covariance"], limits_by(model.df, model.rules["covariance"])
    limits = f"limits ({level_text(model.rules['level'])}): {how}" if how else "no limits"
    clusters = ""
    if kind.startswith("CR"):
        clusters = f", {len(model.levels_used(-1))} clusters of {model.cluster_name}"
        if model.places.get("cluster 2", -1) >= 0:
            second = model.design[0][model.places["cluster 2"]]
            clusters += f" and {len(model.levels_used(model.places['cluster 2']))} of {second[0]}"
    return f"Covariance: {kind}{clusters}; {limits}."


def _missing(model):
    """How many values each column lacks, where any does."""
    columns = [*model.design[0], *(side for side in (model.design[2], model.design[4]) if side is not None)]
    counts = {}
    for name, values, levels, *_ in columns:
        counts[name] = int((np.isnan(values) if levels is None else values < 0).sum())
    told = ", ".join(f"{name} {count}" for name, count in counts.items() if count)
    return f" ({told})" if told else ""


def sample_lines(model, more=0):
    """Rows left out (at length: by column), weights, aliased columns, remarks, the caution."""
    s, weight_kind = model.summary, model.provenance["weight_kind"]
    lines = []
    if s["rows_dropped"] > 0:
        lines.append(f"Rows: {s['rows_read']:.0f} read, {s['rows_used']:.0f} used, {s['rows_dropped']:.0f} dropped for "
                     f"missing values{_missing(model) if more else ''}.")
    if weight_kind:
        lines.append(f"Weights: {weight_kind}, sum {s['sum_w']:.6g}.")
    if model.aliased:
        lines.append(f"Aliased, without a coefficient: {', '.join(model.aliased)}.")
    return lines + remark_lines(model.remarks) + [Caution(CAUTION)]


def estimate_rows(frame, *names, more=0):
    """A table of estimates as cells, the header first; `names` are columns of text before them. Without degrees of
    freedom where all tests are normal."""
    normal = len(frame) > 0 and not (frame["df"] < math.inf).any() and (frame["df"] > 0).any()
    keys = [key for key in _KEYS if key != "df" or not normal]
    headers = {"std_error": "std error", "statistic": "z" if normal else "t", "p_value": "p", "conf_low": "low",
               "conf_high": "high"}
    return [[*names, *(headers.get(key, key) for key in keys)]] + [
        [*(row[name] for name in names), *cells_of(row, keys, more)] for row in frame.to_dict("records")]


def limited(what, level):
    """A caption: what the table holds, and the level of its limits where it has any."""
    return what if level is None else f"{what}, limits {level_text(level)}"


def contrasts_document(model, frame, joint, level):
    f, df1, df2, p = joint
    how = "normal" if (frame["df"] == math.inf).all() else "t"
    return Document([
        f"Contrasts of the {model.called} of {model.outcome}, {rows_phrase(model.summary)}", "",
        Cells(limited(f"Contrasts of {model.outcome}", level), estimate_rows(frame, "contrast")), "",
        f"Limits ({level_text(level)}): {how}, one contrast at a time.",
        "All together: no test." if math.isnan(f) else
        f"All together: F {statistic(f)} on {df_text(df1)} and {df_text(df2)}, p {p_text(p)}"])


def fit_document(head, tables, foot):
    """The whole fit: lines, tables, lines."""
    return Document([*head, *(piece for table in tables for piece in ("", table)), "", *foot])
