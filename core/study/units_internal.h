/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_UNITS_INTERNAL_H
#define SYI_UNITS_INTERNAL_H
#include "shares/influence_internal.h"
#include "study/resample_internal.h"

/* The units' influence in whitened coordinates. products [n_units * pairs]: of
 * one person of unit g (of the cluster, of the row) less the mean of its
 * stratum; factor [n_units]: how much its square counts, N_h / (N_h - 1) times
 * the people it stands for. times [n_units]: how often a unit stands in a
 * replicate, whose influence this is then; NULL: once. */
typedef struct {
    const syi_plan *plan;
    const syi_influence *f;
    const syi_resampling *draws;
    const double *times;
    double *products, *factor;
} syi_units;

/* Bytes of scratch for one syi_units_fill. */
size_t syi_units_room(const syi_plan *plan);
double syi_units_seconds(const syi_plan *plan);

/* Fills products and factor on this thread; returns 0 when the work was stopped. */
int syi_units_fill(const syi_units *u, syi_arena *scratch);

/* fourth [pairs * pairs]: sum over units of factor P P', rows from .. to - 1 of
 * it (the upper triangle; syi_units_mirror fills the rest). */
void syi_units_fourth(const syi_units *u, size_t from, size_t to, double *fourth);
void syi_units_mirror(size_t pairs, double *fourth);

/* Of the whole sample, on all threads: fills the caller's products and factor,
 * and fourth unless it is NULL. */
sy_status syi_units_whole(sy_context *ctx, const syi_units *u, double *fourth);
#endif
