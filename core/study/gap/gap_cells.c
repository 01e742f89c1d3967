/* The gap over cells: composition and rate.
 *
 * With p_gc the share of cell c in group g and m_gc its mean outcome there,
 *   composition = sum_c (p_1c - p_2c) (m_1c + m_2c) / 2
 *   rate        = sum_c (m_1c - m_2c) (p_1c + p_2c) / 2
 * [Kitagawa 1955, doi:10.1080/01621459.1955.10501299]; they add to the gap.
 *
 * Cells of several factors: which factor the composition part is due to. v(S) is
 * the composition part over the cells that the factors in S make (with the
 * adjusting ones, less theirs alone), and a factor gets its Shapley value: what
 * it adds to v on average over all orders in which the factors can come in. No
 * order is preferred, the values add to the whole, and a factor that changes
 * neither shares nor means gets 0 [Shorrocks 2013, doi:10.1007/s10888-011-9214-z]. (Das Gupta 1993
 * factorises the shares of cells instead, a choice of its own.)
 *
 * Influence: a row of cell c and group 1 with weight w moves v(S) by
 *   w / W_1 (a_c - sum_c' p_1c' a_c') + (p_1c - p_2c) w (y - m_1c) / (2 W_1c),
 * a = (m_1 + m_2) / 2; in group 2 the first part has the other sign.
 * Conditions: rows of both groups in every cell. Cost: 2^factors times (cells
 * + n).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "study/gap/gap_cells_internal.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_FACTORS = 12 };
static const double most_codes = 1e7;

const syi_gap_term *syi_gap_factor(const syi_gap_model *m, int i)
{
    int adjusting = 0;
    while (adjusting < m->n_terms && m->term[adjusting].block < 0) adjusting++;
    return &m->term[i < m->n_terms - adjusting ? adjusting + i : i - (m->n_terms - adjusting)];
}

/* All products of levels. */
static double codes_of(const syi_gap_model *m)
{
    double codes = 1;
    for (int t = 0; t < m->n_terms; t++)
        codes *= m->design->columns[m->design->terms[m->term[t].term].factors[0].column].n_levels;
    return codes;
}

static const sy_column *column_of(const syi_gap_engine *e, int t)
{
    return &e->rows->columns[e->model->design->terms[syi_gap_factor(e->model, t)->term].factors[0].column];
}

/* Number of row i's cell among all products of levels, only the factors in `set`
 * (bits) and the adjusting ones telling cells apart. */
static int32_t code_at(const syi_gap_engine *e, const syi_gap_cells *c, ptrdiff_t i, int set)
{
    int32_t code = 0;
    for (int t = 0; t < e->model->n_terms; t++) {
        const sy_column *column = column_of(e, t);
        const int in = t >= c->n_factors || (set >> t & 1);
        code = code * column->n_levels + (in ? ((const int32_t *)column->data)[i] : 0);
    }
    return code;
}

/* Cells in the order of their codes, number [codes] being zero before. */
static void number_cells(const syi_gap_engine *e, syi_gap_cells *c, int32_t *number)
{
    const int32_t codes = (int32_t)codes_of(e->model);
    const int all = c->n_sets - 1;
    for (ptrdiff_t i = 0; i < e->rows->n; i++) number[c->cell[i] = code_at(e, c, i, all)] = 1;
    for (int32_t k = 0; k < codes; k++) number[k] = number[k] ? c->n_cells++ : -1;
    for (ptrdiff_t i = 0; i < e->rows->n; i++) c->cell[i] = number[c->cell[i]];
}

/* "sex = f, age = 80+" of row i. */
static void describe(const syi_gap_engine *e, ptrdiff_t i, char *text, size_t size)
{
    size_t at = 0;
    text[0] = '\0';
    for (int t = 0; t < e->model->n_terms && at + 1 < size; t++) {
        const sy_column *c = column_of(e, t);
        const int written = snprintf(text + at, size - at, "%s%.60s = %.60s", t ? ", " : "", c->name,
                                     c->levels[((const int32_t *)c->data)[i]]);
        if (written < 0) return;
        at += (size_t)written;
    }
}

static sy_status check_cells(sy_context *ctx, const syi_gap_engine *e, const syi_gap_cells *c)
{
    char text[SY_MESSAGE_LENGTH / 2];
    for (ptrdiff_t i = 0; i < e->rows->n; i++) {
        const int other = i < e->rows->group_n[0];
        if (c->sums[(size_t)(2 * other) * (size_t)c->n_cells + (size_t)c->cell[i]] > 0) continue;
        describe(e, i, text, sizeof text);
        return syi_fail(
            ctx, SY_EDATA,
            "blocks: the cell %s has no row of %s = %s, so its mean is unknown there; merge levels or leave "
            "its rows out",
            text, e->model->ask->group->name, e->model->ask->group->levels[e->rows->level[other]]);
    }
    return SY_OK;
}

/* Which cells fall together where only the factors of a set count; shown [cells]
 * is a row of each, number [codes] scratch. */
static void merge_cells(const syi_gap_engine *e, syi_gap_cells *c, ptrdiff_t *shown, int32_t *number)
{
    for (ptrdiff_t i = 0; i < e->rows->n; i++) shown[c->cell[i]] = i;
    for (int s = 0; s < c->n_sets; s++) {
        int32_t *merged = c->merged + (size_t)s * (size_t)c->n_cells, count = 0;
        for (int k = 0; k < c->n_cells; k++) number[code_at(e, c, shown[k], s)] = -1;
        for (int k = 0; k < c->n_cells; k++) {
            int32_t *own = &number[code_at(e, c, shown[k], s)];
            if (*own < 0) *own = count++;
            merged[k] = *own;
        }
    }
}

/* Shapley values as sums over the sets: + (|S| - 1)! (f - |S|)! / f! where the
 * factor is in S, - |S|! (f - |S| - 1)! / f! where it is not. */
static void fill_parts(syi_gap_cells *c)
{
    double factorial[MOST_FACTORS + 1] = {1};
    const int f = c->n_factors;
    for (int i = 1; i <= f; i++) factorial[i] = factorial[i - 1] * i;
    for (int s = 0; s < c->n_sets; s++) {
        int size = 0;
        for (int i = 0; i < f; i++) size += s >> i & 1;
        for (int i = 0; i < f; i++)
            c->part[i * c->n_sets + s] = s >> i & 1 ? factorial[size - 1] * factorial[f - size] / factorial[f]
                                                    : -factorial[size] * factorial[f - size - 1] / factorial[f];
    }
}

static sy_status prepare(sy_context *ctx, syi_gap_engine *e, int resampled)
{
    const syi_gap_cells *c = e->own;
    (void)ctx;
    (void)resampled;
    e->length = 4 * (size_t)c->n_cells;
    e->room = syi_gap_cells_room(c);
    e->seconds = 5e-9 * c->n_sets * c->n_cells + 2e-9 * (double)e->rows->n;
    return SY_OK;
}

static void free_own(syi_gap_engine *e)
{
    syi_gap_cells *c = e->own;
    SYI_FREE(c->cell);
    SYI_FREE(c->y);
    SYI_FREE(c->merged);
    SYI_FREE(c->part);
    SYI_FREE(c->sums);
    for (int g = 0; g < 2; g++) {
        SYI_FREE(c->share[g]);
        SYI_FREE(c->mean[g]);
    }
    SYI_FREE(c->level);
    SYI_FREE(e->own);
}

static sy_status check_size(sy_context *ctx, const syi_gap_model *m, int factors)
{
    if (factors > MOST_FACTORS)
        return syi_fail(ctx, SY_ELIMIT, "blocks: %d factors; order-free parts of the composition are for %d at most",
                        factors, MOST_FACTORS);
    if (codes_of(m) > most_codes)
        return syi_fail(ctx, SY_ELIMIT, "blocks: the levels make %.3g cells; %.0g are the most", codes_of(m),
                        most_codes);
    return SY_OK;
}

/* Outcomes less their mean, and sums by cell. */
static void add_cells(const syi_gap_engine *e, syi_gap_cells *c)
{
    const syi_gap_rows *rows = e->rows;
    double tile[SYI_TILE];
    syi_dd weight = syi_dd_of(0), sum = syi_dd_of(0);
    for (ptrdiff_t at = 0; at < rows->n; at += SYI_TILE) {
        const int len = (int)(rows->n - at < SYI_TILE ? rows->n - at : SYI_TILE);
        syi_design_term(&rows->all, &rows->layout, e->model->ask->outcome, NULL, at, len, SYI_TILE, tile);
        for (int i = 0; i < len; i++) {
            c->y[at + i] = tile[i];
            weight = syi_dd_add(weight, syi_dd_of(rows->weight[at + i]));
            sum = syi_dd_add(sum, syi_two_product(rows->weight[at + i], tile[i]));
        }
    }
    c->about = syi_dd_round(syi_dd_div(sum, weight));
    for (ptrdiff_t i = 0; i < rows->n; i++) {
        const int g = i >= rows->group_n[0];
        double *own = c->sums + (size_t)(2 * g) * (size_t)c->n_cells + (size_t)c->cell[i];
        c->y[i] -= c->about;
        own[0] += rows->weight[i];
        own[c->n_cells] += rows->weight[i] * c->y[i];
        c->weight[g] += rows->weight[i];
    }
}

static sy_status alloc_cells(sy_context *ctx, const syi_gap_engine *e, syi_gap_cells *c)
{
    const size_t n = (size_t)c->n_cells, sets = (size_t)c->n_sets;
    if ((double)n * (double)sets > most_codes)
        return syi_fail(ctx, SY_ELIMIT, "blocks: %d factors make %d cells; cells times 2^factors may be %.0g at most",
                        c->n_factors, c->n_cells, most_codes);
    c->y = syi_alloc((size_t)e->rows->n, sizeof *c->y);
    c->merged = syi_alloc(sets * n, sizeof *c->merged);
    c->part = syi_alloc(sets * (size_t)(c->n_factors + 1), sizeof *c->part);
    c->sums = syi_alloc(4 * n, sizeof *c->sums);
    c->level = syi_alloc(sets, sizeof *c->level);
    int fine = c->y && c->merged && c->part && c->sums && c->level;
    for (int g = 0; g < 2 && fine; g++) {
        c->share[g] = syi_alloc(sets * n, sizeof(double));
        c->mean[g] = syi_alloc(sets * n, sizeof(double));
        fine = c->share[g] && c->mean[g];
    }
    return fine ? SY_OK : syi_fail(ctx, SY_ENOMEM, "blocks: no room for %zu sets of %zu cells", sets, n);
}

static void keep_sets(syi_gap_cells *c)
{
    const size_t n = (size_t)c->n_cells;
    for (int s = 0; s < c->n_sets; s++) {
        double *share[2] = {c->share[0] + (size_t)s * n, c->share[1] + (size_t)s * n};
        double *mean[2] = {c->mean[0] + (size_t)s * n, c->mean[1] + (size_t)s * n};
        syi_gap_set_means(c, s, c->sums, share, mean);
        for (int g = 0; g < 2; g++)
            for (size_t k = 0; k < n; k++) c->level[s][g] += share[g][k] * (mean[0][k] + mean[1][k]) / 2;
    }
}

static sy_status find_cells(sy_context *ctx, const syi_gap_engine *e, syi_gap_cells *c)
{
    int32_t *number = syi_alloc((size_t)codes_of(e->model), sizeof *number);
    ptrdiff_t *shown = NULL;
    c->cell = syi_alloc((size_t)e->rows->n, sizeof *c->cell);
    sy_status status = SY_OK;
    if (!number || !c->cell) status = syi_fail(ctx, SY_ENOMEM, "blocks: no room for %.0f cells", codes_of(e->model));
    if (!status) {
        number_cells(e, c, number);
        status = alloc_cells(ctx, e, c);
    }
    if (!status) {
        shown = syi_alloc((size_t)c->n_cells, sizeof *shown);
        add_cells(e, c);
        status = shown ? check_cells(ctx, e, c) : syi_fail(ctx, SY_ENOMEM, "blocks: no room for %d cells", c->n_cells);
    }
    if (!status) merge_cells(e, c, shown, number);
    SYI_FREE(number);
    SYI_FREE(shown);
    return status;
}

sy_status syi_gap_cells_init(sy_context *ctx, const syi_gap_rows *rows, const syi_gap_model *m, sy_gap_result *result,
                             syi_gap_engine *e)
{
    *e = (syi_gap_engine){.rows = rows,
                          .model = m,
                          .n_values = result->n_values,
                          .simd = ctx->simd,
                          .add = syi_gap_cells_add,
                          .batch = syi_gap_cells_batch,
                          .values = syi_gap_cells_values,
                          .influence = syi_gap_cells_influence,
                          .prepare = prepare,
                          .close = free_own};
    syi_gap_cells *c = syi_alloc(1, sizeof *c);
    syi_arena scratch = {0};
    if (!c) return syi_fail(ctx, SY_ENOMEM, "blocks: out of memory");
    e->own = c;
    c->n_factors = m->n_terms - m->ask->n_adjust;
    c->n_sets = 1 << (c->n_factors < MOST_FACTORS ? c->n_factors : MOST_FACTORS);
    sy_status status = check_size(ctx, m, c->n_factors);
    if (!status) status = find_cells(ctx, e, c);
    if (!status) {
        fill_parts(c);
        keep_sets(c);
        status = prepare(ctx, e, 0);
        if (syi_arena_init(&scratch, e->room)) status = syi_fail(ctx, SY_ENOMEM, "blocks: out of memory");
    }
    if (!status) syi_gap_cells_values(e, &scratch, c->sums, result->estimate);
    result->n_cells = c->n_cells;
    for (int g = 0; g < 2; g++) result->group_weight[g] = c->weight[g];
    syi_arena_free(&scratch);
    return status;
}
