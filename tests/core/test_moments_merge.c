/* The sum of two sets of moments is the set of all rows.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "sample_rows.h"
#include <math.h>

static sy_moments merge(const sy_moments *a, const sy_moments *b)
{
    sy_context ctx;
    sy_moments m;
    sy_context_init(&ctx);
    if (sy_moments_merge(&ctx, a, b, &m) != SY_OK) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
    return m;
}

/* The first `n` rows, or those after them, as a design of its own. */
static void keep(rows *r, ptrdiff_t from, ptrdiff_t n)
{
    for (int c = 0; c < ROWS_NUMBERS; c++) r->column[c].data = r->x[c] + from;
    r->column[ROWS_NUMBERS].data = r->region + from;
    r->weight_column.data = r->weight + from;
    r->council_column.data = r->council + from;
    r->design.n = n;
}

/* Units apart in any order; each entry to 1e-30 of the largest it can be. */
static void same_sums(const sy_moments *a, const sy_moments *b, double near_enough)
{
    assert_int_equal(a->n_columns, b->n_columns);
    assert_true(a->n == b->n && a->rows_read == b->rows_read && a->rows_used == b->rows_used);
    assert_true(a->rows_dropped == b->rows_dropped && a->rows_zero == b->rows_zero && a->sum_w == b->sum_w);
    assert_true(fabs(a->sum_w2 - b->sum_w2) <= 1e-15 * b->sum_w2);
    assert_true(rows_moments_apart(a, b) < near_enough);
    for (int t = 0; t < a->n_terms; t++) {
        assert_true(a->term_missing[t] == b->term_missing[t]);
        assert_int_equal(a->term_is_decimal[t], b->term_is_decimal[t]);
    }
}

static void two_parts_make_the_whole(void **state)
{
    (void)state;
    rows *r = rows_new(3000, 71);
    r->x[0][4] = NAN;
    r->x[4][2999] = NAN;
    for (int weighted = 0; weighted <= 1; weighted++) {
        if (weighted) rows_weigh(r, SY_WEIGHT_ANALYTIC);
        for (int unit = SY_UNIT_NONE; unit <= SY_UNIT_ROW; unit++)
            for (int precision = SY_PRECISION_DOUBLE; precision <= SY_PRECISION_TWOFOLD; precision++) {
                r->design.cluster = unit == SY_UNIT_CLUSTER ? &r->council_column : NULL;
                keep(r, 0, 3000);
                sy_moments whole = rows_moments(r, (sy_unit)unit, (sy_precision)precision, 1, 2);
                keep(r, 0, 1100);
                sy_moments a = rows_moments(r, (sy_unit)unit, (sy_precision)precision, 1, 2);
                keep(r, 1100, 1900);
                sy_moments b = rows_moments(r, (sy_unit)unit, (sy_precision)precision, 1, 2);
                sy_moments m = merge(&a, &b);
                /* 1e-30: a few dozen roundings of 2^-105 in sums of like size */
                same_sums(&m, &whole, precision == SY_PRECISION_DOUBLE ? 1e-14 : 1e-30);
                assert_int_equal(m.n_units, whole.n_units);
                if (unit == SY_UNIT_CLUSTER)
                    for (ptrdiff_t g = 0; g < m.n_units; g++)
                        assert_string_equal(sy_moments_cluster(&m, g), sy_moments_cluster(&whole, g));
                sy_moments_free(&m);
                sy_moments_free(&a);
                sy_moments_free(&b);
                sy_moments_free(&whole);
            }
    }
    free(r);
}

/* The shifts of the two parts are a billion apart. */
static void sums_about_other_shifts_are_moved_exactly(void **state)
{
    (void)state;
    rows *r = rows_new(1000, 72);
    for (int i = 500; i < 1000; i++) r->x[2][i] += 1e9;
    sy_moments whole = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_TWOFOLD, 1, 2);
    keep(r, 0, 500);
    sy_moments a = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_TWOFOLD, 1, 2);
    keep(r, 500, 500);
    sy_moments b = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_TWOFOLD, 1, 2);
    sy_moments m = merge(&a, &b);
    assert_true(m.shift[2] == a.shift[2] && fabs(b.shift[2] - a.shift[2]) > 9e8);
    same_sums(&m, &whole, 1e-30);
    assert_true(m.floor_[2] < 1e-28 && m.floor_[2] > 0);
    sy_moments_free(&m);
    sy_moments_free(&a);
    sy_moments_free(&b);
    sy_moments_free(&whole);
    free(r);
}

/* One part knows north and east, the other south, east and west: as the whole,
 * a's levels first. */
static void levels_are_united(void **state)
{
    (void)state;
    static const char *const first[] = {"north", "east"}, *const second[] = {"south", "east", "west"};
    static const char *const all[] = {"north", "east", "south", "west"};
    rows *r = rows_new(900, 73);
    for (int i = 0; i < 900; i++) r->region[i] = i < 400 ? i % 2 : (i % 3 == 1 ? 1 : i % 3 ? 3 : 2);
    r->column[5].levels = all;
    sy_moments whole = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_TWOFOLD, 1, 2);
    r->column[5].levels = first;
    r->column[5].n_levels = 2;
    keep(r, 0, 400);
    sy_moments a = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_TWOFOLD, 1, 2);
    for (int i = 400; i < 900; i++) r->region[i] = r->region[i] == 1 ? 1 : r->region[i] == 2 ? 0 : 2;
    r->column[5].levels = second;
    r->column[5].n_levels = 3;
    keep(r, 400, 500);
    sy_moments b = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_TWOFOLD, 1, 2);
    sy_moments m = merge(&a, &b);
    assert_int_equal(m.n_columns, 15);
    for (int l = 0; l < 4; l++) assert_string_equal(sy_moments_level(&m, 5 + l), all[l]);
    assert_int_equal(m.term_columns[7], 4); /* the cells of region:x1 too */
    same_sums(&m, &whole, 1e-29);
    sy_moments_free(&m);
    sy_moments_free(&a);
    sy_moments_free(&b);
    sy_moments_free(&whole);
    free(r);
}

static void clusters_of_one_part_only_are_kept(void **state)
{
    (void)state;
    rows *r = rows_new(600, 74);
    r->design.cluster = &r->council_column;
    for (int i = 0; i < 600; i++) r->council[i] = i < 300 ? 5 + i % 4 : 1 + i % 6;
    keep(r, 0, 300);
    sy_moments a = rows_moments(r, SY_UNIT_CLUSTER, SY_PRECISION_AUTO, 1, 2);
    keep(r, 300, 300);
    sy_moments b = rows_moments(r, SY_UNIT_CLUSTER, SY_PRECISION_AUTO, 1, 2);
    keep(r, 0, 600);
    sy_moments whole = rows_moments(r, SY_UNIT_CLUSTER, SY_PRECISION_AUTO, 1, 2), m = merge(&a, &b);
    static const char *const wanted[] = {"council_5", "council_6", "council_7", "council_8",
                                         "council_1", "council_2", "council_3", "council_4"};
    assert_int_equal(m.n_units, 8);
    for (int g = 0; g < 8; g++) assert_string_equal(sy_moments_cluster(&m, g), wanted[g]);
    for (int g = 0; g < 8; g++) { /* the whole has council_1 first */
        const int at = (g + 4) % 8;
        assert_true(m.unit_n[g] == whole.unit_n[at] && m.unit_rows[g] == whole.unit_rows[at]);
        const size_t length = syi_packed_length(m.n_columns);
        assert_true(m.hi[(size_t)g * length] == whole.hi[(size_t)at * length]);
    }
    same_sums(&m, &whole, 1e-29);
    sy_moments_free(&m);
    sy_moments_free(&a);
    sy_moments_free(&b);
    sy_moments_free(&whole);
    free(r);
}

/* Terms in another order are the same terms. */
static void order_of_terms_does_not_matter(void **state)
{
    (void)state;
    rows *r = rows_new(500, 75);
    sy_term turned[ROWS_TERMS];
    for (int t = 0; t < ROWS_TERMS; t++) turned[t] = rows_term[ROWS_TERMS - 1 - t];
    sy_moments a = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_TWOFOLD, 1, 2);
    r->design.terms = turned;
    sy_moments b = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_TWOFOLD, 1, 2);
    sy_moments twice = merge(&a, &a), mixed = merge(&a, &b);
    assert_true(rows_moments_apart(&twice, &mixed) < 1e-30);
    assert_true(twice.n == 1000 && twice.sum_w == 1000);
    assert_string_equal(sy_moments_label(&mixed, 7), "region:x1");
    sy_moments_free(&twice);
    sy_moments_free(&mixed);
    sy_moments_free(&a);
    sy_moments_free(&b);
    free(r);
}

static void precision_is_the_lower_of_the_two(void **state)
{
    (void)state;
    rows *r = rows_new(500, 76);
    sy_moments a = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_TWOFOLD, 1, 2);
    sy_moments b = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_DOUBLE, 1, 2);
    sy_moments m = merge(&a, &b);
    assert_true(m.twofold == 0 && m.lo == NULL && m.term_is_decimal[0] == 0 && m.floor_[0] > 1e-15);
    sy_moments_free(&m);
    m = merge(&b, &a);
    assert_int_equal(m.twofold, 0);
    sy_moments_free(&m);
    sy_moments_free(&a);
    sy_moments_free(&b);
    free(r);
}

/* What rounding can make up in the whole is the sum of what it can in the parts. */
static void floors_are_those_of_the_whole(void **state)
{
    (void)state;
    rows *r = rows_new(2000, 77);
    for (int i = 0; i < 2000; i++) {
        r->x[3][i] = 1e9 + sqrt(2.0 + i) / 1000;
        if (i < 1000) r->x[1][i] = 1e8 + 1.0 / 3; /* does not vary in the first part */
        else r->x[1][i] = 1e8 + sqrt(2.0 + i);
    }
    for (int precision = SY_PRECISION_DOUBLE; precision <= SY_PRECISION_TWOFOLD; precision++) {
        keep(r, 0, 2000);
        sy_moments whole = rows_moments(r, SY_UNIT_NONE, (sy_precision)precision, 1, 2);
        keep(r, 0, 1000);
        sy_moments a = rows_moments(r, SY_UNIT_NONE, (sy_precision)precision, 1, 2);
        keep(r, 1000, 1000);
        sy_moments b = rows_moments(r, SY_UNIT_NONE, (sy_precision)precision, 1, 2);
        sy_moments m = merge(&a, &b);
        assert_true(a.floor_[1] == 1);
        assert_true(fabs(m.floor_[3] / whole.floor_[3] - 1) < 1e-3);
        assert_true(fabs(m.floor_[1] / whole.floor_[1] - 1) < 1e-3);
        sy_moments_free(&m);
        sy_moments_free(&a);
        sy_moments_free(&b);
        sy_moments_free(&whole);
    }
    free(r);
}

static void refuses(const sy_moments *a, const sy_moments *b, const char *message)
{
    sy_context ctx;
    sy_moments m;
    sy_context_init(&ctx);
    const int64_t live = sy_memory_live();
    const sy_status s = sy_moments_merge(&ctx, a, b, &m);
    if (s != SY_EINVAL || strcmp(ctx.message, message) != 0) fail_msg("%d: %s", s, ctx.message);
    assert_null(m.blob);
    assert_true(sy_memory_live() == live);
    sy_context_free(&ctx);
}

static void sets_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    rows *r = rows_new(100, 78);
    r->design.cluster = &r->council_column;
    sy_moments plain = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_AUTO, 1, 2);
    sy_moments clusters = rows_moments(r, SY_UNIT_CLUSTER, SY_PRECISION_AUTO, 1, 2);
    refuses(&plain, &clusters, "moments: kinds differ: one set and sets by cluster");
    rows_weigh(r, SY_WEIGHT_SAMPLING);
    sy_moments weighted = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_AUTO, 1, 2);
    refuses(&plain, &weighted, "moments: weight kinds differ: none and sampling");
    r->design.weights = NULL;
    r->design.weight_kind = SY_WEIGHT_NONE;
    r->design.n_terms = 8;
    sy_moments fewer = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_AUTO, 1, 2);
    refuses(&plain, &fewer, "moments: 9 terms and 8 terms; both must have the same");
    sy_term other[ROWS_TERMS];
    memcpy(other, rows_term, sizeof other);
    other[3].label = "y";
    r->design.terms = other;
    r->design.n_terms = ROWS_TERMS;
    sy_moments named = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_AUTO, 1, 2);
    refuses(&plain, &named, "moments: x3 is in one set only; both must have the same terms");
    other[3] = (sy_term){"x3", 1, &rows_factor[5]};
    sy_moments factor = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_AUTO, 1, 2);
    refuses(&plain, &factor, "moments: x3 is a factor in one set and a number in the other");
    sy_moments *all[] = {&plain, &clusters, &weighted, &fewer, &named, &factor};
    for (int k = 0; k < 6; k++) sy_moments_free(all[k]);
    free(r);
}

typedef struct {
    sy_moments a, b;
} two;

static sy_status merge_job(void *arg, void *answer)
{
    const two *t = arg;
    sy_context ctx;
    sy_moments m;
    sy_context_init(&ctx);
    const sy_status s = sy_moments_merge(&ctx, &t->a, &t->b, &m);
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
    rows *r = rows_new(100, 79);
    r->design.cluster = &r->council_column;
    two t;
    t.a = rows_moments(r, SY_UNIT_CLUSTER, SY_PRECISION_AUTO, 1, 2);
    t.b = rows_moments(r, SY_UNIT_CLUSTER, SY_PRECISION_AUTO, 1, 2);
    assert_true(syi_survives_failing(merge_job, &t, sizeof(uint64_t)) > 15);
    sy_moments_free(&t.a);
    sy_moments_free(&t.b);
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_parts_make_the_whole),
        cmocka_unit_test(sums_about_other_shifts_are_moved_exactly),
        cmocka_unit_test(levels_are_united),
        cmocka_unit_test(clusters_of_one_part_only_are_kept),
        cmocka_unit_test(order_of_terms_does_not_matter),
        cmocka_unit_test(precision_is_the_lower_of_the_two),
        cmocka_unit_test(floors_are_those_of_the_whole),
        cmocka_unit_test(sets_that_do_not_fit_are_refused),
        cmocka_unit_test(memory_running_out_anywhere_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
