/* Predictions of new rows from a mixed model.
 *
 * x'b + offset + sum over bar terms of z'u, u the effects of the row's level, 0 for
 * a level that the fit has not seen; models that are not linear take that as the
 * offset of the fixed part. Reads z as the fixed part reads x, so that a row of the
 * fit gets its fitted value back. Cost: n times coefficients and effects.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/model_internal.h"
#include "steelyard/mixed_predict.h"

typedef struct {
    const sy_column *group;
    int q, levels; /* effects; levels of the fit */
    int plain;     /* an intercept alone */
    const double *modes;
    syi_model z;
} part;

typedef struct {
    const sy_design *rows;
    const sy_column *offset;
    part *parts;
    int n_parts, most; /* most effects of a part */
    double *sum;       /* [n] offset and effects */
    double *scratch;   /* [workers][2 * most * SYI_TILE] */
} job;

/* Models in it point into themselves: opened where they stay. */
static sy_status open_part(sy_context *ctx, const sy_design *rows, const sy_random *bar, part *p)
{
    const sy_linear_model columns = {
        .outcome = -1, .n_terms = bar->n_terms, .terms = bar->terms, .intercept = bar->intercept};
    p->group = bar->group;
    if (!bar->group || bar->group->type != SY_CODES || bar->group->n_levels < 2)
        return syi_fail(ctx, SY_EINVAL, "predict: a group is a factor with the levels of the fit and one more");
    p->levels = bar->group->n_levels - 1;
    p->plain = bar->n_terms == 0;
    p->q = 1;
    if (p->plain) return SY_OK;
    const sy_status s = syi_model_open(ctx, rows, &columns, SY_PRECISION_TWOFOLD, &p->z);
    p->q = p->z.p;
    return s;
}

static void add_part(const job *j, const part *p, const ptrdiff_t *row, int len, double *x, double *sum)
{
    double code[SYI_TILE];
    unsigned char used[SYI_TILE];
    double *lo = x + (ptrdiff_t)j->most * SYI_TILE;
    syi_column_values(p->group, row, 0, len, code);
    if (!p->plain) syi_model_predictors(&p->z, row, len, x, lo, used);
    for (int i = 0; i < len; i++) {
        if (isnan(code[i]) || (!p->plain && !used[i])) sum[i] = (double)NAN;
        if (isnan(sum[i]) || (int)code[i] >= p->levels) continue;
        const double *u = p->modes + (ptrdiff_t)code[i] * p->q;
        for (int e = 0; e < p->q; e++) sum[i] = fma(p->plain ? 1 : x[e * SYI_TILE + i], u[e], sum[i]);
    }
}

static void add_tile(void *arg, int worker, size_t tile)
{
    const job *j = arg;
    const ptrdiff_t start = (ptrdiff_t)tile * SYI_TILE, left = j->rows->n - start;
    const int len = left < SYI_TILE ? (int)left : SYI_TILE;
    ptrdiff_t row[SYI_TILE] = {0};
    for (int i = 0; i < len; i++) row[i] = start + i;
    if (j->offset) syi_column_values(j->offset, row, 0, len, j->sum + start);
    double *x = j->scratch + 2 * (ptrdiff_t)j->most * SYI_TILE * worker;
    for (int k = 0; k < j->n_parts; k++) add_part(j, &j->parts[k], row, len, x, j->sum + start);
}

static sy_status fill(sy_context *ctx, job *j)
{
    const size_t n = (size_t)j->rows->n, tiles = n / SYI_TILE + (n % SYI_TILE != 0);
    const double seconds = (double)n * (1 + j->n_parts * j->most) * 1e-8;
    const int workers = syi_parallel_workers(ctx, tiles, seconds);
    j->scratch = syi_alloc((size_t)workers * 2 * (size_t)j->most, SYI_TILE * sizeof(double));
    if (!j->scratch) return syi_fail(ctx, SY_ENOMEM, "predict: out of memory for %d effects", j->most);
    return syi_parallel(ctx, tiles, seconds, add_tile, j);
}

/* Offset and effects of the rows. */
static sy_status further(sy_context *ctx, const sy_mixed_model *model, const sy_mixed_shape *shape, const double *modes,
                         job *j)
{
    sy_status s = SY_OK;
    ptrdiff_t at = 0;
    j->parts = syi_alloc((size_t)model->n_random + 1, sizeof *j->parts);
    if (!j->parts) return syi_fail(ctx, SY_ENOMEM, "predict: out of memory for %d bar terms", model->n_random);
    for (int k = 0; modes && k < model->n_random && s >= 0; k++) {
        part *p = &j->parts[j->n_parts++];
        s = open_part(ctx, j->rows, &model->random[k], p);
        p->modes = modes + at;
        at += (ptrdiff_t)p->levels * p->q;
        if (p->q > j->most) j->most = p->q;
    }
    if (s >= 0 && modes && at != shape->n_modes)
        s = syi_fail(ctx, SY_EINVAL, "predict: the fit has %lld effects of groups, these rows ask for %lld",
                     (long long)shape->n_modes, (long long)at);
    return s < 0 ? s : fill(ctx, j);
}

static sy_status fixed_part(sy_context *ctx, const sy_design *rows, const sy_mixed_model *model,
                            const sy_mixed_shape *shape, const double *estimate, const double *sum,
                            sy_predict_kind kind, double *value)
{
    const sy_response_model *r = &model->response;
    if (model->linear) {
        const sy_status s = sy_linear_predict(ctx, rows, &r->columns, shape->k, estimate, NULL, value, NULL);
        for (ptrdiff_t i = 0; s >= 0 && sum && i < rows->n; i++) value[i] += sum[i];
        return s;
    }
    const sy_column column = {.name = "offset", .data = sum, .type = SY_F64, .stride = (ptrdiff_t)sizeof(double)};
    const sy_predictions out = {.value = value};
    const int ordinal = r->kind == SY_RESPONSE_ORDINAL, spread = r->kind == SY_RESPONSE_NEGATIVE_BINOMIAL;
    const sy_response_shape of = {.k = shape->k,
                                  .n_thresholds = shape->n_thresholds,
                                  .p = shape->k - shape->n_thresholds + ordinal - spread,
                                  .n_levels = shape->n_levels};
    sy_response_model moved = *r;
    moved.offset = sum ? &column : NULL;
    return sy_response_predict(ctx, rows, &moved, &of, estimate, NULL, kind, 0, 0.95, HUGE_VAL, &out);
}

sy_status sy_mixed_predict(sy_context *ctx, const sy_design *rows, const sy_mixed_model *model,
                           const sy_mixed_shape *shape, const double *estimate, const double *modes,
                           sy_predict_kind kind, double *value)
{
    syi_enter(ctx);
    job j = {.rows = rows, .offset = model->response.offset, .most = 1};
    sy_status s = SY_OK;
    if (modes || j.offset) {
        j.sum = syi_alloc((size_t)rows->n + 1, sizeof *j.sum);
        s = j.sum ? further(ctx, model, shape, modes, &j)
                  : syi_fail(ctx, SY_ENOMEM, "predict: out of memory for %lld rows", (long long)rows->n);
    }
    if (s >= 0) s = fixed_part(ctx, rows, model, shape, estimate, j.sum, kind, value);
    for (int k = 0; k < j.n_parts; k++) syi_model_free(&j.parts[k].z);
    SYI_FREE(j.parts);
    SYI_FREE(j.scratch);
    SYI_FREE(j.sum);
    return s;
}
