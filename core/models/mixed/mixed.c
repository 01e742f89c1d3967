/* Models with effects that vary by group: what is the same for linear and other
 * models, sizes, labels, groups, options.
 *
 * Nothing is computed here; each call reads the rows once to find which levels
 * are in use.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "models/mixed/glmm_internal.h"
#include "models/mixed/lmm_internal.h"
#include <stdio.h>
#include <string.h>

void sy_mixed_defaults(sy_mixed_options *options)
{
    *options = (sy_mixed_options){.reml = 1, .nodes = 1, .tolerance = 1e-9, .iterations = 200};
}

/* Columns of the fixed part of a linear model. */
static sy_status open_columns(sy_context *ctx, const syi_bars *b, syi_model *m)
{
    return syi_model_open(ctx, &b->own, &b->model->response.columns, SY_PRECISION_DOUBLE, m);
}

sy_status sy_mixed_shape_of(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                            sy_mixed_shape *shape)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_bars b = {.n_bars = 0};
    syi_model m = {0};
    sy_status s = syi_bars_init(ctx, design, model, &b);
    if (s < 0) return s;
    *shape =
        (sy_mixed_shape){.n_theta = b.n_theta, .n_effects = b.n_effects, .n_modes = b.n_modes, .entries = b.entries};
    if (model->linear) {
        s = open_columns(ctx, &b, &m);
        shape->k = m.p;
    } else {
        sy_response_shape r = {.k = 0};
        s = sy_response_shape_of(ctx, &b.own, &model->response, &r);
        shape->k = r.k;
        shape->n_thresholds = r.n_thresholds;
        shape->n_levels = r.n_levels;
    }
    syi_model_free(&m);
    syi_bars_free(&b);
    return s < 0 ? s : syi_status_of_remarks(ctx, first);
}

static void label_effects(const syi_bars *b, char *effects, size_t size)
{
    for (int k = 0; k < b->n_bars; k++)
        for (int e = 0; e < b->bar[k].q; e++) {
            char *text = effects + (size_t)(b->bar[k].first_effect + e) * size;
            if (b->bar[k].plain) snprintf(text, size, "(Intercept)");
            else syi_model_label(&b->bar[k].z, e, text, size);
        }
}

sy_status sy_mixed_labels(sy_context *ctx, const sy_design *design, const sy_mixed_model *model, int k, char *text,
                          int n_effects, char *effects, size_t size)
{
    syi_enter(ctx);
    syi_bars b = {.n_bars = 0};
    syi_model m = {0};
    sy_status s = syi_bars_init(ctx, design, model, &b);
    if (s < 0) return s;
    if (n_effects != b.n_effects)
        s = syi_fail(ctx, SY_EINVAL, "labels: %d effects asked for; the bar terms have %d", n_effects, b.n_effects);
    if (s >= 0 && model->linear) {
        s = open_columns(ctx, &b, &m);
        if (s >= 0 && k != m.p) s = syi_fail(ctx, SY_EINVAL, "labels: %d asked for; the model has %d columns", k, m.p);
        for (int c = 0; s >= 0 && c < k; c++) syi_model_label(&m, c, text + (size_t)c * size, size);
    } else if (s >= 0) {
        s = sy_response_labels(ctx, &b.own, &model->response, k, text, size);
    }
    if (s >= 0) label_effects(&b, effects, size);
    syi_model_free(&m);
    syi_bars_free(&b);
    return s < 0 ? s : SY_OK;
}

sy_status sy_mixed_groups(sy_context *ctx, const sy_design *design, const sy_mixed_model *model, int *effects,
                          ptrdiff_t *levels, int *used)
{
    syi_enter(ctx);
    syi_bars b = {.n_bars = 0};
    const sy_status s = syi_bars_init(ctx, design, model, &b);
    if (s < 0) return s;
    for (int k = 0; k < b.n_bars; k++) {
        const syi_grouping *f = &b.factor[b.bar[k].factor];
        if (effects) effects[k] = b.bar[k].q;
        if (levels) levels[k] = f->n_levels;
        if (!used) continue;
        memcpy(used, f->level, (size_t)f->n_levels * sizeof *used);
        used += f->n_levels;
    }
    syi_bars_free(&b);
    return SY_OK;
}

static sy_status check_options(sy_context *ctx, const sy_mixed_model *model, const sy_mixed_options *o)
{
    if (model->linear && o->reml != 0 && o->reml != 1)
        return syi_fail(ctx, SY_EINVAL, "reml: %d; it must be 1 (restricted) or 0 (maximum likelihood)", o->reml);
    if (!(o->tolerance > 0) || !(o->tolerance < 1))
        return syi_fail(ctx, SY_EINVAL, "tolerance: %g; it must lie between 0 and 1", o->tolerance);
    if (o->iterations < 1) return syi_fail(ctx, SY_EINVAL, "iterations: %d; at least 1 is needed", o->iterations);
    if (o->nodes < 1 || (model->linear && o->nodes != 1))
        return syi_fail(ctx, SY_EINVAL,
                        model->linear ? "nodes: %d; a linear model has no use for quadrature points"
                                      : "nodes: %d; at least 1 quadrature point is needed",
                        o->nodes);
    return SY_OK;
}

sy_status sy_mixed(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                   const sy_mixed_options *options, sy_mixed_summary *summary, const sy_mixed_fit *fit)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    sy_mixed_options own;
    sy_mixed_defaults(&own);
    if (options) own = *options;
    sy_status s = check_options(ctx, model, &own);
    if (s < 0) return s;
    s = model->linear ? syi_lmm_fit(ctx, design, model, &own, summary, fit)
                      : syi_glmm(ctx, design, model, &own, summary, fit);
    return s < 0 ? s : syi_status_of_remarks(ctx, first);
}
