/* Crossed factors of the size of InstEval, 73,421 rows, 2,972 students, 1,128 lecturers and 14 departments: reading,
 * an evaluation with and without gradient, the whole search, beside the dense part's Cholesky factor and inverse alone
 * (LAPACK), which no evaluation can go without. Prints seconds, the fastest run of several.
 * use: bench_crossed [restricted]
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "base/blas_internal.h"
#include "base/memory_internal.h"
#include "models/mixed/crossed_internal.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROWS = 73421, STUDENTS = 2972, LECTURERS = 1128, DEPARTMENTS = 14, RUNS = 5, FITS = 2 };

typedef struct {
    double *y, *service;
    int32_t *code[3];
    char name[STUDENTS][8];
    const char *names[STUDENTS];
    sy_column columns[2], group[3];
    sy_factor factor[2];
    sy_term terms[2];
    sy_design design;
    sy_random bar[3];
    sy_mixed_model model;
    int term;
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
    return (*state >> 8) / 16777216.0;
}

static void make(data *d)
{
    uint32_t state = 5;
    const int levels[3] = {STUDENTS, LECTURERS, DEPARTMENTS};
    const double spread[3] = {0.3, 0.5, 0.1};
    d->y = syi_alloc(ROWS, sizeof *d->y);
    d->service = syi_alloc(ROWS, sizeof *d->service);
    for (int k = 0; k < 3; k++) d->code[k] = syi_alloc(ROWS, sizeof *d->code[k]);
    if (!d->y || !d->service || !d->code[0] || !d->code[1] || !d->code[2]) exit(1);
    for (int i = 0; i < ROWS; i++) {
        d->service[i] = uniform(&state) < 0.4;
        d->y[i] = 3.3 - 0.09 * d->service[i];
        for (int k = 0; k < 3; k++) {
            d->code[k][i] = (int32_t)(uniform(&state) * levels[k]);
            d->y[i] += spread[k] * sqrt(2) * sin(12.9898 * d->code[k][i] + k);
        }
        d->y[i] += 1.2 * (uniform(&state) + uniform(&state) + uniform(&state) + uniform(&state) - 2) * sqrt(3);
    }
    for (int l = 0; l < STUDENTS; l++) {
        snprintf(d->name[l], sizeof d->name[l], "%d", l);
        d->names[l] = d->name[l];
    }
    static const char *const names[3] = {"s", "d", "dept"};
    d->columns[0] = (sy_column){.name = "y", .data = d->y, .stride = sizeof(double), .type = SY_F64};
    d->columns[1] = (sy_column){.name = "service", .data = d->service, .stride = sizeof(double), .type = SY_F64};
    for (int k = 0; k < 2; k++) {
        d->factor[k] = (sy_factor){k, 1};
        d->terms[k] = (sy_term){d->columns[k].name, 1, &d->factor[k]};
    }
    for (int k = 0; k < 3; k++) {
        d->group[k] = (sy_column){.name = names[k],
                                  .data = d->code[k],
                                  .stride = sizeof(int32_t),
                                  .type = SY_CODES,
                                  .n_levels = levels[k],
                                  .levels = d->names};
        d->bar[k] = (sy_random){.intercept = 1, .group = &d->group[k]};
    }
    d->term = 1;
    d->design = (sy_design){.n = ROWS, .n_columns = 2, .columns = d->columns, .n_terms = 2, .terms = d->terms};
    d->model = (sy_mixed_model){.linear = 1, .n_random = 3, .random = d->bar};
    d->model.response.columns = (sy_linear_model){.outcome = 0, .n_terms = 1, .terms = &d->term, .intercept = 1};
}

static void show(const char *what, double seconds)
{
    printf("%-44s %10.5f\n", what, seconds);
}

static void evaluations(sy_context *ctx, const syi_lmm *l)
{
    const double theta[3] = {0.28, 0.44, 0.07};
    double gradient[3], best[2] = {INFINITY, INFINITY};
    for (int r = 0; r < 2 * RUNS; r++) {
        syi_lmm_value v = {.gradient = r % 2 ? gradient : NULL};
        const double start = now();
        if (l->evaluate(ctx, l, theta, NULL, &v) < 0) exit(1);
        best[r % 2] = fmin(best[r % 2], now() - start);
    }
    show("an evaluation", best[0]);
    show("the same with its gradient", best[1]);
}

/* Factor and inverse of a matrix of the dense part's order. */
static void limit(const syi_crossed *c)
{
    const ptrdiff_t m = c->order;
    double best[2] = {INFINITY, INFINITY}, *a = syi_alloc((size_t)(m * m), sizeof *a);
    if (!a) exit(1);
    for (int r = 0; r < RUNS; r++) {
        for (ptrdiff_t i = 0; i < m; i++)
            for (ptrdiff_t j = 0; j <= i; j++) a[i * m + j] = i == j ? 200 : sin((double)(i * j % 97));
        double start = now();
        if (syi_dpotrf(m, a) != 0) exit(1);
        best[0] = fmin(best[0], now() - start);
        start = now();
        if (syi_dpotri(m, m, a) != 0) exit(1);
        best[1] = fmin(best[1], now() - start);
    }
    show("limit: Cholesky of the dense part", best[0]);
    show("limit: its inverse", best[1]);
    SYI_FREE(a);
}

int main(int argc, char **argv)
{
    static data d;
    sy_context ctx;
    syi_lmm l;
    syi_lmm_report report = {.evaluations = 0};
    sy_mixed_options options;
    double theta[3], best[2] = {INFINITY, INFINITY};
    make(&d);
    sy_context_init(&ctx);
    sy_mixed_defaults(&options);
    options.reml = argc > 1 && !strcmp(argv[1], "restricted");
    for (int r = 0; r < FITS; r++) {
        const double start = now();
        if (syi_lmm_init(&ctx, &d.design, &d.model, options.reml, &l) < 0) exit(1);
        best[0] = fmin(best[0], now() - start);
        if (r == 0) {
            evaluations(&ctx, &l);
            limit(l.state);
        }
        syi_lmm_start(&l, theta);
        if (syi_lmm_minimise(&ctx, &l, NULL, &options, theta, &report) < 0) exit(1);
        if (r > 0) best[1] = now() - start;
        syi_lmm_free(&l);
    }
    show("rows to cross-products", best[0]);
    show("the whole fit", best[1]);
    printf("%d evaluations, theta %.4f %.4f %.4f\n", report.evaluations, theta[0], theta[1], theta[2]);
    sy_context_free(&ctx);
    return 0;
}
