/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_RESAMPLE_INTERNAL_H
#define SYI_RESAMPLE_INTERNAL_H
#include "shares/evaluator_internal.h"

/* One line of values [n_values] a unit left out: out [n_units * n_values]. NaN
 * where a sample has no answer. */
sy_status syi_resample_jackknife(sy_context *ctx, const syi_plan *plan, const syi_sums *total, const syi_wanted *wanted,
                                 double *out);

/* Units drawn with replacement, `replicates` times: out [replicates *
 * n_values]. Replicate r is the same whatever the threads: its draws are keyed
 * by (seed, r). */
sy_status syi_resample_bootstrap(sy_context *ctx, const syi_plan *plan, const syi_wanted *wanted, int replicates,
                                 uint64_t seed, double *out);

/* Seconds on one core. */
double syi_resample_jackknife_seconds(const syi_plan *plan, int guarded);
double syi_resample_bootstrap_seconds(const syi_plan *plan, int guarded, int replicates);

/* From count lines of values: factor * sum (v - centre)(v - centre)' of the
 * entries place[0..k-1], with `transform` applied to both; lines with a NaN
 * are left out and factor's (count - 1) / count is that of the lines kept.
 * Returns the lines kept. */
size_t syi_resample_spread(const double *lines, size_t count, int n_values, const double *centre, int k,
                           const int *place, double (*transform)(double), int jackknife, double *covariance);
#endif
