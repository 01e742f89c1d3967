/* Moments read in every way the processor, the threads and the columns' types
 * allow: the same bits.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "sample_rows.h"
#include <math.h>

/* double: u = 1.1e-16, chains of at most 1024 additions */
#define NEAR_DOUBLE 1e-13

/* 128 columns: an estimate of 11 ms in double, 190 in double-double; threads
 * begin at 5. */
static void bits_do_not_depend_on_threads(void **state)
{
    (void)state;
    enum { TERMS = 32 };
    rows *r = rows_new(ROWS_MOST, 5);
    sy_term wide[TERMS];
    sy_factor cell[TERMS][2];
    char label[TERMS][8];
    for (int t = 0; t < TERMS; t++) {
        snprintf(label[t], sizeof label[t], "t%d", t);
        cell[t][0] = (sy_factor){5, 1};
        cell[t][1] = (sy_factor){t % ROWS_NUMBERS, 1 + t % 3};
        wide[t] = (sy_term){label[t], 2, cell[t]};
    }
    rows_weigh(r, SY_WEIGHT_ANALYTIC);
    r->x[1][77] = NAN;
    r->design.cluster = &r->council_column;
    r->design.terms = wide;
    r->design.n_terms = TERMS;
    for (int unit = SY_UNIT_NONE; unit <= SY_UNIT_CLUSTER; unit++)
        for (int precision = SY_PRECISION_DOUBLE; precision <= SY_PRECISION_TWOFOLD; precision++) {
            static const int threads[] = {2, 3, 8};
            sy_moments one = rows_moments(r, (sy_unit)unit, (sy_precision)precision, 1, 2);
            for (int k = 0; k < 3; k++) {
                sy_moments many = rows_moments(r, (sy_unit)unit, (sy_precision)precision, threads[k], 2);
                assert_true(rows_same_bits(&one, &many));
                sy_moments_free(&many);
            }
            sy_moments_free(&one);
        }
    free(r);
}

/* Double-double is the same in the baseline too; double only where products
 * and sums are fused. */
static void kernels_give_the_same_bits(void **state)
{
    (void)state;
    const int kernels = rows_kernels();
    rows *r = rows_new(ROWS_MOST - 3, 6);
    r->x[3][0] = NAN;
    r->design.cluster = &r->council_column;
    for (int weighted = 0; weighted <= 1; weighted++) {
        if (weighted) rows_weigh(r, SY_WEIGHT_SAMPLING);
        for (int unit = SY_UNIT_NONE; unit <= SY_UNIT_ROW; unit++)
            for (int precision = SY_PRECISION_DOUBLE; precision <= SY_PRECISION_TWOFOLD; precision++) {
                const int first = precision == SY_PRECISION_DOUBLE && unit != SY_UNIT_ROW ? 1 : 0;
                if (first >= kernels) continue;
                sy_moments narrow = rows_moments(r, (sy_unit)unit, (sy_precision)precision, 1, first);
                for (int simd = first + 1; simd < kernels; simd++) {
                    sy_moments wide = rows_moments(r, (sy_unit)unit, (sy_precision)precision, 1, simd);
                    assert_true(rows_same_bits(&narrow, &wide));
                    sy_moments_free(&wide);
                }
                sy_moments_free(&narrow);
            }
    }
    free(r);
}

static void the_baseline_kernel_agrees_to_thirteen_digits(void **state)
{
    (void)state;
    rows *r = rows_new(3000, 7);
    sy_moments plain = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_DOUBLE, 1, 0);
    sy_moments fused = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_DOUBLE, 1, 2);
    assert_true(rows_moments_apart(&plain, &fused) < NEAR_DOUBLE);
    sy_moments_free(&plain);
    sy_moments_free(&fused);
    free(r);
}

/* Every value read from an interleaved table gives the bits of columns side by
 * side: the direct way and the general way are one. */
static void a_strided_table_gives_the_bits_of_columns(void **state)
{
    (void)state;
    rows *r = rows_new(1000, 10);
    double *table = calloc(1000 * ROWS_NUMBERS, sizeof *table);
    assert_non_null(table);
    for (int precision = SY_PRECISION_DOUBLE; precision <= SY_PRECISION_TWOFOLD; precision++) {
        for (int c = 0; c < ROWS_NUMBERS; c++) {
            r->column[c].data = r->x[c];
            r->column[c].stride = sizeof(double);
            for (int i = 0; i < 1000; i++) table[i * ROWS_NUMBERS + c] = r->x[c][i];
        }
        sy_moments columns = rows_moments(r, SY_UNIT_NONE, (sy_precision)precision, 1, 2);
        for (int c = 0; c < ROWS_NUMBERS; c++) {
            r->column[c].data = table + c;
            r->column[c].stride = ROWS_NUMBERS * sizeof(double);
        }
        sy_moments strided = rows_moments(r, SY_UNIT_NONE, (sy_precision)precision, 1, 2);
        assert_true(rows_same_bits(&columns, &strided));
        sy_moments_free(&columns);
        sy_moments_free(&strided);
    }
    free(table);
    free(r);
}

static void whole_numbers_of_every_type_are_read(void **state)
{
    (void)state;
    enum { N = 300 };
    static double f64[N];
    static float f32[N];
    static int64_t i64[N];
    static int32_t i32[N];
    static uint8_t u8[N];
    for (int i = 0; i < N; i++) {
        f64[i] = (i * 37) % 200;
        f32[i] = (float)f64[i];
        i64[i] = (int64_t)f64[i];
        i32[i] = (int32_t)f64[i];
        u8[i] = (uint8_t)f64[i];
    }
    f64[8] = NAN;
    i32[8] = INT32_MIN;
    const sy_column column[] = {
        {.name = "f64", .data = f64, .stride = sizeof *f64, .type = SY_F64},
        {.name = "f32", .data = f32, .stride = sizeof *f32, .type = SY_F32},
        {.name = "i64", .data = i64, .stride = sizeof *i64, .type = SY_I64},
        {.name = "i32", .data = i32, .stride = sizeof *i32, .type = SY_I32, .has_missing = 1, .missing = INT32_MIN},
        {.name = "u8", .data = u8, .stride = sizeof *u8, .type = SY_U8}};
    const sy_term term[] = {{"f64", 1, &rows_factor[0]},
                            {"f32", 1, &rows_factor[1]},
                            {"i64", 1, &rows_factor[2]},
                            {"i32", 1, &rows_factor[3]},
                            {"u8", 1, &rows_factor[4]}};
    rows *r = rows_new(0, 0);
    r->design = (sy_design){.n = N, .n_columns = 5, .columns = column, .n_terms = 5, .terms = term};
    for (int precision = SY_PRECISION_DOUBLE; precision <= SY_PRECISION_TWOFOLD; precision++) {
        sy_moments m = rows_moments(r, SY_UNIT_NONE, (sy_precision)precision, 1, 2);
        assert_true(m.n == N - 1 && m.term_missing[0] == 1 && m.term_missing[3] == 1 && m.term_missing[1] == 0);
        syi_dd *s = rows_centred(&m);
        for (int a = 0; a < 25; a++) assert_true(s[a].hi == s[0].hi && s[a].lo == s[0].lo);
        free(s);
        sy_moments_free(&m);
    }
    free(r);
}

/* 2^62 + k is not a double; as hi + lo it is. */
static void long_whole_numbers_keep_their_last_digit(void **state)
{
    (void)state;
    const int64_t base = INT64_C(1) << 62, x[] = {base + 1, base + 2, base + 3, -base - 1};
    const sy_column column = {
        .name = "id", .data = x, .stride = sizeof *x, .type = SY_I64, .has_missing = 1, .missing = -base - 1};
    const sy_term term = {"id", 1, &rows_factor[0]};
    rows *r = rows_new(0, 0);
    r->design = (sy_design){.n = 4, .n_columns = 1, .columns = &column, .n_terms = 1, .terms = &term};
    sy_moments m = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_TWOFOLD, 1, 2);
    syi_dd *s = rows_centred(&m);
    assert_true(s[0].hi == 2); /* 1, 2, 3 about their mean */
    free(s);
    sy_moments_free(&m);
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_do_not_depend_on_threads),
        cmocka_unit_test(kernels_give_the_same_bits),
        cmocka_unit_test(the_baseline_kernel_agrees_to_thirteen_digits),
        cmocka_unit_test(a_strided_table_gives_the_bits_of_columns),
        cmocka_unit_test(whole_numbers_of_every_type_are_read),
        cmocka_unit_test(long_whole_numbers_keep_their_last_digit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
