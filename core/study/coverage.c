/* Measured coverage of the default intervals, for the remarks that quote it.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "study/coverage_internal.h"

typedef struct {
    int units;
    double person, constant, skewed; /* percent covered of nominal 95 */
} record;

/* From the simulation record; +-1 point. */
static const record measured[] = {
    {6, 96, 90, 87},
    {10, 96, 90, 87},
    {20, 96, 92, 89},
    {40, 94, 94, 92},
};

double syi_coverage_jackknife(double units, int constant, int skewed)
{
    const int n = (int)(sizeof measured / sizeof measured[0]);
    int i = 0;
    while (i + 1 < n && measured[i + 1].units <= units) i++;
    return !constant ? measured[i].person : skewed ? measured[i].skewed : measured[i].constant;
}
