# SPDX-License-Identifier: GPL-3.0-only
"""What the print of shares over a fitted model has beyond that of shares of R2; R prints the same lines."""
import math

from ._measure import text_of


def parts_of(record):
    """(part, share) of the whole of marginal R2; none for the other measures."""
    if math.isnan(record["residual"]):
        return []
    parts = [("blocks", record["total"])]
    parts += [("adjusting terms", record["r2_adjust"])] if record["adjust"] else []
    return [*parts, (f"effects of {', '.join(record['groups_of'])}", record["groups"]), ("residual", record["residual"])]


def parts_rows(record):
    """The parts as cells."""
    return [["part", "share"], *([name, "%.4f" % share] for name, share in parts_of(record))]


def route_line(record):
    """How submodels were fitted, and how far the two ways are apart."""
    if record["route"] == "one-step":
        return f"Submodels: {record['submodels']:.0f} values of {text_of(record)}, by one step from the full fit."
    return (f"Submodels: {record['submodels']:.0f} values of {text_of(record)}, each by a fit of its own; by one step from "
            f"the full fit shares differ by at most {record['gap']:.4f} ({record['gap_row']}).")


def units_text(record):
    """What was left out one by one."""
    words = {"cluster": "clusters", "row": "rows", "group": "groups of rows"}[record["unit"]]
    return f"{record['units']} {words}"


def limits_line(record, level, seed):
    """How the limits were made; `level` as text."""
    if record["interval"] == "none":
        return "Limits: none."
    drawn = f" (seed {seed})" if record["unit"] == "group" else ""
    return (f"Limits ({level}): jackknife of one-step shares over {units_text(record)}{drawn}, t with {record['df']:.6g} "
            "degrees of freedom.")


def foot_lines(record, level, seed):
    lines = [route_line(record), limits_line(record, level, seed)]
    if not math.isnan(record["between"][0]):
        lines.append("The part between clusters holds the sampling noise of the clusters' means.")
    return lines
