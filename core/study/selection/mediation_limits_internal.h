/* Limits of the parts of a mediation.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_MEDIATION_LIMITS_INTERNAL_H
#define SYI_MEDIATION_LIMITS_INTERNAL_H
#include "study/selection/mediation_internal.h"

/* values [measures * rows] of the result from the effects [measures][effects]. */
void syi_mediation_rows(const syi_mediation_sheet *s, int n_measures, int n_rows, const double *effect, double *value);

/* Fills errors, limits, covariance and what there is to say of them. */
sy_status syi_mediation_limits(sy_context *ctx, const sy_design *design, const syi_mediation_estimator *estimator,
                               sy_mediation_result *result);
#endif
