/* A = L L' by rows: the inner products run over two rows of L that lie one after
 * the other in memory. Conditions: digits are lost with the condition of A;
 * columns of unlike size should be scaled before. Cost: k^3 / 6 multiply-adds.
 * Golub & Van Loan 2013, Matrix Computations, section 4.2.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include <math.h>
#include <stddef.h>

int syi_cholesky_plain(int k, double *a, double least)
{
    for (int i = 0; i < k; i++) {
        double *row = a + (ptrdiff_t)i * k;
        const double whole = row[i];
        for (int j = 0; j <= i; j++) {
            const double *other = a + (ptrdiff_t)j * k;
            double v = row[j];
            for (int c = 0; c < j; c++) v -= row[c] * other[c];
            if (j < i) {
                row[j] = v / other[j];
                continue;
            }
            if (!(v > least * whole) || !(v > 0) || !isfinite(v)) return 0;
            row[i] = sqrt(v);
        }
    }
    return 1;
}

void syi_cholesky_plain_forward(int k, const double *l, double *x)
{
    for (int i = 0; i < k; i++) {
        const double *row = l + (ptrdiff_t)i * k;
        double v = x[i];
        for (int c = 0; c < i; c++) v -= row[c] * x[c];
        x[i] = v / row[i];
    }
}

void syi_cholesky_plain_back(int k, const double *l, double *x)
{
    for (int i = k - 1; i >= 0; i--) {
        const double *row = l + (ptrdiff_t)i * k;
        x[i] /= row[i];
        for (int c = 0; c < i; c++) x[c] -= row[c] * x[i];
    }
}

void syi_cholesky_plain_root(int k, const double *l, double *root)
{
    for (int i = 0; i < k; i++) {
        const double *row = l + (ptrdiff_t)i * k;
        double *out = root + (ptrdiff_t)i * k;
        for (int j = 0; j < k; j++) out[j] = i == j;
        for (int c = 0; c < i; c++) {
            const double f = row[c], *above = root + (ptrdiff_t)c * k;
            for (int j = 0; j <= c; j++) out[j] -= f * above[j];
        }
        for (int j = 0; j <= i; j++) out[j] /= row[i];
    }
}

void syi_cholesky_plain_inverse(int k, const double *root, double *inverse)
{
    for (int i = 0; i < k * k; i++) inverse[i] = 0;
    for (int c = 0; c < k; c++) {
        const double *row = root + (ptrdiff_t)c * k;
        for (int i = 0; i <= c; i++)
            for (int j = 0; j <= i; j++) inverse[(ptrdiff_t)i * k + j] += row[i] * row[j];
    }
    for (int i = 0; i < k; i++)
        for (int j = 0; j < i; j++) inverse[(ptrdiff_t)j * k + i] = inverse[(ptrdiff_t)i * k + j];
}
