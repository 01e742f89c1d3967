/* Variances of reliabilities from their slopes G by the covariances S.
 *
 * Normal items: cov(S_ab, S_cd) = (S_ac S_bd + S_ad S_bc) / (n - 1), so the variance
 *   is 2 tr(G S G S) / (n - 1); of alpha that is van Zyl, Neudecker & Nel 2000,
 *   doi:10.1007/BF02296146, with n - 1, exact for S, for their n.
 * Distribution-free: a row z (less the means) moves the value by z' G z / W, since
 *   trace(G S) = 0. Its squares, summed within clusters, are the variance
 *   [Maydeu-Olivares, Coffman & Hartmann 2007, doi:10.1037/1082-989X.12.2.157:
 *   the same number from the fourth moments, with n - 1 for N]; within strata
 *   N_h / (N_h - 1) sum (U - mean_h)^2 over the N_h units. A row of frequency f is f
 *   people.
 * Cost: k^2 a unit or row and value.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/design_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "study/measurement/reliability_internal.h"
#include "study/resample_internal.h"
#include <math.h>

static double bilinear(int k, const double *g, const double *x, const double *y)
{
    double sum = 0;
    for (int a = 0; a < k; a++)
        for (int b = 0; b < k; b++) sum += g[a * k + b] * x[a] * y[b];
    return sum;
}

void syi_reliability_normal(const syi_reliability *r, double *variance)
{
    const int k = r->k;
    for (int v = 0; v < SY_N_RELIABILITIES; v++) {
        const double *g = r->slope + (ptrdiff_t)v * k * k;
        double sum = 0;
        for (int a = 0; a < k; a++)
            for (int b = 0; b < k; b++)
                sum += g[a * k + b] * bilinear(k, g, r->s + (ptrdiff_t)a * k, r->s + (ptrdiff_t)b * k);
        variance[v] = 2 * sum / (r->m->n - 1);
    }
}

/* Sums of one value's influence, by stratum. */
typedef struct {
    double people, sum, square;
} spread;

static void add(spread *s, double people, double moved)
{
    s->people += people;
    s->sum += people * moved;
    s->square += people * moved * moved;
}

static double finish(const spread *s, int strata)
{
    double variance = 0;
    for (int h = 0; h < strata; h++) {
        const double n = s[h].people;
        if (n > 1) variance += n / (n - 1) * fmax(s[h].square - s[h].sum * s[h].sum / n, 0);
    }
    return variance;
}

/* What one person of unit g moves each value by. cross [k * k] scratch. */
static void move_of_unit(const syi_reliability *r, ptrdiff_t g, double weight, double *cross, double *moved)
{
    const sy_moments *m = r->m;
    const int k = r->k, q = m->n_columns;
    const double *hi = m->hi + (size_t)g * syi_packed_length(q);
    for (int a = 0; a < k; a++)
        for (int b = 0; b < k; b++) {
            const int i = r->column[a] + 1, j = r->column[b] + 1;
            cross[a * k + b] = hi[i < j ? syi_packed_at(q, i, j) : syi_packed_at(q, j, i)] -
                               r->mean[a] * hi[syi_packed_at(q, 0, j)] - r->mean[b] * hi[syi_packed_at(q, 0, i)] +
                               r->mean[a] * r->mean[b] * hi[0];
        }
    for (int v = 0; v < SY_N_RELIABILITIES; v++) {
        const double *slope = r->slope + (ptrdiff_t)v * k * k;
        moved[v] = 0;
        for (int at = 0; at < k * k; at++) moved[v] += slope[at] * cross[at];
        moved[v] /= weight;
    }
}

static sy_status units_influence(sy_context *ctx, const syi_reliability *r, double weight, double *variance)
{
    const sy_moments *m = r->m;
    const int strata = m->n_strata ? m->n_strata : 1;
    const double *often = syi_resample_times(m);
    double *cross = syi_alloc((size_t)r->k * (size_t)r->k, sizeof *cross), moved[SY_N_RELIABILITIES];
    spread *sums = syi_alloc((size_t)strata * SY_N_RELIABILITIES, sizeof *sums);
    sy_status status = SY_OK;
    if (!cross || !sums) status = syi_fail(ctx, SY_ENOMEM, "items: out of memory for %d strata", strata);
    for (ptrdiff_t g = 0; g < m->n_units && !status; g++) {
        const double people = often ? often[g] : 1;
        if (g % 1024 == 0 && syi_serial_stopped(ctx)) status = SY_EINTR;
        move_of_unit(r, g, weight, cross, moved);
        const int h = m->n_strata ? m->unit_stratum[g] : 0;
        for (int v = 0; v < SY_N_RELIABILITIES; v++) add(&sums[v * strata + h], people, moved[v] / people);
    }
    for (int v = 0; v < SY_N_RELIABILITIES && !status; v++) variance[v] = finish(sums + v * strata, strata);
    SYI_FREE(cross);
    SYI_FREE(sums);
    return status;
}

/* The weight of row i of a tile; 0 when it is not used. */
static double row_weight(const sy_design *design, int columns, const double *tile, ptrdiff_t row, int i)
{
    for (int c = 0; c < columns; c++)
        if (isnan(tile[c * SYI_TILE + i])) return 0;
    const double w = design->weights ? syi_column_value(design->weights, row) : 1;
    return w > 0 ? w : 0;
}

static void add_tile(const syi_reliability *r, const double *tile, const double *w, int len, double weight, double *z,
                     spread *sums)
{
    const int k = r->k, repeated = r->m->weight_kind == SY_WEIGHT_FREQUENCY;
    for (int i = 0; i < len; i++) {
        if (!(w[i] > 0)) continue;
        const double people = repeated ? w[i] : 1;
        for (int a = 0; a < k; a++)
            z[a] = tile[(ptrdiff_t)r->column[a] * SYI_TILE + i] - r->m->shift[r->column[a]] - r->mean[a];
        for (int v = 0; v < SY_N_RELIABILITIES; v++)
            add(&sums[v], people, w[i] / people * bilinear(k, r->slope + (ptrdiff_t)v * k * k, z, z) / weight);
    }
}

static sy_status rows_influence(sy_context *ctx, const syi_reliability *r, double weight, double *variance)
{
    const sy_design *design = r->rows;
    syi_layout layout = {0};
    double *tile = NULL, *z = NULL, w[SYI_TILE];
    ptrdiff_t row[SYI_TILE];
    spread sums[SY_N_RELIABILITIES] = {{0}};
    sy_status status = syi_layout_init(ctx, design, &layout);
    if (!status && layout.n_columns != r->m->n_columns)
        status = syi_fail(ctx, SY_EDIM, "rows: %d columns, the moments have %d", layout.n_columns, r->m->n_columns);
    if (status) goto out;
    tile = syi_alloc((size_t)layout.n_columns * SYI_TILE, sizeof *tile);
    z = syi_alloc((size_t)r->k, sizeof *z);
    if (!tile || !z) status = syi_fail(ctx, SY_ENOMEM, "items: out of memory for %d columns", layout.n_columns);
    for (ptrdiff_t at = 0; at < design->n && !status; at += SYI_TILE) {
        const int len = (int)(design->n - at < SYI_TILE ? design->n - at : SYI_TILE);
        for (int i = 0; i < len; i++) row[i] = at + i;
        syi_design_tile(design, &layout, row, len, tile);
        for (int i = 0; i < len; i++) w[i] = row_weight(design, layout.n_columns, tile, row[i], i);
        add_tile(r, tile, w, len, weight, z, sums);
        if (at / SYI_TILE % 16 == 15 && syi_serial_stopped(ctx)) status = SY_EINTR;
    }
    for (int v = 0; v < SY_N_RELIABILITIES && !status; v++) variance[v] = finish(&sums[v], 1);
out:
    SYI_FREE(tile);
    SYI_FREE(z);
    syi_layout_free(&layout);
    return status;
}

sy_status syi_reliability_influence(sy_context *ctx, const syi_reliability *r, sy_reliability_summary *summary,
                                    double *variance)
{
    const sy_moments *m = r->m;
    const int by_unit = m->unit != SY_UNIT_NONE;
    summary->units = by_unit ? m->n_units : (ptrdiff_t)m->rows_used;
    summary->df = by_unit ? syi_resample_df(m) : m->n - 1;
    return by_unit ? units_influence(ctx, r, m->sum_w, variance) : rows_influence(ctx, r, m->sum_w, variance);
}
