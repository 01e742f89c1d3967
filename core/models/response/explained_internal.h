/* Measures of what is explained from log-likelihoods alone: for a fit, and for
 * its submodels.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_EXPLAINED_INTERNAL_H
#define SYI_EXPLAINED_INTERNAL_H
#include "steelyard/explained.h"

/* Log-likelihoods of single answers: fitted, null, and the largest possible (0
 * for binary and ordered answers, the saturated model's for counts). n answers, k
 * parameters. Sets mcfadden, mcfadden_adjusted, cox_snell, nagelkerke, estrella
 * (NaN for counts), n and the log-likelihoods; leaves the rest. Cost: none. */
void syi_explained_likelihood(sy_response_kind kind, double n, int k, double loglik, double loglik_null,
                              double loglik_most, sy_explained *out);

/* Error variance of the latent variable of a link: pi^2 / 3, 1, pi^2 / 6; NaN for the log. */
double syi_latent_error(sy_link link);
#endif
