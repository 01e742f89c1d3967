/* The likelihoods by kind, behind syi_likelihood_of: each sets value, scores and
 * start of `l`, whose other members are set.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_LIKELIHOOD_INTERNAL_H
#define SYI_LIKELIHOOD_INTERNAL_H
#include "models/response/response_internal.h"

sy_status syi_likelihood_binary(sy_context *ctx, syi_likelihood *l);
sy_status syi_likelihood_count(sy_context *ctx, syi_likelihood *l);
sy_status syi_likelihood_ordinal(sy_context *ctx, syi_likelihood *l);
#endif
