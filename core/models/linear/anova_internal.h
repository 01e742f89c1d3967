/* A model reduced to the triangle of its columns and the outcome: what tables
 * of variance and estimability are computed from.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_ANOVA_INTERNAL_H
#define SYI_ANOVA_INTERNAL_H
#include "algebra/twofold_internal.h"
#include "models/model_internal.h"

/* R of [X y] sqrt(W) = Q R, double-double. Column c of the model, the outcome
 * last, is r[c * side .. ] times 2^exponent[c], side = p + 1; below the
 * diagonal zeros. */
typedef struct {
    syi_model m;
    int p, side;
    syi_dd *r;
    int *exponent;   /* [side] */
    double *floor_;  /* [side] relative square below which a column is aliased */
    double rounding; /* a residual sum of squares that is no more than roundings */
    int *n_cells;    /* [n_terms] crossings of the levels in use of a term with two factors or more, else 0 */
    int *n_seen;     /* [n_terms] those with rows */
} syi_reduced;

/* Checks, opens the model and reads the rows once. */
sy_status syi_reduce(sy_context *ctx, const sy_design *design, const sy_linear_model *model, syi_reduced *out);
void syi_reduced_free(syi_reduced *r);

/* Least squares on chosen columns in their order. */
typedef struct {
    int rank;
    double rss;
    int *aliased;   /* [p] by place in the order */
    double *effect; /* [p] squared: the sum of squares the column adds, 0 when aliased */
} syi_projected;
size_t syi_project_room(const syi_reduced *r); /* syi_dd of scratch */
void syi_project(const syi_reduced *r, int count, const int *column, syi_dd *scratch, syi_projected *out);

/* Does term b of the model hold all factors of term a, and more? */
int syi_term_within(const syi_model *m, int a, int b);
int syi_terms_within(const sy_term *small, const sy_term *large);
#endif
