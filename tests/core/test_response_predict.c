/* SPDX-License-Identifier: GPL-3.0-only
 * Predictions from response models: what the fit says of its own rows, errors by
 * differences, limits that stay where they belong, refusals. */
#define _POSIX_C_SOURCE 200809L
#include "base/numeric_internal.h"

#include "after_fit.h"
#include "steelyard/response_predict.h"

enum { WIDE = 6 };
static frame f;
static ordinal_problem q;
static double value[FRAME_ROWS * WIDE], error[FRAME_ROWS * WIDE], low[FRAME_ROWS * WIDE], high[FRAME_ROWS * WIDE];
static double linear[FRAME_ROWS], mean[FRAME_ROWS * WIDE];

static sy_status ask(sy_context *ctx, sy_predict_kind kind, int cut, const double *estimate)
{
    const sy_predictions out = {value, error, low, high};
    return sy_response_predict(ctx, &f.design, &q.model, &q.shape, estimate, q.covariance, kind, cut, 0.95, HUGE_VAL,
                               &out);
}

static void asked(sy_predict_kind kind, int cut)
{
    sy_context ctx;
    sy_context_init(&ctx);
    if (ask(&ctx, kind, cut, q.estimate) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

/* The fit, with what it says of its own rows. */
static void fitted_rows(void)
{
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_response_fit fit = {q.estimate, q.aliased, q.covariance, linear, mean};
    if (sy_response_shape_of(&ctx, &f.design, &q.model, &q.shape) < 0 ||
        sy_response(&ctx, &f.design, &q.model, &q.options, &q.summary, &fit) < 0)
        fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static void pose_wine(const char *text)
{
    frame_wine(&f);
    pose(&q, &f, text, SY_RESPONSE_ORDINAL);
    fitted_rows();
}

static void rows_of_the_fit_are_predicted_as_fitted(void **state)
{
    (void)state;
    static const char *const models[] = {"rating ~ temp + contact",
                                         "rating ~ temp; nominal contact; probit",
                                         "rating ~ temp + contact; scale temp; cloglog",
                                         "rating ~ temp + contact; symmetric",
                                         "rating ~ temp; equidistant",
                                         "rating ~ temp + contact; offset bottle / 10"};
    for (int m = 0; m < 6; m++) {
        pose_wine(models[m]);
        asked(SY_PREDICT_CATEGORIES, 0);
        for (int i = 0; i < (int)f.n; i++) {
            double sum = 0, place = 0;
            for (int l = 0; l < 5; l++) {
                near(value[i * 5 + l], mean[i * 5 + l], 1e-12);
                assert_true(error[i * 5 + l] > 0 && low[i * 5 + l] > 0 && high[i * 5 + l] < 1);
                assert_true(low[i * 5 + l] < value[i * 5 + l] && high[i * 5 + l] > value[i * 5 + l]);
                sum += value[i * 5 + l];
                place += (l + 1) * value[i * 5 + l];
            }
            near(sum, 1, 1e-14);
            linear[f.n + i] = place;
        }
        asked(SY_PREDICT_MEAN, 0);
        for (int i = 0; i < (int)f.n; i++) near(value[i], linear[f.n + i], 1e-13);
        asked(SY_PREDICT_LINEAR, 0);
        for (int i = 0; i < (int)f.n; i++) near(value[i], linear[i], 1e-12);
    }
}

static void counts_and_binary_outcomes_likewise(void **state)
{
    (void)state;
    for (int kind = SY_RESPONSE_BINARY; kind <= SY_RESPONSE_NEGATIVE_BINOMIAL; kind++) {
        moore_high(&f);
        pose(&q, &f, kind == SY_RESPONSE_BINARY ? "high ~ partner + fscore" : "conformity ~ partner + fscore",
             (sy_response_kind)kind);
        fitted_rows();
        asked(SY_PREDICT_MEAN, 0);
        for (int i = 0; i < (int)f.n; i++) {
            near(value[i], mean[i], 1e-12);
            assert_true(low[i] > 0 && low[i] < value[i] && high[i] > value[i]);
        }
    }
}

/* Errors against differences of the value in each parameter: half of 15 digits
 * are left, 1e-6. */
static void errors_are_the_delta_methods(void **state)
{
    (void)state;
    static double kept[FRAME_ROWS * WIDE], slope[ORDINAL_K], first[FRAME_ROWS * WIDE];
    static const sy_predict_kind kinds[] = {SY_PREDICT_LINEAR, SY_PREDICT_MEAN, SY_PREDICT_CATEGORIES,
                                            SY_PREDICT_CUMULATIVE, SY_PREDICT_AT_LEAST};
    pose_wine("rating ~ temp; nominal contact; scale temp; probit");
    for (int c = 0; c < 5; c++) {
        const int width = sy_predict_width(&q.model, &q.shape, kinds[c]), k = q.shape.k;
        asked(kinds[c], 3);
        memcpy(kept, error, sizeof kept);
        for (int w = 0; w < width; w++) {
            for (int j = 0; j < k; j++) {
                sy_context ctx;
                double moved[ORDINAL_K];
                const double h = 1e-5;
                sy_context_init(&ctx);
                memcpy(moved, q.estimate, sizeof moved);
                moved[j] += h;
                assert_true(ask(&ctx, kinds[c], 3, moved) >= 0);
                first[j] = value[5 * width + w];
                moved[j] -= 2 * h;
                assert_true(ask(&ctx, kinds[c], 3, moved) >= 0);
                slope[j] = (first[j] - value[5 * width + w]) / (2 * h);
                sy_context_free(&ctx);
            }
            double variance = 0;
            for (int a = 0; a < k; a++)
                for (int b = 0; b < k; b++) variance += slope[a] * q.covariance[a * k + b] * slope[b];
            near(kept[5 * width + w], sqrt(variance), 1e-6);
        }
    }
}

/* logit limits are those of the linear predictor taken through the link; P(y >=
 * cut) falls as P(y <= cut - 1) rises. */
static void limits_go_through_the_link(void **state)
{
    (void)state;
    double lower[FRAME_ROWS], upper[FRAME_ROWS];
    moore_high(&f);
    pose(&q, &f, "high ~ partner + fscore", SY_RESPONSE_BINARY);
    fitted_rows();
    asked(SY_PREDICT_LINEAR, 0);
    for (int i = 0; i < (int)f.n; i++) {
        near(low[i], value[i] - 1.959963984540054 * error[i], 1e-12);
        lower[i] = 1 / (1 + exp(-low[i]));
        upper[i] = 1 / (1 + exp(-high[i]));
    }
    asked(SY_PREDICT_MEAN, 0);
    for (int i = 0; i < (int)f.n; i++) {
        near(low[i], lower[i], 1e-12);
        near(high[i], upper[i], 1e-12);
    }
    asked(SY_PREDICT_CATEGORIES, 0);
    for (int i = 0; i < (int)f.n; i++) {
        near(high[2 * i], 1 - lower[i], 1e-11);
        near(low[2 * i + 1], lower[i], 1e-12);
    }
    pose_wine("rating ~ temp + contact; cloglog");
    asked(SY_PREDICT_CUMULATIVE, 0);
    for (int i = 0; i < (int)f.n; i++) {
        lower[i] = low[4 * i + 2];
        upper[i] = high[4 * i + 2];
    }
    asked(SY_PREDICT_AT_LEAST, 3);
    for (int i = 0; i < (int)f.n; i++) {
        near(1 - low[i], upper[i], 1e-12);
        near(1 - high[i], lower[i], 1e-12);
    }
}

static void a_missing_value_is_predicted_by_nan(void **state)
{
    (void)state;
    moore_high(&f);
    pose(&q, &f, "high ~ partner + fscore", SY_RESPONSE_BINARY);
    fitted_rows();
    f.value[frame_column(&f, "fscore")][7] = NAN;
    f.value[frame_column(&f, "high")][9] = NAN; /* the outcome is not looked at */
    asked(SY_PREDICT_MEAN, 0);
    assert_true(isnan(value[7]) && isnan(error[7]) && isnan(low[7]) && isnan(high[7]));
    assert_true(value[9] > 0 && error[9] > 0);
}

static void answers_do_not_depend_on_threads_or_lanes(void **state)
{
    (void)state;
    static double first[3][72 * 5];
    pose_wine("rating ~ temp + contact; scale temp; probit");
    for (int simd = 2; simd >= 0; simd--) {
        sy_context ctx;
        sy_context_init(&ctx);
        ctx.threads = 3 - simd;
        ctx.simd = simd;
        assert_true(ask(&ctx, SY_PREDICT_CATEGORIES, 0, q.estimate) >= 0);
        const double *const found[] = {value, error, low};
        for (int i = 0; i < 3; i++) {
            if (simd == 2) memcpy(first[i], found[i], sizeof first[i]);
            else assert_memory_equal(first[i], found[i], sizeof first[i]);
        }
        sy_context_free(&ctx);
    }
}

static void refuses(sy_predict_kind kind, int cut, const char *text)
{
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(ask(&ctx, kind, cut, q.estimate), SY_EINVAL);
    if (!strstr(ctx.message, text)) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    sy_context ctx;
    const sy_predictions out = {value, error, NULL, NULL}, all = {value, error, low, high};
    moore_high(&f);
    pose(&q, &f, "high ~ partner + fscore", SY_RESPONSE_BINARY);
    fitted_rows();
    refuses(SY_PREDICT_CUMULATIVE, 0, "cumulative");
    refuses(SY_PREDICT_AT_LEAST, 0, "cut");
    refuses((sy_predict_kind)9, 0, "9");
    sy_context_init(&ctx);
    assert_int_equal(sy_response_predict(&ctx, &f.design, &q.model, &q.shape, q.estimate, NULL, SY_PREDICT_MEAN, 0,
                                         0.95, HUGE_VAL, &out),
                     SY_EINVAL);
    assert_non_null(strstr(ctx.message, "covariance: none given"));
    assert_int_equal(sy_response_predict(&ctx, &f.design, &q.model, &q.shape, q.estimate, q.covariance, SY_PREDICT_MEAN,
                                         0, 1, HUGE_VAL, &all),
                     SY_EINVAL);
    assert_non_null(strstr(ctx.message, "level = 1"));
    q.shape.k = 7;
    assert_int_equal(sy_response_predict(&ctx, &f.design, &q.model, &q.shape, q.estimate, q.covariance, SY_PREDICT_MEAN,
                                         0, 0.95, HUGE_VAL, &out),
                     SY_EINVAL);
    assert_non_null(strstr(ctx.message, "7 given"));
    sy_context_free(&ctx);
    pose(&q, &f, "conformity ~ partner + fscore", SY_RESPONSE_POISSON);
    fitted_rows();
    refuses(SY_PREDICT_CATEGORIES, 0, "counts");
}

static sy_status job(void *arg, void *answer)
{
    (void)arg;
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status s = ask(&ctx, SY_PREDICT_CATEGORIES, 0, q.estimate);
    if (s >= 0) memcpy(answer, value, 100 * sizeof *value);
    sy_context_free(&ctx);
    return s;
}

static void survives_failing_memory(void **state)
{
    (void)state;
    pose_wine("rating ~ temp; nominal contact; scale temp");
    assert_true(syi_survives_failing(job, NULL, 100 * sizeof *value) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_the_fit_are_predicted_as_fitted),
        cmocka_unit_test(counts_and_binary_outcomes_likewise),
        cmocka_unit_test(errors_are_the_delta_methods),
        cmocka_unit_test(limits_go_through_the_link),
        cmocka_unit_test(a_missing_value_is_predicted_by_nan),
        cmocka_unit_test(answers_do_not_depend_on_threads_or_lanes),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(survives_failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
