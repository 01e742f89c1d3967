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
    {6, {92.8, 95.4, 92.7}, {92, 95.8, 88.4}},     {10, {93.3, 95, 91.4}, {91.6, 94.3, 85.9}},
    {20, {93.2, 95.2, 90.6}, {90.4, 95, 83.5}},    {40, {94.2, 94.9, 91.4}, {90.3, 95, 82.7}},
    {150, {94.3, 94.9, 92.8}, {91.4, 94.9, 85.8}},
};

syi_coverage syi_coverage_jackknife(double units, int constant)
{
    const int n = (int)(sizeof measured / sizeof measured[0]);
    int i = 0;
    while (i + 1 < n && measured[i + 1].units <= units) i++;
    return constant ? measured[i].constant : measured[i].person;
}

/* Three lines of each number of units: a small, normal share of a person-level
 * block; a large, skewed one; one of a block that is constant within clusters. In
 * each: jackknife, influence, normal, percentile, expanded, basic, BCa, studentised,
 * Bayesian; 0 where none was measured. 500 replicates a cell: +-2.6 points. The
 * record is tests/reference/coverage/kinds.csv. */
enum { MEASURED_KINDS = 9 };
typedef struct {
    int units;
    double small[MEASURED_KINDS], large[MEASURED_KINDS], constant[MEASURED_KINDS];
} kinds_record;

static const kinds_record clusters_measured[] = {
    {6,
     {93.6, 88.2, 0, 89.8, 96.8, 65.0, 77.8, 84.0, 81.4},
     {93.6, 89.6, 0, 85.2, 93.6, 77.6, 80.8, 88.8, 77.2},
     {92.6, 81.6, 0, 67.0, 78.6, 70.8, 69.6, 86.4, 60.0}},
    {10,
     {92.8, 90.4, 0, 89.4, 95.6, 76.0, 85.4, 91.2, 85.2},
     {95.4, 92.0, 0, 86.0, 93.0, 81.2, 85.2, 91.8, 81.8},
     {92.2, 82.0, 0, 73.0, 80.2, 72.2, 77.4, 86.0, 67.2}},
    {20,
     {91.8, 90.8, 0, 90.2, 92.4, 83.8, 87.4, 92.6, 87.6},
     {93.4, 91.6, 0, 88.8, 90.8, 87.4, 87.6, 91.0, 86.0},
     {90.0, 85.4, 0, 77.0, 80.6, 83.4, 81.4, 89.4, 74.8}},
    {40,
     {93.6, 92.8, 0, 91.8, 93.6, 89.2, 89.8, 93.0, 90.6},
     {93.6, 92.2, 0, 90.2, 91.6, 89.0, 89.4, 91.6, 89.8},
     {89.6, 86.6, 0, 81.6, 82.8, 84.2, 85.0, 89.4, 81.0}},
    {150,
     {95.8, 95.4, 0, 95.0, 95.0, 93.6, 93.6, 93.8, 94.6},
     {93.8, 93.8, 0, 92.4, 92.6, 93.0, 92.0, 91.8, 92.6},
     {92.2, 91.2, 0, 88.6, 88.8, 89.2, 89.4, 91.8, 88.2}},
};
static const kinds_record rows_measured[] = {
    {100,
     {91.6, 90.8, 91.4, 92.8, 93.2, 81.4, 88.2, 89.4, 91.0},
     {94.8, 93.6, 92.6, 92.8, 93.4, 91.6, 92.0, 92.4, 90.8},
     {0}},
    {400,
     {93.8, 93.4, 92.8, 92.8, 93.0, 90.6, 92.4, 95.2, 92.6},
     {93.6, 92.8, 92.2, 92.4, 92.4, 93.4, 92.4, 92.2, 93.2},
     {0}},
};

syi_measured syi_coverage_of(sy_interval_kind kind, sy_unit unit, double units)
{
    static const int clusters = (int)(sizeof clusters_measured / sizeof *clusters_measured);
    static const int rows = (int)(sizeof rows_measured / sizeof *rows_measured);
    const int by_cluster = unit == SY_UNIT_CLUSTER, n = by_cluster ? clusters : rows, place = (int)kind - 2;
    const kinds_record *table = by_cluster ? clusters_measured : rows_measured;
    if (place < 0 || place >= MEASURED_KINDS) return (syi_measured){NAN, NAN, NAN, NAN};
    int i = 0;
    while (i + 1 < n && table[i + 1].units <= units) i++;
    const double small = table[i].small[place], large = table[i].large[place], constant = table[i].constant[place];
    if (!(small > 0)) return (syi_measured){NAN, NAN, NAN, NAN};
    return (syi_measured){fmin(small, large), fmax(small, large), constant > 0 ? constant : NAN, table[i].units};
}
