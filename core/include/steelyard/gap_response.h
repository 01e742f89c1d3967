/* The gap between two groups in a binary or ordered outcome, divided without an
 * order: how much of it goes with what people bring (the columns of each block),
 * how much with what the same columns go with in either group.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_GAP_RESPONSE_H
#define STEELYARD_GAP_RESPONSE_H
#include "steelyard/evidence.h"
#include "steelyard/response.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    sy_response_model model; /* SY_RESPONSE_BINARY or SY_RESPONSE_ORDINAL; its terms are those of the blocks, and it
                                has an intercept. Coding is read as SY_CODING_SUM, so that the parts of a factor do not
                                depend on its base level [Yun 2005]. No trials, offset, nominal or scale terms. */
    const sy_column *group;  /* SY_CODES, one value a row of the design: two levels in use; in no term */
    int first;               /* its level that counts as first, from 0; -1: the first in use */
    int n_blocks;
    const sy_block *blocks;    /* terms: places in the design; every term of the model in one of them */
    sy_interval_kind interval; /* SY_INTERVAL_AUTO, SY_INTERVAL_JACKKNIFE or SY_INTERVAL_NONE */
    double level;              /* default 0.95 */
    uint64_t seed;             /* of the groups of rows that are left out where there are no clusters */
    double time_limit;         /* seconds; default 60: what takes longer is done coarser, or left out when auto */
} sy_gap_response_question;
SY_API void sy_gap_response_defaults(sy_gap_response_question *question);

/* Coefficients that the rows of both groups are given, where one set stands for
 * both. SY_GAP_RESPONSE_BY_POOLED: of all rows with a column for the group, which counts
 * half either way and has no part; SY_GAP_RESPONSE_BY_POOLED_WITHOUT: of all rows alone. */
typedef enum {
    SY_GAP_RESPONSE_BY_FIRST = 0,
    SY_GAP_RESPONSE_BY_SECOND = 1,
    SY_GAP_RESPONSE_BY_POOLED = 2,
    SY_GAP_RESPONSE_BY_POOLED_WITHOUT = 3,
    SY_N_GAP_RESPONSE_BY = 4
} sy_gap_response_by;

/* The values of one number (the chance of the event or of an answer, the mean
 * answer), in this order; K blocks. gap = explained + unexplained + fit, and by
 * each reference too. */
enum {
    SY_GAP_RESPONSE_FIRST = 0, /* weighted mean of the first group */
    SY_GAP_RESPONSE_SECOND = 1,
    SY_GAP_RESPONSE_GAP = 2,         /* first less second */
    SY_GAP_RESPONSE_EXPLAINED = 3,   /* order-free: sum over blocks of their columns' parts */
    SY_GAP_RESPONSE_UNEXPLAINED = 4, /* order-free: coefficients' parts and the constant's */
    SY_GAP_RESPONSE_FIT = 5,         /* what the models leave of the gap: predicted means are not the observed ones,
                                        save with logit and a binary outcome */
    SY_GAP_RESPONSE_PARTS = 6 /* [K] columns of each block; [K] coefficients of each block, NaN where they enter as
                                 one; constant or thresholds (with all coefficients, where they are one); then for
                                 each sy_gap_response_by explained, unexplained and [K] columns of each block */
};
static inline int sy_gap_response_values(int n_blocks)
{
    return SY_GAP_RESPONSE_PARTS + 2 * n_blocks + 1 + SY_N_GAP_RESPONSE_BY * (2 + n_blocks);
}
/* Where those of a reference begin. */
static inline int sy_gap_response_at(int n_blocks, sy_gap_response_by by)
{
    return SY_GAP_RESPONSE_PARTS + 2 * n_blocks + 1 + (int)by * (2 + n_blocks);
}

typedef struct {
    double n, rows_read, rows_used, rows_dropped; /* n by the weight rule */
    double n_group[2], rows_group[2];
    int group_level[2];    /* of the group's factor: first, second */
    int n_levels;          /* of the outcome in use */
    int n_measures;        /* binary: 1, the event; ordinal: n_levels chances and the mean of answers 1 .. n_levels */
    int separate;          /* 1: coefficients enter block by block; 0: all as one */
    double players, pairs; /* of the game; pairs of rows that are coupled */
    double loglik[2];      /* of the two models */
    sy_interval_kind interval;
    double df;
    ptrdiff_t units;          /* left out one by one: clusters, or groups of rows */
    int grouped;              /* 1: groups of rows */
    double seconds_estimated; /* of the interval */
} sy_gap_response_summary;

/* Buffers of the caller: measure m's value v at [m * values + v]. Room for one
 * measure (binary), or the levels of the outcome's factor and one more. */
typedef struct {
    double *estimate, *std_error, *statistic, *p_value, *low, *high; /* NaN where there is none */
    int *outcome_level; /* [levels of the factor] ordinal: the n_levels in use; or NULL */
} sy_gap_response_table;

/* Errors: those of the fits; SY_EINVAL (a group that is a term of the model too);
 * SY_EDATA (not exactly two levels of the group in use, named; one answer only in a
 * group); SY_ERANK (a column that adds nothing within a group, named); SY_ELIMIT
 * (more than 20 blocks). Remarks: rows dropped, an answer nobody in a group gave,
 * separation and no convergence by group, coefficients taken as one, limits left
 * out, few clusters.
 * Cost: 2^(2K + 1) sums over the pairs, and as much again for each unit left out. */
SY_API SY_MUST_CHECK sy_status sy_gap_response(sy_context *ctx, const sy_design *design,
                                               const sy_gap_response_question *question,
                                               sy_gap_response_summary *summary, const sy_gap_response_table *table);

#ifdef __cplusplus
}
#endif
#endif
