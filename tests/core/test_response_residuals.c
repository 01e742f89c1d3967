/* SPDX-License-Identifier: GPL-3.0-only
 * Residuals and ratios of response models: sums that they must make, a worked
 * example, R's own, refusals, allocations that fail. */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "after_fit.h"
#include "steelyard/response_ratios.h"
#include "steelyard/response_residuals.h"

enum { MOST_ROWS = 200 };
static frame f;
static ordinal_problem q;
static double residual[MOST_ROWS];

static void asked(sy_residual_kind kind)
{
    sy_context ctx;
    sy_context_init(&ctx);
    assert_true(f.n <= MOST_ROWS);
    if (sy_response_residuals(&ctx, &f.design, &q.model, q.shape.k, q.estimate, kind, residual) < 0)
        fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static double sum(int squares)
{
    double total = 0;
    for (ptrdiff_t i = 0; i < f.n; i++)
        if (!isnan(residual[i])) total += squares ? residual[i] * residual[i] : residual[i];
    return total;
}

static void pose_wine(const char *text, sy_response_kind kind)
{
    if (kind == SY_RESPONSE_ORDINAL) frame_wine(&f);
    else frame_read(&f, "tests/reference/data/wine.csv", "temp contact");
    pose(&q, &f, text, kind);
    fitted(&q);
}

static void pose_herds(void)
{
    frame_read(&f, "tests/reference/data/cbpp.csv", "period");
    pose(&q, &f, "incidence ~ period", SY_RESPONSE_BINARY);
    q.model.trials = &f.columns[frame_column(&f, "size")];
    fitted(&q);
}

/* 1e-12: sums of some seventy numbers of order one. */
static void squares_add_up_to_deviance_and_pearson(void **state)
{
    (void)state;
    const sy_response_kind kinds[] = {SY_RESPONSE_POISSON, SY_RESPONSE_NEGATIVE_BINOMIAL};
    pose_herds();
    for (int i = 0; i < 3; i++) {
        if (i > 0) pose_wine("response ~ temp + contact", kinds[i - 1]);
        asked(SY_RESIDUAL_DEVIANCE);
        near(sum(1), q.summary.deviance, 1e-12);
        asked(SY_RESIDUAL_PEARSON);
        near(sum(1), q.summary.pearson, 1e-12);
    }
}

/* The score equations of canonical links. */
static void residuals_of_counts_add_up_to_zero(void **state)
{
    (void)state;
    pose_wine("response ~ temp + contact", SY_RESPONSE_POISSON);
    asked(SY_RESIDUAL_RESPONSE);
    assert_true(fabs(sum(0)) < 1e-9);
}

/* residuals(glm(cbind(incidence, size - incidence) ~ period, binomial, cbpp)), R 4.2.2, first two rows. */
static void residuals_of_trials_are_glms(void **state)
{
    (void)state;
    pose_herds();
    asked(SY_RESIDUAL_DEVIANCE);
    near(residual[0], -0.72739420508972763, 1e-9);
    near(residual[1], 1.77447316203772387, 1e-9);
    asked(SY_RESIDUAL_PEARSON);
    near(residual[0], -0.69224122909020214, 1e-9);
    asked(SY_RESIDUAL_RESPONSE);
    near(residual[0], -0.076567317574511962, 1e-9);
}

/* P(Y < y) - P(Y > y) by hand from the thresholds; the first wine is cold, without contact, of rating 2. */
static void probability_residuals_are_right_by_hand(void **state)
{
    (void)state;
    pose_wine("rating ~ temp + contact", SY_RESPONSE_ORDINAL);
    asked(SY_RESIDUAL_PROBABILITY);
    const double below = 1 / (1 + exp(-q.estimate[0])), to = 1 / (1 + exp(-q.estimate[1]));
    near(residual[0], below - (1 - to), 1e-12);
    for (ptrdiff_t i = 0; i < f.n; i++) assert_true(fabs(residual[i]) < 1);
    /* their mean is 0 under the model, and nearly so at the estimates */
    assert_true(fabs(sum(0) / (double)f.n) < 0.02);
}

static void places_differ_from_their_mean_as_they_should(void **state)
{
    (void)state;
    pose_wine("rating ~ temp + contact", SY_RESPONSE_ORDINAL);
    asked(SY_RESIDUAL_RESPONSE);
    double cumulative = 0, mean = 5;
    for (int j = 0; j < 4; j++) {
        cumulative = 1 / (1 + exp(-q.estimate[j]));
        mean -= cumulative; /* sum of P(Y > j) */
    }
    near(residual[0], 2 - mean, 1e-12);
    const double gap = residual[0];
    asked(SY_RESIDUAL_PEARSON);
    assert_true(residual[0] * gap > 0);
}

static void ratios_are_exp_of_the_coefficients(void **state)
{
    (void)state;
    double ratio[ORDINAL_K], low[ORDINAL_K], high[ORDINAL_K], df[ORDINAL_K];
    sy_context ctx;
    pose_wine("rating ~ temp + contact", SY_RESPONSE_ORDINAL);
    for (int j = 0; j < q.shape.k; j++) df[j] = HUGE_VAL;
    sy_context_init(&ctx);
    assert_int_equal(sy_response_ratios(&ctx, &q.model, &q.shape, q.estimate, q.covariance, df, 0.95, ratio, low, high),
                     SY_OK);
    for (int j = 0; j < 4; j++) assert_true(isnan(ratio[j]) && isnan(low[j]));
    for (int j = 4; j < 6; j++) {
        const double step = 1.959963984540054 * sqrt(q.covariance[j * q.shape.k + j]);
        near(ratio[j], exp(q.estimate[j]), 1e-15);
        near(low[j], exp(q.estimate[j] - step), 1e-13);
        near(high[j], exp(q.estimate[j] + step), 1e-13);
    }
    q.model.link = SY_LINK_PROBIT;
    assert_int_equal(sy_response_ratios(&ctx, &q.model, &q.shape, q.estimate, q.covariance, df, 0.95, ratio, low, high),
                     SY_EINVAL);
    assert_non_null(strstr(ctx.message, "probit"));
    q.model.link = SY_LINK_LOGIT;
    assert_int_equal(sy_response_ratios(&ctx, &q.model, &q.shape, q.estimate, q.covariance, df, 1, ratio, low, high),
                     SY_EINVAL);
    assert_non_null(strstr(ctx.message, "level"));
    sy_context_free(&ctx);
}

static void refuse(sy_residual_kind kind, const char *text)
{
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(sy_response_residuals(&ctx, &f.design, &q.model, q.shape.k, q.estimate, kind, residual),
                     SY_EINVAL);
    assert_non_null(strstr(ctx.message, text));
    sy_context_free(&ctx);
}

static void kinds_that_an_outcome_has_not_are_refused(void **state)
{
    (void)state;
    pose_wine("rating ~ temp", SY_RESPONSE_ORDINAL);
    refuse(SY_RESIDUAL_DEVIANCE, "no deviance residuals");
    refuse((sy_residual_kind)4, "4 is not a kind");
    pose_wine("response ~ temp", SY_RESPONSE_POISSON);
    refuse(SY_RESIDUAL_PROBABILITY, "ordered answers");
}

static sy_status job(void *arg, void *answer)
{
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status s =
        sy_response_residuals(&ctx, &f.design, &q.model, q.shape.k, q.estimate, *(sy_residual_kind *)arg, residual);
    if (s >= 0) memcpy(answer, residual, (size_t)f.n * sizeof *residual);
    sy_context_free(&ctx);
    return s;
}

static void every_failing_allocation_is_survived(void **state)
{
    (void)state;
    sy_residual_kind kind = SY_RESIDUAL_PROBABILITY;
    pose_wine("rating ~ temp + contact", SY_RESPONSE_ORDINAL);
    assert_true(syi_survives_failing(job, &kind, (size_t)f.n * sizeof *residual) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(squares_add_up_to_deviance_and_pearson),
        cmocka_unit_test(residuals_of_counts_add_up_to_zero),
        cmocka_unit_test(residuals_of_trials_are_glms),
        cmocka_unit_test(probability_residuals_are_right_by_hand),
        cmocka_unit_test(places_differ_from_their_mean_as_they_should),
        cmocka_unit_test(ratios_are_exp_of_the_coefficients),
        cmocka_unit_test(kinds_that_an_outcome_has_not_are_refused),
        cmocka_unit_test(every_failing_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
