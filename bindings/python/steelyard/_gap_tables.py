# SPDX-License-Identifier: GPL-3.0-only
"""From the core's numbers of a gap to frames, for means and for answers alike."""
import numpy as np
import pandas as pd

_TOTAL, _BLOCK, _ADJUST, _CONSTANT, _REST, _TERM, _LEVEL = range(7)
_KINDS = ("total", "block", "adjust", "constant", "rest", "term", "level")
_SPLITS, _ENDS, _FIRST, _SECOND, _GAP, _BASE = 4, 4, 0, 1, 2, 3
_OAXACA = ("explained", "unexplained", "endowments", "coefficients", "interaction")
_OF_COLUMNS = (0, 2, 4)  # explained, endowments, interaction
_ONE = {"kitagawa": "composition", "gelbach": "explained"}
_STATISTICS = ("estimate", "std_error", "statistic", "p_value", "low", "high")
_LONG = ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")
_REFERENCES = ("first", "second", "equal", "size", "pooled", "pooled_without")
_NOWHERE = -1


class _Tables:
    """What both kinds of gap have in common; `cell` gives the numbers at a place."""

    def __init__(self, record):
        self.r = record
        self.numbers = {key: np.array(record[key]) for key in _STATISTICS}

    def cell(self, place, key):
        return np.nan if place == _NOWHERE else float(self.numbers[key][place])

    def four(self, name, place):
        """explained, std_error ... of the first; other parts bear their name before."""
        before = "" if name == "explained" else f"{name}_"
        return {name: self.cell(place, "estimate"), f"{before}std_error": self.cell(place, "std_error"),
                f"{before}conf_low": self.cell(place, "low"), f"{before}conf_high": self.cell(place, "high")}

    def percent(self, place, whole):
        gap = self.cell(whole, "estimate")
        return 100 * self.cell(place, "estimate") / gap if gap else np.nan

    def split(self, explained, unexplained, whole):
        return {**self.four("explained", explained), "percent": self.percent(explained, whole),
                **self.four("unexplained", unexplained)}

    def gap_row(self, first, second, gap):
        return {"first": self.cell(first, "estimate"), "second": self.cell(second, "estimate"),
                "gap": self.cell(gap, "estimate"), "std_error": self.cell(gap, "std_error"),
                "conf_low": self.cell(gap, "low"), "conf_high": self.cell(gap, "high")}

    def numbers_at(self, place):
        return dict(zip(_LONG, (self.cell(place, key) for key in _STATISTICS)))

    def terms(self):
        return pd.DataFrame(columns=["block", "term"])

    def levels(self):
        return pd.DataFrame(columns=["block", "term", "level"])

    def categories(self):
        return pd.DataFrame(columns=["category", "block"])


class linear_of(_Tables):
    """Of means: Oaxaca-Blinder, Kitagawa, Gelbach."""

    def __init__(self, record):
        super().__init__(record)
        self.columns, self.rows = record["columns"], record["rows"]
        self.ends = len(record["estimate"]) - _ENDS
        self.whole = self.ends + (_BASE if record["method"] == "gelbach" else _GAP)
        self.oaxaca = record["method"] == "oaxaca"

    def part_place(self, i, part):
        """Of row i; unexplained is a row of its own where there is one column. A constant has no columns to differ."""
        if self.rows[i][0] == _CONSTANT and part in _OF_COLUMNS:
            return _NOWHERE
        if part < self.columns:
            return i * self.columns + part
        if part == 1 and self.rows[i][0] == _TOTAL:
            return next((j for j, row in enumerate(self.rows) if row[0] == _REST), _NOWHERE)
        return _NOWHERE

    def name(self, block):
        return "adjust" if block < 0 else self.r["blocks"][block][0]

    def row(self, i):
        threefold = {name: self.cell(self.part_place(i, c), "estimate") for c, name in enumerate(_OAXACA) if c > 1}
        return {**self.split(self.part_place(i, 0), self.part_place(i, 1), self.whole),
                **(threefold if self.oaxaca else {})}

    def gap(self):
        row = self.gap_row(self.ends + _FIRST, self.ends + _SECOND, self.ends + _GAP)
        if self.r["method"] == "gelbach":
            row["base"] = self.cell(self.ends + _BASE, "estimate")
        return pd.DataFrame([row])

    def parts(self):
        order = [i for kind in (_BLOCK, _ADJUST, _CONSTANT, _TOTAL) for i, row in enumerate(self.rows) if row[0] == kind]
        return pd.DataFrame([{"block": self.rows[i][3], **self.row(i)} for i in order])

    def detail(self, kind, words):
        found, term = [], None
        for i, row in enumerate(self.rows):
            if row[0] == _TERM:
                term = row[3]
            if row[0] != kind:
                continue
            names = (self.name(row[1]), term, row[3])[:words]
            found.append({**dict(zip(("block", "term", "level"), names)), "mean_first": row[4], "mean_second": row[5],
                          "coefficient_first": row[6], "coefficient_second": row[7], "coefficient": row[8],
                          **self.row(i)})
        return pd.DataFrame(found) if found else None

    def terms(self):
        made = self.detail(_TERM, 2)
        return super().terms() if made is None else made

    def levels(self):
        made = self.detail(_LEVEL, 3)
        return super().levels() if made is None else made

    def reference_names(self):
        given = [] if self.r["reference"] in _REFERENCES else [self.r["reference"]]
        return [*_REFERENCES, *given][:self.r["references"]]

    def references(self):
        base, found = len(self.rows) * self.columns, []
        for k, name in enumerate(self.reference_names()):
            at = base + k * _SPLITS
            found.append({"reference": name, **self.split(at, at + 1, self.whole),
                          "first": self.cell(at + 2, "estimate"), "second": self.cell(at + 3, "estimate")})
        return pd.DataFrame(found) if found else pd.DataFrame(columns=["reference"])

    def long(self):
        found, term = [], ""
        names = _OAXACA if self.oaxaca else (_ONE[self.r["method"]],)
        for i, row in enumerate(self.rows):
            kind, label = row[0], row[3]
            term = label if kind == _TERM else term if kind == _LEVEL else ""
            block = self.name(row[1]) if kind in (_TERM, _LEVEL) else label
            for c, part in enumerate(names[:self.columns]):
                if self.part_place(i, c) == _NOWHERE:
                    continue
                found.append({"kind": _KINDS[kind], "block": block, "term": term,
                              "level": label if kind == _LEVEL else "", "part": label if kind == _REST else part,
                              **self.numbers_at(i * self.columns + c)})
        for place, part in ((_FIRST, "first"), (_SECOND, "second"), (_GAP, "gap")):
            found.append({"kind": "gap", "block": "", "term": "", "level": "", "part": part,
                          **self.numbers_at(self.ends + place)})
        return pd.DataFrame(found)


# Values of one answer, as the core orders them.
_MEANS, _EXPLAINED, _UNEXPLAINED, _FIT, _PARTS = (0, 1, 2), 3, 4, 5, 6
_BY = ("first", "second", "pooled", "pooled_without")


class answers_of(_Tables):
    """Of two answers or ordered answers: parts free of the order, and by reference."""

    def __init__(self, record):
        super().__init__(record)
        self.k = len(record["blocks"]) + bool(record["adjust"])
        self.names = [name for name, _ in record["blocks"]] + (["adjust"] if record["adjust"] else [])
        self.by = _BY.index(record["reference"]) if record["reference"] in _BY else None
        levels = [record["answers"][code] for code in record["outcome_level"]]
        self.measures = [*levels, "mean"] if levels else [None]

    def at(self, measure, place):
        return measure * self.r["values"] + place

    def reference_place(self, by):
        return _PARTS + 2 * self.k + 1 + by * (2 + self.k)

    def rows(self, m):
        """(block, place explained, place unexplained) of one answer."""
        if self.by is not None:
            start = self.reference_place(self.by)
            found = [(name, self.at(m, start + 2 + k), _NOWHERE) for k, name in enumerate(self.names)]
            return [*found, ("total", self.at(m, start), self.at(m, start + 1))]
        start = _PARTS
        found = [(name, self.at(m, start + k), self.at(m, start + self.k + k) if self.r["separate"] else _NOWHERE)
                 for k, name in enumerate(self.names)]
        constant = "(Intercept)" if self.r["separate"] else "coefficients"
        return [*found, (constant, _NOWHERE, self.at(m, start + 2 * self.k)),
                ("total", self.at(m, _EXPLAINED), self.at(m, _UNEXPLAINED))]

    def worded(self, m, row):
        return row if self.measures[m] is None else {"category": self.measures[m], **row}

    def gap(self):
        found = []
        for m in range(self.r["measures"]):
            row = self.gap_row(*(self.at(m, place) for place in _MEANS))
            row["fit"] = self.cell(self.at(m, _FIT), "estimate")
            found.append(self.worded(m, row))
        return pd.DataFrame(found)

    def parts_of(self, m):
        whole = self.at(m, _MEANS[2])
        return [{"block": name, **self.split(explained, unexplained, whole)}
                for name, explained, unexplained in self.rows(m)]

    def parts(self):
        return pd.DataFrame(self.parts_of(self.r["measures"] - 1))

    def categories(self):
        if self.measures[0] is None:
            return super().categories()
        return pd.DataFrame([self.worded(m, row) for m in range(self.r["measures"]) for row in self.parts_of(m)])

    def references(self):
        found = []
        for m in range(self.r["measures"]):
            whole = self.at(m, _MEANS[2])
            for by, name in [(None, "order_free"), *enumerate(_BY)]:
                place = _EXPLAINED if by is None else self.reference_place(by)
                found.append(self.worded(m, {"reference": name,
                                             **self.split(self.at(m, place), self.at(m, place + 1), whole)}))
        return pd.DataFrame(found)

    def long(self):
        found = []
        for m in range(self.r["measures"]):
            for name, explained, unexplained in self.rows(m):
                kind = {"total": "total", "(Intercept)": "constant", "coefficients": "constant",
                        "adjust": "adjust"}.get(name, "block")
                for part, place in (("explained", explained), ("unexplained", unexplained)):
                    if place != _NOWHERE:
                        found.append(self.worded(m, {"kind": kind, "block": name, "part": part, **self.numbers_at(place)}))
            for part, place in (("fit", _FIT), *zip(("first", "second", "gap"), _MEANS)):
                found.append(self.worded(m, {"kind": "gap", "block": "", "part": part,
                                             **self.numbers_at(self.at(m, place))}))
        return pd.DataFrame(found)
