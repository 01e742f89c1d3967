/* The saved form: what is viewed is what was written, and no bytes, whatever
 * they are, lead outside of themselves.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "sample_rows.h"
#include <math.h>

static sy_moments some(sy_unit unit, sy_precision precision)
{
    rows *r = rows_new(120, 61);
    r->design.cluster = unit == SY_UNIT_CLUSTER ? &r->council_column : NULL;
    sy_moments m = rows_moments(r, unit, precision, 1, 2);
    free(r);
    return m;
}

static sy_status view(const void *bytes, size_t size, int verify, sy_moments *out)
{
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status s = sy_moments_view(&ctx, bytes, size, verify, out);
    if (s < 0) assert_true(ctx.message[0] != 0);
    sy_context_free(&ctx);
    return s;
}

/* Everything a reader of an accepted object may touch; kept, so that no
 * compiler leaves a read out. */
static volatile double seen;
static void read_all(const sy_moments *m)
{
    double sum = 0;
    size_t letters = 0;
    const size_t length = syi_packed_length(m->n_columns);
    for (int t = -1; t <= m->n_terms; t++) {
        const char *label = sy_moments_label(m, t);
        if (label) letters += strlen(label);
        if (t < 0 || t == m->n_terms) continue;
        sum += m->term_missing[t] + m->term_is_decimal[t];
        for (int c = m->term_first[t]; c < m->term_first[t] + m->term_columns[t]; c++)
            sum += m->shift[c] + m->floor_[c];
    }
    for (int c = -1; c <= m->n_columns; c++) {
        const char *level = sy_moments_level(m, c);
        if (level) letters += strlen(level);
    }
    for (ptrdiff_t g = 0; g < m->n_units; g++) {
        const char *cluster = sy_moments_cluster(m, g);
        if (cluster) letters += strlen(cluster);
        sum += m->unit_rows[g] + m->unit_n[g] + m->unit_sum_w2[g];
        sum += m->hi[(size_t)g * length] + m->hi[(size_t)g * length + length - 1];
        if (m->lo) sum += m->lo[(size_t)(g + 1) * length - 1];
    }
    seen = sum + (double)letters + (double)sy_moments_hash(m);
}

static void a_view_shows_what_was_written(void **state)
{
    (void)state;
    for (int unit = SY_UNIT_NONE; unit <= SY_UNIT_ROW; unit++)
        for (int precision = SY_PRECISION_DOUBLE; precision <= SY_PRECISION_TWOFOLD; precision++) {
            sy_moments m = some((sy_unit)unit, (sy_precision)precision), v;
            uint64_t *copy = malloc(m.size);
            assert_non_null(copy);
            memcpy(copy, m.blob, m.size);
            assert_int_equal(view(copy, m.size, 1, &v), SY_OK);
            assert_true(v.owned == 0 && v.n == m.n && v.unit == m.unit && v.n_units == m.n_units);
            assert_true(v.twofold == m.twofold && (v.lo == NULL) == (m.lo == NULL));
            assert_string_equal(sy_moments_label(&v, 8), "x3:x4");
            assert_true(sy_moments_hash(&v) == sy_moments_hash(&m));
            read_all(&v);
            sy_moments_free(&v); /* not owned: the bytes stay */
            assert_memory_equal(copy, m.blob, m.size);
            free(copy);
            sy_moments_free(&m);
            sy_moments_free(&m);
        }
}

static void every_flipped_bit_is_seen(void **state)
{
    (void)state;
    sy_moments m = some(SY_UNIT_NONE, SY_PRECISION_TWOFOLD), v;
    unsigned char *copy = malloc(m.size);
    assert_non_null(copy);
    memcpy(copy, m.blob, m.size);
    for (size_t bit = 0; bit < m.size * 8; bit++) {
        copy[bit / 8] ^= (unsigned char)(1u << bit % 8);
        assert_int_equal(view(copy, m.size, 1, &v), SY_EDATA);
        assert_null(v.blob);
        copy[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    free(copy);
    sy_moments_free(&m);
}

/* Each copy has exactly its size on the heap, so that a sanitizer or valgrind
 * sees any byte read beyond it. */
static void unverified_flipped_bits_never_lead_outside(void **state)
{
    (void)state;
    for (int unit = SY_UNIT_NONE; unit <= SY_UNIT_CLUSTER; unit++) {
        sy_moments m = some((sy_unit)unit, SY_PRECISION_TWOFOLD), v;
        size_t accepted = 0, header = 20 * 64;
        for (size_t k = 0; k < header + 3000; k++) {
            unsigned char *copy = malloc(m.size);
            assert_non_null(copy);
            memcpy(copy, m.blob, m.size);
            const size_t bit = k < header ? k : header + (k - header) * 7919 % (m.size * 8 - header);
            copy[bit / 8] ^= (unsigned char)(1u << bit % 8);
            if (view(copy, m.size, 0, &v) == SY_OK) {
                accepted++;
                read_all(&v);
            }
            free(copy);
        }
        assert_true(accepted > 100); /* a flipped double is not for the header to find */
        sy_moments_free(&m);
    }
}

static void every_shorter_or_longer_copy_is_refused(void **state)
{
    (void)state;
    sy_moments m = some(SY_UNIT_CLUSTER, SY_PRECISION_DOUBLE), v;
    for (size_t size = 0; size <= m.size + 16; size += size < 400 || size > m.size - 40 ? 1 : 61) {
        if (size == m.size) continue;
        unsigned char *copy = calloc(size + 1, 1);
        assert_non_null(copy);
        memcpy(copy, m.blob, size < m.size ? size : m.size);
        assert_int_equal(view(copy, size, 0, &v), SY_EDATA);
        free(copy);
    }
    assert_int_equal(view(NULL, 0, 1, &v), SY_EDATA);
    sy_moments_free(&m);
}

/* A header whose counts are anything but whose size, magic and version are
 * right: the counts are held against the size. */
static void random_counts_never_lead_outside(void **state)
{
    (void)state;
    syi_stream s;
    syi_stream_init(&s, 62, 0, 0);
    sy_moments m = some(SY_UNIT_CLUSTER, SY_PRECISION_TWOFOLD), v;
    for (int k = 0; k < 20000; k++) {
        uint64_t *copy = malloc(m.size);
        assert_non_null(copy);
        memcpy(copy, m.blob, m.size);
        const int changes = 1 + (int)syi_stream_below(&s, 4);
        for (int c = 0; c < changes; c++) {
            const uint64_t shift = syi_stream_below(&s, 64), bits = syi_stream_bits(&s);
            copy[4 + syi_stream_below(&s, 8)] = (bits | (uint64_t)syi_stream_bits(&s) << 32) >> shift;
        }
        if (view(copy, m.size, 0, &v) == SY_OK) read_all(&v);
        free(copy);
    }
    sy_moments_free(&m);
}

static void random_bytes_are_refused(void **state)
{
    (void)state;
    syi_stream s;
    syi_stream_init(&s, 63, 0, 0);
    sy_moments v;
    for (int k = 0; k < 2000; k++) {
        const size_t size = syi_stream_below(&s, 2000);
        unsigned char *bytes = malloc(size + 1);
        assert_non_null(bytes);
        for (size_t i = 0; i < size; i++) bytes[i] = (unsigned char)syi_stream_bits(&s);
        assert_int_equal(view(bytes, size, 0, &v), SY_EDATA);
        free(bytes);
    }
}

static void refusals_say_why(void **state)
{
    (void)state;
    sy_moments m = some(SY_UNIT_NONE, SY_PRECISION_DOUBLE), v;
    uint64_t *copy = calloc(m.size / 8 + 2, 8);
    assert_non_null(copy);
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(sy_moments_view(&ctx, copy, 100, 0, &v), SY_EDATA);
    assert_string_equal(ctx.message, "moments: 100 bytes are too few for saved moments");
    assert_int_equal(sy_moments_view(&ctx, copy, m.size, 0, &v), SY_EDATA);
    assert_string_equal(ctx.message, "moments: these are not saved moments");
    memcpy(copy, m.blob, m.size);
    assert_int_equal(sy_moments_view(&ctx, (char *)copy + 1, m.size, 0, &v), SY_EINVAL);
    assert_string_equal(ctx.message, "moments: the bytes must be aligned to 8");
    copy[1] = 7;
    assert_int_equal(sy_moments_view(&ctx, copy, m.size, 0, &v), SY_EDATA);
    assert_string_equal(ctx.message, "moments: saved in format 7; this version reads formats 1 to 2");
    copy[1] = 1;
    assert_int_equal(sy_moments_view(&ctx, copy, m.size + 8, 0, &v), SY_EDATA);
    assert_non_null(strstr(ctx.message, "moments: cut off or extended"));
    copy[30] ^= 1;
    assert_int_equal(sy_moments_view(&ctx, copy, m.size, 1, &v), SY_EDATA);
    assert_string_equal(ctx.message, "moments: damaged: the checksum does not fit");
    copy[4] = 3;
    assert_int_equal(sy_moments_view(&ctx, copy, m.size, 0, &v), SY_EDATA);
    assert_string_equal(ctx.message, "moments: damaged: the counts in the header do not fit");
    sy_context_free(&ctx);
    free(copy);
    sy_moments_free(&m);
}

static void the_hash_is_of_numbers_and_names_not_of_cluster_labels(void **state)
{
    (void)state;
    rows *r = rows_new(200, 64);
    r->design.cluster = &r->council_column;
    sy_moments m = rows_moments(r, SY_UNIT_CLUSTER, SY_PRECISION_AUTO, 1, 2);
    const uint64_t hash = sy_moments_hash(&m);
    sy_moments_free(&m);
    const char *others[ROWS_COUNCILS], *regions[ROWS_REGIONS];
    for (int g = 0; g < ROWS_COUNCILS; g++) others[g] = "somewhere";
    r->council_column.levels = others;
    m = rows_moments(r, SY_UNIT_CLUSTER, SY_PRECISION_AUTO, 1, 2);
    assert_true(sy_moments_hash(&m) == hash);
    sy_moments_free(&m);
    for (int l = 0; l < ROWS_REGIONS; l++) regions[l] = rows_regions[l];
    regions[1] = "orient";
    r->column[5].levels = regions;
    m = rows_moments(r, SY_UNIT_CLUSTER, SY_PRECISION_AUTO, 1, 2);
    assert_true(sy_moments_hash(&m) != hash);
    sy_moments_free(&m);
    r->column[5].levels = rows_regions;
    r->x[0][7] += 0.01;
    m = rows_moments(r, SY_UNIT_CLUSTER, SY_PRECISION_AUTO, 1, 2);
    assert_true(sy_moments_hash(&m) != hash);
    sy_moments_free(&m);
    free(r);
}

static void the_hash_of_rows_is_that_of_their_sum(void **state)
{
    (void)state;
    enum { N = 64 };
    rows *r = rows_new(N, 65);
    for (int c = 0; c < ROWS_NUMBERS; c++)
        for (int i = 0; i < N; i++) r->x[c][i] = rint(r->x[c][i]);
    r->design.n_terms = ROWS_NUMBERS;
    sy_moments m = rows_moments(r, SY_UNIT_ROW, SY_PRECISION_TWOFOLD, 1, 2);
    const uint64_t hash = sy_moments_hash(&m);
    sy_moments_free(&m);
    for (int c = 0; c < ROWS_NUMBERS; c++) { /* two rows change places: the exact sums stay */
        const double x = r->x[c][3];
        r->x[c][3] = r->x[c][40];
        r->x[c][40] = x;
    }
    m = rows_moments(r, SY_UNIT_ROW, SY_PRECISION_TWOFOLD, 1, 2);
    assert_true(sy_moments_hash(&m) == hash);
    sy_moments_free(&m);
    free(r);
}

static void terms_are_found_by_label(void **state)
{
    (void)state;
    rows *r = rows_new(100, 66);
    sy_term term[] = {{"x0", 1, &rows_factor[0]}, {"factor(region)", 1, &rows_factor[5]}, {"x1", 1, &rows_factor[1]}};
    r->design.terms = term;
    r->design.n_terms = 3;
    sy_moments m = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_AUTO, 1, 2);
    sy_context ctx;
    sy_context_init(&ctx);
    int found = -1;
    assert_int_equal(sy_moments_find(&ctx, &m, "outcome", "x1", &found), SY_OK);
    assert_int_equal(found, 2);
    assert_int_equal(sy_moments_find(&ctx, &m, "blocks", "region", &found), SY_OK);
    assert_int_equal(found, 1);
    assert_int_equal(sy_moments_find(&ctx, &m, "blocks", "factor(region)", &found), SY_OK);
    assert_int_equal(sy_moments_find(&ctx, &m, "blocks", "regio", &found), SY_EINVAL);
    assert_int_equal(sy_moments_find(&ctx, &m, "outcome", "x12", &found), SY_EINVAL);
    assert_string_equal(ctx.message, "outcome: there is no term x12 in the moments; the nearest is x1; there are: x0, "
                                     "factor(region), x1");
    sy_context_free(&ctx);
    sy_moments_free(&m);
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_view_shows_what_was_written),
        cmocka_unit_test(every_flipped_bit_is_seen),
        cmocka_unit_test(unverified_flipped_bits_never_lead_outside),
        cmocka_unit_test(every_shorter_or_longer_copy_is_refused),
        cmocka_unit_test(random_counts_never_lead_outside),
        cmocka_unit_test(random_bytes_are_refused),
        cmocka_unit_test(refusals_say_why),
        cmocka_unit_test(the_hash_is_of_numbers_and_names_not_of_cluster_labels),
        cmocka_unit_test(the_hash_of_rows_is_that_of_their_sum),
        cmocka_unit_test(terms_are_found_by_label),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
