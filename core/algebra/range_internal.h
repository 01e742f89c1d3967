/* The studentised range of one number of means, for many tails in turn.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_RANGE_INTERNAL_H
#define SYI_RANGE_INTERNAL_H
#include "steelyard/context.h"

/* Most panels: over z, of the density of s, and of the table of P(range > w). */
enum { SYI_RANGE_POINTS = 16, SYI_RANGE_INNER = 16, SYI_RANGE_OUTER = 100, SYI_RANGE_PANELS = 34 };

/* 41 kB, nothing to free. The table belongs to `means` and fills itself; scale
 * and mass belong to df. */
typedef struct {
    int means, inner, outer;
    double df; /* NaN: none set */
    double rule_node[SYI_RANGE_POINTS], rule_weight[SYI_RANGE_POINTS];
    double z[SYI_RANGE_POINTS * SYI_RANGE_INNER], below[SYI_RANGE_POINTS * SYI_RANGE_INNER];
    double weight[SYI_RANGE_POINTS * SYI_RANGE_INNER];
    double scale[SYI_RANGE_POINTS * SYI_RANGE_OUTER], mass[SYI_RANGE_POINTS * SYI_RANGE_OUTER];
    double chebyshev[SYI_RANGE_PANELS][SYI_RANGE_POINTS];
    char filled[SYI_RANGE_PANELS];
} syi_range;

/* Refuses other than 2 to 1000 means; degrees of freedom below 1. Cheap to call
 * again with the same df. */
sy_status syi_range_open(sy_context *ctx, syi_range *r, int means);
sy_status syi_range_df(sy_context *ctx, syi_range *r, double df);

/* P(Q > q), and the q with P(Q <= q) = p, once df is set. */
double syi_range_tail(syi_range *r, double q);
sy_status syi_range_quantile(sy_context *ctx, syi_range *r, double p, double *q);
#endif
