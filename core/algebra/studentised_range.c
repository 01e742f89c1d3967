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
 * integrated as such, not as one minus the whole.
 * Cost: (20 to 45 panels) x 16 x (128 or 256) normal tails: 0.5 to 6 milliseconds.
 * The quantile is the root of the tail, about ten tails.
 * Copenhaver & Holland 1988, doi:10.1080/00949658808811082; Abramowitz &
 * Stegun 1964, 25.4.29.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/root_internal.h"
#include "base/status_internal.h"
#include "steelyard/noncentral.h"
#include <math.h>

enum { POINTS = 16, MOST_PANELS = 16, MOST_MEANS = 1000 };
static const double EDGE = 8.5;
static const double HALF_LOG_TWO_PI = 0.91893853320467274178;

typedef struct {
    double node[POINTS], weight[POINTS]; /* on -1 .. 1 */
} rule;

/* Roots of the Legendre polynomial by Newton steps from Tricomi's guess. */
static void make_rule(rule *r)
{
    for (int i = 0; i < POINTS; i++) {
        double x = cos(3.14159265358979323846 * (i + 0.75) / (POINTS + 0.5)), slope = 1;
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
        r->node[i] = x;
        r->weight[i] = 2 / ((1 - x * x) * slope * slope);
    }
}

typedef struct {
    int means, inner; /* inner: points of the integral over z */
    double df;
    rule legendre;
    double z[POINTS * MOST_PANELS], below[POINTS * MOST_PANELS], weight[POINTS * MOST_PANELS];
    double target; /* quantile: the tail wanted */
} range_law;

static double normal_below(double z)
{
    return erfc(-z * sqrt(0.5)) / 2;
}

static void prepare(range_law *law, int means, double df)
{
    const int panels = means <= 20 ? 8 : MOST_PANELS;
    law->means = means;
    law->df = df;
    law->inner = panels * POINTS;
    make_rule(&law->legendre);
    for (int i = 0; i < law->inner; i++) {
        const double half = EDGE / panels, middle = -EDGE + (2 * (i / POINTS) + 1) * half;
        const double z = middle + half * law->legendre.node[i % POINTS];
        law->z[i] = z;
        law->below[i] = normal_below(z);
        law->weight[i] = means * half * law->legendre.weight[i % POINTS] * exp(-z * z / 2 - HALF_LOG_TWO_PI) *
                         pow(law->below[i], means - 1);
    }
}

/* P(range > w): m int phi(z) (Phi(z)^(m-1) - [Phi(z) - Phi(z - w)]^(m-1)) dz,
 * the first part being 1. */
static double range_above(const range_law *law, double w)
{
    double sum = 0;
    for (int i = 0; i < law->inner; i++) {
        if (law->weight[i] < 1e-19) continue; /* hundreds of these are below what is asked for */
        const double below = law->below[i], lost = normal_below(law->z[i] - w);
        if (lost >= below) sum += law->weight[i];
        else sum -= law->weight[i] * expm1((law->means - 1) * log1p(-lost / below));
    }
    return fmin(fmax(sum, 0), 1);
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

static double tail_of(const range_law *law, double q)
{
    if (q <= 0) return 1;
    if (isinf(law->df)) return range_above(law, q);
    const double low = fmax(reach(law->df, -1), -40 / law->df - 1), high = reach(law->df, 1);
    /* the curve over u bends within 1 / log(means), the density within its deviation */
    const double bend = law->means <= 20 ? 1 : 0.5, widest = fmin(bend, 4 * bend / sqrt(2 * law->df));
    const int panels = (int)ceil((high - low) / widest);
    const double half = (high - low) / (2 * panels);
    double sum = 0, whole = 0;
    for (int k = 0; k < panels; k++)
        for (int i = 0; i < POINTS; i++) {
            const double u = low + (2 * k + 1) * half + half * law->legendre.node[i];
            const double mass = half * law->legendre.weight[i] * exp(shape(u, law->df));
            whole += mass;
            sum += mass * range_above(law, q * exp(u));
        }
    return fmin(sum / whole, 1);
}

static sy_status check(sy_context *ctx, int means, double df)
{
    if (means < 2 || means > MOST_MEANS)
        return syi_fail(ctx, SY_EINVAL, "means = %d: must be from 2 to %d", means, MOST_MEANS);
    if (!(df >= 1)) return syi_fail(ctx, SY_EINVAL, "df = %g: degrees of freedom must be 1 or more", df);
    return SY_OK;
}

sy_status sy_distribution_range_tail(sy_context *ctx, double q, int means, double df, double *tail)
{
    range_law law;
    syi_enter(ctx);
    const sy_status status = check(ctx, means, df);
    if (status != SY_OK) return status;
    if (!(q >= 0)) return syi_fail(ctx, SY_EINVAL, "q = %g: must be 0 or more", q);
    prepare(&law, means, df > 1e8 ? HUGE_VAL : df);
    *tail = isinf(q) ? 0 : tail_of(&law, q);
    return SY_OK;
}

/* Over log q, which runs on the same scale for all df. */
static double log_excess(double log_q, const void *arg)
{
    const range_law *law = arg;
    return log(tail_of(law, exp(log_q)) / law->target);
}

sy_status sy_distribution_range_quantile(sy_context *ctx, double p, int means, double df, double *q)
{
    range_law law;
    syi_enter(ctx);
    sy_status status = check(ctx, means, df);
    if (status == SY_OK && !(p >= 1e-10 && p <= 1 - 1e-10))
        status = syi_fail(ctx, SY_EINVAL, "p = %.17g: a probability from 1e-10 to 1 - 1e-10 is needed", p);
    if (status != SY_OK) return status;
    prepare(&law, means, df > 1e8 ? HUGE_VAL : df);
    law.target = 1 - p;
    double low = log(0.01), high = log(4), at_low = log_excess(low, &law), at_high = log_excess(high, &law);
    for (; at_low < 0 && low > -100; low -= 4) at_low = log_excess(low - 4, &law);
    for (; at_high > 0 && high < 700; high += 1) at_high = log_excess(high + 1, &law);
    *q = exp(syi_root(log_excess, &law, low, at_low, high, at_high, 1e-14));
    if (isnan(*q)) return syi_fail(ctx, SY_EBUG, "no quantile of the studentised range found at p = %.17g", p);
    return SY_OK;
}
