/* Fixed columns of a linear mixed model, made ready for cross-products.
 *
 * A guess of the mean is taken off every column and the outcome (x' = (x -
 * shift) scale, scale a power of two), so that cross-products in double keep the
 * digits of 1e9 + noise; with an intercept that changes its coefficient only:
 * b_j = b'_j scale_j / scale_y, b_0 = shift_y + b'_0 / scale_y - sum b_j shift_j.
 * Shifts, scales and aliased columns come from the least squares of the fixed
 * part: by cross-products where they leave 12 digits, else by QR.
 * Cost: that of least squares.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/linear/linear_internal.h"
#include "models/mixed/lmm_rows_internal.h"
#include <string.h>

static sy_status factor_fixed(sy_context *ctx, const syi_model *m, syi_triangle *t, syi_solution *s)
{
    int good = 0;
    sy_status status = syi_triangle_open(ctx, m->p, t);
    if (status >= 0) status = syi_linear_products(ctx, m, t, &good);
    if (status >= 0 && !good) status = syi_linear_rows(ctx, m, t);
    return status < 0 ? status : syi_linear_solve(ctx, m, t, s);
}

static sy_status judge(sy_context *ctx, const syi_model *m, const syi_solution *f)
{
    sy_status s = SY_OK;
    if (!(f->tss.hi > 0))
        return syi_fail(ctx, SY_EDATA, "%s: is constant in the %.0f rows used; there is nothing to explain",
                        m->design->terms[m->model.outcome].label, m->rows_used);
    if (f->used == 0)
        return syi_fail(ctx, SY_ERANK, "terms: every column is zero or constant; no coefficient can be had");
    for (int c = 0; c < m->p && s >= 0; c++) {
        char label[SY_NAME_LENGTH];
        if (!f->aliased[c]) continue;
        syi_model_label(m, c, label, sizeof label);
        s = syi_remark(ctx, SY_NOTE_ALIASED, label, 0,
                       "%s adds nothing beyond the columns before it and has no coefficient", label);
    }
    return s;
}

static sy_status keep(sy_context *ctx, const syi_triangle *t, const syi_solution *f, syi_lmm_rows *r)
{
    const size_t all = (size_t)r->m.p + 1;
    r->column = syi_alloc(all, sizeof *r->column);
    r->aliased = syi_alloc(all, sizeof *r->aliased);
    r->shift = syi_alloc(all, sizeof *r->shift);
    r->scale = syi_alloc(all, sizeof *r->scale);
    if (!r->column || !r->aliased || !r->shift || !r->scale)
        return syi_fail(ctx, SY_ENOMEM, "mixed: out of memory for %d columns", r->m.p);
    for (int c = 0; c <= r->m.p; c++) {
        if (c < r->m.p) {
            r->aliased[c] = f->aliased[c];
            if (f->aliased[c]) continue;
            r->column[r->p] = c;
        }
        r->shift[r->p] = t->shift[c];
        r->scale[r->p] = ldexp(1, -t->exponent[c]);
        r->p += c < r->m.p;
    }
    return SY_OK;
}

static sy_status check_fixed(sy_context *ctx, const sy_response_model *fixed)
{
    if (fixed->columns.outcome < 0) return syi_fail(ctx, SY_EINVAL, "outcome: none is given");
    if (fixed->columns.absorb)
        return syi_fail(ctx, SY_EINVAL, "absorb: %s cannot be absorbed in a mixed model", fixed->columns.absorb->name);
    return SY_OK;
}

sy_status syi_lmm_rows_init(sy_context *ctx, const sy_design *design, const sy_mixed_model *model, syi_lmm_rows *r)
{
    syi_triangle t = {0};
    syi_solution f = {0};
    *r = (syi_lmm_rows){.p = 0};
    sy_status s = check_fixed(ctx, &model->response);
    if (s >= 0) s = syi_bars_open(ctx, design, model, &r->bars);
    if (s < 0) return s;
    s = syi_model_open(ctx, &r->bars.own, &model->response.columns, SY_PRECISION_DOUBLE, &r->m);
    if (s >= 0) s = syi_model_rows(ctx, &r->m);
    if (s >= 0) s = syi_bars_levels(ctx, &r->m, &r->bars);
    if (s >= 0) s = factor_fixed(ctx, &r->m, &t, &f);
    if (s >= 0) s = judge(ctx, &r->m, &f);
    if (s >= 0) s = keep(ctx, &t, &f, r);
    syi_triangle_free(&t);
    syi_solution_free(&f);
    if (s < 0) syi_lmm_rows_free(r);
    return s;
}

void syi_lmm_rows_free(syi_lmm_rows *r)
{
    syi_bars_free(&r->bars);
    syi_model_free(&r->m);
    SYI_FREE(r->column);
    SYI_FREE(r->aliased);
    SYI_FREE(r->shift);
    SYI_FREE(r->scale);
}

size_t syi_lmm_rows_room(const syi_lmm_rows *r)
{
    return ((size_t)r->m.p + 1) * SYI_TILE;
}

void syi_lmm_rows_tile(const syi_lmm_rows *r, const ptrdiff_t *row, int len, double *x, double *w, unsigned char *used,
                       double *z, int32_t *level, double *scratch)
{
    double *y = scratch + (ptrdiff_t)r->m.p * SYI_TILE, offset[SYI_TILE];
    syi_model_tile(&r->m, row, len, scratch, y, w, used);
    if (r->bars.offset >= 0) {
        syi_column_values(&r->bars.own.columns[r->bars.offset], row, 0, len, offset);
        for (int i = 0; i < len; i++)
            if (used[i]) y[i] -= offset[i];
    }
    for (int c = 0; c <= r->p; c++) {
        const double *from = c < r->p ? scratch + (ptrdiff_t)r->column[c] * SYI_TILE : y;
        for (int i = 0; i < SYI_TILE; i++)
            x[(ptrdiff_t)c * SYI_TILE + i] = used[i] ? (from[i] - r->shift[c]) * r->scale[c] : 0;
    }
    syi_bars_tile(&r->bars, row, len, z, level);
}

void syi_lmm_rows_unpack(const syi_lmm_rows *r, double *b, double *inverse)
{
    const int p = r->p, base = r->m.count[0];
    for (int j = 0; b && j < p; j++) b[j] *= r->scale[j] / r->scale[p];
    for (int j = base; b && base && j < p; j++) b[0] -= b[j] * r->shift[j];
    if (b && base) b[0] += r->shift[p];
    if (!inverse) return;
    for (int i = 0; i < p; i++)
        for (int j = 0; j < p; j++) inverse[(ptrdiff_t)i * p + j] *= r->scale[i] * r->scale[j];
    for (int j = 0; base && j < p; j++)
        for (int i = 1; i < p; i++) inverse[j] -= r->shift[i] * inverse[(ptrdiff_t)i * p + j];
    for (int i = 0; base && i < p; i++)
        for (int j = 1; j < p; j++) inverse[(ptrdiff_t)i * p] -= r->shift[j] * inverse[(ptrdiff_t)i * p + j];
}

double syi_lmm_rows_log_units(const syi_lmm_rows *r, const unsigned char *fixed)
{
    double sum = 0;
    for (int j = 0; j < r->p; j++)
        if (!fixed || fixed[j]) sum -= 2 * log(r->scale[j]);
    return sum;
}
