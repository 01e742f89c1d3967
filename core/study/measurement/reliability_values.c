/* Alpha and omega of a covariance matrix, and their slopes.
 *
 * alpha = k / (k - 1) (1 - t / v), t = trace S, v = sum of all entries
 *   [Cronbach 1951, doi:10.1007/BF02310555]; standardised: of the correlations.
 *   d alpha = k / (k - 1) (t 11' / v^2 - I / v) . dS.
 * omega = L^2 / (L^2 + U), L the sum of the loadings, U of the uniquenesses, in
 *   the items' own units [McDonald 1999, Test Theory, chapter 6], the variance of
 *   the sum taken from the model. Found on the standardised items: maximum
 *   likelihood does not mind the units.
 * A slope H by the correlations (its diagonal 0) becomes one by the covariances:
 *   dR_ab = dS_ab / (s_a s_b) - R_ab (dS_aa / S_aa + dS_bb / S_bb) / 2.
 * All three stay when S is multiplied by a number, so trace(slope S) = 0.
 * Cost: k^2, and the factor's (one_factor.c).
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "study/measurement/reliability_internal.h"
#include <math.h>

size_t syi_reliability_room(int k)
{
    return syi_one_factor_room(k) + (size_t)k * (size_t)k + 2 * (size_t)k;
}

static double alpha_of(int k, double trace, double all)
{
    return k / (k - 1.0) * (1 - trace / all);
}

void syi_reliability_values(int k, const double *s, const double *scale, int omega, int warm, double *loading,
                            double *unique, double *work, syi_one_factor_fit *fit, double *value)
{
    double *standard = work + syi_one_factor_room(k);
    double trace = 0, all = 0, correlations = 0, common = 0, own = 0;
    for (int a = 0; a < k; a++) {
        trace += s[a * k + a];
        for (int b = 0; b < k; b++) {
            all += s[a * k + b];
            correlations += a == b ? 1 : s[a * k + b] / sqrt(s[a * k + a] * s[b * k + b]);
            standard[a * k + b] = s[a * k + b] / (scale[a] * scale[b]);
        }
    }
    value[SY_ALPHA] = alpha_of(k, trace, all);
    value[SY_ALPHA_STANDARDISED] = alpha_of(k, k, correlations);
    value[SY_OMEGA] = NAN;
    *fit = (syi_one_factor_fit){.boundary = -1, .converged = 1};
    if (!omega || !syi_one_factor(k, standard, warm, loading, unique, work, fit)) return;
    for (int a = 0; a < k; a++) {
        common += scale[a] * loading[a];
        own += scale[a] * scale[a] * unique[a];
    }
    value[SY_OMEGA] = common * common / (common * common + own);
}

static void slope_of_alpha(int k, const double *s, double *slope)
{
    double trace = 0, all = 0;
    const double factor = k / (k - 1.0);
    for (int a = 0; a < k; a++) {
        trace += s[a * k + a];
        for (int b = 0; b < k; b++) all += s[a * k + b];
    }
    for (int a = 0; a < k; a++)
        for (int b = 0; b < k; b++) slope[a * k + b] = factor * (trace / (all * all) - (a == b) / all);
}

static void slope_of_standardised(int k, const double *s, const double *scale, double *slope)
{
    double all = 0;
    for (int a = 0; a < k; a++)
        for (int b = 0; b < k; b++) all += a == b ? 1 : s[a * k + b] / (scale[a] * scale[b]);
    const double each = k / (k - 1.0) * k / (all * all); /* of alpha by any correlation */
    for (int a = 0; a < k; a++) {
        double sum = 0;
        for (int b = 0; b < k; b++) {
            if (a == b) continue;
            slope[a * k + b] = each / (scale[a] * scale[b]);
            sum += s[a * k + b] / (scale[a] * scale[b]);
        }
        slope[a * k + a] = -each * sum / (scale[a] * scale[a]);
    }
}

static void slope_of_omega(const syi_reliability *r, double *work, double *slope)
{
    const int k = r->k;
    double *standard = work + syi_one_factor_room(k), *by_loading = standard + (ptrdiff_t)k * k,
           *by_unique = by_loading + k, common = 0, own = 0;
    for (int a = 0; a < k; a++) {
        common += r->scale[a] * r->loading[a];
        own += r->scale[a] * r->scale[a] * r->unique[a];
        for (int b = 0; b < k; b++) standard[a * k + b] = r->s[a * k + b] / (r->scale[a] * r->scale[b]);
    }
    const double whole = common * common + own;
    for (int a = 0; a < k; a++) {
        by_loading[a] = r->scale[a] * 2 * common * own / (whole * whole);
        by_unique[a] = -r->scale[a] * r->scale[a] * common * common / (whole * whole);
    }
    syi_one_factor_slope(k, standard, r->loading, r->unique, by_loading, by_unique, work, slope);
    for (int a = 0; a < k; a++)
        for (int b = 0; b < k; b++) slope[a * k + b] /= r->scale[a] * r->scale[b];
}

void syi_reliability_slopes(const syi_reliability *r, double *work)
{
    const size_t square = (size_t)r->k * (size_t)r->k;
    slope_of_alpha(r->k, r->s, r->slope + SY_ALPHA * square);
    slope_of_standardised(r->k, r->s, r->scale, r->slope + SY_ALPHA_STANDARDISED * square);
    double *slope = r->slope + SY_OMEGA * square;
    for (size_t at = 0; at < square; at++) slope[at] = NAN;
    if (!isnan(r->value[SY_OMEGA])) slope_of_omega(r, work, slope);
}

void syi_reliability_covariances(const syi_reliability *r, const syi_sums *sums, syi_dd *dd, double *s, double *mean)
{
    const double weight = sums->hi[0] + sums->lo[0];
    syi_moments_centred(r->m, sums, r->k, r->column, dd);
    for (int at = 0; at < r->k * r->k; at++) s[at] = syi_dd_round(dd[at]) / weight;
    for (int a = 0; a < r->k && mean; a++) {
        const size_t at = syi_packed_at(r->m->n_columns, 0, r->column[a] + 1);
        mean[a] = (sums->hi[at] + sums->lo[at]) / weight;
    }
}
