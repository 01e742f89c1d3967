/* Limits from replicates: percentile, expanded, basic, BCa, studentised, and
 * percentiles under Bayesian weights; the formulas are those of interval.c and
 * interval_bootstrap.c. Covariances and errors are the replicates' own.
 *
 * BCa's acceleration comes from the units' influence values, 4 pairs evaluations
 * whatever their number: sum L^3 / (6 (sum L^2)^1.5) over units about the means
 * of their strata.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "steelyard/bootstrap.h"
#include "study/resample_internal.h"
#include "study/scale_internal.h"
#include "study/uncertainty_internal.h"
#include "study/units_internal.h"
#include <math.h>
#include <string.h>

/* Everything under way in one call. */
typedef struct {
    const syi_uncertainty *u;
    const sy_evidence_options *o;
    sy_evidence_summary *s;
    const sy_evidence_table *t;
    double *lines;        /* [replicates * n_values] */
    double *pivots;       /* the same; studentised only */
    double *acceleration; /* [n_values] BCa only */
    double *errors;       /* [n_values] linearised, on the metric's scale; studentised only */
    double *line;         /* [replicates] */
    double *centre;       /* [n_values] */
    double *scratch;      /* [rows] */
    int *place;           /* [rows] */
} drawn;

/* Means of the lines that have an answer. */
static sy_status means(sy_context *ctx, const double *lines, size_t count, int n_values, double *mean)
{
    enum { AT_ONCE = 64 };
    for (int first = 0; first < n_values; first += AT_ONCE) {
        const int some = n_values - first < AT_ONCE ? n_values - first : AT_ONCE;
        double sum[AT_ONCE] = {0}, kept[AT_ONCE] = {0};
        if (syi_serial_stopped(ctx)) return SY_EINTR;
        for (size_t r = 0; r < count; r++) {
            const double *line = lines + r * (size_t)n_values + first;
            for (int v = 0; v < some; v++) {
                const int there = !isnan(line[v]);
                sum[v] += there ? line[v] : 0;
                kept[v] += there;
            }
        }
        for (int v = 0; v < some; v++) mean[first + v] = sum[v] / kept[v];
    }
    return SY_OK;
}

/* Of value e: the acceleration and the linearised standard error. */
static void summarise(const syi_units *units, const double *gradient, double *acceleration, double *error)
{
    const sy_moments *m = units->plan->m;
    const double *often = syi_resample_times(m);
    double square = 0, cube = 0, variance = 0;
    for (ptrdiff_t g = 0; g < m->n_units; g++) {
        const double *p = units->products + (size_t)g * units->f->pairs, people = often ? often[g] : 1;
        double v = 0;
        for (size_t a = 0; a < units->f->pairs; a++) v += gradient[a] * p[a];
        variance += units->factor[g] * (v * v);
        square += people * (v * v);
        cube += people * (v * v * v);
    }
    *acceleration = square > 0 ? cube / (6 * square * sqrt(square)) : 0;
    *error = sqrt(variance);
}

/* The metric of a value of a line; the total, which comes last, is a share. */
static int metric_of(const syi_uncertainty *u, int value)
{
    return value == u->n_values - 1 ? SY_SHARE : value % SY_N_METRICS;
}

/* Accelerations and standard errors of all values, from one influence function. */
static sy_status linearise(sy_context *ctx, const drawn *d)
{
    const syi_uncertainty *u = d->u;
    const sy_moments *m = u->plan->m;
    syi_influence f = {0};
    syi_resampling draws = {0};
    syi_units units = {.plan = u->plan, .f = &f, .draws = &draws};
    sy_status status = syi_influence_init(ctx, u->plan, &u->total, &u->wanted, &f);
    if (!status) status = syi_resampling_init(ctx, m, 0, &draws);
    if (status) goto out;
    units.products = syi_alloc((size_t)m->n_units * f.pairs, sizeof *units.products);
    units.factor = syi_alloc((size_t)m->n_units, sizeof *units.factor);
    status = units.products && units.factor
                 ? syi_units_whole(ctx, &units, NULL)
                 : syi_fail(ctx, SY_ENOMEM, "interval: no room for the influence of %td units", m->n_units);
    for (int e = 0; e < u->n_values && !status; e++) {
        double acceleration, error;
        summarise(&units, f.gradient + (size_t)e * f.pairs, &acceleration, &error);
        if (d->acceleration) d->acceleration[e] = acceleration;
        if (d->errors) d->errors[e] = error * syi_scale_slope(sy_interval_scale(metric_of(u, e)), u->values[e]);
    }
out:
    SYI_FREE(units.products);
    SYI_FREE(units.factor);
    syi_resampling_free(&draws);
    syi_influence_free(&f);
    return status;
}

/* Limits of value e, its replicates gathered into d->line. */
static sy_status limits(sy_context *ctx, const drawn *d, int e, double *low, double *high)
{
    const int n = d->o->replicates, expanded = d->s->interval == SY_INTERVAL_EXPANDED;
    const size_t values = (size_t)d->u->n_values;
    const double *from = d->s->interval == SY_INTERVAL_STUDENTISED ? d->pivots : d->lines, value = d->u->values[e];
    const double level = d->o->level;
    const sy_scale scale = sy_interval_scale(metric_of(d->u, e));
    for (size_t r = 0; r < (size_t)n; r++) d->line[r] = from[r * values + (size_t)e];
    sy_status status = syi_serial_stopped(ctx);
    if (status) return status;
    switch (d->s->interval) {
    case SY_INTERVAL_BASIC: status = sy_interval_basic(ctx, scale, n, d->line, value, level, low, high); break;
    case SY_INTERVAL_BCA: status = sy_interval_bca(ctx, n, d->line, value, d->acceleration[e], level, low, high); break;
    case SY_INTERVAL_STUDENTISED:
        status = sy_interval_studentised(ctx, scale, n, d->line, value, d->errors[e], level, low, high);
        break;
    default: status = sy_interval_percentile(ctx, n, d->line, level, expanded, (double)d->s->units, low, high);
    }
    return status < 0 ? status : SY_OK;
}

static sy_status all_limits(sy_context *ctx, const drawn *d)
{
    const int last = d->u->n_values - 1;
    sy_status status = SY_OK;
    for (int e = 0; e < last && !status; e++)
        if (syi_smooth(metric_of(d->u, e))) status = limits(ctx, d, e, &d->t->low[e], &d->t->high[e]);
    return status ? status : limits(ctx, d, last, &d->s->total_low, &d->s->total_high);
}

static sy_status new_lines(sy_context *ctx, drawn *d)
{
    const size_t count = (size_t)d->o->replicates, values = (size_t)d->u->n_values, rows = (size_t)d->u->plan->n_rows;
    const int studentised = d->s->interval == SY_INTERVAL_STUDENTISED, bca = d->s->interval == SY_INTERVAL_BCA;
    d->lines = syi_alloc(count * values, sizeof *d->lines);
    d->line = syi_alloc(count, sizeof *d->line);
    d->scratch = syi_alloc(rows, sizeof *d->scratch);
    d->centre = syi_alloc(values, sizeof *d->centre);
    d->place = syi_alloc(rows, sizeof *d->place);
    if (studentised) d->pivots = syi_alloc(count * values, sizeof *d->pivots);
    if (studentised) d->errors = syi_alloc(values, sizeof *d->errors);
    if (bca) d->acceleration = syi_alloc(values, sizeof *d->acceleration);
    if (d->lines && d->line && d->scratch && d->centre && d->place && (d->pivots || !studentised) &&
        (d->errors || !studentised) && (d->acceleration || !bca))
        return SY_OK;
    return syi_fail(ctx, SY_ENOMEM, "replicates: no room for %d", d->o->replicates);
}

static void free_lines(drawn *d)
{
    SYI_FREE(d->lines);
    SYI_FREE(d->line);
    SYI_FREE(d->scratch);
    SYI_FREE(d->centre);
    SYI_FREE(d->place);
    SYI_FREE(d->pivots);
    SYI_FREE(d->errors);
    SYI_FREE(d->acceleration);
}

static sy_status draw_lines(sy_context *ctx, const drawn *d)
{
    const syi_uncertainty *u = d->u;
    const int bayes = d->s->interval == SY_INTERVAL_BAYES;
    if (d->s->interval != SY_INTERVAL_STUDENTISED)
        return syi_resample_bootstrap(ctx, u->plan, &u->total, &u->wanted, bayes, d->o->replicates, d->o->seed,
                                      d->lines);
    return syi_resample_studentised(ctx, u->plan, &u->wanted, u->values, d->o->replicates, d->o->seed, d->lines,
                                    d->pivots);
}

sy_status syi_fill_bootstrap(sy_context *ctx, const syi_uncertainty *u, const sy_evidence_options *o,
                             sy_evidence_summary *s, const sy_evidence_table *t)
{
    const size_t count = (size_t)o->replicates, cells = (size_t)u->plan->n_rows * SY_N_METRICS;
    const int last = u->n_values - 1;
    drawn d = {.u = u, .o = o, .s = s, .t = t};
    double variance;
    sy_status status = new_lines(ctx, &d);
    if (!status) status = draw_lines(ctx, &d);
    if (!status && (d.errors || d.acceleration)) status = linearise(ctx, &d);
    if (status) goto out;
    status = means(ctx, d.lines, count, u->n_values, d.centre);
    if (!status)
        status = syi_set_spread(ctx, u, d.lines, count, NULL, d.centre, SYI_SPREAD_SAMPLE, d.place, d.scratch, t);
    if (status) goto out;
    const double kept = syi_resample_variances(d.lines, count, NULL, u->n_values, d.centre, 1, &last, NULL,
                                               SYI_SPREAD_SAMPLE, &variance);
    s->df = syi_resample_df(u->plan->m);
    s->total_std_error = sqrt(variance);
    s->replicates = o->replicates;
    status = all_limits(ctx, &d);
    for (size_t r = 0; t->replicates && r < count; r++)
        memcpy(t->replicates + r * cells, d.lines + r * (size_t)u->n_values, cells * sizeof *d.lines);
    if (!status) status = syi_remark_lost(ctx, (double)count - kept, (double)count, "bootstrap samples");
out:
    free_lines(&d);
    return status;
}
