/* The gap by least squares: between gap_linear.c (the fit), gap_parts.c (from a
 * fit to its parts), gap_sums.c (fits of resampled sums) and gap_influence.c.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_GAP_LINEAR_INTERNAL_H
#define SYI_GAP_LINEAR_INTERNAL_H
#include "study/gap/gap_internal.h"
#include "study/replicates_internal.h"

/* All that the parts are made of, or what a row moves it by. q columns;
 * coefficients have the constant behind them, and a factor's add to 0. */
typedef struct {
    double weight[2], y[2], share; /* share: of the first group in the weights */
    double *mean[2], *diff;        /* [q] diff = mean[0] - mean[1] */
    double *b[7];                  /* [q + 1] by sy_gap_reference; Gelbach: SY_REFERENCE_POOLED alone */
    double *net;                   /* [q] Gelbach: diff beyond the adjusting columns; of these, diff */
    double *base;                  /* [q + 1] Gelbach: of the adjusting columns by themselves */
} syi_gap_fit;
size_t syi_gap_fit_room(const syi_gap_model *m);
void syi_gap_fit_take(const syi_gap_model *m, syi_arena *arena, syi_gap_fit *fit);

/* full [q] from the slopes of the fitted columns (the first n of them); levels
 * about their mean. */
void syi_gap_spread(const syi_gap_model *m, int n, const double *fitted, double *full);
/* Constants, and the references that are mixtures, of a fit whose slopes are in. */
void syi_gap_mix(const syi_gap_model *m, syi_gap_fit *fit);

/* values += the parts, which are linear in the means of x and in the
 * coefficients of b; `one` is the mean of the constant: 1, or 0 in a derivative. */
void syi_gap_parts(const syi_gap_model *m, const syi_gap_fit *x, const syi_gap_fit *b, double one, double *values);
/* values += what comes of the outcome's means. */
void syi_gap_ends(const syi_gap_model *m, const double y[2], double *values);

/* Units' sums of one group: scaled products, as the replicates' kernel reads them. */
typedef struct {
    syi_replicates products;
    ptrdiff_t count;  /* units with a row of this group */
    ptrdiff_t *unit;  /* [count] ascending */
    ptrdiff_t *place; /* [units] among the count; -1 */
} syi_gap_side;

typedef struct {
    syi_arena memory;
    syi_gap_fit fit;
    double *about, *scale; /* [q + 1] overall means, roots of mean squares about them (1 where there is none) */
    /* [k * k] inverses of the fitted columns' products: in each group, in both about their own means, and about the
     * whole's */
    double *inverse[2], *within, *together;
    double *adjusting;  /* [k_adjust * k_adjust] Gelbach: the inverse of their own */
    double *onto;       /* [k_adjust * q] Gelbach: coefficients of each column on the adjusting ones */
    double *net_slopes; /* [k_adjust] Gelbach: the same of the groups' difference */
    syi_gap_side side[2];
} syi_gap_linear;

sy_status syi_gap_sums_prepare(sy_context *ctx, syi_gap_engine *e);
void syi_gap_sums_free(syi_gap_linear *l);
size_t syi_gap_sums_room(const syi_gap_engine *e);
void syi_gap_sums_add(const syi_gap_engine *e, ptrdiff_t unit, double factor, double *sums);
int syi_gap_sums_batch(const syi_gap_engine *e, syi_arena *scratch, const double *times, double *sums);
int syi_gap_sums_values(const syi_gap_engine *e, syi_arena *scratch, const double *sums, double *values);

size_t syi_gap_influence_room(const syi_gap_engine *e);
void syi_gap_influence(const syi_gap_engine *e, syi_arena *scratch, ptrdiff_t i, double *values);
#endif
