/* All submodels by name: their R2, what sets of blocks explain in common, and
 * which block dominates which.
 *
 * The players are the blocks of a question or, each by itself, their terms.
 * Every subset of the players is a submodel, beside the adjusting terms, whatever
 * order the question asks for. A set of players is a number: bit i is player i.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_SUBMODELS_H
#define STEELYARD_SUBMODELS_H
#include "steelyard/shares.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef enum { SY_PLAYERS_BLOCKS = 0, SY_PLAYERS_TERMS = 1 } sy_players;

enum { SY_SUBMODEL_PLAYERS = 18 }; /* all of these functions keep a table of 2^players numbers */

/* How many players the question has. */
SY_API int sy_submodels_players(const sy_question *question, sy_players players);

/* How many sets of 1 to `most` players there are; 0 past SY_SUBMODEL_PLAYERS. */
SY_API ptrdiff_t sy_submodels_sets(int n_players, int most);

enum {
    SY_SUBMODEL_COLUMNS,  /* predictor columns by rank, adjusting ones included */
    SY_SUBMODEL_R2,       /* of the players in it and the adjusting terms together */
    SY_SUBMODEL_ADJUSTED, /* its adjusted form */
    SY_SUBMODEL_BEYOND,   /* R2 less that of the adjusting terms alone */
    SY_N_SUBMODEL
};

/* One place a submodel in each column of table [SY_N_SUBMODEL][2^players] and in
 * set [2^players]: the empty one first, then by number of players and falling
 * R2. Errors: those of sy_shares; SY_ELIMIT past SY_SUBMODEL_PLAYERS. Cost: the
 * double-double tree, 60 2^players multiply-adds for single columns, and a sort. */
SY_API SY_MUST_CHECK sy_status sy_submodels(sy_context *ctx, const sy_moments *m, const sy_question *question,
                                            sy_players players, double *table, int32_t *set);

enum {
    SY_COMMONALITY_COEFFICIENT, /* explained by all of the set's players in common and by no other */
    SY_COMMONALITY_PERCENT,     /* 100 times that over v(all); NaN where v(all) <= 0 */
    SY_N_COMMONALITY
};

/* Commonality coefficients of all sets of 1 to `most` players: of one player what
 * it explains uniquely, of several what they explain in common; negative under
 * suppression. All of them add up to v(all). table [SY_N_COMMONALITY][rows] and
 * set [rows], rows = sy_submodels_sets(players, most), by number of players and
 * then in the order of the players. [Mood 1971; Seibold & McPhee 1979]
 * Cost: as sy_submodels, and players 2^players double-double subtractions. */
SY_API SY_MUST_CHECK sy_status sy_commonality(sy_context *ctx, const sy_moments *m, const sy_question *question,
                                              sy_players players, int most, double *table, int32_t *set);

/* Which of two players explains more beside the same others [Azen & Budescu
 * 2003]: in every submodel that lacks both (complete), on average over the
 * submodels of each size (conditional), on the average of those (general). */
enum { SY_DOMINANCE_COMPLETE, SY_DOMINANCE_CONDITIONAL, SY_DOMINANCE_GENERAL, SY_N_DOMINANCE };

/* Of the comparisons that a kind makes of a pair (2^(players - 2) submodels, as
 * many sizes as players, one), the part in which ... */
enum {
    SY_PAIR_FIRST,  /* the first player explains more, by more than the tolerance */
    SY_PAIR_SECOND, /* the second does */
    SY_PAIR_TIED,   /* neither */
    SY_PAIR_VALUE,  /* 1: never the second and at least once the first; 0: the reverse; else 0.5 */
    SY_N_PAIR
};

typedef struct {
    sy_players players;
    double tolerance; /* contributions that differ by no more are tied; default 1e-10 */
} sy_dominance_options;

SY_API void sy_dominance_defaults(sy_dominance_options *options);

/* by_size [P * P], P players: row s, column i the average contribution of player i
 * to submodels of s others. general [P]: their average, the Shapley value. pairs
 * [P (P - 1) / 2][SY_N_DOMINANCE][SY_N_PAIR], pairs (0,1), (0,2), .. (1,2), ..
 * Cost: as sy_submodels, and P^2 / 8 comparisons a submodel. */
SY_API SY_MUST_CHECK sy_status sy_dominance(sy_context *ctx, const sy_moments *m, const sy_question *question,
                                            const sy_dominance_options *options, double *by_size, double *general,
                                            double *pairs);

/* Over the bootstrap samples in which a pair could be judged: */
enum {
    SY_REPRODUCED_MEAN,      /* mean of SY_PAIR_VALUE */
    SY_REPRODUCED_STD_ERROR, /* its standard deviation */
    SY_REPRODUCED_FIRST,     /* the part in which the first player dominates, */
    SY_REPRODUCED_SECOND,    /* the second does, */
    SY_REPRODUCED_NEITHER,   /* neither does, */
    SY_REPRODUCED_SAME,      /* and in which the answer is that of the whole sample */
    SY_N_REPRODUCED
};

/* reproduced [P (P - 1) / 2][SY_N_DOMINANCE][SY_N_REPRODUCED], in the order of
 * `pairs`; *kept: samples that had an answer. Units are drawn as for bootstrap
 * intervals: clusters or rows, within strata. SY_EINVAL: moments without units,
 * replicates below 2. Cost: replicates times that of a walk, over the threads. */
SY_API SY_MUST_CHECK sy_status sy_dominance_reproduced(sy_context *ctx, const sy_moments *m,
                                                       const sy_question *question,
                                                       const sy_dominance_options *options, int replicates,
                                                       uint64_t seed, double *reproduced, int *kept);

#ifdef __cplusplus
}
#endif
#endif
