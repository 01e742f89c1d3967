/* Resampling plans as weights on the units' moments, so that a replicate costs
 * the same whatever the number of rows.
 *
 * Delete-one jackknife: theta_(g) from total - M_g; the variance is
 *   (G - 1) / G sum (theta_(g) - theta)^2,
 * centred at the full sample's value (CV3 of MacKinnon, Nielsen & Webb 2023,
 * doi:10.1002/jae.2969), which is never below the form centred at the mean.
 * Bootstrap: the plans of plan_times.c.
 * Cost: units (columns^2 + one evaluation); a bootstrap replicate adds units
 * columns^2.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "study/resample_internal.h"
#include <math.h>
#include <string.h>

typedef struct {
    syi_evaluator *e;
    const syi_sums *total;
    uint64_t seed;
    const syi_resampling *draws;
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

static void leave_one_out(void *arg, int worker, size_t g)
{
    const job *j = arg;
    const sy_moments *m = j->e->plan->m;
    syi_arena *scratch = &j->e->scratch[worker];
    const syi_arena mark = *scratch;
    syi_sums sums = take_sums(m, scratch);
    const double *often = syi_resample_times(m);
    syi_moments_without(m, j->total, (ptrdiff_t)g, often ? 1 / often[g] : 1, &sums);
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

sy_status syi_resample_jackknife(sy_context *ctx, const syi_plan *plan, const syi_sums *total, const syi_wanted *wanted,
                                 double *out)
{
    job j = {.total = total, .out = out};
    return run(ctx, plan, wanted, (size_t)plan->m->n_units, leave_one_out, &j);
}

sy_status syi_resample_bootstrap(sy_context *ctx, const syi_plan *plan, const syi_wanted *wanted, int bayes,
                                 int replicates, uint64_t seed, double *out)
{
    syi_resampling draws = {0};
    job j = {.seed = seed, .out = out, .draws = &draws};
    sy_status status = syi_resampling_init(ctx, plan->m, bayes, &draws);
    if (!status) status = run(ctx, plan, wanted, (size_t)replicates, draw, &j);
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

static int complete(const double *line, int k, const int *place)
{
    for (int i = 0; i < k; i++)
        if (isnan(line[place[i]])) return 0;
    return 1;
}

static double moved(double (*transform)(double), double value)
{
    return transform ? transform(value) : value;
}

double syi_resample_spread(const double *lines, size_t count, const double *times, int n_values, const double *centre,
                           int k, const int *place, double (*transform)(double), int jackknife, double *covariance)
{
    double n = 0;
    for (int i = 0; i < k * k; i++) covariance[i] = 0;
    for (size_t g = 0; g < count; g++) {
        const double *line = lines + g * (size_t)n_values, often = times ? times[g] : 1;
        if (!complete(line, k, place)) continue;
        n += often;
        for (int i = 0; i < k; i++) {
            const double d = often * (moved(transform, line[place[i]]) - moved(transform, centre[place[i]]));
            for (int j = 0; j <= i; j++)
                covariance[i * k + j] += d * (moved(transform, line[place[j]]) - moved(transform, centre[place[j]]));
        }
    }
    const double factor = n < 2 ? NAN : jackknife ? (n - 1) / n : 1 / (n - 1);
    for (int i = 0; i < k; i++)
        for (int j = 0; j <= i; j++) covariance[i * k + j] = covariance[j * k + i] = factor * covariance[i * k + j];
    return n;
}
