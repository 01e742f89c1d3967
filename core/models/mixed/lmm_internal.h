/* Between the fit of a linear mixed model and what is asked of it afterwards.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_LMM_INTERNAL_H
#define SYI_LMM_INTERNAL_H
#include "models/mixed/mixed_internal.h"

/* What sy_mixed does for a linear model. */
sy_status syi_lmm_fit(sy_context *ctx, const sy_design *design, const sy_mixed_model *model,
                      const sy_mixed_options *options, sy_mixed_summary *summary, const sy_mixed_fit *fit);

/* x'b + offset, and z'modes unless modes is NULL, by row of the design; NaN for rows not used. beta [p in use]. */
sy_status syi_lmm_fitted(sy_context *ctx, const syi_lmm_rows *rows, const double *beta, const double *modes,
                         double *out);

/* Second derivatives of the criterion at theta [n_theta * n_theta], where the maker has none from its gradients. */
sy_status syi_lmm_hessian(sy_context *ctx, const syi_lmm *l, const double *theta, double *hessian);

/* The same by central differences; unit [n_theta] or NULL: the size of a change that matters. */
sy_status syi_lmm_differences(sy_context *ctx, const syi_lmm *l, const unsigned char *fixed, const double *theta,
                              const double *unit, double *hessian);

/* sigma2 T T' of the bar terms, one after the other. */
void syi_lmm_variances(const syi_bars *b, const double *theta, double sigma2, double *variance);

/* free_ [n_theta]: 1 where the column of T has a pivot that is not zero; how many. */
int syi_lmm_free_thetas(const syi_bars *b, const double *theta, int *free_);

/* syi_lmm_minimise for the fit itself: theta [n_theta] start and end. flat [n_bars], zero on entry: 1 for bar terms
 * whose variances the criterion says nothing of; they are zero then. */
sy_status syi_lmm_search(sy_context *ctx, const syi_lmm *l, const sy_mixed_options *options, double *theta,
                         syi_lmm_report *report, unsigned char *flat);
#endif
