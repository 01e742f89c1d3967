/* Opening a fitted response model again on its rows.
 *
 * The rows are packed anew and the caller's estimates taken to packed units: no
 * step of Newton's method is made. Cost: one pass.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/response/after_fit_internal.h"
#include <math.h>
#include <string.h>

static const double SINGULAR = 1e-15; /* of a matrix scaled to unit diagonal */

/* Estimates are numbers just where parameters are in use. */
static sy_status check_estimate(sy_context *ctx, const syi_after *a, const double *estimate)
{
    int numbers = 0;
    for (int j = 0; j < a->shape.k - a->unlimited; j++) numbers += !isnan(estimate[j]);
    for (int j = 0; j < a->k; j++)
        if (!isfinite(estimate[a->place[j]]))
            return syi_fail(ctx, SY_EDATA, "estimate: number %d is %g; these rows and this model have one",
                            a->place[j] + 1, estimate[a->place[j]]);
    if (numbers != a->k)
        return syi_fail(ctx, SY_EDATA, "estimate: %d numbers; these rows and this model have %d", numbers, a->k);
    return SY_OK;
}

sy_status syi_after_init(sy_context *ctx, const sy_design *design, const sy_response_model *model, int k,
                         const double *estimate, syi_after *a)
{
    *a = (syi_after){.design = design, .own = *model};
    a->model = &a->own;
    sy_status s = syi_packed_init(ctx, design, model, &a->rows);
    if (s < 0) return s;
    a->shape = a->rows.shape;
    if (k != a->shape.k)
        return syi_fail(ctx, SY_EINVAL, "estimate: %d given; the model has %d parameters", k, a->shape.k);
    a->unlimited = model->kind == SY_RESPONSE_NEGATIVE_BINOMIAL && estimate[k - 1] == HUGE_VAL;
    if (a->unlimited) a->own.kind = SY_RESPONSE_POISSON;
    s = syi_likelihood_of(ctx, &a->rows, a->model, &a->likelihood);
    if (s < 0) return s;
    a->k = a->likelihood.k;
    a->theta = syi_alloc((size_t)a->k + 1, sizeof *a->theta);
    a->place = syi_alloc((size_t)a->k + 1, sizeof *a->place);
    if (!a->theta || !a->place) return syi_fail(ctx, SY_ENOMEM, "response: out of memory for %d parameters", a->k);
    syi_packed_places(&a->rows, a->model, &a->shape, a->place);
    s = check_estimate(ctx, a, estimate);
    return s < 0 ? s : syi_packed_pack(ctx, &a->rows, a->model, &a->shape, estimate, a->theta);
}

void syi_after_free(syi_after *a)
{
    syi_packed_free(&a->rows);
    SYI_FREE(a->theta);
    SYI_FREE(a->place);
}

int syi_information_map(int k, const double *information, double *map, double *inverse, double *scratch)
{
    double *l = scratch, *root = l + (ptrdiff_t)k * k, *unit = root + (ptrdiff_t)k * k;
    for (int i = 0; i < k; i++) {
        const double own = information[(ptrdiff_t)i * (k + 1)];
        if (!(own > 0) || !isfinite(own)) return 0;
        unit[i] = 1 / sqrt(own);
    }
    for (int i = 0; i < k; i++)
        for (int j = 0; j < k; j++) l[(ptrdiff_t)i * k + j] = information[(ptrdiff_t)i * k + j] * unit[i] * unit[j];
    if (!syi_cholesky_plain(k, l, SINGULAR)) return 0;
    syi_cholesky_plain_root(k, l, root);
    for (int i = 0; i < k; i++)
        for (int j = 0; j < k; j++) map[(ptrdiff_t)i * k + j] = unit[i] * root[(ptrdiff_t)j * k + i];
    if (!inverse) return 1;
    syi_cholesky_plain_inverse(k, root, inverse);
    for (int i = 0; i < k; i++)
        for (int j = 0; j < k; j++) inverse[(ptrdiff_t)i * k + j] *= unit[i] * unit[j];
    return 1;
}
