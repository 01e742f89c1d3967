/* The variances of a linear mixed model: the search from its usual start, and
 * what a single search can get wrong.
 *
 * A covariance matrix of several effects that ends singular may be a local least
 * value: which correlations are 1 and which -1 was settled by the way there. The
 * search is then begun twice more, with all correlations positive and with all
 * negative, and the least criterion kept. And where predictors take up all that
 * groups could tell, the criterion is the same at any variance; the search then
 * runs off, so a theta past any ordinary size is compared with zero, and zero
 * kept when it is as good. Cost: one search as a rule.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/mixed/lmm_internal.h"
#include <math.h>
#include <string.h>

static const double past_any_size = 1e3, same = 1e-9, start_size = 0.3;

/* 1 when a bar term of correlated effects ended with a singular matrix. */
static int doubtful(const syi_lmm *l, const double *theta)
{
    const syi_bars *b = &l->rows->bars;
    for (int k = 0; k < b->n_bars; k++)
        for (int e = 0; e < b->bar[k].q && b->bar[k].q > 1 && !b->bar[k].diagonal; e++)
            if (theta[syi_bar_theta(&b->bar[k], e, e)] == 0) return 1;
    return 0;
}

static void correlated_start(const syi_lmm *l, double sign, double *theta)
{
    const syi_bars *b = &l->rows->bars;
    for (int k = 0; k < b->n_bars; k++)
        for (int i = 0; i < b->bar[k].q; i++)
            for (int j = 0; j <= i; j++) {
                const int at = syi_bar_theta(&b->bar[k], i, j);
                if (at >= 0) theta[at] = i == j ? start_size : sign * start_size;
            }
}

static sy_status again(sy_context *ctx, const syi_lmm *l, const sy_mixed_options *o, double *other, double *theta,
                       syi_lmm_report *report)
{
    sy_status s = SY_OK;
    int evaluations = report->evaluations;
    for (int turn = 0; turn < 2 && s >= 0; turn++) {
        syi_lmm_report found;
        correlated_start(l, turn ? -1 : 1, other);
        s = syi_lmm_minimise(ctx, l, NULL, o, other, &found);
        if (s < 0) break;
        evaluations += found.evaluations;
        if (!found.converged || !(found.criterion < report->criterion - same * (1 + fabs(report->criterion)))) continue;
        *report = found;
        memcpy(theta, other, (size_t)l->n_theta * sizeof *theta);
    }
    report->evaluations = evaluations;
    return s;
}

/* Bar terms whose theta has run off for nothing become zero. */
static sy_status settle_flat(sy_context *ctx, const syi_lmm *l, double *other, double *theta, syi_lmm_report *report,
                             unsigned char *flat)
{
    const syi_bars *b = &l->rows->bars;
    for (int k = 0; k < b->n_bars; k++) {
        const syi_bar *bar = &b->bar[k];
        syi_lmm_value v = {0};
        double most = 0;
        for (int t = 0; t < bar->n_theta; t++) most = fmax(most, fabs(theta[bar->first_theta + t]));
        if (most < past_any_size) continue;
        memcpy(other, theta, (size_t)l->n_theta * sizeof *theta);
        memset(other + bar->first_theta, 0, (size_t)bar->n_theta * sizeof *other);
        const sy_status s = l->evaluate(ctx, l, other, NULL, &v);
        if (s < 0) return s;
        if (!(v.criterion <= report->criterion + same * (1 + fabs(report->criterion)))) continue;
        memcpy(theta, other, (size_t)l->n_theta * sizeof *theta);
        report->criterion = v.criterion;
        report->boundary += bar->q;
        report->converged = flat[k] = 1;
    }
    return SY_OK;
}

sy_status syi_lmm_search(sy_context *ctx, const syi_lmm *l, const sy_mixed_options *options, double *theta,
                         syi_lmm_report *report, unsigned char *flat)
{
    double *other = syi_alloc((size_t)l->n_theta + 1, sizeof *other);
    if (!other) return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d parameters", l->n_theta);
    sy_status s = syi_lmm_minimise(ctx, l, NULL, options, theta, report);
    if (s >= 0 && !options->start && doubtful(l, theta)) s = again(ctx, l, options, other, theta, report);
    if (s >= 0) s = settle_flat(ctx, l, other, theta, report, flat);
    SYI_FREE(other);
    return s;
}
