/* Double-double numbers: an unevaluated sum hi + lo with |lo| <= ulp(hi)/2,
 * about 31 decimal digits [Dekker 1971, doi:10.1007/BF01397083; Hida, Li &
 * Bailey 2001]. Error bounds (u = 2^-53): sum 3u^2, product 5u^2, quotient
 * 10u^2 [Joldes, Muller & Popescu 2017, doi:10.1145/3121432]. Products use
 * fma(): one instruction where the processor has it, the C library otherwise,
 * the same bits.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TWOFOLD_INTERNAL_H
#define SYI_TWOFOLD_INTERNAL_H
#include <math.h>
#include <stddef.h>

typedef struct {
    double hi, lo;
} syi_dd;

static inline syi_dd syi_dd_of(double a)
{
    return (syi_dd){a, 0};
}
static inline double syi_dd_round(syi_dd a)
{
    return a.hi + a.lo;
}
static inline syi_dd syi_dd_neg(syi_dd a)
{
    return (syi_dd){-a.hi, -a.lo};
}

/* |a| >= |b| or a = 0 */
static inline syi_dd syi_quick_two_sum(double a, double b)
{
    const double s = a + b;
    return (syi_dd){s, b - (s - a)};
}

static inline syi_dd syi_two_sum(double a, double b)
{
    const double s = a + b, t = s - a;
    return (syi_dd){s, (a - (s - t)) + (b - t)};
}

static inline syi_dd syi_two_product(double a, double b)
{
    const double p = a * b;
    return (syi_dd){p, fma(a, b, -p)};
}

static inline syi_dd syi_dd_add(syi_dd a, syi_dd b)
{
    syi_dd s = syi_two_sum(a.hi, b.hi);
    const syi_dd t = syi_two_sum(a.lo, b.lo);
    s = syi_quick_two_sum(s.hi, s.lo + t.hi);
    return syi_quick_two_sum(s.hi, s.lo + t.lo);
}

static inline syi_dd syi_dd_sub(syi_dd a, syi_dd b)
{
    return syi_dd_add(a, syi_dd_neg(b));
}

static inline syi_dd syi_dd_mul(syi_dd a, syi_dd b)
{
    const syi_dd p = syi_two_product(a.hi, b.hi);
    return syi_quick_two_sum(p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi));
}

static inline syi_dd syi_dd_mul_d(syi_dd a, double b)
{
    const syi_dd p = syi_two_product(a.hi, b);
    return syi_quick_two_sum(p.hi, fma(a.lo, b, p.lo));
}

static inline syi_dd syi_dd_div(syi_dd a, syi_dd b)
{
    const double q1 = a.hi / b.hi;
    syi_dd r = syi_dd_sub(a, syi_dd_mul_d(b, q1));
    const double q2 = r.hi / b.hi;
    r = syi_dd_sub(r, syi_dd_mul_d(b, q2));
    return syi_dd_add(syi_quick_two_sum(q1, q2), syi_dd_of(r.hi / b.hi));
}

/* 0 for a <= 0 */
static inline syi_dd syi_dd_sqrt(syi_dd a)
{
    if (!(a.hi > 0)) return syi_dd_of(0);
    const double r = sqrt(a.hi);
    const syi_dd d = syi_dd_sub(a, syi_two_product(r, r));
    const syi_dd one = syi_quick_two_sum(r, d.hi / (2 * r));
    const syi_dd e = syi_dd_sub(a, syi_dd_mul(one, one));
    return syi_dd_add(one, syi_dd_of(e.hi / (2 * r)));
}

static inline int syi_dd_less(syi_dd a, syi_dd b)
{
    return a.hi < b.hi || (a.hi == b.hi && a.lo < b.lo);
}

/* Decimal reading of a column. The least k in 0..15 such that every finite
 * value is m / 10^k for a whole number |m| <= 1e15 and reads back to the same
 * double; -1 when there is none. NaN is skipped. Given up at the first value
 * that fails. */
int syi_decimal_places(const double *x, ptrdiff_t n);

/* The same piece by piece: start with places = 0 and *largest = 0, and give the
 * result to the call for the next piece; -1 stays -1. */
int syi_decimal_places_from(const double *x, ptrdiff_t n, int places, double *largest);

/* 10^places; 0 for places = -1. */
double syi_decimal_ten(int places);

/* The decimal m / 10^k that x prints as, in double-double; x itself for k < 0. */
syi_dd syi_decimal_read(double x, int places);
#endif
