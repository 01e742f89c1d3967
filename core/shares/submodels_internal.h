/* The R2 of all submodels kept as a table.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_SUBMODELS_INTERNAL_H
#define SYI_SUBMODELS_INTERNAL_H
#include "shares/shares_internal.h"
#include "steelyard/submodels.h"

typedef struct {
    int n_players;
    size_t count;         /* 2^n_players */
    sy_question question; /* the players are its blocks */
    sy_block *blocks;     /* where the players are terms */
    syi_plan plan;
    int n_walks; /* that the plan owns; only the first is walked */
    syi_sums total;
    double *planes; /* of total */
    double *rows;   /* the plan's table */
    double *value;  /* [count] v(S), right to the last digit */
    sy_shares_summary summary;
} syi_submodels;

/* Everything of the whole sample, with the remarks of sy_shares. Free after
 * failure too. */
sy_status syi_submodels_init(sy_context *ctx, const sy_moments *m, const sy_question *question, sy_players players,
                             syi_submodels *out);
void syi_submodels_free(syi_submodels *s);

/* Columns by rank of submodel S, adjusting ones included. */
int syi_submodels_columns(const syi_submodels *s, size_t set);

/* All sets of 1 to `most` of n players, by number and then in the order of the
 * players: set [sy_submodels_sets(n, most)]. */
void syi_submodels_list(int n, int most, int32_t *set);

/* From a table of v(S): what sy_dominance fills. With ctx the host is polled
 * between players and SY_EINTR returned when it says so; NULL inside a worker. */
sy_status syi_dominance_of(sy_context *ctx, int n, const double *value, double tolerance, double *by_size,
                           double *general, double *pairs);
sy_status syi_dominance_check(sy_context *ctx, const sy_question *question, const sy_dominance_options *options);

/* SY_EINTR when the host wants to stop; ctx may be NULL. */
sy_status syi_submodels_poll(sy_context *ctx);

static inline int syi_bits(size_t set)
{
    return __builtin_popcountll(set);
}
#endif
