/* A linear mixed model at its estimates, ready to test combinations of its
 * coefficients.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_LMM_TESTS_INTERNAL_H
#define SYI_LMM_TESTS_INTERNAL_H
#include "models/mixed/lmm_parts_internal.h"
#include "steelyard/mixed_df.h"

/* Over the p columns in use. */
typedef struct {
    syi_lmm l;
    sy_df_kind kind;
    double sigma2;
    double *beta, *inverse; /* [p]; [p * p] (X' V^-1 X)^-1, V relative to sigma^2 */
    /* Satterthwaite: covariance of (theta, sigma), and derivatives of inverse */
    double *varpar; /* [(n_theta + 1)^2] */
    double *slope;  /* [n_theta][p * p] */
    /* Kenward-Roger */
    syi_lmm_parts parts;
    double *weight;   /* [(n + 1)^2] covariance of the variances: a scale of V, then the n entries */
    double *adjusted; /* [p * p] of the coefficients over `basis`, relative to sigma^2 */
} syi_lmm_tests;

/* Makes the problem anew and evaluates it at theta. */
sy_status syi_lmm_tests_init(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                             const sy_mixed_options *options, const double *theta, sy_df_kind kind, syi_lmm_tests *t);
void syi_lmm_tests_free(syi_lmm_tests *t); /* legal after failure and twice */

/* Of q combinations c [q * p], covariance [q * q] and df [q] of each. */
sy_status syi_lmm_tests_each(sy_context *ctx, const syi_lmm_tests *t, int q, const double *c, double *covariance,
                             double *df);

typedef struct {
    double f, scale, df1, df2, p_value; /* the test is f * scale; NaN without a combination */
} syi_lmm_joint;
sy_status syi_lmm_tests_joint(sy_context *ctx, const syi_lmm_tests *t, int q, const double *c, syi_lmm_joint *out);

/* combinations over all k coefficients to those in use [q * p]; SY_EDATA when an aliased one is used. */
sy_status syi_lmm_tests_in_use(sy_context *ctx, const syi_lmm_tests *t, int q, const double *c, double *out);
#endif
