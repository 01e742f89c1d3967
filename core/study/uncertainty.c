/* What all kinds of interval share: the whole sample's values, standard errors
 * on the scale of each metric, t limits. Shares move to their scale (scale.c) by
 * the delta method, or by transforming the leave-one-out values and replicates.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "study/resample_internal.h"
#include "study/rows_internal.h"
#include "study/scale_internal.h"
#include "study/uncertainty_internal.h"
#include "study/units_internal.h"
#include <math.h>
#include <string.h>

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
    const int guarded = u->wanted.guarded, bayes = kind == SY_INTERVAL_BAYES;
    const double drawn = syi_resample_bootstrap_seconds(u->plan, guarded, bayes, options->replicates);
    const double influence = syi_influence_seconds(u->plan, guarded), units = syi_units_seconds(u->plan);
    switch (kind) {
    case SY_INTERVAL_JACKKNIFE: return syi_resample_jackknife_seconds(u->plan, guarded);
    case SY_INTERVAL_PERCENTILE:
    case SY_INTERVAL_EXPANDED:
    case SY_INTERVAL_BASIC:
    case SY_INTERVAL_BAYES: return drawn;
    case SY_INTERVAL_BCA: return drawn + influence + units;
    case SY_INTERVAL_STUDENTISED: return drawn + (options->replicates + 1) * (influence + units);
    case SY_INTERVAL_INFLUENCE:
        if (u->plan->m->unit != SY_UNIT_NONE) return influence + units;
        return influence + syi_rows_seconds(u->plan, u->plan->m->rows_read);
    case SY_INTERVAL_NORMAL: return influence;
    case SY_INTERVAL_AUTO:
    case SY_INTERVAL_NONE: break;
    }
    return 0;
}

int syi_smooth(int metric)
{
    return metric != SY_LOWEST && metric != SY_HIGHEST;
}

sy_scale syi_scale_of(sy_interval_kind kind, int metric)
{
    return kind == SY_INTERVAL_NORMAL ? sy_interval_scale_normal(metric) : sy_interval_scale(metric);
}

void syi_set_errors(const syi_uncertainty *u, sy_interval_kind kind, int metric, const double *scaled,
                    const sy_evidence_table *t)
{
    const int rows = u->plan->n_rows;
    const double *covariance = t->covariance + (size_t)metric * (size_t)(rows * rows);
    const sy_scale scale = syi_scale_of(kind, metric);
    for (int r = 0; r < rows; r++) {
        const int at = r * SY_N_METRICS + metric;
        const double error = sqrt(covariance[r * rows + r]);
        t->std_error[at] = error;
        t->std_error_scaled[at] =
            scaled && scale != SY_SCALE_IDENTITY ? scaled[r] : error * syi_scale_slope(scale, t->estimate[at]);
    }
}

sy_status syi_set_limits(sy_context *ctx, const syi_uncertainty *u, const sy_evidence_options *o, double total_scaled,
                         sy_evidence_summary *s, const sy_evidence_table *t)
{
    sy_status status = SY_OK;
    for (int i = 0; i < u->plan->n_rows * SY_N_METRICS && status >= 0; i++)
        status = sy_interval_limits(ctx, syi_scale_of(s->interval, i % SY_N_METRICS), t->estimate[i],
                                    t->std_error_scaled[i], s->df, o->level, &t->low[i], &t->high[i]);
    if (status >= 0)
        status = sy_interval_limits(ctx, syi_scale_of(s->interval, SY_SHARE), s->whole.total, total_scaled, s->df,
                                    o->level, &s->total_low, &s->total_high);
    return status < 0 ? status : SY_OK;
}

sy_status syi_remark_lost(sy_context *ctx, double lost, double count, const char *what)
{
    if (!(lost > 0)) return SY_OK;
    return syi_remark(
        ctx, SY_NOTE_FEW_CLUSTERS, "", lost,
        "%.0f of %.0f %s have no answer (a level or the outcome becomes constant); the intervals rest on the others",
        lost, count, what);
}

/* Standard errors of cube roots, error [rows], from what stands at place [rows]. */
static sy_status cube_root_errors(sy_context *ctx, const double *lines, size_t count, const double *times, int n_values,
                                  const double *centre, int rows, const int *place, syi_spread form, double *error)
{
    for (int first = 0; first < rows; first += SYI_VARIANCES_AT_ONCE) {
        const int some = rows - first < SYI_VARIANCES_AT_ONCE ? rows - first : SYI_VARIANCES_AT_ONCE;
        if (syi_serial_stopped(ctx)) return SY_EINTR;
        syi_resample_variances(lines, count, times, n_values, centre, some, place + first, syi_cube_root, form,
                               error + first);
    }
    for (int r = 0; r < rows; r++) error[r] = sqrt(error[r]);
    return SY_OK;
}

sy_status syi_set_spread(sy_context *ctx, const syi_uncertainty *u, const double *lines, size_t count,
                         const double *times, const double *centre, syi_spread form, int *place, double *scratch,
                         const sy_evidence_table *t)
{
    const int rows = u->plan->n_rows, n_values = u->n_values;
    for (int metric = 0; metric < SY_N_METRICS; metric++) {
        if (!syi_smooth(metric)) continue;
        if (syi_serial_stopped(ctx)) return SY_EINTR;
        double *covariance = t->covariance + (size_t)metric * (size_t)(rows * rows);
        for (int r = 0; r < rows; r++) place[r] = r * SY_N_METRICS + metric;
        syi_resample_covariance(lines, count, times, n_values, centre, rows, place, form, scratch, covariance);
        if (syi_scale_of(SY_INTERVAL_JACKKNIFE, metric) != SY_SCALE_IDENTITY &&
            cube_root_errors(ctx, lines, count, times, n_values, centre, rows, place, form, scratch))
            return SY_EINTR;
        syi_set_errors(u, SY_INTERVAL_JACKKNIFE, metric, scratch, t);
    }
    return SY_OK;
}

sy_status syi_uncertainty_fill(sy_context *ctx, const syi_uncertainty *u, const sy_design *rows,
                               const sy_evidence_options *options, sy_evidence_summary *summary,
                               const sy_evidence_table *table)
{
    switch (summary->interval) {
    case SY_INTERVAL_JACKKNIFE: return syi_fill_jackknife(ctx, u, options, summary, table);
    case SY_INTERVAL_INFLUENCE:
    case SY_INTERVAL_NORMAL: return syi_fill_linear(ctx, u, rows, options, summary, table);
    case SY_INTERVAL_PERCENTILE:
    case SY_INTERVAL_EXPANDED:
    case SY_INTERVAL_BASIC:
    case SY_INTERVAL_BCA:
    case SY_INTERVAL_STUDENTISED:
    case SY_INTERVAL_BAYES: return syi_fill_bootstrap(ctx, u, options, summary, table);
    case SY_INTERVAL_AUTO:
    case SY_INTERVAL_NONE: break;
    }
    return SY_OK;
}
