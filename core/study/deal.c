/* Rows dealt out to groups of equal size in a random order, once for all.
 *
 * Groups of rows stand for the single rows in a jackknife: with 100 of them the
 * variance has 99 degrees of freedom at a hundredth of the cost of 10,000 rows.
 * Kott 2001, doi:10.2307/2672626.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/random_internal.h"
#include "study/deal_internal.h"

void syi_deal(uint64_t seed, size_t count, int groups, unsigned char *group)
{
    syi_stream stream;
    syi_stream_init(&stream, seed, 0, 0);
    for (size_t i = 0; i < count; i++) group[i] = (unsigned char)(i % (size_t)groups);
    for (size_t i = count; i-- > 1;) {
        const size_t j = syi_stream_below(&stream, (uint32_t)(i + 1));
        const unsigned char held = group[i];
        group[i] = group[j];
        group[j] = held;
    }
}
