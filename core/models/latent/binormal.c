/* The standard bivariate normal distribution.
 *
 * By d P / d rho = density(a, b; rho) [Plackett 1954, doi:10.1093/biomet/41.3-4.351],
 *   P(X <= a, Y <= b; rho) = P(a) P(b) + integral from 0 to asin(rho) of
 *       exp(-(a^2 + b^2 - 2 a b sin t) / (2 cos^2 t)) / (2 pi) dt
 * [Drezner & Wesolowsky 1990, doi:10.1080/00949659008811236]. Where |rho| is large the integrand bends within a length
 * of about the distance of t from pi/2, so the way is cut into parts that halve that distance, each by 20-point
 * Gauss-Legendre. For |rho| near 1 the tail from rho to 1 is taken off the limit instead, by the same parts. Cost: 20
 * exponentials up to |rho| = .7, 20 more for each halving of the distance.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "models/latent/binormal_internal.h"
#include <gsl/gsl_cdf.h>
#include <math.h>

/* Positive nodes and weights of the 20-point Gauss-Legendre rule on [-1, 1]
 * [Abramowitz & Stegun 1964, table 25.4]. */
enum { HALF = 10 };
static const double node[HALF] = {0.0765265211334973337546404, 0.2277858511416450780804962, 0.3737060887154195606725482,
                                  0.5108670019508270980043641, 0.6360536807265150254528367, 0.7463319064601507926143051,
                                  0.8391169718222188233945291, 0.9122344282513259058677524, 0.9639719272779137912676661,
                                  0.9931285991850949247861224};
static const double weight[HALF] = {
    0.1527533871307258506980843, 0.1491729864726037467878287, 0.1420961093183820513292983, 0.1316886384491766268984945,
    0.1181945319615184173123774, 0.1019301198172404350367501, 0.0832767415767047487247581, 0.0626720483341090635695065,
    0.0406014298003869413310400, 0.0176140071391521183118620};

static const double half_pi = 1.5707963267948966, two_pi = 6.283185307179586;

double syi_normal_density(double x)
{
    return isinf(x) ? 0 : exp(-0.5 * x * x) / sqrt(two_pi);
}

double syi_normal_below(double x)
{
    return x == -HUGE_VAL ? 0 : x == HUGE_VAL ? 1 : gsl_cdf_ugaussian_P(x);
}

double syi_binormal_density(double a, double b, double rho)
{
    if (isinf(a) || isinf(b)) return 0;
    const double left = (1 - rho) * (1 + rho), gap = a - b;
    /* a^2 - 2 rho a b + b^2 without cancellation near rho = 1 and -1 */
    const double form = rho > 0 ? gap * gap + 2 * (1 - rho) * a * b : (a + b) * (a + b) - 2 * (1 + rho) * a * b;
    return exp(-0.5 * form / left) / (two_pi * sqrt(left));
}

double syi_binormal_density_rho(double a, double b, double rho)
{
    if (isinf(a) || isinf(b)) return 0;
    const double left = (1 - rho) * (1 + rho);
    const double slope = rho / left + (a * b * (1 + rho * rho) - rho * (a * a + b * b)) / (left * left);
    return syi_binormal_density(a, b, rho) * slope;
}

double syi_binormal_density_a(double a, double b, double rho)
{
    if (isinf(a) || isinf(b)) return 0;
    return -syi_binormal_density(a, b, rho) * (a - rho * b) / ((1 - rho) * (1 + rho));
}

/* Integral of the density by angle over [from, to], angles counted back from
 * pi/2 (to < from), for rho >= 0. */
static double part(double a, double b, double from, double to)
{
    const double middle = 0.5 * (from + to), reach = 0.5 * (from - to), gap = (a - b) * (a - b);
    double sum = 0;
    for (int i = 0; i < HALF; i++)
        for (int side = -1; side <= 1; side += 2) {
            const double back = middle + side * reach * node[i], half = sin(0.5 * back), sine = sin(back);
            /* 1 - sin t = 2 sin^2(back / 2), cos t = sin(back) */
            sum += weight[i] * exp(-0.5 * (gap + 4 * half * half * a * b) / (sine * sine));
        }
    return reach * sum / two_pi;
}

/* From angle `from` to angle `to`, in parts that halve the distance to pi/2. */
static double along(double a, double b, double from, double to)
{
    double sum = 0;
    while (from > to) {
        const double next = 0.5 * from > to ? 0.5 * from : to;
        sum += part(a, b, from, next);
        from = next;
    }
    return sum;
}

double syi_binormal_below(double a, double b, double rho)
{
    if (a == -HUGE_VAL || b == -HUGE_VAL) return 0;
    if (a == HUGE_VAL) return syi_normal_below(b);
    if (b == HUGE_VAL) return syi_normal_below(a);
    if (rho < 0) return fmax(0, syi_normal_below(a) - syi_binormal_below(a, -b, -rho));
    if (rho >= 1) return syi_normal_below(a < b ? a : b);
    const double back = 2 * asin(sqrt(0.5 * (1 - rho))); /* pi/2 - asin(rho) */
    if (back > 1e-3) return syi_normal_below(a) * syi_normal_below(b) + along(a, b, half_pi, back);
    /* what lies beyond rho, down to where nothing is left to add */
    return syi_normal_below(a < b ? a : b) - along(a, b, back, back * 1e-14);
}
