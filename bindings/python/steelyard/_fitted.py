# SPDX-License-Identifier: GPL-3.0-only
"""Shares over binary, count, ordinal and mixed models: the fit's rows and terms, asked about shares."""
import math

import numpy as np
import pandas as pd

from . import _core, _fitted_print
from ._errors import SteelyardError, warn_of
from ._measure import NUMBERS, measure_of_fit
from ._options import INTERVALS, METRICS, WEIGHT_KINDS, choice, name_of, real, thread_count, whole
from ._orders import read_order, with_groups
from ._outcomes import BINARY, ORDINAL
from ._progress import Progress
from ._result import Shares
from ._terms import parse_blocks, parse_list

_ROUTES = {"auto": 0, "exact": 1, "one-step": 2}
_INTERVALS = ("auto", "jackknife", "none")
_SECONDS_ALLOWED = 60.0
_MOST_GROUPS = 100  # of rows that are left out; with fewer rows each is one
_HELD = {"outcome": "outcome", "weights": "weights", "weight_kind": "weights", "cluster": "clusters", "strata": "rows",
         "missing": "missing rule", "precision": "precision"}


class FittedShares(Shares):
    """Shares over a fitted model that is not least squares.

    As :class:`Shares`; what goes back to the moments of a linear model
    (submodels, dominance, cross-validation ...) is refused. ``blocks`` and
    ``terms`` also have ``one_step`` (the share by one step from the full fit,
    where the submodels were fitted by themselves), ``within`` and ``between``
    (clusters; latent and marginal R2).

    Attributes
    ----------
    parts : DataFrame
        part, share: of marginal R2 the blocks, the adjusting terms, the
        effects of the groups and the residual, which add up to 1; empty else.
    gap : float
        The largest difference of a share between the two routes; NaN when
        only one was gone.
    """

    gap = property(lambda self: self._records[0]["gap"])

    @property
    def parts(self):
        return pd.DataFrame(_fitted_print.parts_of(self._records[0]), columns=["part", "share"])

    @property
    def provenance(self):
        record, options = self._records[0], self._options
        keys = ("submodels", "failed", "gap", "gap_row", "loglik", "loglik_null", "interval")
        rows = {key: int(record["info"][key]) for key in ("rows_read", "rows_used", "rows_dropped")}
        return {"version": _core.version(), "model": record["model"], "measure": record["measure"],
                "outcome": record["outcome"], "blocks": {name: list(labels) for name, labels in record["blocks"]},
                "adjust": list(record["adjust"]), "order": record["order"], "weight_kind": record["weight_kind"],
                "method": record["route"], **{key: record[key] for key in keys}, "level": options["level"],
                "seed": options["seed"], "threads": options["threads"] or None, "n": self.n, **rows,
                "unit": record["unit"], "units": record["units"], "df": record["df"]}

    def _first_pieces(self):
        return []


def shares_of(fit, asked, blocks, adjust, order, given):
    """The answer of shares() to a fit: `asked` are its options, `given` the arguments that a fit holds already."""
    for argument, (value, default) in given.items():
        if value is not default and value != default:
            held = f"the fit already holds its {_HELD[argument]}" if argument in _HELD else (
                "shares over a fitted model do not use it")
            raise SteelyardError(f"{argument}: {held}; leave it out")
    model, options = fit._model, _options(**asked)
    options["measure"] = measure_of_fit(options["measure"], _measures(model), model.called)
    record = _ask(model, *_question(model, blocks, adjust, order), options)
    warn_of(record["remarks"], stacklevel=4)
    return FittedShares([record], options)


def _options(measure, method, interval, level, seed, threads):
    return {"measure": measure, "method": choice("method", method, _ROUTES),
            "interval": "none" if interval is None else choice("interval", interval, _INTERVALS),
            "level": real("level", level), "seed": whole("seed", seed, 0, 2**64 - 1), "threads": thread_count(threads)}


def _measures(model):
    """The measures that a model has, the default first."""
    if _is_mixed(model):
        return ("marginal",) if model.linear else ("marginal", "mcfadden")
    latent = model.kind == BINARY or (model.kind == ORDINAL and not (model.places["nominal"] or model.places["scale"]))
    return ("mcfadden", "nagelkerke", "latent") if latent else ("mcfadden", "nagelkerke")


def _is_mixed(model):
    return hasattr(model, "bars")


def _question(model, blocks, adjust, order):
    """(blocks with indices of terms, adjusting indices, groups of blocks)."""
    places = {model.design[1][t][0]: t for t in model.places["terms"]}
    labels = tuple(places)
    if not labels:
        raise SteelyardError("blocks: the fit has no terms")

    def place(term, argument):
        return places[term.label] if term.label in places else places[labels[_core.find(argument, term.label, labels)]]

    named = parse_blocks(list(labels) if blocks is None else blocks, places)
    groups = read_order(order, [name for name, _ in named])
    indices = tuple((name, tuple(place(term, "blocks") for term in terms)) for name, terms in named)
    adjusting = [] if adjust is None else parse_list(adjust, "adjust", places)
    return indices, tuple(place(term, "adjust") for term in adjusting), groups


def _model_of(model, blocks, adjust):
    """(core's tuple of the full model: blocks and adjusting terms alone, rules)."""
    _, response, bars = model.tuple if _is_mixed(model) else (0, model.tuple, ())
    linear = response[0]
    used = {t for _, terms in blocks for t in terms} | set(adjust)
    for t in adjust:
        if any(t in terms for _, terms in blocks):
            raise SteelyardError(f"adjust: {model.design[1][t][0]} is in a block too; leave it out of one of them")
    terms = tuple(t for t in linear[1] if t in used)
    flag = int(_is_mixed(model) and model.linear)
    return (flag, ((linear[0], terms, *linear[2:]), *response[1:]), bars), model.options if bars else None


def _ask(model, blocks, adjust, groups, options):
    whole_model, rules = _model_of(model, blocks, adjust)
    rows = len(blocks) + sum(len(terms) for _, terms in blocks)
    shape = (rows, len(METRICS))
    buffers = (*(np.full(shape, np.nan) for _ in range(5)), np.full((len(METRICS), rows, rows), np.nan),
               *(np.full(rows, np.nan) for _ in range(3)))
    numbers = (NUMBERS[options["measure"]], _ROUTES[options["method"]], INTERVALS[options["interval"]],
               options["level"], options["seed"], _SECONDS_ALLOWED)
    with Progress(f"shares of {model.outcome}") as progress:
        summary, remarks = _core.fitted_shares(model.design, whole_model, rules, with_groups(blocks, groups), numbers,
                                               buffers, options["threads"], progress)
    labels = [label for label, _ in model.design[1]]
    record = {**summary, **dict(zip(("estimate", "std_error", "std_error_scaled", "low", "high", "covariance",
                                     "one_step", "within", "between"), buffers))}
    record.update(
        asked=None, measure=options["measure"], model=model.called, outcome=model.outcome,
        blocks=[(name, [labels[t] for t in terms]) for name, terms in blocks], order=groups,
        adjust=[labels[t] for t in adjust] + _always_there(model), remarks=tuple(remarks), draws=None, mc_errors=None, crossvalidated=None,
        total_adjusted=math.nan, orders=0, interval=name_of(INTERVALS, summary["interval"]),
        route=name_of(_ROUTES, summary["route"]), unit=_unit(summary), info=_info(model, summary["n"]),
        groups_of=tuple(dict.fromkeys(bar.group for bar in model.bars)) if _is_mixed(model) else (),
        weight_kind=None if model.design[2] is None else name_of(WEIGHT_KINDS, model.design[3]))
    names = [name for name, _ in blocks] + [labels[t] for _, terms in blocks for t in terms]
    record["gap_row"] = names[summary["gap_row"]]
    if math.isnan(record["gap"]):
        record["one_step"][:] = np.nan
    return record


def _always_there(model):
    """Labels of nominal and scale terms, which no block has."""
    return [] if _is_mixed(model) else model.term_labels[len(model.places["terms"]):]


def _unit(summary):
    """What is left out one by one: a group of rows may be a row."""
    if not summary["units"]:
        return "none"
    if not summary["grouped"]:
        return "cluster"
    return "row" if summary["units"] < _MOST_GROUPS else "group"


def _info(model, n):
    """Counts of rows as the print of shares reads them."""
    s = model.summary
    return {"n": n, "rows_read": s["rows_read"], "rows_used": s["rows_used"], "rows_dropped": s["rows_dropped"],
            "sum_w": s.get("sum_w", n), "labels": (), "term_missing": (), "from_correlation": False}
