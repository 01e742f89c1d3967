/* The bytes of a moments object, while they are written.
 * SPDX-License-Identifier: GPL-3.0-only */
#ifndef SYI_MOMENTS_BLOB_INTERNAL_H
#define SYI_MOMENTS_BLOB_INTERNAL_H
#include "algebra/moments_internal.h"
#include <stdint.h>

/* What decides the size. */
typedef struct {
    int n_terms, n_columns;
    ptrdiff_t n_units;
    sy_unit unit;
    sy_weight_kind weight_kind;
    int twofold, from_correlation;
    int n_strata;
    size_t text_bytes; /* all strings with their ends, from syi_text_room */
} syi_shape;

typedef struct {
    syi_shape shape;
    uint64_t *base;
    size_t size;
    double *n, *rows_read, *rows_used, *rows_dropped, *rows_zero, *sum_w, *sum_w2; /* one each */
    int32_t *term_first, *term_columns, *term_is_factor, *term_is_decimal, *unit_stratum;
    double *term_missing, *shift, *floor_, *unit_rows, *unit_n, *unit_sum_w2, *hi, *lo;
    int64_t *text_at; /* [n_terms + n_columns + clusters + strata] places in `text`; -1: none */
    char *text;
    size_t text_used;
} syi_blob;

/* Bytes a string takes in the table; 0 for NULL. */
size_t syi_text_room(const char *text);

/* Zeroed but for the header. SY_ELIMIT when the size cannot be held in memory
 * (it is named), SY_ENOMEM when there is no room. */
sy_status syi_blob_new(sy_context *ctx, const syi_shape *shape, syi_blob *blob);
void syi_blob_free(syi_blob *blob);

/* Strings: terms, then design columns (levels and cells of interactions, NULL
 * for numbers), then clusters, then strata; each slot once. */
void syi_blob_text(syi_blob *blob, ptrdiff_t slot, const char *text);

/* Computes the checksum and hands the bytes over to `out`. SY_OK or SY_EINTR;
 * the blob is empty afterwards. */
sy_status syi_blob_seal(sy_context *ctx, syi_blob *blob, sy_moments *out);

/* The name of a design column as stored: the level of a factor, the cell of an
 * interaction with a factor ("north:urban"); NULL for numbers. */
const char *syi_moments_cell(const sy_moments *m, int column);

/* FNV-1a [Fowler, Noll & Vo 1991] over words and over the bytes of a string
 * with its end. */
#define SYI_FNV_START UINT64_C(14695981039346656037)
uint64_t syi_fnv_words(uint64_t hash, const void *words, size_t count);
uint64_t syi_fnv_text(uint64_t hash, const char *text);
#endif
