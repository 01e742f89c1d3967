# SPDX-License-Identifier: GPL-3.0-only
"""What the prints of fits have in common: formats of numbers, tables, lines; R prints the same."""
import html
import math

from ._errors import line_of
from ._print import _count, _html_lines, _html_table, level_text, table_lines

CAUTION = "Coefficients are associations given the other terms, not effects."
_SATTERTHWAITE = ("CR2", "CR3")
_SILENT = {"rows_dropped", "aliased"}  # told by lines of their own
_KEYS = ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")


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


def rows_phrase(s):
    if s["n"] == s["rows_used"]:
        return _count(int(s["n"]), "row")
    return f"n = {s['n']:.0f} from {s['rows_used']:.0f} rows"


def remark_lines(remarks, silent=_SILENT):
    lines = dict.fromkeys(line_of(r) for r in remarks if r[0] not in silent)
    return ["Remarks:"] + [f"- {line}" for line in lines] if lines else []


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


def sample_lines(model):
    """Rows left out, weights, aliased columns, remarks, the caution."""
    s, weight_kind = model.summary, model.provenance["weight_kind"]
    lines = []
    if s["rows_dropped"] > 0:
        lines.append(f"Rows: {s['rows_read']:.0f} read, {s['rows_used']:.0f} used, {s['rows_dropped']:.0f} dropped for "
                     "missing values.")
    if weight_kind:
        lines.append(f"Weights: {weight_kind}, sum {s['sum_w']:.6g}.")
    if model.aliased:
        lines.append(f"Aliased, without a coefficient: {', '.join(model.aliased)}.")
    return lines + remark_lines(model.remarks) + [CAUTION]


def estimate_rows(frame, *names):
    """A table of estimates as cells, the header first; `names` are columns of text before them. Without degrees of
    freedom where all tests are normal."""
    normal = len(frame) > 0 and not (frame["df"] < math.inf).any() and (frame["df"] > 0).any()
    keys = [key for key in _KEYS if key != "df" or not normal]
    headers = {"std_error": "std error", "statistic": "z" if normal else "t", "p_value": "p", "conf_low": "low",
               "conf_high": "high"}
    return [[*names, *(headers.get(key, key) for key in keys)]] + [
        [*(row[name] for name in names), *cells_of(row, keys)] for row in frame.to_dict("records")]


def contrasts_text(model, frame, joint, level):
    f, df1, df2, p = joint
    how = "normal" if (frame["df"] == math.inf).all() else "t"
    return "\n".join([
        f"Contrasts of the {model.called} of {model.outcome}, {rows_phrase(model.summary)}", "",
        *table_lines(estimate_rows(frame, "contrast")), "",
        f"Limits ({level_text(level)}): {how}, one contrast at a time.",
        "All together: no test." if math.isnan(f) else
        f"All together: F {statistic(f)} on {df_text(df1)} and {df_text(df2)}, p {p_text(p)}"])


def fit_text(head, tables, foot):
    """The whole fit: lines, tables of cells, lines."""
    middle = [line for rows in tables for line in ("", *table_lines(rows))]
    return "\n".join([*head, *middle, "", *foot])


def fit_html(head, tables, foot):
    """The same for a notebook."""
    return (f"<div><p><strong>{html.escape(head[0])}</strong></p>" + _html_lines(head[1:])
            + "".join(_html_table(rows) for rows in tables) + _html_lines(foot[:-1])
            + f"<p><em>{html.escape(foot[-1])}</em></p></div>")
