/* SPDX-License-Identifier: GPL-3.0-only
 * Reference numbers by R 4.2.2: qt, pt, pnorm, quantile (type 7), cube roots
 * written out by the formula of the header. Tolerance 1e-13: a dozen roundings
 * of numbers of size 1 to 10. */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "steelyard/interval.h"
#include <math.h>

static void near(double found, double expected)
{
    if (!(fabs(found - expected) <= 1e-13 * fmax(1, fabs(expected))))
        fail_msg("found %.17g, expected %.17g", found, expected);
}

static void share_limits_match_r(void **state)
{
    (void)state;
    sy_context ctx;
    double low = 0, high = 0;
    sy_context_init(&ctx);
    assert_int_equal(sy_interval_limits(&ctx, SY_SCALE_CUBE_ROOT, 0.25, 0.1, 19, 0.95, &low, &high), SY_OK);
    near(low, 0.074436822860760365);
    near(high, 0.591145139689919219);
    assert_int_equal(sy_interval_limits(&ctx, SY_SCALE_IDENTITY, 0.3, 0.1, 19, 0.95, &low, &high), SY_OK);
    near(low, 0.090697594559169065);
    near(high, 0.50930240544083094);
    sy_context_free(&ctx);
}

static void normal_theory_limits_are_fishers(void **state)
{
    (void)state;
    sy_context ctx;
    double low = 0, high = 0;
    sy_context_init(&ctx);
    assert_int_equal(sy_interval_limits(&ctx, SY_SCALE_ATANH_SQRT, 0.25, 0.1, 19, 0.95, &low, &high), SY_OK);
    near(low, 0.107243630311692);
    near(high, 0.40992856185460497);
    sy_context_free(&ctx);
}

static void a_lower_limit_below_zero_is_zero(void **state)
{
    (void)state;
    sy_context ctx;
    double low = 1, high = 0;
    sy_context_init(&ctx);
    assert_int_equal(sy_interval_limits(&ctx, SY_SCALE_CUBE_ROOT, 0.01, 0.2, 5, 0.9, &low, &high), SY_OK);
    assert_true(low == 0);
    near(high, 0.23654861212072395);
    sy_context_free(&ctx);
}

static void rounding_outside_zero_and_one_is_taken_off(void **state)
{
    (void)state;
    sy_context ctx;
    double low = 0, high = 0, low0 = 0, high0 = 0;
    sy_context_init(&ctx);
    assert_int_equal(sy_interval_limits(&ctx, SY_SCALE_CUBE_ROOT, -1e-13, 0.2, 5, 0.9, &low, &high), SY_OK);
    assert_int_equal(sy_interval_limits(&ctx, SY_SCALE_CUBE_ROOT, 0, 0.2, 5, 0.9, &low0, &high0), SY_OK);
    assert_true(low == low0 && high == high0 && low == 0 && high > 0);
    assert_int_equal(sy_interval_limits(&ctx, SY_SCALE_CUBE_ROOT, 1 + 1e-13, 0.2, 5, 0.9, &low, &high), SY_OK);
    assert_int_equal(sy_interval_limits(&ctx, SY_SCALE_CUBE_ROOT, 1, 0.2, 5, 0.9, &low0, &high0), SY_OK);
    assert_true(low == low0 && low < 1 && high == 1 && high0 == 1);
    sy_context_free(&ctx);
}

static void missing_in_is_missing_out(void **state)
{
    (void)state;
    static const double in[3][3] = {{NAN, 0.1, 9}, {0.2, NAN, 9}, {0.2, 0.1, NAN}};
    sy_context ctx;
    sy_context_init(&ctx);
    for (int scale = 0; scale < 2; scale++) {
        for (int i = 0; i < 3; i++) {
            double low = 0, high = 0, upper = 0, lower = 0;
            sy_answer answer = SY_SUPPORTED;
            assert_int_equal(sy_interval_limits(&ctx, (sy_scale)scale, in[i][0], in[i][1], in[i][2], 0.95, &low, &high),
                             SY_OK);
            assert_true(isnan(low) && isnan(high));
            assert_int_equal(sy_interval_at_most(&ctx, 1, &in[i][0], &in[i][1], &in[i][2], (sy_scale)scale, 0.5, 0.95,
                                                 &answer, &upper, &lower),
                             SY_OK);
            assert_true(answer == SY_UNDECIDED && isnan(upper) && isnan(lower));
        }
    }
    sy_context_free(&ctx);
}

static void limits_hold_the_estimate_and_widen_with_the_level(void **state)
{
    (void)state;
    sy_context ctx;
    sy_context_init(&ctx);
    for (double share = 0; share <= 1; share += 0.0625) {
        double before_low = share, before_high = share;
        for (double level = 0.1; level < 0.999; level += 0.1) {
            double low = 0, high = 0;
            assert_int_equal(sy_interval_limits(&ctx, SY_SCALE_CUBE_ROOT, share, 0.07, 8, level, &low, &high), SY_OK);
            assert_true(low >= 0 && high <= 1 && low <= before_low && high >= before_high);
            before_low = low;
            before_high = high;
        }
    }
    sy_context_free(&ctx);
}

static void difference_matches_r(void **state)
{
    (void)state;
    static const double estimate[2] = {0.3, 0.1}, covariance[4] = {0.004, 0.001, 0.001, 0.002};
    static const double swapped[2] = {0.1, 0.3}, turned[4] = {0.002, 0.001, 0.001, 0.004};
    sy_context ctx;
    sy_comparison c, d;
    sy_context_init(&ctx);
    assert_int_equal(sy_interval_difference(&ctx, estimate, covariance, 12, 0.9, &c), SY_OK);
    near(c.estimate, 0.2);
    near(c.std_error, 0.063245553203367583);
    near(c.statistic, 3.1622776601683795);
    near(c.p_value, 0.0081861567792151143);
    near(c.low, 0.087278237575481005);
    near(c.high, 0.31272176242451899);
    assert_true(c.df == 12);
    assert_int_equal(sy_interval_difference(&ctx, swapped, turned, 12, 0.9, &d), SY_OK);
    assert_true(d.estimate == -c.estimate && d.p_value == c.p_value && d.low == -c.high && d.high == -c.low);
    sy_context_free(&ctx);
}

static void difference_without_spread_is_certain_or_missing(void **state)
{
    (void)state;
    static const double apart[2] = {0.3, 0.1}, equal[2] = {0.3, 0.3}, none[4] = {0}, missing[4] = {NAN, 0, 0, 1};
    sy_context ctx;
    sy_comparison c;
    sy_context_init(&ctx);
    assert_int_equal(sy_interval_difference(&ctx, apart, none, 12, 0.9, &c), SY_OK);
    assert_true(c.p_value == 0 && isinf(c.statistic) && c.low == c.estimate && c.high == c.estimate);
    assert_int_equal(sy_interval_difference(&ctx, equal, none, 12, 0.9, &c), SY_OK);
    assert_true(c.estimate == 0 && isnan(c.p_value) && c.low == 0 && c.high == 0);
    assert_int_equal(sy_interval_difference(&ctx, apart, missing, 12, 0.9, &c), SY_OK);
    assert_true(isnan(c.std_error) && isnan(c.p_value) && isnan(c.low) && isnan(c.high));
    sy_context_free(&ctx);
}

static const double replicates[12] = {3.1, -2, NAN, 5.5, 4.25, 0, 9.75, 1.5, 2.25, 7, NAN, 6.125};

static void percentiles_are_type_7_of_what_was_computed(void **state)
{
    (void)state;
    sy_context ctx;
    double low = 0, high = 0;
    sy_context_init(&ctx);
    assert_int_equal(sy_interval_percentile(&ctx, 12, replicates, 0.9, 0, 7, &low, &high), SY_OK);
    near(low, -1.1000000000000001);
    near(high, 8.5124999999999975);
    assert_int_equal(sy_interval_percentile(&ctx, 12, replicates, 0.9, 1, 7, &low, &high), SY_OK);
    near(low, -1.6775483823916453);
    near(high, 9.3066290257885118);
    sy_context_free(&ctx);
}

static void percentiles_of_one_or_of_none(void **state)
{
    (void)state;
    const double none[3] = {NAN, NAN, NAN};
    sy_context ctx;
    double low = 0, high = 0;
    sy_context_init(&ctx);
    assert_int_equal(sy_interval_percentile(&ctx, 1, replicates, 0.9, 0, 7, &low, &high), SY_OK);
    assert_true(low == 3.1 && high == 3.1);
    assert_int_equal(sy_interval_percentile(&ctx, 3, none, 0.9, 0, 7, &low, &high), SY_OK);
    assert_true(isnan(low) && isnan(high));
    sy_context_free(&ctx);
}

static const double estimates[3] = {0.02, 0.05, 0.01}, errors[3] = {0.04, 0.03, 0.05}, dfs[3] = {10, 20, 30};

static void at_most_takes_the_largest_limit_each_way(void **state)
{
    (void)state;
    static const struct {
        double bound;
        sy_answer answer;
    } cases[] = {{0.0742, SY_SUPPORTED}, {0.0741, SY_UNDECIDED}, {0.0270, SY_UNDECIDED}, {0.0269, SY_CONTRADICTED}};
    sy_context ctx;
    sy_context_init(&ctx);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double upper = 0, lower = 0;
        sy_answer answer = SY_UNDECIDED;
        assert_int_equal(sy_interval_at_most(&ctx, 3, estimates, errors, dfs, SY_SCALE_CUBE_ROOT, cases[i].bound, 0.95,
                                             &answer, &upper, &lower),
                         SY_OK);
        near(upper, 0.074164600116644039);
        near(lower, 0.026956346221240081);
        assert_int_equal(answer, cases[i].answer);
    }
    sy_context_free(&ctx);
}

static void one_quantity_at_most_is_its_one_sided_limit(void **state)
{
    (void)state;
    sy_context ctx;
    double low = 0, high = 0, upper = 0, lower = 0;
    sy_answer answer = SY_UNDECIDED;
    sy_context_init(&ctx);
    assert_int_equal(sy_interval_limits(&ctx, SY_SCALE_IDENTITY, 0.05, 0.03, 20, 0.9, &low, &high), SY_OK);
    assert_int_equal(sy_interval_at_most(&ctx, 1, &estimates[1], &errors[1], &dfs[1], SY_SCALE_IDENTITY, 0.2, 0.95,
                                         &answer, &upper, &lower),
                     SY_OK);
    near(upper, high);
    near(lower, low);
    assert_int_equal(answer, SY_SUPPORTED);
    sy_context_free(&ctx);
}

/* R 4.2: pt((0.2^(1/3) - 0.1^(1/3)) / 0.05, 20, lower.tail = FALSE), pt(-1.5, 9, lower.tail = FALSE). */
static void above_is_the_test_whose_limit_is_the_bound(void **state)
{
    (void)state;
    sy_context ctx;
    double t = 0, p = 0, low = 0, high = 0;
    sy_context_init(&ctx);
    assert_int_equal(sy_interval_above(&ctx, SY_SCALE_CUBE_ROOT, 0.2, 0.05, 20, 0.1, &t, &p), SY_OK);
    near(t, 2.4128932856259064);
    near(p, 0.012772666772060735);
    assert_int_equal(sy_interval_above(&ctx, SY_SCALE_IDENTITY, -0.3, 0.2, 9, 0, &t, &p), SY_OK);
    near(t, -1.5);
    near(p, 0.91607467197146253);
    assert_int_equal(sy_interval_limits(&ctx, SY_SCALE_ATANH_SQRT, 0.2, 0.05, 20, 0.9, &low, &high), SY_OK);
    assert_int_equal(sy_interval_above(&ctx, SY_SCALE_ATANH_SQRT, 0.2, 0.05, 20, low, &t, &p), SY_OK);
    near(p, 0.05);
    assert_int_equal(sy_interval_above(&ctx, SY_SCALE_CUBE_ROOT, 0, NAN, 20, 0.1, &t, &p), SY_OK);
    assert_true(isnan(t) && isnan(p));
    assert_int_equal(sy_interval_above(&ctx, SY_SCALE_CUBE_ROOT, 0.1, 0, 20, 0.1, &t, &p), SY_OK);
    assert_true(isnan(p));
    sy_context_free(&ctx);
}

static void scales_are_those_of_parts_of_variance(void **state)
{
    (void)state;
    static const int squared[SY_N_METRICS] = {[SY_SHARE] = 1, [SY_ALONE] = 1, [SY_UNIQUE] = 1};
    for (int metric = 0; metric < SY_N_METRICS; metric++)
        assert_int_equal(sy_interval_scale(metric), squared[metric] ? SY_SCALE_CUBE_ROOT : SY_SCALE_IDENTITY);
    for (int metric = 0; metric < SY_N_METRICS; metric++)
        assert_int_equal(sy_interval_scale_normal(metric), squared[metric] ? SY_SCALE_ATANH_SQRT : SY_SCALE_IDENTITY);
}

static void refused(const sy_context *ctx, sy_status status, const char *name)
{
    assert_int_equal(status, SY_EINVAL);
    if (strncmp(ctx->message, name, strlen(name)) != 0) fail_msg("\"%s\" does not begin with %s", ctx->message, name);
}

static void arguments_out_of_range_are_named(void **state)
{
    (void)state;
    static const double pair[2] = {0.2, 0.1}, impossible[4] = {1, 2, 2, 1}, minus = -0.1;
    const sy_scale share = SY_SCALE_CUBE_ROOT;
    sy_context ctx;
    sy_comparison c;
    sy_answer answer = SY_UNDECIDED;
    double low = 0, high = 0;
    sy_context_init(&ctx);
    refused(&ctx, sy_interval_limits(&ctx, share, 0.2, 0.1, 9, 1, &low, &high), "level = 1:");
    refused(&ctx, sy_interval_limits(&ctx, share, 0.2, 0.1, 9, NAN, &low, &high), "level = ");
    refused(&ctx, sy_interval_limits(&ctx, share, -0.1, 0.1, 9, 0.9, &low, &high), "estimate = -0.1:");
    refused(&ctx, sy_interval_limits(&ctx, share, 1.1, 0.1, 9, 0.9, &low, &high), "estimate = 1.1:");
    refused(&ctx, sy_interval_limits(&ctx, share, 0.2, -1, 9, 0.9, &low, &high), "standard error = -1:");
    refused(&ctx, sy_interval_limits(&ctx, share, 0.2, 0.1, 0, 0.9, &low, &high), "df = 0:");
    refused(&ctx, sy_interval_difference(&ctx, pair, impossible, 9, 0.9, &c), "covariance:");
    refused(&ctx, sy_interval_difference(&ctx, pair, impossible, 9, 0, &c), "level = 0:");
    refused(&ctx, sy_interval_percentile(&ctx, 0, replicates, 0.9, 0, 7, &low, &high), "replicates = 0:");
    refused(&ctx, sy_interval_percentile(&ctx, 12, replicates, 0.9, 1, 1, &low, &high), "units = 1:");
    refused(&ctx, sy_interval_percentile(&ctx, 12, replicates, 2, 0, 7, &low, &high), "level = 2:");
    refused(&ctx, sy_interval_at_most(&ctx, 0, estimates, errors, dfs, share, 0.1, 0.95, &answer, &low, &high),
            "quantities = 0:");
    refused(&ctx, sy_interval_at_most(&ctx, 3, estimates, errors, dfs, share, NAN, 0.95, &answer, &low, &high),
            "bound = nan:");
    refused(&ctx, sy_interval_at_most(&ctx, 1, &minus, errors, dfs, share, 0.1, 0.95, &answer, &low, &high),
            "estimate = -0.1:");
    refused(&ctx, sy_interval_above(&ctx, share, 0.2, 0.1, 9, 1.5, &low, &high), "bound = 1.5:");
    refused(&ctx, sy_interval_above(&ctx, share, 0.2, 0.1, 9, NAN, &low, &high), "bound is NaN");
    refused(&ctx, sy_interval_above(&ctx, share, -0.1, 0.1, 9, 0.5, &low, &high), "estimate = -0.1:");
    sy_context_free(&ctx);
}

static sy_status percentile_job(void *arg, void *answer)
{
    (void)arg;
    sy_context ctx;
    double limits[2] = {0, 0};
    sy_context_init(&ctx);
    const sy_status status = sy_interval_percentile(&ctx, 12, replicates, 0.9, 0, 7, &limits[0], &limits[1]);
    if (status >= 0) memcpy(answer, limits, sizeof limits);
    sy_context_free(&ctx);
    return status;
}

static void percentile_survives_failing_memory(void **state)
{
    (void)state;
    assert_true(syi_survives_failing(percentile_job, NULL, 2 * sizeof(double)) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(share_limits_match_r),
        cmocka_unit_test(normal_theory_limits_are_fishers),
        cmocka_unit_test(a_lower_limit_below_zero_is_zero),
        cmocka_unit_test(rounding_outside_zero_and_one_is_taken_off),
        cmocka_unit_test(missing_in_is_missing_out),
        cmocka_unit_test(limits_hold_the_estimate_and_widen_with_the_level),
        cmocka_unit_test(difference_matches_r),
        cmocka_unit_test(difference_without_spread_is_certain_or_missing),
        cmocka_unit_test(percentiles_are_type_7_of_what_was_computed),
        cmocka_unit_test(percentiles_of_one_or_of_none),
        cmocka_unit_test(at_most_takes_the_largest_limit_each_way),
        cmocka_unit_test(one_quantity_at_most_is_its_one_sided_limit),
        cmocka_unit_test(above_is_the_test_whose_limit_is_the_bound),
        cmocka_unit_test(scales_are_those_of_parts_of_variance),
        cmocka_unit_test(arguments_out_of_range_are_named),
        cmocka_unit_test(percentile_survives_failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
