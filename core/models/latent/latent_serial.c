/* Pearson's correlation of two numbers, and the polyserial correlation of a
 * number with an ordered column in two steps.
 *
 * With z standardised and thresholds t from the margin, a row at level d has
 *   P = Phi(u) - Phi(l), u = (t_d+1 - rho z) / sqrt(1 - rho^2), l with t_d,
 * and rho solves sum w s = 0, s = (phi(u) u_rho - phi(l) l_rho) / P, u_rho =
 * (t rho - z) / (1 - rho^2)^(3/2) [Olsson, Drasgow & Dorans 1982,
 * doi:10.1007/BF02294164]. Influence: (s + sum over k of mean(ds/dt_k) IF(t_k) -
 * mean(ds/dz) z - mean(z ds/dz) (z^2 - 1) / 2) / -mean(ds/drho), the last two
 * for the mean and the standard deviation taken from the sample. Pearson's:
 * z1 z2 - r (z1^2 + z2^2) / 2. Cost: four tails a row and evaluation, some 12 of them.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/latent/binormal_internal.h"
#include "models/latent/latent_internal.h"
#include <math.h>

sy_status syi_latent_pearson(sy_context *ctx, const syi_latent_rows *rows, int i, int j, double *r, double *influence)
{
    const double *x = rows->value + (ptrdiff_t)i * rows->n, *y = rows->value + (ptrdiff_t)j * rows->n;
    double sum = 0;
    for (ptrdiff_t row = 0; row < rows->n; row++) sum += rows->weight[row] * x[row] * y[row];
    *r = fmin(1, fmax(-1, sum / rows->sum_w));
    for (ptrdiff_t row = 0; row < rows->n; row++)
        influence[row] = fabs(*r) < 1 ? x[row] * y[row] - *r * (x[row] * x[row] + y[row] * y[row]) / 2 : 0;
    return syi_serial_stopped(ctx);
}

enum { BREATH = 8192 }; /* rows between two looks at the clock */

typedef struct {
    sy_context *ctx;
    const syi_latent_rows *rows;
    const double *z, *level, *cut;
    sy_status *stopped;
} serial;

/* One end of a row's interval: density times derivatives of the end by rho, and what differentiating that again needs.
 */
typedef struct {
    double f;                     /* phi(u) */
    double u, by_rho, by_rho_rho; /* u and its derivatives */
    double below;                 /* Phi(u) */
} end;

static end end_of(double t, double z, double rho)
{
    end e = {0, t, 0, 0, t > 0};
    if (isinf(t)) return e;
    const double s2 = (1 - rho) * (1 + rho), s = sqrt(s2);
    e.u = (t - rho * z) / s;
    e.by_rho = (t * rho - z) / (s2 * s);
    e.by_rho_rho = t / (s2 * s) + 3 * rho * (t * rho - z) / (s2 * s2 * s);
    e.f = syi_normal_density(e.u);
    e.below = syi_normal_below(e.u);
    return e;
}

/* Phi(u) - Phi(l), in the nearer tail. */
static double between(const end *low, const end *high)
{
    return low->u > 0 ? syi_normal_below(-low->u) - syi_normal_below(-high->u) : high->below - low->below;
}

/* Below this the interval lies so far out that log P = -u^2 / 2 - log |u| of its
 * nearer end. */
static const double far_out = 1e-290;

static double score(double rho, const void *arg)
{
    const serial *s = arg;
    double sum = 0;
    for (ptrdiff_t row = 0; row < s->rows->n; row++) {
        if (row % BREATH == 0 && *s->stopped >= 0) *s->stopped = syi_serial_stopped(s->ctx);
        if (*s->stopped < 0) return 0;
        const double *t = s->cut + (int)s->level[row];
        const end low = end_of(t[0], s->z[row], rho), high = end_of(t[1], s->z[row], rho);
        const end *near = low.u > 0 ? &low : &high;
        const double p = between(&low, &high);
        sum += s->rows->weight[row] * (p > far_out ? (high.f * high.by_rho - low.f * low.by_rho) / p
                                                   : -(near->u + 1 / near->u) * near->by_rho);
    }
    return sum;
}

/* Derivatives of a row's score by rho, its two thresholds and z. */
static void bend(const double *t, double z, double rho, double *s, double *by_rho, double by_cut[2], double *by_z)
{
    const double s2 = (1 - rho) * (1 + rho), root = sqrt(s2);
    const end e[2] = {end_of(t[0], z, rho), end_of(t[1], z, rho)};
    const double p = fmax(between(&e[0], &e[1]), far_out), n = e[1].f * e[1].by_rho - e[0].f * e[0].by_rho;
    double n_rho = 0, n_z = 0, p_z = 0;
    *s = n / p;
    for (int side = 0; side < 2; side++) {
        const end *x = &e[side];
        const double sign = side ? 1 : -1, u_z = -rho / root;
        by_cut[side] = 0;
        if (isinf(t[side])) continue;
        n_rho += sign * x->f * (x->by_rho_rho - x->u * x->by_rho * x->by_rho);
        n_z += sign * x->f * (-x->u * u_z * x->by_rho - 1 / (s2 * root));
        p_z += sign * x->f * u_z;
        by_cut[side] = sign * (x->f * (-x->u / root * x->by_rho + rho / (s2 * root)) - *s * x->f / root) / p;
    }
    *by_rho = n_rho / p - *s * *s;
    *by_z = (n_z - *s * p_z) / p;
}

static void influence_of(const serial *q, int ordered, double rho, double *slope, double *influence)
{
    const syi_latent_rows *rows = q->rows;
    const int levels = rows->levels[ordered];
    double flat = 0, z_slope = 0, z_spread = 0;
    for (ptrdiff_t row = 0; row < rows->n; row++) {
        const int d = (int)q->level[row];
        const double w = rows->weight[row], z = q->z[row];
        double by_rho, by_cut[2], by_z;
        bend(q->cut + d, z, rho, &influence[row], &by_rho, by_cut, &by_z);
        flat -= w * by_rho;
        z_slope += w * by_z;
        z_spread += w * by_z * z;
        slope[d] += w * by_cut[0];
        slope[d + 1] += w * by_cut[1];
    }
    for (ptrdiff_t row = 0; row < rows->n; row++) {
        const int d = (int)q->level[row];
        const double z = q->z[row];
        double sum = rows->sum_w * influence[row] - z_slope * z - z_spread * (z * z - 1) / 2;
        for (int k = 1; k < levels; k++) sum += slope[k] * syi_latent_cut_influence(rows, ordered, k, d);
        influence[row] = sum / flat;
    }
}

sy_status syi_latent_polyserial(sy_context *ctx, const syi_latent_rows *rows, int number, int ordered, double *r,
                                double *influence)
{
    sy_status stopped = SY_OK;
    const serial q = {ctx,
                      rows,
                      rows->value + (ptrdiff_t)number * rows->n,
                      rows->value + (ptrdiff_t)ordered * rows->n,
                      rows->cut[ordered],
                      &stopped};
    double *slope = syi_alloc((size_t)rows->levels[ordered] + 1, sizeof *slope);
    if (!slope) return syi_fail(ctx, SY_ENOMEM, "out of memory for %d levels", rows->levels[ordered]);
    for (ptrdiff_t row = 0; row < rows->n; row++) influence[row] = 0;
    *r = syi_latent_solve(score, &q);
    if (stopped >= 0 && fabs(*r) < 1) influence_of(&q, ordered, *r, slope, influence);
    SYI_FREE(slope);
    return stopped < 0 ? stopped : syi_serial_stopped(ctx);
}
