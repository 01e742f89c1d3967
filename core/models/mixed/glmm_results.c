/* Results of a mixed model in the caller's units: from centred columns and
 * scaled effects back to columns and effects as they are, covariances from the
 * Hessian of all parameters, effects and fitted values of the rows.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "algebra/vector_math_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/mixed/glmm_internal.h"
#include "models/mixed/lmm_internal.h"
#include "models/response/ordinal_internal.h"
#include <math.h>
#include <string.h>

/* A standard deviation of effects beyond which chances are 0 or 1 in effect. */
static const double too_wide = 20;

/* covariance [dim * dim]: the inverse of the Hessian of the free parameters, NaN
 * for the others and where it is not definite. work [3 * dim * dim]. */
static void invert(const syi_glmm_problem *g, const unsigned char *is_free, const double *hessian, double *work,
                   int *at, double *covariance)
{
    const int dim = g->dim;
    double *l = work, *root = l + (ptrdiff_t)dim * dim, *inverse = root + (ptrdiff_t)dim * dim;
    int n = 0;
    for (int i = 0; i < dim; i++)
        if (is_free[i]) at[n++] = i;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) l[i * n + j] = hessian[(ptrdiff_t)at[i] * dim + at[j]];
    for (int i = 0; i < dim * dim; i++) covariance[i] = NAN;
    if (!syi_cholesky_plain(n, l, 0)) return;
    syi_cholesky_plain_root(n, l, root);
    syi_cholesky_plain_inverse(n, root, inverse);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) covariance[(ptrdiff_t)at[i] * dim + at[j]] = inverse[i * n + j];
}

/* The unit of the row of T that parameter theta stands in. */
static double unit_of(const syi_glmm_problem *g, int theta)
{
    for (int f = 0; f < g->n_factors; f++)
        for (int e = 0; e < g->factor[f].n_entries; e++)
            if (g->factor[f].entry_theta[e] == theta) return g->factor[f].unit[g->factor[f].entry_row[e]];
    return 1;
}

/* theta [n_theta]: in units of the effects. */
static void give_theta(const syi_glmm_problem *g, const double *parameters, const double *covariance, double *theta,
                       const sy_mixed_fit *fit)
{
    const int n = g->n_theta;
    for (int i = 0; i < n; i++) theta[i] = parameters[g->k + i] / unit_of(g, i);
    if (fit->theta) memcpy(fit->theta, theta, (size_t)n * sizeof *theta);
    if (fit->variance) syi_lmm_variances(&g->bars, theta, 1, fit->variance);
    for (int i = 0; fit->theta_covariance && i < n; i++)
        for (int j = 0; j < n; j++)
            fit->theta_covariance[i * n + j] =
                covariance[(ptrdiff_t)(g->k + i) * g->dim + g->k + j] / (unit_of(g, i) * unit_of(g, j));
}

/* Effects T u of a bar term's levels, and their conditional covariance T V T'. */
static void give_modes(const syi_glmm_problem *g, int k, const sy_mixed_fit *fit, double *to_variance)
{
    const syi_bar *bar = &g->bars.bar[k];
    const syi_glmm_factor *f = &g->factor[g->place[bar->factor]];
    int own = 0;
    for (int j = 0; j < k; j++)
        if (g->bars.bar[j].factor == bar->factor) own += g->bars.bar[j].q;
    for (ptrdiff_t l = 0; l < f->n_levels; l++)
        for (int a = 0; a < bar->q; a++) {
            const double *ta = f->t + (own + a) * f->q, *u = f->mode + l * f->q;
            double sum = 0;
            for (int c = 0; c < f->q; c++) sum += ta[c] * u[c];
            if (fit->modes) fit->modes[bar->first_mode + l * bar->q + a] = sum / f->unit[own + a];
            for (int b = 0; to_variance && b < bar->q; b++) {
                const double *tb = f->t + (own + b) * f->q, *v = f->variance + l * f->q * f->q;
                double both = 0;
                for (int c = 0; c < f->q; c++)
                    for (int d = 0; d < f->q; d++) both += ta[c] * v[c * f->q + d] * tb[d];
                to_variance[(l * bar->q + a) * bar->q + b] = both / (f->unit[own + a] * f->unit[own + b]);
            }
        }
}

static void give_all_modes(const syi_glmm_problem *g, const sy_mixed_fit *fit)
{
    ptrdiff_t at = 0;
    for (int k = 0; k < g->bars.n_bars; k++) {
        give_modes(g, k, fit, fit->mode_variance ? fit->mode_variance + at : NULL);
        at += (ptrdiff_t)g->factor[g->place[g->bars.bar[k].factor]].n_levels * g->bars.bar[k].q * g->bars.bar[k].q;
    }
}

/* Predictors of sorted rows with the effects. */
static void predict(const syi_glmm_problem *g, const double *parameters, ptrdiff_t first, int len, double *eta)
{
    syi_glmm_fixed(g, parameters, first, len, eta);
    for (int k = 0; k < g->n_factors; k++) {
        const syi_glmm_factor *f = &g->factor[k];
        for (int a = 0; a < f->q; a++)
            for (int c = 0; c < f->q; c++) {
                const double t = f->t[a * f->q + c], *z = f->z + (ptrdiff_t)a * g->padded + first;
                for (int i = 0; t != 0 && i < len; i++)
                    eta[i] += z[i] * t * f->mode[(ptrdiff_t)f->level[first + i] * f->q + c];
            }
    }
}

/* Means of rows at their predictors: out [len], or [levels * SYI_TILE] level by level. */
static void means(const syi_glmm_problem *g, const double *parameters, int len, const double *eta, double *out)
{
    if (g->kind == SY_RESPONSE_ORDINAL) {
        const syi_ordinal_rows rows = {.link = g->link,
                                       .thresholds = g->fixed.thresholds,
                                       .n_levels = g->n_levels,
                                       .theta = parameters,
                                       .step = SYI_TILE,
                                       .offset = eta};
        syi_ordinal_categories(g->simd, &rows, len, out, NULL);
    } else if (g->kind != SY_RESPONSE_BINARY) syi_vec_exp(g->simd, len, eta, out);
    else if (g->link == SY_LINK_PROBIT) syi_vec_normal(g->simd, len, eta, out, NULL, NULL);
    else if (g->link == SY_LINK_CLOGLOG) syi_vec_cloglog(g->simd, len, eta, out, NULL, NULL);
    else syi_vec_logistic(g->simd, len, eta, out, NULL, NULL);
}

/* What the predictor of an ordinal model is more than that of centred columns. */
static double origin(const syi_glmm_problem *g, const double *parameters)
{
    double sum = 0;
    for (int j = 0; g->kind == SY_RESPONSE_ORDINAL && j < g->p; j++)
        sum += parameters[g->n_thresholds + j] * (g->rows.centre[j] / g->rows.scale[j]);
    return sum;
}

static sy_status give_rows(sy_context *ctx, const syi_glmm_problem *g, const double *parameters, ptrdiff_t n,
                           const sy_mixed_fit *fit)
{
    const int wide = g->kind == SY_RESPONSE_ORDINAL ? g->n_levels : 1;
    const double more = origin(g, parameters);
    if (!fit->linear && !fit->fitted) return SY_OK;
    double *eta = syi_alloc(SYI_TILE, sizeof *eta), *mean = syi_alloc((size_t)wide * SYI_TILE, sizeof *mean);
    const sy_status s = eta && mean ? SY_OK : syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for fitted values");
    for (ptrdiff_t i = 0; s >= 0 && i < n; i++) {
        if (fit->linear) fit->linear[i] = NAN;
        for (int l = 0; fit->fitted && l < wide; l++) fit->fitted[i * wide + l] = NAN;
    }
    for (ptrdiff_t at = 0; s >= 0 && at < g->padded; at += SYI_TILE) {
        const int len = g->padded - at < SYI_TILE ? (int)(g->padded - at) : SYI_TILE;
        predict(g, parameters, at, len, eta);
        if (fit->fitted) means(g, parameters, len, eta, mean);
        for (int i = 0; i < len; i++) {
            const ptrdiff_t row = g->row[at + i];
            if (row < 0) continue;
            if (fit->linear) fit->linear[row] = eta[i] + more;
            for (int l = 0; fit->fitted && l < wide; l++)
                fit->fitted[row * wide + l] = mean[(ptrdiff_t)l * SYI_TILE + i];
        }
    }
    SYI_FREE(eta);
    SYI_FREE(mean);
    return s;
}

static sy_status give_fixed(sy_context *ctx, const syi_glmm_problem *g, const double *parameters,
                            const double *covariance, double *work, int *place, sy_mixed_summary *summary,
                            const sy_mixed_fit *fit)
{
    const sy_response_shape *shape = &g->rows.shape;
    for (int i = 0; i < g->k; i++)
        for (int j = 0; j < g->k; j++) work[i * g->k + j] = covariance[(ptrdiff_t)i * g->dim + j];
    syi_packed_places(&g->rows, &g->model->response, shape, place);
    summary->k = shape->k;
    for (int j = 0; fit->aliased && j < shape->k; j++) fit->aliased[j] = 1;
    for (int j = 0; fit->aliased && j < g->k; j++) fit->aliased[place[j]] = 0;
    return syi_packed_unpack(ctx, &g->rows, &g->model->response, shape, parameters, fit->covariance ? work : NULL,
                             fit->estimate, fit->covariance);
}

static void summarise(const syi_glmm_problem *g, const double *parameters, const syi_glmm_report *r,
                      sy_mixed_summary *s)
{
    *s = (sy_mixed_summary){.n = g->rows.n_effective,
                            .rows_read = g->rows.rows_read,
                            .rows_used = (double)g->rows.n,
                            .rows_dropped = g->rows.rows_dropped,
                            .rank = g->k,
                            .n_parameters = g->dim,
                            .loglik = r->loglik,
                            .criterion = -2 * r->loglik,
                            .sigma = NAN,
                            .theta_count =
                                g->fixed.kind == SY_RESPONSE_NEGATIVE_BINOMIAL ? exp(parameters[g->k - 1]) : NAN,
                            .last_step = r->last_step,
                            .gradient = r->gradient,
                            .iterations = r->iterations,
                            .evaluations = r->evaluations,
                            .converged = r->converged,
                            .boundary = r->boundary,
                            .nodes = g->nodes};
    s->df_resid = s->n - g->dim;
    s->aic = s->criterion + 2 * g->dim;
    s->bic = s->criterion + log(s->n) * g->dim;
}

/* Effects so wide that levels tell a binary or ordered outcome almost without error. */
static sy_status remark_wide(sy_context *ctx, const syi_glmm_problem *g, const double *parameters)
{
    sy_status s = SY_OK;
    for (int k = 0; k < g->bars.n_bars && s >= 0; k++) {
        const syi_bar *bar = &g->bars.bar[k];
        double widest = 0;
        for (int a = 0; a < bar->q; a++) {
            double square = 0;
            for (int b = 0; b <= a; b++) {
                const int at = syi_bar_theta(bar, a, b);
                if (at >= 0) square += parameters[g->k + at] * parameters[g->k + at];
            }
            widest = fmax(widest, sqrt(square));
        }
        if (widest > too_wide)
            s = syi_remark(
                ctx, SY_NOTE_SEPARATED, g->model->random[k].group->name, widest,
                "the effects of %s have a standard deviation of %.0f on the scale of the predictor: its levels "
                "tell the outcome almost without error, and the approximation is poor",
                g->model->random[k].group->name, widest);
    }
    return s;
}

static sy_status remark(sy_context *ctx, const syi_glmm_problem *g, const double *parameters, const syi_glmm_report *r)
{
    sy_status s = syi_bars_remark(ctx, &g->bars, parameters + g->k, NULL);
    if (s >= 0 && (g->kind == SY_RESPONSE_BINARY || g->kind == SY_RESPONSE_ORDINAL))
        s = remark_wide(ctx, g, parameters);
    if (s >= 0 && g->fixed.kind != g->kind)
        s = syi_remark(
            ctx, SY_NOTE_BOUNDARY, "log(theta)", INFINITY,
            "theta is infinite: within levels the counts vary no more than Poisson counts, whose model this is");
    if (s >= 0 && !r->converged)
        s = syi_remark(ctx, SY_NOTE_NOT_CONVERGED, "", r->last_step,
                       "the search ended after %d steps with a last relative step of %.2g", r->iterations,
                       r->last_step);
    return s;
}

sy_status syi_glmm_results(sy_context *ctx, syi_glmm_problem *g, const double *parameters, const unsigned char *is_free,
                           double *hessian, const syi_glmm_report *report, sy_mixed_summary *summary,
                           const sy_mixed_fit *wanted)
{
    const size_t dim = (size_t)g->dim;
    const sy_mixed_fit none = {0}, *fit = wanted ? wanted : &none;
    double *covariance = syi_alloc(dim * (4 * dim + 1), sizeof *covariance);
    int *at = syi_alloc(dim, sizeof *at);
    sy_status s = covariance && at ? SY_OK : syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d parameters", g->dim);
    if (s >= 0) {
        double *work = covariance + dim * dim;
        summarise(g, parameters, report, summary);
        invert(g, is_free, hessian, work, at, covariance);
        give_theta(g, parameters, covariance, work + 3 * dim * dim, fit);
        give_all_modes(g, fit);
        s = give_fixed(ctx, g, parameters, covariance, work, at, summary, fit);
    }
    if (s >= 0) s = give_rows(ctx, g, parameters, g->bars.own.n, fit);
    if (s >= 0) s = remark(ctx, g, parameters, report);
    SYI_FREE(covariance);
    SYI_FREE(at);
    return s;
}
