/* Differences of many cells that move together when a unit is left out.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_FAMILY_INTERNAL_H
#define SYI_FAMILY_INTERNAL_H
#include "steelyard/joint.h"
#include "study/verdict/cell_internal.h"

/* Of n cells, all of numbers and with units. */
typedef struct {
    int n, values;
    ptrdiff_t units;
    int64_t *number;           /* [units] level of the cluster, or row of the whole */
    int *first;                /* [n] where a cell's values begin */
    double *estimate;          /* [values] */
    double *moved;             /* [units][values] */
    double *factor;            /* [units][n] root of what a squared move counts; 0: the cell lacks the unit */
    double *moves;             /* [units][n] of the differences */
    sy_comparison *difference; /* [n] process less funding */
} syi_family;

/* 1 when all of the cells can stand in a family. */
int syi_family_possible(int n, syi_cell *const *cells);

/* Free after failure too. Cost: that of sy_joint. */
sy_status syi_family_init(sy_context *ctx, int n, syi_cell *const *cells, double level, syi_family *f);
void syi_family_free(syi_family *f);

/* p values of the differences of some members, stepped down over them. */
sy_status syi_family_step(sy_context *ctx, const syi_family *f, int k, const int *member, int replicates, uint64_t seed,
                          double *p);

/* A value of a cell as it is without a unit: row and metric of its table. NaN
 * where the cell lacks the unit. */
double syi_family_without(const syi_family *f, int member, int row, int metric, ptrdiff_t unit);
double syi_family_value(const syi_family *f, int member, int row, int metric);
#endif
