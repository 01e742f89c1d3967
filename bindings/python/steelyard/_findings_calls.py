# SPDX-License-Identifier: GPL-3.0-only
"""Recipes of published findings that fit a model or call a verb by its name."""
import pandas as pd

import steelyard as sy

from . import _findings, datasets

_MODELS = {"linear": "fit_linear", "binary": "fit_binary", "count": "fit_count", "ordinal": "fit_ordinal",
           "mixed": "fit_mixed"}


def _value(text):
    """A number, a word, yes, or words parted by blanks, as the verb takes them."""
    if text == "yes":
        return True
    try:
        return float(text) if "." in text or "e" in text.lower() else int(text)
    except ValueError:
        return text


def _data(recipe):
    return _findings.keep_rows(datasets.load(recipe["data"]), recipe["rows"])


def _fit(book, recipe):
    extra = _findings.pairs(recipe["extra"])
    verb = _MODELS[extra.pop("model")]
    key = (verb, recipe["data"], recipe["rows"], recipe["outcome"], tuple(extra.items()))
    if key not in book.fits:
        # recipes write factor(x), which is R's word for C(x)
        formula = recipe["outcome"].replace("factor(", "C(")
        options = {k: _value(v) for k, v in extra.items()}
        book.fits[key] = getattr(sy, verb)(formula, _data(recipe), **options)
    return book.fits[key]


def coefficient(book, recipe):
    """One column of one coefficient's row; odds_ratio is a table of its own."""
    fit = _fit(book, recipe)
    frame = (fit.odds_ratios() if recipe["metric"] == "ratio" else fit).to_frame()
    return [float(frame.loc[frame["term"] == recipe["block"], recipe["metric"]].iloc[0])]


def fit_value(book, recipe):
    """A number of the whole fit, or the variance of one of its groups."""
    fit = _fit(book, recipe)
    if recipe["metric"] == "icc":
        return [float(fit.icc()["estimate"].iloc[0])]
    if recipe["metric"] != "variance":
        return [float(getattr(fit, recipe["metric"]))]
    frame = fit.variance
    return [float(frame.loc[frame["group"] == recipe["block"], "variance"].iloc[0])]


def fitted_metric(book, recipe):
    """A metric of one block in the shares of a fit."""
    blocks = {k: v.replace("factor(", "C(") for k, v in _findings.pairs(recipe["blocks"]).items()}
    fit = sy.shares(_fit(book, recipe), blocks, interval="none")
    if recipe["metric"] == "total":
        return [float(fit.total)]
    return [float(fit.blocks.loc[fit.blocks["block"] == recipe["block"], recipe["metric"]].iloc[0])]


def _argument(name, text):
    parts = text.split(" ")
    return [_value(p) for p in parts] if len(parts) > 1 and name not in ("formula",) else _value(text)


def call(book, recipe):
    """verb(data, outcome, ..., name=value) and what `take` names: a field, or
    field.column in the rows where `block` stands in the first column."""
    extra = _findings.pairs(recipe["extra"])
    verb, take = extra.pop("verb"), extra.pop("take")
    given = [_data(recipe)] if recipe["data"] else []
    given += [recipe["outcome"]] if recipe["outcome"] else []
    named = {k: _argument(k, v) for k, v in extra.items()}
    if recipe["blocks"]:
        named["blocks"] = _findings.blocks_of(recipe["blocks"].replace("factor(", "C("))
    key = (verb, recipe["data"], recipe["rows"], recipe["outcome"], recipe["blocks"], tuple(extra.items()))
    if key not in book.fits:
        book.fits[key] = getattr(sy, verb)(*given, **named)
    return _taken(book.fits[key], take, recipe)


_FOLDS = {"": list, "count": lambda v: [float(len(v))], "least": lambda v: [min(v)], "most": lambda v: [max(v)]}


def _taken(found, take, recipe):
    """`metric` holds conditions on the rows; what is missing does not count in a fold."""
    field, _, column = take.partition(".")
    column, _, fold = column.partition(":")
    found = getattr(found, field) if field else found
    if not column:
        return [float(found)]
    if isinstance(found, dict):
        return [float(found[column])]
    found = _findings.keep_rows(pd.DataFrame(found), recipe["metric"])
    if recipe["block"]:
        found = found[found.iloc[:, 0].astype(str) == recipe["block"]]
    values = [float(v) for v in found[column]]
    return _FOLDS[fold]([v for v in values if v == v] if fold else values)


def shares_call(book, recipe):
    """What a verb says of the shares of the recipe."""
    extra = _findings.pairs(recipe["extra"])
    verb, take = extra.pop("verb"), extra.pop("take")
    key = (verb, recipe["data"], recipe["rows"], recipe["outcome"], recipe["blocks"], tuple(extra.items()))
    if key not in book.fits:
        named = {k: _argument(k, v) for k, v in extra.items()}
        book.fits[key] = getattr(book.recipe_fit(recipe), verb)(**named)
    return _taken(book.fits[key], take, recipe)
