/* Averages of predicted numbers over the rows of a fit while variables are moved.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_EFFECTS_INTERNAL_H
#define SYI_EFFECTS_INTERNAL_H
#include "models/response/curves_internal.h"
#include "steelyard/effects.h"

/* The rows of a fit whose columns can be replaced. Never copied. */
typedef struct {
    const sy_design *design;
    const sy_response_model *model;
    const sy_effects_options *options;
    sy_response_shape shape;
    syi_shadow rows; /* read through its columns, which are replaced in place */
    syi_curves curves;
    ptrdiff_t n;       /* rows read: those of the design, or one at the means */
    double *weight;    /* [n] 0 in rows not used */
    double total;      /* of the weights */
    double *number_at; /* [columns] the value a column is held at */
    int32_t *code_at;  /* [columns] */
    sy_column offset;  /* at the means */
    double offset_at;
    double *moved;      /* [n] a column moved by a step */
    syi_number *number; /* [width] */
    int width;
} syi_population;

/* Checks the options and opens the rows. Free after failure too. */
sy_status syi_population_open(sy_context *ctx, const sy_design *design, const sy_response_model *model,
                              const sy_effects_options *options, syi_population *p);
/* Weighs the rows and holds what is to be held. */
sy_status syi_population_fill(sy_context *ctx, int k, const double *estimate, syi_population *p);
void syi_population_free(syi_population *p);

/* A part that has a term with the column, or -1. */
int syi_population_part(const syi_population *p, int column);
/* The column at one value in all rows (SY_CODES: level `value` of the column's own). */
void syi_population_hold(syi_population *p, int column, double value);

/* Averages: width numbers, then the gradients of the curves [n_curves * k]. */
size_t syi_average_room(const syi_population *p);
sy_status syi_average(sy_context *ctx, const syi_population *p, double *average);
/* The same of the derivatives by a numeric column. */
sy_status syi_average_slope(sy_context *ctx, const syi_population *p, int column, double *average);
/* gradient [k] of number i. */
void syi_average_gradient(const syi_population *p, const double *average, int i, double *gradient);
#endif
