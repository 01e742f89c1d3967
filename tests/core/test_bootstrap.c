/* Limits from replicates and summaries of leave-one-out values: formulas by
 * hand, the reference family bootstrap, refusals.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "base/random_internal.h"
#include "cases.h"
#include "steelyard/bootstrap.h"
#include "study/quantile_internal.h"
#include <math.h>
#include <stdio.h>

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%.17g, expected %.17g within %g", found, expected, tolerance);
}

static int ascending(const void *a, const void *b)
{
    const double d = *(const double *)a - *(const double *)b;
    return (d > 0) - (d < 0);
}

/* The readable twin: sort, then interpolate. 0: the same two order statistics
 * by the same operations. */
static void quantiles_are_those_of_sorted_values(void **state)
{
    (void)state;
    syi_stream s;
    syi_stream_init(&s, 5, 0, 0);
    for (int trial = 0; trial < 2000; trial++) {
        double x[60], sorted[60];
        const int n = 1 + (int)syi_stream_below(&s, 60), ties = trial % 2;
        for (int i = 0; i < n; i++) x[i] = sorted[i] = ties ? (double)syi_stream_below(&s, 5) : syi_stream_normal(&s);
        qsort(sorted, (size_t)n, sizeof *sorted, ascending);
        const double p = trial % 7 == 0 ? 1 : syi_stream_uniform(&s), place = (n - 1) * p;
        const int below = (int)floor(place), above = below + 1 < n ? below + 1 : below;
        const double expected = sorted[below] + (place - below) * (sorted[above] - sorted[below]);
        assert_near(syi_quantile(n, x, p), expected, 0);
    }
}

/* 1, 2, .., 999 in a mixed order: percentiles are their places. */
static void ladder(double *x)
{
    for (int i = 0; i < 999; i++) x[i] = (double)((i * 355) % 999 + 1);
}

static void basic_limits_are_twice_the_estimate_less_percentiles(void **state)
{
    (void)state;
    double x[999], low, high;
    sy_context ctx;
    sy_context_init(&ctx);
    ladder(x);
    assert_int_equal(sy_interval_basic(&ctx, SY_SCALE_IDENTITY, 999, x, 400, 0.9, &low, &high), SY_OK);
    /* type 7: place 998 p from 1, so 5 % is 1 + 49.9 and 95 % 1 + 948.1 */
    assert_near(low, 800 - 949.1, 1e-10);
    assert_near(high, 800 - 50.9, 1e-10);
    sy_context_free(&ctx);
}

static void studentised_limits_turn_the_pivots_round(void **state)
{
    (void)state;
    double x[999], low, high;
    sy_context ctx;
    sy_context_init(&ctx);
    ladder(x);
    for (int i = 0; i < 999; i++) x[i] = (x[i] - 700) / 100;
    assert_int_equal(sy_interval_studentised(&ctx, SY_SCALE_IDENTITY, 999, x, 10, 2, 0.9, &low, &high), SY_OK);
    assert_near(low, 10 - 2 * (949.1 - 700) / 100, 1e-12);
    assert_near(high, 10 - 2 * (50.9 - 700) / 100, 1e-12);
    sy_context_free(&ctx);
}

/* Without bias and skewness BCa is the percentile interval. With z0 from 600 and a
 * half of 999 below, a = 0.05 and level 0.95 (mpmath, 20 digits):
 *   z0 = Phi^-1(600.5 / 999) = 0.256198, percentiles 0.0944533 and 0.9970069. */
static void bca_moves_the_percentiles_by_bias_and_acceleration(void **state)
{
    (void)state;
    double x[999], low, high;
    sy_context ctx;
    sy_context_init(&ctx);
    ladder(x);
    assert_int_equal(sy_interval_bca(&ctx, 999, x, 500, 0, 0.9, &low, &high), SY_OK);
    assert_near(low, 50.9, 1e-9);
    assert_near(high, 949.1, 1e-9);
    assert_int_equal(sy_interval_bca(&ctx, 999, x, 601, 0.05, 0.95, &low, &high), SY_OK);
    assert_near(low, 95.264421215570791, 1e-9);
    assert_near(high, 996.01283833654672, 1e-9);
    sy_context_free(&ctx);
}

static void what_has_no_answer_is_left_out(void **state)
{
    (void)state;
    double x[999], some[1200], low, high, part_low, part_high;
    sy_context ctx;
    sy_context_init(&ctx);
    ladder(x);
    for (int i = 0; i < 1200; i++) some[i] = i % 6 == 5 || i / 6 * 5 + i % 6 >= 999 ? NAN : x[i / 6 * 5 + i % 6];
    assert_int_equal(sy_interval_bca(&ctx, 999, x, 430, 0.02, 0.95, &low, &high), SY_OK);
    assert_int_equal(sy_interval_bca(&ctx, 1200, some, 430, 0.02, 0.95, &part_low, &part_high), SY_OK);
    assert_near(part_low, low, 0);
    assert_near(part_high, high, 0);
    for (int i = 0; i < 1200; i++) some[i] = NAN;
    assert_int_equal(sy_interval_basic(&ctx, SY_SCALE_IDENTITY, 1200, some, 1, 0.95, &low, &high), SY_OK);
    assert_true(isnan(low) && isnan(high));
    sy_context_free(&ctx);
}

static void the_probability_is_the_part_of_pairs_above(void **state)
{
    (void)state;
    const double first[] = {3, 1, NAN, 5, 2}, second[] = {2, 2, 0, 4, 2};
    double probability;
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(sy_replicates_above(&ctx, 5, first, second, &probability), SY_OK);
    assert_near(probability, 0.5, 0);
    sy_context_free(&ctx);
}

/* A quantity of the city case, and its tolerance. */
static double reference(const char *quantity, double *tolerance)
{
    record r;
    double value = NAN;
    FILE *file = open_cases();
    while (isnan(value) && read_record(file, &r))
        if (!strcmp(r.field[CASE_NAME], "S27_city_jackknife") && !strcmp(r.field[CASE_QUANTITY], quantity)) {
            value = strtod(r.field[CASE_EXPECTED], NULL);
            *tolerance = strtod(r.field[CASE_TOLERANCE], NULL);
        }
    fclose(file);
    if (isnan(value)) fail_msg("no quantity %s", quantity);
    return value;
}

static void assert_reference(const char *quantity, double found)
{
    double tolerance = 0;
    const double expected = reference(quantity, &tolerance);
    assert_near(found, expected, tolerance * fabs(expected));
}

static int read_city(double *u, double *x)
{
    record r;
    int n = 0;
    FILE *file = open_table("tests/reference/data/city.csv", &r);
    for (; n < 20 && read_record(file, &r); n++) {
        u[n] = strtod(r.field[0], NULL);
        x[n] = strtod(r.field[1], NULL);
    }
    fclose(file);
    return n;
}

/* The ratio of two populations [Efron 1982; Davison & Hinkley 1997, table 1.3]. */
static void the_city_ratio_has_its_published_jackknife(void **state)
{
    (void)state;
    double u[20], x[20], left_out[20], influence[20], all_u = 0, all_x = 0;
    const int n = read_city(u, x);
    for (int i = 0; i < n; i++) all_u += u[i], all_x += x[i];
    const double theta = all_x / all_u;
    for (int i = 0; i < n; i++) {
        left_out[i] = (all_x - x[i]) / (all_u - u[i]);
        influence[i] = (x[i] - theta * u[i]) / (all_u / n);
    }
    sy_resampled jackknife, linear;
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(sy_jackknife_summary(&ctx, n, left_out, theta, &jackknife), SY_OK);
    assert_int_equal(sy_influence_summary(&ctx, n, influence, &linear), SY_OK);
    assert_reference("theta", theta);
    assert_reference("jack_bias", jackknife.bias);
    assert_reference("jack_se", jackknife.std_error);
    assert_reference("accel_jack", jackknife.acceleration);
    assert_reference("infl_se", linear.std_error);
    assert_reference("accel_inf", linear.acceleration);
    assert_true(isnan(linear.bias));
    sy_context_free(&ctx);
}

static void refusals_name_the_argument(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3};
    double low, high;
    sy_resampled summary;
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(sy_interval_basic(&ctx, SY_SCALE_IDENTITY, 3, x, 1, 1, &low, &high), SY_EINVAL);
    assert_string_equal(ctx.message, "level = 1: a number between 0 and 1, both excluded, is needed");
    assert_int_equal(sy_interval_bca(&ctx, 1, x, 1, 0, 0.95, &low, &high), SY_EINVAL);
    assert_string_equal(ctx.message, "replicates = 1: 2 or more are needed");
    assert_int_equal(sy_interval_studentised(&ctx, SY_SCALE_IDENTITY, 0, x, 1, 1, 0.95, &low, &high), SY_EINVAL);
    assert_int_equal(sy_jackknife_summary(&ctx, 1, x, 1, &summary), SY_EINVAL);
    assert_string_equal(ctx.message, "left_out = 1 values: 2 or more are needed");
    assert_int_equal(sy_influence_summary(&ctx, 0, x, &summary), SY_EINVAL);
    assert_int_equal(sy_replicates_above(&ctx, 1, x, x, &low), SY_EINVAL);
    sy_context_free(&ctx);
}

static sy_status all_kinds(void *arg, void *answer)
{
    double *out = answer;
    sy_context ctx;
    sy_context_init(&ctx);
    sy_status status = sy_interval_basic(&ctx, SY_SCALE_IDENTITY, 999, arg, 400, 0.9, &out[0], &out[1]);
    if (!status) status = sy_interval_bca(&ctx, 999, arg, 400, 0.1, 0.9, &out[2], &out[3]);
    if (!status) status = sy_interval_studentised(&ctx, SY_SCALE_IDENTITY, 999, arg, 1, 2, 0.9, &out[4], &out[5]);
    sy_context_free(&ctx);
    return status;
}

static void memory_running_out_anywhere_is_survived(void **state)
{
    (void)state;
    double x[999];
    ladder(x);
    assert_int_equal(syi_survives_failing(all_kinds, x, 6 * sizeof(double)), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_those_of_sorted_values),
        cmocka_unit_test(basic_limits_are_twice_the_estimate_less_percentiles),
        cmocka_unit_test(studentised_limits_turn_the_pivots_round),
        cmocka_unit_test(bca_moves_the_percentiles_by_bias_and_acceleration),
        cmocka_unit_test(what_has_no_answer_is_left_out),
        cmocka_unit_test(the_probability_is_the_part_of_pairs_above),
        cmocka_unit_test(the_city_ratio_has_its_published_jackknife),
        cmocka_unit_test(refusals_name_the_argument),
        cmocka_unit_test(memory_running_out_anywhere_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
