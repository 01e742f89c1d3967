/* Covariance of coefficients by kind: sy_vcov, and tests of combinations of
 * coefficients with what the kind says of their distribution.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "models/vcov/vcov_internal.h"
#include <math.h>

static const double LOST = 1e-20; /* standard errors of 1e-10: residuals are known to fewer digits */

sy_status syi_vcov_check(sy_context *ctx, const sy_design *design, const sy_linear_model *model, sy_vcov_kind kind,
                         const sy_column *second)
{
    if ((int)kind < SY_VCOV_CLASSICAL || kind > SY_VCOV_CR3)
        return syi_fail(ctx, SY_EINVAL, "covariance: %d; it must be classical, HC0 to HC5 or CR0 to CR3", (int)kind);
    if (kind == SY_VCOV_CLASSICAL && design->weights && design->weight_kind == SY_WEIGHT_SAMPLING)
        return syi_fail(
            ctx, SY_EINVAL,
            "covariance: classical is not for sampling weights, which say nothing of variances; take HC1, or "
            "CR2 with clusters");
    if (kind < SY_VCOV_CR0)
        return second ? syi_fail(ctx, SY_EINVAL, "cluster: a second one needs a covariance of CR0 to CR3") : SY_OK;
    if (!design->cluster) return syi_fail(ctx, SY_EINVAL, "cluster: none given; CR0 to CR3 need clusters");
    if (!second) return SY_OK;
    if (second->type != SY_CODES || second->n_levels < 1 || !second->levels || !second->data)
        return syi_fail(ctx, SY_EINVAL, "cluster: %s must be a factor (codes with names)",
                        second->name ? second->name : "the second");
    if (model->absorb && (kind == SY_VCOV_CR2 || kind == SY_VCOV_CR3))
        return syi_fail(
            ctx, SY_EINVAL,
            "covariance: CR2 and CR3 with two-way clusters need the levels of %s among the terms, not absorbed",
            model->absorb->name);
    return SY_OK;
}

static void classical(const syi_basis *b, double *covariance)
{
    const double sigma2 = b->fit.sigma * b->fit.sigma;
    for (ptrdiff_t i = 0; i < (ptrdiff_t)b->p * b->p; i++) covariance[i] = sigma2 * b->inverse[i];
}

static void same_df(const syi_basis *b, double value, double *df)
{
    for (int i = 0; i < b->p; i++) df[i] = NAN;
    for (int i = 0; i < b->rank; i++) df[b->column[i]] = value;
}

int syi_vcov_lost(double variance, double classical)
{
    return !(variance > LOST * classical);
}

sy_status syi_vcov_lost_remark(sy_context *ctx, sy_vcov_kind kind, const char *label, int lost)
{
    const char *whose = kind >= SY_VCOV_CR0 ? "clusters" : "rows";
    if (lost == 1)
        return syi_remark(ctx, SY_NOTE_INTERVAL_SKIPPED, label, lost,
                          "%s: the %s that decide it leave no residuals; its variance comes out as zero, and there is "
                          "no test of it",
                          label, whose);
    return syi_remark(
        ctx, SY_NOTE_INTERVAL_SKIPPED, label, lost,
        "%s and %d other%s: the %s that decide them leave no residuals; their variances come out as zero, "
        "and there is no test of them",
        label, lost - 1, lost == 2 ? "" : "s", whose);
}

/* Coefficients without a variance: zero, and no degrees of freedom for a test. */
static sy_status drop_lost(sy_context *ctx, const syi_basis *b, sy_vcov_kind kind, double *covariance, double *df)
{
    const double sigma2 = b->fit.sigma * b->fit.sigma;
    char label[SY_NAME_LENGTH];
    int lost = 0, first = -1;
    for (int i = 0; i < b->rank; i++) {
        const ptrdiff_t c = b->column[i], p = b->p;
        if (!syi_vcov_lost(covariance[c * p + c], sigma2 * b->inverse[c * p + c])) continue;
        for (ptrdiff_t k = 0; k < p; k++)
            if (!isnan(covariance[c * p + k])) covariance[c * p + k] = covariance[k * p + c] = 0;
        df[c] = NAN;
        if (lost++ == 0) first = (int)c;
    }
    if (lost == 0 || b->fit.df_resid <= 0) return SY_OK;
    syi_model_label(&b->m, first, label, sizeof label);
    return syi_vcov_lost_remark(ctx, kind, label, lost);
}

sy_status syi_vcov_of(sy_context *ctx, syi_basis *b, sy_vcov_kind kind, const sy_column *second, double *covariance,
                      double *df)
{
    sy_status s = SY_OK;
    if (kind < SY_VCOV_CR0) same_df(b, b->fit.df_resid, df);
    if (second) s = syi_vcov_twoway(ctx, b, second, kind, covariance, df);
    else if (kind >= SY_VCOV_CR0) s = syi_vcov_cluster(ctx, b, kind, covariance, df);
    else if (kind != SY_VCOV_CLASSICAL) s = syi_vcov_rows(ctx, b, kind, covariance);
    else classical(b, covariance);
    return s < 0 || kind == SY_VCOV_CLASSICAL ? s : drop_lost(ctx, b, kind, covariance, df);
}

sy_status sy_vcov(sy_context *ctx, const sy_design *design, const sy_linear_model *model,
                  const sy_linear_options *options, sy_vcov_kind kind, const sy_column *second, double *covariance,
                  double *df)
{
    const int first = ctx->n_remarks;
    syi_basis b = {0};
    syi_enter(ctx);
    sy_status s = syi_vcov_check(ctx, design, model, kind, second);
    if (s < 0) return s;
    s = syi_basis_init(ctx, design, model, options, &b);
    if (s >= 0) s = syi_vcov_of(ctx, &b, kind, second, covariance, df);
    syi_basis_free(&b);
    return s < 0 ? s : syi_status_of_remarks(ctx, first);
}
