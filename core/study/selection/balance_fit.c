/* Memory and small algebra of a fit: products of the packed columns, and
 * symmetric systems in which columns that add nothing are left out.
 * Cost: n k^2 / 2 for products, k^3 / 3 double-double operations for a factor.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_internal.h"
#include "algebra/gram_internal.h"
#include "algebra/lanes_internal.h"
#include "algebra/vector_math_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "study/selection/balance_internal.h"
#include <string.h>

enum { ARRAYS = 9, SHORT = 6, SQUARES = 5 };

size_t syi_balance_system_room(int k)
{
    const size_t n = (size_t)k;
    return syi_arena_room(n, sizeof(double)) + syi_arena_room(n, sizeof(int)) + syi_arena_room(n * n, sizeof(syi_dd)) +
           syi_arena_room(n, sizeof(syi_dd));
}

void syi_balance_system_take(syi_arena *arena, int k, syi_balance_system *s)
{
    const size_t n = (size_t)k;
    s->k = k;
    s->floor_ = syi_arena_take(arena, n, sizeof(double));
    s->aliased = syi_arena_take(arena, n, sizeof(int));
    s->l = syi_arena_take(arena, n * n, sizeof(syi_dd));
    s->right = syi_arena_take(arena, n, sizeof(syi_dd));
}

int syi_balance_factor(syi_balance_system *s, const double *a, double least)
{
    const ptrdiff_t k = s->k;
    for (ptrdiff_t i = 0; i < k; i++) s->floor_[i] = least;
    for (ptrdiff_t i = 0; i < k * k; i++) s->l[i] = syi_dd_of(a[i]);
    for (ptrdiff_t i = 0; i < k; i++)
        if (!(a[i * (k + 1)] > 0))
            for (ptrdiff_t j = 0; j < k; j++) s->l[i * k + j] = s->l[j * k + i] = syi_dd_of(i == j);
    const int rank = syi_cholesky(s->k, s->l, s->floor_, s->aliased);
    for (ptrdiff_t i = 0; i < k; i++)
        if (!(a[i * (k + 1)] > 0)) s->aliased[i] = 1;
    return rank;
}

void syi_balance_solve(syi_balance_system *s, const double *right, double *x)
{
    for (int i = 0; i < s->k; i++) s->right[i] = syi_dd_of(s->aliased[i] ? 0 : right[i]);
    syi_cholesky_solve(s->k, s->l, s->aliased, s->right);
    for (int i = 0; i < s->k; i++) x[i] = s->aliased[i] ? 0 : syi_dd_round(s->right[i]);
}

static size_t gram_order(int k)
{
    return (size_t)SYI_GRAM_PAD(k);
}

/* Bytes of all that the fit holds. */
static size_t room(const syi_balance *b)
{
    const size_t n = (size_t)b->rows.stride, k = (size_t)b->k, d = sizeof(double), all = (size_t)b->design.n + 1;
    return (ARRAYS + 2) * syi_arena_room(n, d) + (SHORT + 4) * syi_arena_room(k, d) +
           (SQUARES + 4) * syi_arena_room(k * k, d) + syi_arena_room(all, d) + syi_arena_room(all, sizeof(int32_t)) +
           syi_arena_room(syi_gram_room(b->k, 1), d) + syi_arena_room(syi_gram_scratch(SYI_TILE / SYI_LANES), d) +
           syi_arena_room(gram_order(b->k) + 1, sizeof(double *)) + syi_arena_room(k, 1) +
           3 * syi_arena_room(k, sizeof(int)) + syi_balance_system_room(b->k);
}

sy_status syi_balance_fit_init(sy_context *ctx, const syi_balance *b, syi_balance_fit *f)
{
    const size_t n = (size_t)b->rows.stride, k = (size_t)b->k, d = sizeof(double), all = (size_t)b->design.n + 1;
    *f = (syi_balance_fit){.b = b, .simd = syi_lanes_width(ctx->simd), .fault = -1};
    if (syi_arena_init(&f->arena, room(b)) != 0)
        return syi_fail(ctx, SY_ENOMEM, "balance: no room for %zu rows of %d columns", n, b->k);
    double **const array[ARRAYS] = {&f->weight, &f->score,  &f->rest, &f->factor, &f->tilt,
                                    &f->eta,    &f->masked, &f->own,  &f->fitted};
    double **const line[] = {&f->theta, &f->goal, &f->lx};
    for (int i = 0; i < ARRAYS; i++) *array[i] = syi_arena_take(&f->arena, n * (array[i] == &f->fitted ? 2 : 1), d);
    for (int i = 0; i < 3; i++) *line[i] = syi_arena_take(&f->arena, k, d);
    f->lambda = syi_arena_take(&f->arena, 2 * k, d);
    f->beta = syi_arena_take(&f->arena, 2 * k, d);
    f->information = syi_arena_take(&f->arena, 2 * k * k, d);
    f->regression = syi_arena_take(&f->arena, 2 * k * k, d);
    f->xx = syi_arena_take(&f->arena, k * k, d);
    f->by_row = syi_arena_take(&f->arena, all, d);
    f->code = syi_arena_take(&f->arena, all, sizeof(int32_t));
    f->acc = syi_arena_take(&f->arena, syi_gram_room(b->k, 1), d);
    f->scratch = syi_arena_take(&f->arena, syi_gram_scratch(SYI_TILE / SYI_LANES), d);
    f->pointer = syi_arena_take(&f->arena, gram_order(b->k) + 1, sizeof(double *));
    f->use = syi_arena_take(&f->arena, k, 1);
    f->infinite = syi_arena_take(&f->arena, k, sizeof(int));
    f->left_out = syi_arena_take(&f->arena, 2 * k, sizeof(int));
    syi_balance_system_take(&f->arena, b->k, &f->system);
    memcpy(f->weight, b->rows.weight, n * d);
    return SY_OK;
}

void syi_balance_fit_free(syi_balance_fit *f)
{
    syi_arena_free(&f->arena);
}

void syi_balance_products(const syi_balance_fit *f, const double *weight, const double *left, double *xx, double *lx)
{
    const syi_packed *rows = &f->b->rows;
    const int k = f->b->k;
    const double **const own = f->pointer + gram_order(k);
    memset(f->acc, 0, syi_gram_room(k, 1) * sizeof *f->acc);
    memset(xx, 0, (size_t)k * (size_t)k * sizeof *xx);
    for (int j = 0; lx && j < k; j++) lx[j] = 0;
    for (ptrdiff_t at = 0; at < rows->stride; at += SYI_TILE) {
        for (int j = 0; j < SYI_GRAM_PAD(k); j++) f->pointer[j] = rows->x + (j < k ? j : 0) * rows->stride + at;
        if (left) *own = left + at;
        const syi_gram tile = {k, left != NULL, SYI_TILE / SYI_LANES, f->pointer, own, weight + at};
        syi_gram_add(f->simd, &tile, f->scratch, f->acc);
    }
    syi_gram_sum(k, left != NULL, f->acc, xx, left ? lx : NULL);
}

void syi_balance_linear(const syi_balance_fit *f, const double *b, double *eta)
{
    const syi_packed *rows = &f->b->rows;
    memset(eta, 0, (size_t)rows->stride * sizeof *eta);
    for (ptrdiff_t at = 0; at < rows->stride; at += SYI_TILE)
        syi_vec_combine(f->simd, SYI_TILE, rows->p, rows->x + at, rows->stride, b, eta + at);
}
