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
#include "study/gap/gap_internal.h"
#include "study/replicates_internal.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { AT_ONCE = SYI_REPLICATES_AT_ONCE, MOST_FACTORS = 12, BREATH = 4096 };
static const double most_codes = 1e7;
static const double empty = 1e-10; /* of a cell's whole weight: what taking all its units out can leave */

typedef struct {
    int n_cells, n_sets, n_factors; /* sets: 2^factors; factors: without adjusting ones */
    int32_t *cell;                  /* [n] */
    double *y, about;               /* [n] outcome less its mean */
    int32_t *merged;                /* [sets][cells]: the cell of fewer factors */
    double *part;                   /* [factors][sets]: coefficient of v(S) in a Shapley value */
    double *sums;                   /* [2][2][cells]: weight and weighted outcome, by group */
    /* of the whole sample, for the influence: by set and merged cell */
    double *share[2], *mean[2]; /* [sets][cells] */
    double (*level)[2];         /* [sets] sum of shares times the average of the means */
    double weight[2];
} cells;

static const syi_gap_term *factor_at(const syi_gap_model *m, int i)
{
    int adjusting = 0;
    while (adjusting < m->n_terms && m->term[adjusting].block < 0) adjusting++;
    return &m->term[i < m->n_terms - adjusting ? adjusting + i : i - (m->n_terms - adjusting)];
}

/* Number of a cell among all products of levels, of the factors in S (bits; the
 * adjusting factors, which come last here, are always in). */
static double codes_of(const syi_gap_model *m)
{
    double codes = 1;
    for (int t = 0; t < m->n_terms; t++)
        codes *= m->design->columns[m->design->terms[m->term[t].term].factors[0].column].n_levels;
    return codes;
}

static const sy_column *column_of(const syi_gap_engine *e, int t)
{
    return &e->rows->columns[e->model->design->terms[factor_at(e->model, t)->term].factors[0].column];
}

/* Cells by their code, numbered as they have rows; first [codes] the row that
 * shows each. Returns their number. */
static int number_cells(const syi_gap_engine *e, int32_t *number, int32_t *code)
{
    const syi_gap_rows *rows = e->rows;
    int count = 0;
    for (ptrdiff_t i = 0; i < rows->n; i++) {
        code[i] = 0;
        for (int t = 0; t < e->model->n_terms; t++) {
            const sy_column *c = column_of(e, t);
            code[i] = code[i] * c->n_levels + ((const int32_t *)c->data)[i];
        }
        number[code[i]] = 1;
    }
    const int32_t codes = (int32_t)codes_of(e->model);
    for (int32_t k = 0; k < codes; k++) number[k] = number[k] ? count++ : -1;
    for (ptrdiff_t i = 0; i < rows->n; i++) code[i] = number[code[i]];
    return count;
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

static sy_status check_cells(sy_context *ctx, const syi_gap_engine *e, const cells *c)
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

/* Which cells fall together where only the factors of a set count. */
static void merge_cells(const syi_gap_engine *e, cells *c, int32_t *number)
{
    const int terms = e->model->n_terms, codes = (int)codes_of(e->model);
    for (int s = 0; s < c->n_sets; s++) {
        int32_t *merged = c->merged + (size_t)s * (size_t)c->n_cells, count = 0;
        for (int k = 0; k < codes; k++) number[k] = -1;
        for (ptrdiff_t i = 0; i < e->rows->n; i++) {
            int32_t code = 0;
            for (int t = 0; t < terms; t++) {
                const sy_column *column = column_of(e, t);
                const int in = t >= c->n_factors || (s >> t & 1);
                code = code * column->n_levels + (in ? ((const int32_t *)column->data)[i] : 0);
            }
            if (number[code] < 0) number[code] = count++;
            merged[c->cell[i]] = number[code];
        }
    }
}

/* Shapley values as sums over the sets: + (|S| - 1)! (f - |S|)! / f! where the
 * factor is in S, - |S|! (f - |S| - 1)! / f! where it is not. */
static void fill_parts(cells *c)
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

/* Shares and means of the cells of a set; 0 when a cell is empty in a group. */
static int set_means(const cells *c, int s, const double *sums, double *share[2], double *mean[2])
{
    const size_t n = (size_t)c->n_cells;
    const int32_t *merged = c->merged + (size_t)s * n;
    for (int g = 0; g < 2; g++) {
        const double *w = sums + (size_t)(2 * g) * n, *wy = w + n;
        double all = 0;
        memset(share[g], 0, n * sizeof(double));
        memset(mean[g], 0, n * sizeof(double));
        for (size_t k = 0; k < n; k++) {
            if (!(w[k] > empty * c->sums[(size_t)(2 * g) * n + k])) return 0;
            share[g][merged[k]] += w[k];
            mean[g][merged[k]] += wy[k];
            all += w[k];
        }
        for (size_t k = 0; k < n; k++) {
            if (!(share[g][k] > 0)) continue;
            mean[g][k] /= share[g][k];
            share[g][k] /= all;
        }
    }
    return 1;
}

static double composition(const cells *c, double *share[2], double *mean[2])
{
    double sum = 0;
    for (int k = 0; k < c->n_cells; k++) sum += (share[0][k] - share[1][k]) * (mean[0][k] + mean[1][k]);
    return sum / 2;
}

/* Lines from v [sets], the rate and the groups' means. */
static void lay_out(const syi_gap_engine *e, const double *v, double rate, const double y[2], double *values)
{
    const cells *c = e->own;
    const syi_gap_model *m = e->model;
    double *end = values + m->n_lines;
    memset(values, 0, (size_t)e->n_values * sizeof *values);
    for (int i = 0; i < c->n_factors; i++) {
        const syi_gap_term *term = factor_at(m, i);
        double part = 0;
        for (int s = 0; s < c->n_sets; s++) part += c->part[i * c->n_sets + s] * v[s];
        values[term->line] = part;
        values[term->block_line] += part;
    }
    values[0] = v[c->n_sets - 1];
    if (m->adjust_line >= 0) values[m->adjust_line] = v[0];
    values[m->rest_line] = rate;
    end[SY_GAP_MEAN_FIRST] = y[0];
    end[SY_GAP_MEAN_SECOND] = y[1];
    end[SY_GAP_GAP] = end[SY_GAP_BASE] = y[0] - y[1];
}

static int cell_values(const syi_gap_engine *e, syi_arena *scratch, const double *sums, double *values)
{
    const cells *c = e->own;
    const syi_arena mark = *scratch;
    const size_t n = (size_t)c->n_cells;
    double *v = syi_arena_take(scratch, (size_t)c->n_sets, sizeof *v), *share[2], *mean[2], y[2] = {0, 0}, rate = 0;
    for (int g = 0; g < 2; g++) {
        share[g] = syi_arena_take(scratch, n, sizeof(double));
        mean[g] = syi_arena_take(scratch, n, sizeof(double));
    }
    int fine = 1;
    for (int s = 0; s < c->n_sets && fine; s++) {
        fine = set_means(c, s, sums, share, mean);
        if (fine) v[s] = composition(c, share, mean);
    }
    for (size_t k = 0; k < n && fine; k++) {
        rate += (mean[0][k] - mean[1][k]) * (share[0][k] + share[1][k]) / 2;
        for (int g = 0; g < 2; g++) y[g] += share[g][k] * mean[g][k];
    }
    for (int g = 0; g < 2; g++) y[g] += c->about;
    if (fine) lay_out(e, v, rate, y, values);
    *scratch = mark;
    return fine;
}

static void add_unit(const syi_gap_engine *e, ptrdiff_t unit, double factor, double *sums)
{
    const cells *c = e->own;
    const size_t n = (size_t)c->n_cells;
    for (ptrdiff_t at = e->start[unit]; at < e->start[unit + 1]; at++) {
        const ptrdiff_t i = e->order[at];
        double *own = sums + (size_t)(2 * (i >= e->rows->group_n[0])) * n + (size_t)c->cell[i];
        own[0] += factor * e->rows->weight[i];
        own[n] += factor * e->rows->weight[i] * c->y[i];
    }
}

static int batch(const syi_gap_engine *e, syi_arena *scratch, const double *times, double *sums)
{
    const cells *c = e->own;
    const size_t n = (size_t)c->n_cells, units = (size_t)e->units->count;
    int stopped = 0;
    (void)scratch;
    memset(sums, 0, e->length * AT_ONCE * sizeof *sums);
    for (ptrdiff_t i = 0; i < e->rows->n && !stopped; i++) {
        double *own = sums + ((size_t)(2 * (i >= e->rows->group_n[0])) * n + (size_t)c->cell[i]) * AT_ONCE;
        const double *often = times + e->units->unit[i], w = e->rows->weight[i];
        for (size_t k = 0; k < AT_ONCE; k++) {
            const double load = w * often[k * units];
            own[k] += load;
            own[n * AT_ONCE + k] += load * c->y[i];
        }
        if (i % BREATH == 0) stopped = syi_parallel_stopped();
    }
    return !stopped;
}

static void influence(const syi_gap_engine *e, syi_arena *scratch, ptrdiff_t i, double *values)
{
    const cells *c = e->own;
    const syi_arena mark = *scratch;
    const size_t n = (size_t)c->n_cells;
    const int g = i >= e->rows->group_n[0];
    const double w = e->rows->weight[i], part = w / c->weight[g], sign = g ? -1 : 1;
    double *v = syi_arena_take(scratch, (size_t)c->n_sets, sizeof *v), y[2] = {0, 0};
    double centre = 0;
    for (int s = 0; s < c->n_sets; s++) {
        const size_t at = (size_t)s * n + (size_t)c->merged[(size_t)s * n + (size_t)c->cell[i]];
        const double average = (c->mean[0][at] + c->mean[1][at]) / 2, own = c->share[g][at];
        v[s] = sign * part * (average - c->level[s][g]) +
               (c->share[0][at] - c->share[1][at]) / 2 * part / own * (c->y[i] - c->mean[g][at]);
    }
    for (size_t k = 0; k < n; k++)
        centre += c->share[g][(size_t)(c->n_sets - 1) * n + k] * c->mean[g][(size_t)(c->n_sets - 1) * n + k];
    y[g] = part * (c->y[i] - centre);
    lay_out(e, v, y[0] - y[1] - v[c->n_sets - 1], y, values);
    *scratch = mark;
}

static sy_status prepare(sy_context *ctx, syi_gap_engine *e, int resampled)
{
    const cells *c = e->own;
    (void)ctx;
    (void)resampled;
    e->length = 4 * (size_t)c->n_cells;
    e->room =
        syi_arena_room((size_t)c->n_sets, sizeof(double)) + 4 * syi_arena_room((size_t)c->n_cells, sizeof(double));
    e->seconds = 5e-9 * c->n_sets * c->n_cells + 2e-9 * (double)e->rows->n;
    return SY_OK;
}

static void free_own(syi_gap_engine *e)
{
    cells *c = e->own;
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
static void add_cells(const syi_gap_engine *e, cells *c)
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

static sy_status alloc_cells(sy_context *ctx, const syi_gap_engine *e, cells *c)
{
    const size_t n = (size_t)c->n_cells, sets = (size_t)c->n_sets;
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

static void keep_sets(cells *c)
{
    const size_t n = (size_t)c->n_cells;
    for (int s = 0; s < c->n_sets; s++) {
        double *share[2] = {c->share[0] + (size_t)s * n, c->share[1] + (size_t)s * n};
        double *mean[2] = {c->mean[0] + (size_t)s * n, c->mean[1] + (size_t)s * n};
        set_means(c, s, c->sums, share, mean);
        for (int g = 0; g < 2; g++)
            for (size_t k = 0; k < n; k++) c->level[s][g] += share[g][k] * (mean[0][k] + mean[1][k]) / 2;
    }
}

static sy_status find_cells(sy_context *ctx, const syi_gap_engine *e, cells *c)
{
    int32_t *number = syi_alloc((size_t)codes_of(e->model), sizeof *number);
    c->cell = syi_alloc((size_t)e->rows->n, sizeof *c->cell);
    sy_status status = SY_OK;
    if (!number || !c->cell) status = syi_fail(ctx, SY_ENOMEM, "blocks: no room for %.0f cells", codes_of(e->model));
    if (!status) {
        c->n_cells = number_cells(e, number, c->cell);
        status = alloc_cells(ctx, e, c);
    }
    if (!status) {
        add_cells(e, c);
        status = check_cells(ctx, e, c);
    }
    if (!status) merge_cells(e, c, number);
    SYI_FREE(number);
    return status;
}

sy_status syi_gap_cells_init(sy_context *ctx, const syi_gap_rows *rows, const syi_gap_model *m, sy_gap_result *result,
                             syi_gap_engine *e)
{
    *e = (syi_gap_engine){.rows = rows,
                          .model = m,
                          .n_values = result->n_values,
                          .simd = ctx->simd,
                          .add = add_unit,
                          .batch = batch,
                          .values = cell_values,
                          .influence = influence,
                          .prepare = prepare,
                          .close = free_own};
    cells *c = syi_alloc(1, sizeof *c);
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
    if (!status) cell_values(e, &scratch, c->sums, result->estimate);
    result->n_cells = c->n_cells;
    for (int g = 0; g < 2; g++) result->group_weight[g] = c->weight[g];
    syi_arena_free(&scratch);
    return status;
}
