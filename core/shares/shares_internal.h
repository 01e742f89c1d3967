/* One evaluation of all shares from one set of sums: what resampling repeats.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_SHARES_INTERNAL_H
#define SYI_SHARES_INTERNAL_H
#include "shares/players_internal.h"

enum { SYI_BOUNDS_TABLED = 1, SYI_BOUNDS_ALL = 2 };

typedef struct {
    int bounds;  /* also lowest and highest: where a table is kept anyway, or by leaf tables too (never in a worker) */
    int guarded; /* force the double-double tree */
    int plain;   /* sums are plain double: no more digits are sought than they have */
    double *values; /* [2^n_players] v(S) of the blocks' walk, kept here; NULL: not. Needs bounds and a tabled walk */
} syi_wanted;

/* Why an evaluation has no answer; SYI_EVALUATED when it has one. */
typedef enum { SYI_EVALUATED, SYI_CONSTANT_OUTCOME, SYI_TOO_FEW_ROWS, SYI_STOPPED, SYI_NO_ROOM } syi_outcome;

/* Fills summary and table [n_rows * SY_N_METRICS] (NaN throughout without an
 * answer). aliased [n_adjust + k], may be NULL, marks columns that add nothing.
 * With ctx a long walk uses its threads and polls; with NULL all is done here,
 * without allocation: for use inside a worker. scratch: syi_shares_room bytes,
 * given back empty. */
syi_outcome syi_shares_evaluate(sy_context *ctx, int simd, const syi_plan *plan, const syi_sums *sums,
                                const syi_wanted *wanted, syi_arena *scratch, sy_shares_summary *summary, double *table,
                                int *aliased);

/* The same from the centred cross-products [order * order] of the plan's
 * columns (order = n_adjust + k + 1), which are overwritten; summary->n and
 * summary->n_effective are read. */
syi_outcome syi_shares_of_matrix(sy_context *ctx, int simd, const syi_plan *plan, syi_dd *centred,
                                 const syi_wanted *wanted, syi_arena *scratch, sy_shares_summary *summary,
                                 double *table, int *aliased);

/* What `options` ask of a plan; a remark when auto leaves lowest and highest
 * out. */
sy_status syi_shares_wanted(sy_context *ctx, const syi_plan *plan, const sy_shares_options *options,
                            syi_wanted *wanted);

/* The whole sample's evaluation, reported in words: an error, or remarks on
 * aliased columns, on the guarded tree and on suppression. Where columns are aliased the columns
 * of every submodel are first counted by rank, for the plan's later use too, so
 * that adjusted values and by_chance do not charge for what adds nothing.
 * aliased [n_adjust + k]. */
sy_status syi_shares_whole(sy_context *ctx, syi_plan *plan, const sy_question *question, const syi_sums *total,
                           const syi_wanted *wanted, syi_arena *scratch, sy_shares_summary *summary, double *table,
                           int *aliased);

/* An evaluation's outcome in words, for syi_shares_whole and its kin. */
sy_status syi_shares_report(sy_context *ctx, const syi_plan *plan, const sy_question *question, syi_outcome outcome,
                            const sy_shares_summary *summary, const int *aliased);

/* Counts by rank; SY_ENOMEM. */
sy_status syi_shares_settle(sy_context *ctx, syi_plan *plan, const syi_sums *total);

/* Scratch for one evaluation, and the seconds it is expected to take. */
size_t syi_shares_room(const syi_plan *plan);
double syi_shares_seconds(const syi_plan *plan, int guarded);
#endif
