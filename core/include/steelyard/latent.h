/* Correlations of the normal variables behind ordered answers, and moments
 * made of them.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_LATENT_H
#define STEELYARD_LATENT_H
#include "steelyard/moments.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    sy_unit unit; /* of the moments; default SY_UNIT_NONE; SY_UNIT_CLUSTER needs design.cluster */
    double level; /* of limits; default 0.95 */
    int smooth;   /* 1: a matrix with negative eigenvalues is moved to one without (remark); 0: it is refused */
} sy_latent_options;
SY_API void sy_latent_defaults(sy_latent_options *options);

/* Each term of the design is one column: a number, or SY_CODES in their order
 * (two levels or more). r and std_error [terms * terms]: Pearson's correlation of two numbers,
 * polyserial of a number with an ordered column, polychoric (of two levels:
 * tetrachoric) of two ordered ones, estimated in two steps: thresholds and
 * standardising from the margins, then the correlation by maximum likelihood
 * [Olsson 1979, doi:10.1007/BF02296207; Olsson, Drasgow & Dorans 1982,
 * doi:10.1007/BF02294164]. Standard errors count the first step and do not take the model for granted
 * (influence function); with a cluster column they are of whole clusters.
 * Weights: frequency and sampling. low and high [terms * terms]: limits on Fisher's z = atanh(r), normal without
 * clusters, else t with clusters less one. NaN at -1 and 1.
 *
 * moments, NULL when not wanted: n times the matrix as the sum of one part a
 * unit, so that leaving a unit out is the infinitesimal jackknife; free with sy_moments_free.
 *
 * Errors: SY_EDATA (one level, a constant, a correlation matrix with negative
 * eigenvalues where smooth is 0), SY_EINVAL (products, analytic weights, fewer than two terms).
 * Remarks: rows dropped, a correlation at -1 or 1, smoothing.
 * Cost: n a term; a pair about 6 evaluations of levels^2 integrals (polychoric) or of n tails (polyserial). */
typedef struct {
    double *r, *std_error, *low, *high; /* [terms * terms] */
} sy_latent_table;
SY_API SY_MUST_CHECK sy_status sy_latent(sy_context *ctx, const sy_design *design, const sy_latent_options *options,
                                         const sy_latent_table *table, sy_moments *moments);

#ifdef __cplusplus
}
#endif
#endif
