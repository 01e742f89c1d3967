/* How many of a number of indicators passed: limits, and what chance gives.
 *
 * Independent indicators: Clopper & Pearson's limits of the part that passes, and
 * P(X >= k) of the binomial law with `chance`. Indicators answered by the same
 * people are not independent, and a print seldom tells how much they move
 * together. With a common correlation c their number is worth m / (1 + (m - 1) c)
 * of independent ones (Kish's design effect), which the limits take; at c = 1
 * that is one indicator, the worst case. Over ALL dependence, whatever its form,
 *     P(X >= k) <= E X / k = m chance / k                        [Markov]
 * attained when k indicators, drawn anew, pass together or none does. A count
 * is beyond chance for certain only where this bound is small; beyond chance for
 * independent indicators alone is not.
 * Trend over counts in order: sum_i i (x_i - m_i X / M), exact given the total X
 * (see counts_trend.c).
 * Conditions: chance is that of one indicator, the same for all. Cost: two beta
 * quantiles a count.
 * Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404; Kish 1965, Survey Sampling.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "study/printed/counts_internal.h"
#include "study/proportion_internal.h"
#include <gsl/gsl_cdf.h>
#include <math.h>

static const double MOST = 1e5;

static sy_status check_count(sy_context *ctx, double count, double of)
{
    if (!(of >= 1 && of <= MOST) || of != floor(of))
        return syi_fail(ctx, SY_EINVAL, "of: %g; a whole number from 1 to %g is needed", of, MOST);
    if (!(count >= 0 && count <= of) || count != floor(count))
        return syi_fail(ctx, SY_EINVAL, "counts: %g of %g; a whole number from 0 to %g is needed", count, of, of);
    return SY_OK;
}

static sy_status check(sy_context *ctx, int k, const double *count, const double *of, const sy_counts_question *q)
{
    sy_status status = syi_level_check(ctx, q->level);
    if (!status && k < 1) status = syi_fail(ctx, SY_EINVAL, "counts: no counts are given");
    if (!status && (q->chance < 0 || q->chance > 1))
        status = syi_fail(ctx, SY_EINVAL, "chance: %g; a probability between 0 and 1 is needed", q->chance);
    if (!status && !(q->correlation >= 0 && q->correlation <= 1))
        status = syi_fail(ctx, SY_EINVAL, "correlation: %g; a number from 0 to 1 is needed", q->correlation);
    if (!status && q->trend && k < 2)
        status = syi_fail(ctx, SY_EINVAL, "trend: one count has none; 2 or more are needed");
    for (int i = 0; i < k && !status; i++) status = check_count(ctx, count[i], of[i]);
    return status;
}

static sy_status limits(sy_context *ctx, double part, double of, double correlation, double level, double pair[2])
{
    const double worth = of / (1 + (of - 1) * correlation);
    const double share[SY_N_SHARE] = {
        [SY_SHARE_ESTIMATE] = part, [SY_SHARE_PEOPLE] = worth, [SY_SHARE_METHOD] = SY_PROPORTION_EXACT};
    sy_status status = syi_proportion_limit(ctx, share, (1 - level) / 2, 0, &pair[0]);
    if (!status) status = syi_proportion_limit(ctx, share, (1 - level) / 2, 1, &pair[1]);
    return status;
}

static sy_status fill(sy_context *ctx, double count, double of, const sy_counts_question *q, sy_count_row *row)
{
    double as_stated[2] = {0}, worst[2] = {0};
    row->share = count / of;
    sy_status status = limits(ctx, row->share, of, q->correlation, q->level, as_stated);
    if (!status) status = limits(ctx, row->share, of, 1, q->level, worst);
    row->low = as_stated[0];
    row->high = as_stated[1];
    row->worst_low = worst[0];
    row->worst_high = worst[1];
    row->expected = of * q->chance;
    row->p_independent = row->p_worst = isnan(q->chance) ? NAN : 1;
    if (isnan(q->chance) || count == 0) return status;
    row->p_independent = gsl_cdf_beta_P(q->chance, count, of - count + 1);
    row->p_worst = fmin(1, row->expected / count);
    return status;
}

static void tell(int k, const sy_counts_question *q, const sy_count_row *row, sy_counts_summary *s)
{
    int independent = 0, always = 0;
    const double alpha = 1 - q->level;
    char chance[220] = "", trend[200] = "";
    for (int i = 0; i < k; i++) {
        independent += row[i].p_independent < alpha;
        always += row[i].p_worst < alpha;
    }
    if (!isnan(q->chance))
        syi_say(chance, sizeof chance,
                "Of %d count%s %d %s beyond chance (%.3g each) if the indicators are independent, %d however they move "
                "together. ",
                k, k == 1 ? "" : "s", independent, independent == 1 ? "is" : "are", q->chance, always);
    if (q->trend && s->p_value < alpha)
        syi_say(trend, sizeof trend, " The trend is %s (p %.3g) if the indicators are independent.",
                s->statistic > 0 ? "upward" : "downward", s->p_value);
    else if (q->trend)
        syi_say(trend, sizeof trend,
                " The direction of the trend cannot be told: p %.3g for independent indicators, more if they move "
                "together.",
                s->p_value);
    syi_say(s->text, sizeof s->text,
            "%sIndicators answered by the same people move together; at worst all are worth one.%s", chance, trend);
}

sy_status sy_counts_by_chance(sy_context *ctx, int k, const double *count, const double *of,
                              const sy_counts_question *q, sy_count_row *row, sy_counts_summary *summary)
{
    syi_enter(ctx);
    syi_gsl_guard();
    sy_status status = check(ctx, k, count, of, q);
    summary->statistic = summary->p_value = NAN;
    for (int i = 0; i < k && !status; i++) status = fill(ctx, count[i], of[i], q, &row[i]);
    if (!status && q->trend) status = syi_counts_trend(ctx, k, count, of, summary);
    if (!status) tell(k, q, row, summary);
    return status;
}
