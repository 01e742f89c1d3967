/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_SPLIT_INTERNAL_H
#define SYI_SPLIT_INTERNAL_H
#include "shares/players_internal.h"

/* What a walk needs to know of the whole model. */
typedef struct {
    double r2_adjust;     /* R2 of the adjusting terms */
    double adjusted_base; /* its adjusted form */
    double n;
    double n_adjust;         /* adjusting columns, absorbed clusters among them */
    const double *inflation; /* [k + 1] (n - 1) / (n - 1 - n_adjust - columns); NaN when nothing is left over */
    int bounds, guarded;
    double group_share, group_adjusted; /* what the own players divide */
} syi_whole;

/* Weight tables of a walk (allocated here). 0, or -1 when there is no room. */
int syi_split_weights(syi_walk *walk);

/* Rows of the own players from all v(S), by share, adjusted, alone, unique,
 * lowest, highest. `adjusted` is scratch as long as `value`. */
void syi_split_table(int simd, const syi_walk *walk, const syi_whole *whole, const double *value, double *adjusted,
                     double *table);

/* How the rank of all columns is shared out: row_rank of the own players is the
 * Shapley (Owen) value of k_of(S). */
void syi_split_rank(const syi_walk *walk, double *row_rank);

/* The same as syi_split_table from sums along the tree: share and adjusted only. */
void syi_split_sums(const syi_walk *walk, const syi_whole *whole, const double *sums, const double *adjusted_weight,
                    syi_arena *scratch, double *table);
#endif
