/* What estimated marginal means need of the rows: means of the numeric
 * variables, and what aliased coefficients stand for.
 *
 * With aliased columns x_j = sum_k a_k x_k of the columns in use, c'b is the same
 * for every solution of the normal equations if and only if c_j = sum_k a_k c_k
 * for each of them. The a_k are least squares coefficients from the reduced
 * model. Cost: one pass; 2 p k^2 an aliased column.
 * Searle 1971, Linear Models, section 5.4.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/qr_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include "models/linear/anova_internal.h"
#include "models/linear/means_internal.h"
#include <string.h>

static void take_columns(const syi_model *m, ptrdiff_t start, int len, const double *w, syi_dd *sum)
{
    double v[SYI_TILE];
    for (int c = 0; c < m->design->n_columns; c++) {
        if (m->design->columns[c].type == SY_CODES) continue;
        syi_column_values(&m->design->columns[c], NULL, start, len, v);
        for (int i = 0; i < len; i++)
            if (w[i] > 0) sum[c] = syi_dd_add(sum[c], syi_two_product(w[i], v[i]));
    }
}

sy_status syi_column_means(sy_context *ctx, const syi_model *m, double *mean)
{
    const int columns = m->design->n_columns;
    syi_dd *sum = syi_alloc((size_t)columns + 1, sizeof *sum);
    double *x = syi_alloc(((size_t)m->p + 2) * SYI_TILE, sizeof *x);
    unsigned char used[SYI_TILE];
    ptrdiff_t row[SYI_TILE] = {0};
    sy_status status = SY_OK;
    if (!sum || !x) {
        status = syi_fail(ctx, SY_ENOMEM, "means: out of memory for %d columns", columns);
        goto out;
    }
    double *y = x + (size_t)m->p * SYI_TILE, *w = y + SYI_TILE;
    for (ptrdiff_t start = 0; start < m->design->n; start += SYI_TILE) {
        const int len = m->design->n - start < SYI_TILE ? (int)(m->design->n - start) : SYI_TILE;
        for (int i = 0; i < len; i++) row[i] = start + i;
        syi_model_tile(m, row, len, x, y, w, used);
        take_columns(m, start, len, w, sum);
        for (int i = 0; i < len; i++) sum[columns] = syi_dd_add(sum[columns], syi_dd_of(w[i]));
    }
    for (int c = 0; c < columns; c++) mean[c] = syi_dd_round(syi_dd_div(sum[c], sum[columns]));
out:
    SYI_FREE(sum);
    SYI_FREE(x);
    return status;
}

typedef struct {
    const syi_reduced *r;
    int used; /* columns with coefficients, first in `column` */
    int *column, *aliased;
    syi_dd *room, *a, *b, *x, *turned, *work;
    double *floor_;
} trade;

/* x[k] = a_k for the aliased column j, in units of the columns' exponents. */
static void solve(const trade *t, int j)
{
    const size_t side = (size_t)t->r->side;
    syi_dd rss;
    for (int k = 0; k < t->used; k++) {
        memcpy(t->a + (size_t)k * side, t->r->r + (size_t)t->column[k] * side, side * sizeof *t->a);
        t->floor_[k] = 0;
    }
    memcpy(t->b, t->r->r + (size_t)j * side, side * sizeof *t->b);
    syi_qr_twofold((ptrdiff_t)side, t->used, t->a, t->b, t->floor_, t->aliased, t->x, &rss, t->turned, t->work);
}

static int without_trade(const trade *t, int j, const double *c)
{
    syi_dd rest = syi_dd_of(c[j]);
    double size = fabs(c[j]);
    for (int k = 0; k < t->used; k++) {
        const int e = t->r->exponent[j] - t->r->exponent[t->column[k]];
        const syi_dd a = {ldexp(t->x[k].hi, e), ldexp(t->x[k].lo, e)}, part = syi_dd_mul_d(a, c[t->column[k]]);
        rest = syi_dd_sub(rest, part);
        size += fabs(part.hi);
    }
    return fabs(rest.hi) <= 1e-8 * size;
}

static void judge(trade *t, const double *coefficient, int q, const double *c, int *estimable)
{
    const int p = t->r->p;
    for (int i = 0; i < q; i++) estimable[i] = 1;
    for (int k = 0; k < p; k++)
        if (!isnan(coefficient[k])) t->column[t->used++] = k;
    for (int j = 0; j < p; j++) {
        if (!isnan(coefficient[j])) continue;
        solve(t, j);
        for (int i = 0; i < q; i++) estimable[i] &= without_trade(t, j, c + (size_t)i * (size_t)p);
    }
}

sy_status syi_estimable(sy_context *ctx, const sy_design *design, const sy_linear_model *model,
                        const double *coefficient, int q, const double *c, int *estimable)
{
    syi_reduced r;
    sy_status status = syi_reduce(ctx, design, model, &r);
    if (status < 0) return status;
    const size_t side = (size_t)r.side;
    trade t = {.r = &r};
    t.column = syi_alloc(2 * side, sizeof *t.column);
    t.floor_ = syi_alloc(side, sizeof *t.floor_);
    t.room = syi_alloc(2 * side * side + 4 * side, sizeof *t.room);
    if (!t.column || !t.floor_ || !t.room) {
        status = syi_fail(ctx, SY_ENOMEM, "means: out of memory for %d columns", r.p);
    } else {
        t.aliased = t.column + side;
        t.a = t.room;
        t.turned = t.a + side * side;
        t.b = t.turned + side * side;
        t.x = t.b + side;
        t.work = t.x + side;
        judge(&t, coefficient, q, c, estimable);
        status = SY_OK;
    }
    SYI_FREE(t.column);
    SYI_FREE(t.floor_);
    SYI_FREE(t.room);
    syi_reduced_free(&r);
    return status;
}
