/* A fitted response model opened again on its rows: what covariances, tests and
 * measures after the fit begin with.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_AFTER_FIT_INTERNAL_H
#define SYI_AFTER_FIT_INTERNAL_H
#include "models/response/response_internal.h"

/* Never copied: it points into itself. A negative binomial without a limit of
 * theta (estimate HUGE_VAL) is a Poisson model of one parameter less. */
typedef struct {
    const sy_design *design;
    const sy_response_model *model; /* own */
    sy_response_model own;
    int unlimited;
    syi_packed rows;
    syi_likelihood likelihood;
    sy_response_shape shape;
    int k;         /* parameters in use */
    double *theta; /* [k] the estimates in packed units */
    int *place;    /* [k] where each stands among the caller's */
} syi_after;

/* k, estimate [k]: the caller's, NaN where aliased. Free after failure too. */
sy_status syi_after_init(sy_context *ctx, const sy_design *design, const sy_response_model *model, int k,
                         const double *estimate, syi_after *a);
void syi_after_free(syi_after *a);

/* From an information matrix [k * k]: map [k * k], upper triangular, with map map' = information^-1,
 * inverse [k * k] (or NULL). 1, or 0 when it is not positive definite. Scratch 2 k^2 + k. */
int syi_information_map(int k, const double *information, double *map, double *inverse, double *scratch);
#endif
