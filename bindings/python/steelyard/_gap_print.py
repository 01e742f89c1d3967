# SPDX-License-Identifier: GPL-3.0-only
"""A gap as text; R prints the same lines."""
import math

from ._digits import row_format
from ._document import Cells, Document
from ._fit_print import limited, number, remark_lines, scaled
from ._print import _count, level_text

_METHODS = {"oaxaca": "Oaxaca-Blinder", "kitagawa": "Kitagawa", "gelbach": "Gelbach", "shapley": "Shapley"}
_WHAT = {"numeric": "mean", "binary": "chance", "ordinal": "mean answer"}


def _near(value, std_error, more=0):
    return scaled(value, row_format(std_error, more))


def _level(r):
    return None if r["interval"] == "none" else r["confidence"]


def head_lines(r):
    first, second = (r["group_levels"][place] for place in r["level"])
    beyond = f" beyond {', '.join(r['adjust'])}" if r["adjust"] else ""
    return [f"Gap in {r['outcome']} by {r['group']}{beyond}: {first} less {second}, {_rows(r)}", method_line(r)]


def _rows(r):
    n, used = sum(r["group_n"]), sum(r["group_rows"])
    return _count(int(n), "row") if n == used else f"n = {n:.0f} from {used:.0f} rows"


def method_line(r):
    name = _METHODS[r["method"]]
    if r["method"] == "kitagawa":
        return f"{name}: {_count(r['cells'], 'cell')}, composition and rate"
    if r["method"] == "gelbach":
        return f"{name}: the coefficient of {r['group']} without the blocks less that with them"
    blocks = f" over {_count(len(r['blocks']) + bool(r['adjust']), 'block')}, {r['link']}" if r["method"] == "shapley" else ""
    return f"{name}{blocks}, reference {r['reference']}"


def _with_limits(row, r, more):
    if math.isnan(row["conf_low"]):
        return _near(row["gap"], math.nan)
    gap, low, high = (_near(row[key], row["std_error"], more) for key in ("gap", "conf_low", "conf_high"))
    return f"{gap} ({level_text(r['confidence'])} limits {low} to {high})"


def gap_pieces(g, r, more=0):
    """The two means and their difference; of ordered answers a table."""
    gap = g.gap
    if "category" in gap:
        return [Cells(limited(f"Gap in {r['outcome']} by {r['group']}, answer by answer", _level(r)),
                      _answer_cells(g, more))]
    row = gap.iloc[0]
    groups = [f"{r['group']} = {r['group_levels'][place]}: {_WHAT[r['type']]} "
              f"{_near(row[key], row['std_error'], more)}, {_count(int(r['group_rows'][m]), 'row')}"
              for m, (place, key) in enumerate(zip(r["level"], ("first", "second")))]
    return [*groups, f"Gap {_with_limits(row, r, more)}"]


def _answer_cells(g, more):
    first, second = (g._record["group_levels"][place] for place in g._record["level"])
    rows = [["answer", first, second, "gap", "low", "high", "explained", "unexplained", "fit"]]
    categories = g.categories
    total = categories[categories["block"] == "total"]
    for row, part in zip(g.gap.to_dict("records"), total.to_dict("records")):
        cells = [row["first"], row["second"], row["gap"], row["conf_low"], row["conf_high"], part["explained"],
                 part["unexplained"], row["fit"]]
        rows.append([row["category"], *(_near(cell, row["std_error"], more) for cell in cells)])
    return rows


def part_cells(frame, first, more=0):
    """Parts as cells: explained with limits and percent, unexplained with limits."""
    some = {key: not frame[key].isna().all() for key in ("conf_low", "unexplained", "unexplained_conf_low")}
    rows = [[first, "explained", *(["low", "high"] if some["conf_low"] else []), "percent",
             *(["unexplained"] if some["unexplained"] else []), *(["low", "high"] if some["unexplained_conf_low"] else [])]]
    for row in frame.to_dict("records"):
        cells = [row[first], _near(row["explained"], row["std_error"], more)]
        cells += [_near(row[key], row["std_error"], more) for key in ("conf_low", "conf_high") if some["conf_low"]]
        cells.append(number(row["percent"], "%.1f"))
        cells += [_near(row["unexplained"], row["unexplained_std_error"], more)] if some["unexplained"] else []
        cells += [_near(row[key], row["unexplained_std_error"], more)
                  for key in ("unexplained_conf_low", "unexplained_conf_high") if some["unexplained_conf_low"]]
        rows.append(cells)
    return rows


def limits_line(r):
    if r["interval"] == "none":
        return "Limits: none."
    answers = r["method"] == "shapley"
    clustered = not r["grouped"] if answers else r["clustered"]
    units = "clusters" if clustered else "groups of rows" if answers else "rows"
    over = f"{r['units']} {units}" + ("" if answers or not r["n_strata"] else f" in {r['n_strata']} strata")
    t = f"t with {r['df']:.6g} degrees of freedom"
    dealt = f" (seed {r['seed']})" if answers and not clustered else ""
    drawn = "" if answers else f"{r['kept']} bootstrap samples of {over}, seed {r['seed']}"
    how = {"jackknife": f"jackknife over {over}{dealt}, {t}", "influence": f"influence function over {over}, {t}",
           "percentile": f"percentiles of {drawn}", "expanded": f"expanded percentiles of {drawn}",
           "basic": f"basic, from {drawn}"}[r["interval"]]
    return f"Limits ({level_text(r['confidence'])}): {how}."


def _coverage_lines(r):
    if math.isnan(r.get("coverage_least", math.nan)):
        return []
    units = "clusters" if r["clustered"] else "rows"
    return [f"Measured coverage of such limits of a part (nominal 95 %): {r['coverage_least']:.0f} to "
            f"{r['coverage_most']:.0f} % with {r['coverage_units']:.0f} {units}."]


def _more_lines(g, r, more):
    """Base coefficient, threefold, fit: what the parts do not show."""
    if r["method"] == "gelbach":
        return [f"Coefficient that is split: {number(g.gap['base'].iloc[0], '%.6g')}."]
    total = g.parts.iloc[-1]
    if r["method"] == "oaxaca":
        return ["Threefold: " + ", ".join(f"{key} {_near(total[key], total['std_error'], more)}" for key in (
            "endowments", "coefficients", "interaction")) + "."]
    fit = g.gap["fit"].iloc[-1] if r["method"] == "shapley" else 0.0
    return [f"Fit: {number(fit, '%.4g')} of the gap is what predicted means are short of observed ones."] if (
        abs(fit) > 1e-9) else []


def document(g, more=0):
    r = g._record
    what = f"the gap in {r['outcome']} by {r['group']}"
    lines = [*head_lines(r), "", *gap_pieces(g, r, more), "",
             Cells(limited(f"Parts of {what}", _level(r)), part_cells(g.parts, "block", more)), ""]
    if more and len(g.terms):
        lines += [Cells(limited(f"Parts of {what}, term by term", _level(r)), part_cells(g.terms, "term", more)), ""]
    references = g.references
    if len(references):
        if "category" in references:
            references = references[references["category"] == "mean"]
        lines += [Cells(limited(f"Parts of {what} by reference", _level(r)),
                        part_cells(references, "reference", more)), ""]
    lines += [*_more_lines(g, r, more), limits_line(r), *_coverage_lines(r)]
    if r["rows_dropped"] > 0:
        lines.append(f"Rows: {r['rows_read']:.0f} read, {r['rows_read'] - r['rows_dropped']:.0f} used, "
                     f"{r['rows_dropped']:.0f} dropped for missing values.")
    lines += [f"Weights: {r['weight_kind']}."] if r["weight_kind"] else []
    return Document(lines + remark_lines(r["remarks"], {"rows_dropped"}) + list(r["sentences"]))
