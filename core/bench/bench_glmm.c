/* Mixed models of binary and ordered answers in 150 councils: Laplace's
 * approximation and quadrature, whole calls from the columns to the standard
 * errors, in seconds, the fastest of several runs. Beside each what cannot be
 * saved: the same number of bare passes that read the columns, take one
 * logistic function a row and node, and add the gradient up.
 * use: bench_glmm [runs] [threads]
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "algebra/lanes_internal.h"
#include "algebra/vector_math_internal.h"
#include "base/memory_internal.h"
#include "steelyard/mixed.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { PREDICTORS = 20, COUNCILS = 150, LEVELS = 5, MOST = 20000, RUN = 128 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double uniform(void)
{
    static uint64_t state = 1;
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return ((double)(state >> 11) + .5) * 0x1p-53;
}

static double normal(void)
{
    return sqrt(-2 * log(uniform())) * cos(6.283185307179586 * uniform());
}

typedef struct {
    ptrdiff_t n;
    double *x[PREDICTORS], *y, *slope;
    int32_t *code, *answer;
    char name[PREDICTORS][8], council[COUNCILS][8];
    const char *levels[COUNCILS];
    sy_column column[PREDICTORS + 2], group;
    sy_factor factor[PREDICTORS + 1];
    sy_term term[PREDICTORS + 1];
    int chosen[PREDICTORS];
    sy_design design;
    sy_random bar;
    sy_mixed_model model;
} data;

static void fill(data *d, ptrdiff_t n, int ordinal)
{
    static const char *const answers[LEVELS] = {"a", "b", "c", "d", "e"};
    double effect[COUNCILS];
    for (int k = 0; k < COUNCILS; k++) {
        effect[k] = .8 * normal();
        snprintf(d->council[k], sizeof d->council[k], "c%d", k);
        d->levels[k] = d->council[k];
    }
    for (ptrdiff_t i = 0; i < n; i++) {
        const int k = d->code[i] = (int32_t)(uniform() * COUNCILS);
        double eta = -.3 + effect[k];
        for (int c = 0; c < PREDICTORS; c++) {
            d->x[c][i] = normal();
            eta += (c % 5 - 2) * .15 * d->x[c][i];
        }
        const double u = uniform(), latent = eta + log(u / (1 - u));
        d->y[i] = latent > 0;
        d->answer[i] = (latent > -2) + (latent > -.5) + (latent > 1) + (latent > 2.5);
    }
    for (int c = 0; c < PREDICTORS; c++) {
        snprintf(d->name[c], sizeof d->name[c], "x%d", c);
        d->column[c] = (sy_column){.name = d->name[c], .data = d->x[c], .stride = sizeof(double), .type = SY_F64};
        d->chosen[c] = c + 1;
        d->factor[c + 1] = (sy_factor){c, 1};
        d->term[c + 1] = (sy_term){d->name[c], 1, &d->factor[c + 1]};
    }
    sy_column *y = &d->column[PREDICTORS];
    *y = (sy_column){.name = "y", .data = d->y, .stride = sizeof(double), .type = SY_F64};
    if (ordinal)
        *y = (sy_column){
            .name = "y", .data = d->answer, .stride = 4, .type = SY_CODES, .n_levels = LEVELS, .levels = answers};
    d->factor[0] = (sy_factor){PREDICTORS, 1};
    d->term[0] = (sy_term){"y", 1, &d->factor[0]};
    d->group = (sy_column){
        .name = "council", .data = d->code, .stride = 4, .type = SY_CODES, .n_levels = COUNCILS, .levels = d->levels};
    d->n = n;
    d->design = (sy_design){
        .n = n, .n_columns = PREDICTORS + 1, .columns = d->column, .n_terms = PREDICTORS + 1, .terms = d->term};
    d->bar = (sy_random){.intercept = 1, .group = &d->group};
    d->model = (sy_mixed_model){.n_random = 1, .random = &d->bar};
    d->model.response.columns =
        (sy_linear_model){.outcome = 0, .n_terms = PREDICTORS, .terms = d->chosen, .intercept = 1};
    d->model.response.kind = ordinal ? SY_RESPONSE_ORDINAL : SY_RESPONSE_BINARY;
}

/* Passes over runs of rows that stay in the cache: what an evaluation reads and
 * the functions it takes, modes given. */
static double floor_seconds(const data *d, int simd, int passes, int nodes)
{
    double b[PREDICTORS] = {0}, sum[PREDICTORS * 8] = {0};
    double *eta = syi_alloc(4 * RUN, sizeof *eta);
    const double t = now();
    for (int p = 0; p < passes; p++)
        for (ptrdiff_t at = 0; at + RUN <= d->n; at += RUN) {
            for (int c = 0; c < PREDICTORS; c++) syi_vec_combine(simd, RUN, 1, d->x[c] + at, RUN, b, eta);
            for (int k = 0; k < nodes; k++) syi_vec_logistic(simd, RUN, eta, eta + RUN, eta + 2 * RUN, eta + 3 * RUN);
            for (int c = 0; c < PREDICTORS; c++)
                for (int i = 0; i < RUN; i += 8)
                    for (int l = 0; l < 8; l++) sum[c * 8 + l] += eta[i + l] * d->x[c][at + i + l];
        }
    const double seconds = now() - t;
    if (sum[0] == 1e300) puts("");
    SYI_FREE(eta);
    return seconds;
}

static void bench(data *d, const char *what, int nodes, int runs, int threads)
{
    enum { K = PREDICTORS + LEVELS };
    static double estimate[K], covariance[K * K], theta[1], theta_covariance[1], variance[1], modes[COUNCILS];
    int aliased[K];
    const sy_mixed_fit fit = {.estimate = estimate,
                              .aliased = aliased,
                              .covariance = covariance,
                              .theta = theta,
                              .theta_covariance = theta_covariance,
                              .variance = variance,
                              .modes = modes};
    sy_mixed_options o;
    sy_mixed_summary s;
    double best = INFINITY, least = INFINITY;
    sy_context ctx;
    sy_context_init(&ctx);
    ctx.threads = threads;
    sy_mixed_defaults(&o);
    o.nodes = nodes;
    for (int r = 0; r < runs; r++) {
        const double t = now();
        if (sy_mixed(&ctx, &d->design, &d->model, &o, &s, &fit) < 0) {
            puts(ctx.message);
            exit(1);
        }
        best = fmin(best, now() - t);
        least = fmin(least, floor_seconds(d, syi_lanes_width(ctx.simd), s.evaluations, nodes == 1 ? 3 : nodes + 3));
    }
    printf("%s, %d thread%s: %.4f s (%d evaluations, last step %.1e); bare passes %.4f s\n", what, threads,
           threads == 1 ? "" : "s", best, s.evaluations, s.last_step, least);
    sy_context_free(&ctx);
}

int main(int argc, char **argv)
{
    static data d;
    const int runs = argc > 1 ? atoi(argv[1]) : 5, most = argc > 2 ? atoi(argv[2]) : 1;
    for (int c = 0; c < PREDICTORS; c++) d.x[c] = syi_alloc(MOST, sizeof(double));
    d.y = syi_alloc(MOST, sizeof *d.y);
    d.code = syi_alloc(MOST, sizeof *d.code);
    d.answer = syi_alloc(MOST, sizeof *d.answer);
    for (int t = 1; t <= most; t++) {
        fill(&d, MOST, 0);
        bench(&d, "binary, n = 20,000, Laplace", 1, runs, t);
        bench(&d, "binary, n = 20,000, 10 nodes", 10, runs, t);
        fill(&d, 2700, 1);
        bench(&d, "ordinal, n = 2,700, Laplace", 1, runs, t);
    }
    return 0;
}
