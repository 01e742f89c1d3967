/* One factor: identities, closed forms, derivatives by differences.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "frame.h"
#include "study/measurement/one_factor_internal.h"
#include <math.h>

static const double loads[6] = {0.8, 0.7, 0.6, 0.5, 0.75, 0.4};

static void a_matrix_of_one_factor_gives_it_back(void **state)
{
    (void)state;
    enum { K = 5 };
    double s[K * K], loading[K], unique[K];
    static double work[2000];
    syi_one_factor_fit fit;
    assert_true(syi_one_factor_room(K) <= 2000);
    for (int i = 0; i < K; i++)
        for (int j = 0; j < K; j++) s[i * K + j] = loads[i] * loads[j] + (i == j ? 1 - loads[i] * loads[i] : 0);
    assert_true(syi_one_factor(K, s, 0, loading, unique, work, &fit));
    assert_true(fit.converged && fit.discrepancy < 1e-12 && fit.iterations < 20);
    for (int i = 0; i < K; i++) { /* a matrix of one factor gives that factor back */
        near(loading[i], loads[i], 1e-9);
        near(unique[i], 1 - loads[i] * loads[i], 1e-9);
    }
}

/* Three correlations of one factor: loading a = sqrt(r_ab r_ac / r_bc). With .9 .9 .5 that is above 1: the uniqueness
 * of the first is 0, the factor is that variable. */
static void a_heywood_case_is_held_at_zero(void **state)
{
    (void)state;
    double fine[9] = {1, 0.56, 0.48, 0.56, 1, 0.42, 0.48, 0.42, 1};
    double heywood[9] = {1, 0.9, 0.9, 0.9, 1, 0.7, 0.9, 0.7, 1}, loading[3], unique[3], work[500];
    syi_one_factor_fit fit;
    assert_true(syi_one_factor(3, fine, 0, loading, unique, work, &fit));
    near(loading[0], 0.8, 1e-10);
    near(loading[1], 0.7, 1e-10);
    near(unique[2], 1 - 0.36, 1e-10);
    assert_int_equal(fit.boundary, -1);
    assert_true(syi_one_factor(3, heywood, 0, loading, unique, work, &fit));
    assert_true(fit.converged && fit.boundary == 0 && unique[0] == 0);
    near(loading[0], 1, 1e-9);
    near(loading[1], 0.9, 1e-9);
    near(unique[2], 1 - 0.81, 1e-9);
    double none[4] = {1, 1, 1, 1};
    assert_false(syi_one_factor(2, none, 0, loading, unique, work, &fit));
}

/* The slope by each covariance against central differences of the whole search, where one factor does not fit and
 * where a uniqueness is at 0. */
static void slopes_are_differences(void **state)
{
    (void)state;
    enum { K = 4 };
    static const double r[2][K * K] = {{1, 0.5, 0.3, 0.4, 0.5, 1, 0.6, 0.2, 0.3, 0.6, 1, 0.5, 0.4, 0.2, 0.5, 1},
                                       {1, 0.9, 0.85, 0.5, 0.9, 1, 0.6, 0.4, 0.85, 0.6, 1, 0.3, 0.5, 0.4, 0.3, 1}};
    const double by_loading[K] = {1, 2, -1, 0.5}, by_unique[K] = {0.3, -0.7, 1, 2};
    double loading[K], unique[K], slope[K * K], s[K * K];
    static double work[1000];
    syi_one_factor_fit fit;
    for (int c = 0; c < 2; c++) {
        memcpy(s, r[c], sizeof s);
        assert_true(syi_one_factor(K, s, 0, loading, unique, work, &fit));
        assert_int_equal(fit.boundary, c - 1);
        assert_true(syi_one_factor_slope(K, s, loading, unique, by_loading, by_unique, work, slope));
        for (int i = 0; i < K; i++)
            for (int j = 0; j <= i; j++) {
                double side[2];
                for (int e = 0; e < 2; e++) {
                    double l[K], u[K];
                    memcpy(s, r[c], sizeof s);
                    s[i * K + j] += e ? 1e-5 : -1e-5;
                    s[j * K + i] = s[i * K + j];
                    assert_true(syi_one_factor(K, s, 0, l, u, work, &fit));
                    side[e] = 0;
                    for (int a = 0; a < K; a++) side[e] += by_loading[a] * l[a] + by_unique[a] * u[a];
                }
                /* 1e-10 of the search over 2e-5, and the curvature times 1e-10 */
                assert_true(fabs((i == j ? 1 : 2) * slope[i * K + j] - (side[1] - side[0]) / 2e-5) < 2e-5);
            }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_matrix_of_one_factor_gives_it_back),
        cmocka_unit_test(a_heywood_case_is_held_at_zero),
        cmocka_unit_test(slopes_are_differences),
    };
    const char *only = getenv("STEELYARD_TEST");
    if (only) cmocka_set_test_filter(only);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
