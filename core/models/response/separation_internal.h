/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_SEPARATION_INTERNAL_H
#define SYI_SEPARATION_INTERNAL_H
#include "models/response/response_internal.h"

/* Is `direction` [k], the step of a search that does not settle, near a direction
 * in which the log-likelihood never falls? Then *found = 1, and columns [k] (may
 * be NULL) has 1 for the parameters that run to infinity along it. */
sy_status syi_separation(sy_context *ctx, const syi_likelihood *l, const double *direction, int *columns, int *found);

/* Names the columns that run to infinity (constants where no other does); place [k] as syi_packed_places. */
sy_status syi_separated_remark(sy_context *ctx, const sy_design *design, const sy_response_model *model,
                               const syi_packed *rows, int k, const int *place, const int *separated);
#endif
