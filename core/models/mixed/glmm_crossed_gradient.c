/* Derivatives of Laplace's approximation with several grouping factors.
 *
 * As in glmm_one.c without nodes; what they take of D^-1 are its entries between
 * the effects that one row has, e_i = D^-1 zeta_i there:
 *   rest V = (C - B'A^-1 B)^-1, border -A^-1 B V, blocks A^-1 + A^-1 B V B'A^-1,
 * and y_i = zeta_i'e_i, c = w1 y / 2, v = D^-1 sum c zeta. Then
 *   predictor of row i   g - c + w zeta'v
 *   T_ab of a factor     sum of z_a u_b (g - c + w zeta'v) - w z_a e_b - g z_a v_b, u, v at the row's level.
 * Cost: m^3 / 3 for the inverse of the rest, levels times the square of the columns each meets, n (sum q)^2.
 * Reference: Skaug & Fournier 2006, 10.1016/j.csda.2006.03.005
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_plain_internal.h"
#include "base/blas_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/mixed/glmm_crossed_internal.h"
#include <math.h>
#include <string.h>

enum { OWN = 64 };

/* The inverse of the dense rest, full. */
static int invert_rest(syi_glmm_cross *c)
{
    const ptrdiff_t m = c->dense;
    if (m <= OWN) {
        double root[OWN * OWN];
        syi_cholesky_plain_root((int)m, c->s, root);
        syi_cholesky_plain_inverse((int)m, root, c->inverse);
        return 1;
    }
    memcpy(c->inverse, c->s, (size_t)m * (size_t)m * sizeof *c->s);
    if (syi_dpotri(m, m, c->inverse) != 0) return 0;
    for (ptrdiff_t i = 0; i < m; i++)
        for (ptrdiff_t j = 0; j < i; j++) c->inverse[j * m + i] = c->inverse[i * m + j];
    return 1;
}

/* Of level l: a [q * q] its block of D^-1, border [q * wide] that with the columns it meets. */
static void invert_level(const syi_glmm_cross *c, int l, double *a, double *border, double *solved)
{
    const int q = c->q;
    const ptrdiff_t from = c->list_start[l], wide = c->list_start[l + 1] - from;
    const int *list = c->list + from;
    const double *low = c->a + (ptrdiff_t)l * q * q, *b = c->b + q * from;
    double *root = solved + q * wide;
    syi_cholesky_plain_root(q, low, root);
    syi_cholesky_plain_inverse(q, root, a);
    for (int j = 0; j < q; j++)
        for (ptrdiff_t m = 0; m < wide; m++) {
            double sum = 0;
            for (int k = j; k < q; k++) sum += root[k * q + j] * b[k * wide + m];
            solved[j * wide + m] = sum;
        }
    for (int j = 0; j < q; j++)
        for (ptrdiff_t m = 0; m < wide; m++) {
            const double *row = c->inverse + list[m] * c->dense;
            double sum = 0;
            for (ptrdiff_t o = 0; o < wide; o++) sum += row[list[o]] * solved[j * wide + o];
            border[j * wide + m] = -sum;
        }
    for (int j = 0; j < q; j++)
        for (int k = 0; k < q; k++)
            for (ptrdiff_t m = 0; m < wide; m++) a[j * q + k] -= border[j * wide + m] * solved[k * wide + m];
}

/* The entries of D^-1 between the effects of row i [n_effects * n_effects]. */
static void local_inverse(const syi_glmm_cross *c, ptrdiff_t i, ptrdiff_t wide, const double *a, const double *border,
                          double *v)
{
    const syi_glmm_problem *g = c->g;
    const int n = c->n_effects, q = c->q;
    for (int j = 0; j < q; j++)
        for (int k = 0; k < q; k++) v[j * n + k] = a[j * q + k];
    for (int f = 1; f < g->n_factors; f++)
        for (int k = 0; k < g->factor[f].q; k++) {
            const int column = c->row_effect[f] + k;
            const ptrdiff_t own = c->first[f] - c->first[1] + (ptrdiff_t)g->factor[f].level[i] * g->factor[f].q + k;
            for (int j = 0; j < q; j++)
                v[j * n + column] = v[column * n + j] = border[j * wide + c->where[(f - 1) * g->padded + i] + k];
            for (int h = 1; h < g->n_factors; h++)
                for (int j = 0; j < g->factor[h].q; j++) {
                    const ptrdiff_t other =
                        c->first[h] - c->first[1] + (ptrdiff_t)g->factor[h].level[i] * g->factor[h].q + j;
                    v[(c->row_effect[h] + j) * n + column] = c->inverse[other * c->dense + own];
                }
        }
}

/* e and y of the rows; the levels' blocks into factor 0's variance. */
static void rows_of_inverse(syi_glmm_cross *c)
{
    const syi_glmm_problem *g = c->g;
    const int n = c->n_effects, q = c->q;
    for (int l = 0; l < g->factor[0].n_levels; l++) {
        const ptrdiff_t wide = c->list_start[l + 1] - c->list_start[l];
        double *a = g->factor[0].variance + (ptrdiff_t)l * q * q, *border = c->small, *solved = border + q * wide,
               *v = solved + q * wide + q * q;
        invert_level(c, l, a, border, solved);
        for (ptrdiff_t i = g->start[l]; i < g->start[l + 1]; i++) {
            c->y[i] = 0;
            for (int j = 0; j < n; j++) c->e[j * g->padded + i] = 0;
            if (g->row[i] < 0) continue;
            local_inverse(c, i, wide, a, border, v);
            for (int j = 0; j < n; j++) {
                double sum = 0;
                for (int k = 0; k < n; k++) sum += v[j * n + k] * c->zeta[k * g->padded + i];
                c->e[j * g->padded + i] = sum;
                c->y[i] += sum * c->zeta[j * g->padded + i];
            }
        }
    }
    for (int f = 1; f < g->n_factors; f++)
        for (ptrdiff_t l = 0; l < g->factor[f].n_levels; l++) {
            const int qf = g->factor[f].q;
            const ptrdiff_t at = c->first[f] - c->first[1] + l * qf;
            for (int j = 0; j < qf; j++)
                for (int k = 0; k < qf; k++)
                    g->factor[f].variance[(l * qf + j) * qf + k] = c->inverse[(at + j) * c->dense + at + k];
        }
}

/* out = zeta'x of every row. */
static void rows_of(const syi_glmm_cross *c, const double *x, double *out)
{
    const syi_glmm_problem *g = c->g;
    memset(out, 0, (size_t)g->padded * sizeof *out);
    for (int f = 0; f < g->n_factors; f++)
        for (int b = 0; b < g->factor[f].q; b++) {
            const double *zeta = c->zeta + (c->row_effect[f] + b) * g->padded, *own = x + c->first[f] + b;
            for (ptrdiff_t i = 0; i < g->padded; i++)
                out[i] += zeta[i] * own[(ptrdiff_t)g->factor[f].level[i] * g->factor[f].q];
        }
}

/* v = D^-1 sum of c zeta, c = w1 y / 2, into step. */
static void implicit(syi_glmm_cross *c)
{
    const syi_glmm_problem *g = c->g;
    memset(c->step, 0, (size_t)c->n_modes * sizeof *c->step);
    for (int f = 0; f < g->n_factors; f++)
        for (int b = 0; b < g->factor[f].q; b++) {
            const double *zeta = c->zeta + (c->row_effect[f] + b) * g->padded;
            double *own = c->step + c->first[f] + b;
            for (ptrdiff_t i = 0; i < g->padded; i++)
                own[(ptrdiff_t)g->factor[f].level[i] * g->factor[f].q] += c->slots.w1[i] * c->y[i] / 2 * zeta[i];
        }
    syi_glmm_cross_solve(c, c->step);
}

static void add_theta(const syi_glmm_cross *c, double *theta)
{
    const syi_glmm_problem *g = c->g;
    for (int f = 0; f < g->n_factors; f++) {
        const syi_glmm_factor *o = &g->factor[f];
        for (int e = 0; e < o->n_entries; e++) {
            const int b = o->entry_column[e];
            const double *z = o->z + o->entry_row[e] * g->padded, *eb = c->e + (c->row_effect[f] + b) * g->padded;
            const double *u = c->u + c->first[f] + b, *v = c->step + c->first[f] + b;
            double sum = 0;
            for (ptrdiff_t i = 0; i < g->padded; i++) {
                const ptrdiff_t at = (ptrdiff_t)o->level[i] * o->q;
                sum += z[i] * (u[at] * g->slope[i] - c->slots.w[i] * eb[i] - c->slots.g[i] * v[at]);
            }
            theta[o->entry_theta[e]] += sum;
        }
    }
}

sy_status syi_glmm_cross_gradient(sy_context *ctx, syi_glmm_cross *c)
{
    syi_glmm_problem *g = c->g;
    const syi_glmm_slots *s = &c->slots;
    if (!invert_rest(c)) return syi_fail(ctx, SY_ELIMIT, "formula: %td effects are too many for BLAS", c->dense);
    if (syi_serial_stopped(ctx) != SY_OK) return SY_EINTR;
    rows_of_inverse(c);
    implicit(c);
    rows_of(c, c->step, c->along);
    for (ptrdiff_t i = 0; i < g->padded; i++) g->slope[i] = s->g[i] - s->w1[i] * c->y[i] / 2 + s->w[i] * c->along[i];
    for (int j = 0; j < g->p; j++) c->sum[1 + j] = syi_glmm_dot(g->padded, g->x + (ptrdiff_t)j * g->padded, g->slope);
    add_theta(c, c->sum + 1 + g->p);
    if (g->kind != SY_RESPONSE_ORDINAL && g->spread < 0) return SY_OK;
    for (ptrdiff_t i = 0; i < g->padded; i++)
        s->upper_l[i] -= s->upper_w[i] * c->y[i] / 2 + s->upper_g[i] * c->along[i];
    for (ptrdiff_t i = 0; g->spread < 0 && i < g->padded; i++)
        s->lower_l[i] -= s->lower_w[i] * c->y[i] / 2 + s->lower_g[i] * c->along[i];
    syi_glmm_scatter(g, 0, (int)g->padded, s->upper_l, s->lower_l, c->sum);
    return SY_OK;
}
