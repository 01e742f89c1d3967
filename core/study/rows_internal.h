/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_ROWS_INTERNAL_H
#define SYI_ROWS_INTERNAL_H
#include "shares/influence_internal.h"
#include "steelyard/design.h"

/* fourth [pairs * pairs]: sum over the rows used of w^2 P P' (frequency
 * weights: w P P'), P the products u_a u_b, a <= b, of the whitened row. The
 * design is the one the plan's moments were made from. */
sy_status syi_rows_fourth(sy_context *ctx, const sy_design *design, const syi_plan *plan, const syi_influence *f,
                          double *fourth);
double syi_rows_seconds(const syi_plan *plan, double n);
#endif
