/* The functions of algebra/vector_math.c against quadmath: errors in units of
 * the last place over wide ranges, the ends, and the same bits for every set of
 * instructions.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/lanes_internal.h"
#include "algebra/vector_math_internal.h"
#include "base/random_internal.h"
#include <math.h>
#include <quadmath.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { LEN = 4096 };

typedef __float128 quad;
typedef void (*vector)(int simd, int len, const double *x, double *out);
typedef quad (*twin)(quad x);

static double x[LEN] __attribute__((aligned(64))), got[LEN] __attribute__((aligned(64)));

static double ulps(double value, quad exact)
{
    if (fabsq(exact) > 0x1.fffffffffffffp1023Q + 0x1p969Q) return isinf(value) ? 0 : 1e9;
    int e;
    frexpq(exact, &e);
    const int last = e - 53 < -1074 ? -1074 : e - 53;
    return (double)(fabsq((quad)value - exact) / ldexpq(1, last));
}

/* Fills x with LEN numbers from low to high, at random but for the ends. */
static void fill(double low, double high, uint32_t seed)
{
    syi_stream s;
    syi_stream_init(&s, 5, seed, 1);
    for (int i = 0; i < LEN; i++) x[i] = low + (high - low) * syi_stream_uniform(&s);
    x[0] = low;
    x[LEN - 1] = high;
}

/* The largest error of f over [low, high]; sign -1 looks at -x. */
static double worst(vector f, twin exact, double low, double high)
{
    double most = 0;
    for (uint32_t seed = 0; seed < 8; seed++) {
        fill(low, high, seed);
        f(syi_lanes_width(SYI_AVX512), LEN, x, got);
        for (int i = 0; i < LEN; i++) {
            const double e = ulps(got[i], exact((quad)x[i]));
            if (!(e <= most)) most = e;
        }
    }
    return most;
}

/* As `worst` over numbers of either sign whose size goes from 2^low to 2^high. */
static double worst_scales(vector f, twin exact, int low, int high, int negative)
{
    double most = 0;
    for (int e = low; e <= high; e++) {
        fill(ldexp(1, e), ldexp(2, e) * (1 - 0x1p-53), (uint32_t)(e + 2000));
        for (int i = 0; negative && i < LEN; i++) x[i] = -x[i];
        f(syi_lanes_width(SYI_AVX512), 64, x, got);
        for (int i = 0; i < 64; i++) {
            const double error = ulps(got[i], exact((quad)x[i]));
            if (!(error <= most)) most = error;
        }
    }
    return most;
}

static void vec_cdf(int simd, int len, const double *v, double *out)
{
    syi_vec_logistic(simd, len, v, out, NULL, NULL);
}
static void vec_upper(int simd, int len, const double *v, double *out)
{
    syi_vec_logistic(simd, len, v, NULL, out, NULL);
}
static void vec_tail(int simd, int len, const double *v, double *out)
{
    syi_vec_logistic(simd, len, v, NULL, NULL, out);
}
static void vec_phi(int simd, int len, const double *v, double *out)
{
    syi_vec_normal(simd, len, v, out, NULL, NULL);
}
static void vec_log_phi(int simd, int len, const double *v, double *out)
{
    syi_vec_normal(simd, len, v, NULL, out, NULL);
}
static void vec_hazard(int simd, int len, const double *v, double *out)
{
    syi_vec_normal(simd, len, v, NULL, NULL, out);
}
static void vec_gumbel(int simd, int len, const double *v, double *out)
{
    syi_vec_cloglog(simd, len, v, out, NULL, NULL);
}
static void vec_gumbel_up(int simd, int len, const double *v, double *out)
{
    syi_vec_cloglog(simd, len, v, NULL, out, NULL);
}
static void vec_log_gumbel(int simd, int len, const double *v, double *out)
{
    syi_vec_cloglog(simd, len, v, NULL, NULL, out);
}

static quad cdf_of(quad v)
{
    return 1 / (1 + expq(-v));
}
static quad upper_of(quad v)
{
    return 1 / (1 + expq(v));
}
static quad tail_of(quad v)
{
    return v > 0 ? -(v + log1pq(expq(-v))) : -log1pq(expq(v));
}
static quad density_of(quad v)
{
    return expq(-v * v / 2) / sqrtq(2 * M_PIq);
}
static quad phi_of(quad v)
{
    return erfcq(-v / M_SQRT2q) / 2;
}
static quad gumbel_of(quad v)
{
    return -expm1q(-expq(v));
}
static quad gumbel_up_of(quad v)
{
    return expq(-expq(v));
}
static quad log_gumbel_of(quad v)
{
    return v > 0 ? log1pq(-expq(-expq(v))) : logq(-expm1q(-expq(v)));
}

/* P(Z > a) over the density, by Laplace's continued fraction. */
static quad ratio_of(quad a)
{
    quad v = a;
    for (int k = 400; k > 0; k--) v = a + k / v;
    return 1 / v;
}
static quad log_phi_of(quad v)
{
    if (v < -20) return logq(ratio_of(-v)) - v * v / 2 - logq(2 * M_PIq) / 2;
    return v > 0 ? log1pq(-phi_of(-v)) : logq(phi_of(v));
}
static quad hazard_of(quad v)
{
    return v < -20 ? 1 / ratio_of(-v) : density_of(v) / phi_of(v);
}

#define NEAR(most, call)                                                                                               \
    do {                                                                                                               \
        const double e_ = (call);                                                                                      \
        print_message("%5.2f  %s\n", e_, #call);                                                                       \
        assert_true(e_ <= (most));                                                                                     \
    } while (0)

/* A correctly rounded value is within 0.5; 2 is what the header promises. */
static void exponentials_are_within_two_ulp(void **state)
{
    (void)state;
    NEAR(2, worst(syi_vec_exp, expq, -1, 1));
    NEAR(2, worst(syi_vec_exp, expq, -745.2, 709.8));
    NEAR(2, worst_scales(syi_vec_exp, expq, -1074, 9, 0));
    NEAR(2, worst_scales(syi_vec_exp, expq, -1074, 9, 1));
    NEAR(2, worst(syi_vec_expm1, expm1q, -1.2, 1.2));
    NEAR(2, worst(syi_vec_expm1, expm1q, -60, 709.8));
    NEAR(2, worst_scales(syi_vec_expm1, expm1q, -1074, 9, 0));
    NEAR(2, worst_scales(syi_vec_expm1, expm1q, -1074, 9, 1));
}

static void logarithms_are_within_two_ulp(void **state)
{
    (void)state;
    NEAR(2, worst(syi_vec_log, logq, 0.5, 2));
    NEAR(2, worst(syi_vec_log, logq, 0.999, 1.001));
    NEAR(2, worst_scales(syi_vec_log, logq, -1074, 1023, 0));
    NEAR(2, worst(syi_vec_log1p, log1pq, -0.9999, 1));
    NEAR(2, worst(syi_vec_log1p, log1pq, 0, 20));
    NEAR(2, worst_scales(syi_vec_log1p, log1pq, -1074, 1023, 0));
    NEAR(2, worst_scales(syi_vec_log1p, log1pq, -1074, -1, 1));
}

static void logistic_pieces_are_within_two_ulp(void **state)
{
    (void)state;
    for (int side = -1; side <= 1; side += 2) {
        NEAR(2, worst(vec_cdf, cdf_of, 0, side * 3));
        NEAR(2, worst(vec_cdf, cdf_of, 0, side * 745.));
        NEAR(2, worst(vec_upper, upper_of, 0, side * 3));
        NEAR(2, worst(vec_upper, upper_of, 0, side * 745.));
        NEAR(2, worst(vec_tail, tail_of, 0, side * 3));
        NEAR(2, worst(vec_tail, tail_of, 0, side * 745.));
    }
    NEAR(2, worst_scales(vec_tail, tail_of, 9, 1023, 0));
}

static void normal_tails_are_within_two_ulp(void **state)
{
    (void)state;
    for (int side = -1; side <= 1; side += 2) {
        NEAR(2, worst(syi_vec_normal_density, density_of, 0, side * 39));
        NEAR(2, worst(vec_phi, phi_of, 0, side * 1));
        NEAR(2, worst(vec_phi, phi_of, 0, side * 8));
        NEAR(2, worst(vec_phi, phi_of, 0, side * 38.6));
        NEAR(2, worst(vec_log_phi, log_phi_of, 0, side * 1));
        NEAR(2, worst(vec_log_phi, log_phi_of, 0, side * 38.4));
        NEAR(2, worst(vec_hazard, hazard_of, 0, side * 1));
        NEAR(2, worst(vec_hazard, hazard_of, 0, side * 38.4));
    }
    NEAR(2, worst(vec_log_phi, log_phi_of, -20, -1000));
    NEAR(2, worst(vec_hazard, hazard_of, -20, -1000));
    NEAR(2, worst_scales(vec_log_phi, log_phi_of, 8, 511, 1));
    NEAR(2, worst_scales(vec_hazard, hazard_of, 8, 1023, 1));
}

/* e^-w has the relative error of w times w; half an ulp of x alone moves it by
 * |x| w / 2 ulp. */
static void cloglog_pieces_are_as_good_as_their_argument(void **state)
{
    (void)state;
    NEAR(2, worst(vec_gumbel, gumbel_of, -700, 4));
    NEAR(2, worst(vec_gumbel, gumbel_of, -3, 3));
    NEAR(2, worst(vec_gumbel_up, gumbel_up_of, -700, 0));
    NEAR(8, worst(vec_gumbel_up, gumbel_up_of, 0, 3));
    NEAR(2, worst(vec_log_gumbel, log_gumbel_of, -700, 0));
    NEAR(8, worst(vec_log_gumbel, log_gumbel_of, 0, 3));
    NEAR(2, worst(vec_log_gumbel, log_gumbel_of, -10000, -700));
}

static double at(vector f, double v)
{
    for (int i = 0; i < 8; i++) x[i] = v;
    f(syi_lanes_width(SYI_AVX512), 8, x, got);
    return got[3];
}

static void ends_are_those_of_c(void **state)
{
    (void)state;
    const vector all[] = {
        syi_vec_exp, syi_vec_expm1, syi_vec_log, syi_vec_log1p,          vec_cdf,    vec_upper,     vec_tail,
        vec_phi,     vec_log_phi,   vec_hazard,  syi_vec_normal_density, vec_gumbel, vec_gumbel_up, vec_log_gumbel};
    const double low[] = {0, -1, NAN, NAN, 0, 1, 0, 0, -INFINITY, INFINITY, 0, 0, 1, -INFINITY};
    const double high[] = {INFINITY, INFINITY, INFINITY, INFINITY, 1, 0, -INFINITY, 1, 0, 0, 0, 1, 0, 0};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        print_message("function %zu: %g %g %g\n", k, at(all[k], -INFINITY), at(all[k], INFINITY), at(all[k], NAN));
        assert_true(isnan(at(all[k], NAN)));
        assert_true(isnan(low[k]) ? isnan(at(all[k], -INFINITY)) : at(all[k], -INFINITY) == low[k]);
        assert_true(at(all[k], INFINITY) == high[k]);
    }
    assert_true(at(syi_vec_log, 0) == -INFINITY && isnan(at(syi_vec_log, -1)));
    assert_true(at(syi_vec_log1p, -1) == -INFINITY && isnan(at(syi_vec_log1p, -1.5)));
    assert_true(at(syi_vec_exp, 0) == 1 && at(syi_vec_exp, 1e308) == INFINITY && at(syi_vec_exp, -1e308) == 0);
    assert_true(at(vec_phi, 0) == 0.5 && at(vec_cdf, 0) == 0.5 && at(vec_hazard, -1e300) == 1e300);
    assert_true(at(vec_log_phi, -1e200) == -INFINITY && at(vec_log_phi, 1e200) == 0);
}

static void every_set_of_instructions_gives_the_same_bits(void **state)
{
    (void)state;
    static double other[LEN] __attribute__((aligned(64)));
    const vector all[] = {
        syi_vec_exp, syi_vec_expm1, syi_vec_log, syi_vec_log1p,          vec_cdf,    vec_upper,     vec_tail,
        vec_phi,     vec_log_phi,   vec_hazard,  syi_vec_normal_density, vec_gumbel, vec_gumbel_up, vec_log_gumbel};
    const double reach[] = {1, 40, 800, 1e10};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        for (size_t r = 0; r < 4; r++) {
            fill(-reach[r], reach[r], (uint32_t)r);
            x[1] = INFINITY, x[2] = -INFINITY, x[3] = 0x1p-1060, x[4] = -0.0;
            all[k](SYI_BASELINE, LEN, x, got);
            for (int simd = SYI_AVX2; simd <= SYI_AVX512; simd++) {
                all[k](syi_lanes_width(simd), LEN, x, other);
                for (int i = 0; i < LEN; i++) assert_true(got[i] == other[i] || (isnan(got[i]) && isnan(other[i])));
            }
        }
}

static void columns_are_combined_weighed_and_summed(void **state)
{
    (void)state;
    static double c[3 * 16] __attribute__((aligned(64))), w[16] __attribute__((aligned(64)));
    static double out[3 * 16] __attribute__((aligned(64))), lanes[8] __attribute__((aligned(64)));
    const double b[] = {2, -1, 0.5};
    for (int i = 0; i < 48; i++) c[i] = i;
    for (int i = 0; i < 16; i++) w[i] = i % 3;
    for (int simd = SYI_BASELINE; simd <= SYI_AVX512; simd++) {
        const int width = syi_lanes_width(simd);
        for (int i = 0; i < 16; i++) out[i] = 100;
        syi_vec_combine(width, 16, 3, c, 16, b, out);
        for (int i = 0; i < 16; i++) assert_true(out[i] == 100 + 2 * i - (16 + i) + 0.5 * (32 + i));
        syi_vec_weigh(width, 16, 3, c, 16, w, out, 16);
        for (int i = 0; i < 48; i++) assert_true(out[i] == i * w[i % 16]);
        assert_int_equal(syi_vec_standardise(width, 8, c + 3, 1, 0.5, out), 0);
        for (int i = 0; i < 8; i++) assert_true(out[i] == (2 + i) * 0.5);
        c[9] = NAN;
        assert_true(syi_vec_standardise(width, 8, c + 3, 1, 0.5, out) != 0);
        c[9] = INFINITY;
        assert_true(syi_vec_standardise(width, 8, c + 3, 1, 0.5, out) != 0);
        c[9] = 9;
        memset(lanes, 0, sizeof lanes);
        syi_vec_sum(width, 16, c, lanes);
        for (int l = 0; l < 8; l++) assert_true(lanes[l] == 2 * l + 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exponentials_are_within_two_ulp),
        cmocka_unit_test(logarithms_are_within_two_ulp),
        cmocka_unit_test(logistic_pieces_are_within_two_ulp),
        cmocka_unit_test(normal_tails_are_within_two_ulp),
        cmocka_unit_test(cloglog_pieces_are_as_good_as_their_argument),
        cmocka_unit_test(ends_are_those_of_c),
        cmocka_unit_test(every_set_of_instructions_gives_the_same_bits),
        cmocka_unit_test(columns_are_combined_weighed_and_summed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
