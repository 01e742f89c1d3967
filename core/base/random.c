/* Counter-based random numbers.
 *
 * Philox 4x32-10: ten rounds of two 32 x 32 -> 64 bit products on a counter of
 * four words, the key raised by two Weyl constants between rounds. A draw is a
 * function of (seed, replicate, unit, position), so replicates can be computed
 * in any order, by any thread, again and alone. 2^64 blocks of four words a
 * stream; about 4 ns a word.
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

void syi_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3], k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        const uint64_t a = UINT64_C(0xD2511F53) * c0, b = UINT64_C(0xCD9E8D57) * c2;
        c0 = (uint32_t)(b >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)b;
        c2 = (uint32_t)(a >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)a;
        k0 += UINT32_C(0x9E3779B9);
        k1 += UINT32_C(0xBB67AE85);
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
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

double syi_stream_normal(syi_stream *s)
{
    return gsl_cdf_ugaussian_Pinv(syi_stream_uniform(s));
}
