/* Rows turned into a triangle, a tile at a time: the inner loops of QR from
 * rows. Row i of a tile belongs to lane i mod 8 and lanes are added as a fixed
 * tree, as in algebra/lanes_internal.h: the same bits at any width.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TURN_INTERNAL_H
#define SYI_TURN_INTERNAL_H
#include "algebra/twofold_internal.h"

/* r [order * order], row-major, upper: R'R grows by B'B, B the `rows` (a
 * multiple of eight) of a tile: column c at hi + c * step, lo likewise (NULL: in
 * double). B is overwritten. Aligned to 64 bytes.
 * Cost: 2 rows order^2. */
void syi_turn(int simd, int order, syi_dd *r, int rows, ptrdiff_t step, double *hi, double *lo);
#endif
