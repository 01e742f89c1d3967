/* Variances of the parts of a gap from the influence of its rows, or from samples
 * with a unit left out.
 *
 * U_g is the sum over the rows of unit g (a cluster, a row, a person of frequency
 * weights) of what each moves the parts by;
 *   V = sum_h f_h (sum over g in h of U_g U_g' - N_h m_h m_h'),  f_h = N_h / (N_h - 1),
 * m_h the mean of stratum h [Binder 1983, doi:10.2307/1402588]. Rows are read unit
 * by unit, so nothing is kept of them; blocks of units are added in order, so
 * threads do not show. Leaving out: the sum over units of people (N_h - 1) / N_h
 * (v_g - v)(v_g - v)', v the whole sample's (see row_units.c).
 * Cost: n rows' influence, units values^2 / 2.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/gram_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "study/gap/gap_resample_internal.h"
#include <math.h>
#include <string.h>

enum { AT_ONCE = 128, ROWS_A_BREATH = 4096 };
static const double room_for_blocks = 8e6; /* doubles */

typedef struct {
    const syi_gap_engine *e;
    syi_gap_crew crew;
    const double *lines, *centre; /* [units][values], [values]; NULL: influence */
    size_t blocks, each;          /* units of a block */
    double *spread, *means;       /* [blocks][values^2], [blocks][strata][values] */
    double *lost;                 /* [blocks] people whose line has no answer */
} job;

sy_status syi_gap_crew_open(sy_context *ctx, size_t count, double seconds, size_t bytes, syi_gap_crew *crew)
{
    crew->workers = syi_parallel_workers(ctx, count, seconds);
    for (int w = 0; w < crew->workers; w++)
        if (syi_arena_init(&crew->scratch[w], bytes))
            return syi_fail(ctx, SY_ENOMEM, "interval: no room for %d scratch areas", crew->workers);
    return SY_OK;
}

void syi_gap_crew_close(syi_gap_crew *crew)
{
    for (int w = 0; w < crew->workers; w++) syi_arena_free(&crew->scratch[w]);
}

/* sum over the unit's rows, for one of its people */
static void unit_influence(const job *j, syi_arena *scratch, size_t unit, double *row, double *sum)
{
    const syi_gap_engine *e = j->e;
    const double people = e->units->people[unit];
    memset(sum, 0, (size_t)e->n_values * sizeof *sum);
    for (ptrdiff_t at = e->start[unit]; at < e->start[unit + 1]; at++) {
        if ((at - e->start[unit]) % ROWS_A_BREATH == ROWS_A_BREATH - 1 && syi_parallel_stopped()) return;
        e->influence(e, scratch, e->order[at], row);
        for (int v = 0; v < e->n_values; v++) sum[v] += row[v] / people;
    }
}

/* 0 where the sample without the unit has no answer */
static int unit_move(const job *j, size_t unit, double *move)
{
    const size_t values = (size_t)j->e->n_values;
    const double *line = j->lines + unit * values;
    for (size_t v = 0; v < values; v++) move[v] = line[v] - j->centre[v];
    return !isnan(line[0]);
}

/* Moves of some units side by side, and how much their products count. */
typedef struct {
    int simd, values, count;
    double *move;      /* [values][AT_ONCE] */
    double *weight;    /* [AT_ONCE] */
    double *acc, *own; /* of the kernel */
    const double **column;
} some_units;

static size_t units_room(size_t values)
{
    return syi_arena_room(values * AT_ONCE, sizeof(double)) + syi_arena_room(AT_ONCE, sizeof(double)) +
           syi_arena_room(syi_gram_room((int)values, 0), sizeof(double)) +
           syi_arena_room(syi_gram_scratch(AT_ONCE / 8), sizeof(double)) +
           syi_arena_room((size_t)SYI_GRAM_PAD((int)values), sizeof(double *)) +
           2 * syi_arena_room(values, sizeof(double));
}

static some_units take_units(syi_arena *scratch, int simd, size_t values)
{
    const size_t room = syi_gram_room((int)values, 0);
    some_units s = {.simd = simd,
                    .values = (int)values,
                    .move = syi_arena_take(scratch, values * AT_ONCE, sizeof(double)),
                    .weight = syi_arena_take(scratch, AT_ONCE, sizeof(double)),
                    .acc = syi_arena_take(scratch, room, sizeof(double)),
                    .own = syi_arena_take(scratch, syi_gram_scratch(AT_ONCE / 8), sizeof(double)),
                    .column = syi_arena_take(scratch, (size_t)SYI_GRAM_PAD((int)values), sizeof(double *))};
    for (int v = 0; v < SYI_GRAM_PAD((int)values); v++)
        s.column[v] = s.move + ((size_t)v < values ? (size_t)v * AT_ONCE : 0);
    memset(s.acc, 0, room * sizeof(double));
    memset(s.move, 0, values * AT_ONCE * sizeof(double));
    return s;
}

static void add_some(some_units *s)
{
    const int groups = (s->count + 7) / 8;
    for (int i = s->count; i < 8 * groups; i++) s->weight[i] = 0;
    const syi_gram tile = {.n_x = s->values, .groups = groups, .x = s->column, .weight = s->weight};
    if (groups > 0) syi_gram_add(s->simd, &tile, s->own, s->acc);
    s->count = 0;
}

static void put_unit(const double *move, double weight, some_units *s)
{
    for (int v = 0; v < s->values; v++) s->move[(size_t)v * AT_ONCE + (size_t)s->count] = move[v];
    s->weight[s->count++] = weight;
    if (s->count == AT_ONCE) add_some(s);
}

static void add_units(void *arg, int worker, size_t block)
{
    job *j = arg;
    const syi_row_units *u = j->e->units;
    const size_t values = (size_t)j->e->n_values, from = block * j->each, strata = (size_t)u->n_strata;
    const size_t end = from + j->each < (size_t)u->count ? from + j->each : (size_t)u->count;
    syi_arena *scratch = &j->crew.scratch[worker];
    const syi_arena mark = *scratch;
    some_units some = take_units(scratch, j->e->simd, values);
    double *row = syi_arena_take(scratch, values, sizeof *row), *sum = syi_arena_take(scratch, values, sizeof *sum);
    for (size_t g = from; g < end; g++) {
        const double in = u->in_stratum[u->stratum[g]], people = u->people[g];
        double *mean = j->means + (block * strata + (size_t)u->stratum[g]) * values;
        if ((g - from) % AT_ONCE == 0 && syi_parallel_stopped()) break;
        if (j->lines && !unit_move(j, g, sum)) {
            j->lost[block] += people;
            continue;
        }
        if (!j->lines) unit_influence(j, scratch, g, row, sum);
        for (size_t a = 0; a < values && !j->lines; a++) mean[a] += people / in * sum[a];
        put_unit(sum, people * (j->lines ? (in - 1) / in : in / (in - 1)), &some);
    }
    add_some(&some);
    syi_gram_sum((int)values, 0, some.acc, j->spread + block * values * values, NULL);
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

sy_status syi_gap_covariance(sy_context *ctx, const syi_gap_engine *e, const double *lines, const double *centre,
                             double *covariance, double *lost)
{
    job j = {.e = e, .lines = lines, .centre = centre};
    const size_t values = (size_t)e->n_values, units = (size_t)e->units->count, strata = (size_t)e->units->n_strata;
    const double each = (double)(values * values + strata * values), fit = room_for_blocks / each;
    const double seconds = (lines ? 0 : (double)e->units->n * (1e-6 + 2e-9 * (double)e->n_values)) +
                           (double)units * (double)(values * values) * 5e-11;
    j.blocks = fit < 4 ? 4 : fit > 64 ? 64 : (size_t)fit;
    j.each = (units + j.blocks - 1) / j.blocks;
    sy_status status = syi_gap_crew_open(ctx, j.blocks, seconds, e->room + units_room(values), &j.crew);
    if (!status) {
        j.spread = syi_alloc(j.blocks * values * values, sizeof *j.spread);
        j.means = syi_alloc(j.blocks * strata * values, sizeof *j.means);
        j.lost = syi_alloc(j.blocks, sizeof *j.lost);
        status = j.spread && j.means && j.lost ? syi_parallel(ctx, j.blocks, seconds, add_units, &j)
                                               : syi_fail(ctx, SY_ENOMEM, "interval: no room for %zu values", values);
    }
    if (!status) merge(&j, covariance);
    *lost = 0;
    for (size_t b = 0; b < j.blocks && !status; b++) *lost += j.lost[b];
    syi_gap_crew_close(&j.crew);
    SYI_FREE(j.spread);
    SYI_FREE(j.means);
    SYI_FREE(j.lost);
    return status;
}

sy_status syi_gap_lines_covariance(sy_context *ctx, int values, size_t count, const double *lines, const double *centre,
                                   double weight, double *covariance)
{
    syi_arena arena = {0};
    sy_status status = SY_OK;
    if (syi_arena_init(&arena, units_room((size_t)values)))
        return syi_fail(ctx, SY_ENOMEM, "interval: no room for %d values", values);
    some_units some = take_units(&arena, ctx->simd, (size_t)values);
    double *move = syi_arena_take(&arena, (size_t)values, sizeof *move);
    for (size_t k = 0; k < count && !status; k++) {
        const double *line = lines + k * (size_t)values;
        if (k % AT_ONCE == 0) status = syi_serial_stopped(ctx);
        if (isnan(line[0])) continue;
        for (int v = 0; v < values; v++) move[v] = line[v] - centre[v];
        put_unit(move, weight, &some);
    }
    add_some(&some);
    memset(covariance, 0, (size_t)values * (size_t)values * sizeof *covariance);
    syi_gram_sum(values, 0, some.acc, covariance, NULL);
    syi_arena_free(&arena);
    return status;
}
