/* Covariance of a model's columns over the rows, split into what lies between
 * clusters and within them:
 *   C = sum w (x - m)(x - m)' / W,   B = sum over clusters W_g (m_g - m)(m_g - m)' / W.
 * Columns come centred near their means, so one pass keeps the digits. Cost: n p^2 / 2.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "shares/fitted/spread_internal.h"

sy_status syi_spread_open(sy_context *ctx, int p, int clusters, syi_spread_sums *s)
{
    const size_t n = (size_t)p;
    *s = (syi_spread_sums){.p = p, .clusters = clusters};
    s->sum = syi_alloc(n + n * n + 1, sizeof *s->sum);
    if (clusters) s->group = syi_alloc((size_t)clusters * (n + 1), sizeof *s->group);
    if (!s->sum || (clusters && !s->group))
        return syi_fail(ctx, SY_ENOMEM, "model: out of memory for the means of %d clusters", clusters);
    s->square = s->sum + n;
    return SY_OK;
}

void syi_spread_free(syi_spread_sums *s)
{
    SYI_FREE(s->sum);
    SYI_FREE(s->group);
}

void syi_spread_add(syi_spread_sums *s, const double *x, ptrdiff_t step, double weight, int cluster)
{
    if (weight == 0) return;
    double *group = s->group && cluster >= 0 ? s->group + (ptrdiff_t)cluster * (s->p + 1) : NULL;
    s->weight += weight;
    if (group) group[0] += weight;
    for (int i = 0; i < s->p; i++) {
        const double own = weight * x[i * step];
        s->sum[i] += own;
        if (group) group[i + 1] += own;
        for (int j = 0; j <= i; j++) s->square[i * s->p + j] += own * x[j * step];
    }
}

double syi_spread_total(const syi_spread_sums *s, int i, int j)
{
    const double square = i >= j ? s->square[i * s->p + j] : s->square[j * s->p + i];
    return (square - s->sum[i] * s->sum[j] / s->weight) / s->weight;
}

double syi_spread_between(const syi_spread_sums *s, int i, int j)
{
    double sum = 0;
    const double mean_i = s->sum[i] / s->weight, mean_j = s->sum[j] / s->weight;
    for (int g = 0; g < s->clusters; g++) {
        const double *group = s->group + (ptrdiff_t)g * (s->p + 1);
        if (group[0] > 0) sum += group[0] * (group[i + 1] / group[0] - mean_i) * (group[j + 1] / group[0] - mean_j);
    }
    return sum / s->weight;
}
