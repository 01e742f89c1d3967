/* A mixed model as a game: its fixed part divides the marginal R2, whose
 * denominator is that of the full model: variance of the fixed part, of the
 * effects of all groups, and what is left [Nakagawa & Schielzeth 2013,
 * doi:10.1111/j.2041-210x.2012.00261.x; Johnson 2014, doi:10.1111/2041-210X.12225].
 *
 * Linear models are refitted from the moments by group, with the variances of
 * the full fit as the start; the others by sy_mixed with terms left out.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/mixed/mixed_internal.h"
#include "models/response/packed_internal.h"
#include "shares/fitted/fitted_game_internal.h"
#include "shares/fitted/spread_internal.h"
#include "steelyard/mixed_inference.h"
#include <math.h>
#include <string.h>

typedef struct {
    const sy_design *design;
    const sy_fitted_question *question;
    sy_mixed_shape shape;
    double *estimate, *covariance, *theta; /* of the full fit, as sy_mixed gives them */
    int *aliased, *place;                  /* place [k in use]: among the shape.k */
    double sigma, theta_count;
    int linear;
    syi_lmm lmm;
    double *start; /* [n_theta] for refits */
} mixed_state;

static void free_state(syi_fitted *f)
{
    mixed_state *s = f->state;
    if (!s) return;
    if (s->linear) syi_lmm_free(&s->lmm);
    SYI_FREE(s->estimate);
    SYI_FREE(s->covariance);
    SYI_FREE(s->theta);
    SYI_FREE(s->aliased);
    SYI_FREE(s->place);
    SYI_FREE(s->start);
    SYI_FREE(f->state);
}

/* Parameters in use are the columns of the linear problem: the same places. */
static sy_status refit_linear(sy_context *ctx, const syi_fitted *f, const unsigned char *use, double *theta,
                              double *loglik, int *good)
{
    const mixed_state *s = f->state;
    syi_lmm_report report;
    syi_lmm_value value = {.beta = theta};
    memcpy(s->start, s->theta, (size_t)s->shape.n_theta * sizeof *s->start);
    sy_status status = syi_lmm_minimise(ctx, &s->lmm, use, &s->question->fit, s->start, &report);
    if (status < 0) return status;
    status = s->lmm.evaluate(ctx, &s->lmm, s->start, use, &value);
    *loglik = -0.5 * value.criterion;
    *good = report.converged;
    return status;
}

/* The model with those terms alone of which a parameter is used. */
static sy_status refit_rows(sy_context *ctx, const syi_fitted *f, const unsigned char *use, double *theta,
                            double *loglik, int *good)
{
    const mixed_state *s = f->state;
    const sy_linear_model *columns = &s->question->model.response.columns;
    sy_mixed_model model = s->question->model;
    const int first_remark = ctx->n_remarks;
    int *terms = syi_alloc((size_t)columns->n_terms + 1, sizeof *terms), *aliased = NULL, n = 0;
    double *room = NULL;
    sy_mixed_summary summary;
    sy_mixed_shape shape;
    sy_status status = terms ? SY_OK : syi_fail(ctx, SY_ENOMEM, "model: out of memory");
    if (status < 0) goto out;
    for (int t = 0; t < columns->n_terms; t++) {
        int used = 0;
        for (int j = 0; j < f->k; j++) used |= use[j] && f->term[j] == columns->terms[t];
        if (used) terms[n++] = columns->terms[t];
    }
    model.response.columns.terms = terms;
    model.response.columns.n_terms = n;
    status = sy_mixed_shape_of(ctx, s->design, &model, &shape);
    if (status < 0) goto out;
    const size_t k = (size_t)shape.k;
    room = syi_alloc(k + k * k + (size_t)(shape.n_theta + shape.entries) + (size_t)shape.n_modes, sizeof *room);
    aliased = syi_alloc(k, sizeof *aliased);
    if (!room || !aliased) {
        status = syi_fail(ctx, SY_ENOMEM, "model: out of memory for %d parameters", shape.k);
        goto out;
    }
    const sy_mixed_fit fit = {.estimate = room,
                              .aliased = aliased,
                              .covariance = room + k,
                              .theta = room + k + k * k,
                              .variance = room + k + k * k + shape.n_theta,
                              .modes = room + k + k * k + shape.n_theta + shape.entries};
    status = sy_mixed(ctx, s->design, &model, &s->question->fit, &summary, &fit);
    if (status < 0) goto out;
    *loglik = summary.loglik;
    *good = summary.converged;
    /* parameters come in the same order, without those left out */
    int at = 0;
    for (int j = 0; j < f->k; j++) {
        theta[j] = 0;
        if (!use[j]) continue;
        while (at < shape.k && aliased[at]) at++;
        if (at < shape.k) theta[j] = room[at++];
    }
out:
    ctx->n_remarks = first_remark;
    SYI_FREE(terms);
    SYI_FREE(aliased);
    SYI_FREE(room);
    return status;
}

static sy_status fit_full(sy_context *ctx, mixed_state *s, syi_fitted *f)
{
    const sy_mixed_model *model = &s->question->model;
    sy_mixed_summary summary;
    double *rest = NULL;
    sy_status status = sy_mixed_shape_of(ctx, s->design, model, &s->shape);
    if (status < 0) return status;
    const size_t k = (size_t)s->shape.k;
    s->estimate = syi_alloc(k, sizeof(double));
    s->covariance = syi_alloc(k * k, sizeof(double));
    s->theta = syi_alloc((size_t)s->shape.n_theta, sizeof(double));
    s->start = syi_alloc((size_t)s->shape.n_theta, sizeof(double));
    s->aliased = syi_alloc(k, sizeof(int));
    s->place = syi_alloc(k + 1, sizeof(int));
    rest = syi_alloc((size_t)s->shape.entries + (size_t)s->shape.n_modes, sizeof *rest);
    if (!s->estimate || !s->covariance || !s->theta || !s->start || !s->aliased || !s->place || !rest) {
        SYI_FREE(rest);
        return syi_fail(ctx, SY_ENOMEM, "model: out of memory for %d parameters", s->shape.k);
    }
    const sy_mixed_fit fit = {.estimate = s->estimate,
                              .aliased = s->aliased,
                              .covariance = s->covariance,
                              .theta = s->theta,
                              .variance = rest,
                              .modes = rest + s->shape.entries};
    status = sy_mixed(ctx, s->design, model, &s->question->fit, &summary, &fit);
    SYI_FREE(rest);
    s->sigma = summary.sigma;
    s->theta_count = summary.theta_count;
    f->n = summary.n;
    f->loglik = summary.loglik;
    return status;
}

/* information = covariance^-1 of the parameters in use. */
static sy_status set_information(sy_context *ctx, const mixed_state *s, syi_fitted *f)
{
    const int k = f->k;
    double *l = syi_alloc(2 * (size_t)k * (size_t)k + 1, sizeof *l);
    if (!l) return syi_fail(ctx, SY_ENOMEM, "model: out of memory for %d parameters", k);
    for (int i = 0; i < k; i++) {
        f->theta[i] = s->estimate[s->place[i]];
        for (int j = 0; j < k; j++) l[i * k + j] = s->covariance[s->place[i] * s->shape.k + s->place[j]];
    }
    sy_status status = SY_OK;
    if (syi_cholesky_plain(k, l, 1e-14)) {
        syi_cholesky_plain_root(k, l, l + (ptrdiff_t)k * k);
        syi_cholesky_plain_inverse(k, l + (ptrdiff_t)k * k, f->information);
    } else status = syi_fail(ctx, SY_EDATA, "model: the covariance of its coefficients is singular");
    SYI_FREE(l);
    return status;
}

static sy_status set_parts(sy_context *ctx, const mixed_state *s, syi_fitted *f)
{
    const sy_mixed_fitted fitted = {
        .estimate = s->estimate, .theta = s->theta, .sigma = s->sigma, .theta_count = s->theta_count};
    sy_mixed_explained_summary e;
    const sy_status status = sy_mixed_explained(ctx, s->design, &s->question->model, &fitted, &e, NULL, NULL);
    if (status < 0) return status;
    f->groups_variance = e.total - e.fixed - e.residual;
    f->residual_variance = e.residual;
    f->whole_variance = syi_fitted_form(f->k, f->spread, f->theta) + f->groups_variance + f->residual_variance;
    return SY_OK;
}

/* Levels of the clusters: those given, else the first bar term's group. */
static const sy_column *clusters_of(const sy_design *design, const sy_mixed_model *model)
{
    return design->cluster ? design->cluster : model->random[0].group;
}

static int cluster_at(const sy_column *c, ptrdiff_t row)
{
    const double level = syi_column_value(c, row);
    return isnan(level) ? -1 : (int)level;
}

/* Over n - 1, as marginal R2 has it. */
static void copy_spread(const syi_spread_sums *sums, int from, int to, const double *unit, syi_fitted *f)
{
    const double less_one = sums->weight / (sums->weight - 1);
    for (int i = from; i < sums->p; i++)
        for (int j = from; j < sums->p; j++) {
            const ptrdiff_t at = (ptrdiff_t)(to + i) * f->k + to + j;
            f->spread[at] = syi_spread_total(sums, i, j) * less_one * unit[i] * unit[j];
            f->between[at] = syi_spread_between(sums, i, j) * less_one * unit[i] * unit[j];
        }
}

/* Columns of a linear model, tile by tile. */
static sy_status spread_linear(sy_context *ctx, const mixed_state *s, syi_fitted *f)
{
    const syi_lmm_rows *rows = s->lmm.rows;
    const sy_column *clusters = clusters_of(s->design, &s->question->model);
    const int repeated = s->design->weight_kind == SY_WEIGHT_FREQUENCY;
    const size_t tile = SYI_TILE, columns = (size_t)rows->p + 1, effects = (size_t)rows->bars.n_effects;
    double *x = syi_alloc(tile * (columns + 1 + effects) + syi_lmm_rows_room(rows) + columns, sizeof *x);
    int32_t *level = syi_alloc(tile * (size_t)rows->bars.n_factors, sizeof *level);
    syi_spread_sums sums = {0};
    sy_status status = syi_spread_open(ctx, rows->p, clusters->n_levels, &sums);
    if (status >= 0 && (!x || !level)) status = syi_fail(ctx, SY_ENOMEM, "model: out of memory for its columns");
    for (ptrdiff_t done = 0; done < s->design->n && status >= 0; done += SYI_TILE) {
        const int len = s->design->n - done < SYI_TILE ? (int)(s->design->n - done) : SYI_TILE;
        ptrdiff_t row[SYI_TILE];
        unsigned char used[SYI_TILE];
        double *w = x + tile * columns, *z = w + tile;
        for (int i = 0; i < len; i++) row[i] = done + i;
        syi_lmm_rows_tile(rows, row, len, x, w, used, z, level, z + tile * effects);
        for (int i = 0; i < len; i++)
            if (used[i]) syi_spread_add(&sums, x + i, SYI_TILE, repeated ? w[i] : 1, cluster_at(clusters, row[i]));
    }
    if (status >= 0) {
        for (int c = 0; c < rows->p; c++) x[c] = 1 / rows->scale[c];
        copy_spread(&sums, 0, 0, x, f);
    }
    syi_spread_free(&sums);
    SYI_FREE(x);
    SYI_FREE(level);
    return status;
}

/* Columns of the others, from packed rows. */
static sy_status spread_packed(sy_context *ctx, const mixed_state *s, const sy_design *own, syi_fitted *f)
{
    const sy_column *clusters = clusters_of(s->design, &s->question->model);
    const int first_remark = ctx->n_remarks;
    const int repeated = s->design->weight_kind == SY_WEIGHT_FREQUENCY;
    syi_packed rows;
    syi_spread_sums sums = {0};
    sy_status status = syi_packed_init(ctx, own, &s->question->model.response, &rows);
    ctx->n_remarks = first_remark;
    if (status < 0) return status;
    status = syi_spread_open(ctx, rows.p, clusters->n_levels, &sums);
    for (ptrdiff_t i = 0; i < rows.n && status >= 0; i++)
        syi_spread_add(&sums, rows.x + i, rows.stride, repeated ? rows.weight[i] : 1,
                       cluster_at(clusters, rows.row[i]));
    int thresholds = 0;
    while (thresholds < s->shape.n_thresholds && !s->aliased[thresholds]) thresholds++;
    if (status >= 0) copy_spread(&sums, 0, thresholds, rows.scale, f);
    syi_spread_free(&sums);
    syi_packed_free(&rows);
    return status;
}

static sy_status name_parameters(sy_context *ctx, mixed_state *s, const syi_model *m, int ordinal, syi_fitted *f)
{
    const sy_linear_model *columns = &s->question->model.response.columns;
    int k = 0;
    for (int j = 0; j < s->shape.k; j++)
        if (!s->aliased[j]) s->place[k++] = j;
    const sy_status status = syi_fitted_room(ctx, k, 1, f);
    for (int i = 0; i < k && status >= 0; i++) {
        const int column = s->place[i] - s->shape.n_thresholds + ordinal;
        const int place = s->place[i] < s->shape.n_thresholds || column >= m->p ? -1 : syi_model_term_of(m, column);
        f->term[i] = place < 0 ? -1 : columns->terms[place];
    }
    return status;
}

static sy_status open_linear(sy_context *ctx, mixed_state *s, syi_fitted *f)
{
    const int first_remark = ctx->n_remarks;
    s->linear = 1;
    sy_status status = syi_lmm_init(ctx, s->design, &s->question->model, s->question->fit.reml, &s->lmm);
    ctx->n_remarks = first_remark;
    if (status >= 0) status = name_parameters(ctx, s, &s->lmm.rows->m, 0, f);
    if (status >= 0) status = spread_linear(ctx, s, f);
    f->refit = refit_linear;
    f->seconds = 30e-6 + 1e-8 * (double)s->shape.n_modes * (f->k + 2) * (f->k + 2) / 2;
    return status;
}

static sy_status open_rows(sy_context *ctx, mixed_state *s, syi_fitted *f)
{
    const int first_remark = ctx->n_remarks, ordinal = s->question->model.response.kind == SY_RESPONSE_ORDINAL;
    syi_bars bars = {0};
    syi_shadow shadow = {0};
    sy_status status = syi_bars_init(ctx, s->design, &s->question->model, &bars);
    if (status >= 0) status = syi_shadow_open(ctx, &bars.own, &s->question->model.response, &shadow);
    ctx->n_remarks = first_remark;
    if (status >= 0) status = name_parameters(ctx, s, &shadow.part[SYI_LOCATION], ordinal, f);
    if (status >= 0) status = spread_packed(ctx, s, &bars.own, f);
    f->refit = refit_rows;
    f->seconds = 60e-9 * (double)s->design->n * (f->k + 20);
    syi_shadow_free(&shadow);
    syi_bars_free(&bars);
    return status;
}

/* The likelihood of what is always there, where the measure needs it. */
static sy_status fit_parts(sy_context *ctx, const sy_fitted_question *q, syi_fitted *f)
{
    unsigned char *use = syi_alloc((size_t)f->k + 1, 1);
    double *theta = syi_alloc((size_t)f->k + 1, sizeof *theta);
    sy_status status = use && theta ? SY_OK : syi_fail(ctx, SY_ENOMEM, "model: out of memory");
    int more = 0, good;
    for (int j = 0; j < f->k && status >= 0; j++) use[j] = f->term[j] < 0;
    if (status >= 0) status = f->refit(ctx, f, use, theta, &f->loglik_null, &good);
    f->loglik_adjust = f->loglik_null;
    for (int j = 0; j < f->k && status >= 0; j++) {
        int found = f->term[j] < 0;
        for (int b = 0; b < q->n_blocks; b++)
            for (int t = 0; t < q->blocks[b].n_terms; t++) found |= 2 * (q->blocks[b].terms[t] == f->term[j]);
        more |= found == 0;
        use[j] = found < 2;
    }
    if (more && status >= 0) status = f->refit(ctx, f, use, theta, &f->loglik_adjust, &good);
    SYI_FREE(use);
    SYI_FREE(theta);
    return status;
}

sy_status syi_fitted_mixed(sy_context *ctx, const sy_design *design, const sy_fitted_question *question, syi_fitted *f)
{
    mixed_state *s = syi_alloc(1, sizeof *s);
    if (!s) return syi_fail(ctx, SY_ENOMEM, "model: out of memory");
    s->design = design;
    s->question = question;
    f->state = s;
    f->free_state = free_state;
    sy_status status = fit_full(ctx, s, f);
    if (status >= 0) status = question->model.linear ? open_linear(ctx, s, f) : open_rows(ctx, s, f);
    if (status >= 0) status = set_information(ctx, s, f);
    if (status >= 0) status = set_parts(ctx, s, f);
    if (status >= 0 && syi_fitted_by_loglik(f)) status = fit_parts(ctx, question, f);
    return status;
}
