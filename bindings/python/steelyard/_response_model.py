# SPDX-License-Identifier: GPL-3.0-only
"""The numbers of a fit by maximum likelihood: binary, count and ordinal outcomes. No printing."""
import numpy as np

from . import _core
from ._errors import SteelyardError
from ._fit_model import COVARIANCES as _ALL, SAMPLING, TESTS, FitModel
from ._outcomes import BINARY, NEGATIVE_BINOMIAL, ORDINAL, POISSON, answers_of
from ._progress import Progress

SUMMARY = ("n", "rows_read", "rows_used", "rows_dropped", "sum_w", "k", "rank", "df_resid", "loglik", "loglik_null",
           "loglik_saturated", "deviance", "deviance_null", "aic", "bic", "pearson", "lr", "lr_df", "lr_p", "theta",
           "theta_std_error", "condition", "last_step", "iterations", "converged", "separated")
SHAPE = ("k", "n_thresholds", "p", "n_scale", "n_levels")
EXPLAINED = ("n", "loglik", "loglik_null", "mcfadden", "mcfadden_adjusted", "cox_snell", "nagelkerke", "estrella",
             "tjur", "efron", "mckelvey_zavoina", "latent_variance", "error_variance", "deviance")
EFFECTS = ("before", "after", "effect", "std_error", "statistic", "p_value", "conf_low", "conf_high", "ratio",
           "log_ratio_error", "ratio_low", "ratio_high", "ratio_p", "before_low", "before_high", "after_low", "after_high")
PREDICT = {"linear": 0, "mean": 1, "probabilities": 2, "cumulative": 3, "at_least": 4}
COVARIANCES = {kind: _ALL[kind] for kind in ("classical", "HC0", "HC1", "CR0", "CR1", "CR1S", "CR2", "CR3")}
_WALD = 1
_CODING_SUM = 1
_CALLED = {BINARY: "binary model", POISSON: "Poisson model", NEGATIVE_BINOMIAL: "negative binomial model",
           ORDINAL: "ordinal model"}


class ResponseModel(FitModel):
    """A binary, count or ordinal model over a design, fitted.

    Attributes
    ----------
    tuple : the model as the core reads it
    linear : the linear predictor of each row, NaN where not used
    answers : the outcome's levels in use
    kind : one of the kinds of _outcomes
    shape : dict of counts of parameters
    """

    def __init__(self, design, asked, places, rules, index):
        super().__init__(design, asked, places, rules, index)
        self.kind, self.called = rules["kind"], _CALLED[rules["kind"]]
        linear = (places["outcome"], places["terms"], int(asked.intercept), rules["coding"], -1)
        self.tuple = (linear, self.kind, rules["link"], rules["thresholds"], places["trials"], places["offset"],
                      places["nominal"], places["scale"])
        sizes, self.labels = _core.response_shape(design, self.tuple)
        self.shape = dict(zip(SHAPE, sizes))
        self._fit()

    def _fit(self):
        self.coefficient, inverse = np.full(self.p, np.nan), np.full((self.p, self.p), np.nan)
        self.linear = np.full(self.n, np.nan)
        with Progress(f"{self.called} of {self.outcome}") as progress:
            self.whole, remarks = _core.response(
                self.design, self.tuple, (self.p, self.shape["n_levels"]),
                (self.coefficient, inverse, self.linear, None, None), self.rules["threads"], progress)
        self.summary = dict(zip(SUMMARY, self.whole))
        self.covariance, self.df, more = self.vcov(self.rules["covariance"], inverse)
        self.remarks = tuple(dict.fromkeys(remarks + more))
        self.answers = answers_of(self)

    def vcov(self, kind, inverse=None):
        """(covariance, degrees of freedom, remarks) of a kind; `inverse` is that of the information."""
        if kind == "classical" and inverse is not None and self.design[3] != SAMPLING:
            return inverse, np.where(np.isnan(self.coefficient), np.nan, np.inf), ()
        covariance, df = np.full((self.p, self.p), np.nan), np.full(self.p, np.nan)
        with Progress(f"covariance {kind}") as progress:
            remarks = _core.response_vcov(self.design, self.tuple, self.p, COVARIANCES[kind],
                                          (self.coefficient, covariance, df), self.rules["threads"], progress)
        return covariance, df, remarks

    @property
    def grouped(self):
        """Whether deviance and Pearson's statistic say how the model fits: counts and successes of trials."""
        return self.kind in (POISSON, NEGATIVE_BINOMIAL) or self.places["trials"] >= 0

    @property
    def all_terms(self):
        """Indices of all terms: of the location, nominal and of the scale."""
        return (*self.places["terms"], *self.places["nominal"], *self.places["scale"])

    @property
    def least_df(self):
        """The least degrees of freedom of a coefficient."""
        return float(np.fmin.reduce(self.df, initial=np.inf))

    @property
    def term_labels(self):
        """Of all terms, those of the nominal and scale parts said to be so."""
        kinds = [""] * len(self.places["terms"]) + ["nominal: "] * len(self.places["nominal"]) + ["scale: "] * len(
            self.places["scale"])
        return [kind + self.design[1][t][0] for kind, t in zip(kinds, self.all_terms)]

    @property
    def mcfadden(self):
        return self.explained()[0]["mcfadden"]

    def rows(self):
        return (self.linear,)

    def recoded(self, coding):
        """The same model by another coding."""
        if coding == self.rules["coding"]:
            return self
        return ResponseModel(self.design, self.asked, self.places, {**self.rules, "coding": coding}, self.index)

    def combine(self, c, level):
        """Linear combinations [q, p]: (table [7, q] in the order of TESTS, joint test, remarks)."""
        used, table = self.used, np.full((len(TESTS), len(c)), np.nan)
        aliased = [label for label, moved in zip(self.labels, (c != 0).any(axis=0)) if moved and label in self.aliased]
        if aliased:
            raise SteelyardError(f"c: {aliased[0]} is aliased, it has no coefficient")
        joint, remarks = _core.vcov_contrasts(
            self.coefficient[used], np.ascontiguousarray(self.covariance[np.ix_(used, used)]), self.df[used],
            np.ascontiguousarray(c[:, used]), table, level)
        return table, joint, remarks

    def term_tests(self, kind, number, covariance):
        """(labels, table [terms, 4], remarks) of the tests of all terms."""
        model = self.recoded(_CODING_SUM) if number == 3 else self
        v, df, remarks = None, None, ()
        if kind == _WALD:
            v, df = model.covariance, model.df
            if covariance != model.rules["covariance"]:
                v, df, remarks = model.vcov(covariance)
        table = np.full((len(self.all_terms), 4), np.nan)
        with Progress(f"tests of {self.outcome}") as progress:
            more = _core.response_tests(model.design, model.tuple, (self.p, kind, number),
                                        (model.coefficient, v, df, table), self.rules["threads"], progress)
        known = {text for *_, text in self.remarks}
        return table, tuple(r for r in dict.fromkeys(remarks + more) if r[3] not in known)

    def proportional(self, kind):
        """(table [terms + 1, 3], remarks) of tests that effects are the same at each threshold."""
        table = np.full((len(self.places["terms"]) + 1, 3), np.nan)
        with Progress(f"tests of {self.outcome}") as progress:
            remarks = _core.proportional(self.design, self.tuple, kind, table, self.rules["threads"], progress)
        return table, remarks

    def ratios(self, level):
        """exp of coefficients and limits, [3, p]; NaN where that has no meaning."""
        table = np.full((3, self.p), np.nan)
        _core.response_ratios(self.design, self.tuple, tuple(self.shape.values()), level,
                              (self.coefficient, self.covariance, self.df, table))
        return table

    def residuals(self, kind):
        out = np.full(self.n, np.nan)
        _core.response_residuals(self.design, self.tuple, self.p, kind, (self.coefficient, out), self.rules["threads"])
        return out

    def explained(self):
        """The measures of what the model explains, by name."""
        values, remarks = _core.response_explained(self.design, self.tuple, self.whole, self.p, self.coefficient,
                                                   self.rules["threads"])
        return dict(zip(EXPLAINED, values)), remarks

    def predicted(self, columns, what, cut, level, wanted):
        """Arrays [n, width] of new rows: value, and with `wanted` std_error, low, high."""
        width = {PREDICT["probabilities"]: self.shape["n_levels"],
                 PREDICT["cumulative"]: self.shape["n_levels"] - 1}.get(what, 1)
        tables = [np.full((len(columns[0][1]), width), np.nan) for _ in range(4 if wanted else 1)]
        linear = (-1, *self.tuple[0][1:])
        offset = len(columns) - 1 if self.places["offset"] >= 0 else -1
        _core.response_predict((columns, self.design[1], None, 0, None, 0),
                               (linear, *self.tuple[1:4], -1, offset, *self.tuple[6:]), tuple(self.shape.values()),
                               (what, cut, level, self.least_df),
                               (self.coefficient, self.covariance if wanted else None,
                                *(tables + [None] * (4 - len(tables)))), self.rules["threads"])
        return tables

    def effects(self, options, changes):
        """(places, table [count, 13], remarks) of the changes of variables."""
        count = _core.effects_count(self.design, self.tuple, options, changes)
        table = np.full((count, len(EFFECTS)), np.nan)
        with Progress(f"effects on {self.outcome}") as progress:
            places, remarks = _core.effects(self.design, self.tuple, options, changes, (self.p, count),
                                            (self.coefficient, self.covariance, table, None), self.rules["threads"],
                                            progress)
        return places, dict(zip(EFFECTS, table.T)), remarks
