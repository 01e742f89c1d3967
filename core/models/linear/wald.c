/* The Wald statistic b' V^- b of chosen coefficients, scaled to unit variances and
 * factored in double-double; where V is singular (fewer clusters than
 * coefficients) what adds nothing is left out and the rank says so.
 * Cost: count^3 / 6.
 * Wald 1943, doi:10.1090/S0002-9947-1943-0012401-3.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/linear/wald_internal.h"
#include <math.h>

sy_status syi_wald_init(sy_context *ctx, int p, const double *coefficient, const double *covariance, syi_wald *w)
{
    const size_t n = (size_t)p;
    *w = (syi_wald){.p = p, .coefficient = coefficient, .covariance = covariance};
    w->column = syi_alloc(2 * n, sizeof *w->column);
    w->floor_ = syi_alloc(n, sizeof *w->floor_);
    w->v = syi_alloc(n * n + n, sizeof *w->v);
    if (!w->column || !w->floor_ || !w->v) return syi_fail(ctx, SY_ENOMEM, "anova: out of memory for %d columns", p);
    w->aliased = w->column + n;
    w->x = w->v + n * n;
    return SY_OK;
}

void syi_wald_free(syi_wald *w)
{
    SYI_FREE(w->column);
    SYI_FREE(w->floor_);
    SYI_FREE(w->v);
}

/* W of the first `count` columns of the order, scaled to unit variances; the
 * rank of their covariance in *rank. */
double syi_wald_statistic(syi_wald *w, int count, int *rank)
{
    const size_t p = (size_t)w->p, n = (size_t)count;
    for (size_t i = 0; i < n; i++) {
        const size_t a = (size_t)w->column[i];
        const double own = sqrt(w->covariance[a * p + a]);
        w->floor_[i] = 1e-14 * count;
        w->x[i] = own > 0 ? syi_dd_div(syi_dd_of(w->coefficient[a]), syi_dd_of(own)) : syi_dd_of(0);
        for (size_t j = 0; j <= i; j++) {
            const size_t b = (size_t)w->column[j];
            const double other = sqrt(w->covariance[b * p + b]);
            const syi_dd both = syi_two_product(own, other);
            w->v[i * n + j] = both.hi > 0 ? syi_dd_div(syi_dd_of(w->covariance[a * p + b]), both) : syi_dd_of(0);
            w->v[j * n + i] = w->v[i * n + j];
        }
    }
    *rank = syi_cholesky(count, w->v, w->floor_, w->aliased);
    syi_dd sum = syi_dd_of(0);
    for (size_t i = 0; i < n; i++) { /* forward substitution alone: |L^-1 x|^2 */
        if (w->aliased[i]) {
            w->x[i] = syi_dd_of(0);
            continue;
        }
        for (size_t k = 0; k < i; k++) w->x[i] = syi_dd_sub(w->x[i], syi_dd_mul(w->v[i * n + k], w->x[k]));
        w->x[i] = syi_dd_div(w->x[i], w->v[i * n + i]);
        sum = syi_dd_add(sum, syi_dd_mul(w->x[i], w->x[i]));
    }
    return syi_dd_round(sum);
}
