/* Contrasts of values that were resampled together, and a ratio of two.
 *
 * The covariance of contrasts c and d is the sum over units of their moves'
 * products (joint.c); each is tested untransformed by t. All together: Q = c'
 * V^- c of rank r, F = (df - r + 1) / (df r) Q on r and df - r + 1 degrees of
 * freedom, Hotelling's T squared for V estimated on df degrees [Hotelling
 * 1931]. The rank counts eigenvalues of V scaled to unit diagonal above 1e-10.
 * Ratio: log(a / b), variance V_aa / a^2 + V_bb / b^2 - 2 V_ab / (a b) by the
 * delta method, limits carried back. Cost: units K^2.
 * Hotelling 1931, doi:10.1214/aoms/1177732979; Oehlert 1992,
 * doi:10.1080/00031305.1992.10475842.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/eigen_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "steelyard/distribution.h"
#include "steelyard/joint.h"
#include <math.h>

static const double RANK_CUT = 1e-10;

static sy_status check_places(sy_context *ctx, int values, int k, const int *plus, const int *minus)
{
    if (k < 1) return syi_fail(ctx, SY_EINVAL, "contrasts: none given; at least one is needed");
    for (int i = 0; i < k; i++)
        if (plus[i] < 0 || plus[i] >= values || minus[i] < -1 || minus[i] >= values)
            return syi_fail(ctx, SY_EINVAL, "contrasts: %d less %d, of %d values", plus[i], minus[i], values);
    return SY_OK;
}

static double product(ptrdiff_t units, int k, const double *moves, int a, int b)
{
    double sum = 0;
    for (ptrdiff_t u = 0; u < units; u++) sum += moves[u * k + a] * moves[u * k + b];
    return sum;
}

sy_status sy_joint_contrasts(sy_context *ctx, ptrdiff_t units, int values, const double *estimate, const double *moved,
                             const double *df, int k, const int *plus, const int *minus, double level,
                             sy_comparison *out, double *moves, double *covariance)
{
    syi_enter(ctx);
    sy_status status = check_places(ctx, values, k, plus, minus);
    if (status) return status;
    for (ptrdiff_t u = 0; u < units; u++)
        for (int i = 0; i < k; i++)
            moves[u * k + i] = moved[u * values + plus[i]] - (minus[i] < 0 ? 0 : moved[u * values + minus[i]]);
    for (int i = 0; i < k && status >= 0; i++) {
        const double of[2] = {estimate[plus[i]], minus[i] < 0 ? 0 : estimate[minus[i]]};
        const double own[4] = {product(units, k, moves, i, i), 0, 0, 0};
        const double lesser = minus[i] < 0 ? df[plus[i]] : fmin(df[plus[i]], df[minus[i]]);
        status = sy_interval_difference(ctx, of, own, lesser, level, &out[i]);
        for (int j = 0; covariance && j <= i; j++)
            covariance[i * k + j] = covariance[j * k + i] = product(units, k, moves, i, j);
        if (status >= 0) status = syi_serial_stopped(ctx);
    }
    return status < 0 ? status : SY_OK;
}

/* To unit diagonal; a contrast that never moves has no say. */
static void scale(int k, const double *estimate, const double *covariance, syi_dd *a, double *z)
{
    for (int i = 0; i < k; i++) {
        const double root = sqrt(covariance[i * k + i]);
        z[i] = root > 0 ? estimate[i] / root : 0;
        for (int j = 0; j < k; j++) {
            const double both = root * sqrt(covariance[j * k + j]);
            a[i * k + j] = syi_dd_of(both > 0 ? covariance[i * k + j] / both : 0);
        }
    }
}

sy_status sy_joint_all_zero(sy_context *ctx, int k, const double *estimate, const double *covariance, double df,
                            sy_joint_f *out)
{
    syi_enter(ctx);
    *out = (sy_joint_f){NAN, 0, NAN, NAN};
    if (k < 1) return syi_fail(ctx, SY_EINVAL, "contrasts: none given; at least one is needed");
    for (int i = 0; i < k; i++)
        if (isnan(estimate[i]) || isnan(covariance[i * k + i])) return SY_OK;
    const size_t square = (size_t)k * (size_t)k;
    syi_dd *a = syi_alloc(2 * square, sizeof *a);
    double *z = syi_alloc((size_t)k, sizeof *z), most = 0, q = 0;
    sy_status status = SY_OK;
    if (!a || !z) {
        status = syi_fail(ctx, SY_ENOMEM, "contrasts: no room for %d of them", k);
        goto out;
    }
    scale(k, estimate, covariance, a, z);
    if ((status = syi_symmetric_eigen(ctx, k, a, a + square)) < 0) goto out;
    for (int i = 0; i < k; i++) most = fmax(most, a[i * k + i].hi);
    for (int i = 0; i < k; i++) {
        double along = 0;
        if (!(a[i * k + i].hi > RANK_CUT * most)) continue;
        for (int j = 0; j < k; j++) along += a[square + (size_t)(i * k + j)].hi * z[j];
        q += along * along / a[i * k + i].hi;
        out->df1 += 1;
    }
    out->df2 = df - out->df1 + 1;
    if (!(out->df1 > 0) || !(out->df2 > 0)) goto out;
    out->f = q * out->df2 / (df * out->df1);
    status = sy_distribution_f_tail(ctx, out->f, out->df1, out->df2, &out->p_value);
out:
    SYI_FREE(a);
    SYI_FREE(z);
    return status;
}

sy_status sy_interval_ratio(sy_context *ctx, const double estimate[2], const double covariance[4], double df,
                            double level, sy_comparison *out)
{
    syi_enter(ctx);
    const double a = estimate[0], b = estimate[1], none[2] = {NAN, NAN};
    const int positive = a > 0 && b > 0;
    const double logs[2] = {positive ? log(a) : (double)NAN, positive ? log(b) : (double)NAN};
    const double cross = covariance[1] / (a * b);
    const double scaled[4] = {covariance[0] / (a * a), cross, cross, covariance[3] / (b * b)};
    const sy_status status = sy_interval_difference(ctx, positive ? logs : none, scaled, df, level, out);
    if (status < 0 || !positive) return status;
    out->estimate = a / b;
    out->std_error *= out->estimate;
    out->low = exp(out->low);
    out->high = exp(out->high);
    return SY_OK;
}
