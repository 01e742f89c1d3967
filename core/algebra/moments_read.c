/* The pass over rows: which rows go into which set of sums, on how many
 * threads.
 *
 * A set is a block of rows, a cluster or a row. Its rows are cut into tiles and
 * summed lane by lane (lanes_kernel.h); every 8192 rows the lanes are added to
 * the set's sums in double-double, so that no chain of plain additions is
 * longer than 1024. Blocks are merged in order, in double-double. All cuts
 * depend on n and the number of columns only, so the bits do not depend on
 * threads. [Chan, Golub & LeVeque 1983, doi:10.1080/00031305.1983.10483115]
 * Cost: n q^2 / 2 multiply-adds, one read of the data.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/moments_read_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include <stdint.h>
#include <string.h>

enum { CHUNK = 8192, MOST_BLOCKS = 256, FEWEST_BLOCKS = 16, BATCH = 4096 };

typedef struct {
    const syi_reader *reader;
    const syi_sorted *sorted;
    const ptrdiff_t *batch; /* first set of each batch of clusters */
    ptrdiff_t block;
    syi_sets *sets;
    syi_worker *workers;
} pass;

ptrdiff_t syi_block_rows(ptrdiff_t n, int columns)
{
    const size_t fit = ((size_t)1 << 22) / syi_packed_length(columns);
    const ptrdiff_t most = fit > MOST_BLOCKS ? MOST_BLOCKS : fit < FEWEST_BLOCKS ? FEWEST_BLOCKS : (ptrdiff_t)fit;
    const ptrdiff_t chunks = n / CHUNK + (n % CHUNK != 0), each = chunks / most + (chunks % most != 0);
    return each < 1 ? CHUNK : each * CHUNK;
}

static double seconds(const syi_reader *r)
{
    const double n = (double)r->design->n, order = r->order;
    return n * order * (order * (r->twofold ? 5e-10 : 3e-11) + (r->twofold ? 5e-9 : 5e-10));
}

static void count_rows(const syi_reader *r, const syi_worker *w, int len, syi_sets *sets, ptrdiff_t g)
{
    const int frequency = r->design->weight_kind == SY_WEIGHT_FREQUENCY;
    double rows = 0, n = 0;
    syi_dd sum = sets->sum_w2[g];
    for (int i = 0; i < len; i++) {
        if (!w->keep[i]) continue;
        const double v = r->design->weights ? w->weight[i] : 1;
        rows += 1;
        n += frequency ? v : 1;
        if (r->design->weights) sum = syi_dd_add(sum, syi_two_product(v, v));
    }
    sets->rows[g] += rows;
    sets->n[g] += n;
    sets->sum_w2[g] = r->design->weights ? sum : syi_dd_add(sum, syi_dd_of(rows));
}

/* Used rows of a set lie in one stratum; the first that does not is noted. */
static void note_strata(const syi_reader *r, syi_worker *w, const ptrdiff_t *row, ptrdiff_t start, int len,
                        int32_t *stratum)
{
    for (int i = 0; i < len; i++) {
        if (!w->keep[i]) continue;
        const ptrdiff_t at = row ? row[i] : start + i;
        const double level = syi_column_value(r->design->strata, at);
        if (*stratum < 0) *stratum = (int32_t)level;
        if (*stratum != (int32_t)level && at < w->bad.row) w->bad = (syi_bad_row){SYI_ROW_STRATUM, at, *stratum, level};
    }
}

static void flush(const syi_reader *r, syi_worker *w)
{
    syi_lanes_flush(r->simd, r->order, w->acc, r->twofold ? w->acc_lo : NULL, w->sum, w->sum_lo);
}

static void hand_over(syi_worker *w, syi_sets *sets, ptrdiff_t g)
{
    double *hi = sets->hi + (size_t)g * sets->length;
    if (sets->lo) {
        memcpy(hi, w->sum, sets->length * sizeof(double));
        memcpy(sets->lo + (size_t)g * sets->length, w->sum_lo, sets->length * sizeof(double));
    } else {
        for (size_t i = 0; i < sets->length; i++) hi[i] = w->sum[i] + w->sum_lo[i];
    }
}

/* Set g: `count` rows, in the order given or from `start` on. */
static void read_set(const pass *p, syi_worker *w, ptrdiff_t g, const ptrdiff_t *row, ptrdiff_t start, ptrdiff_t count)
{
    const syi_reader *r = p->reader;
    memset(w->sum, 0, p->sets->length * sizeof(double));
    memset(w->sum_lo, 0, p->sets->length * sizeof(double));
    for (ptrdiff_t done = 0; done < count; done += SYI_TILE) {
        const int len = count - done < SYI_TILE ? (int)(count - done) : SYI_TILE;
        syi_tile tile;
        syi_tile_read(r, w, row ? row + done : NULL, start + done, len, &tile);
        count_rows(r, w, len, p->sets, g);
        if (p->sets->stratum) note_strata(r, w, row ? row + done : NULL, start + done, len, &p->sets->stratum[g]);
        if (r->twofold) syi_lanes_twofold(r->simd, &tile, w->acc, w->acc_lo);
        else syi_lanes_double(r->simd, &tile, w->acc);
        if (done + SYI_TILE >= count || (done + SYI_TILE) % CHUNK == 0) flush(r, w);
    }
    hand_over(w, p->sets, g);
}

static void block_work(void *arg, int worker, size_t i)
{
    const pass *p = arg;
    const ptrdiff_t start = (ptrdiff_t)i * p->block, left = p->reader->design->n - start;
    read_set(p, &p->workers[worker], (ptrdiff_t)i, NULL, start, left < p->block ? left : p->block);
}

static void cluster_work(void *arg, int worker, size_t i)
{
    const pass *p = arg;
    for (ptrdiff_t g = p->batch[i]; g < p->batch[i + 1]; g++) {
        p->workers[worker].clusterless = g == p->sorted->sets;
        const ptrdiff_t *row = p->sorted->order + p->sorted->start[g];
        const ptrdiff_t count = p->sorted->start[g + 1] - p->sorted->start[g];
        /* ascending rows without a gap need no list */
        if (row[count - 1] - row[0] == count - 1) read_set(p, &p->workers[worker], g, NULL, row[0], count);
        else read_set(p, &p->workers[worker], g, row, 0, count);
    }
}

static void outer_product(const syi_reader *r, const syi_tile *tile, int i, double *hi, double *lo)
{
    for (int a = 0; a < r->order; a++)
        for (int b = a; b < r->order; b++, hi++) {
            const ptrdiff_t x = a * tile->step + i, y = b * tile->step + i;
            if (!lo) {
                *hi = tile->left[x] * tile->right[y];
                continue;
            }
            const syi_dd v =
                syi_dd_mul((syi_dd){tile->left[x], tile->left_lo[x]}, (syi_dd){tile->right[y], tile->right_lo[y]});
            *hi = v.hi;
            *lo++ = v.lo;
        }
}

static void row_work(void *arg, int worker, size_t block)
{
    const pass *p = arg;
    syi_worker *w = &p->workers[worker];
    const ptrdiff_t start = (ptrdiff_t)block * SYI_TILE, left = p->reader->design->n - start;
    const int len = left < SYI_TILE ? (int)left : SYI_TILE;
    syi_tile tile;
    syi_tile_read(p->reader, w, NULL, start, len, &tile);
    for (int i = 0; i < len; i++) {
        const size_t at = (size_t)(start + i) * p->sets->length;
        const double v = p->reader->design->weights ? w->weight[i] : 1;
        if (!w->keep[i]) continue;
        if (p->sets->stratum)
            p->sets->stratum[start + i] = (int32_t)syi_column_value(p->reader->design->strata, start + i);
        p->sets->rows[start + i] = 1;
        p->sets->n[start + i] = p->reader->design->weight_kind == SY_WEIGHT_FREQUENCY ? v : 1;
        p->sets->sum_w2[start + i] = syi_two_product(v, v);
        outer_product(p->reader, &tile, i, p->sets->hi + at, p->sets->lo ? p->sets->lo + at : NULL);
    }
}

static void gather(const syi_reader *r, const syi_worker *workers, int count, syi_found *found)
{
    for (int k = 0; k < count; k++) {
        for (int t = 0; t < r->design->n_terms + 2; t++) found->missing[t] += workers[k].missing[t];
        found->dropped += workers[k].dropped;
        found->zero += workers[k].zero;
        if (workers[k].bad.row < found->bad.row) found->bad = workers[k].bad;
    }
}

static sy_status run(sy_context *ctx, pass *p, size_t count, syi_work work, syi_found *found)
{
    const double estimate = seconds(p->reader);
    const int workers = syi_parallel_workers(ctx, count, estimate);
    sy_status status = SY_OK;
    p->workers = syi_alloc((size_t)workers, sizeof *p->workers);
    if (!p->workers) return syi_fail(ctx, SY_ENOMEM, "moments: out of memory for %d threads", workers);
    for (int k = 0; k < workers && status == SY_OK; k++)
        if (syi_worker_init(p->reader, &p->workers[k]) != 0)
            status = syi_fail(ctx, SY_ENOMEM, "moments: out of memory for sums over %d columns", p->reader->order);
    if (status == SY_OK) status = syi_parallel(ctx, count, estimate, work, p);
    if (status == SY_OK) gather(p->reader, p->workers, workers, found);
    for (int k = 0; k < workers; k++) syi_worker_free(&p->workers[k]);
    SYI_FREE(p->workers);
    return status;
}

sy_status syi_read_blocks(sy_context *ctx, const syi_reader *reader, ptrdiff_t block, syi_sets *sets, syi_found *found)
{
    pass p = {.reader = reader, .block = block, .sets = sets};
    return run(ctx, &p, (size_t)sets->count, block_work, found);
}

sy_status syi_read_rows(sy_context *ctx, const syi_reader *reader, syi_sets *sets, syi_found *found)
{
    pass p = {.reader = reader, .sets = sets};
    const size_t n = (size_t)reader->design->n;
    return run(ctx, &p, n / SYI_TILE + (n % SYI_TILE != 0), row_work, found);
}

/* Clusters side by side, at least BATCH rows together; the last set holds the
 * rows without a cluster, which are looked at like all others. Returns the
 * number of batches. */
static size_t make_batches(const syi_sorted *sorted, ptrdiff_t *batch)
{
    size_t count = 0;
    batch[0] = 0;
    const ptrdiff_t sets = sorted->sets + (sorted->start[sorted->sets + 1] > sorted->start[sorted->sets]);
    for (ptrdiff_t g = 0; g < sets; g++)
        if (g + 1 == sets || sorted->start[g + 1] - sorted->start[batch[count]] >= BATCH) batch[++count] = g + 1;
    return count;
}

sy_status syi_read_clusters(sy_context *ctx, const syi_reader *reader, const syi_sorted *sorted, syi_sets *sets,
                            syi_found *found)
{
    pass p = {.reader = reader, .sorted = sorted, .sets = sets};
    ptrdiff_t *batch = syi_alloc((size_t)sorted->sets + 2, sizeof *batch);
    if (!batch) return syi_fail(ctx, SY_ENOMEM, "moments: out of memory for %td clusters", sorted->sets);
    p.batch = batch;
    const sy_status status = run(ctx, &p, make_batches(sorted, batch), cluster_work, found);
    SYI_FREE(batch);
    return status;
}
