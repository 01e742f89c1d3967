/* Resampling plans as weights on the units' moments, so that a replicate costs
 * the same whatever the number of rows.
 *
 * Delete-one jackknife: theta_(g) from total - M_g; the variance is
 *   (G - 1) / G sum (theta_(g) - theta)^2,
 * centred at the full sample's value (CV3 of MacKinnon, Nielsen & Webb 2023,
 * doi:10.1002/jae.2969), which is never below the form centred at the mean. With
 * strata from total + S_h / (N_h - 1) - N_h / (N_h - 1) M_g, S_h the sums of the
 * unit's stratum: the others of the stratum stand for all of it (JKn).
 * Bootstrap: the plans of plan_times.c.
 * Cost: units (columns^2 + one evaluation); a bootstrap replicate adds units
 * columns^2.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/lanes_internal.h"
#include "base/status_internal.h"
#include "study/replicates_internal.h"
#include "study/resample_internal.h"
#include <math.h>
#include <string.h>

typedef struct {
    syi_evaluator *e;
    uint64_t seed;
    const syi_resampling *draws;
    const syi_leaving *leaving;
    const syi_replicates *together;
    size_t count; /* replicates */
    double *out;
} job;

static syi_sums take_sums(const sy_moments *m, syi_arena *scratch)
{
    const size_t packed = syi_packed_length(m->n_columns);
    syi_sums sums = {0};
    sums.hi = syi_arena_take(scratch, packed, sizeof *sums.hi);
    sums.lo = syi_arena_take(scratch, packed, sizeof *sums.lo);
    return sums;
}

static size_t sums_room(const sy_moments *m)
{
    return 2 * syi_arena_room(syi_packed_length(m->n_columns), sizeof(double)) +
           syi_arena_room((size_t)m->n_units, sizeof(double));
}

void syi_leave_out(const sy_moments *m, const syi_leaving *l, ptrdiff_t g, syi_sums *sums)
{
    const double *often = syi_resample_times(m);
    const size_t packed = syi_packed_length(m->n_columns);
    if (!l->strata) {
        syi_moments_without(m, l->total, g, often ? 1 / often[g] : 1, sums);
        return;
    }
    /* the unit's stratum in its place: the others weighted up */
    const int h = m->unit_stratum[g];
    const double units = l->draws.in_stratum[h];
    const syi_sums *stratum = &l->strata[h];
    syi_moments_without(m, l->total, g, units / (units - 1) / (often ? often[g] : 1), sums);
    syi_lanes_add(syi_simd_widest(), packed, 1 / (units - 1), stratum->hi, stratum->lo, sums->hi, sums->lo);
    sums->n += stratum->n / (units - 1);
    sums->sum_w2 += stratum->sum_w2 / (units - 1);
}

static void leave_one_out(void *arg, int worker, size_t g)
{
    const job *j = arg;
    const sy_moments *m = j->e->plan->m;
    syi_arena *scratch = &j->e->scratch[worker];
    const syi_arena mark = *scratch;
    syi_sums sums = take_sums(m, scratch);
    syi_leave_out(m, j->leaving, (ptrdiff_t)g, &sums);
    syi_evaluator_sums(j->e, worker, &sums, j->out + g * (size_t)j->e->n_values);
    *scratch = mark;
}

static void draw(void *arg, int worker, size_t replicate)
{
    const job *j = arg;
    const sy_moments *m = j->e->plan->m;
    syi_arena *scratch = &j->e->scratch[worker];
    const syi_arena mark = *scratch;
    syi_sums sums = take_sums(m, scratch);
    double *times = syi_arena_take(scratch, (size_t)m->n_units, sizeof *times);
    syi_plan_times(m, j->draws, j->seed, replicate, times);
    syi_moments_total(m, times, &sums);
    syi_evaluator_sums(j->e, worker, &sums, j->out + replicate * (size_t)j->e->n_values);
    *scratch = mark;
}

static sy_status run(sy_context *ctx, const syi_plan *plan, const syi_wanted *wanted, size_t count, syi_work work,
                     job *j)
{
    syi_evaluator e = {0};
    sy_status status = syi_evaluator_init(ctx, plan, wanted, count, sums_room(plan->m), &e);
    j->e = &e;
    if (!status) status = syi_evaluator_run(&e, count, work, j);
    syi_evaluator_free(&e);
    return status;
}

/* Sums of each stratum's units, in planes one behind the other. */
static void add_strata(const sy_moments *m, double *planes, syi_sums *strata)
{
    const size_t packed = syi_packed_length(m->n_columns);
    for (int h = 0; h < m->n_strata; h++)
        strata[h] = (syi_sums){.hi = planes + 2 * (size_t)h * packed, .lo = planes + (2 * (size_t)h + 1) * packed};
    for (ptrdiff_t g = 0; g < m->n_units; g++) {
        syi_sums *s = &strata[m->unit_stratum[g]];
        const size_t at = (size_t)g * packed;
        syi_lanes_add(syi_simd_widest(), packed, 1, m->hi + at, m->lo ? m->lo + at : NULL, s->hi, s->lo);
        s->n += m->unit_n[g];
        s->sum_w2 += m->unit_sum_w2[g];
    }
}

sy_status syi_leaving_init(sy_context *ctx, const sy_moments *m, const syi_sums *total, syi_leaving *l)
{
    const size_t strata = (size_t)m->n_strata, packed = syi_packed_length(m->n_columns);
    *l = (syi_leaving){.total = total};
    if (!strata) return SY_OK;
    const sy_status status = syi_resampling_init(ctx, m, 0, &l->draws);
    if (status) return status;
    l->planes = syi_alloc(2 * strata * packed, sizeof *l->planes);
    l->strata = syi_alloc(strata, sizeof *l->strata);
    if (!l->planes || !l->strata) return syi_fail(ctx, SY_ENOMEM, "strata: no room for the sums of %zu", strata);
    add_strata(m, l->planes, l->strata);
    return SY_OK;
}

void syi_leaving_free(syi_leaving *l)
{
    SYI_FREE(l->planes);
    SYI_FREE(l->strata);
    syi_resampling_free(&l->draws);
}

sy_status syi_resample_jackknife_factors(sy_context *ctx, const sy_moments *m, double *factor)
{
    syi_resampling draws = {0};
    const sy_status status = syi_resampling_init(ctx, m, 0, &draws);
    for (ptrdiff_t g = 0; g < m->n_units && !status; g++) factor[g] = syi_plan_jackknife_factor(m, &draws, g);
    syi_resampling_free(&draws);
    return status;
}

sy_status syi_resample_jackknife(sy_context *ctx, const syi_plan *plan, const syi_sums *total, const syi_wanted *wanted,
                                 double *out)
{
    syi_leaving leaving = {0};
    job j = {.out = out, .leaving = &leaving};
    sy_status status = syi_leaving_init(ctx, plan->m, total, &leaving);
    if (!status) status = run(ctx, plan, wanted, (size_t)plan->m->n_units, leave_one_out, &j);
    syi_leaving_free(&leaving);
    return status;
}

/* Sixteen replicates whose sums are made together. */
static void draw_together(void *arg, int worker, size_t batch)
{
    const job *j = arg;
    syi_replicates_run(j->e, worker, j->together, j->draws, j->seed, batch * SYI_REPLICATES_AT_ONCE, j->count, j->out);
}

static sy_status run_together(sy_context *ctx, const syi_plan *plan, const syi_sums *total, const syi_wanted *wanted,
                              job *j)
{
    syi_replicates together = {0};
    syi_evaluator e = {0};
    syi_wanted plain = *wanted;
    plain.plain = 1;
    const size_t batches = (j->count + SYI_REPLICATES_AT_ONCE - 1) / SYI_REPLICATES_AT_ONCE;
    sy_status status = syi_replicates_init(ctx, plan, total, &together);
    j->together = &together;
    j->e = &e;
    if (!status) status = syi_evaluator_init(ctx, plan, &plain, j->count, syi_replicates_room(plan, &together), &e);
    if (!status) status = syi_evaluator_run(&e, batches, draw_together, j);
    syi_evaluator_free(&e);
    syi_replicates_free(&together);
    return status;
}

/* One by one, in double-double, where digits are short, cluster means are forced
 * in, an evaluation is long beside its sums, or the products would take more
 * than 160 MB. */
static int alone(const syi_plan *plan, const syi_wanted *wanted)
{
    const double order = plan->n_adjust + plan->k + 1, products = (double)plan->m->n_units * order * order / 2;
    return wanted->guarded || plan->absorb || syi_shares_seconds(plan, 0) > 0.005 || products > 2e7;
}

sy_status syi_resample_bootstrap(sy_context *ctx, const syi_plan *plan, const syi_sums *total, const syi_wanted *wanted,
                                 int bayes, int replicates, uint64_t seed, double *out)
{
    syi_resampling draws = {0};
    job j = {.seed = seed, .out = out, .draws = &draws, .count = (size_t)replicates};
    sy_status status = syi_resampling_init(ctx, plan->m, bayes, &draws);
    if (!status)
        status = alone(plan, wanted) ? run(ctx, plan, wanted, j.count, draw, &j)
                                     : run_together(ctx, plan, total, wanted, &j);
    syi_resampling_free(&draws);
    return status;
}

double syi_resample_jackknife_seconds(const syi_plan *plan, int guarded)
{
    const double q = plan->m->n_columns;
    return (double)plan->m->n_units * (syi_shares_seconds(plan, guarded) + 5e-9 * q * q);
}

double syi_resample_bootstrap_seconds(const syi_plan *plan, int guarded, int bayes, int replicates)
{
    const double q = plan->m->n_columns;
    return replicates * (syi_shares_seconds(plan, guarded) + (double)plan->m->n_units * 5e-9 * q * q +
                         syi_plan_seconds(plan->m, bayes));
}
