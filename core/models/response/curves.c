/* Curves of the rows of a response model and their derivatives.
 *
 * Ordered answers: threshold_m = sum over q of map(m, q) (theta_q + sum over nominal
 * columns of n theta_qn), z_m = (threshold_m - eta) rate, rate = exp(-s'c):
 *   dz/dtheta_q = map rate, dz/dtheta_qn = map rate n, dz/db = -rate x, dz/dc = -z s.
 * By a variable v that moves the columns by x', n', s':
 *   z' = (threshold' - x''b) rate - z s''c, and its derivatives
 *   theta_q: -map rate s''c; theta_qn: map rate (n' - n s''c);
 *   b: -rate (x' - x s''c); c: -s z' - s' z.
 * Else z = x'b + offset. Probabilities of a level are taken as a difference on
 * the side of the distribution where both terms are small.
 * Cost: k a row and curve.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/vector_math_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/response/curves_internal.h"
#include "models/response/ordinal_internal.h"
#include <math.h>
#include <string.h>

static void fill_counts(const sy_response_model *model, syi_curves *c)
{
    const int ordinal = model->kind == SY_RESPONSE_ORDINAL;
    for (int part = 0; part < SYI_PARTS; part++) {
        c->skip[part] = part != SYI_LOCATION || ordinal;
        c->count[part] = c->has[part] ? c->part[part].p - c->skip[part] : 0;
    }
    c->first[SYI_NOMINAL] = c->each;
    c->first[SYI_LOCATION] = c->each * (1 + c->count[SYI_NOMINAL]);
    c->first[SYI_SPREAD] = c->first[SYI_LOCATION] + c->count[SYI_LOCATION];
}

sy_status syi_curves_init(sy_context *ctx, const sy_response_model *model, const sy_response_shape *shape,
                          const double *estimate, const syi_model *part, const int *has, syi_curves *c)
{
    const int ordinal = model->kind == SY_RESPONSE_ORDINAL;
    *c = (syi_curves){.part = part, .offset = model->offset, .kind = model->kind, .link = model->link};
    c->k = shape->k;
    c->n_curves = ordinal ? shape->n_levels - 1 : 1;
    c->each = ordinal ? syi_thresholds_free(model->thresholds, shape->n_levels) : 0;
    for (int p = 0; p < SYI_PARTS; p++) c->has[p] = has[p];
    fill_counts(model, c);
    const int k = c->first[SYI_SPREAD] + c->count[SYI_SPREAD] + (model->kind == SY_RESPONSE_NEGATIVE_BINOMIAL);
    if (k != shape->k)
        return syi_fail(ctx, SY_EINVAL, "estimate: %d given; the model has %d parameters in these rows", shape->k, k);
    c->map = syi_alloc((size_t)(c->n_curves * c->each) + 1, sizeof *c->map);
    c->theta = syi_alloc((size_t)k + 1, sizeof *c->theta);
    if (!c->map || !c->theta) return syi_fail(ctx, SY_ENOMEM, "predict: out of memory for %d parameters", k);
    for (int m = 0; ordinal && m < c->n_curves; m++)
        for (int q = 0; q < c->each; q++)
            c->map[m * c->each + q] = syi_thresholds_map(model->thresholds, shape->n_levels, m, q);
    for (int j = 0; j < k; j++) c->theta[j] = isnan(estimate[j]) ? 0 : estimate[j];
    return SY_OK;
}

void syi_curves_free(syi_curves *c)
{
    SYI_FREE(c->map);
    SYI_FREE(c->theta);
}

size_t syi_curves_room(const syi_curves *c)
{
    size_t planes = 4 + 4 * (size_t)c->n_curves;
    for (int part = 0; part < SYI_PARTS; part++)
        if (c->has[part]) planes += (size_t)c->part[part].p;
    return planes * SYI_TILE;
}

syi_curve_tile syi_curves_tile(const syi_curves *c, double *memory)
{
    const ptrdiff_t curves = (ptrdiff_t)c->n_curves * SYI_TILE;
    syi_curve_tile t = {.eta = memory};
    t.rate = t.eta + SYI_TILE;
    t.work = t.rate + SYI_TILE;
    t.z = t.work + (ptrdiff_t)2 * SYI_TILE;
    t.cdf = t.z + curves;
    t.upper = t.cdf + curves;
    t.density = t.upper + curves;
    double *at = t.density + curves;
    for (int part = 0; part < SYI_PARTS; part++) {
        t.x[part] = at;
        if (c->has[part]) at += (ptrdiff_t)c->part[part].p * SYI_TILE;
    }
    return t;
}

/* Column j of a part among those with parameters. */
static const double *column_of(const syi_curves *c, double *const *x, int part, int j)
{
    return x[part] + (ptrdiff_t)(j + c->skip[part]) * SYI_TILE;
}

/* out += sum over the part's columns of theta times column; `step` parameters lie
 * between those of two columns. */
static void combine(const syi_curves *c, double *const *x, int part, int step, int q, double *out)
{
    for (int j = 0; j < c->count[part]; j++) {
        const double b = c->theta[c->first[part] + j * step + q], *column = column_of(c, x, part, j);
        for (int i = 0; i < SYI_TILE; i++) out[i] += b * column[i];
    }
}

/* Threshold m of each row, or, moved, its derivative (constant = 0). */
static void threshold(const syi_curves *c, double *const *x, int m, int constant, double *work, double *out)
{
    for (int i = 0; i < SYI_TILE; i++) out[i] = 0;
    for (int q = 0; q < c->each; q++) {
        const double weight = c->map[m * c->each + q];
        if (weight == 0) continue;
        for (int i = 0; i < SYI_TILE; i++) work[i] = constant ? c->theta[q] : 0;
        combine(c, x, SYI_NOMINAL, c->each, q, work);
        for (int i = 0; i < SYI_TILE; i++) out[i] += weight * work[i];
    }
}

static void distribution(const syi_curves *c, int simd, const syi_curve_tile *t, int m)
{
    double *z = t->z + (ptrdiff_t)m * SYI_TILE, *cdf = t->cdf + (ptrdiff_t)m * SYI_TILE;
    double *upper = t->upper + (ptrdiff_t)m * SYI_TILE, *density = t->density + (ptrdiff_t)m * SYI_TILE;
    switch (c->link) {
    case SY_LINK_LOGIT:
        syi_vec_logistic(simd, SYI_TILE, z, cdf, upper, NULL);
        for (int i = 0; i < SYI_TILE; i++) density[i] = cdf[i] * upper[i];
        return;
    case SY_LINK_PROBIT:
        for (int i = 0; i < SYI_TILE; i++) t->work[i] = -z[i];
        syi_vec_normal(simd, SYI_TILE, z, cdf, NULL, NULL);
        syi_vec_normal(simd, SYI_TILE, t->work, upper, NULL, NULL);
        syi_vec_normal_density(simd, SYI_TILE, z, density);
        return;
    case SY_LINK_CLOGLOG:
        syi_vec_cloglog(simd, SYI_TILE, z, cdf, upper, NULL);
        syi_vec_exp(simd, SYI_TILE, z, t->work);
        for (int i = 0; i < SYI_TILE; i++) t->work[i] = z[i] - t->work[i];
        syi_vec_exp(simd, SYI_TILE, t->work, density);
        return;
    case SY_LINK_LOG:
        syi_vec_exp(simd, SYI_TILE, z, cdf);
        memcpy(density, cdf, SYI_TILE * sizeof *cdf);
        for (int i = 0; i < SYI_TILE; i++) upper[i] = 0;
    }
}

void syi_curves_bend(const syi_curves *c, int simd, const syi_curve_tile *t, int m, double *bend)
{
    const double *z = t->z + (ptrdiff_t)m * SYI_TILE, *cdf = t->cdf + (ptrdiff_t)m * SYI_TILE;
    const double *upper = t->upper + (ptrdiff_t)m * SYI_TILE, *density = t->density + (ptrdiff_t)m * SYI_TILE;
    if (c->link == SY_LINK_CLOGLOG) syi_vec_exp(simd, SYI_TILE, z, t->work);
    for (int i = 0; i < SYI_TILE; i++) {
        if (c->link == SY_LINK_LOGIT) bend[i] = density[i] * (upper[i] - cdf[i]);
        else if (c->link == SY_LINK_PROBIT) bend[i] = -z[i] * density[i];
        else if (c->link == SY_LINK_LOG) bend[i] = density[i];
        else bend[i] = density[i] > 0 ? density[i] * (1 - t->work[i]) : 0;
    }
}

static void clear_unweighted(const syi_curves *c, const double *weight, const syi_curve_tile *t)
{
    for (int part = 0; part < SYI_PARTS; part++) {
        if (!c->has[part]) continue;
        for (int j = 0; j < c->part[part].p; j++)
            for (int i = 0; i < SYI_TILE; i++)
                if (weight[i] == 0) t->x[part][(ptrdiff_t)j * SYI_TILE + i] = 0;
    }
    for (int i = 0; i < SYI_TILE; i++)
        if (weight[i] == 0) t->eta[i] = 0;
}

void syi_curves_read(const syi_curves *c, int simd, const ptrdiff_t *row, int len, const double *weight,
                     const syi_curve_tile *t, unsigned char *used)
{
    unsigned char own[SYI_TILE];
    memset(t->eta, 0, SYI_TILE * sizeof *t->eta);
    memset(used, 1, SYI_TILE);
    if (c->offset) syi_column_values(c->offset, row, 0, len, t->eta);
    for (int part = 0; part < SYI_PARTS; part++) {
        if (!c->has[part]) continue;
        syi_model_predictors(&c->part[part], row, len, t->x[part], NULL, own);
        for (int i = 0; i < SYI_TILE; i++) used[i] &= own[i];
    }
    if (weight) clear_unweighted(c, weight, t);
    combine(c, t->x, SYI_LOCATION, 1, 0, t->eta);
    if (c->kind != SY_RESPONSE_ORDINAL) {
        memcpy(t->z, t->eta, SYI_TILE * sizeof *t->z);
        distribution(c, simd, t, 0);
        return;
    }
    memset(t->work, 0, SYI_TILE * sizeof *t->work);
    combine(c, t->x, SYI_SPREAD, 1, 0, t->work);
    for (int i = 0; i < SYI_TILE; i++) t->work[i] = -t->work[i];
    syi_vec_exp(simd, SYI_TILE, t->work, t->rate);
    for (int m = 0; m < c->n_curves; m++) {
        double *z = t->z + (ptrdiff_t)m * SYI_TILE;
        threshold(c, t->x, m, 1, t->work, z);
        for (int i = 0; i < SYI_TILE; i++) z[i] = (z[i] - t->eta[i]) * t->rate[i];
        distribution(c, simd, t, m);
    }
}

static void add_product(const double *a, const double *b, double factor, double *out)
{
    for (int i = 0; i < SYI_TILE; i++) out[i] += factor * (a[i] * b[i]);
}

void syi_curves_gradient(const syi_curves *c, const syi_curve_tile *t, int m, const double *coef, double *out)
{
    const double *scaled = coef, *z = t->z + (ptrdiff_t)m * SYI_TILE;
    const int ordinal = c->kind == SY_RESPONSE_ORDINAL;
    double own[SYI_TILE], turned[SYI_TILE];
    for (int i = 0; ordinal && i < SYI_TILE; i++) own[i] = coef[i] * t->rate[i];
    if (ordinal) scaled = own;
    for (int q = 0; q < c->each; q++) {
        const double weight = c->map[m * c->each + q];
        if (weight == 0) continue;
        for (int i = 0; i < SYI_TILE; i++) out[(ptrdiff_t)q * SYI_TILE + i] += weight * scaled[i];
        for (int j = 0; j < c->count[SYI_NOMINAL]; j++)
            add_product(scaled, column_of(c, t->x, SYI_NOMINAL, j), weight,
                        out + (ptrdiff_t)(c->first[SYI_NOMINAL] + j * c->each + q) * SYI_TILE);
    }
    for (int j = 0; j < c->count[SYI_LOCATION]; j++)
        add_product(scaled, column_of(c, t->x, SYI_LOCATION, j), ordinal ? -1 : 1,
                    out + (ptrdiff_t)(c->first[SYI_LOCATION] + j) * SYI_TILE);
    for (int i = 0; i < SYI_TILE && c->count[SYI_SPREAD] > 0; i++) turned[i] = coef[i] * z[i];
    for (int j = 0; j < c->count[SYI_SPREAD]; j++)
        add_product(turned, column_of(c, t->x, SYI_SPREAD, j), -1,
                    out + (ptrdiff_t)(c->first[SYI_SPREAD] + j) * SYI_TILE);
}

/* work [SYI_TILE] = s''c */
static void spread_slope(const syi_curves *c, double *const *moved, double *work)
{
    memset(work, 0, SYI_TILE * sizeof *work);
    combine(c, moved, SYI_SPREAD, 1, 0, work);
}

void syi_curves_slope(const syi_curves *c, const syi_curve_tile *t, double *const *moved, int m, double *slope)
{
    double eta[SYI_TILE] = {0}, spread[SYI_TILE];
    const double *z = t->z + (ptrdiff_t)m * SYI_TILE;
    combine(c, moved, SYI_LOCATION, 1, 0, eta);
    if (c->kind != SY_RESPONSE_ORDINAL) {
        memcpy(slope, eta, SYI_TILE * sizeof *slope);
        return;
    }
    spread_slope(c, moved, spread);
    threshold(c, moved, m, 0, t->work, slope);
    for (int i = 0; i < SYI_TILE; i++) slope[i] = (slope[i] - eta[i]) * t->rate[i] - z[i] * spread[i];
}

void syi_curves_slope_gradient(const syi_curves *c, const syi_curve_tile *t, double *const *moved, int m,
                               const double *slope, const double *coef, double *out)
{
    const int ordinal = c->kind == SY_RESPONSE_ORDINAL;
    const double *z = t->z + (ptrdiff_t)m * SYI_TILE;
    double scaled[SYI_TILE], turned[SYI_TILE], spread[SYI_TILE];
    spread_slope(c, moved, spread);
    for (int i = 0; i < SYI_TILE; i++) scaled[i] = ordinal ? coef[i] * t->rate[i] : coef[i];
    for (int i = 0; i < SYI_TILE; i++) turned[i] = -scaled[i] * spread[i];
    for (int q = 0; q < c->each; q++) {
        const double weight = c->map[m * c->each + q];
        if (weight == 0) continue;
        for (int i = 0; i < SYI_TILE; i++) out[(ptrdiff_t)q * SYI_TILE + i] += weight * turned[i];
        for (int j = 0; j < c->count[SYI_NOMINAL]; j++) {
            double *to = out + (ptrdiff_t)(c->first[SYI_NOMINAL] + j * c->each + q) * SYI_TILE;
            add_product(scaled, column_of(c, moved, SYI_NOMINAL, j), weight, to);
            add_product(turned, column_of(c, t->x, SYI_NOMINAL, j), weight, to);
        }
    }
    for (int j = 0; j < c->count[SYI_LOCATION]; j++) {
        double *to = out + (ptrdiff_t)(c->first[SYI_LOCATION] + j) * SYI_TILE;
        add_product(scaled, column_of(c, moved, SYI_LOCATION, j), ordinal ? -1 : 1, to);
        if (c->count[SYI_SPREAD] > 0) add_product(turned, column_of(c, t->x, SYI_LOCATION, j), -1, to);
    }
    for (int i = 0; i < SYI_TILE; i++) turned[i] = coef[i] * slope[i];
    for (int i = 0; i < SYI_TILE; i++) scaled[i] = coef[i] * z[i];
    for (int j = 0; j < c->count[SYI_SPREAD]; j++) {
        double *to = out + (ptrdiff_t)(c->first[SYI_SPREAD] + j) * SYI_TILE;
        add_product(turned, column_of(c, t->x, SYI_SPREAD, j), -1, to);
        add_product(scaled, column_of(c, moved, SYI_SPREAD, j), -1, to);
    }
}
