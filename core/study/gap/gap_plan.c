/* The plans of plan_times.c for rows that were never put into moments: units,
 * their people and strata stand there under the moments' names.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "study/gap/gap_plan_internal.h"

/* Strata without units are passed over. */
static sy_status number_strata(sy_context *ctx, const syi_row_units *u, syi_gap_plan *plan)
{
    int32_t *number = syi_alloc((size_t)u->n_strata, sizeof *number);
    plan->stratum = syi_alloc((size_t)u->count, sizeof *plan->stratum);
    const int fine = number && plan->stratum;
    for (int h = 0; h < u->n_strata && fine; h++)
        if (u->in_stratum[h] > 0) number[h] = plan->units.n_strata++;
    for (ptrdiff_t g = 0; g < u->count && fine; g++) plan->stratum[g] = number[u->stratum[g]];
    SYI_FREE(number);
    plan->units.unit_stratum = plan->stratum;
    return fine ? SY_OK : syi_fail(ctx, SY_ENOMEM, "interval: no room for %td units", u->count);
}

sy_status syi_gap_plan_init(sy_context *ctx, const syi_gap_rows *rows, const syi_row_units *u, syi_gap_plan *plan)
{
    *plan = (syi_gap_plan){.units = {.n_units = u->count,
                                     .unit = u->clustered ? SY_UNIT_CLUSTER : SY_UNIT_ROW,
                                     .weight_kind = rows->all.weights ? rows->all.weight_kind : SY_WEIGHT_NONE,
                                     .n = u->all,
                                     .unit_n = u->people}};
    const sy_status status = u->n_strata > 1 ? number_strata(ctx, u, plan) : SY_OK;
    return status ? status : syi_resampling_init(ctx, &plan->units, 0, &plan->draws);
}

void syi_gap_plan_free(syi_gap_plan *plan)
{
    SYI_FREE(plan->stratum);
    syi_resampling_free(&plan->draws);
}

void syi_gap_plan_times(const syi_gap_plan *plan, uint64_t seed, size_t replicate, double *times)
{
    syi_plan_times(&plan->units, &plan->draws, seed, replicate, times);
}
