/* The columns of a linear model, read from the rows tile by tile: what least
 * squares, its covariances, analysis of variance and diagnostics share.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_MODEL_INTERNAL_H
#define SYI_MODEL_INTERNAL_H
#include "algebra/design_internal.h"
#include "steelyard/linear.h"

enum { SYI_MODEL_CODES = 8 }; /* factors that a product can have */

/* Read-only after syi_model_init, and never copied (it points into itself). p
 * columns: the intercept (when there is one and nothing is absorbed), then those
 * of each term in order. */
typedef struct {
    const sy_design *design; /* the caller's, with the absorbed factor as one more term */
    sy_linear_model model;
    int p;
    int twofold;        /* 1: columns are read as decimals, products and powers double-double */
    int *first, *count; /* [n_terms + 1] columns of the intercept, then of each term of the model */
    int *places;        /* [design columns] decimal places, -1 for none */
    double *noise;      /* [p + 1] relative rounding of the data in a column; the outcome last */

    /* by input column that is a factor: the levels in use */
    int *level_at; /* [design columns] where its levels begin in the two below */
    int *level;    /* the levels in use, in order */
    int *position; /* of each level among those in use; -1 when not */
    int *n_used;   /* [design columns]; 0 for numbers */
    int *full;     /* [n_terms * most] 1: factor k of term t stands with all its levels */
    int most;      /* most factors of a term */

    /* absorbed levels: weighted means of the p columns and the outcome, and
     * sums of squares before centring */
    int absorb;                /* its input column; -1 when nothing is absorbed */
    int n_groups;              /* levels in use; 0 when nothing is absorbed */
    double *mean_hi, *mean_lo; /* [n_groups][p + 1] */
    double *group_weight;      /* [n_groups] */
    double *power;             /* [p + 1] */

    /* what syi_model_rows found */
    int rows_known;
    double n, rows_used, rows_dropped, rows_zero, sum_w, sum_w2;
    double sum_log_w; /* over the rows used; 0 without weights and with frequency weights */

    sy_design numbers; /* the terms of the model without their factors, the outcome last */
    sy_term *number_terms;
    sy_factor *number_factors;
    int *unit; /* [n_terms + 1] ones: each of them is one column */
    sy_design own;
    sy_column *own_columns;
    sy_term *own_terms;
    sy_factor own_factor;
} syi_model;

/* 1 while n (p + 1)^2 is small enough for double-double by itself. */
static inline int syi_model_light(const sy_design *design, int p)
{
    return (double)design->n * (p + 1.0) * (p + 1.0) <= 4e7;
}

/* Checks the design and the model, finds which levels are in use (a pass over
 * the rows when there is a factor), codes the terms. Rows are complete over ALL
 * terms of the design, its weights and clusters and the absorbed factor, as in
 * sy_moments_init. precision: auto takes double-double while n p^2 <= 4e7.
 * Remarks as sy_moments_init's. model->outcome = -1: rows without an outcome, to
 * be predicted; all levels count as in use and nothing is read. */
sy_status syi_model_open(sy_context *ctx, const sy_design *design, const sy_linear_model *model, sy_precision precision,
                         syi_model *m);
/* The same with precision auto, and the rows counted and checked. */
sy_status syi_model_init(sy_context *ctx, const sy_design *design, const sy_linear_model *model, syi_model *m);
void syi_model_free(syi_model *m); /* legal after a failed call and twice */

/* One pass that counts and checks all rows; nothing when it was made before. */
sy_status syi_model_rows(sy_context *ctx, syi_model *m);

/* Rows row[0..len-1], len <= SYI_TILE: x[c * SYI_TILE + i] column c, y, w (1
 * without weights) and used. Rows not used (missing, weight zero) and rows
 * from len on are zero everywhere. Not multiplied by the weights. With an
 * absorbed factor x and y are less their level's mean. */
void syi_model_tile(const syi_model *m, const ptrdiff_t *row, int len, double *x, double *y, double *w,
                    unsigned char *used);
void syi_model_tile_twofold(const syi_model *m, const ptrdiff_t *row, int len, double *x, double *x_lo, double *y,
                            double *y_lo, double *w, unsigned char *used);
/* The same before centring; x may be NULL when only y is wanted. */
void syi_model_raw_twofold(const syi_model *m, const ptrdiff_t *row, int len, double *x, double *x_lo, double *y,
                           double *y_lo, double *w, unsigned char *used);

/* Rows to be predicted: used where the terms of the model are complete, whatever
 * the rest of the design. */
void syi_model_predictors(const syi_model *m, const ptrdiff_t *row, int len, double *x, double *x_lo,
                          unsigned char *used);

/* "(Intercept)", "x", "region[north]", "a[u]:x". Cut off at size - 1. */
void syi_model_label(const syi_model *m, int column, char *text, size_t size);

/* The term (its place in the model) and the coded column within it that model
 * column c is; term -1: the intercept. */
int syi_model_term_of(const syi_model *m, int column);
/* Columns that factor k of term t of the model stands with: levels in use, or
 * one less. */
int syi_model_codes(const syi_model *m, int t, int k);
#endif
