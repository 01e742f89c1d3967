# SPDX-License-Identifier: GPL-3.0-only
"""What a summary says of how its answer came about: version, data, question, options."""
import math

import pandas as pd

from ._document import Listed

_KEYS = ("version", "hash", "formula", "family", "model", "measure", "method", "link", "reference", "outcome", "outcomes",
         "outcome_type", "treatment", "estimand", "effects", "group", "first", "second", "contrast", "blocks", "confounders",
         "adjust", "order", "by", "weight_kind", "cluster", "strata", "coding", "reml", "nodes", "missing", "precision",
         "covariance", "interval", "level", "replicates", "seed")


def pieces_of(provenance):
    """One list, led by the version; what was not asked for is left out."""
    told = [(key, _text(provenance[key])) for key in _KEYS if key in provenance]
    return [Listed("Provenance:", [f"{key.replace('_', ' ')}: {text}" for key, text in told
                                   if text and (key, text) != ("replicates", "0")])]


def _text(value):
    """A value in words; empty where there is nothing to say."""
    if value is None or isinstance(value, float) and math.isnan(value):
        return ""
    if isinstance(value, pd.Series):
        return ", ".join(dict.fromkeys(_text(one) for one in value))
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        value = dict(value)
    if isinstance(value, dict):
        return "; ".join(f"{name} = {' + '.join(terms)}" for name, terms in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(dict.fromkeys(value)) if all(isinstance(one, str) for one in value) else (
            ", then ".join(" and ".join(group) for group in value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else f"{value:.6g}"
