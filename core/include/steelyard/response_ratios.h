/* Coefficients of a response model as ratios.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_RESPONSE_RATIOS_H
#define STEELYARD_RESPONSE_RATIOS_H
#include "steelyard/response.h"
#ifdef __cplusplus
extern "C" {
#endif

/* exp of the coefficients of the location part and of their limits, estimate -+
 * t error: odds ratios (logit), ratios of hazards (cloglog), of expected counts
 * (log). ratio, low, high [shape->k]: NaN for intercept, thresholds, scale,
 * log(theta) and aliased columns. covariance [k * k] and df [k] as
 * sy_response_vcov leaves them; level between 0 and 1. SY_EINVAL with the probit, under
 * which exp of a coefficient is nothing. */
SY_API SY_MUST_CHECK sy_status sy_response_ratios(sy_context *ctx, const sy_response_model *model,
                                                  const sy_response_shape *shape, const double *estimate,
                                                  const double *covariance, const double *df, double level,
                                                  double *ratio, double *low, double *high);

#ifdef __cplusplus
}
#endif
#endif
