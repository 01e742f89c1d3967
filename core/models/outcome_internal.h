/* One outcome and some factors, read for layouts without a model.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_OUTCOME_INTERNAL_H
#define SYI_OUTCOME_INTERNAL_H
#include "algebra/twofold_internal.h"
#include "steelyard/design.h"

/* The rows complete over the outcome, the factors and the weights (zero
 * weights left out), in their order. */
typedef struct {
    ptrdiff_t rows;
    ptrdiff_t *row;
    syi_dd *value;  /* the decimals that the numbers print as */
    double *weight; /* NULL: all ones */
} syi_outcome;

/* outcome: a numeric column, factors: SY_CODES columns. Weights other than
 * those of `allowed` are refused. Remark: rows dropped. */
sy_status syi_outcome_read(sy_context *ctx, const sy_design *design, int outcome, int n_factors, const int *factors,
                           sy_weight_kind allowed, syi_outcome *out);
void syi_outcome_free(syi_outcome *out);
#endif
