# SPDX-License-Identifier: GPL-3.0-only
"""A mediation: its parts, what it takes for granted, its print and picture."""
import pandas as pd

from . import _core, _provenance
from ._digits import MORE
from ._document import Cells, Document, Listed, Shown
from ._fit_print import cells_of, freedom, limited, number, remark_lines, rows_phrase
from ._print import _count, level_text
from ._tables import Summary

INTERVENTIONAL, NATURAL_JOINT = 0, 1
_DIRECT, _THROUGH, _DEPENDENCE, _ALL, _TOTAL, _WITHOUT = range(6)
_PARTS = {_DIRECT: "direct", _DEPENDENCE: "mutual dependence", _ALL: "through all mediators", _TOTAL: "total",
          _WITHOUT: "without mediators"}
_WAYS = {"jackknife": "jackknife", "influence": "influence function", "percentile": "percentiles"}


class Mediation(Shown):
    """Parts of a treatment's effect.

    Attributes
    ----------
    effects : DataFrame
        answer (ordinal outcomes), part, estimate, std_error, statistic, df, p_value,
        conf_low, conf_high, proportion. The last part of a linear outcome, "without
        mediators", is the treatment's coefficient beside the confounders alone.
    means : DataFrame
        Expected outcome at both treatments.
    covariance : DataFrame or None
        Of the estimates.
    assumptions : list of str
    remarks : DataFrame
        code, term, value, text.
    provenance : dict
    """

    def __init__(self, result, asked, remarks):
        self._result, self._asked, self._notes = result, asked, tuple(remarks)

    @property
    def parts(self):
        """Names of the parts, in order."""
        return [f"through {self._asked['blocks'][block][0]}" if part == _THROUGH else _PARTS[part]
                for part, block in self._result["rows"]]

    @property
    def _answers(self):
        levels = self._asked["answers"]
        return [None] if self._asked["kind"] != "ordinal" else [levels[i] for i in self._result["answers"]]

    @property
    def effects(self):
        r, parts = self._result, self.parts
        frame = pd.DataFrame({
            "answer": [answer for answer in self._answers for _ in parts], "part": parts * len(self._answers),
            "estimate": r["estimate"], "std_error": r["std_error"], "statistic": r["statistic"],
            "df": r["df"] if r["interval"] != 1 else float("nan"), "p_value": r["p_value"], "conf_low": r["low"],
            "conf_high": r["high"], "proportion": r["proportion"]})
        return frame if self._asked["kind"] == "ordinal" else frame.drop(columns="answer")

    def to_frame(self):
        """The effects, one row a part.

        Returns
        -------
        DataFrame
            As ``effects``.

        Examples
        --------
        >>> d = sy.datasets.simulate_poet(seed=1, people=600, councils=25, hidden=True)
        >>> d["direct"] = d.payment_type == "direct_payment"
        >>> m = sy.mediation(d, "hidden_outcome", "direct", {"funding": "hidden_funding"}, cluster="council")
        >>> m.to_frame()["part"].tolist()
        ['direct', 'through funding', 'total', 'without mediators']
        """
        return self.effects

    @property
    def contrast(self):
        """The two treatments compared, from and to, in words."""
        levels, r = self._asked["levels"], self._result
        if levels is None:
            return f"{r['from']:.6g}", f"{r['to']:.6g}"
        return tuple(levels[i] for i in r["level"])

    @property
    def means(self):
        mean, (start, end) = self._result["mean"], self.contrast
        frame = pd.DataFrame({"answer": [a for a in self._answers for _ in (0, 1)],
                              "treatment": [start, end] * len(self._answers), "mean": mean})
        return frame if self._asked["kind"] == "ordinal" else frame.drop(columns="answer")

    @property
    def covariance(self):
        values = self._result["covariance"]
        if not values:
            return None
        names = [part if answer is None else f"{answer}: {part}" for answer in self._answers for part in self.parts]
        side = len(names)
        return pd.DataFrame([values[k * side:(k + 1) * side] for k in range(side)], names, names)

    @property
    def assumptions(self):
        return list(self._result["assumptions"])

    @property
    def remarks(self):
        return pd.DataFrame(self._notes, columns=["code", "term", "value", "text"])

    @property
    def provenance(self):
        r, a = self._result, self._asked
        kept = ("outcome", "treatment", "blocks", "confounders", "effects", "kind", "weight_kind", "missing", "interval",
                "level", "seed", "replicates")
        return {"version": _core.version(), **{key: a[key] for key in kept}, "contrast": self.contrast,
                **{key: r[key] for key in ("n", "rows_read", "rows_used", "rows_dropped", "units", "df", "kept", "r2")}}

    def plot(self, ax=None):
        """The parts with their limits, on one scale. Takes and returns an Axes.

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
        >>> d = sy.datasets.simulate_poet(seed=1, people=600, councils=25, hidden=True)
        >>> d["direct"] = d.payment_type == "direct_payment"
        >>> ax = sy.mediation(d, "hidden_outcome", "direct", {"funding": "hidden_funding"}, cluster="council").plot()
        """
        from ._mediation_plot import draw
        return draw(self, ax)

    def summary(self):
        """The print at length: further digits, the covariance of the parts, and how the answer came about.

        Returns
        -------
        Summary

        Examples
        --------
        >>> d = sy.datasets.simulate_poet(seed=1, people=600, councils=25, hidden=True)
        >>> d["direct"] = d.payment_type == "direct_payment"
        >>> m = sy.mediation(d, "hidden_outcome", "direct", {"funding": "hidden_funding"}, cluster="council")
        >>> len(str(m.summary())) > len(str(m))
        True
        """
        told = _provenance.pieces_of(self.provenance)
        if self.covariance is None:
            return Summary(_told(self, MORE) + ["", *told])
        names, rows = list(self.covariance.columns), self.covariance.to_numpy()
        table = [["covariance", *names], *([name, *(number(v, "%.4g") for v in row)] for name, row in zip(names, rows))]
        return Summary(_told(self, MORE) + ["", Cells("Covariances of the parts", table), "", *told])

    def _document(self):
        return _told(self)


def _join(names):
    return ", ".join(names)


def _head(m):
    a, (start, end) = m._asked, m.contrast
    blocks = "; ".join(f"{name} ({_join(terms)})" for name, terms in a["blocks"])
    kind = "Interventional effects" if a["effects"] == "interventional" else "Natural effects"
    lines = [f"Mediation of {a['treatment']} ({start} to {end}) and {a['outcome']}, {rows_phrase(m._result)}",
             f"{kind} through {blocks}."]
    lines.append(f"Confounders: {_join(a['confounders'])}." if a["confounders"] else "Confounders: none.")
    if a["kind"] != "linear":
        lines.append(f"Outcome's model: {a['kind']}, {a['link']}, with {_count(m._result['n_products'], 'product')}; "
                     f"{_count(a['draws'], 'draw')} a row. Parts are points of probability.")
    else:
        lines.append(f"Outcome's model: linear, with {_count(m._result['n_products'], 'product')}; R2 "
                     f"{number(m._result['r2'], '%.4f')}.")
    return lines


def _tables(m, more):
    keys = ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")
    some = m.effects["proportion"].notna().any()
    header = ["part", "estimate", "std error", "t", "p", "low", "high"] + (["percent"] if some else [])
    lines, frame = [], m.effects
    for answer in m._answers:
        own = frame if answer is None else frame[frame["answer"] == answer]
        rows = [header]
        for row in own[own["part"] != "without mediators"].to_dict("records"):
            rows.append([row["part"], *cells_of(row, keys, more), *([number(100 * row["proportion"], "%.1f")] if some else [])])
        called = m._asked["outcome"] if answer is None else f"{m._asked['outcome']}: {answer}"
        lines += ["", *([] if answer is None else [called]),
                  Cells(limited(f"Parts of the effect of {m._asked['treatment']} on {called}", None if m._asked["interval"] == "none" else m._asked["level"]), rows)]
    return lines


def _means_lines(m, more):
    start, end = m.contrast
    means, lines = m._result["mean"], []
    for k, answer in enumerate(m._answers):
        what = m._asked["outcome"] if answer is None else f"share of {answer}"
        lines.append(f"Expected {what}: {means[2 * k]:.6g} with {start}, {means[2 * k + 1]:.6g} with {end}.")
    without = m.effects[m.effects["part"] == "without mediators"]
    for row in without.to_dict("records"):
        estimate, error = cells_of(row, ("estimate", "std_error"), more)
        lines.append(f"Without mediators in the model: {estimate}" + (
            "." if error == "-" else f" (std error {error})."))
    return ["", *lines]


def _limits_line(m):
    a, r = m._asked, m._result
    if a["interval"] == "none":
        return "Limits: none."
    what = "cluster" if r["clustered"] else "row" if r["units"] >= r["rows_used"] else "group of rows"
    units = f"{r['units']} groups of rows" if what == "group of rows" else _count(r["units"], what)
    strata = f" in {r['n_strata']} strata" if r["n_strata"] else ""
    tail = f"{_count(r['kept'], 'replicate')}, seed {a['seed']}" if a["interval"] == "percentile" else (
        f"t with {freedom(r['df'])}")
    return f"Limits ({level_text(a['level'])}): {_WAYS[a['interval']]} over {units}{strata}, {tail}."


def _told(m, more=0):
    dropped = m._result["rows_dropped"]
    foot = [_limits_line(m)]
    if dropped > 0:
        foot.append(f"{_count(int(dropped), 'row')} of {m._result['rows_read']:.0f} dropped: a value is missing.")
    foot += remark_lines(m._notes, {"rows_dropped"})
    granted = Listed("Effects only as far as this holds:", m._result["assumptions"])
    return Document([*_head(m), *_tables(m, more), *_means_lines(m, more), *foot, granted])
