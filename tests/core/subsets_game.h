/* Random games for the tests of the subset tree, and v(S) by elimination in
 * quadruple precision: nothing here is shared with the tree.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SUBSETS_GAME_H
#define SUBSETS_GAME_H
#include "base/numeric_internal.h"

#include "shares/subsets_internal.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef __float128 quad;

enum { ROWS_OF_DATA = 120, MOST_COLUMNS = 40 };

typedef struct {
    syi_game game;
    int columns[SYI_EXACT_PLAYERS], stride[SYI_EXACT_PLAYERS];
    syi_dd matrix[(MOST_COLUMNS + 1) * (MOST_COLUMNS + 1)];
    double floor_[MOST_COLUMNS];
    double data[MOST_COLUMNS + 1][ROWS_OF_DATA];
    uint64_t seed;
} random_game;

/* Uniform on (-1, 1) [Knuth's MMIX generator, high bits]. */
static inline double draw(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(int64_t)(*seed >> 11) * 0x1p-52 - 1;
}

/* Columns that share a common part; the outcome leans on all of them. */
static inline void random_data(random_game *g, int n_players, const int *columns, uint64_t seed)
{
    memset(g, 0, sizeof *g);
    g->seed = seed;
    g->game.n_players = n_players;
    int p = 0;
    for (int i = 0; i < n_players; i++) {
        g->columns[i] = columns ? columns[i] : 1;
        g->stride[i] = 1;
        p += g->columns[i];
    }
    g->game.order = p + 1;
    for (int r = 0; r < ROWS_OF_DATA; r++) {
        const double common = draw(&g->seed);
        double y = 2 * draw(&g->seed);
        for (int j = 0; j < p; j++) {
            g->data[j][r] = draw(&g->seed) + 0.7 * common;
            y += g->data[j][r] * (j % 3 == 0 ? 0.5 : 0.2);
        }
        g->data[p][r] = y;
    }
}

static inline quad square_root(quad a)
{
    quad r = sqrt((double)a);
    for (int i = 0; i < 3; i++) r = (r + a / r) / 2;
    return r;
}

static inline syi_dd dd_of_quad(quad a)
{
    const double hi = (double)a;
    return (syi_dd){hi, (double)(a - (quad)hi)};
}

/* The correlation matrix of the data, to double-double (twofold) or double. */
static inline void correlate(random_game *g, int guarded)
{
    const int n = g->game.order;
    static quad centred[MOST_COLUMNS + 1][ROWS_OF_DATA];
    quad size[MOST_COLUMNS + 1];
    for (int j = 0; j < n; j++) {
        quad mean = 0, ss = 0;
        for (int r = 0; r < ROWS_OF_DATA; r++) mean += (quad)g->data[j][r] / ROWS_OF_DATA;
        for (int r = 0; r < ROWS_OF_DATA; r++) {
            centred[j][r] = (quad)g->data[j][r] - mean;
            ss += centred[j][r] * centred[j][r];
        }
        size[j] = square_root(ss);
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            quad s = 0;
            for (int r = 0; r < ROWS_OF_DATA; r++) s += centred[i][r] * centred[j][r];
            g->matrix[i * n + j] = i == j ? syi_dd_of(1) : dd_of_quad(s / (size[i] * size[j]));
            if (!guarded) g->matrix[i * n + j].lo = 0;
        }
    for (int j = 0; j < n - 1; j++) g->floor_[j] = 1e-26;
    g->game.columns = g->columns;
    g->game.stride = g->stride;
    g->game.matrix = g->matrix;
    g->game.floor_ = g->floor_;
    g->game.guarded = guarded;
}

static inline void random_game_of(random_game *g, int n_players, const int *columns, uint64_t seed, int guarded)
{
    random_data(g, n_players, columns, seed);
    correlate(g, guarded);
}

/* v(S) by full Gaussian elimination of the columns of S, in the caller's order;
 * a pivot below the floor is passed over. *least: the smallest pivot used. */
static inline quad eliminate(const syi_game *game, unsigned set, double *least)
{
    const int n = game->order;
    quad a[MOST_COLUMNS + 1][MOST_COLUMNS + 1];
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            const syi_dd m = game->matrix[i * n + j];
            a[i][j] = (quad)m.hi + (quad)m.lo;
        }
    for (int player = 0, k = 0; player < game->n_players; k += game->columns[player++])
        for (int c = k; (set >> player & 1) && c < k + game->columns[player]; c++) {
            const quad pivot = a[c][c];
            if (game->guarded && pivot < (quad)game->floor_[c]) continue;
            if (least && (double)pivot < *least) *least = (double)pivot;
            for (int i = 0; i < n; i++) {
                const quad f = a[i][c] / pivot;
                if (i != c)
                    for (int j = 0; j < n; j++) a[i][j] -= f * a[c][j];
            }
        }
    const syi_dd yy = game->matrix[n * n - 1];
    return (quad)yy.hi + (quad)yy.lo - a[n - 1][n - 1];
}

/* Arena of exactly the room the header promises to be enough. */
static inline syi_arena room_for(const syi_game *game)
{
    syi_arena arena;
    if (syi_arena_init(&arena, syi_subsets_room(game))) abort();
    return arena;
}
#endif
