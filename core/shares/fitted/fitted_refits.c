/* All submodels of a fitted model, each fitted by itself.
 *
 * The walk of fitted_steps.c leads to each submodel's one-step estimates; the
 * refit starts there and as a rule needs three or four steps more. What is
 * always there and the full model are fitted already. Cost: 2^players refits.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "shares/fitted/steps_internal.h"
#include <math.h>
#include <string.h>

typedef struct {
    double *value, *between, *failed;
    uint32_t all;
    unsigned char *use;
} refits_job;

static sy_status refit(sy_context *ctx, syi_steps *s, uint32_t set, void *arg)
{
    const refits_job *j = arg;
    const syi_fitted *f = s->f;
    double loglik = f->loglik;
    int good = 1;
    if (set == j->all) memcpy(s->estimate, f->theta, (size_t)f->k * sizeof *s->estimate);
    else {
        syi_steps_estimate(s, s->estimate);
        memset(j->use, 0, (size_t)f->k);
        for (int i = 0; i < s->n; i++) j->use[s->in[i]] = 1;
        const sy_status status = f->refit(ctx, f, j->use, s->estimate, &loglik, &good);
        if (status < 0) return status;
    }
    *j->failed += !good;
    if (syi_fitted_by_loglik(f)) {
        j->value[set] = syi_fitted_of_loglik(f, loglik);
        return SY_OK;
    }
    const double variance = syi_fitted_form(f->k, f->spread, s->estimate);
    j->value[set] = syi_fitted_of_variance(f, variance);
    if (j->between)
        j->between[set] = variance > 0 ? j->value[set] * syi_fitted_form(f->k, f->between, s->estimate) / variance : 0;
    return SY_OK;
}

sy_status syi_fitted_refits(sy_context *ctx, const syi_fitted *f, int players, const int *player, double *value,
                            double *between, double *failed)
{
    syi_steps s;
    refits_job job = {.value = value,
                      .between = f->between && !syi_fitted_by_loglik(f) ? between : NULL,
                      .failed = failed,
                      .all = (uint32_t)(((uint64_t)1 << players) - 1),
                      .use = syi_alloc((size_t)f->k + 1, 1)};
    if (!job.use) return syi_fail(ctx, SY_ENOMEM, "blocks: no room for a model of %d parameters", f->k);
    sy_status status = syi_steps_init(ctx, f, players, player, &s);
    if (status >= 0) status = syi_steps_visit(ctx, &s, players - 1, 0, refit, &job);
    syi_steps_free(&s);
    SYI_FREE(job.use);
    return status;
}
