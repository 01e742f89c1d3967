/* How far the rounding of a printed correlation table moves shares.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_ROUNDING_H
#define STEELYARD_ROUNDING_H
#include "steelyard/shares.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    int starts;    /* default 4: searches from different corners for each end */
    uint64_t seed; /* default 1 */
} sy_rounding_options;

SY_API void sy_rounding_defaults(sy_rounding_options *options);

typedef struct {
    double total_low, total_high;
    int decimals;
    int cut;                  /* 1: some tables that round to this one are no correlation matrices and do not count */
    double evaluations;       /* of all submodels */
    double seconds_estimated; /* on one core, before it was begun */
} sy_rounding_summary;

/* low, high [blocks + terms]: the least and greatest share over all correlation
 * matrices that round to the printed one (m from sy_moments_from_printed), found
 * by search: every value is reached by a matrix that was looked at, the true
 * range can be wider only where a search missed a better corner.
 * Errors: SY_EINVAL (moments without a number of decimals, and what sy_shares
 * refuses), SY_ELIMIT (more than 12 blocks or 40 columns).
 * Cost: 2 (rows + 1) starts searches of some 10 c^2 evaluations for c columns. */
SY_API SY_MUST_CHECK sy_status sy_rounding(sy_context *ctx, const sy_moments *m, const sy_question *question,
                                           const sy_rounding_options *options, sy_rounding_summary *summary,
                                           double *low, double *high);

#ifdef __cplusplus
}
#endif
#endif
