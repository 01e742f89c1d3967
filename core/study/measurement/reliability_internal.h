/* Reliabilities as functions of a covariance matrix.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_RELIABILITY_INTERNAL_H
#define SYI_RELIABILITY_INTERNAL_H
#include "algebra/moments_internal.h"
#include "steelyard/reliability.h"
#include "study/measurement/one_factor_internal.h"

/* What is asked of one set of moments. s, slope and the scale are the whole sample's. */
typedef struct {
    const sy_moments *m;
    const sy_design *rows;
    int k, omega;
    int *column;              /* [k] */
    double *s;                /* [k * k] covariances, divisor sum of weights */
    double *mean;             /* [k] about the moments' shift */
    double *scale;            /* [k] standard deviations */
    double *loading, *unique; /* [k] of the standardised items */
    double *slope;            /* [SY_N_RELIABILITIES][k * k] by s */
    double value[SY_N_RELIABILITIES];
    syi_one_factor_fit fit;
} syi_reliability;

/* Doubles of scratch for the two below. */
size_t syi_reliability_room(int k);

/* value [SY_N_RELIABILITIES] of covariances s; loading and unique [k]: the start of the factor when `warm`, and its
 * end. scale [k] standardises for the search. NaN where there is none. */
void syi_reliability_values(int k, const double *s, const double *scale, int omega, int warm, double *loading,
                            double *unique, double *work, syi_one_factor_fit *fit, double *value);

/* r->slope from r->s, r->loading and r->unique. */
void syi_reliability_slopes(const syi_reliability *r, double *work);

/* Covariances and, unless NULL, means (about the shift) from sums; dd [k * k] is scratch. */
void syi_reliability_covariances(const syi_reliability *r, const syi_sums *sums, syi_dd *dd, double *s, double *mean);

/* Variances of the values, and of log(1 - value) (`scaled`), by each way; the degrees of freedom and units of t limits
 * into the summary. */
void syi_reliability_normal(const syi_reliability *r, double *variance);
sy_status syi_reliability_influence(sy_context *ctx, const syi_reliability *r, sy_reliability_summary *summary,
                                    double *variance);
sy_status syi_reliability_jackknife(sy_context *ctx, const syi_reliability *r, sy_reliability_summary *summary,
                                    double *variance, double *scaled);
#endif
