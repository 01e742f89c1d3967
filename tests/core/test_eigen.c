/* SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/eigen_internal.h"
#include "base/random_internal.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

enum { K = 7 };

/* Second differences of order k: 2 - 2 cos(j pi / (k + 1)). */
static void extremes_of_the_second_difference_matrix(void **state)
{
    (void)state;
    enum { N = 12 };
    double a[N * N] = {0}, least = 0, greatest = 0;
    for (int i = 0; i < N; i++) {
        a[i * N + i] = 2;
        if (i > 0) a[i * N + i - 1] = a[(i - 1) * N + i] = -1;
    }
    assert_int_equal(syi_symmetric_extremes(NULL, N, a, &least, &greatest), SY_OK);
    const double step = acos(-1.0) / (N + 1);
    /* Jacobi: a few rounding units of the norm 4 */
    assert_true(fabs(least - (2 - 2 * cos(step))) < 1e-14);
    assert_true(fabs(greatest - (2 - 2 * cos(N * step))) < 1e-14);
}

static void extremes_see_a_negative_eigenvalue(void **state)
{
    (void)state;
    double a[9] = {1, 0.9, -0.9, 0.9, 1, 0.9, -0.9, 0.9, 1}, least = 0, greatest = 0;
    assert_int_equal(syi_symmetric_extremes(NULL, 3, a, &least, &greatest), SY_OK);
    assert_true(fabs(least + 0.8) < 1e-15); /* 1 - 2 * 0.9 once, 1 + 0.9 twice */
    assert_true(fabs(greatest - 1.9) < 1e-15);
    double one = -3;
    assert_int_equal(syi_symmetric_extremes(NULL, 1, &one, &least, &greatest), SY_OK);
    assert_true(least == -3 && greatest == -3);
    double zeros[4] = {0};
    assert_int_equal(syi_symmetric_extremes(NULL, 2, zeros, &least, &greatest), SY_OK);
    assert_true(least == 0 && greatest == 0);
}

static void covariance(uint32_t which, syi_dd *out)
{
    double x[30][K];
    syi_stream s;
    syi_stream_init(&s, 21, which, 0);
    for (int i = 0; i < 30; i++)
        for (int j = 0; j < K; j++) x[i][j] = syi_stream_normal(&s) + (j > 0 ? 0.9 * x[i][j - 1] : 0);
    for (int a = 0; a < K; a++)
        for (int b = 0; b < K; b++) {
            out[a * K + b] = syi_dd_of(0);
            for (int i = 0; i < 30; i++) out[a * K + b] = syi_dd_add(out[a * K + b], syi_two_product(x[i][a], x[i][b]));
        }
}

static syi_dd row_product(int k, const syi_dd *x, const syi_dd *y)
{
    syi_dd sum = syi_dd_of(0);
    for (int m = 0; m < k; m++) sum = syi_dd_add(sum, syi_dd_mul(x[m], y[m]));
    return sum;
}

/* The norm is up to 500; 60 rotations of a few u^2 = 1.2e-32 each leave 1e-27. */
static void vectors_are_orthonormal_and_the_matrix_stretches_them(void **state)
{
    (void)state;
    for (uint32_t which = 0; which < 20; which++) {
        syi_dd whole[K * K], a[K * K], vectors[K * K];
        covariance(which, whole);
        memcpy(a, whole, sizeof a);
        assert_int_equal(syi_symmetric_eigen(NULL, K, a, vectors), SY_OK);
        for (int i = 0; i < K; i++) {
            const syi_dd *v = vectors + i * K, lambda = a[i * (K + 1)];
            assert_true(lambda.hi > 0);
            for (int j = 0; j < K; j++) {
                const syi_dd inner = row_product(K, v, vectors + j * K);
                assert_true(fabs(syi_dd_sub(inner, syi_dd_of(i == j)).hi) < 1e-29);
                const syi_dd stretched = row_product(K, whole + j * K, v);
                assert_true(fabs(syi_dd_sub(stretched, syi_dd_mul(lambda, v[j])).hi) < 1e-27);
            }
        }
    }
}

/* [[5,4],[4,5]] has eigenvalues 9 and 1, so the root is [[2,1],[1,2]]. */
static void root_of_a_two_by_two_matrix_by_hand(void **state)
{
    (void)state;
    static const double expected[4] = {2, 1, 1, 2};
    syi_dd a[4] = {{5, 0}, {4, 0}, {4, 0}, {5, 0}}, work[4], root[4];
    assert_int_equal(syi_symmetric_root(NULL, 2, a, work, root), SY_OK);
    for (int i = 0; i < 4; i++) assert_true(fabs(syi_dd_sub(root[i], syi_dd_of(expected[i])).hi) < 1e-30);
    syi_dd nine = {9, 0};
    assert_int_equal(syi_symmetric_root(NULL, 1, &nine, work, root), SY_OK);
    assert_true(root[0].hi == 3 && root[0].lo == 0);
}

/* Entries up to 150, so 1e-27 as above. */
static void root_times_root_is_the_matrix(void **state)
{
    (void)state;
    for (uint32_t which = 0; which < 20; which++) {
        syi_dd whole[K * K], a[K * K], work[K * K], root[K * K];
        covariance(which, whole);
        memcpy(a, whole, sizeof a);
        assert_int_equal(syi_symmetric_root(NULL, K, a, work, root), SY_OK);
        for (int i = 0; i < K; i++)
            for (int j = 0; j < K; j++) {
                const syi_dd product = row_product(K, root + i * K, root + j * K);
                assert_true(fabs(syi_dd_sub(product, whole[i * K + j]).hi) < 1e-27);
                assert_memory_equal(&root[i * K + j], &root[j * K + i], sizeof *root);
            }
    }
}

static void root_does_not_depend_on_the_order_of_columns(void **state)
{
    (void)state;
    syi_dd whole[K * K], a[K * K], turned[K * K], work[K * K], root[K * K], other[K * K];
    covariance(3, whole);
    for (int i = 0; i < K; i++)
        for (int j = 0; j < K; j++) turned[i * K + j] = whole[(K - 1 - i) * K + K - 1 - j];
    memcpy(a, whole, sizeof a);
    assert_int_equal(syi_symmetric_root(NULL, K, a, work, root), SY_OK);
    assert_int_equal(syi_symmetric_root(NULL, K, turned, work, other), SY_OK);
    for (int i = 0; i < K * K; i++) assert_true(fabs(syi_dd_sub(root[i], other[K * K - 1 - i]).hi) < 1e-28);
}

/* Eigenvalues 2 and 0: the root is the matrix over sqrt(2). And -1 counts as 0:
 * [[1,2],[2,1]] has 3 and -1, its root is sqrt(3) times half of ones. */
static void an_eigenvalue_of_zero_or_less_counts_as_zero(void **state)
{
    (void)state;
    syi_dd ones[4] = {{1, 0}, {1, 0}, {1, 0}, {1, 0}}, mixed[4] = {{1, 0}, {2, 0}, {2, 0}, {1, 0}}, work[4], root[4];
    assert_int_equal(syi_symmetric_root(NULL, 2, ones, work, root), SY_OK);
    for (int i = 0; i < 4; i++) assert_true(fabs(syi_dd_round(root[i]) - sqrt(0.5)) < 1e-15);
    assert_int_equal(syi_symmetric_root(NULL, 2, mixed, work, root), SY_OK);
    for (int i = 0; i < 4; i++) assert_true(fabs(syi_dd_round(root[i]) - sqrt(3) / 2) < 1e-15);
    syi_dd nothing[4] = {{0, 0}};
    assert_int_equal(syi_symmetric_root(NULL, 2, nothing, work, root), SY_OK);
    for (int i = 0; i < 4; i++) assert_true(root[i].hi == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extremes_of_the_second_difference_matrix),
        cmocka_unit_test(extremes_see_a_negative_eigenvalue),
        cmocka_unit_test(vectors_are_orthonormal_and_the_matrix_stretches_them),
        cmocka_unit_test(root_of_a_two_by_two_matrix_by_hand),
        cmocka_unit_test(root_times_root_is_the_matrix),
        cmocka_unit_test(root_does_not_depend_on_the_order_of_columns),
        cmocka_unit_test(an_eigenvalue_of_zero_or_less_counts_as_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
