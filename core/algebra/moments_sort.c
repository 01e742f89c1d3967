/* Rows by cluster: a stable counting sort of the codes, so rows keep their
 * order inside a cluster and clusters come by code. Which cluster a row is in is
 * found first; the order is made only where it is asked for. Cost: n + levels.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/moments_read_internal.h"
#include "base/status_internal.h"
#include <string.h>

/* set[i]: the level of row i, n_levels when it has none; next[level] counts them. */
static void read_levels(const sy_column *cluster, ptrdiff_t n, int32_t *set, ptrdiff_t *next)
{
    double value[SYI_TILE];
    const int levels = cluster->n_levels;
    for (ptrdiff_t at = 0; at < n; at += SYI_TILE) {
        const int len = n - at < SYI_TILE ? (int)(n - at) : SYI_TILE;
        syi_column_values(cluster, NULL, at, len, value);
        for (int i = 0; i < len; i++) set[at + i] = value[i] >= 0 ? (int32_t)value[i] : levels;
        for (int i = 0; i < len; i++) next[set[at + i]]++;
    }
}

/* next[level] becomes the first place of the level's rows, number[level] that
 * of its set or -1; clusters without rows are passed over. */
static void lay_out(syi_sorted *s, ptrdiff_t *next, int32_t *number, int levels)
{
    ptrdiff_t place = 0;
    for (int l = 0; l <= levels; l++) {
        const ptrdiff_t rows = next[l];
        next[l] = place;
        number[l] = -1;
        if (rows > 0 && l < levels) {
            number[l] = (int32_t)s->sets;
            s->code[s->sets] = l;
            s->start[s->sets++] = place;
        }
        if (l == levels) s->start[s->sets] = place;
        place += rows;
    }
    s->start[s->sets + 1] = place;
}

/* set[i]: from the level of row i to its set, -1 for none; whether the rows lie by
 * set already, those without one last. */
static int number_rows(ptrdiff_t n, const int32_t *number, int32_t *set)
{
    uint32_t last = 0;
    int in_place = 1;
    for (ptrdiff_t i = 0; i < n; i++) {
        set[i] = number[set[i]];
        in_place &= (uint32_t)set[i] >= last; /* -1 is the greatest */
        last = (uint32_t)set[i];
    }
    return in_place;
}

sy_status syi_find_clusters(sy_context *ctx, const sy_column *cluster, ptrdiff_t n, syi_sorted *s)
{
    const size_t levels = (size_t)cluster->n_levels;
    *s = (syi_sorted){0};
    ptrdiff_t *next = syi_alloc(levels + 1, sizeof *next);
    int32_t *number = syi_alloc(levels + 1, sizeof *number);
    s->set = syi_alloc(n > 0 ? (size_t)n : 1, sizeof *s->set);
    s->start = syi_alloc(levels + 2, sizeof *s->start);
    s->code = syi_alloc(levels, sizeof *s->code);
    const int room = next && number && s->set && s->start && s->code;
    if (room) {
        read_levels(cluster, n, s->set, next);
        lay_out(s, next, number, cluster->n_levels);
        s->in_place = number_rows(n, number, s->set);
    }
    SYI_FREE(next);
    SYI_FREE(number);
    if (room) return SY_OK;
    syi_sorted_free(s);
    return syi_fail(ctx, SY_ENOMEM, "cluster: out of memory for the sets of %td rows", n);
}

sy_status syi_order_clusters(sy_context *ctx, ptrdiff_t n, syi_sorted *s)
{
    const size_t sets = (size_t)s->sets;
    ptrdiff_t *next = syi_alloc(sets + 1, sizeof *next);
    s->order = syi_alloc(n > 0 ? (size_t)n : 1, sizeof *s->order);
    if (!next || !s->order) {
        SYI_FREE(next);
        return syi_fail(ctx, SY_ENOMEM, "cluster: out of memory for the order of %td rows", n);
    }
    memcpy(next, s->start, (sets + 1) * sizeof *next);
    for (ptrdiff_t i = 0; i < n; i++) s->order[next[s->set[i] < 0 ? s->sets : s->set[i]]++] = i;
    SYI_FREE(next);
    return SY_OK;
}

sy_status syi_sort_clusters(sy_context *ctx, const sy_column *cluster, ptrdiff_t n, syi_sorted *s)
{
    sy_status status = syi_find_clusters(ctx, cluster, n, s);
    if (status >= 0) status = syi_order_clusters(ctx, n, s);
    if (status < 0) syi_sorted_free(s);
    return status;
}

void syi_sorted_free(syi_sorted *s)
{
    SYI_FREE(s->order);
    SYI_FREE(s->set);
    SYI_FREE(s->start);
    SYI_FREE(s->code);
    *s = (syi_sorted){0};
}
