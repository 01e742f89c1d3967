/* The likelihood of ordered answers with nominal or scale columns, its gradient
 * and its observed information.
 *
 * With da, db the columns of ordinal_rows.c, minus the second derivatives are
 *   sum w_upper da da' + w_lower db db' + w_between (da - db)(da - db)'
 *   + (upper da + lower db) s'   for each scale column s, with all parameters:
 * two triangles of products over the parameters in use and one over those that
 * a and b do not share. Thresholds that cross at a row that counts give -infinity, so
 * that Newton's method halves its step. With scale columns the log-likelihood is
 * not concave and an optimum is a local one.
 * Cost: n (1.5 k^2 + n_levels k + 100).
 * McCullagh 1980, doi:10.1111/j.2517-6161.1980.tb01109.x; Cox 1995,
 * doi:10.1002/sim.4780141105.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/gram_internal.h"
#include "algebra/lanes_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/response/likelihood_internal.h"
#include "models/response/ordinal_rows_internal.h"
#include <math.h>
#include <string.h>

enum { BLOCK_TILES = 8, MOST_BLOCKS = 64 };

typedef struct {
    const syi_likelihood *l;
    int simd, slopes;
    int n, n_apart, n_spread; /* parameters in use; of them those that a and b do not share; scale columns in use */
    int *parameter;           /* [n] */
    int *apart;               /* [n_apart] places among the n */
    int *spread;              /* [n_spread] scale columns */
    double *theta;            /* [k] zeros where not in use */
    ptrdiff_t tiles, block;
    size_t blocks;
    double *partial; /* [blocks][length] */
    size_t length;   /* 1 + n^2 + (1 + n_spread) n + n_apart^2 */
    double *scratch; /* [workers][room] */
    size_t room;
    const double **pointer; /* [workers][pointers] */
    size_t pointers;
    syi_ordinal_tile *tile; /* [workers] */
} pass;

/* Columns of one side of a tile's rows times their weights: accumulates the
 * triangle and the lines of the scores and of the scale columns. */
static void one_side(const pass *p, const double *const *column, const double *weight, const double *score, int len,
                     const double *spread, double *left, const double **pointer, double *gram, double *acc)
{
    const double **const x = pointer, **const lines = pointer + SYI_GRAM_PAD(p->n);
    for (int j = 0; j < SYI_GRAM_PAD(p->n); j++) x[j] = column[j < p->n ? j : 0];
    lines[0] = score;
    for (int c = 0; c < p->n_spread; c++) {
        const double *const s = spread + p->spread[c] * p->l->rows->stride;
        double *const to = left + (ptrdiff_t)c * SYI_TILE;
        for (int i = 0; i < len; i++) to[i] = score[i] * s[i];
        lines[1 + c] = to;
    }
    const syi_gram t = {p->n, 1 + p->n_spread, len / 8, x, lines, weight};
    syi_gram_add(p->simd, &t, gram, acc);
}

static void derivatives(const pass *p, int worker, const syi_ordinal_rows *rows, ptrdiff_t first, int len)
{
    double *const above = p->scratch + (size_t)worker * p->room, *const below = above + (ptrdiff_t)p->n * SYI_TILE;
    double *const left = below + (ptrdiff_t)p->n * SYI_TILE, *const gram = left + (ptrdiff_t)p->n_spread * SYI_TILE;
    double *const acc = gram + syi_gram_scratch(SYI_TILE / 8), *const acc_apart =
                                                                   acc + syi_gram_room(p->n, 1 + p->n_spread);
    const double **const pointer = p->pointer + (size_t)worker * p->pointers;
    const double **const column = pointer + SYI_GRAM_PAD(p->n) + 1 + p->n_spread;
    syi_ordinal_tile *const t = p->tile + worker;
    const syi_pair pair = syi_pair_at(t->pair, SYI_TILE);
    const double *const spread = p->l->rows->spread ? p->l->rows->spread + first : NULL;
    double *const plane[] = {pair.upper, pair.lower, pair.w_upper, pair.w_lower, pair.w_between};
    for (int k = 0; k < 5; k++)
        for (int i = 0; i < len; i++) plane[k][i] *= t->weight[i];
    for (int j = 0; j < p->n; j++)
        syi_ordinal_tile_column(rows, len, p->l->rows->y + first, t, p->parameter[j], above + (ptrdiff_t)j * SYI_TILE,
                                below + (ptrdiff_t)j * SYI_TILE);
    for (int j = 0; j < p->n; j++) column[j] = above + (ptrdiff_t)j * SYI_TILE;
    one_side(p, column, pair.w_upper, pair.upper, len, spread, left, pointer, gram, acc);
    for (int j = 0; j < p->n; j++) column[j] = below + (ptrdiff_t)j * SYI_TILE;
    one_side(p, column, pair.w_lower, pair.lower, len, spread, left, pointer, gram, acc);
    for (int e = 0; e < SYI_GRAM_PAD(p->n_apart); e++) {
        double *const a = above + (ptrdiff_t)p->apart[e < p->n_apart ? e : 0] * SYI_TILE;
        const double *const b = below + (a - above);
        for (int i = 0; e < p->n_apart && i < len; i++) a[i] -= b[i];
        pointer[e] = a;
    }
    const syi_gram apart = {p->n_apart, 0, len / 8, pointer, NULL, pair.w_between};
    syi_gram_add(p->simd, &apart, gram, acc_apart);
}

static double tree(const double *s)
{
    return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

static void one_block(void *arg, int worker, size_t i)
{
    const pass *p = arg;
    const syi_packed *r = p->l->rows;
    const ptrdiff_t end = ((ptrdiff_t)i + 1) * p->block;
    const size_t acc_room = syi_gram_room(p->n, 1 + p->n_spread), apart_room = syi_gram_room(p->n_apart, 0);
    double *const acc = p->scratch + ((size_t)worker + 1) * p->room - acc_room - apart_room;
    double *const out = p->partial + i * p->length, lanes[8] __attribute__((aligned(64))) = {0};
    syi_ordinal_tile *const t = p->tile + worker;
    memset(acc, 0, (acc_room + apart_room) * sizeof *acc);
    for (ptrdiff_t tile = (ptrdiff_t)i * p->block; tile < end && tile < p->tiles; tile++) {
        if (p->l->every > 1 && tile % p->l->every) continue;
        const ptrdiff_t first = tile * SYI_TILE, rest = r->n - first;
        const int len = rest < SYI_TILE ? (int)(rest + 7) / 8 * 8 : SYI_TILE;
        syi_ordinal_rows rows;
        syi_ordinal_rows_of(p->l, p->theta, first, &rows);
        syi_ordinal_weights(p->l, first, len, t->weight);
        syi_ordinal_tile_rows(p->simd, &rows, len, r->y + first, t->weight, t);
        syi_pair_total(p->simd, len, t->weight, t->pair, lanes);
        if (p->slopes) derivatives(p, worker, &rows, first, len);
    }
    out[0] = tree(lanes);
    if (!p->slopes) return;
    double *const xx = out + 1, *const lines = xx + (ptrdiff_t)p->n * p->n;
    syi_gram_sum(p->n, 1 + p->n_spread, acc, xx, lines);
    syi_gram_sum(p->n_apart, 0, acc + acc_room, lines + (ptrdiff_t)(1 + p->n_spread) * p->n, NULL);
}

static void spread_out(const pass *p, double *gradient, double *information)
{
    const ptrdiff_t k = p->l->k, n = p->n;
    double *const xx = p->partial + 1;
    const double *const lines = xx + n * n, *const apart = lines + (1 + p->n_spread) * n;
    for (int a = 0; a < p->n_apart; a++)
        for (int b = 0; b < p->n_apart; b++) xx[p->apart[a] * n + p->apart[b]] += apart[(ptrdiff_t)a * p->n_apart + b];
    for (int c = 0; c < p->n_spread; c++) {
        const ptrdiff_t at = n - p->n_spread + c;
        const double *const line = lines + (1 + c) * n;
        for (ptrdiff_t j = 0; j <= at; j++) {
            xx[j * n + at] += line[j];
            if (j < at) xx[at * n + j] += line[j];
        }
    }
    for (ptrdiff_t a = 0; a < n; a++) {
        if (gradient) gradient[p->parameter[a]] = lines[a];
        for (ptrdiff_t b = 0; information && b < n; b++)
            information[p->parameter[a] * k + p->parameter[b]] = xx[a * n + b];
    }
}

/* Which parameters are in use. */
static void choose(pass *p, const double *theta)
{
    const syi_likelihood *l = p->l;
    const int location = l->n_thresholds, behind = location + l->rows->p;
    for (int j = 0; j < l->k; j++) {
        if (l->use && !l->use[j]) continue;
        p->theta[j] = theta[j];
        if (j < location || j >= behind) p->apart[p->n_apart++] = p->n;
        if (j >= behind) p->spread[p->n_spread++] = j - behind;
        p->parameter[p->n++] = j;
    }
}

static sy_status pass_init(sy_context *ctx, const syi_likelihood *l, const double *theta, int slopes, pass *p,
                           double *seconds)
{
    const size_t k = (size_t)l->k + 1;
    *p = (pass){.l = l, .simd = syi_lanes_width(ctx->simd), .slopes = slopes};
    p->parameter = syi_alloc(3 * k, sizeof *p->parameter);
    p->theta = syi_alloc(k, sizeof *p->theta);
    if (!p->parameter || !p->theta) return SY_ENOMEM;
    p->apart = p->parameter + k;
    p->spread = p->apart + k;
    choose(p, theta);
    const size_t n = (size_t)p->n, lines = 1 + (size_t)p->n_spread, apart = (size_t)p->n_apart;
    p->tiles = (l->rows->n + SYI_TILE - 1) / SYI_TILE;
    p->block = (p->tiles + MOST_BLOCKS - 1) / MOST_BLOCKS;
    if (p->block < BLOCK_TILES) p->block = BLOCK_TILES;
    p->blocks = (size_t)((p->tiles + p->block - 1) / p->block);
    *seconds = (double)l->rows->n * ((double)(n * n) * 3e-10 + (double)(n * (size_t)l->rows->n_levels) * 3e-10 + 1e-7);
    const size_t workers = (size_t)syi_parallel_workers(ctx, p->blocks, *seconds);
    p->length = 1 + n * n + lines * n + apart * apart;
    p->room = (2 * n + lines - 1) * SYI_TILE + syi_gram_scratch(SYI_TILE / 8) + syi_gram_room(p->n, p->n_spread + 1) +
              syi_gram_room(p->n_apart, 0);
    p->pointers = SYI_GRAM_PAD(n) + lines + n;
    p->partial = syi_alloc(p->blocks * p->length, sizeof *p->partial);
    p->scratch = syi_alloc(workers * p->room, sizeof *p->scratch);
    p->pointer = syi_alloc(workers * p->pointers, sizeof *p->pointer);
    p->tile = syi_alloc(workers, sizeof *p->tile);
    return p->partial && p->scratch && p->pointer && p->tile ? SY_OK : SY_ENOMEM;
}

static void pass_free(pass *p)
{
    SYI_FREE(p->parameter);
    SYI_FREE(p->theta);
    SYI_FREE(p->partial);
    SYI_FREE(p->scratch);
    SYI_FREE(p->pointer);
    SYI_FREE(p->tile);
}

sy_status syi_ordinal_general(sy_context *ctx, const syi_likelihood *l, const double *theta, double *loglik,
                              double *gradient, double *information)
{
    const size_t k = (size_t)l->k;
    double seconds = 0;
    pass p;
    if (gradient) memset(gradient, 0, k * sizeof *gradient);
    if (information) memset(information, 0, k * k * sizeof *information);
    *loglik = -INFINITY;
    sy_status status = pass_init(ctx, l, theta, gradient || information, &p, &seconds);
    if (status < 0) {
        status = syi_fail(ctx, status, "response: out of memory for the likelihood of %d parameters", l->k);
        goto out;
    }
    status = syi_parallel(ctx, p.blocks, seconds, one_block, &p);
    if (status < 0) goto out;
    const size_t length = p.slopes ? p.length : 1;
    for (size_t i = 1; i < p.blocks; i++)
        for (size_t e = 0; e < length; e++) p.partial[e] += p.partial[i * p.length + e];
    if (isfinite(p.partial[0])) *loglik = p.partial[0];
    if (p.slopes) spread_out(&p, gradient, information);
out:
    pass_free(&p);
    return status;
}
