/* A tile of rows in the orthonormal basis.
 *
 * Models of plain columns of doubles are read where they lie, less the shift, in
 * one step that also sees whether every value is finite; a tile where one is
 * not, and any other model, goes through syi_model_tile, row by row. Both give
 * the same bits. Cost: n rank^2 / 2 multiply-adds and one read of the data.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "models/vcov/vcov_scattered_internal.h"
#include <stdint.h>
#include <string.h>

/* Columns of the sums and of the tile that holds them. */
static int order_of(const syi_basis *b, int doubled)
{
    return 1 + (doubled ? 2 : 1) * b->rank;
}
static size_t tile_columns(const syi_basis *b, int doubled)
{
    const int wide = syi_basis_wide(b->rank), blocks = syi_lanes_blocks(order_of(b, doubled)) * SYI_BLOCK;
    return (size_t)(wide > blocks ? wide : blocks);
}

int syi_basis_worker_init(const syi_basis *b, int doubled, syi_basis_worker *w)
{
    const size_t d = sizeof(double), model = (size_t)b->p * SYI_TILE, plane = tile_columns(b, doubled) * SYI_STEP;
    const size_t moved = ((size_t)b->rank + 1) * SYI_STEP, lanes = syi_lanes_room(order_of(b, doubled));
    const size_t sums = syi_packed_length(order_of(b, doubled) - 1);
    const size_t room = syi_arena_room(model, d) + 2 * syi_arena_room(SYI_STEP, d) + syi_arena_room(moved, d) +
                        2 * syi_arena_room(plane, d) + syi_arena_room(lanes, d) + 2 * syi_arena_room(sums, d) +
                        syi_arena_room(SYI_TILE, 1);
    *w = (syi_basis_worker){.order = order_of(b, doubled)};
    if (syi_arena_init(&w->arena, room) != 0) return -1;
    w->x = syi_arena_take(&w->arena, model, d);
    w->y = syi_arena_take(&w->arena, SYI_STEP, d);
    w->weight = syi_arena_take(&w->arena, SYI_STEP, d);
    w->moved = syi_arena_take(&w->arena, moved, d);
    w->right = syi_arena_take(&w->arena, plane, d);
    w->left = syi_arena_take(&w->arena, plane, d);
    w->acc = syi_arena_take(&w->arena, lanes, d);
    w->sum = syi_arena_take(&w->arena, sums, d);
    w->sum_lo = syi_arena_take(&w->arena, sums, d);
    w->used = syi_arena_take(&w->arena, SYI_TILE, 1);
    return 0;
}

void syi_basis_worker_free(syi_basis_worker *w)
{
    syi_arena_free(&w->arena);
}

/* to = x - shift in rows that count, else 0 */
static void move_column(const double *x, double shift, const unsigned char *used, int all, int rows, double *to)
{
    if (all)
        for (int i = 0; i < rows; i++) to[i] = x[i] - shift;
    else
        for (int i = 0; i < rows; i++) to[i] = used[i] ? x[i] - shift : 0;
}

static int is_plain(const sy_design *d, int t)
{
    const sy_term *term = &d->terms[t];
    const sy_column *c = &d->columns[term->factors[0].column];
    return term->n_factors == 1 && term->factors[0].power == 1 && c->type == SY_F64 &&
           c->stride == (ptrdiff_t)sizeof(double) && (uintptr_t)c->data % sizeof(double) == 0;
}

static const double *data_of(const sy_design *d, int t)
{
    return d->columns[d->terms[t].factors[0].column].data;
}

sy_status syi_basis_plan(sy_context *ctx, syi_basis *b)
{
    const sy_design *d = b->design;
    if (b->model->absorb) return SY_OK;
    for (int t = 0; t < d->n_terms; t++)
        if (!is_plain(d, t)) return SY_OK;
    b->direct = syi_alloc((size_t)b->rank + 1 + (size_t)d->n_terms, sizeof *b->direct);
    if (!b->direct) return syi_fail(ctx, SY_ENOMEM, "covariance: out of memory for %d columns", b->p);
    for (int k = 0; k < b->rank; k++) {
        const int t = syi_model_term_of(&b->m, b->column[k]);
        b->direct[k] = t < 0 ? NULL : data_of(d, b->model->terms[t]);
    }
    b->direct[b->rank] = b->residual ? b->residual : data_of(d, b->model->outcome);
    for (int t = 0; t < d->n_terms; t++) { /* complete over the other terms too; a residual is NaN where they are not */
        int read = t == b->model->outcome || b->residual;
        for (int k = 0; k < b->model->n_terms; k++) read |= b->model->terms[k] == t;
        if (!read) b->direct[b->rank + 1 + b->n_others++] = data_of(d, t);
    }
    return SY_OK;
}

/* Rows behind a run that are asked for; -1 when the rows are no run. */
static int rows_ahead(const ptrdiff_t *row, int len, ptrdiff_t n)
{
    const ptrdiff_t left = n - row[len - 1] - 1;
    if (row[len - 1] - row[0] != len - 1) return -1;
    return left < len ? (int)left : len;
}

/* to = x - shift; non-zero when one of them is not finite */
static int take(int simd, const double *x, const ptrdiff_t *row, int len, int ahead, double shift, double *to)
{
    double seen = 0;
    if (ahead >= 0) return syi_lanes_shift(simd, x + row[0], len, shift, to, ahead);
    for (int i = 0; i < len; i++) {
        to[i] = x[row[i]] - shift;
        seen += to[i] - to[i];
    }
    return seen != 0;
}

static int in_clusters(const sy_column *c, const ptrdiff_t *row, int len, double *work)
{
    int all = 1;
    if (c->stride == (ptrdiff_t)sizeof(int32_t) && (uintptr_t)c->data % sizeof(int32_t) == 0) {
        const int32_t *code = c->data;
        for (int i = 0; i < len; i++) {
            const int64_t level = (int64_t)code[row[i]] - c->first_code;
            all &= level >= 0 && level < c->n_levels;
        }
        return all;
    }
    syi_column_values(c, row, 0, len, work);
    for (int i = 0; i < len; i++) all &= work[i] >= 0;
    return all;
}

/* Is every row of positive weight, and in a cluster? */
static int rows_count(const syi_basis *b, syi_basis_worker *w, const ptrdiff_t *row, int len)
{
    const sy_design *d = b->design;
    int all = 1;
    if (d->cluster) all = in_clusters(d->cluster, row, len, w->weight);
    for (int i = 0; i < len; i++) w->weight[i] = 1;
    if (d->weights) syi_column_values(d->weights, row, 0, len, w->weight);
    for (int i = 0; d->weights && i < len; i++) all &= w->weight[i] > 0;
    return all;
}

/* Where column k is read to, the outcome being k = rank. */
static double *plane(const syi_basis *b, const syi_basis_worker *w, int k)
{
    return w->plain && k < b->rank ? w->right + (ptrdiff_t)(k + 1) * SYI_STEP : w->moved + (ptrdiff_t)k * SYI_STEP;
}

/* The moved columns where they can be read directly and every row counts; else 0
 * and nothing to be relied on. */
static int read_directly(const syi_basis *b, syi_basis_worker *w, int simd, const ptrdiff_t *row, int len, int rows)
{
    int bad = 0;
    if (!b->direct || !rows_count(b, w, row, len)) return 0;
    const int ahead = rows_ahead(row, len, b->design->n);
    for (int k = 0; k <= b->rank; k++) {
        double *to = plane(b, w, k);
        if (b->direct[k]) bad |= take(simd, b->direct[k], row, len, ahead, k < b->rank ? b->shift[k] : 0, to);
        for (int i = 0; !b->direct[k] && i < len; i++) to[i] = 1;
        for (int i = len; i < rows; i++) to[i] = 0;
    }
    for (int k = 0; k < b->n_others && !bad; k++)
        bad |= take(simd, b->direct[b->rank + 1 + k], row, len, ahead, 0, w->y);
    if (bad) return 0;
    memset(w->used, 1, (size_t)len);
    memset(w->used + len, 0, (size_t)(SYI_TILE - len));
    for (int i = len; i < rows; i++) w->weight[i] = 0;
    w->rows = len;
    return 1;
}

/* The same through the model, whatever its columns. */
static void read_model(const syi_basis *b, syi_basis_worker *w, const ptrdiff_t *row, int len, int rows)
{
    syi_model_tile(&b->m, row, len, w->x, w->y, w->weight, w->used);
    w->rows = 0;
    for (int i = 0; i < len; i++) w->rows += w->used[i];
    const int all = w->rows == rows;
    for (int k = 0; k < b->rank; k++)
        move_column(w->x + (ptrdiff_t)b->column[k] * SYI_TILE, b->shift[k], w->used, all, rows, plane(b, w, k));
    double *y = plane(b, w, b->rank);
    memcpy(y, w->y, (size_t)rows * sizeof *y);
    for (int i = 0; b->residual && i < len; i++) y[i] = w->used[i] ? b->residual[row[i]] : 0;
}

int syi_basis_tile(const syi_basis *b, syi_basis_worker *w, int simd, const ptrdiff_t *row, int len)
{
    const int groups = (len + SYI_LANES - 1) / SYI_LANES, rows = groups * SYI_LANES;
    if (!read_directly(b, w, simd, row, len, rows)) read_model(b, w, row, len, rows);
    if (w->plain) syi_vcov_residual(simd, b->rank, b->b, plane(b, w, b->rank), groups, w->right);
    else syi_vcov_whiten(simd, b->rank, b->kernel, w->moved, groups, w->right);
    return groups;
}

void syi_basis_weigh(const syi_basis *b, syi_basis_worker *w, int doubled, int rows)
{
    const int r = b->rank;
    for (int c = doubled; c <= r && b->design->weights; c++) {
        const double *from = w->right + (ptrdiff_t)c * SYI_STEP;
        double *to = (doubled ? w->right + (ptrdiff_t)r * SYI_STEP : w->left) + (ptrdiff_t)c * SYI_STEP;
        for (int i = 0; i < rows; i++) to[i] = w->weight[i] * from[i];
    }
}
