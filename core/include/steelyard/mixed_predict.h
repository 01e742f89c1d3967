/* Predictions from a mixed model.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_MIXED_PREDICT_H
#define STEELYARD_MIXED_PREDICT_H
#include "steelyard/mixed.h"
#include "steelyard/response_predict.h"
#ifdef __cplusplus
extern "C" {
#endif

/* New rows (columns by the same names). The outcome and trials are not read; the offset is a column of the new rows.
 * EVERY level of a factor counts as in use: give the columns the levels that were in use at the fit. The levels of a
 * group's column are those of sy_mixed_groups in that order and, last, one more: what the fit has not seen, with
 * effects of 0. shape: that of the fit. estimate [k], NaN (aliased) counts as 0; modes [n_modes], NULL: the fixed part
 * alone. Linear models: kind is not read. value [n * width], width 1 for linear models, else that of sy_predict_width;
 * NaN where a term, the group or the offset is missing. Cost: n (k + effects). */
SY_API SY_MUST_CHECK sy_status sy_mixed_predict(sy_context *ctx, const sy_design *rows, const sy_mixed_model *model,
                                                const sy_mixed_shape *shape, const double *estimate,
                                                const double *modes, sy_predict_kind kind, double *value);

#ifdef __cplusplus
}
#endif
#endif
