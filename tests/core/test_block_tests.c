/* Tests of whole blocks and the increments of one block over all sets of the
 * others: against the linear floor, the shares themselves, and refusals.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "sample_councils.h"

enum { COUNCILS = 12, P = 6 };

static sample s;
static sample_table table;

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance * fmax(1, fabs(expected))))
        fail_msg("%.17g, expected %.17g within %g", found, expected, tolerance);
}

static void open_moments(sy_unit unit, sy_moments *m)
{
    sy_context ctx;
    const sy_moments_options how = {.unit = unit, .precision = SY_PRECISION_TWOFOLD};
    sy_context_init(&ctx);
    if (sy_moments_init(&ctx, &s.design, &how, m) < 0) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static void make_councils(void)
{
    sample_fill(&s, 240, COUNCILS, 0, 7);
    s.design.cluster = &s.council_column;
}

static const sy_linear_model model = {.outcome = 5, .n_terms = 5, .terms = sample_terms, .intercept = 1};

/* Hotelling's F of coefficients first .. first + 1 of the rows' fit, from the covariance the linear floor gives
 * times (units - 1) / units: CR3, or HC3 row by row, is the jackknife but for that factor. */
static double f_of_process(sy_vcov_kind kind, double units, double *p)
{
    sy_context ctx;
    sy_linear_options options;
    sy_linear_summary summary;
    double b[P], v[P * P], df[P], inverse[P * P], effects[P], two[4], e[2];
    int aliased[P];
    const sy_linear_fit fit = {.coefficient = b, .aliased = aliased, .inverse = inverse, .effects = effects};
    sy_joint_f f;
    sy_context_init(&ctx);
    sy_linear_defaults(&options);
    assert_true(sy_linear(&ctx, &s.design, &model, &options, &summary, &fit) >= 0);
    if (sy_vcov(&ctx, &s.design, &model, &options, kind, NULL, v, df) < 0) fail_msg("%s", ctx.message);
    for (int i = 0; i < 2; i++) {
        e[i] = b[2 + i];
        for (int k = 0; k < 2; k++) two[i * 2 + k] = (units - 1) / units * v[(2 + i) * P + 2 + k];
    }
    assert_true(sy_joint_all_zero(&ctx, 2, e, two, units - 1, &f) >= 0);
    sy_context_free(&ctx);
    *p = f.p_value;
    return f.f;
}

static void ask(sy_unit unit, int alone, sy_joint_f *f)
{
    sy_context ctx;
    sy_moments m;
    open_moments(unit, &m);
    sy_context_init(&ctx);
    if (sy_block_tests(&ctx, &m, &s.question, alone, f) < 0) fail_msg("%s", ctx.message);
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

/* 1e-9: CR3 in double, the jackknife in double-double. */
static void with_clusters_the_covariance_is_cr3(void **state)
{
    (void)state;
    sy_joint_f f[4];
    double p;
    make_councils();
    ask(SY_UNIT_CLUSTER, 0, f);
    assert_near(f[1].f, f_of_process(SY_VCOV_CR3, COUNCILS, &p), 1e-9);
    assert_near(f[1].p_value, p, 1e-9);
    assert_near(f[1].df1, 2, 0);
    assert_near(f[1].df2, COUNCILS - 2, 0);
}

static void with_rows_the_covariance_is_hc3(void **state)
{
    (void)state;
    sy_joint_f f[4];
    double p;
    make_councils();
    s.design.cluster = NULL;
    ask(SY_UNIT_ROW, 0, f);
    assert_near(f[1].f, f_of_process(SY_VCOV_HC3, 240, &p), 1e-9);
    assert_near(f[1].p_value, p, 1e-9);
}

/* 1e-11: two ways to the same sums of squares. */
static void without_units_it_is_the_anova_test(void **state)
{
    (void)state;
    sy_joint_f f[4];
    sy_context ctx;
    sy_anova_options options;
    sy_anova_summary summary;
    sy_anova_row row[6];
    make_councils();
    s.design.cluster = NULL;
    ask(SY_UNIT_NONE, 0, f);
    sy_context_init(&ctx);
    sy_anova_defaults(&options);
    assert_true(sy_anova(&ctx, &s.design, &model, &options, &summary, row) >= 0);
    const int term[4] = {0, -1, 3, 4};
    for (int b = 0; b < 4; b++) {
        if (term[b] < 0) continue;
        assert_near(f[b].f, row[term[b]].f, 1e-11);
        assert_near(f[b].p_value, row[term[b]].p_value, 1e-11);
    }
    /* alone: the one-predictor fit */
    const sy_linear_model single = {.outcome = 5, .n_terms = 1, .terms = sample_terms + 4, .intercept = 1};
    sy_linear_options plain;
    sy_linear_summary fit;
    sy_linear_defaults(&plain);
    assert_true(sy_linear(&ctx, &s.design, &single, &plain, &fit, NULL) >= 0);
    ask(SY_UNIT_NONE, 1, f);
    assert_near(f[3].f, fit.f, 1e-11);
    assert_near(f[3].p_value, fit.f_p, 1e-11);
    sy_context_free(&ctx);
}

/* A block that repeats another has nothing of its own left to test. */
static void a_repeated_column_has_no_test(void **state)
{
    (void)state;
    sy_joint_f f[4];
    make_councils();
    memcpy(s.x[3], s.x[0], sizeof s.x[0]);
    ask(SY_UNIT_CLUSTER, 0, f);
    assert_true(isnan(f[2].p_value));
    assert_near(f[2].df1, 0, 0);
    assert_near(f[1].df1, 2, 0);
    assert_true(f[1].p_value >= 0);
}

static void increments_reach_from_lowest_to_highest(void **state)
{
    (void)state;
    sy_context ctx;
    sy_moments m;
    sy_evidence_options o;
    sy_evidence_summary summary;
    double estimate[8], error[8], df[8];
    make_councils();
    open_moments(SY_UNIT_CLUSTER, &m);
    sy_context_init(&ctx);
    sy_evidence_defaults(&o);
    const sy_evidence_table view = sample_view(&table);
    assert_true(sy_evidence_shares(&ctx, &m, NULL, &s.question, &o, &summary, &view) >= 0);
    for (int b = 0; b < 4; b++) {
        const double *row = table.estimate + b * SY_N_METRICS;
        double least = 1, most = 0;
        if (sy_envelope(&ctx, &m, &s.question, b, estimate, error, df) < 0) fail_msg("%s", ctx.message);
        for (int i = 0; i < 8; i++) {
            least = fmin(least, estimate[i]);
            most = fmax(most, estimate[i]);
            assert_near(df[i], COUNCILS - 1, 0);
        }
        /* 1e-14: differences of R2 in one case, a walk in the other */
        assert_near(least, row[SY_LOWEST], 1e-14);
        assert_near(most, row[SY_HIGHEST], 1e-14);
        assert_near(estimate[0], row[SY_ALONE], 1e-14);
        assert_near(error[0], table.scaled[b * SY_N_METRICS + SY_ALONE], 1e-11);
        assert_near(estimate[7], row[SY_UNIQUE], 1e-14);
        assert_near(error[7], table.scaled[b * SY_N_METRICS + SY_UNIQUE], 1e-11);
    }
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

static void bad_input_is_refused_in_words(void **state)
{
    (void)state;
    sy_context ctx;
    sy_moments m;
    sy_joint_f f[4];
    double estimate[8], error[8], df[8];
    make_councils();
    s.design.cluster = NULL;
    s.design.weights = &s.weight_column;
    s.design.weight_kind = SY_WEIGHT_SAMPLING;
    open_moments(SY_UNIT_NONE, &m);
    sy_context_init(&ctx);
    assert_int_equal(sy_block_tests(&ctx, &m, &s.question, 0, f), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "sampling weights"));
    assert_int_equal(sy_envelope(&ctx, &m, &s.question, 0, estimate, error, df), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "neither clusters nor rows"));
    assert_int_equal(sy_envelope(&ctx, &m, &s.question, 4, estimate, error, df), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "number 4, there are 4"));
    sy_moments_free(&m);
    sy_context_free(&ctx);
}

typedef struct {
    sy_joint_f f[4];
    double estimate[8], error[8], df[8];
} whole_answer;

static sy_status job(void *arg, void *answer)
{
    whole_answer a;
    sy_context ctx;
    memset(&a, 0, sizeof a);
    sy_context_init(&ctx);
    sy_status status = sy_block_tests(&ctx, arg, &s.question, 0, a.f);
    if (status >= 0) status = sy_envelope(&ctx, arg, &s.question, 1, a.estimate, a.error, a.df);
    if (status >= 0) memcpy(answer, &a, sizeof a);
    sy_context_free(&ctx);
    return status;
}

static void no_failed_allocation_leaks_or_lies(void **state)
{
    (void)state;
    sy_moments m;
    make_councils();
    open_moments(SY_UNIT_CLUSTER, &m);
    assert_true(syi_survives_failing(job, &m, sizeof(whole_answer)) > 10);
    sy_moments_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_clusters_the_covariance_is_cr3),
        cmocka_unit_test(with_rows_the_covariance_is_hc3),
        cmocka_unit_test(without_units_it_is_the_anova_test),
        cmocka_unit_test(a_repeated_column_has_no_test),
        cmocka_unit_test(increments_reach_from_lowest_to_highest),
        cmocka_unit_test(bad_input_is_refused_in_words),
        cmocka_unit_test(no_failed_allocation_leaks_or_lies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
