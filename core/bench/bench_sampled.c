/* One order of entry of k columns beside the multiply-adds it cannot do without
 * (k^3 / 6, at the rate measured in the same run). Stated limits, one core with
 * AVX-512: 20 columns 0.4 us, 40 columns 1.5 us, 100 columns 15 us an order,
 * in double-double 1.5, 8 and 110 us.
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "base/memory_internal.h"
#include "base/random_internal.h"
#include "shares/chain_internal.h"
#include <math.h>
#include <stdio.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#ifdef SYI_HAVE_X86
#include <immintrin.h>
/* Nine chains keep both units busy. Seconds a multiply-add of eight lanes. */
static SYI_TARGET_AVX512 double multiply_add(void)
{
    __m512d x[9], a = _mm512_set1_pd(0.999), b = _mm512_set1_pd(1e-9);
    double least = 1e9;
    for (int rep = 0; rep < 5; rep++) {
        for (int i = 0; i < 9; i++) x[i] = _mm512_set1_pd(1 + i);
        const double start = now();
        for (int r = 0; r < 200000; r++)
            _Pragma("GCC unroll 9") for (int i = 0; i < 9; i++) x[i] = _mm512_fmadd_pd(x[i], a, b);
        for (int i = 1; i < 9; i++) x[0] = x[0] + x[i];
        volatile double keep = x[0][0];
        (void)keep;
        least = fmin(least, now() - start);
    }
    return least / (9 * 200000);
}
#endif

static int time_orders(int k, int guarded, int simd, double limit, double each)
{
    const size_t n = (size_t)k + 1;
    syi_stream s;
    syi_chain c = {.order = k + 1, .guarded = guarded, .least = 1e-26};
    syi_dd *matrix = syi_alloc(n * n, sizeof *matrix);
    double *plain = syi_alloc(n * n, sizeof *plain), least = 1e9;
    c.place = syi_alloc(n * SYI_CHAIN_LANES, sizeof *c.place);
    c.added = syi_alloc(n * SYI_CHAIN_LANES, sizeof *c.added);
    c.taken = syi_alloc(n * SYI_CHAIN_LANES, sizeof *c.taken);
    c.room = syi_alloc(syi_chain_room(k + 1, guarded), sizeof(double));
    if (!matrix || !plain || !c.place || !c.added || !c.taken || !c.room) return 1;
    for (size_t i = 0; i < n * n; i++) {
        const int a = (int)(i / n), b = (int)(i % n), apart = a < b ? b - a : a - b;
        plain[i] = a == b ? 1 : a == k || b == k ? 0.1 : pow(0.5, apart);
        matrix[i] = syi_dd_of(plain[i]);
    }
    c.matrix = matrix;
    c.plain = plain;
    syi_stream_init(&s, 1, 0, 0);
    for (int l = 0; l < SYI_CHAIN_LANES; l++) {
        for (int i = 0; i <= k; i++) c.place[i * SYI_CHAIN_LANES + l] = i;
        for (int i = k - 1; i > 0; i--) {
            const int j = (int)syi_stream_below(&s, (uint32_t)i + 1), kept = c.place[i * SYI_CHAIN_LANES + l];
            c.place[i * SYI_CHAIN_LANES + l] = c.place[j * SYI_CHAIN_LANES + l];
            c.place[j * SYI_CHAIN_LANES + l] = kept;
        }
    }
    for (int rep = 0; rep < (k > 60 ? 100 : 2000); rep++) {
        const double start = now();
        if (syi_chain_run(simd, &c)) return 1;
        least = fmin(least, now() - start);
    }
    const double bare = each * k * (k + 1.0) * (k + 2) / 6;
    printf(
        "%3d columns, %s%s: %8.3f us an order, limit %5.1f; multiply-adds alone %8.3f, %5.2f x bare; expected %8.3f\n",
        k,
        simd == SYI_AVX512 ? "AVX-512"
        : simd == SYI_AVX2 ? "AVX2"
                           : "baseline",
        guarded ? ", guarded" : "", least / SYI_CHAIN_LANES * 1e6, limit * 1e6, bare / SYI_CHAIN_LANES * 1e6,
        least / bare, syi_chain_seconds(k + 1, guarded) / SYI_CHAIN_LANES * 1e6);
    SYI_FREE(matrix);
    SYI_FREE(plain);
    SYI_FREE(c.place);
    SYI_FREE(c.added);
    SYI_FREE(c.taken);
    SYI_FREE(c.room);
    return 0;
}

int main(void)
{
    static const int columns[] = {20, 40, 100};
    static const double limits[2][3] = {{0.4e-6, 1.5e-6, 15e-6}, {1.5e-6, 8e-6, 110e-6}};
    const int widest = syi_simd_widest(), narrow = widest < SYI_AVX2 ? widest : SYI_AVX2;
    double each = NAN;
#ifdef SYI_HAVE_X86
    if (widest == SYI_AVX512) each = multiply_add();
#endif
    int failed = 0;
    for (int simd = widest; simd >= narrow; simd--)
        for (int guarded = 0; guarded <= 1; guarded++)
            for (int i = 0; i < 3; i++) failed |= time_orders(columns[i], guarded, simd, limits[guarded][i], each);
    return failed;
}
