/* Weighted averages of predicted numbers and their derivatives over rows.
 *
 * Blocks of tiles in parallel, each with sums of its own, merged in order; within
 * a tile eight lanes a sum. The derivative of the columns by a variable v: a
 * column is v^a times what does not hold v, and the latter is the column where v
 * is 1, so the rows are read a second time with v = 1 and multiplied by a v^(a -
 * 1); no difference is taken. Cost: n k (curves + 1).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/lanes_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/response/effects_internal.h"
#include <string.h>

enum { BLOCK_TILES = 8 };

typedef struct {
    const syi_population *p;
    const syi_shadow *one; /* rows with the variable at 1, or NULL: no slope */
    int column, simd;
    size_t length, room;
    double *block;   /* [blocks][length] */
    double *scratch; /* [workers][room]: two tiles, gradient [k], coef, value, slope, bend, v */
} job;

size_t syi_average_room(const syi_population *p)
{
    return (size_t)p->width + (size_t)p->curves.n_curves * (size_t)p->curves.k;
}

static double total(const double *x)
{
    double lane[SYI_LANES] = {0};
    for (int i = 0; i < SYI_TILE; i += SYI_LANES)
        for (int l = 0; l < SYI_LANES; l++) lane[l] += x[i + l];
    return ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

static void add_gradient(const job *j, const double *gradient, double *sum)
{
    for (int i = 0; i < j->p->curves.k; i++) sum[i] += total(gradient + (ptrdiff_t)i * SYI_TILE);
}

static void add_levels(const job *j, const syi_curve_tile *t, const double *weight, double *gradient, double *sum)
{
    const syi_curves *c = &j->p->curves;
    double *coef = gradient + (ptrdiff_t)c->k * SYI_TILE, *value = coef + SYI_TILE;
    for (int r = 0; r < j->p->width; r++) {
        syi_curves_value(c, t, j->p->number[r], value);
        for (int i = 0; i < SYI_TILE; i++) value[i] = weight[i] > 0 ? weight[i] * value[i] : 0;
        sum[r] += total(value);
    }
    for (int m = 0; m < c->n_curves; m++) {
        for (int i = 0; i < SYI_TILE; i++) coef[i] = weight[i] * t->density[(ptrdiff_t)m * SYI_TILE + i];
        memset(gradient, 0, (size_t)c->k * SYI_TILE * sizeof *gradient);
        syi_curves_gradient(c, t, m, coef, gradient);
        add_gradient(j, gradient, sum + j->p->width + (ptrdiff_t)m * c->k);
    }
}

static int power_of(const sy_term *term, int column)
{
    int power = 0;
    for (int f = 0; f < term->n_factors; f++)
        if (term->factors[f].column == column) power += term->factors[f].power;
    return power;
}

/* Columns read with the variable at 1 become their derivatives at v. */
static void differentiate(const job *j, const double *v, double *const *x)
{
    for (int part = 0; part < SYI_PARTS; part++) {
        if (!j->p->curves.has[part]) continue;
        const syi_model *m = &j->one->part[part];
        memset(x[part], 0, (size_t)m->count[0] * SYI_TILE * sizeof *x[part]);
        for (int t = 0; t < m->model.n_terms; t++) {
            const int power = power_of(&m->design->terms[m->model.terms[t]], j->column);
            double *at = x[part] + (ptrdiff_t)m->first[t + 1] * SYI_TILE;
            for (ptrdiff_t i = 0; i < (ptrdiff_t)m->count[t + 1] * SYI_TILE; i++) {
                double factor = power;
                for (int a = 1; a < power; a++) factor *= v[i % SYI_TILE];
                at[i] = factor == 0 ? 0 : at[i] * factor;
            }
        }
    }
}

static void read_moved(const job *j, const ptrdiff_t *row, int len, const double *weight, double *v, double *const *x)
{
    unsigned char used[SYI_TILE];
    memset(v, 0, SYI_TILE * sizeof *v);
    syi_column_values(&j->p->rows.columns[j->column], row, 0, len, v);
    for (int part = 0; part < SYI_PARTS; part++)
        if (j->p->curves.has[part]) syi_model_predictors(&j->one->part[part], row, len, x[part], NULL, used);
    for (int part = 0; part < SYI_PARTS; part++)
        for (int c = 0; j->p->curves.has[part] && c < j->one->part[part].p; c++)
            for (int i = 0; i < SYI_TILE; i++)
                if (weight[i] == 0) x[part][(ptrdiff_t)c * SYI_TILE + i] = v[i] = 0;
    differentiate(j, v, x);
}

static void add_slopes(const job *j, const syi_curve_tile *t, double *const *moved, const double *weight,
                       double *gradient, double *sum)
{
    const syi_curves *c = &j->p->curves;
    double *coef = gradient + (ptrdiff_t)c->k * SYI_TILE, *value = coef + SYI_TILE, *slope = value + SYI_TILE;
    double *bend = slope + SYI_TILE;
    for (int m = 0; m < c->n_curves; m++) {
        const double *density = t->density + (ptrdiff_t)m * SYI_TILE;
        syi_curves_slope(c, t, moved, m, slope);
        for (int i = 0; i < SYI_TILE; i++) value[i] = weight[i] > 0 ? weight[i] * density[i] * slope[i] : 0;
        const double average = total(value);
        for (int r = 0; r < j->p->width; r++) {
            const syi_number n = j->p->number[r];
            sum[r] += (n.mean ? -1 : (m == n.up) - (m == n.down)) * average;
        }
        memset(gradient, 0, (size_t)c->k * SYI_TILE * sizeof *gradient);
        syi_curves_bend(c, j->simd, t, m, bend);
        for (int i = 0; i < SYI_TILE; i++) coef[i] = weight[i] > 0 ? weight[i] * bend[i] * slope[i] : 0;
        syi_curves_gradient(c, t, m, coef, gradient);
        for (int i = 0; i < SYI_TILE; i++) coef[i] = weight[i] * density[i];
        syi_curves_slope_gradient(c, t, moved, m, slope, coef, gradient);
        add_gradient(j, gradient, sum + j->p->width + (ptrdiff_t)m * c->k);
    }
}

static void average_tile(const job *j, double *memory, ptrdiff_t start, double *sum)
{
    const syi_curves *c = &j->p->curves;
    const ptrdiff_t left = j->p->n - start;
    const int len = left < SYI_TILE ? (int)left : SYI_TILE;
    const syi_curve_tile t = syi_curves_tile(c, memory), second = syi_curves_tile(c, memory + syi_curves_room(c));
    double *gradient = memory + 2 * syi_curves_room(c), weight[SYI_TILE] = {0};
    unsigned char used[SYI_TILE];
    ptrdiff_t row[SYI_TILE] = {0};
    for (int i = 0; i < len; i++) row[i] = start + i;
    memcpy(weight, j->p->weight + start, (size_t)len * sizeof *weight);
    syi_curves_read(c, j->simd, row, len, weight, &t, used);
    if (!j->one) {
        add_levels(j, &t, weight, gradient, sum);
        return;
    }
    read_moved(j, row, len, weight, gradient + (ptrdiff_t)(c->k + 4) * SYI_TILE, second.x);
    add_slopes(j, &t, second.x, weight, gradient, sum);
}

static void work(void *arg, int worker, size_t b)
{
    const job *j = arg;
    double *memory = j->scratch + (size_t)worker * j->room, *sum = j->block + b * j->length;
    for (ptrdiff_t tile = 0; tile < BLOCK_TILES; tile++) {
        const ptrdiff_t start = ((ptrdiff_t)b * BLOCK_TILES + tile) * SYI_TILE;
        if (start < j->p->n) average_tile(j, memory, start, sum);
    }
}

static sy_status run(sy_context *ctx, job *j, double *average)
{
    const syi_curves *c = &j->p->curves;
    const size_t rows = BLOCK_TILES * SYI_TILE, blocks = ((size_t)j->p->n + rows - 1) / rows;
    const double seconds = (double)j->p->n * (c->n_curves + 1.0) * (c->k + 20.0) * (j->one ? 4e-9 : 2e-9);
    const size_t workers = (size_t)syi_parallel_workers(ctx, blocks, seconds);
    sy_status s = SY_OK;
    j->simd = syi_lanes_width(ctx->simd);
    j->length = syi_average_room(j->p);
    j->room = 2 * syi_curves_room(c) + ((size_t)c->k + 5) * SYI_TILE;
    j->block = syi_alloc(blocks * j->length, sizeof *j->block);
    j->scratch = syi_alloc(workers * j->room, sizeof *j->scratch);
    if (!j->block || !j->scratch) s = syi_fail(ctx, SY_ENOMEM, "effects: out of memory for %d parameters", c->k);
    else s = syi_parallel(ctx, blocks, seconds, work, j);
    for (size_t i = 0; s >= 0 && i < j->length; i++) {
        average[i] = 0;
        for (size_t b = 0; b < blocks; b++) average[i] += j->block[b * j->length + i];
        average[i] /= j->p->total;
    }
    SYI_FREE(j->block);
    SYI_FREE(j->scratch);
    return s;
}

sy_status syi_average(sy_context *ctx, const syi_population *p, double *average)
{
    job j = {.p = p};
    return run(ctx, &j, average);
}

sy_status syi_average_slope(sy_context *ctx, const syi_population *p, int column, double *average)
{
    static const double unity = 1;
    syi_shadow one = {0};
    job j = {.p = p, .one = &one, .column = column};
    sy_status s = syi_shadow_open(ctx, p->design, p->model, &one);
    if (s >= 0) {
        memcpy(one.columns, p->rows.columns, (size_t)p->design->n_columns * sizeof *one.columns);
        one.columns[column] = (sy_column){.name = one.columns[column].name, .data = &unity, .type = SY_F64};
        s = run(ctx, &j, average);
    }
    syi_shadow_free(&one);
    return s;
}

void syi_average_gradient(const syi_population *p, const double *average, int i, double *gradient)
{
    const syi_number n = p->number[i];
    const int k = p->curves.k;
    memset(gradient, 0, (size_t)k * sizeof *gradient);
    for (int m = 0; m < p->curves.n_curves; m++) {
        const double sign = n.mean ? -1 : (m == n.up) - (m == n.down);
        const double *own = average + p->width + (ptrdiff_t)m * k;
        for (int a = 0; a < k && sign != 0; a++) gradient[a] += sign * own[a];
    }
}
