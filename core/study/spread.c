/* Variances and covariances of lines of values, those of replicates or of samples
 * with one unit left out.
 *
 *   factor sum_g times_g (v_g - centre)(v_g - centre)'
 * Lines are added in their order, entry by entry, so the same bits whatever goes
 * side by side. Cost: lines k^2 / 2 multiply-adds, or lines k.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "study/resample_internal.h"
#include <math.h>

static double factor_of(syi_spread form, double n)
{
    const double by_form[] = {1 / (n - 1), (n - 1) / n, 1};
    return n < 2 && form != SYI_SPREAD_SUM ? NAN : by_form[form];
}

/* Departures of a line from the centre; 0 when one is missing. */
static int departures(const double *line, const double *centre, int k, const int *place, double *own)
{
    int missing = 0;
    for (int i = 0; i < k; i++) {
        missing |= isnan(line[place[i]]);
        own[i] = line[place[i]] - centre[place[i]];
    }
    return !missing;
}

double syi_resample_covariance(const double *lines, size_t count, const double *times, int n_values,
                               const double *centre, int k, const int *place, syi_spread form, double *own,
                               double *covariance)
{
    double n = 0;
    for (int i = 0; i < k * k; i++) covariance[i] = 0;
    for (size_t g = 0; g < count; g++) {
        const double often = times ? times[g] : 1;
        if (!departures(lines + g * (size_t)n_values, centre, k, place, own)) continue;
        n += often;
        for (int i = 0; i < k; i++) {
            double *restrict row = covariance + (size_t)i * (size_t)k;
            const double d = often * own[i];
            for (int j = 0; j <= i; j++) row[j] += d * own[j];
        }
    }
    const double factor = factor_of(form, n);
    for (int i = 0; i < k; i++)
        for (int j = 0; j <= i; j++) covariance[i * k + j] = covariance[j * k + i] = factor * covariance[i * k + j];
    return n;
}

static double moved(double (*transform)(double), double value)
{
    return transform ? transform(value) : value;
}

double syi_resample_variances(const double *lines, size_t count, const double *times, int n_values,
                              const double *centre, int k, const int *place, double (*transform)(double),
                              syi_spread form, double *variance)
{
    double n[SYI_VARIANCES_AT_ONCE], from[SYI_VARIANCES_AT_ONCE], kept = INFINITY;
    for (int i = 0; i < k; i++) {
        n[i] = variance[i] = 0;
        from[i] = moved(transform, centre[place[i]]);
    }
    for (size_t g = 0; g < count; g++) {
        const double *line = lines + g * (size_t)n_values, often = times ? times[g] : 1;
        for (int i = 0; i < k; i++) {
            if (isnan(line[place[i]])) continue;
            const double own = moved(transform, line[place[i]]) - from[i];
            n[i] += often;
            variance[i] += often * own * own;
        }
    }
    for (int i = 0; i < k; i++) {
        variance[i] *= factor_of(form, n[i]);
        kept = fmin(kept, n[i]);
    }
    return kept;
}
