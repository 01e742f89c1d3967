/* Resampling plans: what the multipliers of each plan add up to, their mean and
 * variance, and what is refused.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "failing_internal.h"

#include "sample_rows.h"
#include "study/resample_internal.h"
#include <math.h>

enum { UNITS = 12, REPLICATES = 20000 };

static const char *const strata_names[] = {"hills", "coast"};
static int32_t code[ROWS_MOST];
static sy_column strata_column = {.name = "landscape",
                                  .data = code,
                                  .stride = sizeof(int32_t),
                                  .type = SY_CODES,
                                  .n_levels = 2,
                                  .levels = strata_names};

/* Twelve clusters, or as many rows; councils 1 to 5 in the hills. */
static sy_moments sample(sy_unit unit, int with_strata, sy_weight_kind kind)
{
    rows *r = rows_new(unit == SY_UNIT_ROW ? UNITS : 600, 31);
    r->design.n_terms = 2;
    for (int i = 0; i < UNITS && unit == SY_UNIT_ROW; i++) {
        r->council[i] = i + 1;
        r->weight[i] = 1 + i % 4;
    }
    for (ptrdiff_t i = 0; i < r->design.n; i++) code[i] = r->council[i] > 5;
    if (kind) rows_weigh(r, kind);
    if (with_strata) r->design.strata = &strata_column;
    if (unit == SY_UNIT_CLUSTER) r->design.cluster = &r->council_column;
    sy_moments m = rows_moments(r, unit, SY_PRECISION_AUTO, 1, 2);
    assert_int_equal(m.n_units, UNITS);
    free(r);
    return m;
}

typedef struct {
    double mean[UNITS], variance[UNITS], covariance; /* of the first and the last unit */
} spread;

/* Over REPLICATES replicates; every replicate's multipliers add up to the units
 * (weighted by people) of the whole and of each stratum. */
static spread spread_of(const sy_moments *m, int bayes)
{
    spread s = {{0}, {0}, 0};
    double times[UNITS];
    syi_resampling plan;
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(syi_resampling_init(&ctx, m, bayes, &plan), SY_OK);
    for (size_t r = 0; r < REPLICATES; r++) {
        double sum[2] = {0}, units[2] = {0};
        syi_plan_times(m, &plan, 7, r, times);
        for (int g = 0; g < UNITS; g++) {
            const int h = m->n_strata ? m->unit_stratum[g] : 0;
            const double often = syi_resample_times(m) ? m->unit_n[g] : 1;
            assert_true(times[g] >= 0);
            sum[h] += often * times[g];
            units[h] += often;
            s.mean[g] += times[g] / REPLICATES;
            s.variance[g] += (times[g] - 1) * (times[g] - 1) / REPLICATES;
        }
        s.covariance += (times[0] - 1) * (times[UNITS - 1] - 1) / REPLICATES;
        for (int h = 0; h < 2; h++) assert_true(fabs(sum[h] - units[h]) <= 1e-12 * units[h]);
    }
    syi_resampling_free(&plan);
    sy_context_free(&ctx);
    return s;
}

/* Means within 5 standard errors of 1; variances, whose own spread is at most
 * that of a squared exponential (sqrt(8)), likewise of `variance`. */
static void assert_spread(const spread *s, const double *variance)
{
    for (int g = 0; g < UNITS; g++) {
        assert_true(fabs(s->mean[g] - 1) < 5 * sqrt(variance[g] / REPLICATES));
        assert_true(fabs(s->variance[g] - variance[g]) < 5 * sqrt(8.0 / REPLICATES));
    }
}

static void counts_of_units_are_multinomial(void **state)
{
    (void)state;
    double variance[UNITS];
    for (int g = 0; g < UNITS; g++) variance[g] = 1 - 1.0 / UNITS;
    sy_moments m = sample(SY_UNIT_CLUSTER, 0, SY_WEIGHT_NONE);
    const spread s = spread_of(&m, 0);
    assert_spread(&s, variance);
    assert_true(fabs(s.covariance + 1.0 / UNITS) < 5 / sqrt(REPLICATES));
    sy_moments_free(&m);
}

/* N_h - 1 draws, rescaled: variance (N_h - 1) / N_h (1 - 1 / N_h) (N_h / (N_h - 1))^2
 * N_h / N_h = 1, whatever the stratum [Rao & Wu 1988]; strata are independent. */
static void strata_are_drawn_apart_with_the_variance_of_rao_and_wu(void **state)
{
    (void)state;
    double variance[UNITS];
    for (int g = 0; g < UNITS; g++) variance[g] = 1;
    for (int unit = SY_UNIT_CLUSTER; unit <= SY_UNIT_ROW; unit++) {
        sy_moments m = sample((sy_unit)unit, 1, SY_WEIGHT_NONE);
        const spread s = spread_of(&m, 0);
        assert_int_equal(m.n_strata, 2);
        assert_spread(&s, variance);
        assert_true(fabs(s.covariance) < 5 / sqrt(REPLICATES));
        sy_moments_free(&m);
    }
}

/* N Dirichlet(1, .., 1): variance (N - 1) / (N + 1) [Rubin 1981]. */
static void bayesian_weights_are_those_of_rubin(void **state)
{
    (void)state;
    double variance[UNITS];
    sy_moments m = sample(SY_UNIT_CLUSTER, 0, SY_WEIGHT_NONE);
    for (int g = 0; g < UNITS; g++) variance[g] = (UNITS - 1.0) / (UNITS + 1.0);
    const spread s = spread_of(&m, 1);
    assert_spread(&s, variance);
    assert_true(fabs(s.covariance + 1 / (UNITS + 1.0)) < 5 / sqrt(REPLICATES));
    sy_moments_free(&m);
    m = sample(SY_UNIT_CLUSTER, 1, SY_WEIGHT_NONE);
    for (int g = 0; g < UNITS; g++) {
        const double units = m.unit_stratum[g] ? 7 : 5;
        variance[g] = (units - 1) / (units + 1);
    }
    const spread t = spread_of(&m, 1);
    assert_spread(&t, variance);
    sy_moments_free(&m);
}

/* A row of f people among N: counts Binomial(N, f / N) over f. */
static void people_are_drawn_where_rows_stand_for_several(void **state)
{
    (void)state;
    double variance[UNITS];
    sy_moments m = sample(SY_UNIT_ROW, 0, SY_WEIGHT_FREQUENCY);
    for (int g = 0; g < UNITS; g++) variance[g] = (1 - m.unit_n[g] / m.n) / m.unit_n[g];
    const spread s = spread_of(&m, 0);
    assert_spread(&s, variance);
    for (int g = 0; g < UNITS; g++) variance[g] = (m.n - m.unit_n[g]) / (m.unit_n[g] * (m.n + 1));
    const spread b = spread_of(&m, 1);
    assert_spread(&b, variance);
    sy_moments_free(&m);
    m = sample(SY_UNIT_ROW, 1, SY_WEIGHT_FREQUENCY);
    spread_of(&m, 0);
    spread_of(&m, 1);
    sy_moments_free(&m);
}

static void a_replicate_is_the_same_alone(void **state)
{
    (void)state;
    sy_moments m = sample(SY_UNIT_CLUSTER, 1, SY_WEIGHT_NONE);
    sy_context ctx;
    sy_context_init(&ctx);
    for (int bayes = 0; bayes <= 1; bayes++) {
        double all[5][UNITS], alone[UNITS];
        syi_resampling plan;
        assert_int_equal(syi_resampling_init(&ctx, &m, bayes, &plan), SY_OK);
        for (size_t r = 0; r < 5; r++) syi_plan_times(&m, &plan, 99, r, all[r]);
        syi_plan_times(&m, &plan, 99, 3, alone);
        assert_memory_equal(alone, all[3], sizeof alone);
        syi_plan_times(&m, &plan, 98, 3, alone);
        assert_memory_not_equal(alone, all[3], sizeof alone);
        syi_resampling_free(&plan);
    }
    sy_context_free(&ctx);
    sy_moments_free(&m);
}

static void refusals_name_what_is_missing(void **state)
{
    (void)state;
    syi_resampling plan;
    sy_context ctx;
    rows *r = rows_new(600, 31);
    r->design.n_terms = 2;
    sy_context_init(&ctx);
    sy_moments m = rows_moments(r, SY_UNIT_NONE, SY_PRECISION_AUTO, 1, 2);
    assert_int_equal(syi_resampling_init(&ctx, &m, 0, &plan), SY_EINVAL);
    assert_non_null(strstr(ctx.message, "needs clusters or rows"));
    syi_resampling_free(&plan);
    sy_moments_free(&m);
    r->design.cluster = &r->council_column;
    r->design.strata = &strata_column;
    for (int i = 0; i < 600; i++) code[i] = r->council[i] > 1;
    m = rows_moments(r, SY_UNIT_CLUSTER, SY_PRECISION_AUTO, 1, 2);
    assert_int_equal(syi_resampling_init(&ctx, &m, 0, &plan), SY_EDATA);
    assert_string_equal(ctx.message, "strata: stratum hills holds one cluster; resampling and its standard errors need "
                                     "two or more in each stratum (merge it with another)");
    syi_resampling_free(&plan);
    sy_moments_free(&m);
    sy_context_free(&ctx);
    free(r);
}

static sy_status draw_job(void *arg, void *answer)
{
    sy_context ctx;
    syi_resampling plan;
    sy_context_init(&ctx);
    const sy_status status = syi_resampling_init(&ctx, arg, 0, &plan);
    if (status >= 0) syi_plan_times(arg, &plan, 1, 2, answer);
    syi_resampling_free(&plan);
    sy_context_free(&ctx);
    return status;
}

static void memory_running_out_anywhere_is_survived(void **state)
{
    (void)state;
    sy_moments m = sample(SY_UNIT_ROW, 1, SY_WEIGHT_FREQUENCY);
    assert_int_equal(syi_survives_failing(draw_job, &m, UNITS * sizeof(double)), 4);
    sy_moments_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_of_units_are_multinomial),
        cmocka_unit_test(strata_are_drawn_apart_with_the_variance_of_rao_and_wu),
        cmocka_unit_test(bayesian_weights_are_those_of_rubin),
        cmocka_unit_test(people_are_drawn_where_rows_stand_for_several),
        cmocka_unit_test(a_replicate_is_the_same_alone),
        cmocka_unit_test(refusals_name_what_is_missing),
        cmocka_unit_test(memory_running_out_anywhere_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
