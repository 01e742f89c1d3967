/* Many tests at once: adjusted p values, differences of all pairs of means.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_MULTIPLICITY_H
#define STEELYARD_MULTIPLICITY_H
#include "steelyard/context.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    SY_ADJUST_NONE = 0,
    SY_ADJUST_BONFERRONI = 1,
    SY_ADJUST_SIDAK = 2, /* 1 - (1 - p)^n */
    SY_ADJUST_HOLM = 3,  /* step-down; any dependence [Holm 1979] */
    SY_ADJUST_HOCHBERG =
        4,              /* step-up; independent or positively dependent [Hochberg 1988, doi:10.1093/biomet/75.4.800] */
    SY_ADJUST_BH = 5,   /* false discovery rate [Benjamini & Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x] */
    SY_ADJUST_BY = 6,   /* the same, any dependence [Benjamini & Yekutieli 2001, doi:10.1214/aos/1013699998] */
    SY_ADJUST_TUKEY = 7 /* studentised range; pairs of means only */
} sy_adjustment;

/* adjusted [n] of p [n]; NaN stays NaN and is not counted. SY_EINVAL names a p
 * outside 0 to 1. Cost: n log n. */
SY_API SY_MUST_CHECK sy_status sy_adjust_p(sy_context *ctx, sy_adjustment method, int n, const double *p,
                                           double *adjusted);

/* The differences of m means: pair k is first[k] - second[k], (0,1), (0,2), ..,
 * (1,2), .. m (m - 1) / 2 of them. From the means' covariance [m * m] and degrees of
 * freedom [m] (the lesser of the two is used; HUGE_VAL is the normal). Limits
 * are simultaneous for Bonferroni, Sidak and Tukey, else those of one
 * difference. */
typedef struct {
    int *first, *second;
    double *estimate, *std_error, *statistic, *df, *p_value, *p_adjusted, *low, *high;
} sy_pairs;
SY_API SY_MUST_CHECK sy_status sy_pairwise(sy_context *ctx, int m, const double *estimate, const double *covariance,
                                           const double *df, sy_adjustment method, double level, const sy_pairs *out);

#ifdef __cplusplus
}
#endif
#endif
