/* The gap between the means of two groups, split into what their make-up
 * explains and what it does not.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_GAP_H
#define STEELYARD_GAP_H
#include "steelyard/evidence.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    SY_GAP_OAXACA = 0,   /* twofold for every reference, and threefold [Oaxaca 1973; Blinder 1973] */
    SY_GAP_KITAGAWA = 1, /* over the cells of factors: composition and rate [Kitagawa 1955] */
    SY_GAP_GELBACH = 2   /* base less full coefficient of the group, by block [Gelbach 2016] */
} sy_gap_method;

/* The coefficients b* at which the twofold split values the difference in means. */
typedef enum {
    SY_REFERENCE_FIRST = 0,
    SY_REFERENCE_SECOND = 1,
    SY_REFERENCE_EQUAL = 2,          /* half and half [Reimers 1983] */
    SY_REFERENCE_SIZE = 3,           /* by the groups' sums of weights [Cotton 1988] */
    SY_REFERENCE_POOLED = 4,         /* both groups in one regression with the group in it [Jann 2008] */
    SY_REFERENCE_POOLED_WITHOUT = 5, /* the same without the group [Neumark 1988] */
    SY_REFERENCE_NUMBER = 6          /* `weight` of the first, the rest of the second */
} sy_gap_reference;

typedef struct {
    const sy_column *group; /* SY_CODES, one value a row of the design: two levels in use */
    int first;              /* the level whose mean comes first, counted from 0; -1: the first in use */
    int outcome;            /* a numeric term of the design */
    int n_blocks;
    const sy_block *blocks; /* terms: places in the design; numbers, products of numbers, whole factors.
                               Kitagawa: factors only */
    int n_adjust;
    const int *adjust; /* held in every model; a block of its own in the result, called "adjust" */
    sy_gap_method method;
    sy_gap_reference reference; /* of the detail; default SY_REFERENCE_POOLED */
    double weight;              /* SY_REFERENCE_NUMBER: 0 to 1 */
    sy_interval_kind interval;  /* auto, none, jackknife, influence, percentile, expanded, basic */
    double level;               /* default 0.95 */
    int replicates;             /* default 2000; bootstrap kinds only */
    uint64_t seed;              /* default 1 */
} sy_gap_question;
SY_API void sy_gap_defaults(sy_gap_question *question);

typedef enum {
    SY_GAP_TOTAL = 0, /* the sum of all columns; Kitagawa: composition; Gelbach: everything explained */
    SY_GAP_BLOCK = 1,
    SY_GAP_ADJUST = 2,   /* the adjusting terms together */
    SY_GAP_CONSTANT = 3, /* Oaxaca: the difference of the intercepts, levels of factors counted from their mean */
    SY_GAP_REST = 4,     /* Kitagawa: rate; Gelbach: the full coefficient, not explained */
    SY_GAP_TERM = 5,
    SY_GAP_LEVEL = 6 /* of a factor, straight after its term; Oaxaca and Gelbach */
} sy_gap_kind;

/* A line of the result. */
typedef struct {
    sy_gap_kind kind;
    int block;             /* of blocks; -1: adjust, or not of a block */
    int term;              /* place in the design; -1 */
    const char *label;     /* block's name, term's label, level's name, "total", "adjust", "(Intercept)", "rate",
                              "unexplained"; borrowed from the question and design, or fixed text */
    double mean[2];        /* of a term's one column, or a level, in the first and second group; else NaN */
    double coefficient[3]; /* in the first, the second, and of the reference; factors: about the mean of their levels;
                              NaN where there is none. Gelbach: of the pooled model with the group, the third only */
} sy_gap_row;

/* Columns of Oaxaca's lines; Kitagawa and Gelbach have one column. With X the
 * means, b the coefficients: explained (X1 - X2) b*, unexplained X1 (b1 - b*) +
 * X2 (b* - b2), endowments (X1 - X2) b2, coefficients X2 (b1 - b2), interaction
 * (X1 - X2) (b1 - b2). */
enum {
    SY_GAP_EXPLAINED,
    SY_GAP_UNEXPLAINED,
    SY_GAP_ENDOWMENTS,
    SY_GAP_COEFFICIENTS,
    SY_GAP_INTERACTION,
    SY_GAP_OAXACA_COLUMNS
};
/* Columns of the table of references: the unexplained part split into X1 (b1 - b*) and X2 (b* - b2), constants
 * included; that of pooled coefficients is taken at the means of both groups together. */
enum { SY_GAP_SPLIT_EXPLAINED, SY_GAP_SPLIT_UNEXPLAINED, SY_GAP_SPLIT_FIRST, SY_GAP_SPLIT_SECOND, SY_GAP_SPLITS };
/* What comes last among the values. base: Gelbach's coefficient of the group beside the adjusting terms; for the other
 * methods the gap. */
enum { SY_GAP_MEAN_FIRST, SY_GAP_MEAN_SECOND, SY_GAP_GAP, SY_GAP_BASE, SY_GAP_ENDS };

/* Read-only after a successful call; free with sy_gap_free. Every value has one
 * place in the arrays of n_values:
 *   row r, column c                   r * n_columns + c
 *   reference k, split s (Oaxaca)     n_rows * n_columns + k * SY_GAP_SPLITS + s
 *   end e                             n_values - SY_GAP_ENDS + e
 * Rows: total, blocks in order, adjust, constant or rest, then every term with
 * its levels, block by block, adjusting terms last. */
typedef struct {
    sy_gap_method method;
    sy_gap_reference reference;
    int n_rows, n_columns, n_values;
    int n_references; /* SY_REFERENCE_FIRST .. POOLED_WITHOUT: 6; with a number 7; 0 for Kitagawa and Gelbach */
    sy_gap_row *rows;
    double *estimate, *std_error, *statistic, *p_value, *low, *high; /* [n_values] NaN where there is none */
    double *covariance; /* [n_values * n_values]; NULL without an interval */
    double *replicates; /* [n_replicates * n_values] of a bootstrap, NaN lines had no answer; else NULL */
    int n_replicates;
    int n_cells; /* Kitagawa: cells; else 0 */

    int level[2];           /* of the group column: first, second */
    double group_rows[2];   /* rows used */
    double group_n[2];      /* by the weight rule */
    double group_weight[2]; /* sum of weights */
    double r2[2];           /* of the groups' own regressions; NaN for a constant outcome, and but for Oaxaca */
    double rows_read, rows_dropped;

    sy_interval_kind interval; /* the one used */
    double df;                 /* units less strata */
    ptrdiff_t units;           /* clusters, or rows (people of frequency weights) */
    int clustered, n_strata;   /* strata 0 without */
    int kept;                  /* replicates with an answer */
    /* Of nominal 95 % limits of this kind at the nearest number of units not above this one, in percent, over the parts
     * and shapes simulated (tests/reference/coverage/gap.csv); NaN where none was. */
    double coverage_least, coverage_most, coverage_units;
} sy_gap_result;

/* Rows are those complete over all terms of the design, weights, clusters,
 * strata and the group. Explained and unexplained, the three of threefold,
 * composition and rate, add to the gap; levels to terms, terms to blocks, blocks
 * (with adjust and the constant) to the total. Detail does not change with the
 * base level of a factor: its coefficients count from their mean over the levels
 * in use [Yun 2005; Gardeazabal & Ugidos 2004]. That of Kitagawa by factor is the
 * Shapley value over the factors of the composition part over their cells.
 *
 * Interval: influence of each row on every part, regressors random [Jann 2008],
 * summed within clusters and compared within strata, t(units - strata);
 * delete-one-cluster (row) jackknife, the same t; bootstrap of clusters or rows, within
 * strata. auto: jackknife over clusters (none below 6), over rows up to 400; else influence over rows.
 *
 * Errors: SY_EINVAL (a term in two blocks, a product with a factor, Kitagawa with
 * a number), SY_EDATA (a group with one level or three: levels and counts named;
 * a column that adds nothing in one group only; a level or cell without rows in
 * one group), SY_ERANK (a group with fewer rows than columns), SY_ELIMIT (resampling
 * that would not fit in memory; past 12 factors of cells). Remarks: rows dropped, columns aliased in both
 * groups, few clusters, samples without an answer.
 * Cost: n p^2 / 2 in double-double, n (p^2 + values^2 / 2) for the influence function,
 * units p^2 / 2 a replicate. */
SY_API SY_MUST_CHECK sy_status sy_gap(sy_context *ctx, const sy_design *design, const sy_gap_question *question,
                                      sy_gap_result *result);

/* Legal after a failed call and twice. */
SY_API void sy_gap_free(sy_gap_result *result);

#ifdef __cplusplus
}
#endif
#endif
