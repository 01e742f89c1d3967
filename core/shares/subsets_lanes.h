/* Numbers side by side, one submodel a lane: plain doubles (num_plain) and
 * double-doubles (num_twofold) with the operations of the tree. The file that
 * includes this defines WIDTH (lanes in a vector), TARGET (its function
 * attribute) and FMA(a, b, c) = ab + c, FNMA(a, b, c) = c - ab; FUSED tells
 * whether these round once.
 *
 * The double-double operations are the shorter ones of Dekker 1971
 * (doi:10.1007/BF01397083): their error is a few u^2, u = 2^-53, of the
 * operands rather than of the result. That is enough here, since every entry
 * is a difference from a unit diagonal and a pivot is only as good as that.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "shares/subsets_plan_internal.h"
#include <string.h>

typedef double vec __attribute__((vector_size(WIDTH * 8)));
typedef long long mask __attribute__((vector_size(WIDTH * 8)));
typedef vec num_plain;
typedef struct {
    vec hi, lo;
} num_twofold;

#define INLINE static inline __attribute__((always_inline)) TARGET
#if defined(__clang__)
#define UNROLL /* it unrolls loops of constant length by itself */
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

INLINE vec spread(double a)
{
    return a - (vec){0};
}
INLINE vec keep(mask m, vec a)
{
    return (vec)(m & (mask)a);
}

INLINE vec load(const double *a)
{
    vec v;
    memcpy(&v, a, sizeof v);
    return v;
}

INLINE void store(double *a, vec v)
{
    memcpy(a, &v, sizeof v);
}

INLINE num_twofold quick_two_sum(vec a, vec b)
{
    const vec s = a + b;
    return (num_twofold){s, b - (s - a)};
}

#if FUSED
INLINE num_twofold two_product(vec a, vec b)
{
    const vec p = a * b;
    return (num_twofold){p, FMA(a, b, -p)};
}
#else
/* Veltkamp's split: the same exact error term without a fused step */
INLINE num_twofold two_product(vec a, vec b)
{
    const vec p = a * b, s = 134217729.0 * a, t = 134217729.0 * b;
    const vec ah = s - (s - a), al = a - ah, bh = t - (t - b), bl = b - bh;
    return (num_twofold){p, al * bl - (((p - ah * bh) - al * bh) - ah * bl)};
}
#endif

INLINE num_plain set_plain(syi_dd a)
{
    return spread(a.hi + a.lo);
}
INLINE num_twofold set_twofold(syi_dd a)
{
    return (num_twofold){spread(a.hi), spread(a.lo)};
}

INLINE vec value_plain(num_plain a)
{
    return a;
}
INLINE vec value_twofold(num_twofold a)
{
    return a.hi + a.lo;
}

/* 1 / pivot in the lanes of `in`, 0 elsewhere: a column with reciprocal 0
 * leaves the matrix as it is. The plain tree's caller vouches for the pivots. */
INLINE num_plain reciprocal_plain(num_plain pivot, double least, mask in)
{
    (void)least;
    return keep(in, 1.0 / pivot);
}

INLINE num_twofold reciprocal_twofold(num_twofold pivot, double least, mask in)
{
    const vec q = 1.0 / pivot.hi;
    const num_twofold p = two_product(pivot.hi, q);
    const vec r = FNMA(pivot.lo, q, (1.0 - p.hi) - p.lo);
    const num_twofold d = quick_two_sum(q, q * r);
    const mask taken = in & (pivot.hi >= spread(least));
    return (num_twofold){keep(taken, d.hi), keep(taken, d.lo)};
}

INLINE num_plain times_plain(num_plain a, num_plain b)
{
    return a * b;
}

INLINE num_twofold times_twofold(num_twofold a, num_twofold b)
{
    const num_twofold p = two_product(a.hi, b.hi);
    return quick_two_sum(p.hi, FMA(a.hi, b.lo, FMA(a.lo, b.hi, p.lo)));
}

/* c - a b */
INLINE num_plain less_plain(num_plain a, num_plain b, num_plain c)
{
    return FNMA(a, b, c);
}

INLINE num_twofold less_twofold(num_twofold a, num_twofold b, num_twofold c)
{
    const num_twofold p = two_product(a.hi, b.hi);
    const vec e = FMA(a.hi, b.lo, FMA(a.lo, b.hi, p.lo));
    const vec s = c.hi - p.hi, t = s - c.hi;
    return quick_two_sum(s, ((c.hi - (s - t)) - (p.hi + t)) + (c.lo - e));
}

/* The corner after the last column, in plain double: what a column adds is
 * known to 3u, whatever came before. */
INLINE vec last_plain(num_plain pivot, num_plain with_outcome, num_plain corner, double least)
{
    (void)least;
    return FNMA(with_outcome / pivot, with_outcome, corner);
}

INLINE vec last_twofold(num_twofold pivot, num_twofold with_outcome, num_twofold corner, double least)
{
    const vec f = keep(pivot.hi >= spread(least), with_outcome.hi / pivot.hi);
    return corner.hi + FNMA(f, with_outcome.hi, corner.lo);
}
