/* Several grouping factors of a mixed model that is not linear: between
 * glmm_crossed.c (modes and value) and glmm_crossed_gradient.c.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_GLMM_CROSSED_INTERNAL_H
#define SYI_GLMM_CROSSED_INTERNAL_H
#include "models/mixed/glmm_internal.h"

/* D = I + T'Z'WZT has the blocks A of factor 0's levels on its diagonal, a border B and a dense rest C of the other
 * factors. Vectors of all effects go factor by factor, level by level. */
typedef struct {
    syi_glmm_problem *g;
    const double *parameters;
    syi_glmm_point at;
    int q, n_effects; /* of factor 0; of all factors together, a row */
    ptrdiff_t dense, n_modes;
    ptrdiff_t *first;                /* [n_factors] of a factor's effects among all */
    int *row_effect;                 /* [n_factors] of a factor's effects among those of a row */
    ptrdiff_t *list_start;           /* [levels of factor 0 + 1] */
    int *list;                       /* dense columns that a level of factor 0 meets, ascending */
    int *where;                      /* [(n_factors - 1) * padded] place of the row's first column in that list */
    double *a;                       /* [levels * q * q] L of each A */
    double *b;                       /* [q * length of list] L^-1 B, level by level, row-major */
    double *s, *inverse;             /* [dense * dense] lower: L of C - B'A^-1 B; its inverse */
    double *eta, *zeta, *y, *along;  /* [padded], [n_effects * padded], [padded], [padded] */
    double *e;                       /* [n_effects * padded] D^-1 zeta of each row at its own effects */
    syi_glmm_slots slots;            /* [padded] each */
    double *u, *next, *step, *force; /* [n_modes] */
    double *small;                   /* 2 q * widest list + (n_effects + q)^2 */
    double *sum;
} syi_glmm_cross;

/* D step = force by the factors above, in place. */
void syi_glmm_cross_solve(const syi_glmm_cross *c, double *x);
/* Slots of rows from `first` on. */
syi_glmm_slots syi_glmm_slots_at(const syi_glmm_slots *s, ptrdiff_t first);
sy_status syi_glmm_cross_gradient(sy_context *ctx, syi_glmm_cross *c);
#endif
