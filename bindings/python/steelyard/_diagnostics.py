# SPDX-License-Identifier: GPL-3.0-only
"""Rows, clusters and columns that a linear fit leans on."""
import math

import numpy as np
import pandas as pd

from . import _core
from ._document import Cells, Document, Shown
from ._errors import SteelyardError
from ._fit_print import number, remark_lines, rows_phrase, statistic

_ROWS = ("leverage", "standardised", "studentised", "sigma", "cook", "dffits")
_TERMS = ("gvif", "df", "gvif_root", "tolerance")
_SHOWN = 5  # rows and clusters that a print lists
_MOST_TERMS = 15  # up to here unique and alone shares cost milliseconds


def _collinearity(model):
    """(terms, columns, condition) and the remarks."""
    terms, p = np.full((len(_TERMS), len(model.terms)), np.nan), model.p
    columns, proportion = np.full((2, p), np.nan), np.full((p, p), np.nan)
    remarks = _core.diagnostics_collinearity(model.design, model.tuple, model.rules["precision"],
                                             (*terms, *columns, proportion))
    gvif, df, root, tolerance = terms
    frame = pd.DataFrame({"term": model.terms, "df": df, "gvif": gvif, "gvif_root": root, "tolerance": tolerance})
    condition = pd.DataFrame(proportion, columns=model.labels)
    condition.insert(0, "index", columns[1])
    return (frame, pd.DataFrame({"term": model.labels, "vif": columns[0]}),
            condition[condition["index"].notna()].reset_index(drop=True), remarks)


def vif(model):
    return _collinearity(model)[0]


def _shares_of(model):
    """alone, unique (NaN where there are no shares to speak of), labels of the suppressors."""
    from ._shares import shares_of_terms

    nothing = (*np.full((2, len(model.terms)), np.nan), [])
    if not model.asked.intercept or model.places["absorb"] >= 0 or not 1 <= len(model.terms) <= _MOST_TERMS:
        return nothing
    try:
        return shares_of_terms(model)
    except SteelyardError:
        return nothing


def _of_rows(model):
    """(rows, dfbetas) with the data's index."""
    n, p = model.n, model.p
    arrays, dfbetas = np.full((len(_ROWS), n), np.nan), np.full((n, p), np.nan)
    remarks = _core.diagnostics(model.design, model.tuple, model.whole, model.held(), (*arrays, dfbetas))
    fitted, residual, _ = model.rows()
    rows = pd.DataFrame({"fitted": fitted, "residual": residual, **dict(zip(_ROWS, arrays))}, index=model.index)
    return rows, pd.DataFrame(dfbetas, index=model.index, columns=model.labels), remarks


def standardised(model):
    """Standardised residuals of the rows."""
    return _of_rows(model)[0]["standardised"].to_numpy()


def _of_clusters(model):
    """(frame, label of the coefficient that each cluster moves most, remarks)."""
    if model.design[4] is None:
        return None, [], ()
    names, p = model.design[4][2], model.p
    change, scaled = np.full((len(names), p), np.nan), np.full((len(names), p), np.nan)
    cook, rows = np.full(len(names), np.nan), np.full(len(names), np.nan)
    _, remarks = _core.diagnostics_clusters(model.design, model.tuple, model.whole, model.held(),
                                            (change, scaled, cook, rows))
    frame = pd.DataFrame({"cluster": names, "rows": rows, "cook": cook})
    frame = pd.concat([frame, pd.DataFrame(change, columns=model.labels)], axis=1)
    size = np.where(np.isnan(scaled), -1.0, np.abs(scaled))
    most = [model.labels[row.argmax()] if row.max() >= 0 else "-" for row in size]
    kept = rows > 0
    return frame[kept].reset_index(drop=True), [label for label, yes in zip(most, kept) if yes], remarks


class Diagnostics(Shown):
    """What a fit leans on; see :meth:`LinearFit.diagnostics`.

    Attributes
    ----------
    rows, dfbetas : DataFrame
        One row a row of the data: fitted, residual, leverage, standardised,
        studentised, sigma (without the row), cook, dffits; the change of each
        coefficient in standard errors.
    terms : DataFrame
        term, df, gvif, gvif_root, tolerance, alone, unique.
    columns : DataFrame
        term (of the coefficient), vif.
    condition : DataFrame
        One row a condition index, ascending, with the share of each
        coefficient's variance that goes with it.
    clusters : DataFrame or None
        cluster, rows, cook, and the change of each coefficient when the
        cluster is left out.
    suppression : list of str
        Terms that explain more beside the others than alone, by more than
        noise would, as the remarks of :func:`shares` name them.
    remarks : tuple
    """

    def __init__(self, model):
        self._head = f"Diagnostics of the linear model of {model.outcome}, {rows_phrase(model.summary)}"
        self.rows, self.dfbetas, of_rows = _of_rows(model)
        self.terms, self.columns, self.condition, of_columns = _collinearity(model)
        self.terms["alone"], self.terms["unique"], self.suppression = _shares_of(model)
        self.clusters, self._most, of_clusters = _of_clusters(model)
        self.remarks = tuple(dict.fromkeys(of_rows + of_columns + of_clusters))

    def to_frame(self):
        """As ``rows``."""
        return self.rows.copy()

    def _terms_lines(self):
        shares = [] if self.terms["unique"].isna().all() else ["alone", "unique"]
        rows = [["term", "columns", "VIF", "root", *shares]]
        for row in self.terms.to_dict("records"):
            rows.append([row["term"], number(row["df"], "%.0f"), statistic(row["gvif"]),
                         number(row["gvif_root"], "%.2f"), *(number(row[key], "%.4f") for key in shares)])
        index = self.condition["index"].iloc[-1] if len(self.condition) else math.nan
        lines = ([Cells("Collinearity of the terms", rows), ""] if len(rows) > 1 else []) + [f"Condition index: {number(index, '%.3g')}."]
        if self.suppression:
            lines.append(f"Suppression (unique above alone): {', '.join(self.suppression)}.")
        return lines

    def _rows_lines(self):
        first = self.rows.reset_index(drop=True).nlargest(_SHOWN, "cook", keep="first")
        cells = [["row", "Cook", "leverage", "studentised", "DFFITS"]]
        for place, row in zip(first.index, first.to_dict("records")):
            cells.append([str(self.rows.index[place]), number(row["cook"], "%.4f"), number(row["leverage"], "%.4f"),
                          number(row["studentised"], "%.2f"), number(row["dffits"], "%.2f")])
        return ["", Cells("The rows that move the fit most", cells)] if len(cells) > 1 else []

    def _clusters_lines(self):
        if self.clusters is None:
            return []
        first = self.clusters[["cluster", "rows", "cook"]].nlargest(_SHOWN, "cook", keep="first")
        cells = [["cluster", "rows", "Cook", "moves most"]]
        cells += [[row["cluster"], number(row["rows"], "%.0f"), number(row["cook"], "%.4f"), self._most[place]]
                  for place, row in zip(first.index, first.to_dict("records"))]
        return ["", Cells("The clusters that move the fit most", cells)] if len(cells) > 1 else []

    def _document(self):
        lines = [self._head, "", *self._terms_lines(), *self._rows_lines(), *self._clusters_lines()]
        remarks = remark_lines(self.remarks, {"rows_dropped"})
        return Document(lines + ([""] if remarks else []) + remarks)


def diagnostics(model):
    return Diagnostics(model)
