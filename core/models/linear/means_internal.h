/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_MEANS_INTERNAL_H
#define SYI_MEANS_INTERNAL_H
#include "models/model_internal.h"

/* Weighted means [design columns] of the numeric columns in the model's terms,
 * over the rows used. */
sy_status syi_column_means(sy_context *ctx, const syi_model *m, double *mean);

/* estimable[i] of q combinations c [q * p]: no part of a row lies along what
 * the aliased (NaN) coefficients could be traded for. */
sy_status syi_estimable(sy_context *ctx, const sy_design *design, const sy_linear_model *model,
                        const double *coefficient, int q, const double *c, int *estimable);
#endif
