# SPDX-License-Identifier: GPL-3.0-only
"""A fit's numbers: what the core was asked and what it answered. No printing."""
import numpy as np

from . import _core
from ._errors import SteelyardError
from ._progress import Progress

COVARIANCES = {name: i for i, name in enumerate((
    "classical", "HC0", "HC1", "HC2", "HC3", "HC4", "HC4m", "HC5", "CR0", "CR1", "CR1S", "CR2", "CR3"))}
_SAMPLING = 3
METHODS = ("QR in double-double", "moments", "QR in double")
SUMMARY = ("n", "rows_read", "rows_used", "rows_dropped", "sum_w", "sum_w2", "p", "rank", "df_resid", "rss", "tss",
           "r2", "r2_adjusted", "sigma", "f", "f_df1", "f_p", "loglik", "aic", "bic", "condition", "digits", "method")
TESTS = ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")


class Model:
    """A linear model over a design, fitted.

    Attributes
    ----------
    design, tuple : the design and the model as the core reads them
    terms, labels, counts : labels of terms and of columns, columns of the
        intercept and of each term
    coefficient, inverse, effects, covariance, df : arrays; NaN where aliased
    summary : dict
    remarks : tuple
    """

    def __init__(self, design, asked, places, rules, index):
        self.design, self.asked, self.places, self.rules, self.index = design, asked, places, rules, index
        self.tuple = (places["outcome"], places["terms"], int(asked.intercept and places["absorb"] < 0),
                      rules["coding"], places["absorb"])
        self.counts, self.labels = _core.linear_columns(design, self.tuple)
        self._rows = None
        self._fit()

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
    def cluster_name(self):
        return None if self.design[4] is None else self.design[4][0]

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
        self.used = np.flatnonzero(~np.isnan(self.coefficient))
        self.remarks = tuple(dict.fromkeys(remarks + more))

    def vcov(self, kind):
        """(covariance, degrees of freedom, remarks) of a kind."""
        if kind == "classical" and self.design[3] != _SAMPLING:
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

    def tests(self, level):
        """The t test of each coefficient, [7, p] in the order of TESTS; NaN where aliased."""
        used = self.used
        table, part = np.full((len(TESTS), self.p), np.nan), np.empty((len(TESTS), len(used)))
        _core.vcov_contrasts(self.coefficient[used], np.ascontiguousarray(self.covariance[np.ix_(used, used)]),
                             self.df[used], np.eye(len(used)), part, level)
        table[:, used] = part
        return table

    def combine(self, c, level):
        """Linear combinations [q, p]: (table [7, q] in the order of TESTS, joint test, remarks)."""
        table = np.full((len(TESTS), len(c)), np.nan)
        with Progress("contrasts") as progress:
            joint, remarks = _core.vcov_test(
                self.design, self.tuple, self.rules["precision"], COVARIANCES[self.rules["covariance"]],
                self.places["cluster 2"], np.ascontiguousarray(c), table, level, self.rules["threads"], progress)
        return table, joint, remarks

    def levels_used(self, place):
        """Codes of the levels of a column that have rows in the fit, ascending."""
        codes = self.design[0][place][1] if place >= 0 else self.design[4][1]
        return np.unique(codes[~np.isnan(self.rows()[0])])

    def predicted(self, columns):
        """(fitted, variance) of rows: columns as the design's, their levels those in use."""
        n = len(columns[0][1])
        fitted, variance = np.full(n, np.nan), np.full(n, np.nan)
        _core.linear_predict((columns, self.design[1], None, 0, None, 0), (-1, *self.tuple[1:]),
                             (self.coefficient, self.covariance, fitted, variance))
        return fitted, variance
