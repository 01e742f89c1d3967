/* Laplace's approximation with several grouping factors, crossed or nested.
 *
 * h(u) = sum l(e + zeta'u) - u'u / 2 over the effects u of all factors; zeta_i has
 * entries T_f'z_i at the levels row i lies in. D = I + sum w zeta zeta' has blocks A of
 * the factor with most effects, a border B and a dense rest C:
 *   log|D| = log|A| + log|C - B'A^-1 B|,
 * and a system in D is solved by the same two steps. Modes as in glmm_one.c.
 * Cost a Newton step: n (sum q)^2, levels times the square of the columns each
 * meets, and m^3 / 6 for the m effects of the other factors.
 * References: Bates, Maechler, Bolker & Walker 2015, 10.18637/jss.v067.i01; Skaug & Fournier 2006,
 * 10.1016/j.csda.2006.03.005
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "base/blas_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/mixed/glmm_crossed_internal.h"
#include <math.h>
#include <string.h>

enum { CHUNK = 2048, STEPS = 200, MOST_DENSE = 20000, OWN = 64 };

syi_glmm_slots syi_glmm_slots_at(const syi_glmm_slots *s, ptrdiff_t first)
{
    syi_glmm_slots out = *s;
    double **const all[] = {&out.l,       &out.g,       &out.w,       &out.w1,      &out.upper_l,
                            &out.upper_g, &out.upper_w, &out.lower_l, &out.lower_g, &out.lower_w};
    for (int i = 0; i < 10; i++) *all[i] += first;
    return out;
}

/* The dense columns that each level of factor 0 meets; NULL list: counts alone, in list_start. */
static void meet(const syi_glmm_problem *g, syi_glmm_cross *c, ptrdiff_t *seen)
{
    ptrdiff_t at = 0;
    for (ptrdiff_t m = 0; m < c->dense; m++) seen[m] = -1;
    for (int l = 0; l < g->factor[0].n_levels; l++) {
        const ptrdiff_t begin = at;
        c->list_start[l] = at;
        for (ptrdiff_t i = g->start[l]; i < g->start[l + 1]; i++)
            for (int f = 1; f < g->n_factors && g->row[i] >= 0; f++) {
                const int q = g->factor[f].q;
                const ptrdiff_t column = c->first[f] - c->first[1] + (ptrdiff_t)g->factor[f].level[i] * q;
                if (seen[column] < begin) {
                    seen[column] = at;
                    for (int b = 0; c->list && b < q; b++) c->list[at + b] = (int)column + b;
                    at += q;
                }
                if (c->list) c->where[(f - 1) * g->padded + i] = (int)(seen[column] - begin);
            }
    }
    c->list_start[g->factor[0].n_levels] = at;
}

static sy_status size_up(sy_context *ctx, const syi_glmm_problem *g, syi_glmm_cross *c)
{
    c->g = (syi_glmm_problem *)g;
    c->q = g->factor[0].q;
    for (int f = 0; f < g->n_factors; f++) {
        const ptrdiff_t effects = (ptrdiff_t)g->factor[f].n_levels * g->factor[f].q;
        c->n_modes += effects;
        c->n_effects += g->factor[f].q;
        if (f > 0) c->dense += effects;
    }
    return c->dense <= MOST_DENSE
               ? SY_OK
               : syi_fail(ctx, SY_ELIMIT, "formula: %td effects beside the largest grouping factor; the limit is %d",
                          c->dense, MOST_DENSE);
}

/* Everything whose size is known before the lists are. */
static size_t first_room(const syi_glmm_problem *g, const syi_glmm_cross *c)
{
    const size_t d = sizeof(double), n = (size_t)g->padded, q = (size_t)c->q, levels = (size_t)g->factor[0].n_levels,
                 factors = (size_t)g->n_factors, dense = (size_t)c->dense, effects = (size_t)c->n_effects;
    return syi_arena_room(1, sizeof *c) + 2 * syi_arena_room(factors, sizeof(ptrdiff_t)) +
           syi_arena_room(levels + 1, sizeof(ptrdiff_t)) + syi_arena_room(factors * n, sizeof(int)) +
           syi_arena_room(levels * q * q, d) + 2 * syi_arena_room(dense * dense, d) + 3 * syi_arena_room(n, d) +
           2 * syi_arena_room(effects * n, d) + syi_arena_room(10 * n, d) + syi_arena_room(6 * CHUNK, d) +
           4 * syi_arena_room((size_t)c->n_modes, d) + syi_arena_room(dense, sizeof(ptrdiff_t)) +
           syi_arena_room((size_t)syi_glmm_part_size(g), d) + 2 * syi_arena_room((size_t)g->n_levels + 1, d);
}

static void take_rows(syi_glmm_problem *g, syi_glmm_cross *c)
{
    syi_arena *a = &g->arena;
    const size_t d = sizeof(double), n = (size_t)g->padded, effects = (size_t)c->n_effects;
    c->eta = syi_arena_take(a, n, d);
    c->y = syi_arena_take(a, n, d);
    c->along = syi_arena_take(a, n, d);
    c->zeta = syi_arena_take(a, effects * n, d);
    c->e = syi_arena_take(a, effects * n, d);
    syi_glmm_slots_of(&c->slots, syi_arena_take(a, 10 * n, d), g->padded);
    double *scratch = syi_arena_take(a, 6 * CHUNK, d);
    for (int i = 0; i < 6; i++) c->slots.scratch[i] = scratch + i * CHUNK;
    c->at.threshold = syi_arena_take(a, (size_t)g->n_levels + 1, d);
    c->at.level_gradient = syi_arena_take(a, (size_t)g->n_levels + 1, d);
    c->sum = syi_arena_take(a, (size_t)syi_glmm_part_size(g), d);
}

/* Lists of the columns met, and what is as long as they are; an arena of its own. */
static sy_status take_lists(sy_context *ctx, syi_glmm_problem *g, syi_glmm_cross *c, ptrdiff_t *seen)
{
    const size_t d = sizeof(double), q = (size_t)c->q, square = (size_t)(c->n_effects + c->q);
    size_t widest = 0;
    meet(g, c, seen);
    const size_t length = (size_t)c->list_start[g->factor[0].n_levels];
    for (int l = 0; l < g->factor[0].n_levels; l++) {
        const size_t wide = (size_t)(c->list_start[l + 1] - c->list_start[l]);
        widest = wide > widest ? wide : widest;
    }
    if (syi_arena_init(&g->lists, syi_arena_room(length + 1, sizeof(int)) + syi_arena_room(q * length + 1, d) +
                                      syi_arena_room(2 * q * widest + square * square, d)) != 0)
        return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %td effects", c->n_modes);
    c->list = syi_arena_take(&g->lists, length + 1, sizeof(int));
    c->b = syi_arena_take(&g->lists, q * length + 1, d);
    c->small = syi_arena_take(&g->lists, 2 * q * widest + square * square, d);
    meet(g, c, seen);
    return SY_OK;
}

sy_status syi_glmm_crossed_open(sy_context *ctx, syi_glmm_problem *g)
{
    syi_glmm_cross sizes = {0}, *c;
    const size_t d = sizeof(double), factors = (size_t)g->n_factors, levels = (size_t)g->factor[0].n_levels;
    const sy_status s = size_up(ctx, g, &sizes);
    if (s < 0) return s;
    const size_t dense = (size_t)sizes.dense, modes = (size_t)sizes.n_modes, q = (size_t)sizes.q;
    if (syi_arena_init(&g->arena, first_room(g, &sizes)) != 0)
        return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %td rows and %td effects", g->padded, sizes.n_modes);
    syi_arena *a = &g->arena;
    g->state = c = syi_arena_take(a, 1, sizeof *c);
    *c = sizes;
    c->first = syi_arena_take(a, factors, sizeof *c->first);
    c->row_effect = syi_arena_take(a, factors, sizeof *c->row_effect);
    c->list_start = syi_arena_take(a, levels + 1, sizeof *c->list_start);
    c->where = syi_arena_take(a, factors * (size_t)g->padded, sizeof *c->where);
    c->a = syi_arena_take(a, levels * q * q, d);
    c->s = syi_arena_take(a, dense * dense, d);
    c->inverse = syi_arena_take(a, dense * dense, d);
    double **const vectors[] = {&c->u, &c->next, &c->step, &c->force};
    for (int i = 0; i < 4; i++) *vectors[i] = syi_arena_take(a, modes, d);
    take_rows(g, c);
    for (int f = 1; f < g->n_factors; f++) {
        c->first[f] = c->first[f - 1] + (ptrdiff_t)g->factor[f - 1].n_levels * g->factor[f - 1].q;
        c->row_effect[f] = c->row_effect[f - 1] + g->factor[f - 1].q;
    }
    return take_lists(ctx, g, c, syi_arena_take(a, dense, sizeof(ptrdiff_t)));
}

/* Densities of all rows at effects u. */
static void densities(const syi_glmm_problem *g, syi_glmm_cross *c, const double *u, syi_glmm_order order)
{
    for (ptrdiff_t at = 0; at < g->padded; at += CHUNK) {
        const int len = g->padded - at < CHUNK ? (int)(g->padded - at) : CHUNK;
        syi_glmm_slots slots = syi_glmm_slots_at(&c->slots, at);
        syi_glmm_fixed(g, c->parameters, at, len, c->eta + at);
        for (int f = 0; f < g->n_factors; f++)
            for (int b = 0; b < g->factor[f].q; b++) {
                const double *zeta = c->zeta + (c->row_effect[f] + b) * g->padded + at, *own = u + c->first[f] + b;
                const int32_t *level = g->factor[f].level + at;
                const int q = g->factor[f].q;
                for (int i = 0; i < len; i++) c->eta[at + i] += zeta[i] * own[(ptrdiff_t)level[i] * q];
            }
        syi_glmm_density(g, &c->at, at, len, c->eta + at, order, &slots);
    }
}

/* force = h' at u, from the slopes of the rows. */
static void pull(const syi_glmm_problem *g, syi_glmm_cross *c, const double *u)
{
    for (ptrdiff_t m = 0; m < c->n_modes; m++) c->force[m] = -u[m];
    for (int f = 0; f < g->n_factors; f++)
        for (int b = 0; b < g->factor[f].q; b++) {
            const double *zeta = c->zeta + (c->row_effect[f] + b) * g->padded;
            double *own = c->force + c->first[f] + b;
            for (ptrdiff_t i = 0; i < g->padded; i++)
                own[(ptrdiff_t)g->factor[f].level[i] * g->factor[f].q] += zeta[i] * c->slots.g[i];
        }
}

/* Adds row i to A and B of its level, and to C. */
static void add_row(const syi_glmm_problem *g, syi_glmm_cross *c, ptrdiff_t i, ptrdiff_t wide, double *a,
                    double *border)
{
    const double w = c->slots.w[i];
    const int q = c->q;
    for (int j = 0; j < q; j++) {
        const double wz = w * c->zeta[j * g->padded + i];
        for (int k = 0; k <= j; k++) a[j * q + k] += wz * c->zeta[k * g->padded + i];
        for (int f = 1; f < g->n_factors; f++)
            for (int b = 0; b < g->factor[f].q; b++)
                border[j * wide + c->where[(f - 1) * g->padded + i] + b] +=
                    wz * c->zeta[(c->row_effect[f] + b) * g->padded + i];
    }
    for (int f = 1; f < g->n_factors; f++)
        for (int j = 0; j < g->factor[f].q; j++) {
            const ptrdiff_t row = c->first[f] - c->first[1] + (ptrdiff_t)g->factor[f].level[i] * g->factor[f].q + j;
            const double wz = w * c->zeta[(c->row_effect[f] + j) * g->padded + i];
            for (int h = 1; h <= f; h++)
                for (int k = 0; k < g->factor[h].q; k++) {
                    const ptrdiff_t column =
                        c->first[h] - c->first[1] + (ptrdiff_t)g->factor[h].level[i] * g->factor[h].q + k;
                    if (column <= row)
                        c->s[row * c->dense + column] += wz * c->zeta[(c->row_effect[h] + k) * g->padded + i];
                }
        }
}

/* L of level l's block, L^-1 B, and what it takes from the dense rest. */
static int eliminate(const syi_glmm_problem *g, syi_glmm_cross *c, int l)
{
    const int q = c->q;
    const ptrdiff_t from = c->list_start[l], wide = c->list_start[l + 1] - from;
    const int *list = c->list + from;
    double *a = c->a + (ptrdiff_t)l * q * q, *border = c->b + q * from;
    memset(a, 0, (size_t)(q * q) * sizeof *a);
    memset(border, 0, (size_t)(q * wide) * sizeof *border);
    for (int j = 0; j < q; j++) a[j * q + j] = 1;
    for (ptrdiff_t i = g->start[l]; i < g->start[l + 1]; i++)
        if (g->row[i] >= 0) add_row(g, c, i, wide, a, border);
    if (!syi_cholesky_plain(q, a, 0)) return 0;
    for (int j = 0; j < q; j++) {
        double *bj = border + j * wide;
        for (int k = 0; k < j; k++)
            for (ptrdiff_t m = 0; m < wide; m++) bj[m] -= a[j * q + k] * border[k * wide + m];
        for (ptrdiff_t m = 0; m < wide; m++) bj[m] /= a[j * q + j];
        for (ptrdiff_t m = 0; m < wide; m++) {
            double *row = c->s + list[m] * c->dense;
            const double bm = bj[m];
            for (ptrdiff_t o = 0; o < wide; o++)
                if (list[o] <= list[m]) row[list[o]] -= bm * bj[o];
        }
    }
    return 1;
}

/* The factors of D; *log_det. 0 when it is not positive definite. */
static int factor_all(const syi_glmm_problem *g, syi_glmm_cross *c, double *log_det)
{
    const int q = c->q;
    *log_det = 0;
    memset(c->s, 0, (size_t)c->dense * (size_t)c->dense * sizeof *c->s);
    for (ptrdiff_t m = 0; m < c->dense; m++) c->s[m * c->dense + m] = 1;
    for (int l = 0; l < g->factor[0].n_levels; l++) {
        if (!eliminate(g, c, l)) return 0;
        for (int j = 0; j < q; j++) *log_det += 2 * log(c->a[((ptrdiff_t)l * q + j) * q + j]);
    }
    if (c->dense <= OWN ? !syi_cholesky_plain((int)c->dense, c->s, 0) : syi_dpotrf(c->dense, c->s) != 0) return 0;
    for (ptrdiff_t m = 0; m < c->dense; m++) *log_det += 2 * log(c->s[m * c->dense + m]);
    return 1;
}

void syi_glmm_cross_solve(const syi_glmm_cross *c, double *x)
{
    const syi_glmm_problem *g = c->g;
    const int q = c->q;
    double *rest = x + c->first[1];
    for (int l = 0; l < g->factor[0].n_levels; l++) {
        const ptrdiff_t from = c->list_start[l], wide = c->list_start[l + 1] - from;
        double *own = x + (ptrdiff_t)l * q;
        syi_cholesky_plain_forward(q, c->a + (ptrdiff_t)l * q * q, own);
        for (int j = 0; j < q; j++)
            for (ptrdiff_t m = 0; m < wide; m++) rest[c->list[from + m]] -= c->b[q * from + j * wide + m] * own[j];
    }
    syi_cholesky_plain_forward((int)c->dense, c->s, rest);
    syi_cholesky_plain_back((int)c->dense, c->s, rest);
    for (int l = 0; l < g->factor[0].n_levels; l++) {
        const ptrdiff_t from = c->list_start[l], wide = c->list_start[l + 1] - from;
        double *own = x + (ptrdiff_t)l * q;
        for (int j = 0; j < q; j++)
            for (ptrdiff_t m = 0; m < wide; m++) own[j] -= c->b[q * from + j * wide + m] * rest[c->list[from + m]];
        syi_cholesky_plain_back(q, c->a + (ptrdiff_t)l * q * q, own);
    }
}

static double try_step(const syi_glmm_problem *g, syi_glmm_cross *c, double t)
{
    double slope = 0;
    for (ptrdiff_t m = 0; m < c->n_modes; m++) c->next[m] = c->u[m] + t * c->step[m];
    densities(g, c, c->next, SYI_GLMM_SEARCH);
    pull(g, c, c->next);
    for (ptrdiff_t m = 0; m < c->n_modes; m++) slope += c->force[m] * c->step[m];
    return slope;
}

/* From c->u to the mode; *found. */
static sy_status find_mode(sy_context *ctx, const syi_glmm_problem *g, syi_glmm_cross *c, int *found)
{
    const size_t bytes = (size_t)c->n_modes * sizeof(double);
    double log_det;
    *found = 0;
    memset(c->step, 0, bytes);
    try_step(g, c, 0);
    for (int i = 0; i < STEPS; i++) {
        double before = 0, largest = 0, t = 1;
        if (syi_serial_stopped(ctx) != SY_OK) return SY_EINTR;
        if (!factor_all(g, c, &log_det)) return SY_OK;
        memcpy(c->step, c->force, bytes);
        syi_glmm_cross_solve(c, c->step);
        for (ptrdiff_t m = 0; m < c->n_modes; m++) {
            before += c->force[m] * c->step[m];
            largest = fmax(largest, fabs(c->step[m]) / (1 + fabs(c->u[m])));
        }
        if (!(before < INFINITY)) return SY_OK;
        if (largest < 1e-7) {
            for (ptrdiff_t m = 0; m < c->n_modes; m++) c->u[m] += c->step[m];
            *found = 1;
            return SY_OK;
        }
        while (!(try_step(g, c, t) >= -before) && t > 1e-10) t /= 2;
        memcpy(c->u, c->next, bytes);
    }
    return SY_OK;
}

static void copy_modes(const syi_glmm_problem *g, const syi_glmm_cross *c, double *u, int back)
{
    for (int f = 0; f < g->n_factors; f++) {
        const size_t bytes = (size_t)g->factor[f].n_levels * (size_t)g->factor[f].q * sizeof *u;
        if (back) memcpy(g->factor[f].mode, u + c->first[f], bytes);
        else memcpy(u + c->first[f], g->factor[f].mode, bytes);
    }
}

/* Sums at the mode; the gradient's too. *found: 0 where there is no value. */
static sy_status sum_up(sy_context *ctx, syi_glmm_problem *g, syi_glmm_cross *c, int with_gradient, int *found)
{
    double log_det, value = 0;
    densities(g, c, c->u, SYI_GLMM_FULL);
    *found = factor_all(g, c, &log_det);
    if (!*found) return SY_OK;
    memset(c->sum, 0, (size_t)syi_glmm_part_size(g) * sizeof *c->sum);
    value = syi_glmm_sum(g->padded, c->slots.l) - log_det / 2;
    for (ptrdiff_t m = 0; m < c->n_modes; m++) value -= c->u[m] * c->u[m] / 2;
    c->sum[0] = value;
    copy_modes(g, c, c->u, 1);
    return with_gradient ? syi_glmm_cross_gradient(ctx, c) : SY_OK;
}

sy_status syi_glmm_crossed(sy_context *ctx, syi_glmm_problem *g, const double *parameters, double *loglik,
                           double *gradient)
{
    syi_glmm_cross *c = g->state;
    int found = 0;
    double value = -INFINITY;
    if (loglik) *loglik = value;
    if (!syi_glmm_point_of(g, parameters, &c->at)) return SY_OK;
    c->parameters = parameters;
    syi_glmm_set_t(g, parameters);
    for (int f = 0; f < g->n_factors; f++)
        syi_glmm_turn(g, &g->factor[f], 0, g->padded, c->zeta + c->row_effect[f] * g->padded, g->padded);
    copy_modes(g, c, c->u, 0);
    sy_status s = find_mode(ctx, g, c, &found);
    if (s >= 0 && found) s = sum_up(ctx, g, c, gradient != NULL, &found);
    if (s < 0 || !found) return s;
    syi_glmm_gather(g, &c->at, c->sum, &value, gradient);
    if (loglik && isfinite(value)) *loglik = value;
    return SY_OK;
}
