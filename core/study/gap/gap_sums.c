/* The fits of a gap from resampled sums, in plain double.
 *
 * Each unit keeps, by group, the products of its rows about the whole sample's
 * means and over the roots of its mean squares, so that a replicate is a weighted
 * sum of units and centring it cancels next to nothing (replicates.c has the
 * kernel and the rounding). A replicate in which a column does not vary, or
 * follows from the others, in one group has no answer.
 * Cost: n q^2 / 2 once, units q^2 / 2 a replicate, four factors of k^3 / 6.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "study/gap/gap_linear_internal.h"
#include <math.h>
#include <string.h>

enum { AT_ONCE = SYI_REPLICATES_AT_ONCE, TOGETHER = SYI_REPLICATES_TOGETHER };
static const double least_pivot = 1e-11; /* of a column given those before it */
static const double constant = 0x1p-46;  /* what centring a column without spread leaves of its squares */
static const double most_products = 5e8; /* doubles */

static ptrdiff_t first_row(const syi_gap_rows *rows, int g)
{
    return g ? rows->group_n[0] : 0;
}

static ptrdiff_t end_row(const syi_gap_rows *rows, int g)
{
    return g ? rows->n : rows->group_n[0];
}

static sy_status side_init(sy_context *ctx, const syi_gap_engine *e, int g, syi_gap_side *s)
{
    const size_t units = (size_t)e->units->count, order = (size_t)e->model->n_columns + 1;
    const size_t used = (order + 1) * (order + 2) / 2, blocks = (used + TOGETHER - 1) / TOGETHER;
    s->unit = syi_alloc(units, sizeof *s->unit);
    s->place = syi_alloc(units, sizeof *s->place);
    if (!s->unit || !s->place) return syi_fail(ctx, SY_ENOMEM, "interval: no room for %zu units", units);
    for (ptrdiff_t i = first_row(e->rows, g); i < end_row(e->rows, g); i++) s->place[e->units->unit[i]] = 1;
    for (size_t u = 0; u < units; u++) {
        if (s->place[u]) s->unit[s->count] = (ptrdiff_t)u;
        s->place[u] = s->place[u] ? s->count++ : -1;
    }
    s->products.order = (int)order;
    s->products.length = blocks * TOGETHER;
    if ((double)s->count * (double)s->products.length > most_products)
        return syi_fail(ctx, SY_ELIMIT,
                        "interval: resampling %td units of %zu columns would take %.1f GB; interval = \"influence\" "
                        "takes none",
                        s->count, order, (double)s->count * (double)s->products.length * 8e-9);
    s->products.products = syi_alloc(s->products.length * (size_t)s->count, sizeof(double));
    if (!s->products.products)
        return syi_fail(ctx, SY_ENOMEM, "interval: no room for the products of %td units", s->count);
    return SY_OK;
}

/* z [order][SYI_TILE]: scaled columns of a tile */
static void scale_tile(const syi_gap_engine *e, const double *tile, int len, double *z)
{
    const syi_gap_linear *l = e->own;
    for (int j = 0; j <= e->model->n_columns; j++)
        for (int i = 0; i < len; i++)
            z[j * SYI_TILE + i] = (tile[e->model->column[j] * SYI_TILE + i] - l->about[j]) / l->scale[j];
}

/* Products of row i of the tile, w times, on top of its unit's. */
static void add_row(const double *z, int i, double w, ptrdiff_t place, const syi_gap_side *s)
{
    const int order = s->products.order;
    const size_t step = (size_t)s->count * TOGETHER;
    double *block = s->products.products + (size_t)place * TOGETHER;
    size_t at = 0;
    block[at++] += w;
    for (int a = 0; a < order; a++, at++) block[at / TOGETHER * step + at % TOGETHER] += w * z[a * SYI_TILE + i];
    for (int a = 0; a < order; a++) {
        const double left = w * z[a * SYI_TILE + i];
        for (int b = a; b < order; b++, at++) block[at / TOGETHER * step + at % TOGETHER] += left * z[b * SYI_TILE + i];
    }
}

static sy_status add_rows(sy_context *ctx, const syi_gap_engine *e, int g, const syi_gap_side *s, double *tile,
                          double *z)
{
    ptrdiff_t row[SYI_TILE];
    const ptrdiff_t end = end_row(e->rows, g);
    sy_status status = SY_OK;
    for (ptrdiff_t at = first_row(e->rows, g); at < end && !status; at += SYI_TILE) {
        const int len = (int)(end - at < SYI_TILE ? end - at : SYI_TILE);
        for (int i = 0; i < len; i++) row[i] = at + i;
        syi_design_tile(&e->rows->all, &e->rows->layout, row, len, tile);
        scale_tile(e, tile, len, z);
        for (int i = 0; i < len; i++) add_row(z, i, e->rows->weight[at + i], s->place[e->units->unit[at + i]], s);
        status = syi_serial_stopped(ctx);
    }
    return status;
}

sy_status syi_gap_sums_prepare(sy_context *ctx, syi_gap_engine *e)
{
    syi_gap_linear *l = e->own;
    double *tile = syi_alloc((size_t)e->rows->layout.n_columns * SYI_TILE, sizeof *tile);
    double *z = syi_alloc(((size_t)e->model->n_columns + 1) * SYI_TILE, sizeof *z);
    sy_status status =
        tile && z ? SY_OK : syi_fail(ctx, SY_ENOMEM, "interval: no room for %d columns", e->model->n_columns);
    for (int g = 0; g < 2 && !status; g++) {
        status = side_init(ctx, e, g, &l->side[g]);
        if (!status) status = add_rows(ctx, e, g, &l->side[g], tile, z);
    }
    e->length = 2 * l->side[0].products.length;
    e->seconds = 2e-6 + 1e-9 * e->model->k * e->model->k * e->model->k + 1e-8 * e->n_values;
    SYI_FREE(tile);
    SYI_FREE(z);
    return status;
}

void syi_gap_sums_free(syi_gap_linear *l)
{
    for (int g = 0; g < 2; g++) {
        SYI_FREE(l->side[g].products.products);
        SYI_FREE(l->side[g].unit);
        SYI_FREE(l->side[g].place);
    }
}

size_t syi_gap_sums_room(const syi_gap_engine *e)
{
    const size_t order = (size_t)e->model->n_columns + 1, units = (size_t)e->units->count;
    return syi_gap_fit_room(e->model) + 5 * syi_arena_room(order * order, sizeof(double)) +
           3 * syi_arena_room(order, sizeof(double)) + syi_arena_room(units * AT_ONCE, sizeof(double)) +
           syi_arena_room((size_t)SYI_REPLICATES_TILE * AT_ONCE, sizeof(double));
}

void syi_gap_sums_add(const syi_gap_engine *e, ptrdiff_t unit, double factor, double *sums)
{
    const syi_gap_linear *l = e->own;
    for (int g = 0; g < 2; g++) {
        const syi_gap_side *s = &l->side[g];
        const size_t length = s->products.length;
        if (s->place[unit] < 0) continue;
        const double *from = s->products.products + (size_t)s->place[unit] * TOGETHER;
        for (size_t at = 0; at < length; at += TOGETHER, from += (size_t)s->count * TOGETHER)
            for (size_t k = 0; k < TOGETHER; k++) sums[(size_t)g * length + at + k] += factor * from[k];
    }
}

int syi_gap_sums_batch(const syi_gap_engine *e, syi_arena *scratch, const double *times, double *sums)
{
    const syi_gap_linear *l = e->own;
    const syi_arena mark = *scratch;
    const size_t units = (size_t)e->units->count;
    double *own = syi_arena_take(scratch, units * AT_ONCE, sizeof *own);
    double *tile = syi_arena_take(scratch, (size_t)SYI_REPLICATES_TILE * AT_ONCE, sizeof *tile);
    int stopped = 0;
    for (int g = 0; g < 2 && !stopped; g++) {
        const syi_gap_side *s = &l->side[g];
        const size_t count = (size_t)s->count;
        for (size_t k = 0; k < AT_ONCE; k++)
            for (size_t i = 0; i < count; i++) own[k * count + i] = times[k * units + (size_t)s->unit[i]];
        stopped = syi_replicates_add(e->simd, &s->products, count, own, tile,
                                     sums + (size_t)g * s->products.length * AT_ONCE);
    }
    *scratch = mark;
    return !stopped;
}

/* Means [order] and centred products [order * order] in scaled columns; 0 where
 * the group is empty. */
static int centre(int order, const double *sum, double *mean, double *products)
{
    const double weight = sum[0], *pair = sum + order + 1;
    if (!(weight > 0)) return 0;
    for (int a = 0; a < order; a++) mean[a] = sum[a + 1] / weight;
    for (int a = 0; a < order; a++)
        for (int b = a; b < order; b++, pair++) {
            const double v = *pair - mean[a] * sum[b + 1];
            products[a * order + b] = products[b * order + a] = a == b && !(v > constant * *pair) ? 0 : v;
        }
    return 1;
}

/* Slopes of the first n fitted columns into full [q]; factor [n * n] keeps the
 * Cholesky factor. */
static int solve(const syi_gap_engine *e, int n, const double *products, double *factor, double *slope, double *full)
{
    const syi_gap_linear *l = e->own;
    const syi_gap_model *m = e->model;
    const int order = m->n_columns + 1;
    for (int a = 0; a < n; a++) {
        for (int b = 0; b <= a; b++) factor[a * n + b] = products[m->fitted[a] * order + m->fitted[b]];
        slope[a] = products[m->fitted[a] * order + m->n_columns];
    }
    if (!syi_cholesky_plain(n, factor, least_pivot)) return 0;
    syi_cholesky_plain_forward(n, factor, slope);
    syi_cholesky_plain_back(n, factor, slope);
    for (int a = 0; a < n; a++) slope[a] *= l->scale[m->n_columns] / l->scale[m->fitted[a]];
    syi_gap_spread(m, n, slope, full);
    return 1;
}

/* Differences beside the adjusting columns; `factor` is of these. */
static void net_of(const syi_gap_engine *e, const double *products, const double *factor, double *v, syi_gap_fit *fit)
{
    const syi_gap_linear *l = e->own;
    const syi_gap_model *m = e->model;
    const int n = m->k_adjust, order = m->n_columns + 1;
    for (int a = 0; a < n; a++) v[a] = fit->diff[m->fitted[a]] / l->scale[m->fitted[a]];
    syi_cholesky_plain_forward(n, factor, v);
    syi_cholesky_plain_back(n, factor, v);
    for (int j = 0; j < m->n_columns; j++) {
        double net = 0;
        for (int a = 0; a < n && j >= m->q_adjust; a++) net += products[m->fitted[a] * order + j] * v[a];
        fit->net[j] = fit->diff[j] - l->scale[j] * net;
    }
}

static void fill_means(const syi_gap_engine *e, const double *sums, double *const mean[2], syi_gap_fit *fit)
{
    const syi_gap_linear *l = e->own;
    const int q = e->model->n_columns;
    for (int g = 0; g < 2; g++) {
        fit->weight[g] = sums[(size_t)g * (e->length / 2)];
        for (int j = 0; j < q; j++) fit->mean[g][j] = l->about[j] + l->scale[j] * mean[g][j];
        fit->y[g] = l->about[q] + l->scale[q] * mean[g][q];
    }
    for (int j = 0; j < q; j++) fit->diff[j] = l->scale[j] * (mean[0][j] - mean[1][j]);
    fit->share = fit->weight[0] / (fit->weight[0] + fit->weight[1]);
}

/* Products of both groups within and together into [2] and [3]. */
static void add_groups(int order, const double weight[2], double *const mean[2], double *const products[4])
{
    const double h = weight[0] * weight[1] / (weight[0] + weight[1]);
    for (int a = 0; a < order; a++)
        for (int b = 0; b < order; b++) {
            const int at = a * order + b;
            products[2][at] = products[0][at] + products[1][at];
            products[3][at] = products[2][at] + h * (mean[0][a] - mean[1][a]) * (mean[0][b] - mean[1][b]);
        }
}

/* All fits that the method needs; 0 where one has no answer. factor and slope are scratch. */
static int fit_all(const syi_gap_engine *e, double *const products[4], double *factor, double *slope, syi_gap_fit *fit)
{
    static const int kind[4] = {SY_REFERENCE_FIRST, SY_REFERENCE_SECOND, SY_REFERENCE_POOLED,
                                SY_REFERENCE_POOLED_WITHOUT};
    const syi_gap_model *m = e->model;
    const int gelbach = m->ask->method == SY_GAP_GELBACH;
    for (int g = 0; g < 4; g++)
        if ((!gelbach || g == 2) && !solve(e, m->k, products[g], factor, slope, fit->b[kind[g]])) return 0;
    if (gelbach && !solve(e, m->k_adjust, products[2], factor, slope, fit->base)) return 0;
    if (gelbach) net_of(e, products[2], factor, slope, fit);
    syi_gap_mix(m, fit);
    return 1;
}

int syi_gap_sums_values(const syi_gap_engine *e, syi_arena *scratch, const double *sums, double *values)
{
    const syi_gap_model *m = e->model;
    const syi_arena mark = *scratch;
    const size_t order = (size_t)m->n_columns + 1;
    syi_gap_fit fit = {0};
    double *mean[2], *products[4];
    syi_gap_fit_take(m, scratch, &fit);
    for (int g = 0; g < 2; g++) mean[g] = syi_arena_take(scratch, order, sizeof(double));
    for (int g = 0; g < 4; g++) products[g] = syi_arena_take(scratch, order * order, sizeof(double));
    double *factor = syi_arena_take(scratch, order * order, sizeof *factor);
    double *slope = syi_arena_take(scratch, order, sizeof *slope);
    int fine = 1;
    for (int g = 0; g < 2 && fine; g++)
        fine = centre((int)order, sums + (size_t)g * (e->length / 2), mean[g], products[g]);
    if (fine) {
        fill_means(e, sums, mean, &fit);
        add_groups((int)order, fit.weight, mean, products);
        fine = fit_all(e, products, factor, slope, &fit);
    }
    if (fine) {
        memset(values, 0, (size_t)e->n_values * sizeof *values);
        syi_gap_parts(m, &fit, &fit, 1, values);
        syi_gap_ends(m, fit.y, values);
    }
    *scratch = mark;
    return fine;
}
