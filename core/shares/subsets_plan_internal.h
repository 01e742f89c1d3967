/* How one game is walked: the order of its players, the split into jobs, and
 * the scratch of a walk. Shared by the files of the subset tree only.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_SUBSETS_PLAN_INTERNAL_H
#define SYI_SUBSETS_PLAN_INTERNAL_H
#include "shares/subsets_internal.h"

enum {
    SYI_LANES = 8,        /* submodels side by side: 2^3 for the three lane players */
    SYI_LANE_PLAYERS = 3, /* decided by the lane */
    SYI_UNROLLED = 8,     /* players of one column each that the unrolled bottom of the tree decides */
    SYI_HEIGHTS = SYI_EXACT_PLAYERS + 1
};

/* Elements of the packed upper triangle of order n. */
static inline size_t syi_triangle(int n)
{
    return (size_t)n * ((size_t)n + 1) / 2;
}

/* The order of the walk depends on the game only: players with more columns
 * first, the caller's order among equals. The first `n_head` are decided by the
 * number of the job, the next `n_lane` by the lane, the others by the walk. */
typedef struct {
    const syi_game *game;
    int player[SYI_EXACT_PLAYERS];  /* the caller's number of the player at each place */
    int columns[SYI_EXACT_PLAYERS]; /* of the player at that place */
    int n_head, n_lane, n_lower;
    syi_dd *packed; /* upper triangle by rows in the order of the walk, outcome last, its corner 0 */
    double *floor_; /* [order - 1] in the order of the walk */
} syi_tree_plan;

/* What one job reads and writes. A lower player is named by its height: how
 * many lower players are undecided when it is its turn, itself included. */
typedef struct {
    const syi_tree_plan *plan;
    size_t job;                                 /* bit i: the player at place i is in */
    int n_weights;                              /* 0: fill the table */
    const double *const *weight;                /* [n_weights] */
    double *table;                              /* n_weights == 0 */
    ptrdiff_t start;                            /* weight index, or place in the table, of the job's head players */
    ptrdiff_t lane_place[SYI_LANES];            /* what the lane adds to it */
    ptrdiff_t step[SYI_HEIGHTS];                /* [height] what the lower player adds to it, in units */
    ptrdiff_t unit, span;                       /* the lower players together add at most span * unit */
    void *root;                                 /* the job's own packed matrix */
    void *level[SYI_HEIGHTS];                   /* [height] packed matrix after taking that player in */
    void *lane_weight;                          /* [span + 1][n_weights] weights side by side */
    double lane_sum[2][SYI_HEIGHTS][SYI_LANES]; /* [weights][height] sums with that player in; height 0: all */
} syi_tree_walk;

/* Orders the players; `jobs` non-zero: choose the split, 0: one job. */
void syi_tree_plan_order(syi_tree_plan *plan, const syi_game *game, int jobs);
size_t syi_tree_plan_room(const syi_tree_plan *plan);
int syi_tree_plan_pack(syi_tree_plan *plan, syi_arena *scratch); /* 0, or -1 when the scratch is used up */

size_t syi_tree_walk_room(const syi_tree_plan *plan, int n_weights);
int syi_tree_walk_init(syi_tree_walk *walk, const syi_tree_plan *plan, int n_weights, const double *const *weight,
                       double *table, syi_arena *scratch);

/* Runs job number `job` with the kernels of that width. rows (n_weights > 0):
 * [n_weights * (n_players + 1)], what this job adds to the sums. */
void syi_tree_walk_job(syi_tree_walk *walk, int simd, size_t job, double *rows);

/* The kernels, one file a target: fill lane_sum or the table. */
void syi_tree_baseline(syi_tree_walk *walk);
void syi_tree_avx2(syi_tree_walk *walk);
void syi_tree_avx512(syi_tree_walk *walk);
#endif
