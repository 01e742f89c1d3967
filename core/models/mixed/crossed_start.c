/* A first guess of theta for crossed models: one-way analysis of variance.
 *
 * For each random intercept alone, from sums of its levels,
 *     v = (B - (L - 1) MSW) / (N - sum n_g^2 / N),  MSW = (T - B) / (N - L),
 * B the square sum between its L levels, T the outcome's, M that of the mean: Henderson's
 * first method, the fixed part and other factors passed over. What all of them leave is the residual
 * variance; the guess is held between 0.05 and 5, other bar terms start at T =
 * I. It saves a third of the evaluations of a search from T = I. Cost: levels.
 * Searle, Casella & McCulloch 1992, doi:10.1002/9780470316856, section 5.2.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "models/mixed/crossed_internal.h"

/* Sum of the outcome and number of rows of level g of factor f with one effect. */
static void level_sums(const syi_crossed *c, int f, ptrdiff_t g, double *sum, double *n)
{
    for (int k = 0; k < c->n_stages; k++) {
        const syi_stage *s = &c->stage[k];
        if (s->factor != f) continue;
        *n = s->diagonal[g];
        *sum = s->value[syi_stage_at(c, s, g) + syi_stage_width(c, s, g) - 1];
    }
    for (int d = 0; d < c->n_dense; d++) {
        const ptrdiff_t at = c->dense[d].first + g;
        if (c->dense[d].factor != f) continue;
        *n = c->a[at * c->order + at];
        *sum = c->a_y[at];
    }
}

/* *total: variance of the outcome. */
static double between(const syi_crossed *c, int f, double *total)
{
    const int levels = c->rows->bars.factor[f].n_levels;
    double b = 0, all = 0, y = 0, squares = 0;
    for (ptrdiff_t g = 0; g < levels; g++) {
        double sum = 0, n = 0;
        level_sums(c, f, g, &sum, &n);
        b += sum * sum / n;
        all += n;
        y += sum;
        squares += n * n;
    }
    const double mean = y * y / all, within = (c->yy - b) / (all - levels);
    *total = (c->yy - mean) / all;
    return (b - mean - (levels - 1) * within) / (all - squares / all);
}

void syi_crossed_start(const syi_crossed *c, double *theta)
{
    const syi_bars *b = &c->rows->bars;
    double total = 0, left = 0, sum = 0;
    for (int k = 0; k < b->n_bars; k++)
        if (b->bar[k].plain && b->factor[b->bar[k].factor].q == 1) {
            const double v = fmax(between(c, b->bar[k].factor, &total), 0);
            theta[b->bar[k].first_theta] = v;
            sum += v;
        }
    left = fmax(total - sum, 0.1 * total);
    for (int k = 0; k < b->n_bars; k++)
        if (b->bar[k].plain && b->factor[b->bar[k].factor].q == 1) {
            const double guess = sqrt(theta[b->bar[k].first_theta] / left);
            theta[b->bar[k].first_theta] = guess >= 0.05 ? fmin(guess, 5) : 0.05;
        }
}
