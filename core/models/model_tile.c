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

/* Rows row[0..len-1], or `start` on when row is NULL: rows side by side are read
 * at once. */
typedef struct {
    const ptrdiff_t *row;
    ptrdiff_t start;
    int len;
} span;

static span span_of(const ptrdiff_t *row, int len)
{
    for (int i = 1; i < len; i++)
        if (row[i] != row[0] + i) return (span){row, 0, len};
    return (span){NULL, len > 0 ? row[0] : 0, len};
}

static void values_of(const sy_column *c, span s, double *out)
{
    syi_column_values(c, s.row, s.start, s.len, out);
}

static const sy_column *column_of(const syi_model *m, const sy_factor *f)
{
    return &m->design->columns[f->column];
}

static void drop_missing(const double *v, int len, unsigned char *used)
{
    for (int i = 0; i < len; i++) used[i] &= v[i] == v[i];
}

static int has_codes(const syi_model *m, int t)
{
    return m->number_terms[t].n_factors < m->design->terms[m->model.terms[t]].n_factors;
}

/* Is term t of the design read as a product of numbers anyhow? */
static int is_product(const syi_model *m, int t)
{
    if (t == m->model.outcome) return 1;
    for (int k = 0; k < m->model.n_terms; k++)
        if (m->model.terms[k] == t) return !has_codes(m, k);
    return 0;
}

static void drop_incomplete(const syi_model *m, const sy_term *term, span s, unsigned char *used)
{
    double v[SYI_TILE];
    for (int k = 0; k < term->n_factors; k++) {
        values_of(column_of(m, &term->factors[k]), s, v);
        drop_missing(v, s.len, used);
    }
}

/* used[i]: of positive weight, in a cluster, and complete over the terms of the
 * design whose products are not formed here (those are looked at as they are). */
static void find_used(const syi_model *m, span s, double *w, unsigned char *used)
{
    const sy_design *d = m->design;
    double v[SYI_TILE];
    for (int i = 0; i < s.len; i++) w[i] = 1;
    if (d->weights) values_of(d->weights, s, w);
    for (int i = 0; i < SYI_TILE; i++) used[i] = i < s.len && w[i] > 0;
    for (int t = 0; t < d->n_terms; t++)
        if (!is_product(m, t)) drop_incomplete(m, &d->terms[t], s, used);
    if (!d->cluster) return;
    values_of(d->cluster, s, v);
    drop_missing(v, s.len, used);
}

/* Numbers of a term multiplied (t = n_terms: the outcome); lo NULL: in double. */
static void product(const syi_model *m, int t, span s, double *hi, double *lo)
{
    const syi_layout layout = {.n_terms = m->numbers.n_terms, .count = m->unit};
    if (m->number_terms[t].n_factors == 0) {
        for (int i = 0; i < s.len; i++) hi[i] = 1;
        for (int i = 0; lo && i < s.len; i++) lo[i] = 0;
    } else if (lo) {
        syi_design_term_twofold(&m->numbers, &layout, t, m->places, s.row, s.start, s.len, SYI_TILE, hi, lo);
    } else {
        syi_design_term(&m->numbers, &layout, t, s.row, s.start, s.len, SYI_TILE, hi);
    }
}

/* Where each row's level stands among those in use, for each factor of a term. */
typedef struct {
    int count;
    int factor[SYI_MODEL_CODES]; /* which factor of the term */
    double place[SYI_MODEL_CODES][SYI_TILE];
} places;

/* place[i]: the row's level among those in use, -1 for none. */
static void find_places(const syi_model *m, int column, span s, double *place)
{
    const int *position = m->position + m->level_at[column];
    values_of(&m->design->columns[column], s, place);
    for (int i = 0; i < SYI_TILE; i++) place[i] = i < s.len && place[i] >= 0 ? position[(int)place[i]] : -1;
}

static void read_places(const syi_model *m, int t, span s, places *p)
{
    const sy_term *term = &m->design->terms[m->model.terms[t]];
    p->count = 0;
    for (int k = 0; k < term->n_factors; k++) {
        if (m->design->columns[term->factors[k].column].type != SY_CODES) continue;
        p->factor[p->count] = k;
        find_places(m, term->factors[k].column, s, p->place[p->count++]);
    }
}

/* code[i]: the product of the codes of coded column `cell` of term t. */
static void codes_of(const syi_model *m, int t, int cell, const places *p, double *code)
{
    const sy_term *term = &m->design->terms[m->model.terms[t]];
    for (int f = 0; f < p->count; f++) {
        const int k = p->factor[f], n = syi_model_codes(m, t, k), full = m->full[t * m->most + k];
        const int sum = !full && m->model.coding == SY_CODING_SUM;
        const double *place = p->place[f], one = cell % n + (!full && !sum);
        const double minus = sum ? m->n_used[term->factors[k].column] - 1 : -2;
        for (int i = 0; i < SYI_TILE; i++) {
            const double v = (place[i] == one) - (place[i] == minus);
            code[i] = f ? code[i] * v : v;
        }
        cell /= n;
    }
}

static void multiply(const double *value, const double *code, int len, double *out)
{
    for (int i = 0; i < len; i++) out[i] = value[i] * code[i];
}

static void fill_term(const syi_model *m, int t, span s, double *x, double *x_lo, unsigned char *used)
{
    double hi[SYI_TILE], lo[SYI_TILE], code[SYI_TILE];
    const ptrdiff_t first = (ptrdiff_t)m->first[t + 1] * SYI_TILE;
    if (!has_codes(m, t)) {
        product(m, t, s, x + first, x_lo ? x_lo + first : NULL);
        drop_missing(x + first, s.len, used);
        return;
    }
    places p;
    product(m, t, s, hi, x_lo ? lo : NULL);
    read_places(m, t, s, &p);
    for (int c = 0; c < m->count[t + 1]; c++) {
        codes_of(m, t, c, &p, code);
        multiply(hi, code, s.len, x + first + c * SYI_TILE);
        if (x_lo) multiply(lo, code, s.len, x_lo + first + c * SYI_TILE);
    }
}

static void fill(const syi_model *m, span s, double *x, double *x_lo, unsigned char *used)
{
    for (int i = 0; m->count[0] && i < s.len; i++) {
        x[i] = 1;
        if (x_lo) x_lo[i] = 0;
    }
    for (int t = 0; t < m->model.n_terms; t++) fill_term(m, t, s, x, x_lo, used);
}

static int all_used(int len, const unsigned char *used)
{
    int count = 0;
    for (int i = 0; i < len; i++) count += used[i];
    return count == len;
}

/* Zero in the rows not used and from len on. */
static void clear(int columns, int len, const unsigned char *used, double *x)
{
    const int all = all_used(len, used);
    for (int c = 0; x && c < columns; c++, x += SYI_TILE)
        for (int i = all ? len : 0; i < SYI_TILE; i++)
            if (!used[i]) x[i] = 0;
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

static void centre_all(const syi_model *m, span s, double *x, double *x_lo, double *y, double *y_lo,
                       const unsigned char *used)
{
    double group[SYI_TILE];
    if (m->n_groups == 0) return;
    find_places(m, m->absorb, s, group);
    for (int c = 0; c < m->p; c++)
        centre(m, group, c, used, x + (ptrdiff_t)c * SYI_TILE, x_lo ? x_lo + (ptrdiff_t)c * SYI_TILE : NULL);
    centre(m, group, m->p, used, y, y_lo);
}

/* x may be NULL. The terms of the model are looked at all the same: rows that
 * lack one are not used. */
static void read_raw(const syi_model *m, span s, double *x, double *x_lo, double *y, double *y_lo, double *w,
                     unsigned char *used)
{
    find_used(m, s, w, used);
    product(m, m->model.n_terms, s, y, y_lo);
    drop_missing(y, s.len, used);
    if (x) fill(m, s, x, x_lo, used);
    for (int t = 0; !x && t < m->model.n_terms; t++) drop_incomplete(m, &m->design->terms[m->model.terms[t]], s, used);
    clear(m->p, s.len, used, x);
    clear(m->p, s.len, used, x_lo);
    clear(1, s.len, used, y);
    clear(1, s.len, used, y_lo);
    clear(1, s.len, used, w);
}

void syi_model_predictors(const syi_model *m, const ptrdiff_t *row, int len, double *x, double *x_lo,
                          unsigned char *used)
{
    const span s = span_of(row, len);
    for (int i = 0; i < SYI_TILE; i++) used[i] = i < len;
    for (int t = 0; t < m->model.n_terms; t++) drop_incomplete(m, &m->design->terms[m->model.terms[t]], s, used);
    fill(m, s, x, x_lo, used);
    clear(m->p, len, used, x);
    clear(m->p, len, used, x_lo);
}

void syi_model_tile(const syi_model *m, const ptrdiff_t *row, int len, double *x, double *y, double *w,
                    unsigned char *used)
{
    const span s = span_of(row, len);
    read_raw(m, s, x, NULL, y, NULL, w, used);
    centre_all(m, s, x, NULL, y, NULL, used);
}

void syi_model_raw_twofold(const syi_model *m, const ptrdiff_t *row, int len, double *x, double *x_lo, double *y,
                           double *y_lo, double *w, unsigned char *used)
{
    read_raw(m, span_of(row, len), x, x_lo, y, y_lo, w, used);
}

void syi_model_tile_twofold(const syi_model *m, const ptrdiff_t *row, int len, double *x, double *x_lo, double *y,
                            double *y_lo, double *w, unsigned char *used)
{
    const span s = span_of(row, len);
    read_raw(m, s, x, x_lo, y, y_lo, w, used);
    centre_all(m, s, x, x_lo, y, y_lo, used);
}
