/* Influence of the units, from their moments.
 *
 * A value moves by sum over a <= b of gradient[a, b] P_ab when unit g is weighted
 * up, P = L^-1 R^-1 (sum over its rows of w (x - mean)(x - mean)') R^-1 L^-T (see
 * influence.c), so clusters cost nothing a row. The linearised variance of a
 * stratified sample of clusters is
 *   sum over h of N_h / (N_h - 1) sum over g in h of (v_g - mean_h)^2,
 * with units less strata degrees of freedom; without strata there is one
 * [Binder 1983, doi:10.2307/1402588; Demnati & Rao 2004, Survey Methodology
 * 30:17-26]. All covariances follow from sum of P P', as for rows.
 * Conditions: two units or more in each stratum. Memory: units pairs doubles,
 * pairs = order (order + 1) / 2, as much as the moments themselves. Cost: units
 * (order^3 + pairs^2 / 2).
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "study/units_internal.h"
#include <math.h>
#include <string.h>

enum { UNITS_AT_ONCE = 64, ROWS_AT_ONCE = 8 };

size_t syi_units_room(const syi_plan *plan)
{
    const size_t order = (size_t)(plan->n_adjust + plan->k + 1), pairs = order * (order + 1) / 2;
    return syi_arena_room(order * order, sizeof(double)) + syi_arena_room(pairs, sizeof(double));
}

double syi_units_seconds(const syi_plan *plan)
{
    const double order = plan->n_adjust + plan->k + 1, pairs = order * (order + 1) / 2;
    return (double)plan->m->n_units * (order * order * order * 1e-9 + pairs * pairs / 2 * 4e-10);
}

/* Cross-products of a unit about the sample's means, over the roots. */
static void standardise(const syi_units *u, ptrdiff_t g, double *s)
{
    const sy_moments *m = u->plan->m;
    const int q = m->n_columns, order = u->f->order, *column = u->plan->column;
    const double *hi = m->hi + (size_t)g * syi_packed_length(q);
    for (int a = 0; a < order; a++) {
        const double mean_a = u->f->mean[a] - m->shift[column[a]], sum_a = hi[syi_packed_at(q, 0, column[a] + 1)];
        for (int b = 0; b <= a; b++) {
            const int low = column[a] < column[b] ? column[a] : column[b], high = column[a] + column[b] - low;
            const double mean_b = u->f->mean[b] - m->shift[column[b]], sum_b = hi[syi_packed_at(q, 0, column[b] + 1)];
            const double product = hi[syi_packed_at(q, low + 1, high + 1)];
            const double about = (product - mean_a * sum_b) - mean_b * (sum_a - mean_a * hi[0]);
            const double root = u->f->root[a] * u->f->root[b];
            s[a * order + b] = s[b * order + a] = root > 0 ? about / root : 0;
        }
    }
}

/* s = L^-1 s, column by column; rows without a pivot become zero. */
static void solve(const syi_influence *f, double *s)
{
    const int order = f->order;
    for (int a = 0; a < order; a++) {
        const double pivot = f->l[a * order + a];
        for (int b = 0; b < a; b++)
            for (int c = 0; c < order; c++) s[a * order + c] -= f->l[a * order + b] * s[b * order + c];
        for (int c = 0; c < order; c++) s[a * order + c] = pivot > 0 ? s[a * order + c] / pivot : 0;
    }
}

static void transpose(int order, double *s)
{
    for (int a = 0; a < order; a++)
        for (int b = 0; b < a; b++) {
            const double kept = s[a * order + b];
            s[a * order + b] = s[b * order + a];
            s[b * order + a] = kept;
        }
}

static void whiten(const syi_units *u, ptrdiff_t g, double *s)
{
    const int order = u->f->order;
    double *p = u->products + (size_t)g * u->f->pairs;
    standardise(u, g, s);
    solve(u->f, s);
    transpose(order, s);
    solve(u->f, s);
    for (int a = 0; a < order; a++)
        for (int b = a; b < order; b++) *p++ = s[a * order + b];
}

/* From the unit's whole to one of its people, about the stratum's mean. */
static void centre(const syi_units *u, double *mean)
{
    const sy_moments *m = u->plan->m;
    const double *often = syi_resample_times(m);
    const size_t pairs = u->f->pairs;
    for (int h = 0; h < (u->draws->order ? m->n_strata : 1); h++) {
        const ptrdiff_t from = u->draws->order ? u->draws->first[h] : 0;
        const ptrdiff_t to = u->draws->order ? u->draws->first[h + 1] : m->n_units;
        const double units = u->draws->order ? u->draws->in_stratum[h] : syi_resample_units(m);
        memset(mean, 0, pairs * sizeof *mean);
        for (ptrdiff_t i = from; i < to; i++) {
            const ptrdiff_t g = u->draws->order ? u->draws->order[i] : i;
            const double *p = u->products + (size_t)g * pairs, times = u->times ? u->times[g] : 1;
            for (size_t a = 0; a < pairs && times > 0; a++) mean[a] += times * p[a] / units;
        }
        for (ptrdiff_t i = from; i < to; i++) {
            const ptrdiff_t g = u->draws->order ? u->draws->order[i] : i;
            const double people = often ? often[g] : 1, times = u->times ? u->times[g] : 1;
            double *p = u->products + (size_t)g * pairs;
            u->factor[g] = times * people * units / (units - 1);
            for (size_t a = 0; a < pairs && times > 0; a++) p[a] = p[a] / people - mean[a];
        }
    }
}

int syi_units_fill(const syi_units *u, syi_arena *scratch)
{
    const syi_arena mark = *scratch;
    const size_t order = (size_t)u->f->order;
    double *s = syi_arena_take(scratch, order * order, sizeof *s);
    double *mean = syi_arena_take(scratch, u->f->pairs, sizeof *mean);
    int stopped = 0;
    for (ptrdiff_t g = 0; g < u->plan->m->n_units && !stopped; g++) {
        if (!u->times || u->times[g] > 0) whiten(u, g, s);
        stopped = g % UNITS_AT_ONCE == 0 && syi_parallel_stopped();
    }
    if (!stopped) centre(u, mean);
    *scratch = mark;
    return !stopped;
}

void syi_units_fourth(const syi_units *u, size_t from, size_t to, double *fourth)
{
    const size_t pairs = u->f->pairs;
    for (size_t a = from; a < to; a++)
        for (size_t b = a; b < pairs; b++) fourth[a * pairs + b] = 0;
    for (ptrdiff_t g = 0; g < u->plan->m->n_units; g++) {
        const double *p = u->products + (size_t)g * pairs;
        if (!(u->factor[g] > 0)) continue;
        for (size_t a = from; a < to; a++) {
            const double load = u->factor[g] * p[a];
            double *row = fourth + a * pairs;
            for (size_t b = a; b < pairs; b++) row[b] += load * p[b];
        }
    }
}

void syi_units_mirror(size_t pairs, double *fourth)
{
    for (size_t a = 0; a < pairs; a++)
        for (size_t b = a + 1; b < pairs; b++) fourth[b * pairs + a] = fourth[a * pairs + b];
}

typedef struct {
    const syi_units *u;
    double *fourth;
    syi_arena *scratch;
} job;

static void some_units(void *arg, int worker, size_t block)
{
    const job *j = arg;
    const ptrdiff_t from = (ptrdiff_t)block * UNITS_AT_ONCE, units = j->u->plan->m->n_units;
    const syi_arena mark = j->scratch[worker];
    const size_t order = (size_t)j->u->f->order;
    double *s = syi_arena_take(&j->scratch[worker], order * order, sizeof *s);
    for (ptrdiff_t g = from; g < units && g < from + UNITS_AT_ONCE; g++) whiten(j->u, g, s);
    j->scratch[worker] = mark;
}

static void some_rows(void *arg, int worker, size_t block)
{
    const job *j = arg;
    const size_t from = block * ROWS_AT_ONCE, left = j->u->f->pairs - from;
    (void)worker;
    syi_units_fourth(j->u, from, from + (left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE), j->fourth);
}

sy_status syi_units_whole(sy_context *ctx, const syi_units *u, double *fourth)
{
    syi_arena scratch[SYI_MAX_THREADS] = {{0}};
    job j = {u, fourth, scratch};
    const size_t units = (size_t)u->plan->m->n_units, blocks = (units + UNITS_AT_ONCE - 1) / UNITS_AT_ONCE;
    const double seconds = syi_units_seconds(u->plan);
    const int workers = syi_parallel_workers(ctx, blocks, seconds);
    double *mean = NULL;
    int failed = 0;
    for (int w = 0; w < workers && !failed; w++) failed = syi_arena_init(&scratch[w], syi_units_room(u->plan)) != 0;
    mean = failed ? NULL : syi_alloc(u->f->pairs, sizeof *mean);
    sy_status status = mean ? syi_parallel(ctx, blocks, seconds, some_units, &j)
                            : syi_fail(ctx, SY_ENOMEM, "interval: no room for the influence of %zu units", units);
    if (!status) centre(u, mean);
    if (!status && fourth)
        status = syi_parallel(ctx, (u->f->pairs + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE, seconds, some_rows, &j);
    if (!status && fourth) syi_units_mirror(u->f->pairs, fourth);
    for (int w = 0; w < workers; w++) syi_arena_free(&scratch[w]);
    SYI_FREE(mean);
    return status;
}
