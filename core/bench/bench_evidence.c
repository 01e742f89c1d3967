/* Shares and their default intervals, from moments and from rows, beside the
 * bare work they rest on: one walk of the tree a unit left out, one pass over
 * the rows. The ratio says what guards, double-double and bookkeeping cost.
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "base/random_internal.h"
#include "shares/subsets_internal.h"
#include "steelyard.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROWS = 2700, CLUSTERS = 150, MOST = 20, TIMES = 15 };

static double x[MOST + 1][ROWS];
static int32_t council[ROWS];
static char label[MOST + 1][8], cluster[CLUSTERS][8];
static const char *clusters[CLUSTERS];

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
        council[i] = i % CLUSTERS;
        double y = syi_stream_normal(&s), last = 0;
        for (int k = 0; k < MOST; k++) {
            last = 0.5 * last + syi_stream_normal(&s);
            x[k][i] = last;
            y += 0.05 * last;
        }
        x[MOST][i] = y;
    }
    for (int k = 0; k <= MOST; k++) snprintf(label[k], sizeof label[k], k < MOST ? "x%d" : "y", k);
    for (int g = 0; g < CLUSTERS; g++) {
        snprintf(cluster[g], sizeof cluster[g], "c%d", g);
        clusters[g] = cluster[g];
    }
}

typedef struct {
    int terms, threads;
    sy_interval_kind interval;
    int with_clusters;
} question;

typedef struct {
    double moments, shares; /* seconds, medians */
} timing;

static sy_design design_of(const question *q, sy_column *column, sy_column *council_column, sy_factor *factor,
                           sy_term *term)
{
    for (int k = 0; k <= q->terms; k++) {
        const int from = k < q->terms ? k : MOST;
        column[k] = (sy_column){.name = label[from], .data = x[from], .stride = sizeof(double), .type = SY_F64};
        factor[k] = (sy_factor){k, 1};
        term[k] = (sy_term){label[from], 1, &factor[k]};
    }
    *council_column = (sy_column){.name = "council",
                                  .data = council,
                                  .stride = sizeof(int32_t),
                                  .type = SY_CODES,
                                  .n_levels = CLUSTERS,
                                  .levels = clusters};
    return (sy_design){.n = ROWS,
                       .n_columns = q->terms + 1,
                       .columns = column,
                       .n_terms = q->terms + 1,
                       .terms = term,
                       .cluster = q->with_clusters ? council_column : NULL};
}

static timing measure(const question *q)
{
    enum { TABLE = 2 * MOST };
    static double cells[5][TABLE * SY_N_METRICS], covariance[SY_N_METRICS * TABLE * TABLE];
    const sy_evidence_table table = {cells[0], cells[1], cells[2], cells[3], cells[4], covariance, NULL, NULL};
    sy_column column[MOST + 1], council_column;
    sy_factor factor[MOST + 1];
    sy_term term[MOST + 1];
    sy_block block[MOST];
    int one[MOST];
    double a[TIMES], b[TIMES];
    const sy_design design = design_of(q, column, &council_column, factor, term);
    for (int k = 0; k < q->terms; k++) {
        one[k] = k;
        block[k] = (sy_block){label[k], 1, &one[k]};
    }
    const sy_question ask = {.outcome = q->terms, .n_blocks = q->terms, .blocks = block};
    const sy_moments_options how = {.unit = q->with_clusters ? SY_UNIT_CLUSTER : SY_UNIT_NONE};
    for (int t = 0; t < TIMES; t++) {
        sy_context ctx;
        sy_moments m = {0};
        sy_evidence_options o;
        sy_evidence_summary summary;
        sy_context_init(&ctx);
        ctx.threads = q->threads;
        sy_evidence_defaults(&o);
        o.interval = q->interval;
        const double start = now();
        if (sy_moments_init(&ctx, &design, &how, &m) < 0) exit(1);
        const double middle = now();
        if (sy_evidence_shares(&ctx, &m, NULL, &ask, &o, &summary, &table) < 0) exit(1);
        a[t] = middle - start;
        b[t] = now() - middle;
        sy_moments_free(&m);
        sy_context_free(&ctx);
    }
    qsort(a, TIMES, sizeof *a, ascending);
    qsort(b, TIMES, sizeof *b, ascending);
    return (timing){a[TIMES / 2], b[TIMES / 2]};
}

/* One bare walk of T single columns, in plain double, without the rest. */
static double bare_walk(int terms)
{
    static syi_dd matrix[(MOST + 1) * (MOST + 1)];
    static double table[1 << SYI_TABLE_PLAYERS], weight[MOST + 1], sums[MOST + 1], floors[MOST];
    int columns[MOST], stride[MOST];
    const double *weights[] = {weight};
    double seconds[TIMES];
    syi_arena scratch;
    for (int k = 0; k < terms; k++) columns[k] = stride[k] = 1;
    for (int i = 0; i <= terms; i++)
        for (int j = 0; j <= terms; j++) matrix[i * (terms + 1) + j] = syi_dd_of(i == j ? 1 : 0.2);
    const syi_game game = {terms, columns, stride, terms + 1, matrix, floors, 0};
    sy_context ctx;
    sy_context_init(&ctx);
    if (syi_arena_init(&scratch, syi_subsets_room(&game))) exit(1);
    for (int t = 0; t < TIMES; t++) {
        const double start = now();
        if (terms <= SYI_TABLE_PLAYERS) syi_subsets_table(ctx.simd, &game, &scratch, table);
        else syi_subsets_sums(ctx.simd, &game, &scratch, 1, weights, sums);
        seconds[t] = now() - start;
    }
    syi_arena_free(&scratch);
    qsort(seconds, TIMES, sizeof *seconds, ascending);
    return seconds[TIMES / 2];
}

int main(void)
{
    static const question ask[] = {{10, 1, SY_INTERVAL_NONE, 0},       {15, 1, SY_INTERVAL_NONE, 0},
                                   {20, 1, SY_INTERVAL_NONE, 0},       {10, 1, SY_INTERVAL_AUTO, 1},
                                   {10, 2, SY_INTERVAL_AUTO, 1},       {15, 1, SY_INTERVAL_AUTO, 1},
                                   {10, 1, SY_INTERVAL_PERCENTILE, 1}, {10, 1, SY_INTERVAL_NORMAL, 0}};
    static const char *const name[] = {"auto", "none", "jackknife", "influence", "normal", "percentile"};
    make();
    printf("2,700 rows, 150 clusters; medians of %d, milliseconds; walks: trees of all submodels this takes\n", TIMES);
    printf("terms threads interval    moments   shares   one bare walk   shares / (walks x bare walk)\n");
    for (size_t i = 0; i < sizeof ask / sizeof ask[0]; i++) {
        const timing t = measure(&ask[i]);
        const double bare = bare_walk(ask[i].terms), order = ask[i].terms + 1;
        const double walks = ask[i].interval == SY_INTERVAL_NONE         ? 1
                             : ask[i].interval == SY_INTERVAL_PERCENTILE ? 2000
                             : ask[i].interval == SY_INTERVAL_NORMAL     ? 2 * order * (order + 1)
                                                                         : CLUSTERS + 1;
        printf("%5d %7d %-10s %8.3f %8.3f %15.4f %12.1f\n", ask[i].terms, ask[i].threads, name[ask[i].interval],
               1e3 * t.moments, 1e3 * t.shares, 1e3 * bare, t.shares / (walks * bare));
    }
    return 0;
}
