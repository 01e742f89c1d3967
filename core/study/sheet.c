/* Rows, or means of clusters, laid out by column for permutation.
 *
 * Means and spreads come from the moments, so that columns far from zero lose
 * nothing; what is moved is then in standard units and plain doubles do.
 *
 * Cost: n columns, in time and in memory.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/design_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "study/sheet_internal.h"
#include <math.h>

/* What standardises column c of the plan: mean (about the shift) and 1 / root
 * of its sum of squares. */
typedef struct {
    double *mean, *unit;
} standard;

static sy_status standardise(sy_context *ctx, const syi_plan *plan, standard *s, double *matrix)
{
    const sy_moments *m = plan->m;
    const int order = plan->n_adjust + plan->k + 1, q = m->n_columns;
    const size_t packed = syi_packed_length(q), square = (size_t)order * (size_t)order;
    double *planes = syi_alloc(2 * packed, sizeof *planes);
    syi_dd *centred = syi_alloc(square, sizeof *centred);
    sy_status status = SY_OK;
    if (!planes || !centred) {
        status = syi_fail(ctx, SY_ENOMEM, "permutations: no room for %d columns", order);
        goto out;
    }
    syi_sums total = {.hi = planes, .lo = planes + packed};
    syi_moments_total(m, NULL, &total);
    syi_moments_centred(m, &total, order, plan->column, centred);
    for (int c = 0; c < order; c++) {
        const size_t at = syi_packed_at(q, plan->column[c] + 1, plan->column[c] + 1);
        const double spread = syi_dd_round(centred[c * order + c]), rounding = m->twofold ? 0x1p-96 : 0x1p-46;
        s->mean[c] = total.hi[syi_packed_at(q, 0, plan->column[c] + 1)] / total.hi[0];
        s->unit[c] = spread > rounding * total.hi[at] ? 1 / sqrt(spread) : 0;
    }
    for (int a = 0; a < order; a++)
        for (int b = 0; b < order; b++)
            matrix[a * order + b] = syi_dd_round(centred[a * order + b]) * s->unit[a] * s->unit[b];
out:
    SYI_FREE(planes);
    SYI_FREE(centred);
    return status;
}

static sy_status sheet_alloc(sy_context *ctx, const syi_plan *plan, ptrdiff_t n, ptrdiff_t groups, syi_sheet *out)
{
    const size_t order = (size_t)(plan->n_adjust + plan->k + 1), rows = (size_t)n;
    out->order = (int)order;
    out->z = syi_alloc(order * rows, sizeof *out->z);
    out->w = syi_alloc(rows, sizeof *out->w);
    out->matrix = syi_alloc(order * order, sizeof *out->matrix);
    out->line = syi_alloc(rows, sizeof *out->line);
    out->first = syi_alloc((size_t)groups + 1, sizeof *out->first);
    out->groups = groups;
    if (out->z && out->w && out->matrix && out->line && out->first) return SY_OK;
    return syi_fail(ctx, SY_ENOMEM, "permutations: no room for %td rows of %zu columns", n, order);
}

/* line and first from the group of each item; counting sort. */
static sy_status line_up(sy_context *ctx, const int32_t *group, syi_sheet *s)
{
    ptrdiff_t *next = syi_alloc((size_t)s->groups + 1, sizeof *next);
    if (!next) return syi_fail(ctx, SY_ENOMEM, "permutations: no room for %td groups", s->groups);
    for (ptrdiff_t g = 0; g <= s->groups; g++) s->first[g] = 0;
    for (ptrdiff_t i = 0; i < s->n; i++) s->first[group[i] + 1]++;
    for (ptrdiff_t g = 0; g < s->groups; g++) s->first[g + 1] += s->first[g];
    for (ptrdiff_t g = 0; g < s->groups; g++) next[g] = s->first[g];
    for (ptrdiff_t i = 0; i < s->n; i++) s->line[next[group[i]]++] = i;
    SYI_FREE(next);
    return SY_OK;
}

static sy_status standards(sy_context *ctx, const syi_plan *plan, standard *s, syi_sheet *out)
{
    const size_t order = (size_t)out->order;
    s->mean = syi_alloc(2 * order, sizeof *s->mean);
    if (!s->mean) return syi_fail(ctx, SY_ENOMEM, "permutations: no room for %zu columns", order);
    s->unit = s->mean + order;
    return standardise(ctx, plan, s, out->matrix);
}

sy_status syi_sheet_units(sy_context *ctx, const syi_plan *plan, syi_sheet *out)
{
    const sy_moments *m = plan->m;
    const ptrdiff_t n = m->n_units;
    const int stratified = m->n_strata > 1;
    const size_t packed = syi_packed_length(m->n_columns);
    standard s = {0};
    int32_t *group = syi_alloc((size_t)n, sizeof *group);
    sy_status status = sheet_alloc(ctx, plan, n, stratified ? m->n_strata : 1, out);
    if (!status && !group) status = syi_fail(ctx, SY_ENOMEM, "permutations: no room for %td units", n);
    if (!status) status = standards(ctx, plan, &s, out);
    if (status) goto out;
    for (ptrdiff_t g = 0; g < n; g++) {
        const double *hi = m->hi + (size_t)g * packed;
        if (stratified) group[g] = m->unit_stratum[g];
        if (!(hi[0] > 0)) continue;
        out->w[out->n] = hi[0];
        for (int c = 0; c < out->order; c++) {
            const double mean = hi[syi_packed_at(m->n_columns, 0, plan->column[c] + 1)] / hi[0];
            out->z[c * n + out->n] = (mean - s.mean[c]) * s.unit[c];
        }
        group[out->n++] = group[g];
    }
    for (int c = 1; c < out->order && out->n < n; c++)
        for (ptrdiff_t i = 0; i < out->n; i++) out->z[c * out->n + i] = out->z[c * n + i];
    status = line_up(ctx, group, out);
out:
    SYI_FREE(group);
    SYI_FREE(s.mean);
    return status;
}

/* 1 when the row is used. */
static int row_weight(const sy_design *design, const double *tile, int columns, ptrdiff_t row, int i, double *w)
{
    *w = design->weights ? syi_column_value(design->weights, row) : 1;
    for (int c = 0; c < columns; c++)
        if (isnan(tile[c * SYI_TILE + i])) return 0;
    if (design->cluster && isnan(syi_column_value(design->cluster, row))) return 0;
    if (design->strata && isnan(syi_column_value(design->strata, row))) return 0;
    return *w > 0;
}

static sy_status read_rows(sy_context *ctx, const syi_plan *plan, const sy_design *design, const syi_layout *layout,
                           const standard *s, int32_t *group, syi_sheet *out)
{
    const sy_moments *m = plan->m;
    const ptrdiff_t n = (ptrdiff_t)m->rows_used;
    ptrdiff_t row[SYI_TILE];
    double *tile = syi_alloc((size_t)layout->n_columns * SYI_TILE, sizeof *tile);
    if (!tile) return syi_fail(ctx, SY_ENOMEM, "permutations: no room for %d columns", layout->n_columns);
    for (ptrdiff_t at = 0; at < design->n; at += SYI_TILE) {
        const int len = (int)(design->n - at < SYI_TILE ? design->n - at : SYI_TILE);
        for (int i = 0; i < len; i++) row[i] = at + i;
        syi_design_tile(design, layout, row, len, tile);
        for (int i = 0; i < len && out->n < n; i++) {
            if (!row_weight(design, tile, layout->n_columns, row[i], i, &out->w[out->n])) continue;
            for (int c = 0; c < out->order; c++) {
                const int column = plan->column[c];
                const double x = tile[column * SYI_TILE + i] - m->shift[column];
                out->z[c * n + out->n] = (x - s->mean[c]) * s->unit[c];
            }
            group[out->n++] = design->cluster ? (int32_t)syi_column_value(design->cluster, row[i]) : 0;
        }
        if (at / SYI_TILE % 64 == 63 && ctx->poll && ctx->poll(ctx->poll_arg)) {
            SYI_FREE(tile);
            return syi_fail(ctx, SY_EINTR, "stopped by the host");
        }
    }
    SYI_FREE(tile);
    if (out->n == n) return SY_OK;
    return syi_fail(ctx, SY_EDIM, "rows: %td are complete, the moments have %td", out->n, n);
}

sy_status syi_sheet_rows(sy_context *ctx, const syi_plan *plan, const sy_design *rows, syi_sheet *out)
{
    syi_layout layout = {0};
    standard s = {0};
    const ptrdiff_t n = (ptrdiff_t)plan->m->rows_used;
    int32_t *group = syi_alloc((size_t)n, sizeof *group);
    sy_status status = syi_layout_init(ctx, rows, &layout);
    if (!status && layout.n_columns != plan->m->n_columns)
        status = syi_fail(ctx, SY_EDIM, "rows: %d columns, the moments have %d", layout.n_columns, plan->m->n_columns);
    if (!status) status = sheet_alloc(ctx, plan, n, rows->cluster ? rows->cluster->n_levels : 1, out);
    if (!status && !group) status = syi_fail(ctx, SY_ENOMEM, "permutations: no room for %td rows", n);
    if (!status) status = standards(ctx, plan, &s, out);
    if (!status) status = read_rows(ctx, plan, rows, &layout, &s, group, out);
    if (!status) status = line_up(ctx, group, out);
    syi_layout_free(&layout);
    SYI_FREE(group);
    SYI_FREE(s.mean);
    return status;
}

void syi_sheet_free(syi_sheet *sheet)
{
    SYI_FREE(sheet->z);
    SYI_FREE(sheet->w);
    SYI_FREE(sheet->matrix);
    SYI_FREE(sheet->line);
    SYI_FREE(sheet->first);
}
