/* SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_GAP_GROUPS_INTERNAL_H
#define SYI_GAP_GROUPS_INTERNAL_H
#include "steelyard/design.h"

/* The two levels that a gap is between: those of `group` with a count [n_levels]
 * above zero, `first` (-1: the first of them) before the other. SY_EDATA names
 * the levels found when they are not two; SY_EINVAL a first without rows. */
sy_status syi_gap_groups(sy_context *ctx, const sy_column *group, const double *count, int first, int level[2]);
#endif
