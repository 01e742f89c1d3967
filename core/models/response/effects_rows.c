/* The rows that effects are averaged over: weighed as in the fit, columns held.
 *
 * A column is held by letting it point to one value with a stride of zero, after
 * the model was opened on the rows as they are: levels in use and coding stay
 * those of the fit. At the means one row is read, in which every column of the
 * model and the offset are held. Cost: one pass.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/response/effects_internal.h"
#include <math.h>
#include <string.h>

static sy_status check_options(sy_context *ctx, const sy_response_model *model, const sy_response_shape *shape,
                               const sy_effects_options *o)
{
    if (!(o->level > 0 && o->level < 1))
        return syi_fail(ctx, SY_EINVAL, "level = %g: a number between 0 and 1, both excluded, is needed", o->level);
    if (!(o->df > 0)) return syi_fail(ctx, SY_EINVAL, "df = %g: degrees of freedom must be greater than 0", o->df);
    if (o->of == SY_PREDICT_LINEAR)
        return syi_fail(ctx, SY_EINVAL, "of: effects on the linear predictor are the coefficients themselves");
    return syi_predict_check(ctx, model, shape, o->of, o->cut);
}

static int in_part(const syi_population *p, int part, int column)
{
    const syi_model *m = &p->rows.part[part];
    for (int t = 0; p->rows.part_terms[part] && t < m->model.n_terms; t++) {
        const sy_term *term = &m->design->terms[m->model.terms[t]];
        for (int f = 0; f < term->n_factors; f++)
            if (term->factors[f].column == column) return 1;
    }
    return 0;
}

int syi_population_part(const syi_population *p, int column)
{
    for (int part = 0; part < SYI_PARTS; part++)
        if (in_part(p, part, column)) return part;
    return -1;
}

void syi_population_hold(syi_population *p, int column, double value)
{
    const sy_column own = p->design->columns[column];
    sy_column *c = &p->rows.columns[column];
    if (own.type == SY_CODES) {
        p->code_at[column] = own.first_code + (int32_t)value;
        *c = own;
        c->data = &p->code_at[column];
        c->stride = 0;
        return;
    }
    p->number_at[column] = value;
    *c = (sy_column){.name = own.name, .data = &p->number_at[column], .type = SY_F64};
}

static sy_status hold_given(sy_context *ctx, syi_population *p)
{
    for (int h = 0; h < p->options->n_held; h++) {
        const sy_held *held = &p->options->held[h];
        if (held->column < 0 || held->column >= p->design->n_columns)
            return syi_fail(ctx, SY_EINVAL, "at: column %d is not among the %d of the design", held->column,
                            p->design->n_columns);
        const sy_column *c = &p->design->columns[held->column];
        const int part = syi_population_part(p, held->column);
        if (part < 0) return syi_fail(ctx, SY_EINVAL, "at: %s is in no term of the model", c->name);
        if (!isfinite(held->value))
            return syi_fail(ctx, SY_EINVAL, "at: %s = %g; a number is needed", c->name, held->value);
        if (c->type == SY_CODES) {
            const syi_model *m = &p->rows.part[part];
            if (!(held->value >= 0 && held->value < c->n_levels) || held->value != floor(held->value))
                return syi_fail(ctx, SY_EINVAL, "at: %s has %d levels; %g is none of their places", c->name,
                                c->n_levels, held->value);
            if (m->position[m->level_at[held->column] + (int)held->value] < 0)
                return syi_fail(ctx, SY_EINVAL, "at: level %s of %s has no rows", c->levels[(int)held->value], c->name);
        }
        syi_population_hold(p, held->column, held->value);
    }
    return SY_OK;
}

/* Weights of the rows used, times trials. */
static sy_status weigh(sy_context *ctx, syi_population *p)
{
    const syi_model *m = &p->rows.part[SYI_LOCATION];
    double *x = syi_alloc(((size_t)m->p + 3) * SYI_TILE, sizeof *x);
    sy_status s = x ? SY_OK : syi_fail(ctx, SY_ENOMEM, "effects: out of memory for %d columns", m->p);
    double *y = x ? x + (ptrdiff_t)m->p * SYI_TILE : NULL, *w = x ? y + SYI_TILE : NULL,
           *trials = x ? w + SYI_TILE : NULL;
    unsigned char used[SYI_TILE];
    ptrdiff_t row[SYI_TILE];
    for (ptrdiff_t start = 0; start < p->n && s >= 0; start += SYI_TILE) {
        const int len = p->n - start < SYI_TILE ? (int)(p->n - start) : SYI_TILE;
        for (int i = 0; i < len; i++) row[i] = start + i;
        syi_model_tile(m, row, len, x, y, w, used);
        if (p->model->trials) syi_column_values(p->model->trials, NULL, start, len, trials);
        for (int i = 0; i < len; i++) {
            if (used[i]) p->weight[start + i] = p->model->trials ? w[i] * trials[i] : w[i];
            p->total += p->weight[start + i];
        }
        if (start / SYI_TILE % 16 == 0) s = syi_serial_stopped(ctx);
    }
    SYI_FREE(x);
    if (s >= 0 && !(p->total > 0)) s = syi_fail(ctx, SY_EDATA, "effects: no row is complete and of positive weight");
    return s;
}

/* Weighted mean of a numeric column over the rows used. */
static sy_status mean_of(sy_context *ctx, const syi_population *p, const sy_column *c, double *mean)
{
    double x[SYI_TILE], sum = 0;
    sy_status s = SY_OK;
    for (ptrdiff_t start = 0; start < p->n && s >= 0; start += SYI_TILE) {
        const int len = p->n - start < SYI_TILE ? (int)(p->n - start) : SYI_TILE;
        syi_column_values(c, NULL, start, len, x);
        for (int i = 0; i < len; i++)
            if (p->weight[start + i] > 0) sum += p->weight[start + i] * x[i];
        if (start / SYI_TILE % 64 == 0) s = syi_serial_stopped(ctx);
    }
    *mean = sum / p->total;
    return s;
}

/* The level of most weight, the first of equal ones. */
static sy_status level_of(sy_context *ctx, const syi_population *p, const sy_column *c, double *level)
{
    double x[SYI_TILE], *sum = syi_alloc((size_t)c->n_levels, sizeof *sum);
    sy_status s = sum ? SY_OK : syi_fail(ctx, SY_ENOMEM, "effects: out of memory for %d levels", c->n_levels);
    for (ptrdiff_t start = 0; start < p->n && s >= 0; start += SYI_TILE) {
        const int len = p->n - start < SYI_TILE ? (int)(p->n - start) : SYI_TILE;
        syi_column_values(c, NULL, start, len, x);
        for (int i = 0; i < len; i++)
            if (p->weight[start + i] > 0) sum[(int)x[i]] += p->weight[start + i];
        if (start / SYI_TILE % 64 == 0) s = syi_serial_stopped(ctx);
    }
    *level = 0;
    for (int l = 1; s >= 0 && l < c->n_levels; l++)
        if (sum[l] > sum[(int)*level]) *level = l;
    SYI_FREE(sum);
    return s;
}

/* Holds every column of the model that is not held yet, and leaves one row. */
static sy_status hold_means(sy_context *ctx, syi_population *p)
{
    sy_status s = SY_OK;
    for (int c = 0; c < p->design->n_columns && s >= 0; c++) {
        const sy_column *own = &p->design->columns[c];
        double value = 0;
        if (syi_population_part(p, c) < 0 || p->rows.columns[c].stride == 0) continue;
        s = own->type == SY_CODES ? level_of(ctx, p, own, &value) : mean_of(ctx, p, own, &value);
        if (s >= 0) syi_population_hold(p, c, value);
    }
    if (s >= 0 && p->model->offset) {
        s = mean_of(ctx, p, p->model->offset, &p->offset_at);
        p->offset = (sy_column){.name = p->model->offset->name, .data = &p->offset_at, .type = SY_F64};
        p->curves.offset = &p->offset;
    }
    p->n = 1;
    p->weight[0] = p->total = 1;
    return s;
}

static sy_status make_room(sy_context *ctx, syi_population *p)
{
    p->weight = syi_alloc((size_t)p->n + 1, sizeof *p->weight);
    p->moved = syi_alloc((size_t)p->n + 1, sizeof *p->moved);
    p->number_at = syi_alloc((size_t)p->design->n_columns + 1, sizeof *p->number_at);
    p->code_at = syi_alloc((size_t)p->design->n_columns + 1, sizeof *p->code_at);
    p->number = syi_alloc((size_t)p->width + 1, sizeof *p->number);
    if (!p->weight || !p->moved || !p->number_at || !p->code_at || !p->number)
        return syi_fail(ctx, SY_ENOMEM, "effects: out of memory for %td rows", p->n);
    for (int i = 0; i < p->width; i++)
        p->number[i] = syi_predicted(p->model, &p->shape, p->options->of, p->options->cut, i);
    return SY_OK;
}

sy_status syi_population_open(sy_context *ctx, const sy_design *design, const sy_response_model *model,
                              const sy_effects_options *options, syi_population *p)
{
    *p = (syi_population){.design = design, .model = model, .options = options, .n = design->n};
    sy_status s = sy_response_shape_of(ctx, design, model, &p->shape);
    if (s >= 0) s = check_options(ctx, model, &p->shape, options);
    if (s < 0) return s;
    p->width = sy_predict_width(model, &p->shape, options->of);
    return syi_shadow_open(ctx, design, model, &p->rows);
}

sy_status syi_population_fill(sy_context *ctx, int k, const double *estimate, syi_population *p)
{
    if (k != p->shape.k)
        return syi_fail(ctx, SY_EINVAL, "estimate: %d given; the model has %d parameters", k, p->shape.k);
    sy_status s = syi_curves_init(ctx, p->model, &p->shape, estimate, p->rows.part, p->rows.part_terms, &p->curves);
    if (s >= 0) s = make_room(ctx, p);
    if (s >= 0) s = weigh(ctx, p);
    if (s >= 0) s = hold_given(ctx, p);
    return s >= 0 && p->options->at_means ? hold_means(ctx, p) : s;
}

void syi_population_free(syi_population *p)
{
    syi_curves_free(&p->curves);
    syi_shadow_free(&p->rows);
    SYI_FREE(p->weight);
    SYI_FREE(p->moved);
    SYI_FREE(p->number_at);
    SYI_FREE(p->code_at);
    SYI_FREE(p->number);
}
