# SPDX-License-Identifier: GPL-3.0-only
"""Tables of variance, means and groups as text; R prints the same lines."""
from ._document import Cells, Document
from ._fit_print import cells_of, df_text, limited, number, p_text, remark_lines, rows_phrase, statistic
from ._print import _count, level_text

_TYPE = {1: "I", 2: "II", 3: "III"}
_ADJUSTED = {"bonferroni": "Bonferroni", "sidak": "Sidak", "tukey": "Tukey", "holm": "Holm", "hochberg": "Hochberg",
             "bh": "Benjamini-Hochberg", "by": "Benjamini-Yekutieli"}
_TOGETHER = {"bonferroni", "sidak", "tukey"}
_TESTS = {"classical": "equal variances", "welch": "Welch", "brown_forsythe": "Brown-Forsythe"}


def _shown(value):
    """Negative estimates are shown as zero."""
    return number(0.0 if value < 0 else value, "%.4f")


def sums_document(model, frame, kind, level, remarks):
    rows = [["term", "df", "sum sq", "mean sq", "F", "p", "eta2", "partial", "low", "high", "omega2"]]
    for row in frame.to_dict("records"):
        effects = [number(row[key], "%.4f")
                   for key in ("eta_squared", "partial_eta_squared", "conf_low", "conf_high")]
        rows.append([row["term"], df_text(row["df"]), number(row["sumsq"], "%.6g"), number(row["meansq"], "%.6g"),
                     statistic(row["statistic"]), p_text(row["p_value"]), *effects,
                     _shown(row["partial_omega_squared"])])
    return Document([f"Analysis of variance of {model.outcome}, type {_TYPE[kind]}, {rows_phrase(model.summary)}", "",
                     Cells(limited(f"Analysis of variance of {model.outcome}", level), rows), "",
                     f"Limits ({level_text(level)}): of partial eta2, by the noncentral F.",
                     *remark_lines(remarks, {"rows_dropped"})])


def wald_document(model, frame, kind, covariance, remarks):
    rows = [["term", "df", "df resid", "F", "p"]]
    rows += [[row["term"], df_text(row["df"]), df_text(row["df_resid"]), statistic(row["statistic"]),
              p_text(row["p_value"])] for row in frame.to_dict("records")]
    return Document([f"Wald tests of {model.outcome}, type {_TYPE[kind]}, covariance {covariance}, "
                     f"{rows_phrase(model.summary)}", "", Cells(f"Wald tests of {model.outcome}, type {_TYPE[kind]}", rows), "",
                     *remark_lines(remarks, {"rows_dropped"})])


def means_document(model, frame, factors, level, remarks):
    names = list(frame.columns[:factors])
    rows = [names + ["estimate", "std error", "df", "low", "high"]]
    rows += [[row[name] for name in names] + cells_of(row, ("estimate", "std_error", "df", "conf_low", "conf_high"))
             for row in frame.to_dict("records")]
    return Document([f"Means of {model.outcome} by {', '.join(names)}, {rows_phrase(model.summary)}", "",
                     Cells(limited(f"Means of {model.outcome} by {', '.join(names)}", level), rows, factors), "",
                     f"Limits ({level_text(level)}): t, one mean at a time; other factors weigh equally, numeric "
                     "variables at their means.", *remark_lines(remarks, {"rows_dropped"})])


def pairs_document(model, frame, factors, adjust, level, remarks):
    rows = [["contrast", "estimate", "std error", "t", "df", "p", "adjusted", "low", "high"]]
    rows += [[row["contrast"]] + cells_of(row, ("estimate", "std_error", "statistic", "df", "p_value", "adj_p_value",
                                                   "conf_low", "conf_high")) for row in frame.to_dict("records")]
    how = (f"p values adjusted by {_ADJUSTED[adjust]} for {_count(len(frame), 'difference')}" if adjust in _ADJUSTED
           else "p values not adjusted")
    return Document([f"Differences of means of {model.outcome} by {factors}, {rows_phrase(model.summary)}", "",
                     Cells(limited(f"Differences of means of {model.outcome} by {factors}", level), rows), "",
                     f"{how}; limits ({level_text(level)}) {'together' if adjust in _TOGETHER else 'one at a time'}.",
                     *remark_lines(remarks, {"rows_dropped"})])


def oneway_document(one):
    groups = [[one.group, "n", "mean", "sd"]]
    groups += [[row[one.group], number(row["n"], "%.0f"), number(row["mean"], "%.6g"), number(row["sd"], "%.6g")]
               for row in one.groups.to_dict("records")]
    tests = [["test", "F", "df1", "df2", "p"]]
    tests += [[_TESTS[row["test"]], statistic(row["statistic"]), df_text(row["df1"]), df_text(row["df2"]),
               p_text(row["p_value"])] for row in one.tests.to_dict("records")]
    count = int((one.groups["n"] > 0).sum())
    return Document([f"Means of {one.outcome} in {_count(count, 'group')} of {one.group}, {_count(int(one.n), 'row')}", "",
                     Cells(f"Means of {one.outcome} by {one.group}", groups), "",
                     Cells(f"Tests that all means of {one.outcome} are equal", tests), "",
                     f"Intraclass correlation {number(one.icc1, '%.4f')} ({level_text(one.level)} limits "
                     f"{number(one.icc1_low, '%.4f')} to {number(one.icc1_high, '%.4f')}).",
                     *remark_lines(one.remarks, {"rows_dropped"})])


def components_document(outcome, names, frame, n, remarks):
    rows = [["group", "df", "sum sq", "mean sq", "variance", "share"]]
    rows += [[row["group"], df_text(row["df"]), number(row["sumsq"], "%.6g"), number(row["meansq"], "%.6g"),
              number(row["variance"], "%.6g"), number(row["share"], "%.4f")] for row in frame.to_dict("records")]
    return Document([f"Variance components of {outcome}: {' > '.join(names)}, {_count(int(n), 'row')}", "",
                     Cells(f"Variance components of {outcome}", rows), "", *remark_lines(remarks, {"rows_dropped"})])
