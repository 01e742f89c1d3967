/* Rows turned into orthonormal columns: z_j = sum over i >= j of l_ij x_i, and
 * the residual y - x'b as column 0, for a tile of rows.
 *
 * An entry is one chain of fused multiply-adds over i, whatever the width of the
 * registers, so AVX2 and AVX-512 give the same bits; a processor without fused
 * multiply-add rounds products and sums apart, as the kernels of the moments do.
 * Cost: n rank^2 / 2 multiply-adds, and n rank for the residual.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "models/vcov/vcov_internal.h"
#ifdef SYI_HAVE_X86
#include <immintrin.h>
#endif

#define K_NAME(f) f##_baseline
#define K_TARGET
#define K_V double
#define K_WIDTH 1
#define K_LOAD(p) (*(p))
#define K_STORE(p, v) (*(p) = (v))
#define K_SET(a) (a)
#if defined(__FP_FAST_FMA) && !defined(SYI_HAVE_X86)
#define K_MAC(a, b, c) fma(a, b, c)
#else
#define K_MAC(a, b, c) ((a) * (b) + (c))
#endif
#include "models/vcov/vcov_whiten_kernel.h"

#ifdef SYI_HAVE_X86
#define K_NAME(f) f##_avx2
#define K_TARGET SYI_TARGET_AVX2
#define K_V __m256d
#define K_WIDTH 4
#define K_LOAD(p) _mm256_load_pd(p)
#define K_STORE(p, v) _mm256_store_pd(p, v)
#define K_SET(a) _mm256_set1_pd(a)
#define K_MAC(a, b, c) _mm256_fmadd_pd(a, b, c)
#include "models/vcov/vcov_whiten_kernel.h"

#define K_NAME(f) f##_avx512
#define K_TARGET SYI_TARGET_AVX512
#define K_V __m512d
#define K_WIDTH 8
#define K_LOAD(p) _mm512_load_pd(p)
#define K_STORE(p, v) _mm512_store_pd(p, v)
#define K_SET(a) _mm512_set1_pd(a)
#define K_MAC(a, b, c) _mm512_fmadd_pd(a, b, c)
#include "models/vcov/vcov_whiten_kernel.h"
#endif

typedef void (*whiten)(int rows, int first, int wide, const double *kernel, const double *x, int groups, double *z);

static whiten kernel_of(int simd)
{
#ifdef SYI_HAVE_X86
    if (simd == SYI_AVX512) return whiten_avx512;
    if (simd == SYI_AVX2) return whiten_avx2;
#endif
    (void)simd;
    return whiten_baseline;
}

void syi_vcov_whiten(int simd, int rank, const double *kernel, const double *x, int groups, double *z)
{
    const int wide = syi_basis_wide(rank);
    const whiten run = kernel_of(simd);
    for (int j = 0; j < wide; j += 8)
        run(rank + 1, j > 0 ? j - 1 : 0, wide, kernel + j, x, groups, z + (ptrdiff_t)j * SYI_STEP);
}

void syi_vcov_residual(int simd, int rank, const double *b, const double *y, int groups, double *z)
{
#ifdef SYI_HAVE_X86
    if (simd == SYI_AVX512) {
        residual_avx512(rank, b, y, groups, z);
        return;
    }
    if (simd == SYI_AVX2) {
        residual_avx2(rank, b, y, groups, z);
        return;
    }
#endif
    (void)simd;
    residual_baseline(rank, b, y, groups, z);
}
