/* A tile of rows made ready for the kernels: values less the shift, weights
 * checked, missing values found.
 *
 * Rows that do not count stay in their place as zeros, so no row is gathered
 * or moved, and a row keeps its lane whatever its neighbours are. A tile whose
 * values are all finite (seen by the subtraction itself) is done; only others
 * are looked at row by row. Cost: n times the number of design columns.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/moments_read_internal.h"
#include <stdint.h>
#include <string.h>

static size_t doubles_room(size_t count)
{
    return syi_arena_room(count, sizeof(double));
}

static size_t worker_bytes(const syi_reader *r)
{
    const size_t columns = (size_t)syi_lanes_blocks(r->order) * SYI_BLOCK, plane = doubles_room(columns * SYI_STEP);
    const size_t planes = (r->design->weights ? 2u : 1u) * (r->twofold ? 2u : 1u);
    const size_t lanes = doubles_room(syi_lanes_room(r->order)), sums = doubles_room(syi_packed_length(r->order - 1));
    return planes * plane + (r->twofold ? 2 : 1) * lanes + 2 * sums + doubles_room(SYI_TILE) +
           syi_arena_room(SYI_TILE, 1) + doubles_room((size_t)r->design->n_terms + 2);
}

int syi_worker_init(const syi_reader *r, syi_worker *w)
{
    const size_t plane = (size_t)syi_lanes_blocks(r->order) * SYI_BLOCK * SYI_STEP, d = sizeof(double);
    const size_t lanes = syi_lanes_room(r->order), sums = syi_packed_length(r->order - 1);
    *w = (syi_worker){.bad = {.row = PTRDIFF_MAX}};
    if (syi_arena_init(&w->arena, worker_bytes(r)) != 0) return -1;
    w->left = w->right = syi_arena_take(&w->arena, plane, d);
    if (r->twofold) w->left_lo = w->right_lo = syi_arena_take(&w->arena, plane, d);
    if (r->design->weights) {
        w->left = syi_arena_take(&w->arena, plane, d);
        if (r->twofold) w->left_lo = syi_arena_take(&w->arena, plane, d);
    }
    w->acc = syi_arena_take(&w->arena, lanes, d);
    if (r->twofold) w->acc_lo = syi_arena_take(&w->arena, lanes, d);
    w->sum = syi_arena_take(&w->arena, sums, d);
    w->sum_lo = syi_arena_take(&w->arena, sums, d);
    w->weight = syi_arena_take(&w->arena, SYI_TILE, d);
    w->keep = syi_arena_take(&w->arena, SYI_TILE, 1);
    w->missing = syi_arena_take(&w->arena, (size_t)r->design->n_terms + 2, d);
    w->spoilt = 1;
    return 0;
}

void syi_worker_free(syi_worker *w)
{
    syi_arena_free(&w->arena);
}

static void note_bad(syi_worker *w, syi_row_fault what, ptrdiff_t row, int term, double value)
{
    if (row < w->bad.row) w->bad = (syi_bad_row){what, row, term, value};
}

static ptrdiff_t row_at(const ptrdiff_t *row, ptrdiff_t start, int i)
{
    return row ? row[i] : start + i;
}

/* Returns whether some row does not count. */
static int read_weights(const syi_reader *r, syi_worker *w, const ptrdiff_t *row, ptrdiff_t start, int len)
{
    int some = 0;
    const int whole = r->design->weight_kind == SY_WEIGHT_FREQUENCY;
    memset(w->keep, 1, (size_t)len);
    if (!r->design->weights) return 0;
    syi_column_values(r->design->weights, row, start, len, w->weight);
    for (int i = 0; i < len; i++) {
        const double v = w->weight[i];
        if (v > 0 && isfinite(v) && (!whole || v == floor(v))) continue;
        some = 1;
        w->keep[i] = 0;
        if (v == 0) continue;
        const int fraction = isfinite(v) && v > 0;
        note_bad(w, fraction ? SYI_ROW_FRACTION : SYI_ROW_WEIGHT, row_at(row, start, i), -1, v);
    }
    return some;
}

static int is_run(const sy_column *c)
{
    return c->stride == (ptrdiff_t)sizeof(double) && (uintptr_t)c->data % sizeof(double) == 0;
}

static int is_plain(const syi_reader *r, int t)
{
    const sy_term *term = &r->design->terms[t];
    const sy_column *c = &r->design->columns[term->factors[0].column];
    return term->n_factors == 1 && term->factors[0].power == 1 && c->type == SY_F64;
}

/* A column of doubles side by side goes from the host's memory into the tile
 * in one step. */
static const double *direct(const syi_reader *r, int t, const ptrdiff_t *row, ptrdiff_t start)
{
    const sy_column *c = &r->design->columns[r->design->terms[t].factors[0].column];
    if (row || !is_plain(r, t) || !is_run(c)) return NULL;
    return (const double *)c->data + start;
}

/* hi takes the values first when they do not lie side by side. */
static int read_plain_twofold(const syi_reader *r, int t, const ptrdiff_t *row, ptrdiff_t start, int len, double *hi,
                              double *lo)
{
    const int column = r->design->terms[t].factors[0].column;
    const double *x = direct(r, t, row, start), shift = r->shift[r->layout->first[t]];
    if (!x) syi_column_values(&r->design->columns[column], row, start, len, hi);
    return syi_lanes_shift_twofold(r->simd, x ? x : hi, len, syi_decimal_ten(r->places[column]), shift, hi, lo);
}

static int shift_twofold(double shift, int len, double *hi, double *lo)
{
    double seen = 0;
    for (int i = 0; i < len; i++) {
        const syi_dd z = syi_dd_add((syi_dd){hi[i], lo[i]}, syi_dd_of(-shift));
        hi[i] = z.hi;
        lo[i] = z.lo;
        seen += z.hi - z.hi;
    }
    return seen != 0;
}

/* Returns whether some value of the tile is not finite. */
static int read_terms(const syi_reader *r, syi_worker *w, const ptrdiff_t *row, ptrdiff_t start, int len)
{
    int seen = 0;
    const ptrdiff_t left_over = r->design->n - start - len;
    const int ahead = row || left_over <= 0 ? 0 : left_over < len ? (int)left_over : len;
    for (int t = 0; t < r->layout->n_terms; t++) {
        const int first = r->layout->first[t], count = r->layout->count[t];
        double *at = w->right + (ptrdiff_t)(first + 1) * SYI_STEP;
        if (r->twofold) {
            double *lo = w->right_lo + (ptrdiff_t)(first + 1) * SYI_STEP;
            if (is_plain(r, t)) {
                seen |= read_plain_twofold(r, t, row, start, len, at, lo);
                continue;
            }
            syi_design_term_twofold(r->design, r->layout, t, r->places, row, start, len, SYI_STEP, at, lo);
            for (int k = 0; k < count; k++)
                seen |= shift_twofold(r->shift[first + k], len, at + k * SYI_STEP, lo + k * SYI_STEP);
            continue;
        }
        const double *x = direct(r, t, row, start);
        if (!x) syi_design_term(r->design, r->layout, t, row, start, len, SYI_STEP, at);
        for (int k = 0; k < count; k++, at += SYI_STEP)
            seen |= syi_lanes_shift(r->simd, x ? x : at, len, r->shift[first + k], at, x ? ahead : 0);
    }
    return seen;
}

/* Is the term missing in this row (1), too large or infinite (-1), or fine? */
static int term_state(const syi_reader *r, const syi_worker *w, int t, int i, ptrdiff_t row)
{
    const sy_term *term = &r->design->terms[t];
    const double *z = w->right + (ptrdiff_t)(r->layout->first[t] + 1) * SYI_STEP + i;
    int finite = 1;
    for (int k = 0; k < r->layout->count[t]; k++) finite &= isfinite(z[k * SYI_STEP]) != 0;
    if (finite) return 0;
    for (int k = 0; k < term->n_factors; k++)
        if (isnan(syi_column_value(&r->design->columns[term->factors[k].column], row))) return 1;
    return -1;
}

static void find_missing(const syi_reader *r, syi_worker *w, const ptrdiff_t *row, ptrdiff_t start, int len)
{
    for (int i = 0; i < len; i++) {
        int missing = 0;
        const ptrdiff_t at = row_at(row, start, i);
        for (int t = 0; t < r->layout->n_terms; t++) {
            const int state = term_state(r, w, t, i, at);
            if (state == 0) continue;
            if (state < 0) note_bad(w, SYI_ROW_INFINITE, at, t, 0);
            w->missing[t] += 1;
            missing = 1;
        }
        if (missing) w->keep[i] = 2; /* out, whatever its weight */
    }
}

/* A row without a cluster does not count. Where rows were sorted by cluster,
 * such rows come together. */
static int find_clusterless(const syi_reader *r, syi_worker *w, const ptrdiff_t *row, ptrdiff_t start, int len)
{
    int some = 0;
    const sy_column *cluster = r->design->cluster;
    if (!cluster || (r->sorted && !w->clusterless)) return 0;
    for (int i = 0; i < len; i++) {
        if (!isnan(syi_column_value(cluster, row_at(row, start, i)))) continue;
        w->missing[r->layout->n_terms] += 1;
        w->keep[i] = 2;
        some = 1;
    }
    return some;
}

static int find_stratumless(const syi_reader *r, syi_worker *w, const ptrdiff_t *row, ptrdiff_t start, int len)
{
    int some = 0;
    if (!r->design->strata) return 0;
    for (int i = 0; i < len; i++) {
        if (!isnan(syi_column_value(r->design->strata, row_at(row, start, i)))) continue;
        w->missing[r->layout->n_terms + 1] += 1;
        w->keep[i] = 2;
        some = 1;
    }
    return some;
}

static void clear_row(const syi_reader *r, syi_worker *w, int i)
{
    for (int c = 0; c < r->order; c++) {
        w->right[(ptrdiff_t)c * SYI_STEP + i] = 0;
        if (r->twofold) w->right_lo[(ptrdiff_t)c * SYI_STEP + i] = 0;
    }
}

static void settle_rows(const syi_reader *r, syi_worker *w, int len)
{
    for (int i = 0; i < len; i++) {
        if (w->keep[i] == 1) continue;
        if (w->keep[i] == 2) w->dropped += 1;
        else w->zero += 1;
        w->keep[i] = 0;
        clear_row(r, w, i);
    }
    w->spoilt = 1;
}

static void weigh(const syi_reader *r, syi_worker *w, int rows)
{
    if (!r->design->weights) return;
    for (int c = 0; c < r->order; c++) {
        const ptrdiff_t at = (ptrdiff_t)c * SYI_STEP;
        if (!r->twofold) {
            for (int i = 0; i < rows; i++) w->left[at + i] = w->weight[i] * w->right[at + i];
            continue;
        }
        for (int i = 0; i < rows; i++) {
            const syi_dd v = syi_dd_mul_d((syi_dd){w->right[at + i], w->right_lo[at + i]}, w->weight[i]);
            w->left[at + i] = v.hi;
            w->left_lo[at + i] = v.lo;
        }
    }
}

void syi_tile_read(const syi_reader *r, syi_worker *w, const ptrdiff_t *row, ptrdiff_t start, int len, syi_tile *tile)
{
    const int groups = (len + SYI_LANES - 1) / SYI_LANES;
    if (w->spoilt)
        for (int i = 0; i < SYI_TILE; i++) w->right[i] = 1;
    w->spoilt = 0;
    int unsettled = read_weights(r, w, row, start, len);
    if (read_terms(r, w, row, start, len)) {
        find_missing(r, w, row, start, len);
        unsettled = 1;
    }
    unsettled |= find_clusterless(r, w, row, start, len);
    unsettled |= find_stratumless(r, w, row, start, len);
    if (unsettled) settle_rows(r, w, len);
    for (int i = len; i < groups * SYI_LANES; i++) {
        clear_row(r, w, i);
        w->weight[i] = 0;
        w->spoilt = 1;
    }
    for (int i = 0; unsettled && i < len; i++)
        if (!w->keep[i]) w->weight[i] = 0;
    weigh(r, w, groups * SYI_LANES);
    *tile = (syi_tile){syi_lanes_blocks(r->order), groups, SYI_STEP, w->left, w->left_lo, w->right, w->right_lo};
}
