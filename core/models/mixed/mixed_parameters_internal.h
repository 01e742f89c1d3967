/* Between the files that draw conclusions from mixed models.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_MIXED_PARAMETERS_INTERNAL_H
#define SYI_MIXED_PARAMETERS_INTERNAL_H
#include "models/mixed/mixed_internal.h"
#include "steelyard/mixed_inference.h"

/* out [n_theta]: standard deviations sigma |row of T| and correlations, in the order of theta; NaN for a correlation
 * with an effect without variance. */
void syi_mixed_spreads(const syi_bars *b, const double *theta, double sigma, double *out);

/* A function of a few variables with its gradient. */
typedef sy_status (*syi_landscape)(sy_context *ctx, void *arg, const double *x, double *value, double *gradient);

/* The least value near x [n], by quasi-Newton steps with the inverse Hessian `inverse` [n * n], which is kept up to
 * date for the next search; work [6 * n]. *value: of the end. Ends when the step promises less than `least`. */
sy_status syi_descend(sy_context *ctx, syi_landscape f, void *arg, int n, double *x, double *inverse, double least,
                      double *work, double *value, int *converged);

/* Of a pass over the rows. */
typedef struct {
    double rows, fixed; /* rows; variance of the fixed part, over rows - 1 */
    double *second;     /* [entries] mean z z' of each bar term */
} syi_spread_sums;
/* estimate [k] of the whole model. */
sy_status syi_mixed_pass(sy_context *ctx, const syi_bars *b, const double *estimate, int k, syi_spread_sums *out);
/* mean z'T T'z of each bar term [n_bars], T as in theta. */
void syi_mixed_bar_variances(const syi_bars *b, const double *theta, const double *second, double *variance);
/* The part of the variance that is no random effect, relative to sigma^2 in a linear model (1). */
sy_status syi_mixed_link_variance(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                                  const sy_mixed_options *options, double theta_count, double *variance);

/* index [n] becomes the order in which value[index[i]] ascends; equal values by place. */
void syi_order_values(ptrdiff_t n, const double *value, ptrdiff_t *index);
/* The quantile p of n values in the order of index, interpolated between order statistics at (n - 1) p. */
double syi_ordered_quantile(ptrdiff_t n, const double *value, const ptrdiff_t *index, double p);
#endif
