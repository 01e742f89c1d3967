/* A question made ready for the tree: which columns stand for which block and
 * term, and which walks (games) give which rows of the table.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_PLAYERS_INTERNAL_H
#define SYI_PLAYERS_INTERNAL_H
#include "algebra/moments_internal.h"
#include "shares/subsets_internal.h"
#include "steelyard/shares.h"

/* One walk. Its own players, the last n_own, divide what their group is worth:
 * all blocks divide the total; the terms of one block divide its share while
 * the other blocks come and go whole (Owen). */
typedef struct syi_walk {
    int n_players, n_own;
    int row;        /* row of the first own player in the table */
    int group;      /* row of the block that is divided; -1: the total */
    int *columns;   /* [n_players] */
    int *stride;    /* [n_players] of the weight index, see split.c */
    int *source;    /* [k] column of the plan that stands at each place of the walk */
    int tabled;     /* n_players <= SYI_TABLE_PLAYERS: all v(S) are kept */
    double *weight; /* tabled: [2^n_players] Shapley weight of joining S, times after[S + j] where there is
                       one; else [n_index] weight of S for an own player in S */
    double *after;  /* not all orders count: [2^n_players] orders of the rest after S, 0 for an S that none
                       passes; NULL: they do */
    uint32_t *set;  /* with `after`: [n_sets] the S that an own player may join, ascending */
    size_t n_sets;
    int *k_of;               /* tabled: [2^n_players]; else [n_index]: columns in S, by rank once settled */
    struct syi_walk *summed; /* a wide tabled walk also as sums, for when lowest and highest are not asked; or NULL */
    size_t n_index;          /* length of both */
} syi_walk;

typedef struct {
    const sy_moments *m;
    int n_blocks, n_terms, n_rows; /* rows of the table: blocks, then terms */
    int n_adjust;                  /* adjusting columns */
    int k;                         /* columns of the blocks */
    int *column;                   /* [n_adjust + k + 1] columns of the moments: adjusting, block by block, outcome */
    double *floor_;                /* [n_adjust + k] */
    int *row_first, *row_columns;  /* [n_rows] place among the k block columns, and how many */
    int *row_term;                 /* [n_rows] term of the moments; -1 for a block */
    unsigned char *enters_after;   /* [n_rows * n_rows] (r, s) is 1 when row r enters after row s in every order that
                                      counts: two blocks, or two terms of one block */
    int absorb;                    /* 1: cluster means are forced in; column[0] is the outcome's, an adjusting one */
    int cluster_column;            /* absorb: its diagonal sum counts the clusters */
    sy_moments *within;            /* absorb: the plan's own moments (m), within clusters */
    double *row_rank;  /* [n_rows] columns by rank: the Shapley value of the rank of S; plain columns at full rank */
    int by_rank;       /* 1: columns are aliased, and counted by rank */
    int ranked;        /* 0: columns are aliased and a walk keeps no table: adjusted values are unknown */
    double *row_units; /* [n_rows] clusters when the row's columns are constant within them, else 0 */
    int *block_first;  /* [n_blocks + 1] first term row of a block, counted from n_blocks */
    int n_walks;
    syi_walk *walk;    /* the blocks' walk first */
    int terms_skipped; /* blocks whose terms are too many to split */
    double submodels;
    struct syi_sampling *sampling; /* orders are sampled: no walks; NULL: exact */
} syi_plan;

/* Checks the question and builds the plan; remarks on constant columns and on
 * blocks too wide to split. Free after failure too. */
sy_status syi_plan_init(sy_context *ctx, const sy_moments *m, const sy_question *question, syi_plan *plan);

/* The same by the method that `options` ask for; NULL: exact. */
sy_status syi_plan_init_by(sy_context *ctx, const sy_moments *m, const sy_question *question,
                           const sy_shares_options *options, syi_plan *plan);
void syi_plan_free(syi_plan *plan);

/* The name of a row for messages: the block as typed or the term's label. */
const char *syi_plan_name(const syi_plan *plan, const sy_question *question, int row);
#endif
