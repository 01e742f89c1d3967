/* A design read a tile of rows at a time, so that products, powers and level
 * columns exist for a few hundred rows only and the host's frame is never
 * copied.
 *
 * A term is prod_k x_k^e_k times one indicator for each combination of levels
 * of its SY_CODES factors, the first factor varying fastest. Powers are
 * repeated products, so the roundings are the same everywhere. Double-double
 * products keep what rounding x^10 to a double would lose (half of the digits
 * of a degree 10 polynomial fit). Cost: n times the number of design columns.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/design_internal.h"
#include "base/parallel_internal.h"
#include <string.h>

enum { TILES = 256 }; /* between two looks at the clock */

static const char *place(const sy_column *c, ptrdiff_t row)
{
    return (const char *)c->data + row * c->stride;
}

static double f64_at(const sy_column *c, ptrdiff_t row)
{
    double v;
    memcpy(&v, place(c, row), sizeof v);
    return v;
}

static double f32_at(const sy_column *c, ptrdiff_t row)
{
    float v;
    memcpy(&v, place(c, row), sizeof v);
    return (double)v;
}

/* columns of any whole type */
static int64_t whole_at(const sy_column *c, ptrdiff_t row)
{
    if (c->type == SY_I64) {
        int64_t v;
        memcpy(&v, place(c, row), sizeof v);
        return v;
    }
    if (c->type == SY_U8) return *(const uint8_t *)place(c, row);
    int32_t v;
    memcpy(&v, place(c, row), sizeof v);
    return v;
}

/* -1 when missing */
static int level_at(const sy_column *c, ptrdiff_t row)
{
    const int64_t level = whole_at(c, row) - c->first_code;
    return level >= 0 && level < c->n_levels ? (int)level : -1;
}

double syi_column_value(const sy_column *c, ptrdiff_t row)
{
    if (c->type == SY_F64) return f64_at(c, row);
    if (c->type == SY_F32) return f32_at(c, row);
    if (c->type == SY_CODES) {
        const int level = level_at(c, row);
        return level < 0 ? (double)NAN : (double)level;
    }
    const int64_t v = whole_at(c, row);
    return c->has_missing && v == c->missing ? NAN : (double)v;
}

void syi_column_values(const sy_column *c, const ptrdiff_t *row, ptrdiff_t start, int len, double *out)
{
    if (c->type != SY_F64) {
        for (int i = 0; i < len; i++) out[i] = syi_column_value(c, row ? row[i] : start + i);
    } else if (row) {
        for (int i = 0; i < len; i++) out[i] = f64_at(c, row[i]);
    } else if (c->stride == (ptrdiff_t)sizeof(double)) {
        memcpy(out, place(c, start), (size_t)len * sizeof(double));
    } else {
        for (int i = 0; i < len; i++) out[i] = f64_at(c, start + i);
    }
}

/* A 64-bit whole number is hi + lo without loss. */
static syi_dd read_twofold(const sy_column *c, int places, ptrdiff_t row)
{
    if (c->type == SY_F64) return syi_decimal_read(f64_at(c, row), places);
    if (c->type != SY_I64) return syi_dd_of(syi_column_value(c, row));
    const int64_t v = whole_at(c, row);
    if (c->has_missing && v == c->missing) return syi_dd_of(NAN);
    const int64_t low = v % 4096;
    return syi_quick_two_sum((double)(v - low), (double)low);
}

sy_status syi_design_places(sy_context *ctx, const sy_design *design, int *places)
{
    double x[SYI_TILE];
    for (int c = 0; c < design->n_columns; c++) {
        const sy_column *column = &design->columns[c];
        double largest = 0;
        places[c] = column->type == SY_F32 ? -1 : 0;
        if (column->type != SY_F64) continue;
        for (ptrdiff_t start = 0; start < design->n && places[c] >= 0; start += SYI_TILE) {
            const int len = design->n - start < SYI_TILE ? (int)(design->n - start) : SYI_TILE;
            if (start / SYI_TILE % TILES == TILES - 1 && syi_serial_stopped(ctx)) return SY_EINTR;
            syi_column_values(column, NULL, start, len, x);
            places[c] = syi_decimal_places_from(x, len, places[c], &largest);
        }
    }
    return SY_OK;
}

/* Which combination of levels a row is; -1 when one is missing. Returns
 * whether the term has a SY_CODES factor at all. */
static int cells(const sy_design *design, const sy_term *term, const ptrdiff_t *row, ptrdiff_t start, int len,
                 int *cell)
{
    int step = 0;
    for (int k = 0; k < term->n_factors; k++) {
        const sy_column *c = &design->columns[term->factors[k].column];
        if (c->type != SY_CODES) continue;
        for (int i = 0; i < len; i++) {
            const int level = level_at(c, row ? row[i] : start + i);
            if (step == 0) cell[i] = level;
            else if (cell[i] >= 0) cell[i] = level < 0 ? -1 : cell[i] + step * level;
        }
        step = step == 0 ? c->n_levels : step * c->n_levels;
    }
    return step > 0;
}

static void spread(const int *cell, int count, int len, const double *value, ptrdiff_t step, double *out)
{
    for (int k = 0; k < count; k++)
        for (int i = 0; i < len; i++)
            out[k * step + i] = cell[i] < 0 || isnan(value[i]) ? NAN : cell[i] == k ? value[i] : 0;
}

static void multiply(double *product, const double *x, int power, int len)
{
    for (int e = 0; e < power; e++)
        for (int i = 0; i < len; i++) product[i] *= x[i];
}

void syi_design_term(const sy_design *design, const syi_layout *layout, int t, const ptrdiff_t *row, ptrdiff_t start,
                     int len, ptrdiff_t step, double *out)
{
    const sy_term *term = &design->terms[t];
    double x[SYI_TILE], product[SYI_TILE];
    int cell[SYI_TILE];
    const int spreads = cells(design, term, row, start, len, cell);
    if (!spreads && term->n_factors == 1 && term->factors[0].power == 1) {
        syi_column_values(&design->columns[term->factors[0].column], row, start, len, out);
        return;
    }
    for (int i = 0; i < len; i++) product[i] = 1;
    for (int k = 0; k < term->n_factors; k++) {
        const sy_column *c = &design->columns[term->factors[k].column];
        if (c->type == SY_CODES) continue;
        syi_column_values(c, row, start, len, x);
        multiply(product, x, term->factors[k].power, len);
    }
    if (spreads) spread(cell, layout->count[t], len, product, step, out);
    else memcpy(out, product, (size_t)len * sizeof(double));
}

/* The product of a term's numbers, level indicators aside. */
static void products(const sy_design *design, const sy_term *term, const int *places, const ptrdiff_t *row,
                     ptrdiff_t start, int len, double *high, double *low)
{
    for (int i = 0; i < len; i++) {
        syi_dd product = syi_dd_of(1);
        int first = 1;
        for (int k = 0; k < term->n_factors; k++) {
            const int column = term->factors[k].column;
            const sy_column *c = &design->columns[column];
            if (c->type == SY_CODES) continue;
            const syi_dd x = read_twofold(c, places[column], row ? row[i] : start + i);
            for (int e = 0; e < term->factors[k].power; e++, first = 0) product = first ? x : syi_dd_mul(product, x);
        }
        high[i] = product.hi;
        low[i] = isfinite(product.hi) ? product.lo : 0;
    }
}

void syi_design_term_twofold(const sy_design *design, const syi_layout *layout, int t, const int *places,
                             const ptrdiff_t *row, ptrdiff_t start, int len, ptrdiff_t step, double *hi, double *lo)
{
    const sy_term *term = &design->terms[t];
    double high[SYI_TILE], low[SYI_TILE];
    int cell[SYI_TILE];
    products(design, term, places, row, start, len, high, low);
    if (cells(design, term, row, start, len, cell)) {
        spread(cell, layout->count[t], len, high, step, hi);
        spread(cell, layout->count[t], len, low, step, lo);
        return;
    }
    memcpy(hi, high, (size_t)len * sizeof(double));
    memcpy(lo, low, (size_t)len * sizeof(double));
}

void syi_design_column_twofold(const sy_design *design, int t, int column, const int *places, ptrdiff_t start, int len,
                               double *hi, double *lo)
{
    const sy_term *term = &design->terms[t];
    int cell[SYI_TILE];
    products(design, term, places, NULL, start, len, hi, lo);
    if (!cells(design, term, NULL, start, len, cell)) return;
    for (int i = 0; i < len; i++) {
        const double off = cell[i] < 0 || isnan(hi[i]) ? (double)NAN : 0;
        if (cell[i] == column && off == 0) continue;
        hi[i] = off;
        lo[i] = 0;
    }
}

void syi_design_tile(const sy_design *design, const syi_layout *layout, const ptrdiff_t *row, int len, double *tile)
{
    for (int t = 0; t < layout->n_terms; t++)
        syi_design_term(design, layout, t, row, 0, len, SYI_TILE, tile + (ptrdiff_t)layout->first[t] * SYI_TILE);
}

void syi_design_tile_twofold(const sy_design *design, const syi_layout *layout, const int *places, const ptrdiff_t *row,
                             int len, double *hi, double *lo)
{
    for (int t = 0; t < layout->n_terms; t++) {
        const ptrdiff_t at = (ptrdiff_t)layout->first[t] * SYI_TILE;
        syi_design_term_twofold(design, layout, t, places, row, 0, len, SYI_TILE, hi + at, lo + at);
    }
}
