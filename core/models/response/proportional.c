/* Tests of proportional odds and of a constant spread.
 *
 * Likelihood ratio: twice the gain in log-likelihood when a term's effect may
 * differ from threshold to threshold (it becomes nominal), or when the term
 * enters the log of the latent spread as well, against chi-squared with as many
 * degrees of freedom as parameters were added. Brant's Wald test is brant.c.
 * Conditions: an optimum of the larger model; where a level is never seen among
 * some rows it can lie at infinity, and the test is then NaN with a remark.
 * Cost: one fit a term and two more.
 * Peterson & Harrell 1990, doi:10.2307/2347760; Brant 1990, doi:10.2307/2532457.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/response/packed_internal.h"
#include "models/response/proportional_internal.h"
#include "steelyard/distribution.h"
#include <math.h>
#include <string.h>

sy_status syi_proportional_row(sy_context *ctx, double statistic, double df, sy_proportional_row *row)
{
    *row = (sy_proportional_row){NAN, df, NAN};
    if (isnan(statistic) || !(df > 0)) return SY_OK;
    row->statistic = statistic > 0 ? statistic : 0;
    return sy_distribution_chi2_tail(ctx, row->statistic, df, &row->p);
}

static sy_status check(sy_context *ctx, const sy_design *design, const sy_response_model *model,
                       sy_proportional_test test)
{
    if (model->kind != SY_RESPONSE_ORDINAL)
        return syi_fail(ctx, SY_EINVAL, "model: the outcome is not ordinal; these tests are of ordered answers");
    if (test < SY_PROPORTIONAL_BRANT || test > SY_PROPORTIONAL_SPREAD)
        return syi_fail(ctx, SY_EINVAL, "test: %d is none of Brant's, nominal, spread", (int)test);
    if (design->weights && design->weight_kind == SY_WEIGHT_SAMPLING)
        return syi_fail(
            ctx, SY_EINVAL,
            "weights: with sampling weights there is no likelihood ratio and no Brant test; fit the term as "
            "nominal and test its coefficients with a cluster or sandwich covariance");
    if (test != SY_PROPORTIONAL_BRANT) return SY_OK;
    if (model->link != SY_LINK_LOGIT) return syi_fail(ctx, SY_EINVAL, "link: Brant's test is of the logit alone");
    if (model->thresholds != SY_THRESHOLDS_FREE)
        return syi_fail(ctx, SY_EINVAL, "thresholds: Brant's test wants them free");
    if (model->n_nominal > 0 || model->n_scale > 0)
        return syi_fail(ctx, SY_EINVAL, "%s: Brant's test is of a model without such terms",
                        model->n_nominal > 0 ? "nominal" : "scale");
    return SY_OK;
}

typedef struct {
    double loglik;
    int k, exists; /* exists: an optimum was found */
} fitted;

static sy_status fit(sy_context *ctx, const sy_design *design, const sy_response_model *model,
                     const sy_response_options *options, fitted *out)
{
    syi_packed rows = {0};
    syi_likelihood l;
    syi_newton_report report = {0};
    double *theta = NULL;
    sy_status status = syi_packed_init(ctx, design, model, &rows);
    if (status < 0) return status;
    if ((status = syi_likelihood_of(ctx, &rows, model, &l)) < 0) goto out;
    if (!(theta = syi_alloc((size_t)l.k + 1, sizeof *theta))) {
        status = syi_fail(ctx, SY_ENOMEM, "proportional odds: out of memory for %d parameters", l.k);
        goto out;
    }
    l.start(&l, theta);
    if ((status = syi_newton(ctx, &l, options, theta, NULL, NULL, &report)) < 0) goto out;
    *out = (fitted){report.loglik, l.k, report.converged && !report.separated};
out:
    SYI_FREE(theta);
    syi_packed_free(&rows);
    return status;
}

/* The model with the terms first .. last - 1 of its columns made nominal, or put
 * into the spread; list [design terms] holds the two lists of terms. */
static sy_response_model widened(const sy_response_model *model, sy_proportional_test test, int first, int last,
                                 int *list, int *rest)
{
    sy_response_model wide = *model;
    const int spread = test == SY_PROPORTIONAL_SPREAD, had = spread ? model->n_scale : model->n_nominal;
    const int *const old = spread ? model->scale : model->nominal;
    int n = had, kept = 0;
    if (had > 0) memcpy(list, old, (size_t)had * sizeof *list);
    for (int t = 0; t < model->columns.n_terms; t++) {
        const int moved = t >= first && t < last;
        int already = 0;
        for (int s = 0; s < had; s++) already |= old[s] == model->columns.terms[t];
        if (moved && !already) list[n++] = model->columns.terms[t];
        else if (!moved) rest[kept++] = model->columns.terms[t];
    }
    if (spread) {
        wide.n_scale = n;
        wide.scale = list;
        return wide;
    }
    wide.n_nominal = n;
    wide.nominal = list;
    wide.columns.n_terms = kept;
    wide.columns.terms = rest;
    return wide;
}

static sy_status likelihood_ratios(sy_context *ctx, const sy_design *design, const sy_response_model *model,
                                   sy_proportional_test test, const sy_response_options *options,
                                   sy_proportional_row *row)
{
    const int terms = model->columns.n_terms;
    const size_t room = (size_t)design->n_terms + (size_t)terms + 1;
    fitted base = {0};
    int *list = syi_alloc(2 * room, sizeof *list);
    if (!list) return syi_fail(ctx, SY_ENOMEM, "proportional odds: out of memory for %d terms", terms);
    sy_status status = fit(ctx, design, model, options, &base);
    for (int t = 0; t <= terms && status >= 0; t++) {
        const int all = t == terms;
        const sy_response_model wide = widened(model, test, all ? 0 : t, all ? terms : t + 1, list, list + room);
        const char *label = all ? "all terms" : design->terms[model->columns.terms[t]].label;
        fitted larger = {0};
        if ((status = fit(ctx, design, &wide, options, &larger)) < 0) break;
        const int exists = base.exists && larger.exists;
        status =
            syi_proportional_row(ctx, exists ? 2 * (larger.loglik - base.loglik) : NAN, larger.k - base.k, &row[t]);
        if (status >= 0 && !exists)
            status = syi_remark(ctx, SY_NOTE_NOT_CONVERGED, label, 0,
                                "%s: the larger model of the test has no maximum (some level is never seen among some "
                                "rows), so there is no test",
                                label);
    }
    SYI_FREE(list);
    return status;
}

static sy_status brant(sy_context *ctx, const sy_design *design, const sy_response_model *model,
                       const sy_response_options *options, sy_proportional_row *row)
{
    const int terms = model->columns.n_terms;
    syi_packed rows = {0};
    syi_shadow shadow = {0};
    const char **labels = syi_alloc((size_t)terms + 1, sizeof *labels);
    int *term = NULL;
    sy_status status = labels ? syi_packed_init(ctx, design, model, &rows)
                              : syi_fail(ctx, SY_ENOMEM, "Brant's test: out of memory for %d terms", terms);
    if (status >= 0) status = syi_shadow_open(ctx, design, model, &shadow);
    if (status < 0) goto out;
    if (!(term = syi_alloc((size_t)rows.p + 1, sizeof *term))) {
        status = syi_fail(ctx, SY_ENOMEM, "Brant's test: out of memory for %d columns", rows.p);
        goto out;
    }
    for (int c = 0; c < rows.p; c++)
        term[c] = syi_model_term_of(&shadow.part[SYI_LOCATION], rows.column[c] - (rows.n_levels - 1) + 1);
    for (int t = 0; t < terms; t++) labels[t] = design->terms[model->columns.terms[t]].label;
    status = syi_brant(ctx, &rows, options, terms, term, labels, row);
out:
    SYI_FREE(labels);
    SYI_FREE(term);
    syi_shadow_free(&shadow);
    syi_packed_free(&rows);
    return status;
}

sy_status sy_proportional(sy_context *ctx, const sy_design *design, const sy_response_model *model,
                          sy_proportional_test test, const sy_response_options *options, sy_proportional_row *row)
{
    const int remarks = ctx->n_remarks;
    sy_response_options usual;
    syi_enter(ctx);
    syi_gsl_guard();
    sy_response_defaults(&usual);
    if (options) usual = *options;
    usual.start = NULL;
    sy_status status = check(ctx, design, model, test);
    if (status < 0) return status;
    status = test == SY_PROPORTIONAL_BRANT ? brant(ctx, design, model, &usual, row)
                                           : likelihood_ratios(ctx, design, model, test, &usual, row);
    return status < 0 ? status : syi_status_of_remarks(ctx, remarks);
}
