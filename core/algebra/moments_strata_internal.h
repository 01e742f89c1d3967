/* The strata of the units, while moments are made or merged.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_MOMENTS_STRATA_INTERNAL_H
#define SYI_MOMENTS_STRATA_INTERNAL_H
#include "algebra/moments_blob_internal.h"
#include "steelyard/design.h"

typedef struct {
    ptrdiff_t units;
    int count;
    int32_t *unit;     /* [units] stratum, counted from 0 */
    const char **name; /* [count] borrowed */
} syi_strata;

/* From the level of each unit: levels without a unit fall away, the others keep
 * their order. */
sy_status syi_strata_of_levels(sy_context *ctx, const sy_column *strata, const int32_t *level, ptrdiff_t units,
                               syi_strata *out);

/* Of two sets whose units are matched: units of a and of b [units], -1 where a
 * set has none. a's strata come first. SY_EDATA names a cluster that lies in
 * two strata. */
sy_status syi_strata_unite(sy_context *ctx, const sy_moments *a, const sy_moments *b, const ptrdiff_t *unit_a,
                           const ptrdiff_t *unit_b, ptrdiff_t units, syi_strata *out);

size_t syi_strata_text_room(const syi_strata *s);
void syi_strata_write(const syi_strata *s, syi_blob *blob);
void syi_strata_free(syi_strata *s);
#endif
