# SPDX-License-Identifier: GPL-3.0-only
"""Results as text and HTML; R prints the same lines."""
import math

from . import _correction, _fitted_print, _population
from ._digits import MORE, by_error, number as number_text
from ._document import Caution, Cells, Document, Heading, Listed
from ._errors import line_of
from ._measure import caution_of, text_of, whole_of

CAUTION = caution_of({"measure": "r2"})
CAUTION_ON_WEIGHTS = (
    "Relative weights (Genizi's are the same) are for comparison only: their derivation is flawed and they can "
    "distort what shares say (Thomas, Zumbo, Kwan & Schweitzer 2014, doi:10.1080/00273171.2014.905766).")

_COLUMNS = (  # header, metric, format; None: as many decimals as the share's error says
    ("share", "share", None), ("one step", "one_step", None), ("percent", "percent_of_explained", "%.1f"),
    ("mc error", "mc_error", "%.5f"), ("low", "conf_low", None), ("high", "conf_high", None),
    ("within", "within", None), ("between", "between", None), ("alone", "alone", None), ("unique", "unique", None),
    ("lowest", "lowest", None), ("highest", "highest", None), ("adjusted", "adjusted", None),
    ("by chance", "by_chance", None), ("cross-validated", "crossvalidated", None))
_PLAIN = "%.4f"
_LEFT_OUT_WHEN_EMPTY = {"one step", "mc error", "low", "high", "within", "between", "lowest", "highest", "adjusted",
                        "by chance", "cross-validated"}


def _count(number, one):
    return f"{number} {one}" if number == 1 else f"{number} {one}s"


def rows_phrase(info):
    """How many rows a result rests on."""
    if info["from_correlation"]:
        return f"n = {info['n']:.0f} (correlation matrix)"
    if info["n"] == info["rows_used"]:
        return f"{info['n']:.0f} rows"
    return f"n = {info['n']:.0f} from {info['rows_used']:.0f} rows"


def _rows_lines(info):
    if not info["rows_dropped"] > 0:
        return []
    counts = ", ".join(f"{label} {count:.0f}"
                       for label, count in zip(info["labels"], info["term_missing"]) if count > 0)
    return [f"Rows: {info['rows_read']:.0f} read, {info['rows_used']:.0f} used, {info['rows_dropped']:.0f} dropped "
            f"for missing values{f' ({counts})' if counts else ''}."]


def _weight_lines(info, kind):
    return [f"Weights: {kind}, sum {info['sum_w']:.6g}."] if kind else []


def level_text(level):
    return f"{100 * level:.6g} %"


def interval_line(record, level, seed):
    """How the limits were made."""
    kind, units, df = record["interval"], record["units"], record["df"]
    if kind == "none":
        return "Limits: none."
    strata = f" in {record['n_strata']} strata" if record["n_strata"] else ""
    over = f"{units} {'clusters' if record['unit'] == 'cluster' else 'rows'}{strata}"
    drawn = f"{record['replicates']} bootstrap samples of {over}, seed {seed}."
    t = "normal quantiles" if math.isinf(df) else f"t with {df:.6g} degrees of freedom"
    how = {"jackknife": f"jackknife over {over}, {t}.",
           "influence": f"influence function over {over}, {t}.",
           "normal": f"normal theory from the moments, {t}.",
           "percentile": f"percentiles of {drawn}",
           "expanded": f"expanded percentiles of {drawn}",
           "basic": f"basic, from {drawn}",
           "bca": f"BCa percentiles of {drawn}",
           "studentised": f"studentised, from {drawn}",
           "bayes": f"percentiles under Dirichlet weights of {over}, {record['replicates']} draws, seed {seed}."}[kind]
    return f"Limits ({level_text(level)}): {how}"


def coverage_lines(record):
    """What limits of the kind asked for covered in simulation."""
    if math.isnan(record["coverage_least"]):
        return []
    what = "clusters" if record["unit"] == "cluster" else "rows"
    return [f"Measured coverage of such limits of a share (nominal 95 %): {record['coverage_least']:.0f} to "
            f"{record['coverage_most']:.0f} % with {record['coverage_units']:.0f} {what}."]


def point(value, std_error, more=0):
    """A share, or a number in its unit, as its error says."""
    return number_text(value, by_error(std_error, _PLAIN, more))


def cells_of(blocks, more=0):
    """The table of blocks, or of terms, as text: a list of rows, the header first."""
    words = [key for key in ("block", "term") if key in blocks]
    keep = [column for column in _COLUMNS
            if column[1] in blocks and (column[0] not in _LEFT_OUT_WHEN_EMPTY or not blocks[column[1]].isna().all())]
    rows = [words + [header for header, _, _ in keep]]
    for i in range(len(blocks)):
        own = by_error(blocks["std_error"].iloc[i], _PLAIN, more)
        rows.append([blocks[key].iloc[i] for key in words]
                    + [number_text(blocks[key].iloc[i], form or own) for _, key, form in keep])
    return rows


def _head_lines(record, level, more):
    beyond = f" beyond {', '.join(record['adjust'])}" if record["adjust"] else ""
    text = text_of(record)
    lines = [Heading(f"Shares of {text} for {record['outcome']}{beyond}: {_count(len(record['blocks']), 'block')}, "
                     f"{rows_phrase(record['info'])}")]
    total, low, high, adjusted = (point(record[key], record["total_std_error"], more)
                                  for key in ("total", "total_low", "total_high", "total_adjusted"))
    limits = "" if low == "-" else f" ({level_text(level)} limits {low} to {high})"
    predicted = record["crossvalidated"]
    predicted = (f", cross-validated {point(predicted['total'], record['total_std_error'], more)} "
                 f"({predicted['folds']} folds)") if predicted else ""
    if record["measure"] == "r2":
        lines.append(f"Total {total}{limits}, adjusted {adjusted}{predicted}")
    else:
        lines.append(f"Total {text} {total}{limits}")
    if record["adjust"]:
        rest = 1 - record["r2_adjust"]
        left = number_text(record["total"] / rest if rest > 0 else math.nan, "%.4f")
        lines.append(f"Adjusting terms: {text} {record['r2_adjust']:.4f}; the total is {left} of what they leave")
    return lines + _order_lines(record["order"])


def _order_lines(order):
    """Which blocks come before which, where the order was asked for."""
    groups = [group[0] if len(group) == 1 else f"{', '.join(group[:-1])} and {group[-1]}" for group in order or ()]
    return [f"Order: {', then '.join(groups)}"] if groups else []


def _sampled_lines(record, seed):
    """How the shares were sampled; nothing for exact ones."""
    return [f"Sampled: {record['orders']:.0f} orders of entry, seed {seed}."] if record["orders"] else []


def _foot_lines(record, level, seed):
    info = record["info"]
    if record["measure"] == "r2":
        lines = _sampled_lines(record, seed) + [interval_line(record, level, seed)] + coverage_lines(record)
    else:
        lines = _fitted_print.foot_lines(record, level_text(level), seed)
    lines += _rows_lines(info) + _weight_lines(info, record["weight_kind"])
    remarks = dict.fromkeys(line_of(r) for r in record["remarks"] if r[0] != "rows_dropped")
    return lines + ([Listed("Remarks:", remarks)] if remarks else [])


def _has_parts(record):
    return record["measure"] == "marginal"


def _caption(record, level, of):
    """What the table of shares holds, for those who read the table alone."""
    limits = "" if record["interval"] == "none" else f", limits {level_text(level)}"
    return f"Shares of {text_of(record)} for {record['outcome']} by {of}, points of {whole_of(record)}{limits}"


def sections_of(records, tables, level, seed, inner=(), more=0):
    """One section an outcome, with the tables of terms where `inner` has them."""
    pieces = []
    for i, (record, blocks) in enumerate(zip(records, tables)):
        pieces += [""] if i else []
        pieces += [*_head_lines(record, level, more), "", Cells(_caption(record, level, "block"), cells_of(blocks, more)), ""]
        if inner:
            pieces += [Cells(_caption(record, level, "term"), cells_of(inner[i], more), 2), ""]
        pieces += _population.pieces_of(record, more) + _correction.pieces_of(record, more)
        if _has_parts(record):
            pieces += [Cells(f"Parts of the variance of {record['outcome']}", _fitted_print.parts_rows(record)), ""]
        pieces += _foot_lines(record, level, seed)
    return pieces


def shares_document(records, tables, level, seed):
    """The whole answer."""
    return Document([*sections_of(records, tables, level, seed), Caution(caution_of(records[0]))])


def shares_summary(records, tables, level, seed, inner):
    """The answer at length: terms, further digits, what was asked."""
    return Document([*sections_of(records, tables, level, seed, inner, MORE), Caution(caution_of(records[0]))])


def moments_document(m):
    """Moments in a few lines."""
    info = m._info
    terms = [f"{label} ({count} levels)" if factor else label for label, count, factor in zip(
        info["labels"], info["term_columns"], info["term_is_factor"])]
    sets = {"none": "one for all rows", "cluster": f"one a cluster ({info['n_units']})",
            "row": f"one a row ({info['n_units']})"}[m.unit]
    sets += f", strata {len(m.strata)}" if m.strata else ""
    decimal = f"; read as decimals: {', '.join(m.decimal)}" if m.decimal else ""
    lines = [f"Moments of {_count(info['n_terms'], 'term')}, {rows_phrase(info)}", f"Terms: {', '.join(terms)}"]
    lines += _rows_lines(info) + [f"Sets: {sets}"] + _weight_lines(info, m.weight_kind)
    return Document(lines + [f"Precision: {m.precision}{decimal}", f"Hash: {m.hash}"])


def other_document(frame):
    """The table of other metrics."""
    words = [key for key in ("outcome", "term", "block") if key in frame]
    numbers = [key for key in frame.columns if key not in words]
    rows = [[*words, *(key.replace("_", " ") for key in numbers)]]
    for row in frame.to_dict("records"):
        rows.append([row[key] for key in words] + [number_text(row[key], "%.4f") for key in numbers])
    return Document(["Other metrics, in points of all outcome variance:", "",
                     Cells("Other metrics, points of all outcome variance", rows, len(words)), "",
                     Caution(CAUTION_ON_WEIGHTS)])
