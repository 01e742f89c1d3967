/* One share and several: limits by R's prop.test and binom.test, thresholds,
 * ranks, funnels.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "steelyard/distribution.h"
#include "steelyard/overview.h"
#include <math.h>

static void near(double found, double expected, double tolerance)
{
    if (fabs(found - expected) > tolerance * fmax(fabs(expected), 1e-3))
        fail_msg("found %.17g, expected %.17g", found, expected);
}

static void limits_of(double p, double n, int method, double level, double v[SY_N_SHARE])
{
    sy_context ctx;
    sy_context_init(&ctx);
    const double share[SY_N_SHARE] = {p, 0, 0, 0, HUGE_VAL, n, n, method};
    memcpy(v, share, sizeof share);
    assert_int_equal(sy_proportion_limits(&ctx, level, v), SY_OK);
    sy_context_free(&ctx);
}

/* R 4.2.2: prop.test(x, n, correct = FALSE), binom.test(x, n). Tolerance: R's
 * qbeta stops at about 1e-14. */
static void wilson_and_exact_limits_are_those_of_r(void **state)
{
    static const double cases[][7] = {
        {0, 10, .95, 0, 0.27753279986288915, 0, 0.30849710781876083},
        {3, 10, .95, 0.10779126740630104, 0.60322185253885452, 0.066739511177734495, 0.652452850059997314},
        {10, 10, .95, 0.72246720013711085, 1, 0.69150289218123917, 1},
        {1, 1000, .95, 0.00017654637062607817, 0.00564255859795793381, 2.5317487491294069e-05, 5.5589242798266270e-03},
        {1787, 2679, .95, 0.64896623352741611, 0.68463529072866813, 0.64883246026938535, 0.68488170674104198},
        {52, 195, .95, 0.20954414621515713, 0.33280481591924604, 0.20602061102301333, 0.33455489687426465},
        {7, 20, .9, 0.20226004005676107, 0.53348731115152825, 0.17731091757444906, 0.55803451131548865},
        {12000, 1e6, .998, 0.011668148716112301, 0.012341171541732707, 0.011666287798373684, 0.012340264863943795}};
    double v[SY_N_SHARE];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const double *c = cases[i];
        limits_of(c[0] / c[1], c[1], SY_PROPORTION_WILSON, c[2], v);
        near(v[SY_SHARE_LOW], c[3], 1e-12);
        near(v[SY_SHARE_HIGH], c[4], 1e-12);
        limits_of(c[0] / c[1], c[1], SY_PROPORTION_EXACT, c[2], v);
        near(v[SY_SHARE_LOW], c[5], 1e-11);
        near(v[SY_SHARE_HIGH], c[6], 1e-11);
    }
}

/* Shares of 1000 against 2/3; p values and Holm's steps by R 4.2.2: pnorm((x -
 * 2/3) / sqrt(2/9/1000)), p.adjust(p, "holm") <= 0.025. */
static void threshold_verdicts_by_holm_and_bonferroni(void **state)
{
    static const double share[] = {0.74, 0.70, 0.695, 0.668, 0.66, 0.63, 0.50};
    enum { K = sizeof share / sizeof *share };
    double v[K][SY_N_SHARE], claim[K][SY_N_CLAIM], counts[2][SY_N_CLAIM_COUNT], tail;
    sy_context ctx;
    (void)state;
    sy_context_init(&ctx);
    for (int i = 0; i < K; i++) limits_of(share[i], 1000, SY_PROPORTION_WILSON, 0.95, v[i]);
    assert_int_equal(sy_overview_claim(&ctx, K, v[0], 2.0 / 3, 0.95, claim[0], counts[0]), SY_OK);
    for (int i = 0; i < K; i++) {
        const double z = (share[i] - 2.0 / 3) / sqrt(2.0 / 9 / 1000);
        assert_int_equal(sy_distribution_normal_tail(&ctx, fabs(z), &tail), SY_OK);
        near(claim[i][z > 0 ? SY_CLAIM_P_BELOW_REFUTED : SY_CLAIM_P_ABOVE_REFUTED], tail, 1e-12);
        near(claim[i][z > 0 ? SY_CLAIM_P_ABOVE_REFUTED : SY_CLAIM_P_BELOW_REFUTED], 0.5, 0);
        limits_of(share[i], 1000, SY_PROPORTION_WILSON, 1 - 0.05 / K, v[0]);
        near(claim[i][SY_CLAIM_LOW], v[0][SY_SHARE_LOW], 1e-13);
        assert_true(claim[i][SY_CLAIM_BONFERRONI] ==
                    (claim[i][SY_CLAIM_LOW] >= 2.0 / 3) - (claim[i][SY_CLAIM_HIGH] <= 2.0 / 3));
    }
    for (int m = 0; m < 2; m++)
        assert_true(counts[m][SY_COUNT_ABOVE] + counts[m][SY_COUNT_UNSURE] + counts[m][SY_COUNT_BELOW] == K);
    assert_true(counts[0][SY_COUNT_ABOVE] == 1 && counts[0][SY_COUNT_BELOW] == 1);
    assert_true(counts[1][SY_COUNT_ABOVE] == 1 && counts[1][SY_COUNT_BELOW] == 1);
    sy_context_free(&ctx);
}

/* p values .003, .006, .012 of 3 at 0.025: Bonferroni stops at .00833, Holm
 * goes on at .0125 and .025. */
static void holm_steps_down_where_bonferroni_stops(void **state)
{
    static const double wanted[] = {0.003, 0.006, 0.012};
    double v[3][SY_N_SHARE], claim[3][SY_N_CLAIM], counts[2][SY_N_CLAIM_COUNT], z;
    sy_context ctx;
    (void)state;
    sy_context_init(&ctx);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(sy_distribution_normal_quantile(&ctx, 1 - wanted[i], &z), SY_OK);
        limits_of(0.5 + z * 0.5 / sqrt(400), 400, SY_PROPORTION_WILSON, 0.95, v[i]);
    }
    assert_int_equal(sy_overview_claim(&ctx, 3, v[0], 0.5, 0.95, claim[0], counts[0]), SY_OK);
    for (int i = 0; i < 3; i++) near(claim[i][SY_CLAIM_P_BELOW_REFUTED], wanted[i], 1e-10);
    assert_true(counts[0][SY_COUNT_ABOVE] == 2 && counts[1][SY_COUNT_ABOVE] == 3);
    sy_context_free(&ctx);
}

/* Each method's p value is the tail whose limit is the threshold. */
static void p_values_invert_the_limits(void **state)
{
    double claim[SY_N_CLAIM], counts[2][SY_N_CLAIM_COUNT];
    sy_context ctx;
    (void)state;
    sy_context_init(&ctx);
    for (int method = SY_PROPORTION_WILSON; method <= SY_PROPORTION_BETA; method++) {
        double v[SY_N_SHARE] = {0.2, 0.04, 0, 0, 12, 90, 150, method};
        assert_int_equal(sy_overview_claim(&ctx, 1, v, 0.12, 0.95, claim, counts[0]), SY_OK);
        const double p = claim[SY_CLAIM_P_BELOW_REFUTED];
        assert_true(p > 0.0001 && p < 0.2);
        assert_int_equal(sy_proportion_limits(&ctx, 1 - 2 * p, v), SY_OK);
        near(v[SY_SHARE_LOW], 0.12, 1e-10);
        assert_int_equal(sy_overview_claim(&ctx, 1, v, 0.35, 0.95, claim, counts[0]), SY_OK);
        assert_int_equal(sy_proportion_limits(&ctx, 1 - 2 * claim[SY_CLAIM_P_ABOVE_REFUTED], v), SY_OK);
        near(v[SY_SHARE_HIGH], 0.35, 1e-10);
    }
    sy_context_free(&ctx);
}

/* 90, 50 and 48 of 100: the first surely leads, the others cannot be told apart. */
static void ranks_that_cannot_be_told_apart_overlap(void **state)
{
    static const double share[] = {0.48, 0.9, 0.5}, wanted[3][3] = {{3, 2, 3}, {1, 1, 1}, {2, 2, 3}};
    double v[3][SY_N_SHARE], ranks[3][3];
    sy_context ctx;
    (void)state;
    sy_context_init(&ctx);
    for (int i = 0; i < 3; i++) limits_of(share[i], 100, SY_PROPORTION_WILSON, 0.95, v[i]);
    assert_int_equal(sy_overview_ranks(&ctx, 3, v[0], 0.95, ranks[0]), SY_OK);
    assert_memory_equal(ranks, wanted, sizeof ranks);
    assert_int_equal(sy_overview_ranks(&ctx, 1, v[0], 0.95, ranks[0]), SY_OK);
    assert_true(ranks[0][0] == 1 && ranks[0][1] == 1 && ranks[0][2] == 1);
    sy_context_free(&ctx);
}

/* R 4.2.2: r = qbinom(p, n, 0.62), (r - (pbinom(r, n, 0.62) - p) / dbinom(r, n, 0.62)) / n */
static void funnel_limits_are_those_of_r(void **state)
{
    static const double n[] = {12, 195, 2679};
    static const double wanted[3][4] = {
        {0.28814867906790759, 0.84019893198287932, 0.12589113759959594, 0.97417035246292016},
        {0.54880138276371193, 0.68507302167362372, 0.50850607626717259, 0.72274970751191159},
        {0.60139090202661283, 0.63815282007359897, 0.59070849487112120, 0.64866137582234495}};
    double v[3][SY_N_SHARE], funnel[3][SY_N_FUNNEL], dispersion = 0;
    sy_context ctx;
    (void)state;
    sy_context_init(&ctx);
    for (int i = 0; i < 3; i++) limits_of(i == 0 ? 0.05 : 0.65, n[i], SY_PROPORTION_WILSON, 0.95, v[i]);
    assert_int_equal(sy_overview_funnel(&ctx, 3, v[0], 0.62, funnel[0], &dispersion), SY_OK);
    double squares = 0;
    for (int i = 0; i < 3; i++) {
        for (int m = 0; m < 4; m++) near(funnel[i][m], wanted[i][m], 1e-10);
        squares += funnel[i][SY_FUNNEL_Z] * funnel[i][SY_FUNNEL_Z] / 3;
    }
    near(dispersion, squares, 1e-13);
    assert_true(funnel[0][SY_FUNNEL_OUTSIDE] == -2 && funnel[1][SY_FUNNEL_OUTSIDE] == 0 &&
                funnel[2][SY_FUNNEL_OUTSIDE] == 2);
    sy_context_free(&ctx);
}

static void impossible_statements_are_refused(void **state)
{
    double v[2][SY_N_SHARE], out[2 * SY_N_FUNNEL], counts[2 * SY_N_CLAIM_COUNT], dispersion;
    sy_context ctx;
    (void)state;
    sy_context_init(&ctx);
    for (int i = 0; i < 2; i++) limits_of(0.5, 20, SY_PROPORTION_WILSON, 0.95, v[i]);
    assert_int_equal(sy_overview_claim(&ctx, 2, v[0], 1, 0.95, out, counts), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "threshold = 1"));
    assert_int_equal(sy_overview_claim(&ctx, 2, v[0], -0.1, 0.95, out, counts), SY_EINVAL);
    assert_int_equal(sy_overview_ranks(&ctx, 0, v[0], 0.95, out), SY_EINVAL);
    assert_int_equal(sy_overview_funnel(&ctx, 2, v[0], 0, out, &dispersion), SY_EDATA);
    v[1][SY_SHARE_METHOD] = SY_PROPORTION_NONE;
    assert_int_equal(sy_overview_ranks(&ctx, 2, v[0], 0.95, out), SY_EDATA);
    v[1][SY_SHARE_ESTIMATE] = NAN;
    assert_int_equal(sy_overview_funnel(&ctx, 2, v[0], 0.5, out, &dispersion), SY_EDATA);
    sy_context_free(&ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(wilson_and_exact_limits_are_those_of_r),
                                       cmocka_unit_test(threshold_verdicts_by_holm_and_bonferroni),
                                       cmocka_unit_test(holm_steps_down_where_bonferroni_stops),
                                       cmocka_unit_test(p_values_invert_the_limits),
                                       cmocka_unit_test(ranks_that_cannot_be_told_apart_overlap),
                                       cmocka_unit_test(funnel_limits_are_those_of_r),
                                       cmocka_unit_test(impossible_statements_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
