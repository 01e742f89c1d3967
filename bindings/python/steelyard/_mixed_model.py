# SPDX-License-Identifier: GPL-3.0-only
"""The numbers of a mixed model. No printing."""
import math

import numpy as np

from . import _core
from ._errors import SteelyardError
from ._fit_model import TESTS, FitModel
from ._outcomes import BINARY, NEGATIVE_BINOMIAL, ORDINAL, POISSON, answers_of
from ._progress import Progress

SHAPE = ("k", "n_thresholds", "n_levels", "n_theta", "n_effects", "n_modes", "entries")
SUMMARY = ("n", "rows_read", "rows_used", "rows_dropped", "k", "rank", "n_parameters", "df_resid", "loglik",
           "criterion", "aic", "bic", "sigma", "theta_count", "last_step", "gradient", "iterations", "evaluations",
           "converged", "boundary", "nodes")
EXPLAINED = ("fixed", "residual", "total", "marginal", "conditional", "icc_adjusted", "icc_unadjusted")
ICC_METHODS = {"delta": 0, "profile": 1, "exact": 2}
RANKS = ("estimate", "std_error", "expected_rank", "rank_low", "rank_high", "p_top", "p_bottom", "reliability")
FREEDOMS = {"satterthwaite": 0, "kenward-roger": 1, "normal": 2}
_CALLED = {None: "linear mixed model", BINARY: "binary mixed model", POISSON: "Poisson mixed model",
           NEGATIVE_BINOMIAL: "negative binomial mixed model", ORDINAL: "ordinal mixed model"}


class BarOf:
    """Where a bar term's numbers are.

    Attributes
    ----------
    group : name of the group
    effects, levels : labels
    diagonal : whether its effects are uncorrelated
    entries, modes, variances : slices of the covariance matrices, of the effects, of their variances
    """

    def __init__(self, bar, effects, levels, before):
        self.group, self.effects, self.levels, self.diagonal = bar.name, effects, levels, bar.diagonal
        q, count = len(effects), len(levels)
        entry, mode, variance = (0, 0, 0) if before is None else (
            before.entries.stop, before.modes.stop, before.variances.stop)
        self.entries, self.modes = slice(entry, entry + q * q), slice(mode, mode + q * count)
        self.variances = slice(variance, variance + q * q * count)

    @property
    def q(self):
        return len(self.effects)


class MixedModel(FitModel):
    """A mixed model over a design, fitted.

    Attributes
    ----------
    tuple : the model as the core reads it
    shape, summary : dicts
    bars : a BarOf each bar term
    theta, variance, modes : arrays
    """

    def __init__(self, design, asked, places, rules, index):
        super().__init__(design, asked, places, rules, index)
        self.kind, self.called = rules["kind"], _CALLED[rules["kind"]]
        linear = (places["outcome"], places["terms"], int(asked.intercept), 0, -1)
        response = (linear, self.kind or 0, rules["link"], 0, places["trials"], places["offset"], (), ())
        random = tuple((int(bar.intercept), terms, places["group", bar.name], int(bar.diagonal))
                       for bar, terms in zip(asked.bars, places["bars"]))
        self.tuple = (int(self.kind is None), response, random)
        sizes, self.labels, effects, groups = _core.mixed_shape(design, self.tuple)
        self.shape = dict(zip(SHAPE, sizes))
        self._place_bars(effects, *groups)
        self._fit()

    def __getstate__(self):
        return self.__dict__

    def _place_bars(self, effects, counts, levels, codes):
        self.bars, first, at, used = [], 0, 0, np.frombuffer(codes, dtype=np.int32)
        for bar, q, count in zip(self.asked.bars, counts, levels):
            names = self.design[0][self.places["group", bar.name]][2]
            self.bars.append(BarOf(bar, effects[first:first + q], [names[code] for code in used[at:at + count]],
                                   self.bars[-1] if self.bars else None))
            first, at = first + q, at + count
        self.sizes = (self.p, self.shape["n_theta"], self.shape["entries"],
                      self.shape["n_levels"] if self.kind == ORDINAL else 0, self.shape["n_modes"],
                      self.bars[-1].variances.stop)

    @property
    def linear(self):
        return self.kind is None

    @property
    def options(self):
        return (int(self.rules["reml"]), self.rules["nodes"])

    def _call(self, arrays):
        with Progress(f"{self.called} of {self.outcome}") as progress:
            return _core.mixed(self.design, self.tuple, self.options, self.sizes, arrays, self.rules["threads"],
                                   progress)

    def _new(self):
        theta = self.shape["n_theta"]
        return [np.full(shape, np.nan) for shape in (
            self.p, (self.p, self.p), theta, (theta, theta), self.shape["entries"], self.shape["n_modes"],
            self.sizes[-1])]

    def _fit(self):
        arrays = self._new()
        columns = self.shape["n_levels"] if self.kind == ORDINAL else 1
        self._rows = np.full(self.n, np.nan), np.full((self.n, columns), np.nan)
        if self.linear and len({bar.group for bar in self.bars}) > 1:
            arrays[3] = None  # a search of its own: for those who ask
        whole, self.remarks = self._call((*arrays, *self._rows, None))
        (self.coefficient, self.covariance, self.theta, self.theta_covariance, self.variance, self.modes,
         self.mode_variance) = arrays
        self.summary = dict(zip(SUMMARY, whole))
        if self.design[2] is not None:
            self.summary["sum_w"] = float(self.design[2][1][~np.isnan(self._rows[0])].sum())
        self._df = self._explained = None
        self.answers = answers_of(self)
        if self.rules["df"] == "normal":
            self._df = np.where(np.isnan(self.coefficient), np.nan, math.inf)
        elif self.rules["df"] == "kenward-roger":  # its covariance is another
            self.covariance, self._df, more = self.freedom("kenward-roger")
            self.remarks = tuple(dict.fromkeys(self.remarks + more))

    def freedom(self, kind):
        """(covariance, degrees of freedom, remarks) by a kind of FREEDOMS."""
        covariance, df = np.full((self.p, self.p), np.nan), np.full(self.p, np.nan)
        with Progress("degrees of freedom") as progress:
            remarks = _core.mixed_df(self.design, self.tuple, self.options, self.sizes, FREEDOMS[kind],
                                     (self.theta, covariance, df), self.rules["threads"], progress)
        return covariance, df, remarks

    @property
    def df(self):
        """Degrees of freedom of each coefficient, computed when first asked for."""
        if self._df is None:
            _, self._df, _ = self.freedom(self.rules["df"])
        return self._df

    @property
    def all_terms(self):
        return tuple(dict.fromkeys((*self.places["terms"], *(t for terms in self.places["bars"] for t in terms))))

    def combine(self, c, level):
        """Linear combinations [q, p]: (table [7, q] in the order of TESTS, joint test, remarks)."""
        table, c = np.full((len(TESTS), len(c)), np.nan), np.ascontiguousarray(c)
        if not self.linear:
            used = self.used
            joint, remarks = _core.vcov_contrasts(
                self.coefficient[used], np.ascontiguousarray(self.covariance[np.ix_(used, used)]), self.df[used],
                np.ascontiguousarray(c[:, used]), table, level)
            return table, joint, remarks
        with Progress("contrasts") as progress:
            joint, remarks = _core.mixed_contrasts(
                self.design, self.tuple, self.options, self.sizes, (FREEDOMS[self.rules["df"]], len(c), level),
                (self.theta, c, table), self.rules["threads"], progress)
        return table, joint, remarks

    def anova(self, kind, df):
        """(rows of sum of squares, mean square, df1, df2, f, p; remarks)"""
        with Progress("analysis of variance") as progress:
            return _core.mixed_anova(self.design, self.tuple, self.options, self.sizes, (FREEDOMS[df], kind),
                                     self.theta, self.rules["threads"], progress)

    def predicted(self, columns, what, effects, width):
        """[n, width] of rows: columns as the design's, factors with the levels in use."""
        value = np.full((len(columns[0][1]), width), np.nan)
        with Progress("predictions") as progress:
            _core.mixed_predict((columns, self.design[1], None, 0, None, 0), self.tuple, tuple(self.shape.values()),
                                (what, width), (self.coefficient, self.modes if effects else None, value),
                                self.rules["threads"], progress)
        return value

    def residual(self):
        """Outcome less fitted value; of binary outcomes the rate."""
        outcome = self.design[0][self.design[1][self.places["outcome"]][1][0][0]][1]
        if self.kind == ORDINAL:
            raise SteelyardError("residuals: ordered answers have none; see fitted for their probabilities")
        if self.places["trials"] >= 0:
            outcome = outcome / self.design[0][self.places["trials"]][1]
        return outcome - self._rows[1][:, 0]

    def rows(self):
        """(linear predictor, fitted [n, levels or 1]) with the effects."""
        return self._rows

    @property
    def fitted(self):
        """What the core's inference reads of the fit; the covariance of theta may be None."""
        return (self.coefficient, self.theta, self.theta_covariance, self.modes, self.mode_variance,
                self.summary["sigma"], self.summary["theta_count"])

    def _known(self):
        return self.design, self.tuple, self.options, self.sizes, self.fitted

    def block(self, bar):
        """The covariance matrix of a bar term's effects."""
        return self.variance[bar.entries].reshape(bar.q, bar.q)

    def explained(self):
        """(dict of EXPLAINED, variance of each bar term, its intraclass correlation), computed when first asked for."""
        if self._explained is None:
            parts = np.full(len(self.bars), np.nan), np.full(len(self.bars), np.nan)
            whole, _ = _core.mixed_explained(self.design, self.tuple, self.sizes, self.fitted, parts)
            self._explained = dict(zip(EXPLAINED, whole)), *parts
        return self._explained

    def icc(self, bar, method, level):
        """(estimate, std_error, conf_low, conf_high), remarks"""
        if self.theta_covariance is None:
            arrays = self._new()
            self._call((*arrays, None, None, self.theta))
            self.theta_covariance = arrays[3]
        with Progress("intraclass correlation") as progress:
            return _core.mixed_icc(*self._known(), (bar, ICC_METHODS[method], level), self.rules["threads"], progress)

    def ranks(self, bar, effect, how):
        """Columns of RANKS of one effect of a bar term; how: (draws, seed, level, top)."""
        draws, seed, level, top = how
        count = len(self.bars[bar].levels)
        table = np.full((len(RANKS), count), np.nan)
        with Progress("ranks") as progress:
            _core.mixed_ranks(*self._known(), (bar, effect, draws, seed, level, top, count), tuple(table),
                              self.rules["threads"], progress)
        return dict(zip(RANKS, table))

    def parameters(self):
        return _core.mixed_parameters(self.design, self.tuple)

    def profile(self, level, which):
        """[3, parameters] estimate, lower, upper; remarks"""
        table = np.full((3, len(self.parameters())), np.nan)
        with Progress("profile likelihood") as progress:
            remarks = _core.mixed_profile(self.design, self.tuple, self.options, level, which, tuple(table),
                                          self.rules["threads"], progress)
        return table, remarks

    def bootstrap(self, replicates, seed, level):
        """([4, parameters] estimate, lower, upper, std_error; replicates; how many at the boundary; remarks)"""
        count = len(self.parameters())
        table, every = np.full((4, count), np.nan), np.full((replicates, count), np.nan)
        with Progress("parametric bootstrap") as progress:
            boundary, remarks = _core.mixed_bootstrap(self.design, self.tuple, self.options, (replicates, seed, level),
                                                      (*table, every), self.rules["threads"], progress)
        return table, every, boundary, remarks
