/* Eight orders of entry side by side: what each column adds when it enters.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_CHAIN_INTERNAL_H
#define SYI_CHAIN_INTERNAL_H
#include "algebra/twofold_internal.h"

enum { SYI_CHAIN_LANES = 8 };

/* matrix [order * order]: k columns and the outcome, symmetric; plain: the same
 * rounded. In lane l the columns enter as place[0][l], place[1][l], ... A pivot
 * below `least` is passed over (guarded); without the guard every pivot is known
 * to be well above 0. Eight lanes lie side by side in all arrays. */
typedef struct {
    int order, guarded;
    const syi_dd *matrix;
    const double *plain;
    double least;
    int *place;    /* [order][8], the last row is the outcome in every lane */
    double *added; /* [k][8] what the column adds to v */
    double *taken; /* [k][8] 1, or 0 where it was passed over */
    void *room;    /* syi_chain_room doubles */
} syi_chain;

size_t syi_chain_room(int order, int guarded);

/* 0, or 1 when the host stopped it on the way. */
int syi_chain_run(int simd, const syi_chain *chain);

/* Seconds for eight orders on one core. */
double syi_chain_seconds(int order, int guarded);

int syi_chain_baseline(const syi_chain *chain);
int syi_chain_avx2(const syi_chain *chain);
int syi_chain_avx512(const syi_chain *chain);
#endif
