/* The least and greatest increment of one player in a table of all submodels.
 *
 * Differences and their minimum and maximum are exact, so every width gives
 * the same bits but for the sign of a zero, which the caller clears. The table
 * is read once a player, in runs as long as the player's bit. Cost: 2^players / 2
 * increments, bound by the second-level cache.
 *
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "shares/bounds_internal.h"

#ifdef SYI_HAVE_X86
#include <immintrin.h>

typedef double v8 __attribute__((vector_size(64), aligned(8)));
typedef double v4 __attribute__((vector_size(32), aligned(8)));

#define VEC v8
#define WIDTH 8
#define TARGET SYI_TARGET_AVX512
#define LEAST(a, b) _mm512_min_pd(a, b)
#define MOST(a, b) _mm512_max_pd(a, b)
#define WITHOUT(bit, a, b)                                                                                             \
    ((bit) == 0   ? __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14)                                           \
     : (bit) == 1 ? __builtin_shufflevector(a, b, 0, 1, 4, 5, 8, 9, 12, 13)                                            \
                  : __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11))
#define WITH(bit, a, b)                                                                                                \
    ((bit) == 0   ? __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15)                                           \
     : (bit) == 1 ? __builtin_shufflevector(a, b, 2, 3, 6, 7, 10, 11, 14, 15)                                          \
                  : __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15))
#define LONG_RUNS long_runs_avx512
#define SHORT_RUN short_run_avx512
#define SHORT_RUNS short_runs_avx512
#include "shares/extremes_kernel.h"

#define VEC v4
#define WIDTH 4
#define TARGET SYI_TARGET_AVX2
#define LEAST(a, b) _mm256_min_pd(a, b)
#define MOST(a, b) _mm256_max_pd(a, b)
#define WITHOUT(bit, a, b)                                                                                             \
    ((bit) == 0 ? __builtin_shufflevector(a, b, 0, 2, 4, 6) : __builtin_shufflevector(a, b, 0, 1, 4, 5))
#define WITH(bit, a, b)                                                                                                \
    ((bit) == 0 ? __builtin_shufflevector(a, b, 1, 3, 5, 7) : __builtin_shufflevector(a, b, 2, 3, 6, 7))
#define LONG_RUNS long_runs_avx2
#define SHORT_RUN short_run_avx2
#define SHORT_RUNS short_runs_avx2
#include "shares/extremes_kernel.h"
#endif

static double smaller(double a, double b)
{
    return b < a ? b : a;
}
static double greater(double a, double b)
{
    return b > a ? b : a;
}

static void one_by_one(size_t count, size_t step, const double *v, double *least, double *most)
{
    for (size_t base = 0; base < count; base += 2 * step)
        for (size_t s = base; s < base + step; s++) {
            const double d = v[s + step] - v[s];
            *least = smaller(*least, d);
            *most = greater(*most, d);
        }
}

void syi_extremes(int simd, int players, int bit, const double *table, double *least, double *most)
{
    const size_t count = (size_t)1 << players, step = (size_t)1 << bit;
#ifdef SYI_HAVE_X86
    const int widest = syi_simd_widest(), width = simd < widest ? simd : widest;
    if (width > SYI_BASELINE && players > 4) {
        double low[8], high[8];
        for (int l = 0; l < 8; l++) {
            low[l] = *least;
            high[l] = *most;
        }
        if (width == SYI_AVX512)
            (bit < 3 ? short_runs_avx512(bit, count, table, low, high)
                     : long_runs_avx512(count, step, table, low, high));
        else (bit < 2 ? short_runs_avx2(bit, count, table, low, high) : long_runs_avx2(count, step, table, low, high));
        for (int l = 0; l < 8; l++) {
            *least = smaller(*least, low[l]);
            *most = greater(*most, high[l]);
        }
        return;
    }
#endif
    (void)simd;
    one_by_one(count, step, table, least, most);
}
