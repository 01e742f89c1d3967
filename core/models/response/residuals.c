/* Residuals of binary, count and ordinal models, row by row from the fitted means.
 *
 * y the outcome, m the trials (1), w the weight, p or mu the mean. Response: y / m
 * - p, y - mu, or place less mean place. Pearson: times sqrt(w m / (p (1 - p))),
 * sqrt(w / variance), variance mu, mu + mu^2 / theta, or that of the places; their
 * squares add up to Pearson's chi-squared. Deviance: the sign of y - mean times
 * the root of 2 w times
 *   y log(y / m p) + (m - y) log((m - y) / m (1 - p)),  y log(y / mu) - (y - mu),
 *   y log(y / mu) - (y + theta) log((y + theta) / (mu + theta));
 * their squares add up to the deviance. Ordered answers have no deviance of single
 * rows that means anything: for them P(Y < y) - P(Y > y), whose mean is 0 under the
 * model and which takes the answers' order alone. Cost: n (k + 30).
 * Pierce & Schafer 1986, doi:10.1080/01621459.1986.10478361; McCullagh & Nelder 1989,
 * section 2.4; Li & Shepherd 2012, doi:10.1093/biomet/asr073.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/response/after_fit_internal.h"
#include "models/response/fitted_internal.h"
#include "steelyard/response_residuals.h"
#include <math.h>

enum { LOOK_UP = 4096 }; /* rows between two looks at the clock */

/* y log(y / mean), 0 at y = 0 */
static double part(double y, double mean)
{
    return y > 0 ? y * log(y / mean) : 0;
}

/* Half a row's part in the deviance without its weight; theta HUGE_VAL: Poisson. */
static double half_deviance(sy_response_kind kind, double y, double m, double mean, double theta)
{
    if (kind == SY_RESPONSE_BINARY) return part(y, m * mean) + part(m - y, m * (1 - mean));
    if (isinf(theta)) return part(y, mean) - (y - mean);
    return part(y, mean) - (y + theta) * log((y + theta) / (mean + theta));
}

static double of_mean(const syi_after *a, ptrdiff_t i, double mean, double theta, sy_residual_kind kind)
{
    const sy_response_kind outcome = a->likelihood.kind;
    const double y = a->rows.y[i], m = a->rows.trials ? a->rows.trials[i] : 1, w = a->rows.weight[i];
    const double gap = outcome == SY_RESPONSE_BINARY ? y / m - mean : y - mean;
    if (kind == SY_RESIDUAL_RESPONSE) return gap;
    if (kind == SY_RESIDUAL_DEVIANCE)
        return copysign(sqrt(fmax(2 * w * half_deviance(outcome, y, m, mean, theta), 0)), gap);
    if (gap == 0) return 0;
    if (outcome == SY_RESPONSE_BINARY) return gap * sqrt(w * m / (mean * (1 - mean)));
    return gap * sqrt(w / (isinf(theta) ? mean : mean + mean * mean / theta));
}

static double of_places(const syi_after *a, ptrdiff_t i, const double *probability, sy_residual_kind kind)
{
    const int y = (int)a->rows.y[i];
    double mean = 0, variance = 0, below = 0, above = 0;
    for (int j = 0; j < a->rows.n_levels; j++) {
        mean += (j + 1) * probability[j];
        if (j < y) below += probability[j];
        if (j > y) above += probability[j];
    }
    if (kind == SY_RESIDUAL_PROBABILITY) return below - above;
    if (kind == SY_RESIDUAL_RESPONSE) return y + 1 - mean;
    for (int j = 0; j < a->rows.n_levels; j++) variance += (j + 1 - mean) * (j + 1 - mean) * probability[j];
    return (y + 1 - mean) * sqrt(a->rows.weight[i] / variance);
}

static sy_status check(sy_context *ctx, const sy_response_model *model, sy_residual_kind kind)
{
    const int ordinal = model->kind == SY_RESPONSE_ORDINAL;
    if (kind < SY_RESIDUAL_RESPONSE || kind > SY_RESIDUAL_PROBABILITY)
        return syi_fail(ctx, SY_EINVAL, "kind: %d is not a kind of residuals", (int)kind);
    if (ordinal && kind == SY_RESIDUAL_DEVIANCE)
        return syi_fail(ctx, SY_EINVAL, "kind: rows of ordered answers have no deviance residuals");
    if (!ordinal && kind == SY_RESIDUAL_PROBABILITY)
        return syi_fail(ctx, SY_EINVAL, "kind: probability residuals are of ordered answers");
    return SY_OK;
}

static sy_status walk_rows(sy_context *ctx, const syi_after *a, const double *fitted, sy_residual_kind kind,
                           double *residual)
{
    const int ordinal = a->likelihood.kind == SY_RESPONSE_ORDINAL, levels = ordinal ? a->rows.n_levels : 1;
    const double theta =
        a->likelihood.kind == SY_RESPONSE_NEGATIVE_BINOMIAL ? exp(a->theta[a->k - 1]) : (double)HUGE_VAL;
    for (ptrdiff_t i = 0; i < a->rows.n; i++) {
        const ptrdiff_t row = a->rows.row[i];
        if (i % LOOK_UP == 0 && syi_serial_stopped(ctx)) return SY_EINTR;
        residual[row] =
            ordinal ? of_places(a, i, fitted + row * levels, kind) : of_mean(a, i, fitted[row], theta, kind);
    }
    return SY_OK;
}

sy_status sy_response_residuals(sy_context *ctx, const sy_design *design, const sy_response_model *model, int k,
                                const double *estimate, sy_residual_kind kind, double *residual)
{
    const int first = ctx->n_remarks;
    syi_after a = {0};
    double *fitted = NULL;
    syi_enter(ctx);
    sy_status s = check(ctx, model, kind);
    if (s >= 0) s = syi_after_init(ctx, design, model, k, estimate, &a);
    if (s < 0) goto out;
    const size_t levels = model->kind == SY_RESPONSE_ORDINAL ? (size_t)a.rows.n_levels : 1;
    fitted = syi_alloc((size_t)design->n * levels, sizeof *fitted);
    if (!fitted) {
        s = syi_fail(ctx, SY_ENOMEM, "residuals: out of memory for %td rows", design->n);
        goto out;
    }
    s = syi_response_rows(ctx, &a.likelihood, a.theta, design->n, NULL, fitted, NULL);
    for (ptrdiff_t i = 0; i < design->n; i++) residual[i] = NAN;
    if (s >= 0) s = walk_rows(ctx, &a, fitted, kind, residual);
out:
    SYI_FREE(fitted);
    syi_after_free(&a);
    return s < 0 ? s : syi_status_of_remarks(ctx, first);
}
