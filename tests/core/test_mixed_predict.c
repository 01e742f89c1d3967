/* Predictions from mixed models: rows of the fit get their fitted values back, levels that were not seen the fixed
 * part. SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "mixed_frame.h"

#include "steelyard/mixed_predict.h"
#include <math.h>

enum { N = 300, MOST = 64, A = 9, B = 7, C = 5 };

typedef struct {
    mixed_frame m;
    sy_mixed_shape shape;
    double estimate[8], theta[8], variance[16], modes[MOST], linear[N], fitted[N], covariance[64];
    int aliased[8];
    double half[N]; /* an offset */
    sy_column offset;
    sy_column seen[3]; /* groups with one level more */
    const char *level[3][A + 1];
    sy_random random[3];
    sy_mixed_model later;
} problem;

static problem p;

/* y ~ x + (1 + x | a) + (1 | b), rows fitted. */
static void make(int linear)
{
    sy_context ctx;
    sy_context_init(&ctx);
    memset(&p, 0, sizeof p);
    mixed_sample(&p.m, N, A, B, C);
    mixed_fixed(&p.m, "y ~ x", "");
    mixed_bar(&p.m, "1 + x", "a", 0);
    mixed_bar(&p.m, "1", "b", 0);
    const int y = frame_column(&p.m.f, "y");
    for (int i = 0; i < N; i++) {
        p.half[i] = i % 2 ? 0.5 : 0;
        if (!linear) p.m.f.value[y][i] = p.m.f.value[y][i] > 3.2;
    }
    p.offset = (sy_column){.name = "half", .data = p.half, .type = SY_F64, .stride = (ptrdiff_t)sizeof(double)};
    p.m.model.linear = linear;
    p.m.model.response.offset = &p.offset;
    const sy_mixed_fit fit = {.estimate = p.estimate,
                              .aliased = p.aliased,
                              .covariance = p.covariance,
                              .theta = p.theta,
                              .variance = p.variance,
                              .modes = p.modes,
                              .linear = p.linear,
                              .fitted = p.fitted};
    sy_mixed_options options;
    sy_mixed_summary summary;
    sy_mixed_defaults(&options);
    if (sy_mixed_shape_of(&ctx, &p.m.f.design, &p.m.model, &p.shape) < 0) fail_msg("%s", ctx.message);
    assert_true(p.shape.n_modes == 2 * A + B);
    if (sy_mixed(&ctx, &p.m.f.design, &p.m.model, &options, &summary, &fit) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
    p.later = p.m.model;
    p.later.random = p.random;
    for (int k = 0; k < 2; k++) {
        p.random[k] = p.m.random[k];
        p.seen[k] = *p.m.random[k].group;
        for (int l = 0; l < p.seen[k].n_levels; l++) p.level[k][l] = p.seen[k].levels[l];
        p.level[k][p.seen[k].n_levels++] = "(not seen)";
        p.seen[k].levels = p.level[k];
        p.random[k].group = &p.seen[k];
    }
}

static void predict(const double *modes, sy_predict_kind kind, double *value)
{
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status s = sy_mixed_predict(&ctx, &p.m.f.design, &p.later, &p.shape, p.estimate, modes, kind, value);
    if (s < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static void rows_of_the_fit_get_their_fitted_values_back(void **state)
{
    (void)state;
    double value[N];
    make(1);
    predict(p.modes, SY_PREDICT_MEAN, value);
    for (int i = 0; i < N; i++) assert_true(fabs(value[i] - p.fitted[i]) <= 1e-12 * fabs(p.fitted[i]));
    make(0);
    predict(p.modes, SY_PREDICT_MEAN, value);
    for (int i = 0; i < N; i++) assert_true(fabs(value[i] - p.fitted[i]) <= 1e-10);
    predict(p.modes, SY_PREDICT_LINEAR, value);
    for (int i = 0; i < N; i++) assert_true(fabs(value[i] - p.linear[i]) <= 1e-10);
}

static void without_effects_it_is_the_fixed_part(void **state)
{
    (void)state;
    const int x = frame_column(&p.m.f, "x");
    double value[N];
    make(1);
    predict(NULL, SY_PREDICT_MEAN, value);
    for (int i = 0; i < N; i++) {
        const double by_hand = p.estimate[0] + p.estimate[1] * p.m.f.value[x][i] + p.half[i];
        assert_true(fabs(value[i] - by_hand) <= 1e-13 * fabs(by_hand));
    }
}

static void levels_not_seen_have_effects_of_zero_and_missing_ones_none(void **state)
{
    (void)state;
    double fixed[N], value[N];
    make(1);
    const int a = frame_column(&p.m.f, "a"), b = frame_column(&p.m.f, "b"), x = frame_column(&p.m.f, "x");
    predict(NULL, SY_PREDICT_MEAN, fixed);
    p.m.f.code[a][0] = A;
    p.m.f.code[b][0] = B;
    p.m.f.code[a][1] = -1;
    p.m.f.value[x][2] = (double)NAN;
    p.half[3] = (double)NAN;
    predict(p.modes, SY_PREDICT_MEAN, value);
    assert_true(value[0] == fixed[0]);
    for (int i = 1; i <= 3; i++) assert_true(isnan(value[i]));
    assert_true(value[4] != fixed[4] && !isnan(value[4]));
}

static void effects_of_another_fit_are_refused(void **state)
{
    (void)state;
    double value[N];
    sy_context ctx;
    sy_context_init(&ctx);
    make(1);
    p.shape.n_modes++;
    assert_int_equal(
        sy_mixed_predict(&ctx, &p.m.f.design, &p.later, &p.shape, p.estimate, p.modes, SY_PREDICT_MEAN, value),
        SY_EINVAL);
    assert_string_equal(ctx.message, "predict: the fit has 26 effects of groups, these rows ask for 25");
    sy_context_free(&ctx);
}

static sy_status job(void *arg, void *answer)
{
    (void)arg;
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status s =
        sy_mixed_predict(&ctx, &p.m.f.design, &p.later, &p.shape, p.estimate, p.modes, SY_PREDICT_MEAN, answer);
    sy_context_free(&ctx);
    return s;
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    for (int linear = 0; linear <= 1; linear++) {
        make(linear);
        assert_true(syi_survives_failing(job, NULL, N * sizeof(double)) > 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_the_fit_get_their_fitted_values_back),
        cmocka_unit_test(without_effects_it_is_the_fixed_part),
        cmocka_unit_test(levels_not_seen_have_effects_of_zero_and_missing_ones_none),
        cmocka_unit_test(effects_of_another_fit_are_refused),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
