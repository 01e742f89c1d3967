/* Linear predictors, fitted means, Pearson's chi-squared and the saturated
 * log-likelihood, by rows.
 *
 * Pearson: sum of w (y - mean)^2 / variance. Saturated: each row at the mean it
 * has itself; binary y log(y / m) + (m - y) log(1 - y / m), Poisson 0 (value is
 * against it), negative binomial with its theta
 * r(y) + y log y - (y + theta) log(1 + y / theta), r of count_rising.c.
 * Cost: a pass without derivatives.
 * McCullagh & Nelder 1989, Generalized Linear Models, section 2.3; Venables &
 * Ripley 2002, doi:10.1007/978-0-387-21706-2, section 7.4.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/lanes_internal.h"
#include "algebra/vector_math_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/response/fitted_internal.h"
#include "models/response/ordinal_internal.h"
#include "models/response/predictor_internal.h"
#include <math.h>
#include <string.h>

enum { LOOK_UP = 64 };

typedef struct {
    const syi_likelihood *l;
    const double *theta;
    int simd, location; /* where the location parameters begin */
    double shift;       /* x'b of the columns' centres (ordinal) */
    syi_rising rising;
    double *eta, *mean, *upper, *work, *category; /* planes; category [n_levels] of them */
    syi_dd pearson, saturated;
} walk;

static void means(walk *w, int len)
{
    if (w->l->kind != SY_RESPONSE_BINARY) syi_vec_exp(w->simd, len, w->eta, w->mean);
    else if (w->l->link == SY_LINK_LOGIT) syi_vec_logistic(w->simd, len, w->eta, w->mean, w->upper, NULL);
    else if (w->l->link == SY_LINK_CLOGLOG) syi_vec_cloglog(w->simd, len, w->eta, w->mean, w->upper, NULL);
    else {
        syi_vec_normal(w->simd, len, w->eta, w->mean, NULL, NULL);
        for (int i = 0; i < len; i++) w->upper[i] = -w->eta[i];
        syi_vec_normal(w->simd, len, w->upper, w->upper, NULL, NULL);
    }
}

/* y log(y / m) */
static double part_log(double y, double m)
{
    return y > 0 ? y * log(y / m) : 0;
}

static void add_row(walk *w, ptrdiff_t at, int i, double r, double grown)
{
    const syi_packed *rows = w->l->rows;
    const double y = rows->y[at], weight = rows->weight[at], mu = w->mean[i];
    double spread = mu, gap = y - mu, most = 0;
    if (w->l->kind == SY_RESPONSE_BINARY) {
        const double m = rows->trials ? rows->trials[at] : 1;
        gap = y * w->upper[i] - (m - y) * mu;
        spread = m * mu * w->upper[i];
        most = part_log(y, m) + part_log(m - y, m);
    } else if (w->l->kind == SY_RESPONSE_NEGATIVE_BINOMIAL) {
        spread = mu + mu * mu / w->rising.theta;
        most = r + (y > 0 ? y * log(y) : 0) - (y + w->rising.theta) * grown;
    }
    if (gap != 0) w->pearson = syi_dd_add(w->pearson, syi_dd_of(weight * (gap * gap / spread)));
    w->saturated = syi_dd_add(w->saturated, syi_dd_of(weight * most));
}

static void add_tile(walk *w, ptrdiff_t first, int len, int padded)
{
    const syi_packed *rows = w->l->rows;
    double r[SYI_TILE], s1[SYI_TILE], s2[SYI_TILE];
    const int negative = w->l->kind == SY_RESPONSE_NEGATIVE_BINOMIAL;
    if (negative) {
        syi_rising_rows(w->simd, &w->rising, padded, rows->y + first, r, s1, s2);
        for (int i = 0; i < padded; i++) w->work[i] = rows->y[first + i] / w->rising.theta;
        syi_vec_log1p(w->simd, padded, w->work, w->work);
    }
    for (int i = 0; i < len; i++) add_row(w, first + i, i, negative ? r[i] : 0, negative ? w->work[i] : 0);
}

static void put_categories(walk *w, ptrdiff_t first, int len, int padded, double *fitted)
{
    const syi_packed *rows = w->l->rows;
    const syi_ordinal_rows tile = {.link = w->l->link,
                                   .thresholds = w->l->thresholds,
                                   .n_levels = rows->n_levels,
                                   .p = rows->p,
                                   .n_nominal = rows->n_nominal,
                                   .n_spread = rows->n_spread,
                                   .theta = w->theta,
                                   .step = rows->stride,
                                   .x = rows->x + first,
                                   .nominal = rows->nominal + first,
                                   .spread = rows->spread + first,
                                   .offset = rows->offset ? rows->offset + first : NULL};
    syi_ordinal_categories(w->simd, &tile, padded, w->category, NULL);
    for (int i = 0; i < len; i++)
        for (int c = 0; c < rows->n_levels; c++)
            fitted[rows->row[first + i] * rows->n_levels + c] = w->category[c * rows->stride + i];
}

static void one_tile(walk *w, ptrdiff_t first, double *linear, double *fitted, int sums)
{
    const syi_packed *rows = w->l->rows;
    const int len = rows->n - first < SYI_TILE ? (int)(rows->n - first) : SYI_TILE, padded = (len + 7) / 8 * 8;
    const int ordinal = w->l->kind == SY_RESPONSE_ORDINAL;
    if (rows->offset) memcpy(w->eta, rows->offset + first, (size_t)padded * sizeof *w->eta);
    else memset(w->eta, 0, (size_t)padded * sizeof *w->eta);
    syi_vec_combine(w->simd, padded, rows->p, rows->x + first, rows->stride, w->theta + w->location, w->eta);
    for (int i = 0; linear && i < len; i++) linear[rows->row[first + i]] = w->eta[i] + w->shift;
    if (ordinal && fitted) put_categories(w, first, len, padded, fitted);
    if (ordinal || (!fitted && !sums)) return;
    means(w, padded);
    for (int i = 0; fitted && i < len; i++) fitted[rows->row[first + i]] = w->mean[i];
    if (sums) add_tile(w, first, len, padded);
}

sy_status syi_response_rows(sy_context *ctx, const syi_likelihood *l, const double *theta, ptrdiff_t n, double *linear,
                            double *fitted, syi_fit_sums *sums)
{
    const syi_packed *rows = l->rows;
    const int ordinal = l->kind == SY_RESPONSE_ORDINAL, each = ordinal ? rows->n_levels : 1;
    const size_t category = ordinal && fitted ? (size_t)rows->n_levels * (size_t)rows->stride : 0;
    walk w = {.l = l, .theta = theta, .simd = syi_lanes_width(ctx->simd), .rising = {.theta = 1}};
    sy_status status = SY_OK;
    double *memory = syi_alloc(4 * SYI_TILE + category, sizeof *memory);
    if (!memory) return syi_fail(ctx, SY_ENOMEM, "response: out of memory for %td rows", n);
    w.eta = memory;
    w.mean = memory + SYI_TILE;
    w.upper = w.mean + SYI_TILE;
    w.work = w.upper + SYI_TILE;
    w.category = w.work + SYI_TILE;
    w.location = ordinal ? syi_thresholds_free(l->thresholds, rows->n_levels) * (1 + rows->n_nominal) : 0;
    for (int c = 0; ordinal && c < rows->p; c++) w.shift += theta[w.location + c] * rows->centre[c] / rows->scale[c];
    if (l->kind == SY_RESPONSE_NEGATIVE_BINOMIAL) syi_rising_init(w.simd, theta[l->k - 1], &w.rising);
    for (ptrdiff_t i = 0; linear && i < n; i++) linear[i] = NAN;
    for (ptrdiff_t i = 0; fitted && i < n * each; i++) fitted[i] = NAN;
    for (ptrdiff_t at = 0, done = 1; at < rows->n; at += SYI_TILE, done++) {
        one_tile(&w, at, linear, fitted, sums != NULL);
        if (done % LOOK_UP == 0 && syi_serial_stopped(ctx) != SY_OK) {
            status = SY_EINTR;
            break;
        }
    }
    if (sums) *sums = (syi_fit_sums){syi_dd_round(w.pearson), syi_dd_round(w.saturated)};
    SYI_FREE(memory);
    return status;
}
