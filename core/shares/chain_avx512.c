/* Orders of entry side by side for AVX-512: the eight lanes are one vector.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#ifdef SYI_HAVE_X86
#include <immintrin.h>
#define WIDTH 8
#define TARGET SYI_TARGET_AVX512
#define FUSED 1
#define FMA(a, b, c) _mm512_fmadd_pd(a, b, c)
#define FNMA(a, b, c) _mm512_fnmadd_pd(a, b, c)
#define GATHER(base, index) _mm512_i32gather_pd((__m256i)(index), base, 8)
#define KERNEL syi_chain_avx512
#include "shares/chain_kernel.h"
#endif
