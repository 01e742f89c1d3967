/* Leaving columns out of a fit without its rows.
 *
 * G = (X'WX)^-1, b the coefficients, J the columns left out, d another one. With
 * G_JJ = L L', u = L^-1 b_J, v = L^-1 G_Jd:
 *     RSS grows by u'u,   G_dd falls by v'v,   b_d falls by v'u.
 * So partial R2 of J with the outcome is u'u / (u'u + RSS), and with d given the
 * other columns v'v / G_dd, because 1 / G_dd is what the others leave of d. Nothing
 * is subtracted from its like but where d is all but told by J.
 * Conditions: J and d not aliased. Cost: q^2 p to gather, q^3 / 6.
 * Searle 1971, Linear Models, section 3.6 (reductions in sums of squares).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "study/confounding/dropped_internal.h"
#include <math.h>

/* A pivot below this part of its diagonal has no digits left. */
static const double LEAST = 1e-14;

static double dot(int n, const double *a, const double *b)
{
    double sum = 0;
    for (int i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

sy_status syi_drop(sy_context *ctx, const sy_fit_left *fit, int coefficient, const int *drop, syi_dropped *out)
{
    const int p = fit->p;
    int *place = syi_alloc((size_t)p + 1, sizeof *place);
    double *root = NULL, *u = NULL, *v = NULL;
    sy_status status = SY_OK;
    int q = 0;
    *out = (syi_dropped){0};
    if (!place) return syi_fail(ctx, SY_ENOMEM, "no room for %d columns", p);
    for (int c = 0; c < p; c++)
        if (drop[c] && !isnan(fit->coefficient[c])) place[q++] = c;
    root = syi_alloc((size_t)q * (size_t)q + 1, sizeof *root);
    u = syi_alloc((size_t)q + 1, sizeof *u);
    v = syi_alloc((size_t)q + 1, sizeof *v);
    if (!root || !u || !v) {
        status = syi_fail(ctx, SY_ENOMEM, "no room for %d columns", q);
        goto out;
    }
    for (int i = 0; i < q; i++) {
        const double *row = fit->inverse + (size_t)place[i] * (size_t)p;
        for (int j = 0; j <= i; j++) root[i * q + j] = row[place[j]];
        u[i] = fit->coefficient[place[i]];
        v[i] = row[coefficient];
    }
    if (!syi_cholesky_plain(q, root, LEAST)) {
        status = syi_fail(ctx, SY_EDATA, "the columns left out are collinear to the last digit");
        goto out;
    }
    syi_cholesky_plain_forward(q, root, u);
    syi_cholesky_plain_forward(q, root, v);
    *out = (syi_dropped){q, dot(q, u, u), dot(q, v, v), dot(q, v, u)};
out:
    SYI_FREE(v);
    SYI_FREE(u);
    SYI_FREE(root);
    SYI_FREE(place);
    return status;
}
