/* The Wald statistic of chosen coefficients.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_WALD_INTERNAL_H
#define SYI_WALD_INTERNAL_H
#include "algebra/twofold_internal.h"
#include "steelyard/context.h"

typedef struct {
    int p;
    const double *coefficient, *covariance; /* [p], [p * p], the caller's */
    int *column;                            /* [p] which coefficients, in order; the caller fills it */
    int *aliased;
    double *floor_;
    syi_dd *v, *x;
} syi_wald;
sy_status syi_wald_init(sy_context *ctx, int p, const double *coefficient, const double *covariance, syi_wald *w);
void syi_wald_free(syi_wald *w);

/* b' V^- b of the first `count` of w->column, and the rank of their covariance. Cost: count^3. */
double syi_wald_statistic(syi_wald *w, int count, int *rank);
#endif
