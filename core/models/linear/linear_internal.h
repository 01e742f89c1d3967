/* From rows to a triangle, by moments or by QR, and from the triangle to a
 * fit: between linear.c, linear_rows.c, linear_moments.c, linear_solve.c and
 * linear_fitted.c.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_LINEAR_INTERNAL_H
#define SYI_LINEAR_INTERNAL_H
#include "models/model_internal.h"

/* R'R = (X y)' W (X y), columns times 2^-exponent; order = p + 1. */
typedef struct {
    int order;
    syi_dd *r;     /* [order * order] row-major, upper */
    int *exponent; /* [order] */
    double *shift; /* [order] taken off a column before; 0 without an intercept */
    double *about; /* [order] first row of R before the shift was put back */
    double unit;   /* roundings of a column's length that the way to R leaves, relative */
    int twofold;   /* QR: reflections in double-double, however the rows were read */
    double trace;  /* by moments: of the inverse correlation matrix, outcome included */
    sy_linear_method method;
} syi_triangle;

/* The solution, in the units of the data. */
typedef struct {
    int rank, used; /* rank: absorbed levels included; used: columns not aliased */
    int base;       /* degrees of freedom of the mean: 1, 0, or absorbed levels */
    int *aliased;   /* [p] */
    syi_dd *b;      /* [p] 0 where aliased */
    syi_dd *effect; /* [p] */
    syi_dd *root;   /* [p * p] R^-1, upper, row-major: inverse = root root' */
    syi_dd rss, tss, explained;
    double condition;
} syi_solution;

/* Room for p columns and the outcome; SY_ENOMEM. Free after failure too. */
sy_status syi_triangle_open(sy_context *ctx, int p, syi_triangle *t);
void syi_triangle_free(syi_triangle *t);

/* R by blocks of rows; sets method, SY_BY_QR_TWOFOLD or SY_BY_QR_DOUBLE, and
 * twofold: reflections are in double-double while that is cheap. */
sy_status syi_linear_rows(sy_context *ctx, const syi_model *m, syi_triangle *t);

/* The trace of the inverse correlation matrix, times u, that leaves 12 digits. */
#define syi_most_trace 9e3

/* R by cross-products of the model's columns, whatever they are; *good as
 * below. */
sy_status syi_linear_products(sy_context *ctx, const syi_model *m, syi_triangle *t, int *good);

/* R by sy_moments_init's cross-products, numbers only. *good = 0, and no R, when the condition does
 * not leave 12 digits or a column may be aliased. Checks and counts the rows. */
sy_status syi_linear_moments(sy_context *ctx, const sy_design *design, syi_model *m, syi_triangle *t, int *good);
/* 1 when every column is a number and nothing is absorbed. */
int syi_linear_moments_apply(const syi_model *m);

/* sum over columns j = from..to-1 of (length of j)^2 (inverse)_jj for the part of
 * R from row `from` on: the trace of the scaled inverse; infinite when singular.
 * root [order * order] is overwritten with the inverse of that part. */
double syi_triangle_trace(int order, const syi_dd *r, int from, int to, const int *skip, syi_dd *root);

/* floor_[j] [p]: a column is aliased when what is left of it after others is
 * below floor_[j] times its square sum. Returns 0 when one is, in their order. */
int syi_linear_floors(const syi_model *m, const syi_triangle *t, double *floor_);

sy_status syi_linear_solve(sy_context *ctx, const syi_model *m, syi_triangle *t, syi_solution *s);
void syi_solution_free(syi_solution *s);

/* Fitted values, residuals, leverages into the caller's buffers, by rows. */
sy_status syi_linear_fitted(sy_context *ctx, const syi_model *m, const syi_triangle *t, const syi_solution *s,
                            const sy_linear_fit *fit);
#endif
