/* Coefficients of least squares with errors that do not rest on equal variances.
 *
 * Limits: t of the coefficient's own degrees of freedom; CR2 with
 * Satterthwaite's over clusters [Pustejovsky & Tipton 2018,
 * doi:10.1080/07350015.2016.1247004], HC3 over rows without clusters [MacKinnon &
 * White 1985, doi:10.1016/0304-4076(85)90158-7]: one row that stands far out, as
 * a council of few people does, has little residual of its own, and HC3 divides
 * by (1 - leverage)^2. Cost: that of sy_linear and sy_vcov.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "steelyard/distribution.h"
#include "steelyard/vcov.h"
#include "study/verdict/slopes_internal.h"
#include <math.h>

typedef struct {
    sy_linear_model model;
    int *terms, *count, *aliased, p, first; /* first: column of the first term */
    double *memory, *coefficient, *inverse, *effects, *covariance, *df;
    sy_linear_summary summary;
} fit;

static void fit_free(fit *f)
{
    SYI_FREE(f->terms);
    SYI_FREE(f->count);
    SYI_FREE(f->aliased);
    SYI_FREE(f->memory);
}

static sy_vcov_kind kind_of(const sy_design *design)
{
    return design->cluster ? SY_VCOV_CR2 : SY_VCOV_HC3;
}

static sy_status shape(sy_context *ctx, const syi_cell *cell, const sy_design *design, int n_terms, const int *terms,
                       fit *f)
{
    *f = (fit){0};
    f->terms = syi_alloc((size_t)n_terms, sizeof *f->terms);
    f->count = syi_alloc((size_t)n_terms + 1, sizeof *f->count);
    if (!f->terms || !f->count) return syi_fail(ctx, SY_ENOMEM, "blocks: no room for a model of %d terms", n_terms);
    for (int t = 0; t < n_terms; t++) f->terms[t] = terms[t];
    f->model = (sy_linear_model){.outcome = cell->question.outcome,
                                 .n_terms = n_terms,
                                 .terms = f->terms,
                                 .intercept = !cell->question.absorb,
                                 .absorb = cell->question.absorb ? design->cluster : NULL};
    sy_status status = sy_linear_columns(ctx, design, &f->model, f->count, &f->p);
    if (status < 0) return status;
    const size_t p = (size_t)f->p;
    f->first = f->count[0];
    f->aliased = syi_alloc(p + 1, sizeof *f->aliased);
    f->memory = syi_alloc(3 * p + 2 * p * p + 1, sizeof *f->memory);
    if (!f->aliased || !f->memory) return syi_fail(ctx, SY_ENOMEM, "blocks: no room for a model of %zu columns", p);
    f->coefficient = f->memory;
    f->effects = f->memory + p;
    f->df = f->memory + 2 * p;
    f->inverse = f->memory + 3 * p;
    f->covariance = f->inverse + p * p;
    return SY_OK;
}

/* A model that cannot be fitted leaves no coefficient; only what stops the
 * whole question is handed on. */
static sy_status forgive(sy_context *ctx, sy_status status, const char *outcome)
{
    if (status >= 0 || status == SY_EINTR || status == SY_ENOMEM || status == SY_EBUG)
        return status < 0 ? status : SY_OK;
    return syi_remark(ctx, SY_NOTE_INTERVAL_SKIPPED, outcome, 0, "no slope of funding: %s", ctx->message);
}

static sy_status solve(sy_context *ctx, const sy_design *design, fit *f)
{
    const sy_linear_fit out = {
        .coefficient = f->coefficient, .aliased = f->aliased, .inverse = f->inverse, .effects = f->effects};
    sy_linear_options how;
    sy_linear_defaults(&how);
    sy_status status = sy_linear(ctx, design, &f->model, &how, &f->summary, &out);
    if (status < 0 || !(f->summary.df_resid > 0)) return status;
    return sy_vcov(ctx, design, &f->model, &how, kind_of(design), NULL, f->covariance, f->df);
}

static sy_status read_slope(sy_context *ctx, const fit *f, double factor, double level, syi_slope *out)
{
    const int c = f->first;
    const double b = f->coefficient[c], error = sqrt(f->covariance[c * f->p + c]);
    if (f->aliased[c] || !(f->summary.df_resid > 0)) return SY_OK;
    out->estimate = factor * b;
    out->std_error = factor * error;
    out->df = f->df[c];
    out->classical_t = b / (f->summary.sigma * sqrt(f->inverse[c * f->p + c]));
    out->classical_df = f->summary.df_resid;
    if (!(error > 0) || isnan(out->df)) return SY_OK;
    sy_status status = sy_distribution_t_tail(ctx, fabs(b / error), out->df, &out->p_value);
    out->p_value *= 2;
    if (!status)
        status = sy_interval_limits(ctx, SY_SCALE_IDENTITY, out->estimate, out->std_error, out->df, level, &out->low,
                                    &out->high);
    return status < 0 ? status : SY_OK;
}

static const char *outcome_of(const syi_cell *cell)
{
    return cell->portion.design.terms[cell->question.outcome].label;
}

sy_status syi_slope_of(sy_context *ctx, const syi_cell *cell, const sy_design *design, int term, int n_others,
                       const int *others, double factor, double level, syi_slope *out)
{
    fit f = {0};
    int *terms = syi_alloc((size_t)n_others + 1, sizeof *terms);
    *out = (syi_slope){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    if (!terms) return syi_fail(ctx, SY_ENOMEM, "blocks: no room for a model of %d terms", n_others + 1);
    terms[0] = term;
    for (int t = 0; t < n_others; t++) terms[t + 1] = others[t];
    sy_status status = shape(ctx, cell, design, n_others + 1, terms, &f);
    if (status >= 0) status = solve(ctx, design, &f);
    status = status < 0 ? forgive(ctx, status, outcome_of(cell)) : read_slope(ctx, &f, factor, level, out);
    fit_free(&f);
    SYI_FREE(terms);
    return status;
}

sy_status syi_slopes_zero(sy_context *ctx, const syi_cell *cell, const sy_design *design, int n_terms, const int *terms,
                          int tested, double *p_value)
{
    fit f = {0};
    double *memory = NULL;
    sy_linear_options how;
    *p_value = NAN;
    if (tested < 1) return SY_OK;
    sy_linear_defaults(&how);
    sy_status status = shape(ctx, cell, design, n_terms, terms, &f);
    if (status < 0) goto out;
    if ((status = solve(ctx, design, &f)) < 0 || !(f.summary.df_resid > 0)) goto out;
    for (int q = 0; q < tested; q++)
        if (f.aliased[f.first + q]) goto out;
    const size_t p = (size_t)f.p, q = (size_t)tested;
    memory = syi_alloc(q * p + 7 * q, sizeof *memory);
    if (!memory) {
        status = syi_fail(ctx, SY_ENOMEM, "blocks: no room for a test of %d columns", tested);
        goto out;
    }
    for (size_t i = 0; i < q; i++) memory[i * p + (size_t)f.first + i] = 1;
    double *v = memory + q * p;
    sy_contrasts test = {v, v + q, v + 2 * q, v + 3 * q, v + 4 * q, v + 5 * q, v + 6 * q, NAN, NAN, NAN, NAN};
    status = sy_vcov_test(ctx, design, &f.model, &how, kind_of(design), NULL, tested, memory, 0.95, &test);
    if (status >= 0) *p_value = test.f_p;
out:
    SYI_FREE(memory);
    fit_free(&f);
    return forgive(ctx, status, outcome_of(cell));
}
