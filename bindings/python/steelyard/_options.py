# SPDX-License-Identifier: GPL-3.0-only
"""Arguments in words, checked and turned into the core's numbers."""
import operator

import numpy as np

from ._errors import SteelyardError

WEIGHT_KINDS = {"none": 0, "frequency": 1, "analytic": 2, "sampling": 3}
UNITS = {"none": 0, "cluster": 1, "row": 2}
PRECISIONS = {"auto": 0, "double": 1, "double-double": 2}
INTERVALS = {"auto": 0, "none": 1, "jackknife": 2, "influence": 3, "normal": 4, "percentile": 5, "expanded": 6,
             "basic": 7, "bca": 8, "studentised": 9, "bayes": 10}
REPLICATED = ("percentile", "expanded", "basic", "bca", "studentised", "bayes")
MISSING = {"complete": 0, "error": 1}
METRICS = ("share", "percent_of_explained", "adjusted", "by_chance", "alone", "unique", "common", "lowest", "highest")
SHARE, PERCENT = 0, 1
OTHER_METRICS = ("first", "last", "beta_squared", "pratt", "relative_weight", "genizi", "car", "independent",
                 "joint")


def name_of(numbers, value):
    """The word that stands for one of the core's numbers."""
    return next(word for word, number in numbers.items() if number == value)


def choice(argument, value, allowed):
    """`value` when it is one of the allowed words, else an error that lists them."""
    if isinstance(value, str) and value in allowed:
        return value
    words = ", ".join(f'"{word}"' for word in allowed)
    shown = f'"{value}"' if isinstance(value, str) else repr(value)
    raise SteelyardError(f"{argument}: {shown} is not one of {words}")


def with_article(noun):
    """"a binary mixed model", "an ordinal mixed model"."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def whole(argument, value, least, most):
    """`value` as an int of at least `least` and at most `most`."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool) or not least <= number:
        raise SteelyardError(f"{argument}: {value} is not a whole number of {least} or more")
    if number > most:
        raise SteelyardError(f"{argument}: {value} is more than {most}")
    return number


def real(argument, value):
    """`value` as a float."""
    try:
        return float(value)
    except (TypeError, ValueError):
        raise SteelyardError(f"{argument}: {value!r} is not a number") from None


def flag(argument, value):
    """`value` as a bool."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    shown = repr(value) if value is None or np.isscalar(value) else f"a {type(value).__name__}"
    raise SteelyardError(f"{argument}: {shown} is neither True nor False")


def several(argument, value):
    """`value` as a list, a word being a list of one."""
    if isinstance(value, (str, bytes)):
        return [value]
    try:
        return list(value)
    except TypeError:
        raise SteelyardError(f"{argument}: {value!r} is not a list") from None


def thread_count(threads):
    """0 stands for the default: STEELYARD_NUM_THREADS, else one."""
    return 0 if threads is None else whole("threads", threads, 1, 64)


def weight_number(weights, weight_kind):
    """The core's number of a kind of weights, after both were seen to go together."""
    if weight_kind is not None:
        choice("weight_kind", weight_kind, [kind for kind in WEIGHT_KINDS if kind != "none"])
        if weights is None:
            raise SteelyardError(f'weights: weight_kind = "{weight_kind}" was given without weights')
        return WEIGHT_KINDS[weight_kind]
    if weights is None:
        return 0
    raise SteelyardError(
        'weight_kind: weights need their kind: "frequency" (the row stands for that many equal rows), '
        '"analytic" (the row\'s variance is one over the weight) or "sampling" (one over the chance of selection)')
