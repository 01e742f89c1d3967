/* Limits and claims from an estimate and its standard error.
 *
 * Limits: g^-1(g(e) -+ t_{(1+level)/2, df} se) with g the cube root for a share,
 * by normal theory Fisher's scale (scale.c says why), and g(e) = e else. A lower limit below g = 0 is 0. Percentiles:
 * type 7 quantiles of the replicates; expanded, at Phi(-sqrt(n / (n - 1)) t_{(1+level)/2, n-1}) and one less that,
 * because a bootstrap of n units is too narrow by sqrt((n - 1) / n) and has normal where t tails are due. "At most":
 * the largest of k quantities is below a bound only if each is (intersection-union: no correction for k), above it if
 * any is (Bonferroni for k). Conditions: shares between 0 and 1 (rounding by 1e-12 outside is taken off). Cost: a
 * quantile of t a limit; about 6 m for m replicates. MacKinnon, Nielsen & Webb 2023, doi:10.1002/jae.2969; Hesterberg
 * 2015, doi:10.1080/00031305.2015.1089789; Hyndman & Fan 1996, doi:10.1080/00031305.1996.10473566; Berger 1982,
 * doi:10.1080/00401706.1982.10487790.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "steelyard/distribution.h"
#include "steelyard/interval.h"
#include "study/quantile_internal.h"
#include "study/scale_internal.h"
#include <math.h>

static const double ROUNDING = 1e-12;

sy_scale sy_interval_scale(int metric)
{
    const int squared = metric == SY_SHARE || metric == SY_ALONE || metric == SY_UNIQUE;
    return squared ? SY_SCALE_CUBE_ROOT : SY_SCALE_IDENTITY;
}

sy_scale sy_interval_scale_normal(int metric)
{
    return sy_interval_scale(metric) == SY_SCALE_IDENTITY ? SY_SCALE_IDENTITY : SY_SCALE_ATANH_SQRT;
}

static sy_status check_level(sy_context *ctx, double level)
{
    if (level > 0 && level < 1) return SY_OK;
    return syi_fail(ctx, SY_EINVAL, "level = %g: a number between 0 and 1, both excluded, is needed", level);
}

static sy_status check_estimate(sy_context *ctx, sy_scale scale, double estimate, double std_error)
{
    if (scale != SY_SCALE_IDENTITY && (estimate < -ROUNDING || estimate > 1 + ROUNDING))
        return syi_fail(ctx, SY_EINVAL, "estimate = %g: a share must lie between 0 and 1", estimate);
    if (std_error < 0) return syi_fail(ctx, SY_EINVAL, "standard error = %g: must not be negative", std_error);
    return SY_OK;
}

/* The limit `steps` standard errors from the estimate, on the scale; steps < 0
 * below, > 0 above. */
static double limit(sy_scale scale, double estimate, double std_error, double steps)
{
    return syi_from_scale(scale, syi_to_scale(scale, estimate) + steps * std_error);
}

sy_status sy_interval_limits(sy_context *ctx, sy_scale scale, double estimate, double std_error_scaled, double df,
                             double level, double *low, double *high)
{
    syi_enter(ctx);
    double t = 0;
    *low = *high = NAN;
    sy_status status = check_level(ctx, level);
    if (status == SY_OK) status = check_estimate(ctx, scale, estimate, std_error_scaled);
    if (status != SY_OK || isnan(estimate) || isnan(std_error_scaled) || isnan(df)) return status;
    status = sy_distribution_t_quantile(ctx, (1 + level) / 2, df, &t);
    if (status != SY_OK) return status;
    *low = limit(scale, estimate, std_error_scaled, -t);
    *high = limit(scale, estimate, std_error_scaled, t);
    return SY_OK;
}

sy_status sy_interval_difference(sy_context *ctx, const double estimate[2], const double covariance[4], double df,
                                 double level, sy_comparison *out)
{
    syi_enter(ctx);
    const double sum = covariance[0] + covariance[3];
    double variance = sum - covariance[1] - covariance[2], t = 0;
    *out = (sy_comparison){.estimate = estimate[0] - estimate[1],
                           .df = df,
                           .std_error = NAN,
                           .statistic = NAN,
                           .p_value = NAN,
                           .low = NAN,
                           .high = NAN};
    sy_status status = check_level(ctx, level);
    if (status != SY_OK) return status;
    if (variance < -ROUNDING * fabs(sum))
        return syi_fail(ctx, SY_EINVAL,
                        "covariance: it gives the difference the variance %g, which must not be negative", variance);
    if (isnan(out->estimate) || isnan(variance) || isnan(df)) return SY_OK;
    status = sy_distribution_t_quantile(ctx, (1 + level) / 2, df, &t);
    if (status != SY_OK) return status;
    out->std_error = sqrt(fmax(variance, 0));
    out->statistic = out->estimate / out->std_error;
    out->low = limit(SY_SCALE_IDENTITY, out->estimate, out->std_error, -t);
    out->high = limit(SY_SCALE_IDENTITY, out->estimate, out->std_error, t);
    if (isnan(out->statistic)) return SY_OK;
    status = sy_distribution_t_tail(ctx, fabs(out->statistic), df, &out->p_value);
    out->p_value *= 2;
    return status;
}

/* The lower of the two percentiles, as a probability. */
static sy_status percentile_of(sy_context *ctx, double level, int expanded, double n_units, double *p)
{
    double t = 0, upper = 0;
    *p = (1 - level) / 2;
    if (!expanded) return SY_OK;
    if (!(n_units >= 2)) return syi_fail(ctx, SY_EINVAL, "units = %g: expanded percentiles need 2 or more", n_units);
    sy_status status = sy_distribution_t_quantile(ctx, (1 + level) / 2, n_units - 1, &t);
    if (status == SY_OK) status = sy_distribution_normal_tail(ctx, sqrt(n_units / (n_units - 1)) * t, &upper);
    *p = upper;
    return status;
}

sy_status sy_interval_percentile(sy_context *ctx, int n, const double *replicates, double level, int expanded,
                                 double n_units, double *low, double *high)
{
    syi_enter(ctx);
    double p = 0;
    *low = *high = NAN;
    sy_status status = check_level(ctx, level);
    if (status == SY_OK) status = percentile_of(ctx, level, expanded, n_units, &p);
    if (status != SY_OK) return status;
    if (n < 1) return syi_fail(ctx, SY_EINVAL, "replicates = %d: 1 or more are needed", n);
    double *kept = syi_alloc((size_t)n, sizeof *kept);
    if (!kept) return syi_fail(ctx, SY_ENOMEM, "out of memory for %d replicates", n);
    const int count = syi_without_nan(n, replicates, kept);
    if (count > 0) {
        *low = syi_quantile(count, kept, p);
        *high = syi_quantile(count, kept, 1 - p);
    }
    SYI_FREE(kept);
    return SY_OK;
}

sy_status sy_interval_at_most(sy_context *ctx, int k, const double *estimate, const double *std_error_scaled,
                              const double *df, sy_scale scale, double bound, double level, sy_answer *answer,
                              double *upper, double *lower)
{
    syi_enter(ctx);
    *answer = SY_UNDECIDED;
    *upper = *lower = NAN;
    sy_status status = check_level(ctx, level);
    if (status != SY_OK) return status;
    if (k < 1) return syi_fail(ctx, SY_EINVAL, "quantities = %d: 1 or more are needed", k);
    if (!(bound >= 0 && bound <= 1))
        return syi_fail(ctx, SY_EINVAL, "bound = %g: a part of the variance lies between 0 and 1", bound);
    double highest = -HUGE_VAL, lowest = -HUGE_VAL;
    for (int i = 0; i < k; i++) {
        double above = 0, below = 0;
        status = check_estimate(ctx, scale, estimate[i], std_error_scaled[i]);
        if (status != SY_OK || isnan(estimate[i]) || isnan(std_error_scaled[i]) || isnan(df[i])) return status;
        status = sy_distribution_t_quantile(ctx, level, df[i], &above);
        if (status == SY_OK) status = sy_distribution_t_quantile(ctx, (1 - level) / k, df[i], &below);
        if (status != SY_OK) return status;
        highest = fmax(highest, limit(scale, estimate[i], std_error_scaled[i], above));
        lowest = fmax(lowest, limit(scale, estimate[i], std_error_scaled[i], below));
    }
    *upper = highest;
    *lower = lowest;
    if (highest < bound) *answer = SY_SUPPORTED;
    else if (lowest > bound) *answer = SY_CONTRADICTED;
    return SY_OK;
}

sy_status sy_interval_above(sy_context *ctx, sy_scale scale, double estimate, double std_error_scaled, double df,
                            double bound, double *statistic, double *p_value)
{
    syi_enter(ctx);
    *statistic = *p_value = NAN;
    sy_status status = check_estimate(ctx, scale, estimate, std_error_scaled);
    if (status == SY_OK && isnan(bound)) status = syi_fail(ctx, SY_EINVAL, "bound is NaN: a number is needed");
    if (status == SY_OK && scale != SY_SCALE_IDENTITY && (bound < 0 || bound > 1))
        status = syi_fail(ctx, SY_EINVAL, "bound = %g: a share must lie between 0 and 1", bound);
    if (status != SY_OK || isnan(estimate) || isnan(std_error_scaled) || isnan(df)) return status;
    *statistic = (syi_to_scale(scale, estimate) - syi_to_scale(scale, bound)) / std_error_scaled;
    if (isnan(*statistic)) return SY_OK;
    return sy_distribution_t_tail(ctx, *statistic, df, p_value);
}
