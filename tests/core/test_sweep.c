/* SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_internal.h"
#include "algebra/sweep_internal.h"
#include "base/random_internal.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

enum { K = 5 };

static void random_gram(uint32_t which, syi_dd *out)
{
    double x[30][K];
    syi_stream s;
    syi_stream_init(&s, 11, which, 0);
    for (int i = 0; i < 30; i++)
        for (int j = 0; j < K; j++) x[i][j] = syi_stream_uniform(&s) - 0.4;
    for (int a = 0; a < K; a++) {
        for (int b = 0; b < K; b++) {
            out[a * K + b] = syi_dd_of(0);
            for (int i = 0; i < 30; i++) out[a * K + b] = syi_dd_add(out[a * K + b], syi_two_product(x[i][a], x[i][b]));
        }
    }
}

/* Anscombe 1973, first set: Sxx = 110, Sxy = 55.01, Syy = 41.2726909..., so the
 * residual sum of squares is 13.7626900 (R's anscombe: deviance(lm(y1 ~ x1))). */
static void anscombe_leaves_its_residual(void **state)
{
    (void)state;
    static const double x[11] = {10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5};
    static const double y[11] = {8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68};
    double mean = 0, sxy = 0, syy = 0;
    for (int i = 0; i < 11; i++) mean += y[i] / 11;
    for (int i = 0; i < 11; i++) {
        sxy += (x[i] - 9) * (y[i] - mean);
        syy += (y[i] - mean) * (y[i] - mean);
    }
    syi_dd a[4] = {{110, 0}, {sxy, 0}, {sxy, 0}, {syy, 0}};
    int in[2] = {0, 0};
    assert_int_equal(syi_sweep_in(2, a, in, 0, 0), 1);
    assert_true(in[0] == 1 && in[1] == 0);
    assert_true(a[0].hi == 110 && a[1].hi == sxy && a[2].hi == sxy); /* the pivot's row stays */
    assert_true(fabs(a[3].hi - 13.76269) < 1e-12);                   /* printed decimals: exact value 13.76269 */
}

/* The last pivot of a Cholesky factor is the same residual. */
static void all_swept_in_leaves_the_last_cholesky_pivot(void **state)
{
    (void)state;
    static const double floors[K] = {0};
    for (uint32_t which = 0; which < 20; which++) {
        syi_dd a[K * K], l[K * K];
        int in[K] = {0}, aliased[K];
        random_gram(which, a);
        memcpy(l, a, sizeof a);
        syi_cholesky(K, l, floors, aliased);
        for (int j = 0; j < K - 1; j++) assert_int_equal(syi_sweep_in(K, a, in, (j * 3 + (int)which) % (K - 1), 0), 1);
        const syi_dd pivot = syi_dd_mul(l[K * K - 1], l[K * K - 1]);
        assert_true(fabs(syi_dd_round(syi_dd_sub(a[K * K - 1], pivot))) < 1e-28 * pivot.hi);
    }
}

static void what_is_left_stays_symmetric(void **state)
{
    (void)state;
    syi_dd a[K * K];
    int in[K] = {0};
    random_gram(5, a);
    for (int step = 0; step < 3; step++) {
        assert_int_equal(syi_sweep_in(K, a, in, 2 * step % K, 0), 1);
        for (int i = 0; i < K; i++)
            for (int j = 0; j < K; j++)
                if (!in[i] && !in[j]) assert_memory_equal(&a[i * K + j], &a[j * K + i], sizeof *a);
    }
}

static void an_aliased_column_changes_nothing(void **state)
{
    (void)state;
    syi_dd a[9] = {{1, 0}, {2, 0}, {1, 0}, {2, 0}, {4, 0}, {3, 0}, {1, 0}, {3, 0}, {9, 0}}, before[9];
    int in[3] = {0};
    assert_int_equal(syi_sweep_in(3, a, in, 0, 1e-20), 1);
    memcpy(before, a, sizeof a);
    assert_int_equal(syi_sweep_in(3, a, in, 1, 1e-20), 0); /* the second column is twice the first */
    assert_memory_equal(before, a, sizeof a);
    assert_true(in[0] == 1 && in[1] == 0 && in[2] == 0);
    assert_int_equal(syi_sweep_in(3, a, in, 1, 0), 0); /* a zero pivot is no pivot, whatever the floor */
    assert_int_equal(syi_sweep_in(3, a, in, 0, 0), 0); /* what is in adds nothing */
    assert_memory_equal(before, a, sizeof a);
    assert_int_equal(syi_sweep_in(3, a, in, 2, 8.5), 0); /* pivot 8 */
    assert_int_equal(syi_sweep_in(3, a, in, 2, 8), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(anscombe_leaves_its_residual),
        cmocka_unit_test(all_swept_in_leaves_the_last_cholesky_pivot),
        cmocka_unit_test(what_is_left_stays_symmetric),
        cmocka_unit_test(an_aliased_column_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
