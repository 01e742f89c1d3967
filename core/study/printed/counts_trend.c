/* The exact test of a trend over counts in order.
 *
 * Given the total X of all counts, x is multivariate hypergeometric when every
 * indicator passes alike. The statistic is T = sum_i i x_i less its mean; the
 * two-sided p is the probability of all tables with |T| no smaller, the conditional
 * form of the Cochran-Armitage test. The law of (total, score) is built up count
 * by count: ways[t][s] += ways[t - y][s - i y] choose(m_i, y), scaled by the largest
 * so that nothing overflows.
 * Conditions: independent indicators. Cost: sum over counts of (m_i + 1) X S,
 * S = (k - 1) X the largest score.
 * Armitage 1955, doi:10.2307/3001775; Agresti 2002, Categorical Data Analysis,
 * section 3.5.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "study/printed/counts_internal.h"
#include <math.h>

static const double MOST_STEPS = 1e8;

typedef struct {
    int total, scores; /* places: (total + 1) times scores */
    double *ways, *next;
} tables;

static double log_choose(double m, double y)
{
    return lgamma(m + 1) - lgamma(y + 1) - lgamma(m - y + 1);
}

/* Takes count i of m indicators into the tables. */
static void take(tables *t, int i, int m)
{
    double largest = 0;
    for (int a = 0; a < (t->total + 1) * t->scores; a++) t->next[a] = 0;
    for (int y = 0; y <= m && y <= t->total; y++) {
        const double choose = exp(log_choose(m, y) - log_choose(m, m / 2));
        for (int a = 0; a + y <= t->total; a++)
            for (int s = 0; s + i * y < t->scores; s++)
                t->next[(a + y) * t->scores + s + i * y] += choose * t->ways[a * t->scores + s];
    }
    for (int a = 0; a < (t->total + 1) * t->scores; a++) largest = fmax(largest, t->next[a]);
    for (int a = 0; a < (t->total + 1) * t->scores; a++) t->ways[a] = t->next[a] / largest;
}

/* The part of the tables with this total whose score lies at least as far from its mean. */
static double far_part(const tables *t, double mean, double distance)
{
    const double *row = t->ways + (size_t)t->total * (size_t)t->scores;
    double far = 0, all = 0;
    for (int s = 0; s < t->scores; s++) {
        all += row[s];
        if (fabs(s - mean) >= distance * (1 - 1e-9)) far += row[s];
    }
    return fmin(far / all, 1);
}

sy_status syi_counts_trend(sy_context *ctx, int k, const double *count, const double *of, sy_counts_summary *summary)
{
    tables t = {0};
    double total = 0, all = 0, score = 0, of_score = 0, steps = 0;
    sy_status status = SY_OK;
    for (int i = 0; i < k; i++) {
        total += count[i];
        all += of[i];
        score += i * count[i];
        of_score += i * of[i];
    }
    const double mean = of_score * (total / all), scores = (k - 1) * total + 1;
    for (int i = 0; i < k; i++) steps += (fmin(of[i], total) + 1) * (total + 1) * scores;
    summary->statistic = score - mean;
    if (steps > MOST_STEPS)
        return syi_fail(ctx, SY_ELIMIT, "trend: %g counted indicators in %d counts are more than can be enumerated",
                        total, k);
    t.total = (int)total;
    t.scores = (int)scores;
    t.ways = syi_alloc((size_t)(t.total + 1) * (size_t)t.scores, sizeof *t.ways);
    t.next = syi_alloc((size_t)(t.total + 1) * (size_t)t.scores, sizeof *t.next);
    if (!t.ways || !t.next) {
        status = syi_fail(ctx, SY_ENOMEM, "trend: no room for %g tables", (total + 1) * scores);
        goto out;
    }
    t.ways[0] = 1;
    for (int i = 0; i < k && !status; i++) {
        take(&t, i, (int)of[i]);
        status = syi_serial_stopped(ctx);
    }
    if (!status) summary->p_value = far_part(&t, mean, fabs(score - mean));
out:
    SYI_FREE(t.ways);
    SYI_FREE(t.next);
    return status;
}
