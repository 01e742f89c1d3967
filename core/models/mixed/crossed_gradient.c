/* Derivatives of a crossed model's criterion in theta.
 *
 * K the matrix factored, O = diag(T, I) and A the cross-products, K = O'AO +
 * diag(I, 0): d log|K| = 2 tr(K^-1 O'A dO), and dO = dT for each level alike, so
 * what is needed are the blocks sum over g of (K^-1 O'A)_gg = G: the derivative
 * in T_ab is 2 G_ba. K^-1 is needed only where A has entries (crossed_select.c).
 * With u = T v: d rss = -2 (Z'W(y - Zu - Xb))' dT v, by the envelope theorem.
 * Neither divides by T, so both hold on the boundary. Cost: that of the entries
 * of A.
 * Bates & DebRoy 2004, doi:10.1016/j.jmva.2004.04.013.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "models/mixed/crossed_internal.h"
#include <string.h>

/* gradient += factor * matrix entries of each T that are parameters; transposed: matrix_ba for T_ab. */
static void to_theta(const syi_crossed *c, int f, const double *matrix, int transposed, double factor, double *gradient)
{
    const syi_bars *b = &c->rows->bars;
    const int q = b->factor[f].q;
    int at = 0;
    for (int k = 0; k < b->n_bars; k++) {
        if (b->bar[k].factor != f) continue;
        for (int i = 0; i < b->bar[k].q; i++)
            for (int j = 0; j <= i; j++) {
                const int place = syi_bar_theta(&b->bar[k], i, j), row = at + i, column = at + j;
                if (place < 0) continue;
                gradient[place] += factor * (transposed ? matrix[column * q + row] : matrix[row * q + column]);
            }
        at += b->bar[k].q;
    }
}

/* out [q * q of factor `later`] += sum over a of K_a,i (T'A)_a,j for the q columns at k and x, `width` apart. */
static void add_block(int rows, int q, ptrdiff_t width, const double *k, const double *x, double *out)
{
    for (int a = 0; a < rows; a++, k += width, x += width)
        for (int i = 0; i < q; i++)
            for (int j = 0; j < q; j++) out[i * q + j] += k[i] * x[j];
}

/* Sums for the later factors that level g meets; turned: T'A of the level. */
static void add_later(const syi_crossed *c, int stage, ptrdiff_t g, const double *turned, double **sum)
{
    const syi_stage *s = &c->stage[stage];
    const ptrdiff_t width = syi_stage_width(c, s, g), dense = s->first[g + 1] - s->first[g];
    const int32_t *column = s->column + s->first[g];
    const double *k = s->inverse + syi_stage_at(c, s, g), *x = turned;
    for (int t = stage + 1; t < c->n_stages; t++) {
        const int q = c->stage[t].q;
        add_block(s->q, q, width, k, x, sum[c->stage[t].factor]);
        k += q;
        x += q;
    }
    ptrdiff_t e = 0;
    for (int d = 0; d < c->n_dense; d++) {
        const syi_dense *f = &c->dense[d];
        const ptrdiff_t end = f->first + (ptrdiff_t)f->n * f->q;
        for (; e < dense && column[e] < end; e += f->q) add_block(s->q, f->q, width, k + e, x + e, sum[f->factor]);
    }
}

static void add_level(syi_crossed *c, int stage, ptrdiff_t g, int with_x, double **sum)
{
    const syi_stage *s = &c->stage[stage];
    const int q = s->q;
    const ptrdiff_t width = syi_stage_width(c, s, g), at = syi_stage_at(c, s, g),
                    used = width - 1 - (with_x ? 0 : c->p);
    const double *t = c->t[s->factor], *own = s->inverse_diagonal + g * q * q, *a = s->diagonal + g * q * q;
    const double *k = s->inverse + at;
    double *scaled = c->scratch, *turned = scaled + c->widest, *out = sum[s->factor];
    for (int i = 0; i < q; i++) syi_crossed_scale_row(c, stage, g, s->value + at + i * width, scaled + i * width);
    memcpy(turned, s->value + at, (size_t)q * (size_t)width * sizeof *turned);
    syi_crossed_turn_rows(q, t, width, turned);
    for (int i = 0; i < q; i++)
        for (int j = 0; j < q; j++) {
            double v = 0;
            for (ptrdiff_t e = 0; e < used; e++) v += k[i * width + e] * scaled[j * width + e];
            for (int l = 0; l < q; l++)
                for (int h = l; h < q; h++) v += own[i * q + l] * t[h * q + l] * a[h * q + j];
            out[i * q + j] += v;
        }
    add_later(c, stage, g, turned, sum);
}

/* Entry (row, column) of a lower matrix that is symmetric. */
static double symmetric(const double *a, ptrdiff_t m, ptrdiff_t row, ptrdiff_t column)
{
    return row >= column ? a[row * m + column] : a[column * m + row];
}

/* sum of K_d,e O'A_e,d over the levels of d: blocks of another factor e, or its own. */
static void add_pair(const syi_crossed *c, const syi_dense *d, const syi_dense *e, double *out)
{
    const double *t = c->t[e->factor];
    const ptrdiff_t m = c->order;
    for (ptrdiff_t i = 0; i < d->n; i++)
        for (ptrdiff_t j = d == e ? i : 0; j < (d == e ? i + 1 : e->n); j++) {
            const ptrdiff_t row = d->first + i * d->q, column = e->first + j * e->q;
            if (d->q == 1 && e->q == 1) {
                const double a = symmetric(c->a, m, row, column);
                if (a != 0) out[0] += symmetric(c->s, m, row, column) * t[0] * a;
                continue;
            }
            for (int x = 0; x < d->q; x++)
                for (int k = 0; k < e->q; k++) {
                    const double inverse = symmetric(c->s, m, row + x, column + k);
                    for (int y = 0; y < d->q; y++)
                        for (int l = k; l < e->q; l++)
                            out[x * d->q + y] += inverse * t[l * e->q + k] * symmetric(c->a, m, column + l, row + y);
                }
        }
}

static void add_dense(const syi_crossed *c, int with_x, double **sum)
{
    const ptrdiff_t m = c->order;
    for (int d = 0; d < c->n_dense; d++) {
        const syi_dense *f = &c->dense[d];
        double *out = sum[f->factor];
        for (int e = 0; e < c->n_dense; e++) add_pair(c, f, &c->dense[e], out);
        for (int j = 0; with_x && j < c->p; j++) {
            const ptrdiff_t row = (c->random + j) * m;
            for (ptrdiff_t l = 0; c->in_use[j] && l < f->n; l++)
                add_block(1, f->q, 0, c->s + row + f->first + l * f->q, c->a + row + f->first + l * f->q, out);
        }
    }
}

void syi_crossed_log_det_gradient(syi_crossed *c, int with_x, double *gradient)
{
    memset(gradient, 0, (size_t)c->rows->bars.n_theta * sizeof *gradient);
    memset(c->sum_room, 0, c->sum_length * sizeof *c->sum_room);
    for (int k = 0; k < c->n_stages; k++)
        for (ptrdiff_t g = 0; g < c->stage[k].n; g++) add_level(c, k, g, with_x, c->sum);
    add_dense(c, with_x, c->sum);
    for (int f = 0; f < c->n_factors; f++) to_theta(c, f, c->sum[f], 1, 2, gradient);
}

/* w = T v for all levels of a factor. */
static void unscale(int q, const double *t, ptrdiff_t levels, const double *v, double *w)
{
    for (ptrdiff_t g = 0; g < levels; g++)
        for (int i = 0; i < q; i++) {
            double x = 0;
            for (int k = 0; k <= i; k++) x += t[i * q + k] * v[g * q + k];
            w[g * q + i] = x;
        }
}

void syi_crossed_effects(syi_crossed *c)
{
    for (int k = 0; k < c->n_stages; k++)
        unscale(c->stage[k].q, c->t[c->stage[k].factor], c->stage[k].n, c->v[k], c->effects[c->stage[k].factor]);
    for (int d = 0; d < c->n_dense; d++)
        unscale(c->dense[d].q, c->t[c->dense[d].factor], c->dense[d].n, c->u + c->dense[d].first,
                c->effects[c->dense[d].factor]);
}

void syi_crossed_rss_gradient(syi_crossed *c, double *gradient)
{
    memset(gradient, 0, (size_t)c->rows->bars.n_theta * sizeof *gradient);
    memset(c->sum_room, 0, c->sum_length * sizeof *c->sum_room);
    syi_crossed_effects(c);
    syi_crossed_multiply(c, c->effects, c->u + c->random, c->residual, NULL);
    syi_crossed_outcome(c, c->residual);
    for (int f = 0; f < c->n_factors; f++) {
        const syi_grouping *g = &c->rows->bars.factor[f];
        const double *v = syi_crossed_scaled(c, f), *r = c->residual[f];
        for (ptrdiff_t l = 0; l < g->n_levels; l++, v += g->q, r += g->q)
            for (int a = 0; a < g->q; a++)
                for (int b = 0; b < g->q; b++) c->sum[f][a * g->q + b] += r[a] * v[b];
        to_theta(c, f, c->sum[f], 0, -2, gradient);
    }
}
