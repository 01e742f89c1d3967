/* The kernels of lanes_kernel.h for three targets, and the choice between them.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/lanes_internal.h"
#include "algebra/moments_internal.h"
#include <math.h>
#ifdef SYI_HAVE_X86
#include <immintrin.h>
#endif

/* On x86-64 the baseline is the same whatever the compiler was allowed. */
#if defined(__FP_FAST_FMA) && !defined(SYI_HAVE_X86)
#define BASELINE_FUSES 1
#else
#define BASELINE_FUSES 0
#endif

#define K_NAME(f) f##_baseline
#define K_TARGET
#define K_V double
#define K_WIDTH 1
#define K_SPAN 2
#define K_LOAD(p) (*(p))
#define K_STORE(p, v) (*(p) = (v))
#define K_LOADU(p) (*(p))
#define K_STOREU(p, v) (*(p) = (v))
#define K_SET(a) ((double)(a))
#define K_ADD(a, b) ((a) + (b))
#define K_SUB(a, b) ((a) - (b))
#define K_MUL(a, b) ((a) * (b))
#define K_FMA(a, b, c) fma(a, b, c)
#define K_FMS(a, b, c) fma(a, b, -(c))
#if BASELINE_FUSES
#define K_MAC(a, b, c) fma(a, b, c)
#else
#define K_MAC(a, b, c) ((a) * (b) + (c))
#endif
#define K_BAD(v, seen) ((seen) | !isfinite(v))
#define K_AHEAD(p) ((void)(p))
#include "algebra/lanes_kernel.h"

#ifdef SYI_HAVE_X86
#define K_NAME(f) f##_avx2
#define K_TARGET SYI_TARGET_AVX2
#define K_V __m256d
#define K_WIDTH 4
#define K_SPAN 2
#define K_LOAD(p) _mm256_load_pd(p)
#define K_STORE(p, v) _mm256_store_pd(p, v)
#define K_LOADU(p) _mm256_loadu_pd(p)
#define K_STOREU(p, v) _mm256_storeu_pd(p, v)
#define K_SET(a) _mm256_set1_pd(a)
#define K_ADD(a, b) _mm256_add_pd(a, b)
#define K_SUB(a, b) _mm256_sub_pd(a, b)
#define K_MUL(a, b) _mm256_mul_pd(a, b)
#define K_FMA(a, b, c) _mm256_fmadd_pd(a, b, c)
#define K_FMS(a, b, c) _mm256_fmsub_pd(a, b, c)
#define K_MAC(a, b, c) _mm256_fmadd_pd(a, b, c)
/* z - z is 0 for a finite z, NaN for any other */
#define K_BAD(v, seen)                                                                                                 \
    ((seen) | _mm256_movemask_pd(_mm256_cmp_pd(_mm256_sub_pd(v, v), _mm256_setzero_pd(), _CMP_NEQ_UQ)))
#define K_AHEAD(p) _mm_prefetch((const char *)(p), _MM_HINT_T0)
#include "algebra/lanes_kernel.h"

#define K_NAME(f) f##_avx512
#define K_TARGET SYI_TARGET_AVX512
#define K_V __m512d
#define K_WIDTH 8
#define K_SPAN 4
#define K_LOAD(p) _mm512_load_pd(p)
#define K_STORE(p, v) _mm512_store_pd(p, v)
#define K_LOADU(p) _mm512_loadu_pd(p)
#define K_STOREU(p, v) _mm512_storeu_pd(p, v)
#define K_SET(a) _mm512_set1_pd(a)
#define K_ADD(a, b) _mm512_add_pd(a, b)
#define K_SUB(a, b) _mm512_sub_pd(a, b)
#define K_MUL(a, b) _mm512_mul_pd(a, b)
#define K_FMA(a, b, c) _mm512_fmadd_pd(a, b, c)
#define K_FMS(a, b, c) _mm512_fmsub_pd(a, b, c)
#define K_MAC(a, b, c) _mm512_fmadd_pd(a, b, c)
/* quiet and signalling NaN, both infinities */
#define K_BAD(v, seen) ((seen) | _mm512_fpclass_pd_mask(v, 0x99))
#define K_AHEAD(p) _mm_prefetch((const char *)(p), _MM_HINT_T0)
#include "algebra/lanes_kernel.h"
#endif

int syi_lanes_width(int simd)
{
    const int widest = syi_simd_widest();
    return simd < widest ? simd : widest;
}

int syi_lanes_unfused(int simd)
{
    return simd == SYI_BASELINE && !BASELINE_FUSES;
}

void syi_lanes_double(int simd, const syi_tile *tile, double *acc)
{
#ifdef SYI_HAVE_X86
    if (simd == SYI_AVX512) {
        double_avx512(tile, acc);
        return;
    }
    if (simd == SYI_AVX2) {
        double_avx2(tile, acc);
        return;
    }
#endif
    (void)simd;
    double_baseline(tile, acc);
}

void syi_lanes_twofold(int simd, const syi_tile *tile, double *acc, double *acc_lo)
{
#ifdef SYI_HAVE_X86
    if (simd == SYI_AVX512) {
        twofold_avx512(tile, acc, acc_lo);
        return;
    }
    if (simd == SYI_AVX2) {
        twofold_avx2(tile, acc, acc_lo);
        return;
    }
#endif
    (void)simd;
    twofold_baseline(tile, acc, acc_lo);
}

int syi_lanes_shift(int simd, const double *x, int n, double shift, double *out, int ahead)
{
#ifdef SYI_HAVE_X86
    if (simd == SYI_AVX512) return shift_avx512(x, n, shift, out, ahead);
    if (simd == SYI_AVX2) return shift_avx2(x, n, shift, out, ahead);
#endif
    (void)simd;
    return shift_baseline(x, n, shift, out, ahead);
}

void syi_lanes_add(int simd, size_t n, double factor, const double *hi, const double *lo, double *sum, double *sum_lo)
{
    size_t done = 0;
#ifdef SYI_HAVE_X86
    if (simd == SYI_AVX512) {
        done = n / 8 * 8;
        add_avx512(done, factor, hi, lo, sum, sum_lo);
    } else if (simd == SYI_AVX2) {
        done = n / 4 * 4;
        add_avx2(done, factor, hi, lo, sum, sum_lo);
    }
#endif
    (void)simd;
    add_baseline(n - done, factor, hi + done, lo ? lo + done : NULL, sum + done, sum_lo + done);
}

static syi_dd lane_sum(double *s)
{
    const double sum = ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
    for (int l = 0; l < SYI_LANES; l++) s[l] = 0;
    return syi_dd_of(sum);
}

static syi_dd lane_sum_twofold(double *s, double *c)
{
    syi_dd v[SYI_LANES];
    for (int l = 0; l < SYI_LANES; l++) {
        v[l] = (syi_dd){s[l], c[l]};
        s[l] = c[l] = 0;
    }
    for (int half = 1; half < SYI_LANES; half *= 2)
        for (int l = 0; l < SYI_LANES; l += 2 * half) v[l] = syi_dd_add(v[l], v[l + half]);
    return v[0];
}

void syi_lanes_flush(int order, double *acc, double *acc_lo, double *sum, double *sum_lo)
{
    const int blocks = syi_lanes_blocks(order);
    for (int i = 0; i < order; i++)
        for (int j = i; j < order; j++) {
            const int bi = i / SYI_BLOCK, bj = j / SYI_BLOCK;
            const size_t pair = (size_t)bi * (size_t)(2 * blocks - bi + 1) / 2 + (size_t)(bj - bi);
            const size_t at = pair * SYI_BLOCK_PAIR + (size_t)((i % SYI_BLOCK) * SYI_BLOCK + j % SYI_BLOCK) * SYI_LANES;
            const syi_dd lanes = acc_lo ? lane_sum_twofold(acc + at, acc_lo + at) : lane_sum(acc + at);
            const size_t to = syi_packed_at(order - 1, i, j);
            const syi_dd total = syi_dd_add((syi_dd){sum[to], sum_lo[to]}, lanes);
            sum[to] = total.hi;
            sum_lo[to] = total.lo;
        }
}
