/* The trend of counts in order.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_COUNTS_INTERNAL_H
#define SYI_COUNTS_INTERNAL_H
#include "steelyard/printed.h"

/* Fills statistic and p_value. SY_ELIMIT where the table of totals and scores has over 1e8 places. */
sy_status syi_counts_trend(sy_context *ctx, int k, const double *count, const double *of, sy_counts_summary *summary);
#endif
