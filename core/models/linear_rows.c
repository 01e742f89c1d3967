/* A triangle from rows by Householder QR, in blocks.
 *
 * The rows are cut into blocks by n and p alone; each block is turned into its
 * own triangle a tile at a time (turn.c), and the triangles are merged in
 * order, so that the bits do not depend on threads and memory is a triangle a
 * block, at most 32 MB. Columns are scaled by powers of two found on rows
 * spread over the data; a weighted row is multiplied by the square root of its
 * weight, in double-double. With an intercept a first guess of the mean is
 * taken off each column, and put back into the first row of the triangle,
 * where it belongs exactly: 1e9 + noise keeps its digits. Why QR: its error grows with the condition, where
 * that of cross-products grows with its square. Cost: 2 n p^2 multiply-adds.
 * Demmel, Grigori, Hoemmen & Langou 2012, doi:10.1137/080731992; Bjorck 1996,
 * doi:10.1137/1.9781611971484, chapter 2.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/lanes_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/linear_internal.h"
#include "models/turn_internal.h"
#include <string.h>

enum { MOST_BLOCKS = 64, FEWEST_ROWS = 4096, SAMPLE = 1024, LOOK_UP = 8, SHIFT_BITS = 12 };

typedef struct {
    const syi_model *m;
    const syi_triangle *t;
    int simd, order, twofold;
    ptrdiff_t block;
    syi_dd *triangles; /* [blocks][order * order] */
    double *scratch;   /* [workers][2 * order * SYI_TILE] */
} job;

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

static void turn_block(void *arg, int worker, size_t block)
{
    const job *j = arg;
    const size_t plane = (size_t)j->order * SYI_TILE;
    const ptrdiff_t from = (ptrdiff_t)block * j->block, n = j->m->design->n;
    const ptrdiff_t end = n - from < j->block ? n : from + j->block;
    double *hi = j->scratch + 2 * plane * (size_t)worker, *lo = j->twofold ? hi + plane : NULL;
    syi_dd *r = j->triangles + block * (size_t)j->order * (size_t)j->order;
    ptrdiff_t row[SYI_TILE];
    for (ptrdiff_t at = from; at < end; at += SYI_TILE) {
        const int len = end - at < SYI_TILE ? (int)(end - at) : SYI_TILE;
        if ((at - from) / SYI_TILE % LOOK_UP == LOOK_UP - 1 && syi_parallel_stopped()) return;
        for (int i = 0; i < SYI_TILE; i++) row[i] = at + (i < len ? i : 0);
        read_tile(j, row, len, hi, lo);
        syi_turn(j->simd, j->order, r, SYI_TILE, SYI_TILE, hi, lo);
    }
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

sy_status syi_linear_rows(sy_context *ctx, const syi_model *m, syi_triangle *t)
{
    const int order = t->order, twofold = t->twofold;
    const ptrdiff_t n = m->design->n, block = block_rows(n, order);
    const size_t blocks = (size_t)(n / block + (n % block != 0)), square = (size_t)order * (size_t)order;
    const double seconds = (double)n * order * (order * (twofold ? 6e-10 : 2e-10) + (twofold ? 2e-8 : 4e-9));
    const int workers = syi_parallel_workers(ctx, blocks, seconds);
    job j = {.m = m, .t = t, .order = order, .twofold = twofold, .block = block};
    sy_status s = SY_OK;
    j.simd = syi_lanes_width(ctx->simd);
    j.triangles = syi_alloc(blocks * square, sizeof *j.triangles);
    j.scratch = syi_alloc((size_t)workers * 2 * (size_t)order, SYI_TILE * sizeof(double));
    double *work = syi_alloc((size_t)order, 3 * sizeof *work);
    if (!j.triangles || !j.scratch || !work) {
        s = syi_fail(ctx, SY_ENOMEM, "linear: out of memory for %d columns", m->p);
        goto out;
    }
    if (m->count[0]) find_shifts(&j, work, t->shift);
    find_exponents(&j, t->exponent);
    if ((s = syi_parallel(ctx, blocks, seconds, turn_block, &j)) < 0) goto out;
    for (size_t b = 1; b < blocks; b++) merge(&j, j.triangles + b * square, j.triangles);
    memcpy(t->r, j.triangles, square * sizeof *t->r);
    put_shifts_back(t);
    t->unit = 16 * (order + 1) * (twofold ? 0x1p-104 : 0x1p-53);
out:
    SYI_FREE(work);
    SYI_FREE(j.triangles);
    SYI_FREE(j.scratch);
    return s;
}
