/* Covariance of the estimates of response.h by kind.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_RESPONSE_VCOV_H
#define STEELYARD_RESPONSE_VCOV_H
#include "steelyard/response.h"
#ifdef __cplusplus
extern "C" {
#endif

/* estimate [k] as sy_response leaves it (NaN where aliased), on the same design
 * and model. covariance [k * k], NaN where aliased, and df [k] (or NULL) for the
 * t of each: HUGE_VAL, the normal, for classical and HC; G - 1 for CR0, CR1 and
 * CR1S; Satterthwaite's for CR2 and CR3.
 * Classical: inverse of the observed information. HC0 and HC1 (n / (n - rank)):
 * scores of the rows between two of it; HC2 to HC5 are refused (they have no one
 * definition beyond least squares). CR0 to CR3: scores of the clusters
 * (design->cluster), corrected by (I - H_g H^-1)^-1/2 and ^-1, H_g the cluster's
 * information: least squares' own CR2 and CR3 where the likelihood is normal
 * [Bell & McCaffrey 2002], working model: the fitted one.
 * Frequency weights repeat rows; sampling weights refuse classical. Errors:
 * SY_EINVAL (no cluster), SY_EDATA (one cluster, an estimate that does not
 * belong to these rows). Remarks: few clusters, clusters that decide a parameter
 * alone (pseudo-inverse), df under 4; SY_NOTE_INTERVAL_SKIPPED where the
 * information is not positive definite (NaN then), and where the rows or clusters
 * that decide a parameter leave no residuals (separation; variance 0, df NaN). Cost: n k^2 (HC), n k (CR0), a
 * Newton step and G k^3 (CR2, CR3). */
SY_API SY_MUST_CHECK sy_status sy_response_vcov(sy_context *ctx, const sy_design *design,
                                                const sy_response_model *model, int k, const double *estimate,
                                                sy_vcov_kind kind, double *covariance, double *df);

#ifdef __cplusplus
}
#endif
#endif
