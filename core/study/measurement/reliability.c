/* Alpha and omega with limits: the whole answer for one scale.
 *
 * Limits from a standard error e are symmetric on log(1 - theta), by e / (1 -
 *   theta) [Bonett 2002, doi:10.3102/10769986027004335], so that none passes 1; the
 *   jackknife's error is that of the transformed values themselves.
 * Feldt's: (1 - alpha) / (1 - estimate) is F with n - 1 and (n - 1)(k - 1) degrees of
 *   freedom where the items are normal with equal variances and equal covariances
 *   [Feldt 1965, doi:10.1007/BF02289499].
 * Alpha without an item and its correlation with the sum of the others follow from
 *   the same matrix. The factor's chi-squared: n times the discrepancy, k (k - 3) / 2
 *   degrees of freedom [Joreskog 1967, doi:10.1007/BF02289658].
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/distribution_internal.h"
#include "algebra/moments_build_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "steelyard/distribution.h"
#include "study/coverage_internal.h"
#include "study/measurement/reliability_internal.h"
#include "study/resample_internal.h"
#include <math.h>

enum { FEWEST_ASKED = 3 };         /* units under limits of a kind asked for by name */
static const double by_chance = 2; /* an item-rest correlation this many times 1 / sqrt(n) below 0 is not chance */
static const char *const interval_name[] = {"auto", "none", "jackknife", "influence", "normal", "feldt"};

void sy_reliability_defaults(sy_reliability_options *options)
{
    *options = (sy_reliability_options){.level = 0.95, .omega = 1};
}

static sy_status check_items(sy_context *ctx, const sy_moments *m, int n_items, const int *item)
{
    if (n_items < 2) return syi_fail(ctx, SY_EINVAL, "items: %d given; a scale has two or more", n_items);
    for (int i = 0; i < n_items; i++) {
        if (item[i] < 0 || item[i] >= m->n_terms)
            return syi_fail(ctx, SY_EINVAL, "items: there is no term %d among the %d of the moments", item[i],
                            m->n_terms);
        const char *label = sy_moments_label(m, item[i]);
        if (m->term_is_factor[item[i]] || m->term_columns[item[i]] != 1)
            return syi_fail(ctx, SY_EINVAL, "items: %s is not one numeric column", label);
        for (int j = 0; j < i; j++)
            if (item[i] == item[j]) return syi_fail(ctx, SY_EINVAL, "items: %s is named twice", label);
    }
    return SY_OK;
}

/* May limits for independent normal rows be asked for? */
static sy_status check_normal(sy_context *ctx, const sy_moments *m, const sy_reliability_options *o)
{
    const char *name = interval_name[o->interval];
    if (o->latent)
        return syi_fail(ctx, SY_EINVAL, "interval: %s limits are for numbers, not for ordered answers; take influence",
                        name);
    if (m->unit == SY_UNIT_CLUSTER || m->n_strata || m->weight_kind == SY_WEIGHT_SAMPLING)
        return syi_fail(ctx, SY_EINVAL,
                        "interval: %s limits take rows for independent and alike; with %s take jackknife or influence",
                        name,
                        m->unit == SY_UNIT_CLUSTER ? "clusters"
                        : m->n_strata              ? "strata"
                                                   : "sampling weights");
    return SY_OK;
}

static sy_status check(sy_context *ctx, const sy_moments *m, const sy_design *rows, int n_items, const int *item,
                       const sy_reliability_options *o)
{
    const int units = m->unit != SY_UNIT_NONE;
    if (!(o->level > 0 && o->level < 1)) return syi_fail(ctx, SY_EINVAL, "level: %g is not between 0 and 1", o->level);
    if (o->interval < SY_RELIABILITY_AUTO || o->interval > SY_RELIABILITY_FELDT)
        return syi_fail(ctx, SY_EINVAL, "interval: %d is not a kind of interval", (int)o->interval);
    sy_status status = check_items(ctx, m, n_items, item);
    if (status) return status;
    if (m->weight_kind == SY_WEIGHT_ANALYTIC)
        return syi_fail(ctx, SY_EINVAL, "weights: reliability takes frequency or sampling weights, not analytic ones");
    if (o->interval == SY_RELIABILITY_NORMAL || o->interval == SY_RELIABILITY_FELDT) return check_normal(ctx, m, o);
    if (o->interval > SY_RELIABILITY_NONE && (units ? syi_resample_units(m) : m->n) < FEWEST_ASKED)
        return syi_fail(ctx, SY_EDATA, "interval: %.0f %s are too few for limits; at least %d are needed",
                        units ? syi_resample_units(m) : m->n, m->unit == SY_UNIT_CLUSTER ? "clusters" : "rows",
                        FEWEST_ASKED);
    if (o->interval == SY_RELIABILITY_JACKKNIFE && !units)
        return syi_fail(ctx, SY_EINVAL, "interval: the jackknife leaves out clusters or rows; these moments have none");
    if (o->interval == SY_RELIABILITY_INFLUENCE && !units && !rows)
        return syi_fail(ctx, SY_EINVAL, "interval: influence needs the rows or the clusters; these moments have none");
    return SY_OK;
}

static void choose(const sy_moments *m, const sy_design *rows, const sy_reliability_options *o,
                   sy_reliability_summary *s)
{
    const double units = m->unit == SY_UNIT_CLUSTER ? (double)m->n_units : m->n;
    s->interval = o->interval;
    if (o->interval != SY_RELIABILITY_AUTO) return;
    if (units < SYI_FEWEST_UNITS) s->interval = SY_RELIABILITY_NONE;
    else if (m->unit == SY_UNIT_CLUSTER) s->interval = SY_RELIABILITY_JACKKNIFE;
    else if (m->unit == SY_UNIT_ROW || rows) s->interval = SY_RELIABILITY_INFLUENCE;
    else s->interval = o->latent || m->weight_kind == SY_WEIGHT_SAMPLING ? SY_RELIABILITY_NONE : SY_RELIABILITY_NORMAL;
}

static sy_status remark_choice(sy_context *ctx, const sy_moments *m, const sy_reliability_options *o,
                               const sy_reliability_summary *s)
{
    if (o->interval != SY_RELIABILITY_AUTO) return SY_OK;
    if (s->interval == SY_RELIABILITY_NORMAL)
        return syi_remark(ctx, SY_NOTE_ASSUMES_NORMAL, "", m->n,
                          "limits assume normal items: there are no rows and no clusters to rest on");
    if (s->interval != SY_RELIABILITY_NONE) return SY_OK;
    const int clusters = m->unit == SY_UNIT_CLUSTER;
    const double units = clusters ? (double)m->n_units : m->n;
    if (units < SYI_FEWEST_UNITS)
        return syi_remark(ctx, SY_NOTE_INTERVAL_SKIPPED, "", units, "no limits: %.0f %s are too few; %d are needed",
                          units, clusters ? "clusters" : "rows", SYI_FEWEST_UNITS);
    return syi_remark(ctx, SY_NOTE_INTERVAL_SKIPPED, "", m->n,
                      "no limits: there are no rows and no clusters to rest on");
}

static sy_status room(sy_context *ctx, syi_reliability *r, double **planes)
{
    const size_t k = (size_t)r->k, square = k * k, packed = syi_packed_length(r->m->n_columns);
    r->column = syi_alloc(k, sizeof *r->column);
    r->s = syi_alloc((1 + SY_N_RELIABILITIES) * square + 4 * k, sizeof *r->s);
    *planes = syi_alloc(2 * packed + 2 * square + syi_reliability_room(r->k), sizeof **planes);
    if (!r->column || !r->s || !*planes) return syi_fail(ctx, SY_ENOMEM, "items: no room for %d columns", r->k);
    r->slope = r->s + square;
    r->mean = r->slope + SY_N_RELIABILITIES * square;
    r->scale = r->mean + k;
    r->loading = r->scale + k;
    r->unique = r->loading + k;
    return SY_OK;
}

/* The whole sample: covariances, values, slopes. planes: sums, a double-double matrix, scratch. */
static sy_status whole(sy_context *ctx, syi_reliability *r, const int *item, double *planes)
{
    const sy_moments *m = r->m;
    const int k = r->k;
    const size_t packed = syi_packed_length(m->n_columns);
    syi_sums total = {.hi = planes, .lo = planes + packed};
    double *work = planes + 2 * packed + 2 * (size_t)k * (size_t)k;
    syi_moments_total(m, NULL, &total);
    for (int a = 0; a < k; a++) {
        r->column[a] = m->term_first[item[a]];
        if (!(syi_column_spread(m->twofold, m->n_columns, r->column[a], total.hi, total.lo).hi > 0))
            return syi_fail(ctx, SY_EDATA, "items: %s has one value in all %.0f rows", sy_moments_label(m, item[a]),
                            m->rows_used);
    }
    syi_reliability_covariances(r, &total, (syi_dd *)(planes + 2 * packed), r->s, r->mean);
    double all = 0;
    for (int a = 0; a < k; a++) r->scale[a] = sqrt(r->s[a * k + a]);
    for (int at = 0; at < k * k; at++) all += r->s[at];
    if (!(all > 0)) return syi_fail(ctx, SY_EDATA, "items: their sum has one value in all %.0f rows", m->rows_used);
    const int factor = r->omega && k > 2;
    syi_reliability_values(k, r->s, r->scale, factor, 0, r->loading, r->unique, work, &r->fit, r->value);
    if (factor && isnan(r->value[SY_OMEGA]))
        return syi_fail(ctx, SY_EDATA,
                        "items: one of them follows from the others; leave it out, or ask for alpha alone");
    syi_reliability_slopes(r, work);
    return SY_OK;
}

static double without(const double *s, int k, int left)
{
    double trace = 0, all = 0;
    for (int a = 0; a < k; a++)
        for (int b = 0; b < k; b++) {
            if (a == left || b == left) continue;
            all += s[a * k + b];
            trace += a == b ? s[a * k + b] : 0;
        }
    return k > 2 ? (k - 1) / (k - 2.0) * (1 - trace / all) : NAN;
}

static sy_status describe(sy_context *ctx, const syi_reliability *r, const int *item, const sy_reliability_options *o,
                          const sy_reliability_table *t)
{
    const sy_moments *m = r->m;
    const int k = r->k;
    double all = 0;
    sy_status status = SY_OK;
    for (int at = 0; at < k * k; at++) all += r->s[at];
    for (int a = 0; a < k && !status; a++) {
        double sum = 0;
        const double own = r->s[a * k + a];
        for (int b = 0; b < k; b++) sum += r->s[a * k + b];
        t->mean[a] = m->from_correlation ? NAN : r->mean[a] + m->shift[r->column[a]];
        t->std_dev[a] = m->from_correlation ? NAN : r->scale[a] * sqrt(m->n / (m->n - 1));
        t->item_rest[a] = (sum - own) / sqrt(own * (all - 2 * sum + own));
        t->alpha_without[a] = without(r->s, k, a);
        t->loading[a] = isnan(r->value[SY_OMEGA]) ? NAN : r->loading[a];
        t->uniqueness[a] = isnan(r->value[SY_OMEGA]) ? NAN : r->unique[a];
        if (!(t->item_rest[a] * sqrt(m->n) < -by_chance)) continue;
        const char *label = sy_moments_label(m, item[a]);
        status = syi_remark(ctx, SY_NOTE_REVERSED, label, t->item_rest[a],
                            "%s goes against the other items (item-rest correlation %.3f): is it worded the other way "
                            "round? Turn it before it is added up",
                            label, t->item_rest[a]);
    }
    if (status || !o->omega) return status;
    if (k == 2)
        return syi_remark(ctx, SY_NOTE_TERMS_SKIPPED, "omega", 2, "omega needs three items; of two there is alpha");
    if (r->fit.boundary >= 0)
        status = syi_remark(ctx, SY_NOTE_BOUNDARY, sy_moments_label(m, item[r->fit.boundary]), 0,
                            "the factor would leave %s a variance below 0; it is held at 0, and omega rests on that "
                            "(one factor may not be right, or the rows are few)",
                            sy_moments_label(m, item[r->fit.boundary]));
    if (!status && !r->fit.converged)
        status = syi_remark(ctx, SY_NOTE_NOT_CONVERGED, "omega", r->fit.iterations,
                            "the search for one factor had not settled after %d steps", r->fit.iterations);
    return status;
}

/* Does one factor fit? Only where rows are independent and alike. */
static sy_status test_factor(sy_context *ctx, const syi_reliability *r, const sy_reliability_options *o,
                             sy_reliability_summary *s)
{
    const sy_moments *m = r->m;
    s->chi2 = s->chi2_df = s->chi2_p = NAN;
    if (isnan(r->value[SY_OMEGA]) || o->latent || m->unit == SY_UNIT_CLUSTER || m->n_strata ||
        m->weight_kind == SY_WEIGHT_SAMPLING)
        return SY_OK;
    s->chi2 = m->n * r->fit.discrepancy;
    s->chi2_df = r->k * (r->k - 3) / 2.0;
    return s->chi2_df > 0 ? sy_distribution_chi2_tail(ctx, s->chi2, s->chi2_df, &s->chi2_p) : SY_OK;
}

static sy_status feldt(sy_context *ctx, const syi_reliability *r, double level, const sy_reliability_table *t)
{
    const double df1 = r->m->n - 1, df2 = df1 * (r->k - 1), tail = (1 - level) / 2;
    double least, most;
    sy_status status = sy_distribution_f_quantile(ctx, tail, df1, df2, &least);
    if (status >= 0) status = sy_distribution_f_quantile(ctx, 1 - tail, df1, df2, &most);
    if (status < 0) return status;
    t->low[SY_ALPHA] = 1 - (1 - r->value[SY_ALPHA]) * most;
    t->high[SY_ALPHA] = 1 - (1 - r->value[SY_ALPHA]) * least;
    return SY_OK;
}

/* scaled: variance of log(1 - value), or NULL for the delta method's. */
static sy_status limits(sy_context *ctx, const syi_reliability *r, const sy_reliability_summary *s, double level,
                        const double *variance, const double *scaled, const sy_reliability_table *t)
{
    double reach;
    const sy_status status = syi_t_width(ctx, level, isnan(s->df) ? HUGE_VAL : s->df, &reach);
    for (int v = 0; v < SY_N_RELIABILITIES && status >= 0; v++) {
        const double rest = 1 - r->value[v];
        if (isnan(r->value[v]) || isnan(variance[v])) continue;
        t->std_error[v] = sqrt(variance[v]);
        const double error = scaled ? sqrt(scaled[v]) : t->std_error[v] / rest;
        t->low[v] = 1 - rest * exp(reach * error);
        t->high[v] = 1 - rest * exp(-reach * error);
    }
    return status;
}

static sy_status fill_limits(sy_context *ctx, const syi_reliability *r, const sy_reliability_options *o,
                             sy_reliability_summary *s, const sy_reliability_table *t)
{
    double variance[SY_N_RELIABILITIES], scaled[SY_N_RELIABILITIES];
    sy_status status = SY_OK;
    switch (s->interval) {
    case SY_RELIABILITY_AUTO:
    case SY_RELIABILITY_NONE: return SY_OK;
    case SY_RELIABILITY_FELDT: return feldt(ctx, r, o->level, t);
    case SY_RELIABILITY_NORMAL: syi_reliability_normal(r, variance); break;
    case SY_RELIABILITY_INFLUENCE: status = syi_reliability_influence(ctx, r, s, variance); break;
    case SY_RELIABILITY_JACKKNIFE: status = syi_reliability_jackknife(ctx, r, s, variance, scaled); break;
    }
    if (status < 0) return status;
    return limits(ctx, r, s, o->level, variance, s->interval == SY_RELIABILITY_JACKKNIFE ? scaled : NULL, t);
}

sy_status sy_reliability(sy_context *ctx, const sy_moments *m, const sy_design *rows, int n_items, const int *item,
                         const sy_reliability_options *options, sy_reliability_summary *summary,
                         const sy_reliability_table *table)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_reliability r = {.m = m, .rows = rows, .k = n_items, .omega = options->omega};
    double *planes = NULL;
    sy_status status = check(ctx, m, rows, n_items, item, options);
    if (status) return status;
    *summary = (sy_reliability_summary){.n = m->n, .df = NAN, .units = (ptrdiff_t)m->rows_used};
    choose(m, rows, options, summary);
    status = room(ctx, &r, &planes);
    if (!status) status = whole(ctx, &r, item, planes);
    for (int v = 0; v < SY_N_RELIABILITIES && !status; v++) {
        table->estimate[v] = r.value[v];
        table->std_error[v] = table->low[v] = table->high[v] = NAN;
    }
    summary->iterations = r.fit.iterations;
    summary->boundary = r.fit.boundary;
    if (!status) status = describe(ctx, &r, item, options, table);
    if (!status) status = test_factor(ctx, &r, options, summary);
    if (!status) status = remark_choice(ctx, m, options, summary);
    if (!status) status = fill_limits(ctx, &r, options, summary, table);
    SYI_FREE(planes);
    SYI_FREE(r.s);
    SYI_FREE(r.column);
    return status < 0 ? status : syi_status_of_remarks(ctx, first);
}
