/* Cumulative logits of five levels on 20 predictors, whole calls of sy_response;
 * and 1,024 refits of the submodels of ten predictors from packed rows, each
 * warm from the whole model. Prints seconds, the fastest of several runs; and beside
 * them what cannot be saved: as many passes of two exponentials, one logarithm
 * and the bare products, over one tile that is in the cache already.
 * use: bench_ordinal [rows] [runs] [threads]
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "algebra/gram_internal.h"
#include "algebra/lanes_internal.h"
#include "algebra/vector_math_internal.h"
#include "base/memory_internal.h"
#include "models/response/response_internal.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PREDICTORS = 20, LEVELS = 5, REFITTED = 10, MOST_K = PREDICTORS + LEVELS };

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
    double *x[PREDICTORS];
    int32_t *code;
    char name[PREDICTORS + 1][8];
    const char *levels[LEVELS];
    sy_column column[PREDICTORS + 1];
    sy_factor factor[PREDICTORS + 1];
    sy_term term[PREDICTORS + 1];
    int chosen[PREDICTORS];
    sy_design design;
    sy_response_model model;
} data;

static double uniform(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return ((double)(*state >> 11) + 0.5) * 0x1p-53;
}

static void fill(data *d, ptrdiff_t n, int predictors)
{
    static const char *const levels[LEVELS] = {"a", "b", "c", "d", "e"};
    uint64_t state = 1;
    d->n = n;
    d->code = syi_alloc((size_t)n, sizeof *d->code);
    for (int j = 0; j < predictors; j++) d->x[j] = syi_alloc((size_t)n, sizeof(double));
    for (ptrdiff_t i = 0; i < n; i++) {
        double latent = 0;
        for (int j = 0; j < predictors; j++) {
            d->x[j][i] = 3.4 * (uniform(&state) - 0.5);
            latent += 0.2 * (j % 5 - 2) * d->x[j][i];
        }
        const double u = uniform(&state);
        latent += log(u / (1 - u));
        d->code[i] = (latent > -2) + (latent > -0.5) + (latent > 0.5) + (latent > 2);
    }
    for (int j = 0; j <= predictors; j++) {
        snprintf(d->name[j], sizeof d->name[j], "x%d", j);
        d->column[j] = (sy_column){.name = d->name[j], .stride = sizeof(double), .type = SY_F64};
        if (j > 0) d->column[j].data = d->x[j - 1];
        d->factor[j] = (sy_factor){j, 1};
        d->term[j] = (sy_term){d->name[j], 1, &d->factor[j]};
        if (j > 0) d->chosen[j - 1] = j;
    }
    d->column[0] = (sy_column){.name = "y",
                               .data = d->code,
                               .stride = sizeof *d->code,
                               .type = SY_CODES,
                               .n_levels = LEVELS,
                               .levels = levels};
    d->design = (sy_design){
        .n = n, .n_columns = predictors + 1, .columns = d->column, .n_terms = predictors + 1, .terms = d->term};
    d->model = (sy_response_model){.kind = SY_RESPONSE_ORDINAL,
                                   .columns = {.n_terms = predictors, .terms = d->chosen, .intercept = 1}};
}

static void empty(data *d)
{
    for (int j = 0; j < PREDICTORS; j++) SYI_FREE(d->x[j]);
    SYI_FREE(d->code);
}

/* Seconds of one call; *passes over the rows. */
static double whole_call(const data *d, int threads, int *passes)
{
    double estimate[MOST_K], covariance[MOST_K * MOST_K];
    int aliased[MOST_K];
    const sy_response_fit fit = {.estimate = estimate, .aliased = aliased, .covariance = covariance};
    sy_response_options options;
    sy_response_summary summary;
    sy_context ctx;
    sy_context_init(&ctx);
    ctx.threads = threads;
    sy_response_defaults(&options);
    const double start = now();
    stop_on(sy_response(&ctx, &d->design, &d->model, &options, &summary, &fit), &ctx);
    const double seconds = now() - start;
    *passes = summary.iterations + 1;
    sy_context_free(&ctx);
    return seconds;
}

static double bare(ptrdiff_t n, int passes)
{
    const int simd = syi_lanes_width(SYI_AVX512);
    double *const tile = syi_alloc((PREDICTORS + LEVELS + 3) * SYI_TILE + syi_gram_scratch(SYI_TILE / 8), sizeof *tile);
    double *const acc = syi_alloc(syi_gram_room(PREDICTORS, LEVELS), sizeof *acc);
    const double *x[PREDICTORS], *left[LEVELS];
    if (!tile || !acc) exit(1);
    for (ptrdiff_t i = 0; i < (PREDICTORS + LEVELS) * SYI_TILE; i++) tile[i] = (double)(i % 7) / 7 + 0.1;
    for (int j = 0; j < PREDICTORS; j++) x[j] = tile + (ptrdiff_t)j * SYI_TILE;
    for (int j = 0; j < LEVELS; j++) left[j] = tile + (ptrdiff_t)(PREDICTORS + j) * SYI_TILE;
    double *const work = tile + (ptrdiff_t)(PREDICTORS + LEVELS) * SYI_TILE;
    const syi_gram gram = {PREDICTORS, LEVELS, SYI_TILE / 8, x, left, x[1]};
    const double start = now();
    for (ptrdiff_t t = 0; t < passes * ((n + SYI_TILE - 1) / SYI_TILE); t++) {
        syi_vec_exp(simd, SYI_TILE, x[0], work);
        syi_vec_exp(simd, SYI_TILE, x[1], work + SYI_TILE);
        syi_vec_log(simd, SYI_TILE, work, work);
        syi_gram_add(simd, &gram, work + (ptrdiff_t)2 * SYI_TILE, acc);
    }
    const double seconds = now() - start;
    double *free_tile = tile, *free_acc = acc;
    SYI_FREE(free_tile);
    SYI_FREE(free_acc);
    return seconds;
}

/* All submodels, each from the whole model's estimates. */
static double refits(const data *d, int threads, int *passes)
{
    syi_packed rows;
    syi_likelihood l;
    syi_newton_report report;
    sy_context ctx;
    double whole[MOST_K], theta[MOST_K];
    unsigned char use[MOST_K];
    sy_response_options options;
    sy_context_init(&ctx);
    ctx.threads = threads;
    sy_response_defaults(&options);
    options.tolerance = 1e-6;
    stop_on(syi_packed_init(&ctx, &d->design, &d->model, &rows), &ctx);
    stop_on(syi_likelihood_of(&ctx, &rows, &d->model, &l), &ctx);
    l.start(&l, whole);
    stop_on(syi_newton(&ctx, &l, &options, whole, NULL, NULL, &report), &ctx);
    l.use = use;
    *passes = 0;
    const double start = now();
    for (int set = 0; set < 1 << REFITTED; set++) {
        memcpy(theta, whole, sizeof theta);
        for (int j = 0; j < l.k; j++) use[j] = j < l.n_thresholds || (set >> (j - l.n_thresholds) & 1);
        stop_on(syi_newton(&ctx, &l, &options, theta, NULL, NULL, &report), &ctx);
        *passes += report.iterations + 1;
    }
    const double seconds = now() - start;
    syi_packed_free(&rows);
    sy_context_free(&ctx);
    return seconds;
}

int main(int argc, char **argv)
{
    const ptrdiff_t rows = argc > 1 ? atol(argv[1]) : 100000;
    const int runs = argc > 2 ? atoi(argv[2]) : 9, threads = argc > 3 ? atoi(argv[3]) : 1;
    const ptrdiff_t sizes[] = {2700, rows};
    for (int s = 0; s < 2; s++) {
        double best = INFINITY, limit = INFINITY;
        int passes = 0;
        data d = {0};
        fill(&d, sizes[s], PREDICTORS);
        for (int r = 0; r < runs; r++) {
            best = fmin(best, whole_call(&d, threads, &passes));
            limit = fmin(limit, bare(sizes[s], passes));
        }
        printf("ordinal logit, %td rows, %d predictors, %d levels: %.6f s (%d passes); bare %.6f s\n", sizes[s],
               PREDICTORS, LEVELS, best, passes, limit);
        empty(&d);
    }
    double best = INFINITY;
    int passes = 0;
    data d = {0};
    fill(&d, 2700, REFITTED);
    for (int r = 0; r < runs; r++) best = fmin(best, refits(&d, threads, &passes));
    printf("%d refits of %d predictors, 2700 rows: %.6f s (%.2f passes each)\n", 1 << REFITTED, REFITTED, best,
           (double)passes / (1 << REFITTED));
    empty(&d);
    return 0;
}
