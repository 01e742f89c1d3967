/* The parts of Kenward and Roger's approximation for any number of grouping
 * factors, by matrices of the order of all effects.
 *
 * With A = Z'Z, B = Z'X, C = X'X (rows by the roots of their weights) from one
 * pass, I + T'AT = L L', G = L^-1 T'A, F = L^-1 T'B:
 *   H = Z' V^-1 Z = A - G'G, Z' V^-1 X = B - G'F, X' V^-1 X = C - F'F.
 * V itself, of the order of the rows, is never made. Condition: the
 * differences lose the digits of theta^2 times the rows of a level. Cost: n
 * (p + q)^2, then M^3 (1/6 + 1) for M effects in all.
 * Kenward & Roger 1997, doi:10.2307/2533558.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/mixed/lmm_parts_internal.h"
#include <string.h>

enum { MOST = 4000 };

typedef struct {
    const syi_lmm *l;
    ptrdiff_t m, p;
    double *a, *b, *c; /* [m * m] A, then H; [m * p] B, then U; [p * p] C, then the factor of X' V^-1 X */
    double *s, *g, *f; /* [m * m] L; [m * m] G; [m * p] F, or [p * p] */
    double *t;         /* T of all bar terms, one after the other [entries] */
    int *bar, *row, *column;
} dense;

static int dense_init(const syi_lmm *l, int n, dense *d)
{
    *d = (dense){.l = l, .m = l->n_modes, .p = l->p};
    const size_t m = (size_t)d->m, p = (size_t)d->p, one = sizeof(double);
    d->a = syi_alloc(m * m, one);
    d->b = syi_alloc(m * p, one);
    d->c = syi_alloc(p * p, one);
    d->s = syi_alloc(m * m, one);
    d->g = syi_alloc(m * m, one);
    d->f = syi_alloc((m > p ? m : p) * p, one);
    d->t = syi_alloc((size_t)l->rows->bars.entries, one);
    d->bar = syi_alloc((size_t)n, sizeof(int));
    d->row = syi_alloc((size_t)n, sizeof(int));
    d->column = syi_alloc((size_t)n, sizeof(int));
    return d->a && d->b && d->c && d->s && d->g && d->f && d->t && d->bar && d->row && d->column ? 0 : -1;
}

static void dense_free(dense *d)
{
    SYI_FREE(d->a);
    SYI_FREE(d->b);
    SYI_FREE(d->c);
    SYI_FREE(d->s);
    SYI_FREE(d->g);
    SYI_FREE(d->f);
    SYI_FREE(d->t);
    SYI_FREE(d->bar);
    SYI_FREE(d->row);
    SYI_FREE(d->column);
}

/* One row of Z: its effects' places and values. */
static int row_of(const syi_bars *b, const double *z, const int32_t *level, int i, ptrdiff_t *at, double *value)
{
    int count = 0;
    for (int k = 0; k < b->n_bars; k++) {
        const syi_bar *bar = &b->bar[k];
        const ptrdiff_t first = bar->first_mode + (ptrdiff_t)level[bar->factor * SYI_TILE + i] * bar->q;
        for (int e = 0; e < bar->q; e++) {
            at[count] = first + e;
            value[count++] = z[(ptrdiff_t)(bar->first_effect + e) * SYI_TILE + i];
        }
    }
    return count;
}

static void add_row(dense *d, int count, const ptrdiff_t *at, const double *value, double w, const double *x)
{
    for (int e = 0; e < count; e++) {
        for (int f = 0; f < count; f++) d->a[at[e] * d->m + at[f]] += w * value[e] * value[f];
        for (ptrdiff_t c = 0; c < d->p; c++) d->b[at[e] * d->p + c] += w * value[e] * x[c * SYI_TILE];
    }
    for (ptrdiff_t c = 0; c < d->p; c++)
        for (ptrdiff_t j = 0; j <= c; j++) d->c[c * d->p + j] += w * x[c * SYI_TILE] * x[j * SYI_TILE];
}

static sy_status read_rows(sy_context *ctx, dense *d)
{
    const syi_lmm_rows *r = d->l->rows;
    const size_t q = (size_t)r->bars.n_effects, t = SYI_TILE, f = (size_t)r->bars.n_factors;
    const size_t x_room = ((size_t)d->p + 1) * t, own = syi_lmm_rows_room(r);
    double *x = syi_alloc(x_room + own + q * t + t + q, sizeof *x);
    ptrdiff_t *row = syi_alloc(t + q, sizeof *row);
    int32_t *level = syi_alloc(f * t, sizeof *level);
    unsigned char used[SYI_TILE];
    sy_status s = SY_OK;
    if (!x || !row || !level) s = syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for a tile of %td columns", d->p);
    for (ptrdiff_t at = 0, n = r->m.design->n; at < n && s >= 0; at += SYI_TILE) {
        const int len = n - at < SYI_TILE ? (int)(n - at) : SYI_TILE;
        double *scratch = x + x_room, *z = scratch + own, *w = z + q * t, *value = w + t;
        for (int i = 0; i < len; i++) row[i] = at + i;
        syi_lmm_rows_tile(r, row, len, x, w, used, z, level, scratch);
        for (int i = 0; i < len; i++)
            if (used[i]) add_row(d, row_of(&r->bars, z, level, i, row + t, value), row + t, value, w[i], x + i);
        s = syi_serial_stopped(ctx);
    }
    SYI_FREE(x);
    SYI_FREE(row);
    SYI_FREE(level);
    return s;
}

/* y = T' x over the effects, `wide` columns. */
static void times_t(const dense *d, const double *x, ptrdiff_t wide, double *y)
{
    const syi_bars *b = &d->l->rows->bars;
    for (int k = 0; k < b->n_bars; k++) {
        const syi_bar *bar = &b->bar[k];
        const double *t = d->t + bar->first_entry;
        for (ptrdiff_t g = 0; g < b->factor[bar->factor].n_levels; g++)
            for (int i = 0; i < bar->q; i++) {
                const ptrdiff_t first = bar->first_mode + g * bar->q;
                double *out = y + (first + i) * wide;
                for (ptrdiff_t c = 0; c < wide; c++) out[c] = 0;
                for (int j = i; j < bar->q; j++)
                    for (ptrdiff_t c = 0; c < wide; c++) out[c] += t[j * bar->q + i] * x[(first + j) * wide + c];
            }
    }
}

/* y [m * wide] becomes L^-1 y. */
static sy_status forward(sy_context *ctx, const dense *d, ptrdiff_t wide, double *y)
{
    for (ptrdiff_t i = 0; i < d->m; i++) {
        double *out = y + i * wide;
        for (ptrdiff_t h = 0; h < i; h++) {
            const double f = d->s[i * d->m + h], *above = y + h * wide;
            for (ptrdiff_t c = 0; f != 0 && c < wide; c++) out[c] -= f * above[c];
        }
        for (ptrdiff_t c = 0; c < wide; c++) out[c] /= d->s[i * d->m + i];
        if (syi_serial_stopped(ctx) < 0) return SY_EINTR;
    }
    return SY_OK;
}

/* y [rows * wide] -= left' right, left [m * rows]. */
static sy_status take(sy_context *ctx, ptrdiff_t m, ptrdiff_t rows, const double *left, ptrdiff_t wide,
                      const double *right, double *y)
{
    for (ptrdiff_t i = 0; i < rows; i++) {
        for (ptrdiff_t h = 0; h < m; h++) {
            const double f = left[h * rows + i];
            for (ptrdiff_t c = 0; f != 0 && c < wide; c++) y[i * wide + c] -= f * right[h * wide + c];
        }
        if (syi_serial_stopped(ctx) < 0) return SY_EINTR;
    }
    return SY_OK;
}

/* I + T'AT into s. */
static void put_inner(dense *d)
{
    times_t(d, d->a, d->m, d->g);
    for (ptrdiff_t i = 0; i < d->m; i++)
        for (ptrdiff_t j = 0; j < d->m; j++) d->s[j * d->m + i] = d->g[i * d->m + j];
}

static sy_status solve(sy_context *ctx, dense *d)
{
    const ptrdiff_t m = d->m, p = d->p;
    put_inner(d);
    double *turned = syi_alloc((size_t)(m * m), sizeof *turned);
    if (!turned) return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %td effects", m);
    times_t(d, d->s, m, turned);
    memcpy(d->s, turned, (size_t)(m * m) * sizeof *turned);
    SYI_FREE(turned);
    for (ptrdiff_t i = 0; i < m; i++) d->s[i * m + i] += 1;
    times_t(d, d->b, p, d->f);
    if (!syi_cholesky_plain((int)m, d->s, 0))
        return syi_fail(ctx, SY_EDATA, "theta: at these variances the effects' matrix is singular");
    sy_status s = forward(ctx, d, m, d->g);
    if (s >= 0) s = forward(ctx, d, p, d->f);
    if (s >= 0) s = take(ctx, m, m, d->g, m, d->g, d->a);
    if (s >= 0) s = take(ctx, m, m, d->g, p, d->f, d->b);
    if (s >= 0) s = take(ctx, m, p, d->f, p, d->f, d->c);
    if (s >= 0 && !syi_cholesky_plain((int)p, d->c, 0))
        s = syi_fail(ctx, SY_EDATA, "theta: at these variances the columns are collinear");
    return s;
}

/* U times L'^-1 of X' V^-1 X = L L', and that root as `basis` in the units of the data. */
static void turn(const dense *d, double *basis)
{
    const int p = (int)d->p;
    const double *scale = d->l->rows->scale, *shift = d->l->rows->shift;
    for (ptrdiff_t i = 0; i < d->m; i++) syi_cholesky_plain_forward(p, d->c, d->b + i * p);
    syi_cholesky_plain_root(p, d->c, d->f);
    for (int i = 0; i < p; i++)
        for (int j = 0; j < p; j++) basis[i * p + j] = scale[i] * d->f[j * p + i];
    for (int i = 1; i < p && d->l->rows->m.count[0]; i++)
        for (int j = 0; j < p; j++) basis[j] -= shift[i] * basis[i * p + j];
}

/* y = E_s x: rows (level, i) and (level, j) of the bar term exchanged, all others zero. */
static void exchange(const dense *d, int s, const double *x, ptrdiff_t wide, double *y)
{
    const syi_bar *bar = &d->l->rows->bars.bar[d->bar[s]];
    const ptrdiff_t levels = d->l->rows->bars.factor[bar->factor].n_levels;
    memset(y, 0, (size_t)(d->m * wide) * sizeof *y);
    for (ptrdiff_t g = 0; g < levels; g++) {
        const ptrdiff_t i = bar->first_mode + g * bar->q + d->row[s], j = bar->first_mode + g * bar->q + d->column[s];
        memcpy(y + i * wide, x + j * wide, (size_t)wide * sizeof *y);
        memcpy(y + j * wide, x + i * wide, (size_t)wide * sizeof *y);
    }
}

/* tr E_s H E_t H: entries of H by pairs of places that E_s and E_t exchange. */
static double trace(const dense *d, int s, int t)
{
    const syi_bars *b = &d->l->rows->bars;
    const syi_bar *x = &b->bar[d->bar[s]], *y = &b->bar[d->bar[t]];
    double sum = 0;
    for (ptrdiff_t g = 0; g < b->factor[x->factor].n_levels; g++)
        for (ptrdiff_t h = 0; h < b->factor[y->factor].n_levels; h++) {
            const ptrdiff_t one = x->first_mode + g * x->q, two = y->first_mode + h * y->q;
            const ptrdiff_t i = one + d->row[s], j = one + d->column[s], m = two + d->row[t], n = two + d->column[t];
            const double *a = d->a;
            sum += a[i * d->m + m] * a[j * d->m + n];
            if (i != j) sum += a[j * d->m + m] * a[i * d->m + n];
            if (m != n) sum += a[i * d->m + n] * a[j * d->m + m];
            if (i != j && m != n) sum += a[j * d->m + n] * a[i * d->m + m];
        }
    return sum;
}

/* out [p * p] = x'y */
static void cross(const dense *d, const double *x, const double *y, double *out)
{
    for (ptrdiff_t h = 0; h < d->m; h++)
        for (ptrdiff_t i = 0; i < d->p; i++)
            for (ptrdiff_t j = 0; j < d->p; j++) out[i * d->p + j] += x[h * d->p + i] * y[h * d->p + j];
}

static sy_status put_parts(sy_context *ctx, dense *d, syi_lmm_parts *parts)
{
    const ptrdiff_t m = d->m, p = d->p, square = p * p;
    double *e = syi_alloc((size_t)(2 * m * p), sizeof *e), *h = e ? e + m * p : NULL;
    if (!e) return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %td effects", m);
    sy_status status = SY_OK;
    for (int s = 0; s < parts->n && status >= 0; s++) {
        exchange(d, s, d->b, p, e);
        cross(d, d->b, e, parts->m + s * square);
        memset(h, 0, (size_t)(m * p) * sizeof *h);
        for (ptrdiff_t i = 0; i < m && status >= 0; i++) {
            for (ptrdiff_t c = 0; c < m; c++)
                for (ptrdiff_t j = 0; j < p; j++) h[i * p + j] += d->a[i * m + c] * e[c * p + j];
            status = syi_serial_stopped(ctx);
        }
        for (int t = 0; t < parts->n && status >= 0; t++) {
            exchange(d, t, d->b, p, e);
            cross(d, e, h, parts->q + ((ptrdiff_t)t * parts->n + s) * square);
            parts->second[s * parts->n + t] = trace(d, s, t);
            status = syi_serial_stopped(ctx);
        }
        const syi_bar *bar = &d->l->rows->bars.bar[d->bar[s]];
        for (ptrdiff_t g = 0; g < d->l->rows->bars.factor[bar->factor].n_levels; g++) {
            const ptrdiff_t at = bar->first_mode + g * bar->q;
            const double v = d->a[(at + d->row[s]) * m + at + d->column[s]];
            parts->first[s] += d->row[s] == d->column[s] ? v : 2 * v;
        }
    }
    SYI_FREE(e);
    return status;
}

sy_status syi_lmm_parts_dense(sy_context *ctx, const syi_lmm *l, const double *theta, syi_lmm_parts *parts)
{
    dense d;
    sy_status s = SY_OK;
    if (l->n_modes > MOST)
        return syi_fail(
            ctx, SY_ELIMIT,
            "df: Kenward and Roger's needs matrices of the order of all %td effects; the limit with several "
            "grouping factors is %d (Satterthwaite's has none)",
            l->n_modes, (int)MOST);
    if (dense_init(l, parts->n, &d) != 0) {
        s = syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for matrices of %td effects", l->n_modes);
        goto out;
    }
    for (int k = 0; k < l->rows->bars.n_bars; k++)
        syi_bar_factor(&l->rows->bars.bar[k], theta, d.t + l->rows->bars.bar[k].first_entry);
    syi_lmm_parts_list(&l->rows->bars, d.bar, d.row, d.column);
    if ((s = read_rows(ctx, &d)) < 0) goto out;
    if ((s = solve(ctx, &d)) < 0) goto out;
    turn(&d, parts->basis);
    s = put_parts(ctx, &d, parts);
out:
    dense_free(&d);
    return s;
}
