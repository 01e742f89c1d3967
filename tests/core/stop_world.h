/* Rows, moments and questions large enough to be stopped in: people in
 * councils in strata, correlated numbers, factors, weights.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TEST_STOP_WORLD_H
#define SYI_TEST_STOP_WORLD_H
#include "failing_internal.h"

#include "base/random_internal.h"
#include "steelyard.h"
#include <math.h>
#include <stdio.h>

enum {
    WORLD_NUMBERS = 40, /* x0 .. x39, of which the last is the outcome */
    WORLD_OUTCOME = WORLD_NUMBERS - 1,
    WORLD_REGION = WORLD_NUMBERS,
    WORLD_ANSWER, /* a factor of worse, same, better */
    WORLD_COLUMNS,
    WORLD_REGIONS = 8,
    WORLD_ANSWERS = 3,
    WORLD_TEXT = 24
};

typedef struct {
    ptrdiff_t n;
    int councils, strata;
    double *x[WORLD_NUMBERS], *weight;
    int32_t *region, *answer, *council, *stratum;
    char *text, name[WORLD_COLUMNS][WORLD_TEXT];
    const char **council_name;
    sy_column column[WORLD_COLUMNS], council_column, stratum_column, weight_column;
    sy_factor factor[WORLD_COLUMNS];
    sy_term term[WORLD_COLUMNS];
    int chosen[WORLD_COLUMNS];
    sy_block block[WORLD_COLUMNS];
    sy_design design;
    sy_question question;
} world;

static const char *const world_regions[WORLD_REGIONS] = {"r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8"};
static const char *const world_answers[WORLD_ANSWERS] = {"worse", "same", "better"};

static inline sy_column world_codes(const char *name, const int32_t *code, int levels, const char *const *names)
{
    return (sy_column){
        .name = name, .data = code, .stride = sizeof *code, .type = SY_CODES, .n_levels = levels, .levels = names};
}

static inline sy_column world_number(const char *name, const double *x)
{
    return (sy_column){.name = name, .data = x, .stride = sizeof *x, .type = SY_F64};
}

static inline void world_values(world *w, int k, uint64_t seed)
{
    syi_stream s;
    syi_stream_init(&s, seed, 0, 0);
    for (ptrdiff_t i = 0; i < w->n; i++) {
        double sum = 0;
        w->council[i] = i < w->councils ? (int32_t)i : (int32_t)syi_stream_below(&s, (uint32_t)w->councils);
        w->stratum[i] = w->council[i] % w->strata;
        w->region[i] = (int32_t)syi_stream_below(&s, WORLD_REGIONS);
        w->answer[i] = (int32_t)syi_stream_below(&s, WORLD_ANSWERS);
        w->weight[i] = 1 + (double)syi_stream_below(&s, 4);
        for (int c = 0; c < k; c++) {
            const double uniform = (double)syi_stream_below(&s, 1000000) / 1e6 - 0.5;
            w->x[c][i] = uniform + (c ? 0.3 * w->x[c - 1][i] : w->council[i] % 7);
            sum += w->x[c][i] / (c + 1);
        }
        w->x[WORLD_OUTCOME][i] = sum + (double)syi_stream_below(&s, 1000000) / 5e5;
    }
}

/* Terms: x0 .. x(k-1), the outcome; one block a term. */
static inline void world_describe(world *w, int k)
{
    for (int c = 0; c < WORLD_NUMBERS; c++) {
        snprintf(w->name[c], WORLD_TEXT, "x%d", c);
        w->column[c] = world_number(w->name[c], w->x[c] ? w->x[c] : w->weight); /* those not in use */
    }
    w->column[WORLD_REGION] = world_codes("region", w->region, WORLD_REGIONS, world_regions);
    w->column[WORLD_ANSWER] = world_codes("answer", w->answer, WORLD_ANSWERS, world_answers);
    w->council_column = world_codes("council", w->council, w->councils, w->council_name);
    w->stratum_column = world_codes("stratum", w->stratum, w->strata, w->council_name);
    w->weight_column = world_number("weight", w->weight);
    for (int t = 0; t <= k; t++) {
        const int c = t < k ? t : WORLD_OUTCOME;
        w->factor[t] = (sy_factor){c, 1};
        w->term[t] = (sy_term){w->column[c].name, 1, &w->factor[t]};
        w->chosen[t] = t;
        w->block[t] = (sy_block){w->column[c].name, 1, &w->chosen[t]};
    }
    w->design =
        (sy_design){.n = w->n, .n_columns = WORLD_COLUMNS, .columns = w->column, .n_terms = k + 1, .terms = w->term};
    w->question = (sy_question){.outcome = k, .n_blocks = k, .blocks = w->block};
}

static inline world *world_new(ptrdiff_t n, int councils, int strata, int k)
{
    world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    assert_true(k < WORLD_NUMBERS && councils <= n);
    const size_t rows = (size_t)n;
    w->n = n;
    w->councils = councils;
    w->strata = strata;
    for (int c = 0; c < WORLD_NUMBERS; c++)
        if (c < k || c == WORLD_OUTCOME) w->x[c] = calloc(rows, sizeof(double));
    w->weight = calloc(rows, sizeof(double));
    w->region = calloc(rows, sizeof(int32_t));
    w->answer = calloc(rows, sizeof(int32_t));
    w->council = calloc(rows, sizeof(int32_t));
    w->stratum = calloc(rows, sizeof(int32_t));
    w->text = calloc((size_t)councils, WORLD_TEXT);
    w->council_name = calloc((size_t)councils, sizeof *w->council_name);
    for (int g = 0; g < councils; g++) {
        snprintf(w->text + (ptrdiff_t)g * WORLD_TEXT, WORLD_TEXT, "council_%d", g);
        w->council_name[g] = w->text + (ptrdiff_t)g * WORLD_TEXT;
    }
    world_values(w, k, 7);
    world_describe(w, k);
    return w;
}

static inline void world_free(world *w)
{
    for (int c = 0; c < WORLD_NUMBERS; c++) free(w->x[c]);
    free(w->weight);
    free(w->region);
    free(w->answer);
    free(w->council);
    free(w->stratum);
    free(w->text);
    free(w->council_name);
    free(w);
}

/* All terms of the design but the outcome, which stands last there and is
 * chosen by the model. */
static inline sy_linear_model world_model(const world *w)
{
    return (sy_linear_model){
        .outcome = w->question.outcome, .n_terms = w->question.n_blocks, .terms = w->chosen, .intercept = 1};
}

/* A term of one factor column more, after the outcome; its place. */
static inline int world_add_term(world *w, int column)
{
    const int t = w->design.n_terms++;
    w->factor[t] = (sy_factor){column, 1};
    w->term[t] = (sy_term){w->column[column].name, 1, &w->factor[t]};
    return t;
}

static inline sy_moments world_moments(const world *w, sy_unit unit, sy_precision precision)
{
    sy_context ctx;
    sy_moments m;
    const sy_moments_options o = {unit, precision};
    sy_context_init(&ctx);
    if (sy_moments_init(&ctx, &w->design, &o, &m) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
    return m;
}

static inline double *world_room(double count)
{
    double *p = calloc((size_t)count, sizeof *p);
    assert_non_null(p);
    return p;
}
#endif
