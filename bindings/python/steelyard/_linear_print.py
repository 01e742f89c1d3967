# SPDX-License-Identifier: GPL-3.0-only
"""A linear fit as text and HTML; R prints the same lines."""
import html
import math

from ._errors import line_of
from ._linear_model import METHODS
from ._print import _count, level_text

CAUTION = "Coefficients are associations given the other terms, not effects."
_SATTERTHWAITE = ("CR2", "CR3")
_SILENT = {"rows_dropped", "aliased"}  # told by lines of their own


def number(value, form):
    """sprintf, with "-" for a missing value, "inf", and no minus zero."""
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    text = form % value
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text


def row_format(std_error):
    """The format of an estimate, its error and its limits: four digits of the error."""
    if not math.isfinite(std_error) or std_error <= 0:
        return "%.6g"
    decimals = 3 - math.floor(math.log10(std_error))
    return "%.4e" if decimals > 9 else f"%.{max(decimals, 0)}f"


def scaled(value, form):
    return number(value, "%.6g" if form.endswith("f") and abs(value) >= 1e15 else form)


def statistic(value):
    return number(value, "%.4g" if abs(value) >= 1e5 else "%.2f")


def p_text(value):
    return "<0.0001" if value < 0.0001 else number(value, "%.4f")


def df_text(value):
    whole = math.isfinite(value) and value == math.floor(value)
    return number(value, "%.0f" if whole else "%.1f")


def cells_of(row, keys):
    """Cells of one row of a table of estimates."""
    form = row_format(row["std_error"])
    text = {"statistic": statistic, "df": df_text, "p_value": p_text, "adj_p_value": p_text}
    return [text[key](row[key]) if key in text else scaled(row[key], form) for key in keys]


def table_lines(rows, texts=1):
    """Cells in columns: the first `texts` to the left, the others to the right."""
    widths = [max(len(row[j]) for row in rows) for j in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) if j < texts else cell.rjust(width)
                      for j, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in rows]


def rows_phrase(s):
    if s["n"] == s["rows_used"]:
        return _count(int(s["n"]), "row")
    return f"n = {s['n']:.0f} from {s['rows_used']:.0f} rows"


def remark_lines(remarks, silent=_SILENT):
    lines = dict.fromkeys(line_of(r) for r in remarks if r[0] not in silent)
    return ["Remarks:"] + [f"- {line}" for line in lines] if lines else []


def _terms_text(model):
    labels = " + ".join(model.terms) or "intercept only"
    if model.places["absorb"] >= 0:
        name = model.design[0][model.places["absorb"]]
        return f"{labels}, intercepts of {len(model.levels_used(model.places['absorb']))} {name[0]} absorbed"
    return labels if model.asked.intercept else f"{labels}, without intercept"


def _head_lines(model):
    s = model.summary
    about = "R2 (within levels)" if model.places["absorb"] >= 0 else (
        "R2" if model.asked.intercept else "R2 (about zero)")
    lines = [f"Linear model of {model.outcome}: {_terms_text(model)}, {rows_phrase(s)}",
             f"{about} {number(s['r2'], '%.4f')}, adjusted {number(s['r2_adjusted'], '%.4f')}; sigma "
             f"{number(s['sigma'], '%.6g')}, {df_text(s['df_resid'])} degree{'' if s['df_resid'] == 1 else 's'} of "
             "freedom"]
    if not math.isnan(s["f"]):
        which = "" if model.rules["covariance"] == "classical" else " (classical covariance)"
        lines.append(f"All terms together: F {statistic(s['f'])} on {df_text(s['f_df1'])} and "
                     f"{df_text(s['df_resid'])}, p {p_text(s['f_p'])}{which}")
    return lines


def _covariance_line(model):
    kind, level = model.rules["covariance"], level_text(model.rules["level"])
    tested = model.df[model.df > 0]
    how = "no limits"
    if len(tested):
        df = "Satterthwaite degrees of freedom" if kind in _SATTERTHWAITE else (
            f"{df_text(tested[0])} degree{'' if tested[0] == 1 else 's'} of freedom")
        how = f"limits ({level}): t with {df}"
    clusters = ""
    if kind.startswith("CR"):
        clusters = f", {len(model.levels_used(-1))} clusters of {model.cluster_name}"
        if model.places["cluster 2"] >= 0:
            second = model.design[0][model.places["cluster 2"]]
            clusters += f" and {len(model.levels_used(model.places['cluster 2']))} of {second[0]}"
    return f"Covariance: {kind}{clusters}; {how}."


def _foot_lines(model):
    s, weight_kind = model.summary, model.provenance["weight_kind"]
    lines = [_covariance_line(model),
             f"Precision: {METHODS[s['method']]}, condition {number(s['condition'], '%.3g')}, "
             f"{number(s['digits'], '%.1f')} digits left."]
    if s["rows_dropped"] > 0:
        lines.append(f"Rows: {s['rows_read']:.0f} read, {s['rows_used']:.0f} used, {s['rows_dropped']:.0f} dropped for "
                     "missing values.")
    if weight_kind:
        lines.append(f"Weights: {weight_kind}, sum {s['sum_w']:.6g}.")
    aliased = [label for label, b in zip(model.labels, model.coefficient) if math.isnan(b)]
    if aliased:
        lines.append(f"Aliased, without a coefficient: {', '.join(aliased)}.")
    return lines + remark_lines(model.remarks) + [CAUTION]


_KEYS = ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")
_HEADERS = ["estimate", "std error", "t", "df", "p", "low", "high"]


def _cells(frame, name):
    return [[name] + _HEADERS] + [[row[name]] + cells_of(row, _KEYS) for row in frame.to_dict("records")]


def fit_text(model, frame):
    """The whole fit."""
    return "\n".join([*_head_lines(model), "", *table_lines(_cells(frame, "term")), "", *_foot_lines(model)])


def fit_html(model, frame):
    """The same for a notebook."""
    head, foot, rows = _head_lines(model), _foot_lines(model), _cells(frame, "term")
    top = "".join(f"<th>{html.escape(cell)}</th>" for cell in rows[0])
    body = "".join(f"<tr><th>{html.escape(row[0])}</th>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row[1:])
                   + "</tr>" for row in rows[1:])
    lines = "".join(f"<p>{html.escape(line)}</p>" for line in foot[:-1])
    return (f"<div><p><strong>{html.escape(head[0])}</strong></p>"
            + "".join(f"<p>{html.escape(line)}</p>" for line in head[1:])
            + f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>{lines}"
            + f"<p><em>{html.escape(CAUTION)}</em></p></div>")


def contrasts_text(model, frame, joint, level):
    f, df1, df2, p = joint
    return "\n".join([
        f"Contrasts of the linear model of {model.outcome}, {rows_phrase(model.summary)}", "",
        *table_lines(_cells(frame, "contrast")), "", f"Limits ({level_text(level)}): t, one contrast at a time.",
        "All together: no test." if math.isnan(f) else
        f"All together: F {statistic(f)} on {df_text(df1)} and {df_text(df2)}, p {p_text(p)}"])


def wild_text(frame, seed, level, remarks):
    row = frame.iloc[0]
    signs = "Rademacher signs" if row["kind"] == "rademacher" else "Webb weights"
    line = (f"Wild cluster bootstrap of {row['term']} (null {row['null']:.6g}): p {p_text(row['p_value'])}, "
            f"{level_text(level)} limits {number(row['conf_low'], '%.6g')} to {number(row['conf_high'], '%.6g')}; "
            f"{signs}, {row['replicates']} replicates, seed {seed}.")
    return "\n".join([line, *remark_lines(remarks)])


