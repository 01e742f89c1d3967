/* Limits of the parts of a gap: kinds beside each other, weights, threads, memory.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "gap_problem.h"

static gap_problem p;

static void frequencies_are_rows_written_out(void **state)
{
    (void)state;
    static gap_problem long_;
    for (int kind = 0; kind < 3; kind++) {
        static const sy_interval_kind kinds[] = {SY_INTERVAL_INFLUENCE, SY_INTERVAL_JACKKNIFE, SY_INTERVAL_NONE};
        gap_fill(&p, 300, 20, 14);
        p.design.weights = &p.weight_column;
        p.design.weight_kind = SY_WEIGHT_FREQUENCY;
        p.ask.interval = kinds[kind];
        gap_fill(&long_, 900, 20, 14);
        long_.ask.interval = kinds[kind];
        int n = 0;
        for (int i = 0; i < p.n; i++)
            for (int k = 0; k < (int)p.weight[i]; k++, n++) {
                for (int c = 0; c < 5; c++) long_.value[c][n] = p.value[c][i];
                long_.code[3][n] = p.code[3][i];
                long_.group[n] = p.group[i];
            }
        long_.design.n = n;
        sy_gap_result one = gap_asked(&p), two = gap_asked(&long_);
        for (int v = 0; v < one.n_values; v++) {
            gap_near(one.estimate[v], two.estimate[v], 1e-11);
            if (kind < 2) gap_near(one.std_error[v], two.std_error[v], 1e-10);
        }
        assert_true(one.units == two.units && one.group_n[0] == two.group_n[0]);
        sy_gap_free(&one);
        sy_gap_free(&two);
    }
}

static void limits_by_each_kind_agree(void **state)
{
    (void)state;
    static const sy_interval_kind kinds[] = {SY_INTERVAL_JACKKNIFE, SY_INTERVAL_INFLUENCE, SY_INTERVAL_PERCENTILE,
                                             SY_INTERVAL_BASIC, SY_INTERVAL_EXPANDED};
    for (int method = 0; method < 3; method++) {
        sy_gap_result r[5];
        for (int k = 0; k < 5; k++) {
            if (method == SY_GAP_KITAGAWA) gap_fill_factors(&p, 2000);
            else gap_fill(&p, 2000, 100, 22);
            p.ask.method = (sy_gap_method)method;
            p.ask.interval = kinds[k];
            p.ask.replicates = 4000;
            r[k] = gap_asked(&p);
            assert_int_equal(r[k].interval, kinds[k]);
        }
        /* 4,000 replicates: 1.1 % Monte Carlo error of a standard error, five of them; influence and jackknife differ
         * by 1 / n. A product of two differences near 0 has a second-order part that the bootstrap alone sees. */
        for (int v = 0; v < r[0].n_values; v++) {
            const double error = r[0].std_error[v], drawn = fabs(r[0].estimate[v]) > 2 * error ? 0.06 : 0.15;
            if (!(error > 1e-9)) continue;
            for (int k = 1; k < 5; k++) gap_near(r[k].std_error[v] / error, 1, k == 1 ? 0.02 : drawn);
            for (int k = 0; k < 5; k++) assert_true(r[k].low[v] < r[k].estimate[v] && r[k].estimate[v] < r[k].high[v]);
        }
        for (int k = 0; k < 5; k++) sy_gap_free(&r[k]);
    }
}

static void auto_chooses_by_what_there_is(void **state)
{
    (void)state;
    sy_context ctx;
    sy_gap_result r;
    gap_fill(&p, 200, 20, 23);
    p.ask.interval = SY_INTERVAL_AUTO;
    r = gap_asked(&p);
    assert_int_equal(r.interval, SY_INTERVAL_JACKKNIFE);
    gap_near(r.df, 199, 0);
    sy_gap_free(&r);
    gap_fill(&p, 1200, 20, 23);
    p.ask.interval = SY_INTERVAL_AUTO;
    r = gap_asked(&p);
    assert_int_equal(r.interval, SY_INTERVAL_INFLUENCE);
    sy_gap_free(&r);
    p.design.cluster = &p.cluster_column;
    r = gap_asked(&p);
    assert_int_equal(r.interval, SY_INTERVAL_JACKKNIFE);
    assert_true(r.clustered && r.df == (double)r.units - 1);
    sy_gap_free(&r);
    for (int i = 0; i < p.n; i++) p.cluster[i] = i % 5;
    sy_context_init(&ctx);
    assert_int_equal(sy_gap(&ctx, &p.design, &p.ask, &r), SY_NOTE_INTERVAL_SKIPPED);
    assert_true(r.interval == SY_INTERVAL_NONE && isnan(r.low[0]) && r.covariance == NULL);
    sy_context_free(&ctx);
    sy_gap_free(&r);
}

static void threads_and_processors_give_the_same_bits(void **state)
{
    (void)state;
    static const sy_interval_kind kinds[] = {SY_INTERVAL_JACKKNIFE, SY_INTERVAL_INFLUENCE, SY_INTERVAL_PERCENTILE};
    for (int method = 0; method < 3; method++)
        for (int k = 0; k < 3; k++) {
            sy_gap_result r[2];
            for (int threads = 0; threads < 2; threads++) {
                sy_context ctx;
                if (method == SY_GAP_KITAGAWA) gap_fill_factors(&p, 2500);
                else gap_fill(&p, 2500, 100, 24);
                p.ask.method = (sy_gap_method)method;
                p.ask.interval = kinds[k];
                p.ask.replicates = 1000;
                p.design.cluster = k == 1 ? NULL : &p.cluster_column;
                sy_context_init(&ctx);
                ctx.threads = 1 + 2 * threads;
                if (threads) ctx.simd = 1;
                assert_true(sy_gap(&ctx, &p.design, &p.ask, &r[threads]) >= 0);
                sy_context_free(&ctx);
            }
            const size_t values = (size_t)r[0].n_values;
            assert_memory_equal(r[0].low, r[1].low, values * sizeof(double));
            assert_memory_equal(r[0].covariance, r[1].covariance, values * values * sizeof(double));
            sy_gap_free(&r[0]);
            sy_gap_free(&r[1]);
        }
}

/* 12 councils: what was covered with 10 is said; one council far from the others decides the explained part. */
static void few_councils_and_a_single_one_are_said(void **state)
{
    (void)state;
    sy_context ctx;
    sy_gap_result r;
    gap_fill(&p, 400, 12, 26);
    p.design.cluster = &p.cluster_column;
    p.ask.interval = SY_INTERVAL_JACKKNIFE;
    for (int i = 0; i < p.n; i++)
        if (p.cluster[i] == 3) p.value[1][i] += p.group[i] ? -40 : 40;
    sy_context_init(&ctx);
    assert_int_equal(sy_gap(&ctx, &p.design, &p.ask, &r), SY_NOTE_FEW_CLUSTERS);
    gap_near(r.coverage_units, 10, 0);
    assert_true(r.coverage_least > 85 && r.coverage_least < r.coverage_most && r.coverage_most < 100);
    int said = 0;
    for (int k = 0; k < ctx.n_remarks; k++)
        said |= ctx.remarks[k].code == SY_NOTE_ONE_UNIT && strstr(ctx.remarks[k].text, "without l3 ") != NULL;
    assert_true(said);
    sy_context_free(&ctx);
    sy_gap_free(&r);
    p.ask.interval = SY_INTERVAL_NONE;
    r = gap_asked(&p);
    assert_true(isnan(r.coverage_least));
    sy_gap_free(&r);
}

static sy_status job(void *arg, void *answer)
{
    sy_context ctx;
    sy_gap_result r;
    (void)arg;
    sy_context_init(&ctx);
    ctx.threads = 1;
    const sy_status status = sy_gap(&ctx, &p.design, &p.ask, &r);
    if (status >= 0) memcpy(answer, r.low, sizeof(double));
    sy_gap_free(&r);
    sy_context_free(&ctx);
    return status;
}

static void no_room_is_said_and_nothing_leaks(void **state)
{
    (void)state;
    static const sy_interval_kind kinds[] = {SY_INTERVAL_JACKKNIFE, SY_INTERVAL_INFLUENCE, SY_INTERVAL_BASIC};
    for (int method = 0; method < 3; method++)
        for (int k = 0; k < 3; k++) {
            if (method == SY_GAP_KITAGAWA) gap_fill_factors(&p, 300);
            else gap_fill(&p, 120, 12, 25);
            p.ask.method = (sy_gap_method)method;
            p.ask.interval = kinds[k];
            p.ask.replicates = 100;
            p.design.cluster = &p.cluster_column;
            p.design.strata = method == SY_GAP_KITAGAWA ? NULL : &p.stratum_column;
            assert_true(syi_survives_failing(job, NULL, sizeof(double)) > 20);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frequencies_are_rows_written_out),
        cmocka_unit_test(limits_by_each_kind_agree),
        cmocka_unit_test(auto_chooses_by_what_there_is),
        cmocka_unit_test(threads_and_processors_give_the_same_bits),
        cmocka_unit_test(few_councils_and_a_single_one_are_said),
        cmocka_unit_test(no_room_is_said_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
