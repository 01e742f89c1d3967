/* Sums a cluster of rows that lie scattered: products of whole rows (vcov_outer.c),
 * and the pass over the rows (vcov_scattered.c).
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_VCOV_SCATTERED_INTERNAL_H
#define SYI_VCOV_SCATTERED_INTERNAL_H
#include "models/vcov/vcov_internal.h"

/* Columns of a block, and the doubles of a vector at most. */
enum { SYI_OUTER = 8 };
#define SYI_OUTER_WIDEST 8

static inline int syi_outer_wide(int order)
{
    return (order + SYI_OUTER - 1) / SYI_OUTER * SYI_OUTER;
}
/* Doubles of the sums: blocks [8][8] by rows of the upper triangle of blocks. */
static inline size_t syi_outer_length(int wide)
{
    const size_t blocks = (size_t)wide / SYI_OUTER;
    return blocks * (blocks + 1) / 2 * SYI_OUTER * SYI_OUTER;
}

/* `columns` columns, `step` doubles apart, into rows of `wide` doubles. Columns up
 * to a multiple of four are there; rows is a multiple of four. */
void syi_outer_rows(int simd, const double *x, ptrdiff_t step, int columns, int rows, double *out, int wide);

/* acc += left' right over rows row[0 .. count - 1]. Everything aligned to 64 bytes. */
void syi_outer_add(int simd, int wide, const double *left, const double *right, const int *row, int count, double *acc);

/* 1 where the rows of a set lie so scattered that they are better read as they lie;
 * and the sums and rows of such sets, s being laid out. */
int syi_sums_scattered(const syi_basis *b, const syi_sorted *sorted, int order);
sy_status syi_scattered_sums(sy_context *ctx, const syi_basis *b, const syi_sorted *sorted, int doubled,
                             syi_cluster_sums *s);

/* After a tile, in `rows` rows: doubled, the columns times w behind them; else left
 * = w right. Nothing without weights. */
void syi_basis_weigh(const syi_basis *b, syi_basis_worker *w, int doubled, int rows);
#endif
