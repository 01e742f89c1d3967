/* Random small problems for the tests of models: two or three numbers of two
 * decimals, a factor of three levels, weights.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TEST_LINEAR_SAMPLE_H
#define SYI_TEST_LINEAR_SAMPLE_H
#include "linear_problem.h"

enum { MOST = 60, LEVELS = 3 };

static const char *const level_names[] = {"north", "east", "south"};

typedef struct {
    int n, numbers, with_factor;
    double x[4][MOST], weight[MOST];
    int32_t code[MOST];
} sample;

static inline void draw(sample *s, uint32_t seed)
{
    syi_stream r;
    syi_stream_init(&r, 77, seed, 0);
    s->n = 15 + (int)syi_stream_below(&r, 30);
    s->numbers = 2 + (int)syi_stream_below(&r, 2);
    s->with_factor = (int)syi_stream_below(&r, 2);
    for (int i = 0; i < s->n; i++) {
        for (int k = 0; k < 4; k++) s->x[k][i] = ((double)syi_stream_below(&r, 4000) - 1500) / 100;
        s->code[i] = i < LEVELS ? i : (int32_t)syi_stream_below(&r, LEVELS);
        s->weight[i] = 1 + (double)syi_stream_below(&r, 3);
        s->x[0][i] += 2 * s->x[1][i] - s->x[2][i] + 5 * s->code[i];
    }
}

static inline problem *problem_of(const sample *s)
{
    static const char *const names[] = {"y", "x1", "x2", "x3"};
    problem *q = problem_new(s->n);
    for (int k = 0; k <= s->numbers; k++) problem_number(q, names[k], s->x[k]);
    if (s->with_factor)
        problem_term(q, "region", problem_column(q, factor_column("region", s->code, LEVELS, level_names)), -1, -1);
    return q;
}

static inline void weigh_problem(problem *q, const double *weight, sy_weight_kind kind)
{
    q->weight = number_column("weight", weight);
    q->design.weights = &q->weight;
    q->design.weight_kind = kind;
}
#endif
