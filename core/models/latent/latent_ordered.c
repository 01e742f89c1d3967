/* Polychoric correlation of two ordered columns in two steps.
 *
 * Thresholds a, b are the normal quantiles of the margins; with cell
 * probabilities pi_cd(rho) = P(a_c < X <= a_c+1, b_d < Y <= b_d+1) the
 * correlation solves sum over cells N_cd pi'_cd / pi_cd = 0, where pi' is the
 * bivariate density differenced over the cell's corners [Olsson 1979,
 * doi:10.1007/BF02296207].
 *
 * Influence of a row in cell (c, d), with s = pi' / pi, A = -mean of ds/drho and
 * B_k = mean of ds/da_k:
 *   (s_cd + sum over k of B_k IF(a_k) + the same for b) / A
 * [Joreskog 1994, doi:10.1007/BF02296131]. Cost: levels^2 integrals an evaluation, some 12 of them.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/latent/binormal_internal.h"
#include "models/latent/latent_internal.h"
#include <math.h>
#include <string.h>

typedef struct {
    int rows, columns;
    const double *a, *b; /* thresholds [rows + 1], [columns + 1] */
    double *count;       /* [rows * columns] */
    double *corner;      /* [(rows + 1) * (columns + 1)] */
} cells;

typedef double (*corner_of)(double a, double b, double rho);

static void corners(const cells *t, corner_of f, double rho)
{
    for (int c = 0; c <= t->rows; c++)
        for (int d = 0; d <= t->columns; d++) t->corner[c * (t->columns + 1) + d] = f(t->a[c], t->b[d], rho);
}

static double cell(const cells *t, int c, int d)
{
    const double *low = t->corner + (ptrdiff_t)c * (t->columns + 1) + d, *high = low + t->columns + 1;
    return (high[1] - high[0]) - (low[1] - low[0]);
}

/* What rounding of the four corners leaves of a probability. */
static const double least_pi = 1e-15;

static double probability(double pi)
{
    return pi > least_pi ? pi : least_pi;
}

/* The slope of the log-likelihood. Where rows lie in a cell that has no
 * probability left the answer is on the side of zero. */
static double score(double rho, const void *arg)
{
    const cells *t = arg;
    double pi[SYI_LATENT_CELLS], sum = 0;
    corners(t, syi_binormal_below, rho);
    for (int at = 0; at < t->rows * t->columns; at++) {
        pi[at] = cell(t, at / t->columns, at % t->columns);
        if (t->count[at] > 0 && pi[at] <= least_pi) return rho > 0 ? -1e30 : 1e30;
    }
    corners(t, syi_binormal_density, rho);
    for (int at = 0; at < t->rows * t->columns; at++)
        if (t->count[at] > 0) sum += t->count[at] * cell(t, at / t->columns, at % t->columns) / pi[at];
    return sum;
}

/* Derivatives of a cell's probability (how = 0) and of its density (how = 1) by
 * its own two thresholds of the first column, lower then upper. */
static void by_threshold(const cells *t, int c, int d, double rho, int how, double out[2])
{
    const double s = sqrt((1 - rho) * (1 + rho));
    for (int side = 0; side < 2; side++) {
        const double a = t->a[c + side], sign = side ? 1 : -1;
        if (isinf(a)) out[side] = 0;
        else if (how)
            out[side] = sign * (syi_binormal_density_a(a, t->b[d + 1], rho) - syi_binormal_density_a(a, t->b[d], rho));
        else
            out[side] = sign * syi_normal_density(a) *
                        (syi_normal_below((t->b[d + 1] - rho * a) / s) - syi_normal_below((t->b[d] - rho * a) / s));
    }
}

/* slope[k] += count ds/da_k over all cells. */
static void by_thresholds(const cells *t, double rho, const double *pi, const double *density, double *slope)
{
    for (int c = 0; c < t->rows; c++)
        for (int d = 0; d < t->columns; d++) {
            const int at = c * t->columns + d;
            double p[2], f[2];
            if (!(t->count[at] > 0)) continue;
            by_threshold(t, c, d, rho, 0, p);
            by_threshold(t, c, d, rho, 1, f);
            for (int side = 0; side < 2; side++)
                slope[c + side] += t->count[at] * (f[side] - density[at] / pi[at] * p[side]) / pi[at];
        }
}

static void flip(const cells *t, const double *from, double *to)
{
    for (int c = 0; c < t->rows; c++)
        for (int d = 0; d < t->columns; d++) to[d * t->rows + c] = from[c * t->columns + d];
}

/* room: pi, density, each flipped, count flipped, slopes of both columns */
static void influence_of_cells(const syi_latent_rows *rows, const cells *t, int i, int j, double rho, double *room,
                               double *cells_out)
{
    const int size = t->rows * t->columns;
    double *pi = room, *density = pi + size, *pi_t = density + size, *density_t = pi_t + size,
           *count_t = density_t + size, *slope_a = count_t + size, *slope_b = slope_a + t->rows + 1, bend = 0;
    memset(slope_a, 0, (size_t)(t->rows + t->columns + 2) * sizeof *slope_a);
    corners(t, syi_binormal_below, rho);
    for (int at = 0; at < size; at++) pi[at] = probability(cell(t, at / t->columns, at % t->columns));
    corners(t, syi_binormal_density, rho);
    for (int at = 0; at < size; at++) density[at] = cell(t, at / t->columns, at % t->columns);
    corners(t, syi_binormal_density_rho, rho);
    for (int at = 0; at < size; at++) {
        const double s = density[at] / pi[at];
        bend -= t->count[at] * (cell(t, at / t->columns, at % t->columns) / pi[at] - s * s);
    }
    flip(t, pi, pi_t);
    flip(t, density, density_t);
    flip(t, t->count, count_t);
    const cells turned = {t->columns, t->rows, t->b, t->a, count_t, t->corner};
    by_thresholds(t, rho, pi, density, slope_a);
    by_thresholds(&turned, rho, pi_t, density_t, slope_b);
    for (int c = 0; c < t->rows; c++)
        for (int d = 0; d < t->columns; d++) {
            double sum = rows->sum_w * density[c * t->columns + d] / pi[c * t->columns + d];
            for (int k = 1; k < t->rows; k++) sum += slope_a[k] * syi_latent_cut_influence(rows, i, k, c);
            for (int k = 1; k < t->columns; k++) sum += slope_b[k] * syi_latent_cut_influence(rows, j, k, d);
            cells_out[c * t->columns + d] = sum / bend;
        }
}

sy_status syi_latent_polychoric(sy_context *ctx, const syi_latent_rows *rows, int i, int j, double *r,
                                double *influence)
{
    const double *x = rows->value + (ptrdiff_t)i * rows->n, *y = rows->value + (ptrdiff_t)j * rows->n;
    cells t = {rows->levels[i], rows->levels[j], rows->cut[i], rows->cut[j], NULL, NULL};
    const size_t size = (size_t)(t.rows * t.columns), edge = (size_t)((t.rows + 1) * (t.columns + 1));
    double *room = syi_alloc(7 * size + edge + (size_t)(t.rows + t.columns + 2), sizeof *room), *of_cell = room;
    if (!room) return syi_fail(ctx, SY_ENOMEM, "out of memory for a table of %d by %d levels", t.rows, t.columns);
    t.count = room + size;
    t.corner = t.count + size;
    for (ptrdiff_t row = 0; row < rows->n; row++) t.count[(int)x[row] * t.columns + (int)y[row]] += rows->weight[row];
    *r = syi_latent_solve(score, &t);
    if (fabs(*r) < 1) influence_of_cells(rows, &t, i, j, *r, t.corner + edge, of_cell);
    for (ptrdiff_t row = 0; row < rows->n; row++) influence[row] = of_cell[(int)x[row] * t.columns + (int)y[row]];
    SYI_FREE(room);
    return syi_serial_stopped(ctx);
}
