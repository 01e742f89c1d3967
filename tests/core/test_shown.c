/* Decimals by a standard error: worked rows, powers of ten, the ends.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "steelyard.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* GUM 7.2.6: 10.057 62 ohm with an uncertainty of 27 milliohm is 10.058. */
static void gum_example_is_rounded_as_printed_there(void **state)
{
    (void)state;
    char text[32];
    snprintf(text, sizeof text, "%.*f", sy_shown_decimals(0.027), 10.05762);
    assert_string_equal(text, "10.058");
}

static void errors_give_decimals_worked_by_hand(void **state)
{
    (void)state;
    static const struct {
        double error;
        int decimals;
    } rows[] = {{0.0123, 3}, {0.0996, 2}, {0.0994, 3}, {0.1, 2},   {0.01, 3},     {0.001, 4},   {1, 1},     {9.96, 0},
                {9.94, 1},   {12.3, 0},   {99.6, 0},   {1234, 0},  {0.00456, 4},  {0.5, 2},     {0.95, 2},  {0.996, 1},
                {1e-6, 7},   {1.2e-7, 8}, {1e-12, 8},  {1e300, 0}, {0.000996, 4}, {0.00994, 4}, {5e-324, 8}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (sy_shown_decimals(rows[i].error) != rows[i].decimals)
            fail_msg("%g: %d decimals, expected %d", rows[i].error, sy_shown_decimals(rows[i].error), rows[i].decimals);
}

static void no_error_gives_no_decimals(void **state)
{
    (void)state;
    const double none[] = {NAN, 0, -0.0, -0.1, HUGE_VAL, -HUGE_VAL};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) assert_int_equal(sy_shown_decimals(none[i]), -1);
}

/* Digits counted in the printed error itself, over eight powers of ten. */
static void printed_error_has_two_significant_digits(void **state)
{
    (void)state;
    for (int e = -7; e < 1; e++)
        for (int k = 100; k < 1000; k++) {
            const double error = k * pow(10, e - 2);
            const int decimals = sy_shown_decimals(error);
            char text[64];
            int digits = 0, begun = 0;
            snprintf(text, sizeof text, "%.*f", decimals, error);
            for (const char *c = text; *c; c++) {
                if (*c == '.') continue;
                begun = begun || *c != '0';
                digits += begun;
            }
            if (digits != 2 && !(decimals == SY_MOST_DECIMALS || (decimals == 0 && digits >= 1)))
                fail_msg("%.17g is printed as %s", error, text);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gum_example_is_rounded_as_printed_there),
        cmocka_unit_test(errors_give_decimals_worked_by_hand),
        cmocka_unit_test(no_error_gives_no_decimals),
        cmocka_unit_test(printed_error_has_two_significant_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
