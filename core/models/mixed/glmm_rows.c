/* The rows of a mixed model sorted by the factor with most effects.
 *
 * Each level's rows stand together, padded to eight with rows of weight 0, so
 * that everything about a level is sums over consecutive memory in eight lanes.
 * Columns of the bar terms are divided by powers of two, which changes the
 * units of T and nothing else. Cost: n (p + q) once.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/mixed/glmm_internal.h"
#include "models/response/ordinal_internal.h"
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static sy_status no_room(sy_context *ctx, const syi_glmm_problem *g)
{
    return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %td rows and %td effects", g->rows.n, g->bars.n_modes);
}

/* Factors by their number of effects, the largest first; T as parameters. */
static void order_factors(syi_glmm_problem *g)
{
    const syi_bars *b = &g->bars;
    for (int f = 0; f < b->n_factors; f++) {
        int before = 0;
        for (int o = 0; o < b->n_factors; o++) {
            const double mine = (double)b->factor[f].n_levels * b->factor[f].q,
                         other = (double)b->factor[o].n_levels * b->factor[o].q;
            before += other > mine || (other == mine && o < f);
        }
        g->place[f] = before;
        g->factor[before].q = b->factor[f].q;
        g->factor[before].n_levels = b->factor[f].n_levels;
    }
}

static sy_status room_factor(sy_context *ctx, syi_glmm_problem *g, syi_glmm_factor *f)
{
    const size_t q = (size_t)f->q, levels = (size_t)f->n_levels, most = (size_t)g->n_theta + 1;
    f->entry_row = syi_alloc(most, sizeof *f->entry_row);
    f->entry_column = syi_alloc(most, sizeof *f->entry_column);
    f->entry_theta = syi_alloc(most, sizeof *f->entry_theta);
    f->t = syi_alloc(q * q, sizeof *f->t);
    f->z = syi_alloc(q * (size_t)g->padded, sizeof *f->z);
    f->unit = syi_alloc(q, sizeof *f->unit);
    f->level = syi_alloc((size_t)g->padded, sizeof *f->level);
    f->mode = syi_alloc(levels * q, sizeof *f->mode);
    f->variance = syi_alloc(levels * q * q, sizeof *f->variance);
    return f->entry_row && f->entry_column && f->entry_theta && f->t && f->z && f->unit && f->level && f->mode &&
                   f->variance
               ? SY_OK
               : no_room(ctx, g);
}

/* Where the effects of bar term k begin among those of its factor. */
static int first_of_bar(const syi_bars *b, int k)
{
    int first = 0;
    for (int j = 0; j < k; j++)
        if (b->bar[j].factor == b->bar[k].factor) first += b->bar[j].q;
    return first;
}

static void enter_theta(syi_glmm_problem *g)
{
    const syi_bars *b = &g->bars;
    for (int k = 0; k < b->n_bars; k++) {
        syi_glmm_factor *f = &g->factor[g->place[b->bar[k].factor]];
        const int first = first_of_bar(b, k);
        for (int i = 0; i < b->bar[k].q; i++)
            for (int j = 0; j <= i; j++) {
                const int theta = syi_bar_theta(&b->bar[k], i, j);
                if (theta < 0) continue;
                f->entry_row[f->n_entries] = first + i;
                f->entry_column[f->n_entries] = first + j;
                f->entry_theta[f->n_entries++] = theta;
            }
    }
}

/* goes_to[i]: the place of packed row i; start of each level. */
static sy_status sort_rows(sy_context *ctx, syi_glmm_problem *g, int32_t *level, ptrdiff_t *goes_to)
{
    const syi_bars *b = &g->bars;
    int main_factor = 0;
    for (int f = 0; f < b->n_factors; f++)
        if (g->place[f] == 0) main_factor = f;
    const int levels = b->factor[main_factor].n_levels;
    ptrdiff_t *count = g->start + 1;
    for (ptrdiff_t at = 0; at < g->rows.n; at += SYI_TILE) {
        const int len = g->rows.n - at < SYI_TILE ? (int)(g->rows.n - at) : SYI_TILE;
        syi_bars_tile(b, g->rows.row + at, len, NULL, level);
        for (int i = 0; i < len; i++) {
            const int32_t l = level[main_factor * SYI_TILE + i];
            if (l < 0 || l >= levels) return syi_fail(ctx, SY_EBUG, "mixed: a row without a level");
            goes_to[at + i] = l;
            count[l]++;
        }
    }
    for (int l = 0; l < levels; l++) {
        if (count[l] > INT_MAX - 8)
            return syi_fail(ctx, SY_ELIMIT, "mixed: a level has more than %d rows", INT_MAX - 8);
        const ptrdiff_t room = (count[l] + 7) / 8 * 8;
        if (room > g->longest) g->longest = (int)room;
        count[l] = g->start[l] + room;
    }
    g->padded = g->start[levels];
    return SY_OK;
}

static void place_rows(syi_glmm_problem *g, ptrdiff_t *next, ptrdiff_t *goes_to)
{
    memcpy(next, g->start, (size_t)g->factor[0].n_levels * sizeof *next);
    for (ptrdiff_t i = 0; i < g->rows.n; i++) goes_to[i] = next[goes_to[i]]++;
}

static void copy_rows(syi_glmm_problem *g, const ptrdiff_t *goes_to)
{
    const syi_packed *r = &g->rows;
    for (ptrdiff_t i = 0; i < g->padded; i++) g->row[i] = -1;
    for (int j = 0; j < g->p; j++)
        for (ptrdiff_t i = 0; i < r->n; i++)
            g->x[(ptrdiff_t)j * g->padded + goes_to[i]] = r->x[(ptrdiff_t)j * r->stride + i];
    for (ptrdiff_t i = 0; i < r->n; i++) {
        const ptrdiff_t to = goes_to[i];
        g->row[to] = r->row[i];
        g->weight[to] = r->weight[i] * (r->trials ? r->trials[i] : 1);
        g->success[to] = r->weight[i] * r->y[i];
        g->offset[to] = r->offset ? r->offset[i] : 0;
        if (g->kind == SY_RESPONSE_ORDINAL) g->answer[to] = (int32_t)r->y[i];
    }
}

static void copy_effects(syi_glmm_problem *g, int32_t *level, double *z, const ptrdiff_t *goes_to)
{
    const syi_bars *b = &g->bars;
    for (ptrdiff_t at = 0; at < g->rows.n; at += SYI_TILE) {
        const int len = g->rows.n - at < SYI_TILE ? (int)(g->rows.n - at) : SYI_TILE;
        syi_bars_tile(b, g->rows.row + at, len, z, level);
        for (int f = 0; f < b->n_factors; f++)
            for (int i = 0; i < len; i++) g->factor[g->place[f]].level[goes_to[at + i]] = level[f * SYI_TILE + i];
        for (int k = 0; k < b->n_bars; k++) {
            const syi_glmm_factor *f = &g->factor[g->place[b->bar[k].factor]];
            const int first = first_of_bar(b, k);
            for (int e = 0; e < b->bar[k].q; e++)
                for (int i = 0; i < len; i++)
                    f->z[(ptrdiff_t)(first + e) * g->padded + goes_to[at + i]] =
                        z[(ptrdiff_t)(b->bar[k].first_effect + e) * SYI_TILE + i];
        }
    }
}

/* Units: the power of two next to the root of the mean square. Padding gets the
 * level of its neighbours, so that it may be read like any row. */
static void set_units(syi_glmm_problem *g)
{
    for (int f = 0; f < g->n_factors; f++) {
        syi_glmm_factor *o = &g->factor[f];
        for (int e = 0; e < o->q; e++) {
            double *z = o->z + (ptrdiff_t)e * g->padded;
            int exponent = 0;
            const double square = syi_glmm_dot(g->padded, z, z) / (double)g->rows.n;
            if (square > 0) frexp(sqrt(square) * sqrt(2), &exponent);
            o->unit[e] = square > 0 ? ldexp(1, exponent - 1) : 1;
            for (ptrdiff_t i = 0; i < g->padded; i++) z[i] /= o->unit[e];
        }
        for (ptrdiff_t i = 1; i < g->padded; i++)
            if (g->row[i] < 0) o->level[i] = o->level[i - 1];
    }
}

typedef struct {
    double y, weight;
} counted;

static int by_count(const void *a, const void *b)
{
    const double x = ((const counted *)a)->y, y = ((const counted *)b)->y;
    return (x > y) - (x < y);
}

static sy_status count_counts(sy_context *ctx, syi_glmm_problem *g)
{
    const syi_packed *r = &g->rows;
    counted *all = syi_alloc((size_t)r->n, sizeof *all);
    g->count = syi_alloc((size_t)r->n, sizeof *g->count);
    g->count_weight = syi_alloc((size_t)r->n, sizeof *g->count_weight);
    if (!all || !g->count || !g->count_weight) {
        SYI_FREE(all);
        return no_room(ctx, g);
    }
    for (ptrdiff_t i = 0; i < r->n; i++) all[i] = (counted){r->y[i], r->weight[i]};
    qsort(all, (size_t)r->n, sizeof *all, by_count);
    for (ptrdiff_t i = 0; i < r->n; i++) {
        if (i == 0 || all[i].y != all[i - 1].y) g->count[g->n_counts++] = all[i].y;
        g->count_weight[g->n_counts - 1] += all[i].weight;
    }
    SYI_FREE(all);
    return SY_OK;
}

static sy_status room_rows(sy_context *ctx, syi_glmm_problem *g)
{
    const size_t rows = (size_t)g->padded + 8;
    g->x = syi_alloc((size_t)g->p * rows, sizeof *g->x);
    g->success = syi_alloc(rows, sizeof *g->success);
    g->weight = syi_alloc(rows, sizeof *g->weight);
    g->offset = syi_alloc(rows, sizeof *g->offset);
    g->slope = syi_alloc(rows, sizeof *g->slope);
    g->answer = syi_alloc(rows, sizeof *g->answer);
    g->row = syi_alloc(rows, sizeof *g->row);
    g->level_weight = syi_alloc((size_t)g->n_levels + 1, sizeof *g->level_weight);
    g->contrast = syi_alloc((size_t)g->n_levels * (size_t)g->n_thresholds + 1, sizeof *g->contrast);
    if (!g->x || !g->success || !g->weight || !g->offset || !g->slope || !g->answer || !g->row || !g->level_weight ||
        !g->contrast)
        return no_room(ctx, g);
    sy_status s = SY_OK;
    for (int f = 0; f < g->n_factors && s >= 0; f++) s = room_factor(ctx, g, &g->factor[f]);
    return s;
}

static sy_status fill(sy_context *ctx, syi_glmm_problem *g, int32_t *level, double *z, ptrdiff_t *goes_to,
                      ptrdiff_t *next)
{
    sy_status s = sort_rows(ctx, g, level, goes_to);
    if (s >= 0) s = room_rows(ctx, g);
    if (s >= 0 && g->spread >= 0) s = count_counts(ctx, g);
    if (s < 0) return s;
    enter_theta(g);
    place_rows(g, next, goes_to);
    copy_rows(g, goes_to);
    copy_effects(g, level, z, goes_to);
    set_units(g);
    syi_likelihood whole = g->fixed; /* of log y! all is wanted for either kind of counts */
    if (g->kind == SY_RESPONSE_POISSON) whole.kind = SY_RESPONSE_NEGATIVE_BINOMIAL;
    g->constant = syi_likelihood_constant(&whole);
    for (ptrdiff_t i = 0; g->kind == SY_RESPONSE_ORDINAL && i < g->rows.n; i++)
        g->level_weight[(int)g->rows.y[i]] += g->rows.weight[i];
    for (int l = 0; l + 1 < g->n_levels; l++)
        for (int j = 0; j < g->n_thresholds; j++)
            g->contrast[l * g->n_thresholds + j] = syi_thresholds_map(g->fixed.thresholds, g->n_levels, l, j);
    return SY_OK;
}

sy_status syi_glmm_rows(sy_context *ctx, syi_glmm_problem *g)
{
    const size_t factors = (size_t)g->bars.n_factors;
    g->n_factors = g->bars.n_factors;
    g->factor = syi_alloc(factors, sizeof *g->factor);
    g->place = syi_alloc(factors, sizeof *g->place);
    if (!g->factor || !g->place) return no_room(ctx, g);
    order_factors(g);
    g->start = syi_alloc((size_t)g->factor[0].n_levels + 1, sizeof *g->start);
    int32_t *level = syi_alloc(factors * SYI_TILE, sizeof *level);
    double *z = syi_alloc((size_t)g->bars.n_effects * SYI_TILE, sizeof *z);
    ptrdiff_t *goes_to = syi_alloc((size_t)g->rows.n, sizeof *goes_to),
              *next = syi_alloc((size_t)g->factor[0].n_levels, sizeof *next);
    const sy_status s =
        g->start && level && z && goes_to && next ? fill(ctx, g, level, z, goes_to, next) : no_room(ctx, g);
    SYI_FREE(level);
    SYI_FREE(z);
    SYI_FREE(goes_to);
    SYI_FREE(next);
    return s;
}

static void free_factor(syi_glmm_factor *f)
{
    SYI_FREE(f->entry_row);
    SYI_FREE(f->entry_column);
    SYI_FREE(f->entry_theta);
    SYI_FREE(f->t);
    SYI_FREE(f->z);
    SYI_FREE(f->unit);
    SYI_FREE(f->level);
    SYI_FREE(f->mode);
    SYI_FREE(f->variance);
}

void syi_glmm_free(syi_glmm_problem *g)
{
    for (int f = 0; g->factor && f < g->n_factors; f++) free_factor(&g->factor[f]);
    SYI_FREE(g->factor);
    SYI_FREE(g->place);
    SYI_FREE(g->x);
    SYI_FREE(g->success);
    SYI_FREE(g->weight);
    SYI_FREE(g->offset);
    SYI_FREE(g->slope);
    SYI_FREE(g->answer);
    SYI_FREE(g->row);
    SYI_FREE(g->start);
    SYI_FREE(g->contrast);
    SYI_FREE(g->count);
    SYI_FREE(g->count_weight);
    SYI_FREE(g->level_weight);
    SYI_FREE(g->node);
    SYI_FREE(g->log_node);
    syi_arena_free(&g->arena);
    syi_arena_free(&g->lists);
    syi_packed_free(&g->rows);
    syi_bars_free(&g->bars);
}
