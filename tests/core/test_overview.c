/* Shares of people with limits: the survey package, worked examples, identities, coverage by simulation, refusals.
 * SPDX-License-Identifier: GPL-3.0-only */
#include "base/numeric_internal.h"

#include "base/random_internal.h"
#include "failing_internal.h"
#include "steelyard/overview.h"
#include <float.h>
#include <math.h>
#include <stdio.h>

enum { MOST_ROWS = 3000, MOST_TERMS = 8, MOST_GROUPS = 40 };

static const char *const answers[] = {"worse", "same", "better"};
static const sy_factor one_column[] = {{0, 1}, {1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}, {6, 1}, {7, 1}};
static const char *const labels[] = {"a", "b", "c", "d", "e", "f", "g", "h"};

/* A design of coded columns; a group or a number is made by changing one. */
typedef struct {
    int32_t code[MOST_TERMS][MOST_ROWS], cluster[MOST_ROWS];
    double weight[MOST_ROWS], number[MOST_TERMS][MOST_ROWS];
    char name[MOST_ROWS][16];
    const char *names[MOST_ROWS];
    sy_column column[MOST_TERMS], cluster_column, weight_column;
    sy_term term[MOST_TERMS];
    sy_design design;
    sy_overview_options options;
} sample;

static sample *new_sample(int rows, int indicators)
{
    sample *s = calloc(1, sizeof *s);
    assert_non_null(s);
    for (int i = 0; i < MOST_ROWS; i++) {
        snprintf(s->name[i], sizeof s->name[i], "c%d", i);
        s->names[i] = s->name[i];
    }
    for (int t = 0; t < MOST_TERMS; t++) {
        s->column[t] = (sy_column){labels[t], s->code[t], sizeof(int32_t), SY_CODES, 0, 0, 0, 3, answers};
        s->term[t] = (sy_term){labels[t], 1, &one_column[t]};
    }
    s->cluster_column = (sy_column){"council", s->cluster, sizeof(int32_t), SY_CODES, 0, 0, 0, MOST_ROWS, s->names};
    s->weight_column = (sy_column){.name = "w", .data = s->weight, .stride = sizeof(double), .type = SY_F64};
    s->design = (sy_design){.n = rows, .n_columns = MOST_TERMS, .columns = s->column, .n_terms = indicators};
    s->design.terms = s->term;
    s->options = (sy_overview_options){.n_indicators = indicators, .level = 0.95};
    return s;
}

static void near(double found, double expected, double tolerance)
{
    if (fabs(found - expected) > tolerance * fmax(fabs(expected), 1e-3))
        fail_msg("found %.17g, expected %.17g", found, expected);
}

static void as_numbers(sample *s, int term)
{
    s->column[term] =
        (sy_column){.name = labels[term], .data = s->number[term], .stride = sizeof(double), .type = SY_F64};
}

static void as_groups(sample *s, int term, int groups)
{
    s->column[term].n_levels = groups;
    s->column[term].levels = s->names;
    s->options.by = 1;
}

static int read_schools(sample *s, const char *kind)
{
    char line[400];
    int n = 0;
    FILE *file = fopen(kind, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file)) {
        double pw = 0, fpc = 0, api = 0, enrolled = 0;
        int district = 0;
        assert_int_equal(
            sscanf(line, "%*[^,],%*c,%d,%*d,%lf,%lf,%lf,%*d,%*d,%*d,%*d,%lf", &district, &pw, &fpc, &api, &enrolled),
            5);
        s->code[0][n] = api >= 700 ? 2 : api >= 600 ? 1 : 0;
        s->code[1][n] = api >= 860 ? 2 : 0;
        s->cluster[n] = district;
        s->weight[n] = enrolled;
        s->number[0][n++] = pw;
    }
    fclose(file);
    return n;
}

static void agrees(const double *v, double share, double error, double low, double high)
{
    /* the package fits a logistic model by steps that stop near these */
    near(v[SY_SHARE_ESTIMATE], share, 1e-11);
    near(v[SY_SHARE_STD_ERROR], error, 1e-10);
    near(v[SY_SHARE_LOW], low, 1e-9);
    near(v[SY_SHARE_HIGH], high, 1e-9);
}

/* survey 4.1.1, svydesign(~dnum, weights = ) on apiclus1 and svydesign(~1) on
 * apiclus1 and apistrat, without finite population correction; svyciprop by
 * "logit", and by "beta" for the one school of 183 at 860 or more. */
static void design_based_limits_are_those_of_the_survey_package(void **state)
{
    sample *s = new_sample(0, 2);
    double v[2][SY_N_ANSWERS][SY_N_SHARE], whom[2][SY_N_WHOM];
    sy_context ctx;
    (void)state;
    sy_context_init(&ctx);
    s->design.n = read_schools(s, "tests/reference/data/apiclus1.csv");
    assert_int_equal(s->design.n, 183);
    s->design.cluster = &s->cluster_column;
    assert_int_equal(sy_overview(&ctx, &s->design, &s->options, v[0][0], whom[0]), SY_NOTE_ONE_UNIT);
    agrees(v[0][SY_BETTER], 0.34426229508198847, 0.082125558854187472, 0.19393782282369493, 0.53392510665408333);
    agrees(v[0][SY_SAME], 0.29508196721340813, 0.052580855169360119, 0.19576255458741887, 0.4185655750352863);
    agrees(v[1][SY_BETTER], 0.0054644808743169399, 0.0054940863993884264, 7.3004636722457319e-05, 0.034140020422055217);
    assert_true(v[0][SY_BETTER][SY_SHARE_METHOD] == SY_PROPORTION_LOGIT);
    assert_true(v[1][SY_BETTER][SY_SHARE_METHOD] == SY_PROPORTION_BETA);
    assert_true(v[0][SY_BETTER][SY_SHARE_DF] == 14 && whom[0][SY_WHOM_CLUSTERS] == 15);
    s->design.weights = &s->weight_column;
    s->design.weight_kind = SY_WEIGHT_SAMPLING;
    assert_true(sy_overview(&ctx, &s->design, &s->options, v[0][0], whom[0]) >= 0);
    agrees(v[0][SY_BETTER], 0.29773951768425966, 0.093668176019415322, 0.13956542252398924, 0.52566076854257604);
    s->design.cluster = NULL;
    assert_true(sy_overview(&ctx, &s->design, &s->options, v[0][0], whom[0]) >= 0);
    agrees(v[0][SY_BETTER], 0.29773951768425966, 0.038284113079293365, 0.2280502653718682, 0.37828888030659136);
    s->design.n = read_schools(s, "tests/reference/data/apistrat.csv");
    memcpy(s->weight, s->number[0], sizeof s->weight);
    assert_true(sy_overview(&ctx, &s->design, &s->options, v[0][0], whom[0]) >= 0);
    agrees(v[0][SY_BETTER], 0.40433968161103967, 0.038306027631643376, 0.3315802313812054, 0.48156238142919983);
    sy_context_free(&ctx);
    free(s);
}

/* Answers - - 2 0 1 2 2 in groups 0 0 0 0 1 1 -: whole 3/5, 1/5, 1/5. */
static void groups_and_missing_answers_by_hand(void **state)
{
    static const int32_t code[] = {-1, -1, 2, 0, 1, 2, 2}, group[] = {0, 0, 0, 0, 1, 1, -1};
    sample *s = new_sample(7, 1);
    double v[3][SY_N_ANSWERS][SY_N_SHARE], whom[3][SY_N_WHOM];
    sy_context ctx;
    (void)state;
    sy_context_init(&ctx);
    memcpy(s->code[0], code, sizeof code);
    memcpy(s->code[1], group, sizeof group);
    as_groups(s, 1, 2);
    s->design.n_terms = 2;
    assert_int_equal(sy_overview(&ctx, &s->design, &s->options, v[0][0], whom[0]), SY_NOTE_ROWS_DROPPED);
    assert_true(ctx.n_remarks == 1 && ctx.remarks[0].value == 1);
    assert_true(v[0][SY_BETTER][0] == 0.6 && v[0][SY_SAME][0] == 0.2 && v[0][SY_WORSE][0] == 0.2);
    assert_true(whom[0][SY_WHOM_PEOPLE] == 5 && whom[0][SY_WHOM_MISSING] == 2);
    assert_true(v[1][SY_BETTER][0] == 0.5 && v[1][SY_WORSE][0] == 0.5 && whom[1][SY_WHOM_MISSING] == 2);
    assert_true(v[2][SY_BETTER][0] == 0.5 && v[2][SY_SAME][0] == 0.5 && whom[2][SY_WHOM_PEOPLE] == 2);
    sy_context_free(&ctx);
    free(s);
}

static void small_groups_tell_nothing(void **state)
{
    sample *s = new_sample(50, 1);
    double v[4][SY_N_ANSWERS][SY_N_SHARE], whom[4][SY_N_WHOM];
    sy_context ctx;
    (void)state;
    sy_context_init(&ctx);
    for (int i = 0; i < 50; i++) {
        s->code[0][i] = i % 3;
        s->code[1][i] = i < 9 ? 0 : i < 19 ? 1 : 2;
    }
    as_groups(s, 1, 3);
    s->design.n_terms = 2;
    s->options.hide_below = 10;
    assert_int_equal(sy_overview(&ctx, &s->design, &s->options, v[0][0], whom[0]), SY_NOTE_HIDDEN);
    for (int k = 0; k < SY_N_ANSWERS * SY_N_SHARE; k++) assert_true(isnan((&v[1][0][0])[k]));
    assert_true(isnan(whom[1][SY_WHOM_PEOPLE]) && isnan(whom[1][SY_WHOM_MISSING]) && whom[1][SY_WHOM_HIDDEN] == 1);
    assert_true(whom[2][SY_WHOM_PEOPLE] == 10 && whom[2][SY_WHOM_HIDDEN] == 0 && v[2][SY_BETTER][0] > 0);
    sy_context_free(&ctx);
    free(s);
}

/* Three rows of weight 4, 2, 1 are seven rows; a share with its n is as many rows. */
static void frequencies_rows_and_shares_give_the_same_bits(void **state)
{
    static const int times[] = {4, 2, 1};
    sample *s = new_sample(3, 1);
    double a[SY_N_ANSWERS][SY_N_SHARE], b[SY_N_ANSWERS][SY_N_SHARE], c[SY_N_ANSWERS][SY_N_SHARE], whom[SY_N_WHOM];
    sy_context ctx;
    (void)state;
    sy_context_init(&ctx);
    for (int i = 0; i < 3; i++) {
        s->code[0][i] = i == 1 ? 0 : 2;
        s->weight[i] = times[i];
    }
    s->design.weights = &s->weight_column;
    s->design.weight_kind = SY_WEIGHT_FREQUENCY;
    assert_int_equal(sy_overview(&ctx, &s->design, &s->options, a[0], whom), SY_OK);
    assert_true(whom[SY_WHOM_PEOPLE] == 7);
    s->design.weights = NULL;
    s->design.weight_kind = SY_WEIGHT_NONE;
    s->design.n = 7;
    for (int i = 0; i < 7; i++) s->code[0][i] = i < 2 ? 0 : 2;
    assert_int_equal(sy_overview(&ctx, &s->design, &s->options, b[0], whom), SY_OK);
    as_numbers(s, 0);
    as_numbers(s, 1);
    s->number[0][0] = 5.0 / 7;
    s->number[1][0] = 7;
    s->design.n = 1;
    s->design.n_terms = 2;
    s->options.proportions = 1;
    assert_int_equal(sy_overview(&ctx, &s->design, &s->options, c[0], whom), SY_OK);
    assert_memory_equal(a, b, sizeof a);
    assert_memory_equal(a[SY_BETTER], c[SY_BETTER], sizeof a[SY_BETTER]);
    sy_context_free(&ctx);
    free(s);
}

/* Counts 0, 1, 1, 2 of two steps among four who answered both. */
static void difficult_steps_by_hand(void **state)
{
    static const int32_t first[] = {0, 2, 0, 2, 2}, second[] = {0, 0, 2, 2, -1};
    static const double wanted[3][SY_N_ANSWERS] = {{0, 0.25, 1}, {0.25, 0.5, 0.75}, {0.75, 0.25, 0.25}};
    sample *s = new_sample(5, 2);
    double v[3][SY_N_ANSWERS][SY_N_SHARE], whom[SY_N_WHOM];
    sy_context ctx;
    (void)state;
    sy_context_init(&ctx);
    memcpy(s->code[0], first, sizeof first);
    memcpy(s->code[1], second, sizeof second);
    assert_int_equal(sy_overview_steps(&ctx, &s->design, &s->options, v[0][0], whom), SY_OK);
    for (int k = 0; k < 3; k++)
        for (int a = 0; a < SY_N_ANSWERS; a++) assert_true(v[k][a][0] == wanted[k][a]);
    assert_true(whom[SY_WHOM_PEOPLE] == 4 && whom[SY_WHOM_MISSING] == 1);
    sy_context_free(&ctx);
    free(s);
}

/* 40 councils of 5 to 40 people, whose shares scatter around 0.7 (beta law,
 * correlation within councils 0.05): 95 % limits by clusters must cover 0.7 in
 * 93 to 97 of 100 samples, those that take people as independent in fewer than
 * 90. 2,000 samples: standard error half a point. */
static void design_based_limits_cover_where_wilson_does_not(void **state)
{
    enum { SAMPLES = 2000, COUNCILS = 40 };
    sample *s = new_sample(0, 1);
    double v[SY_N_ANSWERS][SY_N_SHARE], whom[SY_N_WHOM];
    int covered[2] = {0};
    sy_context ctx;
    (void)state;
    sy_context_init(&ctx);
    for (int r = 0; r < SAMPLES; r++) {
        syi_stream stream;
        syi_stream_init(&stream, 7, (uint32_t)r, 0);
        int n = 0;
        for (int g = 0; g < COUNCILS; g++) {
            /* two points 0.7 -+ 0.1025: variance 0.05 * 0.7 * 0.3 */
            const double p = 0.7 + (syi_stream_uniform(&stream) < 0.5 ? -0.1025 : 0.1025);
            const int size = 5 + (g * 7) % 36;
            for (int i = 0; i < size; i++, n++) {
                s->cluster[n] = g;
                s->code[0][n] = syi_stream_uniform(&stream) < p ? 2 : 0;
            }
        }
        s->design.n = n;
        for (int by = 0; by < 2; by++) {
            s->design.cluster = by ? &s->cluster_column : NULL;
            assert_true(sy_overview(&ctx, &s->design, &s->options, v[0], whom) >= 0);
            covered[by] += v[SY_BETTER][SY_SHARE_LOW] <= 0.7 && v[SY_BETTER][SY_SHARE_HIGH] >= 0.7;
        }
    }
    print_message("95 %% limits cover: by clusters %.1f %%, as independent people %.1f %%\n",
                  covered[1] * 100.0 / SAMPLES, covered[0] * 100.0 / SAMPLES);
    assert_in_range(covered[1], SAMPLES * 93 / 100, SAMPLES * 97 / 100);
    assert_true(covered[0] < SAMPLES * 90 / 100);
    sy_context_free(&ctx);
    free(s);
}

static sy_status grouped_job(void *arg, void *answer)
{
    sample *s = arg;
    double v[6][SY_N_ANSWERS][SY_N_SHARE], whom[6][SY_N_WHOM];
    sy_context ctx;
    sy_context_init(&ctx);
    const sy_status status = sy_overview(&ctx, &s->design, &s->options, v[0][0], whom[0]);
    if (status >= 0) memcpy(answer, v, sizeof v);
    sy_context_free(&ctx);
    return status;
}

static void no_memory_is_an_answer(void **state)
{
    sample *s = new_sample(60, 2);
    (void)state;
    for (int i = 0; i < 60; i++) {
        s->code[0][i] = i % 3;
        s->code[1][i] = i % 7 % 3;
        s->code[2][i] = i % 2;
        s->cluster[i] = i % 11;
        s->weight[i] = 1 + i % 4;
    }
    as_groups(s, 2, 2);
    s->design.n_terms = 3;
    s->design.cluster = &s->cluster_column;
    s->design.weights = &s->weight_column;
    s->design.weight_kind = SY_WEIGHT_SAMPLING;
    assert_true(syi_survives_failing(grouped_job, s, 6 * SY_N_ANSWERS * SY_N_SHARE * sizeof(double)) > 6);
    free(s);
}

static void refused(sample *s, sy_status wanted, const char *words)
{
    double v[4][SY_N_ANSWERS][SY_N_SHARE], whom[4][SY_N_WHOM];
    sy_context ctx;
    sy_context_init(&ctx);
    assert_int_equal(sy_overview(&ctx, &s->design, &s->options, v[0][0], whom[0]), wanted);
    if (!strstr(ctx.message, words)) fail_msg("%s", ctx.message);
    sy_context_free(&ctx);
}

static void bad_input_is_named(void **state)
{
    sample *s = new_sample(4, 1);
    (void)state;
    s->options.level = 1;
    refused(s, SY_EINVAL, "level = 1");
    s->options.level = 0.95;
    s->options.hide_below = -1;
    refused(s, SY_EINVAL, "hide_below = -1");
    s->options.hide_below = 0;
    s->design.cluster = &s->cluster_column;
    s->options.method = SY_PROPORTION_EXACT;
    refused(s, SY_EINVAL, "\"exact\" takes no account of clusters");
    s->options.method = SY_PROPORTION_AUTO;
    s->design.cluster = NULL;
    s->design.weights = &s->weight_column;
    s->design.weight_kind = SY_WEIGHT_ANALYTIC;
    refused(s, SY_EINVAL, "\"analytic\" has no meaning");
    s->design.weight_kind = SY_WEIGHT_FREQUENCY;
    s->weight[2] = 0.5;
    refused(s, SY_EDATA, "row 3 is 0.5; frequency weights must be whole");
    s->weight[2] = -1;
    refused(s, SY_EDATA, "row 3 is -1");
    s->design.weights = NULL;
    s->design.weight_kind = SY_WEIGHT_NONE;
    for (int i = 0; i < 4; i++) s->code[0][i] = -1;
    refused(s, SY_EDATA, "a: every value is missing");
    s->design.n_terms = 3;
    refused(s, SY_EDIM, "3 given, 1 needed");
    free(s);
}

static void bad_shares_are_named(void **state)
{
    sample *s = new_sample(2, 1);
    (void)state;
    as_numbers(s, 0);
    as_numbers(s, 1);
    s->design.n_terms = 2;
    s->options.proportions = 1;
    s->number[0][0] = s->number[0][1] = 0.5;
    s->number[1][0] = 10;
    refused(s, SY_EDATA, "n: row 2 is 0; a number of people greater than 0");
    s->number[1][1] = -5;
    refused(s, SY_EDATA, "n: row 2 is -5");
    s->number[1][1] = NAN;
    refused(s, SY_EDATA, "n: row 2 is missing");
    s->number[1][1] = 10;
    s->number[0][1] = 66.1;
    refused(s, SY_EDATA, "a: row 2 is 66.1; a share lies between 0 and 1");
    free(s);
}

/* What was measured goes by the part of all answers that one cluster holds. */
static void a_dominant_cluster_is_remarked_on_by_the_part_it_holds(void **state)
{
    static const struct {
        int clusters, largest; /* of 240 people, the others evenly in the other clusters */
        sy_status code;
        const char *text;
    } cases[] = {
        {6, 40, SY_NOTE_FEW_CLUSTERS,
         "6 clusters: nominal 95 % limits of a share covered 93.5 to 99.1 % in simulation"},
        {6, 160, SY_NOTE_FEW_CLUSTERS,
         "one cluster of 6 holds 67 % of all answers: nominal 95 % limits covered 77.4 to 82.9 % in such simulations"},
        {10, 96, SY_NOTE_ONE_UNIT,
         "one cluster of 10 holds 40 % of all answers: nominal 95 % limits covered 85.7 to 92.5 % in such simulations"},
        {20, 48, SY_NOTE_ONE_UNIT,
         "one cluster of 20 holds 20 % of all answers: nominal 95 % limits covered 92.0 to 95.3 % in such simulations"},
    };
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        sample *s = new_sample(240, 1);
        double v[SY_N_ANSWERS][SY_N_SHARE], whom[SY_N_WHOM];
        sy_context ctx;
        sy_context_init(&ctx);
        for (int i = 0; i < 240; i++) {
            s->code[0][i] = i * 7 % 3;
            s->cluster[i] = i < cases[k].largest ? 0 : 1 + i % (cases[k].clusters - 1);
        }
        s->design.cluster = &s->cluster_column;
        assert_int_equal(sy_overview(&ctx, &s->design, &s->options, v[0], whom), cases[k].code);
        assert_int_equal(ctx.n_remarks, 1);
        assert_string_equal(ctx.remarks[0].text, cases[k].text);
        sy_context_free(&ctx);
        free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(design_based_limits_are_those_of_the_survey_package),
                                       cmocka_unit_test(a_dominant_cluster_is_remarked_on_by_the_part_it_holds),
                                       cmocka_unit_test(groups_and_missing_answers_by_hand),
                                       cmocka_unit_test(small_groups_tell_nothing),
                                       cmocka_unit_test(frequencies_rows_and_shares_give_the_same_bits),
                                       cmocka_unit_test(difficult_steps_by_hand),
                                       cmocka_unit_test(design_based_limits_cover_where_wilson_does_not),
                                       cmocka_unit_test(no_memory_is_an_answer),
                                       cmocka_unit_test(bad_input_is_named),
                                       cmocka_unit_test(bad_shares_are_named)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
