/* Sums of scores and information over rows and clusters.
 *
 * Scores come a tile at a time from the likelihood. Products are taken of scores
 * in coordinates in which the information is I: beside a parameter that runs to
 * infinity those of the scores themselves have no digits left. Blocks of rows in
 * parallel, each with lanes of its own, merged in order. Clusters: rows are
 * added in their order. The information of a cluster is that of a likelihood
 * over its rows alone, copied together: no formula of a second derivative is
 * needed here, and all of them together cost what one over all rows costs.
 * Cost: n k^2; n k; n k^2 / 2 + G k^2.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/gram_internal.h"
#include "algebra/lanes_internal.h"
#include "algebra/vector_math_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/response/response_scores_internal.h"
#include <string.h>

enum { BLOCK_TILES = 16, POLL_TILES = 16 };

typedef struct {
    const syi_likelihood *l;
    const double *theta, *across; /* across [k * k]: the map's columns as rows */
    int repeats, simd;
    size_t room, square; /* doubles of a worker's scratch; of one block's products */
    double *scratch, *block;
    const double **column; /* [workers][SYI_GRAM_PAD(k)] */
} job;

static int rows_left(const syi_packed *rows, ptrdiff_t start)
{
    return rows->n - start < SYI_TILE ? (int)(rows->n - start) : SYI_TILE;
}

/* Scores of one tile, rows behind the last one zero. */
static void tile_scores(const syi_likelihood *l, const double *theta, ptrdiff_t start, int len, double *score)
{
    l->scores(l, theta, start, len, score);
    for (int j = 0; j < l->k; j++)
        for (int i = len; i < SYI_TILE; i++) score[(ptrdiff_t)j * SYI_TILE + i] = 0;
}

static void block_products(void *arg, int worker, size_t b)
{
    const job *j = arg;
    const syi_packed *rows = j->l->rows;
    const int k = j->l->k;
    double *score = j->scratch + (size_t)worker * j->room, *turned = score + (ptrdiff_t)k * SYI_TILE;
    double *weight = turned + (ptrdiff_t)k * SYI_TILE, *acc = weight + SYI_TILE, *own = acc + syi_gram_room(k, 0);
    const double **column = j->column + (ptrdiff_t)worker * SYI_GRAM_PAD(k);
    memset(acc, 0, syi_gram_room(k, 0) * sizeof *acc);
    for (int c = 0; c < SYI_GRAM_PAD(k); c++) column[c] = turned + (ptrdiff_t)(c < k ? c : 0) * SYI_TILE;
    for (ptrdiff_t t = 0; t < BLOCK_TILES; t++) {
        const ptrdiff_t start = ((ptrdiff_t)b * BLOCK_TILES + t) * SYI_TILE;
        if (start >= rows->n) break;
        const int len = rows_left(rows, start);
        tile_scores(j->l, j->theta, start, len, score);
        memset(turned, 0, (size_t)k * SYI_TILE * sizeof *turned);
        for (int c = 0; c < k; c++)
            syi_vec_combine(j->simd, SYI_TILE, c + 1, score, SYI_TILE, j->across + (ptrdiff_t)c * k,
                            turned + (ptrdiff_t)c * SYI_TILE);
        for (int i = 0; j->repeats && i < SYI_TILE; i++)
            weight[i] = i < len && rows->weight[start + i] > 0 ? 1 / rows->weight[start + i] : 0;
        const syi_gram tile = {.n_x = k,
                               .groups = (len + SYI_LANES - 1) / SYI_LANES,
                               .x = column,
                               .left = column,
                               .weight = j->repeats ? weight : NULL};
        syi_gram_add(j->simd, &tile, own, acc);
    }
    syi_gram_sum(k, 0, acc, j->block + b * j->square, NULL);
}

sy_status syi_score_products(sy_context *ctx, const syi_likelihood *l, const double *theta, const double *map,
                             int repeats, double *products)
{
    const size_t k = (size_t)l->k, tiles = (size_t)(l->rows->n + SYI_TILE - 1) / SYI_TILE;
    const size_t blocks = (tiles + BLOCK_TILES - 1) / BLOCK_TILES;
    const double seconds = (double)l->rows->n * (double)k * (2e-9 + (double)k * 4e-10);
    const size_t workers = (size_t)syi_parallel_workers(ctx, blocks, seconds);
    job j = {.l = l, .theta = theta, .repeats = repeats, .simd = syi_lanes_width(ctx->simd), .square = k * k};
    sy_status s = SY_OK;
    j.room =
        (2 * k * SYI_TILE + SYI_TILE + syi_gram_room(l->k, 0) + syi_gram_scratch(SYI_TILE / SYI_LANES) + 7) / 8 * 8;
    j.scratch = syi_alloc(workers * j.room, sizeof *j.scratch);
    j.block = syi_alloc((blocks + 1) * j.square + 1, sizeof *j.block);
    j.column = syi_alloc(workers * (size_t)SYI_GRAM_PAD(l->k) + 1, sizeof *j.column);
    if (!j.scratch || !j.block || !j.column) {
        s = syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %d parameters", l->k);
        goto out;
    }
    double *across = j.block + blocks * j.square;
    for (size_t i = 0; i < k; i++)
        for (size_t c = 0; c < k; c++) across[c * k + i] = map[i * k + c];
    j.across = across;
    s = syi_parallel(ctx, blocks, seconds, block_products, &j);
    memset(products, 0, j.square * sizeof *products);
    for (size_t b = 0; b < blocks && s >= 0; b++)
        for (size_t i = 0; i < j.square; i++) products[i] += j.block[b * j.square + i];
out:
    SYI_FREE(j.scratch);
    SYI_FREE(j.block);
    SYI_FREE(j.column);
    return s;
}

sy_status syi_score_clusters(sy_context *ctx, const syi_likelihood *l, const double *theta, double *score)
{
    const syi_packed *rows = l->rows;
    const int k = l->k;
    double *tile = syi_alloc((size_t)k * SYI_TILE + 8, sizeof *tile);
    sy_status s = tile ? SY_OK : syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %d parameters", k);
    memset(score, 0, (size_t)rows->n_clusters * (size_t)k * sizeof *score);
    for (ptrdiff_t start = 0; start < rows->n && s >= 0; start += SYI_TILE) {
        const int len = rows_left(rows, start);
        tile_scores(l, theta, start, len, tile);
        for (int i = 0; i < len; i++) {
            double *own = score + (ptrdiff_t)rows->cluster[start + i] * k;
            for (int j = 0; j < k; j++) own[j] += tile[(ptrdiff_t)j * SYI_TILE + i];
        }
        if (start / SYI_TILE % POLL_TILES == 0) s = syi_serial_stopped(ctx);
    }
    SYI_FREE(tile);
    return s;
}

/* Rows of one cluster at a time. */
typedef struct {
    ptrdiff_t *first, *row; /* [n_clusters + 1], [n]: packed rows sorted by cluster */
    syi_packed rows;
    double *memory;
} gathered;

static sy_status sort_rows(sy_context *ctx, const syi_packed *rows, gathered *g, ptrdiff_t *most)
{
    g->first = syi_alloc((size_t)rows->n_clusters + 2, sizeof *g->first);
    g->row = syi_alloc((size_t)rows->n + 1, sizeof *g->row);
    if (!g->first || !g->row)
        return syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %d clusters", rows->n_clusters);
    for (ptrdiff_t i = 0; i < rows->n; i++) g->first[rows->cluster[i] + 2]++;
    *most = 0;
    for (int c = 0; c < rows->n_clusters; c++) {
        if (g->first[c + 2] > *most) *most = g->first[c + 2];
        g->first[c + 2] += g->first[c + 1];
    }
    for (ptrdiff_t i = 0; i < rows->n; i++) g->row[g->first[rows->cluster[i] + 1]++] = i;
    return SY_OK;
}

/* Room for the largest cluster. */
static sy_status open_view(sy_context *ctx, const syi_packed *rows, ptrdiff_t most, gathered *g)
{
    const ptrdiff_t stride = (most + SYI_TILE - 1) / SYI_TILE * SYI_TILE;
    const int columns = rows->p + rows->n_nominal + rows->n_spread;
    g->memory = syi_alloc((size_t)(columns + 4) * (size_t)stride + 8, sizeof *g->memory);
    if (!g->memory) return syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for a cluster of %td rows", most);
    g->rows = *rows;
    g->rows.stride = stride;
    g->rows.cluster = NULL;
    g->rows.n_clusters = 0;
    g->rows.x = g->memory;
    g->rows.nominal = g->rows.x + rows->p * stride;
    g->rows.spread = g->rows.nominal + rows->n_nominal * stride;
    g->rows.y = g->rows.spread + rows->n_spread * stride;
    g->rows.weight = g->rows.y + stride;
    g->rows.offset = rows->offset ? g->rows.weight + stride : NULL;
    g->rows.trials = rows->trials ? g->rows.weight + 2 * stride : NULL;
    return SY_OK;
}

/* One column of the cluster's rows; before them rows of an earlier, larger
 * cluster are cleared. */
static void gather(const double *from, const ptrdiff_t *row, ptrdiff_t count, ptrdiff_t padded, double *to)
{
    if (!from) return;
    for (ptrdiff_t i = 0; i < count; i++) to[i] = from[row[i]];
    for (ptrdiff_t i = count; i < padded; i++) to[i] = 0;
}

static void view_cluster(const syi_packed *rows, int c, gathered *g)
{
    const ptrdiff_t *row = g->row + g->first[c], count = g->first[c + 1] - g->first[c];
    const ptrdiff_t padded = (count + SYI_TILE - 1) / SYI_TILE * SYI_TILE;
    const ptrdiff_t from = rows->stride, to = g->rows.stride;
    g->rows.n = count;
    for (int k = 0; k < rows->p; k++) gather(rows->x + k * from, row, count, padded, g->rows.x + k * to);
    for (int k = 0; k < rows->n_nominal; k++)
        gather(rows->nominal + k * from, row, count, padded, g->rows.nominal + k * to);
    for (int k = 0; k < rows->n_spread; k++)
        gather(rows->spread + k * from, row, count, padded, g->rows.spread + k * to);
    gather(rows->y, row, count, padded, g->rows.y);
    gather(rows->weight, row, count, padded, g->rows.weight);
    gather(rows->offset, row, count, padded, g->rows.offset);
    gather(rows->trials, row, count, padded, g->rows.trials);
}

sy_status syi_information_clusters(sy_context *ctx, const syi_likelihood *l, const double *theta, double *information)
{
    const size_t square = (size_t)l->k * (size_t)l->k;
    double loglik = 0, *gradient = syi_alloc((size_t)l->k + 1, sizeof *gradient);
    ptrdiff_t most = 0;
    gathered g = {0};
    sy_status s = gradient ? SY_OK : syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %d parameters", l->k);
    if (s >= 0) s = sort_rows(ctx, l->rows, &g, &most);
    if (s >= 0) s = open_view(ctx, l->rows, most, &g);
    syi_likelihood own = *l;
    own.rows = &g.rows;
    own.times = NULL;
    for (int c = 0; c < l->rows->n_clusters && s >= 0; c++) {
        view_cluster(l->rows, c, &g);
        s = own.value(ctx, &own, theta, &loglik, gradient, information + (size_t)c * square);
        if (s >= 0) s = syi_serial_stopped(ctx);
    }
    SYI_FREE(gradient);
    SYI_FREE(g.first);
    SYI_FREE(g.row);
    SYI_FREE(g.memory);
    return s;
}

/* u becomes map' u. */
static void turn_vector(int k, const double *map, double *u, double *work)
{
    memset(work, 0, (size_t)k * sizeof *work);
    for (int m = 0; m < k; m++)
        for (int i = 0; i < k; i++) work[i] += map[m * k + i] * u[m];
    memcpy(u, work, (size_t)k * sizeof *u);
}

sy_status syi_score_turn(sy_context *ctx, syi_clusters *c, const double *map)
{
    const int k = c->rank;
    double *work = syi_alloc((size_t)k * (size_t)k + (size_t)k + 1, sizeof *work), *column = work + k;
    sy_status s = work ? SY_OK : syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %d parameters", k);
    for (ptrdiff_t g = 0; g < c->count && s >= 0; g++) {
        turn_vector(k, map, c->u + g * k, work);
        if (!c->n) continue;
        double *n = c->n + g * k * k;
        for (int i = 0; i < k; i++) turn_vector(k, map, n + i * k, work); /* rows, n being symmetric: n map */
        for (int i = 0; i < k; i++)
            for (int j = 0; j < k; j++) column[i * k + j] = n[j * k + i];
        for (int i = 0; i < k; i++) turn_vector(k, map, column + i * k, work);
        memcpy(n, column, (size_t)k * (size_t)k * sizeof *n);
        s = syi_serial_stopped(ctx);
    }
    SYI_FREE(work);
    return s;
}
