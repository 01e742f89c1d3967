/* Lowest and highest where the table of all submodels would be too large.
 *
 * A player's increments v(S + j) - v(S) need both submodels at hand. The players
 * are parted: up to 15 stand in a leaf, the others in the head. Each of the
 * head's submodels H is reached by elimination, one step of it shared by all
 * that lie below; the table of v(H + T) for the leaf's submodels T is filled by
 * the subset tree, and the increments of every leaf player looked through.
 * All S without j are met, since H and T run through everything. A few such
 * walks, one for each 15 players, put every player into a leaf once.
 *
 * The head is eliminated in double-double with the guard of the tree, so that
 * an aliased column is passed over in the submodels where it adds nothing; the
 * tables as the game says. A table holds v less v(H), which increments do not
 * see.
 *
 * Cost: 2^(players - 15) tables for each walk, each the tree over 2^15 and 2^14
 * increments a player; memory one table of 256 kB a thread.
 *
 * Furnival & Wilson 1974, doi:10.2307/1267601 (elimination shared by submodels).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/sweep_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "shares/bounds_internal.h"
#include <math.h>
#include <string.h>

enum {
    TABLES_A_JOB = 3, /* log2 */
    PIECE = 11        /* log2 of the entries that stay in the first-level cache for several players */
};

/* One walk: places in its order, the head first. Own players looked at are the
 * first of the leaf. */
typedef struct {
    const syi_game *game;
    int n_head, n_leaf, n_looked, n_fixed; /* n_fixed: head players that the job's number decides */
    int player[SYI_EXACT_PLAYERS], columns[SYI_EXACT_PLAYERS];
    int simd;
    syi_dd *matrix;     /* [order * order] in the walk's order */
    double *floor_;     /* [order - 1] */
    syi_arena *scratch; /* [workers] */
    double *found;      /* [jobs][2 * n_looked] least and greatest of each job */
} bounds_walk;

typedef struct {
    const bounds_walk *walk;
    syi_arena *scratch;
    double *table, *found;
    size_t job;
    int stopped;
} visitor;

/* Own players `first` and on go to the leaf, then the narrowest of the others;
 * what is left is the head, the widest first. */
static void part_players(bounds_walk *w, int n_own, int first, int leaf)
{
    const syi_game *game = w->game;
    const int n = game->n_players, from = n - n_own + first;
    int in_leaf[SYI_EXACT_PLAYERS] = {0}, most = 0;
    w->n_leaf = n < leaf ? n : leaf;
    w->n_looked = n_own - first < w->n_leaf ? n_own - first : w->n_leaf;
    w->n_head = n - w->n_leaf;
    for (int i = 0; i < w->n_looked; i++) in_leaf[w->player[w->n_head + i] = from + i] = 1;
    for (int i = w->n_looked; i < w->n_leaf; i++) {
        int best = -1;
        for (int p = 0; p < n; p++)
            if (!in_leaf[p] && (best < 0 || game->columns[p] < game->columns[best])) best = p;
        in_leaf[w->player[w->n_head + i] = best] = 1;
    }
    for (int p = 0; p < n; p++)
        if (game->columns[p] > most) most = game->columns[p];
    for (int wide = most, at = 0; wide > 0; wide--)
        for (int p = 0; p < n; p++)
            if (!in_leaf[p] && game->columns[p] == wide) w->player[at++] = p;
    for (int i = 0; i < n; i++) w->columns[i] = game->columns[w->player[i]];
    w->n_fixed = w->n_head > TABLES_A_JOB ? w->n_head - TABLES_A_JOB : 0;
}

/* The game of the leaf with everything before it gone; matrix of order m. */
static syi_game leaf_game(const bounds_walk *w, int m, const syi_dd *matrix)
{
    return (syi_game){.n_players = w->n_leaf,
                      .columns = w->columns + w->n_head,
                      .stride = w->columns + w->n_head, /* not read for a table */
                      .order = m,
                      .matrix = matrix,
                      .floor_ = w->floor_ ? w->floor_ + (w->game->order - m) : NULL,
                      .guarded = w->game->guarded};
}

static int leaf_order(const bounds_walk *w)
{
    int m = w->game->order;
    for (int i = 0; i < w->n_head; i++) m -= w->columns[i];
    return m;
}

static double walk_seconds(const bounds_walk *w)
{
    const syi_game leaf = leaf_game(w, leaf_order(w), NULL);
    const double order = w->game->order, entries = (double)((size_t)1 << w->n_leaf);
    const double table = syi_subsets_seconds(&leaf) + 2e-10 * entries * w->n_looked + 4e-9 * order * order;
    return table * (double)((size_t)1 << w->n_head);
}

double syi_bounds_seconds(const syi_game *game, int n_own, int leaf)
{
    double seconds = 0;
    for (int first = 0; first < n_own; first += leaf) {
        bounds_walk w = {.game = game};
        part_players(&w, n_own, first, leaf);
        seconds += walk_seconds(&w);
    }
    return seconds;
}

/* Bytes for one worker: two matrices a head player on the way down. */
static size_t worker_room(const bounds_walk *w)
{
    const size_t order = (size_t)w->game->order;
    const syi_game leaf = leaf_game(w, leaf_order(w), NULL);
    return (2 * (size_t)w->n_head + 1) *
               (syi_arena_room(order * order, sizeof(syi_dd)) + syi_arena_room(order, sizeof(int))) +
           syi_arena_room((size_t)1 << w->n_leaf, sizeof(double)) + syi_subsets_room(&leaf);
}

static void gather(bounds_walk *w, int *column)
{
    const syi_game *game = w->game;
    const int n = game->order;
    int first[SYI_EXACT_PLAYERS], at = 0;
    for (int p = 0, c = 0; p < game->n_players; c += game->columns[p++]) first[p] = c;
    for (int i = 0; i < game->n_players; i++)
        for (int c = 0; c < w->columns[i]; c++) column[at++] = first[w->player[i]] + c;
    column[at] = n - 1;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) w->matrix[i * n + j] = game->matrix[column[i] * n + column[j]];
    for (int i = 0; i < n - 1; i++) w->floor_[i] = game->floor_[column[i]];
}

/* The last m - skip rows and columns of a [m * m]. */
static syi_dd *rest_of(const visitor *v, int m, int skip, const syi_dd *a)
{
    const int left = m - skip;
    syi_dd *b = syi_arena_take(v->scratch, (size_t)(left * left), sizeof *b);
    for (int i = 0; i < left; i++)
        memcpy(b + (ptrdiff_t)i * left, a + (ptrdiff_t)(i + skip) * m + skip, (size_t)left * sizeof *b);
    return b;
}

/* a [m * m] with the columns of head player `at` taken in and left behind. */
static syi_dd *taken_in(const visitor *v, int at, int m, const syi_dd *a)
{
    const bounds_walk *w = v->walk;
    syi_dd *b = rest_of(v, m, 0, a);
    int *in = syi_arena_take(v->scratch, (size_t)m, sizeof *in);
    memset(in, 0, (size_t)m * sizeof *in);
    for (int c = 0; c < w->columns[at]; c++) syi_sweep_in(m, b, in, c, w->floor_[w->game->order - m + c]);
    return rest_of(v, m, w->columns[at], b);
}

static void look_through(visitor *v, int m, const syi_dd *a)
{
    const bounds_walk *w = v->walk;
    const syi_game leaf = leaf_game(w, m, a);
    syi_subsets_table(w->simd, &leaf, v->scratch, v->table);
    const int near = w->n_leaf < PIECE ? w->n_leaf : PIECE;
    for (size_t at = 0; at < (size_t)1 << w->n_leaf; at += (size_t)1 << near)
        for (int t = 0; t < w->n_looked && t < near; t++)
            syi_extremes(w->simd, near, t, v->table + at, &v->found[2 * t], &v->found[2 * t + 1]);
    for (int t = near; t < w->n_looked; t++)
        syi_extremes(w->simd, w->n_leaf, t, v->table, &v->found[2 * t], &v->found[2 * t + 1]);
    v->stopped = syi_parallel_stopped();
}

/* a [m * m]: the columns of head player `at` and later, given those before. */
static void visit(visitor *v, int at, int m, const syi_dd *a)
{
    const bounds_walk *w = v->walk;
    if (at == w->n_head) {
        look_through(v, m, a);
        return;
    }
    const int columns = w->columns[at], decided = at < w->n_fixed, in = decided && (v->job >> at & 1);
    const syi_arena mark = *v->scratch;
    if (!in) visit(v, at + 1, m - columns, rest_of(v, m, columns, a));
    *v->scratch = mark;
    if ((in || !decided) && !v->stopped) visit(v, at + 1, m - columns, taken_in(v, at, m, a));
    *v->scratch = mark;
}

static void work_on_job(void *arg, int worker, size_t job)
{
    const bounds_walk *w = arg;
    const syi_arena mark = w->scratch[worker];
    visitor v = {.walk = w, .scratch = &w->scratch[worker], .job = job};
    v.found = w->found + job * 2 * (size_t)w->n_looked;
    v.table = syi_arena_take(v.scratch, (size_t)1 << w->n_leaf, sizeof *v.table);
    for (int t = 0; t < w->n_looked; t++) {
        v.found[2 * t] = INFINITY;
        v.found[2 * t + 1] = -INFINITY;
    }
    visit(&v, 0, w->game->order, w->matrix);
    w->scratch[worker] = mark;
}

/* Adding 0 clears the sign of a zero, which depends on the order of minima. */
static void merge(const bounds_walk *w, size_t jobs, double *lowest, double *highest)
{
    for (int t = 0; t < w->n_looked; t++) {
        lowest[t] = INFINITY;
        highest[t] = -INFINITY;
        for (size_t j = 0; j < jobs; j++) {
            const double *found = w->found + (j * (size_t)w->n_looked + (size_t)t) * 2;
            if (found[0] < lowest[t]) lowest[t] = found[0];
            if (found[1] > highest[t]) highest[t] = found[1];
        }
        lowest[t] += 0.0;
        highest[t] += 0.0;
    }
}

static sy_status run_walk(sy_context *ctx, bounds_walk *w, double *lowest, double *highest)
{
    const size_t order = (size_t)w->game->order, jobs = (size_t)1 << w->n_fixed;
    const double seconds = walk_seconds(w);
    const int workers = syi_parallel_workers(ctx, jobs, seconds);
    sy_status status = SY_ENOMEM;
    int *column = syi_alloc(order, sizeof *column);
    w->matrix = syi_alloc(order * order, sizeof *w->matrix);
    w->floor_ = syi_alloc(order, sizeof *w->floor_);
    w->found = syi_alloc(jobs * 2 * (size_t)w->n_looked, sizeof *w->found);
    w->scratch = syi_alloc((size_t)workers, sizeof *w->scratch);
    if (!column || !w->matrix || !w->floor_ || !w->found || !w->scratch) goto out;
    for (int i = 0; i < workers; i++)
        if (syi_arena_init(&w->scratch[i], worker_room(w))) goto out;
    gather(w, column);
    status = syi_parallel(ctx, jobs, seconds, work_on_job, w);
    if (!status) merge(w, jobs, lowest, highest);
out:
    for (int i = 0; w->scratch && i < workers; i++) syi_arena_free(&w->scratch[i]);
    SYI_FREE(w->scratch);
    SYI_FREE(w->found);
    SYI_FREE(w->floor_);
    SYI_FREE(w->matrix);
    SYI_FREE(column);
    if (status == SY_ENOMEM) return syi_fail(ctx, SY_ENOMEM, "bounds: no room for tables of 2^%d submodels", w->n_leaf);
    return status;
}

sy_status syi_bounds_of_game(sy_context *ctx, const syi_game *game, int n_own, int leaf, double *lowest,
                             double *highest)
{
    sy_status status = SY_OK;
    for (int first = 0; first < n_own && !status; first += leaf) {
        bounds_walk w = {.game = game, .simd = ctx->simd};
        part_players(&w, n_own, first, leaf);
        status = run_walk(ctx, &w, lowest + first, highest + first);
    }
    return status;
}
