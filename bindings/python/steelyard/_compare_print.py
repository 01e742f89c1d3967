# SPDX-License-Identifier: GPL-3.0-only
"""Differences and ratios of blocks as documents; R prints the same lines."""
from . import _fitted_print, _print
from ._digits import by_error, number
from ._document import Caution, Cells, Document
from ._fit_print import df_text, p_text, statistic
from ._measure import caution_of, text_of
from ._tables import Table

_ADJUSTED = {"bonferroni": "Bonferroni", "holm": "Holm", "bh": "Benjamini and Hochberg", "romano-wolf": "Romano and Wolf",
             "westfall-young": "Westfall and Young"}
_COLUMNS = (("std error", "std_error"), ("t", "statistic"), ("df", "df"), ("p", "p_value"), ("p adjusted", "p_adjusted"),
            ("low", "conf_low"), ("high", "conf_high"), ("probability", "probability"))
_FORMATS = {"statistic": statistic, "df": df_text, "p_value": p_text, "p_adjusted": p_text,
            "probability": lambda value: number(value, "%.4f")}


class Comparison(Table):
    """Blocks beside each other: one row a pair and outcome."""


def _cells(frame, what):
    words = [*(["outcome"] if frame["outcome"].nunique() > 1 else []), "first", "second"]
    keep = [(header, key) for header, key in _COLUMNS if key in frame and not frame[key].isna().all()]
    rows = [[*words, what, *(header for header, _ in keep)]]
    for row in frame.to_dict("records"):
        form = by_error(row["std_error"], "%.4f")
        rows.append([*(row[word] for word in words), number(row["estimate"], form),
                     *(_FORMATS[key](row[key]) if key in _FORMATS else number(row[key], form) for _, key in keep)])
    return rows, len(words)


def comparison(frame, records, what, level, seed, adjust=None):
    """The frame with its print; `what` is "difference" or "ratio"."""
    first, metric = records[0], frame["metric"].iloc[0]
    of = "shares of " + text_of(first) if metric == "share" else f"{metric.replace('_', ' ')} ({text_of(first)})"
    whom = first["outcome"] if len(records) == 1 else f"{len(records)} outcomes"
    head = f"{what.capitalize()}s of {of} for {whom}"
    rows, left = _cells(frame, what)
    lines = [f"{head}, {_print.rows_phrase(first['info'])}", "",
             Cells(f"{head}, limits {_print.level_text(level)}", rows, left), ""]
    if adjust:
        lines.append(f"p adjusted for {_print._count(len(frame), what)} ({_ADJUSTED[adjust]}).")
    lines.append(_print.interval_line(first, level, seed) if first["measure"] == "r2"
                 else _fitted_print.limits_line(first, _print.level_text(level), seed))
    return Comparison.of(frame, Document([*lines, Caution(caution_of(first))]))
