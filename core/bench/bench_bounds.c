/* Lowest and highest of all players by leaf tables, beside the tree alone and
 * beside the bare work: filling the tables and reading each once a player at
 * the speed of the second-level cache. Stated limits: 5 ms for 20 players and
 * 150 ms for 25 beyond the tree, on one core with AVX-512.
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "shares/bounds_internal.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST = 25, ORDER = MOST + 1 };

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef struct {
    syi_game game;
    int columns[MOST], stride[MOST];
    double floor_[MOST], weight[MOST + 1];
    syi_dd matrix[ORDER * ORDER];
} task;

/* r_ij = 0.5^|i-j|, the outcome correlated 0.3 to 0.1. */
static void set_up(task *t, int p)
{
    const int n = p + 1;
    memset(t, 0, sizeof *t);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            const int least = i < j ? i : j, most = i < j ? j : i;
            t->matrix[i * n + j] = syi_dd_of(i == j ? 1 : most == p ? 0.3 / (1 + 0.1 * least) : ldexp(1, least - most));
        }
    for (int i = 0; i < p; i++) t->columns[i] = t->stride[i] = 1, t->floor_[i] = 1e-26;
    for (int i = 0; i <= p; i++) t->weight[i] = 1.0 / (1 + i);
    t->game = (syi_game){p, t->columns, t->stride, n, t->matrix, t->floor_, 0};
}

/* Seconds of filling as many tables as the walks do, and of one sum over every
 * table's entries a player. */
static void bare(const task *t, int simd, double *fill, double *read)
{
    const int p = t->game.n_players, leaf = SYI_LEAF_PLAYERS;
    const size_t entries = (size_t)1 << leaf;
    task small;
    syi_arena arena = {0};
    double *table = malloc(entries * sizeof *table);
    set_up(&small, leaf);
    if (!table || syi_arena_init(&arena, syi_subsets_room(&small.game))) exit(1);
    *fill = *read = 1e9;
    for (int rep = 0; rep < 200; rep++) {
        double start = now(CLOCK_THREAD_CPUTIME_ID);
        syi_subsets_table(simd, &small.game, &arena, table);
        *fill = fmin(*fill, now(CLOCK_THREAD_CPUTIME_ID) - start);
        start = now(CLOCK_THREAD_CPUTIME_ID);
        double sum[8] = {0};
        for (size_t s = 0; s < entries; s += 8)
            for (int l = 0; l < 8; l++) sum[l] += table[s + (size_t)l];
        volatile double keep = sum[0] + sum[1] + sum[2] + sum[3] + sum[4] + sum[5] + sum[6] + sum[7];
        (void)keep;
        *read = fmin(*read, now(CLOCK_THREAD_CPUTIME_ID) - start);
    }
    const double tables = ldexp(1, p - leaf);
    *fill *= tables * ((p + leaf - 1) / leaf);
    *read *= tables * p;
    syi_arena_free(&arena);
    free(table);
}

static int time_all(int p, int simd, double limit, int reps)
{
    static task t;
    sy_context ctx;
    double tree = 1e9, alone = 1e9, two = 1e9, fill, read, sums[MOST + 1], lowest[MOST], highest[MOST];
    const double *weight[] = {t.weight};
    syi_arena arena = {0};
    sy_context_init(&ctx);
    ctx.simd = simd;
    set_up(&t, p);
    if (syi_arena_init(&arena, syi_subsets_room(&t.game))) return 1;
    bare(&t, simd, &fill, &read);
    for (int rep = 0; rep < reps; rep++) {
        double start = now(CLOCK_THREAD_CPUTIME_ID);
        syi_subsets_sums(simd, &t.game, &arena, 1, weight, sums);
        tree = fmin(tree, now(CLOCK_THREAD_CPUTIME_ID) - start);
        start = now(CLOCK_THREAD_CPUTIME_ID);
        ctx.threads = 1;
        if (syi_bounds_of_game(&ctx, &t.game, p, SYI_LEAF_PLAYERS, lowest, highest)) return 1;
        alone = fmin(alone, now(CLOCK_THREAD_CPUTIME_ID) - start);
        start = now(CLOCK_MONOTONIC);
        ctx.threads = 2;
        if (syi_bounds_of_game(&ctx, &t.game, p, SYI_LEAF_PLAYERS, lowest, highest)) return 1;
        two = fmin(two, now(CLOCK_MONOTONIC) - start);
    }
    printf(
        "%d players, %s: bounds %8.3f ms (2 threads %8.3f), limit %5.1f; tables alone %8.3f, reading them %8.3f, the "
        "tree %8.3f; %4.2f x bare; expected %8.3f\n",
        p,
        simd == SYI_AVX512 ? "AVX-512"
        : simd == SYI_AVX2 ? "AVX2"
                           : "baseline",
        alone * 1e3, two * 1e3, limit * 1e3, fill * 1e3, read * 1e3, tree * 1e3, alone / (fill + read),
        syi_bounds_seconds(&t.game, p, SYI_LEAF_PLAYERS) * 1e3);
    syi_arena_free(&arena);
    sy_context_free(&ctx);
    return 0;
}

int main(void)
{
    const int widest = syi_simd_widest(), least = widest < SYI_AVX2 ? widest : SYI_AVX2;
    int failed = 0;
    for (int simd = widest; simd >= least; simd--)
        failed |= time_all(20, simd, 0.005, 30) || time_all(25, simd, 0.150, 3);
    return failed;
}
