/* Weighted cross-products of the columns of a tile.
 *
 * X'WX by blocks of four columns against four, sixteen chains in registers,
 * and the products of other columns with X beside it: for a likelihood, left
 * holds the scores and whatever else meets the columns. Row i of a tile belongs
 * to lane i mod 8; AVX-512 holds the eight lanes in one register, AVX2 in two,
 * the baseline walks them one by one with fma(). Plain double: errors grow as
 * the root of the rows over eight, which leaves a Newton step 13 digits and
 * more. Cost: n_x (n_x + 4) / 2 + n_left n_x multiply-adds a row, the columns
 * read from the nearest cache when the tile fits there.
 * Blocking for registers: Goto & van de Geijn 2008, doi:10.1145/1356052.1356053.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/gram_internal.h"
#include <math.h>

/* Accumulators of four columns against four, and of one against four. */
enum { PAIR = 4 * 4 * 8, LINE = 4 * 8 };

#define SYI_KERNEL "algebra/gram_kernel.h"
#include "algebra/widths.h"

size_t syi_gram_room(int n_x, int n_left)
{
    const size_t blocks = (size_t)(n_x + 3) / 4, left = (size_t)n_left;
    return (blocks * (blocks + 1) / 2 + left / 4 * blocks) * PAIR + left % 4 * blocks * LINE;
}

size_t syi_gram_scratch(int groups)
{
    return (size_t)4 * 8 * (size_t)groups;
}

void syi_gram_add(int simd, const syi_gram *tile, double *scratch, double *acc)
{
#ifdef SYI_HAVE_X86
    if (simd == SYI_AVX512) {
        add_avx512(tile, scratch, acc);
        return;
    }
    if (simd == SYI_AVX2) {
        add_avx2(tile, scratch, acc);
        return;
    }
#endif
    (void)simd;
    add_baseline(tile, scratch, acc);
}

static double tree(const double *s)
{
    return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

/* sum[row * n_x + column] += the lanes of `rows` rows against four columns. */
static const double *flush(const double *acc, int rows, int n_x, int column, double *sum)
{
    for (int a = 0; a < rows; a++)
        for (int b = 0; b < 4; b++, acc += 8)
            if (sum && column + b < n_x) sum[(ptrdiff_t)a * n_x + column + b] += tree(acc);
    return acc;
}

static const double *flush_triangle(const double *acc, int i, int j, int n_x, double *xx)
{
    for (int a = 4 * i; a < 4 * i + 4; a++)
        for (int b = 4 * j; b < 4 * j + 4; b++, acc += 8) {
            if (!xx || a > b || b >= n_x) continue;
            const double sum = tree(acc);
            xx[(ptrdiff_t)a * n_x + b] += sum;
            if (a < b) xx[(ptrdiff_t)b * n_x + a] += sum;
        }
    return acc;
}

void syi_gram_sum(int n_x, int n_left, const double *acc, double *xx, double *lx)
{
    const int blocks = (n_x + 3) / 4, full = n_left / 4 * 4;
    for (int i = 0; i < blocks; i++)
        for (int j = i; j < blocks; j++) acc = flush_triangle(acc, i, j, n_x, xx);
    for (int l = 0; l < n_left; l += l < full ? 4 : 1)
        for (int j = 0; j < blocks; j++)
            acc = flush(acc, l < full ? 4 : 1, n_x, 4 * j, lx ? lx + (ptrdiff_t)l * n_x : NULL);
}
