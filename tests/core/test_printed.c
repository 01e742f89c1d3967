/* SPDX-License-Identifier: GPL-3.0-only
 * References: worked examples of methods (odds ratio 3, 75 % good, 60 % exposed: risk ratio 4/3, .8333, .625);
 * R 4.2.2 power.t.test (n = 20 a group, delta 1, sd 1: strict power .868953027724586, so that the difference at that
 * power is 1) and binom.test (11 of 15: .4489968, .9221285); the trend is held to enumeration. */
#include "base/numeric_internal.h"

#include "base/random_internal.h"
#include "failing_internal.h"
#include "frame.h"
#include "steelyard/distribution.h"
#include "steelyard/memory.h"
#include "steelyard/noncentral.h"
#include "steelyard/printed.h"
#include <math.h>
#include <string.h>

static sy_context ctx;

static int fresh(void **state)
{
    (void)state;
    sy_context_init(&ctx);
    return 0;
}

static void says(sy_status found, sy_status expected, const char *part)
{
    assert_int_equal(found, expected);
    if (!strstr(ctx.message, part)) fail_msg("\"%s\" does not say \"%s\"", ctx.message, part);
}

static void unit_values_are_costs_over_users(void **state)
{
    (void)state;
    static const char *const days[] = {"in the year", "on one day"};
    const double users[] = {100, 400, 80, 250};
    double value[4], ratio[4], gap[4];
    sy_unit_summary s;
    const sy_unit_question q = {{"direct", "managed"}, {800, 1600}, 2, days, users, 1200};
    assert_int_equal(sy_unit_values(&ctx, &q, value, ratio, gap, &s), SY_OK);
    near(value[0], 8, 1e-15);
    near(value[1], 4, 1e-15);
    near(value[2], 10, 1e-15);
    near(value[3], 6.4, 1e-15);
    near(ratio[1], 1.25, 1e-15); /* direct in the year over managed on one day */
    near(ratio[2], 2.5, 1e-15);
    near(gap[3], 3.6, 1e-15);
    near(s.low, 1.5625, 1e-15);
    near(s.high, 2, 1e-15);
    near(s.low_any, 1.25, 1e-15);
    near(s.high_any, 2.5, 1e-15);
    near(s.claimed_users, 300, 1e-15);
    assert_non_null(strstr(s.text, "300 users"));
    assert_non_null(strstr(s.text, "from 1.250 to 2.500"));
}

static void totals_of_zero_are_refused_by_group(void **state)
{
    (void)state;
    static const char *const day[] = {"on one day"};
    double users[] = {100, 0}, value[2], ratio[1], gap[1];
    sy_unit_summary s;
    sy_unit_question q = {{"direct", "managed"}, {800, 1600}, 1, day, users, NAN};
    says(sy_unit_values(&ctx, &q, value, ratio, gap, &s), SY_EINVAL, "users: managed has a total of 0");
    users[1] = 10;
    q.cost[0] = 0;
    says(sy_unit_values(&ctx, &q, value, ratio, gap, &s), SY_EINVAL, "costs: direct has a total of 0");
    q.cost[0] = 1;
    q.claimed = -2;
    says(sy_unit_values(&ctx, &q, value, ratio, gap, &s), SY_EINVAL, "claimed: -2");
    q.claimed = 5; /* direct is the cheaper: 1 a hundred against 160 */
    assert_int_equal(sy_unit_values(&ctx, &q, value, ratio, gap, &s), SY_OK);
    assert_true(isnan(s.claimed_users));
}

static void seven_percent_allow_two_thirds_of_a_standard_deviation(void **state)
{
    (void)state;
    sy_gap_allowed_summary g;
    const sy_gap_allowed_question q = {.r2 = 0.07, .share = 0.8, .sd = 1, .group_r2 = 1, .full_r2 = NAN, .vif = NAN};
    assert_int_equal(sy_gap_allowed(&ctx, &q, &g), SY_OK);
    near(g.gap, sqrt(0.07 / 0.16), 1e-15); /* methods: .66 */
    assert_true(fabs(g.gap - 0.66) < 0.005 && isnan(g.adjusted_gap));
    assert_non_null(strstr(g.text, "0.6614"));
    sy_slope_allowed_summary s; /* need-led funding: R2 alone .0025, a slope of .92 */
    assert_int_equal(sy_slope_allowed(&ctx, 0.4, 3, 0.0025, 1, &s), SY_OK);
    near(s.sharp, 0.05 + sqrt(2 * 0.3975), 1e-15);
    near(s.bound, sqrt(1.2), 1e-15);
    assert_true(s.sharp > 0.92 && s.sharp < s.bound);
}

/* Rows in which money is what the group is: r2 of y on money, and the part of
 * the gap along the line, from the rows themselves. */
static void money_that_is_the_group_attains_the_bound(void **state)
{
    (void)state;
    enum { N = 5000 };
    static double x[N], y[N];
    double mx = 0, my = 0, sxx = 0, sxy = 0, syy = 0, first[2] = {0}, n1 = 0;
    syi_stream stream;
    syi_stream_init(&stream, 7, 0, 0);
    for (int i = 0; i < N; i++) {
        const int d = i % 5 != 0; /* 80 % */
        const double noise = syi_stream_uniform(&stream) - 0.5;
        x[i] = 3000 + 4000 * d;
        y[i] = d + 5 * noise;
        mx += x[i] / N;
        my += y[i] / N;
    }
    for (int i = 0; i < N; i++) {
        sxx += (x[i] - mx) * (x[i] - mx) / N;
        sxy += (x[i] - mx) * (y[i] - my) / N;
        syy += (y[i] - my) * (y[i] - my) / N;
        first[0] += i % 5 ? x[i] : 0;
        first[1] += i % 5 ? 0 : x[i];
        n1 += i % 5 != 0;
    }
    sy_gap_allowed_summary g;
    const sy_gap_allowed_question q = {sxy * sxy / (sxx * syy), n1 / N, sqrt(syy), 1, NAN, NAN};
    assert_int_equal(sy_gap_allowed(&ctx, &q, &g), SY_OK);
    /* sums of 5000 numbers of one sign: 1e-12 */
    near(g.gap, sxy / sxx * (first[0] / n1 - first[1] / (N - n1)), 1e-11);
}

/* y, x, z by covariances: z tells nothing of y (r_yz = 0), r_xz = c. Then VIF =
 * 1 / (1 - c^2), b = r / (1 - c^2), R2_full = r^2 / (1 - c^2): b^2 = R2_full VIF. And
 * any r_yz: b lies under the sharp bound, on it where the sign is the worst. */
static void adjusted_slopes_reach_the_bounds_and_never_pass_them(void **state)
{
    (void)state;
    int reached = 0, sharp_reached = 0;
    for (double c = 0.1; c < 0.95; c += 0.1)
        for (double r = -0.6; r < 0.65; r += 0.1)
            for (double v = -0.6; v < 0.65; v += 0.05) {
                const double left = 1 - c * c, b = (r - c * v) / left, bz = (v - c * r) / left, full = b * r + bz * v;
                if (full >= 1 || full < r * r) continue;
                sy_slope_allowed_summary s;
                assert_int_equal(sy_slope_allowed(&ctx, full, 1 / left, r * r, 2, &s), SY_OK);
                assert_true(2 * fabs(b) <= s.sharp * (1 + 1e-12) + 1e-14 && s.sharp <= s.bound);
                reached += fabs(2 * fabs(b) - s.bound) < 1e-9;
                sharp_reached += fabs(2 * fabs(b) - s.sharp) < 1e-9;
            }
    assert_true(reached > 50 && sharp_reached > 300);
}

static void an_odds_ratio_of_three_is_a_risk_ratio_of_four_thirds(void **state)
{
    (void)state;
    sy_risks r, back;
    assert_int_equal(sy_risk_from_odds(&ctx, 3, 0.75, 0.6, &r), SY_OK);
    near(r.risk_ratio, 4.0 / 3, 1e-15);
    near(r.risk_exposed, 5.0 / 6, 1e-15);
    near(r.risk_unexposed, 0.625, 1e-15);
    for (double w = 0.05; w < 60; w *= 1.7)
        for (double o = 0.02; o < 1; o += 0.07)
            for (double e = 0.02; e < 1; e += 0.07) {
                assert_int_equal(sy_risk_from_odds(&ctx, w, o, e, &r), SY_OK);
                near(e * r.risk_exposed + (1 - e) * r.risk_unexposed, o, 1e-13);
                near(r.risk_exposed * (1 - r.risk_unexposed) / (r.risk_unexposed * (1 - r.risk_exposed)), w, 1e-11);
                assert_int_equal(sy_odds_from_risk(&ctx, r.risk_ratio, o, e, &back), SY_OK);
                near(back.odds_ratio, w, 1e-11); /* through 1 - risk, which may be 0.002 */
            }
    says(sy_risk_from_odds(&ctx, 3, 1, 0.6, &r), SY_EINVAL, "overall: 1;");
    says(sy_risk_from_odds(&ctx, 3, 0.5, 0, &r), SY_EINVAL, "exposed: 0;");
    says(sy_risk_from_odds(&ctx, -1, 0.5, 0.5, &r), SY_EINVAL, "odds_ratio: -1;");
    says(sy_odds_from_risk(&ctx, 3, 0.75, 0.6, &r), SY_EINVAL, "would make a risk of 1.02273");
}

/* Limits are where the law has its tails; one predictor by design is the
 * non-central F of eta squared. */
static void r2_limits_put_the_tails_where_they_belong(void **state)
{
    (void)state;
    sy_r2_limits l, wide;
    sy_r2_question q = {.r2 = 0.07, .n = 1114, .predictors = 1, .level = 0.95};
    double lower, upper;
    assert_int_equal(sy_r2_interval(&ctx, &q, &l), SY_OK);
    assert_int_equal(sy_distribution_r2(&ctx, 0.07, 1114, 1, l.low, NULL, &upper), SY_OK);
    near(upper, 0.025, 1e-10);
    assert_int_equal(sy_distribution_r2(&ctx, 0.07, 1114, 1, l.high, &lower, NULL), SY_OK);
    near(lower, 0.025, 1e-10);
    assert_int_equal(sy_distribution_r2(&ctx, 0.07, 1114, 1, l.upper, &lower, NULL), SY_OK);
    near(lower, 0.05, 1e-10);
    /* Fisher's z of r = .26458: .2136 to .3180 squared, .0444 to .1005 */
    assert_true(fabs(l.low - 0.0438) < 0.002 && fabs(l.high - 0.1011) < 0.002);
    near(l.adjusted, 1 - 0.93 * 1113 / 1112, 1e-14); /* a difference of numbers near 1 */
    near(l.by_chance, 1.0 / 1113, 1e-15);
    q.rounding = 0.005;
    assert_int_equal(sy_r2_interval(&ctx, &q, &wide), SY_OK);
    assert_true(wide.low < l.low && wide.high > l.high && wide.upper > l.upper);
    q.at_most = 1;
    assert_int_equal(sy_r2_interval(&ctx, &q, &wide), SY_OK);
    assert_true(wide.low == 0 && strstr(wide.text, "at most 0.07"));
    q = (sy_r2_question){.r2 = 0.3, .n = 40, .predictors = 2, .level = 0.9, .fixed = 1};
    assert_int_equal(sy_r2_interval(&ctx, &q, &l), SY_OK);
    const double f = 0.3 / 0.7 * 37 / 2;
    assert_int_equal(sy_distribution_f_noncentral(&ctx, f, 2, 37, 40 * l.high / (1 - l.high), &lower, NULL), SY_OK);
    near(lower, 0.05, 1e-10);
    says(sy_r2_interval(&ctx, &(sy_r2_question){1, 40, 2, 0.9, 0, 0, 0}, &l), SY_EINVAL, "r2: 1;");
    says(sy_r2_interval(&ctx, &(sy_r2_question){0.1, 3, 2, 0.9, 0, 0, 0}, &l), SY_EINVAL, "n: 3 with 2 predictors");
    says(sy_r2_interval(&ctx, &(sy_r2_question){0.1, 30, 2, 1, 0, 0, 0}, &l), SY_EINVAL, "level: 1");
}

/* An R2 that noise makes has no lower limit above 0. */
static void an_r2_of_noise_has_a_lower_limit_of_zero(void **state)
{
    (void)state;
    sy_r2_limits l;
    assert_int_equal(sy_r2_interval(&ctx, &(sy_r2_question){0.03, 100, 3, 0.95, 0, 0, 0}, &l), SY_OK);
    assert_true(l.low == 0 && l.high > 0.03 && l.adjusted < 0.001);
    assert_int_equal(sy_r2_interval(&ctx, &(sy_r2_question){0, 100, 3, 0.95, 0, 0, 0}, &l), SY_OK);
    assert_non_null(strstr(l.text, "A 0 in print is a rounded number: say by how much (rounding"));
    assert_true(l.low == 0 && l.high == 0); /* an R2 of exactly 0 has probability 0 under every rho2 */
}

static void detectable_differences_are_those_of_power_t_test(void **state)
{
    (void)state;
    sy_detectable d;
    sy_detectable_question q = {20, 20, 1, 0.95, 0.868953027724586, 1};
    assert_int_equal(sy_detectable_difference(&ctx, &q, &d), SY_OK);
    near(d.difference, 1, 1e-12);
    q = (sy_detectable_question){170, 169, 10, 0.95, 0.8, 1};
    assert_int_equal(sy_detectable_difference(&ctx, &q, &d), SY_OK);
    assert_true(fabs(d.standardised - 0.305) < 0.001 && d.difference == 10 * d.standardised);
    const double plain = d.difference;
    q.design_effect = 4;
    assert_int_equal(sy_detectable_difference(&ctx, &q, &d), SY_OK);
    near(d.difference, 2 * plain, 1e-14);
    q.power = 0.05;
    says(sy_detectable_difference(&ctx, &q, &d), SY_EINVAL, "power: 0.05 is not between 0.05 and 1");
    q.n2 = 1;
    says(sy_detectable_difference(&ctx, &q, &d), SY_EINVAL, "n2: 1;");
}

static void counts_have_their_limits_and_both_chances(void **state)
{
    (void)state;
    const double count[] = {11, 0, 14, 5}, of[] = {15, 3, 14, 14};
    sy_count_row row[4];
    sy_counts_summary s;
    sy_counts_question q = {.chance = 0.05, .level = 0.95};
    assert_int_equal(sy_counts_by_chance(&ctx, 4, count, of, &q, row, &s), SY_OK);
    near(row[0].low, 0.4489968, 2e-7);
    near(row[0].high, 0.9221285, 2e-7);
    assert_true(row[1].low == 0 && row[1].p_independent == 1 && row[1].p_worst == 1);
    near(row[2].p_independent, pow(0.05, 14), 1e-12);
    near(row[3].expected, 0.7, 1e-15);
    near(row[3].p_worst, 0.14, 1e-15);
    /* one Bernoulli: (alpha / 2) quantile of beta(1, 1) is the lower limit of a whole pass */
    near(row[2].worst_low, 0.025, 1e-12);
    assert_true(isnan(s.p_value) && strstr(s.text, "3 are beyond chance"));
    q.correlation = 1;
    assert_int_equal(sy_counts_by_chance(&ctx, 4, count, of, &q, row, &s), SY_OK);
    assert_true(row[0].low == row[0].worst_low && row[0].high == row[0].worst_high);
    q.chance = NAN;
    assert_int_equal(sy_counts_by_chance(&ctx, 4, count, of, &q, row, &s), SY_OK);
    assert_true(isnan(row[0].p_worst) && isnan(row[0].expected));
}

/* 5 of 14 indicators, drawn anew, pass together or none does: each passes with
 * .05, and 5 or more with .14, as the bound says. Five standard errors. */
static void some_dependence_attains_the_worst_chance(void **state)
{
    (void)state;
    enum { WORLDS = 400000, M = 14, K = 5 };
    int passed[M] = {0}, reached = 0;
    syi_stream stream;
    syi_stream_init(&stream, 3, 0, 0);
    for (int w = 0; w < WORLDS; w++) {
        if (syi_stream_uniform(&stream) >= 0.05 * M / K) continue;
        const int from = (int)syi_stream_below(&stream, M); /* five in a ring */
        for (int j = 0; j < K; j++) passed[(from + j) % M]++;
        reached++;
    }
    for (int j = 0; j < M; j++) assert_true(fabs(passed[j] / (double)WORLDS - 0.05) < 5 * sqrt(0.05 * 0.95 / WORLDS));
    assert_true(fabs(reached / (double)WORLDS - 0.14) < 5 * sqrt(0.14 * 0.86 / WORLDS));
}

static double choose(int m, int y)
{
    double c = 1;
    for (int i = 0; i < y; i++) c = c * (m - i) / (i + 1);
    return c;
}

/* Every table of three counts with the same total, written out. */
static void the_trend_is_that_of_all_tables(void **state)
{
    (void)state;
    const double count[] = {6, 9, 11}, of[] = {9, 14, 15};
    sy_count_row row[3];
    sy_counts_summary s;
    const sy_counts_question q = {.chance = NAN, .level = 0.95, .trend = 1};
    assert_int_equal(sy_counts_by_chance(&ctx, 3, count, of, &q, row, &s), SY_OK);
    const double mean = (14 + 2 * 15) * 26.0 / 38, observed = 9 + 22 - mean;
    double all = 0, far = 0;
    for (int a = 0; a <= 9; a++)
        for (int b = 0; b <= 14; b++) {
            const int c = 26 - a - b;
            if (c < 0 || c > 15) continue;
            const double ways = choose(9, a) * choose(14, b) * choose(15, c);
            all += ways;
            if (fabs(b + 2 * c - mean) >= fabs(observed) - 1e-9) far += ways;
        }
    near(s.statistic, observed, 1e-12);
    near(s.p_value, far / all, 1e-12);
    assert_true(s.p_value > 0.5 && strstr(s.text, "cannot be told"));
    const double up[] = {0, 5, 12}, twelve[] = {12, 12, 12};
    assert_int_equal(sy_counts_by_chance(&ctx, 3, up, twelve, &q, row, &s), SY_OK);
    assert_true(s.p_value < 1e-4 && strstr(s.text, "upward"));
    const double none[] = {0, 0};
    assert_int_equal(sy_counts_by_chance(&ctx, 2, none, twelve, &q, row, &s), SY_OK);
    assert_true(s.p_value == 1 && s.statistic == 0);
}

static void counts_out_of_range_are_named(void **state)
{
    (void)state;
    const double bad[] = {16}, half[] = {1.5}, of[] = {15}, many[] = {50000, 50000}, ofs[] = {1e5, 1e5};
    sy_count_row row[2];
    sy_counts_summary s;
    sy_counts_question q = {.chance = 0.05, .level = 0.95};
    says(sy_counts_by_chance(&ctx, 1, bad, of, &q, row, &s), SY_EINVAL, "counts: 16 of 15");
    says(sy_counts_by_chance(&ctx, 1, half, of, &q, row, &s), SY_EINVAL, "counts: 1.5 of 15");
    q.trend = 1;
    says(sy_counts_by_chance(&ctx, 1, of, of, &q, row, &s), SY_EINVAL, "trend: one count has none");
    says(sy_counts_by_chance(&ctx, 2, many, ofs, &q, row, &s), SY_ELIMIT, "trend: 100000 counted");
    q.chance = 1.2;
    says(sy_counts_by_chance(&ctx, 1, of, of, &q, row, &s), SY_EINVAL, "chance: 1.2");
}

static sy_status trend_job(void *arg, void *answer)
{
    (void)arg;
    sy_context c;
    sy_context_init(&c);
    const double count[] = {6, 9, 11}, of[] = {9, 14, 15};
    sy_count_row row[3];
    sy_counts_summary s;
    const sy_counts_question q = {.chance = 0.5, .level = 0.95, .trend = 1};
    const sy_status status = sy_counts_by_chance(&c, 3, count, of, &q, row, &s);
    if (status >= 0) memcpy(answer, &s.p_value, sizeof s.p_value);
    sy_context_free(&c);
    return status;
}

static void memory_that_fails_is_survived(void **state)
{
    (void)state;
    assert_true(syi_survives_failing(trend_job, NULL, sizeof(double)) >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unit_values_are_costs_over_users),
        cmocka_unit_test(totals_of_zero_are_refused_by_group),
        cmocka_unit_test(seven_percent_allow_two_thirds_of_a_standard_deviation),
        cmocka_unit_test(money_that_is_the_group_attains_the_bound),
        cmocka_unit_test(adjusted_slopes_reach_the_bounds_and_never_pass_them),
        cmocka_unit_test(an_odds_ratio_of_three_is_a_risk_ratio_of_four_thirds),
        cmocka_unit_test(r2_limits_put_the_tails_where_they_belong),
        cmocka_unit_test(an_r2_of_noise_has_a_lower_limit_of_zero),
        cmocka_unit_test(detectable_differences_are_those_of_power_t_test),
        cmocka_unit_test(counts_have_their_limits_and_both_chances),
        cmocka_unit_test(some_dependence_attains_the_worst_chance),
        cmocka_unit_test(the_trend_is_that_of_all_tables),
        cmocka_unit_test(counts_out_of_range_are_named),
        cmocka_unit_test(memory_that_fails_is_survived),
    };
    return cmocka_run_group_tests(tests, fresh, NULL);
}
