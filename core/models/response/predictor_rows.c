/* Rows of binary outcomes and counts: log density and its derivatives.
 *
 * Logit: with p and q = 1 - p of -|eta|, none of log p, log q, score and
 * curvature cancels in either tail. Probit: log cdf and hazard h of eta turned
 * to the side of the answer u; score h, curvature h (h + u) [Pratt 1981,
 * doi:10.1080/01621459.1981.10477613, for the concavity of both and of
 * complementary log-log]. Complementary log-log: log q = -e^eta. Poisson:
 * against the largest likelihood the count can have, y (d - (e^d - 1)) with d =
 * eta - log y, so that large counts keep their digits. Negative binomial with
 * variance mu + mu^2 / theta [Lawless 1987, doi:10.2307/3314912]: exact in eta and
 * log(theta), its gamma functions from count_rising.c. Constants of the data are
 * left out (syi_likelihood_constant). Cost: 5 to 15 ns a row.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/vector_math_internal.h"
#include "models/response/predictor_internal.h"
#include <math.h>
#ifdef SYI_HAVE_X86
#include <immintrin.h>
#endif

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
#define K_FMA(a, b, c) fma(a, b, c)
#define K_ABS(a) fabs(a)
#define K_MIN(a, b) ((a) < (b) ? (a) : (b))
#define K_MAX(a, b) ((a) > (b) ? (a) : (b))
#define K_LT(a, b, v, w) ((a) < (b) ? (v) : (w))
#include "models/response/predictor_kernel.h"

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
#define K_FMA(a, b, c) _mm256_fmadd_pd(a, b, c)
#define K_ABS(a) _mm256_andnot_pd(_mm256_set1_pd(-0.0), a)
#define K_MIN(a, b) _mm256_min_pd(a, b)
#define K_MAX(a, b) _mm256_max_pd(a, b)
#define K_LT(a, b, v, w) _mm256_blendv_pd(w, v, _mm256_cmp_pd(a, b, _CMP_LT_OQ))
#include "models/response/predictor_kernel.h"

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
#define K_FMA(a, b, c) _mm512_fmadd_pd(a, b, c)
#define K_ABS(a) _mm512_abs_pd(a)
#define K_MIN(a, b) _mm512_min_pd(a, b)
#define K_MAX(a, b) _mm512_max_pd(a, b)
#define K_LT(a, b, v, w) _mm512_mask_blend_pd(_mm512_cmp_pd_mask(a, b, _CMP_LT_OQ), w, v)
#include "models/response/predictor_kernel.h"
#endif

/* Calls the kernel of the width wanted. */
#ifdef SYI_HAVE_X86
#define CALL(f, ...)                                                                                                   \
    do {                                                                                                               \
        if (simd == SYI_AVX512) f##_avx512(__VA_ARGS__);                                                               \
        else if (simd == SYI_AVX2) f##_avx2(__VA_ARGS__);                                                              \
        else f##_baseline(__VA_ARGS__);                                                                                \
    } while (0)
#else
#define CALL(f, ...) ((void)simd, f##_baseline(__VA_ARGS__))
#endif

/* Plane k of the scratch. */
static double *plane(const syi_predictor_tile *t, int k)
{
    return t->work + (ptrdiff_t)k * SYI_TILE;
}

void syi_rows_logit(int simd, int len, const syi_predictor_tile *t)
{
    CALL(fold, len, t->eta, plane(t, 0));
    syi_vec_logistic(simd, len, plane(t, 0), plane(t, 1), plane(t, 2), plane(t, 3));
    CALL(logit, len, t, plane(t, 1), plane(t, 2), plane(t, 3));
}

void syi_rows_probit(int simd, int len, const syi_predictor_tile *t)
{
    if (!t->trials) {
        CALL(turn, len, t, plane(t, 0));
        syi_vec_normal(simd, len, plane(t, 0), NULL, plane(t, 1), plane(t, 2));
        CALL(probit, len, t, plane(t, 0), plane(t, 1), plane(t, 2));
        return;
    }
    for (int i = 0; i < len; i++) plane(t, 0)[i] = -t->eta[i];
    syi_vec_normal(simd, len, t->eta, NULL, plane(t, 1), plane(t, 2));
    syi_vec_normal(simd, len, plane(t, 0), NULL, plane(t, 3), plane(t, 4));
    CALL(probit_trials, len, t, plane(t, 0), plane(t, 1), plane(t, 2), plane(t, 3), plane(t, 4));
}

void syi_rows_cloglog(int simd, int len, const syi_predictor_tile *t)
{
    syi_vec_exp(simd, len, t->eta, plane(t, 0));
    syi_vec_cloglog(simd, len, t->eta, plane(t, 1), plane(t, 2), plane(t, 3));
    CALL(cloglog, len, t, plane(t, 0), plane(t, 1), plane(t, 2), plane(t, 3));
}

void syi_rows_poisson(int simd, int len, const syi_predictor_tile *t)
{
    syi_vec_log(simd, len, t->y, plane(t, 0));
    CALL(poisson_gap, len, t, plane(t, 0), plane(t, 1));
    syi_vec_expm1(simd, len, plane(t, 1), plane(t, 2));
    CALL(poisson, len, t, plane(t, 1), plane(t, 2));
}

void syi_rows_negative_binomial(int simd, int len, const syi_rising *rising, const syi_predictor_tile *t)
{
    double *const mu = plane(t, 0), *const u = plane(t, 1), *const r = plane(t, 2);
    syi_vec_exp(simd, len, t->eta, mu);
    CALL(over, len, mu, rising->theta, u);
    syi_vec_log1p(simd, len, u, u);
    syi_rising_rows(simd, rising, len, t->y, r, r + SYI_TILE, r + 2 * SYI_TILE);
    CALL(negative, len, t, rising->theta, mu, u, r);
}

void syi_predictor_rows(int simd, const syi_likelihood *l, const syi_rising *rising, int len,
                        const syi_predictor_tile *t)
{
    if (l->kind == SY_RESPONSE_POISSON) syi_rows_poisson(simd, len, t);
    else if (l->kind == SY_RESPONSE_NEGATIVE_BINOMIAL) syi_rows_negative_binomial(simd, len, rising, t);
    else if (l->link == SY_LINK_PROBIT) syi_rows_probit(simd, len, t);
    else if (l->link == SY_LINK_CLOGLOG) syi_rows_cloglog(simd, len, t);
    else syi_rows_logit(simd, len, t);
}
