/* Several questions resampled together: what leaving a unit out does to each
 * answer, and from it differences, ratios, ranks and families of tests.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_JOINT_H
#define STEELYARD_JOINT_H
#include "steelyard/interval.h"
#ifdef __cplusplus
extern "C" {
#endif

/* One question to one set of moments: an outcome, a level of a group, a form
 * of funding. Values of an ask: its table row by row (rows * SY_N_METRICS),
 * then the total. */
typedef struct {
    const sy_moments *m; /* with units: clusters or rows */
    const sy_question *question;
    const int64_t *unit; /* [n_units] which unit of the whole each one is, any numbers; NULL: clusters by their
                            label, rows by their place (then all asks need as many) */
} sy_ask;

/* How much room sy_joint needs: `values` of all asks together, `units` of the
 * whole. SY_EINVAL when units cannot be matched (clusters with rows, sets
 * without units, as many rows nowhere). */
SY_API SY_MUST_CHECK sy_status sy_joint_size(sy_context *ctx, int n_asks, const sy_ask *asks, ptrdiff_t *units,
                                             int *values);

/* estimate [values]; moved [units * values]: by how much a value moves when
 * the unit is left out, times the root of (G - 1) / G for the ask's own G
 * units (those of the stratum where there are strata), so that the covariance of any two values is the sum over units of the
 * products of their moves (delete-one jackknife, centred at the estimate); 0
 * where an ask lacks the unit. df [n_asks]: units of the ask less 1 (less strata). A sample
 * that has no answer counts as no move, with a remark. lowest, highest: NaN.
 * Remarks as sy_shares'. Cost: (units + 1) evaluations an ask; threads share
 * them. [MacKinnon, Nielsen & Webb 2023, doi:10.1002/jae.2969] */
SY_API SY_MUST_CHECK sy_status sy_joint(sy_context *ctx, int n_asks, const sy_ask *asks,
                                        const sy_shares_options *options, double *estimate, double *moved, double *df);

/* Contrast k: value plus[k] less value minus[k] (minus -1: plus alone), with
 * the lesser of the two df. out [K]; moves [units * K] of the contrasts, for the
 * families below; covariance [K * K] or NULL. df [values] here: by value. */
SY_API SY_MUST_CHECK sy_status sy_joint_contrasts(sy_context *ctx, ptrdiff_t units, int values, const double *estimate,
                                                  const double *moved, const double *df, int k, const int *plus,
                                                  const int *minus, double level, sy_comparison *out, double *moves,
                                                  double *covariance);

/* All K contrasts zero: F = Q / r, Q = c' V^- c of rank r, on r and df - r + 1
 * degrees of freedom after Hotelling's factor (df - r + 1) / df. NaN when df is
 * below the rank. */
typedef struct {
    double f, df1, df2, p_value;
} sy_joint_f;
SY_API SY_MUST_CHECK sy_status sy_joint_all_zero(sy_context *ctx, int k, const double *estimate,
                                                 const double *covariance, double df, sy_joint_f *out);

typedef enum {
    SY_STEP_ROMANO_WOLF = 0,   /* largest |t| of those not yet rejected [Romano & Wolf 2005] */
    SY_STEP_WESTFALL_YOUNG = 1 /* least p of those not yet rejected [Westfall & Young 1993] */
} sy_step_method;

/* Adjusted p values of K tests, stepped down from the joint law of their
 * statistics, made by flipping the signs of the units' moves and studentising
 * each time. observed [K]: the statistics t (Romano & Wolf), or the tests' own p
 * values (Westfall & Young); NaN is passed over. sides: 2 (|t|) or 1 (t large).
 * Cost: replicates * units * K. SY_EINVAL: replicates < 100, sides, fewer than 11
 * units for Westfall & Young. */
SY_API SY_MUST_CHECK sy_status sy_joint_step_down(sy_context *ctx, ptrdiff_t units, int k, const double *moves,
                                                  const double *observed, int sides, sy_step_method method,
                                                  int replicates, uint64_t seed, double *p_adjusted);

/* Ranks of k estimates, 1 the largest, and the ranges [k * 3] (rank, lowest,
 * highest) that cover all true ranks together with probability `level`: one-
 * sided tests of all ordered pairs, stepped down. moved [units * k].
 * [Mogstad, Romano, Shaikh & Wilhelm 2024, doi:10.1093/restud/rdad006] */
SY_API SY_MUST_CHECK sy_status sy_joint_ranks(sy_context *ctx, ptrdiff_t units, int k, const double *estimate,
                                              const double *moved, double level, int replicates, uint64_t seed,
                                              double *ranks);

/* What `block` adds to each set of the other blocks: estimate, standard error on
 * the scale of shares (sy_interval_scale) and df of the 2^(n_blocks - 1)
 * increments v(S + b) - v(S), bit i of S the i-th of the others. Their largest
 * upper limit bounds the highest (sy_interval_at_most). SY_ELIMIT past 12
 * blocks. Cost: 2^(n_blocks - 1) jackknives of one block. */
SY_API SY_MUST_CHECK sy_status sy_envelope(sy_context *ctx, const sy_moments *m, const sy_question *question, int block,
                                           double *estimate, double *std_error_scaled, double *df);

/* Each block's coefficients all zero, out [n_blocks]: beside all other blocks, or
 * `alone` beside the adjusting terms only. Covariance by leaving out units
 * (CR3), F as sy_joint_all_zero; without units the classical F. SY_EINVAL:
 * sampling weights without units. Cost: (units + 1) k^3 / 3 a block. */
SY_API SY_MUST_CHECK sy_status sy_block_tests(sy_context *ctx, const sy_moments *m, const sy_question *question,
                                              int alone, sy_joint_f *out);

/* Ratio of two positive estimates by their logarithms: estimate a / b, the
 * standard error by the delta method, limits exp(log ratio -/+ t se), statistic
 * log ratio / se. NaN unless both are above 0. */
SY_API SY_MUST_CHECK sy_status sy_interval_ratio(sy_context *ctx, const double estimate[2], const double covariance[4],
                                                 double df, double level, sy_comparison *out);

/* What a sample of `units` would show: a difference delta has the standard
 * error std_error * sqrt(units_now / units) and is tested two-sided on units - 1
 * degrees of freedom at 1 - level. power [1] at `units` (non-central t). */
SY_API SY_MUST_CHECK sy_status sy_power(sy_context *ctx, double delta, double std_error, double units_now, double units,
                                        double level, double *power);
/* The least number of units with at least that power: SY_ELIMIT past 1e9. */
SY_API SY_MUST_CHECK sy_status sy_units_needed(sy_context *ctx, double delta, double std_error, double units_now,
                                               double power, double level, double *units);

#ifdef __cplusplus
}
#endif
#endif
