/* The estimates without each unit: score or entropy weights, and regressions,
 * fitted again from where those of the whole sample ended.
 *
 * A row of frequency weights stands for people, one of whom is left out. Units
 * without which there is no answer (a level is then in one group alone) have
 * NaN and are told of. Cost: a fit a unit, in parallel.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "study/selection/balance_internal.h"
#include <math.h>
#include <string.h>

typedef struct {
    const syi_balance_fit *whole;
    const syi_row_units *units;
    syi_balance_fit *fit; /* one a worker */
    double *times;        /* [workers][units] */
    double *lines;
    unsigned char *no_room; /* [units] */
    int simd;
} leaving;

static void begin(const leaving *l, syi_balance_fit *f, const double *times)
{
    const syi_packed *rows = &f->b->rows;
    const size_t k = (size_t)f->b->k;
    for (ptrdiff_t i = 0; i < rows->n; i++) f->weight[i] = rows->weight[i] * times[l->units->unit[i]];
    memcpy(f->theta, l->whole->theta, k * sizeof *f->theta);
    memcpy(f->lambda, l->whole->lambda, 2 * k * sizeof *f->lambda);
}

static void without(void *arg, int worker, size_t g)
{
    const leaving *l = arg;
    syi_balance_fit *f = &l->fit[worker];
    const int n_outcomes = f->b->question->n_outcomes, values = n_outcomes * SY_BALANCE_ESTIMATES;
    const int hidden = l->units->clustered ? l->units->level[g] : -1;
    double *const line = l->lines + g * (size_t)values, *const times = l->times + worker * l->units->count;
    sy_context ctx;
    syi_balance_sums sums;
    for (int i = 0; i < values; i++) line[i] = NAN;
    if (syi_parallel_stopped()) return;
    sy_context_init(&ctx);
    ctx.threads = 1;
    ctx.simd = l->simd;
    syi_row_units_without(l->units, (ptrdiff_t)g, times);
    begin(l, f, times);
    sy_status status = syi_balance_weigh(&ctx, f, 0, hidden);
    for (int o = 0; o < n_outcomes && status >= 0; o++) {
        if ((status = syi_balance_regress(&ctx, f, o)) < 0) break;
        syi_balance_means(f, o, &sums);
        for (int m = 0; m < SY_BALANCE_ESTIMATES; m++)
            line[o * SY_BALANCE_ESTIMATES + m] = sums.mean[m][1] - sums.mean[m][0];
    }
    l->no_room[g] = status == SY_ENOMEM;
    sy_context_free(&ctx);
}

static double seconds(const syi_balance *b, const syi_row_units *units)
{
    const double k = b->k, pass = 1e-10 * (double)b->rows.stride * (k * k + 20 * k + 40);
    const double one = pass * (6 + 2.0 * b->question->n_outcomes) + 1e-8 * k * k * k + 2e-5;
    return (double)units->count * one * (b->question->clusters == SY_CLUSTERS_RANDOM ? 20 : 1);
}

sy_status syi_balance_leave_out(sy_context *ctx, const syi_balance_fit *whole, const syi_row_units *units,
                                double *lines)
{
    const double expected = seconds(whole->b, units);
    const int workers = syi_parallel_workers(ctx, (size_t)units->count, expected);
    leaving l = {.whole = whole, .units = units, .lines = lines, .simd = ctx->simd};
    sy_status status = SY_OK;
    l.fit = syi_alloc((size_t)workers, sizeof *l.fit);
    l.times = syi_alloc((size_t)workers * (size_t)units->count, sizeof *l.times);
    l.no_room = syi_alloc((size_t)units->count, sizeof *l.no_room);
    if (!l.fit || !l.times || !l.no_room)
        status = syi_fail(ctx, SY_ENOMEM, "interval: no room for %td units", units->count);
    for (int t = 0; t < workers && status >= 0; t++) status = syi_balance_fit_init(ctx, whole->b, &l.fit[t]);
    if (status >= 0) status = syi_parallel(ctx, (size_t)units->count, expected, without, &l);
    for (ptrdiff_t g = 0; g < units->count && status >= 0; g++)
        if (l.no_room[g]) status = syi_fail(ctx, SY_ENOMEM, "interval: no room for a fit without one unit");
    for (int t = 0; t < workers && l.fit; t++) syi_balance_fit_free(&l.fit[t]);
    SYI_FREE(l.fit);
    SYI_FREE(l.times);
    SYI_FREE(l.no_room);
    return status;
}
