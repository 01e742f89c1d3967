/* The fit of a linear mixed model: the criterion's least value, and what follows
 * from it.
 *
 * Log-likelihood, AIC and BIC are lme4's: -criterion / 2, restricted where reml,
 * with rank + n_theta + 1 parameters and n rows by the weight rule. The
 * covariance of the coefficients is sigma^2 (X' V^-1 X)^-1 at the estimated T, that of theta
 * twice the inverse of the profiled criterion's second derivatives over the entries that are
 * not at the boundary. Cost: 5 to 12 evaluations of the criterion; a read of the
 * rows where fitted values are wanted.
 * Bates, Maechler, Bolker & Walker 2015, doi:10.18637/jss.v067.i01.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/mixed/lmm_internal.h"
#include <stdio.h>
#include <string.h>

typedef struct {
    syi_lmm l;
    const sy_mixed_fit *fit;
    double *theta, *beta, *inverse, *modes, *hessian; /* [n_theta] [p] [p * p] [n_modes] [n_theta * n_theta] */
    unsigned char *flat;                              /* [n_bars] */
    syi_lmm_report report;
    syi_lmm_value value;
} fitting;

static sy_status make_room(sy_context *ctx, fitting *f)
{
    const size_t p = (size_t)f->l.p, t = (size_t)f->l.n_theta, modes = (size_t)f->l.n_modes;
    const int want_modes = f->fit && (f->fit->linear || f->fit->fitted) && !f->fit->modes;
    f->theta = syi_alloc(t, sizeof *f->theta);
    f->beta = syi_alloc(p, sizeof *f->beta);
    f->inverse = syi_alloc(p * p, sizeof *f->inverse);
    f->hessian = syi_alloc(t * t, sizeof *f->hessian);
    f->flat = syi_alloc((size_t)f->l.rows->bars.n_bars, 1);
    if (want_modes) f->modes = syi_alloc(modes, sizeof *f->modes);
    if (!f->flat || !f->theta || !f->beta || !f->inverse || !f->hessian || (want_modes && !f->modes))
        return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %td effects", f->l.n_modes);
    return SY_OK;
}

static void free_room(fitting *f)
{
    SYI_FREE(f->flat);
    SYI_FREE(f->theta);
    SYI_FREE(f->beta);
    SYI_FREE(f->inverse);
    SYI_FREE(f->hessian);
    SYI_FREE(f->modes);
    syi_lmm_free(&f->l);
}

/* What should be known: variances of zero by group and effect, a search that has not ended. */
static sy_status remarks(sy_context *ctx, const fitting *f, const sy_mixed_options *o)
{
    sy_status s = syi_bars_remark(ctx, &f->l.rows->bars, f->theta, f->flat);
    if (s >= 0 && !f->report.converged)
        s = syi_remark(
            ctx, SY_NOTE_NOT_CONVERGED, "theta", f->report.last_step,
            "the search for the variances stopped after %d steps with a last relative step of %.1e; %.1e was "
            "asked for",
            f->report.iterations, f->report.last_step, o->tolerance);
    return s;
}

static void summarise(const fitting *f, sy_mixed_summary *s)
{
    const syi_lmm *l = &f->l;
    const syi_model *m = &l->rows->m;
    const double parameters = l->p + l->n_theta + 1;
    *s = (sy_mixed_summary){.n = l->n,
                            .rows_read = (double)m->design->n,
                            .rows_used = m->rows_used,
                            .rows_dropped = m->rows_dropped,
                            .k = m->p,
                            .rank = l->p,
                            .n_parameters = (int)parameters,
                            .df_resid = l->n - parameters,
                            .loglik = -0.5 * f->value.criterion,
                            .criterion = f->value.criterion,
                            .aic = f->value.criterion + 2 * parameters,
                            .bic = f->value.criterion + log(l->n) * parameters,
                            .sigma = sqrt(f->value.sigma2),
                            .theta_count = NAN,
                            .last_step = f->report.last_step,
                            .gradient = f->report.gradient,
                            .iterations = f->report.iterations,
                            .evaluations = f->report.evaluations,
                            .converged = f->report.converged,
                            .boundary = f->report.boundary};
}

static void put_fixed(const fitting *f)
{
    const sy_mixed_fit *fit = f->fit;
    const int k = f->l.rows->m.p, p = f->l.p;
    for (int i = 0; i < k; i++) {
        if (fit->estimate) fit->estimate[i] = NAN;
        if (fit->aliased) fit->aliased[i] = 1;
        for (int j = 0; fit->covariance && j < k; j++) fit->covariance[(ptrdiff_t)i * k + j] = NAN;
    }
    for (int i = 0; i < p; i++) {
        const int at = f->l.column[i];
        if (fit->estimate) fit->estimate[at] = f->beta[i];
        if (fit->aliased) fit->aliased[at] = 0;
        for (int j = 0; fit->covariance && j < p; j++)
            fit->covariance[(ptrdiff_t)at * k + f->l.column[j]] = f->value.sigma2 * f->inverse[(ptrdiff_t)i * p + j];
    }
}

void syi_lmm_variances(const syi_bars *b, const double *theta, double sigma2, double *variance)
{
    for (int k = 0; k < b->n_bars; k++) {
        const syi_bar *bar = &b->bar[k];
        for (int i = 0; i < bar->q; i++)
            for (int j = 0; j < bar->q; j++) {
                double v = 0;
                for (int h = 0; h <= (i < j ? i : j); h++) {
                    const int a = syi_bar_theta(bar, i, h), c = syi_bar_theta(bar, j, h);
                    if (a >= 0 && c >= 0) v += theta[a] * theta[c];
                }
                variance[bar->first_entry + i * bar->q + j] = sigma2 * v;
            }
    }
}

int syi_lmm_free_thetas(const syi_bars *b, const double *theta, int *free_)
{
    int count = 0;
    for (int k = 0; k < b->n_bars; k++)
        for (int j = 0; j < b->bar[k].q; j++)
            for (int i = j; i < b->bar[k].q; i++) {
                const int at = syi_bar_theta(&b->bar[k], i, j), pivot = syi_bar_theta(&b->bar[k], j, j);
                if (at < 0) continue;
                free_[at] = theta[pivot] != 0;
                count += free_[at];
            }
    return count;
}

/* 2 H^-1 over the thetas that are not at the boundary. */
static sy_status put_theta_covariance(sy_context *ctx, const fitting *f)
{
    const int m = f->l.n_theta;
    const size_t square = (size_t)m * (size_t)m;
    double *out = f->fit->theta_covariance, *h = syi_alloc(3 * square, sizeof *h), *root = h ? h + square : NULL;
    int *free_ = syi_alloc((size_t)m, sizeof *free_), k = 0;
    sy_status s = SY_OK;
    if (!h || !free_) {
        s = syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d parameters", m);
        goto out;
    }
    if ((s = syi_lmm_hessian(ctx, &f->l, f->theta, f->hessian)) < 0) goto out;
    const int count = syi_lmm_free_thetas(&f->l.rows->bars, f->theta, free_);
    for (int i = 0; i < m * m; i++) out[i] = NAN;
    for (int i = 0; i < m; i++)
        for (int j = 0; free_[i] && j < m; j++)
            if (free_[j]) h[k++] = f->hessian[i * m + j];
    if (!syi_cholesky_plain(count, h, 0)) goto out;
    syi_cholesky_plain_root(count, h, root);
    syi_cholesky_plain_inverse(count, root, root + square);
    k = 0;
    for (int i = 0; i < m; i++)
        for (int j = 0; free_[i] && j < m; j++)
            if (free_[j]) out[i * m + j] = 2 * root[square + (size_t)k++];
out:
    SYI_FREE(h);
    SYI_FREE(free_);
    return s;
}

static sy_status put_fit(sy_context *ctx, const fitting *f)
{
    const sy_mixed_fit *fit = f->fit;
    const syi_bars *b = &f->l.rows->bars;
    put_fixed(f);
    if (fit->theta) memcpy(fit->theta, f->theta, (size_t)f->l.n_theta * sizeof *fit->theta);
    if (fit->variance) syi_lmm_variances(b, f->theta, f->value.sigma2, fit->variance);
    size_t variances = 0;
    for (int k = 0; k < b->n_bars; k++)
        variances += (size_t)b->factor[b->bar[k].factor].n_levels * (size_t)b->bar[k].q * (size_t)b->bar[k].q;
    for (size_t i = 0; fit->mode_variance && i < variances; i++) fit->mode_variance[i] *= f->value.sigma2;
    sy_status s = fit->theta_covariance ? put_theta_covariance(ctx, f) : SY_OK;
    const double *modes = fit->modes ? fit->modes : f->modes;
    if (s >= 0 && fit->linear) s = syi_lmm_fitted(ctx, f->l.rows, f->beta, modes, fit->linear);
    if (s >= 0 && fit->fitted && fit->linear)
        memcpy(fit->fitted, fit->linear, (size_t)f->l.rows->m.design->n * sizeof *fit->fitted);
    else if (s >= 0 && fit->fitted) s = syi_lmm_fitted(ctx, f->l.rows, f->beta, modes, fit->fitted);
    return s;
}

/* Rounding of the sums of squares, relative: below it the residual variance is zero. */
static sy_status check_rest(sy_context *ctx, const fitting *f)
{
    const double scale = f->l.rows->scale[f->l.p], rest = f->value.rss * scale * scale;
    if (isfinite(f->value.criterion) && rest > 1e-22) return SY_OK;
    return syi_fail(
        ctx, SY_EDATA,
        "%s: is fitted exactly by the coefficients and the effects of the groups; no variance is left for the "
        "errors",
        f->l.rows->m.design->terms[f->l.rows->m.model.outcome].label);
}

sy_status syi_lmm_fit(sy_context *ctx, const sy_design *design, const sy_mixed_model *model, const sy_mixed_options *o,
                      sy_mixed_summary *summary, const sy_mixed_fit *fit)
{
    fitting f = {.fit = fit};
    sy_status s = syi_lmm_init(ctx, design, model, o->reml, &f.l);
    if (s < 0) return s;
    if ((s = make_room(ctx, &f)) < 0) goto out;
    syi_lmm_start(&f.l, f.theta);
    if (o->start) memcpy(f.theta, o->start, (size_t)f.l.n_theta * sizeof *f.theta);
    if ((s = syi_lmm_search(ctx, &f.l, o, f.theta, &f.report, f.flat)) < 0) goto out;
    f.value = (syi_lmm_value){.beta = f.beta, .inverse = f.inverse};
    f.value.modes = fit && fit->modes ? fit->modes : f.modes;
    f.value.mode_variance = fit ? fit->mode_variance : NULL;
    if ((s = f.l.evaluate(ctx, &f.l, f.theta, NULL, &f.value)) < 0) goto out;
    if ((s = check_rest(ctx, &f)) < 0) goto out;
    summarise(&f, summary);
    if ((s = remarks(ctx, &f, o)) < 0) goto out;
    if (fit) s = put_fit(ctx, &f);
out:
    free_room(&f);
    return s;
}
