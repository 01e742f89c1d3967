/* Columns of every submodel by rank, where columns are aliased.
 *
 * A factor, another and their interaction hold more columns than they have
 * dimensions. Adjusted R2 must count dimensions: rank(S) is found for every S by
 * a walk over the players with the guarded elimination of the tree, once for a
 * question. The columns of a row are then the Shapley value of rank(S), which is
 * what its share would be of pure noise, in units of (1 - R2) / (n - 1).
 *
 * Cost: 2^players small eliminations, halving in size as they double in number.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/sweep_internal.h"
#include "base/status_internal.h"
#include "shares/ranks_internal.h"
#include <string.h>

typedef struct {
    const syi_walk *walk;
    double floor_;
    syi_arena *scratch;
} visitor;

/* The last m - skip rows and columns of a [m * m]. */
static syi_dd *rest_of(const visitor *v, int m, int skip, const syi_dd *a)
{
    const int left = m - skip;
    syi_dd *b = syi_arena_take(v->scratch, (size_t)(left * left), sizeof *b);
    for (int i = 0; i < left; i++)
        memcpy(b + (ptrdiff_t)i * left, a + (ptrdiff_t)(i + skip) * m + skip, (size_t)left * sizeof *b);
    return b;
}

/* a [m * m]: the columns of players `player` and later, given those in `set`. */
static void visit(const visitor *v, int player, int m, syi_dd *a, size_t set, int rank)
{
    if (player == v->walk->n_players) {
        v->walk->k_of[set] = rank;
        return;
    }
    const int columns = v->walk->columns[player];
    const syi_arena mark = *v->scratch;
    visit(v, player + 1, m - columns, rest_of(v, m, columns, a), set, rank);
    int *in = syi_arena_take(v->scratch, (size_t)m, sizeof *in);
    memset(in, 0, (size_t)m * sizeof *in);
    for (int c = 0; c < columns; c++) rank += syi_sweep_in(m, a, in, c, v->floor_);
    visit(v, player + 1, m - columns, rest_of(v, m, columns, a), set | (size_t)1 << player, rank);
    *v->scratch = mark;
}

size_t syi_ranks_room(const syi_plan *plan)
{
    const size_t k = (size_t)plan->k, depth = SYI_TABLE_PLAYERS + 1;
    return depth * (2 * syi_arena_room(k * k, sizeof(syi_dd)) + syi_arena_room(k, sizeof(int)));
}

void syi_ranks_fill(const syi_walk *walk, int k, const syi_dd *matrix, double floor_, syi_arena *scratch)
{
    const syi_arena mark = *scratch;
    const visitor v = {walk, floor_, scratch};
    syi_dd *a = syi_arena_take(scratch, (size_t)(k * k), sizeof *a);
    for (int i = 0; i < k; i++)
        for (int j = 0; j < k; j++) a[i * k + j] = matrix[(ptrdiff_t)walk->source[i] * (k + 1) + walk->source[j]];
    visit(&v, 0, k, a, 0, 0);
    *scratch = mark;
}
