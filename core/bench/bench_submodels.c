/* All submodels, commonality coefficients and dominance from moments, beside the
 * bare double-double walk that they rest on and a stated limit: 2^10 coefficients
 * in 1 ms here, so that a host has them in 3.
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "base/random_internal.h"
#include "shares/subsets_internal.h"
#include "steelyard.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROWS = 2700, MOST = 18, TIMES = 15, SETS = 1 << MOST };

static double x[MOST + 1][ROWS], table[SY_N_SUBMODEL * SETS], by_size[MOST * MOST], general[MOST];
static double pairs[MOST * (MOST - 1) / 2 * SY_N_DOMINANCE * SY_N_PAIR];
static double again[MOST * (MOST - 1) / 2 * SY_N_DOMINANCE * SY_N_REPRODUCED];
static int32_t set[SETS];
static char label[MOST + 1][8];

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    const double d = *(const double *)a - *(const double *)b;
    return (d > 0) - (d < 0);
}

static void make(void)
{
    syi_stream s;
    syi_stream_init(&s, 1, 0, 0);
    for (int i = 0; i < ROWS; i++) {
        double last = 0, y = syi_stream_normal(&s);
        for (int k = 0; k < MOST; k++) {
            last = 0.5 * last + syi_stream_normal(&s);
            x[k][i] = last;
            y += 0.05 * last;
        }
        x[MOST][i] = y;
    }
    for (int k = 0; k <= MOST; k++) snprintf(label[k], sizeof label[k], k < MOST ? "x%d" : "y", k);
}

typedef enum { SUBMODELS, COMMONALITY, DOMINANCE, REPRODUCED, KINDS } kind;

static sy_status run(sy_context *ctx, kind which, const sy_moments *m, const sy_question *q)
{
    sy_dominance_options o;
    int kept = 0;
    sy_dominance_defaults(&o);
    switch (which) {
    case SUBMODELS: return sy_submodels(ctx, m, q, SY_PLAYERS_BLOCKS, table, set);
    case COMMONALITY: return sy_commonality(ctx, m, q, SY_PLAYERS_BLOCKS, q->n_blocks, table, set);
    case DOMINANCE: return sy_dominance(ctx, m, q, &o, by_size, general, pairs);
    default: return sy_dominance_reproduced(ctx, m, q, &o, 1000, 1, again, &kept);
    }
}

static double measure(kind which, int terms, int times)
{
    sy_column column[MOST + 1];
    sy_factor factor[MOST + 1];
    sy_term term[MOST + 1];
    sy_block block[MOST];
    int one[MOST];
    double seconds[TIMES];
    const sy_moments_options how = {.unit = which == REPRODUCED ? SY_UNIT_ROW : SY_UNIT_NONE};
    sy_context ctx;
    sy_moments m = {0};
    for (int k = 0; k <= terms; k++) {
        const int from = k < terms ? k : MOST;
        column[k] = (sy_column){.name = label[from], .data = x[from], .stride = sizeof(double), .type = SY_F64};
        factor[k] = (sy_factor){k, 1};
        term[k] = (sy_term){label[from], 1, &factor[k]};
    }
    for (int k = 0; k < terms; k++) {
        one[k] = k;
        block[k] = (sy_block){label[k], 1, &one[k]};
    }
    const sy_design design = {
        .n = ROWS, .n_columns = terms + 1, .columns = column, .n_terms = terms + 1, .terms = term};
    const sy_question q = {.outcome = terms, .n_blocks = terms, .blocks = block};
    sy_context_init(&ctx);
    if (sy_moments_init(&ctx, &design, &how, &m) < 0) exit(1);
    for (int t = 0; t < times; t++) {
        const double start = now();
        if (run(&ctx, which, &m, &q) < 0) exit(1);
        seconds[t] = now() - start;
    }
    sy_moments_free(&m);
    sy_context_free(&ctx);
    qsort(seconds, (size_t)times, sizeof *seconds, ascending);
    return seconds[times / 2];
}

/* The guarded walk alone. */
static double bare_walk(int terms)
{
    static syi_dd matrix[(MOST + 1) * (MOST + 1)];
    static double floors[MOST];
    int columns[MOST], stride[MOST];
    double seconds[TIMES];
    syi_arena scratch;
    for (int k = 0; k < terms; k++) columns[k] = stride[k] = 1;
    for (int i = 0; i <= terms; i++)
        for (int j = 0; j <= terms; j++) matrix[i * (terms + 1) + j] = syi_dd_of(i == j ? 1 : 0.2);
    const syi_game game = {terms, columns, stride, terms + 1, matrix, floors, 1};
    sy_context ctx;
    sy_context_init(&ctx);
    if (syi_arena_init(&scratch, syi_subsets_room(&game))) exit(1);
    for (int t = 0; t < TIMES; t++) {
        const double start = now();
        syi_subsets_table(ctx.simd, &game, &scratch, table);
        seconds[t] = now() - start;
    }
    syi_arena_free(&scratch);
    qsort(seconds, TIMES, sizeof *seconds, ascending);
    return seconds[TIMES / 2];
}

int main(void)
{
    static const struct {
        kind which;
        int terms;
        double limit; /* milliseconds */
    } ask[] = {{SUBMODELS, 10, 1}, {SUBMODELS, 18, 200}, {COMMONALITY, 10, 1},  {COMMONALITY, 18, 200},
               {DOMINANCE, 10, 1}, {DOMINANCE, 18, 200}, {REPRODUCED, 5, 1000}, {REPRODUCED, 10, 1500}};
    static const char *const name[KINDS] = {"submodels", "commonality", "dominance", "reproduced"};
    int late = 0;
    make();
    printf("2,700 rows, one thread; medians of %d, milliseconds; reproduced: 1,000 samples of rows, 3 times\n", TIMES);
    printf("what         terms       ms    limit   bare walk\n");
    for (size_t i = 0; i < sizeof ask / sizeof ask[0]; i++) {
        const double ms = 1e3 * measure(ask[i].which, ask[i].terms, ask[i].which == REPRODUCED ? 3 : TIMES);
        printf("%-12s %5d %8.3f %8.0f %11.4f%s\n", name[ask[i].which], ask[i].terms, ms, ask[i].limit,
               1e3 * bare_walk(ask[i].terms), ms > ask[i].limit ? "  above the limit" : "");
        late += ms > ask[i].limit;
    }
    return late > 0;
}
