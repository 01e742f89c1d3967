/* Gauss-Hermite quadrature: integrals in closed form and a table.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "failing_internal.h"

#include "algebra/hermite_internal.h"
#include <math.h>

static const double root_pi = 1.77245385090551602730;

/* The integral of exp(-x^2) x^(2m) is sqrt(pi) (2m - 1)!! / 2^m. */
static void polynomials_below_twice_the_points_are_exact(void **state)
{
    (void)state;
    static const int sizes[] = {1, 2, 3, 5, 10, 21, 50, 100};
    for (int s = 0; s < 8; s++) {
        const int n = sizes[s];
        double x[SYI_HERMITE_MOST], share[SYI_HERMITE_MOST], exact = root_pi;
        syi_hermite(n, x, share);
        for (int m = 0; m < n && m < 20; m++) {
            double sum = 0, odd = 0;
            for (int i = 0; i < n; i++) {
                const double w = share[i] * exp(-x[i] * x[i]);
                sum += w * pow(x[i], 2 * m);
                odd += w * pow(x[i], 2 * m + 1);
            }
            assert_true(fabs(sum / exact - 1) < 1e-12); /* roundings of 100 terms, x^40 among them */
            assert_true(fabs(odd / exact) < 1e-12);
            exact *= (2 * m + 1) / 2.;
        }
    }
}

/* Abramowitz & Stegun 1964, table 25.10. */
static void points_are_those_of_the_table(void **state)
{
    (void)state;
    double x[10], share[10];
    syi_hermite(3, x, share);
    assert_true(fabs(x[2] - 1.224744871391589) < 1e-15 && x[1] == 0);
    assert_true(fabs(share[1] - 1.181635900603677) < 1e-14);
    assert_true(fabs(share[2] - 1.323931175213644) < 1e-14);
    syi_hermite(10, x, share);
    assert_true(fabs(x[9] - 3.436159118837738) < 4e-15);
    assert_true(fabs(share[9] - 1.0254516913657) < 1e-12);
    assert_true(fabs(x[5] - 0.342901327223705) < 1e-15);
    assert_true(fabs(share[5] - 0.6870818539513) < 1e-12);
}

static void points_are_symmetric_to_the_bit_and_increase(void **state)
{
    (void)state;
    for (int n = 1; n <= SYI_HERMITE_MOST; n++) {
        double x[SYI_HERMITE_MOST], share[SYI_HERMITE_MOST];
        syi_hermite(n, x, share);
        for (int i = 0; i < n; i++) {
            assert_true(x[i] == -x[n - 1 - i] && share[i] > 0);
            assert_true(i == 0 || x[i] > x[i - 1]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(polynomials_below_twice_the_points_are_exact),
        cmocka_unit_test(points_are_those_of_the_table),
        cmocka_unit_test(points_are_symmetric_to_the_bit_and_increase),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
