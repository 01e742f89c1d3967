/* Likelihoods whose rows depend on one linear predictor: binary outcomes and
 * counts.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_PREDICTOR_INTERNAL_H
#define SYI_PREDICTOR_INTERNAL_H
#include "models/response/likelihood_internal.h"

enum { SYI_PREDICTOR_WORK = 6, SYI_RISING = 64 };

/* For lambda = log(theta) and whole y: r = log(Gamma(theta + y) / Gamma(theta)) -
 * y lambda, s1 = -dr/dlambda, s2 = what d2r/dlambda2 is short of dr/dlambda; at y = 0 .. SYI_RISING. */
typedef struct {
    double theta;
    double r[SYI_RISING + 1], s1[SYI_RISING + 1], s2[SYI_RISING + 1];
} syi_rising;
void syi_rising_init(int simd, double lambda, syi_rising *t);
/* The same for len (a multiple of 8) whole numbers y. */
void syi_rising_rows(int simd, const syi_rising *t, int len, const double *y, double *r, double *s1, double *s2);

/* log Gamma(z) less (z - 1/2) log z - z + log(2 pi) / 2, for z > 16. */
double syi_gamma_rest(double z);

/* Planes of SYI_TILE rows. In: eta, weight, y, trials (NULL: ones). Out, times
 * the weight: value; score d/deta; curve -d2/deta2; for an own parameter
 * (log(theta)) cross -d2/deta dlambda, own_score d/dlambda, own_curve
 * -d2/dlambda2. */
typedef struct {
    double *eta, *weight, *value, *score, *curve, *cross, *own_score, *own_curve;
    double *work; /* [SYI_PREDICTOR_WORK * SYI_TILE] */
    const double *y, *trials;
} syi_predictor_tile;

void syi_rows_logit(int simd, int len, const syi_predictor_tile *t);
void syi_rows_probit(int simd, int len, const syi_predictor_tile *t);
void syi_rows_cloglog(int simd, int len, const syi_predictor_tile *t);
void syi_rows_poisson(int simd, int len, const syi_predictor_tile *t);
void syi_rows_negative_binomial(int simd, int len, const syi_rising *rising, const syi_predictor_tile *t);

/* Rows by kind and link; rising is read for the negative binomial only. */
void syi_predictor_rows(int simd, const syi_likelihood *l, const syi_rising *rising, int len,
                        const syi_predictor_tile *t);

/* The sums over all rows (value), and the scores, of syi_likelihood. */
sy_status syi_predictor_value(sy_context *ctx, const syi_likelihood *l, const double *theta, double *loglik,
                              double *gradient, double *information);
void syi_predictor_scores(const syi_likelihood *l, const double *theta, ptrdiff_t first, int len, double *score);
#endif
