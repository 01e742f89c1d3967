/* Elementary functions of whole arrays.
 *
 * exp: x = k ln 2 + r with ln 2 in two parts, |r| <= ln 2 / 2, Taylor's
 * polynomial of degree 13 (truncation 4e-18) and the last sum kept in two parts.
 * log: x = 2^k (1 + f), s = f / (2 + f), log(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2)),
 * R a Chebyshev fit of 8 terms (1e-19) [Tang 1990, doi:10.1145/98267.98294, for
 * the shape of both]. Normal: P(Z > a) = e^(-a^2/2) S(a), a^2 in two parts; (a +
 * 1) S(a) is smooth in t = (a - 4) / (a + 4), so that one polynomial of degree 25
 * serves 0 <= a < infinity with relative error 2e-18 [Shepherd & Laframboise
 * 1981, doi:10.2307/2007736]. Quotients and the exponential carry a second part
 * into products that follow, so that tails keep their digits. Coefficients were
 * fitted at the zeros of Chebyshev polynomials in 60 decimal digits.
 * Cost, AVX-512, a number: exp 1 ns, log 1.5, logistic with its log 3, normal with
 * log and hazard 7; tests/core/test_twin_vector_math.c has the errors.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/vector_math_internal.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

enum { EXP_TERMS = 12, LOG_TERMS = 8, MILLS_TERMS = 25 };
#define ROOT_HALF 0x3fe6a09e667f3bcd /* bits of sqrt(1/2) */

static const double log2_e = 0x1.71547652b82fep+0, ln2_hi = 0x1.62e42fefa2p-1, ln2_lo = 0x1.9ef35793c7673p-41;
static const double root_two_pi = 0x1.9884533d43651p-2, root_two_pi_lo = -0x1.cbc0d30ebfd15p-56; /* 1 / sqrt(2 pi) */
static const double mills_first = 0x1.e361ea6fba141p-2, mills_first_lo = 0x1.0962b30136575p-56;
static const double exp_table[EXP_TERMS] = {0x1.0000000000000p-1,  0x1.5555555555555p-3,  0x1.5555555555555p-5,
                                            0x1.1111111111111p-7,  0x1.6c16c16c16c17p-10, 0x1.a01a01a01a01ap-13,
                                            0x1.a01a01a01a01ap-16, 0x1.71de3a556c734p-19, 0x1.27e4fb7789f5cp-22,
                                            0x1.ae64567f544e4p-26, 0x1.1eed8eff8d898p-29, 0x1.6124613a86d09p-33};
static const double log_table[LOG_TERMS] = {0x1.5555555555555p-1, 0x1.9999999999a39p-2, 0x1.2492492476ac6p-2,
                                            0x1.c71c72018d701p-3, 0x1.745cf8f0676c5p-3, 0x1.3b1c39558416fp-3,
                                            0x1.0fbe321091854p-3, 0x1.0c077296f3d64p-3};
static const double mills_table[MILLS_TERMS] = {
    -0x1.8c18f2086e34bp-4,  0x1.cabd72a60f83ep-7,   0x1.d4969f10e01adp-6,   -0x1.07c3c2582b3fap-5,
    0x1.25dd7205fe467p-6,   -0x1.47d5fc75010e9p-8,  -0x1.2b7f5dfde64f2p-12, 0x1.6c53834d294f8p-11,
    -0x1.8c11b08961b0dp-14, -0x1.707bc44ead834p-14, 0x1.6483b16f0cd72p-16,  0x1.c9426f2524a1ep-17,
    -0x1.cc96cfc2db46bp-19, -0x1.5ee6730f3029ep-19, 0x1.b0b563aadd2a1p-22,  0x1.29dfcf879fee4p-21,
    0x1.23881cbdfc629p-28,  -0x1.eba37460ba14ap-24, -0x1.908e99f317a74p-26, 0x1.5c06298ad0543p-26,
    0x1.3060881dfb98ap-27,  -0x1.67d1e9c212fe9p-29, -0x1.0611ed85c7789p-29, 0x1.890b1d4ff2a34p-33,
    0x1.b0f01eae4da3ep-33};

static inline int64_t bits_of(double v)
{
    int64_t b;
    memcpy(&b, &v, sizeof b);
    return b;
}

static inline double from_bits(int64_t b)
{
    double v;
    memcpy(&v, &b, sizeof v);
    return v;
}

#define SYI_KERNEL "algebra/vector_math_kernel.h"
#include "algebra/widths.h"

void syi_vec_exp(int simd, int len, const double *x, double *out)
{
    SYI_CALL(vec_exp, len, x, out);
}

void syi_vec_expm1(int simd, int len, const double *x, double *out)
{
    SYI_CALL(vec_expm1, len, x, out);
}

void syi_vec_log(int simd, int len, const double *x, double *out)
{
    SYI_CALL(vec_log, len, x, out);
}

void syi_vec_log1p(int simd, int len, const double *x, double *out)
{
    SYI_CALL(vec_log1p, len, x, out);
}

void syi_vec_logistic(int simd, int len, const double *x, double *cdf, double *upper, double *log_upper)
{
    SYI_CALL(vec_logistic, len, x, cdf, upper, log_upper);
}

void syi_vec_normal(int simd, int len, const double *x, double *cdf, double *log_cdf, double *hazard)
{
    SYI_CALL(vec_normal, len, x, cdf, log_cdf, hazard);
}

void syi_vec_normal_density(int simd, int len, const double *x, double *out)
{
    SYI_CALL(vec_normal_density, len, x, out);
}

void syi_vec_cloglog(int simd, int len, const double *x, double *cdf, double *upper, double *log_cdf)
{
    SYI_CALL(vec_cloglog, len, x, cdf, upper, log_cdf);
}

void syi_vec_combine(int simd, int len, int p, const double *x, ptrdiff_t stride, const double *b, double *out)
{
    SYI_CALL(vec_combine, len, p, x, stride, b, out);
}

void syi_vec_weigh(int simd, int len, int p, const double *x, ptrdiff_t stride, const double *weight, double *out,
                   ptrdiff_t step)
{
    SYI_CALL(vec_weigh, len, p, x, stride, weight, out, step);
}

void syi_vec_sum(int simd, int len, const double *x, double *lanes)
{
    SYI_CALL(vec_sum, len, x, lanes);
}

int syi_vec_standardise(int simd, int len, const double *x, double shift, double factor, double *out)
{
#ifdef SYI_HAVE_X86
    if (simd == SYI_AVX512) return vec_standardise_avx512(len, x, shift, factor, out);
    if (simd == SYI_AVX2) return vec_standardise_avx2(len, x, shift, factor, out);
#endif
    (void)simd;
    return vec_standardise_baseline(len, x, shift, factor, out);
}
