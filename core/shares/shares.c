/* Shares of R2: from sums to the table.
 *
 * The centred cross-products of the columns in use are scaled to unit diagonal
 * and the adjusting columns swept in, all in double-double; what is left is
 * given to one walk over the submodels for the blocks and one for each block of
 * several terms. Every pivot of every submodel is at least 1 / VIF_max of the
 * full set (a column's residual variance can only fall as others enter), so one
 * factorisation decides: VIF_max <= 2e4 and no aliased column, and the plain
 * tree is right to 1e-12 (its error is about 1e-17 VIF_max, up to 4e-17 in
 * 10,000 random problems); otherwise the guarded double-double tree. No column is removed first, which would make
 * shares depend on order. Sums that are plain double themselves, those of
 * replicates, are factored in plain double while VIF_max is a tenth of that.
 *
 * by_chance: the expected R2 of k columns of noise, k (1 - R2) / (n - 1); see
 * Ezekiel 1930, Wherry 1931 (doi:10.1214/aoms/1177732951) for the adjustment.
 *
 * Cost: the walks (see subsets_internal.h), plus (columns)^3 once.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_internal.h"
#include "algebra/sweep_internal.h"
#include "base/status_internal.h"
#include "shares/bounds_internal.h"
#include "shares/plain_model_internal.h"
#include "shares/ranks_internal.h"
#include "shares/sampled_internal.h"
#include "shares/shares_internal.h"
#include "shares/split_internal.h"
#include <math.h>
#include <string.h>

static const double vif_limit = 2e4;

/* Scratch of one evaluation, all of it taken from the arena. */
typedef struct {
    syi_dd *factor;           /* [(p + 1)^2] Cholesky factor of predictors and outcome */
    syi_dd *leading;          /* [p^2] its predictor part */
    syi_dd *work;             /* [p^2] */
    syi_dd *beta;             /* [p] */
    syi_dd *reduced;          /* [(k + 1)^2] block columns and outcome after the adjusting ones */
    syi_dd *swept;            /* [(k + 1)^2] */
    syi_dd *game;             /* [(k + 1)^2] in the order of a walk */
    double *plain;            /* [(p + 1) (p + 2)] for syi_plain_model */
    double *inverse;          /* [p] diagonal of the inverse */
    double *floor_;           /* [p + 1] */
    int *in, *aliased;        /* [p + 1] */
    double *value, *adjusted; /* [2^players] of the widest tabled walk */
    double *weight;           /* [n_index] of the longest summed walk */
    double *sums;             /* [2 * (players + 1)] */
    double *inflation;        /* [k + 1] of adjusted R2 */
} room;

static size_t widest_table(const syi_plan *plan)
{
    size_t most = 0;
    for (int i = 0; i < plan->n_walks; i++)
        if (plan->walk[i].tabled && plan->walk[i].n_index > most) most = plan->walk[i].n_index;
    return most;
}

static size_t longest_index(const syi_plan *plan)
{
    size_t most = 0;
    for (int i = 0; i < plan->n_walks; i++) {
        const syi_walk *walk = plan->walk[i].summed ? plan->walk[i].summed : &plan->walk[i];
        if (!walk->tabled && walk->n_index > most) most = walk->n_index;
    }
    return most;
}

static syi_game game_of(const syi_plan *plan, const syi_walk *walk, int guarded)
{
    return (syi_game){.n_players = walk->n_players,
                      .columns = walk->columns,
                      .stride = walk->stride,
                      .order = plan->k + 1,
                      .guarded = guarded};
}

size_t syi_shares_room(const syi_plan *plan)
{
    const size_t p = (size_t)(plan->n_adjust + plan->k), k1 = (size_t)plan->k + 1, dd = sizeof(syi_dd);
    size_t walks = 0;
    for (int i = 0; i < plan->n_walks; i++) {
        const syi_game plain = game_of(plan, &plan->walk[i], 0), guarded = game_of(plan, &plan->walk[i], 1);
        const size_t a = syi_subsets_room(&plain), b = syi_subsets_room(&guarded);
        if (a > walks) walks = a;
        if (b > walks) walks = b;
    }
    return syi_arena_room((p + 1) * (p + 1), dd) * 2 + syi_arena_room(p * p, dd) * 2 + syi_arena_room(p + 1, dd) +
           syi_arena_room((p + 1) * (p + 2), sizeof(double)) + syi_arena_room(k1 * k1, dd) * 3 +
           syi_arena_room(p + 1, sizeof(double)) * 2 + syi_arena_room(p + 1, sizeof(int)) * 2 +
           syi_arena_room(widest_table(plan), sizeof(double)) * 2 +
           syi_arena_room(longest_index(plan), sizeof(double)) * 2 +
           syi_arena_room(2 * (SYI_EXACT_PLAYERS + 1), sizeof(double)) + syi_arena_room(k1, sizeof(double)) +
           syi_arena_room(2 * syi_packed_length(plan->m->n_columns), sizeof(double)) + walks + syi_sampling_room(plan);
}

double syi_shares_seconds(const syi_plan *plan, int guarded)
{
    const double p = plan->n_adjust + plan->k;
    double seconds = 1e-6 + 1e-8 * p * p * p;
    for (int i = 0; i < plan->n_walks; i++) {
        const syi_game game = game_of(plan, &plan->walk[i], guarded);
        seconds += syi_subsets_seconds(&game);
        if (plan->walk[i].tabled) seconds += 1e-9 * (double)plan->walk[i].n_index * (plan->walk[i].n_own + 2);
    }
    return seconds + syi_sampling_seconds(plan, guarded);
}

static void take_room(const syi_plan *plan, syi_arena *scratch, room *r)
{
    const size_t p = (size_t)(plan->n_adjust + plan->k), k1 = (size_t)plan->k + 1;
    r->factor = syi_arena_take(scratch, (p + 1) * (p + 1), sizeof *r->factor);
    r->leading = syi_arena_take(scratch, p * p, sizeof *r->leading);
    r->work = syi_arena_take(scratch, p * p, sizeof *r->work);
    r->beta = syi_arena_take(scratch, p + 1, sizeof *r->beta);
    r->reduced = syi_arena_take(scratch, k1 * k1, sizeof *r->reduced);
    r->swept = syi_arena_take(scratch, k1 * k1, sizeof *r->swept);
    r->game = syi_arena_take(scratch, k1 * k1, sizeof *r->game);
    r->plain = syi_arena_take(scratch, (p + 1) * (p + 2), sizeof *r->plain);
    r->inverse = syi_arena_take(scratch, p + 1, sizeof *r->inverse);
    r->floor_ = syi_arena_take(scratch, p + 1, sizeof *r->floor_);
    r->in = syi_arena_take(scratch, p + 1, sizeof *r->in);
    r->aliased = syi_arena_take(scratch, p + 1, sizeof *r->aliased);
    r->value = syi_arena_take(scratch, widest_table(plan), sizeof *r->value);
    r->adjusted = syi_arena_take(scratch, widest_table(plan), sizeof *r->adjusted);
    r->weight = syi_arena_take(scratch, longest_index(plan), sizeof *r->weight);
    r->inflation = syi_arena_take(scratch, k1, sizeof *r->inflation);
    r->sums = syi_arena_take(scratch, 2 * (SYI_EXACT_PLAYERS + 1), sizeof *r->sums);
}

/* To unit diagonal; a column without spread becomes zero. */
static void scale(int order, syi_dd *a, syi_dd *root)
{
    for (int i = 0; i < order; i++) {
        const syi_dd d = a[i * order + i];
        root[i] = d.hi > 0 ? syi_dd_div(syi_dd_of(1), syi_dd_sqrt(d)) : syi_dd_of(0);
    }
    for (int i = 0; i < order; i++)
        for (int j = i; j < order; j++) {
            const int unit = i == j && root[i].hi > 0;
            const syi_dd scaled = syi_dd_mul(syi_dd_mul(a[i * order + j], root[i]), root[j]);
            a[i * order + j] = a[j * order + i] = unit ? syi_dd_of(1) : scaled;
        }
}

/* What rounding of the data can leave of a column that is a combination of
 * others: the noise of any of them, so the largest, times their number. */
static void set_floors(const syi_plan *plan, const syi_dd *a, room *r)
{
    const int p = plan->n_adjust + plan->k;
    double worst = 0;
    for (int i = 0; i < p; i++)
        if (a[i * (p + 1) + i].hi > 0 && plan->floor_[i] > worst) worst = plan->floor_[i];
    for (int i = 0; i < p; i++) r->floor_[i] = worst * (p + 1);
    r->floor_[p] = 0;
}

/* What absorbed clusters cost beyond the one column that stands for them, which
 * is aliased when the outcome has one mean in all of them. */
static double indicators(const syi_plan *plan, const room *r, const sy_shares_summary *s)
{
    return plan->absorb ? s->clusters - 2 + r->aliased[0] : 0;
}

/* Rank, variance inflation and digits, once the inverse's diagonal is there. */
static void set_digits(const syi_plan *plan, const room *r, int rank, sy_shares_summary *s)
{
    const int p = plan->n_adjust + plan->k;
    s->vif_max = 1;
    for (int i = 0; i < p; i++)
        if (!r->aliased[i] && r->inverse[i] > s->vif_max) s->vif_max = r->inverse[i];
    s->n_columns = rank;
    s->df_resid = s->n - 1 - rank - indicators(plan, r, s);
    s->guarded = s->vif_max > vif_limit || rank < p;
    const double unit = s->guarded ? fmax(0x1p-104, r->floor_[0]) : 4e-17;
    s->digits = -log10(fmax(0x1p-53, unit * s->vif_max));
}

/* The same by syi_plain_model, where sums are plain double and every pivot is far
 * from the guard and from its floor; 0: not so, and nothing is done. */
static int whole_plain_model(const syi_plan *plan, syi_dd *a, room *r, sy_shares_summary *s)
{
    const int p = plan->n_adjust + plan->k;
    const double vif_most = vif_limit / 10;
    double left;
    if (!(r->floor_[0] * vif_most < 0.1)) return 0;
    if (!syi_plain_model(p + 1, vif_most, a, r->plain, r->inverse, r->beta, &left)) return 0;
    memset(r->aliased, 0, (size_t)(p + 1) * sizeof *r->aliased);
    s->total = 1 - left;
    set_digits(plan, r, p, s);
    return 1;
}

/* The whole model at once, of columns scaled first: R2, rank, variance inflation,
 * digits. */
static void whole_model(const syi_plan *plan, syi_dd *a, room *r, sy_shares_summary *s)
{
    const int p = plan->n_adjust + plan->k, order = p + 1;
    scale(order, a, r->beta);
    memcpy(r->factor, a, (size_t)order * (size_t)order * sizeof *a);
    syi_cholesky(order, r->factor, r->floor_, r->aliased);
    const syi_dd left = r->factor[p * order + p];
    s->total = 1 - syi_dd_round(syi_dd_mul(left, left));
    int rank = 0;
    for (int i = 0; i < p; i++) {
        rank += !r->aliased[i];
        for (int j = 0; j < p; j++) r->leading[i * p + j] = r->factor[i * order + j];
    }
    syi_cholesky_inverse_diagonal(p, r->leading, r->aliased, r->work, r->inverse);
    for (int i = 0; i < p; i++) r->beta[i] = a[i * order + p];
    syi_cholesky_solve(p, r->leading, r->aliased, r->beta);
    set_digits(plan, r, rank, s);
}

/* Returns the rank of the adjusting columns. */
static int adjust_out(const syi_plan *plan, syi_dd *a, room *r, sy_shares_summary *s)
{
    const int order = plan->n_adjust + plan->k + 1, k1 = plan->k + 1;
    int rank = 0;
    memset(r->in, 0, (size_t)order * sizeof *r->in);
    for (int i = 0; i < plan->n_adjust; i++) rank += syi_sweep_in(order, a, r->in, i, r->floor_[i]);
    s->r2_adjust = plan->n_adjust ? 1 - syi_dd_round(a[order * order - 1]) : 0;
    for (int i = 0; i < k1; i++)
        for (int j = 0; j < k1; j++) r->reduced[i * k1 + j] = a[(plan->n_adjust + i) * order + plan->n_adjust + j];
    return rank;
}

/* v of the block columns first .. first + count - 1, or of all others. */
static double explained_by(const syi_plan *plan, room *r, int first, int count, int others)
{
    const int k1 = plan->k + 1;
    memcpy(r->swept, r->reduced, (size_t)k1 * (size_t)k1 * sizeof *r->swept);
    memset(r->in, 0, (size_t)k1 * sizeof *r->in);
    for (int i = 0; i < plan->k; i++)
        if ((i >= first && i < first + count) != others)
            syi_sweep_in(k1, r->swept, r->in, i, r->floor_[plan->n_adjust + i]);
    return syi_dd_round(syi_dd_sub(r->reduced[k1 * k1 - 1], r->swept[k1 * k1 - 1]));
}

/* alone and unique of a row whose walk keeps no table. For one column unique
 * is beta^2 / (the inverse's diagonal), which is at hand. */
static void alone_and_unique(const syi_plan *plan, int row, room *r, const sy_shares_summary *s, double *values)
{
    const int first = plan->row_first[row], count = plan->row_columns[row], at = plan->n_adjust + first;
    const syi_dd *reduced = r->reduced + (ptrdiff_t)first * (plan->k + 1);
    if (count == 1 && reduced[first].hi >= r->floor_[0] && reduced[first].hi > 0)
        values[SY_ALONE] = syi_dd_round(syi_dd_div(syi_dd_mul(reduced[plan->k], reduced[plan->k]), reduced[first]));
    else values[SY_ALONE] = explained_by(plan, r, first, count, 0);
    if (count == 1 && s->n_columns == plan->n_adjust + plan->k) {
        const double beta = syi_dd_round(r->beta[at]);
        values[SY_UNIQUE] = beta * beta / r->inverse[at];
    } else values[SY_UNIQUE] = s->total - explained_by(plan, r, first, count, 1);
}

static syi_outcome walk_sums(sy_context *ctx, int simd, const syi_walk *walk, const syi_game *game,
                             const syi_whole *whole, syi_arena *scratch, room *r, double *table)
{
    const double *weights[2] = {walk->weight, r->weight};
    for (size_t i = 0; i < walk->n_index; i++) {
        const double left = whole->n - 1 - whole->n_adjust - walk->k_of[i];
        r->weight[i] = left > 0 ? walk->weight[i] * ((whole->n - 1) / left) : 0;
    }
    if (ctx) {
        const sy_status status = syi_subsets_sums_parallel(ctx, game, 2, weights, r->sums);
        if (status < 0) return status == SY_EINTR ? SYI_STOPPED : SYI_NO_ROOM;
    } else syi_subsets_sums(simd, game, scratch, 2, weights, r->sums);
    syi_split_sums(walk, whole, r->sums, r->weight, scratch, table);
    return SYI_EVALUATED;
}

/* Lowest and highest of a walk that keeps no table. */
static syi_outcome walk_bounds(sy_context *ctx, const syi_walk *walk, const syi_game *game, room *r, double *table)
{
    double *lowest = r->sums, *highest = r->sums + walk->n_own;
    const sy_status status = syi_bounds_of_game(ctx, game, walk->n_own, SYI_LEAF_PLAYERS, lowest, highest);
    if (status < 0) return status == SY_EINTR ? SYI_STOPPED : SYI_NO_ROOM;
    for (int t = 0; t < walk->n_own; t++) {
        double *row = table + (walk->row + t) * SY_N_METRICS;
        row[SY_LOWEST] = lowest[t];
        row[SY_HIGHEST] = highest[t];
    }
    return SYI_EVALUATED;
}

static syi_outcome run_walk(sy_context *ctx, int simd, const syi_plan *plan, const syi_walk *walk, syi_whole *whole,
                            syi_arena *scratch, room *r, const sy_shares_summary *s, double *table)
{
    const int k = plan->k, k1 = k + 1;
    if (walk->summed && !whole->bounds && !plan->by_rank) walk = walk->summed;
    const syi_arena mark = *scratch;
    syi_game game = game_of(plan, walk, whole->guarded);
    for (int i = 0; i < k1; i++)
        for (int j = 0; j < k1; j++)
            r->game[i * k1 + j] = r->reduced[(i < k ? walk->source[i] : k) * k1 + (j < k ? walk->source[j] : k)];
    game.matrix = r->game;
    game.floor_ = r->floor_; /* one value for all columns */
    whole->group_share = walk->group < 0 ? s->total : table[walk->group * SY_N_METRICS + SY_SHARE];
    whole->group_adjusted = walk->group < 0 ? s->total_adjusted : table[walk->group * SY_N_METRICS + SY_ADJUSTED];
    syi_outcome outcome = SYI_EVALUATED;
    if (walk->tabled) {
        syi_subsets_table(simd, &game, scratch, r->value);
        syi_split_table(simd, walk, whole, r->value, r->adjusted, table);
    } else {
        outcome = walk_sums(ctx, simd, walk, &game, whole, scratch, r, table);
        for (int t = 0; t < walk->n_own; t++)
            alone_and_unique(plan, walk->row + t, r, s, table + (walk->row + t) * SY_N_METRICS);
        if (ctx && outcome == SYI_EVALUATED && whole->bounds == SYI_BOUNDS_ALL)
            outcome = walk_bounds(ctx, walk, &game, r, table);
    }
    *scratch = mark;
    return outcome;
}

/* Columns that follow from the others, and blocks of one term, which are that
 * term. */
static void finish_rows(const syi_plan *plan, const sy_shares_summary *s, double *table)
{
    const double noise = 1 - s->total - s->r2_adjust;
    for (int b = 0; b < plan->n_blocks; b++)
        if (plan->block_first[b + 1] - plan->block_first[b] == 1)
            memcpy(table + (plan->n_blocks + plan->block_first[b]) * SY_N_METRICS, table + b * SY_N_METRICS,
                   SY_N_METRICS * sizeof *table);
    for (int i = 0; i < plan->n_rows; i++) {
        double *row = table + i * SY_N_METRICS;
        const double units = plan->row_units[i] > 0 ? plan->row_units[i] : s->n_effective;
        row[SY_COMMON] = row[SY_ALONE] - row[SY_UNIQUE];
        row[SY_PERCENT] = s->total > 0 ? 100 * row[SY_SHARE] / s->total : NAN;
        const double columns = plan->sampling ? row[SY_BY_CHANCE] : plan->row_rank[i];
        row[SY_BY_CHANCE] = columns * noise / (units - 1);
        if (!plan->ranked) row[SY_ADJUSTED] = row[SY_BY_CHANCE] = NAN;
    }
}

static void adjusted_totals(const syi_plan *plan, sy_shares_summary *s, const room *r, syi_whole *whole)
{
    for (int k = 0; k <= plan->k; k++) {
        const double rest = s->n - 1 - whole->n_adjust - k;
        r->inflation[k] = rest > 0 ? (s->n - 1) / rest : NAN;
    }
    whole->inflation = r->inflation;
    const double left_base = s->n - 1 - whole->n_adjust, left = s->df_resid;
    whole->adjusted_base = left_base > 0 ? 1 - (1 - s->r2_adjust) * ((s->n - 1) / left_base) : NAN;
    s->total_adjusted = left > 0 ? 1 - (1 - s->r2_adjust - s->total) * ((s->n - 1) / left) - whole->adjusted_base : NAN;
}

syi_outcome syi_shares_of_matrix(sy_context *ctx, int simd, const syi_plan *plan, syi_dd *centred,
                                 const syi_wanted *wanted, syi_arena *scratch, sy_shares_summary *summary,
                                 double *table, int *aliased)
{
    const int p = plan->n_adjust + plan->k;
    const syi_arena mark = *scratch;
    sy_shares_summary s = {.n = summary->n,
                           .n_effective = summary->n_effective,
                           .clusters = summary->clusters,
                           .submodels = plan->submodels};
    room r;
    syi_outcome outcome = SYI_EVALUATED;
    for (int i = 0; i < plan->n_rows * SY_N_METRICS; i++) table[i] = NAN;
    if (!(centred[(p + 1) * (p + 1) - 1].hi > 0)) return SYI_CONSTANT_OUTCOME;
    take_room(plan, scratch, &r);
    set_floors(plan, centred, &r);
    if (!wanted->plain || !whole_plain_model(plan, centred, &r, &s)) whole_model(plan, centred, &r, &s);
    if (aliased) memcpy(aliased, r.aliased, (size_t)p * sizeof *aliased);
    if (s.df_resid < 1) outcome = SYI_TOO_FEW_ROWS;
    if (outcome == SYI_EVALUATED) {
        const double rank_adjust = adjust_out(plan, centred, &r, &s) + indicators(plan, &r, &s);
        s.total -= s.r2_adjust;
        s.guarded |= wanted->guarded;
        syi_whole whole = {.r2_adjust = s.r2_adjust,
                           .n = s.n,
                           .n_adjust = rank_adjust,
                           .bounds = wanted->bounds,
                           .guarded = s.guarded};
        adjusted_totals(plan, &s, &r, &whole);
        for (int i = 0; i < plan->n_walks && outcome == SYI_EVALUATED; i++) {
            outcome = run_walk(ctx, simd, plan, &plan->walk[i], &whole, scratch, &r, &s, table);
            if (i == 0 && wanted->values)
                memcpy(wanted->values, r.value, plan->walk[0].n_index * sizeof *wanted->values);
        }
        if (plan->sampling && outcome == SYI_EVALUATED)
            outcome = syi_sampling_rows(ctx, simd, plan, &whole, r.reduced, r.floor_[0], scratch, &s, table);
        finish_rows(plan, &s, table);
    }
    *scratch = mark;
    *summary = s;
    return outcome;
}

/* A column whose spread is no more than the rounding of its own sums has none. */
static void clear_constant_columns(const syi_plan *plan, const syi_sums *sums, int order, syi_dd *a)
{
    const sy_moments *m = plan->m;
    const double rounding = m->twofold ? 0x1p-96 : 0x1p-46;
    for (int i = 0; i < order; i++) {
        const double about_shift = sums->hi[syi_packed_at(m->n_columns, plan->column[i] + 1, plan->column[i] + 1)];
        if (a[i * order + i].hi > rounding * about_shift) continue;
        for (int j = 0; j < order; j++) a[i * order + j] = a[j * order + i] = syi_dd_of(0);
    }
}

static double clusters_in(const syi_plan *plan, const syi_sums *sums)
{
    const int at = plan->cluster_column + 1;
    return sums->hi[syi_packed_at(plan->m->n_columns, at, at)];
}

syi_outcome syi_shares_evaluate(sy_context *ctx, int simd, const syi_plan *plan, const syi_sums *sums,
                                const syi_wanted *wanted, syi_arena *scratch, sy_shares_summary *summary, double *table,
                                int *aliased)
{
    const int order = plan->n_adjust + plan->k + 1;
    const syi_arena mark = *scratch;
    syi_dd *centred = syi_arena_take(scratch, (size_t)order * (size_t)order, sizeof *centred);
    syi_moments_centred(plan->m, sums, order, plan->column, centred);
    clear_constant_columns(plan, sums, order, centred);
    summary->n = sums->n;
    summary->n_effective = sums->n;
    summary->clusters = plan->absorb ? clusters_in(plan, sums) : 0;
    if (plan->m->weight_kind == SY_WEIGHT_ANALYTIC || plan->m->weight_kind == SY_WEIGHT_SAMPLING)
        summary->n_effective = sums->hi[0] * sums->hi[0] / sums->sum_w2;
    const syi_outcome outcome =
        syi_shares_of_matrix(ctx, simd, plan, centred, wanted, scratch, summary, table, aliased);
    *scratch = mark;
    return outcome;
}

sy_status syi_shares_settle(sy_context *ctx, syi_plan *plan, const syi_sums *total)
{
    const int order = plan->n_adjust + plan->k + 1;
    const size_t square = (size_t)order * (size_t)order;
    syi_arena scratch = {0};
    if (syi_arena_init(&scratch, syi_shares_room(plan) + syi_ranks_room(plan) + syi_arena_room(square, sizeof(syi_dd))))
        return syi_fail(ctx, SY_ENOMEM, "blocks: no room for the ranks of %d columns", plan->k);
    syi_dd *centred = syi_arena_take(&scratch, square, sizeof *centred);
    sy_shares_summary s = {0};
    room r;
    take_room(plan, &scratch, &r);
    syi_moments_centred(plan->m, total, order, plan->column, centred);
    clear_constant_columns(plan, total, order, centred);
    scale(order, centred, r.beta);
    set_floors(plan, centred, &r);
    memcpy(r.factor, centred, square * sizeof *centred);
    const int rank = syi_cholesky(order, r.factor, r.floor_, r.aliased) - !r.aliased[order - 1];
    if (rank < order - 1) {
        adjust_out(plan, centred, &r, &s);
        plan->by_rank = 1;
        for (int i = 0; i < plan->n_walks; i++) {
            plan->ranked = plan->ranked && plan->walk[i].tabled;
            if (!plan->walk[i].tabled) continue;
            syi_ranks_fill(&plan->walk[i], plan->k, r.reduced, r.floor_[0], &scratch);
            syi_split_rank(&plan->walk[i], plan->row_rank);
        }
        for (int b = 0; b < plan->n_blocks; b++)
            if (plan->block_first[b + 1] - plan->block_first[b] == 1)
                plan->row_rank[plan->n_blocks + plan->block_first[b]] = plan->row_rank[b];
    }
    syi_arena_free(&scratch);
    return SY_OK;
}
