/* Least squares to the last digit, from rows: coefficients, sums of squares and
 * what is needed for errors, tests and predictions.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_LINEAR_H
#define STEELYARD_LINEAR_H
#include "steelyard/moments.h"
#ifdef __cplusplus
extern "C" {
#endif

/* How the levels of a factor become columns. Whatever the host's contrasts. */
typedef enum {
    SY_CODING_TREATMENT = 0, /* first level is the base */
    SY_CODING_SUM = 1        /* sum to zero: the last level is minus the others */
} sy_coding;

typedef struct {
    int outcome;      /* a numeric term of the design; -1: rows to be predicted, see sy_linear_predict */
    int n_terms;
    const int *terms; /* in the order of the model; a term of the design once */
    int intercept;    /* 1, or 0: sums of squares about zero, R2 uncentred */
    sy_coding coding;
    const sy_column *absorb; /* NULL, or SY_CODES: an intercept a level (council fixed effects), taken out by centring
                                within levels; the levels count in the rank, have no coefficients here, and replace
                                the intercept */
} sy_linear_model;

typedef struct {
    sy_precision precision; /* auto: double-double QR while n (p + 1)^2 <= 4e7, moments in double where the scaled
                               condition leaves 12 digits, else QR in double */
} sy_linear_options;
SY_API void sy_linear_defaults(sy_linear_options *options);

typedef enum { SY_BY_QR_TWOFOLD = 0, SY_BY_MOMENTS = 1, SY_BY_QR_DOUBLE = 2 } sy_linear_method;

typedef struct {
    double n;              /* by the weight rule */
    double rows_read, rows_used, rows_dropped;
    double sum_w, sum_w2;
    int p, rank;           /* columns (intercept included), and those not aliased */
    double df_resid;       /* n - rank */
    double rss, tss;       /* weighted; tss about the mean, or about 0 without an intercept */
    double r2, r2_adjusted, sigma;
    double f, f_df1, f_p;  /* of all terms together */
    double loglik, aic, bic; /* normal; weights as lm has them */
    double condition;      /* of the columns scaled to unit length, 2-norm bound */
    double digits;         /* decimal digits the condition leaves in the coefficients */
    sy_linear_method method;
} sy_linear_summary;

/* The columns a model has, before it is fitted. A factor stands with its
 * contrast columns where an earlier term holds the term without it, else with
 * all its levels (R's rule for margins). Levels without a row that counts have
 * no column (remark). With outcome = -1 every level counts. count [n_terms + 1]: columns of the intercept
 * (0 or 1), then of each term. */
SY_API SY_MUST_CHECK sy_status sy_linear_columns(sy_context *ctx, const sy_design *design,
                                                 const sy_linear_model *model, int *count, int *p);

/* The labels of the model's p columns: "(Intercept)", "x", "region[north]",
 * "a[u]:b[v]", "x:b[v]"; that of column c at text + c * size, cut off after
 * size - 1 bytes. One pass over the rows, as sy_linear_columns. */
SY_API SY_MUST_CHECK sy_status sy_linear_labels(sy_context *ctx, const sy_design *design,
                                                const sy_linear_model *model, int p, char *text, size_t size);

/* Buffers of the caller; p from sy_linear_columns, n = design rows. */
typedef struct {
    double *coefficient; /* [p] NaN where aliased */
    int *aliased;        /* [p] */
    double *inverse;     /* [p * p] (X'WX)^-1 of the columns in use, NaN rows where aliased: times sigma^2 the
                            classical covariance */
    double *effects;     /* [p] squared: sum of squares that each column adds in order (0 where aliased) */
    double *fitted;      /* [n] or NULL; NaN for rows not used */
    double *residual;    /* [n] or NULL */
    double *leverage;    /* [n] or NULL */
} sy_linear_fit;

/* Rows are those complete over ALL terms of the design, weights, clusters and
 * the absorbed factor. Errors: SY_EDATA (constant outcome, all rows missing, bad
 * weights), SY_ERANK (no column that is not aliased), SY_EINVAL (a factor with
 * one level used, named). Remarks: aliased columns by label, rows dropped,
 * levels without rows, digits under 12, no row left over for the errors (then
 * sigma is NaN).
 * Cost: 2 n p^2 in QR (20 times in double-double), n p^2 / 2 by moments.
 * [Golub & Van Loan 2013, section 5.3; Bjorck 1996] */
SY_API SY_MUST_CHECK sy_status sy_linear(sy_context *ctx, const sy_design *design, const sy_linear_model *model,
                                         const sy_linear_options *options, sy_linear_summary *summary,
                                         const sy_linear_fit *fit);

/* Fitted values of new rows (columns by the same names, factor levels by the
 * same codes): x_i' b with its variance from `covariance` [p * p]; aliased
 * (NaN) coefficients count as 0. NaN where a term is missing. EVERY level of a
 * factor counts as in use, whatever the rows hold: give the columns the levels
 * that were in use at the fit, and ask sy_linear_columns for p with outcome =
 * -1. model->outcome is not read. variance may be NULL, then covariance too.
 * SY_EINVAL with absorbed levels (they have no coefficients), and when p, the
 * number of coefficients, is not that of the model's columns. */
SY_API SY_MUST_CHECK sy_status sy_linear_predict(sy_context *ctx, const sy_design *rows,
                                                 const sy_linear_model *model, int p, const double *coefficient,
                                                 const double *covariance, double *fitted, double *variance);

#ifdef __cplusplus
}
#endif
#endif
