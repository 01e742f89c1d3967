/* Sums of many replicates at once, in plain double.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_REPLICATES_INTERNAL_H
#define SYI_REPLICATES_INTERNAL_H
#include "study/resample_internal.h"

enum { SYI_REPLICATES_AT_ONCE = 16, SYI_REPLICATES_TOGETHER = 6, SYI_REPLICATES_TILE = 128 };

/* The units' cross-products of the plan's columns about the whole sample's means,
 * over the roots of their sums of squares, and n and the squared weights. */
typedef struct {
    int order;        /* columns of the plan, the outcome last */
    size_t length;    /* products of a unit: (order + 1)(order + 2) / 2 + 2, and what fills the last block */
    double *products; /* [length / 6][n_units][6] */
} syi_replicates;

/* sum [length][AT_ONCE] from times [AT_ONCE][units], tile by tile; the units' order
 * is kept, so a tile's size does not show in the bits. tile [TILE * AT_ONCE] is scratch.
 * Returns 1 when stopped. */
int syi_replicates_add(int simd, const syi_replicates *r, size_t units, const double *times, double *tile, double *sum);

sy_status syi_replicates_init(sy_context *ctx, const syi_plan *plan, const syi_sums *total, syi_replicates *r);
void syi_replicates_free(syi_replicates *r);

/* Bytes of scratch for one call of the next. */
size_t syi_replicates_room(const syi_plan *plan, const syi_replicates *r);

/* Replicates first .. first + SYI_REPLICATES_AT_ONCE - 1, those below `end`: one
 * line of values each in out [end * n_values]. Returns 0 when stopped. */
int syi_replicates_run(syi_evaluator *e, int worker, const syi_replicates *r, const syi_resampling *draws,
                       uint64_t seed, size_t first, size_t end, double *out);
#endif
