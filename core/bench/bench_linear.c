/* Least squares of 1e6 rows and 20 predictors, against a bare pass over the same
 * memory: the cross-products of 21 columns with no shift, no check and no
 * result. Prints seconds (the fastest run of several), the ratio and the most
 * memory held beyond the rows, on one and two threads; then columns so nearly
 * collinear that rows are turned one by one, and what double-double costs.
 * use: bench_linear [--all] [rows] [runs]   (--all: 1e7 rows as well)
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "algebra/lanes_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "steelyard/linear.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PREDICTORS = 20, COLUMNS = PREDICTORS + 1, TILE = 512, PIECE = 16384 };

typedef struct {
    ptrdiff_t n;
    ptrdiff_t step; /* from one column to the next; column 0 is all ones, those after the last all zero */
    double *block, *column[COLUMNS];
    double *partial; /* [pieces][lanes of the triangle] */
    int simd;
} rows;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void bare_piece(void *arg, int worker, size_t piece)
{
    const rows *b = arg;
    const ptrdiff_t start = (ptrdiff_t)piece * PIECE, end = start + PIECE < b->n ? start + PIECE : b->n;
    double *acc = b->partial + piece * syi_lanes_room(COLUMNS + 1);
    (void)worker;
    memset(acc, 0, syi_lanes_room(COLUMNS + 1) * sizeof *acc);
    for (ptrdiff_t at = start; at < end; at += TILE) {
        const int len = end - at < TILE ? (int)(end - at) : TILE;
        const double *x = b->block + at;
        const syi_tile tile = {syi_lanes_blocks(COLUMNS + 1), len / SYI_LANES, b->step, x, NULL, x, NULL};
        syi_lanes_double(b->simd, &tile, acc);
    }
}

static double bare_seconds(sy_context *ctx, rows *b)
{
    double t = now();
    b->simd = syi_lanes_width(ctx->simd);
    if (syi_parallel(ctx, (size_t)(b->n / PIECE + 1), 1, bare_piece, b) != SY_OK) exit(1);
    t = now() - t;
    return b->partial[0] > 0 ? t : 0;
}

static double fit_seconds(sy_context *ctx, const rows *b, sy_precision precision, sy_linear_summary *summary,
                          double *megabytes)
{
    static char name[COLUMNS][8];
    sy_column column[COLUMNS];
    sy_factor factor[COLUMNS];
    sy_term term[COLUMNS];
    int chosen[PREDICTORS];
    double coefficient[COLUMNS], inverse[COLUMNS * COLUMNS];
    for (int c = 0; c < COLUMNS; c++) {
        snprintf(name[c], sizeof name[c], "x%d", c);
        column[c] = (sy_column){.name = name[c], .data = b->column[c], .stride = sizeof(double), .type = SY_F64};
        factor[c] = (sy_factor){c, 1};
        term[c] = (sy_term){name[c], 1, &factor[c]};
        if (c > 0) chosen[c - 1] = c;
    }
    const sy_design design = {.n = b->n, .n_columns = COLUMNS, .columns = column, .n_terms = COLUMNS, .terms = term};
    const sy_linear_model model = {.outcome = 0, .n_terms = PREDICTORS, .terms = chosen, .intercept = 1};
    const sy_linear_options options = {precision};
    const sy_linear_fit fit = {.coefficient = coefficient, .inverse = inverse};
    const int64_t before = sy_memory_live();
    sy_memory_reset_peak();
    double t = now();
    if (sy_linear(ctx, &design, &model, &options, summary, &fit) < 0) {
        puts(ctx->message);
        exit(1);
    }
    t = now() - t;
    *megabytes = 1e-6 * (double)(sy_memory_peak() - before);
    return t;
}

static void fill(rows *b, double tie)
{
    uint64_t state = 1;
    for (int c = 0; c < COLUMNS; c++)
        for (ptrdiff_t i = 0; i < b->n; i++) {
            state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            b->column[c][i] = (double)(state >> 11) * 0x1p-53;
            if (c == PREDICTORS) b->column[c][i] = b->column[c - 1][i] + tie * b->column[c][i];
        }
}

/* The two take turns, so that a busy moment of the machine hits both. */
static void compare(rows *b, const char *what, sy_precision precision, int runs)
{
    static const char *const way[] = {"QR, double-double", "moments", "QR, double"};
    for (int threads = 1; threads <= 2; threads++) {
        double floor_ = INFINITY, whole = INFINITY, megabytes = 0;
        sy_linear_summary s = {0};
        sy_context ctx;
        sy_context_init(&ctx);
        ctx.threads = threads;
        for (int k = 0; k < runs; k++) {
            floor_ = fmin(floor_, bare_seconds(&ctx, b));
            whole = fmin(whole, fit_seconds(&ctx, b, precision, &s, &megabytes));
        }
        printf("%-14s %d thread%s  bare %.4f s   linear %.4f s   ratio %5.2f   %4.1f MB   %s, %.1f digits\n", what,
               threads, threads == 1 ? " " : "s", floor_, whole, whole / floor_, megabytes, way[s.method], s.digits);
        sy_context_free(&ctx);
    }
}

static void run(ptrdiff_t n, int runs)
{
    rows b = {.n = n};
    /* not a power of two apart, so that columns do not compete for the same cache sets */
    b.step = (n / TILE + 1) * TILE + 5 * SYI_LANES;
    b.block = syi_alloc((size_t)syi_lanes_blocks(COLUMNS + 1) * SYI_BLOCK * (size_t)b.step, sizeof(double));
    for (ptrdiff_t i = 0; i < n; i++) b.block[i] = 1;
    for (int c = 0; c < COLUMNS; c++) b.column[c] = b.block + (c + 1) * b.step;
    b.partial = syi_alloc((size_t)(n / PIECE + 1) * syi_lanes_room(COLUMNS + 1), sizeof(double));
    printf("%td rows, %d predictors, %d runs\n", n, PREDICTORS, runs);
    fill(&b, 1);
    compare(&b, "ordinary", SY_PRECISION_AUTO, runs);
    fill(&b, 1e-4);
    compare(&b, "collinear", SY_PRECISION_AUTO, (runs + 2) / 3);
    compare(&b, "double-double", SY_PRECISION_TWOFOLD, (runs + 2) / 3);
    SYI_FREE(b.block);
    SYI_FREE(b.partial);
}

int main(int argc, char **argv)
{
    const int all = argc > 1 && !strcmp(argv[1], "--all");
    const ptrdiff_t n = argc > 1 + all ? atol(argv[1 + all]) : 1000000;
    const int runs = argc > 2 + all ? atoi(argv[2 + all]) : 9;
    run(n, runs);
    if (all) run(10 * n, (runs + 2) / 3);
    return 0;
}
