/* The parts of Kenward and Roger's approximation for one grouping factor, from
 * the sums that derivatives of the criterion are made of.
 *
 * The planes U are over the factor of X' V^-1 X already; what is new are the
 * products U_a H_ij U_b' summed over groups. Cost: G q^4 p^2 / 2 at the most.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/moments_internal.h"
#include "base/status_internal.h"
#include "models/mixed/lmm_one_internal.h"
#include "models/mixed/lmm_parts_internal.h"
#include <string.h>

/* basis = L'^-1 in the units of the data. */
static void put_basis(const syi_lmm *l, const syi_lmm_one_work *w, double *basis)
{
    const int p = l->p;
    const double *scale = l->rows->scale, *shift = l->rows->shift;
    for (int i = 0; i < p; i++)
        for (int j = 0; j < p; j++) basis[i * p + j] = j >= i ? scale[i] * w->root[j * p + i] : 0;
    for (int i = 1; i < p && l->rows->m.count[0]; i++)
        for (int j = 0; j < p; j++) basis[j] -= shift[i] * basis[i * p + j];
}

static void put_matrices(const syi_lmm *l, const syi_lmm_one_sloped *d, syi_lmm_parts *parts)
{
    const int p = l->p, order = p + 1;
    for (int s = 0; s < parts->n; s++)
        for (int i = 0; i < p; i++)
            for (int j = 0; j < p; j++)
                parts->m[((ptrdiff_t)s * p + i) * p + j] = d->m[((ptrdiff_t)s * order + i) * order + j];
    memcpy(parts->first, d->gh, (size_t)parts->n * sizeof(double));
    memcpy(parts->second, d->hh, (size_t)parts->n * (size_t)parts->n * sizeof(double));
}

/* out += sum over groups of U_i' H_jm U_n; left: planes for U_i times H_jm. */
static void add_product(const syi_lmm_one_state *s, syi_lmm_one_work *w, const syi_lmm_one_sloped *d, const int at[4],
                        double *left, double *out)
{
    const ptrdiff_t plane = s->q * s->step;
    const double *h = d->h + ((ptrdiff_t)at[1] * s->q + at[2]) * s->step;
    for (int turn = 0; turn < 2; turn++) {
        const int a = turn ? at[3] : at[0], b = turn ? at[0] : at[3];
        for (int c = 0; c < w->order; c++)
            for (ptrdiff_t g = 0; g < s->step; g++) left[c * plane + g] = d->u[c * plane + a * s->step + g] * h[g];
        syi_lmm_one_cross(s, w, left, d->u + b * s->step);
        for (int i = 0; i < w->k; i++)
            for (int j = i + turn; j < w->k; j++) {
                const size_t packed = syi_packed_at(w->k, i, j);
                const double v = w->hi[packed] + w->lo[packed];
                out[turn ? j * w->k + i : i * w->k + j] += v;
            }
    }
}

static void put_products(const syi_lmm *l, syi_lmm_one_work *w, const syi_lmm_one_sloped *d, double *left,
                         syi_lmm_parts *parts)
{
    const syi_lmm_one_state *s = l->state;
    const int n = parts->n;
    for (int a = 0; a < n; a++)
        for (int b = 0; b < n; b++)
            for (int k = 0; k < 4; k++) {
                const int swap_a = k & 1, swap_b = k >> 1;
                if ((swap_a && s->first[a] == s->second[a]) || (swap_b && s->first[b] == s->second[b])) continue;
                const int at[4] = {swap_a ? s->second[a] : s->first[a], swap_a ? s->first[a] : s->second[a],
                                   swap_b ? s->second[b] : s->first[b], swap_b ? s->first[b] : s->second[b]};
                add_product(s, w, d, at, left, parts->q + ((ptrdiff_t)a * n + b) * l->p * l->p);
            }
}

sy_status syi_lmm_parts_one(sy_context *ctx, const syi_lmm *l, const double *theta, syi_lmm_parts *parts)
{
    const syi_lmm_one_state *s = l->state;
    syi_lmm_one_work w;
    syi_lmm_one_sloped d = {.u = NULL};
    double log_det, *left = NULL;
    sy_status status = syi_lmm_one_open(ctx, l, theta, NULL, &w, &log_det);
    if (status < 0) return status;
    syi_lmm_one_prepare(s, &w);
    if ((status = syi_lmm_one_slope(ctx, l, &w, 1, &d)) < 0) goto out;
    left = syi_alloc((size_t)(w.order + 3) / 4 * 4 * (size_t)(s->q * s->step), sizeof *left);
    if (!left) {
        status = syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %td groups of %d effects", s->groups, s->q);
        goto out;
    }
    put_basis(l, &w, parts->basis);
    put_matrices(l, &d, parts);
    put_products(l, &w, &d, left, parts);
out:
    SYI_FREE(left);
    syi_arena_free(&d.arena);
    syi_arena_free(&w.arena);
    return status;
}
