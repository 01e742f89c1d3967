/* Decimal reading.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/twofold_internal.h"
#include "base/random_internal.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static void the_least_number_of_places_is_found(void **state)
{
    (void)state;
    const double whole[] = {3, -7, 0, 1e15, NAN, INFINITY}, two[] = {1.25, -0.5, 3, 1e12};
    const double fifteen[] = {0.123456789012345};
    assert_int_equal(syi_decimal_places(whole, 6), 0);
    assert_int_equal(syi_decimal_places(two, 4), 2);
    assert_int_equal(syi_decimal_places(fifteen, 1), 15);
    assert_int_equal(syi_decimal_places(NULL, 0), 0);
}

static void what_is_no_decimal_is_left_alone(void **state)
{
    (void)state;
    const double third[] = {0.5, 1.0 / 3}, root[] = {sqrt(2)}, tiny[] = {1e-300}, huge[] = {1e16};
    assert_int_equal(syi_decimal_places(third, 2), -1);
    assert_int_equal(syi_decimal_places(root, 1), -1);
    assert_int_equal(syi_decimal_places(tiny, 1), -1);
    assert_int_equal(syi_decimal_places(huge, 1), -1);
    const syi_dd x = syi_decimal_read(1.0 / 3, -1);
    assert_true(x.hi == 1.0 / 3 && x.lo == 0);
}

/* 1e14 has m = 1e15 with one place, but 1e16 with two */
static void a_later_value_can_end_an_earlier_one(void **state)
{
    (void)state;
    const double one[] = {1e14, 0.5}, two[] = {1e14, 0.25};
    assert_int_equal(syi_decimal_places(one, 2), 1);
    assert_int_equal(syi_decimal_places(two, 2), -1);
}

static void pieces_give_what_the_whole_gives(void **state)
{
    (void)state;
    const double x[] = {1, 2.5, 1e14, 0.25}, y[] = {4, 0.125, 8.5, 12};
    double largest = 0;
    int places = 0;
    for (int i = 0; i < 4; i++) places = syi_decimal_places_from(&x[i], 1, places, &largest);
    assert_int_equal(places, -1);
    places = 0;
    largest = 0;
    for (int i = 0; i < 4; i += 2) places = syi_decimal_places_from(&y[i], 2, places, &largest);
    assert_int_equal(places, 3);
    assert_int_equal(syi_decimal_places(y, 4), 3);
}

/* x 10^k must be the whole number again: the residual of hi + lo is that of a
 * quotient of two doubles, u^2 = 1.2e-32 relative, times two roundings. */
static void a_decimal_is_read_to_thirty_one_digits(void **state)
{
    (void)state;
    syi_stream s;
    syi_stream_init(&s, 3, 0, 0);
    for (int i = 0; i < 20000; i++) {
        const int places = 1 + (int)syi_stream_below(&s, 9);
        const double ten = pow(10, places), m = (double)syi_stream_below(&s, 1000000000) - 5e8, x = m / ten;
        const syi_dd v = syi_decimal_read(x, places);
        assert_true(v.hi == x);
        const syi_dd rest = syi_dd_sub(syi_dd_mul_d(v, ten), syi_dd_of(m));
        assert_true(fabs(rest.hi) <= 1e-31 * fabs(m));
    }
}

/* strtod is the reader of decimals; each printed value must be found again. */
static void every_printed_value_reads_back(void **state)
{
    (void)state;
    syi_stream s;
    syi_stream_init(&s, 4, 0, 0);
    for (int i = 0; i < 20000; i++) {
        char text[40];
        const int places = (int)syi_stream_below(&s, 7);
        snprintf(text, sizeof text, "%.*f", places, (syi_stream_uniform(&s) - 0.5) * 1e8);
        const double x = strtod(text, NULL);
        const int found = syi_decimal_places(&x, 1);
        assert_true(found >= 0 && found <= places);
    }
}

static void quotients_and_roots_keep_thirty_digits(void **state)
{
    (void)state;
    syi_stream s;
    syi_stream_init(&s, 5, 0, 0);
    for (int i = 0; i < 5000; i++) {
        const syi_dd a = syi_dd_add(syi_dd_of(syi_stream_uniform(&s)), syi_dd_of(syi_stream_uniform(&s) * 1e-17));
        const syi_dd b = syi_dd_add(syi_dd_of(syi_stream_uniform(&s)), syi_dd_of(syi_stream_uniform(&s) * 1e-17));
        /* 10 u^2 for the quotient and 5 u^2 for the product back: 1.9e-31 */
        const syi_dd back = syi_dd_sub(syi_dd_mul(syi_dd_div(a, b), b), a);
        assert_true(fabs(back.hi) <= 2e-31 * a.hi);
        const syi_dd root = syi_dd_sqrt(a), square = syi_dd_sub(syi_dd_mul(root, root), a);
        assert_true(fabs(square.hi) <= 2e-31 * a.hi);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_least_number_of_places_is_found),    cmocka_unit_test(what_is_no_decimal_is_left_alone),
        cmocka_unit_test(a_later_value_can_end_an_earlier_one),   cmocka_unit_test(pieces_give_what_the_whole_gives),
        cmocka_unit_test(a_decimal_is_read_to_thirty_one_digits), cmocka_unit_test(every_printed_value_reads_back),
        cmocka_unit_test(quotients_and_roots_keep_thirty_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
