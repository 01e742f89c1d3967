/* SPDX-License-Identifier: GPL-3.0-only
 * References: R 4.2.2 (oneway.test; closed forms written out there; projection
 * matrices for the nested layout) and cases.csv's Dyestuff. Tolerance 1e-12:
 * R works in plain double. */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "frame.h"
#include "steelyard/anova.h"
#include <math.h>

static frame f;

static void near_test(const sy_f_test *t, double statistic, double df1, double df2, double p)
{
    near(t->f, statistic, 1e-11);
    near(t->df1, df1, 0);
    near(t->df2, df2, 1e-12);
    near(t->p_value, p, 1e-11);
}

static void three_tests_are_those_of_r(void **state)
{
    (void)state;
    sy_context ctx;
    sy_oneway_summary s;
    double n[3], mean[3], sd[3];
    sy_context_init(&ctx);
    frame_moore(&f, "conformity ~ fcat");
    const int y = frame_column(&f, "conformity"), g = frame_column(&f, "fcat");
    assert_int_equal(sy_oneway(&ctx, &f.design, y, g, 0.95, &s, n, mean, sd), SY_OK);
    near_test(&s.classical, 0.065037053423294161, 2, 42, 0.93712692133751818);
    near_test(&s.welch, 0.067457814509306976, 2, 27.891913168342196, 0.93491918270410412);
    near_test(&s.brown_forsythe, 0.065037053423294161, 2, 41.293948523527007, 0.93712852833452576);
    near(s.n0, 15, 0);
    near(s.icc1, -0.066474261178653973, 1e-12);
    near(s.icc1_low, -0.070195753143525386, 1e-12);
    near(s.icc1_high, 0.094600826149101272, 1e-11);
    for (int i = 0; i < 3; i++) near(n[i], 15, 0);
    near(mean[1], 12.266666666666667, 1e-15);
    near(sd[2], 4.9828276539101202, 1e-14);
}

/* Two groups: Welch's F is the square of Welch's t. y: 1 2 3 4 against 2 4 9:
 * means 2.5 and 5, variances 5/3 and 13, t^2 = 6.25 / (5/12 + 13/3) = 75/57. */
static void two_groups_are_welchs_t(void **state)
{
    (void)state;
    static const double y[7] = {1, 2, 3, 4, 2, 4, 9};
    sy_context ctx;
    sy_oneway_summary s;
    sy_context_init(&ctx);
    f.p = 0;
    f.n = 7;
    frame_add(&f, "g", 1, 2);
    frame_add(&f, "y", 0, 0);
    for (int i = 0; i < 7; i++) {
        f.code[0][i] = i > 3;
        f.value[1][i] = y[i];
    }
    frame_model(&f, "y ~ g");
    assert_int_equal(sy_oneway(&ctx, &f.design, 1, 0, 0.95, &s, NULL, NULL, NULL), SY_OK);
    const double a = 5 / 12.0, b = 13 / 3.0;
    near(s.welch.f, 75 / 57.0, 1e-14);
    near(s.welch.df2, (a + b) * (a + b) / (a * a / 3 + b * b / 2), 1e-14);
    near(s.brown_forsythe.f, s.welch.f, 1e-14); /* the same for two groups */
    near(s.brown_forsythe.df2, s.welch.df2, 1e-14);
}

static void frequencies_are_repeated_rows(void **state)
{
    (void)state;
    sy_context ctx;
    sy_oneway_summary once, repeated;
    sy_context_init(&ctx);
    f.p = 0;
    f.n = 30;
    frame_add(&f, "g", 1, 3);
    frame_add(&f, "y", 0, 0);
    frame_add(&f, "w", 0, 0);
    ptrdiff_t at = 30;
    for (ptrdiff_t i = 0; i < 30; i++) {
        f.code[0][i] = (int32_t)(i % 3);
        f.value[1][i] = (double)((i * 37) % 23) / 10;
        f.value[2][i] = (double)(i % 4);
    }
    frame_model(&f, "y ~ g");
    f.design.weights = &f.columns[2];
    f.design.weight_kind = SY_WEIGHT_FREQUENCY;
    assert_int_equal(sy_oneway(&ctx, &f.design, 1, 0, 0.9, &once, NULL, NULL, NULL), SY_OK);
    for (ptrdiff_t i = 0; i < 30; i++)
        for (int k = 0; k < (int)(i % 4); k++, at++) {
            f.code[0][at] = f.code[0][i];
            f.value[1][at] = f.value[1][i];
        }
    for (ptrdiff_t i = 30; i < at; i++) { /* the copies alone */
        f.code[0][i - 30] = f.code[0][i];
        f.value[1][i - 30] = f.value[1][i];
    }
    f.n = at - 30;
    frame_model(&f, "y ~ g");
    assert_int_equal(sy_oneway(&ctx, &f.design, 1, 0, 0.9, &repeated, NULL, NULL, NULL), SY_OK);
    const double *a = (const double *)&once, *b = (const double *)&repeated;
    for (size_t i = 0; i < sizeof once / sizeof(double); i++) near(a[i], b[i], 1e-14);
}

static void a_group_without_variance_leaves_the_classical_test(void **state)
{
    (void)state;
    sy_context ctx;
    sy_oneway_summary s;
    sy_context_init(&ctx);
    frame_moore(&f, "conformity ~ fcat");
    const int y = frame_column(&f, "conformity"), g = frame_column(&f, "fcat");
    for (ptrdiff_t i = 0; i < f.n; i++)
        if (f.code[g][i] == 2) f.value[y][i] = 7;
    assert_int_equal(sy_oneway(&ctx, &f.design, y, g, 0.95, &s, NULL, NULL, NULL), SY_NOTE_ONE_UNIT);
    assert_true(s.classical.f > 0 && isnan(s.welch.f) && isnan(s.brown_forsythe.p_value));
    assert_non_null(strstr(ctx.remarks[0].text, "fcat: 1 of its groups"));
    sy_context_free(&ctx);
}

/* Dyestuff is balanced: the components are those of REML (cases.csv, S18). */
static void balanced_components_are_those_of_reml(void **state)
{
    (void)state;
    sy_context ctx;
    sy_nested_row row[2];
    sy_oneway_summary s;
    sy_context_init(&ctx);
    frame_read(&f, "tests/reference/data/dyestuff.csv", "Batch");
    frame_model(&f, "Yield ~ Batch");
    const int y = frame_column(&f, "Yield"), g = frame_column(&f, "Batch");
    assert_int_equal(sy_nested(&ctx, &f.design, y, 1, &g, row), SY_OK);
    near(sqrt(row[0].component), 42.000595233877256, 1e-9);
    near(sqrt(row[1].component), 49.510099979701202, 1e-9);
    near(row[0].share, 0.41848741489336283, 1e-9);
    assert_int_equal(sy_oneway(&ctx, &f.design, y, g, 0.95, &s, NULL, NULL, NULL), SY_OK);
    near(s.icc1, row[0].share, 1e-14);
}

enum { NESTED = 33 };
static const int outer[NESTED] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3,
                                  3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4};
static const int inner[NESTED] = {2, 2, 2, 2, 3, 3, 3, 3, 3, 2, 2, 3, 3, 3, 1, 2, 2,
                                  2, 2, 2, 2, 3, 3, 3, 3, 3, 1, 1, 2, 2, 3, 3, 3};
static const double yields[NESTED] = {14.2, 13.7, 11.6, 13.8, 13.5, 11.3, 12.8, 13.9, 13.3, 10.7, 11.5,
                                      10.8, 10.7, 9.4,  9.6,  10.6, 11.5, 11.2, 11.7, 11.9, 10.8, 10.2,
                                      10.5, 10,   9.7,  11.7, 9.6,  10,   10.1, 10.1, 11,   11.1, 11.5};

static void fill_nested(int step)
{
    f.p = 0;
    f.n = NESTED;
    frame_add(&f, "a", 1, 4);
    frame_add(&f, "b", 1, 3);
    frame_add(&f, "y", 0, 0);
    for (int i = 0; i < NESTED; i++) {
        const int from = i * step % NESTED;
        f.code[0][i] = outer[from] - 1;
        f.code[1][i] = inner[from] - 1;
        f.value[2][i] = yields[from];
    }
    frame_model(&f, "y ~ a + b");
}

/* R: sums of squares and expectations by projection matrices, traces of Z'PZ. */
static void unbalanced_components_solve_the_expectations(void **state)
{
    (void)state;
    static const int factors[2] = {0, 1};
    static const double ss[3] = {40.004539682539352, 7.3929603174604823, 13.635833333332812};
    static const double component[3] = {1.5026537965516318, 0.21018921760309628, 0.59286231884055707};
    static const double df[3] = {3, 6, 23};
    sy_context ctx;
    sy_nested_row row[3], shuffled[3];
    sy_context_init(&ctx);
    fill_nested(1);
    assert_int_equal(sy_nested(&ctx, &f.design, 2, 2, factors, row), SY_OK);
    for (int k = 0; k < 3; k++) {
        near(row[k].sum_of_squares, ss[k], 1e-10); /* R's differences of y'Py cost it four digits */
        near(row[k].component, component[k], 1e-9);
        near(row[k].df, df[k], 0);
        near(row[k].raw, row[k].component, 0);
    }
    near(row[0].share + row[1].share + row[2].share, 1, 1e-15);
    fill_nested(7);
    assert_int_equal(sy_nested(&ctx, &f.design, 2, 2, factors, shuffled), SY_OK);
    for (int k = 0; k < 3; k++) near(shuffled[k].raw, row[k].raw, 1e-14);
}

/* Groups of two whose means are all alike: MSB = 0, the component is -MSW / 2. */
static void negative_components_are_kept_and_shown_as_zero(void **state)
{
    (void)state;
    sy_context ctx;
    sy_nested_row row[2];
    const int factor = 0;
    sy_context_init(&ctx);
    f.p = 0;
    f.n = 8;
    frame_add(&f, "council", 1, 4);
    frame_add(&f, "y", 0, 0);
    for (int i = 0; i < 8; i++) {
        f.code[0][i] = i / 2;
        f.value[1][i] = i % 2 ? 6 : 4;
    }
    frame_model(&f, "y ~ council");
    assert_int_equal(sy_nested(&ctx, &f.design, 1, 1, &factor, row), SY_NOTE_BOUNDARY);
    near(row[0].raw, -1, 1e-15);
    near(row[1].raw, 2, 1e-15);
    assert_true(row[0].component == 0 && row[0].share == 0 && row[1].share == 1);
    assert_non_null(strstr(ctx.remarks[0].text, "council: the estimate of its variance is negative"));
    sy_context_free(&ctx);
}

static void what_cannot_be_told_apart_is_refused(void **state)
{
    (void)state;
    sy_context ctx;
    sy_nested_row row[3];
    sy_oneway_summary s;
    int factors[2] = {0, 1};
    sy_context_init(&ctx);
    fill_nested(1);
    for (int i = 0; i < NESTED; i++) f.code[1][i] = f.code[0][i] % 3;
    assert_int_equal(sy_nested(&ctx, &f.design, 2, 2, factors, row), SY_EDATA);
    assert_non_null(strstr(ctx.message, "b: has one level in each group"));
    factors[1] = 0;
    assert_int_equal(sy_nested(&ctx, &f.design, 2, 2, factors, row), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "a: is among the factors twice"));
    factors[1] = 2;
    assert_int_equal(sy_nested(&ctx, &f.design, 2, 2, factors, row), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "y: is a number"));
    assert_int_equal(sy_nested(&ctx, &f.design, 0, 1, factors, row), SY_EINVAL);
    assert_int_equal(sy_oneway(&ctx, &f.design, 2, 0, 0, &s, NULL, NULL, NULL), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "level = 0"));
    f.design.weights = &f.columns[2];
    f.design.weight_kind = SY_WEIGHT_SAMPLING;
    assert_int_equal(sy_oneway(&ctx, &f.design, 2, 0, 0.9, &s, NULL, NULL, NULL), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "sampling weights; frequency is allowed"));
    f.design.weight_kind = SY_WEIGHT_FREQUENCY;
    assert_int_equal(sy_oneway(&ctx, &f.design, 2, 0, 0.9, &s, NULL, NULL, NULL), SY_EDATA);
    assert_non_null(strstr(ctx.message, "whole numbers"));
    f.design.weights = NULL;
    for (int i = 0; i < NESTED; i++) f.code[0][i] = -1;
    assert_int_equal(sy_oneway(&ctx, &f.design, 2, 0, 0.9, &s, NULL, NULL, NULL), SY_EDATA);
}

static void missing_rows_are_left_out_and_counted(void **state)
{
    (void)state;
    sy_context ctx;
    sy_oneway_summary s;
    sy_context_init(&ctx);
    fill_nested(1);
    f.value[2][3] = NAN;
    f.code[0][5] = 99;
    assert_int_equal(sy_oneway(&ctx, &f.design, 2, 0, 0.95, &s, NULL, NULL, NULL), SY_NOTE_ROWS_DROPPED);
    assert_true(s.n == NESTED - 2 && ctx.remarks[0].value == 2);
    sy_context_free(&ctx);
}

static sy_status both(void *arg, void *answer)
{
    static const int factors[2] = {0, 1};
    sy_context ctx;
    sy_nested_row *row = answer;
    (void)arg;
    sy_context_init(&ctx);
    sy_status status = sy_nested(&ctx, &f.design, 2, 2, factors, row);
    if (status >= 0)
        status = sy_oneway(&ctx, &f.design, 2, 0, 0.95, (sy_oneway_summary *)(void *)(row + 3), NULL, NULL, NULL);
    sy_context_free(&ctx);
    return status;
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    fill_nested(1);
    assert_true(syi_survives_failing(both, NULL, 3 * sizeof(sy_nested_row) + sizeof(sy_oneway_summary)) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_tests_are_those_of_r),
        cmocka_unit_test(two_groups_are_welchs_t),
        cmocka_unit_test(frequencies_are_repeated_rows),
        cmocka_unit_test(a_group_without_variance_leaves_the_classical_test),
        cmocka_unit_test(balanced_components_are_those_of_reml),
        cmocka_unit_test(unbalanced_components_solve_the_expectations),
        cmocka_unit_test(negative_components_are_kept_and_shown_as_zero),
        cmocka_unit_test(what_cannot_be_told_apart_is_refused),
        cmocka_unit_test(missing_rows_are_left_out_and_counted),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
