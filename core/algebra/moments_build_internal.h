/* Parts of sy_moments_init: the first guess, rounding floors, names.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_MOMENTS_BUILD_INTERNAL_H
#define SYI_MOMENTS_BUILD_INTERNAL_H
#include "algebra/design_internal.h"
#include "algebra/moments_blob_internal.h"

/* A first guess of each column's mean, from up to 1024 rows evenly spread:
 * exactly the value for a constant column, else the mean rounded to 1/4096 of
 * the spread or finer, so that x - shift is as a rule exact. tile [columns *
 * SYI_TILE], work [3 * columns]. */
void syi_first_guess(const sy_design *design, const syi_layout *layout, double *tile, double *work, double *shift);

/* Relative roundings a column carries from its data: the square root of the
 * relative error variance. places: decimal places of the input columns, or
 * NULL when read as plain doubles. */
double syi_term_rounding(const sy_design *design, const sy_term *term, const int *places);

/* The floor of a column with centred sum of squares `spread`, of which the
 * data's rounding can make up `noise`. */
double syi_rounding_floor(int twofold, int n_columns, syi_dd spread, double noise);

/* Centred sum of squares of a column, from packed totals; 0 when it is no more
 * than the roundings of the sums. */
syi_dd syi_column_spread(int twofold, int q, int column, const double *hi, const double *lo);
/* sum w x^2, the shift put back */
double syi_column_power(int q, int column, double shift, const double *hi);

/* Bytes for the names of terms, levels and cells, and their writing. */
size_t syi_design_text_room(const sy_design *design, const syi_layout *layout);
void syi_design_text(const sy_design *design, const syi_layout *layout, syi_blob *blob);
#endif
