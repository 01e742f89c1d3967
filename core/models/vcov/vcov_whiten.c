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

#define SYI_KERNEL "models/vcov/vcov_whiten_kernel.h"
#include "algebra/widths.h"

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
