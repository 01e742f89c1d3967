/* What mixed models say of their variances and groups.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "mixed_fitted.h"
#include "steelyard/distribution.h"
#include "steelyard/mixed_inference.h"

enum { MOST = 24, BOOT = 2000 };

static fitted x;
static sy_context ctx;

static int setup(void **state)
{
    (void)state;
    sy_context_init(&ctx);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sy_context_free(&ctx);
    return 0;
}

static void sleepstudy(void)
{
    fitted_read(&x, "sleepstudy", "Subject");
    mixed_fixed(&x.m, "Reaction ~ Days", "");
    mixed_bar(&x.m, "1 + Days", "Subject", 0);
}

static void penicillin(void)
{
    fitted_read(&x, "penicillin", "plate sample");
    mixed_fixed(&x.m, "diameter ~ 1", "");
    mixed_bar(&x.m, "1", "plate", 0);
    mixed_bar(&x.m, "1", "sample", 0);
}

static void dyestuff(void)
{
    fitted_read(&x, "dyestuff", "Batch");
    mixed_fixed(&x.m, "Yield ~ 1", "");
    mixed_bar(&x.m, "1", "Batch", 0);
}

/* No differences between groups but those of an unlucky draw within them. */
static void alike(void)
{
    mixed_sample(&x.m, 120, 10, 5, 4);
    for (int i = 0; i < 120; i++) {
        x.m.f.code[3][i] = i % 10;
        x.m.f.value[0][i] = (i / 10) * (i / 10 % 2 ? 1 : -1) + 0.01 * (i % 7);
    }
    mixed_fixed(&x.m, "y ~ 1", "");
    mixed_bar(&x.m, "1", "a", 0);
    sy_mixed_defaults(&x.options);
}

static sy_mixed_fitted of_fit(void)
{
    fitted_fit(&x, &ctx);
    return (sy_mixed_fitted){.estimate = x.estimate,
                             .theta = x.theta,
                             .theta_covariance = x.theta_covariance,
                             .modes = x.modes,
                             .mode_variance = x.mode_variance,
                             .sigma = x.s.sigma,
                             .theta_count = NAN};
}

static sy_status explain(const sy_mixed_fitted *f, sy_mixed_explained_summary *s, double *variance, double *icc)
{
    return sy_mixed_explained(&ctx, &x.m.f.design, &x.m.model, f, s, variance, icc);
}

static sy_status icc_of(const sy_mixed_fitted *f, int bar, sy_icc_method method, sy_icc *icc)
{
    return sy_mixed_icc(&ctx, &x.m.f.design, &x.m.model, &x.options, f, bar, method, 0.95, icc);
}

/* performance 0.10.2, by Johnson's formula */
static void r2_and_icc_of_a_model_with_slopes_agree_with_r(void **state)
{
    (void)state;
    record r;
    int held = 0;
    sy_mixed_explained_summary s;
    sleepstudy();
    const sy_mixed_fitted f = of_fit();
    assert_true(explain(&f, &s, NULL, NULL) >= 0);
    FILE *file = open_table("tests/reference/cases.csv", &r);
    while (next_case(file, "lmm_r2", &r)) {
        const char *q = r.field[CASE_QUANTITY];
        const double found = !strcmp(q, "r2_marginal")      ? s.marginal
                             : !strcmp(q, "r2_conditional") ? s.conditional
                                                            : s.icc_adjusted;
        near(found, strtod(r.field[CASE_EXPECTED], NULL), 1e-8);
        held++;
    }
    fclose(file);
    assert_int_equal(held, 3);
    near(s.fixed + s.residual, s.total * (1 - s.icc_unadjusted), 1e-14);
}

static void parts_of_the_variance_are_those_of_the_fit(void **state)
{
    (void)state;
    sy_mixed_explained_summary s;
    double variance[2], icc[2];
    penicillin();
    const sy_mixed_fitted f = of_fit();
    assert_true(explain(&f, &s, variance, icc) >= 0);
    assert_true(s.fixed < 1e-25 && s.marginal < 1e-25);
    near(variance[0], x.variance[0], 1e-13);
    near(variance[1], x.variance[1], 1e-13);
    near(s.residual, x.s.sigma * x.s.sigma, 1e-14);
    near(icc[0] + icc[1], s.icc_adjusted, 1e-14);
    near(s.icc_adjusted, s.conditional, 1e-13);
}

/* what lme4 1.1.31 prints of profile(fit, delta = 0.05), which joins its points by splines: 1e-6 is what
 * they bear (tests/reference/make_mixed_profile.R) */
static void hold_profile(const double *expected, int n)
{
    char text[MOST][64];
    double estimate[MOST], lower[MOST], upper[MOST];
    const sy_mixed_limits limits = {estimate, lower, upper};
    int found;
    assert_true(sy_mixed_parameters(&ctx, &x.m.f.design, &x.m.model, &found, text[0], 64) >= 0);
    assert_int_equal(found, n);
    assert_int_equal(sy_mixed_profile(&ctx, &x.m.f.design, &x.m.model, NULL, 0.95, 0, NULL, &limits),
                     SY_NOTE_FEW_CLUSTERS); /* under 50 groups: what such limits cover is said */
    for (int k = 0; k < n; k++) {
        near(lower[k], expected[2 * k], 1e-6);
        near(upper[k], expected[2 * k + 1], 1e-6);
        assert_true(lower[k] < estimate[k] && estimate[k] < upper[k]);
    }
}

static void profile_limits_agree_with_lme4(void **state)
{
    (void)state;
    sleepstudy();
    hold_profile((double[]){14.3813862106, 37.7160356607, -0.4814925816, 0.6850192244, 3.8011779185, 8.7533839050,
                            22.8982565098, 28.8579985145, 237.6806898864, 265.1295198010, 7.3586520447, 13.5759199189},
                 6);
    penicillin();
    hold_profile((double[]){0.6335652035, 1.1821033296, 1.0958314788, 3.5563223795, 0.4858455601, 0.6294534263,
                            21.2666082453, 24.6778361991},
                 4);
    dyestuff();
    hold_profile((double[]){12.19651167, 84.06341074, 38.23012331, 67.65767278, 1486.45148778, 1568.54851222}, 3);
}

static void profiles_do_not_depend_on_the_order_of_effects(void **state)
{
    (void)state;
    double a[3][MOST], b[3][MOST];
    const sy_mixed_limits first = {a[0], a[1], a[2]}, second = {b[0], b[1], b[2]};
    sleepstudy();
    assert_int_equal(sy_mixed_profile(&ctx, &x.m.f.design, &x.m.model, NULL, 0.9, 0, NULL, &first) >= 0, 1);
    /* the same model with a column of ones and Days in the other order */
    const int one = frame_add(&x.m.f, "one", 0, 0);
    for (int i = 0; i < x.m.f.n; i++) x.m.f.value[one][i] = 1;
    mixed_fixed(&x.m, "Reaction ~ Days", "one");
    mixed_bar(&x.m, "0 + Days + one", "Subject", 0);
    if (sy_mixed_profile(&ctx, &x.m.f.design, &x.m.model, NULL, 0.9, 0, NULL, &second) < 0) fail_msg("%s", ctx.message);
    const int pair[6] = {2, 1, 0, 3, 4, 5};
    for (int k = 0; k < 6; k++)
        for (int c = 0; c < 3; c++) near(a[c][k], b[c][pair[k]], 1e-7);
}

static void a_variance_of_zero_has_the_lower_limit_zero(void **state)
{
    (void)state;
    double estimate[MOST], lower[MOST], upper[MOST];
    const sy_mixed_limits limits = {estimate, lower, upper};
    alike();
    assert_true(sy_mixed_profile(&ctx, &x.m.f.design, &x.m.model, NULL, 0.95, 0, NULL, &limits) >= 0);
    assert_true(estimate[0] == 0 && lower[0] == 0 && upper[0] > 0 && upper[0] < estimate[1]);
    const sy_mixed_fitted f = of_fit();
    sy_icc icc;
    assert_true(icc_of(&f, 0, SY_ICC_PROFILE, &icc) >= 0);
    assert_true(icc.estimate == 0 && icc.lower == 0 && icc.upper > 0 && icc.upper < 1);
    assert_true(icc_of(&f, 0, SY_ICC_EXACT, &icc) >= 0);
    assert_true(icc.lower == 0 && icc.upper >= 0 && icc.upper < 1);
    assert_int_equal(icc_of(&f, 0, SY_ICC_DELTA, &icc), SY_NOTE_INTERVAL_SKIPPED);
    assert_true(isnan(icc.lower) && isnan(icc.upper));
}

static void only_parameters_asked_for_have_limits(void **state)
{
    (void)state;
    double estimate[MOST], lower[MOST], upper[MOST];
    const sy_mixed_limits limits = {estimate, lower, upper};
    penicillin();
    assert_int_equal(sy_mixed_profile(&ctx, &x.m.f.design, &x.m.model, NULL, 0.95, 1, (int[]){2}, &limits), SY_OK);
    near(lower[2], 0.4858455601, 1e-6);
    assert_true(isnan(lower[0]) && isnan(upper[1]) && isnan(lower[3]) && estimate[3] > 0);
}

/* Searle 1971, section 9.9: F0 = MSB / MSW, m answers a group, limits (F0 / F - 1) / (F0 / F - 1 + m) */
static void exact_limits_of_balanced_data_are_those_of_f(void **state)
{
    (void)state;
    sy_icc icc;
    dyestuff();
    const sy_mixed_fitted f = of_fit();
    assert_true(icc_of(&f, 0, SY_ICC_EXACT, &icc) >= 0);
    near(icc.estimate, 0.41848741489336283, 1e-9);
    /* 6 batches of 5: MSB = 11271.5, MSW = 2451.25 [Davies & Goldsmith 1972, table 6.3] */
    const double f0 = 11271.5 / 2451.25, at[2] = {icc.lower, icc.upper}, tails[2] = {0.025, 0.975};
    for (int k = 0; k < 2; k++) {
        double tail;
        assert_int_equal(sy_distribution_f_tail(&ctx, f0 / (5 * at[k] / (1 - at[k]) + 1), 5, 24, &tail), SY_OK);
        near(tail, tails[k], 1e-9);
    }
}

/* delta against the variance of log((1 + (m - 1) icc) / (1 - icc)) = log F0 + const: 2 / df1 + 2 / df2 about; here only
 * that all three methods agree in what they are about */
static void methods_of_an_icc_bracket_its_estimate(void **state)
{
    (void)state;
    sy_icc icc[3];
    dyestuff();
    const sy_mixed_fitted f = of_fit();
    for (int k = 0; k < 3; k++) {
        assert_true(icc_of(&f, k == 1 ? -1 : 0, (sy_icc_method)k, &icc[k]) >= 0);
        near(icc[k].estimate, icc[0].estimate, 1e-14);
        assert_true(0 <= icc[k].lower && icc[k].lower < icc[k].estimate && icc[k].estimate < icc[k].upper &&
                    icc[k].upper < 1);
    }
    /* the slope of logit(theta^2) is 2 / theta */
    const double e = icc[0].estimate, se = sqrt(x.theta_covariance[0]) * 2 / x.theta[0] * e * (1 - e);
    near(icc[0].std_error, se, 1e-12);
    near(log(icc[0].upper / (1 - icc[0].upper)) + log(icc[0].lower / (1 - icc[0].lower)), 2 * log(e / (1 - e)), 1e-10);
}

/* balanced and far from the boundary: sigma^2 is MSE, and (n - rank) MSE / sigma^2 is chi-squared with 144 - 24 - 6 + 1
 * = 115 degrees of freedom; 4 Monte Carlo errors */
static void replicates_have_the_distribution_of_the_model(void **state)
{
    (void)state;
    static double replicate[BOOT * 4];
    double estimate[4], lower[4], upper[4], se[4], mean = 0, square = 0;
    const sy_mixed_limits limits = {estimate, lower, upper};
    const sy_mixed_boot boot = {.replicates = BOOT, .seed = 7, .level = 0.95};
    int boundary;
    penicillin();
    of_fit();
    assert_true(
        sy_mixed_bootstrap(&ctx, &x.m.f.design, &x.m.model, &x.options, &boot, &limits, se, replicate, &boundary) >= 0);
    assert_int_equal(boundary, 0);
    near(estimate[2], x.s.sigma, 1e-9);
    for (int r = 0; r < BOOT; r++) {
        const double v = 115 * pow(replicate[4 * r + 2] / estimate[2], 2);
        mean += v / BOOT;
        square += v * v / BOOT;
    }
    assert_true(fabs(mean - 115) < 4 * sqrt(230.0 / BOOT));
    assert_true(fabs((square - mean * mean) / 230 - 1) < 4 * sqrt(2.1 / BOOT));
    /* the intercept is normal with the fit's standard error, which in balanced data does not depend on the weights */
    assert_true(fabs(se[3] / fitted_error(&x, 0) - 1) < 4 / sqrt(2.0 * BOOT));
    for (int k = 0; k < 4; k++) assert_true(lower[k] < estimate[k] && estimate[k] < upper[k]);
}

static void a_replicate_is_its_own_stream(void **state)
{
    (void)state;
    double few[3 * 10], many[3 * 20], out[3][3];
    const sy_mixed_limits limits = {out[0], out[1], out[2]};
    sy_mixed_boot boot = {.replicates = 10, .seed = 3, .level = 0.9};
    dyestuff();
    assert_true(sy_mixed_bootstrap(&ctx, &x.m.f.design, &x.m.model, NULL, &boot, &limits, NULL, few, NULL) >= 0);
    boot.replicates = 20;
    assert_true(sy_mixed_bootstrap(&ctx, &x.m.f.design, &x.m.model, NULL, &boot, &limits, NULL, many, NULL) >= 0);
    assert_memory_equal(few, many, sizeof few);
    boot.seed = 4;
    assert_true(sy_mixed_bootstrap(&ctx, &x.m.f.design, &x.m.model, NULL, &boot, &limits, NULL, many, NULL) >= 0);
    assert_true(few[0] != many[0]);
}

/* balanced, one factor: the effects are independent but for a common shift, which no rank sees, so the expected rank is
 * 1 + sum Phi((u_i - u_j) / sqrt(2 v)) [Laird & Louis 1989]; 4 Monte Carlo errors */
static void expected_ranks_are_those_of_the_formula(void **state)
{
    (void)state;
    double estimate[6], se[6], expected[6], lower[6], upper[6], top[6], bottom[6], reliability[6], sum = 0, first = 0;
    const sy_mixed_rank_table t = {estimate, se, expected, lower, upper, top, bottom, reliability};
    dyestuff();
    const sy_mixed_fitted f = of_fit();
    assert_true(sy_mixed_ranks(&ctx, &x.m.f.design, &x.m.model, NULL, &f, NULL, &t) >= 0);
    const double lambda = x.theta[0] * x.theta[0], v = x.s.sigma * x.s.sigma * lambda / (1 + 5 * lambda);
    for (int i = 0; i < 6; i++) {
        double rank = 1;
        for (int j = 0; j < 6; j++) rank += j == i ? 0 : 0.5 * erfc((x.modes[j] - x.modes[i]) / sqrt(2 * v) / sqrt(2));
        assert_true(fabs(expected[i] - rank) < 4 * 1.8 / sqrt(10000));
        assert_true(estimate[i] == x.modes[i] && lower[i] <= expected[i] && expected[i] <= upper[i]);
        /* Henderson's prediction error: that given the mean, and the shrunken share of the mean's own */
        const double mean = pow(fitted_error(&x, 0) * 5 * lambda / (1 + 5 * lambda), 2);
        near(se[i] * se[i], v + mean, 1e-9);
        near(reliability[i], 1 - se[i] * se[i] / x.variance[0], 1e-12);
        sum += expected[i];
        first += top[i];
    }
    near(sum, 21, 1e-12);
    near(first, 1, 1e-12); /* ceil(0.1 * 6) = 1 batch */
}

static void groups_that_do_not_differ_have_no_order(void **state)
{
    (void)state;
    double expected[10], p_top[10];
    const sy_mixed_rank_table t = {.expected = expected, .p_top = p_top};
    const sy_mixed_rank_options o = {.draws = 2000, .seed = 5, .level = 0.95, .top = 0.3};
    alike();
    sy_mixed_fitted f = of_fit();
    const double little = 1e-3;
    f.theta = &little;
    assert_true(sy_mixed_ranks(&ctx, &x.m.f.design, &x.m.model, NULL, &f, &o, &t) >= 0);
    for (int g = 0; g < 10; g++)
        assert_true(fabs(expected[g] - 5.5) < 4 * 2.9 / sqrt(2000) && fabs(p_top[g] - 0.3) < 4 * 0.46 / sqrt(2000));
}

static void what_cannot_be_asked_is_refused(void **state)
{
    (void)state;
    double out[3][MOST];
    const sy_mixed_limits limits = {out[0], out[1], out[2]};
    sy_icc icc;
    sleepstudy();
    sy_mixed_fitted f = of_fit();
    const sy_design *d = &x.m.f.design;
    assert_int_equal(sy_mixed_profile(&ctx, d, &x.m.model, NULL, 1, 0, NULL, &limits), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "level"));
    assert_int_equal(sy_mixed_profile(&ctx, d, &x.m.model, NULL, 0.9, 1, (int[]){6}, &limits), SY_EINVAL);
    assert_int_equal(icc_of(&f, 0, SY_ICC_EXACT, &icc), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "one variance parameter"));
    assert_int_equal(icc_of(&f, 1, SY_ICC_DELTA, &icc), SY_EINVAL);
    assert_int_equal(icc_of(&f, 0, (sy_icc_method)3, &icc), SY_EINVAL);
    f.theta_covariance = NULL;
    assert_int_equal(icc_of(&f, 0, SY_ICC_DELTA, &icc), SY_EINVAL);
    const sy_mixed_boot one = {.replicates = 1, .level = 0.95};
    assert_int_equal(sy_mixed_bootstrap(&ctx, d, &x.m.model, NULL, &one, &limits, NULL, NULL, NULL), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "replicates"));
    const sy_mixed_rank_table t = {0};
    const sy_mixed_rank_options bad[] = {{.bar = 1, .draws = 1000, .level = 0.9, .top = 0.1},
                                         {.effect = 2, .draws = 1000, .level = 0.9, .top = 0.1},
                                         {.draws = 10, .level = 0.9, .top = 0.1},
                                         {.draws = 1000, .level = 0, .top = 0.1},
                                         {.draws = 1000, .level = 0.9, .top = 1}};
    for (int k = 0; k < 5; k++) assert_int_equal(sy_mixed_ranks(&ctx, d, &x.m.model, NULL, &f, &bad[k], &t), SY_EINVAL);
}

/* All of them on one crossed model. */
static sy_status job(void *arg, void *answer)
{
    double out[3][8], expected[30], *all = answer;
    const sy_mixed_limits limits = {out[0], out[1], out[2]};
    const sy_mixed_boot boot = {.replicates = 3, .seed = 1, .level = 0.9};
    const sy_mixed_rank_options o = {.draws = 100, .seed = 5, .level = 0.95, .top = 0.3};
    const sy_mixed_rank_table t = {.expected = expected};
    sy_mixed_explained_summary s;
    sy_context own;
    sy_icc icc;
    sy_context_init(&own);
    const sy_mixed_fitted *f = arg;
    sy_status status = sy_mixed_profile(&own, &x.m.f.design, &x.m.model, NULL, 0.95, 1, (int[]){0}, &limits);
    if (status >= 0) memcpy(all, out, 2 * sizeof *out[0]);
    if (status >= 0) status = sy_mixed_explained(&own, &x.m.f.design, &x.m.model, f, &s, NULL, NULL);
    if (status >= 0) all[2] = s.total;
    if (status >= 0) status = sy_mixed_icc(&own, &x.m.f.design, &x.m.model, NULL, f, 0, SY_ICC_DELTA, 0.9, &icc);
    if (status >= 0) all[3] = icc.lower;
    if (status >= 0) status = sy_mixed_ranks(&own, &x.m.f.design, &x.m.model, NULL, f, &o, &t);
    if (status >= 0) all[4] = expected[0];
    if (status >= 0)
        status = sy_mixed_bootstrap(&own, &x.m.f.design, &x.m.model, NULL, &boot, &limits, NULL, NULL, NULL);
    if (status >= 0) all[5] = out[1][0];
    sy_context_free(&own);
    return status;
}

static void nothing_leaks_when_memory_runs_out(void **state)
{
    (void)state;
    penicillin();
    sy_mixed_fitted f = of_fit();
    assert_true(syi_survives_failing(job, &f, 6 * sizeof(double)) > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(r2_and_icc_of_a_model_with_slopes_agree_with_r),
        cmocka_unit_test(parts_of_the_variance_are_those_of_the_fit),
        cmocka_unit_test(profile_limits_agree_with_lme4),
        cmocka_unit_test(profiles_do_not_depend_on_the_order_of_effects),
        cmocka_unit_test(a_variance_of_zero_has_the_lower_limit_zero),
        cmocka_unit_test(only_parameters_asked_for_have_limits),
        cmocka_unit_test(exact_limits_of_balanced_data_are_those_of_f),
        cmocka_unit_test(methods_of_an_icc_bracket_its_estimate),
        cmocka_unit_test(replicates_have_the_distribution_of_the_model),
        cmocka_unit_test(a_replicate_is_its_own_stream),
        cmocka_unit_test(expected_ranks_are_those_of_the_formula),
        cmocka_unit_test(groups_that_do_not_differ_have_no_order),
        cmocka_unit_test(what_cannot_be_asked_is_refused),
        cmocka_unit_test(nothing_leaks_when_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
