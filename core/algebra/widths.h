/* Compiles the kernels of a file once for each width of registers, chosen at run
 * time: plain double, AVX2 with FMA, AVX-512. Use:
 *
 *     #define SYI_KERNEL "models/.../x_kernel.h"
 *     #include "algebra/widths.h"
 *
 * The kernel file writes functions K_NAME(f) with the attribute K_TARGET over vectors K_V of K_WIDTH doubles
 * by the operations below: the same operations in the same order, so the same
 * bits at every width with fused multiply-add. K_MAC adds a product and may
 * round it apart on a processor without. SYI_CALL(f, ...) calls the width `simd`.
 *
 * No guard: a file with several kernels includes this once for each.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifdef SYI_HAVE_X86
#include <immintrin.h>
#endif

#define K_NAME(f) f##_baseline
#define K_TARGET
#define K_V double
#define K_I int64_t
#define K_WIDTH 1
#define K_SPAN 2
#define K_DOWN 4
#define K_ROWS(f) f(0) f(1) f(2) f(3)
#define K_LOAD(p) (*(p))
#define K_LOADU(p) (*(p))
#define K_STORE(p, v) (*(p) = (v))
#define K_STOREU(p, v) (*(p) = (v))
#define K_SET(a) ((double)(a))
#define K_ADD(a, b) ((a) + (b))
#define K_SUB(a, b) ((a) - (b))
#define K_MUL(a, b) ((a) * (b))
#define K_DIV(a, b) ((a) / (b))
#define K_FMA(a, b, c) fma(a, b, c)
#define K_FMS(a, b, c) fma(a, b, -(c))
#if defined(__FP_FAST_FMA) && !defined(SYI_HAVE_X86)
#define K_MAC(a, b, c) fma(a, b, c)
#else
#define K_MAC(a, b, c) ((a) * (b) + (c))
#endif
#define K_RINT(a) rint(a)
#define K_ABS(a) fabs(a)
#define K_MIN(a, b) ((a) < (b) ? (a) : (b))
#define K_MAX(a, b) ((a) > (b) ? (a) : (b))
#define K_LT(a, b, v, w) ((a) < (b) ? (v) : (w))
#define K_LE(a, b, v, w) ((a) <= (b) ? (v) : (w))
#define K_ABOVE(a, b, x, y) ((a) > (b) ? (x) : (y))
#define K_SAME(a, b, x, y) ((a) < (b) || (a) > (b) ? (y) : (x))
#define K_ANY_ABOVE(a, b, seen) ((seen) | ((a) > (b)))
#define K_DIFFER(a, b, seen) ((seen) | ((a) < (b)) | ((a) > (b)))
#define K_BAD(v, seen) ((seen) | !isfinite(v))
#define K_GATHER(p) (*(p))
#define K_AHEAD(p) ((void)(p))
#define K_BITS(v) bits_of(v)
#define K_FROM(b) from_bits(b)
#define K_SETI(a) ((int64_t)(a))
#define K_ADDI(a, b) ((int64_t)((uint64_t)(a) + (uint64_t)(b)))
#define K_ANDI(a, b) ((a) & (b))
#define K_ORI(a, b) ((a) | (b))
#define K_LEFT52(a) ((int64_t)((uint64_t)(a) << 52))
#define K_RIGHT52(a) ((int64_t)((uint64_t)(a) >> 52))
#include SYI_KERNEL
#include "algebra/widths_end.h"

#ifdef SYI_HAVE_X86
#define K_NAME(f) f##_avx2
#define K_TARGET SYI_TARGET_AVX2
#define K_V __m256d
#define K_I __m256i
#define K_WIDTH 4
#define K_SPAN 2
#define K_DOWN 4
#define K_ROWS(f) f(0) f(1) f(2) f(3)
#define K_LOAD(p) _mm256_load_pd(p)
#define K_LOADU(p) _mm256_loadu_pd(p)
#define K_STORE(p, v) _mm256_store_pd(p, v)
#define K_STOREU(p, v) _mm256_storeu_pd(p, v)
#define K_SET(a) _mm256_set1_pd(a)
#define K_ADD(a, b) _mm256_add_pd(a, b)
#define K_SUB(a, b) _mm256_sub_pd(a, b)
#define K_MUL(a, b) _mm256_mul_pd(a, b)
#define K_DIV(a, b) _mm256_div_pd(a, b)
#define K_FMA(a, b, c) _mm256_fmadd_pd(a, b, c)
#define K_FMS(a, b, c) _mm256_fmsub_pd(a, b, c)
#define K_MAC(a, b, c) _mm256_fmadd_pd(a, b, c)
#define K_RINT(a) _mm256_round_pd(a, _MM_FROUND_CUR_DIRECTION)
#define K_ABS(a) _mm256_andnot_pd(_mm256_set1_pd(-0.0), a)
#define K_MIN(a, b) _mm256_min_pd(a, b)
#define K_MAX(a, b) _mm256_max_pd(a, b)
#define K_LT(a, b, v, w) _mm256_blendv_pd(w, v, _mm256_cmp_pd(a, b, _CMP_LT_OQ))
#define K_LE(a, b, v, w) _mm256_blendv_pd(w, v, _mm256_cmp_pd(a, b, _CMP_LE_OQ))
#define K_ABOVE(a, b, x, y) _mm256_blendv_pd(y, x, _mm256_cmp_pd(a, b, _CMP_GT_OQ))
#define K_SAME(a, b, x, y) _mm256_blendv_pd(y, x, _mm256_cmp_pd(a, b, _CMP_EQ_OQ))
#define K_ANY_ABOVE(a, b, seen) ((seen) | _mm256_movemask_pd(_mm256_cmp_pd(a, b, _CMP_GT_OQ)))
#define K_DIFFER(a, b, seen) ((seen) | _mm256_movemask_pd(_mm256_cmp_pd(a, b, _CMP_NEQ_OQ)))
#define K_BAD(v, seen)                                                                                                 \
    ((seen) | _mm256_movemask_pd(_mm256_cmp_pd(_mm256_sub_pd(v, v), _mm256_setzero_pd(), _CMP_NEQ_UQ)))
#define K_GATHER(p) _mm256_set_pd((p)[24], (p)[16], (p)[8], (p)[0])
#define K_AHEAD(p) _mm_prefetch((const char *)(p), _MM_HINT_T0)
#define K_BITS(v) _mm256_castpd_si256(v)
#define K_FROM(b) _mm256_castsi256_pd(b)
#define K_SETI(a) _mm256_set1_epi64x(a)
#define K_ADDI(a, b) _mm256_add_epi64(a, b)
#define K_ANDI(a, b) _mm256_and_si256(a, b)
#define K_ORI(a, b) _mm256_or_si256(a, b)
#define K_LEFT52(a) _mm256_slli_epi64(a, 52)
#define K_RIGHT52(a) _mm256_srli_epi64(a, 52)
#include SYI_KERNEL
#include "algebra/widths_end.h"

#define K_NAME(f) f##_avx512
#define K_TARGET SYI_TARGET_AVX512
#define K_V __m512d
#define K_I __m512i
#define K_WIDTH 8
#define K_SPAN 4
#define K_DOWN 8
#define K_ROWS(f) f(0) f(1) f(2) f(3) f(4) f(5) f(6) f(7)
#define K_LOAD(p) _mm512_load_pd(p)
#define K_LOADU(p) _mm512_loadu_pd(p)
#define K_STORE(p, v) _mm512_store_pd(p, v)
#define K_STOREU(p, v) _mm512_storeu_pd(p, v)
#define K_SET(a) _mm512_set1_pd(a)
#define K_ADD(a, b) _mm512_add_pd(a, b)
#define K_SUB(a, b) _mm512_sub_pd(a, b)
#define K_MUL(a, b) _mm512_mul_pd(a, b)
#define K_DIV(a, b) _mm512_div_pd(a, b)
#define K_FMA(a, b, c) _mm512_fmadd_pd(a, b, c)
#define K_FMS(a, b, c) _mm512_fmsub_pd(a, b, c)
#define K_MAC(a, b, c) _mm512_fmadd_pd(a, b, c)
#define K_RINT(a) _mm512_roundscale_pd(a, _MM_FROUND_CUR_DIRECTION)
#define K_ABS(a) _mm512_abs_pd(a)
#define K_MIN(a, b) _mm512_min_pd(a, b)
#define K_MAX(a, b) _mm512_max_pd(a, b)
#define K_LT(a, b, v, w) _mm512_mask_blend_pd(_mm512_cmp_pd_mask(a, b, _CMP_LT_OQ), w, v)
#define K_LE(a, b, v, w) _mm512_mask_blend_pd(_mm512_cmp_pd_mask(a, b, _CMP_LE_OQ), w, v)
#define K_ABOVE(a, b, x, y) _mm512_mask_blend_pd(_mm512_cmp_pd_mask(a, b, _CMP_GT_OQ), y, x)
#define K_SAME(a, b, x, y) _mm512_mask_blend_pd(_mm512_cmp_pd_mask(a, b, _CMP_EQ_OQ), y, x)
#define K_ANY_ABOVE(a, b, seen) ((seen) | _mm512_cmp_pd_mask(a, b, _CMP_GT_OQ))
#define K_DIFFER(a, b, seen) ((seen) | _mm512_cmp_pd_mask(a, b, _CMP_NEQ_OQ))
#define K_BAD(v, seen) ((seen) | _mm512_fpclass_pd_mask(v, 0x99))
#define K_GATHER(p) _mm512_set_pd((p)[56], (p)[48], (p)[40], (p)[32], (p)[24], (p)[16], (p)[8], (p)[0])
#define K_AHEAD(p) _mm_prefetch((const char *)(p), _MM_HINT_T0)
#define K_BITS(v) _mm512_castpd_si512(v)
#define K_FROM(b) _mm512_castsi512_pd(b)
#define K_SETI(a) _mm512_set1_epi64(a)
#define K_ADDI(a, b) _mm512_add_epi64(a, b)
#define K_ANDI(a, b) _mm512_and_si512(a, b)
#define K_ORI(a, b) _mm512_or_si512(a, b)
#define K_LEFT52(a) _mm512_slli_epi64(a, 52)
#define K_RIGHT52(a) _mm512_srli_epi64(a, 52)
#include SYI_KERNEL
#include "algebra/widths_end.h"
#endif
#undef SYI_KERNEL

#ifndef SYI_CALL
#ifdef SYI_HAVE_X86
#define SYI_CALL(f, ...)                                                                                               \
    do {                                                                                                               \
        if (simd == SYI_AVX512) f##_avx512(__VA_ARGS__);                                                               \
        else if (simd == SYI_AVX2) f##_avx2(__VA_ARGS__);                                                              \
        else f##_baseline(__VA_ARGS__);                                                                                \
    } while (0)
#else
#define SYI_CALL(f, ...) ((void)simd, f##_baseline(__VA_ARGS__))
#endif
#endif
