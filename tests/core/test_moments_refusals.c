/* What sy_moments_init refuses, what it survives, and how it stops.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "sample_rows.h"
#include <math.h>

static void refuses_as(const rows *r, sy_unit unit, sy_precision precision, sy_status code, const char *message)
{
    sy_context ctx;
    sy_moments m;
    const sy_moments_options o = {unit, precision};
    sy_context_init(&ctx);
    const int64_t live = sy_memory_live();
    const sy_status s = sy_moments_init(&ctx, &r->design, &o, &m);
    if (s != code || strcmp(ctx.message, message) != 0) fail_msg("%d: %s", s, ctx.message);
    assert_true(sy_memory_live() == live);
    assert_null(m.blob);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

static void refuses_everywhere(rows *r, const char *message)
{
    r->design.cluster = &r->council_column;
    for (int unit = SY_UNIT_NONE; unit <= SY_UNIT_ROW; unit++)
        for (int precision = SY_PRECISION_DOUBLE; precision <= SY_PRECISION_TWOFOLD; precision++)
            refuses_as(r, (sy_unit)unit, (sy_precision)precision, SY_EDATA, message);
}

static void bad_weights_are_refused(void **state)
{
    (void)state;
    rows *r = rows_new(1500, 41);
    rows_weigh(r, SY_WEIGHT_FREQUENCY);
    r->weight[1200] = -4;
    r->weight[2] = 1.5;
    refuses_everywhere(r, "weights: row 3 is 1.5; frequency weights must be whole numbers");
    r->design.weight_kind = SY_WEIGHT_ANALYTIC;
    refuses_everywhere(r, "weights: row 1201 is -4; weights must be zero or more, and finite");
    r->weight[900] = NAN;
    refuses_everywhere(r, "weights: row 901 is nan; weights must be zero or more, and finite");
    r->weight[899] = INFINITY;
    refuses_everywhere(r, "weights: row 900 is inf; weights must be zero or more, and finite");
    for (int i = 0; i < 1500; i++) r->weight[i] = 0;
    refuses_everywhere(r, "weights: all 1500 rows have weight zero");
    free(r);
}

static void infinite_and_huge_values_are_refused(void **state)
{
    (void)state;
    rows *r = rows_new(1500, 42);
    r->x[1][700] = -INFINITY;
    r->x[1][701] = NAN;
    refuses_everywhere(r, "x1: row 701 is minus infinite; values must be finite or missing");
    r->x[3][20] = INFINITY;
    refuses_everywhere(r, "x3: row 21 is infinite; values must be finite or missing");
    r->x[3][20] = 0;
    r->x[1][700] = 0;
    r->x[0][9] = 1e200;
    refuses_everywhere(r, "x0^2: row 10 is too large for a double; rescale the column");
    r->x[0][9] = 0;
    r->x[2][9] = 1e200;
    refuses_everywhere(r, "x2: its squares are too large for a double; rescale the column");
    free(r);
}

static void missing_values_may_be_an_error(void **state)
{
    (void)state;
    rows *r = rows_new(300, 43);
    r->x[4][1] = NAN;
    r->x[1][7] = NAN;
    r->x[1][8] = NAN;
    r->design.missing = SY_MISSING_ERROR;
    refuses_everywhere(r, "x1: missing in 2 of 300 rows, and missing = \"error\" does not allow it");
    free(r);
}

static void nothing_left_is_refused(void **state)
{
    (void)state;
    rows *r = rows_new(4, 44);
    for (int i = 0; i < 4; i++) r->x[i < 3 ? 3 : 1][i] = NAN;
    refuses_everywhere(r, "no row of 4 is complete; x3 is missing most often, in 3 rows");
    free(r);
    r = rows_new(2, 45);
    r->x[0][1] = NAN;
    refuses_as(r, SY_UNIT_NONE, SY_PRECISION_AUTO, SY_EDATA, "data: one row is left of 2; at least 2 are needed");
    r->design.n = 0;
    refuses_as(r, SY_UNIT_NONE, SY_PRECISION_AUTO, SY_EDATA, "data: there are no rows");
    refuses_as(r, SY_UNIT_ROW, SY_PRECISION_AUTO, SY_EDATA, "data: there are no rows");
    free(r);
}

static void one_cluster_is_refused(void **state)
{
    (void)state;
    rows *r = rows_new(40, 46);
    for (int i = 0; i < 40; i++) r->council[i] = 1;
    r->council[7] = 2;
    r->x[0][7] = NAN;
    r->design.cluster = &r->council_column;
    refuses_as(r, SY_UNIT_CLUSTER, SY_PRECISION_AUTO, SY_EDATA,
               "cluster: all rows are in one cluster, council_1; at least 2 are needed");
    for (int i = 0; i < 40; i++) r->council[i] = -1;
    refuses_as(r, SY_UNIT_CLUSTER, SY_PRECISION_AUTO, SY_EDATA,
               "no row of 40 is complete; council is missing most often, in 40 rows");
    free(r);
}

static void options_that_cannot_be_are_refused(void **state)
{
    (void)state;
    rows *r = rows_new(40, 47);
    refuses_as(r, SY_UNIT_CLUSTER, SY_PRECISION_AUTO, SY_EINVAL, "cluster: none given; sums by cluster need one");
    refuses_as(r, (sy_unit)3, SY_PRECISION_AUTO, SY_EINVAL, "unit: 3; it must be none, cluster or row");
    refuses_as(r, SY_UNIT_NONE, (sy_precision)-1, SY_EINVAL, "precision: -1; it must be auto, double or double-double");
    r->design.n_terms = 0;
    refuses_as(r, SY_UNIT_NONE, SY_PRECISION_AUTO, SY_EINVAL, "terms: none given; at least one is needed");
    free(r);
}

/* 2,000 levels by 2,000 make 4e6 columns and 8e12 entries, 64 TB. */
static void too_many_columns_run_out_of_memory_by_name(void **state)
{
    (void)state;
    enum { LEVELS = 2000 };
    static char name[LEVELS][8];
    static const char *levels[LEVELS];
    static int32_t code[200];
    rows *r = rows_new(200, 48);
    for (int l = 0; l < LEVELS; l++) {
        snprintf(name[l], sizeof name[l], "l%d", l);
        levels[l] = name[l];
    }
    const sy_column column = {
        .name = "big", .data = code, .stride = sizeof *code, .type = SY_CODES, .n_levels = LEVELS, .levels = levels};
    sy_column two[] = {column, column};
    const sy_factor factor[] = {{0, 1}, {1, 1}};
    const sy_term term = {"big:big", 2, factor};
    r->design.columns = two;
    r->design.n_columns = 2;
    r->design.terms = &term;
    r->design.n_terms = 1;
    sy_context ctx;
    sy_context_init(&ctx);
    sy_moments m;
    const sy_moments_options o = {SY_UNIT_ROW, SY_PRECISION_DOUBLE};
    const int64_t live = sy_memory_live();
    const sy_status s = sy_moments_init(&ctx, &r->design, &o, &m);
    assert_true(s == SY_ENOMEM || s == SY_ELIMIT);
    assert_non_null(strstr(ctx.message, "4000000"));
    assert_true(sy_memory_live() == live);
    sy_context_free(&ctx);
    free(r);
}

static int stop_at_once(void *arg)
{
    ++*(int *)arg;
    return 1;
}

/* 64 columns in double-double lane by lane take a tenth of a second for the
 * first block alone, twice the time between two polls. */
static void a_poll_stops_the_pass(void **state)
{
    (void)state;
    enum { TERMS = 16 };
    rows *r = rows_new(ROWS_MOST, 49);
    sy_term wide[TERMS];
    char label[TERMS][8];
    for (int t = 0; t < TERMS; t++) {
        snprintf(label[t], sizeof label[t], "r%d", t);
        wide[t] = (sy_term){label[t], 1, &rows_factor[5]};
    }
    r->design.terms = wide;
    r->design.n_terms = TERMS;
    int polls = 0;
    sy_context ctx;
    sy_context_init(&ctx);
    ctx.simd = 0;
    ctx.poll = stop_at_once;
    ctx.poll_arg = &polls;
    const int64_t live = sy_memory_live();
    const sy_moments_options o = {SY_UNIT_NONE, SY_PRECISION_TWOFOLD};
    sy_moments m;
    assert_int_equal(sy_moments_init(&ctx, &r->design, &o, &m), SY_EINTR);
    assert_int_equal(polls, 1);
    assert_null(m.blob);
    assert_true(sy_memory_live() == live);
    sy_context_free(&ctx);
    free(r);
}

typedef struct {
    rows *r;
    sy_moments_options options;
} asked;

static sy_status moments_job(void *arg, void *answer)
{
    const asked *a = arg;
    sy_context ctx;
    sy_moments m;
    sy_context_init(&ctx);
    const sy_status s = sy_moments_init(&ctx, &a->r->design, &a->options, &m);
    if (s >= 0) {
        const uint64_t hash = sy_moments_hash(&m);
        memcpy(answer, &hash, sizeof hash);
    }
    sy_moments_free(&m);
    sy_context_free(&ctx);
    return s;
}

static void memory_running_out_anywhere_is_survived(void **state)
{
    (void)state;
    asked a = {rows_new(90, 50), {SY_UNIT_NONE, SY_PRECISION_AUTO}};
    rows_weigh(a.r, SY_WEIGHT_FREQUENCY);
    a.r->x[0][3] = NAN;
    a.r->design.cluster = &a.r->council_column;
    for (int unit = SY_UNIT_NONE; unit <= SY_UNIT_ROW; unit++)
        for (int precision = SY_PRECISION_DOUBLE; precision <= SY_PRECISION_TWOFOLD; precision++) {
            a.options = (sy_moments_options){(sy_unit)unit, (sy_precision)precision};
            assert_true(syi_survives_failing(moments_job, &a, sizeof(uint64_t)) > 12);
        }
    free(a.r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_weights_are_refused),
        cmocka_unit_test(infinite_and_huge_values_are_refused),
        cmocka_unit_test(missing_values_may_be_an_error),
        cmocka_unit_test(nothing_left_is_refused),
        cmocka_unit_test(one_cluster_is_refused),
        cmocka_unit_test(options_that_cannot_be_are_refused),
        cmocka_unit_test(too_many_columns_run_out_of_memory_by_name),
        cmocka_unit_test(a_poll_stops_the_pass),
        cmocka_unit_test(memory_running_out_anywhere_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
