/* Gauss-Hermite quadrature.
 *
 * The nodes are the zeros of the Hermite function of order n,
 *   psi_0 = pi^(-1/4) exp(-x^2 / 2), psi_(j+1) = sqrt(2 / (j + 1)) x psi_j - sqrt(j / (j + 1)) psi_(j-1),
 * and w exp(x^2) = 1 / sum over j < n of psi_j(x)^2. Those of order m lie between
 * those of order m - 1 and in +-sqrt(2 m + 1), which brackets each; Newton's method
 * within the bracket, psi_m' = sqrt(2 m) psi_(m-1) - x psi_m. Cost: n^3 times a few.
 * Reference: Golub & Welsch 1969, 10.2307/2004418 (the rule); Szego 1975, section 6.31 (bounds of the zeros)
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/hermite_internal.h"
#include <math.h>

/* psi_n(x), with psi_(n-1)(x) and the sum of squares of those below n. */
static double hermite_function(int n, double x, double *before, double *squares)
{
    double now = 0.75112554446494248286 * exp(-x * x / 2), last = 0;
    *squares = 0;
    for (int j = 0; j < n; j++) {
        const double next = sqrt(2. / (j + 1)) * x * now - sqrt((double)j / (j + 1)) * last;
        *squares += now * now;
        last = now;
        now = next;
    }
    *before = last;
    return now;
}

/* The zero of psi_n between low and high. */
static double zero_between(int n, double low, double high)
{
    double before, squares, x = (low + high) / 2;
    const int rising = hermite_function(n, high, &before, &squares) > 0;
    for (int i = 0; i < 200; i++) {
        const double value = hermite_function(n, x, &before, &squares);
        if ((value > 0) == rising) high = x;
        else low = x;
        const double slope = sqrt(2. * n) * before - x * value;
        double next = x - value / slope;
        if (!(next > low && next < high)) next = (low + high) / 2;
        if (fabs(next - x) <= 1e-16 * (1 + fabs(x))) return next;
        x = next;
    }
    return x;
}

void syi_hermite(int n, double *x, double *share)
{
    double last[SYI_HERMITE_MOST + 2], before;
    for (int m = 1; m <= n; m++) {
        last[0] = -sqrt(2. * m + 1);
        for (int i = 1; i < m; i++) last[i] = x[i - 1];
        last[m] = -last[0];
        for (int i = 0; i < m; i++) x[i] = 2 * i + 1 == m ? 0 : zero_between(m, last[i], last[i + 1]);
        for (int i = 0; i < m / 2; i++) {
            x[i] = (x[i] - x[m - 1 - i]) / 2;
            x[m - 1 - i] = -x[i];
        }
    }
    for (int i = 0; i < n; i++) {
        hermite_function(n, x[i], &before, &share[i]);
        share[i] = 1 / share[i];
    }
}
