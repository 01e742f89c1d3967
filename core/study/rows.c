/* Second pass over the rows: the spread of their influence.
 *
 * A row's influence on a value is linear in the products P_ab = u_a u_b of its
 * whitened values u = L^-1 R^-1 (x - mean), so the variances and covariances of
 * all values follow from one matrix, sum over rows of w^2 P P'. Rows come in
 * tiles of SYI_TILE, fixed blocks of tiles, merged in order: the same bits for
 * any number of threads. Memory: at most 32 MB of partial sums.
 * Cost: n pairs^2 / 2 multiply-adds, pairs = order (order + 1) / 2.
 * Demnati & Rao 2004, Survey Methodology 30:17-26.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/design_internal.h"
#include "base/status_internal.h"
#include "study/rows_internal.h"
#include <math.h>
#include <stdlib.h>

enum { LANES = 8 };

typedef struct {
    const sy_design *design;
    const syi_layout *layout;
    const syi_plan *plan;
    const syi_influence *f;
    ptrdiff_t block_rows;       /* rows of a block */
    ptrdiff_t from, round_rows; /* the part of every block that this round takes */
    double *partial;            /* [blocks * pairs * pairs] */
    syi_arena *scratch;
} job;

double syi_rows_seconds(const syi_plan *plan, double n)
{
    const double order = plan->n_adjust + plan->k + 1, pairs = order * (order + 1) / 2;
    return n * (pairs * pairs / 2 * 4e-10 + plan->m->n_columns * 5e-9);
}

static size_t scratch_room(const syi_plan *plan, const syi_influence *f)
{
    return syi_arena_room((size_t)plan->m->n_columns * SYI_TILE, sizeof(double)) +
           syi_arena_room(f->pairs * SYI_TILE, sizeof(double)) +
           syi_arena_room((size_t)f->order * SYI_TILE, sizeof(double)) + syi_arena_room(SYI_TILE, sizeof(double)) +
           syi_arena_room(SYI_TILE, sizeof(ptrdiff_t));
}

/* The factor a row's products get; 0 for a row that is not used. */
static double row_factor(const job *j, const double *tile, ptrdiff_t row, int i)
{
    for (int c = 0; c < j->layout->n_columns; c++)
        if (isnan(tile[c * SYI_TILE + i])) return 0;
    if (j->design->cluster && isnan(syi_column_value(j->design->cluster, row))) return 0;
    if (j->design->strata && isnan(syi_column_value(j->design->strata, row))) return 0;
    if (!j->design->weights) return 1;
    const double w = syi_column_value(j->design->weights, row);
    return j->design->weight_kind == SY_WEIGHT_FREQUENCY ? sqrt(w) : w;
}

/* u [order][SYI_TILE] by forward substitution, all rows of a tile together. */
static void whiten(const job *j, const double *tile, const double *factor, double *u)
{
    const syi_influence *f = j->f;
    for (int a = 0; a < f->order; a++) {
        const double *x = tile + (size_t)j->plan->column[a] * SYI_TILE, pivot = f->l[a * f->order + a];
        double *ua = u + (size_t)a * SYI_TILE;
        for (int i = 0; i < SYI_TILE; i++) ua[i] = pivot > 0 && factor[i] > 0 ? (x[i] - f->mean[a]) / f->root[a] : 0;
        if (!(pivot > 0)) continue;
        for (int b = 0; b < a; b++) {
            const double load = f->l[a * f->order + b], *ub = u + (size_t)b * SYI_TILE;
            for (int i = 0; i < SYI_TILE; i++) ua[i] -= load * ub[i];
        }
        for (int i = 0; i < SYI_TILE; i++) ua[i] /= pivot;
    }
}

static double dot(const double *a, const double *b)
{
    double s[LANES] = {0};
    for (int i = 0; i < SYI_TILE; i += LANES)
        for (int l = 0; l < LANES; l++) s[l] += a[i + l] * b[i + l];
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

static void add_tile(const job *j, const double *u, const double *factor, double *products, double *sum)
{
    size_t at = 0;
    for (int a = 0; a < j->f->order; a++)
        for (int b = a; b < j->f->order; b++, at++)
            for (int i = 0; i < SYI_TILE; i++)
                products[at * SYI_TILE + (size_t)i] =
                    factor[i] * (u[(size_t)a * SYI_TILE + (size_t)i] * u[(size_t)b * SYI_TILE + (size_t)i]);
    for (size_t a = 0; a < j->f->pairs; a++)
        for (size_t b = a; b < j->f->pairs; b++)
            sum[a * j->f->pairs + b] += dot(products + a * SYI_TILE, products + b * SYI_TILE);
}

static void add_block(void *arg, int worker, size_t block)
{
    const job *j = arg;
    syi_arena *scratch = &j->scratch[worker];
    const syi_arena mark = *scratch;
    double *tile = syi_arena_take(scratch, (size_t)j->layout->n_columns * SYI_TILE, sizeof *tile);
    double *products = syi_arena_take(scratch, j->f->pairs * SYI_TILE, sizeof *products);
    double *u = syi_arena_take(scratch, (size_t)j->f->order * SYI_TILE, sizeof *u);
    double *factor = syi_arena_take(scratch, SYI_TILE, sizeof *factor);
    ptrdiff_t *row = syi_arena_take(scratch, SYI_TILE, sizeof *row);
    const ptrdiff_t start = (ptrdiff_t)block * j->block_rows, take = j->block_rows - j->from;
    const ptrdiff_t first = start + j->from, stop = first + (take < j->round_rows ? take : j->round_rows);
    const ptrdiff_t end = stop < j->design->n ? stop : j->design->n;
    for (ptrdiff_t at = first; at < end; at += SYI_TILE) {
        const int len = (int)(end - at < SYI_TILE ? end - at : SYI_TILE);
        for (int i = 0; i < len; i++) row[i] = at + i;
        syi_design_tile(j->design, j->layout, row, len, tile);
        for (int i = 0; i < SYI_TILE; i++) factor[i] = i < len ? row_factor(j, tile, row[i], i) : 0;
        whiten(j, tile, factor, u);
        add_tile(j, u, factor, products, j->partial + block * j->f->pairs * j->f->pairs);
    }
    *scratch = mark;
}

/* As many fixed blocks as 32 MB of partial sums allow, 4 to 256. */
static size_t block_count(size_t pairs)
{
    const size_t fit = (size_t)32000000 / (pairs * pairs * sizeof(double));
    return fit < 4 ? 4 : fit > 256 ? 256 : fit;
}

/* In rounds, so that a worker comes back within about 20 ms and the host is
 * polled; each block adds its rows in the same order whatever the rounds. */
static sy_status add_all(sy_context *ctx, job *j, size_t blocks, double seconds)
{
    const double each = seconds / (double)blocks;
    const ptrdiff_t tiles = j->block_rows / SYI_TILE, rounds = 1 + (ptrdiff_t)(each / 0.02);
    sy_status status = SY_OK;
    j->round_rows = (1 + tiles / rounds) * SYI_TILE;
    for (j->from = 0; !status && j->from < j->block_rows; j->from += j->round_rows)
        status = syi_parallel(ctx, blocks, seconds / (double)rounds, add_block, j);
    return status;
}

static void merge(const syi_influence *f, size_t blocks, const double *partial, double *fourth)
{
    const size_t square = f->pairs * f->pairs;
    for (size_t a = 0; a < f->pairs; a++)
        for (size_t b = a; b < f->pairs; b++) {
            double sum = 0;
            for (size_t k = 0; k < blocks; k++) sum += partial[k * square + a * f->pairs + b];
            fourth[a * f->pairs + b] = fourth[b * f->pairs + a] = sum;
        }
}

sy_status syi_rows_fourth(sy_context *ctx, const sy_design *design, const syi_plan *plan, const syi_influence *f,
                          double *fourth)
{
    syi_layout layout = {0};
    syi_arena scratch[SYI_MAX_THREADS] = {{0}};
    const size_t blocks = block_count(f->pairs);
    const double seconds = syi_rows_seconds(plan, (double)design->n);
    const int workers = syi_parallel_workers(ctx, blocks, seconds);
    const ptrdiff_t tiles = (design->n + SYI_TILE - 1) / SYI_TILE;
    const ptrdiff_t each = (tiles + (ptrdiff_t)blocks - 1) / (ptrdiff_t)blocks;
    job j = {
        .design = design, .layout = &layout, .plan = plan, .f = f, .block_rows = each * SYI_TILE, .scratch = scratch};
    sy_status status = syi_layout_init(ctx, design, &layout);
    if (!status && layout.n_columns != plan->m->n_columns)
        status = syi_fail(ctx, SY_EDIM, "rows: %d columns, the moments have %d", layout.n_columns, plan->m->n_columns);
    if (status) goto out;
    j.partial = syi_alloc(blocks * f->pairs * f->pairs, sizeof *j.partial);
    int failed = !j.partial;
    for (int w = 0; w < workers && !failed; w++) failed = syi_arena_init(&scratch[w], scratch_room(plan, f)) != 0;
    status = failed ? syi_fail(ctx, SY_ENOMEM, "interval: no room for the influence of %td rows", design->n)
                    : add_all(ctx, &j, blocks, seconds);
    if (!status) merge(f, blocks, j.partial, fourth);
out:
    for (int w = 0; w < workers; w++) syi_arena_free(&scratch[w]);
    SYI_FREE(j.partial);
    syi_layout_free(&layout);
    return status;
}
