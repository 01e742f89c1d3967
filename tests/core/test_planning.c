/* Power of a difference and the units it needs: reference numbers, refusals.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "steelyard.h"
#include <math.h>

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%.17g, expected %.17g within %g", found, expected, tolerance);
}

/* R 4.2: power.t.test(type = "one.sample", strict = TRUE). 1e-8: its own tolerance. */
static void power_agrees_with_r(void **state)
{
    (void)state;
    double power, units;
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(sy_power(&ctx, 0.5, 1 / sqrt(20), 20, 20, 0.95, &power), SY_OK);
    assert_near(power, 0.5645044184390839, 1e-8);
    assert_int_equal(sy_power(&ctx, -0.8, 1 / sqrt(40), 40, 6, 0.95, &power), SY_OK);
    assert_near(power, 0.3561737671585032, 1e-8);
    assert_int_equal(sy_units_needed(&ctx, 0.5, 0.1, 100, 0.8, 0.95, &units), SY_OK);
    assert_near(units, 34, 0); /* 33.367 */
    assert_int_equal(sy_units_needed(&ctx, 0.2, 0.2, 25, 0.9, 0.95, &units), SY_OK);
    assert_near(units, 265, 0); /* 264.61 */
    sy_context_free(&ctx);
}

/* The number found is the least: one unit fewer has too little power. */
static void units_needed_are_the_fewest(void **state)
{
    (void)state;
    sy_context ctx;
    sy_context_init(&ctx);
    for (double delta = 0.05; delta < 2; delta *= 1.7) {
        double units, at, below;
        assert_int_equal(sy_units_needed(&ctx, delta, 0.1, 147, 0.8, 0.95, &units), SY_OK);
        assert_int_equal(sy_power(&ctx, delta, 0.1, 147, units, 0.95, &at), SY_OK);
        assert_true(at >= 0.8);
        if (units <= 3) continue;
        assert_int_equal(sy_power(&ctx, delta, 0.1, 147, units - 1, 0.95, &below), SY_OK);
        assert_true(below < 0.8);
    }
    sy_context_free(&ctx);
}

static void refused(sy_context *ctx, sy_status status, sy_status expected, const char *words)
{
    assert_int_equal(status, expected);
    if (!strstr(ctx->message, words)) fail_msg("\"%s\" lacks \"%s\"", ctx->message, words);
}

static void bad_input_is_refused_in_words(void **state)
{
    (void)state;
    sy_context ctx;
    double x;
    sy_context_init(&ctx);
    refused(&ctx, sy_power(&ctx, 0, 1, 20, 20, 0.95, &x), SY_EINVAL, "difference: 0");
    refused(&ctx, sy_power(&ctx, 1, 0, 20, 20, 0.95, &x), SY_EINVAL, "standard error: 0");
    refused(&ctx, sy_power(&ctx, 1, 1, 20, 1, 0.95, &x), SY_EINVAL, "units: 1");
    refused(&ctx, sy_units_needed(&ctx, 1, 1, 20, 1, 0.95, &x), SY_EINVAL, "power: 1");
    refused(&ctx, sy_units_needed(&ctx, 1e-9, 1, 20, 0.8, 0.95, &x), SY_ELIMIT, "so small");
    sy_context_free(&ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(power_agrees_with_r),
        cmocka_unit_test(units_needed_are_the_fewest),
        cmocka_unit_test(bad_input_is_refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
