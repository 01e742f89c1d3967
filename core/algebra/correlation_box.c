/* Is there a correlation matrix that rounds to a printed table?
 *
 * Alternating projections between the symmetric matrices with eigenvalues of
 * `least` or more and the box of entries that round to the printed ones [von
 * Neumann 1950; Bauschke & Borwein 1996, doi:10.1137/S0036144593251710; for
 * correlation matrices Higham 2002, doi:10.1093/imanum/22.3.329]. If the two
 * sets meet the iterates run into their meeting; if not, the difference of the
 * projections tends to a W, positive semi-definite, that separates them, and
 *   max over the box of <W, R> / trace W = (<W, R0> + half sum |W_ab|, a <> b) / trace W
 * is what the least eigenvalue cannot exceed anywhere in the box: a proof, not
 * an estimate.
 *
 * Cost: 20 p^3 an iteration, at most 5000 iterations.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/correlation_box_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include <math.h>
#include <string.h>

enum { ITERATIONS = 5000, SWEEPS = 30 };

/* Jacobi: eigenvalues on the diagonal of a, vectors in the rows of v. */
static void eigen(int p, double *a, double *v)
{
    for (int i = 0; i < p * p; i++) v[i] = i % (p + 1) == 0;
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        double off = 0;
        for (int i = 0; i < p; i++)
            for (int j = 0; j < i; j++) off += a[i * p + j] * a[i * p + j];
        if (off < 1e-28) return;
        for (int i = 0; i < p; i++)
            for (int j = 0; j < i; j++) {
                const double x = a[i * p + j];
                if (fabs(x) < 1e-300) continue;
                const double theta = (a[i * p + i] - a[j * p + j]) / (2 * x);
                const double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
                const double c = 1 / sqrt(t * t + 1), s = t * c;
                for (int k = 0; k < p; k++) {
                    const double aj = a[j * p + k], ai = a[i * p + k];
                    a[j * p + k] = c * aj - s * ai;
                    a[i * p + k] = s * aj + c * ai;
                }
                for (int k = 0; k < p; k++) {
                    const double aj = a[k * p + j], ai = a[k * p + i], vj = v[j * p + k], vi = v[i * p + k];
                    a[k * p + j] = c * aj - s * ai;
                    a[k * p + i] = s * aj + c * ai;
                    v[j * p + k] = c * vj - s * vi;
                    v[i * p + k] = s * vj + c * vi;
                }
            }
    }
}

/* to = from with eigenvalues raised to `least`; returns the least there was. */
static double raise(int p, const double *from, double least, double *work, double *v, double *to)
{
    double lowest = INFINITY;
    memcpy(work, from, (size_t)(p * p) * sizeof *work);
    memcpy(to, from, (size_t)(p * p) * sizeof *to);
    eigen(p, work, v);
    for (int e = 0; e < p; e++) {
        const double lambda = work[e * p + e];
        lowest = fmin(lowest, lambda);
        if (!(lambda < least)) continue;
        for (int i = 0; i < p; i++)
            for (int j = 0; j < p; j++) to[i * p + j] += (least - lambda) * v[e * p + i] * v[e * p + j];
    }
    return lowest;
}

static void into_box(int p, const double *r, double half, double *x)
{
    for (int i = 0; i < p; i++)
        for (int j = 0; j < p; j++) {
            const double low = fmax(r[i * p + j] - half, -1), high = fmin(r[i * p + j] + half, 1);
            x[i * p + j] = i == j ? 1 : fmin(fmax(x[i * p + j], low), high);
        }
}

/* What W = raised - boxed says of every matrix in the box. */
static double bound_of(int p, const double *r, double half, const double *raised, const double *boxed)
{
    double value = 0, trace = 0;
    for (int i = 0; i < p; i++)
        for (int j = 0; j < p; j++) {
            const double w = raised[i * p + j] - boxed[i * p + j];
            value += i == j ? w : w * r[i * p + j] + half * fabs(w);
            trace += i == j ? w : 0;
        }
    return trace > 0 ? value / trace : INFINITY;
}

sy_status syi_correlation_box(sy_context *ctx, int p, const double *r, double half, double least, double *nearest,
                              double *bound, syi_box *answer)
{
    const size_t square = (size_t)p * (size_t)p;
    double *raised = syi_alloc(3 * square, sizeof *raised), *work = raised + square, *v = work + square;
    sy_status status = SY_OK;
    *answer = SYI_BOX_UNDECIDED;
    *bound = INFINITY;
    if (!raised) return syi_fail(ctx, SY_ENOMEM, "r: out of memory for %d columns", p);
    memcpy(nearest, r, square * sizeof *nearest);
    into_box(p, r, half, nearest);
    for (int i = 0; i < ITERATIONS && *answer == SYI_BOX_UNDECIDED; i++) {
        /* aimed a little inside, so that the set is reached and not only neared */
        const double lowest = raise(p, nearest, least + 1e-9, work, v, raised);
        if (lowest >= least) {
            *answer = SYI_BOX_FOUND;
            break;
        }
        *bound = bound_of(p, r, half, raised, nearest);
        if (*bound < least) *answer = SYI_BOX_EMPTY;
        memcpy(nearest, raised, square * sizeof *nearest);
        into_box(p, r, half, nearest);
        if (i % 16 == 15 && ctx->poll && ctx->poll(ctx->poll_arg)) {
            status = syi_fail(ctx, SY_EINTR, "stopped by the host");
            break;
        }
    }
    SYI_FREE(raised);
    return status;
}
