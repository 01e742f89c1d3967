/* The non-central F law, the law of a sample's R2 and the studentised range.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_NONCENTRAL_H
#define STEELYARD_NONCENTRAL_H
#include "steelyard/context.h"
#ifdef __cplusplus
extern "C" {
#endif

/* P(F <= f) and P(F > f), df1 and df2 > 0, ncp >= 0 (sum of squared means over
 * the error variance). Either may be NULL. 1e-12 relative in both tails down to
 * 1e-280. SY_EINVAL names the argument out of range. */
SY_API SY_MUST_CHECK sy_status sy_distribution_f_noncentral(sy_context *ctx, double f, double df1, double df2,
                                                            double ncp, double *lower, double *upper);

/* The ncp at which P(F <= f) = p, 0 < p < 1: falls as p grows; 0 when even
 * ncp = 0 leaves less than p below f. */
SY_API SY_MUST_CHECK sy_status sy_distribution_f_noncentrality(sy_context *ctx, double f, double df1, double df2,
                                                               double p, double *ncp);

/* P(R2 <= r2) and P(R2 > r2) of n rows, `predictors` drawn with them and all
 * jointly normal, rho2 in the population (0 to below 1). Either may be NULL. 1e-12
 * relative. SY_EINVAL; SY_ELIMIT (rho2 so near 1 that over 1e7 terms were needed). */
SY_API SY_MUST_CHECK sy_status sy_distribution_r2(sy_context *ctx, double r2, double n, double predictors, double rho2,
                                                  double *lower, double *upper);

/* The rho2 at which P(R2 <= r2) = p: falls as p grows; 0 when even rho2 = 0
 * leaves less than p below r2. */
SY_API SY_MUST_CHECK sy_status sy_distribution_r2_population(sy_context *ctx, double r2, double n, double predictors,
                                                             double p, double *rho2);

/* The range of `means` independent standard normal values over an independent
 * chi with df degrees of freedom (HUGE_VAL: range alone): P(Q > q), and the q
 * with P(Q <= q) = p. Absolute error of the tail under 1e-12 up to 200 means, 1e-11 up to 1000. */
SY_API SY_MUST_CHECK sy_status sy_distribution_range_tail(sy_context *ctx, double q, int means, double df,
                                                          double *tail);
SY_API SY_MUST_CHECK sy_status sy_distribution_range_quantile(sy_context *ctx, double p, int means, double df,
                                                              double *q);

#ifdef __cplusplus
}
#endif
#endif
