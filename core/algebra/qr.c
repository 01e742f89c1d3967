/* Least squares from rows by Householder reflections, in double and in
 * double-double.
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
 * the condition, where cross-products lose its square; in double-double every
 * certified digit of NIST's linear sets comes out. Cost: 2 n p^2 multiply-adds,
 * 15 times as long in double-double.
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

static syi_dd dot_twofold(ptrdiff_t n, const syi_dd *x, const syi_dd *y)
{
    syi_dd sum = syi_dd_of(0);
    for (ptrdiff_t i = 0; i < n; i++) sum = syi_dd_add(sum, syi_dd_mul(x[i], y[i]));
    return sum;
}

/* Makes the reflection of column[0..n-1] in place (v below the first place,
 * alpha in it) and returns tau. */
static syi_dd reflect_twofold(ptrdiff_t n, syi_dd *column, syi_dd length)
{
    const syi_dd alpha = column[0].hi > 0 ? syi_dd_neg(length) : length;
    const syi_dd first = syi_dd_sub(column[0], alpha);
    for (ptrdiff_t i = 1; i < n; i++) column[i] = syi_dd_div(column[i], first);
    column[0] = alpha;
    return syi_dd_neg(syi_dd_div(first, alpha));
}

static void apply_twofold(ptrdiff_t n, const syi_dd *v, syi_dd tau, syi_dd *target)
{
    const syi_dd along = syi_dd_add(target[0], dot_twofold(n - 1, v + 1, target + 1));
    const syi_dd step = syi_dd_neg(syi_dd_mul(tau, along));
    target[0] = syi_dd_add(target[0], step);
    for (ptrdiff_t i = 1; i < n; i++) target[i] = syi_dd_add(target[i], syi_dd_mul(step, v[i]));
}

/* Scales a column by a power of two; {its length, its exponent}. */
static syi_dd prepare_twofold(ptrdiff_t n, syi_dd *column)
{
    double largest = 0;
    for (ptrdiff_t i = 0; i < n; i++) largest = fmax(largest, fabs(column[i].hi));
    const int e = exponent_of(largest);
    for (ptrdiff_t i = 0; i < n; i++) column[i] = scaled(column[i], -e);
    return (syi_dd){syi_dd_sqrt(dot_twofold(n, column, column)).hi, e};
}

/* Back substitution over the columns in use; x still in scaled units. */
static void back_twofold(int p, const syi_dd *r, const int *aliased, syi_dd *x)
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
    for (int j = 0; j < p; j++) size[j] = prepare_twofold(n, a + j * n);
    const int eb = (int)prepare_twofold(n, b).lo;
    for (int j = 0; j < p; j++) {
        syi_dd *column = a + j * n + rank, *row = r + (ptrdiff_t)j * p;
        const syi_dd length = rank < n ? syi_dd_sqrt(dot_twofold(n - rank, column, column)) : syi_dd_of(0);
        for (int k = 0; k < p; k++) row[k] = x[j] = syi_dd_of(0);
        aliased[j] = !(length.hi > 0 && length.hi >= sqrt(floor_[j]) * size[j].hi);
        if (aliased[j]) continue;
        const syi_dd tau = reflect_twofold(n - rank, column, length);
        row[j] = column[0];
        for (int k = j + 1; k < p; k++) {
            apply_twofold(n - rank, column, tau, a + k * n + rank);
            row[k] = a[k * n + rank];
        }
        apply_twofold(n - rank, column, tau, b + rank);
        x[j] = b[rank++];
    }
    back_twofold(p, r, aliased, x);
    for (int j = 0; j < p; j++) {
        const int e = (int)size[j].lo;
        x[j] = scaled(x[j], eb - e);
        for (int i = 0; i <= j; i++) r[(ptrdiff_t)i * p + j] = scaled(r[(ptrdiff_t)i * p + j], e);
    }
    *rss = scaled(dot_twofold(n - rank, b + rank, b + rank), 2 * eb);
    return (int)rank;
}

static double dot_double(ptrdiff_t n, const double *x, const double *y)
{
    double sum = 0;
    for (ptrdiff_t i = 0; i < n; i++) sum += x[i] * y[i];
    return sum;
}

static double reflect_double(ptrdiff_t n, double *column, double length)
{
    const double alpha = column[0] > 0 ? -length : length, first = column[0] - alpha;
    for (ptrdiff_t i = 1; i < n; i++) column[i] /= first;
    column[0] = alpha;
    return -first / alpha;
}

static void apply_double(ptrdiff_t n, const double *v, double tau, double *target)
{
    const double step = -tau * (target[0] + dot_double(n - 1, v + 1, target + 1));
    target[0] += step;
    for (ptrdiff_t i = 1; i < n; i++) target[i] += step * v[i];
}

/* Scales a column by a power of two; its length and exponent. */
static double prepare_double(ptrdiff_t n, double *column, int *e)
{
    double largest = 0;
    for (ptrdiff_t i = 0; i < n; i++) largest = fmax(largest, fabs(column[i]));
    *e = exponent_of(largest);
    for (ptrdiff_t i = 0; i < n; i++) column[i] = ldexp(column[i], -*e);
    return sqrt(dot_double(n, column, column));
}

static void back_double(int p, const double *r, const int *aliased, double *x)
{
    for (int j = p - 1; j >= 0; j--) {
        const double *row = r + (ptrdiff_t)j * p;
        if (aliased[j]) {
            x[j] = 0;
            continue;
        }
        for (int k = j + 1; k < p; k++) x[j] -= row[k] * x[k];
        x[j] /= row[j];
    }
}

int syi_qr_double(ptrdiff_t n, int p, double *a, double *b, const double *floor_, int *aliased, double *x, double *rss,
                  double *r, double *work)
{
    double *size = work, *exponent = work + n;
    ptrdiff_t rank = 0;
    int e = 0, eb = 0;
    for (int j = 0; j < p; j++) {
        size[j] = prepare_double(n, a + j * n, &e);
        exponent[j] = e;
    }
    prepare_double(n, b, &eb);
    for (int j = 0; j < p; j++) {
        double *column = a + j * n + rank, *row = r + (ptrdiff_t)j * p;
        const double length = rank < n ? sqrt(dot_double(n - rank, column, column)) : 0;
        for (int k = 0; k < p; k++) row[k] = x[j] = 0;
        aliased[j] = !(length > 0 && length >= sqrt(floor_[j]) * size[j]);
        if (aliased[j]) continue;
        const double tau = reflect_double(n - rank, column, length);
        row[j] = column[0];
        for (int k = j + 1; k < p; k++) {
            apply_double(n - rank, column, tau, a + k * n + rank);
            row[k] = a[k * n + rank];
        }
        apply_double(n - rank, column, tau, b + rank);
        x[j] = b[rank++];
    }
    back_double(p, r, aliased, x);
    for (int j = 0; j < p; j++) {
        e = (int)exponent[j];
        x[j] = ldexp(x[j], eb - e);
        for (int i = 0; i <= j; i++) r[(ptrdiff_t)i * p + j] = ldexp(r[(ptrdiff_t)i * p + j], e);
    }
    *rss = ldexp(dot_double(n - rank, b + rank, b + rank), 2 * eb);
    return (int)rank;
}
