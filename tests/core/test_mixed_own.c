/* A group's own effect from the shrunken one: by hand, back again, none.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "steelyard.h"
#include <math.h>

/* Own 2 with variance 1, effects vary by 4: shrunken 2 * 4/5 = 1.6, its variance 1 / (1/4 + 1) = .8. */
static void own_effect_by_hand(void **state)
{
    double own, error;
    (void)state;
    assert_true(sy_mixed_own(1.6, sqrt(0.8), 4, &own, &error));
    assert_true(fabs(own - 2) < 1e-14 && fabs(error - 1) < 1e-14); /* rounding of sqrt(.8) */
}

static void shrinking_the_own_effect_gives_the_shrunken_one(void **state)
{
    (void)state;
    for (int i = 1; i < 60; i++)
        for (int j = 1; j < 60; j++) {
            const double variance = 0.01 * i * i, error = sqrt(variance) * (j / 60.0), shrunken = 0.3 * (i - 2 * j);
            double own, own_error;
            assert_true(sy_mixed_own(shrunken, error, variance, &own, &own_error));
            const double v = own_error * own_error, back = own * variance / (variance + v);
            /* t^2 - s^2 loses up to a factor 30 of the last digit at s = 59/60 t */
            assert_true(fabs(back - shrunken) <= 1e-13 * (1 + fabs(shrunken)));
            assert_true(fabs(1 / (1 / variance + 1 / v) - error * error) <= 1e-13 * error * error);
        }
}

static void rows_that_say_nothing_have_no_own_effect(void **state)
{
    static const double none[][2] = {{1, 1}, {1.2, 1}, {0, 1}, {0.5, 0}, {NAN, 1}, {0.5, NAN}, {0.5, INFINITY}};
    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        double own, error;
        assert_false(sy_mixed_own(1, none[i][0], none[i][1], &own, &error));
        assert_true(isnan(own) && isnan(error));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_effect_by_hand),
        cmocka_unit_test(shrinking_the_own_effect_gives_the_shrunken_one),
        cmocka_unit_test(rows_that_say_nothing_have_no_own_effect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
