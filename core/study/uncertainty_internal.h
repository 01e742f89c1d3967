/* The mechanics behind sy_evidence_shares: each kind of interval filled in.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_UNCERTAINTY_INTERNAL_H
#define SYI_UNCERTAINTY_INTERNAL_H
#include "steelyard/evidence.h"
#include "study/resample_internal.h"

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

/* The families that syi_uncertainty_fill chooses from. */
sy_status syi_fill_jackknife(sy_context *ctx, const syi_uncertainty *u, const sy_evidence_options *o,
                             sy_evidence_summary *s, const sy_evidence_table *t);
sy_status syi_fill_linear(sy_context *ctx, const syi_uncertainty *u, const sy_design *rows,
                          const sy_evidence_options *o, sy_evidence_summary *s, const sy_evidence_table *t);
sy_status syi_fill_bootstrap(sy_context *ctx, const syi_uncertainty *u, const sy_evidence_options *o,
                             sy_evidence_summary *s, const sy_evidence_table *t);

/* lowest and highest are not. */
int syi_smooth(int metric);

/* Standard errors of a metric from its covariance; `scaled` [R] on its scale,
 * NULL for the delta method. */
void syi_set_errors(const syi_uncertainty *u, sy_interval_kind kind, int metric, const double *scaled,
                    const sy_evidence_table *t);
/* The scale of a metric (of the total: SY_SHARE) by that kind of interval. */
sy_scale syi_scale_of(sy_interval_kind kind, int metric);
/* t limits of every cell and of the total. */
sy_status syi_set_limits(sy_context *ctx, const syi_uncertainty *u, const sy_evidence_options *o, double total_scaled,
                         sy_evidence_summary *s, const sy_evidence_table *t);
/* Spread of the lines, see spread.c, into the table: untransformed
 * covariances, and errors on the scale of shares. place and scratch: [R]. SY_OK or SY_EINTR. */
sy_status syi_set_spread(sy_context *ctx, const syi_uncertainty *u, const double *lines, size_t count,
                         const double *times, const double *centre, syi_spread form, int *place, double *scratch,
                         const sy_evidence_table *t);
sy_status syi_remark_lost(sy_context *ctx, double lost, double count, const char *what);
#endif
