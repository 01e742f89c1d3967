/* A fitted model as a game: its estimates and information for the fast route,
 * its refits for the exact one.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_FITTED_GAME_INTERNAL_H
#define SYI_FITTED_GAME_INTERNAL_H
#include "shares/players_internal.h"
#include "steelyard/fitted_shares.h"

/* Parameters in the order of the model: those always there, and the columns of the
 * terms that come and go. */
typedef struct syi_fitted syi_fitted;
struct syi_fitted {
    int k;
    int *term;           /* [k] term of the design, -1: always there */
    double *theta;       /* [k] of the full fit */
    double *information; /* [k * k] full, positive definite */
    double *spread;      /* [k * k] covariance of the columns over the rows; zero for what is no column */
    double *between;     /* [k * k] that of the clusters' means; NULL without clusters */
    sy_measure measure;
    double n, loglik, loglik_null, loglik_adjust; /* adjust: of the terms always there */
    double loglik_most;                           /* that a model could reach: 0, of counts the saturated model's */
    double link_variance;                         /* latent */
    double whole_variance;                        /* marginal: the denominator */
    double groups_variance, residual_variance;    /* marginal */
    double seconds;                               /* of one refit, expected */

    /* Fits the parameters of `use` [k]; theta [k] start and end, zero where not
     * used. *good: converged. */
    sy_status (*refit)(sy_context *ctx, const syi_fitted *f, const unsigned char *use, double *theta, double *loglik,
                       int *good);
    void (*free_state)(syi_fitted *f);
    void *state;
};

/* Fits the full model and fills all of the above. adjust_wanted: also fits what is always there. */
sy_status syi_fitted_init(sy_context *ctx, const sy_design *design, const sy_fitted_question *question, syi_fitted *f);
void syi_fitted_free(syi_fitted *f); /* legal after failure and twice */
sy_status syi_fitted_response(sy_context *ctx, const sy_design *design, const sy_fitted_question *question,
                              syi_fitted *f);
sy_status syi_fitted_mixed(sy_context *ctx, const sy_design *design, const sy_fitted_question *question, syi_fitted *f);
/* Room for k parameters. */
sy_status syi_fitted_room(sy_context *ctx, int k, int clusters, syi_fitted *f);

/* The measure of a submodel from its log-likelihood or its estimates. */
double syi_fitted_of_loglik(const syi_fitted *f, double loglik);
double syi_fitted_of_variance(const syi_fitted *f, double variance);
int syi_fitted_by_loglik(const syi_fitted *f);
/* theta' matrix theta */
double syi_fitted_form(int k, const double *matrix, const double *theta);

/* Values v(S) of a walk, [2^players] each: of the measure, and of its part between
 * clusters (between may be NULL). player [k]: bit of each parameter, -1 for
 * always. By one step; and by refits from there, *failed counts those that did not converge. */
sy_status syi_fitted_steps(sy_context *ctx, const syi_fitted *f, int players, const int *player, double *value,
                           double *between);
sy_status syi_fitted_refits(sy_context *ctx, const syi_fitted *f, int players, const int *player, double *value,
                            double *between, double *failed);

/* The whole table [R * SY_N_METRICS] of a plan; shares of the part between clusters
 * in between [R] (or NULL). */
sy_status syi_fitted_rows(sy_context *ctx, const syi_fitted *f, const syi_plan *plan, int exact, double *table,
                          double *between, double *failed);
#endif
