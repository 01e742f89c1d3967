/* Covariance of a model's columns over the rows, and of their cluster means.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_FITTED_SPREAD_INTERNAL_H
#define SYI_FITTED_SPREAD_INTERNAL_H
#include "steelyard/design.h"

typedef struct {
    int p, clusters;
    double weight;  /* of all rows */
    double *sum;    /* [p] */
    double *square; /* [p * p] lower triangle */
    double *group;  /* [clusters * (p + 1)] weight and sums of each; NULL without */
} syi_spread_sums;

sy_status syi_spread_open(sy_context *ctx, int p, int clusters, syi_spread_sums *s);
void syi_spread_free(syi_spread_sums *s); /* legal after failure and twice */

/* One row: its p values, step apart; cluster -1: none. */
void syi_spread_add(syi_spread_sums *s, const double *x, ptrdiff_t step, double weight, int cluster);

/* The covariance (divisor: weight) of entries i and j over the rows, and between clusters. */
double syi_spread_total(const syi_spread_sums *s, int i, int j);
double syi_spread_between(const syi_spread_sums *s, int i, int j);
#endif
