/* Shares over fitted models, n = 2,700, 10 terms: the exact route (1,024 refits) of an
 * ordinal and of a linear mixed model, the fast route, and the jackknife over 150 councils. Prints seconds, the
 * fastest of several runs; and beside the ordinal refits what they cannot do without: two passes a submodel for
 * value and derivatives of the likelihood, over half of the terms.
 * use: bench_fitted [rows] [runs] [threads]
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "models/response/response_internal.h"
#include "steelyard/fitted_shares.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    TERMS = 10,
    LEVELS = 5,
    COUNCILS = 150,
    ANSWER = TERMS,
    NUMBER = TERMS + 1,
    COLUMNS = TERMS + 2,
    ROWS = 2 * TERMS
};

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
    int32_t *answer, *council;
    char name[COLUMNS][8], label[COUNCILS][8];
    const char *labels[COUNCILS];
    sy_column column[COLUMNS], cluster;
    sy_factor factor[COLUMNS];
    sy_term term[COLUMNS];
    int place[TERMS];
    sy_block block[TERMS];
    sy_random bar;
    sy_design design;
} data;

static double uniform(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return ((double)(*state >> 11) + 0.5) * 0x1p-53;
}

static void fill_rows(data *d)
{
    uint64_t state = 1;
    double council[COUNCILS];
    for (int g = 0; g < COUNCILS; g++) council[g] = uniform(&state) - 0.5;
    for (ptrdiff_t i = 0; i < d->n; i++) {
        double eta = council[d->council[i] = (int32_t)(i * COUNCILS / d->n)];
        for (int c = 0; c < TERMS; c++) {
            const double own = uniform(&state) + uniform(&state) - 1;
            d->x[c][i] = own + (c ? 0.4 * d->x[c - 1][i] : 0);
            eta += 0.3 * (c % 3) * d->x[c][i];
        }
        const double u = uniform(&state), latent = eta + log(u / (1 - u));
        d->answer[i] = (latent > -2) + (latent > -0.7) + (latent > 0.5) + (latent > 1.8);
        d->x[NUMBER][i] = latent;
    }
}

static void fill(data *d, ptrdiff_t n)
{
    d->n = n;
    d->answer = syi_alloc((size_t)n, sizeof *d->answer);
    d->council = syi_alloc((size_t)n, sizeof *d->council);
    for (int g = 0; g < COUNCILS; g++) {
        snprintf(d->label[g], sizeof d->label[g], "c%d", g);
        d->labels[g] = d->label[g];
    }
    for (int c = 0; c < COLUMNS; c++) {
        d->x[c] = syi_alloc((size_t)n, sizeof(double));
        snprintf(d->name[c], sizeof d->name[c], "x%d", c);
        d->column[c] = (sy_column){.name = d->name[c], .data = d->x[c], .stride = sizeof(double), .type = SY_F64};
        d->factor[c] = (sy_factor){c, 1};
        d->term[c] = (sy_term){d->name[c], 1, &d->factor[c]};
    }
    fill_rows(d);
    d->column[ANSWER] = (sy_column){.name = "answer",
                                    .data = d->answer,
                                    .stride = sizeof(int32_t),
                                    .type = SY_CODES,
                                    .n_levels = LEVELS,
                                    .levels = d->labels};
    d->cluster = (sy_column){.name = "council",
                             .data = d->council,
                             .stride = sizeof(int32_t),
                             .type = SY_CODES,
                             .n_levels = COUNCILS,
                             .levels = d->labels};
    for (int c = 0; c < TERMS; c++) {
        d->place[c] = c;
        d->block[c] = (sy_block){d->name[c], 1, &d->place[c]};
    }
    d->bar = (sy_random){.intercept = 1, .group = &d->cluster};
    d->design = (sy_design){.n = n,
                            .n_columns = COLUMNS,
                            .columns = d->column,
                            .n_terms = COLUMNS,
                            .terms = d->term,
                            .cluster = &d->cluster};
}

static sy_fitted_question question(const data *d, int mixed)
{
    sy_fitted_question q;
    sy_fitted_defaults(&q);
    q.model.response.columns =
        (sy_linear_model){.outcome = mixed ? NUMBER : ANSWER, .n_terms = TERMS, .terms = d->place, .intercept = 1};
    q.model.response.kind = SY_RESPONSE_ORDINAL;
    q.mixed = q.model.linear = mixed;
    q.model.n_random = mixed;
    q.model.random = &d->bar;
    q.measure = mixed ? SY_MEASURE_MARGINAL : SY_MEASURE_MCFADDEN;
    q.n_blocks = TERMS;
    q.blocks = d->block;
    return q;
}

static double seconds_of(const data *d, const sy_fitted_question *q, int runs, int threads)
{
    static double cell[5][ROWS * SY_N_METRICS], covariance[SY_N_METRICS * ROWS * ROWS], part[3][ROWS];
    const sy_fitted_table t = {cell[0], cell[1], cell[2], cell[3], cell[4], covariance, part[0], part[1], part[2]};
    sy_fitted_summary s;
    double best = INFINITY;
    for (int r = 0; r < runs; r++) {
        sy_context ctx;
        sy_context_init(&ctx);
        ctx.threads = threads;
        const double start = now();
        stop_on(sy_fitted_shares(&ctx, &d->design, q, &s, &t), &ctx);
        best = fmin(best, now() - start);
        sy_context_free(&ctx);
    }
    return best;
}

static double bare_passes(const data *d, int runs)
{
    const sy_fitted_question q = question(d, 0);
    sy_context ctx;
    syi_packed rows;
    syi_likelihood l;
    double theta[32], gradient[32], information[1024], loglik, best = INFINITY;
    unsigned char use[32];
    sy_context_init(&ctx);
    stop_on(syi_packed_init(&ctx, &d->design, &q.model.response, &rows), &ctx);
    stop_on(syi_likelihood_of(&ctx, &rows, &q.model.response, &l), &ctx);
    l.start(&l, theta);
    for (int j = 0; j < l.k; j++) use[j] = j < l.n_thresholds || j % 2;
    l.use = use;
    for (int r = 0; r < runs; r++) {
        const double start = now();
        for (int pass = 0; pass < 2 << TERMS; pass++)
            stop_on(l.value(&ctx, &l, theta, &loglik, gradient, information), &ctx);
        best = fmin(best, now() - start);
    }
    syi_packed_free(&rows);
    sy_context_free(&ctx);
    return best;
}

int main(int argc, char **argv)
{
    static data d;
    const ptrdiff_t n = argc > 1 ? atol(argv[1]) : 2700;
    const int runs = argc > 2 ? atoi(argv[2]) : 5, most = argc > 3 ? atoi(argv[3]) : 2;
    static const char *const names[2] = {"ordinal logit, McFadden", "random intercept, marginal R2"};
    fill(&d, n);
    for (int mixed = 0; mixed < 2; mixed++)
        for (int route = SY_ROUTE_EXACT; route <= SY_ROUTE_ONE_STEP; route++)
            for (int limits = 0; limits <= (route == SY_ROUTE_ONE_STEP); limits++)
                for (int t = 1; t <= (limits ? most : 1); t++) {
                    sy_fitted_question q = question(&d, mixed);
                    q.route = (sy_route)route;
                    q.interval = limits ? SY_INTERVAL_JACKKNIFE : SY_INTERVAL_NONE;
                    printf("%s, n = %td, %d terms, %s%s, %d thread%s: %.4f s\n", names[mixed], n, TERMS,
                           route == SY_ROUTE_EXACT ? "1,024 refits" : "one step",
                           limits ? ", jackknife of 150 councils" : "", t, t == 1 ? "" : "s",
                           seconds_of(&d, &q, runs, t));
                }
    printf("bare: 2,048 passes for an ordinal likelihood and its derivatives, half of the terms: %.4f s\n",
           bare_passes(&d, runs));
    return 0;
}
