# SPDX-License-Identifier: GPL-3.0-only
"""Flips as text; R prints the same lines."""
import math

from ._document import Caution, Cells, Document, Heading, Listed
from ._print import number_text

_PLACES = "%.4f"
_NOTE = ("a: correlation of the confounder with {second}; b: with {first}, given {second}; c: with the outcome, given "
         "both.")
_CAUTION = "A confounder of a stated strength is a thought, not a finding; benchmarks say what observed terms have."


def _cell(value):
    return number_text(value, _PLACES)


def _needed(found):
    from ._flips_result import tied_to

    rows = [["tied to", "distance", "a", "b", "c", f"{found['names'][1]} then"]]
    for number in range(1, 8):
        a, b, c, distance, _, _, second = found["points"][number].tolist()
        rows.append([tied_to(found, number), _cell(distance), *(_cell(x) for x in (a, b, c)),
                     "-" if math.isnan(distance) else _cell(second)])
    return Cells(f"The weakest confounders that turn the order for {found['outcome']}", rows)


def _benchmarks(found):
    labels, table = found["benchmarks"]
    if not labels:
        return []
    rows = [["benchmark", "a", "b", "c", "difference", "times"]]
    for label, (joint, a, b, c, difference, times, _) in zip(labels, table.tolist()):
        rows.append([label + (" (joint)" if joint == 1 else ""), *(_cell(x) for x in (a, b, c, difference)),
                     number_text(times, "%.2f")])
    return ["", Cells(f"Observed terms as confounders for {found['outcome']}", rows)]


def _rays(rays):
    rows = [["ray a", "b", "c", "crossing", "back", "limit"]]
    for ray in rays.itertuples():
        rows.append([*("%g" % x for x in (ray.a, ray.b, ray.c)), *(_cell(x) for x in (ray.crossing, ray.back, ray.limit))])
    return ["", Cells("Where the order turns along rays of strengths", rows, left=0)]


def _section(found, rays):
    first, second = found["names"]
    standing = found["standing"]
    lines = [Heading(f"Share-flip for {found['outcome']}: {first} {_cell(standing['first_share'])}, {second} "
                     f"{_cell(standing['second_share'])}, difference {_cell(standing['difference'])}"), "", found["text"]]
    if standing["reversed"]:
        return lines
    lines += ["", _needed(found), *_benchmarks(found)]
    if rays is not None:
        lines += _rays(rays)
    return lines


def share_flip_document(found, rays=None):
    lines = []
    for f in found:
        lines += [*_section(f, None if rays is None else rays[rays["outcome"] == f["outcome"]]), ""]
    first, second = found[0]["names"]
    lines += [_NOTE.format(first=first, second=second),
              f"{second} then: its partial correlation with the outcome once the confounder is in."]
    remarks = sorted({remark[3] for f in found for remark in f["remarks"]})
    return Document([*lines, *([Listed(None, remarks)] if remarks else []), Caution(_CAUTION)])


def turn_document(frame, curve, texts, what):
    first, second = frame["first"].iloc[0], frame["second"].iloc[0]
    head = (f"Reliability of {second} at which the order of {first} and {second} turns" if what == "reliability" else
            f"Part of the variance common to a source at which the order of {first} and {second} turns")
    rows = [["outcome", first, second, "difference", what, "back", "limit"]]
    for row in frame.itertuples():
        rows.append([row.outcome, *(_cell(x) for x in (row.first_share, row.second_share, row.difference,
                                                       getattr(row, what), row.back, row.limit))])
    lines = [head, "", Cells(head, rows)]
    stated = curve[what].drop_duplicates()
    if len(stated):
        rows = [["difference at", *("%g" % value for value in stated)]]
        rows += [[outcome, *(_cell(x) for x in part["difference"])] for outcome, part in curve.groupby("outcome", sort=False)]
        lines += ["", Cells(f"Difference by {what}", rows)]
    if len(texts) == 1:
        return Document([*lines, "", texts[0]])
    return Document([*lines, "", *(f"{outcome}: {text}" for outcome, text in zip(frame["outcome"], texts))])
