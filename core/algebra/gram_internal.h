/* Weighted cross-products of the columns of a tile, given by pointers: nothing
 * is copied and any subset of columns can be taken. What one pass over the rows
 * needs for gradient and information of a likelihood.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_GRAM_INTERNAL_H
#define SYI_GRAM_INTERNAL_H
#include <stddef.h>

/* A tile of 8 * groups rows: n_x columns x, n_left columns left, all aligned to
 * 64 bytes. x has SYI_GRAM_PAD(n_x) pointers; those behind the n_x-th may be any
 * column of finite numbers, such as x[0]. weight [8 * groups], or NULL for ones. */
#define SYI_GRAM_PAD(n) (((n) + 3) / 4 * 4)
typedef struct {
    int n_x, n_left, groups;
    const double *const *x, *const *left;
    const double *weight;
} syi_gram;

/* Doubles of the accumulators (zero at first), and of the scratch for tiles of
 * at most so many groups. */
size_t syi_gram_room(int n_x, int n_left);
size_t syi_gram_scratch(int groups);

/* acc += x' diag(weight) x (upper triangle) and left' x. The same bits on
 * AVX-512, AVX2 and the baseline: row i of a tile belongs to lane i mod 8, one
 * chain of fused multiply-adds a lane. Cost: 8 * groups * (n_x (n_x + 4) / 2 +
 * n_left n_x). */
void syi_gram_add(int simd, const syi_gram *tile, double *scratch, double *acc);

/* The lanes added up as a fixed tree and added to xx [n_x * n_x], full, and lx
 * [n_left * n_x] (either may be NULL); acc is as it was. */
void syi_gram_sum(int n_x, int n_left, const double *acc, double *xx, double *lx);
#endif
