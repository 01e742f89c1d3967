/* SPDX-License-Identifier: GPL-3.0-only
 * Average marginal effects, risk differences and ratios: statsmodels' and R's
 * numbers, tables by hand, differences of predictions, refusals. */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "after_fit.h"
#include "steelyard/effects.h"

enum { MOST = 64 };
static frame f;
static ordinal_problem q;
static sy_effects_options options;
static sy_effect effect[MOST];
static double joint[MOST * MOST];
static int count;

static sy_status ask(sy_context *ctx, int n, const sy_change *changes)
{
    sy_status s = sy_effects_count(ctx, &f.design, &q.model, &options, n, changes, &count);
    if (s < 0) return s;
    assert_true(count <= MOST);
    return sy_effects(ctx, &f.design, &q.model, q.shape.k, q.estimate, q.covariance, &options, n, changes, count,
                      effect, joint);
}

static void asked(const char *column, sy_change_kind kind, double from, double to)
{
    sy_context ctx;
    const sy_change change = {frame_column(&f, column), kind, from, to};
    sy_context_init(&ctx);
    if (ask(&ctx, 1, &change) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static double they_said(const char *name, const char *quantity)
{
    return said("tests/reference/margeff.csv", name, quantity);
}

/* Errors to 1e-7: statsmodels stops its Newton steps earlier. */
static void statsmodels_says_the_same(void **state)
{
    (void)state;
    static const char *const names[] = {"logit", "probit", "poisson"};
    for (int m = 0; m < 3; m++) {
        moore_high(&f);
        const int c = frame_add(&f, "indeed", 0, 0), from = frame_column(&f, "partner");
        for (ptrdiff_t i = 0; i < f.n; i++) f.value[c][i] = f.code[from][i];
        pose(&q, &f,
             m == 2 ? "conformity ~ indeed + fscore"
             : m    ? "high ~ indeed + fscore; probit"
                    : "high ~ indeed + fscore",
             m == 2 ? SY_RESPONSE_POISSON : SY_RESPONSE_BINARY);
        fitted(&q);
        sy_effects_defaults(&options);
        asked("indeed", SY_CHANGE_SLOPE, 0, 0);
        near(effect[0].effect, they_said(names[m], "slope_partner"), 1e-8);
        near(effect[0].std_error, they_said(names[m], "slope_partner_se"), 1e-7);
        asked("fscore", SY_CHANGE_SLOPE, 0, 0);
        near(effect[0].effect, they_said(names[m], "slope_fscore"), 1e-7);
        near(effect[0].std_error, they_said(names[m], "slope_fscore_se"), 1e-7);
        asked("indeed", SY_CHANGE_BETWEEN, 0, 1);
        near(effect[0].effect, they_said(names[m], "dummy_partner"), 1e-8);
        near(effect[0].std_error, they_said(names[m], "dummy_partner_se"), 1e-7);
        options.at_means = 1;
        asked("fscore", SY_CHANGE_SLOPE, 0, 0);
        near(effect[0].effect, they_said(names[m], "mean_fscore"), 1e-7);
        near(effect[0].std_error, they_said(names[m], "mean_fscore_se"), 1e-7);
    }
}

/* Its derivatives are those of differences, extrapolated: 1e-8. */
static void r_says_the_same_of_standardised_risks(void **state)
{
    (void)state;
    moore_high(&f);
    pose(&q, &f, "high ~ partner + fcat + fscore + partner:fscore", SY_RESPONSE_BINARY);
    fitted(&q);
    sy_effects_defaults(&options);
    asked("partner", SY_CHANGE_LEVELS, 0, 0);
    assert_true(count == 1 && effect[0].level == 1 && effect[0].reference == 0);
    near(effect[0].effect, r_said("moore_logit", "difference", 0), 1e-9);
    near(effect[0].std_error, r_said("moore_logit", "difference", 1), 1e-8);
    near(log(effect[0].ratio), r_said("moore_logit", "log_ratio", 0), 1e-9);
    near(effect[0].log_ratio_error, r_said("moore_logit", "log_ratio", 1), 1e-8);
    near(joint[0], pow(effect[0].std_error, 2), 1e-12);
    asked("fscore", SY_CHANGE_STEP, 0, 1);
    near(effect[0].effect, r_said("moore_logit", "step", 0), 1e-8);
    near(effect[0].std_error, r_said("moore_logit", "step", 1), 1e-8);
    near(effect[0].log_ratio_error, r_said("moore_logit", "log_step", 1), 1e-8);
}

static void r_says_the_same_of_ordered_answers(void **state)
{
    (void)state;
    frame_wine(&f);
    pose(&q, &f, "rating ~ temp + contact", SY_RESPONSE_ORDINAL);
    fitted(&q);
    sy_effects_defaults(&options);
    options.of = SY_PREDICT_AT_LEAST;
    options.cut = 3;
    asked("temp", SY_CHANGE_LEVELS, 0, 0);
    near(effect[0].effect, r_said("wine_clm", "at_least", 0), 1e-9);
    near(effect[0].std_error, r_said("wine_clm", "at_least", 1), 1e-6); /* its information is of differences */
    near(log(effect[0].ratio), r_said("wine_clm", "log_at_least", 0), 1e-9);
    near(effect[0].log_ratio_error, r_said("wine_clm", "log_at_least", 1), 1e-6);
    options.of = SY_PREDICT_CATEGORIES;
    asked("temp", SY_CHANGE_LEVELS, 0, 0);
    assert_int_equal(count, 5);
    double sum = 0;
    for (int l = 0; l < 5; l++) {
        char text[20];
        snprintf(text, sizeof text, "level%d", l + 1);
        near(effect[l].effect, r_said("wine_clm", text, 0), 1e-9);
        near(effect[l].std_error, r_said("wine_clm", text, 1), 1e-6);
        assert_int_equal(effect[l].category, l);
        sum += effect[l].effect;
    }
    assert_true(fabs(sum) < 1e-15);
}

/* a b / c d: risks b / (a + b) and d / (c + d); the errors of difference and ratio
 * are the textbook's: sqrt(sum p (1 - p) / n), sqrt(sum 1 / events - 1 / n). */
static void a_two_by_two_table_by_hand(void **state)
{
    (void)state;
    const double a = 13, b = 7, c = 5, d = 20, p0 = b / (a + b), p1 = d / (c + d);
    for (int link = SY_LINK_LOGIT; link <= SY_LINK_CLOGLOG; link++) {
        f.p = 0;
        const int y = frame_add(&f, "y", 0, 0), x = frame_add(&f, "x", 1, 2), m = frame_add(&f, "m", 0, 0);
        f.n = 2;
        for (int i = 0; i < 2; i++) {
            f.value[y][i] = i ? d : b;
            f.code[x][i] = i;
            f.value[m][i] = i ? c + d : a + b;
        }
        pose(&q, &f, "y ~ x", SY_RESPONSE_BINARY);
        q.model.link = (sy_link)link;
        q.model.trials = &f.columns[m];
        fitted(&q);
        sy_effects_defaults(&options);
        asked("x", SY_CHANGE_LEVELS, 0, 0);
        near(effect[0].before, p0, 1e-12);
        near(effect[0].after, p1, 1e-12);
        near(effect[0].effect, p1 - p0, 1e-11);
        near(effect[0].std_error, sqrt(p0 * (1 - p0) / (a + b) + p1 * (1 - p1) / (c + d)), 1e-10);
        near(effect[0].ratio, p1 / p0, 1e-11);
        near(effect[0].log_ratio_error, sqrt(1 / b - 1 / (a + b) + 1 / d - 1 / (c + d)), 1e-10);
        /* a log odds has the variance 1 / events + 1 / others */
        const double half = 1.959963984540054 * sqrt(1 / a + 1 / b), other = 1.959963984540054 * sqrt(1 / c + 1 / d);
        near(effect[0].before_low, 1 / (1 + a / b * exp(half)), 1e-10);
        near(effect[0].before_high, 1 / (1 + a / b * exp(-half)), 1e-10);
        near(effect[0].after_low, 1 / (1 + c / d * exp(other)), 1e-10);
        near(effect[0].after_high, 1 / (1 + c / d * exp(-other)), 1e-10);
        near(effect[0].ratio_low, p1 / p0 * exp(-1.959963984540054 * effect[0].log_ratio_error), 1e-11);
    }
}

/* One Poisson mean a group: a log of a count of events has the variance 1 / events. Of
 * an ordinal outcome the mean place has no bounds to keep to. */
static void limits_of_averages_keep_to_their_range(void **state)
{
    (void)state;
    f.p = 0;
    const int y = frame_add(&f, "y", 0, 0), x = frame_add(&f, "x", 1, 2);
    f.n = 8;
    for (int i = 0; i < 8; i++) {
        f.value[y][i] = i < 4 ? 1 + i : 2 * i;
        f.code[x][i] = i >= 4;
    }
    pose(&q, &f, "y ~ x", SY_RESPONSE_POISSON);
    fitted(&q);
    sy_effects_defaults(&options);
    asked("x", SY_CHANGE_LEVELS, 0, 0);
    near(effect[0].before_low, 2.5 * exp(-1.959963984540054 / sqrt(10)), 1e-9);
    near(effect[0].after_high, 11 * exp(1.959963984540054 / sqrt(44)), 1e-9);
    frame_read(&f, "tests/reference/data/wine.csv", "rating temp contact");
    pose(&q, &f, "rating ~ temp + contact", SY_RESPONSE_ORDINAL);
    fitted(&q);
    sy_effects_defaults(&options);
    asked("temp", SY_CHANGE_LEVELS, 0, 0);
    near(effect[0].before_high - effect[0].before, effect[0].before - effect[0].before_low, 1e-12);
    options.of = SY_PREDICT_CATEGORIES;
    asked("temp", SY_CHANGE_LEVELS, 0, 0);
    for (int i = 0; i < 5; i++)
        assert_true(0 < effect[i].after_low && effect[i].after_low < effect[i].after &&
                    effect[i].after < effect[i].after_high && effect[i].after_high < 1);
}

/* The mean of a Poisson model with a log link: a factor's rate ratio is exp(b),
 * its log's error that of b; the slope is b times the mean count. */
static void rate_ratios_are_exp_of_coefficients(void **state)
{
    (void)state;
    frame_moore(&f, NULL);
    pose(&q, &f, "conformity ~ partner + fscore", SY_RESPONSE_NEGATIVE_BINOMIAL);
    fitted(&q);
    sy_effects_defaults(&options);
    asked("partner", SY_CHANGE_LEVELS, 0, 0);
    near(effect[0].ratio, exp(q.estimate[1]), 1e-12);
    near(effect[0].log_ratio_error, sqrt(q.covariance[q.shape.k + 1]), 1e-9);
    asked("fscore", SY_CHANGE_STEP, 0, 5);
    near(effect[0].ratio, exp(5 * q.estimate[2]), 1e-12);
    asked("fscore", SY_CHANGE_SLOPE, 0, 0);
    near(effect[0].effect, q.estimate[2] * effect[0].before, 1e-12);
    assert_true(isnan(effect[0].ratio) && isnan(effect[0].after));
}

static void a_theta_without_limit_is_no_hindrance(void **state)
{
    (void)state;
    frame_read(&f, "tests/reference/data/wine.csv", "temp contact");
    pose(&q, &f, "rating ~ temp + contact", SY_RESPONSE_NEGATIVE_BINOMIAL);
    fitted(&q);
    assert_true(isinf(q.estimate[3]));
    sy_effects_defaults(&options);
    asked("temp", SY_CHANGE_LEVELS, 0, 0);
    near(effect[0].log_ratio_error, sqrt(q.covariance[q.shape.k + 1]), 1e-9);
}

/* Powers, products, nominal and scale terms move with their variable: the slope
 * is the limit of a small step (differences leave seven digits). */
static void every_term_moves_with_its_variable(void **state)
{
    (void)state;
    static const char *const models[] = {"rating ~ shift + shift^2 + temp + shift:temp",
                                         "rating ~ temp; nominal shift; probit",
                                         "rating ~ shift + temp; scale shift; cloglog",
                                         "rating ~ shift^3 + temp; scale shift^2; nominal contact; probit"};
    for (int m = 0; m < 4; m++) {
        double slope[5], error[5];
        frame_wine(&f);
        pose(&q, &f, models[m], SY_RESPONSE_ORDINAL);
        fitted(&q);
        sy_effects_defaults(&options);
        options.of = SY_PREDICT_CATEGORIES;
        asked("shift", SY_CHANGE_SLOPE, 0, 0);
        for (int l = 0; l < 5; l++) {
            slope[l] = effect[l].effect;
            error[l] = effect[l].std_error;
        }
        const double h = 1e-4;
        double step[2][5], moved[2][5];
        for (int side = 0; side < 2; side++) {
            asked("shift", SY_CHANGE_STEP, 0, side ? -h : h);
            for (int l = 0; l < 5; l++) {
                step[side][l] = effect[l].effect / (side ? -h : h);
                moved[side][l] = effect[l].std_error / h;
            }
        }
        for (int l = 0; l < 5; l++) {
            const double found = (step[0][l] + step[1][l]) / 2;
            assert_true(fabs(slope[l] - found) < 1e-6 * fmax(fabs(slope[l]), 1e-2));
            near(error[l], (moved[0][l] + moved[1][l]) / 2, 1e-4); /* mean of two roots: error h^2 over the curvature */
        }
    }
}

/* Held columns: the effect of one at a value of another is a row's difference. */
static void columns_can_be_held(void **state)
{
    (void)state;
    moore_high(&f);
    pose(&q, &f, "high ~ partner + fscore", SY_RESPONSE_BINARY);
    fitted(&q);
    const sy_held held = {frame_column(&f, "fscore"), 40};
    sy_effects_defaults(&options);
    options.n_held = 1;
    options.held = &held;
    asked("partner", SY_CHANGE_LEVELS, 0, 0);
    const double *b = q.estimate;
    const double p0 = 1 / (1 + exp(-(b[0] + 40 * b[2]))), p1 = 1 / (1 + exp(-(b[0] + b[1] + 40 * b[2])));
    near(effect[0].before, p0, 1e-12);
    near(effect[0].after, p1, 1e-12);
    options.n_held = 0;
    options.at_means = 1; /* partner at "high" or "low", whichever has more rows; fscore at its mean */
    asked("partner", SY_CHANGE_LEVELS, 0, 0);
    double mean = 0;
    for (ptrdiff_t i = 0; i < f.n; i++) mean += f.value[frame_column(&f, "fscore")][i] / 45;
    near(effect[0].before, 1 / (1 + exp(-(b[0] + mean * b[2]))), 1e-12);
}

/* Rows that were not in the fit and rows of weight zero are not averaged over,
 * whatever they hold. */
static void rows_outside_the_fit_do_not_count(void **state)
{
    (void)state;
    sy_effect before;
    moore_high(&f);
    const int w = frame_add(&f, "w", 0, 0), score = frame_column(&f, "fscore"), high = frame_column(&f, "high");
    for (ptrdiff_t i = 0; i < f.n; i++) f.value[w][i] = 1;
    pose(&q, &f, "high ~ partner + fscore", SY_RESPONSE_BINARY);
    weigh(&f, "w", SY_WEIGHT_ANALYTIC);
    fitted(&q);
    sy_effects_defaults(&options);
    asked("fscore", SY_CHANGE_SLOPE, 0, 0);
    before = effect[0];
    f.value[w][f.n] = 0;
    f.value[score][f.n] = 1e300;
    f.value[w][f.n + 1] = f.value[high][f.n + 1] = 1;
    f.value[score][f.n + 1] = NAN;
    f.design.n = f.n += 2;
    asked("fscore", SY_CHANGE_SLOPE, 0, 0);
    near(effect[0].effect, before.effect, 1e-14);
    near(effect[0].std_error, before.std_error, 1e-13);
    asked("fscore", SY_CHANGE_STEP, 0, 3);
    assert_true(effect[0].std_error > 0);
}

static void answers_do_not_depend_on_threads_or_lanes(void **state)
{
    (void)state;
    static sy_effect first[MOST];
    frame_wine(&f);
    pose(&q, &f, "rating ~ shift + temp; scale shift; probit", SY_RESPONSE_ORDINAL);
    fitted(&q);
    sy_effects_defaults(&options);
    options.of = SY_PREDICT_CATEGORIES;
    const sy_change changes[] = {{frame_column(&f, "shift"), SY_CHANGE_SLOPE, 0, 0},
                                 {frame_column(&f, "temp"), SY_CHANGE_LEVELS, 0, 0},
                                 {frame_column(&f, "shift"), SY_CHANGE_BETWEEN, 0, 1}};
    for (int simd = 2; simd >= 0; simd--) {
        sy_context ctx;
        sy_context_init(&ctx);
        ctx.threads = 3 - simd;
        ctx.simd = simd;
        assert_true(ask(&ctx, 3, changes) >= 0);
        assert_int_equal(count, 15);
        if (simd == 2) memcpy(first, effect, sizeof first);
        else assert_memory_equal(&first[0].effect, &effect[0].effect, 2 * sizeof(double));
        for (int i = 0; i < count; i++) {
            assert_memory_equal(&first[i].effect, &effect[i].effect, sizeof(double));
            assert_memory_equal(&first[i].std_error, &effect[i].std_error, sizeof(double));
        }
        sy_context_free(&ctx);
    }
}

static void refuses(const char *column, sy_change_kind kind, double to, const char *text)
{
    sy_context ctx;
    const sy_change change = {frame_column(&f, column), kind, 0, to};
    sy_context_init(&ctx);
    assert_int_equal(ask(&ctx, 1, &change), SY_EINVAL);
    if (!strstr(ctx.message, text)) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    moore_high(&f);
    pose(&q, &f, "high ~ partner + fscore", SY_RESPONSE_BINARY);
    fitted(&q);
    sy_effects_defaults(&options);
    refuses("fcat", SY_CHANGE_LEVELS, 0, "fcat is in no term");
    refuses("partner", SY_CHANGE_SLOPE, 0, "partner is a factor");
    refuses("fscore", SY_CHANGE_LEVELS, 0, "fscore is a number");
    refuses("fscore", SY_CHANGE_STEP, 0, "a step of 0");
    refuses("fscore", SY_CHANGE_BETWEEN, NAN, "fscore to");
    refuses("fscore", (sy_change_kind)9, 0, "9 is no kind");
    options.of = SY_PREDICT_LINEAR;
    refuses("fscore", SY_CHANGE_SLOPE, 0, "the coefficients themselves");
    options.of = SY_PREDICT_AT_LEAST;
    refuses("fscore", SY_CHANGE_SLOPE, 0, "cut");
    sy_effects_defaults(&options);
    options.level = 2;
    refuses("fscore", SY_CHANGE_SLOPE, 0, "level = 2");
    const sy_held held = {frame_column(&f, "partner"), 5};
    sy_effects_defaults(&options);
    options.n_held = 1;
    options.held = &held;
    refuses("fscore", SY_CHANGE_SLOPE, 0, "at: partner has 2 levels");
}

static sy_status job(void *arg, void *answer)
{
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status s = ask(&ctx, 2, arg);
    if (s >= 0) memcpy(answer, &effect[0].before, 3 * sizeof(double));
    sy_context_free(&ctx);
    return s;
}

static void survives_failing_memory(void **state)
{
    (void)state;
    frame_wine(&f);
    pose(&q, &f, "rating ~ shift + temp; scale shift", SY_RESPONSE_ORDINAL);
    fitted(&q);
    sy_effects_defaults(&options);
    sy_change changes[] = {{frame_column(&f, "temp"), SY_CHANGE_LEVELS, 0, 0},
                           {frame_column(&f, "shift"), SY_CHANGE_SLOPE, 0, 0}};
    assert_true(syi_survives_failing(job, changes, 3 * sizeof(double)) > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statsmodels_says_the_same),
        cmocka_unit_test(r_says_the_same_of_standardised_risks),
        cmocka_unit_test(r_says_the_same_of_ordered_answers),
        cmocka_unit_test(a_two_by_two_table_by_hand),
        cmocka_unit_test(limits_of_averages_keep_to_their_range),
        cmocka_unit_test(rate_ratios_are_exp_of_coefficients),
        cmocka_unit_test(a_theta_without_limit_is_no_hindrance),
        cmocka_unit_test(every_term_moves_with_its_variable),
        cmocka_unit_test(columns_can_be_held),
        cmocka_unit_test(rows_outside_the_fit_do_not_count),
        cmocka_unit_test(answers_do_not_depend_on_threads_or_lanes),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(survives_failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
