/* Models of counts: Poisson and negative binomial.
 * SPDX-License-Identifier: GPL-3.0-only */
#define _POSIX_C_SOURCE 200809L
#include "failing_internal.h"

#include "response_problem.h"

#include "base/random_internal.h"

static frame sheet;
static response_problem q, other;

static const char *const days = "Days ~ Eth + Sex + Age + Lrn";

static void pose(response_problem *p, sy_response_kind kind, const char *data, const char *text)
{
    problem_data(&sheet, data);
    problem_pose(p, &sheet, kind, text);
}

static void glm_and_glm_nb_give_the_same_answers(void **state)
{
    (void)state;
    assert_int_equal(hold_family(&sheet, &q, SY_RESPONSE_POISSON, "poisson"), 74);
    assert_int_equal(hold_family(&sheet, &q, SY_RESPONSE_NEGATIVE_BINOMIAL, "negative_binomial"), 80);
}

/* With an intercept alone the mean count over the exposure is the estimate, one over
 * the number of events its variance. */
static void an_intercept_alone_is_the_rate(void **state)
{
    (void)state;
    double events = 0, exposure = 0;
    pose(&q, SY_RESPONSE_POISSON, "insurance", "Claims ~ 1; offset exposure");
    problem_solve(&q);
    for (ptrdiff_t i = 0; i < sheet.n; i++) {
        events += sheet.value[frame_column(&sheet, "Claims")][i];
        exposure += exp(sheet.value[frame_column(&sheet, "exposure")][i]);
    }
    near(q.estimate[0], log(events / exposure), 1e-13);
    near(q.covariance[0], 1 / events, 1e-12);
    assert_true(q.summary.lr_df == 0 && isnan(q.summary.lr_p) && fabs(q.summary.lr) < 1e-9);
}

/* Venables & Ripley 2002, Modern Applied Statistics with S, section 7.4: quine, main
 * effects; theta and its error from the printed fit (error with coefficients
 * held, close to ours). */
static void quine_is_as_printed(void **state)
{
    (void)state;
    pose(&q, SY_RESPONSE_NEGATIVE_BINOMIAL, "quine", days);
    problem_solve(&q);
    assert_true(fabs(q.summary.theta - 1.275) < 5e-4 && fabs(q.summary.theta_std_error - 0.161) < 2e-3);
    assert_true(fabs(2 * q.summary.loglik + 1093.151) < 5e-4);
    near(q.summary.theta, exp(q.estimate[7]), 1e-15);
    near(q.summary.theta_std_error, q.summary.theta * sqrt(q.covariance[63]), 1e-14);
}

static void twenty_random_starts_reach_the_same_optimum(void **state)
{
    (void)state;
    syi_stream s;
    double start[PROBLEM_K];
    syi_stream_init(&s, 7, 2, 1);
    for (int kind = SY_RESPONSE_POISSON; kind <= SY_RESPONSE_NEGATIVE_BINOMIAL; kind++) {
        pose(&q, (sy_response_kind)kind, "quine", days);
        problem_solve(&q);
        other = q;
        for (int trial = 0; trial < 20; trial++) {
            for (int j = 0; j < q.shape.k; j++) start[j] = syi_stream_normal(&s);
            q.options.start = start;
            problem_solve(&q);
            for (int j = 0; j < q.shape.k; j++) near(q.estimate[j], other.estimate[j], 1e-9);
            near(q.summary.loglik, other.summary.loglik, 1e-12);
        }
    }
}

static void frequencies_are_repeated_rows(void **state)
{
    (void)state;
    static frame long_sheet;
    for (int kind = SY_RESPONSE_POISSON; kind <= SY_RESPONSE_NEGATIVE_BINOMIAL; kind++) {
        problem_data(&sheet, "mtcars");
        for (ptrdiff_t i = 0; i < sheet.n; i++) sheet.value[frame_column(&sheet, "gear")][i] = (double)(i % 4);
        problem_pose(&q, &sheet, (sy_response_kind)kind, "hp ~ wt + qsec; frequency gear");
        problem_solve(&q);
        long_sheet = sheet;
        long_sheet.n = 0;
        for (ptrdiff_t i = 0; i < sheet.n; i++)
            for (int t = 0; t < (int)(i % 4); t++, long_sheet.n++)
                for (int c = 0; c < sheet.p; c++) long_sheet.value[c][long_sheet.n] = sheet.value[c][i];
        problem_pose(&other, &long_sheet, (sy_response_kind)kind, "hp ~ wt + qsec");
        problem_solve(&other);
        for (int j = 0; j < q.shape.k; j++) near(other.estimate[j], q.estimate[j], 1e-10);
        near(other.summary.bic, q.summary.bic, 1e-12);
        assert_true(other.summary.n == q.summary.n);
    }
}

/* Counts with less variance than Poisson: theta has no finite optimum. */
static void counts_without_overdispersion_have_an_infinite_theta(void **state)
{
    (void)state;
    sy_context ctx;
    sy_context_init(&ctx);
    pose(&other, SY_RESPONSE_POISSON, "mtcars", "carb ~ wt + hp");
    problem_solve(&other);
    problem_pose(&q, &sheet, SY_RESPONSE_NEGATIVE_BINOMIAL, "carb ~ wt + hp");
    assert_int_equal(problem_fit(&ctx, &q), SY_NOTE_BOUNDARY);
    assert_true(remarked(&ctx, SY_NOTE_BOUNDARY, "log(theta)"));
    assert_true(isinf(q.summary.theta) && isinf(q.estimate[3]) && isnan(q.summary.theta_std_error));
    assert_true(isnan(q.covariance[15]) && isnan(q.covariance[3]));
    assert_memory_equal(q.estimate, other.estimate, 3 * sizeof(double));
    assert_true(q.covariance[0] == other.covariance[0] && q.covariance[5] == other.covariance[4]);
    assert_true(q.summary.loglik == other.summary.loglik && q.summary.rank == 4);
    sy_context_free(&ctx);
}

/* Counts of a million: the deviance is a difference of numbers a million times as
 * large. A twin by hand: two groups have their means as estimates. */
static void large_counts_keep_their_digits(void **state)
{
    (void)state;
    static const double count[] = {1000003, 999998, 1000001, 2000001, 1999990, 2000012};
    double deviance = 0;
    sheet.p = 0;
    const int y = frame_add(&sheet, "y", 0, 0), x = frame_add(&sheet, "x", 0, 0);
    sheet.n = 6;
    for (int i = 0; i < 6; i++) {
        const double mean = i < 3 ? 3000002. / 3 : 6000003. / 3, gap = (mean - count[i]) / count[i];
        sheet.value[y][i] = count[i];
        sheet.value[x][i] = i >= 3;
        deviance += 2 * count[i] * (gap * gap / 2 - gap * gap * gap / 3); /* of gap - log(1 + gap); the rest is 1e-18 */
    }
    problem_pose(&q, &sheet, SY_RESPONSE_POISSON, "y ~ x");
    problem_solve(&q);
    near(q.estimate[1], log(6000003. / 3000002), 1e-13);
    /* log y in double leaves 2e-15 y d, d = 1e-5, of each row */
    near(q.summary.deviance, deviance, 1e-6);
}

static void what_is_no_count_is_refused(void **state)
{
    (void)state;
    pose(&q, SY_RESPONSE_POISSON, "mtcars", "carb ~ wt");
    const int carb = frame_column(&sheet, "carb");
    sheet.value[carb][2] = -1;
    problem_refused(&q, SY_EDATA, "carb: row 3 is -1; counts are whole numbers from 0");
    sheet.value[carb][2] = 1.5;
    problem_refused(&q, SY_EDATA, "carb: row 3 is 1.5");
    sheet.value[carb][2] = INFINITY;
    problem_refused(&q, SY_EDATA, "carb: row 3 is infinite");
    for (int i = 0; i < 32; i++) sheet.value[carb][i] = 0;
    problem_refused(&q, SY_EDATA, "carb: is 0 in all 32 rows used");
    pose(&q, SY_RESPONSE_POISSON, "quine", "Eth ~ Sex");
    problem_refused(&q, SY_EINVAL, "Eth: is a factor; counts must be numbers");
    pose(&q, SY_RESPONSE_POISSON, "mtcars", "carb ~ wt; trials gear");
    problem_refused(&q, SY_EINVAL, "trials: gear");
    pose(&q, SY_RESPONSE_POISSON, "quine", "Days ~ Sex; offset Age");
    problem_refused(&q, SY_EINVAL, "offset: Age is a factor");
    pose(&q, SY_RESPONSE_POISSON, "mtcars", "carb ~ wt");
    q.model.link = SY_LINK_LOGIT;
    problem_refused(&q, SY_EINVAL, "link: it must be log");
}

static void rows_without_an_offset_are_left_out(void **state)
{
    (void)state;
    sy_context ctx;
    sy_context_init(&ctx);
    pose(&q, SY_RESPONSE_POISSON, "insurance", "Claims ~ Group; offset exposure");
    sheet.value[frame_column(&sheet, "exposure")][10] = NAN;
    assert_true(problem_fit(&ctx, &q) >= 0 && remarked(&ctx, SY_NOTE_ROWS_DROPPED, ""));
    assert_true(q.summary.rows_used == 63 && isnan(q.linear[10]) && isnan(q.fitted[10]));
    near(q.fitted[9], exp(q.linear[9]), 1e-15);
    sy_context_free(&ctx);
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
    pose(&q, SY_RESPONSE_NEGATIVE_BINOMIAL, "quine", "Days ~ Eth + Lrn; offset length");
    assert_true(syi_survives_failing(job, &q, 4 * sizeof(double)) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(glm_and_glm_nb_give_the_same_answers),
        cmocka_unit_test(an_intercept_alone_is_the_rate),
        cmocka_unit_test(quine_is_as_printed),
        cmocka_unit_test(twenty_random_starts_reach_the_same_optimum),
        cmocka_unit_test(frequencies_are_repeated_rows),
        cmocka_unit_test(counts_without_overdispersion_have_an_infinite_theta),
        cmocka_unit_test(large_counts_keep_their_digits),
        cmocka_unit_test(what_is_no_count_is_refused),
        cmocka_unit_test(rows_without_an_offset_are_left_out),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
