/* The statistic of a block that is moved as whole clusters.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_CLUSTER_SCORES_INTERNAL_H
#define SYI_CLUSTER_SCORES_INTERNAL_H
#include "study/sheet_internal.h"

typedef struct {
    const syi_sheet *sheet;
    int n_kept, n_own;
    double *moved;    /* [n_own][n] what is left of the block, by cluster; sum of squares 1 */
    double *root;     /* [n] of the precision of a cluster's mean outcome */
    double *rest;     /* [n] of the mean outcomes over the kept columns, times root */
    double *leverage; /* [n] of the kept columns */
    double *basis;    /* [n_kept + 1][n] the kept columns and the intercept times root, orthonormal */
} syi_scores;

/* rows: people. place: the sheet's columns, kept, own, outcome. moved:
 * residuals of the own on the kept ones, borrowed and brought to scale; of a
 * column that follows from these they are set to 0. */
sy_status syi_scores_init(sy_context *ctx, const syi_sheet *sheet, double rows, int n_kept, int n_own, const int *place,
                          double *moved, syi_scores *out);
/* to: [n] where each item of sheet->line takes its residual from. t: [(n_own +
 * 1) * n], gram: [(n_own + 1)^2] scratch. */
double syi_scores_statistic(const syi_scores *s, const ptrdiff_t *to, double *t, double *gram);
void syi_scores_free(syi_scores *s);
#endif
