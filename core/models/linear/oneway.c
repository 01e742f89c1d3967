/* One factor: equality of its levels' means with and without equal variances,
 * and the intraclass correlation.
 *
 * Groups i of n_i rows, mean m_i, variance v_i; SSB = sum n_i (m_i - m)^2, SSW =
 * sum (n_i - 1) v_i, k groups, n rows.
 *     classical       F = [SSB / (k - 1)] / [SSW / (n - k)]
 *     Welch           w_i = n_i / v_i, W = sum w_i, mw = sum w_i m_i / W,
 *                     L = sum (1 - w_i / W)^2 / (n_i - 1),
 *                     F = [sum w_i (m_i - mw)^2 / (k - 1)] / [1 + 2 (k - 2) L / (k^2 - 1)],
 *                     df k - 1 and (k^2 - 1) / (3 L)
 *     Brown-Forsythe  F = SSB / sum (1 - n_i / n) v_i, df k - 1 and
 *                     1 / sum c_i^2 / (n_i - 1), c_i the share of group i in that sum
 *     ICC(1)          (MSB - MSW) / (MSB + (n0 - 1) MSW), n0 = (n - sum n_i^2 / n) / (k - 1);
 *                     limits from F over its quantiles: exact for equal n_i,
 *                     close for unequal ones
 * Conditions: independent rows, about normal within groups; Welch holds with
 * unequal variances down to groups of about 6. Two passes in double-double over
 * the decimals that the numbers print as: NIST's sets come out to 15 digits.
 * Cost: 2 n.
 * Welch 1951, doi:10.1093/biomet/38.3-4.330; Brown & Forsythe 1974,
 * doi:10.1080/00401706.1974.10489158; Shrout & Fleiss 1979,
 * doi:10.1037/0033-2909.86.2.420; Searle 1971, Linear Models, chapter 9.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/design_internal.h"
#include "algebra/root_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/outcome_internal.h"
#include "steelyard/anova.h"
#include "steelyard/distribution.h"
#include <gsl/gsl_cdf.h>

enum { BREATH = 65536 }; /* rows between two looks at the clock */

typedef struct {
    int levels, groups; /* groups: levels with rows */
    double n;           /* by frequency */
    double *count;      /* [levels] */
    syi_dd *mean, *squares, whole_mean;
    syi_dd between, within;
} oneway;

static sy_status sum_groups(sy_context *ctx, const syi_outcome *y, const sy_column *group, oneway *o)
{
    syi_dd whole = syi_dd_of(0);
    for (ptrdiff_t i = 0; i < y->rows; i++) {
        if (i % BREATH == 0 && syi_serial_stopped(ctx)) return SY_EINTR;
        const double w = y->weight ? y->weight[i] : 1;
        const int g = (int)syi_column_value(group, y->row[i]);
        const syi_dd part = syi_dd_mul_d(y->value[i], w);
        o->count[g] += w;
        o->n += w;
        o->mean[g] = syi_dd_add(o->mean[g], part);
        whole = syi_dd_add(whole, part);
    }
    o->whole_mean = syi_dd_div(whole, syi_dd_of(o->n));
    for (int g = 0; g < o->levels; g++) {
        if (o->count[g] == 0) continue;
        o->groups++;
        o->mean[g] = syi_dd_div(o->mean[g], syi_dd_of(o->count[g]));
        const syi_dd d = syi_dd_sub(o->mean[g], o->whole_mean);
        o->between = syi_dd_add(o->between, syi_dd_mul_d(syi_dd_mul(d, d), o->count[g]));
    }
    for (ptrdiff_t i = 0; i < y->rows; i++) {
        if (i % BREATH == 0 && syi_serial_stopped(ctx)) return SY_EINTR;
        const int g = (int)syi_column_value(group, y->row[i]);
        const syi_dd d = syi_dd_sub(y->value[i], o->mean[g]);
        o->squares[g] = syi_dd_add(o->squares[g], syi_dd_mul_d(syi_dd_mul(d, d), y->weight ? y->weight[i] : 1));
    }
    for (int g = 0; g < o->levels; g++) o->within = syi_dd_add(o->within, o->squares[g]);
    return SY_OK;
}

static sy_status tail_of(sy_context *ctx, sy_f_test *t)
{
    t->p_value = NAN;
    return isnan(t->f) || !(t->df2 > 0) ? SY_OK : sy_distribution_f_tail(ctx, t->f, t->df1, t->df2, &t->p_value);
}

static void welch(const oneway *o, sy_f_test *t)
{
    const double k = o->groups;
    double all = 0, centre = 0, spread = 0, loss = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int g = 0; g < o->levels; g++) {
            if (o->count[g] == 0) continue;
            const double w = o->count[g] * (o->count[g] - 1) / o->squares[g].hi;
            const double d = syi_dd_round(syi_dd_sub(o->mean[g], o->whole_mean));
            if (pass == 0) {
                all += w;
                centre += w * d;
                continue;
            }
            spread += w * (d - centre / all) * (d - centre / all);
            loss += (1 - w / all) * (1 - w / all) / (o->count[g] - 1);
        }
    t->df1 = k - 1;
    t->df2 = (k * k - 1) / (3 * loss);
    t->f = spread / (k - 1) / (1 + 2 * (k - 2) * loss / (k * k - 1));
}

static void brown_forsythe(const oneway *o, sy_f_test *t)
{
    double sum = 0, rest = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int g = 0; g < o->levels; g++) {
            if (o->count[g] == 0) continue;
            const double part = (1 - o->count[g] / o->n) * o->squares[g].hi / (o->count[g] - 1);
            if (pass == 0) sum += part;
            else rest += part / sum * (part / sum) / (o->count[g] - 1);
        }
    t->df1 = o->groups - 1;
    t->df2 = 1 / rest;
    t->f = syi_dd_round(o->between) / sum;
}

/* f with P(F > f) = tail */
typedef struct {
    double df1, df2, tail;
} f_wanted;
static double f_excess(double log_f, const void *arg)
{
    const f_wanted *w = arg;
    return gsl_cdf_fdist_Q(exp(log_f), w->df1, w->df2) - w->tail;
}
static double f_quantile(double df1, double df2, double tail)
{
    const f_wanted w = {df1, df2, tail};
    return exp(syi_root(f_excess, &w, -300, 1 - tail, 300, -tail, 1e-15));
}

static void intraclass(const oneway *o, double level, sy_oneway_summary *s)
{
    double squares = 0;
    for (int g = 0; g < o->levels; g++) squares += o->count[g] * o->count[g];
    const double f = s->classical.f, df1 = s->classical.df1, df2 = s->classical.df2, tail = (1 - level) / 2;
    s->n0 = (o->n - squares / o->n) / df1;
    s->icc1 = isinf(f) ? 1 : (f - 1) / (f + s->n0 - 1);
    s->icc1_low = s->icc1_high = s->icc1;
    if (isnan(f) || isinf(f)) return;
    const double low = f / f_quantile(df1, df2, tail), high = f * f_quantile(df2, df1, tail);
    s->icc1_low = (low - 1) / (low + s->n0 - 1);
    s->icc1_high = (high - 1) / (high + s->n0 - 1);
}

static sy_status remark_groups(sy_context *ctx, const sy_column *group, const oneway *o, int *without)
{
    int single = 0, constant = 0;
    for (int g = 0; g < o->levels; g++) {
        single += o->count[g] == 1;
        constant += o->count[g] > 1 && !(o->squares[g].hi > 0);
    }
    *without = single + constant;
    sy_status status = SY_OK;
    if (o->groups < o->levels)
        status = syi_remark(ctx, SY_NOTE_EMPTY_LEVEL, group->name, o->levels - o->groups,
                            "%s: %d of its %d levels %s no rows", group->name, o->levels - o->groups, o->levels,
                            o->levels - o->groups == 1 ? "has" : "have");
    if (status == SY_OK && *without > 0)
        status = syi_remark(ctx, SY_NOTE_ONE_UNIT, group->name, *without,
                            "%s: %d of its groups %s no variance (one row, or all rows alike); tests without equal "
                            "variances need one in every group",
                            group->name, *without, *without == 1 ? "has" : "have");
    return status;
}

static sy_status test_groups(sy_context *ctx, const sy_column *group, double level, oneway *o, sy_oneway_summary *s)
{
    int without = 0;
    if (o->groups < 2)
        return syi_fail(ctx, SY_EDATA, "%s: %d of its levels has rows; two are needed", group->name, o->groups);
    if (o->n <= o->groups)
        return syi_fail(ctx, SY_ERANK, "%s: a row a group; no row is left over for an error", group->name);
    sy_status status = remark_groups(ctx, group, o, &without);
    if (status != SY_OK) return status;
    const double between = syi_dd_round(o->between), within = syi_dd_round(o->within);
    s->n = o->n;
    s->groups = o->groups;
    s->classical = (sy_f_test){NAN, o->groups - 1, o->n - o->groups, NAN};
    s->classical.f = between / s->classical.df1 / (within / s->classical.df2);
    s->welch = s->brown_forsythe = (sy_f_test){NAN, o->groups - 1, NAN, NAN};
    if (without == 0) {
        welch(o, &s->welch);
        brown_forsythe(o, &s->brown_forsythe);
    }
    intraclass(o, level, s);
    status = tail_of(ctx, &s->classical);
    if (status == SY_OK) status = tail_of(ctx, &s->welch);
    return status == SY_OK ? tail_of(ctx, &s->brown_forsythe) : status;
}

static void hand_over(const oneway *o, double *count, double *mean, double *sd)
{
    for (int g = 0; g < o->levels; g++) {
        if (count) count[g] = o->count[g];
        if (mean) mean[g] = o->count[g] > 0 ? syi_dd_round(o->mean[g]) : (double)NAN;
        if (sd) sd[g] = o->count[g] > 1 ? sqrt(syi_dd_round(o->squares[g]) / (o->count[g] - 1)) : (double)NAN;
    }
}

sy_status sy_oneway(sy_context *ctx, const sy_design *design, int outcome, int group, double level,
                    sy_oneway_summary *summary, double *group_n, double *group_mean, double *group_sd)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    oneway o = {0};
    syi_outcome y = {0};
    sy_status status = SY_OK;
    if (!(level > 0 && level < 1))
        return syi_fail(ctx, SY_EINVAL, "level = %g: must be between 0 and 1, both excluded", level);
    status = syi_outcome_read(ctx, design, outcome, 1, &group, SY_WEIGHT_FREQUENCY, &y);
    if (status < 0) return status;
    const sy_column *by = &design->columns[group];
    o.levels = by->n_levels;
    o.count = syi_alloc((size_t)o.levels, sizeof *o.count);
    o.mean = syi_alloc((size_t)o.levels, sizeof *o.mean);
    o.squares = syi_alloc((size_t)o.levels, sizeof *o.squares);
    if (!o.count || !o.mean || !o.squares) {
        status = syi_fail(ctx, SY_ENOMEM, "%s: out of memory for %d groups", by->name, o.levels);
        goto out;
    }
    syi_gsl_guard();
    status = sum_groups(ctx, &y, by, &o);
    if (status == SY_OK) status = test_groups(ctx, by, level, &o, summary);
    if (status == SY_OK) hand_over(&o, group_n, group_mean, group_sd);
out:
    SYI_FREE(o.count);
    SYI_FREE(o.mean);
    SYI_FREE(o.squares);
    syi_outcome_free(&y);
    return status < 0 ? status : syi_status_of_remarks(ctx, first);
}
