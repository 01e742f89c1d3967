/* What leaving columns out does to a fit, from its inverse alone.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_DROPPED_INTERNAL_H
#define SYI_DROPPED_INTERNAL_H
#include "steelyard/confounding.h"

typedef struct {
    int left_out;            /* columns that were not aliased */
    double rss_more;         /* by how much the residual sum of squares grows */
    double inverse_less;     /* by how much the coefficient's diagonal of (X'WX)^-1 falls */
    double coefficient_less; /* by how much the coefficient falls */
} syi_dropped;

/* Leaves out the columns with drop[c] != 0 (never `coefficient`); aliased ones are
 * out already. SY_ENOMEM; SY_EDATA where rounding has left the columns' part of
 * the inverse without a root. Cost: q^3 / 6 for q columns. */
sy_status syi_drop(sy_context *ctx, const sy_fit_left *fit, int coefficient, const int *drop, syi_dropped *out);
#endif
