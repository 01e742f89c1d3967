/* Mixed models of binary, count and ordered outcomes, from the rows to the
 * estimates: rows, the fit without effects as a start, the maximum, results.
 *
 * Weights multiply a row's log density, be they frequencies (a row stands for
 * that many) or analytic ones (lme4's prior weights); sampling weights are refused with the
 * bar terms. The start of T is the identity over 2, in units where its columns have mean
 * square 1.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "algebra/hermite_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "algebra/lanes_internal.h"
#include "models/mixed/glmm_internal.h"
#include "models/response/separation_internal.h"
#include <math.h>
#include <string.h>

static sy_status check(sy_context *ctx, const sy_mixed_model *model, const sy_mixed_options *o)
{
    if (model->response.n_nominal > 0 || model->response.n_scale > 0)
        return syi_fail(ctx, SY_EINVAL, "%s: a mixed model has no %s effects",
                        model->response.n_nominal > 0 ? "nominal" : "scale",
                        model->response.n_nominal > 0 ? "nominal" : "scale");
    if (o->nodes < 1 || o->nodes > SYI_HERMITE_MOST)
        return syi_fail(ctx, SY_EINVAL, "nodes: %d; allowed are 1 (Laplace) to %d", o->nodes, SYI_HERMITE_MOST);
    if (!(o->tolerance > 0)) return syi_fail(ctx, SY_EINVAL, "tolerance: %g; it must be above 0", o->tolerance);
    if (o->iterations < 1) return syi_fail(ctx, SY_EINVAL, "iterations: %d; at least 1", o->iterations);
    return SY_OK;
}

static sy_status check_size(sy_context *ctx, const syi_glmm_problem *g)
{
    const syi_bars *b = &g->bars;
    for (int f = 0; f < b->n_factors; f++)
        if ((double)b->factor[f].n_levels * b->factor[f].q > (double)g->rows.n)
            return syi_fail(ctx, SY_EDATA, "formula: %d effects in each of the %d levels of %s, but only %td rows",
                            b->factor[f].q, b->factor[f].n_levels, b->own.columns[b->factor[f].column].name, g->rows.n);
    if (g->nodes == 1) return SY_OK;
    if (b->n_factors > 1)
        return syi_fail(ctx, SY_EINVAL, "nodes: %d, with %d grouping factors; quadrature needs one (1 is Laplace)",
                        g->nodes, b->n_factors);
    if (b->factor[0].q > 2)
        return syi_fail(ctx, SY_EINVAL, "nodes: %d, with %d effects a level; quadrature takes 2 at most (1 is Laplace)",
                        g->nodes, b->factor[0].q);
    return SY_OK;
}

sy_status syi_glmm_nodes(sy_context *ctx, syi_glmm_problem *g)
{
    double x[SYI_HERMITE_MOST], share[SYI_HERMITE_MOST];
    const int n = g->nodes, q = n > 1 ? g->bars.factor[0].q : 1;
    g->n_nodes = 1;
    if (n == 1) return SY_OK;
    for (int b = 0; b < q; b++) g->n_nodes *= n;
    g->node = syi_alloc((size_t)(g->n_nodes * q), sizeof *g->node);
    g->log_node = syi_alloc((size_t)g->n_nodes, sizeof *g->log_node);
    if (!g->node || !g->log_node) return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d nodes", g->n_nodes);
    syi_hermite(n, x, share);
    for (int k = 0; k < g->n_nodes; k++)
        for (int b = 0, rest = k; b < q; b++, rest /= n) {
            g->node[k * q + b] = sqrt(2) * x[rest % n];
            g->log_node[k] += log(share[rest % n] / 1.77245385090551602730);
        }
    return SY_OK;
}

sy_status syi_glmm_open(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                        const sy_mixed_options *o, syi_glmm_problem *g)
{
    *g = (syi_glmm_problem){
        .model = model, .kind = model->response.kind, .link = model->response.link, .nodes = o->nodes};
    g->simd = syi_lanes_width(ctx->simd);
    sy_status s = syi_bars_init(ctx, design, model, &g->bars);
    if (s >= 0) s = syi_packed_init(ctx, &g->bars.own, &model->response, &g->rows);
    if (s >= 0) s = check_size(ctx, g);
    if (s >= 0) s = syi_likelihood_of(ctx, &g->rows, &model->response, &g->fixed);
    if (s < 0) return s;
    g->k = g->fixed.k;
    g->n_thresholds = g->fixed.n_thresholds;
    g->p = g->rows.p;
    g->n_theta = g->bars.n_theta;
    g->dim = g->k + g->n_theta;
    g->known = g->k - (g->kind == SY_RESPONSE_NEGATIVE_BINOMIAL);
    g->spread = g->kind == SY_RESPONSE_NEGATIVE_BINOMIAL ? g->k - 1 : -1;
    g->n_levels = g->rows.n_levels;
    s = syi_glmm_rows(ctx, g);
    if (s >= 0) s = syi_glmm_nodes(ctx, g);
    if (s >= 0) s = g->n_factors == 1 ? syi_glmm_one_open(ctx, g) : syi_glmm_crossed_open(ctx, g);
    return s;
}

/* In standard deviations of a column: what is out of reach of other effects. */
static const double far_off = 20;

/* Takes estimates that run away further along the last step, which by then is theirs alone: effects of
 * groups and other coefficients are to find nothing more in the rows they tell without error. */
static sy_status go_far(sy_context *ctx, const syi_likelihood *plain, double *parameters, double *information,
                        const int *separated)
{
    const int k = plain->k;
    double *step = syi_alloc((size_t)k * ((size_t)k + 1), sizeof *step), *factor = step ? step + k : NULL;
    double loglik, most = 0;
    if (!step) return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d parameters", k);
    const sy_status s = plain->value(ctx, plain, parameters, &loglik, step, information);
    if (s < 0) goto out;
    memcpy(factor, information, (size_t)k * (size_t)k * sizeof *factor);
    if (!syi_cholesky_plain(k, factor, 0)) goto out;
    syi_cholesky_plain_forward(k, factor, step);
    syi_cholesky_plain_back(k, factor, step);
    for (int j = 0; j < k; j++)
        if (separated[j]) most = fmax(most, fabs(step[j]));
    for (int j = 0; j < k && most > 0; j++)
        if (separated[j]) parameters[j] += far_off / most * step[j];
out:
    SYI_FREE(step);
    return s;
}

/* Columns that run away stay where they are. Constants do so beside them only because columns
 * are centred: they are free, lest the rows of the others pay for it. */
static void hold(const syi_glmm_problem *g, int k, const int *separated, unsigned char *is_free)
{
    const int constants = g->n_thresholds > 0 ? g->n_thresholds : g->rows.ones;
    int held = 0;
    for (int j = constants; j < k; j++) {
        is_free[j] = !separated[j];
        held += separated[j];
    }
    for (int j = 0; j < constants && held == 0; j++) is_free[j] = !separated[j];
}

/* The fit without effects; counts as Poisson counts, whatever their kind. Estimates
 * that run away in it are named, and stay far off. */
static sy_status without_effects(sy_context *ctx, syi_glmm_problem *g, double *parameters, double *information,
                                 int *separated, unsigned char *is_free)
{
    sy_response_options o;
    syi_newton_report report;
    syi_likelihood plain = g->fixed;
    sy_response_defaults(&o);
    plain.start(&plain, parameters);
    if (g->spread >= 0) {
        plain.kind = SY_RESPONSE_POISSON;
        plain.k--;
        parameters[g->spread] = 1;
        is_free[g->spread] = 1;
    }
    sy_status s = syi_newton(ctx, &plain, &o, parameters, information, separated, &report);
    if (s < 0) return s;
    for (int j = 0; j < plain.k; j++) is_free[j] = 1;
    if (!report.separated) return SY_OK;
    hold(g, plain.k, separated, is_free);
    int *place = syi_alloc((size_t)g->k, sizeof *place);
    if (!place) return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d parameters", g->k);
    syi_packed_places(&g->rows, &g->model->response, &g->rows.shape, place);
    s = syi_separated_remark(ctx, &g->bars.own, &g->model->response, &g->rows, plain.k, place, separated);
    SYI_FREE(place);
    return s < 0 ? s : go_far(ctx, &plain, parameters, information, separated);
}

static void start_effects(const syi_glmm_problem *g, const sy_mixed_options *o, double *parameters,
                          unsigned char *is_free)
{
    for (int f = 0; f < g->n_factors; f++) {
        const syi_glmm_factor *a = &g->factor[f];
        for (int e = 0; e < a->n_entries; e++) {
            const int at = a->entry_theta[e], diagonal = a->entry_row[e] == a->entry_column[e];
            parameters[g->k + at] = o->start ? o->start[at] * a->unit[a->entry_row[e]] : diagonal ? .5 : 0;
            if (diagonal && parameters[g->k + at] == 0) parameters[g->k + at] = .5;
            is_free[g->k + at] = 1;
        }
    }
}

static sy_status fit_problem(sy_context *ctx, syi_glmm_problem *g, const sy_mixed_options *o, sy_mixed_summary *summary,
                             const sy_mixed_fit *fit)
{
    const size_t dim = (size_t)g->dim, k = (size_t)g->k;
    double *parameters = syi_alloc(dim, sizeof *parameters), *information = syi_alloc(k * k + 1, sizeof *information),
           *hessian = syi_alloc(dim * dim, sizeof *hessian);
    int *separated = syi_alloc(k + 1, sizeof *separated);
    unsigned char *is_free = syi_alloc(dim, 1);
    syi_glmm_report report = {0};
    sy_status s = parameters && information && hessian && separated && is_free
                      ? SY_OK
                      : syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d parameters", g->dim);
    if (s >= 0) s = without_effects(ctx, g, parameters, information, separated, is_free);
    if (s >= 0) {
        start_effects(g, o, parameters, is_free);
        s = syi_glmm_start(ctx, g, parameters, information);
    }
    if (s >= 0) s = syi_glmm_maximise(ctx, g, o, information, parameters, is_free, hessian, &report);
    if (s >= 0 && g->fixed.kind != g->kind) parameters[g->k - 1] = INFINITY;
    if (s >= 0) s = syi_glmm_results(ctx, g, parameters, is_free, hessian, &report, summary, fit);
    SYI_FREE(parameters);
    SYI_FREE(information);
    SYI_FREE(hessian);
    SYI_FREE(separated);
    SYI_FREE(is_free);
    return s;
}

sy_status syi_glmm(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                   const sy_mixed_options *options, sy_mixed_summary *summary, const sy_mixed_fit *fit)
{
    syi_glmm_problem g = {0};
    const int first = ctx->n_remarks;
    sy_status s = check(ctx, model, options);
    if (s >= 0) s = syi_glmm_open(ctx, design, model, options, &g);
    if (s >= 0) s = fit_problem(ctx, &g, options, summary, fit);
    if (s >= 0) s = syi_bars_few(ctx, &g.bars, 0);
    syi_glmm_free(&g);
    return s < 0 ? s : syi_status_of_remarks(ctx, first);
}
