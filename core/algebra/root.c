/* The zero of a curve between two points of opposite sign.
 *
 * Inverse quadratic interpolation through the last three points where they are
 * far enough from a bend, else the middle; the bracket never opens. No
 * derivative is needed and no start can fail. Cost: about 10 evaluations, at
 * worst those of bisection twice over.
 * Chandrupatla 1997, doi:10.1016/S0965-9978(96)00051-8.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/root_internal.h"
#include <float.h>
#include <math.h>

enum { MOST_STEPS = 200 };

/* Where between the two ends to look next, 0 to 1. c is the end given up last. */
static double next_place(double a, double at_a, double b, double at_b, double c, double at_c)
{
    const double xi = (a - b) / (c - b), phi = (at_a - at_b) / (at_c - at_b);
    if (!(phi * phi < xi && (1 - phi) * (1 - phi) < 1 - xi)) return 0.5;
    return at_a / (at_b - at_a) * at_c / (at_b - at_c) +
           (c - a) / (b - a) * at_a / (at_c - at_a) * at_b / (at_c - at_b);
}

double syi_root(syi_curve curve, const void *arg, double a, double at_a, double b, double at_b, double least)
{
    if (at_a == 0) return a;
    if (at_b == 0) return b;
    if (!(at_a > 0 ? at_b < 0 : at_a < 0 && at_b > 0)) return NAN;
    double c = a, at_c = at_a, place = 0.5, best = a;
    for (int step = 0; step < MOST_STEPS; step++) {
        const double x = a + place * (b - a), at_x = curve(x, arg);
        if (isnan(at_x)) return NAN;
        if ((at_x > 0) == (at_a > 0)) {
            c = a;
            at_c = at_a;
        } else {
            c = b;
            at_c = at_b;
            b = a;
            at_b = at_a;
        }
        a = x;
        at_a = at_x;
        best = fabs(at_a) < fabs(at_b) ? a : b;
        const double close = fmax(4 * DBL_EPSILON * fabs(best), least) / fabs(b - a);
        if (close > 0.5 || at_a == 0) break;
        place = next_place(a, at_a, b, at_b, c, at_c);
        place = fmin(fmax(place, close), 1 - close);
    }
    return best;
}
