/* One estimate of all effects by a set of row weights, linear or by draws.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "study/selection/mediation_internal.h"
#include <math.h>

static const double second_a_product = 1.5e-10;

sy_status syi_mediation_prepare(sy_context *ctx, syi_mediation_estimator *e)
{
    (void)ctx;
    (void)e;
    return SY_OK;
}

void syi_mediation_release(syi_mediation_estimator *e)
{
    (void)e;
}

size_t syi_mediation_estimator_room(const syi_mediation_estimator *e)
{
    return syi_mediation_room(e->sheet);
}

double syi_mediation_seconds(const syi_mediation_estimator *e)
{
    const syi_mediation_sheet *s = e->sheet;
    const double p = s->p + 1, k = 2 + s->n_c;
    return second_a_product * ((double)s->n * (p * p / 2 + s->q * k + 2 * s->n_pairs) + p * p * p);
}

int syi_mediation_estimate(const syi_mediation_estimator *e, const double *weight, void *memory, double *effect)
{
    syi_mediation_fit fit;
    syi_mediation_open(e->sheet, memory, &fit);
    if (!syi_mediation_fit_rows(e->sheet, e->simd, weight, &fit)) return 0;
    syi_mediation_linear(e->sheet, &fit, effect);
    return 1;
}

/* Means of the outcome's model over the rows, mediators at each treatment. */
void syi_mediation_means(const syi_mediation_estimator *e, void *memory, sy_mediation_result *r)
{
    const syi_mediation_sheet *s = e->sheet;
    const ptrdiff_t side = s->p + 1;
    syi_mediation_fit f;
    syi_mediation_open(s, memory, &f);
    double left = f.gram[s->p * side + s->p];
    for (int c = 0; c < s->p; c++) left -= f.theta[c] * f.gram[s->p * side + c];
    r->r2 = 1 - left / f.gram[s->p * side + s->p];
    r->mean[0] = s->mean_y;
    for (int c = 0; c < f.k; c++) r->mean[0] += c == 1 ? 0 : f.theta[c] * f.mean_c[c];
    for (int m = 0; m < s->q; m++) {
        const double *a = f.alpha + (ptrdiff_t)m * f.k;
        for (int c = 0; c < f.k; c++) r->mean[0] += f.theta[s->at_m + m] * a[c] * f.mean_c[c];
    }
    for (int k = 0; k < s->n_pairs; k++) {
        const double *a = f.alpha + (ptrdiff_t)s->first[k] * f.k, *b = f.alpha + (ptrdiff_t)s->second[k] * f.k;
        double product = f.gamma[2 * k];
        for (int c = 0; c < f.k; c++)
            for (int d = 0; d < f.k; d++)
                if (c != 1 && d != 1) product += a[c] * b[d] * f.gram[c * side + d] / f.gram[0];
        r->mean[0] += f.theta[s->at_mm + k] * product;
    }
    int total = 0;
    while (r->rows[total].part != SY_MEDIATION_TOTAL) total++;
    r->mean[1] = r->mean[0] + r->estimate[total];
}
