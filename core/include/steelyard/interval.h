/* Limits and claims: from an estimate with its standard error to an interval,
 * a difference, an answer to "at most".
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_INTERVAL_H
#define STEELYARD_INTERVAL_H
#include "steelyard/shares.h"
#ifdef __cplusplus
extern "C" {
#endif

/* The scale on which a metric's limits are symmetric: share, alone, unique and
 * total on their cube root [Wilson & Hilferty 1931], the others as they are. */
typedef enum { SY_SCALE_IDENTITY, SY_SCALE_CUBE_ROOT, SY_SCALE_ATANH_SQRT } sy_scale;
SY_API sy_scale sy_interval_scale(int metric);
/* The same for limits by normal theory: Fisher's z = atanh(sqrt(share)). */
SY_API sy_scale sy_interval_scale_normal(int metric);

/* Two-sided limits at `level` (0 < level < 1) from the standard error on the
 * metric's scale and t with df degrees of freedom. NaN in, NaN out. */
SY_API SY_MUST_CHECK sy_status sy_interval_limits(sy_context *ctx, sy_scale scale, double estimate,
                                                  double std_error_scaled, double df, double level,
                                                  double *low, double *high);

typedef struct {
    double estimate, std_error, statistic, df, p_value, low, high;
} sy_comparison;

/* Difference of two estimates whose 2 by 2 covariance is given: untransformed,
 * t with df [MacKinnon, Nielsen & Webb 2023]. */
SY_API SY_MUST_CHECK sy_status sy_interval_difference(sy_context *ctx, const double estimate[2],
                                                      const double covariance[4], double df, double level,
                                                      sy_comparison *out);

/* The same from paired replicates [n] by percentile (expanded: with the
 * percentiles widened for n_units clusters [Hesterberg 2015]). */
SY_API SY_MUST_CHECK sy_status sy_interval_percentile(sy_context *ctx, int n, const double *replicates,
                                                      double level, int expanded, double n_units, double *low,
                                                      double *high);

typedef enum { SY_UNDECIDED = 0, SY_SUPPORTED = 1, SY_CONTRADICTED = -1 } sy_answer;

/* Is the largest of k quantities at most `bound`? Upper limit: the largest of
 * the k one-sided limits at `level` (intersection-union [Berger 1982]); lower
 * limit: the largest of the k one-sided limits at 1 - (1 - level) / k.
 * Supported when upper < bound, contradicted when lower > bound. */
SY_API SY_MUST_CHECK sy_status sy_interval_at_most(sy_context *ctx, int k, const double *estimate,
                                                   const double *std_error_scaled, const double *df,
                                                   sy_scale scale, double bound, double level,
                                                   sy_answer *answer, double *upper, double *lower);

/* Is a quantity above `bound`? The one-sided t test of at most `bound` on the
 * scale of the limits: statistic (g(estimate) - g(bound)) / std_error_scaled, p
 * its upper tail. NaN in, NaN out. */
SY_API SY_MUST_CHECK sy_status sy_interval_above(sy_context *ctx, sy_scale scale, double estimate,
                                                 double std_error_scaled, double df, double bound,
                                                 double *statistic, double *p_value);

#ifdef __cplusplus
}
#endif
#endif
