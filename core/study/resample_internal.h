/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_RESAMPLE_INTERNAL_H
#define SYI_RESAMPLE_INTERNAL_H
#include "shares/evaluator_internal.h"

/* How often each unit stands there: the frequencies where a unit is one row of
 * frequency weights (people are resampled, not rows), else NULL for once each.
 * Their sum is the number of units that are resampled. */
const double *syi_resample_times(const sy_moments *m);
double syi_resample_units(const sy_moments *m);

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

/* From count lines of values, line g standing there times[g] times (NULL: once):
 * factor * sum times (v - centre)(v - centre)' of the entries place[0..k-1], with
 * `transform` applied to both. Lines with a NaN are left out; N is the number
 * kept, the factor (N - 1) / N for a jackknife, else 1 / (N - 1). Returns N. */
double syi_resample_spread(const double *lines, size_t count, const double *times, int n_values, const double *centre,
                           int k, const int *place, double (*transform)(double), int jackknife, double *covariance);
#endif
