/* Shares averaged over sampled orders of entry.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_SAMPLED_INTERNAL_H
#define SYI_SAMPLED_INTERNAL_H
#include "shares/extensions_internal.h"
#include "shares/shares_internal.h"
#include "shares/split_internal.h"

enum { SYI_ORDERS_IN_GROUP = 8 };

/* How a plan is sampled. Orders come in groups of eight: four opposite pairs. */
typedef struct syi_sampling {
    double tolerance; /* of the largest Monte Carlo error */
    size_t most;      /* groups */
    size_t fixed;     /* groups that every evaluation takes; 0: as the stopping rule says */
    uint64_t seed;
    syi_extensions blocks; /* orders of the blocks */
    syi_extensions *terms; /* [n_blocks] orders of a block's terms */
    double *mc_error;      /* [n_rows] of the evaluation that the stopping rule ended */
} syi_sampling;

/* Makes plan->sampling. SY_EINVAL for an impossible tolerance or number of
 * orders; SY_ELIMIT, SY_ENOMEM. */
sy_status syi_sampling_init(sy_context *ctx, const sy_shares_options *options, syi_plan *plan);
void syi_sampling_free(syi_plan *plan);

/* Fills share, adjusted, alone and unique of every row, the columns by rank into
 * by_chance, orders and mc_error of the summary, and sampling->mc_error unless the
 * number of orders is fixed. reduced [(k + 1)^2] as the walks take it, floor_ one for all columns.
 * ctx NULL: in a worker, without allocation, syi_sampling_room bytes of scratch. */
syi_outcome syi_sampling_rows(sy_context *ctx, int simd, const syi_plan *plan, const syi_whole *whole,
                              const syi_dd *reduced, double floor_, syi_arena *scratch, sy_shares_summary *summary,
                              double *table);
size_t syi_sampling_room(const syi_plan *plan);

/* Seconds of one evaluation on one core: of `fixed` groups, else of the most. */
double syi_sampling_seconds(const syi_plan *plan, int guarded);

/* What was sampled, how well, and which ranks of blocks it settles. */
sy_status syi_sampling_remark(sy_context *ctx, const syi_plan *plan, const sy_question *question,
                              const sy_shares_summary *summary, const double *table);
#endif
