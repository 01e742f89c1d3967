/* Rows by cluster: a stable counting sort of the codes, so rows keep their
 * order inside a cluster and clusters come by code. Cost: n + levels.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/moments_read_internal.h"
#include "base/status_internal.h"

/* The level of a row; n_levels when it has none. */
static int level_of(const sy_column *cluster, ptrdiff_t row)
{
    const double v = syi_column_value(cluster, row);
    return v >= 0 ? (int)v : cluster->n_levels;
}

/* next[level] becomes the first place of the level's rows; clusters without
 * rows are passed over. */
static void lay_out(syi_sorted *s, ptrdiff_t *next, int levels)
{
    ptrdiff_t place = 0;
    for (int l = 0; l <= levels; l++) {
        const ptrdiff_t rows = next[l];
        next[l] = place;
        if (rows > 0 && l < levels) {
            s->code[s->sets] = l;
            s->start[s->sets++] = place;
        }
        if (l == levels) s->start[s->sets] = place;
        place += rows;
    }
    s->start[s->sets + 1] = place;
}

sy_status syi_sort_clusters(sy_context *ctx, const sy_column *cluster, ptrdiff_t n, syi_sorted *s)
{
    const size_t levels = (size_t)cluster->n_levels;
    *s = (syi_sorted){0};
    ptrdiff_t *next = syi_alloc(levels + 1, sizeof *next);
    s->order = syi_alloc(n > 0 ? (size_t)n : 1, sizeof *s->order);
    s->start = syi_alloc(levels + 2, sizeof *s->start);
    s->code = syi_alloc(levels, sizeof *s->code);
    if (!next || !s->order || !s->start || !s->code) {
        SYI_FREE(next);
        syi_sorted_free(s);
        return syi_fail(ctx, SY_ENOMEM, "cluster: out of memory for the order of %td rows", n);
    }
    for (ptrdiff_t i = 0; i < n; i++) next[level_of(cluster, i)]++;
    lay_out(s, next, cluster->n_levels);
    for (ptrdiff_t i = 0; i < n; i++) s->order[next[level_of(cluster, i)]++] = i;
    SYI_FREE(next);
    return SY_OK;
}

void syi_sorted_free(syi_sorted *s)
{
    SYI_FREE(s->order);
    SYI_FREE(s->start);
    SYI_FREE(s->code);
    *s = (syi_sorted){0};
}
