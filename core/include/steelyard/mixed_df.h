/* Tests of the coefficients of a linear mixed model, with degrees of freedom
 * that count the groups.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_MIXED_DF_H
#define STEELYARD_MIXED_DF_H
#include "steelyard/mixed.h"
#include "steelyard/vcov.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    SY_DF_SATTERTHWAITE = 0, /* [Giesbrecht & Burns 1985; Fai & Cornelius 1996], as lmerTest has it */
    SY_DF_KENWARD_ROGER = 1, /* [Kenward & Roger 1997]: the covariance is adjusted too; fits by REML only */
    SY_DF_NORMAL = 2         /* infinite: Wald tests */
} sy_df_kind;

/* All of these take theta [n_theta], what sy_mixed found for the same design, model and options; nothing is fitted again.
 * covariance [k * k] (Kenward-Roger: adjusted) and degrees of freedom [k] of each coefficient; NaN where aliased.
 * Errors: SY_EINVAL (a model that is not linear; Kenward-Roger after maximum likelihood). Several grouping factors:
 * Kenward-Roger needs the levels' effects together to be few enough for dense matrices of that order, SY_ELIMIT else.
 * Remark: precision, where the variances are at a point that is not a least value, so that their covariance is a
 * generalised inverse. */
SY_API SY_MUST_CHECK sy_status sy_mixed_df(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                                           const sy_mixed_options *options, const double *theta, sy_df_kind kind,
                                           int k, double *covariance, double *df);

/* q linear combinations C [q * k] as sy_vcov_test: each with degrees of freedom of its own, and the F test of all
 * together (Kenward-Roger: scaled). An aliased coefficient may only have zeros in c. */
SY_API SY_MUST_CHECK sy_status sy_mixed_contrasts(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                                                  const sy_mixed_options *options, const double *theta, sy_df_kind kind,
                                                  int q, const double *c, double level, sy_contrasts *out);

typedef struct {
    double sum_sq, mean_sq; /* mean_sq: F times the residual variance */
    double df1, df2, f, p_value;
} sy_mixed_row;

/* F tests of the model's terms, row [n_terms]. type 1: each term after those before it; 2: after all that do not contain
 * it (a term contains another when it has the same numbers and more factors); 3: each hypothesis of sum-to-zero coding,
 * whatever the model's own. A term whose columns are all aliased has df1 0 and NaN. */
SY_API SY_MUST_CHECK sy_status sy_mixed_anova(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                                              const sy_mixed_options *options, const double *theta, sy_df_kind kind,
                                              int type, sy_mixed_row *row);

#ifdef __cplusplus
}
#endif
#endif
