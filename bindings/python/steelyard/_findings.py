# SPDX-License-Identifier: GPL-3.0-only
"""Published findings, recomputed: an interpreter of datasets/published_findings.

Every row of that table is a recipe; nothing here knows a single finding.
"""
import math
import warnings

import pandas as pd

import steelyard as sy

from . import _findings_calls, _findings_report, _findings_text, datasets
from ._bad_input import check_target
from ._document import Written, csv_of
from ._progress import Progress, mapped

__all__ = ["Findings", "reproduce"]

_COLUMNS = ["id", "claim", "finding", "source", "published", "published_value", "recomputed",
            "recomputed_text", "tolerance", "status", "note"]
_COUNCILS = "councils_2018_19"
_BOUND = 0.07


class Findings(Written, pd.DataFrame):
    """One row a finding: what was published beside what comes out here.

    Prints as the whole table with the answer for the councils; any selection
    from it is a plain DataFrame.
    """

    _metadata = ["answer", "report"]

    @property
    def _constructor(self):
        return pd.DataFrame

    def _document(self):
        return _findings_text.document(self, self.answer)

    def to_csv(self, path=None):
        r"""The numbers, unrounded, as CSV.

        Parameters
        ----------
        path : str or path, optional
            File to write; without it the text is returned.

        Returns
        -------
        str or None

        Raises
        ------
        SteelyardError
            There is no such folder.
        OSError
            The file cannot be written.

        Examples
        --------
        >>> sy.reproduce().to_csv().split("\n")[0][:16]
        'id,claim,finding'
        """
        return csv_of(pd.DataFrame(self), path)

    def __str__(self):
        return f"{_findings_text.text(self, self.answer)}\n\nThe report on the councils: {self.report}"

    __repr__ = __str__

    def _repr_html_(self):
        return _findings_text.body(self, self.answer)

    def to_page(self, path):
        """Writes one self-contained HTML page.

        Parameters
        ----------
        path : str or path

        Returns
        -------
        None

        Raises
        ------
        OSError
            The file cannot be written.
        SteelyardError
            There is no such folder.

        Examples
        --------
        >>> import os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "findings.html")
        >>> sy.reproduce().to_page(path)
        >>> os.path.getsize(path) > 0
        True
        """
        with open(check_target("path", path), "w", encoding="utf-8", newline="\n") as f:
            f.write(_findings_text.page(self, self.answer))


def reproduce(report=None):
    """Recomputes the published findings and the answer for the councils, and writes the report on them.

    Parameters
    ----------
    report : str or path, optional
        Where the councils' report is written, one HTML page (see :meth:`Evidence.report`). Default a file in a
        temporary folder; ``report`` of the result and its print say where.

    Returns
    -------
    Findings
        A DataFrame, one row a finding: id, claim, finding, source, published,
        published_value, recomputed, recomputed_text, tolerance, status, note.

    Raises
    ------
    OSError
        The report cannot be written.
    SteelyardError
        Never of the findings that travel with the package.

    Notes
    -----
    Each finding is a row of ``datasets.load("published_findings")`` with its source beside it; the sources are
    quoted there, the oldest from 1966.

    Examples
    --------
    >>> found = sy.reproduce()
    >>> found["status"].value_counts().index[0]
    'reproduced'
    """
    book = _Book(datasets.load("published_findings"))
    with warnings.catch_warnings(), Progress("reproduce", 2):
        # few groups and the like: said in the notes of the findings they concern
        warnings.simplefilter("ignore", sy.SteelyardWarning)
        rows = mapped("reproduce", book.row, book.recipes)
        found = Findings(rows, columns=_COLUMNS)
        found.answer = _answer(book)
        found.report = _findings_report.write(book.recipes, pairs, report)
    return found


def pairs(text):
    """"a=b; c=d" as a dict, in order."""
    parts = [p.split("=", 1) for p in text.split(";") if p.strip()]
    return {name.strip(): value.strip() for name, value in parts}


def blocks_of(text):
    """The blocks of a recipe: named ones as a dict, bare terms one block each."""
    return pairs(text) if "=" in text else text.split(" + ")


def keep_rows(data, conditions):
    """The rows that meet every "column = value", "column != value" and "column > number"."""
    for condition in filter(None, (c.strip() for c in conditions.split(";"))):
        if ">" in condition:
            column, value = (p.strip() for p in condition.split(">"))
            data = data[data[column] > float(value)]
            continue
        unequal = "!=" in condition
        column, value = (p.strip() for p in condition.split("!=" if unequal else "="))
        data = data[(data[column].astype(str) == value) != unequal]
    return data.reset_index(drop=True)


def number(value, digits):
    return f"{value:,.{int(digits)}f}"


class _Book:
    """The recipes with what was worked out so far."""

    def __init__(self, table):
        text = [c for c in table if not pd.api.types.is_numeric_dtype(table[c].dtype)]
        table = table.assign(**{c: table[c].fillna("") for c in text})
        for column in ("rows", "adjust", "unit", "extra", "reason", "note", "block", "metric"):
            table[column] = table[column].fillna("")
        self.recipes = {r["id"]: r for r in table.to_dict("records")}
        self.values = {}
        self.fits = {}

    def value(self, id):
        """The recomputed numbers of a finding; empty without a recipe."""
        if id not in self.values:
            recipe = self.recipes[id]
            operation = recipe["operation"]
            self.values[id] = _OPERATIONS[operation](self, recipe) if operation else []
        return self.values[id]

    def fit(self, data, rows, outcome, blocks, interval="none"):
        key = (data, rows, outcome, blocks, interval)
        if key not in self.fits:
            frame = keep_rows(datasets.load(data), rows)
            self.fits[key] = sy.shares(frame, outcome.split(" "), blocks_of(blocks), interval=interval)
        return self.fits[key]

    def recipe_fit(self, recipe, interval="none"):
        return self.fit(*(recipe[k] for k in ("data", "rows", "outcome", "blocks")), interval)

    def row(self, id):
        recipe = self.recipes[id]
        values = self.value(id)
        shown = " to ".join(number(v, recipe["digits"]) for v in values)
        note = " ".join(t for t in (recipe["reason"], recipe["note"]) if t)
        status = status_of(recipe, values)
        missing = status == "not reproducible"
        out = {k: recipe[k] for k in ("id", "claim", "source", "published", "published_value", "tolerance")}
        out["finding"] = recipe["finding"] + (f" ({recipe['unit']})" if recipe["unit"] and not missing else "")
        out["recomputed"] = math.nan if missing else values[0]
        out["recomputed_text"] = "" if missing else shown
        out["status"] = status
        out["note"] = note.replace("{recomputed}", shown)
        return out


def status_of(recipe, values):
    if recipe["reason"]:
        return "not reproducible"
    relation, published = recipe["relation"], recipe["published_value"]
    if relation == "at_most":
        return "bounded" if max(values) <= published else "differs"
    if relation == "sign":
        agrees = all(v * published > 0 for v in values)
    else:
        upper = recipe["published_upper"] if relation == "range" else published
        # a hair beyond half a unit of the last digit: decimal ties in binary
        tolerance = recipe["tolerance"]
        slack = (0 if math.isnan(tolerance) else tolerance) + 1e-12
        agrees = all(published - slack <= v <= upper + slack for v in values)
    return "reproduced" if agrees else "differs"


def _table(result):
    """The blocks of a fit, with the outcome as a column in any case."""
    frame = result.blocks
    return frame if "outcome" in frame.columns else frame.assign(outcome="")


def _total(result):
    total = result.total
    return [float(total)] if not hasattr(total, "items") else [float(v) for _, v in total.items()]


def _metric(result, block, metric):
    """One metric of one block, a value an outcome."""
    if metric == "total":
        return _total(result)
    frame = _table(result)
    return [float(v) for v in frame.loc[frame["block"] == block, metric]]


def _operand(book, recipe, text):
    parts = [p.strip() for p in text.split(" - ")]
    values = [_one(book, recipe, p) for p in parts]
    return values[0] if len(values) == 1 else values[0] - values[1]


def _one(book, recipe, text):
    if text.startswith("@"):
        return book.value(text[1:])[0]
    row, column = text.split(":")
    data = datasets.load(recipe["data"])
    return float(data.loc[data.iloc[:, 0] == row, column].iloc[0])


def _quotient(book, recipe):
    extra = pairs(recipe["extra"])
    value = _operand(book, recipe, extra["top"]) / _operand(book, recipe, extra["bottom"])
    return [value / float(extra.get("over", 1))]


def _range(book, recipe):
    of = pairs(recipe["extra"])["of"].split(" ")
    values = [v for id in of for v in book.value(id[1:])]
    return [min(values), max(values)]


def _one_metric(book, recipe):
    return _metric(book.recipe_fit(recipe), recipe["block"], recipe["metric"])


def _largest(book, recipe):
    return [max(_one_metric(book, recipe))]


def _largest_upper(book, recipe):
    extra = pairs(recipe["extra"])
    fit = book.recipe_fit(recipe, extra["interval"])
    return [float(fit.at_most(recipe["block"], float(extra["bound"]), metric=recipe["metric"]).upper)]


def _compared(book, recipe):
    extra = pairs(recipe["extra"])
    return book.recipe_fit(recipe, "auto").compare(extra["first"], extra["second"])


def _count_positive(book, recipe):
    return [float((_compared(book, recipe)["estimate"] > 0).sum())]


def _count_above_zero(book, recipe):
    return [float((_compared(book, recipe)["conf_low"] > 0).sum())]


def _correlation_metric(book, recipe):
    data = datasets.load(recipe["data"])
    labels = list(data.iloc[:, 0])
    made = sy.moments_from_correlation(data[labels].to_numpy(float),
                                       n=float(pairs(recipe["extra"])["n"]), names=labels)
    fit = sy.shares(made, recipe["outcome"], blocks_of(recipe["blocks"]), interval="none")
    return _metric(fit, recipe["block"], recipe["metric"])


def _covariance(data, a, b):
    """From the spread of a sum and a difference, which describe() measures."""
    both = pd.DataFrame({"sum": data[a] + data[b], "difference": data[a] - data[b]})
    sd = sy.describe(both, ["sum", "difference"])["sd"].astype(float).tolist()
    return (sd[0] ** 2 - sd[1] ** 2) / 4


def _slope(book, recipe):
    data = keep_rows(datasets.load(recipe["data"]), recipe["rows"])
    y, x, z = recipe["outcome"], recipe["block"], recipe["adjust"]
    xx, xy = _covariance(data, x, x), _covariance(data, x, y)
    if not z:
        return [xy / xx]
    zz, xz, zy = _covariance(data, z, z), _covariance(data, x, z), _covariance(data, z, y)
    return [(xy * zz - zy * xz) / (xx * zz - xz * xz)]


_OPERATIONS = {
    "quotient": _quotient, "range": _range, "metric": _one_metric, "largest": _largest,
    "largest_upper": _largest_upper, "count_positive": _count_positive,
    "count_above_zero": _count_above_zero, "correlation_metric": _correlation_metric,
    "slope": _slope, "coefficient": _findings_calls.coefficient, "fit_value": _findings_calls.fit_value,
    "fitted_metric": _findings_calls.fitted_metric, "call": _findings_calls.call,
    "shares_call": _findings_calls.shares_call,
}


def _answer(book):
    """What the councils say, outcome by outcome and over all of them."""
    recipe = book.recipes["councils_alone"]
    outcomes, blocks = recipe["outcome"], recipe["blocks"]
    fit = book.fit(_COUNCILS, "", outcomes, blocks, "auto")
    council = _most_telling(book, outcomes, pairs(blocks)["funding"])
    sources = ["users", "carers", "included", "delivery"]
    counts = [[int(book.value(f"{kind}_{s}")[0]) for kind in ("positive", "above")] for s in sources]
    return {
        "range": [int(v) for v in book.value("process_range")],
        "sources": [[f"source.positive_{s}", *c] for s, c in zip(sources, counts)],
        "shares": _share_rows(fit, outcomes.split(" ")),
        "largest": _largest_of(book, "", recipe),
        "council": council,
        "leave": _largest_of(book, f"council != {council}", recipe),
    }


def _share_rows(fit, outcomes):
    frame = _table(fit)
    rows = []
    for i, outcome in enumerate(outcomes):
        of = frame[frame["outcome"] == outcome].set_index("block")
        row = {"outcome": outcome, "total": _total(fit)[i], "alone": float(of.loc["funding", "alone"])}
        for block in ("funding", "process"):
            row[block] = [float(of.loc[block, c]) for c in ("share", "conf_low", "conf_high")]
        rows.append(row)
    return rows


def _largest_of(book, rows, recipe):
    """The largest R2 of funding alone with two upper limits and the answer to the claim."""
    outcomes = recipe["outcome"].split(" ")
    by = {kind: book.fit(_COUNCILS, rows, recipe["outcome"], recipe["blocks"], kind)
          for kind in ("auto", "normal")}
    said = {kind: fit.at_most("funding", _BOUND, metric="alone") for kind, fit in by.items()}
    values = _metric(by["auto"], "funding", "alone")
    best = max(range(len(values)), key=values.__getitem__)
    return {"value": values[best], "outcome": outcomes[best], "upper": float(said["auto"].upper),
            "normal": float(said["normal"].upper), "answer": said["auto"].answer}


def _most_telling(book, outcomes, funding):
    """The council without which the largest R2 of funding alone moves most."""
    data = datasets.load(_COUNCILS)

    def largest(frame):
        return max(_total(sy.shares(frame, outcomes.split(" "), {"funding": funding}, interval="none",
                                    bounds=False)))

    whole = largest(data)
    moved = [abs(largest(data.drop(index=i).reset_index(drop=True)) - whole) for i in data.index]
    return data["council"].iloc[max(range(len(moved)), key=moved.__getitem__)]
