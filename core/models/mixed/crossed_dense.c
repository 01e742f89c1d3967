/* The dense part of a crossed model: its Cholesky factor, inverse and solves.
 *
 * Lower by rows, which for LAPACK is upper by columns. More than 64 columns go
 * to LAPACK's blocked routines, others to the core's own with fixed bits. The
 * solves are the core's own for any size: inner products over eight partial
 * sums, in a fixed order. Cost: order^3 / 6 multiply-adds, twice that for the
 * inverse.
 * Golub & Van Loan 2013, Matrix Computations, section 4.2.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "base/blas_internal.h"
#include "models/mixed/crossed_internal.h"
#include <string.h>

int syi_crossed_dense_factor(syi_crossed *c)
{
    const ptrdiff_t m = c->order;
    if (m <= SYI_CROSSED_OWN) return syi_cholesky_plain((int)m, c->s, 0) ? 0 : -1;
    if (syi_dpotrf(m, c->s) != 0) return -1;
    for (ptrdiff_t i = 0; i < m; i++)
        if (!isfinite(c->s[i * m + i])) return -1;
    return 0;
}

int syi_crossed_dense_inverse(syi_crossed *c, ptrdiff_t columns)
{
    const ptrdiff_t m = c->order;
    if (m > SYI_CROSSED_OWN) return columns == 0 || syi_dpotri(columns, m, c->s) == 0 ? 0 : -1;
    const int k = (int)columns;
    double *l = c->small, *root = l + k * k, *inverse = root + k * k;
    for (int i = 0; i < k; i++) memcpy(l + i * k, c->s + i * m, (size_t)k * sizeof *l);
    syi_cholesky_plain_root(k, l, root);
    syi_cholesky_plain_inverse(k, root, inverse);
    for (int i = 0; i < k; i++) memcpy(c->s + i * m, inverse + i * k, ((size_t)i + 1) * sizeof *l);
    return 0;
}

double syi_crossed_inner(ptrdiff_t n, const double *a, const double *b)
{
    double sum[8] = {0}, rest = 0;
    ptrdiff_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (int k = 0; k < 8; k++) sum[k] += a[i + k] * b[i + k];
    for (; i < n; i++) rest += a[i] * b[i];
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7])) + rest;
}

void syi_crossed_dense_forward(const syi_crossed *c, double *x)
{
    for (ptrdiff_t i = 0; i < c->order; i++) {
        const double *row = c->s + i * c->order;
        x[i] = (x[i] - syi_crossed_inner(i, row, x)) / row[i];
    }
}

void syi_crossed_dense_back(const syi_crossed *c, double *x)
{
    for (ptrdiff_t i = c->order - 1; i >= 0; i--) {
        const double *row = c->s + i * c->order;
        x[i] /= row[i];
        for (ptrdiff_t k = 0; k < i; k++) x[k] -= row[k] * x[i];
    }
}
