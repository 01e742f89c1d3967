/* Reliabilities with each unit left out.
 *
 * Sums without a unit from the unit's own (resample.c), and the factor sought from
 * the whole sample's. The variance is (N - 1) / N sum (theta_(g) - theta)^2, with
 * strata sum over h of (N_h - 1) / N_h sum over its units; of log(1 - theta) the
 * same of the transformed values. Units in parallel, each its own line.
 * Cost: units (q^2 + a fit).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "study/measurement/reliability_internal.h"
#include "study/resample_internal.h"
#include <math.h>
#include <string.h>

typedef struct {
    const syi_reliability *r;
    const syi_leaving *leaving;
    syi_arena *scratch;
    double *lines; /* [units][SY_N_RELIABILITIES] */
} job;

static double log_rest(double value)
{
    return value < 1 ? log(1 - value) : NAN;
}

static void leave(void *arg, int worker, size_t g)
{
    const job *j = arg;
    const syi_reliability *r = j->r;
    const int k = r->k;
    const size_t packed = syi_packed_length(r->m->n_columns), square = (size_t)k * (size_t)k, one = (size_t)k;
    syi_arena mark = j->scratch[worker];
    syi_sums sums = {.hi = syi_arena_take(&mark, packed, sizeof(double))};
    sums.lo = syi_arena_take(&mark, packed, sizeof(double));
    double *s = syi_arena_take(&mark, square, sizeof *s), *loading = syi_arena_take(&mark, one, sizeof *loading);
    double *unique = syi_arena_take(&mark, one, sizeof *unique);
    double *work = syi_arena_take(&mark, syi_reliability_room(k), sizeof *work);
    syi_dd *dd = syi_arena_take(&mark, square, sizeof *dd);
    syi_one_factor_fit fit;
    double *line = j->lines + g * SY_N_RELIABILITIES;
    memcpy(loading, r->loading, one * sizeof *loading);
    memcpy(unique, r->unique, one * sizeof *unique);
    syi_leave_out(r->m, j->leaving, (ptrdiff_t)g, &sums);
    syi_reliability_covariances(r, &sums, dd, s, NULL);
    int constant = 0;
    for (int a = 0; a < k; a++) constant |= !(s[a * k + a] > 1e-12 * r->s[a * k + a]);
    if (!constant) syi_reliability_values(k, s, r->scale, r->omega, 1, loading, unique, work, &fit, line);
    for (int v = 0; v < SY_N_RELIABILITIES && constant; v++) line[v] = NAN;
}

static size_t scratch_bytes(const syi_reliability *r)
{
    const size_t k = (size_t)r->k;
    return 2 * syi_arena_room(syi_packed_length(r->m->n_columns), sizeof(double)) +
           syi_arena_room(k * k, sizeof(double)) + 2 * syi_arena_room(k, sizeof(double)) +
           syi_arena_room(syi_reliability_room(r->k), sizeof(double)) + syi_arena_room(k * k, sizeof(syi_dd));
}

static sy_status run(sy_context *ctx, job *j, size_t units)
{
    const double order = 2.0 * j->r->k, seconds = (double)units * (1e-6 + 6 * order * order * order * 1e-9);
    syi_arena scratch[SYI_MAX_THREADS] = {{0}};
    const int workers = syi_parallel_workers(ctx, units, seconds);
    int failed = 0;
    for (int w = 0; w < workers && !failed; w++) failed = syi_arena_init(&scratch[w], scratch_bytes(j->r)) != 0;
    j->scratch = scratch;
    const sy_status status = failed ? syi_fail(ctx, SY_ENOMEM, "items: no room for %zu leave-one-out samples", units)
                                    : syi_parallel(ctx, units, seconds, leave, j);
    for (int w = 0; w < workers; w++) syi_arena_free(&scratch[w]);
    return status;
}

/* Variances from the lines; `all` people. Says how many lines a value was lost in. */
static sy_status spread_lines(sy_context *ctx, const syi_reliability *r, const syi_resampling *draws,
                              const double *lines, double *factor, double *variance, double *scaled)
{
    static const int place[SY_N_RELIABILITIES] = {SY_ALPHA, SY_ALPHA_STANDARDISED, SY_OMEGA};
    const size_t units = (size_t)r->m->n_units;
    double lost = 0;
    for (size_t g = 0; g < units; g++) {
        factor[g] = syi_plan_jackknife_factor(r->m, draws, (ptrdiff_t)g);
        lost += isnan(lines[g * SY_N_RELIABILITIES]) ||
                (!isnan(r->value[SY_OMEGA]) && isnan(lines[g * SY_N_RELIABILITIES + SY_OMEGA]));
    }
    syi_resample_variances(lines, units, factor, SY_N_RELIABILITIES, r->value, SY_N_RELIABILITIES, place, NULL,
                           SYI_SPREAD_SUM, variance);
    syi_resample_variances(lines, units, factor, SY_N_RELIABILITIES, r->value, SY_N_RELIABILITIES, place, log_rest,
                           SYI_SPREAD_SUM, scaled);
    if (!(lost > 0)) return SY_OK;
    return syi_remark(ctx, SY_NOTE_FEW_CLUSTERS, "", lost,
                      "%.0f of %zu leave-one-out samples have no answer (an item becomes constant, or follows from the "
                      "others); the limits rest on the others",
                      lost, units);
}

sy_status syi_reliability_jackknife(sy_context *ctx, const syi_reliability *r, sy_reliability_summary *summary,
                                    double *variance, double *scaled)
{
    const sy_moments *m = r->m;
    const size_t units = (size_t)m->n_units, packed = syi_packed_length(m->n_columns);
    double *planes = syi_alloc(2 * packed, sizeof *planes), *factor = syi_alloc(units, sizeof *factor);
    double *lines = syi_alloc(units * SY_N_RELIABILITIES, sizeof *lines);
    syi_leaving leaving = {0};
    syi_resampling draws = {0};
    sy_status status = SY_OK;
    if (!planes || !factor || !lines) {
        status = syi_fail(ctx, SY_ENOMEM, "items: no room for %zu leave-one-out samples", units);
        goto out;
    }
    syi_sums total = {.hi = planes, .lo = planes + packed};
    syi_moments_total(m, NULL, &total);
    status = syi_leaving_init(ctx, m, &total, &leaving);
    if (!status) status = syi_resampling_init(ctx, m, 0, &draws);
    job j = {.r = r, .leaving = &leaving, .lines = lines};
    if (!status) status = run(ctx, &j, units);
    if (!status) status = spread_lines(ctx, r, &draws, lines, factor, variance, scaled);
    summary->units = m->n_units;
    summary->df = syi_resample_df(m);
out:
    syi_leaving_free(&leaving);
    syi_resampling_free(&draws);
    SYI_FREE(planes);
    SYI_FREE(factor);
    SYI_FREE(lines);
    return status;
}
