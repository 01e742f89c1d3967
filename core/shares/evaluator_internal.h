/* Many evaluations of one plan: resampling and differentiation.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_EVALUATOR_INTERNAL_H
#define SYI_EVALUATOR_INTERNAL_H
#include "base/parallel_internal.h"
#include "shares/shares_internal.h"

/* Every evaluation gives n_values numbers: the table row by row, then the
 * total. */
typedef struct {
    sy_context *ctx;
    const syi_plan *plan;
    syi_wanted wanted;
    int n_values;
    int within; /* 1: one evaluation is long, its own walk uses the threads */
    int workers;
    double seconds;     /* for all evaluations, on one core */
    syi_arena *scratch; /* [workers] */
    int stopped, no_room;
} syi_evaluator;

int syi_evaluator_values(const syi_plan *plan);

/* `extra` bytes of each worker's scratch are the caller's own. */
sy_status syi_evaluator_init(sy_context *ctx, const syi_plan *plan, const syi_wanted *wanted, size_t count,
                             size_t extra, syi_evaluator *e);
void syi_evaluator_free(syi_evaluator *e);

/* work(arg, worker, i) for i < count, in parallel or, when one evaluation is
 * long, in turn. SY_OK, SY_EINTR, SY_ENOMEM. */
sy_status syi_evaluator_run(syi_evaluator *e, size_t count, syi_work work, void *arg);

/* To be called from work: one evaluation into values [n_values]; NaN where it
 * has no answer. Returns 1 when there is one. */
int syi_evaluator_sums(syi_evaluator *e, int worker, const syi_sums *sums, double *values);
int syi_evaluator_matrix(syi_evaluator *e, int worker, syi_dd *centred, double n, double n_effective, double *values);
#endif
