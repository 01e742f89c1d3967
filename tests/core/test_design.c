/* Names found, designs refused.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "algebra/design_internal.h"
#include "failing_internal.h"
#include "sample_rows.h"
#include <limits.h>
#include <math.h>

static void a_name_is_found_or_the_nearest_is_named(void **state)
{
    (void)state;
    const char *const names[] = {"spend_per_adult_gbp", "easy_information", "deprivation_rank"};
    int index = -1;
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(sy_design_find(&ctx, "outcome", "easy_information", 3, names, &index), SY_OK);
    assert_int_equal(index, 1);
    assert_int_equal(sy_design_find(&ctx, "blocks", "spend_per_adult", 3, names, &index), SY_EINVAL);
    assert_string_equal(ctx.message, "blocks: there is no spend_per_adult; the nearest name is spend_per_adult_gbp");
    assert_int_equal(sy_design_find(&ctx, "blocks", "x", 0, NULL, &index), SY_EINVAL);
    assert_int_equal(index, 1);
    sy_context_free(&ctx);
}

/* kitten, sitting: three edits [the textbook example of Levenshtein's distance] */
static void edit_distance_by_hand(void **state)
{
    (void)state;
    assert_int_equal(syi_name_distance("kitten", "sitting"), 3 * SYI_NAME_EDIT);
    assert_int_equal(syi_name_distance("", "abc"), 3 * SYI_NAME_EDIT);
    assert_int_equal(syi_name_distance("abc", ""), 3 * SYI_NAME_EDIT);
    assert_int_equal(syi_name_distance("same", "same"), 0);
    char one[1000], two[1000];
    memset(one, 'a', sizeof one - 1);
    memset(two, 'b', sizeof two - 1);
    one[999] = two[999] = 0;
    assert_int_equal(syi_name_distance(one, two), 255 * SYI_NAME_EDIT); /* what lies beyond is not read */
}

/* What a person types in capitals, or with another mark between words, is that name and no shorter one. */
static void capitals_and_marks_weigh_less_than_a_letter(void **state)
{
    (void)state;
    const char *const names[] = {"council", "control", "easy_information", " feel safe"};
    const struct {
        const char *typed, *message;
    } tried[] = {{"CONTROL", "outcome: there is no CONTROL; the nearest name is control (capital letters count)"},
                 {"Easy.Information", "outcome: there is no Easy.Information; the nearest name is easy_information"},
                 {"contrl", "outcome: there is no contrl; the nearest name is control"},
                 {"feel safe", "outcome: there is no feel safe; the nearest name is \" feel safe\" (the blank belongs "
                               "to it)"}};
    sy_context ctx;
    sy_context_init(&ctx);
    int index = -1;
    for (size_t i = 0; i < sizeof tried / sizeof *tried; i++) {
        assert_int_equal(sy_design_find(&ctx, "outcome", tried[i].typed, 4, names, &index), SY_EINVAL);
        assert_string_equal(ctx.message, tried[i].message);
    }
    assert_int_equal(syi_name_distance("CONTROL", "control"), 7);
    assert_int_equal(syi_name_distance("feel.safe", "feel_safe"), 1);
    assert_int_equal(index, -1);
    sy_context_free(&ctx);
}

static void a_name_is_near_within_a_third_of_its_letters(void **state)
{
    (void)state;
    const char *const files[] = {"configure", "people.csv", "PEOPLE-2.CSV"};
    assert_int_equal(sy_design_near("peple.csv", 3, files), 1);
    assert_int_equal(sy_design_near("people_2.csv", 3, files), 2);
    assert_int_equal(sy_design_near("pepl.csv", 3, files), 1);
    assert_int_equal(sy_design_near("pupils.csv", 3, files), -1); /* four of ten letters */
    assert_int_equal(sy_design_near("councils.csv", 3, files), -1);
    assert_int_equal(sy_design_near("a", 2, (const char *const[]){"xy", "b"}), 1);
    assert_int_equal(sy_design_near("a", 1, (const char *const[]){"xyz"}), -1);
    assert_int_equal(sy_design_near("a", 0, NULL), -1);
}

static void refuses(const sy_design *design, const char *message)
{
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status s = syi_design_check(&ctx, design);
    if (s != SY_EINVAL || strcmp(ctx.message, message) != 0) fail_msg("%d: %s", s, ctx.message);
    sy_context_free(&ctx);
}

static void one_term(sy_design *design, const sy_term *term)
{
    design->n_terms = 1;
    design->terms = term;
}

static void terms_that_cannot_be_are_refused(void **state)
{
    (void)state;
    rows *r = rows_new(20, 1);
    const sy_factor high = {0, 16}, none = {0, 0}, outside = {6, 1}, power = {5, 2}, twice[] = {{5, 1}, {0, 1}, {5, 1}};
    const sy_term term[] = {{"x0^16", 1, &high},        {"x0^0", 1, &none},      {"y", 1, &outside},
                            {"region^2", 1, &power},    {"a:b:a", 3, twice},     {"empty", 0, &high},
                            {NULL, 1, &rows_factor[0]}, {"", 1, &rows_factor[0]}};
    const char *const message[] = {"x0^16: power 16; powers must be 1 to 15",
                                   "x0^0: power 0; powers must be 1 to 15",
                                   "y: column 6 is not among the 6 columns",
                                   "region^2: region is a factor and has no powers",
                                   "a:b:a: factor region is there twice",
                                   "empty: the term is made of no column",
                                   "term 1 has no label",
                                   "term 1 has no label"};
    for (size_t k = 0; k < sizeof term / sizeof *term; k++) {
        one_term(&r->design, &term[k]);
        refuses(&r->design, message[k]);
    }
    const sy_term same[] = {{"x", 1, &rows_factor[0]}, {"x", 1, &rows_factor[1]}};
    r->design.terms = same;
    r->design.n_terms = 2;
    refuses(&r->design, "x: this term is there twice");
    r->design.n_terms = 0;
    refuses(&r->design, "terms: none given; at least one is needed");
    free(r);
}

static void columns_that_cannot_be_are_refused(void **state)
{
    (void)state;
    rows *r = rows_new(20, 1);
    const char *const same[] = {"a", "b", "a", "c"}, *const hole[] = {"a", NULL, "b", "c"};
    const sy_column good = r->column[5];
    r->column[5].levels = same;
    refuses(&r->design, "region: level a is there twice");
    r->column[5].levels = hole;
    refuses(&r->design, "region: level 2 has no name");
    r->column[5].levels = NULL;
    refuses(&r->design, "region: a factor needs at least one level");
    r->column[5] = good;
    r->column[5].type = (sy_type)17;
    refuses(&r->design, "region: unknown type 17");
    r->column[5] = good;
    r->column[2].data = NULL;
    refuses(&r->design, "x2: has no values");
    r->column[2].name = NULL;
    refuses(&r->design, "column 3 has no name");
    r->design.n = -1;
    refuses(&r->design, "rows: -1 is not a number of rows");
    free(r);
}

static void weights_and_clusters_that_cannot_be_are_refused(void **state)
{
    (void)state;
    rows *r = rows_new(20, 1);
    r->design.weight_kind = SY_WEIGHT_ANALYTIC;
    refuses(&r->design, "weight_kind: given without weights");
    r->design.weight_kind = (sy_weight_kind)9;
    refuses(&r->design, "weight_kind: 9; it must be frequency, analytic or sampling");
    r->design.weights = &r->weight_column;
    r->design.weight_kind = SY_WEIGHT_NONE;
    refuses(&r->design, "weights: say what they are by weight_kind: frequency (the row stands for that many), analytic "
                        "(the variance of a row is 1 / weight) or sampling (one over the chance of selection)");
    r->design.weights = &r->column[5];
    r->design.weight_kind = SY_WEIGHT_SAMPLING;
    refuses(&r->design, "weights: region is a factor; weights must be numbers");
    r->design.weights = NULL;
    r->design.weight_kind = SY_WEIGHT_NONE;
    r->design.cluster = &r->column[0];
    refuses(&r->design, "cluster: x0 must be a factor (codes with names)");
    free(r);
}

static void too_many_combinations_are_refused(void **state)
{
    (void)state;
    enum { LEVELS = 2000 };
    static char name[LEVELS][8];
    const char *levels[LEVELS];
    int32_t code = 0;
    sy_column column[3];
    const sy_factor factor[] = {{0, 1}, {1, 1}, {2, 1}};
    const sy_term term = {"a:b:c", 3, factor};
    for (int l = 0; l < LEVELS; l++) {
        snprintf(name[l], sizeof name[l], "l%d", l);
        levels[l] = name[l];
    }
    for (int c = 0; c < 3; c++)
        column[c] = (sy_column){
            .name = "abc", .data = &code, .stride = 4, .type = SY_CODES, .n_levels = LEVELS, .levels = levels};
    const sy_design design = {.n = 1, .n_columns = 3, .columns = column, .n_terms = 1, .terms = &term};
    syi_layout layout;
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(syi_design_check(&ctx, &design), SY_OK);
    assert_int_equal(syi_layout_init(&ctx, &design, &layout), SY_EINVAL);
    assert_string_equal(ctx.message, "a:b:c: too many combinations of levels");
    sy_context_free(&ctx);
}

/* By hand: x0^2, region:x1 and x3:x4 of three rows, one of them missing. */
static void products_powers_and_cells_are_built(void **state)
{
    (void)state;
    rows *r = rows_new(3, 1);
    const double x0[] = {1.5, -2, 3}, x1[] = {4, 5, NAN}, x3[] = {0.1, 2, 3}, x4[] = {0.2, -1, 7};
    const int32_t region[] = {2, 0, 1};
    memcpy(r->x[0], x0, sizeof x0);
    memcpy(r->x[1], x1, sizeof x1);
    memcpy(r->x[3], x3, sizeof x3);
    memcpy(r->x[4], x4, sizeof x4);
    memcpy(r->region, region, sizeof region);
    double tile[15 * SYI_TILE], hi[15 * SYI_TILE], lo[15 * SYI_TILE];
    int places[6];
    const ptrdiff_t row[] = {2, 0, 1};
    syi_layout layout;
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(syi_layout_init(&ctx, &r->design, &layout), SY_OK);
    assert_int_equal(syi_design_places(&ctx, &r->design, places), SY_OK);
    assert_true(places[0] == 1 && places[1] == 0 && places[5] == 0);
    syi_design_tile(&r->design, &layout, row, 3, tile);
    syi_design_tile_twofold(&r->design, &layout, places, row, 3, hi, lo);
    const double square[] = {9, 2.25, 4}, north[] = {NAN, 0, 5}, south[] = {NAN, 4, 0};
    for (int i = 0; i < 3; i++) {
        assert_true(tile[9 * SYI_TILE + i] == square[i] && hi[9 * SYI_TILE + i] == square[i]);
        if (i == 0) assert_true(isnan(tile[10 * SYI_TILE]) && isnan(tile[13 * SYI_TILE]) && isnan(hi[10 * SYI_TILE]));
        if (i == 0) continue;
        assert_true(tile[10 * SYI_TILE + i] == north[i] && tile[12 * SYI_TILE + i] == south[i]);
        assert_true(hi[12 * SYI_TILE + i] == south[i]);
    }
    assert_true(tile[5 * SYI_TILE + 2] == 1 && tile[5 * SYI_TILE] == 0);
    /* 0.1 * 0.2 is 0.02 as decimals, and 0.020000000000000004 as doubles */
    assert_true(tile[14 * SYI_TILE + 1] != 0.02 && hi[14 * SYI_TILE + 1] + lo[14 * SYI_TILE + 1] == 0.02);
    syi_layout_free(&layout);
    sy_context_free(&ctx);
    free(r);
}

static sy_status layout_job(void *arg, void *answer)
{
    const rows *r = arg;
    syi_layout layout;
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status s = syi_layout_init(&ctx, &r->design, &layout);
    if (s >= 0) memcpy(answer, &layout.n_columns, sizeof layout.n_columns);
    if (s >= 0) syi_layout_free(&layout);
    sy_context_free(&ctx);
    return s;
}

static void memory_running_out_anywhere_is_survived(void **state)
{
    (void)state;
    rows *r = rows_new(3, 1);
    assert_int_equal(syi_survives_failing(layout_job, r, sizeof(int)), 3);
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_found_or_the_nearest_is_named),
        cmocka_unit_test(edit_distance_by_hand),
        cmocka_unit_test(capitals_and_marks_weigh_less_than_a_letter),
        cmocka_unit_test(a_name_is_near_within_a_third_of_its_letters),
        cmocka_unit_test(terms_that_cannot_be_are_refused),
        cmocka_unit_test(columns_that_cannot_be_are_refused),
        cmocka_unit_test(weights_and_clusters_that_cannot_be_are_refused),
        cmocka_unit_test(too_many_combinations_are_refused),
        cmocka_unit_test(products_powers_and_cells_are_built),
        cmocka_unit_test(memory_running_out_anywhere_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
