/* Where the search for a mixed model begins: the curvature of the fixed
 * parameters.
 *
 * At the fit without effects (u = 0), with T as it starts, the information left on
 * the fixed parameters once the effects of the largest factor are taken out is
 *   I - sum over levels of J'(I + T'Z'WZT)^-1 J,  J = sum zeta (dg / d parameters)'
 * which is positive definite, and small in the directions that only differences
 * between levels tell of. Cost: n p q, and levels k^2 q.
 * Reference: Breslow & Clayton 1993, 10.1080/01621459.1993.10594284
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/mixed/glmm_internal.h"
#include <string.h>

typedef struct {
    syi_arena arena;
    syi_glmm_point at;
    syi_glmm_slots slots;
    double *eta, *zeta, *d, *j, *level; /* [longest] [q * longest] [q * q] [k * q] [n_levels + 1] */
} room;

static int room_open(const syi_glmm_problem *g, room *r)
{
    const size_t d = sizeof(double), n = (size_t)g->longest, q = (size_t)g->factor[0].q,
                 levels = (size_t)g->n_levels + 1;
    if (syi_arena_init(&r->arena, syi_arena_room((SYI_GLMM_ARRAYS + 1 + q) * n, d) + syi_arena_room(q * q, d) +
                                      syi_arena_room((size_t)g->k * q, d) + 3 * syi_arena_room(levels, d)) != 0)
        return 0;
    double *rows = syi_arena_take(&r->arena, (SYI_GLMM_ARRAYS + 1 + q) * n, d);
    syi_glmm_slots_of(&r->slots, rows, g->longest);
    r->eta = rows + SYI_GLMM_ARRAYS * n;
    r->zeta = r->eta + n;
    r->d = syi_arena_take(&r->arena, q * q, d);
    r->j = syi_arena_take(&r->arena, (size_t)g->k * q, d);
    r->level = syi_arena_take(&r->arena, levels, d);
    r->at.threshold = syi_arena_take(&r->arena, levels, d);
    r->at.level_gradient = syi_arena_take(&r->arena, levels, d);
    return 1;
}

/* Column b of J: dg / d parameters, times zeta_b, over the rows of a level. */
static void cross_column(const syi_glmm_problem *g, room *r, ptrdiff_t first, int len, int b)
{
    const double *zeta = r->zeta + (ptrdiff_t)b * g->longest;
    const int q = g->factor[0].q;
    for (int c = 0; c < g->p; c++)
        r->j[(g->n_thresholds + c) * q + b] =
            -syi_glmm_dot3(len, zeta, r->slots.w, g->x + (ptrdiff_t)c * g->padded + first);
    if (g->kind != SY_RESPONSE_ORDINAL) return;
    memset(r->level, 0, ((size_t)g->n_levels + 1) * sizeof *r->level);
    for (int i = 0; i < len; i++) {
        r->level[g->answer[first + i] + 1] += zeta[i] * r->slots.upper_g[i];
        r->level[g->answer[first + i]] += zeta[i] * r->slots.lower_g[i];
    }
    for (int t = 0; t < g->n_thresholds; t++) {
        double sum = 0;
        for (int l = 1; l < g->n_levels; l++) sum += g->contrast[(l - 1) * g->n_thresholds + t] * r->level[l];
        r->j[t * q + b] = sum;
    }
}

static void take_level(const syi_glmm_problem *g, const double *parameters, room *r, int level, double *information)
{
    const ptrdiff_t first = g->start[level];
    const int len = (int)(g->start[level + 1] - first), q = g->factor[0].q, k = g->known;
    if (len == 0) return;
    syi_glmm_fixed(g, parameters, first, len, r->eta);
    syi_glmm_density(g, &r->at, first, len, r->eta, SYI_GLMM_FULL, &r->slots);
    syi_glmm_turn(g, &g->factor[0], first, len, r->zeta, g->longest);
    for (int a = 0; a < q; a++)
        for (int b = 0; b <= a; b++)
            r->d[a * q + b] = (a == b) + syi_glmm_dot3(len, r->zeta + (ptrdiff_t)a * g->longest,
                                                       r->zeta + (ptrdiff_t)b * g->longest, r->slots.w);
    if (!syi_cholesky_plain(q, r->d, 0)) return;
    for (int b = 0; b < q; b++) cross_column(g, r, first, len, b);
    for (int j = 0; j < k; j++) syi_cholesky_plain_forward(q, r->d, r->j + j * q);
    for (int i = 0; i < k; i++)
        for (int j = 0; j <= i; j++) {
            double sum = 0;
            for (int b = 0; b < q; b++) sum += r->j[i * q + b] * r->j[j * q + b];
            information[i * k + j] -= sum;
            if (j < i) information[j * k + i] -= sum;
        }
}

sy_status syi_glmm_start(sy_context *ctx, syi_glmm_problem *g, const double *parameters, double *information)
{
    room r = {0};
    if (!room_open(g, &r)) return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d rows of a level", g->longest);
    syi_glmm_set_t(g, parameters);
    if (syi_glmm_point_of(g, parameters, &r.at))
        for (int l = 0; l < g->factor[0].n_levels; l++) take_level(g, parameters, &r, l, information);
    syi_arena_free(&r.arena);
    return SY_OK;
}
