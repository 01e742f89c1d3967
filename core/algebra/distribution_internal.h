/* Limits by Student's t.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_DISTRIBUTION_INTERNAL_H
#define SYI_DISTRIBUTION_INTERNAL_H
#include "steelyard/distribution.h"

/* How many standard errors two-sided limits lie from the estimate, normal where df is infinite; HUGE_VAL where
 * degrees of freedom are so few that it is past the largest double: then there are no limits. */
sy_status syi_t_width(sy_context *ctx, double level, double df, double *width);

#endif
