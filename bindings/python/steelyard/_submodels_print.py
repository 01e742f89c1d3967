# SPDX-License-Identifier: GPL-3.0-only
"""Submodels, commonality and dominance as text; R prints the same lines."""
from ._document import Cells, Heading
from ._print import _count, number_text, rows_phrase

_ROWS_SHOWN = 40


def _head(what, record, count, players, more=""):
    beyond = f" beyond {', '.join(record['adjust'])}" if record["adjust"] else ""
    return f"{what} {record['outcome']}{beyond}: {_count(count, players[:-1])}, {more}{rows_phrase(record['info'])}"


def _cut(caption, rows, what):
    """Header and the first rows, then how many more there are."""
    more = len(rows) - 1 - _ROWS_SHOWN
    return [Cells(caption, rows[:_ROWS_SHOWN + 1])] + ([f"... and {_count(more, what)} more"] if more > 0 else [])


def submodels_pieces(record, frame, players):
    names = list(frame.columns[:-4])
    rows = [["submodel", "columns", "R2", "adjusted"] + (["beyond"] if record["adjust"] else [])]
    shown = frame.head(_ROWS_SHOWN)
    for held, numbers in zip(shown[names].to_numpy(), shown[list(frame.columns[-4:])].itertuples(index=False)):
        label = " + ".join(name for name, there in zip(names, held) if there) or "(none)"
        cells = [label, f"{numbers.n_columns:d}", number_text(numbers.r2, "%.4f"),
                 number_text(numbers.adjusted_r2, "%.4f")]
        rows.append(cells + ([number_text(numbers.beyond_adjust, "%.4f")] if record["adjust"] else []))
    rows += [[]] * (len(frame) - len(shown))
    head = _head("All submodels for", record, len(names), players, f"{_count(len(frame), 'submodel')}, ")
    return [Heading(head), "", *_cut(f"All submodels for {record['outcome']}", rows, "submodel")]


def commonality_pieces(record, frame, players):
    rows = [["players", "coefficient", "percent"]]
    for row in frame.head(_ROWS_SHOWN).itertuples(index=False):
        rows.append([row.players, number_text(row.coefficient, "%.4f"), number_text(row.percent_of_explained, "%.1f")])
    rows += [[]] * (len(frame) - len(rows) + 1)
    count = len(record["blocks"]) if players == "blocks" else sum(len(labels) for _, labels in record["blocks"])
    return [
        Heading(_head("Commonality for", record, count, players)), "",
        *_cut(f"Commonality for {record['outcome']}, points of all outcome variance", rows, "set"), "",
        f"Of one {players[:-1]}: what it explains uniquely; of several: what they explain in common, negative under "
        f"suppression.", f"The coefficients of all sets add up to the total, {record['total']:.4f}."]


_RULES = {
    "complete": "One dominates completely that adds at least as much as the other to each of the {count} submodels "
                "without both.",
    "conditional": "One dominates conditionally that adds at least as much as the other on average over the submodels "
                   "of each of {count} sizes.",
    "general": "One dominates generally that adds more than the other on the average of all sizes."}


def _contribution_lines(found):
    names, sizes = found["names"], range(len(found["names"]))
    rows = [["average contribution beside"] + [f"{size} others" if size != 1 else "1 other" for size in sizes]
            + ["general"]]
    for i, name in enumerate(names):
        rows.append([name] + [number_text(found["by_size"][size, i], "%.4f") for size in sizes]
                    + [number_text(found["general"][i], "%.4f")])
    return [Cells("Average contribution by the number of others that are there", rows), ""]


def _again_lines(found, frame, record):
    if "again" not in found:
        return []
    units = f"{record['units']} {'clusters' if record['unit'] == 'cluster' else 'rows'}"
    return [f"Reproduced: the part of {frame['replicates'].iloc[0]} bootstrap samples of {units}, seed "
            f"{found['seed']}, that says the same."]


def dominance_pieces(record, found, frame, asked):
    kind, players, tolerance = asked
    rows = [["first", "second", "dominates", "first above", "second above", "tied"]]
    parts = ["first_above", "second_above", "tied"]
    if "again" in found:
        rows[0].append("reproduced")
        parts.append("reproducibility")
    for row in frame.itertuples(index=False):
        rows.append([row.first, row.second, row.dominates or "neither"]
                    + [number_text(getattr(row, part), "%.3f") for part in parts])
    count = len(found["names"])
    rule = _RULES[kind].format(count=2**(count - 2) if kind == "complete" else count)
    contributions = [] if kind == "complete" else _contribution_lines(found)
    called = f"{kind.capitalize()} dominance for"
    return [Heading(_head(called, record, count, players)), "", *contributions,
            Cells(f"{called} {record['outcome']}", rows, left=3), "", rule,
            f"Differences of up to {tolerance:.6g} count as ties.", *_again_lines(found, frame, record)]
