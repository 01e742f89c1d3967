/* Which orders of entry count: groups of blocks that the question puts one
 * after another, and marginality.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_ORDERS_INTERNAL_H
#define SYI_ORDERS_INTERNAL_H
#include "shares/players_internal.h"

/* The question's groups: numbered 0 .. without a gap. SY_EINVAL. */
sy_status syi_orders_check(sy_context *ctx, const sy_question *question);

/* Fills plan->enters_after (see players_internal.h) once the terms are placed,
 * with a remark on each row that marginality holds back, and on each block that
 * holds an interaction of other blocks' terms beside terms of its own. */
sy_status syi_orders_find(sy_context *ctx, const sy_question *question, syi_plan *plan);

/* 1 when label `part` names a part of the product `whole`: "a" or "b" of "a:b",
 * "x" of "x^2", "a:b" of "a:b:c"; never itself. */
int syi_orders_part(const char *whole, const char *part);

/* 1 when not all orders of a walk's players count. block < 0: of the blocks. */
int syi_orders_bind(const syi_plan *plan, int block);

/* Weights and feasible sets of a walk whose orders are bound: weight, after,
 * set, n_sets and k_of. 0, or -1 when there is no room. */
int syi_orders_weights(const syi_plan *plan, syi_walk *walk);
#endif
