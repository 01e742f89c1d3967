/* A crossed model at one theta: the bordered system factored and solved.
 *
 * With u = T v the penalised least squares problem has the matrix
 *     C = [ T'Z'WZT + I   T'Z'WX ]      and the right-hand side  [ T'Z'Wy ]
 *         [ X'WZT         X'WX   ]                               [ X'Wy   ].
 * Stage by stage, level by level, the q by q block of a level is factored, L L',
 * its row becomes B = L^-1 (row), and B'B is taken off whatever its columns
 * meet: blocks of later stages and the dense part. What is left is dense and
 * factored as one. log |V| is the log-determinant of the random part, log |X'V^-1X|
 * that of the rest, the penalised rss y'Wy less the squares of L^-1 times the
 * right-hand side. Products of pivots are carried with their exponent and turned
 * into a logarithm once. Cost: half the squares of the widths of all rows, and
 * order^3 / 6 for the dense part, whatever n.
 * Bates, Maechler, Bolker & Walker 2015, doi:10.18637/jss.v067.i01, section 3.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "base/parallel_internal.h"
#include "models/mixed/crossed_internal.h"
#include <string.h>

enum { LOOK_UP = 256 };

/* A product of many positive numbers. */
typedef struct {
    double mantissa;
    ptrdiff_t exponent;
} product;

static void multiply(product *p, double x)
{
    int e;
    p->mantissa = frexp(p->mantissa * x, &e);
    p->exponent += e;
}

static double log_of(const product *p)
{
    return log(p->mantissa) + (double)p->exponent * 0.69314718055994530942;
}

void syi_crossed_set_factors(syi_crossed *c, const double *theta)
{
    const syi_bars *b = &c->rows->bars;
    for (int f = 0; f < c->n_factors; f++) {
        const int q = b->factor[f].q;
        int at = 0;
        memset(c->t[f], 0, (size_t)(q * q) * sizeof **c->t);
        for (int k = 0; k < b->n_bars; k++) {
            if (b->bar[k].factor != f) continue;
            for (int i = 0; i < b->bar[k].q; i++)
                for (int j = 0; j <= i; j++) {
                    const int place = syi_bar_theta(&b->bar[k], i, j);
                    if (place >= 0) c->t[f][(at + i) * q + at + j] = theta[place];
                }
            at += b->bar[k].q;
        }
    }
}

/* out [q] = x T for a lower T. */
static void times_t(int q, const double *t, const double *x, double *out)
{
    for (int j = 0; j < q; j++) {
        double v = 0;
        for (int i = j; i < q; i++) v += x[i] * t[i * q + j];
        out[j] = v;
    }
}

void syi_crossed_scale_row(const syi_crossed *c, int stage, ptrdiff_t g, const double *x, double *out)
{
    const syi_stage *s = &c->stage[stage];
    const int32_t *column = s->column + s->first[g];
    const ptrdiff_t dense = s->first[g + 1] - s->first[g];
    for (int k = stage + 1; k < c->n_stages; k++) {
        const int q = c->stage[k].q;
        times_t(q, c->t[c->stage[k].factor], x, out);
        x += q;
        out += q;
    }
    ptrdiff_t e = 0;
    for (int d = 0; d < c->n_dense; d++) {
        const syi_dense *f = &c->dense[d];
        const ptrdiff_t end = f->first + (ptrdiff_t)f->n * f->q;
        const double *t = c->t[f->factor];
        for (; f->q == 1 && e < dense && column[e] < end; e++) out[e] = x[e] * t[0];
        for (; e < dense && column[e] < end; e += f->q) times_t(f->q, t, x + e, out + e);
    }
    for (int j = 0; j < c->p; j++) out[dense + j] = c->in_use[j] ? x[dense + j] : 0;
    out[dense + c->p] = x[dense + c->p];
}

void syi_crossed_turn_rows(int q, const double *t, ptrdiff_t width, double *x)
{
    for (int i = 0; i < q; i++) {
        double *row = x + i * width;
        for (ptrdiff_t e = 0; e < width; e++) row[e] *= t[i * q + i];
        for (int k = i + 1; k < q; k++) {
            const double f = t[k * q + i], *below = x + k * width;
            for (ptrdiff_t e = 0; f != 0 && e < width; e++) row[e] += f * below[e];
        }
    }
}

/* out = T' a T + I. */
static void scale_block(int q, const double *t, const double *a, double *out)
{
    for (int i = 0; i < q; i++) times_t(q, t, a + i * q, out + i * q);
    syi_crossed_turn_rows(q, t, q, out);
    for (int i = 0; i < q; i++) out[i * q + i] += 1;
}

static void scale_stage(syi_crossed *c, int stage)
{
    syi_stage *s = &c->stage[stage];
    const double *t = c->t[s->factor];
    for (ptrdiff_t g = 0; g < s->n; g++) {
        const ptrdiff_t width = syi_stage_width(c, s, g), at = syi_stage_at(c, s, g);
        scale_block(s->q, t, s->diagonal + g * s->q * s->q, s->root + g * s->q * s->q);
        for (int i = 0; i < s->q; i++)
            syi_crossed_scale_row(c, stage, g, s->value + at + i * width, s->b + at + i * width);
        syi_crossed_turn_rows(s->q, t, width, s->b + at);
    }
}

/* Rows of factor d against columns of factor e: T_d' A T_e, plus 1 on the diagonal. */
static void scale_dense_pair(syi_crossed *c, const syi_dense *d, const syi_dense *e)
{
    const double *td = c->t[d->factor], *te = c->t[e->factor];
    const ptrdiff_t m = c->order;
    for (ptrdiff_t i = 0; i < d->n; i++)
        for (ptrdiff_t j = d == e ? i : 0; j < (d == e ? i + 1 : e->n); j++) {
            const ptrdiff_t at = (d->first + i * d->q) * m + e->first + j * e->q;
            if (d->q == 1 && e->q == 1) {
                c->s[at] = td[0] * te[0] * c->a[at] + (d == e);
                continue;
            }
            for (int a = 0; a < d->q; a++)
                for (int b = 0; b < (d == e ? a + 1 : e->q); b++) {
                    double v = d == e && a == b;
                    for (int k = a; k < d->q; k++)
                        for (int l = b; l < e->q; l++) {
                            const ptrdiff_t row = k, column = l;
                            const double entry =
                                d == e && l > k ? c->a[at + column * m + row] : c->a[at + row * m + column];
                            v += td[k * d->q + a] * te[l * e->q + b] * entry;
                        }
                    c->s[at + a * m + b] = v;
                }
        }
}

static void scale_dense(syi_crossed *c)
{
    const ptrdiff_t m = c->order;
    for (ptrdiff_t i = 0; i < m; i++) memset(c->s + i * m, 0, ((size_t)i + 1) * sizeof *c->s);
    for (int d = 0; d < c->n_dense; d++) {
        const syi_dense *f = &c->dense[d];
        for (int e = 0; e <= d; e++) scale_dense_pair(c, f, &c->dense[e]);
        for (ptrdiff_t l = 0; l < f->n; l++) {
            const ptrdiff_t at = f->first + l * f->q;
            times_t(f->q, c->t[f->factor], c->a_y + at, c->s_y + at);
            for (int j = 0; j < c->p; j++)
                if (c->in_use[j])
                    times_t(f->q, c->t[f->factor], c->a + (c->random + j) * m + at, c->s + (c->random + j) * m + at);
        }
    }
    for (int j = 0; j < c->p; j++) {
        const ptrdiff_t row = (c->random + j) * m + c->random;
        c->s_y[c->random + j] = c->in_use[j] ? c->a_y[c->random + j] : 0;
        for (int k = 0; k <= j; k++) c->s[row + k] = c->in_use[j] && c->in_use[k] ? c->a[row + k] : k == j;
    }
    c->rss = c->yy;
}

/* Takes a row b of level g (L^-1 times it) off the dense part. */
static void take_off_dense(syi_crossed *c, const syi_stage *s, ptrdiff_t g, const double *b)
{
    const int32_t *column = s->column + s->first[g];
    const ptrdiff_t dense = s->first[g + 1] - s->first[g], m = c->order;
    const double *x = b + dense, y = x[c->p];
    for (ptrdiff_t i = 0; i < dense; i++) {
        double *row = c->s + column[i] * m;
        const double f = b[i];
        for (ptrdiff_t k = 0; k <= i; k++) row[column[k]] -= f * b[k];
        c->s_y[column[i]] -= f * y;
    }
    for (int j = 0; j < c->p; j++) {
        double *row = c->s + (c->random + j) * m;
        const double f = x[j];
        for (ptrdiff_t k = 0; k < dense; k++) row[column[k]] -= f * b[k];
        for (int k = 0; k <= j; k++) row[c->random + k] -= f * x[k];
        c->s_y[c->random + j] -= f * y;
    }
    c->rss -= y * y;
}

/* Takes it off the blocks and rows of the later stages that the level lies in. */
static void take_off_stages(syi_crossed *c, int stage, ptrdiff_t g, const double *b)
{
    const syi_stage *s = &c->stage[stage];
    const ptrdiff_t dense = s->first[g + 1] - s->first[g];
    const int32_t *up = s->up ? s->up + s->first[g] : NULL;
    const double *own = b, *rest = b + s->after;
    ptrdiff_t h = g;
    for (int k = stage + 1; k < c->n_stages; k++) {
        syi_stage *t = &c->stage[k];
        h = c->stage[k - 1].parent[h];
        const ptrdiff_t width = syi_stage_width(c, t, h), wide = t->first[h + 1] - t->first[h];
        for (int i = 0; i < t->q; i++) {
            double *row = t->b + syi_stage_at(c, t, h) + i * width;
            for (int e = 0; e <= i; e++) t->root[(h * t->q + i) * t->q + e] -= own[i] * own[e];
            for (int e = 0; e < t->after; e++) row[e] -= own[i] * own[t->q + e];
            row += t->after;
            for (ptrdiff_t e = 0; e < dense; e++) {
                ptrdiff_t place = up[e];
                ptrdiff_t at = s->parent[g];
                for (int l = stage + 1; l < k; l++) {
                    place = c->stage[l].up[c->stage[l].first[at] + place];
                    at = c->stage[l].parent[at];
                }
                row[place] -= own[i] * rest[e];
            }
            row += wide;
            for (int j = 0; j <= c->p; j++) row[j] -= own[i] * rest[dense + j];
        }
        own += t->q;
    }
}

/* Pivots below this share of what their column had at first are 0. */
static const double dependent = 1e-11;

/* The lower triangle of a [q * q] becomes its Cholesky factor, with zero columns where a pivot is nothing beside
 * `whole`. */
static void root_of_rank(int q, const double *whole, double *a)
{
    for (int j = 0; j < q; j++) {
        double pivot = a[j * q + j];
        for (int k = 0; k < j; k++) pivot -= a[j * q + k] * a[j * q + k];
        pivot = pivot > dependent * whole[j * q + j] ? sqrt(pivot) : 0;
        a[j * q + j] = pivot;
        for (int i = j + 1; i < q; i++) {
            double v = a[i * q + j];
            for (int k = 0; k < j; k++) v -= a[i * q + k] * a[j * q + k];
            a[i * q + j] = pivot > 0 ? v / pivot : 0;
        }
    }
}

/* det NULL: of the cross-products themselves, which need not have full rank. */
static int eliminate(syi_crossed *c, int stage, ptrdiff_t g, product *det)
{
    syi_stage *s = &c->stage[stage];
    const ptrdiff_t width = syi_stage_width(c, s, g);
    double *l = s->root + g * s->q * s->q, *b = s->b + syi_stage_at(c, s, g);
    if (!det) root_of_rank(s->q, s->diagonal + g * s->q * s->q, l);
    else if (!syi_cholesky_plain(s->q, l, 0)) return 0;
    for (int i = 0; i < s->q; i++) {
        double *row = b + i * width;
        const double pivot = l[i * s->q + i];
        for (int k = 0; k < i; k++) {
            const double f = l[i * s->q + k], *above = b + k * width;
            for (ptrdiff_t e = 0; e < width; e++) row[e] -= f * above[e];
        }
        for (ptrdiff_t e = 0; e < width; e++) row[e] = pivot > 0 ? row[e] / pivot : 0;
        if (det) multiply(det, pivot);
        if (stage + 1 < c->n_stages) take_off_stages(c, stage, g, row);
        take_off_dense(c, s, g, row + s->after);
    }
    return 1;
}

/* v of level g from what follows it: L'^-1 (v - B u). */
static void solve_level(syi_crossed *c, int stage, ptrdiff_t g)
{
    const syi_stage *s = &c->stage[stage];
    const ptrdiff_t width = syi_stage_width(c, s, g), dense = s->first[g + 1] - s->first[g];
    const int32_t *column = s->column + s->first[g];
    double *v = c->v[stage] + g * s->q;
    for (int i = 0; i < s->q; i++) {
        const double *b = s->b + syi_stage_at(c, s, g) + i * width;
        double x = v[i];
        ptrdiff_t h = g;
        for (int k = stage + 1; k < c->n_stages; k++) {
            h = c->stage[k - 1].parent[h];
            for (int e = 0; e < c->stage[k].q; e++) x -= *b++ * c->v[k][h * c->stage[k].q + e];
        }
        for (ptrdiff_t e = 0; e < dense; e++) x -= b[e] * c->u[column[e]];
        for (int j = 0; j < c->p; j++) x -= b[dense + j] * c->u[c->random + j];
        v[i] = x;
    }
    syi_cholesky_plain_back(s->q, s->root + g * s->q * s->q, v);
}

void syi_crossed_back(syi_crossed *c)
{
    syi_crossed_dense_back(c, c->u);
    for (int k = c->n_stages - 1; k >= 0; k--)
        for (ptrdiff_t g = 0; g < c->stage[k].n; g++) solve_level(c, k, g);
}

static void solve(syi_crossed *c)
{
    memcpy(c->u, c->s_y, (size_t)c->order * sizeof *c->u);
    for (int k = 0; k < c->n_stages; k++) {
        const syi_stage *s = &c->stage[k];
        for (ptrdiff_t g = 0; g < s->n; g++) {
            const ptrdiff_t width = syi_stage_width(c, s, g);
            for (int i = 0; i < s->q; i++) c->v[k][g * s->q + i] = s->b[syi_stage_at(c, s, g) + (i + 1) * width - 1];
        }
    }
    syi_crossed_back(c);
}

sy_status syi_crossed_factor(sy_context *ctx, syi_crossed *c, const double *theta, const unsigned char *fixed,
                             double *log_det, double *log_det_x)
{
    product random = {1, 0}, columns = {1, 0};
    *log_det = *log_det_x = INFINITY;
    c->rss = NAN;
    for (int j = 0; j < c->p; j++) c->in_use[j] = !fixed || fixed[j] || (j == 0 && c->rows->m.count[0]);
    syi_crossed_set_factors(c, theta);
    for (int k = 0; k < c->n_stages; k++) scale_stage(c, k);
    scale_dense(c);
    for (int k = 0; k < c->n_stages; k++)
        for (ptrdiff_t g = 0; g < c->stage[k].n; g++) {
            const sy_status s = g % LOOK_UP == 0 ? syi_serial_stopped(ctx) : SY_OK;
            if (s < 0) return s;
            if (!eliminate(c, k, g, &random)) return SY_OK;
        }
    if (syi_crossed_dense_factor(c) != 0) return SY_OK;
    syi_crossed_dense_forward(c, c->s_y);
    for (ptrdiff_t i = 0; i < c->order; i++) {
        multiply(i < c->random ? &random : &columns, c->s[i * c->order + i]);
        c->rss -= c->s_y[i] * c->s_y[i];
    }
    *log_det = 2 * log_of(&random);
    *log_det_x = 2 * log_of(&columns);
    solve(c);
    return syi_serial_stopped(ctx);
}

static void copy_sums(syi_crossed *c)
{
    const ptrdiff_t m = c->order;
    for (int k = 0; k < c->n_stages; k++) {
        syi_stage *s = &c->stage[k];
        memcpy(s->root, s->diagonal, (size_t)(s->n * s->q * s->q) * sizeof *s->root);
        memcpy(s->b, s->value, (size_t)syi_stage_at(c, s, s->n) * sizeof *s->b);
    }
    for (ptrdiff_t i = 0; i < m; i++) memcpy(c->s + i * m, c->a + i * m, ((size_t)i + 1) * sizeof *c->s);
}

sy_status syi_crossed_noise_factor(sy_context *ctx, syi_crossed *c, double *rank)
{
    const ptrdiff_t m = c->order;
    *rank = 0;
    copy_sums(c);
    for (int k = 0; k < c->n_stages; k++)
        for (ptrdiff_t g = 0; g < c->stage[k].n; g++) {
            const int q = c->stage[k].q;
            const sy_status s = g % LOOK_UP == 0 ? syi_serial_stopped(ctx) : SY_OK;
            if (s < 0) return s;
            eliminate(c, k, g, NULL);
            for (int i = 0; i < q; i++) *rank += c->stage[k].root[(g * q + i) * q + i] > 0;
        }
    for (ptrdiff_t i = 0; i < m; i++) {
        double *row = c->s + i * m;
        for (ptrdiff_t j = 0; j <= i; j++) {
            const double *other = c->s + j * m;
            const double v = row[j] - syi_crossed_inner(j, row, other);
            if (j < i) row[j] = other[j] > 0 ? v / other[j] : 0;
            else row[i] = v > dependent * c->a[i * m + i] ? sqrt(v) : 0;
        }
        *rank += row[i] > 0;
        const sy_status s = syi_serial_stopped(ctx);
        if (s < 0) return s;
    }
    return SY_OK;
}
