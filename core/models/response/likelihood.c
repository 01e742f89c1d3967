/* The likelihood of a response model by its kind.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "models/response/likelihood_internal.h"

sy_status syi_likelihood_of(sy_context *ctx, const syi_packed *rows, const sy_response_model *model, syi_likelihood *l)
{
    *l = (syi_likelihood){.rows = rows,
                          .kind = model->kind,
                          .link = model->link,
                          .thresholds = model->thresholds,
                          .k = syi_packed_parameters(rows, model)};
    switch (model->kind) {
    case SY_RESPONSE_BINARY: return syi_likelihood_binary(ctx, l);
    case SY_RESPONSE_POISSON:
    case SY_RESPONSE_NEGATIVE_BINOMIAL: return syi_likelihood_count(ctx, l);
    case SY_RESPONSE_ORDINAL: return syi_likelihood_ordinal(ctx, l);
    }
    return syi_fail(ctx, SY_EINVAL, "kind: %d is none", (int)model->kind);
}
