/* From rows to the moments of the groups of a linear mixed model.
 *
 * One pass sums w (X y)'(X y) over all rows and w z z', w z (X y)' over each
 * group's. Then Z_g'Z_g = R_g'R_g by Cholesky, D_g = R_g'^-1 Z_g'(X y), and what
 * Z leaves, W = (X y)'(X y) - sum D_g'D_g. Where some bar term has an intercept
 * the other effects are taken less a guess of their mean, so that 2015, 2016, ...
 * lose no digits: R_g = Rc_g M with Z = Zc M. A direction that a group's rows do not
 * have (fewer rows than effects, an effect that is constant there) is a row of
 * zeros in R and D. A column of which W keeps less than 2^-40 of its length does
 * not vary within groups: what is left is rounding, and is set to zero. Rows are cut into at
 * most 16 parts, whose sums are merged in order; cuts depend on the data alone, not on threads.
 * Cost: one read of the data, n p^2 / 2 + n q p multiply-adds.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/lanes_internal.h"
#include "algebra/moments_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/mixed/lmm_one_internal.h"
#include <string.h>

enum { FLUSH = 16, MOST_PARTS = 16, PART = 1 << 16 };
static const size_t most_doubles = 1 << 23;
static const double least_pivot = 0x1p-40;

typedef struct {
    double *x, *left, *z, *w, *wz, *tile, *acc;
    int32_t *level;
    unsigned char *used;
    ptrdiff_t *row;
} scratch;

typedef struct {
    const syi_lmm_rows *rows;
    const syi_lmm_one_state *s;
    const double *shift; /* [q] */
    ptrdiff_t part, n;
    size_t length, packed; /* of a group's sums: upper triangle of z z', then q rows of (X y) */
    double *group;         /* [parts][groups][length] */
    double *hi, *lo;       /* [parts][packed] */
    syi_arena *arena;
    scratch *workers;
} pass;

static int scratch_init(const pass *p, syi_arena *a, scratch *w)
{
    const size_t d = sizeof(double), wide = (size_t)syi_lanes_blocks(p->s->order) * SYI_BLOCK, q = (size_t)p->s->q;
    const size_t room = 2 * syi_arena_room(wide * SYI_TILE, d) + 2 * syi_arena_room(q * SYI_TILE, d) +
                        syi_arena_room(SYI_TILE, d) + syi_arena_room(syi_lmm_rows_room(p->rows), d) +
                        syi_arena_room(syi_lanes_room(p->s->order), d) + syi_arena_room(SYI_TILE, sizeof(int32_t)) +
                        syi_arena_room(SYI_TILE, 1) + syi_arena_room(SYI_TILE, sizeof(ptrdiff_t));
    if (syi_arena_init(a, room) != 0) return -1;
    w->x = syi_arena_take(a, wide * SYI_TILE, d);
    w->left = syi_arena_take(a, wide * SYI_TILE, d);
    w->z = syi_arena_take(a, q * SYI_TILE, d);
    w->wz = syi_arena_take(a, q * SYI_TILE, d);
    w->w = syi_arena_take(a, SYI_TILE, d);
    w->tile = syi_arena_take(a, syi_lmm_rows_room(p->rows), d);
    w->acc = syi_arena_take(a, syi_lanes_room(p->s->order), d);
    w->level = syi_arena_take(a, SYI_TILE, sizeof(int32_t));
    w->used = syi_arena_take(a, SYI_TILE, 1);
    w->row = syi_arena_take(a, SYI_TILE, sizeof(ptrdiff_t));
    return 0;
}

static void read_tile(const pass *p, scratch *w, ptrdiff_t start, int len)
{
    for (int i = 0; i < len; i++) w->row[i] = start + i;
    syi_lmm_rows_tile(p->rows, w->row, len, w->x, w->w, w->used, w->z, w->level, w->tile);
    for (int e = 0; e < p->s->q; e++)
        for (int i = 0; i < len; i++) {
            double *z = w->z + (ptrdiff_t)e * SYI_TILE + i;
            *z = w->used[i] ? *z - p->shift[e] : 0;
            w->wz[(ptrdiff_t)e * SYI_TILE + i] = w->w[i] * *z;
        }
}

/* sum += a b over the rows of a run of one level. */
static double run_sum(const double *a, const double *b, int from, int to)
{
    double sum = 0;
    for (int i = from; i < to; i++) sum += a[i] * b[i];
    return sum;
}

static void add_groups(const pass *p, const scratch *w, int len, double *group)
{
    const int q = p->s->q, order = p->s->order;
    for (int from = 0, to; from < len; from = to) {
        const int32_t level = w->level[from];
        for (to = from + 1; to < len && w->level[to] == level;) to++;
        if (level < 0) continue;
        double *out = group + (size_t)level * p->length;
        for (int e = 0; e < q; e++)
            for (int f = e; f < q; f++)
                *out++ += run_sum(w->wz + (ptrdiff_t)e * SYI_TILE, w->z + (ptrdiff_t)f * SYI_TILE, from, to);
        for (int e = 0; e < q; e++)
            for (int c = 0; c < order; c++)
                *out++ += run_sum(w->wz + (ptrdiff_t)e * SYI_TILE, w->x + (ptrdiff_t)c * SYI_TILE, from, to);
    }
}

static void work(void *arg, int worker, size_t part)
{
    const pass *p = arg;
    scratch *w = &p->workers[worker];
    const int order = p->s->order, blocks = syi_lanes_blocks(order), weighted = p->rows->m.design->weights != NULL;
    const ptrdiff_t from = (ptrdiff_t)part * p->part, end = p->n - from < p->part ? p->n : from + p->part;
    int pending = 0;
    for (ptrdiff_t at = from; at < end; at += SYI_TILE) {
        const int len = end - at < SYI_TILE ? (int)(end - at) : SYI_TILE;
        read_tile(p, w, at, len);
        for (int c = 0; weighted && c < order; c++)
            for (int i = 0; i < SYI_TILE; i++)
                w->left[(ptrdiff_t)c * SYI_TILE + i] = w->w[i] * w->x[(ptrdiff_t)c * SYI_TILE + i];
        const syi_tile tile = {blocks, SYI_TILE / SYI_LANES, SYI_TILE, weighted ? w->left : w->x, NULL, w->x, NULL};
        syi_lanes_double(p->s->simd, &tile, w->acc);
        add_groups(p, w, len, p->group + part * (size_t)p->s->groups * p->length);
        if (++pending == FLUSH || end - at <= SYI_TILE) {
            syi_lanes_flush(p->s->simd, order, w->acc, NULL, p->hi + part * p->packed, p->lo + part * p->packed);
            pending = 0;
        }
        if (syi_parallel_stopped()) break;
    }
}

static sy_status run(sy_context *ctx, pass *p, size_t parts)
{
    const double seconds = (double)p->n * p->s->order * (p->s->order * 1e-10 + p->s->q * 1e-9 + 2e-9);
    const int workers = syi_parallel_workers(ctx, parts, seconds);
    sy_status s = SY_OK;
    p->arena = syi_alloc((size_t)workers, sizeof *p->arena);
    p->workers = syi_alloc((size_t)workers, sizeof *p->workers);
    if (!p->arena || !p->workers) s = syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d threads", workers);
    for (int k = 0; k < workers && s >= 0; k++)
        if (scratch_init(p, &p->arena[k], &p->workers[k]) != 0)
            s = syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d columns", p->s->order);
    if (s >= 0) s = syi_parallel(ctx, parts, seconds, work, p);
    for (int k = 0; p->arena && k < workers; k++) syi_arena_free(&p->arena[k]);
    SYI_FREE(p->arena);
    SYI_FREE(p->workers);
    return s;
}

/* The parts' sums into those of the first, in order. */
static void merge(pass *p, size_t parts)
{
    const size_t all = (size_t)p->s->groups * p->length;
    for (size_t k = 1; k < parts; k++) {
        for (size_t i = 0; i < all; i++) p->group[i] += p->group[k * all + i];
        syi_lanes_add(p->s->simd, p->packed, 1, p->hi + k * p->packed, p->lo + k * p->packed, p->hi, p->lo);
    }
}

/* One group: R and D from its sums. The effect `base` comes first in the factor. */
static void reduce_group(const pass *p, const double *sums, int base, ptrdiff_t g, double *l, int *order)
{
    const syi_lmm_one_state *s = p->s;
    const int q = s->q;
    const double *cross = sums + q * (q + 1) / 2;
    for (int e = 0; e < q; e++) order[e] = e == 0 ? base : e - (e <= base);
    for (int e = 0; e < q; e++)
        for (int f = 0; f <= e; f++) {
            const int a = order[e] < order[f] ? order[e] : order[f], b = order[e] < order[f] ? order[f] : order[e];
            const double whole = sums[a * q - a * (a - 1) / 2 + b - a];
            double v = whole;
            for (int h = 0; h < f; h++) v -= l[e * q + h] * l[f * q + h];
            if (e == f) l[e * q + e] = v > least_pivot * whole ? sqrt(v) : 0;
            else l[e * q + f] = l[f * q + f] > 0 ? v / l[f * q + f] : 0;
        }
    for (int e = 0; e < q; e++) {
        const int flat = !(l[e * q + e] > 0);
        for (int c = 0; c < s->order; c++) {
            double v = cross[order[e] * s->order + c];
            for (int h = 0; h < e; h++) v -= l[e * q + h] * s->d[((ptrdiff_t)c * q + h) * s->step + g];
            s->d[((ptrdiff_t)c * q + e) * s->step + g] = flat ? 0 : v / l[e * q + e];
        }
        double *first = s->r + ((ptrdiff_t)e * q + base) * s->step + g;
        for (int f = e; f < q && !flat; f++) {
            const int to = order[f];
            s->r[((ptrdiff_t)e * q + to) * s->step + g] += l[f * q + e];
        }
        for (int to = 0; to < q && !flat && e == 0; to++)
            if (to != base) s->r[((ptrdiff_t)e * q + to) * s->step + g] += p->shift[to] * *first;
    }
}

/* W from the totals less what Z explains. */
static void put_within(const pass *p, double *acc)
{
    const syi_lmm_one_state *s = p->s;
    const int order = s->order;
    const size_t at_most = (size_t)s->step;
    double *lo = p->lo, *hi = p->hi;
    for (int a = 0; a < order; a++) s->within[(ptrdiff_t)a * order + a] = hi[syi_packed_at(order - 1, a, a)];
    double *explained = s->within; /* diagonals of the totals, for the floor */
    for (size_t i = 0; i < p->packed; i++) {
        hi[i] = -hi[i];
        lo[i] = -lo[i];
    }
    for (int e = 0; e < s->q; e++)
        for (size_t from = 0; from < at_most; from += 4096) {
            const size_t len = at_most - from < 4096 ? at_most - from : 4096;
            const double *d = s->d + (size_t)e * at_most + from;
            const syi_tile tile = {syi_lanes_blocks(order), (int)(len / SYI_LANES), s->q * s->step, d, NULL, d, NULL};
            syi_lanes_double(s->simd, &tile, acc);
            syi_lanes_flush(s->simd, order, acc, NULL, hi, lo);
        }
    for (int a = 0; a < order; a++) {
        const size_t at = syi_packed_at(order - 1, a, a);
        const double left = -(hi[at] + lo[at]);
        if (!(left > least_pivot * explained[(ptrdiff_t)a * order + a])) hi[at] = lo[at] = 0;
    }
    for (int a = 0; a < order; a++)
        for (int b = a; b < order; b++) {
            const size_t at = syi_packed_at(order - 1, a, b);
            const int none = hi[syi_packed_at(order - 1, a, a)] == 0 || hi[syi_packed_at(order - 1, b, b)] == 0;
            s->within[(ptrdiff_t)a * order + b] = s->within[(ptrdiff_t)b * order + a] = none ? 0 : -(hi[at] + lo[at]);
        }
}

/* An effect that is 1 everywhere, or -1; the others' means over the first rows. */
static int find_shift(const syi_lmm_rows *rows, double *z, double *shift)
{
    const syi_bars *b = &rows->bars;
    const ptrdiff_t n = rows->m.design->n;
    ptrdiff_t row[SYI_TILE];
    int32_t level[SYI_TILE];
    int base = -1;
    for (int k = 0; k < b->n_bars && base < 0; k++)
        if (b->model->random[k].intercept) base = b->bar[k].first_effect;
    if (base < 0) return -1;
    const int len = n < SYI_TILE ? (int)n : SYI_TILE;
    for (int i = 0; i < len; i++) row[i] = (ptrdiff_t)((double)i * (double)n / len);
    syi_bars_tile(b, row, len, z, level);
    for (int e = 0; e < b->n_effects; e++) {
        int count = 0;
        for (int i = 0; i < len; i++) {
            const double v = z[(ptrdiff_t)e * SYI_TILE + i];
            if (!isfinite(v) || level[i] < 0) continue;
            shift[e] += v;
            count++;
        }
        shift[e] = e == base || count == 0 ? 0 : shift[e] / count;
    }
    return base;
}

static sy_status read_rows(sy_context *ctx, pass *p, double *z, double *shift, int *base, syi_lmm_one_found *found)
{
    const size_t groups = (size_t)p->s->groups, d = sizeof(double);
    size_t parts = (size_t)(p->n / PART) + 1;
    if (parts > MOST_PARTS) parts = MOST_PARTS;
    while (parts > 1 && parts * groups * p->length > most_doubles) parts /= 2;
    p->part = (p->n / (ptrdiff_t)parts + SYI_TILE) / SYI_TILE * SYI_TILE;
    found->group = syi_alloc(parts * groups * p->length, d);
    found->hi = syi_alloc(parts * p->packed, d);
    found->lo = syi_alloc(parts * p->packed, d);
    if (!found->group || !found->hi || !found->lo)
        return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %td groups of %d effects", p->s->groups, p->s->q);
    p->group = found->group;
    p->hi = found->hi;
    p->lo = found->lo;
    *base = find_shift(p->rows, z, shift);
    const sy_status s = run(ctx, p, parts);
    if (s >= 0) merge(p, parts);
    return s;
}

sy_status syi_lmm_one_sums(sy_context *ctx, const syi_lmm_rows *rows, syi_lmm_one_found *found, syi_lmm_one_state *s)
{
    const size_t d = sizeof(double), q = (size_t)s->q, order = (size_t)s->order;
    const size_t columns = (size_t)syi_lanes_blocks(s->order) * SYI_BLOCK;
    double *shift = syi_alloc(q, d), *l = syi_alloc(q * q, d), *z = syi_alloc(q * SYI_TILE, d);
    double *acc = syi_alloc(syi_lanes_room(s->order), d);
    int *turn = syi_alloc(q, sizeof *turn), base = 0;
    pass p = {.rows = rows, .s = s, .shift = shift, .n = rows->m.design->n, .length = q * (q + 1) / 2 + q * order};
    sy_status status = SY_OK;
    p.packed = syi_packed_length(s->order - 1);
    p.group = found->group;
    p.hi = found->hi;
    p.lo = found->lo;
    s->r = syi_alloc(q * q * (size_t)s->step, d);
    s->d = syi_alloc(columns * q * (size_t)s->step, d);
    s->within = syi_alloc(order * order, d);
    if (!shift || !l || !z || !acc || !turn || !s->r || !s->d || !s->within) {
        status = syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %td groups of %d effects", s->groups, s->q);
        goto out;
    }
    if (!p.group && (status = read_rows(ctx, &p, z, shift, &base, found)) < 0) goto out;
    for (ptrdiff_t g = 0; g < s->groups; g++)
        reduce_group(&p, p.group + (size_t)g * p.length, base < 0 ? 0 : base, g, l, turn);
    put_within(&p, acc);
out:
    SYI_FREE(shift);
    SYI_FREE(l);
    SYI_FREE(z);
    SYI_FREE(acc);
    SYI_FREE(turn);
    return status;
}
