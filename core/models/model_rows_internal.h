/* Parts of syi_model_open that pass over the rows.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_MODEL_ROWS_INTERNAL_H
#define SYI_MODEL_ROWS_INTERNAL_H
#include "models/model_internal.h"

/* Means of the absorbed levels, weighted, in double-double. Cost n p. */
sy_status syi_model_centre(sy_context *ctx, syi_model *m);
#endif
