/* Is a block's part more than chance gives? Permutation tests that keep what
 * else is in the model, and move whole clusters where the block is theirs.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_PERMUTATION_H
#define STEELYARD_PERMUTATION_H
#include "steelyard/shares.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    SY_PERMUTE_RESIDUALS = 0, /* the outcome's residuals without the block, from row to row */
    SY_PERMUTE_ROWS = 1,      /* the block's values (what the adjusting terms leave of them), from row to row */
    SY_PERMUTE_CLUSTERS = 2   /* the same from cluster to cluster, each moved whole */
} sy_permute;

typedef struct {
    int block;        /* of the question */
    int metric;       /* SY_UNIQUE, SY_ALONE or SY_SHARE */
    int permutations; /* default 9999 */
    uint64_t seed;    /* default 1 */
} sy_permutation_options;

SY_API void sy_permutation_defaults(sy_permutation_options *options);

typedef struct {
    double estimate;          /* the metric in the sample */
    double p_value;           /* (exceeding + 1) / (permutations + 1) */
    int exceeding;            /* permutations with a statistic as large or larger */
    int permutations;
    sy_permute scheme;
    double units;             /* rows or clusters that were moved */
    int within;               /* 1: moved within clusters (rows) or within strata (clusters) only */
    double seconds_estimated; /* on one core */
} sy_permutation;

/* unique: H0 is that the block adds nothing to all the others and the adjusting
 * terms; alone: nothing to the adjusting terms; share: that it has nothing to do
 * with the outcome in any order. Statistic: for unique and alone the F ratio,
 * where whole clusters are moved that of the clusters' means, studentised, so
 * that the size holds where clusters differ in size; for share the share.
 * A block that is constant within clusters is moved as whole clusters (within
 * strata where there are some); one that varies, from row to row within
 * clusters; without clusters over all rows.
 * m: sums by cluster for a block constant in them, or by row; `rows`, the design
 * they came from, in every other case (else NULL). Remark: few clusters.
 * Errors: SY_EINVAL (a block that is not there, another metric, no permutation,
 * rows needed, frequency weights, fixed effects of clusters), SY_ERANK (too few
 * rows or clusters for the columns).
 * Cost: permutations n k multiply-adds for n rows or clusters moved and k
 * columns; for share a walk over the submodels a permutation as well. */
SY_API SY_MUST_CHECK sy_status sy_permutation_test(sy_context *ctx, const sy_moments *m, const sy_design *rows,
                                                   const sy_question *question, const sy_permutation_options *options,
                                                   sy_permutation *out);

#ifdef __cplusplus
}
#endif
#endif
