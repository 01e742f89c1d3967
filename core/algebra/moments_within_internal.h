/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_MOMENTS_WITHIN_INTERNAL_H
#define SYI_MOMENTS_WITHIN_INTERNAL_H
#include "algebra/moments_internal.h"

/* Of m with clusters: the n_used predictor columns less their clusters' means,
 * the outcome column as it is, and two columns more behind the others: the
 * outcome's cluster means, and one that counts clusters (its diagonal sum, 1 a
 * cluster with rows). Terms, labels, clusters, strata and counts are m's. A
 * column that does not vary within clusters becomes zero; what is not in `used`
 * is zero. Free with sy_moments_free. */
sy_status syi_moments_within(sy_context *ctx, const sy_moments *m, int outcome, int n_used, const int *used,
                             sy_moments *out);
#endif
