/* The likelihood of one ordered answer, row by row: log(F(a) - F(b)) between
 * the threshold above it and the one below, with first and second derivatives.
 *
 * With d = a - b > 0 and p = F(a) - F(b):
 *   logit:   p = F(a) (1 - F(b)) (1 - e^-d); with c = 1 / (e^d - 1), dl/da = 1 -
 *            F(a) + c, dl/db = -F(b) - c, their sum 1 - F(a) - F(b)
 *   probit:  in the nearer tail, where both are below 0 or astride it: p =
 *            F(h) (1 - F(l) / F(h)), the quotient from the logs of the tails
 *   cloglog: F(x) = 1 - exp(-e^x); with D = e^a - e^b, p = exp(-e^b) (1 - e^-D);
 *            with h = 1 / (e^D - 1), dl/da = e^a h, dl/db = -e^b (1 + h)
 * so that nothing is lost far out in either tail, nor where two thresholds are
 * close. Minus the second derivatives are written as
 *   w_upper aa' + w_lower bb' + w_between (a - b)(a - b)',
 * w_between = d2l/da db: the first two are what a shift of both feels, and are
 * positive wherever the density is log-concave [Pratt 1981,
 * doi:10.1080/01621459.1981.10477613].
 * Cost: three to six elementary functions a row.
 * McCullagh 1980, doi:10.1111/j.2517-6161.1980.tb01109.x.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/vector_math_internal.h"
#include "models/response/ordinal_internal.h"
#include <math.h>
#ifdef SYI_HAVE_X86
#include <immintrin.h>
#endif

/* Beyond FAR the normal tail is 0 in every way that shows; e^MOST squared is
 * still finite. */
static const double FAR = 1e6, MOST = 300;

#define K_NAME(f) f##_baseline
#define K_TARGET
#define K_V double
#define K_WIDTH 1
#define K_LOAD(p) (*(p))
#define K_STORE(p, v) (*(p) = (v))
#define K_SET(a) ((double)(a))
#define K_ADD(a, b) ((a) + (b))
#define K_SUB(a, b) ((a) - (b))
#define K_MUL(a, b) ((a) * (b))
#define K_DIV(a, b) ((a) / (b))
#define K_ABS(a) fabs(a)
#define K_MIN(a, b) ((a) < (b) ? (a) : (b))
#define K_MAX(a, b) ((a) > (b) ? (a) : (b))
#define K_FMA(a, b, c) fma(a, b, c)
#define K_SAME(a, b, x, y) ((a) < (b) || (a) > (b) ? (y) : (x))
#define K_ABOVE(a, b, x, y) ((a) > (b) ? (x) : (y))
#include "models/response/ordinal_kernel.h"

#ifdef SYI_HAVE_X86
#define K_NAME(f) f##_avx2
#define K_TARGET SYI_TARGET_AVX2
#define K_V __m256d
#define K_WIDTH 4
#define K_LOAD(p) _mm256_load_pd(p)
#define K_STORE(p, v) _mm256_store_pd(p, v)
#define K_SET(a) _mm256_set1_pd(a)
#define K_ADD(a, b) _mm256_add_pd(a, b)
#define K_SUB(a, b) _mm256_sub_pd(a, b)
#define K_MUL(a, b) _mm256_mul_pd(a, b)
#define K_DIV(a, b) _mm256_div_pd(a, b)
#define K_ABS(a) _mm256_andnot_pd(_mm256_set1_pd(-0.0), a)
#define K_MIN(a, b) _mm256_min_pd(a, b)
#define K_MAX(a, b) _mm256_max_pd(a, b)
#define K_FMA(a, b, c) _mm256_fmadd_pd(a, b, c)
#define K_SAME(a, b, x, y) _mm256_blendv_pd(y, x, _mm256_cmp_pd(a, b, _CMP_EQ_OQ))
#define K_ABOVE(a, b, x, y) _mm256_blendv_pd(y, x, _mm256_cmp_pd(a, b, _CMP_GT_OQ))
#include "models/response/ordinal_kernel.h"

#define K_NAME(f) f##_avx512
#define K_TARGET SYI_TARGET_AVX512
#define K_V __m512d
#define K_WIDTH 8
#define K_LOAD(p) _mm512_load_pd(p)
#define K_STORE(p, v) _mm512_store_pd(p, v)
#define K_SET(a) _mm512_set1_pd(a)
#define K_ADD(a, b) _mm512_add_pd(a, b)
#define K_SUB(a, b) _mm512_sub_pd(a, b)
#define K_MUL(a, b) _mm512_mul_pd(a, b)
#define K_DIV(a, b) _mm512_div_pd(a, b)
#define K_ABS(a) _mm512_abs_pd(a)
#define K_MIN(a, b) _mm512_min_pd(a, b)
#define K_MAX(a, b) _mm512_max_pd(a, b)
#define K_FMA(a, b, c) _mm512_fmadd_pd(a, b, c)
#define K_SAME(a, b, x, y) _mm512_mask_blend_pd(_mm512_cmp_pd_mask(a, b, _CMP_EQ_OQ), y, x)
#define K_ABOVE(a, b, x, y) _mm512_mask_blend_pd(_mm512_cmp_pd_mask(a, b, _CMP_GT_OQ), y, x)
#include "models/response/ordinal_kernel.h"

#define RUN(f, ...)                                                                                                    \
    do {                                                                                                               \
        if (simd == SYI_AVX512) f##_avx512(__VA_ARGS__);                                                               \
        else if (simd == SYI_AVX2) f##_avx2(__VA_ARGS__);                                                              \
        else f##_baseline(__VA_ARGS__);                                                                                \
    } while (0)
#else
#define RUN(f, ...) ((void)simd, f##_baseline(__VA_ARGS__))
#endif

syi_pair syi_pair_at(double *memory, ptrdiff_t step)
{
    return (syi_pair){
        memory,           memory + step, memory + 2 * step, memory + 3 * step, memory + 4 * step, memory + 5 * step,
        memory + 6 * step};
}

void syi_pair_gather(int simd, int n_levels, int len, const double *level, const double *eta, const double *upper,
                     const double *lower, const double *between, double *a, double *b, double *c)
{
    RUN(gather, n_levels, len, level, eta, upper, lower, between, a, b, c);
}

static void logit(int simd, int len, const double *a, const double *b, const double *between, double *work,
                  const syi_pair *out)
{
    double *const u = work, *const v = u + len, *const q = v + len;
    RUN(minus_size, len, a, b, u, v);
    syi_vec_exp(simd, 2 * len, u, u);
    RUN(logit, len, a, b, between, u, v, q, out);
    syi_vec_log(simd, len, q, q);
    RUN(add, len, q, out->value);
}

static void probit(int simd, int len, const double *a, const double *b, double *work, const syi_pair *out)
{
    double *const high = work, *const low = high + len, *const log_low = low + len, *const fall = log_low + len;
    RUN(nearer, len, a, b, high, low);
    syi_vec_normal(simd, len, low, NULL, log_low, low);
    syi_vec_normal(simd, len, high, NULL, out->value, high);
    RUN(subtract, len, log_low, out->value, fall);
    syi_vec_expm1(simd, len, fall, fall);
    RUN(probit, len, a, b, high, low, fall, log_low, out);
    syi_vec_log(simd, len, log_low, log_low);
    RUN(add, len, log_low, out->value);
}

static void cloglog(int simd, int len, const double *a, const double *b, const double *between, double *work,
                    const syi_pair *out)
{
    double *const u = work, *const v = u + len, *const delta = v + len, *const fall = delta + len,
                  *const q = fall + len;
    RUN(least, len, MOST, a, u);
    RUN(least, len, MOST, b, v);
    syi_vec_exp(simd, 2 * len, u, u);
    RUN(extreme, len, between, u, delta);
    syi_vec_expm1(simd, len, delta, fall);
    RUN(cloglog, len, u, v, delta, fall, q, out);
    syi_vec_log(simd, len, q, q);
    RUN(add, len, q, out->value);
}

void syi_pair_rows(int simd, sy_link link, int len, const double *a, const double *b, const double *between,
                   double *work, const syi_pair *out)
{
    if (link == SY_LINK_PROBIT) probit(simd, len, a, b, work, out);
    else if (link == SY_LINK_CLOGLOG) cloglog(simd, len, a, b, between, work, out);
    else logit(simd, len, a, b, between, work, out);
}

void syi_pair_total(int simd, int len, const double *weight, const double *value, double *lanes)
{
    RUN(total, len, weight, value, lanes);
}

void syi_pair_split(int simd, int n_levels, int len, const double *level, const double *weight, const syi_pair *pair,
                    double *lanes, double *sums, double *column, ptrdiff_t step)
{
    RUN(weigh, len, weight, pair, lanes);
    for (int l = 0; l < n_levels; l++)
        RUN(level, len, l, level, pair, sums + (ptrdiff_t)l * SYI_SPLIT, l < n_levels - 1 ? column + l * step : NULL);
    RUN(add, len, pair->w_lower, pair->w_upper);
}
