/* The values that a permutation moves: rows or means of clusters, standardised.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_SHEET_INTERNAL_H
#define SYI_SHEET_INTERNAL_H
#include "shares/players_internal.h"
#include "steelyard/design.h"

/* Columns in the plan's order, the outcome last, each with mean 0 and sum of
 * squares 1 over all rows by their weights. */
typedef struct {
    ptrdiff_t n; /* rows, or clusters */
    int order;
    double *z;        /* [order][n] */
    double *w;        /* [n] weight of a row, or all of a cluster's */
    double *matrix;   /* [order * order] cross-products over all rows */
    ptrdiff_t *line;  /* [n] items, those that may change places next to each other */
    ptrdiff_t *first; /* [groups + 1] of each such group in line */
    ptrdiff_t groups;
} syi_sheet;

/* From the sums of rows or clusters. */
sy_status syi_sheet_units(sy_context *ctx, const syi_plan *plan, syi_sheet *out);
/* From the rows themselves, grouped by cluster where there are clusters. */
sy_status syi_sheet_rows(sy_context *ctx, const syi_plan *plan, const sy_design *rows, syi_sheet *out);
void syi_sheet_free(syi_sheet *sheet);

/* Lower factor of the symmetric a [k * k] in place; a column that follows from
 * those before it gets zeros. */
void syi_sheet_factorise(int k, double *a);
double syi_sheet_dot(ptrdiff_t n, const double *a, const double *b);
/* fitted and residual of column `target` on the kept ones with an intercept, by
 * items of weight v (NULL: each counts once). 0, or -1 without room. */
int syi_sheet_project(const syi_sheet *s, int k, const int *kept, int target, const double *v, double *fitted,
                      double *residual);
#endif
