/* Fitted values of new rows and their variance.
 *
 * x'b and x'Vx with the columns coded as at the fit, read in double-double, so
 * that the only roundings are those of b and V. A variance within those of V (a
 * cell decided by a cluster that leaves no residuals) is 0. Cost: n p^2 with
 * variances.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/model_internal.h"

static const double LOST = 1e-14; /* 64 roundings of the greatest term, which is on V's diagonal */

typedef struct {
    const syi_model *m;
    const double *coefficient, *covariance;
    double *fitted, *variance;
    double *scratch; /* [workers][2 * p * SYI_TILE] */
} job;

static syi_dd quadratic(const job *j, const double *x, const double *lo, int i)
{
    const int p = j->m->p;
    syi_dd sum = syi_dd_of(0);
    double most = 0;
    for (int a = 0; a < p; a++) {
        syi_dd inner = syi_dd_of(0);
        const syi_dd xa = {x[a * SYI_TILE + i], lo[a * SYI_TILE + i]};
        if (isnan(j->coefficient[a]) || xa.hi == 0) continue;
        for (int b = 0; b < p; b++) {
            const syi_dd xb = {x[b * SYI_TILE + i], lo[b * SYI_TILE + i]};
            if (isnan(j->coefficient[b]) || xb.hi == 0) continue;
            inner = syi_dd_add(inner, syi_dd_mul_d(xb, j->covariance[(ptrdiff_t)a * p + b]));
        }
        sum = syi_dd_add(sum, syi_dd_mul(xa, inner));
        most = fmax(most, xa.hi * xa.hi * j->covariance[(ptrdiff_t)a * (p + 1)]);
    }
    return sum.hi <= LOST * most ? syi_dd_of(0) : sum;
}

static void predict_tile(void *arg, int worker, size_t tile)
{
    const job *j = arg;
    const ptrdiff_t start = (ptrdiff_t)tile * SYI_TILE, left = j->m->design->n - start;
    const ptrdiff_t plane = (ptrdiff_t)j->m->p * SYI_TILE;
    const int len = left < SYI_TILE ? (int)left : SYI_TILE;
    double *x = j->scratch + 2 * plane * worker, *lo = x + plane;
    unsigned char used[SYI_TILE];
    ptrdiff_t row[SYI_TILE] = {0};
    for (int i = 0; i < len; i++) row[i] = start + i;
    syi_model_predictors(j->m, row, len, x, lo, used);
    for (int i = 0; i < len; i++) {
        syi_dd fit = syi_dd_of(0);
        for (int c = 0; c < j->m->p; c++)
            if (!isnan(j->coefficient[c]))
                fit = syi_dd_add(fit,
                                 syi_dd_mul_d((syi_dd){x[c * SYI_TILE + i], lo[c * SYI_TILE + i]}, j->coefficient[c]));
        if (j->fitted) j->fitted[start + i] = used[i] ? syi_dd_round(fit) : (double)NAN;
        if (j->variance) j->variance[start + i] = used[i] ? syi_dd_round(quadratic(j, x, lo, i)) : (double)NAN;
    }
}

sy_status sy_linear_predict(sy_context *ctx, const sy_design *rows, const sy_linear_model *model, int p,
                            const double *coefficient, const double *covariance, double *fitted, double *variance)
{
    syi_enter(ctx);
    sy_linear_model unseen = *model;
    syi_model m = {0};
    unseen.outcome = -1;
    if (model->absorb)
        return syi_fail(ctx, SY_EINVAL,
                        "predict: absorbed levels (%s) have no coefficients; put the factor into the "
                        "model to predict from it",
                        model->absorb->name);
    if (variance && !covariance) return syi_fail(ctx, SY_EINVAL, "covariance: none given; the variance needs it");
    sy_status s = syi_model_open(ctx, rows, &unseen, SY_PRECISION_TWOFOLD, &m);
    if (s < 0) return s;
    if (p != m.p) {
        s = syi_fail(ctx, SY_EINVAL, "coefficients: %d given; the model has %d columns in these rows", p, m.p);
        goto out;
    }
    const size_t n = (size_t)rows->n, tiles = n / SYI_TILE + (n % SYI_TILE != 0);
    const double seconds = (double)n * p * (3e-8 + (variance ? p * 2e-8 : 0));
    const int workers = syi_parallel_workers(ctx, tiles, seconds);
    job j = {&m, coefficient, covariance, fitted, variance, NULL};
    j.scratch = syi_alloc((size_t)workers * 2 * (size_t)m.p, SYI_TILE * sizeof(double));
    if (!j.scratch) s = syi_fail(ctx, SY_ENOMEM, "predict: out of memory for %d columns", m.p);
    else s = syi_parallel(ctx, tiles, seconds, predict_tile, &j);
    SYI_FREE(j.scratch);
out:
    syi_model_free(&m);
    return s;
}
