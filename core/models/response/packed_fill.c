/* The rows of a response model packed in one pass.
 *
 * A tile of the design is read, the rows used are appended column by column,
 * less a centre and divided by a power of two, and every tile of packed rows
 * adds its cross-products while it is in the cache. Centres and scales come
 * from a sample of rows: they need not be exact, only near, and x - centre is as
 * a rule without rounding. Tiles of plain columns of doubles without a gap are
 * read as they lie (packed_plain.c), any other by the tile of the model.
 * Cost: n (p + 5) numbers read and written, n p^2 / 2 multiply-adds.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/gram_internal.h"
#include "algebra/lanes_internal.h"
#include "algebra/moments_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/response/packed_internal.h"
#include <string.h>

enum { SAMPLE = SYI_TILE, SHIFT_BITS = 12, FLUSH = 32, LOOK_UP = 256 };

typedef struct {
    const syi_shadow *s;
    syi_packed *rows;
    int simd, order[2]; /* of the two triangles of products */
    double *tile[SYI_PARTS], *y, *w, *other, *offset, *trials, *cluster;
    double *ones, *scratch, *acc[2];
    const double **pointer;
    double *hi[2], *lo[2];
    ptrdiff_t done; /* packed tiles whose products are in */
    int fault;      /* 1: some row is not as it should be */
    int is_plain;
    syi_plain plain;
} filling;

/* Rows start .. start + len - 1, or row[0 .. len - 1]. */
static void read_tile(filling *f, const ptrdiff_t *row, int len, unsigned char *used)
{
    const syi_shadow *s = f->s;
    unsigned char again[SYI_TILE];
    syi_model_tile(&s->part[SYI_LOCATION], row, len, f->tile[SYI_LOCATION], f->y, f->w, used);
    for (int part = SYI_NOMINAL; part < SYI_PARTS; part++)
        if (s->part_terms[part])
            syi_model_tile(&s->part[part], row, len, f->tile[part], f->other, f->other + SYI_TILE, again);
    if (s->model->offset) syi_column_values(s->model->offset, row, 0, len, f->offset);
    if (s->model->trials) syi_column_values(s->model->trials, row, 0, len, f->trials);
    if (s->design.cluster) syi_column_values(s->design.cluster, row, 0, len, f->cluster);
    for (int i = 0; i < len && s->model->trials; i++) used[i] &= f->trials[i] != 0;
}

/* The column `c` of all parts, intercepts left out (but for a location part
 * that is not ordinal), in the tile. */
static const double *source(const filling *f, int c)
{
    int part = SYI_LOCATION;
    while (c >= f->s->first[part + 1]) part++;
    const int skip = part != SYI_LOCATION || f->s->model->kind == SY_RESPONSE_ORDINAL;
    return f->tile[part] + (ptrdiff_t)(c - f->s->first[part] + skip) * SYI_TILE;
}

static int is_intercept(const filling *f, int c)
{
    return c == 0 && f->s->ones && f->s->model->kind != SY_RESPONSE_ORDINAL;
}

static void guess(const double *x, const unsigned char *used, int centred, double *centre, double *scale)
{
    double n = 0, mean = 0, square = 0;
    for (int i = 0; i < SYI_TILE; i++) {
        if (!used[i] || !isfinite(x[i])) continue;
        const double d = x[i] - mean;
        n += 1;
        mean += d / n;
        square += d * (x[i] - mean);
    }
    *centre = 0;
    *scale = 1;
    if (n == 0) return;
    const double sd = sqrt(square / n + (centred ? 0 : mean * mean));
    if (!isfinite(sd) || !isfinite(mean)) return;
    if (centred) *centre = mean;
    if (!(sd > 0)) return;
    *scale = ldexp(1, ilogb(sd));
    const double grid = ldexp(*scale, -SHIFT_BITS);
    if (centred && grid > 0) *centre = rint(mean / grid) * grid;
}

/* Centres and powers of two from rows spread over the data. */
static void find_centres(filling *f)
{
    const ptrdiff_t n = f->s->design.n, sample = n < SAMPLE ? n : SAMPLE;
    unsigned char used[SYI_TILE];
    ptrdiff_t row[SYI_TILE];
    for (ptrdiff_t k = 0; k < sample; k++) row[k] = k * (n / sample) + k * (n % sample) / sample;
    read_tile(f, row, (int)sample, used);
    for (int i = (int)sample; i < SYI_TILE; i++) used[i] = 0;
    for (int c = 0; c < f->s->first[SYI_PARTS]; c++) {
        f->rows->centre[c] = 0;
        f->rows->scale[c] = 1;
        if (is_intercept(f, c)) continue;
        guess(source(f, c), used, f->s->ones && c < f->s->first[SYI_SPREAD], &f->rows->centre[c], &f->rows->scale[c]);
    }
}

/* Non-zero when an entry is not finite: x - x is 0 for finite x only. */
static int any_odd(const double *x, int len)
{
    int odd = 0;
    for (int i = 0; i < len; i++) odd |= x[i] - x[i] != 0;
    return odd;
}

/* Appends `count` rows of a tile, those of `keep`, or all when it is NULL. */
static void put(const double *from, const int *keep, int count, double centre, double factor, double *to)
{
    if (keep)
        for (int i = 0; i < count; i++) to[i] = (from[keep[i]] - centre) * factor;
    else
        for (int i = 0; i < count; i++) to[i] = (from[i] - centre) * factor;
}

static void append(filling *f, ptrdiff_t start, const int *keep, int count)
{
    syi_packed *rows = f->rows;
    const ptrdiff_t at = rows->n;
    for (int c = 0; c < f->s->first[SYI_PARTS]; c++) {
        double *to = syi_packed_column(rows, c) + at;
        put(source(f, c), keep, count, rows->centre[c], 1 / rows->scale[c], to);
        f->fault |= any_odd(to, count);
    }
    put(f->y, keep, count, 0, 1, rows->y + at);
    put(f->w, keep, count, 0, 1, rows->weight + at);
    if (rows->offset) put(f->offset, keep, count, 0, 1, rows->offset + at);
    if (rows->trials) put(f->trials, keep, count, 0, 1, rows->trials + at);
    f->fault |= any_odd(rows->y + at, count) || any_odd(rows->weight + at, count);
    f->fault |= rows->offset && any_odd(rows->offset + at, count);
    f->fault |= rows->trials && any_odd(rows->trials + at, count);
    if (f->s->design.weight_kind == SY_WEIGHT_FREQUENCY)
        for (int i = 0; i < count; i++) f->fault |= rows->weight[at + i] != floor(rows->weight[at + i]);
    for (int i = 0; i < count; i++) rows->row[at + i] = start + (keep ? keep[i] : i);
    for (int i = 0; i < count && rows->cluster; i++) rows->cluster[at + i] = (int32_t)f->cluster[keep ? keep[i] : i];
    rows->n += count;
}

/* Products of tile `t` of the packed rows: those of ones and the columns first
 * .. first + count - 1, into triangle k. */
static void add_products(filling *f, ptrdiff_t t, int k, int first, int count)
{
    const syi_packed *rows = f->rows;
    const ptrdiff_t at = t * SYI_TILE, left = rows->n - at;
    const int len = left < SYI_TILE ? (int)left : SYI_TILE, ones = f->order[k] - count;
    const double *const weight = f->s->design.weights ? rows->weight + at : NULL, **const x = f->pointer;
    for (int i = 0; ones && i < SYI_TILE; i++) f->ones[i] = i < len;
    if (ones) x[0] = f->ones;
    for (int c = 0; c < count; c++) x[c + ones] = syi_packed_column(rows, first + c) + at;
    for (int c = f->order[k]; c < SYI_GRAM_PAD(f->order[k]); c++) x[c] = x[0];
    const syi_gram tile = {f->order[k], 0, SYI_TILE / SYI_LANES, x, NULL, weight};
    syi_gram_add(f->simd, &tile, f->scratch, f->acc[k]);
    if (t % FLUSH == FLUSH - 1) syi_lanes_flush(f->simd, f->order[k], f->acc[k], NULL, f->hi[k], f->lo[k]);
}

/* Products of the packed tiles that are full, or of all at the end. */
static void catch_up(filling *f, int last)
{
    const int *first = f->s->first;
    const ptrdiff_t tiles = f->rows->n / SYI_TILE + (last && f->rows->n % SYI_TILE != 0);
    for (; f->done < tiles; f->done++) {
        add_products(f, f->done, 0, 0, first[SYI_SPREAD]);
        if (f->s->part_terms[SYI_SPREAD])
            add_products(f, f->done, 1, first[SYI_SPREAD], first[SYI_PARTS] - first[SYI_SPREAD]);
    }
    for (int k = 0; last && k < 2; k++)
        if (f->order[k] > 0) syi_lanes_flush(f->simd, f->order[k], f->acc[k], NULL, f->hi[k], f->lo[k]);
}

/* The rows of a whole tile as they lie, where all of them can be used; 0
 * otherwise. */
static int take_plain(filling *f, ptrdiff_t start)
{
    syi_packed *rows = f->rows;
    const ptrdiff_t at = rows->n;
    if (!f->is_plain || at % SYI_LANES != 0) return 0;
    if (rows->cluster) syi_column_values(f->s->design.cluster, NULL, start, SYI_TILE, f->cluster);
    if (rows->cluster && any_odd(f->cluster, SYI_TILE)) return 0;
    if (!syi_plain_tile(f->s, &f->plain, f->simd, start, at, f->other, rows)) return 0;
    for (int i = 0; i < SYI_TILE; i++) rows->row[at + i] = start + i;
    for (int i = 0; i < SYI_TILE && rows->cluster; i++) rows->cluster[at + i] = (int32_t)f->cluster[i];
    rows->n += SYI_TILE;
    return 1;
}

static sy_status read_all(sy_context *ctx, filling *f)
{
    const ptrdiff_t n = f->s->design.n;
    unsigned char used[SYI_TILE];
    ptrdiff_t row[SYI_TILE];
    int keep[SYI_TILE];
    for (ptrdiff_t start = 0; start < n; start += SYI_TILE) {
        const int len = n - start < SYI_TILE ? (int)(n - start) : SYI_TILE;
        int count = 0;
        if (start / SYI_TILE % LOOK_UP == LOOK_UP - 1 && syi_serial_stopped(ctx) != SY_OK) return SY_EINTR;
        if (len == SYI_TILE && take_plain(f, start)) {
            catch_up(f, 0);
            continue;
        }
        for (int i = 0; i < SYI_TILE; i++) row[i] = start + (i < len ? i : 0);
        read_tile(f, row, len, used);
        for (int i = 0; i < len; i++) {
            keep[count] = i;
            count += used[i];
        }
        f->fault |= count < len;
        append(f, start, count < len ? keep : NULL, count);
        catch_up(f, 0);
    }
    catch_up(f, 1);
    return SY_OK;
}

/* One arena for all scratch; 0, or -1 without room. */
static int make_room(filling *f, syi_arena *scratch)
{
    const syi_shadow *s = f->s;
    const size_t d = sizeof(double), gram = syi_gram_scratch(SYI_TILE / SYI_LANES);
    const size_t most = (size_t)SYI_GRAM_PAD(f->order[0] > f->order[1] ? f->order[0] : f->order[1]);
    const size_t plain = (size_t)(s->first[SYI_PARTS] + s->design.n_terms);
    size_t bytes = syi_arena_room(plain, sizeof(double *)) + 8 * syi_arena_room(SYI_TILE, d) + syi_arena_room(gram, d) +
                   syi_arena_room(most, sizeof(double *));
    for (int part = 0; part < SYI_PARTS; part++) bytes += syi_arena_room((size_t)s->part[part].p * SYI_TILE + 8, d);
    for (int k = 0; k < 2; k++) bytes += syi_arena_room(syi_lanes_room(f->order[k]) + 8, d);
    if (syi_arena_init(scratch, bytes) != 0) return -1;
    for (int part = 0; part < SYI_PARTS; part++)
        f->tile[part] = syi_arena_take(scratch, (size_t)s->part[part].p * SYI_TILE + 8, d);
    for (int k = 0; k < 2; k++) f->acc[k] = syi_arena_take(scratch, syi_lanes_room(f->order[k]) + 8, d);
    f->y = syi_arena_take(scratch, SYI_TILE, d);
    f->w = syi_arena_take(scratch, SYI_TILE, d);
    f->other = syi_arena_take(scratch, SYI_TILE * 2, d);
    f->offset = syi_arena_take(scratch, SYI_TILE, d);
    f->trials = syi_arena_take(scratch, SYI_TILE, d);
    f->cluster = syi_arena_take(scratch, SYI_TILE, d);
    f->ones = syi_arena_take(scratch, SYI_TILE, d);
    f->scratch = syi_arena_take(scratch, gram, d);
    f->pointer = syi_arena_take(scratch, most, sizeof(double *));
    f->is_plain = syi_plain_init(s, syi_arena_take(scratch, plain, sizeof(double *)), &f->plain);
    return 0;
}

sy_status syi_packed_fill(sy_context *ctx, syi_shadow *s, syi_packed *rows, double *product_hi, double *product_lo)
{
    const int spread = s->first[SYI_PARTS] - s->first[SYI_SPREAD];
    const int own = s->ones && s->model->kind == SY_RESPONSE_ORDINAL; /* thresholds: ones are no column of x */
    filling f = {.s = s, .rows = rows, .simd = syi_lanes_width(ctx->simd)};
    syi_arena scratch = {0};
    f.order[0] = s->first[SYI_SPREAD] + own;
    f.order[1] = spread > 0 ? spread + 1 : 0;
    const size_t second = syi_packed_length(f.order[0] - 1);
    f.hi[0] = product_hi;
    f.lo[0] = product_lo;
    f.hi[1] = product_hi + second;
    f.lo[1] = product_lo + second;
    if (make_room(&f, &scratch) != 0)
        return syi_fail(ctx, SY_ENOMEM, "response: out of memory for %d columns", s->first[SYI_PARTS]);
    if (s->design.n > 0) find_centres(&f);
    sy_status status = read_all(ctx, &f);
    rows->rows_read = (double)s->design.n;
    rows->rows_dropped = 0;
    for (int part = 0; part < SYI_PARTS && status >= 0 && (f.fault || rows->n < 2); part++) {
        if (!s->part_terms[part]) continue;
        status = syi_model_rows(ctx, &s->part[part]);
        rows->rows_dropped = s->part[part].rows_dropped;
    }
    syi_arena_free(&scratch);
    return status;
}
