/* The parts of a gap in samples with a unit left out, and in bootstrap samples.
 *
 * Both are weighted sums of the units, which the engine makes parts of. Leaving
 * out: the total less one of the unit's people; with strata the others of the
 * stratum stand N_h / (N_h - 1) times (row_units.c). Bootstrap: sixteen samples
 * at a time by the plans of plan_times.c. A sample without an answer is a line
 * of NaN. Cost: units q^2 / 2 and a fit a sample; leaving out q^2 / 2 and a fit.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "study/gap/gap_plan_internal.h"
#include "study/gap/gap_resample_internal.h"
#include "study/replicates_internal.h"
#include <math.h>
#include <string.h>

enum { AT_ONCE = SYI_REPLICATES_AT_ONCE, BREATH = 64 };

typedef struct {
    const syi_gap_engine *e;
    syi_gap_crew crew;
    double *total, *strata; /* [length], [strata][length] */
    double *lines;          /* [units or replicates][values] */
    const syi_gap_plan *plan;
    uint64_t seed;
    size_t count;
} job;

/* Sums of all units, and of each stratum's. */
static sy_status add_up(sy_context *ctx, job *j)
{
    const syi_gap_engine *e = j->e;
    const syi_row_units *u = e->units;
    const int stratified = u->n_strata > 1;
    j->total = syi_alloc(e->length, sizeof *j->total);
    if (stratified) j->strata = syi_alloc((size_t)u->n_strata * e->length, sizeof *j->strata);
    if (!j->total || (stratified && !j->strata)) return syi_fail(ctx, SY_ENOMEM, "interval: no room for sums");
    sy_status status = SY_OK;
    for (ptrdiff_t g = 0; g < u->count && !status; g++) {
        e->add(e, g, 1, j->total);
        if (stratified) e->add(e, g, 1, j->strata + (size_t)u->stratum[g] * e->length);
        if (g % BREATH == 0) status = syi_serial_stopped(ctx);
    }
    return status;
}

static void no_answer(int values, double *line)
{
    for (int v = 0; v < values; v++) line[v] = NAN;
}

static void leave_out(void *arg, int worker, size_t g)
{
    job *j = arg;
    const syi_gap_engine *e = j->e;
    const syi_row_units *u = e->units;
    syi_arena *scratch = &j->crew.scratch[worker];
    const syi_arena mark = *scratch;
    double *sums = syi_arena_take(scratch, e->length, sizeof *sums), *line = j->lines + g * (size_t)e->n_values;
    const double in = u->in_stratum[u->stratum[g]], others = j->strata ? 1 / (in - 1) : 0;
    const double *stratum = j->strata ? j->strata + (size_t)u->stratum[g] * e->length : j->total;
    for (size_t i = 0; i < e->length; i++) sums[i] = j->total[i] + others * stratum[i];
    e->add(e, (ptrdiff_t)g, -(1 + others) / u->people[g], sums);
    if (!e->values(e, scratch, sums, line)) no_answer(e->n_values, line);
    *scratch = mark;
}

sy_status syi_gap_leave_out(sy_context *ctx, const syi_gap_engine *e, double *lines)
{
    const size_t units = (size_t)e->units->count;
    const double seconds = (double)units * (e->seconds + 2e-9 * (double)e->length);
    job j = {.e = e, .count = units, .lines = lines};
    sy_status status = add_up(ctx, &j);
    if (!status)
        status = syi_gap_crew_open(ctx, units, seconds, e->room + syi_arena_room(e->length, sizeof(double)), &j.crew);
    if (!status) status = syi_parallel(ctx, units, seconds, leave_out, &j);
    syi_gap_crew_close(&j.crew);
    SYI_FREE(j.total);
    SYI_FREE(j.strata);
    return status;
}

static void draw(void *arg, int worker, size_t batch)
{
    job *j = arg;
    const syi_gap_engine *e = j->e;
    const size_t units = (size_t)e->units->count, first = batch * AT_ONCE;
    const size_t count = j->count - first < AT_ONCE ? j->count - first : AT_ONCE;
    syi_arena *scratch = &j->crew.scratch[worker];
    const syi_arena mark = *scratch;
    double *times = syi_arena_take(scratch, units * AT_ONCE, sizeof *times);
    double *all = syi_arena_take(scratch, e->length * AT_ONCE, sizeof *all);
    double *sums = syi_arena_take(scratch, e->length, sizeof *sums);
    int stopped = 0;
    for (size_t k = 0; k < count && !stopped; k++) {
        syi_gap_plan_times(j->plan, j->seed, first + k, times + k * units);
        stopped = syi_parallel_stopped();
    }
    memset(times + count * units, 0, (AT_ONCE - count) * units * sizeof *times);
    if (!stopped) stopped = !e->batch(e, scratch, times, all);
    for (size_t k = 0; k < count && !stopped; k++) {
        double *line = j->lines + (first + k) * (size_t)e->n_values;
        for (size_t i = 0; i < e->length; i++) sums[i] = all[i * AT_ONCE + k];
        if (!e->values(e, scratch, sums, line)) no_answer(e->n_values, line);
    }
    *scratch = mark;
}

sy_status syi_gap_draw(sy_context *ctx, const syi_gap_engine *e, int replicates, uint64_t seed, double *lines)
{
    const size_t units = (size_t)e->units->count, batches = ((size_t)replicates + AT_ONCE - 1) / AT_ONCE;
    const double seconds = replicates * (e->seconds + (double)units * (4e-9 + 5e-11 * (double)e->length));
    syi_gap_plan plan = {0};
    job j = {.e = e, .lines = lines, .plan = &plan, .seed = seed, .count = (size_t)replicates};
    sy_status status = syi_gap_plan_init(ctx, e->rows, e->units, &plan);
    if (!status)
        status = syi_gap_crew_open(ctx, batches, seconds,
                                   e->room + syi_arena_room(units * AT_ONCE, sizeof(double)) +
                                       syi_arena_room(e->length * AT_ONCE, sizeof(double)) +
                                       syi_arena_room(e->length, sizeof(double)),
                                   &j.crew);
    if (!status) status = syi_parallel(ctx, batches, seconds, draw, &j);
    syi_gap_plan_free(&plan);
    syi_gap_crew_close(&j.crew);
    return status;
}
