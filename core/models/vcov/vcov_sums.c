/* Sums of the orthonormal columns and residuals, one set a cluster or a block
 * of rows: the second pass over the rows.
 *
 * A tile of rows is read, turned (vcov_whiten.c) and multiplied up in the lanes
 * of the moments; every 8192 rows the lanes go into the set's sums. Sets depend
 * on the rows only, so the bits do not depend on threads. Kept a set: (rank +
 * 1)(rank + 2) / 2 doubles. Cost: n (rank^2 + rank) multiply-adds, one read of
 * the data.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/vcov/vcov_scattered_internal.h"
#include <string.h>

enum { CHUNK = 8192, BATCH = 4096 };
static const double MOST_DOUBLES = 1 << 27; /* 1 GiB of sums */

static int order_of(const syi_basis *b, int doubled)
{
    return 1 + (doubled ? 2 : 1) * b->rank;
}

typedef struct {
    const syi_basis *b;
    const syi_sorted *sorted;
    const ptrdiff_t *batch;
    ptrdiff_t block;
    int simd, doubled;
    syi_cluster_sums *s;
    syi_basis_worker *workers;
} pass;

/* Set g: `count` rows from `start` on, or those listed. */
static void read_set(const pass *p, syi_basis_worker *w, ptrdiff_t g, const ptrdiff_t *row, ptrdiff_t start,
                     ptrdiff_t count)
{
    ptrdiff_t run[SYI_TILE];
    const int plain = p->doubled || !p->b->design->weights;
    double *out = p->s->sum + (size_t)g * p->s->length;
    memset(w->sum, 0, p->s->length * sizeof(double));
    memset(w->sum_lo, 0, p->s->length * sizeof(double));
    for (ptrdiff_t done = 0; done < count; done += SYI_TILE) {
        const int len = count - done < SYI_TILE ? (int)(count - done) : SYI_TILE;
        for (int i = 0; i < len; i++) run[i] = row ? row[done + i] : start + done + i;
        const int groups = syi_basis_tile(p->b, w, p->simd, run, len);
        syi_basis_weigh(p->b, w, p->doubled, groups * SYI_LANES);
        const syi_tile tile = {
            syi_lanes_blocks(w->order), groups, SYI_STEP, plain ? w->right : w->left, NULL, w->right, NULL};
        syi_lanes_double(p->simd, &tile, w->acc);
        p->s->rows[g] += w->rows;
        if (done + SYI_TILE >= count || (done + SYI_TILE) % CHUNK == 0)
            syi_lanes_flush(p->simd, w->order, w->acc, NULL, w->sum, w->sum_lo);
    }
    for (size_t i = 0; i < p->s->length; i++) out[i] = w->sum[i] + w->sum_lo[i];
}

static void work(void *arg, int worker, size_t i)
{
    const pass *p = arg;
    if (!p->sorted) {
        const ptrdiff_t start = (ptrdiff_t)i * p->block, left = p->b->design->n - start;
        read_set(p, &p->workers[worker], (ptrdiff_t)i, NULL, start, left < p->block ? left : p->block);
        return;
    }
    for (ptrdiff_t g = p->batch[i]; g < p->batch[i + 1]; g++)
        read_set(p, &p->workers[worker], g, p->sorted->order ? p->sorted->order + p->sorted->start[g] : NULL,
                 p->sorted->start[g], p->sorted->start[g + 1] - p->sorted->start[g]);
}

static size_t make_batches(const syi_sorted *sorted, ptrdiff_t *batch)
{
    size_t count = 0;
    batch[0] = 0;
    for (ptrdiff_t g = 0; g < sorted->sets; g++)
        if (g + 1 == sorted->sets || sorted->start[g + 1] - sorted->start[batch[count]] >= BATCH)
            batch[++count] = g + 1;
    return count;
}

static sy_status run(sy_context *ctx, pass *p, size_t count)
{
    const double order = p->s->order, n = (double)p->b->design->n, seconds = n * order * (order * 1e-10 + 2e-9);
    const int workers = syi_parallel_workers(ctx, count, seconds);
    sy_status s = SY_OK;
    p->workers = syi_alloc((size_t)workers, sizeof *p->workers);
    if (!p->workers) return syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %d threads", workers);
    for (int k = 0; k < workers && s == SY_OK; k++)
        if (syi_basis_worker_init(p->b, p->doubled, &p->workers[k]) != 0)
            s = syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %d columns", p->b->p);
    for (int k = 0; k < workers && s == SY_OK; k++) p->workers[k].plain = p->b->trusted;
    if (s == SY_OK) s = syi_parallel(ctx, count, seconds, work, p);
    for (int k = 0; k < workers; k++) syi_basis_worker_free(&p->workers[k]);
    SYI_FREE(p->workers);
    return s;
}

/* Rows that lie by cluster need no order. */
static sy_status read_sorted(sy_context *ctx, pass *p, ptrdiff_t *batch)
{
    syi_sorted with_order = *p->sorted;
    sy_status s = SY_OK;
    if (!with_order.order && !with_order.in_place) s = syi_order_clusters(ctx, p->b->design->n, &with_order);
    if (s >= 0) {
        const syi_sorted *const given = p->sorted;
        p->sorted = &with_order;
        s = run(ctx, p, make_batches(given, batch));
        p->sorted = given;
    }
    if (with_order.order != p->sorted->order) SYI_FREE(with_order.order);
    return s;
}

sy_status syi_cluster_sums_init(sy_context *ctx, const syi_basis *b, const syi_sorted *sorted, int doubled,
                                syi_cluster_sums *s)
{
    const ptrdiff_t n = b->design->n, block = syi_block_rows(n, b->rank);
    *s = (syi_cluster_sums){.order = order_of(b, doubled)};
    s->length = syi_packed_length(s->order - 1);
    s->count = sorted ? sorted->sets : n / block + (n % block != 0);
    if ((double)s->count * (double)s->length > MOST_DOUBLES)
        return syi_fail(
            ctx, SY_ELIMIT,
            "cluster: sums of %td clusters over %d columns would take %.1f GB; the limit is 1 GB. Where every "
            "row is a cluster, HC0, HC2 and HC3 are CR0, CR2 and CR3",
            s->count, b->rank, 8e-9 * (double)s->count * (double)s->length);
    pass p = {.b = b, .sorted = sorted, .block = block, .simd = syi_lanes_width(ctx->simd), .doubled = doubled, .s = s};
    ptrdiff_t *batch = syi_alloc((size_t)s->count + 2, sizeof *batch);
    s->sum = syi_alloc((size_t)s->count * s->length, sizeof *s->sum);
    s->rows = syi_alloc((size_t)s->count, sizeof *s->rows);
    sy_status status = SY_OK;
    if (!batch || !s->sum || !s->rows)
        status = syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for sums of %td clusters", s->count);
    p.batch = batch;
    if (status >= 0 && syi_sums_scattered(b, sorted, s->order)) status = syi_scattered_sums(ctx, b, sorted, doubled, s);
    else if (status >= 0) status = sorted ? read_sorted(ctx, &p, batch) : run(ctx, &p, (size_t)s->count);
    SYI_FREE(batch);
    if (status < 0) syi_cluster_sums_free(s);
    return status;
}

void syi_cluster_sums_free(syi_cluster_sums *s)
{
    SYI_FREE(s->sum);
    SYI_FREE(s->rows);
}

void syi_cluster_sums_total(const syi_basis *b, const syi_cluster_sums *s, syi_dd *gram, double *score)
{
    const int r = b->rank, q = s->order - 1, doubled = q > r;
    for (int i = 0; i < r; i++)
        for (int j = doubled ? 0 : i; j < r; j++) {
            const size_t at = syi_packed_at(q, 1 + i, doubled ? 1 + r + j : 1 + j);
            syi_dd sum = syi_dd_of(0);
            for (ptrdiff_t g = 0; g < s->count; g++)
                sum = syi_dd_add(sum, syi_dd_of(s->sum[(size_t)g * s->length + at]));
            gram[i * r + j] = sum;
            if (!doubled || j <= i) gram[j * r + i] = sum;
        }
    for (int i = 0; i < r; i++) {
        const size_t at = syi_packed_at(q, 0, doubled ? 1 + r + i : 1 + i);
        syi_dd sum = syi_dd_of(0);
        for (ptrdiff_t g = 0; g < s->count; g++) sum = syi_dd_add(sum, syi_dd_of(s->sum[(size_t)g * s->length + at]));
        score[i] = syi_dd_round(sum);
    }
}

static double entry(const double *packed, int q, int i, int j)
{
    return packed[i <= j ? syi_packed_at(q, i, j) : syi_packed_at(q, j, i)];
}

/* out = turn in turn' for one r by r block of a set's products. */
static void turn_block(int r, const double *turn, const double *packed, int q, int down, int across, double *work_,
                       double *out, int step)
{
    for (int i = 0; i < r; i++)
        for (int j = 0; j < r; j++) {
            double sum = 0;
            for (int m = i; m < r; m++) sum += turn[i * r + m] * entry(packed, q, down + m, across + j);
            work_[i * r + j] = sum;
        }
    for (int i = 0; i < r; i++)
        for (int j = 0; j < r; j++) {
            double sum = 0;
            for (int m = j; m < r; m++) sum += work_[i * r + m] * turn[j * r + m];
            out[i * step + j] = sum;
        }
}

/* One cluster's products and scores in the corrected basis. */
static void turn_set(int r, const double *turn, const double *delta, const double *packed, int q, double *work_,
                     double *n, double *u)
{
    const int halves = q / r, order = halves * r;
    for (int a = 0; a < halves; a++)
        for (int b = 0; b < halves; b++)
            turn_block(r, turn, packed, q, 1 + a * r, 1 + b * r, work_, n + (ptrdiff_t)a * r * order + b * r, order);
    for (int i = 0; i < order; i++) {
        double sum = 0;
        for (int m = i % r; m < r; m++) sum += turn[(i % r) * r + m] * entry(packed, q, 0, 1 + i / r * r + m);
        for (int m = 0; m < r; m++) sum -= n[i * order + m] * delta[m];
        u[i] = sum;
    }
}

static void turn_all(const syi_cluster_sums *s, const double *turn, const double *delta, double *work_, syi_clusters *c)
{
    const int r = c->rank, order = c->order;
    for (ptrdiff_t g = 0; g < s->count; g++) {
        if (!(s->rows[g] > 0)) continue;
        double *n = c->n + (size_t)c->count * (size_t)order * (size_t)order, *u = c->u + c->count * order;
        turn_set(r, turn, delta, s->sum + (size_t)g * s->length, s->order - 1, work_, n, u);
        for (int i = 0; order > r && i < r; i++)
            for (int j = 0; j < r; j++) c->second[i * r + j] += n[(r + i) * order + r + j];
        c->count++;
    }
}

/* Weights of mean 1: z takes the root of the mean weight, so that z and w z are
 * of one size and eigenvalues of their products compare. */
static void balance(double mean, syi_clusters *c)
{
    const int r = c->rank, m = 2 * r;
    const double root = sqrt(mean);
    for (ptrdiff_t g = 0; g < c->count; g++)
        for (int i = 0; i < m; i++) {
            double *n = c->n + (g * m + i) * m;
            for (int k = 0; k < r; k++) {
                if (i < r) n[k] *= mean;
                else n[r + k] /= mean;
            }
            if (i < r) c->u[g * m + i] *= root;
            else c->u[g * m + i] /= root;
        }
    for (int i = 0; i < r * r; i++) {
        c->second[i] /= mean;
        c->map[i] *= root;
    }
}

/* The map before the correction: of plain columns, nothing. */
static void start_map(const syi_basis *b, double *map)
{
    if (b->trusted)
        for (int i = 0; i < b->rank; i++) map[i * (b->rank + 1)] = 1;
    else syi_basis_map(b, map);
}

sy_status syi_clusters_init(sy_context *ctx, const syi_basis *b, const syi_sorted *sorted, int doubled, syi_clusters *c)
{
    const size_t r = (size_t)b->rank, order = doubled ? 2 * r : r;
    syi_cluster_sums s = {0};
    *c = (syi_clusters){.rank = b->rank, .order = (int)order};
    sy_status status = syi_cluster_sums_init(ctx, b, sorted, doubled, &s);
    if (status < 0) return status;
    syi_dd *gram = syi_alloc(r * r, sizeof *gram);
    double *work_ = syi_alloc(2 * r * r + 2 * r, sizeof *work_);
    const size_t count = (size_t)s.count;
    c->n = syi_alloc(count * order * order, sizeof *c->n);
    c->u = syi_alloc(count * order, sizeof *c->u);
    c->map = syi_alloc(r * r, sizeof *c->map);
    c->second = syi_alloc(r * r, sizeof *c->second);
    if (!gram || !work_ || !c->n || !c->u || !c->map || !c->second) {
        status = syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for sums of %td clusters", s.count);
        goto out;
    }
    double *turn = work_ + r * r, *score = turn + r * r, *delta = score + r;
    syi_cluster_sums_total(b, &s, gram, score);
    status = syi_basis_turn(ctx, b->rank, gram, score, turn, delta);
    if (status < 0) goto out;
    turn_all(&s, turn, delta, work_, c);
    start_map(b, c->map);
    for (size_t i = 0; i < r; i++) { /* map turn', in place: entry j reads only what lies at j and behind */
        double *row = c->map + i * r;
        for (size_t j = 0; j < r; j++) {
            double sum = 0;
            for (size_t m = j; m < r; m++) sum += row[m] * turn[j * r + m];
            row[j] = sum;
        }
    }
    if (doubled) balance(b->fit.sum_w / b->fit.rows_used, c);
out:
    syi_cluster_sums_free(&s);
    SYI_FREE(gram);
    SYI_FREE(work_);
    if (status < 0) syi_clusters_free(c);
    return status;
}

void syi_clusters_free(syi_clusters *c)
{
    SYI_FREE(c->n);
    SYI_FREE(c->u);
    SYI_FREE(c->map);
    SYI_FREE(c->second);
}
