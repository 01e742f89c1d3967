# SPDX-License-Identifier: GPL-3.0-only
"""A fit's numbers: what the core was asked and what it answered. No printing."""
import numpy as np

from . import _core
from ._errors import SteelyardError
from ._fit_model import COVARIANCES, SAMPLING, TESTS, FitModel
from ._progress import Progress

METHODS = ("QR in double-double", "moments", "QR in double")
SUMMARY = ("n", "rows_read", "rows_used", "rows_dropped", "sum_w", "sum_w2", "p", "rank", "df_resid", "rss", "tss",
           "r2", "r2_adjusted", "sigma", "f", "f_df1", "f_p", "loglik", "aic", "bic", "condition", "digits", "method")


class Model(FitModel):
    """A linear model over a design, fitted.

    Attributes
    ----------
    tuple : the model as the core reads it
    counts : columns of the intercept and of each term
    inverse, effects : arrays; NaN where aliased
    """

    called = "linear model"

    def __init__(self, design, asked, places, rules, index):
        super().__init__(design, asked, places, rules, index)
        self.tuple = (places["outcome"], places["terms"], int(asked.intercept and places["absorb"] < 0),
                      rules["coding"], places["absorb"])
        self.counts, self.labels = _core.linear_columns(design, self.tuple)
        self._fit()

    def _call(self, arrays):
        with Progress(f"linear model of {self.outcome}") as progress:
            return _core.linear(self.design, self.tuple, self.rules["precision"], arrays, self.rules["threads"],
                                progress)

    def _fit(self):
        self.coefficient, self.inverse, self.effects = (np.full(shape, np.nan) for shape in (
            self.p, (self.p, self.p), self.p))
        self.whole, remarks = self._call((self.coefficient, self.inverse, self.effects, None, None, None))
        self.summary = dict(zip(SUMMARY, self.whole))
        self.covariance, self.df, more = self.vcov(self.rules["covariance"])
        self.remarks = tuple(dict.fromkeys(remarks + more))

    def vcov(self, kind):
        """(covariance, degrees of freedom, remarks) of a kind."""
        if kind == "classical" and self.design[3] != SAMPLING:
            # what the core's vcov() would return, without its second pass over the rows
            s = self.summary
            return s["sigma"] * s["sigma"] * self.inverse, np.where(np.isnan(self.coefficient), np.nan, s["df_resid"]), ()
        covariance, df = np.full((self.p, self.p), np.nan), np.full(self.p, np.nan)
        with Progress(f"covariance {kind}") as progress:
            remarks = _core.vcov(self.design, self.tuple, self.rules["precision"], COVARIANCES[kind],
                                 self.places["cluster 2"], (covariance, df), self.rules["threads"], progress)
        return covariance, df, remarks

    def with_covariance(self, kind, coding):
        """(model, covariance, df, remarks that the fit has not) by a kind and a coding."""
        if coding != self.rules["coding"]:
            rules = {**self.rules, "coding": coding, "covariance": kind}
            other = Model(self.design, self.asked, self.places, rules, self.index)
            return other, other.covariance, other.df, tuple(r for r in other.remarks if r not in self.remarks)
        if kind == self.rules["covariance"]:
            return self, self.covariance, self.df, ()
        return self, *self.vcov(kind)

    def rows(self):
        """(fitted, residual, leverage) of the rows, computed when first asked for."""
        if self._rows is None:
            again = np.full(self.p, np.nan)
            rows = tuple(np.full(self.n, np.nan) for _ in range(3))
            self._call((again, np.empty_like(self.inverse), np.empty(self.p), *rows))
            if not np.array_equal(again, self.coefficient, equal_nan=True):
                raise SteelyardError("data: the rows are no longer those that were fitted; fit again")
            self._rows = rows
        return self._rows

    def held(self):
        """The fit as diagnostics read it."""
        return (self.coefficient, self.inverse, *self.rows())

    def combine(self, c, level):
        """Linear combinations [q, p]: (table [7, q] in the order of TESTS, joint test, remarks)."""
        table = np.full((len(TESTS), len(c)), np.nan)
        with Progress("contrasts") as progress:
            joint, remarks = _core.vcov_test(
                self.design, self.tuple, self.rules["precision"], COVARIANCES[self.rules["covariance"]],
                self.places["cluster 2"], np.ascontiguousarray(c), table, level, self.rules["threads"], progress)
        return table, joint, remarks

    def predicted(self, columns):
        """(fitted, variance) of rows: columns as the design's, their levels those in use."""
        n = len(columns[0][1])
        fitted, variance = np.full(n, np.nan), np.full(n, np.nan)
        _core.linear_predict((columns, self.design[1], None, 0, None, 0), (-1, *self.tuple[1:]),
                             (self.coefficient, self.covariance, fitted, variance))
        return fitted, variance
