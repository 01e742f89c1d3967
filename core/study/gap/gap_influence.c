/* What one row moves the parts of a gap by.
 *
 * The influence function: the derivative of a part when the row's weight w
 * grows by the part e of itself, at e = 0. With the row in group g, x its columns,
 * X_g and W_g the group's means and sum of weights, C_g its centred products, r
 * the row's residual from the fit in question:
 *   dX_g = w (x - X_g) / W_g           db_g = C_g^-1 w (x - X_g) r
 *   pooled with the group              db = (C1 + C2)^-1 w (x - X_g) r
 *   pooled without                     db = T^-1 w (x - X) r, X the means of both
 *   net difference (Gelbach)           d(d_x) - B'd(d_a) - w (x - B'a)(a'v), B the
 *     coefficients of x on the adjusting columns a, v = S_aa^-1 d_a
 * and the parts, linear in means and coefficients, follow by the product rule.
 * Regressors count as random [Jann 2008, doi:10.1177/1536867X0800800401]; the
 * sums of these over clusters, compared within strata, make every kind of
 * variance [Demnati & Rao 2004, Survey Methodology 30:17-26]. The residuals are
 * taken as they are, so without clusters errors are those of HC0 but for n / (n
 * - 1). Cost: 3 k^2 + references q a row.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "study/gap/gap_linear_internal.h"
#include <math.h>
#include <string.h>

/* One row, and what it moves. */
typedef struct {
    double *x;     /* [q + 1] less the means of its group, the outcome last */
    double *moved; /* [k] */
    double *tile;  /* [layout columns * SYI_TILE] */
} row_room;

size_t syi_gap_influence_room(const syi_gap_engine *e)
{
    const size_t q = (size_t)e->model->n_columns + 1, columns = (size_t)e->rows->layout.n_columns;
    return syi_gap_fit_room(e->model) + 2 * syi_arena_room(q, sizeof(double)) +
           syi_arena_room(columns * SYI_TILE, sizeof(double));
}

/* The row's columns less `centre`, but for rounding as exact as its data. */
static void read_row(const syi_gap_engine *e, ptrdiff_t i, int g, row_room *r)
{
    const syi_gap_linear *l = e->own;
    const syi_gap_model *m = e->model;
    const int q = m->n_columns;
    syi_design_tile(&e->rows->all, &e->rows->layout, &i, 1, r->tile);
    for (int j = 0; j < q; j++) r->x[j] = r->tile[m->column[j] * SYI_TILE] - l->fit.mean[g][j];
    r->x[q] = r->tile[m->column[q] * SYI_TILE] - l->fit.y[g];
}

/* full = inverse times the fitted columns of x less `shift` times diff, times
 * its residual from b, all times w. */
static void slopes(const syi_gap_engine *e, const row_room *r, int n, const double *inverse, const double *b,
                   double shift, double w, double *full)
{
    const syi_gap_linear *l = e->own;
    const syi_gap_model *m = e->model;
    const int q = m->n_columns;
    double residual = r->x[q] + shift * (l->fit.y[0] - l->fit.y[1]);
    for (int j = 0; j < q; j++) residual -= (r->x[j] + shift * l->fit.diff[j]) * b[j];
    for (int a = 0; a < n; a++) {
        double sum = 0;
        for (int c = 0; c < n; c++)
            sum += inverse[a * n + c] * (r->x[m->fitted[c]] + shift * l->fit.diff[m->fitted[c]]);
        r->moved[a] = sum * residual * w;
    }
    syi_gap_spread(m, n, r->moved, full);
}

/* d of y - X b, X the group's means or, with shift, those of both. */
static double constant(const syi_gap_engine *e, const row_room *r, const double *b, const double *db, double part,
                       double shift, const double centre[2])
{
    const syi_gap_linear *l = e->own;
    const int q = e->model->n_columns;
    double d = part * (r->x[q] + shift * (l->fit.y[0] - l->fit.y[1]));
    for (int j = 0; j < q; j++)
        d -= part * (r->x[j] + shift * l->fit.diff[j]) * b[j] +
             (centre[0] * l->fit.mean[0][j] + centre[1] * l->fit.mean[1][j]) * db[j];
    return d;
}

static void oaxaca(const syi_gap_engine *e, const row_room *r, int g, double w, syi_gap_fit *d)
{
    const syi_gap_linear *l = e->own;
    const syi_gap_fit *f = &l->fit;
    const int q = e->model->n_columns, k = e->model->k, own = g ? SY_REFERENCE_SECOND : SY_REFERENCE_FIRST;
    const int other = g ? SY_REFERENCE_FIRST : SY_REFERENCE_SECOND, with = SY_REFERENCE_POOLED,
              without = SY_REFERENCE_POOLED_WITHOUT;
    const double all = f->weight[0] + f->weight[1], part = w / f->weight[g];
    const double first[2] = {f->share, 1 - f->share}, single[2] = {g == 0, g == 1};
    /* x - X = (x - X_g) + shift (X_1 - X_2) */
    const double shift = g ? -f->share : 1 - f->share;
    memset(d->b[other], 0, (size_t)(q + 1) * sizeof(double));
    slopes(e, r, k, l->inverse[g], f->b[own], 0, w, d->b[own]);
    slopes(e, r, k, l->within, f->b[with], 0, w, d->b[with]);
    slopes(e, r, k, l->together, f->b[without], shift, w, d->b[without]);
    d->b[own][q] = constant(e, r, f->b[own], d->b[own], part, 0, single);
    d->b[with][q] = constant(e, r, f->b[with], d->b[with], w / all, shift, first);
    d->b[without][q] = constant(e, r, f->b[without], d->b[without], w / all, shift, first);
    const double moved = w / all * ((g == 0) - f->share), number = e->model->ask->weight;
    const double *d1 = d->b[SY_REFERENCE_FIRST], *d2 = d->b[SY_REFERENCE_SECOND];
    for (int j = 0; j <= q; j++) {
        d->b[SY_REFERENCE_EQUAL][j] = 0.5 * d1[j] + 0.5 * d2[j];
        d->b[SY_REFERENCE_SIZE][j] = f->share * d1[j] + (1 - f->share) * d2[j] +
                                     moved * (f->b[SY_REFERENCE_FIRST][j] - f->b[SY_REFERENCE_SECOND][j]);
        d->b[SY_REFERENCE_NUMBER][j] = number * d1[j] + (1 - number) * d2[j];
    }
}

static void gelbach(const syi_gap_engine *e, const row_room *r, int g, double w, syi_gap_fit *d)
{
    const syi_gap_linear *l = e->own;
    const syi_gap_model *m = e->model;
    const int q = m->n_columns, n = m->k_adjust;
    double along = 0;
    slopes(e, r, m->k, l->within, l->fit.b[SY_REFERENCE_POOLED], 0, w, d->b[SY_REFERENCE_POOLED]);
    slopes(e, r, n, l->adjusting, l->fit.base, 0, w, d->base);
    for (int a = 0; a < n; a++) along += r->x[m->fitted[a]] * l->net_slopes[a];
    const double part = (g ? -1 : 1) * w / l->fit.weight[g] - w * along;
    for (int j = 0; j < q; j++) {
        double beyond = r->x[j];
        d->net[j] = d->diff[j];
        if (j < m->q_adjust) continue;
        for (int a = 0; a < n; a++) beyond -= r->x[m->fitted[a]] * l->onto[a * q + j];
        d->net[j] = part * beyond;
    }
}

void syi_gap_influence(const syi_gap_engine *e, syi_arena *scratch, ptrdiff_t i, double *values)
{
    const syi_gap_linear *l = e->own;
    const syi_gap_model *m = e->model;
    const size_t q = (size_t)m->n_columns + 1;
    const syi_arena mark = *scratch;
    const int g = i >= e->rows->group_n[0];
    const double w = e->rows->weight[i];
    syi_gap_fit d = {0};
    row_room r;
    syi_gap_fit_take(m, scratch, &d);
    r.x = syi_arena_take(scratch, q, sizeof(double));
    r.moved = syi_arena_take(scratch, q, sizeof(double));
    r.tile = syi_arena_take(scratch, (size_t)e->rows->layout.n_columns * SYI_TILE, sizeof(double));
    read_row(e, i, g, &r);
    const double part = w / l->fit.weight[g];
    for (size_t j = 0; j + 1 < q; j++) {
        d.mean[g][j] = part * r.x[j];
        d.mean[!g][j] = 0;
        d.diff[j] = g ? -d.mean[g][j] : d.mean[g][j];
    }
    d.y[g] = part * r.x[q - 1];
    if (m->ask->method == SY_GAP_GELBACH) gelbach(e, &r, g, w, &d);
    else oaxaca(e, &r, g, w, &d);
    memset(values, 0, (size_t)e->n_values * sizeof *values);
    syi_gap_parts(m, &d, &l->fit, 0, values);
    syi_gap_parts(m, &l->fit, &d, 1, values);
    syi_gap_ends(m, d.y, values);
    *scratch = mark;
}
