/* Least squares of a hundred thousand rows: the ways from rows agree, whatever the
 * threads and the width; memory stays small.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "linear_problem.h"

enum { BIG = 100000, WIDE = 20 };

/* Twenty columns and BIG rows, the last tied to the one before by `tie`. */
static problem *big_problem(double tie, double shift)
{
    static double x[WIDE + 1][BIG];
    static char name[WIDE + 1][8];
    syi_stream r;
    syi_stream_init(&r, 5, 0, 0);
    for (int i = 0; i < BIG; i++) {
        double sum = 0;
        for (int k = 1; k <= WIDE; k++) {
            x[k][i] = floor(syi_stream_uniform(&r) * 0x1p20) * 0x1p-20;
            if (k == WIDE) x[k][i] = x[k - 1][i] + tie * x[k][i];
            sum += x[k][i] * (k % 3 - 1);
        }
        x[0][i] = sum + syi_stream_uniform(&r);
        x[1][i] += shift;
    }
    problem *q = problem_new(BIG);
    for (int k = 0; k <= WIDE; k++) {
        snprintf(name[k], sizeof name[k], "x%d", k);
        problem_number(q, name[k], x[k]);
    }
    return q;
}

static void large_problems_take_moments_and_lose_nothing(void **state)
{
    (void)state;
    problem *q = big_problem(1, 0), *r = big_problem(1, 0);
    r->options.precision = SY_PRECISION_TWOFOLD;
    fit_problem(q);
    fit_problem(r);
    assert_int_equal(q->summary.method, SY_BY_MOMENTS);
    assert_int_equal(r->summary.method, SY_BY_QR_TWOFOLD);
    assert_same_fit(q, r, 12);
    assert_digits(q->summary.loglik, r->summary.loglik, 12);
    assert_digits(q->summary.condition, r->summary.condition, 10);
    for (int i = 0; i < BIG; i += 999) {
        assert_true(fabs(q->residual[i] - r->residual[i]) < 1e-12);
        assert_digits(q->leverage[i], r->leverage[i], 10);
    }
    problem_free(q);
    problem_free(r);
}

/* A factor of twelve levels beside the numbers, weights, and the same absorbed:
 * products of coded columns in place of sy_moments_init's. */
static void large_problems_with_factors_take_moments_too(void **state)
{
    (void)state;
    enum { COUNCILS = 12 };
    static const char *const councils[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"};
    static int32_t code[BIG];
    static double weight[BIG];
    problem *all[3] = {big_problem(1, 1e9), big_problem(1, 1e9), big_problem(1, 1e9)};
    for (int i = 0; i < BIG; i++) code[i] = (int32_t)((i * 7) % 31 % COUNCILS), weight[i] = 1 + i % 3;
    for (int k = 0; k < 3; k++) {
        problem *q = all[k];
        q->weight = number_column("weight", weight);
        q->design.weights = &q->weight;
        q->design.weight_kind = SY_WEIGHT_ANALYTIC;
        q->absorb = factor_column("council", code, COUNCILS, councils);
        if (k == 2) q->model.absorb = &q->absorb;
        else problem_term(q, "council", problem_column(q, q->absorb), -1, -1);
        if (k == 1) q->options.precision = SY_PRECISION_TWOFOLD;
        fit_problem(q);
    }
    assert_int_equal(all[0]->summary.method, SY_BY_MOMENTS);
    assert_int_equal(all[1]->summary.method, SY_BY_QR_TWOFOLD);
    assert_int_equal(all[2]->summary.method, SY_BY_MOMENTS);
    for (int c = 1; c < all[0]->p; c++) {
        assert_digits(problem_error(all[0], c), problem_error(all[1], c), 12);
        /* the noise around zero effects of councils: absolute, beside slopes of 1 */
        assert_true(fabs(all[0]->coefficient[c] - all[1]->coefficient[c]) < 1e-12);
    }
    for (int c = 0; c < WIDE; c++) {
        assert_true(fabs(all[2]->coefficient[c] - all[1]->coefficient[c + 1]) < 1e-12);
        assert_digits(problem_error(all[2], c), problem_error(all[1], c + 1), 12);
    }
    for (int k = 0; k < 3; k += 2) {
        assert_digits(all[k]->summary.rss, all[1]->summary.rss, 13);
        assert_digits(all[k]->summary.loglik, all[1]->summary.loglik, 12);
    }
    for (int k = 0; k < 3; k++) problem_free(all[k]);
}

static void a_shift_of_1e9_costs_large_problems_nothing(void **state)
{
    (void)state;
    problem *q = big_problem(1, 0), *r;
    fit_problem(q);
    r = big_problem(1, 1e9);
    fit_problem(r);
    assert_int_equal(r->summary.method, SY_BY_MOMENTS);
    for (int c = 1; c < q->p; c++) assert_digits(r->coefficient[c], q->coefficient[c], 12);
    assert_digits(r->summary.r2, q->summary.r2, 12);
    problem_free(q);
    problem_free(r);
}

static void collinear_large_problems_are_turned_row_by_row(void **state)
{
    (void)state;
    problem *q = big_problem(1e-4, 1e6), *r = big_problem(1e-4, 1e6);
    r->options.precision = SY_PRECISION_TWOFOLD;
    fit_problem(r);
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(try_problem(q, &ctx), SY_NOTE_PRECISION);
    assert_int_equal(q->summary.method, SY_BY_QR_DOUBLE);
    assert_true(q->summary.digits < 12 && q->summary.digits > 5);
    /* the digits stated are there */
    for (int c = 0; c < q->p; c++) assert_digits(q->coefficient[c], r->coefficient[c], q->summary.digits);
    assert_digits(q->summary.rss, r->summary.rss, 12);
    sy_context_free(&ctx);
    problem_free(q);
    problem_free(r);
}

static void neither_threads_nor_width_change_a_bit(void **state)
{
    (void)state;
    static const double ties[] = {1, 1e-4};
    for (int tie = 0; tie < 2; tie++)
        for (int precision = SY_PRECISION_AUTO; precision <= SY_PRECISION_TWOFOLD; precision += 2) {
            problem *first = big_problem(ties[tie], 0), *q = big_problem(ties[tie], 0);
            first->options.precision = q->options.precision = (sy_precision)precision;
            sy_context ctx;
            sy_context_init(&ctx);
            assert_true(try_problem(first, &ctx) >= 0);
            for (int simd = 1; simd <= 2; simd++) {
                ctx.threads = simd + 1;
                ctx.simd = simd;
                assert_true(try_problem(q, &ctx) >= 0);
                assert_memory_equal(q->coefficient, first->coefficient, sizeof(double) * (WIDE + 1));
                assert_memory_equal(q->inverse, first->inverse, sizeof(double) * (WIDE + 1) * (WIDE + 1));
                assert_memory_equal(&q->summary.rss, &first->summary.rss, sizeof(double));
                assert_memory_equal(q->residual, first->residual, sizeof(double) * BIG);
                assert_memory_equal(q->leverage, first->leverage, sizeof(double) * BIG);
            }
            sy_context_free(&ctx);
            problem_free(first);
            problem_free(q);
        }
}

static void memory_stays_small_beside_the_rows(void **state)
{
    (void)state;
    for (int precision = SY_PRECISION_AUTO; precision <= SY_PRECISION_TWOFOLD; precision++) {
        problem *q = big_problem(1e-4, 0);
        const int64_t before = sy_memory_live();
        q->options.precision = (sy_precision)precision;
        sy_memory_reset_peak();
        fit_problem(q);
        assert_true(sy_memory_peak() - before < 64000000);
        assert_true(sy_memory_live() == before);
        problem_free(q);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_problems_take_moments_and_lose_nothing),
        cmocka_unit_test(large_problems_with_factors_take_moments_too),
        cmocka_unit_test(a_shift_of_1e9_costs_large_problems_nothing),
        cmocka_unit_test(collinear_large_problems_are_turned_row_by_row),
        cmocka_unit_test(neither_threads_nor_width_change_a_bit),
        cmocka_unit_test(memory_stays_small_beside_the_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
