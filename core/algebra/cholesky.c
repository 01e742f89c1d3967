/* Cholesky factor, its solve, and the diagonal of the inverse.
 *
 * A = L L' row by row: l_ij = (a_ij - sum_{m<j} l_im l_jm) / l_jj and
 * l_ii^2 = a_ii - sum_{m<i} l_im^2. That last difference is the pivot, the
 * residual sum of squares of column i given the columns before it; a column
 * whose pivot is below what rounding of the data can produce is aliased, and
 * its row and column of L stay zero. Conditions: A symmetric positive
 * semi-definite. Double-double, because a pivot of relative size 1/VIF is a
 * difference that costs log10(VIF) digits. Cost: factor k^3 / 3, inverse
 * diagonal k^3 / 6, solve k^2 multiply-adds.
 * Golub & Van Loan 2013, Matrix Computations, section 4.2; Higham 2002,
 * doi:10.1137/1.9780898718027, chapter 10.
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
