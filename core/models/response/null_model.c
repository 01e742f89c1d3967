/* The log-likelihood of the model without terms: intercept or thresholds alone,
 * offset kept.
 *
 * Without an offset it follows from the margins: Y log(Y / N) + (N - Y) log(1 -
 * Y / N) for binary outcomes, sum over levels W_l log(W_l / W) for ordered ones, and
 * the mean count's own likelihood for Poisson. Else Newton's method with those
 * parameters in use only; a negative binomial has a theta of its own there.
 * Without an intercept nothing is left but the offset. Cost: n, or some passes.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/response/fitted_internal.h"
#include <math.h>
#include <string.h>

static double share_of(double part, double whole)
{
    return part > 0 ? part * log(part / whole) : 0;
}

/* 1 and the value where the margins tell it. */
static int from_margins(const syi_likelihood *l, double *level, double *loglik)
{
    const syi_packed *r = l->rows;
    double all = 0;
    if (r->offset || !r->ones) return 0;
    if (l->kind == SY_RESPONSE_BINARY) {
        double yes = 0;
        for (ptrdiff_t i = 0; i < r->n; i++) {
            yes += r->weight[i] * r->y[i];
            all += r->weight[i] * (r->trials ? r->trials[i] : 1);
        }
        *loglik = share_of(yes, all) + share_of(all - yes, all);
        return 1;
    }
    if (l->kind != SY_RESPONSE_ORDINAL || l->thresholds != SY_THRESHOLDS_FREE) return 0;
    for (ptrdiff_t i = 0; i < r->n; i++) {
        level[(int)r->y[i]] += r->weight[i];
        all += r->weight[i];
    }
    *loglik = 0;
    for (int c = 0; c < r->n_levels; c++) *loglik += share_of(level[c], all);
    return 1;
}

/* Marks the parameters of the null model; returns how many. */
static int mark(const syi_likelihood *l, int dispersion, unsigned char *use)
{
    const syi_packed *r = l->rows;
    int count = 0;
    if (l->kind == SY_RESPONSE_ORDINAL) count = syi_thresholds_free(l->thresholds, r->n_levels);
    else if (r->ones) count = 1;
    memset(use, 1, (size_t)count);
    if (l->kind == SY_RESPONSE_NEGATIVE_BINOMIAL && dispersion) {
        use[l->k - 1] = 1;
        count++;
    }
    return count;
}

sy_status syi_null_loglik(sy_context *ctx, const syi_likelihood *model, const sy_response_options *options,
                          const double *dispersion, double *loglik, int *parameters)
{
    syi_likelihood l = *model;
    syi_newton_report report;
    const size_t k = (size_t)l.k;
    sy_status status = SY_OK;
    unsigned char *use = syi_alloc(k + 1, 1);
    double *theta = syi_alloc(k + 1 + (size_t)(l.rows->n_levels), sizeof *theta);
    if (!use || !theta) {
        status = syi_fail(ctx, SY_ENOMEM, "response: out of memory for %d parameters", l.k);
        goto out;
    }
    l.use = use;
    *parameters = mark(&l, dispersion == NULL, use);
    if (from_margins(&l, theta + k + 1, loglik)) goto out;
    l.start(&l, theta);
    if (dispersion) theta[k - 1] = *dispersion;
    const int exact = l.kind == SY_RESPONSE_POISSON && !l.rows->offset;
    if (*parameters == 0 || exact) {
        status = l.value(ctx, &l, theta, loglik, NULL, NULL);
        goto out;
    }
    status = syi_newton(ctx, &l, options, theta, NULL, NULL, &report);
    *loglik = report.loglik;
out:
    SYI_FREE(use);
    SYI_FREE(theta);
    return status;
}
