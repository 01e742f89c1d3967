/* What must not change models of up to 5,000 rows and 12 columns, to 1e-12: order
 * of rows, of terms and of levels, names of clusters, shifts, units from 1e-100 to
 * 1e100, rows written out against frequencies. Held are coefficients, classical
 * and CR2 errors with their degrees of freedom, tables of types I to III and
 * marginal means, under weights of two kinds and in each precision.
 *
 * As in test_invariance_linear.c, numbers and shifts lie on a grid of 2^-20, and
 * 1e-12 is relative to a value or, for coefficients and sums of squares, to the
 * larger of it and its error. Sizes are spread evenly in their logarithm.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/random_internal.h"
#include "steelyard/anova.h"
#include "steelyard/vcov.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { PROBLEMS = 200, NUMBERS = 7, LEVELS = 5, CLUSTERS = 40, ROWS = 5000, COPIES = 3, P = 12 };

typedef struct {
    int n, numbers, levels, clusters; /* levels 0: no factor */
    double x[NUMBERS][ROWS], y[ROWS], weight[ROWS];
    int32_t code[ROWS], cluster[ROWS];
    sy_weight_kind kind;
    sy_precision precision;
    int order[NUMBERS + 1]; /* of the terms: 0..numbers-1, then the factor */
} problem;

/* By number and by level, whatever the order of the model's columns. */
typedef struct {
    double slope[NUMBERS], error[NUMBERS], robust[NUMBERS], df[NUMBERS];
    double squares[3][NUMBERS + 2], f[3][NUMBERS + 2], partial[3][NUMBERS + 2]; /* the last: residuals */
    double mean[LEVELS], mean_error[LEVELS];
    sy_linear_summary summary;
} answer;

static syi_stream stream_of(int seed, unsigned use)
{
    syi_stream s;
    syi_stream_init(&s, (uint64_t)seed, 100 + use, 0);
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
    q->n = (int)(60 * pow(ROWS / 60.0, syi_stream_uniform(&s)));
    q->numbers = 1 + (int)syi_stream_below(&s, NUMBERS);
    q->levels = (int)syi_stream_below(&s, LEVELS + 1);
    if (q->levels == 1) q->levels = 0;
    q->clusters = 5 + (int)syi_stream_below(&s, CLUSTERS - 4);
    q->kind = (sy_weight_kind)syi_stream_below(&s, 3);
    q->precision = (sy_precision)syi_stream_below(&s, 3);
    for (int i = 0; i < q->n; i++) {
        const double common = on_grid(&s, 20);
        q->y[i] = on_grid(&s, 22);
        q->code[i] =
            q->levels ? (i < 2 * q->levels ? i % q->levels : (int32_t)syi_stream_below(&s, (uint32_t)q->levels)) : 0;
        q->cluster[i] = (int32_t)syi_stream_below(&s, (uint32_t)q->clusters);
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
    sy_column column[NUMBERS + 2], weight, cluster;
    sy_factor factor[NUMBERS + 2];
    sy_term term[NUMBERS + 2];
    int in_model[NUMBERS + 1];
    sy_design design;
    sy_linear_model model;
} laid;

static char cluster_name[CLUSTERS][8];
static const char *cluster_names[CLUSTERS];

static void lay_out(const problem *q, laid *d)
{
    static const char *const names[] = {"y", "x1", "x2", "x3", "x4", "x5", "x6", "x7"};
    static const char *const levels[] = {"a", "b", "c", "d", "e"};
    const int n_terms = q->numbers + (q->levels > 0);
    for (int k = 0; k <= q->numbers; k++)
        d->column[k] =
            (sy_column){.name = names[k], .data = k ? q->x[k - 1] : q->y, .stride = sizeof(double), .type = SY_F64};
    d->column[q->numbers + 1] = (sy_column){.name = "level",
                                            .data = q->code,
                                            .stride = sizeof(int32_t),
                                            .type = SY_CODES,
                                            .n_levels = q->levels,
                                            .levels = levels};
    d->cluster = (sy_column){.name = "cluster",
                             .data = q->cluster,
                             .stride = sizeof(int32_t),
                             .type = SY_CODES,
                             .n_levels = q->clusters,
                             .levels = cluster_names};
    d->weight = (sy_column){.name = "w", .data = q->weight, .stride = sizeof(double), .type = SY_F64};
    for (int t = 0; t <= n_terms; t++) {
        d->factor[t] = (sy_factor){t, 1};
        d->term[t] = (sy_term){d->column[t].name, 1, &d->factor[t]};
    }
    for (int t = 0, k = 0; k <= q->numbers; k++)
        if (q->order[k] < n_terms) d->in_model[t++] = q->order[k] + 1;
    d->design = (sy_design){.n = q->n,
                            .n_columns = n_terms + 1,
                            .columns = d->column,
                            .n_terms = n_terms + 1,
                            .terms = d->term,
                            .weights = q->kind ? &d->weight : NULL,
                            .weight_kind = q->kind,
                            .cluster = &d->cluster};
    d->model = (sy_linear_model){.outcome = 0, .n_terms = n_terms, .terms = d->in_model, .intercept = 1};
}

static void tables(sy_context *ctx, const laid *d, answer *a)
{
    const int last = d->model.n_terms;
    for (int type = 0; type < 3; type++) {
        sy_anova_row row[NUMBERS + 2];
        sy_anova_summary summary;
        const sy_anova_options options = {(sy_anova_type)(SY_ANOVA_I + type), 0.95, SY_LIMITS_TWO_SIDED};
        assert_true(sy_anova(ctx, &d->design, &d->model, &options, &summary, row) >= 0);
        for (int t = 0; t <= last; t++) {
            const int place = t < last ? d->in_model[t] - 1 : NUMBERS + 1;
            a->squares[type][place] = row[t].sum_of_squares;
            a->f[type][place] = t < last ? row[t].f : 0;
            a->partial[type][place] = t < last ? row[t].partial_eta_squared : 0;
        }
    }
}

static void solve(const problem *q, answer *a)
{
    double coefficient[P], inverse[P * P], robust[P * P], df[P], effects[P], covariance[P * P], low[LEVELS],
        high[LEVELS], mean_df[LEVELS], means[LEVELS * LEVELS];
    int aliased[P], count[NUMBERS + 2], p = 0;
    const int factor = q->numbers + 1;
    laid d;
    sy_context ctx;
    const sy_linear_options options = {q->precision};
    const sy_linear_fit fit = {.coefficient = coefficient, .aliased = aliased, .inverse = inverse, .effects = effects};
    const sy_means_table table = {a->mean, a->mean_error, mean_df, low, high, means, NULL};
    memset(a, 0, sizeof *a);
    lay_out(q, &d);
    sy_context_init(&ctx);
    sy_status s = sy_linear_columns(&ctx, &d.design, &d.model, count, &p);
    if (s >= 0) s = sy_linear(&ctx, &d.design, &d.model, &options, &a->summary, &fit);
    if (s >= 0) s = sy_vcov(&ctx, &d.design, &d.model, &options, SY_VCOV_CLASSICAL, NULL, covariance, df);
    if (s >= 0 && q->levels)
        s = sy_means(&ctx, &d.design, &d.model, 1, &factor, coefficient, covariance, df, 0.95, &table);
    if (s >= 0) s = sy_vcov(&ctx, &d.design, &d.model, &options, SY_VCOV_CR2, NULL, robust, df);
    if (s < 0) fail_msg("%s", ctx.message);
    for (int t = 0, at = 1; t < d.model.n_terms; at += count[++t]) {
        const int k = d.in_model[t] - 1;
        if (k >= q->numbers) continue;
        a->slope[k] = coefficient[at];
        a->error[k] = sqrt(covariance[at * (p + 1)]);
        a->robust[k] = sqrt(robust[at * (p + 1)]);
        a->df[k] = df[at];
    }
    tables(&ctx, &d, a);
    sy_context_free(&ctx);
}

static const double tolerance = 1e-12;
static double worst;

static void same(double found, double wanted, double unit, const char *what)
{
    const double off = fabs(found - wanted) / fmax(fabs(wanted), unit);
    if (off > worst) worst = off;
    if (!(off <= tolerance)) fail_msg("%s: %.17g instead of %.17g (%.2g)", what, found, wanted, off);
}

/* b against a: outcome in units of uy, number k in units of ux[k]; first: whether
 * type I, which goes by the order, is the same. Means are left to the caller. */
static void compare(const problem *q, const answer *a, const answer *b, double uy, const double *ux, int first)
{
    same(b->summary.r2, a->summary.r2, 0.01, "r2");
    same(b->summary.f, a->summary.f, 1, "f");
    same(b->summary.sigma / uy, a->summary.sigma, 0, "sigma");
    for (int k = 0; k < q->numbers; k++) {
        const double unit = ux ? uy / ux[k] : uy;
        same(b->slope[k] / unit, a->slope[k], a->error[k], "slope");
        same(b->error[k] / unit, a->error[k], 0, "error");
        same(b->robust[k] / unit, a->robust[k], 0, "CR2");
        same(b->df[k], a->df[k], 0, "df of CR2");
    }
    for (int type = first ? 0 : 1; type < 3; type++)
        for (int t = 0; t < NUMBERS + 2; t++) {
            same(b->squares[type][t] / uy / uy, a->squares[type][t], a->summary.sigma * a->summary.sigma, "squares");
            same(b->f[type][t], a->f[type][t], 1, "f of a term");
            same(b->partial[type][t], a->partial[type][t], 0.01, "partial eta squared");
        }
}

static void same_means(const problem *q, const answer *a, const answer *b, double uy, double shift, const int *level)
{
    for (int l = 0; l < q->levels; l++) {
        const int m = level ? level[l] : l;
        same((b->mean[m] - shift) / uy, a->mean[l], a->summary.sigma + fabs(shift), "mean");
        same(b->mean_error[m] / uy, a->mean_error[l], 0, "error of a mean");
    }
}

static void shuffle(syi_stream *s, int n, int *out)
{
    for (int i = 0; i < n; i++) out[i] = i;
    for (int i = n - 1; i > 0; i--) {
        const int j = (int)syi_stream_below(s, (uint32_t)i + 1), v = out[i];
        out[i] = out[j];
        out[j] = v;
    }
}

static problem q, t;
static answer a, b;

/* Calls `change` on each problem, whose answer is a, and prints the largest difference. */
static void over_problems(const char *what, int most_rows, void (*change)(syi_stream *s))
{
    worst = 0;
    for (int seed = 0; seed < PROBLEMS; seed++) {
        make(seed, &q);
        if (q.n > most_rows) q.n = most_rows;
        syi_stream s = stream_of(seed, 1);
        t = q;
        solve(&q, &a);
        change(&s);
    }
    print_message("%s: largest difference %.2g\n", what, worst);
}

static void reorder(syi_stream *s)
{
    static int row[ROWS];
    shuffle(s, q.n, row);
    for (int i = 0; i < q.n; i++) {
        t.y[i] = q.y[row[i]];
        t.code[i] = q.code[row[i]];
        t.cluster[i] = q.cluster[row[i]];
        t.weight[i] = q.weight[row[i]];
        for (int k = 0; k < q.numbers; k++) t.x[k][i] = q.x[k][row[i]];
    }
    solve(&t, &b);
    compare(&q, &a, &b, 1, NULL, 1);
    same_means(&q, &a, &b, 1, 0, NULL);
}

/* Terms, levels and clusters in another order. */
static void rename_all(syi_stream *s)
{
    int level[LEVELS], cluster[CLUSTERS];
    shuffle(s, q.numbers + 1, t.order);
    shuffle(s, q.levels, level);
    shuffle(s, q.clusters, cluster);
    for (int i = 0; i < q.n; i++) {
        t.code[i] = q.levels ? level[q.code[i]] : 0;
        t.cluster[i] = cluster[q.cluster[i]];
    }
    solve(&t, &b);
    compare(&q, &a, &b, 1, NULL, 0);
    same_means(&q, &a, &b, 1, 0, level);
}

/* By up to 2^11 on the grid, 1e4 standard deviations. */
static void shift(syi_stream *s)
{
    const double by = on_grid(s, 31);
    for (int i = 0; i < q.n; i++) t.y[i] += by;
    for (int k = 0; k < q.numbers; k++) {
        const double to = on_grid(s, 31);
        for (int i = 0; i < q.n; i++) t.x[k][i] += to;
    }
    solve(&t, &b);
    compare(&q, &a, &b, 1, NULL, 1);
    for (int l = 0; l < q.levels; l++) same(b.mean[l] - by, a.mean[l], a.summary.sigma + fabs(by), "mean");
}

/* A variance is a square: uy / ux beyond 1e-150 to 1e150 would have none. */
static void scale(syi_stream *s)
{
    double unit[NUMBERS];
    const double outcome = pow(10, (double)syi_stream_below(s, 201) - 100);
    for (int i = 0; i < q.n; i++) t.y[i] *= outcome;
    for (int k = 0; k < q.numbers; k++) {
        do unit[k] = pow(10, (double)syi_stream_below(s, 201) - 100);
        while (fabs(log10(outcome / unit[k])) > 150);
        for (int i = 0; i < q.n; i++) t.x[k][i] *= unit[k];
    }
    solve(&t, &b);
    compare(&q, &a, &b, outcome, unit, 1);
    same_means(&q, &a, &b, outcome, 0, NULL);
}

static void write_out(syi_stream *s)
{
    (void)s;
    q.kind = SY_WEIGHT_FREQUENCY;
    t.kind = SY_WEIGHT_NONE;
    t.n = 0;
    for (int i = 0; i < q.n; i++) {
        q.weight[i] = floor(fmin(q.weight[i], COPIES));
        if (q.weight[i] < 1) q.weight[i] = 1;
        for (int copy = 0; copy < q.weight[i]; copy++, t.n++) {
            t.y[t.n] = q.y[i];
            t.code[t.n] = q.code[i];
            t.cluster[t.n] = q.cluster[i];
            for (int k = 0; k < q.numbers; k++) t.x[k][t.n] = q.x[k][i];
        }
    }
    solve(&q, &a);
    solve(&t, &b);
    compare(&q, &a, &b, 1, NULL, 1);
    same_means(&q, &a, &b, 1, 0, NULL);
}

static void order_of_rows_changes_nothing(void **state)
{
    (void)state;
    over_problems("rows", ROWS, reorder);
}

static void order_of_terms_levels_and_clusters_changes_no_type_ii_or_iii(void **state)
{
    (void)state;
    over_problems("names", ROWS, rename_all);
}

static void shifts_move_no_slope_and_no_table(void **state)
{
    (void)state;
    over_problems("shifts", ROWS, shift);
}

static void units_change_estimates_in_proportion(void **state)
{
    (void)state;
    over_problems("units", ROWS, scale);
}

static void frequencies_are_rows_written_out(void **state)
{
    (void)state;
    over_problems("frequencies", ROWS / COPIES, write_out);
}

int main(void)
{
    for (int g = 0; g < CLUSTERS; g++) {
        snprintf(cluster_name[g], sizeof cluster_name[g], "g%d", g);
        cluster_names[g] = cluster_name[g];
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_of_rows_changes_nothing),
        cmocka_unit_test(order_of_terms_levels_and_clusters_changes_no_type_ii_or_iii),
        cmocka_unit_test(shifts_move_no_slope_and_no_table),
        cmocka_unit_test(units_change_estimates_in_proportion),
        cmocka_unit_test(frequencies_are_rows_written_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
