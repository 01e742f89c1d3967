/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_ORDER_WEIGHTS_INTERNAL_H
#define SYI_ORDER_WEIGHTS_INTERNAL_H
#include "shares/increments_internal.h"
#include "shares/players_internal.h"

/* 1 when so few sets occur that a list of them beats the whole table. */
int syi_orders_sparse(const syi_walk *walk);

/* What syi_increments_of gives, of every own player (out [n_own]) of a walk with
 * `after`: over the increments that occur in an order that counts. In order of
 * the sets: one order of summation. */
void syi_orders_increments(const syi_walk *walk, const double *value, const double *adjusted, syi_increments *out);

/* What syi_split_rank gives, of such a walk. */
void syi_orders_rank(const syi_walk *walk, double *row_rank);
#endif
