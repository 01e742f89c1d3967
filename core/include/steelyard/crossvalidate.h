/* Shares of what is predicted rather than fitted: every submodel is fitted to
 * all folds but one and judged on that one.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_CROSSVALIDATE_H
#define STEELYARD_CROSSVALIDATE_H
#include "steelyard/shares.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    int folds;         /* 0: one a cluster, or 10 of rows; else 2 to the number of clusters or rows */
    uint64_t seed;     /* which unit goes to which fold; not used with one unit a fold. Default 1 */
    double time_limit; /* seconds; past it the values are NaN and nothing is done. 0: no limit */
} sy_crossvalidate_options;

SY_API void sy_crossvalidate_defaults(sy_crossvalidate_options *options);

typedef struct {
    double total;             /* of all blocks beyond the adjusting terms */
    double r2_adjust;         /* of the adjusting terms alone; 0 without */
    int folds;                /* 0: nothing was done */
    double seconds_estimated; /* on one core */
} sy_crossvalidate_summary;

/* share [n_blocks]: Shapley value over blocks of
 *   v(S) = (E(adjust) - E(adjust + S)) / E(nothing),
 * E the squared errors of prediction summed over the folds, each from the fit
 * to all other folds; E(nothing) is that of the mean of the other folds. May be
 * negative: a block that spoils prediction. Orders asked for by the question
 * are kept to.
 *
 * m: sums by cluster or by row. With one sum for all rows (SY_UNIT_NONE) the
 * folds are made of `rows`, the design the moments came from, in one more pass;
 * without it SY_EINVAL.
 * Errors: SY_EINVAL (folds out of range, fixed effects of clusters, which say
 * nothing of a cluster left out), SY_EDATA (an outcome that is constant outside
 * a fold), SY_ERANK (too few rows outside a fold), SY_ELIMIT (past 2^18
 * submodels).
 * Cost: about 12 2^B multiply-adds a fold for B blocks of one column. */
SY_API SY_MUST_CHECK sy_status sy_crossvalidate(sy_context *ctx, const sy_moments *m, const sy_design *rows,
                                                const sy_question *question, const sy_crossvalidate_options *options,
                                                sy_crossvalidate_summary *summary, double *share);

#ifdef __cplusplus
}
#endif
#endif
