/* Models of an outcome as people answer it, by maximum likelihood: binary
 * (logit, probit, complementary log-log), counts (Poisson, negative binomial)
 * and ordered answers (cumulative links).
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_RESPONSE_H
#define STEELYARD_RESPONSE_H
#include "steelyard/vcov.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    SY_RESPONSE_BINARY = 0,
    SY_RESPONSE_POISSON = 1,
    SY_RESPONSE_NEGATIVE_BINOMIAL = 2, /* variance mu + mu^2 / theta */
    SY_RESPONSE_ORDINAL = 3
} sy_response_kind;

typedef enum { SY_LINK_LOGIT = 0, SY_LINK_PROBIT = 1, SY_LINK_CLOGLOG = 2, SY_LINK_LOG = 3 } sy_link;

typedef enum {
    SY_THRESHOLDS_FREE = 0,
    SY_THRESHOLDS_SYMMETRIC = 1,  /* about their middle */
    SY_THRESHOLDS_EQUIDISTANT = 2 /* one first threshold, one spacing */
} sy_thresholds;

typedef struct {
    sy_linear_model columns; /* outcome: a term of one column. Binary: 0 and 1, or SY_CODES with two levels in use, the
                                second being the event; with trials, successes. Counts: whole numbers. Ordinal:
                                SY_CODES in their order. absorb is refused. intercept is 1 for ordinal (the
                                thresholds). */
    sy_response_kind kind;
    sy_link link;            /* counts: SY_LINK_LOG */
    sy_thresholds thresholds;
    const sy_column *trials; /* binary: answers a row stands for; NULL: one each */
    const sy_column *offset; /* NULL: none */
    int n_nominal;           /* ordinal: terms of the design whose effect is another at each threshold (partial */
    const int *nominal;      /*          proportional odds); not among columns.terms */
    int n_scale;             /* ordinal: terms of the log of the latent spread */
    const int *scale;
} sy_response_model;

typedef struct {
    double tolerance;   /* of the last Newton step, relative; default 1e-10 */
    int iterations;     /* at most; default 100 */
    const double *start; /* [k] or NULL */
} sy_response_options;
SY_API void sy_response_defaults(sy_response_options *options);

/* Parameters, k in all, in this order: thresholds (ordinal; first those of
 * "(Intercept)" of each threshold, then of every nominal column threshold by
 * threshold) or the intercept; coefficients of the columns; scale; log(theta)
 * (negative binomial). P(y <= level j) = F((threshold_j - x'b) / exp(s'c)). */
typedef struct {
    int k;            /* parameters */
    int n_thresholds; /* ordinal: threshold parameters (free: levels - 1), nominal ones included */
    int p;            /* columns of the location part, intercept included */
    int n_scale;      /* scale parameters */
    int n_levels;     /* ordinal: levels in use; else 2 for binary, 0 for counts */
} sy_response_shape;

typedef struct {
    double n;                                  /* by the weight rule */
    double rows_read, rows_used, rows_dropped, sum_w;
    int k, rank;                               /* parameters, and those not aliased */
    double df_resid;                           /* n - rank */
    double loglik, loglik_null, loglik_saturated; /* null: intercept or thresholds only, offset kept; saturated: NaN for
                                                     ordinal data of one row an answer */
    double deviance, deviance_null, aic, bic, pearson;
    double lr, lr_df, lr_p;                    /* all terms together against the null model */
    double theta, theta_std_error;             /* negative binomial; else NaN */
    double condition;                          /* of the information scaled to unit diagonal */
    double last_step;                          /* relative, of the last Newton step */
    int iterations, converged, separated;
} sy_response_summary;

typedef struct {
    double *estimate;    /* [k] NaN where aliased */
    int *aliased;        /* [k] */
    double *covariance;  /* [k * k] inverse of the observed information; NaN rows where aliased */
    double *linear;      /* [n] linear predictor x'b with the offset (ordinal: without thresholds), or NULL */
    double *fitted;      /* [n] mean (binary: probability, counts: expected count), ordinal: [n * levels]; or NULL.
                            NaN for rows not used */
} sy_response_fit;

/* Sizes, and labels of the k parameters: "a|b" for thresholds, "a|b: x" where
 * nominal, the labels of sy_linear_labels, "scale: x", "log(theta)". One pass over the
 * rows each. */
SY_API SY_MUST_CHECK sy_status sy_response_shape_of(sy_context *ctx, const sy_design *design,
                                                    const sy_response_model *model, sy_response_shape *shape);
SY_API SY_MUST_CHECK sy_status sy_response_labels(sy_context *ctx, const sy_design *design,
                                                  const sy_response_model *model, int k, char *text, size_t size);

/* Newton's method on exact first and second derivatives, with step halving.
 * Errors: SY_EDATA (one level, counts negative or not whole, successes above
 * trials), SY_ERANK. Remarks: separation (the columns named; their estimates
 * are where the search stopped), aliased columns, empty levels, rows dropped,
 * not converged. Sampling weights: the estimates are pseudo maximum likelihood
 * and covariance is the inverse information, to be asked again from
 * sy_response_vcov. Cost: n (k^2 / 2 + 30) a step, 5 to 8 steps. */
SY_API SY_MUST_CHECK sy_status sy_response(sy_context *ctx, const sy_design *design, const sy_response_model *model,
                                           const sy_response_options *options, sy_response_summary *summary,
                                           const sy_response_fit *fit);

#ifdef __cplusplus
}
#endif
#endif
