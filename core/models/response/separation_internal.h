/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_SEPARATION_INTERNAL_H
#define SYI_SEPARATION_INTERNAL_H
#include "models/response/response_internal.h"

/* Is `direction` [k], the step of a search that does not settle, near a direction
 * in which the log-likelihood never falls? Then *found = 1, and columns [k] (may
 * be NULL) has 1 for the parameters that run to infinity along it. */
sy_status syi_separation(sy_context *ctx, const syi_likelihood *l, const double *direction, int *columns, int *found);
#endif
