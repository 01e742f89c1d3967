# SPDX-License-Identifier: GPL-3.0-only
"""A mixed model as text; R prints the same lines."""
import math

from ._digits import row_format
from ._document import Cells, Document
from ._fit_print import (df_text, limited, number, p_text, remark_lines, rows_phrase, sample_lines, scaled, statistic)
from ._outcomes import LINKS, NEGATIVE_BINOMIAL, ORDINAL
from ._options import name_of
from ._print import _count, level_text, point
from ._response_print import answers_lines

_FREEDOM = {"satterthwaite": "t with Satterthwaite degrees of freedom",
            "kenward-roger": "t with Kenward-Roger standard errors and degrees of freedom", "normal": "normal"}
_LEAGUE_ROWS = 10


def _method(model):
    s = model.summary
    if model.linear:
        return "Restricted maximum likelihood" if model.rules["reml"] else "Maximum likelihood"
    link = name_of(LINKS, model.rules["link"])
    if s["nodes"] == 1:
        return f"Laplace approximation, {link} link"
    return f"Adaptive Gauss-Hermite quadrature, {s['nodes']} points, {link} link"


def _title(model):
    labels = [*(model.terms or ["thresholds only" if model.kind == ORDINAL else "intercept only"]),
              *(bar.text for bar in model.asked.bars)]
    text = " + ".join(labels) + ("" if model.asked.intercept else ", without intercept")
    if model.places["offset"] >= 0:
        text += f", offset {model.design[0][model.places['offset']][0]}"
    return f"{model.called[0].upper()}{model.called[1:]} of {model.outcome}: {text}, {rows_phrase(model.summary)}"


def _answers(model):
    if model.kind == NEGATIVE_BINOMIAL:
        return [f"Theta {number(model.summary['theta_count'], '%.6g')}; variance mu + mu^2 / theta"]
    return answers_lines(model)


def head_lines(model):
    s = model.summary
    groups = dict.fromkeys(f"{_count(len(bar.levels), 'level')} of {bar.group}" for bar in model.bars)
    found, _, icc = model.explained()
    each = "".join(f", {bar.group} {number(value, '%.4f')}" for bar, value in zip(model.bars, icc)) \
        if len(model.bars) > 1 else ""
    return [_title(model), *_answers(model), f"Groups: {', '.join(groups)}",
            f"{_method(model)}: criterion {number(s['criterion'], '%.3f')}, log likelihood "
            f"{number(s['loglik'], '%.3f')}, {s['n_parameters']} parameters, AIC {number(s['aic'], '%.2f')}",
            f"Intraclass correlation {number(found['icc_adjusted'], '%.4f')}{each}; R2 marginal "
            f"{number(found['marginal'], '%.4f')}, conditional {number(found['conditional'], '%.4f')}"]


def variance_table(model):
    """The random part: correlations with the effects before."""
    most = max(0 if bar.diagonal else bar.q - 1 for bar in model.bars)
    beside = ["correlation"] if most == 1 else [f"cor {j + 1}" for j in range(most)]
    rows = [["random effect", "variance", "sd", *beside]]
    for bar in model.bars:
        block = model.block(bar)
        for i, effect in enumerate(bar.effects):
            beside = range(0 if bar.diagonal else i)
            cells = [number(_correlation(block, i, j), "%.4f") for j in beside]
            rows.append([f"{bar.group}: {effect}", number(block[i, i], "%.6g"), number(math.sqrt(block[i, i]), "%.6g")]
                        + cells + ["-"] * (most - len(cells)))
    if model.linear:
        sigma = model.summary["sigma"]
        rows.append(["Residual", number(sigma * sigma, "%.6g"), number(sigma, "%.6g")] + ["-"] * most)
    return Cells(f"Random effects on {model.outcome}", rows)


def _correlation(block, i, j):
    scale = math.sqrt(block[i, i]) * math.sqrt(block[j, j])
    return block[i, j] / scale if scale > 0 else math.nan


def foot_lines(model, more=0):
    s = model.summary
    lines = [f"Limits ({level_text(model.rules['level'])}): {_FREEDOM[model.rules['df']]}.",
             f"{'Converged' if s['converged'] else 'Not converged'} after {_count(s['iterations'], 'step')}, the last "
             f"of relative size {number(s['last_step'], '%.1e')}."]
    return lines + sample_lines(model, more)


def _estimate_cells(row, keys):
    """Cells of a row by its error, or, without one, by the width of its limits."""
    error = row.get("std_error", math.nan)
    form = row_format(error if math.isfinite(error) else (row["conf_high"] - row["conf_low"]) / 4)
    return [scaled(row[key], form) for key in keys]


def limits_document(model, frame, level, how, remarks):
    keys = [key for key in ("estimate", "std_error", "conf_low", "conf_high") if key in frame]
    names = {"std_error": "std error", "conf_low": "low", "conf_high": "high"}
    rows = [["parameter"] + [names.get(key, key) for key in keys]]
    rows += [[row["parameter"]] + _estimate_cells(row, keys) for row in frame.to_dict("records")]
    return Document([f"Parameters of the {model.called} of {model.outcome}, {rows_phrase(model.summary)}", "",
                     Cells(limited(f"Parameters of {model.outcome}", level), rows), "",
                     f"Limits ({level_text(level)}): {how}.", *remark_lines(remarks, {"rows_dropped"})])


def icc_document(model, frame, level, method, remarks):
    how = {"delta": "delta method on the scale of log(icc / (1 - icc))", "profile": "profile likelihood",
           "exact": "exact, by F"}[method]
    rows = [["group", "icc", "std error", "low", "high"]]
    rows += [[row["group"]] + [point(row[key], row["std_error"]) for key in (
        "estimate", "std_error", "conf_low", "conf_high")] for row in frame.to_dict("records")]
    return Document([f"Intraclass correlation of {model.outcome}, {rows_phrase(model.summary)}", "",
                     Cells(limited(f"Intraclass correlation of {model.outcome}", level), rows), "",
                     f"Limits ({level_text(level)}): {how}.", *remark_lines(remarks, {"rows_dropped"})])


def ranef_document(model, frame, how, ranks):
    """The effects of each group, the largest first; the ends where there are many."""
    draws, seed, level, top = how
    lines = [f"Effects of groups on {model.outcome}, {rows_phrase(model.summary)}"]
    for (group, effect), part in frame.groupby(["group", "effect"], sort=False):
        part = part.sort_values("estimate", ascending=False, kind="stable")
        header = [f"{group}: {effect}", "estimate", "std error", "low", "high"]
        header += ["rank", "from", "to", "p top", "p bottom"] if ranks else []
        cells = [[row["level"]] + _estimate_cells(row, ("estimate", "std_error", "conf_low", "conf_high"))
                 + ([number(row["expected_rank"], "%.1f"), *(number(row[key], "%.0f") for key in (
                     "rank_low", "rank_high")), *(number(row[key], "%.4f") for key in ("p_top", "p_bottom"))]
                    if ranks else []) for row in part.to_dict("records")]
        if len(cells) > 2 * _LEAGUE_ROWS:
            cells = cells[:_LEAGUE_ROWS] + [["..."] + [""] * (len(header) - 1)] + cells[-_LEAGUE_ROWS:]
        lines += ["", Cells(limited(f"Effects of {group} on {model.outcome}: {effect}", level), [header, *cells])]
    lines += ["", f"Shrunken towards 0; limits ({level_text(level)}): normal, given the variances."]
    if ranks:
        lines.append(f"Ranks from the smallest effect, with {level_text(level)} intervals; p top, p bottom: of being "
                     f"among the {level_text(top)} largest, smallest ({draws} draws, seed {seed}).")
    return Document(lines)


def anova_document(model, frame, kind, df, remarks):
    how = {"satterthwaite": "Satterthwaite degrees of freedom", "kenward-roger": "Kenward-Roger",
           "normal": "chi-squared by degrees of freedom"}[df]
    rows = [["term", "df", "df resid", "F", "p"]]
    rows += [[row["term"], df_text(row["df"]), df_text(row["df_resid"]), statistic(row["statistic"]),
              p_text(row["p_value"])] for row in frame.to_dict("records")]
    return Document([f"Tests of terms of {model.outcome}, type {'I' * kind}, {how}, {rows_phrase(model.summary)}", "",
                     Cells(f"Tests of terms of {model.outcome}, type {'I' * kind}", rows), "",
                     *remark_lines(remarks, {"rows_dropped"})])
