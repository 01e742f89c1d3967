/* Bootstrap replicates in units of their own standard errors.
 *
 * In each replicate the influence function is taken anew and the linearised
 * variance of every value follows from the replicate's units (units.c); with
 * g the metric's scale, the pivot is (g(theta*) - g(theta)) / (g'(theta*) se*)
 * [Davison & Hinkley 1997, sec. 5.2.1; DiCiccio & Efron 1996,
 * doi:10.1214/ss/1032280214]. A replicate's jackknife would cost as many
 * evaluations as there are units; this costs 4 pairs, pairs = order (order + 1)
 * / 2, whatever the units. Conditions: a share away from zero, where its scale
 * has a slope. Cost: replicates (4 pairs evaluations + units pairs^2 / 2).
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "steelyard/interval.h"
#include "study/scale_internal.h"
#include "study/uncertainty_internal.h"
#include "study/units_internal.h"
#include <math.h>
#include <string.h>

typedef struct {
    syi_evaluator *e;
    const syi_resampling *draws;
    const double *values;
    uint64_t seed;
    double *out, *pivots;
} job;

/* What one replicate needs besides its evaluations. */
typedef struct {
    syi_sums sums;
    double *times, *fourth, *work;
    syi_dd *c;
    syi_influence f;
    syi_units units;
} room;

static room take_room(const job *j, syi_arena *a)
{
    const syi_plan *plan = j->e->plan;
    const size_t packed = syi_packed_length(plan->m->n_columns), units = (size_t)plan->m->n_units;
    const size_t order = (size_t)(plan->n_adjust + plan->k + 1), pairs = order * (order + 1) / 2;
    room r = {.f = {.order = (int)order, .pairs = pairs, .n_values = j->e->n_values}};
    r.sums.hi = syi_arena_take(a, packed, sizeof(double));
    r.sums.lo = syi_arena_take(a, packed, sizeof(double));
    r.times = syi_arena_take(a, units, sizeof(double));
    r.fourth = syi_arena_take(a, pairs * pairs, sizeof(double));
    r.work = syi_arena_take(a, pairs, sizeof(double));
    r.c = syi_arena_take(a, 2 * order * order, sizeof(syi_dd));
    r.f.gradient = syi_arena_take(a, (size_t)r.f.n_values * pairs, sizeof(double));
    r.f.l = syi_arena_take(a, order * order, sizeof(double));
    r.f.root = syi_arena_take(a, order, sizeof(double));
    r.f.mean = syi_arena_take(a, order, sizeof(double));
    r.units = (syi_units){.plan = plan, .draws = j->draws, .times = r.times};
    r.units.products = syi_arena_take(a, units * pairs, sizeof(double));
    r.units.factor = syi_arena_take(a, units, sizeof(double));
    return r;
}

static size_t room_bytes(const syi_plan *plan, int n_values)
{
    const size_t packed = syi_packed_length(plan->m->n_columns), units = (size_t)plan->m->n_units, d = sizeof(double);
    const size_t order = (size_t)(plan->n_adjust + plan->k + 1), pairs = order * (order + 1) / 2;
    return 2 * syi_arena_room(packed, d) + 2 * syi_arena_room(units, d) + syi_arena_room(pairs * pairs, d) +
           syi_arena_room(pairs, d) + syi_arena_room(2 * order * order, sizeof(syi_dd)) +
           syi_arena_room((size_t)n_values * pairs, d) + syi_arena_room(order * order, d) +
           2 * syi_arena_room(order, d) + syi_arena_room(units * pairs, d) + syi_units_room(plan) +
           syi_influence_room(plan);
}

/* gradient' fourth gradient of value e. */
static double variance_of(const room *r, int e)
{
    const size_t pairs = r->f.pairs;
    const double *g = r->f.gradient + (size_t)e * pairs;
    double sum = 0;
    for (size_t a = 0; a < pairs; a++) {
        double row = 0;
        for (size_t b = 0; b < pairs; b++) row += r->fourth[a * pairs + b] * g[b];
        sum += g[a] * row;
    }
    return sum;
}

static double pivot_of(double value, double whole, double variance, sy_scale scale)
{
    const double error = sqrt(variance);
    const double scaled = error * syi_scale_slope(scale, value);
    return scaled > 0 ? (syi_to_scale(scale, value) - syi_to_scale(scale, whole)) / scaled : NAN;
}

static void draw(void *arg, int worker, size_t replicate)
{
    const job *j = arg;
    const sy_moments *m = j->e->plan->m;
    syi_arena *scratch = &j->e->scratch[worker];
    const syi_arena mark = *scratch;
    const int n = j->e->n_values;
    double *line = j->out + replicate * (size_t)n, *pivot = j->pivots + replicate * (size_t)n;
    room r = take_room(j, scratch);
    r.units.f = &r.f;
    for (int e = 0; e < n; e++) pivot[e] = NAN;
    memset(r.f.gradient, 0, (size_t)n * r.f.pairs * sizeof(double));
    syi_plan_times(m, j->draws, j->seed, replicate, r.times);
    syi_moments_total(m, r.times, &r.sums);
    if (syi_evaluator_sums(j->e, worker, &r.sums, line) && syi_influence_within(j->e, worker, &r.sums, &r.f, r.c) &&
        syi_units_fill(&r.units, scratch)) {
        syi_units_fourth(&r.units, 0, r.f.pairs, r.fourth);
        syi_units_mirror(r.f.pairs, r.fourth);
        for (int e = 0; e < n; e++) {
            const int metric = e == n - 1 ? SY_SHARE : e % SY_N_METRICS;
            if (syi_smooth(metric))
                pivot[e] = pivot_of(line[e], j->values[e], variance_of(&r, e), sy_interval_scale(metric));
        }
    }
    *scratch = mark;
}

sy_status syi_resample_studentised(sy_context *ctx, const syi_plan *plan, const syi_wanted *wanted,
                                   const double *values, int replicates, uint64_t seed, double *out, double *pivots)
{
    const size_t order = (size_t)(plan->n_adjust + plan->k + 1), each = 1 + 2 * order * (order + 1);
    syi_resampling draws = {0};
    syi_evaluator e = {0};
    job j = {.e = &e, .draws = &draws, .values = values, .seed = seed, .out = out, .pivots = pivots};
    sy_status status = syi_resampling_init(ctx, plan->m, 0, &draws);
    if (!status)
        status = syi_evaluator_init(ctx, plan, wanted, (size_t)replicates * each,
                                    room_bytes(plan, syi_evaluator_values(plan)), &e);
    if (!status) status = syi_evaluator_run(&e, (size_t)replicates, draw, &j);
    syi_evaluator_free(&e);
    syi_resampling_free(&draws);
    return status;
}
