/* The rows of two groups, read once and sorted.
 *
 * Which rows count, and what is wrong with a row, is for sy_moments_init to
 * say, the group being one more term; then the rows are put into the order in
 * which everything that follows reads them, the first group first. Cost: a pass
 * of q^2 / 2 a row, and a copy of the columns.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "study/gap/gap_groups_internal.h"
#include "study/gap/gap_internal.h"
#include <math.h>
#include <string.h>

/* The caller's design with the group as its last term. */
typedef struct {
    sy_design design;
    sy_column *columns;
    sy_term *terms;
    sy_factor factor;
} widened;

static sy_status widen(sy_context *ctx, const sy_design *design, const sy_column *group, widened *w)
{
    const size_t columns = (size_t)design->n_columns, terms = (size_t)design->n_terms;
    for (int t = 0; t < design->n_terms; t++)
        if (!strcmp(design->terms[t].label, group->name))
            return syi_fail(ctx, SY_EINVAL,
                            "group: %s is also a term of the model; the groups cannot explain themselves", group->name);
    w->columns = syi_alloc(columns + 1, sizeof *w->columns);
    w->terms = syi_alloc(terms + 1, sizeof *w->terms);
    if (!w->columns || !w->terms) return syi_fail(ctx, SY_ENOMEM, "group: no room for %zu columns", columns);
    memcpy(w->columns, design->columns, columns * sizeof *w->columns);
    memcpy(w->terms, design->terms, terms * sizeof *w->terms);
    w->columns[columns] = *group;
    w->factor = (sy_factor){.column = design->n_columns, .power = 1};
    w->terms[terms] = (sy_term){.label = group->name, .n_factors = 1, .factors = &w->factor};
    w->design = *design;
    w->design.columns = w->columns;
    w->design.n_columns++;
    w->design.terms = w->terms;
    w->design.n_terms++;
    return SY_OK;
}

/* used [n]: the level of the group, -1 for a row that does not count; count
 * [levels]: people. */
static sy_status find_used(sy_context *ctx, const widened *w, const syi_layout *layout, int32_t *used, double *count)
{
    const sy_design *d = &w->design;
    const sy_column *group = &w->columns[d->n_columns - 1];
    ptrdiff_t row[SYI_TILE];
    double *tile = syi_alloc((size_t)layout->n_columns * SYI_TILE, sizeof *tile);
    sy_status status = tile ? SY_OK : syi_fail(ctx, SY_ENOMEM, "data: no room for %d columns", layout->n_columns);
    for (ptrdiff_t at = 0; at < d->n && !status; at += SYI_TILE) {
        const int len = (int)(d->n - at < SYI_TILE ? d->n - at : SYI_TILE);
        for (int i = 0; i < len; i++) row[i] = at + i;
        syi_design_tile(d, layout, row, len, tile);
        for (int i = 0; i < len; i++) {
            const double weight = d->weights ? syi_column_value(d->weights, at + i) : 1;
            int whole = weight > 0;
            for (int c = 0; c < layout->n_columns && whole; c++) whole = !isnan(tile[c * SYI_TILE + i]);
            if (whole && d->cluster) whole = !isnan(syi_column_value(d->cluster, at + i));
            if (whole && d->strata) whole = !isnan(syi_column_value(d->strata, at + i));
            used[at + i] = whole ? (int32_t)syi_column_value(group, at + i) : -1;
            if (whole) count[used[at + i]] += d->weight_kind == SY_WEIGHT_FREQUENCY ? weight : 1;
        }
        status = syi_serial_stopped(ctx);
    }
    SYI_FREE(tile);
    return status;
}

static sy_status sort_rows(sy_context *ctx, const sy_design *design, const int32_t *used, syi_gap_rows *r)
{
    for (ptrdiff_t i = 0; i < design->n; i++)
        for (int g = 0; g < 2; g++) r->group_n[g] += used[i] == r->level[g];
    r->n = r->group_n[0] + r->group_n[1];
    r->row = syi_alloc((size_t)r->n, sizeof *r->row);
    r->weight = syi_alloc((size_t)r->n, sizeof *r->weight);
    if (!r->row || !r->weight) return syi_fail(ctx, SY_ENOMEM, "data: no room for %td rows", r->n);
    ptrdiff_t at[2] = {0, r->group_n[0]};
    for (ptrdiff_t i = 0; i < design->n; i++)
        for (int g = 0; g < 2; g++)
            if (used[i] == r->level[g]) r->row[at[g]++] = i;
    for (ptrdiff_t i = 0; i < r->n; i++)
        r->weight[i] = design->weights ? syi_column_value(design->weights, r->row[i]) : 1;
    for (int g = 0; g < 2; g++)
        for (ptrdiff_t i = g ? r->group_n[0] : 0; i < (g ? r->n : r->group_n[0]); i++)
            r->people[g] += design->weight_kind == SY_WEIGHT_FREQUENCY ? r->weight[i] : 1;
    return SY_OK;
}

/* A column in the new order. Codes count from 0 then. */
static void copy_column(const syi_gap_rows *r, const sy_column *from, double *numbers, int32_t *codes, sy_column *to)
{
    *to = *from;
    if (from->type == SY_CODES) {
        for (ptrdiff_t i = 0; i < r->n; i++) codes[i] = (int32_t)syi_column_value(from, r->row[i]);
        to->data = codes;
        to->stride = sizeof *codes;
        to->first_code = 0;
    } else {
        for (ptrdiff_t i = 0; i < r->n; i++) numbers[i] = syi_column_value(from, r->row[i]);
        to->data = numbers;
        to->stride = sizeof *numbers;
        to->type = SY_F64;
    }
    to->has_missing = 0;
}

static sy_status copy_columns(sy_context *ctx, const sy_design *design, syi_gap_rows *r)
{
    const size_t n = (size_t)r->n, columns = (size_t)design->n_columns;
    size_t factors = 0, codes = 0, numbers = 0;
    for (size_t c = 0; c < columns; c++) factors += design->columns[c].type == SY_CODES;
    r->columns = syi_alloc(3 * (columns + 1), sizeof *r->columns);
    r->codes = syi_alloc(factors * n + 1, sizeof *r->codes);
    r->numbers = syi_alloc((columns - factors) * n + 1, sizeof *r->numbers);
    if (!r->columns || !r->codes || !r->numbers)
        return syi_fail(ctx, SY_ENOMEM, "data: no room for %td rows of %zu columns", r->n, columns);
    for (size_t c = 0; c < columns; c++) {
        copy_column(r, &design->columns[c], r->numbers + numbers, r->codes + codes, &r->columns[c]);
        if (design->columns[c].type == SY_CODES) codes += n;
        else numbers += n;
        const sy_status status = syi_serial_stopped(ctx);
        if (status) return status;
    }
    r->columns[columns] = (sy_column){.name = design->weights ? design->weights->name : "",
                                      .data = r->weight,
                                      .stride = sizeof(double),
                                      .type = SY_F64};
    return SY_OK;
}

static void make_designs(const sy_design *design, syi_gap_rows *r)
{
    const size_t each = (size_t)design->n_columns + 1;
    r->all = *design;
    r->all.n = r->n;
    r->all.columns = r->columns;
    r->all.weights = design->weights ? &r->columns[each - 1] : NULL;
    r->all.cluster = r->all.strata = NULL;
    for (int g = 0; g < 2; g++) {
        sy_column *columns = r->columns + (size_t)(1 + g) * each;
        memcpy(columns, r->columns, each * sizeof *columns);
        for (size_t c = 0; c < each && g; c++)
            columns[c].data = (const char *)columns[c].data + r->group_n[0] * columns[c].stride;
        r->group[g] = r->all;
        r->group[g].n = r->group_n[g];
        r->group[g].columns = columns;
        r->group[g].weights = design->weights ? &columns[each - 1] : NULL;
    }
}

/* The first pass: what is wrong with a row, and how many are left. */
static sy_status look(sy_context *ctx, const sy_design *design, syi_gap_rows *r)
{
    const sy_moments_options options = {.unit = SY_UNIT_NONE, .precision = SY_PRECISION_DOUBLE};
    sy_moments m = {0};
    const sy_status status = sy_moments_init(ctx, design, &options, &m);
    r->rows_read = m.rows_read;
    r->rows_dropped = m.rows_dropped;
    sy_moments_free(&m);
    return status < 0 ? status : SY_OK;
}

sy_status syi_gap_rows_init(sy_context *ctx, const sy_design *design, const sy_gap_question *ask, syi_gap_rows *r)
{
    widened w = {0};
    syi_layout layout = {0};
    int32_t *used = NULL;
    double *count = NULL;
    *r = (syi_gap_rows){0};
    sy_status status = widen(ctx, design, ask->group, &w);
    if (!status) status = look(ctx, &w.design, r);
    if (!status) status = syi_layout_init(ctx, &w.design, &layout);
    if (status) goto out;
    used = syi_alloc((size_t)design->n + 1, sizeof *used);
    count = syi_alloc((size_t)ask->group->n_levels + 1, sizeof *count);
    status = used && count ? find_used(ctx, &w, &layout, used, count)
                           : syi_fail(ctx, SY_ENOMEM, "data: no room for %td rows", design->n);
    if (!status) status = syi_gap_groups(ctx, ask->group, count, ask->first, r->level);
    if (!status) status = sort_rows(ctx, design, used, r);
    if (!status) status = copy_columns(ctx, design, r);
    if (!status) make_designs(design, r);
    if (!status) status = syi_layout_init(ctx, &r->all, &r->layout);
out:
    SYI_FREE(used);
    SYI_FREE(count);
    syi_layout_free(&layout);
    SYI_FREE(w.columns);
    SYI_FREE(w.terms);
    return status;
}

void syi_gap_rows_free(syi_gap_rows *r)
{
    SYI_FREE(r->row);
    SYI_FREE(r->weight);
    SYI_FREE(r->columns);
    SYI_FREE(r->numbers);
    SYI_FREE(r->codes);
    syi_layout_free(&r->layout);
}
