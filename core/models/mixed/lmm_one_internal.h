/* A linear mixed model with one grouping factor, its rows reduced to what the
 * criterion needs: between lmm_one.c, lmm_one_sums.c and lmm_one_slopes.c.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_LMM_ONE_INTERNAL_H
#define SYI_LMM_ONE_INTERNAL_H
#include "base/memory_internal.h"
#include "models/mixed/mixed_internal.h"

/* Group g's rows turned by Q_g, where Z_g = Q_g R_g: q rows R_g and D_g = Q_g' (X y)_g that hold all of Z, and what is
 * left of (X y), whose cross-products over all groups are `within`. Planes of one number a group lie `step` apart, a
 * multiple of 8, behind the last group zeros: entry (e, f) of R at r + (e * q + f) * step, row e of column c of D at d
 * + (c * q + e) * step. Rows are multiplied by the roots of their weights. */
typedef struct {
    int q, order; /* effects a group; p + 1 */
    ptrdiff_t groups, step;
    double *r, *d;
    double *within; /* [order * order] full */
    int n_pairs;    /* entries of the covariance matrix of the effects that are free, i <= j */
    int *first, *second;
    int simd;
} syi_lmm_one_state;

/* Sums over the rows: of each group z z' (upper triangle by rows) and z (X y)'; of all (X y)'(X y), packed, hi + lo. */
typedef struct {
    double *group, *hi, *lo;
} syi_lmm_one_found;

/* One pass over plain columns that makes the rows' problem and their sums at once, where that applies (*done = 1). */
sy_status syi_lmm_direct(sy_context *ctx, const sy_design *design, const sy_mixed_model *model, syi_lmm_rows *rows,
                         syi_lmm_one_found *out, int *done);
void syi_lmm_found_free(syi_lmm_one_found *found); /* legal twice */

/* R, D and `within`, from sums that were found (overwritten) or, group NULL, from a pass over the rows. */
sy_status syi_lmm_one_sums(sy_context *ctx, const syi_lmm_rows *rows, syi_lmm_one_found *found, syi_lmm_one_state *s);

/* One evaluation's planes and matrices; k columns in use and the outcome, `order` = k + 1. V = I + Z T T' Z'. */
typedef struct {
    syi_arena arena;
    int k, order;
    int *column;      /* [k] of the p */
    double *t;        /* [q * q] T of all bar terms */
    double *factor;   /* planes [q * q]: of K = I + R T T' R' = L L', then L^-1 R */
    double *solved;   /* planes [q * q]: L^-1 R */
    double *rows;     /* planes [order rounded up to 4][q]: L^-1 D */
    double *n, *root; /* [order * order] lower factor of (X y)' V^-1 (X y); [k * k] inverse factor of X' V^-1 X */
    double *beta;     /* [k] as the columns are read */
    double *acc, *hi, *lo;
} syi_lmm_one_work;

/* sum += left' right over all planes of the columns in use: packed upper triangle in w->hi. */
void syi_lmm_one_cross(const syi_lmm_one_state *s, syi_lmm_one_work *w, const double *left, const double *right);

/* Derivatives, after the value itself. df: n, or n - k where reml. */
sy_status syi_lmm_one_slopes(sy_context *ctx, const syi_lmm *l, syi_lmm_one_work *w, double df, syi_lmm_value *out);

/* The value's own steps: work made, groups and products factored, and what derivatives want of them. *log_det is not
 * finite when the criterion cannot be had. Free work->arena after failure too. */
sy_status syi_lmm_one_open(sy_context *ctx, const syi_lmm *l, const double *theta, const unsigned char *fixed,
                           syi_lmm_one_work *work, double *log_det);
void syi_lmm_one_prepare(const syi_lmm_one_state *s, syi_lmm_one_work *work);

/* What is summed over groups for derivatives, and the planes it is summed from. */
typedef struct {
    syi_arena arena;
    double *u;              /* [order][q] planes: Z' V^-1 (X y) over the factor of N */
    double *h, *q, *y;      /* [q * q] planes: Z' V^-1 Z, U_x U_x', u_y u_y' */
    double *gh, *gq, *gy;   /* [pairs] */
    double *hh, *hq, *hy;   /* [pairs * pairs] */
    double *m;              /* [pairs][order * order] */
    double *first, *second; /* derivatives of the criterion by entry: [pairs], [pairs * pairs] */
    double *chain;          /* [n_theta * pairs] dLambda_s / dtheta */
} syi_lmm_one_sloped;
sy_status syi_lmm_one_slope(sy_context *ctx, const syi_lmm *l, syi_lmm_one_work *work, int second,
                            syi_lmm_one_sloped *d);

/* The model's maker: l->rows, p, reml are set; found as in syi_lmm_one_sums. */
sy_status syi_lmm_one(sy_context *ctx, syi_lmm_one_found *found, syi_lmm *l);
#endif
