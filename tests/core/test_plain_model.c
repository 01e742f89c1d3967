/* The whole model in plain double: by hand, against double-double, refusals.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_internal.h"
#include "base/random_internal.h"
#include "shares/plain_model_internal.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

enum { MOST = 12 };
static const double vif_most = 2000;
static syi_dd centred[MOST * MOST], kept[MOST * MOST], beta[MOST];
static double work[MOST * (MOST + 1)], inverse[MOST], left;

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("%.17g, expected %.17g within %g", found, expected, tolerance);
}

/* Correlation r between both predictors, theirs with the outcome, spreads 2, 3, 4. */
static int three_columns(double r, double first, double second)
{
    const double a[9] = {4, 6 * r, 8 * first, 6 * r, 9, 12 * second, 8 * first, 12 * second, 16};
    for (int i = 0; i < 9; i++) centred[i] = kept[i] = syi_dd_of(a[i]);
    return syi_plain_model(3, vif_most, centred, work, inverse, beta, &left);
}

/* r = .5, .6, .3: VIF 1 / (1 - .25); slopes (.6 - .5 .3) / .75 and (.3 - .5 .6) / .75;
 * R2 = .6 .6. A dozen roundings: 1e-15. */
static void two_predictors_by_hand(void **state)
{
    (void)state;
    assert_true(three_columns(0.5, 0.6, 0.3));
    assert_near(inverse[0], 4.0 / 3, 1e-15);
    assert_near(inverse[1], 4.0 / 3, 1e-15);
    assert_near(beta[0].hi, 0.6, 1e-15);
    assert_near(beta[1].hi, 0, 1e-15);
    assert_near(left, 0.64, 1e-15);
    for (int i = 0; i < 3; i++) assert_true(centred[4 * i].hi == 1);
    assert_near(centred[1].hi, 0.5, 1e-16);
    assert_true(centred[1].hi == centred[3].hi && centred[5].hi == centred[7].hi);
}

/* Chained columns; the nearer to 1 the chain, the more they inflate. */
static void make(int order, double chain, uint32_t which)
{
    double x[200][MOST];
    syi_stream s;
    syi_stream_init(&s, 11, which, 0);
    for (int i = 0; i < 200; i++)
        for (int j = 0; j < order; j++)
            x[i][j] = j ? chain * x[i][j - 1] + sqrt(1 - chain * chain) * syi_stream_normal(&s) : syi_stream_normal(&s);
    for (int a = 0; a < order; a++)
        for (int b = 0; b < order; b++) {
            double sum = 0;
            for (int i = 0; i < 200; i++) sum += x[i][a] * x[i][b];
            centred[a * order + b] = syi_dd_of(sum);
        }
}

/* Errors of order / least pivot roundings: 12 VIF 1.1e-16, a factor of ten kept. */
static void it_agrees_with_double_double(void **state)
{
    static const double chain[] = {0, 0.5, 0.9, 0.99, 0.998};
    double most = 1;
    (void)state;
    for (uint32_t which = 0; which < 50; which++) {
        const int order = 2 + (int)which % (MOST - 1), p = order - 1;
        syi_dd l[MOST * MOST], leading[MOST * MOST], scratch[MOST * MOST], slopes[MOST];
        double floors[MOST] = {0}, expected[MOST], vif = 1;
        int aliased[MOST];
        make(order, chain[which % 5], which);
        assert_true(syi_plain_model(order, vif_most, centred, work, inverse, beta, &left));
        memcpy(l, centred, sizeof l);
        assert_int_equal(syi_cholesky(order, l, floors, aliased), order);
        for (int i = 0; i < p; i++) {
            slopes[i] = centred[i * order + p];
            for (int j = 0; j < p; j++) leading[i * p + j] = l[i * order + j];
        }
        syi_cholesky_inverse_diagonal(p, leading, aliased, scratch, expected);
        syi_cholesky_solve(p, leading, aliased, slopes);
        for (int i = 0; i < p; i++) vif = fmax(vif, expected[i]);
        most = fmax(most, vif);
        for (int i = 0; i < p; i++) {
            assert_near(inverse[i] / expected[i], 1, 1.4e-15 * vif);
            assert_near(beta[i].hi, slopes[i].hi, 1.4e-15 * vif);
        }
        assert_near(left, syi_dd_round(syi_dd_mul(l[order * order - 1], l[order * order - 1])), 1.4e-15 * vif);
    }
    assert_true(most > 100);
}

/* r = .9998: VIF 2500. The matrix is left as it was for the other route. */
static void whatever_is_near_the_guard_is_left_alone(void **state)
{
    (void)state;
    assert_false(three_columns(0.9998, 0.6, 0.6));
    assert_memory_equal(centred, kept, 9 * sizeof *kept);
    assert_false(three_columns(1, 0.6, 0.6));
    assert_memory_equal(centred, kept, 9 * sizeof *kept);
    assert_false(three_columns(NAN, 0.6, 0.6));
    assert_true(three_columns(0.9997, 0.6, 0.6));
    three_columns(0, 0, 0);
    centred[0] = syi_dd_of(0);
    assert_false(syi_plain_model(3, vif_most, centred, work, inverse, beta, &left));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_predictors_by_hand),
        cmocka_unit_test(it_agrees_with_double_double),
        cmocka_unit_test(whatever_is_near_the_guard_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
