/* Parts of a design, made without reading its rows where all of them stay.
 *
 * Mid-rank of x: the number of values below it and half of those equal to it,
 * and a half; missing values have none. Cost of a rank n log n, else n.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/design_internal.h"
#include "algebra/lanes_internal.h"
#include "algebra/vector_math_internal.h"
#include "base/status_internal.h"
#include "study/verdict/portion_internal.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t width_of(sy_type type)
{
    switch (type) {
    case SY_F64:
    case SY_I64: return 8;
    case SY_F32:
    case SY_I32:
    case SY_CODES: return 4;
    case SY_U8: return 1;
    }
    return 8;
}

static sy_status no_room(sy_context *ctx, const sy_design *whole)
{
    return syi_fail(ctx, SY_ENOMEM, "data: no room for another look at %td rows", whole->n);
}

/* The values of the kept rows next to each other. */
static sy_status keep_values(sy_context *ctx, syi_portion *p, const sy_design *whole, const unsigned char *keep,
                             sy_column *column)
{
    const size_t width = width_of(column->type);
    char *to = syi_alloc((size_t)p->design.n + 1, width);
    if (!to) return no_room(ctx, whole);
    p->kept[p->n_kept++] = to;
    const char *from = column->data;
    for (ptrdiff_t i = 0, at = 0; i < whole->n; i++)
        if (keep[i]) memcpy(to + width * (size_t)at++, from + i * column->stride, width);
    column->data = to;
    column->stride = (ptrdiff_t)width;
    return SY_OK;
}

static sy_status keep_rows(sy_context *ctx, syi_portion *p, const sy_design *whole, const unsigned char *keep)
{
    const sy_column *side[3] = {whole->weights, whole->cluster, whole->strata};
    const sy_column **of[3] = {&p->design.weights, &p->design.cluster, &p->design.strata};
    sy_status status = SY_OK;
    p->design.n = 0;
    for (ptrdiff_t i = 0; i < whole->n; i++) p->design.n += keep[i] != 0;
    for (int c = 0; c < whole->n_columns && !status; c++) status = keep_values(ctx, p, whole, keep, &p->columns[c]);
    for (int s = 0; s < 3 && !status; s++) {
        if (!side[s]) continue;
        p->sides[s] = *side[s];
        *of[s] = &p->sides[s];
        status = keep_values(ctx, p, whole, keep, &p->sides[s]);
    }
    return status;
}

sy_status syi_portion_init(sy_context *ctx, const sy_design *whole, int n_terms, const int *terms,
                           const unsigned char *keep, int extra, syi_portion *out)
{
    const size_t columns = (size_t)whole->n_columns, more = (size_t)extra + 1;
    *out = (syi_portion){.design = *whole, .extra = extra};
    out->columns = syi_alloc(columns + more, sizeof *out->columns);
    out->terms = syi_alloc((size_t)n_terms + more, sizeof *out->terms);
    out->factors = syi_alloc(more * SYI_PORTION_FACTORS, sizeof *out->factors);
    out->labels = syi_alloc(2 * more, SYI_PORTION_LABEL);
    out->made = syi_alloc(more, sizeof *out->made);
    out->kept = syi_alloc(columns + 3, sizeof *out->kept);
    out->place = syi_alloc((size_t)whole->n_terms + 1, sizeof *out->place);
    if (!out->columns || !out->terms || !out->factors || !out->labels || !out->made || !out->kept || !out->place)
        return no_room(ctx, whole);
    memcpy(out->columns, whole->columns, columns * sizeof *out->columns);
    for (int t = 0; t < whole->n_terms; t++) out->place[t] = -1;
    for (int t = 0; t < n_terms; t++) {
        out->terms[t] = whole->terms[terms[t]];
        out->place[terms[t]] = t;
    }
    out->design.columns = out->columns;
    out->design.terms = out->terms;
    out->design.n_terms = n_terms;
    return keep ? keep_rows(ctx, out, whole, keep) : SY_OK;
}

void syi_portion_free(syi_portion *p)
{
    for (int i = 0; i < p->n_made; i++) SYI_FREE(p->made[i]);
    for (int i = 0; i < p->n_kept; i++) SYI_FREE(p->kept[i]);
    SYI_FREE(p->columns);
    SYI_FREE(p->terms);
    SYI_FREE(p->factors);
    SYI_FREE(p->labels);
    SYI_FREE(p->made);
    SYI_FREE(p->kept);
    SYI_FREE(p->place);
    *p = (syi_portion){0};
}

int syi_portion_is_number(const sy_design *design, int term)
{
    const sy_term *t = &design->terms[term];
    return t->n_factors == 1 && t->factors[0].power == 1 && design->columns[t->factors[0].column].type != SY_CODES;
}

int syi_portion_values(const sy_design *design, int term, int most)
{
    enum { MOST = 8 };
    double seen[MOST];
    int n = 0;
    const sy_column *column = &design->columns[design->terms[term].factors[0].column];
    for (ptrdiff_t i = 0; i < design->n && n < most && n < MOST; i++) {
        const double x = syi_column_value(column, i);
        int known = isnan(x);
        for (int k = 0; k < n && !known; k++) known = x == seen[k];
        if (!known) seen[n++] = x;
    }
    return n;
}

static sy_status logarithms(sy_context *ctx, const sy_column *column, ptrdiff_t n, double *x)
{
    for (ptrdiff_t i = 0; i < n; i++)
        if (x[i] <= 0)
            return syi_fail(ctx, SY_EDATA, "%s: row %td is %.6g, which has no logarithm; values must be above 0",
                            column->name, i + 1, x[i]);
    const int simd = syi_lanes_width(ctx->simd);
    for (ptrdiff_t i = 0; i < n; i += SYI_TILE) {
        const ptrdiff_t left = n - i < SYI_TILE ? n - i : SYI_TILE;
        syi_vec_log(simd, (int)((left + 7) / 8 * 8), x + i, x + i);
    }
    return SY_OK;
}

typedef struct {
    double value;
    ptrdiff_t row;
} placed;

static int by_value(const void *a, const void *b)
{
    const placed *x = a, *y = b;
    if (isnan(x->value) || isnan(y->value)) return isnan(x->value) - isnan(y->value);
    return (x->value > y->value) - (x->value < y->value);
}

static sy_status mid_ranks(sy_context *ctx, const sy_design *design, double *x)
{
    const ptrdiff_t n = design->n;
    placed *order = syi_alloc((size_t)n + 1, sizeof *order);
    if (!order) return no_room(ctx, design);
    for (ptrdiff_t i = 0; i < n; i++) order[i] = (placed){x[i], i};
    qsort(order, (size_t)n, sizeof *order, by_value);
    for (ptrdiff_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && order[to].value == order[from].value;) to++;
        for (ptrdiff_t i = from; i < to && !isnan(order[i].value); i++)
            x[order[i].row] = 0.5 * (double)(from + to - 1) + 1;
    }
    SYI_FREE(order);
    return SY_OK;
}

static char *next_label(syi_portion *p)
{
    return p->labels + (size_t)(p->n_added + p->n_made) * SYI_PORTION_LABEL;
}

static sy_status full(sy_context *ctx, const syi_portion *p)
{
    return syi_fail(ctx, SY_EBUG, "a part of a design has room for %d more terms", p->extra);
}

sy_status syi_portion_transform(sy_context *ctx, syi_portion *p, int term, syi_form form)
{
    const ptrdiff_t n = p->design.n;
    const sy_column *from = &p->columns[p->terms[term].factors[0].column];
    if (form == SYI_FORM_LEVEL) return SY_OK;
    if (p->n_made >= p->extra || p->n_added >= p->extra) return full(ctx, p);
    double *x = syi_alloc((size_t)n + 8, sizeof *x);
    if (!x) return no_room(ctx, &p->design);
    char *label = next_label(p);
    p->made[p->n_made++] = x;
    for (ptrdiff_t i = 0; i < n; i++) x[i] = syi_column_value(from, i);
    for (ptrdiff_t i = n; i < n + 8; i++) x[i] = 1;
    const sy_status status = form == SYI_FORM_LOG ? logarithms(ctx, from, n, x) : mid_ranks(ctx, &p->design, x);
    if (status) return status;
    syi_say(label, SYI_PORTION_LABEL, "%s(%s)", form == SYI_FORM_LOG ? "log" : "rank", p->terms[term].label);
    const int column = p->design.n_columns++;
    p->columns[column] = (sy_column){.name = label, .data = x, .stride = sizeof *x, .type = SY_F64};
    sy_factor *factor = p->factors + (size_t)p->n_added++ * SYI_PORTION_FACTORS;
    *factor = (sy_factor){column, 1};
    p->terms[term] = (sy_term){label, 1, factor};
    return SY_OK;
}

sy_status syi_portion_power(sy_context *ctx, syi_portion *p, int term, int power, int *added)
{
    if (p->n_added >= p->extra) return full(ctx, p);
    const sy_term *base = &p->terms[term];
    char *label = next_label(p);
    sy_factor *factor = p->factors + (size_t)p->n_added++ * SYI_PORTION_FACTORS;
    *factor = (sy_factor){base->factors[0].column, power};
    syi_say(label, SYI_PORTION_LABEL, "%s^%d", base->label, power);
    *added = p->design.n_terms++;
    p->terms[*added] = (sy_term){label, 1, factor};
    return SY_OK;
}

sy_status syi_portion_product(sy_context *ctx, syi_portion *p, int a, int b, int *added)
{
    const sy_term *x = &p->terms[a], *y = &p->terms[b];
    if (p->n_added >= p->extra || x->n_factors + y->n_factors > SYI_PORTION_FACTORS) return full(ctx, p);
    char *label = next_label(p);
    sy_factor *factor = p->factors + (size_t)p->n_added++ * SYI_PORTION_FACTORS;
    memcpy(factor, x->factors, (size_t)x->n_factors * sizeof *factor);
    memcpy(factor + x->n_factors, y->factors, (size_t)y->n_factors * sizeof *factor);
    syi_say(label, SYI_PORTION_LABEL, "%s:%s", x->label, y->label);
    *added = p->design.n_terms++;
    p->terms[*added] = (sy_term){label, x->n_factors + y->n_factors, factor};
    return SY_OK;
}

static int is_complete(const sy_design *d, ptrdiff_t row)
{
    for (int t = 0; t < d->n_terms; t++)
        for (int f = 0; f < d->terms[t].n_factors; f++)
            if (isnan(syi_column_value(&d->columns[d->terms[t].factors[f].column], row))) return 0;
    if (d->cluster && isnan(syi_column_value(d->cluster, row))) return 0;
    if (d->strata && isnan(syi_column_value(d->strata, row))) return 0;
    return !d->weights || syi_column_value(d->weights, row) > 0;
}

ptrdiff_t syi_portion_rows(const syi_portion *p, const unsigned char *keep, int64_t *unit)
{
    ptrdiff_t used = 0, row = 0;
    for (int64_t i = 0; row < p->design.n; i++) {
        if (keep && !keep[i]) continue;
        if (is_complete(&p->design, row++)) {
            if (unit) unit[used] = i;
            used++;
        }
    }
    return used;
}
