/* The non-central F law and the studentised range.
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
