/* One-sided limits of one share, as every statement of an overview uses them.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_PROPORTION_INTERNAL_H
#define SYI_PROPORTION_INTERNAL_H
#include "steelyard/overview.h"

/* Of people on the rarer side, in effective number: below it the logit scale
 * does not bear the tails, and Korn & Graubard's beta limits take over. */
static const double SYI_FEW_ON_A_SIDE = 5;

sy_status syi_level_check(sy_context *ctx, double level);

/* The limit below (upper = 0) or above which the true share lies with
 * probability `tail` at most. NaN where there is none. */
sy_status syi_proportion_limit(sy_context *ctx, const double share[SY_N_SHARE], double tail, int upper, double *limit);

/* The smallest tail, at most 1/2, at which that limit no longer passes
 * `threshold`: a one-sided p value. 1/2 also when the share lies on the other side. */
sy_status syi_proportion_p(sy_context *ctx, const double share[SY_N_SHARE], double threshold, int upper, double *p);
#endif
