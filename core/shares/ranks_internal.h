/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_RANKS_INTERNAL_H
#define SYI_RANKS_INTERNAL_H
#include "shares/players_internal.h"

/* Fills walk->k_of (of a tabled walk) with the rank of every S. matrix
 * [(k + 1)^2]: block columns in the plan's order and the outcome, unit diagonal
 * before the adjusting columns went out; scratch: syi_ranks_room bytes. */
void syi_ranks_fill(const syi_walk *walk, int k, const syi_dd *matrix, double floor_, syi_arena *scratch);
size_t syi_ranks_room(const syi_plan *plan);
#endif
