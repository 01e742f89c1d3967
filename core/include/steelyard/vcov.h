/* Covariance of least squares coefficients, tests and the wild bootstrap.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_VCOV_H
#define STEELYARD_VCOV_H
#include "steelyard/linear.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    SY_VCOV_CLASSICAL = 0,
    SY_VCOV_HC0, SY_VCOV_HC1, SY_VCOV_HC2, SY_VCOV_HC3, SY_VCOV_HC4, SY_VCOV_HC4M, SY_VCOV_HC5,
    SY_VCOV_CR0,  /* no correction */
    SY_VCOV_CR1,  /* G / (G - 1) */
    SY_VCOV_CR1S, /* G (n - 1) / ((G - 1) (n - p)), Stata's */
    SY_VCOV_CR2,  /* bias-reduced [Bell & McCaffrey 2002; Pustejovsky & Tipton 2018], working model: identity */
    SY_VCOV_CR3   /* jackknife-like: (I - H_gg)^-1 */
} sy_vcov_kind;

/* Covariance [p * p] of the coefficients (NaN where aliased) and degrees of
 * freedom [p] for the t of each: n - rank for classical and HC; G - 1 for CR0,
 * CR1, CR1S; Satterthwaite's for CR2 and CR3. cluster: design->cluster for the
 * CR kinds; `second` a second cluster column (two-way: V1 + V2 - V12 [Cameron,
 * Gelbach & Miller 2011], negative eigenvalues set to zero with a remark) or
 * NULL. Frequency weights repeat rows; sampling weights refuse classical.
 * Where the rows or clusters that decide a coefficient leave no residuals (the
 * dummies of the clusters themselves) its robust variance is zero but for
 * rounding: 0 then, df NaN, and a remark; tests and limits of it are NaN.
 * Cost: n p^2 (HC); n p^2 / 2 + G p^3 (CR), from the clusters' moments.
 * Errors: SY_EINVAL (no cluster), SY_EDATA (one cluster). Remarks: few
 * clusters, saturated clusters (pseudo-inverse), Satterthwaite df under 4. */
SY_API SY_MUST_CHECK sy_status sy_vcov(sy_context *ctx, const sy_design *design, const sy_linear_model *model,
                                       const sy_linear_options *options, sy_vcov_kind kind,
                                       const sy_column *second, double *covariance, double *df);

/* q linear combinations of coefficients, C [q * p]: estimate, error, t, df, p
 * of each [q], and the Wald test of all together: F with q and `df_joint`
 * degrees of freedom, the least of the df; each combination has the least df of
 * its coefficients. (Where `df` differ, sy_vcov_test has those of the
 * combinations themselves.) df1 is the rank of the combinations. */
typedef struct {
    double *estimate, *std_error, *statistic, *df, *p_value, *low, *high; /* [q] */
    double f, f_df1, f_df2, f_p;
} sy_contrasts;
SY_API SY_MUST_CHECK sy_status sy_vcov_contrasts(sy_context *ctx, int p, const double *coefficient,
                                                 const double *covariance, const double *df, int q, const double *c,
                                                 double level, sy_contrasts *out);

/* The same from the rows: the covariance and the degrees of freedom are made for
 * these combinations. CR2 and CR3: each combination has Satterthwaite's degrees
 * of freedom of its own, and the joint test is the approximate Hotelling test
 * (AHT). Other kinds, and two-way clusters: as above. An aliased coefficient may
 * only have zeros in c. Cost: that of sy_vcov, and q^2 (G p^2 + p^3). */
SY_API SY_MUST_CHECK sy_status sy_vcov_test(sy_context *ctx, const sy_design *design, const sy_linear_model *model,
                                            const sy_linear_options *options, sy_vcov_kind kind,
                                            const sy_column *second, int q, const double *c, double level,
                                            sy_contrasts *out);

typedef enum { SY_WILD_RADEMACHER = 0, SY_WILD_WEBB = 1 } sy_wild_kind;

/* Wild cluster bootstrap of one coefficient, null imposed [Cameron, Gelbach &
 * Miller 2008; Webb 2023; MacKinnon, Nielsen & Webb 2023]: p value of H0: b =
 * null, and the limits by inversion. All 2^G sign patterns are used when that
 * is no more than `replicates` (Rademacher). Cost: G p^2 once, G a replicate. */
SY_API SY_MUST_CHECK sy_status sy_vcov_wild(sy_context *ctx, const sy_design *design, const sy_linear_model *model,
                                            int coefficient, double null, sy_wild_kind kind, int replicates,
                                            uint64_t seed, double level, double *p_value, double *low, double *high);

/* Coefficients of several outcomes on the same predictors under resampling of
 * whole clusters [Davison & Hinkley 1997, section 3.8], from moments by cluster:
 * out [replicates][n_outcomes][p], p = the intercept and the columns of `terms`
 * (a factor without its first level); see sy_vcov_bootstrap_columns. A replicate
 * in which a column adds nothing has NaN there. Replicate r draws by (seed, r).
 * In double. Cost: replicates (G (p^2 / 2 + p m) + p^3 / 6 + m p^2), m outcomes. */
SY_API SY_MUST_CHECK sy_status sy_vcov_bootstrap(sy_context *ctx, const sy_moments *moments, int n_outcomes,
                                                 const int *outcomes, int n_terms, const int *terms, int replicates,
                                                 uint64_t seed, double *out);
SY_API SY_MUST_CHECK sy_status sy_vcov_bootstrap_columns(sy_context *ctx, const sy_moments *moments, int n_terms,
                                                         const int *terms, int *p);

#ifdef __cplusplus
}
#endif
#endif
