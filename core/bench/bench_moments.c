/* Moments of 1e6 rows and 20 predictors and an outcome, against a bare pass
 * over the same memory: the same products with no shift, no check, no weights
 * and no result beyond a raw cross-product. Prints seconds (the fastest run of
 * several), GB/s of the columns read and the ratio, on one and two threads, and
 * the cost of double-double.
 * use: bench_moments [rows] [runs]
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "algebra/moments_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "steelyard/moments.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef SYI_HAVE_X86
#include <immintrin.h>
#endif

enum { COLUMNS = 21, ORDER = 22, BLOCKS = 6, TILE = 512, PIECE = 8192 };

typedef struct {
    ptrdiff_t n;
    double *column[COLUMNS];
    double *one, *zero;
    int wide;
    double *partial; /* [pieces][BLOCKS * BLOCKS * 128] */
} bare;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#ifdef SYI_HAVE_X86
SYI_TARGET_AVX512 static void pair_wide(const double *const *x, const double *const *y, int len, double *acc)
{
    __m512d s[4][4];
#pragma GCC unroll 16
    for (int k = 0; k < 16; k++) s[k / 4][k % 4] = _mm512_loadu_pd(acc + 8 * k);
    for (int r = 0; r < len; r += 8) {
        const __m512d b[4] = {_mm512_loadu_pd(y[0] + r), _mm512_loadu_pd(y[1] + r), _mm512_loadu_pd(y[2] + r),
                              _mm512_loadu_pd(y[3] + r)};
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) {
            const __m512d a = _mm512_loadu_pd(x[i] + r);
#pragma GCC unroll 4
            for (int j = 0; j < 4; j++) s[i][j] = _mm512_fmadd_pd(a, b[j], s[i][j]);
        }
    }
#pragma GCC unroll 16
    for (int k = 0; k < 16; k++) _mm512_storeu_pd(acc + 8 * k, s[k / 4][k % 4]);
}

SYI_TARGET_AVX2 static void pair_narrow(const double *const *x, const double *const *y, int len, double *acc)
{
    for (int part = 0; part < 4; part++) {
        const int lane = part / 2 * 4, half = part % 2 * 2;
        __m256d s[4][2];
#pragma GCC unroll 8
        for (int k = 0; k < 8; k++) s[k / 2][k % 2] = _mm256_loadu_pd(acc + 32 * (k / 2) + 8 * (half + k % 2) + lane);
        for (int r = lane; r < len; r += 8) {
            const __m256d b[2] = {_mm256_loadu_pd(y[half] + r), _mm256_loadu_pd(y[half + 1] + r)};
#pragma GCC unroll 4
            for (int i = 0; i < 4; i++) {
                const __m256d a = _mm256_loadu_pd(x[i] + r);
                s[i][0] = _mm256_fmadd_pd(a, b[0], s[i][0]);
                s[i][1] = _mm256_fmadd_pd(a, b[1], s[i][1]);
            }
        }
#pragma GCC unroll 8
        for (int k = 0; k < 8; k++) _mm256_storeu_pd(acc + 32 * (k / 2) + 8 * (half + k % 2) + lane, s[k / 2][k % 2]);
    }
}
#else
static void pair_wide(const double *const *x, const double *const *y, int len, double *acc)
{
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
            for (int r = 0; r < len; r++) acc[32 * i + 8 * j + r % 8] += x[i][r] * y[j][r];
}
#define pair_narrow pair_wide
#endif

static void bare_piece(void *arg, int worker, size_t piece)
{
    const bare *b = arg;
    (void)worker;
    double *acc = b->partial + piece * BLOCKS * BLOCKS * 128;
    const ptrdiff_t start = (ptrdiff_t)piece * PIECE, end = start + PIECE < b->n ? start + PIECE : b->n;
    memset(acc, 0, BLOCKS * BLOCKS * 128 * sizeof(double));
    for (ptrdiff_t r = start; r < end; r += TILE) {
        const double *c[4 * BLOCKS];
        const int len = end - r < TILE ? (int)(end - r) / 8 * 8 : TILE;
        for (int k = 0; k < 4 * BLOCKS; k++) c[k] = k == 0 ? b->one : k <= COLUMNS ? b->column[k - 1] + r : b->zero;
        double *at = acc;
        for (int i = 0; i < BLOCKS; i++)
            for (int j = i; j < BLOCKS; j++, at += 128)
                if (b->wide) pair_wide(c + 4 * i, c + 4 * j, len, at);
                else pair_narrow(c + 4 * i, c + 4 * j, len, at);
    }
}

static double bare_seconds(sy_context *ctx, bare *b)
{
    const size_t pieces = (size_t)(b->n / PIECE + (b->n % PIECE != 0));
    double sum = 0;
    double t = now();
    if (syi_parallel(ctx, pieces, 1, bare_piece, b) != SY_OK) exit(1);
    for (size_t p = 0; p < pieces; p++) sum += b->partial[p * BLOCKS * BLOCKS * 128];
    t = now() - t;
    return sum > 0 ? t : 0;
}

static double moments_seconds(sy_context *ctx, const sy_design *design, sy_unit unit, sy_precision precision)
{
    const sy_moments_options o = {unit, precision};
    sy_moments m;
    double t = now();
    if (sy_moments_init(ctx, design, &o, &m) < 0) {
        puts(ctx->message);
        exit(1);
    }
    t = now() - t;
    sy_moments_free(&m);
    return t;
}

static void fill(bare *b)
{
    uint64_t state = 1;
    for (int c = 0; c < COLUMNS; c++)
        for (ptrdiff_t i = 0; i < b->n; i++) {
            state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            b->column[c][i] = (double)(state >> 11) * 0x1p-53;
        }
    for (int i = 0; i < TILE; i++) b->one[i] = 1;
}

/* The two take turns, so that a busy moment of the machine hits both. */
static void compare(bare *b, const sy_design *design, int runs)
{
    static const char *const width[] = {"baseline", "AVX2", "AVX-512"};
    const double gigabytes = 8e-9 * (double)b->n * COLUMNS;
    for (int simd = SYI_AVX2; simd <= syi_simd_widest(); simd++)
        for (int threads = 1; threads <= 2; threads++) {
            double floor_ = INFINITY, whole = INFINITY;
            sy_context ctx;
            sy_context_init(&ctx);
            ctx.threads = threads;
            ctx.simd = simd;
            b->wide = simd == SYI_AVX512;
            for (int k = 0; k < runs; k++) {
                floor_ = fmin(floor_, bare_seconds(&ctx, b));
                whole = fmin(whole, moments_seconds(&ctx, design, SY_UNIT_NONE, SY_PRECISION_DOUBLE));
            }
            printf("%-8s %d thread%s  bare %.5f s %5.1f GB/s   moments %.5f s %5.1f GB/s   ratio %.2f\n", width[simd],
                   threads, threads == 1 ? " " : "s", floor_, gigabytes / floor_, whole, gigabytes / whole,
                   whole / floor_);
            sy_context_free(&ctx);
        }
}

static void other_costs(const sy_design *design, int runs)
{
    static const char *const name[] = {"one set", "by cluster"};
    for (int unit = SY_UNIT_NONE; unit <= SY_UNIT_CLUSTER; unit++)
        for (int precision = SY_PRECISION_DOUBLE; precision <= SY_PRECISION_TWOFOLD; precision++) {
            sy_context ctx;
            sy_context_init(&ctx);
            sy_design d = *design;
            double t = INFINITY;
            if (unit == SY_UNIT_NONE) d.cluster = NULL;
            for (int k = 0; k < runs; k++)
                t = fmin(t, moments_seconds(&ctx, &d, (sy_unit)unit, (sy_precision)precision));
            printf("%-10s %-13s %.5f s\n", name[unit], precision == SY_PRECISION_DOUBLE ? "double" : "double-double",
                   t);
            sy_context_free(&ctx);
        }
}

int main(int argc, char **argv)
{
    enum { COUNCILS = 150 };
    bare b = {.n = argc > 1 ? atol(argv[1]) : 1000000};
    const int runs = argc > 2 ? atoi(argv[2]) : 15;
    static char name[COLUMNS][8], council[COUNCILS][8];
    static const char *levels[COUNCILS];
    sy_column column[COLUMNS];
    sy_factor factor[COLUMNS];
    sy_term term[COLUMNS];
    for (int c = 0; c < COLUMNS; c++) {
        snprintf(name[c], sizeof name[c], "x%d", c);
        b.column[c] = syi_alloc((size_t)b.n, sizeof(double));
        column[c] = (sy_column){.name = name[c], .data = b.column[c], .stride = sizeof(double), .type = SY_F64};
        factor[c] = (sy_factor){c, 1};
        term[c] = (sy_term){name[c], 1, &factor[c]};
    }
    b.one = syi_alloc(TILE, sizeof(double));
    b.zero = syi_alloc(TILE, sizeof(double));
    b.partial = syi_alloc((size_t)(b.n / PIECE + 1) * BLOCKS * BLOCKS * 128, sizeof(double));
    int32_t *code = syi_alloc((size_t)b.n, sizeof *code);
    fill(&b);
    for (ptrdiff_t i = 0; i < b.n; i++) code[i] = (int32_t)(i % COUNCILS);
    for (int k = 0; k < COUNCILS; k++) {
        snprintf(council[k], sizeof council[k], "c%d", k);
        levels[k] = council[k];
    }
    const sy_column cluster = {.name = "council",
                               .data = code,
                               .stride = sizeof *code,
                               .type = SY_CODES,
                               .n_levels = COUNCILS,
                               .levels = levels};
    sy_design design = {.n = b.n, .n_columns = COLUMNS, .columns = column, .n_terms = COLUMNS, .terms = term};
    printf("%td rows, %d predictors and an outcome, %d runs\n", b.n, COLUMNS - 1, runs);
    compare(&b, &design, runs);
    design.cluster = &cluster;
    other_costs(&design, runs);
    return 0;
}
