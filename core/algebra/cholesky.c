/* Cholesky factor, its solve, the diagonal of the inverse, and the extreme
 * eigenvalues of a small symmetric matrix.
 *
 * A = L L' row by row: l_ij = (a_ij - sum_{m<j} l_im l_jm) / l_jj and
 * l_ii^2 = a_ii - sum_{m<i} l_im^2. That last difference is the pivot, the
 * residual sum of squares of column i given the columns before it; a column
 * whose pivot is below what rounding of the data can produce is aliased, and
 * its row and column of L stay zero. Conditions: A symmetric positive
 * semi-definite. Double-double, because a pivot of relative size 1/VIF is a
 * difference that costs log10(VIF) digits. Cost: factor k^3 / 3, inverse
 * diagonal k^3 / 6, solve k^2 multiply-adds; eigenvalues about 20 k^3.
 * Golub & Van Loan 2013, Matrix Computations, sections 4.2 and 8.5; Higham
 * 2002, doi:10.1137/1.9780898718027, chapter 10; Demmel & Veselic 1992,
 * doi:10.1137/0613074 (accuracy of Jacobi's method).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_internal.h"

/* start - sum over m < count of x[m] y[m] */
static syi_dd less_dot(syi_dd start, int count, const syi_dd *x, const syi_dd *y)
{
    for (int m = 0; m < count; m++) start = syi_dd_sub(start, syi_dd_mul(x[m], y[m]));
    return start;
}

int syi_cholesky(int k, syi_dd *a, const double *floor_, int *aliased)
{
    int rank = 0;
    for (int i = 0; i < k; i++) {
        syi_dd *row = a + (ptrdiff_t)i * k;
        const double diagonal = row[i].hi;
        for (int j = 0; j < i; j++) {
            const syi_dd *above = a + (ptrdiff_t)j * k;
            row[j] = aliased[j] ? syi_dd_of(0) : syi_dd_div(less_dot(row[j], j, row, above), above[j]);
        }
        const syi_dd pivot = less_dot(row[i], i, row, row);
        aliased[i] = !(pivot.hi > 0 && pivot.hi >= floor_[i] * diagonal);
        row[i] = syi_dd_sqrt(pivot);
        rank += !aliased[i];
        for (int j = 0; aliased[i] && j <= i; j++) row[j] = syi_dd_of(0);
    }
    for (int i = 0; i < k; i++) {
        for (int j = i + 1; j < k; j++) a[(ptrdiff_t)i * k + j] = syi_dd_of(0);
    }
    return rank;
}

void syi_cholesky_inverse_diagonal(int k, const syi_dd *l, const int *aliased, syi_dd *work, double *diagonal)
{
    for (int j = 0; j < k; j++) {
        if (aliased[j]) {
            diagonal[j] = NAN;
            continue;
        }
        syi_dd *column = work + (ptrdiff_t)j * k, sum = syi_dd_of(0);
        for (int i = j; i < k; i++) {
            const syi_dd *row = l + (ptrdiff_t)i * k;
            column[i] = syi_dd_of(0);
            if (aliased[i]) continue;
            const syi_dd rest = less_dot(syi_dd_of(i == j), i - j, row + j, column + j);
            column[i] = syi_dd_div(rest, row[i]);
            sum = syi_dd_add(sum, syi_dd_mul(column[i], column[i]));
        }
        diagonal[j] = syi_dd_round(sum);
    }
}

void syi_cholesky_solve(int k, const syi_dd *l, const int *aliased, syi_dd *b)
{
    for (int i = 0; i < k; i++) {
        const syi_dd *row = l + (ptrdiff_t)i * k;
        b[i] = aliased[i] ? syi_dd_of(0) : syi_dd_div(less_dot(b[i], i, row, b), row[i]);
    }
    for (int i = k - 1; i >= 0; i--) {
        if (aliased[i]) continue;
        syi_dd rest = b[i];
        for (int m = i + 1; m < k; m++) rest = syi_dd_sub(rest, syi_dd_mul(l[(ptrdiff_t)m * k + i], b[m]));
        b[i] = syi_dd_div(rest, l[(ptrdiff_t)i * k + i]);
    }
}

/* One rotation that makes a[p][q] zero. */
static void rotate(int k, double *a, int p, int q)
{
    double *row_p = a + (ptrdiff_t)p * k, *row_q = a + (ptrdiff_t)q * k;
    const double off = row_p[q], half = (row_q[q] - row_p[p]) / (2 * off);
    const double t = (half < 0 ? -1 : 1) / (fabs(half) + hypot(half, 1)), c = 1 / sqrt(t * t + 1), s = t * c;
    row_p[p] -= t * off;
    row_q[q] += t * off;
    row_p[q] = row_q[p] = 0;
    for (int m = 0; m < k; m++) {
        if (m == p || m == q) continue;
        const double x = row_p[m], y = row_q[m];
        row_p[m] = a[(ptrdiff_t)m * k + p] = c * x - s * y;
        row_q[m] = a[(ptrdiff_t)m * k + q] = s * x + c * y;
    }
}

void syi_symmetric_extremes(int k, double *a, double *least, double *greatest)
{
    enum { SWEEPS = 40 }; /* convergence is quadratic: six to ten are enough */
    double scale = 0;
    for (ptrdiff_t i = 0; i < (ptrdiff_t)k * k; i++) scale = fmax(scale, fabs(a[i]));
    int active = k > 1 && scale > 0;
    for (int sweep = 0; active && sweep < SWEEPS; sweep++) {
        active = 0;
        for (int p = 0; p < k; p++) {
            for (int q = p + 1; q < k; q++) {
                if (!(fabs(a[(ptrdiff_t)p * k + q]) > 1e-18 * scale)) continue;
                rotate(k, a, p, q);
                active = 1;
            }
        }
    }
    *least = *greatest = a[0];
    for (int i = 1; i < k; i++) {
        *least = fmin(*least, a[(ptrdiff_t)i * (k + 1)]);
        *greatest = fmax(*greatest, a[(ptrdiff_t)i * (k + 1)]);
    }
}
