/* Wald tests of the terms of a model from its coefficients and any covariance.
 *
 * W(S) = b_S' V_SS^-1 b_S for the coefficients S. Type III: S the term's own
 * columns. Type II: with R the columns of the terms that contain it, W(S and R)
 * - W(R): the part of the joint statistic that is orthogonal to R under V, which
 * for the classical covariance is the type II sum of squares over the error
 * variance. F = W / df, df the rank added (fewer clusters than columns leave V_SS
 * singular). Conditions: V consistent for the covariance of b; the degrees of
 * freedom are approximate but for the classical covariance. Cost: terms * p^3.
 * Fox & Weisberg 2019, An R Companion to Applied Regression, section 5.3.4;
 * Wald 1943, doi:10.1090/S0002-9947-1943-0012401-3.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "models/linear/anova_internal.h"
#include "models/linear/wald_internal.h"
#include "steelyard/anova.h"
#include "steelyard/distribution.h"

typedef struct {
    const syi_model *m;
    const double *df;
    syi_wald all;
} wald;

static int usable(const wald *w, int c)
{
    const double variance = w->all.covariance[(size_t)c * (size_t)w->m->p + (size_t)c];
    return !isnan(w->all.coefficient[c]) && !isnan(variance);
}

static int put_term(wald *w, int t, int at)
{
    for (int k = 0; k < w->m->count[t + 1]; k++) {
        const int c = w->m->first[t + 1] + k;
        if (usable(w, c)) w->all.column[at++] = c;
    }
    return at;
}

static sy_status test_term(sy_context *ctx, wald *w, int t, sy_anova_type type, sy_anova_wald_row *row)
{
    int above = 0, above_rank = 0, rank = 0;
    for (int s = 0; s < w->m->model.n_terms && type == SY_ANOVA_II; s++)
        if (syi_term_within(w->m, t, s)) above = put_term(w, s, above);
    const int count = put_term(w, t, above);
    *row = (sy_anova_wald_row){0, NAN, NAN, NAN};
    if (count == above) return SY_OK;
    for (int k = 0; k < count; k++)
        if (isnan(w->df[w->all.column[k]])) { /* its variance could not be estimated */
            row->df = count - above;
            return SY_OK;
        }
    const double part = above > 0 ? syi_wald_statistic(&w->all, above, &above_rank) : 0;
    const double whole = syi_wald_statistic(&w->all, count, &rank);
    row->df = rank - above_rank;
    if (row->df <= 0) return SY_OK;
    row->df_resid = HUGE_VAL;
    for (int k = above; k < count; k++) row->df_resid = fmin(row->df_resid, w->df[w->all.column[k]]);
    row->f = fmax(whole - part, 0) / row->df;
    return sy_distribution_f_tail(ctx, row->f, row->df, row->df_resid, &row->p_value);
}

static sy_status check(sy_context *ctx, const sy_linear_model *model, sy_anova_type type)
{
    if (type == SY_ANOVA_I)
        return syi_fail(ctx, SY_EINVAL,
                        "type = 1: tests in order need a fit for each term; Wald tests are of type 2 or 3");
    if (type != SY_ANOVA_II && type != SY_ANOVA_III)
        return syi_fail(ctx, SY_EINVAL, "type = %d: must be 2 or 3", (int)type);
    if (type == SY_ANOVA_III && model->coding != SY_CODING_SUM)
        return syi_fail(ctx, SY_EINVAL, "coding: type 3 tests need coefficients of a fit with coding = \"sum\"");
    return SY_OK;
}

sy_status sy_anova_wald(sy_context *ctx, const sy_design *design, const sy_linear_model *model, sy_anova_type type,
                        const double *coefficient, const double *covariance, const double *df, sy_anova_wald_row *row)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_model m = {0};
    sy_status status = check(ctx, model, type);
    if (status == SY_OK) status = syi_model_open(ctx, design, model, SY_PRECISION_DOUBLE, &m);
    if (status < 0) return status;
    wald w = {.m = &m, .df = df};
    status = syi_wald_init(ctx, m.p, coefficient, covariance, &w.all);
    for (int t = 0; t < model->n_terms && status == SY_OK; t++) status = test_term(ctx, &w, t, type, &row[t]);
    syi_wald_free(&w.all);
    syi_model_free(&m);
    return status < 0 ? status : syi_status_of_remarks(ctx, first);
}
