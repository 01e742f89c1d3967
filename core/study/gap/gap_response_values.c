/* The order-free parts of a gap in answers.
 *
 * Over pairs (a, b) of weight w of a row of the first and a row of the second group,
 * with S the players that have what the first group has,
 *   v(S) = sum of w G(c_S + sum over blocks k of x_k' b_k),
 * x_k of a where the columns of k are in S, else of b; b_k and the constant (or
 * threshold) c likewise of either group's model; G the distribution of the link.
 * v of all players less v of none is the gap of the predicted means, and each
 * player's Shapley value its part: the average over all orders in which the groups'
 * traits can be exchanged [Shorrocks 2013, doi:10.1007/s10888-011-9214-z]. With one
 * set of coefficients for both groups only the columns are players, which makes the
 * detail of Fairlie 2005 [doi:10.3233/JEM-2005-0259] free of the order of variables.
 * Of ordered answers v is of P(answer <= j) for each j; a category's chance and the
 * mean of the answers 1 .. L are sums of those, and so are their parts.
 *
 * The sets are walked block by block, so that an index costs one addition; each v(S)
 * is summed over tiles in their order, whatever the threads. Cost: pairs times
 * curves times 2^players values of G, 2 to 4 ns each.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/lanes_internal.h"
#include "algebra/vector_math_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "shares/increments_internal.h"
#include "study/gap/gap_response_internal.h"
#include <math.h>
#include <string.h>

static const double seconds_a_value = 3e-9;

/* One table: of a single set of coefficients (by), or of both groups' (by = -1). */
typedef struct {
    const syi_gapr_game *g;
    const syi_gapr_fits *fits;
    const syi_gapr_pairs *pairs;
    int by, free; /* free: coefficients are players block by block */
    int fixed;    /* blocks whose choices a task sets */
    size_t sets;
    double *table;   /* [n_curves][sets] */
    double *scratch; /* [workers][room] */
    size_t room;
} walk;

/* A tile of pairs on its way. */
typedef struct {
    const walk *w;
    const double *weight;
    double *part[SYI_GAPR_MOST_BLOCKS][2][2]; /* block, member, coefficients */
    double *index;                            /* [blocks + 1] planes */
    double *z, *cdf;
    int coef; /* the set that both groups have, where they have one */
} tile;

static size_t tile_room(const syi_gapr_game *g)
{
    return ((size_t)g->n_blocks * 5 + 3) * SYI_TILE;
}

static tile tile_at(const walk *w, double *memory)
{
    tile t = {.w = w};
    for (int k = 0; k < w->g->n_blocks; k++)
        for (int m = 0; m < 4; m++, memory += SYI_TILE) t.part[k][m / 2][m % 2] = memory;
    t.index = memory;
    t.z = t.index + (ptrdiff_t)(w->g->n_blocks + 1) * SYI_TILE;
    t.cdf = t.z + SYI_TILE;
    return t;
}

/* Parts of the pairs from `at` on; coef 0 and 1 as they are named in part. */
static void gather_tile(const walk *w, ptrdiff_t at, const int *coef, int n_coef, const tile *t)
{
    const int blocks = w->g->n_blocks;
    for (int k = 0; k < blocks; k++)
        for (int m = 0; m < 2; m++)
            for (int c = 0; c < n_coef; c++) {
                const syi_gapr_cells *cells = &w->pairs->cells[m];
                const double *from = cells->part + (ptrdiff_t)(coef[c] * blocks + k) * cells->n;
                for (int i = 0; i < SYI_TILE; i++) t->part[k][m][c][i] = from[w->pairs->member[m][at + i]];
            }
}

static double total(const double *x, const double *weight)
{
    double lane[SYI_LANES] = {0};
    for (int i = 0; i < SYI_TILE; i += SYI_LANES)
        for (int l = 0; l < SYI_LANES; l++) lane[l] += weight[i + l] * x[i + l];
    return ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

static void add_set(const tile *t, const double *index, int constants, size_t set)
{
    const walk *w = t->w;
    const int simd = w->g->simd, ordinal = w->g->model.kind == SY_RESPONSE_ORDINAL;
    for (int j = 0; j < w->g->n_curves; j++) {
        const double c = w->fits->coef[constants][j];
        if (ordinal)
            for (int i = 0; i < SYI_TILE; i++) t->z[i] = c - index[i];
        else
            for (int i = 0; i < SYI_TILE; i++) t->z[i] = c + index[i];
        switch (w->g->model.link) {
        case SY_LINK_PROBIT: syi_vec_normal(simd, SYI_TILE, t->z, t->cdf, NULL, NULL); break;
        case SY_LINK_CLOGLOG: syi_vec_cloglog(simd, SYI_TILE, t->z, t->cdf, NULL, NULL); break;
        default: syi_vec_logistic(simd, SYI_TILE, t->z, t->cdf, NULL, NULL);
        }
        w->table[(size_t)j * w->sets + set] += total(t->cdf, t->weight);
    }
}

/* All choices from block k on; a set's bit k: columns of the first group, bit
 * blocks + k: its coefficients, the last: its constant. */
static void visit(const tile *t, int k, size_t set)
{
    const walk *w = t->w;
    const int blocks = w->g->n_blocks;
    const double *index = t->index + (ptrdiff_t)k * SYI_TILE;
    if (k == blocks) {
        if (!w->free) {
            add_set(t, index, t->coef, set);
            return;
        }
        add_set(t, index, 0, set | (size_t)1 << 2 * blocks);
        add_set(t, index, 1, set);
        return;
    }
    if (k == blocks - 1 && syi_parallel_stopped()) return;
    double *next = t->index + (ptrdiff_t)(k + 1) * SYI_TILE;
    for (int choice = 0; choice < (w->free ? 4 : 2); choice++) {
        const int member = choice % 2, coef = choice / 2; /* 0: the first group's */
        const double *part = t->part[k][member][coef];
        for (int i = 0; i < SYI_TILE; i++) next[i] = index[i] + part[i];
        visit(t, k + 1, set | (size_t)!member << k | (w->free ? (size_t)!coef << (blocks + k) : 0));
    }
}

/* The choices of the first blocks that task `task` stands for. */
static size_t begin(const tile *t, size_t task)
{
    const walk *w = t->w;
    size_t set = 0;
    memset(t->index, 0, SYI_TILE * sizeof *t->index);
    for (int k = 0; k < w->fixed; k++, task /= w->free ? 4 : 2) {
        const int member = (int)(task % 2), coef = w->free ? (int)(task / 2 % 2) : 0;
        const double *index = t->index + (ptrdiff_t)k * SYI_TILE, *part = t->part[k][member][coef];
        double *next = t->index + (ptrdiff_t)(k + 1) * SYI_TILE;
        for (int i = 0; i < SYI_TILE; i++) next[i] = index[i] + part[i];
        set |= (size_t)!member << k | (w->free ? (size_t)!coef << (w->g->n_blocks + k) : 0);
    }
    return set;
}

static void run_task(void *arg, int worker, size_t task)
{
    const walk *w = arg;
    const int both[2] = {SY_GAP_RESPONSE_BY_FIRST, SY_GAP_RESPONSE_BY_SECOND};
    tile t = tile_at(w, w->scratch + (size_t)worker * w->room);
    for (ptrdiff_t at = 0; at < w->pairs->room && !syi_parallel_stopped(); at += SYI_TILE) {
        t.weight = w->pairs->weight + at;
        if (w->free) {
            gather_tile(w, at, both, 2, &t);
            visit(&t, w->fixed, begin(&t, task));
            continue;
        }
        /* one set of coefficients, or all of them as one player */
        for (int c = 0; c < (w->by < 0 ? 2 : 1); c++) {
            t.coef = w->by < 0 ? c : w->by;
            gather_tile(w, at, &t.coef, 1, &t);
            visit(&t, w->fixed, begin(&t, task) | (w->by < 0 ? (size_t)!c << w->g->n_blocks : 0));
        }
    }
}

static sy_status fill_table(sy_context *ctx, walk *w, int players)
{
    const syi_gapr_game *g = w->g;
    w->free = w->by < 0 && g->separate;
    w->sets = (size_t)1 << players;
    w->room = tile_room(g);
    const double seconds = (double)w->sets * (double)w->pairs->n * g->n_curves * seconds_a_value;
    w->fixed = ctx->threads == 1 ? 0 : g->n_blocks < 2 ? g->n_blocks : 2;
    const size_t tasks = (size_t)1 << (w->free ? 2 : 1) * w->fixed;
    const size_t workers = (size_t)syi_parallel_workers(ctx, tasks, seconds);
    w->table = syi_alloc(w->sets * (size_t)g->n_curves, sizeof *w->table);
    w->scratch = syi_alloc(workers * w->room, sizeof *w->scratch);
    sy_status status = w->table && w->scratch
                           ? SY_OK
                           : syi_fail(ctx, SY_ENOMEM, "blocks: no room for the sets of %d players", players);
    if (status >= 0) status = syi_parallel(ctx, tasks, seconds, run_task, w);
    SYI_FREE(w->scratch);
    return status;
}

/* Shapley values of `players` in curve j, `weight` as the game has it. */
static void share_out(const walk *w, int players, const double *weight, int j, double *part)
{
    const double *value = w->table + (size_t)j * w->sets;
    for (int p = 0; p < players; p++)
        part[p] = syi_increments_of(w->g->simd, players, p, weight, NULL, value, value).share;
}

/* lines [n_curves][n_values]: the predicted gap and all parts of each curve. */
static sy_status order_free(sy_context *ctx, walk *w, double *lines)
{
    const syi_gapr_game *g = w->g;
    const int K = g->n_blocks;
    double part[2 * SYI_GAPR_MOST_BLOCKS + 1];
    w->by = -1;
    sy_status status = fill_table(ctx, w, g->players);
    for (int j = 0; j < g->n_curves && status >= 0; j++) {
        double *line = lines + (ptrdiff_t)j * g->n_values, *to = line + SY_GAP_RESPONSE_PARTS;
        const double *value = w->table + (size_t)j * w->sets;
        share_out(w, g->players, g->weight, j, part);
        line[SY_GAP_RESPONSE_GAP] = value[w->sets - 1] - value[0];
        for (int k = 0; k < K; k++) {
            to[k] = part[k];
            to[K + k] = g->separate ? part[K + k] : (double)NAN;
            line[SY_GAP_RESPONSE_EXPLAINED] += part[k];
        }
        to[2 * K] = part[g->players - 1];
        for (int p = K; p < g->players; p++) line[SY_GAP_RESPONSE_UNEXPLAINED] += part[p];
    }
    SYI_FREE(w->table);
    return status;
}

static sy_status by_reference(sy_context *ctx, walk *w, double *lines)
{
    const syi_gapr_game *g = w->g;
    sy_status status = SY_OK;
    for (int by = 0; by < SY_N_GAP_RESPONSE_BY && status >= 0; by++) {
        w->by = by;
        status = fill_table(ctx, w, g->n_blocks);
        for (int j = 0; j < g->n_curves && status >= 0; j++) {
            double *line = lines + (ptrdiff_t)j * g->n_values;
            double *to = line + sy_gap_response_at(g->n_blocks, (sy_gap_response_by)by);
            share_out(w, g->n_blocks, g->weight_columns, j, to + 2);
            for (int k = 0; k < g->n_blocks; k++) to[0] += to[2 + k];
            to[1] = line[SY_GAP_RESPONSE_GAP] - to[0];
        }
        SYI_FREE(w->table);
    }
    return status;
}

/* How much of curve j measure m is: a chance of one answer is a difference of two
 * curves, the mean falls by all of them. */
static double share_of(const syi_gapr_game *g, int m, int j)
{
    if (g->model.kind != SY_RESPONSE_ORDINAL) return 1;
    if (m == g->n_measures - 1) return -1;
    return (j == m) - (j == m - 1);
}

/* What a row's answer counts in measure m. */
static double score(const syi_gapr_game *g, int m, double answer)
{
    if (g->model.kind != SY_RESPONSE_ORDINAL) return answer;
    return m == g->n_measures - 1 ? answer + 1 : answer == m;
}

static void put_measures(const syi_gapr_game *g, const double *times, const double *lines, double *out)
{
    double sum[2] = {0, 0};
    for (ptrdiff_t i = 0; i < g->rows.n; i++) sum[g->second[i]] += times[i];
    for (int m = 0; m < g->n_measures; m++) {
        double *line = out + (ptrdiff_t)m * g->n_values, mean[2] = {0, 0};
        for (ptrdiff_t i = 0; i < g->rows.n; i++)
            if (times[i] > 0) mean[g->second[i]] += times[i] * score(g, m, g->rows.y[i]);
        memset(line, 0, (size_t)g->n_values * sizeof *line);
        for (int j = 0; j < g->n_curves; j++)
            for (int v = 0; v < g->n_values; v++) line[v] += share_of(g, m, j) * lines[(ptrdiff_t)j * g->n_values + v];
        const double predicted = line[SY_GAP_RESPONSE_GAP];
        line[SY_GAP_RESPONSE_FIRST] = mean[0] / sum[0];
        line[SY_GAP_RESPONSE_SECOND] = mean[1] / sum[1];
        line[SY_GAP_RESPONSE_GAP] = line[SY_GAP_RESPONSE_FIRST] - line[SY_GAP_RESPONSE_SECOND];
        line[SY_GAP_RESPONSE_FIT] = line[SY_GAP_RESPONSE_GAP] - predicted;
    }
}

sy_status syi_gapr_values(sy_context *ctx, const syi_gapr_game *g, const double *times, const syi_gapr_fits *fits,
                          const syi_gapr_pairs *pairs, double *line)
{
    walk w = {.g = g, .fits = fits, .pairs = pairs};
    double *lines = syi_alloc((size_t)(g->n_curves * g->n_values) + 1, sizeof *lines);
    if (!lines) return syi_fail(ctx, SY_ENOMEM, "gap: no room for %d parts", g->n_values);
    sy_status status = order_free(ctx, &w, lines);
    if (status >= 0) status = by_reference(ctx, &w, lines);
    if (status >= 0) put_measures(g, times, lines, line);
    SYI_FREE(lines);
    return status;
}

double syi_gapr_values_seconds(const syi_gapr_game *g, ptrdiff_t pairs, int separate)
{
    const int players = separate ? 2 * g->n_blocks + 1 : g->n_blocks + 1;
    const double sets = ldexp(1, players) + SY_N_GAP_RESPONSE_BY * ldexp(1, g->n_blocks);
    return sets * ((double)pairs * g->n_curves * seconds_a_value + 1e-8 * players);
}

double syi_gapr_fit_seconds(const syi_gapr_game *g)
{
    const double k = g->slopes + g->n_curves;
    return (double)g->rows.n * 3 * 4 * (k * k / 2 + 30) * 5e-10 + (double)g->rows.n * 1e-7;
}
