/* Many evaluations of one plan, over threads or one after the other.
 *
 * Short evaluations are spread over the workers, each with its own scratch;
 * one that takes longer than the polling interval allows is run on the calling
 * thread, so that its walk can use the threads and poll the host. Values are
 * written to the caller's place for index i, never summed here: the same bits
 * for any number of threads.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "shares/evaluator_internal.h"
#include <math.h>
#include <string.h>

static const double long_evaluation = 0.02; /* seconds */

int syi_evaluator_values(const syi_plan *plan)
{
    return plan->n_rows * SY_N_METRICS + 1;
}

sy_status syi_evaluator_init(sy_context *ctx, const syi_plan *plan, const syi_wanted *wanted, size_t count,
                             size_t extra, syi_evaluator *e)
{
    const double each = syi_shares_seconds(plan, wanted->guarded);
    *e = (syi_evaluator){.ctx = ctx, .plan = plan, .wanted = *wanted, .n_values = syi_evaluator_values(plan)};
    e->seconds = each * (double)count;
    e->within = each > long_evaluation;
    e->workers = e->within ? 1 : syi_parallel_workers(ctx, count, e->seconds);
    e->scratch = syi_alloc((size_t)e->workers, sizeof *e->scratch);
    const size_t order = (size_t)(plan->n_adjust + plan->k + 1);
    const size_t bytes = syi_shares_room(plan) + syi_arena_room(order * order, sizeof(syi_dd)) + extra;
    for (int w = 0; e->scratch && w < e->workers; w++)
        if (syi_arena_init(&e->scratch[w], bytes)) goto no_room;
    if (e->scratch) return SY_OK;
no_room:
    return syi_fail(ctx, SY_ENOMEM, "interval: no room for %d scratch areas of %.1f MB", e->workers,
                    (double)bytes / 1e6);
}

void syi_evaluator_free(syi_evaluator *e)
{
    for (int w = 0; e->scratch && w < e->workers; w++) syi_arena_free(&e->scratch[w]);
    SYI_FREE(e->scratch);
}

sy_status syi_evaluator_run(syi_evaluator *e, size_t count, syi_work work, void *arg)
{
    if (!e->within) return syi_parallel(e->ctx, count, e->seconds, work, arg);
    sy_context *ctx = e->ctx;
    for (size_t i = 0; i < count && !e->stopped && !e->no_room; i++) {
        work(arg, 0, i);
        if (ctx->progress) ctx->progress(ctx->progress_arg, (double)(i + 1) / (double)count);
        if (ctx->poll && ctx->poll(ctx->poll_arg)) e->stopped = 1;
    }
    if (e->stopped) return syi_fail(ctx, SY_EINTR, "stopped by the host");
    if (e->no_room) return syi_fail(ctx, SY_ENOMEM, "interval: no room for a walk");
    return SY_OK;
}

static int finish(syi_evaluator *e, syi_outcome outcome, const sy_shares_summary *summary, double *values)
{
    if (outcome == SYI_STOPPED) e->stopped = 1;
    if (outcome == SYI_NO_ROOM) e->no_room = 1;
    values[e->n_values - 1] = outcome == SYI_EVALUATED ? summary->total : NAN;
    return outcome == SYI_EVALUATED;
}

/* A walk inside an evaluation tells the host its own way, not the whole's. */
static sy_context *walk_context(syi_evaluator *e, sy_context *quiet)
{
    if (!e->within) return NULL;
    *quiet = *e->ctx;
    quiet->progress = NULL;
    return quiet;
}

int syi_evaluator_sums(syi_evaluator *e, int worker, const syi_sums *sums, double *values)
{
    sy_context quiet;
    sy_shares_summary summary = {0};
    const syi_outcome outcome = syi_shares_evaluate(walk_context(e, &quiet), e->ctx->simd, e->plan, sums, &e->wanted,
                                                    &e->scratch[worker], &summary, values, NULL);
    return finish(e, outcome, &summary, values);
}

int syi_evaluator_matrix(syi_evaluator *e, int worker, syi_dd *centred, double n, double n_effective, double *values)
{
    sy_context quiet;
    const double clusters = e->plan->absorb ? (double)e->plan->m->n_units : 0;
    sy_shares_summary summary = {.n = n, .n_effective = n_effective, .clusters = clusters};
    const syi_outcome outcome = syi_shares_of_matrix(walk_context(e, &quiet), e->ctx->simd, e->plan, centred,
                                                     &e->wanted, &e->scratch[worker], &summary, values, NULL);
    return finish(e, outcome, &summary, values);
}
