/* How often each increment occurs among the orders that count.
 *
 * With e(S) the orders in which the players of S can enter first and u(S) those
 * of the others after them, an order takes the step from S to S + j in e(S)
 * u(S + j) of e(N) orders (linear extensions of a partial order; each as likely
 * as any other) [Faigle & Kern 1992, doi:10.1007/BF01258278]:
 *   phi_j = sum over S without j of e(S) u(S + j) / e(N) (v(S + j) - v(S)).
 * A term in a block enters once the other blocks R have and its block may:
 *   weight = e(R) u(R + b) / e(blocks) * e(S) u(S + j) / e(terms of b).
 * e is counted upwards and u downwards over the sets of the players that wait for
 * others or are waited for, exactly: at most 18! = 6.4e15 orders, below 2^53. Where
 * e(S) u(S + j) is zero the step occurs in no order: lowest and highest leave it
 * out.
 *
 * Cost: players 2^players once a question, then as any table, or where few S
 * occur one step for each of them and each player that may follow it.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "shares/order_weights_internal.h"
#include "shares/orders_internal.h"
#include <math.h>

/* Orders of n players: e [2^n] of S first, u [2^n] of the rest after S. */
typedef struct {
    int n;
    uint32_t after[SYI_TABLE_PLAYERS]; /* players that one enters after */
    double *e, *u;
} extensions;

static int may_follow(const extensions *x, size_t set, int player)
{
    return !(set >> player & 1) && !(x->after[player] & ~set);
}

static void free_orders(extensions *x)
{
    SYI_FREE(x->e);
    SYI_FREE(x->u);
}

static int take_room(extensions *x)
{
    x->e = syi_alloc((size_t)1 << x->n, sizeof *x->e);
    x->u = syi_alloc((size_t)1 << x->n, sizeof *x->u);
    return x->e && x->u ? 0 : -1;
}

/* Set by set; 0, or -1 when there is no room. */
static int count_all(extensions *x)
{
    const size_t sets = (size_t)1 << x->n;
    if (take_room(x)) return -1;
    x->e[0] = x->u[sets - 1] = 1;
    for (size_t s = 0; s < sets; s++)
        for (int i = 0; x->e[s] > 0 && i < x->n; i++)
            if (may_follow(x, s, i)) x->e[s | (size_t)1 << i] += x->e[s];
    for (size_t s = sets; s-- > 0;)
        for (int i = 0; x->e[s] > 0 && i < x->n; i++)
            if (may_follow(x, s, i)) x->u[s] += x->u[s | (size_t)1 << i];
    return 0;
}

/* What a set of players holds of the bound ones. */
typedef struct {
    size_t held;
    int in, bound_in;
} census;

enum { HALF = SYI_TABLE_PLAYERS / 2 }; /* sets are looked up by halves */

static void count_half(const int *tied, int n, census *half)
{
    for (size_t s = 1; s < (size_t)1 << n; s++) {
        int top = n - 1;
        while (!(s >> top & 1)) top--;
        half[s] = half[s ^ (size_t)1 << top];
        half[s].in++;
        if (tied[top] < 0) continue;
        half[s].bound_in++;
        half[s].held |= (size_t)1 << tied[top];
    }
}

/* Players that neither wait nor are waited for stand anywhere among the others:
 * orders of s players of which b are bound = orders of these b, times s! / b!.
 * tied [n]: a player's number among the bound ones, -1 for the others. */
static void spread(const extensions *bound, const int *tied, const extensions *x)
{
    const int low_n = x->n < HALF ? x->n : HALF;
    census low[1 << HALF] = {{0}}, high[1 << HALF] = {{0}};
    double factorial[SYI_TABLE_PLAYERS + 1] = {1};
    for (int i = 1; i <= x->n; i++) factorial[i] = factorial[i - 1] * i;
    count_half(tied, low_n, low);
    count_half(tied + low_n, x->n - low_n, high);
    for (size_t s = 0; s < (size_t)1 << x->n; s++) {
        const census *a = &low[s & ((1 << HALF) - 1)], *b = &high[s >> HALF];
        const size_t held = a->held | b->held;
        const int in = a->in + b->in, bound_in = a->bound_in + b->bound_in;
        x->e[s] = bound->e[held] * (factorial[in] / factorial[bound_in]);
        x->u[s] = bound->u[held] * (factorial[x->n - in] / factorial[bound->n - bound_in]);
    }
}

/* Rows first .. first + n - 1 of the plan; 0, or -1 when there is no room. */
static int count_orders(const syi_plan *plan, int first, int n, extensions *x)
{
    extensions bound = {0};
    int tied[SYI_TABLE_PLAYERS];
    uint32_t related = 0;
    x->n = n;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++)
            if (plan->enters_after[(ptrdiff_t)(first + i) * plan->n_rows + first + j]) x->after[i] |= 1u << j;
        if (x->after[i]) related |= x->after[i] | 1u << i;
    }
    for (int i = 0; i < n; i++) tied[i] = related >> i & 1 ? bound.n++ : -1;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            if (x->after[i] >> j & 1) bound.after[tied[i]] |= 1u << tied[j];
    const int failed = count_all(&bound) || take_room(x);
    if (!failed) spread(&bound, tied, x);
    free_orders(&bound);
    return failed ? -1 : 0;
}

/* How often the block that is divided joins exactly the others in R. */
static double joins(const extensions *blocks, int block, size_t others)
{
    const size_t low = others & (((size_t)1 << block) - 1), high = (others >> block) << (block + 1);
    const size_t set = low | high, all = ((size_t)1 << blocks->n) - 1;
    if (!may_follow(blocks, set, block)) return 0;
    return blocks->e[set] * blocks->u[set | (size_t)1 << block] / blocks->e[all];
}

static void fill(const syi_walk *w, const extensions *blocks, const extensions *own)
{
    const int n_others = w->n_players - w->n_own;
    const size_t others = ((size_t)1 << n_others) - 1, all = ((size_t)1 << own->n) - 1;
    for (size_t s = 0; s < w->n_index; s++) {
        const size_t mine = s >> n_others;
        w->weight[s] = own->e[mine] / own->e[all] * (w->group < 0 ? 1 : joins(blocks, w->group, s & others));
        w->after[s] = own->e[mine] > 0 ? own->u[mine] : 0;
    }
}

static void count_columns(const syi_walk *w)
{
    for (int top = 0; top < w->n_players; top++) {
        const size_t first = (size_t)1 << top;
        for (size_t s = first; s < 2 * first; s++) w->k_of[s] = w->k_of[s - first] + w->columns[top];
    }
}

static int list_sets(syi_walk *w)
{
    const size_t full = (((size_t)1 << w->n_own) - 1) << (w->n_players - w->n_own);
    for (size_t s = 0; s < w->n_index; s++) w->n_sets += w->weight[s] > 0 && (s & full) != full;
    w->set = syi_alloc(w->n_sets, sizeof *w->set);
    if (!w->set) return -1;
    size_t at = 0;
    for (size_t s = 0; s < w->n_index; s++)
        if (w->weight[s] > 0 && (s & full) != full) w->set[at++] = (uint32_t)s;
    return 0;
}

int syi_orders_weights(const syi_plan *plan, syi_walk *w)
{
    extensions blocks = {0}, own = {0};
    int failed = 0;
    w->n_index = (size_t)1 << w->n_players;
    w->weight = syi_alloc(w->n_index, sizeof *w->weight);
    w->after = syi_alloc(w->n_index, sizeof *w->after);
    w->k_of = syi_alloc(w->n_index, sizeof *w->k_of);
    failed = !w->weight || !w->after || !w->k_of || count_orders(plan, w->row, w->n_own, &own);
    if (!failed && w->group >= 0) failed = count_orders(plan, 0, plan->n_blocks, &blocks);
    if (!failed) {
        fill(w, &blocks, &own);
        count_columns(w);
        failed = list_sets(w);
    }
    free_orders(&blocks);
    free_orders(&own);
    return failed ? -1 : 0;
}

/* A listed set costs about sixteen times what a place of the table does. */
int syi_orders_sparse(const syi_walk *w)
{
    return w->after && 16 * w->n_sets < w->n_index;
}

void syi_orders_increments(const syi_walk *w, const double *value, const double *adjusted, syi_increments *out)
{
    const int first = w->n_players - w->n_own;
    for (int t = 0; t < w->n_own; t++) out[t] = (syi_increments){0, 0, INFINITY, -INFINITY};
    for (size_t i = 0; i < w->n_sets; i++) {
        const size_t s = w->set[i];
        for (int t = 0; t < w->n_own; t++) {
            const size_t next = s | (size_t)1 << (first + t);
            if (next == s || !(w->after[next] > 0)) continue;
            const double weight = w->weight[s] * w->after[next], gain = value[next] - value[s];
            out[t].share += weight * gain;
            out[t].adjusted += weight * (adjusted[next] - adjusted[s]);
            out[t].lowest = gain < out[t].lowest ? gain : out[t].lowest;
            out[t].highest = gain > out[t].highest ? gain : out[t].highest;
        }
    }
}

void syi_orders_rank(const syi_walk *w, double *row_rank)
{
    const int first = w->n_players - w->n_own;
    for (int t = 0; t < w->n_own; t++) {
        double sum = 0;
        for (size_t i = 0; i < w->n_sets; i++) {
            const size_t s = w->set[i], next = s | (size_t)1 << (first + t);
            if (next != s) sum += w->weight[s] * w->after[next] * (w->k_of[next] - w->k_of[s]);
        }
        row_rank[w->row + t] = sum;
    }
}
