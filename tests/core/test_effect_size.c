/* SPDX-License-Identifier: GPL-3.0-only
 * By hand, and against identities; the limits against 50-digit roots stand in
 * test_reference_anova.c. Tolerance 1e-14: a handful of operations. */
#include "base/numeric_internal.h"

#include "steelyard/anova.h"
#include "steelyard/noncentral.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void close_to(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("found %.17g, expected %.17g", found, expected);
}

static sy_anova_row sizes(double ss, double df, double rss, double df2, double tss, double n, sy_limits limits)
{
    sy_context ctx;
    sy_anova_row row = {.df = df, .sum_of_squares = ss};
    sy_context_init(&ctx);
    if (sy_effect_size(&ctx, rss, df2, tss, n, 0.95, limits, &row) != SY_OK) fail_msg("%s", ctx.message);
    return row;
}

/* One way, 3 groups of 10: SSB 60, SSW 270, MSE 10, F = 3. */
static void a_one_way_layout_comes_out_by_hand(void **state)
{
    (void)state;
    const sy_anova_row r = sizes(60, 2, 270, 27, 330, 30, SY_LIMITS_TWO_SIDED);
    close_to(r.mean_square, 30, 0);
    close_to(r.f, 3, 1e-15);
    close_to(r.eta_squared, 60 / 330.0, 1e-15);
    close_to(r.partial_eta_squared, 60 / 330.0, 1e-15);
    close_to(r.omega_squared, 40 / 340.0, 1e-15);
    close_to(r.partial_omega_squared, 40 / 340.0, 1e-15);
    close_to(r.epsilon_squared, 40 / 330.0, 1e-15);
    close_to(r.partial_epsilon_squared, 40 / 330.0, 1e-15);
    close_to(r.cohens_f, sqrt(60 / 270.0), 1e-15);
}

/* epsilon squared is adjusted R2 when the term is the whole model. */
static void epsilon_squared_of_one_term_is_adjusted_r2(void **state)
{
    (void)state;
    const sy_anova_row r = sizes(41.5, 3, 77.25, 19, 118.75, 23, SY_LIMITS_TWO_SIDED);
    close_to(r.epsilon_squared, 1 - (77.25 / 19) / (118.75 / 22), 1e-14);
}

static void below_one_f_makes_omega_negative_and_shown_as_zero(void **state)
{
    (void)state;
    const sy_anova_row r = sizes(5, 2, 270, 27, 330, 30, SY_LIMITS_TWO_SIDED);
    assert_true(r.f < 1 && r.omega_squared < 0 && r.partial_epsilon_squared < 0);
    assert_true(sy_effect_shown(r.omega_squared) == 0);
    assert_true(sy_effect_shown(0.25) == 0.25);
    assert_true(isnan(sy_effect_shown(NAN)));
    assert_true(r.partial_eta_low == 0);
}

static void limits_put_f_at_the_tails(void **state)
{
    (void)state;
    sy_context ctx;
    double lower, upper;
    sy_context_init(&ctx);
    const sy_anova_row r = sizes(160, 2, 270, 27, 430, 30, SY_LIMITS_TWO_SIDED);
    assert_true(0 < r.partial_eta_low && r.partial_eta_low < r.partial_eta_squared);
    assert_true(r.partial_eta_squared < r.partial_eta_high && r.partial_eta_high < 1);
    const double low = r.partial_eta_low * 30 / (1 - r.partial_eta_low);
    const double high = r.partial_eta_high * 30 / (1 - r.partial_eta_high);
    assert_int_equal(sy_distribution_f_noncentral(&ctx, r.f, 2, 27, low, &lower, &upper), SY_OK);
    close_to(upper, 0.025, 1e-13);
    assert_int_equal(sy_distribution_f_noncentral(&ctx, r.f, 2, 27, high, &lower, &upper), SY_OK);
    close_to(lower, 0.025, 1e-13);
    const sy_anova_row one = sizes(160, 2, 270, 27, 430, 30, SY_LIMITS_LOWER);
    assert_true(one.partial_eta_high == 1 && one.partial_eta_low > r.partial_eta_low);
}

static void lower_limit_is_above_zero_just_when_the_test_rejects(void **state)
{
    (void)state;
    for (double ss = 5; ss < 200; ss *= 1.1) {
        const sy_anova_row r = sizes(ss, 2, 270, 27, 270 + ss, 30, SY_LIMITS_LOWER);
        assert_int_equal(r.partial_eta_low > 0, r.p_value < 0.05);
    }
}

static void an_exact_fit_has_no_error(void **state)
{
    (void)state;
    const sy_anova_row r = sizes(60, 2, 0, 27, 60, 30, SY_LIMITS_TWO_SIDED);
    assert_true(isinf(r.f) && r.p_value == 0 && isinf(r.cohens_f));
    assert_true(r.partial_eta_squared == 1 && r.partial_eta_low == 1 && r.partial_eta_high == 1);
}

static void without_degrees_of_freedom_nothing_is_said(void **state)
{
    (void)state;
    const sy_anova_row none = sizes(0, 0, 270, 27, 270, 30, SY_LIMITS_TWO_SIDED);
    assert_true(isnan(none.mean_square) && isnan(none.f) && isnan(none.p_value) && isnan(none.partial_eta_low));
    const sy_anova_row saturated = sizes(60, 2, 0, 0, 60, 3, SY_LIMITS_TWO_SIDED);
    assert_true(saturated.mean_square == 30 && isnan(saturated.f));
}

static void bad_numbers_are_named(void **state)
{
    (void)state;
    sy_context ctx;
    sy_anova_row row = {.df = 2, .sum_of_squares = -1};
    sy_context_init(&ctx);
    assert_int_equal(sy_effect_size(&ctx, 1, 3, 2, 9, 0.95, SY_LIMITS_LOWER, &row), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "sum_of_squares = -1"));
    row.sum_of_squares = 1;
    assert_int_equal(sy_effect_size(&ctx, -1, 3, 2, 9, 0.95, SY_LIMITS_LOWER, &row), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "rss = -1"));
    assert_int_equal(sy_effect_size(&ctx, 1, -3, 2, 9, 0.95, SY_LIMITS_LOWER, &row), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "df_resid = -3"));
    assert_int_equal(sy_effect_size(&ctx, 1, 3, 2, 2, 0.95, SY_LIMITS_LOWER, &row), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "n = 2"));
    assert_int_equal(sy_effect_size(&ctx, 1, 3, 2, 9, 1, SY_LIMITS_LOWER, &row), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "level = 1"));
    row.df = -1;
    assert_int_equal(sy_effect_size(&ctx, 1, 3, 2, 9, 0.9, SY_LIMITS_LOWER, &row), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "df = -1"));
    assert_int_equal(sy_effect_size(&ctx, 1, 3, NAN, 9, 0.9, SY_LIMITS_LOWER, &row), SY_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_one_way_layout_comes_out_by_hand),
        cmocka_unit_test(epsilon_squared_of_one_term_is_adjusted_r2),
        cmocka_unit_test(below_one_f_makes_omega_negative_and_shown_as_zero),
        cmocka_unit_test(limits_put_f_at_the_tails),
        cmocka_unit_test(lower_limit_is_above_zero_just_when_the_test_rejects),
        cmocka_unit_test(an_exact_fit_has_no_error),
        cmocka_unit_test(without_degrees_of_freedom_nothing_is_said),
        cmocka_unit_test(bad_numbers_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
