# SPDX-License-Identifier: GPL-3.0-only
"""An overview as text and HTML; R prints the same lines."""
import numpy as np

from ._document import Caution, Cells, Document, Listed, Plain
from ._errors import line_of
from ._print import _count, level_text

CAUTION = "Percent of those who answered; limits speak of chance in sampling, not of who chose to answer."
_MOST_GROUPS, _MOST_INDICATORS = 12, 6  # beyond, the table of groups is not printed
_FEW = "Korn-Graubard where fewer than 5 effective people are on one side"


def _percent(value):
    return "-" if np.isnan(value) else f"{100 * value:.1f}"


def head_line(record):
    source = "from shares with their n" if record["proportions"] else f"{record['rows']} rows"
    joint = " " if record["proportions"] else ", "
    return f"Overview of {_count(len(record['names']), 'indicator')}{joint}{source}"


def cells(table):
    """The table as text, in percent."""
    keys = [key for key in ("better", "better_low", "better_high", "same", "worse") if key in table]
    header = {"better": "better", "better_low": "low", "better_high": "high"}
    clusters = bool((table["clusters"] > 0).any())
    rows = [["indicator", "n", "missing"] + ["clusters"] * clusters + [header.get(key, key) for key in keys]]
    for row in table.to_dict("records"):
        rows.append([row["indicator"], f"{row['n']:.0f}", f"{row['missing']:.0f}"]
                    + [f"{row['clusters']:.0f}"] * clusters + [_percent(row[key]) for key in keys])
    return rows


def group_cells(overview):
    """Share better by group and indicator, when that is few enough to print."""
    record = overview._record
    groups, names = record["groups"], record["names"]
    if not groups or len(groups) > _MOST_GROUPS or len(names) > _MOST_INDICATORS:
        return []
    rows = [[record["by"]] + list(names)]
    for g, group in enumerate(groups):
        hidden = record["whom"][1 + g][:, 4] > 0
        shares = record["shares"][1 + g][:, 2, 0]
        rows.append([group] + [overview._hidden_text() if h else _percent(v) for h, v in zip(hidden, shares)])
    return rows


def _groups_line(overview):
    record = overview._record
    if not record["groups"]:
        return []
    hidden = sum(bool((record["whom"][1 + g][:, 4] > 0).any()) for g in range(len(record["groups"])))
    few = f", {hidden} hidden in part or whole (under {overview._options['hide_below']:.6g} people)" if hidden else ""
    return [f"Groups by {record['by']}: {len(record['groups'])}{few}."]


def limits_line(overview):
    record, options = overview._record, overview._options
    if record["clustered"]:
        how = f"by clusters, logit scale, t with clusters - 1 degrees of freedom; {_FEW}."
    elif record["weight_kind"] == "sampling":
        how = f"by sampling weights, logit scale, t with people - 1 degrees of freedom; {_FEW}."
    else:
        how = "Clopper-Pearson." if options["interval"] == "exact" else "Wilson."
    return f"Limits ({level_text(options['level'])}): {how}"


def claim_lines(overview):
    counts = overview.counts
    if counts is None:
        return []
    bonferroni, holm = counts.to_dict("records")
    return [f"At least {100 * holm['threshold']:.4g} % better on {holm['observed']} of {holm['indicators']} indicators: "
            f"surely on {holm['surely_above']}, surely not on {holm['surely_below']}, unsure on {holm['unsure']}.",
            f"With {level_text(holm['level'])} joint confidence on {holm['lowest']} to {holm['highest']} of "
            f"{holm['indicators']} (Holm; Bonferroni {bonferroni['lowest']} to {bonferroni['highest']})."]


def _foot(overview):
    record = overview._record
    weights = [f"Weights: {record['weight_kind']}."] if record["weight_kind"] else []
    remarks = list(dict.fromkeys(line_of(r) for r in record["remarks"]))
    return [limits_line(overview)] + claim_lines(overview) + _groups_line(overview) + weights, remarks


def document(overview):
    plain, remarks = _foot(overview)
    groups = group_cells(overview)
    shares = Cells(f"Better, the same and worse, limits {level_text(overview._options['level'])}", cells(overview.table),
                   units=dict.fromkeys(("better", "low", "high", "same", "worse"), "%"))
    return Document([head_line(overview._record), "", shares, "",
                     *([Plain("Better by group:"), "", Cells("Better by group, percent", groups), ""] if groups else []), *plain,
                     *([Listed("Remarks:", remarks)] if remarks else []), Caution(CAUTION)])
