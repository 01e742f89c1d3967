/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_COVERAGE_INTERNAL_H
#define SYI_COVERAGE_INTERNAL_H

/* What nominal 95 % intervals were measured to cover (percent), for the
 * nearest number of units not above `units` that was simulated. The record and
 * its program are in tests/reference/coverage. `constant`: a block constant
 * within clusters. */
double syi_coverage_jackknife(double units, int constant, int skewed);

enum { SYI_FEWEST_UNITS = 6, SYI_FEW_UNITS = 20, SYI_FEW_UNITS_CONSTANT = 40 };
#endif
