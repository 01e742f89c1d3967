/* Limits and summaries from resampled values of one statistic.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_BOOTSTRAP_H
#define STEELYARD_BOOTSTRAP_H
#include "steelyard/interval.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    double bias;         /* NaN from influence values */
    double std_error;
    double acceleration; /* of BCa limits */
} sy_resampled;

/* From the n leave-one-out values of a statistic and its value: bias (n - 1)
 * (mean - estimate), standard error sqrt((n - 1) / n sum (theta_(i) - mean)^2),
 * acceleration sum L^3 / (6 (sum L^2)^1.5) with L = mean - theta_(i) [Efron &
 * Tibshirani 1993, ch. 11 and 14]. Cost: n. */
SY_API SY_MUST_CHECK sy_status sy_jackknife_summary(sy_context *ctx, ptrdiff_t n, const double *left_out,
                                                    double estimate, sy_resampled *out);

/* The same from influence values L: standard error sqrt(sum L^2) / n. */
SY_API SY_MUST_CHECK sy_status sy_influence_summary(sy_context *ctx, ptrdiff_t n, const double *influence,
                                                    sy_resampled *out);

/* Two-sided limits at `level` from replicates [n], NaN among them left out.
 * Basic: on `scale`, twice the estimate less the percentiles. BCa: percentiles
 * at Phi(z0 + (z0 +- z) / (1 - a (z0 +- z))), z0 from the part of the replicates
 * below the estimate [Efron 1987, doi:10.1080/01621459.1987.10478410].
 * Studentised: replicates are pivots (theta* - theta) / se* on `scale`. */
SY_API SY_MUST_CHECK sy_status sy_interval_basic(sy_context *ctx, sy_scale scale, int n, const double *replicates,
                                                 double estimate, double level, double *low, double *high);
SY_API SY_MUST_CHECK sy_status sy_interval_bca(sy_context *ctx, int n, const double *replicates, double estimate,
                                               double acceleration, double level, double *low, double *high);
SY_API SY_MUST_CHECK sy_status sy_interval_studentised(sy_context *ctx, sy_scale scale, int n, const double *pivots,
                                                       double estimate, double std_error_scaled, double level,
                                                       double *low, double *high);

/* The part of the replicate pairs in which the first is the greater: under
 * Dirichlet weights the probability that it is. NaN pairs are left out. */
SY_API SY_MUST_CHECK sy_status sy_replicates_above(sy_context *ctx, int n, const double *first, const double *second,
                                                   double *probability);

#ifdef __cplusplus
}
#endif
#endif
