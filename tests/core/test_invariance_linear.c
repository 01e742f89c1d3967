/* What must not change a linear model, on 2,000 seeded problems, to 1e-12:
 * order of rows and of terms, shifts, units from 1e-100 to 1e100, the order of a
 * factor's levels, rows written out against frequencies.
 *
 * Numbers lie on a grid of 2^-20 and shifts too, so that shifting rounds
 * nothing; 1e-12 is relative to a value or, for coefficients, to the larger of
 * value and standard error. Problems have conditions below 1e3 about their
 * means, which leaves 1e-12 above what a rounding of the units can do.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/random_internal.h"
#include "steelyard/diagnostics.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { PROBLEMS = 2000, NUMBERS = 4, LEVELS = 5, ROWS = 60, COPIES = 4, MOST_ROWS = ROWS * COPIES, P = 16 };

typedef struct {
    int n, numbers, levels; /* levels 0: no factor */
    double x[NUMBERS][MOST_ROWS], y[MOST_ROWS], weight[MOST_ROWS];
    int32_t code[MOST_ROWS];
    sy_weight_kind kind;
    sy_coding coding;
    sy_precision precision;
    int order[NUMBERS + 1]; /* of the terms: 0..numbers-1, then the factor */
} problem;

/* By number and by level, whatever the order of the model's columns. */
typedef struct {
    double intercept, intercept_error, slope[NUMBERS], error[NUMBERS], effect[LEVELS];
    double residual[MOST_ROWS], leverage[MOST_ROWS], cook[MOST_ROWS], gvif[NUMBERS + 1], index;
    sy_linear_summary summary;
} answer;

static syi_stream stream_of(int seed, unsigned use)
{
    syi_stream s;
    syi_stream_init(&s, (uint64_t)seed, use, 0);
    return s;
}

static double on_grid(syi_stream *s, int bits)
{
    return ((double)syi_stream_below(s, (uint32_t)1 << bits) - (double)((uint32_t)1 << (bits - 1))) * 0x1p-20;
}

static void make(int seed, problem *q)
{
    syi_stream s = stream_of(seed, 0);
    memset(q, 0, sizeof *q);
    q->n = 20 + (int)syi_stream_below(&s, ROWS - 19);
    q->numbers = 1 + (int)syi_stream_below(&s, NUMBERS);
    q->levels = (int)syi_stream_below(&s, LEVELS + 1);
    if (q->levels == 1) q->levels = 0;
    q->kind = (sy_weight_kind)syi_stream_below(&s, 3);
    q->coding = (sy_coding)syi_stream_below(&s, 2);
    q->precision = (sy_precision)syi_stream_below(&s, 3);
    for (int i = 0; i < q->n; i++) {
        const double common = on_grid(&s, 20);
        q->y[i] = on_grid(&s, 22);
        q->code[i] =
            q->levels ? (i < 2 * q->levels ? i % q->levels : (int32_t)syi_stream_below(&s, (uint32_t)q->levels)) : 0;
        q->weight[i] = q->kind == SY_WEIGHT_ANALYTIC ? 0.5 + (double)syi_stream_below(&s, 2048) / 1024
                                                     : 1 + (double)syi_stream_below(&s, COPIES);
        for (int k = 0; k < q->numbers; k++) {
            q->x[k][i] = common + on_grid(&s, 20);
            q->y[i] += (k + 1) * q->x[k][i] / 4;
        }
        q->y[i] = floor(q->y[i] * 0x1p20) * 0x1p-20 + (double)q->code[i];
    }
    for (int k = 0; k <= q->numbers; k++) q->order[k] = k;
}

typedef struct {
    double coefficient[P], inverse[P * P], effects[P], gvif[NUMBERS + 1], index[P];
    int aliased[P], count[NUMBERS + 2];
} raw_answer;

/* Coefficients by number and level. */
static void sort_out(const problem *q, const raw_answer *r, const sy_linear_model *model, int p, answer *a)
{
    int at = 1;
    a->intercept = r->coefficient[0];
    a->intercept_error = a->summary.sigma * sqrt(r->inverse[0]);
    for (int t = 0; t < model->n_terms; t++) {
        const int term = model->terms[t] - 1;
        a->gvif[term] = r->gvif[t];
        if (term < q->numbers) {
            a->slope[term] = r->coefficient[at];
            a->error[term] = a->summary.sigma * sqrt(r->inverse[at * (p + 1)]);
        } else if (q->coding == SY_CODING_TREATMENT) {
            for (int l = 1; l < q->levels; l++) a->effect[l] = r->coefficient[at + l - 1];
        } else {
            for (int l = 0; l + 1 < q->levels; l++) {
                a->effect[l] = r->coefficient[at + l];
                a->effect[q->levels - 1] -= a->effect[l];
            }
        }
        at += r->count[t + 1];
    }
    a->index = r->index[p - 1];
}

static void solve(const problem *q, answer *a)
{
    static const char *const names[] = {"y", "x1", "x2", "x3", "x4"}, *const levels[] = {"a", "b", "c", "d", "e"};
    sy_column columns[NUMBERS + 2];
    sy_factor factors[NUMBERS + 2];
    sy_term terms[NUMBERS + 2];
    int in_model[NUMBERS + 1], p = 0;
    raw_answer r;
    sy_context ctx;
    const int n_terms = q->numbers + (q->levels > 0);
    memset(a, 0, sizeof *a);
    for (int k = 0; k <= q->numbers; k++)
        columns[k] =
            (sy_column){.name = names[k], .data = k ? q->x[k - 1] : q->y, .stride = sizeof(double), .type = SY_F64};
    columns[q->numbers + 1] = (sy_column){.name = "level",
                                          .data = q->code,
                                          .stride = sizeof(int32_t),
                                          .type = SY_CODES,
                                          .n_levels = q->levels,
                                          .levels = levels};
    for (int t = 0; t <= n_terms; t++) {
        factors[t] = (sy_factor){t, 1};
        terms[t] = (sy_term){columns[t].name, 1, &factors[t]};
    }
    for (int t = 0, k = 0; k <= q->numbers; k++)
        if (q->order[k] < n_terms) in_model[t++] = q->order[k] + 1;
    const sy_column weights = {.name = "w", .data = q->weight, .stride = sizeof(double), .type = SY_F64};
    const sy_design design = {.n = q->n,
                              .n_columns = n_terms + 1,
                              .columns = columns,
                              .n_terms = n_terms + 1,
                              .terms = terms,
                              .weights = q->kind ? &weights : NULL,
                              .weight_kind = q->kind};
    const sy_linear_model model = {
        .outcome = 0, .n_terms = n_terms, .terms = in_model, .intercept = 1, .coding = q->coding};
    const sy_linear_options options = {q->precision};
    const sy_linear_fit fit = {.coefficient = r.coefficient,
                               .aliased = r.aliased,
                               .inverse = r.inverse,
                               .effects = r.effects,
                               .residual = a->residual,
                               .leverage = a->leverage};
    const sy_diagnostics_rows rows = {.cook = a->cook};
    const sy_collinearity shared = {.gvif = r.gvif, .index = r.index};
    sy_context_init(&ctx);
    sy_status status = sy_linear_columns(&ctx, &design, &model, r.count, &p);
    if (status >= 0) status = sy_linear(&ctx, &design, &model, &options, &a->summary, &fit);
    if (status >= 0) status = sy_diagnostics(&ctx, &design, &model, &a->summary, &fit, &rows);
    if (status >= 0) status = sy_diagnostics_collinearity(&ctx, &design, &model, &options, &shared);
    if (status != SY_OK) fail_msg("%s", status < 0 ? ctx.message : ctx.remarks[0].text);
    sy_context_free(&ctx);
    sort_out(q, &r, &model, p, a);
}

static const double tolerance = 1e-12;
static double worst;

static void same(double found, double wanted, double unit, const char *what)
{
    const double off = fabs(found - wanted) / fmax(fabs(wanted), unit);
    if (off > worst) worst = off;
    if (!(off <= tolerance)) fail_msg("%s: %.17g instead of %.17g (%.2g)", what, found, wanted, off);
}

/* b against a: outcome in units of uy, number k in units of ux[k], and row i of
 * b is row[i] of a (NULL: the same). The intercept is left to the caller. */
static void compare(const problem *q, const answer *a, const answer *b, double uy, const double *ux, const int *row)
{
    same(b->summary.r2, a->summary.r2, 0.01, "r2");
    same(b->summary.rss / uy / uy, a->summary.rss, 0, "rss");
    same(b->summary.tss / uy / uy, a->summary.tss, 0, "tss");
    same(b->summary.sigma / uy, a->summary.sigma, 0, "sigma");
    same(b->summary.f, a->summary.f, 1, "f");
    same(b->summary.df_resid, a->summary.df_resid, 0, "df");
    for (int k = 0; k < q->numbers; k++) {
        const double unit = ux ? uy / ux[k] : uy;
        same(b->slope[k] / unit, a->slope[k], a->error[k], "slope");
        same(b->error[k] / unit, a->error[k], 0, "error");
    }
    for (int k = 0; k < q->numbers + (q->levels > 0); k++) same(b->gvif[k], a->gvif[k], 0, "gvif");
    for (int i = 0; row && i < q->n; i++) {
        same(b->leverage[i], a->leverage[row[i]], 0, "leverage");
        same(b->residual[i] / uy, a->residual[row[i]], a->summary.sigma, "residual");
        same(b->cook[i], a->cook[row[i]], 1, "cook");
    }
}

static void same_levels(const problem *q, const answer *a, const answer *b, double uy, const int *level)
{
    for (int l = 1; l < q->levels; l++)
        same((b->effect[level[l]] - b->effect[level[0]]) / uy, a->effect[l] - a->effect[0], a->summary.sigma, "level");
}

static int straight[ROWS]; /* 0, 1, 2, ... */

static void shuffle(syi_stream *s, int n, int *out)
{
    for (int i = 0; i < n; i++) out[i] = i;
    for (int i = n - 1; i > 0; i--) {
        const int j = (int)syi_stream_below(s, (uint32_t)i + 1), v = out[i];
        out[i] = out[j];
        out[j] = v;
    }
}

/* Calls `change` on 2,000 problems and prints the largest difference. */
static void over_problems(const char *what, void (*change)(int seed, const problem *q, const answer *a))
{
    problem *q = malloc(sizeof *q);
    answer *a = malloc(sizeof *a);
    assert_true(q && a);
    worst = 0;
    for (int seed = 0; seed < PROBLEMS; seed++) {
        make(seed, q);
        solve(q, a);
        change(seed, q, a);
    }
    print_message("%s: largest difference %.2g\n", what, worst);
    free(q);
    free(a);
}

static void shuffle_rows(int seed, const problem *q, const answer *a)
{
    syi_stream s = stream_of(seed, 1);
    static problem t;
    static answer b;
    int row[ROWS];
    t = *q;
    shuffle(&s, q->n, row);
    for (int i = 0; i < q->n; i++) {
        t.y[i] = q->y[row[i]];
        t.code[i] = q->code[row[i]];
        t.weight[i] = q->weight[row[i]];
        for (int k = 0; k < q->numbers; k++) t.x[k][i] = q->x[k][row[i]];
    }
    solve(&t, &b);
    compare(q, a, &b, 1, NULL, row);
    same_levels(q, a, &b, 1, straight);
    same(b.intercept, a->intercept, a->intercept_error, "intercept");
}

static void shuffle_terms(int seed, const problem *q, const answer *a)
{
    syi_stream s = stream_of(seed, 2);
    static problem t;
    static answer b;
    t = *q;
    shuffle(&s, q->numbers + 1, t.order);
    solve(&t, &b);
    compare(q, a, &b, 1, NULL, straight);
    same_levels(q, a, &b, 1, straight);
    same(b.intercept, a->intercept, a->intercept_error, "intercept");
    same(b.index, a->index, 0, "index");
}

/* By up to 2^11 on the grid, 1e4 standard deviations. */
static void shift(int seed, const problem *q, const answer *a)
{
    syi_stream s = stream_of(seed, 3);
    static problem t;
    static answer b;
    t = *q;
    const double by = on_grid(&s, 31);
    double intercept = a->intercept + by, unit = fabs(by);
    for (int i = 0; i < q->n; i++) t.y[i] += by;
    for (int k = 0; k < q->numbers; k++) {
        const double to = on_grid(&s, 31);
        for (int i = 0; i < q->n; i++) t.x[k][i] += to;
        intercept -= to * a->slope[k];
        unit += fabs(to * a->slope[k]) + fabs(to) * a->error[k];
    }
    solve(&t, &b);
    compare(q, a, &b, 1, NULL, straight);
    same_levels(q, a, &b, 1, straight);
    same(b.intercept, intercept, unit, "intercept");
}

/* Every number and the outcome in other units, 1e-100 to 1e100. */
static void scale(int seed, const problem *q, const answer *a)
{
    syi_stream s = stream_of(seed, 4);
    static problem t;
    static answer b;
    double unit[NUMBERS];
    t = *q;
    const double outcome = pow(10, (double)syi_stream_below(&s, 201) - 100);
    for (int i = 0; i < q->n; i++) t.y[i] *= outcome;
    for (int k = 0; k < q->numbers; k++) {
        unit[k] = pow(10, (double)syi_stream_below(&s, 201) - 100);
        for (int i = 0; i < q->n; i++) t.x[k][i] *= unit[k];
    }
    solve(&t, &b);
    compare(q, a, &b, outcome, unit, straight);
    same_levels(q, a, &b, outcome, straight);
    same(b.intercept / outcome, a->intercept, a->intercept_error, "intercept");
    same(b.index, a->index, 0, "index");
}

static void relabel(int seed, const problem *q, const answer *a)
{
    syi_stream s = stream_of(seed, 5);
    static problem t;
    static answer b;
    int level[LEVELS];
    if (q->levels == 0) return;
    t = *q;
    shuffle(&s, q->levels, level);
    for (int i = 0; i < q->n; i++) t.code[i] = level[q->code[i]];
    solve(&t, &b);
    compare(q, a, &b, 1, NULL, straight);
    same_levels(q, a, &b, 1, level);
}

/* Rows as often as their frequency says, in double-double or double. */
static void write_out(int seed, const problem *q, const answer *a)
{
    static problem t, u;
    static answer b, c;
    (void)seed;
    (void)a;
    t = u = *q;
    t.kind = SY_WEIGHT_FREQUENCY;
    u.kind = SY_WEIGHT_NONE;
    u.n = 0;
    for (int i = 0; i < q->n; i++) {
        t.weight[i] = floor(q->weight[i]) + 1;
        for (int copy = 0; copy < t.weight[i] && copy < COPIES; copy++, u.n++) {
            u.y[u.n] = q->y[i];
            u.code[u.n] = q->code[i];
            for (int k = 0; k < q->numbers; k++) u.x[k][u.n] = q->x[k][i];
        }
        if (t.weight[i] > COPIES) t.weight[i] = COPIES;
    }
    solve(&t, &b);
    solve(&u, &c);
    compare(q, &b, &c, 1, NULL, NULL);
    same_levels(q, &b, &c, 1, straight);
    same(c.intercept, b.intercept, b.intercept_error, "intercept");
    same(c.summary.n, b.summary.n, 0, "n");
    same(c.summary.loglik, b.summary.loglik, 1, "loglik");
    for (int i = 0, at = 0; i < q->n; at += (int)t.weight[i++]) {
        same(c.leverage[at], b.leverage[i], 0, "leverage");
        same(c.cook[at], b.cook[i], 1, "cook");
    }
}

static void order_of_rows_changes_nothing(void **state)
{
    (void)state;
    over_problems("rows", shuffle_rows);
}

static void order_of_terms_changes_nothing(void **state)
{
    (void)state;
    over_problems("terms", shuffle_terms);
}

static void shifts_move_the_intercept_alone(void **state)
{
    (void)state;
    over_problems("shifts", shift);
}

static void units_change_coefficients_in_proportion(void **state)
{
    (void)state;
    over_problems("units", scale);
}

static void order_of_levels_changes_no_difference_between_them(void **state)
{
    (void)state;
    over_problems("levels", relabel);
}

static void frequencies_are_rows_written_out(void **state)
{
    (void)state;
    over_problems("frequencies", write_out);
}

int main(void)
{
    for (int i = 0; i < ROWS; i++) straight[i] = i;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_of_rows_changes_nothing),
        cmocka_unit_test(order_of_terms_changes_nothing),
        cmocka_unit_test(shifts_move_the_intercept_alone),
        cmocka_unit_test(units_change_coefficients_in_proportion),
        cmocka_unit_test(order_of_levels_changes_no_difference_between_them),
        cmocka_unit_test(frequencies_are_rows_written_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
