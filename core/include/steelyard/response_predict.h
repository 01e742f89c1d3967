/* Predictions from a response model, with errors.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_RESPONSE_PREDICT_H
#define STEELYARD_RESPONSE_PREDICT_H
#include "steelyard/response.h"
#ifdef __cplusplus
extern "C" {
#endif

/* What is predicted, and how many numbers that is a row. */
typedef enum {
    SY_PREDICT_LINEAR = 0, /* 1: x'b with the offset (ordinal: without thresholds) */
    SY_PREDICT_MEAN = 1,   /* 1: probability of the event, or expected count; ordinal: mean of the places 1 .. levels */
    SY_PREDICT_CATEGORIES = 2, /* levels: P(y = level); binary: 2 */
    SY_PREDICT_CUMULATIVE = 3, /* levels - 1: P(y <= level); ordinal only */
    SY_PREDICT_AT_LEAST = 4    /* 1: P(y >= level `cut`); binary (cut 1) and ordinal */
} sy_predict_kind;

/* Each [n * width], row by row, or NULL. Limits of LINEAR: value -+ t error. Where
 * one z = (threshold or 0) -+ linear predictor decides a number (a binary mean, a
 * count, P(y <= level), P(y >= cut), the first and last level) those of z taken
 * through the link; of the levels between them on the logit scale; of an
 * ordinal mean on its own. */
typedef struct {
    double *value, *std_error, *low, *high;
} sy_predictions;

SY_API int sy_predict_width(const sy_response_model *model, const sy_response_shape *shape, sy_predict_kind kind);

/* New rows (columns by the same names); model->columns.outcome is not read; the
 * offset is model->offset, a column of the new rows; trials are not read. As in
 * sy_linear_predict EVERY level of a factor counts as in use: give the columns
 * the levels that were in use at the fit. shape: that of the fit. estimate
 * [shape->k], NaN (aliased) counts as 0; covariance [k * k] NULL when neither
 * errors nor limits are wanted; df for the limits, HUGE_VAL: normal. cut: place
 * of the level (0 ..) among those in use, read for SY_PREDICT_AT_LEAST. NaN where a
 * term is missing. Errors by the delta method [Oehlert 1992]. Cost: n (k^2 + 30)
 * a number. */
SY_API SY_MUST_CHECK sy_status sy_response_predict(sy_context *ctx, const sy_design *rows,
                                                   const sy_response_model *model, const sy_response_shape *shape,
                                                   const double *estimate, const double *covariance,
                                                   sy_predict_kind kind, int cut, double level, double df,
                                                   const sy_predictions *out);

#ifdef __cplusplus
}
#endif
#endif
