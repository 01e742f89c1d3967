/* Log-likelihood, gradient and observed information of a model with one linear
 * predictor, in one pass over the packed rows.
 *
 * eta = X b + offset a tile at a time, the rows' derivatives from
 * predictor_rows.c, then X' diag(curve) X and score' X in registers (gram.c), the
 * columns read where they lie. Blocks of rows are fixed by n and merged by index:
 * the same bits for any number of threads. Columns not in use cost nothing.
 * Cost: n (p^2 / 2 + 3 p) multiply-adds and 5 to 15 ns a row.
 * McCullagh & Nelder 1989, Generalized Linear Models, section 2.5.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/gram_internal.h"
#include "algebra/lanes_internal.h"
#include "algebra/vector_math_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/response/ordinal_internal.h"
#include "models/response/predictor_internal.h"
#include <math.h>
#include <string.h>

enum { BLOCK_TILES = 8, MOST_BLOCKS = 64, PLANES = 8 + SYI_PREDICTOR_WORK, SUMS = 3 };

typedef struct {
    const syi_likelihood *l;
    const syi_rising *rising;
    int simd, n_x, n_left, slopes; /* slopes: derivatives are wanted */
    ptrdiff_t tiles, block;
    size_t blocks, length, room, pointers;
    int *column;            /* [n_x] packed columns in use */
    double *beta;           /* [n_x] */
    double *partial;        /* [blocks][length]: value, own score and curve; x'Wx; left'x */
    double *scratch;        /* [workers][room] */
    const double **pointer; /* [workers][pointers] */
} pass;

typedef struct {
    syi_predictor_tile tile;
    double *lanes, *gram, *acc;
} bench;

static bench bench_at(const pass *p, int worker)
{
    bench b = {.tile = {0}};
    double *at = p->scratch + (size_t)worker * p->room;
    double **const plane[] = {&b.tile.eta,   &b.tile.weight, &b.tile.value,     &b.tile.score,
                              &b.tile.curve, &b.tile.cross,  &b.tile.own_score, &b.tile.own_curve};
    for (int k = 0; k < 8; k++, at += SYI_TILE) *plane[k] = at;
    b.tile.work = at;
    b.lanes = at + (ptrdiff_t)SYI_PREDICTOR_WORK * SYI_TILE;
    b.gram = b.lanes + (ptrdiff_t)SUMS * SYI_LANES;
    b.acc = b.gram + syi_gram_scratch(SYI_TILE / SYI_LANES);
    return b;
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

static void one_tile(const pass *p, bench *b, const double **pointer, ptrdiff_t first, int len)
{
    const syi_packed *r = p->l->rows;
    syi_predictor_tile t = b->tile;
    t.y = r->y + first;
    t.trials = r->trials ? r->trials + first : NULL;
    if (p->l->times) syi_ordinal_weights(p->l, first, len, t.weight);
    else t.weight = r->weight + first;
    predict(p, first, len, t.eta);
    syi_predictor_rows(p->simd, p->l, p->rising, len, &t);
    syi_vec_sum(p->simd, len, t.value, b->lanes);
    if (!p->slopes) return;
    if (p->n_left > 1) {
        syi_vec_sum(p->simd, len, t.own_score, b->lanes + SYI_LANES);
        syi_vec_sum(p->simd, len, t.own_curve, b->lanes + 2 * SYI_LANES);
    }
    for (int j = 0; j < p->n_x; j++) pointer[j] = r->x + p->column[j] * r->stride + first;
    for (int j = p->n_x; j < SYI_GRAM_PAD(p->n_x); j++) pointer[j] = pointer[0];
    const double **const left = pointer + SYI_GRAM_PAD(p->n_x);
    left[0] = t.score;
    left[1] = t.cross;
    const syi_gram gram = {p->n_x, p->n_left, len / SYI_LANES, pointer, left, t.curve};
    if (p->n_x > 0) syi_gram_add(p->simd, &gram, b->gram, b->acc);
}

static double tree(const double *s)
{
    return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

static void one_block(void *arg, int worker, size_t i)
{
    const pass *p = arg;
    bench b = bench_at(p, worker);
    const ptrdiff_t end = ((ptrdiff_t)i + 1) * p->block;
    double *out = p->partial + i * p->length;
    memset(b.lanes, 0, (size_t)SUMS * SYI_LANES * sizeof *b.lanes);
    if (p->slopes) memset(b.acc, 0, syi_gram_room(p->n_x, p->n_left) * sizeof *b.acc);
    for (ptrdiff_t tile = (ptrdiff_t)i * p->block; tile < end && tile < p->tiles; tile++) {
        if (p->l->every > 1 && tile % p->l->every) continue;
        const ptrdiff_t first = tile * SYI_TILE, left = p->l->rows->n - first;
        const int len = left < SYI_TILE ? (int)(left + 7) / 8 * 8 : SYI_TILE;
        one_tile(p, &b, p->pointer + (size_t)worker * p->pointers, first, len);
    }
    for (int k = 0; k < SUMS; k++) out[k] = tree(b.lanes + (ptrdiff_t)k * SYI_LANES);
    if (p->slopes && p->n_x > 0)
        syi_gram_sum(p->n_x, p->n_left, b.acc, out + SUMS, out + SUMS + (ptrdiff_t)p->n_x * p->n_x);
}

static sy_status pass_init(sy_context *ctx, const syi_likelihood *l, int slopes, pass *p, double *seconds)
{
    const syi_packed *r = l->rows;
    const int own = l->kind == SY_RESPONSE_NEGATIVE_BINOMIAL;
    *p = (pass){.l = l, .simd = syi_lanes_width(ctx->simd), .n_left = 1 + own, .slopes = slopes};
    p->column = syi_alloc((size_t)r->p + 1, sizeof *p->column);
    if (!p->column) return SY_ENOMEM;
    for (int j = 0; j < r->p; j++)
        if (!l->use || l->use[j]) p->column[p->n_x++] = j;
    const size_t x = (size_t)p->n_x, left = (size_t)p->n_left;
    p->tiles = (r->n + SYI_TILE - 1) / SYI_TILE;
    p->block = (p->tiles + MOST_BLOCKS - 1) / MOST_BLOCKS;
    if (p->block < BLOCK_TILES) p->block = BLOCK_TILES;
    p->blocks = (size_t)((p->tiles + p->block - 1) / p->block);
    *seconds = (double)r->n * ((double)(x * (x + 4)) * 1e-10 + 1e-8);
    const size_t workers = (size_t)syi_parallel_workers(ctx, p->blocks, *seconds);
    p->length = SUMS + x * x + left * x;
    p->room = (PLANES * SYI_TILE + SUMS * SYI_LANES + syi_gram_scratch(SYI_TILE / SYI_LANES) +
               syi_gram_room(p->n_x, p->n_left) + 7) /
              8 * 8;
    p->pointers = SYI_GRAM_PAD(x) + 2;
    p->beta = syi_alloc(x + 1, sizeof *p->beta);
    p->partial = syi_alloc(p->blocks * p->length, sizeof *p->partial);
    p->scratch = syi_alloc(workers * p->room, sizeof *p->scratch);
    p->pointer = syi_alloc(workers * p->pointers, sizeof *p->pointer);
    return p->beta && p->partial && p->scratch && p->pointer ? SY_OK : SY_ENOMEM;
}

static void pass_free(pass *p)
{
    SYI_FREE(p->column);
    SYI_FREE(p->beta);
    SYI_FREE(p->partial);
    SYI_FREE(p->scratch);
    SYI_FREE(p->pointer);
}

/* From the sums of the columns in use to the places of the parameters. */
static void spread_out(const pass *p, double *gradient, double *information)
{
    const ptrdiff_t k = p->l->k, n_x = p->n_x;
    const double *const xx = p->partial + SUMS, *const score = xx + n_x * n_x, *const cross = score + n_x;
    const int own = p->n_left > 1 && (!p->l->use || p->l->use[k - 1]);
    for (ptrdiff_t i = 0; i < n_x; i++) {
        const ptrdiff_t row = p->column[i];
        if (gradient) gradient[row] = score[i];
        for (ptrdiff_t j = 0; information && j < n_x; j++) information[row * k + p->column[j]] = xx[i * n_x + j];
        if (information && own) information[row * k + k - 1] = information[(k - 1) * k + row] = cross[i];
    }
    if (gradient && own) gradient[k - 1] = p->partial[1];
    if (information && own) information[k * k - 1] = p->partial[2];
}

sy_status syi_predictor_value(sy_context *ctx, const syi_likelihood *l, const double *theta, double *loglik,
                              double *gradient, double *information)
{
    const size_t k = (size_t)l->k;
    syi_rising rising = {.theta = 1};
    double seconds = 0;
    pass p;
    if (gradient) memset(gradient, 0, k * sizeof *gradient);
    if (information) memset(information, 0, k * k * sizeof *information);
    *loglik = -INFINITY;
    sy_status status = pass_init(ctx, l, gradient || information, &p, &seconds);
    if (status < 0) {
        status = syi_fail(ctx, status, "response: out of memory for the likelihood of %d parameters", l->k);
        goto out;
    }
    if (l->kind == SY_RESPONSE_NEGATIVE_BINOMIAL) {
        syi_rising_init(p.simd, theta[k - 1], &rising);
        if (!(rising.theta > 1e-100) || !(rising.theta < 1e100)) goto out;
    }
    p.rising = &rising;
    for (int j = 0; j < p.n_x; j++) p.beta[j] = theta[p.column[j]];
    if ((status = syi_parallel(ctx, p.blocks, seconds, one_block, &p)) < 0) goto out;
    for (size_t i = 1; i < p.blocks; i++)
        for (size_t e = 0; e < (p.slopes ? p.length : 1); e++) p.partial[e] += p.partial[i * p.length + e];
    if (isfinite(p.partial[0])) *loglik = p.partial[0];
    if (p.slopes) spread_out(&p, gradient, information);
out:
    pass_free(&p);
    return status;
}

void syi_predictor_scores(const syi_likelihood *l, const double *theta, ptrdiff_t first, int len, double *score)
{
    const syi_packed *r = l->rows;
    const int simd = syi_simd_widest(), padded = (len + 7) / 8 * 8, own = l->kind == SY_RESPONSE_NEGATIVE_BINOMIAL;
    _Alignas(64) double planes[PLANES * SYI_TILE] = {0};
    syi_rising rising = {.theta = 1};
    pass p = {.scratch = planes};
    syi_predictor_tile t = bench_at(&p, 0).tile;
    t.y = r->y + first;
    t.trials = r->trials ? r->trials + first : NULL;
    syi_ordinal_weights(l, first, padded, t.weight);
    if (r->offset) memcpy(t.eta, r->offset + first, (size_t)padded * sizeof *t.eta);
    for (int j = 0; j < r->p; j++)
        if (!l->use || l->use[j])
            syi_vec_combine(simd, padded, 1, r->x + j * r->stride + first, r->stride, theta + j, t.eta);
    if (own) syi_rising_init(simd, theta[l->k - 1], &rising);
    syi_predictor_rows(simd, l, &rising, padded, &t);
    syi_vec_weigh(simd, padded, r->p, r->x + first, r->stride, t.score, score, SYI_TILE);
    for (int j = 0; j < r->p && l->use; j++)
        if (!l->use[j]) memset(score + (ptrdiff_t)j * SYI_TILE, 0, (size_t)padded * sizeof *score);
    if (!own) return;
    const int given = !l->use || l->use[l->k - 1];
    for (int i = 0; i < padded; i++) score[(ptrdiff_t)(l->k - 1) * SYI_TILE + i] = given ? t.own_score[i] : 0;
}
