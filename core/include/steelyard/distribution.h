/* Quantiles and tails, by the GNU Scientific Library.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_DISTRIBUTION_H
#define STEELYARD_DISTRIBUTION_H
#include "steelyard/context.h"
#ifdef __cplusplus
extern "C" {
#endif

/* Student's t with df > 0 (any real number; HUGE_VAL is the normal): the upper
 * tail P(T > t) and the quantile t with P(T <= t) = p, 0 < p < 1.
 * SY_EINVAL names the argument out of range. */
SY_API SY_MUST_CHECK sy_status sy_distribution_t_tail(sy_context *ctx, double t, double df, double *tail);
SY_API SY_MUST_CHECK sy_status sy_distribution_t_quantile(sy_context *ctx, double p, double df, double *t);
SY_API SY_MUST_CHECK sy_status sy_distribution_normal_tail(sy_context *ctx, double z, double *tail);
SY_API SY_MUST_CHECK sy_status sy_distribution_normal_quantile(sy_context *ctx, double p, double *z);
SY_API SY_MUST_CHECK sy_status sy_distribution_f_tail(sy_context *ctx, double f, double df1, double df2, double *tail);
/* f with P(F <= f) = p, 0 < p < 1, finite degrees of freedom. */
SY_API SY_MUST_CHECK sy_status sy_distribution_f_quantile(sy_context *ctx, double p, double df1, double df2, double *f);
SY_API SY_MUST_CHECK sy_status sy_distribution_chi2_tail(sy_context *ctx, double x, double df, double *tail);

#ifdef __cplusplus
}
#endif
#endif
