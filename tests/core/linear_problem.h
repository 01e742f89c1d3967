/* A design and a linear model put together column by column, and its fit, for
 * the tests of models.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TEST_LINEAR_PROBLEM_H
#define SYI_TEST_LINEAR_PROBLEM_H
#include "base/random_internal.h"
#include "steelyard/linear.h"
#include "steelyard/memory.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { PROBLEM_COLUMNS = 24, PROBLEM_FACTORS = 4, PROBLEM_P = 40 };

/* Term 0 is the outcome. */
typedef struct {
    ptrdiff_t n;
    sy_column column[PROBLEM_COLUMNS], weight, cluster, absorb;
    sy_factor factor[PROBLEM_COLUMNS][PROBLEM_FACTORS];
    sy_term term[PROBLEM_COLUMNS];
    int chosen[PROBLEM_COLUMNS];
    sy_design design;
    sy_linear_model model;
    sy_linear_options options;
    /* what fit_problem found */
    int p, count[PROBLEM_COLUMNS + 1];
    double coefficient[PROBLEM_P], inverse[PROBLEM_P * PROBLEM_P], effects[PROBLEM_P];
    int aliased[PROBLEM_P];
    double *fitted, *residual, *leverage;
    sy_linear_summary summary;
} problem;

static inline problem *problem_new(ptrdiff_t n)
{
    problem *q = calloc(1, sizeof *q);
    assert_non_null(q);
    q->n = n;
    q->design.n = n;
    q->design.columns = q->column;
    q->design.terms = q->term;
    q->model.terms = q->chosen;
    q->model.intercept = 1;
    sy_linear_defaults(&q->options);
    q->fitted = calloc((size_t)n + 1, sizeof(double));
    q->residual = calloc((size_t)n + 1, sizeof(double));
    q->leverage = calloc((size_t)n + 1, sizeof(double));
    return q;
}

static inline void problem_free(problem *q)
{
    free(q->fitted);
    free(q->residual);
    free(q->leverage);
    free(q);
}

static inline sy_column number_column(const char *name, const double *x)
{
    return (sy_column){.name = name, .data = x, .stride = sizeof *x, .type = SY_F64};
}

static inline sy_column factor_column(const char *name, const int32_t *code, int n_levels, const char *const *levels)
{
    return (sy_column){
        .name = name, .data = code, .stride = sizeof *code, .type = SY_CODES, .n_levels = n_levels, .levels = levels};
}

static inline int problem_column(problem *q, sy_column column)
{
    assert_true(q->design.n_columns < PROBLEM_COLUMNS);
    q->column[q->design.n_columns] = column;
    return q->design.n_columns++;
}

/* A term of the columns a, b, c (-1: no more), each to the power one. */
static inline int problem_term(problem *q, const char *label, int a, int b, int c)
{
    const int t = q->design.n_terms++, all[3] = {a, b, c};
    assert_true(t < PROBLEM_COLUMNS);
    q->term[t] = (sy_term){label, 0, q->factor[t]};
    for (int k = 0; k < 3 && all[k] >= 0; k++) q->factor[t][q->term[t].n_factors++] = (sy_factor){all[k], 1};
    if (t > 0) q->chosen[q->model.n_terms++] = t;
    return t;
}

static inline int problem_power(problem *q, const char *label, int column, int power)
{
    const int t = problem_term(q, label, column, -1, -1);
    q->factor[t][0].power = power;
    return t;
}

static inline int problem_number(problem *q, const char *name, const double *x)
{
    return problem_term(q, name, problem_column(q, number_column(name, x)), -1, -1);
}

static inline sy_status try_problem(problem *q, sy_context *ctx)
{
    sy_linear_fit fit = {q->coefficient, q->aliased, q->inverse, q->effects, q->fitted, q->residual, q->leverage};
    sy_status s = sy_linear_columns(ctx, &q->design, &q->model, q->count, &q->p);
    if (s < 0) return s;
    assert_true(q->p <= PROBLEM_P);
    return sy_linear(ctx, &q->design, &q->model, &q->options, &q->summary, &fit);
}

static inline void fit_problem(problem *q)
{
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status s = try_problem(q, &ctx);
    if (s < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static inline double problem_error(const problem *q, int c)
{
    return q->summary.sigma * sqrt(q->inverse[c * q->p + c]);
}

/* Digits of `found` that agree with `right`, at most 17. */
static inline double digits_of(double found, double right)
{
    if (found == right) return 17;
    const double off = fabs(found - right) / (right == 0 ? 1 : fabs(right));
    return isnan(off) ? 0 : off < 1e-17 ? 17 : -log10(off);
}

static inline void assert_digits(double found, double right, double digits)
{
    if (!(digits_of(found, right) >= digits))
        fail_msg("%.17g, should be %.17g: %.2f digits, not %.2f", found, right, digits_of(found, right), digits);
}

/* Coefficients, errors and sums of squares of two fits whose columns correspond. */
static inline void assert_same_fit(const problem *a, const problem *b, double digits)
{
    assert_int_equal(a->p, b->p);
    for (int c = 0; c < a->p; c++) {
        assert_digits(a->coefficient[c], b->coefficient[c], digits);
        assert_digits(problem_error(a, c), problem_error(b, c), digits);
    }
    assert_digits(a->summary.r2, b->summary.r2, digits);
    assert_digits(a->summary.rss, b->summary.rss, digits);
    assert_digits(a->summary.f, b->summary.f, digits);
}
#endif
