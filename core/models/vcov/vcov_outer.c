/* Sums of products of whole rows: rows side by side in memory, the sums one
 * block of 8 by 8 columns after the other.
 *
 *   acc_ij += left_ri right_rj for the listed rows r, blocks i <= j.
 * An entry is one chain of fused multiply-adds over the rows as listed, whatever
 * the width of the registers: lanes lie along the columns. So a cluster's sums
 * take 8 bytes an entry, an eighth of what lanes along the rows take
 * (lanes_internal.h), and sums of many clusters stay in the cache at once. A
 * processor without fused multiply-add rounds products and sums apart.
 * Cost: n order^2 / 2 multiply-adds.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "models/vcov/vcov_scattered_internal.h"
#include <math.h>

enum { ENTRIES = SYI_OUTER * SYI_OUTER };

#define SYI_KERNEL "models/vcov/vcov_outer_kernel.h"
#include "algebra/widths.h"

#ifdef SYI_HAVE_X86

/* Four columns of rows into four rows of columns, for `rows` rows, a multiple of four. */
SYI_TARGET_AVX2 static void turn_four(const double *x, ptrdiff_t step, int rows, double *out, ptrdiff_t wide)
{
    for (ptrdiff_t r = 0; r < rows; r += 4) {
        const __m256d a = _mm256_load_pd(x + r), b = _mm256_load_pd(x + step + r);
        const __m256d c = _mm256_load_pd(x + 2 * step + r), d = _mm256_load_pd(x + 3 * step + r);
        const __m256d e = _mm256_unpacklo_pd(a, b), f = _mm256_unpackhi_pd(a, b);
        const __m256d g = _mm256_unpacklo_pd(c, d), h = _mm256_unpackhi_pd(c, d);
        double *to = out + r * wide;
        _mm256_store_pd(to, _mm256_permute2f128_pd(e, g, 0x20));
        _mm256_store_pd(to + wide, _mm256_permute2f128_pd(f, h, 0x20));
        _mm256_store_pd(to + 2 * wide, _mm256_permute2f128_pd(e, g, 0x31));
        _mm256_store_pd(to + 3 * wide, _mm256_permute2f128_pd(f, h, 0x31));
    }
}
#endif

void syi_outer_rows(int simd, const double *x, ptrdiff_t step, int columns, int rows, double *out, int wide)
{
    for (int c = 0; c < columns; c += 4) {
        const double *from = x + c * step;
#ifdef SYI_HAVE_X86
        if (simd != SYI_BASELINE) {
            turn_four(from, step, rows, out + c, wide);
            continue;
        }
#endif
        (void)simd;
        for (ptrdiff_t r = 0; r < rows; r++)
            for (int k = 0; k < 4; k++) out[r * wide + c + k] = from[k * step + r];
    }
}

void syi_outer_add(int simd, int wide, const double *left, const double *right, const int *row, int count, double *acc)
{
#ifdef SYI_HAVE_X86
    if (simd == SYI_AVX512) {
        outer_avx512(wide, left, right, row, count, acc);
        return;
    }
    if (simd == SYI_AVX2) {
        outer_avx2(wide, left, right, row, count, acc);
        return;
    }
#endif
    (void)simd;
    outer_baseline(wide, left, right, row, count, acc);
}
