/* Delete-one-unit jackknife: covariances and errors from the leave-one-out
 * values, on the scale of shares and untransformed, limits by t.
 *
 * Without strata the variance is (N - 1) / N sum (theta_(g) - theta)^2 with N - 1
 * degrees of freedom [MacKinnon, Nielsen & Webb 2023, doi:10.1002/jae.2969]; with
 * strata sum over h of (N_h - 1) / N_h sum over its units (theta_(hg) - theta)^2
 * with units less strata, theta_(hg) with the rest of stratum h weighted up by
 * N_h / (N_h - 1) [JKn; Rust & Rao 1996, doi:10.1177/096228029600500305].
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "study/resample_internal.h"
#include "study/scale_internal.h"
#include "study/uncertainty_internal.h"
#include <math.h>
#include <stdio.h>

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

/* Errors, degrees of freedom and limits from the leave-one-out lines. */
static sy_status from_lines(sy_context *ctx, const syi_uncertainty *u, const double *lines, const double *factor,
                            double *scratch, int *place, const sy_evidence_options *o, sy_evidence_summary *s,
                            const sy_evidence_table *t)
{
    const sy_moments *m = u->plan->m;
    const size_t units = (size_t)m->n_units;
    const double *often = syi_resample_times(m), all = syi_resample_units(m);
    const double *times = m->n_strata ? factor : often;
    const syi_spread form = m->n_strata ? SYI_SPREAD_SUM : SYI_SPREAD_JACKKNIFE;
    const int last = u->n_values - 1;
    double variance[2];
    sy_status status = syi_set_spread(ctx, u, lines, units, times, u->values, form, place, scratch, t);
    const double kept = syi_resample_variances(lines, units, often, u->n_values, u->values, 1, &last, NULL,
                                               SYI_SPREAD_JACKKNIFE, &variance[0]);
    if (m->n_strata)
        syi_resample_variances(lines, units, times, u->n_values, u->values, 1, &last, NULL, form, variance);
    syi_resample_variances(lines, units, times, u->n_values, u->values, 1, &last, syi_cube_root, form, &variance[1]);
    s->df = syi_resample_df(m) - (all - kept);
    s->total_std_error = sqrt(variance[0]);
    if (!status) status = syi_set_limits(ctx, u, o, sqrt(variance[1]), s, t);
    return status ? status : syi_remark_lost(ctx, all - kept, all, "leave-one-out samples");
}

sy_status syi_fill_jackknife(sy_context *ctx, const syi_uncertainty *u, const sy_evidence_options *o,
                             sy_evidence_summary *s, const sy_evidence_table *t)
{
    const size_t units = (size_t)u->plan->m->n_units, rows = (size_t)u->plan->n_rows;
    double *lines = syi_alloc(units * (size_t)u->n_values, sizeof *lines), *factor = syi_alloc(units, sizeof *factor);
    double *scratch = syi_alloc(rows, sizeof *scratch);
    int *place = syi_alloc(rows, sizeof *place);
    sy_status status = SY_OK;
    if (!lines || !factor || !scratch || !place)
        status = syi_fail(ctx, SY_ENOMEM, "interval: no room for %zu leave-one-out samples", units);
    if (!status && u->plan->m->n_strata) status = syi_resample_jackknife_factors(ctx, u->plan->m, factor);
    if (!status) status = syi_resample_jackknife(ctx, u->plan, &u->total, &u->wanted, lines);
    if (!status) status = from_lines(ctx, u, lines, factor, scratch, place, o, s, t);
    if (!status) status = remark_one_unit(ctx, u, lines, units);
    SYI_FREE(lines);
    SYI_FREE(factor);
    SYI_FREE(scratch);
    SYI_FREE(place);
    return status;
}
