/* Rows of ordered answers in general: effects of nominal columns at each
 * threshold, effects of scale columns on the spread.
 *
 *   P(y <= level j) = F((threshold_j + z'n_j - x'b - offset) / exp(s'c))
 *
 * a and b are the two arguments of a row; what they are made of enters through
 * the columns da/dparameter and db/dparameter: a threshold's number map(j, q)
 * z / exp(s'c), a location column -x / exp(s'c), a scale column -a s. Second
 * derivatives of a are -(da) s for a scale column with any other, and -(da) s too
 * for two scale columns, so they cost one line of products a scale column.
 * Partial proportional odds: Peterson & Harrell 1990,
 * doi:10.2307/2347760; effects on the spread: McCullagh 1980,
 * doi:10.1111/j.2517-6161.1980.tb01109.x, section 6.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/lanes_internal.h"
#include "algebra/vector_math_internal.h"
#include "models/response/ordinal_internal.h"
#include "models/response/ordinal_rows_internal.h"
#include <math.h>
#include <string.h>

/* Levels whose weights are summed in one pass over the rows. */
enum { LEVELS = 128 };

static void fill(int len, double value, double *out)
{
    for (int i = 0; i < len; i++) out[i] = value;
}

/* Threshold j of each row. */
static void threshold(const syi_ordinal_rows *r, int len, int j, double *out)
{
    const int kinds = syi_thresholds_free(r->thresholds, r->n_levels);
    fill(len, 0, out);
    for (int q = 0; q < kinds; q++) {
        const double f = syi_thresholds_map(r->thresholds, r->n_levels, j, q);
        if (f == 0) continue;
        const double base = f * r->theta[q];
        for (int i = 0; i < len; i++) out[i] += base;
        for (int m = 0; m < r->n_nominal; m++) {
            const double slope = f * r->theta[(1 + m) * kinds + q], *z = r->nominal + m * r->step;
            if (slope != 0)
                for (int i = 0; i < len; i++) out[i] += slope * z[i];
        }
    }
}

static void combine(int len, int p, const double *x, ptrdiff_t step, const double *b, double sign, double *out)
{
    for (int j = 0; j < p; j++) {
        const double slope = sign * b[j], *column = x + j * step;
        if (slope != 0)
            for (int i = 0; i < len; i++) out[i] += slope * column[i];
    }
}

/* Rows that do not count get arguments at which nothing overflows. */
static void arguments(int len, const double *weight, syi_ordinal_tile *t)
{
    for (int i = 0; i < len; i++) {
        const int counts = !weight || weight[i] > 0;
        t->a[i] = counts ? (t->a[i] - t->eta[i]) * t->inverse[i] : 1;
        t->b[i] = counts ? (t->b[i] - t->eta[i]) * t->inverse[i] : -1;
        t->between[i] = t->b[i] - t->a[i];
    }
}

void syi_ordinal_tile_rows(int simd, const syi_ordinal_rows *r, int len, const double *level, const double *weight,
                           syi_ordinal_tile *t)
{
    const int kinds = syi_thresholds_free(r->thresholds, r->n_levels), location = kinds * (1 + r->n_nominal);
    const syi_pair pair = syi_pair_at(t->pair, SYI_TILE);
    if (r->offset) memcpy(t->eta, r->offset, (size_t)len * sizeof *t->eta);
    else fill(len, 0, t->eta);
    combine(len, r->p, r->x, r->step, r->theta + location, 1, t->eta);
    fill(len, 0, t->inverse);
    combine(len, r->n_spread, r->spread, r->step, r->theta + location + r->p, -1, t->inverse);
    syi_vec_exp(simd, len, t->inverse, t->inverse);
    fill(len, INFINITY, t->a);
    fill(len, -INFINITY, t->b);
    for (int j = 0; j < r->n_levels - 1; j++) {
        threshold(r, len, j, t->work);
        for (int i = 0; i < len; i++) {
            t->a[i] = fabs(level[i] - j) < 0.5 ? t->work[i] : t->a[i];
            t->b[i] = fabs(level[i] - j - 1) < 0.5 ? t->work[i] : t->b[i];
        }
    }
    arguments(len, weight, t);
    syi_vec_expm1(simd, len, t->between, t->between);
    syi_pair_rows(simd, r->link, len, t->a, t->b, t->between, t->work, &pair);
}

static void of_threshold(const syi_ordinal_rows *r, int len, const double *level, const syi_ordinal_tile *t, int q,
                         const double *z, double *above, double *below)
{
    fill(len, 0, above);
    fill(len, 0, below);
    for (int j = 0; j < r->n_levels - 1; j++) {
        const double f = syi_thresholds_map(r->thresholds, r->n_levels, j, q);
        if (f == 0) continue;
        for (int i = 0; i < len; i++) {
            const double v = f * t->inverse[i] * (z ? z[i] : 1);
            above[i] = fabs(level[i] - j) < 0.5 ? v : above[i];
            below[i] = fabs(level[i] - j - 1) < 0.5 ? v : below[i];
        }
    }
}

void syi_ordinal_tile_column(const syi_ordinal_rows *r, int len, const double *level, const syi_ordinal_tile *t,
                             int parameter, double *above, double *below)
{
    const int kinds = syi_thresholds_free(r->thresholds, r->n_levels), location = kinds * (1 + r->n_nominal);
    if (parameter < location) {
        const int m = parameter / kinds;
        of_threshold(r, len, level, t, parameter % kinds, m > 0 ? r->nominal + (m - 1) * r->step : NULL, above, below);
    } else if (parameter < location + r->p) {
        const double *const x = r->x + (parameter - location) * r->step;
        for (int i = 0; i < len; i++) above[i] = below[i] = -x[i] * t->inverse[i];
    } else {
        const double *const s = r->spread + (parameter - location - r->p) * r->step;
        for (int i = 0; i < len; i++) {
            above[i] = t->a[i] < INFINITY ? -t->a[i] * s[i] : 0;
            below[i] = t->b[i] > -INFINITY ? -t->b[i] * s[i] : 0;
        }
    }
}

void syi_ordinal_rows_of(const syi_likelihood *l, const double *theta, ptrdiff_t first, syi_ordinal_rows *out)
{
    const syi_packed *r = l->rows;
    *out = (syi_ordinal_rows){.link = l->link,
                              .thresholds = l->thresholds,
                              .n_levels = r->n_levels,
                              .p = r->p,
                              .n_nominal = r->n_nominal,
                              .n_spread = r->n_spread,
                              .theta = theta,
                              .step = r->stride,
                              .x = r->x + first,
                              .nominal = r->n_nominal ? r->nominal + first : NULL,
                              .spread = r->n_spread ? r->spread + first : NULL,
                              .offset = r->offset ? r->offset + first : NULL};
}

void syi_ordinal_weights(const syi_likelihood *l, ptrdiff_t first, int len, double *weight)
{
    const syi_packed *r = l->rows;
    for (int i = 0; i < len; i++) {
        const ptrdiff_t row = first + i;
        weight[i] = r->weight[row] * (l->times && row < r->n ? l->times[r->cluster ? r->cluster[row] : row] : 1);
    }
}

void syi_ordinal_scores(const syi_likelihood *l, const double *theta, ptrdiff_t first, int len, double *score)
{
    const int whole = (len + 7) / 8 * 8, simd = syi_simd_widest();
    syi_ordinal_tile t;
    syi_ordinal_rows rows;
    const syi_pair pair = syi_pair_at(t.pair, SYI_TILE);
    double *const above = t.work, *const below = t.work + SYI_TILE;
    syi_ordinal_rows_of(l, theta, first, &rows);
    syi_ordinal_weights(l, first, whole, t.weight);
    syi_ordinal_tile_rows(simd, &rows, whole, l->rows->y + first, t.weight, &t);
    for (int j = 0; j < l->k; j++) {
        double *const out = score + (ptrdiff_t)j * SYI_TILE;
        fill(len, 0, out);
        if (l->use && !l->use[j]) continue;
        syi_ordinal_tile_column(&rows, whole, l->rows->y + first, &t, j, above, below);
        for (int i = 0; i < len; i++) out[i] = t.weight[i] * (pair.upper[i] * above[i] + pair.lower[i] * below[i]);
    }
}

/* Weights of levels from .. from + LEVELS - 1, of all rows and of the offset. */
static void margins(const syi_likelihood *l, int from, double *level, double *total, double *shift)
{
    const syi_packed *r = l->rows;
    double weight[SYI_TILE];
    *total = *shift = 0;
    for (int j = 0; j < LEVELS; j++) level[j] = 0;
    for (ptrdiff_t first = 0; first < r->n; first += SYI_TILE) {
        const int len = r->n - first < SYI_TILE ? (int)(r->n - first) : SYI_TILE;
        syi_ordinal_weights(l, first, len, weight);
        for (int i = 0; i < len; i++) {
            const int place = (int)r->y[first + i] - from;
            *total += weight[i];
            if (r->offset) *shift += weight[i] * r->offset[first + i];
            if (place >= 0 && place < LEVELS) level[place] += weight[i];
        }
    }
}

void syi_ordinal_start(const syi_likelihood *l, double *theta)
{
    const syi_packed *r = l->rows;
    const int kinds = syi_thresholds_free(l->thresholds, r->n_levels);
    double level[LEVELS], total = 0, shift = 0, below = 0;
    for (int j = 0; j < l->k; j++) theta[j] = 0;
    for (int j = 0; j < r->n_levels - 1; j++) {
        if (j % LEVELS == 0) margins(l, j, level, &total, &shift);
        if (!(total > 0)) return;
        below += level[j % LEVELS];
        syi_thresholds_start(l->link, l->thresholds, r->n_levels, j, below / total, theta);
    }
    for (int q = 0; q < kinds; q++) theta[q] += syi_thresholds_moves(l->thresholds, r->n_levels, q) * shift / total;
}

void syi_ordinal_categories(int simd, const syi_ordinal_rows *rows, int len, double *probability, double *gradient)
{
    const int kinds = syi_thresholds_free(rows->thresholds, rows->n_levels);
    const int k = kinds * (1 + rows->n_nominal) + rows->p + rows->n_spread;
    syi_ordinal_tile t;
    const syi_pair pair = syi_pair_at(t.pair, SYI_TILE);
    double *const above = t.work, *const below = t.work + SYI_TILE, *const level = t.work + 2 * SYI_TILE;
    for (int l = 0; l < rows->n_levels; l++) {
        double *const p = probability + l * rows->step;
        fill(len, l, t.weight);
        syi_ordinal_tile_rows(simd, rows, len, t.weight, NULL, &t);
        syi_vec_exp(simd, len, pair.value, p);
        fill(len, l, level);
        for (int j = 0; gradient && j < k; j++) {
            double *const out = gradient + ((ptrdiff_t)l * k + j) * rows->step;
            syi_ordinal_tile_column(rows, len, level, &t, j, above, below);
            for (int i = 0; i < len; i++) out[i] = p[i] * (pair.upper[i] * above[i] + pair.lower[i] * below[i]);
        }
    }
}
