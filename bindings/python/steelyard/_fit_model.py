# SPDX-License-Identifier: GPL-3.0-only
"""The numbers of a fit, of whatever model. No printing."""
import numpy as np

from . import _core

COVARIANCES = {name: i for i, name in enumerate((
    "classical", "HC0", "HC1", "HC2", "HC3", "HC4", "HC4m", "HC5", "CR0", "CR1", "CR1S", "CR2", "CR3"))}
TESTS = ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")
SAMPLING = 3


class FitModel:
    """A model over a design, fitted; what all kinds of models have in common.

    Attributes
    ----------
    design : the design as the core reads it
    asked : Formula
    places : dict, where in the design a model's columns are
    rules : dict with covariance, level, threads
    index : of the rows, or None
    labels : of the coefficients
    coefficient, covariance, df : arrays; NaN where aliased
    summary : dict
    remarks : tuple
    provenance : dict of what was asked
    """

    def __init__(self, design, asked, places, rules, index):
        self.design, self.asked, self.places, self.rules, self.index = design, asked, places, rules, index
        self._rows = None

    def __getstate__(self):
        return {**self.__dict__, "_rows": None}

    @property
    def p(self):
        return len(self.labels)

    @property
    def n(self):
        return len(self.design[0][0][1])

    @property
    def outcome(self):
        return self.asked.outcome.label

    @property
    def terms(self):
        return [term.label for term in self.asked.terms]

    @property
    def all_terms(self):
        """Indices of the terms of the model in the design."""
        return self.places["terms"]

    @property
    def cluster_name(self):
        return None if self.design[4] is None else self.design[4][0]

    @property
    def used(self):
        return np.flatnonzero(~np.isnan(self.coefficient))

    @property
    def aliased(self):
        return [label for label, b in zip(self.labels, self.coefficient) if np.isnan(b)]

    def tests(self, level):
        """The test of each coefficient, [7, p] in the order of TESTS; NaN where aliased."""
        used = self.used
        table, part = np.full((len(TESTS), self.p), np.nan), np.empty((len(TESTS), len(used)))
        _core.vcov_contrasts(self.coefficient[used], np.ascontiguousarray(self.covariance[np.ix_(used, used)]),
                             self.df[used], np.eye(len(used)), part, level)
        table[:, used] = part
        return table

    def levels_used(self, place):
        """Codes of the levels of a column that have rows in the fit, ascending; -1: of the clusters."""
        codes = self.design[0][place][1] if place >= 0 else self.design[4][1]
        return np.unique(codes[~np.isnan(self.rows()[0])])
