/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_DEAL_INTERNAL_H
#define SYI_DEAL_INTERNAL_H
#include <stddef.h>
#include <stdint.h>

/* Rows that have no clusters are left out in so many groups at most. */
enum { SYI_LEFT_GROUPS = 100 };

/* Deals `count` rows out to groups 0 .. groups - 1 <= SYI_LEFT_GROUPS of equal size (within one) in a random
 * order of the seed [Fisher & Yates]. Cost: count. */
void syi_deal(uint64_t seed, size_t count, int groups, unsigned char *group);
#endif
