/* The two groups that a gap is between.
 *
 * Levels count as they have rows after incomplete ones are left out: a third level
 * without any does no harm, and a second one without any is named as missing.
 * Cost: levels.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/status_internal.h"
#include "study/gap/gap_groups_internal.h"
#include <stdio.h>

enum { NAMED = 8 };

/* "a: 10, b: 4, c: 3", at most NAMED of them. */
static void list_levels(const sy_column *group, const double *count, char *text, size_t size)
{
    size_t at = 0;
    int listed = 0;
    text[0] = '\0';
    for (int l = 0; l < group->n_levels && at + 1 < size; l++) {
        if (!(count[l] > 0)) continue;
        const char *join = listed > 0 ? ", " : "";
        const int written = listed == NAMED
                                ? snprintf(text + at, size - at, ", ...")
                                : snprintf(text + at, size - at, "%s%.60s: %.0f", join, group->levels[l], count[l]);
        if (listed++ == NAMED || written < 0) return;
        at += (size_t)written;
    }
}

sy_status syi_gap_groups(sy_context *ctx, const sy_column *group, const double *count, int first, int level[2])
{
    char found[SY_MESSAGE_LENGTH / 2];
    int used = 0, own[2] = {-1, -1};
    for (int l = 0; l < group->n_levels; l++) {
        if (!(count[l] > 0)) continue;
        if (used < 2) own[used] = l;
        used++;
    }
    list_levels(group, count, found, sizeof found);
    if (used != 2)
        return syi_fail(ctx, SY_EDATA, "group: %s has %d level%s with rows (%s); a gap is between two", group->name,
                        used, used == 1 ? "" : "s", found);
    if (first >= 0 && first != own[0] && first != own[1])
        return syi_fail(ctx, SY_EINVAL, "first: %s is not a level of %s with rows (%s)",
                        first < group->n_levels ? group->levels[first] : "it", group->name, found);
    level[0] = first == own[1] ? own[1] : own[0];
    level[1] = first == own[1] ? own[0] : own[1];
    return SY_OK;
}
