/* Second derivatives of a mixed model's criterion in theta: the maker's own, or
 * differences of its exact gradients, h^2 the error of the central ones, with
 * h = 1e-5 of theta or of `unit` where theta is smaller. Cost: 2 n_theta gradients.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/mixed/lmm_internal.h"
#include <string.h>

sy_status syi_lmm_differences(sy_context *ctx, const syi_lmm *l, const unsigned char *fixed, const double *theta,
                              const double *unit, double *hessian)
{
    const int m = l->n_theta;
    double *room = syi_alloc(3 * (size_t)m, sizeof *room);
    if (!room) return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d parameters", m);
    double *at = room, *above = room + m, *below = room + 2 * m;
    sy_status s = SY_OK;
    for (int i = 0; i < m && s >= 0; i++) {
        const double h = 1e-5 * fmax(fabs(theta[i]), unit ? unit[i] : 1);
        syi_lmm_value v = {.gradient = above};
        memcpy(at, theta, (size_t)m * sizeof *at);
        const double up = at[i] = theta[i] + h;
        if ((s = l->evaluate(ctx, l, at, fixed, &v)) < 0) break;
        v.gradient = below;
        const double down = at[i] = theta[i] - h;
        if ((s = l->evaluate(ctx, l, at, fixed, &v)) < 0) break;
        for (int j = 0; j < m; j++) hessian[i * m + j] = (above[j] - below[j]) / (up - down);
        s = syi_serial_stopped(ctx);
    }
    for (int i = 0; i < m && s >= 0; i++)
        for (int j = 0; j < i; j++)
            hessian[i * m + j] = hessian[j * m + i] = 0.5 * (hessian[i * m + j] + hessian[j * m + i]);
    SYI_FREE(room);
    return s;
}

sy_status syi_lmm_hessian(sy_context *ctx, const syi_lmm *l, const double *theta, double *hessian)
{
    syi_lmm_value v = {.hessian = hessian};
    return l->derivatives ? l->evaluate(ctx, l, theta, NULL, &v)
                          : syi_lmm_differences(ctx, l, NULL, theta, NULL, hessian);
}
