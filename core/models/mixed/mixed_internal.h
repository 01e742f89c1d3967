/* A linear mixed model as a function of its relative covariance parameters:
 * what fits, profiles, degrees of freedom and shares evaluate.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_MIXED_INTERNAL_H
#define SYI_MIXED_INTERNAL_H
#include "models/mixed/lmm_rows_internal.h"

/* What one evaluation gives. Buffers are the caller's; NULL: not wanted. */
typedef struct {
    double criterion;      /* profiled over fixed effects and sigma: -2 loglik, or the REML criterion */
    double sigma2;         /* the profiled residual variance */
    double log_det_v;      /* log |V| / sigma^2 scale */
    double log_det_x;      /* log |X' V^-1 X| */
    double rss;            /* penalised */
    double *gradient;      /* [n_theta] of the criterion */
    double *hessian;       /* [n_theta * n_theta] of the criterion; only where `derivatives` */
    double *rss_gradient;  /* [n_theta] */
    double *inverse_slope; /* [n_theta][p * p] derivative of `inverse`; only where `derivatives` */
    double *beta;          /* [p in use] */
    double *inverse;       /* [p * p] (X' V^-1 X)^-1, V relative to sigma^2 */
    double *modes;         /* [n_modes] */
    double *mode_variance; /* [sum of levels * q * q] given beta, relative to sigma^2 */
} syi_lmm_value;

/* Units are those of the data. Columns not in `fixed` have zeros in beta and inverse; the intercept is always in use. A
 * theta at which the criterion cannot be had gives an infinite one.
 * A problem made once from the rows. Two makers: one group from its moments (lmm_one.c), several groups by
 * block elimination (lmm_crossed.c). `fixed` picks the columns of the fixed part in use (NULL: all), so that submodels
 * are refitted without the rows. */
typedef struct syi_lmm syi_lmm;
struct syi_lmm {
    int p, n_theta, reml;
    double n, sum_log_w;
    ptrdiff_t n_modes;
    int *column;        /* [p] model column of each column in use (aliased left out); that of rows */
    double *lower;      /* [n_theta] 0 for diagonal entries of T, -infinity else */
    int derivatives;    /* 1: evaluate() gives second derivatives too */
    syi_lmm_rows *rows; /* its own */
    void *state;
    sy_status (*evaluate)(sy_context *ctx, const syi_lmm *l, const double *theta, const unsigned char *fixed,
                          syi_lmm_value *out);
    void (*free_state)(syi_lmm *l);
    void (*start)(const syi_lmm *l, double *theta); /* NULL, or betters the start T = I */
};
sy_status syi_lmm_init(sy_context *ctx, const sy_design *design, const sy_mixed_model *model, int reml, syi_lmm *l);
void syi_lmm_free(syi_lmm *l);                       /* legal after failure and twice */
void syi_lmm_start(const syi_lmm *l, double *theta); /* T = I, or a better guess */

/* Minimises the criterion over theta (bounds respected; theta [n_theta] start and end), ending with Newton steps on
 * exact derivatives; exact zeros at the boundary. */
typedef struct {
    double criterion, last_step, gradient;
    int iterations, evaluations, converged, boundary;
} syi_lmm_report;
sy_status syi_lmm_minimise(sy_context *ctx, const syi_lmm *l, const unsigned char *fixed,
                           const sy_mixed_options *options, double *theta, syi_lmm_report *report);
#endif
