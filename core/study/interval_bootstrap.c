/* Limits from replicates beyond plain percentiles.
 *
 * Basic: g^-1(2 g(theta) - q) with q the percentiles of g(theta*), g the metric's
 * scale [Davison & Hinkley 1997, sec. 5.2]. BCa: percentiles at
 *   Phi(z0 + (z0 + z_p) / (1 - a (z0 + z_p))),  p = (1 -+ level) / 2,
 * z0 = Phi^-1 of the part of the replicates below theta (ties half; kept half a
 * replicate away from 0 and 1), a the acceleration [Efron 1987,
 * doi:10.1080/01621459.1987.10478410]. Studentised: g^-1(g(theta) - q se) with q the
 * percentiles of the pivots [Davison & Hinkley 1997, sec. 5.2.1]. A limit below
 * g = 0 is 0. Conditions: enough replicates that the tail holds some. Cost:
 * about 6 n. Jackknife and influence summaries: Efron & Tibshirani 1993, ch. 11
 * and 14; L = mean - theta_(i) stands for the influence values.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "steelyard/bootstrap.h"
#include "steelyard/distribution.h"
#include "study/quantile_internal.h"
#include "study/scale_internal.h"
#include <math.h>

static sy_status check(sy_context *ctx, double level, int n)
{
    if (!(level > 0 && level < 1))
        return syi_fail(ctx, SY_EINVAL, "level = %g: a number between 0 and 1, both excluded, is needed", level);
    if (n < 2) return syi_fail(ctx, SY_EINVAL, "replicates = %d: 2 or more are needed", n);
    return SY_OK;
}

static double onto(sy_scale scale, double x)
{
    return syi_to_scale(scale, x);
}

static double back(sy_scale scale, double z)
{
    return syi_from_scale(scale, z);
}

/* The percentiles at p[0] and p[1] of what is there of x, moved by `scale`; NaN
 * where nothing is. */
static sy_status percentiles(sy_context *ctx, sy_scale scale, int n, const double *x, const double p[2], double q[2])
{
    double *kept = syi_alloc((size_t)n, sizeof *kept);
    q[0] = q[1] = NAN;
    if (!kept) return syi_fail(ctx, SY_ENOMEM, "out of memory for %d replicates", n);
    const int count = syi_without_nan(n, x, kept);
    for (int i = 0; i < count; i++) kept[i] = onto(scale, kept[i]);
    for (int side = 0; side < 2 && count > 0; side++) q[side] = syi_quantile(count, kept, p[side]);
    SYI_FREE(kept);
    return SY_OK;
}

sy_status sy_interval_basic(sy_context *ctx, sy_scale scale, int n, const double *replicates, double estimate,
                            double level, double *low, double *high)
{
    syi_enter(ctx);
    const double p[2] = {(1 - level) / 2, (1 + level) / 2}, centre = 2 * onto(scale, estimate);
    double q[2];
    *low = *high = NAN;
    sy_status status = check(ctx, level, n);
    if (!status) status = percentiles(ctx, scale, n, replicates, p, q);
    if (status || isnan(q[0]) || isnan(estimate)) return status;
    *low = back(scale, centre - q[1]);
    *high = back(scale, centre - q[0]);
    return SY_OK;
}

static sy_status bias_of(sy_context *ctx, int n, const double *replicates, double estimate, double *z0)
{
    double below = 0, kept = 0;
    for (int i = 0; i < n; i++) {
        if (isnan(replicates[i])) continue;
        kept += 1;
        below += replicates[i] < estimate ? 1 : replicates[i] == estimate ? 0.5 : 0;
    }
    const double p = fmin(fmax(below, 0.5), kept - 0.5) / kept;
    *z0 = NAN;
    return kept >= 2 ? sy_distribution_normal_quantile(ctx, p, z0) : SY_OK;
}

sy_status sy_interval_bca(sy_context *ctx, int n, const double *replicates, double estimate, double acceleration,
                          double level, double *low, double *high)
{
    syi_enter(ctx);
    double z0 = 0, z = 0, p[2], q[2];
    *low = *high = NAN;
    sy_status status = check(ctx, level, n);
    if (!status) status = bias_of(ctx, n, replicates, estimate, &z0);
    if (!status) status = sy_distribution_normal_quantile(ctx, (1 + level) / 2, &z);
    if (status || isnan(z0) || isnan(estimate) || isnan(acceleration)) return status;
    for (int side = 0; side < 2; side++) {
        const double from = z0 + (side ? z : -z), rest = 1 - acceleration * from;
        double tail = 0;
        /* past the pole of the correction every replicate lies on one side */
        status = sy_distribution_normal_tail(ctx,
                                             rest > 0   ? -(z0 + from / rest)
                                             : from > 0 ? -HUGE_VAL
                                                        : HUGE_VAL,
                                             &tail);
        if (status) return status;
        p[side] = tail;
    }
    status = percentiles(ctx, SY_SCALE_IDENTITY, n, replicates, p, q);
    *low = q[0];
    *high = q[1];
    return status;
}

sy_status sy_interval_studentised(sy_context *ctx, sy_scale scale, int n, const double *pivots, double estimate,
                                  double std_error_scaled, double level, double *low, double *high)
{
    syi_enter(ctx);
    const double p[2] = {(1 - level) / 2, (1 + level) / 2}, centre = onto(scale, estimate);
    double q[2];
    *low = *high = NAN;
    sy_status status = check(ctx, level, n);
    if (!status) status = percentiles(ctx, SY_SCALE_IDENTITY, n, pivots, p, q);
    if (status || isnan(q[0]) || isnan(estimate) || isnan(std_error_scaled)) return status;
    *low = back(scale, centre - q[1] * std_error_scaled);
    *high = back(scale, centre - q[0] * std_error_scaled);
    return SY_OK;
}

/* Sums of squares and cubes of L, here centre - x. */
static sy_status powers(sy_context *ctx, const char *argument, ptrdiff_t n, const double *x, double centre,
                        double *square, double *cube)
{
    if (n < 2) return syi_fail(ctx, SY_EINVAL, "%s = %td values: 2 or more are needed", argument, n);
    *square = *cube = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        const double l = centre - x[i];
        *square += l * l;
        *cube += l * l * l;
    }
    return SY_OK;
}

static double acceleration_of(double square, double cube)
{
    return square > 0 ? cube / (6 * square * sqrt(square)) : 0;
}

sy_status sy_jackknife_summary(sy_context *ctx, ptrdiff_t n, const double *left_out, double estimate, sy_resampled *out)
{
    syi_enter(ctx);
    double mean = 0, square = 0, cube = 0;
    *out = (sy_resampled){NAN, NAN, NAN};
    for (ptrdiff_t i = 0; i < n; i++) mean += left_out[i];
    mean /= (double)n;
    const sy_status status = powers(ctx, "left_out", n, left_out, mean, &square, &cube);
    if (status) return status;
    out->bias = (double)(n - 1) * (mean - estimate);
    out->std_error = sqrt((double)(n - 1) / (double)n * square);
    out->acceleration = acceleration_of(square, cube);
    return SY_OK;
}

sy_status sy_influence_summary(sy_context *ctx, ptrdiff_t n, const double *influence, sy_resampled *out)
{
    syi_enter(ctx);
    double square = 0, cube = 0;
    *out = (sy_resampled){NAN, NAN, NAN};
    const sy_status status = powers(ctx, "influence", n, influence, 0, &square, &cube);
    if (status) return status;
    out->std_error = sqrt(square) / (double)n;
    out->acceleration = acceleration_of(square, -cube);
    return SY_OK;
}

sy_status sy_replicates_above(sy_context *ctx, int n, const double *first, const double *second, double *probability)
{
    syi_enter(ctx);
    double above = 0, kept = 0;
    *probability = NAN;
    if (n < 2) return syi_fail(ctx, SY_EINVAL, "replicates = %d: 2 or more are needed", n);
    for (int i = 0; i < n; i++) {
        if (isnan(first[i]) || isnan(second[i])) continue;
        kept += 1;
        above += first[i] > second[i];
    }
    if (kept > 0) *probability = above / kept;
    return SY_OK;
}
