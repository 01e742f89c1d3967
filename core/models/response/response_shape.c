/* How many parameters a response model has, and what they are called.
 *
 * Thresholds depend on the levels in use, so that the rows are read once; so do
 * the columns of factors. Cost: one pass over the rows.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/response/ordinal_internal.h"
#include "models/response/packed_internal.h"
#include <stdio.h>

enum { LOOK_UP = 256 };

/* The levels of an ordinal outcome that rows used have, in order. */
static sy_status find_levels(sy_context *ctx, const syi_shadow *s, const char **name, int *count)
{
    const ptrdiff_t n = s->design.n;
    double y[SYI_TILE], y_lo[SYI_TILE], w[SYI_TILE];
    unsigned char used[SYI_TILE];
    ptrdiff_t row[SYI_TILE];
    unsigned char *seen = syi_alloc((size_t)s->outcome->n_levels, 1);
    *count = 0;
    if (!seen) return syi_fail(ctx, SY_ENOMEM, "response: out of memory for %d levels", s->outcome->n_levels);
    for (ptrdiff_t start = 0; start < n; start += SYI_TILE) {
        const int len = n - start < SYI_TILE ? (int)(n - start) : SYI_TILE;
        if (start / SYI_TILE % LOOK_UP == LOOK_UP - 1 && syi_serial_stopped(ctx) != SY_OK) {
            SYI_FREE(seen);
            return SY_EINTR;
        }
        for (int i = 0; i < SYI_TILE; i++) row[i] = start + (i < len ? i : 0);
        syi_model_raw_twofold(&s->part[SYI_LOCATION], row, len, NULL, NULL, y, y_lo, w, used);
        for (int i = 0; i < len; i++)
            if (used[i]) seen[(int)y[i]] = 1;
    }
    for (int l = 0; l < s->outcome->n_levels; l++)
        if (seen[l]) name[(*count)++] = s->outcome->levels[l];
    SYI_FREE(seen);
    if (*count >= 2) return SY_OK;
    return *count == 0
               ? syi_fail(ctx, SY_EDATA, "data: no row is complete")
               : syi_fail(ctx, SY_EDATA, "%s: only one of its levels has rows (%s); there is nothing to explain",
                          s->outcome->name, name[0]);
}

void syi_shadow_shape(const syi_shadow *s, int n_levels, sy_response_shape *shape)
{
    const int ordinal = s->model->kind == SY_RESPONSE_ORDINAL;
    const int nominal = s->first[SYI_SPREAD] - s->first[SYI_NOMINAL];
    const int each = ordinal ? syi_thresholds_free(s->model->thresholds, n_levels) : 0;
    shape->n_levels = ordinal ? n_levels : s->model->kind == SY_RESPONSE_BINARY ? 2 : 0;
    shape->n_thresholds = each * (1 + nominal);
    shape->p = s->part[SYI_LOCATION].p;
    shape->n_scale = s->first[SYI_PARTS] - s->first[SYI_SPREAD];
    shape->k =
        shape->n_thresholds + shape->p - ordinal + shape->n_scale + (s->model->kind == SY_RESPONSE_NEGATIVE_BINOMIAL);
}

/* Opens the model; names [levels of the outcome] of those in use, to be freed. */
static sy_status open_shape(sy_context *ctx, const sy_design *design, const sy_response_model *model, syi_shadow *s,
                            const char ***name, sy_response_shape *shape)
{
    int count = 0;
    *name = NULL;
    sy_status status = syi_shadow_open(ctx, design, model, s);
    if (status < 0) return status;
    if (model->kind == SY_RESPONSE_ORDINAL) {
        *name = syi_alloc((size_t)s->outcome->n_levels, sizeof **name);
        if (!*name) return syi_fail(ctx, SY_ENOMEM, "response: out of memory for %d levels", s->outcome->n_levels);
        if ((status = find_levels(ctx, s, *name, &count)) < 0) return status;
    }
    syi_shadow_shape(s, count, shape);
    return SY_OK;
}

sy_status sy_response_shape_of(sy_context *ctx, const sy_design *design, const sy_response_model *model,
                               sy_response_shape *shape)
{
    syi_enter(ctx);
    const int first = ctx->n_remarks;
    syi_shadow s = {0};
    const char **name = NULL;
    const sy_status status = open_shape(ctx, design, model, &s, &name, shape);
    SYI_FREE(name);
    syi_shadow_free(&s);
    return status < 0 ? status : syi_status_of_remarks(ctx, first);
}

/* The label of parameter j. */
static void label_of(const syi_shadow *s, const sy_response_shape *shape, const char *const *name, int j, char *text,
                     size_t size)
{
    const int ordinal = s->model->kind == SY_RESPONSE_ORDINAL, location = shape->p - ordinal;
    char column[SY_NAME_LENGTH];
    if (j < shape->n_thresholds) {
        const int each = syi_thresholds_free(s->model->thresholds, shape->n_levels), c = j / each;
        if (c > 0) syi_model_label(&s->part[SYI_NOMINAL], c, column, sizeof column);
        syi_thresholds_label(s->model->thresholds, shape->n_levels, name, j % each, c > 0 ? column : NULL, text, size);
        return;
    }
    j -= shape->n_thresholds;
    if (j < location) {
        syi_model_label(&s->part[SYI_LOCATION], j + ordinal, text, size);
    } else if (j < location + shape->n_scale) {
        syi_model_label(&s->part[SYI_SPREAD], j - location + 1, column, sizeof column);
        snprintf(text, size, "scale: %s", column);
    } else {
        snprintf(text, size, "log(theta)");
    }
}

sy_status sy_response_labels(sy_context *ctx, const sy_design *design, const sy_response_model *model, int k,
                             char *text, size_t size)
{
    syi_enter(ctx);
    syi_shadow s = {0};
    const char **name = NULL;
    sy_response_shape shape = {0};
    sy_status status = open_shape(ctx, design, model, &s, &name, &shape);
    if (status >= 0 && k != shape.k)
        status = syi_fail(ctx, SY_EINVAL, "labels: %d asked for; the model has %d parameters", k, shape.k);
    for (int j = 0; status >= 0 && size > 0 && j < k; j++) label_of(&s, &shape, name, j, text + (size_t)j * size, size);
    SYI_FREE(name);
    syi_shadow_free(&s);
    return status < 0 ? status : SY_OK;
}

sy_status syi_response_label(sy_context *ctx, const sy_design *design, const sy_response_model *model, int j,
                             char *text, size_t size)
{
    syi_shadow s = {0};
    const char **name = NULL;
    sy_response_shape shape = {0};
    const sy_status status = open_shape(ctx, design, model, &s, &name, &shape);
    if (status >= 0 && size > 0) label_of(&s, &shape, name, j, text, size);
    SYI_FREE(name);
    syi_shadow_free(&s);
    return status < 0 ? status : SY_OK;
}
