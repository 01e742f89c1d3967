/* Each kind of interval: covariances of the values, standard errors on the
 * scale of each metric, limits.
 *
 * Jackknife: the spread of the leave-one-out values, on z and untransformed.
 * Influence and normal: covariances by linearisation, to z by the delta method,
 *   d atanh(sqrt(s)) / ds = 1 / (2 sqrt(s) (1 - s)).
 * Percentile kinds: quantiles of the replicates.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "study/resample_internal.h"
#include "study/rows_internal.h"
#include "study/uncertainty_internal.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Below this a share is zero for all purposes and has no z. */
static const double nothing = 1e-12;

static double to_z(double share)
{
    return atanh(sqrt(fmin(fmax(share, 0), 1 - 0x1p-53)));
}

static double z_slope(double share)
{
    return share > nothing && share < 1 ? 1 / (2 * sqrt(share) * (1 - share)) : NAN;
}

sy_status syi_uncertainty_init(sy_context *ctx, syi_plan *plan, const sy_question *question, const syi_wanted *wanted,
                               syi_uncertainty *u, sy_shares_summary *summary)
{
    const size_t packed = syi_packed_length(plan->m->n_columns);
    syi_arena scratch = {0};
    int *aliased = syi_alloc((size_t)(plan->n_adjust + plan->k), sizeof *aliased);
    *u = (syi_uncertainty){.plan = plan, .question = question, .n_values = syi_evaluator_values(plan)};
    u->planes = syi_alloc(2 * packed, sizeof *u->planes);
    u->values = syi_alloc((size_t)u->n_values, sizeof *u->values);
    sy_status status = SY_OK;
    if (!aliased || !u->planes || !u->values || syi_arena_init(&scratch, syi_shares_room(plan))) {
        status = syi_fail(ctx, SY_ENOMEM, "blocks: no room for %d columns", plan->k);
        goto out;
    }
    u->total.hi = u->planes;
    u->total.lo = u->planes + packed;
    syi_moments_total(plan->m, NULL, &u->total);
    status = syi_shares_whole(ctx, plan, question, &u->total, wanted, &scratch, summary, u->values, aliased);
    u->values[u->n_values - 1] = summary->total;
    u->wanted = (syi_wanted){.guarded = wanted->guarded || summary->guarded};
out:
    syi_arena_free(&scratch);
    SYI_FREE(aliased);
    return status;
}

void syi_uncertainty_free(syi_uncertainty *u)
{
    SYI_FREE(u->planes);
    SYI_FREE(u->values);
}

double syi_uncertainty_seconds(const syi_uncertainty *u, sy_interval_kind kind, const sy_evidence_options *options)
{
    const int guarded = u->wanted.guarded;
    switch (kind) {
    case SY_INTERVAL_JACKKNIFE: return syi_resample_jackknife_seconds(u->plan, guarded);
    case SY_INTERVAL_PERCENTILE:
    case SY_INTERVAL_EXPANDED: return syi_resample_bootstrap_seconds(u->plan, guarded, 0, options->replicates);
    case SY_INTERVAL_INFLUENCE:
        return syi_influence_seconds(u->plan, guarded) + syi_rows_seconds(u->plan, u->plan->m->rows_read);
    case SY_INTERVAL_NORMAL: return syi_influence_seconds(u->plan, guarded);
    case SY_INTERVAL_AUTO:
    case SY_INTERVAL_NONE: break;
    }
    return 0;
}

static int smooth(int metric)
{
    return metric != SY_LOWEST && metric != SY_HIGHEST;
}

/* Standard errors of a metric from its covariance; `scaled` [R] on its scale,
 * NULL for the delta method. */
static void set_errors(const syi_uncertainty *u, int metric, const double *scaled, const sy_evidence_table *t)
{
    const int rows = u->plan->n_rows;
    const double *covariance = t->covariance + (size_t)metric * (size_t)(rows * rows);
    for (int r = 0; r < rows; r++) {
        const int at = r * SY_N_METRICS + metric;
        const double error = sqrt(covariance[r * rows + r]);
        t->std_error[at] = error;
        if (sy_interval_scale(metric) == SY_SCALE_IDENTITY) t->std_error_scaled[at] = error;
        else t->std_error_scaled[at] = scaled ? scaled[r] : error * z_slope(t->estimate[at]);
    }
}

/* t limits of every cell and of the total. */
static sy_status set_limits(sy_context *ctx, const syi_uncertainty *u, const sy_evidence_options *o,
                            double total_scaled, sy_evidence_summary *s, const sy_evidence_table *t)
{
    sy_status status = SY_OK;
    for (int i = 0; i < u->plan->n_rows * SY_N_METRICS && status >= 0; i++)
        status = sy_interval_limits(ctx, sy_interval_scale(i % SY_N_METRICS), t->estimate[i], t->std_error_scaled[i],
                                    s->df, o->level, &t->low[i], &t->high[i]);
    if (status >= 0)
        status = sy_interval_limits(ctx, SY_SCALE_ATANH_SQRT, s->whole.total, total_scaled, s->df, o->level,
                                    &s->total_low, &s->total_high);
    return status < 0 ? status : SY_OK;
}

static sy_status remark_lost(sy_context *ctx, double lost, double count, const char *what)
{
    if (!(lost > 0)) return SY_OK;
    return syi_remark(
        ctx, SY_NOTE_FEW_CLUSTERS, "", lost,
        "%.0f of %.0f %s have no answer (a level or the outcome becomes constant); the intervals rest on the others",
        lost, count, what);
}

/* Means of the lines that have an answer. */
static void means(const double *lines, size_t count, int n_values, double *mean)
{
    for (int v = 0; v < n_values; v++) {
        double sum = 0, kept = 0;
        for (size_t r = 0; r < count; r++) {
            const double value = lines[r * (size_t)n_values + (size_t)v];
            if (isnan(value)) continue;
            sum += value;
            kept += 1;
        }
        mean[v] = sum / kept;
    }
}

/* Spread of the lines into the table: untransformed covariances, and errors on
 * z. place and scratch: [R], [R * R]. */
static void spread(const syi_uncertainty *u, const double *lines, size_t count, const double *centre, int jackknife,
                   int *place, double *scratch, const sy_evidence_table *t)
{
    const int rows = u->plan->n_rows;
    const double *times = jackknife ? syi_resample_times(u->plan->m) : NULL;
    for (int metric = 0; metric < SY_N_METRICS; metric++) {
        if (!smooth(metric)) continue;
        double *covariance = t->covariance + (size_t)metric * (size_t)(rows * rows);
        for (int r = 0; r < rows; r++) place[r] = r * SY_N_METRICS + metric;
        syi_resample_spread(lines, count, times, u->n_values, centre, rows, place, NULL, jackknife, covariance);
        for (int r = 0; r < rows; r++) {
            double variance;
            syi_resample_spread(lines, count, times, u->n_values, centre, 1, place + r, to_z, jackknife, &variance);
            scratch[r] = sqrt(variance);
        }
        set_errors(u, metric, scratch, t);
    }
}

/* Blocks whose interval rests on one unit: it holds more than half of the
 * jackknife variance, so that normal limits are not to be trusted far. */
static sy_status remark_one_unit(sy_context *ctx, const syi_uncertainty *u, const double *lines, size_t units)
{
    sy_status status = SY_OK;
    for (int b = 0; b < u->plan->n_blocks && !status; b++) {
        const int at = b * SY_N_METRICS + SY_SHARE;
        double sum = 0, most = 0;
        size_t which = 0;
        for (size_t g = 0; g < units; g++) {
            const double move = lines[g * (size_t)u->n_values + (size_t)at] - u->values[at];
            if (isnan(move)) continue;
            sum += move * move;
            if (move * move > most) {
                most = move * move;
                which = g;
            }
        }
        if (!(most > 0.5 * sum)) continue;
        char unit[SY_NAME_LENGTH];
        const char *label = sy_moments_cluster(u->plan->m, (ptrdiff_t)which);
        if (label) snprintf(unit, sizeof unit, "%s", label);
        else snprintf(unit, sizeof unit, "row %zu of the rows used", which + 1);
        status =
            syi_remark(ctx, SY_NOTE_ONE_UNIT, u->question->blocks[b].name, (double)which + 1,
                       "the interval of %s rests on one unit: without %s its share is %.4f, with it %.4f (%.0f %% of "
                       "the variance)",
                       u->question->blocks[b].name, unit, lines[which * (size_t)u->n_values + (size_t)at],
                       u->values[at], 100 * most / sum);
    }
    return status;
}

static sy_status jackknife(sy_context *ctx, const syi_uncertainty *u, const sy_evidence_options *o,
                           sy_evidence_summary *s, const sy_evidence_table *t)
{
    const size_t units = (size_t)u->plan->m->n_units, rows = (size_t)u->plan->n_rows;
    double *lines = syi_alloc(units * (size_t)u->n_values, sizeof *lines);
    double *scratch = syi_alloc(rows, sizeof *scratch), variance[2];
    int *place = syi_alloc(rows, sizeof *place);
    sy_status status = SY_OK;
    if (!lines || !scratch || !place)
        status = syi_fail(ctx, SY_ENOMEM, "interval: no room for %zu leave-one-out samples", units);
    if (!status) status = syi_resample_jackknife(ctx, u->plan, &u->total, &u->wanted, lines);
    if (status) goto out;
    spread(u, lines, units, u->values, 1, place, scratch, t);
    const int last = u->n_values - 1;
    const double *times = syi_resample_times(u->plan->m), all = syi_resample_units(u->plan->m);
    const double kept =
        syi_resample_spread(lines, units, times, u->n_values, u->values, 1, &last, NULL, 1, &variance[0]);
    syi_resample_spread(lines, units, times, u->n_values, u->values, 1, &last, to_z, 1, &variance[1]);
    s->df = kept - 1;
    s->total_std_error = sqrt(variance[0]);
    status = set_limits(ctx, u, o, sqrt(variance[1]), s, t);
    if (!status) status = remark_lost(ctx, all - kept, all, "leave-one-out samples");
    if (!status) status = remark_one_unit(ctx, u, lines, units);
out:
    SYI_FREE(lines);
    SYI_FREE(scratch);
    SYI_FREE(place);
    return status;
}

static sy_status linearised(sy_context *ctx, const syi_uncertainty *u, const sy_design *rows,
                            const sy_evidence_options *o, sy_evidence_summary *s, const sy_evidence_table *t)
{
    syi_influence f = {0};
    double *fourth = NULL, *work = NULL, variance = 0;
    const int by_rows = s->interval == SY_INTERVAL_INFLUENCE;
    const double n = s->whole.n_effective;
    sy_status status = syi_influence_init(ctx, u->plan, &u->total, &u->wanted, &f);
    if (status) goto out;
    s->df = n - 1;
    if (by_rows) {
        fourth = syi_alloc(f.pairs * f.pairs, sizeof *fourth);
        work = syi_alloc(f.pairs, sizeof *work);
        status = fourth && work
                     ? syi_rows_fourth(ctx, rows, u->plan, &f, fourth)
                     : syi_fail(ctx, SY_ENOMEM, "interval: no room for the influence of %d columns", u->plan->k);
        if (status) goto out;
    }
    for (int metric = 0; metric <= SY_N_METRICS; metric++) {
        const size_t square = (size_t)u->plan->n_rows * (size_t)u->plan->n_rows;
        double *covariance = metric == SY_N_METRICS ? &variance : t->covariance + (size_t)metric * square;
        if (!smooth(metric)) continue;
        if (by_rows) syi_influence_rows(&f, u->plan, metric, fourth, n / (n - 1), work, covariance);
        else syi_influence_normal(&f, u->plan, metric, n - 1, covariance);
        if (metric < SY_N_METRICS) set_errors(u, metric, NULL, t);
    }
    s->total_std_error = sqrt(variance);
    status = set_limits(ctx, u, o, s->total_std_error * z_slope(s->whole.total), s, t);
out:
    SYI_FREE(fourth);
    SYI_FREE(work);
    syi_influence_free(&f);
    return status;
}

/* Percentile limits of value `at`, its replicates gathered into `line`. */
static sy_status percentile(sy_context *ctx, const double *lines, int count, int n_values, int at, int expanded,
                            double level, double units, double *line, double *low, double *high)
{
    for (int r = 0; r < count; r++) line[r] = lines[(size_t)r * (size_t)n_values + (size_t)at];
    const sy_status status = sy_interval_percentile(ctx, count, line, level, expanded, units, low, high);
    return status < 0 ? status : SY_OK;
}

static sy_status percentiles(sy_context *ctx, const syi_uncertainty *u, const sy_evidence_options *o,
                             const double *lines, double *line, sy_evidence_summary *s, const sy_evidence_table *t)
{
    const int expanded = s->interval == SY_INTERVAL_EXPANDED, last = u->n_values - 1;
    const double units = (double)s->units;
    sy_status status = SY_OK;
    for (int i = 0; i < last && !status; i++)
        if (smooth(i % SY_N_METRICS))
            status = percentile(ctx, lines, o->replicates, u->n_values, i, expanded, o->level, units, line, &t->low[i],
                                &t->high[i]);
    if (!status)
        status = percentile(ctx, lines, o->replicates, u->n_values, last, expanded, o->level, units, line,
                            &s->total_low, &s->total_high);
    return status;
}

static sy_status bootstrap(sy_context *ctx, const syi_uncertainty *u, const sy_evidence_options *o,
                           sy_evidence_summary *s, const sy_evidence_table *t)
{
    const size_t count = (size_t)o->replicates, rows = (size_t)u->plan->n_rows, cells = rows * SY_N_METRICS;
    double *lines = syi_alloc(count * (size_t)u->n_values, sizeof *lines), *line = syi_alloc(count, sizeof *line);
    double *scratch = syi_alloc(rows, sizeof *scratch), *centre = syi_alloc((size_t)u->n_values, sizeof *centre);
    double variance;
    int *place = syi_alloc(rows, sizeof *place);
    sy_status status = SY_OK;
    if (!lines || !line || !scratch || !centre || !place)
        status = syi_fail(ctx, SY_ENOMEM, "replicates: no room for %d", o->replicates);
    if (!status) status = syi_resample_bootstrap(ctx, u->plan, &u->wanted, 0, o->replicates, o->seed, lines);
    if (status) goto out;
    means(lines, count, u->n_values, centre);
    spread(u, lines, count, centre, 0, place, scratch, t);
    const int last = u->n_values - 1;
    const double kept = syi_resample_spread(lines, count, NULL, u->n_values, centre, 1, &last, NULL, 0, &variance);
    s->df = (double)s->units - 1;
    s->total_std_error = sqrt(variance);
    s->replicates = o->replicates;
    status = percentiles(ctx, u, o, lines, line, s, t);
    for (size_t r = 0; t->replicates && r < count; r++)
        memcpy(t->replicates + r * cells, lines + r * (size_t)u->n_values, cells * sizeof *lines);
    if (!status) status = remark_lost(ctx, (double)count - kept, (double)count, "bootstrap samples");
out:
    SYI_FREE(lines);
    SYI_FREE(line);
    SYI_FREE(scratch);
    SYI_FREE(centre);
    SYI_FREE(place);
    return status;
}

sy_status syi_uncertainty_fill(sy_context *ctx, const syi_uncertainty *u, const sy_design *rows,
                               const sy_evidence_options *options, sy_evidence_summary *summary,
                               const sy_evidence_table *table)
{
    switch (summary->interval) {
    case SY_INTERVAL_JACKKNIFE: return jackknife(ctx, u, options, summary, table);
    case SY_INTERVAL_INFLUENCE:
    case SY_INTERVAL_NORMAL: return linearised(ctx, u, rows, options, summary, table);
    case SY_INTERVAL_PERCENTILE:
    case SY_INTERVAL_EXPANDED: return bootstrap(ctx, u, options, summary, table);
    case SY_INTERVAL_AUTO:
    case SY_INTERVAL_NONE: break;
    }
    return SY_OK;
}
