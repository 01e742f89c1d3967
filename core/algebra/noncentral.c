/* Tails of the non-central F law and of a sample's R2, and the non-centrality or
 * the population's R2 that puts a point at a given probability.
 *
 * P(F <= f) = sum_j w_j I_x(a + j, b), w the Poisson law with mean ncp / 2,
 * a = df1 / 2, b = df2 / 2, x = df1 f / (df1 f + df2). R2 of p predictors that are
 * drawn with the rows, all jointly normal, is the same sum at x = R2, a = p / 2, b =
 * (n - 1 - p) / 2, because ncp is then rho2 / (1 - rho2) times a chi-squared with
 * n - 1: w is the negative binomial law of size (n - 1) / 2 with mean
 * size rho2 / (1 - rho2) [Fisher 1928; Gurland 1968]. With T_k = I_x(a + k, b)
 * - I_x(a + k + 1, b) = x^(a+k) (1-x)^b / ((a + k) B(a + k, b)) the sum is
 *     lower = I_x(a + K, b) + sum_{k < K} T_k P(J <= k)
 *     upper = 1 - I_x(a + L, b) + sum_{L <= k < K} T_k P(J > k)
 * where J < L and J > K have no probability a double can hold: every term is
 * positive, so that both tails keep their digits. Every 64th T_k and w_j is taken
 * by itself from its saddle point, those between by their ratios; the tails of w
 * are added up from their small ends. Measured against 40-digit sums: 1e-12
 * relative for tails above 1e-280. The upper tail by itself is what R 4.2 (1e-9
 * absolute, one minus) does not give.
 * The lower tail falls as ncp grows, so the root is bracketed by doubling.
 * Cost: about 10 nanoseconds a term, 15 sqrt(ncp) + 100 terms a tail (40
 * sqrt(ncp) + 900 for tails below 1e-5; of R2 some 15 sqrt(n rho2) / (1 - rho2));
 * ten to fifteen tails a root.
 * Fisher 1928, doi:10.1098/rspa.1928.0224; Gurland 1968, Journal of the Royal
 * Statistical Society B 30, 276-283; Benton & Krishnamoorthy 2003, doi:10.1016/S0167-9473(02)00283-9; Loader 2000
 * (saddle point densities); Steiger 2004, doi:10.1037/1082-989X.9.2.164.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/root_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include "steelyard/noncentral.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <math.h>

static const double TWO_PI = 6.283185307179586477;
static const double LARGEST_NCP = 1e9;
static const double RENEW = 64, ORDINARY = 55, DEEPEST = 745;

/* log of n! less Stirling's formula for it */
static double stirling_rest(double n)
{
    if (n < 16) return log(tgamma(n + 1)) - (n + 0.5) * log(n) + n - 0.5 * log(TWO_PI);
    const double s = 1 / (n * n);
    return (1.0 / 12 - s * (1.0 / 360 - s * (1.0 / 1260 - s * (1.0 / 1680 - s * (1.0 / 1188 - s * 691.0 / 360360))))) /
           n;
}

/* x log(x / m) + m - x, without losing it when x is near m */
static double deviance(double x, double m)
{
    const double d = x - m;
    if (fabs(d) >= 0.1 * (x + m)) return x * log(x / m) - d;
    const double v = d / (x + m);
    double sum = d * v, power = 2 * x * v;
    for (int j = 1; j < 1000; j++) {
        power *= v * v;
        const double more = sum + power / (2 * j + 1);
        if (more == sum) break;
        sum = more;
    }
    return sum;
}

/* The law of J: Poisson, or negative binomial where size is finite. */
typedef struct {
    double mean, size;
} mixing;

static double poisson(double j, double mean)
{
    if (j == 0 || mean == 0) return j == 0 ? exp(-mean) : 0;
    return exp(-stirling_rest(j) - deviance(j, mean)) / sqrt(TWO_PI * j);
}

static double weight(double j, const mixing *w)
{
    if (isinf(w->size)) return poisson(j, w->mean);
    if (j == 0 || w->mean == 0) return j == 0 ? exp(-w->size * log1p(w->mean / w->size)) : 0;
    const double n = w->size + j, mean = n * (w->mean / (w->mean + w->size));
    const double log_ratio =
        stirling_rest(n) - stirling_rest(w->size) - stirling_rest(j) - deviance(j, mean) - deviance(w->size, n - mean);
    return w->size / n * sqrt(n / (TWO_PI * w->size * j)) * exp(log_ratio);
}

/* weight of j over that of j - 1 */
static double weight_ratio(double j, const mixing *w)
{
    if (isinf(w->size)) return w->mean / j;
    return (w->size + j - 1) / j * (w->mean / (w->mean + w->size));
}

/* Variance over mean: 1 for Poisson. */
static double spread(const mixing *w)
{
    return 1 + w->mean / w->size;
}

typedef struct {
    double a, b, x, y; /* y = 1 - x */
} place;

/* T_k of the head of this file */
static double step_down(const place *at, double k)
{
    const double a = at->a + k, b = at->b, n = a + b;
    const double log_ratio =
        stirling_rest(n) - stirling_rest(a) - stirling_rest(b) - deviance(a, n * at->x) - deviance(b, n * at->y);
    return b / n * sqrt(n / (TWO_PI * a * b)) * exp(log_ratio);
}

/* I_x(a + k, b), or one minus it */
static double beta(const place *at, double k, int upper)
{
    const double a = at->a + k;
    if (at->x <= 0.5) return upper ? gsl_cdf_beta_Q(at->x, a, at->b) : gsl_cdf_beta_P(at->x, a, at->b);
    return upper ? gsl_cdf_beta_P(at->y, at->b, a) : gsl_cdf_beta_Q(at->y, at->b, a);
}

/* The first and last j whose weight is above e^-depth or so: outside,
 * (j - mean)^2 / (2 variance), with a Poisson law's variance max(j, mean), would
 * pass it; a negative binomial law's far end falls as a geometric one's. */
static void window(const mixing *w, double depth, double *first, double *last)
{
    const double mean = w->mean, far = sqrt(2 * depth * mean * spread(w));
    *first = fmax(0, floor(mean - far));
    *last = ceil(mean + far + depth * (isinf(w->size) ? 1 : 2 * spread(w)));
    while (*last > mean + 1 && weight(*last, w) < exp(-depth)) *last = floor(mean + (*last - mean) * 0.9);
    *last += ceil(0.12 * (*last - mean)) + 1;
}

/* A term by its neighbour, or by itself after a while and where the neighbour
 * has lost digits to underflow. */
static int by_itself(double count, double neighbour)
{
    return fmod(count, RENEW) == 0 || neighbour < 1e-290;
}

static double lower_sum(const place *at, const mixing *law, double depth)
{
    double first, last, below = 0, sum = 0, w = 0, t = 0;
    window(law, depth, &first, &last);
    for (double k = first; k < last; k++) {
        const double a = at->a + k;
        w = by_itself(k - first, w) ? weight(k, law) : w * weight_ratio(k, law);
        t = by_itself(k - first, t) ? step_down(at, k) : t * at->x * (a - 1 + at->b) / a;
        below += w;
        sum += t * fmin(below, 1);
    }
    return sum + beta(at, last, 0);
}

static double upper_sum(const place *at, const mixing *law, double depth)
{
    double first, last, above = 0, sum = 0, w = 0, t = 0;
    window(law, depth, &first, &last);
    for (double k = last - 1; k >= first; k--) {
        const double a = at->a + k;
        w = by_itself(last - 1 - k, w) ? weight(k + 1, law) : w / weight_ratio(k + 2, law);
        t = by_itself(last - 1 - k, t) ? step_down(at, k) : t * (a + 1) / (at->x * (a + at->b));
        above += w;
        sum += t * fmin(above, 1);
    }
    return sum + beta(at, first, 1);
}

/* Tails of ordinary size need ten standard deviations of the law of J. */
static double tail(double (*sum)(const place *, const mixing *, double), const place *at, const mixing *law)
{
    const double found = sum(at, law, ORDINARY);
    return fmin(found > 1e-5 ? found : sum(at, law, DEEPEST), 1);
}

static place place_of(double f, double df1, double df2)
{
    const double s = df1 / df2 * f;
    return (place){df1 / 2, df2 / 2, isinf(s) ? 1 : s / (1 + s), 1 / (1 + s)};
}

static sy_status check(sy_context *ctx, double f, double df1, double df2)
{
    if (!(df1 > 0 && df1 <= 1e12)) return syi_fail(ctx, SY_EINVAL, "df1 = %g: must be greater than 0 and finite", df1);
    if (!(df2 > 0 && df2 <= 1e12)) return syi_fail(ctx, SY_EINVAL, "df2 = %g: must be greater than 0 and finite", df2);
    if (!(f >= 0)) return syi_fail(ctx, SY_EINVAL, "f = %g: must be 0 or more", f);
    return SY_OK;
}

/* Both tails; the larger as one minus the smaller. */
static void tails(const place *at, const mixing *law, double *lower, double *upper)
{
    if (at->x == 0 || at->y == 0) {
        *lower = at->x > 0;
        *upper = 1 - *lower;
        return;
    }
    *lower = tail(lower_sum, at, law);
    *upper = *lower < 0.5 ? 1 - *lower : tail(upper_sum, at, law);
    if (*lower >= 0.5) *lower = 1 - *upper;
}

static void f_tails(double f, double df1, double df2, double ncp, double *lower, double *upper)
{
    const place at = place_of(f, df1, df2);
    tails(&at, &(mixing){ncp / 2, HUGE_VAL}, lower, upper);
}

sy_status sy_distribution_f_noncentral(sy_context *ctx, double f, double df1, double df2, double ncp, double *lower,
                                       double *upper)
{
    syi_enter(ctx);
    double below, above;
    sy_status status = check(ctx, f, df1, df2);
    if (status == SY_OK && !(ncp >= 0 && ncp <= LARGEST_NCP))
        status = syi_fail(ctx, SY_EINVAL, "ncp = %g: must be from 0 to %g", ncp, LARGEST_NCP);
    if (status != SY_OK) return status;
    syi_gsl_guard();
    f_tails(f, df1, df2, ncp, &below, &above);
    if (isnan(below) || isnan(above)) return syi_from_gsl(ctx, GSL_EFAILED, "tail of the non-central F law");
    if (lower) *lower = below;
    if (upper) *upper = above;
    return SY_OK;
}

typedef struct {
    double f, df1, df2, p;
    sy_context *ctx;
    sy_status *status; /* SY_EINTR once the host says so: thousands of rows make many terms */
} wanted;

/* The smaller tail's distance from what it should be; falls with ncp. */
static double excess(double ncp, const void *arg)
{
    const wanted *w = arg;
    double lower, upper;
    if (*w->status == SY_OK) *w->status = syi_serial_stopped(w->ctx);
    if (*w->status != SY_OK) return NAN;
    f_tails(w->f, w->df1, w->df2, ncp, &lower, &upper);
    return w->p < 0.5 ? lower - w->p : 1 - w->p - upper;
}

sy_status sy_distribution_f_noncentrality(sy_context *ctx, double f, double df1, double df2, double p, double *ncp)
{
    syi_enter(ctx);
    sy_status status = check(ctx, f, df1, df2);
    if (status == SY_OK && !(p > 0 && p < 1))
        status = syi_fail(ctx, SY_EINVAL, "p = %.17g: a probability between 0 and 1, both excluded, is needed", p);
    if (status != SY_OK) return status;
    syi_gsl_guard();
    const wanted w = {f, df1, df2, p, ctx, &status};
    double low = 0, at_low = excess(0, &w), high = fmin(fmax(1, df1 * f), LARGEST_NCP), at_high;
    *ncp = 0;
    if (status != SY_OK || at_low <= 0) return status;
    while ((at_high = excess(high, &w)) > 0) {
        low = high;
        at_low = at_high;
        high *= 2;
        if (high > LARGEST_NCP)
            return syi_fail(ctx, SY_ELIMIT, "f = %g with df1 = %g: the non-centrality would pass %g", f, df1,
                            LARGEST_NCP);
    }
    *ncp = syi_root(excess, &w, low, at_low, high, at_high, 0);
    if (status != SY_OK) return status;
    if (isnan(*ncp)) return syi_from_gsl(ctx, GSL_EFAILED, "non-centrality of the F law");
    return SY_OK;
}

/* Sums over more terms than these would not end. */
static const double MOST_TERMS = 1e7;

static mixing mixing_of(double rho2, double n)
{
    const double size = (n - 1) / 2;
    return (mixing){size * (rho2 / (1 - rho2)), size};
}

static int too_long(const mixing *w)
{
    return sqrt(w->mean * spread(w)) * 20 > MOST_TERMS;
}

static sy_status check_r2(sy_context *ctx, double r2, double n, double predictors)
{
    if (!(r2 >= 0 && r2 <= 1)) return syi_fail(ctx, SY_EINVAL, "r2 = %g: must be from 0 to 1", r2);
    if (!(predictors >= 1 && predictors <= 1e9))
        return syi_fail(ctx, SY_EINVAL, "predictors = %g: 1 or more are needed", predictors);
    if (!(n > predictors + 1 && n <= 1e12))
        return syi_fail(ctx, SY_EINVAL, "n = %g with predictors = %g: more rows than predictors and one are needed", n,
                        predictors);
    return SY_OK;
}

sy_status sy_distribution_r2(sy_context *ctx, double r2, double n, double predictors, double rho2, double *lower,
                             double *upper)
{
    syi_enter(ctx);
    double below, above;
    sy_status status = check_r2(ctx, r2, n, predictors);
    if (status == SY_OK && !(rho2 >= 0 && rho2 < 1))
        status = syi_fail(ctx, SY_EINVAL, "rho2 = %g: must be from 0 to below 1", rho2);
    if (status != SY_OK) return status;
    const place at = {predictors / 2, (n - 1 - predictors) / 2, r2, 1 - r2};
    const mixing law = mixing_of(rho2, n);
    if (too_long(&law)) return syi_fail(ctx, SY_ELIMIT, "rho2 = %.17g is too near 1 with n = %g", rho2, n);
    syi_gsl_guard();
    tails(&at, &law, &below, &above);
    if (isnan(below) || isnan(above)) return syi_from_gsl(ctx, GSL_EFAILED, "tail of the law of R2");
    if (lower) *lower = below;
    if (upper) *upper = above;
    return SY_OK;
}

typedef struct {
    place at;
    double n, p;
    sy_context *ctx;
    sy_status *status;
} sought;

/* As excess(), over z = atanh(sqrt(rho2)), on which R2 spreads evenly. */
static double excess_r2(double z, const void *arg)
{
    const sought *s = arg;
    const double rho = tanh(z);
    double lower, upper;
    const mixing law = mixing_of(rho * rho, s->n);
    if (*s->status == SY_OK && too_long(&law))
        *s->status = syi_fail(s->ctx, SY_ELIMIT, "r2 is too near 1 with n = %g: the sums would not end", s->n);
    if (*s->status == SY_OK) *s->status = syi_serial_stopped(s->ctx);
    if (*s->status != SY_OK) return NAN;
    tails(&s->at, &law, &lower, &upper);
    return s->p < 0.5 ? lower - s->p : 1 - s->p - upper;
}

sy_status sy_distribution_r2_population(sy_context *ctx, double r2, double n, double predictors, double p, double *rho2)
{
    syi_enter(ctx);
    sy_status status = check_r2(ctx, r2, n, predictors);
    if (status == SY_OK && !(p > 0 && p < 1))
        status = syi_fail(ctx, SY_EINVAL, "p = %.17g: a probability between 0 and 1, both excluded, is needed", p);
    if (status != SY_OK) return status;
    *rho2 = r2 == 1;
    if (r2 == 1) return SY_OK;
    syi_gsl_guard();
    const sought s = {{predictors / 2, (n - 1 - predictors) / 2, r2, 1 - r2}, n, p, ctx, &status};
    const double step = 1 / sqrt(n);
    double low = 0, at_low = excess_r2(0, &s), high = fmax(step, atanh(sqrt(r2))), at_high;
    if (status != SY_OK || at_low <= 0) return status;
    while ((at_high = excess_r2(high, &s)) > 0) {
        low = high;
        at_low = at_high;
        high += fmax(step, high / 8);
    }
    const double z = status == SY_OK ? syi_root(excess_r2, &s, low, at_low, high, at_high, 0) : NAN;
    if (status != SY_OK) return status;
    if (isnan(z)) return syi_from_gsl(ctx, GSL_EFAILED, "population's R2");
    *rho2 = tanh(z) * tanh(z);
    return SY_OK;
}
