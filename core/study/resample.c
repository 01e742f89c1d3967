/* Resampling plans as weights on the units' moments, so that a replicate costs
 * the same whatever the number of rows.
 *
 * Delete-one jackknife: theta_(g) from total - M_g; the variance is
 *   (G - 1) / G sum (theta_(g) - theta)^2,
 * centred at the full sample's value (CV3 of MacKinnon, Nielsen & Webb 2023,
 * doi:10.1002/jae.2969), which is never below the form centred at the mean.
 * Bootstrap of units: multinomial counts as multipliers [Efron 1979,
 * doi:10.1214/aos/1176344552; for clusters Davison & Hinkley 1997, sec. 3.8].
 * Cost: units (columns^2 + one evaluation); a bootstrap replicate adds units
 * columns^2.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/random_internal.h"
#include "base/status_internal.h"
#include "study/resample_internal.h"
#include <math.h>
#include <string.h>

const double *syi_resample_times(const sy_moments *m)
{
    return m->unit == SY_UNIT_ROW && m->weight_kind == SY_WEIGHT_FREQUENCY ? m->unit_n : NULL;
}

double syi_resample_units(const sy_moments *m)
{
    return syi_resample_times(m) ? m->n : (double)m->n_units;
}

typedef struct {
    syi_evaluator *e;
    const syi_sums *total;
    uint64_t seed;
    const double *upto; /* people up to and with each row; NULL when units are drawn */
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

/* As many people as there are, each from the row that stands for them; a row
 * drawn c times out of its f gets the multiplier c / f. */
static void draw_people(const sy_moments *m, const double *upto, syi_stream *stream, double *times)
{
    for (double drawn = 0; drawn < m->n; drawn += 1) {
        const double person = (double)syi_stream_below(stream, (uint32_t)m->n);
        ptrdiff_t low = 0, high = m->n_units - 1;
        while (low < high) {
            const ptrdiff_t middle = low + (high - low) / 2;
            if (person < upto[middle]) high = middle;
            else low = middle + 1;
        }
        times[low] += 1;
    }
    for (ptrdiff_t g = 0; g < m->n_units; g++) times[g] /= m->unit_n[g];
}

static void draw(void *arg, int worker, size_t replicate)
{
    const job *j = arg;
    const sy_moments *m = j->e->plan->m;
    syi_arena *scratch = &j->e->scratch[worker];
    const syi_arena mark = *scratch;
    syi_sums sums = take_sums(m, scratch);
    double *times = syi_arena_take(scratch, (size_t)m->n_units, sizeof *times);
    memset(times, 0, (size_t)m->n_units * sizeof *times);
    syi_stream stream;
    syi_stream_init(&stream, j->seed, (uint32_t)replicate, 0);
    if (j->upto) draw_people(m, j->upto, &stream, times);
    else
        for (ptrdiff_t g = 0; g < m->n_units; g++) times[syi_stream_below(&stream, (uint32_t)m->n_units)] += 1;
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

sy_status syi_resample_bootstrap(sy_context *ctx, const syi_plan *plan, const syi_wanted *wanted, int replicates,
                                 uint64_t seed, double *out)
{
    const sy_moments *m = plan->m;
    job j = {.seed = seed, .out = out};
    double *upto = NULL;
    if (syi_resample_times(m)) {
        if (m->n >= 0x1p32)
            return syi_fail(ctx, SY_ELIMIT, "weights: %.0f people cannot be resampled, 2^32 are the limit", m->n);
        upto = syi_alloc((size_t)m->n_units, sizeof *upto);
        if (!upto) return syi_fail(ctx, SY_ENOMEM, "interval: no room for %td rows", m->n_units);
        for (ptrdiff_t g = 0; g < m->n_units; g++) upto[g] = m->unit_n[g] + (g ? upto[g - 1] : 0);
        j.upto = upto;
    }
    const sy_status status = run(ctx, plan, wanted, (size_t)replicates, draw, &j);
    SYI_FREE(upto);
    return status;
}

double syi_resample_jackknife_seconds(const syi_plan *plan, int guarded)
{
    const double q = plan->m->n_columns;
    return (double)plan->m->n_units * (syi_shares_seconds(plan, guarded) + 5e-9 * q * q);
}

double syi_resample_bootstrap_seconds(const syi_plan *plan, int guarded, int replicates)
{
    const double q = plan->m->n_columns;
    return replicates * (syi_shares_seconds(plan, guarded) + (double)plan->m->n_units * 5e-9 * q * q +
                         (syi_resample_times(plan->m) ? 4e-8 * plan->m->n : 0));
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
