/* What follows from a response model's estimates row by row.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_FITTED_INTERNAL_H
#define SYI_FITTED_INTERNAL_H
#include "models/response/response_internal.h"

/* Pearson's chi-squared, and the log-likelihood at its largest with the
 * dispersion as it is, without syi_likelihood_constant; linear and fitted by row of
 * the design (n of them) as in sy_response_fit, either may be NULL. */
typedef struct {
    double pearson, saturated;
} syi_fit_sums;
sy_status syi_response_rows(sy_context *ctx, const syi_likelihood *l, const double *theta, ptrdiff_t n, double *linear,
                            double *fitted, syi_fit_sums *sums);

/* Log-likelihood, without constants, of the model without terms, and its number
 * of parameters. dispersion: log(theta) held there (negative binomial), or NULL. */
sy_status syi_null_loglik(sy_context *ctx, const syi_likelihood *model, const sy_response_options *options,
                          const double *dispersion, double *loglik, int *parameters);
#endif
