/* The design of a response model: its rows with the outcome as numbers, and
 * its columns in three parts (location, nominal, scale).
 *
 * An outcome that is a factor stands as the places of its levels; offset and
 * trials stand as terms, so that a row lacking them is left out. Each part is
 * coded as a model of its own with an intercept of its own, which the nominal
 * and scale parts leave out afterwards. Cost: one pass over the rows for every
 * part with a factor.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/response/packed_internal.h"
#include <string.h>

static sy_status check_extra(sy_context *ctx, const char *what, const sy_column *c)
{
    if (!c) return SY_OK;
    if (!c->name || !*c->name || !c->data)
        return syi_fail(ctx, SY_EINVAL, "%s: the column has no name or no values", what);
    if (c->type == SY_CODES) return syi_fail(ctx, SY_EINVAL, "%s: %s is a factor; it must be a number", what, c->name);
    return SY_OK;
}

static sy_status check_kind(sy_context *ctx, const sy_response_model *model)
{
    const int kind = (int)model->kind, link = (int)model->link;
    const int counts = kind == SY_RESPONSE_POISSON || kind == SY_RESPONSE_NEGATIVE_BINOMIAL;
    if (kind < SY_RESPONSE_BINARY || kind > SY_RESPONSE_ORDINAL)
        return syi_fail(ctx, SY_EINVAL, "kind: %d is none", kind);
    if (counts && link != SY_LINK_LOG) return syi_fail(ctx, SY_EINVAL, "link: it must be log for counts");
    if (!counts && (link < SY_LINK_LOGIT || link > SY_LINK_CLOGLOG))
        return syi_fail(ctx, SY_EINVAL, "link: it must be logit, probit or cloglog");
    if (model->trials && kind != SY_RESPONSE_BINARY)
        return syi_fail(ctx, SY_EINVAL, "trials: %s; only a binary outcome has trials",
                        model->trials->name ? model->trials->name : "");
    if (kind == SY_RESPONSE_ORDINAL) {
        if (!model->columns.intercept)
            return syi_fail(ctx, SY_EINVAL, "intercept: an ordinal model has thresholds; it cannot be left out");
        if ((int)model->thresholds < SY_THRESHOLDS_FREE || (int)model->thresholds > SY_THRESHOLDS_EQUIDISTANT)
            return syi_fail(ctx, SY_EINVAL, "thresholds: they must be free, symmetric or equidistant");
    } else if (model->n_nominal > 0 || model->n_scale > 0)
        return syi_fail(ctx, SY_EINVAL, "%s: only an ordinal model has them",
                        model->n_nominal > 0 ? "nominal" : "scale");
    if (model->columns.absorb)
        return syi_fail(ctx, SY_EINVAL, "absorb: %s; levels are absorbed in linear models only",
                        model->columns.absorb->name ? model->columns.absorb->name : "");
    return SY_OK;
}

static sy_status check_outcome(sy_context *ctx, const sy_design *d, const sy_response_model *model)
{
    const int outcome = model->columns.outcome;
    if (outcome < 0 || outcome >= d->n_terms)
        return syi_fail(ctx, SY_EINVAL, "outcome: %d is not among the %d terms of the design", outcome, d->n_terms);
    const sy_term *y = &d->terms[outcome];
    if (y->n_factors != 1 || y->factors[0].power != 1)
        return syi_fail(ctx, SY_EINVAL, "%s: is a product; the outcome must be one column", y->label);
    const int codes = d->columns[y->factors[0].column].type == SY_CODES;
    const int counts = model->kind == SY_RESPONSE_POISSON || model->kind == SY_RESPONSE_NEGATIVE_BINOMIAL;
    if (model->kind == SY_RESPONSE_ORDINAL && !codes)
        return syi_fail(ctx, SY_EINVAL, "%s: is a number; an ordinal outcome is a factor with its levels in order",
                        y->label);
    if (codes && counts) return syi_fail(ctx, SY_EINVAL, "%s: is a factor; counts must be numbers", y->label);
    if (codes && model->trials)
        return syi_fail(ctx, SY_EINVAL, "%s: is a factor; with trials the outcome is the number of successes",
                        y->label);
    return SY_OK;
}

static sy_status check_nominal(sy_context *ctx, const sy_design *d, const sy_response_model *model)
{
    for (int i = 0; i < model->n_nominal; i++)
        for (int t = 0; t < model->columns.n_terms; t++)
            if (model->nominal[i] == model->columns.terms[t])
                return syi_fail(ctx, SY_EINVAL, "%s: is nominal and in the location part as well; it must be in one",
                                d->terms[model->nominal[i]].label);
    return SY_OK;
}

/* The level of every row, where the outcome is a factor. */
static sy_status read_levels(sy_context *ctx, syi_shadow *s, sy_column *column)
{
    const ptrdiff_t n = s->source->n;
    if (column->type != SY_CODES) return SY_OK;
    s->level = syi_alloc(n > 0 ? (size_t)n : 1, sizeof *s->level);
    if (!s->level) return syi_fail(ctx, SY_ENOMEM, "response: out of memory for %td rows", n);
    for (ptrdiff_t at = 0; at < n; at += 65536) {
        const ptrdiff_t end = n - at < 65536 ? n : at + 65536;
        for (ptrdiff_t i = at; i < end; i += SYI_TILE)
            syi_column_values(s->outcome, NULL, i, end - i < SYI_TILE ? (int)(end - i) : SYI_TILE, s->level + i);
        if (syi_serial_stopped(ctx) != SY_OK) return SY_EINTR;
    }
    *column = (sy_column){.name = column->name, .data = s->level, .stride = sizeof(double), .type = SY_F64};
    return SY_OK;
}

static sy_status build(sy_context *ctx, syi_shadow *s)
{
    const sy_design *d = s->source;
    const sy_response_model *model = s->model;
    s->columns = syi_alloc((size_t)d->n_columns + 3, sizeof *s->columns);
    s->terms = syi_alloc((size_t)d->n_terms + 2, sizeof *s->terms);
    if (!s->columns || !s->terms) return syi_fail(ctx, SY_ENOMEM, "response: out of memory for %d terms", d->n_terms);
    memcpy(s->columns, d->columns, (size_t)d->n_columns * sizeof *s->columns);
    memcpy(s->terms, d->terms, (size_t)d->n_terms * sizeof *s->terms);
    s->design = *d;
    s->design.columns = s->columns;
    s->design.terms = s->terms;
    sy_term *y = &s->terms[model->columns.outcome];
    s->outcome = &d->columns[y->factors[0].column];
    s->factors[0] = (sy_factor){s->design.n_columns, 1};
    s->columns[s->design.n_columns++] = *s->outcome;
    y->factors = &s->factors[0];
    const sy_column *extra[] = {model->offset, model->trials};
    static const char *const roles[] = {"(offset)", "(trials)"};
    for (int k = 0; k < 2; k++) {
        if (!extra[k]) continue;
        const char *label = extra[k]->name;
        for (int t = 0; t < s->design.n_terms; t++)
            if (strcmp(s->terms[t].label, label) == 0) label = roles[k];
        s->factors[k + 1] = (sy_factor){s->design.n_columns, 1};
        s->columns[s->design.n_columns++] = *extra[k];
        s->terms[s->design.n_terms++] = (sy_term){label, 1, &s->factors[k + 1]};
    }
    return read_levels(ctx, s, &s->columns[s->factors[0].column]);
}

/* A part as a linear model; coded with an intercept, but for a location part
 * without one. */
static sy_status open_part(sy_context *ctx, syi_shadow *s, int part)
{
    const sy_response_model *model = s->model;
    sy_linear_model linear = model->columns;
    if (part != SYI_LOCATION) {
        linear.n_terms = part == SYI_NOMINAL ? model->n_nominal : model->n_scale;
        linear.terms = part == SYI_NOMINAL ? model->nominal : model->scale;
        linear.intercept = 1;
        if (linear.n_terms <= 0) return SY_OK;
    }
    s->part_terms[part] = 1;
    return syi_model_open(ctx, &s->design, &linear, SY_PRECISION_DOUBLE, &s->part[part]);
}

sy_status syi_shadow_open(sy_context *ctx, const sy_design *design, const sy_response_model *model, syi_shadow *s)
{
    *s = (syi_shadow){.source = design, .model = model};
    sy_status status = syi_design_check(ctx, design);
    if (status >= 0) status = check_kind(ctx, model);
    if (status >= 0) status = check_outcome(ctx, design, model);
    if (status >= 0) status = check_extra(ctx, "offset", model->offset);
    if (status >= 0) status = check_extra(ctx, "trials", model->trials);
    if (status >= 0) status = build(ctx, s);
    for (int part = 0; part < SYI_PARTS && status >= 0; part++) status = open_part(ctx, s, part);
    if (status >= 0) status = check_nominal(ctx, design, model);
    if (status < 0) return status;
    s->ones = model->columns.intercept != 0;
    const int ordinal = model->kind == SY_RESPONSE_ORDINAL;
    s->first[SYI_NOMINAL] = s->part[SYI_LOCATION].p - ordinal;
    for (int part = SYI_NOMINAL; part < SYI_PARTS; part++)
        s->first[part + 1] = s->first[part] + (s->part_terms[part] ? s->part[part].p - 1 : 0);
    return SY_OK;
}

void syi_shadow_free(syi_shadow *s)
{
    for (int part = 0; part < SYI_PARTS; part++) syi_model_free(&s->part[part]);
    SYI_FREE(s->columns);
    SYI_FREE(s->terms);
    SYI_FREE(s->level);
}
