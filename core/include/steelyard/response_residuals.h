/* Residuals of a response model.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_RESPONSE_RESIDUALS_H
#define STEELYARD_RESPONSE_RESIDUALS_H
#include "steelyard/response.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    SY_RESIDUAL_RESPONSE = 0,   /* outcome (trials: its proportion; ordinal: its place 1 .. levels) less its mean */
    SY_RESIDUAL_PEARSON = 1,    /* that over its standard deviation, times the root of the weight */
    SY_RESIDUAL_DEVIANCE = 2,   /* signed root of the row's part in the deviance; not of ordinal outcomes */
    SY_RESIDUAL_PROBABILITY = 3 /* P(Y < y) - P(Y > y); ordinal [Li & Shepherd 2012] */
} sy_residual_kind;

/* residual [n], NaN for rows not used. design, model and estimate [k] (NaN:
 * aliased) as at the fit. SY_EINVAL: a kind that the outcome has not. Cost: n (k + 30). */
SY_API SY_MUST_CHECK sy_status sy_response_residuals(sy_context *ctx, const sy_design *design,
                                                     const sy_response_model *model, int k, const double *estimate,
                                                     sy_residual_kind kind, double *residual);

#ifdef __cplusplus
}
#endif
#endif
