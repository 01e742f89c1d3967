# SPDX-License-Identifier: GPL-3.0-only
"""Frames that print as text; any selection from one is a plain DataFrame."""
import pandas as pd

from ._document import Written, csv_of, document_of


class Table(Written, pd.DataFrame):
    """A DataFrame that prints with what was computed, and how."""

    _metadata = ["_shown", "remarks"]

    @classmethod
    def of(cls, frame, shown, remarks=()):
        table = cls(frame)
        table._shown = document_of(shown)
        table.remarks = tuple(remarks)
        return table

    @property
    def _constructor(self):
        return pd.DataFrame

    def _document(self):
        return self._shown

    def to_csv(self, path=None):
        """The numbers, unrounded, as CSV.

        Parameters
        ----------
        path : str or path, optional
            File to write; without it the text is returned.

        Returns
        -------
        str or None
        """
        return csv_of(pd.DataFrame(self), path)

    def to_frame(self):
        """The numbers alone."""
        return pd.DataFrame(self).copy()


class Anova(Table):
    """Analysis of variance: one row a term; `model` is a dict of what all terms do together."""

    _metadata = Table._metadata + ["model"]

    @classmethod
    def of(cls, frame, shown, remarks=(), model=None):
        table = super().of(frame, shown, remarks)
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
    def of(cls, frame, shown, remarks=(), replicates=None):
        table = super().of(frame, shown, remarks)
        table.replicates = replicates
        return table


class Ranef(Table):
    """Effects of groups: one row a level and effect."""


class Dominance(Table):
    """Pairs of players and which of them dominates; `contributions` holds the averages by size."""

    _metadata = Table._metadata + ["contributions"]

    @classmethod
    def of(cls, frame, shown, remarks=(), contributions=None):
        table = super().of(frame, shown, remarks)
        table.contributions = contributions
        return table


class Contrasts(Table):
    """Linear combinations; f, f_df1, f_df2, f_p test all of them together."""

    _metadata = Table._metadata + ["f", "f_df1", "f_df2", "f_p"]

    @classmethod
    def of(cls, frame, shown, joint, remarks=()):
        table = super().of(frame, shown, remarks)
        table.f, table.f_df1, table.f_df2, table.f_p = joint
        return table


class Summary(Written):
    """A print at length."""

    def __init__(self, shown):
        self._shown = document_of(shown)

    def _document(self):
        return self._shown
