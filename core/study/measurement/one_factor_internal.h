/* One factor behind k variables, by maximum likelihood.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_ONE_FACTOR_INTERNAL_H
#define SYI_ONE_FACTOR_INTERNAL_H
#include <stddef.h>

typedef struct {
    double discrepancy; /* log |Sigma| - log |S| + tr(S Sigma^-1) - k */
    int iterations, converged;
    int boundary; /* a variable whose uniqueness is held at 0; -1: none */
} syi_one_factor_fit;

/* Doubles of scratch for k variables. */
size_t syi_one_factor_room(int k);

/* s [k * k, full]: positive definite, its diagonal of the order of 1. loading and uniqueness [k]: the start when
 * `warm`, and the result (sum of loadings not negative). Returns 0 when s is not positive definite. */
int syi_one_factor(int k, const double *s, int warm, double *loading, double *uniqueness, double *work,
                   syi_one_factor_fit *fit);

/* slope [k * k, symmetric]: d value = sum slope_ab d s_ab, for a value whose derivatives by the loadings and the
 * uniquenesses are by_loading and by_unique [k]; a uniqueness held at 0 does not move. Returns 0 (slope NaN) where the
 * maximum is flat. */
int syi_one_factor_slope(int k, const double *s, const double *loading, const double *uniqueness,
                         const double *by_loading, const double *by_unique, double *work, double *slope);
#endif
