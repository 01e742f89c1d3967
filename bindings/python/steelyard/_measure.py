# SPDX-License-Identifier: GPL-3.0-only
"""What "explained" means in a result: the names of the measures, and what rests on moments alone."""
from ._errors import SteelyardError

TEXTS = {"r2": "R2", "mcfadden": "McFadden's R2", "nagelkerke": "Nagelkerke's R2", "latent": "latent R2",
         "marginal": "marginal R2"}
NUMBERS = {"mcfadden": 0, "nagelkerke": 1, "latent": 2, "marginal": 3}
_MODELS = {"mcfadden": "binary, count and ordinal models", "nagelkerke": "binary, count and ordinal models without groups",
           "latent": "binary and ordinal models without groups, nominal or scale terms", "marginal": "mixed models"}


def text_of(record):
    return TEXTS[record["measure"]]


def whole_of(record):
    """What shares are points of."""
    return "all outcome variance" if record["measure"] == "r2" else text_of(record)


def caution_of(record):
    return f"Shares are points of {whole_of(record)}; association, not effect."


def points_of(record, explained):
    """What a bound is a number of."""
    if record["measure"] == "r2":
        return "of the explained variance" if explained else "of all variance"
    return f"of all {text_of(record)} together" if explained else f"points of {text_of(record)}"


def asked_of(record, what):
    """The question that a record keeps with its moments; shares over other models have none."""
    if record["asked"] is None:
        raise SteelyardError(f"{what}: this needs the moments of a linear model; these are shares of {text_of(record)}")
    return record["asked"]


def measure_of_moments(measure):
    """Refuses all measures but R2, for data, moments and linear fits."""
    if measure in (None, "r2"):
        return
    if measure in _MODELS:
        raise SteelyardError(f'measure: "{measure}" is of {_MODELS[measure]}; data, moments and linear models have "r2". '
                             "Give shares() a fit of such a model")
    _unknown(measure)


def measure_of_fit(measure, allowed, called):
    """The measure asked for, when a fitted model has it; by default its first."""
    if measure is None:
        return allowed[0]
    if measure in allowed:
        return measure
    if measure not in TEXTS:
        _unknown(measure)
    owners = _MODELS.get(measure, "data, moments and linear models")
    words = ", ".join(f'"{name}"' for name in allowed[:-1]) + " or " * (len(allowed) > 1) + f'"{allowed[-1]}"'
    raise SteelyardError(f'measure: "{measure}" is of {owners}; this {called} has {words}')


def _unknown(measure):
    words = ", ".join(f'"{name}"' for name in TEXTS)
    shown = f'"{measure}"' if isinstance(measure, str) else repr(measure)
    raise SteelyardError(f"measure: {shown} is not one of {words}")
