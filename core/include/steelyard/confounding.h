/* How strong a confounder that was not measured would have to be: robustness
 * values and bounds, E-values, Oster's delta.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_CONFOUNDING_H
#define STEELYARD_CONFOUNDING_H
#include "steelyard/context.h"
#ifdef __cplusplus
extern "C" {
#endif

/* Room for the sentences that answers bring. */
enum { SY_CONFOUNDING_TEXT = 1024 };

/* A coefficient of a linear model with its classical t, as fitted or as printed. */
typedef struct {
    const char *term;           /* for the sentences */
    double estimate, std_error; /* classical; NaN: not known */
    double t, df;               /* classical t and residual degrees of freedom */
    double robust_error;        /* of another covariance; NaN: none */
    double robust_df;
    const char *robust_kind; /* "CR2"; NULL with no robust error */
} sy_tested;

/* What is left of a fit: coefficients and (X'WX)^-1 as sy_linear leaves them. */
typedef struct {
    int p;
    const double *coefficient; /* [p] NaN where aliased */
    const double *inverse;     /* [p * p] */
    const char *const *label;  /* [p] */
    double rss, tss, df_resid;
} sy_fit_left;

/* Fills estimate, std_error, t and df of a coefficient; robust_error is NaN.
 * SY_EDATA: it is aliased, or no row is left over for the error. */
SY_API SY_MUST_CHECK sy_status sy_confounding_tested(sy_context *ctx, const sy_fit_left *fit, int coefficient,
                                                     sy_tested *out);

/* The same from print: t, or estimate over std_error (NaN: not known; the third of
 * the three follows from two). Errors: SY_EINVAL (too little, or a t more than 2 %
 * from estimate / std_error). */
SY_API SY_MUST_CHECK sy_status sy_confounding_printed(sy_context *ctx, double estimate, double std_error, double t,
                                                      double df, sy_tested *out);

typedef struct {
    double partial_r2, f2;         /* of the term with the outcome: t^2 / (t^2 + df), t^2 / df */
    double value;                  /* of both residual variances, to take q of the estimate away */
    double value_alpha;            /* and to leave it not significant at alpha, by the classical error */
    double value_robust;           /* the same by the robust error; NaN without */
    double extreme, extreme_alpha; /* of the treatment alone, when all of the outcome is explained */
    char text[SY_CONFOUNDING_TEXT];
} sy_robustness_values;

/* Errors: SY_EINVAL (q not above 0, alpha outside 0 to 1, df not above 1, t not a number). */
SY_API SY_MUST_CHECK sy_status sy_robustness(sy_context *ctx, const sy_tested *tested, double q, double alpha,
                                             sy_robustness_values *out);

/* The estimate beside a confounder that explains r2_treatment of what is left of
 * the term and r2_outcome of what is left of the outcome. */
typedef struct {
    double r2_treatment, r2_outcome;
    double remaining;                      /* estimate left, as a part of the one found; negative: its sign turns */
    double estimate, std_error, low, high; /* NaN without an estimate */
    double t;
    double robust_error, robust_t; /* the robust error in the ratio it has to the classical one */
} sy_adjusted_row;

/* reduce 1: the confounder takes from the estimate; 0: it hides a larger one.
 * Limits at `level` by t with df - 1. Errors: SY_EINVAL (a strength outside 0 to
 * below 1; r2_outcome may be 1). */
SY_API SY_MUST_CHECK sy_status sy_confounding_adjusted(sy_context *ctx, const sy_tested *tested, double r2_treatment,
                                                       double r2_outcome, int reduce, double level,
                                                       sy_adjusted_row *out);

/* estimate (where none is known, the part of it that is left) and t [n * m] at
 * every pair of strengths. */
SY_API SY_MUST_CHECK sy_status sy_confounding_contours(sy_context *ctx, const sy_tested *tested, int reduce, int n,
                                                       const double *r2_treatment, int m, const double *r2_outcome,
                                                       double *estimate, double *t);

/* The r2_treatment that takes q of the estimate away (needed) or makes it not
 * significant at alpha (needed_alpha), where the outcome's is given: n values. */
SY_API SY_MUST_CHECK sy_status sy_confounding_needed(sy_context *ctx, const sy_tested *tested, double q, double alpha,
                                                     int n, const double *r2_outcome, double *needed,
                                                     double *needed_alpha);

/* A group of the fit's coefficients that a confounder is likened to. */
typedef struct {
    const char *name;
    int n;
    const int *coefficient;
} sy_benchmark;

/* r2_treatment, r2_outcome [n]: partial R2 of each group with the term given all
 * other columns, and with the outcome given the term and all other columns.
 * Aliased columns of a group add nothing. SY_EINVAL: a group that holds the term
 * itself; SY_EDATA: one that is aliased as a whole. Cost: q^3 / 6 a group of q. */
SY_API SY_MUST_CHECK sy_status sy_confounding_benchmarks(sy_context *ctx, const sy_fit_left *fit, int coefficient,
                                                         int n, const sy_benchmark *group, double *r2_treatment,
                                                         double *r2_outcome);

/* The most that a confounder kd times as strong with the treatment and ky times
 * as strong with the outcome as a benchmark (its r2_treatment and r2_outcome) can
 * explain. possible 0: no such confounder exists (NaN; remark); cut 1: r2_outcome
 * passed 1 and is 1 (remark). */
typedef struct {
    double r2_treatment, r2_outcome;
    int possible, cut;
} sy_bound;
SY_API SY_MUST_CHECK sy_status sy_confounding_bound(sy_context *ctx, const char *name, const double benchmark[2],
                                                    double kd, double ky, sy_bound *out);

typedef enum {
    SY_E_RISK_RATIO = 0,
    SY_E_ODDS_RARE = 1,     /* as a risk ratio */
    SY_E_ODDS_COMMON = 2,   /* risk ratio: its square root */
    SY_E_HAZARD_RARE = 3,   /* as a risk ratio */
    SY_E_HAZARD_COMMON = 4, /* (1 - .5^sqrt(HR)) / (1 - .5^sqrt(1 / HR)) */
    SY_E_DIFFERENCE = 5     /* of means in standard deviations: exp(.91 d); limits exp(.91 d -+ 1.78 se) */
} sy_e_measure;

typedef struct {
    double ratio, low, high, true_ratio; /* as risk ratios; NaN limits where none were given */
    double value;                        /* E-value of the estimate */
    double value_limit;                  /* of the limit nearest to `true`; 1 when the limits hold it; NaN: none */
    char text[SY_CONFOUNDING_TEXT];
} sy_e_values;

/* low, high, std_error: NaN where unknown (std_error for SY_E_DIFFERENCE only).
 * true_value: 1 for ratios, 0 for differences is the null. Errors: SY_EINVAL. */
SY_API SY_MUST_CHECK sy_status sy_e_value(sy_context *ctx, sy_e_measure measure, const double estimate_low_high[3],
                                          double std_error, double true_value, sy_e_values *out);

/* Sums of squares or variances, all of one kind. */
typedef struct {
    double beta_short, r2_short; /* of the treatment alone (and of what is always kept) */
    double beta, r2;             /* with all controls */
    double outcome;              /* variance of the outcome */
    double treatment;            /* of the treatment, beside what is always kept */
    double treatment_left;       /* of the treatment, beside all controls */
    double r_max;                /* R2 if everything were controlled; NaN: min(1, 1.3 r2) */
    double delta;                /* selection on the unobserved over that on the observed, for beta_star; 1 */
    double target;               /* the slope that delta_star brings about; 0 */
} sy_oster_question;

typedef struct {
    double r_max;
    double delta_star; /* at which the slope would be `target` */
    double beta_star;  /* bias-adjusted slope at `delta` */
    double other[2];   /* roots not taken; NaN: none */
    int n_other;
    char text[SY_CONFOUNDING_TEXT];
} sy_oster_answer;

/* Errors: SY_EINVAL (R2 out of order or outside 0 to 1, variances not above 0). */
SY_API SY_MUST_CHECK sy_status sy_oster(sy_context *ctx, const sy_oster_question *question, sy_oster_answer *out);

/* Fills the first seven numbers of a question from a fit: kept [p] is 1 for
 * columns that stay in the short model beside the intercept and the term. */
SY_API SY_MUST_CHECK sy_status sy_oster_from_fit(sy_context *ctx, const sy_fit_left *fit, int coefficient,
                                                 const int *kept, sy_oster_question *out);

#ifdef __cplusplus
}
#endif
#endif
