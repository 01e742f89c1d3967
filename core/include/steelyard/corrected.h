/* Moments without the errors of measurement in their columns, for shares
 * corrected for unreliability; and a check of these by adding error instead.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_CORRECTED_H
#define STEELYARD_CORRECTED_H
#include "steelyard/shares.h"
#ifdef __cplusplus
extern "C" {
#endif

/* Which terms are measured with error: one numeric column each, among those of
 * the question (the outcome may be one). One of the two is given, the other NULL. */
typedef struct {
    int n;
    const int *term;           /* [n] of the moments */
    const double *reliability; /* [n] above 0, at most 1: the part of the variance that is not error; errors of
                                  two columns then have nothing in common */
    const double *covariance;  /* [n * n] of the errors, in the columns' units; positive semi-definite */
} sy_errors;

typedef struct {
    double multiple;     /* the errors may be as many times as large before the matrix is no longer definite (at most
                            until a column is all error) */
    double *reliability; /* [n] as stated, or 1 - error variance / variance */
    double *lowest;      /* [n] the least it may be with the other errors as stated */
} sy_error_limits;

/* out: the moments m less the errors, M - E [Fuller 1987, doi:10.1002/9780470316665],
 * set by set, so that shares, their limits (leaving a unit out) and whatever else is
 * asked of moments rest on the corrected matrix; free with sy_moments_free. From
 * reliabilities each unit loses that part of its own squares about the mean,
 * so that the reliability is what is known, not the error's variance.
 * Errors: SY_EINVAL (a reliability that is not above 0 and at most 1, a term that is not in the question, is
 * named twice, is a factor, or of which another term of the question is made; absorbed clusters; covariances that
 * are not symmetric or not positive semi-definite), SY_EDATA (M - E is not positive definite; the message names
 * the limit). Remarks: what was corrected; errors taken to have nothing in common.
 * Cost: units q^2 and 41 factorisations for each limit. */
SY_API SY_MUST_CHECK sy_status sy_moments_corrected(sy_context *ctx, const sy_moments *m, const sy_question *question,
                                                    const sy_errors *errors, sy_error_limits *limits, sy_moments *out);

/* Simulation extrapolation [Cook & Stefanski 1994, doi:10.1080/01621459.1994.10476871]: shares with lambda times the
 * error added, extrapolated to lambda = -1, as a check of the exact correction. */
typedef struct {
    int n_lambda;         /* 3 or more; default .5, 1, 1.5, 2 */
    const double *lambda; /* [n_lambda] rising, above 0 */
    int replicates; /* default 0: the expected moments M + lambda E, which for normal errors is what the mean of ever
                       more replicates comes to; else normal errors are added so many times */
    uint64_t seed;  /* default 1 */
} sy_simex_options;
SY_API void sy_simex_defaults(sy_simex_options *options);

/* Rows: blocks, then terms block by block, then the total. */
typedef struct {
    double *measured;  /* [rows] lambda = 0 */
    double *added;     /* [n_lambda * rows] mean over the replicates */
    double *mc_error;  /* [n_lambda * rows] its standard error; 0 without replicates */
    double *quadratic; /* [rows] by least squares over lambda = 0 and all others */
    double *rational; /* [rows] a + b / (c + lambda) through the first, the middle and the last; NaN where its pole lies
                         at -1 or right of it */
    double *corrected; /* [rows] M - E itself; NaN where it is not definite */
} sy_simex_table;

/* Errors as sy_moments_corrected, but that M - E need not be definite (remark);
 * SY_EINVAL (lambdas that do not rise from 0), SY_ERANK (too few rows for replicates). Cost: n_lambda (replicates or
 * 1) evaluations of the shares, whatever n. */
SY_API SY_MUST_CHECK sy_status sy_simex(sy_context *ctx, const sy_moments *m, const sy_question *question,
                                        const sy_errors *errors, const sy_simex_options *options,
                                        const sy_simex_table *table);

#ifdef __cplusplus
}
#endif
#endif
