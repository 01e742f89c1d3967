/* The likelihood of ordered answers with one effect a column (proportional
 * odds), its gradient and its observed information, in one pass over the rows.
 *
 *   P(y <= level j) = F(threshold_j - x'b - offset)
 *
 * A row's density depends on two thresholds and x'b. With the derivatives of
 * ordinal_pair.c, minus the second derivatives are
 *   b, b:                     sum (w_upper + w_lower) x x'
 *   threshold j, b:           - sum of w_upper x over level j and w_lower x over level j + 1
 *   threshold j, j:           the same sums without x, and w_between of both levels
 *   threshold j, j + 1:       - sum of w_between over level j + 1
 * so the rows meet one triangle of products of the columns and n_levels lines
 * beside it (gram.c), all read where they lie. Symmetric and equidistant
 * thresholds are linear maps of these, made at the end.
 * The log-likelihood is concave [Pratt 1981, doi:10.1080/01621459.1981.10477613;
 * Burridge 1981, doi:10.1111/j.2517-6161.1981.tb01149.x], so Newton's method
 * with halving finds the one optimum; thresholds out of order have likelihood
 * -infinity.
 * Blocks of rows are fixed by n and merged by index: the same bits for any
 * number of threads. Cost: n (p^2 / 2 + n_levels (p + 10) + 60). Columns that
 * are not in use cost nothing.
 * McCullagh 1980, doi:10.1111/j.2517-6161.1980.tb01109.x.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/gram_internal.h"
#include "algebra/lanes_internal.h"
#include "algebra/vector_math_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/response/likelihood_internal.h"
#include "models/response/ordinal_internal.h"
#include <math.h>
#include <string.h>

enum { BLOCK_TILES = 8, MOST_BLOCKS = 64 };

typedef struct {
    const syi_likelihood *l;
    int simd, n_levels, n_x, slopes; /* slopes: derivatives are wanted */
    ptrdiff_t tiles, block;          /* tiles in all and in a block */
    size_t blocks;
    int *column;                     /* [n_x] packed columns in use */
    double *beta;                    /* [n_x] */
    double *threshold;               /* [n_levels - 1] */
    double *upper, *lower, *between; /* [n_levels, padded] by level */
    double *partial;                 /* [blocks][length] */
    size_t length;                   /* 1 + 5 n_levels + n_x^2 + n_levels n_x */
    double *scratch;                 /* [workers][room] */
    size_t room;
    const double **pointer; /* [workers][pointers] */
    size_t pointers;
} pass;

/* What one worker has for itself. */
typedef struct {
    double *eta, *a, *b, *c, *weight, *pair, *work, *column, *gram, *acc, *sums, *lanes;
} bench;

static size_t bench_room(const pass *p)
{
    const size_t planes = 5 + SYI_PAIR_PLANES + SYI_PAIR_WORK + (size_t)p->n_levels;
    return planes * SYI_TILE + syi_gram_scratch(SYI_TILE / 8) + syi_gram_room(p->n_x, p->n_levels) +
           (size_t)p->n_levels * SYI_SPLIT + 8;
}

static bench bench_at(const pass *p, int worker)
{
    bench t;
    double *at = p->scratch + (size_t)worker * p->room;
    double **const plane[] = {&t.eta, &t.a, &t.b, &t.c, &t.weight};
    for (int k = 0; k < 5; k++, at += SYI_TILE) *plane[k] = at;
    t.pair = at;
    t.work = t.pair + (ptrdiff_t)SYI_PAIR_PLANES * SYI_TILE;
    t.column = t.work + (ptrdiff_t)SYI_PAIR_WORK * SYI_TILE;
    t.gram = t.column + (ptrdiff_t)p->n_levels * SYI_TILE;
    t.sums = t.gram + syi_gram_scratch(SYI_TILE / 8);
    t.lanes = t.sums + (ptrdiff_t)p->n_levels * SYI_SPLIT;
    t.acc = t.lanes + 8;
    return t;
}

/* eta = offset + x'b, by runs of columns in use that lie side by side. */
static void predict(const pass *p, ptrdiff_t first, int len, double *eta)
{
    const syi_packed *r = p->l->rows;
    if (r->offset) memcpy(eta, r->offset + first, (size_t)len * sizeof *eta);
    else memset(eta, 0, (size_t)len * sizeof *eta);
    for (int j = 0, run = 1; j < p->n_x; j += run, run = 1) {
        while (j + run < p->n_x && p->column[j + run] == p->column[j] + run) run++;
        syi_vec_combine(p->simd, len, run, r->x + p->column[j] * r->stride + first, r->stride, p->beta + j, eta);
    }
}

static void one_tile(const pass *p, const bench *t, const double **pointer, ptrdiff_t first, int len)
{
    const syi_packed *r = p->l->rows;
    const double *const level = r->y + first, *weight = r->weight + first;
    syi_pair pair = syi_pair_at(t->pair, SYI_TILE);
    predict(p, first, len, t->eta);
    syi_pair_gather(p->simd, p->n_levels, len, level, t->eta, p->upper, p->lower, p->between, t->a, t->b, t->c);
    syi_pair_rows(p->simd, p->l->link, len, t->a, t->b, t->c, t->work, &pair);
    if (p->l->times) {
        syi_ordinal_weights(p->l, first, len, t->weight);
        weight = t->weight;
    }
    if (!p->slopes) {
        syi_pair_total(p->simd, len, weight, pair.value, t->lanes);
        return;
    }
    syi_pair_split(p->simd, p->n_levels, len, level, weight, &pair, t->lanes, t->sums, t->column, SYI_TILE);
    for (int j = 0; j < p->n_x; j++) pointer[j] = r->x + p->column[j] * r->stride + first;
    for (int j = p->n_x; j < SYI_GRAM_PAD(p->n_x); j++) pointer[j] = pointer[0];
    const double **const left = pointer + SYI_GRAM_PAD(p->n_x);
    for (int j = 0; j < p->n_levels - 1; j++) left[j] = t->column + (ptrdiff_t)j * SYI_TILE;
    left[p->n_levels - 1] = pair.both;
    const syi_gram gram = {p->n_x, p->n_levels, len / 8, pointer, left, pair.w_upper};
    syi_gram_add(p->simd, &gram, t->gram, t->acc);
}

static double tree(const double *s)
{
    return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

static void one_block(void *arg, int worker, size_t i)
{
    const pass *p = arg;
    const bench t = bench_at(p, worker);
    const ptrdiff_t end = ((ptrdiff_t)i + 1) * p->block;
    double *out = p->partial + i * p->length;
    memset(t.sums, 0, ((size_t)p->n_levels * SYI_SPLIT + 8) * sizeof *t.sums);
    if (p->slopes) memset(t.acc, 0, syi_gram_room(p->n_x, p->n_levels) * sizeof *t.acc);
    for (ptrdiff_t tile = (ptrdiff_t)i * p->block; tile < end && tile < p->tiles; tile++) {
        if (p->l->every > 1 && tile % p->l->every) continue;
        const ptrdiff_t first = tile * SYI_TILE, left = p->l->rows->n - first;
        const int len = left < SYI_TILE ? (int)(left + 7) / 8 * 8 : SYI_TILE;
        one_tile(p, &t, p->pointer + (size_t)worker * p->pointers, first, len);
    }
    out[0] = tree(t.lanes);
    if (!p->slopes) return;
    for (int k = 0; k < 5 * p->n_levels; k++) out[1 + k] = tree(t.sums + (ptrdiff_t)8 * k);
    double *const xx = out + 1 + 5 * p->n_levels;
    syi_gram_sum(p->n_x, p->n_levels, t.acc, xx, xx + (ptrdiff_t)p->n_x * p->n_x);
}

/* Thresholds by level; 0 when two are out of order. */
static int tables(pass *p, const double *theta)
{
    const int count = p->n_levels - 1, free_ = syi_thresholds_free(p->l->thresholds, p->n_levels);
    for (int j = 0; j < count; j++) {
        p->threshold[j] = 0;
        for (int q = 0; q < free_; q++)
            p->threshold[j] += syi_thresholds_map(p->l->thresholds, p->n_levels, j, q) * theta[q];
        if (!isfinite(p->threshold[j]) || (j > 0 && p->threshold[j] <= p->threshold[j - 1])) return 0;
    }
    for (int l = 0; l < p->n_levels; l++) {
        p->upper[l] = l < count ? p->threshold[l] : INFINITY;
        p->lower[l] = l > 0 ? p->threshold[l - 1] : -INFINITY;
        p->between[l] = p->lower[l] - p->upper[l];
    }
    syi_vec_expm1(p->simd, SYI_ORDINAL_PAD(p->n_levels), p->between, p->between);
    return 1;
}

/* Derivatives in free thresholds and columns in use, from the first block's sums. */
static void spread_out(const pass *p, double *gradient, double *information, ptrdiff_t k, int x_at)
{
    const int count = p->n_levels - 1, kinds = syi_thresholds_free(p->l->thresholds, p->n_levels);
    const sy_thresholds kind = p->l->thresholds;
    const double *const level = p->partial + 1, *const xx = level + 5 * p->n_levels;
    const double *const lx = xx + (ptrdiff_t)p->n_x * p->n_x;
    for (int j = 0; j < count; j++) {
        const double *const here = level + (ptrdiff_t)5 * j, *const next = here + 5;
        for (int q = 0; q < kinds; q++) {
            const double f = syi_thresholds_map(kind, p->n_levels, j, q);
            if (f == 0) continue;
            if (gradient) gradient[q] += f * (here[0] + next[1]);
            if (!information) continue;
            for (int u = 0; u < kinds; u++) {
                const double g = syi_thresholds_map(kind, p->n_levels, j, u);
                const double h = j + 1 < count ? syi_thresholds_map(kind, p->n_levels, j + 1, u) : 0;
                information[q * k + u] += f * g * (here[2] + here[4] + next[3] + next[4]) - f * h * next[4];
                information[u * k + q] -= f * h * next[4];
            }
            for (int c = 0; c < p->n_x; c++)
                information[q * k + x_at + p->column[c]] -= f * lx[(ptrdiff_t)j * p->n_x + c];
        }
    }
    for (int c = 0; c < p->n_x; c++) {
        const ptrdiff_t row = x_at + p->column[c];
        if (gradient) gradient[row] = -lx[(ptrdiff_t)count * p->n_x + c];
        if (!information) continue;
        for (int q = 0; q < kinds; q++) information[row * k + q] = information[q * k + row];
        for (int d = 0; d < p->n_x; d++) information[row * k + x_at + p->column[d]] = xx[(ptrdiff_t)c * p->n_x + d];
    }
}

static sy_status pass_init(sy_context *ctx, const syi_likelihood *l, int slopes, pass *p, double *seconds)
{
    const syi_packed *r = l->rows;
    const size_t pad = (size_t)SYI_ORDINAL_PAD(r->n_levels);
    *p = (pass){.l = l, .simd = syi_lanes_width(ctx->simd), .n_levels = r->n_levels, .slopes = slopes};
    p->column = syi_alloc((size_t)r->p + 1, sizeof *p->column);
    if (!p->column) return SY_ENOMEM;
    for (int j = 0; j < r->p; j++)
        if (!l->use || l->use[l->n_thresholds + j]) p->column[p->n_x++] = j;
    const size_t x = (size_t)p->n_x, levels = (size_t)r->n_levels;
    p->tiles = (r->n + SYI_TILE - 1) / SYI_TILE;
    p->block = (p->tiles + MOST_BLOCKS - 1) / MOST_BLOCKS;
    if (p->block < BLOCK_TILES) p->block = BLOCK_TILES;
    p->blocks = (size_t)((p->tiles + p->block - 1) / p->block);
    *seconds = (double)r->n * ((double)(x * (x + 4)) * 1e-10 + (double)(levels * (x + 10)) * 2e-10 + 2e-8);
    const size_t workers = (size_t)syi_parallel_workers(ctx, p->blocks, *seconds);
    p->length = 1 + 5 * levels + x * x + levels * x;
    p->room = (bench_room(p) + 7) / 8 * 8;
    p->pointers = SYI_GRAM_PAD(x) + levels;
    p->threshold = syi_alloc(x + 4 * pad, sizeof *p->beta);
    p->partial = syi_alloc(p->blocks * p->length, sizeof *p->partial);
    p->scratch = syi_alloc(workers * p->room, sizeof *p->scratch);
    p->pointer = syi_alloc(workers * p->pointers, sizeof *p->pointer);
    if (!p->threshold || !p->partial || !p->scratch || !p->pointer) return SY_ENOMEM;
    p->upper = p->threshold + pad;
    p->lower = p->upper + pad;
    p->between = p->lower + pad;
    p->beta = p->between + pad;
    return SY_OK;
}

static void pass_free(pass *p)
{
    SYI_FREE(p->column);
    SYI_FREE(p->threshold);
    SYI_FREE(p->partial);
    SYI_FREE(p->scratch);
    SYI_FREE(p->pointer);
}

sy_status syi_ordinal_plain(sy_context *ctx, const syi_likelihood *l, const double *theta, double *loglik,
                            double *gradient, double *information)
{
    const ptrdiff_t k = l->k;
    double seconds = 0;
    pass p;
    if (gradient) memset(gradient, 0, (size_t)k * sizeof *gradient);
    if (information) memset(information, 0, (size_t)k * (size_t)k * sizeof *information);
    *loglik = -INFINITY;
    sy_status status = pass_init(ctx, l, gradient || information, &p, &seconds);
    if (status < 0) {
        status = syi_fail(ctx, status, "response: out of memory for the likelihood of %d parameters", l->k);
        goto out;
    }
    for (int j = 0; j < p.n_x; j++) p.beta[j] = theta[l->n_thresholds + p.column[j]];
    if (!tables(&p, theta)) goto out;
    status = syi_parallel(ctx, p.blocks, seconds, one_block, &p);
    if (status < 0) goto out;
    const size_t length = p.slopes ? p.length : 1;
    for (size_t i = 1; i < p.blocks; i++)
        for (size_t e = 0; e < length; e++) p.partial[e] += p.partial[i * p.length + e];
    if (isfinite(p.partial[0])) *loglik = p.partial[0];
    if (p.slopes) spread_out(&p, gradient, information, k, l->n_thresholds);
out:
    pass_free(&p);
    return status;
}

sy_status syi_likelihood_ordinal(sy_context *ctx, syi_likelihood *l)
{
    (void)ctx;
    const syi_packed *r = l->rows;
    l->n_thresholds = syi_thresholds_free(l->thresholds, r->n_levels) * (1 + r->n_nominal);
    l->value = r->n_nominal || r->n_spread ? syi_ordinal_general : syi_ordinal_plain;
    l->scores = syi_ordinal_scores;
    l->start = syi_ordinal_start;
    return SY_OK;
}
