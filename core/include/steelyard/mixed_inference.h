/* What a mixed model says of its variances and groups: intervals by profile
 * likelihood and parametric bootstrap, intraclass correlation, shares of the
 * variance, ranks of the groups with their uncertainty.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_MIXED_INFERENCE_H
#define STEELYARD_MIXED_INFERENCE_H
#include "steelyard/mixed.h"
#ifdef __cplusplus
extern "C" {
#endif

/* The parameters that profile and bootstrap are about, in this order: bar term by bar term the standard deviation of
 * its first effect, the correlations of later effects with it, the standard deviation of the second effect, and so on
 * (columns of the lower triangle; diagonal terms: standard deviations alone); the residual standard deviation (linear);
 * the k fixed parameters. Labels "sd[g:(Intercept)]", "cor[g:(Intercept),x]", "sd[Residual]", then those of
 * sy_mixed_labels. text NULL: only the number. */
SY_API SY_MUST_CHECK sy_status sy_mixed_parameters(sy_context *ctx, const sy_design *design,
                                                   const sy_mixed_model *model, int *n, char *text, size_t size);

/* [n] each. NaN: aliased, a correlation with an effect whose variance is 0, or not asked for. */
typedef struct {
    double *estimate; /* maximum likelihood for profiles, the fit's own method for the bootstrap */
    double *lower, *upper;
} sy_mixed_limits;

/* Linear models. Profile likelihood limits: the values of a parameter where twice the log-likelihood, maximised over
 * all other parameters, is the chi-squared quantile (1 df) below its maximum; always by maximum likelihood, as lme4's
 * confint. A limit is 0 for a standard deviation and -1 or 1 for a correlation where the likelihood at the boundary is
 * still that high. which [n_which] picks parameters; NULL: all. Cost: some 300 evaluations a limit.
 * Remark: not converged, with the parameter. [Bates, Maechler, Bolker & Walker 2015, section 5.1] */
SY_API SY_MUST_CHECK sy_status sy_mixed_profile(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                                                const sy_mixed_options *options, double level, int n_which,
                                                const int *which, const sy_mixed_limits *limits);

typedef struct {
    int replicates; /* default 1000 */
    uint64_t seed;  /* default 1 */
    double level;   /* default 0.95 */
} sy_mixed_boot;
SY_API void sy_mixed_boot_defaults(sy_mixed_boot *boot);

/* Linear models. Outcomes are drawn from the fitted model, random effects anew, the model is refitted by the fit's own
 * method, and the limits are percentiles of the replicates. No rows are drawn: the cross-products that a fit needs of
 * an outcome have a normal distribution of known covariance, and its square sum beside them a chi-squared one, so a
 * replicate's cost is that of a refit whatever n. Replicate r is a stream of its own. std_error [n] or NULL; replicates
 * [boot->replicates * n] or NULL; boundary (may be NULL): replicates in which some variance is 0. */
SY_API SY_MUST_CHECK sy_status sy_mixed_bootstrap(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                                                  const sy_mixed_options *options, const sy_mixed_boot *boot,
                                                  const sy_mixed_limits *limits, double *std_error, double *replicates,
                                                  int *boundary);

/* What the functions below read of a fit; all but `estimate` as in sy_mixed_fit. */
typedef struct {
    const double *estimate;         /* [k] */
    const double *theta;            /* [n_theta] */
    const double *theta_covariance; /* [n_theta * n_theta] or NULL */
    const double *modes;            /* [n_modes]; only for ranks */
    const double *mode_variance;    /* ranks of models that are not linear */
    double sigma;                   /* linear */
    double theta_count;             /* negative binomial */
} sy_mixed_fitted;

/* Variance over the rows, on the scale of the linear predictor: of the fixed part; of each bar term, the mean of z'Gz
 * over the rows; and what is left: sigma^2, or that of the link, pi^2/3 (logit), 1 (probit), pi^2/6 (complementary
 * log-log), counts log(1 + 1/mean (+ 1/theta)) at the mean of the null model [Nakagawa, Johnson & Schielzeth 2017]. */
typedef struct {
    double fixed, residual, total;
    double marginal, conditional; /* R2: fixed / total, (fixed + bar terms) / total */
    double icc_adjusted;          /* bar terms / (bar terms + residual) */
    double icc_unadjusted;        /* bar terms / total */
} sy_mixed_explained_summary;
/* variance [n_random] of the bar terms, icc [n_random] each over bar terms + residual; may be NULL. [Nakagawa &
 * Schielzeth 2013; Johnson 2014] */
SY_API SY_MUST_CHECK sy_status sy_mixed_explained(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                                                  const sy_mixed_fitted *fitted, sy_mixed_explained_summary *summary,
                                                  double *variance, double *icc);

typedef enum {
    SY_ICC_DELTA = 0,   /* normal on the scale of log(icc / (1 - icc)), from theta_covariance */
    SY_ICC_PROFILE = 1, /* linear with one variance parameter: profile likelihood of the fit's own method */
    SY_ICC_EXACT = 2    /* linear with one random intercept: F limits, exact in small and unbalanced data */
} sy_icc_method;
typedef struct {
    double estimate, std_error; /* std_error: delta */
    double lower, upper;
} sy_icc;
/* The intraclass correlation of bar term `bar`, or with bar = -1 the adjusted one of all bar terms. For intervals by
 * parametric bootstrap take its replicates. Exact: Q(lambda), the weighted residual sum of squares at variance ratio
 * lambda = icc / (1 - icc), less that within groups, over that within groups, is F distributed at the true lambda. A
 * likelihood's estimate may lie outside these limits where rows are far from normal: SY_NOTE_ASSUMES_NORMAL says so.
 * [Wald 1940; Searle 1971, section 9.9; Harville & Fenech 1985] */
SY_API SY_MUST_CHECK sy_status sy_mixed_icc(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                                            const sy_mixed_options *options, const sy_mixed_fitted *fitted, int bar,
                                            sy_icc_method method, double level, sy_icc *icc);

/* The effect of a group by its own rows, and its standard error, from the shrunken one and its error where effects vary
 * by `variance`; both NaN and 0 returned where the rows say nothing. Of one effect a group. [Efron & Morris 1975] */
SY_API int sy_mixed_own(double shrunken, double std_error, double variance, double *own, double *own_std_error);

typedef struct {
    int bar, effect; /* which bar term, and which of its effects; default 0, 0 */
    int draws;       /* default 10000 */
    uint64_t seed;   /* default 1 */
    double level;    /* of the rank interval; default 0.95 */
    double top;      /* fraction of the groups; default 0.1 */
} sy_mixed_rank_options;
SY_API void sy_mixed_rank_defaults(sy_mixed_rank_options *options);

/* [levels] each, in the order of sy_mixed_groups; any may be NULL. Rank 1 is the smallest effect. */
typedef struct {
    double *estimate, *std_error; /* the shrunken effect and its conditional standard deviation */
    double *expected;             /* mean rank over the draws */
    double *lower, *upper;        /* rank interval */
    double *p_top, *p_bottom;     /* probability of being among the ceil(top * levels) largest, smallest */
    double *reliability;          /* 1 - conditional variance / variance of the effect */
} sy_mixed_rank_table;

/* Ranks of the groups over draws from the conditional distribution of their effects given the data and the variances.
 * Linear: joint draws, uncertainty of the fixed effects included. Not linear: the normal approximation at the mode,
 * group by group. Draw d is a stream of its own. Cost: draws x (levels log levels + one triangular solve). [Laird &
 * Louis 1989; Goldstein & Spiegelhalter 1996; Lin, Louis, Paddock & Ridgeway 2006] */
SY_API SY_MUST_CHECK sy_status sy_mixed_ranks(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                                              const sy_mixed_options *options, const sy_mixed_fitted *fitted,
                                              const sy_mixed_rank_options *rank, const sy_mixed_rank_table *table);

#ifdef __cplusplus
}
#endif
#endif
