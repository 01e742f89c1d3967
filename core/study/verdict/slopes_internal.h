/* What a sum of money goes with: coefficients of the funding terms.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_SLOPES_INTERNAL_H
#define SYI_SLOPES_INTERNAL_H
#include "study/verdict/cell_internal.h"

typedef struct {
    double estimate, std_error, df, p_value, low, high;
    double classical_t, classical_df; /* of the classical fit: for partial R2 */
} syi_slope;

/* The coefficient of `term`, one numeric column of the portion, times `factor`,
 * beside the `others` [n_others]. All NaN where there is none (aliased, no rows
 * left over), with a remark. */
sy_status syi_slope_of(sy_context *ctx, const syi_cell *cell, const sy_design *design, int term, int n_others,
                       const int *others, double factor, double level, syi_slope *out);

/* The coefficients of the first `tested` of the terms, numeric columns, are all
 * zero: p, NaN where it cannot be tested. */
sy_status syi_slopes_zero(sy_context *ctx, const syi_cell *cell, const sy_design *design, int n_terms, const int *terms,
                          int tested, double *p_value);
#endif
