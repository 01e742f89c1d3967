/* Times the subset tree beside the bare tree and the processor's limit.
 *   bench_subsets          15, 20 and 25 players
 *   bench_subsets --all    and 30
 * Ratios are of the least times of runs that alternate, in processor time
 * where one thread works, so that a busy machine disturbs them little.
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "shares/subsets_internal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef SYI_HAVE_X86
#include <immintrin.h>

/* 14 bits, then two Newton steps */
static inline __attribute__((always_inline)) SYI_TARGET_AVX512 __m512d near_reciprocal_8(__m512d a)
{
    const __m512d one = _mm512_set1_pd(1);
    __m512d r = _mm512_rcp14_pd(a);
    r = _mm512_fmadd_pd(r, _mm512_fnmadd_pd(a, r, one), r);
    return _mm512_fmadd_pd(r, _mm512_fnmadd_pd(a, r, one), r);
}

/* AVX2 has no approximation in double, and the way by single precision takes
 * longer than the division. */
static inline __attribute__((always_inline)) SYI_TARGET_AVX2 __m256d near_reciprocal_4(__m256d a)
{
    return 1.0 / a;
}

#define BARE bare_avx512
#define LANES 8
#define ATTRIBUTE SYI_TARGET_AVX512
#define FNMA(a, b, c) _mm512_fnmadd_pd(a, b, c)
#define RECIPROCAL(a) near_reciprocal_8(a)
#include "subsets_bare_tree.h"
#undef BARE
#undef LANES
#undef ATTRIBUTE
#undef FNMA
#undef RECIPROCAL

#define BARE bare_avx2
#define LANES 4
#define ATTRIBUTE SYI_TARGET_AVX2
#define FNMA(a, b, c) _mm256_fnmadd_pd(a, b, c)
#define RECIPROCAL(a) near_reciprocal_4(a)
#include "subsets_bare_tree.h"

/* Nine chains keep both units busy: four cycles each, two a cycle. */
#define RATE(name, step)                                                                                               \
    static SYI_TARGET_AVX512 double name(void)                                                                         \
    {                                                                                                                  \
        __m512d x[9], a = _mm512_set1_pd(0.999), b = _mm512_set1_pd(1e-9);                                             \
        for (int i = 0; i < 9; i++) x[i] = _mm512_set1_pd(1 + i);                                                      \
        for (int r = 0; r < 200000; r++) _Pragma("GCC unroll 9") for (int i = 0; i < 9; i++) x[i] = step;              \
        for (int i = 1; i < 9; i++) x[0] = x[0] + x[i];                                                                \
        return x[0][0] + b[0];                                                                                         \
    }
RATE(many_multiply_adds, _mm512_fmadd_pd(x[i], a, b))
RATE(many_divisions, a / x[i])
#endif

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef struct {
    syi_game game;
    int columns[SYI_EXACT_PLAYERS], stride[SYI_EXACT_PLAYERS];
    double floor_[SYI_EXACT_PLAYERS], plain[31 * 31], weight[2][SYI_EXACT_PLAYERS + 1];
    syi_dd matrix[31 * 31];
    double sums[2 * (SYI_EXACT_PLAYERS + 1)], check[SYI_EXACT_PLAYERS];
    syi_arena arena;
    double *table;
} task;

/* r_ij = 0.5^|i-j|, the outcome correlated 0.3 to 0.1; Shapley weights. */
static int set_up(task *t, int p)
{
    const int n = p + 1;
    memset(t, 0, sizeof *t);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            const int least = i < j ? i : j, most = i < j ? j : i;
            double r = i == j ? 1 : most == p ? 0.3 / (1 + 0.1 * least) : ldexp(1, least - most);
            t->plain[i * n + j] = r;
            t->matrix[i * n + j] = syi_dd_of(r);
        }
    for (int i = 0; i < p; i++) t->columns[i] = t->stride[i] = 1, t->floor_[i] = 1e-26;
    double w = 1.0 / p;
    for (int s = 0; s < p; s++) {
        t->weight[1][s] = w;
        t->weight[0][s] += w;
        t->weight[0][s + 1] = w;
        w = s + 1 < p ? w * (s + 1) / (p - 1 - s) : w;
    }
    t->game = (syi_game){p, t->columns, t->stride, n, t->matrix, t->floor_, 0};
    t->game.guarded = 1;
    t->table = p <= SYI_TABLE_PLAYERS ? malloc(sizeof(double) << p) : NULL;
    return syi_arena_init(&t->arena, syi_subsets_room(&t->game));
}

typedef struct {
    const char *name;
    int simd, guarded, n_weights, threads; /* n_weights 0: the table, -1: the bare tree; threads 0: serial */
    double least;
} run;

static void do_run(task *t, run *r, sy_context *ctx)
{
    const double *weight[] = {t->weight[0], t->weight[1]};
    const clockid_t clock = r->threads > 1 ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID;
    const double start = seconds(clock);
    t->game.guarded = r->guarded;
    ctx->threads = r->threads;
    ctx->simd = r->simd;
    if (r->n_weights < 0) {
#ifdef SYI_HAVE_X86
        (r->simd == SYI_AVX512 ? bare_avx512_sums : bare_avx2_sums)(t->plain, t->game.n_players, weight[0], t->check);
#endif
    } else if (r->n_weights == 0) syi_subsets_table(r->simd, &t->game, &t->arena, t->table);
    else if (r->threads)
        r->least = syi_subsets_sums_parallel(ctx, &t->game, r->n_weights, weight, t->sums) ? -1 : r->least;
    else syi_subsets_sums(r->simd, &t->game, &t->arena, r->n_weights, weight, t->sums);
    const double took = seconds(clock) - start;
    if (took < r->least) r->least = took;
    for (int j = 0; r->n_weights < 0 && j < t->game.n_players; j++)
        if (t->sums[0] != 0 && fabs(t->check[j] - t->sums[j]) > 1e-9) printf("the bare tree differs at %d\n", j);
}

static void time_all(int p, int simd, int reps)
{
    task t;
    sy_context ctx;
    sy_context_init(&ctx);
    run runs[] = {
        {"bare tree, one table", simd, 0, -1, 0, 1e9},
        {"sums, one table", simd, 0, 1, 0, 1e9},
        {"sums, two tables", simd, 0, 2, 0, 1e9},
        {"sums, two tables, 1 thread", simd, 0, 2, 1, 1e9},
        {"sums, two tables, 2 threads", simd, 0, 2, 2, 1e9},
        {"table", simd, 0, 0, 0, 1e9},
        {"guarded, two tables", simd, 1, 2, 0, 1e9},
    };
    const int n_runs = sizeof runs / sizeof *runs;
    if (set_up(&t, p)) return;
    for (int rep = 0; rep < reps; rep++)
        for (int i = 0; i < n_runs; i++)
            if ((runs[i].n_weights || t.table) && (!runs[i].guarded || p <= 20) && (simd || i > 0))
                do_run(&t, &runs[i], &ctx);
    printf("%d players, %s; expected %.3g s, guarded", p,
           simd == SYI_AVX512 ? "AVX-512"
           : simd == SYI_AVX2 ? "AVX2"
                              : "baseline",
           (t.game.guarded = 0, syi_subsets_seconds(&t.game)));
    printf(" %.3g s\n", (t.game.guarded = 1, syi_subsets_seconds(&t.game)));
    for (int i = 0; i < n_runs; i++)
        if (runs[i].least < 1e9)
            printf("  %-30s %10.3f ms %7.2f submodels/ns %6.2f x bare\n", runs[i].name, runs[i].least * 1e3,
                   ldexp(1e-9, p) / runs[i].least, runs[i].least / runs[0].least);
    syi_arena_free(&t.arena);
    free(t.table);
    sy_context_free(&ctx);
}

#ifdef SYI_HAVE_X86
static double rate(double (*of)(void))
{
    double least = 1e9;
    for (int rep = 0; rep < 5; rep++) {
        const double start = seconds(CLOCK_THREAD_CPUTIME_ID);
        volatile double keep = of();
        (void)keep;
        const double took = seconds(CLOCK_THREAD_CPUTIME_ID) - start;
        if (took < least) least = took;
    }
    return 9 * 8 * 200000e-9 / least;
}

static void print_limit(void)
{
    const double fma_rate = rate(many_multiply_adds), divide_rate = rate(many_divisions);
    printf("AVX-512, one core: %.1f G multiply-adds/s, %.2f G divisions/s. 4 multiply-adds, 2 products and 5 sums\n"
           "a submodel: at most %.2f submodels/ns; one true division each: at most %.2f.\n",
           fma_rate, divide_rate, fma_rate / 11, divide_rate);
}
#endif

int main(int argc, char **argv)
{
    const int players[] = {15, 20, 25, 30}, reps[] = {200, 40, 7, 3};
    const int sizes = argc > 1 && !strcmp(argv[1], "--all") ? 4 : 3;
    const int widest = syi_simd_widest(), least = widest < SYI_AVX2 ? widest : SYI_AVX2;
#ifdef SYI_HAVE_X86
    if (widest == SYI_AVX512) print_limit();
#endif
    for (int simd = widest; simd >= least; simd--)
        for (int i = 0; i < sizes; i++) time_all(players[i], simd, reps[i]);
    return 0;
}
