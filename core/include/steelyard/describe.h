/* One column at a time: count, mean, spread, range, autocorrelation.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_DESCRIBE_H
#define STEELYARD_DESCRIBE_H
#include "steelyard/design.h"
#ifdef __cplusplus
extern "C" {
#endif

/* [SY_N_DESCRIBE] values a design column, in this order; units of the column. */
enum {
    SY_DESCRIBE_N,        /* values present (sum of frequency weights) */
    SY_DESCRIBE_MISSING,  /* rows missing */
    SY_DESCRIBE_MEAN,
    SY_DESCRIBE_SD,       /* denominator n - 1; NaN for n = 1 */
    SY_DESCRIBE_LOWEST,
    SY_DESCRIBE_MEDIAN,   /* type 7 quantile; weighted: the smallest value with half the weight at or below it */
    SY_DESCRIBE_HIGHEST,
    SY_N_DESCRIBE
};

/* Each term of the design by itself (rows missing elsewhere still count).
 * values: [total columns of all terms * SY_N_DESCRIBE]; the columns of a term
 * are its product (1) or its levels. autocorrelation: [columns * lags], lag
 * 1..lags of the present values in row order, NaN for factors and with
 * weights; NULL when lags = 0. All in double-double, decimal columns read as
 * decimals: NIST's nine univariate sets come out right to 15 digits.
 * Cost: n log n a column (the median). */
SY_API SY_MUST_CHECK sy_status sy_describe(sy_context *ctx, const sy_design *design, int lags,
                                           double *values, double *autocorrelation);

/* The number of design columns of each term [n_terms], and their sum. */
SY_API SY_MUST_CHECK sy_status sy_describe_columns(sy_context *ctx, const sy_design *design, int *columns,
                                                   int *total);

#ifdef __cplusplus
}
#endif
#endif
