/* Estimates that run to infinity: found, named, and not found where there are
 * none.
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "response_problem.h"

#include "base/random_internal.h"

static frame sheet;
static response_problem q;
static sy_context ctx;

/* Ten rows: y, x that separates it but for `mixed` rows, z beside it. */
static void rows_of(int mixed)
{
    static const double z[] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3};
    sheet.p = 0;
    const int y = frame_add(&sheet, "y", 0, 0), x = frame_add(&sheet, "x", 0, 0), c = frame_add(&sheet, "z", 0, 0);
    sheet.n = 10;
    for (int i = 0; i < 10; i++) {
        sheet.value[y][i] = i >= 5;
        sheet.value[x][i] = i;
        sheet.value[c][i] = z[i];
    }
    for (int i = 0; i < mixed; i++) sheet.value[x][4 - i] = sheet.value[x][5 + i] = 4.5; /* ties across the answers */
}

static sy_status fit(sy_response_kind kind, const char *text)
{
    sy_context_free(&ctx);
    sy_context_init(&ctx);
    problem_pose(&q, &sheet, kind, text);
    return problem_fit(&ctx, &q);
}

static void complete_separation_names_its_column(void **state)
{
    (void)state;
    static const char *const links[] = {"y ~ x; logit", "y ~ x; probit", "y ~ x; cloglog"};
    rows_of(0);
    for (int link = 0; link < 3; link++) {
        assert_int_equal(fit(SY_RESPONSE_BINARY, links[link]), SY_NOTE_SEPARATED);
        assert_true(q.summary.separated && !q.summary.converged);
        assert_true(remarked(&ctx, SY_NOTE_SEPARATED, "x") && ctx.n_remarks == 1);
        assert_true(isfinite(q.estimate[1]) && q.estimate[1] > 5 && q.summary.deviance < 1e-4);
    }
}

/* Two rows tie at the boundary: x still runs to infinity, the others are those of
 * the tied rows. */
static void quasi_complete_separation_names_its_column(void **state)
{
    (void)state;
    rows_of(1);
    assert_int_equal(fit(SY_RESPONSE_BINARY, "y ~ x"), SY_NOTE_SEPARATED);
    assert_true(q.summary.separated && remarked(&ctx, SY_NOTE_SEPARATED, "x"));
    /* two rows at a half: the largest likelihood is 1/4 */
    near(q.summary.loglik, -2 * log(2), 1e-6);
}

/* Two levels of events alone beside one of hardly any: the constant is still on
 * its way when the steps of theirs have become short. */
static void levels_are_named_while_the_constant_is_far(void **state)
{
    (void)state;
    static const char *const links[] = {"y ~ g; logit", "y ~ g; probit", "y ~ g; cloglog"};
    sheet.p = 0;
    const int y = frame_add(&sheet, "y", 0, 0), g = frame_add(&sheet, "g", 1, 3);
    sheet.n = 1000;
    for (int i = 0; i < 1000; i++) {
        sheet.code[g][i] = i < 100 ? 1 : i < 130 ? 2 : 0;
        sheet.value[y][i] = i <= 130;
    }
    for (int link = 0; link < 3; link++) {
        assert_int_equal(fit(SY_RESPONSE_BINARY, links[link]), SY_NOTE_SEPARATED);
        assert_true(remarked(&ctx, SY_NOTE_SEPARATED, "g[g2]") && remarked(&ctx, SY_NOTE_SEPARATED, "g[g3]"));
        near(q.summary.loglik, log(1.0 / 870) + 869 * log1p(-1.0 / 870), 1e-6);
    }
}

/* A level all of whose rows answer yes: only its column is named. */
static void a_cell_of_one_answer_names_its_level(void **state)
{
    (void)state;
    syi_stream s;
    syi_stream_init(&s, 11, 1, 1);
    sheet.p = 0;
    const int y = frame_add(&sheet, "y", 0, 0), g = frame_add(&sheet, "g", 1, 3), x = frame_add(&sheet, "x", 0, 0);
    sheet.n = 300;
    for (int i = 0; i < 300; i++) {
        sheet.code[g][i] = i % 3;
        sheet.value[x][i] = syi_stream_normal(&s);
        sheet.value[y][i] = i % 3 == 2 || syi_stream_uniform(&s) < 0.4;
    }
    assert_int_equal(fit(SY_RESPONSE_BINARY, "y ~ x + g"), SY_NOTE_SEPARATED);
    assert_true(remarked(&ctx, SY_NOTE_SEPARATED, "g[g3]") && ctx.n_remarks == 1);
    /* the others are those of the rows of the other levels */
    const double slope = q.estimate[1];
    for (int i = 0; i < 300; i++)
        if (i % 3 == 2) sheet.value[y][i] = NAN;
    assert_true(fit(SY_RESPONSE_BINARY, "y ~ x + g") >= 0 && q.summary.converged);
    near(slope, q.estimate[1], 1e-6);
}

/* Correia, Guimaraes & Zylkin 2019, section 2: a dummy whose rows all count 0. */
static void a_cell_of_zero_counts_is_found(void **state)
{
    (void)state;
    syi_stream s;
    syi_stream_init(&s, 12, 1, 1);
    sheet.p = 0;
    const int y = frame_add(&sheet, "y", 0, 0), d = frame_add(&sheet, "d", 0, 0), x = frame_add(&sheet, "x", 0, 0);
    sheet.n = 200;
    for (int i = 0; i < 200; i++) {
        sheet.value[d][i] = i % 5 == 0;
        sheet.value[x][i] = syi_stream_normal(&s);
        sheet.value[y][i] =
            i % 5 == 0 ? 0
                       : floor(4 * syi_stream_uniform(&s) * syi_stream_uniform(&s) * exp(2 * syi_stream_uniform(&s)));
    }
    for (int kind = SY_RESPONSE_POISSON; kind <= SY_RESPONSE_NEGATIVE_BINOMIAL; kind++) {
        assert_int_equal(fit((sy_response_kind)kind, "y ~ x + d"), SY_NOTE_SEPARATED);
        assert_true(remarked(&ctx, SY_NOTE_SEPARATED, "d") && !remarked(&ctx, SY_NOTE_SEPARATED, "x"));
        assert_true(q.estimate[2] < -8);
    }
}

/* Successes of trials: a group with none of any. */
static void trials_without_success_are_found(void **state)
{
    (void)state;
    problem_data(&sheet, "cbpp");
    const int y = frame_column(&sheet, "incidence"), herd = frame_column(&sheet, "herd");
    for (ptrdiff_t i = 0; i < sheet.n; i++)
        if (sheet.code[herd][i] == 7) sheet.value[y][i] = 0;
    assert_int_equal(fit(SY_RESPONSE_BINARY, "incidence ~ period + herd; trials size"), SY_NOTE_SEPARATED);
    assert_true(remarked(&ctx, SY_NOTE_SEPARATED, "herd[8]") && ctx.n_remarks == 1);
}

/* An overlap of one row in a thousand, steep slopes: large estimates, but finite. */
static void nearly_separated_rows_are_not_called_so(void **state)
{
    (void)state;
    sheet.p = 0;
    const int y = frame_add(&sheet, "y", 0, 0), x = frame_add(&sheet, "x", 0, 0);
    sheet.n = 1000;
    for (int i = 0; i < 1000; i++) {
        sheet.value[x][i] = i;
        sheet.value[y][i] = i >= 500;
    }
    sheet.value[y][498] = 1;
    sheet.value[y][501] = 0;
    assert_int_equal(fit(SY_RESPONSE_BINARY, "y ~ x"), SY_OK);
    assert_true(q.summary.converged && !q.summary.separated && q.estimate[1] > 0.3);
}

/* Two columns that separate only together. */
static void separation_by_two_columns_names_both(void **state)
{
    (void)state;
    syi_stream s;
    syi_stream_init(&s, 13, 1, 1);
    sheet.p = 0;
    const int y = frame_add(&sheet, "y", 0, 0), a = frame_add(&sheet, "a", 0, 0), b = frame_add(&sheet, "b", 0, 0);
    sheet.n = 100;
    for (int i = 0; i < 100; i++) {
        sheet.value[a][i] = syi_stream_normal(&s);
        sheet.value[b][i] = syi_stream_normal(&s);
        sheet.value[y][i] = sheet.value[a][i] + sheet.value[b][i] > 0.2;
    }
    assert_int_equal(fit(SY_RESPONSE_BINARY, "y ~ a + b"), SY_NOTE_SEPARATED);
    assert_true(remarked(&ctx, SY_NOTE_SEPARATED, "a") && remarked(&ctx, SY_NOTE_SEPARATED, "b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(complete_separation_names_its_column),
        cmocka_unit_test(quasi_complete_separation_names_its_column),
        cmocka_unit_test(levels_are_named_while_the_constant_is_far),
        cmocka_unit_test(a_cell_of_one_answer_names_its_level),
        cmocka_unit_test(a_cell_of_zero_counts_is_found),
        cmocka_unit_test(trials_without_success_are_found),
        cmocka_unit_test(nearly_separated_rows_are_not_called_so),
        cmocka_unit_test(separation_by_two_columns_names_both),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    sy_context_free(&ctx);
    return failed;
}
