# SPDX-License-Identifier: GPL-3.0-only
"""How far a scale of several items measures one thing."""
import numpy as np
import pandas as pd
from pandas.api import types

from . import _bad_input, _columns, _core, _polychoric, _provenance, _terms
from ._columns import Frame
from ._design import Design
from ._digits import MORE
from ._document import Cells, Heading, Shown, sections_document
from ._errors import SteelyardError, warn_of
from ._fit_print import number, remark_lines
from ._fit_request import check_level
from ._moments import Moments, sum_rows
from ._options import MISSING, PRECISIONS, UNITS, choice, name_of, several, thread_count, weight_number
from ._print import _count, level_text, point, rows_phrase
from ._progress import Progress, mapped
from ._tables import Summary

_INTERVALS = {"auto": 0, "none": 1, "jackknife": 2, "influence": 3, "normal": 4, "feldt": 5}
_KINDS = ("alpha", "omega", "ordinal")
_NAMES = {"alpha": {0: "alpha", 1: "standardised alpha"}, "omega": {2: "omega"},
          "ordinal": {0: "ordinal alpha", 2: "ordinal omega"}}
_ITEM_TABLES = ("mean", "std_dev", "item_rest", "alpha_without", "loading", "uniqueness")
_ROWS_AS_UNITS = 20000  # of ordered answers: up to here each row is a set of its own


def reliability(data, items, kind=("alpha", "omega"), weights=None, weight_kind=None, cluster=None, strata=None,
                interval="auto", level=0.95, missing="complete", precision="auto", threads=None):
    """Cronbach's alpha and McDonald's omega of scales, with limits.

    Parameters
    ----------
    data : DataFrame (pandas, polars), pyarrow Table, duckdb relation, dict of columns, or Moments
    items : list of str, names joined by ``+``, or dict of scale -> list of str
        Two items or more a scale. Numbers count as they are, truth values 0 and
        1, the levels of an ordered categorical 1, 2, ..
    kind : {"alpha", "omega", "ordinal"} or several of them
        ``"alpha"``: raw [1]_ and standardised. ``"omega"``: of one factor by maximum likelihood [2]_; three
        items or more. ``"ordinal"``: both of the polychoric correlations [3]_, for items of whole numbers or
        ordered categoricals: the reliability of the normal variables behind the answers, as a rule above that of
        the answers themselves.
    weights : str or vector of n, optional
    weight_kind : {"frequency", "sampling"}
        Needed with weights.
    cluster, strata : str or vector of n, optional
        Limits rest on clusters; strata not with ``"ordinal"``.
    interval : {"auto", "jackknife", "influence", "normal", "feldt", "none"} or None
        Auto: jackknife over clusters (none under 6), else influence over the
        rows: the distribution-free delta method [4]_. ``"normal"``: for normal items [5]_;
        ``"feldt"``: alpha's exact limits for normal items with equal variances and
        covariances [6]_. All but Feldt's are symmetric on log(1 - reliability).
    level : float
        Of the limits, between 0 and 1.
    missing : {"complete", "error"}
        Rows complete over the items of a scale, or an error.
    precision : {"auto", "double", "double-double"}
    threads : int, optional

    Returns
    -------
    Reliability
        ``table``, one row a scale and kind; ``items``, one row an item.

    Raises
    ------
    SteelyardError
        Fewer than two items, one named twice, text, an unordered factor, analytic weights, normal or Feldt's
        limits with clusters, strata, sampling weights or ordered answers.
    DataError
        An item with one value (it is named); for omega an item that follows
        from the others.

    Notes
    -----
    An item whose correlation with the sum of the others is negative is named in
    a remark. A uniqueness that would be negative is held at 0 (remark). Omega
    takes the variance of the sum from the model. Alpha says how far the sum of
    the items would be reproduced by another such sum, not that they measure
    one thing.

    References
    ----------
    .. [1] Cronbach 1951, doi:10.1007/BF02310555
    .. [2] McDonald 1999, Test Theory, chapter 6
    .. [3] Zumbo, Gadermann & Zeisser 2007, doi:10.22237/jmasm/1177992180
    .. [4] Maydeu-Olivares, Coffman & Hartmann 2007, doi:10.1037/1082-989X.12.2.157
    .. [5] van Zyl, Neudecker & Nel 2000, doi:10.1007/BF02296146
    .. [6] Feldt 1965, doi:10.1007/BF02289499

    Examples
    --------
    >>> poet = sy.datasets.simulate_poet(1)
    >>> process = [name for name in poet if name.startswith("easy_")]
    >>> r = sy.reliability(poet, {"process": process}, cluster="council")
    >>> r.table[["scale", "kind", "estimate"]].round(2).values.tolist()
    [['process', 'alpha', 0.91], ['process', 'standardised alpha', 0.91], ['process', 'omega', 0.91]]
    """
    scales = items if isinstance(items, dict) else {"items": items}
    if not scales:
        raise SteelyardError("items: no scale is named")
    kinds = _kinds_of(kind)
    chosen = "none" if interval is None else choice("interval", interval, _INTERVALS)
    level, threads = check_level(level), thread_count(threads)
    rules = {"weights": weights, "kind": weight_number(weights, weight_kind), "cluster": cluster, "strata": strata,
             "missing": MISSING[choice("missing", missing, MISSING)],
             "precision": PRECISIONS[choice("precision", precision, PRECISIONS)], "threads": threads}
    if isinstance(data, Moments):
        _refuse_with_moments(rules, kinds)
    elif "ordinal" in kinds and strata is not None:
        raise SteelyardError("strata: ordinal alpha and omega rest on rows or clusters, not on strata")
    source = data if isinstance(data, Moments) else Frame(data)
    each = mapped("reliability", lambda scale: _of_scale(source, scale, scales[scale], kinds, (chosen, level), rules), scales)
    records = [record for own in each for record in own]
    warn_of([remark for record in records for remark in record["remarks"]], stacklevel=3)
    return Reliability(records, level)


def _kinds_of(kind):
    kinds = several("kind", kind)
    for one in kinds:
        choice("kind", one, _KINDS)
    if not kinds:
        raise SteelyardError('kind: name "alpha", "omega" or "ordinal"')
    return kinds


def _refuse_with_moments(rules, kinds):
    for argument in ("weights", "cluster", "strata"):
        if rules[argument] is not None:
            raise SteelyardError(f"{argument}: moments already hold their {argument}; leave it out")
    if "ordinal" in kinds:
        raise SteelyardError('kind: "ordinal" needs the answers; give the data frame')


def _names_of(given):
    if isinstance(given, str):
        given = [part.strip() for part in given.split("+")]
    if not isinstance(given, (list, tuple)) or not all(isinstance(name, str) for name in given):
        raise SteelyardError("items: a list of column names is needed, or a dict of scale to such a list")
    for name in given:
        if list(given).count(name) > 1:
            raise SteelyardError(f"items: {name} is named twice")
    if len(given) < 2:
        raise SteelyardError(f"items: {len(given)} given; a scale has two or more")
    return list(given)


def _of_scale(source, scale, names, kinds, limits, rules):
    """The scale's records: of the answers as numbers, and of the ordered answers."""
    names, records = _names_of(names), []
    numbers = [kind for kind in kinds if kind != "ordinal"]
    if isinstance(source, Moments):
        places = tuple(_core.find_term(source._blob, "items", name) for name in names)
        return [_ask(scale, names, numbers, source, None, places, limits, rules)]
    if numbers:
        design = Design(source)
        places = tuple(_put_number(design, source, name) for name in names)
        finished = design.finish(rules["weights"], rules["kind"], rules["cluster"], rules["missing"], rules["strata"])
        unit = ("cluster" if rules["cluster"] is not None
                else "row" if rules["strata"] is not None or limits[0] == "jackknife" else "none")
        m = sum_rows(finished, UNITS[unit], rules["precision"], rules["threads"])
        rows = finished if unit == "none" else None
        records.append(_ask(scale, names, numbers, m, rows, places, limits, rules))
    if "ordinal" in kinds:
        m = _latent(source, names, rules)
        records.append(_ask(scale, names, ["ordinal"], m, None, tuple(range(len(names))), limits, rules))
    return records


def _put_number(design, frame, name):
    """An item as a number: levels of ordered answers count 1, 2, .."""
    values, term = frame.values(name, "items"), _terms.column_term(name)
    dtype = getattr(values, "dtype", None)
    if not isinstance(dtype, pd.CategoricalDtype):
        try:
            return design.add(term, "items")
        except SteelyardError:
            none = f"{name} holds no numbers; an item has numbers or ordered answers"
            if _columns.is_text(values):
                _bad_input.refuse_column("items", name, pd.Series(values), none)
            raise SteelyardError(f"items: {none}") from None
    if not dtype.ordered and len(dtype.categories) != 2:
        raise SteelyardError(f"items: {name} is an unordered factor; an item has ordered answers")
    codes, _ = _columns.categories(pd.Series(values), keep_unused=True)
    return design.put(term, (name, np.where(codes < 0, np.nan, codes + 1.0), None, 0))


def _latent(frame, names, rules):
    """Moments of the polychoric correlations."""
    design = Design(frame)
    for name in names:
        values = frame.values(name, "items")
        try:
            _polychoric.put_column(design, name, not types.is_bool_dtype(getattr(values, "dtype", None)), frame)
        except SteelyardError as error:
            raise SteelyardError(str(error).replace("columns: ", "items: ", 1)) from None
    unit = "cluster" if rules["cluster"] is not None else "row" if frame.n <= _ROWS_AS_UNITS else "none"
    tables = tuple(np.empty((len(names), len(names))) for _ in range(4))
    with Progress("polychoric correlations") as progress:
        blob, remarks = _core.latent(
            design.finish(rules["weights"], rules["kind"], rules["cluster"], rules["missing"]), UNITS[unit], 0.95,
            tables, True, rules["threads"], progress)
    return Moments(blob, remarks)


def _ask(scale, names, kinds, m, rows, places, limits, rules):
    """One call of the core: estimates by kind, items, summary, remarks."""
    interval, level = limits
    tables = tuple(np.full(3 if i < 4 else len(names), np.nan) for i in range(10))
    options = (_INTERVALS[interval], level, int("omega" in kinds or "ordinal" in kinds), int("ordinal" in kinds))
    with Progress("reliability") as progress:
        summary, remarks = _core.reliability(m._blob, rows, places, options, tables, rules["threads"], progress)
    return {"scale": scale, "names": names, "kinds": kinds, "tables": tables, "summary": summary, "unit": m.unit,
            "rows": rows_phrase(m._info), "interval": name_of(_INTERVALS, summary["interval"]), "rows_read": m.rows_read,
            "rows_dropped": m.rows_dropped, "hash": m.hash, "weight_kind": m.weight_kind,
            "remarks": tuple(dict.fromkeys(m._notes + remarks))}


class Reliability(Shown):
    """Alpha and omega of scales.

    Attributes
    ----------
    table : DataFrame
        scale, kind, estimate, std_error, conf_low, conf_high.
    items : DataFrame
        scale, item, mean, std_dev, item_rest (correlation with the sum of the
        other items), alpha_without (alpha of the others), loading and
        uniqueness of the standardised item; of ordered answers kind "ordinal".
    remarks : DataFrame
        code, term, value, text.
    provenance : dict
    """

    def __init__(self, records, level):
        self._records, self._level = records, level

    @property
    def table(self):
        return pd.DataFrame(
            [(r["scale"], name, *(float(table[place]) for table in r["tables"][:4]))
             for r in self._records for kind in r["kinds"] for place, name in _NAMES[kind].items()],
            columns=["scale", "kind", "estimate", "std_error", "conf_low", "conf_high"])

    @property
    def items(self):
        frames = [pd.DataFrame({"scale": r["scale"], "kind": "ordinal" if "ordinal" in r["kinds"] else "numbers",
                                "item": r["names"], **dict(zip(_ITEM_TABLES, (t.copy() for t in r["tables"][4:])))})
                  for r in self._records]
        return pd.concat(frames, ignore_index=True)

    @property
    def remarks(self):
        return pd.DataFrame([(r["scale"], *remark) for r in self._records for remark in r["remarks"]],
                            columns=["scale", "code", "term", "value", "text"])

    @property
    def provenance(self):
        return {"version": _core.version(), "hash": [r["hash"] for r in self._records],
                "interval": [r["interval"] for r in self._records], "level": self._level,
                "weight_kind": self._records[0]["weight_kind"]}

    def to_frame(self):
        """The table.

        Returns
        -------
        DataFrame
            As ``table``.

        Examples
        --------
        >>> wine = sy.datasets.load("wine_1989").pivot(index="judge", columns="bottle", values="response")
        >>> r = sy.reliability(wine.add_prefix("b"), [f"b{i}" for i in range(1, 9)], kind="alpha")
        >>> r.to_frame()[["kind", "estimate"]].round(3).values.tolist()
        [['alpha', 0.786], ['standardised alpha', 0.8]]
        """
        return self.table

    def glance(self):
        """One row a scale and matrix: items, n, rows dropped, how the limits were made, the test of one factor.

        Returns
        -------
        DataFrame

        Examples
        --------
        >>> wine = sy.datasets.load("wine_1989").pivot(index="judge", columns="bottle", values="response")
        >>> r = sy.reliability(wine.add_prefix("b"), [f"b{i}" for i in range(1, 9)], kind="alpha")
        >>> len(r.glance())
        1
        """
        return pd.DataFrame(
            [(r["scale"], "ordinal" if "ordinal" in r["kinds"] else "numbers", len(r["names"]), r["summary"]["n"],
              r["rows_dropped"], r["interval"], r["summary"]["df"], r["summary"]["units"],
              *(r["summary"][key] for key in ("chi2", "chi2_df", "chi2_p"))) for r in self._records],
            columns=["scale", "kind", "items", "n", "rows_dropped", "interval", "df", "units", "chi2", "chi2_df",
                     "chi2_p"])

    def plot(self, ax=None):
        """A dot with its limits a scale and kind; needs matplotlib.

        Parameters
        ----------
        ax : matplotlib Axes, optional

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        ImportError
            matplotlib is not installed.

        Examples
        --------
        >>> wine = sy.datasets.load("wine_1989").pivot(index="judge", columns="bottle", values="response")
        >>> ax = sy.reliability(wine.add_prefix("b"), [f"b{i}" for i in range(1, 9)], kind="alpha").plot()
        """
        from . import _reliability_plot

        return _reliability_plot.draw(self.table, self._level, ax)

    def summary(self):
        """The print at length: further digits, and how the answer came about.

        Returns
        -------
        Summary

        Examples
        --------
        >>> wine = sy.datasets.load("wine_1989").pivot(index="judge", columns="bottle", values="response")
        >>> r = sy.reliability(wine.add_prefix("b"), [f"b{i}" for i in range(1, 9)], kind="alpha")
        >>> "alpha" in str(r.summary())
        True
        """
        return Summary(_told(self, MORE) + ["", *_provenance.pieces_of(self.provenance)])

    def _document(self):
        return _told(self)


def _limits_line(record, level):
    interval, units = record["interval"], record["summary"]["units"]
    over = f"{units} {'clusters' if record['unit'] == 'cluster' else 'rows'}"
    how = {"none": None, "jackknife": f"jackknife over {over}", "influence": f"distribution-free, influence of {over}",
           "normal": "normal items", "feldt": "Feldt's, normal items of equal variances and covariances"}[interval]
    if how is None:
        return "Limits: none."
    t = f", t with {record['summary']['df']:.6g} degrees of freedom" if interval in ("jackknife", "influence") else ""
    scale = "" if interval == "feldt" else "; symmetric on log(1 - reliability)"
    return f"Limits ({level_text(level)}): {how}{t}{scale}."


def _told(r, more=0):
    sections = []
    for scale in dict.fromkeys(record["scale"] for record in r._records):
        own = [record for record in r._records if record["scale"] == scale]
        first = own[0]
        lines = [Heading(f"Reliability of {scale}: {_count(len(first['names']), 'item')}, {first['rows']}"), ""]
        cells = [["kind", "estimate", "std error", "low", "high"]]
        for row in r.table[r.table["scale"] == scale].itertuples(index=False):
            cells.append([row.kind, *(point(value, row.std_error, more) for value in row[2:])])
        lines += [Cells(f"Reliability of {scale}, limits {level_text(r._level)}", cells), ""]
        cells = [["item", "mean", "sd", "item-rest", "alpha without", "loading"]]
        t = first["tables"]
        for i, name in enumerate(first["names"]):
            cells.append([name, *(number(t[j][i], "%.4f") for j in (4, 5, 6, 7, 8))])
        lines += [Cells(f"Items of {scale}", cells), ""]
        for record in own:
            s, what = record["summary"], " of ordinal ones" if "ordinal" in record["kinds"] and len(own) > 1 else ""
            lines.append(_limits_line(record, r._level).replace("Limits", f"Limits{what}", 1))
            if s["chi2_df"] > 0:
                lines.append(f"One factor against any correlations: chi-squared {number(s['chi2'], '%.2f')} on "
                             f"{s['chi2_df']:.0f}, p {number(s['chi2_p'], '%.4f')} (normal items).")
        if first["rows_dropped"]:
            lines.append(f"Rows: {first['rows_read']} read, {first['rows_dropped']} dropped for missing values.")
        remarks = tuple(dict.fromkeys(remark for record in own for remark in record["remarks"]))
        sections.append(lines + remark_lines(remarks))
    return sections_document(sections)
