/* The order in which grouping factors are eliminated, and where their levels
 * meet.
 *
 * The factor with most levels goes first: its block of the cross-products is
 * block-diagonal. A factor that the last stage is nested in (each level lies in
 * one of its levels) stays block-diagonal once that stage is eliminated, and
 * becomes the next stage, that of most levels first. All others are dense. The
 * columns that a level meets are found by counting sorts, so they come in
 * ascending order without sorting each list. Cost: n for each pair of factors.
 * George & Liu 1981, Computer Solution of Large Sparse Positive Definite Systems;
 * Bates, Maechler, Bolker & Walker 2015, doi:10.18637/jss.v067.i01.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/mixed/crossed_internal.h"
#include <string.h>

enum { LOOK_UP = 32 };

static sy_status no_room(sy_context *ctx, const syi_crossing *r)
{
    return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for the groups of %td rows", r->n);
}

/* Levels of the rows used, in the order of the design. */
static sy_status read_levels(sy_context *ctx, const syi_crossed *c, syi_crossing *r)
{
    const syi_lmm_rows *rows = c->rows;
    const ptrdiff_t n = rows->m.design->n;
    const int factors = c->n_factors;
    sy_status s = SY_OK;
    double *x = syi_alloc(((size_t)c->p + 1) * SYI_TILE, sizeof *x), w[SYI_TILE];
    double *scratch = syi_alloc(syi_lmm_rows_room(rows), sizeof *scratch);
    int32_t *level = syi_alloc((size_t)factors * SYI_TILE, sizeof *level);
    unsigned char used[SYI_TILE];
    ptrdiff_t row[SYI_TILE];
    r->level = syi_alloc((size_t)rows->m.rows_used * (size_t)factors, sizeof *r->level);
    if (!x || !scratch || !level || !r->level) s = syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %td rows", n);
    for (ptrdiff_t at = 0; at < n && s >= 0; at += SYI_TILE) {
        const int len = n - at < SYI_TILE ? (int)(n - at) : SYI_TILE;
        if (at / SYI_TILE % LOOK_UP == 0) s = syi_serial_stopped(ctx);
        for (int i = 0; i < SYI_TILE; i++) row[i] = at + (i < len ? i : 0);
        syi_lmm_rows_tile(rows, row, len, x, w, used, NULL, level, scratch);
        for (int i = 0; i < len; i++) {
            if (!used[i]) continue;
            for (int f = 0; f < factors; f++) r->level[r->n * factors + f] = level[f * SYI_TILE + i];
            r->n++;
        }
    }
    SYI_FREE(x);
    SYI_FREE(scratch);
    SYI_FREE(level);
    return s;
}

/* parent [levels of `inner`]: the one level of `outer` that each lies in. 0 when one lies in several. */
static int nested_in(const syi_crossed *c, const syi_crossing *r, int inner, int outer, int *parent)
{
    const int f = c->n_factors, n = c->rows->bars.factor[inner].n_levels;
    for (int g = 0; g < n; g++) parent[g] = -1;
    for (ptrdiff_t i = 0; i < r->n; i++) {
        const int g = r->level[i * f + inner], h = r->level[i * f + outer];
        if (parent[g] >= 0 && parent[g] != h) return 0;
        parent[g] = h;
    }
    return 1;
}

/* The factor not yet taken with most levels in which `inner` is nested (any, with inner = -1); -1 for none. */
static int next_factor(const syi_crossed *c, const syi_crossing *r, int inner, const int *taken, int *parent)
{
    int best = -1;
    for (int f = 0; f < c->n_factors; f++) {
        const int n = c->rows->bars.factor[f].n_levels;
        if (taken[f] || (best >= 0 && n <= c->rows->bars.factor[best].n_levels)) continue;
        if (inner < 0 || nested_in(c, r, inner, f, parent)) best = f;
    }
    if (inner >= 0 && best >= 0) nested_in(c, r, inner, best, parent);
    return best;
}

/* Room for the stage of a factor; its parents are found with the next one. */
static sy_status add_stage(sy_context *ctx, syi_crossed *c, const syi_crossing *r, int factor)
{
    syi_stage *s = &c->stage[c->n_stages++];
    s->factor = factor;
    s->q = c->rows->bars.factor[factor].q;
    s->n = c->rows->bars.factor[factor].n_levels;
    s->parent = syi_alloc((size_t)s->n, sizeof *s->parent);
    s->first = syi_alloc((size_t)s->n + 1, sizeof *s->first);
    return s->parent && s->first ? SY_OK : no_room(ctx, r);
}

static sy_status choose(sy_context *ctx, syi_crossed *c, const syi_crossing *r)
{
    sy_status status = SY_OK;
    int *taken = syi_alloc((size_t)c->n_factors, sizeof *taken);
    if (!taken) return no_room(ctx, r);
    for (int f = next_factor(c, r, -1, taken, NULL); f >= 0 && status >= 0;) {
        taken[f] = 1;
        status = add_stage(ctx, c, r, f);
        if (status >= 0) status = syi_serial_stopped(ctx);
        if (status >= 0) f = next_factor(c, r, f, taken, c->stage[c->n_stages - 1].parent);
    }
    for (int k = c->n_stages - 1; k >= 0 && status >= 0; k--) {
        syi_stage *s = &c->stage[k];
        if (k == c->n_stages - 1) SYI_FREE(s->parent);
        else s->after = c->stage[k + 1].after + c->stage[k + 1].q;
    }
    for (int f = 0; f < c->n_factors; f++) {
        const syi_grouping *g = &c->rows->bars.factor[f];
        if (taken[f]) continue;
        c->dense[c->n_dense++] = (syi_dense){f, g->q, g->n_levels, c->random};
        c->random += (ptrdiff_t)g->n_levels * g->q;
    }
    c->order = c->random + c->p;
    SYI_FREE(taken);
    return status;
}

/* order [n]: rows by their level of factor f, stable; start [levels + 1]. */
static void sort_rows(const syi_crossed *c, const syi_crossing *r, int f, ptrdiff_t *start, ptrdiff_t *order)
{
    const int factors = c->n_factors, n = c->rows->bars.factor[f].n_levels;
    memset(start, 0, ((size_t)n + 1) * sizeof *start);
    for (ptrdiff_t i = 0; i < r->n; i++) start[r->level[i * factors + f] + 1]++;
    for (int g = 0; g < n; g++) start[g + 1] += start[g];
    for (ptrdiff_t i = 0; i < r->n; i++) order[start[r->level[i * factors + f]]++] = i;
}

/* Goes over the rows by their level of dense factor d; each level of stage s is told when a new level of it turns up.
 * With `fill`, columns and places are written; else they are counted in first[g + 1]. seen [n], at [n]. */
static void meet(const syi_crossed *c, syi_crossing *r, int k, int d, const ptrdiff_t *order, int fill, int *seen,
                 ptrdiff_t *at)
{
    syi_stage *s = &c->stage[k];
    const syi_dense *f = &c->dense[d];
    for (ptrdiff_t g = 0; g < s->n; g++) seen[g] = -1;
    for (ptrdiff_t o = 0; o < r->n; o++) {
        const ptrdiff_t i = order[o];
        const int32_t g = r->level[i * c->n_factors + s->factor], l = r->level[i * c->n_factors + f->factor];
        if (seen[g] != l) {
            seen[g] = l;
            if (!fill) s->first[g + 1] += f->q;
            for (int e = 0; fill && e < f->q; e++) s->column[at[g]++] = (int32_t)(f->first + (ptrdiff_t)l * f->q + e);
        }
        if (fill) r->place[(i * c->n_stages + k) * c->n_dense + d] = (int32_t)(at[g] - s->first[g]) - f->q;
    }
}

static sy_status meet_all(sy_context *ctx, syi_crossed *c, syi_crossing *r, int k, ptrdiff_t *start, ptrdiff_t *order,
                          int *seen, ptrdiff_t *at)
{
    syi_stage *s = &c->stage[k];
    for (int fill = 0; fill < 2; fill++) {
        for (int d = 0; d < c->n_dense; d++) {
            const sy_status status = syi_serial_stopped(ctx);
            if (status < 0) return status;
            sort_rows(c, r, c->dense[d].factor, start, order);
            meet(c, r, k, d, order, fill, seen, at);
        }
        if (fill) break;
        for (ptrdiff_t g = 0; g < s->n; g++) s->first[g + 1] += s->first[g];
        memcpy(at, s->first, (size_t)s->n * sizeof *at);
        s->column = syi_alloc((size_t)s->first[s->n] + 1, sizeof *s->column);
        if (!s->column) return no_room(ctx, r);
    }
    return SY_OK;
}

/* A parent meets all that its levels meet, so both lists can be walked side by side. */
static sy_status link_up(sy_context *ctx, const syi_crossing *r, syi_stage *s, const syi_stage *next)
{
    s->up = syi_alloc((size_t)s->first[s->n] + 1, sizeof *s->up);
    if (!s->up) return no_room(ctx, r);
    for (ptrdiff_t g = 0; g < s->n; g++) {
        const int32_t *above = next->column + next->first[s->parent[g]];
        int32_t low = 0;
        const int32_t most = (int32_t)(next->first[s->parent[g] + 1] - next->first[s->parent[g]]);
        for (ptrdiff_t e = s->first[g]; e < s->first[g + 1]; e++) {
            int32_t high = most;
            while (high - low > 1) {
                const int32_t middle = low + (high - low) / 2;
                if (above[middle] <= s->column[e]) low = middle;
                else high = middle;
            }
            s->up[e] = low;
        }
    }
    return SY_OK;
}

sy_status syi_crossed_order(sy_context *ctx, syi_crossed *c, syi_crossing *r)
{
    ptrdiff_t *start = NULL, *order = NULL, *at = NULL, most = 0;
    int *seen = NULL;
    for (int f = 0; f < c->n_factors; f++)
        if (c->rows->bars.factor[f].n_levels > most) most = c->rows->bars.factor[f].n_levels;
    sy_status s = read_levels(ctx, c, r);
    if (s >= 0) s = choose(ctx, c, r);
    if (s < 0) goto out;
    start = syi_alloc((size_t)most + 1, sizeof *start);
    at = syi_alloc((size_t)most + 1, sizeof *at);
    seen = syi_alloc((size_t)most + 1, sizeof *seen);
    order = syi_alloc((size_t)r->n, sizeof *order);
    r->place = syi_alloc((size_t)r->n * (size_t)c->n_stages * (size_t)c->n_dense + 1, sizeof *r->place);
    if (!start || !at || !seen || !order || !r->place) {
        s = no_room(ctx, r);
        goto out;
    }
    for (int k = 0; k < c->n_stages && s >= 0; k++) s = meet_all(ctx, c, r, k, start, order, seen, at);
    for (int k = 0; k + 1 < c->n_stages && s >= 0; k++) s = link_up(ctx, r, &c->stage[k], &c->stage[k + 1]);
out:
    SYI_FREE(start);
    SYI_FREE(order);
    SYI_FREE(at);
    SYI_FREE(seen);
    return s;
}
