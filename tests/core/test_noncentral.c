/* SPDX-License-Identifier: GPL-3.0-only
 * References: sums of the Poisson mixture in 450-digit arithmetic and double
 * integrals in 25 digits (mpmath 1.2.1). R 4.2.2 is no measure here: its pf
 * with ncp is right to 1e-10, its ptukey to 1e-4 for 2 degrees of freedom. */
#include "base/numeric_internal.h"

#include "steelyard/distribution.h"
#include "steelyard/noncentral.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

/* f, df1, df2, ncp, lower, upper */
static const double mixtures[][6] = {
    {0.5, 1, 10, 0.1, 0.48374230309070018, 0.51625769690929982},
    {4.18, 2, 39, 8.4, 0.42342811904088842, 0.57657188095911158},
    {11.4, 1, 39, 11.4, 0.49161330818645637, 0.50838669181354363},
    {0.86, 2, 39, 3, 0.21552750845684535, 0.78447249154315465},
    {2.5, 3.5, 17.25, 40, 0.00056642455807308661, 0.99943357544192691},
    {0.01, 2, 39, 200, 6.0343110471942844e-46, 1.0},
    {0.001, 5, 5, 1000, 2.4515782388963633e-224, 1.0},
    {30, 4, 100, 20, 0.99999968942770951, 3.105722904937175e-7},
    {1000, 1, 3, 500, 0.6819245233881017, 0.3180754766118983},
    {200, 2, 2, 1, 0.9925527654028563, 0.0074472345971436997},
    {1.2, 50, 10000, 15, 0.3663113887926463, 0.6336886112073537},
    {5, 3, 500000, 12, 0.55275627766867358, 0.44724372233132642},
    {25, 1, 1000, 0.001, 0.99999931469901773, 6.8530098226798547e-7},
    {100, 6, 50, 2000, 3.7800526374808795e-13, 0.99999999999962199},
    {1000000.0, 1, 1, 10, 0.99747653315183714, 0.0025234668481628638},
    {1.5, 1, 1000000, 3, 0.30441576909171391, 0.69558423090828609},
};
/* q, means, df, tail */
static const double ranges[][4] = {
    {3.5, 20, HUGE_VAL, 0.603604945203474},  {3.5, 21, HUGE_VAL, 0.628475023440537},
    {3.5, 200, HUGE_VAL, 0.999999671180883}, {8, 200, HUGE_VAL, 0.000276767566480481},
    {0.5, 5, HUGE_VAL, 0.996659683943449},   {3.5, 3, 5, 0.119272955466051},
};
/* r2, n, predictors, rho2, lower, upper: negative binomial sums in 40 digits */
static const double samples[][6] = {
    {0.07, 1114, 1, 0.05, 0.92634376574339622, 0.073656234256603776},
    {0.07, 1114, 1, 0.09, 0.098897789151289815, 0.90110221084871018},
    {0.07, 1114, 4, 0.04, 0.98104540757136235, 0.018954592428637653},
    {0.5, 30, 5, 0.3, 0.74218664595113671, 0.25781335404886329},
    {0.9, 12, 3, 0.4, 0.99113848789264369, 0.0088615121073563142},
    {0.02, 50, 2, 0.2, 0.0043032233679308209, 0.99569677663206918},
    {0.3, 25, 10, 0.0, 0.21030461729999998, 0.78969538270000002},
    {0.999, 8, 1, 0.9, 0.99998835075352483, 1.1649246475168578e-5},
    {0.1, 4, 1, 0.5, 0.12074512308976935, 0.87925487691023065},
    {0.6, 300, 6, 0.75, 1.9597788142933647e-7, 0.99999980402211857},
};
enum { N_SAMPLES = sizeof samples / sizeof *samples };
enum { N_MIXTURES = sizeof mixtures / sizeof *mixtures, N_RANGES = sizeof ranges / sizeof *ranges };

static void close_to(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("found %.17g, expected %.17g", found, expected);
}

static void both_tails_match_long_sums(void **state)
{
    (void)state;
    sy_context ctx;
    sy_context_init(&ctx);
    for (int i = 0; i < N_MIXTURES; i++) {
        const double *c = mixtures[i];
        double lower, upper;
        assert_int_equal(sy_distribution_f_noncentral(&ctx, c[0], c[1], c[2], c[3], &lower, &upper), SY_OK);
        close_to(lower, c[4], 1e-12 * c[4]);
        close_to(upper, c[5], 1e-12 * c[5]);
    }
}

static void the_law_of_r2_matches_long_sums_and_turns_round(void **state)
{
    (void)state;
    sy_context ctx;
    sy_context_init(&ctx);
    for (int i = 0; i < N_SAMPLES; i++) {
        const double *c = samples[i];
        double lower, upper, rho2;
        assert_int_equal(sy_distribution_r2(&ctx, c[0], c[1], c[2], c[3], &lower, &upper), SY_OK);
        close_to(lower, c[4], 1e-12 * c[4]);
        close_to(upper, c[5], 1e-12 * c[5]);
        assert_int_equal(sy_distribution_r2_population(&ctx, c[0], c[1], c[2], lower, &rho2), SY_OK);
        /* the slope of the tail over rho2 is about 1 / spread: 1e-12 of the tail is at most 1e-11 of rho2 here */
        close_to(rho2, c[3], 1e-11 * (c[3] + 0.01));
    }
    assert_int_equal(sy_distribution_r2(&ctx, 0.999999, 1e6, 1, 0.9999999, NULL, NULL), SY_ELIMIT);
    assert_int_equal(sy_distribution_r2_population(&ctx, 0.3, 3, 2, 0.5, NULL), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "predictors = 2"));
}

/* R2 is non-central F with ncp = rho2 / (1 - rho2) chi-squared of n - 1: Simpson's
 * rule over that chi-squared, 4000 steps, is right to 1e-9. */
static void predictors_drawn_with_the_rows_mix_non_central_f(void **state)
{
    (void)state;
    sy_context ctx;
    sy_context_init(&ctx);
    const double n = 40, p = 3, r2 = 0.35, rho2 = 0.25, df = n - 1;
    const double f = r2 / (1 - r2) * (n - p - 1) / p;
    double mixed = 0, lower;
    const int steps = 4000;
    for (int k = 1; k < steps; k++) {
        const double x = 120.0 * k / steps,
                     log_density = (df / 2 - 1) * log(x) - x / 2 - df / 2 * log(2) - lgamma(df / 2);
        assert_int_equal(sy_distribution_f_noncentral(&ctx, f, p, n - p - 1, rho2 / (1 - rho2) * x, &lower, NULL),
                         SY_OK);
        mixed += (k % 2 ? 4 : 2) * exp(log_density) * lower;
    }
    mixed *= 120.0 / steps / 3;
    assert_int_equal(sy_distribution_r2(&ctx, r2, n, p, rho2, &lower, NULL), SY_OK);
    close_to(lower, mixed, 1e-9);
}

/* ncp from the probability of a point: the probability carries half a unit in
 * the last place of p, which the slope of the curve multiplies; so what is held
 * is the probability found again. */
static void noncentrality_puts_the_point_at_its_probability(void **state)
{
    (void)state;
    sy_context ctx;
    sy_context_init(&ctx);
    for (int i = 0; i < N_MIXTURES; i++) {
        const double *c = mixtures[i];
        double ncp, lower, upper;
        if (c[4] < 1e-300 || c[5] < 1e-15) continue;
        assert_int_equal(sy_distribution_f_noncentrality(&ctx, c[0], c[1], c[2], c[4], &ncp), SY_OK);
        assert_int_equal(sy_distribution_f_noncentral(&ctx, c[0], c[1], c[2], ncp, &lower, &upper), SY_OK);
        close_to(lower, c[4], 1e-12 * c[4]);
        if (c[4] > 0.01 && c[4] < 0.99) close_to(ncp, c[3], 1e-12 * c[3]);
    }
}

static void noncentrality_is_zero_where_f_is_too_small(void **state)
{
    (void)state;
    sy_context ctx;
    double ncp = -1;
    sy_context_init(&ctx);
    assert_int_equal(sy_distribution_f_noncentrality(&ctx, 0.86, 2, 39, 0.975, &ncp), SY_OK);
    assert_true(ncp == 0);
}

static void without_noncentrality_it_is_the_f_law(void **state)
{
    (void)state;
    sy_context ctx;
    const double df2[] = {1, 7.5, 141, 1e4};
    sy_context_init(&ctx);
    for (int j = 0; j < 4; j++)
        for (double f = 0.1; f < 40; f *= 3) {
            double lower, upper, tail;
            assert_int_equal(sy_distribution_f_noncentral(&ctx, f, 3, df2[j], 0, &lower, &upper), SY_OK);
            assert_int_equal(sy_distribution_f_tail(&ctx, f, 3, df2[j], &tail), SY_OK);
            close_to(upper, tail, 1e-12 * tail);
            close_to(lower + upper, 1, 1e-15);
        }
}

static void range_tails_match_double_integrals(void **state)
{
    (void)state;
    sy_context ctx;
    sy_context_init(&ctx);
    for (int i = 0; i < N_RANGES; i++) {
        const double *c = ranges[i];
        double tail;
        assert_int_equal(sy_distribution_range_tail(&ctx, c[0], (int)c[1], c[2], &tail), SY_OK);
        close_to(tail, c[3], 1e-12);
    }
}

/* |x1 - x2| / s = sqrt(2) |t| */
static void range_of_two_means_is_students_t(void **state)
{
    (void)state;
    sy_context ctx;
    const double df[] = {1, 2, 2.5, 19, 141.3, 1e5, HUGE_VAL}, t[] = {0.01, 0.5, 1.96, 6};
    sy_context_init(&ctx);
    for (int i = 0; i < 7; i++)
        for (int j = 0; j < 4; j++) {
            double tail, range;
            assert_int_equal(sy_distribution_t_tail(&ctx, t[j], df[i], &tail), SY_OK);
            assert_int_equal(sy_distribution_range_tail(&ctx, t[j] * sqrt(2), 2, df[i], &range), SY_OK);
            close_to(range, 2 * tail, 1e-12);
        }
}

static void range_quantile_turns_the_tail_round(void **state)
{
    (void)state;
    sy_context ctx;
    const double df[] = {1, 3, 30, HUGE_VAL};
    sy_context_init(&ctx);
    for (int i = 0; i < 4; i++)
        for (int means = 2; means <= 50; means += 12) {
            double q, tail;
            assert_int_equal(sy_distribution_range_quantile(&ctx, 0.95, means, df[i], &q), SY_OK);
            assert_int_equal(sy_distribution_range_tail(&ctx, q, means, df[i], &tail), SY_OK);
            close_to(tail, 0.05, 1e-12);
        }
}

/* Tukey's table as printed (Montgomery 2013, Design and Analysis of
 * Experiments, appendix VII): q(0.05; 3, 10) = 3.88, q(0.01; 4, 20) = 5.02. */
static void range_quantiles_are_those_printed(void **state)
{
    (void)state;
    sy_context ctx;
    double q;
    sy_context_init(&ctx);
    assert_int_equal(sy_distribution_range_quantile(&ctx, 0.95, 3, 10, &q), SY_OK);
    close_to(q, 3.88, 0.005);
    assert_int_equal(sy_distribution_range_quantile(&ctx, 0.99, 4, 20, &q), SY_OK);
    close_to(q, 5.02, 0.005);
}

static void edges_have_their_limits(void **state)
{
    (void)state;
    sy_context ctx;
    double lower, upper;
    sy_context_init(&ctx);
    assert_int_equal(sy_distribution_f_noncentral(&ctx, 0, 2, 5, 3, &lower, &upper), SY_OK);
    assert_true(lower == 0 && upper == 1);
    assert_int_equal(sy_distribution_f_noncentral(&ctx, HUGE_VAL, 2, 5, 3, &lower, NULL), SY_OK);
    assert_true(lower == 1);
    assert_int_equal(sy_distribution_range_tail(&ctx, 0, 3, 5, &upper), SY_OK);
    assert_true(upper == 1);
}

static void arguments_out_of_range_are_named(void **state)
{
    (void)state;
    sy_context ctx;
    double x;
    sy_context_init(&ctx);
    assert_int_equal(sy_distribution_f_noncentral(&ctx, 1, 0, 5, 1, &x, &x), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "df1 = 0"));
    assert_int_equal(sy_distribution_f_noncentral(&ctx, 1, 2, NAN, 1, &x, &x), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "df2"));
    assert_int_equal(sy_distribution_f_noncentral(&ctx, -1, 2, 5, 1, &x, &x), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "f = -1"));
    assert_int_equal(sy_distribution_f_noncentral(&ctx, 1, 2, 5, -1, &x, &x), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "ncp = -1"));
    assert_int_equal(sy_distribution_f_noncentrality(&ctx, 1, 2, 5, 1, &x), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "p = 1"));
    assert_int_equal(sy_distribution_f_noncentrality(&ctx, 1e12, 2, 5, 0.01, &x), SY_ELIMIT);
    assert_int_equal(sy_distribution_range_tail(&ctx, 1, 1, 5, &x), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "means = 1"));
    assert_int_equal(sy_distribution_range_tail(&ctx, -1, 3, 5, &x), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "q = -1"));
    assert_int_equal(sy_distribution_range_tail(&ctx, 1, 3, 0.5, &x), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "df = 0.5"));
    assert_int_equal(sy_distribution_range_quantile(&ctx, 0, 3, 5, &x), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "p = 0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_tails_match_long_sums),
        cmocka_unit_test(the_law_of_r2_matches_long_sums_and_turns_round),
        cmocka_unit_test(predictors_drawn_with_the_rows_mix_non_central_f),
        cmocka_unit_test(noncentrality_puts_the_point_at_its_probability),
        cmocka_unit_test(noncentrality_is_zero_where_f_is_too_small),
        cmocka_unit_test(without_noncentrality_it_is_the_f_law),
        cmocka_unit_test(range_tails_match_double_integrals),
        cmocka_unit_test(range_of_two_means_is_students_t),
        cmocka_unit_test(range_quantile_turns_the_tail_round),
        cmocka_unit_test(range_quantiles_are_those_printed),
        cmocka_unit_test(edges_have_their_limits),
        cmocka_unit_test(arguments_out_of_range_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
