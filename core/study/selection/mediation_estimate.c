/* One estimate of all effects by a set of row weights, linear or by draws.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "study/selection/mediation_response_internal.h"
#include <math.h>

static const double second_a_product = 1.5e-10;

static int linear(const syi_mediation_estimator *e)
{
    return e->sheet->asked->response == SY_MEDIATION_LINEAR;
}

static size_t fit_room(const syi_mediation_estimator *e)
{
    return (syi_mediation_room(e->sheet) + 63) / 64 * 64;
}

size_t syi_mediation_estimator_room(const syi_mediation_estimator *e)
{
    return fit_room(e) + (linear(e) ? 0 : (syi_mediation_response_room(e->sheet) + 63) / 64 * 64);
}

double syi_mediation_seconds(const syi_mediation_estimator *e)
{
    const syi_mediation_sheet *s = e->sheet;
    const double p = s->p + 1, k = 2 + s->n_c, n = (double)s->n;
    const double fit = n * (p * p / 2 + s->q * k + 2 * s->n_pairs) + p * p * p;
    if (linear(e)) return second_a_product * fit;
    const double draw = (s->asked->n_blocks + 4) * (2.0 * s->q + s->n_pairs + 6 * e->n_measures + 20);
    return second_a_product * (8 * fit + 4 * n * s->asked->draws * draw);
}

int syi_mediation_estimate(const syi_mediation_estimator *e, const double *weight, void *memory, double *effect,
                           double *mean)
{
    syi_mediation_fit fit;
    syi_mediation_open(e->sheet, memory, &fit);
    if (!syi_mediation_fit_rows(e->sheet, e->simd, weight, &fit)) return SYI_MEDIATION_NO_ANSWER;
    if (!linear(e)) return syi_mediation_response(e, weight, &fit, (char *)memory + fit_room(e), effect, mean);
    syi_mediation_linear(e->sheet, &fit, effect);
    return SYI_MEDIATION_FINE;
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
