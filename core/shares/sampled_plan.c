/* How a plan is to be sampled, and what to say of it.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "shares/chain_internal.h"
#include "shares/sampled_internal.h"
#include "steelyard/distribution.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { USUAL_MOST = 100000, FEWEST = 100, MOST_PERMUTATIONS = 1000000000 };
static const double minute = 60;

static sy_status check(sy_context *ctx, const sy_shares_options *o)
{
    if (!(o->tolerance > 0 && o->tolerance < 1))
        return syi_fail(ctx, SY_EINVAL, "tolerance: %g is not between 0 and 1 (points of variance)", o->tolerance);
    if (o->permutations != 0 && (o->permutations < FEWEST || o->permutations > MOST_PERMUTATIONS))
        return syi_fail(ctx, SY_EINVAL, "permutations: %d, at least %d and at most %d are allowed", o->permutations,
                        FEWEST, MOST_PERMUTATIONS);
    return SY_OK;
}

/* In groups of eight. Without a number of the user's as many as a minute
 * allows by the estimate for one core: not by the clock or the threads, which
 * would decide on the bits. */
static size_t most_groups(const sy_shares_options *o, const syi_plan *plan)
{
    if (o->permutations) return ((size_t)o->permutations) / SYI_CHAIN_LANES;
    const double in_a_minute = minute / syi_chain_seconds(plan->k + 1, o->guarded);
    const double most = fmin(fmax(in_a_minute, FEWEST / SYI_CHAIN_LANES), USUAL_MOST / SYI_CHAIN_LANES);
    return (size_t)most;
}

sy_status syi_sampling_init(sy_context *ctx, const sy_shares_options *options, syi_plan *plan)
{
    const size_t blocks = (size_t)plan->n_blocks;
    sy_status status = check(ctx, options);
    if (status) return status;
    syi_sampling *how = plan->sampling = syi_alloc(1, sizeof *how);
    if (how) how->terms = syi_alloc(blocks, sizeof *how->terms);
    if (how) how->mc_error = syi_alloc((size_t)plan->n_rows, sizeof *how->mc_error);
    if (!how || !how->terms || !how->mc_error)
        return syi_fail(ctx, SY_ENOMEM, "order: no room for the orders of %d blocks", plan->n_blocks);
    how->tolerance = options->tolerance;
    how->seed = options->seed;
    how->most = most_groups(options, plan);
    status = syi_extensions_init(ctx, plan->n_blocks, plan->enters_after, plan->n_rows, &how->blocks);
    for (int b = 0; b < plan->n_blocks && !status; b++) {
        const int first = plan->n_blocks + plan->block_first[b], n = plan->block_first[b + 1] - plan->block_first[b];
        status = syi_extensions_init(ctx, n, plan->enters_after + (ptrdiff_t)first * plan->n_rows + first, plan->n_rows,
                                     &how->terms[b]);
    }
    return status;
}

void syi_sampling_free(syi_plan *plan)
{
    syi_sampling *how = plan->sampling;
    if (!how) return;
    syi_extensions_free(&how->blocks);
    for (int b = 0; how->terms && b < plan->n_blocks; b++) syi_extensions_free(&how->terms[b]);
    SYI_FREE(how->terms);
    SYI_FREE(how->mc_error);
    SYI_FREE(plan->sampling);
}

typedef struct {
    double share, error;
    int block;
} ranked_block;

static int by_share(const void *a, const void *b)
{
    const ranked_block *x = a, *y = b;
    if (x->share != y->share) return x->share < y->share ? 1 : -1;
    return x->block - y->block;
}

enum { RANKS_LENGTH = 200, PAIRS_LENGTH = 150 };

/* Which neighbours in the ranking their Monte Carlo errors tell apart, at 95 %
 * for all together; the error of a difference is at most the sum of the two. */
static void tell_ranks(const syi_plan *plan, const sy_question *question, double z, const ranked_block *blocks,
                       char text[RANKS_LENGTH])
{
    char close[PAIRS_LENGTH] = "";
    int open = 0;
    size_t used = 0;
    for (int i = 0; i + 1 < plan->n_blocks; i++) {
        const ranked_block *a = &blocks[i], *b = &blocks[i + 1];
        if (a->share - b->share > z * (a->error + b->error) || ++open > 2 || used >= sizeof close) continue;
        const int wrote = snprintf(close + used, sizeof close - used, "%s%s and %s", open > 1 ? ", " : "",
                                   question->blocks[a->block].name, question->blocks[b->block].name);
        if (wrote > 0) used += (size_t)wrote;
    }
    if (plan->n_blocks < 2) text[0] = 0;
    else if (!open) snprintf(text, RANKS_LENGTH, "; the ranks of the blocks are settled");
    else if (open <= 2) snprintf(text, RANKS_LENGTH, "; ranks too close to tell: %s", close);
    else snprintf(text, RANKS_LENGTH, "; ranks too close to tell: %s, %d more pairs", close, open - 2);
}

sy_status syi_sampling_remark(sy_context *ctx, const syi_plan *plan, const sy_question *question,
                              const sy_shares_summary *summary, const double *table)
{
    const double *mc_error = plan->sampling->mc_error;
    double z = 0;
    char ranks[RANKS_LENGTH] = "";
    int worst = 0;
    ranked_block *blocks = syi_alloc((size_t)plan->n_blocks, sizeof *blocks);
    if (!blocks) return syi_fail(ctx, SY_ENOMEM, "blocks: no room to rank %d blocks", plan->n_blocks);
    for (int b = 0; b < plan->n_blocks; b++)
        blocks[b] = (ranked_block){table[(ptrdiff_t)b * SY_N_METRICS + SY_SHARE], mc_error[b], b};
    for (int r = 0; r < plan->n_rows; r++)
        if (mc_error[r] > mc_error[worst]) worst = r;
    qsort(blocks, (size_t)plan->n_blocks, sizeof *blocks, by_share);
    const sy_status status =
        plan->n_blocks < 2 ? SY_OK : sy_distribution_normal_quantile(ctx, 1 - 0.025 / (plan->n_blocks - 1), &z);
    if (!status) tell_ranks(plan, question, z, blocks, ranks);
    SYI_FREE(blocks);
    if (status) return status;
    const int over = summary->mc_error > plan->sampling->tolerance;
    return syi_remark(ctx, SY_NOTE_SAMPLED, "", summary->mc_error,
                      "shares are averages over %.0f sampled orders; largest Monte Carlo error %.2g (%s)%s%s",
                      summary->orders, summary->mc_error, syi_plan_name(plan, question, worst),
                      over ? ", above the tolerance asked for: give more permutations" : "", ranks);
}
