/* The whole model of a replicate whose sums are plain double.
 *
 * Such sums carry roundings of about 1e-15 of the diagonal, so digits past that
 * are not worth their price: cross-products are scaled to unit diagonal and swept
 * in plain double, which costs a tenth of double-double. Conditions: every
 * column has spread, and every pivot and variance inflation factor is far from
 * the guard; anything else is left to the double-double route of shares.c, which
 * decides what is aliased. Cost: order^3 multiply-adds.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/sweep_plain_internal.h"
#include "shares/plain_model_internal.h"
#include <stddef.h>

/* Entry (i, j) over the roots of the diagonal. */
static double scaled(ptrdiff_t n, const syi_dd *centred, const double *root, ptrdiff_t i, ptrdiff_t j)
{
    return i == j ? 1 : centred[i * n + j].hi * (root[i] * root[j]);
}

int syi_plain_model(int order, double vif_most, syi_dd *centred, double *work, double *inverse, syi_dd *beta,
                    double *left)
{
    const ptrdiff_t n = order;
    double *root = work + n * n;
    for (ptrdiff_t i = 0; i < n; i++) {
        const double d = centred[i * n + i].hi;
        if (!(d > 0)) return 0;
        root[i] = 1 / sqrt(d);
    }
    for (ptrdiff_t i = 0; i < n; i++)
        for (ptrdiff_t j = 0; j < n; j++) work[i * n + j] = scaled(n, centred, root, i, j);
    if (!syi_sweep_plain(order, work, 1 / vif_most)) return 0;
    for (ptrdiff_t i = 0; i < n - 1; i++) {
        inverse[i] = work[i * n + i];
        beta[i] = syi_dd_of(work[i * n + n - 1]);
        if (!(inverse[i] <= vif_most)) return 0;
    }
    *left = work[n * n - 1];
    for (ptrdiff_t i = 0; i < n; i++)
        for (ptrdiff_t j = 0; j < n; j++) centred[i * n + j] = syi_dd_of(scaled(n, centred, root, i, j));
    return 1;
}
