/* Orders drawn at random, each that counts as likely as any other.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_EXTENSIONS_INTERNAL_H
#define SYI_EXTENSIONS_INTERNAL_H
#include "base/random_internal.h"
#include "steelyard/context.h"
#include <stddef.h>

/* Players that must stay together as parts of one sum of orders (see
 * extensions.c); children are nodes, a node's players those below it. */
typedef enum { SYI_ONE_PLAYER, SYI_ONE_AFTER_ANOTHER, SYI_SHUFFLED, SYI_COUNTED } syi_part_kind;

typedef struct {
    syi_part_kind kind;
    int size;                    /* players */
    int first_child, n_children; /* of child[]; a single player: its number in first_child */
    uint32_t *before;            /* counted: [size] the players (bits) each one enters after */
    double *orders;              /* counted: [2^size] orders of those not in S, once S is in; 0 where S cannot be */
} syi_part;

typedef struct {
    int n, n_parts, n_children;
    syi_part *part; /* [2 n] the whole is part[0] */
    int *child;     /* [2 n] */
} syi_extensions;

/* n players; after[i * stride + j] is 1 where i enters after j, closed under
 * transitivity. SY_ELIMIT when more than 18 players hang together in a way
 * that neither chains nor free choices describe; SY_ENOMEM. */
sy_status syi_extensions_init(sy_context *ctx, int n, const unsigned char *after, int stride, syi_extensions *e);
void syi_extensions_free(syi_extensions *e);

/* Two orders [n] at once, each uniform over the orders that count, the second
 * as unlike the first as they allow. work [5 n]. */
void syi_extensions_draw(const syi_extensions *e, syi_stream *s, int *work, int *order, int *opposite);
#endif
