/* What nominal 95 % limits of a gap's parts covered in simulation: the least and
 * the most over explained and unexplained parts in all and by block, interaction,
 * composition and Gelbach's part, over payment types that vary between people
 * or are one a council, and normal and skewed money. 2,000 to 4,000 samples a cell: +-1 point.
 * The record is tests/reference/coverage/gap.csv.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "study/coverage_internal.h"
#include "study/gap/gap_internal.h"
#include <math.h>

/* By kind: jackknife, influence, percentile, expanded, basic. */
enum { KINDS = 5 };
typedef struct {
    int units;
    double least[KINDS], most[KINDS];
} measured;

static const measured clusters_measured[] = {
    {6, {92.3, 88.3, 87.0, 94.1, 80.8}, {98.7, 96.6, 95.9, 99.0, 94.2}},
    {10, {91.6, 87.7, 89.3, 94.0, 83.0}, {98.2, 96.8, 96.3, 98.8, 96.0}},
    {25, {92.3, 90.6, 91.7, 93.6, 87.3}, {98.7, 97.2, 97.7, 98.4, 98.0}},
    {150, {94.0, 93.5, 92.7, 92.9, 92.2}, {96.1, 95.7, 95.3, 95.6, 96.7}},
};
static const measured rows_measured[] = {
    {100, {91.2, 89.3, 93.7, 94.0, 89.7}, {99.2, 98.6, 98.1, 98.2, 99.5}},
    {400, {92.9, 92.2, 93.2, 93.4, 90.2}, {97.2, 96.8, 96.3, 96.4, 98.3}},
};

static int place_of(sy_interval_kind kind)
{
    static const sy_interval_kind kinds[KINDS] = {SY_INTERVAL_JACKKNIFE, SY_INTERVAL_INFLUENCE, SY_INTERVAL_PERCENTILE,
                                                  SY_INTERVAL_EXPANDED, SY_INTERVAL_BASIC};
    for (int k = 0; k < KINDS; k++)
        if (kinds[k] == kind) return k;
    return -1;
}

sy_status syi_gap_coverage(sy_context *ctx, sy_gap_result *r)
{
    const int count = r->clustered ? (int)(sizeof clusters_measured / sizeof *clusters_measured)
                                   : (int)(sizeof rows_measured / sizeof *rows_measured);
    const measured *table = r->clustered ? clusters_measured : rows_measured;
    const int kind = place_of(r->interval);
    int i = 0;
    if (kind < 0 || r->units < table[0].units) return SY_OK;
    while (i + 1 < count && table[i + 1].units <= r->units) i++;
    r->coverage_least = table[i].least[kind];
    r->coverage_most = table[i].most[kind];
    r->coverage_units = table[i].units;
    if (!r->clustered || r->units >= SYI_FEW_UNITS) return SY_OK;
    return syi_remark(
        ctx, SY_NOTE_FEW_CLUSTERS, "", (double)r->units,
        "%td clusters: nominal 95 %% limits of this kind covered %.0f to %.0f %% of the parts of a gap in "
        "simulations with %d",
        r->units, r->coverage_least, r->coverage_most, table[i].units);
}
