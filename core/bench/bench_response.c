/* Binary outcomes and counts on 20 predictors, whole calls of sy_response with
 * packing, null model and covariance; beside them what cannot be saved: as many
 * passes of one exponential, one logarithm and the bare products over one tile
 * that is in the cache already, and one copy of the columns. Prints seconds, the
 * fastest of several runs.
 * use: bench_response [rows] [runs] [threads]
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

enum { PREDICTORS = 20, COLUMNS = PREDICTORS + 1, MOST_K = PREDICTORS + 2 };

typedef struct {
    ptrdiff_t n;
    double *x[PREDICTORS], *yes, *count;
    char name[PREDICTORS + 2][8];
    sy_column column[PREDICTORS + 2];
    sy_factor factor[PREDICTORS + 2];
    sy_term term[PREDICTORS + 2];
    int chosen[PREDICTORS];
    sy_design design;
} data;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double uniform(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return ((double)(*state >> 11) + 0.5) * 0x1p-53;
}

static void stop_on(sy_status s, const sy_context *ctx)
{
    if (s >= 0) return;
    puts(ctx->message);
    exit(1);
}

static void draw(data *d)
{
    uint64_t state = 1;
    for (ptrdiff_t i = 0; i < d->n; i++) {
        double eta = -0.5;
        for (int j = 0; j < PREDICTORS; j++) {
            d->x[j][i] = 3.4 * (uniform(&state) - 0.5);
            eta += 0.1 * (j % 5 - 2) * d->x[j][i];
        }
        d->yes[i] = uniform(&state) < 1 / (1 + exp(-eta));
        double left = -log(uniform(&state)), mean = exp(eta) * -log(uniform(&state)); /* a gamma mixture */
        for (d->count[i] = 0; left < mean; left -= log(uniform(&state))) d->count[i]++;
    }
}

static void fill(data *d, ptrdiff_t n)
{
    d->n = n;
    for (int j = 0; j < PREDICTORS; j++) d->x[j] = syi_alloc((size_t)n, sizeof(double));
    d->yes = syi_alloc((size_t)n, sizeof(double));
    d->count = syi_alloc((size_t)n, sizeof(double));
    draw(d);
    for (int j = 0; j < PREDICTORS + 2; j++) {
        snprintf(d->name[j], sizeof d->name[j], "v%d", j);
        d->column[j] = (sy_column){.name = d->name[j], .stride = sizeof(double), .type = SY_F64};
        d->column[j].data = j < PREDICTORS ? d->x[j] : j == PREDICTORS ? d->yes : d->count;
        d->factor[j] = (sy_factor){j, 1};
        d->term[j] = (sy_term){d->name[j], 1, &d->factor[j]};
        if (j < PREDICTORS) d->chosen[j] = j;
    }
    d->design = (sy_design){
        .n = n, .n_columns = PREDICTORS + 2, .columns = d->column, .n_terms = PREDICTORS + 2, .terms = d->term};
}

static void empty(data *d)
{
    for (int j = 0; j < PREDICTORS; j++) SYI_FREE(d->x[j]);
    SYI_FREE(d->yes);
    SYI_FREE(d->count);
}

/* Seconds of one call; *passes over the rows. */
static double whole_call(const data *d, const sy_response_model *model, int threads, int *passes)
{
    double estimate[MOST_K], covariance[MOST_K * MOST_K];
    int aliased[MOST_K];
    const sy_response_fit fit = {.estimate = estimate, .aliased = aliased, .covariance = covariance};
    sy_response_summary summary;
    sy_context ctx;
    sy_context_init(&ctx);
    ctx.threads = threads;
    const double start = now();
    stop_on(sy_response(&ctx, &d->design, model, NULL, &summary, &fit), &ctx);
    const double seconds = now() - start;
    *passes = summary.iterations + 1;
    sy_context_free(&ctx);
    return seconds;
}

static double packing(const data *d, const sy_response_model *model)
{
    syi_packed rows;
    sy_context ctx;
    sy_context_init(&ctx);
    const double start = now();
    stop_on(syi_packed_init(&ctx, &d->design, model, &rows), &ctx);
    syi_packed_free(&rows);
    const double seconds = now() - start;
    sy_context_free(&ctx);
    return seconds;
}

static double bare(const data *d, int passes)
{
    const int simd = syi_lanes_width(SYI_AVX512);
    double *tile = syi_alloc((COLUMNS + 2) * SYI_TILE + syi_gram_scratch(SYI_TILE / 8), sizeof *tile);
    double *acc = syi_alloc(syi_gram_room(COLUMNS, 1), sizeof *acc), *copy = syi_alloc((size_t)d->n, sizeof *copy);
    const double *x[SYI_GRAM_PAD(COLUMNS)], *left[1];
    if (!tile || !acc || !copy) exit(1);
    for (ptrdiff_t i = 0; i < COLUMNS * SYI_TILE; i++) tile[i] = (double)(i % 7) / 7 + 0.1;
    for (int j = 0; j < SYI_GRAM_PAD(COLUMNS); j++) x[j] = tile + (ptrdiff_t)(j < COLUMNS ? j : 0) * SYI_TILE;
    double *const work = tile + (ptrdiff_t)COLUMNS * SYI_TILE;
    left[0] = work;
    const syi_gram gram = {.n_x = COLUMNS, .n_left = 1, .groups = SYI_TILE / 8, .x = x, .left = left, .weight = x[1]};
    const double start = now();
    for (int j = 0; j < PREDICTORS; j++) memcpy(copy, d->x[j], (size_t)d->n * sizeof *copy);
    for (ptrdiff_t t = 0; t < passes * ((d->n + SYI_TILE - 1) / SYI_TILE); t++) {
        syi_vec_exp(simd, SYI_TILE, x[0], work);
        syi_vec_log(simd, SYI_TILE, work, work);
        syi_gram_add(simd, &gram, work + SYI_TILE, acc);
    }
    const double seconds = now() - start;
    SYI_FREE(tile);
    SYI_FREE(acc);
    SYI_FREE(copy);
    return seconds;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        sy_response_kind kind;
        sy_link link;
    } fits[] = {{"logit", SY_RESPONSE_BINARY, SY_LINK_LOGIT},
                {"probit", SY_RESPONSE_BINARY, SY_LINK_PROBIT},
                {"cloglog", SY_RESPONSE_BINARY, SY_LINK_CLOGLOG},
                {"Poisson", SY_RESPONSE_POISSON, SY_LINK_LOG},
                {"negative binomial", SY_RESPONSE_NEGATIVE_BINOMIAL, SY_LINK_LOG}};
    const ptrdiff_t sizes[] = {2700, argc > 1 ? atol(argv[1]) : 100000};
    const int runs = argc > 2 ? atoi(argv[2]) : 9, threads = argc > 3 ? atoi(argv[3]) : 1;
    for (int s = 0; s < 2; s++) {
        data d = {0};
        fill(&d, sizes[s]);
        for (size_t k = 0; k < sizeof fits / sizeof *fits; k++) {
            const int counts = fits[k].link == SY_LINK_LOG;
            const sy_response_model model = {
                .kind = fits[k].kind,
                .link = fits[k].link,
                .columns = {.outcome = PREDICTORS + counts, .n_terms = PREDICTORS, .terms = d.chosen, .intercept = 1}};
            double best = INFINITY, packed = INFINITY, limit = INFINITY;
            int passes = 0;
            for (int r = 0; r < runs; r++) {
                best = fmin(best, whole_call(&d, &model, threads, &passes));
                packed = fmin(packed, packing(&d, &model));
                limit = fmin(limit, bare(&d, passes));
            }
            printf("%s, %td rows, %d predictors: %.6f s (%d passes), packing %.6f s; bare %.6f s\n", fits[k].name,
                   sizes[s], PREDICTORS, best, passes, packed, limit);
        }
        empty(&d);
    }
    return 0;
}
