/* Clustered errors of 1e6 rows and 20 predictors, beyond the fit; HC3; and 200
 * cluster replicates of the coefficients of 15 outcomes on 20 predictors. Prints
 * seconds, the fastest of several runs; and beside the errors what cannot be saved:
 * a bare reading of the same columns, each in runs of 2048 rows, and the bare
 * products of the clusters' sums, from rows that are in the cache already.
 * use: bench_vcov [rows] [runs] [threads]
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "models/vcov/vcov_scattered_internal.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { PREDICTORS = 20, OUTCOMES = 15, COLUMNS = PREDICTORS + OUTCOMES, COUNCILS = 150, REPLICATES = 200, RUN = 2048 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void stop_on(sy_status s, const sy_context *ctx)
{
    if (s >= 0) return;
    puts(ctx->message);
    exit(1);
}

typedef struct {
    ptrdiff_t n;
    double *x[COLUMNS];
    int32_t *code;
    char name[COLUMNS][8], council[COUNCILS][8];
    const char *levels[COUNCILS];
    sy_column column[COLUMNS], cluster;
    sy_factor factor[COLUMNS];
    sy_term term[COLUMNS];
    int chosen[PREDICTORS], outcomes[OUTCOMES];
    sy_design design;
    sy_linear_model model;
} data;

static void fill(data *d, ptrdiff_t n, int sorted)
{
    uint64_t state = 1;
    d->n = n;
    for (int c = 0; c < COLUMNS; c++) {
        d->x[c] = d->x[c] ? d->x[c] : syi_alloc((size_t)n, sizeof(double));
        for (ptrdiff_t i = 0; i < n; i++) {
            state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            d->x[c][i] = (double)(state >> 11) * 0x1p-53;
        }
        snprintf(d->name[c], sizeof d->name[c], "x%d", c);
        d->column[c] = (sy_column){.name = d->name[c], .data = d->x[c], .stride = sizeof(double), .type = SY_F64};
        d->factor[c] = (sy_factor){c, 1};
        d->term[c] = (sy_term){d->name[c], 1, &d->factor[c]};
    }
    d->code = d->code ? d->code : syi_alloc((size_t)n, sizeof *d->code);
    for (ptrdiff_t i = 0; i < n; i++) d->code[i] = (int32_t)(sorted ? i * COUNCILS / n : i % COUNCILS);
    for (int k = 0; k < COUNCILS; k++) {
        snprintf(d->council[k], sizeof d->council[k], "c%d", k);
        d->levels[k] = d->council[k];
    }
    d->cluster = (sy_column){.name = "council",
                             .data = d->code,
                             .stride = sizeof *d->code,
                             .type = SY_CODES,
                             .n_levels = COUNCILS,
                             .levels = d->levels};
    for (int k = 0; k < PREDICTORS; k++) d->chosen[k] = k;
    for (int k = 0; k < OUTCOMES; k++) d->outcomes[k] = PREDICTORS + k;
    d->design = (sy_design){.n = n,
                            .n_columns = COLUMNS,
                            .columns = d->column,
                            .n_terms = PREDICTORS + 1,
                            .terms = d->term,
                            .cluster = &d->cluster};
    d->model = (sy_linear_model){.outcome = PREDICTORS, .n_terms = PREDICTORS, .terms = d->chosen, .intercept = 1};
}

static double fit_seconds(sy_context *ctx, const data *d)
{
    enum { P = PREDICTORS + 1 };
    double b[P], inverse[P * P], effects[P];
    int aliased[P];
    const sy_linear_fit fit = {.coefficient = b, .aliased = aliased, .inverse = inverse, .effects = effects};
    sy_linear_options o;
    sy_linear_summary s;
    sy_linear_defaults(&o);
    const double t = now();
    stop_on(sy_linear(ctx, &d->design, &d->model, &o, &s, &fit), ctx);
    return now() - t;
}

static double vcov_seconds(sy_context *ctx, const data *d, sy_vcov_kind kind)
{
    enum { P = PREDICTORS + 1 };
    double v[P * P], df[P];
    sy_linear_options o;
    sy_linear_defaults(&o);
    const double t = now();
    stop_on(sy_vcov(ctx, &d->design, &d->model, &o, kind, NULL, v, df), ctx);
    return now() - t;
}

typedef struct {
    const data *d;
    int simd, wide;
    const double *rows; /* [RUN][wide] */
    double *sums;       /* [workers][COUNCILS][length] */
    double *seen;       /* [runs of rows] */
} bare;

static void bare_read(void *arg, int worker, size_t run)
{
    const bare *b = arg;
    const ptrdiff_t start = (ptrdiff_t)run * RUN, end = start + RUN < b->d->n ? start + RUN : b->d->n;
    double s[8] = {0};
    (void)worker;
    for (int c = 0; c <= PREDICTORS; c++)
        for (ptrdiff_t i = start; i + 8 <= end; i += 8)
            for (int k = 0; k < 8; k++) s[k] += b->d->x[c][i + k];
    for (int k = 0; k < 8; k++) b->seen[run] += s[k];
}

static void bare_products(void *arg, int worker, size_t run)
{
    const bare *b = arg;
    const size_t length = syi_outer_length(b->wide);
    const ptrdiff_t left = b->d->n - (ptrdiff_t)run * RUN, rows = left < RUN ? left : RUN;
    double *sums = b->sums + (size_t)worker * COUNCILS * length;
    int list[RUN];
    for (int i = 0; i < RUN; i++) list[i] = i;
    for (ptrdiff_t g = 0; g < COUNCILS; g++) {
        const int first = (int)(g * rows / COUNCILS), next = (int)((g + 1) * rows / COUNCILS);
        syi_outer_add(b->simd, b->wide, b->rows, b->rows, list + first, next - first, sums + (size_t)g * length);
    }
}

static void floors(const data *d, int runs, int threads)
{
    sy_context ctx;
    sy_context_init(&ctx);
    ctx.threads = threads;
    const size_t count = (size_t)(d->n / RUN + (d->n % RUN != 0));
    bare b = {.d = d, .simd = syi_lanes_width(ctx.simd), .wide = syi_outer_wide(PREDICTORS + 2)};
    double *rows = syi_alloc((size_t)RUN * (size_t)b.wide, sizeof *rows), read = INFINITY, products = INFINITY;
    const size_t workers = (size_t)syi_parallel_workers(&ctx, count, 1);
    b.rows = rows;
    b.sums = syi_alloc(workers * COUNCILS * syi_outer_length(b.wide), sizeof *b.sums);
    b.seen = syi_alloc(count, sizeof *b.seen);
    for (int r = 0; r < runs; r++) {
        double t = now();
        stop_on(syi_parallel(&ctx, count, 1, bare_read, &b), &ctx);
        read = fmin(read, now() - t);
        t = now();
        stop_on(syi_parallel(&ctx, count, 1, bare_products, &b), &ctx);
        products = fmin(products, now() - t);
    }
    printf("bare, %d thread%s: reading %.4f s (%.1f GB/s); products %.4f s\n", threads, threads == 1 ? "" : "s", read,
           8e-9 * (double)d->n * (PREDICTORS + 1) / read, products);
    SYI_FREE(rows);
    SYI_FREE(b.sums);
    SYI_FREE(b.seen);
    sy_context_free(&ctx);
}

static void errors(const data *d, int runs, int threads, const char *order)
{
    static const struct {
        const char *name;
        sy_vcov_kind kind;
    } kinds[] = {
        {"HC1", SY_VCOV_HC1}, {"HC3", SY_VCOV_HC3}, {"CR1", SY_VCOV_CR1}, {"CR2", SY_VCOV_CR2}, {"CR3", SY_VCOV_CR3}};
    sy_context ctx;
    double whole[5] = {INFINITY, INFINITY, INFINITY, INFINITY, INFINITY}, fit = INFINITY;
    sy_context_init(&ctx);
    ctx.threads = threads;
    for (int r = 0; r < runs; r++) {
        fit = fmin(fit, fit_seconds(&ctx, d));
        for (int k = 0; k < 5; k++) whole[k] = fmin(whole[k], vcov_seconds(&ctx, d, kinds[k].kind));
    }
    printf("%s, %d thread%s: fit %.4f s", order, threads, threads == 1 ? "" : "s", fit);
    for (int k = 0; k < 5; k++) printf("; %s beyond it %.4f s", kinds[k].name, whole[k] - fit);
    printf("\n");
    sy_context_free(&ctx);
}

static void replicates(const data *d, int runs, int threads)
{
    static double out[REPLICATES * OUTCOMES * (PREDICTORS + 1)];
    sy_context ctx;
    sy_moments m = {0};
    sy_design all = d->design;
    const sy_moments_options o = {SY_UNIT_CLUSTER, SY_PRECISION_DOUBLE};
    double best = INFINITY;
    all.n_terms = COLUMNS;
    all.n = all.n < 20000 ? all.n : 20000;
    sy_context_init(&ctx);
    ctx.threads = threads;
    stop_on(sy_moments_init(&ctx, &all, &o, &m), &ctx);
    for (int r = 0; r < runs; r++) {
        const double t = now();
        stop_on(sy_vcov_bootstrap(&ctx, &m, OUTCOMES, d->outcomes, PREDICTORS, d->chosen, REPLICATES, 1, out), &ctx);
        best = fmin(best, now() - t);
    }
    printf("%d outcomes, %d predictors, %d replicates of %d clusters, %d thread%s: %.4f s\n", OUTCOMES, PREDICTORS,
           REPLICATES, COUNCILS, threads, threads == 1 ? "" : "s", best);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

int main(int argc, char **argv)
{
    static data d;
    const ptrdiff_t n = argc > 1 ? atol(argv[1]) : 1000000;
    const int runs = argc > 2 ? atoi(argv[2]) : 5, most = argc > 3 ? atoi(argv[3]) : 2;
    for (int sorted = 1; sorted >= 0; sorted--) {
        fill(&d, n, sorted);
        for (int t = 1; sorted && t <= most; t++) floors(&d, runs * 2, t);
        for (int t = 1; t <= most; t++) errors(&d, runs, t, sorted ? "rows by cluster" : "rows in any order");
    }
    for (int t = 1; t <= most; t++) replicates(&d, runs * 4, t);
    return 0;
}
