/* SPDX-License-Identifier: GPL-3.0-only
 * References: 50-digit regularised incomplete beta and gamma functions and
 * their roots (mpmath 1.2.1), rounded to 17 digits. R 4.2.2's qt and pf agree to
 * 4e-15 where its search ends within rounding; it does not for t at 1e-300 with
 * df = 2.5 (9e-6 off) and df = 5 (2e-9) and within 1e-4 of the median. The
 * tolerance 1e-12 is what the module promises; measured: 3e-13. */
#include "base/numeric_internal.h"

#include "algebra/distribution_internal.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

enum { N_P = 8, N_T = 6 };
static const double probabilities[N_P] = {1e-300, 1e-100, 1e-10, 1e-05, 0.025, 0.3, 0.4999, 0.49999999999};
static const struct {
    double df, upper[N_P];
} quantiles[] = {
    {1,
     {3.1830988618379066e+299, 3.1830988618379067e+99, 3183098861.8379066, 31830.988607907089, 12.706204736174704,
      0.72654252800536094, 0.00031415927569437069, 3.1415929135263349e-11}},
    {2,
     {7.0710678118654752e+149, 7.0710678118654752e+49, 70710.678108048149, 223.60344363403719, 4.3026527297494637,
      0.61721339984836768, 0.00028284271813144228, 2.8284273587712997e-11}},
    {2.5,
     {8.7654378822799919e+119, 8.7654378822799919e+39, 8765.4377713645716, 87.643286856661871, 3.5746548420036831,
      0.59730773825231749, 0.00027638913918027352, 2.7638915712232977e-11}},
    {5,
     {1.5683925590993378e+60, 1.5683925590993378e+20, 156.82559270889432, 15.546854534954756, 2.5705818356363155,
      0.55942964446936079, 0.00026343055607018551, 2.6343057421036888e-11}},
    {19,
     {23653407899779810.0, 704008.5470071809, 12.185020116364002, 5.6267662327240456, 2.0930240544083097,
      0.53331388164220497, 0.00025398128178130538, 2.5398129992155066e-11}},
    {145.3,
     {1366.5240060535769, 56.164139222755609, 6.8442288210969111, 4.4098937054691482, 1.9764252242403758,
      0.52555291439712273, 0.0002510944829269773, 2.5109450104597711e-11}},
    {1e+06,
     {37.059820872774391, 21.275865985490619, 6.3614068488767426, 4.2649112540696596, 1.959966356814107,
      0.52440067986020892, 0.00025066289275372678, 2.5066291086875527e-11}},
    {HUGE_VAL,
     {37.047096299361199, 21.273453560965324, 6.3613409024040562, 4.2648907939228246, 1.9599639845400542,
      0.52440051270804082, 0.00025066283008800749, 2.5066284820303539e-11}},
};

static const double points[N_T] = {0.5, 3.5, 5, 17, 20, 37};
static const struct {
    double df, tail[N_T];
} tails[] = {
    {0.1,
     {0.44326011332299353, 0.36815660314876068, 0.35529535760159262, 0.31440043175181069, 0.30933290366866815,
      0.29087805522681905}},
    {1,
     {0.35241638234956673, 0.088585532782904749, 0.062832958189001184, 0.018702559241276673, 0.015902251256176375,
      0.0086008761054331541}},
    {2.5,
     {0.32884895993485734, 0.026172773480160169, 0.011725594985430924, 0.00059865120214658495, 0.00039969412225121694,
      8.6230187226447037e-5}},
    {5,
     {0.3191494358204645, 0.0086422158926466773, 0.0020523579900266612, 6.4426081881539617e-6, 2.887758186612086e-6,
      1.3579140962734019e-7}},
    {19,
     {0.31140824564322086, 0.0011976733448414057, 3.9749874992088169e-5, 2.9869304798022278e-13, 1.592381406122632e-14,
      1.7946806706437873e-19}},
    {31,
     {0.31030297562385946, 0.00071652139387360935, 1.0738917335087816e-5, 1.4412322529682708e-17,
      1.4080894498932338e-19, 1.6121814217661994e-27}},
    {145.3,
     {0.30891573083705783, 0.00030902896870988108, 8.1432361400056883e-7, 1.1459659073879941e-36,
      7.1991492756246802e-44, 3.8620919502509901e-76}},
    {1000,
     {0.30859254041693741, 0.00024288717298391612, 3.3836281823243152e-7, 1.9839618014498681e-57,
      2.0311442497623857e-75, 8.6503944049565307e-190}},
    {1e+06,
     {0.30853759373618569, 0.00023263919684051749, 2.8669989354453708e-7, 4.1932196738645963e-65,
      2.8665435236951859e-89, 9.1498654309011315e-300}},
    {HUGE_VAL,
     {0.3085375387259869, 0.00023262907903552504, 2.8665157187919391e-7, 4.1059962020989063e-65, 2.7536241186062337e-89,
      5.7255712225245768e-300}},
};

static const double f_tails[][4] = {
    {0.3, 1, 5, 0.60743549407592422},
    {4.5, 3, 141, 0.0047738285025137252},
    {330.285339234588, 6, 9, 4.9840305287248105e-10},
    {2.5, 7.5, 19.25, 0.050041250491784654},
    {100, 2, 1000, 2.5667110257053153e-40},
    {1.01, 40, 100000.0, 0.45260559236980959},
};
static const double chi2_tails[][3] = {
    {3.841458820694124, 1, 0.050000000000000057},
    {0.01, 2.5, 0.99882975862859699},
    {50, 10, 2.6690834249044956e-7},
    {300, 3, 9.9487583463277089e-65},
    {1100, 1000, 0.014614408126295194},
};
static const double normal_tails[][2] = {
    {-3, 0.99865010196836991},   {-0.5, 0.6914624612740131},
    {0.5, 0.3085375387259869},   {1.959963984540054, 0.025000000000000011},
    {8, 6.2209605742717841e-16}, {37, 5.7255712225245768e-300},
};
static const double normal_quantiles[][2] = {
    {1e-300, -37.047096299361199}, {1e-10, -6.3613409024040562}, {0.025, -1.9599639845400542},
    {0.3, -0.52440051270804082},   {0.975, 1.9599639845400539},
};

static void close_to(double found, double expected)
{
    if (!(fabs(found - expected) <= 1e-12 * fabs(expected))) fail_msg("found %.17g, expected %.17g", found, expected);
}

static void t_quantiles_match_fifty_digits(void **state)
{
    (void)state;
    sy_context ctx;
    sy_context_init(&ctx);
    for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++) {
        for (int j = 0; j < N_P; j++) {
            double t = 0;
            assert_int_equal(sy_distribution_t_quantile(&ctx, probabilities[j], quantiles[i].df, &t), SY_OK);
            close_to(-t, quantiles[i].upper[j]);
        }
    }
    sy_context_free(&ctx);
}

static void t_tails_match_fifty_digits(void **state)
{
    (void)state;
    sy_context ctx;
    sy_context_init(&ctx);
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        for (int j = 0; j < N_T; j++) {
            double upper = 0, lower = 0;
            assert_int_equal(sy_distribution_t_tail(&ctx, points[j], tails[i].df, &upper), SY_OK);
            assert_int_equal(sy_distribution_t_tail(&ctx, -points[j], tails[i].df, &lower), SY_OK);
            close_to(upper, tails[i].tail[j]);
            close_to(lower, 1 - tails[i].tail[j]);
        }
    }
    sy_context_free(&ctx);
}

static void f_chi2_and_normal_match_fifty_digits(void **state)
{
    (void)state;
    sy_context ctx;
    double value = 0;
    sy_context_init(&ctx);
    for (size_t i = 0; i < sizeof f_tails / sizeof *f_tails; i++) {
        const double *c = f_tails[i];
        assert_int_equal(sy_distribution_f_tail(&ctx, c[0], c[1], c[2], &value), SY_OK);
        close_to(value, c[3]);
    }
    for (size_t i = 0; i < sizeof chi2_tails / sizeof *chi2_tails; i++) {
        const double *c = chi2_tails[i];
        assert_int_equal(sy_distribution_chi2_tail(&ctx, c[0], c[1], &value), SY_OK);
        close_to(value, c[2]);
    }
    for (size_t i = 0; i < sizeof normal_tails / sizeof *normal_tails; i++) {
        assert_int_equal(sy_distribution_normal_tail(&ctx, normal_tails[i][0], &value), SY_OK);
        close_to(value, normal_tails[i][1]);
    }
    for (size_t i = 0; i < sizeof normal_quantiles / sizeof *normal_quantiles; i++) {
        assert_int_equal(sy_distribution_normal_quantile(&ctx, normal_quantiles[i][0], &value), SY_OK);
        close_to(value, normal_quantiles[i][1]);
    }
    sy_context_free(&ctx);
}

/* t with 1 df is Cauchy: tan(pi (p - 1/2)); with 2 df t = a / sqrt(2 p (1 - p)),
 * a = 2 p - 1. 1e-12: tan near its pole is good to 1e-13. */
static void one_and_two_df_match_their_closed_forms(void **state)
{
    (void)state;
    sy_context ctx;
    sy_context_init(&ctx);
    for (int i = 1; i < 200; i++) {
        const double p = i / 200.0;
        double one = 0, two = 0;
        if (i == 100) continue;
        assert_int_equal(sy_distribution_t_quantile(&ctx, p, 1, &one), SY_OK);
        assert_int_equal(sy_distribution_t_quantile(&ctx, p, 2, &two), SY_OK);
        close_to(one, tan(acos(-1.0) * (p - 0.5)));
        close_to(two, (2 * p - 1) / sqrt(2 * p * (1 - p)));
    }
    sy_context_free(&ctx);
}

static void a_quantile_has_its_tail(void **state)
{
    (void)state;
    static const double dfs[] = {0.1, 0.7, 3, 29.9, 30.1, 57, 1e3, 9999, 10001, 1e9, 1e15, 1e19, HUGE_VAL};
    sy_context ctx;
    sy_context_init(&ctx);
    for (size_t i = 0; i < sizeof dfs / sizeof *dfs; i++) {
        for (double p = 1e-12; p < 0.5; p *= 3.7) {
            double low = 0, high = 0, tail = 0;
            assert_int_equal(sy_distribution_t_quantile(&ctx, p, dfs[i], &low), SY_OK);
            assert_int_equal(sy_distribution_t_tail(&ctx, -low, dfs[i], &tail), SY_OK);
            close_to(tail, p);
            assert_int_equal(sy_distribution_t_quantile(&ctx, 1 - p, dfs[i], &high), SY_OK);
            assert_true(high > 0 && low < 0);
        }
    }
    sy_context_free(&ctx);
}

static void the_median_and_the_ends_are_exact(void **state)
{
    (void)state;
    sy_context ctx;
    double value = 1;
    sy_context_init(&ctx);
    assert_int_equal(sy_distribution_t_quantile(&ctx, 0.5, 3.5, &value), SY_OK);
    assert_true(value == 0);
    assert_int_equal(sy_distribution_t_tail(&ctx, 0, 3.5, &value), SY_OK);
    assert_true(value == 0.5);
    assert_int_equal(sy_distribution_t_tail(&ctx, HUGE_VAL, 3.5, &value), SY_OK);
    assert_true(value == 0);
    assert_int_equal(sy_distribution_t_tail(&ctx, -HUGE_VAL, 3.5, &value), SY_OK);
    assert_true(value == 1);
    assert_int_equal(sy_distribution_f_tail(&ctx, 0, 2, 5, &value), SY_OK);
    assert_true(value == 1);
    assert_int_equal(sy_distribution_chi2_tail(&ctx, HUGE_VAL, 5, &value), SY_OK);
    assert_true(value == 0);
    sy_context_free(&ctx);
}

static void f_of_infinite_df_is_chi2(void **state)
{
    (void)state;
    sy_context ctx;
    double f = 0, chi2 = 0;
    sy_context_init(&ctx);
    assert_int_equal(sy_distribution_f_tail(&ctx, 2.5, 4, HUGE_VAL, &f), SY_OK);
    assert_int_equal(sy_distribution_chi2_tail(&ctx, 10, 4, &chi2), SY_OK);
    assert_true(f == chi2);
    sy_context_free(&ctx);
}

static void refused(const sy_context *ctx, sy_status status, const char *name)
{
    assert_int_equal(status, SY_EINVAL);
    if (strncmp(ctx->message, name, strlen(name)) != 0) fail_msg("\"%s\" does not name %s", ctx->message, name);
}

static void arguments_out_of_range_are_named(void **state)
{
    (void)state;
    sy_context ctx;
    double value = 7;
    sy_context_init(&ctx);
    refused(&ctx, sy_distribution_t_quantile(&ctx, 0, 5, &value), "p = 0:");
    refused(&ctx, sy_distribution_t_quantile(&ctx, 1, 5, &value), "p = 1:");
    refused(&ctx, sy_distribution_t_quantile(&ctx, NAN, 5, &value), "p = ");
    refused(&ctx, sy_distribution_t_quantile(&ctx, 0.1, 0, &value), "df = 0:");
    refused(&ctx, sy_distribution_t_quantile(&ctx, 0.1, NAN, &value), "df = ");
    refused(&ctx, sy_distribution_t_tail(&ctx, NAN, 5, &value), "t is NaN");
    refused(&ctx, sy_distribution_t_tail(&ctx, 1, -2, &value), "df = -2:");
    refused(&ctx, sy_distribution_normal_tail(&ctx, NAN, &value), "z is NaN");
    refused(&ctx, sy_distribution_normal_quantile(&ctx, 1.5, &value), "p = 1.5:");
    refused(&ctx, sy_distribution_f_tail(&ctx, -1, 2, 3, &value), "f = -1:");
    refused(&ctx, sy_distribution_f_tail(&ctx, 1, 0, 3, &value), "df1 = 0:");
    refused(&ctx, sy_distribution_f_tail(&ctx, 1, HUGE_VAL, 3, &value), "df1 = inf:");
    refused(&ctx, sy_distribution_f_tail(&ctx, 1, 2, -3, &value), "df2 = -3:");
    refused(&ctx, sy_distribution_chi2_tail(&ctx, -1, 3, &value), "x = -1:");
    refused(&ctx, sy_distribution_chi2_tail(&ctx, 1, HUGE_VAL, &value), "df = inf:");
    assert_true(value == 7);
    assert_int_equal(sy_distribution_t_quantile(&ctx, 1e-300, 0.5, &value), SY_EDATA);
    assert_non_null(strstr(ctx.message, "past the largest double"));
    assert_int_equal(syi_t_width(&ctx, 0.95, 1e-8, &value), SY_OK); /* limits there are none */
    assert_true(value == HUGE_VAL);
    sy_context_free(&ctx);
}

static void f_quantiles_hold_twelve_digits(void **state)
{
    (void)state;
    static const struct {
        double p, df1, df2, f;
    } row[] = {{0.025, 40, 1000, 0.606743161298468117},
               {0.975, 29, 174, 1.66153841702881265},
               {1e-10, 3, 5, 1.58950872182231434e-7},
               {0.5, 1, 1, 1},
               {0.999, 2.5, 7.5, 18.2749152410425929}};
    sy_context ctx;
    double f = 0;
    sy_context_init(&ctx);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        assert_int_equal(sy_distribution_f_quantile(&ctx, row[i].p, row[i].df1, row[i].df2, &f), SY_OK);
        assert_true(fabs(f - row[i].f) <= 1e-12 * row[i].f);
    }
    assert_int_equal(sy_distribution_f_quantile(&ctx, 1, 2, 3, &f), SY_EINVAL);
    assert_int_equal(sy_distribution_f_quantile(&ctx, 0.5, 0, 3, &f), SY_EINVAL);
    assert_int_equal(sy_distribution_f_quantile(&ctx, 0.5, 2, HUGE_VAL, &f), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "df2 is infinite"));
    sy_context_free(&ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(f_quantiles_hold_twelve_digits),
        cmocka_unit_test(t_quantiles_match_fifty_digits),
        cmocka_unit_test(t_tails_match_fifty_digits),
        cmocka_unit_test(f_chi2_and_normal_match_fifty_digits),
        cmocka_unit_test(one_and_two_df_match_their_closed_forms),
        cmocka_unit_test(a_quantile_has_its_tail),
        cmocka_unit_test(the_median_and_the_ends_are_exact),
        cmocka_unit_test(f_of_infinite_df_is_chi2),
        cmocka_unit_test(arguments_out_of_range_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
