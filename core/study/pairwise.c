/* Differences of all pairs of means, with p values and limits that allow for
 * their number.
 *
 * d = m_i - m_j, variance V_ii + V_jj - 2 V_ij, t = d / se on the lesser of the
 * two degrees of freedom. Tukey & Kramer: P(Q > sqrt(2) |t|), Q the studentised
 * range of the means compared: exact for independent means of equal variance,
 * conservative for unequal ones [Hayter 1984], approximate for correlated ones.
 * Limits: Bonferroni t(1 - alpha / 2k), Sidak t((1 + (1 - alpha)^(1/k)) / 2),
 * Tukey Q / sqrt(2), else t(1 - alpha / 2) (step-wise methods have none of
 * their own). Means that are NaN are not compared and not counted.
 * Cost: m^2 / 2 tails; Tukey m^2 / 2 times about a millisecond, and one
 * quantile for each number of degrees of freedom in turn.
 * Kramer 1956, doi:10.2307/3001469; Hayter 1984, doi:10.1214/aos/1176346392.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "steelyard/distribution.h"
#include "steelyard/multiplicity.h"
#include "steelyard/noncentral.h"
#include <math.h>
#include <stddef.h>

typedef struct {
    sy_adjustment method;
    int means, tests;        /* those that are numbers */
    double level, df, width; /* the last multiple of the standard error, for these df */
} comparison;

static sy_status width_for(sy_context *ctx, comparison *c, double df)
{
    if (df == c->df) return SY_OK;
    sy_status status;
    if (c->method == SY_ADJUST_TUKEY) {
        status = sy_distribution_range_quantile(ctx, c->level, c->means, df, &c->width);
        c->width *= sqrt(0.5);
    } else {
        double miss = 1 - c->level;
        if (c->method == SY_ADJUST_BONFERRONI) miss /= c->tests;
        if (c->method == SY_ADJUST_SIDAK) miss = -expm1(log(c->level) / c->tests);
        status = sy_distribution_t_quantile(ctx, miss / 2, df, &c->width);
        c->width = -c->width;
    }
    c->df = status == SY_OK ? df : NAN;
    return status;
}

static sy_status compare(sy_context *ctx, comparison *c, int k, const sy_pairs *out)
{
    const double se = out->std_error[k], d = out->estimate[k];
    const double t = se > 0 ? d / se : d == 0 ? (double)NAN : copysign(HUGE_VAL, d);
    double tail = NAN;
    out->statistic[k] = t;
    if (isnan(t)) return SY_OK;
    sy_status status = sy_distribution_t_tail(ctx, fabs(t), out->df[k], &tail);
    out->p_value[k] = 2 * tail;
    if (status == SY_OK && c->method == SY_ADJUST_TUKEY)
        status = sy_distribution_range_tail(ctx, sqrt(2) * fabs(t), c->means, out->df[k], &out->p_adjusted[k]);
    if (status == SY_OK) status = width_for(ctx, c, out->df[k]);
    out->low[k] = d - c->width * se;
    out->high[k] = d + c->width * se;
    return status;
}

static sy_status check(sy_context *ctx, int m, const double *estimate, const double *covariance, const double *df,
                       sy_adjustment method, double level)
{
    if (m < 2) return syi_fail(ctx, SY_EINVAL, "%d mean: a pair needs two", m);
    if ((int)method < SY_ADJUST_NONE || (int)method > SY_ADJUST_TUKEY)
        return syi_fail(ctx, SY_EINVAL, "adjustment = %d: unknown", (int)method);
    if (!(level > 0 && level < 1))
        return syi_fail(ctx, SY_EINVAL, "level = %g: must be between 0 and 1, both excluded", level);
    for (int i = 0; i < m; i++) {
        if (isnan(estimate[i])) continue;
        if (!(df[i] > 0)) return syi_fail(ctx, SY_EINVAL, "df[%d] = %g: must be greater than 0", i, df[i]);
        if (!(covariance[(size_t)i * (size_t)m + (size_t)i] >= 0))
            return syi_fail(ctx, SY_EINVAL, "variance of mean %d = %g: must be 0 or more", i,
                            covariance[(size_t)i * (size_t)m + (size_t)i]);
    }
    return SY_OK;
}

static void differ(int m, int i, int j, const double *estimate, const double *covariance, const double *df, int k,
                   const sy_pairs *out)
{
    const double *row_i = covariance + (size_t)i * (size_t)m, *row_j = covariance + (size_t)j * (size_t)m;
    out->first[k] = i;
    out->second[k] = j;
    out->estimate[k] = estimate[i] - estimate[j];
    out->std_error[k] = sqrt(fmax(row_i[i] + row_j[j] - 2 * row_i[j], 0));
    out->df[k] = fmin(df[i], df[j]);
    out->statistic[k] = out->p_value[k] = out->p_adjusted[k] = out->low[k] = out->high[k] = NAN;
    if (isnan(out->estimate[k])) out->std_error[k] = out->df[k] = NAN;
}

sy_status sy_pairwise(sy_context *ctx, int m, const double *estimate, const double *covariance, const double *df,
                      sy_adjustment method, double level, const sy_pairs *out)
{
    syi_enter(ctx);
    sy_status status = check(ctx, m, estimate, covariance, df, method, level);
    comparison c = {.method = method, .level = level, .df = NAN};
    for (int i = 0; status == SY_OK && i < m; i++) c.means += !isnan(estimate[i]);
    c.tests = c.means * (c.means - 1) / 2;
    int k = 0;
    for (int i = 0; status == SY_OK && i < m; i++)
        for (int j = i + 1; status == SY_OK && j < m; j++, k++) {
            differ(m, i, j, estimate, covariance, df, k, out);
            if (!isnan(out->estimate[k])) status = compare(ctx, &c, k, out);
        }
    if (status != SY_OK || method == SY_ADJUST_TUKEY) return status;
    return sy_adjust_p(ctx, method, k, out->p_value, out->p_adjusted);
}
