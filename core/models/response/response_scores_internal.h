/* Sums of the scores and information matrices of a likelihood over rows and
 * clusters.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_RESPONSE_SCORES_INTERNAL_H
#define SYI_RESPONSE_SCORES_INTERNAL_H
#include "models/response/response_internal.h"
#include "models/vcov/vcov_internal.h"

/* products [k * k] = sum of z_i z_i' over the rows, z_i = map' s_i, map upper triangular;
 * repeats: a weight is a number of rows. */
sy_status syi_score_products(sy_context *ctx, const syi_likelihood *l, const double *theta, const double *map,
                             int repeats, double *products);

/* Of each cluster: score [n_clusters * k], information [n_clusters * k * k]. */
sy_status syi_score_clusters(sy_context *ctx, const syi_likelihood *l, const double *theta, double *score);
sy_status syi_information_clusters(sy_context *ctx, const syi_likelihood *l, const double *theta, double *information);

/* c->u and c->n, where there, in the coordinates map: map' u and map' n map. */
sy_status syi_score_turn(sy_context *ctx, syi_clusters *c, const double *map);
#endif
