/* Bootstrap limits of shares from 1,000 case replicates at n = 2,700, beside the
 * bare work: as many draws, each replicate's in a line of its own, their product
 * with the rows' by dgemm, and as many bare walks of the tree. Limits of time on
 * one core: 10 terms 30 ms, 20 terms 0.8 s.
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "base/random_internal.h"
#include "shares/subsets_internal.h"
#include "steelyard.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* c = alpha a b' + beta c, columns first */
void dgemm_(const char *, const char *, const int *, const int *, const int *, const double *, const double *,
            const int *, const double *, const int *, const double *, double *, const int *);

enum { ROWS = 2700, MOST = 20, REPLICATES = 1000, PAIRS = (MOST + 2) * (MOST + 3) / 2, TIMES = 5 };

static double x[MOST + 1][ROWS], products[ROWS][PAIRS], times[REPLICATES][ROWS], sums[REPLICATES][PAIRS];
static char label[MOST + 1][8];

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double least(double a, double b)
{
    return a < b ? a : b;
}

static void make(void)
{
    syi_stream s;
    syi_stream_init(&s, 1, 0, 0);
    for (int i = 0; i < ROWS; i++) {
        double y = syi_stream_normal(&s), last = 0;
        for (int k = 0; k < MOST; k++) {
            last = 0.5 * last + syi_stream_normal(&s);
            x[k][i] = last;
            y += 0.05 * last;
        }
        x[MOST][i] = y;
    }
    for (int k = 0; k <= MOST; k++) snprintf(label[k], sizeof label[k], k < MOST ? "x%d" : "y", k);
}

/* Best of TIMES: shares with limits, less the making of moments. */
static double measure(int terms, int threads, sy_interval_kind kind)
{
    enum { TABLE = 2 * MOST, CELLS = TABLE * SY_N_METRICS };
    static double cells[5][CELLS], covariance[SY_N_METRICS * TABLE * TABLE], replicates[REPLICATES * CELLS];
    const sy_evidence_table table = {cells[0], cells[1], cells[2], cells[3], cells[4], covariance, replicates, NULL};
    sy_column column[MOST + 1];
    sy_factor factor[MOST + 1];
    sy_term term[MOST + 1];
    sy_block block[MOST];
    int one[MOST];
    double best = 1e9;
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
    const sy_question ask = {.outcome = terms, .n_blocks = terms, .blocks = block};
    const sy_moments_options how = {.unit = SY_UNIT_ROW};
    sy_context ctx;
    sy_moments m = {0};
    sy_evidence_options o;
    sy_evidence_summary summary;
    sy_context_init(&ctx);
    ctx.threads = threads;
    sy_evidence_defaults(&o);
    o.interval = kind;
    o.replicates = REPLICATES;
    o.shares.bounds = SY_BOUNDS_NO;
    if (sy_moments_init(&ctx, &design, &how, &m) < 0) exit(1);
    for (int t = 0; t < TIMES; t++) {
        const double start = now();
        if (sy_evidence_shares(&ctx, &m, NULL, &ask, &o, &summary, &table) < 0) exit(1);
        best = least(best, now() - start);
    }
    sy_moments_free(&m);
    sy_context_free(&ctx);
    return best;
}

static void draw(uint32_t replicate, sy_interval_kind kind, double *often)
{
    static uint32_t which[ROWS];
    syi_stream s;
    syi_stream_init(&s, 1, replicate, 0);
    memset(often, 0, ROWS * sizeof *often);
    if (kind == SY_INTERVAL_BAYES)
        for (int i = 0; i < ROWS; i++) often[i] = -log(syi_stream_uniform(&s));
    else {
        syi_stream_below_many(&s, ROWS, ROWS, which);
        for (int i = 0; i < ROWS; i++) often[which[i]] += 1;
    }
}

/* Draws and the product of counts and cross-products. */
static double bare_sums(int terms, sy_interval_kind kind)
{
    const int pairs = (terms + 2) * (terms + 3) / 2, n = ROWS, r = REPLICATES, step = PAIRS;
    const double unit = 1, zero = 0;
    double best = 1e9;
    for (int t = 0; t < TIMES; t++) {
        const double start = now();
        for (uint32_t k = 0; k < REPLICATES; k++) draw(k, kind, times[k]);
        dgemm_("N", "N", &pairs, &r, &n, &unit, &products[0][0], &step, &times[0][0], &n, &zero, &sums[0][0], &step);
        best = least(best, now() - start);
    }
    return best;
}

/* One bare walk of `terms` single columns. */
static double bare_walk(int terms)
{
    static syi_dd matrix[(MOST + 1) * (MOST + 1)];
    static double weight[MOST + 1], sum[MOST + 1], floors[MOST];
    int columns[MOST], stride[MOST];
    const double *weights[] = {weight};
    double best = 1e9;
    syi_arena scratch;
    sy_context ctx;
    for (int k = 0; k < terms; k++) columns[k] = stride[k] = 1;
    for (int i = 0; i <= terms; i++)
        for (int j = 0; j <= terms; j++) matrix[i * (terms + 1) + j] = syi_dd_of(i == j ? 1 : 0.2);
    const syi_game game = {terms, columns, stride, terms + 1, matrix, floors, 0};
    sy_context_init(&ctx);
    if (syi_arena_init(&scratch, syi_subsets_room(&game))) exit(1);
    for (int t = 0; t < 3 * TIMES; t++) {
        const double start = now();
        syi_subsets_sums(ctx.simd, &game, &scratch, 1, weights, sum);
        best = least(best, now() - start);
    }
    syi_arena_free(&scratch);
    sy_context_free(&ctx);
    return best;
}

int main(void)
{
    static const sy_interval_kind kinds[] = {SY_INTERVAL_PERCENTILE, SY_INTERVAL_BAYES};
    static const char *const name[] = {"percentile", "bayes"};
    make();
    for (int i = 0; i < ROWS; i++)
        for (int k = 0; k < PAIRS; k++) products[i][k] = x[k % (MOST + 1)][i];
    printf("1,000 case replicates of 2,700 rows; best of %d, milliseconds\n", TIMES);
    printf("terms threads kind          limits   bare sums   bare walks   limits / bare   allowed on one core\n");
    for (int terms = 10; terms <= 20; terms += 10) {
        const double walks = REPLICATES * bare_walk(terms);
        for (int k = 0; k < 2; k++) {
            const double drawn = bare_sums(terms, kinds[k]);
            for (int threads = 1; threads <= 2; threads++) {
                const double t = measure(terms, threads, kinds[k]);
                printf("%5d %7d %-10s %9.1f %11.1f %12.1f %15.1f %14s\n", terms, threads, name[k], 1e3 * t, 1e3 * drawn,
                       1e3 * walks, t / (drawn + walks), terms == 10 ? "30" : "800");
            }
        }
    }
    return 0;
}
