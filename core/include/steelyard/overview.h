/* Shares of people better, the same and worse, with limits: by indicator and
 * group; how many indicators reach a threshold; people with k or more
 * difficult steps; ranks and funnel limits of groups.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_OVERVIEW_H
#define STEELYARD_OVERVIEW_H
#include "steelyard/design.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    SY_PROPORTION_AUTO = 0, /* asked only: Wilson, or by the design where there are clusters or sampling weights */
    SY_PROPORTION_WILSON = 1,
    SY_PROPORTION_EXACT = 2, /* Clopper-Pearson */
    SY_PROPORTION_LOGIT = 3, /* of the design: linearised, symmetric on the logit scale, t */
    SY_PROPORTION_BETA = 4,  /* of the design, few on one side: Korn & Graubard */
    SY_PROPORTION_NONE = 5   /* no limits: one cluster */
} sy_proportion_method;

/* One share as SY_N_SHARE doubles. */
enum {
    SY_SHARE_ESTIMATE, /* 0..1 */
    SY_SHARE_STD_ERROR,
    SY_SHARE_LOW,
    SY_SHARE_HIGH,
    SY_SHARE_DF,        /* HUGE_VAL without a design */
    SY_SHARE_EFFECTIVE, /* the number of people a simple random sample of equal precision would have */
    SY_SHARE_PEOPLE,    /* n */
    SY_SHARE_METHOD,    /* a sy_proportion_method, as a double */
    SY_N_SHARE
};

/* Fills low and high, two-sided at `level`, from the other six. NaN limits
 * for SY_PROPORTION_NONE and for a share of NaN. */
SY_API SY_MUST_CHECK sy_status sy_proportion_limits(sy_context *ctx, double level, double share[SY_N_SHARE]);

/* Whom the numbers of one indicator in one group rest on: SY_N_WHOM doubles. */
enum {
    SY_WHOM_PEOPLE,   /* who answered; NaN when hidden */
    SY_WHOM_MISSING,  /* who did not; NaN when hidden */
    SY_WHOM_CLUSTERS, /* with an answer; 0 without clusters */
    SY_WHOM_LARGEST,  /* the part of all weight that the largest cluster holds; 0 without clusters */
    SY_WHOM_HIDDEN,   /* 1: fewer people than hide_below, nothing is told */
    SY_N_WHOM
};

enum { SY_WORSE, SY_SAME, SY_BETTER, SY_N_ANSWERS };

typedef struct {
    int n_indicators;
    int proportions;             /* terms: indicators as shares 0..1 of people better, then as many numbers of people */
    int by;                      /* one more term, a factor: the groups */
    sy_proportion_method method; /* AUTO, WILSON or EXACT */
    double level;
    double hide_below; /* groups with fewer answers are hidden; 0 or 1: none */
} sy_overview_options;

/* Terms of the design, each one column: the indicators, factors of the three
 * levels worse, same, better (any other value is missing) or numbers as
 * `proportions` says, then the groups. Each indicator counts all who answered
 * it. Weights: frequency or sampling. shares: [sets * indicators *
 * SY_N_ANSWERS * SY_N_SHARE]; whom: [sets * indicators * SY_N_WHOM]; set 0 is
 * the whole, then one for each group. Remarks: rows dropped for a missing
 * weight, cluster or group; few clusters; no limits; one group alone hidden.
 * Cost: n an indicator, twice when grouped. */
SY_API SY_MUST_CHECK sy_status sy_overview(sy_context *ctx, const sy_design *design, const sy_overview_options *options,
                                           double *shares, double *whom);

/* Terms of the design: the steps, factors whose level better means
 * difficult. Of the people who answered all of them, the share with fewer than
 * k, exactly k, k or more difficult steps, k = 0..n_indicators, in the places
 * of worse, same and better. shares: [(n_indicators + 1) * SY_N_ANSWERS *
 * SY_N_SHARE]; whom: [SY_N_WHOM]. */
SY_API SY_MUST_CHECK sy_status sy_overview_steps(sy_context *ctx, const sy_design *design,
                                                 const sy_overview_options *options, double *shares, double *whom);

/* One indicator against the threshold: SY_N_CLAIM doubles. */
enum {
    SY_CLAIM_LOW, /* simultaneous limits over all indicators */
    SY_CLAIM_HIGH,
    SY_CLAIM_P_BELOW_REFUTED, /* smallest one-sided level at which the lower limit reaches the threshold */
    SY_CLAIM_P_ABOVE_REFUTED, /* the same for the upper limit below it */
    SY_CLAIM_BONFERRONI,      /* 1 surely at or above, 0 unsure, -1 surely below */
    SY_CLAIM_HOLM,
    SY_N_CLAIM
};

/* How many indicators: SY_N_CLAIM_COUNT doubles, for Bonferroni, then Holm. */
enum { SY_COUNT_ABOVE, SY_COUNT_UNSURE, SY_COUNT_BELOW, SY_N_CLAIM_COUNT };

/* k shares (each SY_N_SHARE doubles) against one threshold, 0 < threshold < 1.
 * With probability `level` or more the true number at or above the threshold
 * lies between counts ABOVE and ABOVE + UNSURE. claims: [k * SY_N_CLAIM];
 * counts: [2 * SY_N_CLAIM_COUNT]. */
SY_API SY_MUST_CHECK sy_status sy_overview_claim(sy_context *ctx, int k, const double *shares, double threshold,
                                                 double level, double *claims, double *counts);

/* Ranks of k groups, 1 the largest share: [k * 3] rank, lowest, highest. The k
 * ranges cover all true ranks together with probability `level` or more. */
SY_API SY_MUST_CHECK sy_status sy_overview_ranks(sy_context *ctx, int k, const double *shares, double level,
                                                 double *ranks);

/* One group in a funnel: SY_N_FUNNEL doubles. */
enum {
    SY_FUNNEL_LOW_95,
    SY_FUNNEL_HIGH_95,
    SY_FUNNEL_LOW_998,
    SY_FUNNEL_HIGH_998,
    SY_FUNNEL_Z,       /* (share - overall) / its binomial standard error */
    SY_FUNNEL_OUTSIDE, /* -2 below 99.8 % limits, -1 below 95 %, 0 inside, 1, 2 above */
    SY_N_FUNNEL
};

/* Exact binomial limits about the overall share, interpolated; n is each
 * group's effective number rounded. dispersion: the mean of z squared,
 * the most extreme tenth at each end drawn in. */
SY_API SY_MUST_CHECK sy_status sy_overview_funnel(sy_context *ctx, int k, const double *shares, double overall,
                                                  double *funnel, double *dispersion);

#ifdef __cplusplus
}
#endif
#endif
