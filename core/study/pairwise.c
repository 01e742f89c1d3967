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
 * Cost: m^2 / 2 tails, Tukey's of 20 to 50 microseconds from one table, and one
 * quantile, ten tails, for each number of degrees of freedom in turn. The host
 * is asked after each pair whether to stop.
 * Kramer 1956, doi:10.2307/3001469; Hayter 1984, doi:10.1214/aos/1176346392.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/range_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "steelyard/distribution.h"
#include "steelyard/multiplicity.h"
#include <math.h>
#include <stddef.h>

typedef struct {
    sy_adjustment method;
    int means, tests;        /* those that are numbers */
    double level, df, width; /* the last multiple of the standard error, for these df */
    syi_range range;         /* Tukey only */
} comparison;

static sy_status width_for(sy_context *ctx, comparison *c, double df)
{
    if (df == c->df) return SY_OK;
    sy_status status;
    if (c->method == SY_ADJUST_TUKEY) {
        status = syi_range_quantile(ctx, &c->range, c->level, &c->width);
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
    if (isnan(t) || isnan(out->df[k])) return SY_OK;
    out->statistic[k] = t;
    sy_status status = sy_distribution_t_tail(ctx, fabs(t), out->df[k], &tail);
    out->p_value[k] = 2 * tail;
    if (status == SY_OK && c->method == SY_ADJUST_TUKEY) {
        status = syi_range_df(ctx, &c->range, out->df[k]);
        if (status == SY_OK) out->p_adjusted[k] = syi_range_tail(&c->range, sqrt(2) * fabs(t));
    }
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
        if (df[i] <= 0) return syi_fail(ctx, SY_EINVAL, "df[%d] = %g: must be greater than 0", i, df[i]);
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

typedef struct {
    sy_context *ctx;
    int m, done; /* pairs */
    const double *estimate, *covariance, *df;
    const sy_pairs *out;
    comparison c;
    sy_status status;
} job;

/* Mean i with each after it. */
static void compare_with_later(void *arg, int worker, size_t i)
{
    job *w = arg;
    (void)worker;
    for (int j = (int)i + 1; j < w->m && w->status == SY_OK && !syi_parallel_stopped(); j++, w->done++) {
        differ(w->m, (int)i, j, w->estimate, w->covariance, w->df, w->done, w->out);
        if (!isnan(w->out->estimate[w->done])) w->status = compare(w->ctx, &w->c, w->done, w->out);
    }
}

sy_status sy_pairwise(sy_context *ctx, int m, const double *estimate, const double *covariance, const double *df,
                      sy_adjustment method, double level, const sy_pairs *out)
{
    syi_enter(ctx);
    sy_status status = check(ctx, m, estimate, covariance, df, method, level);
    job w = {ctx, m, 0, estimate, covariance, df, out, {.method = method, .level = level, .df = NAN}, SY_OK};
    for (int i = 0; status == SY_OK && i < m; i++) w.c.means += !isnan(estimate[i]);
    w.c.tests = w.c.means * (w.c.means - 1) / 2;
    if (status == SY_OK && method == SY_ADJUST_TUKEY && w.c.tests > 0)
        status = syi_range_open(ctx, &w.c.range, w.c.means);
    /* 0 seconds: on this thread, since the pairs share a table and a width */
    if (status == SY_OK) status = syi_parallel(ctx, (size_t)m, 0, compare_with_later, &w);
    if (status == SY_OK) status = w.status;
    if (status != SY_OK || method == SY_ADJUST_TUKEY) return status;
    return sy_adjust_p(ctx, method, w.done, out->p_value, out->p_adjusted);
}
