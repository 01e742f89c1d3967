/* Rows re-weighted so that groups have the shares they have in a population.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef STEELYARD_POPULATION_H
#define STEELYARD_POPULATION_H
#include "steelyard/design.h"
#ifdef __cplusplus
extern "C" {
#endif

/* What is known of one grouping. */
typedef struct {
    const sy_column *column; /* SY_CODES, one value a row of the design */
    const double *share;     /* [n_levels] of the population; NaN: not stated */
} sy_margin;

typedef struct {
    double rows;             /* complete, with a known group: these are weighted */
    double rows_lost;        /* complete, but of an unknown group */
    double effective_before; /* (sum w)^2 / sum w^2 */
    double effective_after;
    double least, most;      /* factors by which weights changed */
    int rounds;              /* over the margins; 1 for a single one */
} sy_population_summary;

/* weights [n] for the design's rows: those it has (or 1) times a factor for
 * each group of each margin, so that weighted shares are the stated ones and the
 * sum stays. Levels that are not stated share the rest as they do in the
 * sample. NaN for a row of unknown group; rows that are incomplete keep theirs.
 * base [n]: the weights beforehand, NaN for the same rows: for the answer to
 * compare with. target, sample [sum of n_levels]: the shares reached, and the
 * sample's own. Several margins: raking.
 * Errors: SY_EINVAL (shares outside 0 to 1, stated shares that are all there
 * and do not add to 1, or more than 1; frequency or analytic weights), SY_EDATA
 * (a level of the population that no row has; margins that contradict each
 * other). Remark: rows of unknown group.
 * Cost: rounds n operations a margin. */
SY_API SY_MUST_CHECK sy_status sy_population_weights(sy_context *ctx, const sy_design *design, int n_margins,
                                                     const sy_margin *margins, double *weights, double *base,
                                                     double *target, double *sample, sy_population_summary *summary);

#ifdef __cplusplus
}
#endif
#endif
