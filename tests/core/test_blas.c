/* The Fortran calls: one example by hand each, and sizes that do not fit.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "base/blas_internal.h"
#include <float.h>
#include <limits.h>
#include <math.h>

/* x = (1 4; 2 5; 3 6), x'x = (14 32; 32 77): whole numbers, so exact */
static void cross_products_by_hand(void **state)
{
    (void)state;
    const double x[6] = {1, 2, 3, 4, 5, 6};
    double c[4] = {-1, -1, -1, -1};
    assert_int_equal(syi_dsyrk(3, 2, x, c), 0);
    assert_true(c[0] == 14 && c[2] == 32 && c[3] == 77);
    assert_true(c[1] == -1);
}

static void cross_products_of_no_rows_are_zero(void **state)
{
    (void)state;
    const double x[1] = {0};
    double c[4] = {-1, -1, -1, -1};
    assert_int_equal(syi_dsyrk(0, 2, x, c), 0);
    assert_true(c[0] == 0 && c[2] == 0 && c[3] == 0);
    assert_int_equal(syi_dsyrk(0, 0, x, c), 0);
}

/* (4 2; 2 5) = U'U with U = (2 1; 0 2) */
static void a_factor_by_hand(void **state)
{
    (void)state;
    double a[4] = {4, -1, 2, 5};
    assert_int_equal(syi_dpotrf(2, a), 0);
    assert_true(a[0] == 2 && a[2] == 1 && a[3] == 2);
    assert_true(a[1] == -1);
}

/* U = (2 1; 0 2), U'U = (4 2; 2 5), whose inverse is (5 -2; -2 4) / 16; a third row and column stay as they are */
static void an_inverse_by_hand(void **state)
{
    (void)state;
    double a[9] = {2, -1, -1, 1, 2, -1, 7, 8, 9};
    assert_int_equal(syi_dpotri(2, 3, a), 0);
    assert_true(a[0] == 5.0 / 16 && a[3] == -2.0 / 16 && a[4] == 4.0 / 16);
    assert_true(a[1] == -1 && a[2] == -1 && a[6] == 7 && a[7] == 8 && a[8] == 9);
    a[4] = 0;
    assert_int_equal(syi_dpotri(2, 3, a), 2);
    assert_int_equal(syi_dpotri(4, 3, a), -1);
    assert_int_equal(syi_dpotri(-1, 3, a), -1);
    assert_int_equal(syi_dpotri(1, (ptrdiff_t)INT_MAX + 1, a), -1);
}

static void an_indefinite_matrix_names_the_leading_part_that_fails(void **state)
{
    (void)state;
    double a[9] = {1, 0, 0, 2, 1, 0, 0, 0, 1}; /* (1 2 0; 2 1 0; 0 0 1) */
    assert_int_equal(syi_dpotrf(3, a), 2);
}

static void sizes_past_the_integers_of_blas_are_refused(void **state)
{
    (void)state;
    const double x[1] = {0};
    double c[1] = {7};
    assert_int_equal(syi_dsyrk((ptrdiff_t)INT_MAX + 1, 1, x, c), -1);
    assert_int_equal(syi_dsyrk(1, (ptrdiff_t)INT_MAX + 1, x, c), -1);
    assert_int_equal(syi_dsyrk(-1, 1, x, c), -1);
    assert_int_equal(syi_dpotrf((ptrdiff_t)INT_MAX + 1, c), -1);
    assert_int_equal(syi_dpotrf(-1, c), -1);
    assert_true(c[0] == 7);
}

/* 80 columns of small whole numbers, so that x'x is exact and U'U can be held
 * against it: within (p + 1) eps of the diagonal [Higham 2002, theorem 10.3]. */
static void a_wide_factor_gives_its_matrix_back(void **state)
{
    (void)state;
    enum { N = 90, P = 80 };
    static double x[N * P], c[P * P], u[P * P];
    unsigned number = 1;
    for (int i = 0; i < N * P; i++) {
        number = number * 1103515245u + 12345u;
        x[i] = (double)(number >> 16 & 15u);
    }
    assert_int_equal(syi_dsyrk(N, P, x, c), 0);
    for (int j = 0; j < P; j++)
        for (int i = 0; i <= j; i++) {
            double sum = 0;
            for (int k = 0; k < N; k++) sum += x[i * N + k] * x[j * N + k];
            assert_true(c[j * P + i] == sum);
        }
    memcpy(u, c, sizeof u);
    assert_int_equal(syi_dpotrf(P, u), 0);
    for (int j = 0; j < P; j++)
        for (int i = 0; i <= j; i++) {
            double sum = 0;
            for (int k = 0; k <= i; k++) sum += u[i * P + k] * u[j * P + k];
            assert_true(fabs(sum - c[j * P + i]) <= 2 * (P + 1) * DBL_EPSILON * sqrt(c[i * P + i] * c[j * P + j]));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cross_products_by_hand),
        cmocka_unit_test(cross_products_of_no_rows_are_zero),
        cmocka_unit_test(a_factor_by_hand),
        cmocka_unit_test(an_inverse_by_hand),
        cmocka_unit_test(an_indefinite_matrix_names_the_leading_part_that_fails),
        cmocka_unit_test(a_wide_factor_gives_its_matrix_back),
        cmocka_unit_test(sizes_past_the_integers_of_blas_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
