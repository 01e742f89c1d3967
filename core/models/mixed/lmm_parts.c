/* Room for the parts of Kenward and Roger's approximation, and the choice of the
 * way to them.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/mixed/lmm_parts_internal.h"

int syi_lmm_parts_count(const syi_bars *b)
{
    int n = 0;
    for (int k = 0; k < b->n_bars; k++) n += b->bar[k].diagonal ? b->bar[k].q : b->bar[k].q * (b->bar[k].q + 1) / 2;
    return n;
}

void syi_lmm_parts_list(const syi_bars *b, int *bar, int *row, int *column)
{
    int n = 0;
    for (int k = 0; k < b->n_bars; k++)
        for (int i = 0; i < b->bar[k].q; i++)
            for (int j = 0; j <= i; j++) {
                if (b->bar[k].diagonal && j < i) continue;
                bar[n] = k;
                row[n] = j;
                column[n++] = i;
            }
}

sy_status syi_lmm_parts_init(sy_context *ctx, const syi_lmm *l, const double *theta, syi_lmm_parts *parts)
{
    const syi_bars *b = &l->rows->bars;
    const int count = syi_lmm_parts_count(b);
    const size_t n = (size_t)count, square = (size_t)l->p * (size_t)l->p, d = sizeof(double);
    *parts = (syi_lmm_parts){.n = count};
    parts->basis = syi_alloc(square, d);
    parts->first = syi_alloc(n, d);
    parts->second = syi_alloc(n * n, d);
    parts->m = syi_alloc(n * square, d);
    parts->q = syi_alloc(n * n * square, d);
    sy_status s = SY_OK;
    if (!parts->basis || !parts->first || !parts->second || !parts->m || !parts->q)
        s = syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d variance parameters of %d columns", count, l->p);
    else s = b->n_factors == 1 ? syi_lmm_parts_one(ctx, l, theta, parts) : syi_lmm_parts_dense(ctx, l, theta, parts);
    if (s < 0) syi_lmm_parts_free(parts);
    return s;
}

void syi_lmm_parts_free(syi_lmm_parts *parts)
{
    SYI_FREE(parts->basis);
    SYI_FREE(parts->first);
    SYI_FREE(parts->second);
    SYI_FREE(parts->m);
    SYI_FREE(parts->q);
}
