/* Which unit is held out when.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_FOLDS_INTERNAL_H
#define SYI_FOLDS_INTERNAL_H
#include "algebra/moments_internal.h"
#include "steelyard/crossvalidate.h"

typedef struct {
    int count;
    int *of;             /* [m->n_units] */
    const sy_moments *m; /* the moments to hold units of out: those given, or one set a fold */
    sy_moments made;
} syi_folds;

/* How many folds `options` ask for; SY_EINVAL when out of range. */
sy_status syi_folds_plan(sy_context *ctx, const sy_moments *m, const sy_crossvalidate_options *options,
                         syi_folds *folds);

/* Deals units to folds; where m is one sum over all rows they are summed again,
 * by fold. Free after failure too. */
sy_status syi_folds_fill(sy_context *ctx, const sy_moments *m, const sy_design *rows, uint64_t seed, syi_folds *folds);
void syi_folds_free(syi_folds *folds);

/* Seconds for that second reading. */
double syi_folds_seconds(const sy_moments *m);
#endif
