# SPDX-License-Identifier: GPL-3.0-only
"""Frames that print as text; any selection from one is a plain DataFrame."""
import pandas as pd

from . import _print


class Table(pd.DataFrame):
    """A DataFrame that prints with what was computed, and how."""

    _metadata = ["_text", "remarks"]

    @classmethod
    def of(cls, frame, text, remarks=()):
        table = cls(frame)
        table._text = text
        table.remarks = tuple(remarks)
        return table

    @property
    def _constructor(self):
        return pd.DataFrame

    def __str__(self):
        return self._text

    __repr__ = __str__

    def _repr_html_(self):
        return _print.preformatted(self._text)

    def to_frame(self):
        """The numbers alone."""
        return pd.DataFrame(self).copy()


class Anova(Table):
    """Analysis of variance: one row a term; `model` is a dict of what all terms do together."""

    _metadata = Table._metadata + ["model"]

    @classmethod
    def of(cls, frame, text, remarks=(), model=None):
        table = super().of(frame, text, remarks)
        table.model = model
        return table


class Means(Table):
    """Estimated marginal means: one row a crossing of levels."""


class Pairs(Table):
    """Differences of estimated marginal means: one row a pair."""


class Wild(Table):
    """The wild cluster bootstrap of a coefficient: one row."""


class Components(Table):
    """Variance components: one row a level of grouping, then the residuals."""


class Limits(Table):
    """Parameters with limits: one row a parameter; `replicates` are those of a bootstrap, else None."""

    _metadata = Table._metadata + ["replicates"]

    @classmethod
    def of(cls, frame, text, remarks=(), replicates=None):
        table = super().of(frame, text, remarks)
        table.replicates = replicates
        return table


class Ranef(Table):
    """Effects of groups: one row a level and effect."""


class Dominance(Table):
    """Pairs of players and which of them dominates; `contributions` holds the averages by size."""

    _metadata = Table._metadata + ["contributions"]

    @classmethod
    def of(cls, frame, text, remarks=(), contributions=None):
        table = super().of(frame, text, remarks)
        table.contributions = contributions
        return table


class Contrasts(Table):
    """Linear combinations; f, f_df1, f_df2, f_p test all of them together."""

    _metadata = Table._metadata + ["f", "f_df1", "f_df2", "f_p"]

    @classmethod
    def of(cls, frame, text, joint, remarks=()):
        table = super().of(frame, text, remarks)
        table.f, table.f_df1, table.f_df2, table.f_p = joint
        return table


class Summary:
    """A text to be printed."""

    def __init__(self, text):
        self._text = text

    def __repr__(self):
        return self._text

    def _repr_html_(self):
        return _print.preformatted(self._text)
