/* Shares of the variance in a mixed model: fixed part, bar terms, what is left.
 *
 * The fixed part's is the variance of x'b over the rows, over n - 1; that of a bar
 * term with covariance G the mean of z'Gz over the rows, tr(G mean zz'), which
 * for an intercept is its variance; what is left is sigma^2, or the variance of
 * the link's distribution: pi^2/3, 1, pi^2/6 for logit, probit, complementary
 * log-log; for counts with a log link log(1 + 1/mu + 1/theta), mu = exp(b_0 + v/2)
 * of the model with neither terms nor anything but its bar terms, v their
 * variance. Marginal R2 = fixed / total, conditional R2 = (fixed + bar terms) /
 * total. Offsets are no part of it. Rows count by frequency weights; other
 * weights do not enter. Cost: n (p + q^2), and a null model for counts.
 * Nakagawa & Schielzeth 2013, doi:10.1111/j.2041-210x.2012.00261.x; Johnson 2014,
 * doi:10.1111/2041-210X.12225; Nakagawa, Johnson & Schielzeth 2017,
 * doi:10.1098/rsif.2017.0213.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/mixed/mixed_parameters_internal.h"
#include <string.h>

static const double pi_squared = 9.8696044010893586188;

enum { LOOK_UP = 8 };

/* Coefficients of the columns of the location part within `estimate`. */
static void pick_coefficients(const syi_bars *b, const syi_model *m, const double *estimate, int k, double *out)
{
    const sy_mixed_model *model = b->model;
    int at = 0, from = 0;
    if (!model->linear && model->response.kind == SY_RESPONSE_ORDINAL) {
        from = m->count[0];
        /* thresholds come first, scale parameters last; nominal terms are refused in mixed models */
        at = k - (m->p - from);
    }
    for (int c = 0; c < m->p; c++) {
        const double v = c < from ? 0 : estimate[at + c - from];
        out[c] = isnan(v) ? 0 : v;
    }
}

typedef struct {
    double weight, mean, square;
    syi_spread_sums *out;
} totals;

static void add_row(const syi_bars *b, totals *s, double weight, double eta, const double *z)
{
    const double away = eta - s->mean;
    s->weight += weight;
    s->mean += away * weight / s->weight;
    s->square += weight * away * (eta - s->mean);
    for (int k = 0; k < b->n_bars; k++) {
        const syi_bar *bar = &b->bar[k];
        double *out = s->out->second + bar->first_entry;
        for (int i = 0; i < bar->q; i++)
            for (int j = 0; j < bar->q; j++)
                out[i * bar->q + j] +=
                    weight * z[(bar->first_effect + i) * SYI_TILE] * z[(bar->first_effect + j) * SYI_TILE];
    }
}

/* Scratch of a tile. */
typedef struct {
    double *coefficient, *x, *z;
    int32_t *level;
} tile_room;

static void add_tile(const syi_bars *b, const syi_model *m, const tile_room *r, const ptrdiff_t *row, int len,
                     totals *s)
{
    double y[SYI_TILE], w[SYI_TILE];
    unsigned char used[SYI_TILE];
    const int frequency = m->design->weights && m->design->weight_kind == SY_WEIGHT_FREQUENCY;
    syi_model_tile(m, row, len, r->x, y, w, used);
    syi_bars_tile(b, row, len, r->z, r->level);
    for (int i = 0; i < len; i++) {
        double eta = 0;
        if (!used[i]) continue;
        for (int c = 0; c < m->p; c++) eta += r->coefficient[c] * r->x[(ptrdiff_t)c * SYI_TILE + i];
        add_row(b, s, frequency ? w[i] : 1, eta, r->z + i);
    }
}

sy_status syi_mixed_pass(sy_context *ctx, const syi_bars *b, const double *estimate, int k, syi_spread_sums *out)
{
    sy_linear_model columns = b->model->response.columns;
    syi_model m = {0};
    tile_room r = {0};
    totals total = {.out = out};
    ptrdiff_t row[SYI_TILE];
    columns.outcome = b->one;
    sy_status s = syi_model_init(ctx, &b->own, &columns, &m);
    if (s < 0) return s;
    r.coefficient = syi_alloc((size_t)m.p + 1, sizeof(double));
    r.x = syi_alloc((size_t)m.p * SYI_TILE + 1, sizeof(double));
    r.z = syi_alloc((size_t)b->n_effects * SYI_TILE, sizeof(double));
    r.level = syi_alloc((size_t)b->n_factors * SYI_TILE, sizeof(int32_t));
    if (!r.coefficient || !r.x || !r.z || !r.level)
        s = syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d columns", m.p);
    memset(out->second, 0, (size_t)b->entries * sizeof *out->second);
    if (s >= 0) pick_coefficients(b, &m, estimate, k, r.coefficient);
    for (ptrdiff_t at = 0; at < b->own.n && s >= 0; at += SYI_TILE) {
        const int len = b->own.n - at < SYI_TILE ? (int)(b->own.n - at) : SYI_TILE;
        for (int i = 0; i < SYI_TILE; i++) row[i] = at + (i < len ? i : 0);
        add_tile(b, &m, &r, row, len, &total);
        if (at / SYI_TILE % LOOK_UP == 0) s = syi_serial_stopped(ctx);
    }
    out->rows = total.weight;
    out->fixed = total.square / (total.weight - 1);
    for (int e = 0; e < b->entries; e++) out->second[e] /= total.weight;
    SYI_FREE(r.coefficient);
    SYI_FREE(r.x);
    SYI_FREE(r.z);
    SYI_FREE(r.level);
    syi_model_free(&m);
    return s;
}

void syi_mixed_bar_variances(const syi_bars *b, const double *theta, const double *second, double *variance)
{
    for (int k = 0; k < b->n_bars; k++) {
        const syi_bar *bar = &b->bar[k];
        const double *zz = second + bar->first_entry;
        variance[k] = 0;
        for (int c = 0; c < bar->q; c++)
            for (int i = c; i < bar->q; i++)
                for (int j = c; j < bar->q; j++) {
                    const int a = syi_bar_theta(bar, i, c), e = syi_bar_theta(bar, j, c);
                    if (a >= 0 && e >= 0) variance[k] += theta[a] * theta[e] * zz[i * bar->q + j];
                }
    }
}

/* mu of a count model without terms. */
static sy_status null_mean(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                           const sy_mixed_options *options, double *mu)
{
    sy_mixed_model null = *model;
    sy_mixed_shape shape;
    sy_mixed_summary summary;
    syi_bars b = {0};
    double *room = NULL;
    null.response.columns.n_terms = 0;
    null.response.columns.intercept = 1;
    sy_status s = sy_mixed_shape_of(ctx, design, &null, &shape);
    if (s >= 0) s = syi_bars_init(ctx, design, &null, &b);
    if (s < 0) goto out;
    const size_t k = (size_t)shape.k, t = (size_t)shape.n_theta, entries = (size_t)shape.entries;
    room = syi_alloc(2 * k + k * k + t + 2 * entries + (size_t)shape.n_modes + (size_t)b.n_bars, sizeof *room);
    if (!room) {
        s = syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for the null model");
        goto out;
    }
    double *estimate = room, *theta = estimate + k, *variance = theta + t, *second = variance + entries;
    double *covariance = second + entries, *modes = covariance + k * k, *bars = modes + shape.n_modes;
    const sy_mixed_fit fit = {.estimate = estimate,
                              .aliased = (int *)(bars + b.n_bars),
                              .covariance = covariance,
                              .theta = theta,
                              .variance = variance,
                              .modes = modes};
    syi_spread_sums sums = {.second = second};
    s = sy_mixed(ctx, design, &null, options, &summary, &fit);
    if (s >= 0) s = syi_mixed_pass(ctx, &b, estimate, shape.k, &sums);
    if (s < 0) goto out;
    syi_mixed_bar_variances(&b, theta, second, bars);
    *mu = estimate[0];
    for (int j = 0; j < b.n_bars; j++) *mu += bars[j] / 2;
    *mu = exp(*mu);
out:
    SYI_FREE(room);
    syi_bars_free(&b);
    return s;
}

sy_status syi_mixed_link_variance(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                                  const sy_mixed_options *options, double theta_count, double *variance)
{
    const sy_response_kind kind = model->response.kind;
    double mu = 1;
    *variance = 1;
    if (model->linear) return SY_OK;
    if (kind == SY_RESPONSE_BINARY || kind == SY_RESPONSE_ORDINAL) {
        if (model->response.link == SY_LINK_LOGIT) *variance = pi_squared / 3;
        if (model->response.link == SY_LINK_CLOGLOG) *variance = pi_squared / 6;
        return SY_OK;
    }
    const sy_status s = null_mean(ctx, design, model, options, &mu);
    *variance = log1p(1 / mu + (kind == SY_RESPONSE_NEGATIVE_BINOMIAL && isfinite(theta_count) ? 1 / theta_count : 0));
    return s;
}

static void summarise(const syi_bars *b, double unit, double link, const syi_spread_sums *sums, double *variance,
                      sy_mixed_explained_summary *out)
{
    double random = 0;
    for (int k = 0; k < b->n_bars; k++) {
        variance[k] *= unit;
        random += variance[k];
    }
    *out = (sy_mixed_explained_summary){.fixed = sums->fixed, .residual = unit * link};
    out->total = out->fixed + random + out->residual;
    out->marginal = out->fixed / out->total;
    out->conditional = (out->fixed + random) / out->total;
    out->icc_adjusted = random / (random + out->residual);
    out->icc_unadjusted = random / out->total;
}

sy_status sy_mixed_explained(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                             const sy_mixed_fitted *fitted, sy_mixed_explained_summary *summary, double *variance,
                             double *icc)
{
    syi_bars b = {0};
    sy_mixed_shape shape;
    double *room = NULL, link = 1;
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    sy_status s = sy_mixed_shape_of(ctx, design, model, &shape);
    if (s >= 0) s = syi_bars_init(ctx, design, model, &b);
    if (s < 0) goto out;
    room = syi_alloc((size_t)b.entries + (size_t)b.n_bars, sizeof *room);
    if (!room) {
        s = syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d bar terms", b.n_bars);
        goto out;
    }
    syi_spread_sums sums = {.second = room};
    double *bars = room + b.entries;
    s = syi_mixed_pass(ctx, &b, fitted->estimate, shape.k, &sums);
    if (s >= 0) s = syi_mixed_link_variance(ctx, design, model, NULL, fitted->theta_count, &link);
    if (s < 0) goto out;
    syi_mixed_bar_variances(&b, fitted->theta, sums.second, bars);
    summarise(&b, model->linear ? fitted->sigma * fitted->sigma : 1, link, &sums, bars, summary);
    const double within = summary->total - summary->fixed;
    for (int k = 0; k < b.n_bars; k++) {
        if (variance) variance[k] = bars[k];
        if (icc) icc[k] = bars[k] / within;
    }
out:
    SYI_FREE(room);
    syi_bars_free(&b);
    return s < 0 ? s : syi_status_of_remarks(ctx, first);
}
