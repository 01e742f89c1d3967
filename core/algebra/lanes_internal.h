/* The inner loops of the moments: sums of products of columns over eight lanes.
 *
 * One definition for every processor. Row i of a tile belongs to lane i mod 8;
 * each pair of columns has one chain of fused multiply-adds a lane (double) or
 * one two-product and accurate addition a lane (double-double); the lanes are
 * added as the fixed tree ((0+1)+(2+3))+((4+5)+(6+7)). AVX-512 holds the eight
 * lanes in one register, AVX2 walks the cached tile twice with four, the
 * baseline walks it lane by lane: the same bits, but for double on a processor
 * without fused multiply-add, where product and sum are rounded apart.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_LANES_INTERNAL_H
#define SYI_LANES_INTERNAL_H
#include <stddef.h>

enum { SYI_LANES = 8, SYI_BLOCK = 4, SYI_BLOCK_PAIR = SYI_BLOCK * SYI_BLOCK * SYI_LANES };

/* Columns are padded to blocks of four; a plane of accumulators holds one
 * [4][4][8] for each pair of blocks, by rows of the upper triangle. */
static inline int syi_lanes_blocks(int order)
{
    return (order + SYI_BLOCK - 1) / SYI_BLOCK;
}
static inline size_t syi_lanes_room(int order)
{
    const size_t blocks = (size_t)syi_lanes_blocks(order);
    return blocks * (blocks + 1) / 2 * SYI_BLOCK_PAIR;
}

/* The kernels to use: what the processor has, no wider than asked. */
int syi_lanes_width(int simd);
/* 1 when the double kernel of that width rounds products and sums apart. */
int syi_lanes_unfused(int simd);

/* A tile: `blocks` * 4 columns, `step` doubles apart, of `groups` * 8 rows.
 * left is weight * right, or right itself. Everything aligned to 64 bytes. */
typedef struct {
    int blocks, groups;
    ptrdiff_t step;
    const double *left, *left_lo, *right, *right_lo; /* the lo planes: double-double only */
} syi_tile;

/* acc += left' right over the tile. */
void syi_lanes_double(int simd, const syi_tile *tile, double *acc);
void syi_lanes_twofold(int simd, const syi_tile *tile, double *acc, double *acc_lo);

/* Adds the lanes to the packed triangle (sum, sum_lo) of that order in double-
 * double and sets them to zero. acc_lo = NULL: the double kernel's lanes. */
void syi_lanes_flush(int simd, int order, double *acc, double *acc_lo, double *sum, double *sum_lo);

/* out = x - shift for n values; non-zero when one of them is not finite. Asks
 * for the cache lines of `ahead` values behind the last one. */
int syi_lanes_shift(int simd, const double *x, int n, double shift, double *out, int ahead);

/* hi + lo = the decimal m / ten that x prints as (x itself for ten = 0), less
 * the shift; non-zero when one of them is not finite. */
int syi_lanes_shift_twofold(int simd, const double *x, int n, double ten, double shift, double *hi, double *lo);

/* Non-zero when some x is not m / ten for a whole |m| <= 1e15, or not finite
 * (NaN passes); *largest grows to the largest |x|. */
int syi_lanes_no_decimals(int simd, const double *x, int n, double ten, double *largest);

/* sum += factor * (hi + lo), entry by entry, double-double; lo may be NULL. */
void syi_lanes_add(int simd, size_t n, double factor, const double *hi, const double *lo, double *sum, double *sum_lo);
#endif
