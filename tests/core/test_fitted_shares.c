/* SPDX-License-Identifier: GPL-3.0-only
 * References: the decomposition of McFadden's R2 of the Copenhagen housing data
 * (Madsen 1976) given with T10 to five places; Shapley values by hand from fits of
 * every submodel through the public functions, 1e-9 (both stop at a step of 1e-10). */
#include "base/numeric_internal.h"

#include "failing_internal.h"
#include "fitted_asked.h"
#include "steelyard/mixed_inference.h"

static void housing_divides_as_published(void **state)
{
    (void)state;
    answer a;
    fill_housing();
    sy_fitted_question q = question(SY_RESPONSE_ORDINAL, SY_LINK_LOGIT, 3, SY_MEASURE_MCFADDEN);
    q.route = SY_ROUTE_EXACT;
    assert_true(ask(&q, 1, &a) >= 0);
    assert_true(fabs(a.s.total - 0.04652) < 6e-6);
    assert_true(fabs(share(&a, 0) - 0.02920) < 6e-6);
    assert_true(fabs(share(&a, 1) - 0.01499) < 6e-6);
    assert_true(fabs(share(&a, 2) - 0.00233) < 6e-6);
    assert_true(fabs(-2 * a.s.loglik_null - 3648.878) < 6e-4);
    near(share(&a, 0) + share(&a, 1) + share(&a, 2), a.s.total, 1e-12);
    assert_true(a.s.gap < 5e-4 && a.s.gap > 0);
    /* 2 columns of influence of 6: by chance k / (2 |l0|), adjusted k / |l0| less */
    near(a.estimate[SY_BY_CHANCE], 2 / 3648.878, 1e-6);
    near(a.estimate[SY_ADJUSTED], share(&a, 0) - 4 / 3648.878, 1e-5);
}

/* v of every submodel by fits through sy_response. */
static double fitted_value(const sy_fitted_question *q, int set, double loglik_null)
{
    sy_context ctx;
    sy_response_options o;
    sy_response_summary s;
    int terms[4], aliased[20], n = 0;
    double estimate[20], covariance[400];
    sy_response_model model = q->model.response;
    for (int b = 0; b < q->n_blocks; b++)
        if (set >> b & 1) terms[n++] = places[b];
    model.columns.terms = terms;
    model.columns.n_terms = n;
    sy_context_init(&ctx);
    sy_response_defaults(&o);
    const sy_response_fit fit = {estimate, aliased, covariance, NULL, NULL};
    assert_true(sy_response(&ctx, &f.design, &model, &o, &s, &fit) >= 0);
    sy_context_free(&ctx);
    if (!loglik_null) return s.loglik;
    if (q->measure == SY_MEASURE_MCFADDEN) return 1 - s.loglik / loglik_null;
    return (1 - exp(2 * (loglik_null - s.loglik) / s.n)) / (1 - exp(2 * loglik_null / s.n));
}

static double shapley(int players, int own, const double *value)
{
    double sum = 0;
    for (int set = 0; set < 1 << players; set++) {
        if (set >> own & 1) continue;
        int size = 0;
        for (int b = 0; b < players; b++) size += set >> b & 1;
        double weight = 1.0 / players;
        for (int k = 0; k < size; k++) weight *= (double)(size - k) / (players - 1 - k);
        sum += weight * (value[set | 1 << own] - value[set]);
    }
    return sum;
}

static void check_by_hand(sy_response_kind kind, sy_link link, const char *formula, sy_measure measure)
{
    answer a;
    double value[16];
    frame_model(&f, formula);
    sy_fitted_question q = question(kind, link, 4, measure);
    q.route = SY_ROUTE_EXACT;
    const sy_status status = ask(&q, 1, &a);
    if (status < 0) fail_msg("%s: %s", formula, a.message);
    const double none = fitted_value(&q, 0, 0);
    for (int set = 0; set < 16; set++) value[set] = fitted_value(&q, set, none);
    for (int b = 0; b < 4; b++) {
        near(share(&a, b), shapley(4, b, value), 1e-8);
        near(a.estimate[b * SY_N_METRICS + SY_ALONE], value[1 << b], 1e-8);
        near(a.estimate[b * SY_N_METRICS + SY_UNIQUE], value[15] - value[15 ^ 1 << b], 1e-7);
        assert_true(fabs(a.one_step[b] - share(&a, b)) <= a.s.gap);
        assert_true(fabs(a.one_step[b] - share(&a, b)) < 0.05 * a.s.total);
    }
    near(a.s.measure_full, value[15], 1e-9);
    near(a.s.loglik_null, none, 1e-12);
}

static void refits_give_shapleys_value_of_separate_fits(void **state)
{
    (void)state;
    fill_people(900);
    check_by_hand(SY_RESPONSE_ORDINAL, SY_LINK_LOGIT, "five ~ a + b + c + d", SY_MEASURE_MCFADDEN);
    check_by_hand(SY_RESPONSE_ORDINAL, SY_LINK_PROBIT, "five ~ a + b + c + d", SY_MEASURE_NAGELKERKE);
    check_by_hand(SY_RESPONSE_BINARY, SY_LINK_LOGIT, "event ~ a + b + c + d", SY_MEASURE_MCFADDEN);
    check_by_hand(SY_RESPONSE_BINARY, SY_LINK_CLOGLOG, "event ~ a + b + c + d", SY_MEASURE_NAGELKERKE);
    check_by_hand(SY_RESPONSE_POISSON, SY_LINK_LOG, "visits ~ a + b + c + d", SY_MEASURE_MCFADDEN);
}

/* v(all) is the latent R2 of the full fit; within and between add up; a predictor
 * constant within councils has nothing within beyond what it takes from others. */
static void latent_shares_split_within_and_between(void **state)
{
    (void)state;
    answer a;
    fill_people(900);
    frame_model(&f, "five ~ a + b + c + d");
    f.design.cluster = &f.columns[8];
    for (int exact = 0; exact < 2; exact++) {
        sy_fitted_question q = question(SY_RESPONSE_ORDINAL, SY_LINK_LOGIT, 4, SY_MEASURE_LATENT);
        q.route = exact ? SY_ROUTE_EXACT : SY_ROUTE_ONE_STEP;
        assert_true(ask(&q, 1, &a) >= 0);
        double sum = 0;
        for (int b = 0; b < 4; b++) {
            near(a.within[b] + a.between[b], share(&a, b), 1e-12);
            sum += share(&a, b);
        }
        near(sum, a.s.total, 1e-12);
        near(a.s.measure_full, a.s.total, 1e-12);
        assert_true(fabs(a.within[3]) < 0.2 * share(&a, 3) && a.within[0] > 0.7 * share(&a, 0));
        assert_true(isnan(a.estimate[SY_ADJUSTED]) && isnan(a.estimate[SY_BY_CHANCE]));
    }
}

static void adjusting_terms_come_first(void **state)
{
    (void)state;
    answer a, all;
    double value[4];
    fill_people(900);
    frame_model(&f, "five ~ a + b + c + d");
    sy_fitted_question q = question(SY_RESPONSE_ORDINAL, SY_LINK_LOGIT, 2, SY_MEASURE_MCFADDEN);
    q.route = SY_ROUTE_EXACT; /* c and d adjust */
    assert_true(ask(&q, 1, &a) >= 0);
    q.n_blocks = 4;
    assert_true(ask(&q, 1, &all) >= 0);
    sy_fitted_question four = q;
    const double none = fitted_value(&four, 0, 0);
    for (int set = 0; set < 4; set++) value[set] = fitted_value(&four, set | 12, none);
    near(a.s.total, value[3] - value[0], 1e-8);
    near(a.s.measure_adjust, value[0], 1e-8);
    near(share(&a, 0), (value[1] - value[0] + value[3] - value[2]) / 2, 1e-8);
}

/* Terms of a block of two divide its share (Owen). */
static void blocks_of_terms_divide_their_share(void **state)
{
    (void)state;
    answer a;
    const sy_block blocks[2] = {{"process", 2, places}, {"rest", 2, places + 2}};
    fill_people(900);
    frame_model(&f, "event ~ a + b + c + d");
    sy_fitted_question q = question(SY_RESPONSE_BINARY, SY_LINK_LOGIT, 2, SY_MEASURE_MCFADDEN);
    q.blocks = blocks;
    q.route = SY_ROUTE_EXACT;
    assert_true(ask(&q, 1, &a) >= 0);
    near(share(&a, 2) + share(&a, 3), share(&a, 0), 1e-11);
    near(share(&a, 4) + share(&a, 5), share(&a, 1), 1e-11);
    near(a.s.submodels, 4 + 8 + 8, 0);
}

static sy_random bar;

static sy_fitted_question mixed_question(int linear, sy_response_kind kind)
{
    sy_fitted_question q = question(kind, SY_LINK_LOGIT, 4, SY_MEASURE_MARGINAL);
    q.mixed = 1;
    q.model.linear = linear;
    bar = (sy_random){.intercept = 1, .group = &f.columns[8]};
    q.model.n_random = 1;
    q.model.random = &bar;
    return q;
}

/* The variance of the fixed part of a separate fit, over n - 1; *marginal: its marginal R2. */
static double fixed_variance(const sy_fitted_question *q, int set, double *marginal)
{
    sy_mixed_explained_summary e;
    sy_context ctx;
    sy_mixed_summary s;
    int terms[4], aliased[20], n = 0;
    double estimate[20] = {0}, covariance[400], theta[4], variance[4], modes[60];
    sy_mixed_model model = q->model;
    for (int b = 0; b < 4; b++)
        if (set >> b & 1) terms[n++] = places[b];
    model.response.columns.terms = terms;
    model.response.columns.n_terms = n;
    sy_context_init(&ctx);
    const sy_mixed_fit fit = {.estimate = estimate,
                              .aliased = aliased,
                              .covariance = covariance,
                              .theta = theta,
                              .variance = variance,
                              .modes = modes};
    assert_true(sy_mixed(&ctx, &f.design, &model, &q->fit, &s, &fit) >= 0);
    const sy_mixed_fitted fitted = {
        .estimate = estimate, .theta = theta, .sigma = s.sigma, .theta_count = s.theta_count};
    assert_true(sy_mixed_explained(&ctx, &f.design, &model, &fitted, &e, NULL, NULL) >= 0);
    *marginal = e.marginal;
    sy_context_free(&ctx);
    const int first = model.response.kind == SY_RESPONSE_ORDINAL && !model.linear ? 4 : 1;
    double mean = 0, square = 0;
    for (int pass = 0; pass < 2; pass++)
        for (ptrdiff_t i = 0; i < f.n; i++) {
            double x = 0;
            for (int k = 0; k < n; k++) x += estimate[first + k] * f.value[terms[k]][i];
            if (pass) square += (x - mean) * (x - mean);
            else mean += x / (double)f.n;
        }
    return square / (double)(f.n - 1);
}

static void check_marginal(int linear, sy_response_kind kind, const char *formula, double tolerance)
{
    answer a;
    double value[16], marginal, unused;
    frame_model(&f, formula);
    sy_fitted_question q = mixed_question(linear, kind);
    q.route = SY_ROUTE_EXACT;
    const sy_status status = ask(&q, 1, &a);
    if (status < 0) fail_msg("%s: %s", formula, a.message);
    near(a.s.total + a.s.groups + a.s.residual, 1, 1e-12); /* the council's variance is a part of its own */
    const double whole = fixed_variance(&q, 15, &marginal) / a.s.total;
    near(a.s.total, marginal, tolerance);
    for (int set = 0; set < 16; set++) value[set] = fixed_variance(&q, set, &unused) / whole;
    for (int b = 0; b < 4; b++) {
        near(share(&a, b), shapley(4, b, value), tolerance);
        near(a.within[b] + a.between[b], share(&a, b), 1e-11);
        assert_true(fabs(a.one_step[b] - share(&a, b)) < 0.05 * a.s.total);
    }
}

static void marginal_shares_are_those_of_separate_fits(void **state)
{
    (void)state;
    fill_people(600);
    check_marginal(1, SY_RESPONSE_BINARY, "level ~ a + b + c + d", 1e-7);
    check_marginal(0, SY_RESPONSE_BINARY, "event ~ a + b + c + d", 1e-6);
}

/* The limits are those of leaving councils out by hand. */
static void limits_are_the_jackknife_of_councils(void **state)
{
    (void)state;
    answer a, without;
    double sum = 0;
    fill_people(900);
    frame_model(&f, "five ~ a + b + c + d");
    f.design.cluster = &f.columns[8];
    sy_fitted_question q = question(SY_RESPONSE_ORDINAL, SY_LINK_LOGIT, 4, SY_MEASURE_MCFADDEN);
    q.interval = SY_INTERVAL_AUTO;
    q.route = SY_ROUTE_ONE_STEP;
    assert_true(ask(&q, 1, &a) >= 0);
    assert_int_equal(a.s.interval, SY_INTERVAL_JACKKNIFE);
    assert_int_equal(a.s.units, 30);
    near(a.s.df, 29, 0);
    q.interval = SY_INTERVAL_NONE;
    for (int g = 0; g < 30; g++) {
        for (ptrdiff_t i = 0; i < f.n; i++) f.code[8][i] = i * 30 / f.n == g ? -1 : (int32_t)(i * 30 / f.n);
        assert_true(ask(&q, 1, &without) >= 0);
        sum += (share(&without, 0) - share(&a, 0)) * (share(&without, 0) - share(&a, 0));
    }
    near(a.std_error[SY_SHARE], sqrt(sum * 29 / 30), 1e-9);
    assert_true(a.low[SY_SHARE] < share(&a, 0) && share(&a, 0) < a.high[SY_SHARE]);
    assert_true(a.s.total_low < a.s.total && a.s.total < a.s.total_high);
}

static void mixed_limits_leave_councils_out(void **state)
{
    (void)state;
    answer a, again;
    fill_people(600);
    frame_model(&f, "level ~ a + b + c + d");
    sy_fitted_question q = mixed_question(1, SY_RESPONSE_BINARY);
    q.interval = SY_INTERVAL_JACKKNIFE;
    assert_true(ask(&q, 1, &a) >= 0);
    assert_int_equal(a.s.units, 30);
    assert_true(a.std_error[SY_SHARE] > 0 && a.low[SY_SHARE] < share(&a, 0));
    assert_true(ask(&q, 3, &again) >= 0);
    assert_memory_equal(a.estimate, again.estimate, 8 * SY_N_METRICS * sizeof(double));
    assert_memory_equal(a.low, again.low, 8 * SY_N_METRICS * sizeof(double));
}

static void rows_without_clusters_are_left_out_in_groups(void **state)
{
    (void)state;
    answer a, b;
    fill_people(900);
    frame_model(&f, "event ~ a + b + c + d");
    sy_fitted_question q = question(SY_RESPONSE_BINARY, SY_LINK_LOGIT, 4, SY_MEASURE_MCFADDEN);
    q.interval = SY_INTERVAL_AUTO;
    assert_true(ask(&q, 1, &a) >= 0);
    assert_int_equal(a.s.units, 100);
    assert_true(a.s.grouped == 1 && a.std_error[SY_SHARE] > 0);
    q.seed = 2;
    assert_true(ask(&q, 2, &b) >= 0);
    assert_true(a.std_error[SY_SHARE] != b.std_error[SY_SHARE]); /* other groups, nearly the same error */
    assert_true(fabs(a.std_error[SY_SHARE] / b.std_error[SY_SHARE] - 1) < 0.35);
}

static void refused(const sy_fitted_question *q, const char *part)
{
    answer a;
    const sy_status status = ask(q, 1, &a);
    assert_true(status < 0);
    if (!strstr(a.message, part)) fail_msg("\"%s\" is not in \"%s\"", part, a.message);
}

static void bad_questions_are_refused_in_words(void **state)
{
    (void)state;
    fill_people(300);
    frame_model(&f, "event ~ a + b + c + d");
    sy_fitted_question q = question(SY_RESPONSE_BINARY, SY_LINK_LOGIT, 4, SY_MEASURE_MARGINAL);
    refused(&q, "measure: this model has none of that name; allowed: \"mcfadden\", \"nagelkerke\" or \"latent\"");
    q.measure = SY_MEASURE_MCFADDEN;
    q.interval = SY_INTERVAL_BCA;
    refused(&q, "interval: shares over a fitted model have jackknife limits");
    q.interval = SY_INTERVAL_NONE;
    q.level = 1;
    refused(&q, "level: 1 is not between 0 and 1");
    q.level = 0.95;
    q.model.response.columns.intercept = 0;
    refused(&q, "formula: shares need a model with an intercept");
    q.model.response.columns.intercept = 1;
    q.model.response.columns.n_terms = 2;
    refused(&q, "blocks: a term of third is not a term of the model");
    for (ptrdiff_t i = 0; i < f.n; i++) f.value[5][i] = f.value[1][i] > 0;
    q = question(SY_RESPONSE_BINARY, SY_LINK_LOGIT, 4, SY_MEASURE_MCFADDEN);
    refused(&q, "a column tells the outcome without error");
}

static void few_clusters_have_no_limits(void **state)
{
    (void)state;
    answer a;
    fill_people(300);
    frame_model(&f, "event ~ a + b + c + d");
    for (ptrdiff_t i = 0; i < f.n; i++) f.code[8][i] %= 4;
    f.design.cluster = &f.columns[8];
    sy_fitted_question q = question(SY_RESPONSE_BINARY, SY_LINK_LOGIT, 4, SY_MEASURE_MCFADDEN);
    q.interval = SY_INTERVAL_AUTO;
    assert_int_equal(ask(&q, 1, &a), SY_NOTE_INTERVAL_SKIPPED);
    assert_string_equal(a.remark, "no intervals: 4 clusters are too few, at least 6 are needed");
    assert_true(isnan(a.low[SY_SHARE]));
}

static sy_status job(void *arg, void *out)
{
    answer a = {0};
    const sy_status status = ask(arg, 1, &a);
    if (status >= 0) memcpy(out, a.estimate, 8 * SY_N_METRICS * sizeof(double));
    return status;
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    fill_people(120);
    frame_model(&f, "event ~ a + b + c + d");
    sy_fitted_question q = question(SY_RESPONSE_BINARY, SY_LINK_LOGIT, 2, SY_MEASURE_LATENT);
    assert_true(syi_survives_failing(job, &q, 8 * SY_N_METRICS * sizeof(double)) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(housing_divides_as_published),
        cmocka_unit_test(refits_give_shapleys_value_of_separate_fits),
        cmocka_unit_test(latent_shares_split_within_and_between),
        cmocka_unit_test(adjusting_terms_come_first),
        cmocka_unit_test(blocks_of_terms_divide_their_share),
        cmocka_unit_test(marginal_shares_are_those_of_separate_fits),
        cmocka_unit_test(limits_are_the_jackknife_of_councils),
        cmocka_unit_test(mixed_limits_leave_councils_out),
        cmocka_unit_test(rows_without_clusters_are_left_out_in_groups),
        cmocka_unit_test(bad_questions_are_refused_in_words),
        cmocka_unit_test(few_clusters_have_no_limits),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
