/* The gap of two groups: 1,000 bootstrap replicates of 2,700 rows and 10
 * predictors, by rows and by 150 councils, and limits by influence and jackknife. Prints
 * seconds, the fastest of several runs, and what cannot be saved: the bare
 * multiplications of the units' products (n (p + 2)(p + 3) / 2 a replicate, by the
 * kernel that takes any replicates) and the draws.
 * use: bench_gap [rows] [runs] [threads]
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/random_internal.h"
#include "steelyard/gap.h"
#include "study/replicates_internal.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { PREDICTORS = 10, COLUMNS = PREDICTORS + 1, COUNCILS = 150, REPLICATES = 1000, AT_ONCE = SYI_REPLICATES_AT_ONCE };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef struct {
    ptrdiff_t n;
    double *x[COLUMNS];
    int32_t *group, *code;
    char name[COLUMNS][8], council[COUNCILS][8];
    const char *levels[COUNCILS];
    sy_column column[COLUMNS], payment, cluster;
    sy_factor factor[COLUMNS];
    sy_term term[COLUMNS];
    int terms[PREDICTORS];
    sy_block block[2];
    sy_design design;
} data;

static void fill(data *d, ptrdiff_t n)
{
    syi_stream s;
    syi_stream_init(&s, 1, 0, 0);
    d->n = n;
    d->group = syi_alloc((size_t)n, sizeof *d->group);
    d->code = syi_alloc((size_t)n, sizeof *d->code);
    for (ptrdiff_t i = 0; i < n; i++) {
        d->group[i] = syi_stream_uniform(&s) < 0.5;
        d->code[i] = (int32_t)(i % COUNCILS);
    }
    for (int c = 0; c < COLUMNS; c++) {
        d->x[c] = syi_alloc((size_t)n, sizeof(double));
        for (ptrdiff_t i = 0; i < n; i++) d->x[c][i] = syi_stream_normal(&s) + 0.3 * d->group[i];
        snprintf(d->name[c], sizeof d->name[c], "x%d", c);
        d->column[c] = (sy_column){.name = d->name[c], .data = d->x[c], .stride = sizeof(double), .type = SY_F64};
        d->factor[c] = (sy_factor){c, 1};
        d->term[c] = (sy_term){d->name[c], 1, &d->factor[c]};
        if (c > 0) d->terms[c - 1] = c;
    }
    for (int k = 0; k < COUNCILS; k++) {
        snprintf(d->council[k], sizeof d->council[k], "c%d", k);
        d->levels[k] = d->council[k];
    }
    d->payment = (sy_column){
        .name = "payment", .data = d->group, .stride = 4, .type = SY_CODES, .n_levels = 2, .levels = d->levels};
    d->cluster = (sy_column){
        .name = "council", .data = d->code, .stride = 4, .type = SY_CODES, .n_levels = COUNCILS, .levels = d->levels};
    d->block[0] = (sy_block){"money", 4, d->terms};
    d->block[1] = (sy_block){"process", PREDICTORS - 4, d->terms + 4};
    d->design = (sy_design){.n = n, .n_columns = COLUMNS, .columns = d->column, .n_terms = COLUMNS, .terms = d->term};
}

static double seconds_of(const data *d, sy_gap_method method, sy_interval_kind kind, int clustered, int runs,
                         int threads)
{
    double best = INFINITY;
    for (int r = 0; r < runs; r++) {
        sy_context ctx;
        sy_gap_result result;
        sy_gap_question ask;
        sy_design design = d->design;
        if (clustered) design.cluster = &d->cluster;
        sy_context_init(&ctx);
        ctx.threads = threads;
        sy_gap_defaults(&ask);
        ask.group = &d->payment;
        ask.n_blocks = 2;
        ask.blocks = d->block;
        ask.method = method;
        ask.interval = kind;
        ask.replicates = REPLICATES;
        const double start = now();
        if (sy_gap(&ctx, &design, &ask, &result) < 0) {
            puts(ctx.message);
            exit(1);
        }
        best = fmin(best, now() - start);
        sy_gap_free(&result);
        sy_context_free(&ctx);
    }
    return best;
}

/* The replicates' sums of products alone, and the draws alone. */
static void bare(ptrdiff_t n, int runs, double *products, double *draws)
{
    const size_t order = COLUMNS, length = ((order + 1) * (order + 2) / 2 + 5) / 6 * 6, units = (size_t)n;
    syi_replicates r = {.order = COLUMNS, .length = length, .products = syi_alloc(length * units, sizeof(double))};
    double *times = syi_alloc(units * AT_ONCE, sizeof *times), *sum = syi_alloc(length * AT_ONCE, sizeof *sum);
    double *tile = syi_alloc((size_t)SYI_REPLICATES_TILE * AT_ONCE, sizeof *tile);
    uint32_t *which = syi_alloc(units, sizeof *which);
    *products = *draws = INFINITY;
    for (int k = 0; k < runs; k++) {
        syi_stream s;
        double start = now();
        for (int i = 0; i < REPLICATES; i += AT_ONCE) syi_replicates_add(2, &r, units, times, tile, sum);
        *products = fmin(*products, now() - start);
        start = now();
        for (int i = 0; i < REPLICATES; i++) {
            syi_stream_init(&s, 1, (uint32_t)i, 0);
            syi_stream_below_many(&s, (uint32_t)n, units, which);
        }
        *draws = fmin(*draws, now() - start);
    }
    SYI_FREE(r.products);
    SYI_FREE(times);
    SYI_FREE(sum);
    SYI_FREE(tile);
    SYI_FREE(which);
}

int main(int argc, char **argv)
{
    static data d;
    static const char *const names[] = {"Oaxaca-Blinder", "", "Gelbach"};
    const int runs = argc > 2 ? atoi(argv[2]) : 5, most = argc > 3 ? atoi(argv[3]) : 2;
    double products, draws;
    fill(&d, argc > 1 ? atoi(argv[1]) : 2700);
    for (int method = 0; method < 3; method += 2)
        for (int t = 1; t <= most; t++) {
            const sy_gap_method m = (sy_gap_method)method;
            printf("%s, n = %td, %d predictors, %d thread%s: %d replicates of rows %.4f s, of councils %.4f s\n",
                   names[method], d.n, PREDICTORS, t, t == 1 ? "" : "s", REPLICATES,
                   seconds_of(&d, m, SY_INTERVAL_PERCENTILE, 0, runs, t),
                   seconds_of(&d, m, SY_INTERVAL_PERCENTILE, 1, runs, t));
            printf("  influence of rows %.4f s, jackknife of councils %.4f s, of rows %.4f s, no limits %.4f s\n",
                   seconds_of(&d, m, SY_INTERVAL_INFLUENCE, 0, runs, t),
                   seconds_of(&d, m, SY_INTERVAL_JACKKNIFE, 1, runs, t),
                   seconds_of(&d, m, SY_INTERVAL_JACKKNIFE, 0, runs, t),
                   seconds_of(&d, m, SY_INTERVAL_NONE, 0, runs, t));
        }
    bare(d.n, runs, &products, &draws);
    printf("bare: products of %d replicates of rows %.4f s, their draws %.4f s\n", REPLICATES, products, draws);
    return 0;
}
