/* SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_internal.h"
#include "base/random_internal.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

enum { K = 6 };
static const double no_floor[K] = {0};

static void gram(int k, int n, uint32_t which, syi_dd *out)
{
    double x[40][K];
    syi_stream s;
    syi_stream_init(&s, 7, which, 0);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < k; j++) x[i][j] = syi_stream_uniform(&s) - 0.3;
    for (int a = 0; a < k; a++) {
        for (int b = 0; b < k; b++) {
            syi_dd sum = syi_dd_of(0);
            for (int i = 0; i < n; i++) sum = syi_dd_add(sum, syi_two_product(x[i][a], x[i][b]));
            out[a * k + b] = sum;
        }
    }
}

static void hilbert(int k, syi_dd *out)
{
    for (int i = 0; i < k; i++)
        for (int j = 0; j < k; j++) out[i * k + j] = syi_dd_div(syi_dd_of(1), syi_dd_of(i + j + 1));
}

/* k products of size up to 10, each off by 5 u^2: 1e-29 leaves a factor of 100. */
static void factor_times_its_transpose_is_the_matrix(void **state)
{
    (void)state;
    for (uint32_t which = 0; which < 20; which++) {
        syi_dd a[K * K], l[K * K];
        int aliased[K];
        gram(K, 40, which, a);
        memcpy(l, a, sizeof a);
        assert_int_equal(syi_cholesky(K, l, no_floor, aliased), K);
        for (int i = 0; i < K; i++) {
            for (int j = 0; j < K; j++) {
                syi_dd sum = syi_dd_neg(a[i * K + j]);
                for (int m = 0; m < K; m++) sum = syi_dd_add(sum, syi_dd_mul(l[i * K + m], l[j * K + m]));
                assert_true(fabs(sum.hi) < 1e-29);
                if (j > i) assert_true(l[i * K + j].hi == 0);
            }
        }
    }
}

/* [[4,12,-16],[12,37,-43],[-16,-43,98]] = L L', L = [[2],[6,1],[-8,5,3]]: whole
 * numbers, so exact. */
static void whole_numbers_factor_exactly(void **state)
{
    (void)state;
    static const double values[9] = {4, 12, -16, 12, 37, -43, -16, -43, 98}, expected[9] = {2, 0, 0, 6, 1, 0, -8, 5, 3};
    syi_dd a[9];
    int aliased[3];
    for (int i = 0; i < 9; i++) a[i] = syi_dd_of(values[i]);
    assert_int_equal(syi_cholesky(3, a, no_floor, aliased), 3);
    for (int i = 0; i < 9; i++) assert_true(a[i].hi == expected[i] && a[i].lo == 0);
}

/* The inverse of the Hilbert matrix of order 5 has the whole diagonal 25, 4800,
 * 79380, 179200, 44100 [Choi 1983, doi:10.2307/2975779]; its condition 5e5
 * leaves 26 of 32 digits, so the doubles are exact. */
static void inverse_diagonal_of_the_hilbert_matrix_is_exact(void **state)
{
    (void)state;
    static const double expected[5] = {25, 4800, 79380, 179200, 44100};
    syi_dd a[25], work[25];
    int aliased[5];
    double diagonal[5];
    hilbert(5, a);
    assert_int_equal(syi_cholesky(5, a, no_floor, aliased), 5);
    syi_cholesky_inverse_diagonal(5, a, aliased, work, diagonal);
    for (int i = 0; i < 5; i++) assert_true(diagonal[i] == expected[i]);
}

static void hilbert_times_ones_solves_to_ones(void **state)
{
    (void)state;
    syi_dd a[K * K], b[K];
    int aliased[K];
    hilbert(K, a);
    for (int i = 0; i < K; i++) {
        b[i] = syi_dd_of(0);
        for (int j = 0; j < K; j++) b[i] = syi_dd_add(b[i], a[i * K + j]);
    }
    assert_int_equal(syi_cholesky(K, a, no_floor, aliased), K);
    syi_cholesky_solve(K, a, aliased, b);
    /* condition 1.5e7 times u^2 = 1.2e-32 times a few k */
    for (int i = 0; i < K; i++) assert_true(fabs(syi_dd_round(syi_dd_sub(b[i], syi_dd_of(1)))) < 1e-23);
}

/* Columns a, b, a + b, c: the third is aliased, the rest is as if it were not
 * there. */
static void an_aliased_column_is_named_and_passed_over(void **state)
{
    (void)state;
    syi_dd g[9], full[16], without[9], work[16], b[4] = {{1, 0}, {2, 0}, {3, 0}, {4, 0}},
                                                 c[3] = {{1, 0}, {2, 0}, {4, 0}};
    static const int of[4][2] = {{0, -1}, {1, -1}, {0, 1}, {2, -1}};
    static const double floors[4] = {1e-25, 1e-25, 1e-25, 1e-25};
    int aliased[4], aliased3[3];
    double diagonal[4], diagonal3[3];
    gram(3, 30, 99, g);
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 4; j++) {
            full[i * 4 + j] = syi_dd_of(0);
            for (int u = 0; u < 2; u++)
                for (int v = 0; v < 2; v++)
                    if (of[i][u] >= 0 && of[j][v] >= 0)
                        full[i * 4 + j] = syi_dd_add(full[i * 4 + j], g[of[i][u] * 3 + of[j][v]]);
        }
    }
    memcpy(without, g, sizeof g);
    assert_int_equal(syi_cholesky(4, full, floors, aliased), 3);
    assert_int_equal(syi_cholesky(3, without, floors, aliased3), 3);
    assert_true(!aliased[0] && !aliased[1] && aliased[2] && !aliased[3]);
    for (int j = 0; j < 4; j++) assert_true(full[2 * 4 + j].hi == 0 && full[j * 4 + 2].hi == 0);
    syi_cholesky_inverse_diagonal(4, full, aliased, work, diagonal);
    syi_cholesky_inverse_diagonal(3, without, aliased3, work, diagonal3);
    assert_true(isnan(diagonal[2]));
    assert_true(diagonal[0] == diagonal3[0] && diagonal[3] == diagonal3[2]);
    syi_cholesky_solve(4, full, aliased, b);
    syi_cholesky_solve(3, without, aliased3, c);
    assert_true(b[2].hi == 0 && b[0].hi == c[0].hi && b[3].hi == c[2].hi);
}

/* A column of VIF 1e20 is not aliased with a floor of 1e-25, and is with one of
 * 1e-15: the decision is the floor's alone. */
static void the_floor_alone_decides(void **state)
{
    (void)state;
    for (int strict = 0; strict < 2; strict++) {
        const syi_dd r = syi_dd_sub(syi_dd_of(1), syi_dd_of(0.5e-20));
        syi_dd a[4] = {{1, 0}, r, r, {1, 0}}, work[4];
        const double floors[2] = {0, strict ? 1e-15 : 1e-25};
        int aliased[2];
        double diagonal[2];
        assert_int_equal(syi_cholesky(2, a, floors, aliased), strict ? 1 : 2);
        syi_cholesky_inverse_diagonal(2, a, aliased, work, diagonal);
        if (strict) assert_true(diagonal[0] == 1 && isnan(diagonal[1]));
        else assert_true(fabs(diagonal[1] / 1e20 - 1) < 1e-11); /* 32 digits less 20 */
    }
}

static void no_columns_have_rank_zero(void **state)
{
    (void)state;
    syi_dd zero = {0, 0};
    int aliased = 7;
    assert_int_equal(syi_cholesky(0, &zero, no_floor, &aliased), 0);
    assert_int_equal(aliased, 7);
    assert_int_equal(syi_cholesky(1, &zero, no_floor, &aliased), 0);
    assert_int_equal(aliased, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factor_times_its_transpose_is_the_matrix),
        cmocka_unit_test(whole_numbers_factor_exactly),
        cmocka_unit_test(inverse_diagonal_of_the_hilbert_matrix_is_exact),
        cmocka_unit_test(hilbert_times_ones_solves_to_ones),
        cmocka_unit_test(an_aliased_column_is_named_and_passed_over),
        cmocka_unit_test(the_floor_alone_decides),
        cmocka_unit_test(no_columns_have_rank_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
