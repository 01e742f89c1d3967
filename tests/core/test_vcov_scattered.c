/* Clustered errors where a cluster's rows lie all over the data, against the same
 * rows put in order by cluster, which are summed in another way.
 * Tolerance 1e-11 of the errors: both ways round each product once and add up
 * chains of 1024 at most, so sums are right to some 1e-14 of their terms' size, and
 * a cluster's score is a hundredth of it.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "linear_problem.h"
#include "models/vcov/vcov_scattered_internal.h"
#include "steelyard/vcov.h"

enum { ROWS = 33001, NUMBERS = 10, COUNCILS = 37, REGIONS = 3 };

typedef struct {
    double x[NUMBERS][ROWS], weight[ROWS];
    int32_t council[ROWS], region[ROWS];
    problem *q;
} rows;

static const char *const councils[COUNCILS] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m",
                                               "n", "o", "p", "q", "r", "s", "t", "u", "v", "w", "x", "y", "z",
                                               "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K"};
static const char *const regions[REGIONS] = {"north", "east", "west"};
static const char *const names[NUMBERS] = {"y", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9"};

/* Model of `terms` numbers and, if asked, the region's levels. */
static void describe(rows *r, int terms, int region, sy_weight_kind kind)
{
    r->q = problem_new(ROWS);
    for (int c = 0; c <= terms; c++) problem_number(r->q, names[c], r->x[c]);
    const int column = problem_column(r->q, factor_column("region", r->region, REGIONS, regions));
    if (region) problem_term(r->q, "region", column, -1, -1);
    r->q->cluster = factor_column("council", r->council, COUNCILS, councils);
    r->q->design.cluster = &r->q->cluster;
    r->q->weight = number_column("weight", r->weight);
    if (kind != SY_WEIGHT_NONE) r->q->design.weights = &r->q->weight;
    r->q->design.weight_kind = kind;
}

static rows *scattered_rows(uint64_t seed, int gaps)
{
    rows *r = calloc(1, sizeof *r);
    syi_stream stream;
    assert_non_null(r);
    syi_stream_init(&stream, seed, 0, 0);
    for (int i = 0; i < ROWS; i++) {
        const double of = syi_stream_uniform(&stream);
        r->council[i] = (int32_t)(of * of * COUNCILS);
        r->region[i] = (int32_t)syi_stream_below(&stream, REGIONS);
        r->weight[i] = 1 + syi_stream_below(&stream, 3);
        for (int c = 0; c < NUMBERS; c++) r->x[c][i] = syi_stream_uniform(&stream) + c + of;
        for (int c = 1; c < NUMBERS; c++) r->x[0][i] += 0.1 * c * r->x[c][i];
        if (!gaps) continue;
        if (i % 101 == 0) r->council[i] = -1;
        if (i % 97 == 0) r->x[1 + i % 3][i] = NAN;
        if (i % 89 == 0) r->weight[i] = 0;
    }
    return r;
}

/* The same rows, those of a council together. */
static rows *in_order(const rows *r)
{
    rows *s = calloc(1, sizeof *s);
    ptrdiff_t to = 0;
    assert_non_null(s);
    for (int g = -1; g < COUNCILS; g++)
        for (ptrdiff_t i = 0; i < ROWS; i++) {
            if (r->council[i] != g) continue;
            for (int c = 0; c < NUMBERS; c++) s->x[c][to] = r->x[c][i];
            s->weight[to] = r->weight[i];
            s->region[to] = r->region[i];
            s->council[to++] = r->council[i];
        }
    assert_true(to == ROWS);
    return s;
}

static void rows_free(rows *r)
{
    problem_free(r->q);
    free(r);
}

/* v [p * p] and df [p]; threads and simd 0: as they come. */
static void errors_of(rows *r, sy_vcov_kind kind, int threads, int simd, double *v, double *df)
{
    sy_context ctx;
    sy_context_init(&ctx);
    if (threads) ctx.threads = threads;
    if (simd) ctx.simd = simd;
    const sy_status s = sy_vcov(&ctx, &r->q->design, &r->q->model, &r->q->options, kind, NULL, v, df);
    if (s < 0) fail_msg("%s", ctx.message);
    assert_true(sy_linear_columns(&ctx, &r->q->design, &r->q->model, r->q->count, &r->q->p) >= 0);
    sy_context_free(&ctx);
}

static void assert_same_errors(rows *a, rows *b, sy_vcov_kind kind)
{
    double v[PROBLEM_P * PROBLEM_P], u[PROBLEM_P * PROBLEM_P], df[PROBLEM_P], du[PROBLEM_P];
    errors_of(a, kind, 0, 0, v, df);
    errors_of(b, kind, 0, 0, u, du);
    const int p = a->q->p;
    for (int i = 0; i < p; i++) {
        assert_true(fabs(df[i] - du[i]) <= 1e-10 * du[i]);
        for (int j = 0; j < p; j++)
            assert_true(fabs(v[i * p + j] - u[i * p + j]) <= 1e-11 * sqrt(u[i * p + i] * u[j * p + j]));
    }
}

static int are_scattered(const rows *r, int order)
{
    sy_context ctx;
    syi_sorted sorted;
    const syi_basis b = {.design = &r->q->design};
    sy_context_init(&ctx);
    assert_true(syi_sort_clusters(&ctx, &r->q->cluster, ROWS, &sorted) >= 0);
    const int scattered = syi_sums_scattered(&b, &sorted, order);
    syi_sorted_free(&sorted);
    sy_context_free(&ctx);
    return scattered;
}

static void the_order_of_rows_does_not_matter(void **state)
{
    static const sy_vcov_kind kinds[] = {SY_VCOV_CR1, SY_VCOV_CR2, SY_VCOV_CR3};
    static const sy_weight_kind weights[] = {SY_WEIGHT_NONE, SY_WEIGHT_FREQUENCY, SY_WEIGHT_ANALYTIC};
    static const struct {
        int terms, region;
    } models[] = {{3, 0}, {9, 0}, {7, 1}};
    (void)state;
    for (int w = 0; w < 3; w++)
        for (int m = 0; m < 3; m++) {
            rows *r = scattered_rows(5, m > 0 || w > 0), *s = in_order(r);
            describe(r, models[m].terms, models[m].region, weights[w]);
            describe(s, models[m].terms, models[m].region, weights[w]);
            assert_true(are_scattered(r, 2 + models[m].terms));
            assert_false(are_scattered(s, 2 + models[m].terms));
            for (int k = 0; k < 3; k++) assert_same_errors(r, s, kinds[k]);
            rows_free(r);
            rows_free(s);
        }
}

/* One council nearly everywhere: chains of plain sums are cut. */
static void a_council_of_nearly_all_rows_is_summed_too(void **state)
{
    (void)state;
    rows *r = scattered_rows(6, 0);
    for (int i = 0; i < ROWS; i++)
        if (i % 20) r->council[i] = 0;
    rows *s = in_order(r);
    describe(r, 9, 0, SY_WEIGHT_NONE);
    describe(s, 9, 0, SY_WEIGHT_NONE);
    assert_true(are_scattered(r, 11));
    assert_same_errors(r, s, SY_VCOV_CR2);
    rows_free(r);
    rows_free(s);
}

static void bits_do_not_depend_on_threads_or_registers(void **state)
{
    double v[PROBLEM_P * PROBLEM_P], u[PROBLEM_P * PROBLEM_P], df[PROBLEM_P], du[PROBLEM_P];
    (void)state;
    rows *r = scattered_rows(7, 1);
    describe(r, 9, 0, SY_WEIGHT_ANALYTIC);
    for (int kind = SY_VCOV_CR1; kind <= SY_VCOV_CR2; kind++) {
        errors_of(r, (sy_vcov_kind)kind, 1, 0, v, df);
        const size_t p = (size_t)r->q->p;
        errors_of(r, (sy_vcov_kind)kind, 3, 0, u, du);
        assert_memory_equal(v, u, p * p * sizeof *v);
        assert_memory_equal(df, du, p * sizeof *df);
        errors_of(r, (sy_vcov_kind)kind, 2, SYI_AVX2, u, du);
        if (syi_simd_widest() >= SYI_AVX2) assert_memory_equal(v, u, p * p * sizeof *v);
    }
    rows_free(r);
}

/* Rows as rows: what the kernels lay out and add up, in whole numbers, exactly. */
static void products_of_whole_numbers_are_exact(void **state)
{
    enum { WIDE = 24, LONG = 16 };
    _Alignas(64) double column[WIDE * LONG], row[LONG * WIDE], acc[6 * 64];
    static const int listed[] = {3, 4, 9, 15, 0};
    (void)state;
    for (int c = 0; c < WIDE; c++)
        for (int i = 0; i < LONG; i++) column[c * LONG + i] = (c * 7 + i * 5) % 11 - 5;
    for (int simd = SYI_BASELINE; simd <= syi_simd_widest(); simd++) {
        memset(acc, 0, sizeof acc);
        syi_outer_rows(simd, column, LONG, WIDE, LONG, row, WIDE);
        for (int i = 0; i < LONG * WIDE; i++) assert_true(row[i] == column[i % WIDE * LONG + i / WIDE]);
        syi_outer_add(simd, WIDE, row, row, listed, 5, acc);
        for (int a = 0; a < WIDE; a++)
            for (int b = a / 8 * 8; b < WIDE; b++) {
                const int i = a / 8, j = b / 8, block = i * (7 - i) / 2 + j - i;
                double sum = 0;
                for (int k = 0; k < 5; k++) sum += column[a * LONG + listed[k]] * column[b * LONG + listed[k]];
                assert_true(acc[block * 64 + a % 8 * 8 + b % 8] == sum);
            }
    }
}

static sy_status clustered(void *arg, void *answer)
{
    rows *r = arg;
    double v[PROBLEM_P * PROBLEM_P], df[PROBLEM_P];
    sy_context ctx;
    sy_context_init(&ctx);
    ctx.threads = 1;
    const sy_status s = sy_vcov(&ctx, &r->q->design, &r->q->model, &r->q->options, SY_VCOV_CR1, NULL, v, df);
    if (s >= 0) memcpy(answer, v, 9 * sizeof *v);
    sy_context_free(&ctx);
    return s;
}

static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    rows *r = scattered_rows(8, 0);
    describe(r, 2, 0, SY_WEIGHT_NONE);
    assert_true(syi_survives_failing(clustered, r, 9 * sizeof(double)) > 20);
    rows_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_of_rows_does_not_matter),
        cmocka_unit_test(a_council_of_nearly_all_rows_is_summed_too),
        cmocka_unit_test(bits_do_not_depend_on_threads_or_registers),
        cmocka_unit_test(products_of_whole_numbers_are_exact),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
