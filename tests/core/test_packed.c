/* Rows packed for models that read them many times.
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "failing_internal.h"

#include "response_problem.h"

#include "base/random_internal.h"
#include "models/response/response_internal.h"

static frame sheet;
static response_problem q;
static syi_packed rows;
static sy_context ctx;

/* 1,003 rows, some with missing values, some of weight 0. */
static void make_sheet(void)
{
    syi_stream s;
    syi_stream_init(&s, 31, 1, 1);
    sheet.p = 0;
    const int y = frame_add(&sheet, "y", 0, 0), a = frame_add(&sheet, "a", 0, 0), b = frame_add(&sheet, "b", 0, 0);
    const int g = frame_add(&sheet, "g", 1, 4), w = frame_add(&sheet, "w", 0, 0), o = frame_add(&sheet, "o", 0, 0);
    const int k = frame_add(&sheet, "k", 1, 30);
    sheet.n = 1003;
    for (int i = 0; i < 1003; i++) {
        sheet.value[y][i] = syi_stream_uniform(&s) < 0.4;
        sheet.value[a][i] = 1e8 + syi_stream_normal(&s);
        sheet.value[b][i] = i % 97 == 5 ? (double)NAN : syi_stream_normal(&s) / 1000;
        sheet.code[g][i] = (int32_t)(i % 101 == 7 ? -1 : 1 + i % 3); /* level 1 has no rows */
        sheet.value[w][i] = i % 11 == 0 ? 0 : 1 + i % 4;
        sheet.value[o][i] = i % 89 == 3 ? (double)NAN : i * 0.001;
        sheet.code[k][i] = (int32_t)(2 * (i % 14));
    }
}

static int counts(ptrdiff_t i)
{
    return i % 97 != 5 && i % 101 != 7 && i % 11 != 0 && i % 89 != 3;
}

static sy_status pack(const char *text, sy_response_kind kind)
{
    sy_context_free(&ctx);
    sy_context_init(&ctx);
    problem_pose(&q, &sheet, kind, text);
    sheet.design.cluster = &sheet.columns[frame_column(&sheet, "k")];
    return syi_packed_init(&ctx, &sheet.design, &q.model, &rows);
}

static void columns_are_those_of_the_rows_used(void **state)
{
    (void)state;
    make_sheet();
    assert_true(pack("y ~ a + b + g; analytic w; offset o", SY_RESPONSE_BINARY) >= 0);
    assert_true(rows.p == 5 && rows.ones && rows.n_nominal == 0 && rows.n_spread == 0 && rows.n_levels == 2);
    assert_true(rows.stride % SYI_TILE == 0 && rows.stride >= rows.n && rows.column[4] == 4 && rows.shape.k == 5);
    ptrdiff_t at = 0;
    double sum = 0;
    for (ptrdiff_t i = 0; i < sheet.n; i++) {
        if (!counts(i)) continue;
        assert_true(rows.row[at] == i && rows.y[at] == sheet.value[0][i] && rows.weight[at] == sheet.value[4][i]);
        assert_true(rows.offset[at] == sheet.value[5][i] && rows.cluster[at] == i % 14);
        assert_true(rows.x[at] == 1);
        for (int c = 1; c < 3; c++) {
            const double back = rows.x[c * rows.stride + at] * rows.scale[c] + rows.centre[c];
            assert_true(fabs(back - sheet.value[c][i]) <= 0x1p-52 * fabs(sheet.value[c][i]) + 1e-18);
        }
        sum += rows.weight[at++];
    }
    assert_true(at == rows.n && rows.sum_w == sum && rows.n_effective == (double)rows.n && rows.n_clusters == 14);
    assert_true(rows.rows_read == 1003 && remarked(&ctx, SY_NOTE_ROWS_DROPPED, ""));
    for (; at < rows.stride; at++) assert_true(rows.weight[at] == 0 && rows.x[at] == 0 && rows.y[at] == 0);
    /* scaled by powers of two to about the size of one */
    for (int c = 1; c < 5; c++) {
        int e;
        double square = 0;
        assert_true(frexp(rows.scale[c], &e) == 0.5);
        for (ptrdiff_t i = 0; i < rows.n; i++) square += rows.x[c * rows.stride + i] * rows.x[c * rows.stride + i];
        assert_true(square / (double)rows.n > 0.2 && square / (double)rows.n < 8);
    }
    syi_packed_free(&rows);
}

static void without_an_intercept_nothing_is_centred(void **state)
{
    (void)state;
    make_sheet();
    assert_true(pack("y ~ a + b - 1", SY_RESPONSE_BINARY) >= 0);
    assert_true(rows.p == 2 && !rows.ones && rows.centre[0] == 0 && rows.centre[1] == 0);
    syi_packed_free(&rows);
}

/* 1e8 + 1 and 1e8 + 2 differ by what rounding leaves 8 digits of; that is not
 * taken for aliasing, and a sum of columns is. */
static void only_columns_that_add_nothing_are_aliased(void **state)
{
    (void)state;
    make_sheet();
    for (ptrdiff_t i = 0; i < sheet.n; i++) sheet.value[5][i] = 3 * (sheet.value[1][i] - 1e8) - 7;
    assert_true(pack("y ~ a + o + b", SY_RESPONSE_BINARY) == SY_NOTE_ALIASED || ctx.n_remarks > 0);
    assert_true(remarked(&ctx, SY_NOTE_ALIASED, "o") && rows.p == 3 && rows.column[2] == 3);
    syi_packed_free(&rows);
    syi_stream s;
    syi_stream_init(&s, 32, 1, 1);
    /* correlated to 1 - 1e-9: VIF 1e9 / 2, still two columns */
    for (ptrdiff_t i = 0; i < sheet.n; i++)
        sheet.value[5][i] = sheet.value[1][i] - 1e8 + 4.5e-5 * syi_stream_normal(&s);
    assert_true(pack("y ~ a + o + b", SY_RESPONSE_BINARY) >= 0);
    assert_true(!remarked(&ctx, SY_NOTE_ALIASED, "o") && rows.p == 4);
    syi_packed_free(&rows);
    for (ptrdiff_t i = 0; i < sheet.n; i++) sheet.value[5][i] = 0.1;
    assert_true(pack("y ~ a + o", SY_RESPONSE_BINARY) >= 0);
    assert_true(remarked(&ctx, SY_NOTE_ALIASED, "o") && rows.p == 2);
    syi_packed_free(&rows);
}

/* Columns of doubles side by side are read as they lie, others through the model's tile: the same bits, whether a
 * tile has a gap or not. */
static void plain_columns_are_packed_like_any_other(void **state)
{
    (void)state;
    static double wide[FRAME_COLUMNS][2 * 1100];
    static syi_packed first;
    static const char *const texts[] = {"y ~ a + b + o; analytic w", "y ~ a + o; frequency w",
                                        "y ~ a + b - 1; offset o"};
    for (int text = 0; text < 3; text++) {
        make_sheet();
        for (ptrdiff_t i = 0; i < sheet.n; i++) {
            if (i > 40) sheet.value[2][i] = (double)(i % 7);
            if (i > 500) sheet.value[4][i] = 2;
            if (i > 400) sheet.value[5][i] = (double)(i % 13) / 8;
        }
        assert_true(pack(texts[text], SY_RESPONSE_BINARY) >= 0);
        first = rows;
        for (int c = 0; c < sheet.p; c++)
            for (ptrdiff_t i = 0; i < sheet.n; i++) wide[c][2 * i] = sheet.value[c][i];
        sy_context_free(&ctx);
        for (int c = 0; c < sheet.p; c++) {
            if (sheet.columns[c].type != SY_F64) continue;
            sheet.columns[c].data = wide[c];
            sheet.columns[c].stride = 2 * sizeof(double);
        }
        assert_true(syi_packed_init(&ctx, &sheet.design, &q.model, &rows) >= 0);
        assert_true(rows.n == first.n && rows.p == first.p && rows.rows_dropped == first.rows_dropped);
        assert_memory_equal(rows.x, first.x, (size_t)(rows.p * rows.stride) * sizeof(double));
        assert_memory_equal(rows.y, first.y, (size_t)rows.stride * sizeof(double));
        assert_memory_equal(rows.weight, first.weight, (size_t)rows.stride * sizeof(double));
        assert_memory_equal(rows.row, first.row, (size_t)rows.n * sizeof *rows.row);
        assert_memory_equal(rows.cluster, first.cluster, (size_t)rows.n * sizeof *rows.cluster);
        if (rows.offset) assert_memory_equal(rows.offset, first.offset, (size_t)rows.stride * sizeof(double));
        syi_packed_free(&rows);
        syi_packed_free(&first);
    }
}

/* pack undoes unpack, aliased parameters aside. */
static void packed_units_come_back(void **state)
{
    (void)state;
    make_sheet();
    assert_true(pack("y ~ a + b + g", SY_RESPONSE_NEGATIVE_BINOMIAL) >= 0);
    const double theta[] = {0.3, -1, 2, 0.25, -0.5, 1.5};
    double estimate[6], back[6];
    assert_int_equal(syi_packed_parameters(&rows, &q.model), 6);
    assert_true(syi_packed_unpack(&ctx, &rows, &q.model, &rows.shape, theta, NULL, estimate, NULL) == SY_OK);
    assert_true(syi_packed_pack(&ctx, &rows, &q.model, &rows.shape, estimate, back) == SY_OK);
    for (int j = 1; j < 6; j++) near(back[j], theta[j], 1e-15);
    /* the intercept holds 1e8 times a slope */
    assert_true(fabs(back[0] - theta[0]) < 1e-7);
    near(estimate[2] * rows.scale[2], theta[2], 1e-15);
    syi_packed_free(&rows);
}

static void infinite_and_wrong_values_are_refused(void **state)
{
    (void)state;
    make_sheet();
    sheet.value[2][20] = INFINITY;
    assert_int_equal(pack("y ~ a + b", SY_RESPONSE_BINARY), SY_EDATA);
    assert_non_null(strstr(ctx.message, "b: row 21 is infinite"));
    make_sheet();
    sheet.value[4][20] = -1;
    assert_int_equal(pack("y ~ a; analytic w", SY_RESPONSE_BINARY), SY_EDATA);
    sheet.value[4][20] = 1.5;
    assert_int_equal(pack("y ~ a; frequency w", SY_RESPONSE_BINARY), SY_EDATA);
    assert_non_null(strstr(ctx.message, "weights: row 21 is 1.5"));
    make_sheet();
    for (ptrdiff_t i = 0; i < sheet.n; i++) sheet.value[1][i] = NAN;
    assert_int_equal(pack("y ~ a", SY_RESPONSE_BINARY), SY_EDATA);
    sheet.n = 0;
    assert_int_equal(pack("y ~ b", SY_RESPONSE_BINARY), SY_EDATA);
    problem_pose(&q, &sheet, SY_RESPONSE_BINARY, "y ~ b");
    q.model.columns.outcome = 7;
    assert_int_equal(syi_packed_init(&ctx, &sheet.design, &q.model, &rows), SY_EINVAL);
}

static sy_status job(void *arg, void *answer)
{
    response_problem *p = arg;
    sy_context own;
    syi_packed packed;
    sy_context_init(&own);
    const sy_status status = syi_packed_init(&own, &p->f->design, &p->model, &packed);
    if (status >= 0) memcpy(answer, packed.x, 100 * sizeof(double));
    if (status >= 0) syi_packed_free(&packed);
    sy_context_free(&own);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    make_sheet();
    assert_true(pack("y ~ a + b + g; analytic w; offset o", SY_RESPONSE_BINARY) >= 0);
    syi_packed_free(&rows);
    assert_true(syi_survives_failing(job, &q, 100 * sizeof(double)) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_those_of_the_rows_used),
        cmocka_unit_test(without_an_intercept_nothing_is_centred),
        cmocka_unit_test(only_columns_that_add_nothing_are_aliased),
        cmocka_unit_test(plain_columns_are_packed_like_any_other),
        cmocka_unit_test(packed_units_come_back),
        cmocka_unit_test(infinite_and_wrong_values_are_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    sy_context_free(&ctx);
    return failed;
}
