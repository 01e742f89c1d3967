/* The slow, readable twin of sy_shares, in quadruple precision: from raw rows,
 * R2 of every submodel by elimination on its own cross-products, and every
 * share as the plain average over all orders of all terms in which the terms of
 * a block stay together [Owen 1977]. Such orders arrange whole blocks in all
 * orders equally often, so that the average increment of a block over them is
 * its Shapley value. Nothing is shared with the core but its headers.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TEST_TWIN_SHARES_H
#define SYI_TEST_TWIN_SHARES_H
#include "steelyard/shares.h"
#include <math.h>
#include <string.h>

__extension__ typedef __float128 quad;

enum { MAX_ROWS = 64, MAX_PLAYERS = 6, MAX_TERMS = 9, MAX_LEVELS = 4, MAX_WIDTH = MAX_TERMS * MAX_LEVELS + 1 };

typedef struct {
    int n, n_terms, n_blocks, n_adjust;
    int block_of[MAX_TERMS];       /* -1: an adjusting term */
    int levels[MAX_TERMS];         /* 0: numeric */
    int times[MAX_TERMS];          /* numeric: multiplied by the column of that term, itself for a square; -1: alone */
    double x[MAX_TERMS][MAX_ROWS]; /* numeric values, or codes 0 .. levels - 1 */
    double y[MAX_ROWS], weight[MAX_ROWS];
    sy_weight_kind kind;
} problem;

typedef struct {
    int width, first[MAX_TERMS], count[MAX_TERMS]; /* columns of each term; the outcome is the last, width - 1 */
    quad cross[MAX_WIDTH][MAX_WIDTH];
    quad n, n_effective;
    quad r2[1 << MAX_TERMS], rank[1 << MAX_TERMS], adjusted[1 << MAX_TERMS];
    quad vif_max; /* of the whole model */
} twin;

static inline quad twin_value(const problem *p, int term, int column, int row)
{
    if (p->levels[term]) return (int)p->x[term][row] == column;
    const quad x = p->x[term][row];
    return p->times[term] >= 0 ? x * p->x[p->times[term]][row] : x;
}

/* Weighted cross-products about the weighted means; the last level of a factor
 * is left out. */
static inline void twin_cross(const problem *p, twin *t)
{
    static quad z[MAX_ROWS][MAX_WIDTH];
    quad sum_w = 0, sum_w2 = 0, rows = 0;
    t->width = 0;
    for (int term = 0; term < p->n_terms; term++) {
        t->first[term] = t->width;
        t->count[term] = p->levels[term] ? p->levels[term] - 1 : 1;
        t->width += t->count[term];
    }
    t->width++;
    for (int i = 0; i < p->n; i++) {
        for (int term = 0; term < p->n_terms; term++)
            for (int c = 0; c < t->count[term]; c++) z[i][t->first[term] + c] = twin_value(p, term, c, i);
        z[i][t->width - 1] = p->y[i];
        sum_w += p->weight[i];
        sum_w2 += (quad)p->weight[i] * p->weight[i];
        rows += p->weight[i] > 0;
    }
    for (int a = 0; a < t->width; a++) {
        quad mean = 0;
        for (int i = 0; i < p->n; i++) mean += p->weight[i] * z[i][a] / sum_w;
        for (int i = 0; i < p->n; i++) z[i][a] -= mean;
    }
    for (int a = 0; a < t->width; a++)
        for (int b = 0; b < t->width; b++) {
            t->cross[a][b] = 0;
            for (int i = 0; i < p->n; i++) t->cross[a][b] += p->weight[i] * z[i][a] * z[i][b];
        }
    t->n = p->kind == SY_WEIGHT_FREQUENCY ? sum_w : rows;
    t->n_effective = p->kind == SY_WEIGHT_FREQUENCY || p->kind == SY_WEIGHT_NONE ? t->n : sum_w * sum_w / sum_w2;
}

/* R2 and rank of one submodel by elimination. A pivot below 1e-24 of its
 * column's sum of squares is a combination of the columns before. `last`: a
 * column to come last, whose remaining part is returned as a variance inflation
 * factor; -1 for none. */
static inline quad twin_submodel(const twin *t, const int *in, int last, quad *rank, quad *inflation)
{
    static quad a[MAX_WIDTH][MAX_WIDTH];
    const int y = t->width - 1;
    quad k = 0;
    memcpy(a, t->cross, sizeof a);
    for (int turn = 0; turn < 2; turn++) {
        for (int c = 0; c < y; c++) {
            if (!in[c] || (c == last) != turn || !(a[c][c] > t->cross[c][c] * 1e-24)) continue;
            if (c == last) *inflation = t->cross[c][c] / a[c][c];
            k += 1;
            for (int i = 0; i <= y; i++) {
                if (i == c || a[i][c] == 0) continue;
                const quad factor = a[i][c] / a[c][c];
                for (int j = 0; j <= y; j++) a[i][j] -= factor * a[c][j];
            }
        }
    }
    if (rank) *rank = k;
    return 1 - a[y][y] / t->cross[y][y];
}

/* R2 of all 2^terms submodels, each from nothing. */
static inline void twin_submodels(const problem *p, twin *t)
{
    int in[MAX_WIDTH] = {0};
    for (int set = 0; set < 1 << p->n_terms; set++) {
        for (int term = 0; term < p->n_terms; term++)
            for (int c = 0; c < t->count[term]; c++) in[t->first[term] + c] = set >> term & 1;
        t->r2[set] = twin_submodel(t, in, -1, &t->rank[set], NULL);
        t->adjusted[set] = 1 - (1 - t->r2[set]) * (t->n - 1) / (t->n - 1 - t->rank[set]);
    }
    t->vif_max = 1;
    for (int c = 0; c < t->width - 1; c++) {
        quad inflation = 1;
        twin_submodel(t, in, c, NULL, &inflation); /* all are in now */
        if (inflation > t->vif_max) t->vif_max = inflation;
    }
}

static inline int twin_adjusting(const problem *p)
{
    int set = 0;
    for (int term = 0; term < p->n_terms; term++)
        if (p->block_of[term] < 0) set |= 1 << term;
    return set;
}

typedef struct {
    quad share, adjusted, rank, lowest, highest;
    int orders;
} tally;

static inline void add_increment(const twin *t, int before, int after, tally *row)
{
    const quad gain = t->r2[after] - t->r2[before];
    if (row->orders == 0 || gain < row->lowest) row->lowest = gain;
    if (row->orders == 0 || gain > row->highest) row->highest = gain;
    row->share += gain;
    row->adjusted += t->adjusted[after] - t->adjusted[before];
    row->rank += t->rank[after] - t->rank[before];
    row->orders++;
}

/* One order of all terms: left out unless the terms of a block stand together. */
static inline void add_order(const problem *p, const twin *t, int n, const int *order, tally *blocks, tally *terms)
{
    int begun[MAX_TERMS] = {0}, set = twin_adjusting(p), start = set;
    for (int i = 0; i < n; i++) {
        const int block = p->block_of[order[i]], goes_on = i > 0 && p->block_of[order[i - 1]] == block;
        if (!goes_on && begun[block]++) return;
    }
    for (int i = 0; i < n; i++) {
        const int block = p->block_of[order[i]], next = set | 1 << order[i];
        add_increment(t, set, next, &terms[order[i]]);
        if (i == n - 1 || p->block_of[order[i + 1]] != block) {
            add_increment(t, start, next, &blocks[block]);
            start = next;
        }
        set = next;
    }
}

static inline void all_orders(const problem *p, const twin *t, int n, int placed, int *order, tally *blocks,
                              tally *terms)
{
    if (placed == n) {
        add_order(p, t, n, order, blocks, terms);
        return;
    }
    for (int i = placed; i < n; i++) {
        const int chosen = order[i];
        order[i] = order[placed];
        order[placed] = chosen;
        all_orders(p, t, n, placed + 1, order, blocks, terms);
        order[placed] = order[i];
        order[i] = chosen;
    }
}

/* One row of the table, of the terms in `own`. */
static inline void twin_row(const problem *p, const twin *t, int own, const tally *sum, double *row)
{
    const int all = (1 << p->n_terms) - 1, base = twin_adjusting(p);
    const quad total = t->r2[all] - t->r2[base];
    const quad alone = t->r2[base | own] - t->r2[base], unique = t->r2[all] - t->r2[all & ~own];
    row[SY_SHARE] = (double)(sum->share / sum->orders);
    row[SY_PERCENT] = total > 1e-24 ? (double)(100 * sum->share / sum->orders / total) : NAN; /* else rounding */
    row[SY_ADJUSTED] = (double)(sum->adjusted / sum->orders);
    row[SY_BY_CHANCE] = (double)(sum->rank / sum->orders * (1 - t->r2[all]) / (t->n_effective - 1));
    row[SY_ALONE] = (double)alone;
    row[SY_UNIQUE] = (double)unique;
    row[SY_COMMON] = (double)(alone - unique);
    row[SY_LOWEST] = (double)sum->lowest;
    row[SY_HIGHEST] = (double)sum->highest;
}

/* Every number of sy_shares: blocks first, then the terms block by block in the
 * order of their numbers. */
static inline void twin_table(const problem *p, const twin *t, double *table)
{
    tally blocks[MAX_TERMS], terms[MAX_TERMS];
    int order[MAX_TERMS], n = 0, at = p->n_blocks;
    memset(blocks, 0, sizeof blocks);
    memset(terms, 0, sizeof terms);
    for (int term = 0; term < p->n_terms; term++)
        if (p->block_of[term] >= 0) order[n++] = term;
    all_orders(p, t, n, 0, order, blocks, terms);
    for (int b = 0; b < p->n_blocks; b++) {
        int own = 0;
        for (int term = 0; term < p->n_terms; term++) {
            if (p->block_of[term] != b) continue;
            own |= 1 << term;
            twin_row(p, t, 1 << term, &terms[term], table + (at++) * SY_N_METRICS);
        }
        twin_row(p, t, own, &blocks[b], table + b * SY_N_METRICS);
    }
}

static inline void twin_solve(const problem *p, twin *t)
{
    twin_cross(p, t);
    twin_submodels(p, t);
}
#endif
