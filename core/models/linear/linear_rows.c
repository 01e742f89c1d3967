/* A triangle from rows by Householder QR or by cross-products, in blocks.
 *
 * The rows are cut into blocks by n and p alone; each block is turned into its
 * own triangle a tile at a time (turn.c), and the triangles are merged in
 * order, so that the bits do not depend on threads and memory is a triangle a
 * block, at most 32 MB. Columns are scaled by powers of two found on rows
 * spread over the data; a weighted row is multiplied by the square root of its
 * weight, in double-double. With an intercept a first guess of the mean is
 * taken off each column, and put back into the first row of the triangle,
 * where it belongs exactly: 1e9 + noise keeps its digits. Why QR: its error grows with the condition, where
 * that of cross-products grows with its square; where they leave 12 digits all the
 * same, models with factors or absorbed levels take those, by the lanes of the
 * moments. Cost: 2 n p^2 multiply-adds by QR, n p^2 / 2 by cross-products.
 * Demmel, Grigori, Hoemmen & Langou 2012, doi:10.1137/080731992; Bjorck 1996,
 * doi:10.1137/1.9781611971484, chapter 2.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_internal.h"
#include "algebra/lanes_internal.h"
#include "algebra/moments_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/linear/linear_internal.h"
#include "models/vcov/turn_internal.h"
#include <string.h>

enum { MOST_BLOCKS = 64, FEWEST_ROWS = 4096, SAMPLE = 1024, LOOK_UP = 8, FLUSH = 32, SHIFT_BITS = 12 };

typedef struct {
    const syi_model *m;
    const syi_triangle *t;
    int simd, order, twofold;
    ptrdiff_t block;
    syi_dd *triangles; /* [blocks][order * order]; by cross-products sums, else what rows were turned into */
    size_t scratch_each;
    double *scratch; /* [workers][scratch_each] */
    int products;    /* 1: cross-products */
} job;

/* By QR two planes of a tile; by cross-products one, its columns filled up to
 * whole blocks, the lanes and their sums. */
static size_t scratch_room(int order, int products)
{
    const size_t padded = (size_t)syi_lanes_blocks(order) * SYI_BLOCK * SYI_TILE;
    if (!products) return 2 * (size_t)order * SYI_TILE;
    return padded + syi_lanes_room(order) + (2 * syi_packed_length(order - 1) + SYI_LANES) / SYI_LANES * SYI_LANES;
}

static ptrdiff_t block_rows(ptrdiff_t n, int order)
{
    const ptrdiff_t fit = (ptrdiff_t)(32e6 / (16.0 * order * order));
    const ptrdiff_t most = fit < 1 ? 1 : fit < MOST_BLOCKS ? fit : MOST_BLOCKS;
    const ptrdiff_t tiles = n / SYI_TILE + (n % SYI_TILE != 0), each = tiles / most + (tiles % most != 0);
    return each * SYI_TILE > FEWEST_ROWS ? each * SYI_TILE : FEWEST_ROWS;
}

/* A column less its shift, times 2^-e and sqrt(w); 0 in rows not used. */
static void prepare_twofold(double shift, double factor, const double *used, const syi_dd *root, double *hi, double *lo)
{
    for (int i = 0; i < SYI_TILE; i++) {
        const syi_dd v = syi_dd_add((syi_dd){hi[i], lo[i]}, syi_dd_of(-shift * used[i]));
        const syi_dd scaled = {v.hi * factor, v.lo * factor}, z = root ? syi_dd_mul(scaled, root[i]) : scaled;
        hi[i] = z.hi;
        lo[i] = z.lo;
    }
}

static void prepare_double(double shift, double factor, const double *used, const syi_dd *root, double *x)
{
    for (int i = 0; i < SYI_TILE; i++) x[i] = (x[i] - shift * used[i]) * factor;
    for (int i = 0; root && i < SYI_TILE; i++) x[i] *= root[i].hi;
}

/* The weighted, scaled rows of a tile; the outcome is the last column. */
static void read_tile(const job *j, const ptrdiff_t *row, int len, double *hi, double *lo)
{
    double w[SYI_TILE], one[SYI_TILE];
    unsigned char used[SYI_TILE];
    syi_dd root[SYI_TILE];
    const ptrdiff_t y = (ptrdiff_t)j->m->p * SYI_TILE;
    const int weighted = j->m->design->weights != NULL;
    if (j->m->twofold) syi_model_tile_twofold(j->m, row, len, hi, lo, hi + y, lo + y, w, used);
    else syi_model_tile(j->m, row, len, hi, hi + y, w, used);
    if (j->twofold && !j->m->twofold) memset(lo, 0, (size_t)j->order * SYI_TILE * sizeof *lo);
    for (int i = 0; weighted && i < SYI_TILE; i++) root[i] = syi_dd_sqrt(syi_dd_of(w[i]));
    for (int i = 0; i < SYI_TILE; i++) one[i] = used[i];
    for (int c = 0; c < j->order; c++) {
        const double factor = ldexp(1, -j->t->exponent[c]), shift = j->t->shift[c];
        const ptrdiff_t at = (ptrdiff_t)c * SYI_TILE;
        if (j->twofold) prepare_twofold(shift, factor, one, weighted ? root : NULL, hi + at, lo + at);
        else prepare_double(shift, factor, one, weighted ? root : NULL, hi + at);
    }
}

/* Adds the products of a block's tiles, in lanes; sums in double-double every
 * SYI_TILE * FLUSH rows. */
static void add_products(const job *j, int worker, ptrdiff_t from, ptrdiff_t end, syi_dd *out)
{
    const int order = j->order, blocks = syi_lanes_blocks(order);
    const size_t packed = syi_packed_length(order - 1);
    double *x = j->scratch + j->scratch_each * (size_t)worker, *acc = x + (size_t)blocks * SYI_BLOCK * SYI_TILE;
    double *sum = acc + syi_lanes_room(order), *sum_lo = sum + packed;
    const syi_tile tile = {blocks, SYI_TILE / SYI_LANES, SYI_TILE, x, NULL, x, NULL};
    ptrdiff_t row[SYI_TILE];
    memset(sum, 0, 2 * packed * sizeof *sum);
    for (ptrdiff_t at = from, done = 1; at < end; at += SYI_TILE, done++) {
        const int len = end - at < SYI_TILE ? (int)(end - at) : SYI_TILE;
        if (done % LOOK_UP == 0 && syi_parallel_stopped()) return;
        for (int i = 0; i < SYI_TILE; i++) row[i] = at + (i < len ? i : 0);
        read_tile(j, row, len, x, NULL);
        syi_lanes_double(j->simd, &tile, acc);
        if (done % FLUSH == 0 || at + SYI_TILE >= end) syi_lanes_flush(j->simd, order, acc, NULL, sum, sum_lo);
    }
    for (int a = 0; a < order; a++)
        for (int b = a; b < order; b++) {
            const size_t place = syi_packed_at(order - 1, a, b);
            out[a * order + b] = out[b * order + a] = (syi_dd){sum[place], sum_lo[place]};
        }
}

static void turn_rows(const job *j, int worker, ptrdiff_t from, ptrdiff_t end, syi_dd *out)
{
    const size_t plane = (size_t)j->order * SYI_TILE;
    double *hi = j->scratch + j->scratch_each * (size_t)worker, *lo = j->twofold ? hi + plane : NULL;
    ptrdiff_t row[SYI_TILE];
    for (ptrdiff_t at = from, done = 1; at < end; at += SYI_TILE, done++) {
        const int len = end - at < SYI_TILE ? (int)(end - at) : SYI_TILE;
        if (done % LOOK_UP == 0 && syi_parallel_stopped()) return;
        for (int i = 0; i < SYI_TILE; i++) row[i] = at + (i < len ? i : 0);
        read_tile(j, row, len, hi, lo);
        syi_turn(j->simd, j->order, out, SYI_TILE, SYI_TILE, hi, lo);
    }
}

static void block_work(void *arg, int worker, size_t block)
{
    const job *j = arg;
    const ptrdiff_t from = (ptrdiff_t)block * j->block, n = j->m->design->n;
    const ptrdiff_t end = n - from < j->block ? n : from + j->block;
    syi_dd *out = j->triangles + block * (size_t)j->order * (size_t)j->order;
    if (j->products) add_products(j, worker, from, end, out);
    else turn_rows(j, worker, from, end, out);
}

/* Appends the rows of triangle `from` to `into`. */
static void merge(const job *j, const syi_dd *from, syi_dd *into)
{
    const int order = j->order;
    double *hi = j->scratch, *lo = hi + (ptrdiff_t)order * SYI_TILE;
    for (int start = 0; start < order; start += SYI_TILE) {
        for (int c = 0; c < order; c++)
            for (int i = 0; i < SYI_TILE; i++) {
                const syi_dd v = start + i < order ? from[(ptrdiff_t)(start + i) * order + c] : syi_dd_of(0);
                hi[(ptrdiff_t)c * SYI_TILE + i] = v.hi;
                lo[(ptrdiff_t)c * SYI_TILE + i] = v.lo;
            }
        syi_turn(j->simd, order, into, SYI_TILE, SYI_TILE, hi, lo);
    }
}

/* A sample of the rows in tiles, evenly spread; 0 at the end. */
static int sample_tile(const job *j, ptrdiff_t done, double *w, unsigned char *used)
{
    const ptrdiff_t n = j->m->design->n, sample = n < SAMPLE ? n : SAMPLE;
    const int len = sample - done < SYI_TILE ? (int)(sample - done) : SYI_TILE;
    ptrdiff_t row[SYI_TILE];
    if (len <= 0) return 0;
    for (int i = 0; i < SYI_TILE; i++) {
        const ptrdiff_t k = done + (i < len ? i : 0);
        row[i] = k * (n / sample) + k * (n % sample) / sample;
    }
    syi_model_tile(j->m, row, len, j->scratch, j->scratch + (ptrdiff_t)j->m->p * SYI_TILE, w, used);
    return 1;
}

/* Means of a sample, rounded to 12 bits of the spread so that x - shift is as a
 * rule exact; a constant column's own value. */
static void find_shifts(const job *j, double *work, double *shift)
{
    double w[SYI_TILE];
    unsigned char used[SYI_TILE];
    for (ptrdiff_t done = 0; sample_tile(j, done, w, used); done += SYI_TILE)
        for (int c = 1; c < j->order; c++)
            for (int i = 0; i < SYI_TILE; i++) {
                double *v = work + 3 * c;
                if (!used[i]) continue;
                const double d = j->scratch[(ptrdiff_t)c * SYI_TILE + i] - v[1];
                v[0] += 1;
                v[1] += d / v[0];
                v[2] += d * (j->scratch[(ptrdiff_t)c * SYI_TILE + i] - v[1]);
            }
    for (int c = 1; c < j->order; c++) {
        const double *v = work + 3 * c, sd = sqrt(v[2] / v[0]);
        shift[c] = isfinite(v[1]) ? v[1] : 0;
        if (!(sd > 0) || !isfinite(sd)) continue;
        const double grid = ldexp(1, ilogb(sd) - SHIFT_BITS), guess = rint(v[1] / grid) * grid;
        if (isfinite(guess)) shift[c] = guess;
    }
}

/* The power of two that brings the largest of a sample of each column into
 * [1/2, 1). */
static void find_exponents(const job *j, int *exponent)
{
    const int none = -100000;
    double w[SYI_TILE];
    unsigned char used[SYI_TILE];
    for (int c = 0; c < j->order; c++) exponent[c] = none;
    for (ptrdiff_t done = 0; sample_tile(j, done, w, used); done += SYI_TILE)
        for (int c = 0; c < j->order; c++)
            for (int i = 0; i < SYI_TILE; i++) {
                const double v = (j->scratch[(ptrdiff_t)c * SYI_TILE + i] - j->t->shift[c]) * sqrt(w[i]);
                if (v != 0 && isfinite(v) && ilogb(v) + 1 > exponent[c]) exponent[c] = ilogb(v) + 1;
            }
    for (int c = 0; c < j->order; c++)
        if (exponent[c] == none) exponent[c] = 0;
}

/* A column is what was turned plus its shift times the column of ones. */
static void put_shifts_back(syi_triangle *t)
{
    for (int c = 0; c < t->order; c++) {
        t->about[c] = t->r[c].hi;
        const double s = ldexp(t->shift[c], t->exponent[0] - t->exponent[c]);
        if (s != 0) t->r[c] = syi_dd_add(t->r[c], syi_dd_mul_d(t->r[0], s));
    }
}

/* R from the sums: the shifts have centred them but for a little, and the
 * factorisation in double-double does the rest. */
static int factor_sums(const job *j, const double *floor_, int *aliased, syi_triangle *t)
{
    const int order = t->order;
    if (syi_cholesky(order, j->triangles, floor_, aliased) < order) return 0;
    for (int a = 0; a < order; a++)
        for (int b = 0; b < order; b++) t->r[a * order + b] = b < a ? syi_dd_of(0) : j->triangles[b * order + a];
    t->trace = syi_triangle_trace(order, t->r, j->m->count[0], order, NULL, j->triangles);
    return t->trace <= syi_most_trace;
}

static void merge_blocks(const job *j, size_t blocks)
{
    const size_t square = (size_t)j->order * (size_t)j->order;
    for (size_t b = 1; b < blocks; b++) {
        if (!j->products) merge(j, j->triangles + b * square, j->triangles);
        for (size_t k = 0; j->products && k < square; k++)
            j->triangles[k] = syi_dd_add(j->triangles[k], j->triangles[b * square + k]);
    }
}

static double seconds_for(const job *j)
{
    const double order = j->order, each = j->products ? 1e-10 : j->twofold ? 6e-10 : 2e-10;
    return (double)j->m->design->n * order * (order * each + (j->twofold ? 2e-8 : 4e-9));
}

static sy_status run(sy_context *ctx, job *j, syi_triangle *t, int *good)
{
    const int order = j->order;
    const ptrdiff_t n = j->m->design->n;
    const size_t blocks = (size_t)(n / j->block + (n % j->block != 0)), square = (size_t)order * (size_t)order;
    const double seconds = seconds_for(j);
    const int workers = syi_parallel_workers(ctx, blocks, seconds);
    sy_status s = SY_OK;
    int *aliased = syi_alloc((size_t)order, sizeof *aliased);
    double *work = syi_alloc((size_t)order, 3 * sizeof *work);
    j->triangles = syi_alloc(blocks * square, sizeof *j->triangles);
    j->scratch = syi_alloc((size_t)workers * j->scratch_each, sizeof(double));
    if (!aliased || !work || !j->triangles || !j->scratch) {
        s = syi_fail(ctx, SY_ENOMEM, "linear: out of memory for %d columns", j->m->p);
        goto out;
    }
    if (j->m->count[0]) find_shifts(j, work, t->shift);
    find_exponents(j, t->exponent);
    memset(j->scratch, 0, (size_t)workers * j->scratch_each * sizeof(double));
    if ((s = syi_parallel(ctx, blocks, seconds, block_work, j)) < 0) goto out;
    merge_blocks(j, blocks);
    for (int c = 0; c < order; c++) work[c] = 128 * (order + 1) * 0x1p-53;
    if (!j->products) memcpy(t->r, j->triangles, square * sizeof *t->r);
    else *good = factor_sums(j, work, aliased, t);
    put_shifts_back(t);
out:
    SYI_FREE(aliased);
    SYI_FREE(work);
    SYI_FREE(j->triangles);
    SYI_FREE(j->scratch);
    return s;
}

sy_status syi_triangle_open(sy_context *ctx, int p, syi_triangle *t)
{
    const size_t order = (size_t)p + 1;
    *t = (syi_triangle){.order = p + 1};
    t->r = syi_alloc(order * order, sizeof *t->r);
    t->exponent = syi_alloc(order, sizeof *t->exponent);
    t->shift = syi_alloc(order, sizeof *t->shift);
    t->about = syi_alloc(order, sizeof *t->about);
    if (t->r && t->exponent && t->shift && t->about) return SY_OK;
    return syi_fail(ctx, SY_ENOMEM, "linear: out of memory for %d columns", p);
}

void syi_triangle_free(syi_triangle *t)
{
    SYI_FREE(t->r);
    SYI_FREE(t->exponent);
    SYI_FREE(t->shift);
    SYI_FREE(t->about);
}

sy_status syi_linear_rows(sy_context *ctx, const syi_model *m, syi_triangle *t)
{
    t->method = m->twofold ? SY_BY_QR_TWOFOLD : SY_BY_QR_DOUBLE;
    t->twofold = m->twofold || syi_model_light(m->design, m->p);
    job j = {.m = m, .t = t, .order = t->order, .twofold = t->twofold};
    j.simd = syi_lanes_width(ctx->simd);
    j.block = block_rows(m->design->n, t->order);
    j.scratch_each = scratch_room(t->order, 0);
    t->unit = 16 * (t->order + 1) * (t->twofold ? 0x1p-104 : 0x1p-53);
    return run(ctx, &j, t, NULL);
}

sy_status syi_linear_products(sy_context *ctx, const syi_model *m, syi_triangle *t, int *good)
{
    job j = {.m = m, .t = t, .order = t->order, .products = 1};
    j.simd = syi_lanes_width(ctx->simd);
    j.block = block_rows(m->design->n, t->order);
    j.scratch_each = scratch_room(t->order, 1);
    *good = 0;
    t->unit = 64 * 0x1p-53;
    return run(ctx, &j, t, good);
}
