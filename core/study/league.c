/* Statements over several shares at once: against a threshold, ranks, funnel.
 *
 * Threshold t over k indicators, a = 1 - level. Simultaneous limits: one-sided
 * a / (2k) each side (Bonferroni), so that all 2k hold together. An indicator
 * is surely at or above t when its lower limit reaches t. Holm: the k refusals
 * of "below t" stepped down at a / 2, those of "at or above t" at a / 2; the
 * first step is Bonferroni's, so Holm never says less. Neither asks anything of
 * the dependence between indicators, which the same people answer. With
 * probability `level` no indicator is on the wrong list, hence the true count
 * lies between (surely above) and k - (surely below).
 * Ranks of k groups: j surely before i when the lower limit of p_j - p_i, from
 * the limits of each by squares added [Zou & Donner; Newcombe's method for
 * Wilson limits], is above 0 at one-sided a / (k (k - 1)): Bonferroni over all
 * pairs and both directions. Rank range: 1 + (groups surely before) to
 * k - (groups surely behind); all hold together [Mogstad et al.]. Groups must
 * be independent.
 * Funnel: x the least count with P(X <= x) >= p, drawn back linearly by
 * (P(X <= x) - p) / P(X = x) [Spiegelhalter, appendix].
 * Cost: two quantiles an indicator; k^2 comparisons; two binomial quantiles a
 * limit.
 * Holm 1979, Scandinavian Journal of Statistics 6, 65-70; Zou & Donner 2008,
 * doi:10.1002/sim.3095; Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8
 * <873::AID-SIM779>3.0.CO;2-I; Mogstad, Romano, Shaikh & Wilhelm 2024,
 * doi:10.1093/restud/rdad006; Spiegelhalter 2005, doi:10.1002/sim.1970.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "study/proportion_internal.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

static sy_status check(sy_context *ctx, int k, double level)
{
    syi_enter(ctx);
    syi_gsl_guard();
    if (k < 1) return syi_fail(ctx, SY_EINVAL, "shares: none given; at least one is needed");
    return syi_level_check(ctx, level);
}

typedef struct {
    double p;
    int place;
} ordered;

static int by_p(const void *a, const void *b)
{
    const ordered *x = a, *y = b;
    if (x->p != y->p) return x->p < y->p ? -1 : 1;
    return x->place - y->place;
}

/* Marks with `mark` those whose p values fall in Holm's steps at `tail`. */
static void step_down(int k, double *claims, int p_of, double tail, double mark, ordered *line)
{
    int n = 0;
    for (int i = 0; i < k; i++) {
        const double p = claims[i * SY_N_CLAIM + p_of];
        if (!isnan(p)) line[n++] = (ordered){p, i};
    }
    qsort(line, (size_t)n, sizeof *line, by_p);
    for (int i = 0; i < n && line[i].p <= tail / (k - i); i++)
        claims[line[i].place * SY_N_CLAIM + SY_CLAIM_HOLM] = mark;
}

sy_status sy_overview_claim(sy_context *ctx, int k, const double *shares, double threshold, double level,
                            double *claims, double *counts)
{
    sy_status s = check(ctx, k, level);
    if (s == SY_OK && !(threshold > 0 && threshold < 1))
        s = syi_fail(ctx, SY_EINVAL, "threshold = %g: a share between 0 and 1, both excluded, is needed", threshold);
    if (s != SY_OK) return s;
    const double tail = (1 - level) / 2;
    ordered *line = syi_alloc((size_t)k, sizeof *line);
    if (!line) return syi_fail(ctx, SY_ENOMEM, "threshold: out of memory for %d indicators", k);
    for (int i = 0; i < k && s == SY_OK; i++) {
        const double *share = shares + (ptrdiff_t)i * SY_N_SHARE;
        double *c = claims + (ptrdiff_t)i * SY_N_CLAIM;
        s = syi_proportion_limit(ctx, share, tail / k, 0, &c[SY_CLAIM_LOW]);
        if (s == SY_OK) s = syi_proportion_limit(ctx, share, tail / k, 1, &c[SY_CLAIM_HIGH]);
        if (s == SY_OK) s = syi_proportion_p(ctx, share, threshold, 0, &c[SY_CLAIM_P_BELOW_REFUTED]);
        if (s == SY_OK) s = syi_proportion_p(ctx, share, threshold, 1, &c[SY_CLAIM_P_ABOVE_REFUTED]);
        c[SY_CLAIM_HOLM] = 0;
        c[SY_CLAIM_BONFERRONI] = (c[SY_CLAIM_P_BELOW_REFUTED] <= tail / k) - (c[SY_CLAIM_P_ABOVE_REFUTED] <= tail / k);
    }
    step_down(s == SY_OK ? k : 0, claims, SY_CLAIM_P_BELOW_REFUTED, tail, 1, line);
    step_down(s == SY_OK ? k : 0, claims, SY_CLAIM_P_ABOVE_REFUTED, tail, -1, line);
    for (int m = 0; m < 2 * SY_N_CLAIM_COUNT; m++) counts[m] = 0;
    for (int i = 0; i < k && s == SY_OK; i++)
        for (int m = 0; m < 2; m++) {
            const double verdict = claims[i * SY_N_CLAIM + (m ? SY_CLAIM_HOLM : SY_CLAIM_BONFERRONI)];
            counts[m * SY_N_CLAIM_COUNT + (verdict > 0   ? SY_COUNT_ABOVE
                                           : verdict < 0 ? SY_COUNT_BELOW
                                                         : SY_COUNT_UNSURE)]++;
        }
    SYI_FREE(line);
    return s;
}

/* Lower limit of a - b above 0, each with limits at the pair's level. */
static int surely_before(const double *a, const double *b)
{
    const double difference = a[0] - b[0], below = a[0] - a[1], above = b[2] - b[0];
    return difference > 0 && difference * difference > below * below + above * above;
}

sy_status sy_overview_ranks(sy_context *ctx, int k, const double *shares, double level, double *ranks)
{
    sy_status s = check(ctx, k, level);
    if (s != SY_OK) return s;
    const double tail = k > 1 ? (1 - level) / ((double)k * (k - 1)) : (1 - level) / 2;
    double *ends = syi_alloc((size_t)k, 3 * sizeof *ends);
    if (!ends) return syi_fail(ctx, SY_ENOMEM, "ranks: out of memory for %d groups", k);
    for (int i = 0; i < k && s == SY_OK; i++) {
        const double *share = shares + (ptrdiff_t)i * SY_N_SHARE;
        ends[3 * i] = share[SY_SHARE_ESTIMATE];
        s = syi_proportion_limit(ctx, share, tail, 0, &ends[3 * i + 1]);
        if (s == SY_OK) s = syi_proportion_limit(ctx, share, tail, 1, &ends[3 * i + 2]);
        if (s == SY_OK) s = syi_serial_stopped(ctx);
        if (s == SY_OK && isnan(ends[3 * i + 1])) s = syi_fail(ctx, SY_EDATA, "ranks: group %d has no limits", i + 1);
    }
    for (int i = 0; i < k && s == SY_OK; i++) {
        int larger = 0, before = 0, behind = 0;
        if ((s = syi_serial_stopped(ctx)) != SY_OK) break;
        for (int j = 0; j < k; j++) {
            larger += ends[3 * j] > ends[3 * i];
            before += surely_before(&ends[3 * j], &ends[3 * i]);
            behind += surely_before(&ends[3 * i], &ends[3 * j]);
        }
        ranks[3 * i] = 1 + larger;
        ranks[3 * i + 1] = 1 + before;
        ranks[3 * i + 2] = k - behind;
    }
    SYI_FREE(ends);
    return s;
}

/* The count whose distribution function is p, between whole counts; as a share. */
static double funnel_limit(double p, double overall, unsigned n)
{
    unsigned below = 0, x = n; /* P(X <= x) >= p; smaller counts are searched by halves */
    while (below < x) {
        const unsigned middle = below + (x - below) / 2;
        if (gsl_cdf_binomial_P(middle, overall, n) >= p) x = middle;
        else below = middle + 1;
    }
    const double back = (gsl_cdf_binomial_P(x, overall, n) - p) / gsl_ran_binomial_pdf(x, overall, n);
    return fmin(fmax((x - back) / n, 0), 1);
}

static int rising(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Mean of z squared with the most extreme tenth at each end drawn in to the
 * last one kept. */
static double dispersion_of(int k, double *z)
{
    const int cut = k / 10;
    double sum = 0;
    qsort(z, (size_t)k, sizeof *z, rising);
    for (int i = 0; i < k; i++) {
        const double v = z[i < cut ? cut : i >= k - cut ? k - cut - 1 : i];
        sum += v * v;
    }
    return sum / k;
}

sy_status sy_overview_funnel(sy_context *ctx, int k, const double *shares, double overall, double *funnel,
                             double *dispersion)
{
    static const double points[] = {0.025, 0.975, 0.001, 0.999};
    sy_status s = check(ctx, k, 0.5);
    if (s == SY_OK && !(overall > 0 && overall < 1))
        s = syi_fail(ctx, SY_EDATA, "overall = %g: a funnel needs an overall share between 0 and 1", overall);
    if (s != SY_OK) return s;
    double *z = syi_alloc((size_t)k, sizeof *z);
    if (!z) return syi_fail(ctx, SY_ENOMEM, "funnel: out of memory for %d groups", k);
    for (int i = 0; i < k && s == SY_OK; i++) {
        const double *share = shares + (ptrdiff_t)i * SY_N_SHARE, p = share[SY_SHARE_ESTIMATE];
        const double n = fmax(1, round(share[SY_SHARE_EFFECTIVE]));
        double *f = funnel + (ptrdiff_t)i * SY_N_FUNNEL;
        if ((s = syi_serial_stopped(ctx)) != SY_OK) break;
        if (isnan(p) || !(n < UINT_MAX)) {
            s = syi_fail(ctx, SY_EDATA, "funnel: group %d has %s", i + 1, isnan(p) ? "no share" : "too many people");
            continue;
        }
        for (int m = 0; m < 4; m++) f[m] = funnel_limit(points[m], overall, (unsigned)n);
        f[SY_FUNNEL_Z] = z[i] = (p - overall) / sqrt(overall * (1 - overall) / n);
        f[SY_FUNNEL_OUTSIDE] = (p > f[SY_FUNNEL_HIGH_95]) + (p > f[SY_FUNNEL_HIGH_998]) - (p < f[SY_FUNNEL_LOW_95]) -
                               (p < f[SY_FUNNEL_LOW_998]);
    }
    if (s == SY_OK) *dispersion = dispersion_of(k, z);
    SYI_FREE(z);
    return s;
}
