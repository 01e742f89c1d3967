/* Linear mixed models where they are hard: variances of exactly zero, singular
 * covariance matrices, random starts, units, refusals, memory, threads.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "mixed_fitted.h"
#include "models/mixed/mixed_internal.h"

static fitted x;
static sy_context ctx;

static int open_context(void **state)
{
    (void)state;
    sy_context_init(&ctx);
    ctx.threads = 1;
    return 0;
}

static int close_context(void **state)
{
    (void)state;
    sy_context_free(&ctx);
    return 0;
}

static double uniform(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) / 16777216.0;
}

/* Groups g of 5 rows each with the same mean of y: nothing lies between groups. */
static void sample_without_groups(int groups)
{
    static const double y[5] = {1, 2, 4, -3, -4};
    frame *f = &x.m.f;
    f->n = groups * 5;
    f->p = 0;
    const int a = frame_add(f, "y", 0, 0), b = frame_add(f, "z", 0, 0), g = frame_add(f, "g", 1, groups);
    for (int i = 0; i < f->n; i++) {
        f->value[a][i] = 10 + y[(i + i / 5) % 5];
        f->value[b][i] = (i * 7 % 5) - 2;
        f->code[g][i] = i / 5;
    }
    sy_mixed_defaults(&x.options);
}

/* y = slope of z that differs by group, its intercepts an exact multiple of it: rank one, as the estimates are. */
static void sample_with_slopes(int groups)
{
    uint32_t state = 7;
    frame *f = &x.m.f;
    f->n = groups * 8;
    f->p = 0;
    const int a = frame_add(f, "y", 0, 0), b = frame_add(f, "z", 0, 0), g = frame_add(f, "g", 1, groups);
    for (int i = 0; i < f->n; i++) {
        const double z = i % 8 - 3.5, effect = sin(3.0 * (i / 8));
        f->value[a][i] = 2 + z + effect * (2 + z) + 3 * (uniform(&state) - 0.5);
        f->value[b][i] = z;
        f->code[g][i] = i / 8;
    }
    sy_mixed_defaults(&x.options);
}

static void no_variance_between_groups_is_exactly_zero(void **state)
{
    (void)state;
    for (int reml = 0; reml < 2; reml++) {
        sample_without_groups(20);
        mixed_fixed(&x.m, "y ~ z", "");
        mixed_bar(&x.m, "1", "g", 0);
        x.options.reml = reml;
        fitted_fit(&x, &ctx);
        assert_true(x.theta[0] == 0 && x.variance[0] == 0);
        assert_int_equal(x.s.boundary, 1);
        assert_int_equal(x.s.converged, 1);
        assert_true(isnan(x.theta_covariance[0]));
        for (int g = 0; g < 20; g++) assert_true(x.modes[g] == 0 && x.mode_variance[g] == 0);
        int said = 0;
        for (int k = 0; k < ctx.n_remarks; k++)
            said |= ctx.remarks[k].code == SY_NOTE_BOUNDARY && !strcmp(ctx.remarks[k].term, "g:(Intercept)") &&
                    strstr(ctx.remarks[k].text, "exactly 0") != NULL;
        assert_int_equal(said, 1);
    }
}

/* With a variance of zero the fit is that of least squares. */
static void at_zero_it_is_least_squares(void **state)
{
    double b[2], inverse[4];
    int aliased[2];
    sy_linear_summary s;
    const sy_linear_fit fit = {.coefficient = b, .aliased = aliased, .inverse = inverse, .effects = (double[2]){0}};
    (void)state;
    sample_without_groups(20);
    mixed_fixed(&x.m, "y ~ z", "");
    mixed_bar(&x.m, "1", "g", 0);
    fitted_fit(&x, &ctx);
    assert_true(sy_linear(&ctx, &x.m.f.design, &x.m.f.model, NULL, &s, &fit) >= 0);
    for (int c = 0; c < 2; c++) near(x.estimate[c], b[c], 1e-13);
    near(x.s.sigma, s.sigma, 1e-13);
    for (int i = 0; i < 4; i++)
        if (fabs(inverse[i]) > 1e-12) near(x.covariance[i], s.sigma * s.sigma * inverse[i], 1e-12);
    x.options.reml = 0;
    fitted_fit(&x, &ctx);
    near(x.s.loglik, s.loglik, 1e-13);
}

static void singular_covariance_has_a_pivot_of_exactly_zero(void **state)
{
    (void)state;
    sample_with_slopes(12);
    mixed_fixed(&x.m, "y ~ z", "");
    mixed_bar(&x.m, "1 + z", "g", 0);
    fitted_fit(&x, &ctx);
    assert_int_equal(x.s.converged, 1);
    assert_int_equal(x.s.boundary, 1);
    assert_true(x.theta[0] > 0 && x.theta[2] == 0);
    near(x.variance[1] * x.variance[1], x.variance[0] * x.variance[3], 1e-12);
    int said = 0;
    for (int k = 0; k < ctx.n_remarks; k++)
        said |= ctx.remarks[k].code == SY_NOTE_BOUNDARY && !strcmp(ctx.remarks[k].term, "g:z");
    assert_int_equal(said, 1);
}

/* Twenty starts, T's diagonal from 0.01 to 100, off it from -10 to 10. */
static void starts_reach_one_optimum(void)
{
    uint32_t state = 99;
    double start[FIT_THETA], first[FIT_THETA], criterion = 0;
    for (int k = 0; k < 20; k++) {
        x.options.start = k > 0 ? start : NULL;
        fitted_fit(&x, &ctx);
        assert_int_equal(x.s.converged, 1);
        if (k == 0) criterion = x.s.criterion;
        if (k == 0) memcpy(first, x.theta, sizeof first);
        near(x.s.criterion, criterion, 1e-12);
        for (int t = 0; t < x.shape.n_theta; t++)
            if (fabs(x.theta[t] - first[t]) > 1e-9 * fmax(fabs(first[t]), 0.1))
                fail_msg("start %d: theta %.17g, first %.17g", k, x.theta[t], first[t]);
        for (int t = 0; t < x.shape.n_theta; t++)
            start[t] = x.shape.n_theta == 3 && t == 1 ? 20 * uniform(&state) - 10 : pow(10, 4 * uniform(&state) - 2);
    }
    x.options.start = NULL;
}

static void twenty_starts_reach_one_optimum(void **state)
{
    (void)state;
    fitted_read(&x, "sleepstudy", "Subject");
    for (int reml = 0; reml < 2; reml++) {
        mixed_fixed(&x.m, "Reaction ~ Days", "");
        mixed_bar(&x.m, "1 + Days", "Subject", 0);
        x.options.reml = reml;
        starts_reach_one_optimum();
        mixed_fixed(&x.m, "Reaction ~ Days", "");
        mixed_bar(&x.m, "1 + Days", "Subject", 1);
        starts_reach_one_optimum();
    }
    fitted_read(&x, "dyestuff", "Batch");
    mixed_fixed(&x.m, "Yield ~ 1", "");
    mixed_bar(&x.m, "1", "Batch", 0);
    starts_reach_one_optimum();
    for (int reml = 0; reml < 2; reml++) {
        fitted_read(&x, "penicillin", "plate sample");
        x.options.reml = reml;
        mixed_fixed(&x.m, "diameter ~ 1", "");
        mixed_bar(&x.m, "1", "plate", 0);
        mixed_bar(&x.m, "1", "sample", 0);
        starts_reach_one_optimum();
        fitted_read(&x, "pastes", "batch sample");
        x.options.reml = reml;
        mixed_fixed(&x.m, "strength ~ 1", "");
        mixed_bar(&x.m, "1", "sample", 0);
        mixed_bar(&x.m, "1", "batch", 0);
        starts_reach_one_optimum();
    }
    sample_with_slopes(12);
    mixed_fixed(&x.m, "y ~ z", "");
    mixed_bar(&x.m, "1 + z", "g", 0);
    starts_reach_one_optimum();
    sample_without_groups(20);
    mixed_fixed(&x.m, "y ~ z", "");
    mixed_bar(&x.m, "1", "g", 0);
    starts_reach_one_optimum();
}

/* Two groups and a predictor of theirs: their difference is its coefficient, and the restricted likelihood says nothing
 * of the variance between groups. */
static void a_variance_that_cannot_be_told_is_zero_and_said(void **state)
{
    (void)state;
    sample_with_slopes(2);
    frame *f = &x.m.f;
    const int u = frame_add(f, "u", 0, 0), g = frame_column(f, "g");
    for (int i = 0; i < f->n; i++) f->value[u][i] = f->code[g][i] ? 1.7 : -0.4;
    mixed_fixed(&x.m, "y ~ u + z", "");
    mixed_bar(&x.m, "1", "g", 0);
    x.options.reml = 1;
    fitted_fit(&x, &ctx);
    assert_true(x.theta[0] == 0 && x.variance[0] == 0 && x.s.boundary == 1 && x.s.converged == 1);
    assert_true(x.s.sigma > 0 && sqrt(x.covariance[1 * x.shape.k + 1]) < 100);
    int said = 0;
    for (int r = 0; r < ctx.n_remarks; r++)
        said |= strstr(ctx.remarks[r].text, "cannot be told from these rows") != NULL;
    assert_int_equal(said, 1);
}

/* Days counted from the year 0 in seconds: the slope's variance scales, all else stays. */
static void origin_and_unit_of_a_slope_do_not_matter(void **state)
{
    (void)state;
    fitted_read(&x, "sleepstudy", "Subject");
    mixed_fixed(&x.m, "Reaction ~ Days", "");
    mixed_bar(&x.m, "1 + Days", "Subject", 0);
    fitted_fit(&x, &ctx);
    const double criterion = x.s.criterion, slope = x.estimate[1], variance = x.variance[3], sigma = x.s.sigma;
    const double far = x.fitted[100];
    double *days = x.m.f.value[frame_column(&x.m.f, "Days")];
    for (int i = 0; i < x.m.f.n; i++) days[i] = 2000 + 86400 * days[i];
    fitted_fit(&x, &ctx);
    near(x.s.criterion, criterion + 2 * log(86400), 1e-10);
    near(x.estimate[1] * 86400, slope, 1e-10);
    near(x.variance[3] * 86400 * 86400, variance, 1e-8);
    near(x.s.sigma, sigma, 1e-9);
    near(x.fitted[100], far, 1e-9);
}

/* A row of frequency f is f rows. */
static void frequencies_repeat_rows(void **state)
{
    static double weight[FRAME_ROWS];
    static sy_column column = {.name = "f", .data = weight, .stride = sizeof(double), .type = SY_F64};
    double found[4];
    (void)state;
    sample_with_slopes(12);
    frame *f = &x.m.f;
    const ptrdiff_t n = f->n;
    for (int i = 0; i < n; i++) weight[i] = 1 + i % 3;
    mixed_fixed(&x.m, "y ~ z", "");
    mixed_bar(&x.m, "1", "g", 0);
    f->design.weights = &column;
    f->design.weight_kind = SY_WEIGHT_FREQUENCY;
    fitted_fit(&x, &ctx);
    const double one[4] = {x.s.criterion, x.s.n, x.estimate[1], x.variance[0]};
    for (int i = 0; i < n; i++)
        for (int k = 0; k < i % 3; k++) {
            for (int c = 0; c < 2; c++) f->value[c][f->n] = f->value[c][i];
            f->code[2][f->n++] = f->code[2][i];
        }
    mixed_fixed(&x.m, "y ~ z", "");
    mixed_bar(&x.m, "1", "g", 0);
    fitted_fit(&x, &ctx);
    memcpy(found, (double[4]){x.s.criterion, x.s.n, x.estimate[1], x.variance[0]}, sizeof found);
    for (int k = 0; k < 4; k++) near(found[k], one[k], 1e-11);
}

static void refuses(const char *words)
{
    sy_mixed_summary s;
    const sy_status status = sy_mixed(&ctx, &x.m.f.design, &x.m.model, &x.options, &s, NULL);
    if (status >= 0) fail_msg("no refusal: %s", words);
    if (!strstr(ctx.message, words)) fail_msg("\"%s\" does not say \"%s\"", ctx.message, words);
}

static void what_cannot_be_told_apart_is_refused(void **state)
{
    static double weight[FRAME_ROWS];
    static sy_column column = {.name = "w", .data = weight, .stride = sizeof(double), .type = SY_F64};
    (void)state;
    sample_with_slopes(12);
    frame *f = &x.m.f;
    mixed_fixed(&x.m, "y ~ z", "");
    mixed_bar(&x.m, "1 + z", "g", 0);
    for (int i = 0; i < f->n; i++) weight[i] = 1;
    f->design.weights = &column;
    f->design.weight_kind = SY_WEIGHT_SAMPLING;
    refuses("sampling weights");
    f->design.weights = NULL;
    f->design.weight_kind = SY_WEIGHT_NONE;
    x.options.tolerance = 0;
    refuses("tolerance");
    x.options.tolerance = 1e-9;
    x.options.reml = 2;
    refuses("reml");
    x.options.reml = 1;
    for (int i = 0; i < f->n; i++) f->code[2][i] = 3;
    refuses("one level only (g4)");
    f->n = f->design.n = 12;
    for (int i = 0; i < f->n; i++) f->code[2][i] = i;
    refuses("12 levels for 12 rows");
    for (int i = 0; i < f->n; i++) f->code[2][i] = i / 2;
    refuses("there must be fewer than rows");
    x.m.model.n_random = 0;
    refuses("no bar term");
    mixed_bar(&x.m, "1", "g", 0);
    for (int i = 0; i < f->n; i++) f->value[0][i] = 5;
    refuses("constant");
    for (int i = 0; i < f->n; i++) f->value[0][i] = f->code[2][i];
    refuses("fitted exactly");
}

static sy_status whole_fit(void *arg, void *answer)
{
    sy_context own;
    sy_mixed_summary s;
    const sy_mixed_fit fit = {x.estimate, x.aliased, x.covariance,    x.theta, x.theta_covariance,
                              x.variance, x.modes,   x.mode_variance, NULL,    x.fitted};
    (void)arg;
    sy_context_init(&own);
    own.threads = 1;
    const sy_status status = sy_mixed(&own, &x.m.f.design, &x.m.model, &x.options, &s, &fit);
    if (status >= 0) {
        memcpy(answer, x.estimate, 2 * sizeof(double));
        memcpy((double *)answer + 2, x.theta, 3 * sizeof(double));
        ((double *)answer)[5] = s.criterion;
    }
    sy_context_free(&own);
    return status;
}

static void failing_allocations_leave_nothing(void **state)
{
    (void)state;
    sample_with_slopes(12);
    mixed_fixed(&x.m, "y ~ z", "");
    mixed_bar(&x.m, "1 + z", "g", 0);
    assert_true(syi_survives_failing(whole_fit, NULL, 6 * sizeof(double)) > 20);
}

/* 20,000 rows in scattered groups, by one and three threads and all kernels. */
static void threads_and_kernels_give_the_same_bits(void **state)
{
    uint32_t state_ = 3;
    double answer[4][7];
    (void)state;
    frame *f = &x.m.f;
    f->n = FRAME_ROWS - 1;
    f->p = 0;
    const int a = frame_add(f, "y", 0, 0), b = frame_add(f, "z", 0, 0), g = frame_add(f, "g", 1, 100);
    for (int i = 0; i < f->n; i++) {
        f->code[g][i] = (int32_t)(100 * uniform(&state_));
        f->value[b][i] = uniform(&state_);
        f->value[a][i] = f->value[b][i] * (1 + cos(f->code[g][i])) + sin(f->code[g][i]) + 3 * uniform(&state_);
    }
    sy_mixed_defaults(&x.options);
    mixed_fixed(&x.m, "y ~ z", "");
    mixed_bar(&x.m, "1 + z", "g", 0);
    for (int k = 0; k < 4; k++) {
        sy_context own;
        sy_context_init(&own);
        own.threads = k == 1 ? 3 : 1;
        own.simd = k == 2 ? 1 : own.simd;
        fitted_fit(&x, &own);
        const double all[7] = {x.s.criterion, x.estimate[0], x.estimate[1], x.theta[0],
                               x.theta[1],    x.theta[2],    x.modes[17]};
        memcpy(answer[k], all, sizeof all);
        sy_context_free(&own);
        assert_memory_equal(answer[k], answer[0], sizeof all);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_variance_between_groups_is_exactly_zero, open_context, close_context),
        cmocka_unit_test_setup_teardown(at_zero_it_is_least_squares, open_context, close_context),
        cmocka_unit_test_setup_teardown(singular_covariance_has_a_pivot_of_exactly_zero, open_context, close_context),
        cmocka_unit_test_setup_teardown(a_variance_that_cannot_be_told_is_zero_and_said, open_context, close_context),
        cmocka_unit_test_setup_teardown(twenty_starts_reach_one_optimum, open_context, close_context),
        cmocka_unit_test_setup_teardown(origin_and_unit_of_a_slope_do_not_matter, open_context, close_context),
        cmocka_unit_test_setup_teardown(frequencies_repeat_rows, open_context, close_context),
        cmocka_unit_test_setup_teardown(what_cannot_be_told_apart_is_refused, open_context, close_context),
        cmocka_unit_test_setup_teardown(failing_allocations_leave_nothing, open_context, close_context),
        cmocka_unit_test_setup_teardown(threads_and_kernels_give_the_same_bits, open_context, close_context),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
