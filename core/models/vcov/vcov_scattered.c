/* Sums a cluster where the rows of a cluster lie scattered over the data: the
 * rows are read as they lie, each column a run, instead of cluster by cluster,
 * which would fetch a cache line for each value.
 *
 * A chunk of rows is read and turned like any tile (vcov_tile.c), laid out row
 * by row, sorted by cluster within the chunk (counting sort, stable), and each
 * cluster's rows are added to the cluster's sums (vcov_outer.c), which all stay in
 * the cache. No chain of plain additions is longer than 1024 rows: then the sums
 * go into double-double. Rows are cut into at most 16 parts, each with sums of its
 * own, merged in order; cuts depend on n alone, so the bits do not depend on
 * threads. While a chunk is added up the next one is asked for.
 * Condition: sums of all clusters of 4 MB at most; above it, and where rows come
 * in runs or are few, vcov_sums.c reads cluster by cluster.
 * Cost: n order^2 / 2 multiply-adds, one read of the data; 16 + 3 sets of sums.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/vcov/vcov_scattered_internal.h"
#include <string.h>

enum { FEWEST_ROWS = 1 << 15, SHORT_RUN = 32, CHAIN = 1024, MOST_PARTS = 16, PART = 1 << 17, MOST_CHUNK = 2048 };
static const size_t CHUNK_DOUBLES = 1 << 16, CACHED_DOUBLES = 1 << 19;

/* A worker's scratch. Sums are kept apart by cluster: acc, plain, of the last
 * since[g] rows; sum + sum_lo of those before. */
typedef struct {
    syi_basis_worker basis;
    syi_arena arena;
    double *right, *left; /* [chunk][wide] */
    double *acc, *sum, *sum_lo, *rows;
    int *since, *set, *list, *next;
    int column;              /* the next cache line to ask for, */
    ptrdiff_t row, from, to; /* rows from .. to - 1 of each column */
} scratch;

typedef struct {
    const syi_basis *b;
    const int32_t *set; /* [n] which cluster, or -1 */
    ptrdiff_t sets, part;
    int simd, doubled, wide, chunk;
    size_t length;
    double *sum, *rows; /* [parts][sets] of length, 1 */
    scratch *workers;
} pass;

int syi_sums_scattered(const syi_basis *b, const syi_sorted *sorted, int order)
{
    ptrdiff_t runs = 0;
    const size_t length = syi_outer_length(syi_outer_wide(order));
    if (!sorted || b->design->n < FEWEST_ROWS || (size_t)sorted->sets > CACHED_DOUBLES / length) return 0;
    for (ptrdiff_t i = 1; sorted->set && i < b->design->n; i++) runs += sorted->set[i] != sorted->set[i - 1];
    for (ptrdiff_t g = 0; !sorted->set && g < sorted->sets; g++) {
        const ptrdiff_t *row = sorted->order + sorted->start[g], count = sorted->start[g + 1] - sorted->start[g];
        for (ptrdiff_t i = 1; i < count; i++) runs += row[i] != row[i - 1] + 1;
    }
    return runs > b->design->n / SHORT_RUN;
}

static int scratch_init(const pass *p, scratch *w)
{
    const size_t d = sizeof(double), sets = (size_t)p->sets, plane = (size_t)p->chunk * (size_t)p->wide;
    const size_t sums = sets * p->length, weighted = p->b->design->weights && !p->doubled;
    const size_t room = (weighted ? 2 : 1) * syi_arena_room(plane, d) + 3 * syi_arena_room(sums, d) +
                        syi_arena_room(sets, d) + 2 * syi_arena_room(sets + 1, sizeof(int)) +
                        2 * syi_arena_room((size_t)p->chunk, sizeof(int));
    *w = (scratch){0};
    if (syi_basis_worker_init(p->b, p->doubled, &w->basis) != 0 || syi_arena_init(&w->arena, room) != 0) return -1;
    w->basis.plain = p->b->trusted;
    w->right = w->left = syi_arena_take(&w->arena, plane, d);
    if (weighted) w->left = syi_arena_take(&w->arena, plane, d);
    w->acc = syi_arena_take(&w->arena, sums, d);
    w->sum = syi_arena_take(&w->arena, sums, d);
    w->sum_lo = syi_arena_take(&w->arena, sums, d);
    w->rows = syi_arena_take(&w->arena, sets, d);
    w->since = syi_arena_take(&w->arena, sets + 1, sizeof(int));
    w->next = syi_arena_take(&w->arena, sets + 1, sizeof(int));
    w->set = syi_arena_take(&w->arena, (size_t)p->chunk, sizeof(int));
    w->list = syi_arena_take(&w->arena, (size_t)p->chunk, sizeof(int));
    return 0;
}

/* Rows start .. start + len - 1 laid out row by row, and where each belongs. */
static void read_chunk(const pass *p, scratch *w, ptrdiff_t start, int len)
{
    ptrdiff_t run[SYI_TILE];
    for (int at = 0; at < len; at += SYI_TILE) {
        const int rows = len - at < SYI_TILE ? len - at : SYI_TILE;
        for (int i = 0; i < rows; i++) run[i] = start + at + i;
        const int padded = syi_basis_tile(p->b, &w->basis, p->simd, run, rows) * SYI_LANES;
        syi_basis_weigh(p->b, &w->basis, p->doubled, padded);
        syi_outer_rows(p->simd, w->basis.right, SYI_STEP, w->basis.order, padded, w->right + at * p->wide, p->wide);
        if (w->left != w->right)
            syi_outer_rows(p->simd, w->basis.left, SYI_STEP, w->basis.order, padded, w->left + at * p->wide, p->wide);
        for (int i = 0; i < rows; i++) w->set[at + i] = w->basis.used[i] ? p->set[start + at + i] : -1;
    }
}

/* list: the chunk's rows by cluster; afterwards next[g] is the end of cluster g's. */
static void sort_chunk(const pass *p, scratch *w, int len)
{
    memset(w->next, 0, ((size_t)p->sets + 1) * sizeof *w->next);
    for (int i = 0; i < len; i++) w->next[w->set[i] + 1]++;
    int place = -w->next[0];
    for (ptrdiff_t g = 0; g <= p->sets; g++) {
        const int rows = w->next[g];
        w->next[g] = place;
        place += rows;
    }
    for (int i = 0; i < len; i++)
        if (w->set[i] >= 0) w->list[w->next[w->set[i] + 1]++] = i;
}

static void ask_ahead(const syi_basis *b, scratch *w, int rows)
{
#if defined(__GNUC__)
    int lines = b->direct ? (rows * (b->rank + 1) + SYI_LANES - 1) / SYI_LANES : 0;
    for (; lines > 0 && w->column <= b->rank; w->column++) {
        const double *x = b->direct[w->column];
        if (!x) continue;
        for (; lines > 0 && w->row < w->to; w->row += SYI_LANES, lines--) __builtin_prefetch(x + w->row, 0, 2);
        if (w->row < w->to) return;
        w->row = w->from;
    }
#endif
}

static void flush(const pass *p, scratch *w, ptrdiff_t g)
{
    const size_t at = (size_t)g * p->length;
    syi_lanes_add(p->simd, p->length, 1, w->acc + at, NULL, w->sum + at, w->sum_lo + at);
    memset(w->acc + at, 0, p->length * sizeof *w->acc);
    w->since[g] = 0;
}

static void add_chunk(const pass *p, scratch *w)
{
    for (ptrdiff_t g = 0, at = 0; g < p->sets; g++) {
        const int rows = w->next[g + 1] - (int)at;
        for (int left = rows; left > 0;) {
            if (w->since[g] == CHAIN) flush(p, w, g);
            const int len = left < CHAIN - w->since[g] ? left : CHAIN - w->since[g];
            syi_outer_add(p->simd, p->wide, w->left, w->right, w->list + at, len, w->acc + (size_t)g * p->length);
            w->since[g] += len;
            at += len;
            left -= len;
            ask_ahead(p->b, w, len);
        }
        w->rows[g] += rows;
    }
}

/* What a part has found, and everything back to zero for the next one. */
static void hand_over(const pass *p, scratch *w, size_t part)
{
    double *out = p->sum + part * (size_t)p->sets * p->length;
    for (ptrdiff_t g = 0; g < p->sets; g++, out += p->length) {
        if (!(w->rows[g] > 0)) continue;
        const size_t at = (size_t)g * p->length;
        flush(p, w, g);
        for (size_t i = 0; i < p->length; i++) out[i] = w->sum[at + i] + w->sum_lo[at + i];
        memset(w->sum + at, 0, p->length * sizeof *w->sum);
        memset(w->sum_lo + at, 0, p->length * sizeof *w->sum_lo);
    }
    memcpy(p->rows + part * (size_t)p->sets, w->rows, (size_t)p->sets * sizeof *w->rows);
    memset(w->rows, 0, (size_t)p->sets * sizeof *w->rows);
}

static void work(void *arg, int worker, size_t part)
{
    const pass *p = arg;
    scratch *w = &p->workers[worker];
    const ptrdiff_t start = (ptrdiff_t)part * p->part, n = p->b->design->n;
    const ptrdiff_t end = n - start < p->part ? n : start + p->part;
    for (ptrdiff_t at = start; at < end && !syi_parallel_stopped(); at += p->chunk) {
        const int len = end - at < p->chunk ? (int)(end - at) : p->chunk;
        w->column = 0;
        w->row = w->from = at + p->chunk;
        w->to = w->from + p->chunk < end ? w->from + p->chunk : end;
        read_chunk(p, w, at, len);
        sort_chunk(p, w, len);
        add_chunk(p, w);
    }
    hand_over(p, w, part);
}

static sy_status run(sy_context *ctx, pass *p, size_t parts)
{
    const double n = (double)p->b->design->n, seconds = n * p->wide * (p->wide * 1e-10 + 2e-9);
    const int workers = syi_parallel_workers(ctx, parts, seconds);
    sy_status s = SY_OK;
    p->workers = syi_alloc((size_t)workers, sizeof *p->workers);
    if (!p->workers) return syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %d threads", workers);
    for (int k = 0; k < workers && s == SY_OK; k++)
        if (scratch_init(p, &p->workers[k]) != 0)
            s = syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for sums of %td clusters", p->sets);
    if (s == SY_OK) s = syi_parallel(ctx, parts, seconds, work, p);
    for (int k = 0; k < workers; k++) {
        syi_basis_worker_free(&p->workers[k].basis);
        syi_arena_free(&p->workers[k].arena);
    }
    SYI_FREE(p->workers);
    return s;
}

/* The parts' sums of each cluster added up in order, into the packed triangle. */
static void merge(const pass *p, size_t parts, double *work_, syi_cluster_sums *s)
{
    const size_t each = (size_t)p->sets * p->length;
    double *lo = work_ + p->length;
    for (ptrdiff_t g = 0; g < p->sets; g++) {
        memset(work_, 0, 2 * p->length * sizeof *work_);
        for (size_t k = 0; k < parts; k++) {
            const double rows = p->rows[k * (size_t)p->sets + (size_t)g];
            if (!(rows > 0)) continue;
            syi_lanes_add(p->simd, p->length, 1, p->sum + k * each + (size_t)g * p->length, NULL, work_, lo);
            s->rows[g] += rows;
        }
        double *out = s->sum + (size_t)g * s->length;
        const double *block = work_;
        for (int i = 0; i < p->wide; i += SYI_OUTER)
            for (int j = i; j < p->wide; j += SYI_OUTER, block += SYI_OUTER * SYI_OUTER)
                for (int e = 0; e < SYI_OUTER * SYI_OUTER; e++) {
                    const int a = i + e / SYI_OUTER, b = j + e % SYI_OUTER;
                    if (a <= b && b < s->order)
                        out[syi_packed_at(s->order - 1, a, b)] = block[e] + block[e + (ptrdiff_t)p->length];
                }
    }
}

static void find_sets(const syi_sorted *sorted, ptrdiff_t n, int32_t *set)
{
    for (ptrdiff_t i = 0; i < n; i++) set[i] = -1;
    for (ptrdiff_t g = 0; g < sorted->sets; g++)
        for (ptrdiff_t k = sorted->start[g]; k < sorted->start[g + 1]; k++) set[sorted->order[k]] = (int32_t)g;
}

sy_status syi_scattered_sums(sy_context *ctx, const syi_basis *b, const syi_sorted *sorted, int doubled,
                             syi_cluster_sums *s)
{
    const ptrdiff_t n = b->design->n, sets = sorted->sets, most = n / PART + 1 < MOST_PARTS ? n / PART + 1 : MOST_PARTS;
    pass p = {.b = b, .sets = sets, .simd = syi_lanes_width(ctx->simd), .doubled = doubled};
    p.wide = syi_outer_wide(s->order);
    p.length = syi_outer_length(p.wide);
    p.chunk = MOST_CHUNK;
    while (p.chunk > SYI_TILE && (size_t)p.chunk * (size_t)p.wide > CHUNK_DOUBLES) p.chunk /= 2;
    const ptrdiff_t chunks = n / p.chunk + (n % p.chunk != 0);
    p.part = (chunks / most + (chunks % most != 0)) * p.chunk;
    const size_t parts = (size_t)(n / p.part + (n % p.part != 0));
    int32_t *own = sorted->set ? NULL : syi_alloc((size_t)n, sizeof *own);
    double *work_ = syi_alloc(2 * p.length, sizeof *work_);
    p.sum = syi_alloc(parts * (size_t)sets * p.length, sizeof *p.sum);
    p.rows = syi_alloc(parts * (size_t)sets, sizeof *p.rows);
    sy_status status = SY_OK;
    if ((!own && !sorted->set) || !work_ || !p.sum || !p.rows)
        status = syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for sums of %td clusters", sets);
    if (status >= 0 && own) find_sets(sorted, n, own);
    p.set = own ? own : sorted->set;
    if (status >= 0) status = run(ctx, &p, parts);
    if (status >= 0) merge(&p, parts, work_, s);
    SYI_FREE(own);
    SYI_FREE(work_);
    SYI_FREE(p.sum);
    SYI_FREE(p.rows);
    return status;
}
