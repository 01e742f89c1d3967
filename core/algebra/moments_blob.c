/* The saved form of moments, which is also the object itself.
 *
 * 20 header words of 8 bytes (little-endian): magic "SYMOMENT", format version,
 * size, checksum, counts; then the arrays in a fixed order, each padded to 8
 * bytes, whose places follow from the counts; then places of strings and the
 * strings. The checksum is FNV-1a taken a word at a time (eight times as fast
 * as by bytes): every step is a bijection of the running value, so a change
 * within one word is always seen. Bytes from anywhere may be viewed: each
 * count is held against the size before anything behind the header is read.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/moments_blob_internal.h"
#include "base/memory_internal.h"
#include "base/parallel_internal.h"
#include "base/status_internal.h"
#include <limits.h>
#include <string.h>

enum {
    H_MAGIC,
    H_VERSION,
    H_SIZE,
    H_CHECKSUM,
    H_TERMS,
    H_COLUMNS,
    H_UNITS,
    H_UNIT,
    H_WEIGHT_KIND,
    H_TWOFOLD,
    H_CORRELATION,
    H_TEXT_BYTES,
    H_N,
    H_ROWS_READ,
    H_ROWS_USED,
    H_ROWS_DROPPED,
    H_ROWS_ZERO,
    H_SUM_W,
    H_SUM_W2,
    H_STRATA,
    H_WORDS
};
enum {
    A_FIRST,
    A_COLUMNS,
    A_FACTOR,
    A_DECIMAL,
    A_STRATUM,
    A_MISSING,
    A_SHIFT,
    A_FLOOR,
    A_UNIT_ROWS,
    A_UNIT_N,
    A_UNIT_SUM_W2,
    A_HI,
    A_LO,
    A_TEXT_AT,
    A_TEXT,
    A_COUNT
};
/* Format 1 had no strata; without them the two are alike but for the number. */
enum { FIRST_VERSION = 1, FORMAT_VERSION = 2 };
enum { BREATH = 1 << 18 }; /* words between two looks at the clock */
static const char magic[8] = {'S', 'Y', 'M', 'O', 'M', 'E', 'N', 'T'};

uint64_t syi_fnv_words(uint64_t hash, const void *words, size_t count)
{
    const unsigned char *p = words;
    for (size_t i = 0; i < count; i++, p += 8) {
        uint64_t w;
        memcpy(&w, p, sizeof w);
        hash = (hash ^ w) * UINT64_C(1099511628211);
    }
    return hash;
}

uint64_t syi_fnv_text(uint64_t hash, const char *text)
{
    do hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    while (*text++);
    return hash;
}

size_t syi_text_room(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

static size_t n_texts(const syi_shape *s)
{
    return (size_t)s->n_terms + (size_t)s->n_columns + (s->unit == SY_UNIT_CLUSTER ? (size_t)s->n_units : 0) +
           (size_t)s->n_strata;
}

/* Moves *end behind count items of `width` bytes, padded to 8; 0 when that is
 * more than a size can hold. */
static int extend(size_t *end, size_t count, size_t width)
{
    const size_t most = (size_t)PTRDIFF_MAX - 8;
    if (*end > most || count > most / width || count * width > most - *end) return 0;
    *end += (count * width + 7) / 8 * 8;
    return 1;
}

/* at[A_COUNT + 1]: where each array begins, and the size; 0 when too large. */
static int lay_out(const syi_shape *s, size_t *at)
{
    const size_t terms = (size_t)s->n_terms, columns = (size_t)s->n_columns, units = (size_t)s->n_units;
    const size_t packed = syi_packed_length(s->n_columns), all = SIZE_MAX / 16;
    const size_t strata = (size_t)s->n_strata;
    if (units > all / packed || columns > all / 16 || units > all - columns - terms - strata) return 0;
    const size_t count[A_COUNT] = {terms,
                                   terms,
                                   terms,
                                   terms,
                                   strata ? units : 0,
                                   terms,
                                   columns,
                                   columns,
                                   units,
                                   units,
                                   units,
                                   units * packed,
                                   s->twofold ? units * packed : 0,
                                   n_texts(s),
                                   s->text_bytes};
    size_t end = H_WORDS * 8;
    for (int a = 0; a < A_COUNT; a++) {
        at[a] = end;
        if (!extend(&end, count[a], a <= A_STRATUM ? sizeof(int32_t) : a == A_TEXT ? 1 : sizeof(double))) return 0;
    }
    at[A_COUNT] = end;
    return 1;
}

static double gigabytes(const syi_shape *s)
{
    return (double)s->n_units * (double)syi_packed_length(s->n_columns) * (s->twofold ? 16.0 : 8.0) / 1e9;
}

static void point(syi_blob *b, const size_t *at)
{
    char *base = (char *)b->base;
    double *header = (double *)b->base;
    b->n = header + H_N;
    b->rows_read = header + H_ROWS_READ;
    b->rows_used = header + H_ROWS_USED;
    b->rows_dropped = header + H_ROWS_DROPPED;
    b->rows_zero = header + H_ROWS_ZERO;
    b->sum_w = header + H_SUM_W;
    b->sum_w2 = header + H_SUM_W2;
    b->term_first = (int32_t *)(base + at[A_FIRST]);
    b->term_columns = (int32_t *)(base + at[A_COLUMNS]);
    b->term_is_factor = (int32_t *)(base + at[A_FACTOR]);
    b->term_is_decimal = (int32_t *)(base + at[A_DECIMAL]);
    b->unit_stratum = b->shape.n_strata ? (int32_t *)(base + at[A_STRATUM]) : NULL;
    b->term_missing = (double *)(base + at[A_MISSING]);
    b->shift = (double *)(base + at[A_SHIFT]);
    b->floor_ = (double *)(base + at[A_FLOOR]);
    b->unit_rows = (double *)(base + at[A_UNIT_ROWS]);
    b->unit_n = (double *)(base + at[A_UNIT_N]);
    b->unit_sum_w2 = (double *)(base + at[A_UNIT_SUM_W2]);
    b->hi = (double *)(base + at[A_HI]);
    b->lo = b->shape.twofold ? (double *)(base + at[A_LO]) : NULL;
    b->text_at = (int64_t *)(base + at[A_TEXT_AT]);
    b->text = base + at[A_TEXT];
}

sy_status syi_blob_new(sy_context *ctx, const syi_shape *shape, syi_blob *blob)
{
    size_t at[A_COUNT + 1];
    *blob = (syi_blob){.shape = *shape};
    if (!lay_out(shape, at))
        return syi_fail(ctx, SY_ELIMIT, "moments: %td sets of %d columns take %.1f GB, more than can be held",
                        shape->n_units, shape->n_columns, gigabytes(shape));
    blob->size = at[A_COUNT];
    blob->base = syi_alloc(blob->size, 1);
    if (!blob->base)
        return syi_fail(ctx, SY_ENOMEM, "moments: out of memory for %td sets of %d columns (%.3g GB)", shape->n_units,
                        shape->n_columns, gigabytes(shape));
    uint64_t *h = blob->base;
    memcpy(&h[H_MAGIC], magic, sizeof magic);
    h[H_VERSION] = FORMAT_VERSION;
    h[H_SIZE] = blob->size;
    h[H_TERMS] = (uint64_t)shape->n_terms;
    h[H_COLUMNS] = (uint64_t)shape->n_columns;
    h[H_UNITS] = (uint64_t)shape->n_units;
    h[H_UNIT] = (uint64_t)shape->unit;
    h[H_WEIGHT_KIND] = (uint64_t)shape->weight_kind;
    h[H_TWOFOLD] = (uint64_t)shape->twofold;
    h[H_CORRELATION] = (uint64_t)shape->from_correlation;
    h[H_TEXT_BYTES] = shape->text_bytes;
    h[H_STRATA] = (uint64_t)shape->n_strata;
    point(blob, at);
    for (size_t i = 0; i < n_texts(shape); i++) blob->text_at[i] = -1;
    return SY_OK;
}

void syi_blob_free(syi_blob *blob)
{
    SYI_FREE(blob->base);
    *blob = (syi_blob){0};
}

void syi_blob_text(syi_blob *blob, ptrdiff_t slot, const char *text)
{
    const size_t room = syi_text_room(text);
    if (room == 0 || room > blob->shape.text_bytes - blob->text_used) return;
    memcpy(blob->text + blob->text_used, text, room);
    blob->text_at[slot] = (int64_t)blob->text_used;
    blob->text_used += room;
}

static void look(const syi_shape *s, const void *bytes, const size_t *at, sy_moments *m)
{
    const char *base = bytes;
    const double *h = bytes;
    *m = (sy_moments){.n_terms = s->n_terms, .n_columns = s->n_columns, .n_units = s->n_units, .unit = s->unit};
    m->weight_kind = s->weight_kind;
    m->twofold = s->twofold;
    m->from_correlation = s->from_correlation;
    m->n_strata = s->n_strata;
    m->n = h[H_N];
    m->rows_read = h[H_ROWS_READ];
    m->rows_used = h[H_ROWS_USED];
    m->rows_dropped = h[H_ROWS_DROPPED];
    m->rows_zero = h[H_ROWS_ZERO];
    m->sum_w = h[H_SUM_W];
    m->sum_w2 = h[H_SUM_W2];
    m->term_first = (const int32_t *)(base + at[A_FIRST]);
    m->term_columns = (const int32_t *)(base + at[A_COLUMNS]);
    m->term_is_factor = (const int32_t *)(base + at[A_FACTOR]);
    m->term_is_decimal = (const int32_t *)(base + at[A_DECIMAL]);
    m->unit_stratum = s->n_strata ? (const int32_t *)(base + at[A_STRATUM]) : NULL;
    m->term_missing = (const double *)(base + at[A_MISSING]);
    m->shift = (const double *)(base + at[A_SHIFT]);
    m->floor_ = (const double *)(base + at[A_FLOOR]);
    m->unit_rows = (const double *)(base + at[A_UNIT_ROWS]);
    m->unit_n = (const double *)(base + at[A_UNIT_N]);
    m->unit_sum_w2 = (const double *)(base + at[A_UNIT_SUM_W2]);
    m->hi = (const double *)(base + at[A_HI]);
    m->lo = s->twofold ? (const double *)(base + at[A_LO]) : NULL;
    m->blob = bytes;
    m->size = at[A_COUNT];
}

/* The checksum of the words from H_TERMS on. */
static sy_status checksum(sy_context *ctx, const uint64_t *words, size_t size, uint64_t *sum)
{
    const size_t count = size / 8;
    sy_status status = SY_OK;
    *sum = SYI_FNV_START;
    for (size_t at = H_TERMS; at < count && !status; at += BREATH) {
        *sum = syi_fnv_words(*sum, words + at, count - at < BREATH ? count - at : BREATH);
        status = syi_serial_stopped(ctx);
    }
    return status;
}

sy_status syi_blob_seal(sy_context *ctx, syi_blob *blob, sy_moments *out)
{
    size_t at[A_COUNT + 1];
    const sy_status status = checksum(ctx, blob->base, blob->size, &blob->base[H_CHECKSUM]);
    if (status < 0) {
        syi_blob_free(blob);
        return status;
    }
    (void)lay_out(&blob->shape, at);
    look(&blob->shape, blob->base, at, out);
    out->owned = 1;
    *blob = (syi_blob){0};
    return SY_OK;
}

/* The counts of a header, or 0 when one is out of its range. */
static int read_shape(const uint64_t *h, syi_shape *s)
{
    if (h[H_TERMS] < 1 || h[H_TERMS] > INT_MAX || h[H_COLUMNS] < h[H_TERMS] || h[H_COLUMNS] > INT_MAX / 2) return 0;
    if (h[H_UNITS] < 1 || h[H_UNITS] > PTRDIFF_MAX || h[H_UNIT] > SY_UNIT_ROW) return 0;
    if (h[H_UNIT] == SY_UNIT_NONE && h[H_UNITS] != 1) return 0;
    if (h[H_WEIGHT_KIND] > SY_WEIGHT_SAMPLING || h[H_TWOFOLD] > 1 || h[H_CORRELATION] > 2 + 15) return 0;
    if (h[H_TEXT_BYTES] > PTRDIFF_MAX || h[H_STRATA] > h[H_UNITS] || h[H_STRATA] > INT_MAX / 2) return 0;
    if (h[H_STRATA] > 0 && (h[H_VERSION] == FIRST_VERSION || h[H_UNIT] == SY_UNIT_NONE)) return 0;
    *s = (syi_shape){.n_terms = (int)h[H_TERMS], .n_columns = (int)h[H_COLUMNS], .n_units = (ptrdiff_t)h[H_UNITS]};
    s->unit = (sy_unit)h[H_UNIT];
    s->weight_kind = (sy_weight_kind)h[H_WEIGHT_KIND];
    s->twofold = (int)h[H_TWOFOLD];
    s->from_correlation = (int)h[H_CORRELATION];
    s->n_strata = (int)h[H_STRATA];
    s->text_bytes = (size_t)h[H_TEXT_BYTES];
    return 1;
}

/* What the algebra and the labels take for granted: terms lie end to end,
 * strings begin inside the table and the table ends one. */
static int is_sound(const syi_shape *s, const void *bytes, const size_t *at)
{
    const char *base = bytes;
    const int32_t *first = (const int32_t *)(base + at[A_FIRST]), *count = (const int32_t *)(base + at[A_COLUMNS]);
    const int32_t *factor = (const int32_t *)(base + at[A_FACTOR]);
    const int64_t *text_at = (const int64_t *)(base + at[A_TEXT_AT]);
    int32_t next = 0;
    for (int t = 0; t < s->n_terms; t++) {
        if (first[t] != next || count[t] < 1 || count[t] > s->n_columns - next) return 0;
        if (factor[t] != 0 && factor[t] != 1) return 0;
        next += count[t];
    }
    if (next != s->n_columns || s->text_bytes < 1 || base[at[A_TEXT] + s->text_bytes - 1] != 0) return 0;
    const int32_t *stratum = (const int32_t *)(base + at[A_STRATUM]);
    for (ptrdiff_t g = 0; s->n_strata && g < s->n_units; g++)
        if (stratum[g] < 0 || stratum[g] >= s->n_strata) return 0;
    const size_t texts = n_texts(s);
    for (size_t i = 0; i < texts; i++) {
        if (text_at[i] >= 0 && (uint64_t)text_at[i] >= s->text_bytes) return 0;
        const int required = i < (size_t)s->n_terms || i >= (size_t)s->n_terms + (size_t)s->n_columns;
        if (text_at[i] < -1 || (required && text_at[i] < 0)) return 0;
    }
    return 1;
}

sy_status sy_moments_view(sy_context *ctx, const void *blob, size_t size, int verify, sy_moments *out)
{
    syi_enter(ctx);
    *out = (sy_moments){0};
    const uint64_t *h = blob;
    syi_shape shape;
    size_t at[A_COUNT + 1];
    uint64_t sum = 0;
    if (!blob || size < H_WORDS * 8)
        return syi_fail(ctx, SY_EDATA, "moments: %zu bytes are too few for saved moments", size);
    if ((uintptr_t)blob % 8) return syi_fail(ctx, SY_EINVAL, "moments: the bytes must be aligned to 8");
    if (memcmp(blob, magic, sizeof magic) != 0) return syi_fail(ctx, SY_EDATA, "moments: these are not saved moments");
    if (h[H_VERSION] < FIRST_VERSION || h[H_VERSION] > FORMAT_VERSION)
        return syi_fail(ctx, SY_EDATA, "moments: saved in format %llu; this version reads formats %d to %d",
                        (unsigned long long)h[H_VERSION], FIRST_VERSION, FORMAT_VERSION);
    if (h[H_SIZE] != size)
        return syi_fail(ctx, SY_EDATA, "moments: cut off or extended: %zu bytes, %llu were saved", size,
                        (unsigned long long)h[H_SIZE]);
    if (verify && checksum(ctx, h, size, &sum) < 0) return SY_EINTR;
    if (verify && sum != h[H_CHECKSUM]) return syi_fail(ctx, SY_EDATA, "moments: damaged: the checksum does not fit");
    if (!read_shape(h, &shape) || !lay_out(&shape, at) || at[A_COUNT] != size || !is_sound(&shape, blob, at))
        return syi_fail(ctx, SY_EDATA, "moments: damaged: the counts in the header do not fit");
    look(&shape, blob, at, out);
    return SY_OK;
}

void sy_moments_free(sy_moments *m)
{
    if (m->owned) syi_free_bytes((void *)(uintptr_t)m->blob);
    *m = (sy_moments){0};
}
