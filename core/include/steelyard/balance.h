/* Groups that people came to by choice made alike in what is known of them:
 * weights from a propensity score or by entropy balancing, how well they
 * balance, and the difference between the groups that remains.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_BALANCE_H
#define STEELYARD_BALANCE_H
#include "steelyard/response.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    SY_ESTIMAND_ATE = 0,    /* everybody */
    SY_ESTIMAND_ATT = 1,    /* the treated */
    SY_ESTIMAND_OVERLAP = 2 /* those who could be in either group: score (1 - score) */
} sy_estimand;

typedef enum { SY_BALANCE_PROPENSITY = 0, SY_BALANCE_ENTROPY = 1 } sy_balance_method;

/* What the score knows of the clusters [Li, Zaslavsky & Landrum 2013]. */
typedef enum {
    SY_CLUSTERS_NONE = 0,
    SY_CLUSTERS_FIXED = 1, /* a column a cluster, in the outcome regressions too */
    SY_CLUSTERS_RANDOM =
        2 /* a random intercept, in the score alone: shrunk, which leaves some of the clusters' confounding */
} sy_balance_clusters;

typedef enum {
    SY_OUTCOME_AUTO = 0, /* logit where an outcome is 0 and 1, else linear */
    SY_OUTCOME_LINEAR = 1,
    SY_OUTCOME_LOGIT = 2
} sy_balance_outcome;

typedef enum {
    SY_ERRORS_AUTO = 0, /* the jackknife below 50 units, or where the score has cluster effects; else influence; none
                           below 6 clusters */
    SY_ERRORS_INFLUENCE = 1, /* stacked estimating equations: score and regressions count as estimated */
    SY_ERRORS_JACKKNIFE = 2, /* everything fitted again without each unit */
    SY_ERRORS_NONE = 3
} sy_balance_errors;

typedef struct {
    int treatment; /* a term: SY_CODES with two levels in use, or numbers 0 and 1 */
    int treated;   /* which of treatment's own levels is the treated one; -1: the second in use, or 1 */
    int n_covariates;
    const int *covariates; /* terms of the design */
    int n_outcomes;        /* 0: weights and balance alone */
    const int *outcomes;   /* terms, each one column of numbers */
    sy_estimand estimand;
    sy_balance_method method;
    sy_link link;                 /* of the score */
    sy_balance_clusters clusters; /* of design->cluster */
    double trim; /* rows whose score is outside [trim, 1 - trim] (ATT: above 1 - trim) are left out and the
                    score is fitted again; NaN: all are kept */
    sy_balance_outcome regression;
    sy_balance_errors errors;
    double level;
} sy_balance_question;
SY_API void sy_balance_defaults(sy_balance_question *question);

/* One group of columns of the balance table, before or after weighting. Standardised
 * differences: treated less control over the standard deviation before weighting, pooled (root of
 * the mean of the two variances; of the treated alone for ATT). ratio: variance of the treated over
 * that of the control, NaN for columns of 0 and 1. ks: the largest distance of the two distribution
 * functions [Kolmogorov-Smirnov]. */
typedef struct {
    double mean[2], sd[2]; /* control, treated */
    double difference, ratio, ks;
} sy_balance_side;

typedef struct {
    int term;   /* place among the covariates; -1: the score */
    int binary; /* 1: a column of 0 and 1 */
    sy_balance_side before, after;
} sy_balance_row;

enum { SY_UNADJUSTED = 0, SY_WEIGHTED = 1, SY_AIPW = 2, SY_BALANCE_ESTIMATES = 3 };

typedef struct {
    double mean[2]; /* control, treated: their difference is the estimate */
    double estimate, std_error, statistic, df, p_value, low, high;
} sy_balance_estimate;

typedef struct {
    double rows_read, rows_used, rows_dropped, rows_trimmed;
    double people[2];           /* control, treated: rows, or people by frequency weights */
    double effective_before[2]; /* (sum w)^2 / sum w^2 */
    double effective_after[2];
    double largest[2]; /* the largest weight's part of its group's sum */
    double score_low[2], score_high[2];
    double outside[2]; /* people whose score no one in the other group reaches: below its least or above its most */
    double worst_before, worst_after; /* largest |standardised difference| of the covariates */
    double units, df;
    int treated[2]; /* levels: control, treated; 0 and 1 for numbers */
    int iterations;
    sy_balance_errors errors; /* how the errors were made */
} sy_balance_summary;

enum { SY_BALANCE_BINS = 20 };
typedef struct {
    double *weights;               /* [n] NaN for rows not used. In each group they add to what its (sampling) weights
                                      added to; frequencies are not in them */
    double *score;                 /* [n] or NULL; NaN for rows not used and with entropy balancing */
    sy_balance_row *table;         /* [rows of sy_balance_rows] */
    sy_balance_estimate *estimate; /* [n_outcomes * SY_BALANCE_ESTIMATES] */
    double *bins; /* [4 * SY_BALANCE_BINS] or NULL: part of the control, then of the treated, by score from
                     0 to 1, before; the same two after weighting */
} sy_balance_result;

/* Rows of the balance table, and their labels at text + row * size (NULL: not wanted): "propensity score" first
 * where there is one, then the columns of each covariate, a factor with all its levels. One pass over the rows. */
SY_API SY_MUST_CHECK sy_status sy_balance_rows(sy_context *ctx, const sy_design *design,
                                               const sy_balance_question *question, int *rows, char *text, size_t size);

/* Rows are those complete over ALL terms of the design, weights, clusters and strata. Weights: frequency and sampling.
 * Errors: SY_EINVAL (analytic weights, clusters without a cluster column, trim with overlap weights or entropy
 * balancing), SY_EDATA (treatment has not two levels; a covariate or a level tells the treatment without error, named;
 * moments that no weights of one group can have, named). Remarks: rows dropped and trimmed, aliased columns, few rows
 * that carry the answer, units without which there is no answer.
 * Cost: a fit of the score and two regressions an outcome; the jackknife as many times as there are units. */
SY_API SY_MUST_CHECK sy_status sy_balance(sy_context *ctx, const sy_design *design, const sy_balance_question *question,
                                          sy_balance_summary *summary, const sy_balance_result *result);

/* What has to be so for the difference to be the treatment's doing: sentence `number` (from 0) about a treatment of
 * this name and these covariates; 0, or 1 when there is no such sentence. */
SY_API int sy_balance_assumption(const sy_balance_question *question, const char *treatment, int number, char *text,
                                 size_t size);

#ifdef __cplusplus
}
#endif
#endif
