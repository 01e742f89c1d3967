/* Philox against its published answers, streams, and what is drawn from them.
 * The draws are fixed by their seeds: a statistical test here passes always or
 * never, and its limits of five standard errors only say what was expected.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "base/random_internal.h"
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

/* Random123 1.14, tests/kat_vectors, the lines "philox4x32 10"
 * [Salmon, Moraes, Dror & Shaw 2011, doi:10.1145/2063384.2063405]. */
static void philox_gives_its_published_answers(void **state)
{
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } known[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uint32_t out[4];
        syi_philox(known[i].counter, known[i].key, out);
        assert_memory_equal(out, known[i].out, sizeof out);
    }
}

static void a_stream_is_philox_on_its_key_and_counter(void **state)
{
    (void)state;
    syi_stream s;
    const uint32_t key[2] = {0x89abcdef, 0x01234567};
    syi_stream_init(&s, UINT64_C(0x0123456789abcdef), 5, 9);
    for (uint32_t block = 0; block < 3; block++) {
        const uint32_t counter[4] = {block, 0, 5, 9};
        uint32_t out[4];
        syi_philox(counter, key, out);
        for (int i = 0; i < 4; i++) assert_int_equal(syi_stream_bits(&s), out[i]);
    }
}

/* Words left of a block, a run across the carry of the block number, a bound that
 * rejects about half of all words: the same numbers, and the stream in the same place. */
static void many_draws_are_the_single_ones(void **state)
{
    (void)state;
    static const uint32_t bound[] = {1, 2, 7, 2700, 0x80000001, UINT32_MAX};
    uint32_t many[300];
    for (size_t b = 0; b < sizeof bound / sizeof *bound; b++)
        for (uint32_t start = 0; start < 2; start++)
            for (size_t count = 0; count < 300; count += 37) {
                syi_stream one, other;
                syi_stream_init(&one, 77, 5, 9);
                if (start) one.counter[0] = UINT32_MAX - 20;
                for (size_t skip = 0; skip < count % 4; skip++) syi_stream_bits(&one);
                other = one;
                syi_stream_below_many(&one, bound[b], count, many);
                for (size_t i = 0; i < count; i++) assert_int_equal(many[i], syi_stream_below(&other, bound[b]));
                assert_int_equal(syi_stream_bits(&one), syi_stream_bits(&other));
            }
}

static void the_block_number_carries_into_its_second_word(void **state)
{
    (void)state;
    syi_stream s;
    const uint32_t key[2] = {1, 0}, counter[4] = {0, 1, 2, 3};
    uint32_t out[4];
    syi_stream_init(&s, 1, 2, 3);
    s.counter[0] = UINT32_MAX;
    for (int i = 0; i < 4; i++) syi_stream_bits(&s);
    syi_philox(counter, key, out);
    for (int i = 0; i < 4; i++) assert_int_equal(syi_stream_bits(&s), out[i]);
}

static void seed_replicate_and_unit_each_make_another_stream(void **state)
{
    (void)state;
    static const struct {
        uint64_t seed;
        uint32_t replicate, unit;
    } keys[] = {{1, 0, 0}, {2, 0, 0}, {UINT64_C(1) << 32 | 1, 0, 0}, {1, 1, 0}, {1, 0, 1}, {1, 1, 1}};
    enum { N = sizeof keys / sizeof *keys };
    uint32_t first[N];
    for (int i = 0; i < N; i++) {
        syi_stream s;
        syi_stream_init(&s, keys[i].seed, keys[i].replicate, keys[i].unit);
        first[i] = syi_stream_bits(&s);
        for (int j = 0; j < i; j++) assert_int_not_equal(first[i], first[j]);
    }
}

/* From the answer for zeros: 27 bits of 6627e8d5 above 26 bits of e169c58d. */
static void a_uniform_is_53_bits_of_two_words(void **state)
{
    (void)state;
    syi_stream s;
    syi_stream_init(&s, 0, 0, 0);
    const uint64_t k = (UINT64_C(0x6627e8d5) >> 5 << 26) + (0xe169c58d >> 6);
    assert_true(syi_stream_uniform(&s) == (double)k / 9007199254740992.0);
}

static void uniforms_never_reach_zero_or_one(void **state)
{
    (void)state;
    syi_stream s;
    syi_stream_init(&s, 0, 0, 0);
    memset(s.block, 0xFF, sizeof s.block);
    s.used = 0;
    assert_true(syi_stream_uniform(&s) == 1 - 0x1p-53);
    s.block[2] = s.block[3] = 0; /* zero is drawn again, from the next block */
    const double next = syi_stream_uniform(&s);
    assert_true(next > 0 && next < 1);
    assert_int_equal(s.used, 2);
}

static void uniforms_have_the_moments_of_the_uniform(void **state)
{
    (void)state;
    enum { N = 100000 };
    syi_stream s;
    double sum = 0, squares = 0;
    syi_stream_init(&s, 11, 0, 0);
    for (int i = 0; i < N; i++) {
        const double u = syi_stream_uniform(&s) - 0.5;
        sum += u;
        squares += u * u;
    }
    assert_true(fabs(sum / N) < 5 * sqrt(1.0 / 12 / N));
    assert_true(fabs(squares / N - 1.0 / 12) < 5 * sqrt(1.0 / 180 / N));
}

static void whole_numbers_stay_below_their_bound(void **state)
{
    (void)state;
    static const uint32_t bounds[] = {1, 2, 3, 7, 150, 1000003, UINT32_C(1) << 31, UINT32_MAX};
    syi_stream s;
    syi_stream_init(&s, 3, 0, 0);
    for (size_t b = 0; b < sizeof bounds / sizeof *bounds; b++)
        for (int i = 0; i < 1000; i++) assert_true(syi_stream_below(&s, bounds[b]) < bounds[b]);
}

static void whole_numbers_are_equally_likely(void **state)
{
    (void)state;
    enum { BOUND = 7, N = 70000 };
    int count[BOUND] = {0};
    double chi2 = 0;
    syi_stream s;
    syi_stream_init(&s, 4, 0, 0);
    for (int i = 0; i < N; i++) count[syi_stream_below(&s, BOUND)]++;
    for (int i = 0; i < BOUND; i++) chi2 += (count[i] - N / BOUND) * (double)(count[i] - N / BOUND) / (N / BOUND);
    assert_true(gsl_cdf_chisq_Q(chi2, BOUND - 1) > 1e-4);
}

/* For a bound of 3/4 of 2^32 the product alone would give every third number
 * half of all draws. */
static void no_number_is_favoured_for_a_large_bound(void **state)
{
    (void)state;
    enum { N = 30000 };
    int count[3] = {0};
    syi_stream s;
    syi_stream_init(&s, 5, 0, 0);
    for (int i = 0; i < N; i++) count[syi_stream_below(&s, UINT32_C(3) << 30) % 3]++;
    for (int i = 0; i < 3; i++) assert_true(fabs(count[i] - N / 3.0) < 5 * sqrt(N * 2.0 / 9));
}

static void normals_are_the_quantiles_of_the_uniforms(void **state)
{
    (void)state;
    syi_stream a, b;
    syi_stream_init(&a, 6, 1, 2);
    syi_stream_init(&b, 6, 1, 2);
    for (int i = 0; i < 1000; i++) {
        const double z = syi_stream_normal(&a);
        /* the quantile is good to a few eps, and the tail has slope below 1 */
        assert_true(fabs(gsl_cdf_ugaussian_P(z) - syi_stream_uniform(&b)) < 1e-15);
    }
}

static void normals_have_the_moments_of_the_normal(void **state)
{
    (void)state;
    enum { N = 100000 };
    syi_stream s;
    double sum = 0, squares = 0;
    syi_stream_init(&s, 12, 0, 0);
    for (int i = 0; i < N; i++) {
        const double z = syi_stream_normal(&s);
        sum += z;
        squares += z * z;
    }
    assert_true(fabs(sum / N) < 5 * sqrt(1.0 / N));
    assert_true(fabs(squares / N - 1) < 5 * sqrt(2.0 / N));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_its_published_answers),
        cmocka_unit_test(a_stream_is_philox_on_its_key_and_counter),
        cmocka_unit_test(many_draws_are_the_single_ones),
        cmocka_unit_test(the_block_number_carries_into_its_second_word),
        cmocka_unit_test(seed_replicate_and_unit_each_make_another_stream),
        cmocka_unit_test(a_uniform_is_53_bits_of_two_words),
        cmocka_unit_test(uniforms_never_reach_zero_or_one),
        cmocka_unit_test(uniforms_have_the_moments_of_the_uniform),
        cmocka_unit_test(whole_numbers_stay_below_their_bound),
        cmocka_unit_test(whole_numbers_are_equally_likely),
        cmocka_unit_test(no_number_is_favoured_for_a_large_bound),
        cmocka_unit_test(normals_are_the_quantiles_of_the_uniforms),
        cmocka_unit_test(normals_have_the_moments_of_the_normal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
