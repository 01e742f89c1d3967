/* SPDX-License-Identifier: GPL-3.0-only
 * Worked from rows: the longer regression, fits without the columns. Numbers of other programs:
 * test_reference_confounding.c. */
#include "base/numeric_internal.h"

#include "base/random_internal.h"
#include "failing_internal.h"
#include "confounding_problem.h"
#include "steelyard/distribution.h"
#include <math.h>
#include <string.h>

static void the_printed_t_of_darfur_gives_the_published_values(void **state)
{
    (void)state;
    const sy_tested tested = {"directlyharmed", NAN, NAN, 4.184, 783, NAN, NAN, NULL};
    sy_robustness_values rv;
    sy_adjusted_row row;
    assert_int_equal(sy_robustness(&ctx, &tested, 1, 0.05, &rv), SY_OK);
    /* published .1388 and .0763; from t rounded to 4.184, .138763 and .076243 */
    assert_true(fabs(rv.value - 0.1388) < 1e-4 && fabs(rv.value_alpha - 0.0763) < 1e-4 && isnan(rv.value_robust));
    assert_non_null(strstr(rv.text, "13.9 % of what is left of both directlyharmed and the outcome"));
    /* a confounder of just that strength takes all, and one of the other leaves t at its limit */
    assert_int_equal(sy_confounding_adjusted(&ctx, &tested, rv.value, rv.value, 1, 0.95, &row), SY_OK);
    assert_true(fabs(row.remaining) < 1e-12 && isnan(row.estimate));
    assert_int_equal(sy_confounding_adjusted(&ctx, &tested, rv.value_alpha, rv.value_alpha, 1, 0.95, &row), SY_OK);
    double t;
    assert_int_equal(sy_distribution_t_quantile(&ctx, 0.975, 782, &t), SY_OK);
    near(row.t, t, 1e-12);
    assert_int_equal(sy_confounding_adjusted(&ctx, &tested, rv.extreme, 1, 1, 0.95, &row), SY_OK);
    assert_true(fabs(row.remaining) < 1e-12);
}

/* y on d, x1, x2 with z and without: with the strengths that z has, the formula
 * gives the slope, the error and t of the longer model itself. */
static void the_formula_is_the_longer_regression(void **state)
{
    (void)state;
    enum { N = 200 };
    static double y[N], d[N], x1[N], x2[N], z[N], w[N];
    syi_stream s;
    for (int world = 0; world < 20; world++) {
        syi_stream_init(&s, 5, (uint32_t)world, 0);
        for (int i = 0; i < N; i++) {
            x1[i] = syi_stream_normal(&s);
            x2[i] = syi_stream_normal(&s) + 0.3 * x1[i];
            z[i] = syi_stream_normal(&s) + 0.2 * x2[i];
            d[i] = 0.6 * z[i] + 0.4 * x1[i] + syi_stream_normal(&s);
            y[i] = 0.5 * d[i] + 0.7 * z[i] - 0.3 * x2[i] + syi_stream_normal(&s);
            w[i] = world % 2 ? 0.2 + syi_stream_uniform(&s) : 1;
        }
        problem *both[2];
        for (int with = 0; with < 2; with++) {
            problem *q = both[with] = problem_new(N);
            problem_number(q, "y", y);
            problem_number(q, "d", d);
            problem_number(q, "x1", x1);
            problem_number(q, "x2", x2);
            if (with) problem_number(q, "z", z);
            q->weight = number_column("w", w);
            q->design.weights = &q->weight;
            q->design.weight_kind = SY_WEIGHT_ANALYTIC;
            fit_problem(q);
        }
        const sy_fit_left longer = left_of(both[1]), shorter = left_of(both[0]);
        const int last[] = {4};
        const sy_benchmark confounder = {"z", 1, last};
        double r2_treatment, r2_outcome;
        sy_tested truth, tested;
        sy_adjusted_row row;
        assert_int_equal(sy_confounding_benchmarks(&ctx, &longer, 1, 1, &confounder, &r2_treatment, &r2_outcome),
                         SY_OK);
        assert_int_equal(sy_confounding_tested(&ctx, &longer, 1, &truth), SY_OK);
        assert_int_equal(sy_confounding_tested(&ctx, &shorter, 1, &tested), SY_OK);
        assert_int_equal(sy_confounding_adjusted(&ctx, &tested, r2_treatment, r2_outcome, 1, 0.95, &row), SY_OK);
        near(row.estimate, truth.estimate, 1e-11);
        near(row.std_error, truth.std_error, 1e-11);
        near(row.t, truth.t, 1e-11);
        problem_free(both[0]);
        problem_free(both[1]);
    }
}

static void strengths_that_are_needed_do_what_they_say(void **state)
{
    (void)state;
    const sy_tested tested = {"x", -2, 0.5, -4, 60, NAN, NAN, NULL};
    const double outcome[] = {1, 0.75, 0.5, 0.1, 0};
    double all[5], alpha[5], t, estimate[25], ts[25];
    sy_adjusted_row row;
    assert_int_equal(sy_confounding_needed(&ctx, &tested, 0.5, 0.1, 5, outcome, all, alpha), SY_OK);
    assert_int_equal(sy_distribution_t_quantile(&ctx, 0.95, 59, &t), SY_OK);
    assert_true(all[4] == 1);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(sy_confounding_adjusted(&ctx, &tested, all[i], outcome[i], 1, 0.9, &row), SY_OK);
        near(row.remaining, 0.5, 1e-12);
        near(row.estimate, -1, 1e-12);
    }
    assert_int_equal(sy_confounding_needed(&ctx, &tested, 1, 0.1, 5, outcome, all, alpha), SY_OK);
    for (int i = 1; i < 5; i++) {
        assert_int_equal(sy_confounding_adjusted(&ctx, &tested, alpha[i], outcome[i], 1, 0.9, &row), SY_OK);
        near(row.t, -t, 1e-10);
        assert_true(fabs(row.high) < 1e-12);
    }
    const double grid[] = {0, 0.1, 0.2, 0.3, 0.4};
    assert_int_equal(sy_confounding_contours(&ctx, &tested, 0, 5, grid, 5, outcome, estimate, ts), SY_OK);
    near(estimate[0], -2, 1e-15);
    near(ts[4], -4 / sqrt(60.0 / 59), 1e-15);
    assert_int_equal(sy_confounding_adjusted(&ctx, &tested, 0.2, 0.5, 0, 0.9, &row), SY_OK);
    assert_true(estimate[2 * 5 + 2] == row.estimate && ts[2 * 5 + 2] == row.t && row.estimate < -2);
}

/* With the robust error in place of the classical one: t is at its limit where the
 * estimate less its bias is t* robust errors, grown as the classical one. */
static void the_robust_error_has_its_own_value(void **state)
{
    (void)state;
    sy_tested tested = {"x", 3, 0.6, 5, 80, 0.9, 11.5, "CR2"};
    sy_robustness_values rv;
    sy_adjusted_row row;
    double t;
    assert_int_equal(sy_robustness(&ctx, &tested, 1, 0.05, &rv), SY_OK);
    assert_true(rv.value_robust < rv.value_alpha && strstr(rv.text, "CR2 error, 1.50 times the classical one"));
    assert_int_equal(sy_confounding_adjusted(&ctx, &tested, rv.value_robust, rv.value_robust, 1, 0.95, &row), SY_OK);
    assert_int_equal(sy_distribution_t_quantile(&ctx, 0.975, 11.5, &t), SY_OK);
    near(row.robust_t, t, 1e-12);
    tested.robust_error = 0.6;
    tested.robust_df = 79;
    assert_int_equal(sy_robustness(&ctx, &tested, 1, 0.05, &rv), SY_OK);
    near(rv.value_robust, rv.value_alpha, 1e-14);
}

/* Partial R2 of groups by fitting without them, weighted, and Oster's seven
 * numbers by fitting the short models. */
static void leaving_out_is_fitting_again(void **state)
{
    (void)state;
    static const char *const names[] = {"mpg", "wt", "hp", "qsec", "cyl", "am"};
    static double w[ROWS];
    const int n = read_columns("tests/reference/data/mtcars.csv", 6, names, columns, NULL, NULL);
    for (int i = 0; i < n; i++) w[i] = 1 + i % 3;
    /* outcome and columns of each model; the first is the whole one */
    static const int models[][7] = {{0, 1, 2, 3, 4, 5, -1}, {0, 1, 2, 5, -1}, {1, 2, 3, 4, 5, -1},
                                    {1, 2, 5, -1},          {0, 1, 5, -1},    {1, 5, -1}};
    double rss[6], tss[6], slope[6];
    problem *whole = NULL;
    for (int m = 0; m < 6; m++) {
        problem *q = problem_new(n);
        for (int c = 0; models[m][c] >= 0; c++) problem_number(q, names[models[m][c]], columns[models[m][c]]);
        q->weight = number_column("w", w);
        q->design.weights = &q->weight;
        q->design.weight_kind = SY_WEIGHT_ANALYTIC;
        fit_problem(q);
        rss[m] = q->summary.rss;
        tss[m] = q->summary.tss;
        slope[m] = q->coefficient[1];
        if (m == 0) whole = q;
        else problem_free(q);
    }
    const sy_fit_left fit = left_of(whole);
    const int group[] = {3, 4}, kept[WIDE] = {1, 0, 0, 0, 0, 1};
    const sy_benchmark benchmark = {"engine", 2, group};
    double d, y;
    assert_int_equal(sy_confounding_benchmarks(&ctx, &fit, 1, 1, &benchmark, &d, &y), SY_OK);
    near(y, 1 - rss[0] / rss[1], 1e-12);
    near(d, 1 - rss[2] / rss[3], 1e-12);
    sy_oster_question o;
    assert_int_equal(sy_oster_from_fit(&ctx, &fit, 1, kept, &o), SY_OK);
    near(o.beta_short, slope[4], 1e-12);
    near(o.r2_short, 1 - rss[4] / tss[4], 1e-12);
    near(o.treatment, rss[5], 1e-12);
    near(o.treatment_left, rss[2], 1e-12);
    near(o.r2, 1 - rss[0] / tss[0], 1e-12);
    problem_free(whole);
}

/* Any delta's slope, asked for as a target, gives the delta back; delta to 0 gives b1. */
static void slope_and_delta_turn_round(void **state)
{
    (void)state;
    problem *q = cars("wt", "hp + qsec");
    sy_oster_question o = oster_of(q);
    sy_oster_answer a, back;
    o.r_max = 0.9;
    for (double delta = -2; delta < 1.2; delta += 0.17) {
        o.delta = delta;
        o.target = 0;
        assert_int_equal(sy_oster(&ctx, &o, &a), SY_OK);
        assert_true((o.beta - a.beta_star) * delta * (o.beta_short - o.beta) > 0);
        o.target = a.beta_star;
        assert_int_equal(sy_oster(&ctx, &o, &back), SY_OK);
        near(back.delta_star, delta, 1e-9); /* the slope carries 1e-16, which the curve's flatness multiplies */
    }
    o.delta = 1e-9;
    assert_int_equal(sy_oster(&ctx, &o, &a), SY_OK);
    near(a.beta_star, o.beta, 1e-7);
    o.delta = 1;
    o.r_max = NAN;
    assert_int_equal(sy_oster(&ctx, &o, &a), SY_OK);
    near(a.r_max, fmin(1, 1.3 * o.r2), 1e-15);
    problem_free(q);
}

static void impossible_and_cut_bounds_are_told_apart(void **state)
{
    (void)state;
    sy_bound b;
    const double strong[] = {0.4, 0.3}, none[] = {0, 0.1};
    assert_int_equal(sy_confounding_bound(&ctx, "need", strong, 1, 1, &b), SY_NOTE_BOUNDARY);
    assert_true(b.possible && b.cut && b.r2_outcome == 1);
    assert_string_equal(ctx.remarks[0].text,
                        "a confounder as strong as 1 times need could explain all that is left of the outcome; the "
                        "bound is cut at 1");
    assert_int_equal(sy_confounding_bound(&ctx, "need", strong, 2, 1, &b), SY_NOTE_BOUNDARY);
    assert_true(!b.possible && isnan(b.r2_treatment) && strstr(ctx.remarks[1].text, "as strong as 2 and 1 times need"));
    assert_int_equal(sy_confounding_bound(&ctx, "need", none, 3, 3, &b), SY_OK);
    assert_true(b.possible && b.r2_treatment == 0);
    near(b.r2_outcome, 3 * 0.1 / 0.9, 1e-15);
    sy_context_free(&ctx);
}

static void two_printed_numbers_give_the_third(void **state)
{
    (void)state;
    sy_tested t;
    assert_int_equal(sy_confounding_printed(&ctx, 3, 1.5, NAN, 20, &t), SY_OK);
    assert_true(t.t == 2 && t.df == 20 && isnan(t.robust_error));
    assert_int_equal(sy_confounding_printed(&ctx, 3, NAN, 2, 20, &t), SY_OK);
    assert_true(t.std_error == 1.5);
    assert_int_equal(sy_confounding_printed(&ctx, NAN, NAN, -2, 20, &t), SY_OK);
    assert_true(isnan(t.estimate) && isnan(t.std_error));
    says(sy_confounding_printed(&ctx, 3, NAN, NAN, 20, &t), SY_EINVAL, "t: give t, or estimate and std_error");
    says(sy_confounding_printed(&ctx, 3, 1, 2, 20, &t), SY_EINVAL, "t: 2 is not estimate over std_error, 3");
    says(sy_confounding_printed(&ctx, 3, NAN, -2, 20, &t), SY_EINVAL, "has not the sign");
    says(sy_confounding_printed(&ctx, 3, -1, NAN, 20, &t), SY_EINVAL, "std_error: -1;");
}

static void what_cannot_be_is_refused_by_name(void **state)
{
    (void)state;
    const sy_tested tested = {"x", 3, 0.6, 5, 80, NAN, NAN, NULL}, few = {"x", 3, 0.6, 5, 1, NAN, NAN, NULL};
    sy_adjusted_row row;
    sy_robustness_values rv;
    sy_bound b;
    sy_e_values e;
    says(sy_confounding_adjusted(&ctx, &tested, 1, 0.5, 1, 0.95, &row), SY_EINVAL,
         "r2_treatment: 1; a strength from 0");
    says(sy_confounding_adjusted(&ctx, &tested, 0.1, 1.5, 1, 0.95, &row), SY_EINVAL, "r2_outcome: 1.5");
    says(sy_robustness(&ctx, &few, 1, 0.05, &rv), SY_EINVAL, "df: 1;");
    says(sy_robustness(&ctx, &tested, 0, 0.05, &rv), SY_EINVAL, "q: 0;");
    says(sy_robustness(&ctx, &tested, 1, 0, &rv), SY_EINVAL, "alpha: 0;");
    says(sy_confounding_bound(&ctx, "x", (double[]){0.1, 0.1}, 0, 1, &b), SY_EINVAL, "kd: 0;");
    const double wrong[] = {1.5, 1.6, 2}, below[] = {-1, NAN, NAN}, fine[] = {1.5, 1.2, 2};
    says(sy_e_value(&ctx, SY_E_RISK_RATIO, wrong, NAN, 1, &e), SY_EINVAL, "low: 1.6 is above the estimate");
    says(sy_e_value(&ctx, SY_E_ODDS_COMMON, below, NAN, 1, &e), SY_EINVAL, "estimate: -1;");
    says(sy_e_value(&ctx, SY_E_RISK_RATIO, fine, 0.1, 1, &e), SY_EINVAL, "std_error: it is read for a difference");
    says(sy_e_value(&ctx, SY_E_RISK_RATIO, fine, NAN, 0, &e), SY_EINVAL, "true: 0;");
    problem *q = cars("wt", "hp + qsec");
    const sy_fit_left fit = left_of(q);
    const int itself[] = {2, 1}, kept[WIDE] = {1, 0, 1, 1};
    const sy_benchmark group = {"all", 2, itself};
    double d, y;
    sy_oster_question o;
    sy_oster_answer a;
    says(sy_confounding_benchmarks(&ctx, &fit, 1, 1, &group, &d, &y), SY_EINVAL,
         "benchmarks: all holds c1, the term itself");
    says(sy_oster_from_fit(&ctx, &fit, 1, kept, &o), SY_EINVAL, "kept: all other columns are kept");
    o = oster_of(q);
    o.r_max = 0.5;
    says(sy_oster(&ctx, &o, &a), SY_EINVAL, "r_max: 0.5;");
    problem_free(q);
}

static sy_status drop_job(void *arg, void *answer)
{
    const sy_fit_left *fit = arg;
    sy_context c;
    sy_context_init(&c);
    const int group[] = {2, 3};
    const sy_benchmark benchmark = {"two", 2, group};
    double found[2] = {0};
    sy_oster_question o = {0};
    const int kept[WIDE] = {1};
    sy_status status = sy_confounding_benchmarks(&c, fit, 1, 1, &benchmark, &found[0], &found[1]);
    if (status >= 0) status = sy_oster_from_fit(&c, fit, 1, kept, &o);
    found[1] += o.treatment;
    if (status >= 0) memcpy(answer, found, sizeof found);
    sy_context_free(&c);
    return status;
}

static void memory_that_fails_is_survived(void **state)
{
    (void)state;
    problem *q = cars("wt", "hp + qsec");
    sy_fit_left fit = left_of(q);
    assert_true(syi_survives_failing(drop_job, &fit, 2 * sizeof(double)) >= 8);
    problem_free(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_printed_t_of_darfur_gives_the_published_values),
        cmocka_unit_test(the_formula_is_the_longer_regression),
        cmocka_unit_test(strengths_that_are_needed_do_what_they_say),
        cmocka_unit_test(the_robust_error_has_its_own_value),
        cmocka_unit_test(leaving_out_is_fitting_again),
        cmocka_unit_test(slope_and_delta_turn_round),
        cmocka_unit_test(impossible_and_cut_bounds_are_told_apart),
        cmocka_unit_test(two_printed_numbers_give_the_third),
        cmocka_unit_test(what_cannot_be_is_refused_by_name),
        cmocka_unit_test(memory_that_fails_is_survived),
    };
    return cmocka_run_group_tests(tests, fresh, NULL);
}
