/* Models of binary outcomes.
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "failing_internal.h"

#include "response_problem.h"

#include "base/random_internal.h"

static frame sheet;
static response_problem q, other;

static const char *const links[] = {"logit", "probit", "cloglog"};

static void pose(response_problem *p, const char *data, const char *text)
{
    problem_data(&sheet, data);
    problem_pose(p, &sheet, SY_RESPONSE_BINARY, text);
}

static void glm_gives_the_same_answers(void **state)
{
    (void)state;
    assert_int_equal(hold_family(&sheet, &q, SY_RESPONSE_BINARY, "binary"), 342);
}

/* Agresti 2013, Categorical Data Analysis, section 3.3.2: with one column of two values the logit coefficient is
 * the logarithm of the odds ratio, its variance the sum of the reciprocals of the four counts. */
static void a_table_of_four_gives_its_odds_ratio(void **state)
{
    (void)state;
    static const double count[2][2] = {{28, 656},
                                       {18, 658}}; /* aspirin study: heart attack and not, placebo and aspirin */
    sheet.p = 0;
    const int y = frame_add(&sheet, "attack", 0, 0), x = frame_add(&sheet, "aspirin", 0, 0);
    const int m = frame_add(&sheet, "people", 0, 0);
    sheet.n = 2;
    for (int i = 0; i < 2; i++) {
        sheet.value[y][i] = count[i][0];
        sheet.value[m][i] = count[i][0] + count[i][1];
        sheet.value[x][i] = i;
    }
    problem_pose(&q, &sheet, SY_RESPONSE_BINARY, "attack ~ aspirin; trials people");
    problem_solve(&q);
    near(q.estimate[0], log(28. / 656), 1e-13);
    near(q.estimate[1], log(18. * 656 / (28. * 658)), 1e-12);
    near(q.covariance[3], 1. / 28 + 1. / 656 + 1. / 18 + 1. / 658, 1e-12);
    near(q.fitted[0], 28. / 684, 1e-13);
    assert_true(q.summary.deviance < 1e-12 && q.summary.df_resid == 0);
}

/* Where each starts must not matter. */
static void twenty_random_starts_reach_the_same_optimum(void **state)
{
    (void)state;
    syi_stream s;
    double start[PROBLEM_K];
    syi_stream_init(&s, 7, 1, 1);
    for (int link = 0; link < 3; link++) {
        char text[100];
        snprintf(text, sizeof text, "incidence ~ period + herd; trials size; %s", links[link]);
        pose(&q, "cbpp", text);
        problem_solve(&q);
        other = q;
        for (int trial = 0; trial < 20; trial++) {
            for (int j = 0; j < q.shape.k; j++) start[j] = 1.5 * syi_stream_normal(&s);
            q.options.start = start;
            problem_solve(&q);
            for (int j = 0; j < q.shape.k; j++) near(q.estimate[j], other.estimate[j], 1e-9);
            near(q.summary.loglik, other.summary.loglik, 1e-12);
        }
    }
}

/* Rows written out as often as their weight says, and one trial a row, are the same data. */
static void frequencies_are_repeated_rows_and_trials_are_rows(void **state)
{
    (void)state;
    static frame long_sheet;
    problem_data(&sheet, "cbpp");
    long_sheet = sheet;
    long_sheet.n = 0;
    const int herd = frame_column(&sheet, "herd"), period = frame_column(&sheet, "period");
    const int y = frame_column(&sheet, "incidence"), m = frame_column(&sheet, "size");
    for (ptrdiff_t i = 0; i < sheet.n; i++)
        for (int t = 0; t < (int)sheet.value[m][i]; t++) {
            long_sheet.code[herd][long_sheet.n] = sheet.code[herd][i];
            long_sheet.code[period][long_sheet.n] = sheet.code[period][i];
            long_sheet.value[y][long_sheet.n++] = t < sheet.value[y][i];
        }
    for (int link = 0; link < 3; link++) {
        char text[100];
        snprintf(text, sizeof text, "incidence ~ period + herd; trials size; %s", links[link]);
        problem_pose(&q, &sheet, SY_RESPONSE_BINARY, text);
        problem_solve(&q);
        snprintf(text, sizeof text, "incidence ~ period + herd; %s", links[link]);
        problem_pose(&other, &long_sheet, SY_RESPONSE_BINARY, text);
        problem_solve(&other);
        for (int j = 0; j < q.shape.k; j++) near(other.estimate[j], q.estimate[j], 1e-10);
        for (int j = 0; j < q.shape.k * q.shape.k; j++)
            assert_true(fabs(other.covariance[j] - q.covariance[j]) <= 1e-9 * fabs(q.covariance[0]));
        near(other.summary.lr, q.summary.lr, 1e-11);
    }
    /* one row of weight 3 against three rows */
    problem_data(&sheet, "mtcars");
    for (ptrdiff_t i = 0; i < sheet.n; i++) sheet.value[frame_column(&sheet, "gear")][i] = (double)(i % 3);
    problem_pose(&q, &sheet, SY_RESPONSE_BINARY, "am ~ wt + hp; frequency gear");
    problem_solve(&q);
    long_sheet = sheet;
    long_sheet.n = 0;
    for (ptrdiff_t i = 0; i < sheet.n; i++)
        for (int t = 0; t < (int)(i % 3); t++, long_sheet.n++)
            for (int c = 0; c < sheet.p; c++) long_sheet.value[c][long_sheet.n] = sheet.value[c][i];
    problem_pose(&other, &long_sheet, SY_RESPONSE_BINARY, "am ~ wt + hp");
    problem_solve(&other);
    for (int j = 0; j < 3; j++) near(other.estimate[j], q.estimate[j], 1e-10);
    near(other.summary.bic, q.summary.bic, 1e-12);
    assert_true(other.summary.n == q.summary.n && q.summary.df_resid == other.summary.df_resid);
}

static void shift_and_scale_of_columns_do_not_matter(void **state)
{
    (void)state;
    pose(&q, "mtcars", "am ~ wt + hp; probit");
    problem_solve(&q);
    const int wt = frame_column(&sheet, "wt");
    for (ptrdiff_t i = 0; i < sheet.n; i++) sheet.value[wt][i] = 1e6 + 1024 * sheet.value[wt][i];
    problem_pose(&other, &sheet, SY_RESPONSE_BINARY, "am ~ wt + hp; probit");
    problem_solve(&other);
    /* 1e6 takes 20 of the 53 bits of the numbers themselves */
    near(other.estimate[1] * 1024, q.estimate[1], 1e-9);
    near(other.covariance[4] * 1024 * 1024, q.covariance[4], 1e-9);
    near(other.estimate[2], q.estimate[2], 1e-9);
    near(other.summary.loglik, q.summary.loglik, 1e-10);
}

static void threads_and_instructions_do_not_change_a_bit(void **state)
{
    (void)state;
    syi_stream s;
    syi_stream_init(&s, 3, 1, 1);
    sheet.p = 0;
    const int y = frame_add(&sheet, "y", 0, 0), a = frame_add(&sheet, "a", 0, 0), b = frame_add(&sheet, "b", 0, 0);
    sheet.n = FRAME_ROWS - 1;
    for (ptrdiff_t i = 0; i < sheet.n; i++) {
        sheet.value[a][i] = syi_stream_normal(&s);
        sheet.value[b][i] = syi_stream_normal(&s);
        sheet.value[y][i] = syi_stream_uniform(&s) < 1 / (1 + exp(-sheet.value[a][i] + 1));
    }
    for (int link = 0; link < 3; link++) {
        sy_context ctx;
        char text[40];
        snprintf(text, sizeof text, "y ~ a + b + a:b; %s", links[link]);
        problem_pose(&q, &sheet, SY_RESPONSE_BINARY, text);
        problem_solve(&q);
        for (int simd = 0; simd < 3; simd++) {
            other = q;
            sy_context_init(&ctx);
            ctx.threads = 1 + simd;
            ctx.simd = simd;
            assert_true(problem_fit(&ctx, &other) == SY_OK);
            assert_memory_equal(other.estimate, q.estimate, (size_t)q.shape.k * sizeof(double));
            assert_memory_equal(other.covariance, q.covariance, (size_t)(q.shape.k * q.shape.k) * sizeof(double));
            assert_memory_equal(other.fitted, q.fitted, (size_t)sheet.n * sizeof(double));
            assert_true(other.summary.loglik == q.summary.loglik);
            sy_context_free(&ctx);
        }
    }
}

static void what_is_no_binary_outcome_is_refused(void **state)
{
    (void)state;
    pose(&q, "mtcars", "am ~ wt");
    const int am = frame_column(&sheet, "am");
    sheet.value[am][6] = 0.5;
    problem_refused(&q, SY_EDATA, "am: row 7 is 0.5; a binary outcome is 0 or 1");
    for (int i = 0; i < 32; i++) sheet.value[am][i] = 1;
    problem_refused(&q, SY_EDATA, "am: is 1 in all 32 rows used");
    pose(&q, "cbpp", "incidence ~ period; trials size");
    const int y = frame_column(&sheet, "incidence"), m = frame_column(&sheet, "size");
    sheet.value[y][3] = sheet.value[m][3] + 1;
    problem_refused(&q, SY_EDATA, "incidence: row 4 has");
    sheet.value[y][3] = -1;
    problem_refused(&q, SY_EDATA, "incidence: row 4 is -1; successes are whole numbers from 0");
    sheet.value[y][3] = 1;
    sheet.value[m][5] = 2.5;
    problem_refused(&q, SY_EDATA, "trials: size is 2.5 in row 6");
    sheet.value[m][5] = 9;
    for (ptrdiff_t i = 0; i < sheet.n; i++) sheet.value[y][i] = 0;
    problem_refused(&q, SY_EDATA, "every trial of the 56 rows used is a failure");
    pose(&q, "cbpp", "herd ~ period");
    problem_refused(&q, SY_EDATA, "herd: 15 of its levels have rows; a binary outcome has two");
    pose(&q, "mtcars", "am ~ wt");
    q.model.columns.absorb = &sheet.columns[0];
    problem_refused(&q, SY_EINVAL, "absorb");
    pose(&q, "mtcars", "am ~ wt");
    q.model.link = SY_LINK_LOG;
    problem_refused(&q, SY_EINVAL, "link");
    pose(&q, "mtcars", "am ~ wt");
    q.options.tolerance = 0;
    problem_refused(&q, SY_EINVAL, "tolerance");
}

static void a_factor_with_one_level_left_is_refused_and_empty_levels_are_said(void **state)
{
    (void)state;
    sy_context ctx;
    sy_context_init(&ctx);
    pose(&q, "housing", "Sat ~ Infl; frequency Freq");
    const int sat = frame_column(&sheet, "Sat");
    for (ptrdiff_t i = 0; i < sheet.n; i++)
        if (sheet.code[sat][i] == 1) sheet.code[sat][i] = -1;
    assert_true(problem_fit(&ctx, &q) >= 0);
    assert_true(remarked(&ctx, SY_NOTE_EMPTY_LEVEL, "Sat") && remarked(&ctx, SY_NOTE_ROWS_DROPPED, ""));
    assert_true(q.summary.rows_used == 48 && q.summary.rows_dropped == 24 && isnan(q.fitted[1]));
    for (ptrdiff_t i = 0; i < sheet.n; i++) sheet.code[sat][i] = 2;
    problem_refused(&q, SY_EDATA, "Sat: only one of its levels has rows (High)");
    sy_context_free(&ctx);
}

static void aliased_columns_are_named_and_left_out(void **state)
{
    (void)state;
    sy_context ctx;
    sy_context_init(&ctx);
    pose(&other, "mtcars", "am ~ wt + hp");
    problem_solve(&other);
    const int wt = frame_column(&sheet, "wt"), hp = frame_column(&sheet, "hp"), drat = frame_column(&sheet, "drat");
    for (ptrdiff_t i = 0; i < sheet.n; i++) sheet.value[drat][i] = 7 + 3 * sheet.value[wt][i] - sheet.value[hp][i] / 8;
    problem_pose(&q, &sheet, SY_RESPONSE_BINARY, "am ~ wt + hp + drat");
    assert_int_equal(problem_fit(&ctx, &q), SY_NOTE_ALIASED);
    assert_true(remarked(&ctx, SY_NOTE_ALIASED, "drat") && q.aliased[3] && isnan(q.estimate[3]) && !q.aliased[2]);
    assert_true(q.summary.rank == 3 && q.summary.k == 4 && isnan(q.covariance[15]));
    for (int j = 0; j < 3; j++) near(q.estimate[j], other.estimate[j], 1e-12);
    sy_context_free(&ctx);
}

/* Weights of any size: estimates are those of the weights' proportions. */
static void sampling_weights_give_pseudo_likelihood(void **state)
{
    (void)state;
    pose(&q, "mtcars", "am ~ wt + hp; sampling carb");
    problem_solve(&q);
    pose(&other, "mtcars", "am ~ wt + hp; analytic carb");
    problem_solve(&other);
    assert_memory_equal(q.estimate, other.estimate, 3 * sizeof(double));
    assert_true(q.summary.n == 32 && q.summary.sum_w == 90);
}

static sy_status job(void *arg, void *answer)
{
    response_problem *p = arg;
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status status = problem_fit(&ctx, p);
    if (status >= 0) memcpy(answer, p->estimate, (size_t)p->shape.k * sizeof(double));
    sy_context_free(&ctx);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    pose(&q, "cbpp", "incidence ~ period; trials size");
    assert_true(syi_survives_failing(job, &q, 4 * sizeof(double)) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(glm_gives_the_same_answers),
        cmocka_unit_test(a_table_of_four_gives_its_odds_ratio),
        cmocka_unit_test(twenty_random_starts_reach_the_same_optimum),
        cmocka_unit_test(frequencies_are_repeated_rows_and_trials_are_rows),
        cmocka_unit_test(shift_and_scale_of_columns_do_not_matter),
        cmocka_unit_test(threads_and_instructions_do_not_change_a_bit),
        cmocka_unit_test(what_is_no_binary_outcome_is_refused),
        cmocka_unit_test(a_factor_with_one_level_left_is_refused_and_empty_levels_are_said),
        cmocka_unit_test(aliased_columns_are_named_and_left_out),
        cmocka_unit_test(sampling_weights_give_pseudo_likelihood),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
