/* Is one effect a column enough? Tests of proportional odds and of a constant
 * spread for ordered answers.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_PROPORTIONAL_H
#define STEELYARD_PROPORTIONAL_H
#include "steelyard/response.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    SY_PROPORTIONAL_BRANT = 0,   /* Wald: are the coefficients of the binary logits "above level j" the same? */
    SY_PROPORTIONAL_NOMINAL = 1, /* likelihood ratio: the term's effect another one at each threshold */
    SY_PROPORTIONAL_SPREAD = 2   /* likelihood ratio: the term in the spread as well */
} sy_proportional_test;

/* One test. NaN where there is nothing to be tested (two levels) or where the
 * larger model has no maximum (remark). */
typedef struct {
    double statistic, df, p; /* chi-squared */
} sy_proportional_row;

/* row [columns.n_terms + 1]: one a term of the model's columns, then all terms
 * together. The model is ordinal; Brant's test wants the logit, free thresholds and no
 * nominal or scale terms, the other two want terms that are not nominal (or scale)
 * already. Sampling weights are refused: there is no likelihood ratio. Frequency
 * and analytic weights multiply the likelihood. Cost: Brant: (levels - 1)
 * binary fits and n p^2 levels^2 / 4; likelihood ratio: a fit a row.
 * [Brant 1990; Peterson & Harrell 1990; Christensen 2022] */
SY_API SY_MUST_CHECK sy_status sy_proportional(sy_context *ctx, const sy_design *design, const sy_response_model *model,
                                               sy_proportional_test test, const sy_response_options *options,
                                               sy_proportional_row *row);

#ifdef __cplusplus
}
#endif
#endif
