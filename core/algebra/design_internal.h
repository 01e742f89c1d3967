/* A design read tile by tile: what moments, describe and the influence
 * function share.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_DESIGN_INTERNAL_H
#define SYI_DESIGN_INTERNAL_H
#include "algebra/twofold_internal.h"
#include "steelyard/design.h"

enum { SYI_TILE = 256 };

/* Where each term's design columns lie. */
typedef struct {
    int n_terms, n_columns;
    int *first, *count; /* [n_terms] */
    int *is_factor;     /* [n_terms] */
} syi_layout;
sy_status syi_layout_init(sy_context *ctx, const sy_design *design, syi_layout *layout);
void syi_layout_free(syi_layout *layout);

/* Checks names, types, powers, codes, weights' kind. */
sy_status syi_design_check(sy_context *ctx, const sy_design *design);

/* Edit distance of two names, to tell the user which one is nearest: SYI_NAME_EDIT
 * a letter, 1 for a capital or for another mark between words. */
enum { SYI_NAME_EDIT = 256 };
int syi_name_distance(const char *a, const char *b);

/* A value as a double; NaN when missing. SY_CODES: the level, counted from 0. */
double syi_column_value(const sy_column *column, ptrdiff_t row);

/* len <= SYI_TILE values of one column: rows row[0..len-1], or start,
 * start + 1, ... when row is NULL. */
void syi_column_values(const sy_column *column, const ptrdiff_t *row, ptrdiff_t start, int len, double *out);

/* places[column] for the design's input columns; -1 where decimal reading does
 * not apply. SY_OK or SY_EINTR. Cost: n a column. */
sy_status syi_design_places(sy_context *ctx, const sy_design *design, int *places);

/* The design columns of term t: column k of the term at out[k * step + i]. Rows
 * as for syi_column_values. */
void syi_design_term(const sy_design *design, const syi_layout *layout, int t, const ptrdiff_t *row, ptrdiff_t start,
                     int len, ptrdiff_t step, double *out);
void syi_design_term_twofold(const sy_design *design, const syi_layout *layout, int t, const int *places,
                             const ptrdiff_t *row, ptrdiff_t start, int len, ptrdiff_t step, double *hi, double *lo);

/* One design column of term t, rows start .. start + len - 1. */
void syi_design_column_twofold(const sy_design *design, int t, int column, const int *places, ptrdiff_t start, int len,
                               double *hi, double *lo);

/* Fills tile[c * SYI_TILE + i] with design column c of rows row[0..len-1], len
 * <= SYI_TILE: products and powers built here, level columns as 0 and 1. A
 * missing value gives NaN in all columns of its term. Plain double. */
void syi_design_tile(const sy_design *design, const syi_layout *layout, const ptrdiff_t *row, int len, double *tile);

/* The same in double-double; places[column] from syi_decimal_places for the
 * design's input columns. hi and lo as `tile`. */
void syi_design_tile_twofold(const sy_design *design, const syi_layout *layout, const int *places, const ptrdiff_t *row,
                             int len, double *hi, double *lo);
#endif
