/* The parameters of a mixed model that intervals are about: standard deviations
 * and correlations of the effects, sigma, the fixed part. From theta:
 * covariance = sigma^2 T T'. Nothing but names and this map is here.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/mixed/mixed_parameters_internal.h"
#include <stdio.h>

static double row_product(const syi_bar *bar, const double *theta, int i, int j)
{
    double sum = 0;
    for (int k = 0; k <= j && k <= i; k++) {
        const int a = syi_bar_theta(bar, i, k), b = syi_bar_theta(bar, j, k);
        if (a >= 0 && b >= 0) sum += theta[a] * theta[b];
    }
    return sum;
}

void syi_mixed_spreads(const syi_bars *b, const double *theta, double sigma, double *out)
{
    for (int k = 0; k < b->n_bars; k++) {
        const syi_bar *bar = &b->bar[k];
        for (int j = 0; j < bar->q; j++)
            for (int i = j; i < bar->q; i++) {
                const int place = syi_bar_theta(bar, i, j);
                if (place < 0) continue;
                const double vi = row_product(bar, theta, i, i), vj = row_product(bar, theta, j, j);
                if (i == j) out[place] = sigma * sqrt(vi);
                else
                    out[place] = vi > 0 && vj > 0 ? row_product(bar, theta, i, j) / (sqrt(vi) * sqrt(vj)) : (double)NAN;
            }
    }
}

static void label_spreads(const syi_bars *b, const char *effects, char *text, size_t size)
{
    for (int k = 0; k < b->n_bars; k++) {
        const syi_bar *bar = &b->bar[k];
        const char *group = b->own.columns[b->factor[bar->factor].column].name;
        for (int j = 0; j < bar->q; j++)
            for (int i = j; i < bar->q; i++) {
                const int place = syi_bar_theta(bar, i, j);
                if (place < 0) continue;
                const char *one = effects + (size_t)(bar->first_effect + j) * size;
                const char *other = effects + (size_t)(bar->first_effect + i) * size;
                char *out = text + (size_t)place * size;
                if (i == j) snprintf(out, size, "sd[%s:%s]", group, one);
                else snprintf(out, size, "cor[%s:%s,%s]", group, one, other);
            }
    }
}

static sy_status label_all(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                           const sy_mixed_shape *shape, char *text, size_t size)
{
    syi_bars b = {0};
    char *effects = syi_alloc((size_t)shape->n_effects, size);
    sy_status s = effects ? SY_OK : syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d labels", shape->n_effects);
    if (s >= 0) s = syi_bars_init(ctx, design, model, &b);
    if (s >= 0) {
        const int fixed = shape->n_theta + (model->linear != 0);
        s = sy_mixed_labels(ctx, design, model, shape->k, text + (size_t)fixed * size, shape->n_effects, effects, size);
    }
    if (s >= 0) label_spreads(&b, effects, text, size);
    if (s >= 0 && model->linear) snprintf(text + (size_t)shape->n_theta * size, size, "sd[Residual]");
    syi_bars_free(&b);
    SYI_FREE(effects);
    return s;
}

sy_status sy_mixed_parameters(sy_context *ctx, const sy_design *design, const sy_mixed_model *model, int *n, char *text,
                              size_t size)
{
    sy_mixed_shape shape;
    syi_enter(ctx);
    if (text && size < 2) return syi_fail(ctx, SY_EINVAL, "size: %zu; a label needs at least 2 bytes", size);
    const sy_status s = sy_mixed_shape_of(ctx, design, model, &shape);
    if (s < 0) return s;
    *n = shape.n_theta + (model->linear != 0) + shape.k;
    if (!text) return s;
    const sy_status labelled = label_all(ctx, design, model, &shape, text, size);
    return labelled < 0 ? labelled : s;
}
