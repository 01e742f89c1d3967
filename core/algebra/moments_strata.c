/* Strata of the units: which ones are in use, their names, those of two sets.
 * Cost: units + levels; merging, strata of a times strata of b.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/moments_strata_internal.h"
#include "base/memory_internal.h"
#include "base/status_internal.h"
#include <string.h>

static sy_status strata_new(sy_context *ctx, ptrdiff_t units, size_t most, syi_strata *s)
{
    *s = (syi_strata){.units = units};
    s->unit = syi_alloc((size_t)units, sizeof *s->unit);
    s->name = syi_alloc(most, sizeof *s->name);
    if (s->unit && s->name) return SY_OK;
    syi_strata_free(s);
    return syi_fail(ctx, SY_ENOMEM, "strata: out of memory for %td units", units);
}

void syi_strata_free(syi_strata *s)
{
    SYI_FREE(s->unit);
    SYI_FREE(s->name);
    *s = (syi_strata){0};
}

sy_status syi_strata_of_levels(sy_context *ctx, const sy_column *strata, const int32_t *level, ptrdiff_t units,
                               syi_strata *out)
{
    const size_t levels = (size_t)strata->n_levels;
    int32_t *place = syi_alloc(levels, sizeof *place); /* 1: in use; then its number */
    *out = (syi_strata){0};
    if (!place) return syi_fail(ctx, SY_ENOMEM, "strata: out of memory for %d levels", strata->n_levels);
    const sy_status status = strata_new(ctx, units, levels, out);
    if (!status) {
        for (ptrdiff_t g = 0; g < units; g++) place[level[g]] = 1;
        for (size_t l = 0; l < levels; l++) {
            if (!place[l]) continue;
            out->name[out->count] = strata->levels[l];
            place[l] = out->count++;
        }
        for (ptrdiff_t g = 0; g < units; g++) out->unit[g] = place[level[g]];
    }
    SYI_FREE(place);
    return status;
}

static int32_t find_name(const syi_strata *s, const char *name)
{
    for (int32_t h = 0; h < s->count; h++)
        if (strcmp(s->name[h], name) == 0) return h;
    return -1;
}

static void unite_names(const sy_moments *a, const sy_moments *b, syi_strata *out)
{
    for (int h = 0; h < a->n_strata; h++) out->name[out->count++] = sy_moments_stratum(a, h);
    for (int h = 0; h < b->n_strata; h++) {
        const char *name = sy_moments_stratum(b, h);
        if (find_name(out, name) < 0) out->name[out->count++] = name;
    }
}

sy_status syi_strata_unite(sy_context *ctx, const sy_moments *a, const sy_moments *b, const ptrdiff_t *unit_a,
                           const ptrdiff_t *unit_b, ptrdiff_t units, syi_strata *out)
{
    *out = (syi_strata){0};
    if (!a->n_strata) return SY_OK;
    const sy_status status = strata_new(ctx, units, (size_t)a->n_strata + (size_t)b->n_strata, out);
    if (status) return status;
    unite_names(a, b, out);
    for (ptrdiff_t g = 0; g < units; g++) {
        const int32_t in_a = unit_a[g] >= 0 ? a->unit_stratum[unit_a[g]] : -1;
        const int32_t in_b = unit_b[g] >= 0 ? find_name(out, sy_moments_stratum(b, b->unit_stratum[unit_b[g]])) : -1;
        out->unit[g] = in_a >= 0 ? in_a : in_b;
        if (in_a < 0 || in_b < 0 || in_a == in_b) continue;
        const sy_status refused =
            syi_fail(ctx, SY_EDATA, "strata: cluster %s lies in two strata, %s and %s; it must lie in one",
                     sy_moments_cluster(a, unit_a[g]), out->name[in_a], out->name[in_b]);
        syi_strata_free(out);
        return refused;
    }
    return SY_OK;
}

size_t syi_strata_text_room(const syi_strata *s)
{
    size_t room = 0;
    for (int h = 0; h < s->count; h++) room += syi_text_room(s->name[h]);
    return room;
}

void syi_strata_write(const syi_strata *s, syi_blob *blob)
{
    const syi_shape *shape = &blob->shape;
    const ptrdiff_t clusters = shape->unit == SY_UNIT_CLUSTER ? shape->n_units : 0;
    if (!s->count) return;
    memcpy(blob->unit_stratum, s->unit, (size_t)s->units * sizeof *s->unit);
    for (int h = 0; h < s->count; h++)
        syi_blob_text(blob, (ptrdiff_t)shape->n_terms + shape->n_columns + clusters + h, s->name[h]);
}
