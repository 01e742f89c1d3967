/* Names in moments: terms, levels, clusters, strata; and the hash.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/design_internal.h"
#include "algebra/lanes_internal.h"
#include "algebra/moments_blob_internal.h"
#include "base/status_internal.h"
#include <stdio.h>
#include <string.h>

/* The table of places and the strings close the bytes: the strings padded to 8
 * behind the places. The number of string bytes is a header word, which view
 * has held against the size. */
enum { H_TEXT_BYTES = 11 };

static const char *text_of(const sy_moments *m, ptrdiff_t slot)
{
    const size_t clusters = m->unit == SY_UNIT_CLUSTER ? (size_t)m->n_units : 0;
    const size_t slots = (size_t)m->n_terms + (size_t)m->n_columns + clusters + (size_t)m->n_strata;
    const size_t bytes = (size_t)((const uint64_t *)m->blob)[H_TEXT_BYTES];
    const char *text = (const char *)m->blob + m->size - (bytes + 7) / 8 * 8;
    const int64_t at = ((const int64_t *)(const void *)text)[slot - (ptrdiff_t)slots];
    return at < 0 || (uint64_t)at >= bytes ? NULL : text + at;
}

const char *sy_moments_label(const sy_moments *m, int term)
{
    return term < 0 || term >= m->n_terms ? NULL : text_of(m, term);
}

const char *syi_moments_cell(const sy_moments *m, int column)
{
    return column < 0 || column >= m->n_columns ? NULL : text_of(m, (ptrdiff_t)m->n_terms + column);
}

const char *sy_moments_level(const sy_moments *m, int column)
{
    for (int t = 0; t < m->n_terms; t++)
        if (m->term_is_factor[t] && column >= m->term_first[t] && column < m->term_first[t] + m->term_columns[t])
            return syi_moments_cell(m, column);
    return NULL;
}

const char *sy_moments_cluster(const sy_moments *m, ptrdiff_t unit)
{
    if (m->unit != SY_UNIT_CLUSTER || unit < 0 || unit >= m->n_units) return NULL;
    return text_of(m, (ptrdiff_t)m->n_terms + m->n_columns + unit);
}

const char *sy_moments_stratum(const sy_moments *m, int stratum)
{
    if (stratum < 0 || stratum >= m->n_strata) return NULL;
    return text_of(m, (ptrdiff_t)m->n_terms + m->n_columns + (m->unit == SY_UNIT_CLUSTER ? m->n_units : 0) + stratum);
}

enum { PIECE = 256 };

/* Rows must not be traceable, so sums that stand for one row each enter as
 * their total. */
static uint64_t hash_total(uint64_t hash, const sy_moments *m)
{
    const size_t length = syi_packed_length(m->n_columns);
    const int simd = syi_simd_widest();
    for (size_t at = 0; at < length; at += PIECE) {
        double hi[PIECE] = {0}, lo[PIECE] = {0};
        const size_t count = length - at < PIECE ? length - at : PIECE;
        for (ptrdiff_t g = 0; g < m->n_units; g++) {
            const size_t from = (size_t)g * length + at;
            syi_lanes_add(simd, count, 1, m->hi + from, m->lo ? m->lo + from : NULL, hi, lo);
        }
        hash = syi_fnv_words(hash, hi, count);
        hash = syi_fnv_words(hash, lo, count);
    }
    return hash;
}

uint64_t sy_moments_hash(const sy_moments *m)
{
    const double counts[] = {m->n, (double)m->weight_kind, (double)m->n_terms, (double)m->n_columns,
                             (double)m->from_correlation};
    uint64_t hash = syi_fnv_words(SYI_FNV_START, counts, sizeof counts / sizeof *counts);
    for (int t = 0; t < m->n_terms; t++) hash = syi_fnv_text(hash, sy_moments_label(m, t));
    for (int c = 0; c < m->n_columns; c++) {
        const char *name = syi_moments_cell(m, c);
        hash = syi_fnv_text(hash, name ? name : "");
    }
    hash = syi_fnv_words(hash, m->shift, (size_t)m->n_columns);
    if (m->unit == SY_UNIT_ROW) return hash_total(hash, m);
    const size_t length = (size_t)m->n_units * syi_packed_length(m->n_columns);
    hash = syi_fnv_words(hash, m->hi, length);
    return m->lo ? syi_fnv_words(hash, m->lo, length) : hash;
}

/* "region" also stands for "factor(region)" */
static int is_called(const char *stored, const char *label)
{
    if (strcmp(stored, label) == 0) return 1;
    const size_t length = strlen(label);
    return strncmp(stored, "factor(", 7) == 0 && strncmp(stored + 7, label, length) == 0 &&
           strcmp(stored + 7 + length, ")") == 0;
}

static void list_labels(const sy_moments *m, size_t room, char *text)
{
    size_t used = 0;
    text[0] = 0;
    for (int t = 0; t < m->n_terms && used < room; t++) {
        const int wrote = snprintf(text + used, room - used, "%s%s", t ? ", " : "", sy_moments_label(m, t));
        if (wrote < 0) return;
        used += (size_t)wrote;
    }
}

sy_status sy_moments_find(sy_context *ctx, const sy_moments *m, const char *argument, const char *label, int *term)
{
    syi_enter(ctx);
    const char *nearest = NULL;
    int best = 0;
    for (int t = 0; t < m->n_terms; t++) {
        const char *stored = sy_moments_label(m, t);
        if (is_called(stored, label)) {
            *term = t;
            return SY_OK;
        }
        const int d = syi_name_distance(stored, label);
        if (!nearest || d < best) best = d, nearest = stored;
    }
    char present[256];
    list_labels(m, sizeof present, present);
    return syi_fail(ctx, SY_EINVAL, "%s: there is no term %s in the moments; the nearest is %s; there are: %s",
                    argument, label, nearest, present);
}
