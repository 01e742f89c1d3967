/* Least squares from rows by Householder reflections, in double-double.
 *
 * Column after column, H = I - tau v v' with v_1 = 1 turns what is left of the
 * column into (alpha, 0, ..., 0), alpha = -sign(a_1) |a|, tau = 1 - a_1 / alpha,
 * v = a / (a_1 - alpha) below the first; H is applied to the columns to the
 * right and to the right side. A column whose remaining length is below
 * sqrt(floor) of its original length lies in the span of those before it: it is
 * passed over and the next one is turned onto the same row. x from R x = c by
 * back substitution, the residual sum of squares from the rows below.
 * Conditions: n >= p. Columns are scaled by powers of two beforehand and back
 * afterwards, which rounds nothing and keeps squares (and the low halves of
 * products) from under- and overflow. Why reflections: backward stable whatever
 * the condition, where cross-products lose its square; every certified digit of
 * NIST's linear sets comes out. Cost: 2 n p^2 multiply-adds, each 15 times as
 * long as in double.
 * Golub & Van Loan 2013, Matrix Computations, section 5.3; Higham 2002,
 * doi:10.1137/1.9780898718027, chapter 19.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/qr_internal.h"

/* The power of two that brings `largest` into [1/2, 1); 0 for no power needed. */
static int exponent_of(double largest)
{
    int e = 0;
    if (largest > 0 && isfinite(largest)) frexp(largest, &e);
    return e;
}

static syi_dd scaled(syi_dd a, int e)
{
    return (syi_dd){ldexp(a.hi, e), ldexp(a.lo, e)};
}

static syi_dd dot(ptrdiff_t n, const syi_dd *x, const syi_dd *y)
{
    syi_dd sum = syi_dd_of(0);
    for (ptrdiff_t i = 0; i < n; i++) sum = syi_dd_add(sum, syi_dd_mul(x[i], y[i]));
    return sum;
}

/* Makes the reflection of column[0..n-1] in place (v below the first place,
 * alpha in it) and returns tau. */
static syi_dd reflect(ptrdiff_t n, syi_dd *column, syi_dd length)
{
    const syi_dd alpha = column[0].hi > 0 ? syi_dd_neg(length) : length;
    const syi_dd first = syi_dd_sub(column[0], alpha);
    for (ptrdiff_t i = 1; i < n; i++) column[i] = syi_dd_div(column[i], first);
    column[0] = alpha;
    return syi_dd_neg(syi_dd_div(first, alpha));
}

static void apply(ptrdiff_t n, const syi_dd *v, syi_dd tau, syi_dd *target)
{
    const syi_dd along = syi_dd_add(target[0], dot(n - 1, v + 1, target + 1));
    const syi_dd step = syi_dd_neg(syi_dd_mul(tau, along));
    target[0] = syi_dd_add(target[0], step);
    for (ptrdiff_t i = 1; i < n; i++) target[i] = syi_dd_add(target[i], syi_dd_mul(step, v[i]));
}

/* Scales a column by a power of two; {its length, its exponent}. */
static syi_dd prepare(ptrdiff_t n, syi_dd *column)
{
    double largest = 0;
    for (ptrdiff_t i = 0; i < n; i++) largest = fmax(largest, fabs(column[i].hi));
    const int e = exponent_of(largest);
    for (ptrdiff_t i = 0; i < n; i++) column[i] = scaled(column[i], -e);
    return (syi_dd){syi_dd_sqrt(dot(n, column, column)).hi, e};
}

/* Back substitution over the columns in use; x still in scaled units. */
static void back_substitute(int p, const syi_dd *r, const int *aliased, syi_dd *x)
{
    for (int j = p - 1; j >= 0; j--) {
        const syi_dd *row = r + (ptrdiff_t)j * p;
        if (aliased[j]) {
            x[j] = syi_dd_of(0);
            continue;
        }
        for (int k = j + 1; k < p; k++) x[j] = syi_dd_sub(x[j], syi_dd_mul(row[k], x[k]));
        x[j] = syi_dd_div(x[j], row[j]);
    }
}

int syi_qr_twofold(ptrdiff_t n, int p, syi_dd *a, syi_dd *b, const double *floor_, int *aliased, syi_dd *x, syi_dd *rss,
                   syi_dd *r, syi_dd *work)
{
    syi_dd *size = work; /* length and exponent of each column */
    ptrdiff_t rank = 0;
    for (int j = 0; j < p; j++) size[j] = prepare(n, a + j * n);
    const int eb = (int)prepare(n, b).lo;
    for (int j = 0; j < p; j++) {
        syi_dd *column = a + j * n + rank, *row = r + (ptrdiff_t)j * p;
        const syi_dd length = rank < n ? syi_dd_sqrt(dot(n - rank, column, column)) : syi_dd_of(0);
        for (int k = 0; k < p; k++) row[k] = x[j] = syi_dd_of(0);
        aliased[j] = !(length.hi > 0 && length.hi >= sqrt(floor_[j]) * size[j].hi);
        if (aliased[j]) continue;
        const syi_dd tau = reflect(n - rank, column, length);
        row[j] = column[0];
        for (int k = j + 1; k < p; k++) {
            apply(n - rank, column, tau, a + k * n + rank);
            row[k] = a[k * n + rank];
        }
        apply(n - rank, column, tau, b + rank);
        x[j] = b[rank++];
    }
    back_substitute(p, r, aliased, x);
    for (int j = 0; j < p; j++) {
        const int e = (int)size[j].lo;
        x[j] = scaled(x[j], eb - e);
        for (int i = 0; i <= j; i++) r[(ptrdiff_t)i * p + j] = scaled(r[(ptrdiff_t)i * p + j], e);
    }
    *rss = scaled(dot(n - rank, b + rank, b + rank), 2 * eb);
    return (int)rank;
}
