/* Moments from rows: identities and worked examples.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "sample_rows.h"
#include <math.h>

enum { CENTRED_PLACES = 2 };
/* double-double sums of 3,000 rows: 3 u^2 = 3.7e-32 an operation, about sqrt(3000)
 * of them adding up, times a few for the centring */
#define NEAR_TWOFOLD 1e-29
/* double: u = 1.1e-16, chains of at most 1024 additions */
#define NEAR_DOUBLE 1e-13

static void five_rows_by_hand(void **state)
{
    (void)state;
    /* x 1 2 3 4 5, y 2 4 5 4 5: S_xx = 10, S_xy = 6, S_yy = 6 (any textbook's
     * first regression: slope 0.6, R2 = 0.6) */
    const double x[] = {1, 2, 3, 4, 5}, y[] = {2, 4, 5, 4, 5};
    const sy_column column[] = {{.name = "x", .data = x, .stride = sizeof *x, .type = SY_F64},
                                {.name = "y", .data = y, .stride = sizeof *y, .type = SY_F64}};
    const sy_factor factor[] = {{0, 1}, {1, 1}};
    const sy_term term[] = {{"x", 1, &factor[0]}, {"y", 1, &factor[1]}};
    const sy_design design = {.n = 5, .n_columns = 2, .columns = column, .n_terms = 2, .terms = term};
    for (int precision = SY_PRECISION_DOUBLE; precision <= SY_PRECISION_TWOFOLD; precision++) {
        sy_context ctx;
        sy_context_init(&ctx);
        const sy_moments_options o = {SY_UNIT_NONE, (sy_precision)precision};
        sy_moments m;
        assert_int_equal(sy_moments_init(&ctx, &design, &o, &m), SY_OK);
        syi_dd *s = rows_centred(&m);
        assert_true(s[0].hi == 10 && s[1].hi == 6 && s[2].hi == 6 && s[3].hi == 6);
        assert_true(m.n == 5 && m.sum_w == 5 && m.sum_w2 == 5 && m.rows_used == 5 && m.rows_dropped == 0);
        free(s);
        sy_moments_free(&m);
        sy_context_free(&ctx);
    }
}

/* Each column pair summed one row after the other in double-double, with the
 * values and products taken from the decimals directly. */
static void naive(const rows *r, syi_dd *out)
{
    enum { Q = 15 };
    syi_dd sum[Q + 1] = {{0, 0}}, square[Q * Q] = {{0, 0}};
    for (ptrdiff_t i = 0; i < r->design.n; i++) {
        syi_dd z[Q];
        const syi_dd w = syi_dd_of(r->design.weights ? r->weight[i] : 1);
        for (int c = 0; c < ROWS_NUMBERS; c++) z[c] = syi_decimal_read(r->x[c][i], CENTRED_PLACES);
        for (int l = 0; l < ROWS_REGIONS; l++) {
            z[5 + l] = syi_dd_of(r->region[i] == l);
            z[10 + l] = r->region[i] == l ? z[1] : syi_dd_of(0);
        }
        z[9] = syi_dd_mul(z[0], z[0]);
        z[14] = syi_dd_mul(z[3], z[4]);
        z[2] = syi_dd_sub(z[2], syi_dd_of(5000));
        sum[Q] = syi_dd_add(sum[Q], w);
        for (int a = 0; a < Q; a++) {
            const syi_dd wz = syi_dd_mul(w, z[a]);
            sum[a] = syi_dd_add(sum[a], wz);
            for (int b = 0; b < Q; b++) square[a * Q + b] = syi_dd_add(square[a * Q + b], syi_dd_mul(wz, z[b]));
        }
    }
    for (int a = 0; a < Q; a++)
        for (int b = 0; b < Q; b++)
            out[a * Q + b] = syi_dd_sub(square[a * Q + b], syi_dd_div(syi_dd_mul(sum[a], sum[b]), sum[Q]));
}

static void every_unit_weight_and_precision_agrees_with_naive_sums(void **state)
{
    (void)state;
    rows *r = rows_new(3000, 11);
    syi_dd wanted[15 * 15];
    for (int kind = SY_WEIGHT_NONE; kind <= SY_WEIGHT_SAMPLING; kind++) {
        if (kind != SY_WEIGHT_NONE) rows_weigh(r, (sy_weight_kind)kind);
        r->design.cluster = &r->council_column;
        naive(r, wanted);
        for (int unit = SY_UNIT_NONE; unit <= SY_UNIT_ROW; unit++)
            for (int precision = SY_PRECISION_DOUBLE; precision <= SY_PRECISION_TWOFOLD; precision++) {
                sy_moments m = rows_moments(r, (sy_unit)unit, (sy_precision)precision, 1, 2);
                assert_int_equal(m.n_columns, 15);
                syi_dd *s = rows_centred(&m);
                const double near_enough = precision == SY_PRECISION_DOUBLE ? NEAR_DOUBLE : NEAR_TWOFOLD;
                assert_true(rows_apart(15, wanted, s) < near_enough);
                free(s);
                sy_moments_free(&m);
            }
    }
    free(r);
}

static void layout_labels_and_levels_are_kept(void **state)
{
    (void)state;
    rows *r = rows_new(500, 2);
    r->design.cluster = &r->council_column;
    sy_moments m = rows_moments(r, SY_UNIT_CLUSTER, SY_PRECISION_AUTO, 1, 2);
    assert_int_equal(m.twofold, 1);
    assert_string_equal(sy_moments_label(&m, 7), "region:x1");
    assert_int_equal(m.term_first[7], 10);
    assert_int_equal(m.term_columns[7], ROWS_REGIONS);
    assert_true(m.term_is_factor[5] && !m.term_is_factor[7]);
    assert_string_equal(sy_moments_level(&m, 6), "east");
    assert_null(sy_moments_level(&m, 0));
    assert_null(sy_moments_level(&m, 11)); /* a cell of an interaction is no level */
    assert_int_equal(m.n_units, ROWS_COUNCILS);
    assert_string_equal(sy_moments_cluster(&m, 9), "council_10");
    assert_null(sy_moments_cluster(&m, 12));
    assert_null(sy_moments_label(&m, -1));
    assert_true(m.term_is_decimal[0] && !m.term_is_decimal[5] && m.term_is_decimal[8]);
    sy_moments_free(&m);
    free(r);
}

/* x + 1e9 still prints with two decimals within 1e15, so nothing is lost. */
static void adding_a_billion_keeps_the_cross_products(void **state)
{
    (void)state;
    rows *r = rows_new(2000, 8);
    sy_moments before = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_TWOFOLD, 1, 2);
    for (ptrdiff_t i = 0; i < r->design.n; i++) r->x[2][i] += 1e9;
    sy_moments after = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_TWOFOLD, 1, 2);
    assert_int_equal(after.term_is_decimal[2], 1);
    /* the values themselves are good to 2^-106 of 1e9, that is 1e-23 of a spread of 100 */
    assert_true(rows_moments_apart(&before, &after) < 1e-24);
    sy_moments_free(&after);
    after = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_DOUBLE, 1, 2);
    /* a double near 1e9 is off by up to 6e-8, at random over 2000 rows */
    assert_true(rows_moments_apart(&before, &after) < 1e-9);
    sy_moments_free(&before);
    sy_moments_free(&after);
    free(r);
}

static void order_of_rows_does_not_matter(void **state)
{
    (void)state;
    rows *r = rows_new(2500, 9);
    sy_moments forward = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_TWOFOLD, 1, 2);
    for (int c = 0; c <= ROWS_NUMBERS; c++) {
        sy_column *column = &r->column[c];
        column->data = (const char *)column->data + (r->design.n - 1) * column->stride;
        column->stride = -column->stride;
    }
    sy_moments backward = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_TWOFOLD, 1, 2);
    assert_true(rows_moments_apart(&forward, &backward) < NEAR_TWOFOLD);
    sy_moments_free(&forward);
    sy_moments_free(&backward);
    free(r);
}

static void frequency_weights_repeat_rows(void **state)
{
    (void)state;
    rows *few = rows_new(900, 12), *many = rows_new(0, 0);
    rows_weigh(few, SY_WEIGHT_FREQUENCY);
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < few->design.n; i++)
        for (int k = 0; k < (int)few->weight[i]; k++, n++) {
            for (int c = 0; c < ROWS_NUMBERS; c++) many->x[c][n] = few->x[c][i];
            many->region[n] = few->region[i];
        }
    many->design.n = n;
    sy_moments weighted = rows_moments(few, SY_UNIT_NONE, SY_PRECISION_TWOFOLD, 1, 2);
    sy_moments repeated = rows_moments(many, SY_UNIT_NONE, SY_PRECISION_TWOFOLD, 1, 2);
    assert_true(weighted.n == repeated.n && weighted.sum_w == (double)n);
    assert_true(weighted.rows_used < repeated.rows_used);
    assert_true(rows_moments_apart(&weighted, &repeated) < NEAR_TWOFOLD);
    sy_moments_free(&weighted);
    sy_moments_free(&repeated);
    free(few);
    free(many);
}

static void analytic_weights_count_rows_of_positive_weight(void **state)
{
    (void)state;
    rows *r = rows_new(400, 13);
    double sum = 0, sum2 = 0, positive = 0;
    for (int i = 0; i < 400; i++) {
        r->weight[i] /= 8;
        sum += r->weight[i];
        sum2 += r->weight[i] * r->weight[i];
        positive += r->weight[i] > 0;
    }
    rows_weigh(r, SY_WEIGHT_ANALYTIC);
    sy_context ctx;
    sy_context_init(&ctx);
    sy_moments m;
    assert_int_equal(sy_moments_init(&ctx, &r->design, NULL, &m), SY_NOTE_ZERO_WEIGHTS);
    assert_true(m.n == positive && m.sum_w == sum && m.sum_w2 == sum2); /* eighths: exact */
    assert_true(m.rows_used == positive && m.rows_zero == 400 - positive && m.rows_dropped == 0);
    assert_non_null(strstr(ctx.remarks[0].text, "of 400 rows have weight zero"));
    sy_moments_free(&m);
    sy_context_free(&ctx);
    free(r);
}

/* Rows with a missing value leave as if they had never been there. */
static void missing_rows_are_dropped_and_counted(void **state)
{
    (void)state;
    rows *r = rows_new(1000, 14), *kept = rows_new(0, 0);
    r->x[1][3] = NAN;
    r->x[1][500] = NAN;
    r->x[4][500] = NAN;
    r->region[999] = 17;
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < 1000; i++) {
        if (i == 3 || i == 500 || i == 999) continue;
        for (int c = 0; c < ROWS_NUMBERS; c++) kept->x[c][n] = r->x[c][i];
        kept->region[n++] = r->region[i];
    }
    kept->design.n = n;
    for (int unit = SY_UNIT_NONE; unit <= SY_UNIT_ROW; unit++) {
        const sy_moments_options o = {(sy_unit)unit, SY_PRECISION_TWOFOLD};
        sy_context ctx;
        sy_context_init(&ctx);
        r->design.cluster = unit == SY_UNIT_CLUSTER ? &r->council_column : NULL;
        sy_moments m, whole = rows_moments(kept, SY_UNIT_NONE, SY_PRECISION_TWOFOLD, 1, 2);
        assert_int_equal(sy_moments_init(&ctx, &r->design, &o, &m), SY_NOTE_ROWS_DROPPED);
        assert_true(m.n == 997 && m.rows_read == 1000 && m.rows_used == 997 && m.rows_dropped == 3);
        assert_true(m.term_missing[0] == 0 && m.term_missing[1] == 2 && m.term_missing[5] == 1);
        assert_true(m.term_missing[7] == 3 && m.term_missing[8] == 1);
        assert_true(rows_moments_apart(&m, &whole) < NEAR_TWOFOLD);
        sy_moments_free(&m);
        sy_moments_free(&whole);
        assert_string_equal(ctx.remarks[0].text, "3 of 1000 rows dropped for missing values: x1 2, x4 1, region 1, "
                                                 "region:x1 3, x3:x4 1");
        assert_true(ctx.remarks[0].value == 3);
        sy_context_free(&ctx);
    }
    free(r);
    free(kept);
}

static void rows_without_a_cluster_are_dropped(void **state)
{
    (void)state;
    rows *r = rows_new(1000, 15);
    r->design.cluster = &r->council_column;
    r->council[10] = 0;
    r->council[11] = INT32_MIN;
    r->x[0][11] = NAN;
    for (int unit = SY_UNIT_NONE; unit <= SY_UNIT_ROW; unit++) {
        sy_moments m = rows_moments(r, (sy_unit)unit, SY_PRECISION_DOUBLE, 1, 2);
        assert_true(m.rows_dropped == 2 && m.n == 998 && m.term_missing[0] == 1);
        sy_moments_free(&m);
    }
    free(r);
}

static void clusters_without_rows_are_left_out(void **state)
{
    (void)state;
    rows *r = rows_new(300, 16);
    r->design.cluster = &r->council_column;
    for (int i = 0; i < 300; i++) {
        if (r->council[i] == 4) r->council[i] = 5;
        if (r->council[i] == 7) r->x[0][i] = NAN;
    }
    sy_moments m = rows_moments(r, SY_UNIT_CLUSTER, SY_PRECISION_TWOFOLD, 1, 2);
    assert_int_equal(m.n_units, ROWS_COUNCILS - 2);
    assert_string_equal(sy_moments_cluster(&m, 3), "council_5");
    assert_string_equal(sy_moments_cluster(&m, 5), "council_8");
    double total = 0;
    for (ptrdiff_t g = 0; g < m.n_units; g++) total += m.unit_n[g];
    assert_true(total == m.n);
    sy_moments_free(&m);
    free(r);
}

static void leaving_a_unit_out_is_summing_the_others(void **state)
{
    (void)state;
    rows *r = rows_new(400, 17);
    r->design.cluster = &r->council_column;
    sy_moments m = rows_moments(r, SY_UNIT_CLUSTER, SY_PRECISION_TWOFOLD, 1, 2);
    const size_t length = syi_packed_length(m.n_columns);
    double *room = calloc(6 * length, sizeof *room), multiplier[ROWS_COUNCILS];
    assert_non_null(room);
    syi_sums total = {0, 0, room, room + length}, without = {0, 0, room + 2 * length, room + 3 * length};
    syi_sums others = {0, 0, room + 4 * length, room + 5 * length};
    syi_moments_total(&m, NULL, &total);
    assert_true(total.n == m.n && total.sum_w2 == m.sum_w2);
    for (ptrdiff_t g = 0; g < m.n_units; g++) {
        for (ptrdiff_t k = 0; k < m.n_units; k++) multiplier[k] = k == g ? 0 : 1;
        syi_moments_total(&m, multiplier, &others);
        syi_moments_without(&m, &total, g, 1, &without);
        assert_true(others.n == without.n && others.sum_w2 == without.sum_w2);
        for (size_t i = 0; i < length; i++) {
            const syi_dd d = syi_dd_sub((syi_dd){without.hi[i], without.lo[i]}, (syi_dd){others.hi[i], others.lo[i]});
            assert_true(fabs(d.hi) <= 1e-30 * fabs(total.hi[i]) + 1e-26);
        }
    }
    free(room);
    sy_moments_free(&m);
    free(r);
}

static void multipliers_repeat_clusters(void **state)
{
    (void)state;
    rows *r = rows_new(300, 18);
    r->design.cluster = &r->council_column;
    rows_weigh(r, SY_WEIGHT_FREQUENCY);
    sy_moments once = rows_moments(r, SY_UNIT_CLUSTER, SY_PRECISION_TWOFOLD, 1, 2);
    const size_t length = syi_packed_length(once.n_columns);
    double *room = calloc(4 * length, sizeof *room), multiplier[ROWS_COUNCILS];
    assert_non_null(room);
    for (int g = 0; g < ROWS_COUNCILS; g++) multiplier[g] = g % 3;
    for (int i = 0; i < 300; i++) r->weight[i] *= (r->council[i] - 1) % 3;
    sy_moments repeated = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_TWOFOLD, 1, 2);
    syi_sums a = {0, 0, room, room + length}, b = {0, 0, room + 2 * length, room + 3 * length};
    syi_moments_total(&once, multiplier, &a);
    syi_moments_total(&repeated, NULL, &b);
    assert_true(a.n == b.n);
    enum { X0, X4 = 4 };
    const int column[] = {X0, X4};
    syi_dd s[4], t[4];
    syi_moments_centred(&once, &a, 2, column, s);
    syi_moments_centred(&repeated, &b, 2, column, t);
    assert_true(rows_apart(2, s, t) < NEAR_TWOFOLD);
    free(room);
    sy_moments_free(&once);
    sy_moments_free(&repeated);
    free(r);
}

static void a_council_level_column_is_constant_within(void **state)
{
    (void)state;
    rows *r = rows_new(5000, 19);
    r->design.cluster = &r->council_column;
    for (int i = 0; i < 5000; i++) r->x[1][i] = 1000.0 / 7 * r->council[i];
    for (int precision = SY_PRECISION_DOUBLE; precision <= SY_PRECISION_TWOFOLD; precision++) {
        sy_moments m = rows_moments(r, SY_UNIT_CLUSTER, (sy_precision)precision, 1, 2);
        assert_int_equal(syi_moments_constant_within(&m, 1), 1);
        assert_int_equal(syi_moments_constant_within(&m, 0), 0);
        assert_int_equal(syi_moments_constant_within(&m, 5), 0);
        sy_moments_free(&m);
        m = rows_moments(r, SY_UNIT_NONE, (sy_precision)precision, 1, 2);
        assert_int_equal(syi_moments_constant_within(&m, 1), 0);
        sy_moments_free(&m);
    }
    free(r);
}

static void floors_tell_what_rounding_can_make_up(void **state)
{
    (void)state;
    rows *r = rows_new(2000, 20);
    for (int i = 0; i < 2000; i++) {
        r->x[1][i] = 0.1;                        /* constant */
        r->x[3][i] = 1e9 + sqrt(2.0 + i) / 1000; /* no decimals; spread 0.01 */
    }
    sy_moments m = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_TWOFOLD, 1, 2);
    assert_true(m.floor_[0] < 1e-28 && m.floor_[0] > 0); /* decimals: only the sums round */
    assert_true(m.floor_[1] == 1);
    /* half an ulp of 1e9 is 6e-8; over a spread of 0.01 that is 3e-11 squared */
    assert_true(m.floor_[3] > 1e-11 && m.floor_[3] < 1e-8);
    assert_int_equal(m.term_is_decimal[3], 0);
    sy_moments_free(&m);
    m = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_DOUBLE, 1, 2);
    assert_true(m.floor_[0] > 1e-15 && m.floor_[0] < 1e-13);
    assert_true(m.floor_[1] == 1);
    assert_true(m.floor_[3] > 1e-11 && m.floor_[3] < 1e-8);
    sy_moments_free(&m);
    free(r);
}

static void empty_levels_are_remarked(void **state)
{
    (void)state;
    rows *r = rows_new(600, 21);
    for (int i = 0; i < 600; i++)
        if (r->region[i] == 2) r->x[0][i] = NAN; /* south has rows, but none is complete */
    sy_context ctx;
    sy_context_init(&ctx);
    sy_moments m;
    assert_int_equal(sy_moments_init(&ctx, &r->design, NULL, &m), SY_NOTE_ROWS_DROPPED);
    assert_int_equal(ctx.n_remarks, 2);
    assert_int_equal(ctx.remarks[0].code, SY_NOTE_EMPTY_LEVEL);
    assert_string_equal(ctx.remarks[0].text, "region: 1 of its levels has no rows: south");
    sy_moments_free(&m);
    sy_context_free(&ctx);
    free(r);
}

static void precision_follows_the_work(void **state)
{
    (void)state;
    rows *r = rows_new(ROWS_MOST, 22);
    r->design.n_terms = 5; /* 20000 * 6^2 = 7e5 */
    sy_moments m = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_AUTO, 1, 2);
    assert_int_equal(m.twofold, 1);
    sy_moments_free(&m);
    const sy_factor factor = {5, 1};
    sy_term wide[12];
    char label[12][8];
    for (int t = 0; t < 12; t++) { /* 12 * 4 columns: 20000 * 49^2 = 4.8e7 */
        snprintf(label[t], sizeof label[t], "r%d", t);
        wide[t] = (sy_term){label[t], 1, &factor};
    }
    r->design.terms = wide;
    r->design.n_terms = 12;
    m = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_AUTO, 1, 2);
    assert_int_equal(m.twofold, 0);
    assert_null(m.lo);
    sy_moments_free(&m);
    free(r);
}

static void a_frequency_weight_of_two_and_one_row_is_enough(void **state)
{
    (void)state;
    rows *r = rows_new(1, 3);
    r->weight[0] = 2;
    rows_weigh(r, SY_WEIGHT_FREQUENCY);
    sy_moments m = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_AUTO, 1, 2);
    assert_true(m.n == 2 && m.rows_used == 1 && m.floor_[0] == 1);
    sy_moments_free(&m);
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_rows_by_hand),
        cmocka_unit_test(every_unit_weight_and_precision_agrees_with_naive_sums),
        cmocka_unit_test(layout_labels_and_levels_are_kept),
        cmocka_unit_test(adding_a_billion_keeps_the_cross_products),
        cmocka_unit_test(order_of_rows_does_not_matter),
        cmocka_unit_test(frequency_weights_repeat_rows),
        cmocka_unit_test(analytic_weights_count_rows_of_positive_weight),
        cmocka_unit_test(missing_rows_are_dropped_and_counted),
        cmocka_unit_test(rows_without_a_cluster_are_dropped),
        cmocka_unit_test(clusters_without_rows_are_left_out),
        cmocka_unit_test(leaving_a_unit_out_is_summing_the_others),
        cmocka_unit_test(multipliers_repeat_clusters),
        cmocka_unit_test(a_council_level_column_is_constant_within),
        cmocka_unit_test(floors_tell_what_rounding_can_make_up),
        cmocka_unit_test(empty_levels_are_remarked),
        cmocka_unit_test(precision_follows_the_work),
        cmocka_unit_test(a_frequency_weight_of_two_and_one_row_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
