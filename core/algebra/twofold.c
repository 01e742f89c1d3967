/* Decimal reading: the number a double was typed as.
 *
 * A column printed with k decimals holds, as doubles, the roundings of m / 10^k
 * for whole m. Reading it back is exact: for |m| <= 1e15 < 2^53 and k <= 15
 * both m and 10^k are doubles, so the correctly rounded quotient m / 10^k is
 * the double a correct parser gives, and x 10^k differs from m by less than
 * 1e15 * 2^-52 < 1/2, so rounding it finds m. What is read lies within half an
 * ulp of the double: never a worse reading of the data, and the right one
 * where the data were decimals. Cost: one division a value.
 * [Goldberg 1991, doi:10.1145/103162.103163]
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/lanes_internal.h"
#include "algebra/twofold_internal.h"

enum { MOST_PLACES = 15, PIECE = 64 };
#define MOST_WHOLE 1e15

double syi_decimal_ten(int places)
{
    static const double ten[MOST_PLACES + 1] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    return places < 0 ? 0 : ten[places];
}

static int reads_back(double x, int places)
{
    const double ten = syi_decimal_ten(places), m = rint(x * ten);
    return fabs(m) <= MOST_WHOLE && m / ten == x;
}

int syi_decimal_places_from(const double *x, ptrdiff_t n, int places, double *largest)
{
    ptrdiff_t i = 0;
    /* as long as the places found so far will do, many values at a time */
    for (const int simd = syi_simd_widest(); places >= 0 && n - i >= PIECE; i += PIECE) {
        double high = *largest;
        if (syi_lanes_no_decimals(simd, x + i, PIECE, syi_decimal_ten(places), &high)) break;
        *largest = high;
    }
    if (places >= 0 && !(rint(*largest * syi_decimal_ten(places)) <= MOST_WHOLE)) return -1;
    for (; i < n && places >= 0; i++) {
        if (!isfinite(x[i])) continue;
        if (fabs(x[i]) > *largest) *largest = fabs(x[i]);
        while (places >= 0 && !reads_back(x[i], places)) places = places == MOST_PLACES ? -1 : places + 1;
        /* more places shorten the reach of the values already passed */
        if (places >= 0 && !(rint(*largest * syi_decimal_ten(places)) <= MOST_WHOLE)) places = -1;
    }
    return places;
}

int syi_decimal_places(const double *x, ptrdiff_t n)
{
    double largest = 0;
    return syi_decimal_places_from(x, n, 0, &largest);
}

syi_dd syi_decimal_read(double x, int places)
{
    if (places <= 0 || !isfinite(x)) return syi_dd_of(x);
    const double ten = syi_decimal_ten(places), m = rint(x * ten);
    return syi_quick_two_sum(x, fma(-x, ten, m) / ten);
}
