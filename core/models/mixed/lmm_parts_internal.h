/* What Kenward and Roger's approximation reads of a linear mixed model at one
 * theta.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_LMM_PARTS_INTERNAL_H
#define SYI_LMM_PARTS_INTERNAL_H
#include "models/mixed/lmm_internal.h"

/* H = Z' V^-1 Z, U = Z' V^-1 X times `basis`, V relative to sigma^2; basis [p * p]: (X' V^-1 X)^-1 = basis basis', so
 * that X' V^-1 X is I in it. E_s is the derivative of the covariance matrix of all effects by the s-th of its entries
 * that are free, a variance or a covariance. */
typedef struct {
    int n;
    double *basis;
    double *first;  /* [n] tr E_s H */
    double *second; /* [n * n] tr E_s H E_t H */
    double *m;      /* [n][p * p] U' E_s U */
    double *q;      /* [n * n][p * p] U' E_s H E_t U */
} syi_lmm_parts;

/* One grouping factor: by its groups, G q^4 p^2. Several: dense, M^3 for M effects in all; SY_ELIMIT above 4000. */
sy_status syi_lmm_parts_init(sy_context *ctx, const syi_lmm *l, const double *theta, syi_lmm_parts *parts);
void syi_lmm_parts_free(syi_lmm_parts *parts); /* legal after failure and twice */

/* How many entries are free, and of them bar term, row and column [n]. */
int syi_lmm_parts_count(const syi_bars *b);
void syi_lmm_parts_list(const syi_bars *b, int *bar, int *row, int *column);

sy_status syi_lmm_parts_one(sy_context *ctx, const syi_lmm *l, const double *theta, syi_lmm_parts *parts);
sy_status syi_lmm_parts_dense(sy_context *ctx, const syi_lmm *l, const double *theta, syi_lmm_parts *parts);
#endif
