/* Strata of units: where they lie, what is refused, merging, saved bytes.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "sample_rows.h"
#include <math.h>

static const char *const strata_names[] = {"empty", "hills", "coast", "plain"};

/* Stratum of a council: hills, coast, plain in turn. */
static int stratum_of(int council)
{
    return 1 + (council - 1) % 3;
}

typedef struct {
    rows *r;
    int32_t code[ROWS_MOST];
    sy_column column;
} strata_rows;

static strata_rows *strata_new(ptrdiff_t n, uint64_t seed)
{
    strata_rows *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->r = rows_new(n, seed);
    for (ptrdiff_t i = 0; i < n; i++) s->code[i] = stratum_of(s->r->council[i]);
    s->column = (sy_column){.name = "landscape",
                            .data = s->code,
                            .stride = sizeof(int32_t),
                            .type = SY_CODES,
                            .n_levels = 4,
                            .levels = strata_names};
    s->r->design.cluster = &s->r->council_column;
    s->r->design.strata = &s->column;
    return s;
}

static void strata_free(strata_rows *s)
{
    free(s->r);
    free(s);
}

static int council_number(const char *label)
{
    return atoi(label + strlen("council_"));
}

static void assert_own_strata(const sy_moments *m)
{
    for (ptrdiff_t g = 0; g < m->n_units; g++)
        assert_string_equal(sy_moments_stratum(m, m->unit_stratum[g]),
                            strata_names[stratum_of(council_number(sy_moments_cluster(m, g)))]);
}

static void every_cluster_has_the_stratum_of_its_rows(void **state)
{
    (void)state;
    strata_rows *s = strata_new(5000, 11);
    for (int threads = 1; threads <= 2; threads++) {
        sy_moments m = rows_moments(s->r, SY_UNIT_CLUSTER, SY_PRECISION_AUTO, threads, 2);
        assert_int_equal(m.n_strata, 3);
        assert_string_equal(sy_moments_stratum(&m, 0), "hills");
        assert_null(sy_moments_stratum(&m, 3));
        assert_null(sy_moments_stratum(&m, -1));
        assert_own_strata(&m);
        sy_moments_free(&m);
    }
    strata_free(s);
}

static void every_row_has_its_stratum(void **state)
{
    (void)state;
    strata_rows *s = strata_new(700, 12);
    s->r->design.cluster = NULL;
    s->r->x[0][4] = NAN;
    sy_moments m = rows_moments(s->r, SY_UNIT_ROW, SY_PRECISION_AUTO, 1, 2);
    assert_int_equal(m.n_units, 699);
    for (ptrdiff_t g = 0; g < m.n_units; g++)
        assert_string_equal(sy_moments_stratum(&m, m.unit_stratum[g]), strata_names[s->code[g + (g >= 4)]]);
    sy_moments_free(&m);
    strata_free(s);
}

static void rows_without_a_stratum_do_not_count(void **state)
{
    (void)state;
    strata_rows *s = strata_new(3000, 13);
    int dropped = 0;
    for (int i = 0; i < 3000; i += 7, dropped++) s->code[i] = -1;
    sy_moments m = rows_moments(s->r, SY_UNIT_CLUSTER, SY_PRECISION_AUTO, 1, 2);
    assert_true(m.rows_dropped == dropped);
    assert_true(m.rows_used == 3000 - dropped);
    assert_own_strata(&m);
    sy_moments_free(&m);
    m = rows_moments(s->r, SY_UNIT_NONE, SY_PRECISION_AUTO, 1, 2);
    assert_true(m.rows_dropped == dropped);
    assert_int_equal(m.n_strata, 0);
    assert_null(m.unit_stratum);
    sy_moments_free(&m);
    strata_free(s);
}

static sy_status refused(const strata_rows *s, const char *message)
{
    sy_context ctx;
    sy_moments m;
    const sy_moments_options o = {SY_UNIT_CLUSTER, SY_PRECISION_AUTO};
    sy_context_init(&ctx);
    const sy_status status = sy_moments_init(&ctx, &s->r->design, &o, &m);
    assert_string_equal(ctx.message, message);
    assert_null(m.blob);
    sy_context_free(&ctx);
    return status;
}

static void refusals_name_the_cluster_and_both_strata(void **state)
{
    (void)state;
    strata_rows *s = strata_new(3000, 14);
    int row = 2000;
    while (s->r->council[row] != 5) row++;
    s->code[row] = 3;
    char expected[200];
    snprintf(expected, sizeof expected,
             "strata: cluster council_5 lies in two strata, coast and plain (row %d); it must lie in one", row + 1);
    assert_int_equal(refused(s, expected), SY_EDATA);
    s->r->x[1][row] = NAN; /* a row that does not count says nothing */
    sy_moments m = rows_moments(s->r, SY_UNIT_CLUSTER, SY_PRECISION_AUTO, 1, 2);
    sy_moments_free(&m);
    s->column.type = SY_I32;
    assert_int_equal(refused(s, "strata: landscape must be a factor (codes with names)"), SY_EINVAL);
    s->column.type = SY_CODES;
    for (int i = 0; i < 3000; i++) s->code[i] = -1;
    assert_int_equal(refused(s, "no row of 3000 is complete; landscape is missing most often, in 3000 rows"), SY_EDATA);
    s->r->design.missing = SY_MISSING_ERROR;
    assert_int_equal(refused(s, "x1: missing in 1 of 3000 rows, and missing = \"error\" does not allow it"), SY_EDATA);
    strata_free(s);
}

/* Rows from .. to - 1 of the sample as a design of their own. */
static sy_moments part(const strata_rows *s, ptrdiff_t from, ptrdiff_t to)
{
    rows *r = calloc(1, sizeof *r);
    assert_non_null(r);
    memcpy(r, s->r, sizeof *r);
    sy_column strata = s->column;
    for (int c = 0; c < ROWS_NUMBERS; c++) r->column[c].data = s->r->x[c] + from;
    r->column[ROWS_NUMBERS].data = s->r->region + from;
    r->council_column.data = s->r->council + from;
    strata.data = s->code + from;
    r->design.columns = r->column;
    r->design.cluster = &r->council_column;
    r->design.strata = &strata;
    r->design.n = to - from;
    sy_moments m = rows_moments(r, SY_UNIT_CLUSTER, SY_PRECISION_AUTO, 1, 2);
    free(r);
    return m;
}

static void merging_unites_the_strata(void **state)
{
    (void)state;
    strata_rows *s = strata_new(2000, 15);
    for (int i = 0; i < 1000; i++) { /* the first half sees councils 3, 6, 9, 12 and 2 only */
        s->r->council[i] = i % 5 ? 3 + 3 * (i % 4) : 2;
        s->code[i] = stratum_of(s->r->council[i]);
    }
    sy_moments a = part(s, 0, 1000), b = part(s, 1000, 2000), both = {0};
    assert_int_equal(a.n_strata, 2);
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(sy_moments_merge(&ctx, &a, &b, &both), SY_OK);
    assert_int_equal(both.n_strata, 3);
    assert_string_equal(sy_moments_stratum(&both, 2), "hills");
    assert_int_equal(both.n_units, ROWS_COUNCILS);
    assert_own_strata(&both);
    sy_moments again;
    assert_int_equal(sy_moments_view(&ctx, both.blob, both.size, 1, &again), SY_OK);
    assert_own_strata(&again);
    sy_moments_free(&both);
    for (int i = 1000; i < 2000; i++)
        if (s->r->council[i] == 2) s->code[i] = 3;
    sy_moments_free(&b);
    b = part(s, 1000, 2000);
    assert_int_equal(sy_moments_merge(&ctx, &a, &b, &both), SY_EDATA);
    assert_string_equal(ctx.message,
                        "strata: cluster council_2 lies in two strata, coast and plain; it must lie in one");
    sy_moments_free(&b);
    s->r->design.strata = NULL;
    b = rows_moments(s->r, SY_UNIT_CLUSTER, SY_PRECISION_AUTO, 1, 2);
    assert_int_equal(sy_moments_merge(&ctx, &a, &b, &both), SY_EINVAL);
    assert_string_equal(ctx.message, "moments: one set has strata, the other none; both must have them");
    sy_moments_free(&a);
    sy_moments_free(&b);
    sy_context_free(&ctx);
    strata_free(s);
}

enum { VERSION = 1, STRATA = 19 }; /* header words */

static void bytes_of_format_1_are_read_and_false_strata_are_not(void **state)
{
    (void)state;
    strata_rows *s = strata_new(500, 16);
    sy_context ctx;
    sy_moments m = rows_moments(s->r, SY_UNIT_CLUSTER, SY_PRECISION_AUTO, 1, 2), v;
    sy_context_init(&ctx);
    uint64_t *copy = calloc(m.size / 8, 8);
    assert_non_null(copy);
    memcpy(copy, m.blob, m.size);
    copy[VERSION] = 1; /* there were none then */
    assert_int_equal(sy_moments_view(&ctx, copy, m.size, 0, &v), SY_EDATA);
    copy[VERSION] = 2;
    const size_t place = (size_t)((const char *)m.unit_stratum - (const char *)m.blob);
    ((int32_t *)(void *)((char *)copy + place))[2] = 3;
    assert_int_equal(sy_moments_view(&ctx, copy, m.size, 0, &v), SY_EDATA);
    copy[STRATA] = UINT64_MAX;
    assert_int_equal(sy_moments_view(&ctx, copy, m.size, 0, &v), SY_EDATA);
    free(copy);
    sy_moments_free(&m);
    s->r->design.strata = NULL;
    m = rows_moments(s->r, SY_UNIT_CLUSTER, SY_PRECISION_AUTO, 1, 2);
    copy = calloc(m.size / 8, 8);
    assert_non_null(copy);
    memcpy(copy, m.blob, m.size);
    copy[VERSION] = 1;
    assert_int_equal(sy_moments_view(&ctx, copy, m.size, 1, &v), SY_OK);
    assert_int_equal(v.n_strata, 0);
    assert_null(v.unit_stratum);
    free(copy);
    sy_moments_free(&m);
    sy_context_free(&ctx);
    strata_free(s);
}

static sy_status moments_and_merge(void *arg, void *answer)
{
    const strata_rows *s = arg;
    sy_context ctx;
    sy_moments m = {0}, both = {0};
    const sy_moments_options o = {SY_UNIT_CLUSTER, SY_PRECISION_AUTO};
    sy_context_init(&ctx);
    sy_status status = sy_moments_init(&ctx, &s->r->design, &o, &m);
    if (status >= 0) status = sy_moments_merge(&ctx, &m, &m, &both);
    if (status >= 0) memcpy(answer, both.unit_stratum, (size_t)both.n_units * sizeof(int32_t));
    sy_moments_free(&m);
    sy_moments_free(&both);
    sy_context_free(&ctx);
    return status;
}

static void memory_running_out_anywhere_is_survived(void **state)
{
    (void)state;
    strata_rows *s = strata_new(300, 17);
    assert_true(syi_survives_failing(moments_and_merge, s, ROWS_COUNCILS * sizeof(int32_t)) > 20);
    strata_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cluster_has_the_stratum_of_its_rows),
        cmocka_unit_test(every_row_has_its_stratum),
        cmocka_unit_test(rows_without_a_stratum_do_not_count),
        cmocka_unit_test(refusals_name_the_cluster_and_both_strata),
        cmocka_unit_test(merging_unites_the_strata),
        cmocka_unit_test(bytes_of_format_1_are_read_and_false_strata_are_not),
        cmocka_unit_test(memory_running_out_anywhere_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
