/* Between gap_cells.c (which cells there are) and gap_cells_values.c.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_GAP_CELLS_INTERNAL_H
#define SYI_GAP_CELLS_INTERNAL_H
#include "study/gap/gap_internal.h"

typedef struct {
    int n_cells, n_sets, n_factors; /* sets: 2^factors; factors: without adjusting ones */
    int32_t *cell;                  /* [n] */
    double *y, about;               /* [n] outcome less its mean */
    int32_t *merged;                /* [sets][cells]: the cell of fewer factors */
    double *part;                   /* [factors][sets]: coefficient of v(S) in a Shapley value */
    double *sums;                   /* [2][2][cells]: weight and weighted outcome, by group */
    /* of the whole sample, for the influence: by set and merged cell */
    double *share[2], *mean[2]; /* [sets][cells] */
    double (*level)[2];         /* [sets] sum of shares times the average of the means */
    double weight[2];
} syi_gap_cells;

/* Factor i: those of the blocks in order, then the adjusting ones. */
const syi_gap_term *syi_gap_factor(const syi_gap_model *m, int i);

/* Shares and means [cells] of the cells that the factors of set s make; 0 when a cell is empty in a group. */
int syi_gap_set_means(const syi_gap_cells *c, int s, const double *sums, double *share[2], double *mean[2]);

size_t syi_gap_cells_room(const syi_gap_cells *c);
void syi_gap_cells_add(const syi_gap_engine *e, ptrdiff_t unit, double factor, double *sums);
int syi_gap_cells_batch(const syi_gap_engine *e, syi_arena *scratch, const double *times, double *sums);
int syi_gap_cells_values(const syi_gap_engine *e, syi_arena *scratch, const double *sums, double *values);
void syi_gap_cells_influence(const syi_gap_engine *e, syi_arena *scratch, ptrdiff_t i, double *values);
#endif
