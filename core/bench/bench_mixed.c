/* A random intercept in 150 groups with 20 predictors: 2,700 rows, 1,000,000
 * rows beside a bare pass over the same memory (the cross-products of 21
 * columns), sorted and scattered groups; then 1,024 submodels of ten terms by
 * `fixed` from one reading of the rows. Prints seconds, the fastest run of several.
 * use: bench_mixed [threads]
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "algebra/lanes_internal.h"
#include "base/memory_internal.h"
#include "models/mixed/mixed_internal.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PREDICTORS = 20, COLUMNS = PREDICTORS + 1, GROUPS = 150, TILE = 512 };

typedef struct {
    ptrdiff_t n, step;
    double *block; /* ones, predictors, outcome */
    int32_t *group;
    sy_column columns[COLUMNS + 1];
    sy_term terms[COLUMNS];
    sy_factor factors[COLUMNS];
    const char *levels[GROUPS];
    char level[GROUPS][8];
    char names[COLUMNS][8];
    int in_model[PREDICTORS];
    sy_random bar;
    sy_design design;
    sy_mixed_model model;
} data;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double uniform(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) / 16777216.0 - 0.5;
}

static void make(data *d, ptrdiff_t n, int scattered, int p)
{
    uint32_t state = 5;
    *d = (data){.n = n, .step = (n + TILE - 1) / TILE * TILE};
    d->block = syi_alloc((size_t)(d->step * (COLUMNS + 3)), sizeof *d->block);
    d->group = syi_alloc((size_t)n, sizeof *d->group);
    if (!d->block || !d->group) exit(1);
    for (ptrdiff_t i = 0; i < n; i++) {
        double y = 0, before = 0;
        d->group[i] = scattered ? (int32_t)((uniform(&state) + 0.5) * GROUPS) : (int32_t)(i * GROUPS / n);
        d->block[i] = 1;
        for (int c = 1; c <= PREDICTORS; c++) {
            before = 0.5 * before + uniform(&state);
            d->block[c * d->step + i] = before;
            y += 0.1 * before;
        }
        d->block[COLUMNS * d->step + i] = y + 0.2 * sin(d->group[i]) + 2 * uniform(&state);
    }
    for (int c = 0; c < COLUMNS; c++) {
        snprintf(d->names[c], sizeof d->names[c], "x%d", c);
        d->columns[c] = (sy_column){.name = d->names[c],
                                    .data = d->block + (c ? c : COLUMNS) * d->step,
                                    .stride = sizeof(double),
                                    .type = SY_F64};
        d->factors[c] = (sy_factor){c, 1};
        d->terms[c] = (sy_term){d->names[c], 1, &d->factors[c]};
        if (c < PREDICTORS) d->in_model[c] = c + 1;
    }
    for (int g = 0; g < GROUPS; g++) {
        snprintf(d->level[g], sizeof d->level[g], "g%d", g);
        d->levels[g] = d->level[g];
    }
    d->columns[COLUMNS] = (sy_column){.name = "g",
                                      .data = d->group,
                                      .stride = sizeof(int32_t),
                                      .type = SY_CODES,
                                      .n_levels = GROUPS,
                                      .levels = d->levels};
    d->bar = (sy_random){.intercept = 1, .group = &d->columns[COLUMNS]};
    d->design = (sy_design){.n = n, .n_columns = COLUMNS, .columns = d->columns, .n_terms = COLUMNS, .terms = d->terms};
    d->model = (sy_mixed_model){.linear = 1, .n_random = 1, .random = &d->bar};
    d->model.response.columns = (sy_linear_model){.outcome = 0, .n_terms = p, .terms = d->in_model, .intercept = 1};
}

static void drop(data *d)
{
    SYI_FREE(d->block);
    SYI_FREE(d->group);
}

static double bare(sy_context *ctx, const data *d)
{
    double *acc = syi_alloc(syi_lanes_room(COLUMNS + 1), sizeof *acc), best = 1e9;
    for (int run = 0; acc && run < 5; run++) {
        const double t = now();
        for (ptrdiff_t at = 0; at < d->n; at += TILE) {
            const double *x = d->block + at;
            const syi_tile tile = {syi_lanes_blocks(COLUMNS + 1), TILE / SYI_LANES, d->step, x, NULL, x, NULL};
            syi_lanes_double(syi_lanes_width(ctx->simd), &tile, acc);
        }
        best = fmin(best, now() - t);
    }
    SYI_FREE(acc);
    return best;
}

static void fit(sy_context *ctx, const data *d, int runs, const char *what)
{
    double estimate[COLUMNS], covariance[COLUMNS * COLUMNS], theta, variance, best = 1e9;
    sy_mixed_summary s;
    const sy_mixed_fit out = {.estimate = estimate, .covariance = covariance, .theta = &theta, .variance = &variance};
    for (int run = 0; run < runs; run++) {
        const double t = now();
        if (sy_mixed(ctx, &d->design, &d->model, NULL, &s, &out) < 0) {
            printf("%s\n", ctx->message);
            exit(1);
        }
        best = fmin(best, now() - t);
    }
    printf("%-36s %9.3f ms  (%d evaluations, theta %.6f, last step %.1e)\n", what, 1e3 * best, s.evaluations, theta,
           s.last_step);
}

static void submodels(sy_context *ctx, const data *d)
{
    syi_lmm l;
    sy_mixed_options o;
    syi_lmm_report r;
    unsigned char fixed[COLUMNS];
    double total = 0;
    int evaluations = 0;
    sy_mixed_defaults(&o);
    const double t = now();
    if (syi_lmm_init(ctx, &d->design, &d->model, 0, &l) < 0) exit(1);
    double theta = 1;
    for (int mask = 0; mask < 1024; mask++) {
        const int gray = mask ^ (mask >> 1);
        fixed[0] = 1;
        for (int c = 0; c < 10; c++) fixed[c + 1] = (unsigned char)(gray >> c & 1);
        if (syi_lmm_minimise(ctx, &l, fixed, &o, &theta, &r) < 0) exit(1);
        total += r.criterion;
        evaluations += r.evaluations;
    }
    printf("%-36s %9.3f ms  (%.1f evaluations each, sum %.6f)\n", "1,024 submodels of ten terms", 1e3 * (now() - t),
           evaluations / 1024.0, total);
    syi_lmm_free(&l);
}

int main(int argc, char **argv)
{
    sy_context ctx;
    data d;
    sy_context_init(&ctx);
    ctx.threads = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 1;
    make(&d, 2700, 0, PREDICTORS);
    fit(&ctx, &d, 50, "2,700 rows, sorted groups");
    drop(&d);
    make(&d, 2700, 1, PREDICTORS);
    fit(&ctx, &d, 50, "2,700 rows, scattered groups");
    drop(&d);
    make(&d, 2700, 0, 10);
    submodels(&ctx, &d);
    drop(&d);
    make(&d, 1000000, 0, PREDICTORS);
    printf("%-36s %9.3f ms\n", "1,000,000 rows: bare cross-products", 1e3 * bare(&ctx, &d));
    fit(&ctx, &d, 5, "1,000,000 rows, sorted groups");
    drop(&d);
    make(&d, 1000000, 1, PREDICTORS);
    fit(&ctx, &d, 5, "1,000,000 rows, scattered groups");
    drop(&d);
    sy_context_free(&ctx);
    return 0;
}
