/* Counter-based random numbers: Philox 4x32-10 [Salmon, Moraes, Dror & Shaw
 * 2011, doi:10.1145/2063384.2063405]. A stream is keyed by (seed, replicate,
 * unit), so a draw is the same whatever thread or host asks for it.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_RANDOM_INTERNAL_H
#define SYI_RANDOM_INTERNAL_H
#include <stddef.h>
#include <stdint.h>

void syi_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

typedef struct {
    uint32_t key[2], counter[4], block[4];
    int used; /* words of the block already given */
} syi_stream;

void syi_stream_init(syi_stream *s, uint64_t seed, uint32_t replicate, uint32_t unit);
uint32_t syi_stream_bits(syi_stream *s);
double syi_stream_uniform(syi_stream *s);             /* (0, 1), 53 bits, never 0 or 1 */
uint32_t syi_stream_below(syi_stream *s, uint32_t n); /* 0..n-1, unbiased [Lemire 2019] */
/* The same `count` times, the same numbers, four times as fast. */
void syi_stream_below_many(syi_stream *s, uint32_t n, size_t count, uint32_t *out);
double syi_stream_normal(syi_stream *s);              /* by the quantile of one uniform (GSL) */
#endif
