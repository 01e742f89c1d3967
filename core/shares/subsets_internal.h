/* The tree that visits all submodels once [Garside 1971; Furnival 1971;
 * Furnival & Wilson 1974, doi:10.2307/1267601].
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_SUBSETS_INTERNAL_H
#define SYI_SUBSETS_INTERNAL_H
#include "algebra/twofold_internal.h"
#include "base/memory_internal.h"
#include "steelyard/context.h"

enum { SYI_TABLE_PLAYERS = 18, SYI_EXACT_PLAYERS = 30 };

/* Players and the matrix they split. v(S) = a_yy - (a_yy after sweeping in the
 * columns of the players in S). Columns stand in player order, the outcome
 * last. The matrix is symmetric positive semi-definite, scaled by the caller
 * (unit diagonal before any adjusting terms were swept in). */
typedef struct {
    int n_players;        /* 1..30 */
    const int *columns;   /* [n_players] columns of each player, 1 or more */
    const int *stride;    /* [n_players] what a player in S adds to S's weight index */
    int order;            /* columns of all players + 1 */
    const syi_dd *matrix; /* [order * order] row-major */
    const double *floor_; /* [order - 1] a pivot below this is an aliased column: it is passed over (guarded tree) */
    int guarded;          /* 0: plain double, every pivot known to be above 1e-6; 1: double-double with the guard */
} syi_game;

/* table[S] = v(S), bit i of S = player i; 2^n_players values, n_players <= 18.
 * No allocation, no threads: for use inside a worker. */
void syi_subsets_table(int simd, const syi_game *game, syi_arena *scratch, double *table);

/* sums[w][j] = sum over S with player j of weight[w][index(S)] v(S), index(S)
 * the sum of the strides in S; sums[w][n_players] = the same over all S; 1 or 2
 * weight tables. Rows of `sums` are n_players + 1 long. Serial: for use inside
 * a worker. */
void syi_subsets_sums(int simd, const syi_game *game, syi_arena *scratch, int n_weights, const double *const *weight,
                      double *sums);

/* The same, with ctx's threads and polls; the same bits as the serial one
 * (the split into jobs depends on the game only). SY_OK, SY_EINTR, SY_ENOMEM. */
sy_status syi_subsets_sums_parallel(sy_context *ctx, const syi_game *game, int n_weights, const double *const *weight,
                                    double *sums);

/* Bytes of scratch that one serial call needs. */
size_t syi_subsets_room(const syi_game *game);

/* Seconds that one walk is expected to take on one core. */
double syi_subsets_seconds(const syi_game *game);
#endif
