/* Blocks moved as whole councils: exact enumeration of Welch's t, what the
 * statistic must not depend on, failing allocations.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "sample_councils.h"
#include "steelyard/permutation.h"

static sample s;

static sy_status ask(int metric, int permutations, int threads, sy_permutation *out)
{
    sy_context ctx;
    sy_moments m = {0};
    const sy_moments_options how = {.unit = SY_UNIT_CLUSTER, .precision = SY_PRECISION_TWOFOLD};
    const sy_permutation_options o = {.block = 0, .metric = metric, .permutations = permutations, .seed = 5};
    sy_context_init(&ctx);
    ctx.threads = threads;
    sy_status status = sy_moments_init(&ctx, &s.design, &how, &m);
    if (status >= 0) status = sy_permutation_test(&ctx, &m, NULL, &s.question, &o, out);
    sy_moments_free(&m);
    sy_context_free(&ctx);
    return status;
}

static sy_permutation answer(int metric, int permutations, int threads)
{
    sy_permutation out = {0};
    assert_true(ask(metric, permutations, threads, &out) >= 0);
    assert_int_equal(out.scheme, SY_PERMUTE_CLUSTERS);
    return out;
}

/* Squared t of two groups of unequal variance [Welch 1947]: with a regression's
 * HC2 variance the same number. */
static double welch(const double *y, unsigned first)
{
    double n[2] = {0}, mean[2] = {0}, spread[2] = {0};
    for (int i = 0; i < 16; i++) n[first >> i & 1]++;
    for (int i = 0; i < 16; i++) mean[first >> i & 1] += y[i] / n[first >> i & 1];
    for (int i = 0; i < 16; i++) spread[first >> i & 1] += pow(y[i] - mean[first >> i & 1], 2);
    const double difference = mean[1] - mean[0];
    return difference * difference / (spread[0] / (n[0] * (n[0] - 1)) + spread[1] / (n[1] * (n[1] - 1)));
}

/* Efron & Tibshirani 1993, table 2.1, each of 7 treated and 9 control mice a
 * council of two people: all 11,440 divisions. 40,000 permutations err by at
 * most 4 standard errors, .01. */
static void two_groups_of_councils_agree_with_welch_over_all_divisions(void **state)
{
    (void)state;
    static const double days[] = {94, 197, 16, 38, 99, 141, 23, 52, 104, 146, 10, 51, 30, 40, 27, 46};
    double ways = 0, as_large = 0;
    memset(&s, 0, sizeof s);
    s.n = 32;
    s.councils = 16;
    for (int i = 0; i < 32; i++) {
        s.council[i] = i / 2;
        s.x[0][i] = i / 2 < 7;
        s.x[5][i] = days[i / 2] + (i % 2 ? 5 : -5);
    }
    sample_describe(&s);
    s.design.cluster = &s.council_column;
    s.question.n_blocks = 1;
    const double observed = welch(days, 127);
    for (unsigned set = 0; set < 1u << 16; set++) {
        if (__builtin_popcount(set) != 7) continue;
        ways += 1;
        as_large += welch(days, set) >= observed - 1e-9;
    }
    const double exact = as_large / ways;
    assert_true(fabs(answer(SY_ALONE, 40000, 1).p_value - exact) < 0.01);
    assert_true(fabs(answer(SY_UNIQUE, 40000, 1).p_value - exact) < 0.01);
}

/* Process is funding and what cancels within each council. */
static void a_block_that_the_means_of_others_tell_is_never_found(void **state)
{
    (void)state;
    sample_fill(&s, 120, 60, 1, 31);
    s.design.cluster = &s.council_column;
    for (int i = s.n - 1; i >= 0; i--) {
        s.council[i] = i / 2;
        s.x[0][i] = s.x[0][i / 2];
    }
    for (int i = 0; i < s.n; i++) s.x[1][i] = s.x[0][i] + (i % 2 ? 0.7 : -0.7);
    assert_true(answer(SY_UNIQUE, 99, 1).p_value == 1);
    assert_true(answer(SY_ALONE, 99, 1).p_value < 1);
}

static void fill_two_columns(void)
{
    static const int both[] = {0, 4};
    sample_fill(&s, 600, 40, 1, 32);
    s.design.cluster = &s.council_column;
    for (int i = 0; i < s.n; i++) {
        s.x[4][i] = cos(3.0 * s.council[i]);
        s.x[5][i] += 0.15 * s.x[4][i] - 0.2 * s.x[0][i];
    }
    s.block[0] = (sy_block){"funding", 2, both};
    s.question.n_blocks = 3;
}

static void columns_of_a_block_may_be_recombined(void **state)
{
    (void)state;
    fill_two_columns();
    const sy_permutation plain = answer(SY_UNIQUE, 500, 1);
    for (int i = 0; i < s.n; i++) s.x[4][i] += 2 * s.x[0][i];
    const sy_permutation mixed = answer(SY_UNIQUE, 500, 1);
    assert_int_equal(mixed.exceeding, plain.exceeding);
    assert_true(plain.exceeding > 1 && plain.exceeding < 499);
}

static void threads_change_no_bits(void **state)
{
    (void)state;
    fill_two_columns();
    const sy_permutation one = answer(SY_UNIQUE, 2000, 1), three = answer(SY_UNIQUE, 2000, 3);
    assert_int_equal(one.exceeding, three.exceeding);
    assert_true(one.estimate == three.estimate);
}

static void weights_on_another_scale_change_nothing(void **state)
{
    (void)state;
    sample_fill(&s, 400, 30, 1, 33);
    s.design.cluster = &s.council_column;
    s.design.weights = &s.weight_column;
    s.design.weight_kind = SY_WEIGHT_ANALYTIC;
    for (int i = 0; i < s.n; i++) s.x[5][i] -= 0.25 * s.x[0][i];
    const sy_permutation plain = answer(SY_UNIQUE, 500, 1);
    for (int i = 0; i < s.n; i++) s.weight[i] *= 1024;
    const sy_permutation scaled = answer(SY_UNIQUE, 500, 1);
    assert_int_equal(scaled.exceeding, plain.exceeding);
    assert_true(plain.exceeding > 1 && plain.exceeding < 499);
}

static sy_status job(void *metric, void *result)
{
    sy_permutation out = {0};
    const sy_status status = ask(*(int *)metric, 20, 1, &out);
    const double values[] = {out.estimate, out.p_value};
    if (status >= 0) memcpy(result, values, sizeof values);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    int metric = SY_UNIQUE;
    sample_fill(&s, 60, 12, 1, 34);
    s.design.cluster = &s.council_column;
    assert_true(syi_survives_failing(job, &metric, 2 * sizeof(double)) > 10);
    metric = SY_ALONE;
    assert_true(syi_survives_failing(job, &metric, 2 * sizeof(double)) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_groups_of_councils_agree_with_welch_over_all_divisions),
        cmocka_unit_test(a_block_that_the_means_of_others_tell_is_never_found),
        cmocka_unit_test(columns_of_a_block_may_be_recombined),
        cmocka_unit_test(threads_change_no_bits),
        cmocka_unit_test(weights_on_another_scale_change_nothing),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
