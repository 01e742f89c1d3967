/* What a model must know of the rows before its columns are there: which rows
 * count, which levels are in use, the means of absorbed levels.
 *
 * Counts are whole numbers and the first fault is the least row, so they do
 * not depend on the order of the blocks; means are summed in the order of the
 * rows, in double-double. Cost: one read of the data; n p double-double
 * additions with an absorbed factor.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/moments_read_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/model_rows_internal.h"
#include <string.h>

enum { BLOCK = 64 * SYI_TILE, SUMS = 3 };

/* One worker's findings. */
typedef struct {
    double *missing;     /* [terms + 2]: the cluster and, never met here, the stratum */
    unsigned char *seen; /* levels of all factors, one after the other */
    double dropped, zero, rows;
    syi_bad_row bad;
} finds;

typedef struct {
    const syi_model *m;
    finds *workers;
    syi_dd *sums; /* [blocks][SUMS]: of the weights, their squares and logarithms */
} pass;

static void note(finds *f, syi_row_fault what, ptrdiff_t row, int term, double value)
{
    if (row < f->bad.row) f->bad = (syi_bad_row){what, row, term, value};
}

static void look_at_weights(const sy_design *d, finds *f, ptrdiff_t start, int len, double *w)
{
    for (int i = 0; i < len; i++) w[i] = 1;
    if (!d->weights) return;
    syi_column_values(d->weights, NULL, start, len, w);
    for (int i = 0; i < len; i++) {
        const int fine = w[i] >= 0 && isfinite(w[i]);
        if (!fine) note(f, SYI_ROW_WEIGHT, start + i, -1, w[i]);
        else if (d->weight_kind == SY_WEIGHT_FREQUENCY && w[i] != floor(w[i]))
            note(f, SYI_ROW_FRACTION, start + i, -1, w[i]);
    }
}

/* missing[i] is set where a column of the term is. */
static void look_at_term(const sy_design *d, finds *f, int t, ptrdiff_t start, int len, unsigned char *missing)
{
    const sy_term *term = &d->terms[t];
    double v[SYI_TILE], size[SYI_TILE];
    unsigned char here[SYI_TILE] = {0};
    for (int i = 0; i < len; i++) size[i] = 1;
    for (int k = 0; k < term->n_factors; k++) {
        const sy_column *c = &d->columns[term->factors[k].column];
        syi_column_values(c, NULL, start, len, v);
        for (int i = 0; i < len; i++)
            if (isnan(v[i])) here[i] = 1;
        if (c->type == SY_CODES) continue;
        for (int e = 0; e < term->factors[k].power; e++)
            for (int i = 0; i < len; i++) size[i] *= v[i];
    }
    for (int i = 0; i < len; i++) {
        f->missing[t] += here[i];
        if (here[i]) missing[i] = 1;
        if (!here[i] && !isfinite(size[i])) note(f, SYI_ROW_INFINITE, start + i, t, 0);
    }
}

static void mark_levels(const syi_model *m, finds *f, ptrdiff_t start, int len, const unsigned char *counts)
{
    double v[SYI_TILE];
    for (int c = 0; c < m->design->n_columns; c++) {
        if (m->design->columns[c].type != SY_CODES) continue;
        syi_column_values(&m->design->columns[c], NULL, start, len, v);
        for (int i = 0; i < len; i++)
            if (counts[i] && v[i] >= 0) f->seen[m->level_at[c] + (int)v[i]] = 1;
    }
}

static void look_at_tile(const pass *p, finds *f, ptrdiff_t start, int len, syi_dd *sums)
{
    const sy_design *d = p->m->design;
    double w[SYI_TILE], v[SYI_TILE];
    unsigned char missing[SYI_TILE] = {0}, counts[SYI_TILE];
    look_at_weights(d, f, start, len, w);
    for (int t = 0; t < d->n_terms; t++) look_at_term(d, f, t, start, len, missing);
    if (d->cluster) {
        syi_column_values(d->cluster, NULL, start, len, v);
        for (int i = 0; i < len; i++) {
            if (!isnan(v[i])) continue;
            f->missing[d->n_terms] += 1;
            missing[i] = 1;
        }
    }
    for (int i = 0; i < len; i++) {
        counts[i] = !missing[i] && w[i] > 0;
        f->dropped += missing[i];
        f->zero += !missing[i] && w[i] == 0;
        f->rows += counts[i];
        if (!counts[i] || !d->weights) continue;
        sums[0] = syi_dd_add(sums[0], syi_dd_of(w[i]));
        sums[1] = syi_dd_add(sums[1], syi_two_product(w[i], w[i]));
        if (d->weight_kind != SY_WEIGHT_FREQUENCY) sums[2] = syi_dd_add(sums[2], syi_dd_of(log(w[i])));
    }
    mark_levels(p->m, f, start, len, counts);
}

static void look_at_block(void *arg, int worker, size_t block)
{
    const pass *p = arg;
    const ptrdiff_t from = (ptrdiff_t)block * BLOCK, n = p->m->design->n, end = n - from < BLOCK ? n : from + BLOCK;
    for (ptrdiff_t at = from; at < end; at += SYI_TILE)
        look_at_tile(p, &p->workers[worker], at, end - at < SYI_TILE ? (int)(end - at) : SYI_TILE,
                     p->sums + SUMS * block);
}

/* Keeps the levels that were seen, in order. */
static void keep_levels(syi_model *m, const unsigned char *seen)
{
    for (int c = 0; c < m->design->n_columns; c++) {
        const int at = m->level_at[c];
        m->n_used[c] = 0;
        for (int l = 0; m->design->columns[c].type == SY_CODES && l < m->design->columns[c].n_levels; l++) {
            m->position[at + l] = seen[at + l] ? m->n_used[c] : -1;
            if (seen[at + l]) m->level[at + m->n_used[c]++] = l;
        }
    }
}

/* Unused levels of the model's own factors. */
static sy_status remark_levels(sy_context *ctx, const syi_model *m)
{
    sy_status s = SY_OK;
    for (int t = 0; t < m->design->n_terms && s >= 0; t++) {
        const sy_term *term = &m->design->terms[t];
        const int column = term->factors[0].column;
        const sy_column *c = &m->design->columns[column];
        if (term->n_factors != 1 || c->type != SY_CODES || m->n_used[column] == c->n_levels) continue;
        const int count = c->n_levels - m->n_used[column];
        int which = 0;
        while (m->position[m->level_at[column] + which] >= 0) which++;
        s = syi_remark(ctx, SY_NOTE_EMPTY_LEVEL, term->label, count, "%s: %d of its levels %s no rows: %s%s",
                       term->label, count, count == 1 ? "has" : "have", c->levels[which],
                       count == 1 ? "" : " and others");
    }
    return s;
}

static sy_status settle(sy_context *ctx, syi_model *m, finds *all, const syi_dd *sums, size_t blocks)
{
    syi_dd total[SUMS] = {{0, 0}};
    for (size_t b = 0; b < blocks; b++)
        for (size_t k = 0; k < SUMS; k++) total[k] = syi_dd_add(total[k], sums[SUMS * b + k]);
    m->rows_used = all->rows;
    m->rows_dropped = all->dropped;
    m->rows_zero = all->zero;
    m->sum_w = m->design->weights ? syi_dd_round(total[0]) : all->rows;
    m->sum_w2 = m->design->weights ? syi_dd_round(total[1]) : all->rows;
    m->sum_log_w = syi_dd_round(total[2]);
    m->n = m->design->weight_kind == SY_WEIGHT_FREQUENCY ? m->sum_w : all->rows;
    const syi_found found = {all->missing, all->dropped, all->zero, all->bad};
    const syi_sets sets = {.count = 1, .rows = &m->rows_used, .n = &m->n};
    const syi_sorted sorted = {0};
    sy_status s = syi_check_found(ctx, m->design, &found, &sets, &sorted);
    if (s < 0) return s;
    keep_levels(m, all->seen);
    const syi_layout none = {0};
    const syi_reader reader = {.twofold = 1};
    s = syi_remark_found(ctx, m->design, &none, &reader, &found, NULL);
    if (s >= 0) s = remark_levels(ctx, m);
    m->rows_known = s >= 0;
    return s;
}

static void gather(finds *all, const finds *f, int terms, size_t levels)
{
    for (int t = 0; t <= terms; t++) all->missing[t] += f->missing[t];
    for (size_t l = 0; l < levels; l++) all->seen[l] |= f->seen[l];
    all->dropped += f->dropped;
    all->zero += f->zero;
    all->rows += f->rows;
    if (f->bad.row < all->bad.row) all->bad = f->bad;
}

static size_t all_levels(const syi_model *m)
{
    size_t levels = 1;
    for (int c = 0; c < m->design->n_columns; c++)
        if (m->design->columns[c].type == SY_CODES) levels += (size_t)m->design->columns[c].n_levels;
    return levels;
}

sy_status syi_model_rows(sy_context *ctx, syi_model *m)
{
    if (m->rows_known) return SY_OK;
    const int terms = m->design->n_terms;
    const size_t levels = all_levels(m), n = (size_t)m->design->n, blocks = n / BLOCK + (n % BLOCK != 0);
    const double seconds = (double)n * m->design->n_columns * 3e-9;
    const int workers = syi_parallel_workers(ctx, blocks, seconds);
    pass p = {.m = m};
    sy_status s = SY_OK;
    p.workers = syi_alloc((size_t)workers, sizeof *p.workers);
    p.sums = syi_alloc(SUMS * (blocks + 1), sizeof *p.sums);
    int failed = !p.workers || !p.sums;
    for (int k = 0; k < workers && !failed; k++) {
        p.workers[k].bad.row = PTRDIFF_MAX;
        p.workers[k].missing = syi_alloc((size_t)terms + 2, sizeof(double));
        p.workers[k].seen = syi_alloc(levels, 1);
        failed = !p.workers[k].missing || !p.workers[k].seen;
    }
    if (failed) s = syi_fail(ctx, SY_ENOMEM, "model: out of memory for %d terms", terms);
    if (s >= 0) s = syi_parallel(ctx, blocks, seconds, look_at_block, &p);
    for (int k = 1; k < workers && s >= 0; k++) gather(&p.workers[0], &p.workers[k], terms, levels);
    if (s >= 0) s = settle(ctx, m, &p.workers[0], p.sums, blocks);
    for (int k = 0; p.workers && k < workers; k++) {
        SYI_FREE(p.workers[k].missing);
        SYI_FREE(p.workers[k].seen);
    }
    SYI_FREE(p.workers);
    SYI_FREE(p.sums);
    return s;
}

typedef struct {
    syi_model *m;
    double *x, *x_lo; /* [p * SYI_TILE] */
    syi_dd *weight;   /* [groups] */
    syi_dd *power;    /* [p + 1] */
} centring;

static void add_row(const centring *c, ptrdiff_t group, int column, double w, syi_dd v)
{
    const syi_model *m = c->m;
    const ptrdiff_t at = group * (m->p + 1) + column;
    const syi_dd wv = syi_dd_mul_d(v, w), sum = syi_dd_add((syi_dd){m->mean_hi[at], m->mean_lo[at]}, wv);
    m->mean_hi[at] = sum.hi;
    m->mean_lo[at] = sum.lo;
    c->power[column] = syi_dd_add(c->power[column], syi_dd_mul(wv, v));
}

static void add_tile(void *arg, int worker, size_t tile)
{
    const centring *c = arg;
    const syi_model *m = c->m;
    const ptrdiff_t start = (ptrdiff_t)tile * SYI_TILE, left = m->design->n - start;
    const int len = left < SYI_TILE ? (int)left : SYI_TILE;
    double y[SYI_TILE], y_lo[SYI_TILE], w[SYI_TILE];
    unsigned char used[SYI_TILE];
    ptrdiff_t row[SYI_TILE] = {0};
    (void)worker;
    for (int i = 0; i < len; i++) row[i] = start + i;
    syi_model_raw_twofold(m, row, len, c->x, c->x_lo, y, y_lo, w, used);
    for (int i = 0; i < len; i++) {
        if (!used[i]) continue;
        const int level = (int)syi_column_value(&m->design->columns[m->absorb], row[i]);
        const ptrdiff_t group = m->position[m->level_at[m->absorb] + level];
        c->weight[group] = syi_dd_add(c->weight[group], syi_dd_of(w[i]));
        for (int k = 0; k < m->p; k++)
            add_row(c, group, k, w[i], (syi_dd){c->x[k * SYI_TILE + i], c->x_lo[k * SYI_TILE + i]});
        add_row(c, group, m->p, w[i], (syi_dd){y[i], y_lo[i]});
    }
}

/* Sums become means. */
static void divide(const centring *c)
{
    const syi_model *m = c->m;
    for (int g = 0; g < m->n_groups; g++)
        for (int k = 0; k <= m->p; k++) {
            const ptrdiff_t at = (ptrdiff_t)g * (m->p + 1) + k;
            const syi_dd mean = syi_dd_div((syi_dd){m->mean_hi[at], m->mean_lo[at]}, c->weight[g]);
            m->mean_hi[at] = mean.hi;
            m->mean_lo[at] = mean.lo;
        }
    for (int g = 0; g < m->n_groups; g++) m->group_weight[g] = syi_dd_round(c->weight[g]);
    for (int k = 0; k <= m->p; k++) m->power[k] = syi_dd_round(c->power[k]);
}

sy_status syi_model_centre(sy_context *ctx, syi_model *m)
{
    const size_t columns = (size_t)m->p + 1, tile = columns * SYI_TILE, n = (size_t)m->design->n;
    const size_t groups = (size_t)m->n_used[m->absorb];
    centring c = {.m = m};
    m->mean_hi = syi_alloc(groups * columns, sizeof(double));
    m->mean_lo = syi_alloc(groups * columns, sizeof(double));
    m->power = syi_alloc(columns, sizeof(double));
    m->group_weight = syi_alloc(groups, sizeof(double));
    c.x = syi_alloc(tile, sizeof(double));
    c.x_lo = syi_alloc(tile, sizeof(double));
    c.weight = syi_alloc(groups, sizeof *c.weight);
    c.power = syi_alloc(columns, sizeof *c.power);
    sy_status s = SY_OK;
    if (!m->mean_hi || !m->mean_lo || !m->power || !m->group_weight || !c.x || !c.x_lo || !c.weight || !c.power)
        s = syi_fail(ctx, SY_ENOMEM, "absorb: out of memory for %zu levels", groups);
    if (s >= 0) s = syi_parallel(ctx, n / SYI_TILE + (n % SYI_TILE != 0), 0, add_tile, &c);
    if (s >= 0) {
        m->n_groups = m->n_used[m->absorb];
        divide(&c);
    }
    SYI_FREE(c.x);
    SYI_FREE(c.x_lo);
    SYI_FREE(c.weight);
    SYI_FREE(c.power);
    return s;
}
