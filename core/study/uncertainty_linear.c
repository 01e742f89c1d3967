/* Limits by linearisation: influence of the units (units less strata degrees of
 * freedom), of the rows, and normal theory; covariances as they are, to the
 * scale of shares by the delta method.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "study/resample_internal.h"
#include "study/rows_internal.h"
#include "study/scale_internal.h"
#include "study/uncertainty_internal.h"
#include "study/units_internal.h"
#include <math.h>

static sy_status units_fourth(sy_context *ctx, const syi_uncertainty *u, const syi_influence *f, double *fourth)
{
    const sy_moments *m = u->plan->m;
    syi_resampling draws = {0};
    syi_units units = {.plan = u->plan, .f = f, .draws = &draws};
    sy_status status = syi_resampling_init(ctx, m, 0, &draws);
    if (status) goto out;
    units.products = syi_alloc((size_t)m->n_units * f->pairs, sizeof *units.products);
    units.factor = syi_alloc((size_t)m->n_units, sizeof *units.factor);
    status = units.products && units.factor
                 ? syi_units_whole(ctx, &units, fourth)
                 : syi_fail(ctx, SY_ENOMEM, "interval: no room for the influence of %td units", m->n_units);
out:
    SYI_FREE(units.products);
    SYI_FREE(units.factor);
    syi_resampling_free(&draws);
    return status;
}

static sy_status influence_fourth(sy_context *ctx, const syi_uncertainty *u, const sy_design *rows,
                                  const syi_influence *f, double *fourth)
{
    return u->plan->m->unit == SY_UNIT_NONE ? syi_rows_fourth(ctx, rows, u->plan, f, fourth)
                                            : units_fourth(ctx, u, f, fourth);
}

sy_status syi_fill_linear(sy_context *ctx, const syi_uncertainty *u, const sy_design *rows,
                          const sy_evidence_options *o, sy_evidence_summary *s, const sy_evidence_table *t)
{
    const sy_moments *m = u->plan->m;
    syi_influence f = {0};
    double *fourth = NULL, *work = NULL, variance = 0;
    const int by_influence = s->interval == SY_INTERVAL_INFLUENCE, by_units = m->unit != SY_UNIT_NONE;
    const double n = s->whole.n_effective;
    sy_status status = syi_influence_init(ctx, u->plan, &u->total, &u->wanted, &f);
    if (status) goto out;
    s->df = by_influence && by_units ? syi_resample_df(m) : n - 1;
    if (by_influence) {
        fourth = syi_alloc(f.pairs * f.pairs, sizeof *fourth);
        work = syi_alloc(f.pairs, sizeof *work);
        status = fourth && work
                     ? influence_fourth(ctx, u, rows, &f, fourth)
                     : syi_fail(ctx, SY_ENOMEM, "interval: no room for the influence of %d columns", u->plan->k);
        if (status) goto out;
    }
    for (int metric = 0; metric <= SY_N_METRICS; metric++) {
        const size_t square = (size_t)u->plan->n_rows * (size_t)u->plan->n_rows;
        double *covariance = metric == SY_N_METRICS ? &variance : t->covariance + (size_t)metric * square;
        if (!syi_smooth(metric)) continue;
        if (by_influence) syi_influence_rows(&f, u->plan, metric, fourth, by_units ? 1 : n / (n - 1), work, covariance);
        else syi_influence_normal(&f, u->plan, metric, n - 1, covariance);
        if (metric < SY_N_METRICS) syi_set_errors(u, s->interval, metric, NULL, t);
    }
    s->total_std_error = sqrt(variance);
    status = syi_set_limits(
        ctx, u, o, s->total_std_error * syi_scale_slope(syi_scale_of(s->interval, SY_SHARE), s->whole.total), s, t);
out:
    SYI_FREE(fourth);
    SYI_FREE(work);
    syi_influence_free(&f);
    return status;
}
