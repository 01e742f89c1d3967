/* The kernels of lanes_kernel.h for three targets, and the choice between them.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/lanes_internal.h"
#include "algebra/moments_internal.h"
#include <math.h>
#include <string.h>

/* On x86-64 the baseline is the same whatever the compiler was allowed. */
#if defined(__FP_FAST_FMA) && !defined(SYI_HAVE_X86)
#define BASELINE_FUSES 1
#else
#define BASELINE_FUSES 0
#endif

#define SYI_KERNEL "algebra/lanes_kernel.h"
#include "algebra/widths.h"

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

int syi_lanes_shift_twofold(int simd, const double *x, int n, double ten, double shift, double *hi, double *lo)
{
    int done = 0, seen = 0;
#ifdef SYI_HAVE_X86
    if (simd != SYI_BASELINE) done = n / 8 * 8;
    if (simd == SYI_AVX512) seen = shift_twofold_avx512(x, done, ten, shift, hi, lo);
    if (simd == SYI_AVX2) seen = shift_twofold_avx2(x, done, ten, shift, hi, lo);
#endif
    (void)simd;
    return seen | shift_twofold_baseline(x + done, n - done, ten, shift, hi + done, lo + done);
}

int syi_lanes_no_decimals(int simd, const double *x, int n, double ten, double *largest)
{
    int done = 0, seen = 0;
#ifdef SYI_HAVE_X86
    if (simd != SYI_BASELINE) done = n / 8 * 8;
    if (simd == SYI_AVX512) seen = no_decimals_avx512(x, done, ten, largest);
    if (simd == SYI_AVX2) seen = no_decimals_avx2(x, done, ten, largest);
#endif
    (void)simd;
    return seen | no_decimals_baseline(x + done, n - done, ten, largest);
}

static void tree(int simd, const double *s, const double *c, double *hi, double *lo)
{
#ifdef SYI_HAVE_X86
    if (simd == SYI_AVX512) {
        tree_avx512(s, c, hi, lo);
        return;
    }
    if (simd == SYI_AVX2) {
        tree_avx2(s, c, hi, lo);
        return;
    }
#endif
    (void)simd;
    tree_baseline(s, c, hi, lo);
}

void syi_lanes_flush(int simd, int order, double *acc, double *acc_lo, double *sum, double *sum_lo)
{
    const int blocks = syi_lanes_blocks(order);
    double hi[SYI_BLOCK * SYI_BLOCK], lo[SYI_BLOCK * SYI_BLOCK];
    size_t at = 0;
    for (int bi = 0; bi < blocks; bi++)
        for (int bj = bi; bj < blocks; bj++, at += SYI_BLOCK_PAIR) {
            tree(simd, acc + at, acc_lo ? acc_lo + at : NULL, hi, lo);
            memset(acc + at, 0, SYI_BLOCK_PAIR * sizeof *acc);
            if (acc_lo) memset(acc_lo + at, 0, SYI_BLOCK_PAIR * sizeof *acc_lo);
            for (int e = 0; e < SYI_BLOCK * SYI_BLOCK; e++) {
                const int i = bi * SYI_BLOCK + e / SYI_BLOCK, j = bj * SYI_BLOCK + e % SYI_BLOCK;
                if (i > j || j >= order) continue;
                const size_t to = syi_packed_at(order - 1, i, j);
                const syi_dd total = syi_dd_add((syi_dd){sum[to], sum_lo[to]}, (syi_dd){hi[e], lo[e]});
                sum[to] = total.hi;
                sum_lo[to] = total.lo;
            }
        }
}
