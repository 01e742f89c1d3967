/* What of a treatment's effect goes through which mediators: interventional
 * effects through blocks of mediators together, or the joint natural effect.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_MEDIATION_H
#define STEELYARD_MEDIATION_H
#include "steelyard/evidence.h"
#include "steelyard/response.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    SY_MEDIATION_INTERVENTIONAL = 0, /* direct, through each block, through their mutual dependence */
    SY_MEDIATION_NATURAL_JOINT = 1   /* direct, through all mediators together */
} sy_mediation_effects;

typedef enum { SY_MEDIATION_LINEAR = 0, SY_MEDIATION_BINARY = 1, SY_MEDIATION_ORDINAL = 2 } sy_mediation_response;

typedef struct {
    int outcome;     /* a term of one column; binary: SY_CODES with two levels in use, or 0 and 1; ordinal:
                        SY_CODES in their order */
    int treatment;   /* a term of one column: SY_CODES with two levels in use, or a number */
    double from, to; /* numbers: the two values compared; SY_CODES: the two levels, from 0. NaN: the two in use */
    int n_blocks;
    const sy_block *blocks; /* mediators, in the order in which they are moved */
    int n_confounders;
    const int *confounders; /* terms of the design */
    int by_treatment;       /* 1: products of treatment and mediators in the outcome's model */
    int by_mediators;       /* 1: products of mediators of different blocks */
    sy_mediation_effects effects;
    sy_mediation_response response;
    sy_link link;              /* binary and ordinal */
    int draws;                 /* binary and ordinal: draws of the mediators' residuals for each row */
    sy_interval_kind interval; /* auto, none, jackknife, influence (linear), percentile */
    double level;
    int replicates;
    uint64_t seed;
} sy_mediation_question;
SY_API void sy_mediation_defaults(sy_mediation_question *question);

typedef enum {
    SY_MEDIATION_DIRECT = 0,
    SY_MEDIATION_THROUGH = 1,    /* one block */
    SY_MEDIATION_DEPENDENCE = 2, /* the mediators' mutual dependence; with two blocks or more */
    SY_MEDIATION_ALL = 3,        /* all mediators together: natural effects */
    SY_MEDIATION_TOTAL = 4,
    SY_MEDIATION_WITHOUT = 5 /* linear: the treatment's coefficient beside the confounders alone, for comparison */
} sy_mediation_part;

typedef struct {
    sy_mediation_part part;
    int block; /* SY_MEDIATION_THROUGH; else -1 */
} sy_mediation_row;

enum { SY_MEDIATION_MOST_BLOCKS = 8, SY_MEDIATION_ASSUMPTIONS = 6 };

/* Read-only after a successful call; free with sy_mediation_free. Value of
 * measure m (linear and binary: one; ordinal: each level in use) and row r at
 * [m * n_rows + r]. */
typedef struct {
    int n_rows, n_measures;
    sy_mediation_row *rows;
    double *estimate, *std_error, *statistic, *p_value, *low, *high; /* NaN where there is none */
    double *proportion;        /* of the total; NaN where that has no meaning (remark) */
    double *covariance;        /* [n_measures * n_rows]^2; NULL without an interval */
    double *mean;              /* [n_measures][2] expected outcome with the treatment at `from` and at `to` */
    int *outcome_level;        /* [n_measures] ordinal: the levels; binary: the event; linear: -1 */
    double from, to;           /* SY_CODES: 0 and 1, places among the two levels in use */
    int level[2];              /* SY_CODES: levels of the treatment at `from` and `to` */
    double rows_from, rows_to; /* rows used at exactly these values */
    double n, rows_read, rows_used, rows_dropped; /* n by the weight rule */
    int n_products;                               /* columns of products in the outcome's model */
    double r2;                                    /* linear: of the outcome's model; else NaN */
    sy_interval_kind interval;
    double df;
    ptrdiff_t units;
    int clustered, n_strata, kept; /* kept: replicates or left-out units with an answer */
    int n_assumptions;
    char assumption[SY_MEDIATION_ASSUMPTIONS][SY_REMARK_LENGTH]; /* in words, with the names as typed */
} sy_mediation_result;

/* Rows are those complete over all terms of the design, weights, clusters and
 * strata. Parts add to the total.
 *
 * Linear outcome: exact, from coefficients, means of confounders and the
 * mediators' residual covariances at both treatments. Binary and ordinal:
 * averages over rows and draws of residuals keyed by (seed, row).
 *
 * Errors: SY_EINVAL (a term in two places, a treatment that has not two levels or
 * a number of more than two values without from and to, an unknown interval),
 * SY_EDATA (a constant outcome, a mediator that follows from treatment and confounders, a treatment that
 * follows from the confounders, both named). Remarks: rows dropped, columns that add nothing, few clusters, total near
 * zero, parts of unlike sign. Cost (linear): n (p^2 / 2 + pairs) a fit, p columns of the outcome's model; a fit for
 * each unit left out. */
SY_API SY_MUST_CHECK sy_status sy_mediation(sy_context *ctx, const sy_design *design,
                                            const sy_mediation_question *question, sy_mediation_result *result);

/* Legal after a failed call and twice. */
SY_API void sy_mediation_free(sy_mediation_result *result);

#ifdef __cplusplus
}
#endif
#endif
