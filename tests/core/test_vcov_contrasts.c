/* Tests of combinations of coefficients.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "vcov_twin.h"

typedef struct {
    double estimate[TWIN_Q], error[TWIN_Q], statistic[TWIN_Q], df[TWIN_Q], p[TWIN_Q], low[TWIN_Q], high[TWIN_Q];
    sy_contrasts out;
} table;

static void lay_out(table *a)
{
    a->out = (sy_contrasts){.estimate = a->estimate,
                            .std_error = a->error,
                            .statistic = a->statistic,
                            .df = a->df,
                            .p_value = a->p,
                            .low = a->low,
                            .high = a->high};
}

/* b = (1, 2), V = (4 1; 1 9), df 10: b1 + b2 = 3 with variance 15; b1 - b2 = -1
 * with 11; Q of both coefficients = (9 - 4 + 16) / 35 = .6, F = .3.
 * qt(.975, 10) = 2.2281388519862739 (R 4.3). */
static void two_coefficients_by_hand(void **state)
{
    static const double b[2] = {1, 2}, v[4] = {4, 1, 1, 9}, df[2] = {10, 12}, c[4] = {1, 1, 1, -1};
    table a;
    sy_context ctx;
    (void)state;
    lay_out(&a);
    sy_context_init(&ctx);
    assert_int_equal(sy_vcov_contrasts(&ctx, 2, b, v, df, 2, c, 0.95, &a.out), SY_OK);
    assert_near(a.estimate[0], 3, 1e-15);
    assert_near(a.error[0], sqrt(15), 1e-15);
    assert_near(a.statistic[0], 3 / sqrt(15), 1e-15);
    assert_near(a.estimate[1], -1, 1e-15);
    assert_near(a.error[1], sqrt(11), 1e-15);
    assert_near(a.low[0], 3 - 2.2281388519862739 * sqrt(15), 1e-12);
    assert_near(a.high[0], 3 + 2.2281388519862739 * sqrt(15), 1e-12);
    assert_near(a.out.f, 0.3, 1e-13); /* the combinations span both coefficients */
    assert_true(a.out.f_df1 == 2 && a.out.f_df2 == 10 && a.df[0] == 10);
    sy_context_free(&ctx);
}

static void one_combination_has_f_equal_to_t_squared(void **state)
{
    static const double b[3] = {1, 2, -4}, v[9] = {4, 1, 0.5, 1, 9, 2, 0.5, 2, 3}, df[3] = {6, 8, 7}, c[3] = {0, 2, 3};
    table a;
    sy_context ctx;
    (void)state;
    lay_out(&a);
    sy_context_init(&ctx);
    assert_int_equal(sy_vcov_contrasts(&ctx, 3, b, v, df, 1, c, 0.9, &a.out), SY_OK);
    assert_true(a.df[0] == 7);
    assert_near(a.estimate[0], -8, 1e-15);
    assert_near(a.error[0] * a.error[0], 4 * 9 + 12 * 2 + 9 * 3, 1e-15);
    assert_near(a.out.f, a.statistic[0] * a.statistic[0], 1e-14);
    assert_near(a.out.f_p, a.p[0], 1e-12);
    sy_context_free(&ctx);
}

/* Lines that repeat each other count once. */
static void repeated_combinations_count_once(void **state)
{
    static const double b[2] = {1, 2}, v[4] = {4, 1, 1, 9}, df[2] = {10, 10};
    static const double c[6] = {1, 0, 0, 1, 1, 1};
    table a;
    sy_context ctx;
    (void)state;
    lay_out(&a);
    sy_context_init(&ctx);
    assert_int_equal(sy_vcov_contrasts(&ctx, 2, b, v, df, 3, c, 0.95, &a.out), SY_OK);
    assert_true(a.out.f_df1 == 2);
    assert_near(a.out.f, 0.3, 1e-12);
    sy_context_free(&ctx);
}

static void aliased_coefficients_matter_only_where_used(void **state)
{
    static const double b[2] = {1, NAN}, v[4] = {4, NAN, NAN, NAN}, df[2] = {10, NAN}, c[4] = {3, 0, 0, 1};
    table a;
    sy_context ctx;
    (void)state;
    lay_out(&a);
    sy_context_init(&ctx);
    assert_int_equal(sy_vcov_contrasts(&ctx, 2, b, v, df, 2, c, 0.95, &a.out), SY_OK);
    assert_true(a.estimate[0] == 3 && a.error[0] == 6 && a.df[0] == 10);
    assert_true(isnan(a.estimate[1]) && isnan(a.p[1]) && isnan(a.out.f));
    sy_context_free(&ctx);
}

static void of_rows(const twin *t, sy_vcov_kind kind, const sy_column *second, int q, const double *c, table *a)
{
    sy_context ctx;
    sy_linear_options o;
    lay_out(a);
    sy_context_init(&ctx);
    sy_linear_defaults(&o);
    if (sy_vcov_test(&ctx, &t->design, &t->model, &o, kind, second, q, c, 0.95, &a->out) < 0)
        fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static void hotelling_s_eta_is_that_of_whole_matrices(void **state)
{
    static const sy_vcov_kind kinds[] = {SY_VCOV_CR2, SY_VCOV_CR3};
    static twin t;
    (void)state;
    for (uint64_t seed = 0; seed < 12; seed++)
        for (int k = 0; k < 2; k++) {
            double c[TWIN_Q * TWIN_P] = {0};
            const int q = 1 + (int)(seed % 3);
            twin_answer naive;
            table a;
            syi_stream r;
            twin_fill(&t, 70, 3, 12, seed % 2 ? SY_WEIGHT_ANALYTIC : SY_WEIGHT_NONE, seed);
            syi_stream_init(&r, seed, 9, 9);
            for (int i = 0; i < q * t.p; i++) c[i] = syi_stream_normal(&r);
            twin_cluster(&t, t.code, kinds[k], q, c, &naive);
            of_rows(&t, kinds[k], NULL, q, c, &a);
            for (int i = 0; i < q; i++) assert_near(a.df[i], naive.df[i], 1e-9);
            assert_near(a.out.f_df2 + q - 1, naive.eta, 1e-8);
            if (q == 1) {
                assert_near(a.out.f_df2, a.df[0], 1e-9);
                assert_near(a.out.f, a.statistic[0] * a.statistic[0], 1e-10);
                assert_near(a.out.f_p, a.p[0], 1e-8);
            }
        }
}

/* F of all together does not depend on how the hypothesis is written. */
static void the_joint_test_is_of_the_space_not_of_its_basis(void **state)
{
    static const double plain[] = {0, 1, 0, 0, 0, 0, 1, 0}, mixed[] = {0, 3, 1, 0, 0, -1, 50, 0};
    static twin t;
    table a, b;
    (void)state;
    twin_fill(&t, 80, 3, 15, SY_WEIGHT_SAMPLING, 50);
    for (int kind = SY_VCOV_HC1; kind <= SY_VCOV_CR3; kind++) {
        of_rows(&t, (sy_vcov_kind)kind, NULL, 2, plain, &a);
        of_rows(&t, (sy_vcov_kind)kind, NULL, 2, mixed, &b);
        assert_near(a.out.f, b.out.f, 1e-9);
        if (kind < SY_VCOV_CR2) continue;
        assert_near(a.out.f_df2, b.out.f_df2, 1e-9);
    }
}

/* More combinations than clusters can tell apart. */
static void more_combinations_than_clusters_have_no_test(void **state)
{
    double c[TWIN_Q * TWIN_P] = {0};
    static twin t;
    table a;
    (void)state;
    twin_fill(&t, 80, 3, 3, SY_WEIGHT_NONE, 51);
    for (int i = 0; i < 4; i++) c[i * t.p + i] = 1;
    of_rows(&t, SY_VCOV_CR2, NULL, 4, c, &a);
    assert_true(isnan(a.out.f) && isnan(a.out.f_p));
    for (int i = 0; i < 4; i++) assert_true(isfinite(a.error[i]));
}

static void refuse(const twin *t, int q, const double *c, double level, sy_status code, const char *words)
{
    table a;
    sy_context ctx;
    sy_linear_options o;
    lay_out(&a);
    sy_context_init(&ctx);
    sy_linear_defaults(&o);
    const sy_status s = sy_vcov_test(&ctx, &t->design, &t->model, &o, SY_VCOV_CR2, NULL, q, c, level, &a.out);
    if (s != code || !strstr(ctx.message, words)) fail_msg("status %d, %s", (int)s, ctx.message);
    sy_context_free(&ctx);
}

static void what_cannot_be_is_refused_in_words(void **state)
{
    static const double zero[8] = {0, 1, 0, 0, 0, 0, 0, 0}, one[4] = {0, 0, 1, 0}, bad[4] = {0, INFINITY, 0, 0};
    static twin t;
    (void)state;
    twin_fill(&t, 60, 3, 8, SY_WEIGHT_NONE, 52);
    refuse(&t, 2, zero, 0.95, SY_EINVAL, "row 2 is zero everywhere");
    refuse(&t, 1, bad, 0.95, SY_EINVAL, "row 1, column 2 is inf");
    refuse(&t, 1, one, 1, SY_EINVAL, "level = 1");
    refuse(&t, 0, one, 0.95, SY_EINVAL, "contrasts: none given");
    for (int i = 0; i < t.n; i++) t.x[2][i] = t.x[1][i];
    refuse(&t, 1, one, 0.95, SY_EDATA, "row 1 uses x2, which adds nothing");
}

static sy_status joint(void *arg, void *answer)
{
    static const double c[4] = {1, 0, 0, 1};
    const twin *t = arg;
    double *v = answer;
    table a;
    sy_context ctx;
    sy_linear_options o;
    lay_out(&a);
    sy_context_init(&ctx);
    ctx.threads = 1;
    sy_linear_defaults(&o);
    const sy_status s = sy_vcov_test(&ctx, &t->design, &t->model, &o, SY_VCOV_CR2, NULL, 2, c, 0.95, &a.out);
    v[0] = a.out.f;
    v[1] = a.out.f_df2;
    sy_context_free(&ctx);
    return s;
}

static void every_failed_allocation_is_reported(void **state)
{
    static twin t;
    (void)state;
    twin_fill(&t, 30, 1, 8, SY_WEIGHT_ANALYTIC, 2);
    assert_true(syi_survives_failing(joint, &t, 2 * sizeof(double)) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_coefficients_by_hand),
        cmocka_unit_test(one_combination_has_f_equal_to_t_squared),
        cmocka_unit_test(repeated_combinations_count_once),
        cmocka_unit_test(aliased_coefficients_matter_only_where_used),
        cmocka_unit_test(hotelling_s_eta_is_that_of_whole_matrices),
        cmocka_unit_test(the_joint_test_is_of_the_space_not_of_its_basis),
        cmocka_unit_test(more_combinations_than_clusters_have_no_test),
        cmocka_unit_test(what_cannot_be_is_refused_in_words),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
