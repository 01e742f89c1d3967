# SPDX-License-Identifier: GPL-3.0-only
"""From a frame and terms to the design the core reads: columns in place,
terms as products of them, weights, clusters."""
import ast

import numpy as np
import pandas as pd

from . import _bad_input, _columns
from ._errors import DataError, SteelyardError

# What a computed term may call besides np: the names R has too.
_FUNCTIONS = {name: getattr(np, name) for name in (
    "abs", "cos", "exp", "expm1", "floor", "log", "log10", "log1p", "log2", "sin", "sqrt", "tan")}
_FUNCTIONS.update(np=np, ceiling=np.ceil, I=lambda values: values)


class Design:
    """Columns and terms gathered one term at a time.

    Parameters
    ----------
    frame : Frame
        Where the columns come from. They are read in place: nothing is copied
        that the core can read where it lies.
    """

    def __init__(self, frame):
        self.frame = frame
        self._columns, self._places = [], {}
        self._terms, self._labels = [], {}

    @property
    def labels(self):
        return tuple(self._labels)

    def add(self, term, argument):
        """The index of a term; it is added when it is new."""
        if term.label not in self._labels:
            factors = tuple((self._place(factor, argument), factor.power) for factor in term.factors)
            self._labels[term.label] = len(self._terms)
            self._terms.append((term.label, factors))
        return self._labels[term.label]

    def values(self, factor, argument):
        """What one piece of a formula holds, as the host has it."""
        name = factor.source
        if factor.kind == "call" or not (factor.kind == "column" or name.isidentifier() or name in self.frame):
            return self._compute(name, argument)
        return self.frame.values(name, argument)

    def put(self, term, column):
        """The index of a term of one column that was read elsewhere."""
        factor, = term.factors
        self._places[(factor.kind, factor.source)] = len(self._columns)
        self._columns.append(column)
        return self.add(term, "")

    def _place(self, factor, argument):
        key = (factor.kind, factor.source)
        if key not in self._places:
            self._places[key] = len(self._columns)
            self._columns.append(self._read(factor, argument))
        return self._places[key]

    def _read(self, factor, argument):
        name, values = factor.source, self.values(factor, argument)
        if factor.kind == "factor":
            return (name, *_columns.factor(values), 0)
        if factor.kind == "call":
            name = name.replace(" ", "")
        return (name, *_columns.numbers(values, name, argument), 0)

    def _compute(self, code, argument):
        """A column computed from others; only columns and NumPy are in reach."""
        names = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
        space = {name: _FUNCTIONS[name] for name in names if name in _FUNCTIONS and name not in self.frame}
        for name in sorted(names - space.keys()):
            space[name] = self.frame.values(name, argument)
        try:
            with np.errstate(all="ignore"):
                values = eval(code, {"__builtins__": {}}, space)
        except Exception as error:
            raise SteelyardError(f'{argument}: "{code}" cannot be computed: {error}') from None
        if np.shape(values) != (self.frame.n,):
            raise SteelyardError(f'{argument}: "{code}" does not give one value a row')
        return values

    def side(self, given, argument):
        """(name, values) of weights or clusters: a column by name, or a vector."""
        if isinstance(given, str):
            return given, self.frame.values(given, argument)
        values = given if isinstance(given, pd.Series) else np.asarray(given)
        if np.ndim(values) != 1:
            raise SteelyardError(f"{argument}: the name of a column or a vector is needed")
        if len(values) != self.frame.n:
            raise SteelyardError(
                f"{argument}: a vector of {len(values)} values was given for {self.frame.n} rows")
        return argument, values

    def finish(self, weights=None, weight_kind=0, cluster=None, missing=0, strata=None):
        """The design as the tuple that the core's glue reads; strata come last, where there are any."""
        if self.frame.n == 0:
            raise DataError("data: there are no rows")
        side_weights = side_cluster = None
        if weights is not None:
            name, values = self.side(weights, "weights")
            vector, levels = _columns.numbers(values, name, "weights")
            if levels is not None:
                _bad_input.refuse_factor("weights", name, levels)
            side_weights = (name, vector, None, 0)
        if cluster is not None:
            name, values = self.side(cluster, "cluster")
            side_cluster = (name, *_columns.factor(values), 0)
        whole = (tuple(self._columns), tuple(self._terms), side_weights, weight_kind, side_cluster, missing)
        if strata is None:
            return whole
        name, values = self.side(strata, "strata")
        return (*whole, (name, *_columns.factor(values), 0))
