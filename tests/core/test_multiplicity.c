/* SPDX-License-Identifier: GPL-3.0-only
 * References: R 4.2.2's p.adjust and TukeyHSD; tolerance 1e-14 for what is a few
 * products, 1e-8 for R's studentised range. */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "steelyard/multiplicity.h"
#include <math.h>

enum { N = 6 };
static const double p_values[N] = {0.01, 0.04, 0.03, 0.005, 0.5, 0.04};

static void close_to(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("found %.17g, expected %.17g", found, expected);
}

/* p.adjust(c(.01, .04, .03, .005, .5, .04), method) */
static void adjusted_values_are_those_of_r(void **state)
{
    (void)state;
    static const struct {
        sy_adjustment method;
        double adjusted[N];
    } cases[] = {
        {SY_ADJUST_NONE, {0.01, 0.04, 0.03, 0.005, 0.5, 0.04}},
        {SY_ADJUST_BONFERRONI, {0.06, 0.24, 0.18, 0.03, 1, 0.24}},
        {SY_ADJUST_HOLM, {0.05, 0.12, 0.12, 0.03, 0.5, 0.12}},
        {SY_ADJUST_HOCHBERG, {0.05, 0.08, 0.08, 0.03, 0.5, 0.08}},
        {SY_ADJUST_BH, {0.03, 0.048, 0.048, 0.03, 0.5, 0.048}},
        {SY_ADJUST_BY, {0.0735, 0.1176, 0.1176, 0.0735, 1, 0.1176}},
    };
    sy_context ctx;
    double found[N];
    sy_context_init(&ctx);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(sy_adjust_p(&ctx, cases[i].method, N, p_values, found), SY_OK);
        for (int k = 0; k < N; k++) close_to(found[k], cases[i].adjusted[k], 1e-14);
    }
    assert_int_equal(sy_adjust_p(&ctx, SY_ADJUST_SIDAK, N, p_values, found), SY_OK);
    for (int k = 0; k < N; k++) close_to(found[k], 1 - pow(1 - p_values[k], N), 1e-14);
}

static void missing_values_are_not_counted(void **state)
{
    (void)state;
    sy_context ctx;
    const double p[4] = {0.01, NAN, 0.04, NAN};
    double found[4];
    sy_context_init(&ctx);
    assert_int_equal(sy_adjust_p(&ctx, SY_ADJUST_BONFERRONI, 4, p, found), SY_OK);
    close_to(found[0], 0.02, 1e-16);
    close_to(found[2], 0.08, 1e-16);
    assert_true(isnan(found[1]) && isnan(found[3]));
}

static void stricter_methods_give_larger_values(void **state)
{
    (void)state;
    sy_context ctx;
    double bonferroni[N], sidak[N], holm[N], hochberg[N], bh[N];
    sy_context_init(&ctx);
    assert_int_equal(sy_adjust_p(&ctx, SY_ADJUST_BONFERRONI, N, p_values, bonferroni), SY_OK);
    assert_int_equal(sy_adjust_p(&ctx, SY_ADJUST_SIDAK, N, p_values, sidak), SY_OK);
    assert_int_equal(sy_adjust_p(&ctx, SY_ADJUST_HOLM, N, p_values, holm), SY_OK);
    assert_int_equal(sy_adjust_p(&ctx, SY_ADJUST_HOCHBERG, N, p_values, hochberg), SY_OK);
    assert_int_equal(sy_adjust_p(&ctx, SY_ADJUST_BH, N, p_values, bh), SY_OK);
    for (int k = 0; k < N; k++) {
        assert_true(bonferroni[k] >= sidak[k] && bonferroni[k] >= holm[k]);
        assert_true(holm[k] >= hochberg[k] && hochberg[k] >= bh[k] && bh[k] >= p_values[k]);
    }
}

enum { M = 4, PAIRS = M * (M - 1) / 2 };
typedef struct {
    double estimate[M], covariance[M * M], df[M];
    int first[PAIRS], second[PAIRS];
    double d[PAIRS], se[PAIRS], t[PAIRS], d_df[PAIRS], p[PAIRS], adjusted[PAIRS], low[PAIRS], high[PAIRS];
} pairs;

static sy_pairs buffers(pairs *x)
{
    return (sy_pairs){x->first, x->second, x->d, x->se, x->t, x->d_df, x->p, x->adjusted, x->low, x->high};
}

/* R: the same 20 numbers in 4 groups of 5,
 * y <- c(4.1,5.2,4.8,5.0,4.4, 5.9,6.1,5.2,6.6,6.0, 4.9,5.5,5.1,4.7,5.8, 7.2,6.8,7.9,7.1,6.5)
 * TukeyHSD(aov(y ~ gl(4, 5))): differences, limits, adjusted p. */
static void tukeys_limits_are_those_of_tukeyhsd(void **state)
{
    (void)state;
    static const double mean[M] = {4.7, 5.96, 5.2, 7.1}, mse = 0.232;
    static const double r[PAIRS][4] = {
        {1.2599999999999998, 0.38844488687590151, 2.1315551131240982, 0.0038826382996249853},
        {0.5, -0.37155511312409828, 1.3715551131240984, 0.38487144081851998},
        {2.3999999999999995, 1.5284448868759011, 3.2715551131240979, 3.7083491595257811e-06},
        {-0.75999999999999979, -1.6315551131240982, 0.11155511312409849, 0.098968266155216256},
        {1.1399999999999997, 0.2684448868759014, 2.0115551131240981, 0.0086570800713208218},
        {1.8999999999999995, 1.0284448868759011, 2.7715551131240979, 6.3827032389940364e-05},
    };
    sy_context ctx;
    static pairs x;
    sy_context_init(&ctx);
    memset(&x, 0, sizeof x);
    for (int i = 0; i < M; i++) {
        x.estimate[i] = mean[i];
        x.covariance[i * M + i] = mse / 5;
        x.df[i] = 16;
    }
    const sy_pairs out = buffers(&x);
    assert_int_equal(sy_pairwise(&ctx, M, x.estimate, x.covariance, x.df, SY_ADJUST_TUKEY, 0.95, &out), SY_OK);
    for (int k = 0; k < PAIRS; k++) { /* R has the later level first */
        close_to(-x.d[k], r[k][0], 1e-12);
        close_to(-x.high[k], r[k][1], 1e-6); /* qtukey stops at 1e-7 */
        close_to(-x.low[k], r[k][2], 1e-6);
        close_to(x.adjusted[k], r[k][3], 1e-8);
        assert_true(x.first[k] < x.second[k] && x.adjusted[k] > x.p[k]);
    }
}

static void limits_hold_as_the_adjusted_p_does(void **state)
{
    (void)state;
    sy_context ctx;
    static pairs x;
    static const sy_adjustment methods[] = {SY_ADJUST_BONFERRONI, SY_ADJUST_SIDAK, SY_ADJUST_TUKEY};
    static const double mean[M] = {0, 1, 1.9, 0.4};
    sy_context_init(&ctx);
    for (int i = 0; i < M; i++) {
        x.estimate[i] = mean[i];
        x.df[i] = 7 + i;
        for (int j = 0; j < M; j++) x.covariance[i * M + j] = i == j ? 0.2 + 0.05 * i : 0.03;
    }
    const sy_pairs out = buffers(&x);
    for (int k = 0; k < 3; k++) {
        assert_int_equal(sy_pairwise(&ctx, M, x.estimate, x.covariance, x.df, methods[k], 0.9, &out), SY_OK);
        for (int i = 0; i < PAIRS; i++) {
            const int without_zero = x.low[i] > 0 || x.high[i] < 0;
            assert_int_equal(without_zero, x.adjusted[i] < 0.1);
            close_to(x.d_df[i], 7 + (x.first[i] < x.second[i] ? x.first[i] : x.second[i]), 0);
            close_to(x.se[i], sqrt(0.4 + 0.05 * (x.first[i] + x.second[i]) - 0.06), 1e-15);
        }
    }
}

static void means_without_a_number_are_not_compared(void **state)
{
    (void)state;
    sy_context ctx;
    static pairs x;
    sy_context_init(&ctx);
    for (int i = 0; i < M; i++) {
        x.estimate[i] = i == 1 ? (double)NAN : i;
        x.df[i] = 10;
        x.covariance[i * M + i] = 0.5;
    }
    const sy_pairs out = buffers(&x);
    assert_int_equal(sy_pairwise(&ctx, M, x.estimate, x.covariance, x.df, SY_ADJUST_BONFERRONI, 0.95, &out), SY_OK);
    int tests = 0;
    for (int k = 0; k < PAIRS; k++) {
        const int has = x.first[k] != 1 && x.second[k] != 1;
        assert_int_equal(has, !isnan(x.adjusted[k]));
        if (has) close_to(x.adjusted[k], fmin(1, 3 * x.p[k]), 1e-15);
        tests += has;
    }
    assert_int_equal(tests, 3);
}

static void bad_arguments_are_named(void **state)
{
    (void)state;
    sy_context ctx;
    double found[N];
    const double bad[2] = {0.5, 1.5};
    static pairs x;
    sy_context_init(&ctx);
    assert_int_equal(sy_adjust_p(&ctx, SY_ADJUST_HOLM, 2, bad, found), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "p[1] = 1.5"));
    assert_int_equal(sy_adjust_p(&ctx, SY_ADJUST_TUKEY, 2, p_values, found), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "pairs of means"));
    assert_int_equal(sy_adjust_p(&ctx, (sy_adjustment)99, 2, p_values, found), SY_EINVAL);
    assert_int_equal(sy_adjust_p(&ctx, SY_ADJUST_HOLM, 0, p_values, found), SY_OK);
    const sy_pairs out = buffers(&x);
    assert_int_equal(sy_pairwise(&ctx, 1, x.estimate, x.covariance, x.df, SY_ADJUST_HOLM, 0.95, &out), SY_EINVAL);
    assert_int_equal(sy_pairwise(&ctx, M, x.estimate, x.covariance, x.df, SY_ADJUST_HOLM, 1, &out), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "level = 1"));
    memset(&x, 0, sizeof x);
    assert_int_equal(sy_pairwise(&ctx, M, x.estimate, x.covariance, x.df, SY_ADJUST_HOLM, 0.95, &out), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "df[0] = 0"));
}

enum { MANY = 400, MANY_PAIRS = MANY * (MANY - 1) / 2 };

/* Pairs begun: the second mean of each is above 0. */
static int begun(const int *second)
{
    int count = 0;
    for (int k = 0; k < MANY_PAIRS; k++) count += second[k] > 0;
    return count;
}

typedef struct {
    const int *second;
    int asked, begun;
} host;

static int stop_at_once(void *arg)
{
    host *h = arg;
    h->asked++;
    h->begun = begun(h->second);
    return 1;
}

/* 80,000 pairs with as many widths as means are seconds of work, and the host is
 * asked every 50 ms; a pair takes less than one. */
static void tukeys_pairs_stop_within_one_pair(void **state)
{
    (void)state;
    static double estimate[MANY], covariance[MANY * MANY], df[MANY], number[8][MANY_PAIRS];
    static int first[MANY_PAIRS], second[MANY_PAIRS];
    const sy_pairs out = {first,     second,    number[0], number[1], number[2],
                          number[3], number[4], number[5], number[6], number[7]};
    sy_context ctx;
    host h = {.second = second};
    sy_context_init(&ctx);
    ctx.poll = stop_at_once;
    ctx.poll_arg = &h;
    for (int i = 0; i < MANY; i++) {
        estimate[i] = 0.01 * i;
        covariance[i * MANY + i] = 1;
        df[i] = 20 + 0.1 * i;
    }
    assert_int_equal(sy_pairwise(&ctx, MANY, estimate, covariance, df, SY_ADJUST_TUKEY, 0.95, &out), SY_EINTR);
    assert_int_equal(h.asked, 1);
    assert_int_equal(begun(second), h.begun);
    assert_true(h.begun < MANY_PAIRS);
}

static sy_status adjust_once(void *arg, void *answer)
{
    sy_context ctx;
    (void)arg;
    sy_context_init(&ctx);
    const sy_status status = sy_adjust_p(&ctx, SY_ADJUST_HOLM, N, p_values, answer);
    sy_context_free(&ctx);
    return status;
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    assert_true(syi_survives_failing(adjust_once, NULL, N * sizeof(double)) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adjusted_values_are_those_of_r),
        cmocka_unit_test(missing_values_are_not_counted),
        cmocka_unit_test(stricter_methods_give_larger_values),
        cmocka_unit_test(tukeys_limits_are_those_of_tukeyhsd),
        cmocka_unit_test(limits_hold_as_the_adjusted_p_does),
        cmocka_unit_test(means_without_a_number_are_not_compared),
        cmocka_unit_test(tukeys_pairs_stop_within_one_pair),
        cmocka_unit_test(bad_arguments_are_named),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
