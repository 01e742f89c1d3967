/* What the tests of proportional odds share.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_PROPORTIONAL_INTERNAL_H
#define SYI_PROPORTIONAL_INTERNAL_H
#include "models/response/response_internal.h"
#include "steelyard/proportional.h"

/* Brant's test; term [rows->p]: the place of each packed column's term in the model. row [n_terms + 1], NaN where the
 * test does not exist, with a remark. */
sy_status syi_brant(sy_context *ctx, const syi_packed *rows, const sy_response_options *options, int n_terms,
                    const int *term, const char *const *labels, sy_proportional_row *row);

/* statistic and df to a row with its tail. */
sy_status syi_proportional_row(sy_context *ctx, double statistic, double df, sy_proportional_row *row);
#endif
