/* Coefficients decided by rows or clusters that leave no residuals: robust
 * variances are zero but for rounding, and no test may be made of that rounding.
 * Six clusters of five rows; predictors are x, the clusters' own dummies, and a
 * factor of which each of the first three levels has one row.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "linear_problem.h"
#include "steelyard/anova.h"
#include "steelyard/multiplicity.h"
#include "steelyard/vcov.h"

enum { CLUSTERS = 6, EACH = 5, N = CLUSTERS * EACH };
static const char *const names[] = {"a", "b", "c", "d", "e", "f"};
static double y[N], x[N];
static int32_t cluster[N], single[N];

static int data(void **state)
{
    syi_stream s;
    (void)state;
    syi_stream_init(&s, 5, 0, 0);
    for (int i = 0; i < N; i++) {
        cluster[i] = i / EACH;
        single[i] = i < 3 ? i : 3;
        x[i] = (double)syi_stream_below(&s, 1000) / 100;
        y[i] = 3 + 0.2 * x[i] + (double)syi_stream_below(&s, 1000) / 100;
    }
    return 0;
}

static problem *with(int number, const int32_t *code, int levels)
{
    problem *q = problem_new(N);
    problem_number(q, "y", y);
    if (number) problem_number(q, "x", x);
    if (code) problem_term(q, "g", problem_column(q, factor_column("g", code, levels, names)), -1, -1);
    q->cluster = factor_column("council", cluster, CLUSTERS, names);
    return q;
}

static double variance[PROBLEM_P * PROBLEM_P], df[PROBLEM_P];
static char said[SY_MESSAGE_LENGTH];

static void spread(problem *q, sy_vcov_kind kind)
{
    sy_context ctx;
    sy_context_init(&ctx);
    q->design.cluster = kind >= SY_VCOV_CR0 ? &q->cluster : NULL;
    fit_problem(q);
    assert_true(sy_vcov(&ctx, &q->design, &q->model, &q->options, kind, NULL, variance, df) >= 0);
    said[0] = 0;
    for (int i = 0; i < ctx.n_remarks; i++)
        if (strstr(ctx.remarks[i].text, "no residuals")) snprintf(said, sizeof said, "%s", ctx.remarks[i].text);
    sy_context_free(&ctx);
}

static const sy_vcov_kind clustered[] = {SY_VCOV_CR0, SY_VCOV_CR1, SY_VCOV_CR1S, SY_VCOV_CR2, SY_VCOV_CR3};

static void dummies_of_the_clusters_have_no_test(void **state)
{
    (void)state;
    problem *q = with(0, cluster, CLUSTERS);
    for (int k = 0; k < 5; k++) {
        spread(q, clustered[k]);
        for (int c = 0; c < q->p; c++) assert_true(variance[c * (q->p + 1)] == 0 && isnan(df[c]));
        assert_string_equal(said, "(Intercept) and 5 others: the clusters that decide them leave no residuals; their "
                                  "variances come out as zero, and there is no test of them");
    }
    problem_free(q);
}

static void beside_a_number_they_have_one(void **state)
{
    (void)state;
    problem *q = with(1, cluster, CLUSTERS);
    for (int k = 0; k < 5; k++) {
        spread(q, clustered[k]);
        for (int c = 0; c < q->p; c++) assert_true(variance[c * (q->p + 1)] > 0 && df[c] >= 1 - 1e-9);
        assert_string_equal(said, "");
    }
    problem_free(q);
}

static void levels_of_one_row_have_no_test(void **state)
{
    (void)state;
    problem *q = with(0, single, 4);
    q->model.intercept = 0;
    for (int kind = SY_VCOV_HC0; kind <= SY_VCOV_HC5; kind++) {
        spread(q, (sy_vcov_kind)kind);
        for (int c = 0; c < 3; c++) assert_true(variance[c * 5] == 0 && isnan(df[c]));
        assert_true(variance[15] > 0 && df[3] == N - 4);
        assert_non_null(strstr(said, "g[a] and 2 others: the rows that decide them"));
    }
    spread(q, SY_VCOV_CLASSICAL);
    for (int c = 0; c < 4; c++) assert_true(variance[c * 5] > 0 && df[c] == N - 4);
    problem_free(q);
}

static void one_lost_coefficient_is_named_alone(void **state)
{
    int32_t first[N];
    (void)state;
    for (int i = 0; i < N; i++) first[i] = i == 0 ? 0 : 1;
    problem *q = with(0, first, 2);
    spread(q, SY_VCOV_HC1);
    assert_string_equal(said,
                        "(Intercept): the rows that decide it leave no residuals; its variance comes out as zero, "
                        "and there is no test of it");
    assert_true(variance[3] > 0 && df[1] == N - 2);
    problem_free(q);
}

static double estimate[15], error[15], statistic[15], own_df[15], p_value[15], adjusted[15], low[15], high[15];
static int one[15], two[15];

static void contrasts_of_lost_coefficients_have_no_test(void **state)
{
    /* b - c; the mean of f */
    static const double c[2 * CLUSTERS] = {0, 1, -1, 0, 0, 0, 1, 0, 0, 0, 0, 1};
    sy_contrasts out = {estimate, error, statistic, own_df, p_value, low, high, 0, 0, 0, 0};
    sy_context ctx;
    (void)state;
    problem *q = with(0, cluster, CLUSTERS);
    for (int k = 0; k < 5; k++) {
        sy_context_init(&ctx);
        spread(q, clustered[k]);
        assert_true(sy_vcov_test(&ctx, &q->design, &q->model, &q->options, clustered[k], NULL, 2, c, 0.95, &out) >= 0);
        for (int i = 0; i < 2; i++)
            assert_true(error[i] == 0 && isnan(statistic[i]) && isnan(p_value[i]) && isnan(low[i]) && isnan(high[i]));
        assert_true(isnan(out.f) && isnan(out.f_p));
        sy_context_free(&ctx);
    }
    problem_free(q);
}

static void wald_tests_of_them_are_missing(void **state)
{
    sy_anova_wald_row row[1];
    sy_context ctx;
    (void)state;
    problem *q = with(0, cluster, CLUSTERS);
    for (int k = 0; k < 5; k++) {
        sy_context_init(&ctx);
        spread(q, clustered[k]);
        assert_true(sy_anova_wald(&ctx, &q->design, &q->model, SY_ANOVA_II, q->coefficient, variance, df, row) >= 0);
        assert_true(row->df == CLUSTERS - 1 && isnan(row->f) && isnan(row->p_value));
        sy_context_free(&ctx);
    }
    problem_free(q);
}

static void their_means_and_differences_have_no_limits(void **state)
{
    const int factor = 1;
    double all[CLUSTERS * CLUSTERS];
    const sy_means_table table = {estimate, error, own_df, low, high, all, NULL};
    sy_context ctx;
    (void)state;
    problem *q = with(0, cluster, CLUSTERS);
    sy_context_init(&ctx);
    spread(q, SY_VCOV_CR2);
    assert_true(sy_means(&ctx, &q->design, &q->model, 1, &factor, q->coefficient, variance, df, 0.95, &table) >= 0);
    for (int i = 0; i < CLUSTERS; i++) {
        double mean = 0;
        for (int r = 0; r < EACH; r++) mean += y[i * EACH + r] / EACH;
        assert_digits(estimate[i], mean, 14);
        assert_true(error[i] == 0 && isnan(own_df[i]) && isnan(low[i]) && isnan(high[i]));
    }
    double m[CLUSTERS], m_df[CLUSTERS];
    memcpy(m, estimate, sizeof m);
    memcpy(m_df, own_df, sizeof m_df);
    const sy_pairs pairs = {one, two, estimate, error, statistic, own_df, p_value, adjusted, low, high};
    for (int method = SY_ADJUST_NONE; method <= SY_ADJUST_TUKEY; method++) {
        assert_int_equal(sy_pairwise(&ctx, CLUSTERS, m, all, m_df, (sy_adjustment)method, 0.95, &pairs), SY_OK);
        for (int k = 0; k < 15; k++)
            assert_true(error[k] == 0 && isnan(statistic[k]) && isnan(p_value[k]) && isnan(adjusted[k]) &&
                        isnan(low[k]));
    }
    sy_context_free(&ctx);
    problem_free(q);
}

/* The level in one cluster is lost although neither coefficient is. */
static void a_mean_that_cancels_has_no_limits(void **state)
{
    const int factor = 1;
    int32_t first[N];
    double all[4];
    const sy_means_table table = {estimate, error, own_df, low, high, all, NULL};
    sy_context ctx;
    (void)state;
    for (int i = 0; i < N; i++) first[i] = i < EACH;
    problem *q = with(0, first, 2);
    sy_context_init(&ctx);
    spread(q, SY_VCOV_CR0);
    assert_true(variance[0] > 0 && variance[3] > 0);
    assert_true(sy_means(&ctx, &q->design, &q->model, 1, &factor, q->coefficient, variance, df, 0.95, &table) >= 0);
    assert_true(error[0] > 0 && own_df[0] == CLUSTERS - 1 && low[0] < estimate[0]);
    assert_true(error[1] == 0 && isnan(own_df[1]) && isnan(low[1]));
    assert_true(all[1] == 0 && all[2] == 0 && all[3] == 0);
    sy_context_free(&ctx);
    problem_free(q);
}

static void the_wild_bootstrap_refuses_them(void **state)
{
    double p = 0, lo = 0, hi = 0;
    sy_context ctx;
    (void)state;
    problem *q = with(0, cluster, CLUSTERS);
    q->design.cluster = &q->cluster;
    sy_context_init(&ctx);
    assert_int_equal(sy_vcov_wild(&ctx, &q->design, &q->model, 1, 0, SY_WILD_RADEMACHER, 99, 1, 0.95, &p, &lo, &hi),
                     SY_EDATA);
    assert_string_equal(ctx.message, "wild bootstrap: the residuals of every cluster are zero for this coefficient");
    sy_context_free(&ctx);
    problem_free(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dummies_of_the_clusters_have_no_test),
        cmocka_unit_test(beside_a_number_they_have_one),
        cmocka_unit_test(levels_of_one_row_have_no_test),
        cmocka_unit_test(one_lost_coefficient_is_named_alone),
        cmocka_unit_test(contrasts_of_lost_coefficients_have_no_test),
        cmocka_unit_test(wald_tests_of_them_are_missing),
        cmocka_unit_test(their_means_and_differences_have_no_limits),
        cmocka_unit_test(a_mean_that_cancels_has_no_limits),
        cmocka_unit_test(the_wild_bootstrap_refuses_them),
    };
    return cmocka_run_group_tests(tests, data, NULL);
}
