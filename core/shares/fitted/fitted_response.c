/* A binary, count or ordinal model as a game: its packed rows, fitted once, and
 * refitted with parameters left out.
 *
 * Thresholds or the intercept, nominal and scale effects and log(theta) are
 * always there; the null model has the thresholds or the intercept alone (and
 * log(theta)), offset kept. Log-likelihoods of binary outcomes are those of the
 * single answers; of counts they have all their terms. Counts with a negative
 * binomial full fit whose theta is infinite are Poisson counts throughout.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/response/fitted_internal.h"
#include "models/response/likelihood_internal.h"
#include "models/response/packed_internal.h"
#include "shares/fitted/fitted_game_internal.h"
#include "shares/fitted/spread_internal.h"
#include <math.h>
#include <string.h>

typedef struct {
    syi_packed rows;
    syi_likelihood likelihood;
    double constant;
} response_state;

/* A parameter that is always there: also in the null model, or not. */
enum { ALWAYS = -1, ALWAYS_BUT_NULL = -2 };

static sy_status refit(sy_context *ctx, const syi_fitted *f, const unsigned char *use, double *theta, double *loglik,
                       int *good)
{
    const response_state *s = f->state;
    syi_likelihood l = s->likelihood;
    sy_response_options options;
    syi_newton_report report;
    sy_response_defaults(&options);
    l.use = use;
    const sy_status status = syi_newton(ctx, &l, &options, theta, NULL, NULL, &report);
    *loglik = report.loglik + s->constant;
    *good = report.converged && !report.separated;
    return status;
}

static void free_state(syi_fitted *f)
{
    response_state *s = f->state;
    if (s) syi_packed_free(&s->rows);
    SYI_FREE(f->state);
}

/* Terms of the parameters. */
static void name_parameters(const sy_response_model *model, const syi_shadow *shadow, const response_state *s,
                            syi_fitted *f)
{
    const int ordinal = model->kind == SY_RESPONSE_ORDINAL, first = s->likelihood.n_thresholds;
    const int each = ordinal ? syi_thresholds_free(model->thresholds, s->rows.n_levels) : 0;
    const int nominal = shadow->first[SYI_SPREAD] - shadow->first[SYI_NOMINAL], base = each * (1 + nominal);
    for (int j = 0; j < f->k; j++) f->term[j] = j < each ? ALWAYS : ALWAYS_BUT_NULL;
    for (int c = 0; c < s->rows.p; c++) {
        const int column = s->rows.column[c] - base + ordinal;
        const int place = syi_model_term_of(&shadow->part[SYI_LOCATION], column);
        f->term[first + c] = place < 0 ? ALWAYS : model->columns.terms[place];
    }
    if (model->kind == SY_RESPONSE_NEGATIVE_BINOMIAL) f->term[f->k - 1] = ALWAYS;
}

static sy_status set_spread(sy_context *ctx, const response_state *s, syi_fitted *f)
{
    const syi_packed *rows = &s->rows;
    const int p = rows->p, first = s->likelihood.n_thresholds;
    syi_spread_sums sums;
    const sy_status status = syi_spread_open(ctx, p, rows->cluster ? rows->n_clusters : 0, &sums);
    for (ptrdiff_t i = 0; i < rows->n && status >= 0; i++)
        syi_spread_add(&sums, rows->x + i, rows->stride, rows->weight[i] * (rows->trials ? rows->trials[i] : 1),
                       rows->cluster ? rows->cluster[i] : -1);
    for (int i = 0; i < p && status >= 0; i++)
        for (int j = 0; j < p; j++) {
            const ptrdiff_t at = (ptrdiff_t)(first + i) * f->k + first + j;
            f->spread[at] = syi_spread_total(&sums, i, j);
            if (f->between) f->between[at] = syi_spread_between(&sums, i, j);
        }
    f->n = sums.weight;
    syi_spread_free(&sums);
    return status;
}

/* The log-likelihood of a model that keeps parameters of `term` ALWAYS (null), or all that no block has. */
static sy_status fit_part(sy_context *ctx, const syi_fitted *f, const unsigned char *use, double *loglik)
{
    const response_state *s = f->state;
    double *theta = syi_alloc((size_t)f->k + 1, sizeof *theta);
    int good;
    if (!theta) return syi_fail(ctx, SY_ENOMEM, "model: out of memory for %d parameters", f->k);
    s->likelihood.start(&s->likelihood, theta);
    for (int j = 0; j < f->k; j++)
        if (!use[j]) theta[j] = 0;
    const sy_status status = refit(ctx, f, use, theta, loglik, &good);
    SYI_FREE(theta);
    return status;
}

static int in_blocks(const sy_fitted_question *q, int term)
{
    for (int b = 0; b < q->n_blocks; b++)
        for (int t = 0; t < q->blocks[b].n_terms; t++)
            if (q->blocks[b].terms[t] == term) return 1;
    return 0;
}

static sy_status fit_parts(sy_context *ctx, const sy_fitted_question *q, syi_fitted *f)
{
    unsigned char *use = syi_alloc((size_t)f->k + 1, 1);
    if (!use) return syi_fail(ctx, SY_ENOMEM, "model: out of memory for %d parameters", f->k);
    int more = 0;
    for (int j = 0; j < f->k; j++) use[j] = f->term[j] == ALWAYS;
    sy_status status = fit_part(ctx, f, use, &f->loglik_null);
    for (int j = 0; j < f->k; j++) {
        const int stays = f->term[j] < 0 || !in_blocks(q, f->term[j]);
        more |= stays && !use[j];
        use[j] = (unsigned char)stays;
    }
    f->loglik_adjust = f->loglik_null;
    if (more && status >= 0) status = fit_part(ctx, f, use, &f->loglik_adjust);
    SYI_FREE(use);
    return status;
}

static sy_status fit_full(sy_context *ctx, const response_state *s, syi_fitted *f)
{
    sy_response_options options;
    syi_newton_report report;
    sy_response_defaults(&options);
    s->likelihood.start(&s->likelihood, f->theta);
    const sy_status status = syi_newton(ctx, &s->likelihood, &options, f->theta, f->information, NULL, &report);
    if (status < 0) return status;
    f->loglik = report.loglik + s->constant;
    if (report.separated)
        return syi_fail(ctx, SY_EDATA,
                        "model: a column tells the outcome without error, so the full fit has no finite estimates to "
                        "share out; leave the column out or join levels");
    if (report.converged) return SY_OK;
    return syi_remark(ctx, SY_NOTE_NOT_CONVERGED, "", report.last_step,
                      "the full fit has not converged: its last step was %.2g", report.last_step);
}

/* Whether counts leave theta of the negative binomial without limit, with a remark. */
static sy_status theta_without_limit(sy_context *ctx, const sy_design *design, const sy_response_model *model, int *is)
{
    const int first = ctx->n_remarks;
    sy_response_shape shape;
    sy_response_options options;
    sy_response_summary summary = {.theta = NAN};
    double *estimate = NULL;
    int *aliased = NULL;
    *is = 0;
    if (model->kind != SY_RESPONSE_NEGATIVE_BINOMIAL) return SY_OK;
    sy_response_defaults(&options);
    sy_status status = sy_response_shape_of(ctx, design, model, &shape);
    if (status < 0) return status;
    const size_t k = (size_t)shape.k;
    estimate = syi_alloc(k * (k + 1), sizeof *estimate);
    aliased = syi_alloc(k, sizeof *aliased);
    if (!estimate || !aliased) status = syi_fail(ctx, SY_ENOMEM, "model: out of memory for %d parameters", shape.k);
    const sy_response_fit fit = {.estimate = estimate, .aliased = aliased, .covariance = estimate + k};
    if (status >= 0) status = sy_response(ctx, design, model, &options, &summary, &fit);
    SYI_FREE(estimate);
    SYI_FREE(aliased);
    if (status < 0) return status;
    ctx->n_remarks = first;
    *is = isinf(summary.theta);
    if (!*is) return SY_OK;
    return syi_remark(ctx, SY_NOTE_BOUNDARY, "log(theta)", INFINITY,
                      "the counts are not more spread than Poisson counts: these are shares of a Poisson model");
}

static sy_status set_most(sy_context *ctx, const response_state *s, int counts, syi_fitted *f)
{
    syi_fit_sums sums;
    if (!counts) return SY_OK;
    const sy_status status = syi_response_rows(ctx, &s->likelihood, f->theta, s->rows.n, NULL, NULL, &sums);
    f->loglik_most = sums.saturated + s->constant;
    return status;
}

sy_status syi_fitted_response(sy_context *ctx, const sy_design *design, const sy_fitted_question *question,
                              syi_fitted *f)
{
    sy_response_model own = question->model.response;
    const sy_response_model *model = &own;
    static const double pi = 3.141592653589793;
    response_state *s = syi_alloc(1, sizeof *s);
    syi_shadow shadow = {0};
    if (!s) return syi_fail(ctx, SY_ENOMEM, "model: out of memory");
    f->state = s;
    f->free_state = free_state;
    f->refit = refit;
    int unlimited;
    sy_status status = theta_without_limit(ctx, design, model, &unlimited);
    if (unlimited) own.kind = SY_RESPONSE_POISSON;
    if (status >= 0) status = syi_packed_init(ctx, design, model, &s->rows);
    if (status >= 0) status = syi_likelihood_of(ctx, &s->rows, model, &s->likelihood);
    if (status >= 0) status = syi_fitted_room(ctx, s->likelihood.k, s->rows.cluster != NULL, f);
    if (status < 0) goto out;
    const int counts = model->kind == SY_RESPONSE_POISSON || model->kind == SY_RESPONSE_NEGATIVE_BINOMIAL;
    s->constant = counts ? syi_likelihood_constant(&s->likelihood) : 0;
    f->link_variance = model->link == SY_LINK_PROBIT ? 1 : model->link == SY_LINK_LOGIT ? pi * pi / 3 : pi * pi / 6;
    f->seconds = 4e-9 * (double)s->rows.n * (f->k * (f->k + 1) / 4.0 + 15);
    /* its remarks on columns and levels were made by syi_packed_init */
    const int first = ctx->n_remarks;
    status = syi_shadow_open(ctx, design, model, &shadow);
    ctx->n_remarks = first;
    if (status < 0) goto out;
    name_parameters(model, &shadow, s, f);
    status = fit_full(ctx, s, f);
    if (status >= 0) status = set_most(ctx, s, counts, f);
    if (status >= 0) status = set_spread(ctx, s, f);
    if (status >= 0) status = fit_parts(ctx, question, f);
out:
    syi_shadow_free(&shadow);
    return status;
}
