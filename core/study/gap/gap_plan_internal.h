/* Bootstrap plans for the units of rows.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_GAP_PLAN_INTERNAL_H
#define SYI_GAP_PLAN_INTERNAL_H
#include "study/gap/gap_internal.h"
#include "study/resample_internal.h"

typedef struct {
    sy_moments units; /* no sums: what the plans of plan_times.c read of units */
    int32_t *stratum;
    syi_resampling draws;
} syi_gap_plan;
sy_status syi_gap_plan_init(sy_context *ctx, const syi_gap_rows *rows, const syi_row_units *u, syi_gap_plan *plan);
void syi_gap_plan_free(syi_gap_plan *plan);
/* How often each unit stands in a replicate. */
void syi_gap_plan_times(const syi_gap_plan *plan, uint64_t seed, size_t replicate, double *times);
#endif
