/* Making tidy tables.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_TIDY_INTERNAL_H
#define SYI_TIDY_INTERNAL_H
#include "base/status_internal.h"
#include "steelyard/tidy.h"

/* What a table is called and what its columns are; lives as long as the program. */
typedef struct {
    const char *name;
    int n_texts, n_numbers;
    const char *const *text_names, *const *number_names;
} syi_tidy_form;

/* All texts empty, all numbers NaN. SY_ENOMEM. */
sy_status syi_tidy_new(sy_context *ctx, const syi_tidy_form *form, int n_rows, sy_tidy *out);
/* Cut at a whole character where it is longer than a cell. */
void syi_tidy_put(sy_tidy *table, int row, int column, const char *text);
void syi_tidy_set(sy_tidy *table, int row, int column, double value);
#endif
