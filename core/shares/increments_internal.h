/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_INCREMENTS_INTERNAL_H
#define SYI_INCREMENTS_INTERNAL_H
#include <stddef.h>

typedef struct {
    double share, adjusted, lowest, highest;
} syi_increments;

/* Over all S without the player at `bit`: sums of weight[S] (v[S + bit] - v[S])
 * and of the same of `adjusted`, and the least and greatest increment of v; with
 * `after` (else NULL) the weight is weight[S] after[S + bit], and increments
 * without weight are neither least nor greatest.
 * Tables of 2^players >= 2 values. One fixed order, the same bits for every
 * width. Cost: 2^players / 2 increments, memory bound. */
syi_increments syi_increments_of(int simd, int players, int bit, const double *weight, const double *after,
                                 const double *value, const double *adjusted);
#endif
