/* Orders of entry side by side for AVX2: the eight lanes in two passes of four, the same
 * operations in each lane as in chain_avx512.c, hence the same bits.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#ifdef SYI_HAVE_X86
#include <immintrin.h>
#define WIDTH 4
#define TARGET SYI_TARGET_AVX2
#define FUSED 1
#define FMA(a, b, c) _mm256_fmadd_pd(a, b, c)
#define FNMA(a, b, c) _mm256_fnmadd_pd(a, b, c)
#define GATHER(base, index) _mm256_i32gather_pd(base, (__m128i)(index), 8)
#define KERNEL syi_chain_avx2
#include "shares/chain_kernel.h"
#endif
