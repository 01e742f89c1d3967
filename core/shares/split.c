/* From the R2 of all submodels to the rows of the table.
 *
 * Shapley value of player j among b players [Shapley 1953]:
 *   phi_j = sum over S without j of f(|S|; b) (v(S + j) - v(S)),  f(s; b) = s! (b - 1 - s)! / b!
 * For R2 and single columns it is LMG, the average over all orders of entry
 * [Lindeman, Merenda & Gold 1980; Groemping 2007, doi:10.1198/000313007X188252].
 * Owen value of a term in a block [Owen 1977, doi:10.1007/978-3-642-45494-3_7;
 * Huettner & Sunder 2012, doi:10.1214/12-EJS710]: the other B - 1 blocks come whole,
 *   phi_j = sum over R, S without j of f(|R|; B) f(|S|; b) (v(R + S + j) - v(R + S)),
 * so the terms' values add up to the block's.
 *
 * Adjusted shares are the same values of adjusted R2,
 *   v_adj(S) = 1 - (1 - R2(S)) a(k_S) - base,  a(k) = (n - 1) / (n - 1 - k_adjust - k).
 *
 * Past SYI_TABLE_PLAYERS no table is kept: with c(S) = f(..s-1) + f(..s),
 *   phi_j = sum over S with j of c(S) v(S) - constant,
 * and the constant follows from what the own players must add up to.
 *
 * Cost: players 2^players from a table; players^2 n_index from sums.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "shares/order_weights_internal.h"
#include "shares/split_internal.h"
#include <math.h>

/* f(0..players - 1; players); f[players] = 0. */
static void shapley_weights(int players, double *f)
{
    f[0] = 1.0 / players;
    for (int s = 1; s < players; s++) f[s] = f[s - 1] * s / (players - s);
    f[players] = 0;
}

static int all_single(const syi_walk *w)
{
    for (int i = 0; i < w->n_players; i++)
        if (w->columns[i] != 1) return 0;
    return 1;
}

static int weights_of_table(syi_walk *w, const double *others, const double *own)
{
    const int n_others = w->n_players - w->n_own;
    w->n_index = (size_t)1 << w->n_players;
    w->weight = syi_alloc(w->n_index, sizeof *w->weight);
    w->k_of = syi_alloc(w->n_index, sizeof *w->k_of);
    if (!w->weight || !w->k_of) return -1;
    /* S by its top player: columns, others and own players of S from those of the rest */
    enum { OTHER = 1 << 20, OWN = 1 << 25, COLUMNS = OTHER - 1 };
    for (int top = 0; top < w->n_players; top++) {
        const size_t first = (size_t)1 << top;
        const int more = w->columns[top] + (top < n_others ? OTHER : OWN);
        for (size_t s = first; s < 2 * first; s++) w->k_of[s] = w->k_of[s - first] + more;
    }
    for (size_t s = 0; s < w->n_index; s++) {
        w->weight[s] = others[w->k_of[s] / OTHER % (OWN / OTHER)] * own[w->k_of[s] / OWN];
        w->k_of[s] &= COLUMNS;
    }
    return 0;
}

/* The index of S: others in S + (others + 1) own in S, + ... columns in S
 * where the players differ in width. */
static int weights_of_index(syi_walk *w, const double *others, const double *own)
{
    const int n_others = w->n_players - w->n_own, r_size = n_others + 1, s_size = w->n_own + 1;
    const int single = all_single(w);
    int k = 0;
    for (int i = 0; i < w->n_players; i++) {
        w->stride[i] = (i < n_others ? 1 : r_size) + (single ? 0 : r_size * s_size * w->columns[i]);
        k += w->columns[i];
    }
    w->n_index = (size_t)(r_size * s_size) * (size_t)(single ? 1 : k + 1);
    w->weight = syi_alloc(w->n_index, sizeof *w->weight);
    w->k_of = syi_alloc(w->n_index, sizeof *w->k_of);
    if (!w->weight || !w->k_of) return -1;
    for (size_t i = 0; i < w->n_index; i++) {
        const int r = (int)(i % (size_t)r_size), s = (int)(i / (size_t)r_size % (size_t)s_size);
        w->weight[i] = s ? others[r] * (own[s - 1] + own[s]) : 0;
        w->k_of[i] = single ? r + s : (int)(i / (size_t)(r_size * s_size));
    }
    return 0;
}

int syi_split_weights(syi_walk *walk)
{
    double others[SYI_EXACT_PLAYERS + 2], own[SYI_EXACT_PLAYERS + 2];
    shapley_weights(walk->n_players - walk->n_own + 1, others);
    shapley_weights(walk->n_own, own);
    return walk->tabled ? weights_of_table(walk, others, own) : weights_of_index(walk, others, own);
}

static void adjusted_table(const syi_walk *walk, const syi_whole *whole, const double *value, double *adjusted)
{
    const double left = 1 - whole->r2_adjust, base = 1 - whole->adjusted_base;
    for (size_t s = 0; s < walk->n_index; s++) adjusted[s] = base - (left - value[s]) * whole->inflation[walk->k_of[s]];
}

void syi_split_table(int simd, const syi_walk *walk, const syi_whole *whole, const double *value, double *adjusted,
                     double *table)
{
    const size_t all = walk->n_index - 1;
    syi_increments bound[SYI_TABLE_PLAYERS];
    adjusted_table(walk, whole, value, adjusted);
    const int sparse = syi_orders_sparse(walk);
    if (sparse) syi_orders_increments(walk, value, adjusted, bound);
    for (int t = 0; t < walk->n_own; t++) {
        const int bit = walk->n_players - walk->n_own + t;
        double *row = table + (size_t)(walk->row + t) * SY_N_METRICS;
        const syi_increments d =
            sparse ? bound[t]
                   : syi_increments_of(simd, walk->n_players, bit, walk->weight, walk->after, value, adjusted);
        row[SY_SHARE] = d.share;
        row[SY_ADJUSTED] = d.adjusted;
        row[SY_ALONE] = value[(size_t)1 << bit];
        row[SY_UNIQUE] = value[all] - value[all ^ ((size_t)1 << bit)];
        row[SY_LOWEST] = whole->bounds ? d.lowest : NAN;
        row[SY_HIGHEST] = whole->bounds ? d.highest : NAN;
    }
}

void syi_split_rank(const syi_walk *walk, double *row_rank)
{
    for (int t = 0; t < walk->n_own && !walk->after; t++) {
        const size_t bit = (size_t)1 << (walk->n_players - walk->n_own + t);
        double sum = 0;
        for (size_t s = 0; s < walk->n_index; s++)
            if (!(s & bit)) sum += walk->weight[s] * (walk->k_of[s | bit] - walk->k_of[s]);
        row_rank[walk->row + t] = sum;
    }
    if (walk->after) syi_orders_rank(walk, row_rank);
}

/* Sum of the weights of all S with player j: subsets are counted by index, one
 * player at a time. */
static double weight_with(const syi_walk *w, const double *weight, int j, double *count)
{
    const size_t n = w->n_index, step_j = (size_t)w->stride[j];
    for (size_t i = 0; i < n; i++) count[i] = i == 0;
    for (int p = 0; p < w->n_players; p++) {
        const size_t step = (size_t)w->stride[p];
        if (p == j) continue;
        for (size_t i = n; i-- > step;) count[i] += count[i - step];
    }
    double sum = 0;
    for (size_t i = 0; i + step_j < n; i++)
        if (count[i] > 0) sum += count[i] * weight[i + step_j];
    return sum;
}

void syi_split_sums(const syi_walk *walk, const syi_whole *whole, const double *sums, const double *adjusted_weight,
                    syi_arena *scratch, double *table)
{
    const int own = walk->n_own, first = walk->n_players - own, stride = walk->n_players + 1;
    const int single = all_single(walk);
    double *count = syi_arena_take(scratch, walk->n_index, sizeof *count);
    double extra = -whole->group_share, extra_adjusted = -whole->group_adjusted;
    for (int t = 0; t < own; t++) {
        double *row = table + (size_t)(walk->row + t) * SY_N_METRICS;
        row[SY_SHARE] = sums[first + t];
        row[SY_ADJUSTED] = sums[stride + first + t];
        if (!single) row[SY_ADJUSTED] -= (1 - whole->r2_adjust) * weight_with(walk, adjusted_weight, first + t, count);
        extra += row[SY_SHARE];
        extra_adjusted += row[SY_ADJUSTED];
    }
    for (int t = 0; t < own; t++) {
        double *row = table + (size_t)(walk->row + t) * SY_N_METRICS;
        row[SY_SHARE] -= extra / own;
        row[SY_ADJUSTED] -= extra_adjusted / own;
        row[SY_LOWEST] = row[SY_HIGHEST] = NAN;
    }
}
