/* Elementary functions of whole arrays, for the inner loops of likelihoods.
 *
 * One definition for every processor (vector_math_kernel.h), built from +, -,
 * *, /, sqrt and fused multiply-add alone: the same bits on AVX-512, AVX2 and
 * the baseline, with any compiler and C library. len is a multiple of 8; arrays
 * are aligned to 64 bytes and may be the same one; simd is syi_lanes_width's.
 * Errors in ulp of the result are those of tests/core/test_twin_vector_math.c.
 * Infinities, NaN and results out of range are as C has them; no errno, and the
 * floating-point flags mean nothing.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_VECTOR_MATH_INTERNAL_H
#define SYI_VECTOR_MATH_INTERNAL_H
#include <stddef.h>

/* 2 ulp at most, everywhere (subnormal results: 1 of the smallest number). */
void syi_vec_exp(int simd, int len, const double *x, double *out);
void syi_vec_expm1(int simd, int len, const double *x, double *out);
void syi_vec_log(int simd, int len, const double *x, double *out);
void syi_vec_log1p(int simd, int len, const double *x, double *out);

/* The logistic distribution without cancellation: cdf = 1 / (1 + e^-x), upper
 * = 1 / (1 + e^x), log_upper = -log(1 + e^x). Any of them may be NULL. The
 * density is cdf * upper; log cdf is log_upper + x, or log_upper of -x. */
void syi_vec_logistic(int simd, int len, const double *x, double *cdf, double *upper, double *log_upper);

/* The normal distribution, both tails: cdf = P(Z <= x), accurate relative to
 * itself for every x (for the upper tail give -x); log_cdf likewise; hazard =
 * density / cdf, which goes as -x for x far below 0. Any of them may be NULL. */
void syi_vec_normal(int simd, int len, const double *x, double *cdf, double *log_cdf, double *hazard);
void syi_vec_normal_density(int simd, int len, const double *x, double *out);

/* The complementary log-log link: upper = exp(-e^x), cdf = 1 - upper, and
 * log_cdf = log(1 - exp(-e^x)). Any of them may be NULL. log upper is -e^x. */
void syi_vec_cloglog(int simd, int len, const double *x, double *cdf, double *upper, double *log_cdf);

/* out += sum over j < p of b[j] times column j, column j at x + j * stride. */
void syi_vec_combine(int simd, int len, int p, const double *x, ptrdiff_t stride, const double *b, double *out);

/* Column j of out (step apart) = weight times column j of x (stride apart). */
void syi_vec_weigh(int simd, int len, int p, const double *x, ptrdiff_t stride, const double *weight, double *out,
                   ptrdiff_t step);

/* lanes[0..7] += x, entry i to lane i mod 8. */
void syi_vec_sum(int simd, int len, const double *x, double *lanes);

/* out = (x - shift) * factor, x at any address; non-zero when one of them is not
 * finite. */
int syi_vec_standardise(int simd, int len, const double *x, double shift, double factor, double *out);
#endif
