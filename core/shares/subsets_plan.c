/* How a game is walked, and what that costs.
 *
 * Order: players with more columns first, since a player at depth d is taken in
 * 2^d times; the caller's order among equals. Jobs: the first h players are
 * fixed in all 2^h ways. h comes from the game alone, so that the bits do not
 * depend on the threads: about 2^17 submodels a job, at most 2^12 jobs, but as
 * many more as keep one job near 2 ms.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "shares/subsets_plan_internal.h"
#include <string.h>

static const double job_seconds = 0.002;
enum { JOB_PLAYERS = 17, USUAL_HEAD = 12 };

static void order_players(syi_tree_plan *plan)
{
    const syi_game *game = plan->game;
    const int n = game->n_players;
    for (int i = 0; i < n; i++) {
        int at = i;
        for (; at > 0 && game->columns[plan->player[at - 1]] < game->columns[i]; at--)
            plan->player[at] = plan->player[at - 1];
        plan->player[at] = i;
    }
    for (int i = 0; i < n; i++) plan->columns[i] = game->columns[plan->player[i]];
}

/* Seconds on one core with AVX2. An element is one multiply-add of a rank-one
 * update in one lane; the player at depth d meets 2^d nodes. Doubles past the
 * second-level cache are not told apart. */
static double seconds_of(const syi_tree_plan *plan)
{
    const double element = plan->game->guarded ? 0.6e-9 : 0.12e-9;
    const double node = plan->game->guarded ? 1e-9 : 0.4e-9;
    double elements = 0, nodes = 1;
    int n = plan->game->order;
    for (int p = 0; p < plan->game->n_players; p++, nodes *= 2)
        for (int c = 0; c < plan->columns[p]; c++, n--) elements += nodes * (double)syi_triangle(n - 1);
    return 1e-6 + element * elements + node * nodes;
}

void syi_tree_plan_order(syi_tree_plan *plan, const syi_game *game, int jobs)
{
    const int n = game->n_players;
    memset(plan, 0, sizeof *plan);
    plan->game = game;
    order_players(plan);
    int head = 0;
    if (jobs) {
        head = n < JOB_PLAYERS ? 0 : n - JOB_PLAYERS < USUAL_HEAD ? n - JOB_PLAYERS : USUAL_HEAD;
        double seconds = seconds_of(plan);
        for (int h = 0; h < head; h++) seconds /= 2;
        for (; seconds > job_seconds && head + SYI_LANE_PLAYERS < n; head++) seconds /= 2;
    }
    plan->n_head = head;
    plan->n_lane = n - head < SYI_LANE_PLAYERS ? n - head : SYI_LANE_PLAYERS;
    plan->n_lower = n - head - plan->n_lane;
}

double syi_subsets_seconds(const syi_game *game)
{
    syi_tree_plan plan;
    syi_tree_plan_order(&plan, game, 0);
    return seconds_of(&plan);
}

size_t syi_tree_plan_room(const syi_tree_plan *plan)
{
    return syi_arena_room(syi_triangle(plan->game->order), sizeof *plan->packed) +
           syi_arena_room((size_t)plan->game->order, sizeof *plan->floor_) +
           syi_arena_room((size_t)plan->game->order, sizeof(int));
}

int syi_tree_plan_pack(syi_tree_plan *plan, syi_arena *scratch)
{
    const syi_game *game = plan->game;
    const int n = game->order;
    int first[SYI_EXACT_PLAYERS];
    plan->packed = syi_arena_take(scratch, syi_triangle(n), sizeof *plan->packed);
    plan->floor_ = syi_arena_take(scratch, (size_t)n, sizeof *plan->floor_);
    int *column = syi_arena_take(scratch, (size_t)n, sizeof *column);
    if (!plan->packed || !plan->floor_ || !column) return -1;

    for (int i = 0, c = 0; i < game->n_players; c += game->columns[i++]) first[i] = c;
    int m = 0;
    for (int p = 0; p < game->n_players; p++)
        for (int c = 0; c < plan->columns[p]; c++) column[m++] = first[plan->player[p]] + c;
    for (int i = 0; i < n - 1; i++) plan->floor_[i] = game->guarded ? game->floor_[column[i]] : 0;
    column[n - 1] = n - 1;
    syi_dd *to = plan->packed;
    for (int i = 0; i < n; i++)
        for (int j = i; j < n; j++) *to++ = game->matrix[(size_t)column[i] * (size_t)n + (size_t)column[j]];
    to[-1] = syi_dd_of(0);
    return 0;
}

/* Bytes of one number in all lanes. */
static size_t number(const syi_tree_plan *plan)
{
    return (plan->game->guarded ? 2U : 1U) * SYI_LANES * sizeof(double);
}

/* Order of the matrix that is left after the lower player of that height. */
static int order_below(const syi_tree_plan *plan, int height)
{
    int n = 1;
    for (int h = 1; h < height; h++) n += plan->columns[plan->game->n_players - h];
    return n;
}

/* The level of a player holds its first rank-one update: one order less than
 * before it. */
static size_t level_elements(const syi_tree_plan *plan, int height)
{
    return syi_triangle(order_below(plan, height + 1) - 1);
}

static ptrdiff_t common_unit(ptrdiff_t a, ptrdiff_t b)
{
    while (b) {
        const ptrdiff_t r = a % b;
        a = b;
        b = r;
    }
    return a;
}

/* The weight index of a submodel moves by the lower players' strides in units
 * of their common divisor, so that equal strides need few weights side by side. */
static void index_span(const syi_tree_plan *plan, ptrdiff_t *unit, ptrdiff_t *span)
{
    ptrdiff_t divisor = 0, total = 0;
    for (int h = 1; h <= plan->n_lower; h++) {
        const ptrdiff_t stride = plan->game->stride[plan->player[plan->game->n_players - h]];
        divisor = common_unit(divisor, stride);
        total += stride;
    }
    *unit = divisor ? divisor : 1;
    *span = total / *unit;
}

size_t syi_tree_walk_room(const syi_tree_plan *plan, int n_weights)
{
    ptrdiff_t unit = 1, span = 0;
    if (n_weights) index_span(plan, &unit, &span);
    size_t bytes = syi_arena_room(syi_triangle(plan->game->order), number(plan));
    for (int h = 1; h <= plan->n_lower; h++) bytes += syi_arena_room(level_elements(plan, h), number(plan));
    return bytes + syi_arena_room(((size_t)span + 1) * (size_t)n_weights, SYI_LANES * sizeof(double));
}

int syi_tree_walk_init(syi_tree_walk *walk, const syi_tree_plan *plan, int n_weights, const double *const *weight,
                       double *table, syi_arena *scratch)
{
    memset(walk, 0, sizeof *walk);
    walk->plan = plan;
    walk->n_weights = n_weights;
    walk->weight = weight;
    walk->table = table;
    walk->unit = 1;
    if (n_weights) index_span(plan, &walk->unit, &walk->span);
    walk->root = syi_arena_take(scratch, syi_triangle(plan->game->order), number(plan));
    int failed = !walk->root;
    for (int h = 1; h <= plan->n_lower; h++) {
        walk->level[h] = syi_arena_take(scratch, level_elements(plan, h), number(plan));
        failed |= !walk->level[h];
    }
    const size_t weights = ((size_t)walk->span + 1) * (size_t)n_weights;
    walk->lane_weight = syi_arena_take(scratch, weights, SYI_LANES * sizeof(double));
    return failed || !walk->lane_weight ? -1 : 0;
}

size_t syi_subsets_room(const syi_game *game)
{
    syi_tree_plan plan;
    size_t most = 0;
    for (int jobs = 0; jobs <= 1; jobs++) {
        syi_tree_plan_order(&plan, game, jobs);
        const size_t bytes = syi_tree_plan_room(&plan) + syi_tree_walk_room(&plan, jobs ? 2 : 0);
        if (bytes > most) most = bytes;
    }
    return most;
}
