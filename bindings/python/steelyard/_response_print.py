# SPDX-License-Identifier: GPL-3.0-only
"""A fit by maximum likelihood as text; R prints the same lines."""
import math

from ._digits import ratio_format, row_format
from ._document import Cells, Document
from ._fit_print import (covariance_line, df_text, estimate_rows, limited, limits_by, number, p_text, remark_lines,
                         rows_phrase, sample_lines, scaled, statistic)
from ._options import name_of
from ._outcomes import BINARY, LINKS, NEGATIVE_BINOMIAL, ORDINAL, THRESHOLDS
from ._print import _count, level_text

_TYPES = {2: "II", 3: "III"}
_SILENT = {"rows_dropped"}


def _title(model):
    """What was fitted, on how many rows."""
    labels = " + ".join(model.terms) or ("thresholds only" if model.kind == ORDINAL else "intercept only")
    if not model.asked.intercept:
        labels += ", without intercept"
    for name in ("nominal", "scale"):
        if model.places[name]:
            labels += f"; {name} {' + '.join(model.design[1][t][0] for t in model.places[name])}"
    if model.places["offset"] >= 0:
        labels += f", offset {model.design[0][model.places['offset']][0]}"
    how = "" if model.rules["link"] == LINKS["log"] else f", {name_of(LINKS, model.rules['link'])} link"
    if model.kind == ORDINAL:
        how += f", {name_of(THRESHOLDS, model.rules['thresholds'])} thresholds"
    called = model.called[0].upper() + model.called[1:]
    return f"{called} of {model.outcome}: {labels}{how}, {rows_phrase(model.summary)}"


def answers_lines(model):
    """What the outcome's answers are."""
    if model.kind == BINARY and model.places["trials"] >= 0:
        return [f"Successes: {model.outcome}, of {model.design[0][model.places['trials']][0]}"]
    if model.kind == BINARY:
        return [f"Event: {model.outcome} = {model.answers[-1]}"]
    if model.kind == ORDINAL:
        return [f"Levels: {' < '.join(model.answers)}"]
    if model.kind == NEGATIVE_BINOMIAL:
        s = model.summary
        theta, error = (scaled(s[key], row_format(s["theta_std_error"])) for key in ("theta", "theta_std_error"))
        return [f"Theta {theta} (std error {error}); variance mu + mu^2 / theta"]
    return []


def head_lines(model):
    s = model.summary
    lines = [_title(model), *answers_lines(model),
             f"Log likelihood {number(s['loglik'], '%.3f')}, {s['rank']} parameters, AIC {number(s['aic'], '%.2f')}; "
             f"McFadden R2 {number(model.mcfadden, '%.4f')}"]
    if s["lr_df"] > 0:
        which = "" if model.rules["covariance"] == "classical" else " (rows taken as independent)"
        lines.append(f"All terms together: likelihood ratio {statistic(s['lr'])} on {df_text(s['lr_df'])}, "
                     f"p {p_text(s['lr_p'])}{which}")
    return lines


def tables(model, frame, more=0):
    """Coefficients, then thresholds."""
    split = model.shape["n_thresholds"] if model.kind == ORDINAL else 0
    parts = [(frame.iloc[split:], "term", "Coefficients"),
             (frame.iloc[:split].rename(columns={"term": "threshold"}), "threshold", "Thresholds")]
    return [Cells(limited(f"{called} of {model.outcome}", model.rules["level"]), estimate_rows(part, name, more=more))
            for part, name, called in parts if len(part)]


def foot_lines(model, more=0):
    s = model.summary
    steps = _count(s["iterations"], "step")
    how = steps if s["converged"] else f"not converged after {steps}"
    lines = [covariance_line(model), f"Newton's method: {how}, last relative step {number(s['last_step'], '%.1e')}."]
    if model.grouped:
        lines.append(f"Deviance {number(s['deviance'], '%.6g')}, Pearson {number(s['pearson'], '%.6g')}, "
                     f"{df_text(s['df_resid'])} degrees of freedom.")
    return lines + sample_lines(model, more)


def effects_document(model, frame, what, level, names, remarks):
    return Document([
        f"Average marginal effects on {what}, {rows_phrase(model.summary)}", "",
        Cells(limited(f"Average marginal effects on {what}", level), estimate_rows(frame, *names), len(names)), "",
        f"Limits ({level_text(level)}): {limits_by(model.df, model.rules['covariance'])}, delta method; the rows are "
        "taken as given.", *remark_lines(remarks, _SILENT)])


_RISKS = ("before", "after", "ratio", "low", "high", "p", "difference", "diff low", "diff high")


def _risk_cells(row):
    ratio = ratio_format(row["conf_low"], row["conf_high"])
    risk = ratio_format(row["difference_low"], row["difference_high"])
    return [*(number(row[key], risk) for key in ("before", "after")),
            *(number(row[key], ratio) for key in ("ratio", "conf_low", "conf_high")), p_text(row["p_value"]),
            *(number(row[key], risk) for key in ("difference", "difference_low", "difference_high"))]


def risks_document(model, frame, what, level, remarks):
    rows = [["variable", "contrast", *_RISKS]]
    rows += [[row["variable"], row["contrast"], *_risk_cells(row)] for row in frame.to_dict("records")]
    return Document([
        f"Ratios of {what}, averaged over {rows_phrase(model.summary)}", "",
        Cells(limited(f"Ratios of {what}", level), rows, 2), "",
        f"Limits ({level_text(level)}): {limits_by(model.df, model.rules['covariance'])}, of ratios on the log scale; the "
        "rows are taken as given.", *remark_lines(remarks, _SILENT)])


def ratios_document(model, frame, called, level):
    rows = [["term", "ratio", "low", "high"]]
    for row in frame.to_dict("records"):
        form = ratio_format(row["conf_low"], row["conf_high"])
        rows.append([row["term"], *(number(row[key], form) for key in ("ratio", "conf_low", "conf_high"))])
    return Document([f"{called} of {model.outcome}, {rows_phrase(model.summary)}", "",
                     Cells(limited(f"{called} of {model.outcome}", level), rows), "",
                     f"Limits ({level_text(level)}): {limits_by(model.df, model.rules['covariance'])}, on the log scale."])


def tests_document(model, frame, kind, number_of_type, covariance, remarks):
    with_df = (frame["df_resid"] < math.inf).any()
    rows = [["term", "df", *(["df resid"] if with_df else []), "chi2", "p"]]
    for row in frame.to_dict("records"):
        rows.append([row["term"], df_text(row["df"]), *([df_text(row["df_resid"])] if with_df else []),
                     statistic(row["statistic"]), p_text(row["p_value"])])
    called = {"lr": "Likelihood ratio", "wald": "Wald", "score": "Score"}[kind]
    how = f", covariance {covariance}" if kind == "wald" else (
        "" if model.rules["covariance"] == "classical" else ", rows taken as independent")
    return Document([f"{called} tests of {model.outcome}, type {_TYPES[number_of_type]}{how}, "
                     f"{rows_phrase(model.summary)}", "",
                     Cells(f"{called} tests of {model.outcome}, type {_TYPES[number_of_type]}", rows), "",
                     *remark_lines(remarks, _SILENT)])


def explained_document(model, frame):
    rows = [["measure", "value"]] + [[row.measure, number(row.value, "%.4f")] for row in frame.itertuples()
                                     if not math.isnan(row.value)]
    return Document([f"What the {model.called} of {model.outcome} explains, {rows_phrase(model.summary)}", "",
                     Cells(f"Measures of what is explained of {model.outcome}", rows), "", "Each by its own definition: values of different measures are not to be "
                      "compared with each other."])


_PROPORTIONAL = {"brant": "Brant's Wald test", "lr": "likelihood ratio against nominal effects",
                 "spread": "likelihood ratio against effects on the spread"}


def proportional_document(model, frame, test, remarks):
    rows = [["term", "chi2", "df", "p"]] + [[row["term"], statistic(row["statistic"]), df_text(row["df"]),
                                            p_text(row["p_value"])] for row in frame.to_dict("records")]
    return Document([f"Same effects at each threshold of {model.outcome}: {_PROPORTIONAL[test]}, "
                     f"{rows_phrase(model.summary)}", "",
                     Cells(f"Same effects at each threshold of {model.outcome}", rows), "",
                     "A small p speaks against the same effect at each threshold.", *remark_lines(remarks, _SILENT)])
