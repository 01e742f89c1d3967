/* What printed numbers bear: unit values, gaps that an R2 allows, odds against
 * risks, limits of a published R2, counts beside chance.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_PRINTED_H
#define STEELYARD_PRINTED_H
#include "steelyard/context.h"
#ifdef __cplusplus
extern "C" {
#endif

/* Room for the sentence that each answer brings. */
enum { SY_PRINTED_TEXT = 512 };

/* Costs and users of two groups, the users counted in one or more ways. */
typedef struct {
    const char *group[2];
    double cost[2];
    int n; /* denominators */
    const char *const *denominator;
    const double *users; /* [n * 2] */
    double claimed;      /* a total said to be saved by the gap; NaN: none */
} sy_unit_question;

typedef struct {
    double ratio, gap;        /* by the first denominator */
    double low, high;         /* ratio with one denominator for both groups, over all of them */
    double low_any, high_any; /* over all pairs of denominators */
    double claimed_users;     /* claimed over the gap; NaN where there is no gap above 0 */
    char text[SY_PRINTED_TEXT];
} sy_unit_summary;

/* value [n * 2]: cost over users; ratio, gap [n * n]: the first group by
 * denominator i over, and less, the second by denominator j. Errors: SY_EINVAL
 * (a total that is not above 0). */
SY_API SY_MUST_CHECK sy_status sy_unit_values(sy_context *ctx, const sy_unit_question *question, double *value,
                                              double *ratio, double *gap, sy_unit_summary *summary);

/* The gap between two groups that a predictor can carry along its slope. */
typedef struct {
    double r2;       /* of the outcome, by the predictor alone */
    double share;    /* of the people, in one group */
    double sd;       /* of the outcome */
    double group_r2; /* of the predictor, by the groups; 1: not known, the most there can be */
    double full_r2;  /* of the outcome, by the predictor and what is adjusted for; NaN: only the unadjusted bound */
    double vif;      /* of the predictor beside what is adjusted for */
} sy_gap_allowed_question;

typedef struct {
    double slope, gap;                   /* standardised slope, gap in units of the outcome: unadjusted */
    double adjusted_slope, adjusted_gap; /* NaN without full_r2 */
    double predictor_gap;                /* the most the groups can differ, in sd of the predictor */
    char text[SY_PRINTED_TEXT];
} sy_gap_allowed_summary;

/* Errors: SY_EINVAL (r2 outside 0 to 1, share outside 0 to 1 or at an end, sd not
 * above 0, vif under 1, full_r2 under r2). */
SY_API SY_MUST_CHECK sy_status sy_gap_allowed(sy_context *ctx, const sy_gap_allowed_question *question,
                                              sy_gap_allowed_summary *out);

/* How large an adjusted slope may be: `bound` from the full R2 and the
 * predictor's VIF; `sharp` when the predictor's R2 alone is known too (NaN: not),
 * else NaN. Both times sd. */
typedef struct {
    double bound, sharp;
    char text[SY_PRINTED_TEXT];
} sy_slope_allowed_summary;
SY_API SY_MUST_CHECK sy_status sy_slope_allowed(sy_context *ctx, double full_r2, double vif, double r2, double sd,
                                                sy_slope_allowed_summary *out);

/* Risks of an outcome in two groups, from their ratio, the risk of all together
 * and the part of people exposed. */
typedef struct {
    double odds_ratio, risk_ratio, risk_difference;
    double risk_exposed, risk_unexposed;
    char text[SY_PRINTED_TEXT];
} sy_risks;

/* Errors: SY_EINVAL (overall or exposed not between 0 and 1, a ratio not above 0;
 * a risk ratio that would put a risk past 1). */
SY_API SY_MUST_CHECK sy_status sy_risk_from_odds(sy_context *ctx, double odds_ratio, double overall, double exposed,
                                                 sy_risks *out);
SY_API SY_MUST_CHECK sy_status sy_odds_from_risk(sy_context *ctx, double risk_ratio, double overall, double exposed,
                                                 sy_risks *out);

/* Limits of the population's R2 behind a published one. */
typedef struct {
    double r2, n;
    int predictors;
    double level;
    int fixed;       /* 1: predictors set by design (non-central F); 0: drawn with the people (multivariate normal) */
    double rounding; /* half a unit of the last digit printed; limits are those of r2 - and + it */
    int at_most;     /* the R2 was published as a bound from above: no lower limit */
} sy_r2_question;

typedef struct {
    double low, high; /* two-sided */
    double upper;     /* one-sided, at the same level */
    double adjusted;  /* 1 - (1 - r2) (n - 1) / (n - predictors - 1) */
    double by_chance; /* predictors / (n - 1) */
    char text[SY_PRINTED_TEXT];
} sy_r2_limits;

/* Errors: SY_EINVAL; SY_ELIMIT where r2 is so near 1 that the sums would not end.
 * Cost: some 30 tails of 20 (n r2)^(1/2) / (1 - r2) terms. */
SY_API SY_MUST_CHECK sy_status sy_r2_interval(sy_context *ctx, const sy_r2_question *question, sy_r2_limits *out);

/* The smallest true difference of two means that a two-sided t test shows with
 * the given power. */
typedef struct {
    double n1, n2, sd, level, power;
    double design_effect; /* variance of the difference over that of simple random samples; 1 */
} sy_detectable_question;

typedef struct {
    double difference, standardised, df;
    char text[SY_PRINTED_TEXT];
} sy_detectable;

SY_API SY_MUST_CHECK sy_status sy_detectable_difference(sy_context *ctx, const sy_detectable_question *question,
                                                        sy_detectable *out);

/* How many of a number of indicators passed, beside what chance gives. */
typedef struct {
    double chance; /* of one indicator to pass; NaN: not stated */
    double level;
    double correlation; /* between the indicators, 0 to 1: for low and high */
    int trend;          /* are the counts in an order that may have a trend? */
} sy_counts_question;

typedef struct {
    double share, low, high;       /* Clopper & Pearson; with correlation, of the effective number of indicators */
    double worst_low, worst_high;  /* all indicators move together: one indicator's worth */
    double expected;               /* of - chance */
    double p_independent, p_worst; /* P(this many or more); largest over all dependence */
} sy_count_row;

typedef struct {
    double statistic; /* sum over counts in order of place times (count - expected); NaN without trend */
    double p_value;   /* exact, two-sided, of independent indicators */
    char text[SY_PRINTED_TEXT];
} sy_counts_summary;

/* k counts of `of`. Errors: SY_EINVAL (counts that are not whole or outside 0 to
 * of, chance outside 0 to 1, over 1e5 indicators, trend of fewer than 2 counts);
 * SY_ELIMIT (a trend over more than 1e8 steps). */
SY_API SY_MUST_CHECK sy_status sy_counts_by_chance(sy_context *ctx, int k, const double *count, const double *of,
                                                   const sy_counts_question *question, sy_count_row *row,
                                                   sy_counts_summary *summary);

#ifdef __cplusplus
}
#endif
#endif
