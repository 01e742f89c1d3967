/* The studentised range: tail and quantile.
 *
 * P(Q > q) = int_0^inf g(s) [1 - W(q s)] ds, g the density of a chi over the
 * square root of its df degrees of freedom, and for the range of m normal
 * values
 *     W(w) = m int phi(z) [Phi(z) - Phi(z - w)]^(m-1) dz.
 * Both integrals by Gauss-Legendre rules of 16 points over panels no wider than
 * the curves bend: z from -8.5 to 8.5, and u = log s over what has more than
 * e^-40 of the density's peak, so that few degrees of freedom (a density down
 * to 0 on every scale) and many (one narrow peak) are alike. The tail is
 * integrated as such, not as one minus the whole. 1 - W hangs on m alone: it is
 * interpolated at 16 Chebyshev points in panels of 1/2, each filled when first
 * asked for, which keeps 13 digits of it (of 14 to 1e-23) and makes every
 * tail after the first one of some 700 polynomials.
 * Cost: up to 34 panels x 16 x (128 or 256) normal tails for the first tail, 1
 * to 4 milliseconds, and 20 to 50 microseconds for each further one, whatever its
 * df; a quantile is the root of the tail, about ten tails.
 * Copenhaver & Holland 1988, doi:10.1080/00949658808811082; Abramowitz &
 * Stegun 1964, 25.4.29; Clenshaw 1955, doi:10.1090/S0025-5718-1955-0071856-0.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/range_internal.h"
#include "algebra/root_internal.h"
#include "base/status_internal.h"
#include "steelyard/noncentral.h"
#include <math.h>

enum { POINTS = SYI_RANGE_POINTS, MOST_MEANS = 1000 };
static const double EDGE = 8.5, WIDTH = 0.5;
static const double PI = 3.14159265358979323846, HALF_LOG_TWO_PI = 0.91893853320467274178;

/* Roots of the Legendre polynomial by Newton steps from Tricomi's guess. */
static void make_rule(syi_range *r)
{
    for (int i = 0; i < POINTS; i++) {
        double x = cos(PI * (i + 0.75) / (POINTS + 0.5)), slope = 1;
        for (int step = 0; step < 8; step++) {
            double p = x, before = 1;
            for (int k = 2; k <= POINTS; k++) {
                const double next = ((2 * k - 1) * x * p - (k - 1) * before) / k;
                before = p;
                p = next;
            }
            slope = POINTS * (x * p - before) / (x * x - 1);
            x -= p / slope;
        }
        r->rule_node[i] = x;
        r->rule_weight[i] = 2 / ((1 - x * x) * slope * slope);
    }
}

static double normal_below(double z)
{
    return erfc(-z * sqrt(0.5)) / 2;
}

sy_status syi_range_open(sy_context *ctx, syi_range *r, int means)
{
    const int panels = means <= 20 ? SYI_RANGE_INNER / 2 : SYI_RANGE_INNER;
    if (means < 2 || means > MOST_MEANS)
        return syi_fail(ctx, SY_EINVAL, "means = %d: must be from 2 to %d", means, MOST_MEANS);
    r->means = means;
    r->inner = panels * POINTS;
    r->df = NAN;
    make_rule(r);
    for (int k = 0; k < SYI_RANGE_PANELS; k++) r->filled[k] = 0;
    for (int i = 0; i < r->inner; i++) {
        const double half = EDGE / panels, middle = -EDGE + (2 * (i / POINTS) + 1) * half;
        const double z = middle + half * r->rule_node[i % POINTS];
        r->z[i] = z;
        r->below[i] = normal_below(z);
        r->weight[i] =
            means * half * r->rule_weight[i % POINTS] * exp(-z * z / 2 - HALF_LOG_TWO_PI) * pow(r->below[i], means - 1);
    }
    return SY_OK;
}

/* P(range > w): m int phi(z) (Phi(z)^(m-1) - [Phi(z) - Phi(z - w)]^(m-1)) dz,
 * the first part being 1. */
static double range_above(const syi_range *r, double w)
{
    double sum = 0;
    for (int i = 0; i < r->inner; i++) {
        if (r->weight[i] < 1e-19) continue; /* hundreds of these are below what is asked for */
        const double below = r->below[i], lost = normal_below(r->z[i] - w);
        if (lost >= below) sum += r->weight[i];
        else sum -= r->weight[i] * expm1((r->means - 1) * log1p(-lost / below));
    }
    return sum;
}

/* Chebyshev coefficients of range_above in panel k. */
static void fill(syi_range *r, int k)
{
    double value[POINTS], *c = r->chebyshev[k];
    for (int i = 0; i < POINTS; i++) value[i] = range_above(r, (k + 0.5 + 0.5 * cos(PI * (i + 0.5) / POINTS)) * WIDTH);
    for (int j = 0; j < POINTS; j++) {
        c[j] = 0;
        for (int i = 0; i < POINTS; i++) c[j] += value[i] * cos(PI * j * (i + 0.5) / POINTS);
        c[j] *= (j > 0 ? 2.0 : 1.0) / POINTS;
    }
    r->filled[k] = 1;
}

static double looked_up(syi_range *r, double w)
{
    if (!(w < SYI_RANGE_PANELS * WIDTH)) return fmin(fmax(range_above(r, w), 0), 1);
    const int k = (int)(w / WIDTH);
    if (!r->filled[k]) fill(r, k);
    const double x = 2 * (w / WIDTH - k) - 1, *c = r->chebyshev[k];
    double b1 = 0, b2 = 0;
    for (int j = POINTS - 1; j > 0; j--) {
        const double b = 2 * x * b1 - b2 + c[j];
        b2 = b1;
        b1 = b;
    }
    return fmin(fmax(x * b1 - b2 + c[0], 0), 1);
}

/* df (u - (e^(2u) - 1) / 2): log of the density of u, less its peak */
static double shape(double u, double df)
{
    return df * (u - expm1(2 * u) / 2);
}

/* u where shape is about -40, on one side of the peak. */
static double reach(double df, double sign)
{
    double step = 1 / sqrt(df), u = 0;
    for (int k = 0; k < 60 && shape(u + sign * step, df) > -40; k++, step *= 1.3) u += sign * step;
    return u + sign * step;
}

sy_status syi_range_df(sy_context *ctx, syi_range *r, double df)
{
    if (!(df >= 1)) return syi_fail(ctx, SY_EINVAL, "df = %g: degrees of freedom must be 1 or more", df);
    if (df > 1e8) df = HUGE_VAL;
    if (df == r->df) return SY_OK;
    r->df = df;
    if (isinf(df)) return SY_OK;
    const double low = fmax(reach(df, -1), -40 / df - 1), high = reach(df, 1);
    /* the curve over u bends within 1 / log(means), the density within its deviation */
    const double bend = r->means <= 20 ? 1 : 0.5, widest = fmin(bend, 4 * bend / sqrt(2 * df));
    const int panels = (int)fmin(ceil((high - low) / widest), SYI_RANGE_OUTER);
    const double half = (high - low) / (2 * panels);
    double whole = 0;
    r->outer = panels * POINTS;
    for (int i = 0; i < r->outer; i++) {
        const double u = low + (2 * (i / POINTS) + 1) * half + half * r->rule_node[i % POINTS];
        r->scale[i] = exp(u);
        r->mass[i] = half * r->rule_weight[i % POINTS] * exp(shape(u, df));
        whole += r->mass[i];
    }
    for (int i = 0; i < r->outer; i++) r->mass[i] /= whole;
    return SY_OK;
}

double syi_range_tail(syi_range *r, double q)
{
    if (q <= 0) return 1;
    if (isinf(q)) return 0;
    if (isinf(r->df)) return looked_up(r, q);
    double sum = 0;
    for (int i = 0; i < r->outer; i++) sum += r->mass[i] * looked_up(r, q * r->scale[i]);
    return fmin(sum, 1);
}

typedef struct {
    syi_range *law;
    double target; /* the tail wanted */
} quest;

/* Over log q, which runs on the same scale for all df. */
static double log_excess(double log_q, const void *arg)
{
    const quest *wanted = arg;
    return log(syi_range_tail(wanted->law, exp(log_q)) / wanted->target);
}

sy_status syi_range_quantile(sy_context *ctx, syi_range *r, double p, double *q)
{
    if (!(p >= 1e-10 && p <= 1 - 1e-10))
        return syi_fail(ctx, SY_EINVAL, "p = %.17g: a probability from 1e-10 to 1 - 1e-10 is needed", p);
    const quest wanted = {r, 1 - p};
    double low = log(0.01), high = log(4), at_low = log_excess(low, &wanted), at_high = log_excess(high, &wanted);
    for (; at_low < 0 && low > -100; low -= 4) at_low = log_excess(low - 4, &wanted);
    for (; at_high > 0 && high < 700; high += 1) at_high = log_excess(high + 1, &wanted);
    *q = exp(syi_root(log_excess, &wanted, low, at_low, high, at_high, 1e-14));
    if (isnan(*q)) return syi_fail(ctx, SY_EBUG, "no quantile of the studentised range found at p = %.17g", p);
    return SY_OK;
}

sy_status sy_distribution_range_tail(sy_context *ctx, double q, int means, double df, double *tail)
{
    syi_range law;
    syi_enter(ctx);
    sy_status status = syi_range_open(ctx, &law, means);
    if (status == SY_OK) status = syi_range_df(ctx, &law, df);
    if (status == SY_OK && !(q >= 0)) status = syi_fail(ctx, SY_EINVAL, "q = %g: must be 0 or more", q);
    if (status == SY_OK) *tail = syi_range_tail(&law, q);
    return status;
}

sy_status sy_distribution_range_quantile(sy_context *ctx, double p, int means, double df, double *q)
{
    syi_range law;
    syi_enter(ctx);
    sy_status status = syi_range_open(ctx, &law, means);
    if (status == SY_OK) status = syi_range_df(ctx, &law, df);
    return status == SY_OK ? syi_range_quantile(ctx, &law, p, q) : status;
}
