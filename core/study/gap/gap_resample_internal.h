/* Between gap_interval.c, gap_spread.c and gap_resample.c.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_GAP_RESAMPLE_INTERNAL_H
#define SYI_GAP_RESAMPLE_INTERNAL_H
#include "base/parallel_internal.h"
#include "study/gap/gap_internal.h"

/* A scratch area a worker. */
typedef struct {
    syi_arena scratch[SYI_MAX_THREADS];
    int workers;
} syi_gap_crew;
sy_status syi_gap_crew_open(sy_context *ctx, size_t count, double seconds, size_t bytes, syi_gap_crew *crew);
void syi_gap_crew_close(syi_gap_crew *crew);

/* covariance [values * values] of the parts: by influence, or (lines [units * values], centre [values]) from what
 * leaving units out moves them by; lost: the people whose line has no answer. */
sy_status syi_gap_covariance(sy_context *ctx, const syi_gap_engine *e, const double *lines, const double *centre,
                             double *covariance, double *lost);

/* weight times the sum of (line - centre)(line - centre)' over lines [count * values] that are no NaN. */
sy_status syi_gap_lines_covariance(sy_context *ctx, int values, size_t count, const double *lines, const double *centre,
                                   double weight, double *covariance);

/* Lines [units * values] without each unit; [replicates * values] of bootstrap samples. */
sy_status syi_gap_leave_out(sy_context *ctx, const syi_gap_engine *e, double *lines);
sy_status syi_gap_draw(sy_context *ctx, const syi_gap_engine *e, int replicates, uint64_t seed, double *lines);
#endif
