/* Separation: estimates that run to infinity.
 *
 * A log-likelihood of this kind has no finite optimum exactly when some
 * direction d keeps every row from falling and lifts some: binary, x'd >= 0 where
 * all trials are events, <= 0 where none is, = 0 between; counts, x'd <= 0
 * where y = 0, = 0 elsewhere; ordered answers, t_j - x'd >= 0 for the threshold
 * above the row's level, t_{j-1} - x'd <= 0 for that below. Newton's steps tend to
 * such a direction, as the others settle. From a step, rows with |x'd| below 1e-4
 * of the largest are taken to lie on the boundary, d is moved until it is zero on
 * them exactly (their cross-products factored; the columns that stay free keep
 * their entries), and then the signs of all rows are looked at: what is reported
 * is a proof, up to rounding. Nothing free: no separation. Scale columns stay.
 * Cost: n k, and m k^2 for the m rows on the boundary, a look.
 * Albert & Anderson 1984, doi:10.1093/biomet/71.1.1; Konis 2007, Linear
 * programming algorithms for detecting separated data in binary logistic
 * regression models; Correia, Guimaraes & Zylkin 2019, arXiv:1903.01633.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/cholesky_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "models/response/ordinal_internal.h"
#include "models/response/separation_internal.h"
#include <string.h>

enum { BREATH = 4096 };

typedef struct {
    const syi_likelihood *l;
    int k;
    double *row;    /* [k] */
    double *d;      /* [k] */
    double *sums;   /* [k * k] cross-products of the rows on the boundary */
    syi_dd *a, *b;  /* [k * k], [k] */
    double *floor_; /* [k] */
    int *aliased;   /* [k] */
    double largest; /* |x'd| */
} look;

typedef enum { FREE, UP, DOWN, FIXED } bound; /* what x'd may be: anything, >= 0, <= 0, 0 */

/* The bound that row i has on its line `which` (0, or 1 for the lower threshold
 * of ordered answers). */
static bound bound_of(const syi_likelihood *l, ptrdiff_t i, int which)
{
    const syi_packed *r = l->rows;
    const double y = r->y[i], w = r->weight[i] * (l->times ? l->times[r->cluster[i]] : 1);
    if (!(w > 0)) return FREE;
    if (l->kind == SY_RESPONSE_ORDINAL) {
        if (which == 0) return y < r->n_levels - 1 ? UP : FREE;
        return y > 0 ? DOWN : FREE;
    }
    if (which == 1) return FREE;
    if (l->kind != SY_RESPONSE_BINARY) return y == 0 ? DOWN : FIXED;
    if (y == 0) return DOWN;
    return !r->trials || y == r->trials[i] ? UP : FIXED;
}

/* The line itself: what multiplies each parameter. */
static void line_of(const syi_likelihood *l, ptrdiff_t i, int which, double *row)
{
    const syi_packed *r = l->rows;
    const int ordinal = l->kind == SY_RESPONSE_ORDINAL;
    const int each = ordinal ? syi_thresholds_free(l->thresholds, r->n_levels) : 0;
    const int threshold = (int)r->y[i] - which;
    int at = 0;
    for (int c = -1; ordinal && c < r->n_nominal; c++)
        for (int q = 0; q < each; q++)
            row[at++] = syi_thresholds_map(l->thresholds, r->n_levels, threshold, q) *
                        (c < 0 ? 1 : r->nominal[c * r->stride + i]);
    for (int c = 0; c < r->p; c++) row[at++] = (ordinal ? -1 : 1) * r->x[c * r->stride + i];
    while (at < l->k) row[at++] = 0;
    for (int j = 0; j < l->k && l->use; j++)
        if (!l->use[j]) row[j] = 0;
}

static double along(const look *s)
{
    double sum = 0;
    for (int j = 0; j < s->k; j++) sum += s->row[j] * s->d[j];
    return sum;
}

/* Looks at all lines with `each`; stops where it says no. */
typedef int (*line_fn)(look *s, bound b, double value);
static sy_status all_lines(sy_context *ctx, look *s, line_fn each, int *fine)
{
    const syi_packed *r = s->l->rows;
    const int lines = s->l->kind == SY_RESPONSE_ORDINAL ? 2 : 1;
    *fine = 1;
    for (ptrdiff_t i = 0; i < r->n && *fine; i++) {
        if (i % BREATH == BREATH - 1 && syi_serial_stopped(ctx) != SY_OK) return SY_EINTR;
        for (int which = 0; which < lines && *fine; which++) {
            const bound b = bound_of(s->l, i, which);
            if (b == FREE) continue;
            line_of(s->l, i, which, s->row);
            *fine = each(s, b, along(s));
        }
    }
    return SY_OK;
}

static int measure(look *s, bound b, double value)
{
    (void)b;
    if (fabs(value) > s->largest) s->largest = fabs(value);
    return isfinite(value);
}

/* 1 unless the row goes the wrong way beyond what the boundary may. */
static int roughly(look *s, bound b, double value)
{
    const double v = value / s->largest;
    if ((b == UP && v < -1e-4) || (b == DOWN && v > 1e-4) || (b == FIXED && fabs(v) > 1e-4)) return 0;
    if (fabs(v) > 1e-4) return 1;
    for (int i = 0; i < s->k; i++)
        for (int j = 0; j <= i; j++) s->sums[(ptrdiff_t)i * s->k + j] += s->row[i] * s->row[j];
    return 1;
}

static int strictly(look *s, bound b, double value)
{
    const double v = value / s->largest;
    return !((b == UP && v < -1e-9) || (b == DOWN && v > 1e-9) || (b == FIXED && fabs(v) > 1e-9));
}

/* d zero on the boundary: its columns that depend on others there keep their
 * entries, the others follow. 0 when none is free. */
static int project(look *s)
{
    const int k = s->k;
    int free_ = 0;
    for (int i = 0; i < k; i++) {
        s->floor_[i] = 1e-9;
        for (int j = 0; j < k; j++)
            s->a[(ptrdiff_t)i * k + j] = syi_dd_of(s->sums[i >= j ? (ptrdiff_t)i * k + j : (ptrdiff_t)j * k + i]);
    }
    syi_cholesky(k, s->a, s->floor_, s->aliased);
    for (int i = 0; i < k; i++) {
        s->b[i] = syi_dd_of(0);
        free_ |= s->aliased[i] && s->d[i] != 0;
        for (int j = 0; j < k; j++)
            if (s->aliased[j])
                s->b[i] = syi_dd_sub(
                    s->b[i], syi_two_product(s->sums[i >= j ? (ptrdiff_t)i * k + j : (ptrdiff_t)j * k + i], s->d[j]));
    }
    syi_cholesky_solve(k, s->a, s->aliased, s->b);
    for (int i = 0; i < k; i++)
        if (!s->aliased[i]) s->d[i] = syi_dd_round(s->b[i]);
    return free_;
}

static sy_status judge(sy_context *ctx, look *s, int *found)
{
    int fine = 0;
    *found = 0;
    sy_status status = all_lines(ctx, s, measure, &fine);
    if (status < 0 || !fine || !(s->largest > 0)) return status;
    if ((status = all_lines(ctx, s, roughly, &fine)) < 0 || !fine || !project(s)) return status;
    const double before = s->largest;
    s->largest = 0;
    if ((status = all_lines(ctx, s, measure, &fine)) < 0 || !fine || !(s->largest > 1e-3 * before)) return status;
    return all_lines(ctx, s, strictly, found);
}

sy_status syi_separation(sy_context *ctx, const syi_likelihood *l, const double *direction, int *columns, int *found)
{
    const size_t k = (size_t)l->k;
    const int scaled = l->rows->n_spread + (l->kind == SY_RESPONSE_NEGATIVE_BINOMIAL);
    look s = {.l = l, .k = l->k};
    *found = 0;
    sy_status status = SY_OK;
    s.row = syi_alloc(3 * k + k * k, sizeof *s.row);
    s.a = syi_alloc(k * k + k, sizeof *s.a);
    s.aliased = syi_alloc(k, sizeof *s.aliased);
    if (!s.row || !s.a || !s.aliased) {
        status = syi_fail(ctx, SY_ENOMEM, "response: out of memory for %d parameters", l->k);
        goto out;
    }
    s.d = s.row + k;
    s.floor_ = s.d + k;
    s.sums = s.floor_ + k;
    s.b = s.a + k * k;
    memcpy(s.d, direction, (k - (size_t)scaled) * sizeof *s.d);
    if ((status = judge(ctx, &s, found)) < 0) goto out;
    double most = 0;
    for (size_t j = 0; j < k; j++) most = fmax(most, fabs(s.d[j]));
    for (size_t j = 0; columns && j < k; j++) columns[j] = *found && fabs(s.d[j]) > 1e-6 * most;
out:
    SYI_FREE(s.row);
    SYI_FREE(s.a);
    SYI_FREE(s.aliased);
    return status;
}

sy_status syi_separated_remark(sy_context *ctx, const sy_design *design, const sy_response_model *model,
                               const syi_packed *rows, int k, const int *place, const int *separated)
{
    const int constants =
        model->kind == SY_RESPONSE_ORDINAL ? syi_thresholds_free(model->thresholds, rows->n_levels) : rows->ones;
    int named = 0;
    sy_status status = SY_OK;
    for (int pass = 0; pass < 2 && !named; pass++)
        for (int j = 0; j < k && status >= 0; j++) {
            char label[SY_NAME_LENGTH];
            if (!separated[j] || (pass == 0 && place[j] < constants)) continue;
            status = syi_response_label(ctx, design, model, place[j], label, sizeof label);
            if (status >= 0)
                status = syi_remark(ctx, SY_NOTE_SEPARATED, label, 0,
                                    "%s tells the outcome without error where it counts: its coefficient is "
                                    "infinite, and shown where the search stopped",
                                    label);
            named = 1;
        }
    return status;
}
