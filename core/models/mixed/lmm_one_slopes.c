/* First and second derivatives of the criterion of lmm_one.c, exact.
 *
 * In the entries s = (i, j) of Lambda = T T', with E_s the unit matrices of the
 * symmetric ones, H_g = Z' V^-1 Z of a group, U_g = Z' V^-1 (X y) times the
 * inverse factor of N (so that Q = U_x U_x' and Y = u_y u_y' are those of
 * orthonormal columns), M_s = sum U' E_s U, v_s its part (x, y):
 *   log |V|        <E_s, H>          - tr H E_s H E_t
 *   log |X'V^-1X|  - <E_s, Q>        2 tr E_s H E_t Q - <M_s, M_t>_xx
 *   rss / rss      - <E_s, Y>        2 tr E_s H E_t Y - 2 v_s' v_t
 * summed over groups, and by the chain rule to T: dLambda = dT T' + T dT'. The
 * derivative of (X' V^-1 X)^-1 is L^-T M_s L^-1. Cost: G q p^2 / 2 for U; for the
 * second derivatives of the restricted criterion as much again for each entry of Lambda.
 * Bates, Maechler, Bolker & Walker 2015, doi:10.18637/jss.v067.i01; Lindstrom &
 * Bates 1988, doi:10.1080/01621459.1988.10478693.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/moments_internal.h"
#include "base/status_internal.h"
#include "models/mixed/lmm_one_internal.h"
#include <string.h>

typedef syi_lmm_one_sloped slopes;

static int slopes_init(const syi_lmm_one_state *s, const syi_lmm_one_work *w, int n_theta, slopes *d)
{
    const size_t one = sizeof(double), q = (size_t)s->q, step = (size_t)s->step, n = (size_t)s->n_pairs;
    const size_t wide = ((size_t)w->order + 3) / 4 * 4, order = (size_t)w->order;
    *d = (slopes){.u = NULL};
    const size_t room = syi_arena_room(wide * q * step, one) + 3 * syi_arena_room(q * q * step, one) +
                        4 * syi_arena_room(n, one) + 4 * syi_arena_room(n * n, one) +
                        syi_arena_room(n * order * order, one) + syi_arena_room((size_t)n_theta * n, one);
    if (syi_arena_init(&d->arena, room) != 0) return -1;
    d->u = syi_arena_take(&d->arena, wide * q * step, one);
    d->h = syi_arena_take(&d->arena, q * q * step, one);
    d->q = syi_arena_take(&d->arena, q * q * step, one);
    d->y = syi_arena_take(&d->arena, q * q * step, one);
    d->gh = syi_arena_take(&d->arena, n, one);
    d->gq = syi_arena_take(&d->arena, n, one);
    d->gy = syi_arena_take(&d->arena, n, one);
    d->first = syi_arena_take(&d->arena, n, one);
    d->hh = syi_arena_take(&d->arena, n * n, one);
    d->hq = syi_arena_take(&d->arena, n * n, one);
    d->hy = syi_arena_take(&d->arena, n * n, one);
    d->second = syi_arena_take(&d->arena, n * n, one);
    d->m = syi_arena_take(&d->arena, n * order * order, one);
    d->chain = syi_arena_take(&d->arena, (size_t)n_theta * n, one);
    return 0;
}

static void add_product(ptrdiff_t n, const double *a, const double *b, double *y)
{
    for (ptrdiff_t i = 0; i < n; i++) y[i] += a[i] * b[i];
}

/* u = (L^-1 R)'(L^-1 D), then turned by N's factor. */
static void put_u(const syi_lmm_one_state *s, const syi_lmm_one_work *w, slopes *d)
{
    const ptrdiff_t q = s->q, step = s->step, plane = q * step;
    for (int c = 0; c < w->order; c++) {
        double *u = d->u + c * plane;
        const double *row = w->n + (ptrdiff_t)c * w->order, whole = 1 / row[c];
        for (int a = 0; a < q; a++)
            for (int e = 0; e < q; e++)
                add_product(step, w->solved + (e * q + a) * step, w->rows + c * plane + e * step, u + a * step);
        for (int b = 0; b < c; b++) {
            const double f = row[b], *other = d->u + b * plane;
            for (ptrdiff_t i = 0; i < plane; i++) u[i] -= f * other[i];
        }
        for (ptrdiff_t i = 0; i < plane; i++) u[i] *= whole;
    }
}

static void put_planes(const syi_lmm_one_state *s, const syi_lmm_one_work *w, slopes *d)
{
    const ptrdiff_t q = s->q, step = s->step, plane = q * step;
    for (int a = 0; a < q; a++)
        for (int b = 0; b <= a; b++) {
            const ptrdiff_t at = (a * q + b) * step, turned = (b * q + a) * step;
            for (int e = 0; e < q; e++)
                add_product(step, w->solved + (e * q + a) * step, w->solved + (e * q + b) * step, d->h + at);
            for (int c = 0; c < w->k; c++)
                add_product(step, d->u + c * plane + a * step, d->u + c * plane + b * step, d->q + at);
            add_product(step, d->u + w->k * plane + a * step, d->u + w->k * plane + b * step, d->y + at);
            if (a == b) continue;
            memcpy(d->h + turned, d->h + at, (size_t)step * sizeof(double));
            memcpy(d->q + turned, d->q + at, (size_t)step * sizeof(double));
            memcpy(d->y + turned, d->y + at, (size_t)step * sizeof(double));
        }
}

static double total(ptrdiff_t n, const double *a, const double *b)
{
    double lane[8] = {0};
    for (ptrdiff_t i = 0; i < n; i += 8)
        for (int j = 0; j < 8; j++) lane[j] += b ? a[i + j] * b[i + j] : a[i + j];
    return ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

static void put_first(const syi_lmm_one_state *s, slopes *d)
{
    for (int t = 0; t < s->n_pairs; t++) {
        const ptrdiff_t at = ((ptrdiff_t)s->first[t] * s->q + s->second[t]) * s->step;
        const double twice = s->first[t] == s->second[t] ? 1 : 2;
        d->gh[t] = twice * total(s->step, d->h + at, NULL);
        d->gq[t] = twice * total(s->step, d->q + at, NULL);
        d->gy[t] = twice * total(s->step, d->y + at, NULL);
    }
}

/* tr H E_s X E_t summed over groups: E_s has ones at (i, j) and (j, i). */
static double trace(const syi_lmm_one_state *s, const double *h, const double *x, int a, int b)
{
    double sum = 0;
    for (int k = 0; k < 4; k++) {
        const int swap_a = k & 1, swap_b = k >> 1;
        if ((swap_a && s->first[a] == s->second[a]) || (swap_b && s->first[b] == s->second[b])) continue;
        const ptrdiff_t i = swap_a ? s->second[a] : s->first[a], j = swap_a ? s->first[a] : s->second[a];
        const ptrdiff_t m = swap_b ? s->second[b] : s->first[b], n = swap_b ? s->first[b] : s->second[b];
        sum += total(s->step, h + (n * s->q + i) * s->step, x + (j * s->q + m) * s->step);
    }
    return sum;
}

/* M_s, full. */
static void put_cross(const syi_lmm_one_state *s, syi_lmm_one_work *w, slopes *d)
{
    const int order = w->order;
    for (int t = 0; t < s->n_pairs; t++) {
        double *m = d->m + (ptrdiff_t)t * order * order;
        const int same = s->first[t] == s->second[t];
        for (int turn = 0; turn < (same ? 1 : 2); turn++) {
            const ptrdiff_t a = turn ? s->second[t] : s->first[t], b = turn ? s->first[t] : s->second[t];
            syi_lmm_one_cross(s, w, d->u + a * s->step, d->u + b * s->step);
            for (int i = 0; i < order; i++)
                for (int j = i; j < order; j++) {
                    const size_t at = syi_packed_at(w->k, i, j);
                    m[i * order + j] += w->hi[at] + w->lo[at];
                }
        }
        for (int i = 0; i < order; i++)
            for (int j = 0; j < i; j++) m[i * order + j] = m[j * order + i];
    }
}

static void put_second(const syi_lmm_one_state *s, slopes *d)
{
    const int n = s->n_pairs;
    for (int a = 0; a < n; a++)
        for (int b = 0; b <= a; b++) {
            d->hh[a * n + b] = d->hh[b * n + a] = trace(s, d->h, d->h, a, b);
            d->hq[a * n + b] = d->hq[b * n + a] = trace(s, d->q, d->h, a, b);
            d->hy[a * n + b] = d->hy[b * n + a] = trace(s, d->y, d->h, a, b);
        }
}

/* Derivatives of the criterion by entries of Lambda. */
static void put_entries(const syi_lmm_one_state *s, const syi_lmm_one_work *w, int reml, double df, slopes *d)
{
    const int n = s->n_pairs, order = w->order, k = w->k;
    for (int a = 0; a < n; a++) d->first[a] = d->gh[a] - (reml ? d->gq[a] : 0) - df * d->gy[a];
    for (int a = 0; a < n; a++)
        for (int b = 0; b < n; b++) {
            const double *ma = d->m + (ptrdiff_t)a * order * order, *mb = d->m + (ptrdiff_t)b * order * order;
            double v = 2 * d->hy[a * n + b] - d->gy[a] * d->gy[b], x = 2 * d->hq[a * n + b];
            for (int c = 0; c < k; c++) v -= 2 * ma[k * order + c] * mb[k * order + c];
            for (int i = 0; i < k; i++)
                for (int j = 0; j < k; j++) x -= ma[i * order + j] * mb[i * order + j];
            d->second[a * n + b] = df * v - d->hh[a * n + b] + (reml ? x : 0);
        }
}

static int pair_at(const syi_lmm_one_state *s, int i, int j)
{
    for (int t = 0; t < s->n_pairs; t++)
        if ((s->first[t] == i && s->second[t] == j) || (s->first[t] == j && s->second[t] == i)) return t;
    return -1;
}

/* dLambda by theta = T(a, b): T(c, b) at (a, c), twice at (a, a). */
static void put_chain(const syi_lmm *l, const syi_lmm_one_work *w, slopes *d)
{
    const syi_lmm_one_state *s = l->state;
    for (int k = 0; k < l->rows->bars.n_bars; k++) {
        const syi_bar *bar = &l->rows->bars.bar[k];
        const int at = bar->first_effect;
        for (int a = 0; a < bar->q; a++)
            for (int b = 0; b <= a; b++) {
                const int place = syi_bar_theta(bar, a, b);
                for (int c = b; c < bar->q && place >= 0; c++) {
                    const int t = pair_at(s, at + a, at + c);
                    if (t >= 0) d->chain[place * s->n_pairs + t] = (a == c ? 2 : 1) * w->t[(at + c) * s->q + at + b];
                }
            }
    }
}

/* sum over entries of the derivatives there times d2 Lambda: thetas in one column b of T only. */
static void add_curvature(const syi_lmm *l, const slopes *d, double *hessian)
{
    const syi_lmm_one_state *s = l->state;
    for (int k = 0; k < l->rows->bars.n_bars; k++) {
        const syi_bar *bar = &l->rows->bars.bar[k];
        for (int b = 0; b < bar->q; b++)
            for (int a = b; a < bar->q; a++)
                for (int c = b; c < bar->q; c++) {
                    const int i = syi_bar_theta(bar, a, b), j = syi_bar_theta(bar, c, b);
                    const int t = pair_at(s, bar->first_effect + a, bar->first_effect + c);
                    if (i >= 0 && j >= 0 && t >= 0) hessian[i * l->n_theta + j] += (a == c ? 2 : 1) * d->first[t];
                }
    }
}

static void put_hessian(const syi_lmm *l, const slopes *d, double *hessian)
{
    const syi_lmm_one_state *s = l->state;
    const int n = s->n_pairs, m = l->n_theta;
    for (int i = 0; i < m; i++)
        for (int j = 0; j < m; j++) {
            double v = 0;
            for (int a = 0; a < n; a++)
                for (int b = 0; b < n; b++) v += d->chain[i * n + a] * d->second[a * n + b] * d->chain[j * n + b];
            hessian[i * m + j] = v;
        }
    add_curvature(l, d, hessian);
}

/* L^-T M L^-1 over the columns in use, by theta. */
static sy_status put_inverse_slope(sy_context *ctx, const syi_lmm *l, const syi_lmm_one_work *w, const slopes *d,
                                   double *out)
{
    const syi_lmm_one_state *s = l->state;
    const int k = w->k, p = l->p, n = s->n_pairs;
    double *m = syi_alloc(2 * (size_t)k * (size_t)k + 1, sizeof *m), *half = m ? m + k * k : NULL;
    if (!m) return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d columns", k);
    for (int i = 0; i < l->n_theta; i++, out += (ptrdiff_t)p * p) {
        for (int a = 0; a < k; a++)
            for (int b = 0; b < k; b++) {
                m[a * k + b] = 0;
                for (int t = 0; t < n; t++)
                    m[a * k + b] += d->chain[i * n + t] * d->m[((ptrdiff_t)t * w->order + a) * w->order + b];
            }
        for (int a = 0; a < k; a++)
            for (int b = 0; b < k; b++) {
                half[a * k + b] = 0;
                for (int c = b; c < k; c++) half[a * k + b] += m[a * k + c] * w->root[c * k + b];
            }
        for (int a = 0; a < k; a++)
            for (int b = 0; b < k; b++) {
                double v = 0;
                for (int c = a; c < k; c++) v += w->root[c * k + a] * half[c * k + b];
                out[w->column[a] * p + w->column[b]] = v;
            }
        syi_lmm_rows_unpack(l->rows, NULL, out);
    }
    SYI_FREE(m);
    return SY_OK;
}

sy_status syi_lmm_one_slope(sy_context *ctx, const syi_lmm *l, syi_lmm_one_work *w, int second, slopes *d)
{
    const syi_lmm_one_state *s = l->state;
    if (slopes_init(s, w, l->n_theta, d) != 0)
        return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %td groups of %d effects", s->groups, s->q);
    put_u(s, w, d);
    put_planes(s, w, d);
    put_first(s, d);
    put_chain(l, w, d);
    if (second) put_cross(s, w, d);
    if (second) put_second(s, d);
    return SY_OK;
}

sy_status syi_lmm_one_slopes(sy_context *ctx, const syi_lmm *l, syi_lmm_one_work *w, double df, syi_lmm_value *out)
{
    const syi_lmm_one_state *s = l->state;
    slopes d;
    sy_status status = syi_lmm_one_slope(ctx, l, w, out->hessian || out->inverse_slope, &d);
    if (status < 0) return status;
    put_entries(s, w, l->reml, df, &d);
    for (int i = 0; i < l->n_theta; i++) {
        double g = 0, r = 0;
        for (int t = 0; t < s->n_pairs; t++) {
            g += d.chain[i * s->n_pairs + t] * d.first[t];
            r -= d.chain[i * s->n_pairs + t] * d.gy[t];
        }
        if (out->gradient) out->gradient[i] = g;
        if (out->rss_gradient) out->rss_gradient[i] = out->rss * r;
    }
    if (out->hessian) put_hessian(l, &d, out->hessian);
    if (out->inverse_slope) status = put_inverse_slope(ctx, l, w, &d, out->inverse_slope);
    syi_arena_free(&d.arena);
    return status;
}
