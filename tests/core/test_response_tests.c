/* SPDX-License-Identifier: GPL-3.0-only
 * Tests of the terms of response models: R's tables, marginality, by hand, what
 * the three have in common, refusals. */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "after_fit.h"
#include "steelyard/response_tests.h"
#include "steelyard/response_vcov.h"

static frame f;
static ordinal_problem q;
static sy_term_test row[FRAME_TERMS];

static sy_status ask(sy_context *ctx, sy_test_kind kind, sy_anova_type type)
{
    static double covariance[ORDINAL_K * ORDINAL_K], df[ORDINAL_K];
    const int k = q.shape.k;
    if (kind != SY_TEST_WALD)
        return sy_response_tests(ctx, &f.design, &q.model, NULL, kind, type, k, q.estimate, NULL, NULL, row);
    const sy_vcov_kind vcov = f.design.cluster ? SY_VCOV_CR1 : SY_VCOV_CLASSICAL;
    const sy_status s = sy_response_vcov(ctx, &f.design, &q.model, k, q.estimate, vcov, covariance, df);
    if (s < 0) return s;
    return sy_response_tests(ctx, &f.design, &q.model, NULL, kind, type, k, q.estimate, covariance, df, row);
}

static void asked(sy_test_kind kind, sy_anova_type type)
{
    sy_context ctx;
    sy_context_init(&ctx);
    if (ask(&ctx, kind, type) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static void pose_moore(const char *text)
{
    moore_high(&f);
    pose(&q, &f, text, SY_RESPONSE_BINARY);
    fitted(&q);
}

/* car's order of terms is the formula's. 1e-9: a statistic is a difference of
 * log-likelihoods a hundred times its size. */
static void car_and_stats_say_the_same(void **state)
{
    (void)state;
    pose_moore("high ~ partner + fcat + fscore + partner:fscore");
    asked(SY_TEST_LIKELIHOOD_RATIO, SY_ANOVA_II);
    for (int t = 0; t < 4; t++) {
        near(row[t].statistic, r_said("moore_logit", "LR2", t), 1e-9);
        near(row[t].p_value, r_said("moore_logit", "LR2p", t), 1e-9);
        near(row[t].df, t == 1 ? 2 : 1, 0);
        assert_true(isinf(row[t].df_resid));
    }
    asked(SY_TEST_WALD, SY_ANOVA_II);
    for (int t = 0; t < 4; t++) near(row[t].statistic, r_said("moore_logit", "Wald2", t), 1e-9);
    pose_moore("high ~ partner + fcat + fscore");
    asked(SY_TEST_SCORE, SY_ANOVA_II);
    for (int t = 0; t < 3; t++) {
        near(row[t].statistic, r_said("moore_additive", "Rao", t), 1e-9);
        near(row[t].p_value, r_said("moore_additive", "Raop", t), 1e-9);
    }
    asked(SY_TEST_LIKELIHOOD_RATIO, SY_ANOVA_II);
    for (int t = 0; t < 3; t++) near(row[t].statistic, r_said("moore_additive", "LR", t), 1e-9);
}

/* MASS 4th edition, section 7.3: influence 108.24 on 2 degrees of freedom. */
static void housing_is_as_printed(void **state)
{
    (void)state;
    frame_housing(&f);
    pose(&q, &f, "Sat ~ Infl + Type + Cont", SY_RESPONSE_ORDINAL);
    weigh(&f, "Freq", SY_WEIGHT_FREQUENCY);
    fitted(&q);
    asked(SY_TEST_LIKELIHOOD_RATIO, SY_ANOVA_II);
    assert_true(fabs(row[0].statistic - 108.24) < 0.005 && row[0].df == 2);
    assert_true(row[1].df == 3 && row[2].df == 1);
}

/* A two by two table a b / c d: the score test is Pearson's n (ad - bc)^2 over the
 * product of the margins, the likelihood ratio 2 sum o log(o / e), the Wald test
 * log(ad / bc)^2 / (1/a + 1/b + 1/c + 1/d). */
static void a_two_by_two_table_by_hand(void **state)
{
    (void)state;
    const double cell[2][2] = {{13, 7}, {5, 20}}, n = 45;
    f.p = 0;
    const int y = frame_add(&f, "y", 0, 0), x = frame_add(&f, "x", 0, 0), w = frame_add(&f, "w", 0, 0);
    f.n = 4;
    for (int i = 0; i < 4; i++) {
        f.value[y][i] = i % 2;
        f.value[x][i] = i / 2;
        f.value[w][i] = cell[i / 2][i % 2];
    }
    pose(&q, &f, "y ~ x", SY_RESPONSE_BINARY);
    weigh(&f, "w", SY_WEIGHT_FREQUENCY);
    fitted(&q);
    const double a = 13, b = 7, c = 5, d = 20;
    asked(SY_TEST_SCORE, SY_ANOVA_II);
    near(row[0].statistic, n * pow(a * d - b * c, 2) / ((a + b) * (c + d) * (a + c) * (b + d)), 1e-12);
    asked(SY_TEST_WALD, SY_ANOVA_II);
    near(row[0].statistic, pow(log(a * d / (b * c)), 2) / (1 / a + 1 / b + 1 / c + 1 / d), 1e-11);
    asked(SY_TEST_LIKELIHOOD_RATIO, SY_ANOVA_II);
    double lr = 0;
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++) {
            const double across = cell[i][0] + cell[i][1], down = cell[0][j] + cell[1][j];
            lr += 2 * cell[i][j] * log(cell[i][j] * n / (across * down));
        }
    near(row[0].statistic, lr, 1e-12);
}

/* Without interactions types II and III ask the same, whatever the coding. */
static void types_agree_without_interactions(void **state)
{
    (void)state;
    double second[3];
    for (int kind = SY_TEST_LIKELIHOOD_RATIO; kind <= SY_TEST_SCORE; kind++) {
        pose_moore("high ~ partner + fcat + fscore");
        asked((sy_test_kind)kind, SY_ANOVA_II);
        for (int t = 0; t < 3; t++) second[t] = row[t].statistic;
        moore_high(&f);
        pose(&q, &f, "high ~ partner + fcat + fscore", SY_RESPONSE_BINARY);
        q.model.columns.coding = SY_CODING_SUM;
        fitted(&q);
        asked((sy_test_kind)kind, SY_ANOVA_III);
        for (int t = 0; t < 3; t++) near(row[t].statistic, second[t], 1e-9);
    }
}

/* Nominal and scale terms: the rows behind the location's; the last term's
 * statistic is twice the gain over the model without it. */
static void nominal_and_scale_terms_have_rows(void **state)
{
    (void)state;
    frame_wine(&f);
    pose(&q, &f, "rating ~ temp; nominal contact; scale temp", SY_RESPONSE_ORDINAL);
    fitted(&q);
    const double whole = q.summary.loglik;
    asked(SY_TEST_LIKELIHOOD_RATIO, SY_ANOVA_II);
    assert_true(row[0].df == 1 && row[1].df == 4 && row[2].df == 1);
    const sy_term_test scale = row[2], nominal = row[1];
    pose(&q, &f, "rating ~ temp; nominal contact", SY_RESPONSE_ORDINAL);
    fitted(&q);
    near(scale.statistic, 2 * (whole - q.summary.loglik), 1e-7);
    pose(&q, &f, "rating ~ temp; scale temp", SY_RESPONSE_ORDINAL);
    fitted(&q);
    near(nominal.statistic, 2 * (whole - q.summary.loglik), 1e-7);
}

static void cluster_covariances_make_it_f(void **state)
{
    (void)state;
    frame_wine(&f);
    frame_levels(&f, "judge", 9);
    pose(&q, &f, "rating ~ temp + contact", SY_RESPONSE_ORDINAL);
    clusters(&f, "judge");
    fitted(&q);
    asked(SY_TEST_WALD, SY_ANOVA_II);
    assert_true(row[0].df == 1 && row[0].df_resid == 8 && row[0].p_value > 0 && row[0].p_value < 0.05);
}

/* fscore above 45 is the outcome: the full fit has log-likelihood 0, the score test
 * of one number is n times the squared correlation. */
static void wholly_separated_outcomes_are_tested(void **state)
{
    (void)state;
    double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
    moore_high(&f);
    const int high = frame_column(&f, "high"), score = frame_column(&f, "fscore");
    for (ptrdiff_t i = 0; i < f.n; i++) {
        const double s = f.value[score][i], h = f.value[high][i] = s > 45;
        x += s / 45;
        y += h / 45;
        xx += s * s / 45;
        yy += h * h / 45;
        xy += s * h / 45;
    }
    pose(&q, &f, "high ~ fscore", SY_RESPONSE_BINARY);
    fitted(&q);
    asked(SY_TEST_LIKELIHOOD_RATIO, SY_ANOVA_II);
    assert_true(fabs(row[0].statistic + 2 * 45 * (y * log(y) + (1 - y) * log(1 - y))) < 1e-8);
    asked(SY_TEST_SCORE, SY_ANOVA_II);
    near(row[0].statistic, 45 * pow(xy - x * y, 2) / ((xx - x * x) * (yy - y * y)), 1e-10);
}

static void aliased_terms_are_not_tested(void **state)
{
    (void)state;
    moore_high(&f);
    const int c = frame_add(&f, "again", 0, 0), from = frame_column(&f, "fscore");
    for (ptrdiff_t i = 0; i < f.n; i++) f.value[c][i] = 2 * f.value[from][i] + 1;
    pose(&q, &f, "high ~ fscore + again + partner", SY_RESPONSE_BINARY);
    fitted(&q);
    for (int kind = SY_TEST_LIKELIHOOD_RATIO; kind <= SY_TEST_SCORE; kind++) {
        asked((sy_test_kind)kind, SY_ANOVA_II);
        assert_true(row[1].df == 0 && isnan(row[1].statistic) && row[2].df == 1 && row[2].statistic > 0);
    }
}

static void refuses(sy_test_kind kind, sy_anova_type type, const char *text)
{
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(
        sy_response_tests(&ctx, &f.design, &q.model, NULL, kind, type, q.shape.k, q.estimate, NULL, NULL, row),
        SY_EINVAL);
    if (!strstr(ctx.message, text)) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    pose_moore("high ~ partner + fscore");
    refuses((sy_test_kind)7, SY_ANOVA_II, "test: 7");
    refuses(SY_TEST_LIKELIHOOD_RATIO, SY_ANOVA_I, "type = 1");
    refuses(SY_TEST_LIKELIHOOD_RATIO, SY_ANOVA_III, "coding");
    refuses(SY_TEST_WALD, SY_ANOVA_II, "covariance: none given");
    weigh(&f, "conformity", SY_WEIGHT_SAMPLING);
    refuses(SY_TEST_LIKELIHOOD_RATIO, SY_ANOVA_II, "sampling weights");
    refuses(SY_TEST_SCORE, SY_ANOVA_II, "sampling weights");
}

static sy_status job(void *arg, void *answer)
{
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status s = ask(&ctx, *(sy_test_kind *)arg, SY_ANOVA_II);
    if (s >= 0) memcpy(answer, row, 2 * sizeof *row);
    sy_context_free(&ctx);
    return s;
}

static void survives_failing_memory(void **state)
{
    (void)state;
    for (int kind = SY_TEST_LIKELIHOOD_RATIO; kind <= SY_TEST_SCORE; kind++) {
        sy_test_kind asked_for = (sy_test_kind)kind;
        pose_moore("high ~ partner + fscore");
        assert_true(syi_survives_failing(job, &asked_for, 2 * sizeof *row) > 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(car_and_stats_say_the_same),           cmocka_unit_test(housing_is_as_printed),
        cmocka_unit_test(a_two_by_two_table_by_hand),           cmocka_unit_test(types_agree_without_interactions),
        cmocka_unit_test(nominal_and_scale_terms_have_rows),    cmocka_unit_test(cluster_covariances_make_it_f),
        cmocka_unit_test(wholly_separated_outcomes_are_tested), cmocka_unit_test(aliased_terms_are_not_tested),
        cmocka_unit_test(what_does_not_fit_is_refused),         cmocka_unit_test(survives_failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
