/* The mechanics behind sy_evidence_shares: each kind of interval filled in.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_UNCERTAINTY_INTERNAL_H
#define SYI_UNCERTAINTY_INTERNAL_H
#include "shares/evaluator_internal.h"
#include "steelyard/evidence.h"

typedef struct {
    const syi_plan *plan;
    const sy_question *question;
    syi_wanted wanted; /* of a replicate: no bounds, guarded when the whole sample was */
    syi_sums total;
    double *planes; /* memory of `total` */
    double *values; /* [n_values] the whole sample's */
    int n_values;
} syi_uncertainty;

/* Settles the plan's ranks, evaluates the whole sample and reports on it. */
sy_status syi_uncertainty_init(sy_context *ctx, syi_plan *plan, const sy_question *question, const syi_wanted *wanted,
                               syi_uncertainty *u, sy_shares_summary *summary);
void syi_uncertainty_free(syi_uncertainty *u);

/* Expected seconds on one core. */
double syi_uncertainty_seconds(const syi_uncertainty *u, sy_interval_kind kind, const sy_evidence_options *options);

/* Standard errors, covariances and limits of summary->interval. */
sy_status syi_uncertainty_fill(sy_context *ctx, const syi_uncertainty *u, const sy_design *rows,
                               const sy_evidence_options *options, sy_evidence_summary *summary,
                               const sy_evidence_table *table);
#endif
