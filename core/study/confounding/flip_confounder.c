/* A hidden common cause U forced in before everything: a rank-one change.
 *
 * Let all columns be residuals from the adjusting ones, scaled to variance 1,
 * and f, g unit combinations of the second and the first block, r = corr(f, g),
 * h = (g - r f) / sqrt(1 - r^2) what g adds to f, e the unit residual of the
 * outcome y from f and g. f, h, e are orthonormal, so that the signed partial
 * correlations of U with f, with g given f, with y given both are free numbers:
 *   U = a f + b sqrt(1 - a^2) h + c sqrt((1 - a^2)(1 - b^2)) e + rest.
 * U has to do with other columns through f and g only, so
 *   w_j = corr(U, x_j) = a corr(f, x_j) + b sqrt(1 - a^2) corr(h, x_j),
 *   w_y = the same of y + c sqrt((1 - a^2)(1 - b^2)) s, s^2 = var(y | f, g),
 * and forcing U in leaves R - w w'. With v = var(y | all columns) the part of U
 * that everything explains is a^2 + b^2 (1 - a^2) + (c s)^2 (1-a^2)(1-b^2) / v, so
 * that such a U exists if and only if |a| < 1, |b| < 1 and |c| < sqrt(v) / s: a
 * box, whatever the columns. The limit of c is below 1 because U is tied to the
 * other columns through f and g alone: what these explain of y beyond f and g
 * is not U's to explain. Shares of R - w w' are parts of what U leaves of y;
 * times what it leaves they are points of all outcome variance, as when U's
 * column is among the adjusting ones.
 *
 * Frank 2000, doi:10.1177/0049124100029002001, and Cinelli & Hazlett 2020,
 * doi:10.1111/rssb.12348, do so for a coefficient. Cost: order^2 and an
 * evaluation.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/sweep_plain_internal.h"
#include "study/confounding/flip_confounder_internal.h"
#include <math.h>
#include <string.h>

static const double nothing = 0x1p-40; /* of a column's variance of 1 */

size_t syi_geometry_room(const syi_flip_matrix *f)
{
    const size_t order = (size_t)f->order, k1 = (size_t)f->plan.k + 1;
    return order * order + k1 * k1 + k1;
}

void syi_geometry_fill(const syi_flip_matrix *f, int first, int second, const double *correlation, double *room,
                       syi_geometry *g)
{
    const int order = f->order, p = f->plan.n_adjust, k1 = f->plan.k + 1;
    double *work = room;
    *g = (syi_geometry){.correlation = correlation, .k1 = k1};
    g->residual = room + (ptrdiff_t)order * order;
    g->left = g->residual + (ptrdiff_t)k1 * k1;
    g->at_f = f->plan.row_first[second];
    g->n_f = f->plan.row_columns[second];
    g->at_g = f->plan.row_first[first];
    g->n_g = f->plan.row_columns[first];
    memcpy(work, correlation, (size_t)order * (size_t)order * sizeof *work);
    for (int i = 0; i < p; i++) syi_leave_plain(order, work, i, nothing);
    for (int i = 0; i < k1; i++) {
        const double variance = work[(p + i) * order + p + i];
        g->left[i] = variance > nothing ? sqrt(variance) : 0;
    }
    for (int i = 0; i < k1; i++)
        for (int j = 0; j < k1; j++) {
            const double scale = g->left[i] * g->left[j];
            const double r = scale > 0 ? work[(p + i) * order + p + j] / scale : 0;
            g->residual[i * k1 + j] = i == j ? scale > 0 : r;
        }
    for (int i = p; i < order - 1; i++) syi_leave_plain(order, work, i, nothing);
    const double of = g->left[k1 - 1] * g->left[k1 - 1];
    g->unexplained = of > 0 ? fmax(work[order * order - 1] / of, 0) : 0;
}

/* Correlations of all columns with a combination of some; 0 where it does not vary. */
static int combine(const syi_geometry *g, int at, int n, const double *weights, double *with)
{
    double variance = 0;
    for (int i = 0; i < g->k1; i++) {
        with[i] = 0;
        for (int j = 0; j < n; j++) with[i] += g->residual[i * g->k1 + at + j] * weights[j];
    }
    for (int j = 0; j < n; j++) variance += weights[j] * with[at + j];
    if (!(variance > nothing)) return 0;
    const double root = sqrt(variance);
    for (int i = 0; i < g->k1; i++) with[i] /= root;
    return 1;
}

int syi_direction_set(const syi_geometry *g, const double *weights, double *room, syi_direction *d)
{
    const double *for_g = weights + g->n_f;
    double variance = 0, r = 0;
    *d = (syi_direction){.with_f = room, .with_g = room + g->k1};
    if (!combine(g, g->at_f, g->n_f, weights, d->with_f)) return 0;
    if (!combine(g, g->at_g, g->n_g, for_g, d->with_g)) return 0;
    for (int i = 0; i < g->n_g; i++)
        for (int j = 0; j < g->n_g; j++)
            variance += for_g[i] * for_g[j] * g->residual[(g->at_g + i) * g->k1 + g->at_g + j];
    for (int j = 0; j < g->n_g; j++) r += for_g[j] * d->with_f[g->at_g + j];
    r /= sqrt(variance);
    if (!(1 - r * r > nothing)) return 0;
    for (int i = 0; i < g->k1; i++) d->with_g[i] = (d->with_g[i] - r * d->with_f[i]) / sqrt(1 - r * r);
    const double of_f = d->with_f[g->k1 - 1], of_g = d->with_g[g->k1 - 1], rest = 1 - of_f * of_f - of_g * of_g;
    if (!(rest > nothing)) return 0;
    d->rest = sqrt(rest);
    d->limit_c = fmin(sqrt(g->unexplained / rest), 1);
    return 1;
}

int syi_confounder_reach(const syi_geometry *g, const syi_direction *d, const sy_confounder *u, double *w)
{
    if (!(fabs(u->a) < 1 && fabs(u->b) < 1 && fabs(u->c) < d->limit_c)) return 0;
    const double beyond_f = sqrt(1 - u->a * u->a), beyond_g = sqrt(1 - u->b * u->b);
    for (int i = 0; i < g->k1; i++) w[i] = u->a * d->with_f[i] + u->b * beyond_f * d->with_g[i];
    w[g->k1 - 1] += u->c * beyond_f * beyond_g * d->rest;
    return 1;
}

double syi_second_outcome(const syi_geometry *g, const syi_direction *d, const sy_confounder *u)
{
    const int y = g->k1 - 1;
    const double beyond_f = sqrt(1 - u->a * u->a), beyond_g = sqrt(1 - u->b * u->b);
    const double with_u = u->a * d->with_f[y] + beyond_f * (u->b * d->with_g[y] + u->c * beyond_g * d->rest);
    return (d->with_f[y] - u->a * with_u) / (beyond_f * sqrt(1 - with_u * with_u));
}

size_t syi_confounded_room(int order)
{
    return syi_arena_room((size_t)order * (size_t)order, sizeof(double)) +
           syi_arena_room((size_t)order, sizeof(double));
}

double syi_confounded(syi_flip_matrix *f, int worker, const syi_geometry *g, const syi_direction *d, int first,
                      int second, const sy_confounder *u, double *values)
{
    const int order = f->order, p = f->plan.n_adjust, k1 = g->k1;
    const size_t square = (size_t)order * (size_t)order;
    syi_arena *scratch = &f->e.scratch[worker];
    const syi_arena mark = *scratch;
    double *matrix = syi_arena_take(scratch, square, sizeof *matrix);
    double *w = syi_arena_take(scratch, (size_t)order, sizeof *w);
    double difference = NAN;
    for (int i = 0; i < f->n_values; i++) values[i] = NAN;
    if (!syi_confounder_reach(g, d, u, w)) goto out;
    memcpy(matrix, g->correlation, square * sizeof *matrix);
    for (int i = 0; i < k1; i++) w[i] *= g->left[i];
    for (int i = 0; i < k1; i++)
        for (int j = 0; j < k1; j++) matrix[(p + i) * order + p + j] -= w[i] * w[j];
    const double left = matrix[square - 1];
    if (!syi_flip_values(f, worker, matrix, values)) goto out;
    for (int row = 0; row < f->plan.n_rows; row++) values[row * SY_N_METRICS + SY_SHARE] *= left;
    values[f->n_values - 1] *= left;
    difference = syi_flip_difference(values, first, second);
out:
    *scratch = mark;
    return difference;
}

sy_confounder syi_confounder_turned(sy_confounder u)
{
    const double leads = u.c != 0 ? u.c : u.b != 0 ? u.b : u.a;
    return leads < 0 ? (sy_confounder){-u.a, -u.b, -u.c} : u;
}
