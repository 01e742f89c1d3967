/* Shares: how much of the outcome's variance each block of terms explains,
 * from the R2 of all 2^B submodels.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_SHARES_H
#define STEELYARD_SHARES_H
#include "steelyard/moments.h"
#ifdef __cplusplus
extern "C" {
#endif

/* Columns of a table of shares, in points of ALL outcome variance unless said
 * otherwise. v(S) is the R2 of the terms in S together with the adjusting
 * terms, less the R2 of the adjusting terms. */
enum {
    SY_SHARE,    /* Shapley value of v over blocks [Shapley 1953; Lindeman, Merenda & Gold 1980];
                    of a term inside its block: Owen value [Owen 1977] */
    SY_PERCENT,  /* 100 share / v(all) */
    SY_ADJUSTED, /* the same value of adjusted R2; may be negative */
    SY_BY_CHANCE, /* k (1 - R2) / (n - 1) for k columns: what noise would get on average;
                     n = clusters for columns constant within clusters, effective n with weights */
    SY_ALONE,    /* v({b}) */
    SY_UNIQUE,   /* v(all) - v(all but b) */
    SY_COMMON,   /* alone - unique; negative under suppression */
    SY_LOWEST,   /* least v(S + b) - v(S) over unions S of whole other blocks (of a term: */
    SY_HIGHEST,  /* greatest           over Owen-admissible S); a range over orderings, not an interval */
    SY_N_METRICS
};

typedef struct {
    const char *name;  /* as the user typed it */
    int n_terms;
    const int *terms;  /* indices into the moments' terms */
} sy_block;

typedef struct {
    int outcome;             /* a numeric term of the moments */
    int n_blocks;
    const sy_block *blocks;  /* no term in two blocks, none empty */
    int n_adjust;
    const int *adjust;       /* terms forced in first; may be NULL when 0 */
    int absorb;              /* 1: cluster means are forced in before everything (fixed effects of the
                                clusters); needs SY_UNIT_CLUSTER */
    const int *order;        /* [n_blocks] group of each block, 0 enters first; NULL: any order */
    int free_orders;         /* 1: interactions and powers may enter before the terms they are made of */
} sy_question;

typedef enum { SY_BOUNDS_AUTO, SY_BOUNDS_NO, SY_BOUNDS_YES } sy_bounds;

typedef enum {
    SY_METHOD_AUTO,   /* exact where that is possible, else sampled */
    SY_METHOD_EXACT,  /* all submodels */
    SY_METHOD_SAMPLED /* averages over sampled orders of entry */
} sy_method;

typedef struct {
    sy_bounds bounds;        /* auto: up to 2^18 submodels; yes: beyond too, by leaf tables */
    int guarded;             /* tests: 1 forces the double-double tree; 0 chooses by VIF > 1e6 */
    sy_method method;
    double tolerance;        /* sampled: of the largest Monte Carlo error, in points; default 0.001 */
    int permutations;        /* sampled: the most orders, 100 or more; 0: 100,000, or as many as are expected to take
                                a minute on one core */
    uint64_t seed;           /* of the orders; default 1 */
} sy_shares_options;

SY_API void sy_shares_defaults(sy_shares_options *options);

/* What the whole model says. */
typedef struct {
    double total;            /* v(all): R2 beyond the adjusting terms */
    double total_adjusted;   /* adjusted R2 of everything less that of the adjusting terms */
    double r2_adjust;        /* R2 of the adjusting terms alone; 0 without */
    double n, n_effective;
    double df_resid;         /* n - 1 - columns of rank */
    double vif_max;          /* largest variance inflation factor among the columns in use */
    double digits;           /* decimal digits the conditioning leaves in the shares */
    int guarded;             /* 1: the double-double tree was used */
    int n_columns;           /* predictor columns in use, adjusting ones included; absorbed clusters count as one */
    double submodels;        /* R2 values visited */
    double orders;           /* sampled; 0: exact */
    double mc_error;         /* the largest Monte Carlo error of a share (standard error over orders); 0: exact */
    double clusters;         /* whose means were forced in; 0 without absorb */
} sy_shares_summary;

/* table: [(n_blocks + number of terms in blocks) * SY_N_METRICS], row-major,
 * blocks first, then the terms block by block; NaN where a metric does not
 * exist (lowest and highest when skipped, percent when total <= 0). Where
 * nothing is explained the total and the shares are 0: that is an answer.
 * With an order, and where an interaction or power stands beside terms it is
 * made of, shares are averages over the orders of entry that count, lowest and
 * highest are over those orders, and blocks past 2^18 submodels are refused.
 * Errors: SY_EINVAL (outcome among the predictors, a term in two blocks, an
 * empty block, no block, an empty group, absorb without clusters), SY_EDATA (constant outcome), SY_ERANK (fewer rows
 * than columns), SY_ELIMIT (exact past 2^30 submodels; sampled: lowest and
 * highest, or more than 18 terms bound together by marginality).
 * Past 2^30 submodels, and where asked for, shares, adjusted values and columns
 * by rank are averages over sampled orders (with a remark on their error); the
 * total, alone and unique stay exact, lowest and highest are left out.
 * Remarks: what enters after what (marginality), aliased terms, guarded tree,
 * bounds or terms skipped, suppression (unique above alone by more than as many
 * columns of noise would get on average, 1e-4 and the digits left).
 * Cost: (2 + 2) 2^B multiply-adds for B one-column blocks, 15 times as much
 * guarded; memory B^2 doubles, 2^B with bounds. */
SY_API SY_MUST_CHECK sy_status sy_shares(sy_context *ctx, const sy_moments *m, const sy_question *question,
                                         const sy_shares_options *options, sy_shares_summary *summary,
                                         double *table);

/* How many terms the blocks hold together: rows of the table less n_blocks. */
SY_API int sy_shares_terms(const sy_question *question);

#ifdef __cplusplus
}
#endif
#endif
