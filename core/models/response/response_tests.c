/* Tests of the terms of a response model.
 *
 * Term t is tested in the model A of all parameters but those of the terms that
 * contain it (type II; type III: of all parameters), against A without its own,
 * B. Likelihood ratio: 2 (L(A) - L(B)), both at their maxima. Score: u' H^-1 u with
 * the derivatives u and the observed information H of A's log-likelihood at the
 * maximum of B. Wald: W(own and containing) - W(containing) of the full fit, W =
 * b'V^-1b. All are chi squared with as many degrees of freedom as parameters that
 * are tested; Wald with finite degrees of freedom is F.
 * Conditions: rows independent given the model for likelihood ratio and score.
 * Where a term is nominal its thresholds are tested, where it is of the scale
 * its scale parameters.
 * Cost: likelihood ratio and score a refit from the full fit's estimates a term, two
 * where others contain it.
 * Wilks 1938, doi:10.1214/aoms/1177732360; Rao 1948,
 * doi:10.1017/S0305004100023987; Wald 1943,
 * doi:10.1090/S0002-9947-1943-0012401-3; Fox & Weisberg 2019, section 5.3.4.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/linear/anova_internal.h"
#include "models/linear/wald_internal.h"
#include "models/response/after_fit_internal.h"
#include "models/response/packed_internal.h"
#include "steelyard/distribution.h"
#include "steelyard/response_tests.h"
#include <math.h>
#include <string.h>

typedef struct {
    syi_after a;
    sy_response_options options;
    sy_test_kind kind;
    sy_anova_type type;
    int n_rows;
    const double *df;
    syi_wald wald;
    int *owner;          /* [k in use] row of the table a parameter belongs to, or -1 */
    unsigned char *use;  /* [k] */
    double *theta;       /* [k] start and end of a refit */
    double *gradient;    /* [k] */
    double *information; /* [k * k], then room for its map and scratch */
    double full;         /* log-likelihood of all parameters */
} work;

static int is_scale(const sy_response_model *m, int row)
{
    return row >= m->columns.n_terms + m->n_nominal;
}

static const sy_term *term_of(const work *w, int row)
{
    const sy_response_model *m = w->a.model;
    const int location = m->columns.n_terms;
    if (row < location) return &w->a.design->terms[m->columns.terms[row]];
    if (row < location + m->n_nominal) return &w->a.design->terms[m->nominal[row - location]];
    return &w->a.design->terms[m->scale[row - location - m->n_nominal]];
}

/* Is row s kept out of model A of row t because its term contains t's? Scale
 * terms are a model of their own. */
static int contains(const work *w, int t, int s)
{
    if (w->type != SY_ANOVA_II || s == t) return 0;
    if (is_scale(w->a.model, s) != is_scale(w->a.model, t)) return 0;
    return syi_terms_within(term_of(w, t), term_of(w, s));
}

/* The row that the caller's parameter j belongs to. */
static int row_of(const sy_response_model *model, const syi_shadow *rows, int each, int j)
{
    const int nominal = rows->first[SYI_SPREAD] - rows->first[SYI_NOMINAL], location = rows->first[SYI_NOMINAL];
    const int spread = rows->first[SYI_PARTS] - rows->first[SYI_SPREAD], ordinal = model->kind == SY_RESPONSE_ORDINAL;
    const int thresholds = each * (1 + nominal);
    if (j < each) return -1;
    if (j < thresholds)
        return model->columns.n_terms + syi_model_term_of(&rows->part[SYI_NOMINAL], (j - each) / each + 1);
    if (j < thresholds + location) return syi_model_term_of(&rows->part[SYI_LOCATION], j - thresholds + ordinal);
    if (j >= thresholds + location + spread) return -1;
    return model->columns.n_terms + model->n_nominal +
           syi_model_term_of(&rows->part[SYI_SPREAD], j - thresholds - location + 1);
}

static sy_status find_owners(sy_context *ctx, work *w)
{
    const sy_response_model *model = w->a.model;
    const int each =
        model->kind == SY_RESPONSE_ORDINAL ? syi_thresholds_free(model->thresholds, w->a.rows.n_levels) : 0;
    syi_shadow rows = {0};
    const sy_status s = syi_shadow_open(ctx, w->a.design, model, &rows);
    for (int i = 0; i < w->a.k && s >= 0; i++) w->owner[i] = row_of(model, &rows, each, w->a.place[i]);
    syi_shadow_free(&rows);
    return s;
}

/* Leaves out what contains row t, and with `without` its own parameters; how many. */
static int choose(work *w, int t, int without)
{
    int out = 0;
    for (int i = 0; i < w->a.k; i++) {
        const int owner = w->owner[i];
        w->use[i] = !(owner >= 0 && (contains(w, t, owner) || (without && owner == t)));
        out += !w->use[i];
    }
    return out;
}

/* The maximum over the parameters in use, from the full fit's estimates; where
 * those lie too far off (separation) from the margins. */
static sy_status refit(sy_context *ctx, work *w, int t, double *loglik)
{
    syi_newton_report report = {0};
    sy_status s = SY_OK;
    w->a.likelihood.use = w->use;
    for (int attempt = 0; attempt < 2 && s >= 0 && !report.converged; attempt++) {
        if (attempt > 0) w->a.likelihood.start(&w->a.likelihood, w->theta);
        for (int i = 0; i < w->a.k; i++) {
            if (attempt == 0) w->theta[i] = w->a.theta[i];
            if (!w->use[i]) w->theta[i] = 0;
        }
        s = syi_newton(ctx, &w->a.likelihood, &w->options, w->theta, w->information, NULL, &report);
    }
    w->a.likelihood.use = NULL;
    *loglik = report.loglik;
    if (s < 0 || report.converged || report.separated) return s;
    return syi_remark(ctx, SY_NOTE_NOT_CONVERGED, term_of(w, t)->label, report.last_step,
                      "%s: the fit without it has not converged (last step %.1e); its test is not to be relied on",
                      term_of(w, t)->label, report.last_step);
}

static sy_status chi_squared(sy_context *ctx, sy_term_test *row)
{
    row->df_resid = HUGE_VAL;
    if (isnan(row->statistic)) return SY_OK;
    row->statistic = fmax(row->statistic, 0);
    return sy_distribution_chi2_tail(ctx, row->statistic, row->df, &row->p_value);
}

static sy_status likelihood_ratio(sy_context *ctx, work *w, int t, sy_term_test *row)
{
    double whole = w->full, less = 0;
    sy_status s = choose(w, t, 0) > 0 ? refit(ctx, w, t, &whole) : SY_OK;
    if (s < 0) return s;
    choose(w, t, 1);
    s = refit(ctx, w, t, &less);
    row->statistic = 2 * (whole - less);
    return s < 0 ? s : chi_squared(ctx, row);
}

static sy_status score(sy_context *ctx, work *w, int t, sy_term_test *row)
{
    const int k = w->a.k;
    double less = 0, loglik = 0, sum = 0;
    int at = 0;
    choose(w, t, 1);
    sy_status s = refit(ctx, w, t, &less);
    if (s < 0) return s;
    choose(w, t, 0);
    w->a.likelihood.use = w->use;
    s = w->a.likelihood.value(ctx, &w->a.likelihood, w->theta, &loglik, w->gradient, w->information);
    w->a.likelihood.use = NULL;
    if (s < 0) return s;
    for (int i = 0; i < k; i++) { /* the parameters in use closed up */
        if (!w->use[i]) continue;
        int to = 0;
        for (int j = 0; j < k; j++)
            if (w->use[j]) w->theta[to++] = w->information[(ptrdiff_t)i * k + j];
        w->gradient[at] = w->gradient[i];
        memcpy(w->information + (ptrdiff_t)at * to, w->theta, (size_t)to * sizeof *w->theta);
        at++;
    }
    double *map = w->information + (ptrdiff_t)k * k;
    if (syi_information_map(at, w->information, map, NULL, map + (ptrdiff_t)k * k))
        for (int i = 0; i < at; i++) {
            double turned = 0;
            for (int j = 0; j < at; j++) turned += map[j * at + i] * w->gradient[j];
            sum += turned * turned;
        }
    else sum = NAN;
    row->statistic = sum;
    return chi_squared(ctx, row);
}

static int put_row(work *w, int row, int at)
{
    for (int i = 0; i < w->a.k; i++) {
        const ptrdiff_t j = w->a.place[i], k = w->a.shape.k;
        if (w->owner[i] == row && !isnan(w->wald.covariance[j * (k + 1)])) w->wald.column[at++] = (int)j;
    }
    return at;
}

static sy_status wald(sy_context *ctx, work *w, int t, sy_term_test *row)
{
    int above = 0, above_rank = 0, rank = 0;
    for (int s = 0; s < w->n_rows; s++)
        if (contains(w, t, s)) above = put_row(w, s, above);
    const int count = put_row(w, t, above);
    if (count == above) return SY_OK;
    for (int i = 0; i < count; i++)
        if (isnan(w->df[w->wald.column[i]])) return SY_OK; /* its variance could not be estimated */
    const double part = above > 0 ? syi_wald_statistic(&w->wald, above, &above_rank) : 0;
    const double whole = syi_wald_statistic(&w->wald, count, &rank);
    row->df = rank - above_rank;
    if (!(row->df > 0)) return SY_OK;
    row->df_resid = HUGE_VAL;
    for (int i = above; i < count; i++) row->df_resid = fmin(row->df_resid, w->df[w->wald.column[i]]);
    row->statistic = fmax(whole - part, 0);
    return sy_distribution_f_tail(ctx, row->statistic / row->df, row->df, row->df_resid, &row->p_value);
}

static sy_status test_row(sy_context *ctx, work *w, int t, sy_term_test *row)
{
    *row = (sy_term_test){NAN, 0, NAN, NAN};
    for (int i = 0; i < w->a.k; i++) row->df += w->owner[i] == t;
    if (row->df == 0) return SY_OK;
    if (w->kind == SY_TEST_WALD) return wald(ctx, w, t, row);
    return w->kind == SY_TEST_SCORE ? score(ctx, w, t, row) : likelihood_ratio(ctx, w, t, row);
}

static sy_status check(sy_context *ctx, const sy_design *design, const sy_response_model *model, sy_test_kind kind,
                       sy_anova_type type, const double *covariance, const double *df)
{
    if ((int)kind < SY_TEST_LIKELIHOOD_RATIO || kind > SY_TEST_SCORE)
        return syi_fail(ctx, SY_EINVAL, "test: %d; it must be likelihood ratio, Wald or score", (int)kind);
    if (type != SY_ANOVA_II && type != SY_ANOVA_III)
        return syi_fail(ctx, SY_EINVAL, "type = %d: must be 2 or 3", (int)type);
    if (type == SY_ANOVA_III && model->columns.coding != SY_CODING_SUM)
        return syi_fail(ctx, SY_EINVAL, "coding: type 3 tests need coefficients of a fit with coding = \"sum\"");
    if (kind == SY_TEST_WALD && (!covariance || !df))
        return syi_fail(ctx, SY_EINVAL, "covariance: none given; Wald tests need it with its degrees of freedom");
    if (kind != SY_TEST_WALD && design->weights && design->weight_kind == SY_WEIGHT_SAMPLING)
        return syi_fail(ctx, SY_EINVAL,
                        "test: sampling weights make no likelihood; take the Wald test with a robust covariance");
    return SY_OK;
}

static sy_status prepare(sy_context *ctx, work *w, const double *estimate, const double *covariance)
{
    const size_t k = (size_t)w->a.k;
    w->owner = syi_alloc(k + 1, sizeof *w->owner);
    w->use = syi_alloc(k + 1, sizeof *w->use);
    w->theta = syi_alloc(2 * k + 1, sizeof *w->theta);
    w->information = syi_alloc(4 * k * k + k + 1, sizeof *w->information);
    if (!w->owner || !w->use || !w->theta || !w->information)
        return syi_fail(ctx, SY_ENOMEM, "anova: out of memory for %d parameters", w->a.k);
    w->gradient = w->theta + k;
    sy_status s = find_owners(ctx, w);
    if (s >= 0 && w->kind == SY_TEST_WALD) return syi_wald_init(ctx, w->a.shape.k, estimate, covariance, &w->wald);
    if (s >= 0) s = w->a.likelihood.value(ctx, &w->a.likelihood, w->a.theta, &w->full, w->gradient, w->information);
    return s;
}

sy_status sy_response_tests(sy_context *ctx, const sy_design *design, const sy_response_model *model,
                            const sy_response_options *options, sy_test_kind kind, sy_anova_type type, int k,
                            const double *estimate, const double *covariance, const double *df, sy_term_test *row)
{
    const int first = ctx->n_remarks;
    work w = {.kind = kind, .type = type, .df = df};
    syi_enter(ctx);
    sy_status s = check(ctx, design, model, kind, type, covariance, df);
    if (s < 0) return s;
    sy_response_defaults(&w.options);
    if (options) w.options = *options;
    w.options.start = NULL;
    w.n_rows = model->columns.n_terms + model->n_nominal + model->n_scale;
    s = syi_after_init(ctx, design, model, k, estimate, &w.a);
    if (s >= 0) s = prepare(ctx, &w, estimate, covariance);
    for (int t = 0; t < w.n_rows && s >= 0; t++) s = test_row(ctx, &w, t, &row[t]);
    SYI_FREE(w.owner);
    SYI_FREE(w.use);
    SYI_FREE(w.theta);
    SYI_FREE(w.information);
    syi_wald_free(&w.wald);
    syi_after_free(&w.a);
    return s < 0 ? s : syi_status_of_remarks(ctx, first);
}
