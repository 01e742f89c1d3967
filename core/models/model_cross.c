/* Cross-products of a model's turned columns.
 *
 * With X'WX = L L' from QR the rows z = L^-1 x have cross-products I over all
 * rows, and over some rows what these hold of the whole: matrices of unit size,
 * right to the condition of X times a rounding, where cross-products of x
 * itself are right to its square only. The turn is a forward substitution over
 * a tile, in double-double where rows are read so; the sums run in the lanes of
 * the moments. Cost: p^2 / 2 multiply-adds a row for the turn (20 times in
 * double-double), as many for the sums.
 * Golub & Van Loan 2013, Matrix Computations, sections 5.3 and 6.5.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/moments_read_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/model_cross_internal.h"
#include <string.h>

/* Tiles between two flushes of a chain in double: sums of 4096 rows a lane at most. */
enum { FLUSH = 16 };

typedef struct {
    double *x, *x_lo, *left; /* [columns * SYI_TILE], columns a multiple of four */
    double *y, *y_lo, *w;
    unsigned char *used;
    ptrdiff_t *row;
    double *acc;
} tile_room;

static size_t plane_of(const syi_cross *c)
{
    return (size_t)syi_lanes_blocks(syi_cross_order(c)) * SYI_BLOCK * SYI_TILE;
}

size_t syi_cross_room(const syi_cross *c)
{
    const size_t d = sizeof(double), lanes = syi_lanes_room(syi_cross_order(c));
    return 3 * syi_arena_room(plane_of(c), d) + 3 * syi_arena_room(SYI_TILE, d) + syi_arena_room(SYI_TILE, 1) +
           syi_arena_room(SYI_TILE, sizeof(ptrdiff_t)) + syi_arena_room(lanes, d);
}

static tile_room take(const syi_cross *c, syi_arena *a)
{
    const size_t d = sizeof(double), lanes = syi_lanes_room(syi_cross_order(c));
    tile_room t;
    t.x = syi_arena_take(a, plane_of(c), d);
    t.x_lo = syi_arena_take(a, plane_of(c), d);
    t.left = syi_arena_take(a, plane_of(c), d);
    t.y = syi_arena_take(a, SYI_TILE, d);
    t.y_lo = syi_arena_take(a, SYI_TILE, d);
    t.w = syi_arena_take(a, SYI_TILE, d);
    t.used = syi_arena_take(a, SYI_TILE, 1);
    t.row = syi_arena_take(a, SYI_TILE, sizeof(ptrdiff_t));
    t.acc = syi_arena_take(a, lanes, d);
    memset(t.acc, 0, lanes * d);
    return t;
}

double syi_cross_seconds(const syi_cross *c, double rows)
{
    const double p = syi_cross_order(c);
    return rows * p * (p * (c->m->twofold ? 2.5e-9 : 2e-10) + (c->m->twofold ? 2e-8 : 2e-9));
}

/* x becomes L^-1 (x - shift), forward substitution over a tile; the columns
 * behind the last up to a multiple of four stay zero. */
static void turn_double(const syi_cross *c, const tile_room *t, int rows)
{
    const int p = c->m->p;
    for (int a = 0; a < p; a++) {
        double *xa = t->x + (ptrdiff_t)a * SYI_TILE;
        const syi_dd *l = c->factor + (ptrdiff_t)a * p;
        for (int i = 0; i < rows; i++) xa[i] -= c->shift[a];
        for (int b = 0; b < a && !c->aliased[a]; b++) {
            const double *xb = t->x + (ptrdiff_t)b * SYI_TILE, f = l[b].hi;
            for (int i = 0; i < rows; i++) xa[i] -= f * xb[i];
        }
        for (int i = 0; i < rows; i++) xa[i] = c->aliased[a] ? 0 : xa[i] / l[a].hi;
    }
}

static void turn_twofold(const syi_cross *c, const tile_room *t, int len)
{
    const int p = c->m->p;
    for (int a = 0; a < p; a++) {
        double *hi = t->x + (ptrdiff_t)a * SYI_TILE, *lo = t->x_lo + (ptrdiff_t)a * SYI_TILE;
        const syi_dd *l = c->factor + (ptrdiff_t)a * p;
        for (int i = 0; i < len; i++) {
            syi_dd v = syi_dd_add((syi_dd){hi[i], lo[i]}, syi_dd_of(-c->shift[a]));
            for (int b = 0; b < a && !c->aliased[a]; b++) {
                const ptrdiff_t at = (ptrdiff_t)b * SYI_TILE + i;
                v = syi_dd_sub(v, syi_dd_mul(l[b], (syi_dd){t->x[at], t->x_lo[at]}));
            }
            v = c->aliased[a] ? syi_dd_of(0) : syi_dd_div(v, l[a]);
            hi[i] = v.hi;
            lo[i] = v.lo;
        }
    }
}

static void put_extra(const syi_cross *c, const tile_room *t, int len)
{
    double *to = t->x + (ptrdiff_t)c->m->p * SYI_TILE;
    for (int i = 0; i < SYI_TILE; i++) to[i] = i < len && t->used[i] ? c->extra[t->row[i]] : 0;
}

static void weigh(const syi_cross *c, const tile_room *t, int rows)
{
    for (int a = 0; a < syi_cross_order(c); a++) {
        const double *x = t->x + (ptrdiff_t)a * SYI_TILE;
        double *left = t->left + (ptrdiff_t)a * SYI_TILE;
        for (int i = 0; i < rows; i++) left[i] = t->w[i] * x[i];
    }
}

/* One tile of rows t->row[0..len-1] into the lanes; the rows that count. */
static double add_tile(const syi_cross *c, const tile_room *t, int len)
{
    const int rows_up = (len + SYI_LANES - 1) / SYI_LANES * SYI_LANES;
    const int frequency = c->m->design->weight_kind == SY_WEIGHT_FREQUENCY;
    const syi_tile tile = {
        syi_lanes_blocks(syi_cross_order(c)), rows_up / SYI_LANES, SYI_TILE, t->left, NULL, t->x, NULL};
    double rows = 0;
    if (c->m->twofold) {
        syi_model_tile_twofold(c->m, t->row, len, t->x, t->x_lo, t->y, t->y_lo, t->w, t->used);
        turn_twofold(c, t, len);
    } else {
        syi_model_tile(c->m, t->row, len, t->x, t->y, t->w, t->used);
        turn_double(c, t, rows_up);
    }
    if (c->extra) put_extra(c, t, len);
    weigh(c, t, rows_up);
    syi_lanes_double(c->simd, &tile, t->acc);
    for (int i = 0; i < len; i++)
        if (t->used[i]) rows += frequency && c->m->design->weights ? t->w[i] : 1;
    return rows;
}

double syi_cross_rows(const syi_cross *c, syi_arena *scratch, const ptrdiff_t *row, ptrdiff_t start, ptrdiff_t count,
                      double *hi, double *lo)
{
    const syi_arena mark = *scratch;
    const tile_room t = take(c, scratch);
    const int order = syi_cross_order(c);
    const size_t packed = (size_t)order * (size_t)(order + 1) / 2;
    double rows = 0;
    int pending = 0;
    memset(hi, 0, packed * sizeof *hi);
    memset(lo, 0, packed * sizeof *lo);
    for (ptrdiff_t done = 0; done < count; done += SYI_TILE) {
        const int len = count - done < SYI_TILE ? (int)(count - done) : SYI_TILE;
        for (int i = 0; i < len; i++) t.row[i] = row ? row[done + i] : start + done + i;
        rows += add_tile(c, &t, len);
        if (++pending == FLUSH || done + SYI_TILE >= count) {
            syi_lanes_flush(c->simd, order, t.acc, NULL, hi, lo);
            pending = 0;
        }
        if (syi_parallel_stopped()) break;
    }
    *scratch = mark;
    return rows;
}

sy_status syi_model_factor(sy_context *ctx, const syi_model *m, syi_factored *f)
{
    *f = (syi_factored){0};
    sy_status status = syi_triangle_open(ctx, m->p, &f->t);
    if (status >= 0) status = syi_linear_rows(ctx, m, &f->t);
    return status < 0 ? status : syi_linear_solve(ctx, m, &f->t, &f->s);
}

void syi_factored_free(syi_factored *f)
{
    syi_triangle_free(&f->t);
    syi_solution_free(&f->s);
}

void syi_factored_lower(const syi_factored *f, int shifted, syi_dd *lower)
{
    const int p = f->t.order - 1;
    for (int a = 0; a < p; a++)
        for (int b = 0; b < p; b++) {
            const syi_dd *row = f->t.r + (ptrdiff_t)b * f->t.order;
            const int e = f->t.exponent[a];
            syi_dd v = b <= a ? row[a] : syi_dd_of(0);
            if (shifted && b == 0 && a > 0)
                v = syi_dd_sub(v, syi_dd_mul_d(row[0], ldexp(f->t.shift[a], f->t.exponent[0] - e)));
            lower[(ptrdiff_t)a * p + b] = (syi_dd){ldexp(v.hi, e), ldexp(v.lo, e)};
        }
}
