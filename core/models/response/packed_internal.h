/* Parts of syi_packed_init.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_PACKED_INTERNAL_H
#define SYI_PACKED_INTERNAL_H
#include "models/response/response_internal.h"

enum { SYI_LOCATION, SYI_NOMINAL, SYI_SPREAD, SYI_PARTS };

/* The caller's rows with the outcome as numbers, and offset and trials as
 * further terms, so that rows are complete over them too. Never copied (the
 * models point into it). */
typedef struct {
    const sy_design *source;
    const sy_response_model *model;
    sy_design design;
    sy_column *columns;
    sy_term *terms;
    sy_factor factors[3]; /* outcome, offset, trials */
    double *level;        /* [n] an outcome that is a factor: its level, NaN when missing */
    const sy_column *outcome;
    int part_terms[SYI_PARTS]; /* 1: the part has columns */
    syi_model part[SYI_PARTS]; /* columns of the location, nominal and scale parts */
    int first[SYI_PARTS + 1];  /* where a part's columns begin among all, intercepts left out */
    int ones;                  /* 1: an intercept or thresholds */
} syi_shadow;

/* Checks the model and opens the columns of its parts. Free after failure too. */
sy_status syi_shadow_open(sy_context *ctx, const sy_design *design, const sy_response_model *model, syi_shadow *shadow);
void syi_shadow_free(syi_shadow *shadow);

/* Sizes of the model when its outcome has n_levels in use. */
void syi_shadow_shape(const syi_shadow *shadow, int n_levels, sy_response_shape *shape);

/* Reads the rows into `rows` (allocated), its columns those of all parts in
 * order. product_hi, product_lo: packed triangle of the cross-products of ones
 * (when there is one), location and nominal columns, weighted; those of ones
 * and the scale columns behind it. */
sy_status syi_packed_fill(sy_context *ctx, syi_shadow *shadow, syi_packed *rows, double *product_hi,
                          double *product_lo);

/* Checks the outcome and finds its levels in use; y becomes their places. */
sy_status syi_packed_outcome(sy_context *ctx, const syi_shadow *shadow, syi_packed *rows);

/* Where every term of the design is a column of doubles side by side: the
 * columns as they lie. */
typedef struct {
    const double **column; /* [packed columns] NULL: the intercept */
    const double **other;  /* [n_other] of terms that only have to be complete */
    int n_other;
    const double *y, *weight, *offset, *trials; /* NULL where there are none */
} syi_plain;

/* 1, or 0 where some term is not such a column. memory [packed columns + terms]. */
int syi_plain_init(const syi_shadow *shadow, const double **memory, syi_plain *plain);

/* Rows start .. start + SYI_TILE - 1 into the packed rows from `at` on, a multiple
 * of eight; scratch [SYI_TILE]. 0, with zeros there, where a row is not as it
 * should be. Clusters are not read. */
int syi_plain_tile(const syi_shadow *shadow, const syi_plain *plain, int simd, ptrdiff_t start, ptrdiff_t at,
                   double *scratch, syi_packed *rows);

/* Column c of all parts while rows are packed. */
static inline double *syi_packed_column(const syi_packed *rows, int c)
{
    if (c < rows->p) return rows->x + c * rows->stride;
    c -= rows->p;
    if (c < rows->n_nominal) return rows->nominal + c * rows->stride;
    return rows->spread + (c - rows->n_nominal) * rows->stride;
}
#endif
