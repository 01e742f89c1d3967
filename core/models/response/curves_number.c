/* The numbers that are predicted, as differences of curves.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "models/response/curves_internal.h"

int sy_predict_width(const sy_response_model *model, const sy_response_shape *shape, sy_predict_kind kind)
{
    if (kind == SY_PREDICT_CATEGORIES) return model->kind == SY_RESPONSE_BINARY ? 2 : shape->n_levels;
    if (kind == SY_PREDICT_CUMULATIVE) return shape->n_levels - 1;
    return 1;
}

sy_status syi_predict_check(sy_context *ctx, const sy_response_model *model, const sy_response_shape *shape,
                            sy_predict_kind kind, int cut)
{
    const int ordinal = model->kind == SY_RESPONSE_ORDINAL, binary = model->kind == SY_RESPONSE_BINARY;
    const int levels = binary ? 2 : shape->n_levels;
    if ((int)kind < SY_PREDICT_LINEAR || kind > SY_PREDICT_AT_LEAST)
        return syi_fail(ctx, SY_EINVAL, "predict: %d is none of the kinds", (int)kind);
    if (ordinal && shape->n_levels < 2)
        return syi_fail(ctx, SY_EINVAL, "predict: an ordinal model has two levels at least, not %d", shape->n_levels);
    if (kind == SY_PREDICT_CUMULATIVE && !ordinal)
        return syi_fail(ctx, SY_EINVAL, "predict: cumulative probabilities are those of an ordinal model");
    if ((kind == SY_PREDICT_CATEGORIES || kind == SY_PREDICT_AT_LEAST) && !ordinal && !binary)
        return syi_fail(ctx, SY_EINVAL, "predict: counts have an expected count, no probabilities of levels");
    if (kind == SY_PREDICT_AT_LEAST && (cut < 1 || cut >= levels))
        return syi_fail(ctx, SY_EINVAL, "cut: level %d; it must be one of the %d levels, not the first", cut + 1,
                        levels);
    return SY_OK;
}

syi_number syi_predicted(const sy_response_model *model, const sy_response_shape *shape, sy_predict_kind kind, int cut,
                         int i)
{
    const int ordinal = model->kind == SY_RESPONSE_ORDINAL, last = ordinal ? shape->n_levels - 1 : 1;
    if (kind == SY_PREDICT_CATEGORIES && !ordinal) return i == 0 ? (syi_number){1, 0, 0} : (syi_number){0, -1, 0};
    if (kind == SY_PREDICT_CATEGORIES) return (syi_number){i, i - 1, 0};
    if (kind == SY_PREDICT_CUMULATIVE) return (syi_number){i, -1, 0};
    if (!ordinal) return (syi_number){0, -1, 0};
    if (kind == SY_PREDICT_AT_LEAST) return (syi_number){last, cut - 1, 0};
    return (syi_number){last, -1, 1};
}

void syi_curves_value(const syi_curves *c, const syi_curve_tile *t, syi_number number, double *value)
{
    const ptrdiff_t up = (ptrdiff_t)number.up * SYI_TILE, down = (ptrdiff_t)number.down * SYI_TILE;
    for (int i = 0; i < SYI_TILE; i++) {
        if (number.mean) {
            value[i] = 1;
            for (int m = 0; m < c->n_curves; m++) value[i] += t->upper[(ptrdiff_t)m * SYI_TILE + i];
        } else if (number.down < 0) {
            value[i] = number.up < c->n_curves ? t->cdf[up + i] : 1;
        } else if (number.up >= c->n_curves) {
            value[i] = t->upper[down + i];
        } else if (t->z[down + i] > 0) {
            value[i] = t->upper[down + i] - t->upper[up + i];
        } else {
            value[i] = t->cdf[up + i] - t->cdf[down + i];
        }
    }
}
