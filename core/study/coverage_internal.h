/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_COVERAGE_INTERNAL_H
#define SYI_COVERAGE_INTERNAL_H
#include "steelyard/evidence.h"

/* What nominal 95 % intervals of a share covered in simulation, in percent:
 * the range over small and large shares and normal and skewed predictors, and
 * the least when a few units hold most of the predictor (heavy). For the
 * nearest number of units not above `units` that was simulated. The record is
 * tests/reference/coverage/record.csv, its program tests/coverage. */
typedef struct {
    double least, most, heavy;
} syi_coverage;

/* The same of any kind, for units that are clusters or rows: NaN where none was
 * measured. at: the number of units simulated. */
typedef struct {
    double least, most; /* of person-level shares */
    double constant;    /* of a block constant within clusters, a large, skewed share */
    double at;
} syi_measured;
syi_measured syi_coverage_of(sy_interval_kind kind, sy_unit unit, double units);

/* `constant`: a block that does not vary within clusters. */
syi_coverage syi_coverage_jackknife(double units, int constant);

/* Below FEWEST no automatic interval; below FEW a remark; a block constant
 * within clusters gets one up to FEW_CONSTANT, where 93 to 97 % was reached
 * for all but heavy predictors. */
enum { SYI_FEWEST_UNITS = 6, SYI_FEW_UNITS = 20, SYI_FEW_UNITS_CONSTANT = 300 };
#endif
