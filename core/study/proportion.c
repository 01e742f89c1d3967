/* Limits of one share (proportion) of people.
 *
 * Wilson: the shares t with |p - t| <= z sqrt(t (1 - t) / n); the lower root as
 * p^2 / (p + c/2 + sqrt(c p q + c^2/4)), c = z^2 / n, without cancellation, the
 * upper one by the mirror. Clopper & Pearson: quantiles of the beta law,
 * B(tail; x, n - x + 1), x = n p, which need not be whole. Of a design: logit p
 * -+ t se / (p q) with t of (clusters - 1) degrees of freedom; where p or q
 * stands for fewer than five effective people, Clopper & Pearson with
 * n* = min(n, p q / se^2) (t_{n-1} / t_df)^2 people [Korn & Graubard], cut at n
 * as public statistics do [Parker et al.]. p values invert the same limits, so
 * that a limit and a verdict never disagree.
 * Conditions: independent people (Wilson, Clopper & Pearson) or independent
 * clusters. Cost: a quantile, or ten values of the beta law.
 * Wilson 1927, doi:10.1080/01621459.1927.10502953; Clopper & Pearson 1934,
 * doi:10.1093/biomet/26.4.404; Korn & Graubard 1998, Survey Methodology 24,
 * 193-201; Parker et al. 2017, Vital and Health Statistics 2(175); Brown, Cai &
 * DasGupta 2001, doi:10.1214/ss/1009213286.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "steelyard/distribution.h"
#include "study/proportion_internal.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>

enum { STEPS = 200 };

sy_status syi_level_check(sy_context *ctx, double level)
{
    if (level > 0 && level < 1) return SY_OK;
    return syi_fail(ctx, SY_EINVAL, "level = %g: a number between 0 and 1, both excluded, is needed", level);
}

/* x with P(B <= x) = p for the beta law: Newton steps kept inside a bracket. */
static double beta_quantile(double p, double a, double b)
{
    double low = 0, high = 1, x = a / (a + b);
    for (int step = 0; step < STEPS && high - low > 1e-16 * high; step++) {
        const double off = gsl_cdf_beta_P(x, a, b) - p, slope = gsl_ran_beta_pdf(x, a, b);
        if (off > 0) high = x;
        else low = x;
        double next = x - off / slope;
        if (!(next > low && next < high)) next = (low + high) / 2;
        if (fabs(next - x) <= 1e-15 * x) return next;
        x = next;
    }
    return x;
}

static double wilson_low(double p, double c)
{
    return p > 0 ? p * p / (p + c / 2 + sqrt(c * p * (1 - p) + c * c / 4)) : 0;
}

static double exact_low(double x, double n, double tail)
{
    return x > 0 ? beta_quantile(tail, x, n - x + 1) : 0;
}

/* Korn & Graubard's number of people at one tail. */
static sy_status people_at(sy_context *ctx, const double *share, double tail, double *n)
{
    const double people = share[SY_SHARE_PEOPLE], df = share[SY_SHARE_DF];
    double wide = 0, narrow = 0;
    *n = fmin(people, share[SY_SHARE_EFFECTIVE]);
    if (isinf(df) || !(people > 1) || !(tail < 0.5)) return SY_OK;
    sy_status s = sy_distribution_t_quantile(ctx, tail, df, &wide);
    if (s == SY_OK) s = sy_distribution_t_quantile(ctx, tail, people - 1, &narrow);
    if (s == SY_OK) *n *= (narrow / wide) * (narrow / wide);
    return s;
}

sy_status syi_proportion_limit(sy_context *ctx, const double share[SY_N_SHARE], double tail, int upper, double *limit)
{
    const double estimate = share[SY_SHARE_ESTIMATE], p = upper ? 1 - estimate : estimate;
    double low = NAN, z = 0, n = share[SY_SHARE_PEOPLE];
    sy_status s = SY_OK;
    *limit = NAN;
    if (isnan(estimate) || !(n > 0)) return SY_OK;
    switch ((sy_proportion_method)(int)share[SY_SHARE_METHOD]) {
    case SY_PROPORTION_WILSON:
        s = sy_distribution_normal_quantile(ctx, tail, &z);
        low = wilson_low(p, z * z / n);
        break;
    case SY_PROPORTION_EXACT: low = exact_low(n * p, n, tail); break;
    case SY_PROPORTION_BETA:
        s = people_at(ctx, share, tail, &n);
        low = exact_low(n * p, n, tail);
        break;
    case SY_PROPORTION_LOGIT:
        s = sy_distribution_t_quantile(ctx, tail, share[SY_SHARE_DF], &z);
        low = 1 / (1 + (1 - p) / p * exp(-z * share[SY_SHARE_STD_ERROR] / (p * (1 - p))));
        break;
    case SY_PROPORTION_AUTO:
    case SY_PROPORTION_NONE: break;
    }
    if (s == SY_OK) *limit = upper ? 1 - low : low;
    return s;
}

/* The tail whose limit is the threshold: the number of people at work depends
 * on the tail itself, so halve on its logarithm. */
static sy_status beta_p(sy_context *ctx, const double *share, double p, double threshold, double *tail)
{
    double low = log(1e-100), high = log(0.5);
    sy_status s = SY_OK;
    for (int step = 0; step < 60 && s == SY_OK; step++) {
        const double middle = (low + high) / 2;
        double n = 0;
        s = people_at(ctx, share, exp(middle), &n);
        if (gsl_cdf_beta_P(threshold, n * p, n * (1 - p) + 1) < exp(middle)) high = middle;
        else low = middle;
    }
    *tail = exp(high);
    return s;
}

sy_status syi_proportion_p(sy_context *ctx, const double share[SY_N_SHARE], double threshold, int upper, double *p)
{
    const double estimate = share[SY_SHARE_ESTIMATE], n = share[SY_SHARE_PEOPLE], error = share[SY_SHARE_STD_ERROR];
    const double x = upper ? 1 - estimate : estimate, t = upper ? 1 - threshold : threshold;
    *p = NAN;
    if (isnan(estimate) || !(n > 0)) return SY_OK;
    *p = 0.5;
    if (!(x > t)) return SY_OK;
    switch ((sy_proportion_method)(int)share[SY_SHARE_METHOD]) {
    case SY_PROPORTION_WILSON: return sy_distribution_normal_tail(ctx, (x - t) / sqrt(t * (1 - t) / n), p);
    case SY_PROPORTION_EXACT: *p = fmin(0.5, gsl_cdf_beta_P(t, n * x, n * (1 - x) + 1)); return SY_OK;
    case SY_PROPORTION_BETA: return beta_p(ctx, share, x, t, p);
    case SY_PROPORTION_LOGIT:
        return sy_distribution_t_tail(ctx, (log(x / (1 - x)) - log(t / (1 - t))) * x * (1 - x) / error,
                                      share[SY_SHARE_DF], p);
    case SY_PROPORTION_AUTO:
    case SY_PROPORTION_NONE: *p = NAN;
    }
    return SY_OK;
}

sy_status sy_proportion_limits(sy_context *ctx, double level, double share[SY_N_SHARE])
{
    syi_enter(ctx);
    syi_gsl_guard();
    sy_status s = syi_level_check(ctx, level);
    if (s == SY_OK && (share[SY_SHARE_ESTIMATE] < 0 || share[SY_SHARE_ESTIMATE] > 1))
        s = syi_fail(ctx, SY_EINVAL, "share = %g: a share lies between 0 and 1", share[SY_SHARE_ESTIMATE]);
    if (s == SY_OK) s = syi_proportion_limit(ctx, share, (1 - level) / 2, 0, &share[SY_SHARE_LOW]);
    if (s == SY_OK) s = syi_proportion_limit(ctx, share, (1 - level) / 2, 1, &share[SY_SHARE_HIGH]);
    return s;
}
