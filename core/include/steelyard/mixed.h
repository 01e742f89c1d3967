/* Models with effects that vary by group (councils): linear by maximum or
 * restricted likelihood, binary, counts and ordered answers by Laplace's
 * approximation or adaptive Gauss-Hermite quadrature.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_MIXED_H
#define STEELYARD_MIXED_H
#include "steelyard/response.h"
#ifdef __cplusplus
extern "C" {
#endif

/* One bar term: (1 + x | group). A factor among the terms stands with its
 * contrast columns where there is an intercept, else with all levels. */
typedef struct {
    int intercept;
    int n_terms;
    const int *terms;       /* terms of the design */
    const sy_column *group; /* SY_CODES; a nested factor a:b comes as one column of its cells */
    int diagonal;           /* 1: effects of a group are uncorrelated (x || group) */
} sy_random;

typedef struct {
    int linear;                 /* 1: normal errors; of `response` then only columns and offset are read */
    sy_response_model response; /* the fixed part, the outcome, link; no scale or nominal terms */
    int n_random;
    const sy_random *random;
} sy_mixed_model;

typedef struct {
    int reml;            /* linear: 1 (default) restricted, 0 maximum likelihood */
    int nodes;           /* not linear: quadrature points a dimension; 1 (default) is Laplace; more need one group and at
                            most 2 effects */
    double tolerance;    /* of the last step of the variance parameters, relative; default 1e-9 */
    int iterations;      /* default 200 */
    const double *start; /* [n_theta] or NULL */
} sy_mixed_options;
SY_API void sy_mixed_defaults(sy_mixed_options *options);

/* Sizes. Fixed parameters are laid out as in response.h (linear: the columns of
 * sy_linear). theta: lower triangles, columns first, of the Cholesky factors T of each bar term's
 * covariance (linear: relative to sigma; diagonal terms: the diagonal only). */
typedef struct {
    int k;            /* fixed parameters */
    int n_thresholds; /* of them, first (ordinal) */
    int n_levels;     /* of the outcome, ordinal */
    int n_theta;
    int n_effects;    /* effects of all bar terms together: sum of q */
    ptrdiff_t n_modes; /* random effects in all: sum of levels times q */
    int entries;      /* sum of q * q */
} sy_mixed_shape;
SY_API SY_MUST_CHECK sy_status sy_mixed_shape_of(sy_context *ctx, const sy_design *design,
                                                 const sy_mixed_model *model, sy_mixed_shape *shape);
/* Of the k fixed parameters, as sy_response_labels; and of the effects of all bar terms in order, "(Intercept)", "x". */
SY_API SY_MUST_CHECK sy_status sy_mixed_labels(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                                               int k, char *text, int n_effects, char *effects, size_t size);
/* effects [n_random] of each bar term, levels [n_random] in use; used [sum of levels]: their codes from 0, in the order
 * of the modes. */
SY_API SY_MUST_CHECK sy_status sy_mixed_groups(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                                               int *effects, ptrdiff_t *levels, int *used);

typedef struct {
    double n, rows_read, rows_used, rows_dropped;
    int k, rank, n_parameters;    /* all parameters estimated: rank + n_theta (+ 1 for sigma) */
    double df_resid;              /* n - n_parameters */
    double loglik, criterion;     /* criterion: -2 loglik, restricted where reml */
    double aic, bic;
    double sigma;                 /* linear; else NaN */
    double theta_count;           /* negative binomial; else NaN */
    double last_step, gradient;   /* relative; largest scaled derivative at the end */
    int iterations, evaluations, converged;
    int boundary;                 /* directions of the random effects with variance exactly 0 */
    int nodes;
} sy_mixed_summary;

typedef struct {
    double *estimate;    /* [k] NaN where aliased */
    int *aliased;        /* [k] */
    double *covariance;  /* [k * k]; linear: given theta, as lme4; else from the Hessian of all parameters */
    double *theta;       /* [n_theta] */
    double *theta_covariance; /* [n_theta * n_theta] of theta (not linear: jointly with the fixed part), or NULL; NaN at
                                 the boundary */
    double *variance;    /* [entries] covariance matrices of the bar terms, one after the other, in units of the outcome
                            (linear predictor) */
    double *modes;       /* [n_modes] shrunken effects: bar term by bar term, level by level, effect by effect */
    double *mode_variance; /* [sum of levels * q * q] their conditional covariance, or NULL */
    double *linear;      /* [n] linear predictor with the effects, or NULL */
    double *fitted;      /* [n] mean (ordinal: [n * levels]) with the effects, or NULL */
} sy_mixed_fit;

/* Errors: SY_EINVAL (a group with one level, sampling weights), SY_EDATA (as many levels as rows in a linear model, fewer
 * rows than effects). Remarks: variance exactly zero at the boundary, not converged, rows dropped, aliased columns,
 * separation. Linear with one group: from the groups' moments, cost n p^2 / 2 once and G p^2 an evaluation, G groups.
 * Crossed: the group with most levels is eliminated block by block, the others are factored densely.
 * [Bates, Maechler, Bolker & Walker 2015] */
SY_API SY_MUST_CHECK sy_status sy_mixed(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                                        const sy_mixed_options *options, sy_mixed_summary *summary,
                                        const sy_mixed_fit *fit);

#ifdef __cplusplus
}
#endif
#endif
