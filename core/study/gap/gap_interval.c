/* Uncertainty of the parts of a gap, by one mechanism.
 *
 * Influence: U_g, the sum over the rows of unit g (a cluster, a row, a person of
 * frequency weights) of what each moves the parts by;
 *   V = sum_h f_h (sum over g in h of U_g U_g' - N_h m_h m_h'),  f_h = N_h / (N_h - 1),
 * m_h the stratum's mean [Binder 1983, doi:10.2307/1402588]. Rows are read unit by
 * unit, so nothing is kept of them; blocks of units are added in order.
 * Jackknife and bootstrap: the engine's fits from weighted sums of the units, by
 * the plans of row_units.c and plan_times.c. Limits: t with units less strata,
 * or from the replicates.
 * Cost: units values^2 / 2 beside the influence; a fit a unit or replicate.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/distribution_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "steelyard/bootstrap.h"
#include "study/coverage_internal.h"
#include "study/gap/gap_internal.h"
#include "study/gap/gap_plan_internal.h"
#include "study/replicates_internal.h"
#include <math.h>
#include <string.h>

enum { AT_ONCE = SYI_REPLICATES_AT_ONCE, BREATH = 64 };
static const double room_for_blocks = 8e6; /* doubles */

/* What all workers share, and a scratch area each. */
typedef struct {
    const syi_gap_engine *e;
    syi_arena scratch[SYI_MAX_THREADS];
    int workers;
    /* influence */
    size_t blocks, each;    /* units of a block */
    double *spread, *means; /* [blocks][values^2], [blocks][strata][values] */
    /* samples */
    double *total, *strata; /* [length], [strata][length] */
    double *lines;          /* [units or replicates][values] */
    const syi_gap_plan *plan;
    uint64_t seed;
    size_t count;
} job;

static sy_status open_scratch(sy_context *ctx, job *j, size_t count, double seconds, size_t bytes)
{
    j->workers = syi_parallel_workers(ctx, count, seconds);
    for (int w = 0; w < j->workers; w++)
        if (syi_arena_init(&j->scratch[w], bytes))
            return syi_fail(ctx, SY_ENOMEM, "interval: no room for %d scratch areas", j->workers);
    return SY_OK;
}

static void close_job(job *j)
{
    for (int w = 0; w < j->workers; w++) syi_arena_free(&j->scratch[w]);
    SYI_FREE(j->spread);
    SYI_FREE(j->means);
    SYI_FREE(j->total);
    SYI_FREE(j->strata);
}

/* Rows by unit, in their order within. */
static sy_status sort_rows(sy_context *ctx, syi_gap_engine *e)
{
    const syi_row_units *u = e->units;
    e->start = syi_alloc((size_t)u->count + 2, sizeof *e->start);
    e->order = syi_alloc((size_t)u->n, sizeof *e->order);
    if (!e->start || !e->order) return syi_fail(ctx, SY_ENOMEM, "interval: no room for %td rows", u->n);
    for (ptrdiff_t i = 0; i < u->n; i++) e->start[u->unit[i] + 2]++;
    for (ptrdiff_t g = 1; g <= u->count; g++) e->start[g + 1] += e->start[g];
    for (ptrdiff_t i = 0; i < u->n; i++) e->order[e->start[u->unit[i] + 1]++] = i;
    return SY_OK;
}

/* sum over the unit's rows, for one of its people */
static void unit_influence(const job *j, syi_arena *scratch, size_t unit, double *row, double *sum)
{
    const syi_gap_engine *e = j->e;
    const double people = e->units->people[unit];
    memset(sum, 0, (size_t)e->n_values * sizeof *sum);
    for (ptrdiff_t at = e->start[unit]; at < e->start[unit + 1]; at++) {
        e->influence(e, scratch, e->order[at], row);
        for (int v = 0; v < e->n_values; v++) sum[v] += row[v] / people;
    }
}

static void add_units(void *arg, int worker, size_t block)
{
    job *j = arg;
    const syi_row_units *u = j->e->units;
    const size_t values = (size_t)j->e->n_values, from = block * j->each, strata = (size_t)u->n_strata;
    const size_t end = from + j->each < (size_t)u->count ? from + j->each : (size_t)u->count;
    syi_arena *scratch = &j->scratch[worker];
    const syi_arena mark = *scratch;
    double *row = syi_arena_take(scratch, values, sizeof *row), *sum = syi_arena_take(scratch, values, sizeof *sum);
    double *spread = j->spread + block * values * values;
    for (size_t g = from; g < end; g++) {
        const double in = u->in_stratum[u->stratum[g]], factor = u->people[g] * in / (in - 1);
        double *mean = j->means + (block * strata + (size_t)u->stratum[g]) * values;
        if ((g - from) % BREATH == 0 && syi_parallel_stopped()) break;
        unit_influence(j, scratch, g, row, sum);
        for (size_t a = 0; a < values; a++) {
            const double load = factor * sum[a];
            double *restrict line = spread + a * values;
            mean[a] += u->people[g] / in * sum[a];
            if (load == 0) continue;
            for (size_t b = 0; b <= a; b++) line[b] += load * sum[b];
        }
    }
    *scratch = mark;
}

/* Blocks in order, less the strata's means. */
static void merge(const job *j, double *covariance)
{
    const syi_row_units *u = j->e->units;
    const size_t values = (size_t)j->e->n_values, strata = (size_t)u->n_strata;
    for (size_t b = 1; b < j->blocks; b++) {
        for (size_t i = 0; i < values * values; i++) j->spread[i] += j->spread[b * values * values + i];
        for (size_t i = 0; i < strata * values; i++) j->means[i] += j->means[b * strata * values + i];
    }
    for (size_t a = 0; a < values; a++)
        for (size_t b = 0; b <= a; b++) {
            double sum = j->spread[a * values + b];
            for (size_t h = 0; h < strata; h++) {
                const double in = u->in_stratum[h], *mean = j->means + h * values;
                if (in > 1) sum -= in / (in - 1) * in * mean[a] * mean[b];
            }
            covariance[a * values + b] = covariance[b * values + a] = a == b ? fmax(sum, 0) : sum;
        }
}

static sy_status by_influence(sy_context *ctx, const syi_gap_engine *e, double *covariance)
{
    job j = {.e = e};
    const size_t values = (size_t)e->n_values, units = (size_t)e->units->count, strata = (size_t)e->units->n_strata;
    const double each = (double)(values * values + strata * values), fit = room_for_blocks / each;
    const double seconds = (double)e->units->n * (1e-6 + 2e-9 * (double)e->n_values) + (double)units * each * 4e-10;
    j.blocks = fit < 4 ? 4 : fit > 64 ? 64 : (size_t)fit;
    j.each = (units + j.blocks - 1) / j.blocks;
    sy_status status = open_scratch(ctx, &j, j.blocks, seconds, e->room + 2 * syi_arena_room(values, sizeof(double)));
    if (!status) {
        j.spread = syi_alloc(j.blocks * values * values, sizeof *j.spread);
        j.means = syi_alloc(j.blocks * strata * values, sizeof *j.means);
        status = j.spread && j.means ? syi_parallel(ctx, j.blocks, seconds, add_units, &j)
                                     : syi_fail(ctx, SY_ENOMEM, "interval: no room for %zu values", values);
    }
    if (!status) merge(&j, covariance);
    close_job(&j);
    return status;
}

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
    syi_arena *scratch = &j->scratch[worker];
    const syi_arena mark = *scratch;
    double *sums = syi_arena_take(scratch, e->length, sizeof *sums), *line = j->lines + g * (size_t)e->n_values;
    const double in = u->in_stratum[u->stratum[g]], others = j->strata ? 1 / (in - 1) : 0;
    const double *stratum = j->strata ? j->strata + (size_t)u->stratum[g] * e->length : j->total;
    for (size_t i = 0; i < e->length; i++) sums[i] = j->total[i] + others * stratum[i];
    e->add(e, (ptrdiff_t)g, -(1 + others) / u->people[g], sums);
    if (!e->values(e, scratch, sums, line)) no_answer(e->n_values, line);
    *scratch = mark;
}

static sy_status remark_lost(sy_context *ctx, double lost, double count, const char *what)
{
    if (!(lost > 0)) return SY_OK;
    return syi_remark(ctx, SY_NOTE_EMPTY_LEVEL, what, lost,
                      "%.0f of %.0f %s have no answer (a group, level or cell without rows, or a column that does not "
                      "vary there) and are left out of the limits",
                      lost, count, what);
}

static sy_status by_jackknife(sy_context *ctx, const syi_gap_engine *e, const sy_gap_result *result, double *df,
                              double *covariance)
{
    const size_t units = (size_t)e->units->count;
    const double seconds = (double)units * (e->seconds + 2e-9 * (double)e->length);
    job j = {.e = e, .count = units};
    double lost = 0;
    sy_status status = add_up(ctx, &j);
    if (!status) status = open_scratch(ctx, &j, units, seconds, e->room + syi_arena_room(e->length, sizeof(double)));
    if (!status) {
        j.lines = syi_alloc(units * (size_t)e->n_values, sizeof *j.lines);
        status = j.lines ? syi_parallel(ctx, units, seconds, leave_out, &j)
                         : syi_fail(ctx, SY_ENOMEM, "interval: no room for %zu leave-one-out samples", units);
    }
    if (!status) {
        lost = syi_row_units_jackknife(e->units, e->n_values, j.lines, result->estimate, covariance);
        *df -= lost;
    }
    if (!status && *df < 1)
        status =
            syi_fail(ctx, SY_EDATA, "interval: %.0f of %.0f leave-one-out samples have no answer", lost, e->units->all);
    SYI_FREE(j.lines);
    close_job(&j);
    return status ? status : remark_lost(ctx, lost, e->units->all, "leave-one-out samples");
}

static void draw(void *arg, int worker, size_t batch)
{
    job *j = arg;
    const syi_gap_engine *e = j->e;
    const size_t units = (size_t)e->units->count, first = batch * AT_ONCE;
    const size_t count = j->count - first < AT_ONCE ? j->count - first : AT_ONCE;
    syi_arena *scratch = &j->scratch[worker];
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

/* Lines of the replicates, [replicates * values]. */
static sy_status by_bootstrap(sy_context *ctx, const syi_gap_engine *e, int replicates, uint64_t seed, double *lines)
{
    const size_t units = (size_t)e->units->count, batches = ((size_t)replicates + AT_ONCE - 1) / AT_ONCE;
    const double seconds = replicates * (e->seconds + (double)units * (4e-9 + 5e-11 * (double)e->length));
    syi_gap_plan plan = {0};
    job j = {.e = e, .lines = lines, .plan = &plan, .seed = seed, .count = (size_t)replicates};
    sy_status status = syi_gap_plan_init(ctx, e->rows, e->units, &plan);
    if (!status)
        status = open_scratch(ctx, &j, batches, seconds,
                              e->room + syi_arena_room(units * AT_ONCE, sizeof(double)) +
                                  syi_arena_room(e->length * AT_ONCE, sizeof(double)) +
                                  syi_arena_room(e->length, sizeof(double)));
    if (!status) status = syi_parallel(ctx, batches, seconds, draw, &j);
    syi_gap_plan_free(&plan);
    close_job(&j);
    return status;
}

/* Covariance of the replicates that have an answer; their number. */
static sy_status spread_of(sy_context *ctx, sy_gap_result *r)
{
    const size_t values = (size_t)r->n_values;
    double *mean = syi_alloc(values, sizeof *mean), *own = syi_alloc(values, sizeof *own);
    int *place = syi_alloc(values, sizeof *place), kept = 0;
    sy_status status =
        mean && own && place ? SY_OK : syi_fail(ctx, SY_ENOMEM, "interval: no room for %zu values", values);
    for (int i = 0; i < r->n_replicates && !status; i++) {
        const double *line = r->replicates + (size_t)i * values;
        kept += !isnan(line[0]);
        for (size_t v = 0; v < values && !isnan(line[0]); v++) mean[v] += line[v];
    }
    for (size_t v = 0; v < values && !status; v++) {
        mean[v] /= kept;
        place[v] = (int)v;
    }
    if (!status && kept < 2)
        status = syi_fail(ctx, SY_EDATA, "interval: %d of %d replicates have an answer", kept, r->n_replicates);
    if (!status)
        syi_resample_covariance(r->replicates, (size_t)r->n_replicates, NULL, r->n_values, mean, r->n_values, place,
                                SYI_SPREAD_SAMPLE, own, r->covariance);
    r->kept = kept;
    SYI_FREE(mean);
    SYI_FREE(own);
    SYI_FREE(place);
    return status;
}

static sy_status replicate_limits(sy_context *ctx, double level, sy_gap_result *r)
{
    const int n = r->n_replicates, expanded = r->interval == SY_INTERVAL_EXPANDED;
    double *line = syi_alloc((size_t)n, sizeof *line);
    sy_status status = line ? SY_OK : syi_fail(ctx, SY_ENOMEM, "interval: no room for %d replicates", n);
    for (int v = 0; v < r->n_values && status >= 0; v++) {
        for (int i = 0; i < n; i++) line[i] = r->replicates[(size_t)i * (size_t)r->n_values + (size_t)v];
        status =
            r->interval == SY_INTERVAL_BASIC
                ? sy_interval_basic(ctx, SY_SCALE_IDENTITY, n, line, r->estimate[v], level, &r->low[v], &r->high[v])
                : sy_interval_percentile(ctx, n, line, level, expanded, (double)r->units, &r->low[v], &r->high[v]);
        if (status >= 0) status = syi_serial_stopped(ctx);
    }
    SYI_FREE(line);
    return status < 0 ? status : SY_OK;
}

/* Errors, tests by t, and limits by t unless replicates gave them. */
static sy_status finish(sy_context *ctx, double level, sy_gap_result *r)
{
    double width = NAN;
    sy_status status = syi_t_width(ctx, level, r->df, &width);
    for (int v = 0; v < r->n_values && status >= 0; v++) {
        r->std_error[v] = sqrt(r->covariance[(size_t)v * (size_t)r->n_values + (size_t)v]);
        if (!r->replicates) {
            r->low[v] = r->estimate[v] - width * r->std_error[v];
            r->high[v] = r->estimate[v] + width * r->std_error[v];
        }
        if (!(r->std_error[v] > 0)) continue;
        r->statistic[v] = r->estimate[v] / r->std_error[v];
        status = sy_distribution_t_tail(ctx, fabs(r->statistic[v]), r->df, &r->p_value[v]);
        r->p_value[v] *= 2;
    }
    if (status < 0) return status;
    return r->replicates ? replicate_limits(ctx, level, r) : SY_OK;
}

/* The kind that "auto" stands for, and what there is to say of it. */
static sy_status choose(sy_context *ctx, const sy_gap_question *ask, const syi_row_units *u, sy_gap_result *r)
{
    r->interval = ask->interval;
    if (ask->interval != SY_INTERVAL_AUTO) return SY_OK;
    r->interval = u->clustered ? SY_INTERVAL_JACKKNIFE : SY_INTERVAL_INFLUENCE;
    if (!u->clustered || u->count >= SYI_FEWEST_UNITS) return SY_OK;
    r->interval = SY_INTERVAL_NONE;
    return syi_remark(ctx, SY_NOTE_INTERVAL_SKIPPED, "", (double)u->count,
                      "no intervals: %td clusters are too few, at least %d are needed", u->count, SYI_FEWEST_UNITS);
}

static sy_status fill(sy_context *ctx, const sy_gap_question *ask, syi_gap_engine *e, sy_gap_result *r)
{
    const size_t values = (size_t)r->n_values;
    const int bootstrap = r->interval != SY_INTERVAL_JACKKNIFE && r->interval != SY_INTERVAL_INFLUENCE;
    r->covariance = syi_alloc(values * values, sizeof *r->covariance);
    if (bootstrap) r->replicates = syi_alloc((size_t)ask->replicates * values, sizeof *r->replicates);
    if (!r->covariance || (bootstrap && !r->replicates))
        return syi_fail(ctx, SY_ENOMEM, "interval: no room for %zu values", values);
    sy_status status = e->prepare(ctx, e, r->interval != SY_INTERVAL_INFLUENCE);
    if (status) return status;
    if (r->interval == SY_INTERVAL_INFLUENCE) status = by_influence(ctx, e, r->covariance);
    else if (!bootstrap) status = by_jackknife(ctx, e, r, &r->df, r->covariance);
    else {
        r->n_replicates = ask->replicates;
        status = by_bootstrap(ctx, e, ask->replicates, ask->seed, r->replicates);
        if (!status) status = spread_of(ctx, r);
        if (!status) status = remark_lost(ctx, ask->replicates - r->kept, ask->replicates, "replicates");
    }
    return status ? status : finish(ctx, ask->level, r);
}

sy_status syi_gap_interval(sy_context *ctx, const sy_design *design, syi_gap_engine *e, sy_gap_result *r)
{
    const sy_gap_question *ask = e->model->ask;
    syi_row_units units = {0};
    r->interval = SY_INTERVAL_NONE;
    r->df = NAN;
    if (ask->interval == SY_INTERVAL_NONE) return SY_OK;
    sy_status status = syi_row_units_init(ctx, design, e->rows->n, e->rows->row, e->rows->weight, &units);
    if (!status) {
        e->units = &units;
        r->df = units.df;
        r->units = (ptrdiff_t)units.all;
        r->clustered = units.clustered;
        for (int h = 0; h < units.n_strata && design->strata; h++) r->n_strata += units.in_stratum[h] > 0;
        status = choose(ctx, ask, &units, r);
    }
    if (!status) status = sort_rows(ctx, e);
    if (!status && r->interval != SY_INTERVAL_NONE) status = fill(ctx, ask, e, r);
    e->units = NULL;
    SYI_FREE(e->start);
    SYI_FREE(e->order);
    syi_row_units_free(&units);
    return status;
}
