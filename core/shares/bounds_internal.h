/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_BOUNDS_INTERNAL_H
#define SYI_BOUNDS_INTERNAL_H
#include "shares/subsets_internal.h"

enum { SYI_LEAF_PLAYERS = 15 };

/* The least and the greatest v(S + j) - v(S) over all S without j, for each of
 * the last n_own players: lowest, highest [n_own]. `leaf`: the most players of
 * a table, SYI_LEAF_PLAYERS or, in tests, fewer. Uses ctx's threads and polls;
 * the same bits for any number of threads. SY_OK, SY_EINTR, SY_ENOMEM. */
sy_status syi_bounds_of_game(sy_context *ctx, const syi_game *game, int n_own, int leaf, double *lowest,
                             double *highest);

/* Seconds that this takes on one core. */
double syi_bounds_seconds(const syi_game *game, int n_own, int leaf);

/* The least and greatest table[S + bit] - table[S] of a table of 2^players, put
 * together with what *least and *most hold. */
void syi_extremes(int simd, int players, int bit, const double *table, double *least, double *most);
#endif
