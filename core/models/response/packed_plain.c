/* Rows packed from plain columns of doubles.
 *
 * Most designs of numbers are columns of doubles without a gap: each is then read
 * once, less its centre, divided by its scale, and written, and what is not
 * finite is noticed on the way. Anything else (a missing value, a weight of zero,
 * products, factors) is left to the general way. Cost: what reading and writing
 * n (p + 5) numbers costs.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/vector_math_internal.h"
#include "models/response/packed_internal.h"
#include <math.h>
#include <string.h>

static const double *plain_values(const sy_column *c)
{
    return c->type == SY_F64 && c->stride == (ptrdiff_t)sizeof(double) ? c->data : NULL;
}

static const double *plain_term(const sy_design *d, int t)
{
    const sy_term *term = &d->terms[t];
    if (term->n_factors != 1 || term->factors[0].power != 1) return NULL;
    return plain_values(&d->columns[term->factors[0].column]);
}

/* The columns of all parts in their order; the location part's intercept, where
 * it is a column, NULL. */
static int find_columns(const syi_shadow *s, const double **column)
{
    for (int part = SYI_LOCATION; part < SYI_PARTS; part++) {
        const int skip = part != SYI_LOCATION || s->model->kind == SY_RESPONSE_ORDINAL;
        for (int c = s->first[part]; c < s->first[part + 1]; c++) {
            const int t = syi_model_term_of(&s->part[part], c - s->first[part] + skip);
            column[c] = NULL;
            if (t < 0) continue;
            column[c] = plain_term(&s->design, s->part[part].model.terms[t]);
            if (!column[c]) return 0;
        }
    }
    return 1;
}

static int is_read(const syi_shadow *s, const syi_plain *p, const double *values)
{
    if (values == p->y || values == p->offset || values == p->trials) return 1;
    for (int c = 0; c < s->first[SYI_PARTS]; c++)
        if (p->column[c] == values) return 1;
    return 0;
}

int syi_plain_init(const syi_shadow *s, const double **memory, syi_plain *p)
{
    *p = (syi_plain){.column = memory, .other = memory + s->first[SYI_PARTS]};
    if (!find_columns(s, p->column)) return 0;
    p->y = plain_term(&s->design, s->model->columns.outcome);
    if (!p->y) return 0;
    if (s->design.weights && !(p->weight = plain_values(s->design.weights))) return 0;
    if (s->model->offset && !(p->offset = plain_values(s->model->offset))) return 0;
    if (s->model->trials && !(p->trials = plain_values(s->model->trials))) return 0;
    for (int t = 0; t < s->design.n_terms; t++) {
        const double *values = plain_term(&s->design, t);
        if (!values) return 0;
        if (!is_read(s, p, values)) p->other[p->n_other++] = values;
    }
    return 1;
}

/* Weights and trials that count, whole where they must be. */
static int count_all(const syi_shadow *s, const double *weight, const double *trials)
{
    int all = 1;
    for (int i = 0; i < SYI_TILE; i++) all &= weight[i] > 0;
    for (int i = 0; i < SYI_TILE && trials; i++) all &= trials[i] != 0;
    if (s->design.weight_kind == SY_WEIGHT_FREQUENCY)
        for (int i = 0; i < SYI_TILE; i++) all &= weight[i] == floor(weight[i]);
    return all;
}

static void clear(const syi_shadow *s, ptrdiff_t at, syi_packed *rows)
{
    double *const own[] = {rows->y, rows->weight, rows->offset, rows->trials};
    for (int c = 0; c < s->first[SYI_PARTS]; c++) memset(syi_packed_column(rows, c) + at, 0, SYI_TILE * sizeof(double));
    for (int k = 0; k < 4; k++)
        if (own[k]) memset(own[k] + at, 0, SYI_TILE * sizeof(double));
}

int syi_plain_tile(const syi_shadow *s, const syi_plain *p, int simd, ptrdiff_t start, ptrdiff_t at, double *scratch,
                   syi_packed *rows)
{
    int odd = syi_vec_standardise(simd, SYI_TILE, p->y + start, 0, 1, rows->y + at);
    for (int c = 0; c < s->first[SYI_PARTS]; c++) {
        double *const to = syi_packed_column(rows, c) + at;
        if (p->column[c])
            odd |= syi_vec_standardise(simd, SYI_TILE, p->column[c] + start, rows->centre[c], 1 / rows->scale[c], to);
        for (int i = 0; i < SYI_TILE && !p->column[c]; i++) to[i] = 1;
    }
    for (int k = 0; k < p->n_other; k++) odd |= syi_vec_standardise(simd, SYI_TILE, p->other[k] + start, 0, 1, scratch);
    if (p->offset) odd |= syi_vec_standardise(simd, SYI_TILE, p->offset + start, 0, 1, rows->offset + at);
    if (p->trials) odd |= syi_vec_standardise(simd, SYI_TILE, p->trials + start, 0, 1, rows->trials + at);
    if (p->weight) odd |= syi_vec_standardise(simd, SYI_TILE, p->weight + start, 0, 1, rows->weight + at);
    for (int i = 0; i < SYI_TILE && !p->weight; i++) rows->weight[at + i] = 1;
    if (!odd && count_all(s, rows->weight + at, p->trials ? rows->trials + at : NULL)) return 1;
    clear(s, at, rows);
    return 0;
}
