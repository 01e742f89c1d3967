/* Eigenvalues, eigenvectors and the square root of a small symmetric matrix.
 *
 * Cyclic Jacobi: for p < q, row by row, the rotation in the plane (p, q) that
 * makes a_pq zero, until a whole sweep finds nothing above rounding. With A = V'
 * diag(lambda) V the symmetric root is V' diag(sqrt(lambda)) V: of all roots the
 * one that does not depend on the order of the columns. Why Jacobi: the order of
 * operations is fixed, so the bits are, and small eigenvalues of a positive
 * definite matrix keep their digits; a triangular reduction is faster from some
 * hundred columns on, which a correlation matrix of predictors hardly has.
 * Doubles for the extremes, which only decide whether a printed matrix is one;
 * double-double for the root, because sqrt(lambda) of a nearly collinear set
 * loses half the digits of lambda. Cost: six to ten sweeps of 2 k^3 multiply-adds,
 * 4 k^3 with vectors.
 * Golub & Van Loan 2013, Matrix Computations, section 8.5; Demmel & Veselic 1992,
 * doi:10.1137/0613074 (accuracy).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/eigen_internal.h"
#include "base/parallel_internal.h"

enum { SWEEPS = 40 }; /* convergence is quadratic: six to ten are enough */

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

sy_status syi_symmetric_extremes(sy_context *ctx, int k, double *a, double *least, double *greatest)
{
    double scale = 0;
    for (ptrdiff_t i = 0; i < (ptrdiff_t)k * k; i++) scale = fmax(scale, fabs(a[i]));
    int active = k > 1 && scale > 0;
    for (int sweep = 0; active && sweep < SWEEPS; sweep++) {
        active = 0;
        for (int p = 0; p < k; p++) {
            if (syi_serial_stopped(ctx)) return SY_EINTR;
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
    return SY_OK;
}

typedef struct {
    syi_dd t, c, s; /* tangent, cosine, sine */
} turn;

/* t is the smaller root of t^2 + 2 half t - 1. */
static turn turn_of(syi_dd pp, syi_dd qq, syi_dd off)
{
    const syi_dd half = syi_dd_div(syi_dd_sub(qq, pp), syi_dd_mul_d(off, 2)), one = syi_dd_of(1);
    const syi_dd size = half.hi < 0 ? syi_dd_neg(half) : half;
    const syi_dd t = syi_dd_div(one, syi_dd_add(size, syi_dd_sqrt(syi_dd_add(syi_dd_mul(half, half), one))));
    turn r = {.t = half.hi < 0 ? syi_dd_neg(t) : t};
    r.c = syi_dd_div(one, syi_dd_sqrt(syi_dd_add(syi_dd_mul(t, t), one)));
    r.s = syi_dd_mul(r.t, r.c);
    return r;
}

/* (x, y) becomes (c x - s y, s x + c y). */
static void turn_pair(const turn *r, syi_dd *x, syi_dd *y)
{
    const syi_dd a = *x, b = *y;
    *x = syi_dd_sub(syi_dd_mul(r->c, a), syi_dd_mul(r->s, b));
    *y = syi_dd_add(syi_dd_mul(r->s, a), syi_dd_mul(r->c, b));
}

static void rotate_twofold(int k, syi_dd *a, syi_dd *vectors, int p, int q)
{
    syi_dd *row_p = a + (ptrdiff_t)p * k, *row_q = a + (ptrdiff_t)q * k;
    const turn r = turn_of(row_p[p], row_q[q], row_p[q]);
    const syi_dd moved = syi_dd_mul(r.t, row_p[q]);
    row_p[p] = syi_dd_sub(row_p[p], moved);
    row_q[q] = syi_dd_add(row_q[q], moved);
    row_p[q] = row_q[p] = syi_dd_of(0);
    for (int m = 0; m < k; m++) {
        turn_pair(&r, vectors + (ptrdiff_t)p * k + m, vectors + (ptrdiff_t)q * k + m);
        if (m == p || m == q) continue;
        turn_pair(&r, row_p + m, row_q + m);
        a[(ptrdiff_t)m * k + p] = row_p[m];
        a[(ptrdiff_t)m * k + q] = row_q[m];
    }
}

sy_status syi_symmetric_eigen(sy_context *ctx, int k, syi_dd *a, syi_dd *vectors)
{
    double scale = 0;
    for (ptrdiff_t i = 0; i < (ptrdiff_t)k * k; i++) {
        scale = fmax(scale, fabs(a[i].hi));
        vectors[i] = syi_dd_of(i % (k + 1) == 0);
    }
    int active = scale > 0;
    for (int sweep = 0; active && sweep < SWEEPS; sweep++) {
        active = 0;
        for (int p = 0; p < k; p++) {
            if (syi_serial_stopped(ctx)) return SY_EINTR;
            for (int q = p + 1; q < k; q++) {
                if (!(fabs(a[(ptrdiff_t)p * k + q].hi) > 0x1p-108 * scale)) continue;
                rotate_twofold(k, a, vectors, p, q);
                active = 1;
            }
        }
    }
    return SY_OK;
}

sy_status syi_symmetric_root(sy_context *ctx, int k, syi_dd *a, syi_dd *work, syi_dd *root)
{
    const sy_status status = syi_symmetric_eigen(ctx, k, a, work);
    if (status) return status;
    for (int m = 0; m < k; m++) a[(ptrdiff_t)m * (k + 1)] = syi_dd_sqrt(a[(ptrdiff_t)m * (k + 1)]);
    for (int i = 0; i < k; i++) {
        if (syi_serial_stopped(ctx)) return SY_EINTR;
        for (int j = i; j < k; j++) {
            syi_dd sum = syi_dd_of(0);
            for (int m = 0; m < k; m++) {
                const syi_dd *vector = work + (ptrdiff_t)m * k;
                const syi_dd term = syi_dd_mul(a[(ptrdiff_t)m * (k + 1)], syi_dd_mul(vector[i], vector[j]));
                sum = syi_dd_add(sum, term);
            }
            root[(ptrdiff_t)i * k + j] = root[(ptrdiff_t)j * k + i] = sum;
        }
    }
    return SY_OK;
}
