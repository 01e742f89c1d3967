/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_INFLUENCE_INTERNAL_H
#define SYI_INFLUENCE_INTERNAL_H
#include "shares/evaluator_internal.h"

/* How every value of a table moves with the moments, in whitened coordinates:
 * with C the centred cross-products of the plan's columns and C = R L L' R (R
 * the roots of its diagonal), value e changes by sum over a <= b of
 * gradient[e][a, b] X_ab when C moves to R L (I + X) L' R, X symmetric. */
typedef struct {
    int order, n_values;
    size_t pairs;     /* order (order + 1) / 2, (0,0) (0,1) ... (1,1) ... */
    double *gradient; /* [n_values * pairs] */
    double *l;        /* [order * order] lower; aliased columns zero */
    double *root;     /* [order] roots of the diagonal of C; 0: no spread */
    double *mean;     /* [order] means of the plan's columns, shift included */
} syi_influence;

/* Cost: 4 pairs evaluations. */
sy_status syi_influence_init(sy_context *ctx, const syi_plan *plan, const syi_sums *sums, const syi_wanted *wanted,
                             syi_influence *out);
/* The same inside a worker of `e`, one evaluation after the other: the arrays of
 * `f` and c [2 * order * order] are the caller's, gradient zeroed. The evaluator
 * has syi_influence_room bytes of extra scratch. 0 when it was stopped. */
int syi_influence_within(syi_evaluator *e, int worker, const syi_sums *sums, syi_influence *f, syi_dd *c);
size_t syi_influence_room(const syi_plan *plan);
void syi_influence_free(syi_influence *f);
double syi_influence_seconds(const syi_plan *plan, int guarded);

/* Covariance of the values of one metric between rows, normal theory: entries
 * of the whitened moments are uncorrelated with variance (1 + [a = b]) / nu.
 * out [n_rows * n_rows]; metric SY_N_METRICS is the total (out [1]). */
void syi_influence_normal(const syi_influence *f, const syi_plan *plan, int metric, double nu, double *out);

/* The same over rows: fourth [pairs * pairs] = sum over rows of w^2 P P', P the
 * products u_a u_b of the whitened row. */
void syi_influence_rows(const syi_influence *f, const syi_plan *plan, int metric, const double *fourth, double factor,
                        double *work, double *out);
#endif
