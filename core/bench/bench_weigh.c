/* The whole question on 147 councils, nine outcomes, by one and by four sources of the process measure, and a
 * specification curve of 96 combinations. Prints seconds, the fastest of several runs, beside the limit of one
 * second.
 * use: bench_weigh [runs] [threads]
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "steelyard/specification.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { COUNCILS = 147, OUTCOMES = 9, PREDICTORS = 8, TERMS = OUTCOMES + PREDICTORS, SOURCES = 4 };

static double x[TERMS][COUNCILS];
static char name[TERMS][8];
static sy_column column[TERMS];
static sy_factor factor[TERMS];
static sy_term term[TERMS];
static int place[TERMS];

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

/* Outcomes made of money (the first predictor) and of process (the second), and of noise. */
static sy_design make(void)
{
    uint64_t state = 1;
    for (int t = TERMS - 1; t >= 0; t--) {
        snprintf(name[t], sizeof name[t], "x%d", t);
        for (int i = 0; i < COUNCILS; i++) {
            x[t][i] = 1 + uniform(&state) + uniform(&state);
            if (t < OUTCOMES) x[t][i] += 0.2 * x[OUTCOMES][i] + 0.6 * x[OUTCOMES + 1][i];
        }
        column[t] = (sy_column){.name = name[t], .data = x[t], .stride = sizeof(double), .type = SY_F64};
        factor[t] = (sy_factor){t, 1};
        term[t] = (sy_term){name[t], 1, &factor[t]};
        place[t] = t;
    }
    return (sy_design){.n = COUNCILS, .n_columns = TERMS, .columns = column, .n_terms = TERMS, .terms = term};
}

static void stop_on(sy_status s, const sy_context *ctx)
{
    if (s >= 0) return;
    puts(ctx->message);
    exit(1);
}

int main(int argc, char **argv)
{
    static const int need[] = {3};
    static const sy_funding_form forms[] = {SY_FUNDING_LEVEL, SY_FUNDING_LOG, SY_FUNDING_RANK};
    static const int per_outcome[] = {1};
    static sy_weighing w;
    static sy_specification_curve curve;
    const int runs = argc > 1 ? atoi(argv[1]) : 3, *p = place + OUTCOMES;
    const sy_design design = make();
    const sy_block blocks[] = {{"funding", 1, p}, {"process", 1, p + 1}, {"delivery", 2, p + 2}, {"need", 1, p + 4}};
    const sy_process_source sources[SOURCES] = {
        {"a", -1, 1, p + 1, 0}, {"b", -1, 1, p + 5, 0}, {"c", -1, 1, p + 6, 0}, {"d", 2, 0, NULL, 0}};
    const sy_membership member = {"as asked", 4, blocks, 0, 1};
    const sy_weighting none = {"none", NULL, SY_WEIGHT_NONE};
    sy_weigh_question q = {.n_outcomes = OUTCOMES, .outcomes = place, .n_blocks = 4, .blocks = blocks, .process = 1};
    sy_specification_question s = {.n_outcomes = 8, .outcomes = place, .n_memberships = 1, .memberships = &member};
    sy_weigh_options o;
    sy_context ctx;
    q.n_need = 1, q.need = need, q.sources = sources, q.per_outcome = 1;
    s.n_sources = SOURCES, s.sources = sources, s.n_forms = 3, s.forms = forms, s.n_weightings = 1;
    s.weightings = &none, s.n_missing = 1, s.per_outcome = per_outcome;
    sy_context_init(&ctx);
    if (argc > 2) ctx.threads = atoi(argv[2]);
    sy_weigh_defaults(&o);
    for (int k = 0; k < 3; k++) {
        double best = 1e9;
        for (int r = 0; r < runs; r++) {
            const double start = now();
            q.n_sources = k == 0 ? 0 : SOURCES;
            stop_on(k < 2 ? sy_weigh(&ctx, &design, &q, &o, &w) : sy_specifications(&ctx, &design, &s, &o, &curve),
                    &ctx);
            best = now() - start < best ? now() - start : best;
            sy_weighing_free(&w);
            sy_specification_curve_free(&curve);
        }
        printf("%-42s %.3f s, %.2f of the limit\n",
               k == 0   ? "nine outcomes, one source"
               : k == 1 ? "nine outcomes, four sources"
                        : "curve of 96 specifications",
               best, best);
    }
    sy_context_free(&ctx);
    return 0;
}
