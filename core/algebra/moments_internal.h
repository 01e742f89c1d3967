/* What the floors above take from a set of moments.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_MOMENTS_INTERNAL_H
#define SYI_MOMENTS_INTERNAL_H
#include "algebra/twofold_internal.h"
#include "steelyard/moments.h"

/* The sums of a weighted set of units: counts and the packed cross-products,
 * hi and lo plane each (q+1)(q+2)/2 long (index 0 the intercept). */
typedef struct {
    double n, sum_w2; /* n by the weight rule; sum of squared weights */
    double *hi, *lo;
} syi_sums;

static inline size_t syi_packed_length(int q)
{
    return (size_t)(q + 1) * (size_t)(q + 2) / 2;
}
/* place of (i, j), i <= j, in the packed upper triangle by rows of order q + 1 */
static inline size_t syi_packed_at(int q, int i, int j)
{
    return (size_t)i * (size_t)(2 * (q + 1) - i + 1) / 2 + (size_t)(j - i);
}

/* Sum over units, in index order, of multiplier[g] * M_g (NULL: all ones), in
 * double-double. Cost: n_units q^2 / 2. */
void syi_moments_total(const sy_moments *m, const double *multiplier, syi_sums *out);

/* out = total less `part` of unit g (1: the delete-one sums; 1 / f: one of the f
 * people a row of frequency f stands for). Cost: q^2 / 2. */
void syi_moments_without(const sy_moments *m, const syi_sums *total, ptrdiff_t g, double part, syi_sums *out);

/* Centred cross-products of chosen columns, double-double: out [k * k] full,
 * row-major. Entry (a, b) = sum w (x_a - mean)(x_b - mean). */
void syi_moments_centred(const sy_moments *m, const syi_sums *sums, int k, const int *column, syi_dd *out);

/* 1 when a column does not vary within any unit (clusters only; else 0). */
int syi_moments_constant_within(const sy_moments *m, int column);
#endif
