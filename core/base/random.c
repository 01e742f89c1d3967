/* Counter-based random numbers.
 *
 * Philox 4x32-10: ten rounds of two 32 x 32 -> 64 bit products on a counter of
 * four words, the key raised by two Weyl constants between rounds. A draw is a
 * function of (seed, replicate, unit, position), so replicates can be computed
 * in any order, by any thread, again and alone. 2^64 blocks of four words a
 * stream; about 4 ns a word one by one, 0.5 ns in runs, eight blocks side by side.
 *
 * Bounded integers: the upper half of bits * n, with the few values rejected
 * that would favour some results; no division in the usual case.
 *
 * Salmon, Moraes, Dror & Shaw 2011, doi:10.1145/2063384.2063405.
 * Lemire 2019, doi:10.1145/3230636.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/random_internal.h"
#include <gsl/gsl_cdf.h>
#include <string.h>
#ifdef SYI_HAVE_X86
#include <immintrin.h>
#endif

enum { BLOCKS = 8, WORDS = 4 * BLOCKS }; /* that a run is made of */

static const uint32_t multiplier[2] = {0xD2511F53, 0xCD9E8D57}, weyl[2] = {0x9E3779B9, 0xBB67AE85};

void syi_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3], k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        const uint64_t a = (uint64_t)multiplier[0] * c0, b = (uint64_t)multiplier[1] * c2;
        c0 = (uint32_t)(b >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)b;
        c2 = (uint32_t)(a >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)a;
        k0 += weyl[0];
        k1 += weyl[1];
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

#ifdef SYI_HAVE_X86
/* Blocks counter .. counter + lanes - 1 of a stream, one a 64-bit lane: products
 * read the low half of a lane, so what stands in the high half does no harm. */
#define K_TARGET SYI_TARGET_AVX512
#define K_NAME run_avx512
#define K_LANES 8
#define K_V __m512i
#define K_SET(x) _mm512_set1_epi64(x)
#define K_LOAD(p) _mm512_loadu_si512(p)
#define K_STORE(p, v) _mm512_storeu_si512(p, v)
#define K_MUL(a, b) _mm512_mul_epu32(a, b)
#define K_HIGH(a) _mm512_srli_epi64(a, 32)
#define K_XOR(a, b) _mm512_xor_si512(a, b)
#include "base/random_kernel.h"
#define K_TARGET SYI_TARGET_AVX2
#define K_NAME run_avx2
#define K_LANES 4
#define K_V __m256i
#define K_SET(x) _mm256_set1_epi64x(x)
#define K_LOAD(p) _mm256_loadu_si256((const __m256i *)(const void *)(p))
#define K_STORE(p, v) _mm256_storeu_si256((__m256i *)(void *)(p), v)
#define K_MUL(a, b) _mm256_mul_epu32(a, b)
#define K_HIGH(a) _mm256_srli_epi64(a, 32)
#define K_XOR(a, b) _mm256_xor_si256(a, b)
#include "base/random_kernel.h"
#endif

/* The next BLOCKS blocks, whose numbers share their second word. */
static void run_of_blocks(int simd, const uint32_t counter[4], const uint32_t key[2], uint32_t out[WORDS])
{
#ifdef SYI_HAVE_X86
    if (simd == SYI_AVX512) {
        run_avx512(counter, key, out);
        return;
    }
    if (simd == SYI_AVX2) {
        run_avx2(counter, key, out);
        return;
    }
#endif
    (void)simd;
    for (uint32_t b = 0; b < BLOCKS; b++) {
        const uint32_t own[4] = {counter[0] + b, counter[1], counter[2], counter[3]};
        syi_philox(own, key, out + 4 * b);
    }
}

void syi_stream_init(syi_stream *s, uint64_t seed, uint32_t replicate, uint32_t unit)
{
    memset(s, 0, sizeof *s);
    s->key[0] = (uint32_t)seed;
    s->key[1] = (uint32_t)(seed >> 32);
    s->counter[2] = replicate;
    s->counter[3] = unit;
    s->used = 4;
}

uint32_t syi_stream_bits(syi_stream *s)
{
    if (s->used == 4) {
        syi_philox(s->counter, s->key, s->block);
        if (++s->counter[0] == 0) s->counter[1]++;
        s->used = 0;
    }
    return s->block[s->used++];
}

double syi_stream_uniform(syi_stream *s)
{
    /* k 2^-53 for k = 1..2^53 - 1: symmetric about one half. Half a step added
     * to 53 bits instead would round the largest to 1. */
    uint64_t k;
    do {
        const uint64_t high = syi_stream_bits(s) >> 5, low = syi_stream_bits(s) >> 6;
        k = high << 26 | low;
    } while (k == 0);
    return (double)k * 0x1p-53;
}

uint32_t syi_stream_below(syi_stream *s, uint32_t n)
{
    uint64_t product = (uint64_t)syi_stream_bits(s) * n;
    if ((uint32_t)product < n) {
        const uint32_t unfair = (0u - n) % n; /* 2^32 mod n */
        while ((uint32_t)product < unfair) product = (uint64_t)syi_stream_bits(s) * n;
    }
    return (uint32_t)(product >> 32);
}

static void take_words(syi_stream *s, size_t count, uint32_t *out)
{
    const int simd = syi_simd_widest();
    while (count > 0 && s->used < 4) {
        *out++ = syi_stream_bits(s);
        count--;
    }
    for (; count >= WORDS && s->counter[0] < UINT32_MAX - BLOCKS; count -= WORDS, out += WORDS) {
        run_of_blocks(simd, s->counter, s->key, out);
        s->counter[0] += BLOCKS;
    }
    for (; count > 0; count--) *out++ = syi_stream_bits(s);
}

void syi_stream_below_many(syi_stream *s, uint32_t n, size_t count, uint32_t *out)
{
    const uint32_t unfair = n > 0 ? (0u - n) % n : 0;
    while (count > 0) {
        size_t kept = 0;
        take_words(s, count, out);
        for (size_t i = 0; i < count; i++) {
            const uint64_t product = (uint64_t)out[i] * n;
            out[kept] = (uint32_t)(product >> 32);
            kept += (uint32_t)product >= unfair;
        }
        out += kept;
        count -= kept;
    }
}

double syi_stream_normal(syi_stream *s)
{
    return gsl_cdf_ugaussian_Pinv(syi_stream_uniform(s));
}
