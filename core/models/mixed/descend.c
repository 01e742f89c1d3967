/* A smooth function of a few variables made least, by BFGS.
 *
 * Step -H g with halving until the value falls by 1e-4 of what the slope
 * promises; H is updated where the curvature along the step is positive, and
 * starts as given, so that a sequence of neighbouring problems takes a few steps
 * each. Ends when g'Hg / 2, the fall that a Newton step promises, is below
 * `least`. Cost: one to two evaluations a step, some n + 3 steps.
 * Nocedal & Wright 2006, Numerical Optimization, section 6.1,
 * doi:10.1007/978-0-387-40065-5.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "models/mixed/mixed_parameters_internal.h"
#include <string.h>

enum { STEPS = 200, HALVINGS = 40 };

static double product(int n, const double *a, const double *b)
{
    double sum = 0;
    for (int i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* step = -H g; returns g'step. */
static double newton_step(int n, const double *inverse, const double *g, double *step)
{
    for (int i = 0; i < n; i++) step[i] = -product(n, inverse + i * n, g);
    return product(n, g, step);
}

/* H after a step s over which the gradient changed by y; hy [n] is scratch. */
static void update(int n, const double *s, const double *y, double *inverse, double *hy)
{
    const double sy = product(n, s, y);
    if (!(sy > 1e-14 * sqrt(product(n, s, s) * product(n, y, y)))) return;
    for (int i = 0; i < n; i++) hy[i] = product(n, inverse + i * n, y);
    const double factor = (1 + product(n, y, hy) / sy) / sy;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) inverse[i * n + j] += factor * s[i] * s[j] - (hy[i] * s[j] + s[i] * hy[j]) / sy;
}

/* Goes along the step; 0 when no part of it leads down. */
static sy_status search(sy_context *ctx, syi_landscape f, void *arg, int n, const double *x, const double *step,
                        double slope, double *at, double *value, double *g, int *found)
{
    const double before = *value;
    double length = 1;
    *found = 0;
    for (int k = 0; k < HALVINGS; k++, length /= 2) {
        for (int i = 0; i < n; i++) at[i] = x[i] + length * step[i];
        const sy_status s = f(ctx, arg, at, value, g);
        if (s < 0) return s;
        if (isfinite(*value) && *value <= before + 1e-4 * length * slope) {
            *found = 1;
            return SY_OK;
        }
    }
    *value = before;
    return SY_OK;
}

sy_status syi_descend(sy_context *ctx, syi_landscape f, void *arg, int n, double *x, double *inverse, double least,
                      double *work, double *value, int *converged)
{
    double *g = work, *next = g + n, *step = next + n, *at = step + n, *change = at + n, *hy = change + n;
    sy_status s = f(ctx, arg, x, value, g);
    *converged = n == 0;
    for (int k = 0; k < STEPS && s >= 0 && !*converged; k++) {
        double slope = newton_step(n, inverse, g, step);
        int found;
        if (!(slope < 0)) {
            for (int i = 0; i < n * n; i++) inverse[i] = i % (n + 1) == 0 ? 1e-3 : 0;
            slope = newton_step(n, inverse, g, step);
        }
        if (!isfinite(slope)) break;
        if (-slope / 2 < least) {
            *converged = 1;
            break;
        }
        s = search(ctx, f, arg, n, x, step, slope, at, value, next, &found);
        if (s < 0) break;
        if (!found) {
            *converged = -slope / 2 < 1e-7;
            break;
        }
        for (int i = 0; i < n; i++) {
            step[i] = at[i] - x[i];
            change[i] = next[i] - g[i];
        }
        update(n, step, change, inverse, hy);
        memcpy(x, at, (size_t)n * sizeof *x);
        memcpy(g, next, (size_t)n * sizeof *g);
    }
    return s;
}
