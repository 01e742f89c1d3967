/* What follows a fit of a binary, count or ordered outcome hears its host.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "stop_watch.h"

#include "stop_world.h"

enum { NUMBERS = 6, COUNCILS = 200, STRATA = 20, MOST = 40 };

static world *people; /* of the group of tests */
static double longer;

/* An ordered answer by numbers and a region, with its fit. */
typedef struct {
    sy_design design;
    sy_response_model model;
    int terms[NUMBERS + 1];
    sy_response_shape shape;
    sy_response_summary summary;
    double estimate[MOST], covariance[MOST * MOST], df[MOST];
    int aliased[MOST];
} fitted;
static fitted answer;

static void fit_answers(void)
{
    sy_context ctx;
    sy_context_init(&ctx);
    for (int t = 0; t < NUMBERS; t++) answer.terms[t] = t;
    answer.terms[NUMBERS] = world_add_term(people, WORLD_REGION);
    answer.model = (sy_response_model){.kind = SY_RESPONSE_ORDINAL,
                                       .columns = {.outcome = world_add_term(people, WORLD_ANSWER),
                                                   .n_terms = NUMBERS + 1,
                                                   .terms = answer.terms,
                                                   .intercept = 1}};
    answer.design = people->design;
    answer.design.cluster = &people->council_column;
    const sy_response_fit fit = {answer.estimate, answer.aliased, answer.covariance, NULL, NULL};
    if (sy_response_shape_of(&ctx, &answer.design, &answer.model, &answer.shape) < 0 ||
        sy_response(&ctx, &answer.design, &answer.model, NULL, &answer.summary, &fit) < 0)
        fail_msg("%s", ctx.message);
    assert_true(answer.shape.k <= MOST);
    sy_context_free(&ctx);
}

static sy_status to_vcov(sy_context *ctx, const void *arg)
{
    double covariance[MOST * MOST], df[MOST];
    return sy_response_vcov(ctx, &answer.design, &answer.model, answer.shape.k, answer.estimate,
                            *(const sy_vcov_kind *)arg, covariance, df);
}

static void covariances_hear(void **state)
{
    (void)state;
    hears_its_host("covariance HC1", to_vcov, &(sy_vcov_kind){SY_VCOV_HC1});
    hears_its_host("covariance CR0", to_vcov, &(sy_vcov_kind){SY_VCOV_CR0});
    hears_its_host("covariance CR2", to_vcov, &(sy_vcov_kind){SY_VCOV_CR2});
}

static sy_status to_tests(sy_context *ctx, const void *arg)
{
    sy_term_test row[NUMBERS + 1];
    sy_response_model model = answer.model;
    sy_status s = SY_OK;
    double estimate[MOST], covariance[MOST * MOST];
    int aliased[MOST];
    sy_response_summary summary;
    const sy_response_fit fit = {estimate, aliased, covariance, NULL, NULL};
    model.columns.n_terms = 2;
    s = sy_response(ctx, &answer.design, &model, NULL, &summary, &fit);
    if (s < 0) return s;
    return sy_response_tests(ctx, &answer.design, &model, NULL, *(const sy_test_kind *)arg, SY_ANOVA_II, summary.k,
                             estimate, NULL, NULL, row);
}

static void tests_of_terms_hear(void **state)
{
    (void)state;
    hears_its_host("likelihood ratio", to_tests, &(sy_test_kind){SY_TEST_LIKELIHOOD_RATIO});
    hears_its_host("score", to_tests, &(sy_test_kind){SY_TEST_SCORE});
}

static sy_status to_explained(sy_context *ctx, const void *arg)
{
    (void)arg;
    sy_explained out;
    return sy_response_explained(ctx, &answer.design, &answer.model, answer.shape.k, answer.estimate, &answer.summary,
                                 &out);
}

static sy_status to_effects(sy_context *ctx, const void *arg)
{
    sy_effects_options options;
    sy_effect effect[3 * WORLD_REGIONS];
    const sy_change *change = arg;
    int count = 0;
    sy_effects_defaults(&options);
    options.of = SY_PREDICT_CATEGORIES;
    options.at_means = change->to > 5;
    sy_status s = sy_effects_count(ctx, &answer.design, &answer.model, &options, 1, change, &count);
    if (s < 0) return s;
    return sy_effects(ctx, &answer.design, &answer.model, answer.shape.k, answer.estimate, answer.covariance, &options,
                      1, change, count, effect, NULL);
}

static void effects_hear(void **state)
{
    (void)state;
    hears_its_host("explained", to_explained, NULL);
    hears_its_host("slopes", to_effects, &(sy_change){1, SY_CHANGE_SLOPE, 0, 0});
    hears_its_host("steps", to_effects, &(sy_change){1, SY_CHANGE_STEP, 0, 1});
    hears_its_host("levels", to_effects, &(sy_change){WORLD_REGION, SY_CHANGE_LEVELS, 0, 0});
    hears_its_host("at the means", to_effects, &(sy_change){1, SY_CHANGE_STEP, 0, 9});
}

static sy_status to_predict(sy_context *ctx, const void *arg)
{
    const size_t n = (size_t)answer.design.n * 3;
    double *out = malloc(2 * n * sizeof *out);
    (void)arg;
    assert_non_null(out);
    const sy_predictions predictions = {.value = out, .std_error = out + n};
    const sy_status s = sy_response_predict(ctx, &answer.design, &answer.model, &answer.shape, answer.estimate,
                                            answer.covariance, SY_PREDICT_CATEGORIES, 0, 0.95, HUGE_VAL, &predictions);
    free(out);
    return s;
}

static void predictions_hear(void **state)
{
    (void)state;
    hears_its_host("predictions", to_predict, NULL);
}

static int open_people(void **state)
{
    (void)state;
    longer = stop_times("STEELYARD_LONGER");
    if (stop_slower() > 1) longer = 0.1;
    people = world_new((int)(longer * 300000), COUNCILS, STRATA, NUMBERS);
    fit_answers();
    return 0;
}

static int close_people(void **state)
{
    (void)state;
    world_free(people);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(covariances_hear),
        cmocka_unit_test(tests_of_terms_hear),
        cmocka_unit_test(effects_hear),
        cmocka_unit_test(predictions_hear),
    };
    return cmocka_run_group_tests(tests, open_people, close_people);
}
