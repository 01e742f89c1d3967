/* The columns of a model over a few hundred rows.
 *
 * A term's column is the product of its numbers times the code of each factor:
 * 1 or 0 for a level of its own, 1, 0 or -1 under sum-to-zero contrasts, so
 * coding rounds nothing. Double-double: columns as the decimals they print as,
 * products and powers without loss beyond 2^-104, and the mean of an absorbed
 * level taken off there. Cost: n times the number of columns.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "models/model_internal.h"
#include <string.h>

static const sy_column *column_of(const syi_model *m, const sy_factor *f)
{
    return &m->design->columns[f->column];
}

/* used[i]: complete over every term of the design, weights, cluster. */
static void find_used(const syi_model *m, const ptrdiff_t *row, int len, double *w, unsigned char *used)
{
    const sy_design *d = m->design;
    double v[SYI_TILE];
    for (int i = 0; i < len; i++) w[i] = 1;
    if (d->weights) syi_column_values(d->weights, row, 0, len, w);
    for (int i = 0; i < len; i++) used[i] = w[i] > 0;
    for (int t = 0; t < d->n_terms; t++)
        for (int k = 0; k < d->terms[t].n_factors; k++) {
            syi_column_values(column_of(m, &d->terms[t].factors[k]), row, 0, len, v);
            for (int i = 0; i < len; i++) used[i] &= v[i] == v[i];
        }
    if (d->cluster) {
        syi_column_values(d->cluster, row, 0, len, v);
        for (int i = 0; i < len; i++) used[i] &= v[i] == v[i];
    }
    for (int i = 0; i < SYI_TILE; i++) {
        if (i >= len) used[i] = 0;
        if (!used[i]) w[i] = 0;
    }
}

/* Numbers of a term multiplied (t = n_terms: the outcome); lo NULL: in double. */
static void product(const syi_model *m, int t, const ptrdiff_t *row, int len, double *hi, double *lo)
{
    const syi_layout layout = {.n_terms = m->numbers.n_terms, .count = m->unit};
    if (m->number_terms[t].n_factors == 0) {
        for (int i = 0; i < len; i++) hi[i] = 1;
        for (int i = 0; lo && i < len; i++) lo[i] = 0;
    } else if (lo) {
        syi_design_term_twofold(&m->numbers, &layout, t, m->places, row, 0, len, SYI_TILE, hi, lo);
    } else {
        syi_design_term(&m->numbers, &layout, t, row, 0, len, SYI_TILE, hi);
    }
}

/* Multiplies code[i] by the code of coded column `which` of factor k of term t.
 * place: where each row's level stands among those in use. */
static void encode(const syi_model *m, int t, int k, int which, const double *place, double *code)
{
    const int used = m->n_used[m->design->terms[m->model.terms[t]].factors[k].column];
    const int full = m->full[t * m->most + k], sum = !full && m->model.coding == SY_CODING_SUM;
    const double one = which + (!full && !sum), minus = sum ? used - 1 : -2;
    for (int i = 0; i < SYI_TILE; i++) code[i] *= (place[i] == one) - (place[i] == minus);
}

/* place[i]: the row's level among those in use, -1 for none. */
static void find_places(const syi_model *m, int column, const ptrdiff_t *row, int len, double *place)
{
    const int *position = m->position + m->level_at[column];
    syi_column_values(&m->design->columns[column], row, 0, len, place);
    for (int i = 0; i < SYI_TILE; i++) place[i] = i < len && place[i] >= 0 ? position[(int)place[i]] : -1;
}

/* The codes of one column of a term, from scratch: at most a few factors. */
static void codes_of(const syi_model *m, int t, int cell, const ptrdiff_t *row, int len, double *code)
{
    const sy_term *term = &m->design->terms[m->model.terms[t]];
    double place[SYI_TILE];
    for (int i = 0; i < SYI_TILE; i++) code[i] = 1;
    for (int k = 0; k < term->n_factors; k++) {
        if (m->design->columns[term->factors[k].column].type != SY_CODES) continue;
        const int n = syi_model_codes(m, t, k);
        find_places(m, term->factors[k].column, row, len, place);
        encode(m, t, k, cell % n, place, code);
        cell /= n;
    }
}

/* out = value * code in used rows, 0 elsewhere */
static void put(const double *value, const double *code, const unsigned char *used, double *out)
{
    for (int i = 0; i < SYI_TILE; i++) out[i] = !used[i] ? 0 : code ? value[i] * code[i] : value[i];
}

static int has_codes(const syi_model *m, int t)
{
    return m->number_terms[t].n_factors < m->design->terms[m->model.terms[t]].n_factors;
}

static void fill(const syi_model *m, const ptrdiff_t *row, int len, double *x, double *x_lo, const unsigned char *used)
{
    double hi[SYI_TILE], lo[SYI_TILE], code[SYI_TILE];
    if (m->count[0])
        for (int i = 0; i < SYI_TILE; i++) {
            x[i] = used[i];
            if (x_lo) x_lo[i] = 0;
        }
    for (int t = 0; t < m->model.n_terms; t++) {
        const int coded = has_codes(m, t);
        product(m, t, row, len, hi, x_lo ? lo : NULL);
        for (int c = 0; c < m->count[t + 1]; c++) {
            const ptrdiff_t at = (ptrdiff_t)(m->first[t + 1] + c) * SYI_TILE;
            if (coded) codes_of(m, t, c, row, len, code);
            put(hi, coded ? code : NULL, used, x + at);
            if (x_lo) put(lo, coded ? code : NULL, used, x_lo + at);
        }
    }
}

static void fill_outcome(const syi_model *m, const ptrdiff_t *row, int len, double *y, double *y_lo,
                         const unsigned char *used)
{
    double hi[SYI_TILE], lo[SYI_TILE];
    product(m, m->model.n_terms, row, len, hi, y_lo ? lo : NULL);
    put(hi, NULL, used, y);
    if (y_lo) put(lo, NULL, used, y_lo);
}

/* Takes the mean of the row's absorbed level off column c (p: the outcome). */
static void centre(const syi_model *m, const double *group, int c, const unsigned char *used, double *x, double *x_lo)
{
    for (int i = 0; i < SYI_TILE; i++) {
        if (!used[i]) continue;
        const ptrdiff_t at = (ptrdiff_t)group[i] * (m->p + 1) + c;
        const syi_dd mean = {m->mean_hi[at], m->mean_lo[at]};
        const syi_dd z = syi_dd_sub((syi_dd){x[i], x_lo ? x_lo[i] : 0}, mean);
        x[i] = x_lo ? z.hi : syi_dd_round(z);
        if (x_lo) x_lo[i] = z.lo;
    }
}

static void centre_all(const syi_model *m, const ptrdiff_t *row, int len, double *x, double *x_lo, double *y,
                       double *y_lo, const unsigned char *used)
{
    double group[SYI_TILE];
    if (m->n_groups == 0) return;
    find_places(m, m->absorb, row, len, group);
    for (int c = 0; c < m->p; c++)
        centre(m, group, c, used, x + (ptrdiff_t)c * SYI_TILE, x_lo ? x_lo + (ptrdiff_t)c * SYI_TILE : NULL);
    centre(m, group, m->p, used, y, y_lo);
}

void syi_model_predictors(const syi_model *m, const ptrdiff_t *row, int len, double *x, double *x_lo,
                          unsigned char *used)
{
    double v[SYI_TILE];
    for (int i = 0; i < SYI_TILE; i++) used[i] = i < len;
    for (int t = 0; t < m->model.n_terms; t++) {
        const sy_term *term = &m->design->terms[m->model.terms[t]];
        for (int k = 0; k < term->n_factors; k++) {
            syi_column_values(column_of(m, &term->factors[k]), row, 0, len, v);
            for (int i = 0; i < len; i++) used[i] &= v[i] == v[i];
        }
    }
    fill(m, row, len, x, x_lo, used);
}

void syi_model_tile(const syi_model *m, const ptrdiff_t *row, int len, double *x, double *y, double *w,
                    unsigned char *used)
{
    find_used(m, row, len, w, used);
    fill(m, row, len, x, NULL, used);
    fill_outcome(m, row, len, y, NULL, used);
    centre_all(m, row, len, x, NULL, y, NULL, used);
}

void syi_model_raw_twofold(const syi_model *m, const ptrdiff_t *row, int len, double *x, double *x_lo, double *y,
                           double *y_lo, double *w, unsigned char *used)
{
    find_used(m, row, len, w, used);
    if (x) fill(m, row, len, x, x_lo, used);
    fill_outcome(m, row, len, y, y_lo, used);
}

void syi_model_tile_twofold(const syi_model *m, const ptrdiff_t *row, int len, double *x, double *x_lo, double *y,
                            double *y_lo, double *w, unsigned char *used)
{
    syi_model_raw_twofold(m, row, len, x, x_lo, y, y_lo, w, used);
    centre_all(m, row, len, x, x_lo, y, y_lo, used);
}
