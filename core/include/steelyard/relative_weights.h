/* The older metrics of relative importance, on one page: for comparison with
 * published tables, not for decisions.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_RELATIVE_WEIGHTS_H
#define STEELYARD_RELATIVE_WEIGHTS_H
#include "steelyard/shares.h"
#ifdef __cplusplus
extern "C" {
#endif

/* Columns of the table, in points of ALL outcome variance. With R the
 * correlations among the predictors, r theirs with the outcome, beta = R^-1 r,
 * G the symmetric square root of R and w = G beta = R^-1/2 r. */
enum {
    SY_OTHER_FIRST,           /* r_j^2: R2 of the term alone */
    SY_OTHER_LAST,            /* what R2 loses without the term [Darlington 1968: usefulness] */
    SY_OTHER_BETA_SQUARED,    /* beta_j^2, squared standardised coefficient; no sum has a meaning */
    SY_OTHER_PRATT,           /* beta_j r_j; sums to v(all), may be negative [Pratt 1987] */
    SY_OTHER_RELATIVE_WEIGHT, /* sum_k G_jk^2 w_k^2; sums to v(all), never negative [Johnson 2000] */
    SY_OTHER_GENIZI,          /* the same number, found before him [Genizi 1993] */
    SY_OTHER_CAR,             /* w_j^2, squared CAR score; sums to v(all) [Zuber & Strimmer 2011] */
    SY_OTHER_INDEPENDENT,     /* I of hierarchical partitioning: the average increment over all orders of the single
                                 terms (LMG); sums to v(all) [Chevan & Sutherland 1991]; NaN past 30 terms */
    SY_OTHER_JOINT,           /* J: R2 of the term alone less I; negative under suppression */
    SY_N_OTHER
};

/* table: [number of terms in blocks * SY_N_OTHER], row-major, the terms block by
 * block. The question is one that sy_shares takes, each term in the blocks one
 * column in use. Adjusting terms, of any number of columns, are taken out of
 * predictors and outcome first: r and R are then those of what is left of the
 * predictors, and the sums are v(all), R2 beyond the adjusting terms.
 * No intervals. Relative weights follow from no axiom and can mislead; see
 * Thomas, Zumbo, Kwan & Schweitzer 2014, doi:10.1080/00273171.2014.905766.
 * Errors: those of sy_shares on the question; SY_EINVAL (a term of several
 * columns), SY_EDATA (a constant outcome, a term that is constant or follows
 * from the others: its coefficient is not unique), SY_ERANK (fewer rows than
 * columns). Remark: I and J left out past 30 terms. Cost: about 40 p^3
 * multiply-adds in double-double for p terms, and 4 2^p for I. */
SY_API SY_MUST_CHECK sy_status sy_relative_weights(sy_context *ctx, const sy_moments *m, const sy_question *question,
                                                   double *table);

#ifdef __cplusplus
}
#endif
#endif
