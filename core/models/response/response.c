/* Fits of outcomes as people answer them: rows packed, Newton's method, what is
 * said of the fit.
 *
 * Log-likelihoods hold their constants, as R's logLik does for glm and MASS's for
 * glm.nb. Deviance: 2 (saturated - model); of ordered answers, whose saturated
 * model is none, -2 log-likelihood. The null deviance of a negative binomial is at
 * the theta of the fit, as MASS has it; its null log-likelihood, and the
 * likelihood-ratio test with it, at a theta of its own. AIC and BIC count every
 * parameter that is not aliased, theta too. Covariance: the inverse of the
 * observed information (the same as the expected one for logit and Poisson).
 *
 * Negative binomial: the Poisson model is fitted first; with counts no more
 * dispersed than it expects, sum w ((y - mu)^2 - y) <= 0, the likelihood rises
 * with theta at its far end, and theta = infinity is the answer, said in a remark
 * [Lawless 1987, doi:10.2307/3314912]. Cost: packing and 5 to 8 passes.
 * McCullagh & Nelder 1989, Generalized Linear Models; Venables & Ripley 2002,
 * doi:10.1007/978-0-387-21706-2, section 7.4.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/response/after_fit_internal.h"
#include "models/response/fitted_internal.h"
#include "models/response/separation_internal.h"
#include "steelyard/distribution.h"
#include <math.h>
#include <string.h>

enum { MANY_ROWS = 32768 };

typedef struct {
    const sy_design *design;
    const sy_response_model *model;
    sy_response_options options;
    syi_packed rows;
    syi_likelihood l;
    syi_newton_report report;
    int k;                  /* parameters in use */
    int unlimited;          /* 1: theta is infinite, l the Poisson likelihood */
    double *theta;          /* [k] */
    double *information;    /* [k * k] */
    int *separated, *place; /* [k] */
} fitting;

void sy_response_defaults(sy_response_options *options)
{
    *options = (sy_response_options){.tolerance = 1e-10, .iterations = 100};
}

static sy_status check_options(sy_context *ctx, const sy_response_options *o)
{
    if (!(o->tolerance > 0) || !(o->tolerance < 1))
        return syi_fail(ctx, SY_EINVAL, "tolerance: %g; it must lie between 0 and 1", o->tolerance);
    if (o->iterations < 1) return syi_fail(ctx, SY_EINVAL, "iterations: %d; at least 1 is needed", o->iterations);
    return SY_OK;
}

static sy_status open_fit(sy_context *ctx, fitting *f)
{
    sy_status s = syi_packed_init(ctx, f->design, f->model, &f->rows);
    if (s >= 0) s = syi_likelihood_of(ctx, &f->rows, f->model, &f->l);
    if (s < 0) return s;
    const size_t k = (size_t)f->l.k;
    f->k = f->l.k;
    if (f->k == 0 || f->rows.p + f->rows.ones == 0)
        return syi_fail(ctx, SY_ERANK, "terms: every column is zero; no coefficient can be had");
    f->theta = syi_alloc(k + k * k, sizeof *f->theta);
    f->separated = syi_alloc(2 * k, sizeof *f->separated);
    if (!f->theta || !f->separated) return syi_fail(ctx, SY_ENOMEM, "response: out of memory for %d parameters", f->k);
    f->information = f->theta + k;
    f->place = f->separated + k;
    syi_packed_places(&f->rows, f->model, &f->rows.shape, f->place);
    f->l.start(&f->l, f->theta);
    if (!f->options.start) return SY_OK;
    for (int j = 0; j < f->k; j++)
        if (!isfinite(f->options.start[f->place[j]]))
            return syi_fail(ctx, SY_EINVAL, "start: number %d is %g; starts must be finite", f->place[j] + 1,
                            f->options.start[f->place[j]]);
    return syi_packed_pack(ctx, &f->rows, f->model, &f->rows.shape, f->options.start, f->theta);
}

/* sum w ((y - mu)^2 - y) at a Poisson fit, and sum w mu^2. */
static sy_status dispersion(sy_context *ctx, const fitting *f, const syi_likelihood *poisson, const double *theta,
                            double *excess, double *square)
{
    const ptrdiff_t n = f->design->n;
    double *mean = syi_alloc((size_t)n + 1, sizeof *mean);
    if (!mean) return syi_fail(ctx, SY_ENOMEM, "response: out of memory for %td rows", n);
    const sy_status s = syi_response_rows(ctx, poisson, theta, n, NULL, mean, NULL);
    *excess = *square = 0;
    for (ptrdiff_t i = 0; s >= 0 && i < f->rows.n; i++) {
        const double mu = mean[f->rows.row[i]], y = f->rows.y[i], w = f->rows.weight[i];
        *excess += w * ((y - mu) * (y - mu) - y);
        *square += w * mu * mu;
    }
    SYI_FREE(mean);
    return s;
}

/* The Poisson fit that a negative binomial one begins with; where the counts are
 * not more dispersed it is the answer. */
static sy_status begin_with_poisson(sy_context *ctx, fitting *f)
{
    syi_likelihood poisson = f->l;
    syi_newton_report report;
    double excess = 0, square = 0;
    double *theta = syi_alloc((size_t)f->k, sizeof *theta), *information = f->information;
    if (!theta) return syi_fail(ctx, SY_ENOMEM, "response: out of memory for %d parameters", f->k);
    poisson.kind = SY_RESPONSE_POISSON;
    poisson.k = f->k - 1;
    memcpy(theta, f->theta, (size_t)f->k * sizeof *theta);
    sy_status s = syi_newton(ctx, &poisson, &f->options, theta, information, f->separated, &report);
    if (s >= 0) s = dispersion(ctx, f, &poisson, theta, &excess, &square);
    if (s >= 0 && !(excess > 0)) {
        f->unlimited = 1;
        f->l = poisson;
        f->report = report;
        memcpy(f->theta, theta, (size_t)poisson.k * sizeof *theta);
    } else if (s >= 0 && !f->options.start) {
        memcpy(f->theta, theta, (size_t)poisson.k * sizeof *theta);
        f->theta[f->k - 1] = log(square / excess);
    }
    SYI_FREE(theta);
    return s;
}

/* With many rows the first steps are made on a sixteenth of them, tiles spread
 * over all: a start that is off by four errors of the whole. */
static sy_status begin_with_some(sy_context *ctx, fitting *f)
{
    syi_likelihood some = f->l;
    syi_newton_report report;
    const sy_response_options rough = {.tolerance = 1e-2, .iterations = 12};
    if (f->options.start || f->rows.n < MANY_ROWS) return SY_OK;
    double *theta = syi_alloc((size_t)f->k, sizeof *theta);
    if (!theta) return syi_fail(ctx, SY_ENOMEM, "response: out of memory for %d parameters", f->k);
    memcpy(theta, f->theta, (size_t)f->k * sizeof *theta);
    some.every = 16;
    const sy_status s = syi_newton(ctx, &some, &rough, theta, NULL, NULL, &report);
    if (s >= 0 && report.converged && !report.separated) memcpy(f->theta, theta, (size_t)f->k * sizeof *theta);
    SYI_FREE(theta);
    return s;
}

static sy_status search(sy_context *ctx, fitting *f)
{
    const sy_status begun = begin_with_some(ctx, f);
    if (begun < 0) return begun;
    if (f->model->kind == SY_RESPONSE_NEGATIVE_BINOMIAL) {
        const sy_status s = begin_with_poisson(ctx, f);
        if (s < 0 || f->unlimited) return s;
    }
    return syi_newton(ctx, &f->l, &f->options, f->theta, f->information, f->separated, &f->report);
}

/* Null and saturated likelihoods, deviances, the test of all terms. */
static sy_status compare(sy_context *ctx, fitting *f, double constant, const syi_fit_sums *sums, sy_response_summary *s)
{
    const int ordinal = f->model->kind == SY_RESPONSE_ORDINAL, negative = f->l.kind == SY_RESPONSE_NEGATIVE_BINOMIAL;
    double null;
    int parameters, fewer;
    sy_status status = syi_null_loglik(ctx, &f->l, &f->options, NULL, &null, &parameters);
    if (status < 0) return status;
    s->loglik_null = null + constant;
    s->loglik_saturated = ordinal ? (double)NAN : sums->saturated + constant;
    s->deviance = ordinal ? -2 * s->loglik : 2 * (sums->saturated - f->report.loglik);
    s->deviance_null = ordinal ? -2 * s->loglik_null : 2 * (sums->saturated - null);
    if (negative) {
        double fixed;
        status = syi_null_loglik(ctx, &f->l, &f->options, &f->theta[f->k - 1], &fixed, &fewer);
        if (status < 0) return status;
        s->deviance_null = 2 * (sums->saturated - fixed);
    }
    s->lr = fmax(2 * (f->report.loglik - null), 0);
    s->lr_df = f->l.k - parameters;
    s->lr_p = NAN;
    return s->lr_df > 0 ? sy_distribution_chi2_tail(ctx, s->lr, s->lr_df, &s->lr_p) : SY_OK;
}

static sy_status summarise(sy_context *ctx, fitting *f, const syi_fit_sums *sums, sy_response_summary *s)
{
    /* a Poisson fit in place of a negative binomial one: the same number */
    const double constant = syi_likelihood_constant(&f->l);
    const double loglik = f->report.loglik + constant;
    *s = (sy_response_summary){.n = f->rows.n_effective,
                               .rows_read = f->rows.rows_read,
                               .rows_used = (double)f->rows.n,
                               .rows_dropped = f->rows.rows_dropped,
                               .sum_w = f->rows.sum_w,
                               .k = f->rows.shape.k,
                               .rank = f->k,
                               .df_resid = f->rows.n_effective - f->k,
                               .loglik = loglik,
                               .aic = -2 * loglik + 2.0 * f->k,
                               .bic = -2 * loglik + log(f->rows.n_effective) * f->k,
                               .pearson = f->model->kind == SY_RESPONSE_ORDINAL ? (double)NAN : sums->pearson,
                               .theta = NAN,
                               .theta_std_error = NAN,
                               .condition = f->report.condition,
                               .last_step = f->report.last_step,
                               .iterations = f->report.iterations,
                               .converged = f->report.converged,
                               .separated = f->report.separated};
    if (f->unlimited) s->theta = INFINITY;
    else if (f->model->kind == SY_RESPONSE_NEGATIVE_BINOMIAL) s->theta = exp(f->theta[f->k - 1]);
    return compare(ctx, f, constant, sums, s);
}

/* Estimates and covariance in the caller's units. */
static sy_status put_fit(sy_context *ctx, fitting *f, sy_response_summary *s, const sy_response_fit *fit)
{
    const int m = f->l.k, all = f->k;
    const size_t k = (size_t)m, square = k * k;
    const ptrdiff_t last = (ptrdiff_t)f->rows.shape.k - 1;
    sy_status status = SY_OK;
    double *memory = syi_alloc(4 * square + 2 * (size_t)all * (size_t)all + 2 * k + 1, sizeof *memory);
    if (!memory) return syi_fail(ctx, SY_ENOMEM, "response: out of memory for %d parameters", m);
    double *const map = memory, *const inverse = map + square, *const scratch = inverse + square;
    double *const whole = scratch + 2 * square + k;
    const int good = syi_information_map(m, f->information, map, inverse, scratch);
    for (int i = 0; i < all; i++)
        for (int j = 0; j < all; j++)
            whole[(ptrdiff_t)i * all + j] = good && i < m && j < m ? inverse[(ptrdiff_t)i * m + j] : (double)NAN;
    if (f->unlimited) f->theta[all - 1] = INFINITY;
    if (good && !f->unlimited && f->model->kind == SY_RESPONSE_NEGATIVE_BINOMIAL)
        s->theta_std_error = s->theta * sqrt(inverse[square - 1]);
    for (int j = 0; fit && fit->aliased && j < f->rows.shape.k; j++) fit->aliased[j] = 1;
    for (int j = 0; fit && fit->aliased && j < all; j++) fit->aliased[f->place[j]] = 0;
    if (fit)
        status = syi_packed_unpack(ctx, &f->rows, f->model, &f->rows.shape, f->theta, fit->covariance ? whole : NULL,
                                   fit->estimate, fit->covariance);
    for (ptrdiff_t j = 0; f->unlimited && fit && fit->covariance && j <= last; j++)
        fit->covariance[last * (last + 1) + j] = fit->covariance[j * (last + 1) + last] = NAN;
    SYI_FREE(memory);
    return status;
}

static sy_status remark(sy_context *ctx, const fitting *f)
{
    if (f->unlimited) {
        const sy_status s =
            syi_remark(ctx, SY_NOTE_BOUNDARY, "log(theta)", INFINITY,
                       "theta is infinite: the counts vary no more than Poisson counts, whose model this is");
        if (s < 0) return s;
    }
    if (f->report.separated)
        return syi_separated_remark(ctx, f->design, f->model, &f->rows, f->l.k, f->place, f->separated);
    if (f->report.converged) return SY_OK;
    return syi_remark(ctx, SY_NOTE_NOT_CONVERGED, "", f->report.last_step,
                      "the search ended after %d steps with a last relative step of %.2g; %.2g was asked for",
                      f->report.iterations, f->report.last_step, f->options.tolerance);
}

static void fitting_free(fitting *f)
{
    syi_packed_free(&f->rows);
    SYI_FREE(f->theta);
    SYI_FREE(f->separated);
}

sy_status sy_response(sy_context *ctx, const sy_design *design, const sy_response_model *model,
                      const sy_response_options *options, sy_response_summary *summary, const sy_response_fit *fit)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    fitting f = {.design = design, .model = model};
    syi_fit_sums sums;
    if (options) f.options = *options;
    else sy_response_defaults(&f.options);
    sy_status s = check_options(ctx, &f.options);
    if (s >= 0) s = open_fit(ctx, &f);
    if (s >= 0) s = search(ctx, &f);
    if (s >= 0)
        s = syi_response_rows(ctx, &f.l, f.theta, design->n, fit ? fit->linear : NULL, fit ? fit->fitted : NULL, &sums);
    if (s >= 0) s = summarise(ctx, &f, &sums, summary);
    if (s >= 0) s = put_fit(ctx, &f, summary, fit);
    if (s >= 0) s = remark(ctx, &f);
    if (s >= 0) s = syi_status_of_remarks(ctx, first);
    fitting_free(&f);
    return s;
}
