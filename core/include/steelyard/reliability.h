/* How far a scale made of several items measures one thing: Cronbach's alpha
 * and McDonald's omega with limits.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_RELIABILITY_H
#define STEELYARD_RELIABILITY_H
#include "steelyard/moments.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    SY_ALPHA = 0,              /* k / (k - 1) (1 - trace S / sum S), S the covariances of k items */
    SY_ALPHA_STANDARDISED = 1, /* the same of the correlations */
    SY_OMEGA = 2, /* (sum loadings)^2 / ((sum loadings)^2 + sum uniquenesses): one factor, maximum likelihood */
    SY_N_RELIABILITIES = 3
} sy_reliability_kind;

typedef enum {
    SY_RELIABILITY_AUTO = 0, /* the rule below */
    SY_RELIABILITY_NONE = 1,
    SY_RELIABILITY_JACKKNIFE = 2, /* delete one unit, t(units - strata) */
    SY_RELIABILITY_INFLUENCE = 3, /* distribution-free delta method, over the units or the rows */
    SY_RELIABILITY_NORMAL = 4,    /* delta method for normal items */
    SY_RELIABILITY_FELDT = 5      /* alpha only: exact F for normal items of equal variances and covariances */
} sy_reliability_interval;

typedef struct {
    sy_reliability_interval interval;
    double level; /* default 0.95 */
    int omega;    /* default 1; 0: alpha alone, no factor is sought */
    int latent;   /* 1: the moments are sy_latent's: ordinal alpha and omega */
} sy_reliability_options;
SY_API void sy_reliability_defaults(sy_reliability_options *options);

typedef struct {
    double n; /* rows by the weight rule */
    sy_reliability_interval interval;
    double df;       /* of the t limits; NaN for normal and Feldt's */
    ptrdiff_t units; /* that the limits rest on */
    /* of the one factor beside correlations of any size, by normal theory; NaN
     * with clusters, strata, sampling weights and of ordered answers */
    double chi2, chi2_df, chi2_p;
    int iterations;
    int boundary; /* the item whose uniqueness is held at 0; -1: none */
} sy_reliability_summary;

/* Buffers of the caller, k items. NaN where there is none. */
typedef struct {
    double *estimate, *std_error, *low, *high; /* [SY_N_RELIABILITIES] */
    double *mean, *std_dev;                    /* [k] */
    double *item_rest;                         /* [k] correlation of the item with the sum of the others */
    double *alpha_without;                     /* [k] alpha of the others */
    double *loading, *uniqueness;              /* [k] standardised */
} sy_reliability_table;

/* item [n_items]: terms of m, each one numeric column, two or more. rows: the
 * design the moments were made from, or NULL; looked at only when m holds one
 * set for all rows.
 * Which limits, when interval is SY_RELIABILITY_AUTO: clusters: jackknife over them,
 * rows: influence; moments alone: normal theory (remark); none under 6 clusters or rows (remark).
 * Limits are symmetric on log(1 - reliability), so none is above 1 [Bonett 2002].
 * Omega needs three items (else NaN, remark).
 * Errors: SY_EINVAL (fewer than two items, one named twice, a factor, Feldt's or
 * normal limits with clusters, strata, sampling weights or of ordered answers),
 * SY_EDATA (a constant item, one that follows from the others where omega is asked).
 * Remarks: an item that goes against the others (by more than 2 / sqrt(n)), a uniqueness at 0, no
 * convergence, few clusters, an answer lost in a leave-one-out sample.
 * Cost: units (q^2 + a fit of 8 k^3 / 3 a step, some 5 steps). */
SY_API SY_MUST_CHECK sy_status sy_reliability(sy_context *ctx, const sy_moments *m, const sy_design *rows, int n_items,
                                              const int *item, const sy_reliability_options *options,
                                              sy_reliability_summary *summary, const sy_reliability_table *table);

/* How far averages of clusters (councils) tell them apart. */
typedef struct {
    double size;        /* n0 = (n - sum n_g^2 / n) / (G - 1): the size that stands for all */
    double icc;         /* (B - W) / (B + (n0 - 1) W), B and W the mean squares between and within */
    double reliability; /* of an average of n0 people: 1 - W / B, Spearman and Brown's n0 icc / (1 + (n0 - 1) icc) */
    double low, high;   /* of it, by F; exact for normal values and equal sizes */
    double least, most; /* of the averages of the smallest and the largest cluster; 0 where icc is below 0 */
} sy_mean_reliability;

/* table [n_terms]: one a term, each one numeric column of moments by cluster
 * without sampling or analytic weights [Shrout & Fleiss 1979, ICC(1, k),
 * doi:10.1037/0033-2909.86.2.420; Searle 1971]. Errors: SY_EINVAL (no clusters, such
 * weights, a factor), SY_EDATA (as many clusters as rows, a column that does not vary).
 * Remarks: averages that differ no more than chance. Cost: units a term. */
SY_API SY_MUST_CHECK sy_status sy_reliability_of_means(sy_context *ctx, const sy_moments *m, int n_terms,
                                                       const int *term, double level, sy_mean_reliability *table);

#ifdef __cplusplus
}
#endif
#endif
