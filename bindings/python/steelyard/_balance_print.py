# SPDX-License-Identifier: GPL-3.0-only
"""A balance as text; R prints the same lines."""
from ._document import Cells, Document, Listed
from ._errors import line_of
from ._fit_print import cells_of, freedom, limited, number
from ._print import _count, level_text

_WHOM = {"ATE": "everybody (ATE)", "ATT": "the treated (ATT)", "overlap": "those who could be in either group (overlap)"}
_EFFECTS = {"none": "", "fixed": " with an effect of each {}", "random": " with random effects of {}"}


def document(b, more=0):
    groups = "{1} and {0}".format(*b._groups)
    pieces = _head(b) + ["", Cells(f"Covariates of {groups}, before and after weighting", _table(b)), ""] + _overlap(b)
    if b._outcomes:
        level = None if b._summary["errors"] == "none" else b._rules["level"]
        table = Cells(limited(f"Differences between {groups}", level), _estimates(b, more), 2)
        pieces += ["", table, "", _limits(b)]
    return Document(pieces + _foot(b))


def _head(b):
    rules, s = b._rules, b._summary
    control, treated = b._groups
    how = "entropy balancing" if rules["method"] == "entropy" else f"a propensity score ({rules['link']})"
    how += _EFFECTS[rules["clusters"]].format(rules["cluster"])
    return [f"Balance of {rules['treatment']}: {treated} ({_people(s['people'][1])}) against {control} "
            f"({_people(s['people'][0])}), {_count(int(s['rows_used']), 'row')}",
            f"Weights by {how}, for {_WHOM[rules['estimand']]}"]


def _people(count):
    return number(count, "%.0f")


def _table(b):
    rows = [["covariate", "control", "treated", "difference", "weighted", "variance ratio", "weighted", "KS",
             "weighted"]]
    for row in b.table.to_dict("records"):
        rows.append([row["covariate"], *(number(row[f"mean_{group}"], "%.4g") for group in ("control", "treated")),
                     *(number(row[prefix + name], "%.3f") for name in ("difference", "variance_ratio", "ks")
                       for prefix in ("", "weighted_"))])
    return rows


def _overlap(b):
    s, groups = b._summary, b._groups
    parts = [f"{number(s['effective_after'][a], '%.1f')} of {number(s['effective_before'][a], '%.1f')} in {groups[a]}"
             for a in (0, 1)]
    largest = [f"{number(100 * s['largest'][a], '%.1f')} % in {groups[a]}" for a in (0, 1)]
    lines = [f"Effective number: {', '.join(parts)}; largest weight {', '.join(largest)}."]
    if b._rules["method"] == "propensity":
        scores = [f"{groups[a]} {number(s['score_low'][a], '%.3f')} to {number(s['score_high'][a], '%.3f')}"
                  for a in (0, 1)]
        outside = [f"{_people(s['outside'][a])} of {groups[a]}" for a in (0, 1)]
        lines.append(f"Scores: {', '.join(scores)}; beyond the other group's: {', '.join(outside)}.")
    return lines


def _estimates(b, more):
    keys = ("mean_control", "mean_treated", "estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")
    rows = [["outcome", "method", "control", "treated", "estimate", "std error", "t", "df", "p", "low", "high"]]
    return rows + [[row["outcome"], row["method"], *cells_of(row, keys, more)] for row in b.estimates.to_dict("records")]


def _limits(b):
    s, rules = b._summary, b._rules
    if s["errors"] == "none":
        return "Limits: none."
    over = f"{s['units']:.0f} {'rows' if rules['cluster'] is None else 'clusters of ' + rules['cluster']}"
    over += f" in strata of {rules['strata']}" if rules["strata"] else ""
    how = {"influence": f"influence functions over {over}, score and regressions counted as estimated",
           "jackknife": f"jackknife over {over}"}[s["errors"]]
    return f"Limits ({level_text(rules['level'])}): {how}, t with {freedom(s['df'])}."


def _foot(b):
    s, rules = b._summary, b._rules
    lines = []
    if s["rows_dropped"] > 0:
        lines.append(f"Rows: {s['rows_read']:.0f} read, {s['rows_used']:.0f} used, {s['rows_dropped']:.0f} dropped for "
                     "missing values.")
    if rules["weight_kind"]:
        lines.append(f"Weights of the data: {rules['weight_kind']}.")
    remarks = list(dict.fromkeys(line_of(r) for r in b._remarks if r[0] != "rows_dropped" or r[1] == "trim"))
    return lines + ([Listed("Remarks:", remarks)] if remarks else []) + [Listed("Assumed:", b._assumptions)]
