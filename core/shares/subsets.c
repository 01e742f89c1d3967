/* The tree that visits all 2^T submodels of T players once.
 *
 * v(S) = a_yy - (a_yy after sweeping in the columns of S). The walk decides one
 * player after another and carries the Schur complement of the undecided
 * columns and the outcome: out is a pointer step, in is one symmetric rank-one
 * update a column. Work halves faster than nodes double, so that T single
 * columns cost about 4 multiply-adds, one division and 5 additions a submodel,
 * and memory T^3 / 6 numbers. Eight submodels go side by side: the lanes of a
 * vector decide three players.
 *
 * Accuracy. Every pivot is at least 1 / VIF_max of the full set, so plain
 * double loses at most about VIF_max roundings; the caller picks it for pivots
 * above 1e-6. The guarded tree works in double-double and passes over a pivot
 * below its column's floor: in that submodel the column adds nothing, and no
 * column is removed beforehand, which would make shares depend on their order.
 *
 * Sums over submodels go by one running sum a height (subsets_walk.h), per job;
 * jobs are added up in their order, compensated: 4096 of them would otherwise
 * cost three digits of the sixteen.
 *
 * Garside 1965 (Applied Statistics 14, 196-200); Furnival 1971,
 * doi:10.1080/00401706.1971.10488794;
 * Furnival & Wilson 1974, doi:10.2307/1267601.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "shares/subsets_plan_internal.h"

enum { JOBS_AT_ONCE = 4096 };

static void run_tree(syi_tree_walk *walk, int simd)
{
    const int widest = syi_simd_widest();
    const int width = simd < widest ? simd : widest;
#ifdef SYI_HAVE_X86
    if (width == SYI_AVX512) {
        syi_tree_avx512(walk);
        return;
    }
    if (width == SYI_AVX2) {
        syi_tree_avx2(walk);
        return;
    }
#endif
    (void)width;
    syi_tree_baseline(walk);
}

/* What player p of the walk adds to the weight index or to the table's. */
static ptrdiff_t stride_at(const syi_tree_walk *walk, int p)
{
    const int player = walk->plan->player[p];
    return walk->n_weights ? walk->plan->game->stride[player] : (ptrdiff_t)1 << player;
}

static void set_places(syi_tree_walk *walk)
{
    const syi_tree_plan *plan = walk->plan;
    walk->start = 0;
    for (int p = 0; p < plan->n_head; p++)
        if (walk->job >> p & 1) walk->start += stride_at(walk, p);
    for (int l = 0; l < SYI_LANES; l++) {
        walk->lane_place[l] = 0;
        for (int k = 0; k < plan->n_lane; k++)
            if (l >> k & 1) walk->lane_place[l] += stride_at(walk, plan->n_head + k);
    }
    for (int h = 1; h <= plan->n_lower; h++) walk->step[h] = stride_at(walk, plan->game->n_players - h) / walk->unit;
}

static double sum_of_lanes(const double *lane, int lane_player)
{
    double s[SYI_LANES];
    for (int l = 0; l < SYI_LANES; l++) s[l] = lane_player < 0 || (l >> lane_player & 1) ? lane[l] : 0;
    return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

void syi_tree_walk_job(syi_tree_walk *walk, int simd, size_t job, double *rows)
{
    const syi_tree_plan *plan = walk->plan;
    const int n = plan->game->n_players;
    walk->job = job;
    set_places(walk);
    run_tree(walk, simd);
    for (int w = 0; w < walk->n_weights; w++) {
        double *row = rows + w * (n + 1);
        const double *all = walk->lane_sum[w][0];
        for (int p = 0; p < n; p++) {
            const int lane_player = p - plan->n_head;
            double s = 0;
            if (p >= n - plan->n_lower) s = sum_of_lanes(walk->lane_sum[w][n - p], -1);
            else if (lane_player >= 0) s = sum_of_lanes(all, lane_player);
            else if (job >> p & 1) s = sum_of_lanes(all, -1);
            row[plan->player[p]] = s;
        }
        row[n] = sum_of_lanes(all, -1);
    }
}

static void add_rows(syi_dd *total, const double *rows, int count)
{
    for (int i = 0; i < count; i++) {
        const syi_dd s = syi_two_sum(total[i].hi, rows[i]);
        total[i] = (syi_dd){s.hi, total[i].lo + s.lo};
    }
}

static void fill(double *to, size_t count, double with)
{
    for (size_t i = 0; i < count; i++) to[i] = with;
}

void syi_subsets_table(int simd, const syi_game *game, syi_arena *scratch, double *table)
{
    syi_tree_plan plan;
    syi_tree_walk walk;
    const size_t mark = scratch->used;
    syi_tree_plan_order(&plan, game, 0);
    if (syi_tree_plan_pack(&plan, scratch) || syi_tree_walk_init(&walk, &plan, 0, NULL, table, scratch))
        fill(table, (size_t)1 << game->n_players, NAN);
    else syi_tree_walk_job(&walk, simd, 0, NULL);
    scratch->used = mark;
}

enum { ROWS = 2 * (SYI_EXACT_PLAYERS + 1) };

void syi_subsets_sums(int simd, const syi_game *game, syi_arena *scratch, int n_weights, const double *const *weight,
                      double *sums)
{
    syi_tree_plan plan;
    syi_tree_walk walk;
    syi_dd total[ROWS] = {{0}};
    double rows[ROWS];
    const int count = n_weights * (game->n_players + 1);
    const size_t mark = scratch->used;
    syi_tree_plan_order(&plan, game, 1);
    if (syi_tree_plan_pack(&plan, scratch) || syi_tree_walk_init(&walk, &plan, n_weights, weight, NULL, scratch)) {
        fill(sums, (size_t)count, NAN);
    } else {
        for (size_t job = 0; job < (size_t)1 << plan.n_head; job++) {
            syi_tree_walk_job(&walk, simd, job, rows);
            add_rows(total, rows, count);
        }
        for (int i = 0; i < count; i++) sums[i] = syi_dd_round(total[i]);
    }
    scratch->used = mark;
}

typedef struct {
    int simd, count;     /* count: sums of one job */
    size_t first;        /* job of this round */
    syi_tree_walk *walk; /* [workers] */
    double *rows;        /* [jobs of a round][count] */
} round_of_jobs;

static void work_on_job(void *arg, int worker, size_t i)
{
    round_of_jobs *round = arg;
    syi_tree_walk_job(&round->walk[worker], round->simd, round->first + i, round->rows + i * (size_t)round->count);
}

/* Progress of a round as a part of all rounds. */
typedef struct {
    sy_progress report;
    void *arg;
    double done, part;
} part_of_progress;

static void report_part(void *arg, double fraction)
{
    const part_of_progress *p = arg;
    if (p->report) p->report(p->arg, p->done + p->part * fraction);
}

static sy_status run_rounds(sy_context *ctx, round_of_jobs *round, const syi_tree_plan *plan, size_t at_once,
                            double seconds, double *sums)
{
    syi_dd total[ROWS] = {{0}};
    const size_t jobs = (size_t)1 << plan->n_head;
    part_of_progress progress = {ctx->progress, ctx->progress_arg, 0, (double)at_once / (double)jobs};
    sy_status status = SY_OK;
    ctx->progress = report_part;
    ctx->progress_arg = &progress;
    for (round->first = 0; round->first < jobs && status >= 0; round->first += at_once) {
        progress.done = (double)round->first / (double)jobs;
        status = syi_parallel(ctx, at_once, seconds, work_on_job, round);
        for (size_t i = 0; i < at_once && status >= 0; i++)
            add_rows(total, round->rows + i * (size_t)round->count, round->count);
    }
    ctx->progress = progress.report;
    ctx->progress_arg = progress.arg;
    for (int i = 0; i < round->count && status >= 0; i++) sums[i] = syi_dd_round(total[i]);
    return status;
}

sy_status syi_subsets_sums_parallel(sy_context *ctx, const syi_game *game, int n_weights, const double *const *weight,
                                    double *sums)
{
    syi_tree_plan plan;
    syi_arena scratch = {0};
    round_of_jobs round = {.simd = ctx->simd, .count = n_weights * (game->n_players + 1)};
    sy_status status = SY_ENOMEM;
    syi_tree_plan_order(&plan, game, 1);
    const size_t jobs = (size_t)1 << plan.n_head, at_once = jobs < JOBS_AT_ONCE ? jobs : JOBS_AT_ONCE;
    const double seconds = syi_subsets_seconds(game) * (double)at_once / (double)jobs;
    const int workers = syi_parallel_workers(ctx, at_once, seconds);
    const size_t room = syi_tree_plan_room(&plan) + (size_t)workers * syi_tree_walk_room(&plan, n_weights) +
                        syi_arena_room((size_t)workers, sizeof *round.walk) +
                        syi_arena_room(at_once * (size_t)round.count, sizeof(double));
    if (syi_arena_init(&scratch, room)) goto out;
    round.walk = syi_arena_take(&scratch, (size_t)workers, sizeof *round.walk);
    round.rows = syi_arena_take(&scratch, at_once * (size_t)round.count, sizeof(double));
    if (!round.walk || !round.rows || syi_tree_plan_pack(&plan, &scratch)) goto out;
    for (int i = 0; i < workers; i++)
        if (syi_tree_walk_init(&round.walk[i], &plan, n_weights, weight, NULL, &scratch)) goto out;
    status = run_rounds(ctx, &round, &plan, at_once, seconds, sums);

out:
    syi_arena_free(&scratch);
    if (status == SY_ENOMEM) return syi_fail(ctx, SY_ENOMEM, "all submodels: no room for %zu bytes of scratch", room);
    return status;
}
