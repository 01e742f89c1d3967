/* Shares with their uncertainty: the whole answer to one question.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_EVIDENCE_H
#define STEELYARD_EVIDENCE_H
#include "steelyard/interval.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    SY_INTERVAL_AUTO = 0,        /* the rule of interval choice below */
    SY_INTERVAL_NONE = 1,
    SY_INTERVAL_JACKKNIFE = 2,   /* delete one unit, t(units - strata); without strata t(units - 1) */
    SY_INTERVAL_INFLUENCE = 3,   /* infinitesimal jackknife: over the units with t(units - strata), else over
                                    the rows with t(n - 1) */
    SY_INTERVAL_NORMAL = 4,      /* from the moments alone: assumes normal data */
    SY_INTERVAL_PERCENTILE = 5,  /* bootstrap of units, within strata where there are strata */
    SY_INTERVAL_EXPANDED = 6,    /* the same, percentiles widened for few units */
    SY_INTERVAL_BASIC = 7,       /* the estimate less what replicates lie above it, on the metric's scale */
    SY_INTERVAL_BCA = 8,         /* percentiles corrected for bias and skewness [Efron 1987] */
    SY_INTERVAL_STUDENTISED = 9, /* replicates measured in their own linearised standard errors */
    SY_INTERVAL_BAYES = 10       /* percentiles under Dirichlet weights of the units [Rubin 1981] */
} sy_interval_kind;

typedef struct {
    sy_shares_options shares;
    sy_interval_kind interval;
    double level;         /* default 0.95 */
    int replicates;       /* default 2000; bootstrap kinds only */
    uint64_t seed;        /* default 1 */
    double time_limit;    /* seconds; auto gives up beforehand past it; default 60 */
} sy_evidence_options;

SY_API void sy_evidence_defaults(sy_evidence_options *options);

typedef struct {
    sy_shares_summary whole;
    double total_std_error, total_low, total_high;
    sy_interval_kind interval; /* the one used */
    double df;                 /* of the t limits: units - 1 (percentile kinds: for claims only) */
    ptrdiff_t units;           /* clusters or rows the limits rest on */
    int replicates;            /* bootstrap replicates kept; 0 otherwise */
    double seconds_estimated;  /* for the interval, before it was begun */
    int n_strata;              /* the strata of the units; 0 without */
    /* What nominal 95 % limits of this kind covered in simulation, in percent: the
     * range over the shapes tried at the nearest number of units not above this
     * one (tests/reference/coverage/kinds.csv). For kinds asked by name; NaN else. */
    double coverage_least, coverage_most, coverage_units;
} sy_evidence_summary;

/* Buffers of the caller; R = blocks + terms rows, as the table of sy_shares. */
typedef struct {
    double *estimate;         /* [R * SY_N_METRICS] */
    double *std_error;        /* [R * SY_N_METRICS] NaN where there is none */
    double *std_error_scaled; /* [R * SY_N_METRICS] on the metric's scale */
    double *low, *high;       /* [R * SY_N_METRICS] */
    double *covariance;       /* [SY_N_METRICS * R * R], one matrix a metric */
    double *replicates;       /* [options.replicates * R * SY_N_METRICS] or NULL for the kinds without */
    double *mc_error;         /* [R] Monte Carlo error of each share, NaN when exact; or NULL */
} sy_evidence_table;

/* Which limits, when interval is SY_INTERVAL_AUTO:
 *   clusters: jackknife over clusters; under 6 clusters none, with a remark;
 *   one set a row: jackknife over rows;
 *   `rows` given: infinitesimal jackknife (influence function) over them;
 *   else: normal theory, with a remark that says so.
 * rows: the design the moments were made from, or NULL. Remarks: few clusters
 * (with the coverage measured), a block constant within clusters, limits
 * skipped for time. Sampled shares have no limits unless a kind is named, whose
 * replicates then all take the same orders.
 * Cost: (units + 1) times that of sy_shares for a jackknife, about 2 k^2 times
 * (k columns) for the influence function. Threads share the replicates. */
SY_API SY_MUST_CHECK sy_status sy_evidence_shares(sy_context *ctx, const sy_moments *m, const sy_design *rows,
                                                  const sy_question *question,
                                                  const sy_evidence_options *options,
                                                  sy_evidence_summary *summary, const sy_evidence_table *table);

#ifdef __cplusplus
}
#endif
#endif
